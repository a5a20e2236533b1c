"""Jasmin with RabbitMQ and Redis: an HTTP door and a vendor by SMPP. It answers once a message is in RabbitMQ."""

from __future__ import annotations

import pathlib
import re
import shutil
import socket
import string
import time
from urllib.parse import quote, urlencode

import messages
import vendor as vendors
from options import Options
from peers import door
from peers.peer import FILES, GET, VENVS, Peer, fill_in, needed
from programs import Failed, Program, Programs, free_port

LOCK = pathlib.Path("/tmp/jasmind.lock")
PATIENCE = 120
PROMPT = re.compile(rb"(jcli : |> )$")


def program(name: str, folders: str = "/usr/bin:/usr/local/bin") -> pathlib.Path:
    found = shutil.which(name, path=folders)
    return needed(pathlib.Path(found) if found else None, "jasmin", name)


def rabbitmq(programs: Programs, cores: str | None) -> tuple[list[Program], int]:
    """A broker of its own that meets no other on this machine, and its port."""
    folder = programs.folder / "rabbitmq"
    folder.mkdir()
    names, port = free_port(), free_port()
    environment = {
        "HOME": str(folder),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(names),
        "RABBITMQ_NODENAME": "bench@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(folder),
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "env"),
    }
    # Otherwise Erlang starts one that outlives it.
    daemon = programs.start([program("epmd"), "-port", str(names)], names, cores, environment=environment)
    server = program("rabbitmq-server", "/usr/lib/rabbitmq/bin:/usr/sbin:/usr/local/sbin")
    broker = programs.start([server], port, cores, PATIENCE, environment)
    return [daemon, broker], port


def redis(programs: Programs, cores: str | None) -> Program:
    port = free_port()
    line = [str(program("redis-server")), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(programs.folder)]
    return programs.start([*line, "--save", "", "--appendonly", "no"], port, cores)


def configure(port: int, commands: str) -> None:
    """Types the commands at its console, each at a prompt."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as console:
        for line in ["", *commands.splitlines()]:
            console.sendall(f"{line}\r\n".encode())
            said = b""
            while not PROMPT.search(said):
                part = console.recv(65_536)
                if not part:
                    raise Failed(f"Jasmin's console closed after {line!r}: {said.decode()}")
                said += part
            if re.search(rb"error|unknown", said, re.IGNORECASE):
                raise Failed(f"Jasmin's console rejected {line!r}: {said.decode()}")


def bound(vendor: Program) -> None:
    """Waits until it has come to its vendor."""
    for _ in range(10 * PATIENCE):
        if vendors.counts(vendor).connections:
            return
        time.sleep(0.1)
    raise Failed("Jasmin did not bind to its vendor")


def start(programs: Programs, options: Options, delay: str) -> Peer:
    python = needed(VENVS / "jasmin/bin/python", "jasmin", "its virtual environment")
    spec = next(VENVS.glob("jasmin/lib/python*/site-packages/txamqp/specs/standard/amqp0-9-1.stripped.xml"), None)
    if LOCK.exists():
        raise Failed(f"a Jasmin runs on this machine, or one that crashed has left {LOCK}: stop it, or remove the file")
    smpp = free_port()
    vendor = programs.vendor(options.rest, delay, arguments=["--smpp", f"127.0.0.1:{smpp}"])
    cache = redis(programs, options.server)
    broker, amqp = rabbitmq(programs, options.server)
    port, console = free_port(), free_port()
    file = fill_in(
        programs,
        "jasmin.cfg",
        "jasmin",
        port=port,
        jcli=console,
        router=free_port(),
        clients=free_port(),
        smpp=free_port(),
        amqp=amqp,
        redis=cache.port,
        spec=needed(spec, "jasmin", "the description of AMQP"),
    )
    for folder in ("var/log/jasmin", "etc/jasmin/store"):
        (file.parent / folder).mkdir(parents=True)
    line = [str(python), str(python.parent / "jasmind.py"), "-c", str(file)]
    # Its console is what it opens last.
    server = programs.start(line, console, options.server, PATIENCE, {"ROOT_PATH": str(file.parent)})
    configure(console, string.Template((FILES / "jasmin.jcli").read_text()).substitute(smpp=smpp))
    bound(vendor)
    query = urlencode({"username": "bench", "password": "bench", "from": "Acme", "to": "393471234567"})
    url = f"http://127.0.0.1:{port}/send?{query}&content=STAMP{quote(' ' + messages.TEXT)}"
    return Peer(
        [server, cache, *broker], vendor, lambda calls, in_flight: door.get(GET, url, calls, in_flight, options.rest)
    )
