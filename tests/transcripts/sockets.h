/*
 * Websockets as a story plays them.
 *
 *   WS open [TARGET]      WS> MESSAGE      WS close [CODE]      WS hide TEXT
 *   WS< [at TIME] [text] MESSAGE
 *
 * The second that a story opens is WS2, and so on.
 */
#ifndef CPGW_TESTS_SOCKETS_H
#define CPGW_TESTS_SOCKETS_H

#include "core/emulator.h"

#include <stdbool.h>

#define SOCKETS_MAX 9
#define HIDDEN_MAX 8

struct sockets {
	struct emulator *emulator;           /* not owned */
	struct stream *streams[SOCKETS_MAX]; /* NULL: ended */
	unsigned count;
	const char *hidden[HIDDEN_MAX]; /* frames that hold one of these are not shown; point into the story */
	unsigned hidden_count;
};

/* Whether a line is one of the steps above, or what comes of them. */
bool sockets_is_step(const char *line);
bool sockets_is_frame(const char *line);

/* Does a step. NULL when it could be read, else what was wanted. */
const char *sockets_do(struct sockets *sockets, const char *line, struct buffer *out);

/* Appends the frames that have come since; with their time, when `tells_time`. */
void sockets_add(struct sockets *sockets, bool tells_time, struct buffer *out);

#endif
