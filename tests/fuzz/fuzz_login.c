/*
 * Any calls of the login pages, one after the other, at a gateway that knows users and at one that lets anybody in. The input is lines:
 * "?" is a query of the dispatcher, "@" a form for /sso/Authenticator, "!" looks at the page again, "+" lets five seconds pass,
 * "y", "n" and "x" are what the phone says; whatever else is a form for the dispatcher.
 *
 * Nobody gets in without having said what is asked of them; a page stays a page whatever is typed into it; and it is the page of
 * how far they have come.
 */
#include "support/check.h"

#include "core/form.h"
#include "support/base_gateway.h"

#include <string.h>

#define LINES_MAX 64

/* What has been said since the beginning, by anybody, that could let somebody in. */
struct said {
	bool password;
	bool proof;
	bool code;
	bool phone;
	int64_t patience_ms;
};

static void hear(struct said *said, struct span pairs)
{
	struct form form = form_of(pairs);
	struct form_pair pair;

	while (form_next(&form, &pair)) {
		said->password |= strcmp(pair.value, "open sesame") == 0;
		said->code |= strcmp(pair.value, "123456") == 0;
		said->proof |= form_pair_is(&pair, "ACTION");
	}
}

static bool begins(struct span text, const char *start)
{
	return text.length >= strlen(start) && memcmp(text.at, start, strlen(start)) == 0;
}

static void check_login(const struct said *said, struct span who)
{
	CHECK(said->password || said->proof);
	CHECK(!begins(who, "withcode") || said->code);
	CHECK(!begins(who, "withphone") || said->phone);
	CHECK(!begins(who, "withboth") || said->code || said->phone);
	CHECK(begins(who, "trader") || begins(who, "paperuser") || begins(who, "with"));
	CHECK(!begins(who, "trader, paper") && !begins(who, "paperuser, live"));
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	while ((text = strstr(text, part)) != NULL) {
		text++;
		count++;
	}
	return count;
}

static void check_answer(const struct reply *reply, bool is_page)
{
	const char *body = reply->body.data;

	CHECK(reply->status == 200 && body);
	if (!is_page) {
		CHECK(body[0] == '{' && count_of(body, "\"user\":") == 1);
	} else if (strcmp(body, "Client login succeeds") != 0) {
		CHECK(count_of(body, "</html>") == 1 && count_of(body, "<form") <= 1 && count_of(body, "<title") == 1);
		CHECK(count_of(body, "<script") == 0 && count_of(body, "<main") == 1 && count_of(body, "<a ") <= 3);
		CHECK(count_of(body, "<input") <= 5 && count_of(body, "sesame\"") <= 1);
	}
}

/* What each page has that nobody can type, and where somebody is who is shown it. */
static const struct {
	const char *mark;
	const char *state;
} steps[] = {
	{ "<h1>Log in", "sign_in_idle" },
	{ "<h1>Nobody confirmed", "sign_in_expired" },
	{ "class=\"xyz-multipelselect\"", "sign_in_method" },
	{ "id=\"twofactbase\"", "sign_in_code" },
	{ "role=\"status\"", "sign_in_notification" },
};

static void check_step(const struct emulator *emulator, const char *page)
{
	const char *state = strcmp(page, "Client login succeeds") == 0 ? "sign_in_idle" : NULL;
	const struct machine *machine = emulator->machine;

	/* A mistake is shown with the form of its step, wherever it is made. */
	if (strstr(page, ">failed<") || strstr(page, ">ERROR<"))
		return;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (strstr(page, steps[i].mark))
			state = steps[i].state;
	CHECK(state);
	CHECK(emulator->active >> machine_find_state(machine, state) & 1U);
}

static void call(struct emulator *emulator, enum http_method method, const char *path, struct span query,
                 struct span body, struct reply *reply)
{
	struct buffer target = { 0 };
	struct request request = { .method = method, .peer = "127.0.0.1", .has_user_agent = true };

