/* inventory: articles, stock, reservations, movements, assets, RMA: the parts and the machines. */
#include "routes.h"

int main(int argc, char *argv[])
{
	return service_main(&inventory_service, argc, argv);
}
