/* Why: a test begins its gateway anew and relies on what it was started with; whoever follows one must be told of everything
 * that happens to it, and of nothing else. */
#include "control/registry.h"

#include "support/registry_stage.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(control_registry_life, .timeout = 300);

/* ---- how they start ---- */

Test(control_registry_life, the_request_goes_before_the_command_line_and_that_before_the_scenario)
{
	const struct clock scaled = { .mode = CLOCK_SCALED, .scale = 60 };
	struct registry_options options = options_for("gateway"); /* which has a seed of 7 and a manual clock */
	struct entry *first = begin_with(&options);

	cr_assert_eq(first->gateway->emulator.seed, 7);
	cr_assert_eq(first->gateway->clock.mode, CLOCK_MANUAL);
	cr_assert_eq(gateway_now_ms(first->gateway), 1772461800000LL, "the scenario's start");
	end();

	options.has_seed = options.has_clock = true;
	options.base.seed = 8;
	options.base.clock = (struct clock){ .mode = CLOCK_REAL, .scale = 1 };
	first = begin_with(&options);
	cr_assert_eq(first->gateway->emulator.seed, 8);
	cr_assert_eq(first->gateway->clock.mode, CLOCK_REAL);
	first = add(
	    &(struct entry_request){ .has_seed = true, .seed = 9, .clock = &scaled, .has_start = true, .start_ms = 5 });
	cr_assert_eq(first->gateway->emulator.seed, 9);
	cr_assert_eq(first->gateway->clock.scale, 60);
	cr_assert_eq(first->gateway->emulator.start_ms, 5);
	end();
}

Test(control_registry_life, a_port_can_be_asked_for_and_may_be_taken)
{
	struct entry *first = begin("gateway");
	const uint16_t port = add(&(struct entry_request){ .name = "a" })->gateway->port;

	registry_remove(registry, registry_find(registry, "a"));
	cr_assert_eq(add(&(struct entry_request){ .port = port })->gateway->port, port);
	refuses(&(struct entry_request){ .port = first->gateway->port }, REGISTRY_CANNOT_LISTEN);
	cr_assert_not_null(strstr(failure.text, "in use"), "%s", failure.text);
	end();
}

/* ---- apart from each other ---- */

Test(control_registry_life, what_happens_to_one_does_not_happen_to_another)
{
	struct entry *first = begin("gateway");
	struct entry *other = add(&(struct entry_request){ .name = "other" });

	raise_event(other, "login");
	cr_assert(gateway_clock_set(other->gateway, gateway_now_ms(other->gateway) + 1000));
	cr_assert_str_eq(state_of(first), "out");
	cr_assert_str_eq(state_of(other), "in");
	cr_assert_eq(first->gateway->emulator.journal.written, 0);
	cr_assert_eq(gateway_now_ms(other->gateway), gateway_now_ms(first->gateway) + 1000);
	end();
}

/* ---- beginning anew ---- */

Test(control_registry_life, a_reset_goes_back_to_how_it_was_started)
{
	const struct entry_request loaded = { .scenario = "other", .has_seed = true, .seed = 5 };
	struct entry *first = begin("gateway");
	const uint16_t port = first->gateway->port;

	cr_assert_eq(registry_load(registry, first, &loaded, &problems, &failure), REGISTRY_OK);
	cr_assert_str_eq(state_of(first), "in");
	cr_assert_eq(first->gateway->emulator.seed, 5);
	cr_assert(gateway_clock_set(first->gateway, gateway_now_ms(first->gateway) + 1000));
	cr_assert(registry_reset(registry, first, &failure), "%s", failure.text);
	cr_assert_str_eq(first->machine->machine.name, "gateway");
	cr_assert_str_eq(state_of(first), "out");
	cr_assert_eq(first->gateway->emulator.seed, 7);
	cr_assert_eq(gateway_now_ms(first->gateway), 1772461800000LL);
	cr_assert_eq(first->gateway->port, port);
	end();
}

