/*
 * accept: what a client says it takes, and how much it likes it (RFC 9110 section 12.5). Weights go from 0, not taken, to
 * 1000. Of several elements that fit, the one that says most counts; an ill-formed weight makes an element say nothing.
 */
#ifndef AFTERCARE_ACCEPT_H
#define AFTERCARE_ACCEPT_H

#define ACCEPT_MOST 1000

/* Of a media type ("text/csv") in Accept; absent or empty takes everything. Parameters but the weight are passed over. */
int accept_type(const char *accept, const char *type);

/* Of a content coding ("gzip") in Accept-Encoding; absent takes none: a body as it is suits everybody. */
int accept_coding(const char *accept_encoding, const char *coding);

/* Of a language ("it") in Accept-Language, which "it-IT" takes too; absent takes none in particular. */
int accept_language(const char *accept_language, const char *language);

#endif
