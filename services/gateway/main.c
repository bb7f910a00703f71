/* gateway: the one door: who calls, what is allowed, which service answers. */
#include "routes.h"

int main(int argc, char *argv[])
{
	return service_main(&gateway_service, argc, argv);
}
