/*
 * The log: a line a request on standard error, a line for everything else that happens when it is verbose.
 *
 * Lines are gathered and leave together, a moment later, in one write: at 1 ms a busy server writes a thousand times a
 * second, not once a request. Nobody who reads slowly, or not at all, stops the server: what cannot be written at once
 * waits, and beyond LOG_WAITING_MAX lines are dropped and counted. A line says how many, once there is room again.
 */
#ifndef CPGW_CLI_LOG_H
#define CPGW_CLI_LOG_H

#include "cli/options.h"
#include "core/buffer.h"
#include "core/emulator.h"
#include "core/error.h"
#include "wire/hub.h"

#include <stdbool.h>
#include <stdint.h>

struct gateway;
struct server;

/* Some three thousand requests' lines. */
#define LOG_WAITING_MAX (256 * 1024)
/* How long lines are gathered. */
#define LOG_GATHER_MS 1
/* When nobody reads: how long until another try. */
#define LOG_RETRY_MS 20
/* At the end, how long a reader may take for what is left. */
#define LOG_LAST_MS 20

struct log {
	struct watch watch; /* of the timer */
	int fd;
	bool fd_is_own;
	int timer; /* when to write next */
	bool timer_runs;
	enum output_format format;
	bool verbose;
	struct buffer waiting; /* whole lines; the first `sent` bytes have been written */
	size_t sent;
	struct buffer line; /* scratch */
	uint64_t dropped;   /* lines, since the last one that says so */
};

/* What has been logged of one gateway. */
struct log_cursor {
	struct log *log;
	uint64_t next; /* journal record */
};

/* Logs to `fd`, which stays the caller's. */
bool log_init(struct log *log, int fd, enum output_format format, bool verbose, struct error *error);
/* Has the server's loop do the writing. */
bool log_attach(struct log *log, struct server *server, struct error *error);
/* Writes what is left, if somebody reads it. Works on a zeroed one. */
void log_release(struct log *log);

/* Takes all that the journal has since the last time. Says how many records were overwritten before they were seen. */
void log_follow(struct log_cursor *cursor, const struct emulator *emulator);

/* For struct gateway_options: `context` is a struct log_cursor. */
void log_observe(void *context, struct gateway *gateway);

/* Writes what can be written without waiting. */
void log_flush(struct log *log);

#endif
