"""Packs an assembled folder as an image, without a container engine: an OCI layout in a tar file, the same bytes for the same folder.

    oci.py FOLDER FILE    skopeo copy oci-archive:FILE docker://..., or podman load --input FILE

The configuration is that of the Containerfile beside this script: user, entry point, ports and labels.
"""

import gzip
import hashlib
import io
import json
import os
import pathlib
import platform
import re
import shlex
import sys
import tarfile

TIME = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
HERE = pathlib.Path(__file__).resolve().parent


def entry(name, size=0):
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, TIME, 0o644
    return info


def layer(folder):
    """The folder as a tar file, in the order of its names, owned by root but for the folder of the store."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(folder.rglob("*")):
            info = tar.gettarinfo(path, arcname=str(path.relative_to(folder)))
            owner = 65532 if info.name == "var/lib/smsmux" else 0
            info.uid, info.gid, info.uname, info.gname, info.mtime = owner, owner, "", "", TIME
            with path.open("rb") if info.isreg() else io.BytesIO() as content:
                tar.addfile(info, content if info.isreg() else None)
    return buffer.getvalue()


def settings():
    """What the last stage of the Containerfile says of the image."""
    text = (HERE / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    stage = text.rsplit("\nFROM ", 1)[1]
    commit = os.environ.get("SMSMUX_COMMIT", "unknown")
    found = {"Labels": {}, "Env": ["PATH=/usr/local/bin"], "ExposedPorts": {}}
    for line in stage.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "LABEL":
            found["Labels"].update(part.split("=", 1) for part in shlex.split(rest.replace("$COMMIT", commit)))
        elif word == "ENV":
            found["Env"].append(rest)
        elif word == "EXPOSE":
            found["ExposedPorts"].update({f"{port}/tcp": {} for port in rest.split()})
        elif word in {"ENTRYPOINT", "CMD"}:
            found[word.capitalize()] = json.loads(rest)
        elif word in {"USER", "WORKDIR", "STOPSIGNAL"}:
            found[{"USER": "User", "WORKDIR": "WorkingDir", "STOPSIGNAL": "StopSignal"}[word]] = rest
    return found


def main(folder, file):
    blobs = {}

    def add(content, kind):
        digest = hashlib.sha256(content).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = content
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(content)}

    def add_json(value, kind):
        return add(json.dumps(value, sort_keys=True).encode(), kind)

    tar = layer(pathlib.Path(folder))
    machine = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
    config = settings()
    config_blob = add_json(
        {
            "architecture": machine,
            "os": "linux",
            "config": config,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(tar).hexdigest()}"]},
        },
        "config.v1+json",
    )
    layer_blob = add(gzip.compress(tar, mtime=TIME), "layer.v1.tar+gzip")
    manifest = add_json(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": config_blob,
            "layers": [layer_blob],
            "annotations": config["Labels"],
        },
        "manifest.v1+json",
    )
    version = re.sub(r"[^\w.-]", "-", config["Labels"]["org.opencontainers.image.version"])
    manifest["annotations"] = {"org.opencontainers.image.ref.name": version}
    blobs["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [manifest]}, sort_keys=True).encode()
    blobs["oci-layout"] = b'{"imageLayoutVersion": "1.0.0"}'
    with tarfile.open(file, mode="w") as archive:
        for name, content in sorted(blobs.items()):
            archive.addfile(entry(name, len(content)), io.BytesIO(content))


main(*sys.argv[1:])
