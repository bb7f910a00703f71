/*
 * issuer: OIDC issuers beside our own, each bound to tenants. Only the gateway knows them: it verifies their tokens and
 * puts one of ours in the place of each, so that the services trust one issuer and nobody else.
 */
#ifndef AFTERCARE_GATEWAY_ISSUER_H
#define AFTERCARE_GATEWAY_ISSUER_H

#include "resource.h"

#define ISSUER_FETCH_MS    3000 /* longest wait for an issuer's keys */
#define ISSUER_EXCHANGES   1024 /* tokens of others whose exchange is remembered */
#define ISSUER_SUBJECT_MAX 255

extern const struct resource issuer;

struct issuers;

struct issuers *issuers_new(void);
void issuers_free(struct issuers *issuers);

/* Reads the table again; when it has changed, verifies by it from now on. */
enum fault issuers_load(struct issuers *issuers, struct app *app) __attribute__((warn_unused_result));

/*
 * Verifies a token of one of them; request->caller then speaks with a token of ours that lasts no longer. As
 * token_verify; FAULT_UNAUTHENTICATED with *reason untouched when there are no issuers at all.
 */
enum fault issuers_verify(struct issuers *issuers, struct request *request, const char *token, const char **reason)
	__attribute__((warn_unused_result));

#endif
