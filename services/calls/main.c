/* calls: customers, sites, contacts, calls, activities, charges: the head of all technical work. */
#include "routes.h"

int main(int argc, char *argv[])
{
	return service_main(&calls_service, argc, argv);
}
