"""The OpenAPI document of the running system, asked what there is to test."""
import functools
import json
import re

from .stack import ROOT

METHODS = ("get", "post", "put", "patch", "delete")
PLATFORMS = ("/v1/tenants", "/v1/issuers")  # no tenant's: only the platform's account has these


def described():
    """(METHOD, path) -> operation of all services as they are documented, to name tests by. What several have at one address is one."""
    return {(method.upper(), path): operation
            for document in sorted(ROOT.glob("docs/openapi/*.json"))
            for path, item in json.loads(document.read_text())["paths"].items()
            for method, operation in item.items()}


class Description:
    def __init__(self, document):
        self.document = document
        self.paths = document["paths"]

    @classmethod
    def join(cls, documents):
        """One description of several services; components of the same name are the same."""
        joined = {"paths": {}, "components": {}}
        for document in documents:
            joined["paths"] |= document["paths"]
            for kind, entries in document.get("components", {}).items():
                joined["components"].setdefault(kind, {}).update(entries)
        return cls(joined)

    def resolve(self, node):
        """A $ref, followed."""
        while "$ref" in node:
            target = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def operations(self):
        """(METHOD, path, operation) of everything."""
        for path, item in self.paths.items():
            for method in METHODS:
                if method in item:
                    yield method.upper(), path, item[method]

    def stores(self):
        """Collections that can be listed and read one by one, not below another."""
        return [
            path
            for path, item in self.paths.items()
            if "get" in item and "{" not in path and "get" in self.paths.get(f"{path}/{{id}}", {})
        ]

    def lists(self):
        """All paths whose GET is a list, also those below another resource."""
        return [path for path, item in self.paths.items() if "get" in item and self.is_list(item["get"])]

    def is_list(self, operation):
        """What is paged but asks for no order, as stock at a past date, is none of the engine's."""
        return {"cursor", "sort"} <= {parameter["name"] for parameter in self.parameters(operation)}

    def parameters(self, operation):
        return [self.resolve(parameter) for parameter in operation.get("parameters", [])]

    def query(self, path):
        """Query parameters of a list, name -> schema."""
        return {
            parameter["name"]: self.resolve(parameter["schema"])
            for parameter in self.parameters(self.paths[path]["get"])
            if parameter["in"] == "query"
        }

    def filters(self, path):
        """(name, operator, schema) of each filter of a list; the operator is "" for equality."""
        plain = {"limit", "cursor", "sort", "fields", "q", "expand"}
        for name, schema in self.query(path).items():
            found = re.fullmatch(r"([^\[]+)(?:\[(\w+)\])?", name)
            if found[1] not in plain:
                yield found[1], found[2] or "", schema

    def sorts(self, path):
        schema = self.query(path).get("sort", {})
        return [word for word in schema.get("enum", []) if not word.startswith("-")]

    @functools.cache  # noqa: B019 - one document a run
    def body(self, method, path):
        """Schema of a JSON request body, or None."""
        content = self.resolve(self.paths[path][method.lower()].get("requestBody", {})).get("content", {})
        for media, entry in content.items():
            if media in ("application/json", "application/merge-patch+json"):
                return self.resolve(entry["schema"])
        return None

    def row(self, path):
        """Schema of one item of a list: its properties, all parts joined."""
        answer = self.resolve(self.paths[path]["get"]["responses"]["200"])
        page = self.resolve(answer["content"]["application/json"]["schema"])
        return self.properties(self.resolve(page["properties"]["items"])["items"])

    def properties(self, schema):
        schema = self.resolve(schema)
        found = dict(schema.get("properties", {}))
        for part in schema.get("allOf", []):
            found |= self.properties(part)
        return found


def types_of(schema):
    kind = schema.get("type", [])
    return {kind} if isinstance(kind, str) else set(kind)
