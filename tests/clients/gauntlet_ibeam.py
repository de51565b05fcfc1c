"""PyPI ibeam, its HTTP and strategy handlers unmodified, for half an hour: each minute what its maintenance does. The browser
is stood in for by the two requests that it makes in the end, and the gateway's process, which IBeam kills and starts, by the
states of one that has just started. For `cpgw-mock gauntlet`; docs/gauntlet.md has what came of it."""

import logging
import os
import ssl
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from gauntlet_session import Session
from ibeam.src import var
from ibeam.src.handlers import strategy_handler
from ibeam.src.handlers.http_handler import HttpHandler
from ibeam.src.handlers.inputs_handler import InputsHandler


class Login:
    """The page is fetched, the form is sent, and the page that comes back says how it went."""

    def __init__(self, session):
        self._session = session
        self._context = ssl.create_default_context(cafile=os.environ["CPGW_CA_FILE"])
        self.failures = 0

    def _fetch(self, path, form=None):
        body = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(self._session.url + path, body, {"User-Agent": "Mozilla/5.0"})
        with urllib.request.urlopen(request, timeout=var.PAGE_LOAD_TIMEOUT, context=self._context) as answer:
            return answer.read().decode()

    def login(self):
        """As IBeam's: whether it succeeded, and whether IBeam is to shut down, lest the account be locked."""
        self._session.count("logins tried")
        try:
            self._fetch("/sso/Login?forwardTo=22&RL=1")
            page = self._fetch("/sso/Dispatcher", {"loginType": "2", "forwardTo": "22"})
        except OSError as failure:
            print(f"no login page: {failure}", file=sys.stderr)
            return False, False
        succeeded = "Client login succeeds" in page
        self.failures = 0 if succeeded else self.failures + 1
        return succeeded, self.failures >= var.MAX_FAILED_AUTH


class Process:
    """A gateway that is killed is started again before the next round."""

    def __init__(self, session):
        self._session = session

    def kill_gateway(self):
        self._session.count("gateways killed")
        self._session.enter("fresh", "never_logged_in", "chain_idle")
        return True


def handlers(session, folder):
    inputs, gateway = folder / "inputs", folder / "gateway"
    inputs.mkdir()
    (gateway / "root").mkdir(parents=True)
    (inputs / "cacert.pem").write_bytes(Path(os.environ["CPGW_CA_FILE"]).read_bytes())
    (inputs / "cacert.jks").touch()  # for the gateway's use, not IBeam's; it must be there
    http = HttpHandler(
        inputs_handler=InputsHandler(inputs_dir=str(inputs), gateway_dir=str(gateway)),
        base_url=session.url,
        route_validate=var.ROUTE_VALIDATE,
        route_tickle=var.ROUTE_TICKLE,
        route_logout=var.ROUTE_LOGOUT,
        route_reauthenticate=var.ROUTE_REAUTHENTICATE,
        route_initialise=var.ROUTE_INITIALISE,
        request_timeout=var.REQUEST_TIMEOUT,
    )
    strategy = strategy_handler.StrategyHandler(
        http_handler=http,
        login_handler=Login(session),
        process_handler=Process(session),
        authentication_strategy=var.AUTHENTICATION_STRATEGY,
        reauthenticate_wait=var.REAUTHENTICATE_WAIT,
        restart_failed_sessions=var.RESTART_FAILED_SESSIONS,
        restart_wait=var.RESTART_WAIT,
        max_reauthenticate_retries=var.MAX_REAUTHENTICATE_RETRIES,
        max_status_check_retries=var.MAX_STATUS_CHECK_RETRIES,
    )
    return http, strategy


def main():
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    session = Session()
    strategy_handler.time = session.time_of_client()
    with tempfile.TemporaryDirectory() as folder:
        http, strategy = handlers(session, Path(folder))
        well = False
        for _ in session.rounds():
            well, shutdown, _ = strategy.try_authenticating(request_retries=var.REQUEST_RETRIES)
            if shutdown:
                session.count("shut down")
                break
            if not well:
                session.count("unauthenticated")
            elif not http.validate():
                session.count("validated false")
    session.end(well)


if __name__ == "__main__":
    main()
