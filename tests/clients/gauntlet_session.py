"""What the gauntlet's two clients share: half an hour of the gateway's time, and what is to be said at its end.

The clients' own waits move the gateway's clock instead of taking time; what the gateway makes them wait for, they wait for in
real time, and so their timeouts are real.
"""

import json
import os
import sys
import time
import types
import urllib.error
import urllib.request

# A proxy, or a setting meant for somebody's real gateway, would change what the clients do.
for name in list(os.environ):
    if name.upper().endswith("_PROXY") or name.startswith(("IBIND_", "IBEAM_", "IB_")):
        del os.environ[name]

SESSION_S = 30 * 60
# Real time, after which no other round begins: one that waits for answers takes a while.
PATIENCE_S = 100.0

WORKS, GAVE_UP, FOOLED, BLIND = 0, 3, 4, 5
SAYS = {
    WORKS: "the session works, and the client says so",
    GAVE_UP: "there is no session that works, and the client says so",
    FOOLED: "the client says that all is well, and no account can be had",
    BLIND: "the session works, and the client says that it does not",
}


class Session:
    """Half an hour at the gateway that the environment names."""

    def __init__(self):
        self.url, self.port = os.environ["CPGW_URL"], int(os.environ["CPGW_PORT"])
        self._admin = os.environ["CPGW_ADMIN_URL"] + "/__admin"
        self._began = time.monotonic()
        self.passed = 0
        self.counts = {}

    def _ask(self, path, body):
        request = urllib.request.Request(self._admin + path, json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=60.0) as answer:
            return json.load(answer)

    def sleep(self, seconds):
        self.passed += seconds
        self._ask("/clock/advance", {"by": f"{int(seconds * 1000)}ms"})

    def time_of_client(self):
        """In the place of a client's `time`: it sleeps at once."""
        return types.SimpleNamespace(**{**vars(time), "sleep": self.sleep})

    def enter(self, *states):
        """What only happens to a gateway's process."""
        self._ask("/actions", [{"enter": state} for state in states])

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def rounds(self):
        """One a minute, as clients are told to. After the last no time passes: what the client says then is still news."""
        while True:
            self.count("rounds")
            yield
            if self.passed + 60 >= SESSION_S or time.monotonic() - self._began > PATIENCE_S:
                return
            self.sleep(60)

    def has_accounts(self):
        """Whether somebody who wants to trade can."""
        request = urllib.request.Request(self.url + "/v1/api/iserver/accounts", headers={"User-Agent": "gauntlet"})
        try:
            with urllib.request.urlopen(request, timeout=20.0) as answer:
                return bool(json.load(answer).get("accounts"))
        except (OSError, ValueError):
            return False

    def end(self, client_says_well):
        """Says how it came out, and ends."""
        works = self.has_accounts()
        if works:
            code = WORKS if client_says_well else BLIND
        else:
            code = FOOLED if client_says_well else GAVE_UP
        sys.stderr.flush()
        print(", ".join(f"{count} {what}" for what, count in self.counts.items()))
        print(SAYS[code], flush=True)
        sys.exit(code)
