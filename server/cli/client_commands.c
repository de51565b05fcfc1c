/*
 * cpgw-mock as a client of one that serves: a shell script needs no curl. Each command is one call to the control API;
 * --format json shows its answer as it came.
 */
#include "cli/asking.h"
#include "cli/command.h"
#include "cli/say.h"
#include "core/calendar.h"
#include "core/json.h"
#include "core/limits.h"

#include <stdio.h>
#include <string.h>

/* How long --follow has one call wait. */
#define FOLLOW_MS 60000

static void add_json_body(struct buffer *body, const char *name, const char *value)
{
	buffer_add_format(body, "{\"%s\":\"", name);
	buffer_add_json_text(body, value, strlen(value));
	buffer_add_text(body, "\"}");
}

/* ---- state, event ---- */

static enum exit_code show_state(const struct options *options, const struct asking *asking)
{
	struct buffer out = { 0 };

	if (options->format == FORMAT_JSON)
		buffer_add(&out, asking->reply.body.data, asking->reply.body.length);
	else
		buffer_add_format(&out, "%s\n", asking_text(asking->tree, "state"));
	return asking_print(&out);
}

static enum exit_code state_run(const struct options *options)
{
	struct asking asking;
	struct buffer path = { 0 };
	enum exit_code code = asking_begin(&asking, options, command_state.name);
	int64_t patience_ms = ASKING_PATIENCE_MS;

	if (options->wait_state) {
		buffer_add_text(&path, "/state/wait?state=");
		admin_add_escaped(&path, options->wait_state);
		buffer_add_format(&path, "&timeout=%lldms", (long long)options->wait_ms);
		patience_ms += options->wait_ms;
	} else {
		buffer_add_text(&path, "/state");
	}
	if (code == EXIT_FINE)
		code = asking_call(&asking, "GET", path.data, NULL, patience_ms);
	if (code == EXIT_FINE)
		code = show_state(options, &asking);
	buffer_release(&path);
	asking_release(&asking);
	return code;
}

static enum exit_code event_run(const struct options *options)
{
	struct asking asking;
	struct buffer body = { 0 };
	enum exit_code code = asking_begin(&asking, options, command_event.name);

	add_json_body(&body, "event", options->operands[0]);
	if (code == EXIT_FINE)
		code = asking_call(&asking, "PUT", "/state", body.data, ASKING_PATIENCE_MS);
	if (code == EXIT_FINE)
		code = show_state(options, &asking);
	buffer_release(&body);
	asking_release(&asking);
	return code;
}

/* ---- clock ---- */

static const char *const clock_choices[] = { "show", "freeze",  "resume",          "scale",
	                                     "set",  "advance", "advance-to-next", NULL };

/* What a move of the clock wants to know. */
static const struct {
	const char *verb;
	const char *member;
	const char *wanted;
	bool is_number;
} clock_moves[] = {
	{ "scale", "scale", "a whole number such as 60: how many times faster", true },
	{ "set", "to", "an instant such as 2026-03-02T14:30:00Z", false },
	{ "advance", "by", "a duration such as 5m", false },
};

/* Where it is more than the name says. */
static void add_reason(const cJSON *fired, struct buffer *out)
{
	static const char *const with_words[] = { "answer", "expectation", "fault", NULL };

	for (const char *const *kind = with_words; *kind; kind++)
		if (strcmp(asking_text(fired, "kind"), *kind) == 0)
			buffer_add_format(out, ": %s", asking_text(fired, "why"));
}

static enum exit_code show_clock(const struct options *options, const struct asking *asking)
{
	const cJSON *clock = json_member(asking->tree, "clock");
	const cJSON *fired = json_member(asking->tree, "fired");
	struct buffer out = { 0 };

