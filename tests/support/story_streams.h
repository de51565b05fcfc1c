/*
 * The websockets of a story: a few clients of one gateway, who open, say something, read or do not, and close. What they hear is held
 * against what must hold whatever happens; where it does not, the program ends and says so.
 *
 *   - A frame is JSON in UTF-8, and its topic one that the scenario knows.
 *   - Nothing follows an end.
 *   - Who was told the session's state once, and has read all, knows it: the deltas add up to what auth/status would show.
 *   - A backlog has its bounds.
 */
#ifndef CPGW_TESTS_STORY_STREAMS_H
#define CPGW_TESTS_STORY_STREAMS_H

#include "core/emulator.h"
#include "core/stream.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#define STORY_STREAMS 3

struct story_stream {
	struct stream *stream; /* NULL: it is closed, or was refused */
	cJSON *knows;          /* of the session, by what "sts" has said; NULL until it has said all */
	bool over;             /* the end has come */
};

struct story_streams {
	struct story_stream items[STORY_STREAMS];
};

/* What one of them does, by its number. One that is open stays so; what is closed says and hears nothing. */
void story_streams_open(struct story_streams *streams, struct emulator *emulator, size_t which);
void story_streams_say(struct story_streams *streams, struct emulator *emulator, size_t which, struct span message);
void story_streams_close(struct story_streams *streams, struct emulator *emulator, size_t which);

/* All of them read all that there is, and `log` gets it, a line a frame. */
void story_streams_read(struct story_streams *streams, const struct emulator *emulator, struct buffer *log);

/* Closes all. */
void story_streams_end(struct story_streams *streams, struct emulator *emulator);

#endif
