/*
 * Numbers for Prometheus, in its text format: https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * Those of a gateway count from its start or its last reset.
 */
#include "control/handlers.h"
#include "control/parts.h"

#include <inttypes.h>
#include <stdio.h>

struct metric {
	const char *name;
	const char *type;
	const char *help;
	void (*add)(const struct metric *metric, const struct entry *entry, struct buffer *out);
};

/* Names of gateways, endpoints and kinds have no character that would have to be escaped. */
static void add_sample(const struct metric *metric, const struct entry *entry, const char *label, const char *value,
                       uint64_t number, struct buffer *out)
{
	buffer_add_format(out, "%s{gateway=\"%s\"", metric->name, entry->name);
	if (label)
		buffer_add_format(out, ",%s=\"%s\"", label, value);
	buffer_add_format(out, "} %" PRIu64 "\n", number);
}

static void add_requests(const struct metric *metric, const struct entry *entry, struct buffer *out)
{
	const struct emulator *emulator = &entry->gateway->emulator;
	uint64_t rest = emulator->tally.records[RECORD_REQUEST];

	for (size_t i = 0; i < emulator->machine->endpoint_count; i++) {
		if (emulator->calls[i] > 0)
			add_sample(metric, entry, "endpoint", emulator->machine->endpoints[i].name, emulator->calls[i],
			           out);
		rest -= emulator->calls[i];
	}
	if (rest > 0)
		add_sample(metric, entry, "endpoint", "none", rest, out);
}

static void add_replies(const struct metric *metric, const struct entry *entry, struct buffer *out)
{
	const struct tally *tally = &entry->gateway->emulator.tally;
	char status[16];

	for (size_t i = 0; i < tally->status_count; i++) {
		snprintf(status, sizeof status, tally->statuses[i].status ? "%d" : "never", tally->statuses[i].status);
		add_sample(metric, entry, "status", status, tally->statuses[i].count, out);
	}
	if (tally->other_statuses > 0)
		add_sample(metric, entry, "status", "other", tally->other_statuses, out);
}

static void add_records(const struct metric *metric, const struct entry *entry, struct buffer *out)
{
	for (unsigned kind = 0; kind < RECORD_KIND_COUNT; kind++)
		add_sample(metric, entry, "kind", record_kind_names[kind], entry->gateway->emulator.tally.records[kind],
		           out);
}

static void add_kept(const struct metric *metric, const struct entry *entry, struct buffer *out)
{
	add_sample(metric, entry, NULL, NULL, journal_kept(&entry->gateway->emulator.journal), out);
}

static void add_transitions(const struct metric *metric, const struct entry *entry, struct buffer *out)
{
	add_sample(metric, entry, NULL, NULL, entry->gateway->emulator.tally.records[RECORD_TRANSITION], out);
}

static void add_failures(const struct metric *metric, const struct entry *entry, struct buffer *out)
{
	add_sample(metric, entry, NULL, NULL, entry->gateway->emulator.tally.records[RECORD_CONNECTION], out);
}

static void add_connections(const struct metric *metric, const struct entry *entry, struct buffer *out)
{
	add_sample(metric, entry, NULL, NULL, entry->gateway->connections, out);
}

static const struct metric metrics[] = {
	{ "cpgw_requests_total", "counter", "Requests that were answered, by endpoint.", add_requests },
	{ "cpgw_replies_total", "counter", "Their answers, by status; \"never\" is none.", add_replies },
	{ "cpgw_transitions_total", "counter", "Changes of state.", add_transitions },
	{ "cpgw_connections_total", "counter", "Connections that were taken.", add_connections },
	{ "cpgw_connection_failures_total", "counter", "Connections that never came to a request.", add_failures },
	{ "cpgw_journal_records_total", "counter", "Records written to the journal, by kind.", add_records },
	{ "cpgw_journal_records_kept", "gauge", "Records that are in the journal.", add_kept },
};

struct adding {
	const struct metric *metric;
	struct buffer *out;
};

static void add_gateway(void *context, struct entry *entry)
{
	const struct adding *adding = context;

	adding->metric->add(adding->metric, entry, adding->out);
}

static void add_head(const char *name, const char *type, const char *help, struct buffer *out)
{
	buffer_add_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_number(const char *name, const char *type, const char *help, uint64_t number, struct buffer *out)
{
	add_head(name, type, help, out);
	buffer_add_format(out, "%s %" PRIu64 "\n", name, number);
}

void do_metrics(struct call *call)
{
	const struct control *control = call->control;
	struct buffer *out = &call->answer;

	call_answer_text(call, MHD_HTTP_OK, TYPE_METRICS, "");
	add_head("cpgw_info", "gauge", "The program's version.", out);
	buffer_add_format(out, "cpgw_info{version=\"%s\"} 1\n", call->options->version);
	add_number("cpgw_gateways", "gauge", "Gateways in this process.", registry_count(call->options->registry), out);
	add_number("cpgw_control_connections", "gauge", "Connections to the control API.", control->connections, out);
	add_number("cpgw_control_waits", "gauge", "Calls to the control API that wait.", control->wait_count, out);
	add_number("cpgw_control_waits_begun_total", "counter", "Calls that have ever waited.", control->waits_ever,
	           out);
	for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
		const struct adding adding = { &metrics[i], out };

		add_head(metrics[i].name, metrics[i].type, metrics[i].help, out);
		registry_each(call->options->registry, add_gateway, (void *)&adding);
	}
}
