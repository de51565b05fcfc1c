/*
 * What `serve` and `exec` share: all between the options and gateways that listen, and back again. Whatever can be wrong
 * is found before anything listens: the scenario, the certificate, the log, the journal's file, the port files, and the
 * ports themselves last.
 *
 *   stage_open → stage_publish → stage_run → stage_close
 */
#ifndef CPGW_CLI_STAGE_H
#define CPGW_CLI_STAGE_H

#include "cli/exit_code.h"
#include "cli/journal_file.h"
#include "cli/log.h"
#include "cli/options.h"
#include "cli/port_file.h"
#include "cli/stage_tls.h"
#include "control/control.h"
#include "control/registry.h"
#include "core/buffer.h"
#include "wire/server.h"

#include <stdbool.h>

/* Bytes of a token that is made, and its hex digits with the zero. */
#define ADMIN_TOKEN_BYTES 16
#define ADMIN_TOKEN_SIZE (2 * ADMIN_TOKEN_BYTES + 1)

struct stage {
	const struct options *options; /* not owned */
	const char *command;           /* "serve", for hints; not owned */
	struct stage_tls tls;
	struct server server;
	bool has_server;
	struct log log;
	struct journal_file journal_file; /* with --journal */
	struct registry *registry;
	struct entry *first;
	struct control *control;            /* NULL with --no-admin */
	char admin_token[ADMIN_TOKEN_SIZE]; /* that was made, because the control API listens to others; else empty */
	struct port_file port_file;
	struct port_file admin_port_file;
	struct buffer admin_port_path; /* FILE.admin */
};

/* Listens, and has said why when it does not. In any case to be closed. From here on SIGTERM and SIGINT wait for the
 * loop, so that what is made is also taken away. */
enum exit_code stage_open(struct stage *stage, const struct options *options, const char *command);

/* Writes the port files: the control API's first, so that whoever finds the gateway's finds both. */
enum exit_code stage_publish(struct stage *stage);

/* Serves until SIGTERM, SIGINT, server_stop() or the control API's shutdown. */
enum exit_code stage_run(struct stage *stage);

/* The process is about to end: clients see that it has, when it has. */
void stage_close(struct stage *stage);

/* The control API's port, unless one is given: the usual one, but with "--port 0" any that is free, because who asks for
 * that wants no two processes to meet. */
uint16_t stage_choose_admin_port(const struct options *options);

/* What to say about it. By a name that is on the certificate, where that leads to what is listened on. */
void stage_add_url(const struct stage *stage, struct buffer *out);
/* Nothing with --no-admin. */
void stage_add_admin_url(const struct stage *stage, struct buffer *out);
/* The token that the control API wants, whoever chose it; NULL: none. */
const char *stage_admin_token(const struct stage *stage);

/* One line of JSON, with its newline: "url", "port", "ca_file" (null: none that we know), "admin_url" (null: there is no
 * control API), and "admin_token" when one was made. */
void stage_add_ready_line(const struct stage *stage, struct buffer *out);

#endif
