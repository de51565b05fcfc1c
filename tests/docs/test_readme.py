"""Do the examples in the READMEs work as they stand there?

Every block is run, written or compared, in the order of the page, as a reader would who pastes one after the other into
a terminal in a fresh clone:

  ```sh                a command: has to end well
  ```sh background     a server: has to say where it listens; goes on until the page is done
  ```sh slow           only looked at: script/test is what runs this
  ```json file=NAME    the text of a file
  ```json              what the commands before it print last
  ```text              lines that a server has to have logged by then, but for the time
  ```text output       how what the commands before it print last begins
"""

import itertools
import json
import os
import re
import socket
import threading
import time
from pathlib import Path

import pytest

from document import BINARY, REPOSITORY, Document
from terminal import Terminal

LOGGED_AT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ")
DEFAULT_PORTS = (5000, 5050)  # the gateway's and the control API's
LOG_SECONDS = 60

_pause = threading.Event()


def lay_clone(folder):
    """A clone made of links, so that what is built is what stands here, and what the page writes stays in `folder`."""
    folder.mkdir()
    for entry in REPOSITORY.iterdir():
        if entry.name not in (".git", "build"):
            (folder / entry.name).symlink_to(entry)
    (folder / "build").mkdir()
    (folder / "build/release").symlink_to(BINARY.parent)


def default_ports_are_free():
    addresses = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
    for (family, address), port in itertools.product(addresses, DEFAULT_PORTS):
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


def last_json(text):
    """The last of several JSON texts, as it was written: curl puts no line ends between them."""
    decoder, position, last = json.JSONDecoder(), 0, ""
    while position < len(text.rstrip()):
        position += len(text[position:]) - len(text[position:].lstrip())
        _, end = decoder.raw_decode(text, position)
        last, position = text[position:end], end
    return last


def lines_in_order(wanted, log):
    """Whether the wanted lines, without their times, are in the log in this order."""
    logged = iter(LOGGED_AT.sub("", line) for line in log.splitlines() if LOGGED_AT.match(line))
    return all(line in logged for line in wanted)


class Reader:
    """Goes through a page in a terminal."""

    def __init__(self, terminal):
        self.terminal = terminal
        self.servers = []
        self.printed = None
        self.actions = {
            ("sh",): self.run,
            ("sh", "background"): self.serve,
            ("sh", "slow"): self.look_at,
            ("json",): self.compare,
            ("json", "file"): self.write,
            ("text",): self.find_in_log,
            ("text", "output"): self.compare_text,
            ("",): lambda block: None,  # a drawing
        }

    def folder(self):
        return Path(self.terminal.environment["PWD"])

    def read(self, block):
        kind = (block.language, *(word.partition("=")[0] for word in block.words))
        assert kind in self.actions, f"{block.place}: this test does not know {kind}"
        self.actions[kind](block)

    def run(self, block):
        self.printed = self.terminal.run(block).output

    def serve(self, block):
        self.servers.append(self.terminal.start(block))

    def look_at(self, block):
        for line in block.text.splitlines():
            program = self.folder() / line.split()[0]
            assert os.access(program, os.X_OK), f"{block.place}: {program} cannot be run"

    def compare(self, block):
        assert self.printed is not None, f"{block.place}: nothing was run before it"
        assert last_json(self.printed) == block.text.strip(), block.place

    def compare_text(self, block):
        assert self.printed is not None, f"{block.place}: nothing was run before it"
        assert self.printed.startswith(block.text), f"{block.place}: printed was\n{self.printed}"

    def write(self, block):
        json.loads(block.text)
        (self.folder() / block.file).write_text(block.text, encoding="utf-8")

    def find_in_log(self, block):
        lines = block.text.splitlines()
        assert all(LOGGED_AT.match(line) for line in lines), f"{block.place}: a line does not begin with a time"
        wanted = [LOGGED_AT.sub("", line) for line in lines]
        # A call's line may follow its answer.
        deadline = time.monotonic() + LOG_SECONDS
        while not any(lines_in_order(wanted, server.log) for server in self.servers):
            logs = "".join(f"--- {server.place}\n{server.log}" for server in self.servers)
            assert time.monotonic() < deadline, f"{block.place}: not in\n{logs}"
            _pause.wait(0.02)


@pytest.mark.parametrize("name", ["README.md", "scenarios/README.md", "docs/control.md", "docs/faults.md", "docs/login.md"])
def test_examples(name, tmp_path):
    page = Document(name)
    if any("script/run" in block.text for block in page.blocks) and not default_ports_are_free():
        pytest.skip(f"one of the ports {DEFAULT_PORTS} is taken by somebody else, and the page serves on them")
    lay_clone(tmp_path / "clone")
    (tmp_path / "home").mkdir()
    with Terminal(tmp_path / "clone", tmp_path / "home") as terminal:
        if name == "README.md":
            terminal.forget_program()  # it says where the program is
        reader = Reader(terminal)
        for block in page.blocks:
            reader.read(block)
        assert reader.servers, f"{name} serves nothing: has this test lost its subject?"


def test_first_line_is_as_shown(tmp_path):
    """README.md shows the first line of output in a sentence."""
    shown = [json.loads(text) for text in re.findall(r'`(\{"url":[^`]*\})`', Document("README.md").path.read_text())]
    assert len(shown) == 1
    (tmp_path / "home").mkdir()
    (tmp_path / "reader").mkdir()
    with Terminal(tmp_path / "reader", tmp_path / "home") as terminal:
        terminal.try_block("cpgw-mock serve --port 0 --port-file port.txt > server.json &\ncpgw-mock ready --port-file port.txt\nkill %1\n")
    said = json.loads((tmp_path / "reader/server.json").read_text())
    assert list(said) == list(shown[0])
    assert {name: type(value) for name, value in said.items()} == {name: type(value) for name, value in shown[0].items()}
