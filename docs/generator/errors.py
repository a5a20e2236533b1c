"""Makes the error catalogue: a page for each reason, from the tables of errors.md and the comments of the proto."""

import re

SENT = {
    "NOT_SENT": "**`NOT_SENT`: no.** Nothing reached the vendor, so a repeated call sends nothing twice.",
    "REFUSED": "**`REFUSED`: no.** The vendor rejected the request and did not act on it, so a repeated call sends nothing twice.",
    "UNKNOWN": "**`UNKNOWN`: perhaps.** The vendor may have acted on the request, or on an earlier one with the same key or id. Repeat it only "
    "with the `idempotency-key` of the first call; without one, look up the `resource` that the error names.",
    "none": "**No outcome: there was nothing to send.** The call was a read or a stream.",
}
# What has no outcome here may have been a write.
PANIC = "**No outcome: perhaps.** A fault in a write may have come after the request left. Treat it as `UNKNOWN`."


def tables(page: str, heading: str) -> list[list[str]]:
    """The rows of the table that begins with this heading, cell by cell."""
    table = re.search(rf"^\| {heading} \|.*\n\|---.*\n((?:\|.*\n)+)", page, re.M)[1]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()]


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def comment(text: str) -> tuple[str, str]:
    """What happened, and what follows the first code."""
    before, _, rest = text.partition("\nCode ")
    return before, rest.partition(".")[2].strip() if rest else ""


def logged(reason: str, kind: str) -> list[str]:
    if kind == "none":
        return ["The log has no line for it: clients decide how often it happens."]
    fields = 'method="smsmux.v1.MessageService/SendMessage" account="accounts/acme"'
    fields += f' reason="{reason}"' if kind == "refused" else f' ms=12 code=... reason="{reason}"'
    head = "2026-01-31T12:00:00.000000Z  INFO smsmux::gateway::layers::access_log"
    return [
        "The log has a line with the reason for the call. Its `request_id` is the metadata `x-request-id` of the caller's response:",
        f'```text\n{head}: {kind} {fields} request_id="..."\n```',
    ]


def page(reason: str, row: list[str], seen: list[str], text: str) -> str:
    _, code, outcomes, _, to_do = row
    _, log, metric, link = seen
    happened, more = comment(text)
    outcomes = [outcome.strip("` ") for outcome in outcomes.split(",")]
    sent = [PANIC if (reason, outcome) == ("INTERNAL", "none") else SENT[outcome] for outcome in outcomes]
    codes = "".join(word.title() for word in code.split("_"))
    parts = [
        f"# {reason}",
        "<!-- Made by docs/reference.sh from docs/errors.md and error_reason.proto: change those. -->",
        happened,
        f"gRPC code: `{code}`. {more}".strip(),
        "## Was it sent?",
        "\n".join(f"- {line}" for line in sent),
        "## What to do",
        sentence(to_do) + ".",
        *([f"More: {link}."] if link else []),
        "## What the operator sees",
        *logged(reason, log),
        f'`grpc_server_handled_total{{grpc_code="{codes}"}}` counts all calls that ended with this code.',
        *([f"More of this reason: {metric}."] if metric else []),
        "All errors: [errors and outcomes](errors.md#reasons).",
    ]
    return "\n\n".join(parts).replace("](", "](../") + "\n"


def catalogue(markdown: str, enum: dict) -> dict[str, str]:
    """The pages, by their reason."""
    comments = {value["name"].removeprefix("ERROR_REASON_"): value["comment"] for value in enum["values"][1:]}
    name = re.compile(r"\w+")
    rows = {name.search(row[0])[0]: row for row in tables(markdown, "reason")}
    seen = {name.search(row[0])[0]: row for row in tables(markdown, "error")}
    if not rows.keys() == comments.keys() == seen.keys():
        raise SystemExit(f"reference: docs/errors.md and the proto differ: {rows.keys() ^ comments.keys() | rows.keys() ^ seen.keys()}")
    return {reason: page(reason, rows[reason], seen[reason], text) for reason, text in comments.items()}
