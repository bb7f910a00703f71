/* sheet: the page at hand of a print, and text on it. Internal to the printer. */
#ifndef AFTERCARE_SHEET_H
#define AFTERCARE_SHEET_H

#include "print.h"

#include <pango/pangocairo.h>

#define POINTS_PER_MM (72 / 25.4)
#define MARGIN        (12 * POINTS_PER_MM)
#define GAP           (3 * POINTS_PER_MM)
#define PADDING       2.0 /* points around what is in a cell */
#define HAIRLINE      0.4

#define FONT_LABEL "DejaVu Sans Bold 7"
#define FONT_TEXT  "DejaVu Sans 8"

struct print {
	struct arena *arena;
	struct print_page page;
	double width;
	double height;
	PangoFontMap *fonts; /* our own: what it loads goes with the print */
	cairo_surface_t *pages[PRINT_PAGES_MAX];
	size_t count;
	bool full;
	cairo_t *cairo; /* of the last page */
	double y;       /* where that is free */
	const struct print_column *columns;
	size_t column_count;
	PangoLayout *cells[PRINT_COLUMNS_MAX];
	PangoLayout *heads[PRINT_COLUMNS_MAX];
};

/* Between the margins. */
double text_width(const struct print *print);

/* Begins a page when there is no room for so much; whether it did. */
bool room_make(struct print *print, double height);

/* A text in a column of that width; one layout serves many texts. */
PangoLayout *layout_new(const struct print *print, const char *font, double width);
double layout_height(PangoLayout *layout);
void layout_show(struct print *print, PangoLayout *layout, double x, double y);

void line_draw(struct print *print, double x, double y, double length, double thickness);

#endif
