#include "place.h"

const struct field address_fields[] = {
	FIELDS_OF_ADDRESS,
	{ 0 },
};

const struct field named_address_fields[] = {
	{ "name", FIELD_TEXT, 0, .max = 120 },
	FIELDS_OF_ADDRESS,
	{ 0 },
};

const struct field position_fields[] = {
	{ "lat", FIELD_DECIMAL, REQUIRED, .digits = 9, .decimals = 6, .negative = true, .example = "\"45.464200\"" },
	{ "lon", FIELD_DECIMAL, REQUIRED, .digits = 9, .decimals = 6, .negative = true, .example = "\"9.190000\"" },
	{ 0 },
};
