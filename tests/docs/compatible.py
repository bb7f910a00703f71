"""Which changes of a published event schema would break those who read the events, or make old events invalid.

compatible.py PUBLISHED_DIR CURRENT_DIR      both with SERVICE/TYPE.v1.json

Within v1 there may be new optional fields, new values of enumerations and wider bounds. Refused are: a type or field
gone, a field that was always there and need not be any more, a field that must be there and needn't before (events kept
in topics lack it), a type or format changed or widened to null, values gone from an enumeration, tighter bounds.
"""
import json
import pathlib
import sys

LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def types_of(schema):
    """The JSON types a schema allows; None for all."""
    kind = schema.get("type")
    return None if kind is None else set([kind] if isinstance(kind, str) else kind)


def type_faults(old, new):
    before, after = types_of(old), types_of(new)
    if before == after:
        return
    if before is None or (after is not None and before - after):
        gone = sorted(before - after) if before else "any"
        yield f"type narrowed: {gone} gone"
    if after is None or (before is not None and after - before):
        more = sorted(after - before) if after else "any"
        yield f"type widened: {more} new"


def value_faults(old, new):
    """Of what a value may be, apart from its type."""
    for key in ("format", "pattern", "const"):
        if old.get(key) != new.get(key):
            yield f"{key} changed from {old.get(key)!r} to {new.get(key)!r}"
    if "enum" in new:
        if "enum" not in old:
            yield "limited to an enumeration"
        gone = [value for value in old.get("enum", []) if value not in new["enum"] and value is not None]
        if gone:
            yield f"enumeration shrunk: {gone} gone"
    for key in LOWER:
        if new.get(key, float("-inf")) > old.get(key, float("-inf")):
            yield f"{key} raised to {new[key]}"
    for key in UPPER:
        if new.get(key, float("inf")) < old.get(key, float("inf")):
            yield f"{key} lowered to {new[key]}"
    if old.get("additionalProperties", True) is not False and new.get("additionalProperties", True) is False:
        yield "further fields forbidden"


def incompatibilities(old, new, path=""):
    """Yields a sentence for each breaking change, with the path of the field."""
    where = path or "the value"
    for fault in [*type_faults(old, new), *value_faults(old, new)]:
        yield f"{where}: {fault}"
    fields, present = old.get("properties", {}), new.get("properties", {})
    for name, schema in fields.items():
        below = f"{path}/{name}"
        if name not in present:
            yield f"{below}: field removed"
        else:
            yield from incompatibilities(schema, present[name], below)
    was, now = set(old.get("required", [])), set(new.get("required", []))
    for name in sorted(now - was):
        yield f"{path}/{name}: newly required"
    for name in sorted(was - now):
        if name in present:
            yield f"{path}/{name}: no longer always there"
    if "items" in old or "items" in new:
        yield from incompatibilities(old.get("items", {}), new.get("items", {}), f"{path}/*")


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def folders_compare(published, current):
    """A sentence for each breaking change between two folders of SERVICE/TYPE.v1.json."""
    faults = []
    for path in sorted(published.glob("*/*.json")):
        name = path.relative_to(published)
        if not (current / name).exists():
            faults.append(f"{name}: the type is gone")
            continue
        faults += [f"{name}: {fault}" for fault in incompatibilities(read(path), read(current / name))]
    return faults


def main():
    published, current = map(pathlib.Path, sys.argv[1:3])
    count = len(list(published.glob("*/*.json")))
    faults = folders_compare(published, current)
    print("\n".join(faults + [f"{count} published types, {len(faults)} breaking changes"]))
    if not count:
        print("nothing is published: docs/generate --publish")
    sys.exit(bool(faults) or not count)


if __name__ == "__main__":
    main()
