/*
 * `serve`: one gateway, until it is told to stop. Whatever can be wrong is found before anything listens: the scenario,
 * the certificate, the log, the port file, and the port itself last.
 */
#include "cli/command.h"
#include "cli/log.h"
#include "cli/port_file.h"
#include "cli/say.h"
#include "cli/scenario_open.h"
#include "cli/state_folder.h"
#include "wire/certificate.h"
#include "wire/certificate_store.h"
#include "wire/server.h"
#include "wire/tls.h"
#include "wire/write_all.h"

#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* 2026-03-02T14:30:00Z: what a clock that is not the real one shows at the start, unless the scenario says it. A Monday
 * morning in New York, with the markets open. */
#define START_DEFAULT_MS 1772461800000LL

struct serving {
	const struct options *options;
	struct machine machine;
	bool has_machine;
	char authority_file[CERTIFICATE_PATH_MAX]; /* empty: no authority that we know vouches for our certificate */
	SSL_CTX *tls;
	struct server server;
	bool has_server;
	struct log log;
	struct log_cursor cursor;
	struct port_file port_file;
	struct gateway *gateway; /* the server's */
};

/* ---- certificates ---- */

static enum exit_code read_own_certificate(const struct options *options, struct certificate *certificate)
{
	struct error error;

	/* Whatever is wrong with it, another file must be named. */
	if (!certificate_load(options->cert, options->key, certificate, &error))
		return say_usage("serve", &error);
	return EXIT_FINE;
}

/* The folder's full name, because clients may run elsewhere. */
static bool open_store(struct certificate_store *store, struct error *error)
{
	struct buffer path = { 0 };
	bool opened = false;
	char *full = NULL;

	if (state_folder_find(getenv, &path, error) && state_folder_make(path.data, error)) {
		full = realpath(path.data, NULL);
		opened = certificate_store_open(full ? full : path.data, store, error);
	}
	free(full);
	buffer_release(&path);
	return opened;
}

static enum exit_code read_made_certificate(struct serving *serving, struct certificate *certificate)
{
	struct certificate_store store;
	struct error error;
	bool got = open_store(&store, &error);

	switch (serving->options->tls) {
	case TLS_MODERN:
		got = got && certificate_store_leaf(&store, certificate, &error);
		if (got)
			memcpy(serving->authority_file, store.authority_file, sizeof serving->authority_file);
		break;
	case TLS_AUTHENTIC:
		got = got && certificate_store_authentic(&store, certificate, &error);
		break;
	}
	return got ? EXIT_FINE : say_error(EXIT_INTERNAL, &error);
}

static enum exit_code prepare_tls(struct serving *serving)
{
	const struct options *options = serving->options;
	struct certificate certificate = { 0 };
	struct error error;
	enum exit_code code;

	if (!tls_start(&error))
		return say_error(EXIT_INTERNAL, &error);
	code =
	    options->cert ? read_own_certificate(options, &certificate) : read_made_certificate(serving, &certificate);
	if (code != EXIT_FINE)
		return code;
	serving->tls = tls_context_new(options->tls, &certificate, &error);
	certificate_release(&certificate);
	if (serving->tls)
		return EXIT_FINE;
	/* With a certificate of the user's own it is the certificate that does not fit the profile. */
	return options->cert ? say_usage("serve", &error) : say_error(EXIT_INTERNAL, &error);
}

/* ---- the gateway ---- */

static int64_t machine_time_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The command line or environment, else the scenario, else real. */
static struct clock choose_clock(const struct options *options, const struct machine *machine)
{
	struct clock clock = { .mode = CLOCK_REAL, .scale = 1 };
	struct error checked; /* when the scenario was loaded */

	if (options_source(options, "clock") != SOURCE_DEFAULT)
		return options->clock;
	if (machine->clock_text)
		clock_parse(&clock, machine->clock_text, &checked);
	return clock;
}

static int64_t choose_start_ms(const struct machine *machine, const struct clock *clock)
{
	if (machine->has_start)
		return machine->start_ms;
	switch (clock->mode) {
	case CLOCK_REAL:
		return machine_time_ms();
	case CLOCK_SCALED:
	case CLOCK_MANUAL:
		break;
	}
	return START_DEFAULT_MS;
}

static uint64_t choose_seed(const struct options *options, const struct machine *machine)
{
	if (options_source(options, "seed") != SOURCE_DEFAULT)
		return options->seed;
	return machine->has_seed ? machine->seed : SEED_DEFAULT;
}

static enum exit_code exit_code_of(enum listen_outcome outcome)
{
	switch (outcome) {
	case LISTEN_OK:
		return EXIT_FINE;
	case LISTEN_PORT_TAKEN:
	case LISTEN_PORT_DENIED:
	case LISTEN_BAD_ADDRESS:
		return EXIT_CANNOT_BIND;
	case LISTEN_FAILED:
		break;
	}
	return EXIT_INTERNAL;
}

static enum exit_code start_gateway(struct serving *serving)
{
	const struct options *options = serving->options;
	struct gateway_options gateway = {
		.machine = &serving->machine,
		.seed = choose_seed(options, &serving->machine),
		.clock = choose_clock(options, &serving->machine),
		.address = options->bind_address,
		.port = options->port,
		.tls = serving->tls,
		.observe = log_observe,
		.context = &serving->cursor,
	};
	enum listen_outcome outcome;
	struct error error;

