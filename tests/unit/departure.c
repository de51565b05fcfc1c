/* Why: what leaves late is written down when it leaves, in its place among all that happens meanwhile. */
#include "core/departure.h"

#include "support/base_gateway.h"

#include <criterion/criterion.h>

static const struct record *last(const struct base_gateway *gateway)
{
	return journal_at(&gateway->emulator.journal, gateway->emulator.journal.written - 1);
}

static uint64_t ask(struct base_gateway *gateway)
{
	base_gateway_ask(gateway, "GET", "/v1/api/tickle", NULL, NULL);
	return gateway->reply.record;
}

Test(departure, is_written_down_at_its_instant)
{
	struct base_gateway gateway;
	struct departure departure = { 0 };
	int64_t now_ms;

	base_gateway_start(&gateway, "gateway", 0);
	now_ms = gateway.emulator.now_ms;
	departure_wait(&gateway.emulator, &departure, ask(&gateway), now_ms + 90000);
	cr_expect_eq(emulator_deadline_ms(&gateway.emulator), now_ms + 90000);
	emulator_advance(&gateway.emulator, now_ms + 89999);
	cr_expect_eq(last(&gateway)->kind, RECORD_REQUEST);
	emulator_advance(&gateway.emulator, now_ms + 200000);
	cr_assert_eq(last(&gateway)->kind, RECORD_ANSWER);
	cr_expect_eq(last(&gateway)->at_ms, now_ms + 90000);
	cr_expect_str_eq(last(&gateway)->name, "tickle");
	cr_expect(span_equals(record_text(&gateway.emulator.journal, last(&gateway)), "to request 1, held for 1m30s"));
	cr_expect_not(departure.is_waiting);
	base_gateway_stop(&gateway);
}

Test(departure, those_that_are_called_off_are_not)
{
	struct base_gateway gateway;
	struct departure departures[3] = { 0 };
	int64_t now_ms;

	base_gateway_start(&gateway, "gateway", 0);
	now_ms = gateway.emulator.now_ms;
	for (size_t i = 0; i < 3; i++)
		departure_wait(&gateway.emulator, &departures[i], ask(&gateway), now_ms + 3000 - (int64_t)i * 1000);
	departure_call_off(&gateway.emulator, &departures[1]);
	departure_call_off(&gateway.emulator, &departures[1]);
	emulator_advance(&gateway.emulator, now_ms + 1000);
	cr_expect(span_equals(record_text(&gateway.emulator.journal, last(&gateway)), "to request 3, held for 1s"));
	emulator_advance(&gateway.emulator, now_ms + 5000);
	cr_expect(span_equals(record_text(&gateway.emulator.journal, last(&gateway)), "to request 1, held for 3s"));
	cr_expect_eq(gateway.emulator.journal.written, 5);
	cr_expect_eq(departures_due_ms(&gateway.emulator), EMULATOR_NEVER);
	base_gateway_stop(&gateway);
}

Test(departure, what_leaves_at_once_is_none)
{
	struct base_gateway gateway;
	struct departure departure = { 0 };

	base_gateway_start(&gateway, "gateway", 0);
	departure_wait(&gateway.emulator, &departure, ask(&gateway), gateway.emulator.now_ms);
	cr_expect_not(departure.is_waiting);
	emulator_advance(&gateway.emulator, gateway.emulator.now_ms + 1000);
	cr_expect_eq(last(&gateway)->kind, RECORD_REQUEST);
	base_gateway_stop(&gateway);
}
