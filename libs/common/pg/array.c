/* array: many values as one parameter, an array as PostgreSQL reads it. */
#include "pg.h"
#include "text.h"

#include <string.h>

void pg_array_add(struct text *array, const char *item)
{
	text_add(array, array->length ? ",\"" : "{\"");
	for (;;) {
		size_t plain = strcspn(item, "\"\\");

		text_add_bytes(array, item, plain);
		item += plain;
		if (!*item)
			break;
		text_add_char(array, '\\');
		text_add_char(array, *item++);
	}
	text_add_char(array, '"');
}

const char *pg_array_end(struct text *array)
{
	text_add(array, array->length ? "}" : "{}");
	return text_c(array);
}
