"""What a gateway writes down while it serves: the log for people, the journal's file for programs."""

import contextlib
import http.client
import json
import os
import re
import ssl
import sys

import pytest

from run_cli import FINE, INTERNAL, START, WITHIN, ask, call, control, is_free, raw, refused, serving

pytestmark = pytest.mark.usefixtures("clean_environment")


# ---- the log ----


def test_a_line_a_request():
    with serving("--clock", "manual") as server:
        ask(server, "/v1/api/tickle", "POST")
        ask(server, "/v1/api/logout", "POST")
        raw(server, b"GET /v1/api/none?x=%20\xe9\x1b[2J HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\r\n\r\n")
        log = server.stop()
    assert log.splitlines() == [
        f"{START} POST /v1/api/tickle authenticated 200",
        f"{START} POST /v1/api/logout authenticated -> logged_out 200",
        f"{START} GET /v1/api/none?x=%20\\xe9\\x1b[2J logged_out 401",
    ]


def test_verbose_tells_transitions_too():
    with serving("--clock", "manual", "--verbose", "--log-format", "json") as server:
        ask(server, "/v1/api/logout", "POST")
        lines = [json.loads(line) for line in server.stop().splitlines()]
    assert [line["kind"] for line in lines] == ["transition", "request"]
    assert lines[0].pop("wall_time") is not None
    assert lines[0] == {
        "id": 1,
        "time": START,
        "kind": "transition",
        "name": "logout",
        "before": "authenticated",
        "after": "logged_out",
    }


def test_lines_of_another_gateway_say_whose_they_are():
    for arguments, expected in (
        ((), [f"{START} GET /sso/ping authenticated 200", f"{START} [other] GET /sso/ping fresh 401"]),
        (("--log-format", "json"), None),
    ):
        with serving("--clock", "manual", *arguments) as server:
            _, other = control(server, "/gateways", {"name": "other", "scenario": "fresh"})
            ask(server, "/sso/ping")
            server.port = other["port"]
            ask(server, "/sso/ping")
            lines = server.stop().splitlines()
        if expected:
            assert lines == expected
        else:
            assert [json.loads(line).get("gateway") for line in lines] == [None, "other"]


# ---- the journal's file ----


def read_journal(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_the_journal_appends_what_happens_to_every_gateway(tmp_path):
    file = tmp_path / "journal"
    for _ in range(2):
        with serving("--clock", "manual", "--journal", str(file)) as server:
            _, other = control(server, "/gateways", {"name": "other"})
            ask(server, "/v1/api/logout", "POST")
            server.port = other["port"]
            raw(server, b"GET /sso/ping?password=hunter2 HTTP/1.1\r\nHost: localhost\r\nCookie: a=hunter2\r\n\r\n")
            server.stop()
    lines = read_journal(file)
    assert [(line["gateway"], line["id"], line["kind"]) for line in lines] == 2 * [
        ("default", 1, "transition"),
        ("default", 2, "request"),
        ("other", 1, "request"),
    ]
    assert lines[1]["headers"]["User-Agent"] == "test"
    assert "hunter2" not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_a_journal_for_which_the_disk_is_full_is_told_once_and_stops_nobody():
    with serving("--clock", "manual", "--journal", "/dev/full") as server:
        for _ in range(3):
            assert ask(server, "/sso/ping")[0] == 200
        log = server.stop()
    assert log.count("GET /sso/ping") == 3
    assert re.findall(r"cpgw-mock: .*", log) == [
        "cpgw-mock: cannot write the journal /dev/full: No space left on device; it goes on when it can be, and says "
        "what it lacks"
    ]


@pytest.mark.parametrize(
    "path, why", [("/nonexistent/journal", "No such file or directory"), ("/tmp", "Is a directory")]
)
def test_a_journal_that_cannot_be_written_is_told_before_anything_listens(free_port, path, why):
    result = call("serve", "--port", str(free_port), "--journal", path)
    refused(result, INTERNAL, f"cpgw-mock: cannot write the journal {path}: {why}")
    assert is_free(free_port)


def test_a_journal_that_nobody_reads_is_not_waited_for(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    refused(
        call("serve", "--port", "0", "--journal", str(pipe)),
        INTERNAL,
        f"cpgw-mock: cannot write the journal {pipe}: No such device or address",
    )
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with serving("--journal", str(pipe)) as server:
            context = ssl.create_default_context(cafile=server.ca_file)
            connection = http.client.HTTPSConnection("localhost", server.port, context=context, timeout=WITHIN)
            with contextlib.closing(connection):
                for _ in range(1000):
                    connection.request("GET", "/sso/ping", headers={"User-Agent": "test"})
                    assert connection.getresponse().read() is not None
            server.stop()
    finally:
        os.close(reader)


def test_lines_come_while_it_serves():
    with serving("--clock", "manual") as server:
        ask(server, "/sso/ping")
        assert server.process.stderr.readline() == f"{START} GET /sso/ping authenticated 200\n".encode()
        server.stop()


def test_nobody_who_forgets_to_read_the_log_stops_the_gateway():
    with serving() as server:
        context = ssl.create_default_context(cafile=server.ca_file)
        connection = http.client.HTTPSConnection("localhost", server.port, context=context, timeout=WITHIN)
        with contextlib.closing(connection):
            for _ in range(6000):
                connection.request("GET", "/sso/ping", headers={"User-Agent": "test"})
                assert connection.getresponse().read() is not None
        server.process.terminate()
        assert server.process.wait(WITHIN) == FINE
        log = server.process.stderr.read().decode()
        assert 500 < log.count("GET /sso/ping") < 6000


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, *sys.argv[1:]]))
