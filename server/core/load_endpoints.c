/*
 * Groups, endpoints, their paths and aliases, and the routes that lead to them.
 */
#include "core/loading.h"
#include "core/names.h"

#include <stdlib.h>
#include <string.h>

/* ---- groups ---- */

static int find_group(const struct loading *loading, const char *name)
{
	for (size_t i = 0; i < loading->group_count; i++)
		if (strcmp(loading->groups[i].name, name) == 0)
			return (int)i;
	return INDEX_NONE;
}

/* The group of that name, made if need be; INDEX_NONE when there are too many. */
static int add_group(struct loading *loading, const cJSON *item, const char *name)
{
	int group = find_group(loading, name);

	if (group != INDEX_NONE)
		return group;
	if (loading->group_count == GROUPS_MAX) {
		reader_problem(&loading->reader, item, NULL, "too many groups; at most %d are allowed", GROUPS_MAX);
		return INDEX_NONE;
	}
	group = (int)loading->group_count++;
	loading->groups[group].name = reader_copy(&loading->reader, name);
	return group;
}

/* Whether "groups" has that name, or some endpoint says that it belongs there. */
static bool is_group(const struct loading *loading, const char *name)
{
	const cJSON *endpoints = json_member(loading->tree, "endpoints");

	if (json_member(json_member(loading->tree, "groups"), name))
		return true;
	for (const cJSON *endpoint = endpoints->child; endpoint; endpoint = endpoint->next) {
		const char *group = reader_text(endpoint, "group");

		if (group && strcmp(group, name) == 0)
			return true;
	}
	return false;
}

static void report_unknown_member(const struct loading *loading, const cJSON *member)
{
	const cJSON *groups = json_member(loading->tree, "groups");
	const cJSON *endpoints = json_member(loading->tree, "endpoints");
	struct nearest nearest;

	nearest_begin(&nearest, member->valuestring);
	for (const cJSON *group = groups->child; group; group = group->next)
		nearest_offer(&nearest, group->string);
	for (const cJSON *endpoint = endpoints->child; endpoint; endpoint = endpoint->next) {
		nearest_offer(&nearest, endpoint->string);
		if (reader_text(endpoint, "group"))
			nearest_offer(&nearest, reader_text(endpoint, "group"));
	}
	reader_problem(&loading->reader, member, nearest.best, "there is no group or endpoint \"%s\"",
	               member->valuestring);
}

/* A member is a group, or else an endpoint. What a file inherits may have lost all that was in it. */
static void load_member(struct loading *loading, const cJSON *member)
{
	const cJSON *endpoints = json_member(loading->tree, "endpoints");

	if (!reader_type(&loading->reader, member, "a group's member", FIELD_TEXT))
		return;
	if (!is_group(loading, member->valuestring) && json_member(endpoints, member->valuestring))
		return;
	if (!is_group(loading, member->valuestring) &&
	    json_place_of(loading->reader.places, member).file == loading->top_file)
		report_unknown_member(loading, member);
	else
		add_group(loading, member, member->valuestring);
}

static void load_groups(struct loading *loading)
{
	const cJSON *groups = json_member(loading->tree, "groups");

	for (const cJSON *group = groups ? groups->child : NULL; group; group = group->next) {
		if (!reader_name(&loading->reader, group, "a group") ||
		    !reader_type(&loading->reader, group, "a group", FIELD_LIST))
			continue;
		add_group(loading, group, group->string);
		if (load_count(loading, group, "members", ENDPOINTS_MAX) == 0)
			continue;
		for (const cJSON *member = group->child; member; member = member->next)
			load_member(loading, member);
	}
}

static void add_member(struct loading *loading, struct endpoint_set *set, const char *name)
{
	const int group = find_group(loading, name);

	for (size_t i = 0; group != INDEX_NONE && i < ENDPOINTS_MAX / 64; i++)
		set->bits[i] |= loading->groups[group].members.bits[i];
	for (size_t i = 0; group == INDEX_NONE && i < loading->machine->endpoint_count; i++)
		if (name_is(loading->machine->endpoints[i].name, name))
			endpoint_set_add(set, i);
}

/* Groups contain what the groups in them contain. As many rounds as groups settle any nesting, even a circle. */
static void close_groups(struct loading *loading)
{
	const cJSON *groups = json_member(loading->tree, "groups");

	for (size_t round = 0; groups && round < loading->group_count; round++) {
		for (const cJSON *item = groups->child; item; item = item->next) {
			const int outer = find_group(loading, item->string);

			for (const cJSON *member = item->child; member && outer != INDEX_NONE; member = member->next)
				if (cJSON_IsString(member))
					add_member(loading, &loading->groups[outer].members, member->valuestring);
		}
	}
}

