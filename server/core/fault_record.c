/*
 * What the journal says about faults: which rule looked at what, what it drew, and what came of it.
 */
#include "core/emulator_parts.h"
#include "core/fault_parts.h"

const char *const fault_outcome_names[FAULT_OUTCOME_COUNT] = {
	[FAULT_PASSES] = "passes",
	[FAULT_ACTS] = "acts",
	[FAULT_ACTS_AGAIN] = "acts again",
	[FAULT_HIDDEN] = "hidden",
	[FAULT_NO_ANSWER] = "no answer to act on",
	[FAULT_BEGINS] = "begins",
	[FAULT_ENDS] = "ends",
};

enum fault_outcome fault_outcome_of(const struct fault_decision *decision)
{
	if (!decision->acts)
		return FAULT_PASSES;
	if (decision->hidden_by)
		return FAULT_HIDDEN;
	if (decision->is_idle)
		return FAULT_NO_ANSWER;
	return decision->again ? FAULT_ACTS_AGAIN : FAULT_ACTS;
}

void fault_add_chance(uint32_t chance, struct buffer *out)
{
	buffer_add_format(out, "%u.%06u", chance / FAULT_DRAWS, chance % FAULT_DRAWS);
}

/* "tickle upstream_status: passes; draw 0.712345 >= 0.070000" */
static void add_words(const struct emulator *emulator, const struct record *record, struct buffer *out)
{
	const char *place = record->endpoint == INDEX_NONE ? fault_moment_names[fault_kinds[record->fault].moment]
	                                                   : emulator->machine->endpoints[record->endpoint].name;

	buffer_add_format(out, "%s %s: %s", place, fault_kinds[record->fault].name,
	                  fault_outcome_names[record->outcome]);
	if (record->hidden_by)
		buffer_add_format(out, " by %s", record->hidden_by);
	if (record->threshold == FAULT_DRAWS)
		return;
	buffer_add_text(out, "; draw ");
	fault_add_chance(record->draw, out);
	buffer_add_text(out, record->draw < record->threshold ? " < " : " >= ");
	fault_add_chance(record->threshold, out);
}

void fault_record_one(struct emulator *emulator, const struct fault_candidate *candidate,
                      const struct fault_decision *decision, enum fault_outcome outcome)
{
	const struct fault *fault = &decision->rule->fault;
	struct record *record = emulator_write_record(emulator, RECORD_FAULT, fault->name, emulator->active);
	struct buffer text = { 0 };

	record->endpoint = (int16_t)candidate->endpoint;
	record->fault = (uint8_t)(fault->kind - fault_kinds);
	record->outcome = (uint8_t)outcome;
	record->draw = decision->draw;
	record->threshold = fault->threshold;
	record->hidden_by = decision->hidden_by;
	add_words(emulator, record, &text);
	if (text.data)
		journal_add_text(&emulator->journal, record, (struct span){ text.data, text.length });
	buffer_release(&text);
}

void faults_record(struct emulator *emulator, const struct fault_candidate *candidate,
                   const struct fault_decisions *decisions)
{
	for (size_t i = 0; i < decisions->count; i++)
		fault_record_one(emulator, candidate, &decisions->items[i], fault_outcome_of(&decisions->items[i]));
}
