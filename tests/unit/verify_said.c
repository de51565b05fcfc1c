/* Why: what a client said over its websocket, when it opened and closed it, and how it logged in are verified as its requests are, by
 * the same calls and with reports of the same form. */
#include "core/stream.h"
#include "core/verify.h"

#include "support/base_gateway.h"

#include <criterion/criterion.h>
#include <string.h>

/* The report, empty when it passed; what is wrong with the text, where something is. */
static void judge_into(const struct base_gateway *gateway, const char *text, bool is_sequence, struct buffer *out)
{
	struct quoted_json json = quoted_json_read(text);
	const struct reader reader = { .places = json.places, .problems = json.problems };
	struct verify_sequence *sequence = malloc(sizeof *sequence);
	struct verify verify;
	bool read;

	buffer_add_text(out, "");
	read = is_sequence ? verify_sequence_read(&reader, &gateway->machine, json.tree, sequence)
	                   : verify_read(&reader, &gateway->machine, json.tree, &verify);
	if (!read)
		problem_lines(json.problems, out);
	else if (is_sequence)
		verify_sequence_run(sequence, &gateway->emulator, out);
	else
		verify_run(&verify, &gateway->emulator, out);
	quoted_json_release(&json);
	free(sequence);
}

static void judge(const struct base_gateway *gateway, const char *text, bool is_sequence, const char *expected)
{
	struct buffer out = { 0 };

	judge_into(gateway, text, is_sequence, &out);
	cr_expect_str_eq(out.data, expected, "%s\n---- is\n%s---- wanted\n%s", text, out.data, expected);
	buffer_release(&out);
}

/* It tickles, opens, subscribes, says tic twice, and closes. */
static void play(struct base_gateway *gateway, uint32_t journal_size)
{
	const struct request upgrade = { .target = span_of("/v1/api/ws"), .headers = span_of(""), .body = span_of("") };
	struct stream *stream;

	base_gateway_start(gateway, "authenticated", journal_size);
	base_gateway_ask(gateway, "POST", "/v1/api/tickle", NULL, NULL);
	stream = stream_open(&gateway->emulator, &upgrade, NULL);
	emulator_advance(&gateway->emulator, gateway->emulator.now_ms + 1000);
	stream_message(&gateway->emulator, stream, true, span_of("sor"));
	for (int i = 0; i < 2; i++) {
		emulator_advance(&gateway->emulator, gateway->emulator.now_ms + 60000);
		stream_message(&gateway->emulator, stream, true, span_of("tic"));
	}
	base_gateway_ask(gateway, "POST", "/v1/api/tickle", NULL, NULL);
	stream_closed(&gateway->emulator, stream, 1000, "the client closed");
}

Test(verify_said, passes_what_is_so)
{
	static const char *const texts[] = {
		"{'record':{'frame':'tic'},'times':2}",
		"{'request':{'frame':'tic'},'times':2}",
		"{'record':{'frame':['tic','sor']},'times':3}",
		"{'record':{'frame':'*'},'times':3}",
		"{'record':{'frame':'tic','direction':'out'},'times':2}",
		"{'record':{'frame':'tic','direction':['in','out']},'times':4}",
		"{'record':{'frame':'smd'},'times':0}",
		"{'record':{'frame':'system','direction':'out'},'times':13}",
		"{'record':{'stream':'opened'},'times':1}",
		"{'record':{'stream':'closed','text':{'contains':'1000'}},'times':1}",
		"{'record':{'stream':'dropped'},'times':0}",
		"{'record':{'login':'*'},'times':0}",
	};
	static const char *const sequences[] = {
		"{'records':[{'endpoint':'tickle'},{'stream':'opened'},{'frame':'sts','direction':'out'},{'frame':'sor'"
		"},"
		"{'frame':'tic'},{'frame':'tic'},{'endpoint':'tickle'},{'stream':'closed'}]}",
		"{'requests':[{'frame':'tic'},{'endpoint':'tickle'}]}",
	};
	struct base_gateway gateway;

	play(&gateway, 0);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		judge(&gateway, texts[i], false, "");
	for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
		judge(&gateway, sequences[i], true, "");
	base_gateway_stop(&gateway);
}

