#include "core/emulator.h"

#include "core/calendar.h"
#include "core/draw.h"
#include "core/expect.h"
#include "core/intent.h"
#include "core/names.h"
#include "core/peers.h"
#include "core/render.h"
#include "core/setting.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- beginning and end ---- */

static void update_timers(struct emulator *emulator, int event);

bool emulator_init(struct emulator *emulator, const struct emulator_options *options, struct error *error)
{
	const struct machine *machine = options->machine;

	*emulator = (struct emulator){
		.machine = machine,
		.seed = options->seed,
		.start_ms = options->start_ms,
		.now_ms = options->start_ms,
	};
	journal_init(&emulator->journal, options->journal_size);
	journal_count_from(&emulator->journal, options->journal_first);
	emulator->rates = pacing_windows_new(machine);
	emulator->settings = calloc(machine->setting_count + 1, sizeof *emulator->settings);
	emulator->setting_texts = calloc(machine->setting_count + 1, sizeof *emulator->setting_texts);
	if (!emulator->rates || !emulator->settings || !emulator->setting_texts || !faults_init(emulator) ||
	    !expect_init(emulator)) {
		emulator_release(emulator);
		error_set(error, "out of memory");
		return false;
	}
	for (size_t i = 0; i < machine->setting_count; i++)
		emulator->settings[i] = machine->settings[i].value;
	for (size_t i = 0; i < machine->region_count; i++) {
		emulator->state[i] = machine->regions[i].initial;
		emulator->active |= 1ULL << machine->regions[i].initial;
	}
	for (size_t i = 0; i < machine->timer_count; i++)
		emulator->timer_due_ms[i] = EMULATOR_NEVER;
	update_timers(emulator, INDEX_NONE);
	expect_begin(emulator);
	return true;
}

void emulator_release(struct emulator *emulator)
{
	for (size_t i = 0; emulator->setting_texts && i < emulator->machine->setting_count; i++)
		free(emulator->setting_texts[i]);
	free(emulator->setting_texts);
	free(emulator->settings);
	free(emulator->rates);
	faults_release(emulator);
	expect_release(emulator);
	journal_release(&emulator->journal);
	*emulator = (struct emulator){ 0 };
}

/* ---- journal ---- */

static struct record *write_record(struct emulator *emulator, enum record_kind kind, const char *name, uint64_t before)
{
	struct record *record = journal_next(&emulator->journal);

	emulator->tally.records[kind]++;
	record->kind = kind;
	record->at_ms = emulator->now_ms;
	record->before = before;
	record->after = emulator->active;
	record->name = name;
	record->endpoint = INDEX_NONE;
	return record;
}

void emulator_note(struct emulator *emulator, enum record_kind kind, const char *name, const char *text)
{
	struct record *record = write_record(emulator, kind, name, emulator->active);

	journal_add_text(&emulator->journal, record, span_of(text));
}

/* ---- timers ---- */

static int64_t amount_ms(const struct emulator *emulator, const struct amount *amount)
{
	return amount->setting == INDEX_NONE ? amount->ms : emulator->settings[amount->setting].number;
}

static int64_t timer_next_due(const struct emulator *emulator, const struct timer *timer)
{
	switch (timer->kind) {
	case TIMER_AFTER:
	case TIMER_EVERY:
		return emulator->now_ms + amount_ms(emulator, &timer->amount);
	case TIMER_DAILY:
		return zone_next_time_of_day(timer->zone, timer->minute_of_day, emulator->now_ms);
	}
	return EMULATOR_NEVER;
}

static void start_timer(struct emulator *emulator, size_t index)
{
	const int64_t due_ms = timer_next_due(emulator, &emulator->machine->timers[index]);

	/* Short timers may start each other round and round: without a rest, one long jump would be endless work. */
	emulator->timer_started_ms[index] = emulator->now_ms;
	emulator->timer_due_ms[index] =
	    due_ms > emulator->timer_rested_ms[index] ? due_ms : emulator->timer_rested_ms[index];
}

/* After every event: timers whose states have just become active start, those whose states have ended stop, and those
 * that wait for this event start afresh. */
