#include "turn.h"

#include "clock.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

void turns_open(struct turns *turns)
{
	*turns = (struct turns){ 0 };
	pthread_mutex_init(&turns->lock, NULL);
}

void turns_close(struct turns *turns)
{
	pthread_mutex_destroy(&turns->lock);
}

uint64_t turn_thing(const char *tenant, const char *id)
{
	return text_hash(text_hash(TEXT_HASH, tenant, strlen(tenant)), id, strlen(id));
}

void turns_remember(struct turns *turns, const struct turn_part *part)
{
	pthread_mutex_lock(&turns->lock);
	turns->parts[part->part % TURN_PARTS] = *part;
	pthread_mutex_unlock(&turns->lock);
}

/* The lock is held. */
static void things_of_parts(const struct turns *turns, struct turn taken[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct turn_part *known = &turns->parts[taken[i].thing % TURN_PARTS];

		if (known->part == taken[i].thing)
			taken[i].thing = known->thing;
	}
}

static struct turn **queue_of(struct turns *turns, uint64_t thing)
{
	return &turns->queues[thing % TURN_QUEUES];
}

static struct turn *turn_first(const struct turns *turns, uint64_t thing)
{
	struct turn *turn = turns->queues[thing % TURN_QUEUES];

	while (turn && turn->thing != thing)
		turn = turn->next;
	return turn;
}

static void turn_enter(struct turns *turns, struct turn *turn)
{
	struct turn **link = queue_of(turns, turn->thing);

	while (*link)
		link = &(*link)->next;
	turn->next = NULL;
	turn->state = TURN_WAITING;
	pthread_cond_init(&turn->come, NULL);
	*link = turn;
}

/* Whoever comes next for the same thing hears of it. */
static void turn_leave(struct turns *turns, struct turn *turn)
{
	struct turn **link = queue_of(turns, turn->thing);
	struct turn *next;

	while (*link && *link != turn)
		link = &(*link)->next;
	if (*link)
		*link = turn->next;
	next = turn_first(turns, turn->thing);
	if (next)
		pthread_cond_signal(&next->come);
	pthread_cond_destroy(&turn->come);
}

/* The lock is held. Who is carried waits for the end of that, however late it is. */
static enum turns_end turn_wait(struct turns *turns, struct turn *turn, const struct timespec *until)
{
	turn_enter(turns, turn);
	while (turn->state != TURN_CARRIED && turn_first(turns, turn->thing) != turn) {
		if (turn->state == TURN_RIDING)
			pthread_cond_wait(&turn->come, &turns->lock);
		else if (pthread_cond_clockwait(&turn->come, &turns->lock, CLOCK_MONOTONIC, until) != 0 &&
			turn->state == TURN_WAITING && turn_first(turns, turn->thing) != turn) {
			turn_leave(turns, turn);
			return TURNS_LATE;
		}
	}
	if (turn->state != TURN_CARRIED)
		return TURNS_TAKEN;
	pthread_cond_destroy(&turn->come);
	return TURNS_CARRIED;
}

static int turn_order(const void *left, const void *right)
{
	const struct turn *a = left;
	const struct turn *b = right;

	return (a->thing > b->thing) - (a->thing < b->thing);
}

static size_t turns_sort(struct turn turns[], size_t count)
{
	size_t kept = 0;

	qsort(turns, count, sizeof(*turns), turn_order);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || turns[kept - 1].thing != turns[i].thing)
			turns[kept++].thing = turns[i].thing;
	return kept;
}

enum turns_end turns_take(struct turns *turns, struct turn taken[], size_t *count, int wait_ms, struct ride *ride)
{
	struct timespec until = clock_after(wait_ms);
	enum turns_end end = TURNS_TAKEN;
	size_t came = 0;

	pthread_mutex_lock(&turns->lock);
	things_of_parts(turns, taken, *count);
	*count = turns_sort(taken, *count);
	for (size_t i = 0; i < *count; i++)
		taken[i].ride = *count == 1 ? ride : NULL;
	while (came < *count && (end = turn_wait(turns, &taken[came], &until)) == TURNS_TAKEN)
		came++;
	for (size_t i = 0; came < *count && i < came; i++)
		turn_leave(turns, &taken[i]);
	pthread_mutex_unlock(&turns->lock);
	return end;
}

size_t turns_carry(struct turns *turns, const struct turn *turn, struct ride *rides[], size_t max)
{
	size_t count = 0;

	pthread_mutex_lock(&turns->lock);
	for (struct turn *behind = turn->next; behind && count < max; behind = behind->next) {
		if (behind->thing != turn->thing || behind->state == TURN_RIDING)
			continue;
		if (!behind->ride)
			break;
		behind->state = TURN_RIDING;
		rides[count++] = behind->ride;
	}
	pthread_mutex_unlock(&turns->lock);
	return count;
}

/* The lock is held. Those that rode with it are out of the queue, each woken. */
static void riders_leave(struct turns *turns, const struct turn *carrier)
{
	struct turn **link = queue_of(turns, carrier->thing);

	while (*link) {
		struct turn *turn = *link;

		if (turn->thing != carrier->thing || turn->state != TURN_RIDING) {
			link = &turn->next;
			continue;
		}
		*link = turn->next;
		turn->state = TURN_CARRIED;
		pthread_cond_signal(&turn->come);
	}
}

void turns_give(struct turns *turns, struct turn taken[], size_t count)
{
	pthread_mutex_lock(&turns->lock);
	for (size_t i = 0; i < count; i++) {
		riders_leave(turns, &taken[i]);
		turn_leave(turns, &taken[i]);
	}
	pthread_mutex_unlock(&turns->lock);
}
