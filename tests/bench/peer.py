"""mountebank: what somebody would take who wants a mock server and has no cpgw-mock.

It is measured where somebody has installed it, in this version, and left out elsewhere:

  npm --prefix build/bench/peer install --ignore-scripts mountebank@2.9.1

CPGW_BENCH_PEER names another folder that holds node_modules.
"""

import json
import os
import shutil
from pathlib import Path

from servers import Server, free_port

VERSION = "2.9.1"


def _package():
    folder = Path(os.environ.get("CPGW_BENCH_PEER") or Path(os.environ["CPGW_BENCH_CLIENT"]).parent / "peer")
    return folder.resolve() / "node_modules/mountebank"


def is_missing():
    """Why it cannot be measured here, or nothing."""
    about = _package() / "package.json"
    if not shutil.which("node"):
        return "Node.js is not installed"
    if not about.exists():
        return "mountebank is not installed (tests/bench/peer.py says how)"
    found = json.loads(about.read_text())["version"]
    return "" if found == VERSION else f"mountebank {found} is installed; wanted: {VERSION}"


class Mountebank(Server):
    """One HTTPS imposter. It records no requests and logs none, which is the least that it can do."""

    name = "mountebank"

    def __init__(self, client, folder, answer, certificate):
        super().__init__(client, folder)
        self.control_port = free_port()
        self.config = folder / "imposters.json"
        certificate_file, key_file = certificate
        imposter = {
            "port": self.port,
            "protocol": "https",
            "cert": Path(certificate_file).read_text(),
            "key": Path(key_file).read_text(),
            "stubs": [
                {
                    "predicates": [{"equals": {"method": "POST", "path": "/v1/api/tickle"}}],
                    "responses": [
                        {
                            "is": {
                                "statusCode": 200,
                                "headers": {"Content-Type": answer.header("content-type"), "Connection": "keep-alive"},
                                "body": answer.body.decode(),
                            }
                        }
                    ],
                }
            ],
        }
        self.config.write_text(json.dumps({"imposters": [imposter]}))

    def command(self):
        options = ["--configfile", self.config, "--port", str(self.control_port), "--host", "127.0.0.1"]
        options += ["--nologfile", "--loglevel", "error", "--pidfile", self.folder / "pid"]
        return ["node", _package() / "bin/mb", "start", *options]
