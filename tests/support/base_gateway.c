#include "support/base_gateway.h"

#include "support/repository.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void load(struct machine *machine, const char *scenario)
{
	struct memory_source memory = { 0 };
	struct problems problems = { 0 };
	struct buffer report = { 0 };
	struct source source;

	repository_add(&memory);
	source = memory_source_of(&memory);
	if (!scenario_load(&source, &(struct scenario_request){ .name = scenario }, machine, &problems)) {
		problems_render_text(&problems, &report);
		fputs(report.data, stderr);
		abort();
	}
	memory_source_release(&memory);
}

void base_gateway_start(struct base_gateway *gateway, const char *scenario, uint32_t journal_size)
{
	struct error error = { 0 };

	*gateway = (struct base_gateway){ 0 };
	load(&gateway->machine, scenario);
	if (!emulator_init(
		&gateway->emulator,
		&(struct emulator_options){ .machine = &gateway->machine,
	                                    .seed = 1,
	                                    .start_ms = 1772461800000,
	                                    .journal_size = journal_size ? journal_size : JOURNAL_RECORDS_DEFAULT },
		&error)) {
		fputs(error.text, stderr);
		abort();
	}
}

void base_gateway_stop(struct base_gateway *gateway)
{
	emulator_release(&gateway->emulator);
	reply_release(&gateway->reply);
	machine_release(&gateway->machine);
}

const struct record *base_gateway_ask(struct base_gateway *gateway, const char *method, const char *target,
                                      const char *headers, const char *body)
{
	struct journal *journal = &gateway->emulator.journal;
	const uint64_t before = journal->written;
	struct request request = { .method = method_of(method), .method_text = method, .peer = "127.0.0.1" };

	request.target = span_of(target);
	request.headers = span_of(headers ? headers : "User-Agent: tester/1.0\r\nContent-Length: 0\r\n");
	request.body = span_of(body ? body : "");
	request.has_user_agent = strcasestr(request.headers.at, "user-agent:") != NULL;
	request.has_content_length = strcasestr(request.headers.at, "content-length:") != NULL;
	emulator_handle(&gateway->emulator, &request, &gateway->reply);
	for (uint64_t index = before; index < journal->written; index++)
		if (journal_at(journal, index) && journal_at(journal, index)->kind == RECORD_REQUEST)
			return journal_at(journal, index);
	abort();
}

void base_gateway_raise(struct base_gateway *gateway, const char *event)
{
	const struct action action = { .kind = ACTION_EVENT, .name = event };
	struct error error = { 0 };

	if (!emulator_apply(&gateway->emulator, &action, &error)) {
		fputs(error.text, stderr);
		abort();
	}
}

struct quoted_json quoted_json_read(const char *text)
{
	struct quoted_json json = { .text = strdup(text) };

	json.places = calloc(1, sizeof *json.places);
	json.problems = calloc(1, sizeof *json.problems);
	if (!json.text || !json.places || !json.problems)
		abort();
	for (char *at = json.text; *at; at++)
		if (*at == '\'')
			*at = '"';
	json.tree = json_read(json.places, "(body)", json.text, strlen(json.text), json.problems);
	return json;
}

void quoted_json_release(struct quoted_json *json)
{
	json_places_release(json->places);
	problems_release(json->problems);
	free(json->places);
	free(json->problems);
	free(json->text);
}

void problem_lines(const struct problems *problems, struct buffer *out)
{
	buffer_add_text(out, "");
	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *problem = &problems->items[i];

		buffer_add_format(out, "%d:%d: %s", problem->line, problem->column, problem->message);
		if (problem->nearest[0])
			buffer_add_format(out, " (%s)", problem->nearest);
		buffer_add_text(out, "\n");
	}
}
