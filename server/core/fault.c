#include "core/fault_parts.h"

#include "core/draw.h"
#include "core/emulator.h"
#include "core/render.h"

#include <stdlib.h>
#include <string.h>

/* ---- beginning and end ---- */

static void begin(struct emulator *emulator, struct fault_state *state, const struct fault *fault, struct arena *arena)
{
	*state = (struct fault_state){
		.fault = *fault,
		.arena = arena,
		.serial = ++emulator->faults.serials,
		.in_force = !fault->has_after,
		.since_ms = emulator->now_ms,
	};
	emulator->faults.moments |= 1U << fault->kind->moment;
}

bool faults_init(struct emulator *emulator)
{
	struct faults *faults = &emulator->faults;

	if (emulator->machine->fault_count == 0)
		return true;
	faults->items = calloc(FAULTS_MAX, sizeof *faults->items);
	if (!faults->items)
		return false;
	for (size_t i = 0; i < emulator->machine->fault_count; i++)
		begin(emulator, &faults->items[faults->count++], &emulator->machine->faults[i], NULL);
	return true;
}

void faults_release(struct emulator *emulator)
{
	struct faults *faults = &emulator->faults;

	for (size_t i = 0; i < faults->count; i++)
		arena_free(faults->items[i].arena);
	for (size_t i = 0; i < faults->name_count; i++)
		free(faults->names[i]);
	free(faults->items);
	free(faults->names);
	*faults = (struct faults){ 0 };
}

void faults_event(struct emulator *emulator, int event)
{
	for (size_t i = 0; i < emulator->faults.count; i++) {
		struct fault_state *state = &emulator->faults.items[i];

		if (event_set_has(&state->fault.until, event))
			state->in_force = false;
		if (event_set_has(&state->fault.after, event)) {
			state->in_force = true;
			state->since_ms = emulator->now_ms;
			state->count = 0;
		}
	}
	faults_settle_port(emulator);
}

/* ---- rules that come and go ---- */

/* The name as it stays; NULL when there are too many, or memory ran out. */
static const char *keep_name(struct faults *faults, const char *name)
{
	const size_t size = strlen(name) + 1;
	char *copy;

	for (size_t i = 0; i < faults->name_count; i++)
		if (strcmp(faults->names[i], name) == 0)
			return faults->names[i];
	if (!faults->names)
		faults->names = calloc(FAULT_NAMES_MAX, sizeof *faults->names);
	if (!faults->names || faults->name_count == FAULT_NAMES_MAX)
		return NULL;
	copy = malloc(size);
	if (!copy)
		return NULL;
	memcpy(copy, name, size);
	faults->names[faults->name_count++] = copy;
	return copy;
}

bool fault_add(struct emulator *emulator, const struct fault *fault, struct arena *arena, struct error *error)
{
	struct faults *faults = &emulator->faults;
	struct fault_state *state = fault_find(emulator, fault->name);
	struct fault kept = *fault;

	if (!state && faults->count == FAULTS_MAX) {
		error_set(error, "there are %d faults already; no more are allowed", FAULTS_MAX);
		return false;
	}
	if (!faults->items)
		faults->items = calloc(FAULTS_MAX, sizeof *faults->items);
	kept.name = faults->items ? keep_name(faults, fault->name) : NULL;
	if (!kept.name) {
		if (faults->name_count == FAULT_NAMES_MAX)
			error_set(error, "faults of %d different names were added; no other is allowed",
			          FAULT_NAMES_MAX);
		else
			error_set(error, "out of memory");
		return false;
	}
	if (state)
		arena_free(state->arena);
	else
		state = &faults->items[faults->count++];
	begin(emulator, state, &kept, arena);
	emulator_note(emulator, RECORD_ACTION, kept.name, "fault added");
	faults_settle_port(emulator);
	return true;
}

struct fault_state *fault_find(const struct emulator *emulator, const char *name)
{
	for (size_t i = 0; i < emulator->faults.count; i++)
		if (strcmp(emulator->faults.items[i].fault.name, name) == 0)
			return &emulator->faults.items[i];
	return NULL;
}

