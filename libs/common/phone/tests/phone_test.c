#include "phone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *raw;
	const char *country;
	const char *e164; /* NULL: no number */
} vectors[] = {
	{ "02 1234567", "IT", "+39021234567" }, /* Italian landlines keep their zero */
	{ "+39 02 1234567", "GB", "+39021234567" },
	{ "333 1234567", "IT", "+393331234567" },
	{ "0039 333 123 4567", "IT", "+393331234567" },
	{ "(020) 7946 0018", "GB", "+442079460018" },
	{ "+44 20 7946 0018", "IT", "+442079460018" },
	{ "02 1234567 ext. 12", "IT", "+39021234567" },
	{ "+39 333 123 4567", "IT", "+393331234567" },
	{ "tel:+39-02-1234567", "US", "+39021234567" },
	{ "02.123.4567", "IT", "+39021234567" },
	{ "1-800-FLOWERS", "US", "+18003569377" },
	{ "\xEF\xBC\x8B\xEF\xBC\x93\xEF\xBC\x99 02 1234567", "US", "+39021234567" }, /* full-width digits */
	{ "call me", "IT", NULL },
	{ "02 1234567 or 333 1234567", "IT", NULL },
	{ "\xFF\xFE 02 1234567 \xC3", "IT", NULL },
	{ "+", "IT", NULL },
	{ "02 1234567", "", NULL },
	{ "02 1234567", "it", NULL }, /* codes are upper case */
	{ "", "IT", NULL },
	{ "12", "IT", NULL },
	{ "+99912345678", "IT", NULL },
	{ "02 1234567", "ZZ", NULL },
	{ "0000000000000000000000000000000000000000000000000000000000000000000000000", "IT", NULL },
};

static void spells_e164(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		char out[PHONE_E164_MAX] = "untouched";
		bool valid = phone_e164(vectors[i].raw, vectors[i].country, out);

		assert_int_equal(valid, vectors[i].e164 != NULL);
		assert_string_equal(out, vectors[i].e164 ? vectors[i].e164 : "untouched");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(spells_e164) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
