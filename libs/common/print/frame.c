#include "frame.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH_OF_NULL UINT32_MAX

/* How every frame begins. */
struct head {
	uint32_t kind;
	uint32_t count;
};

void frame_add(struct frame *frame, const char *value)
{
	if (frame->count < FRAME_VALUES_MAX)
		frame->values[frame->count++] = value;
}

void frame_add_number(struct frame *frame, struct arena *arena, double number)
{
	frame_add(frame, arena_printf(arena, "%a", number));
}

double frame_number(const struct frame *frame, uint32_t place)
{
	const char *value = place < frame->count ? frame->values[place] : NULL;

	return value ? strtod(value, NULL) : 0;
}

void frame_write(struct text *out, const struct frame *frame)
{
	const struct head head = { frame->kind, frame->count };

	text_add_bytes(out, (const char *)&head, sizeof(head));
	for (uint32_t i = 0; i < frame->count; i++) {
		const char *value = frame->values[i];
		uint32_t length = value ? (uint32_t)strnlen(value, FRAME_BYTES_MAX) : LENGTH_OF_NULL;

		text_add_bytes(out, (const char *)&length, sizeof(length));
		if (value)
			text_add_bytes(out, value, length);
	}
}

bool frame_read(FILE *in, struct arena *arena, struct frame *frame)
{
	struct head head;

	if (fread(&head, sizeof(head), 1, in) != 1 || head.kind > FRAME_END || head.count > FRAME_VALUES_MAX)
		return false;
	*frame = (struct frame){ .kind = head.kind };
	for (uint32_t i = 0; i < head.count; i++) {
		uint32_t length;
		char *value = NULL;

		if (fread(&length, sizeof(length), 1, in) != 1)
			return false;
		if (length != LENGTH_OF_NULL) {
			if (length > FRAME_BYTES_MAX)
				return false;
			value = arena_alloc(arena, length + 1);
			if (fread(value, 1, length, in) != length)
				return false;
		}
		frame_add(frame, value);
	}
	return true;
}
