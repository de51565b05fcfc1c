/*
 * Faults of the upstream, as the gateway relays them.
 */
#include "core/emulator.h"
#include "core/fault_kinds.h"
#include "core/header_lines.h"
#include "core/render.h"

static void begin_anew(struct reply *reply)
{
	const int64_t release_ms = reply->release_ms;

	reply_clear(reply);
	reply->release_ms = release_ms;
}

/* When the emulator had a delay for its own answer, this one comes in its place. */
static void release_after(const struct fault_act *act)
{
	act->context->delay_ms = act->values->after_ms;
	act->reply->release_ms = act->emulator->now_ms + act->values->after_ms;
}

void fault_upstream_status(const struct fault_act *act)
{
	const struct fault_values *values = act->values;
	struct reply *reply = act->reply;

	begin_anew(reply);
	release_after(act);
	reply->status = (int)values->status;
	reply->reason = values->reason ? values->reason : status_reason(reply->status);
	if (values->content_type)
		header_lines_set(&reply->headers, "Content-Type", values->content_type);
	buffer_add(&reply->body, values->body.at, values->body.length);
}

void fault_upstream_reply(const struct fault_act *act)
{
	begin_anew(act->reply);
	release_after(act);
	render_reply(act->context, &act->emulator->machine->replies[act->values->reply], act->reply);
}

void fault_upstream_hang(const struct fault_act *act)
{
	reply_clear(act->reply);
	act->reply->release_ms = REPLY_NEVER;
}

void fault_upstream_truncated(const struct fault_act *act)
{
	struct reply *reply = act->reply;
	const size_t whole = reply->body.length;
	const size_t kept = act->values->bytes < 0 ? whole / 2 : (size_t)act->values->bytes;

	reply->plan.form = FORM_UNFINISHED;
	reply->plan.pace.rest_ms = PACE_NEVER;
	if (kept < whole) {
		reply->plan.missing = whole - kept;
		reply->body.length = kept;
		reply->body.data[kept] = '\0';
	}
}

void fault_upstream_creep(const struct fault_act *act)
{
	const struct fault_values *values = act->values;
	const int64_t steps = (int64_t)act->nth - 1;
	int64_t delay_ms = values->lower_ms;

	if (steps > 0 && values->step_ms > (values->upper_ms - delay_ms) / steps)
		delay_ms = values->upper_ms;
	else
		delay_ms += values->step_ms * steps;
	act->reply->release_ms += delay_ms;
}
