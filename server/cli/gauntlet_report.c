/*
 * The matrix for people. At a terminal: in colour, with a line at the bottom that says who runs. Anywhere else plain: no
 * control bytes, and nothing that differs from one run to the next, such as times, so that two logs can be compared.
 */
#include "cli/gauntlet.h"

#include "cli/wrap.h"
#include "wire/hub.h"
#include "wire/write_all.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Lines of a failed command's output that are shown. */
#define LINES_SHOWN 12
#define COLUMNS_USUAL 80
#define COLUMNS_LEAST 40

const char *const gauntlet_outcome_names[OUTCOME_COUNT] = {
	[OUTCOME_NONE] = "not run", [OUTCOME_SURVIVED] = "survived", [OUTCOME_NOT_MET] = "not met",
	[OUTCOME_BROKE] = "broke",  [OUTCOME_FAILED] = "failed",     [OUTCOME_HUNG] = "hung",
};

static const struct {
	const char *colour;
	const char *symbol;
} looks[OUTCOME_COUNT] = {
	[OUTCOME_NONE] = { "2", "\xc2\xb7" },        [OUTCOME_SURVIVED] = { "32", "\xe2\x9c\x93" },
	[OUTCOME_NOT_MET] = { "2", "\xc2\xb7" },     [OUTCOME_BROKE] = { "33", "!" },
	[OUTCOME_FAILED] = { "31", "\xe2\x9c\x97" }, [OUTCOME_HUNG] = { "35", "\xe2\x88\x9e" },
};

/* ---- the terminal ---- */

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

static bool shows_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG", NULL };

	for (const char *const *name = names; *name; name++) {
		const char *value = getenv(*name);

		if (value && *value)
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

static size_t columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < COLUMNS_LEAST)
		return COLUMNS_USUAL;
	return size.ws_col;
}

static void begin_colour(const struct gauntlet_report *report, const char *colour, struct buffer *out)
{
	if (report->colour)
		buffer_add_format(out, "\x1b[%sm", colour);
}

static void end_colour(const struct gauntlet_report *report, struct buffer *out)
{
	if (report->colour)
		buffer_add_text(out, "\x1b[0m");
}

static void say(struct gauntlet_report *report, struct buffer *text)
{
	if (text->length > 0 && !report->failed)
		report->failed = buffer_failed(text) || !write_all(STDOUT_FILENO, text->data, text->length);
	buffer_release(text);
}

static void wipe_progress(struct gauntlet_report *report, struct buffer *out)
{
	if (report->has_progress)
		buffer_add_text(out, "\r\x1b[K");
	report->has_progress = false;
}

/* ---- how a run came out, in words ---- */

static void add_and(struct buffer *out)
{
	if (out->length > 0)
		buffer_add_text(out, "; ");
}

/* What is expected of the client, and whether that is a failure is the outcome's affair. */
static void add_broken(const struct gauntlet_found *found, struct buffer *out)
{
	if (found->broken > 0) {
		add_and(out);
		buffer_add_format(out, "broke %s", found->expected);
	}
	if (found->warned > 0) {
		add_and(out);
		buffer_add_format(out, "warned of %s", found->warnings);
	}
	if (found->unmatched > 0) {
		add_and(out);
		buffer_add_format(out, "%" PRIu64 " call%s that nothing was meant for", found->unmatched,
		                  found->unmatched == 1 ? "" : "s");
	}
}

static void add_duration(int64_t ms, struct buffer *out)
{
	if (ms % 1000 == 0)
		buffer_add_format(out, "%" PRId64 "s", ms / 1000);
	else
		buffer_add_format(out, "%" PRId64 "ms", ms);
}

void gauntlet_add_cause(const struct gauntlet *gauntlet, const struct gauntlet_case *one, struct buffer *out)
{
	const struct gauntlet_found *found = &one->found;
	struct buffer cause = { 0 };

	if (!one->told) {
		buffer_add_text(out, "its gateway ended before its time");
		return;
	}
	if (found->timed_out) {
		buffer_add_text(&cause, "still ran after ");
		add_duration(gauntlet->options->timeout_ms, &cause);
	} else if (!found->ended) {
		buffer_add_text(&cause, "could not be ended");
	} else if (WIFSIGNALED(found->status)) {
		buffer_add_format(&cause, "ended by signal %d (%s)", WTERMSIG(found->status),
		                  strsignal(WTERMSIG(found->status)));
	} else if (WEXITSTATUS(found->status) != 0) {
		buffer_add_format(&cause, "exit status %d", WEXITSTATUS(found->status));
	}
	if (!found->met) {
		add_and(&cause);
		buffer_add_format(&cause, "never met: %s", found->missing);
	}
	add_broken(found, &cause);
	buffer_add(out, cause.data, cause.length);
	buffer_release(&cause);
}

/* ---- rows ---- */

/* Where titles begin. */
static size_t title_column(const struct gauntlet_report *report)
{
	size_t column = 8 + 10; /* the id, how it came out */

	if (report->symbols)
		column += 2;
	if (report->live)
		column += 2 + 11; /* the margin, how long it took */
	return column;
}

