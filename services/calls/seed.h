/* seed: what a new tenant starts with: call types, activity types, codes for cancelling, in his language. */
#ifndef AFTERCARE_CALLS_SEED_H
#define AFTERCARE_CALLS_SEED_H

struct app;
struct pg_batch;

/* struct service's tenant_seed. Rows whose code is there already stay as they are. */
void seed_add(struct app *app, struct pg_batch *batch);

#endif
