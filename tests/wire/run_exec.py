"""`cpgw-mock exec` as a CI file calls it, and what a command inside of it can do."""

import os
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
