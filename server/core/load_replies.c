/*
 * Replies and header sets of fixture packs. A reply is compiled once, when the first answer names it.
 */
#include "core/load_template.h"

#include "core/names.h"

#include <stdio.h>
#include <string.h>

/* ---- header sets ---- */

static const struct field header_fields[] = {
	{ "framing", FIELD_TEXT, true },
	{ "headers", FIELD_LIST, true },
	{ 0 },
};

static bool is_header_value(const char *value)
{
	for (; *value; value++)
		if ((unsigned char)*value < 0x20 || *value == 0x7F)
			return false;
	return true;
}

static void load_header(struct compiler *compiler, const cJSON *header)
{
	const struct reader *reader = &compiler->loading->reader;
	const cJSON *name = cJSON_GetArrayItem(header, 0);
	const cJSON *value = cJSON_GetArrayItem(header, 1);

	if (!cJSON_IsArray(header) || cJSON_GetArraySize(header) != 2 || !cJSON_IsString(name) ||
	    !cJSON_IsString(value)) {
		reader_problem(reader, header, NULL, "a header is [\"Name\", \"value\"]");
		return;
	}
	if (!reader_is_token(name->valuestring)) {
		reader_problem(reader, name, NULL, "\"%s\" cannot be a header's name (RFC 9110 section 5.1)",
		               name->valuestring);
		return;
	}
	if (!is_header_value(value->valuestring)) {
		reader_problem(reader, value, NULL, "a header's value has no control characters");
		return;
	}
	compiler->place = value;
	compile_literal(compiler, name->valuestring, strlen(name->valuestring));
	compile_literal(compiler, ": ", 2);
	compile_text(compiler, value->valuestring);
	compile_literal(compiler, "\r\n", 2);
}

static void load_headers(struct loading *loading, const cJSON *item, const char *name, struct reply_template *reply)
{
	struct compiler compiler = { .loading = loading, .place = item };
	bool reported = false;
	const cJSON *tree;
	const char *framing;

	if (!load_is_fixture_name(name)) {
		reader_problem(&loading->reader, item, NULL,
		               "\"headers\" is the name of a header set: 1 to %d lower-case letters, digits, \"_\", "
		               "\"-\" or \".\"",
		               NAME_LENGTH_MAX);
		return;
	}
	tree = load_fixture_file(loading, "headers", name, &reported);
	if (!tree) {
		if (!reported)
			reader_problem(&loading->reader, item, NULL, "fixture pack \"%s\" has no header set \"%s\"",
			               loading->machine->pack, name);
		return;
	}
	if (!reader_object(&loading->reader, tree, "a header set", header_fields))
		return;
	framing = reader_text(tree, "framing");
	if (strcmp(framing, "as_given") == 0)
		reply->framing = FRAMING_AS_GIVEN;
	else if (strcmp(framing, "chunked") != 0)
		reader_problem(&loading->reader, json_member(tree, "framing"), NULL,
		               "\"framing\" must be \"chunked\" or \"as_given\"");
	for (const cJSON *header = json_member(tree, "headers")->child; header; header = header->next)
		load_header(&compiler, header);
	reply->headers = compiled(&compiler);
}

/* ---- bodies ---- */

/* Bodies as text: one text, or a list of lines. */
static void compile_plain(struct compiler *compiler, const cJSON *text)
{
	if (cJSON_IsString(text)) {
		compile_text(compiler, text->valuestring);
		return;
	}
	for (const cJSON *line = text->child; line; line = line->next) {
		if (!reader_type(&compiler->loading->reader, line, "a line", FIELD_TEXT))
			return;
		compiler->place = line;
		compile_text(compiler, line->valuestring);
		if (line->next)
			compile_literal(compiler, "\n", 1);
	}
}

/* A file of the pack's folder "pages", or of what the pack extends; "./x.html" is beside the file that names it. */
static bool read_page(struct loading *loading, const cJSON *item, struct source_text *text)
{
	const char *name = item->valuestring;
	struct error why = { 0 };
	bool found = false;

	if (strncmp(name, "./", 2) == 0) {
		found = strlen(name) <= PATH_LENGTH_MAX && !load_has_control_character(name) &&
		        loading_read(loading, SOURCE_PAGE, name, json_place_of(loading->reader.places, item).file, text,
		                     &why);
	} else if (load_is_fixture_name(name)) {
		for (size_t i = 0; i < loading->pack_count && !found && !why.text[0]; i++) {
			char path[PATH_LENGTH_MAX + 2 * NAME_LENGTH_MAX];
			const int length = snprintf(path, sizeof path, "%s/pages/%s", loading->packs[i], name);

			if (length > 0 && (size_t)length < sizeof path)
				found = loading_read(loading, SOURCE_PAGE, path, NULL, text, &why);
		}
	}
	if (!found)
		reader_problem(&loading->reader, item, NULL, "%s",
		               why.text[0] ? why.text
		                           : "there is no such page, neither in the pack nor beside this file");
	return found;
}