	gateway.start_ms = choose_start_ms(&serving->machine, &gateway.clock);
	outcome = server_add_gateway(&serving->server, &gateway, &serving->gateway, &error);
	return outcome == LISTEN_OK ? EXIT_FINE : say_error(exit_code_of(outcome), &error);
}

/* ---- saying where it is ---- */

/* By a name that is on the certificate, where that leads to what is listened on. */
static const char *host_of(const char *address)
{
	if (!address || strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0)
		return "localhost";
	return address;
}

/* Nobody may be listening: then it is not said, and the gateway serves all the same. */
static void announce(const struct serving *serving)
{
	const char *host = host_of(serving->options->bind_address);
	const bool is_v6 = strchr(host, ':') != NULL;
	const unsigned port = serving->gateway->port;
	struct buffer line = { 0 };

	buffer_add_format(&line, "{\"url\":\"https://%s%s%s:%u\",\"port\":%u,\"ca_file\":", is_v6 ? "[" : "", host,
	                  is_v6 ? "]" : "", port, port);
	if (serving->authority_file[0]) {
		buffer_add_text(&line, "\"");
		buffer_add_json_text(&line, serving->authority_file, strlen(serving->authority_file));
		buffer_add_text(&line, "\"");
	} else {
		buffer_add_text(&line, "null");
	}
	buffer_add_text(&line, "}\n");
	if (!buffer_failed(&line))
		write_all(STDOUT_FILENO, line.data, line.length);
	buffer_release(&line);
}

/* ---- the whole ---- */

/* From here on SIGTERM and SIGINT wait for the loop, so that what is made is also taken away. */
static enum exit_code prepare_server(struct serving *serving)
{
	const struct options *options = serving->options;
	struct error error;

	if (!server_init(&serving->server, &error))
		return say_error(EXIT_INTERNAL, &error);
	serving->has_server = true;
	if (!log_init(&serving->log, STDERR_FILENO, options->log_format, options->verbose, &error) ||
	    !log_attach(&serving->log, &serving->server, &error))
		return say_error(EXIT_INTERNAL, &error);
	serving->cursor = (struct log_cursor){ .log = &serving->log };
	if (options->port_file && !port_file_prepare(options->port_file, &serving->port_file, &error))
		return say_error(EXIT_INTERNAL, &error);
	return EXIT_FINE;
}

static enum exit_code run(struct serving *serving)
{
	struct error error;

	if (serving->options->port_file && !port_file_publish(&serving->port_file, serving->gateway->port, &error))
		return say_error(EXIT_INTERNAL, &error);
	announce(serving);
	return server_run(&serving->server, &error) ? EXIT_FINE : say_error(EXIT_INTERNAL, &error);
}

/* First the port file, so that nobody finds it and then no gateway. Once the loop has ended, a second SIGTERM must not
 * turn this into a failure. */
static void stop(struct serving *serving)
{
	if (serving->has_server) {
		signal(SIGTERM, SIG_IGN);
		signal(SIGINT, SIG_IGN);
	}
	port_file_remove(&serving->port_file);
	if (serving->has_server)
		server_release(&serving->server);
	log_release(&serving->log);
	SSL_CTX_free(serving->tls);
	if (serving->has_machine)
		machine_release(&serving->machine);
}

static enum exit_code serve(struct serving *serving)
{
	enum exit_code code = scenario_open(serving->options, &serving->machine);

	if (code != EXIT_FINE)
		return code;
	serving->has_machine = true;
	code = prepare_tls(serving);
	if (code == EXIT_FINE)
		code = prepare_server(serving);
	if (code == EXIT_FINE)
		code = start_gateway(serving);
	return code == EXIT_FINE ? run(serving) : code;
}

static enum exit_code serve_run(const struct options *options)
{
	struct serving serving = { .options = options, .port_file.fd = -1, .log.timer = -1 };
	struct error error;
	enum exit_code code;

	if (!options->cert != !options->key) {
		error_set(&error, "a certificate and its key go together: wanted --cert and --key, found --%s alone",
		          options->cert ? "cert" : "key");
		return say_usage("serve", &error);
	}
	code = serve(&serving);
	stop(&serving);
	return code;
}

const struct command command_serve = {
	.name = "serve",
	.bit = FOR_SERVE,
	.summary = "be a gateway, until SIGTERM or SIGINT; the default",
	.about = "Serves a gateway over HTTPS until SIGTERM or SIGINT. Once it listens it prints one "
		 "line of JSON: its url, its port, and ca_file, the certificate authority that "
		 "clients are to trust. That is null with --cert, whose authority only you know, and "
		 "with --tls authentic, which no client can verify.\n"
		 "Certificates are made on first use and kept in $XDG_STATE_HOME/cpgw-mock, else "
		 "~/.local/state/cpgw-mock.\n"
		 "The gateway's clock begins where the scenario says; else a real one shows the "
		 "present time, a scaled or manual one 2026-03-02T14:30:00Z.\n"
		 "Requests are logged to standard error, a line each. Lines that nobody reads are "
		 "dropped, and counted, rather than let them stop the gateway.",
	.run = serve_run,
};
