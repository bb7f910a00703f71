#include "config.h"

#include "arena.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct option common[] = {
	{ "AFTERCARE_LISTEN", OPTION_ADDRESS, false, "127.0.0.1:7100", 0, 0, NULL, "Where the API is served." },
	{ "AFTERCARE_LOG_LEVEL", OPTION_CHOICE, false, "info", 0, 0, "debug info warning error", "Lowest level." },
	{ "AFTERCARE_WORKERS", OPTION_INTEGER, false, "4", 1, 64, NULL, "Threads." },
	{ "AFTERCARE_OFFSET", OPTION_INTEGER, false, NULL, 0, 0, NULL, "Any number." },
	{ 0 },
};

static const struct option own[] = {
	{ "AFTERCARE_DATABASE_PASSWORD", OPTION_SECRET, true, NULL, 8, 100, NULL, "Password of the role." },
	{ "AFTERCARE_DEMO", OPTION_BOOLEAN, false, "false", 0, 0, NULL, "Demo data." },
	{ "AFTERCARE_ISSUER", OPTION_URL, false, NULL, 0, 0, NULL, "Who signs." },
	{ "AFTERCARE_TITLE", OPTION_TEXT, false, NULL, 0, 5, NULL, "Shown on top." },
	{ 0 },
};

static const struct option *const tables[] = { common, own, NULL };

struct fixture {
	struct arena *arena;
	struct fault_list faults;
	struct config *config;
};

#define VARIABLES(...) ((char *const[]){ __VA_ARGS__, NULL })
#define PASSWORD       "AFTERCARE_DATABASE_PASSWORD=correct horse"

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->arena = arena_new();
	fixture->faults.arena = fixture->arena;
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	arena_free(fixture->arena);
	free(fixture);
	return 0;
}

/* Loads with arguments up to NULL. */
static enum fault load(struct fixture *fixture, char *const arguments[], char *const environment[])
{
	int count = 0;

	while (arguments[count])
		count++;
	return config_load(fixture->arena, tables, count, arguments, environment, &fixture->config, &fixture->faults);
}

static void assert_fault(const struct fixture *fixture, const char *parameter, const char *code)
{
	for (size_t i = 0; i < fixture->faults.count; i++) {
		const struct fault_detail *item = &fixture->faults.items[i];

		if (strcmp(item->parameter, parameter) == 0 && strcmp(item->code, code) == 0)
			return;
	}
	fail_msg("no fault %s of %s", code, parameter);
}

static void defaults_hold(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(load(fixture, VARIABLES(NULL), VARIABLES(PASSWORD, "PATH=/bin")), FAULT_NONE);
	assert_string_equal(config_text(fixture->config, "AFTERCARE_LISTEN"), "127.0.0.1:7100");
	assert_int_equal(config_integer(fixture->config, "AFTERCARE_WORKERS"), 4);
	assert_false(config_boolean(fixture->config, "AFTERCARE_DEMO"));
	assert_null(config_text(fixture->config, "AFTERCARE_ISSUER"));
	assert_null(config_text(fixture->config, "AFTERCARE_OFFSET"));
	assert_string_equal(config_text(fixture->config, "AFTERCARE_DATABASE_PASSWORD"), "correct horse");
}

static void flag_beats_environment_beats_default(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(load(fixture, VARIABLES("--workers=7", "--log-level", "debug", "--offset", "-12"),
				 VARIABLES(PASSWORD, "AFTERCARE_WORKERS=6", "AFTERCARE_DEMO=true")),
		FAULT_NONE);
	assert_int_equal(config_integer(fixture->config, "AFTERCARE_WORKERS"), 7);
	assert_string_equal(config_text(fixture->config, "AFTERCARE_LOG_LEVEL"), "debug");
	assert_int_equal(config_integer(fixture->config, "AFTERCARE_OFFSET"), -12);
	assert_true(config_boolean(fixture->config, "AFTERCARE_DEMO"));
}

static void empty_variable_is_not_set(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
		load(fixture, VARIABLES(NULL), VARIABLES(PASSWORD, "AFTERCARE_WORKERS=", "AFTERCARE_X=")), FAULT_NONE);
	assert_int_equal(config_integer(fixture->config, "AFTERCARE_WORKERS"), 4);
}

