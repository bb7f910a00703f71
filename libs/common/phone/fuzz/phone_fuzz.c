/* Numbers as people, or anybody, type them: what is taken is E.164, and E.164 is taken again as itself. */
#include "phone.h"

#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const countries[] = { "IT", "GB", "US", "DE", "BR", "", "ZZ", "it" };
	char raw[PHONE_RAW_MAX + 8];
	char out[PHONE_E164_MAX];
	char again[PHONE_E164_MAX];

	if (size == 0 || size > sizeof(raw))
		return 0;
	memcpy(raw, data + 1, size - 1);
	raw[size - 1] = '\0';
	if (!phone_e164(raw, countries[data[0] % 8], out))
		return 0;
	if (out[0] != '+' || strlen(out) > 16 || strspn(out + 1, "0123456789") != strlen(out + 1))
		abort();
	if (!phone_e164(out, "", again) || strcmp(out, again) != 0)
		abort();
	return 0;
}
