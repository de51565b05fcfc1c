#include "support/small_machine.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
	const char *name;
	const char *text;
} files[] = {
	{ "gateway.json",
	  "{\n"
	  "  'title': 'one of everything',\n"
	  "  'clock': { 'mode': 'manual', 'start': '2026-03-02T09:30:00-05:00' },\n"
	  "  'seed': 7,\n"
	  "  'settings': {\n"
	  "    'who': 'paper', 'motto': '', 'number': 12, 'absent': null,\n"
	  "    'idle': '5m', 'beat': '1s', 'pause': '250ms',\n"
	  "    'strict_http': true, 'pacing': 'observed', 'ips_allow': '127.0.0.1, ::1', 'ips_deny': ''\n"
	  "  },\n"
	  "  'regions': ['health', 'session'],\n"
	  "  'initial': ['well', 'out'],\n"
	  "  'new_session_on': ['login'],\n"
	  "  'groups': { 'upstream': ['api', 'pages'] },\n"
	  "  'aliases': { '/old/': '/api/' },\n"
	  "  'states': {\n"
	  "    'well': { 'region': 'health', 'quiet': true, 'on': { 'fall_ill': 'ill' } },\n"
	  "    'ill': {\n"
	  "      'region': 'health',\n"
	  "      'answers': { 'status': [{ 'hang': true, 'calls': '1..2' }, { 'reply': 'sick', 'event': null }] },\n"
	  "      'on': { 'recover': 'well', 'fall_ill': [{ 'to': 'well', 'while': ['in'] }] }\n"
	  "    },\n"
	  "    'out': {\n"
	  "      'region': 'session', 'shows': { 'ready': false },\n"
	  "      'answers': { '@api': 'refused' },\n"
	  "      'on': { 'login': 'in' }\n"
	  "    },\n"
	  "    'in': {\n"
	  "      'region': 'session', 'shows': { 'ready': true, 'who': 'somebody' },\n"
	  "      'answers': {\n"
	  "        'init': [{ 'reply': 'refused', 'publish': false },\n"
	  "                 { 'reply': 'ok', 'compete': true, 'after': 'pause' },\n"
	  "                 { 'reply': 'ok', 'every': 3 }, { 'reply': 'status', 'probability': 0.5 }, 'ok']\n"
	  "      },\n"
	  "      'on': { 'went_idle': 'out', 'logout': { 'to': 'out', 'while': ['well'] },\n"
	  "              'midnight': 'out', 'too_many': 'out' }\n"
	  "    }\n"
	  "  },\n"
	  "  'endpoints': {\n"
	  "    'status': { 'path': '/api/status', 'methods': ['GET', 'POST'], 'group': 'api', 'answer': 'status' },\n"
	  "    'init': { 'path': '/api/init', 'methods': ['POST'], 'group': 'api', 'answer': 'ok' },\n"
	  "    'logout': { 'paths': ['/api/logout', '/logout'], 'methods': 'any', 'group': 'api', 'answer': 'ok' },\n"
	  "    'login': { 'path': '/sso/*', 'group': 'pages', 'answer': { 'reply': 'page', 'between': '0s..1h' } },\n"
	  "    'front': { 'path': '/', 'answer': 'page' },\n"
	  "    'broken_filter': { 'match': 'filter_broken', 'answer': 'refused' },\n"
	  "    'denied': { 'match': 'peer_denied', 'answer': 'refused' },\n"
	  "    'preflight': { 'match': 'preflight', 'answer': 'ok' },\n"
	  "    'malformed': { 'match': 'malformed_target', 'answer': { 'hang': true } },\n"
	  "    'anonymous': { 'match': 'no_user_agent', 'answer': 'refused' },\n"
	  "    'unmeasured': { 'match': 'no_content_length', 'answer': 'refused' },\n"
	  "    'wrong_method': { 'match': 'wrong_method', 'answer': 'refused' },\n"
	  "    'unknown': { 'match': 'unknown_path', 'answer': 'missing' }\n"
	  "  },\n"
	  "  'timers': {\n"
	  "    'idle': { 'while': ['in'], 'after': 'idle', 'restart_on': ['@api'], 'event': 'went_idle' },\n"
	  "    'beat': { 'while': ['ill'], 'every': 'beat', 'event': 'fall_ill' },\n"
	  "    'night': { 'while': ['in'], 'daily': { 'at': '00:00', 'zone': 'America/New_York' }, 'event': 'midnight' "
	  "}\n"
	  "  },\n"
	  "  'rate_exceeded': 'too_many',\n"
	  "  'rate_limits': {\n"
	  "    'all': { 'path': '*', 'methods': 'any', 'limit': '10/1s' },\n"
	  "    'one': { 'path': '/api/status', 'limit': '2/1m' }\n"
	  "  },\n"
	  "  'timeline': [\n"
	  "    { 'at': '1h', 'event': 'fall_ill' }, { 'at': '2h', 'enter': 'well' },\n"
	  "    { 'at': '3h', 'set': { 'who': 'nobody' } }\n"
	  "  ]\n"
	  "}\n" },
	{ "2026/pack.json", "{ 'name': '2026', 'extends': '2022' }\n" },
	{ "2026/headers/json.json", "{ 'framing': 'chunked', 'headers': [\n"
	                            "  ['Content-Type', 'application/json'], ['Date', '{{http_date}}']] }\n" },
	{ "2026/headers/sized.json",
	  "{ 'framing': 'as_given', 'headers': [['Content-Length', '{{body_length}}'], ['X-Who', '{{who}}']] }\n" },
	{ "2026/replies/ok.json",
	  "{ 'status': 200, 'headers': 'json', 'body': { 'ok': true, 'who': '{{who}}', 'motto': '-{{motto}}-' } }\n" },
	{ "2026/replies/status.json",
	  "{ 'status': 200, 'headers': 'json', 'body': {\n"
	  "  'ready': '{{ready}}', 'number': '{{number}}', 'absent': '{{absent}}', 'idle': '{{idle}}',\n"
	  "  'session': '{{session_id}}', 'left': '{{remaining_ms.idle}}', 'due': '{{deadline_ms.idle}}',\n"
	  "  'since': '{{started_ms.idle}}', 'now': ['{{now_ms}}', '{{now_s}}'] } }\n" },
	{ "2026/replies/refused.json",
	  "{ 'status': 401, 'reason': 'Access Denied', 'headers': 'sized', 'text': ['{{who}} at', '{{path}}'],\n"
	  "  'body_on_head': true }\n" },
	{ "2026/replies/missing.json", "{ 'status': 404, 'headers': 'sized', 'body': 'no {{path}}' }\n" },
	{ "2026/replies/page.json", "{ 'status': 200, 'headers': 'sized', 'text': 'a page, {{delay_ms}} ms late' }\n" },
	{ "2022/pack.json", "{ 'name': '2022', 'title': 'what the other extends' }\n" },
	{ "2022/replies/sick.json", "{ 'status': 503, 'headers': 'sized', 'text': '' }\n" },
};

