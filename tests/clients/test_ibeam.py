"""Why: IBeam keeps gateways logged in unattended, and decides what to do from how it classifies each answer.

PyPI ibeam, unmodified: its HTTP, strategy and process handlers with stock routes and retries, verifying TLS. Only the
browser is stood in for, since nothing here logs in by page.
"""

import logging
import shutil

import pytest
from ibeam.src import var
from ibeam.src.handlers.http_handler import HttpHandler
from ibeam.src.handlers.inputs_handler import InputsHandler
from ibeam.src.handlers.process_handler import ProcessHandler
from ibeam.src.handlers.strategy_handler import StrategyHandler

from cpgw_mock import (
    AUTHENTICATED,
    BROKERAGE_LOST,
    COMPETING,
    FRESH,
    IP_DENIED,
    LOGGED_OUT,
    LOGIN,
    SSO_EXPIRE,
    SSO_EXPIRED,
    SSO_ONLY,
    UPSTREAM_DEAD,
    UPSTREAM_SICK,
    meanwhile,
)


class Login:
    """In the place of IBeam's browser: counts how often a login was wanted, and reports what it was told to."""

    def __init__(self, succeeds=lambda: False):
        self.wanted = 0
        self._succeeds = succeeds

    def login(self):
        self.wanted += 1
        return bool(self._succeeds()), False


@pytest.fixture
def http(tmp_path):
    """Makes IBeam's HTTP handler for a gateway, with the mock's authority in its inputs folder as its wiki tells."""

    def connect(gateway, request_timeout=var.REQUEST_TIMEOUT):
        inputs, gateway_folder = tmp_path / "inputs", tmp_path / "clientportal.gw"
        inputs.mkdir()
        (gateway_folder / "root").mkdir(parents=True)
        shutil.copy(gateway.ca_file, inputs / "cacert.pem")
        (inputs / "cacert.jks").touch()  # for the gateway's use, not IBeam's; it must be there
        return HttpHandler(
            inputs_handler=InputsHandler(inputs_dir=str(inputs), gateway_dir=str(gateway_folder)),
            base_url=gateway.url,
            route_validate=var.ROUTE_VALIDATE,
            route_tickle=var.ROUTE_TICKLE,
            route_logout=var.ROUTE_LOGOUT,
            route_reauthenticate=var.ROUTE_REAUTHENTICATE,
            route_initialise=var.ROUTE_INITIALISE,
            request_timeout=request_timeout,
        )

    return connect


def strategy(gateway, http, login):
    """IBeam's default strategy. The process that it may kill is found by this gateway's port file, so it is this one."""
    process = ProcessHandler(
        gateway_dir="",  # for starting a gateway, which no strategy does
        gateway_process_match=str(gateway.port_file),
        gateway_startup=var.GATEWAY_STARTUP,
        verify_connection=http.base_route,
    )
    return StrategyHandler(
        http_handler=http,
        login_handler=login,
        process_handler=process,
        authentication_strategy=var.AUTHENTICATION_STRATEGY,
        reauthenticate_wait=var.REAUTHENTICATE_WAIT,
        restart_failed_sessions=var.RESTART_FAILED_SESSIONS,
        restart_wait=var.RESTART_WAIT,
        max_reauthenticate_retries=var.MAX_REAUTHENTICATE_RETRIES,
        max_status_check_retries=var.MAX_STATUS_CHECK_RETRIES,
    )


@pytest.mark.parametrize(
    ("scenario", "verdict"),
    [
        (AUTHENTICATED, "AUTHENTICATED"),
        (SSO_ONLY, "NOT CONNECTED"),
        (BROKERAGE_LOST, "NOT AUTHENTICATED"),
        (COMPETING, "COMPETING"),
        (SSO_EXPIRED, "NO SESSION"),
        (LOGGED_OUT, "NO SESSION"),
        (FRESH, "NO SESSION"),
    ],
)
def test_what_ibeam_calls_each_state(gateway, http, caplog, scenario, verdict):
    status = http(gateway(scenario)).get_status()
    assert status.running is True
    assert status.parsed_status == verdict
    assert "Unrecognised" not in caplog.text


def test_the_details_of_an_authenticated_session(gateway, http):
    handler = http(gateway())
    status = handler.get_status()
    assert (status.authenticated, status.connected, status.competing, status.collision) == (True, True, False, False)
    assert len(status.session_id) == 32
    assert status.server_name.startswith("Ji")
    assert status.server_version.startswith("Build 10.")
    assert 0 < status.expires <= 600_000
    assert handler.validate() is True
    assert handler.base_route().running is True


