/*
 * The log: a line a request on standard error, a line for everything else that happens when it is verbose. Lines of
 * gateways other than the first say whose they are. The journal's file is one too (journal_file.h).
 *
 * Lines are gathered and leave together, a moment later, in one write: at 1 ms a busy server writes a thousand times a
 * second, not once a request. Nobody who reads slowly, or not at all, stops the server: what cannot be written at once
 * waits, and beyond LOG_WAITING_MAX lines are dropped and counted. A line says how many, once there is room again.
 */
#ifndef CPGW_CLI_LOG_H
#define CPGW_CLI_LOG_H

#include "cli/options.h"
#include "control/registry.h"
#include "core/buffer.h"
#include "core/error.h"
#include "core/limits.h"
#include "core/record_json.h"
#include "wire/hub.h"

#include <stdbool.h>
#include <stdint.h>

/* How long lines are gathered. */
#define LOG_GATHER_MS 1
/* When nobody reads: how long until another try. */
#define LOG_RETRY_MS 20
/* At the end, how long a reader may take for what is left. */
#define LOG_LAST_MS 20

struct log {
	struct watch watch;       /* of the timer */
	struct follower follower; /* for registry_follow() */
	int fd;
	bool fd_is_own;
	bool is_file; /* takes whatever it is given, at once */
	int timer;    /* when to write next */
	bool timer_runs;
	enum output_format format;
	bool verbose;
	enum record_detail detail;
	bool names_first;      /* the first gateway's lines say whose they are, too */
	struct buffer waiting; /* whole lines; the first `sent` bytes have been written */
	size_t sent;
	struct buffer line; /* scratch */
	struct buffer record;
	uint64_t dropped; /* lines, since the last one that says so */
	int64_t at_ms;    /* gateway time of the last line */

	/* Told when bytes cannot be written, once until they can be again; may be NULL. */
	void (*failed)(struct log *log, int reason);
	bool has_failed;
};

/* Logs to `fd`, which stays the caller's. */
bool log_init(struct log *log, int fd, enum output_format format, bool verbose, struct error *error);
/* Has the server's loop do the writing. */
bool log_attach(struct log *log, struct server *server, struct error *error);
/* Writes what is left, if somebody reads it. Works on a zeroed one. */
void log_release(struct log *log);

/* A line that is about no record: "cpgw-mock: SENTENCE", or {"time","kind":"problem","text"}. */
void log_say(struct log *log, int64_t at_ms, const char *sentence);

/* Writes what can be written without waiting. */
void log_flush(struct log *log);

#endif
