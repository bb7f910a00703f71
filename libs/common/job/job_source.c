#include "job_source.h"

#include "arena.h"
#include "parts.h"

#include <string.h>

void source_open(struct source *source, struct job_work *work, size_t size, size_t part_size, size_t offset)
{
	*source = (struct source){
		.work = work,
		.size = size,
		.part_size = part_size,
		.offset = offset,
		.bytes = arena_alloc(work->arena, SOURCE_RECORD_MAX + part_size),
	};
}

bool source_ends(const struct source *source)
{
	return source->offset + source->length >= source->size;
}

enum fault source_fill(struct source *source)
{
	struct request *request = &source->work->request;

	while (source->length < SOURCE_RECORD_MAX && !source_ends(source)) {
		size_t at = source->offset + source->length;
		size_t before = at % source->part_size; /* of this part, already behind us */
		const char *bytes = NULL;
		size_t length = 0;
		enum fault fault =
			part_read(request, source->work->id, (int)(at / source->part_size) + 1, &bytes, &length);

		if (fault)
			return fault;
		if (!bytes || length <= before || length > source->part_size)
			return request_fail(request, FAULT_GONE, "Bytes of the file are gone.");
		memcpy(source->bytes + source->length, bytes + before, length - before);
		source->length += length - before;
	}
	return FAULT_NONE;
}

void source_skip(struct source *source, size_t length)
{
	memmove(source->bytes, source->bytes + length, source->length - length);
	source->length -= length;
	source->offset += length;
}
