#include "control/route.h"

#include "core/names.h"

#include <stdio.h>
#include <string.h>

static bool is_get(enum http_method method)
{
	return method == METHOD_GET || method == METHOD_HEAD;
}

/* Testers come from tools of which one has POST where the other has PUT. */
static bool is_change(enum http_method method)
{
	return method == METHOD_POST || method == METHOD_PUT;
}

static bool fits_method(const struct control_route *route, enum http_method method)
{
	return route->method == method || (is_get(route->method) && is_get(method)) ||
	       (is_change(route->method) && is_change(method));
}

static bool fits_scope(const struct control_route *route, bool named)
{
	switch (route->scope) {
	case SCOPE_PROCESS:
		return !named;
	case SCOPE_NAMED:
		return named;
	case SCOPE_GATEWAY:
		break;
	}
	return true;
}

/* Whether a route has this path; `parameter` is what stands for the part that the caller chooses. */
static bool fits_path(const struct control_route *route, struct span path, struct span *parameter)
{
	const size_t fixed = strcspn(route->path, "{");

	*parameter = (struct span){ "", 0 };
	if (!route->path[fixed])
		return span_equals(path, route->path);
	if (path.length <= fixed || memcmp(path.at, route->path, fixed) != 0)
		return false;
	*parameter = (struct span){ path.at + fixed, path.length - fixed };
	return !memchr(parameter->at, '/', parameter->length);
}

/* "/requests/find" is no record called "find", whatever the method. */
static bool is_path_as_it_is(bool named, struct span path)
{
	for (const struct control_route *route = route_table; route->path; route++)
		if (fits_scope(route, named) && span_equals(path, route->path))
			return true;
	return false;
}

/* ---- what is wrong ---- */

static void offer_paths(bool named, struct span path, struct nearest *nearest, char *wanted, size_t size)
{
	snprintf(wanted, size, "%.*s", (int)(path.length < size ? path.length : size - 1), path.at);
	nearest_begin(nearest, wanted);
	for (const struct control_route *route = route_table; route->path; route++)
		if (fits_scope(route, named))
			nearest_offer(nearest, route->path);
}

static bool refuse_path(struct call *call, bool named, struct span path)
{
	struct nearest nearest;
	char wanted[NAME_LENGTH_MAX];

	offer_paths(named, path, &nearest, wanted, sizeof wanted);
	if (nearest.best)
		call_problem(call, MHD_HTTP_NOT_FOUND, "there is no such path; the nearest is " CONTROL_ROOT "%s%s",
		             named ? "/gateways/{name}" : "", nearest.best);
	else
		call_problem(call, MHD_HTTP_NOT_FOUND, "there is no such path; " CONTROL_ROOT "/docs lists them all");
	return false;
}

static unsigned method_bit(enum http_method method)
{
	if (is_get(method))
		return 1;
	return is_change(method) ? 2 : 4;
}

/* RFC 9110 section 15.5.6: with the methods that are allowed, a sum of method_bit(). */
static bool refuse_method(struct call *call, unsigned allowed)
{
	static const char *const lists[] = {
		[0] = "",
		[1] = "GET, HEAD",
		[2] = "POST, PUT",
		[3] = "GET, HEAD, POST, PUT",
		[4] = "DELETE",
		[5] = "GET, HEAD, DELETE",
		[6] = "POST, PUT, DELETE",
		[7] = "GET, HEAD, POST, PUT, DELETE",
	};

	call->allow = lists[allowed];
	call_problem(call, MHD_HTTP_METHOD_NOT_ALLOWED, "wanted %s, found %s", call->allow, method_name(call->method));
	return false;
}

/* ---- the gateway ---- */

static void offer_name(void *context, struct entry *entry)
{
	nearest_offer(context, entry->name);
}

static bool refuse_name(struct call *call, const char *name)
{
	struct nearest nearest;

	nearest_begin(&nearest, name);
	registry_each(call->options->registry, offer_name, &nearest);
	if (nearest.best)
		call_unknown(call, MHD_HTTP_NOT_FOUND, "there is no gateway", name, &nearest);
	else
		call_problem(call, MHD_HTTP_NOT_FOUND,
		             "there is no gateway \"%s\"; " CONTROL_ROOT "/gateways lists them", name);
	return false;
}

/* Takes the gateway's name off the path. */
static bool take_name(struct call *call, struct span *path)
{
	const size_t prefix = strlen(CONTROL_GATEWAYS);
	const char *at = path->at + prefix;
	const size_t left = path->length - prefix;
	const char *slash = memchr(at, '/', left);
	const size_t length = slash ? (size_t)(slash - at) : left;
	char name[NAME_LENGTH_MAX + 1];

	if (length > NAME_LENGTH_MAX) {
		call_problem(call, MHD_HTTP_NOT_FOUND, "no gateway has a name of %zu characters: wanted at most %d",
		             length, NAME_LENGTH_MAX);
		return false;
	}
	snprintf(name, sizeof name, "%.*s", (int)length, at);
	call->entry = registry_find(call->options->registry, name);
	*path = (struct span){ at + length, left - length };
	return call->entry ? true : refuse_name(call, name);
}

static struct span path_below_root(struct span path)
{
	const size_t root = strlen(CONTROL_ROOT);

	if (!span_starts_with(path, CONTROL_ROOT))
		return (struct span){ path.at, path.length };
	return (struct span){ path.at + root, path.length - root };
}

bool route_find(struct call *call)
{
	struct span path = path_below_root(call->path);
	const bool named = span_starts_with(path, CONTROL_GATEWAYS);
	unsigned allowed = 0;
	bool is_as_it_is;

	call->entry = registry_first(call->options->registry);
	if (!span_starts_with(call->path, CONTROL_ROOT))
		return refuse_path(call, false, path);
	if (named && !take_name(call, &path))
		return false;
	is_as_it_is = is_path_as_it_is(named, path);
	for (const struct control_route *route = route_table; route->path; route++) {
		if (!fits_scope(route, named) || !fits_path(route, path, &call->parameter) ||
		    (is_as_it_is && strchr(route->path, '{')))
			continue;
		allowed |= method_bit(route->method);
		call->route = route;
		if (fits_method(route, call->method))
			return true;
	}
	return allowed ? refuse_method(call, allowed) : refuse_path(call, named, path);
}
