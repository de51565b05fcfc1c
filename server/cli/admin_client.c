#include "cli/admin_client.h"

#include "cli/port_file.h"
#include "control/control.h"
#include "core/limits.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* How long it may take to get through to it, or to take more of what we send. */
#define CONNECT_SECONDS 10
/* A whole answer. */
#define REPLY_MAX (16 * 1024 * 1024)

/* ---- finding it ---- */

static bool set_host(struct admin *admin, const char *host, size_t length)
{
	if (length == 0 || length >= sizeof admin->host)
		return false;
	memcpy(admin->host, host, length);
	admin->host[length] = '\0';
	return true;
}

static bool set_port(struct admin *admin, const char *digits)
{
	char *end;
	const unsigned long port = strtoul(digits, &end, 10);

	if (end == digits || (*end && *end != '/') || port == 0 || port > 65535)
		return false;
	snprintf(admin->port, sizeof admin->port, "%lu", port);
	return true;
}

/* "http://localhost:5050", with or without a slash behind it. */
static bool read_url(const char *url, struct admin *admin)
{
	const char *host = strncmp(url, "http://", 7) == 0 ? url + 7 : NULL;
	const char *end;

	if (!host)
		return false;
	end = *host == '[' ? strchr(host, ']') : strpbrk(host, ":/");
	if (*host == '[' && end)
		return set_host(admin, host + 1, (size_t)(end - host - 1)) && end[1] == ':' && set_port(admin, end + 2);
	return end && *end == ':' && set_host(admin, host, (size_t)(end - host)) && set_port(admin, end + 1);
}

/* FILE.admin, which stands beside the port file. */
static bool read_port_file(const char *name, struct admin *admin, struct error *error)
{
	struct buffer path = { 0 };
	uint16_t port = 0;
	bool good = false;

	buffer_add_format(&path, "%s.admin", name);
	if (buffer_failed(&path)) {
		error_set(error, "memory ran out");
	} else {
		switch (port_file_read(path.data, &port, error)) {
		case PORT_FILE_FINE:
			good = true;
			break;
		case PORT_FILE_ABSENT:
			error_set(error,
			          "there is no %s; is cpgw-mock serving with --port-file %s, and not with --no-admin?",
			          path.data, name);
			break;
		case PORT_FILE_BAD:
			break;
		}
	}
	snprintf(admin->port, sizeof admin->port, "%u", (unsigned)port);
	buffer_release(&path);
	return good;
}

/* What is typed goes before what the environment says. */
static bool means_port_file(const struct options *options)
{
	return options_source(options, "port-file") == SOURCE_COMMAND_LINE &&
	       options_source(options, "admin-url") != SOURCE_COMMAND_LINE;
}

/* `exec --no-admin` says so to its command; who names another means it. */
static bool is_told_of_none(const struct options *options)
{
	const char *url = getenv("CPGW_ADMIN_URL");

	return url && !*url && !options->admin_url && options_source(options, "port-file") != SOURCE_COMMAND_LINE;
}

bool admin_find(const struct options *options, struct admin *admin, struct error *error)
{
	*admin = (struct admin){ .host = "localhost", .token = options->admin_token };
	snprintf(admin->port, sizeof admin->port, "%d", CONTROL_PORT_DEFAULT);
	if (is_told_of_none(options)) {
		error_set(error, "this runs in an 'exec' without a control API (--no-admin); --admin-url names that of "
		                 "another");
		return false;
	}
	if (options->admin_url && !means_port_file(options)) {
		if (!read_url(options->admin_url, admin)) {
			error_set(error, "--admin-url: wanted such as \"http://localhost:5050\", found \"%s\"",
			          options->admin_url);
			return false;
		}
	} else if (options->port_file && !read_port_file(options->port_file, admin, error)) {
		return false;
	}
	buffer_add_text(&admin->prefix, "/__admin");
	if (options->gateway) {
		buffer_add_text(&admin->prefix, "/gateways/");
		admin_add_escaped(&admin->prefix, options->gateway);
	}
	return true;
}

void admin_release(struct admin *admin)
{
	buffer_release(&admin->prefix);
}

