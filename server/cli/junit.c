#include "cli/junit.h"

#include "core/expect.h"
#include "core/expect_report.h"
#include "core/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

static void add_seconds(struct buffer *out, int64_t ms)
{
	if (ms == 0)
		buffer_add_text(out, " time=\"0\"");
	else
		buffer_add_format(out, " time=\"%" PRId64 ".%03d\"", ms / 1000, (int)(ms % 1000));
}

static void add_case(struct buffer *out, const struct junit_case *one)
{
	buffer_add_text(out, "    <testcase classname=\"cpgw-mock.");
	junit_add_escaped(out, one->class_name, strlen(one->class_name));
	buffer_add_text(out, "\"");
	add_attribute(out, "name", one->name);
	add_seconds(out, one->took_ms);
	if (!one->skipped && !one->failed && !*one->details) {
		buffer_add_text(out, "/>\n");
		return;
	}
	buffer_add_text(out, ">\n");
	if (one->skipped) {
		buffer_add_text(out, "      <skipped");
		add_attribute(out, "message", one->skipped);
		buffer_add_text(out, "/>\n");
	} else if (one->failed) {
		buffer_add_text(out, "      <failure");
		add_attribute(out, "message", one->failed);
		add_attribute(out, "type", one->type);
		buffer_add_text(out, ">");
		add_lines(out, one->details);
		buffer_add_text(out, "</failure>\n");
	}
	if (!one->failed && *one->details) {
		buffer_add_text(out, "      <system-out>");
		add_lines(out, one->details);
		buffer_add_text(out, "</system-out>\n");
	}
	buffer_add_text(out, "    </testcase>\n");
}

void junit_suite_add(struct junit_suite *suite, const struct junit_case *one)
{
	suite->tests++;
	suite->failures += one->failed != NULL && !one->skipped;
	suite->skipped += one->skipped != NULL;
	add_case(&suite->cases, one);
}

void junit_suite_add_property(struct junit_suite *suite, const char *name, const char *value)
{
	buffer_add_text(&suite->properties, "      <property");
	add_attribute(&suite->properties, "name", name);
	add_attribute(&suite->properties, "value", value);
	buffer_add_text(&suite->properties, "/>\n");
}

static void add_expectation(const struct junit *junit, const struct entry *entry, size_t index,
                            const struct expectation_result *result, struct junit_suite *suite)
{
	struct junit_case outcome = {
		.class_name = entry->name, .name = result->name, .type = "expectation", .details = ""
	};
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
	junit_suite_add(suite, &outcome);
	buffer_release(&details);
}

static void add_unmatched(const struct junit *junit, const struct entry *entry, const struct buffer *unmatched,
                          struct junit_suite *suite)
{
	struct junit_case outcome = {
		.class_name = entry->name, .name = "unmatched_calls", .type = "unmatched", .details = ""
	};

	if (unmatched->length > 0) {
		outcome.details = unmatched->data;
		if (junit->strict)
			outcome.failed = "the client made calls that nothing was meant for";
	}
	junit_suite_add(suite, &outcome);
}

/* ---- the whole ---- */

static void add_counts(struct buffer *out, size_t tests, size_t failures, size_t skipped)
{
	buffer_add_format(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"0\">\n", tests,
	                  failures, skipped);
}

void junit_add_suite(struct junit *junit, const char *name, struct junit_suite *suite)
{
	buffer_add_text(&junit->suites, "  <testsuite");
	add_attribute(&junit->suites, "name", name);
	add_counts(&junit->suites, suite->tests, suite->failures, suite->skipped);
	buffer_add_text(&junit->suites, "    <properties>\n");
	buffer_add(&junit->suites, suite->properties.data, suite->properties.length);
	buffer_add_text(&junit->suites, "    </properties>\n");
	buffer_add(&junit->suites, suite->cases.data, suite->cases.length);
	buffer_add_text(&junit->suites, "  </testsuite>\n");
	junit->suites.failed |= buffer_failed(&suite->cases) || buffer_failed(&suite->properties);
	junit->tests += suite->tests;
	junit->failures += suite->failures;
	junit->skipped += suite->skipped;
	buffer_release(&suite->properties);
	buffer_release(&suite->cases);
}

void junit_add_gateway(struct junit *junit, const struct entry *entry, const struct buffer *unmatched)
{
	struct junit_suite suite = { 0 };
	struct expectation_result result;
	char seed[24];

	if (!junit->file.path)
		return;
	snprintf(seed, sizeof seed, "%" PRIu64, entry->gateway->emulator.seed);
	junit_suite_add_property(&suite, "scenario", entry->machine->machine.name);
	junit_suite_add_property(&suite, "seed", seed);
	for (size_t i = 0; expect_result(&entry->gateway->emulator, i, &result); i++)
		add_expectation(junit, entry, i, &result, &suite);
	add_unmatched(junit, entry, unmatched, &suite);
	junit_add_suite(junit, entry->name, &suite);
}

bool junit_open(struct junit *junit, const char *path, bool strict, struct error *error)
{
	*junit = (struct junit){ .strict = strict };
	return whole_file_open(&junit->file, path, error);
}

bool junit_write(struct junit *junit, struct error *error)
{
	struct buffer whole = { 0 };
	bool good;

	if (!junit->file.path)
		return true;
	buffer_add_text(&whole, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"cpgw-mock\"");
	add_counts(&whole, junit->tests, junit->failures, junit->skipped);
	buffer_add(&whole, junit->suites.data, junit->suites.length);
	buffer_add_text(&whole, "</testsuites>\n");
	whole.failed |= buffer_failed(&junit->suites);
	good = whole_file_write(&junit->file, &whole, error);
	buffer_release(&whole);
	return good;
}

void junit_close(struct junit *junit)
{
	whole_file_close(&junit->file);
	buffer_release(&junit->suites);
}
