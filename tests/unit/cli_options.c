/* Why: parsing, --help, the environment and the documentation all come from one table; a row that is incomplete, or a
 * rule of GNU long options that does not hold, is somebody's wasted hour. */
#include "cli/options.h"

#include "cli/stage.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define ARGUMENTS_MAX 8

/* ---- an environment of the test's own: "NAME=value" each ---- */

static const char *const *variables;

static char *look_up(const char *name)
{
	const size_t length = strlen(name);

	for (size_t i = 0; variables && variables[i]; i++)
		if (strncmp(variables[i], name, length) == 0 && variables[i][length] == '=')
			return (char *)variables[i] + length + 1;
	return NULL;
}

/* ---- the command line: words between blanks ---- */

static char line[256];
static char *words[ARGUMENTS_MAX];

static int split(const char *text)
{
	int count = 0;

	cr_assert_lt(strlen(text), sizeof line);
	snprintf(line, sizeof line, "%s", text);
	for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
		cr_assert_lt(count, ARGUMENTS_MAX);
		words[count++] = word;
	}
	return count;
}

static struct options read_fine(unsigned command, const char *text)
{
	struct options options;
	struct error error = { 0 };

	cr_assert(options_read(command, "serve", split(text), words, look_up, &options, &error), "%s: %s", text,
	          error.text);
	return options;
}

static void refuses(unsigned command, const char *text, const char *sentence)
{
	struct options options;
	struct error error = { 0 };

	cr_assert_not(options_read(command, "serve", split(text), words, look_up, &options, &error), "%s", text);
	cr_assert_str_eq(error.text, sentence);
}

/* ---- the table ---- */

Test(cli_options, every_row_is_complete)
{
	for (const struct option *option = option_table; option->name; option++) {
		const size_t length = strlen(option->help);

		cr_assert_gt(length, 10, "--%s has no help", option->name);
		cr_assert(option->help[length - 1] == '.' || option->help[length - 1] == ')',
		          "--%s: the help is a sentence", option->name);
		cr_assert_neq(option->commands, 0, "--%s is for no command", option->name);
		cr_assert_not_null(option->take, "--%s", option->name);
		if (option->environment)
			cr_assert(option->wanted || option->choices, "--%s does not say what it wants", option->name);
	}
}

/* Ports are exec's to tell its command: within one exec, a second must not take the first's for its own. */
static bool needs_no_variable(const struct option *option)
{
	if (option->commands == FOR_EXEC)
		return strcmp(option->name, "port") == 0 || strcmp(option->name, "admin-port") == 0;
	return strcmp(option->name, "help") == 0 || strcmp(option->name, "version") == 0;
}

Test(cli_options, every_row_has_a_variable_that_is_named_after_it)
{
	for (const struct option *option = option_table; option->name; option++) {
		char expected[64] = "CPGW_";

		if (needs_no_variable(option)) {
			cr_assert_null(option->environment);
			continue;
		}
		for (size_t i = 0; option->name[i]; i++)
			expected[5 + i] = option->name[i] == '-' ? '_' : (char)toupper((unsigned char)option->name[i]);
		cr_assert_not_null(option->environment, "--%s", option->name);
		cr_assert_str_eq(option->environment, expected);
	}
}

Test(cli_options, no_command_has_a_name_twice)
{
	size_t count = 0;

	for (const struct option *a = option_table; a->name; a++, count++)
		for (const struct option *b = a + 1; b->name; b++)
			cr_assert(strcmp(a->name, b->name) != 0 || !(a->commands & b->commands), "--%s", a->name);
	cr_assert_leq(count, 64, "the sets of given options are words of 64 bits");
}

Test(cli_options, what_a_row_calls_its_choices_is_what_it_takes)
{
	for (const struct option *option = option_table; option->name; option++) {
		for (size_t i = 0; option->choices && option->choices[i]; i++) {
			struct options options = { 0 };

			cr_assert(option->take(option, option->choices[i], &options), "--%s %s", option->name,
			          option->choices[i]);
			if (option->value)
				cr_assert(strstr(option->value, option->choices[i]), "--%s %s", option->name,
				          option->value);
		}
	}
}

/* ---- the control API's port ---- */

