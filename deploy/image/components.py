"""Writes what the program is made of, from cargo's own data: a bill of materials and the licences of the crates in it.

    components.py FOLDER    writes FOLDER/smsmux.cdx.json (CycloneDX 1.5) and FOLDER/THIRD-PARTY.txt.gz

Both have the same bytes for the same Cargo.lock. Crates that only build the program, or only test it, are left out.
"""

import gzip
import json
import pathlib
import re
import subprocess
import sys
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = "x86_64-unknown-linux-gnu"
# The names of files with a licence, and of those that a licence asks to pass on.
LICENCES = ("licen", "copying", "notice", "copyright", "unlicense")


def metadata():
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", TARGET]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def linked(data):
    """The packages that are linked into the program, by id, each with the ids of those that it needs."""
    nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
    # Macros run in the compiler.
    macros = {p["id"] for p in data["packages"] for target in p["targets"] if "proc-macro" in target["kind"]}
    root = data["resolve"]["root"] or next(p["id"] for p in data["packages"] if p["name"] == "smsmux")
    found, left = {}, [root]
    while left:
        package = left.pop()
        if package not in found:
            normal = (dep for dep in nodes[package]["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"]))
            found[package] = sorted(dep["pkg"] for dep in normal if dep["pkg"] not in macros)
            left += found[package]
    return root, found


def bill(packages, root, needs, checksums):
    def component(package, kind):
        name, version = package["name"], package["version"]
        entry = {"type": kind, "bom-ref": reference(package), "name": name, "version": version}
        if package["license"]:
            entry["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
        if checksum := checksums.get((name, version)):
            entry["purl"] = f"pkg:cargo/{name}@{version}"
            entry["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        return entry

    def reference(package):
        return f"{package['name']}@{package['version']}"

    others = sorted((packages[i] for i in needs if i != root), key=lambda p: (p["name"], p["version"]))
    components = [component(package, "library") for package in others]
    dependencies = sorted(
        ({"ref": reference(packages[i]), "dependsOn": sorted(reference(packages[n]) for n in needs[i])} for i in needs),
        key=lambda entry: entry["ref"],
    )
    body = {
        "metadata": {"component": component(packages[root], "application")},
        "components": components,
        "dependencies": dependencies,
    }
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(body, sort_keys=True))
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": f"urn:uuid:{serial}", "version": 1, **body}


def licences(packages, needs):
    """The texts, each once, with the crates that it belongs to."""
    texts = {}
    for package in (packages[i] for i in needs if packages[i]["source"]):
        folder = pathlib.Path(package["manifest_path"]).parent
        files = [file for file in sorted(folder.iterdir()) if file.is_file() and file.name.lower().startswith(LICENCES)]
        name = f"{package['name']} {package['version']} ({package['license'] or 'see the text'})"
        for file in files:
            text = file.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n").strip()
            texts.setdefault(text, set()).add(name)
        if not files:
            texts.setdefault("The package has no text of its licence; its name is above.", set()).add(name)
    line = "=" * 80
    yield "smsmux contains the following crates.\n"
    for text, names in sorted(texts.items(), key=lambda entry: sorted(entry[1])):
        yield f"\n{line}\n" + "\n".join(sorted(names)) + f"\n{line}\n\n{text}\n"


def main(folder):
    data = metadata()
    packages = {package["id"]: package for package in data["packages"]}
    lock = (ROOT / "Cargo.lock").read_text(encoding="utf-8")
    entries = re.findall(r'name = "(.*)"\nversion = "(.*)"\nsource = .*\nchecksum = "(.*)"', lock)
    checksums = {(name, version): checksum for name, version, checksum in entries}
    root, needs = linked(data)
    folder = pathlib.Path(folder)
    document = bill(packages, root, needs, checksums)
    (folder / "smsmux.cdx.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    texts = "".join(licences(packages, needs)).encode()
    # Without a time, which would make other bytes.
    (folder / "THIRD-PARTY.txt.gz").write_bytes(gzip.compress(texts, mtime=0))


main(sys.argv[1])
