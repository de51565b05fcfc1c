"""Serving, as those who start and stop it see it: what it says, where it listens, how it ends.

Exit codes and option names are promises to scripts: what is asserted here is kept for ever.
"""

import contextlib
import json
import os
import re
import select
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from run_cli import (
    AT_ONCE,
    BINARY,
    CANNOT_BIND,
    FINE,
    START,
    WITHIN,
    Serving,
    ask,
    call,
    control,
    eventually,
    is_free,
    refused,
    serving,
)

pytestmark = pytest.mark.usefixtures("clean_environment")


# ---- serving ----


def test_serve_is_the_default_and_says_in_one_line_where_it_is():
    with serving(command=()) as server:
        assert server.url == f"https://localhost:{server.port}"
        assert Path(server.ca_file).name == "ca.crt"
        assert Path(server.ca_file).is_relative_to(os.environ["XDG_STATE_HOME"])
        status, body = ask(server, "/v1/api/tickle")
        assert status == 200
        assert json.loads(body)["iserver"]["authStatus"]["authenticated"] is True
        server.stop()


def test_both_loopback_addresses_have_the_same_port():
    with serving() as server:
        assert ask(server, "/sso/ping", host="127.0.0.1")[0] == 200
        try:
            socket.create_connection(("::1", 1)).close()
        except ConnectionRefusedError:
            assert ask(server, "/sso/ping", host="::1")[0] == 200
        except OSError:
            pass  # this machine has no ::1
        server.stop()


def test_one_address_alone():
    with serving("--bind-address", "127.0.0.1") as server:
        assert server.url == f"https://127.0.0.1:{server.port}"
        assert ask(server, "/sso/ping", host="127.0.0.1")[0] == 200
        server.stop()


def test_everything_can_come_from_the_environment(tmp_path):
    port_file = tmp_path / "port"
    server = Serving(
        command=(),
        CPGW_PORT="0",
        CPGW_PORT_FILE=str(port_file),
        CPGW_SCENARIO="fresh",
        CPGW_LOG_FORMAT="json",
        CPGW_CLOCK="manual",
    )
    server.hello()
    assert call("ready", CPGW_PORT="0", CPGW_PORT_FILE=str(port_file)).returncode == FINE
    ask(server, "/sso/ping")
    line = json.loads(server.stop().splitlines()[0])
    assert (line["time"], line["before"]) == (START, "fresh")


def test_the_path_of_the_authority_is_escaped(tmp_path):
    folder = tmp_path / 'a "quoted\\ folder\n'
    with serving(XDG_STATE_HOME=str(folder)) as server:
        assert server.ca_file == str(folder / "cpgw-mock/ca.crt")
        server.stop()
    assert oct((folder / "cpgw-mock").stat().st_mode & 0o777) == "0o700"


