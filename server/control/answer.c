#include "control/answer.h"

#include "core/calendar.h"
#include "core/names.h"

#include <string.h>

void answer_add_text(struct buffer *out, const char *text)
{
	buffer_add_quoted(out, text, strlen(text));
}

void answer_add_instant(struct buffer *out, int64_t at_ms)
{
	buffer_add_text(out, "\"");
	instant_add(out, at_ms);
	buffer_add_text(out, "\"");
}

void answer_add_clock(struct buffer *out, const struct gateway *gateway)
{
	static const char *const modes[] = {
		[CLOCK_REAL] = "real", [CLOCK_SCALED] = "scaled", [CLOCK_MANUAL] = "manual"
	};

	buffer_add_format(out, "{\"mode\":\"%s\",\"scale\":%lld,\"now\":", modes[gateway->clock.mode],
	                  (long long)gateway->clock.scale);
	answer_add_instant(out, gateway_now_ms(gateway));
	buffer_add_text(out, "}");
}

void answer_no_state(struct call *call, const struct machine *machine, const char *name)
{
	struct nearest nearest;

	machine_nearest_state(machine, name, &nearest);
	call_unknown(call, MHD_HTTP_BAD_REQUEST, "there is no state", name, &nearest);
}
