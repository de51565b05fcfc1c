/*
 * Fixture packs: replies and header sets → templates. A reply is compiled once, when the first answer names it.
 */
#include "core/loading.h"

#include "core/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- packs ---- */

static const struct field pack_fields[] = {
	{ "name", FIELD_TEXT, true },
	{ "title", FIELD_TEXT, false },
	{ "extends", FIELD_TEXT, false },
	{ "settings", FIELD_OBJECT, false },
	{ 0 },
};

/* A pack on disk is known by its folder from here on: "./mine" beside "stories/a.json" is "./stories/mine". */
static const char *pack_folder(const struct loading *loading, const cJSON *pack, const char *name)
{
	const char *file = json_place_of(loading->reader.places, pack).file;
	const char *slash = strrchr(file, '/');
	struct buffer folder = { 0 };
	const char *copy;

	if (name[0] != '.' && name[0] != '/')
		return name;
	if (file[0] != '/' && file[0] != '.')
		buffer_add_text(&folder, "./");
	buffer_add(&folder, file, slash ? (size_t)(slash - file) : 0);
	copy = reader_copy(&loading->reader, folder.data);
	buffer_release(&folder);
	return copy;
}

bool load_pack(struct loading *loading)
{
	const char *name = loading->machine->pack;
	const cJSON *asker = json_member(loading->tree, "fixtures");

	if (asker && strcmp(asker->valuestring, name) != 0)
		asker = NULL; /* the command line has chosen another */
	while (name) {
		const struct place nowhere = { .file = name };
		struct nearest nearest;
		bool reported = false;
		const cJSON *pack;

		if (loading->pack_count == PACKS_DEEP_MAX) {
			problems_add(loading->reader.problems, &nowhere, NULL,
			             "fixture packs extend each other in a circle, or more than %d deep",
			             PACKS_DEEP_MAX);
			return false;
		}
		pack = loading_read_tree(loading, SOURCE_PACK, name,
		                         asker ? json_place_of(loading->reader.places, asker).file : NULL, &reported);
		if (!pack && !reported) {
			loading_nearest(loading, SOURCE_PACK, name, &nearest);
			if (asker)
				reader_problem(&loading->reader, asker, nearest.best, "there is no fixture pack \"%s\"",
				               name);
			else
				problems_add(loading->reader.problems, &nowhere, nearest.best,
				             "there is no such fixture pack");
			return false;
		}
		if (!pack || !reader_object(&loading->reader, pack, "a fixture pack", pack_fields))
			return false;
		loading->pack_trees[loading->pack_count] = pack;
		loading->packs[loading->pack_count++] = pack_folder(loading, pack, name);
		asker = json_member(pack, "extends");
		name = reader_text(pack, "extends");
	}
	return true;
}

/* Names of replies and header sets become file names. */
static bool is_fixture_name(const char *name)
{
	return reader_is_name(name) && !strstr(name, "..");
}

/* A file of the pack, or of what it extends. */
static cJSON *read_fixture(struct loading *loading, const char *folder, const char *name, bool *reported)
{
	*reported = false;
	for (size_t i = 0; i < loading->pack_count; i++) {
		char path[PATH_LENGTH_MAX + 2 * NAME_LENGTH_MAX];
		const int length = snprintf(path, sizeof path, "%s/%s/%s", loading->packs[i], folder, name);
		cJSON *tree;

		if (length < 0 || (size_t)length >= sizeof path) {
			const struct place place = { .file = loading->packs[i] };

			problems_add(loading->reader.problems, &place, NULL,
			             "the path of \"%s\" in this fixture pack has %d bytes; at most %d are allowed",
			             name, length, (int)sizeof path - 1);
			*reported = true;
			return NULL;
		}
		tree = loading_read_tree(loading, SOURCE_FIXTURE, path, NULL, reported);
		if (tree || *reported)
			return tree;
	}
	return NULL;
}

/* ---- variables ---- */