	if (options->format == FORMAT_JSON) {
		buffer_add(&out, asking->reply.body.data, asking->reply.body.length);
	} else {
		for (const cJSON *item = fired ? fired->child : NULL; item; item = item->next) {
			buffer_add_format(&out, "%s %s %s", asking_text(item, "time"), asking_text(item, "kind"),
			                  asking_text(item, "name"));
			if (strcmp(asking_text(item, "from"), asking_text(item, "to")) != 0)
				buffer_add_format(&out, " %s -> %s", asking_text(item, "from"),
				                  asking_text(item, "to"));
			add_reason(item, &out);
			buffer_add_text(&out, "\n");
		}
		buffer_add_format(&out, "%s %s", asking_text(clock, "now"), asking_text(clock, "mode"));
		if (strcmp(asking_text(clock, "mode"), "scaled") == 0)
			buffer_add_format(&out, ":%.0f", asking_number(clock, "scale"));
		buffer_add_text(&out, "\n");
	}
	return asking_print(&out);
}

/* "60", or as people say it, "60x". */
static bool add_number_body(struct buffer *body, const char *name, const char *text)
{
	const size_t digits = strspn(text, "0123456789");

	if (digits == 0 || (text[digits] && strcmp(text + digits, "x") != 0))
		return false;
	buffer_add_format(body, "{\"%s\":%.*s}", name, (int)digits, text);
	return true;
}

/* The body that a verb needs; false with a usage message when its operand is missing or one too many. */
static bool write_move(const struct options *options, const char *verb, struct buffer *body)
{
	const char *operand = options->operand_count > 1 ? options->operands[1] : NULL;
	struct error error;

	for (size_t i = 0; i < sizeof clock_moves / sizeof *clock_moves; i++) {
		if (strcmp(clock_moves[i].verb, verb) != 0)
			continue;
		if (!operand) {
			error_set(&error, "clock %s wants %s, found nothing more", verb, clock_moves[i].wanted);
			say_usage(command_clock.name, &error);
			return false;
		}
		if (!clock_moves[i].is_number) {
			add_json_body(body, clock_moves[i].member, operand);
			return true;
		}
		if (add_number_body(body, clock_moves[i].member, operand))
			return true;
		error_set(&error, "clock %s wants %s, found \"%.40s\"", verb, clock_moves[i].wanted, operand);
		say_usage(command_clock.name, &error);
		return false;
	}
	if (!operand)
		return true;
	error_set(&error, "clock %s wants nothing more, found \"%.80s\"", verb, operand);
	say_usage(command_clock.name, &error);
	return false;
}

static bool is_verb(const char *text, struct error *error)
{
	for (const char *const *verb = clock_choices; *verb; verb++)
		if (strcmp(*verb, text) == 0)
			return true;
	error_set(error,
	          "clock knows no \"%.80s\"; wanted show, freeze, resume, scale, set, advance or advance-to-next",
	          text);
	return false;
}

static enum exit_code clock_run(const struct options *options)
{
	const char *verb = options->operand_count > 0 ? options->operands[0] : "show";
	struct asking asking;
	struct buffer body = { 0 };
	struct buffer path = { 0 };
	struct error error;
	enum exit_code code;

	if (!is_verb(verb, &error))
		return say_usage(command_clock.name, &error);
	code = asking_begin(&asking, options, command_clock.name);
	if (code == EXIT_FINE && !write_move(options, verb, &body))
		code = EXIT_USAGE;
	if (strcmp(verb, "show") == 0)
		buffer_add_text(&path, "/clock");
	else
		buffer_add_format(&path, "/clock/%s", verb);
	if (code == EXIT_FINE)
		code = asking_call(&asking, strcmp(verb, "show") == 0 ? "GET" : "POST", path.data, body.data,
		                   CONTROL_WAIT_MAX_MS + ASKING_PATIENCE_MS);
	if (code == EXIT_FINE)
		code = show_clock(options, &asking);
	buffer_release(&body);
	buffer_release(&path);
	asking_release(&asking);
	return code;
}

/* ---- journal ---- */

