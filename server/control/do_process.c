/*
 * The process as a whole.
 */
#include "control/answer.h"
#include "control/handlers.h"
#include "control/parts.h"

#include <stdio.h>
#include <string.h>

void do_health(struct call *call)
{
	struct buffer *out = call_answer_json(call, MHD_HTTP_OK);

	buffer_add_text(out, "{\"status\":\"healthy\",\"version\":");
	answer_add_text(out, call->options->version);
	buffer_add_format(out, ",\"uptime_ms\":%lld,\"gateways\":%zu}\n",
	                  (long long)(monotonic_ms() - call->control->started_ms),
	                  registry_count(call->options->registry));
}

void do_version(struct call *call)
{
	struct buffer *out = call_answer_json(call, MHD_HTTP_OK);

	buffer_add_text(out, "{\"version\":");
	answer_add_text(out, call->options->version);
	buffer_add_text(out, "}\n");
}

void do_livez(struct call *call)
{
	call_answer_text(call, MHD_HTTP_OK, TYPE_TEXT, "ok\n");
}

/* This port answers only once the first gateway listens. */
void do_readyz(struct call *call)
{
	do_livez(call);
}

void do_shutdown(struct call *call)
{
	call->control->shutdown_asked = true;
	buffer_add_text(call_answer_json(call, MHD_HTTP_ACCEPTED), "{\"status\":\"stopping\"}\n");
}

void do_authority(struct call *call)
{
	char bytes[4096];
	FILE *file = call->options->ca_file ? fopen(call->options->ca_file, "re") : NULL;
	size_t got;

	if (!file) {
		call_problem(call, MHD_HTTP_NOT_FOUND,
		             call->options->ca_file ? "the authority's certificate cannot be read"
		                                    : "this gateway's certificate is not from an authority of ours");
		return;
	}
	call_answer_text(call, MHD_HTTP_OK, TYPE_PEM, "");
	while ((got = fread(bytes, 1, sizeof bytes, file)) > 0)
		buffer_add(&call->answer, bytes, got);
	fclose(file);
}
