"""A reader's terminal: runs a document's blocks one after the other, as pasted."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from document import BINARY

# Each block gets the variables and the folder that the one before left behind, as in one terminal.
RUN_AND_REMEMBER = '. "$1"; env -0 >"$2"'
# Longer than it takes on a slow machine that is busy with other tests.
START_SECONDS = 300  # script/run builds first
STOP_SECONDS = 60
RUN_SECONDS = 900  # cargo, from an empty cache

_pause = threading.Event()


@dataclass
class Ended:
    status: int
    output: str
    errors: str

    @property
    def said(self):
        return f"exit status {self.status}\n--- stdout\n{self.output}\n--- stderr\n{self.errors}"


class Running:
    """A block that serves until it is ended."""

    def __init__(self, process, output, errors, place):
        self._process, self._output, self._errors, self.place = process, output, errors, place
        self.said = self._wait_until_ready()

    @property
    def log(self):
        return self._errors.read_text(encoding="utf-8")

    def _first_line(self):
        line, newline, _ = self._output.read_text(encoding="utf-8").partition("\n")
        return line if newline else None

    def _wait_until_ready(self):
        """What the server says about itself once it listens."""
        deadline = time.monotonic() + START_SECONDS
        while self._first_line() is None:
            assert self._process.poll() is None, f"{self.place} ended with {self._process.returncode}:\n{self.log}"
            assert time.monotonic() < deadline, f"{self.place} is not ready after {START_SECONDS} s:\n{self.log}"
            _pause.wait(0.02)
        return json.loads(self._first_line())


def end_group(process):
    """Ends all that a block started, the shell included, and waits until nothing of it is left."""
    deadline = time.monotonic() + STOP_SECONDS
    signal_to_send = signal.SIGTERM
    while True:
        try:
            os.killpg(process.pid, signal_to_send)
        except ProcessLookupError:
            process.wait()
            return
        process.poll()
        signal_to_send = 0 if time.monotonic() < deadline else signal.SIGKILL
        _pause.wait(0.02)


class Terminal:
    def __init__(self, folder, home):
        """Opens in `folder`; the user's home, and so the certificates' place, is `home`."""
        self._notes = folder.with_name(f"{folder.name}.terminal")
        self._notes.mkdir()
        self._count = 0
        self._started = []
        self.environment = reader_environment(folder, home)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self._started):
            end_group(process)

    def forget_program(self):
        """Takes cpgw-mock off the path, for a page that says how it gets there."""
        self.environment["PATH"] = self.environment["PATH"].removeprefix(f"{BINARY.parent}{os.pathsep}")

    def _launch(self, text, *shell):
        self._count += 1
        note = self._notes / f"{self._count}"
        script, output, errors = (note.with_suffix(suffix) for suffix in (".sh", ".out", ".err"))
        script.write_text(text, encoding="utf-8")
        with output.open("wb") as out, errors.open("wb") as err:
            process = subprocess.Popen(
                ["bash", "-eu", *shell, script, note.with_suffix(".env")],
                cwd=self.environment["PWD"],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        self._started.append(process)
        return process, output, errors, note.with_suffix(".env")

    def try_block(self, text):
        """Runs a block to its end, whatever that is."""
        process, output, errors, variables = self._launch(text, "-c", RUN_AND_REMEMBER, "block")
        try:
            process.wait(RUN_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        finally:
            end_group(process)
        if variables.exists():
            pairs = variables.read_text(encoding="utf-8").split("\0")[:-1]
            self.environment = dict(pair.split("=", 1) for pair in pairs)
        return Ended(process.returncode, output.read_text(encoding="utf-8"), errors.read_text(encoding="utf-8"))

    def run(self, block):
        ended = self.try_block(block.text)
        assert ended.status == 0, f"{block.place}: {ended.said}"
        return ended

    def start(self, block):
        """Runs a block that serves, and returns once it does."""
        process, output, errors, _ = self._launch(block.text)
        return Running(process, output, errors, block.place)


def reader_environment(folder, home):
    """This process's environment without what would change the outcome; the program and the tests' Python are on the path.

    The tools' caches stay where they are: a cold one costs half a minute, and says nothing about a page.
    """
    old_home = Path.home()
    dropped = ("XDG_STATE_HOME", "NODE_TLS_REJECT_UNAUTHORIZED")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in dropped and not name.startswith("CPGW_") and not name.upper().endswith("_PROXY")
    }
    kept.setdefault("GOCACHE", str(old_home / ".cache/go-build"))
    kept.setdefault("CARGO_HOME", str(old_home / ".cargo"))
    kept.setdefault("RUSTUP_HOME", str(old_home / ".rustup"))
    path = os.pathsep.join([str(BINARY.parent), str(Path(sys.executable).parent), kept["PATH"]])
    # As fast as the machine's clock, but from the morning on: what befalls a session every night befalls no example.
    kept |= {"CPGW_CLOCK": "scaled:1", "CPGW_WAIT": "1m"}
    return kept | {"PATH": path, "HOME": str(home), "PWD": str(folder), "NO_PROXY": "localhost,127.0.0.1,::1"}
