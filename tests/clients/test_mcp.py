"""Why: an assistant that trades through the gateway believes whatever its MCP server concludes about the session.

npm interactive-brokers-mcp, unmodified: its compiled IBClient, tools and gateway finder, lent by mcp_driver.mjs.
"""

import pytest

from cpgw_mock import (
    ACCOUNT,
    BROKERAGE_DROP,
    BROKERAGE_LOST,
    COMPETING,
    IP_DENIED,
    SSO_EXPIRE,
    SSO_EXPIRED,
    SSO_ONLY,
    UPSTREAM_DEAD,
    UPSTREAM_DIE,
)
from mcp_driver import Thrown


def test_authenticated(gateway, mcp):
    client = mcp(gateway())
    assert client.call("checkAuthenticationStatus") is True
    assert client.sees_a_gateway() is True

    accounts = client.call("request", "GET", "/portfolio/accounts")
    assert [account["id"] for account in accounts["data"]] == [ACCOUNT]

    client.call("tickle")
    assert client.call("isAuthenticated") is True


def test_brokerage_lost_while_working_is_noticed_by_the_tickle(gateway, mcp):
    mock = gateway()
    client = mcp(mock)
    assert client.call("checkAuthenticationStatus") is True

    mock.happen(BROKERAGE_DROP)
    client.call("tickle")
    assert client.call("isAuthenticated") is False
    assert client.call("checkAuthenticationStatus") is False


def test_brokerage_lost_is_won_back_by_the_official_sequence(gateway, mcp):
    client = mcp(gateway(BROKERAGE_LOST))
    assert client.call("checkAuthenticationStatus") is False
    with pytest.raises(Thrown, match="Authentication required"):
        client.tool("getAccountInfo")

    # validate, status, accounts, ssodh/init, reauthenticate on both bases, tickle by both methods, status.
    client.call("reauthenticate")
    assert client.call("isAuthenticated") is True
    assert client.call("checkAuthenticationStatus") is True


def test_sso_only_is_completed_on_the_first_request(gateway, mcp):
    client = mcp(gateway(SSO_ONLY))
    assert client.call("checkAuthenticationStatus") is False

    accounts = client.call("request", "GET", "/portfolio/accounts")
    assert accounts["data"][0]["id"] == ACCOUNT
    assert client.call("isAuthenticated") is True


def test_competing_session_goes_unseen(gateway, mcp):
    """This client never looks at `competing`; while the gateway still says authenticated, so does it."""
    client = mcp(gateway(COMPETING))
    assert client.call("checkAuthenticationStatus") is True
    assert client.call("request", "GET", "/iserver/accounts")["data"] == {}


def test_competing_session_that_has_won_is_taken_over_again(gateway, mcp):
    mock = gateway(COMPETING)
    client = mcp(mock)
    assert client.call("checkAuthenticationStatus") is True
    mock.advance("60s")
    assert client.call("checkAuthenticationStatus") is False

    # Its ssodh/init is a form, with compete=true in it.
    assert client.call("initializeBrokerageSession") is True
    assert client.call("checkAuthenticationStatus") is True


def test_sso_expired(gateway, mcp):
    mock = gateway(SSO_EXPIRED)
    client = mcp(mock)
    assert client.sees_a_gateway() is True, "it sends no User-Agent, and takes the 403 for a gateway's answer"
    assert client.call("checkAuthenticationStatus") is False
    assert client.call("initializeBrokerageSession") is False

    with pytest.raises(Thrown, match="brokerage session is not authenticated yet") as thrown:
        client.call("request", "GET", "/portfolio/accounts")
    assert thrown.value.means_not_authenticated is True
    with pytest.raises(Thrown, match=f"Authentication required.*{mock.url}"):
        client.tool("getAccountInfo")


def test_sso_expires_while_working(gateway, mcp):
    mock = gateway()
    client = mcp(mock)
    assert client.call("checkAuthenticationStatus") is True

    mock.happen(SSO_EXPIRE)
    assert client.call("checkAuthenticationStatus") is False
    assert client.call("isAuthenticated") is False


def test_logout(gateway, mcp):
    client = mcp(gateway())
    assert client.call("checkAuthenticationStatus") is True

    assert client.call("request", "POST", "/logout")["data"] == {"status": True}
    assert client.call("checkAuthenticationStatus") is False


def test_a_denied_address_has_no_gateway(gateway, mcp):
    client = mcp(gateway(IP_DENIED))
    assert client.sees_a_gateway() is False
    assert client.call("checkAuthenticationStatus") is False


def test_upstream_dies_during_a_request(gateway, mcp):
    mock = gateway()
    client = mcp(mock)
    assert client.call("checkAuthenticationStatus") is True

    mock.happen(UPSTREAM_DIE)
    with pytest.raises(Thrown) as thrown:
        client.call("request", "GET", "/one/user", {"timeout": 1000})
    # It knows that a time-out says nothing about the login.
    assert (thrown.value.name, thrown.value.means_not_authenticated) == ("TimeoutError", False)


def test_upstream_dead_with_the_client_s_stock_patience(gateway, mcp):
    """Thirty seconds, which this client offers no way to shorten. The finder needs ten of them, side by side."""
    client = mcp(gateway(UPSTREAM_DEAD))
    check = client.begin("checkAuthenticationStatus")
    assert client.sees_a_gateway() is True, "the redirect at / is the gateway's own"
    assert client.finish(check, within=150.0) is False
