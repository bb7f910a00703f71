#include "options.h"

#include "forwarded.h"
#include "upstream.h"

#define UPSTREAM(name, service)                                                                                        \
	{                                                                                                              \
		"AFTERCARE_UPSTREAM_" name, OPTION_TEXT,                                                               \
			.max = 2000, .broken = upstream_broken,                                                        \
			.help = "URLs of the " service " service, comma separated; without one its paths answer 503."  \
	}

const struct option gateway_options[] = {
	{ "AFTERCARE_KEY_ENCRYPTION", OPTION_SECRET, .required = true,
		.help = "Key that seals the signing keys in the database: 32 random bytes in base64url." },
	{ "AFTERCARE_BOOTSTRAP_EMAIL", OPTION_TEXT, .max = 254,
		.help = "E-mail of the platform's first account, made by --migrate when there is none of that name." },
	{ "AFTERCARE_BOOTSTRAP_PASSWORD", OPTION_SECRET, .help = "Its password." },
	UPSTREAM("CALLS", "calls"),
	UPSTREAM("OFFERS", "offers"),
	UPSTREAM("CONTRACTS", "contracts"),
	UPSTREAM("INVENTORY", "inventory"),
	UPSTREAM("SCHEDULING", "scheduling"),
	{ "AFTERCARE_UPSTREAM_ANSWER_MS", OPTION_INTEGER, .fallback = "30000", .min = 100, .max = 600000,
		.help = "Longest wait for a service's answer to begin, then 504." },
	{ "AFTERCARE_ACCESS_SECONDS", OPTION_INTEGER, .fallback = "900", .min = 30, .max = 86400,
		.help = "Life of an access token." },
	{ "AFTERCARE_REFRESH_SECONDS", OPTION_INTEGER, .fallback = "1209600", .min = 60, .max = 31536000,
		.help = "Life of a refresh token that isn't used." },
	{ "AFTERCARE_SESSION_SECONDS", OPTION_INTEGER, .fallback = "7776000", .min = 60, .max = 31536000,
		.help = "Longest life of a login, however often it is refreshed." },
	{ "AFTERCARE_KEY_DAYS", OPTION_INTEGER, .fallback = "90", .max = 3650,
		.help = "Days after which a new signing key takes over; 0 never." },
	{ "AFTERCARE_LOGIN_FAILURES", OPTION_INTEGER, .fallback = "5", .min = 2, .max = 100,
		.help = "Wrong passwords in a row before an account is locked, for longer each time." },
	{ "AFTERCARE_LOGIN_FAILURES_PER_MINUTE", OPTION_INTEGER, .fallback = "30", .max = 100000,
		.help = "Wrong passwords of one address; 0 is no limit." },
	{ "AFTERCARE_RATE_PER_ADDRESS", OPTION_INTEGER, .fallback = "10000", .max = 1000000,
		.help = "Requests a second of one address, with bursts of twice as many; 0 is no limit." },
	{ "AFTERCARE_RATE_PER_ACCOUNT", OPTION_INTEGER, .fallback = "10000", .max = 1000000,
		.help = "Requests a second of one account, with bursts of twice as many; 0 is no limit." },
	{ "AFTERCARE_TRUSTED_PROXIES", OPTION_TEXT, .max = 2000, .broken = forwarded_broken,
		.help = "Addresses of proxies that are believed who sent a request, or networks of them as 10.0.0.0/8, "
			"separated by spaces." },
	{ "AFTERCARE_PROXY_HEADERS", OPTION_CHOICE, .fallback = "x-forwarded", .choices = "x-forwarded forwarded",
		.help = "What they say it by: X-Forwarded-For and X-Forwarded-Proto, or Forwarded (RFC 7239). "
			"The other is not looked at, for they may pass on what a client wrote there." },
	{ "AFTERCARE_CORS_ORIGINS", OPTION_TEXT, .max = 4000,
		.help = "Origins whose pages may call the API, separated by spaces; * for all." },
	{ "AFTERCARE_HSTS", OPTION_BOOLEAN, .fallback = "false",
		.help = "Tell browsers to come by HTTPS only; for installations behind TLS." },
	{ "AFTERCARE_SWAGGER_UI", OPTION_TEXT, .max = 4000,
		.help = "Directory of the npm package swagger-ui-dist, shown at /docs." },
	{ 0 },
};
