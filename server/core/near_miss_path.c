#include "core/names.h"
#include "core/near_miss_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define FAULTS_TEXT_MAX 200

/* A path that is being put right, and what was wrong with it. */
struct mending {
	char path[2 * PATH_LENGTH_MAX];
	char faults[FAULTS_TEXT_MAX];
};

/* ---- paths that somebody may mean ---- */

static bool accepts(const struct endpoint *endpoint, enum http_method method)
{
	return endpoint->methods >> method & 1U;
}

const struct endpoint *near_miss_endpoint(const struct machine *machine, const struct route *route)
{
	const struct endpoint *endpoint = &machine->endpoints[route->endpoint];

	return endpoint->match == MATCH_PATH && !endpoint->catch_all ? endpoint : NULL;
}

static bool leads_to(const struct route *route, const char *path)
{
	const size_t length = strlen(path);

	return (route->prefix ? length >= route->path.length : length == route->path.length) &&
	       strncasecmp(route->path.at, path, route->path.length) == 0;
}

const struct endpoint *near_miss_find(const struct searching *searching, char *path)
{
	const struct machine *machine = searching->machine;
	const struct route *best = NULL;

	for (size_t i = 0; i < machine->route_count; i++) {
		const struct route *route = &machine->routes[i];
		const struct endpoint *endpoint = near_miss_endpoint(machine, route);

		if (!endpoint || !leads_to(route, path))
			continue;
		if (!best || (accepts(endpoint, searching->record->method) &&
		              !accepts(near_miss_endpoint(machine, best), searching->record->method)))
			best = route;
	}
	if (!best)
		return NULL;
	memcpy(path, best->path.at, best->path.length);
	return near_miss_endpoint(machine, best);
}

/* ---- sentences ---- */

/* "", or "POST " where the method that was used is not answered at the path that was meant. */
static const char *other_method(const struct searching *searching, const struct endpoint *endpoint,
                                char list[static METHOD_LIST_SIZE + 1])
{
	char methods[METHOD_LIST_SIZE];

	list[0] = '\0';
	if (!accepts(endpoint, searching->record->method))
		snprintf(list, METHOD_LIST_SIZE + 1, "%s ", near_miss_methods(endpoint->methods, methods));
	return list;
}

/* ---- mending a path step by step ---- */

static void __attribute__((format(printf, 2, 3))) add_fault(struct mending *mending, const char *format, ...)
{
	const size_t length = strlen(mending->faults);
	va_list arguments;

	if (length > 0)
		snprintf(mending->faults + length, sizeof mending->faults - length, " and ");
	va_start(arguments, format);
	vsnprintf(mending->faults + strlen(mending->faults), sizeof mending->faults - strlen(mending->faults), format,
	          arguments);
	va_end(arguments);
}

static void mend_slashes(struct mending *mending)
{
	char *path = mending->path;
	size_t length = 0;

	for (const char *at = path; *at; at++)
		if (*at != '/' || length == 0 || path[length - 1] != '/')
			path[length++] = *at;
	if (path[length])
		add_fault(mending, "has two slashes in a row");
	path[length] = '\0';
	if (length < 2 || path[length - 1] != '/')
		return;
	path[length - 1] = '\0';
	add_fault(mending, "ends in a slash");
}

static bool begins_with(const char *path, const char *base)
{
	return strncasecmp(path, base, strlen(base)) == 0;
}

/* Where the second base begins, or NULL. */
static char *second_base(const struct searching *searching, char *path)
{
	for (size_t i = 0; i < searching->base_count; i++) {
		char *rest = path + strlen(searching->bases[i]) - 1;

		if (!begins_with(path, searching->bases[i]))
			continue;
		for (size_t j = 0; j < searching->base_count; j++)
			if (begins_with(rest, searching->bases[j]))
				return rest;
	}
	return NULL;
}

