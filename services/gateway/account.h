/* account: people who log in to a tenant, and their roles. */
#ifndef AFTERCARE_GATEWAY_ACCOUNT_H
#define AFTERCARE_GATEWAY_ACCOUNT_H

#include "resource.h"

extern const struct resource account;

/* What a tenant's first administrator is made of. */
extern const struct field account_admin_fields[];

#define ACCOUNT_PASSWORD_MIN 8   /* characters; NIST SP 800-63B section 5.1.1.2 */
#define ACCOUNT_PASSWORD_MAX 200 /* characters: at most 800 bytes, below SECRET_PASSWORD_MAX */

/* GET /v1/me: what the token says of its bearer. */
enum fault me_get(struct request *request);

/* POST /v1/me/actions/change-password: by the account itself, which gives the old one too. */
enum fault me_change_password(struct request *request);
extern const struct field me_password_fields[];
extern const struct field me_fields[];

#endif
