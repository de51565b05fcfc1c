#include "core/departure.h"

#include "core/calendar.h"
#include "core/emulator_parts.h"

static void unlink_departure(struct departures *list, struct departure *departure)
{
	if (departure->previous)
		departure->previous->next = departure->next;
	else
		list->first = departure->next;
	if (departure->next)
		departure->next->previous = departure->previous;
	else
		list->last = departure->previous;
	departure->next = departure->previous = NULL;
	departure->is_waiting = false;
}

/* Most answers are held for one of a few times: the place is near the end. */
static void link_departure(struct departures *list, struct departure *departure)
{
	struct departure *before = list->last;

	while (before && before->at_ms > departure->at_ms)
		before = before->previous;
	departure->previous = before;
	departure->next = before ? before->next : list->first;
	if (departure->next)
		departure->next->previous = departure;
	else
		list->last = departure;
	if (before)
		before->next = departure;
	else
		list->first = departure;
	departure->is_waiting = true;
}

void departure_wait(struct emulator *emulator, struct departure *departure, uint64_t request, int64_t at_ms)
{
	const struct record *record = journal_at(&emulator->journal, request);

	if (!record || at_ms <= emulator->now_ms || at_ms == EMULATOR_NEVER)
		return;
	*departure = (struct departure){
		.at_ms = at_ms, .since_ms = emulator->now_ms, .request = request, .name = record->name
	};
	link_departure(&emulator->departures, departure);
}

void departure_call_off(struct emulator *emulator, struct departure *departure)
{
	if (departure->is_waiting)
		unlink_departure(&emulator->departures, departure);
}

int64_t departures_due_ms(const struct emulator *emulator)
{
	return emulator->departures.first ? emulator->departures.first->at_ms : EMULATOR_NEVER;
}

/* "to request 12, held for 10s" */
void departures_leave(struct emulator *emulator)
{
	struct departure *departure = emulator->departures.first;
	struct buffer text = { 0 };

	unlink_departure(&emulator->departures, departure);
	buffer_add_text(&text, "to request ");
	buffer_add_int(&text, (int64_t)departure->request + 1);
	buffer_add_text(&text, ", held for ");
	duration_add(&text, departure->at_ms - departure->since_ms);
	emulator_note(emulator, RECORD_ANSWER, departure->name, text.data ? text.data : "");
	buffer_release(&text);
}
