#include "cli/say.h"

#include "wire/write_all.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum exit_code say_result(const struct buffer *result)
{
	struct error error;

	if (buffer_failed(result))
		error_set(&error, "out of memory");
	else if (!write_all(STDOUT_FILENO, result->data, result->length))
		error_set(&error, "cannot write to standard output: %s", strerror(errno));
	else
		return EXIT_FINE;
	return say_error(EXIT_INTERNAL, &error);
}

/* One write, so that the lines of two processes do not mix. Nobody is left to tell when it fails. */
static void complain(struct buffer *text)
{
	if (text->data)
		write_all(STDERR_FILENO, text->data, text->length);
	buffer_release(text);
}

enum exit_code say_error(enum exit_code code, const struct error *error)
{
	struct buffer text = { 0 };

	buffer_add_format(&text, "cpgw-mock: %s\n", error->text);
	complain(&text);
	return code;
}

enum exit_code say_usage(const char *command, const struct error *error)
{
	struct buffer text = { 0 };

	buffer_add_format(&text, "cpgw-mock: %s\n", error->text);
	buffer_add_format(&text, "Try 'cpgw-mock %s%s--help'.\n", command ? command : "", command ? " " : "");
	complain(&text);
	return EXIT_USAGE;
}
