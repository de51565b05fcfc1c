/*
 * The commands: one row and one function each. What a row says is what `help` shows and what the arguments are
 * checked against.
 */
#ifndef CPGW_CLI_COMMAND_H
#define CPGW_CLI_COMMAND_H

#include "cli/exit_code.h"
#include "cli/options.h"

#include <stddef.h>

struct command {
	const char *name;
	unsigned bit;         /* enum command_bit */
	const char *operands; /* how the help calls them; NULL: it takes none */
	size_t operands_min;
	size_t operands_max;
	enum exit_code refused;     /* status when the arguments are wrong, unless EXIT_USAGE */
	const char *const *choices; /* what an operand can be, ended by NULL; or NULL: anything */
	const char *summary;        /* for the list of commands */
	const char *about;          /* paragraphs, "\n" between them */
	enum exit_code (*run)(const struct options *options);
};

extern const struct command command_serve;
extern const struct command command_exec;
extern const struct command command_gauntlet;
extern const struct command command_state;
extern const struct command command_event;
extern const struct command command_clock;
extern const struct command command_journal;
extern const struct command command_fault;
extern const struct command command_verify;
extern const struct command command_check;
extern const struct command command_list;
extern const struct command command_plan;
extern const struct command command_catalogue;
extern const struct command command_ready;
extern const struct command command_help;

/* All of them, in the order of the help, ended by NULL. */
extern const struct command *const command_table[];

/* NULL when there is none of that name. */
const struct command *command_find(const char *name);

/* Reads the arguments that follow the command's name, and does what they say. */
enum exit_code command_run(const struct command *command, int count, char **arguments);

/* For a name that is no command's: says so. */
enum exit_code command_unknown(const char *name);

#endif
