"""Why: `exec` is the line in a CI file: its exit status is believed, and whatever it leaves behind stays for ever. So each
status, each signal, and each way to go is tried, on real processes. Nobody sleeps: a pipe that all of them hold open says
when the last has gone."""

import json
import os
import resource
import shutil
import signal
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mock import SANITIZED, WITHIN, eventually
from run_exec import EXEC, PYTHON, Lifeline, ended, execute, shell, start

pytestmark = pytest.mark.usefixtures("state_home")


# ---- how it ends ----


@pytest.mark.parametrize(
    "script, status",
    [("true", 0), ("exit 7", 7), ("exit 255", 255), ("kill -TERM $$", 143), ("kill -KILL $$", 137), ("kill -SEGV $$", 139)],
)
def test_it_ends_as_the_command_does(script, status):
    result = execute("--", "sh", "-c", script)
    assert (result.returncode, result.stdout, result.stderr) == (status, "", "")


def test_what_is_no_command_is_told_as_env_does(tmp_path):
    unrunnable = tmp_path / "text"
    unrunnable.write_text("no program\n")
    for command, status, why in [
        ("no-such-command", 127, "No such file or directory"),
        (str(tmp_path / "no-such-file"), 127, "No such file or directory"),
        (str(unrunnable), 126, "Permission denied"),
        (str(tmp_path), 126, "Permission denied"),
    ]:
        result = execute("--", command)
        assert (result.returncode, result.stderr) == (status, f'cpgw-mock: cannot run "{command}": {why}\n')


@pytest.mark.parametrize(
    "arguments, said",
    [
        ([], "exec wants -- COMMAND [ARGUMENT]..., found nothing more"),
        (["--prot", "0", "--", "true"], 'exec has no option "--prot"; did you mean "--port"?'),
        (["--port", "x", "--", "true"], '--port is "x"; wanted a whole number from 0 to 65535'),
        (["--scenario", "competin", "--", "true"], "competing"),
        (["--bind-address", "192.0.2.1", "--", "true"], "192.0.2.1"),
        (["--junit", "/nonexistent/report.xml", "--", "true"], "cannot write /nonexistent/report.xml"),
        (["--quiet", "--verbose", "--", "true"], "wanted one of them"),
    ],
)
def test_without_a_gateway_the_command_is_not_run(arguments, said, tmp_path):
    ran = tmp_path / "ran"
    arguments = [*arguments[:-1], "touch", str(ran)] if arguments else arguments
    result = execute(*arguments)
    assert result.returncode == 125
    assert said in result.stderr
    assert not ran.exists()


def test_a_port_that_is_taken_is_told(start):
    holder = start("authenticated")
    result = execute("--port", str(holder.port), "--", "true")
    assert result.returncode == 125
    assert str(holder.port) in result.stderr


def test_the_command_has_its_own_options():
    result = execute("printf", "%s,", "--port", "-x", "--")
    assert (result.returncode, result.stdout) == (0, "--port,-x,--,")
    result = execute("--seed", "1", "--clock", "manual", "--", "printf", "%s,", "one")
    assert (result.returncode, result.stdout) == (0, "one,")


# ---- what the command finds ----

TELL = "import json, os; print(json.dumps(dict(os.environ)))"
BUNDLES = ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")


def environment_of(*options, **how):
    result = execute(*options, "--", *PYTHON, TELL, **how)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_the_gateway_is_in_the_environment(state_home):
    found = environment_of()
    assert found["CPGW_URL"] == f"https://{found['CPGW_HOST']}:{found['CPGW_PORT']}"
    assert found["CPGW_HOST"] == "localhost"
    assert found["CPGW_ADMIN_URL"].startswith("http://localhost:")
    assert found["CPGW_CA_FILE"] == str(state_home / "ca.crt")
    assert "CPGW_ADMIN_TOKEN" not in found
    assert len({found[name] for name in BUNDLES}) == 1


