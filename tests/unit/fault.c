/* Why: a fault that is not repeatable is of no use to anybody. On which calls a rule acts, that nothing else decides it,
 * and what two rules make of one answer. */
#include "core/fault.h"
#include "core/emulator.h"

#include "support/small_machine.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct telling {
	struct machine machine;
	struct emulator emulator;
	struct reply reply;
};

static void begin(struct telling *telling, const char *faults, uint64_t seed)
{
	struct buffer top = { 0 };

	*telling = (struct telling){ 0 };
	buffer_add_format(
	    &top, "{'extends':'gateway','timeline':[],'initial':['in'],'settings':{'idle':'24h'},'faults':%s}", faults);
	telling->machine = small_machine_load(top.data);
	small_machine_start(&telling->machine, seed, &telling->emulator);
	buffer_release(&top);
}

static void end(struct telling *telling)
{
	emulator_release(&telling->emulator);
	reply_release(&telling->reply);
	machine_release(&telling->machine);
}

static int call(struct telling *telling, const char *path)
{
	const struct request request = { .method = METHOD_POST,
		                         .method_text = "POST",
		                         .target = span_of(path),
		                         .peer = "127.0.0.1",
		                         .has_user_agent = true,
		                         .has_content_length = true };

	emulator_handle(&telling->emulator, &request, &telling->reply);
	return telling->reply.release_ms == REPLY_NEVER ? 0 : telling->reply.status;
}

static void wait(struct telling *telling, int64_t ms)
{
	emulator_advance(&telling->emulator, telling->emulator.now_ms + ms);
}

static void raise_event(struct telling *telling, const char *name)
{
	struct error error = { 0 };

	cr_assert(emulator_apply(&telling->emulator, &(struct action){ .kind = ACTION_EVENT, .name = name }, &error),
	          "%s", error.text);
}

/* A letter for each of so many calls: "x" where the fault acted. */
static void expect_calls(struct telling *telling, const char *path, const char *wanted)
{
	char seen[100] = "";

	for (size_t i = 0; i < strlen(wanted); i++)
		strcat(seen, call(telling, path) == 599 ? "x" : "-");
	cr_expect_str_eq(seen, wanted);
}

static void expect_acts(const char *when, const char *wanted)
{
	struct telling telling;
	struct buffer faults = { 0 };

	buffer_add_format(&faults, "{'f':{'on':'status','status':599%s}}", when);
	begin(&telling, faults.data, 1);
	expect_calls(&telling, "/api/status", wanted);
	end(&telling);
	buffer_release(&faults);
}

#define STATUS "/api/status"

/* ---- on which calls ---- */

Test(fault, acts_on_calls_by_their_number)
{
	expect_acts("", "xxxx");
	expect_acts(",'calls':2", "-x--");
	expect_acts(",'calls':'2..3'", "-xx--");
	expect_acts(",'calls':'3..'", "--xxx");
	expect_acts(",'every':3", "--x--x");
	expect_acts(",'every':2,'calls':'3..6'", "---x-x--");
	expect_acts(",'once':true", "x---");
	expect_acts(",'once':true,'calls':'3..'", "--x--");
	expect_acts(",'succeed_first':2", "--xxx");
	expect_acts(",'fail_count':2", "xx--");
	expect_acts(",'succeedFirst':1,'failRequestCount':2", "-xx--");
}

Test(fault, counts_only_the_calls_that_it_looks_at)
{
	struct telling telling;

	begin(&telling, "{'f':{'on':'status','status':599,'calls':2}}", 1);
	for (int i = 0; i < 3; i++)
		cr_expect_eq(call(&telling, "/api/init"), 200);
	expect_calls(&telling, STATUS, "-x-");
	end(&telling);
}

Test(fault, acts_in_its_time)
{
	struct telling telling;

	begin(&telling, "{'f':{'on':'status','status':599,'between':'10s..20s'}}", 1);
	expect_calls(&telling, STATUS, "-");
	wait(&telling, 9999);
	expect_calls(&telling, STATUS, "-");
	wait(&telling, 1);
	expect_calls(&telling, STATUS, "x");
	wait(&telling, 9999);
	expect_calls(&telling, STATUS, "x");
	wait(&telling, 1);
	expect_calls(&telling, STATUS, "-");
	end(&telling);
}

