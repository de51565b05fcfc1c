/* Why: before its first request a connection has only what the core says about the port, about who is accepted, and for how
 * long one is held. That the rules begin and end on the gateway's clock, whatever it jumps over, and are written down. */
#include "core/emulator.h"
#include "core/record_json.h"

#include "support/small_machine.h"

#include <criterion/criterion.h>
#include <string.h>

struct telling {
	struct machine machine;
	struct emulator emulator;
	struct buffer records;
};

static void begin(struct telling *telling, const char *faults)
{
	struct buffer top = { 0 };

	*telling = (struct telling){ 0 };
	buffer_add_format(
	    &top, "{'extends':'gateway','timeline':[],'initial':['in'],'settings':{'idle':'24h'},'faults':%s}", faults);
	telling->machine = small_machine_load(top.data);
	small_machine_start(&telling->machine, 1, &telling->emulator);
	buffer_release(&top);
}

static void end(struct telling *telling)
{
	emulator_release(&telling->emulator);
	machine_release(&telling->machine);
	buffer_release(&telling->records);
}

static void wait(struct telling *telling, int64_t ms)
{
	emulator_advance(&telling->emulator, telling->emulator.now_ms + ms);
}

/* What the journal has of faults: when, since the start, and what. */
static const char *told(struct telling *telling)
{
	const struct journal *journal = &telling->emulator.journal;

	buffer_clear(&telling->records);
	buffer_add_text(&telling->records, "");
	for (uint64_t i = 0; i < journal->written; i++) {
		const struct record *record = journal_at(journal, i);

		if (!record || record->kind != RECORD_FAULT)
			continue;
		buffer_add_int(&telling->records, record->at_ms - telling->emulator.start_ms);
		buffer_add_text(&telling->records, " ");
		buffer_add(&telling->records, record_text(journal, record).at, record->target_length);
		buffer_add_text(&telling->records, "\n");
	}
	return telling->records.data ? telling->records.data : "";
}

Test(fault_connection, a_port_follows_its_windows)
{
	struct telling telling;

	begin(&telling, "{'a':{'refuse':true,'between':'10s..20s'},'b':{'backlog_full':true,'between':'15s..30s'}}");
	cr_expect_eq(emulator_port(&telling.emulator), PORT_OPEN);
	cr_expect_eq(emulator_deadline_ms(&telling.emulator), telling.emulator.start_ms + 10000);
	wait(&telling, 9999);
	cr_expect_eq(emulator_port(&telling.emulator), PORT_OPEN);
	wait(&telling, 1);
	cr_expect_eq(emulator_port(&telling.emulator), PORT_REFUSES);
	wait(&telling, 5000);
	cr_expect_eq(emulator_port(&telling.emulator), PORT_REFUSES, "the first that is named counts");
	wait(&telling, 5000);
	cr_expect_eq(emulator_port(&telling.emulator), PORT_FULL);
	wait(&telling, 10000);
	cr_expect_eq(emulator_port(&telling.emulator), PORT_OPEN);
	cr_expect_str_eq(told(&telling), "10000 port refuse: begins\n15000 port backlog_full: begins\n"
	                                 "20000 port refuse: ends\n30000 port backlog_full: ends\n");
	end(&telling);
}

Test(fault_connection, one_jump_tells_the_same)
{
	struct telling telling;

	begin(&telling, "{'a':{'refuse':true,'between':'10s..20s'},'b':{'backlog_full':true,'between':'15s..30s'}}");
	wait(&telling, 3600000);
	cr_expect_eq(emulator_port(&telling.emulator), PORT_OPEN);
	cr_expect_str_eq(told(&telling), "10000 port refuse: begins\n15000 port backlog_full: begins\n"
	                                 "20000 port refuse: ends\n30000 port backlog_full: ends\n");
	end(&telling);
}

Test(fault_connection, a_port_follows_events_and_what_is_taken_away)
{
	struct telling telling;
	struct error error = { 0 };

	begin(&telling, "{'a':{'refuse':true,'after':'logout','for':'5s'},'b':{'backlog_full':true,'while':['out']}}");
	cr_expect_eq(emulator_port(&telling.emulator), PORT_OPEN);
	cr_assert(
	    emulator_apply(&telling.emulator, &(struct action){ .kind = ACTION_EVENT, .name = "logout" }, &error));
	cr_expect_eq(emulator_port(&telling.emulator), PORT_REFUSES);
	wait(&telling, 5000);
	cr_expect_eq(emulator_port(&telling.emulator), PORT_FULL);
	fault_remove(&telling.emulator, fault_find(&telling.emulator, "b"));
	cr_expect_eq(emulator_port(&telling.emulator), PORT_OPEN);
	end(&telling);
}

Test(fault_connection, connections_are_counted_and_calls_are_not)
{
	struct telling telling;
	struct accept_plan plan;
	char seen[8] = "";
	static const char letters[] = { [ACCEPT_AS_USUAL] = '-', [ACCEPT_RESET] = 'r', [ACCEPT_CLOSE] = 'c' };

	begin(&telling, "{'a':{'accept_reset':true,'calls':'2..3'},'b':{'accept_close':true,'calls':'3..4'},"
	                "'s':{'on':'*','status':500}}");
	for (size_t i = 0; i < 5; i++) {
		emulator_accept(&telling.emulator, &plan);
		seen[i] = letters[plan.act];
		cr_expect_eq(plan.rule != 0, plan.act != ACCEPT_AS_USUAL);
	}
	cr_expect_str_eq(seen, "-rrc-");
	cr_expect_str_eq(told(&telling), "0 accept accept_reset: acts\n0 accept accept_reset: acts\n"
	                                 "0 accept accept_close: hidden by a\n0 accept accept_close: acts\n");
	end(&telling);
}

static int64_t stall_of(const char *faults)
{
	struct telling telling;
	struct accept_plan plan;
	int64_t ms;

	begin(&telling, faults);
	emulator_accept(&telling.emulator, &plan);
	cr_assert_eq(plan.act, ACCEPT_STALL);
	cr_assert(emulator_still_acts(&telling.emulator, plan.rule));
	ms = plan.until_ms == REPLY_NEVER ? -1 : plan.until_ms - telling.emulator.now_ms;
	end(&telling);
	return ms;
}

Test(fault_connection, a_stall_lasts_as_long_as_its_rule_or_less)
{
	cr_expect_eq(stall_of("{'a':{'accept_stall':true}}"), -1);
	cr_expect_eq(stall_of("{'a':{'accept_stall':'5s'}}"), 5000);
	cr_expect_eq(stall_of("{'a':{'accept_stall':true,'for':'3s'}}"), 3000);
	cr_expect_eq(stall_of("{'a':{'accept_stall':'5s','between':'0s..2s'}}"), 2000);
}

Test(fault_connection, a_record_has_its_members)
{
	struct telling telling;
	struct accept_plan plan;
	struct buffer json = { 0 };

	begin(&telling, "{'a':{'accept_reset':true,'probability':0.5}}");
	emulator_accept(&telling.emulator, &plan);
	record_add_json(&telling.emulator, 0, journal_at(&telling.emulator.journal, 0), RECORD_WHOLE, &json);
	cr_expect(strstr(json.data, "\"name\":\"a\",") && strstr(json.data, "\"fault\":\"accept_reset\","), "%s",
	          json.data);
	cr_expect(strstr(json.data, "\"moment\":\"accept\",\"endpoint\":null,\"draw\":0."), "%s", json.data);
	cr_expect(strstr(json.data, "\"threshold\":0.500000,\"outcome\":\""), "%s", json.data);
	buffer_release(&json);
	end(&telling);
}
