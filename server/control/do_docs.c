/*
 * The documentation of the control API as a page, made from the table of routes.
 */
#include "control/answer.h"
#include "control/handlers.h"
#include "control/route_words.h"
#include "core/html.h"

static const char page_begin[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>cpgw-mock control API</title>\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}h2{font:600 1rem ui-monospace,monospace;margin:2rem 0 .3rem;border-top:1px solid "
    "#ccc;padding-top:1rem}"
    "code,pre{font-family:ui-monospace,monospace;background:#f3f3f3;border-radius:3px;padding:.1em .3em}"
    "pre{padding:.6em;overflow-x:auto}dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem "
    "1.5rem}dd{margin:0}"
    "nav ul{columns:20rem;padding:0;list-style:none;font:.9rem/1.7 ui-monospace,monospace}nav a{text-decoration:none}"
    "nav a:hover,nav a:focus{text-decoration:underline}"
    "@media(prefers-color-scheme:dark){body{background:#161616;color:#e6e6e6}code,pre{background:#262626}"
    "h2{border-color:#444}a{color:#8ab4ff}}</style></head>\n<body><h1>cpgw-mock control API</h1>\n"
    "<p>What is there for each gateway too is so behind <code>/__admin/gateways/{name}</code>; without a name it means "
    "the first one. The same as "
    "<a href=\"docs/openapi.json\">OpenAPI</a>.</p>\n";

static void add_name(const struct control_route *route, struct buffer *out)
{
	buffer_add_format(out, "%s ", method_name(route->method));
	route_add_path(route, route->scope == SCOPE_NAMED, out);
}

static void add_index(struct buffer *out)
{
	buffer_add_text(out, "<nav aria-label=\"All calls\"><ul>\n");
	for (const struct control_route *route = route_table; route->path; route++) {
		buffer_add_text(out, "<li><a href=\"#");
		route_add_id(route, route->scope == SCOPE_NAMED, out);
		buffer_add_text(out, "\">");
		add_name(route, out);
		buffer_add_text(out, "</a></li>\n");
	}
	buffer_add_text(out, "</ul></nav>\n");
}

static void add_row(const struct control_route *route, struct buffer *out)
{
	const char *rest = route->answers;
	struct span words;
	int status;

	buffer_add_text(out, "<h2 id=\"");
	route_add_id(route, route->scope == SCOPE_NAMED, out);
	buffer_add_text(out, "\">");
	add_name(route, out);
	buffer_add_text(out, "</h2>\n<p>");
	html_add(out, span_of(route->summary));
	buffer_add_format(out, ".%s</p>\n<dl>", route->scope == SCOPE_GATEWAY ? " For each gateway too." : "");
	for (const struct route_argument *argument = route->arguments; argument->name; argument++) {
		buffer_add_format(out, "<dt><code>?%s=</code></dt><dd>", argument->name);
		html_add(out, span_of(argument->text));
		buffer_add_text(out, "</dd>\n");
	}
	while (route_next_answer(&rest, &status, &words)) {
		buffer_add_format(out, "<dt>%d</dt><dd>", status);
		html_add(out, words);
		buffer_add_text(out, "</dd>\n");
	}
	buffer_add_text(out, "</dl>\n");
	if (route->example) {
		buffer_add_text(out, "<pre>");
		html_add(out, span_of(route->example));
		buffer_add_text(out, "</pre>\n");
	}
}

void do_docs(struct call *call)
{
	call_answer_text(call, MHD_HTTP_OK, TYPE_HTML, page_begin);
	add_index(&call->answer);
	for (const struct control_route *route = route_table; route->path; route++)
		add_row(route, &call->answer);
	buffer_add_text(&call->answer, "</body></html>\n");
}