void fault_remove(struct emulator *emulator, struct fault_state *state)
{
	struct faults *faults = &emulator->faults;
	const size_t index = (size_t)(state - faults->items);

	emulator_note(emulator, RECORD_ACTION, state->fault.name, "fault removed");
	arena_free(state->arena);
	faults->count--;
	memmove(state, state + 1, (faults->count - index) * sizeof *state);
	faults_settle_port(emulator);
	faults->moments = 0;
	for (size_t i = 0; i < faults->count; i++)
		faults->moments |= 1U << faults->items[i].fault.kind->moment;
}

/* ---- which rules act ---- */

#define HASH_BEGIN 0xCBF29CE484222325ULL

/* FNV-1a. */
static uint64_t hash(uint64_t so_far, const char *at, size_t length)
{
	for (size_t i = 0; i < length; i++)
		so_far = (so_far ^ (unsigned char)at[i]) * 0x100000001B3ULL;
	return so_far;
}

static uint64_t who(const struct fault *fault)
{
	return hash(HASH_BEGIN, fault->name, strlen(fault->name));
}

static uint64_t call_of(const struct request *request)
{
	const char method = (char)request->method;

	return hash(hash(HASH_BEGIN, &method, 1), request->target.at, request->target.length);
}

bool fault_is_in_time(const struct emulator *emulator, const struct fault_state *state)
{
	const struct fault *fault = &state->fault;
	const int64_t since_start_ms = emulator->now_ms - emulator->start_ms;

	return state->in_force && state_set_holds(fault->when, emulator->active) && since_start_ms >= fault->from_ms &&
	       (!fault->to_ms || since_start_ms < fault->to_ms) &&
	       (!fault->for_ms || emulator->now_ms - state->since_ms < fault->for_ms);
}

static bool looks_at(const struct emulator *emulator, const struct fault_state *state,
                     const struct fault_candidate *candidate)
{
	const struct fault *fault = &state->fault;

	if (fault->kind->moment != candidate->moment || !fault_is_in_time(emulator, state))
		return false;
	if (candidate->moment == MOMENT_CALL)
		return endpoint_set_has(&fault->on, (size_t)candidate->endpoint);
	return !fault->server_name || span_equals_any_case(candidate->server_name, fault->server_name);
}

/* Whether it is this candidate's turn, chance aside. */
static bool is_turn(const struct fault *fault, uint32_t count, uint32_t acted)
{
	if (fault->once && acted)
		return false;
	if (fault->calls_from && count < fault->calls_from)
		return false;
	if (fault->calls_to && count > fault->calls_to)
		return false;
	return !fault->every || count % fault->every == 0;
}

struct fault_turn fault_turn(const struct fault *fault, uint64_t seed, uint32_t ordinal, uint32_t count, uint32_t acted)
{
	const bool turn = is_turn(fault, count, acted);
	const uint32_t drawn = (uint32_t)(draw(seed, who(fault), ordinal) % FAULT_DRAWS);

	return (struct fault_turn){
		.acts = turn && drawn < fault->threshold,
		.drew = turn && fault->threshold < FAULT_DRAWS,
		.draw = drawn,
	};
}

/* For what a kind draws besides. */
static uint64_t random_of(const struct fault *fault, uint64_t seed, uint32_t ordinal)
{
	return draw(seed, ~who(fault), ordinal);
}

int64_t fault_wait_ms(const struct fault *fault, uint64_t seed, uint32_t ordinal, uint32_t nth)
{
	struct reply reply = { 0 };
	const struct fault_act act = {
		.values = &fault->values,
		.random = random_of(fault, seed, ordinal),
		.nth = nth,
		.reply = &reply,
	};

	if (fault->kind->parts != PART_WAIT || fault->values.at_body)
		return -1;
	fault->kind->apply(&act);
	return reply.release_ms;
}

static void decide(struct emulator *emulator, struct fault_state *state, const struct fault_candidate *candidate,
                   struct fault_decisions *decisions)
{
	const struct fault *fault = &state->fault;
	const uint64_t call = fault->retry_ms ? call_of(candidate->request) : 0;
	const bool again = fault->retry_ms && state->ordinal && state->last_call == call &&
	                   emulator->now_ms - state->last_ms <= fault->retry_ms;
	struct fault_decision *decision = &decisions->items[decisions->count];

