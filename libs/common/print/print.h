/*
 * print: plain well-set pages as PDF: a title, paragraphs, blocks side by side (who sends, who receives), tables whose
 * head comes again on every page, "Page 2 of 7" at the foot of each. For lists and transport documents.
 *
 * Text is UTF-8 of any script; Pango sets it, cairo writes the PDF, with the fonts embedded. A print is filled from the
 * top downwards and lives on its arena. Pages are kept until print_end, because the first ones tell how many there are.
 * One thread a print; different threads may print at once.
 *
 * This interface is there twice: print.c sends what is called to a program of its own, which printer/pages.c sets. So the
 * libraries and the pages are in memory only while something is printed, and what text does to them no service dies of.
 * What fails there, print_end tells.
 */
#ifndef AFTERCARE_PRINT_H
#define AFTERCARE_PRINT_H

#include "arena.h"
#include "fault.h"

#include <stdbool.h>
#include <stddef.h>

#define PRINT_PAGES_MAX   1000
#define PRINT_COLUMNS_MAX 20
#define PRINT_BLOCKS_MAX  4
#define PRINT_CELL_LINES  4    /* of a table's cell; what is longer ends in … */
#define PRINT_CELL_MAX    2000 /* bytes of a cell that are looked at */

#define PRINT_PRINTER        "aftercare-printer" /* the program, beside the one that prints */
#define PRINTERS_MAX         8                   /* at once, of a service; another print waits for its turn, */
#define PRINT_WAIT_MS        5000                /* but not longer */
#define PRINT_ANSWER_SECONDS 30 /* a printer that takes and gives nothing for so long hangs: it is ended */

/* What all pages have. */
struct print_page {
	bool landscape; /* A4 either way */
	const char *title;
	const char *footer; /* left of the number; or NULL */
	const char *page;   /* "Page" */
	const char *of;     /* "of" */
	const char *across; /* "DRAFT": large and pale behind all of every page; or NULL */
};

struct print_column {
	const char *title;
	double share; /* of the width, against those of the others */
	bool right;   /* numbers */
	int lines;    /* of a cell, at most; 0: PRINT_CELL_LINES */
};

struct print_block {
	const char *label;
	const char *text; /* its line ends are kept; or NULL */
	bool sign;        /* room to sign below, above a line */
};

struct print;

struct print *print_new(struct arena *arena, const struct print_page *page);

/* A paragraph in small print; its line ends are kept, and it may go on over pages. It ends a table. */
void print_text(struct print *print, const char *text);

/* Blocks side by side, each as wide as the next. */
void print_blocks(struct print *print, const struct print_block blocks[], size_t count);

/* Begins a table; the columns are borrowed until its last row. */
void print_table(struct print *print, const struct print_column columns[], size_t count);

/* A row of the table at hand: a text for each column, NULL for an empty cell. */
void print_row(struct print *print, const char *const cells[]);

/* Whether there was more than PRINT_PAGES_MAX pages hold: the rest is left out. */
bool print_full(struct print *print);

/* Takes the next bytes of the PDF; a fault ends it. */
typedef enum fault (*print_take)(void *context, const char *bytes, size_t length);

/*
 * Numbers the pages and writes the PDF. The fault of `take`, or FAULT_INTERNAL when the printer or its library failed or hung, or
 * FAULT_BUSY when no printer came free in time.
 */
enum fault print_end(struct print *print, print_take take, void *context) __attribute__((warn_unused_result));

#endif
