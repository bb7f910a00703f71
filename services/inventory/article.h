/* article: the catalogue: models, spare parts, services and kits, in a tree of categories. */
#ifndef AFTERCARE_INVENTORY_ARTICLE_H
#define AFTERCARE_INVENTORY_ARTICLE_H

#include "resource.h"

#define MONEY    .digits = 14, .decimals = 4
#define QUANTITY .digits = 12, .decimals = 3

extern const struct resource article_category;
extern const struct resource article;

extern const struct field article_brief_fields[]; /* {code, description}: beside an article_id */

#endif
