#include "upstream.h"

#include "arena.h"
#include "config.h"
#include "text.h"

#include <ctype.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define URL_MAX    512
#define OPTION_MAX 64

struct replica {
	char url[URL_MAX];
	_Atomic int64_t aside_until; /* monotonic ms; 0: well */
	_Atomic int64_t leaving_until;
	atomic_int aside_ms; /* the last wait */
	atomic_ullong requests;
	atomic_ullong failures;
	atomic_ullong microseconds;
};

struct group {
	struct replica replicas[UPSTREAM_REPLICAS_MAX];
	size_t count;
	atomic_uint turn;
};

struct upstreams {
	struct group groups[SERVICE_COUNT];
};

/* One URL of the list: http:// or https://, a host, no path. */
static bool replica_read(struct replica *replica, const char *text, size_t length)
{
	const char *host;

	while (length && text[length - 1] == '/')
		length--;
	if (length == 0 || length >= URL_MAX)
		return false;
	memcpy(replica->url, text, length);
	replica->url[length] = '\0';
	host = text_starts(replica->url, "http://")     ? replica->url + 7
		: text_starts(replica->url, "https://") ? replica->url + 8
							: "";
	return *host && !strpbrk(host, "/?#@ \t");
}

static bool group_read(struct group *group, const char *list)
{
	for (const char *at = list; at && *at;) {
		size_t length = strcspn(at, ",");
		size_t blank = strspn(at, " ");

		if (group->count == UPSTREAM_REPLICAS_MAX || blank > length ||
			!replica_read(&group->replicas[group->count], at + blank, length - blank))
			return false;
		group->count++;
		at += length + (at[length] == ',');
	}
	return true;
}

const char *upstream_broken(const char *list)
{
	struct group group = { 0 };

	return group_read(&group, list) ? NULL : "must be URLs like http://host:port separated by commas, 16 at most";
}

struct upstreams *upstreams_new(const struct config *config)
{
	struct upstreams *upstreams = calloc(1, sizeof(*upstreams));

	if (!upstreams)
		abort();
	for (int i = 0; i < SERVICE_COUNT; i++) {
		char option[OPTION_MAX];

		snprintf(option, sizeof(option), "AFTERCARE_UPSTREAM_%s",
			segments_service_name((enum upstream_service)i));
		for (char *c = option; *c; c++)
			*c = (char)toupper((unsigned char)*c);
		if (!group_read(&upstreams->groups[i], config_text(config, option)))
			abort();
	}
	return upstreams;
}

void upstreams_free(struct upstreams *upstreams)
{
	free(upstreams);
}

size_t upstream_count(const struct upstreams *upstreams, enum upstream_service service)
{
	return upstreams->groups[service].count;
}

struct replica *upstream_pick(struct upstreams *upstreams, enum upstream_service service, int64_t now)
{
	struct group *group = &upstreams->groups[service];
	unsigned turn = atomic_fetch_add(&group->turn, 1);
	struct replica *leaving = NULL;

	for (size_t i = 0; i < group->count; i++) {
		struct replica *replica = &group->replicas[(turn + i) % group->count];

		if (atomic_load(&replica->aside_until) > now)
			continue;
		if (atomic_load(&replica->leaving_until) <= now)
			return replica;
		leaving = leaving ? leaving : replica;
	}
	return leaving;
}

const char *replica_url(const struct replica *replica)
{
	return replica->url;
}

void replica_well(struct replica *replica, int64_t microseconds)
{
	atomic_fetch_add(&replica->requests, 1);
	atomic_fetch_add(&replica->microseconds, (unsigned long long)microseconds);
	if (atomic_load(&replica->aside_until)) {
		atomic_store(&replica->aside_until, 0);
		atomic_store(&replica->aside_ms, 0);
	}
}

void replica_failed(struct replica *replica)
{
	atomic_fetch_add(&replica->failures, 1);
}

void replica_ill(struct replica *replica, int64_t now)
{
	int wait = atomic_load(&replica->aside_ms) * 2;

	wait = wait < UPSTREAM_ASIDE_MS        ? UPSTREAM_ASIDE_MS
		: wait > UPSTREAM_ASIDE_MAX_MS ? UPSTREAM_ASIDE_MAX_MS
					       : wait;
	atomic_store(&replica->aside_ms, wait);
	atomic_store(&replica->aside_until, now + wait);
	replica_failed(replica);
}

void replica_leaving(struct replica *replica, int64_t now)
{
	atomic_store(&replica->leaving_until, now + UPSTREAM_LEAVING_MS);
}

/* One family of series: a line a replica. */
static void family(const struct upstreams *upstreams, struct text *out, const char *name, const char *type,
	const char *help, double (*value)(const struct replica *replica))
{
	text_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
	for (int i = 0; i < SERVICE_COUNT; i++)
		for (size_t j = 0; j < upstreams->groups[i].count; j++)
			text_addf(out, "%s{service=\"%s\",replica=\"%s\"} %.15g\n", name,
				segments_service_name((enum upstream_service)i), upstreams->groups[i].replicas[j].url,
				value(&upstreams->groups[i].replicas[j]));
}

static double requests(const struct replica *replica)
{
	return (double)atomic_load(&replica->requests);
}

static double failures(const struct replica *replica)
{
	return (double)atomic_load(&replica->failures);
}

static double seconds(const struct replica *replica)
{
	return (double)atomic_load(&replica->microseconds) / 1e6;
}

static double up(const struct replica *replica)
{
	return atomic_load(&replica->aside_until) == 0;
}

void upstreams_metrics(const struct upstreams *upstreams, struct text *out)
{
	family(upstreams, out, "aftercare_upstream_requests_total", "counter", "Requests a replica answered.",
		requests);
	family(upstreams, out, "aftercare_upstream_failures_total", "counter", "Requests a replica did not answer.",
		failures);
	family(upstreams, out, "aftercare_upstream_seconds_total", "counter", "Time until its answers began.", seconds);
	family(upstreams, out, "aftercare_upstream_up", "gauge", "Whether it could be reached the last time.", up);
}
