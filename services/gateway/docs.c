#include "docs.h"

#include "app.h"
#include "arena.h"
#include "config.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define ROOT  "/docs"
#define INDEX "index.html"

/* Only from here; Swagger UI sets styles inline and shows pictures as data. */
#define DOCS_POLICY                                                                                                    \
	"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "              \
	"connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

/* What of the package is served: nothing else of its directory is reachable. */
static const struct {
	const char *name;
	const char *content_type;
} files[] = {
	{ "swagger-ui.css", "text/css; charset=utf-8" },
	{ "swagger-ui-bundle.js", "text/javascript; charset=utf-8" },
};

bool docs_path(const char *path)
{
	return text_same(path, "/") || text_same(path, ROOT) || text_starts(path, ROOT "/");
}

static ssize_t file_read(void *context, char *buffer, size_t size)
{
	ssize_t got;

	do {
		got = read((int)(intptr_t)context, buffer, size);
	} while (got < 0 && errno == EINTR);
	return got;
}

static void file_end(void *context)
{
	close((int)(intptr_t)context);
}

static enum fault file_answer(struct request *request, const char *name, const char *content_type)
{
	const char *directory = config_text(request->app->config, "AFTERCARE_SWAGGER_UI");
	int file;

	if (!directory)
		return request_fail(request, FAULT_UNAVAILABLE, "AFTERCARE_SWAGGER_UI names no directory.");
	file = open(arena_printf(request->arena, "%s/%s", directory, name), O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return request_fail(
			request, FAULT_UNAVAILABLE, "Swagger UI is not in the directory of AFTERCARE_SWAGGER_UI.");
	request->response.status = 200;
	request->response.content_type = content_type;
	request->response.stream = (struct stream){ file_read, file_end, (void *)(intptr_t)file };
	response_header(request, "Cache-Control", "public, max-age=3600");
	return FAULT_NONE;
}

static enum fault page_answer(struct request *request, const struct page *page)
{
	response_json(request, 200, page->text);
	request->response.content_type = page->content_type;
	response_header(request, "Content-Security-Policy", DOCS_POLICY);
	response_header(request, "Cache-Control", "no-cache");
	return FAULT_NONE;
}

enum fault docs_get(struct request *request)
{
	const char *name = request->path + strlen(ROOT);

	if (request->method != METHOD_GET) {
		response_header(request, "Allow", "GET, HEAD");
		return request_fail(request, FAULT_METHOD, "This address takes: GET, HEAD.");
	}
	if (text_same(request->path, "/")) {
		response_header(request, "Location", ROOT);
		response_empty(request);
		request->response.status = 302;
		return FAULT_NONE;
	}
	name = *name == '/' && name[1] ? name + 1 : INDEX;
	for (const struct page *page = docs_pages; page->name; page++)
		if (text_same(page->name, name))
			return page_answer(request, page);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (text_same(files[i].name, name))
			return file_answer(request, files[i].name, files[i].content_type);
	return request_fail(request, FAULT_NOT_FOUND, "There is nothing at this address.");
}
