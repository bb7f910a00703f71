/* array: many values as one parameter, an array as PostgreSQL reads it. */
#include "pg.h"
#include "text.h"

#include <string.h>

void pg_array_add(struct text *array, const char *item)
{
	text_add(array, array->length ? ",\"" : "{\"");
	for (const char *c = item; *c; c++) {
		if (*c == '"' || *c == '\\')
			text_add_char(array, '\\');
		text_add_char(array, *c);
	}
	text_add_char(array, '"');
}

const char *pg_array_end(struct text *array)
{
	text_add(array, array->length ? "}" : "{}");
	return text_c(array);
}
