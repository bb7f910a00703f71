#include "arena.h"
#include "print.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <string.h>

#define POINTS_PER_MM (72 / 25.4)
#define A4_SHORT      (210 * POINTS_PER_MM)
#define A4_LONG       (297 * POINTS_PER_MM)
#define MARGIN        (12 * POINTS_PER_MM)
#define FOOT          (8 * POINTS_PER_MM) /* above the lower margin */
#define GAP           (3 * POINTS_PER_MM)
#define PADDING       2.0 /* points around what is in a cell */
#define HAIRLINE      0.4
#define RULE          0.8

#define FONT_TITLE "DejaVu Sans Bold 14"
#define FONT_LABEL "DejaVu Sans Bold 7"
#define FONT_TEXT  "DejaVu Sans 8"

#ifdef __SANITIZE_ADDRESS__
/* What fontconfig makes once in a process it keeps to the end, and some of that only in memory that the sanitizer can't see. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig.so\n";
}

const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
	return "print_suppressions=0";
}
#endif

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

static void release(void *context)
{
	struct print *print = context;

	for (size_t i = 0; i < PRINT_COLUMNS_MAX; i++) {
		g_clear_object(&print->cells[i]);
		g_clear_object(&print->heads[i]);
	}
	if (print->cairo)
		cairo_destroy(print->cairo);
	for (size_t i = 0; i < print->count; i++)
		cairo_surface_destroy(print->pages[i]);
	g_object_unref(print->fonts);
}

static double text_width(const struct print *print)
{
	return print->width - 2 * MARGIN;
}

static void page_begin(struct print *print)
{
	const cairo_rectangle_t extents = { 0, 0, print->width, print->height };

	print->y = MARGIN;
	if (print->count == PRINT_PAGES_MAX) {
		print->full = true;
		return;
	}
	if (print->cairo)
		cairo_destroy(print->cairo);
	print->pages[print->count] = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, &extents);
	print->cairo = cairo_create(print->pages[print->count++]);
}

/* Begins a page when there is no room for so much; whether it did. */
static bool room_make(struct print *print, double height)
{
	if (print->y + height <= print->height - MARGIN - FOOT)
		return false;
	page_begin(print);
	return !print->full;
}

/* A text in a column of that width; one layout serves many texts. */
static PangoLayout *layout_new(const struct print *print, const char *font, double width)
{
	PangoContext *context = pango_font_map_create_context(print->fonts);
	PangoFontDescription *description = pango_font_description_from_string(font);
	cairo_font_options_t *options = cairo_font_options_create();
	PangoAttrList *attributes = pango_attr_list_new();
	PangoLayout *layout;

	/* Pages are for paper: letters stand where they are measured, and not where pixels would be. */
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	pango_cairo_context_set_font_options(context, options);
	pango_context_set_round_glyph_positions(context, FALSE);
	layout = pango_layout_new(context);
	pango_layout_set_font_description(layout, description);
	pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE)); /* a code that is broken has none */
	pango_layout_set_attributes(layout, attributes);
	pango_attr_list_unref(attributes);
	cairo_font_options_destroy(options);
	pango_font_description_free(description);
	g_object_unref(context);
	return layout;
}

static double layout_height(PangoLayout *layout)
{
	PangoRectangle logical;

	pango_layout_get_extents(layout, NULL, &logical);
	return (double)logical.height / PANGO_SCALE;
}

static void layout_show(struct print *print, PangoLayout *layout, double x, double y)
{
	if (print->full)
		return;
	cairo_move_to(print->cairo, x, y);
	pango_cairo_show_layout(print->cairo, layout);
}

static void line_draw(struct print *print, double y, double thickness)
{
	if (print->full)
		return;
	cairo_set_line_width(print->cairo, thickness);
	cairo_move_to(print->cairo, MARGIN, y);
	cairo_line_to(print->cairo, print->width - MARGIN, y);
	cairo_stroke(print->cairo);
}

static void paragraph(struct print *print, const char *font, const char *text)
{
	PangoLayout *layout = layout_new(print, font, text_width(print));
	double height;

	pango_layout_set_text(layout, text, -1);
	height = layout_height(layout);
	room_make(print, height);
	layout_show(print, layout, MARGIN, print->y);
	print->y += height + PADDING;
	g_object_unref(layout);
}

struct print *print_new(struct arena *arena, const struct print_page *page)
{
	struct print *print = arena_alloc(arena, sizeof(*print));

	*print = (struct print){
		.arena = arena,
		.page = *page,
		.width = page->landscape ? A4_LONG : A4_SHORT,
		.height = page->landscape ? A4_SHORT : A4_LONG,
		.fonts = pango_cairo_font_map_new(),
	};
	pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(print->fonts), 72);
	arena_defer(arena, release, print);
	page_begin(print);
	paragraph(print, FONT_TITLE, page->title);
	print->y += GAP;
	return print;
}

void print_text(struct print *print, const char *text)
{
	paragraph(print, FONT_TEXT, text);
}

