"""How others find a gateway: the file with its port, and `ready`, which waits for it."""

import os
import socket
import subprocess
from urllib.parse import urlsplit

import pytest

from run_cli import BINARY, CANNOT_BIND, FINE, INTERNAL, WITHIN, Serving, call, eventually, is_free, refused, serving

pytestmark = pytest.mark.usefixtures("clean_environment")


# ---- the port file ----


def test_the_port_file_is_there_while_it_serves(tmp_path):
    port_file = tmp_path / "port"
    port_file.write_text("1\n")  # a killed process has left it
    admin_file = tmp_path / "port.admin"
    with serving("--port-file", str(port_file)) as server:
        assert port_file.read_text() == f"{server.port}\n"
        assert admin_file.read_text() == f"{urlsplit(server.admin_url).port}\n"
        assert sorted(tmp_path.iterdir()) == [port_file, admin_file]
        server.stop()
    assert list(tmp_path.iterdir()) == []
    with serving("--port-file", str(port_file), "--no-admin") as server:
        assert list(tmp_path.iterdir()) == [port_file]
        server.stop()


def test_whoever_finds_the_port_file_finds_that_of_the_control_api_too(tmp_path):
    port_file = tmp_path / "port"
    server = Serving("--port", "0", "--port-file", str(port_file))
    eventually(port_file.exists)
    number = (tmp_path / "port.admin").read_text()
    server.hello()
    assert number == f"{urlsplit(server.admin_url).port}\n"
    server.stop()


def test_one_port_file_that_cannot_be_written_takes_the_other_along(tmp_path):
    (tmp_path / "port.admin").mkdir()
    result = call("serve", "--port", "0", "--port-file", str(tmp_path / "port"))
    refused(result, INTERNAL, f"cpgw-mock: cannot write the port file {tmp_path}/port.admin: it is a folder")
    assert list(tmp_path.iterdir()) == [tmp_path / "port.admin"]


def test_the_port_file_never_holds_half_a_number(tmp_path):
    port_file = tmp_path / "port"
    server = Serving("--port", "0", "--port-file", str(port_file))
    eventually(port_file.exists)
    number = port_file.read_text()
    assert int(number) == server.hello()["port"] and number.endswith("\n")
    server.stop()


def test_another_gateways_port_file_stays(tmp_path):
    port_file = tmp_path / "port"
    with serving("--port-file", str(port_file)) as first, serving("--port-file", str(port_file)) as second:
        first.stop()
        assert port_file.read_text() == f"{second.port}\n"
        second.stop()
        assert not port_file.exists()


def test_no_port_file_when_the_port_cannot_be_had(tmp_path):
    with serving() as first:
        assert call("serve", "--port", str(first.port), "--port-file", str(tmp_path / "port")).returncode == CANNOT_BIND
        assert list(tmp_path.iterdir()) == []
        first.stop()


@pytest.mark.parametrize(
    "path, why",
    [
        ("/nonexistent/port", "No such file or directory"),
        ("/dev/null", "it is there, and is not a file"),
        ("/tmp", "it is a folder"),
    ],
)
def test_a_port_file_that_cannot_be_written_is_told_before_anything_listens(free_port, path, why):
    result = call("serve", "--port", str(free_port), "--port-file", path)
    refused(result, INTERNAL, f"cpgw-mock: cannot write the port file {path}: {why}")
    assert is_free(free_port)


# ---- ready ----


def test_ready_waits_for_whoever_starts_later(tmp_path):
    port_file = tmp_path / "port"
    port_file.write_text("1\n")  # stale: nobody listens there
    waiting = subprocess.Popen(
        [BINARY, "ready", "--port-file", port_file, "--wait", "1m"], stderr=subprocess.PIPE, text=True
    )
    with serving("--port-file", str(port_file)) as server:
        assert waiting.communicate(timeout=WITHIN) == (None, "")
        assert waiting.returncode == FINE
        port = str(server.port)
        eventually(lambda: call("ready", "--port", port, "--wait", "0s").returncode == FINE)  # it looks but for a moment
        assert call("ready", "--port", port, CPGW_PORT_FILE="/nonexistent").returncode == FINE
        assert call("ready", "--port-file", str(port_file), CPGW_PORT="1").returncode == FINE
        server.stop()
    result = call("ready", "--port-file", str(port_file), "--wait", "50ms")
    refused(result, INTERNAL, f"cpgw-mock: not ready after 50ms: there is no port file {port_file}")


@pytest.mark.parametrize("profile", ["modern", "authentic"])
def test_ready_takes_either_kind_of_tls(profile):
    with serving("--tls", profile) as server:
        assert call("ready", "--port", str(server.port)).returncode == FINE
        server.stop()


def test_ready_finds_a_gateway_on_an_address_of_its_own():
    # On Linux all of 127.0.0.0/8 is this machine.
    with serving("--bind-address", "127.0.0.2") as server:
        port = str(server.port)
        assert call("ready", "--port", port, "--bind-address", "127.0.0.2").returncode == FINE
        assert call("ready", "--port", port, CPGW_BIND_ADDRESS="127.0.0.2").returncode == FINE
        server.stop()
    refused(
        call("ready", "--port", port, "--bind-address", "127.0.0.2", "--wait", "0s"),
        INTERNAL,
        f"cpgw-mock: not ready after 0s: nothing listens on port {port} of 127.0.0.2",
    )


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "::1"])
def test_ready_takes_the_address_that_serve_was_given(address):
    with serving("--bind-address", address) as server:
        assert call("ready", "--port", str(server.port), "--bind-address", address).returncode == FINE
        server.stop()


def test_ready_says_what_is_missing(tmp_path, free_port):
    port_file = tmp_path / "port"
    refused(
        call("ready", "--port", str(free_port), "--wait", "50ms"),
        INTERNAL,
        f"cpgw-mock: not ready after 50ms: nothing listens on port {free_port}",
    )
    port_file.write_text("here")
    refused(
        call("ready", "--port-file", str(port_file), "--wait", "50ms"),
        INTERNAL,
        f"cpgw-mock: not ready after 50ms: the port file {port_file} holds no port",
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        refused(
            call("ready", "--port", str(port), "--wait", "200ms"),
            INTERNAL,
            f"cpgw-mock: not ready after 200ms: port {port} takes connections, but completes no TLS handshake",
        )


def test_ready_does_not_spin(free_port):
    before = os.times()
    call("ready", "--port", str(free_port), "--wait", "1s")
    after = os.times()
    assert after.children_user + after.children_system - before.children_user - before.children_system < 0.5
