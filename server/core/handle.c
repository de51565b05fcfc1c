#include "core/emulator_parts.h"

#include "core/draw.h"
#include "core/expect.h"
#include "core/intent.h"
#include "core/login.h"
#include "core/met.h"
#include "core/peers.h"
#include "core/render.h"

#include <string.h>

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

	/* docs/gateway.md#websocket: the address filter does not look at upgrades. */
	if (request->is_upgrade)
		match = request->upgrade_version_ok ? MATCH_WEBSOCKET : MATCH_WEBSOCKET_VERSION;
	if (match != MATCH_PATH && machine->special[match] != INDEX_NONE)
		return machine->special[match];
	match = MATCH_PATH;
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
	struct login_verdict login; /* likewise */
	bool login_known;
	uint32_t call; /* counts calls of this endpoint from 1 */
	int16_t reply; /* the answer's; INDEX_NONE: it had none */
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

static bool login_fits(const struct emulator *emulator, uint32_t wanted, struct asking *asking)
{
	if (wanted == 0)
		return true;
	if (!asking->login_known) {
		asking->login = login_judge(emulator, asking->request);
		asking->login_known = true;
	}
	return wanted >> asking->login.outcome & 1U;
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
	if (guard->peers && !peers_match(guard->peers, asking->request->peer))
		return false;
	if (!wants(asking, guard->publish, publish_of) || !wants(asking, guard->compete, compete_of) ||
	    !login_fits(emulator, guard->logins, asking))
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
	case MATCH_WEBSOCKET:
	case MATCH_WEBSOCKET_VERSION:
	case MATCH_PEER_FILTER_BROKEN:
	case MATCH_PEER_DENIED:
	case MATCH_PREFLIGHT:
	case MATCH_COUNT:
		break;
	}
	return true;
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
	struct record *record = emulator_write_record(emulator, RECORD_REQUEST, name, before);

	record->method = request->method;
	record->status = (int16_t)status_of(reply);
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
		emulator_raise(emulator, machine->rate_exceeded_event);
		answer = find_answer(emulator, endpoint, asking);
	}
	if (!answer) {
		reply_unserved(reply);
		return;
	}
	if (asking->login_known && answer->seen)
		login_answered(emulator, &asking->login, answer->event);
	if (answer->seen)
		emulator_raise(emulator, machine->endpoints[endpoint].event);
	if (answer->event != INDEX_NONE)
		emulator_raise(emulator, answer->event);
	context->delay_ms = emulator_amount_ms(emulator, &answer->after);
	asking->reply = answer->reply;
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
	const struct fault_candidate candidate = {
		.moment = MOMENT_CALL,
		.endpoint = endpoint,
		.request = asking->request,
	};
	struct fault_decisions decisions;

	faults_decide(emulator, &candidate, &decisions);
	if (!decisions.unseen)
		answer_call(emulator, endpoint, asking, context, reply);
	faults_apply(emulator, &decisions, context, reply);
	faults_record(emulator, &candidate, &decisions);
}

void emulator_handle(struct emulator *emulator, const struct request *request, struct reply *reply)
{
	const struct span path = path_of(request->target);
	const int endpoint = find_endpoint(emulator, request, path);
	const uint64_t before = emulator->active;
	struct render_context context = { .emulator = emulator, .path = path, .accept = request->websocket_accept };
	struct asking asking = { .request = request, .reply = INDEX_NONE };

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
	if (emulator->met < emulator->machine->catalogue.met_count)
		met_call(emulator, endpoint, before, asking.reply, reply);
	record_request(emulator, request, endpoint, before, reply);
	reply->record = emulator->journal.written - 1;
}