Test(fault, acts_while_in_a_state)
{
	struct telling telling;

	begin(&telling, "{'f':{'on':'init','status':599,'while':['in','well'],'calls':2}}", 1);
	expect_calls(&telling, "/api/init", "-");
	raise_event(&telling, "midnight");
	expect_calls(&telling, "/api/init", "--");
	raise_event(&telling, "login");
	expect_calls(&telling, "/api/init", "x-"); /* those before did not count */
	end(&telling);
}

Test(fault, comes_into_force_with_an_event_and_counts_anew)
{
	struct telling telling;

	begin(&telling,
	      "{'f':{'on':'status','status':599,'after':'midnight','until':'login','for':'10s','calls':'2..'}}", 1);
	expect_calls(&telling, STATUS, "---");
	raise_event(&telling, "midnight");
	expect_calls(&telling, STATUS, "-xx");
	raise_event(&telling, "midnight");
	expect_calls(&telling, STATUS, "-x");
	wait(&telling, 10000);
	expect_calls(&telling, STATUS, "--");
	raise_event(&telling, "midnight");
	expect_calls(&telling, STATUS, "-x");
	raise_event(&telling, "login");
	expect_calls(&telling, STATUS, "--");
	end(&telling);
}

Test(fault, a_retry_is_the_same_call_once_more)
{
	struct telling telling;

	begin(&telling, "{'f':{'on':'@api','status':599,'retry_within':'1s','once':true}}", 1);
	expect_calls(&telling, STATUS, "xx");
	wait(&telling, 1000);
	expect_calls(&telling, STATUS, "x");
	wait(&telling, 1001);
	expect_calls(&telling, STATUS, "-");
	end(&telling);
	begin(&telling, "{'f':{'on':'@api','status':599,'retry_within':'1s','once':true}}", 1);
	expect_calls(&telling, STATUS "?a", "x");
	expect_calls(&telling, STATUS "?b", "-"); /* another call */
	end(&telling);
}

/* ---- chance ---- */

static uint64_t pattern(const char *faults, uint64_t seed, bool others)
{
	struct telling telling;
	uint64_t seen = 0;

	begin(&telling, faults, seed);
	for (int i = 0; i < 64; i++) {
		if (others) {
			call(&telling, "/api/init");
			wait(&telling, i);
		}
		seen = seen << 1 | (call(&telling, STATUS) == 599);
	}
	end(&telling);
	return seen;
}

Test(fault, nothing_but_seed_name_and_number_decides)
{
	static const char half[] = "{'f':{'on':'status','status':599,'probability':0.5}}";
	static const char renamed[] = "{'g':{'on':'status','status':599,'probability':0.5}}";
	static const char among_others[] =
	    "{'a':{'on':'*','fixed':'1s','probability':0.3},'f':{'on':'status','status':599,'probability':0.5},"
	    "'z':{'on':'status','empty_body':true,'probability':0.9}}";
	const uint64_t seen = pattern(half, 7, false);

	cr_expect_eq(pattern(half, 7, false), seen);
	cr_expect_eq(pattern(half, 7, true), seen);
	cr_expect_eq(pattern(among_others, 7, true), seen);
	cr_expect_neq(pattern(half, 8, false), seen);
	cr_expect_neq(pattern(renamed, 7, false), seen);
}

Test(fault, acts_about_as_often_as_it_should)
{
	const struct fault fault = { .name = "f", .threshold = 70000 };
	int acts = 0;

	for (uint32_t i = 1; i <= 100000; i++)
		acts += fault_turn(&fault, 42, i, i, 0).acts;
	cr_expect(acts > 6700 && acts < 7300, "%d of 100,000", acts);
}

/* ---- delays ---- */

static struct fault delay_of(const char *kind, int64_t lower_ms, int64_t upper_ms, int64_t sigma)
{
	return (struct fault){ .name = "f",
		               .kind = fault_kind_find(kind),
		               .values = { .lower_ms = lower_ms, .upper_ms = upper_ms, .sigma = sigma } };
}

Test(fault, uniform_delays_lie_evenly)
{
	const struct fault fault = delay_of("uniform", 100, 199, 0);
	int64_t sum = 0;
	int seen[100] = { 0 };

	for (uint32_t i = 1; i <= 10000; i++) {
		const int64_t ms = fault_wait_ms(&fault, 1, i, 1);

		cr_assert(ms >= 100 && ms <= 199);
		seen[ms - 100]++;
		sum += ms;
	}
	cr_expect(sum / 10000 >= 148 && sum / 10000 <= 151, "%d", (int)(sum / 10000));
	for (int i = 0; i < 100; i++)
		cr_expect(seen[i] > 50, "%d: %d", i, seen[i]);
}

