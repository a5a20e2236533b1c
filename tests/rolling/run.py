"""Replaces three replicas on one PostgreSQL one after the other while clients send through all of them, and counts.

    run.py SMSMUX CLIENT=COMMAND...  [--rate N] [--between S]

SMSMUX is the binary. A client is started by its command with `ADDRESS RATE PREFIX` behind it; it sends messages of the texts
PREFIX-0, PREFIX-1 and so on, each with its text as the idempotency key, until its standard input ends, and then prints
{"calls", "repeated", "failed", "slowest"} as JSON. All of them find the replicas by the name smsmux-headless, which
/etc/hosts of a namespace of their own has three addresses of. First the replicas are replaced by SIGTERM, then by SIGKILL. Prints
a table, and exits 1 if a call failed, or a message was sent twice or not at all.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ADDRESSES = ["127.0.0.11", "127.0.0.12", "127.0.0.13"]
NAME = "smsmux-headless"
NOBODY = 65534  # the user of PostgreSQL where root starts it, whom it does not serve
LIMIT = 300  # seconds in which everything that is waited for has happened


class Postgres:
    """A server of Debian's package on a Unix socket in a folder."""

    def __init__(self, folder):
        versions = pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")
        newest = max(versions, key=lambda path: int(path.parts[-3]), default=None)
        if newest is None:
            sys.exit("PostgreSQL is missing: sudo apt-get install -y --no-install-recommends postgresql")
        self.programs, self.folder = newest.parent, folder
        self.user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        if self.user:
            os.chown(folder, NOBODY, NOBODY)
        self.data = f"{folder}/data"
        self.run("initdb", "--auth=trust", "--username=smsmux", "--encoding=UTF8", "--locale=C", "-D", self.data)
        options = f"-k {folder} -c listen_addresses= -c max_connections=50"
        self.run("pg_ctl", "start", "-w", "-D", self.data, "-l", f"{folder}/log", "-o", options)
        self.url = f"host={folder} user=smsmux dbname=postgres"

    def run(self, program, *arguments):
        command = [self.programs / program, *arguments]
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL, **self.user)

    def stop(self):
        self.run("pg_ctl", "stop", "-w", "-m", "fast", "-D", self.data)


