#include "cli/command.h"

#include "cli/help.h"
#include "cli/say.h"
#include "core/names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const struct command *const command_table[] = {
	&command_serve,     &command_exec,  &command_gauntlet, &command_state, &command_event, &command_clock,
	&command_journal,   &command_fault, &command_verify,   &command_check, &command_list,  &command_plan,
	&command_catalogue, &command_ready, &command_help,     NULL,
};

const struct command *command_find(const char *name)
{
	for (size_t i = 0; command_table[i]; i++)
		if (strcmp(command_table[i]->name, name) == 0)
			return command_table[i];
	return NULL;
}

enum exit_code command_unknown(const char *name)
{
	struct nearest nearest;
	struct error error;

	nearest_begin(&nearest, name);
	for (size_t i = 0; command_table[i]; i++)
		nearest_offer(&nearest, command_table[i]->name);
	error_set(&error, "there is no command \"%.80s\"; 'cpgw-mock help' lists them%s%s%s", name,
	          nearest.best ? "; did you mean \"" : "", nearest.best ? nearest.best : "", nearest.best ? "\"?" : "");
	return say_usage(NULL, &error);
}

static void add_choices(const char *const *choices, struct buffer *out)
{
	for (size_t i = 0; choices[i]; i++) {
		if (i > 0)
			buffer_add_text(out, choices[i + 1] ? ", " : " or ");
		buffer_add_text(out, choices[i]);
	}
}

static bool is_choice(const char *const *choices, const char *text)
{
	for (size_t i = 0; choices[i]; i++)
		if (strcmp(choices[i], text) == 0)
			return true;
	return false;
}

static void say_bad_operand(const struct command *command, const char *text, struct error *error)
{
	struct buffer wanted = { 0 };
	struct nearest nearest;

	nearest_begin(&nearest, text);
	for (size_t i = 0; command->choices[i]; i++)
		nearest_offer(&nearest, command->choices[i]);
	add_choices(command->choices, &wanted);
	error_set(error, "%s knows no \"%.80s\"; wanted %s%s%s%s", command->name, text,
	          wanted.data ? wanted.data : "another", nearest.best ? "; did you mean \"" : "",
	          nearest.best ? nearest.best : "", nearest.best ? "\"?" : "");
	buffer_release(&wanted);
}

static bool check_operands(const struct command *command, const struct options *options, struct error *error)
{
	if (options->operand_count > command->operands_max) {
		const char *first = options->operands[command->operands_max];

		if (command->operands)
			error_set(error, "%s wants %s and nothing after it, found \"%.80s\"", command->name,
			          command->operands, first);
		else
			error_set(error, "%s wants nothing but options, found \"%.80s\"", command->name, first);
		return false;
	}
	if (options->operand_count < command->operands_min) {
		error_set(error, "%s wants %s, found nothing more", command->name, command->operands);
		return false;
	}
	for (size_t i = 0; command->choices && i < options->operand_count; i++) {
		if (is_choice(command->choices, options->operands[i]))
			continue;
		say_bad_operand(command, options->operands[i], error);
		return false;
	}
	return true;
}

static enum exit_code refuse(const struct command *command, const struct error *error)
{
	say_usage(command->name, error);
	return command->refused ? command->refused : EXIT_USAGE;
}

enum exit_code command_run(const struct command *command, int count, char **arguments)
{
	struct options options;
	struct error error;

	if (!options_read(command->bit, command->name, count, arguments, getenv, &options, &error))
		return refuse(command, &error);
	if (options.help)
		return help_show(command);
	if (options.version)
		return help_show_version();
	if (!check_operands(command, &options, &error))
		return refuse(command, &error);
	return command->run(&options);
}
