#include "cli/gauntlet.h"

#include "cli/say.h"
#include "core/catalogue.h"
#include "core/names.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* A pattern, from a list with commas between them. */
#define PATTERN_MAX 80

/* Puts the next pattern, without blanks around it, into `pattern`; NULL when the list is at its end. */
static const char *next_pattern(const char *list, char pattern[PATTERN_MAX + 1])
{
	size_t length;
	const char *after;

	list += strspn(list, " ,\n\t");
	if (!*list)
		return NULL;
	length = strcspn(list, ",\n");
	after = list + length;
	while (length > 0 && (list[length - 1] == ' ' || list[length - 1] == '\t'))
		length--;
	if (length > PATTERN_MAX)
		length = PATTERN_MAX;
	memcpy(pattern, list, length);
	pattern[length] = '\0';
	return after;
}

static bool fits(const struct known_failure *failure, const char *pattern)
{
	return catalogue_is_called(failure->name, pattern) || fnmatch(pattern, failure->name, 0) == 0 ||
	       fnmatch(pattern, failure->facts.id, 0) == 0;
}

static bool fits_list(const struct known_failure *failure, const char *list)
{
	char pattern[PATTERN_MAX + 1];

	while (list && (list = next_pattern(list, pattern)))
		if (fits(failure, pattern))
			return true;
	return false;
}

static bool refuse(const char *option, const char *pattern, const struct known_failures *failures)
{
	struct nearest nearest;
	struct error error;

	nearest_begin(&nearest, pattern);
	for (size_t i = 0; i < failures->count; i++) {
		nearest_offer(&nearest, failures->items[i].name);
		nearest_offer(&nearest, failures->items[i].facts.id);
	}
	error_set(&error, "--%s: the catalogue has no \"%s\"; 'cpgw-mock catalogue' lists it%s%s%s", option, pattern,
	          nearest.best ? "; did you mean \"" : "", nearest.best ? nearest.best : "", nearest.best ? "\"?" : "");
	say_usage("gauntlet", &error);
	return false;
}

/* Each pattern must mean something. */
static bool check_list(const struct known_failures *failures, const char *option, const char *list)
{
	char pattern[PATTERN_MAX + 1];

	while (list && (list = next_pattern(list, pattern))) {
		bool found = false;

		for (size_t i = 0; i < failures->count && !found; i++)
			found = fits(&failures->items[i], pattern);
		if (!found)
			return refuse(option, pattern, failures);
	}
	return true;
}

bool gauntlet_pick(struct gauntlet *gauntlet)
{
	const struct known_failures *failures = &gauntlet->failures;
	const char *only = gauntlet->options->only;
	const char *allow = gauntlet->options->allow;
	struct error error;

	if (!check_list(failures, "only", only) || !check_list(failures, "allow", allow))
		return false;
	gauntlet->cases = calloc(failures->count + 1, sizeof *gauntlet->cases);
	for (size_t i = 0; gauntlet->cases && i < failures->count; i++) {
		const struct known_failure *failure = &failures->items[i];

		if (only && !fits_list(failure, only))
			continue;
		gauntlet->cases[gauntlet->count++] = (struct gauntlet_case){
			.failure = failure,
			.allowed = fits_list(failure, allow),
			.output = -1,
			.result = -1,
		};
	}
	if (gauntlet->count > 0)
		return true;
	error_set(&error, "--only names nothing that is in the catalogue; 'cpgw-mock catalogue' lists it");
	say_usage("gauntlet", &error);
	return false;
}