void print_blocks(struct print *print, const struct print_block blocks[], size_t count)
{
	double width;
	double height = 0;
	PangoLayout *labels[PRINT_BLOCKS_MAX];
	PangoLayout *texts[PRINT_BLOCKS_MAX];

	count = count < PRINT_BLOCKS_MAX ? count : PRINT_BLOCKS_MAX;
	width = text_width(print) / (double)(count ? count : 1);
	for (size_t i = 0; i < count; i++) {
		double own;

		labels[i] = layout_new(print, FONT_LABEL, width - GAP);
		texts[i] = layout_new(print, FONT_TEXT, width - GAP);
		pango_layout_set_text(labels[i], blocks[i].label, -1);
		pango_layout_set_text(texts[i], blocks[i].text, -1);
		own = layout_height(labels[i]) + PADDING + layout_height(texts[i]);
		height = own > height ? own : height;
	}
	print->y += GAP;
	room_make(print, height);
	for (size_t i = 0; i < count; i++) {
		double x = MARGIN + width * (double)i;

		layout_show(print, labels[i], x, print->y);
		layout_show(print, texts[i], x, print->y + layout_height(labels[i]) + PADDING);
		g_object_unref(labels[i]);
		g_object_unref(texts[i]);
	}
	print->y += height + GAP;
}

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
	line_draw(print, print->y, thickness);
}

static void head_show(struct print *print)
{
	row_show(print, print->heads, row_height(print, print->heads), RULE);
}

static PangoLayout *cell_new(const struct print *print, const char *font, size_t column)
{
	PangoLayout *layout = layout_new(print, font, column_width(print, column) - 2 * PADDING);

	if (print->columns[column].right)
		pango_layout_set_alignment(layout, PANGO_ALIGN_RIGHT);
	pango_layout_set_height(layout, -PRINT_CELL_LINES);
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
	return layout;
}

/* The beginning of a text, cut at a character, its line ends blanks: what a cell shows of it. */
static void cell_set(PangoLayout *layout, struct arena *arena, const char *text)
{
	size_t length = strnlen(text ? text : "", PRINT_CELL_MAX);
	char *shown = arena_strndup(arena, text ? text : "", length);

	if (length == PRINT_CELL_MAX)
		while (length && ((unsigned char)text[length] & 0xC0) == 0x80)
			shown[--length] = '\0';
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

bool print_full(struct print *print)
{
	return print->full;
}

/* Where the bytes go. */
struct sink {
	print_take take;
	void *context;
	enum fault fault;
};

static cairo_status_t sink_write(void *context, const unsigned char *bytes, unsigned int length)
{
	struct sink *sink = context;

	if (!sink->fault)
		sink->fault = sink->take(sink->context, (const char *)bytes, length);
	return sink->fault ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

/* The foot of a page, on the PDF itself: only now it is known how many there are. */
static void foot_show(const struct print *print, cairo_t *cairo, size_t number)
{
	PangoLayout *layout = layout_new(print, FONT_LABEL, text_width(print));
	char *text = g_strdup_printf("%s %zu %s %zu", print->page.page, number, print->page.of, print->count);
	double y = print->height - MARGIN - FOOT + GAP;

	pango_layout_set_alignment(layout, PANGO_ALIGN_RIGHT);
	pango_layout_set_text(layout, text, -1);
	cairo_move_to(cairo, MARGIN, y);
	pango_cairo_show_layout(cairo, layout);
	pango_layout_set_alignment(layout, PANGO_ALIGN_LEFT);
	pango_layout_set_text(layout, print->page.footer ? print->page.footer : "", -1);
	cairo_move_to(cairo, MARGIN, y);
	pango_cairo_show_layout(cairo, layout);
	g_free(text);
	g_object_unref(layout);
}

enum fault print_end(struct print *print, print_take take, void *context)
{
	struct sink sink = { take, context, FAULT_NONE };
	cairo_surface_t *pdf = cairo_pdf_surface_create_for_stream(sink_write, &sink, print->width, print->height);
	cairo_t *cairo = cairo_create(pdf);
	cairo_status_t status;

	cairo_pdf_surface_set_metadata(pdf, CAIRO_PDF_METADATA_TITLE, print->page.title);
	cairo_pdf_surface_set_metadata(pdf, CAIRO_PDF_METADATA_CREATOR, "Aftercare");
	for (size_t i = 0; i < print->count; i++) {
		cairo_set_source_surface(cairo, print->pages[i], 0, 0);
		cairo_paint(cairo);
		cairo_set_source_rgb(cairo, 0, 0, 0);
		foot_show(print, cairo, i + 1);
		cairo_show_page(cairo);
	}
	cairo_destroy(cairo);
	cairo_surface_finish(pdf);
	status = cairo_surface_status(pdf);
	cairo_surface_destroy(pdf);
	if (sink.fault)
		return sink.fault;
	return status == CAIRO_STATUS_SUCCESS ? FAULT_NONE : FAULT_INTERNAL;
}
