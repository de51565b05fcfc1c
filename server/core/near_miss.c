#include "core/near_miss.h"

#include "core/near_miss_parts.h"
#include "core/record_json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- sentences ---- */

void near_miss_add(struct searching *searching, const struct endpoint *endpoint, const char *path, const char *format,
                   ...)
{
	struct near_miss *miss;
	va_list arguments;

	if (searching->count == NEAR_MISSES_MAX)
		return;
	miss = &searching->misses[searching->count++];
	va_start(arguments, format);
	vsnprintf(miss->text, sizeof miss->text, format, arguments);
	va_end(arguments);
	miss->endpoint = endpoint ? endpoint->name : NULL;
	snprintf(miss->path, sizeof miss->path, "%.*s", PATH_LENGTH_MAX, path);
}

const char *near_miss_methods(uint32_t methods, char list[static METHOD_LIST_SIZE])
{
	size_t length = 0;

	list[0] = '\0';
	if (methods & (1U << METHOD_GET))
		methods &= ~(1U << METHOD_HEAD);
	for (int method = 0; method < METHOD_OTHER; method++) {
		if (!(methods >> method & 1U))
			continue;
		length += (size_t)snprintf(list + length, METHOD_LIST_SIZE - length, "%s%s", length > 0 ? " and " : "",
		                           method_name((enum http_method)method));
	}
	return list;
}

/* ---- the method ---- */

/* True when the path is known, and so it is the method that is wrong. */
static bool explain_method(struct searching *searching)
{
	const struct machine *machine = searching->machine;
	uint32_t methods = 0;
	char list[METHOD_LIST_SIZE];
	const struct endpoint *endpoint = NULL;

	for (size_t i = 0; i < machine->route_count; i++) {
		const struct route *route = &machine->routes[i];
		const struct endpoint *here = near_miss_endpoint(machine, route);

		if (!here || strlen(searching->path) < route->path.length ||
		    (!route->prefix && strlen(searching->path) != route->path.length) ||
		    strncmp(route->path.at, searching->path, route->path.length) != 0)
			continue;
		methods |= here->methods;
		endpoint = endpoint ? endpoint : here;
	}
	if (!endpoint)
		return false;
	if (methods >> searching->record->method & 1U)
		return true;
	near_miss_methods(methods, list);
	near_miss_add(searching, endpoint, "", "%s %.*s: only %s %s answered there", searching->method, PATH_SHOWN,
	              searching->path, list, strstr(list, " and ") ? "are" : "is");
	return true;
}

static void explain_unknown(struct searching *searching)
{
	if (!explain_method(searching))
		near_miss_explain_path(searching);
}

/* ---- the other kinds ---- */

/* The "%" that two hex digits do not follow, or NULL. */
static const char *bad_escape(const char *path)
{
	for (; *path; path++)
		if (*path == '%' && (hex_value(path[1]) < 0 || hex_value(path[2]) < 0))
			return path;
	return NULL;
}

/* The path inside a whole URL; NULL when it is none. */
static const char *path_of_url(const char *target)
{
	const char *authority = strstr(target, "://");
	const char *path = authority ? strchr(authority + 3, '/') : NULL;

	if (!authority || target[0] == '/')
		return NULL;
	return path ? path : "/";
}

static void explain_target(struct searching *searching)
{
	const char *path = path_of_url(searching->path);
	char meant[PATH_LENGTH_MAX + 1];
	const char *escape = bad_escape(searching->path);

	if (path) {
		snprintf(meant, sizeof meant, "%s", path);
		near_miss_add(
		    searching, near_miss_find(searching, meant), path,
		    "%s %.*s: the target is a whole URL, as for a proxy (absolute form), and the gateway hangs "
		    "on it: send %.*s",
		    searching->method, PATH_SHOWN, searching->path, PATH_SHOWN, path);
	} else if (escape) {
		near_miss_add(searching, NULL, "", "%s %.*s: bad percent escape \"%.3s\", and the gateway hangs on it",
		              searching->method, PATH_SHOWN, searching->path, escape);
	} else {
		near_miss_add(searching, NULL, "",
		              "%s %.*s: the target does not begin with \"/\", and the gateway hangs on it",
		              searching->method, PATH_SHOWN, searching->path);
	}
}

static enum special_match match_of(const struct searching *searching)
{
	if (searching->record->endpoint < 0)
		return MATCH_UNKNOWN_PATH;
	return searching->machine->endpoints[searching->record->endpoint].match;
}