	if (!again) {
		state->ordinal++;
		state->count++;
		state->last = fault_turn(fault, emulator->seed, state->ordinal, state->count, state->acted);
	}
	state->last_call = call;
	state->last_ms = emulator->now_ms;
	if (!state->last.acts && !state->last.drew)
		return;
	*decision = (struct fault_decision){
		.rule = state,
		.acts = state->last.acts,
		.again = again,
		.draw = state->last.draw,
	};
	decisions->count++;
}

/* A pause after the headers is a matter of pace. */
static unsigned parts_of(const struct fault *fault)
{
	const unsigned parts = fault->kind->parts;

	return parts & PART_WAIT && fault->values.at_body ? (parts & ~(unsigned)PART_WAIT) | PART_PACE : parts;
}

void faults_hide(struct fault_decisions *decisions)
{
	for (size_t i = 0; i < decisions->count; i++) {
		struct fault_decision *decision = &decisions->items[i];

		for (size_t j = 0; decision->acts && !decision->hidden_by && j < i; j++) {
			const struct fault_decision *first = &decisions->items[j];

			if (first->acts && !first->hidden_by &&
			    (parts_of(&first->rule->fault) & parts_of(&decision->rule->fault)))
				decision->hidden_by = first->rule->fault.name;
		}
		if (!decision->acts || decision->hidden_by)
			continue;
		decision->rule->acted += !decision->again;
		decisions->unseen |=
		    (decision->rule->fault.kind->parts & PART_REPLY) && !decision->rule->fault.values.seen;
	}
}

/* By the table of kinds; few, and mostly in order. */
static void sort(struct fault_decisions *decisions)
{
	for (size_t i = 1; i < decisions->count; i++) {
		const struct fault_decision moved = decisions->items[i];
		size_t place = i;

		for (; place > 0 && decisions->items[place - 1].rule->fault.kind > moved.rule->fault.kind; place--)
			decisions->items[place] = decisions->items[place - 1];
		decisions->items[place] = moved;
	}
}

void faults_decide(struct emulator *emulator, const struct fault_candidate *candidate,
                   struct fault_decisions *decisions)
{
	decisions->count = 0;
	decisions->unseen = false;
	for (size_t i = 0; i < emulator->faults.count; i++)
		if (looks_at(emulator, &emulator->faults.items[i], candidate))
			decide(emulator, &emulator->faults.items[i], candidate, decisions);
	faults_hide(decisions);
	sort(decisions);
}

/* ---- what they do ---- */

static int64_t end_of(const struct emulator *emulator, const struct fault_state *state)
{
	const struct fault *fault = &state->fault;
	int64_t until_ms = fault->to_ms ? emulator->start_ms + fault->to_ms : REPLY_NEVER;

	if (fault->for_ms && state->since_ms + fault->for_ms < until_ms)
		until_ms = state->since_ms + fault->for_ms;
	return until_ms;
}

void fault_do(const struct emulator *emulator, const struct fault_state *state, const struct fault_act *on)
{
	struct fault_act act = *on;

	act.emulator = emulator;
	act.values = &state->fault.values;
	act.random = random_of(&state->fault, emulator->seed, state->ordinal);
	act.nth = state->acted;
	act.until_ms = end_of(emulator, state);
	state->fault.kind->apply(&act);
}

static void apply(const struct emulator *emulator, struct fault_decision *decision, struct render_context *context,
                  struct reply *reply)
{
	const unsigned parts = decision->rule->fault.kind->parts;
	/* It needs no answer: it is one, or it ends a wait for none. */
	const bool needs_none = parts & PART_REPLY || (parts & PART_WAIT && parts & PART_END);

	if (reply->release_ms == REPLY_NEVER && !needs_none) {
		decision->is_idle = true;
		return;
	}
	fault_do(emulator, decision->rule, &(struct fault_act){ .context = context, .reply = reply });
	if (parts & (PART_REPLY | PART_WAIT | PART_PACE | PART_END))
		holders_add(&reply->plan.held_by, decision->rule->serial);
	if (parts & PART_END)
		reply->plan.ended_by = decision->rule->serial;
}

bool fault_is_done(const struct fault_decision *decision)
{
	return decision->acts && !decision->hidden_by;
}

void faults_apply(struct emulator *emulator, struct fault_decisions *decisions, struct render_context *context,
                  struct reply *reply)
{
	for (size_t i = 0; i < decisions->count; i++)
		if (fault_is_done(&decisions->items[i]))
			apply(emulator, &decisions->items[i], context, reply);
}
