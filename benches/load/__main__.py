"""Measures smsmux; `--help` says what and how."""

from __future__ import annotations

import resource
import signal
import sys

import compare
import comparison
import http2
import instructions
import machine
import options as command_line
import peers
import programs
import pushes
import readme
import rules
import scale
import stores
import targets
from options import Options
from say import note

FILES = 25_000
"""Sockets of 10,000 calls in flight on both sides, and some."""


def check(options: Options) -> None:
    """Nothing is begun that cannot be ended."""
    measured = options.command in ("compare", "all")
    # The streams of `scale` and `push` are opened by a client in Python.
    others = {"scale": ["bare", "python"], "instructions": ["bare"], "http2": ["bare"], "push": ["python"]}
    others["all"] = ["bare", "python"]
    names = [name for name in options.only if name != "smsmux"] if measured else []
    names += others.get(options.command, [])
    tools = ["h2load"] + ([] if options.free else ["taskset"])
    tools += ["valgrind"] if options.command in ("instructions", "rules", "all") else []
    gateways = [options.gateway, *(options.baseline if measured else [])]
    if found := programs.missing(dict.fromkeys(names), gateways, tools):
        raise programs.Failed("\n".join(found))
    if options.write and measured:
        readme.check()


def allow_files() -> None:
    """As many open files as the system gives: the programs inherit it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def run(options: Options, arguments: list[str]) -> bool:
    """Measures what was asked for; whether what it is held against holds."""
    good = True
    if options.command in ("instructions", "all"):
        figures = instructions.measure(options)
        print(instructions.report(figures))
        good = instructions.judge(figures, arguments, options.write)
        if options.write:
            readme.write_at("instructions", instructions.report(figures), options, arguments)
    if options.command in ("compare", "all"):
        found = comparison.measure(options)
        tables = comparison.tables(found, options)
        recorded = instructions.recorded()
        print(f"\n{tables}\n\n#### Targets\n\n{targets.targets(found, recorded, colours=True)}")
        if not options.free and not options.quick and (why := comparison.disturbed(found.of(compare.JUDGED))):
            note(why)
        if options.write:
            readme.write_compare(found, tables, targets.targets(found, recorded, colours=False), options, arguments)
    if options.command in ("http2", "all"):
        tables = http2.measure(options)
        print(f"\n{tables}")
        if options.write:
            readme.write_at("http2", tables, options, arguments)
    if options.command in ("scale", "all"):
        tables = scale.measure(options)
        print(f"\n{tables}")
        if options.write:
            readme.write_at("scale", tables, options, arguments)
    if options.command in ("push", "all"):
        tables = pushes.measure(options)
        print(f"\n{tables}")
        if options.write:
            readme.write_at("push", tables, options, arguments)
    if options.command == "store":
        tables = stores.measure(options)
        print(f"\n{tables}")
        if options.write:
            readme.write_at("store", tables, options, arguments)
    if options.command == "rules":
        tables = rules.measure(options)
        print(f"\n{tables}")
        if options.write:
            readme.write_at("rules", tables, options, arguments)
    if options.command == "peers":
        tables = peers.measure(options)
        print(f"\n{tables}")
        if options.write:
            readme.write_at("peers", f"{tables}\n\n{machine.description()}", options, arguments)
    if options.quick:
        note("These figures mean nothing: --quick only shows that it runs.")
    return good


def main() -> int:
    arguments = sys.argv[1:]
    options = command_line.parse(arguments)
    # What was started is stopped, however this ends.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        check(options)
        allow_files()
        return 0 if run(options, arguments) else 1
    except programs.Failed as failure:
        print(f"bench: {failure}", file=sys.stderr)
    except KeyboardInterrupt:
        print("bench: stopped", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
