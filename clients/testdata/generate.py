#!/usr/bin/env python3
"""Writes the golden vectors: each resource message with every field set, in binary and as JSON.

Run by generate.sh. The values say which field they are in, numbers are near their limits, and texts go beyond ASCII.
"""

import pathlib
import sys

from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import FieldDescriptor as F
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool

NUMBERS = {
    F.TYPE_INT32: -(2**31),
    F.TYPE_INT64: 2**53 + 1,
    F.TYPE_UINT32: 2**32 - 1,
    F.TYPE_UINT64: 2**64 - 1,
    F.TYPE_DOUBLE: 0.1,
}


def value(field, depth):
    if field.type == F.TYPE_STRING:
        return f"{field.name} é Ж 😀"
    if field.type == F.TYPE_BYTES:
        return b"\x00\xff" + field.name.encode()
    if field.type == F.TYPE_BOOL:
        return True
    if field.type == F.TYPE_ENUM:
        return field.enum_type.values[-1].number
    if field.type == F.TYPE_MESSAGE:
        return fill(field.message_type, depth + 1)
    return NUMBERS[field.type]


def fill(descriptor, depth=0):
    message = message_factory.GetMessageClass(descriptor)()
    if descriptor.full_name == "google.protobuf.Timestamp":
        message.seconds, message.nanos = 1_700_000_000, 1_000
        return message
    if descriptor.full_name == "google.protobuf.Duration":
        message.seconds, message.nanos = 3_600, 1_000
        return message
    chosen = {oneof.fields[0].name for oneof in descriptor.oneofs}
    for field in descriptor.fields:
        if field.containing_oneof and field.name not in chosen:
            continue
        if field.message_type and field.message_type.GetOptions().map_entry:
            # One entry: the order of more is nobody's promise.
            key, entry = field.message_type.fields_by_name["key"], field.message_type.fields_by_name["value"]
            getattr(message, field.name)[value(key, depth)] = value(entry, depth)
        elif field.is_repeated:
            getattr(message, field.name).extend([value(field, depth), value(field, depth)])
        elif field.type == F.TYPE_MESSAGE:
            getattr(message, field.name).CopyFrom(value(field, depth))
        else:
            setattr(message, field.name, value(field, depth))
    return message


def main(descriptors, folder):
    pool = DescriptorPool()
    names = []
    for file in FileDescriptorSet.FromString(pathlib.Path(descriptors).read_bytes()).file:
        pool.Add(file)
        if file.package == "smsmux.v1":
            names += [m.name for m in file.message_type if not m.name.endswith(("Request", "Response"))]
    for name in sorted(names):
        message = fill(pool.FindMessageTypeByName(f"smsmux.v1.{name}"))
        (folder / f"{name}.binpb").write_bytes(message.SerializeToString(deterministic=True))
        text = json_format.MessageToJson(message, ensure_ascii=False, descriptor_pool=pool)
        (folder / f"{name}.json").write_text(text + "\n")


main(sys.argv[1], pathlib.Path(sys.argv[2]))
