/*
 * `exec`: a gateway for as long as one command runs: the one line in a CI file. The command finds the gateway in its
 * environment; what it did is judged when it has ended.
 */
#include "cli/ca_bundle.h"
#include "cli/child.h"
#include "cli/command.h"
#include "cli/environment.h"
#include "cli/junit.h"
#include "cli/say.h"
#include "cli/stage.h"
#include "cli/verdict.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct execution {
	struct watch watch; /* of the signals that we pass on besides those of the server: first */
	int signal_fd;
	struct options options;
	struct stage stage;
	struct inheritance inheritance;
	struct ca_bundle bundle;
	struct junit junit;
	struct verdict verdict;
	struct child child;
};

/* ---- signals ---- */

/* The command decides what SIGTERM and its like mean: when it ends, so do we. */
static bool pass_on(void *context, int number)
{
	struct execution *execution = context;

	child_signal(&execution->child, number);
	return false;
}

static void signals_ready(struct watch *watch, uint32_t events)
{
	struct execution *execution = (struct execution *)(void *)watch;
	struct signalfd_siginfo info;

	(void)events;
	while (read(execution->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
		if (info.ssi_signo == SIGCONT)
			child_continue(&execution->child);
		else if (info.ssi_signo != SIGCHLD)
			child_signal(&execution->child, (int)info.ssi_signo);
	if (child_look(&execution->child))
		server_stop(&execution->stage.server);
}

static bool take_signals(struct execution *execution, struct error *error)
{
	static const int passed_on[] = { SIGCHLD, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT, SIGWINCH };
	sigset_t signals;

	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
		sigaddset(&signals, passed_on[i]);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	execution->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	execution->watch.ready = signals_ready;
	execution->stage.server.signalled = pass_on;
	execution->stage.server.signal_context = execution;
	if (execution->signal_fd >= 0 &&
	    server_watch(&execution->stage.server, execution->signal_fd, EPOLLIN, &execution->watch))
		return true;
	error_set(error, "cannot wait for the command");
	return false;
}

/* ---- the whole ---- */

static int start_failed(enum child_outcome outcome, const struct error *error)
{
	say_error(EXIT_INTERNAL, error);
	switch (outcome) {
	case CHILD_STARTED:
	case CHILD_FAILED:
		break;
	case CHILD_NOT_FOUND:
		return EXIT_NOT_FOUND;
	case CHILD_NOT_EXECUTABLE:
		return EXIT_NOT_EXECUTABLE;
	}
	return EXIT_EXEC_FAILED;
}

/* Until the command has ended, and all that it started. */
static int run_command(struct execution *execution)
{
	enum child_outcome outcome;
	struct error error;
	bool served;

	outcome = child_start(&execution->child, execution->options.operands, &execution->inheritance, &error);
	if (outcome != CHILD_STARTED)
		return start_failed(outcome, &error);
	served = stage_run(&execution->stage) == EXIT_FINE;
	child_end(&execution->child);
	/* Nobody needs it any more, and nobody would remove it after us. */
	ca_bundle_remove(&execution->bundle);
	return served ? child_exit_code(&execution->child) : EXIT_EXEC_FAILED;
}

/* Whatever the command did is told; its own failure is the more important one. */
static int judge(struct execution *execution, int code)
{
	int verdict = (int)verdict_reach(&execution->verdict);
	struct error error;

	if (!junit_write(&execution->junit, &error)) {
		say_error(EXIT_INTERNAL, &error);
		verdict = verdict ? verdict : EXIT_INTERNAL;
	}
	return code ? code : verdict;
}

static int run(struct execution *execution)
{
	const struct options *options = &execution->options;
	struct error error;
	int code;

	/* The signals are taken before there is a folder of certificates that somebody has to remove. */
	if (!junit_open(&execution->junit, options->junit, options->strict, &error) ||
	    !take_signals(execution, &error) || !environment_set(&execution->stage, &execution->bundle, &error)) {
		say_error(EXIT_INTERNAL, &error);
		return EXIT_EXEC_FAILED;
	}
	execution->inheritance.bundle = &execution->bundle;
	verdict_begin(&execution->verdict, &execution->stage, &execution->junit);
	code = run_command(execution);
	return execution->child.has_ended ? judge(execution, code) : code;
}

static enum exit_code exec_run(const struct options *options)
{
	struct execution execution = { .options = *options, .signal_fd = -1 };
	int code = EXIT_EXEC_FAILED;

	inheritance_note(&execution.inheritance);
	/* The arguments stand before what ends them all: there is room. */
	execution.options.operands[options->operand_count] = NULL;
	/* Two at once must not be after one port; and the port of a gateway around us is not meant. */
	if (options_source(options, "port") == SOURCE_DEFAULT)
		execution.options.port = 0;
	/* What is on standard error is the command's. */
	if (options_source(options, "log-format") == SOURCE_DEFAULT && !options->verbose)
		execution.options.quiet = true;
	if (stage_open(&execution.stage, &execution.options, command_exec.name) == EXIT_FINE &&
	    stage_publish(&execution.stage) == EXIT_FINE)
		code = run(&execution);
	stage_close(&execution.stage);
	if (execution.signal_fd >= 0)
		close(execution.signal_fd);
	verdict_release(&execution.verdict);
	junit_close(&execution.junit);
	ca_bundle_remove(&execution.bundle);
	return (enum exit_code)code;
}

const struct command command_exec = {
	.name = "exec",
	.bit = FOR_EXEC,
	.operands = "-- COMMAND [ARGUMENT]...",
	.operands_min = 1,
	.operands_max = SIZE_MAX,
	.refused = EXIT_EXEC_FAILED,
	.summary = "be a gateway while a command runs, then judge it",
	.about = "Starts a gateway on free ports, runs the command with the gateway in its environment, and "
		 "judges afterwards what the command's client did: the scenario's expectations and, as "
		 "warnings, or with --strict as failures, the duties of every client. What is wrong is said on "
		 "standard error, and with --junit in a file.\n"
		 "The command finds CPGW_URL, CPGW_HOST, CPGW_PORT, CPGW_ADMIN_URL (empty with --no-admin) and "
		 "CPGW_CA_FILE; "
		 "CURL_CA_BUNDLE, REQUESTS_CA_BUNDLE, SSL_CERT_FILE and NODE_EXTRA_CA_CERTS name one file with the "
		 "system's authorities, those that the variables named before, and ours, so that it can still reach "
		 "everything else; no_proxy and NO_PROXY, where there is a proxy, spare it this machine. "
		 "'cpgw-mock state', 'event', 'clock', 'journal' and 'verify' inside of it mean this "
		 "gateway; another 'cpgw-mock serve' there wants a --port of its own.\n"
		 "Signals are passed on to the command and its children; what it leaves behind in its "
		 "process group is ended, and it never outlives us.\n"
		 "Exits with the command's own status where that is not 0, or 128 and the signal that "
		 "ended it; else 1 for a broken expectation; with --strict 5 for calls that nothing was "
		 "meant for; 125 when there was no gateway, 126 when the command cannot be run, 127 "
		 "when there is none.",
	.run = exec_run,
};
