#include "transport_paper.h"

#include "arena.h"
#include "cells.h"
#include "inventory_service_sql.h"
#include "json.h"
#include "language.h"
#include "print.h"
#include "route.h"
#include "store.h"
#include "text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#define CAPTION_MAX   400 /* bytes of what is printed of ours: titles, names of columns */
#define LINES_OF_CELL 8   /* of a description, or of serials: all of it has room */
#define SERIALS_MAX   150 /* bytes of serials in one row; more go on in the next */
#define PAPER_KIB_MAX 512 /* of descriptions and serials: seconds, in whatever script, and far less than a PDF holds */
#define MEDIA         "application/pdf"

struct paper {
	struct arena *arena;
	bool italian;
	const PGresult *head;
	const PGresult *lines;
	const char *title;
	struct print *print;
};

/* In the tenant's language. */
__attribute__((format(printf, 2, 3))) static const char *say(const struct paper *paper, const char *format, ...)
{
	char *english = arena_alloc(paper->arena, CAPTION_MAX);
	va_list values;

	va_start(values, format);
	vsnprintf(english, CAPTION_MAX, format, values);
	va_end(values);
	return paper->italian ? language_italian(paper->arena, english) : english;
}

/* A column of the head; NULL for null. */
static const char *value(const struct paper *paper, const char *name)
{
	int column = PQfnumber(paper->head, name);

	return PQgetisnull(paper->head, 0, column) ? NULL : PQgetvalue(paper->head, 0, column);
}

static bool is(const struct paper *paper, const char *name, const char *wanted)
{
	return text_same(value(paper, name), wanted);
}

/* What a choice is called. */
static const char *word_of(const struct paper *paper, const char *name)
{
	const char *choice = value(paper, name);
	char *word =
		choice ? arena_strdup(paper->arena, language_value(paper->arena, name, choice, paper->italian)) : NULL;

	if (word)
		*word = (char)toupper((unsigned char)*word);
	return word;
}

static const char *as_people_write(const struct paper *paper, enum field_type type, const char *text)
{
	return text ? cell_text(paper->arena, &(struct field){ .type = type }, text, paper->italian) : NULL;
}

static const char *title_of(const struct paper *paper)
{
	const char *number = value(paper, "number");
	const char *date = as_people_write(paper, FIELD_DATE, value(paper, "document_date"));

	if (is(paper, "state", "draft"))
		return say(paper, "Transport document (draft)");
	if (is(paper, "state", "voided"))
		return say(paper, "Transport document %s of %s (void)", number, date);
	return say(paper, "Transport document %s of %s", number, date);
}

static const char *across_of(const struct paper *paper)
{
	return is(paper, "state", "draft")     ? say(paper, "Draft")
		: is(paper, "state", "voided") ? say(paper, "Void")
					       : NULL;
}

/* Somebody with his address, and his number for the tax. */
static const char *who(const struct paper *paper, const char *name, const char *vat)
{
	const char *number = value(paper, vat);

	return number ? arena_printf(paper->arena, "%s\n%s", value(paper, name), say(paper, "VAT number %s", number))
		      : value(paper, name);
}

static void sides_print(const struct paper *paper)
{
	const char *company = who(paper, "company", "company_vat");
	const char *party = who(paper, "party", "party_vat");
	bool out = is(paper, "direction", "out");

	print_blocks(paper->print,
		(const struct print_block[]){
			{ .label = say(paper, "Sender"), .text = out ? company : party },
			{ .label = say(paper, "Addressee"), .text = out ? party : company },
			{ .label = say(paper, "Destination"), .text = value(paper, "destination") },
		},
		3);
}

/* "Packages 3", where that is known, on a line of its own. */
static void known_add(struct text *out, const char *name, const char *known)
{
	if (known)
		text_addf(out, "%s%s %s", out->length ? "\n" : "", name, known);
}

static void transport_print(const struct paper *paper)
{
	struct text goods = text_new(paper->arena, CAPTION_MAX);
	const char *carrier = value(paper, "carrier");

	known_add(&goods, say(paper, "Packages:"), value(paper, "packages"));
	known_add(
		&goods, say(paper, "Weight in kg:"), as_people_write(paper, FIELD_DECIMAL, value(paper, "weight_kg")));
	known_add(&goods, say(paper, "Appearance:"), value(paper, "appearance"));
	print_blocks(paper->print,
		(const struct print_block[]){
			{ .label = say(paper, "Reason of the transport"), .text = word_of(paper, "reason") },
			{ .label = say(paper, "Transport by"), .text = word_of(paper, "carried_by") },
			{ .label = say(paper, "Carrier"), .text = carrier },
			{ .label = say(paper, "Begin of the transport"), .text = value(paper, "started_at") },
		},
		4);
	if (goods.length)
		print_blocks(paper->print,
			&(const struct print_block){ .label = say(paper, "Goods"), .text = text_c(&goods) }, 1);
}

