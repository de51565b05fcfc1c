/*
 * `ready`: waits until a gateway speaks TLS. It asks again and again rather than be told, because whoever starts first
 * must not matter, and because the port file may be one that a killed process has left.
 */
#include "cli/command.h"
#include "cli/port_file.h"
#include "cli/say.h"
#include "cli/tls_probe.h"
#include "core/calendar.h"
#include "wire/hub.h"
#include "wire/tls.h"

#include <string.h>
#include <time.h>

/* Between two tries. */
#define PAUSE_MS 20
/* For one handshake: who takes a connection and then says nothing may be replaced by who speaks. */
#define TRY_MAX_MS 1000

static void pause_ms(int64_t ms)
{
	const struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

/* The command line wins over the environment; where both name both, the file does: it is the newer word. */
static bool goes_by_file(const struct options *options)
{
	return options->port_file && options_source(options, "port") <= options_source(options, "port-file");
}

static bool try_once(const struct options *options, SSL_CTX *context, int64_t patience_ms, struct error *why)
{
	uint16_t port = options->port;

	if (goes_by_file(options)) {
		switch (port_file_read(options->port_file, &port, why)) {
		case PORT_FILE_FINE:
			break;
		case PORT_FILE_ABSENT:
			error_set(why, "there is no port file %s", options->port_file);
			return false;
		case PORT_FILE_BAD:
			return false;
		}
	}
	return tls_probe(context, options->bind_address, port, patience_ms, why);
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static enum exit_code wait_until_ready(const struct options *options, SSL_CTX *context)
{
	const int64_t deadline_ms = monotonic_ms() + options->wait_ms;
	struct buffer waited = { 0 };
	struct error error;
	struct error why;

	for (;;) {
		const int64_t left_ms = deadline_ms - monotonic_ms();

		/* Even "0s" gives who is there a moment to answer. */
		if (try_once(options, context, left_ms < PAUSE_MS ? PAUSE_MS : smaller(left_ms, TRY_MAX_MS), &why))
			return EXIT_FINE;
		if (monotonic_ms() >= deadline_ms)
			break;
		pause_ms(smaller(PAUSE_MS, deadline_ms - monotonic_ms()));
	}
	duration_add(&waited, options->wait_ms);
	error_set(&error, "not ready after %s: %.400s", waited.data ? waited.data : "all", why.text);
	buffer_release(&waited);
	return say_error(EXIT_INTERNAL, &error);
}

static enum exit_code ready_run(const struct options *options)
{
	struct error error;
	SSL_CTX *context;
	enum exit_code code;

	if (options_source(options, "port") == SOURCE_COMMAND_LINE &&
	    options_source(options, "port-file") == SOURCE_COMMAND_LINE) {
		error_set(&error, "--port and --port-file both say where to look; wanted one of them");
		return say_usage("ready", &error);
	}
	/* Not a bad value as such: where `serve` takes any free port, the environment says 0 to both. */
	if (options->port == 0 && !goes_by_file(options)) {
		error_set(&error, "%s is \"0\"; wanted a port from 1 to 65535, or a --port-file that says which",
		          options_source(options, "port") == SOURCE_ENVIRONMENT ? "CPGW_PORT" : "--port");
		return say_usage("ready", &error);
	}
	context = tls_start(&error) ? tls_probe_context(&error) : NULL;
	if (!context)
		return say_error(EXIT_INTERNAL, &error);
	code = wait_until_ready(options, context);
	SSL_CTX_free(context);
	return code;
}

const struct command command_ready = {
	.name = "ready",
	.bit = FOR_READY,
	.summary = "wait until a gateway can be connected to",
	.about = "Waits until a gateway completes a TLS handshake: on the port that a port file names, "
		 "once that file is there, or on a given port; of this machine, unless an address is "
		 "given. Exit status 0: it is "
		 "ready. 6: the time ran out, and what was missing is said.",
	.run = ready_run,
};
