"""Certificates on the command line, and folders that cannot be written: what is wrong is told before anything listens."""

import contextlib
import os
import re
import shutil
import ssl
import subprocess

import pytest

from run_cli import INTERNAL, USAGE, ask, call, is_free, refused, serving

pytestmark = pytest.mark.usefixtures("clean_environment")


# ---- certificates: exit code 2 for those that are named, 6 for those that are made ----


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def pems(tmp_path_factory):
    """Two certificates for localhost with their keys, one key under a passphrase, and a text."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("pems")
    for name in ("a", "b"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                "-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.crt"))  # fmt: skip
    openssl("req", "-x509", "-newkey", "rsa:512", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-keyout", str(folder / "short.key"), "-out", str(folder / "short.crt"))  # fmt: skip
    # Signed by another's key: nobody looks at the hash of a signature of one's own.
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=another",
            "-keyout", str(folder / "another.key"), "-out", str(folder / "another.crt"))  # fmt: skip
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
            "-keyout", str(folder / "weak.key"), "-out", str(folder / "weak.csr"))  # fmt: skip
    openssl("x509", "-req", "-md5", "-days", "2", "-in", str(folder / "weak.csr"),
            "-CA", str(folder / "another.crt"), "-CAkey", str(folder / "another.key"), "-CAcreateserial",
            "-out", str(folder / "weak.crt"))  # fmt: skip
    openssl("pkey", "-in", str(folder / "a.key"), "-aes256", "-passout", "pass:x", "-out", str(folder / "secret.key"))
    (folder / "text").write_text("no PEM\n")
    return folder


def test_a_certificate_of_ones_own(pems):
    with serving("--cert", str(pems / "a.crt"), "--key", str(pems / "a.key")) as server:
        assert server.ca_file is None
        assert ask(server, "/sso/ping", context=ssl.create_default_context(cafile=pems / "a.crt"))[0] == 200
        server.stop()


def test_with_a_certificate_of_ones_own_no_state_folder_is_needed(pems):
    with serving(
        "--cert", str(pems / "a.crt"), "--key", str(pems / "a.key"), XDG_STATE_HOME="/dev/null/none"
    ) as server:
        server.stop()


@pytest.mark.parametrize(
    "certificate, key, why",
    [
        ("a.crt", "b.key", "the key in {key} does not belong to the certificate in {certificate}"),
        ("a.crt", "none", "cannot read {key}: No such file or directory"),
        ("none", "a.key", "cannot read {certificate}: No such file or directory"),
        ("text", "a.key", "{certificate} has no certificate in PEM form"),
        ("a.crt", "text", "{key} has no private key in PEM form"),
        ("a.crt", "secret.key", "{key} is encrypted: a key without a passphrase is wanted"),
        (
            "short.crt",
            "short.key",
            "{certificate}: cannot set up TLS: the certificate's key is too small; wanted RSA with 2048 bits or more, "
            "or P-256",
        ),
        (
            "weak.crt",
            "weak.key",
            "{certificate}: cannot set up TLS: the certificate is signed with too weak a hash; wanted SHA-256",
        ),
    ],
)
def test_a_certificate_that_cannot_be_used_is_wrong_usage(pems, free_port, certificate, key, why):
    certificate, key = pems / certificate, pems / key
    result = call("serve", "--port", str(free_port), "--cert", str(certificate), "--key", str(key))
    refused(
        result, USAGE, "cpgw-mock: " + why.format(certificate=certificate, key=key), "Try 'cpgw-mock serve --help'."
    )
    assert is_free(free_port)


def test_the_authentic_certificate_has_no_authority():
    with serving("--tls", "authentic") as server:
        assert server.ca_file is None
        server.stop()


# ---- the machine would not: exit code 6 ----


def test_a_state_folder_that_cannot_be_made(tmp_path):
    file = tmp_path / "file"
    file.touch()
    refused(
        call("serve", "--port", "0", XDG_STATE_HOME=str(file)),
        INTERNAL,
        f"cpgw-mock: cannot make {file}/cpgw-mock, which is to keep certificates: Not a directory; XDG_STATE_HOME can "
        "name another place",
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folders_without_the_right_to_write(tmp_path):
    tmp_path.chmod(0o500)
    assert "Permission denied" in call("serve", "--port", "0", XDG_STATE_HOME=str(tmp_path)).stderr
    result = call("serve", "--port", "0", "--port-file", str(tmp_path / "port"))
    refused(result, INTERNAL, f"cpgw-mock: cannot write the port file {tmp_path}/port: Permission denied")


@pytest.fixture
def full_disk(tmp_path):
    """A file system without room for one byte more."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("mounting a file system takes a privilege")
    try:
        with contextlib.suppress(OSError), (folder / "filler").open("wb", buffering=0) as filler:
            while filler.write(b"x" * 4096):
                pass
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk(full_disk, free_port):
    result = call("serve", "--port", str(free_port), XDG_STATE_HOME=str(full_disk))
    assert result.returncode == INTERNAL
    assert re.fullmatch(r"cpgw-mock: cannot [^\n]*: No space left on device[^\n]*\n", result.stderr)
    port_file = full_disk / "port"
    refused(
        call("serve", "--port", str(free_port), "--port-file", str(port_file)),
        INTERNAL,
        f"cpgw-mock: cannot write the port file {port_file}: No space left on device",
    )
    assert not [file for file in full_disk.iterdir() if file.name.startswith("port")]
    assert is_free(free_port)