static void mend_double_base(const struct searching *searching, struct mending *mending)
{
	char *rest = second_base(searching, mending->path);

	if (!rest)
		return;
	add_fault(mending, "has the prefix twice");
	for (; rest; rest = second_base(searching, mending->path))
		memmove(mending->path, rest, strlen(rest) + 1);
}

/* False when it has one. */
static bool mend_missing_base(const struct searching *searching, struct mending *mending)
{
	const char *base = searching->bases[0];
	const size_t base_length = strlen(base) - 1; /* the path brings the slash */
	const size_t length = strlen(mending->path);

	for (size_t i = 0; i < searching->base_count; i++)
		if (begins_with(mending->path, searching->bases[i]))
			return false;
	if (mending->path[0] != '/' || base_length + length >= sizeof mending->path)
		return false;
	/* The one base is enough: behind an alias lies the same. */
	memmove(mending->path + base_length, mending->path, length + 1);
	memcpy(mending->path, base, base_length);
	add_fault(mending, "has no %.*s prefix", (int)base_length, base);
	return true;
}

static bool offer_mended(struct searching *searching, struct mending *mending)
{
	char before[sizeof mending->path];
	char other[METHOD_LIST_SIZE + 1];
	const struct endpoint *endpoint;

	memcpy(before, mending->path, sizeof before);
	endpoint = near_miss_find(searching, mending->path);
	if (!endpoint)
		return false;
	if (strcmp(before, mending->path) != 0)
		add_fault(mending, "is in the wrong case");
	if (!mending->faults[0])
		return false;
	near_miss_add(searching, endpoint, mending->path, "%s %.*s %s: did you mean %s%.*s?", searching->method,
	              PATH_SHOWN, searching->path, mending->faults, other_method(searching, endpoint, other),
	              PATH_SHOWN, mending->path);
	return true;
}

/* ---- misspelt paths ---- */

/* What else the path may be: the fewer edits, the likelier. */
struct guess {
	const struct route *route;
	size_t score;
};

struct guesses {
	struct guess items[NEAR_MISSES_MAX];
	size_t count;
};

static void guess_at(struct searching *searching, struct guesses *guesses, const struct route *route, size_t score)
{
	size_t at = 0;

	/* One endpoint once: aliases lead to it too. The first of equals stays. */
	for (size_t i = 0; i < guesses->count; i++) {
		if (guesses->items[i].route->endpoint != route->endpoint)
			continue;
		if (guesses->items[i].score <= score)
			return;
		memmove(&guesses->items[i], &guesses->items[i + 1], (--guesses->count - i) * sizeof *guesses->items);
	}
	while (at < guesses->count && guesses->items[at].score <= score)
		at++;
	if (at + searching->count >= NEAR_MISSES_MAX)
		return;
	if (guesses->count < NEAR_MISSES_MAX)
		guesses->count++;
	memmove(&guesses->items[at + 1], &guesses->items[at], (guesses->count - at - 1) * sizeof *guesses->items);
	guesses->items[at] = (struct guess){ route, score };
}

