/* fuzz: what every libFuzzer target begins with. */
#ifndef AFTERCARE_FUZZ_H
#define AFTERCARE_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* What libFuzzer calls: once at start, where it is there, and with each input. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the run when what must hold for every input does not; the sanitizers' stack says where. */
static inline void hold(bool condition)
{
	if (!condition)
		abort();
}

#endif
