#include "cli/help.h"

#include "cli/say.h"
#include "cli/wrap.h"

#include <string.h>

/* Where explanations begin; an option that is longer has its explanation on the next line. */
#define OPTION_INDENT 22
#define COMMAND_INDENT 13
#define EXIT_INDENT 7

#ifndef CPGW_VERSION
#define CPGW_VERSION "unknown"
#endif

/* ---- laying out ---- */

/* "  NAME   explanation", wrapped. */
static void add_entry(struct buffer *out, const char *name, size_t from, const char *text)
{
	size_t at = 2 + strlen(name);

	buffer_add_format(out, "  %s", name);
	if (at + 2 > from) {
		buffer_add_text(out, "\n");
		at = 0;
	}
	wrap_add(out, at, from, text);
}

/* ---- options ---- */

static void add_option(struct buffer *out, const struct option *option)
{
	struct buffer name = { 0 };
	struct buffer text = { 0 };

	buffer_add_format(&name, "--%s%s%s", option->name, option->value ? " " : "",
	                  option->value ? option->value : "");
	buffer_add_text(&text, option->help);
	if (option->otherwise)
		buffer_add_format(&text, " (default: %s)", option->otherwise);
	if (name.data && text.data)
		add_entry(out, name.data, OPTION_INDENT, text.data);
	buffer_release(&name);
	buffer_release(&text);
}

static void add_options(struct buffer *out, unsigned command)
{
	buffer_add_text(out, "\nOptions:\n");
	for (const struct option *option = option_table; option->name; option++)
		if (option->commands & command)
			add_option(out, option);
}

static void add_environment(struct buffer *out, unsigned command)
{
	struct buffer text = { 0 };

	for (const struct option *option = option_table; option->name; option++)
		if ((option->commands & command) && option->environment)
			buffer_add_format(&text, "%s%s", text.length ? ", " : "", option->environment);
	if (text.data) {
		buffer_add_text(out, "\nOptions that are not given are taken from the environment:\n");
		wrap_add(out, 0, 2, text.data);
	}
	buffer_release(&text);
}

/* ---- the whole ---- */

static void add_paragraphs(struct buffer *out, const char *text)
{
	while (*text) {
		const size_t length = strcspn(text, "\n");
		struct buffer paragraph = { 0 };

		buffer_add(&paragraph, text, length);
		buffer_add_text(out, "\n");
		if (paragraph.data)
			wrap_add(out, 0, 0, paragraph.data);
		buffer_release(&paragraph);
		text += length;
		text += strspn(text, "\n");
	}
}

static void add_command_help(const struct command *command, struct buffer *out)
{
	buffer_add_format(out, "Usage: cpgw-mock %s%s%s%s\n", command->name,
	                  command->bit == FOR_HELP ? "" : " [OPTION]...", command->operands ? " " : "",
	                  command->operands ? command->operands : "");
	add_paragraphs(out, command->about);
	add_options(out, command->bit);
	add_environment(out, command->bit);
}

static const struct {
	const char *code;
	const char *meaning;
} exits[] = {
	{ "0", "fine" },
	{ "1", "an expectation about the client is broken: 'exec' and 'verify'; 'gauntlet': a run failed" },
	{ "2", "usage: a command, option, value or CPGW_ variable is wrong, or --cert and --key are no certificate" },
	{ "3", "a scenario or fixture is not valid" },
	{ "4", "the port or address cannot be had" },
	{ "5", "'exec --strict': the client made calls that nothing was meant for" },
	{ "6", "the machine would not: files, disk, memory; there is no control API to call; or 'ready' or 'state' ran "
	       "out of "
	       "time" },
	{ "125", "'exec' or 'gauntlet' had no gateway, and did not run the command; standard error says why" },
	{ "126", "'exec' or 'gauntlet' found the command, and cannot run it" },
	{ "127", "'exec' or 'gauntlet' found no such command" },
};

static void add_program_help(struct buffer *out)
{
	buffer_add_text(out, "Usage: cpgw-mock [COMMAND] [OPTION]...\n");
	add_paragraphs(
	    out, "A stand-in, on your own machine, for the Client Portal Gateway of Interactive Brokers: for testing "
		 "clients in every state in which its session can be.");
	buffer_add_text(out, "\nCommands:\n");
	for (size_t i = 0; command_table[i]; i++)
		add_entry(out, command_table[i]->name, COMMAND_INDENT, command_table[i]->summary);
	add_paragraphs(
	    out, "Without a command, options are those of serve. 'cpgw-mock COMMAND --help' says more about each; "
		 "'cpgw-mock --version' says which version this is.");
	buffer_add_text(out, "\nExit status:\n");
	for (size_t i = 0; i < sizeof exits / sizeof *exits; i++)
		add_entry(out, exits[i].code, EXIT_INDENT, exits[i].meaning);
}

void help_add(const struct command *command, struct buffer *out)
{
	if (command)
		add_command_help(command, out);
	else
		add_program_help(out);
}

enum exit_code help_show(const struct command *command)
{
	struct buffer text = { 0 };
	enum exit_code code;

	help_add(command, &text);
	code = say_result(&text);
	buffer_release(&text);
	return code;
}

enum exit_code help_show_version(void)
{
	struct buffer text = { 0 };
	enum exit_code code;

	buffer_add_text(&text, "cpgw-mock " CPGW_VERSION "\n");
	code = say_result(&text);
	buffer_release(&text);
	return code;
}

static enum exit_code help_run(const struct options *options)
{
	const struct command *command;

	if (options->operand_count == 0)
		return help_show(NULL);
	command = command_find(options->operands[0]);
	return command ? help_show(command) : command_unknown(options->operands[0]);
}

const struct command command_help = {
	.name = "help",
	.bit = FOR_HELP,
	.operands = "[COMMAND]",
	.operands_max = 1,
	.summary = "say what there is, or more about one command",
	.about = "Says what commands there are, or more about one of them.",
	.run = help_run,
};
