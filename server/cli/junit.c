#include "cli/junit.h"

#include "core/expect.h"
#include "core/expect_report.h"
#include "core/utf8.h"
#include "wire/write_all.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- XML ---- */

static const char *entity_of(char byte)
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\t':
		return "&#9;"; /* attributes would lose these three */
	case '\n':
		return "&#10;";
	case '\r':
		return "&#13;";
	default: /* all other bytes */
		return NULL;
	}
}

/* U+FFFE and U+FFFF are well-formed UTF-8, and not XML. */
static bool is_xml(const char *text, size_t length)
{
	if (length == 1)
		return (unsigned char)*text >= 0x20;
	return length > 0 && !(length == 3 && memcmp(text, "\xEF\xBF", 2) == 0 && (unsigned char)text[2] >= 0xBE);
}

void junit_add_escaped(struct buffer *out, const char *text, size_t length)
{
	while (length > 0) {
		const char *entity = entity_of(*text);
		size_t step = utf8_length(text, length);

		if (entity) {
			buffer_add_text(out, entity);
		} else if (is_xml(text, step)) {
			buffer_add(out, text, step);
		} else {
			step = 1;
			buffer_add_format(out, "\\x%02X", (unsigned char)*text);
		}
		text += step;
		length -= step;
	}
}

static void add_attribute(struct buffer *out, const char *name, const char *value)
{
	buffer_add_format(out, " %s=\"", name);
	junit_add_escaped(out, value, strlen(value));
	buffer_add_text(out, "\"");
}

/* A line a line: inside of elements newlines stand for themselves. */
static void add_lines(struct buffer *out, const char *text)
{
	while (*text) {
		const size_t length = strcspn(text, "\n");

		junit_add_escaped(out, text, length);
		text += length;
		if (*text)
			buffer_add_text(out, "\n");
		text += *text == '\n';
	}
}

/* ---- testcases ---- */

struct outcome {
	const char *name;
	const char *skipped; /* why it was not judged, or NULL */
	const char *failed;  /* how it failed in a sentence, or NULL */
	const char *type;    /* of the failure */
	const char *details; /* lines; "" when there are none */
};

static void add_outcome(struct buffer *out, const struct entry *entry, const struct outcome *outcome)
{
	buffer_add_text(out, "    <testcase");
	buffer_add_text(out, " classname=\"cpgw-mock.");
	junit_add_escaped(out, entry->name, strlen(entry->name));
	buffer_add_text(out, "\"");
	add_attribute(out, "name", outcome->name);
	buffer_add_text(out, " time=\"0\"");
	if (outcome->skipped) {
		buffer_add_text(out, ">\n      <skipped");
		add_attribute(out, "message", outcome->skipped);
		buffer_add_text(out, "/>\n    </testcase>\n");
	} else if (outcome->failed) {
		buffer_add_text(out, ">\n      <failure");
		add_attribute(out, "message", outcome->failed);
		add_attribute(out, "type", outcome->type);
		buffer_add_text(out, ">");
		add_lines(out, outcome->details);
		buffer_add_text(out, "</failure>\n    </testcase>\n");
	} else if (*outcome->details) {
		buffer_add_text(out, ">\n      <system-out>");
		add_lines(out, outcome->details);
		buffer_add_text(out, "</system-out>\n    </testcase>\n");
	} else {
		buffer_add_text(out, "/>\n");
	}
}

struct suite {
	struct buffer cases;
	size_t tests;
	size_t failures;
	size_t skipped;
};

static void count_outcome(struct suite *suite, const struct entry *entry, const struct outcome *outcome)
{
	suite->tests++;
	suite->failures += outcome->failed != NULL;
	suite->skipped += outcome->skipped != NULL;
	add_outcome(&suite->cases, entry, outcome);
}

static void add_expectation(const struct junit *junit, const struct entry *entry, size_t index,
                            const struct expectation_result *result, struct suite *suite)
{
	struct outcome outcome = { .name = result->name, .type = "expectation", .details = "" };
	struct buffer details = { 0 };

	switch (result->outcome) {
	case EXPECTATION_MET:
		break;
	case EXPECTATION_PENDING:
		outcome.skipped = "not decided: its time had not run out";
		break;
	case EXPECTATION_BROKEN:
		expect_report_one(&entry->gateway->emulator, index, junit->strict, &details);
		outcome.details = details.data ? details.data : "";
		if (junit->strict || !result->is_warning)
			outcome.failed = result->text;
		break;
	}
	count_outcome(suite, entry, &outcome);
	buffer_release(&details);
}

