"""Does docs/control.md have every call of the control API, and no other?"""

import json
import urllib.request

import pytest

from document import Block, Document, codes
from terminal import Terminal


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """What a mock says about itself."""
    folder = tmp_path_factory.mktemp("reader")
    with Terminal(folder, tmp_path_factory.mktemp("home")) as terminal:
        served = terminal.start(Block("the test", "", "sh", ("background",), "exec cpgw-mock serve --port 0\n"))
        with urllib.request.urlopen(served.said["admin_url"] + "/__admin/docs/openapi.json", timeout=30) as answer:
            return json.load(answer)["paths"]


def test_all_calls_are_in_the_table(paths):
    named = "/__admin/gateways/{name}"
    known = {}
    for path, item in paths.items():
        if path == named or not path.startswith(named):
            for method, operation in item.items():
                short = path.removeprefix("/__admin")
                known[method.upper(), short] = (named + short in paths, operation["summary"])
    shown = {
        (codes(method)[0], codes(path)[0]): (each == "yes", what)
        for method, path, each, what in Document("docs/control.md").table("method", "path", "each gateway")
    }
    assert shown == known


def test_all_statuses_are_in_the_table(paths):
    known = {
        status
        for item in paths.values()
        for operation in item.values()
        for status in operation["responses"]
        if not status.startswith("2") and status != "default"
    }
    shown = {status for status, _ in Document("docs/control.md").table("status", "why")}
    # What any call may be answered with stands beside none.
    assert known <= shown <= known | {"401", "403", "404", "405", "413", "501"}
