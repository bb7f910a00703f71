/*
 * Requests of anybody, as a stream: wherever the bytes are cut, the same requests are found and the same one is refused;
 * no more is let through than there was; and what was let through of a refused body can be ended.
 */
#include "framing.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reading {
	size_t taken;
	size_t requests;
	enum fault refused;
};

/* Reads like the gate, seeing at most `step` bytes more each time. */
static struct reading stream_read(const char *bytes, size_t size, size_t step)
{
	struct reading reading = { 0 };
	struct framing framing = { 0 };
	size_t seen = 0;
	int stuck = 0;

	while (!reading.refused && !stuck) {
		size_t left = seen - reading.taken;
		size_t before = reading.taken;
		bool body = framing.chunked || framing.left;

		if (body) {
			reading.taken += framing_body(&framing, bytes + reading.taken, left);
			reading.refused = reading.taken == before ? framing.refused : FAULT_NONE;
			reading.requests += !framing.chunked && framing.left == 0;
		} else if (left && framing_head(&framing, bytes + reading.taken, left) == FRAMING_WHOLE) {
			reading.taken += framing.head;
			reading.requests += !framing.chunked && framing.left == 0;
		} else if (left) {
			reading.refused = framing.refused;
		}
		if (reading.taken > seen)
			abort();
		if (reading.taken == before) {
			stuck = seen == size;
			seen = seen + step < size ? seen + step : size;
		} else if (framing.refused && framing.chunked) {
			framing.refused = FAULT_NONE;
		}
	}
	return reading;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	size_t step = size ? data[size - 1] % 16 + 1 : 1;
	struct reading whole = stream_read(bytes, size, size + 1);
	struct reading parts = stream_read(bytes, size, step);

	if (whole.taken != parts.taken || whole.requests != parts.requests || whole.refused != parts.refused)
		abort();
	return 0;
}
