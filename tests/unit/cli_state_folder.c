/* Why: the certificate authority that clients were told to trust is found again only if its folder is. */
#include "cli/state_folder.h"

#include <criterion/criterion.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *home;
static const char *state_home;

static char *look_up(const char *name)
{
	if (strcmp(name, "HOME") == 0)
		return (char *)home;
	if (strcmp(name, "XDG_STATE_HOME") == 0)
		return (char *)state_home;
	return NULL;
}

static void finds(const char *expected)
{
	struct buffer path = { 0 };
	struct error error = { 0 };

	cr_assert(state_folder_find(look_up, &path, &error), "%s", error.text);
	cr_assert_str_eq(path.data, expected);
	buffer_release(&path);
}

Test(cli_state_folder, follows_the_rules_of_xdg)
{
	home = "/home/me";
	finds("/home/me/.local/state/cpgw-mock");
	state_home = "/elsewhere";
	finds("/elsewhere/cpgw-mock");
	state_home = "";
	finds("/home/me/.local/state/cpgw-mock");
	state_home = "not/absolute";
	finds("/home/me/.local/state/cpgw-mock");
}

Test(cli_state_folder, asks_the_user_database_when_there_is_no_home)
{
	const struct passwd *user = getpwuid(geteuid());
	char expected[512];

	if (!user)
		cr_skip("this user is in no database");
	snprintf(expected, sizeof expected, "%s/.local/state/cpgw-mock", user->pw_dir);
	finds(expected);
	home = "";
	finds(expected);
	home = "not/absolute";
	finds(expected);
}

Test(cli_state_folder, makes_the_folders_above_and_lets_nobody_else_in)
{
	char root[] = "/tmp/cpgw-state-XXXXXX";
	char path[64];
	char command[96];
	struct error error = { 0 };
	struct stat about;

	cr_assert_not_null(mkdtemp(root));
	snprintf(path, sizeof path, "%s/a/b/cpgw-mock", root);
	cr_assert(state_folder_make(path, &error), "%s", error.text);
	cr_assert(state_folder_make(path, &error), "it may be there already: %s", error.text);
	cr_assert_eq(stat(path, &about), 0);
	cr_assert_eq(about.st_mode & 07777, 0700);
	rmdir(path);
	snprintf(command, sizeof command, "%s/a/b", root);
	rmdir(command);
	snprintf(command, sizeof command, "%s/a", root);
	rmdir(command);
	rmdir(root);
}

Test(cli_state_folder, says_what_it_cannot_make)
{
	struct error error = { 0 };

	cr_assert_not(state_folder_make("/dev/null/cpgw-mock", &error));
	cr_assert_str_eq(error.text, "cannot make /dev/null/cpgw-mock, which is to keep certificates: Not a directory; "
	                             "XDG_STATE_HOME can name another place");
}