static void explain(struct searching *searching)
{
	switch (match_of(searching)) {
	case MATCH_MALFORMED_TARGET:
		explain_target(searching);
		break;
	/* What else is wrong comes to light once these are mended. */
	case MATCH_NO_USER_AGENT:
		near_miss_add(searching, NULL, "", "%s %.*s has no User-Agent header: the real upstream answers 403",
		              searching->method, PATH_SHOWN, searching->path);
		explain_unknown(searching);
		break;
	case MATCH_NO_CONTENT_LENGTH:
		near_miss_add(searching, NULL, "", "%s %.*s without a Content-Length: the real upstream answers 411",
		              searching->method, PATH_SHOWN, searching->path);
		explain_unknown(searching);
		break;
	case MATCH_PATH:
	case MATCH_WRONG_METHOD:
	case MATCH_UNKNOWN_PATH:
		explain_unknown(searching);
		break;
	case MATCH_WEBSOCKET:
	case MATCH_WEBSOCKET_VERSION:
	case MATCH_PEER_FILTER_BROKEN:
	case MATCH_PEER_DENIED:
	case MATCH_PREFLIGHT:
	case MATCH_COUNT:
		break;
	}
}

/* ---- from the record ---- */

static void add_base(struct searching *searching, const char *base)
{
	for (size_t i = 0; i < searching->base_count; i++)
		if (strcmp(searching->bases[i], base) == 0)
			return;
	/* Behind the root lies everything. */
	if (strlen(base) < 2 || base[strlen(base) - 1] != '/')
		return;
	searching->bases[searching->base_count++] = base;
}

/* Where paths lie comes first: that is what a path is given that has none. */
static void find_bases(struct searching *searching)
{
	const struct machine *machine = searching->machine;

	for (size_t i = 0; i < machine->alias_count; i++)
		add_base(searching, machine->aliases[i].to);
	for (size_t i = 0; i < machine->alias_count; i++)
		add_base(searching, machine->aliases[i].from);
	add_base(searching, API_BASE);
}

static void copy_path(struct searching *searching)
{
	const struct span target = record_text(&searching->emulator->journal, searching->record);
	size_t length = 0;

	while (length < target.length && length < PATH_LENGTH_MAX && target.at[length] != '?') {
		const char byte = target.at[length];

		searching->path[length++] = byte > ' ' && byte <= '~' ? byte : '?';
	}
	searching->path[length] = '\0';
}

size_t near_misses(const struct emulator *emulator, const struct record *record,
                   struct near_miss misses[NEAR_MISSES_MAX])
{
	struct searching searching = {
		.emulator = emulator,
		.machine = emulator->machine,
		.record = record,
		.method = method_name(record->method),
		.misses = misses,
	};

	if (record->kind != RECORD_REQUEST || record->matched)
		return 0;
	find_bases(&searching);
	copy_path(&searching);
	explain(&searching);
	if (searching.count == 0)
		near_miss_add(&searching, NULL, "", "%s %.*s: nothing in this scenario answers it", searching.method,
		              PATH_SHOWN, searching.path);
	return searching.count;
}

/* ---- as JSON ---- */

bool near_miss_is_due(const struct record *record)
{
	return record->kind == RECORD_CONNECTION || (record->kind == RECORD_REQUEST && !record->matched);
}

static void add_text(const char *text, struct buffer *out)
{
	if (!text || !*text) {
		buffer_add_text(out, "null");
		return;
	}
	buffer_add_quoted(out, text, strlen(text));
}

static void add_json(const struct near_miss *miss, struct buffer *out)
{
	buffer_add_text(out, "{\"message\":");
	add_text(miss->text, out);
	buffer_add_text(out, ",\"endpoint\":");
	add_text(miss->endpoint, out);
	buffer_add_text(out, ",\"path\":");
	add_text(miss->path, out);
	buffer_add_text(out, "}");
}

static void add_connection_json(const struct emulator *emulator, const struct record *record, struct buffer *out)
{
	const struct span text = record_text(&emulator->journal, record);

	buffer_add_text(out, "{\"message\":\"");
	buffer_add_json_text(out, text.at, text.length);
	buffer_add_text(out, "\",\"endpoint\":null,\"path\":null}");
}

void near_miss_add_json(const struct emulator *emulator, uint64_t index, const struct record *record,
                        struct buffer *out)
{
	struct near_miss misses[NEAR_MISSES_MAX];
	const size_t count = near_misses(emulator, record, misses);

	buffer_add_text(out, "{\"request\":");
	record_add_json(emulator, index, record, RECORD_BRIEF, out);
	buffer_add_text(out, ",\"near_misses\":[");
	for (size_t i = 0; i < count; i++) {
		buffer_add_text(out, i > 0 ? "," : "");
		add_json(&misses[i], out);
	}
	if (record->kind == RECORD_CONNECTION)
		add_connection_json(emulator, record, out);
	buffer_add_text(out, "]}");
}
