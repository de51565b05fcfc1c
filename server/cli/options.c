#include "cli/options.h"

#include "core/names.h"

#include <string.h>

#define PORT_DEFAULT 5000
#define WAIT_DEFAULT_MS 5000
#define REQUESTS_DEFAULT 20
#define TIMEOUT_DEFAULT_MS 60000
/* A value that is repeated in a message is cut here. */
#define VALUE_SHOWN_MAX 80

/* ---- the table ---- */

static uint64_t bit_of(const struct option *option)
{
	return 1ULL << (option - option_table);
}

static const struct option *find_option(unsigned command, struct span name)
{
	for (const struct option *option = option_table; option->name; option++)
		if ((option->commands & command) && span_equals(name, option->name))
			return option;
	return NULL;
}

void option_describe_wanted(const struct option *option, struct buffer *out)
{
	if (option->wanted)
		buffer_add_text(out, option->wanted);
	for (size_t i = 0; !option->wanted && option->choices && option->choices[i]; i++) {
		if (i > 0)
			buffer_add_text(out, option->choices[i + 1] ? ", " : " or ");
		buffer_add_format(out, "\"%s\"", option->choices[i]);
	}
}

void options_give(struct options *options, const char *name)
{
	for (const struct option *option = option_table; option->name; option++)
		if (strcmp(option->name, name) == 0)
			options->on_command_line |= bit_of(option);
}

enum option_source options_source(const struct options *options, const char *name)
{
	for (const struct option *option = option_table; option->name; option++) {
		if (strcmp(option->name, name) != 0)
			continue;
		if (options->on_command_line & bit_of(option))
			return SOURCE_COMMAND_LINE;
		if (options->in_environment & bit_of(option))
			return SOURCE_ENVIRONMENT;
	}
	return SOURCE_DEFAULT;
}

/* ---- what can be wrong ---- */

static void say_bad_value(const char *what, const struct option *option, const char *text, struct error *error)
{
	struct buffer wanted = { 0 };
	struct nearest nearest;

	nearest_begin(&nearest, text);
	for (size_t i = 0; option->choices && option->choices[i]; i++)
		nearest_offer(&nearest, option->choices[i]);
	option_describe_wanted(option, &wanted);
	error_set(error, "%s is \"%.*s\"; wanted %s%s%s%s", what, VALUE_SHOWN_MAX, text,
	          wanted.data ? wanted.data : "another", nearest.best ? "; did you mean \"" : "",
	          nearest.best ? nearest.best : "", nearest.best ? "\"?" : "");
	buffer_release(&wanted);
}

static void say_unknown(unsigned command, const char *command_name, struct span name, struct error *error)
{
	char written[VALUE_SHOWN_MAX + 1] = "";
	struct nearest nearest;

	memcpy(written, name.at, name.length < VALUE_SHOWN_MAX ? name.length : VALUE_SHOWN_MAX);
	nearest_begin(&nearest, written);
	for (const struct option *option = option_table; option->name; option++)
		if (option->commands & command)
			nearest_offer(&nearest, option->name);
	error_set(error, "%s has no option \"--%s\"%s%s%s", command_name, written,
	          nearest.best ? "; did you mean \"--" : "", nearest.best ? nearest.best : "",
	          nearest.best ? "\"?" : "");
}

static void say_missing_value(const struct option *option, struct error *error)
{
	struct buffer wanted = { 0 };

	option_describe_wanted(option, &wanted);
	error_set(error, "--%s wants a value: %s", option->name, wanted.data ? wanted.data : "a text");
	buffer_release(&wanted);
}

/* ---- reading ---- */

static bool take_argument(const struct option *option, const char *text, struct options *options, struct error *error)
{
	char what[NAME_LENGTH_MAX] = "--";

	options->on_command_line |= bit_of(option);
	if (option->take(option, text, options))
		return true;
	strncat(what, option->name, sizeof what - 3);
	say_bad_value(what, option, text, error);
	return false;
}

/* Reads the option at arguments[*index], and moves on to its last word. */
static bool read_option(unsigned command, const char *command_name, int count, char **arguments, int *index,
                        struct options *options, struct error *error)
{
	const char *name = arguments[*index] + 2;
	const char *equals = strchr(name, '=');
	const struct span written = { .at = name, .length = equals ? (size_t)(equals - name) : strlen(name) };
	const struct option *option = find_option(command, written);

	if (!option) {
		say_unknown(command, command_name, written, error);
		return false;
	}
	if (!option->value && equals) {
		error_set(error, "--%s takes no value, found \"%.*s\"", option->name, VALUE_SHOWN_MAX, equals + 1);
		return false;
	}
	if (!option->value)
		return take_argument(option, "1", options, error);
	if (equals)
		return take_argument(option, equals + 1, options, error);
	/* What looks like an option is one that follows a forgotten value; "--name=--value" is there for the rest. */
	if (*index + 1 >= count || strncmp(arguments[*index + 1], "--", 2) == 0) {
		say_missing_value(option, error);
		return false;
	}
	return take_argument(option, arguments[++*index], options, error);
}

static bool read_arguments(unsigned command, const char *command_name, int count, char **arguments,
                           struct options *options, struct error *error)
{
	bool ended = false;

	options->operands = arguments;
	for (int i = 0; i < count && !options->help && !options->version; i++) {
		char *argument = arguments[i];

		if (ended || argument[0] != '-' || argument[1] == '\0') {
			arguments[options->operand_count++] = argument;
			ended = ended || (command & FOR_COMMAND);
		} else if (strcmp(argument, "--") == 0) {
			ended = true;
		} else if (argument[1] != '-') {
			error_set(error, "%s has no option \"%.*s\"; options are written \"--name\"", command_name,
			          VALUE_SHOWN_MAX, argument);
			return false;
		} else if (!read_option(command, command_name, count, arguments, &i, options, error)) {
			return false;
		}
	}
	return true;
}

static bool read_environment(unsigned command, char *(*environment)(const char *name), struct options *options,
                             struct error *error)
{
	for (const struct option *option = option_table; option->name; option++) {
		const char *text;

		if (!(option->commands & command) || !option->environment ||
		    (options->on_command_line & bit_of(option)))
			continue;
		text = environment(option->environment);
		if (!text || !*text)
			continue;
		if (!option->take(option, text, options)) {
			say_bad_value(option->environment, option, text, error);
			return false;
		}
		options->in_environment |= bit_of(option);
	}
	return true;
}

bool options_read(unsigned command, const char *command_name, int count, char **arguments,
                  char *(*environment)(const char *name), struct options *options, struct error *error)
{
	*options = (struct options){
		.port = PORT_DEFAULT,
		.scenario = "authenticated",
		.requests = REQUESTS_DEFAULT,
		.journal_size = JOURNAL_RECORDS_DEFAULT,
		.wait_ms = WAIT_DEFAULT_MS,
		.since = 1,
		.timeout_ms = TIMEOUT_DEFAULT_MS,
		.jobs = 1,
	};
	if (!read_arguments(command, command_name, count, arguments, options, error))
		return false;
	return options->help || options->version || read_environment(command, environment, options, error);
}
