/* call_timer: what calls do by themselves when their time has come. */
#ifndef AFTERCARE_CALLS_CALL_TIMER_H
#define AFTERCARE_CALLS_CALL_TIMER_H

#include "timer.h"

extern const struct timer_handler call_timers[];

#endif
