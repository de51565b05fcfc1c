#include "cli/stage.h"

#include "cli/library.h"
#include "cli/say.h"
#include "cli/scenario_open.h"

#include <openssl/rand.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef CPGW_VERSION
#define CPGW_VERSION "unknown"
#endif

/* ---- what is wrong with the options together ---- */

static bool is_given(const struct options *options, const char *name)
{
	return options_source(options, name) == SOURCE_COMMAND_LINE;
}

static enum exit_code check_options(const struct stage *stage)
{
	static const char *const of_admin[] = { "admin-port", "admin-bind-address", "admin-token" };
	const struct options *options = stage->options;
	struct error error;

	if (!options->cert != !options->key) {
		error_set(&error, "a certificate and its key go together: wanted --cert and --key, found --%s alone",
		          options->cert ? "cert" : "key");
		return say_usage(stage->command, &error);
	}
	if (is_given(options, "quiet") && is_given(options, "verbose")) {
		error_set(&error, "--quiet logs nothing, --verbose more; wanted one of them");
		return say_usage(stage->command, &error);
	}
	for (size_t i = 0; i < sizeof of_admin / sizeof *of_admin; i++) {
		if (!is_given(options, "no-admin") || !is_given(options, of_admin[i]))
			continue;
		error_set(&error, "--no-admin does without what --%s is about; wanted one of them", of_admin[i]);
		return say_usage(stage->command, &error);
	}
	return EXIT_FINE;
}

/* ---- gateways ---- */

static enum exit_code prepare_registry(struct stage *stage)
{
	const struct options *options = stage->options;
	const struct registry_options wanted = {
		.server = &stage->server,
		.source = library_source(),
		.first_scenario = options->scenario,
		.first_pack = options->fixtures,
		.has_seed = options_source(options, "seed") != SOURCE_DEFAULT,
		.has_clock = options_source(options, "clock") != SOURCE_DEFAULT,
		.added_journal_bytes =
		    options_source(options, "journal-size") == SOURCE_DEFAULT ? JOURNAL_BYTES_OF_ADDED : 0,
		.base = {
			.seed = options_source(options, "seed") != SOURCE_DEFAULT ? options->seed : SEED_DEFAULT,
			.clock = options->clock,
			.address = options->bind_address,
			.port = options->port,
			.journal_size = options->journal_size,
		},
	};
	struct problems problems = { 0 };
	struct error error;
	enum exit_code code = EXIT_FINE;

	stage->registry = registry_new(&wanted, &problems, &error);
	if (!stage->registry && problems.total > 0)
		code = scenario_say_problems(options, &problems);
	else if (!stage->registry)
		code = say_error(EXIT_INTERNAL, &error);
	problems_release(&problems);
	return code;
}

/* What is wrong with the scenario is said first, and alone. */
static enum exit_code prepare_registry_and_tls(struct stage *stage)
{
	enum exit_code code;

	stage_tls_begin(&stage->tls, stage->options);
	code = prepare_registry(stage);
	stage_tls_await(&stage->tls);
	if (code == EXIT_FINE)
		code = stage_tls_say(&stage->tls, stage->command);
	if (code == EXIT_FINE)
		registry_set_tls(stage->registry, stage->tls.context);
	return code;
}

static enum exit_code start_gateway(struct stage *stage)
{
	const struct entry_request request = { 0 };
	struct problems none = { 0 }; /* its scenario is there */
	struct error error;

	switch (registry_add(stage->registry, &request, &stage->first, &none, &error)) {
	case REGISTRY_OK:
		return EXIT_FINE;
	case REGISTRY_CANNOT_LISTEN:
		return say_error(EXIT_CANNOT_BIND, &error);
	case REGISTRY_BAD_NAME:
	case REGISTRY_NAME_TAKEN:
	case REGISTRY_FULL:
	case REGISTRY_NO_SCENARIO:
	case REGISTRY_BAD_SCENARIO:
	case REGISTRY_FAILED:
		break;
	}
	return say_error(EXIT_INTERNAL, &error);
}

/* By what clients reach what listens there. */
static const char *host_of(const char *address)
{
	if (!address || strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0)
		return "localhost";
	return address;
}

/* ---- the control API ---- */