Test(cli_options, the_control_api_has_its_usual_port_unless_the_gateways_is_any)
{
	static const char *const given[] = { "CPGW_ADMIN_PORT=7", NULL };
	struct options options = read_fine(FOR_SERVE, "");

	cr_assert_eq(stage_choose_admin_port(&options), 5050);
	options = read_fine(FOR_SERVE, "--port 5001");
	cr_assert_eq(stage_choose_admin_port(&options), 5050);
	options = read_fine(FOR_SERVE, "--port 0");
	cr_assert_eq(stage_choose_admin_port(&options), 0);
	options = read_fine(FOR_SERVE, "--port 0 --admin-port 5050");
	cr_assert_eq(stage_choose_admin_port(&options), 5050);
	options = read_fine(FOR_SERVE, "--admin-port 0");
	cr_assert_eq(stage_choose_admin_port(&options), 0);
	variables = given;
	options = read_fine(FOR_SERVE, "");
	cr_assert_eq(stage_choose_admin_port(&options), 7);
}

/* ---- how options are written ---- */

Test(cli_options, nothing_given_means_the_defaults)
{
	const struct options options = read_fine(FOR_SERVE, "");

	cr_assert_eq(options.port, 5000);
	cr_assert_null(options.bind_address);
	cr_assert_str_eq(options.scenario, "authenticated");
	cr_assert_null(options.fixtures);
	cr_assert_eq(options.tls, TLS_MODERN);
	cr_assert_eq(options.log_format, FORMAT_TEXT);
	cr_assert_not(options.verbose);
	cr_assert_not(options.no_admin);
	cr_assert_not(options.strict);
	cr_assert_null(options.admin_bind_address);
	cr_assert_null(options.admin_token);
	cr_assert_null(options.journal);
	cr_assert_eq(options.journal_size, JOURNAL_RECORDS_DEFAULT);
	cr_assert_eq(read_fine(FOR_READY, "").wait_ms, 5000);
	cr_assert_eq(options_source(&options, "port"), SOURCE_DEFAULT);
}

Test(cli_options, a_value_follows_as_a_word_or_after_an_equals_sign)
{
	cr_assert_eq(read_fine(FOR_SERVE, "--port 5001").port, 5001);
	cr_assert_eq(read_fine(FOR_SERVE, "--port=5001").port, 5001);
	cr_assert_str_eq(read_fine(FOR_SERVE, "--scenario=a=b").scenario, "a=b");
	cr_assert_str_eq(read_fine(FOR_SERVE, "--scenario -x").scenario, "-x");
	cr_assert_str_eq(read_fine(FOR_SERVE, "--scenario=--x").scenario, "--x");
}

Test(cli_options, every_option_of_serve_arrives)
{
	struct options options = read_fine(FOR_SERVE, "--port 0 --bind-address ::1 --scenario s --fixtures 2022");

	cr_assert_eq(options.port, 0);
	cr_assert_str_eq(options.bind_address, "::1");
	cr_assert_str_eq(options.scenario, "s");
	cr_assert_str_eq(options.fixtures, "2022");
	options = read_fine(FOR_SERVE, "--clock scaled:60 --seed 999999999999999 --port-file p --tls authentic");
	cr_assert_eq(options.clock.mode, CLOCK_SCALED);
	cr_assert_eq(options.clock.scale, 60);
	cr_assert_eq(options.seed, 999999999999999U);
	cr_assert_str_eq(options.port_file, "p");
	cr_assert_eq(options.tls, TLS_AUTHENTIC);
	options = read_fine(FOR_SERVE, "--admin-port 7 --admin-bind-address ::1 --admin-token t --journal j");
	cr_assert_eq(options.admin_port, 7);
	cr_assert_str_eq(options.admin_bind_address, "::1");
	cr_assert_str_eq(options.admin_token, "t");
	cr_assert_str_eq(options.journal, "j");
	options = read_fine(FOR_SERVE, "--journal-size 256 --strict --no-admin");
	cr_assert_eq(options.journal_size, 256);
	cr_assert(options.strict);
	cr_assert(options.no_admin);
	cr_assert_not(options.verbose);
	options = read_fine(FOR_SERVE, "--cert c --key k --log-format json --verbose");
	cr_assert_str_eq(options.cert, "c");
	cr_assert_str_eq(options.key, "k");
	cr_assert_eq(options.log_format, FORMAT_JSON);
	cr_assert(options.verbose);
}

