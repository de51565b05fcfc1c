#include "core/pacing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(RATE_LIMITS_MAX <= 64, "a set of limits is one uint64_t");

struct rate_window *pacing_windows_new(const struct machine *machine)
{
	const size_t count = machine->rate_limit_count;
	struct rate_window *windows;
	size_t times = 0;
	int64_t *at_ms;

	for (size_t i = 0; i < count; i++)
		times += machine->rate_limits[i].count;
	windows = calloc(1, (count + 1) * sizeof *windows + times * sizeof *at_ms);
	if (!windows)
		return NULL;
	at_ms = (int64_t *)(void *)(windows + count + 1);
	for (size_t i = 0; i < count; i++) {
		windows[i].at_ms = at_ms;
		windows[i].last_ms = INT64_MIN;
		at_ms += machine->rate_limits[i].count;
	}
	return windows;
}

/* ---- counting ---- */

static bool path_fits(const struct rate_limit *limit, struct span path)
{
	if (path.length < limit->match.length || (!limit->prefix && path.length != limit->match.length))
		return false;
	return memcmp(path.at, limit->match.at, limit->match.length) == 0;
}

/* A limit counts a path and its aliases together. */
static bool applies(const struct machine *machine, const struct rate_limit *limit, const struct request *request,
                    struct span path)
{
	if (!(limit->methods & (1U << request->method)))
		return false;
	if (limit->all || path_fits(limit, path))
		return true;
	for (size_t i = 0; i < machine->alias_count; i++) {
		const struct alias *alias = &machine->aliases[i];
		struct rate_limit rest = *limit;

		if (!span_starts_with(path, alias->from) || !span_starts_with(limit->match, alias->to))
			continue;
		rest.match.at += strlen(alias->to);
		rest.match.length -= strlen(alias->to);
		if (path_fits(&rest, (struct span){ path.at + strlen(alias->from), path.length - strlen(alias->from) }))
			return true;
	}
	return false;
}

/* Lets a call through a window of the last `count` calls, or not. */
static bool allows(struct rate_window *window, const struct rate_limit *limit, int64_t now_ms, bool by_instant)
{
	if (by_instant && window->last_ms == now_ms)
		return true;
	window->last_ms = now_ms;
	if (window->used == limit->count && now_ms - window->at_ms[window->next] < limit->window_ms)
		return false;
	window->at_ms[window->next] = now_ms;
	window->next = (uint16_t)((window->next + 1) % limit->count);
	if (window->used < limit->count)
		window->used++;
	return true;
}

bool pacing_count(const struct machine *machine, struct rate_window *windows, const struct endpoint *endpoint,
                  const struct request *request, struct span path, int64_t now_ms, bool by_instant, int *exceeded)
{
	bool within = true;

	for (uint64_t left = endpoint->limits; left; left &= left - 1) {
		const int i = __builtin_ctzll(left);

		if (!applies(machine, &machine->rate_limits[i], request, path) ||
		    allows(&windows[i], &machine->rate_limits[i], now_ms, by_instant))
			continue;
		if (within)
			*exceeded = i;
		within = false;
	}
	return within;
}

/* ---- which limits a path can fall under ---- */

static bool overlap(const struct rate_limit *limit, struct span path, bool is_prefix)
{
	const struct span match = limit->match;
	const size_t common = match.length < path.length ? match.length : path.length;

	if (memcmp(match.at, path.at, common) != 0)
		return false;
	return match.length == path.length || (match.length < path.length ? limit->prefix : is_prefix);
}

/* The path with one beginning put in the place of another; false when it does not begin so. */
static bool replaced(struct span path, bool is_prefix, const char *from, const char *to, char *out, size_t size)
{
	const size_t length = strlen(from);

	if (is_prefix && path.length < length && memcmp(from, path.at, path.length) == 0)
		snprintf(out, size, "%s", to); /* all below the alias is below the path */
	else if (span_starts_with(path, from))
		snprintf(out, size, "%s%.*s", to, (int)(path.length - length), path.at + length);
	else
		return false;
	return true;
}

static uint64_t limits_over(const struct machine *machine, struct span path, bool is_prefix)
{
	uint64_t limits = 0;

	for (size_t i = 0; i < machine->rate_limit_count; i++)
		if (machine->rate_limits[i].all || overlap(&machine->rate_limits[i], path, is_prefix))
			limits |= 1ULL << i;
	return limits;
}

/* By its other names too. */
static uint64_t limits_of(const struct machine *machine, struct span path, bool is_prefix)
{
	uint64_t limits = limits_over(machine, path, is_prefix);
	char other[2 * PATH_LENGTH_MAX + 1];

	for (size_t i = 0; i < machine->alias_count; i++) {
		const struct alias *alias = &machine->aliases[i];

		if (replaced(path, is_prefix, alias->from, alias->to, other, sizeof other))
			limits |= limits_over(machine, span_of(other), is_prefix);
		if (replaced(path, is_prefix, alias->to, alias->from, other, sizeof other))
			limits |= limits_over(machine, span_of(other), is_prefix);
	}
	return limits;
}

uint64_t pacing_limits_of(const struct machine *machine, const char *const *paths, size_t count)
{
	uint64_t limits = 0;

	for (size_t p = 0; p < count; p++) {
		struct span path = span_of(paths[p]);
		const bool is_prefix = path.length > 0 && path.at[path.length - 1] == '*';

		path.length -= is_prefix;
		limits |= limits_of(machine, path, is_prefix);
	}
	return limits;
}
