/*
 * `gauntlet`: the user's own test command against every known failure of the real gateway, one after the other or several
 * at once, and a matrix of how it fared. Each run is a process of its own (gauntlet_run.c); this one starts them, reads what
 * they write, and tells.
 */
#include "cli/gauntlet.h"

#include "cli/command.h"
#include "cli/say.h"
#include "wire/hub.h"
#include "wire/write_all.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often a line that shows who runs is drawn anew. */
#define REDRAW_MS 200

struct loop {
	struct gauntlet *gauntlet;
	const struct inheritance *inheritance;
	struct gauntlet_report *report;
	struct pollfd *fds; /* owned: the signals, then two for each case */
	int signal_fd;
	size_t next; /* case to start */
	size_t running;
	int code; /* why it had to end early, unless EXIT_FINE */
};

/* ---- how a run came out ---- */

static enum gauntlet_outcome outcome_of(const struct gauntlet_case *one, bool strict)
{
	const struct gauntlet_found *found = &one->found;

	if (!one->told)
		return OUTCOME_FAILED;
	if (found->timed_out)
		return OUTCOME_HUNG;
	if (!found->ended || !WIFEXITED(found->status) || WEXITSTATUS(found->status) != 0)
		return OUTCOME_FAILED;
	if (found->broken > 0 || (strict && found->unmatched > 0))
		return OUTCOME_BROKE;
	return found->met ? OUTCOME_SURVIVED : OUTCOME_NOT_MET;
}

static void add_tail(const struct gauntlet_case *one)
{
	struct buffer text = { 0 };

	gauntlet_tail_show(&one->tail, 20, "", &text);
	if (text.length > 0)
		write_all(STDERR_FILENO, text.data, text.length);
	buffer_release(&text);
}

/* What keeps one from running keeps all of them. One whose process has come to an untimely end is a row like others. */
static int code_of(const struct gauntlet_case *one)
{
	const struct gauntlet_found *found = &one->found;
	struct error error;

	if (!one->told)
		return EXIT_FINE;
	if (!found->had_gateway) {
		add_tail(one);
		error_set(&error, "%s: there was no gateway, and the command did not run", one->failure->facts.id);
		say_error(EXIT_INTERNAL, &error);
		return EXIT_EXEC_FAILED;
	}
	switch (found->started) {
	case CHILD_STARTED:
		return EXIT_FINE;
	case CHILD_NOT_FOUND:
		say_error(EXIT_INTERNAL, &found->why);
		return EXIT_NOT_FOUND;
	case CHILD_NOT_EXECUTABLE:
		say_error(EXIT_INTERNAL, &found->why);
		return EXIT_NOT_EXECUTABLE;
	case CHILD_FAILED:
		break;
	}
	say_error(EXIT_INTERNAL, &found->why);
	return EXIT_EXEC_FAILED;
}

static void signal_runs(const struct gauntlet *gauntlet, int number)
{
	for (size_t i = 0; i < gauntlet->count; i++)
		if (gauntlet->cases[i].phase == PHASE_RUNS)
			kill(gauntlet->cases[i].pid, number);
}

/* Those that run are ended in order, and no other begins. */
static void stop(struct loop *loop)
{
	/* Who asks twice does not wait for commands that will not go. */
	signal_runs(loop->gauntlet, loop->gauntlet->stopped ? SIGKILL : SIGTERM);
	loop->gauntlet->stopped = true;
}

static void conclude(struct loop *loop, struct gauntlet_case *one)
{
	struct gauntlet *gauntlet = loop->gauntlet;

	one->phase = PHASE_DONE;
	one->took_ms = monotonic_ms() - one->began_ms;
	loop->running--;
	if (gauntlet->stopped)
		return;
	loop->code = code_of(one);
	if (loop->code != EXIT_FINE) {
		stop(loop);
		return;
	}
	one->outcome = outcome_of(one, gauntlet->options->strict);
	gauntlet->run++;
	gauntlet->counts[one->outcome]++;
	gauntlet->allowed_failed += one->allowed && gauntlet_fails(one->outcome);
}

