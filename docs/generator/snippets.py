"""Makes the calls of cookbook.md in Python, Go, TypeScript and Java: the same request in the words of each client.

Usage: snippets.py ROOT OUTPUT, a folder that gets a program in Go, TypeScript and Java with all of the calls, for their compilers
"""

import base64
import json
import re
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import groupby
from pathlib import Path

from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import ParseDict
from google.protobuf.message_factory import GetMessageClass

WIDTH = 88
INDENT = {"Python": "    ", "Go": "\t", "TypeScript": "  ", "Java": "    "}
# What the clients call the services.
ATTRIBUTES = {
    "AccountService": "accounts",
    "AliasService": "aliases",
    "AuthService": "auth",
    "CampaignService": "campaigns",
    "ConsentService": "consents",
    "ContactService": "contacts",
    "EventService": "events",
    "GroupService": "groups",
    "InboxService": "inbox",
    "MessageService": "messages",
    "NumberService": "numbers",
    "ServerService": "server",
    "StopListService": "stop_list",
    "SubaccountService": "subaccounts",
}


@dataclass
class Call:
    """A call of the cookbook: its request as JSON, in which a variable is `$NAME`, and the variable in a header."""

    service: str
    method: str
    request: dict
    credential: str = ""


@dataclass
class Group:
    """Items between brackets, on one line if they fit."""

    open: str
    items: list
    close: str
    # What stands between items and, where there is one, after the last one.
    comma: str = ","
    pad: str = ""
    # Whether the values of keys stand below each other, as gofmt has them.
    aligned: bool = False


def calls(cookbook: str) -> tuple[dict[tuple[str, str], Call], dict[str, str]]:
    """The first call of each method, and what the page's variables are called here."""
    names = {name: field for name, field in re.findall(r"^(\w+)=\$\(.*?\| field (\w+)\)", cookbook, re.M | re.S)}
    variables = {name: f"{name.lower()}_name" if field == "name" else snake(field) for name, field in names.items()}
    found = {}
    call = re.compile(r"grpcurl (?P<options>[^']*?)(?:-d '(?P<data>.*?)' )?127\.0\.0\.1:50051 smsmux\.v1\.(?P<service>\w+)/(?P<method>\w+)", re.S)
    for one in call.finditer(re.sub(r"'(\$\w+)'", r"\1", cookbook)):
        credential = re.search(r'"smsmux-credential: (\$\w+)"', one["options"])
        parsed = Call(one["service"], one["method"], json.loads(one["data"] or "{}"), credential[1] if credential else "")
        found.setdefault((parsed.service, parsed.method), parsed)
    return found, variables


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def camel(name: str, digits: bool = True) -> str:
    """`a_b1c` as `aB1C`; without `digits`, as `aB1c`."""
    name = re.sub(r"_+(\w)", lambda found: found[1].upper(), name)
    return re.sub(r"(\d)([a-z])", lambda found: found[1] + found[2].upper(), name) if digits else name


def pascal(name: str) -> str:
    name = camel(name)
    return name[:1].upper() + name[1:]


def layout(node, step: str, depth: int = 0, before: int = 0) -> str:
    """Writes a node; `before` is what stands before it in its line."""
    if isinstance(node, str):
        return node
    if isinstance(node, tuple):
        head, value, tail = node
        return head + layout(value, step, depth, before + len(head)) + tail
    flat = [layout(item, step, depth, 0) for item in node.items]
    line = node.open + node.pad + (f"{node.comma} ".join(flat) if node.comma else "".join(flat)) + node.pad + node.close
    if not node.items:
        return node.open + node.close
    if "\n" not in line and before + depth * len(step.expandtabs(4)) + len(line) <= WIDTH:
        return line
    inner = step * (depth + 1)
    items = [inner + layout(item, step, depth + 1) + node.comma for item in node.items]
    items = aligned(items) if node.aligned else items
    end = node.close if not node.comma and node.close.startswith(".") else f"{step * depth}{node.close}"
    # A chain of calls ends below its items.
    if end == node.close and not node.comma:
        end = inner + node.close
    return node.open + "\n" + "\n".join(items) + "\n" + end


def aligned(lines: list[str]) -> list[str]:
    """Pads keys to the longest one of the lines around. An item of several lines stands for itself."""
    done = []
    for alone, run in groupby(lines, lambda line: "\n" in line):
        parts = [line.partition(": ") for line in run]
        width = 0 if alone else max(len(key) for key, *_ in parts)
        done += [f"{(key + ':').ljust(width + 1)} {value}" for key, _, value in parts]
    return done


