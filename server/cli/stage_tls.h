/*
 * What a stage's gateways have of TLS: a certificate, the user's own or one that is made, and the context around it. A
 * thread prepares it while the scenario is read: that is half of a start, and the only thread besides the first.
 */
#ifndef CPGW_CLI_STAGE_TLS_H
#define CPGW_CLI_STAGE_TLS_H

#include "cli/exit_code.h"
#include "cli/options.h"
#include "core/error.h"
#include "wire/certificate_store.h"

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>

struct stage_tls {
	const struct options *options;
	SSL_CTX *context;                          /* NULL when it failed */
	char authority_file[CERTIFICATE_PATH_MAX]; /* empty: no authority that we know vouches for our certificate */
	struct error error;                        /* when it failed */
	bool is_usage;                             /* another file must be named */
	bool has_thread;
	pthread_t thread;
};

void stage_tls_begin(struct stage_tls *tls, const struct options *options);
/* Once, after stage_tls_begin(). */
void stage_tls_await(struct stage_tls *tls);
/* What came of it; says why when it failed. */
enum exit_code stage_tls_say(const struct stage_tls *tls, const char *command);
void stage_tls_release(struct stage_tls *tls);

#endif
