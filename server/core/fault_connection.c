/*
 * Faults of the connection: it breaks around an answer, before a request, or does not come about.
 */
#include "core/emulator.h"
#include "core/fault_kinds.h"

/* ---- around an answer ---- */

static void limit(const struct fault_act *act)
{
	act->reply->plan.limit = (size_t)act->values->bytes;
	act->reply->plan.limits_body = act->values->at_body;
}

/* Nothing of the answer is left, and no pause in it either. */
static void take_all(struct reply *reply)
{
	buffer_clear(&reply->body);
	reply->plan.form = FORM_BARE;
	reply->plan.pace = (struct pace){ 0 };
}

void fault_reset_peer(const struct fault_act *act)
{
	struct fault_plan *plan = &act->reply->plan;

	if (act->values->bytes > 0)
		limit(act);
	else if (!act->values->at_end)
		take_all(act->reply);
	plan->pace.rest_ms = act->values->after_ms;
	plan->end = END_RESET;
}

void fault_fin_without_close_notify(const struct fault_act *act)
{
	act->reply->plan.end = END_CUT;
}

void fault_limit_data(const struct fault_act *act)
{
	limit(act);
	act->reply->plan.end = END_CUT;
}

void fault_slicer(const struct fault_act *act)
{
	struct pace *pace = &act->reply->plan.pace;

	pace->kind = PACE_SLICES;
	pace->ms = act->values->step_ms;
	pace->slice = (size_t)act->values->average_size;
	pace->varies = (size_t)act->values->size_variation;
	pace->random = act->random;
}

void fault_close_on_reuse(const struct fault_act *act)
{
	act->reply->plan.end = act->values->reset ? END_RESET_ON_REUSE : END_CLOSE_ON_REUSE;
}

/* ---- the port ---- */

void fault_refuse(const struct fault_act *act)
{
	*act->port = PORT_REFUSES;
}

void fault_backlog_full(const struct fault_act *act)
{
	*act->port = PORT_FULL;
}

/* ---- as it is accepted ---- */

void fault_accept_reset(const struct fault_act *act)
{
	act->accept->act = ACCEPT_RESET;
}

void fault_accept_close(const struct fault_act *act)
{
	act->accept->act = ACCEPT_CLOSE;
}

void fault_accept_stall(const struct fault_act *act)
{
	const int64_t until_ms = act->emulator->now_ms + act->values->after_ms;

	act->accept->act = ACCEPT_STALL;
	act->accept->until_ms = act->values->after_ms > 0 && until_ms < act->until_ms ? until_ms : act->until_ms;
}
