#include "dead_letter.h"

#include "arena.h"
#include "clock.h"
#include "inbox_sql.h"
#include "read.h"
#include "text.h"
#include "uuid.h"

#include <string.h>

#define ADDED_HEADERS    6
#define BINARY_MARK      "base64url:"
#define HEADERS_JSON_MAX ((size_t)1024 * 1024)

/* PostgreSQL's text holds neither zero bytes nor what isn't UTF-8: such bytes are kept, encoded, and so is what looks so. */
static const char *as_text(struct arena *arena, const char *bytes, size_t length)
{
	if (!bytes || (text_utf8_length(bytes, length) >= 0 && !text_starts(bytes, BINARY_MARK)))
		return bytes;
	return arena_printf(arena, BINARY_MARK "%s", text_base64url(arena, bytes, length));
}

static const char *headers_json(struct arena *arena, const struct bus_message *message)
{
	struct text json = text_new(arena, HEADERS_JSON_MAX);

	text_add_char(&json, '{');
	for (size_t i = 0; i < message->header_count; i++) {
		if (i)
			text_add_char(&json, ',');
		text_add_json(&json, message->headers[i].name);
		text_add_char(&json, ':');
		text_add_json(&json, message->headers[i].value);
	}
	text_add_char(&json, '}');
	return json.full ? "{}" : text_c(&json);
}

static enum fault keep_row(struct worker *worker, const struct bus_message *message, const char *why)
{
	struct arena *arena = worker_arena(worker);
	struct pg_batch *batch = pg_batch_new(arena);
	struct uuid id = uuid_new();
	struct pg_error error;

	pg_add(batch, &sql_dead_letter_keep,
		PG_VALUES(id.text, read_tenant(message), message->topic, arena_printf(arena, "%d", message->partition),
			arena_printf(arena, "%lld", (long long)message->offset),
			message->key ? as_text(arena, message->key, strlen(message->key)) : NULL,
			headers_json(arena, message), as_text(arena, message->value, message->length), why));
	return worker_execute(worker, batch, &error);
}

static enum fault keep_message(struct arena *arena, struct bus_producer *producer, const char *service,
	const struct bus_message *message, const char *why)
{
	struct bus_header *headers = arena_array(arena, message->header_count + ADDED_HEADERS, sizeof(*headers));
	struct bus_message copy = *message;
	size_t count = message->header_count;
	char *now = arena_alloc(arena, CLOCK_TEXT);
	enum fault fault;

	if (count)
		memcpy(headers, message->headers, count * sizeof(*headers));
	headers[count++] = (struct bus_header){ "aftercare_error", why };
	headers[count++] = (struct bus_header){ "aftercare_consumer", service };
	headers[count++] = (struct bus_header){ "aftercare_topic", message->topic };
	headers[count++] = (struct bus_header){ "aftercare_partition", arena_printf(arena, "%d", message->partition) };
	headers[count++] =
		(struct bus_header){ "aftercare_offset", arena_printf(arena, "%lld", (long long)message->offset) };
	headers[count++] = (struct bus_header){ "aftercare_failed_at", clock_format(clock_now(), now) };
	copy.topic = arena_printf(arena, "%s.dlq", message->topic);
	copy.headers = headers;
	copy.header_count = count;
	fault = bus_produce(producer, &copy, NULL);
	return fault ? fault : bus_flush(producer, DEAD_LETTER_FLUSH_MS);
}

enum fault dead_letter_keep(struct worker *worker, struct bus_producer *producer, const char *service,
	const struct bus_message *message, const char *why)
{
	struct arena *arena = worker_arena(worker);
	enum fault fault;

	/* PostgreSQL would refuse a part of a character, and so the row, for ever. */
	why = arena_strndup(arena, why, text_utf8_cut(why, DEAD_LETTER_ERROR_BYTES));
	fault = keep_row(worker, message, why);
	return fault ? fault : keep_message(arena, producer, service, message, why);
}

/* The bytes of a column as they were read from Kafka. */
static const char *as_bytes(struct arena *arena, const PGresult *rows, int row, int column, size_t *length)
{
	const char *text = PQgetvalue(rows, row, column);

	*length = 0;
	if (PQgetisnull(rows, row, column))
		return NULL;
	if (text_starts(text, BINARY_MARK))
		return text_base64url_decode(arena, text + strlen(BINARY_MARK), length);
	*length = strlen(text);
	return text;
}