def test_a_gateway_around_it_is_not_meant():
    around = {"CPGW_PORT": "1", "CPGW_ADMIN_PORT": "1", "CPGW_URL": "https://elsewhere", "CPGW_ADMIN_URL": "http://elsewhere"}
    found = environment_of(environment=around)
    assert found["CPGW_PORT"] != "1"
    assert found["CPGW_URL"] == f"https://localhost:{found['CPGW_PORT']}"
    without = environment_of("--no-admin", environment=around)
    assert without["CPGW_ADMIN_URL"] == ""


def test_without_a_control_api_nobody_elses_is_asked():
    result = shell("cpgw-mock state", "--no-admin")
    assert result.returncode == 2
    assert "--no-admin" in result.stderr
    result = shell("cpgw-mock state --admin-url http://localhost:1", "--no-admin")
    assert result.returncode == 6, "who names another means it"


def test_where_nobody_vouches_there_is_no_authority():
    assert "CPGW_CA_FILE" not in environment_of("--tls", "authentic", environment={"CPGW_CA_FILE": "/elsewhere"})


def test_the_token_is_there_where_one_is_needed():
    found = environment_of("--admin-token", "of-a-test")
    assert found["CPGW_ADMIN_TOKEN"] == "of-a-test"
    assert shell("cpgw-mock state", "--admin-token", "of-a-test").stdout == "authenticated\n"


SHOW_BUNDLE = """
import json, os, stat
name = os.environ["SSL_CERT_FILE"]
print(json.dumps([name, stat.S_IMODE(os.stat(os.path.dirname(name)).st_mode), open(name).read()]))
"""


def bundle_of(**environment):
    result = execute("--", *PYTHON, SHOW_BUNDLE, environment=environment)
    assert result.returncode == 0, result.stderr
    name, mode, text = json.loads(result.stdout)
    assert mode == stat.S_IRWXU
    assert not Path(name).exists() and not Path(name).parent.exists()
    return text


def test_the_bundle_has_all_authorities(state_home, tmp_path):
    """Files that the variables named before stay trusted; a folder and a pipe among them stop nothing."""
    mine = {}
    for name in BUNDLES:
        (tmp_path / name).write_text(f"the authority of {name}\n")
        mine[name] = str(tmp_path / name)
    text = bundle_of(**mine)
    assert (state_home / "ca.crt").read_text() in text
    for name in BUNDLES:
        assert text.count(f"the authority of {name}\n") == 1
    os.mkfifo(tmp_path / "pipe")
    text = bundle_of(REQUESTS_CA_BUNDLE=str(tmp_path), CURL_CA_BUNDLE=str(tmp_path / "pipe"), SSL_CERT_FILE="")
    assert text.count("-----BEGIN CERTIFICATE-----") >= 1
    assert "the authority of" not in text


def test_the_bundle_goes_where_it_is_told(tmp_path):
    result = execute("--", "sh", "-c", 'echo "$SSL_CERT_FILE"; exit 3', environment={"TMPDIR": str(tmp_path)})
    assert result.returncode == 3
    assert result.stdout.startswith(f"{tmp_path}/cpgw-mock-")
    assert list(tmp_path.iterdir()) == []
    assert execute("--", "no-such-command", environment={"TMPDIR": str(tmp_path)}).returncode == 127
    assert list(tmp_path.iterdir()) == []
    nowhere = execute("--", "true", environment={"TMPDIR": str(tmp_path / "missing")})
    assert nowhere.returncode == 125 and "missing" in nowhere.stderr


URLLIB = """
import os, urllib.request
request = urllib.request.Request(os.environ["CPGW_URL"] + "/v1/api/tickle", b"", {"User-Agent": "of a test"})
print(urllib.request.urlopen(request).read().decode())
"""
REQUESTS = """
import os, requests
print(requests.post(os.environ["CPGW_URL"] + "/v1/api/tickle", data="").text)
"""
NODE = """
fetch(process.env.CPGW_URL + "/v1/api/tickle", { method: "POST", body: "" }).then((answer) => answer.text()).then(console.log)
"""
CLIENTS = {
    "curl": ["sh", "-c", 'curl -sS -d "" "$CPGW_URL/v1/api/tickle"'],
    "urllib": [*PYTHON, URLLIB],
    "requests": [*PYTHON, REQUESTS],
    "node": ["node", "-e", NODE],
}