class Language:
    """Writes a request. What a field takes is known by its descriptor."""

    name: str

    def __init__(self, messages: dict, variables: dict[str, str]):
        self.messages, self.variables = messages, variables

    def text(self, text: str) -> str:
        if text.startswith("$"):
            name = self.variables[text[1:]]
            return name if self.name == "Python" else camel(name)
        return json.dumps(text, ensure_ascii=False)

    def fields(self, of, value: dict):
        """The fields that are set, with their values."""
        known = {field.name: field for field in of.field}
        return [(known[name], content) for name, content in value.items()]

    def value(self, field, content):
        """One value; of a repeated field, one element."""
        kind = field.type
        if kind == field.TYPE_MESSAGE:
            name = field.type_name.removeprefix(".")
            if name == "google.protobuf.Timestamp":
                return self.time(content)
            if name == "google.protobuf.Duration":
                return self.duration(int(content.removesuffix("s")))
            return self.message(self.messages[field.type_name], content)
        if kind == field.TYPE_ENUM:
            return self.enum(field.type_name.rpartition(".")[2], content)
        if kind == field.TYPE_BYTES:
            return self.bytes(base64.b64decode(content).decode())
        if kind == field.TYPE_STRING:
            return self.text(content)
        if kind == field.TYPE_BOOL:
            return self.boolean(content)
        return self.number(field, content)

    def boolean(self, content: bool) -> str:
        return str(content).lower()

    def number(self, field, content) -> str:
        return str(content)

    def write(self, node, depth: int = 0, before: int = 0) -> str:
        return layout(node, INDENT[self.name], depth, before)

    def is_map(self, field) -> bool:
        entry = self.messages.get(field.type_name)
        return entry is not None and entry.options.map_entry

    def entries(self, field, content: dict):
        value = self.messages[field.type_name].field[1]
        return [(self.text(key), self.value(value, one)) for key, one in content.items()]


class Python(Language):
    name = "Python"

    def message(self, of, value):
        items = [(f"{field.name}=", self.of_field(field, content), "") for field, content in self.fields(of, value)]
        return Group(f"{of.name}(", items, ")")

    def of_field(self, field, content):
        if self.is_map(field):
            return Group("{", [(f"{key}: ", one, "") for key, one in self.entries(field, content)], "}")
        if field.label == field.LABEL_REPEATED:
            return Group("[", [self.value(field, one) for one in content], "]")
        return self.value(field, content)

    def boolean(self, content):
        return str(content)

    def enum(self, name, value):
        return value

    def bytes(self, text):
        return f"b{json.dumps(text)}"

    def time(self, text):
        time = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return f"datetime({time.year}, {time.month}, {time.day}, {time.hour}, tzinfo=timezone.utc)"

    def duration(self, seconds):
        return f"timedelta(seconds={seconds})"

    def call(self, call: Call, rpc) -> str:
        method = f"client.{ATTRIBUTES[call.service]}.{call.method}"
        request = self.message(self.messages[rpc.input_type], call.request)
        if rpc.server_streaming:
            return self.write(("for answer in ", Group("client.watch(", [method, request], ")"), ":")) + "\n    print(answer)"
        more = [f'metadata=[("smsmux-credential", {self.text(call.credential)})]'] if call.credential else []
        return "response = " + self.write(Group(f"{method}(", [request, *more], ")"), before=len("response = "))


class Go(Language):
    name = "Go"

    def message(self, of, value):
        items = []
        for field, content in self.fields(of, value):
            name, one = pascal(field.name), self.of_field(field, content)
            if field.HasField("oneof_index") and not field.proto3_optional:
                oneof = pascal(of.oneof_decl[field.oneof_index].name)
                items.append((f"{oneof}: ", Group(f"&smsmux.{of.name}_{name}{{", [(f"{name}: ", one, "")], "}"), ""))
            else:
                items.append((f"{name}: ", one, ""))
        return Group(f"&smsmux.{of.name}{{", items, "}", aligned=True)

    def of_field(self, field, content):
        if self.is_map(field):
            return Group("map[string]string{", [(f"{key}: ", one, "") for key, one in self.entries(field, content)], "}")
        if field.label == field.LABEL_REPEATED:
            return Group(f"[]{self.type(field)}{{", [self.value(field, one) for one in content], "}")
        one = self.value(field, content)
        if field.proto3_optional and field.type == field.TYPE_ENUM:
            return f"{one}.Enum()"
        return f"proto.{pascal(self.type(field))}({one})" if field.proto3_optional and field.type != field.TYPE_MESSAGE else one

    def type(self, field) -> str:
        short = field.type_name.rpartition(".")[2]
        if field.type == field.TYPE_MESSAGE:
            return f"*smsmux.{short}"
        numbers = {field.TYPE_INT32: "int32", field.TYPE_INT64: "int64", field.TYPE_DOUBLE: "float64"}
        names = {field.TYPE_STRING: "string", field.TYPE_BOOL: "bool", **numbers}
        return f"smsmux.{short}" if field.type == field.TYPE_ENUM else names[field.type]

    def enum(self, name, value):
        return f"smsmux.{name}_{value}"

    def bytes(self, text):
        return f"[]byte({json.dumps(text)})"

    def time(self, text):
        time = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return f"timestamppb.New(time.Date({time.year}, {time.month}, {time.day}, {time.hour}, 0, 0, 0, time.UTC))"

    def duration(self, seconds):
        return f"durationpb.New({seconds} * time.Second)"

    def call(self, call: Call, rpc) -> str:
        method = f"client.{pascal(ATTRIBUTES[call.service])}.{call.method}"
        request = self.message(self.messages[rpc.input_type], call.request)
        if rpc.server_streaming:
            head = "for answer, err := range "
            return self.write((head, Group("smsmux.Watch(", ["ctx", method, request], ")"), " {")) + "\n\tfmt.Println(answer, err)\n}"
        before = ""
        if call.credential:
            before = f'ctx = metadata.AppendToOutgoingContext(ctx, "smsmux-credential", {self.text(call.credential)})\n'
        head = "response, err := "
        return before + head + self.write((f"{method}(ctx, ", request, ")"), before=len(head))


