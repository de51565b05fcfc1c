#include "cli/scenario_open.h"

#include "cli/library.h"
#include "cli/say.h"
#include "core/scenario.h"
#include "wire/write_all.h"

#include <unistd.h>

/* Who reads the problems may not know that a variable is set. */
static void add_origin(const struct options *options, const char *option, const char *variable, const char *value,
                       struct buffer *out)
{
	if (options_source(options, option) == SOURCE_ENVIRONMENT)
		buffer_add_format(out, "cpgw-mock: %s is \"%s\"\n", variable, value);
}

enum exit_code scenario_say_problems(const struct options *options, const struct problems *problems)
{
	struct buffer text = { 0 };

	problems_render_text(problems, &text);
	add_origin(options, "scenario", "CPGW_SCENARIO", options->scenario, &text);
	add_origin(options, "fixtures", "CPGW_FIXTURES", options->fixtures, &text);
	if (text.data)
		write_all(STDERR_FILENO, text.data, text.length);
	buffer_release(&text);
	return EXIT_SCENARIO;
}

enum exit_code scenario_open(const struct options *options, struct machine *machine)
{
	const struct scenario_request request = { .name = options->scenario, .pack = options->fixtures };
	struct problems problems = { 0 };
	enum exit_code code = EXIT_FINE;

	if (!scenario_load(library_source(), &request, machine, &problems))
		code = scenario_say_problems(options, &problems);
	problems_release(&problems);
	return code;
}
