/*
 * TLS 1.3 connections to a server on 127.0.0.1, for the programs that script/bench measures with. Blocking, with a time
 * limit on every wait. The server's certificate is not looked at: how much that costs the client is not the question.
 */
#ifndef CPGW_BENCH_TLS_H
#define CPGW_BENCH_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An answer, head and body. */
#define ANSWER_SIZE_MAX (64 * 1024)

struct client {
	SSL_CTX *context;
	SSL_SESSION *ticket; /* the newest that a server gave; owned */
	uint64_t tickets;    /* how many there were */
};

struct connection {
	int fd;
	SSL *session;
};

bool client_init(struct client *client);
void client_release(struct client *client);

/* A plain connection; -1 when nobody listens. */
int connect_to(uint16_t port);

/* Connects and shakes hands; `ticket` may be NULL. Results are untouched on failure. */
bool connection_open(struct client *client, uint16_t port, SSL_SESSION *ticket, struct connection *connection);

/* Sends a request, and waits for nothing. */
bool connection_request(struct connection *connection);

/* The answer to it, all of it, into `answer`, which has ANSWER_SIZE_MAX bytes. Its length; 0 on failure. */
size_t connection_take_answer(struct connection *connection, char *answer);

/* Asks for one answer, and reads all of it into `answer`, which has ANSWER_SIZE_MAX bytes. Its length; 0 on failure. */
size_t connection_ask(struct connection *connection, char *answer);

/* Reads until the server has given a ticket that the client did not have. False: it gave none. */
bool connection_await_ticket(struct connection *connection, const struct client *client, uint64_t tickets_before);

/* Ends it in good order and waits for the server to do so too. */
void connection_close(struct connection *connection);

#endif
