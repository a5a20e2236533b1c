"""Makes the API reference, one page of HTML from the protos, the cookbook and the support table of vendors.md, and the
error catalogue.

Usage: generate.py ROOT OUTPUT, a folder that gets reference/index.html and errors/REASON.md
"""

import html
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodOptions,
    ServiceDescriptorProto,
)
from google.protobuf.unknown_fields import UnknownFieldSet
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

import errors
import snippets

PACKAGE = "smsmux.v1"
# The number of the option `secret` of an RPC.
SECRET = 50501
# The number of the option `google.api.field_behavior` of a field, and what its values are called here.
FIELD_BEHAVIOR = 1052
BEHAVIORS = {2: "required", 3: "output only", 4: "input only", 5: "immutable"}


@dataclass
class Section:
    """A service with the types of its file; or, without a service, types that several use."""

    name: str = ""
    comment: str = ""
    methods: list = field(default_factory=list)
    messages: list = field(default_factory=list)
    enums: list = field(default_factory=list)

    @property
    def summary(self):
        return self.comment.split("\n\n")[0]


class Comments:
    """The comments of a file, by the path of what they stand above."""

    def __init__(self, file: FileDescriptorProto):
        self.by_path = {tuple(place.path): place.leading_comments for place in file.source_code_info.location}

    def at(self, *path: int) -> str:
        return "\n".join(line.removeprefix(" ") for line in self.by_path[path].strip("\n").split("\n")).strip()


def descriptors(root: Path) -> list[FileDescriptorProto]:
    """The files of the package, and what they import."""
    with tempfile.NamedTemporaryFile() as output:
        protos = sorted((root / "proto/smsmux/v1").glob("*.proto"))
        protoc = [sys.executable, "-m", "grpc_tools.protoc", f"-I{root / 'proto'}"]
        options = ["--include_imports", "--include_source_info", f"--descriptor_set_out={output.name}"]
        subprocess.run([*protoc, *options, *protos], check=True)
        return list(FileDescriptorSet.FromString(output.read()).file)


def type_name(of: FieldDescriptorProto, maps: dict[str, DescriptorProto]) -> str:
    if of.type_name in maps:
        key, value = maps[of.type_name].field
        return f"map<{type_name(key, maps)}, {type_name(value, maps)}>"
    return of.type_name.removeprefix(".") or FieldDescriptorProto.Type.Name(of.type).removeprefix("TYPE_").lower()


def behaviors(of: FieldDescriptorProto) -> list[str]:
    stated = [option.data for option in UnknownFieldSet(of.options) if option.field_number == FIELD_BEHAVIOR]
    # One value each, or all of them packed.
    values = [value for data in stated for value in ([data] if isinstance(data, int) else data)]
    return [BEHAVIORS[value] for value in values if value in BEHAVIORS]


def message(of: DescriptorProto, comments: Comments, path: tuple[int, ...]) -> dict:
    maps = {f".{PACKAGE}.{of.name}.{nested.name}": nested for nested in of.nested_type if nested.options.map_entry}
    fields, seen = [], set()
    for at, one in enumerate(of.field):
        in_oneof = one.HasField("oneof_index") and not one.proto3_optional
        oneof = None
        if in_oneof and one.oneof_index not in seen:
            seen.add(one.oneof_index)
            oneof = {"name": of.oneof_decl[one.oneof_index].name, "comment": comments.at(*path, 8, one.oneof_index)}
        repeated = one.label == one.LABEL_REPEATED and one.type_name not in maps
        label = "optional" if one.proto3_optional else "repeated" if repeated else ""
        fields.append(
            {
                "name": one.name,
                "label": label,
                "type": type_name(one, maps),
                "behaviors": behaviors(one),
                "comment": comments.at(*path, 2, at),
                "oneof": oneof,
                "in_oneof": in_oneof,
            }
        )
    return {"name": of.name, "comment": comments.at(*path), "fields": fields}


def enum(of: EnumDescriptorProto, comments: Comments, path: tuple[int, ...]) -> dict:
    values = [
        {"name": one.name, "number": one.number, "comment": comments.at(*path, 2, at)} for at, one in enumerate(of.value)
    ]
    return {"name": of.name, "comment": comments.at(*path), "values": values}


def part(of: dict) -> dict:
    """A request or a response; "Request for `X`." goes without saying."""
    comment = re.sub(r"^(Request for|Response of) `\w+`\.\s*", "", of["comment"])
    return of | {"remark": comment}


def methods(
    of: ServiceDescriptorProto, comments: Comments, messages: dict[str, dict], examples: dict, vendors: dict
) -> list[dict]:
    """The methods of a service, whose requests and responses are taken out of the messages."""
    found = []
    for at, one in enumerate(of.method):
        if (of.name, one.name) not in examples:
            sys.exit(f"reference: docs/cookbook.md has no call of {of.name}.{one.name}")
        if f"{of.name}.{one.name}" not in vendors:
            sys.exit(f"reference: the support table of docs/vendors.md has no {of.name}.{one.name}: see CONTRIBUTING.md")
        reads = one.options.idempotency_level == MethodOptions.NO_SIDE_EFFECTS
        secret = any(option.field_number == SECRET and option.data for option in UnknownFieldSet(one.options))
        found.append(
            {
                "name": one.name,
                "comment": comments.at(6, 0, 2, at),
                "kind": "read" if reads else "write",
                "secret": secret,
                "streams": one.server_streaming,
                "vendors": vendors[f"{of.name}.{one.name}"],
                "examples": examples[of.name, one.name],
                "request": part(messages.pop(one.input_type.rpartition(".")[2])),
                "response": part(messages.pop(one.output_type.rpartition(".")[2])),
            }
        )
    return found