/* "2026-03-02T14:30:00.000Z POST /v1/api/tickle authenticated 200": as the log has it. */
static void add_record_line(const cJSON *record, struct buffer *out)
{
	const cJSON *status = json_member(record, "status");
	const cJSON *stream = json_member(record, "stream");
	const char *before = asking_text(record, "before");
	const char *after = asking_text(record, "after");

	buffer_add_format(out, "%s ", asking_text(record, "time"));
	if (strcmp(asking_text(record, "kind"), "request") == 0)
		buffer_add_format(out, "%s %s", asking_text(record, "method"), asking_text(record, "target"));
	else if (strcmp(asking_text(record, "kind"), "frame") == 0)
		buffer_add_text(out, asking_text(record, "name"));
	else
		buffer_add_format(out, "%s %s", asking_text(record, "kind"), asking_text(record, "name"));
	if (stream)
		buffer_add_format(out, " #%d", (int)stream->valuedouble);
	if (*asking_text(record, "text"))
		buffer_add_format(out, ": %s%s", asking_text(record, "text"),
		                  stream && cJSON_IsTrue(json_member(record, "cut")) ? "…" : "");
	if (status || strcmp(before, after) != 0)
		buffer_add_format(out, " %s", before);
	if (strcmp(before, after) != 0)
		buffer_add_format(out, " -> %s", after);
	if (status && cJSON_IsNumber(status))
		buffer_add_format(out, " %d", (int)status->valuedouble);
	else if (status)
		buffer_add_text(out, " never");
	buffer_add_text(out, "\n");
}

/* Prints the records of one answer, and moves on to the id to ask from next. */
static enum exit_code show_records(const struct options *options, const struct asking *asking, int64_t *since)
{
	const cJSON *records = json_member(asking->tree, "records");
	const double lost = asking_number(asking->tree, "lost");
	const int64_t next = (int64_t)asking_number(asking->tree, "next");
	struct buffer out = { 0 };

	if (lost > 0 && options->format == FORMAT_TEXT)
		buffer_add_format(&out, "(%.0f record%s no longer kept)\n", lost, lost > 1 ? "s are" : " is");
	for (const cJSON *item = records ? records->child : NULL; item; item = item->next) {
		char *text = options->format == FORMAT_JSON ? cJSON_PrintUnformatted(item) : NULL;

		if (text)
			buffer_add_format(&out, "%s\n", text);
		else
			add_record_line(item, &out);
		cJSON_free(text);
	}
	*since = next > 0 ? next : 1;
	return asking_print(&out);
}

/* A journal is longer than one answer. */
static bool has_more(const struct asking *asking)
{
	return asking_number(asking->tree, "left_out") > 0;
}

/* Waits for more; an answer of 504 says that there was none in that time. */
static enum exit_code follow(const struct options *options, struct asking *asking, const char *pattern, int64_t since)
{
	struct error error;

	for (;;) {
		struct buffer path = { 0 };
		bool answered;

		buffer_add_format(&path, "/journal/wait?since=%lld&timeout=%dms&%s", (long long)since, FOLLOW_MS,
		                  pattern);
		cJSON_Delete(asking->tree);
		asking->tree = NULL;
		admin_reply_release(&asking->reply);
		answered = admin_call(&asking->admin, "GET", path.data, NULL, NULL, FOLLOW_MS + ASKING_PATIENCE_MS,
		                      &asking->reply, &error);
		buffer_release(&path);
		if (!answered)
			return say_error(EXIT_INTERNAL, &error);
		if (asking->reply.status == 504)
			continue;
		/* The gateway, or the process, has come to its end: that is the end of what there is to follow. */
		if (asking->reply.status == 503 || asking->reply.status == 410)
			return EXIT_FINE;
		if (asking->reply.status == 409)
			continue;
		if (asking->reply.status >= 300)
			return asking_refused(&asking->reply);
		asking->tree = cJSON_ParseWithLength(asking->reply.body.data, asking->reply.body.length);
		if (show_records(options, asking, &since) != EXIT_FINE)
			return EXIT_INTERNAL;
	}
}

/* It goes into a request's line. */
static bool is_pattern(const char *text)
{
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f)
			return false;
	return true;
}

static enum exit_code journal_run(const struct options *options)
{
	const char *pattern = options->operand_count > 0 ? options->operands[0] : "";
	struct asking asking;
	enum exit_code code = asking_begin(&asking, options, command_journal.name);
	int64_t since = options->since;
	struct error error;

	if (code == EXIT_FINE && !is_pattern(pattern)) {
		error_set(&error,
		          "journal wants a pattern as a URL has it, such as \"kind=frame&frame=tic\", a space as "
		          "\"+\"; found "
		          "\"%s\"",
		          pattern);
		code = say_usage(command_journal.name, &error);
	}

