"""Does what certs/README.md says about trust hold, for every client in it?

Its programs and commands are taken from the page and run as they stand there, against three gateways: one that they are
told to trust, the same one without being told, and one with a certificate that nobody may trust.
"""

import os
import re
import shutil
from pathlib import Path

import pytest

from document import REPOSITORY, Block, Document
from terminal import Terminal

PAGE = Document("certs/README.md")
PINNED = Path(__file__).parent / "rust/Cargo.lock"

# Each section with a program, and the tool that it takes.
SECTIONS = {
    "curl": "curl",
    "Python: requests": "python3",
    "Python: urllib, ssl": "python3",
    "Node.js: fetch": "node",
    "Node.js: https": "node",
    "Java": "javac",
    "Go": "go",
    "Rust": "cargo",
}

# What makes a command of the page trust the authority.
SETTING = re.compile(r'^[A-Z_]+="\$CA" |^keytool .*\n|--cacert "\$CA" |-Djavax\.net\.ssl\.trustStore\S+ ', re.MULTILINE)


def section(heading):
    return [block for block in PAGE.blocks if block.heading == heading]


def commands(heading):
    (block,) = [block for block in section(heading) if block.language == "sh"]
    return block


def lay_out(heading, folder):
    """Writes the section's files."""
    for block in section(heading):
        if block.file:
            (folder / block.file).write_text(block.text, encoding="utf-8")
            if block.file == "Cargo.toml":
                shutil.copy(PINNED, folder)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


def serve(terminal, *options):
    text = " ".join(["exec cpgw-mock serve --port 0", *options])
    return terminal.start(Block("the test", "", "sh", ("background",), f"{text}\n"))


@pytest.fixture(scope="module")
def gateways(home, tmp_path_factory):
    """Where each is. They share one folder of certificates, as a user's gateways do."""
    with Terminal(tmp_path_factory.mktemp("gateways"), home) as terminal:
        modern = serve(terminal)
        authentic = serve(terminal, "--tls authentic")
        assert modern.said["ca_file"] == str(home / ".local/state/cpgw-mock/ca.crt")
        yield {"modern": modern.said["url"], "authentic": authentic.said["url"]}


@pytest.fixture
def terminal(home, tmp_path):
    folder = tmp_path / "reader"
    folder.mkdir()
    with Terminal(folder, home) as opened:
        # What cargo compiles does not depend on this page: once for all runs from one clone.
        if os.access(REPOSITORY / "build", os.W_OK):
            opened.environment.setdefault("CARGO_TARGET_DIR", str(REPOSITORY / "build/cargo"))
        yield opened


def insist_on(tool, environment):
    if shutil.which(tool, path=environment["PATH"]):
        return
    if os.environ.get("CI"):
        pytest.fail(f"{tool} is missing, and script/test should have brought it")
    pytest.skip(f"{tool} is not installed: script/test would bring it")


def assert_refused(ended):
    assert ended.status != 0, ended.said
    assert re.search("certifica", ended.output + ended.errors, re.IGNORECASE), ended.said
    assert "authenticated" not in ended.output, ended.said


def test_every_section_with_a_program_is_run():
    assert {block.heading for block in PAGE.blocks if block.file} < set(SECTIONS)


@pytest.mark.parametrize("heading", SECTIONS)
def test_program_trusts_the_gateway_when_told_to_and_no_other(heading, terminal, gateways):
    insist_on(SECTIONS[heading], terminal.environment)
    folder = Path(terminal.environment["PWD"])
    lay_out(heading, folder)
    told = commands(heading)
    untold = SETTING.sub("", told.text)
    assert untold != told.text, f"{told.place} has no setting that this test knows"

    terminal.environment["CPGW_URL"] = gateways["modern"]
    assert_refused(terminal.try_block(untold))

    terminal.run(commands("Trust"))
    answer = terminal.run(told)
    assert re.search(r"\b200\b", answer.output), answer.said
    assert '"authenticated":true' in answer.output, answer.said

    (folder / "trust.p12").unlink(missing_ok=True)  # keytool refuses to import an alias twice
    terminal.environment["CPGW_URL"] = gateways["authentic"]
    assert_refused(terminal.try_block(told.text))

    if heading == "Rust":
        assert (folder / "Cargo.lock").read_text() == PINNED.read_text(), f"{PINNED} does not fit Cargo.toml any more"
        # The kept build folder keeps only what this package is made of, or it would grow by one program a run.
        terminal.try_block("cargo clean --quiet --package trust\n")


def test_without_a_user_agent_nodes_https_is_refused(terminal, gateways):
    heading = "Node.js: https"
    insist_on(SECTIONS[heading], terminal.environment)
    lay_out(heading, Path(terminal.environment["PWD"]))
    program = Path(terminal.environment["PWD"]) / "trust_https.mjs"
    program.write_text(program.read_text().replace('"User-Agent": "trust_https"', ""))
    terminal.environment["CPGW_URL"] = gateways["modern"]
    terminal.run(commands("Trust"))
    answer = terminal.run(commands(heading))
    assert answer.output.startswith("403 "), answer.said


def test_java_needs_the_stores_password(terminal, gateways):
    insist_on(SECTIONS["Java"], terminal.environment)
    lay_out("Java", Path(terminal.environment["PWD"]))
    terminal.environment["CPGW_URL"] = gateways["modern"]
    terminal.run(commands("Trust"))
    without = commands("Java").text.replace(" -Djavax.net.ssl.trustStorePassword=changeit", "")
    ended = terminal.try_block(without)
    assert ended.status != 0 and "the trustAnchors parameter must be non-empty" in ended.errors, ended.said


def test_variables_turn_verification_off_as_the_page_says(terminal, gateways):
    insist_on("node", terminal.environment)
    lay_out("Node.js: fetch", Path(terminal.environment["PWD"]))
    terminal.environment["CPGW_URL"] = gateways["authentic"]
    ended = terminal.try_block("NODE_TLS_REJECT_UNAUTHORIZED=0 node trust_fetch.mjs\n")
    assert ended.output.startswith("200 "), ended.said


def test_files_are_those_that_the_page_lists(home, gateways):
    folder = home / ".local/state/cpgw-mock"
    listed = {name for row in PAGE.table("file", "what it is") for name in re.findall("`([^`]+)`", row[0])}
    there = {file.name for file in folder.iterdir() if not file.name.startswith(".")}
    assert there == listed
    assert all((folder / name).stat().st_mode & 0o077 == 0 for name in listed if name.endswith(".key"))


def test_own_certificate_new_ones_and_the_authentic_one(tmp_path):
    """The rest of the page, from a home where no gateway has run yet."""
    home, folder = tmp_path / "home", tmp_path / "reader"
    home.mkdir()
    folder.mkdir()
    certificates = home / ".local/state/cpgw-mock"
    with Terminal(folder, home) as terminal:
        terminal.run(commands("Trust"))
        make, serving, ask = section("A certificate of your own")
        terminal.run(make)
        assert terminal.start(serving).said["ca_file"] is None
        assert '"RESULT":true' in terminal.run(ask).output
        assert not certificates.exists()

        serve(terminal)
        first = (certificates / "ca.crt").read_text()
        terminal.run(*section("New ones"))
        assert not certificates.exists()
        serve(terminal)
        assert (certificates / "ca.crt").read_text() != first

        serving, ask = section("As the real gateway")
        assert terminal.start(serving).said["ca_file"] is None
        assert '"RESULT":true' in terminal.run(ask).output
