#include "core/frame_topic.h"

#include <string.h>

static struct span up_to_plus(struct span text)
{
	const char *plus = text.length > 0 ? memchr(text.at, '+', text.length) : NULL;

	return (struct span){ text.at, plus ? (size_t)(plus - text.at) : text.length };
}

struct span frame_topic_in(struct span message)
{
	if (message.length > 0 && message.at[0] == '{')
		return (struct span){ message.at, 0 };
	return up_to_plus(message);
}

/* Of a text that begins behind a quote: all before the quote that ends it. */
static struct span up_to_quote(struct span text)
{
	size_t length = 0;

	while (length < text.length && text.at[length] != '"')
		length += text.at[length] == '\\' && length + 1 < text.length ? 2 : 1;
	return (struct span){ text.at, length };
}

static struct span rest_of(struct span text, size_t from)
{
	return from < text.length ? (struct span){ text.at + from, text.length - from }
	                          : (struct span){ text.at + text.length, 0 };
}

/* Looks at the members of the outermost object alone. Not a parser: what the journal keeps may be cut, and faults send what is
 * no JSON. */
struct span frame_topic_out(struct span message)
{
	int depth = 0;

	for (size_t at = 0; at < message.length; at++) {
		struct span text;

		depth += message.at[at] == '{' || message.at[at] == '[';
		depth -= message.at[at] == '}' || message.at[at] == ']';
		if (message.at[at] != '"')
			continue;
		text = up_to_quote(rest_of(message, at + 1));
		at += text.length + 1;
		if (depth == 1 && span_equals(text, "topic") && span_starts_with(rest_of(message, at), "\":\""))
			return up_to_plus(up_to_quote(rest_of(message, at + 3)));
	}
	return (struct span){ message.at, 0 };
}

bool frame_topic_is_sent(const struct websocket *websocket, struct span topic)
{
	for (size_t i = 0; i < websocket->template_count; i++) {
		const struct text_template *body = &websocket->templates[i].body;
		const struct span sent = body->count > 0 ? frame_topic_out(body->pieces[0].literal) : span_of("");

		if (sent.length == topic.length && topic.length > 0 && memcmp(sent.at, topic.at, topic.length) == 0)
			return true;
	}
	return websocket_find_topic(websocket, topic) != INDEX_NONE;
}
