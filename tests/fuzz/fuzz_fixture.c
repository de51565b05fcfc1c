/*
 * Any bytes as a fixture: the first says which kind ("r" a reply, "h" a header set, "p" a pack), the rest is the file.
 * What is accepted must render: header lines stay lines and JSON stays JSON, whatever text a setting holds.
 */
#include "support/check.h"
#include "support/small_machine.h"

#include <cjson/cJSON.h>

static const struct {
	char letter;
	const char *file;
	const char *top;
} kinds[] = {
	{ 'r', "mine.json", "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}" },
	{ 'h', "2026/headers/sized.json", "{'extends':'gateway'}" },
	{ 'p', "own/pack.json", "{'extends':'gateway','fixtures':'own'}" },
};

/* Whether the reply that was handed in has a "body", which is JSON: it has been accepted, so it can be parsed. */
static bool has_json_body(const uint8_t *data, size_t size)
{
	struct json_places places = { 0 };
	struct problems problems = { 0 };
	struct buffer text = { 0 };
	bool has;
	cJSON *tree;

	buffer_add(&text, data, size);
	tree = json_read(&places, "reply", text.data, text.length, &problems);
	has = json_member(tree, "body") != NULL;
	json_places_release(&places);
	problems_release(&problems);
	buffer_release(&text);
	return has;
}

static void run(const struct machine *machine, bool json)
{
	static const char *const texts[] = { "", "plain", "\"},{\"a\":[\\", "caf\xc3\xa9 {{who}} '<" };
	struct emulator emulator;
	struct error error = { 0 };
	struct reply reply = { 0 };
	const struct request request = { .method = METHOD_GET,
		                         .method_text = "GET",
		                         .target = span_of("/"),
		                         .peer = "::1",
		                         .has_user_agent = true };

	CHECK(emulator_init(
	    &emulator,
	    &(struct emulator_options){
		.machine = machine, .seed = 1, .start_ms = 1772461800000, .journal_size = JOURNAL_RECORDS_DEFAULT },
	    &error));
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const struct action action = { ACTION_SET, "who", { .kind = VALUE_TEXT, .text = texts[i] } };

		CHECK(emulator_apply(&emulator, &action, &error));
		emulator_handle(&emulator, &request, &reply);
		check_reply(&emulator, &reply);
		if (json) {
			cJSON *body = cJSON_ParseWithLengthOpts(reply.body.data, reply.body.length + 1, NULL, 1);

			CHECK(body);
			cJSON_Delete(body);
		}
	}
	reply_release(&reply);
	emulator_release(&emulator);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory_source memory = { 0 };
	struct source source;
	struct machine machine = { 0 };
	struct problems problems = { 0 };
	size_t kind = 0;

	while (kind < sizeof kinds / sizeof *kinds && (size == 0 || kinds[kind].letter != (char)data[0]))
		kind++;
	if (kind == sizeof kinds / sizeof *kinds)
		return 0;
	small_machine_add(&memory);
	memory_source_add_quoted(&memory, "top.json", kinds[kind].top);
	memory_source_add_bytes(&memory, kinds[kind].file, data + 1, size - 1);
	source = memory_source_of(&memory);
	if (check_loaded(scenario_load(&source, &(struct scenario_request){ .name = "top" }, &machine, &problems),
	                 &problems))
		run(&machine, kinds[kind].letter == 'r' && has_json_body(data + 1, size - 1));
	machine_release(&machine);
	memory_source_release(&memory);
	return 0;
}
