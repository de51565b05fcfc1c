/* Why: a reply's bytes are what clients parse: a value must keep its type, and no setting may break out of its place. */
#include "core/render.h"

#include "support/small_machine.h"

#include <criterion/criterion.h>
#include <string.h>

/* A gateway that runs the small machine, and the reply it gives. */
struct stage {
	struct machine machine;
	struct emulator emulator;
	struct reply reply;
};

static void stage_begin(struct stage *stage, const char *top)
{
	struct error error = { 0 };

	*stage = (struct stage){ .machine = small_machine_load(top) };
	cr_assert(emulator_init(&stage->emulator,
	                        &(struct emulator_options){ .machine = &stage->machine,
	                                                    .seed = 7,
	                                                    .start_ms = 1772461800000,
	                                                    .journal_size = JOURNAL_RECORDS_DEFAULT },
	                        &error),
	          "%s", error.text);
}

static void stage_end(struct stage *stage)
{
	reply_release(&stage->reply);
	emulator_release(&stage->emulator);
	machine_release(&stage->machine);
}

static void raise_event(struct stage *stage, const char *name)
{
	struct error error = { 0 };

	cr_assert(emulator_apply(&stage->emulator, &(struct action){ ACTION_EVENT, name, { 0 } }, &error), "%s",
	          error.text);
}

static void set_text(struct stage *stage, const char *name, const char *text)
{
	const struct action action = { ACTION_SET, name, { .kind = VALUE_TEXT, .text = text } };
	struct error error = { 0 };

	cr_assert(emulator_apply(&stage->emulator, &action, &error), "%s", error.text);
}

/* Renders the reply of that name for a request to `path`. */
static const struct reply *rendered(struct stage *stage, const char *name, const char *path, int64_t delay_ms)
{
	const struct render_context context = { .emulator = &stage->emulator,
		                                .path = span_of(path),
		                                .delay_ms = delay_ms };

	for (size_t i = 0; i < stage->machine.reply_count; i++) {
		if (strcmp(stage->machine.replies[i].name, name) == 0) {
			reply_clear(&stage->reply);
			render_reply(&context, &stage->machine.replies[i], &stage->reply);
			return &stage->reply;
		}
	}
	cr_assert_fail("no reply %s", name);
	return NULL;
}

static const char *body(struct stage *stage, const char *name, const char *path)
{
	return rendered(stage, name, path, 0)->body.data;
}

Test(render, gives_each_value_its_own_type_in_json)
{
	struct stage stage;

	stage_begin(&stage, NULL);
	cr_expect_str_eq(body(&stage, "status", "/"),
	                 "{\"ready\":false,\"number\":12,\"absent\":null,\"idle\":\"5m\","
	                 "\"session\":\"a4a201f205259ef28d294df968acfdcc\","
	                 "\"left\":0,\"due\":1772461800000,\"since\":0,\"now\":[1772461800000,1772461800]}");
	stage_end(&stage);
}

Test(render, shows_timers_as_they_run)
{
	struct stage stage;

	stage_begin(&stage, NULL);
	emulator_advance(&stage.emulator, 1772461801500);
	raise_event(&stage, "login");
	emulator_advance(&stage.emulator, 1772461802000);
	cr_expect_not_null(strstr(body(&stage, "status", "/"),
	                          "\"left\":299500,\"due\":1772462101500,\"since\":1772461801500,"
	                          "\"now\":[1772461802000,1772461802]"),
	                   "%s", stage.reply.body.data);
	stage_end(&stage);
}

Test(render, lets_what_a_state_shows_win_over_the_setting)
{
	struct stage stage;

	stage_begin(&stage, NULL);
	cr_expect_str_eq(body(&stage, "ok", "/"), "{\"ok\":true,\"who\":\"paper\",\"motto\":\"--\"}");
	raise_event(&stage, "login");
	cr_expect_str_eq(body(&stage, "ok", "/"), "{\"ok\":true,\"who\":\"somebody\",\"motto\":\"--\"}");
	stage_end(&stage);
}

Test(render, gives_a_session_one_id_and_the_next_another)
{
	struct stage stage;
	char first[40];

	stage_begin(&stage, NULL);
	raise_event(&stage, "login");
	memcpy(first, strstr(body(&stage, "status", "/"), "\"session\":") + 11, 32);
	first[32] = '\0';
	cr_expect_eq(strspn(first, "0123456789abcdef"), 32);
	cr_expect_not_null(strstr(body(&stage, "status", "/"), first));
	raise_event(&stage, "logout");
	cr_expect_not_null(strstr(body(&stage, "status", "/"), first), "only a login begins a session");
	raise_event(&stage, "login");
	cr_expect_null(strstr(body(&stage, "status", "/"), first));
	stage_end(&stage);
}

Test(render, escapes_a_setting_inside_json_and_typed)
{
	static const char nasty[] = "\"},{\"\\ {{who}}</";
	struct stage stage;

	stage_begin(&stage, NULL);
	set_text(&stage, "who", nasty);
	set_text(&stage, "motto", nasty);
	cr_expect_str_eq(body(&stage, "ok", "/"), "{\"ok\":true,"
	                                          "\"who\":\"\\\"},{\\\"\\\\ {{who}}</\","
	                                          "\"motto\":\"-\\\"},{\\\"\\\\ {{who}}</-\"}");
	stage_end(&stage);
}

