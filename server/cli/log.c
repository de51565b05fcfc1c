#include "cli/log.h"

#include "core/calendar.h"
#include "wire/gateway.h"
#include "wire/server.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
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

	return log->is_file || poll(&poll_fd, 1, wait_ms) > 0;
}

/* As many whole lines as a pipe takes in one piece; at least one. */
static size_t piece_length(const struct log *log)
{
	const char *start = log->waiting.data + log->sent;
	const size_t left = log->waiting.length - log->sent;
	const char *end;

	if (left <= PIPE_BUF || log->is_file)
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

static void tell_failed(struct log *log, int reason)
{
	if (log->has_failed)
		return;
	log->has_failed = true;
	if (log->failed)
		log->failed(log, reason);
}

void log_flush(struct log *log)
{
	switch (flush(log, 0)) {
	case FLUSHED_TO_READER:
		wake_in(log, LOG_RETRY_MS);
		break;
	case FLUSHED_ALL:
		log->has_failed = false;
		break;
	case FLUSHED_IN_VAIN: /* the next line is another occasion; waiting makes it no better */
		tell_failed(log, errno);
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

/* Requests, and what somebody should know who has not asked for more. */
static bool is_wanted(const struct log *log, enum record_kind kind)
{
	switch (kind) {
	case RECORD_REQUEST:
	case RECORD_CONNECTION:
	case RECORD_EXPECTATION:
	case RECORD_FAULT:
	case RECORD_LOGIN:
		return true;
	case RECORD_ANSWER:
	case RECORD_TRANSITION:
	case RECORD_TIMER:
	case RECORD_CUE:
	case RECORD_ACTION:
	case RECORD_CLOCK:
	case RECORD_STREAM:
	case RECORD_FRAME:
	case RECORD_KIND_COUNT:
		break;
	}
	return log->verbose;
}

static bool has_name(const struct log *log, const struct entry *entry)
{
	return log->names_first || entry->ordinal > 0;
}

static void add_time(struct log *log, const struct entry *entry, int64_t at_ms)
{
	instant_add(&log->line, at_ms);
	buffer_add_text(&log->line, " ");
	if (has_name(log, entry))
		buffer_add_format(&log->line, "[%s] ", entry->name);
}

/* Names need no escaping. */
static void add_gateway(struct log *log, const struct entry *entry)
{
	if (has_name(log, entry))
		buffer_add_format(&log->line, "{\"gateway\":\"%s\",", entry->name);
	else
		buffer_add_text(&log->line, "{");
}

/* Adds the record's text without what it begins with, which has been written. */
static void add_rest(struct log *log, char after)
{
	const char *rest = log->record.data ? strchr(log->record.data, after) : NULL;

	if (rest)
		buffer_add_text(&log->line, rest + 1);
	else
		log->line.failed = true;
}

static void end_line(struct log *log, int64_t at_ms)
{
	buffer_add_text(&log->line, "\n");
	log->at_ms = at_ms;
	add_line(log, at_ms);
	wake_in(log, LOG_GATHER_MS);
}

static void add_record(struct follower *follower, struct entry *entry, uint64_t index, const struct record *record)
{
	struct log *log = (struct log *)((char *)follower - offsetof(struct log, follower));
	const struct emulator *emulator = &entry->gateway->emulator;

	if (!is_wanted(log, record->kind))
		return;
	buffer_clear(&log->line);
	buffer_clear(&log->record);
	switch (log->format) {
	case FORMAT_TEXT:
		add_time(log, entry, record->at_ms);
		record_add_line(emulator, record, &log->record);
		add_rest(log, ' ');
		break;
	case FORMAT_JSON:
		add_gateway(log, entry);
		record_add_json(emulator, index, record, log->detail, &log->record);
		add_rest(log, '{');
		break;
	}
	end_line(log, record->at_ms);
}

static void add_overwritten(struct follower *follower, struct entry *entry, uint64_t count)
{
	struct log *log = (struct log *)((char *)follower - offsetof(struct log, follower));
	const struct emulator *emulator = &entry->gateway->emulator;
	const struct record *next = journal_at(&emulator->journal, entry->followed);
	const int64_t at_ms = next ? next->at_ms : emulator->now_ms;

	buffer_clear(&log->line);
	switch (log->format) {
	case FORMAT_TEXT:
		add_time(log, entry, at_ms);
		buffer_add_format(&log->line, "lost records: %" PRIu64 " (the journal had no room)", count);
		break;
	case FORMAT_JSON:
		add_gateway(log, entry);
		buffer_add_text(&log->line, "\"time\":\"");
		instant_add(&log->line, at_ms);
		buffer_add_format(&log->line, "\",\"kind\":\"lost\",\"records\":%" PRIu64 "}", count);
		break;
	}
	end_line(log, at_ms);
}

void log_say(struct log *log, int64_t at_ms, const char *sentence)
{
	buffer_clear(&log->line);
	switch (log->format) {
	case FORMAT_TEXT:
		buffer_add_format(&log->line, "cpgw-mock: %s", sentence);
		break;
	case FORMAT_JSON:
		buffer_add_text(&log->line, "{\"time\":\"");
		instant_add(&log->line, at_ms);
		buffer_add_text(&log->line, "\",\"kind\":\"problem\",\"text\":\"");
		buffer_add_json_text(&log->line, sentence, strlen(sentence));
		buffer_add_text(&log->line, "\"}");
		break;
	}
	end_line(log, at_ms);
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
	struct stat about;

	*log = (struct log){
		.fd = fd,
		.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
		.format = format,
		.verbose = verbose,
	};
	log->watch.ready = timer_ready;
	log->follower = (struct follower){ .record = add_record, .missed = add_overwritten };
	if (log->timer < 0) {
		error_set(error, "cannot set up the log: %s", strerror(errno));
		return false;
	}
	log->is_file = fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
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
		if (flush(log, LOG_LAST_MS) == FLUSHED_IN_VAIN)
			tell_failed(log, errno);
		close(log->timer);
	}
	if (log->fd_is_own)
		close(log->fd);
	buffer_release(&log->waiting);
	buffer_release(&log->line);
	buffer_release(&log->record);
	*log = (struct log){ .fd = -1, .timer = -1 };
}
