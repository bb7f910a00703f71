#include "option.h"

/* Says the rule of a value in a few words: "1 to 65535", "debug info warning error". */
static void rule_print(FILE *out, const struct option *option)
{
	if (option->type == OPTION_CHOICE)
		fprintf(out, "one of: %s", option->choices);
	else if (option->type == OPTION_INTEGER && (option->min || option->max))
		fprintf(out, "%ld to %ld", option->min, option->max);
	else if ((option->type == OPTION_TEXT || option->type == OPTION_SECRET) && option->max > 0)
		fprintf(out, "%ld to %ld characters", option->min, option->max);
	else
		fprintf(out, "%s", option_placeholder(option));
}

static void default_print(FILE *out, const struct option *option, const char *quote)
{
	if (option->required)
		fprintf(out, "required");
	else if (option->type == OPTION_SECRET || !option->fallback)
		fprintf(out, "none");
	else
		fprintf(out, "%s%s%s", quote, option->fallback, quote);
}

static void option_help(FILE *out, const struct option *option)
{
	char flag[OPTION_FLAG_MAX];

	option_flag(option, flag);
	fprintf(out, "  --%s %s\n", flag, option_placeholder(option));
	if (option->type == OPTION_SECRET)
		fprintf(out, "  --%s-file FILE\n", flag);
	fprintf(out, "      %s\n      %s%s; ", option->help, option->name,
		option->type == OPTION_SECRET ? " or …" OPTION_FILE : "");
	rule_print(out, option);
	fprintf(out, option->required ? "; " : "; default ");
	default_print(out, option, "");
	fprintf(out, "\n");
}

void config_help(FILE *out, const struct option *const tables[])
{
	for (; *tables; tables++)
		for (const struct option *option = *tables; option->name; option++)
			option_help(out, option);
}

void config_markdown(FILE *out, const struct option *const tables[])
{
	fprintf(out, "| variable | flag | value | default | meaning |\n|---|---|---|---|---|\n");
	for (; *tables; tables++) {
		for (const struct option *option = *tables; option->name; option++) {
			char flag[OPTION_FLAG_MAX];
			bool secret = option->type == OPTION_SECRET;

			fprintf(out, "| `%s`%s | `--%s` | ", option->name, secret ? " or `…" OPTION_FILE "`" : "",
				option_flag(option, flag));
			rule_print(out, option);
			fprintf(out, " | ");
			default_print(out, option, "`");
			fprintf(out, " | %s |\n", option->help);
		}
	}
}
