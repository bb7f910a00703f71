/* article: the catalogue: models, spare parts, services and kits, in a tree of categories. */
#ifndef AFTERCARE_INVENTORY_ARTICLE_H
#define AFTERCARE_INVENTORY_ARTICLE_H

#include "resource.h"

#define MONEY    .digits = 14, .decimals = 4
#define QUANTITY .digits = 12, .decimals = 3

extern const struct resource article_category;
extern const struct resource article;

extern const struct field article_brief_fields[]; /* {code, description}: beside an article_id */

/* Of what has an article: the rows of the one with this code. */
#define FILTER_OF_ARTICLE(alias)                                                                                       \
	{                                                                                                              \
		"article_code", FIELD_TEXT,                                                                            \
			.sql = alias ".article_id in (select o.id from article o where o.code = $)",                   \
			.help = "Code of its article."                                                                 \
	}

#endif
