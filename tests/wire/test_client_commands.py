"""Why: a shell script drives a gateway by these commands, and acts upon their exit status: 0 only when it is so, 1 when the
client is at fault, 2 when the call is wrong, 6 when there is nobody or the time ran out. On a clock that stands still, so
that what is printed is known to the millisecond."""

import json
import os
import select
import signal
import socket
import subprocess

import pytest

from mock import BINARY, WITHIN

pytestmark = pytest.mark.usefixtures("state_home")

START = "2026-03-02T14:30:00.000Z"


def call(*arguments, **environment):
    return subprocess.run(
        [BINARY, *arguments],
        capture_output=True,
        text=True,
        timeout=2 * WITHIN,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )


class Commands:
    """The commands as calls to one process."""

    def __init__(self, url):
        self.url = url

    def run(self, command, *arguments):
        return call(command, *arguments, CPGW_ADMIN_URL=self.url)

    def said(self, command, *arguments):
        result = self.run(command, *arguments)
        assert (result.returncode, result.stderr) == (0, ""), result
        return result.stdout

    def refused(self, status, command, *arguments):
        result = self.run(command, *arguments)
        assert (result.returncode, result.stdout) == (status, ""), result
        return result.stderr


@pytest.fixture
def serve(start):
    def one(scenario="authenticated", *options):
        mock = start(scenario, "--clock", "manual", *options)
        commands = Commands(mock.admin_url)
        commands.mock = mock
        return commands

    return one


@pytest.fixture
def gateway(serve):
    return serve()


# ---- state, event ----


def test_state_is_shown(gateway):
    assert gateway.said("state") == "authenticated\n"
    shown = json.loads(gateway.said("state", "--format", "json"))
    assert (shown["state"], shown["time"]) == ("authenticated", START)


def test_an_event_happens(gateway):
    assert gateway.said("event", "competing_login") == "competing\n"
    assert gateway.said("state") == "competing\n"


def test_a_state_is_waited_for(gateway):
    """The wait ends by what somebody else does, not by time."""
    with subprocess.Popen(
        [BINARY, "state", "--until", "sso_expired,competing", "--wait", "10m"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "CPGW_ADMIN_URL": gateway.url},
    ) as waiting:
        gateway.said("event", "competing_login")
        assert waiting.stdout.readline() == "competing\n"
        assert waiting.wait(WITHIN) == 0


def test_a_wait_that_is_in_vain_says_what_it_found(gateway):
    message = gateway.refused(6, "state", "--until", "competing", "--wait", "1ms")
    assert "wanted competing, found authenticated" in message


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["event", "competing_logn"], 'did you mean "competing_login"?'),
        (["event"], "event wants NAME, found nothing more"),
        (["event", "one", "two"], 'event wants NAME and nothing after it, found "two"'),
        (["state", "--until", "competin"], "competin"),
        (["state", "--gateway", "nobody"], 'there is no gateway "nobody"'),
        (["state", "--gateway", "a/../b?c d"], 'there is no gateway "a'),
        (["clock", "advnce", "5m"], 'clock knows no "advnce"'),
        (["clock", "advance"], "clock advance wants a duration such as 5m, found nothing more"),
        (["clock", "advance", "soon"], 'ten years at the most; found "soon"'),
        (["clock", "set", "noon"], '"noon"'),
        (["clock", "scale", "fast"], 'wants a whole number such as 60: how many times faster, found "fast"'),
        (["clock", "scale", "2y"], 'found "2y"'),
        (["clock", "freeze", "now"], 'clock freeze wants nothing more, found "now"'),
        (["journal", "--since", "-1"], '--since is "-1"; wanted a whole number'),
        (["state", "--admin-url", "localhost:5050"], '--admin-url: wanted such as "http://localhost:5050", found "localhost:5050"'),
        (["state", "--admin-url", "http://localhost:0"], "--admin-url: wanted"),
        (["state", "--admin-url", "http://localhost:65536"], "--admin-url: wanted"),
        (["state", "--admin-url", "http://:1"], "--admin-url: wanted"),
    ],
)
def test_a_wrong_call_is_told(gateway, arguments, said):
    assert said in gateway.refused(2, *arguments)


# ---- clock ----