static void update_timers(struct emulator *emulator, int event)
{
	const struct machine *machine = emulator->machine;

	for (size_t i = 0; i < machine->timer_count; i++) {
		const bool holds = state_set_holds(machine->timers[i].when, emulator->active);
		const bool held = emulator->timer_holds >> i & 1U;

		if (!holds)
			emulator->timer_due_ms[i] = EMULATOR_NEVER;
		else if (!held || (event != INDEX_NONE && event_set_has(&machine->timers[i].restart, event)))
			start_timer(emulator, i);
		if (holds != held)
			emulator->timer_holds ^= 1U << i;
	}
}

/* ---- events: the one place where states change ---- */

static const struct transition *find_transition(const struct emulator *emulator, size_t region, int event)
{
	const struct machine *machine = emulator->machine;
	const struct transition_list *list =
	    &machine->transitions[(size_t)emulator->state[region] * machine->event_count + (size_t)event];

	for (size_t i = 0; i < list->count; i++)
		if (state_set_holds(list->items[i].when, emulator->active))
			return &list->items[i];
	return NULL;
}

static void enter(struct emulator *emulator, size_t region, uint8_t state)
{
	emulator->active &= ~(1ULL << emulator->state[region]);
	emulator->state[region] = state;
	emulator->active |= 1ULL << state;
}

/* All regions hear the event at once: who goes where is decided by the states before it. */
static void raise(struct emulator *emulator, int event)
{
	const struct machine *machine = emulator->machine;
	const struct transition *taken[REGIONS_MAX];
	const uint64_t before = emulator->active;

	for (size_t i = 0; i < machine->region_count; i++)
		taken[i] = find_transition(emulator, i, event);
	for (size_t i = 0; i < machine->region_count; i++)
		if (taken[i])
			enter(emulator, i, taken[i]->to);
	if (event_set_has(&machine->new_session, event))
		emulator->session_ordinal++;
	update_timers(emulator, event);
	if (emulator->active != before)
		write_record(emulator, RECORD_TRANSITION, machine->events[event], before);
	if (emulator->faults.count > 0)
		faults_event(emulator, event);
	if (emulator->expect)
		expect_event(emulator, event);
}

/* ---- actions ---- */

/* Ends a sentence with the name that may have been meant. */
static void add_nearest(struct error *error, const struct nearest *nearest)
{
	const struct error sentence = *error;

	if (nearest->best)
		error_set(error, "%s; did you mean \"%s\"?", sentence.text, nearest->best);
}

static bool refuse_event(const struct machine *machine, const char *name, struct error *error)
{
	struct nearest nearest;

	machine_nearest_event(machine, name, &nearest);
	error_set(error, "no state listens for an event \"%s\"", name);
	add_nearest(error, &nearest);
	return false;
}

static bool refuse_state(const struct machine *machine, const char *name, struct error *error)
{
	struct nearest nearest;

	machine_nearest_state(machine, name, &nearest);
	error_set(error, "there is no state \"%s\"", name);
	add_nearest(error, &nearest);
	return false;
}

static bool refuse_setting(const struct machine *machine, const char *name, struct error *error)
{
	struct nearest nearest;

	machine_nearest_setting(machine, name, &nearest);
	error_set(error, "there is no setting \"%s\"", name);
	add_nearest(error, &nearest);
	return false;
}

static bool set_setting(struct emulator *emulator, const struct action *action, struct error *error)
{
	const int index = machine_find_setting(emulator->machine, action->name);
	struct value value = action->value;
	struct nearest nearest;
	char *text = NULL;

	if (index == INDEX_NONE)
		return refuse_setting(emulator->machine, action->name, error);
	if (!setting_allows(&emulator->machine->settings[index], &value, &nearest, error)) {
		add_nearest(error, &nearest);
		return false;
	}
	if (value.text) {
		const size_t size = strlen(value.text) + 1;

		text = malloc(size);
		if (!text) {
			error_set(error, "out of memory");
			return false;
		}
		memcpy(text, value.text, size);
		value.text = text;
	}
	free(emulator->setting_texts[index]);
	emulator->setting_texts[index] = text;
	emulator->settings[index] = value;
	return true;
}

static bool enter_state(struct emulator *emulator, const char *name, struct error *error)
{
	const int state = machine_find_state(emulator->machine, name);

	if (state == INDEX_NONE)
		return refuse_state(emulator->machine, name, error);
	enter(emulator, emulator->machine->states[state].region, (uint8_t)state);
	update_timers(emulator, INDEX_NONE);
	return true;
}

