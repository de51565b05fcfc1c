#include "core/redact.h"

#include <string.h>
#include <strings.h>

/* Headers and fields whose names hold one of these carry a secret. By first letter, because every header of every request
 * comes through here. */
#define SAME_LETTER_MAX 5
static const char *const secret_words[26][SAME_LETTER_MAX] = {
	['a' - 'a'] = { "authorization", "api-key", "api_key", "apikey" },
	['b' - 'a'] = { "bronze-response" },
	['c' - 'a'] = { "cookie", "credential", "chlginput" },
	['o' - 'a'] = { "otp" },
	['p' - 'a'] = { "passw", "passphrase", "passcode", "pwd" },
	['s' - 'a'] = { "secret", "sess", "silver-response" },
	['t' - 'a'] = { "token" },
};

/* And those that are called just so: as parts of longer names they mean something else. */
static const char *const secret_names[] = { "auth", "bearer", "jwt", "pass", "pin" };

static bool begins_with(const char *text, size_t length, const char *word)
{
	size_t at = 0;

	while (word[at] && at < length && (text[at] == word[at] || (text[at] | 0x20) == word[at]))
		at++;
	return !word[at];
}

static const char *find_word(const char *const *words, const char *text, size_t length)
{
	while (*words && !begins_with(text, length, *words))
		words++;
	return *words;
}

/* The secret word that begins there, or NULL. */
static inline const char *secret_word_at(const char *text, size_t length)
{
	const unsigned letter = (unsigned)(*text | 0x20) - 'a';

	return letter < 26 && secret_words[letter][0] ? find_word(secret_words[letter], text, length) : NULL;
}

static bool is_secret(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof secret_names / sizeof *secret_names; i++)
		if (begins_with(name, length, secret_names[i]) && length == strlen(secret_names[i]))
			return true;
	for (size_t at = 0; at < length; at++)
		/* Who writes a name with escapes may hide anything in it. */
		if (name[at] == '%' || name[at] == '\\' || secret_word_at(name + at, length - at))
			return true;
	return false;
}

