#include "cli/asking.h"

#include "cli/say.h"
#include "core/json.h"

/* Of no use to anybody when it cannot be read. */
enum exit_code asking_print(struct buffer *text)
{
	const enum exit_code code = text->length > 0 || buffer_failed(text) ? say_result(text) : EXIT_FINE;

	buffer_release(text);
	return code;
}

/* ---- one call ---- */

/* Says what the control API said is wrong: its sentence, and what goes with it. */
enum exit_code asking_refused(const struct admin_reply *reply)
{
	cJSON *tree = cJSON_ParseWithLength(reply->body.data, reply->body.length);
	const cJSON *detail = json_member(tree, "detail");
	const cJSON *item;
	struct error error;

	error_set(&error, "%s", cJSON_IsString(detail) ? detail->valuestring : "the control API refused it");
	for (item = tree ? json_member(tree, "errors") : NULL, item = item ? item->child : NULL; item;
	     item = item->next) {
		const cJSON *message = json_member(item, "message");
		const cJSON *nearest = json_member(item, "nearest");

		if (cJSON_IsString(message) && cJSON_IsString(nearest))
			error_set(&error, "%s; did you mean \"%s\"?", message->valuestring, nearest->valuestring);
		else if (cJSON_IsString(message))
			error_set(&error, "%s", message->valuestring);
		break;
	}
	cJSON_Delete(tree);
	return say_error(reply->status == 400 || reply->status == 404 ? EXIT_USAGE : EXIT_INTERNAL, &error);
}

void asking_release(struct asking *asking)
{
	cJSON_Delete(asking->tree);
	admin_reply_release(&asking->reply);
	admin_release(&asking->admin);
}

/* Makes one call. When all went well the answer is there; else it has been said why not. */
enum exit_code asking_call(struct asking *asking, const char *method, const char *path, const char *body,
                           int64_t patience_ms)
{
	struct error error;

	cJSON_Delete(asking->tree);
	asking->tree = NULL;
	admin_reply_release(&asking->reply);
	if (!admin_call(&asking->admin, method, path, body, NULL, patience_ms, &asking->reply, &error))
		return say_error(EXIT_INTERNAL, &error);
	if (asking->reply.status >= 300)
		return asking_refused(&asking->reply);
	asking->tree = cJSON_ParseWithLength(asking->reply.body.data, asking->reply.body.length);
	return EXIT_FINE;
}

enum exit_code asking_begin(struct asking *asking, const struct options *options, const char *command)
{
	struct error error;

	*asking = (struct asking){ 0 };
	return admin_find(options, &asking->admin, &error) ? EXIT_FINE : say_usage(command, &error);
}

const char *asking_text(const cJSON *object, const char *name)
{
	const cJSON *item = json_member(object, name);

	return cJSON_IsString(item) ? item->valuestring : "";
}

double asking_number(const cJSON *object, const char *name)
{
	const cJSON *item = json_member(object, name);

	return cJSON_IsNumber(item) ? item->valuedouble : 0;
}
