/* Why: one byte that XML cannot have, and a CI system shows no report at all. Texts come from scenarios and clients. */
#include "cli/junit.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void assert_escaped(const char *text, size_t length, const char *wanted)
{
	struct buffer out = { 0 };

	junit_add_escaped(&out, text, length);
	cr_assert_str_eq(out.data, wanted);
	buffer_release(&out);
}

/* Of a literal, which may have zeros in it. */
#define ASSERT_ESCAPED(text, wanted) assert_escaped(text, sizeof(text) - 1, wanted)

Test(cli_junit, what_means_something_to_xml_is_escaped)
{
	ASSERT_ESCAPED("a<b>&\"c\"'", "a&lt;b&gt;&amp;&quot;c&quot;'");
	ASSERT_ESCAPED("a\tb\nc\rd", "a&#9;b&#10;c&#13;d");
}

Test(cli_junit, what_xml_cannot_have_is_written_as_digits)
{
	ASSERT_ESCAPED("\0\x01\x1f\x1b[0m", "\\x00\\x01\\x1F\\x1B[0m");
	ASSERT_ESCAPED("\x7f", "\x7f");
	/* No UTF-8: alone, cut off, too long, a surrogate. */
	ASSERT_ESCAPED("\xff", "\\xFF");
	ASSERT_ESCAPED("\xc3", "\\xC3");
	ASSERT_ESCAPED("\xc0\x80", "\\xC0\\x80");
	ASSERT_ESCAPED("\xed\xa0\x80", "\\xED\\xA0\\x80");
	/* U+FFFE and U+FFFF; their neighbour may stay. */
	ASSERT_ESCAPED("\xef\xbf\xbe\xef\xbf\xbf", "\\xEF\\xBF\\xBE\\xEF\\xBF\\xBF");
	ASSERT_ESCAPED("\xef\xbf\xbd", "\xef\xbf\xbd");
}

Test(cli_junit, other_letters_stay)
{
	ASSERT_ESCAPED("\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80");
}

Test(cli_junit, without_a_file_nothing_is_written)
{
	struct junit junit;
	struct error error;

	cr_assert(junit_open(&junit, NULL, false, &error));
	cr_assert(junit_write(&junit, &error));
	junit_close(&junit);
}

Test(cli_junit, a_report_has_the_mode_that_files_have)
{
	char folder[] = "/tmp/cpgw-junit-XXXXXX";
	char path[64];
	struct stat about;
	struct junit junit;
	struct error error;

	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/report.xml", folder);
	umask(027);
	cr_assert(junit_open(&junit, path, false, &error), "%s", error.text);
	cr_assert(access(path, F_OK) != 0);
	cr_assert(junit_write(&junit, &error), "%s", error.text);
	junit_close(&junit);
	cr_assert_eq(stat(path, &about), 0);
	cr_assert_eq(about.st_mode & 0777, 0640);
	unlink(path);
	cr_assert_eq(rmdir(folder), 0);
}

Test(cli_junit, what_is_not_written_to_its_end_is_taken_away)
{
	char folder[] = "/tmp/cpgw-junit-XXXXXX";
	char path[64];
	struct junit junit;
	struct error error;

	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/report.xml", folder);
	cr_assert(junit_open(&junit, path, false, &error), "%s", error.text);
	junit_close(&junit);
	cr_assert_eq(rmdir(folder), 0);
	cr_assert_not(junit_open(&junit, "/dev/null", false, &error));
	junit_close(&junit);
}
