#include "uuid.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* A request makes several, so this is no snprintf of sixteen numbers. */
static struct uuid uuid_spell(const unsigned char bytes[16])
{
	static const char digits[] = "0123456789abcdef";
	struct uuid uuid = { 0 };
	char *out = uuid.text;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 0x0F];
	}
	*out = '\0';
	return uuid;
}

/* Random bytes are drawn for several at once, as many as the kernel gives uninterrupted: a request makes three. */
static void random_take(unsigned char bytes[16])
{
	static _Thread_local unsigned char stock[256];
	static _Thread_local size_t left;

	if (left == 0) {
		if (getrandom(stock, sizeof(stock), 0) != (ssize_t)sizeof(stock))
			abort(); /* the kernel's pool is ready before we run; nothing sensible is left to do */
		left = sizeof(stock);
	}
	left -= 16;
	memcpy(bytes, stock + left, 16);
}

/* Now, in 4096ths of a millisecond; the next one for who asks twice within one. */
static uint64_t tick_take(void)
{
	static _Thread_local uint64_t last;
	struct timespec now;
	uint64_t tick;

	clock_gettime(CLOCK_REALTIME, &now);
	tick = (uint64_t)now.tv_sec * 1000 * 4096 + (uint64_t)now.tv_nsec * 4096 / 1000000;
	last = tick > last ? tick : last + 1;
	return last;
}

struct uuid uuid_new(void)
{
	uint64_t tick = tick_take();
	unsigned char b[16];

	random_take(b);
	for (int i = 0; i < 6; i++)
		b[i] = (unsigned char)(tick >> (12 + 8 * (5 - i)));
	b[6] = (unsigned char)(0x70 | (tick >> 8 & 0x0F));
	b[7] = (unsigned char)tick;
	b[8] = (unsigned char)(0x80 | (b[8] & 0x3F));
	return uuid_spell(b);
}

/* FNV-1a, folded to 16 bits. */
static unsigned node_bits(const char *node)
{
	uint32_t hash = 2166136261u;

	for (const char *c = node; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	return (hash >> 16 ^ hash) & 0xFFFF;
}

struct uuid uuid_new_of(const char *node)
{
	struct uuid uuid = uuid_new();

	snprintf(uuid.text + UUID_TEXT - 5, 5, "%04x", node_bits(node));
	return uuid;
}

bool uuid_of(const char *text, const char *node)
{
	return uuid_valid(text) && strtoul(text + UUID_TEXT - 5, NULL, 16) == node_bits(node);
}

bool uuid_valid(const char *text)
{
	static const char hex[] = "0123456789abcdefABCDEF";

	for (int i = 0; i < UUID_TEXT - 1; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (text[i] == '\0' || (dash ? text[i] != '-' : !strchr(hex, text[i])))
			return false;
	}
	return text[UUID_TEXT - 1] == '\0';
}

struct uuid uuid_lower(const char *text)
{
	struct uuid uuid = { "" };

	for (int i = 0; i < UUID_TEXT - 1; i++)
		uuid.text[i] = (char)tolower((unsigned char)text[i]);
	return uuid;
}