/* Where that column of a text is, on this side of a character's first byte, or its end. */
static const char *at_column(const char *text, size_t column)
{
	size_t shown = 0;

	for (; *text && shown < column; text++)
		shown += ((unsigned char)*text & 0xC0) != 0x80;
	while (*text && ((unsigned char)*text & 0xC0) == 0x80)
		text++;
	return text;
}

/* A text that is cut where the terminal ends, and says so. */
static void add_cut(const struct gauntlet_report *report, const char *text, size_t room, struct buffer *out)
{
	const bool fits = *at_column(text, room) == '\0';
	const char *end = at_column(text, fits ? room : room - (report->symbols ? 1 : 3));

	buffer_add(out, text, (size_t)(end - text));
	if (!fits)
		buffer_add_text(out, report->symbols ? "\xe2\x80\xa6" : "...");
}

/* What there is to be said of a row: below its title, in as many lines as it takes where lines have an end. */
static void add_remark(const struct gauntlet_report *report, const char *text, struct buffer *out)
{
	const size_t at = title_column(report);
	struct buffer lines = { 0 };

	wrap_add_within(&lines, report->live ? columns() : SIZE_MAX, at, at, text);
	buffer_add_format(out, "%*s", (int)at, "");
	begin_colour(report, "2", out);
	if (lines.length > 0)
		buffer_add(out, lines.data, lines.length - 1); /* without its last newline */
	end_colour(report, out);
	buffer_add_text(out, "\n");
	buffer_release(&lines);
}

static void add_took(const struct gauntlet_report *report, const struct gauntlet_case *one, struct buffer *out)
{
	if (report->live)
		buffer_add_format(out, "%6" PRId64 ".%ds  ", one->took_ms / 1000, (int)(one->took_ms % 1000 / 100));
}

static void add_row(const struct gauntlet_report *report, const struct gauntlet_case *one, struct buffer *out)
{
	const size_t room = report->live ? columns() - title_column(report) : SIZE_MAX;
	struct buffer remark = { 0 };

	if (report->live)
		buffer_add_text(out, "  ");
	begin_colour(report, looks[one->outcome].colour, out);
	if (report->symbols)
		buffer_add_format(out, "%s ", looks[one->outcome].symbol);
	buffer_add_format(out, "%-8s%-10s", one->failure->facts.id, gauntlet_outcome_names[one->outcome]);
	end_colour(report, out);
	add_took(report, one, out);
	add_cut(report, one->failure->title, room, out);
	buffer_add_text(out, "\n");
	if (one->outcome == OUTCOME_NONE)
		return;
	gauntlet_add_cause(report->gauntlet, one, &remark);
	if (one->allowed && gauntlet_fails(one->outcome)) {
		add_and(&remark);
		buffer_add_text(&remark, "it may (--allow)");
	}
	if (remark.length > 0)
		add_remark(report, remark.data, out);
	buffer_release(&remark);
}

/* ---- who runs ---- */

static void add_progress(struct gauntlet_report *report, struct buffer *out)
{
	const struct gauntlet *gauntlet = report->gauntlet;
	const int64_t now_ms = monotonic_ms();
	struct buffer line = { 0 };
	size_t failed = 0;

	for (size_t i = 0; i < gauntlet->count; i++)
		failed += gauntlet_fails(gauntlet->cases[i].outcome);
	buffer_add_format(&line, "  %zu/%zu", gauntlet->run, gauntlet->count);
	if (failed > 0)
		buffer_add_format(&line, ", %zu failed", failed);
	if (gauntlet->stopped)
		buffer_add_text(&line, ", stopping");
	for (size_t i = 0; i < gauntlet->count; i++)
		if (gauntlet->cases[i].phase == PHASE_RUNS)
			buffer_add_format(&line, "  %s %" PRId64 "s", gauntlet->cases[i].failure->facts.id,
			                  (now_ms - gauntlet->cases[i].began_ms) / 1000);
	if (line.length > 0) {
		begin_colour(report, "2", out);
		add_cut(report, line.data, columns() - 1, out);
		end_colour(report, out);
		report->has_progress = true;
	}
	buffer_release(&line);
}

void gauntlet_report_go_on(struct gauntlet_report *report)
{
	const struct gauntlet *gauntlet = report->gauntlet;
	struct buffer out = { 0 };
	bool runs = false;

	wipe_progress(report, &out);
	for (; report->shown < gauntlet->count; report->shown++) {
		const struct gauntlet_case *one = &gauntlet->cases[report->shown];

		if (one->phase != PHASE_DONE || one->outcome == OUTCOME_NONE)
			break;
		add_row(report, one, &out);
	}
	for (size_t i = 0; i < gauntlet->count; i++)
		runs = runs || gauntlet->cases[i].phase == PHASE_RUNS;
	if (report->live && runs)
		add_progress(report, &out);
	say(report, &out);
}

/* ---- the end ---- */

