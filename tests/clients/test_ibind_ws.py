"""Why: ibind's websocket client is what many Python programs stream with. It closes and reconnects by itself, on what the
gateway tells it, and on what it does not: each of its reasons is played here.

PyPI ibind, unmodified, verifying TLS against the mock's own authority.
"""

import contextlib

import pytest
from ibind import IbkrClient, IbkrWsClient, IbkrWsKey

from cpgw_mock import ACCOUNT, BROKERAGE_DROP, COMPETING_LOGIN, UPSTREAM_DEAD, eventually

GREETED = "1s"

# websocket-client leaves its socket to the garbage collector when the connection breaks.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def stream(gateway):
    """Starts a client, which must connect; what it is told about the session's state is in `states`."""
    with contextlib.ExitStack() as running:

        def start(scenario="authenticated"):
            mock = gateway(scenario)
            rest = IbkrClient(port=mock.port, cacert=True, auto_register_shutdown=False, timeout=2, max_retries=0)
            client = IbkrWsClient(
                account_id=ACCOUNT,
                port=str(mock.port),
                cacert=mock.ca_file,
                ibkr_client=rest,
                timeout=60.0,
                ping_interval=10,  # the longest that it takes to end
                unsolicited_channels_to_be_queued=[IbkrWsKey.AUTHENTICATION_STATUS, IbkrWsKey.ACCOUNT_UPDATES],
            )
            running.callback(client.shutdown)
            return mock, client

        yield start


def statuses(client):
    """Takes the next that ibind was told."""
    accessor = client.new_queue_accessor(IbkrWsKey.AUTHENTICATION_STATUS)

    def next_one():
        eventually(lambda: not accessor.empty())
        return accessor.get()

    return next_one


def test_it_connects_and_is_told_that_all_is_well(stream):
    mock, client = stream()
    status = statuses(client)
    assert client.start() is True
    mock.advance(GREETED)
    told = status()
    assert (told["connected"], told["authenticated"], told["competing"]) == (True, True, False)

    assert client.send("tic") is True
    eventually(lambda: client._tic_message.get("alive") is True)

    # Its clock stands in March; ibind holds the heartbeat against the machine's.
    mock.advance("10s")
    eventually(lambda: client._last_heartbeat > 0)
    assert client.check_health() is True
    assert client.ready()


@pytest.mark.parametrize("end", ["close", "drop", "reset"])
def test_it_comes_back_after_a_drop(stream, end):
    mock, client = stream()
    status = statuses(client)
    assert client.start() is True
    mock.advance(GREETED)
    assert status()["authenticated"] is True

    mock.do({"send": end})
    mock.await_calls("websocket", 2)
    eventually(client.ready)
    mock.advance(GREETED)
    assert status()["authenticated"] is True


def is_lost_and_won_back(mock, client, status):
    """It hears that it is no longer authenticated, connects again, and is well once it has taken the session."""
    while status().get("authenticated") is not False:
        pass
    mock.await_calls("websocket", 2)
    assert client._authenticated is False

    client._ibkr_client.initialize_brokerage_session(compete=True)
    eventually(client.ready)
    mock.advance(GREETED)
    while status().get("authenticated") is not True:
        pass
    eventually(lambda: client._authenticated is True)
    assert client.ready()


def test_it_comes_back_after_the_session_was_lost(stream):
    """Told so, it closes and connects again; told that all is well again, it stays."""
    mock, client = stream()
    status = statuses(client)
    assert client.start() is True
    mock.advance(GREETED)
    assert status()["authenticated"] is True

    mock.happen(BROKERAGE_DROP)
    is_lost_and_won_back(mock, client, status)


def test_another_login_is_heard_at_once_and_felt_a_minute_later(stream):
    """It looks at `authenticated` alone, which is still true at first: docs/gateway.md#websocket. At the flip it closes
    and connects again; all is well once somebody has taken the session over."""
    mock, client = stream()
    status = statuses(client)
    assert client.start() is True
    mock.advance(GREETED)
    assert status()["authenticated"] is True

    mock.happen(COMPETING_LOGIN)
    while "competing" not in (told := status()):
        pass
    assert told["competing"] is True
    mock.advance("59s")
    assert client.send("tic") is True
    eventually(lambda: client._tic_message.get("alive") is True)
    assert client._authenticated is True and client.ready()

    mock.advance("1s")
    is_lost_and_won_back(mock, client, status)


def test_an_open_socket_says_nothing_about_the_upstream(stream):
    mock, client = stream(UPSTREAM_DEAD)
    client._get_cookie = lambda: None  # its tickle would wait
    assert client.start() is True
    mock.advance("5m")
    assert client.ready()
    assert client._last_heartbeat == 0
