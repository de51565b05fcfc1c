/* Why: what a fault says about a handshake is all that the wire goes by. What each kind makes of its values, what several
 * of them make of one handshake, and whose handshakes they look at. */
#include "core/emulator.h"
#include "core/fault.h"

#include "support/small_machine.h"

#include <criterion/criterion.h>

struct telling {
	struct machine machine;
	struct emulator emulator;
	struct tls_plan plan;
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
}

/* What is to become of the next handshake. */
static const struct tls_plan *greet(struct telling *telling, const char *server_name)
{
	emulator_greet(&telling->emulator, span_of(server_name), &telling->plan);
	return &telling->plan;
}

/* And of the first one, where there is one fault of one kind. */
static struct tls_plan plan_of(const char *faults)
{
	struct telling telling;
	struct tls_plan plan;

	begin(&telling, faults);
	plan = *greet(&telling, "localhost");
	cr_expect_eq(plan.rule, 1, "%s", faults);
	if (plan.after_ms)
		plan.after_ms -= telling.emulator.now_ms;
	if (plan.until_ms != REPLY_NEVER && plan.until_ms)
		plan.until_ms -= telling.emulator.now_ms;
	end(&telling);
	return plan;
}

Test(fault_tls, says_how_a_handshake_ends)
{
	cr_expect_eq(plan_of("{'f':{'tls_reset':true}}").act, TLS_RESET);
	cr_expect_eq(plan_of("{'f':{'tls_reset':true}}").after_ms, 0);
	cr_expect_eq(plan_of("{'f':{'tls_reset':'3s'}}").after_ms, 3000);
	cr_expect_eq(plan_of("{'f':{'tls_plain':'2s'}}").act, TLS_SEND_PLAIN);
	cr_expect_eq(plan_of("{'f':{'tls_plain':'2s'}}").after_ms, 2000);
	cr_expect_eq(plan_of("{'f':{'tls_garbage':true}}").act, TLS_SEND_GARBAGE);
	cr_expect_eq(plan_of("{'f':{'tls_garbage':true}}").bytes, 64);
	cr_expect_eq(plan_of("{'f':{'tls_garbage':7}}").bytes, 7);
	cr_expect_neq(plan_of("{'f':{'tls_garbage':7}}").random, 0);
}

Test(fault_tls, knows_alerts_by_name_and_number)
{
	cr_expect_eq(plan_of("{'f':{'tls_alert':'handshake_failure'}}").act, TLS_SEND_ALERT);
	cr_expect_eq(plan_of("{'f':{'tls_alert':'handshake_failure'}}").alert, 40);
	cr_expect_eq(plan_of("{'f':{'tls_alert':'no_application_protocol'}}").alert, 120);
	cr_expect_eq(plan_of("{'f':{'tls_alert':{'alert':'close_notify','delay':'1s'}}}").alert, 0);
	cr_expect_eq(plan_of("{'f':{'tls_alert':255}}").alert, 255);
	cr_expect_eq(plan_of("{'f':{'tls_alert':{'alert':80,'delay':'1s'}}}").after_ms, 1000);
}

Test(fault_tls, stalls_as_long_as_it_says_or_as_it_is_in_force)
{
	cr_expect_eq(plan_of("{'f':{'tls_stall':true}}").act, TLS_STALL);
	cr_expect_eq(plan_of("{'f':{'tls_stall':true}}").until_ms, REPLY_NEVER);
	cr_expect_eq(plan_of("{'f':{'tls_stall':'5s'}}").until_ms, 5000);
	cr_expect_eq(plan_of("{'f':{'tls_stall':true,'for':'9s'}}").until_ms, 9000);
	cr_expect_eq(plan_of("{'f':{'tls_stall':true,'between':'0s..9s'}}").until_ms, 9000);
	cr_expect_eq(plan_of("{'f':{'tls_stall':'5s','for':'9s'}}").until_ms, 5000);
	cr_expect_eq(plan_of("{'f':{'tls_stall_after_hello':'20s','for':'9s'}}").until_ms, 9000);
	cr_expect_eq(plan_of("{'f':{'tls_stall_after_hello':true}}").act, TLS_STALL_AFTER_HELLO);
	cr_expect_eq(plan_of("{'f':{'tls_byte_by_byte':true}}").byte_ms, 10);
	cr_expect_eq(plan_of("{'f':{'tls_byte_by_byte':'1s'}}").byte_ms, 1000);
}