static bool apply(struct emulator *emulator, const struct action *action, enum record_kind kind, struct error *error)
{
	const uint64_t before = emulator->active;
	struct record *record;
	int event;

	switch (action->kind) {
	case ACTION_EVENT:
		event = machine_find_event(emulator->machine, action->name);
		if (event == INDEX_NONE)
			return refuse_event(emulator->machine, action->name, error);
		write_record(emulator, kind, emulator->machine->events[event], before);
		raise(emulator, event);
		return true;
	case ACTION_ENTER:
		if (!enter_state(emulator, action->name, error))
			return false;
		break;
	case ACTION_SET:
		if (!set_setting(emulator, action, error))
			return false;
		break;
	}
	record = write_record(emulator, kind, NULL, before);
	if (action->kind == ACTION_ENTER)
		record->name = emulator->machine->states[machine_find_state(emulator->machine, action->name)].name;
	else
		record->name = emulator->machine->settings[machine_find_setting(emulator->machine, action->name)].name;
	if (emulator->expect)
		expect_states(emulator);
	return true;
}

bool emulator_apply(struct emulator *emulator, const struct action *action, struct error *error)
{
	return apply(emulator, action, RECORD_ACTION, error);
}

/* ---- time ---- */

/* The timer that is due first, or -1; among equals the one that the scenario names first. */
static int first_timer(const struct emulator *emulator)
{
	int first = INDEX_NONE;

	for (size_t i = 0; i < emulator->machine->timer_count; i++)
		if (emulator->timer_due_ms[i] != EMULATOR_NEVER &&
		    (first == INDEX_NONE || emulator->timer_due_ms[i] < emulator->timer_due_ms[first]))
			first = (int)i;
	return first;
}

static int64_t next_cue_ms(const struct emulator *emulator)
{
	if (emulator->cue_next >= emulator->machine->cue_count)
		return EMULATOR_NEVER;
	return emulator->start_ms + emulator->machine->cues[emulator->cue_next].at_ms;
}

int64_t emulator_deadline_ms(const struct emulator *emulator)
{
	const int timer = first_timer(emulator);
	const int64_t cue_ms = next_cue_ms(emulator);
	const int64_t expect_ms = expect_due_ms(emulator);
	int64_t first_ms = cue_ms;

	if (timer != INDEX_NONE && emulator->timer_due_ms[timer] < first_ms)
		first_ms = emulator->timer_due_ms[timer];
	/* What is expected by an instant may still be done at that instant: it is found missing right after. */
	return expect_ms < first_ms ? expect_ms + 1 : first_ms;
}

static void fire_timer(struct emulator *emulator, size_t index)
{
	const struct timer *timer = &emulator->machine->timers[index];

	/* A timer that repeats goes on from when it was due, not from when somebody looked. */
	if (timer->kind == TIMER_AFTER)
		emulator->timer_due_ms[index] = EMULATOR_NEVER;
	else
		emulator->timer_due_ms[index] = timer_next_due(emulator, timer);
	emulator->timer_rested_ms[index] = emulator->now_ms + TIMER_PERIOD_MIN_MS;
	write_record(emulator, RECORD_TIMER, timer->name, emulator->active);
	raise(emulator, timer->event);
}

static void do_cue(struct emulator *emulator)
{
	struct error impossible; /* the scenario was checked when it was loaded */

	apply(emulator, &emulator->machine->cues[emulator->cue_next++].action, RECORD_CUE, &impossible);
}

void emulator_advance(struct emulator *emulator, int64_t to_ms)
{
	for (;;) {
		const int timer = first_timer(emulator);
		const int64_t cue_ms = next_cue_ms(emulator);
		const int64_t timer_ms = timer == INDEX_NONE ? EMULATOR_NEVER : emulator->timer_due_ms[timer];
		const int64_t expect_ms = expect_due_ms(emulator);

		if (expect_ms < to_ms && expect_ms < timer_ms && expect_ms < cue_ms) {
			emulator->now_ms = expect_ms > emulator->now_ms ? expect_ms : emulator->now_ms;
			expect_due(emulator);
			continue;
		}
		if (timer_ms > to_ms && cue_ms > to_ms)
			break;
		/* At the same instant the scenario's own cue comes first. */
		if (cue_ms <= timer_ms) {
			emulator->now_ms = cue_ms > emulator->now_ms ? cue_ms : emulator->now_ms;
			do_cue(emulator);
		} else {
			emulator->now_ms = timer_ms > emulator->now_ms ? timer_ms : emulator->now_ms;
			fire_timer(emulator, (size_t)timer);
		}
	}
	if (to_ms > emulator->now_ms)
		emulator->now_ms = to_ms;
}

