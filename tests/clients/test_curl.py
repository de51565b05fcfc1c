"""Why: curl is what people type first, and what their bug reports quote. It shows the answers as they are on the wire.

First the answer of each endpoint in each state (docs/gateway.md has the matrix and its evidence), then whole stories,
then the manners of the gateway that have nothing to do with the session.
"""

import json
import os
import subprocess
from dataclasses import dataclass

import pytest

from cpgw_mock import (
    ACCOUNT,
    AUTHENTICATED,
    BROKERAGE_DROP,
    BROKERAGE_LOST,
    COMPETING,
    FRESH,
    IP_DENIED,
    LOGGED_OUT,
    PACED,
    SSO_EXPIRED,
    SSO_ONLY,
    UPSTREAM_DEAD,
    UPSTREAM_SICK,
    USER,
    meanwhile,
)

TIMED_OUT, EMPTY_REPLY, BAD_CERTIFICATE = 28, 52, 60  # curl's exit codes
BUNDLES = ("CURL_CA_BUNDLE", "SSL_CERT_FILE")  # where curl looks for whom to trust

STATUS = "GET /v1/api/iserver/auth/status"
STATUS_POST = "POST /v1/api/iserver/auth/status"
TICKLE = "POST /v1/api/tickle"
VALIDATE = "GET /v1/api/sso/validate"
INIT = "POST /v1/api/iserver/auth/ssodh/init"
LOGOUT = "POST /v1/api/logout"
REAUTHENTICATE = "POST /v1/api/iserver/reauthenticate"
ACCOUNTS = "GET /v1/api/iserver/accounts"

TRIGGERED = '{"message":"triggered"}'


@dataclass
class Answer:
    exit_code: int
    status: int
    headers: dict
    body: str


@pytest.fixture
def curl(tmp_path):
    """Runs curl once, as a person would: `curl(gateway, "POST /path", option, …)`, trusting whom CURL_CA_BUNDLE names."""

    def run(gateway, request, *options, trust=True):
        method, path = request.split(" ")
        head, body = tmp_path / "head", tmp_path / "body"
        for file in (head, body):
            file.write_bytes(b"")
        command = ["curl", "-q", "-sS", "-m", "60", "-D", head, "-o", body, "-w", "%{http_code}"]
        command += ["-d", ""] if method == "POST" and "-d" not in options and "-X" not in options else []
        environment = {name: value for name, value in os.environ.items() if trust or name not in BUNDLES}
        done = subprocess.run(
            [*command, *options, gateway.url + path], env=environment, capture_output=True, text=True, check=False
        )
        lines = head.read_text().splitlines()[1:]
        headers = dict(line.split(": ", 1) for line in lines if line)
        return Answer(done.returncode, int(done.stdout), headers, body.read_text())

    return run


def includes(whole, part):
    """Whether `whole` says all that `part` says, at any depth."""
    if isinstance(part, dict):
        return all(key in whole and includes(whole[key], value) for key, value in part.items())
    return whole == part


def flags(authenticated, competing, connected):
    return {"authenticated": authenticated, "competing": competing, "connected": connected}


@pytest.mark.parametrize(
    ("scenario", "request_line", "status", "body"),
    [
        (FRESH, STATUS, 401, ""),
        (FRESH, TICKLE, 401, ""),
        (FRESH, VALIDATE, 401, ""),
        (FRESH, REAUTHENTICATE, 200, '{"error":"not logged in"}'),
        (SSO_ONLY, STATUS, 200, flags(False, False, False)),
        (SSO_ONLY, VALIDATE, 200, {"RESULT": True, "USER_NAME": USER}),
        (SSO_ONLY, ACCOUNTS, 400, '{"error":"Bad Request: no bridge","statusCode":400}'),
        (SSO_ONLY, INIT, 200, flags(True, False, True)),
        (AUTHENTICATED, STATUS, 200, flags(True, False, True)),
        (AUTHENTICATED, STATUS_POST, 200, flags(True, False, True)),
        (AUTHENTICATED, TICKLE, 200, {"collission": False, "iserver": {"authStatus": flags(True, False, True)}}),
        (AUTHENTICATED, ACCOUNTS, 200, {"accounts": [ACCOUNT]}),
        (AUTHENTICATED, REAUTHENTICATE, 200, TRIGGERED),
        (AUTHENTICATED, LOGOUT, 200, '{"status":true}'),
        (COMPETING, STATUS, 200, flags(True, True, True)),
        (COMPETING, TICKLE, 200, {"iserver": {"authStatus": flags(True, True, True)}}),
        (COMPETING, ACCOUNTS, 200, "{}"),
        (BROKERAGE_LOST, STATUS, 200, flags(False, False, True)),
        (BROKERAGE_LOST, TICKLE, 200, {"iserver": {"authStatus": flags(False, False, True)}}),
        (BROKERAGE_LOST, ACCOUNTS, 401, '{"error":"not authenticated","statusCode":401}'),
        (BROKERAGE_LOST, VALIDATE, 200, {"RESULT": True}),
        (BROKERAGE_LOST, REAUTHENTICATE, 200, TRIGGERED),
        (SSO_EXPIRED, STATUS, 401, ""),
        (SSO_EXPIRED, INIT, 401, ""),
        (SSO_EXPIRED, REAUTHENTICATE, 200, TRIGGERED),
        (LOGGED_OUT, STATUS, 200, {**flags(False, False, False), "MAC": None}),
        (LOGGED_OUT, TICKLE, 200, '{"error":"no session"}'),
        (LOGGED_OUT, REAUTHENTICATE, 200, TRIGGERED),
        (UPSTREAM_DEAD, REAUTHENTICATE, 200, TRIGGERED),
        (PACED, STATUS, 429, None),
        (IP_DENIED, STATUS, 404, "Access Denied"),
        (IP_DENIED, REAUTHENTICATE, 404, "Access Denied"),
        (IP_DENIED, "GET /", 404, "Access Denied"),
    ],
)
def test_what_each_state_answers(gateway, curl, scenario, request_line, status, body):
    answer = curl(gateway(scenario), request_line)
    assert (answer.exit_code, answer.status) == (0, status)
    if isinstance(body, dict):
        assert includes(json.loads(answer.body), body), answer.body
    elif body is not None:
        assert answer.body == body


