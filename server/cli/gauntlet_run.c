/*
 * One run of the gauntlet: a process of its own that serves one scenario, runs the command beside it, and judges both. Why
 * a process: it is `exec` as it is; and what takes its time there, such as ending what a command has left behind, holds
 * up no other run.
 */
#include "cli/gauntlet.h"

#include "cli/ca_bundle.h"
#include "cli/environment.h"
#include "cli/stage.h"
#include "cli/verdict.h"
#include "core/met.h"
#include "wire/hub.h"
#include "wire/write_all.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

static_assert(sizeof(struct gauntlet_found) < PIPE_BUF, "it is told in one write");

struct run {
	struct watch ended; /* first */
	int signal_fd;
	struct alarm {
		struct watch watch; /* first */
		int timer;
		struct run *run;
	} alarm;
	struct options options;
	struct stage stage;
	struct ca_bundle bundle;
	struct junit junit; /* that nobody wants: the gauntlet writes its own */
	struct verdict verdict;
	struct child child;
	struct gauntlet_found found;
};

/* ---- while the command runs ---- */

static void command_ended(struct watch *watch, uint32_t events)
{
	struct run *run = (struct run *)(void *)watch;
	struct signalfd_siginfo info;

	(void)events;
	while (read(run->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
		;
	if (child_look(&run->child))
		server_stop(&run->stage.server);
}

static void time_ran_out(struct watch *watch, uint32_t events)
{
	struct run *run = ((struct alarm *)(void *)watch)->run;
	uint64_t times;

	(void)events;
	if (read(run->alarm.timer, &times, sizeof times) < 0)
		return;
	run->found.timed_out = !child_look(&run->child);
	server_stop(&run->stage.server);
}

static bool watch_command(struct run *run)
{
	const int64_t ms = run->options.timeout_ms;
	const struct itimerspec patience = { .it_value = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 } };
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	run->ended.ready = command_ended;
	run->alarm.watch.ready = time_ran_out;
	run->alarm.run = run;
	run->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	run->alarm.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	return run->signal_fd >= 0 && run->alarm.timer >= 0 &&
	       timerfd_settime(run->alarm.timer, 0, &patience, NULL) == 0 &&
	       server_watch(&run->stage.server, run->signal_fd, EPOLLIN, &run->ended) &&
	       server_watch(&run->stage.server, run->alarm.timer, EPOLLIN, &run->alarm.watch);
}

/* ---- before and after ---- */

static void export_failure(const struct known_failure *failure)
{
	setenv("CPGW_CATALOGUE_ID", failure->facts.id, 1);
	setenv("CPGW_CATALOGUE_NAME", failure->name, 1);
	setenv("CPGW_CATALOGUE_TITLE", failure->title, 1);
}

static void take_options(struct run *run, const struct options *options, const struct known_failure *failure)
{
	struct error unused; /* the catalogue was checked when it was loaded */

	run->options = *options;
	run->options.scenario = failure->name;
	run->options.port = 0;
	run->options.quiet = true;
	/* The arguments stand before what ends them all: there is room. */
	run->options.operands[options->operand_count] = NULL;
	if (!failure->facts.clock || options_source(options, "clock") != SOURCE_DEFAULT)
		return;
	clock_parse(&run->options.clock, failure->facts.clock, &unused);
	options_give(&run->options, "clock");
}

/* The first gateway may have been reset, or given something else, by the command: then it is about that. */
static void look_at_gateway(struct run *run)
{
	struct emulator *emulator = &run->stage.first->gateway->emulator;
	const struct clock *clock = &run->stage.first->gateway->first_clock;
	const char *missing = met_missing(emulator);

	run->found.met = missing == NULL;
	snprintf(run->found.missing, sizeof run->found.missing, "%s", missing ? missing : "");
	run->found.calls = emulator->tally.records[RECORD_REQUEST];
	run->found.scale = clock->mode == CLOCK_MANUAL ? 0 : (int32_t)clock->scale;
}

static void copy_names(char *to, size_t size, const struct buffer *names)
{
	snprintf(to, size, "%s", names->length > 0 ? names->data : "");
}

static void judge(struct run *run)
{
	struct gauntlet_found *found = &run->found;

	verdict_reach(&run->verdict);
	found->broken = run->verdict.broken;
	found->warned = run->verdict.warned;
	found->unmatched = run->verdict.unmatched;
	copy_names(found->expected, sizeof found->expected, &run->verdict.broken_names);
	copy_names(found->warnings, sizeof found->warnings, &run->verdict.warned_names);
	verdict_release(&run->verdict);
}

static void run_command(struct run *run, const struct inheritance *inheritance)
{
	struct gauntlet_found *found = &run->found;
	struct inheritance passed_on = *inheritance;

	passed_on.bundle = &run->bundle;
	verdict_begin(&run->verdict, &run->stage, &run->junit);
	found->started = child_start(&run->child, run->options.operands, &passed_on, &found->why);
	if (found->started == CHILD_STARTED) {
		stage_run(&run->stage);
		child_end(&run->child);
		found->ended = run->child.has_ended;
		found->status = run->child.status;
	}
	child_end_strays();
	look_at_gateway(run);
	judge(run);
}

static void serve(struct run *run, const struct inheritance *inheritance)
{
	struct error error;

	if (stage_open(&run->stage, &run->options, "gauntlet") == EXIT_FINE) {
		run->found.had_gateway = watch_command(run) && environment_set(&run->stage, &run->bundle, &error);
		if (run->found.had_gateway)
			run_command(run, inheritance);
	}
	stage_close(&run->stage);
	ca_bundle_remove(&run->bundle);
}

/* ---- the process ---- */

struct pipes {
	int output[2];
	int result[2];
};

/* What a terminal sends goes to whom it is shown by; we hear of it from there. Nobody reads from ours. */
static bool leave_terminal(const struct pipes *pipes, pid_t parent)
{
	const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	bool left = nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(pipes->output[1], STDOUT_FILENO) >= 0 &&
	            dup2(pipes->output[1], STDERR_FILENO) >= 0;

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	close(nothing);
	close(pipes->output[0]);
	close(pipes->output[1]);
	close(pipes->result[0]);
	/* It may have gone before that was set. */
	return left && getppid() == parent;
}

_Noreturn static void be_run(const struct gauntlet_case *one, const struct pipes *pipes, const struct options *options,
                             const struct inheritance *inheritance, pid_t parent)
{
	static struct run run;

	run = (struct run){ .signal_fd = -1, .alarm.timer = -1 };
	if (leave_terminal(pipes, parent)) {
		take_options(&run, options, one->failure);
		export_failure(one->failure);
		serve(&run, inheritance);
		write_all(pipes->result[1], (const char *)&run.found, sizeof run.found);
	}
	exit(EXIT_SUCCESS);
}

static void close_both(const int ends[2])
{
	close(ends[0]);
	close(ends[1]);
}

static bool fail(const char *what, struct error *error)
{
	error_set(error, "cannot %s: %s", what, strerror(errno));
	return false;
}

bool gauntlet_run_start(struct gauntlet_case *one, const struct options *options, const struct inheritance *inheritance,
                        struct error *error)
{
	const pid_t parent = getpid();
	struct pipes pipes;

	if (pipe2(pipes.output, O_CLOEXEC) != 0)
		return fail("make a pipe", error);
	if (pipe2(pipes.result, O_CLOEXEC) != 0) {
		fail("make a pipe", error);
		close_both(pipes.output);
		return false;
	}
	one->pid = fork();
	if (one->pid == 0)
		be_run(one, &pipes, options, inheritance, parent);
	close(pipes.output[1]);
	close(pipes.result[1]);
	if (one->pid < 0) {
		fail("start a process", error);
		close(pipes.output[0]);
		close(pipes.result[0]);
		return false;
	}
	fcntl(pipes.output[0], F_SETFL, O_NONBLOCK);
	fcntl(pipes.result[0], F_SETFL, O_NONBLOCK);
	one->output = pipes.output[0];
	one->result = pipes.result[0];
	one->phase = PHASE_RUNS;
	one->began_ms = monotonic_ms();
	return true;
}
