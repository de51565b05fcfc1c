#include "control/route_words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool route_has_form(const struct control_route *route, bool named)
{
	return named ? route->scope != SCOPE_PROCESS : route->scope != SCOPE_NAMED;
}

void route_add_path(const struct control_route *route, bool named, struct buffer *out)
{
	buffer_add_text(out, named ? CONTROL_ROOT CONTROL_GATEWAYS "{name}" : CONTROL_ROOT);
	buffer_add_text(out, route->path);
}

void route_add_id(const struct control_route *route, bool named, struct buffer *out)
{
	char last = '_';

	for (const char *at = method_name(route->method); *at; at++) {
		const char lower = (char)tolower((unsigned char)*at);

		buffer_add(out, &lower, 1);
	}
	if (named)
		buffer_add_text(out, "_gateway");
	for (const char *at = route->path; *at; at++) {
		const char kept = isalnum((unsigned char)*at) ? *at : '_';

		if (kept == '_' && (last == '_' || at[1] == '\0') && at != route->path)
			continue;
		buffer_add(out, &kept, 1);
		last = kept;
	}
}

bool route_next_answer(const char **rest, int *status, struct span *words)
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
