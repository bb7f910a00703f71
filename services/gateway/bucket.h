/*
 * bucket: token buckets by key, in memory of a fixed size. A bucket holds `burst` tokens and gains `per_second`; what
 * takes one from an empty bucket is told how long to wait. When all slots of a key are in use the fullest bucket is
 * given up, which is the one that limits least. Thread safe.
 */
#ifndef AFTERCARE_GATEWAY_BUCKET_H
#define AFTERCARE_GATEWAY_BUCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUCKET_SETS 4096 /* of BUCKET_WAYS slots each */
#define BUCKET_WAYS 8

struct buckets;

/* per_second 0: no limit. `now` below is monotonic microseconds. End it with buckets_free; NULL is fine there. */
struct buckets *buckets_new(double per_second, double burst);
void buckets_free(struct buckets *buckets);

/* Takes one token of the key. Returns 0, or the whole seconds after which one will be there. */
int bucket_take(struct buckets *buckets, const char *key, int64_t now);

/* The same without taking. */
int bucket_peek(struct buckets *buckets, const char *key, int64_t now);

#endif