/* A page in one or several files, one after the other as they are. Variables are escaped. */
static void compile_pages(struct compiler *compiler, const cJSON *files)
{
	struct loading *loading = compiler->loading;
	const char *end;

	if (cJSON_GetArraySize(files) < 1 || cJSON_GetArraySize(files) > BODY_FILES_MAX) {
		reader_problem(&loading->reader, files, NULL, "\"body_files\" names 1 to %d files", BODY_FILES_MAX);
		return;
	}
	for (const cJSON *item = files->child; item; item = item->next) {
		struct source_text text;

		if (!reader_type(&loading->reader, item, "a file's name", FIELD_TEXT))
			return;
		if (!read_page(loading, item, &text))
			continue;
		compiler->place = item;
		end = memchr(text.text, '\0', text.length);
		if (end || text.length > DOCUMENT_SIZE_MAX)
			reader_problem(&loading->reader, item, NULL,
			               end ? "%s is no text: it has a zero in it" : "%s is larger than a file may be",
			               text.file);
		else
			compile_text(compiler, text.text);
	}
}

struct text_template load_fixture_body(struct loading *loading, const cJSON *tree)
{
	const cJSON *body = json_member(tree, "body");
	const cJSON *text = json_member(tree, "text");
	const cJSON *files = json_member(tree, "body_files");
	struct compiler compiler = { .loading = loading, .place = body ? body : text, .json = body != NULL };

	if (body && text)
		reader_problem(&loading->reader, text, NULL, "a reply has \"body\" or \"text\", not both");
	if (files && (body || text))
		reader_problem(&loading->reader, files, NULL,
		               "a reply has \"body\", \"text\" or \"body_files\", and one of them alone");
	if (files) {
		compiler.html = true;
		compiler.values = json_member(tree, "values");
		compile_pages(&compiler, files);
	} else if (body) {
		char *printed = cJSON_PrintUnformatted(body);

		if (printed)
			compile_text(&compiler, printed);
		cJSON_free(printed);
	} else if (text) {
		compile_plain(&compiler, text);
	}
	return compiled(&compiler);
}

/* ---- replies ---- */

static const struct field reply_fields[] = {
	{ "status", FIELD_NUMBER, true },
	{ "reason", FIELD_TEXT, false },
	{ "headers", FIELD_TEXT, true },
	{ "body", FIELD_ANY, false },
	{ "text", FIELD_TEXT | FIELD_LIST, false },
	{ "body_files", FIELD_LIST, false },
	{ "values", FIELD_OBJECT, false },
	{ "body_on_head", FIELD_BOOL, false },
	{ 0 },
};

static void compile_reply(struct loading *loading, const cJSON *tree, struct reply_template *reply)
{
	const char *reason;
	int64_t status = 0;

	if (!reader_object(&loading->reader, tree, "a reply", reply_fields))
		return;
	/* The only one below 200 after which no other answer comes. */
	if (json_member(tree, "status")->valuedouble == 101.0)
		status = 101;
	else
		reader_integer(&loading->reader, json_member(tree, "status"), "\"status\"", 200, 599, &status);
	reply->status = (int)status;
	reason = reader_text(tree, "reason");
	if (reason && !is_header_value(reason))
		reader_problem(&loading->reader, json_member(tree, "reason"), NULL,
		               "a reason has no control characters");
	reply->reason = reason ? reader_copy(&loading->reader, reason) : status_reason(reply->status);
	reply->body_on_head = reader_flag(tree, "body_on_head", false);
	load_headers(loading, json_member(tree, "headers"), reader_text(tree, "headers"), reply);
	reply->body = load_fixture_body(loading, tree);
	if (reply->headers.size_most + reply->body.size_most > REPLY_SIZE_MAX)
		reader_problem(&loading->reader, tree, NULL, "this reply can become %zu bytes; at most %d are allowed",
		               reply->headers.size_most + reply->body.size_most, REPLY_SIZE_MAX);
}

int load_reply(struct loading *loading, const cJSON *item, const char *name)
{
	struct machine *machine = loading->machine;
	struct reply_template *reply;
	const cJSON *tree;

	for (size_t i = 0; i < machine->reply_count; i++)
		if (name_is(machine->replies[i].name, name))
			return (int)i;
	if (!machine->replies)
		machine->replies = arena_alloc(machine->arena, REPLIES_MAX * sizeof *machine->replies);
	if (machine->reply_count == REPLIES_MAX) {
		reader_problem(&loading->reader, item, NULL, "too many replies; at most %d are allowed", REPLIES_MAX);
		return INDEX_NONE;
	}
	if (!load_fixture_name(loading, item, name, "reply"))
		return INDEX_NONE;
	/* Its place is taken before it is read: a reply that is missing is reported once. */
	reply = &machine->replies[machine->reply_count];
	reply->name = reader_copy(&loading->reader, name);
	machine->reply_count++;
	tree = load_fixture_tree(loading, item, name, "replies", "reply");
	if (tree)
		compile_reply(loading, tree, reply);
	return (int)machine->reply_count - 1;
}
