/*
 * aftercare-printer: sets what print sends to its standard input, and writes the PDF to its standard output. It ends when
 * either ends, and has limits of its own: what the text of a customer does to the libraries is done to it alone.
 */
#include "arena.h"
#include "frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define PROCESSOR_SECONDS 300
#define MEMORY_BYTES      ((rlim_t)2 * 1024 * 1024 * 1024) /* ten thousand rows of twenty columns take 650 MB */

#ifdef __SANITIZE_THREAD__
/* Pango loads fontconfig in a thread; GLib, which makes that thread wait and be waited for, isn't instrumented. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "race:libfontconfig.so\nrace:libglib-2.0.so\n";
}
#endif

static void limit(void)
{
	const struct rlimit seconds = { PROCESSOR_SECONDS, PROCESSOR_SECONDS };

	setrlimit(RLIMIT_CPU, &seconds);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* whose shadows are larger than any limit */
	setrlimit(RLIMIT_AS, &(const struct rlimit){ MEMORY_BYTES, MEMORY_BYTES });
#endif
}

static enum fault write_out(void *context, const char *bytes, size_t length)
{
	(void)context;
	return fwrite(bytes, 1, length, stdout) == length ? FAULT_NONE : FAULT_UNAVAILABLE;
}

static struct print *page_take(struct arena *arena, const struct frame *frame)
{
	const char *const *values = frame->values;

	if (frame->kind != FRAME_PAGE || frame->count != 6 || !values[1] || !values[3] || !values[4])
		return NULL;
	return print_new(arena,
		&(struct print_page){ .landscape = frame_number(frame, 0) != 0,
			.title = values[1],
			.footer = values[2],
			.page = values[3],
			.of = values[4],
			.across = values[5] });
}

static void blocks_take(struct print *print, const struct frame *frame)
{
	struct print_block blocks[PRINT_BLOCKS_MAX];
	size_t count = 0;

	for (uint32_t i = 0; i + 3 <= frame->count && count < PRINT_BLOCKS_MAX; i += 3)
		blocks[count++] =
			(struct print_block){ frame->values[i], frame->values[i + 1], frame_number(frame, i + 2) != 0 };
	print_blocks(print, blocks, count);
}

static void table_take(struct arena *arena, struct print *print, const struct frame *frame)
{
	struct print_column *columns = arena_array(arena, PRINT_COLUMNS_MAX, sizeof(*columns));
	size_t count = 0;

	for (uint32_t i = 0; i + 4 <= frame->count && count < PRINT_COLUMNS_MAX; i += 4)
		columns[count++] = (struct print_column){ arena_strdup(arena, frame->values[i]),
			frame_number(frame, i + 1), frame_number(frame, i + 2) != 0, (int)frame_number(frame, i + 3) };
	print_table(print, columns, count);
}

static bool full_tell(struct print *print)
{
	return putchar(print_full(print) ? FRAME_FULL : FRAME_ROOM) != EOF && fflush(stdout) == 0;
}

/* Does what a frame asks for; false when it is out of place. */
static bool take(struct arena *arena, struct print *print, const struct frame *frame)
{
	switch (frame->kind) {
	case FRAME_TEXT:
		print_text(print, frame->count && frame->values[0] ? frame->values[0] : "");
		return true;
	case FRAME_BLOCKS:
		blocks_take(print, frame);
		return true;
	case FRAME_TABLE:
		table_take(arena, print, frame);
		return true;
	case FRAME_ROW: /* its values end in NULLs, so that a row too short has empty cells */
		print_row(print, frame->values);
		return true;
	case FRAME_ASK:
		return full_tell(print);
	default:
		return false;
	}
}

/* Whether the PDF is out, to its last byte. */
static bool print_all(struct arena *arena, struct arena *scratch)
{
	struct print *print;
	struct frame frame;

	if (!frame_read(stdin, arena, &frame))
		return false;
	print = page_take(arena, &frame);
	if (!print)
		return false;
	while (frame_read(stdin, scratch, &frame)) {
		if (frame.kind == FRAME_END)
			return print_end(print, write_out, NULL) == FAULT_NONE && fflush(stdout) == 0;
		if (!take(arena, print, &frame))
			return false;
		arena_reset(scratch);
	}
	return false;
}

int main(int argc, char **argv)
{
	struct arena *arena;
	struct arena *scratch;
	bool printed;

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("aftercare-printer " AFTERCARE_VERSION);
		return EXIT_SUCCESS;
	}
	limit();
	arena = arena_new();
	scratch = arena_new();
	printed = print_all(arena, scratch);
	arena_free(scratch);
	arena_free(arena);
	return printed ? EXIT_SUCCESS : EXIT_FAILURE;
}
