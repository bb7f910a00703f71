#include "fault.h"

#include "arena.h"
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct fault_kind kinds[FAULT_COUNT] = {
	[FAULT_NONE] = { "none", 200, "OK", "OK", 0 },
	[FAULT_MALFORMED] = { "malformed", 400, "Malformed request", "Richiesta malformata", 0 },
	[FAULT_BAD_QUERY] = { "bad-query", 400, "Invalid query", "Parametri non validi", 0 },
	[FAULT_BAD_CURSOR] = { "bad-cursor", 400, "Invalid cursor", "Cursore non valido", 0 },
	[FAULT_BAD_HEADER] = { "bad-header", 400, "Invalid header", "Intestazione non valida", 0 },
	[FAULT_UNAUTHENTICATED] = { "unauthenticated", 401, "Authentication required", "Autenticazione richiesta", 0 },
	[FAULT_FORBIDDEN] = { "forbidden", 403, "Not allowed", "Non consentito", 0 },
	[FAULT_NOT_FOUND] = { "not-found", 404, "Not found", "Non trovato", 0 },
	[FAULT_METHOD] = { "method-not-allowed", 405, "Method not allowed", "Metodo non consentito", 0 },
	[FAULT_NOT_ACCEPTABLE] = { "not-acceptable", 406, "Not acceptable", "Formato non disponibile", 0 },
	[FAULT_REQUEST_TIMEOUT] = { "request-timeout", 408, "Request timeout", "Richiesta troppo lenta", 0 },
	[FAULT_CONFLICT] = { "conflict", 409, "Conflict", "Conflitto", 0 },
	[FAULT_DUPLICATE] = { "duplicate", 409, "Already exists", "Esiste già", 0 },
	[FAULT_REFERENCED] = { "referenced", 409, "Still referred to", "Ancora in uso", 0 },
	[FAULT_TRANSITION] = { "transition-refused", 409, "Action not possible in this state",
		"Azione non possibile in questo stato", 0 },
	[FAULT_STILL_RUNNING] = { "still-running", 409, "The same request is still running",
		"La stessa richiesta è ancora in corso", 1 },
	[FAULT_REFUSED_WARNING] = { "refused-warning", 409, "Refused because of a warning", "Rifiutato per un avviso",
		0 },
	[FAULT_HAS_VALUES] = { "field-has-values", 409, "The field has values", "Il campo contiene valori", 0 },
	[FAULT_STOCK] = { "insufficient-stock", 409, "Not enough in stock", "Giacenza insufficiente", 0 },
	[FAULT_GONE] = { "gone", 410, "Gone", "Non più disponibile", 0 },
	[FAULT_STALE] = { "stale-version", 412, "Changed meanwhile", "Modificato nel frattempo", 0 },
	[FAULT_TOO_LARGE] = { "too-large", 413, "Body too large", "Corpo troppo grande", 0 },
	[FAULT_URI_TOO_LONG] = { "uri-too-long", 414, "Address too long", "Indirizzo troppo lungo", 0 },
	[FAULT_MEDIA_TYPE] = { "unsupported-media-type", 415, "Unsupported media type", "Tipo di contenuto non gestito",
		0 },
	[FAULT_INVALID] = { "invalid", 422, "Invalid content", "Contenuto non valido", 0 },
	[FAULT_UNKNOWN_REFERENCE] = { "unknown-reference", 422, "Unknown reference", "Riferimento sconosciuto", 1 },
	[FAULT_MULTIPLIER] = { "article-multiplier", 422, "Article with a multiplier", "Articolo con moltiplicatore",
		0 },
	[FAULT_KEY_REUSED] = { "idempotency-key-reused", 422, "Idempotency-Key used for another request",
		"Idempotency-Key usata per un'altra richiesta", 0 },
	[FAULT_PRECONDITION_REQUIRED] = { "precondition-required", 428, "If-Match required", "If-Match obbligatorio",
		0 },
	[FAULT_TOO_MANY_REQUESTS] = { "too-many-requests", 429, "Too many requests", "Troppe richieste", 1 },
	[FAULT_HEADERS_TOO_LARGE] = { "headers-too-large", 431, "Headers too large", "Intestazioni troppo grandi", 0 },
	[FAULT_INTERNAL] = { "internal", 500, "Internal error", "Errore interno", 0 },
	[FAULT_BAD_GATEWAY] = { "bad-gateway", 502, "Bad gateway", "Servizio interno in errore", 1 },
	[FAULT_UNAVAILABLE] = { "unavailable", 503, "Temporarily unavailable", "Temporaneamente non disponibile", 1 },
	[FAULT_BUSY] = { "busy", 503, "Too busy now", "Troppo carico ora", 1 },
	[FAULT_GATEWAY_TIMEOUT] = { "gateway-timeout", 504, "Gateway timeout", "Tempo scaduto", 1 },
	[FAULT_REPLAY] = { "replay", 200, "Replayed", "Ripetuta", 0 },
};

const struct fault_kind *fault_kind(enum fault fault)
{
	return &kinds[(unsigned)fault < FAULT_COUNT ? fault : FAULT_INTERNAL];
}

enum fault fault_by_code(const char *code)
{
	for (int i = 0; i < FAULT_COUNT; i++)
		if (strcmp(kinds[i].code, code) == 0)
			return (enum fault)i;
	return FAULT_INTERNAL;
}

/* The sentence as far as FAULT_DETAIL_MAX goes, in the arena. */
static const char *detail_write(struct arena *arena, const char *format, va_list arguments)
{
	static const char ellipsis[] = "…";
	char text[FAULT_DETAIL_MAX + sizeof(ellipsis)];
	int written = vsnprintf(text, sizeof(text), format, arguments);
	size_t kept;

	if (written <= FAULT_DETAIL_MAX)
		return arena_strndup(arena, text, written < 0 ? 0 : (size_t)written);
	kept = text_utf8_cut(text, FAULT_DETAIL_MAX - strlen(ellipsis));
	return arena_printf(arena, "%.*s%s", (int)kept, text, ellipsis);
}

void fault_add(struct fault_list *list, const char *pointer, const char *code, const char *format, ...)
{
	va_list arguments;

	if (list->count++ >= FAULT_LIST_MAX)
		return;
	va_start(arguments, format);
	list->items[list->count - 1] = (struct fault_detail){
		.pointer = arena_strdup(list->arena, pointer),
		.code = code,
		.detail = detail_write(list->arena, format, arguments),
	};
	va_end(arguments);
}

void fault_add_parameter(struct fault_list *list, const char *parameter, const char *code, const char *format, ...)
{
	va_list arguments;

	if (list->count++ >= FAULT_LIST_MAX)
		return;
	va_start(arguments, format);
	list->items[list->count - 1] = (struct fault_detail){
		.parameter = arena_strdup(list->arena, parameter),
		.code = code,
		.detail = detail_write(list->arena, format, arguments),
	};
	va_end(arguments);
}
