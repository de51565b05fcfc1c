#include "cli/options.h"

#include "core/calendar.h"

#include <arpa/inet.h>
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

static bool take_verbose(const struct option *option, const char *text, struct options *options)
{
	const int choice = read_choice(option, text);

	options->verbose = choice % 2 == 1;
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
	    .commands = FOR_SERVE,
	    .wanted = "a numeric address, such as 127.0.0.1 or ::1",
	    .take = take_address,
	    .field = offsetof(struct options, bind_address),
	},
	{
	    .name = "port-file",
	    .environment = "CPGW_PORT_FILE",
	    .value = "FILE",
	    .help = "Write the port here once it is listened on, all at once; the file goes away at the end.",
	    .commands = FOR_SERVE,
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
	    .commands = FOR_SERVE,
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
	    .commands = FOR_SERVE | FOR_CHECK,
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
	    .commands = FOR_SERVE,
	    .wanted = "\"real\", \"manual\" or \"scaled:N\" with N from 1 to 100000",
	    .take = take_clock,
	},
	{
	    .name = "seed",
	    .environment = "CPGW_SEED",
	    .value = "N",
	    .help = "What all randomness comes from: the same seed, the same run.",
	    .otherwise = "the scenario's, else 1",
	    .commands = FOR_SERVE,
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
	    .commands = FOR_SERVE,
	    .choices = tls_choices,
	    .take = take_tls,
	},
	{
	    .name = "cert",
	    .environment = "CPGW_CERT",
	    .value = "FILE",
	    .help = "Show this certificate (PEM; its chain may follow) instead of one that is made. Wants --key.",
	    .commands = FOR_SERVE,
	    .wanted = "the name of a file",
	    .take = take_text,
	    .field = offsetof(struct options, cert),
	},
	{
	    .name = "key",
	    .environment = "CPGW_KEY",
	    .value = "FILE",
	    .help = "The key of that certificate (PEM, without a passphrase).",
	    .commands = FOR_SERVE,
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
	    .commands = FOR_SERVE,
	    .choices = format_choices,
	    .take = take_log_format,
	},
	{
	    .name = "verbose",
	    .environment = "CPGW_VERBOSE",
	    .help = "Log transitions, timers, cues and actions as well.",
	    .commands = FOR_SERVE,
	    .choices = flag_choices,
	    .take = take_verbose,
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
	    .name = "format",
	    .environment = "CPGW_FORMAT",
	    .value = "text|json",
	    .help = "For people, or for programs.",
	    .otherwise = "text",
	    .commands = FOR_CHECK | FOR_LIST,
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