/* Names for those who ask for some endpoints later. */
static void keep_groups(struct loading *loading)
{
	struct machine *machine = loading->machine;

	machine->group_count = loading->group_count;
	machine->groups = arena_alloc(machine->arena, (loading->group_count + 1) * sizeof *machine->groups);
	memcpy(machine->groups, loading->groups, loading->group_count * sizeof *machine->groups);
}

/* ---- endpoints ---- */

static const struct {
	const char *name;
	enum special_match match;
} matches[] = {
	{ "websocket", MATCH_WEBSOCKET },
	{ "websocket_version", MATCH_WEBSOCKET_VERSION },
	{ "filter_broken", MATCH_PEER_FILTER_BROKEN },
	{ "peer_denied", MATCH_PEER_DENIED },
	{ "preflight", MATCH_PREFLIGHT },
	{ "malformed_target", MATCH_MALFORMED_TARGET },
	{ "no_user_agent", MATCH_NO_USER_AGENT },
	{ "no_content_length", MATCH_NO_CONTENT_LENGTH },
	{ "wrong_method", MATCH_WRONG_METHOD },
	{ "unknown_path", MATCH_UNKNOWN_PATH },
};

static const struct field endpoint_fields[] = {
	{ "path", FIELD_TEXT, false },
	{ "paths", FIELD_LIST, false },
	{ "match", FIELD_TEXT, false },
	{ "methods", FIELD_TEXT | FIELD_LIST, false },
	{ "group", FIELD_TEXT, false },
	{ "catch_all", FIELD_BOOL, false },
	{ "answer", FIELD_TEXT | FIELD_OBJECT | FIELD_LIST, false },
	{ 0 },
};

#define METHODS_ALL ((1U << METHOD_COUNT) - 1)

uint32_t load_methods(struct loading *loading, const cJSON *item, uint32_t otherwise)
{
	uint32_t methods = 0;

	if (!item)
		return otherwise;
	if (cJSON_IsString(item)) {
		if (strcmp(item->valuestring, "any") != 0)
			reader_problem(&loading->reader, item, "any",
			               "\"methods\" must be \"any\" or a list such as [\"GET\"]");
		return METHODS_ALL;
	}
	for (const cJSON *name = item->child; name; name = name->next) {
		enum http_method method = METHOD_OTHER;

		if (reader_type(&loading->reader, name, "a method", FIELD_TEXT)) {
			method = method_of(name->valuestring);
			if (method == METHOD_OTHER)
				reader_problem(&loading->reader, name, NULL,
				               "\"%s\" is not one of GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH",
				               name->valuestring);
		}
		methods |= 1U << method;
	}
	if (methods == 0)
		reader_problem(&loading->reader, item, NULL, "\"methods\" must name at least one");
	if (methods & (1U << METHOD_GET))
		methods |= 1U << METHOD_HEAD;
	return methods;
}

static void load_match(struct loading *loading, const cJSON *item, size_t index)
{
	struct machine *machine = loading->machine;
	const cJSON *match = json_member(item, "match");
	struct nearest nearest;

	for (size_t i = 0; i < sizeof matches / sizeof *matches; i++) {
		if (strcmp(matches[i].name, match->valuestring) != 0)
			continue;
		if (machine->special[matches[i].match] != INDEX_NONE)
			reader_problem(&loading->reader, match, NULL, "\"%s\" has an endpoint already: \"%s\"",
			               match->valuestring, machine->endpoints[machine->special[matches[i].match]].name);
		machine->endpoints[index].match = matches[i].match;
		machine->special[matches[i].match] = (int16_t)index;
		return;
	}
	nearest_begin(&nearest, match->valuestring);
	for (size_t i = 0; i < sizeof matches / sizeof *matches; i++)
		nearest_offer(&nearest, matches[i].name);
	reader_problem(&loading->reader, match, nearest.best, "there is no match \"%s\"", match->valuestring);
}

bool load_path_is_fine(const char *path)
{
	const char *star = strchr(path, '*');

	if (path[0] != '/' || strlen(path) > PATH_LENGTH_MAX || load_has_control_character(path) ||
	    strpbrk(path, "?# "))
		return false;
	return !star || (star[1] == '\0' && star[-1] == '/');
}

