/*
 * agreement: what field_check says of bodies, so that agreement.py can compare it with the schemas that say the same.
 *
 *	agreement schema    prints the OpenAPI description of the made-up service
 *	agreement check     reads lines {"mode": "create" or "change", "body": …}, prints 1 (taken) or 0 (refused) for each
 */
#include "arena.h"
#include "field.h"
#include "json.h"
#include "things.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES_MAX ((size_t)64 * 1024)

static int schema_print(void)
{
	struct arena *arena = arena_new();
	struct endpoints endpoints;
	struct openapi_source source = thing_source(arena, &endpoints);
	struct text out = text_new(arena, OPENAPI_MAX);

	openapi_write(arena, &source, &out);
	puts(text_c(&out));
	arena_free(arena);
	return out.full ? EXIT_FAILURE : EXIT_SUCCESS;
}

static bool line_taken(struct arena *arena, const char *line)
{
	const char *problem = NULL;
	json_t *json = json_read(arena, line, strlen(line), &problem);
	json_t *body = json_object_get(json, "body");
	bool change = json && strcmp(json_string_at(json, "mode"), "change") == 0;
	struct fault_list faults = { .arena = arena };

	/* A body that is not JSON for us (a zero character, say) is refused before its fields are looked at. */
	return body && field_check(thing_fields, body, change ? FIELD_CHANGE : FIELD_CREATE, &faults) == FAULT_NONE;
}

static int lines_check(void)
{
	char *line = malloc(LINE_BYTES_MAX);

	if (!line)
		return EXIT_FAILURE;
	while (fgets(line, (int)LINE_BYTES_MAX, stdin)) {
		struct arena *arena = arena_new();

		puts(line_taken(arena, line) ? "1" : "0");
		arena_free(arena);
	}
	free(line);
	return EXIT_SUCCESS;
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "schema") == 0)
		return schema_print();
	if (argc == 2 && strcmp(argv[1], "check") == 0)
		return lines_check();
	fprintf(stderr, "usage: %s schema|check\n", argv[0]);
	return EXIT_FAILURE;
}
