#include "output.h"

#include "arena.h"
#include "job.h"
#include "job_sql.h"
#include "parts.h"

void output_open(struct output *output, struct job_work *work)
{
	*output = (struct output){ .work = work, .part = text_new(work->arena, JOB_PART_BYTES + 1) };
}

static enum fault part_write(struct output *output)
{
	struct job_work *work = output->work;
	struct arena *arena = arena_new();
	struct request writing = request_on(&work->request, arena);
	struct pg_batch *batch = request_batch(&writing);
	enum fault fault;

	if (output->parts++ == 0)
		pg_add(batch, &sql_job_parts_forget, PG_VALUES(work->id));
	part_add(arena, batch, work->id, output->parts, text_c(&output->part), output->part.length);
	job_add_move(work, batch);
	fault = request_execute(&writing, batch);
	if (fault)
		work->request.detail = arena_strdup(work->arena, writing.detail);
	arena_free(arena);
	output->size += output->part.length;
	text_clear(&output->part);
	return fault;
}

enum fault output_take(void *context, const char *bytes, size_t length)
{
	struct output *output = context;
	enum fault fault = FAULT_NONE;

	if (output->size + output->part.length + length > OUTPUT_BYTES_MAX)
		return request_fail(&output->work->request, FAULT_INVALID, "It would be larger than %zu MiB.",
			OUTPUT_BYTES_MAX / 1024 / 1024);
	while (!fault && length) {
		size_t room = JOB_PART_BYTES - output->part.length;
		size_t taken = length < room ? length : room;

		text_add_bytes(&output->part, bytes, taken);
		bytes += taken;
		length -= taken;
		if (output->part.length == JOB_PART_BYTES)
			fault = part_write(output);
	}
	return fault;
}

enum fault output_end(struct output *output, const char *file_name, const char *media_type)
{
	struct job_work *work = output->work;
	struct pg_batch *batch;
	json_t *result;
	enum fault fault = output->part.length ? part_write(output) : FAULT_NONE;

	if (fault)
		return fault;
	result = json_keep(work->arena,
		json_pack("{s:s,s:s,s:s,s:I,s:i}", "href", arena_printf(work->arena, "/v1/jobs/%s/result", work->id),
			"media_type", media_type, "file_name", file_name, "size", (json_int_t)output->size, "parts",
			output->parts));
	batch = request_batch(&work->request);
	pg_add(batch, &sql_job_finish, PG_VALUES(work->id, work->claim, json_write(work->arena, result)));
	return request_execute(&work->request, batch);
}
