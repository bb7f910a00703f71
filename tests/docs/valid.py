"""The checked-in documents are valid by the standards they claim, and by what we promise beyond them.

valid.py DOCS
"""
import json
import pathlib
import re
import sys

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

faults = []


def fault(name, message):
    faults.append(f"{name}: {message}")


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def validator(schema, document=None):
    """A validator that resolves #/components of the document the schema stands in."""
    whole = {**schema, "components": document["components"]} if document else schema
    return Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def resolve(document, node):
    while "$ref" in node:
        target = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def examples_check(name, document, media):
    """The examples of a media type are valid against its schema."""
    values = [media["example"]] if "example" in media else []
    values += [resolve(document, item)["value"] for item in media.get("examples", {}).values()]
    for value in values:
        for error in validator(media["schema"], document).iter_errors(value):
            fault(name, f"example: {error.json_path} {error.message[:200]}")
    return len(values)


def operation_check(document, name, operation):
    for key in ("operationId", "summary", "description", "tags", "responses"):
        if not operation.get(key):
            fault(name, f"has no {key}")
    if operation.get("summary") == operation.get("operationId"):
        fault(name, "has no summary of its own")
    if "security" not in operation and "x-required-scope" not in operation and "signed-in" not in operation["description"]:
        fault(name, "doesn't say what it needs")
    examples = 0
    for status, response in operation["responses"].items():
        response = resolve(document, response)
        if status in ("204", "304") and "content" in response:
            fault(name, f"{status} has content")
        for media in response.get("content", {}).values():
            examples += examples_check(f"{name} {status}", document, media)
    for media in operation.get("requestBody", {}).get("content", {}).values():
        if "schema" in media:
            examples += examples_check(f"{name} body", document, media)
    for parameter in operation["parameters"]:
        parameter = resolve(document, parameter)
        if "example" in parameter:
            for error in validator(parameter["schema"], document).iter_errors(parameter["example"]):
                fault(name, f"parameter {parameter['name']}: {error.message[:200]}")
    return examples


def fields(schema, path=""):
    """Every field below a schema of a body."""
    for name, field in schema.get("properties", {}).items():
        yield f"{path}/{name}", field
        yield from fields(field, f"{path}/{name}")
        yield from fields(field.get("items", {}), f"{path}/{name}/*")


def bounds_check(service, name, schema):
    """A whole number of a body has a bound, or PostgreSQL will find one where the client doesn't expect it."""
    for path, field in fields(schema):
        types = field.get("type", [])
        if "integer" in ([types] if isinstance(types, str) else types) and "maximum" not in field:
            fault(service, f"{name}{path} has no maximum")


def openapi_check(path):
    document = read(path)
    for error in OpenAPIV31SpecValidator(document).iter_errors():
        fault(path.name, f"{list(error.absolute_path)[:8]} {error.message[:200]}")
    names = [operation["operationId"] for _, operation in operations(document)]
    for name in {name for name in names if names.count(name) > 1}:
        fault(path.name, f"two operations are {name}")
    for name, schema in document["components"]["schemas"].items():
        if re.search("(Create|Change|Line)$", name):
            bounds_check(path.name, name, schema)
    return len(names), sum(operation_check(document, f"{path.name} {name}", operation)
                           for name, operation in operations(document))


def references(node):
    """Every $ref below a node."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def asyncapi_check(folder):
    document = read(folder / "asyncapi.json")
    used = set()
    for reference in references(document):
        if reference.startswith("./"):
            used.add(reference[2:])
            continue
        try:
            resolve(document, {"$ref": reference})
        except KeyError:
            fault(folder.name, f"{reference} leads nowhere")
    present = {path.name for path in folder.glob("*.v1.json")}
    for name in sorted(used ^ present):
        fault(folder.name, f"{name}: {'no such file' if name in used else 'not listed'}")
    for name, message in document["components"]["messages"].items():
        schema = read(folder / f"{name}.v1.json")
        Draft202012Validator.check_schema(schema)
        if message["name"] != f"aftercare.{name}.v1" or schema["title"] != message["name"]:
            fault(folder.name, f"{name}: is named differently in message and schema")
        for example in message["examples"]:
            for error in validator(schema).iter_errors(example["payload"]):
                fault(folder.name, f"{name}: example: {error.json_path} {error.message[:200]}")
    return len(present)


def main():
    docs = pathlib.Path(sys.argv[1])
    paths = sorted(docs.glob("openapi/*.json"))
    for path in paths:
        count, examples = openapi_check(path)
        print(f"{path.name}: {count} operations, {examples} examples")
        if not count or not examples:
            fault(path.name, "is empty")
    for path in paths:
        print(f"{path.stem}: {asyncapi_check(docs / 'events' / path.stem)} types of events")
    if not paths:
        fault("docs/openapi", "is empty")
    print("\n".join(faults))
    sys.exit(bool(faults))


main()