def test_a_sick_upstream_is_called_by_its_name(gateway, http, caplog):
    mock = gateway(UPSTREAM_SICK)
    handler = http(mock)
    status = meanwhile(handler.get_status, lambda: mock.await_calls("tickle"), lambda: mock.advance("10s"))
    assert status.parsed_status == "NO SESSION"
    assert "IBKR service unavailable" in caplog.text
    assert "Unrecognised" not in caplog.text


def test_a_denied_address_is_an_answer_that_ibeam_does_not_know(gateway, http, caplog):
    status = http(gateway(IP_DENIED)).get_status()
    assert (status.running, status.session) == (True, False)
    assert "HTTP Error 404: Not Found" in caplog.text


def test_authenticated_needs_nothing_done(process, http):
    mock, login = process(), Login()
    success, shutdown, status = strategy(mock, http(mock), login).try_authenticating()
    assert (success, shutdown, status.parsed_status) == (True, False, "AUTHENTICATED")
    assert login.wanted == 0


def test_brokerage_lost_is_won_back_without_a_login(process, http, caplog):
    caplog.set_level(logging.INFO, logger="ibeam")
    mock, login = process(BROKERAGE_LOST), Login()
    handler = http(mock)

    # Once it has reauthenticated it looks until it works, a second apart.
    success, shutdown, status = meanwhile(
        strategy(mock, handler, login).try_authenticating,
        lambda: mock.await_calls("reauthenticate"),
        lambda: mock.advance("4s"),
        lambda: mock.await_state("authenticated"),
    )
    assert (success, shutdown, status.parsed_status) == (True, False, "AUTHENTICATED")
    assert login.wanted == 0
    assert "reauthenticating" in caplog.text
    assert handler.get_status().parsed_status == "AUTHENTICATED", "and IBeam's own initialise call did not undo it"


def test_competing_session_is_logged_out(process, http, caplog):
    caplog.set_level(logging.INFO, logger="ibeam")
    mock, login = process(COMPETING), Login()
    success, shutdown, status = strategy(mock, http(mock), login).try_authenticating()

    assert "logging out and reauthenticating" in caplog.text
    assert "Gateway logout successful" in caplog.text
    # What it finds after the logout is no session, and its answer to that is to kill the gateway.
    assert (success, shutdown, status.parsed_status) == (False, False, "NO SESSION")
    assert mock.wait() == 0
    assert login.wanted == 0


def test_sso_expired_is_a_matter_for_a_login(process, http):
    mock, login = process(SSO_EXPIRED), Login()
    success, shutdown, status = strategy(mock, http(mock), login).try_authenticating()
    assert (success, shutdown, status.parsed_status) == (False, False, "NO SESSION")
    assert login.wanted == 1


def test_sso_expired_and_somebody_logs_in(process, http):
    mock = process(SSO_EXPIRED)
    handler = http(mock)

    def somebody_logs_in():
        assert handler.validate() is False
        mock.happen(LOGIN)
        mock.advance("4s")
        return handler.validate()

    login = Login(succeeds=somebody_logs_in)
    success, shutdown, status = strategy(mock, handler, login).try_authenticating()
    assert (success, shutdown, status.parsed_status) == (True, False, "AUTHENTICATED")
    assert login.wanted == 1


def test_session_that_expires_while_ibeam_maintains_it(process, http):
    mock, login = process(), Login()
    handler = http(mock)
    ibeam = strategy(mock, handler, login)
    assert ibeam.try_authenticating()[0] is True

    mock.happen(SSO_EXPIRE)
    assert handler.get_status().parsed_status == "NO SESSION"
    assert ibeam.try_authenticating()[0] is False
    assert login.wanted == 1


def test_logout(process, http):
    mock, login = process(), Login()
    handler = http(mock)
    assert handler.logout().read().decode() == '{"status":true}'

    status = handler.get_status()
    assert status.parsed_status == "NO SESSION"
    assert status.response == '{"error":"no session"}'
    strategy(mock, handler, login).try_authenticating()
    assert login.wanted == 1


def test_upstream_dead_looks_like_no_session(process, http, caplog):
    mock, login = process(UPSTREAM_DEAD), Login()
    success, shutdown, status = strategy(mock, http(mock, request_timeout=1), login).try_authenticating()

    assert (status.running, status.session) == (True, False), "a time-out counts as running"
    assert "Connection timeout after 1 seconds" in caplog.text
    assert (success, shutdown, login.wanted) == (False, False, 1)
    assert mock.process.poll() is None, "nor is there a reason to kill the gateway"