static const struct {
	const char *name;
	enum variable_kind kind;
	bool of_timer; /* "name.timer" */
} variables[] = {
	{ "remaining_ms", VARIABLE_REMAINING_MS, true },
	{ "deadline_ms", VARIABLE_DEADLINE_MS, true },
	{ "started_ms", VARIABLE_STARTED_MS, true },
	{ "now_ms", VARIABLE_NOW_MS, false },
	{ "now_s", VARIABLE_NOW_S, false },
	{ "http_date", VARIABLE_HTTP_DATE, false },
	{ "session_id", VARIABLE_SESSION_ID, false },
	{ "body_length", VARIABLE_BODY_LENGTH, false },
	{ "delay_ms", VARIABLE_DELAY_MS, false },
	{ "path", VARIABLE_PATH, false },
	{ "websocket_accept", VARIABLE_ACCEPT, false },
	{ "wall_ms", VARIABLE_WALL_MS, false },
	{ "frame.topic", VARIABLE_TOPIC, false },
	{ "frame.argument", VARIABLE_ARGUMENT, false },
	{ "frame.number", VARIABLE_NUMBER, false },
	{ "frame.ordinal", VARIABLE_FRAME_ORDINAL, false },
	{ "changed.name", VARIABLE_CHANGED_NAME, false },
	{ "changed.value", VARIABLE_CHANGED_VALUE, false },
	{ "notice.text", VARIABLE_NOTICE, false },
	{ "login_user", VARIABLE_LOGIN_USER, false },
};

#define VARIABLE_COUNT (sizeof variables / sizeof *variables)

static bool find_timer(const struct machine *machine, const char *name, int16_t *timer)
{
	for (size_t i = 0; i < machine->timer_count; i++) {
		if (strcmp(machine->timers[i].name, name) == 0) {
			*timer = (int16_t)i;
			return true;
		}
	}
	return false;
}

/* Resolves one name; false when nothing has it. */
static bool find_variable(const struct machine *machine, const char *name, struct variable *variable)
{
	const char *dot = strchr(name, '.');

	*variable = (struct variable){ .shown = INDEX_NONE, .setting = INDEX_NONE, .timer = INDEX_NONE };
	for (size_t i = 0; i < VARIABLE_COUNT; i++) {
		const size_t length = strlen(variables[i].name);

		variable->kind = variables[i].kind;
		if (!variables[i].of_timer && strcmp(name, variables[i].name) == 0)
			return true;
		if (variables[i].of_timer && dot && (size_t)(dot - name) == length &&
		    memcmp(name, variables[i].name, length) == 0)
			return find_timer(machine, dot + 1, &variable->timer);
	}
	variable->kind = VARIABLE_NAMED;
	for (size_t i = 0; i < machine->shown_count; i++)
		if (strcmp(machine->shown[i], name) == 0)
			variable->shown = (int16_t)i;
	variable->setting = (int16_t)machine_find_setting(machine, name);
	return variable->shown != INDEX_NONE || variable->setting != INDEX_NONE;
}

static void report_unknown_variable(const struct loading *loading, const cJSON *item, const char *name)
{
	const struct machine *machine = loading->machine;
	const char *dot = strchr(name, '.');
	struct nearest nearest;

	nearest_begin(&nearest, dot ? dot + 1 : name);
	for (size_t i = 0; i < VARIABLE_COUNT && !dot; i++)
		nearest_offer(&nearest, variables[i].name);
	for (size_t i = 0; i < machine->shown_count && !dot; i++)
		nearest_offer(&nearest, machine->shown[i]);
	for (size_t i = 0; i < machine->setting_count && !dot; i++)
		nearest_offer(&nearest, machine->settings[i].name);
	for (size_t i = 0; i < machine->timer_count && dot; i++)
		nearest_offer(&nearest, machine->timers[i].name);
	reader_problem(&loading->reader, item, nearest.best, "nothing shows or sets \"%s\", named between {{ and }}",
	               name);
}

/* ---- templates ---- */

struct compiler {
	struct loading *loading;
	const cJSON *place;    /* where problems are reported */
	bool json;             /* the text is printed JSON: variables have types */
	bool html;             /* it is a page: values cannot change what it is made of */
	const cJSON *values;   /* the reply's own, which win over all others; or NULL */
	struct buffer literal; /* what has come since the last variable */
	struct piece *pieces;
	size_t count;
	size_t capacity;
	size_t size_most; /* bytes that the text can become when it is rendered */
};

/* In JSON a quote or a backslash takes two bytes; values hold no control characters, which would take more. */
#define TEXT_SIZE_MOST (2 * SETTING_TEXT_MAX + 2)
#define NUMBER_SIZE_MOST 24
/* In a page each byte may become six, and a text above has two of them already. */
#define HTML_GROWTH 6
/* A path is what the client sent. */
#define PATH_SIZE_MOST (6 * REQUEST_LINE_MAX + 2)

static size_t value_size_most(enum value_kind kind, size_t text_size)
{
	return kind == VALUE_BOOL || kind == VALUE_INT || kind == VALUE_NONE ? NUMBER_SIZE_MOST : text_size;
}

