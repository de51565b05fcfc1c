/*
 * `check`: are these scenarios valid? The report is the result, so it goes to standard output, good or bad.
 */
#include "cli/command.h"
#include "cli/library.h"
#include "cli/say.h"
#include "core/scenario.h"

#include <stdint.h>
#include <string.h>

static void add_text(const char *name, const struct problems *problems, struct buffer *report)
{
	if (problems->total == 0)
		buffer_add_format(report, "%s: fine\n", name);
	else
		problems_render_text(problems, report);
}

/* One JSON list, without the newline after it. */
static void add_problems(const struct problems *problems, struct buffer *report)
{
	struct buffer list = { 0 };

	problems_render_json(problems, &list);
	if (list.length > 0)
		buffer_add(report, list.data, list.length - 1);
	report->failed |= buffer_failed(&list);
	buffer_release(&list);
}

static void add_json(const char *name, const struct problems *problems, struct buffer *report)
{
	buffer_add_text(report, report->length > 0 ? ",\n" : "[\n");
	buffer_add_text(report, "{\"name\":\"");
	buffer_add_json_text(report, name, strlen(name));
	buffer_add_format(report,
	                  "\",\"fine\":%s,\"problem_count\":%zu,\"problems\":", problems->total == 0 ? "true" : "false",
	                  problems->total);
	add_problems(problems, report);
	buffer_add_text(report, "}");
}

/* True when the scenario is valid. */
static bool check_one(const struct options *options, const char *name, struct buffer *report)
{
	const struct scenario_request request = { .name = name, .pack = options->fixtures };
	struct problems problems = { 0 };
	struct machine machine;
	const bool fine = scenario_load(library_source(), &request, &machine, &problems);

	if (fine)
		machine_release(&machine);
	switch (options->format) {
	case FORMAT_TEXT:
		add_text(name, &problems, report);
		break;
	case FORMAT_JSON:
		add_json(name, &problems, report);
		break;
	}
	problems_release(&problems);
	return fine;
}

static enum exit_code check_run(const struct options *options)
{
	struct buffer report = { 0 };
	bool all_fine = true;
	enum exit_code code;

	for (size_t i = 0; i < options->operand_count; i++)
		all_fine &= check_one(options, options->operands[i], &report);
	if (options->format == FORMAT_JSON)
		buffer_add_text(&report, "\n]\n");
	code = say_result(&report);
	buffer_release(&report);
	return code == EXIT_FINE && !all_fine ? EXIT_SCENARIO : code;
}

const struct command command_check = {
	.name = "check",
	.bit = FOR_CHECK,
	.operands = "FILE...",
	.operands_min = 1,
	.operands_max = SIZE_MAX,
	.summary = "say what is wrong with scenario files",
	.about = "Reads scenarios, with all that they extend and the fixtures that they use, and "
		 "reports every problem: where it is, what was wanted and what was found. A FILE may "
		 "also be the name of a built-in scenario.\n"
		 "The report goes to standard output; the exit status is 3 when any is not valid.",
	.run = check_run,
};
