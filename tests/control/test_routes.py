"""Is there what the documentation says, all of it, and does each answer as it is documented?"""

import re
from pathlib import Path

import pytest

# Answers that need a story of their own; the file that tells it.
ELSEWHERE = {
    ("get", "/certs/ca.crt", "404"): "test_http.py",
    ("post", "/gateways", "507"): "test_gateways.py",
    ("post", "/clock/set", "409"): "test_clock.py",
    ("post", "/clock/advance-to-next", "409"): "test_clock.py",
    ("get", "/state/wait", "409"): "test_waits.py",
    ("get", "/state/wait", "410"): "test_waits.py",
    ("get", "/state/wait", "429"): "test_waits.py",
    ("get", "/state/wait", "503"): "test_waits.py",
    ("get", "/requests/wait", "503"): "test_waits.py",
    ("get", "/journal/wait", "503"): "test_waits.py",
    ("get", "/requests/wait", "409"): "test_waits.py",
    ("get", "/requests/wait", "410"): "test_waits.py",
    ("get", "/requests/wait", "429"): "test_waits.py",
    ("get", "/journal/wait", "409"): "test_waits.py",
    ("get", "/journal/wait", "410"): "test_waits.py",
    ("get", "/journal/wait", "429"): "test_waits.py",
    ("post", "/shutdown", "202"): "test_waits.py",
    ("get", "/requests/{id}", "200"): "test_journal.py",
    ("delete", "", "409"): "test_gateways.py",
    ("post", "/faults", "507"): "test_faults.py",
    ("delete", "/faults/{id}", "204"): "test_faults.py",
}

# Calls that are not good, by what the answer says about them: (query, body).
REFUSED = {
    "400": [({"colour": "red"}, None), ({}, b"{"), ({"timeout": "soon", "state": "authenticated"}, None)],
    "404": [({}, {"scenario": "no_such"}), ({}, None)],
    "406": [({}, {"request": {}, "times": 7}), ({}, {"requests": [{"endpoint": "logout"}]})],
    "409": [({}, {"name": "default"}), ({}, None)],
    "504": [({"timeout": "1ms", "state": "logged_out"}, None), ({"timeout": "1ms", "endpoint": "logout"}, None),
            ({"timeout": "1ms", "kind": "cue"}, None)],
}
QUERY = {"/state/wait": {"state": "authenticated"}}


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


@pytest.fixture(scope="module")
def document(process):
    return process.get("/docs/openapi.json")


def test_the_document_is_in_order(document):
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] and document["info"]["version"]
    ids = []
    for path, method, operation in operations(document):
        assert path.startswith("/__admin")
        assert method in ("get", "post", "put", "delete")
        assert operation["summary"] and operation["responses"]
        ids.append(operation["operationId"])
        named = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path))
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/refused"}
        for status, answer in operation["responses"].items():
            if status == "default":
                continue
            assert re.fullmatch("[245]\\d\\d", status) and answer["description"]
    assert len(ids) == len(set(ids))


def test_all_of_a_gateway_is_there_with_and_without_its_name(document):
    named = {path.removeprefix("/__admin/gateways/{name}") for path in document["paths"] if "{name}" in path} - {""}
    assert named < {path.removeprefix("/__admin") for path in document["paths"]}
    assert {"/state", "/clock/advance", "/requests", "/verify", "/reset", "/settings"} <= named
    assert not {"/shutdown", "/gateways", "/health"} & named


def calls_for(path, operation, status):
    """Calls of which one should be answered so: (query, body)."""
    if status[0] != "2":
        return REFUSED[status]
    if path == "/verify":
        return [({}, {"request": {}, "times": {"at_least": 0}})]
    if path == "/verifySequence":
        return [({}, {"requests": [{"endpoint": "tickle"}]})]
    example = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    return [({}, example)]


@pytest.fixture
def target(process, broker):
    """What a route is tried on, of which nothing else is known than that a client has tickled: target(path)."""
    gateways = []

    def one(path):
        if "{name}" in path:
            gateways.append(process.add(clock="manual"))
        else:
            process.post("/reset")
        chosen = gateways[-1] if "{name}" in path else process
        broker(chosen).tickle()
        return chosen

    yield one
    for gateway in gateways:
        gateway.close()
    for gateway in process.get("/gateways")["gateways"][1:]:
        process.call("DELETE", f"/gateways/{gateway['name']}")
    process.post("/reset")


def test_each_route_answers_as_it_is_documented(document, target):
    """What is refused, too."""
    for path, method, operation in operations(document):
        short = path.removeprefix("/__admin").removeprefix("/gateways/{name}")
        for status, documented in operation["responses"].items():
            if status == "default" or (method, short, status) in ELSEWHERE:
                continue
            chosen = target(path)
            seen = []
            for query, body in calls_for(short, operation, status):
                query = QUERY.get(short, {}) | query
                answer = chosen.call(method.upper(), short.replace("{id}", "0"), body, **query)
                seen.append(answer.status)
                if answer.status == int(status):
                    assert list(documented.get("content", {None: {}})) == [answer.headers["Content-Type"]]
            assert int(status) in seen, f"{method} {path} was answered {seen}, not {status}"


def test_the_page_shows_them_all(process, document):
    page = process.call("GET", "/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    shown = {(method.lower(), path) for method, path in re.findall(r"<h2 [^>]*>([A-Z]+) (\S+)</h2>", page.text)}
    wanted = {(method, path) for path, method, _ in operations(document)}
    assert shown <= wanted
    short = {(method, path.replace("/gateways/{name}", "")) for method, path in wanted}
    assert {(method, path.replace("/gateways/{name}", "")) for method, path in shown} == short


def test_the_page_leads_to_each(process):
    text = process.call("GET", "/docs").text
    ids = re.findall(r'<h2 id="([^"]+)"', text)
    assert re.findall(r'<li><a href="#([^"]+)"', text) == ids and len(set(ids)) == len(ids)
    assert set(re.findall(r'(?:href|src)="([^#"]+)', text)) == {"docs/openapi.json"}, "nothing from elsewhere"


def test_what_it_says_is_needed_is(gateway, document):
    """And nothing else: calls are made with no more than that."""
    for path, method, operation in operations(document):
        if "{name}" not in path or "{id}" in path or (path.endswith("{name}") and method == "delete"):
            continue
        needed = [each["name"] for each in operation["parameters"] if each["required"] and each["in"] == "query"]
        body = operation.get("requestBody", {"required": False})
        without = gateway.call(method.upper(), path.removeprefix("/__admin/gateways/{name}"), None,
                               **({} if needed else {"timeout": "1ms"} if path.endswith("wait") else {}))
        assert (without.status == 400) == (body["required"] or bool(needed)), (method, path, without)


def test_its_examples_are_good_json(document):
    examples = [operation for *_, operation in operations(document) if "requestBody" in operation]
    assert len(examples) > 10


def test_what_is_told_elsewhere_is():
    for (_, _, status), file in ELSEWHERE.items():
        assert status in (Path(__file__).parent / file).read_text(), (status, file)
