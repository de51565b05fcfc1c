#include "core/emulator.h"

#include "core/calendar.h"
#include "core/draw.h"
#include "core/intent.h"
#include "core/peers.h"
#include "core/render.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- beginning and end ---- */

static void update_timers(struct emulator *emulator, int event);

bool emulator_init(struct emulator *emulator, const struct machine *machine, uint64_t seed, int64_t start_ms,
                   struct error *error)
{
	*emulator = (struct emulator){ .machine = machine, .seed = seed, .start_ms = start_ms, .now_ms = start_ms };
	journal_init(&emulator->journal, JOURNAL_RECORDS_DEFAULT);
	emulator->rates = calloc(machine->rate_limit_count + 1, sizeof *emulator->rates);
	emulator->settings = calloc(machine->setting_count + 1, sizeof *emulator->settings);
	emulator->setting_texts = calloc(machine->setting_count + 1, sizeof *emulator->setting_texts);
	if (!emulator->rates || !emulator->settings || !emulator->setting_texts) {
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
	return true;
}

void emulator_release(struct emulator *emulator)
{
	for (size_t i = 0; emulator->setting_texts && i < emulator->machine->setting_count; i++)
		free(emulator->setting_texts[i]);
	free(emulator->setting_texts);
	free(emulator->settings);
	free(emulator->rates);
	journal_release(&emulator->journal);
	*emulator = (struct emulator){ 0 };
}

/* ---- journal ---- */

static struct record *write_record(struct emulator *emulator, enum record_kind kind, const char *name, uint64_t before)
{
	struct record *record = journal_next(&emulator->journal);

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

/* A setting may have become shorter than the loader allows: time must go on, or one jump would never end. */
static int64_t at_least(int64_t ms, int64_t least_ms)
{
	return ms > least_ms ? ms : least_ms;
}

static int64_t timer_next_due(const struct emulator *emulator, const struct timer *timer)
{
	switch (timer->kind) {
	case TIMER_AFTER:
		return emulator->now_ms + at_least(amount_ms(emulator, &timer->amount), 1);
	case TIMER_EVERY:
		return emulator->now_ms + at_least(amount_ms(emulator, &timer->amount), TIMER_PERIOD_MIN_MS);
	case TIMER_DAILY:
		return zone_next_time_of_day(timer->zone, timer->minute_of_day, emulator->now_ms);
	}
	return EMULATOR_NEVER;
}

static void start_timer(struct emulator *emulator, size_t index)
{
	emulator->timer_started_ms[index] = emulator->now_ms;
	emulator->timer_due_ms[index] = timer_next_due(emulator, &emulator->machine->timers[index]);
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
}

/* ---- actions ---- */

static bool set_setting(struct emulator *emulator, const struct action *action, struct error *error)
{
	const int index = machine_find_setting(emulator->machine, action->name);
	struct value value = action->value;
	char *text = NULL;

	if (index == INDEX_NONE) {
		error_set(error, "there is no setting \"%s\"", action->name);
		return false;
	}
	if (!value_may_become(emulator->machine->settings[index].value.kind, value.kind)) {
		error_set(error, "setting \"%s\" must be %s", action->name,
		          value_kind_name(emulator->machine->settings[index].value.kind));
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

	if (state == INDEX_NONE) {
		error_set(error, "there is no state \"%s\"", name);
		return false;
	}
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
		if (event == INDEX_NONE) {
			error_set(error, "no state listens for an event \"%s\"", action->name);
			return false;
		}
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

	if (timer != INDEX_NONE && emulator->timer_due_ms[timer] < cue_ms)
		return emulator->timer_due_ms[timer];
	return cue_ms;
}

static void fire_timer(struct emulator *emulator, size_t index)
{
	const struct timer *timer = &emulator->machine->timers[index];

	/* A timer that repeats goes on from when it was due, not from when somebody looked. */
	if (timer->kind == TIMER_AFTER)
		emulator->timer_due_ms[index] = EMULATOR_NEVER;
	else
		emulator->timer_due_ms[index] = timer_next_due(emulator, timer);
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

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* docs/gateway.md#http: the gateway hangs on a bad escape in the path and on the absolute form. */
static bool is_malformed(struct span path)
{
	if (path.length == 0 || (path.at[0] != '/' && !(path.length == 1 && path.at[0] == '*')))
		return true;
	for (size_t i = 0; i < path.length; i++)
		if (path.at[i] == '%' && (i + 2 >= path.length || !is_hex(path.at[i + 1]) || !is_hex(path.at[i + 2])))
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

static bool path_fits(const struct rate_limit *limit, struct span path)
{
	if (path.length < limit->match.length || (!limit->prefix && path.length != limit->match.length))
		return false;
	return memcmp(path.at, limit->match.at, limit->match.length) == 0;
}

/* A limit counts a path and its aliases together. */
static bool rate_applies(const struct machine *machine, const struct rate_limit *limit, const struct request *request,
                         struct span path)
{
	if (!(limit->methods & (1U << request->method)))
		return false;
	if (limit->all || path_fits(limit, path))
		return true;
	for (size_t i = 0; i < machine->alias_count; i++) {
		const struct alias *alias = &machine->aliases[i];
		struct rate_limit rest = *limit;

		if (!span_starts_with(path, alias->from) || !span_starts_with(limit->match, alias->to))
			continue;
		rest.match.at += strlen(alias->to);
		rest.match.length -= strlen(alias->to);
		if (path_fits(&rest, (struct span){ path.at + strlen(alias->from), path.length - strlen(alias->from) }))
			return true;
	}
	return false;
}

/* Lets a call through a window of the last `count` calls, or not. */
static bool rate_allows(struct rate_window *window, const struct rate_limit *limit, int64_t now_ms)
{
	if (window->used == limit->count && now_ms - window->at_ms[window->next] < limit->window_ms)
		return false;
	window->at_ms[window->next] = now_ms;
	window->next = (uint16_t)((window->next + 1) % limit->count);
	if (window->used < limit->count)
		window->used++;
	return true;
}

/* Counts a call that the upstream sees; false when it is one too many. */
static bool within_rates(struct emulator *emulator, const struct request *request, struct span path)
{
	const struct machine *machine = emulator->machine;
	const char *pacing = text_of(emulator, machine->pacing);
	bool within = true;

	if (!pacing || strcmp(pacing, "documented") != 0)
		return true;
	for (size_t i = 0; i < machine->rate_limit_count; i++)
		if (rate_applies(machine, &machine->rate_limits[i], request, path))
			within &= rate_allows(&emulator->rates[i], &machine->rate_limits[i], emulator->now_ms);
	return within;
}

/* ---- requests: the whole way ---- */

/* A call that no endpoint of its own was meant for: what a client's author should hear of. */
static bool is_matched(const struct machine *machine, int endpoint)
{
	if (endpoint == INDEX_NONE)
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

static void record_request(struct emulator *emulator, const struct request *request, int endpoint, uint64_t before,
                           const struct reply *reply)
{
	const char *name = endpoint == INDEX_NONE ? "none" : emulator->machine->endpoints[endpoint].name;
	struct record *record = write_record(emulator, RECORD_REQUEST, name, before);

	record->method = request->method;
	record->status = reply->release_ms == REPLY_NEVER ? 0 : reply->status;
	record->delay_ms = reply->release_ms == REPLY_NEVER ? -1 : reply->release_ms - emulator->now_ms;
	record->endpoint = (int16_t)endpoint;
	record->matched = is_matched(emulator->machine, endpoint);
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

void emulator_handle(struct emulator *emulator, const struct request *request, struct reply *reply)
{
	const struct machine *machine = emulator->machine;
	const struct span path = path_of(request->target);
	const int endpoint = find_endpoint(emulator, request, path);
	const uint64_t before = emulator->active;
	struct render_context context = { .emulator = emulator, .path = path };
	struct asking asking = { .request = request };
	const struct answer *answer = NULL;

	reply_clear(reply);
	reply->release_ms = emulator->now_ms;
	if (endpoint != INDEX_NONE) {
		asking.call = ++emulator->calls[endpoint];
		answer = find_answer(emulator, endpoint, &asking);
	}
	if (answer && answer->seen && machine->endpoints[endpoint].proxied && !within_rates(emulator, request, path)) {
		raise(emulator, machine->rate_exceeded_event);
		answer = find_answer(emulator, endpoint, &asking);
	}
	if (!answer) {
		reply_unserved(reply);
	} else {
		if (answer->seen)
			raise(emulator, machine->endpoints[endpoint].event);
		if (answer->event != INDEX_NONE)
			raise(emulator, answer->event);
		context.delay_ms = amount_ms(emulator, &answer->after);
		if (answer->reply == INDEX_NONE) {
			reply->release_ms = REPLY_NEVER;
		} else {
			reply->release_ms = emulator->now_ms + context.delay_ms;
			render_reply(&context, &machine->replies[answer->reply], reply);
		}
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