/* Only who was ended or never began is behind one that has been shown. */
static void add_late_rows(struct gauntlet_report *report, struct buffer *out)
{
	const struct gauntlet *gauntlet = report->gauntlet;

	for (; report->shown < gauntlet->count; report->shown++)
		if (gauntlet->cases[report->shown].outcome != OUTCOME_NONE)
			add_row(report, &gauntlet->cases[report->shown], out);
}

static void add_paragraph(const char *name, const char *text, struct buffer *out)
{
	buffer_add_format(out, "  %-9s", name);
	wrap_add(out, 11, 11, text);
}

static void add_output(const struct gauntlet_case *one, struct buffer *out)
{
	struct buffer lines = { 0 };
	const size_t left_out = gauntlet_tail_show(&one->tail, LINES_SHOWN, "    | ", &lines);

	if (lines.length == 0)
		add_paragraph("Output", "none", out);
	else
		add_paragraph("Output",
		              left_out > 0 || one->tail.written > one->tail.used ? "its last lines" : "all of it", out);
	buffer_add(out, lines.data, lines.length);
	buffer_release(&lines);
}

static void add_failure(const struct gauntlet_report *report, const struct gauntlet_case *one, struct buffer *out)
{
	struct buffer cause = { 0 };

	gauntlet_add_cause(report->gauntlet, one, &cause);
	buffer_add_text(out, "\n");
	begin_colour(report, report->colour ? "1" : "", out);
	buffer_add_format(out, "%s %s", one->failure->name, gauntlet_outcome_names[one->outcome]);
	end_colour(report, out);
	buffer_add_text(out, "\n");
	if (cause.length > 0)
		add_paragraph("How", cause.data, out);
	add_paragraph("Symptom", one->failure->facts.symptom, out);
	add_paragraph("Remedy", one->failure->facts.remedy, out);
	add_output(one, out);
	buffer_release(&cause);
}

static void add_sum(const struct gauntlet_report *report, struct buffer *out)
{
	const struct gauntlet *gauntlet = report->gauntlet;
	const char *before = ": ";

	buffer_add_text(out, "\n");
	begin_colour(report, "1", out);
	buffer_add_format(out, "%zu run%s", gauntlet->run, gauntlet->run == 1 ? "" : "s");
	end_colour(report, out);
	for (int i = OUTCOME_SURVIVED; i < OUTCOME_COUNT; i++) {
		if (gauntlet->counts[i] == 0)
			continue;
		buffer_add_text(out, before);
		begin_colour(report, looks[i].colour, out);
		buffer_add_format(out, "%zu %s", gauntlet->counts[i], gauntlet_outcome_names[i]);
		end_colour(report, out);
		before = ", ";
	}
	buffer_add_text(out, "\n");
	if (gauntlet->allowed_failed > 0)
		buffer_add_format(out, "%zu of these may fail (--allow)\n", gauntlet->allowed_failed);
	if (gauntlet->stopped)
		buffer_add_format(out, "stopped by signal %d (%s): %zu did not run to their end\n",
		                  gauntlet->stop_signal, strsignal(gauntlet->stop_signal),
		                  gauntlet->count - gauntlet->run);
}

/* The list of what may fail is kept short by telling. */
static void add_stale(const struct gauntlet *gauntlet, struct buffer *out)
{
	for (size_t i = 0; i < gauntlet->count; i++) {
		const struct gauntlet_case *one = &gauntlet->cases[i];

		if (one->allowed && one->outcome == OUTCOME_SURVIVED)
			buffer_add_format(out, "%s may fail (--allow) and survived: it can come off the list\n",
			                  one->failure->facts.id);
	}
}

void gauntlet_report_begin(struct gauntlet_report *report, const struct gauntlet *gauntlet)
{
	const char *terminal = getenv("TERM");
	struct buffer out = { 0 };

	*report = (struct gauntlet_report){ .gauntlet = gauntlet };
	report->live = isatty(STDOUT_FILENO) && terminal && *terminal && strcmp(terminal, "dumb") != 0;
	report->colour = report->live && !is_set("NO_COLOR");
	report->symbols = report->live && shows_utf8();
	if (report->live)
		buffer_add_text(&out, "\n");
	begin_colour(report, "1", &out);
	buffer_add_format(&out, "%sThe gauntlet: %zu known failure%s of the real gateway", report->live ? "  " : "",
	                  gauntlet->count, gauntlet->count == 1 ? "" : "s");
	end_colour(report, &out);
	buffer_add_text(&out, "\n\n");
	say(report, &out);
}

void gauntlet_report_end(struct gauntlet_report *report)
{
	const struct gauntlet *gauntlet = report->gauntlet;
	struct buffer out = { 0 };

	wipe_progress(report, &out);
	add_late_rows(report, &out);
	for (size_t i = 0; i < gauntlet->count; i++)
		if (gauntlet_fails(gauntlet->cases[i].outcome) && !gauntlet->cases[i].allowed)
			add_failure(report, &gauntlet->cases[i], &out);
	add_sum(report, &out);
	add_stale(gauntlet, &out);
	say(report, &out);
}
