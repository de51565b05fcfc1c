#include "cli/options.h"

#include "core/calendar.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

static const char *const tls_choices[] = { [TLS_MODERN] = "modern", [TLS_AUTHENTIC] = "authentic", NULL };
static const char *const format_choices[] = { [FORMAT_TEXT] = "text", [FORMAT_JSON] = "json", NULL };
/* Only the environment gives a flag a value. */
static const char *const flag_choices[] = { "0", "1", "false", "true", "no", "yes", NULL };

/* ---- how values are taken: false when the text is none ---- */

static bool read_number(const char *text, int64_t most, int64_t *number)
{
	int64_t total = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		total = total * 10 + (*text - '0');
		if (total > most)
			return false;
	}
	*number = total;
	return true;
}

/* The position among the choices, or -1. */
static int read_choice(const struct option *option, const char *text)
{
	for (int i = 0; option->choices[i]; i++)
		if (strcmp(option->choices[i], text) == 0)
			return i;
	return -1;
}

static bool take_text(const struct option *option, const char *text, struct options *options)
{
	memcpy((char *)options + option->field, &text, sizeof text);
	return *text != '\0';
}

static bool take_address(const struct option *option, const char *text, struct options *options)
{
	unsigned char unused[sizeof(struct in6_addr)];

	return take_text(option, text, options) &&
	       (inet_pton(AF_INET, text, unused) == 1 || inet_pton(AF_INET6, text, unused) == 1);
}

static bool take_port(const struct option *option, const char *text, struct options *options)
{
	int64_t number;

	(void)option;
	if (!read_number(text, UINT16_MAX, &number))
		return false;
	options->port = (uint16_t)number;
	return true;
}

static bool take_admin_port(const struct option *option, const char *text, struct options *options)
{
	int64_t number;

	(void)option;
	if (!read_number(text, UINT16_MAX, &number))
		return false;
	options->admin_port = (uint16_t)number;
	return true;
}

/* It travels in a header. */
static bool take_token(const struct option *option, const char *text, struct options *options)
{
	for (const char *at = text; *at; at++)
		if (!isgraph((unsigned char)*at) || at - text >= TOKEN_LENGTH_MAX)
			return false;
	return take_text(option, text, options);
}

static bool take_journal_size(const struct option *option, const char *text, struct options *options)
{
	int64_t number;

	(void)option;
	if (!read_number(text, JOURNAL_RECORDS_MAX, &number) || number < JOURNAL_RECORDS_MIN)
		return false;
	options->journal_size = (uint32_t)number;
	return true;
}

static bool take_since(const struct option *option, const char *text, struct options *options)
{
	(void)option;
	return read_number(text, INT64_MAX / 1024, &options->since);
}

static bool take_requests(const struct option *option, const char *text, struct options *options)
{
	int64_t number;

	(void)option;
	if (!read_number(text, PLAN_REQUESTS_MAX, &number) || number == 0)
		return false;
	options->requests = (uint32_t)number;
	return true;
}

static bool take_seed(const struct option *option, const char *text, struct options *options)
{
	int64_t number;

	(void)option;
	if (!read_number(text, SEED_MAX, &number))
		return false;
	options->seed = (uint64_t)number;
	return true;
}

static bool take_clock(const struct option *option, const char *text, struct options *options)
{
	struct error unused;

	(void)option;
	return clock_parse(&options->clock, text, &unused);
}

static bool take_wait(const struct option *option, const char *text, struct options *options)
{
	(void)option;
	return duration_parse(text, &options->wait_ms);
}

static bool take_timeout(const struct option *option, const char *text, struct options *options)
{
	(void)option;
	return duration_parse(text, &options->timeout_ms) && options->timeout_ms > 0;
}

static bool take_jobs(const struct option *option, const char *text, struct options *options)
{
	int64_t number;

	(void)option;
	if (!read_number(text, JOBS_MAX, &number) || number == 0)
		return false;
	options->jobs = (uint32_t)number;
	return true;
}

