#include "support/check.h"

#include "core/expect_report.h"
#include "core/json.h"

#include <string.h>

bool check_loaded(bool loaded, struct problems *problems)
{
	struct buffer text = { 0 };
	struct buffer json = { 0 };
	struct json_places places = { 0 };
	struct problems of_report = { 0 };
	cJSON *report;

	CHECK(loaded == (problems->total == 0));
	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *problem = &problems->items[i];

		CHECK(problem->file[0] && problem->message[0]);
		CHECK(problem->caret >= 0 && (size_t)problem->caret <= sizeof problem->source_line);
	}
	problems_render_text(problems, &text);
	problems_render_json(problems, &json);
	report = json_read(&places, "report", json.data, json.length, &of_report);
	CHECK(cJSON_IsArray(report) && (size_t)cJSON_GetArraySize(report) == problems->count);
	json_places_release(&places);
	problems_release(&of_report);
	buffer_release(&json);
	buffer_release(&text);
	problems_release(problems);
	return loaded;
}

/* Lines "Name: value" that end in CR LF, and no other CR or LF. */
static void check_headers(const struct buffer *headers)
{
	const char *line = headers->data;
	const char *end = headers->data ? headers->data + headers->length : NULL;

	while (line < end) {
		const char *stop = memchr(line, '\r', (size_t)(end - line));

		CHECK(stop && stop + 1 < end && stop[1] == '\n');
		CHECK(memchr(line, ':', (size_t)(stop - line)) > (const void *)line);
		CHECK(!memchr(line, '\n', (size_t)(stop - line)) && !memchr(line, '\0', (size_t)(stop - line)));
		line = stop + 2;
	}
}

void check_reply(const struct emulator *emulator, const struct reply *reply)
{
	if (reply->release_ms == REPLY_NEVER) {
		CHECK(reply->status == 0 && reply->body.length == 0);
		return;
	}
	CHECK(reply->release_ms >= emulator->now_ms);
	CHECK(reply->status >= 200 && reply->status <= 599 && reply->reason);
	CHECK(!strpbrk(reply->reason, "\r\n"));
	CHECK(!buffer_failed(&reply->headers) && !buffer_failed(&reply->body));
	check_headers(&reply->headers);
}

void check_emulator(const struct emulator *emulator)
{
	const struct machine *machine = emulator->machine;
	struct buffer words = { 0 };
	uint64_t active = 0;

	for (size_t i = 0; i < machine->region_count; i++) {
		CHECK(emulator->state[i] < machine->state_count && machine->states[emulator->state[i]].region == i);
		active |= 1ULL << emulator->state[i];
	}
	CHECK(active == emulator->active);
	CHECK(emulator_deadline_ms(emulator) > emulator->now_ms);
	emulator_describe(emulator, active, &words);
	CHECK(words.length > 0);
	buffer_release(&words);
}

void check_expectations(struct emulator *emulator)
{
	struct buffer text = { 0 };
	struct buffer json = { 0 };
	struct json_places places = { 0 };
	struct problems problems = { 0 };
	cJSON *tree;

	expect_conclude(emulator);
	expect_report(emulator, true, &text);
	expect_report_json(emulator, true, &json);
	tree = json_read(&places, "expectations", json.data, json.length, &problems);
	CHECK(cJSON_IsArray(tree) && (size_t)cJSON_GetArraySize(tree) == emulator->machine->expectation_count);
	CHECK(!buffer_failed(&text) && (expect_failed(emulator, true) == 0 || text.length > 0));
	json_places_release(&places);
	problems_release(&problems);
	buffer_release(&json);
	buffer_release(&text);
}
