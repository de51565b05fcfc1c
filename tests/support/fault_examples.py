"""Every kind of fault once, with what it is tried out with: by the client matrix in docs/faults.md, by the tests that ask
whether a fault costs anything while it holds, and by tests/soak. A new kind needs a row here.

All are tried on `tickle`, a call that the upstream answers, and on a clock that stands still unless a row says otherwise.
"""

import json
import subprocess
from dataclasses import dataclass

ENDPOINT = "tickle"
PATH = "/v1/api/tickle"


@dataclass(frozen=True)
class Example:
    kind: str
    rule: dict  # without its name
    # When it acts: on a "call" over a connection that was fine until then; else on a connection's way to being one: "port",
    # "accept", "handshake".
    moment: str = "call"
    # Its answer is whole, and something happens only when the next call comes.
    acts_on_next: bool = False
    # Where nothing comes on a clock that stands still, and something is to.
    clock: str = "manual"


def call(kind, parameters=True, **more):
    return Example(kind, {"on": ENDPOINT, kind: parameters}, **more)


def early(kind, moment, parameters=True, **more):
    return Example(kind, {kind: parameters}, moment, **more)


EXAMPLES = [
    call("upstream_status", {"status": 503}),
    call("upstream_reply", "service_unavailable"),
    call("upstream_hang"),
    call("upstream_truncated", 20),
    call("upstream_creep", {"from": "1h", "step": "1m"}),
    call("status", 500),
    call("headers", {"Content-Type": None, "X-Odd": "1"}),
    call("body", {"body": {"other": True}}),
    call("html_body"),
    call("empty_body"),
    call("invalid_json"),
    call("invalid_utf8"),
    call("content_type", "text/html"),
    call("content_length_too_long", 10),
    call("content_length_too_short", 10),
    call("content_length_twice", 10),
    call("malformed_response_chunk", 64),
    call("random_data_then_close", 64),
    call("empty_response"),
    call("fixed", "1h"),
    call("uniform", {"lower": "1h", "upper": "2h"}),
    call("lognormal", {"median": "1h", "sigma": 0.1}),
    # Longer in all than a client waits, each piece much sooner.
    call("chunked_dribble", {"total_duration": "3200ms", "number_of_chunks": 8}, clock="scaled:1"),
    call("bandwidth", 0.01),
    call("slow_close", "1h"),
    call("timeout", "0s"),
    call("reset_peer", {"bytes": 20, "of": "body"}),
    call("fin_without_close_notify"),
    call("limit_data", {"bytes": 20, "of": "body"}),
    call("slicer", {"average_size": 100, "delay": "1h"}),
    call("close_on_reuse", acts_on_next=True),
    early("refuse", "port"),
    early("backlog_full", "port"),
    early("accept_reset", "accept"),
    early("accept_close", "accept"),
    early("accept_stall", "accept"),
    early("certificate_expired", "handshake"),
    early("certificate_not_yet_valid", "handshake"),
    early("certificate_wrong_host", "handshake"),
    early("certificate_untrusted", "handshake"),
    early("certificate_changed", "handshake"),
    early("tls_version", "handshake", {"min": "1.0", "max": "1.1"}),
    early("tls_no_resumption", "handshake"),
    early("tls_corrupt_record", "handshake"),
    early("tls_byte_by_byte", "handshake", "1s"),
    early("tls_stall", "handshake"),
    early("tls_stall_after_hello", "handshake"),
    early("tls_reset", "handshake"),
    early("tls_alert", "handshake", "handshake_failure"),
    early("tls_plain", "handshake"),
    early("tls_garbage", "handshake", 64),
]


def kinds(binary):
    """All that the program has, in its order."""
    listed = subprocess.run([binary, "list", "faults", "--format", "json"], check=True, capture_output=True, text=True)
    return [row["name"] for row in json.loads(listed.stdout)]


def examples(binary):
    """The examples in the program's order. Every kind must have one, and every example its kind."""
    by_kind = {example.kind: example for example in EXAMPLES}
    known = kinds(binary)
    missing = [kind for kind in known if kind not in by_kind]
    assert not missing, f"no example in tests/support/fault_examples.py for: {', '.join(missing)}"
    unknown = [kind for kind in by_kind if kind not in known]
    assert not unknown, f"tests/support/fault_examples.py has what is no fault: {', '.join(unknown)}"
    return [by_kind[kind] for kind in known]
