#!/usr/bin/env python3
"""Every field, list and value that a print can show has its Italian word, and no word is there for nothing.

words.py DOCS      the folder docs: what the lists have is read from the OpenAPI of the services
"""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "libs" / "common" / "language" / "words_it.txt"
sys.path.insert(0, str(ROOT / "cmake"))
import embed_language  # noqa: E402  (what the build reads the catalogue with)

PRINTS = "/prints"
OF_ALL_LISTS = {"fields", "sort", "limit", "cursor", "labels", "expand", "q"}


class Description:
    def __init__(self, file):
        self.whole = json.loads(file.read_text())

    def resolved(self, part):
        while "$ref" in part:
            place = self.whole
            for name in part["$ref"].removeprefix("#/").split("/"):
                place = place[name]
            part = place
        return part

    def lists(self):
        """The path and the operation of each list that can be printed."""
        for path in self.whole["paths"]:
            if path.endswith(PRINTS):
                yield path.removesuffix(PRINTS), self.whole["paths"][path.removesuffix(PRINTS)]["get"]

    def properties(self, schema):
        schema = self.resolved(schema)
        found = dict(schema.get("properties", {}))
        for whole in schema.get("allOf", []):
            found |= self.properties(whole)
        return found

    def columns(self, operation):
        page = self.properties(operation["responses"]["200"]["content"]["application/json"]["schema"])
        return self.properties(self.resolved(page["items"])["items"])

    def filters(self, operation):
        for parameter in map(self.resolved, operation.get("parameters", [])):
            name = re.sub(r"\[.*", "", parameter["name"])
            if parameter["in"] == "query" and name not in OF_ALL_LISTS and ".x." not in name and not name.startswith("x."):
                yield from name.split(".")


def called(docs):
    """Names of fields and lists, and the values of each field that has choices."""
    names, values = set(), {}
    for file in sorted(docs.glob("openapi/*.json")):
        description = Description(file)
        for path, operation in description.lists():
            names.add(path.rsplit("/", 1)[1].replace("-", "_"))
            names.update(description.filters(operation))
            for name, schema in description.columns(operation).items():
                names.add(name)
                schema = description.resolved(schema)
                if isinstance(schema.get("enum"), list):
                    values.setdefault(name, set()).update(value for value in schema["enum"] if isinstance(value, str))
    return names, values


def faults(docs):
    names, values = called(docs)
    catalogue = list(embed_language.words(CATALOGUE))
    known = dict(catalogue)
    wanted = names | {f"{field}={value}" for field in values for value in values[field]}
    used = set()
    for name in sorted(wanted):
        general = "=" + name.partition("=")[2]
        used |= {name} if name in known else {general} if "=" in name else set()
        if name not in known and (general == "=" or general not in known):
            yield f"no Italian for: {name}"
    for name, _ in catalogue:
        if name not in used:
            yield f"nothing is called so: {name}"
    if len(known) != len(catalogue):
        yield "a word is there twice"


if __name__ == "__main__":
    told = list(faults(pathlib.Path(sys.argv[1])))
    print("\n".join(told) or "every name has its Italian")
    sys.exit(bool(told))
