/*
 * Any bytes as a scenario file: it is refused in words, or there is a machine that runs. It may extend "gateway", which
 * is the small machine of tests/support, and use its fixtures.
 */
#include "support/check.h"
#include "support/small_machine.h"

/* A day in short steps would take too long: timers may fire every 100 ms. */
#define LIFETIME_MS 30000

static void run(const struct machine *machine)
{
	struct emulator emulator;
	struct error error = { 0 };
	struct reply reply = { 0 };
	struct request request = {
		.method = METHOD_GET, .method_text = "GET", .peer = "127.0.0.1", .has_user_agent = true
	};

	CHECK(emulator_init(
	    &emulator,
	    &(struct emulator_options){ .machine = machine,
	                                .seed = 1,
	                                .start_ms = machine->has_start ? machine->start_ms : 1772461800000,
	                                .journal_size = JOURNAL_RECORDS_DEFAULT },
	    &error));
	emulator_advance(&emulator, emulator.now_ms); /* what the timeline has at its very start */
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < machine->endpoint_count; i++) {
			request.target =
			    span_of(machine->endpoints[i].path_count ? machine->endpoints[i].paths[0] : "/none");
			emulator_handle(&emulator, &request, &reply);
			check_reply(&emulator, &reply);
		}
		emulator_advance(&emulator, emulator.now_ms); /* what the calls have set off at once */
		check_emulator(&emulator);
		emulator_advance(&emulator, emulator.now_ms + LIFETIME_MS);
		check_emulator(&emulator);
	}
	check_expectations(&emulator);
	reply_release(&reply);
	emulator_release(&emulator);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory_source memory = { 0 };
	struct source source;
	struct machine machine = { 0 };
	struct problems problems = { 0 };

	small_machine_add(&memory);
	memory_source_add_bytes(&memory, "top.json", data, size);
	source = memory_source_of(&memory);
	if (check_loaded(scenario_load(&source, &(struct scenario_request){ .name = "top" }, &machine, &problems),
	                 &problems))
		run(&machine);
	machine_release(&machine);
	memory_source_release(&memory);
	return 0;
}