static int compare_ms(const void *left, const void *right)
{
	const int64_t a = *(const int64_t *)left;
	const int64_t b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

/* Quantiles of the distribution: median, and median times e to the power of sigma times 1.2816 for nine tenths. */
Test(fault, lognormal_delays_lie_as_they_should)
{
	const struct fault fault = delay_of("lognormal", 1000, 3600000, 500);
	const struct fault capped = delay_of("lognormal", 1000, 1500, 3000);
	static int64_t ms[10000];

	for (uint32_t i = 0; i < 10000; i++) {
		ms[i] = fault_wait_ms(&fault, 1, i + 1, 1);
		cr_assert_leq(fault_wait_ms(&capped, 1, i + 1, 1), 1500);
	}
	qsort(ms, 10000, sizeof *ms, compare_ms);
	cr_expect(ms[5000] > 970 && ms[5000] < 1030, "median %d", (int)ms[5000]);
	cr_expect(ms[9000] > 1840 && ms[9000] < 1960, "nine tenths %d", (int)ms[9000]);
	cr_expect(ms[1000] > 510 && ms[1000] < 545, "one tenth %d", (int)ms[1000]);
}

/* ---- several at once ---- */

Test(fault, those_that_change_different_parts_all_act)
{
	struct telling telling;

	begin(&telling,
	      "{'c':{'on':'status','fixed':'3s'},'a':{'on':'status','status':599},'b':{'on':'status','body':'!'}}", 1);
	cr_expect_eq(call(&telling, STATUS), 599);
	cr_expect_str_eq(telling.reply.body.data, "!");
	cr_expect_eq(telling.reply.release_ms - telling.emulator.now_ms, 3000);
	end(&telling);
}

Test(fault, of_two_that_change_the_same_part_the_first_does)
{
	struct telling telling;

	begin(&telling, "{'a':{'on':'status','status':599,'calls':'2..'},'b':{'on':'status','status':598,'once':true}}",
	      1);
	cr_expect_eq(call(&telling, STATUS), 598);
	cr_expect_eq(call(&telling, STATUS), 599);
	end(&telling);
	/* One that was hidden has not acted: its turn comes. */
	begin(&telling, "{'a':{'on':'status','status':599,'once':true},'b':{'on':'status','status':598,'once':true}}",
	      1);
	cr_expect_eq(call(&telling, STATUS), 599);
	cr_expect_eq(call(&telling, STATUS), 598);
	cr_expect_eq(call(&telling, STATUS), 200);
	end(&telling);
}

Test(fault, where_there_is_no_answer_there_is_nothing_to_act_on)
{
	struct telling telling;
	const struct record *record;

	begin(&telling, "{'a':{'on':'status','status':599},'h':{'on':'status','upstream_hang':true}}", 1);
	cr_expect_eq(call(&telling, STATUS), 0);
	record = journal_at(&telling.emulator.journal, telling.emulator.journal.written - 2);
	cr_expect_eq(record->kind, RECORD_FAULT);
	cr_expect_str_eq(record->name, "a");
	cr_expect(span_equals(record_text(&telling.emulator.journal, record), "status status: no answer to act on"));
	end(&telling);
}

Test(fault, an_end_in_the_body_leaves_the_pace_to_others)
{
	struct telling telling;
	const struct fault_plan *plan = &telling.reply.plan;

	begin(&telling,
	      "{'a':{'on':'status','limit_data':{'bytes':1,'of':'body'}},"
	      "'c':{'on':'status','fixed':{'delay':'1s','before':'body'}},'b':{'on':'status','slicer':5}}",
	      1);
	call(&telling, STATUS);
	cr_expect_eq(plan->end, END_CUT);
	cr_expect_eq(plan->limit, 1);
	/* A pause after the head is a matter of pace, and was named first. */
	cr_expect_eq(plan->pace.kind, PACE_AFTER_HEAD);
	fault_remove(&telling.emulator, fault_find(&telling.emulator, "c"));
	call(&telling, STATUS);
	cr_expect_eq(plan->end, END_CUT);
	cr_expect_eq(plan->pace.kind, PACE_SLICES);
	end(&telling);
}

Test(fault, a_wait_for_no_answer_can_be_ended)
{
	struct telling telling;

	begin(&telling, "{'t':{'on':'status','timeout':'5s'},'h':{'on':'status','upstream_hang':true}}", 1);
	call(&telling, STATUS);
	cr_expect_eq(telling.reply.release_ms - telling.emulator.now_ms, 5000);
	cr_expect_eq(telling.reply.plan.form, FORM_BARE);
	cr_expect_eq(telling.reply.plan.end, END_CLOSE);
	end(&telling);
}

/* ---- whether the upstream saw it ---- */

Test(fault, a_call_that_the_upstream_never_saw_does_nothing)
{
	struct telling telling;

	begin(&telling, "{'f':{'on':'logout','upstream_status':599}}", 1);
	cr_expect_eq(call(&telling, "/api/logout"), 599);
	cr_expect(telling.emulator.active >> machine_find_state(&telling.machine, "in") & 1U);
	end(&telling);
	begin(&telling, "{'f':{'on':'logout','upstream_status':{'status':599,'seen':true}}}", 1);
	cr_expect_eq(call(&telling, "/api/logout"), 599);
	cr_expect(telling.emulator.active >> machine_find_state(&telling.machine, "out") & 1U);
	end(&telling);
	begin(&telling, "{'f':{'on':'logout','empty_response':true}}", 1);
	call(&telling, "/api/logout");
	cr_expect(telling.emulator.active >> machine_find_state(&telling.machine, "out") & 1U);
	end(&telling);
}

/* ---- rules that come and go ---- */

Test(fault, can_be_added_replaced_and_removed)
{
	struct telling telling;
	struct error error = { 0 };
	struct fault fault;

	begin(&telling, "{'f':{'on':'status','status':599}}", 1);
	fault = telling.machine.faults[0];
	fault.values.status = 598;
	cr_expect(fault_add(&telling.emulator, &fault, NULL, &error));
	cr_expect_eq(telling.emulator.faults.count, 1U);
	cr_expect_eq(call(&telling, STATUS), 598);
	fault.name = "g";
	cr_expect(fault_add(&telling.emulator, &fault, arena_new(), &error));
	cr_expect_eq(telling.emulator.faults.count, 2U);
	fault_remove(&telling.emulator, fault_find(&telling.emulator, "f"));
	cr_expect_null(fault_find(&telling.emulator, "f"));
	cr_expect_not_null(fault_find(&telling.emulator, "g"));
	cr_expect_eq(call(&telling, STATUS), 598);
	end(&telling);
}

Test(fault, there_is_room_for_so_many)
{
	struct telling telling;
	struct error error = { 0 };
	struct fault fault;
	char name[20];

	begin(&telling, "{'f':{'on':'status','status':599}}", 1);
	fault = telling.machine.faults[0];
	fault.name = name;
	for (int i = 1; i < FAULTS_MAX; i++) {
		snprintf(name, sizeof name, "f%d", i);
		cr_assert(fault_add(&telling.emulator, &fault, NULL, &error), "%s", error.text);
	}
	snprintf(name, sizeof name, "more");
	cr_expect(!fault_add(&telling.emulator, &fault, NULL, &error));
	cr_expect_str_eq(error.text, "there are 64 faults already; no more are allowed");
	cr_expect_eq(call(&telling, STATUS), 599);
	end(&telling);
}

/* ---- the table ---- */

Test(fault, every_kind_says_what_it_is)
{
	for (const struct fault_kind *kind = fault_kinds; kind->name; kind++) {
		cr_expect(kind->apply && kind->parts && kind->says && kind->says[0], "%s", kind->name);
		cr_expect_eq(fault_kind_find(kind->name), kind);
		cr_expect(!kind->alias || fault_kind_find(kind->alias) == kind);
		for (const struct fault_parameter *parameter = kind->parameters; parameter->name; parameter++) {
			cr_expect(parameter->says && parameter->says[0], "%s %s", kind->name, parameter->name);
			cr_expect_leq(parameter->least, parameter->most);
			cr_expect_leq(parameter->field, sizeof(struct fault_values) - sizeof(int64_t));
			cr_expect_eq(parameter->required, parameter->required && parameter == kind->parameters,
			             "%s: only the first may be a must", kind->name);
		}
	}
	cr_expect_null(fault_kind_find("no_such"));
}
