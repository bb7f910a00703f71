/* job_source: the bytes a job works on, part by part, as a window that moves over them. Internal to job. */
#ifndef AFTERCARE_JOB_SOURCE_H
#define AFTERCARE_JOB_SOURCE_H

#include "jobs.h"

#define SOURCE_RECORD_MAX ((size_t)1024 * 1024) /* the window holds at least as much, or all that is left */

struct source {
	struct job_work *work;
	size_t size; /* of all */
	size_t part_size;
	size_t offset; /* of the window */
	char *bytes;   /* in it */
	size_t length;
};

/* Begins at an offset; the window is empty until source_fill. */
void source_open(struct source *source, struct job_work *work, size_t size, size_t part_size, size_t offset);

/* Fills the window. FAULT_GONE: a part is not there. */
enum fault source_fill(struct source *source) __attribute__((warn_unused_result));

/* Whether the window reaches the end. */
bool source_ends(const struct source *source);

/* Passes over the first bytes of the window. */
void source_skip(struct source *source, size_t length);

#endif
