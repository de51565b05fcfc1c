/*
 * The documentation of the control API, made from the table of routes: an OpenAPI document and a page.
 */
#include "control/answer.h"
#include "control/handlers.h"
#include "control/route.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the table says ---- */

/* Where a route can be called: behind the root, behind a gateway's name, or both. */
static bool has_form(const struct control_route *route, bool named)
{
	return named ? route->scope != SCOPE_PROCESS : route->scope != SCOPE_NAMED;
}

static void add_path(const struct control_route *route, bool named, struct buffer *out)
{
	buffer_add_text(out, named ? CONTROL_ROOT CONTROL_GATEWAYS "{name}" : CONTROL_ROOT);
	buffer_add_text(out, route->path);
}

static bool same_path(const struct control_route *a, const struct control_route *b)
{
	return strcmp(a->path, b->path) == 0;
}

/* Whether no row before this one has its path in that form. */
static bool is_first_of_path(const struct control_route *route, bool named)
{
	for (const struct control_route *earlier = route_table; earlier != route; earlier++)
		if (same_path(earlier, route) && has_form(earlier, named))
			return false;
	return true;
}

/* The next of "200 an object; 404 there is none": its status and its words. */
static bool next_answer(const char **rest, int *status, struct span *words)
{
	const char *end;

	while (**rest == ' ' || **rest == ';')
		(*rest)++;
	if (!**rest)
		return false;
	*status = atoi(*rest);
	words->at = *rest + 4;
	end = strchr(*rest, ';');
	words->length = end ? (size_t)(end - words->at) : strlen(words->at);
	*rest = words->at + words->length;
	return true;
}

/* ---- OpenAPI ---- */

static void add_parameter(const char *name, const char *in, const char *text, const char *between, struct buffer *out)
{
	buffer_add_format(out, "%s{\"name\":\"%s\",\"in\":\"%s\",\"required\":%s,\"description\":", between, name, in,
	                  strcmp(in, "path") == 0 ? "true" : "false");
	answer_add_text(out, text);
	buffer_add_text(out, ",\"schema\":{\"type\":\"string\"}}");
}

static void add_parameters(const struct control_route *route, bool named, struct buffer *out)
{
	const char *between = "";

	buffer_add_text(out, ",\"parameters\":[");
	if (named) {
		add_parameter("name", "path", "the gateway's name", between, out);
		between = ",";
	}
	if (strchr(route->path, '{')) {
		add_parameter("id", "path", "its id", between, out);
		between = ",";
	}
	for (const struct route_argument *argument = route->arguments; argument->name; argument++) {
		add_parameter(argument->name, "query", argument->text, between, out);
		between = ",";
	}
	buffer_add_text(out, "]");
}

static void add_answers(const struct control_route *route, struct buffer *out)
{
	const char *rest = route->answers;
	const char *between = "";
	struct span words;
	int status;

	buffer_add_text(out, ",\"responses\":{");
	while (next_answer(&rest, &status, &words)) {
		buffer_add_format(out, "%s\"%d\":{\"description\":\"", between, status);
		buffer_add_json_text(out, words.at, words.length);
		buffer_add_text(out, "\"}");
		between = ",";
	}
	buffer_add_text(out, "}");
}

/* "GET /requests/{id}" of a named gateway: "get_gateway_requests_id". */
static void add_operation_id(const struct control_route *route, bool named, struct buffer *out)
{
	char last = '_';

	for (const char *at = method_name(route->method); *at; at++) {
		const char lower = (char)tolower((unsigned char)*at);

		buffer_add(out, &lower, 1);
	}
	if (named)
		buffer_add_text(out, "_gateway");
	for (const char *at = *route->path ? route->path : ""; *at; at++) {
		const char kept = isalnum((unsigned char)*at) ? *at : '_';

		if (kept == '_' && (last == '_' || at[1] == '\0') && at != route->path)
			continue;
		buffer_add(out, &kept, 1);
		last = kept;
	}
}

static void add_operation(const struct control_route *route, bool named, struct buffer *out)
{
	char method[16] = { 0 };

	for (size_t i = 0; method_name(route->method)[i] && i + 1 < sizeof method; i++)
		method[i] = (char)tolower((unsigned char)method_name(route->method)[i]);
	buffer_add_format(out, "\"%s\":{\"operationId\":\"", method);
	add_operation_id(route, named, out);
	buffer_add_text(out, "\",\"summary\":");
	answer_add_text(out, route->summary);
	add_parameters(route, named, out);
	if (route->example)
		buffer_add_format(
		    out, ",\"requestBody\":{\"content\":{\"application/json\":{\"schema\":{},\"example\":%s}}}",
		    route->example);
	add_answers(route, out);
	buffer_add_text(out, "}");
}

