#include "cli/option_values.h"

#include "core/calendar.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

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

bool take_text(const struct option *option, const char *text, struct options *options)
{
	memcpy((char *)options + option->field, &text, sizeof text);
	return *text != '\0';
}

bool take_address(const struct option *option, const char *text, struct options *options)
{
	unsigned char unused[sizeof(struct in6_addr)];

	return take_text(option, text, options) &&
	       (inet_pton(AF_INET, text, unused) == 1 || inet_pton(AF_INET6, text, unused) == 1);
}

bool take_port(const struct option *option, const char *text, struct options *options)
{
	int64_t number;

	(void)option;
	if (!read_number(text, UINT16_MAX, &number))
		return false;
	options->port = (uint16_t)number;
	return true;
}

bool take_admin_port(const struct option *option, const char *text, struct options *options)
{
	int64_t number;

	(void)option;
	if (!read_number(text, UINT16_MAX, &number))
		return false;
	options->admin_port = (uint16_t)number;
	return true;
}

/* It travels in a header. */
bool take_token(const struct option *option, const char *text, struct options *options)
{
	for (const char *at = text; *at; at++)
		if (!isgraph((unsigned char)*at) || at - text >= TOKEN_LENGTH_MAX)
			return false;
	return take_text(option, text, options);
}

bool take_journal_size(const struct option *option, const char *text, struct options *options)
{
	int64_t number;

	(void)option;
	if (!read_number(text, JOURNAL_RECORDS_MAX, &number) || number < JOURNAL_RECORDS_MIN)
		return false;
	options->journal_size = (uint32_t)number;
	return true;
}

bool take_since(const struct option *option, const char *text, struct options *options)
{
	(void)option;
	return read_number(text, INT64_MAX / 1024, &options->since);
}

bool take_requests(const struct option *option, const char *text, struct options *options)
{
	int64_t number;

	(void)option;
	if (!read_number(text, PLAN_REQUESTS_MAX, &number) || number == 0)
		return false;
	options->requests = (uint32_t)number;
	return true;
}

bool take_seed(const struct option *option, const char *text, struct options *options)
{
	int64_t number;

	(void)option;
	if (!read_number(text, SEED_MAX, &number))
		return false;
	options->seed = (uint64_t)number;
	return true;
}

bool take_clock(const struct option *option, const char *text, struct options *options)
{
	struct error unused;

	(void)option;
	return clock_parse(&options->clock, text, &unused);
}

bool take_wait(const struct option *option, const char *text, struct options *options)
{
	(void)option;
	return duration_parse(text, &options->wait_ms);
}

bool take_timeout(const struct option *option, const char *text, struct options *options)
{
	(void)option;
	return duration_parse(text, &options->timeout_ms) && options->timeout_ms > 0;
}

bool take_jobs(const struct option *option, const char *text, struct options *options)
{
	int64_t number;

	(void)option;
	if (!read_number(text, JOBS_MAX, &number) || number == 0)
		return false;
	options->jobs = (uint32_t)number;
	return true;
}

bool take_tls(const struct option *option, const char *text, struct options *options)
{
	const int choice = read_choice(option, text);

	options->tls = choice == TLS_AUTHENTIC ? TLS_AUTHENTIC : TLS_MODERN;
	return choice >= 0;
}

bool take_log_format(const struct option *option, const char *text, struct options *options)
{
	const int choice = read_choice(option, text);

	options->log_format = choice == FORMAT_JSON ? FORMAT_JSON : FORMAT_TEXT;
	return choice >= 0;
}

bool take_format(const struct option *option, const char *text, struct options *options)
{
	const int choice = read_choice(option, text);

	options->format = choice == FORMAT_JSON ? FORMAT_JSON : FORMAT_TEXT;
	return choice >= 0;
}

bool take_flag(const struct option *option, const char *text, struct options *options)
{
	const int choice = read_choice(option, text);
	const bool value = choice % 2 == 1;

	memcpy((char *)options + option->field, &value, sizeof value);
	return choice >= 0;
}

bool take_help(const struct option *option, const char *text, struct options *options)
{
	(void)option;
	(void)text;
	return options->help = true;
}

bool take_version(const struct option *option, const char *text, struct options *options)
{
	(void)option;
	(void)text;
	return options->version = true;
}
