#include "core/peers.h"

#include "core/buffer.h"

#include <string.h>

/* Takes the next pattern off the list; an empty one means that the list has ended. */
static struct span next_pattern(const char **list)
{
	struct span pattern;

	*list += strspn(*list, ", ");
	pattern = (struct span){ .at = *list, .length = strcspn(*list, ", ") };
	*list += pattern.length;
	return pattern;
}

static bool fits(struct span pattern, const char *address)
{
	const char *retry_pattern = NULL;
	const char *retry_address = NULL;
	const char *at = pattern.at;
	const char *end = pattern.at + pattern.length;

	while (*address) {
		if (at < end && *at == '*') {
			retry_pattern = ++at;
			retry_address = address;
		} else if (at < end && *at == *address) {
			at++;
			address++;
		} else if (retry_pattern) {
			at = retry_pattern;
			address = ++retry_address;
		} else {
			return false;
		}
	}
	while (at < end && *at == '*')
		at++;
	return at == end;
}

bool peers_match(const char *list, const char *address)
{
	for (;;) {
		const struct span pattern = next_pattern(&list);

		if (pattern.length == 0)
			return false;
		if (fits(pattern, address))
			return true;
	}
}

bool peers_are_broken(const char *list)
{
	for (;;) {
		const struct span pattern = next_pattern(&list);

		if (pattern.length == 0)
			return false;
		if (span_equals(pattern, "*"))
			return true;
	}
}