def cookbook(page: str) -> dict[tuple[str, str], str]:
    """The first shell block after each `**Method**`, by service and method."""
    examples = {}
    for section in re.split(r"^## ", page, flags=re.M)[1:]:
        for name, block in re.findall(r"^\*\*(\w+)\*\*.*?^```sh\n(.*?)^```", section, re.M | re.S):
            examples[section.split("\n")[0], name] = block.rstrip("\n")
    return examples


def support(page: str) -> dict[str, str]:
    """The vendors that have a method, in words."""
    rows = re.findall(r"^\| (?:RPC|\w+\.\w+) .*$", page, re.M)
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    vendors = rows[0][1:]
    found = {}
    for name, *cells in rows[1:]:
        having = [vendor for vendor, cell in zip(vendors, cells, strict=True) if cell]
        found[name] = "every account" if len(having) == len(vendors) else ", ".join(having)
    return found


def prose(links: dict[str, str]):
    """Comments as HTML: paragraphs, `code`, and links from names that this page has."""
    names = re.compile(r"(`[^`]+`)|\b(%s)\b" % "|".join(sorted(links, key=len, reverse=True)))

    def piece(found: re.Match) -> str:
        text = found[1].strip("`") if found[1] else found[2]
        shown = f"<code>{text}</code>" if found[1] else text
        return f'<a href="#{links[text]}">{shown}</a>' if text in links else shown

    def render(comment: str) -> Markup:
        paragraphs = re.split(r"\n\n+", comment)
        paragraphs = [re.sub(r"\n(?=Code [A-Z])", "<br>\n", html.escape(text, quote=False)) for text in paragraphs]
        return Markup("\n".join(f"<p>{names.sub(piece, text)}</p>" for text in paragraphs if text))

    return render


def breakable(name: str) -> Markup:
    """A long name that may be broken between its words."""
    return Markup(re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=_)", "<wbr>", str(escape(name))))


def link_type(known: set[str]):
    def render(name: str) -> Markup:
        short = name.removeprefix(f"{PACKAGE}.").removeprefix("google.protobuf.")
        return Markup(f'<a href="#{short}">{breakable(short)}</a>') if short in known else escape(short)

    return render


def main(root: Path, output: Path) -> None:
    page = (root / "docs/cookbook.md").read_text()
    examples, files = cookbook(page), descriptors(root)
    code = snippets.snippets(files, page)
    snippets.verify(files, page, code)
    examples = {key: {"grpcurl": example} | code[key] for key, example in examples.items()}
    vendors = support((root / "docs/vendors.md").read_text())
    sections, types = [], set()
    for file in (file for file in files if file.package == PACKAGE):
        comments = Comments(file)
        messages = {one.name: message(one, comments, (4, at)) for at, one in enumerate(file.message_type)}
        enums = [enum(one, comments, (5, at)) for at, one in enumerate(file.enum_type)]
        section = Section()
        types |= {*messages, *(one["name"] for one in enums)}
        if file.service:
            service = file.service[0]
            section = Section(service.name, comments.at(6, 0), methods(service, comments, messages, examples, vendors))
        section.messages, section.enums = list(messages.values()), enums
        sections.append(section)
    reasons = next(one for section in sections for one in section.enums if one["name"] == "ErrorReason")
    services = sorted((section for section in sections if section.name), key=lambda section: section.name)
    rest = [section for section in sections if not section.name]
    shared = Section(
        messages=[one for section in rest for one in section.messages],
        enums=[one for section in rest for one in section.enums if one is not reasons],
    )
    # Not from names of messages: `Contact` and `Group` are also words at the head of a sentence.
    links = {one["name"].removeprefix("ERROR_REASON_"): one["name"] for one in reasons["values"][1:]}
    for code in ("INTERNAL", "DEADLINE_EXCEEDED"):
        # Codes of gRPC, where a comment names them.
        del links[code]
    links |= {method["name"]: f"{section.name}.{method['name']}" for section in services for method in section.methods}
    links |= {section.name: section.name for section in services}
    folder = Path(__file__).parent
    jinja = Environment(
        loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    jinja.filters |= {"prose": prose(links), "type": link_type(types), "breakable": breakable}
    style = Markup((folder / "style.css").read_text())
    page = jinja.get_template("page.html").render(services=services, shared=shared, errors=reasons, style=style)
    for folder in ("reference", "errors"):
        (output / folder).mkdir(parents=True)
    (output / "reference/index.html").write_text(re.sub(r"\n\s*\n+", "\n", page).rstrip() + "\n")
    for reason, text in errors.catalogue((root / "docs/errors.md").read_text(), reasons).items():
        (output / f"errors/{reason}.md").write_text(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
