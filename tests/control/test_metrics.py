"""Are the numbers those of what happened, in the format that Prometheus reads?"""

import re
import socket

from admin import Broker, trusting

SAMPLE = re.compile(r'^(?P<name>[a-z_]+)(?:\{(?P<labels>(?:[a-z]+="[^"\\\n]*",?)+)\})? (?P<value>\d+)$')


def read(process):
    """{name: type} and {(name, labels): value}; every line is looked at."""
    answer = process.call("GET", "/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    helped, types, samples = set(), {}, {}
    for line in answer.text.splitlines():
        if line.startswith("# HELP "):
            helped.add(line.split(" ")[2])
            assert len(line.split(" ", 3)[3]) > 0
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name in helped and name not in types and kind in ("counter", "gauge")
            types[name] = kind
        else:
            sample = SAMPLE.match(line)
            assert sample, line
            assert list(types)[-1] == sample["name"], "samples stand together, below their type"
            labels = tuple(re.findall(r'([a-z]+)="([^"]*)"', sample["labels"] or ""))
            assert (sample["name"], labels) not in samples
            samples[sample["name"], labels] = int(sample["value"])
    return types, samples


def test_counters_are_called_so(process):
    types, _ = read(process)
    assert types
    for name, kind in types.items():
        assert name.startswith("cpgw_") and name.endswith("_total") == (kind == "counter"), name
        # OpenMetrics calls a counter's family so.
        assert name.removesuffix("_total") not in types or kind == "gauge", name


def test_they_count_what_happens(process, gateway, broker):
    client = broker(gateway)
    client.tickle()
    client.tickle()
    client.ask("GET", "/v1/api/nowhere")
    gateway.event("logout")
    gateway.advance("1s")
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
        while plain.recv(1000):
            pass
    gateway.get("/journal/wait", kind="connection")
    _, samples = read(process)
    own = (("gateway", gateway.name),)
    mine = {(name, labels[1:]): value for (name, labels), value in samples.items() if labels[:1] == own}
    assert mine["cpgw_requests_total", (("endpoint", "tickle"),)] == 2
    statuses = [request["status"] for request in gateway.requests()]
    for status in set(statuses):
        assert mine["cpgw_replies_total", (("status", str(status)),)] == statuses.count(status)
    requests = [value for (name, _), value in mine.items() if name == "cpgw_requests_total"]
    assert sum(requests) == 3
    assert mine["cpgw_transitions_total", ()] == 1
    assert mine["cpgw_connection_failures_total", ()] == 1
    assert mine["cpgw_connections_total", ()] == 2
    records = gateway.get("/journal")["records"]
    assert mine["cpgw_journal_records_kept", ()] == len(records)
    for kind in {record["kind"] for record in records}:
        count = sum(record["kind"] == kind for record in records)
        assert mine["cpgw_journal_records_total", (("kind", kind),)] == count


def test_a_reset_begins_again(process, gateway, broker):
    broker(gateway).tickle()
    gateway.post("/reset")
    _, samples = read(process)
    assert samples["cpgw_journal_records_total", (("gateway", gateway.name), ("kind", "request"))] == 0


def test_what_was_never_answered_is_counted_so(process):
    gateway = process.add(scenario="upstream_dead", clock="manual")
    client = Broker(gateway.port, trusting(process.mock.ca_file))
    client.begin("GET", "/v1/api/tickle")
    gateway.get("/requests/wait", endpoint="tickle", status="never")
    client.close()
    _, samples = read(process)
    assert samples["cpgw_replies_total", (("gateway", gateway.name), ("status", "never"))] == 1
    gateway.delete()
    gateway.close()


def test_they_go_with_their_gateway(process):
    process.post("/gateways", {"name": "counted"})
    before = read(process)[1]
    assert before["cpgw_transitions_total", (("gateway", "counted"),)] == 0
    process.call("DELETE", "/gateways/counted")
    after = read(process)[1]
    assert not [labels for _, labels in after if ("gateway", "counted") in labels]
    assert after["cpgw_gateways", ()] == before["cpgw_gateways", ()] - 1
