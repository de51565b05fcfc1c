"""Why: a page streams, too. What a browser's own WebSocket makes of the gateway, from a page of the same origin: the
login page's."""

import http.client
import json

import pytest

from mock import WITHIN, Mock

# Keeps what befalls a websocket, in order, where the test can see it.
OPEN = """
const said = window.said = [];
const socket = window.socket = new WebSocket(`wss://${location.host}/v1/api/ws`);
socket.binaryType = "arraybuffer";
socket.onopen = () => said.push(["open", socket.extensions, socket.protocol]);
const textOf = (data) => (typeof data === "string" ? data : new TextDecoder().decode(data));
socket.onmessage = ({ data }) => said.push(["message", textOf(data)]);
socket.onclose = ({ code, reason, wasClean }) => said.push(["close", code, reason, wasClean]);
"""


class Page:
    """The login page of a gateway that somebody is logged in at, and its websocket."""

    def __init__(self, browser, mock):
        self._browser, self._mock, self._taken = browser, mock, 0
        browser.open(f"https://localhost:{mock.port}/sso/Login?forwardTo=22&RL=1&ip2loc=US")

    def connect(self):
        self._browser.driver.execute_script(OPEN)
        self._taken = 0
        assert self.next() == ["open", "", ""], "no extension, no protocol"

    def next(self):
        """The next that befell it."""
        ask = "return window.said[arguments[0]]"
        event = self._browser.wait(lambda: self._browser.driver.execute_script(ask, self._taken))
        self._taken += 1
        return event

    def message(self):
        kind, text = self.next()
        assert kind == "message", text
        return json.loads(text)

    def call(self, what, *args):
        self._browser.driver.execute_script(f"window.socket.{what}(...arguments)", *args)

    def admin(self, path, body):
        host = self._mock.admin_url.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=WITHIN)
        connection.request("POST", "/__admin" + path, json.dumps(body))
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        connection.close()

    def greeted(self):
        self.admin("/clock/advance", {"by": "1s"})
        return [self.message()["topic"] for _ in range(3)]


@pytest.fixture(scope="module")
def mock(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        mock = Mock(tmp_path_factory.mktemp("mock"), "authenticated", "--clock", "manual")
    yield mock
    mock.stop()


@pytest.fixture
def page(browser, mock):
    return Page(browser, mock)


def test_status_tic_heartbeat_and_a_close_by_the_page(page):
    page.connect()
    assert page.greeted() == ["system", "act", "sts"]
    page.call("send", "tic")
    assert page.message()["topic"] == "tic"
    page.admin("/clock/advance", {"by": "10s"})
    assert page.message()["hb"] > 0
    page.call("close", 1000, "enough")
    assert page.next() == ["close", 1000, "enough", True]


@pytest.mark.parametrize(
    ("end", "seen"),
    [("close", [1000, "", True]), ("drop", [1006, "", False]), ("reset", [1006, "", False])],
    ids=["close", "drop", "reset"],
)
def test_an_end_by_the_gateway_and_another_websocket_behind_it(page, end, seen):
    for _ in range(2):
        page.connect()
        assert page.greeted() == ["system", "act", "sts"]
        page.admin("/actions", {"send": end})
        assert page.next() == ["close", *seen]
