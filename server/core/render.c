#include "core/render.h"

#include "core/calendar.h"
#include "core/draw.h"
#include "core/html.h"

#include <string.h>

/* Draws for session ids count from here, apart from those of answers. */
#define DRAW_SESSION_ID 0x5E5510000ULL

static void add_hex(struct buffer *out, uint64_t number)
{
	static const char digits[] = "0123456789abcdef";
	char text[16];

	for (int i = 15; i >= 0; i--) {
		text[i] = digits[number & 15];
		number >>= 4;
	}
	buffer_add(out, text, sizeof text);
}

static struct value named_value(const struct emulator *emulator, const struct variable *variable);

/* What a variant shows by that name while its chooser is what it is; NULL while that is no word of it, or says nothing.
 * Choosers are no variant's affair themselves: load_variants.c sees to it. */
static const struct value *variant_value(const struct emulator *emulator, const struct variant *variant, int16_t shown)
{
	struct value word;

	for (size_t i = 0; variant->words[i]; i++) {
		if (variant->values[i][shown].kind == VALUE_NONE) /* nearly always: the names of pages are few */
			continue;
		word = named_value(emulator, &variant->chooser);
		if (word.kind == VALUE_TEXT && strcmp(variant->words[i], word.text) == 0)
			return &variant->values[i][shown];
	}
	return NULL;
}

/* What an active state shows wins over the setting of the same name; regions count in their order. */
static struct value named_value(const struct emulator *emulator, const struct variable *variable)
{
	const struct machine *machine = emulator->machine;

	for (size_t i = 0; variable->shown != INDEX_NONE && i < machine->region_count; i++) {
		const struct value *value = &machine->states[emulator->state[i]].shows[variable->shown];

		if (value->kind != VALUE_NONE)
			return *value;
	}
	for (size_t i = 0; variable->shown != INDEX_NONE && i < machine->variant_count; i++) {
		const struct value *value = variant_value(emulator, &machine->variants[i], variable->shown);

		if (value)
			return *value;
	}
	if (variable->setting != INDEX_NONE)
		return emulator->settings[variable->setting];
	return (struct value){ .kind = VALUE_NULL };
}

static int64_t timer_value(const struct emulator *emulator, const struct variable *variable)
{
	const int64_t due_ms = emulator->timer_due_ms[variable->timer];
	const bool runs = due_ms != EMULATOR_NEVER;

	switch (variable->kind) {
	case VARIABLE_REMAINING_MS:
		return runs ? due_ms - emulator->now_ms : 0;
	case VARIABLE_DEADLINE_MS:
		return runs ? due_ms : emulator->now_ms;
	case VARIABLE_STARTED_MS:
	case VARIABLE_NAMED:
	case VARIABLE_NOW_MS:
	case VARIABLE_NOW_S:
	case VARIABLE_HTTP_DATE:
	case VARIABLE_SESSION_ID:
	case VARIABLE_BODY_LENGTH:
	case VARIABLE_DELAY_MS:
	case VARIABLE_PATH:
	case VARIABLE_ACCEPT:
	case VARIABLE_LOGIN_USER:
	case VARIABLE_LOGIN_PAPER:
	case VARIABLE_WALL_MS:
	case VARIABLE_TOPIC:
	case VARIABLE_ARGUMENT:
	case VARIABLE_NUMBER:
	case VARIABLE_CHANGED_NAME:
	case VARIABLE_CHANGED_VALUE:
	case VARIABLE_NOTICE:
	case VARIABLE_FRAME_ORDINAL:
		break;
	}
	return emulator->timer_started_ms[variable->timer];
}

static void add_value(struct buffer *out, const struct value *value, enum piece_form form)
{
	const bool is_text = value->kind == VALUE_TEXT || value->kind == VALUE_DURATION;

	if (!is_text || form == PIECE_TYPED)
		value_add_json(value, out);
	else if (form == PIECE_PLAIN)
		buffer_add_text(out, value->text);
	else
		buffer_add_json_text(out, value->text, strlen(value->text));
}

/* What a client sent, as JSON or as a header may carry it: bytes that could end a line or a string do not pass. */
static void add_sent(struct buffer *out, struct span text, enum piece_form form)
{
	if (form == PIECE_PLAIN)
		buffer_add(out, text.at, text.length);
	else
		buffer_add_json_text(out, text.at, text.length);
}

/* As a value of its own it is a number where it looks like one. */
static void add_number(struct buffer *out, struct span text, enum piece_form form)
{
	bool is_number = text.length > 0 && text.length <= 15 && (text.at[0] != '0' || text.length == 1);

	for (size_t i = 0; i < text.length; i++)
		is_number = is_number && text.at[i] >= '0' && text.at[i] <= '9';
	if (form == PIECE_TYPED && !is_number)
		buffer_add_quoted(out, text.at, text.length);
	else
		add_sent(out, text, form);
}

static const struct frame_context no_frame = { .changed_name = "" };

