#include "print.h"

#include "text.h"

#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PDF_MAX ((size_t)8 * 1024 * 1024)

static const struct print_page page = {
	.title = "Elenco città", .footer = "Officina è aperta", .page = "Pagina", .of = "di"
};
static const struct print_column columns[] = { { "Numero", 1, true }, { "Oggetto", 4, false } };

static enum fault take(void *context, const char *bytes, size_t length)
{
	text_add_bytes(context, bytes, length);
	return FAULT_NONE;
}

static enum fault refuse(void *context, const char *bytes, size_t length)
{
	(void)context;
	(void)bytes;
	(void)length;
	return FAULT_BUSY;
}

/* Runs pdftotext, which keeps the layout of lines. */
static void convert(char *pdf, char *txt)
{
	char *const arguments[] = { (char[]){ "pdftotext" }, (char[]){ "-layout" }, pdf, txt, NULL };
	pid_t child;
	int status;

	assert_int_equal(posix_spawnp(&child, "pdftotext", NULL, NULL, arguments, environ), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* The text of a PDF, as a reader finds it. */
static const char *read_back(struct arena *arena, struct text *pdf)
{
	char path[] = "/tmp/print_test_XXXXXX";
	char read[] = "/tmp/print_test_XXXXXX";
	int file = mkstemp(path);
	int back = mkstemp(read);
	struct text out = text_new(arena, PDF_MAX);
	char piece[4096];
	ssize_t length;

	assert_true(file >= 0 && back >= 0);
	assert_int_equal(write(file, text_c(pdf), pdf->length), (ssize_t)pdf->length);
	close(file);
	convert(path, read);
	while ((length = pread(back, piece, sizeof(piece), (off_t)out.length)) > 0)
		text_add_bytes(&out, piece, (size_t)length);
	close(back);
	unlink(path);
	unlink(read);
	return text_c(&out);
}

static const char *ended(struct arena *arena, struct print *print)
{
	struct text pdf = text_new(arena, PDF_MAX);

	assert_int_equal(print_end(print, take, &pdf), FAULT_NONE);
	assert_memory_equal(text_c(&pdf), "%PDF-1.", 7);
	return read_back(arena, &pdf);
}

static size_t times(const char *text, const char *word)
{
	size_t count = 0;

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
		count++;
	return count;
}

static void words_come_back(void **state)
{
	struct arena *arena = arena_new();
	struct print *print = print_new(arena, &page);
	const struct print_block blocks[] = { { "Mittente", "Cave del Nord S.p.A.\nVia Libertà 1" },
		{ "Destinatario", "Rossi & C." } };
	const char *text;

	(void)state;
	print_text(print, "Filtri: perché è già così, £ € “virgolette”");
	print_blocks(print, blocks, 2);
	print_table(print, columns, 2);
	print_row(print, (const char *const[]){ "1,50", "due\nrighe" });
	print_row(print, (const char *const[]){ NULL, "Ελληνικά, Кириллица" });
	text = ended(arena, print);
	assert_non_null(strstr(text, "Elenco città"));
	assert_non_null(strstr(text, "perché è già così, £ € “virgolette”"));
	assert_non_null(strstr(text, "Via Libertà 1"));
	assert_non_null(strstr(text, "Destinatario"));
	assert_non_null(strstr(text, "due righe"));
	assert_non_null(strstr(text, "Ελληνικά, Кириллица"));
	assert_non_null(strstr(text, "Officina è aperta"));
	assert_non_null(strstr(text, "Pagina 1 di 1"));
	arena_free(arena);
}

static void a_table_goes_on_under_its_head(void **state)
{
	struct arena *arena = arena_new();
	struct print *print = print_new(arena, &page);
	const char *text;

	(void)state;
	print_table(print, columns, 2);
	for (int i = 0; i < 200; i++) {
		char number[8];

		snprintf(number, sizeof(number), "R%03d", i);
		print_row(print, (const char *const[]){ number, "una riga" });
	}
	text = ended(arena, print);
	assert_int_equal(times(text, "una riga"), 200);
	assert_int_equal(times(text, "Oggetto"), times(text, "\f"));
	assert_non_null(strstr(text, "Pagina 2 di 4"));
	assert_null(strstr(text, "Pagina 5"));
	arena_free(arena);
}

static void long_cells_are_cut(void **state)
{
	struct arena *arena = arena_new();
	struct print *print =
		print_new(arena, &(struct print_page){ .landscape = true, .title = "T", .page = "P", .of = "/" });
	char longest[PRINT_CELL_MAX + 100];
	const char *text;

	(void)state;
	for (size_t i = 0; i + 2 < sizeof(longest); i += 2)
		memcpy(longest + i, "\xC3\xA8", 3); /* è: the cut falls between two of them */
	print_table(print, columns, 2);
	print_row(print, (const char *const[]){ "1", longest });
	longest[PRINT_CELL_MAX] = 'x';
	memmove(longest + 1, longest, PRINT_CELL_MAX); /* and into one of them */
	longest[0] = 'x';
	print_row(print, (const char *const[]){ "2", longest });
	print_row(print, (const char *const[]){ "3", "the end" });
	text = ended(arena, print);
	assert_int_equal(times(text, "è\n"), 2 * PRINT_CELL_LINES);
	assert_int_equal(times(text, "è"), 1000 + 999); /* what … stands for is found all the same */
	assert_null(strstr(text, "-"));
	assert_non_null(strstr(text, "the end"));
	arena_free(arena);
}

static void a_paragraph_goes_on_over_pages(void **state)
{
	struct arena *arena = arena_new();
	struct print *print = print_new(arena, &page);
	struct text lines = text_new(arena, PDF_MAX);
	const char *text;

	(void)state;
	for (int i = 0; i < 300; i++)
		text_addf(&lines, "riga %d.\n", i);
	print_text(print, text_c(&lines));
	text = ended(arena, print);
	assert_int_equal(times(text, "riga "), 300);
	assert_non_null(strstr(text, "riga 299."));
	assert_non_null(strstr(text, "Pagina 4 di 4"));
	arena_free(arena);
}

/* A word behind each page, room to sign, and cells of more lines. */
static void a_form(void **state)
{
	static const struct print_column tall[] = { { "Oggetto", 1, false, PRINT_CELL_LINES * 2 },
		{ "", 4, false, 0 } };
	static const struct print_block blocks[] = { { "Firma del mittente", NULL, true },
		{ "Firma del vettore", NULL, true } };
	struct arena *arena = arena_new();
	struct print_page form = page;
	struct print *print;
	struct text cell = text_new(arena, PDF_MAX);
	const char *text;

	(void)state;
	form.across = "ANNULLATO";
	print = print_new(arena, &form);
	print_table(print, tall, 2);
	for (int i = 0; i < 500; i++)
		text_add(&cell, "è");
	for (int i = 0; i < 40; i++)
		print_row(print, (const char *const[]){ text_c(&cell), NULL });
	print_blocks(print, blocks, 2);
	text = ended(arena, print);
	assert_null(strstr(text, "LL")); /* behind the words, not among them */
	assert_true(times(text, "\f") > 1);
	assert_int_equal(times(text, "è\n"), 40 * PRINT_CELL_LINES * 2);
	assert_non_null(strstr(text, "Firma del vettore"));
	arena_free(arena);
}

static void pages_are_bounded(void **state)
{
	struct arena *arena = arena_new();
	struct print *print = print_new(arena, &page);

	(void)state;
	print_table(print, columns, 2);
	for (int i = 0; i < PRINT_PAGES_MAX * 100 && !print_full(print); i++)
		print_row(print, (const char *const[]){ "1", "x" });
	assert_true(print_full(print));
	assert_int_equal(print_end(print, refuse, NULL), FAULT_BUSY);
	arena_free(arena);
}

static void a_printer_that_fails_is_told(void **state)
{
	struct arena *arena = arena_new();
	struct print *print = print_new(arena, &(struct print_page){ .page = "P", .of = "/" }); /* without a title */

	(void)state;
	print_table(print, columns, 2);
	for (int i = 0; i < 100000; i++)
		print_row(print, (const char *const[]){ "1", "x" });
	assert_false(print_full(print));
	assert_int_equal(print_end(print, refuse, NULL), FAULT_INTERNAL);
	arena_free(arena);
}

/* So many at once; the next is told that it is too busy, and after them all is as before. */
static void printers_are_bounded(void **state)
{
	struct arena *arena = arena_new();
	struct arena *more = arena_new();
	struct print *print;

	(void)state;
	for (int i = 0; i < PRINTERS_MAX; i++)
		print_text(print_new(arena, &page), "x");
	print = print_new(more, &page);
	assert_int_equal(print_end(print, refuse, NULL), FAULT_BUSY);
	arena_free(arena);
	print = print_new(more, &page);
	print_text(print, "ancora");
	assert_non_null(strstr(ended(more, print), "ancora"));
	arena_free(more);
}

/* The one child that this process has. */
static pid_t printer_of_ours(void)
{
	FILE *children = fopen("/proc/thread-self/children", "re");
	char line[64] = "";

	assert_non_null(children);
	assert_non_null(fgets(line, sizeof(line), children));
	fclose(children);
	return (pid_t)strtol(line, NULL, 10);
}

/* Nobody waits for it for ever, and its place to print in is free again. */
static void a_printer_that_hangs_is_ended(void **state)
{
	struct arena *arena = arena_new();
	struct print *print = print_new(arena, &page);

	(void)state;
	print_text(print, "x");
	assert_false(print_full(print));
	assert_int_equal(kill(printer_of_ours(), SIGSTOP), 0);
	assert_int_equal(print_end(print, refuse, NULL), FAULT_INTERNAL);
	assert_int_equal(waitpid(-1, NULL, 0), -1);
	arena_free(arena);
}

static void a_print_may_be_given_up(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	print_text(print_new(arena, &page), "x");
	arena_free(arena);
	assert_int_equal(waitpid(-1, NULL, 0), -1); /* no printer is left */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_come_back),
		cmocka_unit_test(a_table_goes_on_under_its_head),
		cmocka_unit_test(long_cells_are_cut),
		cmocka_unit_test(a_paragraph_goes_on_over_pages),
		cmocka_unit_test(a_form),
		cmocka_unit_test(pages_are_bounded),
		cmocka_unit_test(a_printer_that_fails_is_told),
		cmocka_unit_test(printers_are_bounded),
		cmocka_unit_test(a_printer_that_hangs_is_ended),
		cmocka_unit_test(a_print_may_be_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
