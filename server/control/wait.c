#include "control/wait.h"

#include "control/parts.h"

#include <string.h>

static void set_free(struct wait *wait)
{
	struct control *control = wait->control;

	if (wait->release)
		wait->release(wait->context);
	wait->call->wait = NULL;
	wait->call = NULL;
	control->wait_count--;
}

/* The answer is made now, while everything that it is about is still there, and sent when libmicrohttpd comes round. */
static void end(struct wait *wait, enum wait_end how)
{
	struct call *call = wait->call;
	struct control *control = wait->control;

	if (how == WAIT_GATEWAY_GONE)
		call->entry = NULL;
	wait->finish(call, how);
	set_free(wait);
	if (wait->is_suspended)
		control_resume(control, call->connection);
	wait->is_suspended = false;
}

void wait_drop(struct wait *wait)
{
	set_free(wait);
}

/* The answer is for one who has only shut its own side down; else it goes into the void. */
void wait_left(struct wait *wait)
{
	end(wait, WAIT_LEFT);
}

/* ---- beginning one ---- */

static struct wait *find_free(struct control *control)
{
	for (size_t i = 0; i < CONTROL_WAITS_MAX; i++)
		if (!control->waits[i].call)
			return &control->waits[i];
	return NULL;
}

bool wait_begin(struct call *call, int64_t timeout_ms,
                bool (*fits)(struct call *call, uint64_t index, const struct record *record),
                void (*finish)(struct call *call, enum wait_end end), void *context, void (*release)(void *context))
{
	struct control *control = call->control;
	struct wait *wait = find_free(control);

	if (!wait) {
		if (release)
			release(context);
		call_problem(call, MHD_HTTP_TOO_MANY_REQUESTS,
		             "%zu calls wait already, and no more than %d can at once", control->wait_count,
		             CONTROL_WAITS_MAX);
		return false;
	}
	wait->control = control;
	wait->call = call;
	wait->is_suspended = false;
	wait->until_ms = monotonic_ms() + timeout_ms;
	wait->fits = fits;
	wait->work = NULL;
	wait->finish = finish;
	wait->context = context;
	wait->release = release;
	call->wait = wait;
	control->wait_count++;
	control->waits_ever++;
	control_set_timer(control);
	return true;
}

/*
 * Not sooner: libmicrohttpd, when it goes on with a connection that was suspended in its first call, looks for more input
 * first, finds the end of a client that has shut its side down, and does not answer.
 */
void wait_suspend(struct wait *wait)
{
	wait->is_suspended = true;
	MHD_suspend_connection(wait->call->connection);
}

void wait_works(struct call *call, bool (*work)(struct call *call))
{
	call->wait->work = work;
	control_set_timer(call->control);
}

void waits_work(struct control *control)
{
	for (size_t i = 0; control->wait_count > 0 && i < CONTROL_WAITS_MAX; i++)
		if (control->waits[i].call && control->waits[i].work && control->waits[i].work(control->waits[i].call))
			end(&control->waits[i], WAIT_FITS);
}

void wait_answer_end(struct call *call, enum wait_end how, const char *what)
{
	switch (how) {
	case WAIT_FITS:
		break;
	case WAIT_TIMED_OUT:
		call_problem(call, MHD_HTTP_GATEWAY_TIMEOUT, "%s did not come in time", what);
		break;
	case WAIT_LEFT:
		call_problem(call, MHD_HTTP_BAD_REQUEST,
		             "the client shut its side of the connection down while this call waited "
		             "for %s",
		             what);
		break;
	case WAIT_GATEWAY_GONE:
		call_problem(call, MHD_HTTP_GONE, "the gateway was ended while this call waited for %s", what);
		break;
	case WAIT_GATEWAY_RESET:
		call_problem(call, MHD_HTTP_CONFLICT, "the gateway was reset while this call waited for %s", what);
		break;
	case WAIT_STOPPING:
		call_problem(call, MHD_HTTP_SERVICE_UNAVAILABLE, "cpgw-mock stops; this call waited for %s", what);
		break;
	}
}

/* ---- ending them ---- */

static void show_record(struct follower *follower, struct entry *entry, uint64_t index, const struct record *record)
{
	struct control *control = (struct control *)(void *)((char *)follower - offsetof(struct control, follower));

	if (control->wait_count == 0)
		return;
	for (size_t i = 0; i < CONTROL_WAITS_MAX; i++) {
		struct wait *wait = &control->waits[i];

		if (wait->call && wait->call->entry == entry && wait->fits(wait->call, index, record))
			end(wait, WAIT_FITS);
	}
}

static void end_of_entry(struct follower *follower, struct entry *entry, bool begins_anew)
{
	struct control *control = (struct control *)(void *)((char *)follower - offsetof(struct control, follower));

	for (size_t i = 0; i < CONTROL_WAITS_MAX; i++)
		if (control->waits[i].call && control->waits[i].call->entry == entry)
			end(&control->waits[i], begins_anew ? WAIT_GATEWAY_RESET : WAIT_GATEWAY_GONE);
}

void waits_init(struct control *control)
{
	control->follower = (struct follower){ .record = show_record, .gone = end_of_entry };
}

void waits_expire(struct control *control)
{
	const int64_t now_ms = monotonic_ms();

	for (size_t i = 0; i < CONTROL_WAITS_MAX; i++)
		if (control->waits[i].call && control->waits[i].until_ms <= now_ms)
			end(&control->waits[i], WAIT_TIMED_OUT);
}

int64_t waits_due_ms(const struct control *control)
{
	int64_t due_ms = -1;

	for (size_t i = 0; control->wait_count > 0 && i < CONTROL_WAITS_MAX; i++)
		if (control->waits[i].call && control->waits[i].work)
			return 0;
		else if (control->waits[i].call && (due_ms < 0 || control->waits[i].until_ms < due_ms))
			due_ms = control->waits[i].until_ms;
	return due_ms;
}

void waits_stop(struct control *control)
{
	for (size_t i = 0; i < CONTROL_WAITS_MAX; i++)
		if (control->waits[i].call)
			end(&control->waits[i], WAIT_STOPPING);
}