Test(cli_options, the_last_of_two_wins)
{
	cr_assert_eq(read_fine(FOR_SERVE, "--port 1 --port=2").port, 2);
}

Test(cli_options, operands_may_stand_anywhere_and_two_dashes_end_the_options)
{
	const struct options options = read_fine(FOR_CHECK, "a --format json b -- --format -");

	cr_assert_eq(options.format, FORMAT_JSON);
	cr_assert_eq(options.operand_count, 4);
	cr_assert_str_eq(options.operands[0], "a");
	cr_assert_str_eq(options.operands[1], "b");
	cr_assert_str_eq(options.operands[2], "--format");
	cr_assert_str_eq(options.operands[3], "-");
}

Test(cli_options, help_and_version_end_the_reading)
{
	static const char *const bad[] = { "CPGW_PORT=x", NULL };

	variables = bad;
	cr_assert(read_fine(FOR_SERVE, "--help --nonsense").help);
	cr_assert(read_fine(FOR_SERVE, "--version --nonsense").version);
}

static const struct {
	const char *text;
	const char *sentence;
} refused[] = {
	{ "--prot 1", "serve has no option \"--prot\"; did you mean \"--port\"?" },
	{ "--por 1", "serve has no option \"--por\"; did you mean \"--port\"?" },
	{ "--bind_address=::1", "serve has no option \"--bind_address\"; did you mean \"--bind-address\"?" },
	{ "--format json", "serve has no option \"--format\"; did you mean \"--port\"?" },
	{ "--zzzzzzzz", "serve has no option \"--zzzzzzzz\"" },
	{ "-p 1", "serve has no option \"-p\"; options are written \"--name\"" },
	{ "--port", "--port wants a value: a whole number from 0 to 65535" },
	{ "--tls --verbose", "--tls wants a value: \"modern\" or \"authentic\"" },
	{ "--port=", "--port is \"\"; wanted a whole number from 0 to 65535" },
	{ "--port 65536", "--port is \"65536\"; wanted a whole number from 0 to 65535" },
	{ "--port 99999999999999999999", "--port is \"99999999999999999999\"; wanted a whole number from 0 to 65535" },
	{ "--port +1", "--port is \"+1\"; wanted a whole number from 0 to 65535" },
	{ "--port 0x10", "--port is \"0x10\"; wanted a whole number from 0 to 65535" },
	{ "--bind-address localhost",
	  "--bind-address is \"localhost\"; wanted a numeric address, such as 127.0.0.1 or ::1" },
	{ "--scenario=", "--scenario is \"\"; wanted the name of a scenario or a file" },
	{ "--seed 1000000000000000",
	  "--seed is \"1000000000000000\"; wanted a whole number from 0 to 999999999999999" },
	{ "--clock fast", "--clock is \"fast\"; wanted \"real\", \"manual\" or \"scaled:N\" with N from 1 to 100000" },
	{ "--tls moden", "--tls is \"moden\"; wanted \"modern\" or \"authentic\"; did you mean \"modern\"?" },
	{ "--log-format xml", "--log-format is \"xml\"; wanted \"text\" or \"json\"" },
	{ "--verbose=yes", "--verbose takes no value, found \"yes\"" },
	{ "--strict=yes", "--strict takes no value, found \"yes\"" },
	{ "--admin-port 65536", "--admin-port is \"65536\"; wanted a whole number from 0 to 65535" },
	{ "--admin-token=", "--admin-token is \"\"; wanted up to 256 printable ASCII characters without a blank" },
	{ "--admin-token=\xc3\xa4",
	  "--admin-token is \"\xc3\xa4\"; wanted up to 256 printable ASCII characters without a blank" },
	{ "--journal-size 255", "--journal-size is \"255\"; wanted a whole number from 256 to 1048576" },
	{ "--journal-size 1048577", "--journal-size is \"1048577\"; wanted a whole number from 256 to 1048576" },
};