Test(fault_tls, says_what_is_agreed_upon)
{
	cr_expect_eq(plan_of("{'f':{'tls_version':'1.3'}}").version_floor, 0x0304);
	cr_expect_eq(plan_of("{'f':{'tls_version':'1.3'}}").version_ceiling, 0);
	cr_expect_eq(plan_of("{'f':{'tls_version':{'max':'1.1'}}}").version_floor, 0);
	cr_expect_eq(plan_of("{'f':{'tls_version':{'max':'1.1'}}}").version_ceiling, 0x0302);
	cr_expect(plan_of("{'f':{'tls_no_resumption':true}}").refuse_resumption);
	cr_expect_eq(plan_of("{'f':{'tls_corrupt_record':true}}").corrupt_record, 1);
	cr_expect_eq(plan_of("{'f':{'tls_corrupt_record':3}}").corrupt_record, 3);
}

Test(fault_tls, says_which_certificate_is_shown)
{
	cr_expect_eq(plan_of("{'f':{'certificate_expired':true}}").identity, IDENTITY_EXPIRED);
	cr_expect_eq(plan_of("{'f':{'certificate_not_yet_valid':true}}").identity, IDENTITY_NOT_YET_VALID);
	cr_expect_eq(plan_of("{'f':{'certificate_wrong_host':true}}").identity, IDENTITY_WRONG_HOST);
	cr_expect_eq(plan_of("{'f':{'certificate_untrusted':true}}").identity, IDENTITY_UNTRUSTED);
	cr_expect_eq(plan_of("{'f':{'certificate_changed':true}}").identity, IDENTITY_CHANGED);
}

/* The one that holds the handshake up acts last: it is whose end ends that. */
Test(fault_tls, several_act_on_one_handshake_in_different_parts_of_it)
{
	struct telling telling;
	const struct tls_plan *plan;

	begin(&telling, "{'a':{'tls_stall':true},'b':{'certificate_changed':true},'c':{'tls_reset':true},"
	                "'d':{'tls_byte_by_byte':'1s'},'e':{'certificate_expired':true}}");
	plan = greet(&telling, "");
	cr_expect_eq(plan->act, TLS_STALL);
	cr_expect_eq(plan->identity, IDENTITY_CHANGED);
	cr_expect_eq(plan->byte_ms, 1000);
	cr_expect_eq(plan->rule, 1);
	end(&telling);
}

Test(fault_tls, looks_at_clients_that_ask_for_a_host)
{
	struct telling telling;

	begin(&telling, "{'f':{'tls_reset':true,'server_name':'Api.Example','calls':2}}");
	cr_expect_eq(greet(&telling, "api.example")->act, TLS_AS_USUAL);
	cr_expect_eq(greet(&telling, "localhost")->act, TLS_AS_USUAL);
	cr_expect_eq(greet(&telling, "")->act, TLS_AS_USUAL);
	cr_expect_eq(greet(&telling, "api.example.org")->act, TLS_AS_USUAL);
	cr_expect_eq(greet(&telling, "API.EXAMPLE")->act, TLS_RESET);
	cr_expect_eq(greet(&telling, "api.example")->act, TLS_AS_USUAL);
	end(&telling);
}

Test(fault_tls, every_alert_has_one_name)
{
	const struct fault_choice *alerts = fault_choices(PARAMETER_ALERT);

	for (const struct fault_choice *alert = alerts; alert->name && alert[1].name; alert++)
		cr_expect_lt(alert->value, alert[1].value, "%s", alert->name);
}
