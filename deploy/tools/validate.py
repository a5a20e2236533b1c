"""Holds manifests against the schemas of a version of Kubernetes, and against rules of our own.

    validate.py VERSION FILE
"""

import sys

import kubernetes_validate
import yaml

# Kinds that operators add: no schema of Kubernetes has them.
FOREIGN = {"ServiceMonitor", "PrometheusRule"}


def problems(document, version):
    kind = document["kind"]
    if kind not in FOREIGN:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{'.'.join(map(str, error.path))}: {error.message}"
        except kubernetes_validate.SchemaNotFoundError as error:
            yield error.message
    if kind == "Secret":
        yield "secrets are given by reference only"
    if kind == "Pod":
        yield from of_pod(document["spec"])
    elif kind in {"Deployment", "StatefulSet"}:
        spec = document["spec"]["template"]["spec"]
        yield from of_pod(spec)
        environment = {entry["name"]: entry.get("value", "") for entry in spec["containers"][0]["env"]}
        drain = sum(int(environment[f"SMSMUX_SERVER_DRAIN_{part}"].rstrip("s")) for part in ("DELAY", "TIMEOUT"))
        if spec["terminationGracePeriodSeconds"] <= drain:
            yield "terminationGracePeriodSeconds is not longer than the drain"


def of_pod(spec):
    """The rules of the restricted Pod Security Standard, and a little more."""
    if spec.get("automountServiceAccountToken") is not False:
        yield "automountServiceAccountToken must be false"
    for container in spec["containers"]:
        security = container["securityContext"]
        expected = {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        for key, value in expected.items():
            if security.get(key) != value:
                yield f"{container['name']}: securityContext.{key} must be {value}"
        resources = container["resources"]
        if not {"cpu", "memory"} <= resources["requests"].keys() or "memory" not in resources["limits"]:
            yield f"{container['name']}: needs requests of CPU and memory, and a limit of memory"


def main(version, path):
    with open(path, encoding="utf-8") as file:
        documents = [document for document in yaml.safe_load_all(file) if document]
    found = [
        f"{document['kind']} {document['metadata']['name']}: {problem}"
        for document in documents
        for problem in problems(document, version)
    ]
    print("\n".join(found), end="\n" if found else "", file=sys.stderr)
    return 1 if found or not documents else 0


sys.exit(main(*sys.argv[1:]))
