"""`store`: what the memory of smsmux costs: no store, SQLite with and without flushes, PostgreSQL.

h2load sends the same headers with every call, so the calls have no idempotency key: each is recorded with its message and its outcome,
and none waits for a flush."""

from __future__ import annotations

import contextlib
import os
import pathlib
import sqlite3
import statistics
import subprocess
import time

import compare
from options import Options
from programs import Failed, Program, Programs
from say import Progress, figure, spread, table

OFF = "no store"
LEVELS = (1, 64, 256)
HASH_KEY = "0123456789abcdef0123456789abcdef"
NOBODY = 65_534
"""Whom PostgreSQL serves when this runs as root."""
STARTS = 5
ROW = 1_000
"""Bytes of a message in the big file."""
IDS_BEGIN = 1_735_689_600
"""The ids of writes count milliseconds from here, seconds since 1970, above their last 22 bits."""
KEPT = 20 * 86_400
"""Seconds: the messages of the big file are as old as that, and none is too old to be kept."""


def postgres(programs: Programs) -> str | None:
    """Starts a server, and returns its connection string; nothing where PostgreSQL is not installed."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        return None
    folder = programs.folder / "postgres"
    folder.mkdir()
    who: dict[str, int] = {}
    if os.geteuid() == 0:
        # Down to the folder itself.
        programs.folder.chmod(0o755)
        os.chown(folder, NOBODY, NOBODY)
        who = {"user": NOBODY, "group": NOBODY}

    def run(program: str, *arguments: str) -> None:
        line = [found[-1].with_name(program), *arguments]
        with (programs.folder / "postgres.log").open("ab") as log:
            done = subprocess.run(line, stdout=log, stderr=log, cwd=folder, check=False, **who)
        if done.returncode:
            raise Failed(f"{program} failed:\n{(programs.folder / 'postgres.log').read_text()}")

    data, log = str(folder / "data"), str(folder / "log")
    run("initdb", "--auth=trust", "--username=smsmux", "--encoding=UTF8", "--locale=C", "-D", data)
    run("pg_ctl", "start", "-w", "-D", data, "-l", log, "-o", f"-k {folder} -c listen_addresses=")
    programs.callback(run, "pg_ctl", "stop", "-w", "-m", "fast", "-D", data)
    return f"host={folder} user=smsmux dbname=postgres"


def stores(programs: Programs) -> dict[str, str]:
    """The keys of each store's section, by its name in the tables."""
    found = {OFF: "enabled = false"}
    found["SQLite"] = f'path = "{programs.folder}/disk.db"'
    found["SQLite, durability process"] = f'path = "{programs.folder}/process.db"\ndurability = "process"'
    if url := postgres(programs):
        found["PostgreSQL"] = f'postgres = "{url}"\nhash_key = "{HASH_KEY}"'
    return found


def flush_time(folder: pathlib.Path) -> float:
    """Milliseconds of a flush of this disk after 8 KiB were appended: the median."""
    took = []
    with (folder / "flush").open("wb", buffering=0) as file:
        for _ in range(50):
            file.write(bytes(8192))
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took)


def throughput(options: Options, progress: Progress) -> str:
    """A table for each number of calls in flight."""
    text = []
    with Programs() as programs:
        vendor = programs.vendor(options.rest)
        flush = flush_time(programs.folder)
        servers: dict[compare.Key, Program] = {
            ("plain", name): programs.smsmux(vendor, options.server, binary=options.gateway, store=store)
            for name, store in stores(programs).items()
        }
        for level in LEVELS:
            found = compare.interleaved(
                servers, level, options.few_rounds, options.rest, progress.step, options.quick
            )
            without, rows = found["plain", OFF], []
            for (_, name), samples in found.items():
                row = [name, *(figure(compare.median(samples, what)) for what in ("rate", "p50", "p99", "cpu"))]
                row.append(f"{compare.median(samples, 'resident'):.1f}")
                row += [spread(compare.ratio(samples, without, what)) if name != OFF else "" for what in ("rate", "cpu")]
                rows.append(row)
            head = ["store", "calls/s", "p50 ms", "p99 ms", "CPU µs a call", "RSS MiB", "calls/s ÷ without", "CPU ÷ without"]
            text += [f"#### Stores, {level:,} in flight", table(head, rows)]
    text.append(f"A flush of this disk took {flush:.2f} ms (the median of 50). CPU is smsmux's alone, PostgreSQL's server not counted.")
    return "\n\n".join(text)


def fill(path: pathlib.Path, size: float) -> None:
    """Has a store of so many GB, by messages that look like those of a month."""
    with contextlib.closing(sqlite3.connect(path)) as store:
        store.execute("PRAGMA journal_mode = WAL")
        store.execute("PRAGMA synchronous = OFF")
        store.execute("INSERT OR IGNORE INTO name (text) VALUES ('bench')")
        count, oldest = int(size * 1e9 / (ROW + 120)), int(time.time()) - KEPT - IDS_BEGIN
        store.execute(
            """INSERT INTO write (id, account, caller, method, owner, state, message_id, message_state, body)
               WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
               SELECT (?2 + n * ?3 / ?1 << 22) + n % 4096, 1, 1, 1, 1, 2, hex(randomblob(16)), 7, zeroblob(?4) FROM n""",
            (count, oldest * 1000, KEPT * 1000, ROW),
        )
        # As a server that was never stopped has left it.
        store.execute("UPDATE meta SET value = (SELECT max(id) FROM write) WHERE key = 'keys_removed_to'")
        store.commit()
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def starts(options: Options, progress: Progress) -> str:
    """Memory and readiness, with an empty store and with a big file."""
    rows = []
    with Programs() as programs:
        vendor = programs.vendor(options.rest)
        path = programs.folder / "start.db"
        store = f'path = "{path}"'
        for name in ("empty", "big"):
            if name == "big":
                fill(path, 0.02 if options.quick else options.gigabytes)
            ready, idle = [], []
            for _ in range(STARTS):
                server = programs.smsmux(vendor, options.server, binary=options.gateway, store=store)
                ready.append(server.ready * 1000)
                time.sleep(0.2)
                idle.append(server.use().resident / 2**20)
                server.stop()
            size = sum(file.stat().st_size for file in path.parent.glob("start.db*")) / 1e9
            rows.append([f"{size:.2f} GB", figure(statistics.median(ready)), f"{statistics.median(idle):.1f}"])
            progress.step(f"{rows[-1][0]}: ready in {rows[-1][1]} ms, {rows[-1][2]} MiB")
    return f"#### Starts with a store\n\n{table(['file', 'ready ms', 'idle RSS MiB'], rows)}"


def measure(options: Options) -> str:
    """All tables."""
    progress = Progress((options.few_rounds + 1) * len(LEVELS) * 4 + 2)
    return f"{throughput(options, progress)}\n\n{starts(options, progress)}"
