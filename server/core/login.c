#include "core/login.h"

#include "core/emulator.h"
#include "core/form.h"
#include "core/utf8.h"

#include <string.h>

const char *const login_outcome_names[LOGIN_OUTCOME_COUNT] = {
	[LOGIN_NOTHING] = "nothing",
	[LOGIN_NOBODY] = "nobody",
	[LOGIN_ACCEPTED] = "accepted",
	[LOGIN_REFUSED] = "refused",
	[LOGIN_WANTS_PAPER] = "wants_paper",
	[LOGIN_WANTS_LIVE] = "wants_live",
	[LOGIN_ASKS_METHOD] = "asks_method",
	[LOGIN_ASKS_CODE] = "asks_code",
	[LOGIN_ASKS_NOTIFICATION] = "asks_notification",
	[LOGIN_ASKS_AGAIN] = "asks_again",
	[LOGIN_WRONG_METHOD] = "wrong_method",
	[LOGIN_WRONG_CODE] = "wrong_code",
	[LOGIN_INIT] = "init",
};

const char *const login_mode_names[LOGIN_MODE_COUNT + 1] = {
	[LOGIN_ANY_MODE] = "any",
	[LOGIN_LIVE] = "live",
	[LOGIN_PAPER] = "paper",
};

const char *const second_factor_names[FACTOR_COUNT + 1] = {
	[FACTOR_NONE] = "none",
	[FACTOR_CODE] = "code",
	[FACTOR_NOTIFICATION] = "notification",
	[FACTOR_CHOICE] = "choice",
};

/* ---- what a form says ---- */

/* A field as it came; two of a name: the first counts. */
struct field_text {
	char text[FORM_VALUE_MAX + 1];
	bool given;
	bool whole; /* neither cut nor with a zero inside: it may be compared */
};

struct login_form {
	struct field_text user;
	struct field_text password;
	struct field_text code;
	struct field_text method;
	struct field_text action;
	bool is_paper;
	bool asks_again;
};

static void take(const struct form_pair *pair, struct field_text *field)
{
	if (field->given)
		return;
	field->given = true;
	field->whole = !pair->cut && strlen(pair->value) == pair->value_length;
	memcpy(field->text, pair->value, pair->value_length + 1);
}

/* The names that a field has had over the years, and in the calls of the page's script: docs/gateway.md#login-pages. */
static void take_pair(const struct form_pair *pair, struct login_form *form)
{
	if (form_pair_is(pair, "username") || form_pair_is(pair, "user_name") || form_pair_is(pair, "USER"))
		take(pair, &form->user);
	else if (form_pair_is(pair, "password"))
		take(pair, &form->password);
	else if (form_pair_is(pair, "chlginput") || form_pair_is(pair, "bronze-response") ||
	         form_pair_is(pair, "silver-response"))
		take(pair, &form->code);
	else if (form_pair_is(pair, "sf_select"))
		take(pair, &form->method);
	else if (form_pair_is(pair, "ACTION"))
		take(pair, &form->action);
	else if (form_pair_is(pair, "paperSwitch"))
		form->is_paper = true;
	else if (form_pair_is(pair, "LOGIN_TYPE"))
		form->is_paper |= strcmp(pair->value, "2") == 0;
	else if (form_pair_is(pair, "resendNotification"))
		form->asks_again = true;
}

/* Of bytes that are not all there the last pair may go on. */
static void read_pairs(struct span bytes, bool all_there, struct login_form *form)
{
	struct form pairs = form_of(bytes);
	struct form_pair pair;

	while (form_next(&pairs, &pair)) {
		pair.cut |= !all_there && pairs.rest.length == 0;
		take_pair(&pair, form);
	}
}

/* What clients say about a body is not to be relied on: it is a form by its place here. */
static void read_form(const struct request *request, struct login_form *form)
{
	const char *query = request->target.length > 0 ? memchr(request->target.at, '?', request->target.length) : NULL;

	memset(form, 0, sizeof *form);
	read_pairs(request->body, request->body.length < REQUEST_BODY_KEPT_MAX, form);
	if (query) {
		const size_t before = (size_t)(query + 1 - request->target.at);

		read_pairs((struct span){ query + 1, request->target.length - before }, true, form);
	}
}