/* ---- what runs write ---- */

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* All that is there. So much at a time that one flood does not keep the others waiting. */
static void read_output(struct gauntlet_case *one)
{
	char bytes[16384];

	for (int turns = 0; turns < 8 && one->output >= 0; turns++) {
		const ssize_t got = read(one->output, bytes, sizeof bytes);

		if (got > 0)
			gauntlet_tail_add(&one->tail, bytes, (size_t)got);
		else if (got == 0 || (errno != EAGAIN && errno != EINTR))
			shut(&one->output);
		if (got <= 0)
			return;
	}
}

static void read_result(struct gauntlet_case *one)
{
	const ssize_t got = read(one->result, &one->found, sizeof one->found);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	one->told = one->told || got == (ssize_t)sizeof one->found;
	if (got <= 0)
		shut(&one->result);
}

static struct gauntlet_case *case_of(const struct gauntlet *gauntlet, pid_t pid)
{
	for (size_t i = 0; i < gauntlet->count; i++)
		if (gauntlet->cases[i].phase == PHASE_RUNS && gauntlet->cases[i].pid == pid)
			return &gauntlet->cases[i];
	return NULL;
}

/* It has gone: what is still in its pipes is all that there will be. A stranger who holds their other end is not waited
 * for. */
static void take_ended(struct loop *loop)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		struct gauntlet_case *one = case_of(loop->gauntlet, pid);

		if (!one)
			continue;
		read_output(one);
		while (one->result >= 0 && !one->told)
			read_result(one);
		shut(&one->output);
		shut(&one->result);
		conclude(loop, one);
	}
}

/* ---- the loop ---- */

static void take_signals(struct loop *loop)
{
	struct signalfd_siginfo info;

	while (read(loop->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGCHLD || info.ssi_signo == SIGWINCH)
			continue;
		loop->gauntlet->stop_signal = (int)info.ssi_signo;
		stop(loop);
	}
	take_ended(loop);
}

static void start_more(struct loop *loop)
{
	struct gauntlet *gauntlet = loop->gauntlet;
	struct error error;

	while (!gauntlet->stopped && loop->next < gauntlet->count && loop->running < gauntlet->options->jobs) {
		if (!gauntlet_run_start(&gauntlet->cases[loop->next++], gauntlet->options, loop->inheritance, &error)) {
			loop->code = (int)say_error(EXIT_INTERNAL, &error);
			stop(loop);
			return;
		}
		loop->running++;
	}
}

static void watch(struct loop *loop)
{
	const struct gauntlet *gauntlet = loop->gauntlet;

	loop->fds[0] = (struct pollfd){ .fd = loop->signal_fd, .events = POLLIN };
	for (size_t i = 0; i < gauntlet->count; i++) {
		loop->fds[1 + i] = (struct pollfd){ .fd = gauntlet->cases[i].output, .events = POLLIN };
	}
}

static void go(struct loop *loop)
{
	struct gauntlet *gauntlet = loop->gauntlet;

	for (start_more(loop); loop->running > 0; start_more(loop)) {
		gauntlet_report_go_on(loop->report);
		watch(loop);
		if (poll(loop->fds, 1 + gauntlet->count, loop->report->live ? REDRAW_MS : -1) < 0)
			continue;
		for (size_t i = 0; i < gauntlet->count; i++)
			if (loop->fds[1 + i].revents)
				read_output(&gauntlet->cases[i]);
		take_signals(loop);
	}
	gauntlet_report_go_on(loop->report);
}

static bool open_loop(struct loop *loop)
{
	static const int taken[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD, SIGWINCH };
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	const struct sigaction ignored = { .sa_handler = SIG_IGN };
	sigset_t signals;

	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		sigaddset(&signals, taken[i]);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	/* Who ignores it is not told how children ended. */
	sigaction(SIGCHLD, &usual, NULL);
	/* When whoever reads the report has gone, the runs are still to be ended in order. */
	sigaction(SIGPIPE, &ignored, NULL);
	loop->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	loop->fds = calloc(1 + loop->gauntlet->count, sizeof *loop->fds);
	return loop->signal_fd >= 0 && loop->fds;
}

