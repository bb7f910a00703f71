/*
 * turn: requests of this program that change the same thing take turns before they take a connection, first come first
 * served, so that neither a connection nor a process of PostgreSQL waits for another's lock. Who waits for one thing alone
 * may be carried by whom it waits for: what it brings goes over the same connection, right behind. Internal to pg, thread safe.
 *
 * It saves waiting and guarantees nothing: what must hold, PostgreSQL's locks hold, also between several programs.
 */
#ifndef AFTERCARE_PG_TURN_H
#define AFTERCARE_PG_TURN_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TURN_QUEUES 256  /* of a table; things that share one only lengthen each other's list */
#define TURN_PARTS  4096 /* whose thing is remembered; of two that share a place, the one that was made last */

struct ride; /* what a turn brings: batch.h */

enum turn_state {
	TURN_WAITING, /* or come */
	TURN_RIDING,  /* another carries it */
	TURN_CARRIED, /* and has; it is in no queue any more */
};

/* Somebody's place in the queue for a thing, from turns_take to turns_give. */
struct turn {
	uint64_t thing;
	struct turn *next;
	struct ride *ride; /* of one that wants no other turn; else NULL */
	enum turn_state state;
	pthread_cond_t come;
};

/* A part, and what it is a part of: who changes one takes the other. */
struct turn_part {
	uint64_t part;
	uint64_t thing;
};

/* Each queue is in the order of arrival: a turn has come when no turn before it is for the same thing. */
struct turns {
	pthread_mutex_t lock;
	struct turn *queues[TURN_QUEUES];
	struct turn_part parts[TURN_PARTS];
};

void turns_open(struct turns *turns);
void turns_close(struct turns *turns);

/* What stands for a thing of a tenant. */
uint64_t turn_thing(const char *tenant, const char *id);

/* Remembers the part: from now on its turn is the thing's. */
void turns_remember(struct turns *turns, const struct turn_part *part);

enum turns_end {
	TURNS_TAKEN,   /* give them back */
	TURNS_CARRIED, /* the ride is over; there is nothing to give back */
	TURNS_LATE,    /* it took longer than `wait_ms`; there is nothing to give back */
};

/*
 * Waits for the turns for all things, one after the other in the order of their numbers, so that two who want the same
 * don't wait for each other for ever. The array is sorted, each thing left in it once; *count tells how many. Where that is
 * one, the ride may be carried meanwhile, unless it is NULL.
 */
enum turns_end turns_take(struct turns *turns, struct turn taken[], size_t *count, int wait_ms, struct ride *ride)
	__attribute__((warn_unused_result));

/* The rides of those that wait right behind the turn, `max` at most: they wait until it is given back. Returns how many. */
size_t turns_carry(struct turns *turns, const struct turn *turn, struct ride *rides[], size_t max);

/* Ends them: those carried are over, those behind have theirs. */
void turns_give(struct turns *turns, struct turn taken[], size_t count);

#endif
