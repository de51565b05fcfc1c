/*
 * `fault`: what goes wrong in a gateway that serves: shown, added, taken away.
 */
#include "cli/asking.h"
#include "cli/command.h"
#include "cli/say.h"
#include "cli/table.h"
#include "core/json.h"
#include "core/names.h"

#include <string.h>

static const struct verb {
	const char *name;
	const char *method;
	const char *operand; /* how messages call it; NULL: it takes none */
} verbs[] = {
	{ "list", "GET", NULL },
	{ "add", "POST", "JSON" },
	{ "remove", "DELETE", "NAME" },
	{ "clear", "DELETE", NULL },
};

static const struct verb *find_verb(const char *name, struct error *error)
{
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
		nearest_offer(&nearest, verbs[i].name);
	}
	error_set(error, "fault knows no \"%.80s\"; wanted list, add, remove or clear%s%s%s", name,
	          nearest.best ? "; did you mean \"" : "", nearest.best ? nearest.best : "", nearest.best ? "\"?" : "");
	return NULL;
}

static bool operand_fits(const struct verb *verb, const char *operand, struct error *error)
{
	if ((verb->operand != NULL) == (operand != NULL))
		return true;
	if (operand)
		error_set(error, "fault %s wants nothing more, found \"%.80s\"", verb->name, operand);
	else
		error_set(error, "fault %s wants %s, found nothing more", verb->name, verb->operand);
	return false;
}

/* What a shell has made of it is often none: it is shown what came, and where it goes wrong. */
static bool is_json(const char *text, struct error *error)
{
	struct json_places places = { 0 };
	struct problems problems = { 0 };
	const bool fine = json_read(&places, "JSON", text, strlen(text), &problems) != NULL;

	if (!fine && problems.count > 0)
		error_set(error, "fault add wants JSON, found \"%.80s\": %s, at letter %d", text,
		          problems.items[0].message, problems.items[0].column);
	else if (!fine)
		error_set(error, "memory ran out");
	problems_release(&problems);
	json_places_release(&places);
	return fine;
}

static void add_number(struct table *table, const cJSON *object, const char *name)
{
	struct buffer text = { 0 };

	buffer_add_int(&text, (int64_t)asking_number(object, name));
	table_take(table, &text);
}

static void add_rows(const cJSON *tree, struct table *table)
{
	const cJSON *list = tree ? json_member(tree, "faults") : NULL;

	for (const cJSON *fault = list ? list->child : NULL; fault; fault = fault->next) {
		table_add(table, asking_text(fault, "id"));
		table_add(table, asking_text(fault, "kind"));
		table_add(table, asking_text(fault, "from"));
		table_add(table, cJSON_IsTrue(json_member(fault, "in_force")) ? "yes" : "no");
		add_number(table, fault, "calls");
		add_number(table, fault, "acted");
	}
}

/* What there is now; nothing where the answer says nothing. */
static enum exit_code show(const struct options *options, const struct asking *asking)
{
	static const char *const columns[] = { "name", "kind", "from", "in force", "calls", "acted", NULL };
	struct table table = { .columns = columns };
	struct buffer out = { 0 };

	if (!asking->tree)
		return EXIT_FINE;
	if (options->format == FORMAT_JSON) {
		buffer_add(&out, asking->reply.body.data, asking->reply.body.length);
	} else {
		add_rows(asking->tree, &table);
		table_render_text(&table, &out);
	}
	table_release(&table);
	return asking_print(&out);
}

static enum exit_code fault_run(const struct options *options)
{
	const char *operand = options->operand_count > 1 ? options->operands[1] : NULL;
	struct error error;
	const struct verb *verb = find_verb(options->operand_count > 0 ? options->operands[0] : "list", &error);
	struct asking asking;
	struct buffer path = { 0 };
	enum exit_code code;

	if (!verb || !operand_fits(verb, operand, &error) ||
	    (operand && strcmp(verb->name, "add") == 0 && !is_json(operand, &error)))
		return say_usage(command_fault.name, &error);
	buffer_add_text(&path, "/faults");
	if (strcmp(verb->name, "remove") == 0) {
		buffer_add_text(&path, "/");
		admin_add_escaped(&path, operand);
	}
	code = asking_begin(&asking, options, command_fault.name);
	if (code == EXIT_FINE)
		code = asking_call(&asking, verb->method, path.data, strcmp(verb->name, "add") == 0 ? operand : NULL,
		                   ASKING_PATIENCE_MS);
	if (code == EXIT_FINE)
		code = show(options, &asking);
	buffer_release(&path);
	asking_release(&asking);
	return code;
}

const struct command command_fault = {
	.name = "fault",
	.bit = FOR_FAULT,
	.operands = "[list|add JSON|remove NAME|clear]",
	.operands_max = 2,
	.summary = "show, add and take away what goes wrong",
	.about =
	    "Has things go wrong in a gateway that serves. JSON is what \"faults\" of a scenario is, names and "
	    "faults: '{\"late\": {\"on\": \"tickle\", \"fixed\": \"3s\"}}'. One of the same name is replaced; "
	    "'cpgw-mock list faults' has all kinds.\n"
	    "What a fault holds back ends when it is taken away. A reset of the gateway brings back the scenario's.",
	.run = fault_run,
};
