#include "cli/log_line.h"

#include "core/calendar.h"

#include <string.h>

static const char *const kind_names[] = {
	[RECORD_REQUEST] = "request", [RECORD_TRANSITION] = "transition", [RECORD_TIMER] = "timer",
	[RECORD_CUE] = "cue",         [RECORD_ACTION] = "action",
};

static size_t kept_length(const struct record *record)
{
	return record->target_length < sizeof record->target ? record->target_length : sizeof record->target;
}

static void add_escaped(const struct record *record, struct buffer *out)
{
	const size_t length = kept_length(record);
	size_t plain = 0;

	for (size_t i = 0; i < length; i++) {
		const unsigned char byte = (unsigned char)record->target[i];

		if (byte > ' ' && byte < 0x7f && byte != '\\')
			continue;
		buffer_add(out, record->target + plain, i - plain);
		buffer_add_format(out, "\\x%02x", byte);
		plain = i + 1;
	}
	buffer_add(out, record->target + plain, length - plain);
}

static bool will_be_answered(const struct record *record)
{
	return record->status != 0 && record->delay_ms >= 0;
}

/* ---- for people ---- */

/* One state when nothing changed that has a name in the log. */
static void add_states(const struct emulator *emulator, const struct record *record, struct buffer *out)
{
	const size_t start = out->length;
	size_t middle;

	emulator_describe(emulator, record->before, out);
	if (record->before == record->after)
		return;
	middle = out->length;
	buffer_add_text(out, " -> ");
	emulator_describe(emulator, record->after, out);
	if (!buffer_failed(out) && out->length - middle - 4 == middle - start &&
	    memcmp(out->data + start, out->data + middle + 4, middle - start) == 0) {
		out->length = middle;
		out->data[middle] = '\0';
	}
}

static void add_request(const struct emulator *emulator, const struct record *record, struct buffer *out)
{
	buffer_add_format(out, "%s ", method_name(record->method));
	add_escaped(record, out);
	buffer_add_text(out, record->target_length > sizeof record->target ? "… " : " ");
	add_states(emulator, record, out);
	if (!will_be_answered(record)) {
		buffer_add_text(out, " never");
		return;
	}
	buffer_add_format(out, " %d", record->status);
	if (record->delay_ms > 0) {
		buffer_add_text(out, " after ");
		duration_add(out, record->delay_ms);
	}
}

void log_line_add_text(const struct emulator *emulator, const struct record *record, struct buffer *out)
{
	instant_add(out, record->at_ms);
	buffer_add_text(out, " ");
	switch (record->kind) {
	case RECORD_REQUEST:
		add_request(emulator, record, out);
		break;
	case RECORD_TRANSITION:
		buffer_add_format(out, "transition %s ", record->name);
		add_states(emulator, record, out);
		break;
	case RECORD_TIMER:
	case RECORD_CUE:
	case RECORD_ACTION:
		buffer_add_format(out, "%s %s", kind_names[record->kind], record->name);
		/* What an event changes has a line of its own; what is entered by name has not. */
		if (record->before != record->after) {
			buffer_add_text(out, " ");
			add_states(emulator, record, out);
		}
		break;
	}
	buffer_add_text(out, "\n");
}

/* ---- as JSON ---- */

static void add_request_head(const struct record *record, struct buffer *out)
{
	struct buffer target = { 0 };

	add_escaped(record, &target);
	buffer_add_format(out, ",\"method\":\"%s\",\"target\":\"", method_name(record->method));
	if (target.data)
		buffer_add_json_text(out, target.data, target.length);
	buffer_add_format(out, "\",\"target_length\":%u,\"endpoint\":\"%s\"", record->target_length, record->name);
	buffer_release(&target);
}

static void add_outcome(const struct record *record, struct buffer *out)
{
	if (!will_be_answered(record)) {
		buffer_add_text(out, ",\"status\":null,\"delay_ms\":null");
		return;
	}
	buffer_add_format(out, ",\"status\":%d,\"delay_ms\":", record->status);
	buffer_add_int(out, record->delay_ms);
}

void log_line_add_json(const struct emulator *emulator, const struct record *record, struct buffer *out)
{
	const bool is_request = record->kind == RECORD_REQUEST;

	buffer_add_text(out, "{\"time\":\"");
	instant_add(out, record->at_ms);
	buffer_add_format(out, "\",\"kind\":\"%s\"", kind_names[record->kind]);
	if (is_request)
		add_request_head(record, out);
	else
		buffer_add_format(out, ",\"name\":\"%s\"", record->name);
	buffer_add_text(out, ",\"before\":\"");
	emulator_describe(emulator, record->before, out);
	buffer_add_text(out, "\",\"after\":\"");
	emulator_describe(emulator, record->after, out);
	buffer_add_text(out, "\"");
	if (is_request)
		add_outcome(record, out);
	buffer_add_text(out, "}\n");
}
