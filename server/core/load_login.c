/*
 * "accounts": who may log in, and with what; "login": what an answer asks of a call that does.
 */
#include "core/loading.h"
#include "core/login.h"
#include "core/names.h"
#include "core/setting.h"

#include <string.h>

static const struct field account_fields[] = {
	{ "password", FIELD_TEXT, false },
	{ "mode", FIELD_TEXT, false },
	{ "second_factor", FIELD_TEXT, false },
	{ "code", FIELD_TEXT, false },
	{ 0 },
};

/* The index of a text among words that a NULL ends; 0, and a problem with the nearest one, when it is none of them. */
static size_t load_word(struct loading *loading, const cJSON *item, const char *const *words)
{
	struct nearest nearest;
	struct buffer wanted = { 0 };

	if (!item)
		return 0;
	for (size_t i = 0; words[i]; i++)
		if (strcmp(words[i], item->valuestring) == 0)
			return i;
	nearest_begin(&nearest, item->valuestring);
	for (size_t i = 0; words[i]; i++) {
		nearest_offer(&nearest, words[i]);
		buffer_add_format(&wanted, "%s\"%s\"", i ? ", " : "", words[i]);
	}
	reader_problem(&loading->reader, item, nearest.best, "wanted one of %s; found \"%s\"",
	               wanted.data ? wanted.data : "", item->valuestring);
	buffer_release(&wanted);
	return 0;
}

/* Something that is typed into a form. */
static const char *load_typed(struct loading *loading, const cJSON *item)
{
	if (!item)
		return NULL;
	if (setting_text_is_fine(item->valuestring) && strlen(item->valuestring) <= FORM_VALUE_MAX)
		return reader_copy(&loading->reader, item->valuestring);
	reader_problem(&loading->reader, item, NULL, "what is typed has at most %d bytes and no control characters",
	               FORM_VALUE_MAX);
	return NULL;
}

static void load_account(struct loading *loading, const cJSON *item, struct account *account)
{
	if (!setting_text_is_fine(item->string) || !item->string[0] || strlen(item->string) > LOGIN_USER_MAX) {
		reader_key_problem(&loading->reader, item, NULL,
		                   "a user's name has 1 to %d bytes and no control characters", LOGIN_USER_MAX);
		return;
	}
	if (!reader_object(&loading->reader, item, "an account", account_fields))
		return;
	account->user = reader_copy(&loading->reader, item->string);
	account->password = load_typed(loading, json_member(item, "password"));
	account->code = load_typed(loading, json_member(item, "code"));
	account->mode = (enum login_mode)load_word(loading, json_member(item, "mode"), login_mode_names);
	account->factor =
	    (enum second_factor)load_word(loading, json_member(item, "second_factor"), second_factor_names);
	if (account->code && account->factor != FACTOR_CODE && account->factor != FACTOR_CHOICE)
		reader_problem(&loading->reader, json_member(item, "code"), NULL,
		               "nobody asks for a code where \"second_factor\" is neither \"code\" nor \"choice\"");
	loading->machine->account_count++;
}

void load_accounts(struct loading *loading)
{
	struct machine *machine = loading->machine;
	const cJSON *accounts = json_member(loading->tree, "accounts");
	const size_t count = accounts ? load_count(loading, accounts, "accounts", ACCOUNTS_MAX) : 0;

	machine->accounts = arena_alloc(machine->arena, (count + 1) * sizeof *machine->accounts);
	for (const cJSON *item = count ? accounts->child : NULL; item; item = item->next)
		load_account(loading, item, &machine->accounts[machine->account_count]);
}

static uint32_t load_outcome(struct loading *loading, const cJSON *item)
{
	struct nearest nearest;

	if (!reader_type(&loading->reader, item, "what a login amounts to", FIELD_TEXT))
		return 0;
	for (uint32_t i = 0; i < LOGIN_OUTCOME_COUNT; i++)
		if (strcmp(login_outcome_names[i], item->valuestring) == 0)
			return 1U << i;
	nearest_begin(&nearest, item->valuestring);
	for (uint32_t i = 0; i < LOGIN_OUTCOME_COUNT; i++)
		nearest_offer(&nearest, login_outcome_names[i]);
	reader_problem(&loading->reader, item, nearest.best, "a login never amounts to \"%s\"", item->valuestring);
	return 0;
}

uint32_t load_login_outcomes(struct loading *loading, const cJSON *item)
{
	const bool many = cJSON_IsArray(item);
	uint32_t outcomes = 0;

	if (many && !item->child)
		reader_problem(&loading->reader, item, NULL, "\"login\" must name at least one outcome");
	for (const cJSON *each = many ? item->child : item; each; each = many ? each->next : NULL)
		outcomes |= load_outcome(loading, each);
	return outcomes;
}