/* ---- what it comes to ---- */

static const struct account *find_account(const struct machine *machine, const char *user)
{
	for (size_t i = 0; i < machine->account_count; i++)
		if (strcmp(machine->accounts[i].user, user) == 0)
			return &machine->accounts[i];
	return NULL;
}

/* Which of these words a setting is now; 0 when there is no such setting. */
static int word_of(const struct emulator *emulator, int16_t setting, const char *const *words)
{
	if (setting == INDEX_NONE || emulator->settings[setting].kind != VALUE_TEXT)
		return 0;
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], emulator->settings[setting].text) == 0)
			return i;
	return 0;
}

static enum second_factor factor_of(const struct emulator *emulator, const struct account *account)
{
	if (account)
		return account->factor;
	return (enum second_factor)word_of(emulator, emulator->machine->second_factor, second_factor_names);
}

static enum login_mode mode_of(const struct emulator *emulator, const struct account *account)
{
	if (account)
		return account->mode;
	return (enum login_mode)word_of(emulator, emulator->machine->login_mode, login_mode_names);
}

static bool is_right(const char *wanted, const struct field_text *found)
{
	return found->whole && (wanted ? strcmp(wanted, found->text) == 0 : found->text[0] != '\0');
}

static enum login_outcome next_step(enum second_factor factor)
{
	switch (factor) {
	case FACTOR_NONE:
	case FACTOR_COUNT:
		break;
	case FACTOR_CODE:
		return LOGIN_ASKS_CODE;
	case FACTOR_NOTIFICATION:
		return LOGIN_ASKS_NOTIFICATION;
	case FACTOR_CHOICE:
		return LOGIN_ASKS_METHOD;
	}
	return LOGIN_ACCEPTED;
}

/* A page that was sent back only because of its mode keeps what was typed, so an empty password is the one from
 * before. The page's own script never sends any: what it sends instead cannot be looked into. */
static bool password_is_right(const struct emulator *emulator, const struct account *account,
                              const struct login_form *form)
{
	const struct login *before = &emulator->login;

	if (form->action.given && !form->password.given)
		return true;
	if (form->password.text[0] == '\0' && before->keeps_password && strcmp(before->user, form->user.text) == 0)
		return true;
	return !account->password || is_right(account->password, &form->password);
}

static enum login_outcome judge_user(const struct emulator *emulator, const struct login_form *form)
{
	const struct machine *machine = emulator->machine;
	const struct account *account = form->user.whole ? find_account(machine, form->user.text) : NULL;

	if (machine->account_count > 0 && (!account || !password_is_right(emulator, account, form)))
		return LOGIN_REFUSED;
	if (mode_of(emulator, account) == LOGIN_PAPER && !form->is_paper)
		return LOGIN_WANTS_PAPER;
	if (mode_of(emulator, account) == LOGIN_LIVE && form->is_paper)
		return LOGIN_WANTS_LIVE;
	return next_step(factor_of(emulator, account));
}

/* Value 4 is the authenticator app, whose code is typed (recorded); 5, ours, is the phone's notification. Somebody who
 * needs no second factor is asked all the same where a scenario has put the page between. */
static enum login_outcome judge_method(const struct emulator *emulator, const struct field_text *method)
{
	const enum second_factor factor = factor_of(emulator, find_account(emulator->machine, emulator->login.user));

	if (strcmp(method->text, "4") == 0 && factor != FACTOR_NOTIFICATION)
		return LOGIN_ASKS_CODE;
	if (strcmp(method->text, "5") == 0 && factor != FACTOR_CODE)
		return LOGIN_ASKS_NOTIFICATION;
	return LOGIN_WRONG_METHOD;
}

static enum login_outcome judge_code(const struct emulator *emulator, const struct field_text *code)
{
	const struct account *account = find_account(emulator->machine, emulator->login.user);

	if (factor_of(emulator, account) == FACTOR_NOTIFICATION)
		return LOGIN_WRONG_CODE;
	return is_right(account ? account->code : NULL, code) ? LOGIN_ACCEPTED : LOGIN_WRONG_CODE;
}