/* The serials of a line, below it, in as many rows as they need: on this paper none may miss. */
static void serials_print(const struct paper *paper, const json_t *list)
{
	const char *name = say(paper, "Serials:");
	struct text row = text_new(paper->arena, PRINT_CELL_MAX);
	size_t index;
	const json_t *serial;

	json_array_foreach((json_t *)list, index, serial) {
		text_addf(&row, "%s%s", row.length ? ", " : "", json_string_value(serial));
		if (row.length < SERIALS_MAX && index + 1 < json_array_size(list))
			continue;
		print_row(paper->print,
			(const char *const[]){
				NULL, arena_printf(paper->arena, "%s %s", name, text_c(&row)), NULL, NULL });
		text_clear(&row);
	}
}

static void lines_print(const struct paper *paper)
{
	const struct print_column columns[] = {
		{ say(paper, "Code"), 2, false, LINES_OF_CELL },
		{ say(paper, "Description of the goods"), 6, false, LINES_OF_CELL },
		{ say(paper, "Unit"), 0.8, false, 0 },
		{ say(paper, "Quantity"), 1.2, true, 0 },
	};

	print_table(paper->print, columns, sizeof(columns) / sizeof(columns[0]));
	for (int row = 0; row < PQntuples(paper->lines); row++) {
		print_row(paper->print,
			(const char *const[]){
				PQgetvalue(paper->lines, row, 0),
				PQgetvalue(paper->lines, row, 1),
				PQgetvalue(paper->lines, row, 2),
				as_people_write(paper, FIELD_DECIMAL, PQgetvalue(paper->lines, row, 3)),
			});
		serials_print(paper, pg_json(paper->arena, paper->lines, row, 4));
	}
}

static void text_named(const struct paper *paper, const char *name, const char *text)
{
	print_text(paper->print, arena_printf(paper->arena, "%s %s", name, text));
}

static void foot_print(const struct paper *paper)
{
	const char *notes = value(paper, "notes");

	if (is(paper, "state", "voided"))
		text_named(paper, say(paper, "Void:"), value(paper, "void_reason"));
	if (notes)
		text_named(paper, say(paper, "Notes:"), notes);
	print_blocks(paper->print,
		(const struct print_block[]){
			{ .label = say(paper, "Signature of the sender"), .sign = true },
			{ .label = say(paper, "Signature of the carrier"), .sign = true },
			{ .label = say(paper, "Signature of the addressee"), .sign = true },
		},
		3);
}

/* On this paper nothing may miss, so what is too long for one is refused, before anything is set. */
static enum fault paper_check(struct request *request, const struct paper *paper)
{
	size_t bytes = 0;

	for (int row = 0; row < PQntuples(paper->lines); row++)
		bytes += (size_t)PQgetlength(paper->lines, row, 1) + (size_t)PQgetlength(paper->lines, row, 4);
	if (bytes <= (size_t)PAPER_KIB_MAX * 1024)
		return FAULT_NONE;
	fault_add(&request->faults, "/lines", "length", "descriptions and serials are %zu KiB, more than %d",
		bytes / 1024, PAPER_KIB_MAX);
	return request_fail(request, FAULT_CONFLICT, "It is too long for one paper: make several documents of it.");
}

static enum fault take(void *context, const char *bytes, size_t length)
{
	struct text *pdf = context;

	text_add_bytes(pdf, bytes, length);
	return pdf->full ? FAULT_INTERNAL : FAULT_NONE;
}

static const char *file_name(const struct paper *paper)
{
	const char *number = value(paper, "number");
	char *name = arena_printf(paper->arena, "%s.pdf", number ? number : say(paper, "draft"));

	for (char *c = name; *c; c++)
		if (*c == '/')
			*c = '-';
	return name;
}

static enum fault paper_answer(struct request *request, struct paper *paper)
{
	struct text pdf = text_new(request->arena, RESPONSE_BODY_MAX);
	enum fault fault;

	paper->title = title_of(paper);
	paper->print = print_new(paper->arena,
		&(struct print_page){
			.title = paper->title,
			.footer = paper->title,
			.page = say(paper, "Page"),
			.of = say(paper, "of"),
			.across = across_of(paper),
		});
	sides_print(paper);
	transport_print(paper);
	lines_print(paper);
	foot_print(paper);
	fault = print_full(paper->print) ? FAULT_INTERNAL : print_end(paper->print, take, &pdf);
	if (fault)
		return fault;
	response_file(request, MEDIA, file_name(paper), true);
	request->response.body = text_c(&pdf);
	request->response.length = pdf.length;
	return FAULT_NONE;
}

enum fault transport_paper_get(struct request *request)
{
	const struct store *store = request->endpoint->store;
	const struct tenant *tenant = &request->tenant;
	const char *id = request->parameters[0];
	struct paper paper = { .arena = request->arena, .italian = text_starts(tenant->language, "it") };
	struct pg_batch *batch = request_batch(request);
	size_t head;
	size_t lines;
	enum fault fault;

	pg_add(batch, &store->guard[request->sight], PG_VALUES(id));
	head = pg_add(batch, &sql_transport_paper,
		PG_VALUES(id, tenant->name, tenant->time_zone, cells_time_format(paper.italian)));
	lines = pg_add(batch, &sql_transport_paper_lines, PG_VALUES(id));
	fault = request_execute(request, batch);
	if (fault)
		return fault;
	paper.head = pg_result(batch, head);
	paper.lines = pg_result(batch, lines);
	fault = paper_check(request, &paper);
	return fault ? fault : paper_answer(request, &paper);
}
