#include "core/record_json.h"

#include "core/calendar.h"
#include "core/redact.h"
#include "core/utf8.h"

#include <string.h>
#include <strings.h>

static void add_escaped(struct span text, struct buffer *out)
{
	size_t plain = 0;

	for (size_t i = 0; i < text.length; i++) {
		const unsigned char byte = (unsigned char)text.at[i];

		if (byte > ' ' && byte < 0x7f && byte != '\\')
			continue;
		buffer_add(out, text.at + plain, i - plain);
		buffer_add_format(out, "\\x%02x", byte);
		plain = i + 1;
	}
	buffer_add(out, text.at + plain, text.length - plain);
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
	const struct span target = record_text(&emulator->journal, record);

	buffer_add_text(out, method_name(record->method));
	buffer_add_text(out, " ");
	add_escaped(target, out);
	buffer_add_text(out, record->cut && target.length == JOURNAL_TARGET_MAX ? "… " : " ");
	add_states(emulator, record, out);
	if (!will_be_answered(record)) {
		buffer_add_text(out, " never");
		return;
	}
	buffer_add_text(out, " ");
	buffer_add_int(out, record->status);
	if (record->delay_ms > 0) {
		buffer_add_text(out, " after ");
		duration_add(out, record->delay_ms);
	}
}

static void add_words(const struct emulator *emulator, const struct record *record, struct buffer *out)
{
	const struct span text = record_text(&emulator->journal, record);

	buffer_add_format(out, "%s %s", record_kind_names[record->kind], record->name);
	if (text.length > 0) {
		buffer_add_text(out, ": ");
		buffer_add(out, text.at, text.length);
	}
}

/* A message of a websocket is UTF-8: what is not, and what a terminal would act on, stands as escapes. */
static void add_message(struct span text, struct buffer *out)
{
	for (size_t i = 0; i < text.length;) {
		const size_t length = utf8_length(text.at + i, text.length - i);
		const unsigned char byte = (unsigned char)text.at[i];
		const bool is_c1 = length == 2 && byte == 0xC2 && (unsigned char)text.at[i + 1] < 0xA0;

		if (is_c1)
			buffer_add_format(out, "\\xc2\\x%02x", (unsigned char)text.at[i + 1]);
		else if (length == 0 || byte < ' ' || byte == 0x7f)
			buffer_add_format(out, "\\x%02x", byte);
		else
			buffer_add(out, text.at + i, length);
		i += length ? length : 1;
	}
}

/* "frame_out #1: {…}" */
static void add_stream(const struct emulator *emulator, const struct record *record, struct buffer *out)
{
	const struct span text = record_text(&emulator->journal, record);

	if (record->kind == RECORD_STREAM)
		buffer_add_text(out, "stream ");
	buffer_add_format(out, "%s #%u", record->name, record->stream);
	if (text.length == 0)
		return;
	buffer_add_text(out, ": ");
	add_message(text, out);
	if (record->cut)
		buffer_add_text(out, "…");
}

void record_add_line(const struct emulator *emulator, const struct record *record, struct buffer *out)
{
	instant_add(out, record->at_ms);
	buffer_add_text(out, " ");
	switch ((enum record_kind)record->kind) {
	case RECORD_REQUEST:
		add_request(emulator, record, out);
		break;
	case RECORD_TRANSITION:
		buffer_add_format(out, "transition %s ", record->name);
		add_states(emulator, record, out);
		break;
	case RECORD_STREAM:
	case RECORD_FRAME:
		add_stream(emulator, record, out);
		break;
	case RECORD_ANSWER:
	case RECORD_TIMER:
	case RECORD_CUE:
	case RECORD_ACTION:
	case RECORD_CLOCK:
	case RECORD_CONNECTION:
	case RECORD_EXPECTATION:
	case RECORD_FAULT:
	case RECORD_LOGIN:
	case RECORD_KIND_COUNT:
		add_words(emulator, record, out);
		/* What an event changes has a line of its own; what is entered by name has not. */
		if (record->before != record->after) {
			buffer_add_text(out, " ");
			add_states(emulator, record, out);
		}
		break;
	}
}

/* ---- as JSON ---- */

static void add_json_text(struct span text, struct buffer *out)
{
	buffer_add_quoted(out, text.at, text.length);
}

static void add_escaped_json(struct span text, struct buffer *out)
{
	struct buffer escaped = { 0 };

	add_escaped(text, &escaped);
	add_json_text((struct span){ escaped.data ? escaped.data : "", escaped.length }, out);
	buffer_release(&escaped);
}

static void add_message_json(struct span text, struct buffer *out)
{
	struct buffer escaped = { 0 };

	add_message(text, &escaped);
	add_json_text((struct span){ escaped.data ? escaped.data : "", escaped.length }, out);
	buffer_release(&escaped);
}

/* JSON is UTF-8: what is not, and what a terminal would act on, stands as escapes. */
static bool is_plain_text(struct span text)
{
	for (size_t i = 0; i < text.length; i++) {
		const unsigned char byte = (unsigned char)text.at[i];

		if ((byte < ' ' && byte != '\n' && byte != '\r' && byte != '\t') || byte >= 0x7f)
			return false;
	}
	return true;
}

static void add_any_text(struct span text, struct buffer *out)
{
	if (is_plain_text(text))
		add_json_text(text, out);
	else
		add_escaped_json(text, out);
}

static void add_instant(const char *name, int64_t at_ms, struct buffer *out)
{
	buffer_add_format(out, ",\"%s\":\"", name);
	instant_add(out, at_ms);
	buffer_add_text(out, "\"");
}

