"""Why: interactive-brokers-mcp logs its users in with a browser that nobody sees, and decides by what the page says.

npm interactive-brokers-mcp, unmodified: its HeadlessAuthenticator, with playwright-core and Debian's Chromium, in a node
process of its own. Its pace is its own, too: it looks every three seconds.
"""

import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = Path(__file__).parent / "mcp_login.mjs"
USER, PASSWORD = "trader", "open sesame"
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def log_in(mcp_package, tmp_path):
    """Logs in at a gateway; what the client concluded."""

    def perform(mock, **wish):
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        told = {"port": mock.port, "username": USER, "password": PASSWORD, "timeout": 120_000, **wish}
        environment = {
            **os.environ,
            "CHROMIUM_PATH": "/usr/bin/chromium",
            "HOME": str(home),
            # Chromium would like to ask its maker for this and that: it finds nobody there.
            "http_proxy": "http://127.0.0.1:9",
            "https_proxy": "http://127.0.0.1:9",
            "no_proxy": "localhost,127.0.0.1",
        }
        node = shutil.which("node", path=str(Path(sys.executable).parent)) or "node"
        ended = subprocess.run(
            [node, DRIVER, mcp_package, json.dumps(told)],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert ended.returncode == 0, ended.stderr[-5000:]
        return json.loads(ended.stdout.splitlines()[-1])

    return perform


def test_it_sets_the_toggle_and_logs_in(gateway, log_in):
    mock = gateway("GW-041")
    result = log_in(mock, paperTrading=True)
    assert (result["success"], result["status"]) == (True, "SUCCESS"), result
    assert mock.logins() == ["login"], "as a paper user at once"


def test_it_knows_when_it_is_refused(gateway, log_in):
    mock = gateway("login_accounts")
    result = log_in(mock, password="wrong")
    assert (result["success"], result["status"]) == (False, "AUTH_FAILED"), result
    assert "invalid username" in result["error"]
    assert mock.logins() == ["login_refused"]


def test_it_waits_for_the_phone(gateway, log_in):
    mock = gateway("login_accounts")
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        result = thread.submit(log_in, mock, username="withphone")
        mock.await_state("sign_in_notification")
        mock.happen("second_factor_confirmed")
        assert result.result(300)["success"] is True
    assert mock.logins() == ["login_asks_notification", "login"]


def test_it_chooses_and_types_a_code(gateway, log_in):
    mock = gateway("fresh")
    mock.set(second_factor="choice")
    result = log_in(mock, twoFaStrategy="totp", totpSecret=SECRET)
    assert result["success"] is True, result
    assert mock.logins() == ["login_asks_method", "login_asks_code", "login"]
