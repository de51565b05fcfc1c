#include "cli/log.h"

#include "core/calendar.h"
#include "core/record_json.h"
#include "wire/gateway.h"
#include "wire/server.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* ---- when to write ---- */

static void wake_in(struct log *log, int ms)
{
	const struct itimerspec when = { .it_value = { .tv_nsec = ms * 1000000L } };

	if (log->timer < 0 || log->timer_runs)
		return;
	log->timer_runs = timerfd_settime(log->timer, 0, &when, NULL) == 0;
}

static void timer_ready(struct watch *watch, uint32_t events)
{
	struct log *log = (struct log *)watch; /* its first member */
	uint64_t unused;

	(void)events;
	if (read(log->timer, &unused, sizeof unused) != (ssize_t)sizeof unused)
		return;
	log->timer_runs = false;
	log_flush(log);
}

/* ---- writing ---- */

/* Whether a write of up to PIPE_BUF bytes would return at once. */
static bool takes_bytes(const struct log *log, int wait_ms)
{
	struct pollfd poll_fd = { .fd = log->fd, .events = POLLOUT };

	return poll(&poll_fd, 1, wait_ms) > 0;
}

/* As many whole lines as a pipe takes in one piece; at least one. */
static size_t piece_length(const struct log *log)
{
	const char *start = log->waiting.data + log->sent;
	const size_t left = log->waiting.length - log->sent;
	const char *end;

	if (left <= PIPE_BUF)
		return left;
	end = memrchr(start, '\n', PIPE_BUF);
	return end ? (size_t)(end + 1 - start) : PIPE_BUF;
}

enum flushed {
	FLUSHED_ALL,
	FLUSHED_TO_READER, /* who has enough for now */
	FLUSHED_IN_VAIN,   /* the reader has gone, or the disk is full */
};

static enum flushed flush(struct log *log, int wait_ms)
{
	while (log->sent < log->waiting.length) {
		ssize_t wrote;

		if (!takes_bytes(log, wait_ms))
			return FLUSHED_TO_READER;
		wrote = write(log->fd, log->waiting.data + log->sent, piece_length(log));
		if (wrote > 0)
			log->sent += (size_t)wrote;
		else if (wrote < 0 && errno == EAGAIN)
			return FLUSHED_TO_READER;
		else if (wrote < 0 && errno != EINTR)
			return FLUSHED_IN_VAIN;
	}
	return FLUSHED_ALL;
}

/* Keeps what is not written, in front. */
static void move_up(struct log *log)
{
	if (log->sent == 0)
		return;
	log->waiting.length -= log->sent;
	memmove(log->waiting.data, log->waiting.data + log->sent, log->waiting.length + 1);
	log->sent = 0;
}

void log_flush(struct log *log)
{
	switch (flush(log, 0)) {
	case FLUSHED_TO_READER:
		wake_in(log, LOG_RETRY_MS);
		break;
	case FLUSHED_ALL:
	case FLUSHED_IN_VAIN: /* the next line is another occasion; waiting makes it no better */
		break;
	}
	move_up(log);
}

/* ---- lines ---- */

static void add_dropped(struct log *log, int64_t at_ms)
{
	switch (log->format) {
	case FORMAT_TEXT:
		instant_add(&log->waiting, at_ms);
		buffer_add_format(&log->waiting, " lost lines: %" PRIu64 " (nobody read them)\n", log->dropped);
		break;
	case FORMAT_JSON:
		buffer_add_text(&log->waiting, "{\"time\":\"");
		instant_add(&log->waiting, at_ms);
		buffer_add_format(&log->waiting, "\",\"kind\":\"lost\",\"lines\":%" PRIu64 "}\n", log->dropped);
		break;
	}
	log->dropped = 0;
}

/* Moves the line to those that wait, or drops it. */
static void add_line(struct log *log, int64_t at_ms)
{
	if (log->waiting.length + log->line.length > LOG_WAITING_MAX || buffer_failed(&log->line)) {
		log->dropped++;
		return;
	}
	if (log->dropped > 0)
		add_dropped(log, at_ms);
	buffer_add(&log->waiting, log->line.data, log->line.length);
}

static void add_record(struct log *log, const struct emulator *emulator, uint64_t index, const struct record *record)
{
	if (record->kind != RECORD_REQUEST && !log->verbose)
		return;
	buffer_clear(&log->line);
	switch (log->format) {
	case FORMAT_TEXT:
		record_add_line(emulator, record, &log->line);
		break;
	case FORMAT_JSON:
		record_add_json(emulator, index, record, RECORD_BRIEF, &log->line);
		break;
	}
	buffer_add_text(&log->line, "\n");
	add_line(log, record->at_ms);
}

static void add_overwritten(struct log *log, int64_t at_ms, uint64_t count)
{
	buffer_clear(&log->line);
	switch (log->format) {
	case FORMAT_TEXT:
		instant_add(&log->line, at_ms);
		buffer_add_format(&log->line, " lost records: %" PRIu64 " (the journal had no room)\n", count);
		break;
	case FORMAT_JSON:
		buffer_add_text(&log->line, "{\"time\":\"");
		instant_add(&log->line, at_ms);
		buffer_add_format(&log->line, "\",\"kind\":\"lost\",\"records\":%" PRIu64 "}\n", count);
		break;
	}
	add_line(log, at_ms);
}

void log_follow(struct log_cursor *cursor, const struct emulator *emulator)
{
	const uint64_t written = emulator->journal.written;
	const uint64_t oldest = emulator->journal.oldest;
	struct log *log = cursor->log;

	if (cursor->next < oldest) {
		add_overwritten(log, journal_at(&emulator->journal, oldest)->at_ms, oldest - cursor->next);
		cursor->next = oldest;
	}
	for (; cursor->next < written; cursor->next++)
		add_record(log, emulator, cursor->next, journal_at(&emulator->journal, cursor->next));
	if (log->waiting.length > 0)
		wake_in(log, LOG_GATHER_MS);
}

void log_observe(void *context, struct gateway *gateway)
{
	log_follow(context, &gateway->emulator);
}

/* ---- beginning and end ---- */

/* A terminal that has been stopped says that it takes bytes, and then takes few: only a descriptor that does not block
 * helps, and the terminal's own must not be changed, because the shell has it too. Pipes keep their word. */
static void open_terminal(struct log *log)
{
	char name[64];
	int own;

	if (!isatty(log->fd))
		return;
	snprintf(name, sizeof name, "/proc/self/fd/%d", log->fd);
	own = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (own < 0)
		return;
	log->fd = own;
	log->fd_is_own = true;
}

bool log_init(struct log *log, int fd, enum output_format format, bool verbose, struct error *error)
{
	*log = (struct log){
		.fd = fd,
		.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
		.format = format,
		.verbose = verbose,
	};
	log->watch.ready = timer_ready;
	if (log->timer < 0) {
		error_set(error, "cannot set up the log: %s", strerror(errno));
		return false;
	}
	open_terminal(log);
	return true;
}

bool log_attach(struct log *log, struct server *server, struct error *error)
{
	if (server_watch(server, log->timer, EPOLLIN, &log->watch))
		return true;
	error_set(error, "cannot set up the log: %s", strerror(errno));
	return false;
}

void log_release(struct log *log)
{
	if (log->timer > 0) {
		flush(log, LOG_LAST_MS);
		close(log->timer);
	}
	if (log->fd_is_own)
		close(log->fd);
	buffer_release(&log->waiting);
	buffer_release(&log->line);
	*log = (struct log){ .fd = -1, .timer = -1 };
}