static bool take_tls(const struct option *option, const char *text, struct options *options)
{
	const int choice = read_choice(option, text);

	options->tls = choice == TLS_AUTHENTIC ? TLS_AUTHENTIC : TLS_MODERN;
	return choice >= 0;
}

static bool take_log_format(const struct option *option, const char *text, struct options *options)
{
	const int choice = read_choice(option, text);

	options->log_format = choice == FORMAT_JSON ? FORMAT_JSON : FORMAT_TEXT;
	return choice >= 0;
}

static bool take_format(const struct option *option, const char *text, struct options *options)
{
	const int choice = read_choice(option, text);

	options->format = choice == FORMAT_JSON ? FORMAT_JSON : FORMAT_TEXT;
	return choice >= 0;
}

static bool take_flag(const struct option *option, const char *text, struct options *options)
{
	const int choice = read_choice(option, text);
	const bool value = choice % 2 == 1;

	memcpy((char *)options + option->field, &value, sizeof value);
	return choice >= 0;
}

static bool take_help(const struct option *option, const char *text, struct options *options)
{
	(void)option;
	(void)text;
	return options->help = true;
}

static bool take_version(const struct option *option, const char *text, struct options *options)
{
	(void)option;
	(void)text;
	return options->version = true;
}

/* ---- the table, in the order of the help ---- */

