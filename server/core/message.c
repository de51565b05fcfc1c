#include "core/message.h"

#include <string.h>

static const char *const method_names[METHOD_COUNT] = {
	[METHOD_GET] = "GET",       [METHOD_HEAD] = "HEAD",       [METHOD_POST] = "POST",   [METHOD_PUT] = "PUT",
	[METHOD_DELETE] = "DELETE", [METHOD_OPTIONS] = "OPTIONS", [METHOD_PATCH] = "PATCH", [METHOD_OTHER] = "OTHER",
};

const char *method_name(enum http_method method)
{
	return method_names[method];
}

enum http_method method_of(const char *name)
{
	for (int i = 0; i < METHOD_OTHER; i++)
		if (strcmp(method_names[i], name) == 0)
			return (enum http_method)i;
	return METHOD_OTHER;
}

void reply_clear(struct reply *reply)
{
	buffer_clear(&reply->headers);
	buffer_clear(&reply->body);
	reply->status = 0;
	reply->reason = "";
	reply->framing = FRAMING_CHUNKED;
	reply->body_on_head = false;
	reply->release_ms = 0;
	reply->plan = (struct fault_plan){ 0 };
}

void reply_release(struct reply *reply)
{
	buffer_release(&reply->headers);
	buffer_release(&reply->body);
	*reply = (struct reply){ 0 };
}

/* RFC 9110 section 15, RFC 6585. 413 and 414 are spelt as the gateway's own stack spells them. */
static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 100, "Continue" },
	{ 101, "Switching Protocols" },
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 206, "Partial Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Request Entity Too Large" },
	{ 414, "Request-URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 417, "Expectation Failed" },
	{ 422, "Unprocessable Entity" },
	{ 425, "Too Early" },
	{ 426, "Upgrade Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
	{ 507, "Insufficient Storage" },
	{ 511, "Network Authentication Required" },
};

const char *status_reason(int status)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown Status";
}