static bool is_bare(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Where the first secret word ends that looks like a name, because of what follows it; `length` when there is none. */
static size_t secret_name_end(const char *text, size_t length)
{
	size_t at = 0;

	while (at < length) {
		const char *word = secret_word_at(text + at, length - at);

		at += word ? strlen(word) : 1;
		while (word && at < length && (is_bare(text[at]) || text[at] == '_' || text[at] == '-'))
			at++;
		if (word && at < length && memchr("=:>\"'\\", text[at], 6))
			break;
	}
	return at;
}

/* What has a form of its own, or none: stars over all that follows a secret name. */
static void redact_rest(char *text, size_t length)
{
	size_t at = secret_name_end(text, length);

	while (at < length && memchr("=:>\"'\\ \t\r\n", text[at], 10))
		at++;
	memset(text + at, '*', length - at);
}

/* ---- pairs: "name=value&…" ---- */

static void redact_pairs(char *pairs, size_t length)
{
	char *end = pairs + length;

	while (pairs < end) {
		char *next = memchr(pairs, '&', (size_t)(end - pairs));
		char *pair_end = next ? next : end;

		for (char *at = pairs; at < pair_end; at++) {
			if (*at == ';') /* some take this for "&" */
				pairs = at + 1;
			if (*at != '=' || !is_secret(pairs, (size_t)(at - pairs)))
				continue;
			memset(at + 1, '*', (size_t)(pair_end - at - 1));
			break;
		}
		pairs = pair_end + 1;
	}
}

void redact_query(char *target, size_t length)
{
	char *query = length > 0 ? memchr(target, '?', length) : NULL;

	if (query)
		redact_pairs(query + 1, length - (size_t)(query + 1 - target));
}

/* ---- header lines ---- */

bool header_line_next(struct span *rest, struct span *line)
{
	const char *newline = rest->length > 0 ? memchr(rest->at, '\n', rest->length) : NULL;
	size_t taken;

	if (!newline)
		return false;
	taken = (size_t)(newline + 1 - rest->at);
	line->at = rest->at;
	line->length = taken - 1;
	if (line->length > 0 && line->at[line->length - 1] == '\r')
		line->length--;
	rest->at += taken;
	rest->length -= taken;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool header_line_is(struct span line, const char *name, struct span *value)
{
	const size_t size = strlen(name);

	if (line.length <= size || line.at[size] != ':' || strncasecmp(line.at, name, size) != 0)
		return false;
	*value = (struct span){ .at = line.at + size + 1, .length = line.length - size - 1 };
	while (value->length > 0 && is_blank(value->at[0])) {
		value->at++;
		value->length--;
	}
	while (value->length > 0 && is_blank(value->at[value->length - 1]))
		value->length--;
	return true;
}

size_t redact_whole_lines(struct span lines, size_t most)
{
	size_t length = lines.length < most ? lines.length : most;

	while (length > 0 && lines.at[length - 1] != '\n')
		length--;
	return length;
}

void redact_headers(char *lines, size_t length)
{
	struct span rest = { .at = lines, .length = length };
	struct span line;
	struct span value;

	while (header_line_next(&rest, &line)) {
		const char *colon = memchr(line.at, ':', line.length);
		const char *const end = line.at + line.length;
		char *at;

		if (!colon)
			continue;
		at = lines + (colon - lines) + 1;
		if (!is_secret(line.at, (size_t)(colon - line.at))) {
			if (header_line_is(line, "Referer", &value))
				redact_query(at, (size_t)(end - at));
			continue;
		}
		while (at < end && is_blank(*at))
			at++;
		memset(at, '*', (size_t)(end - at));
	}
}

/* ---- JSON: only as far as its texts, since it may be cut off or no JSON at all ---- */

/* The end of a text whose first character is at `at`: its closing quote, or the end of all. */
static char *text_end(char *at, char *end)
{
	while (at < end && *at != '"')
		at += *at == '\\' && at + 1 < end ? 2 : 1;
	return at < end ? at : end;
}

static char *skip_to_value(char *at, char *end)
{
	while (at < end && (is_blank(*at) || *at == '\r' || *at == '\n'))
		at++;
	return at;
}

static bool ends_plain(char c)
{
	return c == ',' || c == '}' || c == ']' || c == '\r' || c == '\n' || is_blank(c);
}

/* Stars over all texts, numbers and words of an object or array, those of its members included. */
static char *redact_nested(char *at, char *end)
{
	int depth = 0;

	for (; at < end; at++) {
		if (*at == '{' || *at == '[') {
			depth++;
		} else if (*at == '"') {
			char *until = text_end(at + 1, end);

			memset(at + 1, '*', (size_t)(until - at - 1));
			at = until;
		} else if (is_bare(*at)) {
			*at = '*';
		} else if ((*at == '}' || *at == ']') && --depth == 0) {
			return at + 1;
		}
	}
	return end;
}

/* Stars over a value. Returns where to go on. */
static char *redact_value(char *at, char *end)
{
	char *until;

	at = skip_to_value(at, end);
	if (at < end && (*at == '{' || *at == '['))
		return redact_nested(at, end);
	if (at < end && *at == '"') {
		until = text_end(at + 1, end);
		memset(at + 1, '*', (size_t)(until - at - 1));
		return until < end ? until + 1 : end;
	}
	for (until = at; until < end && !ends_plain(*until);)
		*until++ = '*';
	return until;
}

static void redact_json(char *at, size_t length)
{
	char *end = at + length;

	while (at < end) {
		char *name = memchr(at, '"', (size_t)(end - at));
		char *name_end;

		if (!name)
			return;
		name_end = text_end(name + 1, end);
		if (name_end == end)
			return;
		at = skip_to_value(name_end + 1, end);
		if (at == end || *at != ':') {
			redact_rest(name + 1, (size_t)(name_end - name - 1)); /* JSON in a text, for instance */
			continue;
		}
		at++;
		if (is_secret(name + 1, (size_t)(name_end - name - 1)))
			at = redact_value(at, end);
	}
}

/* What clients say about the body is not to be relied on: curl calls all that it sends a form. */
static bool looks_like_json(const char *body, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!memchr(" \t\r\n", body[i], 4))
			return memchr("{[\"", body[i], 3) != NULL;
	return false;
}

/* Forms have neither blanks nor lines, and escape most else. */
static bool looks_like_form(const char *body, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (memchr(" \t\r\n<>\"{", body[i], 8))
			return false;
	return true;
}

/* JSON has texts in double quotes: who writes others means something else. */
static void redact_json_like(char *text, size_t length)
{
	if (memchr(text, '"', length))
		redact_json(text, length);
	else
		redact_rest(text, length);
}

void redact_body(char *body, size_t length)
{
	if (looks_like_json(body, length))
		redact_json_like(body, length);
	else if (looks_like_form(body, length))
		redact_pairs(body, length);
	else
		redact_rest(body, length);
}

/* ---- messages of websockets ---- */

#define SESSION_ID_LENGTH 32

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

void redact_frame(char *message, size_t length)
{
	size_t run = 0;

	if (looks_like_json(message, length))
		redact_json_like(message, length);
	else
		redact_rest(message, length);
	for (size_t i = 0; i <= length; i++) {
		if (i < length && is_hex(message[i])) {
			run++;
			continue;
		}
		if (run >= SESSION_ID_LENGTH)
			memset(message + i - run, '*', run);
		run = 0;
	}
}