/* ---- requests: where they go ---- */

static bool is_true(const struct emulator *emulator, int16_t setting)
{
	return setting != INDEX_NONE && emulator->settings[setting].kind == VALUE_BOOL &&
	       emulator->settings[setting].number;
}

static const char *text_of(const struct emulator *emulator, int16_t setting)
{
	if (setting == INDEX_NONE || emulator->settings[setting].kind != VALUE_TEXT)
		return NULL;
	return emulator->settings[setting].text;
}

static struct span path_of(struct span target)
{
	const char *query = memchr(target.at, '?', target.length);

	return (struct span){ .at = target.at, .length = query ? (size_t)(query - target.at) : target.length };
}

/* docs/gateway.md#http: the gateway hangs on a bad escape in the path and on the absolute form. */
static bool is_malformed(struct span path)
{
	if (path.length == 0 || (path.at[0] != '/' && !(path.length == 1 && path.at[0] == '*')))
		return true;
	for (size_t i = 0; i < path.length; i++)
		if (path.at[i] == '%' &&
		    (i + 2 >= path.length || hex_value(path.at[i + 1]) < 0 || hex_value(path.at[i + 2]) < 0))
			return true;
	return false;
}

/* The special endpoint that a request goes to before its path is looked at, or INDEX_NONE. */
static int special_endpoint(const struct emulator *emulator, const struct request *request, struct span path)
{
	const struct machine *machine = emulator->machine;
	const char *allow = text_of(emulator, machine->ips_allow);
	const char *deny = text_of(emulator, machine->ips_deny);
	enum special_match match = MATCH_PATH;

	if ((allow && peers_are_broken(allow)) || (deny && peers_are_broken(deny)))
		match = MATCH_PEER_FILTER_BROKEN;
	else if ((allow && !peers_match(allow, request->peer)) || (deny && peers_match(deny, request->peer)))
		match = MATCH_PEER_DENIED;
	else if (request->is_preflight)
		match = MATCH_PREFLIGHT;
	else if (is_malformed(path))
		match = MATCH_MALFORMED_TARGET;
	return match == MATCH_PATH ? INDEX_NONE : machine->special[match];
}

/* What the upstream refuses before it looks at a request (docs/gateway.md#refusals), or INDEX_NONE. */
static int refused_endpoint(const struct emulator *emulator, const struct request *request)
{
	const struct machine *machine = emulator->machine;
	const bool has_body =
	    request->method == METHOD_POST || request->method == METHOD_PUT || request->method == METHOD_PATCH;

	if (!is_true(emulator, machine->strict_http))
		return INDEX_NONE;
	if (!request->has_user_agent && machine->special[MATCH_NO_USER_AGENT] != INDEX_NONE)
		return machine->special[MATCH_NO_USER_AGENT];
	if (has_body && (!request->has_content_length || request->has_transfer_encoding))
		return machine->special[MATCH_NO_CONTENT_LENGTH];
	return INDEX_NONE;
}

static int find_endpoint(const struct emulator *emulator, const struct request *request, struct span path)
{
	int endpoint = special_endpoint(emulator, request, path);
	int refused;

	if (endpoint != INDEX_NONE)
		return endpoint;
	endpoint = machine_route(emulator->machine, path, request->method);
	if (endpoint == INDEX_NONE || !emulator->machine->endpoints[endpoint].proxied)
		return endpoint;
	refused = refused_endpoint(emulator, request);
	return refused == INDEX_NONE ? endpoint : refused;
}

/* ---- requests: which answer they get ---- */

struct asking {
	const struct request *request;
	struct intent intent; /* what the body and query ask for, looked at only when an answer wants to know */
	bool intent_known;
	uint32_t call; /* counts calls of this endpoint from 1 */
};

static bool wants(struct asking *asking, enum tristate wanted, enum tristate (*field)(const struct intent *))
{
	if (wanted == TRISTATE_ANY)
		return true;
	if (!asking->intent_known) {
		asking->intent = intent_of(asking->request);
		asking->intent_known = true;
	}
	return field(&asking->intent) == wanted;
}

static enum tristate publish_of(const struct intent *intent)
{
	return intent->publish;
}

static enum tristate compete_of(const struct intent *intent)
{
	return intent->compete;
}

