#include "arena.h"
#include "sheet.h"

#include <cairo-pdf.h>

#define A4_SHORT      (210 * POINTS_PER_MM)
#define A4_LONG       (297 * POINTS_PER_MM)
#define FOOT          (8 * POINTS_PER_MM)  /* above the lower margin */
#define SIGN          (14 * POINTS_PER_MM) /* to sign in */
#define ACROSS_LENGTH (A4_SHORT * 1.1)     /* of the word behind a page, */
#define ACROSS_TURN   (-0.785)             /* which rises by half a right angle, in radians, */
#define ACROSS_GREY   0.87

#define FONT_TITLE  "DejaVu Sans Bold 14"
#define FONT_ACROSS "DejaVu Sans Bold 96"

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

double text_width(const struct print *print)
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

bool room_make(struct print *print, double height)
{
	if (print->y + height <= print->height - MARGIN - FOOT)
		return false;
	page_begin(print);
	return !print->full;
}

PangoLayout *layout_new(const struct print *print, const char *font, double width)
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

double layout_height(PangoLayout *layout)
{
	PangoRectangle logical;

	pango_layout_get_extents(layout, NULL, &logical);
	return (double)logical.height / PANGO_SCALE;
}

void layout_show(struct print *print, PangoLayout *layout, double x, double y)
{
	if (print->full)
		return;
	cairo_move_to(print->cairo, x, y);
	pango_cairo_show_layout(print->cairo, layout);
}

void line_draw(struct print *print, double x, double y, double length, double thickness)
{
	if (print->full)
		return;
	cairo_set_line_width(print->cairo, thickness);
	cairo_move_to(print->cairo, x, y);
	cairo_line_to(print->cairo, x + length, y);
	cairo_stroke(print->cairo);
}

/* Line by line, so that a long one goes on over pages. */
static void paragraph(struct print *print, const char *font, const char *text)
{
	PangoLayout *layout = layout_new(print, font, text_width(print));
	PangoLayoutIter *lines;

	pango_layout_set_text(layout, text, -1);
	lines = pango_layout_get_iter(layout);
	do {
		PangoRectangle logical;
		double height;

		pango_layout_iter_get_line_extents(lines, NULL, &logical);
		height = (double)logical.height / PANGO_SCALE;
		room_make(print, height);
		if (print->full)
			break;
		cairo_move_to(print->cairo, MARGIN,
			print->y + (double)(pango_layout_iter_get_baseline(lines) - logical.y) / PANGO_SCALE);
		pango_cairo_show_layout_line(print->cairo, pango_layout_iter_get_line_readonly(lines));
		print->y += height;
	} while (pango_layout_iter_next_line(lines));
	pango_layout_iter_free(lines);
	print->y += PADDING;
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
	print->y += print->column_count ? GAP : 0;
	print->column_count = 0;
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
		pango_layout_set_text(texts[i], blocks[i].text ? blocks[i].text : "", -1);
		own = layout_height(labels[i]) + PADDING + layout_height(texts[i]) + (blocks[i].sign ? SIGN : 0);
		height = own > height ? own : height;
	}
	print->y += GAP;
	room_make(print, height);
	for (size_t i = 0; i < count; i++) {
		double x = MARGIN + width * (double)i;

		layout_show(print, labels[i], x, print->y);
		layout_show(print, texts[i], x, print->y + layout_height(labels[i]) + PADDING);
		if (blocks[i].sign)
			line_draw(print, x, print->y + height, width - 2 * GAP, HAIRLINE);
		g_object_unref(labels[i]);
		g_object_unref(texts[i]);
	}
	print->y += height + GAP;
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

/*
 * The word behind a page, as long as fits: in its middle, from the left below to the right above. It is drawn, not text: a
 * reader who copies or searches the page does not find its letters among the words.
 */
static void across_show(const struct print *print, cairo_t *cairo)
{
	PangoLayout *layout = layout_new(print, FONT_ACROSS, 0);
	PangoRectangle logical;
	double scale;

	pango_layout_set_width(layout, -1);
	pango_layout_set_text(layout, print->page.across, -1);
	pango_layout_get_extents(layout, NULL, &logical);
	scale = ACROSS_LENGTH / ((double)logical.width / PANGO_SCALE);
	cairo_save(cairo);
	cairo_set_source_rgb(cairo, ACROSS_GREY, ACROSS_GREY, ACROSS_GREY);
	cairo_translate(cairo, print->width / 2, print->height / 2);
	cairo_rotate(cairo, ACROSS_TURN);
	cairo_scale(cairo, scale < 1 ? scale : 1, scale < 1 ? scale : 1);
	cairo_move_to(cairo, -(double)logical.width / PANGO_SCALE / 2, -(double)logical.height / PANGO_SCALE / 2);
	pango_cairo_layout_path(cairo, layout);
	cairo_fill(cairo);
	cairo_restore(cairo);
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
		if (print->page.across)
			across_show(print, cairo);
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
