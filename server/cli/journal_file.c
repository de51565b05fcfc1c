#include "cli/journal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Others may read what clients sent: no more than their owner lets them. */
#define FILE_MODE 0600

static void say_cannot_write(struct error *error, const char *path, int reason, const char *rest)
{
	error_set(error, "cannot write the journal %s: %s%s", path, strerror(reason), rest);
}

static void complain(struct log *log, int reason)
{
	const struct journal_file *file = (struct journal_file *)log; /* its first member */
	struct error error;

	say_cannot_write(&error, file->path, reason, "; it goes on when it can be, and says what it lacks");
	log_say(file->complaints, log->at_ms, error.text);
}

/* Where somebody must read, a pipe for instance, nobody is waited for. */
bool journal_file_open(struct journal_file *file, const char *path, struct log *complaints, struct error *error)
{
	const int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, FILE_MODE);

	*file = (struct journal_file){ .log = { .fd = -1, .timer = -1 } };
	if (fd < 0) {
		say_cannot_write(error, path, errno, "");
		return false;
	}
	if (!log_init(&file->log, fd, FORMAT_JSON, true, error)) {
		close(fd);
		return false;
	}
	file->log.fd_is_own = true;
	file->log.detail = RECORD_WHOLE;
	file->log.names_first = true;
	file->log.failed = complain;
	file->path = path;
	file->complaints = complaints;
	return true;
}

void journal_file_close(struct journal_file *file)
{
	if (file->path)
		log_release(&file->log);
	*file = (struct journal_file){ .log = { .fd = -1, .timer = -1 } };
}