def test_brokerage_lost_and_won_back(gateway, curl):
    mock = gateway()

    def authenticated():
        return json.loads(curl(mock, STATUS).body)["authenticated"]

    mock.happen(BROKERAGE_DROP)
    assert authenticated() is False
    assert curl(mock, REAUTHENTICATE).body == TRIGGERED
    mock.advance("3999ms")
    assert authenticated() is False
    mock.advance("1ms")
    assert authenticated() is True


def test_taking_over_from_a_competing_session(gateway, curl):
    mock = gateway(COMPETING)
    body = '{"publish":true,"compete":true}'
    answer = curl(mock, INIT, "-H", "Content-Type: application/json", "-d", body)
    assert answer.status == 200
    assert includes(json.loads(curl(mock, STATUS).body), flags(True, False, True))


def test_logging_out(gateway, curl):
    mock = gateway()
    answer = curl(mock, LOGOUT)
    assert "Content-Type" not in answer.headers
    assert includes(json.loads(curl(mock, STATUS).body), flags(False, False, False))


def test_a_dead_upstream_sends_nothing_at_all(gateway, curl):
    mock = gateway(UPSTREAM_DEAD)
    answer = curl(mock, TICKLE, "-m", "1")
    assert (answer.exit_code, answer.status, answer.headers, answer.body) == (TIMED_OUT, 0, {}, "")
    assert curl(mock, "GET /").status == 302, "while the gateway itself still answers"


def test_a_sick_upstream_takes_ten_seconds_to_say_so(gateway, curl):
    mock = gateway(UPSTREAM_SICK)
    answer = meanwhile(
        lambda: curl(mock, TICKLE), lambda: mock.await_calls("tickle"), lambda: mock.advance("10s")
    )
    assert (answer.exit_code, answer.status, answer.body) == (0, 503, "")
    assert answer.headers["X-Cnection"] == "close"


def test_the_root_redirects_to_the_login_page(gateway, curl):
    answer = curl(gateway(), "GET /")
    assert answer.status == 302
    assert answer.headers["Location"] == "/sso/Login?forwardTo=22&RL=1&ip2loc=US"
    assert "Server" not in answer.headers
    assert "Date" not in answer.headers


def test_forgetting_the_base_path_leads_away_from_here(gateway, curl):
    answer = curl(gateway(), "GET /tickle")
    assert (answer.status, answer.headers["Location"]) == (302, "https://api.ibkr.com/tickle")


def test_the_old_base_path_still_works(gateway, curl):
    assert curl(gateway(), "GET /v1/portal/iserver/auth/status").status == 200


def test_an_unknown_endpoint(gateway, curl):
    answer = curl(gateway(), "GET /v1/api/no/such/endpoint")
    assert (answer.status, answer.body) == (404, "<html><body><h1>Resource not found</h1></body></html>")


def test_the_upstream_wants_a_user_agent(gateway, curl):
    mock = gateway()
    answer = curl(mock, STATUS, "-A", "")
    assert (answer.status, answer.body) == (403, "Error 403 - Access Denied")
    assert curl(mock, REAUTHENTICATE, "-A", "").status == 200, "the gateway does not mind"


def test_the_upstream_wants_a_content_length(gateway, curl):
    mock = gateway()
    assert curl(mock, TICKLE, "-X", "POST").status == 411
    assert curl(mock, TICKLE, "-H", "Transfer-Encoding: chunked", "-d", "{}").status == 411
    assert curl(mock, TICKLE, "-d", "").status == 200


def test_one_connection_serves_several_requests(gateway, curl):
    mock = gateway()
    once = ["-o", "/dev/null", mock.url + "/v1/api/tickle"]
    command = ["curl", "-q", "-sS", "-m", "60", "-w", "%{num_connects}", *once, *once]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "10", "a new connection for the first, none for the second"


def test_the_certificate_is_checked(gateway, curl):
    mock = gateway()
    assert curl(mock, STATUS, trust=False).exit_code == BAD_CERTIFICATE
    assert curl(mock, STATUS, "-k", trust=False).status == 200
    mock.url = f"https://127.0.0.1:{mock.port}"
    assert curl(mock, STATUS).status == 200


def test_plain_http_gets_no_answer(gateway, curl):
    mock = gateway()
    mock.url = f"http://localhost:{mock.port}"
    answer = curl(mock, "GET /")
    assert (answer.exit_code, answer.status, answer.body) == (EMPTY_REPLY, 0, "")
