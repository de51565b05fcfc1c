/*
 * `gauntlet`: what its parts share. A case is one known failure and how the command fared against it.
 *
 *   gauntlet.c         the command, and the loop in which the runs go
 *   gauntlet_pick.c    which cases there are, from --only and --allow
 *   gauntlet_run.c     one run, in a process of its own
 *   gauntlet_tail.c    what is kept of a command's output, and how it is shown
 *   gauntlet_report.c  the matrix, for people
 *   gauntlet_files.c   the same as JSON and JUnit XML
 */
#ifndef CPGW_CLI_GAUNTLET_H
#define CPGW_CLI_GAUNTLET_H

#include "cli/child.h"
#include "cli/exit_code.h"
#include "cli/known_failures.h"
#include "cli/options.h"
#include "core/buffer.h"
#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* ---- one run ---- */

/* What a run's process tells of it: one write to a pipe, so it is to be smaller than PIPE_BUF. */
struct gauntlet_found {
	bool had_gateway; /* else standard error says why there was none */
	enum child_outcome started;
	bool timed_out;
	bool ended;      /* false: not even when it was killed */
	int status;      /* as waitpid() gives it */
	bool met;        /* the failure was there to be met */
	int32_t scale;   /* of the clock: so many times as fast; 0: it stands still */
	uint64_t calls;  /* that the first gateway answered, or not */
	uint64_t broken; /* expectations that make it fail; warnings; calls that nothing was meant for */
	uint64_t warned;
	uint64_t unmatched;
	char missing[256];  /* what was not met */
	char expected[768]; /* names of broken expectations, ", " between them */
	char warnings[768];
	struct error why; /* why it could not be started */
};

/* The end of what a command wrote. */
struct gauntlet_tail {
	char *bytes; /* owned: a ring */
	size_t used;
	size_t next;
	uint64_t written;
};

void gauntlet_tail_add(struct gauntlet_tail *tail, const char *bytes, size_t length);
void gauntlet_tail_release(struct gauntlet_tail *tail);
/* Its last lines, as far as they can be shown: without colours, control bytes as \x1B, long lines cut. Each begins with
 * `before`. Returns how many lines were left out. */
size_t gauntlet_tail_show(const struct gauntlet_tail *tail, size_t lines_max, const char *before, struct buffer *out);

enum gauntlet_outcome {
	OUTCOME_NONE, /* it has not run to its end */
	OUTCOME_SURVIVED,
	OUTCOME_NOT_MET, /* the command was content, and never met the failure */
	OUTCOME_BROKE,   /* the command was content, what is expected of its client is broken */
	OUTCOME_FAILED,
	OUTCOME_HUNG, /* it was ended when its time had run out */
	OUTCOME_COUNT
};

/* "survived", "not met" … */
extern const char *const gauntlet_outcome_names[OUTCOME_COUNT];

enum gauntlet_phase { PHASE_WAITS, PHASE_RUNS, PHASE_DONE };

struct gauntlet_case {
	const struct known_failure *failure;
	bool allowed; /* it may fail */
	enum gauntlet_phase phase;
	enum gauntlet_outcome outcome;
	struct gauntlet_found found;
	struct gauntlet_tail tail;
	int64_t began_ms; /* monotonic */
	int64_t took_ms;

	/* while it runs */
	pid_t pid;
	int output; /* what the command writes; -1: closed */
	int result; /* a struct gauntlet_found, or nothing */
	bool told;
};

static inline bool gauntlet_fails(enum gauntlet_outcome outcome)
{
	return outcome == OUTCOME_BROKE || outcome == OUTCOME_FAILED || outcome == OUTCOME_HUNG;
}

/* Starts a run in a process of its own. False, with the reason, when the machine would not. */
bool gauntlet_run_start(struct gauntlet_case *run, const struct options *options, const struct inheritance *inheritance,
                        struct error *error);

/* ---- all of them ---- */

struct gauntlet {
	const struct options *options;
	struct known_failures failures;
	struct gauntlet_case *cases; /* owned, in the order of the catalogue */
	size_t count;
	bool stopped;    /* by a signal */
	int stop_signal; /* which */
	size_t counts[OUTCOME_COUNT];
	size_t allowed_failed; /* of those that failed */
	size_t run;            /* how many ran to their end */
};

/* Fills `cases`. False, and standard error says why, when the options name what is not there. */
bool gauntlet_pick(struct gauntlet *gauntlet);

/* ---- for people ---- */

struct gauntlet_report {
	const struct gauntlet *gauntlet;
	bool live; /* standard output is a terminal that can redraw a line */
	bool colour;
	bool symbols; /* it shows UTF-8 */
	size_t shown; /* rows */
	bool has_progress;
	bool failed; /* standard output cannot be written */
};

void gauntlet_report_begin(struct gauntlet_report *report, const struct gauntlet *gauntlet);
/* Shows the rows that can be shown in order, and who runs. */
void gauntlet_report_go_on(struct gauntlet_report *report);
/* The failures at length, and the sum. */
void gauntlet_report_end(struct gauntlet_report *report);

/* "exit status 3", "ended by signal 15 (Terminated)", "ended after 60s" … */
void gauntlet_add_cause(const struct gauntlet *gauntlet, const struct gauntlet_case *run, struct buffer *out);

/* ---- for programs ---- */

/* Writes the files that the options ask for. */
bool gauntlet_files_write(const struct gauntlet *gauntlet, struct error *error);
/* Before anything runs: whether they could be written. */
bool gauntlet_files_check(const struct options *options, struct error *error);

#endif
