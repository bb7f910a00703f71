/*
 * phone_library: what phone loads: phone_e164 under the name by which it is looked up. Thread safe.
 */
#ifndef AFTERCARE_PHONE_LIBRARY_H
#define AFTERCARE_PHONE_LIBRARY_H

#include "phone.h"

#define PHONE_LIBRARY_E164 "phone_library_e164"

#ifdef __cplusplus
extern "C" {
#endif

bool phone_library_e164(const char *raw, const char *country, char out[PHONE_E164_MAX]);

#ifdef __cplusplus
}
#endif

#endif
