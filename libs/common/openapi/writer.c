#include "writer.h"

#include "arena.h"

#include <string.h>

static void member(struct writer *writer, const char *key)
{
	if (writer->behind)
		text_add_char(writer->out, ',');
	writer->behind = true;
	if (!key)
		return;
	text_add_json(writer->out, key);
	text_add_char(writer->out, ':');
}

static void begin(struct writer *writer, const char *key, char bracket)
{
	member(writer, key);
	text_add_char(writer->out, bracket);
	writer->behind = false;
}

static void end(struct writer *writer, char bracket)
{
	text_add_char(writer->out, bracket);
	writer->behind = true;
}

void writer_object(struct writer *writer, const char *key)
{
	begin(writer, key, '{');
}

void writer_object_end(struct writer *writer)
{
	end(writer, '}');
}

void writer_list(struct writer *writer, const char *key)
{
	begin(writer, key, '[');
}

void writer_list_end(struct writer *writer)
{
	end(writer, ']');
}

void writer_text(struct writer *writer, const char *key, const char *value)
{
	member(writer, key);
	text_add_json(writer->out, value);
}

void writer_number(struct writer *writer, const char *key, long value)
{
	member(writer, key);
	text_addf(writer->out, "%ld", value);
}

void writer_flag(struct writer *writer, const char *key, bool value)
{
	writer_json(writer, key, value ? "true" : "false");
}

void writer_json(struct writer *writer, const char *key, const char *json)
{
	member(writer, key);
	text_add(writer->out, json);
}

void writer_textf(struct writer *writer, const char *key, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	writer_text(writer, key, arena_vprintf(writer->arena, format, arguments));
	va_end(arguments);
}

void writer_reference(struct writer *writer, const char *key, const char *kind, const char *name)
{
	writer_object(writer, key);
	writer_textf(writer, "$ref", "#/components/%s/%s", kind, name);
	writer_object_end(writer);
}

void writer_words(struct writer *writer, const char *words)
{
	for (const char *at = words; *at;) {
		size_t length = strcspn(at, " ");

		if (length)
			writer_text(writer, NULL, arena_strndup(writer->arena, at, length));
		at += length + (at[length] == ' ');
	}
}
