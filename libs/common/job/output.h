/*
 * output: what a job makes, kept in parts while it comes, then told as the job's result. Internal to job.
 *
 * It is written in one turn. Parts of a worker that did not come to the end are forgotten by the next.
 */
#ifndef AFTERCARE_OUTPUT_H
#define AFTERCARE_OUTPUT_H

#include "jobs.h"
#include "text.h"

#define OUTPUT_BYTES_MAX ((size_t)64 * 1024 * 1024)

struct output {
	struct job_work *work;
	struct text part; /* on its way to the database */
	size_t size;      /* of the parts before */
	int parts;
};

void output_open(struct output *output, struct job_work *work);

/* Takes the next bytes; context is the output. FAULT_REPLAY when the job was cancelled. */
enum fault output_take(void *context, const char *bytes, size_t length);

/* The end of the bytes: they are the job's result. */
enum fault output_end(struct output *output, const char *file_name, const char *media_type)
	__attribute__((warn_unused_result));

#endif