Test(control_registry_life, a_restart_keeps_the_scenario_and_a_load_what_was_asked_for_before)
{
	const struct entry_request body = {
		.body = span_of("{ \"extends\": \"gateway\", \"initial\": [\"in\"], \"seed\": 3 }"),
	};
	struct entry *entry;

	begin("gateway");
	entry = add(&(struct entry_request){ .has_seed = true, .seed = 5 });
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(registry_load(registry, entry, &body, &problems, &failure), REGISTRY_OK);
		raise_event(entry, "logout");
		cr_assert(registry_restart(registry, entry, &failure));
		cr_assert_str_eq(state_of(entry), "in");
		cr_assert_eq(entry->gateway->emulator.seed, 5);
	}
	cr_assert(registry_reset(registry, entry, &failure));
	cr_assert_str_eq(state_of(entry), "out");
	cr_assert(registry_reset(registry, entry, &failure));
	end();
}

/* ---- followers ---- */

struct listener_of {
	struct follower follower;
	struct buffer *out;
	const char *name;
};

static void tell_record(struct follower *follower, struct entry *entry, uint64_t index, const struct record *record)
{
	const struct listener_of *listener = (struct listener_of *)follower;

	cr_assert_eq(record, journal_at(&entry->gateway->emulator.journal, index));
	buffer_add_format(listener->out, "%s:%s/%s:%s ", listener->name, entry->name, record_kind_names[record->kind],
	                  record->name);
}

static void tell_missed(struct follower *follower, struct entry *entry, uint64_t count)
{
	const struct listener_of *listener = (struct listener_of *)follower;

	buffer_add_format(listener->out, "%s:%s/missed:%llu ", listener->name, entry->name, (unsigned long long)count);
}

static void tell_gone(struct follower *follower, struct entry *entry, bool begins_anew)
{
	const struct listener_of *listener = (struct listener_of *)follower;

	buffer_add_format(listener->out, "%s:%s/%s ", listener->name, entry->name, begins_anew ? "anew" : "gone");
}

static void heard(struct buffer *out, const char *expected)
{
	cr_assert_str_eq(out->data ? out->data : "", expected);
	buffer_clear(out);
}

Test(control_registry_life, followers_are_told_of_each_record_once_and_in_order)
{
	struct buffer out = { 0 };
	struct listener_of one = { { .record = tell_record }, &out, "1" };
	struct listener_of two = { { .record = tell_record, .missed = tell_missed, .gone = tell_gone }, &out, "2" };
	struct entry *first = begin("gateway");
	struct entry *other = add(&(struct entry_request){ .name = "a" });

	registry_follow(registry, &one.follower);
	registry_follow(registry, &two.follower);
	raise_event(other, "login");
	heard(&out, "1:a/action:login 2:a/action:login 1:a/transition:login 2:a/transition:login ");
	raise_event(first, "recover");
	heard(&out, "1:default/action:recover 2:default/action:recover ");
	registry_unfollow(registry, &one.follower);
	cr_assert(registry_reset(registry, first, &failure));
	heard(&out, "2:default/anew ");
	raise_event(first, "login");
	heard(&out, "2:default/action:login 2:default/transition:login ");
	registry_remove(registry, other);
	heard(&out, "2:a/gone ");
	registry_unfollow(registry, &two.follower);
	buffer_release(&out);
	end();
}

Test(control_registry_life, they_are_told_how_much_they_have_missed)
{
	struct buffer out = { 0 };
	struct listener_of one = { { .record = tell_record, .missed = tell_missed }, &out, "1" };
	struct registry_options options = options_for("gateway");
	struct entry *first;
	uint64_t oldest;

	options.base.journal_size = JOURNAL_RECORDS_MIN;
	first = begin_with(&options);
	registry_follow(registry, &one.follower);
	for (int i = 0; i < JOURNAL_RECORDS_MIN + 10; i++)
		emulator_note(&first->gateway->emulator, RECORD_CLOCK, "x", "");
	oldest = first->gateway->emulator.journal.oldest;
	cr_assert_gt(oldest, 0);
	registry_observe(first, first->gateway);
	cr_assert_eq(strtoull(out.data + strlen("1:default/missed:"), NULL, 10), oldest);
	cr_assert_eq(first->followed, JOURNAL_RECORDS_MIN + 10);
	buffer_release(&out);
	end();
}

Test(control_registry_life, nothing_can_be_freed)
{
	registry_free(NULL);
}
