/*
 * Any bytes as a form: what is decoded keeps to its room, ends, and says what the bytes say. The same bytes as what
 * somebody logs in with, at a gateway that knows users and at one that lets anybody in: what a page then shows of
 * them cannot change what the page is made of.
 */
#include "support/check.h"

#include "core/form.h"
#include "support/base_gateway.h"

#include <string.h>

static void check_pairs(struct span bytes)
{
	struct form form = form_of(bytes);
	struct form_pair pair;
	unsigned count = 0;

	while (form_next(&form, &pair)) {
		CHECK(++count <= FORM_PAIRS_MAX);
		CHECK(pair.name_length <= NAME_LENGTH_MAX && pair.value_length <= FORM_VALUE_MAX);
		CHECK(pair.name[pair.name_length] == '\0' && pair.value[pair.value_length] == '\0');
		CHECK(pair.name_length + pair.value_length <= bytes.length);
		CHECK(form_pair_is(&pair, pair.name) == (strlen(pair.name) == pair.name_length));
	}
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

static void check_login(struct base_gateway *gateway, const char *text)
{
	struct buffer out = { 0 };
	const char *body;

	base_gateway_ask(gateway, "POST", "/sso/Dispatcher", NULL, text);
	body = gateway->reply.body.data;
	CHECK(gateway->reply.status == 200 && body);
	if (strcmp(body, "Client login succeeds") != 0) {
		CHECK(count_of(body, "</html>") == 1 && count_of(body, "<form") <= 1);
		CHECK(count_of(body, "<script") == 0 && count_of(body, "<main") == 1);
		CHECK(count_of(body, "<input") <= 5);
	}
	emulator_describe(&gateway->emulator, gateway->emulator.active, &out);
	buffer_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct base_gateway open;
	static struct base_gateway known;
	struct buffer text = { 0 };

	if (!open.machine.arena) {
		base_gateway_start(&open, "gateway", JOURNAL_RECORDS_MIN);
		base_gateway_start(&known, "login_accounts", JOURNAL_RECORDS_MIN);
	}
	check_pairs((struct span){ (const char *)data, size });
	buffer_add_text(&text, "");
	buffer_add(&text, data, size < REQUEST_BODY_KEPT_MAX ? size : REQUEST_BODY_KEPT_MAX);
	check_login(&open, text.data);
	check_login(&known, text.data);
	buffer_release(&text);
	return 0;
}