/* What is shown never changes; a setting may become any text if it is one, or null. */
static size_t named_size_most(const struct machine *machine, const struct variable *variable)
{
	size_t most = NUMBER_SIZE_MOST;

	if (variable->setting != INDEX_NONE)
		most = value_size_most(machine->settings[variable->setting].value.kind, TEXT_SIZE_MOST);
	for (size_t i = 0; i < machine->state_count && variable->shown != INDEX_NONE; i++) {
		const struct value *value = &machine->states[i].shows[variable->shown];
		const size_t size = value_size_most(value->kind, value->text ? 2 * strlen(value->text) + 2 : 4);

		most = size > most ? size : most;
	}
	/* Of variants: what is longest anywhere, which is little. */
	return machine->variant_count > 0 && variable->shown != INDEX_NONE && most < TEXT_SIZE_MOST ? TEXT_SIZE_MOST
	                                                                                            : most;
}

static size_t variable_size_most(const struct machine *machine, const struct variable *variable)
{
	switch (variable->kind) {
	case VARIABLE_NAMED:
		return named_size_most(machine, variable);
	case VARIABLE_PATH:
		return PATH_SIZE_MOST;
	case VARIABLE_REMAINING_MS:
	case VARIABLE_DEADLINE_MS:
	case VARIABLE_STARTED_MS:
	case VARIABLE_NOW_MS:
	case VARIABLE_NOW_S:
	case VARIABLE_BODY_LENGTH:
	case VARIABLE_DELAY_MS:
	case VARIABLE_WALL_MS:
	case VARIABLE_FRAME_ORDINAL:
		return NUMBER_SIZE_MOST;
	case VARIABLE_TOPIC:
	case VARIABLE_ARGUMENT:
	case VARIABLE_NUMBER:
		return 6 * STREAM_ARGUMENT_MAX + 2;
	case VARIABLE_CHANGED_VALUE:
	case VARIABLE_NOTICE:
		return TEXT_SIZE_MOST;
	case VARIABLE_LOGIN_USER:
		return 6 * LOGIN_USER_MAX + 2;
	case VARIABLE_CHANGED_NAME:
		return NAME_LENGTH_MAX + 2;
	case VARIABLE_HTTP_DATE:
	case VARIABLE_SESSION_ID:
	case VARIABLE_ACCEPT:
		break;
	}
	return 32 + 2; /* a session id with its quotes; a date is shorter */
}

static void add_piece(struct compiler *compiler, struct piece piece)
{
	if (compiler->count == compiler->capacity) {
		const size_t capacity = compiler->capacity ? compiler->capacity * 2 : 16;
		struct piece *pieces = arena_alloc(compiler->loading->machine->arena, capacity * sizeof *pieces);

		if (compiler->count)
			memcpy(pieces, compiler->pieces, compiler->count * sizeof *pieces);
		compiler->pieces = pieces;
		compiler->capacity = capacity;
	}
	compiler->pieces[compiler->count++] = piece;
	compiler->size_most += piece.form == PIECE_LITERAL
	                           ? piece.literal.length
	                           : variable_size_most(compiler->loading->machine, &piece.variable) *
	                                 (piece.form == PIECE_HTML ? HTML_GROWTH : 1);
}

static void add_literal(struct compiler *compiler, const char *text, size_t length)
{
	buffer_add(&compiler->literal, text, length);
}

/* Neighbouring literals become one piece: what does not vary is copied in one go when the reply is rendered. */
static void end_literal(struct compiler *compiler)
{
	const struct buffer *literal = &compiler->literal;
	struct arena *arena = compiler->loading->machine->arena;

	if (buffer_failed(literal))
		reader_problem(&compiler->loading->reader, compiler->place, NULL, "out of memory");
	if (literal->length)
		add_piece(compiler, (struct piece){ .form = PIECE_LITERAL,
		                                    .literal = { arena_text(arena, literal->data, literal->length),
		                                                 literal->length } });
	buffer_clear(&compiler->literal);
}

static void add_literal_html(struct compiler *compiler, const char *text)
{
	for (; *text; text++) {
		const char *escaped = *text == '&'    ? "&amp;"
		                      : *text == '<'  ? "&lt;"
		                      : *text == '>'  ? "&gt;"
		                      : *text == '"'  ? "&quot;"
		                      : *text == '\'' ? "&#39;"
		                                      : NULL;

		add_literal(compiler, escaped ? escaped : text, escaped ? strlen(escaped) : 1);
	}
}

