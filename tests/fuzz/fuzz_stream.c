/*
 * Any messages, on websockets of clients that are logged in, and what must hold of what they hear: support/story_streams.h. The input is
 * lines: each is a message of the first client, but "+" alone lets ten seconds pass, "-" alone ends the brokerage session, "=" alone has
 * nobody read until the next "<"; "#1" has another client speak from then on, who opens first, "/" alone closes the one that speaks, and "!"
 * begins the name of any event.
 */
#include "support/check.h"

#include "support/base_gateway.h"
#include "support/story_streams.h"

#include <string.h>

#define LINES_MAX 400

struct story {
	struct emulator emulator;
	struct story_streams streams;
	struct buffer heard;
	size_t speaks;
	bool reads;
};

static void raise_event(struct emulator *emulator, struct span name)
{
	char text[NAME_LENGTH_MAX + 1] = { 0 };

	if (name.length > NAME_LENGTH_MAX)
		return;
	memcpy(text, name.at, name.length);
	emulator_apply(emulator, &(struct action){ .kind = ACTION_EVENT, .name = text }, &(struct error){ 0 });
}

static void do_line(struct story *story, struct span line)
{
	struct emulator *emulator = &story->emulator;

	if (span_equals(line, "+")) {
		emulator_advance(emulator, emulator->now_ms + 10000);
	} else if (span_equals(line, "-")) {
		raise_event(emulator, span_of("brokerage_drop"));
	} else if (span_equals(line, "=") || span_equals(line, "<")) {
		story->reads = line.at[0] == '<';
	} else if (line.length == 2 && line.at[0] == '#') {
		story->speaks = (size_t)(unsigned char)line.at[1] % STORY_STREAMS;
		story_streams_open(&story->streams, emulator, story->speaks);
	} else if (span_equals(line, "/")) {
		story_streams_close(&story->streams, emulator, story->speaks);
	} else if (line.length > 0 && line.at[0] == '!') {
		raise_event(emulator, (struct span){ line.at + 1, line.length - 1 });
	} else {
		story_streams_say(&story->streams, emulator, story->speaks, line);
	}
	if (story->reads)
		story_streams_read(&story->streams, emulator, &story->heard);
	buffer_clear(&story->heard);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct base_gateway base; /* its machine is loaded once */
	struct emulator_options options = { .seed = 1, .start_ms = 1772461800000LL, .journal_size = 256 };
	struct story story = { .reads = true };
	struct error error;
	size_t at = 0;

	if (!base.machine.arena)
		base_gateway_start(&base, "authenticated", 0);
	options.machine = &base.machine;
	CHECK(emulator_init(&story.emulator, &options, &error));
	story_streams_open(&story.streams, &story.emulator, 0);
	for (unsigned lines = 0; at < size && lines < LINES_MAX; lines++) {
		const char *start = (const char *)data + at;
		const char *end = memchr(start, '\n', size - at);
		const size_t length = end ? (size_t)(end - start) : size - at;

		do_line(&story, (struct span){ start, length });
		at += length + 1;
	}
	story_streams_read(&story.streams, &story.emulator, &story.heard);
	story_streams_end(&story.streams, &story.emulator);
	emulator_advance(&story.emulator, story.emulator.now_ms);
	check_emulator(&story.emulator);
	buffer_release(&story.heard);
	emulator_release(&story.emulator);
	return 0;
}
