/*
 * phone: numbers as people type them, in E.164. A C face of Google's libphonenumber (C++ only). Thread safe.
 */
#ifndef AFTERCARE_PHONE_H
#define AFTERCARE_PHONE_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PHONE_RAW_MAX  64 /* characters looked at; a longer text is no number */
#define PHONE_E164_MAX 20 /* room for +, 15 digits and the final zero */

/*
 * Writes the E.164 form of raw, read as in country (ISO 3166-1 alpha-2, for numbers without +), into out. False, and out
 * untouched, when it is no valid number. Extensions are dropped.
 */
bool phone_e164(const char *raw, const char *country, char out[PHONE_E164_MAX]);

#ifdef __cplusplus
}
#endif

#endif