/* How long the leading parts are that both have, slashes included. */
static size_t common_parts(const char *a, const char *b)
{
	size_t length = 0;

	for (size_t i = 0; a[i] && a[i] == b[i]; i++)
		if (a[i] == '/')
			length = i + 1;
	return length;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Leaves of a path as many parts as `known`, a prefix that ends in a slash, has. */
static void cut_to_parts(char *path, const char *known)
{
	for (; *known; known++) {
		if (*known != '/')
			continue;
		path = strchr(path, '/');
		if (!path)
			return;
		path++;
	}
	*path = '\0';
}

static void compare(struct searching *searching, const char *wanted, const struct route *route, struct guesses *guesses)
{
	char path[2 * PATH_LENGTH_MAX];
	char known[PATH_LENGTH_MAX + 1];
	struct nearest nearest;
	size_t common;

	snprintf(path, sizeof path, "%s", wanted);
	snprintf(known, sizeof known, "%.*s", (int)route->path.length, route->path.at);
	if (route->prefix)
		cut_to_parts(path, known);
	common = common_parts(path, known);
	nearest_begin(&nearest, path + common);
	nearest_offer(&nearest, known + common);
	/* Nothing is near the root: what it would be near in is too short. */
	if (nearest.best && strspn(known, "/") < strlen(known))
		guess_at(searching, guesses, route, nearest.distance);
	else if (!route->prefix && common > 1 && strlen(last_part(known)) > 3 &&
	         strcasecmp(last_part(known), last_part(path)) == 0)
		guess_at(searching, guesses, route, 100 + strlen(known) - common);
}

static void guess_spelling(struct searching *searching, const struct mending *mending)
{
	const struct machine *machine = searching->machine;
	struct guesses guesses = { .count = 0 };
	char other[METHOD_LIST_SIZE + 1];

	for (size_t i = 0; i < machine->route_count; i++)
		if (near_miss_endpoint(machine, &machine->routes[i]))
			compare(searching, mending->path, &machine->routes[i], &guesses);
	for (size_t i = 0; i < guesses.count; i++) {
		const struct route *route = guesses.items[i].route;
		const struct endpoint *endpoint = near_miss_endpoint(machine, route);
		char path[PATH_LENGTH_MAX + 1];

		snprintf(path, sizeof path, "%.*s", (int)route->path.length, route->path.at);
		near_miss_add(searching, endpoint, route->prefix ? "" : path,
		              "%s %.*s%s%s: the nearest path is %s%.*s%s", searching->method, PATH_SHOWN,
		              searching->path, mending->faults[0] ? " " : "", mending->faults,
		              other_method(searching, endpoint, other), (int)route->path.length, route->path.at,
		              route->prefix ? "*" : "");
	}
}

/* ---- a path that is unknown ---- */

/* The documented limits name paths that the real gateway has and this machine does not answer. */
static bool offer_documented(struct searching *searching, const struct mending *mending)
{
	const struct machine *machine = searching->machine;
	const size_t length = strlen(mending->path);

	for (size_t i = 0; i < machine->rate_limit_count; i++) {
		const struct rate_limit *limit = &machine->rate_limits[i];

		if (limit->all || limit->match.length == 0 || limit->match.length > length ||
		    (!limit->prefix && limit->match.length != length) ||
		    memcmp(limit->match.at, mending->path, limit->match.length) != 0)
			continue;
		near_miss_add(searching, NULL, mending->faults[0] ? mending->path : "",
		              "%s %.*s%s%s: the gateway has %.*s, but this scenario has no answer for it",
		              searching->method, PATH_SHOWN, searching->path, mending->faults[0] ? " " : "",
		              mending->faults, PATH_SHOWN, mending->path);
		return true;
	}
	return false;
}

void near_miss_explain_path(struct searching *searching)
{
	const size_t before = searching->count;
	struct mending mending = { .faults = "" };
	struct mending based;

	snprintf(mending.path, sizeof mending.path, "%s", searching->path);
	if (offer_mended(searching, &mending))
		return;
	mend_slashes(&mending);
	mend_double_base(searching, &mending);
	if (offer_mended(searching, &mending) || offer_documented(searching, &mending))
		return;
	based = mending;
	if (mend_missing_base(searching, &based) &&
	    (offer_mended(searching, &based) || offer_documented(searching, &based)))
		return;
	/* With a prefix of its own kind, /sso/ or /demo/, it may be near as it is. */
	guess_spelling(searching, &mending);
	if (searching->count == before)
		guess_spelling(searching, &based);
	if (searching->count == before)
		near_miss_add(searching, NULL, "", "%s %.*s%s%s: no path that this scenario answers is near it",
		              searching->method, PATH_SHOWN, searching->path, mending.faults[0] ? " " : "",
		              mending.faults);
}
