/* Why: help is read on terminals of 80 columns, and must tell all that there is. */
#include "cli/help.h"

#include <criterion/criterion.h>
#include <string.h>

static struct buffer help_of(const struct command *command)
{
	struct buffer text = { 0 };

	help_add(command, &text);
	cr_assert_not(buffer_failed(&text));
	return text;
}

/* Bytes are columns: the help is ASCII. */
static void assert_narrow(const char *text)
{
	while (*text) {
		const size_t length = strcspn(text, "\n");

		cr_assert_leq(length, 80, "%.*s", (int)length, text);
		cr_assert(length == 0 || text[length - 1] != ' ', "a line ends with a blank: %.*s", (int)length, text);
		for (size_t i = 0; i < length; i++)
			cr_assert(text[i] >= ' ' && text[i] <= '~', "%.*s", (int)length, text);
		text += length + 1;
	}
}

Test(cli_help, no_line_is_wider_than_a_terminal)
{
	struct buffer text = help_of(NULL);

	assert_narrow(text.data);
	buffer_release(&text);
	for (size_t i = 0; command_table[i]; i++) {
		text = help_of(command_table[i]);
		assert_narrow(text.data);
		buffer_release(&text);
	}
}

Test(cli_help, the_program_names_every_command)
{
	struct buffer text = help_of(NULL);

	for (size_t i = 0; command_table[i]; i++) {
		cr_assert_not_null(strstr(text.data, command_table[i]->name));
		cr_assert_not_null(strstr(text.data, command_table[i]->summary), "%s: too long for a line",
		                   command_table[i]->name);
	}
	buffer_release(&text);
}

Test(cli_help, every_command_names_its_options_and_their_variables)
{
	for (size_t i = 0; command_table[i]; i++) {
		struct buffer text = help_of(command_table[i]);

		for (const struct option *option = option_table; option->name; option++) {
			char written[64];

			snprintf(written, sizeof written, "  --%s", option->name);
			if (!(option->commands & command_table[i]->bit))
				continue;
			cr_assert_not_null(strstr(text.data, written), "%s: --%s", command_table[i]->name,
			                   option->name);
			if (option->environment)
				cr_assert_not_null(strstr(text.data, option->environment));
		}
		buffer_release(&text);
	}
}

Test(cli_help, a_command_is_found_by_its_exact_name_and_has_a_bit_of_its_own)
{
	unsigned bits = 0;

	for (size_t i = 0; command_table[i]; i++) {
		cr_assert_eq(command_find(command_table[i]->name), command_table[i]);
		cr_assert_eq(bits & command_table[i]->bit, 0);
		bits |= command_table[i]->bit;
	}
	cr_assert_eq(bits, FOR_ALL);
	cr_assert_null(command_find("serv"));
	cr_assert_null(command_find(""));
}
