"""`cpgw-mock exec` as a CI file calls it, and what a command inside of it can do."""

import os
import select
import subprocess
import sys

from mock import BINARY, WITHIN

EXEC = [str(BINARY), "exec"]
# A command that is a program of ours.
PYTHON = [sys.executable, "-c"]


def execute(*arguments, environment=None, **how):
    """Runs `cpgw-mock exec ARGUMENT…` to its end."""
    return subprocess.run(
        [*EXEC, *arguments],
        **{"capture_output": True, "text": True, "stdin": subprocess.DEVNULL, "timeout": WITHIN, **how},
        env={**os.environ, **(environment or {})},
    )


def shell(script, *options, environment=None, **how):
    """Runs a shell script inside; `cpgw-mock` there is the program under test."""
    path = {"PATH": f"{BINARY.parent}:{os.environ['PATH']}"}
    return execute(*options, "--", "sh", "-c", script, environment={**path, **(environment or {})}, **how)


def start(*arguments, **how):
    """The same without waiting for its end."""
    return subprocess.Popen([*EXEC, *arguments], **{"stdin": subprocess.DEVNULL, **how})


def ended(process):
    """The status that it ends with; it is killed if it does not."""
    try:
        return process.wait(WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


class Lifeline:
    """A pipe whose other end all descendants hold: its end says that the last of them has gone."""

    def __enter__(self):
        self.ours, self.theirs = os.pipe()
        return self

    def __exit__(self, *_):
        os.close(self.ours)
        self.let_go()

    def let_go(self):
        if self.theirs is not None:
            os.close(self.theirs)
        self.theirs = None

    def all_are_gone(self):
        self.let_go()
        ready, _, _ = select.select([self.ours], [], [], WITHIN)
        return bool(ready) and os.read(self.ours, 1) == b""