	while (code == EXIT_FINE) {
		struct buffer path = { 0 };

		buffer_add_format(&path, "/journal?since=%lld&%s", (long long)since, pattern);
		code = asking_call(&asking, "GET", path.data, NULL, ASKING_PATIENCE_MS);
		buffer_release(&path);
		if (code != EXIT_FINE)
			break;
		code = show_records(options, &asking, &since);
		if (!has_more(&asking))
			break;
	}
	if (code == EXIT_FINE && options->follow)
		code = follow(options, &asking, pattern, since);
	asking_release(&asking);
	return code;
}

/* ---- verify ---- */

/* A list of patterns is a sequence. */
static const char *path_of(const char *body)
{
	cJSON *tree = body ? cJSON_Parse(body) : NULL;
	const bool is_sequence =
	    json_member(tree, "requests") || json_member(tree, "records") || json_member(tree, "httpRequests");

	cJSON_Delete(tree);
	return is_sequence ? "/verifySequence" : "/verify";
}

static enum exit_code verify_run_command(const struct options *options)
{
	const char *body = options->operand_count > 0 ? options->operands[0] : NULL;
	const bool as_json = options->format == FORMAT_JSON;
	struct asking asking;
	struct error error;
	enum exit_code code = asking_begin(&asking, options, command_verify.name);

	if (code == EXIT_FINE && !admin_call(&asking.admin, "POST", path_of(body), body, as_json ? NULL : "text/plain",
	                                     ASKING_PATIENCE_MS, &asking.reply, &error))
		code = say_error(EXIT_INTERNAL, &error);
	if (code == EXIT_FINE && asking.reply.status != 202 && asking.reply.status != 406)
		code = asking_refused(&asking.reply);
	if (code == EXIT_FINE) {
		if (as_json || asking.reply.status == 406)
			code = asking_print(&asking.reply.body);
		if (code == EXIT_FINE && asking.reply.status == 406)
			code = EXIT_BROKEN;
	}
	asking_release(&asking);
	return code;
}

/* ---- what help says ---- */

const struct command command_state = {
	.name = "state",
	.bit = FOR_STATE,
	.summary = "show a gateway's state, or wait for one",
	.about = "Prints the states that are active in a gateway that serves; with --until not before one of "
		 "those is.",
	.run = state_run,
};

const struct command command_event = {
	.name = "event",
	.bit = FOR_EVENT,
	.operands = "NAME",
	.operands_min = 1,
	.operands_max = 1,
	.summary = "let an event happen to a gateway",
	.about = "Lets an event of the scenario's machine happen to a gateway that serves, and prints the states "
		 "after it.",
	.run = event_run,
};

const struct command command_clock = {
	.name = "clock",
	.bit = FOR_CLOCK,
	.operands = "[VERB [VALUE]]",
	.operands_max = 2,
	.summary = "show or move a gateway's clock",
	.about = "Shows, stops, sets going or moves forward the clock of a gateway that serves. The verbs are show, "
		 "freeze, resume, scale N, set TIME, advance DURATION and advance-to-next. A move ends when all "
		 "that became due has happened, and prints what.",
	.run = clock_run,
};

const struct command command_journal = {
	.name = "journal",
	.bit = FOR_JOURNAL,
	.operands = "[PATTERN]",
	.operands_max = 1,
	.summary = "show what happened to a gateway",
	.about =
	    "Prints the journal of a gateway that serves, a line a record: requests, websockets and their frames, "
	    "logins, transitions, timers, cues, actions, moves of the clock, connections that failed. With --format "
	    "json an object a line. A pattern is as in the control API: kind=stream,frame,login or "
	    "kind=frame&frame=tic.",
	.run = journal_run,
};

const struct command command_verify = {
	.name = "verify",
	.bit = FOR_VERIFY,
	.operands = "[JSON]",
	.operands_max = 1,
	.summary = "judge what a gateway's clients did",
	.about =
	    "Holds what clients of a gateway that serves did against its scenario's expectations, as if the test "
	    "were over now: what has not come by then is missing. With JSON it verifies that instead, as the control "
	    "API does: {\"record\": {\"frame\": \"tic\"}, \"times\": 3}, or a list {\"records\": [...]} in its order. "
	    "Exits with 1, "
	    "and prints what was broken, when some are.",
	.run = verify_run_command,
};