static void load_aliases(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *aliases = json_member(loading->tree, "aliases");
	const size_t count = aliases ? load_count(loading, aliases, "aliases", ALIASES_MAX) : 0;

	machine->aliases = arena_alloc(machine->arena, (count + 1) * sizeof *machine->aliases);
	for (const cJSON *item = count ? aliases->child : NULL; item; item = item->next) {
		if (!reader_type(&loading->reader, item, "an alias", FIELD_TEXT))
			continue;
		if (!load_path_is_fine(item->string) || !load_path_is_fine(item->valuestring) ||
		    strchr(item->string, '*') || strchr(item->valuestring, '*')) {
			reader_key_problem(
			    &loading->reader, item, NULL,
			    "an alias and its target are paths, without \"?\" and \"*\": \"/old/\": \"/new/\"");
			continue;
		}
		machine->aliases[machine->alias_count++] =
		    (struct alias){ .from = reader_copy(&loading->reader, item->string),
			            .to = reader_copy(&loading->reader, item->valuestring) };
	}
}

/* Adds one path, and the same under each alias whose target it lies below. */
static size_t add_path(struct loading *loading, const cJSON *item, const char **paths, size_t count)
{
	const struct machine *machine = loading->machine;

	if (!reader_type(&loading->reader, item, "a path", FIELD_TEXT))
		return count;
	if (!load_path_is_fine(item->valuestring)) {
		reader_problem(
		    &loading->reader, item, NULL,
		    "a path starts with \"/\", has no \"?\", and a \"*\" only after its last \"/\"; found \"%s\"",
		    item->valuestring);
		return count;
	}
	paths[count++] = reader_copy(&loading->reader, item->valuestring);
	for (size_t i = 0; i < machine->alias_count; i++) {
		const struct alias *alias = &machine->aliases[i];
		struct buffer path = { 0 };

		if (strncmp(item->valuestring, alias->to, strlen(alias->to)) != 0)
			continue;
		buffer_add_text(&path, alias->from);
		buffer_add_text(&path, item->valuestring + strlen(alias->to));
		if (path.length > PATH_LENGTH_MAX)
			reader_problem(&loading->reader, item, NULL,
			               "below alias \"%s\" this path has %zu bytes; at most %d are allowed",
			               alias->from, path.length, PATH_LENGTH_MAX);
		paths[count++] = reader_copy(&loading->reader, path.data);
		buffer_release(&path);
	}
	return count;
}

static void load_paths(struct loading *loading, const cJSON *item, struct endpoint *endpoint)
{
	const cJSON *path = json_member(item, "path");
	const cJSON *list = json_member(item, "paths");
	const size_t most = (path ? 1 : (size_t)cJSON_GetArraySize(list)) * (loading->machine->alias_count + 1);
	const char **paths = arena_alloc(loading->machine->arena, (most + 1) * sizeof *paths);

	if (list && !list->child)
		reader_problem(&loading->reader, list, NULL, "\"paths\" must name at least one path");
	if (path)
		endpoint->path_count = add_path(loading, path, paths, 0);
	for (const cJSON *each = !path && list ? list->child : NULL; each; each = each->next)
		endpoint->path_count = add_path(loading, each, paths, endpoint->path_count);
	endpoint->paths = paths;
}

static void load_endpoint(struct loading *loading, const cJSON *item)
{
	struct machine *machine = loading->machine;
	const size_t index = machine->endpoint_count;
	struct endpoint *endpoint = &machine->endpoints[index];
	const char *group;
	int ways = 0;

	if (!reader_name(&loading->reader, item, "an endpoint") ||
	    !reader_object(&loading->reader, item, "an endpoint", endpoint_fields))
		return;
	ways = (json_member(item, "path") != NULL) + (json_member(item, "paths") != NULL) +
	       (json_member(item, "match") != NULL);
	if (ways != 1) {
		reader_problem(&loading->reader, item, NULL,
		               "an endpoint must have one of \"path\", \"paths\" and \"match\"");
		return;
	}
	endpoint->name = reader_copy(&loading->reader, item->string);
	endpoint->event = INDEX_NONE;
	endpoint->catch_all = reader_flag(item, "catch_all", false);
	endpoint->methods =
	    load_methods(loading, json_member(item, "methods"),
	                 json_member(item, "match") ? METHODS_ALL : (1U << METHOD_GET) | (1U << METHOD_HEAD));
	machine->endpoint_count++;
	if (json_member(item, "match"))
		load_match(loading, item, index);
	else
		load_paths(loading, item, endpoint);
	group = reader_text(item, "group");
	if (group) {
		int known = find_group(loading, group);

		if (known == INDEX_NONE && json_member(loading->tree, "groups")) {
			struct nearest nearest;

			nearest_begin(&nearest, group);
			for (size_t i = 0; i < loading->group_count; i++)
				nearest_offer(&nearest, loading->groups[i].name);
			reader_problem(&loading->reader, json_member(item, "group"), nearest.best,
			               "there is no group \"%s\"", group);
			return;
		}
		if (known == INDEX_NONE && !reader_text_name(&loading->reader, json_member(item, "group"), "a group"))
			return;
		known = add_group(loading, item, group);
		if (known == INDEX_NONE)
			return;
		endpoint->group = loading->groups[known].name;
		endpoint_set_add(&loading->groups[known].members, index);
	}
}

