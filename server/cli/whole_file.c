#include "cli/whole_file.h"

#include "wire/write_all.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool cannot_write(const struct whole_file *file, const char *why, struct error *error)
{
	error_set(error, "cannot write %s: %s", file->path, why);
	return false;
}

bool whole_file_open(struct whole_file *file, const char *path, struct error *error)
{
	struct stat there;

	*file = (struct whole_file){ .path = path, .fd = -1 };
	if (!path)
		return true;
	/* A device, or a folder, is not to be replaced. */
	if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
		return cannot_write(file, "it is there, and is no file", error);
	buffer_add_format(&file->beside, "%s.XXXXXX", path);
	if (buffer_failed(&file->beside))
		return cannot_write(file, "memory ran out", error);
	file->fd = mkostemp(file->beside.data, O_CLOEXEC);
	if (file->fd >= 0)
		return true;
	buffer_release(&file->beside);
	return cannot_write(file, strerror(errno), error);
}

/* As if it had been made by its name: mkostemp() lets only us read. */
static void give_usual_mode(int fd)
{
	const mode_t mask = umask(0);

	umask(mask);
	fchmod(fd, 0666 & ~mask);
}

bool whole_file_write(struct whole_file *file, const struct buffer *text, struct error *error)
{
	if (!file->path)
		return true;
	if (buffer_failed(text))
		return cannot_write(file, strerror(ENOMEM), error);
	give_usual_mode(file->fd);
	if (!write_all(file->fd, text->data, text->length) || rename(file->beside.data, file->path) != 0)
		return cannot_write(file, strerror(errno), error);
	buffer_release(&file->beside);
	return true;
}

void whole_file_close(struct whole_file *file)
{
	if (file->beside.length > 0)
		unlink(file->beside.data);
	if (file->path && file->fd >= 0)
		close(file->fd);
	buffer_release(&file->beside);
	*file = (struct whole_file){ .fd = -1 };
}
