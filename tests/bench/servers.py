"""The two servers that are compared: how each is run, and what it costs the machine.

nginx answers with the very bytes that cpgw-mock was seen to send: that takes no machine, no journal and no rendering, so
it is the least that a good server can do.
"""

import os
import pwd
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

# Everything here is bounded; a server that needs longer is broken.
WITHIN = 15.0
TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes(pid):
    """A process and its children."""
    pids = [pid]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == pid:
                pids.append(int(entry.name))
    return pids


def cpu_seconds(pid):
    """What one process has used: to the nanosecond where the kernel says so, else in ticks."""
    try:
        threads = [(task / "schedstat").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
        return sum(int(thread.split()[0]) for thread in threads) / 1e9
    except FileNotFoundError:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


def pss_kib(pid, kind):
    """`kind` is Pss or Pss_Anon. A page that several processes map counts in part for each: Pss falls when other programs
    here use the same libraries, Pss_Anon does not."""
    return int(re.search(rf"^{kind}:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)[1])


class Server:
    """One that runs once at a time, always on the same port."""

    name = ""

    def __init__(self, client, folder):
        self.client = client
        self.folder = folder
        self.folder.mkdir()
        self.port = free_port()
        self.log = folder / "log"
        self.process = None

    def command(self):
        raise NotImplementedError

    def environment(self):
        return {name: value for name, value in os.environ.items() if not name.startswith("CPGW_")}

    def url(self):
        return f"https://127.0.0.1:{self.port}/v1/api/tickle"

    def fetch(self):
        """One answer, as it comes over the wire."""
        run = subprocess.run([self.client, "fetch", str(self.port)], capture_output=True, timeout=WITHIN)
        if run.returncode != 0:
            raise RuntimeError(f"{self.name}: {run.stderr.decode()}{self.log.read_text()[-2000:]}")
        return run.stdout

    def measure_start(self):
        """A whole life: milliseconds to the first answer, and from SIGTERM to the end."""
        with self.log.open("w") as log:
            command = [self.client, "start", str(self.port), *self.command()]
            run = subprocess.run(command, stdout=subprocess.PIPE, stderr=log, env=self.environment(), text=True, timeout=60)
        if run.returncode != 0:
            raise RuntimeError(f"{self.name}: {self.log.read_text()[-2000:]}")
        return run.stdout

    def __enter__(self):
        with self.log.open("w") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, env=self.environment())
        try:
            self._await_listener()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _await_listener(self):
        deadline = time.monotonic() + WITHIN
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} does not come up: {self.log.read_text()[-2000:]}")
            time.sleep(0.01)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(WITHIN)
        except subprocess.TimeoutExpired:
            for pid in processes(self.process.pid):
                os.kill(pid, signal.SIGKILL)
            self.process.wait()

    def cpu_seconds(self):
        return sum(cpu_seconds(pid) for pid in processes(self.process.pid))

    def pss_kib(self, kind):
        return sum(pss_kib(pid, kind) for pid in processes(self.process.pid))


class Mock(Server):
    name = "cpgw-mock"

    def __init__(self, client, folder, binary):
        super().__init__(client, folder)
        self.binary = binary
        self.state = folder / "state"
        self.state.mkdir()

    def command(self):
        return [self.binary, "serve", "--port", str(self.port), "--admin-port", "0", "--scenario", "authenticated"]

    def environment(self):
        # The control API listens as well, as it does for everybody, but on a port that is free.
        return {**super().environment(), "XDG_STATE_HOME": str(self.state), "CPGW_ADMIN_PORT": "0"}

    def certificate(self):
        return self.state / "cpgw-mock/leaf.crt", self.state / "cpgw-mock/leaf.key"


# Header lines that nginx writes by itself, or that say how the body is framed.
OWN_LINES = {"server", "date", "connection", "content-type", "content-length", "transfer-encoding"}

# One worker, as cpgw-mock has one thread; sessions are resumed by ticket there as here; a log line says the same,
# and lines leave together after a millisecond there as here.
NGINX_CONFIG = """
{user}
worker_processes 1;
worker_rlimit_nofile 4096;
pid {folder}/pid;
events {{ worker_connections 1024; }}
http {{
    log_format calls '$time_iso8601 $request_method $uri $status';
    access_log {folder}/access.log calls buffer=64k flush=1ms;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server_tokens off;
    keepalive_timeout 1h;
    keepalive_requests 1000000000;
    default_type {content_type};
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_session_tickets on;
        location = /v1/api/tickle {{
            {headers}
            return 200 {body};
        }}
    }}
}}
"""


def quote(text):
    """A string in nginx's configuration. It has no way to say a plain dollar."""
    if "$" in text:
        raise RuntimeError(f"nginx cannot be made to say this: {text}")
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Nginx(Server):
    name = "nginx"

    def __init__(self, client, folder, answer, certificate):
        super().__init__(client, folder)
        headers = [f"add_header {name} {quote(value)};" for name, value in answer.headers if name.lower() not in OWN_LINES]
        root = os.geteuid() == 0
        certificate_file, key_file = certificate
        self.config = folder / "nginx.conf"
        self.config.write_text(
            NGINX_CONFIG.format(
                # As root it would make its worker another user, whose memory need not be ours to see.
                user=f"user {pwd.getpwuid(0).pw_name};" if root else "",
                folder=folder,
                port=self.port,
                certificate=certificate_file,
                key=key_file,
                content_type=quote(answer.header("content-type")),
                headers="\n            ".join(headers),
                body=quote(answer.body.decode()),
            )
        )

    def command(self):
        return ["nginx", "-p", self.folder, "-e", self.folder / "error.log", "-c", self.config, "-g", "daemon off;"]

    def __enter__(self):
        (self.folder / "access.log").unlink(missing_ok=True)
        return super().__enter__()
