#include "cli/gauntlet.h"

#include "cli/junit.h"
#include "cli/whole_file.h"

#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

#ifndef CPGW_VERSION
#define CPGW_VERSION "unknown"
#endif

/* Lines of output that go into the files. */
#define LINES_KEPT 200

/* ---- JSON ---- */

static void add_text_member(const char *name, const char *text, struct buffer *out)
{
	buffer_add_format(out, ",\"%s\":", name);
	if (text)
		buffer_add_quoted(out, text, strlen(text));
	else
		buffer_add_text(out, "null");
}

/* Names with ", " between them, as a list. */
static void add_list_member(const char *name, const char *names, struct buffer *out)
{
	buffer_add_format(out, ",\"%s\":[", name);
	while (*names) {
		const size_t length = strcspn(names, ",");

		buffer_add_quoted(out, names, length);
		names += length;
		names += strspn(names, ", ");
		if (*names)
			buffer_add_text(out, ",");
	}
	buffer_add_text(out, "]");
}

static void add_status(const struct gauntlet_found *found, struct buffer *out)
{
	const bool ended = found->ended && !found->timed_out;

	if (ended && WIFEXITED(found->status))
		buffer_add_format(out, ",\"exit_status\":%d,\"signal\":null", WEXITSTATUS(found->status));
	else if (ended)
		buffer_add_format(out, ",\"exit_status\":null,\"signal\":%d", WTERMSIG(found->status));
	else
		buffer_add_text(out, ",\"exit_status\":null,\"signal\":null");
}

static void add_found(const struct gauntlet *gauntlet, const struct gauntlet_case *one, struct buffer *out)
{
	const struct gauntlet_found *found = &one->found;
	struct buffer cause = { 0 };
	struct buffer output = { 0 };

	gauntlet_add_cause(gauntlet, one, &cause);
	gauntlet_tail_show(&one->tail, LINES_KEPT, "", &output);
	add_status(found, out);
	add_text_member("how", cause.length > 0 ? cause.data : "", out);
	buffer_add_format(out, ",\"met\":%s", found->met ? "true" : "false");
	add_text_member("missing", found->met ? NULL : found->missing, out);
	add_list_member("broken", found->expected, out);
	add_list_member("warnings", found->warnings, out);
	buffer_add_format(out, ",\"unmatched\":%" PRIu64 ",\"calls\":%" PRIu64, found->unmatched, found->calls);
	buffer_add_format(out, ",\"scale\":%d,\"took_ms\":%" PRId64, (int)found->scale, one->took_ms);
	buffer_add_format(out, ",\"written\":%" PRIu64, one->tail.written);
	add_text_member("output", output.length > 0 ? output.data : "", out);
	buffer_release(&cause);
	buffer_release(&output);
}

static void add_entry(const struct gauntlet *gauntlet, const struct gauntlet_case *one, struct buffer *out)
{
	buffer_add_format(out, "{\"id\":\"%s\"", one->failure->facts.id);
	add_text_member("name", one->failure->name, out);
	add_text_member("title", one->failure->title, out);
	add_text_member("layer", one->failure->facts.layer, out);
	add_text_member("outcome", gauntlet_outcome_names[one->outcome], out);
	buffer_add_format(out, ",\"allowed\":%s", one->allowed ? "true" : "false");
	if (one->outcome != OUTCOME_NONE)
		add_found(gauntlet, one, out);
	buffer_add_text(out, "}");
}