/* "byte.99": a byte that JSON could not hold, in hex. False when the name is no such thing. */
static bool add_byte(struct compiler *compiler, const char *name)
{
	char byte;

	if (strlen(name) != 7 || strncmp(name, "byte.", 5) != 0 || hex_value(name[5]) < 0 || hex_value(name[6]) < 0)
		return false;
	byte = (char)(hex_value(name[5]) << 4 | hex_value(name[6]));
	add_literal(compiler, &byte, 1);
	return true;
}

static void add_variable(struct compiler *compiler, const char *name, size_t length, enum piece_form form)
{
	struct piece piece = { .form = form };
	struct loading *loading = compiler->loading;
	char copy[2 * NAME_LENGTH_MAX + 2];

	if (length >= sizeof copy) {
		reader_problem(&loading->reader, compiler->place, NULL, "the name between {{ and }} is too long");
		return;
	}
	memcpy(copy, name, length);
	copy[length] = '\0';
	if (compiler->html && cJSON_IsString(json_member(compiler->values, copy))) {
		add_literal_html(compiler, json_member(compiler->values, copy)->valuestring);
		return;
	}
	if (add_byte(compiler, copy))
		return;
	if (!find_variable(loading->machine, copy, &piece.variable)) {
		report_unknown_variable(loading, compiler->place, copy);
		return;
	}
	if (piece.variable.kind >= VARIABLE_TOPIC && !loading->in_frame)
		reader_problem(&loading->reader, compiler->place, NULL,
		               "\"%s\" is something that only frames of websockets tell", copy);
	if (piece.variable.setting != INDEX_NONE)
		loading->setting_used[piece.variable.setting] = true;
	if (piece.variable.shown != INDEX_NONE)
		loading->shown_used[piece.variable.shown] = true;
	end_literal(compiler);
	add_piece(compiler, piece);
}

/* Cuts a text at its {{variables}}. In printed JSON, a string that is one variable and nothing else loses its quotes:
 * the variable brings its own type. */
static void compile_text(struct compiler *compiler, const char *text)
{
	const char *start = text;
	const char *open;

	while ((open = strstr(text, "{{")) != NULL) {
		const char *name = open + 2;
		const char *close = strstr(name, "}}");
		bool whole;

		if (!close) {
			reader_problem(&compiler->loading->reader, compiler->place, NULL, "{{ has no }}");
			return;
		}
		/* In printed JSON a quote just before {{ opens a string unless it is escaped or ends a name or value. A name
		 * stays a text: what follows its closing quote is a colon. */
		whole = compiler->json && open > start && open[-1] == '"' && close[2] == '"' && close[3] != ':' &&
		        (open - 1 == start || open[-2] == ':' || open[-2] == ',' || open[-2] == '[');
		add_literal(compiler, text, (size_t)(open - text) - whole);
		add_variable(compiler, name, (size_t)(close - name),
		             whole            ? PIECE_TYPED
		             : compiler->json ? PIECE_INSIDE
		             : compiler->html ? PIECE_HTML
		                              : PIECE_PLAIN);
		text = close + 2 + whole;
	}
	add_literal(compiler, text, strlen(text));
}

/* Ends the compiler. */
static struct text_template compiled(struct compiler *compiler)
{
	end_literal(compiler);
	buffer_release(&compiler->literal);
	return (struct text_template){ .pieces = compiler->pieces,
		                       .count = compiler->count,
		                       .size_most = compiler->size_most };
}

/* ---- header sets ---- */

static const struct field header_fields[] = {
	{ "framing", FIELD_TEXT, true },
	{ "headers", FIELD_LIST, true },
	{ 0 },
};

static bool is_token(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~";

	return *name && strspn(name, allowed) == strlen(name);
}

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
	if (!is_token(name->valuestring)) {
		reader_problem(reader, name, NULL, "\"%s\" cannot be a header's name (RFC 9110 section 5.1)",
		               name->valuestring);
		return;
	}
	if (!is_header_value(value->valuestring)) {
		reader_problem(reader, value, NULL, "a header's value has no control characters");
		return;
	}
	compiler->place = value;
	add_literal(compiler, name->valuestring, strlen(name->valuestring));
	add_literal(compiler, ": ", 2);
	compile_text(compiler, value->valuestring);
	add_literal(compiler, "\r\n", 2);
}

