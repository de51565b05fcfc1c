/*
 * How the values of options are taken: a function each kind. False when the text is none.
 */
#ifndef CPGW_CLI_OPTION_VALUES_H
#define CPGW_CLI_OPTION_VALUES_H

#include "cli/options.h"

/* These store where the option's `field` says. */
bool take_text(const struct option *option, const char *text, struct options *options);
bool take_address(const struct option *option, const char *text, struct options *options);
bool take_token(const struct option *option, const char *text, struct options *options);
bool take_flag(const struct option *option, const char *text, struct options *options);

/* These are of one option each, or of all that have its name. */
bool take_port(const struct option *option, const char *text, struct options *options);
bool take_admin_port(const struct option *option, const char *text, struct options *options);
bool take_journal_size(const struct option *option, const char *text, struct options *options);
bool take_since(const struct option *option, const char *text, struct options *options);
bool take_requests(const struct option *option, const char *text, struct options *options);
bool take_seed(const struct option *option, const char *text, struct options *options);
bool take_clock(const struct option *option, const char *text, struct options *options);
bool take_wait(const struct option *option, const char *text, struct options *options);
bool take_timeout(const struct option *option, const char *text, struct options *options);
bool take_jobs(const struct option *option, const char *text, struct options *options);
bool take_tls(const struct option *option, const char *text, struct options *options);
bool take_log_format(const struct option *option, const char *text, struct options *options);
bool take_format(const struct option *option, const char *text, struct options *options);
bool take_help(const struct option *option, const char *text, struct options *options);
bool take_version(const struct option *option, const char *text, struct options *options);

#endif
