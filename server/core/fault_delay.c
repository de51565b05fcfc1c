/*
 * Faults of time: the answer is as it should be, and late.
 */
#include "core/draw.h"
#include "core/emulator.h"
#include "core/fault_kinds.h"
#include "core/header_lines.h"

static void delay(const struct fault_act *act, int64_t ms)
{
	struct pace *pace = &act->reply->plan.pace;

	if (!act->values->at_body) {
		act->reply->release_ms += ms;
	} else if (ms > 0 && pace->kind == PACE_AT_ONCE) {
		pace->kind = PACE_AFTER_HEAD;
		pace->ms = ms;
	}
}

void fault_fixed(const struct fault_act *act)
{
	delay(act, act->values->after_ms);
}

void fault_uniform(const struct fault_act *act)
{
	const uint64_t range = (uint64_t)(act->values->upper_ms - act->values->lower_ms) + 1;

	delay(act, act->values->lower_ms + (int64_t)(draw(act->random, 0, 0) % range));
}

/* The sum of twelve even draws is normal enough: variance 1, and nothing beyond six sigma. */
static double normal(uint64_t random)
{
	double sum = -6;

	for (uint64_t i = 0; i < 12; i++)
		sum += (double)(draw(random, 1, i) >> 11) / (double)(1ULL << 53);
	return sum;
}

/* e to the power of x, |x| at most 18. The C library's own may differ in the last bit from machine to machine. */
static double exponential(double x)
{
	const double part = x / 1024;
	double result = 1 + part * (1 + part / 2 * (1 + part / 3 * (1 + part / 4)));

	for (int i = 0; i < 10; i++)
		result *= result;
	return result;
}

void fault_lognormal(const struct fault_act *act)
{
	const double sigma = (double)act->values->sigma / 1000;
	const double ms = (double)act->values->lower_ms * exponential(sigma * normal(act->random));

	delay(act, ms < (double)act->values->upper_ms ? (int64_t)(ms + 0.5) : act->values->upper_ms);
}

void fault_chunked_dribble(const struct fault_act *act)
{
	struct pace *pace = &act->reply->plan.pace;

	pace->kind = PACE_PIECES;
	pace->ms = act->values->after_ms;
	pace->pieces = (uint32_t)act->values->chunks;
	pace->with_head = act->values->with_head;
}

void fault_bandwidth(const struct fault_act *act)
{
	act->reply->plan.pace.kind = PACE_RATE;
	act->reply->plan.pace.rate = act->values->rate; /* thousandths of KB a second are bytes a second */
}

void fault_slow_close(const struct fault_act *act)
{
	header_lines_set(&act->reply->headers, "Connection", "close");
	act->reply->plan.says_close = true;
	act->reply->plan.pace.rest_ms = act->values->after_ms;
	act->reply->plan.end = END_CLOSE;
}

void fault_timeout(const struct fault_act *act)
{
	struct reply *reply = act->reply;

	if (act->values->after_ms == 0) {
		reply_clear(reply);
		reply->release_ms = REPLY_NEVER;
		return;
	}
	buffer_clear(&reply->body);
	reply->release_ms = act->emulator->now_ms + act->values->after_ms;
	reply->plan.form = FORM_BARE;
	reply->plan.end = END_CLOSE;
}
