#include "routes.h"

#include "article.h"
#include "asset.h"
#include "copies.h"
#include "count.h"
#include "document.h"
#include "from_call.h"
#include "inventory_migrations.h"
#include "inventory_service_sql.h"
#include "inventory_timer.h"
#include "kit.h"
#include "meter.h"
#include "movement.h"
#include "price.h"
#include "reorder.h"
#include "reservation.h"
#include "rma.h"
#include "settings.h"
#include "source.h"
#include "stock.h"
#include "stock_past.h"
#include "store.h"
#include "transfer.h"
#include "transport_document.h"
#include "transport_paper.h"

/* clang-format off */
static const struct route catalogue_routes[] = {
	{ STORE, .path = "/v1/article-categories", .resource = &article_category, .read = SCOPE_ARTICLES_READ,
		.write = SCOPE_ARTICLES_WRITE },
	{ STORE, .path = "/v1/articles", .resource = &article, .read = SCOPE_ARTICLES_READ, .write = SCOPE_ARTICLES_WRITE,
		.bulk = SCOPE_ARTICLES_BULK },
	{ STORE, .path = "/v1/articles/{id}/components", .resource = &kit_component, .read = SCOPE_ARTICLES_READ,
		.write = SCOPE_ARTICLES_WRITE, .via = "article_id" },
	{ LIST,  .path = "/v1/articles/{id}/substitutes",  .resource = &substitute,  .read = SCOPE_ARTICLES_READ, .via = "article_id",
		.summary = "List the substitutes of an article" },
	{ LIST,  .path = "/v1/articles/{id}/alternatives", .resource = &alternative, .read = SCOPE_STOCK_READ, .via = "of_id",
		.summary = "List what may be taken instead of an article, and how much of it there is" },
	{ STORE, .path = "/v1/substitutes", .resource = &substitute, .read = SCOPE_ARTICLES_READ, .write = SCOPE_ARTICLES_WRITE,
		.bulk = SCOPE_ARTICLES_BULK },
	{ STORE, .path = "/v1/price-lists", .resource = &price_list, .read = SCOPE_ARTICLES_READ, .write = SCOPE_ARTICLES_WRITE },
	{ STORE, .path = "/v1/prices",      .resource = &price,      .read = SCOPE_ARTICLES_READ, .write = SCOPE_ARTICLES_WRITE,
		.bulk = SCOPE_ARTICLES_BULK },
	{ .path = "/v1/prices/resolve", .handle = price_resolve, .write = SCOPE_ARTICLES_READ, .query = price_resolve_query,
		.answer = price_resolve_answer, .summary = "Say which price holds for an article, and why" },
	{ LIST,  .path = "/v1/articles/{id}/stock",     .resource = &stock,    .read = SCOPE_STOCK_READ, .via = "article_id",
		.summary = "List where an article is, and how much of it" },
	{ LIST,  .path = "/v1/articles/{id}/movements", .resource = &movement, .read = SCOPE_STOCK_READ, .via = "article_id",
		.summary = "List the movements of an article" },
	{ 0 },
};