static void load_headers(struct loading *loading, const cJSON *item, const char *name, struct reply_template *reply)
{
	struct compiler compiler = { .loading = loading, .place = item };
	bool reported = false;
	const cJSON *tree;
	const char *framing;

	if (!is_fixture_name(name)) {
		reader_problem(&loading->reader, item, NULL,
		               "\"headers\" is the name of a header set: 1 to %d lower-case letters, digits, \"_\", "
		               "\"-\" or \".\"",
		               NAME_LENGTH_MAX);
		return;
	}
	tree = read_fixture(loading, "headers", name, &reported);
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
			add_literal(compiler, "\n", 1);
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
	} else if (is_fixture_name(name)) {
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

static void report_missing(struct loading *loading, const cJSON *item, const char *folder, const char *what,
                           const char *name)
{
	struct nearest nearest;
	const char *slash;
	char wanted[2 * NAME_LENGTH_MAX];

	/* Fixtures are listed as "2026/replies/name". */
	snprintf(wanted, sizeof wanted, "%s/%s/%s", loading->pack_count ? loading->packs[loading->pack_count - 1] : "",
	         folder, name);
	loading_nearest(loading, SOURCE_FIXTURE, wanted, &nearest);
	slash = nearest.best ? strrchr(nearest.best, '/') : NULL;
	reader_problem(&loading->reader, item, slash ? slash + 1 : nearest.best, "fixture pack \"%s\" has no %s \"%s\"",
	               loading->machine->pack, what, name);
}

int load_reply(struct loading *loading, const cJSON *item, const char *name)
{
	struct machine *machine = loading->machine;
	const bool own_file = strncmp(name, "./", 2) == 0;
	struct reply_template *reply;
	bool reported = false;
	const cJSON *tree;

	for (size_t i = 0; i < machine->reply_count; i++)
		if (strcmp(machine->replies[i].name, name) == 0)
			return (int)i;
	if (!machine->replies)
		machine->replies = arena_alloc(machine->arena, REPLIES_MAX * sizeof *machine->replies);
	if (machine->reply_count == REPLIES_MAX) {
		reader_problem(&loading->reader, item, NULL, "too many replies; at most %d are allowed", REPLIES_MAX);
		return INDEX_NONE;
	}
	if (own_file ? strlen(name) > PATH_LENGTH_MAX || load_has_control_character(name) : !is_fixture_name(name)) {
		reader_problem(&loading->reader, item, NULL,
		               "a reply is a fixture's name, or a file: \"./my_reply.json\"");
		return INDEX_NONE;
	}
	/* Its place is taken before it is read: a reply that is missing is reported once. */
	reply = &machine->replies[machine->reply_count];
	reply->name = reader_copy(&loading->reader, name);
	machine->reply_count++;
	if (own_file)
		tree = loading_read_tree(loading, SOURCE_FIXTURE, name,
		                         json_place_of(loading->reader.places, item).file, &reported);
	else
		tree = read_fixture(loading, "replies", name, &reported);
	if (tree)
		compile_reply(loading, tree, reply);
	else if (!reported && own_file)
		reader_problem(&loading->reader, item, NULL, "there is no file \"%s\" beside this one", name);
	else if (!reported)
		report_missing(loading, item, "replies", "reply", name);
	return (int)machine->reply_count - 1;
}

const cJSON *load_fixture(struct loading *loading, const cJSON *item, const char *folder, const char *what)
{
	const char *name = item->valuestring;
	const bool own_file = strncmp(name, "./", 2) == 0;
	bool reported = false;
	const cJSON *tree = NULL;

	if (own_file ? strlen(name) > PATH_LENGTH_MAX || load_has_control_character(name) : !is_fixture_name(name)) {
		reader_problem(&loading->reader, item, NULL, "a %s is a fixture's name, or a file: \"./my_%s.json\"",
		               what, what);
		return NULL;
	}
	tree = own_file ? loading_read_tree(loading, SOURCE_FIXTURE, name,
	                                    json_place_of(loading->reader.places, item).file, &reported)
	                : read_fixture(loading, folder, name, &reported);
	if (!tree && !reported && own_file)
		reader_problem(&loading->reader, item, NULL, "there is no file \"%s\" beside this one", name);
	else if (!tree && !reported)
		report_missing(loading, item, folder, what, name);
	return tree;
}

bool load_named_variable(struct loading *loading, const cJSON *item, struct variable *variable)
{
	if (!find_variable(loading->machine, item->valuestring, variable) || variable->kind != VARIABLE_NAMED) {
		report_unknown_variable(loading, item, item->valuestring);
		return false;
	}
	if (variable->setting != INDEX_NONE)
		loading->setting_used[variable->setting] = true;
	if (variable->shown != INDEX_NONE)
		loading->shown_used[variable->shown] = true;
	return true;
}
