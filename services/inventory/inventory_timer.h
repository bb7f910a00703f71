/*
 * inventory_timer: what happens by itself: promises that expire or end with their work, what was made of a charge or call that
 * changed, warranties that end soon, replacements that are overdue.
 */
#ifndef AFTERCARE_INVENTORY_TIMER_H
#define AFTERCARE_INVENTORY_TIMER_H

#include "timer.h"

extern const struct timer_handler inventory_timers[];

#endif