Test(verify_said, shows_the_nearest_message_and_those_that_are_too_many)
{
	struct base_gateway gateway;

	play(&gateway, 0);
	judge(&gateway, "{'record':{'frame':'sor','text':{'contains':'{'}}}", false,
	      "Wanted at least 1 time: {\"frame\":\"sor\",\"text\":{\"contains\":\"{\"}}\n"
	      "Found 0.\n"
	      "The nearest that came:\n"
	      "  6  2026-03-02T14:30:01.000Z frame_in #1: sor\n"
	      "     text: wanted a text with \"{\", was \"sor\"\n"
	      "  22  2026-03-02T14:32:01.000Z frame_in #1: tic\n"
	      "     frame: wanted sor, was tic; text: wanted a text with \"{\", was \"tic\"\n"
	      "  14  2026-03-02T14:31:01.000Z frame_in #1: tic\n"
	      "     frame: wanted sor, was tic; text: wanted a text with \"{\", was \"tic\"\n");
	judge(&gateway, "{'record':{'frame':'tic'},'times':{'at_most':1}}", false,
	      "Wanted at most 1 time: {\"frame\":\"tic\"}\n"
	      "Found 2.\n"
	      "They are, the latest first:\n"
	      "  22  2026-03-02T14:32:01.000Z frame_in #1: tic\n"
	      "  14  2026-03-02T14:31:01.000Z frame_in #1: tic\n");
	judge(&gateway, "{'record':{'login':'login_refused'}}", false,
	      "Wanted at least 1 time: {\"login\":\"login_refused\"}\n"
	      "Found 0.\n"
	      "No other login came.\n");
	judge(&gateway, "{'record':{'stream':'closed','text':{'contains':'1001'}}}", false,
	      "Wanted at least 1 time: {\"stream\":\"closed\",\"text\":{\"contains\":\"1001\"}}\n"
	      "Found 0.\n"
	      "The nearest that came:\n"
	      "  25  2026-03-02T14:32:01.000Z stream closed #1: the client closed, code 1000\n"
	      "     text: wanted a text with \"1001\", was \"the client closed, code 1000\"\n"
	      "  2  2026-03-02T14:30:00.000Z stream opened #1: /v1/api/ws\n"
	      "     stream: wanted closed, was opened; text: wanted a text with \"1001\", was \"/v1/api/ws\"\n");
	base_gateway_stop(&gateway);
}

Test(verify_said, a_sequence_says_where_it_stopped)
{
	struct base_gateway gateway;

	play(&gateway, 0);
	judge(&gateway, "{'records':[{'stream':'opened'},{'endpoint':'tickle'},{'frame':'tic'}]}", true,
	      "Wanted 3 records in this order, found the first 2:\n"
	      "+ 1. {\"stream\":\"opened\"}\n"
	      "  2  2026-03-02T14:30:00.000Z stream opened #1: /v1/api/ws\n"
	      "+ 2. {\"endpoint\":\"tickle\"}\n"
	      "  24  2026-03-02T14:32:01.000Z POST /v1/api/tickle authenticated 200\n"
	      "- 3. {\"frame\":\"tic\"}\n"
	      "It stopped at record 3.\n"
	      "It came before that:\n"
	      "  22  2026-03-02T14:32:01.000Z frame_in #1: tic\n"
	      "What came instead:\n"
	      "  25  2026-03-02T14:32:01.000Z stream closed #1: the client closed, code 1000\n"
	      "No other frame that way came.\n");
	judge(&gateway, "{'records':[{'frame':'tic'},{'frame':'sor'}]}", true,
	      "Wanted 2 frames in this order, found the first 1:\n"
	      "+ 1. {\"frame\":\"tic\"}\n"
	      "  14  2026-03-02T14:31:01.000Z frame_in #1: tic\n"
	      "- 2. {\"frame\":\"sor\"}\n"
	      "It stopped at frame 2.\n"
	      "It came before that:\n"
	      "  6  2026-03-02T14:30:01.000Z frame_in #1: sor\n"
	      "What came instead:\n"
	      "  22  2026-03-02T14:32:01.000Z frame_in #1: tic\n"
	      "The nearest that came:\n"
	      "  22  2026-03-02T14:32:01.000Z frame_in #1: tic\n"
	      "     frame: wanted sor, was tic\n");
	judge(&gateway, "{'record':{'frame':'tic'},'request':{}}", false,
	      "1:2: \"record\" is \"request\" in other words: wanted one of them\n");
	base_gateway_stop(&gateway);
}

static void stay_open(struct base_gateway *gateway)
{
	const struct request upgrade = { .target = span_of("/v1/api/ws"), .headers = span_of(""), .body = span_of("") };
	struct stream *stream = stream_open(&gateway->emulator, &upgrade, NULL);
	struct stream_frame frame;

	for (int minutes = 0; minutes < 45; minutes++) {
		emulator_advance(&gateway->emulator, gateway->emulator.now_ms + 60000);
		while (stream_next(stream, &frame))
			;
	}
	stream_closed(&gateway->emulator, stream, 1000, "");
}

/* Heartbeats give way first in a full journal: it is not known that there were none. What the client said is kept. */
Test(verify_said, does_not_take_lost_heartbeats_for_none)
{
	static const char beats[] = "{'record':{'frame':'system','direction':'out'},'times':{'at_most':1000000}}";
	struct base_gateway gateway;
	struct buffer report = { 0 };

	play(&gateway, JOURNAL_RECORDS_MIN);
	judge(&gateway, beats, false, "");
	stay_open(&gateway);
	cr_assert_eq(journal_events_lost_since(&gateway.emulator.journal, 0), 0);
	judge(&gateway, "{'record':{'frame':'tic'},'times':2}", false, "");
	judge_into(&gateway, beats, false, &report);
	cr_expect(report.data && strstr(report.data, "so it is not proven that there were no more"), "%s", report.data);
	buffer_release(&report);
	base_gateway_stop(&gateway);
}
