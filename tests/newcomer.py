#!/usr/bin/env python3
"""Follows docs/quick-start.md word for word as somebody new: a user of its own with an empty home and an empty environment, on a machine
where nothing else listens and no network leads out. What the page shows must be what is printed.

Usage: newcomer.py BINARY

All of it happens in namespaces: the user exists nowhere else, and nothing of this machine is changed. Anyone but root is the newcomer
under the own name.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs/quick-start.md"
INSIDE = "SMSMUX_NEWCOMER_INSIDE"
IS_ROOT = os.environ.get(INSIDE) == "root" or INSIDE not in os.environ and os.geteuid() == 0


def enter() -> None:
    """Goes on in namespaces."""
    as_root = [] if IS_ROOT else ["--map-root-user"]
    namespaces = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    os.environ[INSIDE] = "root" if IS_ROOT else "other"
    os.execvp("unshare", ["unshare", *as_root, *namespaces, sys.executable, *sys.argv])


class Newcomer:
    def __init__(self, binary: Path):
        self.work = Path(tempfile.mkdtemp())
        run("mount", "-t", "tmpfs", "tmpfs", str(self.work))
        run("ip", "link", "set", "lo", "up")
        self.home = self.work / "home"
        self.home.mkdir()
        self.user = []
        if IS_ROOT:
            for folder in ("upper", "scratch"):
                (self.work / folder).mkdir()
            layers = f"lowerdir=/etc,upperdir={self.work}/upper,workdir={self.work}/scratch"
            run("mount", "-t", "overlay", "overlay", "-o", layers, "/etc")
            run("mount", "-t", "tmpfs", "tmpfs", "/run")
            run("useradd", "--home-dir", str(self.home), "newcomer")
            shutil.chown(self.home, "newcomer", "newcomer")
            self.user = ["setpriv", "--reuid", "newcomer", "--regid", "newcomer", "--init-groups", "--reset-env"]
        # Where `cargo install` puts it, and rustup the path to it.
        programs = self.home / ".cargo/bin"
        programs.mkdir(parents=True)
        shutil.copy(binary, programs / "smsmux")
        self.environment = {"HOME": str(self.home), "PATH": f"{programs}:/usr/bin:/bin", "LANG": "C.UTF-8"}

    def terminal(self, command: str) -> list[str]:
        environment = [f"{name}={value}" for name, value in self.environment.items()]
        return [*self.user, "env", "-i", *environment, "bash", "-c", command]

    def paste(self, command: str, code: int = 0) -> str:
        """Runs a command to its end, and returns what it prints."""
        print(f"$ {command}", flush=True)
        ended = subprocess.run(
            self.terminal(command), cwd=self.home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if ended.returncode != code:
            sys.exit(f"newcomer: {command} ended with {ended.returncode}:\n{ended.stdout}")
        return ended.stdout

    def start(self, command: str) -> subprocess.Popen:
        """Starts a command that goes on, and waits until it serves."""
        print(f"$ {command} &", flush=True)
        server = subprocess.Popen(self.terminal(f"exec {command}"), cwd=self.home, stderr=subprocess.PIPE, text=True)
        seen = []
        for line in server.stderr:
            seen.append(line)
            if " serving " in line:
                # Or the pipe fills up.
                subprocess.Popen(["cat"], stdin=server.stderr, stdout=subprocess.DEVNULL)
                return server
        sys.exit(f"newcomer: {command} does not serve:\n{''.join(seen)}")

    def write(self, path: str, text: str) -> None:
        file = Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def run(*command: str) -> None:
    subprocess.run(command, check=True)


def timeless(text: str) -> list[str]:
    return [re.sub(r"\d{4}-\d{2}-\d{2}T[\d:.]+Z", "TIME", line.rstrip()) for line in text.rstrip("\n").split("\n")]


def sandbox(newcomer: Newcomer, page: str) -> None:
    blocks = re.findall(r"^```(sh|console)\n(.*?)^```", page, re.M | re.S)
    server, commands = None, 0
    for language, text in blocks:
        if language == "sh":
            server = newcomer.start(text.strip())
            continue
        for command in text.removeprefix("$ ").split("\n$ "):
            command, _, shown = command.rstrip("\n").partition("\n")
            printed = newcomer.paste(command)
            if shown and timeless(printed) != timeless(shown):
                sys.exit(f"newcomer: the page shows\n{shown}\nand {command} prints\n{printed}")
            commands += 1
    if server is None or commands < 5:
        sys.exit("newcomer: the page has no server, or too few commands")
    server.terminate()
    if server.wait() != 0:
        sys.exit(f"newcomer: the sandbox ended with {server.returncode}")


def production(newcomer: Newcomer, page: str) -> None:
    command = re.search(r"^ *(smsmux key new .*)$", page, re.M)[1]
    lines = newcomer.paste(command)
    key = re.search(r'^key = "(.*)"$', lines, re.M)[1]
    configuration = re.search(r"^```toml\n(.*?)^```", page, re.M | re.S)[1].replace("hmac-sha256:...", key)
    if not IS_ROOT:
        for folder in ("/etc/smsmux", "/run/secrets"):
            configuration = configuration.replace(folder, f"{newcomer.home}{folder}")
    certificate, private, secret = (re.search(rf'{name} = "(.*?)"', configuration)[1] for name in ("tls_certificate", "tls_key", "file"))
    newcomer.write(secret, "hunter2\n")
    Path(certificate).parent.mkdir(parents=True, exist_ok=True)
    named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"]
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", *named]
    subprocess.run([*made, "-keyout", private, "-out", certificate], check=True, capture_output=True)
    Path(private).chmod(0o644)
    newcomer.write(f"{newcomer.home}/smsmux.toml", configuration)
    newcomer.paste("smsmux check")
    server = newcomer.start("smsmux serve")
    newcomer.paste(f"smsmux health localhost:50051 --ca {certificate}")
    server.terminate()
    if server.wait() != 0:
        sys.exit(f"newcomer: the server ended with {server.returncode}")


if __name__ == "__main__":
    if INSIDE not in os.environ:
        enter()
    began = time.monotonic()
    page = PAGE.read_text()
    newcomer = Newcomer(Path(sys.argv[1]).resolve())
    sandbox(newcomer, page)
    production(newcomer, page)
    print(f"newcomer: followed {PAGE.name} in {time.monotonic() - began:.0f} s")
