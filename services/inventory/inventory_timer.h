/* inventory_timer: what happens by itself: reservations that expire. */
#ifndef AFTERCARE_INVENTORY_TIMER_H
#define AFTERCARE_INVENTORY_TIMER_H

#include "timer.h"

extern const struct timer_handler inventory_timers[];

#endif