static size_t headers_read(struct arena *arena, const char *text, const struct bus_header **headers)
{
	const char *problem = NULL;
	json_t *object = json_read(arena, text, strlen(text), &problem);
	struct bus_header *made = arena_array(arena, json_object_size(object) + 1, sizeof(*made));
	const char *name;
	json_t *value;
	size_t count = 0;

	json_object_foreach(object, name, value)
		made[count++] = (struct bus_header){ name, json_string_value(value) };
	*headers = made;
	return count;
}

/* Sends the rows of one round; their ids as an array for PostgreSQL are in *ids. */
static enum fault round_send(struct arena *arena, struct bus_producer *producer, const PGresult *rows, const char **ids)
{
	struct text list = text_new(arena, (size_t)DEAD_LETTER_REPLAY_MAX * (UUID_TEXT + 2) + 2);
	enum fault fault = FAULT_NONE;

	for (int row = 0; row < PQntuples(rows) && !fault; row++) {
		struct bus_message message = { .topic = PQgetvalue(rows, row, 1) };
		size_t key_length;

		pg_array_add(&list, PQgetvalue(rows, row, 0));
		message.key = as_bytes(arena, rows, row, 2, &key_length);
		message.header_count = headers_read(arena, PQgetvalue(rows, row, 3), &message.headers);
		message.value = as_bytes(arena, rows, row, 4, &message.length);
		fault = bus_produce(producer, &message, NULL);
	}
	*ids = pg_array_end(&list);
	return fault ? fault : bus_flush(producer, DEAD_LETTER_FLUSH_MS);
}

struct replay {
	const char *service;
	const char *tenant;
	const char *id;
	struct pg_connection *connection;
	struct bus_producer *producer;
};

/* One round; *sent tells how many. */
static enum fault round_run(struct arena *arena, const struct replay *replay, int *sent, const char **problem)
{
	struct pg_batch *batch = pg_batch_new(arena);
	struct pg_error error = { 0 };
	const char *ids = NULL;
	const char *limit = arena_printf(arena, "%d", DEAD_LETTER_REPLAY_MAX);
	const PGresult *rows;
	size_t found;
	enum fault fault;

	pg_add(batch, &sql_dead_letter_path, PG_VALUES(replay->service));
	found = pg_add(batch, &sql_dead_letter_waiting, PG_VALUES(replay->tenant, replay->id, limit));
	fault = pg_execute_on(replay->connection, batch, &error);
	if (fault) {
		*problem = error.message;
		return fault;
	}
	rows = pg_result(batch, found);
	*sent = PQntuples(rows);
	if (*sent == 0)
		return FAULT_NONE;
	fault = round_send(arena, replay->producer, rows, &ids);
	if (fault) {
		*problem = arena_strdup(arena, bus_producer_problem(replay->producer));
		return fault;
	}
	batch = pg_batch_new(arena);
	pg_add(batch, &sql_dead_letter_path, PG_VALUES(replay->service));
	pg_add(batch, &sql_dead_letter_replayed, PG_VALUES(ids));
	fault = pg_execute_on(replay->connection, batch, &error);
	if (fault)
		*problem = error.message;
	return fault;
}

enum fault inbox_replay(struct arena *arena, const struct inbox_options *options, const char *tenant, const char *id,
	int *count, const char **problem)
{
	struct replay replay = { .service = options->service, .tenant = tenant, .id = id };
	struct arena *rounds;
	int total = 0;
	int sent = 1; /* in the round before */
	enum fault fault;

	replay.connection = pg_open(arena, &options->database, problem);
	if (!replay.connection)
		return FAULT_UNAVAILABLE;
	rounds = arena_new();
	fault = bus_producer_new(arena, &options->cluster, &replay.producer, problem);
	while (!fault && sent) {
		arena_reset(rounds);
		fault = round_run(rounds, &replay, &sent, problem);
		total += sent;
	}
	if (fault)
		*problem = arena_strdup(arena, *problem);
	arena_free(rounds);
	bus_producer_abort(replay.producer);
	pg_close(replay.connection);
	if (!fault)
		*count = total;
	return fault;
}
