"""smsmux itself, as everywhere in the benchmark."""

from __future__ import annotations

import functools

import h2load
from options import Options
from peers import door
from peers.peer import Peer
from programs import Programs


def start(programs: Programs, options: Options, delay: str) -> Peer:
    vendor = programs.vendor(options.rest, delay)
    server = programs.smsmux(vendor, options.server, binary=options.gateway)
    send = functools.partial(door.grpc, server.url, h2load.SEND)
    return Peer([server], vendor, lambda calls, in_flight: send(calls, in_flight, options.rest))