class Vendor:
    """The stand-in of smSend, and how often each text arrived there."""

    def __init__(self, smsmux):
        command = [smsmux, "sandbox", "smsend", "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        lines = iter(self.process.stdout.readline, "")
        self.account = ""
        for line in lines:
            self.account += line
            if "curl " in line:
                self.control = line.split("curl ")[1].strip()
                break
        self.texts, self.ended = collections.Counter(), threading.Event()
        # The stand-in remembers the newest 10,000.
        self.collector = threading.Thread(target=self.collect)
        self.collector.start()

    def collect(self):
        while not self.ended.wait(2):
            self.take()

    def take(self):
        request = urllib.request.Request(f"{self.control}/requests", method="DELETE")
        with urllib.request.urlopen(request, timeout=LIMIT) as answer:
            arrived = json.load(answer)
        sends = (request for request in arrived if (request["method"], request["path"]) == ("POST", "/sms"))
        self.texts.update(json.loads(send["body"])["message"] for send in sends)

    def stop(self):
        self.ended.set()
        self.collector.join()
        self.take()
        self.process.terminate()


class Replica:
    """A server at an address of its own."""

    def __init__(self, smsmux, address, port, common, folder):
        self.address = address
        self.config = pathlib.Path(folder, f"{address}.toml")
        self.config.write_text(f'[server]\nlisten = "{address}:{port}"\n{common}')
        self.command = [smsmux, "serve", "--config", self.config]
        self.start()

    def start(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SMSMUX_")}
        self.process = subprocess.Popen(self.command, stderr=subprocess.PIPE, text=True, env=environment)
        said = []
        for line in self.process.stderr:
            said.append(line)
            if "serving address" in line:
                # Its log must not fill the pipe.
                threading.Thread(target=collections.deque, args=(self.process.stderr, 0), daemon=True).start()
                return
        sys.exit(f"a replica does not start: {''.join(said)}")

    def end(self, by):
        self.process.send_signal(by)
        self.process.wait(LIMIT)


class Client:
    """A program that sends."""

    def __init__(self, name, command, address, rate, prefix, hosts):
        self.name, self.prefix = name, prefix
        # A name needs several addresses, and only /etc/hosts is read by all resolvers alike.
        see = f"mount --bind {shlex.quote(str(hosts))} /etc/hosts && exec {command} {address} {rate} {prefix}"
        alone = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--user", "--map-root-user"])
        self.process = subprocess.Popen(
            [*alone, "sh", "-c", see], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def end(self):
        said, _ = self.process.communicate(timeout=LIMIT)
        if self.process.returncode != 0:
            sys.exit(f"the client {self.name} ended with {self.process.returncode}: {said}")
        return json.loads(said.splitlines()[-1])


def free_port():
    """A port that is free at all addresses."""
    while True:
        sockets = [socket.socket() for _ in ADDRESSES]
        try:
            sockets[0].bind((ADDRESSES[0], 0))
            port = sockets[0].getsockname()[1]
            for number, address in enumerate(ADDRESSES[1:], 1):
                sockets[number].bind((address, port))
            return port
        except OSError:
            continue
        finally:
            for one in sockets:
                one.close()


def replace_all(by, replicas, clients, rate, between, hosts, port):
    """Replaces all replicas under load; returns what each client saw."""
    address, each = f"dns:///{NAME}:{port}", max(1, rate // len(clients))
    begun = time.monotonic()
    running = [
        Client(name, command, address, each, f"{by.name}-{name}".lower(), hosts) for name, command in clients.items()
    ]
    time.sleep(between)
    for replica in replicas:
        replica.end(by)
        replica.start()
        print(f"{by.name}: replaced {replica.address}", file=sys.stderr)
        time.sleep(between)
    took = time.monotonic() - begun
    with concurrent.futures.ThreadPoolExecutor() as ends:
        seen = list(ends.map(Client.end, running))
    return [{"client": client, "took": took, **result} for client, result in zip(running, seen)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("smsmux")
    parser.add_argument("clients", nargs="+", metavar="CLIENT=COMMAND")
    parser.add_argument("--rate", type=int, default=500, help="sends a second of all clients together")
    parser.add_argument("--between", type=float, default=8, help="seconds before the next replica is replaced")
    arguments = parser.parse_args()
    # So that what was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    clients = dict(client.split("=", 1) for client in arguments.clients)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as database:
        os.chmod(folder, 0o755)
        hosts, port = pathlib.Path(folder, "hosts"), free_port()
        lines = ["127.0.0.1 localhost", *(f"{address} {NAME}" for address in ADDRESSES)]
        hosts.write_text("".join(f"{line}\n" for line in lines))
        postgres, vendor = Postgres(database), Vendor(arguments.smsmux)
        store = f'[store]\npostgres = "{postgres.url}"\nhash_key = "{"0123456789abcdef" * 2}"\n'
        common = store + vendor.account + "poll = false\n"
        replicas = [Replica(arguments.smsmux, address, port, common, folder) for address in ADDRESSES]
        try:
            rows = [
                (by, row)
                for by in (signal.SIGTERM, signal.SIGKILL)
                for row in replace_all(by, replicas, clients, arguments.rate, arguments.between, hosts, port)
            ]
        finally:
            for replica in replicas:
                replica.end(signal.SIGTERM)
            vendor.stop()
            postgres.stop()
    sys.exit(report(rows, vendor.texts))


def report(rows, texts):
    """Prints the table; returns 1 if anything is wrong."""
    head = ["replaced by", "client", "calls", "calls/s", "failed", "sent twice", "lost", "repeated", "slowest"]
    print("| " + " | ".join(head) + " |\n|" + "---|" * 2 + "---:|" * (len(head) - 2))
    wrong = 0
    for by, row in rows:
        client, calls = row["client"], row["calls"]
        sent = [texts[f"{client.prefix}-{number}"] for number in range(calls)]
        twice, lost = sum(times > 1 for times in sent), sum(times == 0 for times in sent)
        failed = len(row["failed"])
        wrong += twice + lost + failed
        cells = [by.name, client.name, f"{calls:,}", f"{calls / row['took']:.0f}", failed, twice, lost]
        cells += [row["repeated"], f"{row['slowest']:.1f} s"]
        print("| " + " | ".join(map(str, cells)) + " |")
        for text in row["failed"][:5]:
            print(f"    {client.name}: {text}", file=sys.stderr)
    return int(wrong > 0)


if __name__ == "__main__":
    main()
