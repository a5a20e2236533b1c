"""What the scenarios need beside the server: a vendor that misbehaves as told, a proxy that cuts a connection, a receiver of
webhooks, and a server of their own that speaks TLS and can be restarted.

    harness.py SMSMUX CONFIGURATION FOLDER

CONFIGURATION has the `[callers]` of that server. Prints the address of the harness and a port where connections are taken and
never answered. Every command is a GET, so that a program needs little to give it:

    /server            the address of the server, whose authority is FOLDER/ca.pem
    /restart           ends that server as an orchestrator does, and starts it again at its address
    /cut/ADDRESS       the address of a proxy to ADDRESS that cuts its first connection when the first reply arrives
    /sent/TEXT         how often the vendor was asked to send a text
    /hooks/NAME        what was posted to /hooks/NAME, once something was: its body, with its headers `webhook-*`

The vendor is LOX24, below /vendor. It rejects the first request with a text that begins with `busy` (429, Retry-After: 1) and
takes those whose text begins with `unknown` without an answer.
"""

import collections
import contextlib
import http.server
import json
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import urllib.parse
import uuid

LOOPBACK = "127.0.0.1"
HEADERS = 1  # the type of the frame that a reply begins with


class Server:
    """An smsmux that speaks TLS, keeps its store and can be restarted."""

    def __init__(self, program: str, callers: str, folder: pathlib.Path, vendor: str) -> None:
        self.program, self.folder, self.process = program, folder, None
        self.address, self.lock = f"{LOOPBACK}:0", threading.Lock()
        self.make_certificate()
        (folder / "harness.toml").write_text(
            f"{callers}\n"
            f'[server]\ntls_certificate = "{folder}/tls.pem"\ntls_key = "{folder}/tls.key"\n'
            f'[store]\npath = "{folder}/harness.db"\nfollow_for = "0s"\n'
            f'[events]\nwebhook_networks = ["{LOOPBACK}/32"]\n'
            f'[accounts.harness]\nvendor = "lox24"\nbase_url = "{vendor}"\ntoken = "1:x"\npoll = false\n'
        )
        (folder / "harness.toml").chmod(0o600)

    def make_certificate(self) -> None:
        """Makes an authority and a certificate of it for this machine."""
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        authority = ["-x509", "-subj", "/CN=scenario", "-keyout", "ca.key", "-out", "ca.pem"]
        names = ["-addext", f"subjectAltName=DNS:localhost,IP:{LOOPBACK}", "-addext", "basicConstraints=critical,CA:FALSE"]
        signed = ["-x509", "-CA", "ca.pem", "-CAkey", "ca.key", "-subj", "/CN=localhost", "-keyout", "tls.key", "-out", "tls.pem"]
        for arguments in (authority, [*signed, *names]):
            command = ["openssl", "req", *key, *arguments]
            subprocess.run(command, cwd=self.folder, check=True, stderr=subprocess.DEVNULL)

    def start(self) -> None:
        command = [self.program, "serve", "--config", "harness.toml", "--listen", self.address]
        self.process = subprocess.Popen(command, cwd=self.folder, stderr=subprocess.PIPE, text=True)
        said = []
        for line in self.process.stderr:
            said.append(line)
            if "serving" in line and "address=" in line:
                self.address = line.split("address=")[1].split()[0]
                break
        else:
            sys.exit("the server of the harness did not start: " + "".join(said))
        # What it logs from here on is read too, so that it never waits for a reader.
        threading.Thread(target=collections.deque, args=(self.process.stderr, 0), daemon=True).start()

    def restart(self) -> None:
        with self.lock:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
            self.start()


class Harness(http.server.BaseHTTPRequestHandler):
    """One request: a command, a request to the vendor or a delivery of a webhook."""

    server_of_its_own: Server
    sent: collections.Counter[str] = collections.Counter()
    delivered: dict[str, tuple[list[tuple[str, str]], bytes]] = {}
    changed = threading.Condition()

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        _, command, *rest = urllib.parse.unquote(self.path).split("/")
        argument = "/".join(rest)
        if command == "server":
            self.answer(200, self.server_of_its_own.address)
        elif command == "restart":
            self.server_of_its_own.restart()
            self.answer(200, "restarted")
        elif command == "cut":
            self.answer(200, cutting(argument))
        elif command == "sent":
            self.answer(200, str(self.sent[argument]))
        elif command == "hooks":
            with self.changed:
                self.changed.wait_for(lambda: argument in self.delivered)
            headers, body = self.delivered[argument]
            self.answer(200, body, headers)
        else:
            self.answer(404, "there is no such command")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        _, place, name = self.path.split("/", 2)
        if place == "hooks":
            headers = [(key, value) for key, value in self.headers.items() if key.lower().startswith("webhook-")]
            with self.changed:
                self.delivered.setdefault(name, (headers, body))
                self.changed.notify_all()
            self.answer(200, "")
            return
        sms = json.loads(body)
        with self.changed:
            self.sent[sms["text"]] += 1
            times = self.sent[sms["text"]]
        if sms["text"].startswith("unknown"):
            close(self.connection)
        elif sms["text"].startswith("busy") and times == 1:
            self.answer(429, "{}", [("retry-after", "1")])
        else:
            self.answer(201, json.dumps({**sms, "uuid": str(uuid.uuid4())}), [("content-type", "application/json")])

    def answer(self, status: int, body: str | bytes, headers: list[tuple[str, str]] = []) -> None:
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in [*headers, ("content-length", str(len(body)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def cutting(address: str) -> str:
    """The address of a proxy that cuts its first connection when the first reply arrives."""
    host, _, port = address.rpartition(":")
    listener = socket.create_server((LOOPBACK, 0))

    def accept() -> None:
        passes = until_reply
        while True:
            client, _ = listener.accept()
            server = socket.create_connection((host, int(port)))
            threading.Thread(target=copy, args=(client, server), daemon=True).start()
            threading.Thread(target=passes, args=(server, client), daemon=True).start()
            passes = copy

    threading.Thread(target=accept, daemon=True).start()
    return f"{LOOPBACK}:{listener.getsockname()[1]}"


def copy(source: socket.socket, target: socket.socket) -> None:
    """Passes on all bytes, and the end."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    close(source, target)


def until_reply(server: socket.socket, client: socket.socket) -> None:
    """Passes on the frames of HTTP/2 before a reply, and cuts the connection there."""
    with server.makefile("rb") as frames, contextlib.suppress(OSError):
        while len(head := frames.read(9)) == 9 and head[3] != HEADERS:
            client.sendall(head + frames.read(int.from_bytes(head[:3], "big")))
    close(server, client)


def close(*connections: socket.socket) -> None:
    """Closes connections that another thread may still read."""
    for connection in connections:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()


def main() -> None:
    program, configuration, folder = sys.argv[1:]
    silent = socket.create_server((LOOPBACK, 0))
    harness = http.server.ThreadingHTTPServer((LOOPBACK, 0), Harness)
    harness.daemon_threads = True
    address = f"http://{LOOPBACK}:{harness.server_port}"
    callers = pathlib.Path(configuration).read_text("utf-8")
    server = Harness.server_of_its_own = Server(program, callers, pathlib.Path(folder).resolve(), f"{address}/vendor")
    server.start()
    print(address, silent.getsockname()[1], flush=True)
    harness.serve_forever()


if __name__ == "__main__":
    main()