Test(cli_options, what_is_wrong_gets_one_clear_sentence)
{
	for (size_t i = 0; i < COUNT(refused); i++)
		refuses(FOR_SERVE, refused[i].text, refused[i].sentence);
	refuses(FOR_READY, "--wait 5", "--wait is \"5\"; wanted a duration, such as \"250ms\", \"5s\" or \"1m30s\"");
}

Test(cli_options, a_long_wrong_word_is_cut_in_the_message)
{
	char text[200] = "--";
	struct options options;
	struct error error = { 0 };

	memset(text + 2, 'x', sizeof text - 3);
	text[sizeof text - 1] = '\0';
	cr_assert_not(options_read(FOR_SERVE, "serve", split(text), words, look_up, &options, &error));
	cr_assert_lt(strlen(error.text), 120);
}

/* ---- the environment ---- */

Test(cli_options, the_environment_speaks_where_the_command_line_is_silent)
{
	static const char *const some[] = { "CPGW_PORT=5001", "CPGW_SCENARIO=fresh", "CPGW_VERBOSE=1", NULL };
	struct options options;

	variables = some;
	options = read_fine(FOR_SERVE, "--scenario competing");
	cr_assert_eq(options.port, 5001);
	cr_assert_str_eq(options.scenario, "competing");
	cr_assert(options.verbose);
	cr_assert_eq(options_source(&options, "port"), SOURCE_ENVIRONMENT);
	cr_assert_eq(options_source(&options, "scenario"), SOURCE_COMMAND_LINE);
	cr_assert_eq(options_source(&options, "seed"), SOURCE_DEFAULT);
}

Test(cli_options, a_flag_in_the_environment_says_yes_or_no)
{
	static const char *const no[] = { "CPGW_VERBOSE=0", NULL };
	static const char *const yes[] = { "CPGW_VERBOSE=true", NULL };
	static const char *const maybe[] = { "CPGW_VERBOSE=maybe", NULL };
	static const char *const others[] = { "CPGW_STRICT=yes", "CPGW_NO_ADMIN=true", NULL };

	variables = no;
	cr_assert_not(read_fine(FOR_SERVE, "").verbose);
	cr_assert(read_fine(FOR_SERVE, "--verbose").verbose);
	variables = yes;
	cr_assert(read_fine(FOR_SERVE, "").verbose);
	variables = others;
	cr_assert(read_fine(FOR_SERVE, "").strict);
	cr_assert(read_fine(FOR_SERVE, "").no_admin);
	cr_assert_not(read_fine(FOR_SERVE, "").verbose);
	variables = maybe;
	refuses(FOR_SERVE, "",
	        "CPGW_VERBOSE is \"maybe\"; wanted \"0\", \"1\", \"false\", \"true\", \"no\" or \"yes\"");
}

Test(cli_options, an_empty_variable_counts_as_not_set)
{
	static const char *const empty[] = { "CPGW_PORT=", NULL };

	variables = empty;
	cr_assert_eq(read_fine(FOR_SERVE, "").port, 5000);
}

Test(cli_options, a_bad_variable_is_named_unless_an_option_beats_it_or_the_command_has_no_such_option)
{
	static const char *const bad[] = { "CPGW_PORT=x", NULL };

	variables = bad;
	refuses(FOR_SERVE, "", "CPGW_PORT is \"x\"; wanted a whole number from 0 to 65535");
	cr_assert_eq(read_fine(FOR_SERVE, "--port 1").port, 1);
	cr_assert_eq(read_fine(FOR_CHECK, "a").operand_count, 1);
}

Test(cli_options, every_variable_reaches_its_option)
{
	for (const struct option *option = option_table; option->name; option++) {
		char variable[64];
		const char *const bad[] = { variable, NULL };
		struct options options;
		struct error error = { 0 };

		/* What takes any text takes this one, too. */
		if (!option->environment || option->field != 0 ||
		    strcmp(option->value ? option->value : "", "FILE") == 0)
			continue;
		snprintf(variable, sizeof variable, "%s=\x01", option->environment);
		variables = bad;
		cr_assert_not(
		    options_read(option->commands & -option->commands, "it", 0, words, look_up, &options, &error));
		cr_assert_eq(strncmp(error.text, option->environment, strlen(option->environment)), 0, "%s",
		             error.text);
	}
}