static bool guard_holds(const struct emulator *emulator, const struct guard *guard, struct asking *asking)
{
	const int64_t since_start_ms = emulator->now_ms - emulator->start_ms;

	if (!state_set_holds(guard->when, emulator->active))
		return false;
	if (guard->calls_from &&
	    (asking->call < guard->calls_from || (guard->calls_to && asking->call > guard->calls_to)))
		return false;
	if (guard->every && asking->call % guard->every != 0)
		return false;
	if (since_start_ms < guard->from_ms || (guard->to_ms && since_start_ms >= guard->to_ms))
		return false;
	if (guard->methods && !(guard->methods & (1U << asking->request->method)))
		return false;
	if (!wants(asking, guard->publish, publish_of) || !wants(asking, guard->compete, compete_of))
		return false;
	return guard->permille >= 1000 || draw(emulator->seed, guard->rule, asking->call) % 1000 < guard->permille;
}

static const struct answer *answer_of_row(const struct emulator *emulator, size_t row, int endpoint,
                                          struct asking *asking)
{
	const struct answer_list *list =
	    &emulator->machine->answers[row * emulator->machine->endpoint_count + (size_t)endpoint];

	for (size_t i = 0; i < list->count; i++)
		if (guard_holds(emulator, &list->items[i].guard, asking))
			return &list->items[i];
	return NULL;
}

/* The first region whose active state answers; else what the endpoint itself says. */
static const struct answer *find_answer(const struct emulator *emulator, int endpoint, struct asking *asking)
{
	const struct machine *machine = emulator->machine;

	for (size_t i = 0; i < machine->region_count; i++) {
		const struct answer *answer = answer_of_row(emulator, emulator->state[i], endpoint, asking);

		if (answer)
			return answer;
	}
	return answer_of_row(emulator, machine->state_count, endpoint, asking);
}

/* ---- requests: pacing ---- */

/* Counts a call that the upstream sees; false when it is one too many and that is enforced. */
static bool within_rates(struct emulator *emulator, const struct endpoint *endpoint, const struct request *request,
                         struct span path)
{
	const char *pacing = text_of(emulator, emulator->machine->pacing);
	const bool enforced = pacing && strcmp(pacing, "documented") == 0;
	struct rate_window *windows = enforced ? emulator->rates : expect_windows(emulator);
	int exceeded = INDEX_NONE;

	if (!windows ||
	    pacing_count(emulator->machine, windows, endpoint, request, path, emulator->now_ms, !enforced, &exceeded))
		return true;
	expect_too_fast(emulator, (size_t)exceeded);
	return !enforced;
}

/* ---- requests: the whole way ---- */

/* A call that no endpoint of its own was meant for: what a client's author should hear of. */
static bool is_matched(const struct machine *machine, int endpoint)
{
	if (endpoint == INDEX_NONE || machine->endpoints[endpoint].catch_all)
		return false;
	switch (machine->endpoints[endpoint].match) {
	case MATCH_MALFORMED_TARGET:
	case MATCH_NO_USER_AGENT:
	case MATCH_NO_CONTENT_LENGTH:
	case MATCH_WRONG_METHOD:
	case MATCH_UNKNOWN_PATH:
		return false;
	case MATCH_PATH:
	case MATCH_PEER_FILTER_BROKEN:
	case MATCH_PEER_DENIED:
	case MATCH_PREFLIGHT:
	case MATCH_COUNT:
		break;
	}
	return true;
}

/* "tickle upstream_status: passes; draw 0.712345 >= 0.070000" */
static void record_fault(struct emulator *emulator, int endpoint, const struct fault_decision *decision)
{
	const struct fault *fault = &decision->rule->fault;
	struct buffer text = { 0 };
	size_t outcome;

	buffer_add_format(&text, "%s %s: ", emulator->machine->endpoints[endpoint].name, fault->kind->name);
	fault_add_outcome(decision, &text);
	buffer_add_text(&text, "; ");
	outcome = text.length;
	fault_add_draw(decision, &text);
	if (text.length == outcome && !text.failed)
		text.data[outcome - 2] = '\0';
	emulator_note(emulator, RECORD_FAULT, fault->name, text.data ? text.data : "");
	buffer_release(&text);
}

/* The status of an answer that will come; 0: none will. */
static int status_of(const struct reply *reply)
{
	return reply->release_ms == REPLY_NEVER || reply->plan.form == FORM_BARE ? 0 : reply->status;
}

