/*
 * frame: what print tells its printer, one after the other through a socket: a kind and some values, which are texts or NULL.
 * Both ends are of one build, so numbers go as the machine has them. Not thread safe.
 */
#ifndef AFTERCARE_FRAME_H
#define AFTERCARE_FRAME_H

#include "print.h"
#include "text.h"

#include <stdint.h>
#include <stdio.h>

#define FRAME_VALUES_MAX 128
#define FRAME_BYTES_MAX  ((size_t)8 * 1024 * 1024) /* a row as long as rows may be, many times over */

enum frame_kind {
	FRAME_PAGE, /* the first one */
	FRAME_TEXT,
	FRAME_BLOCKS,
	FRAME_TABLE,
	FRAME_ROW,
	FRAME_ASK, /* for a byte: FRAME_FULL or FRAME_ROOM */
	FRAME_END, /* the PDF is wanted */
};

#define FRAME_FULL 'f'
#define FRAME_ROOM 'r'

struct frame {
	enum frame_kind kind;
	uint32_t count;
	const char *values[FRAME_VALUES_MAX];
};

/* Adds a value, while there is room: a text, which is borrowed, or a number. */
void frame_add(struct frame *frame, const char *value);
void frame_add_number(struct frame *frame, struct arena *arena, double number);

/* The number that a value is; 0 when there is no such value. */
double frame_number(const struct frame *frame, uint32_t place);

/* Writes the frame behind what the text has. */
void frame_write(struct text *out, const struct frame *frame);

/* Reads the next one, its values on the arena; false at the end, or when it is none. */
bool frame_read(FILE *in, struct arena *arena, struct frame *frame) __attribute__((warn_unused_result));

#endif
