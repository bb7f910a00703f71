/* place: where something is, as the field tables of several services say it: by its address, or on the globe. */
#ifndef AFTERCARE_PLACE_H
#define AFTERCARE_PLACE_H

#include "field.h"

#define FIELDS_OF_ADDRESS                                                                                              \
	{ "street", FIELD_TEXT, PERSONAL, .max = 200, .example = "\"Via Roma 12\"" },                                  \
		{ "postcode", FIELD_TEXT, 0, .max = 20, .example = "\"20121\"" },                                      \
		{ "city", FIELD_TEXT, 0, .max = 100, .example = "\"Milano\"" },                                        \
		{ "province", FIELD_TEXT, 0, .max = 40, .example = "\"MI\"" },                                         \
	{                                                                                                              \
		"country", FIELD_COUNTRY, 0, .example = "\"IT\""                                                       \
	}

extern const struct field address_fields[];
extern const struct field named_address_fields[]; /* with whom it is of, where that may be another */
extern const struct field position_fields[];      /* latitude and longitude, WGS 84, degrees */

#endif
