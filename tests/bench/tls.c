#include "tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* No answer takes longer, unless something is broken. */
#define WAIT_MAX_S 10

/* What wrk sends too (tickle.lua). */
static const char REQUEST[] =
    "POST /v1/api/tickle HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nContent-Length: 0\r\n\r\n";

static int keep_ticket(SSL *session, SSL_SESSION *ticket)
{
	struct client *client = SSL_CTX_get_app_data(SSL_get_SSL_CTX(session));

	SSL_SESSION_free(client->ticket);
	client->ticket = ticket;
	client->tickets++;
	return 1; /* ours now */
}

bool client_init(struct client *client)
{
	*client = (struct client){ .context = SSL_CTX_new(TLS_client_method()) };
	if (!client->context)
		return false;
	SSL_CTX_set_min_proto_version(client->context, TLS1_3_VERSION);
	/* SSL_read() comes back after a ticket instead of waiting for an answer. */
	SSL_CTX_clear_mode(client->context, SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_session_cache_mode(client->context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_set_app_data(client->context, client);
	SSL_CTX_sess_set_new_cb(client->context, keep_ticket);
	return true;
}

void client_release(struct client *client)
{
	SSL_SESSION_free(client->ticket);
	SSL_CTX_free(client->context);
	*client = (struct client){ 0 };
}

int connect_to(uint16_t port)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const struct timeval limit = { .tv_sec = WAIT_MAX_S };
	const int on = 1;
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	close(fd);
	return -1;
}

bool connection_open(struct client *client, uint16_t port, SSL_SESSION *ticket, struct connection *connection)
{
	const int fd = connect_to(port);
	SSL *session = fd >= 0 ? SSL_new(client->context) : NULL;

	if (!session || SSL_set_fd(session, fd) != 1)
		goto out;
	if (ticket && SSL_set_session(session, ticket) != 1)
		goto out;
	if (SSL_connect(session) != 1)
		goto out;
	*connection = (struct connection){ .fd = fd, .session = session };
	return true;
out:
	SSL_free(session);
	if (fd >= 0)
		close(fd);
	return false;
}

/* Whether these bytes, which end in a zero, are a whole answer. */
static bool is_whole(const char *answer, size_t length)
{
	static const char last_chunk[] = "\r\n0\r\n\r\n";
	const size_t last_length = sizeof last_chunk - 1;
	const char *head_end = strstr(answer, "\r\n\r\n");
	const char *length_line;

	if (!head_end)
		return false;
	length_line = strcasestr(answer, "\r\nContent-Length:");
	if (length_line && length_line < head_end) {
		const char *digits = length_line + strlen("\r\nContent-Length:");
		const size_t head_length = (size_t)(head_end + 4 - answer);

		return length >= head_length + strtoul(digits, NULL, 10);
	}
	return length >= last_length && strcmp(answer + length - last_length, last_chunk) == 0;
}

/* Reads what there is. False when no more will come. */
static bool read_some(struct connection *connection, char *bytes, size_t size, size_t *got)
{
	*got = 0;
	errno = 0;
	if (SSL_read_ex(connection->session, bytes, size, got) == 1)
		return true;
	/* It was a ticket; or the time limit, which only errno tells apart. */
	return SSL_get_error(connection->session, 0) == SSL_ERROR_WANT_READ && errno != EAGAIN;
}

bool connection_request(struct connection *connection)
{
	size_t sent;

	return SSL_write_ex(connection->session, REQUEST, sizeof REQUEST - 1, &sent) == 1;
}

size_t connection_take_answer(struct connection *connection, char *answer)
{
	size_t length = 0;
	size_t got;

	while (length < ANSWER_SIZE_MAX - 1) {
		if (!read_some(connection, answer + length, ANSWER_SIZE_MAX - 1 - length, &got))
			return 0;
		length += got;
		answer[length] = '\0';
		if (is_whole(answer, length))
			return length;
	}
	return 0;
}

size_t connection_ask(struct connection *connection, char *answer)
{
	return connection_request(connection) ? connection_take_answer(connection, answer) : 0;
}

bool connection_await_ticket(struct connection *connection, const struct client *client, uint64_t tickets_before)
{
	char byte;
	size_t got;

	while (client->tickets == tickets_before)
		if (!read_some(connection, &byte, 1, &got) || got > 0)
			return false;
	return true;
}

void connection_close(struct connection *connection)
{
	char rest[4096];

	SSL_shutdown(connection->session);
	shutdown(connection->fd, SHUT_WR);
	while (recv(connection->fd, rest, sizeof rest, 0) > 0)
		;
	SSL_free(connection->session);
	close(connection->fd);
}
