/*
 * What cpgw-mock's exit status means. These numbers are kept for ever: scripts depend on them. `exec` gives its command's
 * own status when that is not 0.
 */
#ifndef CPGW_CLI_EXIT_CODE_H
#define CPGW_CLI_EXIT_CODE_H

enum exit_code {
	EXIT_FINE = 0,
	/* An expectation about the client is broken. */
	EXIT_BROKEN = 1,
	/* The command line or a CPGW_ variable is wrong: an unknown command, option or value, or a --cert or --key that
	 * names no usable certificate. Calling again without changing the call is of no use. */
	EXIT_USAGE = 2,
	/* A scenario or a fixture is not valid, or is not there. */
	EXIT_SCENARIO = 3,
	/* The port or address cannot be had: somebody has it, a privilege is wanted, the machine has no such address. */
	EXIT_CANNOT_BIND = 4,
	/* With --strict: a client made calls that nothing was meant for. */
	EXIT_UNMATCHED = 5,
	/* The machine would not: a folder or file that cannot be written, a full disk, no memory, no descriptors; there is
	 * no control API to call; and for `ready` and `state`, the time ran out. */
	EXIT_INTERNAL = 6,
	/* `exec` alone, as env(1) and timeout(1): there was no gateway; the command cannot be run; there is none. */
	EXIT_EXEC_FAILED = 125,
	EXIT_NOT_EXECUTABLE = 126,
	EXIT_NOT_FOUND = 127,
};

#endif