static bool is_text(enum variable_kind kind)
{
	return kind == VARIABLE_HTTP_DATE || kind == VARIABLE_SESSION_ID || kind == VARIABLE_PATH ||
	       kind == VARIABLE_ACCEPT || kind == VARIABLE_LOGIN_USER || kind == VARIABLE_LOGIN_PAPER ||
	       kind == VARIABLE_TOPIC || kind == VARIABLE_ARGUMENT || kind == VARIABLE_CHANGED_NAME ||
	       kind == VARIABLE_NOTICE;
}

static void add_variable(const struct render_context *context, const struct piece *piece, size_t body_length,
                         struct buffer *out)
{
	const struct emulator *emulator = context->emulator;
	const struct variable *variable = &piece->variable;
	/* An answer that is held back tells the time at which it leaves. */
	const int64_t leaves_ms = emulator->now_ms + context->delay_ms;
	const struct frame_context *frame = context->frame ? context->frame : &no_frame;
	const bool is_quoted = piece->form == PIECE_TYPED && is_text(variable->kind);
	struct value value;

	if (is_quoted)
		buffer_add_text(out, "\"");
	switch (variable->kind) {
	case VARIABLE_NAMED:
		value = named_value(emulator, variable);
		add_value(out, &value, piece->form);
		break;
	case VARIABLE_REMAINING_MS:
	case VARIABLE_DEADLINE_MS:
	case VARIABLE_STARTED_MS:
		buffer_add_int(out, timer_value(emulator, variable));
		break;
	case VARIABLE_NOW_MS:
		buffer_add_int(out, leaves_ms);
		break;
	case VARIABLE_NOW_S:
		buffer_add_int(out, leaves_ms / 1000);
		break;
	case VARIABLE_HTTP_DATE:
		http_date_add(out, leaves_ms);
		break;
	case VARIABLE_SESSION_ID:
		add_hex(out, draw(emulator->seed, DRAW_SESSION_ID, emulator->session_ordinal));
		add_hex(out, draw(emulator->seed, DRAW_SESSION_ID + 1, emulator->session_ordinal));
		break;
	case VARIABLE_BODY_LENGTH:
		buffer_add_int(out, (int64_t)body_length);
		break;
	case VARIABLE_DELAY_MS:
		buffer_add_int(out, context->delay_ms);
		break;
	case VARIABLE_PATH:
		add_sent(out, context->path, piece->form);
		break;
	case VARIABLE_LOGIN_USER:
		add_sent(out, span_of(emulator->login.user), piece->form);
		break;
	case VARIABLE_LOGIN_PAPER:
		buffer_add_text(out, emulator->login.is_paper ? "checked" : "");
		break;
	case VARIABLE_ACCEPT:
		buffer_add_text(out, context->accept ? context->accept : "");
		break;
	case VARIABLE_WALL_MS:
		buffer_add_int(out, emulator->journal.wall_ms ? emulator->journal.wall_ms : leaves_ms);
		break;
	case VARIABLE_TOPIC:
		add_sent(out, frame->topic, piece->form);
		break;
	case VARIABLE_ARGUMENT:
		add_sent(out, frame->argument, piece->form);
		break;
	case VARIABLE_NUMBER:
		add_number(out, frame->argument, piece->form);
		break;
	case VARIABLE_CHANGED_NAME:
		buffer_add_text(out, frame->changed_name);
		break;
	case VARIABLE_CHANGED_VALUE:
		add_value(out, &frame->changed_value, piece->form);
		break;
	case VARIABLE_NOTICE:
		add_sent(out, frame->notice, piece->form);
		break;
	case VARIABLE_FRAME_ORDINAL:
		buffer_add_int(out, (int64_t)emulator->streams.frames + 1);
		break;
	}
	if (is_quoted)
		buffer_add_text(out, "\"");
}

static void add_variable_to_page(const struct render_context *context, const struct piece *piece, size_t body_length,
                                 struct buffer *out)
{
	struct piece plain = *piece;
	struct buffer text = { 0 };

	plain.form = PIECE_PLAIN;
	add_variable(context, &plain, body_length, &text);
	if (text.length > 0)
		html_add(out, (struct span){ text.data, text.length });
	buffer_release(&text);
}

static void render(const struct render_context *context, const struct text_template *text, size_t body_length,
                   struct buffer *out)
{
	for (size_t i = 0; i < text->count; i++) {
		const struct piece *piece = &text->pieces[i];

		if (piece->form == PIECE_LITERAL)
			buffer_add(out, piece->literal.at, piece->literal.length);
		else if (piece->form == PIECE_HTML)
			add_variable_to_page(context, piece, body_length, out);
		else
			add_variable(context, piece, body_length, out);
	}
}

struct value render_named(const struct emulator *emulator, const struct variable *variable)
{
	return named_value(emulator, variable);
}

void render_text(const struct render_context *context, const struct text_template *text, struct buffer *out)
{
	render(context, text, 0, out);
}

void render_reply(const struct render_context *context, const struct reply_template *template, struct reply *reply)
{
	reply->status = template->status;
	reply->reason = template->reason;
	reply->framing = template->framing;
	reply->body_on_head = template->body_on_head;
	render(context, &template->body, 0, &reply->body);
	render(context, &template->headers, reply->body.length, &reply->headers);
}