static void add_item(const struct control_route *route, bool named, struct buffer *out)
{
	const char *between = "";

	buffer_add_text(out, "\"");
	add_path(route, named, out);
	buffer_add_text(out, "\":{");
	for (const struct control_route *row = route; row->path; row++) {
		if (!same_path(row, route) || !has_form(row, named))
			continue;
		buffer_add_text(out, between);
		add_operation(row, named, out);
		between = ",";
	}
	buffer_add_text(out, "}");
}

void do_openapi(struct call *call)
{
	struct buffer *out = call_answer_json(call, MHD_HTTP_OK);
	const char *between = "";

	buffer_add_text(out, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"cpgw-mock control API\",\"version\":");
	answer_add_text(out, call->options->version);
	buffer_add_text(out, ",\"license\":{\"name\":\"MIT\",\"identifier\":\"MIT\"}},\"paths\":{");
	for (int named = 0; named < 2; named++) {
		for (const struct control_route *route = route_table; route->path; route++) {
			if (!has_form(route, named) || !is_first_of_path(route, named))
				continue;
			buffer_add_text(out, between);
			add_item(route, named, out);
			between = ",\n";
		}
	}
	buffer_add_text(out, "}}\n");
}

/* ---- the page ---- */

static void add_html(const char *text, size_t length, struct buffer *out)
{
	for (size_t i = 0; i < length; i++) {
		switch (text[i]) {
		case '<':
			buffer_add_text(out, "&lt;");
			break;
		case '>':
			buffer_add_text(out, "&gt;");
			break;
		case '&':
			buffer_add_text(out, "&amp;");
			break;
		default:
			buffer_add(out, text + i, 1);
		}
	}
}

static const char page_begin[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>cpgw-mock control API</title>\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}h2{font:600 1rem ui-monospace,monospace;margin:2rem 0 .3rem;border-top:1px solid "
    "#ccc;padding-top:1rem}"
    "code,pre{font-family:ui-monospace,monospace;background:#f3f3f3;border-radius:3px;padding:.1em .3em}"
    "pre{padding:.6em;overflow-x:auto}dt{float:left;clear:left;width:8rem}dd{margin-left:9rem}"
    "@media(prefers-color-scheme:dark){body{background:#161616;color:#e6e6e6}code,pre{background:#262626}"
    "h2{border-color:#444}a{color:#8ab4ff}}</style></head>\n<body><h1>cpgw-mock control API</h1>\n"
    "<p>Every path that is not of the process alone exists for each gateway too, behind "
    "<code>/__admin/gateways/{name}</code>; without a name it means the first one. The same as "
    "<a href=\"docs/openapi.json\">OpenAPI</a>.</p>\n";

static void add_row(const struct control_route *route, struct buffer *out)
{
	const char *rest = route->answers;
	struct span words;
	int status;

	buffer_add_format(out, "<h2>%s ", method_name(route->method));
	add_path(route, route->scope == SCOPE_NAMED, out);
	buffer_add_text(out, "</h2>\n<p>");
	add_html(route->summary, strlen(route->summary), out);
	buffer_add_text(out, ".</p>\n<dl>");
	for (const struct route_argument *argument = route->arguments; argument->name; argument++) {
		buffer_add_format(out, "<dt><code>?%s=</code></dt><dd>", argument->name);
		add_html(argument->text, strlen(argument->text), out);
		buffer_add_text(out, "</dd>\n");
	}
	while (next_answer(&rest, &status, &words)) {
		buffer_add_format(out, "<dt>%d</dt><dd>", status);
		add_html(words.at, words.length, out);
		buffer_add_text(out, "</dd>\n");
	}
	buffer_add_text(out, "</dl>\n");
	if (route->example) {
		buffer_add_text(out, "<pre>");
		add_html(route->example, strlen(route->example), out);
		buffer_add_text(out, "</pre>\n");
	}
}

void do_docs(struct call *call)
{
	call_answer_text(call, MHD_HTTP_OK, TYPE_HTML, page_begin);
	for (const struct control_route *route = route_table; route->path; route++)
		add_row(route, &call->answer);
	buffer_add_text(&call->answer, "</body></html>\n");
}
