/*
 * `help`, --help and --version: written from the tables of commands and options, at most 80 columns wide.
 */
#ifndef CPGW_CLI_HELP_H
#define CPGW_CLI_HELP_H

#include "cli/command.h"
#include "core/buffer.h"

/* Appends the text; `command` NULL: about the program. */
void help_add(const struct command *command, struct buffer *out);

enum exit_code help_show(const struct command *command);
enum exit_code help_show_version(void);

#endif