void small_machine_add(struct memory_source *memory)
{
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		memory_source_add_quoted(memory, files[i].name, files[i].text);
}

void load_with_report(struct memory_source *memory, const char *name, struct machine *machine, struct buffer *report)
{
	const struct source source = memory_source_of(memory);
	struct problems problems = { 0 };

	scenario_load(&source, &(struct scenario_request){ .name = name }, machine, &problems);
	for (size_t i = 0; i < problems.count; i++) {
		const struct problem *problem = &problems.items[i];

		buffer_add_text(report, problem->file);
		if (problem->line)
			buffer_add_format(report, ":%d:%d", problem->line, problem->column);
		buffer_add_format(report, ": %s", problem->message);
		if (problem->nearest[0])
			buffer_add_format(report, " (%s)", problem->nearest);
		buffer_add_text(report, "\n");
	}
	problems_release(&problems);
}

struct machine small_machine_load(const char *top)
{
	struct memory_source memory = { 0 };
	struct machine machine = { 0 };
	struct buffer report = { 0 };

	small_machine_add(&memory);
	if (top)
		memory_source_add_quoted(&memory, "top.json", top);
	load_with_report(&memory, top ? "top" : "gateway", &machine, &report);
	memory_source_release(&memory);
	if (report.length) {
		fputs(report.data, stderr);
		abort();
	}
	return machine;
}

void small_machine_start(const struct machine *machine, uint64_t seed, struct emulator *emulator)
{
	const struct emulator_options options = {
		.machine = machine,
		.seed = seed,
		.start_ms = machine->start_ms,
		.journal_size = JOURNAL_RECORDS_DEFAULT,
	};
	struct error error = { 0 };

	if (!emulator_init(emulator, &options, &error)) {
		fprintf(stderr, "%s\n", error.text);
		abort();
	}
}