Test(render, leaves_plain_text_as_it_is)
{
	struct stage stage;

	stage_begin(&stage, NULL);
	set_text(&stage, "who", "a \"b\" \\ c");
	cr_expect_str_eq(body(&stage, "refused", "/a\"b"), "a \"b\" \\ c at\n/a\"b");
	cr_expect_str_eq(body(&stage, "missing", "/a\"b\\"), "\"no /a\\\"b\\\\\"");
	stage_end(&stage);
}

Test(render, fills_headers_after_the_body_whose_length_they_tell)
{
	struct stage stage;
	const struct reply *reply;

	stage_begin(&stage, NULL);
	reply = rendered(&stage, "refused", "/x", 0);
	cr_expect_eq(reply->status, 401);
	cr_expect_str_eq(reply->reason, "Access Denied");
	cr_expect_eq(reply->framing, FRAMING_AS_GIVEN);
	cr_expect(reply->body_on_head);
	cr_expect_str_eq(reply->body.data, "paper at\n/x");
	cr_expect_str_eq(reply->headers.data, "Content-Length: 11\r\nX-Who: paper\r\n");
	reply = rendered(&stage, "ok", "/x", 0);
	cr_expect_str_eq(reply->reason, "OK");
	cr_expect_eq(reply->framing, FRAMING_CHUNKED);
	cr_expect_not(reply->body_on_head);
	cr_expect_str_eq(reply->headers.data,
	                 "Content-Type: application/json\r\nDate: Mon, 02 Mar 2026 14:30:00 GMT\r\n");
	stage_end(&stage);
}

Test(render, tells_how_long_the_answer_was_held_back)
{
	struct stage stage;

	stage_begin(&stage, NULL);
	cr_expect_str_eq(rendered(&stage, "page", "/", 4000)->body.data, "a page, 4000 ms late");
	stage_end(&stage);
}

Test(render, knows_a_body_that_is_one_variable_from_one_that_holds_one)
{
	static const struct {
		const char *reply;
		const char *body;
	} cases[] = {
		{ "{'status':200,'headers':'json','body':'{{number}}'}", "12" },
		{ "{'status':200,'headers':'json','body':'{{who}}'}", "\"paper\"" },
		{ "{'status':200,'headers':'json','body':'{{absent}}'}", "null" },
		{ "{'status':200,'headers':'json','body':'{{path}}'}", "\"/p\"" },
		{ "{'status':200,'headers':'json','body':'{{ready}} {{number}}{{absent}}'}", "\"false 12null\"" },
		{ "{'status':200,'headers':'json','body':['{{number}}','{{number}}',{'a':'{{who}}'}]}",
		  "[12,12,{\"a\":\"paper\"}]" },
		{ "{'status':200,'headers':'json','body':'\\u0022{{who}}\\u0022'}", "\"\\\"paper\\\"\"" },
		{ "{'status':200,'headers':'json','body':{'{{who}}':1}}", "{\"paper\":1}" },
		{ "{'status':200,'headers':'json','body':{'a':1,'{{ready}}':'{{ready}}'}}",
		  "{\"a\":1,\"false\":false}" },
		{ "{'status':200,'headers':'json','text':'{{number}}'}", "12" },
		{ "{'status':200,'headers':'json','text':['a','','b']}", "a\n\nb" },
		{ "{'status':200,'headers':'json','text':[]}", "" },
		{ "{'status':200,'headers':'json'}", "" },
		{ "{'status':200,'headers':'json','body':null}", "null" },
		{ "{'status':200,'headers':'json','text':'}} {who} {'}", "}} {who} {" },
		{ "{'status':200,'headers':'json','body':[1.5,-0.25,999999999999999,1000000]}",
		  "[1.5,-0.25,999999999999999,1000000]" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct memory_source memory = { 0 };
		struct stage stage = { 0 };
		struct buffer report = { 0 };
		struct error error = { 0 };

		small_machine_add(&memory);
		memory_source_add_quoted(&memory, "mine.json", cases[i].reply);
		memory_source_add_quoted(&memory, "top.json",
		                         "{'extends':'gateway','endpoints':{'front':{'answer':'./mine.json'}}}");
		load_with_report(&memory, "top", &stage.machine, &report);
		cr_assert_eq(report.length, 0, "%s", report.data);
		cr_assert(emulator_init(&stage.emulator,
		                        &(struct emulator_options){ .machine = &stage.machine,
		                                                    .seed = 7,
		                                                    .start_ms = 1772461800000,
		                                                    .journal_size = JOURNAL_RECORDS_DEFAULT },
		                        &error));
		buffer_add_text(&stage.reply.body, "");
		cr_expect_str_eq(body(&stage, "./mine.json", "/p"), cases[i].body, "%s: %s", cases[i].reply,
		                 stage.reply.body.data);
		stage_end(&stage);
		memory_source_release(&memory);
		buffer_release(&report);
	}
}
