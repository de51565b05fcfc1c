/*
 * Any messages, on a websocket of a client that is logged in. The input is lines: each is a message, but "+" alone lets ten seconds
 * pass, "-" alone ends the session, and "=" alone leaves the frames where they are from then on.
 */
#include "support/check.h"

#include "core/stream.h"
#include "support/base_gateway.h"

#include <string.h>

#define LINES_MAX 400

static void take(struct stream *stream)
{
	struct stream_frame frame;
	size_t sum = 0;

	while (stream_next(stream, &frame))
		for (size_t i = 0; i < frame.payload.length; i++)
			sum += (unsigned char)frame.payload.at[i];
	CHECK(sum < SIZE_MAX);
}

static void do_line(struct emulator *emulator, struct stream *stream, struct span line, bool *takes)
{
	if (span_equals(line, "+"))
		emulator_advance(emulator, emulator->now_ms + 10000);
	else if (span_equals(line, "-"))
		emulator_apply(emulator, &(struct action){ .kind = ACTION_EVENT, .name = "brokerage_drop" },
		               &(struct error){ 0 });
	else if (span_equals(line, "="))
		*takes = false;
	else
		stream_message(emulator, stream, true, line);
	if (*takes)
		take(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct base_gateway base; /* its machine is loaded once */
	struct emulator_options options = { .seed = 1, .start_ms = 1772461800000LL, .journal_size = 256 };
	const struct request request = { .target = span_of("/ws"), .headers = span_of(""), .body = span_of("") };
	struct emulator emulator;
	struct error error;
	struct stream *stream;
	bool takes = true;
	size_t at = 0;

	if (!base.machine.arena)
		base_gateway_start(&base, "authenticated", 0);
	options.machine = &base.machine;
	CHECK(emulator_init(&emulator, &options, &error));
	stream = stream_open(&emulator, &request, NULL);
	CHECK(stream);
	for (unsigned lines = 0; at < size && lines < LINES_MAX; lines++) {
		const char *start = (const char *)data + at;
		const char *end = memchr(start, '\n', size - at);
		const size_t length = end ? (size_t)(end - start) : size - at;

		do_line(&emulator, stream, (struct span){ start, length }, &takes);
		at += length + 1;
	}
	take(stream);
	stream_closed(&emulator, stream, 1000, "");
	emulator_release(&emulator);
	return 0;
}
