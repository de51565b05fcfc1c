"""Why: ibind is what many Python programs talk to the gateway with. What it concludes in each state is what they act on.

PyPI ibind, unmodified, verifying TLS against the mock's own authority.
"""

import re

import pytest
from ibind import IbkrClient
from ibind.support.errors import ExternalBrokerError

from cpgw_mock import (
    ACCOUNT,
    BROKERAGE_DROP,
    BROKERAGE_LOST,
    COMPETING,
    COMPETING_LOGIN,
    FRESH,
    IP_DENIED,
    PACED,
    SSO_EXPIRED,
    SSO_ONLY,
    UPSTREAM_DEAD,
    UPSTREAM_RECOVER,
    UPSTREAM_SICK,
    meanwhile,
)


def connect(gateway, **options):
    """A client as in ibind's README: its stock host (127.0.0.1) and base route, trusting whom REQUESTS_CA_BUNDLE names.

    The shutdown hook would outlive the test.
    """
    return IbkrClient(port=gateway.port, cacert=True, auto_register_shutdown=False, **options)


def refusal(call):
    """The HTTP status that ibind blames on the broker."""
    with pytest.raises(ExternalBrokerError) as caught:
        call()
    return caught.value.status_code


def test_authenticated(gateway):
    client = connect(gateway())

    assert client.check_health() is True
    assert client.check_auth_status() is True
    assert client.validate().data["RESULT"] is True
    assert re.fullmatch("[0-9a-f]{32}", client.tickle().data["session"])

    assert client.receive_brokerage_accounts().data["selectedAccount"] == ACCOUNT
    assert [account["accountId"] for account in client.portfolio_accounts().data] == [ACCOUNT]


def test_brokerage_lost_while_working_and_won_back_by_a_new_brokerage_session(gateway):
    mock = gateway()
    client = connect(mock)
    assert client.check_health() is True

    mock.happen(BROKERAGE_DROP)
    assert client.check_health() is False
    status = client.authentication_status().data
    assert (status["connected"], status["authenticated"], status["competing"]) == (True, False, False)
    assert refusal(client.receive_brokerage_accounts) == 401
    assert client.validate().data["RESULT"] is True, "the SSO session outlives the brokerage session"

    assert client.initialize_brokerage_session().data["authenticated"] is True
    assert client.check_health() is True
    assert client.check_auth_status() is True


def test_no_bridge_for_a_moment_after_a_new_brokerage_session(gateway):
    mock = gateway(BROKERAGE_LOST)
    client = connect(mock)
    client.initialize_brokerage_session()
    with pytest.raises(ExternalBrokerError, match="400 Bad Request: no bridge"):
        client.receive_brokerage_accounts()

    mock.advance("1s")
    assert client.receive_brokerage_accounts().data["selectedAccount"] == ACCOUNT


def test_brokerage_lost_and_won_back_by_reauthenticating(gateway):
    mock = gateway(BROKERAGE_LOST)
    client = connect(mock)
    assert client.check_auth_status() is False

    assert client.reauthenticate().data == {"message": "triggered"}
    # ibind's own patience: it looks three times, a second apart. This is its first look after the one above.
    first_look = mock.count("auth_status") + 1
    assert meanwhile(
        client.handle_auth_status, lambda: mock.await_calls("auth_status", first_look), lambda: mock.advance("4s")
    )
    assert client.check_health() is True


def test_competing_session_is_taken_over(gateway):
    client = connect(gateway(COMPETING))
    assert client.check_health() is False
    assert client.check_auth_status() is False
    assert client.authentication_status().data["competing"] is True

    client.initialize_brokerage_session(compete=True)
    assert client.check_health() is True
    assert client.authentication_status().data["competing"] is False


def test_competing_login_while_working(gateway):
    mock = gateway()
    client = connect(mock)
    assert client.check_health() is True
    mock.happen(COMPETING_LOGIN)
    assert client.check_health() is False


def test_sso_only_until_a_brokerage_session_is_opened(gateway):
    client = connect(gateway(SSO_ONLY))
    assert client.check_auth_status() is False
    assert client.authentication_status().data["connected"] is False

    client.initialize_brokerage_session()
    assert client.check_auth_status() is True


def test_sso_expired_and_nothing_but_a_login_helps(gateway):
    client = connect(gateway(SSO_EXPIRED))
    assert client.check_health() is False
    assert client.check_auth_status() is False
    assert refusal(client.authentication_status) == 401
    assert refusal(client.initialize_brokerage_session) == 401

    assert client.reauthenticate().data == {"message": "triggered"}, "which promises nothing"
    assert client.handle_auth_status() is False


def test_fresh_gateway_wants_a_login(gateway):
    client = connect(gateway(FRESH))
    assert client.check_health() is False
    assert refusal(client.tickle) == 401
    assert client.reauthenticate().data == {"error": "not logged in"}


def test_logout(gateway):
    client = connect(gateway())
    assert client.check_auth_status() is True

    assert client.logout().data == {"status": True}
    assert client.check_auth_status() is False
    # ibind has no word for a tickle that answers 200 {"error":"no session"}: it calls the data invalid.
    with pytest.raises(AttributeError, match="no session"):
        client.check_health()
    assert refusal(client.initialize_brokerage_session) == 410


def test_logout_and_reauthenticate_as_the_cure_for_a_stuck_session(gateway):
    mock = gateway()
    client = connect(mock)
    client.logout()
    client.reauthenticate()
    mock.advance("89s")
    assert client.check_auth_status() is False
    assert mock.advance("1s") == ["restored"]
    assert client.check_auth_status() is True
    assert client.check_health() is True


def test_upstream_dead(gateway):
    mock = gateway(UPSTREAM_DEAD)
    client = connect(mock, timeout=1, max_retries=0)
    assert client.check_health() is False
    assert client.check_auth_status() is False
    with pytest.raises(TimeoutError, match="Reached max retries"):
        client.tickle()
    assert connect(mock).reauthenticate().data == {"message": "triggered"}, "the gateway itself is alive"


def test_an_outage_shorter_than_the_retries_goes_unnoticed(gateway):
    mock = gateway(UPSTREAM_DEAD)
    client = connect(mock, timeout=2, max_retries=20)
    assert meanwhile(client.check_health, lambda: mock.await_calls("tickle"), lambda: mock.happen(UPSTREAM_RECOVER))


@pytest.mark.parametrize(
    ("scenario", "clock", "status"),
    [(UPSTREAM_SICK, "scaled:60", 503), (PACED, "manual", 429), (IP_DENIED, "manual", 404)],
)
def test_a_refusal_is_not_health(gateway, scenario, clock, status):
    # A sick upstream takes ten seconds to refuse. What ibind makes of that is asked, not how long it waits.
    client = connect(gateway(scenario, clock=clock))
    assert client.check_auth_status() is False
    assert client.check_health() is False
    assert refusal(client.tickle) == status