static bool is_loopback(const char *address)
{
	return !address || strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

static bool make_token(struct stage *stage)
{
	unsigned char bytes[ADMIN_TOKEN_BYTES];
	static const char digits[] = "0123456789abcdef";

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		return false;
	for (size_t i = 0; i < sizeof bytes; i++) {
		stage->admin_token[2 * i] = digits[bytes[i] >> 4];
		stage->admin_token[2 * i + 1] = digits[bytes[i] & 0xf];
	}
	return true;
}

uint16_t stage_choose_admin_port(const struct options *options)
{
	if (options_source(options, "admin-port") != SOURCE_DEFAULT)
		return options->admin_port;
	return options->port == 0 ? 0 : CONTROL_PORT_DEFAULT;
}

static void shut_down(void *context)
{
	struct stage *stage = context;

	server_stop(&stage->server);
}

static enum exit_code say_no_control(enum listen_outcome outcome, const struct error *why)
{
	struct error error;

	switch (outcome) {
	case LISTEN_OK:
	case LISTEN_FAILED:
		break;
	case LISTEN_PORT_TAKEN:
	case LISTEN_PORT_DENIED:
		error_set(&error, "%s; it was to be the control API's: --admin-port 0 takes a free one", why->text);
		return say_error(EXIT_CANNOT_BIND, &error);
	case LISTEN_BAD_ADDRESS:
		error_set(&error, "%s; the control API was to be there: see --admin-bind-address", why->text);
		return say_error(EXIT_CANNOT_BIND, &error);
	}
	return say_error(EXIT_INTERNAL, why);
}

static enum exit_code start_control(struct stage *stage)
{
	const struct options *options = stage->options;
	struct control_options control = {
		.server = &stage->server,
		.registry = stage->registry,
		.address = options->admin_bind_address,
		.port = stage_choose_admin_port(options),
		.version = CPGW_VERSION,
		.gateway_host = host_of(options->bind_address),
		.ca_file = stage->tls.authority_file[0] ? stage->tls.authority_file : NULL,
		.strict = options->strict,
		.shutdown = shut_down,
		.context = stage,
	};
	enum listen_outcome outcome;
	struct error error;

	if (options->no_admin)
		return EXIT_FINE;
	if (!options->admin_token && !is_loopback(options->admin_bind_address) && !make_token(stage)) {
		error_set(&error, "cannot make a token for the control API; --admin-token can give one");
		return say_error(EXIT_INTERNAL, &error);
	}
	control.token = stage_admin_token(stage);
	outcome = control_start(&stage->control, &control, &error);
	return outcome == LISTEN_OK ? EXIT_FINE : say_no_control(outcome, &error);
}

/* ---- saying where it is ---- */

static void add_url(const char *scheme, const char *address, unsigned port, struct buffer *out)
{
	const char *host = host_of(address);
	const bool is_v6 = strchr(host, ':') != NULL;

	buffer_add_format(out, "%s://%s%s%s:%u", scheme, is_v6 ? "[" : "", host, is_v6 ? "]" : "", port);
}

void stage_add_url(const struct stage *stage, struct buffer *out)
{
	add_url("https", stage->options->bind_address, stage->first->gateway->port, out);
}

void stage_add_admin_url(const struct stage *stage, struct buffer *out)
{
	if (stage->control)
		add_url("http", stage->options->admin_bind_address, control_port(stage->control), out);
}

const char *stage_admin_token(const struct stage *stage)
{
	if (stage->options->admin_token)
		return stage->options->admin_token;
	return stage->admin_token[0] ? stage->admin_token : NULL;
}

void stage_add_ready_line(const struct stage *stage, struct buffer *out)
{
	buffer_add_text(out, "{\"url\":\"");
	stage_add_url(stage, out);
	buffer_add_format(out, "\",\"port\":%u,\"ca_file\":", (unsigned)stage->first->gateway->port);
	if (stage->tls.authority_file[0])
		buffer_add_quoted(out, stage->tls.authority_file, strlen(stage->tls.authority_file));
	else
		buffer_add_text(out, "null");
	if (stage->control) {
		buffer_add_text(out, ",\"admin_url\":\"");
		stage_add_admin_url(stage, out);
		buffer_add_text(out, "\"");
	} else {
		buffer_add_text(out, ",\"admin_url\":null");
	}
	if (stage->admin_token[0])
		buffer_add_format(out, ",\"admin_token\":\"%s\"", stage->admin_token);
	buffer_add_text(out, "}\n");
}

/* ---- the whole ---- */

static bool prepare_logs(struct stage *stage, struct error *error)
{
	const struct options *options = stage->options;

	if (!log_init(&stage->log, STDERR_FILENO, options->log_format, options->verbose, error) ||
	    !log_attach(&stage->log, &stage->server, error))
		return false;
	if (!options->quiet)
		registry_follow(stage->registry, &stage->log.follower);
	if (!options->journal)
		return true;
	if (!journal_file_open(&stage->journal_file, options->journal, &stage->log, error) ||
	    !log_attach(&stage->journal_file.log, &stage->server, error))
		return false;
	registry_follow(stage->registry, &stage->journal_file.log.follower);
	return true;
}

static bool prepare_port_files(struct stage *stage, struct error *error)
{
	const struct options *options = stage->options;

	if (!options->port_file)
		return true;
	if (!port_file_prepare(options->port_file, &stage->port_file, error))
		return false;
	if (options->no_admin)
		return true;
	buffer_add_format(&stage->admin_port_path, "%s.admin", options->port_file);
	if (!buffer_failed(&stage->admin_port_path))
		return port_file_prepare(stage->admin_port_path.data, &stage->admin_port_file, error);
	error_set(error, "memory ran out");
	return false;
}

static enum exit_code prepare_server(struct stage *stage)
{
	struct error error;

	if (!server_init(&stage->server, &error))
		return say_error(EXIT_INTERNAL, &error);
	stage->has_server = true;
	if (!prepare_logs(stage, &error) || !prepare_port_files(stage, &error))
		return say_error(EXIT_INTERNAL, &error);
	return EXIT_FINE;
}

enum exit_code stage_open(struct stage *stage, const struct options *options, const char *command)
{
	enum exit_code code;

	*stage = (struct stage){
		.options = options,
		.command = command,
		.port_file.fd = -1,
		.admin_port_file.fd = -1,
		.log.timer = -1,
	};
	code = check_options(stage);
	if (code == EXIT_FINE)
		code = prepare_registry_and_tls(stage);
	if (code == EXIT_FINE)
		code = prepare_server(stage);
	if (code == EXIT_FINE)
		code = start_gateway(stage);
	if (code == EXIT_FINE)
		code = start_control(stage);
	return code;
}

enum exit_code stage_publish(struct stage *stage)
{
	struct error error;

	if (!stage->options->port_file)
		return EXIT_FINE;
	if ((stage->control && !port_file_publish(&stage->admin_port_file, control_port(stage->control), &error)) ||
	    !port_file_publish(&stage->port_file, stage->first->gateway->port, &error))
		return say_error(EXIT_INTERNAL, &error);
	return EXIT_FINE;
}

enum exit_code stage_run(struct stage *stage)
{
	struct error error;

	return server_run(&stage->server, &error) ? EXIT_FINE : say_error(EXIT_INTERNAL, &error);
}

/* All that the end of the process takes away just as well. Taking thousands of TLS sessions apart by hand would cost half
 * of the time that a stop has. Under sanitizers it is done: what is left over then is a leak. */
static void release_gateways(struct stage *stage)
{
#ifdef CPGW_RELEASE_ALL
	registry_free(stage->registry);
	if (stage->has_server)
		server_release(&stage->server);
	stage_tls_release(&stage->tls);
#else
	(void)stage;
#endif
}

/* First the port files, so that nobody finds one and then no gateway. Once the loop has ended, a second SIGTERM must not
 * turn this into a failure. */
void stage_close(struct stage *stage)
{
	if (stage->has_server) {
		signal(SIGTERM, SIG_IGN);
		signal(SIGINT, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
	}
	port_file_remove(&stage->port_file);
	port_file_remove(&stage->admin_port_file);
	buffer_release(&stage->admin_port_path);
	control_stop(stage->control);
	release_gateways(stage);
	journal_file_close(&stage->journal_file);
	log_release(&stage->log);
	*stage = (struct stage){ .log.timer = -1 };
}
