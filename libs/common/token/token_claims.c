#include "token_claims.h"

#include "arena.h"
#include "text.h"
#include "uuid.h"

#include <string.h>
#include <strings.h>

#define SECONDS_MAX 253402300799 /* the end of the year 9999 */
#define SUBJECT_MAX 255          /* bytes; OpenID Connect Core section 2 */

const char *token_header_refusal(const json_t *header)
{
	const char *type = json_string_at(header, "typ");

	if (!text_same(json_string_at(header, "alg"), "RS256"))
		return "the token must be signed with RS256";
	/* RFC 9068 section 4: with or without the "application/" of the media type, in any case. */
	if (!type || (strcasecmp(type, "at+jwt") != 0 && strcasecmp(type, "application/at+jwt") != 0))
		return "the token is not an access token (typ at+jwt)";
	if (json_object_get(header, "crit"))
		return "the token has critical extensions";
	if (!json_string_at(header, "kid"))
		return "the token names no key";
	return NULL;
}

/* A NumericDate (RFC 7519 section 2), fractions dropped; false when it isn't one. */
static bool seconds_read(const json_t *json, int64_t *seconds)
{
	if (json_is_integer(json)) {
		json_int_t value = json_integer_value(json);

		if (value < 0 || value > SECONDS_MAX)
			return false;
		*seconds = value;
		return true;
	}
	if (json_is_real(json)) {
		double value = json_real_value(json);

		if (!(value >= 0 && value <= (double)SECONDS_MAX))
			return false;
		*seconds = (int64_t)value;
		return true;
	}
	return false;
}

static bool audience_named(const json_t *claim, const char *audience)
{
	const json_t *item;
	size_t i;

	if (json_is_string(claim))
		return strcmp(json_string_value(claim), audience) == 0;
	json_array_foreach(claim, i, item)
		if (text_same(json_string_value(item), audience))
			return true;
	return false;
}

const char *token_claims_refusal(const json_t *claims, const char *audience, int64_t now)
{
	const json_t *from = json_object_get(claims, "nbf");
	int64_t seconds;

	if (!seconds_read(json_object_get(claims, "exp"), &seconds))
		return "the token says no time of expiry";
	if (seconds + TOKEN_LEEWAY_SECONDS <= now)
		return "the token has expired";
	if (from && !seconds_read(from, &seconds))
		return "a claim of the token has the wrong type";
	if (from && seconds - TOKEN_LEEWAY_SECONDS > now)
		return "the token is not valid yet";
	if (!audience_named(json_object_get(claims, "aud"), audience))
		return "the token is for another audience";
	return NULL;
}

/* An optional claim that must be a string of at most max bytes: *value gets a copy, or NULL when it is absent. */
static bool string_read(struct arena *arena, const json_t *claims, const char *name, size_t max, const char **value)
{
	const json_t *claim = json_object_get(claims, name);

	if (claim && (!json_is_string(claim) || json_string_length(claim) == 0 || json_string_length(claim) > max))
		return false;
	*value = arena_strdup(arena, json_string_value(claim));
	return true;
}

/* An optional claim that must be a UUID: *value gets it in lower case, or NULL when it is absent. */
static bool uuid_read(struct arena *arena, const json_t *claims, const char *name, const char **value)
{
	const char *uuid;

	if (!string_read(arena, claims, name, UUID_TEXT - 1, &uuid) || (uuid && !uuid_valid(uuid)))
		return false;
	*value = text_lower(arena, uuid);
	return true;
}

/* The roles we know of those claimed; a newer service may have made more. False when it isn't a list of names. */
static bool roles_read(const json_t *claim, role_mask *roles)
{
	const json_t *item;
	size_t i;

	*roles = 0;
	if (claim && !json_is_array(claim))
		return false;
	json_array_foreach(claim, i, item) {
		if (!json_is_string(item))
			return false;
		*roles |= role_parse(json_string_value(item));
	}
	return true;
}

/* Narrows by the scope claim (RFC 8693 section 4.2), of which names that we don't know give nothing. */
static bool scopes_narrow(const json_t *claim, scope_mask *scopes)
{
	if (!claim)
		return true;
	if (!json_is_string(claim))
		return false;
	*scopes &= scopes_parse(json_string_value(claim), NULL);
	return true;
}

/* Whether a list of tenants, separated by spaces, names this one. */
static bool tenant_listed(const char *tenants, const char *tenant)
{
	size_t length = strlen(tenant);

	for (const char *at = tenants; *at; at += strspn(at, " ")) {
		size_t word = strcspn(at, " ");

		if (word == length && strncasecmp(at, tenant, length) == 0)
			return true;
		at += word;
	}
	return false;
}

static bool identity_read(struct arena *arena, const json_t *claims, struct caller *caller)
{
	return string_read(arena, claims, "jti", SUBJECT_MAX, &caller->id) &&
		string_read(arena, claims, "sub", SUBJECT_MAX, &caller->subject) && caller->subject &&
		string_read(arena, claims, "name", SUBJECT_MAX, &caller->name) &&
		uuid_read(arena, claims, "tenant", &caller->tenant) &&
		uuid_read(arena, claims, "technician_id", &caller->technician_id) &&
		uuid_read(arena, claims, "customer_id", &caller->customer_id);
}

const char *token_caller_read(
	struct arena *arena, const json_t *claims, const struct token_issuer *issuer, struct caller *caller)
{
	struct caller read = { .issuer = issuer->issuer };

	if (!identity_read(arena, claims, &read) || !roles_read(json_object_get(claims, "roles"), &read.roles) ||
		!seconds_read(json_object_get(claims, "exp"), &read.expires))
		return "a claim of the token misses or has the wrong type";
	/* Who speaks for some tenants only must not make others. */
	if (issuer->tenants)
		read.roles &= ~ROLE_BIT(ROLE_PLATFORM);
	read.scopes = role_scopes(read.roles);
	if (!scopes_narrow(json_object_get(claims, "scope"), &read.scopes))
		return "a claim of the token misses or has the wrong type";
	if (!read.tenant && read.roles != ROLE_BIT(ROLE_PLATFORM))
		return "the token names no tenant";
	if (issuer->tenants && (!read.tenant || !tenant_listed(issuer->tenants, read.tenant)))
		return "the issuer may not speak for this tenant";
	if (!read.name)
		read.name = read.subject;
	*caller = read;
	return NULL;
}