static const struct route stock_routes[] = {
	{ STORE,   .path = "/v1/warehouses", .resource = &warehouse, .read = SCOPE_STOCK_READ, .write = SCOPE_WAREHOUSES_WRITE },
	{ STORE,   .path = "/v1/stock",      .resource = &stock,     .read = SCOPE_STOCK_READ },
	{ .path = "/v1/stock/at", .handle = stock_at, .write = SCOPE_STOCK_READ, .query = stock_at_query, .answer = stock_at_answer,
		.summary = "Say what was there at the end of a day", .help = "Added up from the ledger." },
	{ .method = METHOD_POST, .path = "/v1/stock/rebuild", .handle = stock_rebuild, .write = SCOPE_STOCK_MANAGE,
		.body = stock_rebuild_fields, .flags = BODY_OPTIONAL, .answer = stock_rebuild_answer,
		.summary = "Compare stock with its ledger, and put right what differs" },
	{ STORE,   .path = "/v1/serials",    .resource = &serial,    .read = SCOPE_STOCK_READ },
	{ STORE,   .path = "/v1/movements",  .resource = &movement,  .read = SCOPE_STOCK_READ, .write = SCOPE_STOCK_WRITE,
		.bulk = SCOPE_STOCK_BULK, .flags = NO_CHANGE | NO_DELETE },
	{ .method = METHOD_POST, .path = "/v1/movements/from-call", .resource = &movement, .handle = from_call,
		.context = &movement_from_call, .write = SCOPE_STOCK_WRITE, .body = movement_from_call_fields,
		.answer = movement_from_call_answer, .summary = "Issue the parts that a call used",
		.help = "What its part charges say was used and is not issued yet, from what is reserved for them first: asked again, it "
			"issues nothing twice. Later changes of either do not follow in the other." },
	{ .method = METHOD_POST, .path = "/v1/movements/{id}/actions/reverse", .resource = &movement, .handle = movement_reverse,
		.write = SCOPE_STOCK_WRITE, .body = movement_reverse_fields, .status = 201,
		.summary = "Reverse a movement, once", .help = "Posts the same with the other sign, at the same cost." },
	{ STORE,   .path = "/v1/reservations", .resource = &reservation, .read = SCOPE_RESERVATIONS_READ,
		.write = SCOPE_RESERVATIONS_WRITE, .flags = NO_DELETE | NO_BULK },
	{ .method = METHOD_POST, .path = "/v1/reservations/from-call", .resource = &reservation, .handle = from_call,
		.context = &reservation_from_call, .write = SCOPE_RESERVATIONS_WRITE, .body = reservation_from_call_fields, .answer = reservation_from_call_answer,
		.summary = "Reserve the parts of a call",
		.help = "What its part charges ask for and is not promised to them yet: asked again, it promises nothing twice. Later "
			"changes of either do not follow in the other." },
	{ .path = "/v1/reservations/{id}/source-diff", .handle = source_diff, .resource = &reservation,
		.context = &sql_reservation_source_diff, .write = SCOPE_RESERVATIONS_READ, .answer = source_line_diff_answer,
		.summary = "What the charge it was made from says otherwise now" },
	{ ACTIONS, .path = "/v1/reservations/{id}/actions/", .resource = &reservation, .read = SCOPE_RESERVATIONS_READ },
	{ 0 },
};

static const struct route passage_routes[] = {
	{ STORE,   .path = "/v1/transfers", .resource = &transfer, .read = SCOPE_TRANSFERS_READ, .write = SCOPE_TRANSFERS_WRITE,
		.flags = NO_DELETE | NO_BULK },
	{ ACTIONS, .path = "/v1/transfers/{id}/actions/", .resource = &transfer, .read = SCOPE_TRANSFERS_READ },
	{ STORE,   .path = "/v1/transport-documents", .resource = &transport_document, .read = SCOPE_TRANSFERS_READ,
		.write = SCOPE_TRANSFERS_WRITE, .attaches = SCOPE_TRANSFERS_WRITE, .flags = NO_DELETE | NO_BULK },
	{ ACTIONS, .path = "/v1/transport-documents/{id}/actions/", .resource = &transport_document, .read = SCOPE_TRANSFERS_READ },
	{ .path = "/v1/transport-documents/{id}/pdf", .resource = &transport_document, .handle = transport_paper_get,
		.write = SCOPE_TRANSFERS_READ, .media = "application/pdf", .flags = MAY_CONFLICT,
		.summary = "Print a transport document as PDF",
		.help = "In the tenant's language. A draft and a voided one say so behind all of the page. 409 where descriptions and "
			"serials are more than 512 KiB." },
	{ LIST,    .path = "/v1/transport-documents/{id}/documents", .resource = &document, .read = SCOPE_TRANSFERS_READ,
		.via = "transport_document_id", .summary = "List in what forms there is a transport document" },
	{ STORE,   .path = "/v1/reorder-levels", .resource = &reorder_level, .read = SCOPE_STOCK_READ, .write = SCOPE_ARTICLES_WRITE },
	{ STORE,   .path = "/v1/reorder-suggestions", .resource = &reorder, .read = SCOPE_STOCK_READ, .write = SCOPE_TRANSFERS_WRITE,
		.flags = NO_CREATE | NO_DELETE | NO_BULK },
	{ ACTIONS, .path = "/v1/reorder-suggestions/{id}/actions/", .resource = &reorder, .read = SCOPE_STOCK_READ },
	{ STORE,   .path = "/v1/counts", .resource = &count, .read = SCOPE_TRANSFERS_READ, .write = SCOPE_TRANSFERS_WRITE,
		.flags = NO_DELETE | NO_BULK },
	{ ACTIONS, .path = "/v1/counts/{id}/actions/", .resource = &count, .read = SCOPE_TRANSFERS_READ },
	{ STORE,   .path = "/v1/counts/{id}/lines", .resource = &count_line, .read = SCOPE_TRANSFERS_READ,
		.write = SCOPE_TRANSFERS_WRITE, .via = "count_id", .flags = EXPANDS },
	{ 0 },
};