static void record_request(struct emulator *emulator, const struct request *request, int endpoint, uint64_t before,
                           const struct reply *reply)
{
	const char *name = endpoint == INDEX_NONE ? "none" : emulator->machine->endpoints[endpoint].name;
	struct record *record = write_record(emulator, RECORD_REQUEST, name, before);

	record->method = request->method;
	record->status = status_of(reply);
	record->delay_ms = record->status == 0 ? -1 : reply->release_ms - emulator->now_ms;
	record->endpoint = (int16_t)endpoint;
	record->matched = is_matched(emulator->machine, endpoint);
	emulator->tally.unmatched += !record->matched;
	tally_reply(&emulator->tally, record->status);
	journal_add_request(&emulator->journal, record, request);
}

/* A machine of one's own may have no endpoint for a request. */
static void reply_unserved(struct reply *reply)
{
	reply->status = 404;
	reply->reason = status_reason(404);
	reply->framing = FRAMING_AS_GIVEN;
	buffer_add_text(&reply->headers, "Content-Length: 0\r\n");
}

/* Has the machine answer: what the call changes, and the reply from what is so then. */
static void answer_call(struct emulator *emulator, int endpoint, struct asking *asking, struct render_context *context,
                        struct reply *reply)
{
	const struct machine *machine = emulator->machine;
	const struct answer *answer = find_answer(emulator, endpoint, asking);

	if (answer && answer->seen && machine->endpoints[endpoint].proxied &&
	    !within_rates(emulator, &machine->endpoints[endpoint], asking->request, context->path)) {
		raise(emulator, machine->rate_exceeded_event);
		answer = find_answer(emulator, endpoint, asking);
	}
	if (!answer) {
		reply_unserved(reply);
		return;
	}
	if (answer->seen)
		raise(emulator, machine->endpoints[endpoint].event);
	if (answer->event != INDEX_NONE)
		raise(emulator, answer->event);
	context->delay_ms = amount_ms(emulator, &answer->after);
	if (answer->reply == INDEX_NONE) {
		reply->release_ms = REPLY_NEVER;
	} else {
		reply->release_ms = emulator->now_ms + context->delay_ms;
		render_reply(context, &machine->replies[answer->reply], reply);
	}
}

/* The same where faults look on. */
static void answer_with_faults(struct emulator *emulator, int endpoint, struct asking *asking,
                               struct render_context *context, struct reply *reply)
{
	struct fault_decisions decisions;

	faults_decide(emulator, endpoint, asking->request, &decisions);
	if (!decisions.unseen)
		answer_call(emulator, endpoint, asking, context, reply);
	faults_apply(emulator, &decisions, context, reply);
	for (size_t i = 0; i < decisions.count; i++)
		record_fault(emulator, endpoint, &decisions.items[i]);
}

void emulator_handle(struct emulator *emulator, const struct request *request, struct reply *reply)
{
	const struct span path = path_of(request->target);
	const int endpoint = find_endpoint(emulator, request, path);
	const uint64_t before = emulator->active;
	struct render_context context = { .emulator = emulator, .path = path };
	struct asking asking = { .request = request };

	reply_clear(reply);
	reply->release_ms = emulator->now_ms;
	if (endpoint == INDEX_NONE) {
		reply_unserved(reply);
	} else {
		asking.call = ++emulator->calls[endpoint];
		if (emulator->expect)
			expect_call(emulator, endpoint);
		if (emulator->faults.count > 0)
			answer_with_faults(emulator, endpoint, &asking, &context, reply);
		else
			answer_call(emulator, endpoint, &asking, &context, reply);
	}
	record_request(emulator, request, endpoint, before, reply);
}

/* ---- in words ---- */

void emulator_describe(const struct emulator *emulator, uint64_t active, struct buffer *out)
{
	const struct machine *machine = emulator->machine;
	const size_t session = machine->session_region;

	for (size_t i = 0; i < machine->state_count; i++)
		if ((active >> i & 1U) && machine->states[i].region == session)
			buffer_add_text(out, machine->states[i].name);
	for (size_t i = 0; i < machine->state_count; i++) {
		const size_t region = machine->states[i].region;

		if (!(active >> i & 1U) || region == session || machine->states[i].quiet)
			continue;
		buffer_add_text(out, "+");
		buffer_add_text(out, machine->states[i].name);
	}
}
