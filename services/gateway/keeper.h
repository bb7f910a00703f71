/*
 * keeper: one thread that keeps a gateway's memory in step with the database (keys, revoked tokens) and sweeps what is
 * over. Only it loads; keeper_now asks for a round at once and waits for it.
 */
#ifndef AFTERCARE_GATEWAY_KEEPER_H
#define AFTERCARE_GATEWAY_KEEPER_H

#include "app.h"

#define KEEPER_PERIOD_MS 2000
#define KEEPER_SWEEP_MS  600000
#define KEEPER_NOW_MS    2000 /* longest wait of keeper_now */

struct keeper;

struct keeper *keeper_start(struct app *app);
void keeper_stop(struct keeper *keeper);

/* Runs a round now; returns when it is done. */
void keeper_now(struct keeper *keeper);

#endif