@pytest.mark.parametrize("client", CLIENTS)
def test_clients_trust_it_without_further_ado(client):
    if not shutil.which(CLIENTS[client][0]):
        pytest.skip(f"no {client} here")
    result = execute("--strict", "--", *CLIENTS[client])
    assert (result.returncode, result.stderr) == (0, "")
    assert '"session"' in result.stdout


NOWHERE = "http://127.0.0.1:1"


@pytest.mark.parametrize("client", CLIENTS)
def test_a_proxy_is_not_asked_for_it(client):
    if not shutil.which(CLIENTS[client][0]):
        pytest.skip(f"no {client} here")
    for spared in ({}, {"no_proxy": "intranet"}, {"no_proxy": "*"}):
        proxies = {"https_proxy": NOWHERE, "HTTPS_PROXY": NOWHERE, "all_proxy": NOWHERE, **spared}
        assert '"session"' in execute("--", *CLIENTS[client], environment=proxies).stdout


def test_what_else_a_proxy_is_not_asked_for_stays(monkeypatch):
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    ours = "localhost,127.0.0.1,::1"
    assert "no_proxy" not in environment_of()
    for before, after in [({}, ours), ({"NO_PROXY": "intranet"}, f"intranet,{ours}"), ({"no_proxy": "a", "NO_PROXY": "b"}, f"a,{ours}")]:
        found = environment_of(environment={"https_proxy": NOWHERE, **before})
        assert found["no_proxy"] == found["NO_PROXY"] == after


# ---- nobody notices that it is between ----

# Programs that change nothing of it themselves.
LOOKS = [["cat", "/proc/self/status"], ["cat", "/proc/self/limits"], ["ls", "/proc/self/fd"]]
OF_SIGNALS = ("SigBlk", "SigIgn", "SigCgt")


