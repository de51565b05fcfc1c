/*
 * Patterns that ask for a secret. The journal has asterisks for it, so that "at most" would hold for ever whatever the client
 * did: that is a mistake, which redact.h finds in the pattern as it would in what a client sends.
 */
#include "core/query_read.h"
#include "core/redact.h"

#include <string.h>

static void refuse(const struct reader *reader, const cJSON *item, const char *hint)
{
	reader_problem(reader, item, NULL, "the journal keeps no secrets: nothing would ever fit%s", hint);
}

/* Whether anything in a text would become asterisks. */
static bool has_secret(const char *text, size_t length, void (*redact)(char *text, size_t length))
{
	struct buffer copy = { 0 };
	bool has = false;

	buffer_add(&copy, text, length);
	if (copy.length > 0) {
		redact(copy.data, copy.length);
		has = memcmp(copy.data, text, length) != 0;
	}
	buffer_release(&copy);
	return has;
}

static void check_text(const struct reader *reader, const cJSON *item, void (*redact)(char *text, size_t length))
{
	if (has_secret(item->valuestring, strlen(item->valuestring), redact))
		refuse(reader, item, "");
}

static void check_json(const struct reader *reader, const cJSON *item, void (*redact)(char *text, size_t length))
{
	char *text = cJSON_PrintUnformatted(item);

	if (text && has_secret(text, strlen(text), redact))
		refuse(reader, item, "");
	cJSON_free(text);
}

/* A text, or an object that says how it is held against one. */
static void check_value(const struct reader *reader, const cJSON *item, void (*redact)(char *text, size_t length))
{
	const cJSON *how = cJSON_IsObject(item) ? item->child : item;

	if (cJSON_IsString(how))
		check_text(reader, how, redact);
	else if (cJSON_IsObject(how) || cJSON_IsArray(how))
		check_json(reader, how, redact);
}

static void check_header(const struct reader *reader, const cJSON *item)
{
	const cJSON *how = cJSON_IsObject(item) ? item->child : item;
	struct buffer line = { 0 };

	if (!cJSON_IsString(how))
		return;
	buffer_add_format(&line, "%s: %s\r\n", item->string, how->valuestring);
	if (line.length > 0 && has_secret(line.data, line.length, redact_headers))
		refuse(reader, how, "; {\"contains\": \"*\"} fits any");
	buffer_release(&line);
}

void query_refuse_secrets(const struct reader *reader, const cJSON *pattern)
{
	const cJSON *url = json_member(pattern, "url");
	const cJSON *headers = json_member(pattern, "headers");
	const cJSON *body = json_member(pattern, "body");
	const cJSON *text = json_member(pattern, "text");

	if (cJSON_IsString(url))
		check_text(reader, url, redact_query);
	for (const cJSON *item = headers ? headers->child : NULL; item; item = item->next)
		check_header(reader, item);
	if (body)
		check_value(reader, body, redact_body);
	if (text)
		check_value(reader, text, redact_frame);
}
