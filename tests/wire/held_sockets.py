"""What the kernel says about the server's side of one client's connection."""

from pathlib import Path

# As /proc/net/tcp has them. In these the process holds the connection; the others are the kernel's own farewells.
HELD = {"01": "ESTABLISHED", "08": "CLOSE-WAIT"}


def _port(address):
    return int(address.rpartition(":")[2], 16)


def _fields(server_port, client_port):
    """What the kernel knows of the server's end, or None when there is none."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not Path(table).exists():
            continue
        for line in Path(table).read_text().splitlines()[1:]:
            _, local, remote, *fields = line.split()
            if (_port(local), _port(remote)) == (server_port, client_port):
                return fields
    return None


def held(server_port, client_port):
    """How the server holds the connection, or None when it does not."""
    fields = _fields(server_port, client_port)
    return HELD.get(fields[0]) if fields else None


def unsent(server_port, client_port):
    """How many bytes the kernel has from the server that the client has not taken."""
    fields = _fields(server_port, client_port)
    return int(fields[1].split(":")[0], 16) if fields else 0
