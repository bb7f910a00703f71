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

static bool part_read(struct sending *sending)
{
	struct request request = *sending->request;
	struct pg_batch *batch;
	const char *hex = NULL;
	size_t index;

	arena_reset(sending->arena);
	request.arena = sending->arena;
	request.faults.arena = sending->arena;
	batch = request_batch(&request);
	index = pg_add(batch, &sql_job_part_read,
		PG_VALUES(sending->owner, arena_printf(sending->arena, "%d", sending->next)));
	if (!request_execute(&request, batch))
		hex = pg_value(batch, index, 0);
	sending->bytes = hex ? text_unhex(sending->arena, hex, &sending->left) : NULL;
	sending->next++;
	return sending->bytes != NULL;
}

static ssize_t sending_read(void *context, char *buffer, size_t size)
{
	struct sending *sending = context;

	while (sending->left == 0) {
		if (sending->next > sending->count)
			return 0;
		if (!part_read(sending)) {
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
