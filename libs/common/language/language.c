#include "language.h"

#include "arena.h"
#include "sentence.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define PARAMETERS_MAX 9
#define NESTED_MAX     3 /* sentences within sentences */

/* A stretch of a sentence that a template has {1} or so for. */
struct stretch {
	const char *at;
	size_t length;
};

static const char *italian(struct arena *arena, const char *sentence, int depth);

/* The number of the parameter that a template has here; 0 when it has none. */
static int parameter_at(const char *template)
{
	return template[0] == '{' && template[1] >= '1' && template[1] <= '9' && template[2] == '}' ? template[1] - '0'
												    : 0;
}

/* Where a literal stands in text: at its end when it is the template's end, else where it comes first; or NULL. */
static const char *literal_find(const char *text, const char *literal, size_t length)
{
	size_t left = strlen(text);

	if (literal[length] == '\0') {
		const char *end = text + left - length;

		return left >= length && memcmp(end, literal, length) == 0 ? end : NULL;
	}
	for (; left >= length; text++, left--)
		if (memcmp(text, literal, length) == 0)
			return text;
	return NULL;
}

/*
 * Whether a template says this sentence; the stretches are then its parameters, the first that fit. Takes time in
 * proportion to the sentence: nothing is tried twice.
 */
static bool says(const char *template, const char *sentence, struct stretch stretches[])
{
	while (*template) {
		int number = parameter_at(template);
		size_t length;
		const char *end;

		template += number ? sizeof("{1}") - 1 : 0;
		length = strcspn(template, "{");
		end = number ? literal_find(sentence, template, length) : sentence;
		if (!end || strncmp(end, template, length) != 0)
			return false;
		if (number)
			stretches[number] = (struct stretch){ sentence, (size_t)(end - sentence) };
		sentence = end + length;
		template += length;
	}
	return *sentence == '\0';
}

/* How many bytes of a template are its own words: of two that fit, the one that says more is meant. */
static size_t words(const char *template)
{
	size_t count = 0;

	for (const char *at = template; *at; at++) {
		if (parameter_at(at))
			at += sizeof("{1}") - 2;
		else
			count++;
	}
	return count;
}

static const struct sentence *sentence_find(const char *sentence, struct stretch found[])
{
	const struct sentence *best = NULL;

	for (const struct sentence *entry = language_sentences; entry->english; entry++) {
		struct stretch stretches[PARAMETERS_MAX + 1] = { 0 };

		if (!says(entry->english, sentence, stretches) ||
			(best && words(entry->english) <= words(best->english)))
			continue;
		best = entry;
		memcpy(found, stretches, sizeof(stretches));
	}
	return best;
}

static const char *filled(struct arena *arena, const char *template, const struct stretch stretches[], int depth)
{
	struct text out = text_new(arena, LANGUAGE_SENTENCE_MAX * 2);

	while (*template) {
		bool nested = template[0] == '{' && template[1] == '=';
		int number = nested ? template[2] - '0' : parameter_at(template);

		if (!number) {
			text_add_char(&out, *template ++);
		} else if (nested) {
			text_add(&out,
				italian(arena, arena_strndup(arena, stretches[number].at, stretches[number].length),
					depth + 1));
			template += sizeof("{=1}") - 1;
		} else {
			text_add_bytes(&out, stretches[number].at, stretches[number].length);
			template += sizeof("{1}") - 1;
		}
	}
	return out.full ? NULL : text_c(&out);
}

static const char *italian(struct arena *arena, const char *sentence, int depth)
{
	struct stretch stretches[PARAMETERS_MAX + 1];
	const struct sentence *entry;
	const char *turned;

	if (depth > NESTED_MAX || strnlen(sentence, LANGUAGE_SENTENCE_MAX + 1) > LANGUAGE_SENTENCE_MAX)
		return sentence;
	entry = sentence_find(sentence, stretches);
	turned = entry ? filled(arena, entry->italian, stretches, depth) : NULL;
	return turned ? turned : sentence;
}

const char *language_italian(struct arena *arena, const char *sentence)
{
	return sentence ? italian(arena, sentence, 0) : NULL;
}

static int word_compare(const void *name, const void *word)
{
	return strcmp(name, ((const struct word *)word)->name);
}

/* NULL when the catalogue does not have it. */
static const char *word_find(const char *name)
{
	const struct word *word =
		bsearch(name, language_words, language_words_count, sizeof(language_words[0]), word_compare);

	return word ? word->italian : NULL;
}

const char *language_name(struct arena *arena, const char *name, bool in_italian)
{
	const char *word = in_italian ? word_find(name) : NULL;

	return word ? word : text_words(arena, name);
}

const char *language_value(struct arena *arena, const char *field, const char *value, bool in_italian)
{
	const char *word = in_italian ? word_find(arena_printf(arena, "%s=%s", field, value)) : NULL;

	if (!word && in_italian)
		word = word_find(arena_printf(arena, "=%s", value));
	return word ? word : text_words(arena, value);
}
