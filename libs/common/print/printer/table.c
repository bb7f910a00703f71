#include "arena.h"
#include "sheet.h"
#include "text.h"

#define RULE 0.8 /* below the head */

static double column_width(const struct print *print, size_t column)
{
	double shares = 0;

	for (size_t i = 0; i < print->column_count; i++)
		shares += print->columns[i].share;
	return text_width(print) * print->columns[column].share / shares;
}

static double row_height(const struct print *print, PangoLayout *const layouts[])
{
	double height = 0;

	for (size_t i = 0; i < print->column_count; i++) {
		double own = layout_height(layouts[i]);

		height = own > height ? own : height;
	}
	return height + 2 * PADDING;
}

static void row_show(struct print *print, PangoLayout *const layouts[], double height, double thickness)
{
	double x = MARGIN;

	for (size_t i = 0; i < print->column_count; i++) {
		layout_show(print, layouts[i], x + PADDING, print->y + PADDING);
		x += column_width(print, i);
	}
	print->y += height;
	line_draw(print, MARGIN, print->y, text_width(print), thickness);
}

static void head_show(struct print *print)
{
	row_show(print, print->heads, row_height(print, print->heads), RULE);
}

static PangoLayout *cell_new(const struct print *print, const char *font, size_t column)
{
	PangoLayout *layout = layout_new(print, font, column_width(print, column) - 2 * PADDING);
	int lines = print->columns[column].lines;

	if (print->columns[column].right)
		pango_layout_set_alignment(layout, PANGO_ALIGN_RIGHT);
	pango_layout_set_height(layout, -(lines ? lines : PRINT_CELL_LINES));
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
	return layout;
}

/* The beginning of a text, cut at a character, its line ends blanks: what a cell shows of it. */
static void cell_set(PangoLayout *layout, struct arena *arena, const char *text)
{
	const char *whole = text ? text : "";
	char *shown = arena_strndup(arena, whole, text_utf8_cut(whole, PRINT_CELL_MAX));

	for (char *c = shown; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	pango_layout_set_text(layout, shown, -1);
}

void print_table(struct print *print, const struct print_column columns[], size_t count)
{
	print->columns = columns;
	print->column_count = count < PRINT_COLUMNS_MAX ? count : PRINT_COLUMNS_MAX;
	for (size_t i = 0; i < print->column_count; i++) {
		g_clear_object(&print->cells[i]);
		g_clear_object(&print->heads[i]);
		print->heads[i] = cell_new(print, FONT_LABEL, i);
		print->cells[i] = cell_new(print, FONT_TEXT, i);
		cell_set(print->heads[i], print->arena, columns[i].title);
	}
	print->y += GAP;
	room_make(print, 2 * row_height(print, print->heads)); /* a head never ends a page */
	head_show(print);
}

void print_row(struct print *print, const char *const cells[])
{
	struct arena *scratch = arena_new();
	double height;

	for (size_t i = 0; i < print->column_count; i++)
		cell_set(print->cells[i], scratch, cells[i]);
	arena_free(scratch);
	height = row_height(print, print->cells);
	if (room_make(print, height))
		head_show(print);
	row_show(print, print->cells, height, HAIRLINE);
}