def as_a_parent_would():
    """Signals ignored and blocked, few descriptors."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2, signal.SIGTERM])
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


@pytest.mark.parametrize("command", LOOKS, ids=" ".join)
@pytest.mark.parametrize("before", [None, as_a_parent_would])
def test_the_command_is_started_as_if_without_it(command, before):
    def seen(*arguments):
        options = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "timeout": WITHIN}
        ran = subprocess.run(arguments, preexec_fn=before, restore_signals=before is None, check=True, **options)
        lines = ran.stdout.splitlines()
        return [line for line in lines if line.startswith(OF_SIGNALS)] if "status" in command[1] else lines

    assert seen(*EXEC, "--", *command) == seen(*command) != []


def test_its_status_is_known_even_to_who_ignores_children():
    result = execute("--", "sh", "-c", "exit 9", preexec_fn=as_a_parent_would, restore_signals=False)
    assert result.returncode == 9


def test_input_and_output_are_the_commands(tmp_path):
    (tmp_path / "input").write_bytes(b"in\n")
    with (tmp_path / "input").open() as text:
        result = execute("--", "sh", "-c", "cat; echo err >&2", stdin=text)
    assert (result.stdout, result.stderr) == ("in\n", "err\n")


# ---- signals ----

ON_SIGNAL = """
import signal, sys
number = int(sys.argv[1])
signal.pthread_sigmask(signal.SIG_BLOCK, [number])
print("ready", flush=True)
print(signal.Signals(signal.sigwait([number])).name, flush=True)
sys.exit(40)
"""
PASSED_ON = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH"]


@pytest.mark.parametrize("name", PASSED_ON)
def test_signals_are_passed_on(name):
    number = signal.Signals[name]
    with start("--", *PYTHON, ON_SIGNAL, str(int(number)), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.stdout.readline() == f"{name}\n"
        assert ended(process) == 40


def test_a_command_that_a_signal_ends_says_so():
    with start("--", "sh", "-c", "echo ready; exec sleep 1000", stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert ended(process) == 128 + signal.SIGTERM


# ---- what is left behind ----


# Each says that it is there, once it is as it is to be.
LEFT_BEHIND = {
    "ends when it is asked": 'trap "echo asked; exit" TERM; echo here > "$0"; while :; do sleep 1000 & wait; done',
    "does not care": 'trap "" TERM; echo here > "$0"; exec sleep 1000',
    "is stopped": 'echo here > "$0"; kill -STOP $$; sleep 1000',
}


@pytest.mark.parametrize("kind", LEFT_BEHIND)
def test_what_the_command_leaves_behind_is_ended(kind, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    script = 'sh -c "$2" "$1" & read here < "$1"; exit 3'
    with Lifeline() as line:
        command = ["--", "sh", "-c", script, "sh", str(tmp_path / "pipe"), LEFT_BEHIND[kind]]
        with start(*command, stdout=subprocess.PIPE, pass_fds=[line.theirs]) as process:
            assert ended(process) == 3
            assert line.all_are_gone()
            assert process.stdout.read() == (b"asked\n" if "asked" in LEFT_BEHIND[kind] else b"")


# A sanitizer would tell of the others, and be right.
@pytest.mark.parametrize("number", [signal.SIGKILL] if SANITIZED else [signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV])
def test_nothing_outlives_it(number, tmp_path, monkeypatch):
    """Neither the command nor its children, nor its temporary folder, though nobody is left to end them."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    script = "sleep 1000 & echo ready; wait; sleep 1000"
    with Lifeline() as line:
        with start("--", "sh", "-c", script, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=[line.theirs]) as process:
            assert process.stdout.readline() == b"ready\n"
            process.send_signal(number)
            ended(process)
            assert line.all_are_gone()
    eventually(lambda: os.listdir(tmp_path) == [])


def test_the_end_by_the_control_api_is_the_commands_too():
    script = 'curl -sS -d "" "$CPGW_ADMIN_URL/__admin/shutdown" >&2; exec sleep 1000'
    with Lifeline() as line:
        process = start("--", "sh", "-c", script, stderr=subprocess.DEVNULL, pass_fds=[line.theirs])
        assert ended(process) == 128 + signal.SIGTERM
        assert line.all_are_gone()


# ---- the log ----

CALL = 'curl -sS -o /dev/null -d "" "$CPGW_URL/v1/api/tickle"'


def test_standard_error_is_the_commands_unless_a_log_is_asked_for():
    assert shell(CALL).stderr == ""
    assert "POST /v1/api/tickle authenticated 200" in shell(CALL, "--log-format", "text").stderr
    assert "POST /v1/api/tickle authenticated 200" in shell(CALL, "--verbose").stderr
    assert json.loads(shell(CALL, "--log-format", "json").stderr)["status"] == 200
    assert shell(CALL, "--log-format", "text", "--quiet").stderr == ""


def test_the_journal_has_its_file_all_the_same(tmp_path):
    assert shell(CALL, "--journal", str(tmp_path / "journal")).returncode == 0
    assert json.loads((tmp_path / "journal").read_text())["target"] == "/v1/api/tickle"


# ---- many ----

FIRST_REQUEST = """
exec curl -sS --noproxy "*" --cacert "$CPGW_CA_FILE" -d "" -o /dev/null -w "%{http_code}" "$CPGW_URL/v1/api/tickle"
"""


def test_a_thousand_starts_do_not_collide():
    """In parallel: each finds its own ports, and its first request is answered. Fewer where a start is slow by design."""

    def one(_):
        result = execute("--", "sh", "-c", FIRST_REQUEST)
        return result.returncode, result.stdout, result.stderr

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(one, range(60 if SANITIZED else 1000)))
    assert set(results) == {(0, "200", "")}
