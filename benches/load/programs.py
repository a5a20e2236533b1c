"""The programs that are measured: how each is started, where it runs, and what it has used."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
TOOLS = pathlib.Path(
    os.environ.get("SMSMUX_TOOLS")
    or pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "smsmux/tools"
)

VENDOR = TARGET / "baselines/release/vendor"
BARE = TARGET / "baselines/release/bare"
SMSMUX = TARGET / "release/smsmux"

PROTOCOLS = {"plain": "HTTP/1.1 in plain text", "tls": "HTTP/1.1 over TLS", "http2": "HTTP/2 over TLS"}
"""What the vendor's stub can speak, and what that is."""

# A key of nobody's, and its hash as `smsmux key new` writes it.
KEY = "smsmux_bench_4YCMAbZsYXrktEWnZ6TPfl7WUryHjAYV0uW0c60h5Dc"
KEY_HASH = "hmac-sha256:gMmgfzas9TxbsE5jF-2LMw:YE0Fbcjsvj_6lCvqxW34l6avl6A8sxj3_U7t_YLNIYY"


class Failed(Exception):
    """A measurement could not be made; the text says why, and what to do."""


NO_STORE = "enabled = false"
"""As the baselines have none."""


def configuration(listen: str, vendor: Program, accounts: int = 1, store: str = NO_STORE) -> str:
    """All that is on in production is on: callers, metrics, one log line for each call. But no store, unless one is
    measured."""
    text = f"""
[server]
listen = "{listen}"

[log]
level = "info"
format = "json"

[metrics]
listen = "127.0.0.1:0"

[store]
{store}

[callers.bench]
accounts = ["*"]
scopes = ["*"]
key = "{KEY_HASH}"
"""
    for account in range(accounts):
        text += f"""
[accounts.{account_id(account)}]
vendor = "smsend"
base_url = "{vendor.url}"
username = "bench"
password = "bench"
poll_interval = "1s"
"""
        text += f'ca_file = "{vendor.certificate}"\n' if vendor.certificate else ""
    return text


def account_id(number: int) -> str:
    """The accounts of the configuration, by number."""
    return "bench" if number == 0 else f"bench-{number}"


def free_port() -> int:
    """A port that nobody listens on, below those that systems give to connections and to listeners that name none."""
    while True:
        port = random.randint(10_000, 32_000)
        with socket.socket() as found, contextlib.suppress(OSError):
            found.bind(("127.0.0.1", port))
            return port


@dataclasses.dataclass
class Use:
    """What a process has used of the machine."""

    cpu: float
    """Seconds of a core."""
    resident: int
    """Bytes."""
    peak: int
    """Bytes, the most there ever were."""


