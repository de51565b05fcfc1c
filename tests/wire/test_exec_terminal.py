"""Why: at a terminal a command must behave as if `exec` were not there: Ctrl-C and Ctrl-Z are for the command, it may read,
and the shell gets its terminal back. Only a terminal can tell, so each test has one; what is printed there says when to go
on."""

import sys

import pytest

from mock import BINARY

pytestmark = pytest.mark.usefixtures("state_home")

INTERRUPT, STOP = b"\x03", b"\x1a"

SHOWS_FOREGROUND = 'import os; print("foreground" if os.tcgetpgrp(0) == os.getpgrp() else "background", flush=True)'
ON_INTERRUPT = """
import signal, sys
def end(*_):
    print("interrupted", flush=True)
    sys.exit(40)
signal.signal(signal.SIGINT, end)
print("ready", flush=True)
while True:
    signal.pause()
"""


def test_the_command_has_the_terminal(terminal):
    shown = terminal(BINARY, "exec", "--", sys.executable, "-c", SHOWS_FOREGROUND)
    shown.expect(b"foreground")
    assert shown.ended() == 0


def test_the_command_has_no_other_descriptor_of_it(terminal):
    def open_ones(*before):
        shown = terminal(*before, "sh", "-c", "echo /proc/self/fd/*; echo end")
        shown.expect(b"end")
        assert shown.ended() == 0
        return shown.before

    assert open_ones(BINARY, "exec", "--") == open_ones("env") != b""


def test_the_command_reads_from_the_terminal(terminal):
    shown = terminal(BINARY, "exec", "--", "sh", "-c", 'echo ready; read line; echo "got $line"')
    shown.expect(b"ready")
    shown.type(b"word\n")
    shown.expect(b"got word")
    assert shown.ended() == 0


def test_ctrl_c_is_the_commands(terminal):
    shown = terminal(BINARY, "exec", "--", sys.executable, "-c", ON_INTERRUPT)
    shown.expect(b"ready")
    shown.type(INTERRUPT)
    shown.expect(b"interrupted")
    assert shown.ended() == 40


def test_ctrl_c_reaches_a_command_that_reads_from_elsewhere(terminal):
    """The terminal is not its own then: the signal is passed on. The shell stays until the command has ended, as its end
    would take the terminal away from it."""
    script = 'trap : INT; echo | "$@"'
    shown = terminal("sh", "-c", script, "sh", BINARY, "exec", "--", sys.executable, "-c", ON_INTERRUPT)
    shown.expect(b"ready")
    shown.type(INTERRUPT)
    shown.expect(b"interrupted")
    assert shown.ended() == 40


def test_a_command_that_asks_for_the_terminal_gets_it(terminal):
    """Such as one that asks for a password while its input comes from elsewhere."""
    script = """echo | "$@" -- sh -c 'echo ready; read line < /dev/tty; echo "got $line"'; echo "status $?" """
    shown = terminal("sh", "-c", script, "sh", BINARY, "exec")
    shown.expect(b"ready")
    shown.type(b"word\n")
    shown.expect(b"got word")
    shown.expect(b"status 0")
    assert shown.ended() == 0


def test_the_shell_gets_its_terminal_back(terminal):
    script = """"$@" -- true; read line; echo "got $line" """
    shown = terminal("sh", "-c", script, "sh", BINARY, "exec")
    shown.type(b"word\n")
    shown.expect(b"got word")
    assert shown.ended() == 0


def test_ctrl_z_stops_both_and_the_shell_lets_them_go_on(terminal):
    """A shell with job control: it sees the job stopped, and `fg` brings the command back, terminal and all."""
    script = """
set -m
"$@" -- sh -c 'echo ready; read line; echo "got $line"; exit 3'
echo "stopped $?"
fg > /dev/null
echo "status $?"
read line
echo "shell got $line"
"""
    shown = terminal("bash", "--norc", "-c", script, "bash", BINARY, "exec")
    shown.expect(b"ready")
    shown.type(STOP)
    shown.expect(b"stopped 148")
    shown.type(b"word\n")
    shown.expect(b"got word")
    shown.expect(b"status 3")
    shown.type(b"other\n")
    shown.expect(b"shell got other")
    assert shown.ended() == 0


def test_where_nobody_could_let_it_go_on_ctrl_z_stops_nothing(terminal):
    """It is the first in its session, as in a container."""
    shown = terminal(BINARY, "exec", "--", "sh", "-c", 'echo ready; read line; echo "got $line"')
    shown.expect(b"ready")
    shown.type(STOP)
    shown.type(b"word\n")
    shown.expect(b"got word")
    assert shown.ended() == 0