const struct option option_table[] = {
	{
	    .name = "port",
	    .environment = "CPGW_PORT",
	    .value = "N",
	    .help = "Listen on this port; 0 takes any that is free.",
	    .otherwise = "5000",
	    .commands = FOR_SERVE,
	    .wanted = "a whole number from 0 to 65535",
	    .take = take_port,
	},
	{
	    .name = "bind-address",
	    .environment = "CPGW_BIND_ADDRESS",
	    .value = "A",
	    .help =
		"Listen on this numeric address alone. With 0.0.0.0 or ::, whoever can reach this machine can connect.",
	    .otherwise = "127.0.0.1 and ::1",
	    .commands = FOR_STAGE | FOR_GAUNTLET,
	    .wanted = "a numeric address, such as 127.0.0.1 or ::1",
	    .take = take_address,
	    .field = offsetof(struct options, bind_address),
	},
	{
	    .name = "port-file",
	    .environment = "CPGW_PORT_FILE",
	    .value = "FILE",
	    .help = "Write the port here once it is listened on, all at once, and before it the control API's to "
		    "FILE.admin; both files go away at the end.",
	    .commands = FOR_STAGE,
	    .wanted = "the name of a file",
	    .take = take_text,
	    .field = offsetof(struct options, port_file),
	},
	{
	    .name = "scenario",
	    .environment = "CPGW_SCENARIO",
	    .value = "NAME|FILE",
	    .help = "What happens: a built-in scenario ('cpgw-mock list scenarios') or a file of your own.",
	    .otherwise = "authenticated",
	    .commands = FOR_STAGE | FOR_PLAN,
	    .wanted = "the name of a scenario or a file",
	    .take = take_text,
	    .field = offsetof(struct options, scenario),
	},
	{
	    .name = "scenario",
	    .environment = "CPGW_SCENARIO",
	    .value = "NAME|FILE",
	    .help = "Whose endpoints to list.",
	    .otherwise = "authenticated",
	    .commands = FOR_LIST,
	    .wanted = "the name of a scenario or a file",
	    .take = take_text,
	    .field = offsetof(struct options, scenario),
	},
	{
	    .name = "fixtures",
	    .environment = "CPGW_FIXTURES",
	    .value = "PACK",
	    .help = "Whose bodies and headers answers have ('cpgw-mock list fixtures').",
	    .otherwise = "the scenario's, else 2026",
	    .commands = FOR_STAGE | FOR_CHECK | FOR_PLAN | FOR_GAUNTLET,
	    .wanted = "the name of a fixture pack",
	    .take = take_text,
	    .field = offsetof(struct options, fixtures),
	},
	{
	    .name = "clock",
	    .environment = "CPGW_CLOCK",
	    .value = "MODE",
	    .help = "How the gateway's time goes: real, scaled:N (N times as fast) or manual (it stands still).",
	    .otherwise = "the scenario's, else real",
	    .commands = FOR_STAGE,
	    .wanted = "\"real\", \"manual\" or \"scaled:N\" with N from 1 to 100000",
	    .take = take_clock,
	},
	{
	    .name = "seed",
	    .environment = "CPGW_SEED",
	    .value = "N",
	    .help = "What all randomness comes from: the same seed, the same run.",
	    .otherwise = "the scenario's, else 1",
	    .commands = FOR_STAGE | FOR_PLAN | FOR_GAUNTLET,
	    .wanted = "a whole number from 0 to 999999999999999",
	    .take = take_seed,
	},
	{
	    .name = "tls",
	    .environment = "CPGW_TLS",
	    .value = "modern|authentic",
	    .help = "modern: TLS 1.2 and 1.3 and a certificate that clients can verify. authentic: as "
		    "the real gateway, TLS 1.2 alone and a certificate that no client can verify.",
	    .otherwise = "modern",
	    .commands = FOR_STAGE | FOR_GAUNTLET,
	    .choices = tls_choices,
	    .take = take_tls,
	},
	{
	    .name = "cert",
	    .environment = "CPGW_CERT",
	    .value = "FILE",
	    .help = "Show this certificate (PEM; its chain may follow) instead of one that is made. Wants --key.",
	    .commands = FOR_STAGE | FOR_GAUNTLET,
	    .wanted = "the name of a file",
	    .take = take_text,
	    .field = offsetof(struct options, cert),
	},
	{
	    .name = "key",
	    .environment = "CPGW_KEY",
	    .value = "FILE",
	    .help = "The key of that certificate (PEM, without a passphrase).",
	    .commands = FOR_STAGE | FOR_GAUNTLET,
	    .wanted = "the name of a file",
	    .take = take_text,
	    .field = offsetof(struct options, key),
	},
	{
	    .name = "log-format",
	    .environment = "CPGW_LOG_FORMAT",
	    .value = "text|json",
	    .help = "One line a request on standard error, for people, or as JSON.",
	    .otherwise = "text",
	    .commands = FOR_STAGE,
	    .choices = format_choices,
	    .take = take_log_format,
	},
	{
	    .name = "verbose",
	    .environment = "CPGW_VERBOSE",
	    .help = "Log transitions, timers, cues, actions and moves of the clock as well.",
	    .commands = FOR_STAGE,
	    .choices = flag_choices,
	    .take = take_flag,
	    .field = offsetof(struct options, verbose),
	},
	{
	    .name = "quiet",
	    .environment = "CPGW_QUIET",
	    .help = "Log nothing of this; what is wrong with the log's or journal's file is still said.",
	    .commands = FOR_SERVE,
	    .choices = flag_choices,
	    .take = take_flag,
	    .field = offsetof(struct options, quiet),
	},
	{
	    .name = "quiet",
	    .environment = "CPGW_QUIET",
	    .help = "Log nothing of this, as is usual here unless --log-format or --verbose is given: standard error "
		    "is the command's.",
	    .commands = FOR_EXEC,
	    .choices = flag_choices,
	    .take = take_flag,
	    .field = offsetof(struct options, quiet),
	},
	{
	    .name = "admin-port",
	    .environment = "CPGW_ADMIN_PORT",
	    .value = "N",
	    .help = "Listen for the control API on this port; 0 takes any that is free.",
	    .otherwise = "5050, or with '--port 0' any that is free",
	    .commands = FOR_SERVE,
	    .wanted = "a whole number from 0 to 65535",
	    .take = take_admin_port,
	},
	{
	    .name = "no-admin",
	    .environment = "CPGW_NO_ADMIN",
	    .help = "Do without the control API.",
	    .commands = FOR_STAGE,
	    .choices = flag_choices,
	    .take = take_flag,
	    .field = offsetof(struct options, no_admin),
	},
	{
	    .name = "admin-bind-address",
	    .environment = "CPGW_ADMIN_BIND_ADDRESS",
	    .value = "A",
	    .help = "Listen for the control API on this numeric address alone. On one that is not this machine's own "
		    "loopback, requests must have a token.",
	    .otherwise = "127.0.0.1 and ::1",
	    .commands = FOR_STAGE,
	    .wanted = "a numeric address, such as 127.0.0.1 or ::1",
	    .take = take_address,
	    .field = offsetof(struct options, admin_bind_address),
	},
	{
	    .name = "admin-token",
	    .environment = "CPGW_ADMIN_TOKEN",
	    .value = "T",
	    .help = "What requests to the control API must have in 'Authorization: Bearer T'. Where one must be and "
		    "none is given, one is made and printed.",
	    .commands = FOR_STAGE,
	    .wanted = "up to 256 printable ASCII characters without a blank",
	    .take = take_token,
	    .field = offsetof(struct options, admin_token),
	},
	{
	    .name = "journal",
	    .environment = "CPGW_JOURNAL",
	    .value = "FILE",
	    .help = "Append all that happens to this file, a JSON object a line, a moment after it happened; without "
		    "cookies, "
		    "passwords and tokens.",
	    .commands = FOR_STAGE,
	    .wanted = "the name of a file",
	    .take = take_text,
	    .field = offsetof(struct options, journal),
	},
	{
	    .name = "journal-size",
	    .environment = "CPGW_JOURNAL_SIZE",
	    .value = "N",
	    .help =
		"How many records a gateway keeps for the control API; timers that changed nothing go first, then the "
		"oldest. Unless it is given, gateways that the control API makes keep no more than 54 KiB of them.",
	    .otherwise = "4096",
	    .commands = FOR_STAGE,
	    .wanted = "a whole number from 256 to 1048576",
	    .take = take_journal_size,
	},
	{
	    .name = "strict",
	    .environment = "CPGW_STRICT",
	    .help = "Duties that every client has, and calls that nothing was meant for, count as failures, not as "
		    "warnings.",
	    .commands = FOR_STAGE | FOR_GAUNTLET,
	    .choices = flag_choices,
	    .take = take_flag,
	    .field = offsetof(struct options, strict),
	},
	{
	    .name = "only",
	    .environment = "CPGW_ONLY",
	    .value = "ID,...",
	    .help = "Only these of the catalogue: ids, names, or patterns such as \"GW-00*\".",
	    .otherwise = "all that can be played",
	    .commands = FOR_GAUNTLET,
	    .wanted = "ids with commas between them, such as \"GW-001,GW-03*\"",
	    .take = take_text,
	    .field = offsetof(struct options, only),
	},
	{
	    .name = "allow",
	    .environment = "CPGW_ALLOW",
	    .value = "ID,...",
	    .help = "These may fail: they are shown, and do not count. Those of them that are survived are named.",
	    .otherwise = "none",
	    .commands = FOR_GAUNTLET,
	    .wanted = "ids with commas between them, such as \"GW-001,GW-03*\"",
	    .take = take_text,
	    .field = offsetof(struct options, allow),
	},
	{
	    .name = "timeout",
	    .environment = "CPGW_TIMEOUT",
	    .value = "TIME",
	    .help = "How long, in real time, each run may take: 90s, 2m. Then it is ended, and has hung.",
	    .otherwise = "60s",
	    .commands = FOR_GAUNTLET,
	    .wanted = "a duration, such as \"250ms\", \"5s\" or \"1m30s\"",
	    .take = take_timeout,
	},
	{
	    .name = "jobs",
	    .environment = "CPGW_JOBS",
	    .value = "N",
	    .help = "How many run at once. The report is the same.",
	    .otherwise = "1",
	    .commands = FOR_GAUNTLET,
	    .wanted = "a whole number from 1 to 64",
	    .take = take_jobs,
	},
	{
	    .name = "clock",
	    .environment = "CPGW_CLOCK",
	    .value = "MODE",
	    .help = "How the gateways' time goes: real, scaled:N (N times as fast) or manual (it stands still).",
	    .otherwise = "real, or as fast as the catalogue says where a failure takes minutes to show",
	    .commands = FOR_GAUNTLET,
	    .wanted = "\"real\", \"manual\" or \"scaled:N\" with N from 1 to 100000",
	    .take = take_clock,
	},
	{
	    .name = "port",
	    .value = "N",
	    .help = "Listen on this port, whatever CPGW_PORT says; 0 takes any that is free.",
	    .otherwise = "0",
	    .commands = FOR_EXEC,
	    .wanted = "a whole number from 0 to 65535",
	    .take = take_port,
	},
	{
	    .name = "admin-port",
	    .value = "N",
	    .help = "Listen for the control API on this port, whatever CPGW_ADMIN_PORT says; 0 takes any that is free.",
	    .otherwise = "0",
	    .commands = FOR_EXEC,
	    .wanted = "a whole number from 0 to 65535",
	    .take = take_admin_port,
	},
	{
	    .name = "junit",
	    .environment = "CPGW_JUNIT",
	    .value = "FILE",
	    .help = "Write the expectations and how they came out to this file, as JUnit XML.",
	    .commands = FOR_EXEC,
	    .wanted = "the name of a file",
	    .take = take_text,
	    .field = offsetof(struct options, junit),
	},
	{
	    .name = "junit",
	    .environment = "CPGW_JUNIT",
	    .value = "FILE",
	    .help = "Write how each run came out to this file, as JUnit XML.",
	    .commands = FOR_GAUNTLET,
	    .wanted = "the name of a file",
	    .take = take_text,
	    .field = offsetof(struct options, junit),
	},
	{
	    .name = "json",
	    .environment = "CPGW_JSON",
	    .value = "FILE",
	    .help = "Write it to this file as JSON, with the end of what each run wrote.",
	    .commands = FOR_GAUNTLET,
	    .wanted = "the name of a file",
	    .take = take_text,
	    .field = offsetof(struct options, json),
	},
	{
	    .name = "admin-url",
	    .environment = "CPGW_ADMIN_URL",
	    .value = "URL",
	    .help = "Where the control API is: admin_url of the line that 'serve' prints.",
	    .otherwise = "by --port-file, else http://localhost:5050",
	    .commands = FOR_CLIENT,
	    .wanted = "a URL such as \"http://localhost:5050\"",
	    .take = take_text,
	    .field = offsetof(struct options, admin_url),
	},
	{
	    .name = "port-file",
	    .environment = "CPGW_PORT_FILE",
	    .value = "FILE",
	    .help = "Find it by what 'serve --port-file FILE' has written beside that.",
	    .commands = FOR_CLIENT,
	    .wanted = "the name of a file",
	    .take = take_text,
	    .field = offsetof(struct options, port_file),
	},
	{
	    .name = "admin-token",
	    .environment = "CPGW_ADMIN_TOKEN",
	    .value = "T",
	    .help = "The control API's token, where it wants one.",
	    .commands = FOR_CLIENT,
	    .wanted = "up to 256 printable ASCII characters without a blank",
	    .take = take_token,
	    .field = offsetof(struct options, admin_token),
	},
	{
	    .name = "gateway",
	    .environment = "CPGW_GATEWAY",
	    .value = "NAME",
	    .help = "Which gateway of the process is meant.",
	    .otherwise = "the first",
	    .commands = FOR_CLIENT,
	    .wanted = "a name",
	    .take = take_text,
	    .field = offsetof(struct options, gateway),
	},
	{
	    .name = "until",
	    .environment = "CPGW_UNTIL",
	    .value = "STATE",
	    .help = "Wait until this state is active, or one of several with commas between them.",
	    .commands = FOR_STATE,
	    .wanted = "the name of a state",
	    .take = take_text,
	    .field = offsetof(struct options, wait_state),
	},
	{
	    .name = "follow",
	    .environment = "CPGW_FOLLOW",
	    .help = "Go on with what happens next, until SIGINT.",
	    .commands = FOR_JOURNAL,
	    .choices = flag_choices,
	    .take = take_flag,
	    .field = offsetof(struct options, follow),
	},
	{
	    .name = "since",
	    .environment = "CPGW_SINCE",
	    .value = "ID",
	    .help = "Begin with the record of this id; 0 is the first that is kept.",
	    .otherwise = "1",
	    .commands = FOR_JOURNAL,
	    .wanted = "a whole number",
	    .take = take_since,
	},
	{
	    .name = "wait",
	    .environment = "CPGW_WAIT",
	    .value = "TIME",
	    .help = "Wait no longer than this, in real time: 250ms, 5s, 1m30s.",
	    .otherwise = "5s",
	    .commands = FOR_STATE,
	    .wanted = "a duration, such as \"250ms\", \"5s\" or \"1m30s\"",
	    .take = take_wait,
	},
	{
	    .name = "port-file",
	    .environment = "CPGW_PORT_FILE",
	    .value = "FILE",
	    .help = "Wait until 'serve --port-file FILE' has written the port here.",
	    .commands = FOR_READY,
	    .wanted = "the name of a file",
	    .take = take_text,
	    .field = offsetof(struct options, port_file),
	},
	{
	    .name = "port",
	    .environment = "CPGW_PORT",
	    .value = "N",
	    .help = "Wait for this port instead.",
	    .otherwise = "5000",
	    .commands = FOR_READY,
	    .wanted = "a whole number from 1 to 65535",
	    .take = take_port,
	},
	{
	    .name = "bind-address",
	    .environment = "CPGW_BIND_ADDRESS",
	    .value = "A",
	    .help = "Look for it at this numeric address alone: the one that 'serve' was given.",
	    .otherwise = "127.0.0.1, then ::1",
	    .commands = FOR_READY,
	    .wanted = "a numeric address, such as 127.0.0.1 or ::1",
	    .take = take_address,
	    .field = offsetof(struct options, bind_address),
	},
	{
	    .name = "wait",
	    .environment = "CPGW_WAIT",
	    .value = "TIME",
	    .help = "Wait no longer than this: 250ms, 5s, 1m30s. 0s looks once.",
	    .otherwise = "5s",
	    .commands = FOR_READY,
	    .wanted = "a duration, such as \"250ms\", \"5s\" or \"1m30s\"",
	    .take = take_wait,
	},
	{
	    .name = "requests",
	    .environment = "CPGW_REQUESTS",
	    .value = "N",
	    .help = "How many calls of each fault to look at.",
	    .otherwise = "20",
	    .commands = FOR_PLAN,
	    .wanted = "a whole number from 1 to 10000",
	    .take = take_requests,
	},
	{
	    .name = "endpoint",
	    .environment = "CPGW_ENDPOINT",
	    .value = "NAME",
	    .help = "Only faults that look at this endpoint ('cpgw-mock list endpoints').",
	    .otherwise = "all of them",
	    .commands = FOR_PLAN,
	    .wanted = "the name of an endpoint",
	    .take = take_text,
	    .field = offsetof(struct options, endpoint),
	},
	{
	    .name = "format",
	    .environment = "CPGW_FORMAT",
	    .value = "text|json",
	    .help = "For people, or for programs.",
	    .otherwise = "text",
	    .commands = FOR_CHECK | FOR_LIST | FOR_PLAN | FOR_CATALOGUE | FOR_CLIENT,
	    .choices = format_choices,
	    .take = take_format,
	},
	{
	    .name = "help",
	    .help = "Show this text and end.",
	    .commands = FOR_ALL,
	    .take = take_help,
	},
	{
	    .name = "version",
	    .help = "Show the version and end.",
	    .commands = FOR_ALL,
	    .take = take_version,
	},
	{ 0 },
};