static const struct route asset_routes[] = {
	{ STORE,   .path = "/v1/assets", .resource = &asset, .read = SCOPE_ASSETS_READ, .write = SCOPE_ASSETS_WRITE,
		.bulk = SCOPE_ASSETS_BULK, .attaches = SCOPE_ATTACHMENTS_WRITE },
	{ ACTIONS, .path = "/v1/assets/{id}/actions/", .resource = &asset, .read = SCOPE_ASSETS_READ },
	{ LIST,    .path = "/v1/assets/{id}/history",    .resource = &asset_history,   .read = SCOPE_ASSETS_READ, .via = "asset_id",
		.summary = "List where an asset was" },
	{ LIST,    .path = "/v1/assets/{id}/components", .resource = &asset_component, .read = SCOPE_ASSETS_READ, .via = "parent_id",
		.summary = "List the components of an asset, now or on a day" },
	{ LIST,    .path = "/v1/assets/{id}/timeline",   .resource = &asset_timeline,  .read = SCOPE_ASSETS_READ, .via = "asset_id",
		.summary = "List all that happened to an asset, the newest first" },
	{ LIST,    .path = "/v1/assets/{id}/documents",  .resource = &document, .read = SCOPE_TRANSFERS_READ, .via = "asset_id",
		.summary = "List the papers with which an asset came and went" },
	{ LIST,    .path = "/v1/articles/{id}/assets",   .resource = &asset, .read = SCOPE_ASSETS_READ, .via = "article_id",
		.summary = "List the assets of an article" },
	{ LIST,    .path = "/v1/assets/{id}/meters",     .resource = &meter, .read = SCOPE_ASSETS_READ, .via = "asset_id",
		.flags = EXPANDS, .summary = "List the meters of an asset" },
	{ STORE,   .path = "/v1/meters", .resource = &meter, .read = SCOPE_ASSETS_READ, .write = SCOPE_ASSETS_WRITE,
		.bulk = SCOPE_ASSETS_BULK },
	{ STORE,   .path = "/v1/meter-readings", .resource = &meter_reading, .read = SCOPE_ASSETS_READ, .write = SCOPE_METERS_WRITE,
		.bulk = SCOPE_ASSETS_BULK, .flags = NO_CHANGE },
	{ LIST,    .path = "/v1/meters/{id}/readings",   .resource = &meter_reading, .read = SCOPE_ASSETS_READ, .via = "meter_id",
		.summary = "List the readings of a meter" },
	{ .method = METHOD_POST, .path = "/v1/meters/{id}/readings", .resource = &meter_reading, .handle = meter_read,
		.write = SCOPE_METERS_WRITE, .body = meter_read_fields, .status = 201, .summary = "Read a meter" },
	{ 0 },
};

