/*
 * The options: one table, from which parsing, --help, the names of environment variables and the documentation come.
 *
 * GNU long options with exact names: "--port 5001" or "--port=5001"; "--" ends them; the last of two wins. An option
 * that is not on the command line is taken from its environment variable, where one that is empty counts as not set.
 */
#ifndef CPGW_CLI_OPTIONS_H
#define CPGW_CLI_OPTIONS_H

#include "core/clock.h"
#include "core/error.h"
#include "wire/tls.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whom an option is for. */
enum command_bit {
	FOR_SERVE = 1,
	FOR_CHECK = 2,
	FOR_LIST = 4,
	FOR_READY = 8,
	FOR_HELP = 16,
	FOR_EXEC = 32,
	FOR_STATE = 64,
	FOR_EVENT = 128,
	FOR_CLOCK = 256,
	FOR_JOURNAL = 512,
	FOR_VERIFY = 1024,
	FOR_CATALOGUE = 2048,
	FOR_PLAN = 4096,
	FOR_FAULT = 8192,
	FOR_GAUNTLET = 16384,
	FOR_ALL = 32767,
	/* Those who serve: what stage.h takes up. */
	FOR_STAGE = FOR_SERVE | FOR_EXEC,
	/* Those who call the control API. */
	FOR_CLIENT = FOR_STATE | FOR_EVENT | FOR_CLOCK | FOR_JOURNAL | FOR_FAULT | FOR_VERIFY,
	/* Those whose options end with their first operand: what follows is a command of its own. */
	FOR_COMMAND = FOR_EXEC | FOR_GAUNTLET,
};

enum output_format { FORMAT_TEXT, FORMAT_JSON };

enum option_source { SOURCE_DEFAULT, SOURCE_ENVIRONMENT, SOURCE_COMMAND_LINE };

/* What a seed can be; scenario files have the same bounds. */
#define SEED_MAX 999999999999999
#define TOKEN_LENGTH_MAX 256
#define JOBS_MAX 64
/* When neither the command line nor the scenario names one: runs are to be repeatable. */
#define SEED_DEFAULT 1

struct options {
	uint16_t port;
	const char *bind_address; /* NULL: 127.0.0.1 and ::1 */
	const char *scenario;
	const char *fixtures; /* NULL: the scenario's */
	struct clock clock;   /* mode and scale, when it was given */
	uint64_t seed;        /* when it was given */
	const char *port_file;
	uint16_t admin_port;            /* when it was given; else stage.h chooses */
	const char *admin_bind_address; /* NULL: 127.0.0.1 and ::1 */
	const char *admin_token;        /* NULL: none was given */
	const char *journal;            /* file to append to, or NULL */
	uint32_t journal_size;
	const char *junit; /* file to write, or NULL */
	const char *json;  /* likewise */
	const char *only;  /* ids, names and patterns, with commas between them; NULL: all */
	const char *allow; /* likewise; NULL: none */
	int64_t timeout_ms;
	uint32_t jobs;
	const char *admin_url; /* NULL: found by the port file, else where serve listens by itself */
	const char *gateway;   /* name; NULL: the first */
	int64_t since;         /* id of a record */
	const char *wait_state;
	enum tls_profile tls;
	const char *cert;
	const char *key;
	enum output_format log_format;
	enum output_format format;
	uint32_t requests;    /* to foresee */
	const char *endpoint; /* name, or NULL: all */
	bool verbose;
	bool quiet;
	bool strict;
	bool no_admin;
	bool follow;
	bool help;
	bool version;
	int64_t wait_ms;

	char **operands; /* what is no option; points into the arguments */
	size_t operand_count;
	uint64_t on_command_line; /* rows of the table, one bit each */
	uint64_t in_environment;
};

struct option {
	const char *name;           /* "port" */
	const char *environment;    /* "CPGW_PORT"; NULL for --help and --version alone */
	const char *value;          /* how the help calls its value; NULL: it takes none */
	const char *help;           /* sentences */
	const char *otherwise;      /* what holds when it is not given, for the help; may be NULL */
	unsigned commands;          /* enum command_bit, or-ed */
	const char *const *choices; /* all values that there are, ended by NULL; or NULL */
	const char *wanted;         /* describes a good value, where `choices` does not */
	bool (*take)(const struct option *option, const char *text, struct options *options);
	size_t field; /* for those who store a text: where in struct options */
};

/* A name may have several rows, for different commands. Ended by a row without a name. */
extern const struct option option_table[];

/*
 * Reads the arguments that follow the command's name, then the environment. `arguments` may be reordered: operands
 * come first. False with a sentence, and `options` is of no use then. At "--help" or "--version" reading ends.
 */
bool options_read(unsigned command, const char *command_name, int count, char **arguments,
                  char *(*environment)(const char *name), struct options *options, struct error *error);

/* From here on it counts as given: its value was chosen by the program. */
void options_give(struct options *options, const char *name);

/* Where the value of an option comes from. */
enum option_source options_source(const struct options *options, const char *name);

/* Appends what a good value looks like: "\"text\" or \"json\"", "a whole number from 0 to 65535". */
void option_describe_wanted(const struct option *option, struct buffer *out);

#endif