void admin_add_escaped(struct buffer *out, const char *text)
{
	for (; *text; text++) {
		const unsigned char byte = (unsigned char)*text;

		if ((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
		    strchr("-._~", byte))
			buffer_add(out, text, 1);
		else
			buffer_add_format(out, "%%%02X", byte);
	}
}

/* ---- talking ---- */

static int open_connection(const struct admin *admin, struct error *error)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	const struct timeval patience = { .tv_sec = CONNECT_SECONDS };
	struct addrinfo *found = NULL;
	int last = ECONNREFUSED;
	int fd = -1;

	if (getaddrinfo(admin->host, admin->port, &hints, &found) != 0) {
		error_set(error, "there is no host \"%s\"", admin->host);
		return -1;
	}
	for (const struct addrinfo *address = found; address && fd < 0; address = address->ai_next) {
		fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
		if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
			break;
		last = errno == EINPROGRESS ? ETIMEDOUT : errno;
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	if (fd < 0)
		error_set(error, "no control API at %s port %s: %s; is cpgw-mock serving, and not with --no-admin?",
		          admin->host, admin->port, strerror(last));
	return fd;
}

static void write_request(const struct admin *admin, const char *method, const char *path, const char *body,
                          const char *accept, struct buffer *out)
{
	const bool is_v6 = strchr(admin->host, ':') != NULL;

	buffer_add_format(out, "%s %s%s HTTP/1.1\r\nHost: %s%s%s:%s\r\nConnection: close\r\n", method,
	                  admin->prefix.data, path, is_v6 ? "[" : "", admin->host, is_v6 ? "]" : "", admin->port);
	if (accept)
		buffer_add_format(out, "Accept: %s\r\n", accept);
	if (admin->token)
		buffer_add_format(out, "Authorization: Bearer %s\r\n", admin->token);
	if (body)
		buffer_add_format(out, "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", strlen(body),
		                  body);
	else if (strcmp(method, "GET") != 0)
		buffer_add_text(out, "Content-Length: 0\r\n\r\n");
	else
		buffer_add_text(out, "\r\n");
}

/* What ends us when the other side has gone is for standard output alone. */
static bool send_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		const ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);

		if (sent < 0 && errno != EINTR)
			return false;
		if (sent > 0) {
			bytes += sent;
			length -= (size_t)sent;
		}
	}
	return true;
}

/* Reads until the other side ends. */
static bool read_all(int fd, int64_t patience_ms, struct buffer *answer, struct error *error)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	char bytes[16384];

	answer->size_max = REPLY_MAX;
	for (;;) {
		const int ready = poll(&poll_fd, 1, patience_ms < INT_MAX ? (int)patience_ms : INT_MAX);
		ssize_t got;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready == 0) {
			error_set(error, "the control API did not answer within %lld s", (long long)patience_ms / 1000);
			return false;
		}
		got = read(fd, bytes, sizeof bytes);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		buffer_add(answer, bytes, (size_t)got);
		if (buffer_failed(answer))
			break;
	}
	if (!buffer_failed(answer))
		return true;
	error_set(error, "the answer is larger than %d bytes", REPLY_MAX);
	return false;
}

/* The value of a header in the head, or NULL. */
static const char *find_header(const char *head, const char *name)
{
	const size_t length = strlen(name);

	for (const char *line = strstr(head, "\r\n"); line; line = strstr(line, "\r\n")) {
		line += 2;
		if (strncasecmp(line, name, length) == 0 && line[length] == ':')
			return line + length + 1 + strspn(line + length + 1, " \t");
	}
	return NULL;
}

/* Our own control API always says how long its answers are: one that is not so long was cut off. */
static bool take_reply(const struct admin *admin, const struct buffer *answer, struct admin_reply *reply,
                       struct error *error)
{
	char *end = answer->data ? strstr(answer->data, "\r\n\r\n") : NULL;
	const char *length;
	size_t body;

	if (answer->length == 0) {
		error_set(error, "%s port %s ended the connection without an answer; is it the control API's port?",
		          admin->host, admin->port);
		return false;
	}
	if (!end || strncmp(answer->data, "HTTP/1.1 ", 9) != 0) {
		error_set(error, "%s port %s does not answer as the control API does", admin->host, admin->port);
		return false;
	}
	reply->status = atoi(answer->data + 9);
	body = answer->length - (size_t)(end + 4 - answer->data);
	*end = '\0';
	length = find_header(answer->data, "Content-Length");
	if (reply->status != 204 && (!length || strtoull(length, NULL, 10) != body)) {
		error_set(error, "the control API's answer was cut off");
		return false;
	}
	buffer_add_text(&reply->body, "");
	buffer_add(&reply->body, end + 4, body);
	return !buffer_failed(&reply->body);
}

bool admin_call(const struct admin *admin, const char *method, const char *path, const char *body, const char *accept,
                int64_t patience_ms, struct admin_reply *reply, struct error *error)
{
	struct buffer request = { 0 };
	struct buffer answer = { 0 };
	const int fd = open_connection(admin, error);
	bool good = false;

	*reply = (struct admin_reply){ 0 };
	if (fd < 0)
		return false;
	write_request(admin, method, path, body, accept, &request);
	if (buffer_failed(&request))
		error_set(error, "memory ran out");
	else if (!send_all(fd, request.data, request.length))
		error_set(error, "cannot send to the control API: %s", strerror(errno));
	else
		good = read_all(fd, patience_ms, &answer, error) && take_reply(admin, &answer, reply, error);
	close(fd);
	buffer_release(&request);
	buffer_release(&answer);
	return good;
}

void admin_reply_release(struct admin_reply *reply)
{
	buffer_release(&reply->body);
}
