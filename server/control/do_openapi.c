/*
 * The control API as an OpenAPI document, made from the table of routes.
 */
#include "control/answer.h"
#include "control/handlers.h"
#include "control/route_words.h"

#include <ctype.h>
#include <string.h>

/* ---- where ---- */

static bool same_path(const struct control_route *a, const struct control_route *b)
{
	return strcmp(a->path, b->path) == 0;
}

/* Whether no row before this one has its path in that form. */
static bool is_first_of_path(const struct control_route *route, bool named)
{
	for (const struct control_route *earlier = route_table; earlier != route; earlier++)
		if (same_path(earlier, route) && route_has_form(earlier, named))
			return false;
	return true;
}

/* ---- what is asked, and answered ---- */

static bool is_number(const char *name)
{
	static const char *const numbers[] = { "count", "limit", "number", "since", NULL };

	for (const char *const *number = numbers; *number; number++)
		if (strcmp(*number, name) == 0)
			return true;
	return false;
}

static void add_parameter(const char *name, const char *in, bool required, const char *text, const char *between,
                          struct buffer *out)
{
	buffer_add_format(out, "%s{\"name\":\"%s\",\"in\":\"%s\",\"required\":%s,\"description\":", between, name, in,
	                  required ? "true" : "false");
	answer_add_text(out, text);
	buffer_add_format(out, ",\"schema\":{\"type\":\"%s\"}}", is_number(name) ? "integer" : "string");
}

static void add_parameters(const struct control_route *route, bool named, struct buffer *out)
{
	const char *between = "";

	buffer_add_text(out, ",\"parameters\":[");
	if (named) {
		add_parameter("name", "path", true, "the gateway's name", between, out);
		between = ",";
	}
	if (strchr(route->path, '{')) {
		add_parameter("id", "path", true, "its id", between, out);
		between = ",";
	}
	for (const struct route_argument *argument = route->arguments; argument->name; argument++) {
		const bool required = route->needs && strcmp(route->needs, argument->name) == 0;

		add_parameter(argument->name, "query", required, argument->text, between, out);
		between = ",";
	}
	buffer_add_text(out, "]");
}

/* One object in all but /actions, which takes a list too. */
static void add_body(const struct control_route *route, struct buffer *out)
{
	buffer_add_format(
	    out,
	    ",\"requestBody\":{\"required\":%s,\"content\":{\"application/json\":{\"schema\":{\"type\":%s},"
	    "\"example\":%s}}}",
	    route->body_is_optional ? "false" : "true",
	    *route->example == '[' ? "[\"object\",\"array\"]" : "\"object\"", route->example);
}

static void add_content(const struct control_route *route, int status, struct buffer *out)
{
	if (status == MHD_HTTP_NO_CONTENT)
		return;
	if (status >= 400)
		buffer_add_text(out, ",\"content\":{\"" TYPE_PROBLEM
		                     "\":{\"schema\":{\"$ref\":\"#/components/schemas/problem\"}}}");
	else
		buffer_add_format(out, ",\"content\":{\"%s\":{}}", route->type ? route->type : TYPE_JSON);
}

static void add_answers(const struct control_route *route, struct buffer *out)
{
	const char *rest = route->answers;
	const char *between = "";
	struct span words;
	int status;

	buffer_add_text(out, ",\"responses\":{");
	while (route_next_answer(&rest, &status, &words)) {
		buffer_add_format(out, "%s\"%d\":{\"description\":\"", between, status);
		buffer_add_json_text(out, words.at, words.length);
		buffer_add_text(out, "\"");
		add_content(route, status, out);
		buffer_add_text(out, "}");
		between = ",";
	}
	/* What any call may be answered: docs/control.md#errors-and-limits. */
	buffer_add_text(out, ",\"default\":{\"$ref\":\"#/components/responses/refused\"}}");
}

static void add_operation(const struct control_route *route, bool named, struct buffer *out)
{
	char method[16] = { 0 };

	for (size_t i = 0; method_name(route->method)[i] && i + 1 < sizeof method; i++)
		method[i] = (char)tolower((unsigned char)method_name(route->method)[i]);
	buffer_add_format(out, "\"%s\":{\"operationId\":\"", method);
	route_add_id(route, named, out);
	buffer_add_text(out, "\",\"summary\":");
	answer_add_text(out, route->summary);
	add_parameters(route, named, out);
	if (route->example)
		add_body(route, out);
	add_answers(route, out);
	buffer_add_text(out, "}");
}

static void add_item(const struct control_route *route, bool named, struct buffer *out)
{
	const char *between = "";

	buffer_add_text(out, "\"");
	route_add_path(route, named, out);
	buffer_add_text(out, "\":{");
	for (const struct control_route *row = route; row->path; row++) {
		if (!same_path(row, route) || !route_has_form(row, named))
			continue;
		buffer_add_text(out, between);
		add_operation(row, named, out);
		between = ",";
	}
	buffer_add_text(out, "}");
}

/* RFC 9457, and what call_problems() adds. */
static const char schemas[] =
    "\"schemas\":{\"problem\":{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"detail\"],"
    "\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},"
    "\"detail\":{\"type\":\"string\"},"
    "\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
    "\"line\":{\"type\":\"integer\"},\"column\":{\"type\":\"integer\"},\"file\":{\"type\":\"string\"},"
    "\"message\":{\"type\":\"string\"},\"nearest\":{\"type\":\"string\"}}}}}}}";

static const char responses[] =
    "\"responses\":{\"refused\":{\"description\":\"what any call may be answered: "
    "400 the query or the body is not what is wanted; "
    "401 the token is missing or wrong; "
    "403 the call comes from a web page, or for another host; "
    "404 there is no such gateway; "
    "405 not with this method; "
    "413 the body is too large\","
    "\"content\":{\"" TYPE_PROBLEM "\":{\"schema\":{\"$ref\":\"#/components/schemas/problem\"}}}}}";

static const char security_schemes[] =
    "\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\","
    "\"description\":\"where --admin-token was given, or the port is not on a loopback address\"}}";

void do_openapi(struct call *call)
{
	struct buffer *out = call_answer_json(call, MHD_HTTP_OK);
	const char *between = "";

	buffer_add_text(out, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"cpgw-mock control API\",\"version\":");
	answer_add_text(out, call->options->version);
	buffer_add_text(out, ",\"license\":{\"name\":\"MIT\",\"identifier\":\"MIT\"}},\"paths\":{");
	for (int named = 0; named < 2; named++) {
		for (const struct control_route *route = route_table; route->path; route++) {
			if (!route_has_form(route, named) || !is_first_of_path(route, named))
				continue;
			buffer_add_text(out, between);
			add_item(route, named, out);
			between = ",\n";
		}
	}
	buffer_add_format(out, "},\"components\":{%s,%s,%s},\"security\":[{},{\"token\":[]}]}\n", schemas, responses,
	                  security_schemes);
}
