#include "wire/link_break.h"

#include "wire/gateway.h"
#include "wire/link_parts.h"

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* ---- as it is accepted ---- */

static void stall(struct link *link, const struct accept_plan *plan)
{
	link->phase = LINK_STALLED;
	link->held_by = (struct holders){ { plan->rule } };
	link->stalled_by = plan->rule;
	link->release_ms = plan->until_ms;
	link->held_since_ms = gateway_now_ms(link->gateway);
	gateway_stall(link->gateway, link);
	link_touch(link);
}

void link_begin(struct link *link, const struct accept_plan *plan)
{
	switch (plan->act) {
	case ACCEPT_AS_USUAL:
		break;
	case ACCEPT_RESET:
		link_reset(link);
		break;
	case ACCEPT_CLOSE:
		link_linger(link);
		break;
	case ACCEPT_STALL:
		stall(link, plan);
		break;
	}
}

void link_end_stall(struct link *link)
{
	link->phase = link->session ? LINK_GREETING : LINK_OPEN;
	link->held_by = (struct holders){ 0 };
	link_touch(link);
}

/* ---- around an answer ---- */

void link_plan_end(struct link *link, const struct fault_plan *plan)
{
	switch (plan->end) {
	case END_AS_USUAL:
		return;
	case END_CLOSE:
	case END_CUT:
	case END_RESET:
		link->close_after = true;
		break;
	case END_CLOSE_ON_REUSE:
	case END_RESET_ON_REUSE:
		if (link->close_after) /* there will be no reuse */
			return;
		break;
	}
	link->end = plan->end;
	link->ended_by = plan->ended_by;
}

bool link_ends_on_reuse(const struct link *link)
{
	return link->end == END_CLOSE_ON_REUSE || link->end == END_RESET_ON_REUSE;
}

void link_disarm(struct link *link)
{
	if (link_ends_on_reuse(link) && !link->close_after)
		link->end = END_AS_USUAL;
}

void link_reset(struct link *link)
{
	const struct linger at_once = { .l_onoff = 1 };

	setsockopt(link->ends.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	link_close(link);
}

/* A reset takes back what the socket has not sent yet, for want of room at the client's. EPOLLOUT is to say when it has. */
static bool has_unsent(struct link *link)
{
	const int lowat = 1;
	int unsent = 0;

	if (ioctl(link->ends.fd, SIOCOUTQNSD, &unsent) != 0 || unsent == 0)
		return false;
	if (!link->waits_to_reset)
		setsockopt(link->ends.fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowat, sizeof lowat);
	return true;
}

bool link_break(struct link *link)
{
	if (!link->close_after) /* its client has ended it, and not we */
		return false;
	switch (link->end) {
	case END_AS_USUAL:
	case END_CLOSE:
	case END_CLOSE_ON_REUSE:
		break;
	case END_CUT:
		link_linger(link);
		return true;
	case END_RESET:
	case END_RESET_ON_REUSE:
		link->waits_to_reset = has_unsent(link);
		if (!link->waits_to_reset)
			link_reset(link);
		return true;
	}
	return false;
}
