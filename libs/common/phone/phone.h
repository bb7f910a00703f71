/*
 * phone: numbers as people type them, in E.164. A C face of Google's libphonenumber (C++ only), which is loaded when the
 * first number is read: with what it needs it is a quarter of an idle service. Thread safe.
 */
#ifndef AFTERCARE_PHONE_H
#define AFTERCARE_PHONE_H

#include <stdbool.h>

#define PHONE_RAW_MAX  64 /* characters looked at; a longer text is no number */
#define PHONE_E164_MAX 20 /* room for +, 15 digits and the final zero */

#define PHONE_LIBRARY "aftercare-phone.so" /* beside the program; without it the first number ends the process */

/* Whether the library lies where it is looked for: to be asked before a service takes its first request. */
bool phone_ready(void);

/*
 * Writes the E.164 form of raw, read as in country (ISO 3166-1 alpha-2, for numbers without +), into out. False, and out
 * untouched, when it is no valid number. Extensions are dropped.
 */
bool phone_e164(const char *raw, const char *country, char out[PHONE_E164_MAX]);

#endif
