"""A client's work as a command of its own, for `cpgw-mock exec -- python flows.py FLOW`.

Each flow takes where the gateway is, and whom to trust, from the environment that exec makes, and from nowhere else. It
ends with 0 when the client got what it wanted.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

URL, HOST, PORT = (os.environ[f"CPGW_{name}"] for name in ("URL", "HOST", "PORT"))
API = f"{URL}/v1/api"


def clock_advance(by):
    """The program as a client of itself, which finds the control API in the environment too."""
    subprocess.run([os.environ["CPGW_MOCK"], "clock", "advance", by], stdout=subprocess.DEVNULL, check=True)


def curl(*arguments):
    done = subprocess.run(["curl", "-q", "-sS", "-f", "-m", "20", *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def ibind():
    from ibind import IbkrClient

    return IbkrClient(host=HOST, port=PORT, cacert=True, auto_register_shutdown=False)


def ibeam():
    """IBeam's HTTP handler. It wants the authority in a folder of its own; exec says which file that is."""
    from ibeam.src import var
    from ibeam.src.handlers.http_handler import HttpHandler
    from ibeam.src.handlers.inputs_handler import InputsHandler

    folder = Path(tempfile.mkdtemp(prefix="inputs-", dir="."))
    (folder / "root").mkdir()
    shutil.copy(os.environ["CPGW_CA_FILE"], folder / "cacert.pem")
    (folder / "cacert.jks").touch()
    return HttpHandler(
        inputs_handler=InputsHandler(inputs_dir=str(folder), gateway_dir=str(folder)),
        base_url=URL,
        route_validate=var.ROUTE_VALIDATE,
        route_tickle=var.ROUTE_TICKLE,
        route_logout=var.ROUTE_LOGOUT,
        route_reauthenticate=var.ROUTE_REAUTHENTICATE,
        route_initialise=var.ROUTE_INITIALISE,
        request_timeout=var.REQUEST_TIMEOUT,
    )


def ibeam_strategy(http):
    from ibeam.src import var
    from ibeam.src.handlers.process_handler import ProcessHandler
    from ibeam.src.handlers.strategy_handler import StrategyHandler

    class NoLogin:
        def login(self):
            raise AssertionError("a login was wanted")

    return StrategyHandler(
        http_handler=http,
        login_handler=NoLogin(),
        process_handler=ProcessHandler("", "no such process", var.GATEWAY_STARTUP, http.base_route),
        authentication_strategy=var.AUTHENTICATION_STRATEGY,
        reauthenticate_wait=var.REAUTHENTICATE_WAIT,
        restart_failed_sessions=var.RESTART_FAILED_SESSIONS,
        restart_wait=var.RESTART_WAIT,
        max_reauthenticate_retries=var.MAX_REAUTHENTICATE_RETRIES,
        max_status_check_retries=var.MAX_STATUS_CHECK_RETRIES,
    )


def mcp(work):
    """The npm client; CPGW_TEST_MCP names the package's copy."""
    from mcp_driver import McpClient, McpDriver

    driver = McpDriver(Path(os.environ["CPGW_TEST_MCP"]), Path.cwd())
    client = McpClient(driver, int(PORT))
    try:
        work(client)
    finally:
        client.close()
        driver.close()


# ---- clients that do as they should ----


def curl_looks_around():
    assert '"RESULT":true' in curl(f"{API}/sso/validate")
    assert '"authenticated":true' in curl(f"{API}/iserver/auth/status")
    assert '"session"' in curl("-d", "", f"{API}/tickle")
    assert '"accounts"' in curl(f"{API}/iserver/accounts")
    assert curl("-d", "", f"{API}/logout") == '{"status":true}'


def ibind_works():
    client = ibind()
    assert client.check_health() and client.check_auth_status()
    assert client.receive_brokerage_accounts().data["accounts"]
    assert client.portfolio_accounts().data
    assert client.logout().data == {"status": True}


def ibind_opens_a_session():
    """From sso_only, brokerage_lost or competing alike."""
    client = ibind()
    assert not client.check_auth_status()
    client.initialize_brokerage_session(compete=True)
    assert client.check_health() and client.check_auth_status()


def ibind_works_for_an_hour():
    """A minute between two tickles is its Tickler's own default."""
    client = ibind()
    for _ in range(60):
        client.tickle()
        clock_advance("60s")
    assert client.check_auth_status()


def ibeam_finds_all_well():
    http = ibeam()
    assert http.get_status().parsed_status == "AUTHENTICATED"
    assert ibeam_strategy(http).try_authenticating()[0] is True


def ibeam_wins_the_session_back():
    assert ibeam_strategy(ibeam()).try_authenticating()[0] is True


def ibeam_maintains_for_an_hour():
    """Once a minute is its own default, too."""
    strategy = ibeam_strategy(ibeam())
    for _ in range(60):
        assert strategy.try_authenticating()[0] is True
        clock_advance("60s")


def mcp_works():
    def work(client):
        assert client.call("checkAuthenticationStatus") is True
        assert client.call("request", "GET", "/portfolio/accounts")["data"]
        client.call("tickle")

    mcp(work)


def mcp_wins_the_session_back():
    def work(client):
        assert client.call("checkAuthenticationStatus") is False
        client.call("reauthenticate")
        assert client.call("checkAuthenticationStatus") is True

    mcp(work)


def node_trusts_the_authority():
    """The npm client does not look at certificates; another program in its language may."""
    from mcp_driver import NODE

    script = "fetch(process.argv[1]).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(2))"
    subprocess.run([NODE, "-e", script, f"{API}/iserver/auth/status"], check=True)


# ---- clients that do not ----


def ibind_forgets_to_tickle():
    client = ibind()
    assert client.check_health()
    clock_advance("10m")
    assert not client.check_health()


def ibind_goes_on_after_its_logout():
    client = ibind()
    client.logout()
    for _ in range(10):
        clock_advance("60s")
        client.check_auth_status()


def curl_forgets_the_base_path():
    subprocess.run(["curl", "-q", "-sS", "-m", "20", "-d", "", f"{URL}/tickle"], stdout=subprocess.DEVNULL, check=True)


def curl_trusts_nobody():
    environment = {name: value for name, value in os.environ.items() if name not in ("CURL_CA_BUNDLE", "SSL_CERT_FILE")}
    command = ["curl", "-q", "-sS", "-m", "20", f"{API}/tickle"]
    sys.exit(subprocess.run(command, env=environment, stderr=subprocess.DEVNULL).returncode)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