static const struct route rma_routes[] = {
	{ STORE,   .path = "/v1/rmas", .resource = &rma, .read = SCOPE_RMAS_READ, .write = SCOPE_RMAS_AUTHORISE,
		.create = SCOPE_RMAS_REQUEST, .attaches = SCOPE_ATTACHMENTS_WRITE, .flags = NO_DELETE | NO_BULK },
	{ .method = METHOD_POST, .path = "/v1/rmas/from-call", .resource = &rma, .handle = rma_from_call,
		.write = SCOPE_RMAS_AUTHORISE, .body = rma_from_call_fields, .status = 201, .summary = "Make a return from a call",
		.help = "Of its machines and parts as they are now: later changes of either do not follow in the other." },
	{ .path = "/v1/rmas/{id}/source-diff", .handle = source_diff, .resource = &rma, .context = &sql_rma_source_diff,
		.write = SCOPE_RMAS_AUTHORISE, .answer = source_diff_answer,
		.summary = "What the call it was made from says otherwise now" },
	{ ACTIONS, .path = "/v1/rmas/{id}/actions/", .resource = &rma, .read = SCOPE_RMAS_READ },
	{ LIST,    .path = "/v1/rmas/{id}/lines", .resource = &rma_line, .read = SCOPE_RMAS_READ, .via = "rma_id", .flags = EXPANDS,
		.summary = "List the lines of a return" },
	{ STORE,   .path = "/v1/rma-lines", .resource = &rma_line, .read = SCOPE_RMAS_READ, .write = SCOPE_RMAS_AUTHORISE,
		.create = SCOPE_RMAS_REQUEST, .flags = NO_DELETE | NO_BULK },
	{ ACTIONS, .path = "/v1/rma-lines/{id}/actions/", .resource = &rma_line, .read = SCOPE_RMAS_READ },
	{ LIST,    .path = "/v1/assets/{id}/rmas", .resource = &rma_line, .read = SCOPE_RMAS_READ, .via = "asset_id",
		.summary = "List the returns of an asset" },
	{ 0 },
};
/* clang-format on */

static const struct route *const routes[] = { catalogue_routes, stock_routes, passage_routes, rma_routes, asset_routes,
	NULL };

static const struct event events[] = {
	{ "stock.changed", &stock, "Goods came or went, or were promised." },
	{ "stock.below_minimum", &stock, "Less is available than the reorder level wants." },
	{ "rma.closed", &rma, "The last of its lines is closed." },
	{ "rma_line.overdue", &rma_line, "What was replaced in advance has not come back in time." },
	{ "rma_line.derived_changed", &rma_line,
		"What is charged of it, for it did not come back, came to be or changed: `charges`." },
	{ "reorder.suggested", &reorder, "Less is there, ordered and on its way than should be." },
	{ "reservation.source_changed", &reservation, "The charge that it was made from has changed." },
	{ "movement.source_changed", &movement, "The charge that it was made from has changed." },
	{ "rma.source_changed", &rma, "The call that it was made from, or a charge of that, has changed." },
	{ "rma_line.source_changed", &rma_line, "The charge that it was made from has changed." },
	{ "movement.posted", &movement, "Goods came, went or were counted anew." },
	{ "reservation.made", &reservation, "Parts are promised to an activity." },
	{ "reservation.waiting", &reservation, "Parts are asked for that are not there." },
	{ "reservation.filled", &reservation, "Parts that an activity waited for came in and are its own now." },
	{ "reservation.expired", &reservation, "Its time was over before it was issued." },
	{ "meter.read", &meter, "It was read; its last reading is what it shows now." },
	{ "warranty.expiring", &asset, "Its longest warranty ends in some days." },
	{ 0 },
};

/* What an ERP owns, and its answer to what is proposed. */
static const struct feed feeds[] = {
	{ "article_category", &article_category, NULL, "A category of articles, below another or at the top." },
	{ "article", &article, NULL, "An article: from then on the ERP's, and changed there." },
	{ "substitute", &substitute, NULL, "An article that may be taken instead of another." },
	{ "price_list", &price_list, NULL, "A price list." },
	{ "price", &price, NULL, "The price of an article in a list." },
	{ "asset", &asset, NULL, "A sale or delivery of a serial number: makes its asset, or moves it." },
	{ "reorder.ordered", &reorder, "order", "What was proposed is ordered." },
	{ "reorder.refused", &reorder, "refuse", "What was proposed is not ordered." },
	{ 0 },
};

const struct service inventory_service = {
	.name = "inventory",
	.title = "Aftercare inventory",
	.help = "Articles, warehouses, stock, reservations, movements, and the installed base.",
	.routes = routes,
	.statements = inventory_service_statements,
	.migrations = &inventory_migrations,
	.settings = settings_fields,
	.events = events,
	.copies = copies,
	.consumes = copies_beside,
	.feeds = feeds,
	.timers = inventory_timers,
};
