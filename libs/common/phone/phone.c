#include "phone.h"

#include "beside.h"
#include "phone_library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

static once_flag loaded = ONCE_FLAG_INIT;
static bool (*read_e164)(const char *raw, const char *country, char out[PHONE_E164_MAX]);

bool phone_ready(void)
{
	char path[PATH_MAX];

	return beside(path, PHONE_LIBRARY);
}

/* Without the library every number would be taken for none: rather nothing at all than that. */
static void load(void)
{
	char path[PATH_MAX];
	void *library = beside(path, PHONE_LIBRARY) ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
	void *found = library ? dlsym(library, PHONE_LIBRARY_E164) : NULL;

	if (!found) {
		const char *why = dlerror(); /* NOLINT(concurrency-mt-unsafe): glibc has one for each thread */

		fprintf(stderr, "%s can't be loaded: %s\n", PHONE_LIBRARY,
			why ? why : "it does not lie beside the program");
		abort();
	}
	memcpy(&read_e164, &found, sizeof(found)); /* C has no conversion from an object to a function */
}

bool phone_e164(const char *raw, const char *country, char out[PHONE_E164_MAX])
{
	call_once(&loaded, load);
	return read_e164(raw, country, out);
}