/* ---- the whole ---- */

static int sum_up(const struct gauntlet *gauntlet)
{
	const size_t failed =
	    gauntlet->counts[OUTCOME_FAILED] + gauntlet->counts[OUTCOME_HUNG] + gauntlet->counts[OUTCOME_BROKE];

	if (gauntlet->stopped)
		return 128 + gauntlet->stop_signal;
	return failed > gauntlet->allowed_failed ? EXIT_BROKEN : EXIT_FINE;
}

static int run_all(struct gauntlet *gauntlet, const struct inheritance *inheritance)
{
	struct gauntlet_report report;
	struct loop loop = { .gauntlet = gauntlet, .inheritance = inheritance, .report = &report, .signal_fd = -1 };
	struct error error;
	int code;

	if (!open_loop(&loop)) {
		error_set(&error, "out of memory");
		code = (int)say_error(EXIT_INTERNAL, &error);
		goto out;
	}
	gauntlet_report_begin(&report, gauntlet);
	go(&loop);
	code = loop.code;
	if (code != EXIT_FINE)
		goto out;
	gauntlet_report_end(&report);
	code = sum_up(gauntlet);
	if (!gauntlet_files_write(gauntlet, &error)) {
		say_error(EXIT_INTERNAL, &error);
		code = code ? code : EXIT_INTERNAL;
	}
	if (report.failed)
		code = code ? code : EXIT_INTERNAL;
out:
	free(loop.fds);
	if (loop.signal_fd >= 0)
		close(loop.signal_fd);
	return code;
}

static void release(struct gauntlet *gauntlet)
{
	for (size_t i = 0; gauntlet->cases && i < gauntlet->count; i++)
		gauntlet_tail_release(&gauntlet->cases[i].tail);
	free(gauntlet->cases);
	known_failures_release(&gauntlet->failures);
}

static enum exit_code gauntlet_run(const struct options *options)
{
	struct gauntlet gauntlet = { .options = options };
	struct inheritance inheritance;
	struct error error;
	int code = EXIT_USAGE;

	inheritance_note(&inheritance);
	if (!known_failures_gather(&gauntlet.failures)) {
		code = EXIT_SCENARIO;
	} else if (gauntlet_pick(&gauntlet)) {
		code = gauntlet_files_check(options, &error) ? run_all(&gauntlet, &inheritance)
		                                             : (int)say_error(EXIT_INTERNAL, &error);
	}
	release(&gauntlet);
	return (enum exit_code)code;
}

const struct command command_gauntlet = {
	.name = "gauntlet",
	.bit = FOR_GAUNTLET,
	.operands = "-- COMMAND [ARGUMENT]...",
	.operands_min = 1,
	.operands_max = SIZE_MAX,
	.summary = "run a command against every known failure",
	.about =
	    "Runs the command once for each of the real gateway's known failures ('cpgw-mock catalogue'), beside a "
	    "fresh gateway that fails so, and says how it fared. It survived when it exited with 0, "
	    "the failure was there to be met, and no expectation is broken; it failed; it hung, and was ended; it "
	    "broke what is expected of its client, with --strict the duties of every client too; or it never met the "
	    "failure, and nothing can be said.\n"
	    "The command finds what it finds under 'exec', and CPGW_CATALOGUE_ID, CPGW_CATALOGUE_NAME and "
	    "CPGW_CATALOGUE_TITLE. Failures that take minutes to show are played on a faster clock unless --clock says "
	    "otherwise; the command can also move its gateway's clock by itself: 'cpgw-mock clock'. Its standard input "
	    "is "
	    "empty, and what it writes is kept, as far as it is needed: the end is shown where it fails. What it "
	    "leaves "
	    "behind is ended, whatever its group.\n"
	    "Exits with 0 when nothing failed but what --allow names, else with 1; 125 when there was no gateway, 126 "
	    "when the command cannot be run, 127 when there is none; 128 and its number after a signal.",
	.run = gauntlet_run,
};