class TypeScript(Language):
    name = "TypeScript"

    def message(self, of, value):
        items = []
        for field, content in self.fields(of, value):
            name, one = camel(field.name, digits=False), self.of_field(field, content)
            if field.HasField("oneof_index") and not field.proto3_optional:
                oneof = camel(of.oneof_decl[field.oneof_index].name, digits=False)
                name, one = oneof, Group("{", [f'case: "{name}"', ("value: ", one, "")], "}", pad=" ")
            items.append((f"{name}: ", one, "") if name != one else name)
        return Group("{", items, "}", pad=" ")

    def of_field(self, field, content):
        if self.is_map(field):
            return Group("{", [(f"{key}: ", one, "") for key, one in self.entries(field, content)], "}", pad=" ")
        if field.label == field.LABEL_REPEATED:
            return Group("[", [self.value(field, one) for one in content], "]")
        return self.value(field, content)

    def enum(self, name, value):
        return f"{name}.{value.removeprefix(snake(name).upper() + '_')}"

    def number(self, field, content):
        return f"{content}n" if field.type == field.TYPE_INT64 else str(content)

    def bytes(self, text):
        return f"new TextEncoder().encode({json.dumps(text)})"

    def time(self, text):
        return f'timestampFromDate(new Date("{text}"))'

    def duration(self, seconds):
        return f"{{ seconds: {seconds}n }}"

    def call(self, call: Call, rpc) -> str:
        method = f"client.{camel(ATTRIBUTES[call.service])}.{call.method[0].lower()}{call.method[1:]}"
        request = self.message(self.messages[rpc.input_type], call.request)
        if rpc.server_streaming:
            head = "for await (const answer of "
            return self.write((head, Group("client.watch(", [method, request], ")"), ") {")) + "\n  console.log(answer);\n}"
        more = [f'{{ headers: {{ "smsmux-credential": {self.text(call.credential)} }} }}'] if call.credential else []
        head = "const response = await "
        arguments = (f"{method}(", request, ");") if not more else (Group(f"{method}(", [request, *more], ")"))
        return head + (self.write(arguments, before=len(head)) + (";" if more else ""))


class Java(Language):
    name = "Java"

    def message(self, of, value, end=""):
        items = []
        for field, content in self.fields(of, value):
            name = pascal(field.name)
            if self.is_map(field):
                items += [(f".put{name}({key}, ", one, ")") for key, one in self.entries(field, content)]
            elif field.label == field.LABEL_REPEATED:
                items += [(f".add{name}(", self.value(field, one), ")") for one in content]
            else:
                items.append((f".set{name}(", self.value(field, content), ")"))
        return Group(f"{of.name}.newBuilder()", items, end, comma="")

    def enum(self, name, value):
        return f"{name}.{value}"

    def bytes(self, text):
        return f"ByteString.copyFromUtf8({json.dumps(text)})"

    def time(self, text):
        return f'Timestamp.newBuilder().setSeconds(Instant.parse("{text}").getEpochSecond())'

    def duration(self, seconds):
        return f"Duration.newBuilder().setSeconds({seconds})"

    def call(self, call: Call, rpc) -> str:
        service, method = f"client.{camel(ATTRIBUTES[call.service])}()", f"{call.method[0].lower()}{call.method[1:]}"
        request = self.message(self.messages[rpc.input_type], call.request, ".build()")
        before = f"var request = {self.write(request, before=len('var request = '))};\n"
        if rpc.server_streaming:
            return f"{before}try (var answers = client.watch({service}::{method}, request)) {{\n    answers.forEach(System.out::println);\n}}"
        if call.credential:
            before += (
                "var headers = new Metadata();\n"
                f'headers.put(Metadata.Key.of("smsmux-credential", Metadata.ASCII_STRING_MARSHALLER), {self.text(call.credential)});\n'
            )
            service = f"{service}\n    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))\n    "
        return f"{before}var response = {service}.{method}(request);"


