"""Turn .sql files into C tables.

embed_sql.py statements NAME OUT FILE…   blocks "-- name: x" → const struct statement sql_x
embed_sql.py migrations NAME OUT FILE…   NNNN_title.sql      → const struct migration NAME_migrations[]
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
        header = f"extern const struct migration {target}_migrations[]; /* ends with a null title */\n"
        body = f"const struct migration {target}_migrations[] = {{\n"
        for number, file in enumerate(files, 1):
            match = re.fullmatch(r"(\d{4})_([a-z0-9_]+)", file.stem)
            if not match:
                sys.exit(f"{file}: a migration is named NNNN_what_it_does.sql")
            if int(match.group(1)) != number:
                sys.exit(f"{file}: the next migration has number {number:04}")
            text = file.read_text(encoding="utf-8")
            digest = hashlib.sha256(text.encode()).hexdigest()
            body += (f'\t{{\n\t\t.number = {number},\n\t\t.title = "{match.group(2)}",\n'
                     f'\t\t.sha256 = "{digest}",\n\t\t.text =\n{c_string(text)},\n\t}},\n')
        body += "\t{ .title = NULL },\n};\n"
        stem = f"{target}_migrations"
    write(out / f"{stem}.h",
          f'/* Made from .sql files at build time; not to be edited. */\n#ifndef {guard}\n#define {guard}\n\n'
          f'#include "statement.h"\n\n#include <stddef.h>\n\n{header}\n#endif\n')
    write(out / f"{stem}.c", f'/* Made from .sql files at build time; not to be edited. */\n#include "{stem}.h"\n\n{body}')
    # CMake compares times: the outputs must be newer than the inputs even when their text did not change.
    for suffix in ("h", "c"):
        (out / f"{stem}.{suffix}").touch()


main()
