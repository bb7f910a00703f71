#include "parts.h"

#include "arena.h"
#include "job_sql.h"
#include "log.h"
#include "text.h"

#include <string.h>

void part_add(
	struct arena *arena, struct pg_batch *batch, const char *owner, int number, const char *bytes, size_t length)
{
	pg_add(batch, &sql_job_part_write,
		PG_VALUES(owner, arena_printf(arena, "%d", number), text_hex(arena, bytes, length)));
}

enum fault part_read(struct request *request, const char *owner, int number, const char **bytes, size_t *length)
{
	struct pg_batch *batch = request_batch(request);
	size_t index = pg_add(batch, &sql_job_part_read, PG_VALUES(owner, arena_printf(request->arena, "%d", number)));
	enum fault fault = request_execute(request, batch);
	const char *hex;

	if (fault)
		return fault;
	hex = pg_value(batch, index, 0);
	*bytes = hex ? text_unhex(request->arena, hex, length) : NULL;
	return FAULT_NONE;
}

/* Parts on their way out, one by one. */
struct sending {
	const struct request *request;
	struct arena *arena; /* of the part at hand */
	const char *owner;
	int next; /* the part to read */
	int count;
	const char *bytes;
	size_t left;
};

static bool sending_next(struct sending *sending)
{
	struct request request = request_on(sending->request, sending->arena);

	arena_reset(sending->arena);
	return !part_read(&request, sending->owner, sending->next++, &sending->bytes, &sending->left) && sending->bytes;
}

static ssize_t sending_read(void *context, char *buffer, size_t size)
{
	struct sending *sending = context;

	while (sending->left == 0) {
		if (sending->next > sending->count)
			return 0;
		if (!sending_next(sending)) {
			log_write(LOG_ERROR, "a file broke off", "request_id", sending->request->id, NULL);
			return -1;
		}
	}
	if (size > sending->left)
		size = sending->left;
	memcpy(buffer, sending->bytes, size);
	sending->bytes += size;
	sending->left -= size;
	return (ssize_t)size;
}

static void sending_end(void *context)
{
	struct sending *sending = context;

	arena_free(sending->arena);
}

void parts_send(struct request *request, const char *owner, int count)
{
	struct sending *sending = arena_alloc(request->arena, sizeof(*sending));

	*sending = (struct sending){
		.request = request,
		.arena = arena_new(),
		.owner = owner,
		.next = 1,
		.count = count,
	};
	request->response.stream = (struct stream){ sending_read, sending_end, sending };
}