@pytest.mark.parametrize("redirection", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_closed_standard_descriptors_are_no_reason_to_stop(tmp_path, redirection):
    port_file = tmp_path / "port"
    script = f'exec "$0" serve --port 0 --port-file "$1" {redirection}'
    process = subprocess.Popen(
        ["bash", "-c", script, BINARY, port_file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        assert call("ready", "--port-file", str(port_file)).returncode == FINE
        process.terminate()
        assert process.wait(WITHIN) == FINE
    finally:
        process.kill()
        process.wait()


def test_a_reader_of_standard_output_who_has_left_is_no_reason_either(tmp_path):
    port_file = tmp_path / "port"
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(
        [BINARY, "--port", "0", "--port-file", port_file], stdout=writing, stderr=subprocess.DEVNULL
    )
    os.close(writing)
    try:
        assert call("ready", "--port-file", str(port_file)).returncode == FINE
        process.terminate()
        assert process.wait(WITHIN) == FINE
    finally:
        process.kill()
        process.wait()


def tickle_id(*arguments):
    with serving("--clock", "manual", *arguments) as server:
        session = json.loads(ask(server, "/v1/api/tickle")[1])["session"]
        server.stop()
        return session


def test_runs_are_repeatable_unless_the_seed_says_otherwise(story):
    seeded = story('{ "extends": "authenticated", "title": "seeded", "seed": 5 }')
    assert tickle_id() == tickle_id() == tickle_id("--seed", "1")
    assert tickle_id("--seed", "2") != tickle_id()
    assert tickle_id("--scenario", seeded) == tickle_id("--seed", "5")
    assert tickle_id("--scenario", seeded, "--seed", "1") == tickle_id()


def first_logged_time(*arguments):
    with serving("--log-format", "json", *arguments) as server:
        ask(server, "/sso/ping")
        return json.loads(server.stop().splitlines()[0])["time"]


def test_where_the_clock_begins(story, monkeypatch):
    monkeypatch.delenv("CPGW_CLOCK")
    clock = '{ "mode": "manual", "start": "2030-01-01T00:00:00Z" }'
    started = story(f'{{ "extends": "fresh", "title": "later", "clock": {clock} }}')
    assert first_logged_time("--clock", "manual") == START
    assert first_logged_time("--clock", "scaled:2").startswith("2026-03-02T14:3")
    assert first_logged_time("--scenario", started) == "2030-01-01T00:00:00.000Z"
    assert first_logged_time("--scenario", started, "--clock", "real").startswith("2030-01-01T00:0")
    before = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    assert before <= first_logged_time() < "9999"


# ---- the end ----


def time_to_stop(number):
    with serving("--scenario", "upstream_dead") as server:
        context = ssl.create_default_context(cafile=server.ca_file)
        idle = context.wrap_socket(socket.create_connection(("127.0.0.1", server.port)), server_hostname="localhost")
        held = context.wrap_socket(socket.create_connection(("127.0.0.1", server.port)), server_hostname="localhost")
        half = socket.create_connection(("127.0.0.1", server.port))
        with idle, held, half:
            held.sendall(b"GET /v1/api/tickle HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\r\n\r\n")
            eventually(lambda: select.select([server.process.stderr], [], [], 0)[0])
            before = time.monotonic()
            server.process.send_signal(number)
            assert server.process.wait(WITHIN) == FINE
            return time.monotonic() - before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_at_once_whatever_its_clients_are_doing(number):
    assert time_to_stop(number) < AT_ONCE


def test_the_end_of_a_terminal_is_an_end_like_any_other(tmp_path):
    port_file = tmp_path / "port"
    with serving("--port-file", str(port_file)) as server:
        assert port_file.exists()
        server.stop(signal.SIGHUP)
        assert not port_file.exists()


def test_nohup_keeps_its_word():
    with serving(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) as server:
        server.process.send_signal(signal.SIGHUP)
        # A signal that were heeded would end it before the next connection is taken.
        assert ask(server, "/sso/ping")[0] == 200
        assert ask(server, "/sso/ping")[0] == 200
        server.stop()


def test_a_second_signal_does_not_spoil_the_end():
    with serving() as server:
        for _ in range(20):
            with contextlib.suppress(ProcessLookupError):
                server.process.send_signal(signal.SIGTERM)
                server.process.send_signal(signal.SIGINT)
        server.stop()


# ---- ports and addresses: exit code 4 ----


def test_a_port_that_is_taken_names_who_has_it():
    with serving() as first:
        refused(
            call("serve", "--port", str(first.port)),
            CANNOT_BIND,
            f"cpgw-mock: port {first.port} is in use by {BINARY.name[:15]} (pid {first.process.pid})",
        )
        assert ask(first, "/sso/ping")[0] == 200
        first.stop()


def test_an_address_that_is_not_this_machines():
    refused(
        call("serve", "--port", "0", "--bind-address", "192.0.2.1"),
        CANNOT_BIND,
        "cpgw-mock: cannot listen on 192.0.2.1: it is not a numeric address of this machine",
    )


# ---- the control API's port ----


def test_the_control_api_is_where_it_says():
    with serving() as server:
        assert re.fullmatch(r"http://localhost:\d+", server.admin_url)
        assert control(server, "/health")[0] == 200
        server.stop()


def test_on_one_address_alone():
    with serving("--admin-bind-address", "127.0.0.1") as server:
        assert server.admin_url.startswith("http://127.0.0.1:")
        assert control(server, "/health")[0] == 200
        server.stop()


def test_it_can_be_done_without(free_port):
    for server in (
        Serving("--port", "0", "--no-admin"),
        Serving("--port", "0", CPGW_NO_ADMIN="1", CPGW_ADMIN_PORT=str(free_port)),
    ):
        said = server.hello()
        assert said["admin_url"] is None
        assert "admin_token" not in said
        assert is_free(free_port)
        server.stop()


def test_a_second_one_on_its_port_is_told_what_to_do(tmp_path):
    with serving() as first:
        port = urlsplit(first.admin_url).port
        refused(
            call("serve", "--port", "0", "--admin-port", str(port), "--port-file", str(tmp_path / "port")),
            CANNOT_BIND,
            f"cpgw-mock: port {port} is in use by {BINARY.name[:15]} (pid {first.process.pid}); it was to be the "
            "control API's: --admin-port 0 takes a free one",
        )
        assert list(tmp_path.iterdir()) == []
        assert control(first, "/health")[0] == 200
        first.stop()


def test_an_address_of_the_control_api_that_is_not_this_machines():
    refused(
        call("serve", "--port", "0", "--admin-bind-address", "192.0.2.1", "--admin-token", "x"),
        CANNOT_BIND,
        "cpgw-mock: cannot listen on 192.0.2.1: it is not a numeric address of this machine; the control API was to be "
        "there: see --admin-bind-address",
    )


def test_a_token_is_made_and_printed_where_others_can_connect():
    server = Serving("--port", "0", "--admin-bind-address", "0.0.0.0")
    token = server.hello()["admin_token"]
    assert re.fullmatch(r"[0-9a-f]{32}", token)
    assert control(server, "/state")[0] == 401
    assert control(server, "/state", headers={"Authorization": f"Bearer {token}"})[0] == 200
    assert control(server, "/state", headers={"Authorization": f"Bearer {token[:-1]}"})[0] == 401
    server.stop()


def test_a_token_that_was_given_holds_everywhere_and_is_not_printed():
    for arguments, variables in (
        (("--admin-token", "s3cret"), {}),
        (("--admin-bind-address", "0.0.0.0"), {"CPGW_ADMIN_TOKEN": "s3cret"}),
    ):
        server = Serving("--port", "0", *arguments, **variables)
        assert "admin_token" not in server.hello()
        assert control(server, "/state")[0] == 401
        assert control(server, "/state", headers={"Authorization": "Bearer s3cret"})[0] == 200
        assert "s3cret" not in server.stop()
