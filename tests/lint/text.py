"""Rules about text that no compiler knows.

text.py ROOT

- SQL asks base.clock() for the time, or tests could not move it: now(), current_date and their like stand only in
  deploy/postgresql/base.sql, where base.clock() is made.
- A function of one value whose body is more than an expression is plpgsql: PostgreSQL doesn't inline it, and parses and plans a
  function in SQL anew at each call (before version 18); of plpgsql it keeps the plans.
- Composed statements put the rows of a resource inside their own (compose.c, line_key.c, list_compose.c) and ask them by the
  names recorded, given and page: no table of any rows has one of these as alias, which would hide them.
- No file names a path of somebody's machine.
- A file is read in one sitting, in at most 400 lines; tests, where things are looked up, in 900.
- No trailing blanks, and a newline at the end.
"""
import pathlib
import re
import subprocess
import sys

LINES_MAX = 400
TEST_LINES_MAX = 900

# Tables, which are looked things up in and not read; and documents that programs write.
LONG = re.compile(r"docs/(openapi|events)/.*|.*\.lock|.*package-lock\.json|deploy/demo/.*|libs/common/language/.*\.txt")

CLOCKS = re.compile(r"\b(now\s*\(\s*\)|current_date|current_time|current_timestamp|localtime|localtimestamp"
                    r"|(clock|statement|transaction)_timestamp\s*\()", re.IGNORECASE)
CLOCKS_ALLOWED = {"deploy/postgresql/base.sql"}
FUNCTION = re.compile(r"create (?:or replace )?function ([\w.{}]+)[^$]*?\breturns (?!table|setof)[^$]*?\blanguage sql\b[^$]*\$\$(.*?)\$\$",
                      re.DOTALL)
QUERY = re.compile(r"\b(where|insert|update|delete|with)\b|\bselect\b.*\bselect\b|\bfrom (?!\d)\w", re.DOTALL)
AROUND = re.compile(r"(?:\b(?:from|join)\s+[^\s,]+|\))\s+(?:as\s+)?(?:recorded|given|page)\b")
MACHINE = re.compile(r"(?<![\w.$}])/(home|Users|root|work)/[a-z]")
TEXT = {".c", ".cc", ".h", ".sql", ".py", ".sh", ".md", ".txt", ".cmake", ".json", ".yaml", ".yml", ".conf", ".xml", ".properties", ""}


def code_of(line):
    """A line of SQL without its comment and its string constants."""
    return re.sub(r"--.*", "", re.sub(r"'[^']*'", "''", line))


def functions_faults(name, text):
    for made in FUNCTION.finditer(text):
        if QUERY.search(re.sub(r"\bextract\s*\([^)]*\)", "", code_of(made[2]))):
            yield f"{name}:{text.count(chr(10), 0, made.start()) + 1}: {made[1]}: planned at each call: write it in plpgsql"


def sql_faults(name, lines):
    if name in CLOCKS_ALLOWED:
        return
    for number, line in enumerate(lines, 1):
        code = code_of(line)
        match = CLOCKS.search(code)
        if match:
            yield f"{name}:{number}: {match.group(0)}: ask base.clock()"
        match = AROUND.search(code)
        if match:
            yield f"{name}:{number}: {match.group(0)}: composed statements have this name around the rows"


def text_faults(name, text):
    """Every fault of one file."""
    lines = text.split("\n")
    if name.endswith(".sql"):
        yield from sql_faults(name, lines)
        yield from functions_faults(name, text)
    for number, line in enumerate(lines, 1):
        if MACHINE.search(line):
            yield f"{name}:{number}: names a path of a machine: {line.strip()[:80]}"
        if line.rstrip("\r") != line.rstrip() and not name.endswith(".md"):
            yield f"{name}:{number}: blanks at the end of the line"
    if text and not text.endswith("\n"):
        yield f"{name}: no newline at the end"
    most = TEST_LINES_MAX if "tests/" in name else LINES_MAX
    if len(lines) - 1 > most and not LONG.fullmatch(name):
        yield f"{name}: {len(lines) - 1} lines; at most {most} are read in one sitting"


def files(root):
    """What git knows or would add; the rest is somebody's own."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name and pathlib.PurePath(name).suffix in TEXT and (root / name).is_file()]


def main():
    root = pathlib.Path(sys.argv[1])
    faults, count = [], 0
    for name in files(root):
        if name.startswith(("tests/lint/", "deploy/demo/")):
            continue  # this file names what it forbids; the demo's data are as they came
        count += 1
        faults += text_faults(name, (root / name).read_text(encoding="utf-8"))
    print("\n".join(faults))
    print(f"{count} files, {len(faults)} faults")
    sys.exit(bool(faults) or count < 50)


if __name__ == "__main__":
    main()