LANGUAGES = (Python, Go, TypeScript, Java)


def indexed(files) -> dict:
    """The messages of files by their names in descriptors."""
    found = {}
    for file in files:
        for message in file.message_type:
            found[f".{file.package}.{message.name}"] = message
            found |= {f".{file.package}.{message.name}.{nested.name}": nested for nested in message.nested_type}
    return found


def snippets(files, cookbook: str) -> dict[tuple[str, str], dict[str, str]]:
    """The code of each method's call, by language."""
    found, variables = calls(cookbook)
    messages = indexed(files)
    rpcs = {(service.name, rpc.name): rpc for file in files for service in file.service for rpc in service.method}
    return {
        key: {language.name: language(messages, variables).call(call, rpcs[key]) for language in LANGUAGES}
        for key, call in found.items()
    }


class Recorder:
    """A client that makes no call, and keeps the request."""

    def __init__(self):
        self.request = None

    def __getattr__(self, name):
        return self

    def __call__(self, request, **_):
        self.request = request
        return self

    def watch(self, method, request):
        self.request = request
        return []


def verify(files, cookbook: str, code: dict) -> None:
    """Runs the code in Python, and compares its requests with those of the cookbook."""
    found, variables = calls(cookbook)
    pool = DescriptorPool()
    for file in files:
        pool.Add(file)
    names = {name: f"${name}" for name in variables.values()}
    scope = {"datetime": datetime, "timedelta": timedelta, "timezone": timezone} | names
    for file in (file for file in files if file.package == "smsmux.v1"):
        scope |= {value.name: value.number for enum in file.enum_type for value in enum.value}
        scope |= {one.name: GetMessageClass(pool.FindMessageTypeByName(f"smsmux.v1.{one.name}")) for one in file.message_type}
    for key, call in found.items():
        client = Recorder()
        exec(code[key]["Python"], scope | {"client": client})  # noqa: S102
        named = re.sub(r'"\$(\w+)"', lambda name: f'"${variables[name[1]]}"', json.dumps(call.request))
        if client.request != ParseDict(json.loads(named), type(client.request)()):
            sys.exit(f"reference: the example of {'.'.join(key)} is not that of the cookbook: {client.request}")


# What stands before the calls of a program, and what a call of it is in.
HEADS = {
    "Go": """package examples

import (
\t"context"
\t"fmt"
\t"time"

\tsmsmux "github.com/smsmux/smsmux/clients/go"
\t"google.golang.org/grpc/metadata"
\t"google.golang.org/protobuf/proto"
\t"google.golang.org/protobuf/types/known/durationpb"
\t"google.golang.org/protobuf/types/known/timestamppb"
)

""",
    "TypeScript": """import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Client } from "./client.js";
import { EventType, ConsentOrigin, CreditSource, MailingListState, Purpose } from "./gen/smsmux/v1/index.js";

""",
    "Java": """import com.google.protobuf.*;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.smsmux.Client;
import io.smsmux.v1.*;
import java.time.Instant;

final class Examples {
""",
}
FUNCTIONS = {
    "Go": "func {name}(ctx context.Context, client *smsmux.Client, {variables} string) {{\n{code}\n}}\n",
    "TypeScript": "export async function {name}(client: Client, {typed}) {{\n{code}\n}}\n",
    "Java": "static void {name}(Client client, {texts}) {{\n{code}\n}}\n",
}
FILES = {"Go": "examples.go", "TypeScript": "examples.ts", "Java": "Examples.java"}


def indented(code: str, step: str) -> str:
    return "\n".join(step + line for line in code.split("\n"))


def program(language: str, code: dict, variables: list[str]) -> str:
    """All calls in one language, each in a function, for its compiler."""
    text = HEADS[language]
    for (service, method), texts in sorted(code.items()):
        called = texts[language]
        if language == "Go" and "response, err :=" in called:
            called += "\nfmt.Println(response, err)"
        text += FUNCTIONS[language].format(
            name=f"{service}{method}",
            variables=", ".join(variables),
            typed=", ".join(f"{name}: string" for name in variables),
            texts=", ".join(f"String {name}" for name in variables),
            code=indented(called, INDENT[language]),
        )
    return text + ("}\n" if language == "Java" else "")


if __name__ == "__main__":
    from generate import descriptors

    root, output = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    page = (root / "docs/cookbook.md").read_text()
    all_code = snippets(descriptors(root), page)
    for language, file in FILES.items():
        variables = sorted({camel(name) for name in calls(page)[1].values()})
        (output / file).write_text(program(language, all_code, variables))