static void all_faults_are_told_at_once(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
		load(fixture, VARIABLES("--nonsense", "stray", "--demo=yes", "--title", "too long", "--listen"),
			VARIABLES("AFTERCARE_WORKERS=65", "AFTERCARE_TYPO=1", "AFTERCARE_LOG_LEVEL=loud",
				"AFTERCARE_ISSUER=ftp://x", "AFTERCARE_OFFSET=1x", "AFTERCARE_WORKERS_FILE=/x")),
		FAULT_INVALID);
	assert_null(fixture->config);
	assert_fault(fixture, "--nonsense", "unknown");
	assert_fault(fixture, "stray", "unknown");
	assert_fault(fixture, "AFTERCARE_DEMO", "type");
	assert_fault(fixture, "AFTERCARE_TITLE", "length");
	assert_fault(fixture, "AFTERCARE_LISTEN", "required");
	assert_fault(fixture, "AFTERCARE_WORKERS", "range");
	assert_fault(fixture, "AFTERCARE_TYPO", "unknown");
	assert_fault(fixture, "AFTERCARE_LOG_LEVEL", "choice");
	assert_fault(fixture, "AFTERCARE_ISSUER", "type");
	assert_fault(fixture, "AFTERCARE_OFFSET", "type");
	assert_fault(fixture, "AFTERCARE_WORKERS_FILE", "unknown");
	assert_fault(fixture, "AFTERCARE_DATABASE_PASSWORD", "required");
	assert_int_equal(fixture->faults.count, 12);
}

static void twice_is_a_fault(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(load(fixture, VARIABLES("--workers=1", "--workers=2"),
				 VARIABLES(PASSWORD, "AFTERCARE_DATABASE_PASSWORD_FILE=/dev/null")),
		FAULT_INVALID);
	assert_fault(fixture, "AFTERCARE_WORKERS", "duplicate");
	assert_fault(fixture, "AFTERCARE_DATABASE_PASSWORD", "duplicate");
}

static void file_write(char path[], const char *content, size_t length)
{
	int file = mkstemp(path);

	assert_true(file >= 0);
	assert_int_equal(write(file, content, length), length);
	close(file);
}

static void secret_comes_from_a_file(void **state)
{
	struct fixture *fixture = *state;
	char path[] = "/tmp/config_test_XXXXXX";
	char variable[128];

	file_write(path, "two words\n", 10);
	snprintf(variable, sizeof(variable), "AFTERCARE_DATABASE_PASSWORD_FILE=%s", path);
	assert_int_equal(load(fixture, VARIABLES(NULL), VARIABLES(variable)), FAULT_NONE);
	assert_string_equal(config_text(fixture->config, "AFTERCARE_DATABASE_PASSWORD"), "two words");
	/* A flag replaces the file of the environment, and the other way round. */
	assert_int_equal(load(fixture, VARIABLES("--database-password=from a flag"), VARIABLES(variable)), FAULT_NONE);
	assert_string_equal(config_text(fixture->config, "AFTERCARE_DATABASE_PASSWORD"), "from a flag");
	assert_int_equal(load(fixture, VARIABLES("--database-password-file", path), VARIABLES(PASSWORD)), FAULT_NONE);
	assert_string_equal(config_text(fixture->config, "AFTERCARE_DATABASE_PASSWORD"), "two words");
	unlink(path);
}

static void bad_secret_files_are_refused_without_showing_them(void **state)
{
	struct fixture *fixture = *state;
	char path[] = "/tmp/config_test_XXXXXX";
	char variable[128];

	file_write(path, "hidden\0hidden", 13);
	snprintf(variable, sizeof(variable), "AFTERCARE_DATABASE_PASSWORD_FILE=%s", path);
	assert_int_equal(load(fixture, VARIABLES(NULL), VARIABLES(variable)), FAULT_INVALID);
	unlink(path);
	assert_int_equal(load(fixture, VARIABLES(NULL), VARIABLES(variable)), FAULT_INVALID);
	assert_int_equal(load(fixture, VARIABLES("--database-password=hidden"), VARIABLES(NULL)), FAULT_INVALID);
	assert_int_equal(load(fixture, VARIABLES("--database-password-file=/tmp"), VARIABLES(NULL)), FAULT_INVALID);
	assert_int_equal(fixture->faults.count, 4);
	assert_string_equal(fixture->faults.items[0].code, "file");
	assert_string_equal(fixture->faults.items[1].code, "file");
	assert_string_equal(fixture->faults.items[2].code, "length");
	assert_string_equal(fixture->faults.items[3].code, "file");
	for (size_t i = 0; i < fixture->faults.count; i++)
		assert_null(strstr(fixture->faults.items[i].detail, "hidden"));
}

static bool accepted(struct fixture *fixture, const char *flag, const char *text)
{
	return load(fixture, VARIABLES((char *)(uintptr_t)flag, (char *)(uintptr_t)text), VARIABLES(PASSWORD)) ==
		FAULT_NONE;
}

