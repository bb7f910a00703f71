#include "config.h"

#include "arena.h"
#include "option.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

struct config {
	size_t count;
	struct option_value values[CONFIG_OPTION_MAX];
};

static _Noreturn void defect(const char *name, const char *what)
{
	fprintf(stderr, "aftercare: option %s %s\n", name, what);
	abort();
}

static struct option_value *value_named(struct config *config, const char *name, size_t length)
{
	for (size_t i = 0; i < config->count; i++) {
		const char *other = config->values[i].option->name;

		if (strlen(other) == length && memcmp(other, name, length) == 0)
			return &config->values[i];
	}
	return NULL;
}

static void tables_add(struct config *config, const struct option *const tables[])
{
	for (; *tables; tables++) {
		for (const struct option *option = *tables; option->name; option++) {
			if (!text_starts(option->name, OPTION_PREFIX) || config->count == CONFIG_OPTION_MAX)
				defect(option->name, "is not named like one, or one too many");
			if (value_named(config, option->name, strlen(option->name)))
				defect(option->name, "is in the tables twice");
			config->values[config->count++] = (struct option_value){
				.option = option,
				.source = option->fallback ? SOURCE_FALLBACK : SOURCE_NONE,
				.text = option->fallback,
			};
		}
	}
}

/* Takes a value from a source; the same option twice in one source, also as text and as file, is a fault. */
static void value_give(
	struct option_value *value, enum option_source source, const char *text, bool file, struct fault_list *faults)
{
	if (value->source == source) {
		fault_add_parameter(faults, value->option->name, "duplicate", "%s is given twice", value->option->name);
		return;
	}
	value->source = source;
	value->text = file ? NULL : text;
	value->file = file ? text : NULL;
}

/* The option that a variable's name means; *file tells whether its value is the name of a file. */
static struct option_value *value_of_variable(struct config *config, const char *name, size_t length, bool *file)
{
	struct option_value *value = value_named(config, name, length);
	size_t tail = strlen(OPTION_FILE);

	*file = false;
	if (value || length <= tail || memcmp(name + length - tail, OPTION_FILE, tail) != 0)
		return value;
	value = value_named(config, name, length - tail);
	*file = true;
	return value && value->option->type == OPTION_SECRET ? value : NULL;
}

static void environment_read(struct config *config, char *const environment[], struct fault_list *faults)
{
	for (; *environment; environment++) {
		const char *name = *environment;
		size_t length = strcspn(name, "=");
		struct option_value *value;
		bool file;

		if (!text_starts(name, OPTION_PREFIX) || name[length] != '=' || name[length + 1] == '\0')
			continue;
		value = value_of_variable(config, name, length, &file);
		if (value)
			value_give(value, SOURCE_ENVIRONMENT, name + length + 1, file, faults);
		else
			fault_add_parameter(faults, arena_strndup(faults->arena, name, length), "unknown",
				"%.*s is no option of this program", (int)length, name);
	}
}

/* The option that a flag (without its dashes) means; like value_of_variable. */
static struct option_value *value_of_flag(struct config *config, const char *flag, size_t length, bool *file)
{
	char name[sizeof(OPTION_PREFIX) + OPTION_FLAG_MAX];
	size_t prefix = strlen(OPTION_PREFIX);

	if (length >= OPTION_FLAG_MAX)
		return NULL;
	memcpy(name, OPTION_PREFIX, sizeof(OPTION_PREFIX));
	for (size_t i = 0; i < length; i++) {
		char c = flag[i];

		if (c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z'))
			return NULL;
		name[prefix + i] = (char)(c == '-' ? '_' : c >= 'a' ? c - 'a' + 'A' : c);
	}
	return value_of_variable(config, name, prefix + length, file);
}

static void flags_read(struct config *config, int count, char *const arguments[], struct fault_list *faults)
{
	for (int i = 0; i < count; i++) {
		const char *flag = arguments[i];
		size_t length = strcspn(flag, "=");
		struct option_value *value = NULL;
		bool file;

		if (text_starts(flag, "--"))
			value = value_of_flag(config, flag + 2, length - 2, &file);
		if (!value)
			fault_add_parameter(faults, arena_strndup(faults->arena, flag, length), "unknown",
				"%.*s is no option of this program", (int)length, flag);
		else if (flag[length] == '=')
			value_give(value, SOURCE_FLAG, flag + length + 1, file, faults);
		else if (i + 1 < count)
			value_give(value, SOURCE_FLAG, arguments[++i], file, faults);
		else
			fault_add_parameter(faults, value->option->name, "required", "%s needs a value", flag);
	}
}

/* Reads a secret's file; the text, or NULL and a fault that doesn't show the content. */
static const char *file_read(struct arena *arena, const struct option_value *value, struct fault_list *faults)
{
	const size_t most = (size_t)CONFIG_TEXT_MAX * 4; /* bytes of that many characters */
	FILE *file = fopen(value->file, "re");
	char *text;
	size_t length;
	bool failed;

	if (!file) {
		fault_add_parameter(faults, value->option->name, "file", "%s can't be read from %s: %m",
			value->option->name, value->file);
		return NULL;
	}
	text = arena_alloc(arena, most + 2);
	length = fread(text, 1, most + 1, file);
	failed = ferror(file) != 0;
	fclose(file);
	if (failed || length > most || memchr(text, '\0', length)) {
		fault_add_parameter(faults, value->option->name, "file", "%s is not a text of at most %zu bytes, in %s",
			value->option->name, most, value->file);
		return NULL;
	}
	if (length > 0 && text[length - 1] == '\n')
		length--;
	if (length > 0 && text[length - 1] == '\r')
		length--;
	text[length] = '\0';
	return text;
}

static void value_finish(struct arena *arena, struct option_value *value, struct fault_list *faults)
{
	if (value->file) {
		value->text = file_read(arena, value, faults);
		if (!value->text)
			return;
	}
	if (value->option->required && (!value->text || value->text[0] == '\0')) {
		fault_add_parameter(faults, value->option->name, "required", "%s is required: %s", value->option->name,
			value->option->help);
		return;
	}
	if (!value->text)
		return;
	if (value->source != SOURCE_FALLBACK)
		value->text = arena_strdup(arena, value->text);
	option_check(value, faults);
}

enum fault config_load(struct arena *arena, const struct option *const tables[], int count, char *const arguments[],
	char *const environment[], struct config **config, struct fault_list *faults)
{
	struct config *loaded = arena_alloc(arena, sizeof(*loaded));
	size_t before = faults->count;

	tables_add(loaded, tables);
	environment_read(loaded, environment, faults);
	flags_read(loaded, count, arguments, faults);
	for (size_t i = 0; i < loaded->count; i++)
		value_finish(arena, &loaded->values[i], faults);
	if (faults->count > before)
		return FAULT_INVALID;
	*config = loaded;
	return FAULT_NONE;
}

static const struct option_value *value_get(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->count; i++)
		if (strcmp(config->values[i].option->name, name) == 0)
			return &config->values[i];
	defect(name, "is in no table");
}

/* The value of an option that must be of this type. */
static const struct option_value *value_typed(const struct config *config, const char *name, enum option_type type)
{
	const struct option_value *value = value_get(config, name);

	if (value->option->type != type)
		defect(name, "is asked for as another type");
	return value;
}

const char *config_text(const struct config *config, const char *name)
{
	return value_get(config, name)->text;
}

long config_integer(const struct config *config, const char *name)
{
	return value_typed(config, name, OPTION_INTEGER)->integer;
}

bool config_boolean(const struct config *config, const char *name)
{
	return value_typed(config, name, OPTION_BOOLEAN)->boolean;
}