static enum login_outcome judge_later_step(const struct emulator *emulator, const struct login_form *form)
{
	if (emulator->machine->account_count > 0 && !emulator->login.known)
		return LOGIN_REFUSED;
	if (form->method.given)
		return judge_method(emulator, &form->method);
	return form->code.given ? judge_code(emulator, &form->code) : LOGIN_ASKS_AGAIN;
}

/* What comes next, be it the end, need not ask for the password again. */
static bool is_right_so_far(enum login_outcome outcome)
{
	switch (outcome) {
	case LOGIN_ACCEPTED:
	case LOGIN_WANTS_PAPER:
	case LOGIN_WANTS_LIVE:
	case LOGIN_ASKS_METHOD:
	case LOGIN_ASKS_CODE:
	case LOGIN_ASKS_NOTIFICATION:
	case LOGIN_ASKS_AGAIN:
	case LOGIN_WRONG_METHOD:
	case LOGIN_WRONG_CODE:
		return true;
	case LOGIN_NOTHING:
	case LOGIN_NOBODY:
	case LOGIN_REFUSED:
	case LOGIN_INIT:
	case LOGIN_OUTCOME_COUNT:
		break;
	}
	return false;
}

/* Cut, if need be, where a character begins. */
static void remember(struct login *login, const char *user)
{
	size_t length = strlen(user);

	if (length > LOGIN_USER_MAX)
		for (length = LOGIN_USER_MAX; length > 0 && ((unsigned char)user[length] & 0xC0) == 0x80;)
			length--;
	memcpy(login->user, user, length);
	login->user[length] = '\0';
	utf8_mend(login->user, length);
	for (char *at = login->user; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7F)
			*at = '?';
}

struct login_verdict login_judge(const struct emulator *emulator, const struct request *request)
{
	struct login_verdict verdict = { .after = emulator->login };
	struct login_form form;

	read_form(request, &form);
	if (form.user.given) {
		const bool is_init = form.action.given && strcmp(form.action.text, "INIT") == 0;

		verdict.mode = form.is_paper ? LOGIN_PAPER : LOGIN_LIVE;
		verdict.outcome = is_init ? LOGIN_INIT : judge_user(emulator, &form);
		remember(&verdict.after, form.user.text);
		verdict.after.is_paper = form.is_paper;
	} else if (form.method.given || form.code.given || form.asks_again) {
		verdict.outcome = judge_later_step(emulator, &form);
		if (verdict.outcome == LOGIN_REFUSED)
			verdict.after.user[0] = '\0';
	} else {
		verdict.outcome = emulator->machine->account_count > 0 ? LOGIN_NOBODY : LOGIN_NOTHING;
		return verdict;
	}
	verdict.after.known = is_right_so_far(verdict.outcome);
	verdict.after.keeps_password = verdict.outcome == LOGIN_WANTS_PAPER || verdict.outcome == LOGIN_WANTS_LIVE;
	return verdict;
}

void login_answered(struct emulator *emulator, const struct login_verdict *verdict, int event)
{
	const struct machine *machine = emulator->machine;
	const bool says_who = verdict->outcome != LOGIN_NOTHING && verdict->outcome != LOGIN_NOBODY;
	const bool has_event = event != INDEX_NONE;
	const bool is_in = has_event && event_set_has(&machine->new_session, event);
	struct buffer text = { 0 };

	/* A call that says nothing can still be the end: of what the page's script began, of a wait for a phone. And the
	 * script's first call is no attempt yet. */
	if (has_event && verdict->outcome != LOGIN_INIT && (says_who || emulator->login.known)) {
		buffer_add_text(&text, verdict->after.user);
		if (verdict->mode != LOGIN_ANY_MODE)
			buffer_add_text(&text, verdict->mode == LOGIN_PAPER ? ", paper" : ", live");
		emulator_note(emulator, RECORD_LOGIN, machine->events[event], text.data ? text.data : "");
		buffer_release(&text);
	}
	emulator->login = is_in ? (struct login){ 0 } : verdict->after;
}
