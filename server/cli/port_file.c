#include "cli/port_file.h"

#include "cli/say.h"
#include "wire/write_all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE 0644
/* "65535\n" */
#define TEXT_LENGTH 6

/* ---- writing ---- */

static void say_cannot_write(const struct port_file *file, const char *why, struct error *error)
{
	error_set(error, "cannot write the port file %s: %s", file->path, why);
}

/* A rename would take the place of a device or fail on a folder. */
static bool may_replace(const struct port_file *file, struct error *error)
{
	struct stat about;

	if (stat(file->path, &about) != 0 || S_ISREG(about.st_mode))
		return true;
	say_cannot_write(file, S_ISDIR(about.st_mode) ? "it is a folder" : "it is there, and is not a file", error);
	return false;
}

static char *name_beside(const char *path)
{
	const size_t size = strlen(path) + 32;
	char *name = malloc(size);

	if (name)
		snprintf(name, size, "%s.%ld.new", path, (long)getpid());
	return name;
}

bool port_file_prepare(const char *path, struct port_file *file, struct error *error)
{
	*file = (struct port_file){ .path = path, .fd = -1 };
	if (!may_replace(file, error))
		return false;
	file->beside = name_beside(path);
	if (!file->beside) {
		say_cannot_write(file, "out of memory", error);
		return false;
	}
	unlink(file->beside); /* of a process that had our number and died */
	file->fd = open(file->beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	/* As many bytes as there can be: the space is ours then. */
	if (file->fd >= 0 && write_all(file->fd, "65535\n", TEXT_LENGTH))
		return true;
	say_cannot_write(file, strerror(errno), error);
	port_file_remove(file);
	return false;
}

bool port_file_publish(struct port_file *file, uint16_t port, struct error *error)
{
	char text[TEXT_LENGTH + 1];
	const int length = snprintf(text, sizeof text, "%u\n", (unsigned)port);

	if (pwrite(file->fd, text, (size_t)length, 0) != length || ftruncate(file->fd, length) != 0 ||
	    rename(file->beside, file->path) != 0) {
		say_cannot_write(file, strerror(errno), error);
		return false;
	}
	free(file->beside);
	file->beside = NULL;
	return true;
}

static bool is_ours(const struct port_file *file)
{
	struct stat there;
	struct stat ours;

	return lstat(file->path, &there) == 0 && fstat(file->fd, &ours) == 0 && there.st_dev == ours.st_dev &&
	       there.st_ino == ours.st_ino;
}

void port_file_remove(struct port_file *file)
{
	if (file->path && file->fd >= 0) {
		if (file->beside)
			unlink(file->beside);
		else if (is_ours(file))
			unlink(file->path);
		close(file->fd);
	}
	free(file->beside);
	*file = (struct port_file){ .fd = -1 };
}

/* ---- reading ---- */

static bool read_port(const char *text, ssize_t length, uint16_t *port)
{
	unsigned number = 0;
	ssize_t i;

	for (i = 0; i < length && text[i] >= '0' && text[i] <= '9' && number <= UINT16_MAX; i++)
		number = number * 10 + (unsigned)(text[i] - '0');
	if (number == 0 || number > UINT16_MAX || (i != length && !(i + 1 == length && text[i] == '\n')))
		return false;
	*port = (uint16_t)number;
	return true;
}

enum port_file_result port_file_read(const char *path, uint16_t *port, struct error *error)
{
	char text[TEXT_LENGTH + 2];
	ssize_t length;
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT)
		return PORT_FILE_ABSENT;
	length = fd >= 0 ? read(fd, text, sizeof text) : -1;
	if (length < 0)
		error_set(error, "cannot read the port file %s: %s", path, strerror(errno));
	else if (!read_port(text, length, port))
		error_set(error, "the port file %s holds no port", path);
	if (fd >= 0)
		close(fd);
	return length >= 0 && read_port(text, length, port) ? PORT_FILE_FINE : PORT_FILE_BAD;
}
