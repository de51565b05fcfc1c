#include "control/framing.h"

#include <strings.h>

struct seen {
	size_t lengths;
	size_t encodings;
	const char *encoding;
};

static enum MHD_Result look(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct seen *seen = context;

	(void)kind;
	if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0)
		seen->lengths++;
	if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) != 0)
		return MHD_YES;
	seen->encodings++;
	seen->encoding = value ? value : "";
	return MHD_YES;
}

bool framing_is_clear(struct call *call)
{
	struct seen seen = { 0 };

	MHD_get_connection_values(call->connection, MHD_HEADER_KIND, look, &seen);
	if (seen.encodings > 0 && strcasecmp(seen.encoding, "chunked") != 0)
		call_problem(call, MHD_HTTP_NOT_IMPLEMENTED,
		             "wanted a body with a Content-Length or \"Transfer-Encoding: chunked\", found \"%.100s\"",
		             seen.encoding);
	else if (seen.lengths + seen.encodings > 1)
		call_problem(call, MHD_HTTP_BAD_REQUEST,
		             "wanted one Content-Length or one Transfer-Encoding, found %zu and %zu", seen.lengths,
		             seen.encodings);
	else
		return true;
	call->ends_connection = true;
	return false;
}
