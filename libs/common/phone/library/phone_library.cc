#include "phone_library.h"

#include <cstring>
#include <phonenumbers/phonenumberutil.h>
#include <string>

#define E164_DIGITS_MAX 15 /* ITU-T E.164 section 6.1 */

static_assert(1 + E164_DIGITS_MAX < PHONE_E164_MAX, "no room for the longest number");

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

/* No C++ exception may pass into C: whatever goes wrong, it is no number. */
extern "C" bool phone_library_e164(const char *raw, const char *country, char out[PHONE_E164_MAX])
try {
	const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
	PhoneNumber number;
	std::string formatted;

	if (strnlen(raw, PHONE_RAW_MAX + 1) > PHONE_RAW_MAX)
		return false;
	if (util->Parse(raw, country, &number) != PhoneNumberUtil::NO_PARSING_ERROR || !util->IsValidNumber(number))
		return false;
	number.clear_extension();
	util->Format(number, PhoneNumberUtil::E164, &formatted);
	/* The library knows plans (Germany's) with more digits than E.164 allows. */
	if (formatted.empty() || formatted.size() > 1 + E164_DIGITS_MAX)
		return false;
	std::memcpy(out, formatted.c_str(), formatted.size() + 1);
	return true;
} catch (...) {
	return false;
}
