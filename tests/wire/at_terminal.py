"""A terminal for a program, for tests of what only a terminal can tell."""

import os
import pty
import select
import time

from mock import WITHIN


class Terminal:
    """A session of its own at a new terminal, in which a program runs."""

    def __init__(self, *command):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.execvp(command[0], command)
            finally:
                os._exit(97)
        os.set_inheritable(self.fd, False)

    def _more(self):
        if not select.select([self.fd], [], [], 0.05)[0]:
            return
        try:
            self.seen += os.read(self.fd, 4096)
        except OSError:  # how a terminal says that nobody is there any more
            pass

    def expect(self, text):
        """Waits for it to be shown. What came before it is `before`, and forgotten the next time."""
        deadline = time.monotonic() + WITHIN
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            self._more()
        self.before, _, self.seen = self.seen.partition(text)

    def type(self, keys):
        os.write(self.fd, keys)

    def ended(self):
        deadline = time.monotonic() + WITHIN
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < deadline, self.seen
            self._more()

    def close(self):
        if self.pid:
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
        os.close(self.fd)