/* The record's name is the rule's. */
static void add_fault(const struct emulator *emulator, const struct record *record, struct buffer *out)
{
	const struct fault_kind *kind = &fault_kinds[record->fault];

	buffer_add_format(out, ",\"fault\":\"%s\",\"moment\":\"%s\",\"endpoint\":", kind->name,
	                  fault_moment_names[kind->moment]);
	if (record->endpoint == INDEX_NONE)
		buffer_add_text(out, "null");
	else
		buffer_add_format(out, "\"%s\"", emulator->machine->endpoints[record->endpoint].name);
	if (record->threshold == FAULT_DRAWS) {
		buffer_add_text(out, ",\"draw\":null,\"threshold\":null");
	} else {
		buffer_add_text(out, ",\"draw\":");
		fault_add_chance(record->draw, out);
		buffer_add_text(out, ",\"threshold\":");
		fault_add_chance(record->threshold, out);
	}
	buffer_add_format(out, ",\"outcome\":\"%s\",\"hidden_by\":", fault_outcome_names[record->outcome]);
	if (record->hidden_by)
		add_json_text(span_of(record->hidden_by), out);
	else
		buffer_add_text(out, "null");
}

static void add_head(const struct emulator *emulator, uint64_t index, const struct record *record, struct buffer *out)
{
	buffer_add_text(out, "{\"id\":");
	buffer_add_int(out, (int64_t)index + 1);
	add_instant("time", record->at_ms, out);
	if (record->wall_ms)
		add_instant("wall_time", record->wall_ms, out);
	else
		buffer_add_text(out, ",\"wall_time\":null");
	buffer_add_format(out, ",\"kind\":\"%s\"", record_kind_names[record->kind]);
	if (record->kind == RECORD_REQUEST) {
		buffer_add_format(out, ",\"method\":\"%s\",\"target\":", method_name(record->method));
		add_escaped_json(record_text(&emulator->journal, record), out);
		buffer_add_format(out, ",\"cut\":%s,\"endpoint\":\"%s\",\"matched\":%s", record->cut ? "true" : "false",
		                  record->name, record->matched ? "true" : "false");
		return;
	}
	buffer_add_text(out, ",\"name\":");
	add_json_text(span_of(record->name), out);
	if (record->kind == RECORD_STREAM || record->kind == RECORD_FRAME)
		buffer_add_format(out, ",\"stream\":%u", record->stream);
	if (record->target_length > 0) {
		const struct span text = record_text(&emulator->journal, record);

		buffer_add_text(out, ",\"text\":");
		if (record->kind == RECORD_FRAME || record->kind == RECORD_STREAM)
			add_message_json(text, out);
		else
			add_json_text(text, out);
	}
	if (record->kind == RECORD_FAULT)
		add_fault(emulator, record, out);
	if (record->kind == RECORD_FRAME)
		buffer_add_format(out, ",\"cut\":%s", record->cut ? "true" : "false");
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

static struct span name_of(struct span line)
{
	const char *colon = memchr(line.at, ':', line.length);

	return (struct span){ line.at, colon ? (size_t)(colon - line.at) : line.length };
}

static bool is_same_name(struct span a, struct span b)
{
	return a.length == b.length && strncasecmp(a.at, b.at, a.length) == 0;
}

static struct span value_of(struct span line)
{
	const size_t name = name_of(line).length;
	struct span value = { line.at + name, line.length - name };

	while (value.length > 0 && (*value.at == ':' || *value.at == ' ' || *value.at == '\t')) {
		value.at++;
		value.length--;
	}
	return value;
}

/* Whether one of the lines before `line` has the same name. */
static bool has_come(struct span headers, struct span line)
{
	struct span earlier;

	while (header_line_next(&headers, &earlier) && earlier.at != line.at)
		if (is_same_name(name_of(earlier), name_of(line)))
			return true;
	return false;
}

static void add_all_values(struct span headers, struct span name, struct buffer *out)
{
	struct buffer joined = { 0 };
	struct span line;

	while (header_line_next(&headers, &line)) {
		if (!is_same_name(name_of(line), name))
			continue;
		if (joined.length > 0)
			buffer_add_text(&joined, ", ");
		buffer_add(&joined, value_of(line).at, value_of(line).length);
	}
	add_any_text((struct span){ joined.data ? joined.data : "", joined.length }, out);
	buffer_release(&joined);
}

static void add_headers(struct span headers, struct buffer *out)
{
	struct span rest = headers;
	struct span line;
	const char *between = "";

	buffer_add_text(out, ",\"headers\":{");
	while (header_line_next(&rest, &line)) {
		if (line.length == 0 || has_come(headers, line))
			continue;
		buffer_add_text(out, between);
		between = ",";
		add_any_text(name_of(line), out);
		buffer_add_text(out, ":");
		add_all_values(headers, name_of(line), out);
	}
	buffer_add_text(out, "}");
}

static void add_body(struct span body, struct buffer *out)
{
	buffer_add_text(out, ",\"body\":");
	if (body.length == 0)
		buffer_add_text(out, "null");
	else
		add_any_text(body, out);
}

void record_add_json(const struct emulator *emulator, uint64_t index, const struct record *record,
                     enum record_detail detail, struct buffer *out)
{
	const bool is_request = record->kind == RECORD_REQUEST;

	add_head(emulator, index, record, out);
	buffer_add_text(out, ",\"before\":\"");
	emulator_describe(emulator, record->before, out);
	buffer_add_text(out, "\",\"after\":\"");
	emulator_describe(emulator, record->after, out);
	buffer_add_text(out, "\"");
	if (is_request)
		add_outcome(record, out);
	if (is_request && detail == RECORD_WHOLE) {
		add_headers(record_headers(&emulator->journal, record), out);
		add_body(record_body(&emulator->journal, record), out);
	}
	buffer_add_text(out, "}");
}