/* ---- routes ---- */

/* Exact paths first, by path; then prefixes, the longest first. */
static int compare_routes(const void *left, const void *right)
{
	const struct route *a = left;
	const struct route *b = right;
	const size_t shorter = a->path.length < b->path.length ? a->path.length : b->path.length;
	int order;

	if (a->prefix != b->prefix)
		return a->prefix ? 1 : -1;
	if (a->prefix && a->path.length != b->path.length)
		return a->path.length > b->path.length ? -1 : 1;
	order = memcmp(a->path.at, b->path.at, shorter);
	if (order)
		return order;
	if (a->path.length != b->path.length)
		return a->path.length < b->path.length ? -1 : 1;
	return (int)a->endpoint - (int)b->endpoint;
}

static bool same_path(const struct route *a, const struct route *b)
{
	return a->prefix == b->prefix && a->path.length == b->path.length &&
	       memcmp(a->path.at, b->path.at, a->path.length) == 0;
}

/* Several endpoints may have one path, if each has methods of its own. Those of one path stand side by side. */
static void check_route(struct loading *loading, size_t index)
{
	const struct machine *machine = loading->machine;
	const struct route *route = &machine->routes[index];
	const struct endpoint *endpoint = &machine->endpoints[route->endpoint];

	for (size_t i = index; i-- > 0 && same_path(route, &machine->routes[i]);) {
		const struct endpoint *other = &machine->endpoints[machine->routes[i].endpoint];

		if ((endpoint->methods & other->methods) == 0)
			continue;
		reader_key_problem(&loading->reader,
		                   json_member(json_member(loading->tree, "endpoints"), endpoint->name), NULL,
		                   "endpoints \"%s\" and \"%s\" both claim %.*s with the same method", other->name,
		                   endpoint->name, (int)route->path.length, route->path.at);
		return;
	}
}

static void load_routes(struct loading *loading)
{
	struct machine *machine = loading->machine;
	size_t count = 0;

	for (size_t i = 0; i < machine->endpoint_count; i++)
		count += machine->endpoints[i].path_count;
	machine->routes = arena_alloc(machine->arena, (count + 1) * sizeof *machine->routes);
	for (size_t i = 0; i < machine->endpoint_count; i++) {
		for (size_t j = 0; j < machine->endpoints[i].path_count; j++) {
			struct route *route = &machine->routes[machine->route_count++];

			route->path = span_of(machine->endpoints[i].paths[j]);
			route->endpoint = (uint16_t)i;
			if (route->path.length > 1 && route->path.at[route->path.length - 1] == '*') {
				route->prefix = true;
				route->path.length--;
			}
		}
	}
	qsort(machine->routes, machine->route_count, sizeof *machine->routes, compare_routes);
	for (size_t i = 0; i < machine->route_count; i++) {
		machine->exact_count += !machine->routes[i].prefix;
		check_route(loading, i);
	}
}

void load_endpoints(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *endpoints = json_member(loading->tree, "endpoints");
	const size_t count = load_count(loading, endpoints, "endpoints", ENDPOINTS_MAX);
	int upstream;

	load_aliases(loading);
	load_groups(loading);
	machine->endpoints = arena_alloc(machine->arena, (count + 1) * sizeof *machine->endpoints);
	for (const cJSON *item = count ? endpoints->child : NULL; item; item = item->next)
		load_endpoint(loading, item);
	close_groups(loading);
	keep_groups(loading);
	upstream = find_group(loading, "upstream");
	for (size_t i = 0; i < machine->endpoint_count; i++)
		machine->endpoints[i].proxied =
		    upstream != INDEX_NONE && endpoint_set_has(&loading->groups[upstream].members, i);
	load_routes(loading);
}
