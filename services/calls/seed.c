#include "seed.h"

#include "calls_service_sql.h"
#include "store.h"
#include "vocabulary.h"

void seed_add(struct app *app, struct pg_batch *batch)
{
	pg_add(batch, &sql_seed_call_types, 0, NULL);
	store_add_records(batch, store_find(app, &call_type), NULL, "call_type.created");
	pg_add(batch, &sql_seed_activity_types, 0, NULL);
	store_add_records(batch, store_find(app, &activity_type), NULL, "activity_type.created");
	pg_add(batch, &sql_seed_call_codes, 0, NULL);
	store_add_records(batch, store_find(app, &call_code), NULL, "call_code.created");
}
