/*
 * guess: guesses of passwords and secrets. Each is counted before it is checked, by what is guessed (in the database,
 * for all replicas) and by address (in memory). What doesn't exist is counted the same way, so that no answer tells.
 */
#ifndef AFTERCARE_GATEWAY_GUESS_H
#define AFTERCARE_GATEWAY_GUESS_H

#include "request.h"

struct guess {
	const char *digest;
	size_t index; /* of its statement in the batch */
};

/* A guess at what `name` within `tenant` (code or id; NULL: none) keeps secret. */
struct guess guess_of(struct request *request, const char *tenant, const char *name);

/* Adds the counting to the batch, or refuses when the address has guessed wrong too often. */
enum fault guess_begin(struct request *request, struct pg_batch *batch, struct guess *guess)
	__attribute__((warn_unused_result));

/*
 * Runs the batch that guess_begin began, which finds an account at `found`: *matches tells whether the password is that
 * one's. An account that doesn't exist costs the same work as one that does.
 */
enum fault guess_password(struct request *request, struct pg_batch *batch, const struct guess *guess, size_t found,
	const char *password, bool *matches) __attribute__((warn_unused_result));

/* After the batch ran: FAULT_TOO_MANY_REQUESTS while it is locked. */
enum fault guess_admitted(struct request *request, const struct pg_batch *batch, const struct guess *guess)
	__attribute__((warn_unused_result));

/* It was wrong: the address pays too. */
void guess_wrong(struct request *request);

/* It was right: adds the forgetting of the wrong ones. */
void guess_right(struct pg_batch *batch, const struct guess *guess);

#endif
