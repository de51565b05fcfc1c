#include "core/render.h"

#include "core/calendar.h"
#include "core/draw.h"

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

/* What an active state shows wins over the setting of the same name; regions count in their order. */
static struct value named_value(const struct emulator *emulator, const struct variable *variable)
{
	const struct machine *machine = emulator->machine;

	for (size_t i = 0; variable->shown != INDEX_NONE && i < machine->region_count; i++) {
		const struct value *value = &machine->states[emulator->state[i]].shows[variable->shown];

		if (value->kind != VALUE_NONE)
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

/* The path as JSON or as a header may carry it: bytes that could end a line or a string do not pass. */
static void add_path(struct buffer *out, struct span path, enum piece_form form)
{
	if (form == PIECE_PLAIN)
		buffer_add(out, path.at, path.length);
	else
		buffer_add_json_text(out, path.at, path.length);
}

static void add_variable(const struct render_context *context, const struct piece *piece, size_t body_length,
                         struct buffer *out)
{
	const struct emulator *emulator = context->emulator;
	const struct variable *variable = &piece->variable;
	/* An answer that is held back tells the time at which it leaves. */
	const int64_t leaves_ms = emulator->now_ms + context->delay_ms;
	const bool is_text = variable->kind == VARIABLE_HTTP_DATE || variable->kind == VARIABLE_SESSION_ID ||
	                     variable->kind == VARIABLE_PATH;
	struct value value;

	if (is_text && piece->form == PIECE_TYPED)
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
		add_path(out, context->path, piece->form);
		break;
	}
	if (is_text && piece->form == PIECE_TYPED)
		buffer_add_text(out, "\"");
}

static void render(const struct render_context *context, const struct text_template *text, size_t body_length,
                   struct buffer *out)
{
	for (size_t i = 0; i < text->count; i++) {
		const struct piece *piece = &text->pieces[i];

		if (piece->form == PIECE_LITERAL)
			buffer_add(out, piece->literal.at, piece->literal.length);
		else
			add_variable(context, piece, body_length, out);
	}
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