static void add_json(const struct gauntlet *gauntlet, struct buffer *out)
{
	const struct options *options = gauntlet->options;

	buffer_add_text(out, "{\"version\":\"" CPGW_VERSION "\",\"command\":[");
	for (size_t i = 0; i < options->operand_count; i++) {
		if (i > 0)
			buffer_add_text(out, ",");
		buffer_add_quoted(out, options->operands[i], strlen(options->operands[i]));
	}
	buffer_add_format(out, "],\"timeout_ms\":%" PRId64 ",\"strict\":%s,\"stopped\":%s", options->timeout_ms,
	                  options->strict ? "true" : "false", gauntlet->stopped ? "true" : "false");
	buffer_add_format(out, ",\"run\":%zu,\"counts\":{", gauntlet->run);
	for (int i = OUTCOME_SURVIVED; i < OUTCOME_COUNT; i++)
		buffer_add_format(out, "%s\"%s\":%zu", i > OUTCOME_SURVIVED ? "," : "", gauntlet_outcome_names[i],
		                  gauntlet->counts[i]);
	buffer_add_text(out, "},\"entries\":[");
	for (size_t i = 0; i < gauntlet->count; i++) {
		buffer_add_text(out, i > 0 ? ",\n" : "\n");
		add_entry(gauntlet, &gauntlet->cases[i], out);
	}
	buffer_add_text(out, "\n]}\n");
}

static bool write_json(const struct gauntlet *gauntlet, struct error *error)
{
	struct whole_file file;
	struct buffer text = { 0 };
	bool good = whole_file_open(&file, gauntlet->options->json, error);

	if (good && file.path) {
		add_json(gauntlet, &text);
		good = whole_file_write(&file, &text, error);
	}
	buffer_release(&text);
	whole_file_close(&file);
	return good;
}

/* ---- JUnit XML ---- */

static const char *skipped_of(const struct gauntlet_case *one, const struct buffer *cause)
{
	if (one->outcome == OUTCOME_NONE)
		return "it did not run to its end";
	if (one->outcome == OUTCOME_NOT_MET)
		return cause->data;
	return one->allowed && gauntlet_fails(one->outcome) ? "it failed, and may (--allow)" : NULL;
}

static void add_testcase(const struct gauntlet *gauntlet, const struct gauntlet_case *one, struct junit_suite *suite)
{
	struct buffer cause = { 0 };
	struct buffer failed = { 0 };
	struct buffer details = { 0 };
	struct junit_case testcase = {
		.class_name = "gauntlet",
		.name = one->failure->name,
		.took_ms = one->took_ms,
		.type = gauntlet_outcome_names[one->outcome],
	};

	gauntlet_add_cause(gauntlet, one, &cause);
	buffer_add_format(&failed, "%s: %s", gauntlet_outcome_names[one->outcome], cause.length > 0 ? cause.data : "");
	if (gauntlet_fails(one->outcome))
		buffer_add_format(&details, "Symptom: %s\nRemedy: %s\n", one->failure->facts.symptom,
		                  one->failure->facts.remedy);
	gauntlet_tail_show(&one->tail, LINES_KEPT, "", &details);
	testcase.skipped = skipped_of(one, &cause);
	testcase.failed = gauntlet_fails(one->outcome) ? failed.data : NULL;
	testcase.details = details.length > 0 ? details.data : "";
	junit_suite_add(suite, &testcase);
	suite->cases.failed |= buffer_failed(&cause) || buffer_failed(&failed) || buffer_failed(&details);
	buffer_release(&cause);
	buffer_release(&failed);
	buffer_release(&details);
}

static bool write_junit(const struct gauntlet *gauntlet, struct error *error)
{
	struct junit_suite suite = { 0 };
	struct junit junit;
	bool good = junit_open(&junit, gauntlet->options->junit, gauntlet->options->strict, error);

	if (good && junit.file.path) {
		junit_suite_add_property(&suite, "version", CPGW_VERSION);
		for (size_t i = 0; i < gauntlet->count; i++)
			add_testcase(gauntlet, &gauntlet->cases[i], &suite);
		junit_add_suite(&junit, "gauntlet", &suite);
		good = junit_write(&junit, error);
	}
	junit_close(&junit);
	return good;
}

/* ---- both ---- */

bool gauntlet_files_write(const struct gauntlet *gauntlet, struct error *error)
{
	return write_junit(gauntlet, error) && write_json(gauntlet, error);
}

static bool can_write(const char *path, struct error *error)
{
	struct whole_file file;
	const bool good = whole_file_open(&file, path, error);

	whole_file_close(&file);
	return good;
}

bool gauntlet_files_check(const struct options *options, struct error *error)
{
	return can_write(options->junit, error) && can_write(options->json, error);
}