def test_the_clock_is_moved_and_says_what_happened(gateway):
    assert gateway.said("clock") == gateway.said("clock", "show") == f"{START} manual\n"
    moved = gateway.said("clock", "advance", "6m")
    assert moved.endswith("2026-03-02T14:36:00.000Z manual\n")
    assert "2026-03-02T14:35:30.000Z timer idle\n" in moved
    assert "2026-03-02T14:35:30.000Z transition idle authenticated -> brokerage_lost\n" in moved
    assert gateway.said("state") == "brokerage_lost\n"
    assert gateway.said("clock", "advance-to-next").startswith("2026-03-02T14:40:00.000Z timer gateway_ping\n")
    assert gateway.said("clock", "set", "2026-03-02T14:41:00Z") == "2026-03-02T14:41:00.000Z manual\n"
    assert gateway.said("clock", "scale", "60").endswith(" scaled:60\n")
    assert gateway.said("clock", "scale", "2x").endswith(" scaled:2\n")
    assert gateway.said("clock", "resume").endswith(" real\n")
    assert gateway.said("clock", "freeze").endswith(" manual\n")
    shown = json.loads(gateway.said("clock", "advance", "1s", "--format", "json"))
    assert shown["clock"]["mode"] == "manual" and shown["fired"] == []


# ---- journal ----


def test_the_journal_is_shown(gateway):
    gateway.said("event", "competing_login")
    lines = gateway.said("journal").splitlines()
    assert lines == [
        f"{START} action competing_login",
        f"{START} transition competing_login authenticated -> competing",
    ]
    records = [json.loads(line) for line in gateway.said("journal", "--since", "2", "--format", "json").splitlines()]
    assert [record["id"] for record in records] == [2]
    assert gateway.said("journal", "--since", "3") == ""


def test_a_long_journal_is_shown_whole(serve):
    """It takes several answers of the control API; what is no longer kept is said."""
    gateway = serve("authenticated", "--journal-size", "4096")
    gateway.said("clock", "advance", "20d")
    lines = gateway.said("journal").splitlines()
    ids = [json.loads(line)["id"] for line in gateway.said("journal", "--format", "json").splitlines()]
    assert ids == sorted(set(ids)) and ids[0] == 1, "timers that changed nothing have given way"
    assert len(ids) == 4096
    assert len(gateway.said("journal", "--since", "0").splitlines()) == len(lines)
    lost = [int(line.split()[0][1:]) for line in lines if line.endswith("no longer kept)")]
    assert sum(lost) == ids[-1] - len(ids) > 0


class Following:
    """`journal --follow`, line by line."""

    def __init__(self, url, *options):
        self.process = subprocess.Popen(
            [BINARY, "journal", "--follow", *options],
            stdout=subprocess.PIPE,
            bufsize=0,  # nothing is kept where select() does not see it
            env={**os.environ, "CPGW_ADMIN_URL": url},
        )

    def line(self):
        assert select.select([self.process.stdout], [], [], WITHIN)[0], "nothing came"
        return self.process.stdout.readline().decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def test_the_journal_is_followed_to_the_end_of_the_gateway(gateway):
    gateway.said("event", "competing_login")
    with Following(gateway.url) as following:
        assert following.line() == f"{START} action competing_login\n"
        assert following.line() == f"{START} transition competing_login authenticated -> competing\n"
        gateway.said("clock", "advance", "1s")
        assert "clock advance: by 1s" in following.line()
        gateway.mock.stop()
        assert following.line() == ""
        assert following.process.wait(WITHIN) == 0


def test_following_ends_with_its_reader(gateway):
    """As in `journal --follow | head -1`, and where nobody reads it can say so."""
    with Following(gateway.url) as following:
        following.process.stdout.close()
        gateway.said("event", "competing_login")
        assert following.process.wait(WITHIN) == -signal.SIGPIPE
        following.process.stdout = open(os.devnull)
    full = subprocess.run(
        [BINARY, "journal"], stdout=open("/dev/full", "w"), stderr=subprocess.PIPE, env={**os.environ, "CPGW_ADMIN_URL": gateway.url}
    )
    assert full.returncode == 6 and b"cannot write to standard output" in full.stderr


# ---- verify ----


def test_what_the_client_did_is_judged(serve):
    gateway = serve({"extends": "authenticated", "expect": {"stays": {"state": "authenticated"}}})
    assert gateway.said("verify") == ""
    assert json.loads(gateway.said("verify", "--format", "json"))["passed"] is True
    gateway.said("clock", "advance", "6m")
    result = gateway.run("verify")
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.startswith("broken: stays\n  expected: ")


# ---- whom they call ----


def test_the_control_api_is_found_by_the_port_file(start, tmp_path):
    file = tmp_path / "port"
    start("competing", "--clock", "manual", "--port-file", str(file))
    assert call("state", "--port-file", file).stdout == "competing\n"
    assert call("state", CPGW_PORT_FILE=str(file)).stdout == "competing\n"
    # What is typed goes before what the environment says.
    assert call("state", "--port-file", file, CPGW_ADMIN_URL="http://localhost:1").stdout == "competing\n"
    missing = call("state", "--port-file", tmp_path / "none")
    assert missing.returncode == 2
    assert f"there is no {tmp_path}/none.admin; is cpgw-mock serving with --port-file" in missing.stderr
    (tmp_path / "bad.admin").write_text("no port\n")
    bad = call("state", "--port-file", tmp_path / "bad")
    assert bad.returncode == 2 and "holds no port" in bad.stderr


