/*
 * What cpgw-mock's exit status means. These numbers are kept for ever: scripts depend on them. 1 is left to shells and
 * sanitizers, which use it for anything; 5 is not given out yet.
 */
#ifndef CPGW_CLI_EXIT_CODE_H
#define CPGW_CLI_EXIT_CODE_H

enum exit_code {
	EXIT_FINE = 0,
	/* The command line or a CPGW_ variable is wrong: an unknown command, option or value, or a --cert or --key that
	 * names no usable certificate. Calling again without changing the call is of no use. */
	EXIT_USAGE = 2,
	/* A scenario or a fixture is not valid, or is not there. */
	EXIT_SCENARIO = 3,
	/* The port or address cannot be had: somebody has it, a privilege is wanted, the machine has no such address. */
	EXIT_CANNOT_BIND = 4,
	/* The machine would not: a folder or file that cannot be written, a full disk, no memory, no descriptors; and
	 * for `ready`, the time ran out. */
	EXIT_INTERNAL = 6,
};

#endif
