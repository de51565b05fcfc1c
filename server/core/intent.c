#include "core/intent.h"

#include "core/json.h"

#include <string.h>

static void read_json(struct span body, struct intent *intent)
{
	cJSON *tree = cJSON_ParseWithLength(body.at, body.length);

	/* A body must say both (documented); what it does not say is as good as false. Only no body at all says nothing. */
	if (cJSON_IsObject(tree)) {
		intent->publish = cJSON_IsTrue(json_member(tree, "publish")) ? TRISTATE_TRUE : TRISTATE_FALSE;
		intent->compete = cJSON_IsTrue(json_member(tree, "compete")) ? TRISTATE_TRUE : TRISTATE_FALSE;
	}
	cJSON_Delete(tree);
}

/* "a=true&b=false": query or form. */
static void read_pairs(struct span pairs, struct intent *intent)
{
	while (pairs.length) {
		const char *end = memchr(pairs.at, '&', pairs.length);
		const struct span pair = { pairs.at, end ? (size_t)(end - pairs.at) : pairs.length };
		enum tristate *field = NULL;

		if (span_starts_with(pair, "publish="))
			field = &intent->publish;
		else if (span_starts_with(pair, "compete="))
			field = &intent->compete;
		if (field) {
			const struct span value = { pair.at + 8, pair.length - 8 };

			if (span_equals(value, "true"))
				*field = TRISTATE_TRUE;
			else if (span_equals(value, "false"))
				*field = TRISTATE_FALSE;
		}
		pairs.at += pair.length + (end != NULL);
		pairs.length -= pair.length + (end != NULL);
	}
}

struct intent intent_of(const struct request *request)
{
	struct intent intent = { TRISTATE_ANY, TRISTATE_ANY };
	const char *query = memchr(request->target.at, '?', request->target.length);

	if (query) {
		const size_t before = (size_t)(query + 1 - request->target.at);

		read_pairs((struct span){ query + 1, request->target.length - before }, &intent);
	}
	if (request->body.length == 0)
		return intent;
	if (request->is_form)
		read_pairs(request->body, &intent);
	else
		read_json(request->body, &intent);
	return intent;
}