static void addresses(void **state)
{
	static const char *const good[] = { "localhost:1", "[::1]:7100", "[fe80::2]:9", "db-1.example.org:65535",
		"0.0.0.0:0" };
	static const char *const bad[] = { "", ":80", "localhost", "localhost:", "localhost:65536", "localhost:-1",
		"localhost:8o", "::1:80", "[::1]", "[]:80", "[localhost]:80", "a b:80", "localhost:0000080", "[::1:80",
		"user@host:80" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (!accepted(fixture, "--listen", good[i]))
			fail_msg("refused %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (accepted(fixture, "--listen", bad[i]))
			fail_msg("accepted %s", bad[i]);
}

static void urls(void **state)
{
	static const char *const good[] = { "http://localhost", "https://id.example.org/realms/one?x=1",
		"http://[::1]:8080/", "http://[::1]", "http://127.0.0.1:7000" };
	static const char *const bad[] = { "", "http://", "http:///x", "HTTPS", "https://a b", "https://me:pw@host/",
		"http://host:99999", "http://[::1", "http://[x]:1/", "javascript:alert(1)", "https://h/#x",
		"https://h\n/", "//host" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (!accepted(fixture, "--issuer", good[i]))
			fail_msg("refused %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (accepted(fixture, "--issuer", bad[i]))
			fail_msg("accepted %s", bad[i]);
}

static void values_are_checked_by_type(void **state)
{
	struct fixture *fixture = *state;

	assert_true(accepted(fixture, "--title", "àèìòù"));
	assert_false(accepted(fixture, "--title", "àèìòùx"));
	assert_false(accepted(fixture, "--title", "\xC3"));
	assert_true(accepted(fixture, "--offset", "9223372036854775807"));
	assert_false(accepted(fixture, "--offset", "9223372036854775808"));
	assert_false(accepted(fixture, "--offset", " 1"));
	assert_false(accepted(fixture, "--offset", "+1"));
	assert_false(accepted(fixture, "--offset", "-"));
	assert_false(accepted(fixture, "--offset", ""));
	assert_false(accepted(fixture, "--workers", "0"));
	assert_false(accepted(fixture, "--demo", "TRUE"));
	assert_false(accepted(fixture, "--log-level", "info warning"));
	assert_false(accepted(fixture, "--log-level", ""));
	assert_false(accepted(fixture, "--LOG-LEVEL", "info"));
	assert_false(accepted(fixture, "--log_level", "info"));
	assert_false(accepted(fixture, "-workers", "3"));
	assert_false(accepted(fixture, "--", "3"));
}

static char *printed(void (*print)(FILE *out, const struct option *const list[]))
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	print(out, tables);
	fclose(out);
	return text;
}

static void help_shows_every_option(void **state)
{
	char *help = printed(config_help);
	char *markdown = printed(config_markdown);

	(void)state;
	assert_non_null(strstr(help,
		"--listen HOST:PORT\n      Where the API is served.\n"
		"      AFTERCARE_LISTEN; HOST:PORT; default 127.0.0.1:7100\n"));
	assert_non_null(strstr(help, "--database-password-file FILE"));
	assert_non_null(strstr(help, "8 to 100 characters; required"));
	assert_non_null(strstr(help, "one of: debug info warning error; default info"));
	assert_non_null(strstr(markdown, "| `AFTERCARE_WORKERS` | `--workers` | 1 to 64 | `4` | Threads. |\n"));
	assert_non_null(strstr(markdown, "| `AFTERCARE_DATABASE_PASSWORD` or `…_FILE` | `--database-password` |"));
	free(help);
	free(markdown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(defaults_hold, set_up, tear_down),
		cmocka_unit_test_setup_teardown(flag_beats_environment_beats_default, set_up, tear_down),
		cmocka_unit_test_setup_teardown(empty_variable_is_not_set, set_up, tear_down),
		cmocka_unit_test_setup_teardown(all_faults_are_told_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(twice_is_a_fault, set_up, tear_down),
		cmocka_unit_test_setup_teardown(secret_comes_from_a_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bad_secret_files_are_refused_without_showing_them, set_up, tear_down),
		cmocka_unit_test_setup_teardown(addresses, set_up, tear_down),
		cmocka_unit_test_setup_teardown(urls, set_up, tear_down),
		cmocka_unit_test_setup_teardown(values_are_checked_by_type, set_up, tear_down),
		cmocka_unit_test(help_shows_every_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
