"""The crowd of abuse.py for a short while, with dice that fall alike each time."""

import subprocess
import sys
from pathlib import Path

SECONDS, SEED = 20, 1


def test_a_crowd_leaves_nothing_behind():
    command = [sys.executable, Path(__file__).with_name("abuse.py"), "--seconds", str(SECONDS), "--seed", str(SEED)]
    assert subprocess.run(command).returncode == 0