def use(pid: int) -> Use:
    """What a process has used so far, with all its threads."""
    process = pathlib.Path(f"/proc/{pid}")
    cpu = 0
    # Nanoseconds; `stat` counts in ticks of ten milliseconds.
    for thread in process.glob("task/*/schedstat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            cpu += int(thread.read_text().split()[0])
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    # A process that has ended and was not waited for has no memory.
    kibibytes = {key: int(status.get(key, "0 kB").split()[0]) for key in ("VmRSS", "VmHWM")}
    return Use(cpu / 1e9, kibibytes["VmRSS"] * 1024, kibibytes["VmHWM"] * 1024)


class Program:
    """A running server."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, ready: float, log: pathlib.Path) -> None:
        self.process, self.port, self.log = process, port, log
        self.certificate: pathlib.Path | None = None
        """What its clients have to trust; with one it speaks TLS."""
        self.ready = ready
        """Seconds from its start until its port was open."""

    @property
    def url(self) -> str:
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"

    def use(self) -> Use:
        """What it has used so far."""
        return use(self.process.pid)

    def forget_log(self) -> None:
        """Empties its log: a line for each call comes to hundreds of megabytes, and writing those to a disk is felt."""
        os.truncate(self.log, 0)

    def files(self) -> int:
        """How many files and sockets it has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self, patience: float = 30) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Programs(contextlib.ExitStack):
    """Starts programs; at the end of the `with` all are stopped."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = pathlib.Path(self.enter_context(tempfile.TemporaryDirectory(prefix="smsmux-bench-")))

    def start(
        self,
        command: Sequence[str | os.PathLike[str]],
        port: int,
        cores: str | None = None,
        patience: float = 60,
        environment: Mapping[str, str] | None = None,
    ) -> Program:
        """Starts a server that will listen on `port`, on these cores alone where some are named."""
        line = [os.fspath(part) for part in command]
        if cores is not None:
            line = ["taskset", "-c", cores, *line]
        log = self.folder / f"{port}.log"
        begun = time.monotonic()
        # To append, so that the file can be emptied while it is written to.
        with log.open("ab") as output:
            process = subprocess.Popen(
                line,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **(environment or {})},
            )
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if process.poll() is not None or time.monotonic() - begun > patience:
                process.kill()
                raise Failed(f"{' '.join(line)} did not start:\n{log.read_text()}")
            time.sleep(0.001)
        program = Program(process, port, time.monotonic() - begun, log)
        self.callback(program.stop)
        return program

    def vendor(
        self, cores: str | None = None, delay: str = "0s", protocol: str = "plain", arguments: Sequence[str] = ()
    ) -> Program:
        """The stub of a vendor."""
        port = free_port()
        line: list[str | os.PathLike[str]] = [VENDOR, "--listen", f"127.0.0.1:{port}", "--delay", delay, *arguments]
        certificate = self.folder / f"{port}.pem"
        line += ["--tls", certificate] if protocol != "plain" else []
        line += ["--http2"] if protocol == "http2" else []
        vendor = self.start(line, port, cores)
        vendor.certificate = certificate if protocol != "plain" else None
        return vendor

    def smsmux(
        self,
        vendor: Program,
        cores: str | None = None,
        accounts: int = 1,
        binary: pathlib.Path = SMSMUX,
        wrapper: Sequence[str] = (),
        options: str = "",
        store: str = NO_STORE,
        more: str = "",
    ) -> Program:
        """The gateway with everything on; `options` are lines at the beginning of the configuration's [server], `store` are
        those of its [store], `more` are further sections."""
        port = free_port()
        text = configuration(f"127.0.0.1:{port}", vendor, accounts, store)
        text = text.replace("[server]\n", f"[server]\n{options}\n", 1)
        file = self.folder / f"{port}.toml"
        file.write_text(text + more)
        return self.start([*wrapper, binary, "serve", "--config", file], port, cores)

    def baseline(
        self,
        name: str,
        vendor: Program,
        cores: str | None = None,
        wrapper: Sequence[str] = (),
        arguments: Sequence[str] = (),
    ) -> Program:
        """Another program that does the same job with nothing on."""
        port = free_port()
        line = [*wrapper, *baselines()[name], "--listen", f"127.0.0.1:{port}", "--vendor", vendor.url, *arguments]
        # What OpenSSL, Go and rustls, and what Node reads to know whom to trust.
        trust = dict.fromkeys(("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"), str(vendor.certificate))
        return self.start(line, port, cores, environment=trust if vendor.certificate else None)


def baselines() -> dict[str, list[str | os.PathLike[str]]]:
    """How each baseline is started."""
    here = ROOT / "benches/baselines"
    return {
        "bare": [BARE],
        "go": [TOOLS / "bench/go-baseline"],
        "python": [TOOLS / "bench/python/bin/python", here / "python/server.py"],
        "node": ["node", here / "node/server.mjs"],
    }


def missing(names: Iterable[str], gateways: Iterable[pathlib.Path], tools: Iterable[str]) -> list[str]:
    """What is not there of what will be run, each with what brings it."""
    install = "benches/baselines/install.sh"
    rust = "make bench-build"
    brings = {
        "h2load": f"{install} h2load",
        "taskset": "install util-linux, or measure with --free",
        "valgrind": "install it (Debian: apt-get install valgrind)",
    }
    found = [f"{tool} is missing: {brings[tool]}" for tool in tools if not shutil.which(tool)]
    found += [f"{path} is missing: make bench-build, or --gateway PATH" for path in gateways if not path.exists()]
    if not VENDOR.exists():
        found.append(f"the vendor's stub is missing: {rust}")
    for name in names:
        if not shutil.which(baselines()[name][0]):
            found.append(f"the baseline {name} is missing: {rust if name == 'bare' else f'{install} {name}'}")
        elif name == "node" and not (ROOT / "benches/baselines/node/node_modules").exists():
            found.append(f"the packages of the baseline node are missing: {install} node")
    return found
