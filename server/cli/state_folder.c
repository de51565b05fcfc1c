#include "cli/state_folder.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_MODE 0700

static const char *home_folder(char *(*environment)(const char *name))
{
	const char *home = environment("HOME");
	const struct passwd *user;

	if (home && home[0] == '/')
		return home;
	user = getpwuid(geteuid());
	return user && user->pw_dir && user->pw_dir[0] == '/' ? user->pw_dir : NULL;
}

bool state_folder_find(char *(*environment)(const char *name), struct buffer *path, struct error *error)
{
	const char *state_home = environment("XDG_STATE_HOME");
	const char *home;

	if (state_home && state_home[0] == '/') {
		buffer_add_format(path, "%s/cpgw-mock", state_home);
	} else {
		home = home_folder(environment);
		if (!home) {
			error_set(error,
			          "there is no home folder to keep certificates in: set XDG_STATE_HOME to a folder");
			return false;
		}
		buffer_add_format(path, "%s/.local/state/cpgw-mock", home);
	}
	if (!buffer_failed(path))
		return true;
	error_set(error, "out of memory");
	return false;
}

static bool make_one(const char *path)
{
	struct stat about;

	if (mkdir(path, FOLDER_MODE) == 0)
		return true;
	if (errno != EEXIST)
		return false;
	if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
		return true;
	errno = ENOTDIR;
	return false;
}

/* Makes the folders above the last, too. */
static bool make_all(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		bool made;

		*slash = '\0';
		made = make_one(path);
		*slash = '/';
		/* One that may not even be looked at can still have the next one inside. */
		if (!made && errno != EACCES && errno != EROFS)
			return false;
	}
	return make_one(path);
}

bool state_folder_make(const char *path, struct error *error)
{
	char *copy = strdup(path);
	const bool made = copy && make_all(copy);

	if (!made)
		error_set(error,
		          "cannot make %s, which is to keep certificates: %s; XDG_STATE_HOME can name another place",
		          path, strerror(errno));
	free(copy);
	return made;
}
