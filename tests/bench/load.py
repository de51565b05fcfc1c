"""wrk, run for a while against one URL."""

import json
import os
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent


def run_wrk(name, url, connections, seconds, script="tickle.lua", environment=None):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", HERE / script, url]
    run = subprocess.run(
        command, env={**os.environ, **(environment or {})}, capture_output=True, text=True, timeout=seconds + 30
    )
    if run.returncode != 0:
        raise RuntimeError(f"wrk: {run.stderr}")
    result = json.loads(run.stdout.splitlines()[-1])
    if result["lost"] or not result["requests"]:
        raise RuntimeError(f"{name}: {result['lost']} of {result['requests']} requests went wrong at {connections} connections")
    return result
