#include "language.h"

#include "arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void says(const char *english, const char *italian)
{
	struct arena *arena = arena_new();

	assert_string_equal(language_italian(arena, english), italian);
	arena_free(arena);
}

static void whole_sentences(void **state)
{
	(void)state;
	says("is required", "è obbligatorio");
	says("There is no such call.", "Questa chiamata non esiste.");
	assert_null(language_italian(NULL, NULL));
}

static void what_is_put_in_stays(void **state)
{
	(void)state;
	says("at most 20 characters, has 31", "al massimo 20 caratteri, ne ha 31");
	says("must be one of: low normal high", "dev'essere uno tra: low normal high");
	says("must have the form ^[A-Z]{3}$", "deve avere la forma ^[A-Z]{3}$");
	says("Article {2} is no longer in use.", "L'articolo {2} non è più in uso.");
	says("Of P1, 2 pcs are available in MAIN; 3 were asked for.",
		"Di P1 in MAIN sono disponibili 2 pcs; ne sono stati chiesti 3.");
}

static void words_within_are_looked_up(void **state)
{
	(void)state;
	says("There is no such free field.", "Non trovato: campo libero.");
	says("There is no such thing nobody knows.", "Non trovato: thing nobody knows.");
	says("The token was refused: the token has expired.", "Token rifiutato: il token è scaduto.");
	says("Too many requests of this account: wait 1 second.", "Troppe richieste da questo utente: attendere 1 s.");
}

/* Of two templates that fit, the one with more words of its own. */
static void the_nearest_counts(void **state)
{
	(void)state;
	says("There is no such call (yet).", "Questa chiamata non esiste (per ora).");
	says("There is no such contact (yet).", "Non trovato (per ora): contatto.");
}

static void the_unknown_stays_as_it_is(void **state)
{
	static char longest[LANGUAGE_SENTENCE_MAX * 2];

	(void)state;
	says("", "");
	says("is requiredx", "is requiredx");
	says("Nobody says this.", "Nobody says this.");
	memset(longest, '.', sizeof(longest) - 1);
	memcpy(longest, "must be one of: ", 16);
	says(longest, longest);
}

static void names_and_values_have_words(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(language_name(arena, "opened_at", true), "aperto il");
	assert_string_equal(language_name(arena, "opened_at", false), "opened at");
	assert_string_equal(language_name(arena, "nobody_knows", true), "nobody knows");
	assert_string_equal(language_value(arena, "state", "in_progress", true), "in corso");
	assert_string_equal(language_value(arena, "state", "in_progress", false), "in progress");
	assert_string_equal(language_value(arena, "direction", "in", true), "entrata");
	assert_string_equal(language_value(arena, "warranty", "in", true), "in garanzia");
	assert_string_equal(language_value(arena, "state", "nobody_knows", true), "nobody knows");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_sentences),
		cmocka_unit_test(what_is_put_in_stays),
		cmocka_unit_test(words_within_are_looked_up),
		cmocka_unit_test(the_nearest_counts),
		cmocka_unit_test(the_unknown_stays_as_it_is),
		cmocka_unit_test(names_and_values_have_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
