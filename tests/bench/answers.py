"""A raw answer taken apart, and two of them compared: both servers must send the same."""

import re

# nginx writes the time of day itself; the others frame the body, or name the server.
TIMES = {"date", "expires", "server-timing"}
FRAMING = {"server", "content-length", "transfer-encoding"}


class Answer:
    def __init__(self, raw):
        head, _, rest = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.raw = raw
        self.status = lines[0]
        self.headers = [tuple(re.split(r":\s*", line, maxsplit=1)) for line in lines[1:]]
        chunked = (self.header("transfer-encoding") or "").lower() == "chunked"
        self.body = self._unchunk(rest) if chunked else rest

    def header(self, name):
        return next((value for header, value in self.headers if header.lower() == name), None)

    @staticmethod
    def _unchunk(rest):
        body = b""
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            body += rest[: int(size, 16)]
            rest = rest[int(size, 16) + 2 :]
        return body


def _lines(answer, wanted):
    return sorted(line for line in answer.headers if wanted(line[0].lower()))


def compare(ours, theirs):
    """Says in how far two answers are the same; raises when they differ in what may not."""
    if ours.status != theirs.status or ours.body != theirs.body:
        raise RuntimeError(f"the servers answer differently:\n{ours.raw!r}\n{theirs.raw!r}")
    fixed = [_lines(answer, lambda name: name not in FRAMING and name != "date") for answer in (ours, theirs)]
    if fixed[0] != fixed[1]:
        raise RuntimeError(f"the servers send different header lines:\n{fixed[0]}\n{fixed[1]}")
    framing = [", ".join(name for name, _ in _lines(answer, FRAMING.__contains__)) for answer in (ours, theirs)]
    return (
        f"Both answer {ours.status[9:]} with the same {len(ours.body)} bytes of body and the same {len(fixed[0])} header lines, "
        f"and a Date;\ncpgw-mock has {framing[0]} besides, nginx {framing[1]}: "
        f"{len(ours.raw)} and {len(theirs.raw)} bytes in all."
    )