def test_one_gateway_of_several_is_meant(gateway):
    mine = ["--gateway", "second"]
    subprocess.run(
        ["curl", "-sS", "--fail", "-o", os.devnull, "-H", "Content-Type: application/json", "-d", '{"name":"second","scenario":"competing"}',
         f"{gateway.url}/__admin/gateways"], check=True, timeout=WITHIN
    )
    assert gateway.said("state", *mine) == "competing\n"
    assert gateway.said("state") == "authenticated\n"


def test_the_token_is_sent(serve):
    gateway = serve("authenticated", "--admin-token", "of-a-test")
    assert call("state", CPGW_ADMIN_URL=gateway.url, CPGW_ADMIN_TOKEN="of-a-test").stdout == "authenticated\n"
    assert call("state", "--admin-url", gateway.url, "--admin-token", "of-a-test").stdout == "authenticated\n"
    for environment in ({}, {"CPGW_ADMIN_TOKEN": "another"}):
        refused = call("state", CPGW_ADMIN_URL=gateway.url, **environment)
        assert refused.returncode == 6 and "token" in refused.stderr


@pytest.fixture
def impostor():
    """A port at which something else answers: impostor(bytes) gives its URL."""
    open_ones = []

    def one(answer):
        listener = socket.create_server(("127.0.0.1", 0))
        open_ones.append(listener)
        pid = os.fork()
        if pid == 0:
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.sendall(answer)
            connection.close()
            os._exit(0)
        open_ones.append(pid)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield one
    for each in open_ones:
        if isinstance(each, int):
            os.waitpid(each, 0)
        else:
            each.close()


def test_nobody_there_is_told():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # and nobody listens
        port = held.getsockname()[1]
        result = call("state", "--admin-url", f"http://127.0.0.1:{port}/")
    assert result.returncode == 6
    assert result.stderr == (
        f"cpgw-mock: no control API at 127.0.0.1 port {port}: Connection refused; "
        "is cpgw-mock serving, and not with --no-admin?\n"
    )


@pytest.mark.parametrize(
    "answer, said",
    [
        (b"", "ended the connection without an answer; is it the control API's port?"),
        (b"SSH-2.0-something\r\n", "does not answer as the control API does"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}", "was cut off"),
        (b"HTTP/1.1 200 OK\r\n\r\n{}", "was cut off"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2", "does not answer as the control API does"),
        (b"HTTP/1.1 500 No\r\nContent-Length: 5\r\n\r\nno js", "the control API refused it"),
    ],
)
def test_somebody_else_there_is_told(impostor, answer, said):
    result = call("state", "--admin-url", impostor(answer))
    assert result.returncode == 6
    assert said in result.stderr


def test_an_answer_of_nonsense_does_no_harm(impostor):
    for body in (b"[]", b"{}", b"null", b"nonsense", b'{"state":1}'):
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        result = call("state", "--admin-url", impostor(answer))
        assert (result.returncode, result.stdout, result.stderr) == (0, "\n", "")
        for command in (["clock"], ["journal"]):
            assert call(*command, "--admin-url", impostor(answer)).returncode == 0


def test_the_gateways_own_port_is_told(gateway):
    message = call("state", "--admin-url", f"http://127.0.0.1:{gateway.mock.port}").stderr
    assert "is it the control API's port?" in message


# ---- a script that used to sleep ----

SCRIPT = """
set -e
call() { curl -sS -o /dev/null -d "$2" -H 'Content-Type: application/json' "$CPGW_URL/v1/api/$1"; }
call tickle
cpgw-mock clock advance 6m > /dev/null        # was: sleep 360
cpgw-mock state --until brokerage_lost        # was: until curl … | grep false; do sleep 1; done
call iserver/reauthenticate
cpgw-mock clock advance-to-next > /dev/null   # was: sleep 20
cpgw-mock state --until authenticated
cpgw-mock event competing_login
cpgw-mock journal --format json | grep -c '"kind":"request"'
cpgw-mock verify
"""


def test_a_script_needs_neither_sleep_nor_curl_for_the_gateway():
    path = f"{BINARY.parent}:{os.environ['PATH']}"
    result = call("exec", "--clock", "manual", "--", "sh", "-c", SCRIPT, PATH=path)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "brokerage_lost\nauthenticated\ncompeting\n2\n"
