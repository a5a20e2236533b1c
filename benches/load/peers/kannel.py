"""Kannel: its two boxes, an HTTP door and a vendor by HTTP. It answers before the vendor has."""

from __future__ import annotations

import pathlib
import shutil
from urllib.parse import quote, urlencode

import messages
from options import Options
from peers import door
from peers.peer import GET, Peer, fill_in, needed
from programs import Programs, free_port

STORES = {
    "none": "",
    "file": "store-type = file\nstore-location = $folder/store",
    "spool": "store-type = spool\nstore-location = $folder/spool",
}
"""Where it keeps what it has accepted; as it comes, nowhere."""


def program(name: str) -> pathlib.Path:
    found = shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    return needed(pathlib.Path(found) if found else None, "kannel", name)


def start(programs: Programs, options: Options, delay: str, store: str = "none", pending: int = 64) -> Peer:
    bearerbox, smsbox = program("bearerbox"), program("smsbox")
    vendor = programs.vendor(options.rest, delay)
    admin, port = free_port(), free_port()
    name = f"kannel-{port}"
    folder = programs.folder / name
    (folder / "spool").mkdir(parents=True)
    file = fill_in(
        programs,
        "kannel.conf",
        name,
        admin=admin,
        port=port,
        box=free_port(),
        reports=free_port(),
        vendor=vendor.port,
        pending=pending,
        store=STORES[store].replace("$folder", str(folder)),
    )
    boxes = [programs.start([bearerbox, file], admin, options.server)]
    boxes.append(programs.start([smsbox, file], port, options.server))
    query = urlencode({"username": "bench", "password": "bench", "from": "Acme", "to": "+393471234567"})
    url = f"http://127.0.0.1:{port}/cgi-bin/sendsms?{query}&text=STAMP{quote(' ' + messages.TEXT)}"
    return Peer(boxes, vendor, lambda calls, in_flight: door.get(GET, url, calls, in_flight, options.rest))