static void add_unmatched(const struct junit *junit, const struct entry *entry, const struct buffer *unmatched,
                          struct suite *suite)
{
	struct outcome outcome = { .name = "unmatched_calls", .type = "unmatched", .details = "" };

	if (unmatched->length > 0) {
		outcome.details = unmatched->data;
		if (junit->strict)
			outcome.failed = "the client made calls that nothing was meant for";
	}
	count_outcome(suite, entry, &outcome);
}

/* ---- the whole ---- */

static void add_counts(struct buffer *out, size_t tests, size_t failures, size_t skipped)
{
	buffer_add_format(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"0\">\n", tests,
	                  failures, skipped);
}

static void add_properties(struct buffer *out, const struct entry *entry)
{
	buffer_add_text(out, "    <properties>\n      <property name=\"scenario\"");
	add_attribute(out, "value", entry->machine->machine.name);
	buffer_add_format(out, "/>\n      <property name=\"seed\" value=\"%" PRIu64 "\"/>\n    </properties>\n",
	                  entry->gateway->emulator.seed);
}

void junit_add_gateway(struct junit *junit, const struct entry *entry, const struct buffer *unmatched)
{
	struct suite suite = { 0 };
	struct expectation_result result;

	if (!junit->path)
		return;
	for (size_t i = 0; expect_result(&entry->gateway->emulator, i, &result); i++)
		add_expectation(junit, entry, i, &result, &suite);
	add_unmatched(junit, entry, unmatched, &suite);
	buffer_add_text(&junit->suites, "  <testsuite");
	add_attribute(&junit->suites, "name", entry->name);
	add_counts(&junit->suites, suite.tests, suite.failures, suite.skipped);
	add_properties(&junit->suites, entry);
	buffer_add(&junit->suites, suite.cases.data, suite.cases.length);
	buffer_add_text(&junit->suites, "  </testsuite>\n");
	junit->suites.failed = junit->suites.failed || buffer_failed(&suite.cases);
	junit->tests += suite.tests;
	junit->failures += suite.failures;
	junit->skipped += suite.skipped;
	buffer_release(&suite.cases);
}

static bool cannot_write(const struct junit *junit, const char *why, struct error *error)
{
	error_set(error, "cannot write %s: %s", junit->path, why);
	return false;
}

bool junit_open(struct junit *junit, const char *path, bool strict, struct error *error)
{
	struct stat there;

	*junit = (struct junit){ .path = path, .fd = -1, .strict = strict };
	if (!path)
		return true;
	/* A device, or a folder, is not to be replaced. */
	if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
		return cannot_write(junit, "it is there, and is no file", error);
	buffer_add_format(&junit->beside, "%s.XXXXXX", path);
	if (buffer_failed(&junit->beside))
		return cannot_write(junit, "memory ran out", error);
	junit->fd = mkostemp(junit->beside.data, O_CLOEXEC);
	if (junit->fd >= 0)
		return true;
	buffer_release(&junit->beside);
	return cannot_write(junit, strerror(errno), error);
}

/* As if it had been made by its name: mkostemp() lets only us read. */
static void give_usual_mode(int fd)
{
	const mode_t mask = umask(0);

	umask(mask);
	fchmod(fd, 0666 & ~mask);
}

bool junit_write(struct junit *junit, struct error *error)
{
	struct buffer head = { 0 };
	bool good;

	if (!junit->path)
		return true;
	buffer_add_text(&junit->suites, "</testsuites>\n");
	buffer_add_text(&head, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"cpgw-mock\"");
	add_counts(&head, junit->tests, junit->failures, junit->skipped);
	good = !buffer_failed(&head) && !buffer_failed(&junit->suites);
	if (!good)
		errno = ENOMEM;
	give_usual_mode(junit->fd);
	good = good && write_all(junit->fd, head.data, head.length) &&
	       write_all(junit->fd, junit->suites.data, junit->suites.length) &&
	       rename(junit->beside.data, junit->path) == 0;
	buffer_release(&head);
	if (!good)
		return cannot_write(junit, strerror(errno), error);
	buffer_release(&junit->beside);
	return true;
}

void junit_close(struct junit *junit)
{
	if (junit->beside.length > 0)
		unlink(junit->beside.data);
	if (junit->path && junit->fd >= 0)
		close(junit->fd);
	buffer_release(&junit->beside);
	buffer_release(&junit->suites);
	*junit = (struct junit){ .fd = -1 };
}
