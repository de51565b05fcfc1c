/*
 * `serve`: one gateway, and those that the control API adds, until it is told to stop.
 */
#include "cli/command.h"
#include "cli/say.h"
#include "cli/stage.h"

/* Nobody may be listening: that is complained of, and the gateway serves all the same. */
static void announce(const struct stage *stage)
{
	struct buffer line = { 0 };

	stage_add_ready_line(stage, &line);
	say_result(&line);
	buffer_release(&line);
}

static enum exit_code serve_run(const struct options *options)
{
	struct stage stage;
	enum exit_code code = stage_open(&stage, options, command_serve.name);

	if (code == EXIT_FINE)
		code = stage_publish(&stage);
	if (code == EXIT_FINE) {
		announce(&stage);
		code = stage_run(&stage);
	}
	stage_close(&stage);
	return code;
}

const struct command command_serve = {
	.name = "serve",
	.bit = FOR_SERVE,
	.summary = "be a gateway, until SIGTERM or SIGINT; the default",
	.about = "Serves a gateway over HTTPS until SIGTERM, SIGINT or SIGHUP. Once it listens it prints one "
		 "line of JSON: its url, its port, ca_file, the certificate authority that clients are "
		 "to trust, and admin_url, where the control API is. ca_file is null with --cert, "
		 "whose authority only you know, and with --tls authentic, which no client can "
		 "verify.\n"
		 "The control API is plain HTTP with JSON, for tests: it moves the clock, changes "
		 "the state, shows what the client did, adds gateways. GET /__admin/docs describes "
		 "it.\n"
		 "Certificates are made on first use and kept in $XDG_STATE_HOME/cpgw-mock, else "
		 "~/.local/state/cpgw-mock.\n"
		 "The gateway's clock begins where the scenario says; else a real one shows the "
		 "present time, a scaled or manual one 2026-03-02T14:30:00Z.\n"
		 "Requests are logged to standard error, a line each. Lines that nobody reads are "
		 "dropped, and counted, rather than let them stop the gateway.",
	.run = serve_run,
};
