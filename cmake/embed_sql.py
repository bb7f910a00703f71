"""Turn .sql files into C tables.

embed_sql.py statements NAME OUT FILE…   blocks "-- name: x" → const struct statement sql_x
embed_sql.py migrations NAME OUT FILE…   schema/, migrations/, functions/ of one folder → const struct migration_set NAME_migrations
"""
import hashlib
import pathlib
import re
import sys


def c_string(text):
    lines = text.split("\n")
    quoted = [line.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") for line in lines]
    return "\n".join(f'\t"{line}\\n"' for line in quoted)


def statements(files):
    seen = {}
    for file in files:
        name, body = None, []
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            head = re.fullmatch(r"-- name: ([a-z][a-z0-9_]*)\s*", line)
            if head:
                if name:
                    seen[name] = body
                name, body = head.group(1), []
                if name in seen:
                    sys.exit(f"{file}:{number}: statement {name} is defined twice")
            elif name:
                body.append(line)
            elif line.strip() and not line.startswith("--"):
                sys.exit(f"{file}:{number}: SQL before the first '-- name:'")
        if name:
            seen[name] = body
    for name, body in seen.items():
        code = [line for line in body if not line.lstrip().startswith("--")]
        text = "\n".join(code).strip()
        if text.endswith(";"):
            text = text[:-1].rstrip()
        if not text:
            sys.exit(f"statement {name} is empty")
        if re.search(r"\bselect\s+\*", text):
            sys.exit(f"statement {name}: select * breaks prepared plans when a column is added")
        if re.search(r"\b(now|current_date|current_timestamp|localtimestamp)\b\s*(\(|,|\s|$)", text) and "base.clock" not in text:
            sys.exit(f"statement {name}: use base.clock(), tests must be able to move it")
        yield name, text


def parameters(text):
    return max((int(n) for n in re.findall(r"\$(\d+)", text)), default=0)


def digest(texts):
    return hashlib.sha256("".join(texts).encode()).hexdigest()


def numbered(files, after):
    """(number, title, text) of NNNN_title.sql, which go on from a number."""
    for number, file in enumerate(files, after + 1):
        match = re.fullmatch(r"(\d{4})_([a-z0-9_]+)", file.stem)
        if not match:
            sys.exit(f"{file}: is named NNNN_what_it_does.sql")
        if int(match.group(1)) != number:
            sys.exit(f"{file}: the next number is {number:04}")
        yield number, match.group(2), file.read_text(encoding="utf-8")


def baseline(files):
    """The last migration that schema/ stands for, as its first file begins: its number and title, and the last version that has it."""
    if not files:
        return 0, "", ""
    first = files[0].read_text(encoding="utf-8").split("\n", 1)[0]
    match = re.fullmatch(r"-- stands for: (\d{4})_([a-z0-9_]+) of (\S+)", first)
    if not match:
        sys.exit(f"{files[0]}: a schema begins with '-- stands for: NNNN_title of VERSION', its last migration")
    return int(match.group(1)), match.group(2), match.group(3)


def table(name, rows):
    body = f"static const struct migration {name}[] = {{\n"
    for number, title, text in rows:
        body += (f'\t{{\n\t\t.number = {number},\n\t\t.title = "{title}",\n'
                 f'\t\t.sha256 = "{digest([text])}",\n\t\t.text =\n{c_string(text)},\n\t}},\n')
    return body + "\t{ .title = NULL },\n};\n\n"


def migrations(target, files):
    """The set of a folder, which its name is."""
    by_kind = {kind: [file for file in files if file.parent.name == kind] for kind in ("schema", "migrations", "functions")}
    number, title, version = baseline(by_kind["schema"])
    schema = list(numbered(by_kind["schema"], 0))
    functions = [(0, file.stem, file.read_text(encoding="utf-8")) for file in by_kind["functions"]]
    return (table("schema", schema) + table("migrations", numbered(by_kind["migrations"], number)) + table("functions", functions)
            + f'const struct migration_set {target}_migrations = {{\n\t.name = "{files[0].parent.parent.name}",\n'
            + f'\t.baseline = {{\n\t\t.number = {number},\n\t\t.title = "{title}",\n\t\t.version = "{version}",\n'
            + f'\t\t.sha256 = "{digest(text for _, _, text in schema)}",\n\t\t.files = schema,\n\t}},\n'
            + f'\t.migrations = migrations,\n\t.functions = functions,\n'
            + f'\t.functions_sha256 = "{digest(text for _, _, text in functions)}",\n}};\n')


def write(path, text):
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def main():
    kind, target, out = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    files = sorted(pathlib.Path(p) for p in sys.argv[4:])
    out.mkdir(parents=True, exist_ok=True)
    guard = f"AFTERCARE_{target.upper()}_{kind.upper()}_H"
    if kind == "statements":
        found = list(statements(files))
        header = "".join(f"extern const struct statement sql_{name};\n" for name, _ in found)
        header += f"\nextern const struct statement *const {target}_statements[]; /* ends with NULL */\n"
        body = "".join(
            f'const struct statement sql_{name} = {{\n\t.name = "{name}",\n\t.parameters = {parameters(text)},\n\t.text =\n{c_string(text)},\n}};\n\n'
            for name, text in found)
        body += f"const struct statement *const {target}_statements[] = {{\n"
        body += "".join(f"\t&sql_{name},\n" for name, _ in found) + "\tNULL,\n};\n"
        stem = f"{target}_sql"
    else:
        header = f"extern const struct migration_set {target}_migrations;\n"
        body = migrations(target, files)
        stem = f"{target}_migrations"
    write(out / f"{stem}.h",
          f'/* Made from .sql files at build time; not to be edited. */\n#ifndef {guard}\n#define {guard}\n\n'
          f'#include "{"statement" if kind == "statements" else "migrate"}.h"\n\n#include <stddef.h>\n\n{header}\n#endif\n')
    write(out / f"{stem}.c", f'/* Made from .sql files at build time; not to be edited. */\n#include "{stem}.h"\n\n{body}')
    # CMake compares times: the outputs must be newer than the inputs even when their text did not change.
    for suffix in ("h", "c"):
        (out / f"{stem}.{suffix}").touch()


main()