	buffer_add_text(&target, path);
	buffer_add(&target, query.at, query.length);
	request.method_text = method == METHOD_GET ? "GET" : "POST";
	request.target = (struct span){ target.data, target.length };
	request.body = body;
	request.has_content_length = method != METHOD_GET;
	emulator_handle(emulator, &request, reply);
	buffer_release(&target);
}

static void raise_event(struct emulator *emulator, const char *name)
{
	emulator_apply(emulator, &(struct action){ .kind = ACTION_EVENT, .name = name }, &(struct error){ 0 });
}

static void do_line(struct emulator *emulator, struct span line, struct said *said, struct reply *reply)
{
	const char kind = line.length > 0 ? line.at[0] : '\0';
	const struct span rest = { line.at + (line.length > 0), line.length - (line.length > 0) };
	const struct span none = { "", 0 };

	if (kind == '+' || kind == 'y' || kind == 'n' || kind == 'x') {
		said->patience_ms += kind == '+' ? 5000 : 0;
		said->phone |= kind == 'y' || said->patience_ms >= 10000;
		if (kind == '+')
			emulator_advance(emulator, emulator->now_ms + 5000);
		else
			raise_event(emulator, kind == 'y'   ? "second_factor_confirmed"
			                      : kind == 'n' ? "second_factor_denied"
			                                    : "second_factor_expired");
		return;
	}
	hear(said, kind == '?' || kind == '@' ? rest : line);
	if (kind == '!')
		call(emulator, METHOD_GET, "/sso/Login", none, none, reply);
	else if (kind == '?')
		call(emulator, METHOD_GET, "/sso/Dispatcher?", rest, none, reply);
	else if (kind == '@')
		call(emulator, METHOD_POST, "/sso/Authenticator", none, rest, reply);
	else
		call(emulator, METHOD_POST, "/sso/Dispatcher", none, line, reply);
	check_answer(reply, kind != '@');
	if (kind != '@')
		check_step(emulator, reply->body.data);
}

static void play(const struct machine *machine, struct span lines, bool knows)
{
	struct emulator emulator;
	struct reply reply = { 0 };
	struct said said = { 0 };
	struct error error = { 0 };
	uint64_t seen = 0;

	CHECK(emulator_init(
	    &emulator,
	    &(struct emulator_options){
		.machine = machine, .seed = 1, .start_ms = 1772461800000, .journal_size = JOURNAL_RECORDS_MIN },
	    &error));
	for (int i = 0; i < LINES_MAX && lines.length > 0; i++) {
		const char *end = memchr(lines.at, '\n', lines.length);
		const size_t length = end ? (size_t)(end - lines.at) : lines.length;
		struct journal_walk walk;
		const struct record *record;

		do_line(&emulator, (struct span){ lines.at, length }, &said, &reply);
		emulator_advance(&emulator, emulator.now_ms);
		check_emulator(&emulator);
		walk = journal_walk_from(&emulator.journal, seen);
		while ((record = journal_walk_next(&walk, NULL)) != NULL)
			if (knows && record->kind == RECORD_LOGIN && strcmp(record->name, "login") == 0)
				check_login(&said, record_text(&emulator.journal, record));
		seen = emulator.journal.written;
		lines.at += length + (end != NULL);
		lines.length -= length + (end != NULL);
	}
	reply_release(&reply);
	emulator_release(&emulator);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct base_gateway open;
	static struct base_gateway known;
	const struct span lines = { (const char *)data, size < REQUEST_BODY_KEPT_MAX ? size : REQUEST_BODY_KEPT_MAX };

	if (!open.machine.arena) {
		base_gateway_start(&open, "gateway", JOURNAL_RECORDS_MIN);
		base_gateway_start(&known, "login_accounts", JOURNAL_RECORDS_MIN);
	}
	play(&open.machine, lines, false);
	play(&known.machine, lines, true);
	return 0;
}
