/* array: many values as one parameter, an array as PostgreSQL reads it. */
#include "pg.h"
#include "text.h"

#include <stdio.h>
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

void pg_array_add_number(struct text *array, int64_t number)
{
	char digits[PG_ARRAY_NUMBER_MAX];

	snprintf(digits, sizeof(digits), "%lld", (long long)number);
	pg_array_add(array, digits);
}

const char *pg_array_end(struct text *array)
{
	text_add(array, array->length ? "}" : "{}");
	return text_c(array);
}
