/*
 * Whether a client did what a test expects of it.
 */
#include "control/answer.h"
#include "control/handlers.h"
#include "core/expect.h"
#include "core/expect_report.h"
#include "core/verify.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* 406 with the report: as a problem, or as plain text for whoever asks for that. */
static void answer_failure(struct call *call, const struct buffer *report, const struct buffer *expectations)
{
	const char *accept = MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	const char *text = report->data ? report->data : "";

	if (accept && strncasecmp(accept, "text/plain", strlen("text/plain")) == 0)
		call_answer_text(call, MHD_HTTP_NOT_ACCEPTABLE, TYPE_TEXT, text);
	else if (expectations)
		call_problem_with(call, MHD_HTTP_NOT_ACCEPTABLE, text, "expectations", expectations);
	else
		call_long_problem(call, MHD_HTTP_NOT_ACCEPTABLE, text);
}

/* ---- what the scenario expects ---- */

static void add_expectations(const struct call *call, struct buffer *out)
{
	expect_report_json(&call->entry->gateway->emulator, call->options->strict, out);
}

void do_expectations(struct call *call)
{
	struct buffer *out = call_answer_json(call, MHD_HTTP_OK);

	gateway_advance(call->entry->gateway);
	buffer_add_format(out, "{\"failed\":%zu,\"expectations\":",
	                  expect_failed(&call->entry->gateway->emulator, call->options->strict));
	add_expectations(call, out);
	buffer_add_text(out, "}\n");
}

/* As if the test were over. */
static void judge_expectations(struct call *call)
{
	const struct emulator *emulator = &call->entry->gateway->emulator;
	struct buffer report = { 0 };
	struct buffer list = { 0 };

	gateway_conclude(call->entry->gateway);
	add_expectations(call, &list);
	if (expect_failed(emulator, call->options->strict) == 0) {
		struct buffer *out = call_answer_json(call, MHD_HTTP_ACCEPTED);

		buffer_add_text(out, "{\"passed\":true,\"expectations\":");
		buffer_add(out, list.data, list.length);
		buffer_add_text(out, "}\n");
	} else {
		expect_report(emulator, call->options->strict, &report);
		answer_failure(call, &report, &list);
	}
	buffer_release(&report);
	buffer_release(&list);
}

/* ---- what the call expects ---- */

static void answer_verdict(struct call *call, bool passed, const struct buffer *report)
{
	if (passed)
		buffer_add_text(call_answer_json(call, MHD_HTTP_ACCEPTED), "{\"passed\":true}\n");
	else
		answer_failure(call, report, NULL);
}

void do_verify(struct call *call)
{
	struct call_json json;
	struct buffer report = { 0 };
	struct verify verify;

	if (call_body_is_empty(call)) {
		judge_expectations(call);
		return;
	}
	if (call_json_begin(call, false, &json)) {
		const struct reader reader = { .places = &json.places, .problems = &json.problems };

		verify_read(&reader, &call->entry->machine->machine, json.tree, &verify);
		if (call_json_passed(call, &json))
			answer_verdict(call, verify_run(&verify, &call->entry->gateway->emulator, &report), &report);
	}
	buffer_release(&report);
	call_json_end(&json);
}

void do_verify_sequence(struct call *call)
{
	struct verify_sequence *sequence = malloc(sizeof *sequence);
	struct buffer report = { 0 };
	struct call_json json;

	if (call_json_begin(call, false, &json) && sequence) {
		const struct reader reader = { .places = &json.places, .problems = &json.problems };

		verify_sequence_read(&reader, &call->entry->machine->machine, json.tree, sequence);
		if (call_json_passed(call, &json))
			answer_verdict(call, verify_sequence_run(sequence, &call->entry->gateway->emulator, &report),
			               &report);
	}
	buffer_release(&report);
	call_json_end(&json);
	free(sequence);
}
