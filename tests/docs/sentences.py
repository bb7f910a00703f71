#!/usr/bin/env python3
"""Every sentence that a problem may say, as the code has it, and whether the Italian catalogue says it too.

sentences.py           fails for a sentence without its Italian, and for one that nothing says any more
sentences.py --list    prints them, with the file that says each

Sentences are the formats of request_fail and fault_add, the messages of base.must, base.fail and base.warn, and what
travels to these in a variable (CARRIED), as what is printed on papers. A parameter, %s in C or SQL, is {1}, {2}, … in the order it comes. Names of
resources are put into sentences, so they are looked up too.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "libs" / "common" / "language" / "it.txt"
sys.path.insert(0, str(ROOT / "cmake"))
import embed_language  # noqa: E402  (what the build reads the catalogue with)

QUIET = ("config", "change", "inbox", "timer", "backing", "fuzz", "tests")  # no client hears these

# Sentences, and parts of them, that a function gives to the one that tells them.
CARRIED = {
    "libs/common/api/request.c": (r'\{ "[a-z]+", ("[^"]+") \}', r'return ("[^"]+ [^"]+")', r': ("(?:another|key|An)[^"]*")'),
    "libs/common/dispatch/dispatch.c": (r'reason = ("[^"]+")',),
    "libs/common/field/field.c": (r'(?:=|\?|:) ("(?:must|is) [^"]+")',),
    "libs/common/field/value.c": (r'(?:return|\?|:)\s*("[^"]+ [^"]+")',),
    "libs/common/json/json.c": (r'return ("[^"]+ [^"]+")',),
    "libs/common/resource/csv.c": (r'problem = ("[^"]+")',),
    "libs/common/server/framing.c": (r'refuse\([^;"]*("[^;]+")\)',),
    "libs/common/token/token.c": (r'\*reason = ("[^"]+")',),
    "libs/common/token/token_claims.c": (r'return ("[^"]+ [^"]+")',),
    "services/gateway/exchange.c": (r'\*reason = ("[^"]+")',),
    "services/gateway/gateway.c": (r'\*reason = ("[^"]+")',),
    "services/inventory/transport_paper.c": (r'say\([a-z]+, ("[^"]+")',),
    "services/gateway/limit.c": (r'refuse\([^;"]*("[^"]+")\)',),
}

TOLD = {"request_fail": 2, "fault_add": 3, "fault_add_parameter": 3}  # which argument says it
RAISED = {"must": 2, "fail": 1, "warn": 1}
C_PARAMETER = re.compile(r"%[-+ 0-9]*(?:\.[0-9*]+)?(?:l|ll|z|h)?[sdiuxm]")


def code_files(*suffixes):
    for folder in ("libs/common", "services", "deploy/postgresql"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes and not set(path.relative_to(ROOT).parts) & set(QUIET):
                yield path


def arguments(text, at, quote):
    """What stands between the bracket at `at` and its fellow, at its commas."""
    found, depth, begin, i = [], 0, at + 1, at
    while i < len(text):
        c = text[i]
        if c == quote:
            i += 1
            while text[i] != quote or (quote == "'" and text[i + 1] == quote):
                i += 2 if text[i] in ("\\", quote) and quote == '"' or text[i] == quote else 1
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
            if depth == 0:
                return found + [text[begin:i]]
        elif c == "," and depth == 1:
            found.append(text[begin:i])
            begin = i + 1
        i += 1
    return []


def numbered(text):
    """Parameters as the catalogue writes them."""
    count = 0

    def number(_):
        nonlocal count
        count += 1
        return f"{{{count}}}"

    return re.sub(r"\0", number, text).replace("%%", "%")


def c_text(literal):
    parts = re.findall(r'"((?:[^"\\]|\\.)*)"', literal)
    return "".join(parts).replace('\\"', '"').replace("\\\\", "\\")


def sql_sentences(argument):
    """The sentences that an SQL expression can be: formats, alternatives of a case, texts put together."""
    pieces = re.split(r"('(?:[^']|'')*')", argument)
    if re.search(r"\bformat\s*\(", argument):
        head = argument[re.search(r"\bformat\s*\(", argument).end():]
        match = re.match(r"\s*((?:'(?:[^']|'')*'\s*)+)", head)
        text = "".join(re.findall(r"'((?:[^']|'')*)'", match.group(1))) if match else ""
        yield re.sub(r"%(?:\d\$)?[sIL]", "\0", text.replace("''", "'"))
        return
    if "||" in argument:
        texts = [piece[1:-1].replace("''", "'") if piece.startswith("'") else "\0" for piece in pieces if piece.strip()]
        yield "".join(texts)
        return
    for piece in pieces:
        if piece.startswith("'") and " " in piece:
            yield C_PARAMETER.sub("\0", piece[1:-1].replace("''", "'"))


def defined(text):
    """The file's macros that are texts, in place of their names."""
    for name, value in re.findall(r'^#define ([A-Z_]+)\s+((?:"[^"\n]*"\s*(?:\\\n)?)+)$', text, re.M):
        text = re.sub(rf"\b{name}\b", lambda _: value, text)
    return text


def raised(text, pattern):
    for match in re.finditer(pattern, text):
        parts = arguments(text, match.end() - 1, "'")
        if len(parts) > RAISED[match.group(1)]:
            yield from sql_sentences(parts[RAISED[match.group(1)]])


def in_c(path):
    text = defined(path.read_text())
    for match in re.finditer(r"\b(request_fail|fault_add|fault_add_parameter)\(", text):
        parts = arguments(text, match.end() - 1, '"')
        if len(parts) > TOLD[match.group(1)] and '"' in parts[TOLD[match.group(1)]]:
            yield C_PARAMETER.sub("\0", c_text(parts[TOLD[match.group(1)]]))
    for pattern in CARRIED.get(str(path.relative_to(ROOT)), ()):
        for literal in re.findall(pattern, text):
            yield C_PARAMETER.sub("\0", c_text(literal))
    joined = re.sub(r'"\s*\n?\s*"', "", text)
    yield from raised(joined, r"\bbase\.(must|fail|warn)\(")


def things(text):
    """What resources are called."""
    for name in re.findall(r"const struct resource \w+ = \{\s*\.name = \"(\w+)\"", text):
        yield name.replace("_", " ")
    for owner in re.findall(r'FIELD_OF_FREE_FIELDS\("\w+", "(\w+)"\)', text):
        yield f"{owner} free field"
        yield "free field"


def said():
    """Every sentence of the code, with where it stands."""
    found = {}
    for path in code_files(".c"):
        for sentence in (*in_c(path), *things(path.read_text())):
            found.setdefault(numbered(sentence), path.relative_to(ROOT))
    for path in code_files(".sql"):
        for sentence in raised(path.read_text(), r"\bbase\.(must|fail|warn)\("):
            found.setdefault(numbered(sentence), path.relative_to(ROOT))
    return {sentence: where for sentence, where in found.items() if re.search("[a-z]{2}", re.sub(r"\{\d\}", "", sentence))}


def parameters(sentence):
    return sorted(re.findall(r"\{=?(\d)\}", sentence))


def must_say(english):
    """The parameters that the Italian needs: all but endings of plurals, as in rule{2}."""
    return sorted(re.findall(r"(?<![a-z])\{(\d)\}", english))


def faults():
    code, catalogue = said(), list(embed_language.sentences(CATALOGUE))
    known = dict(catalogue)
    for english, where in code.items():
        if english not in known:
            yield f"{where}: no Italian for: {english}"
    for english, italian in catalogue:
        if english not in code:
            yield f"nobody says any more: {english}"
        if parameters(italian) != must_say(english):
            yield f"the Italian puts in other parameters: {english}"
        if english[-1] in ".:" and italian[-1] != english[-1]:
            yield f"the Italian ends otherwise: {english}"
    if len(known) != len(catalogue):
        yield "a sentence is there twice"


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        for sentence, where in said().items():
            print(f"{where}\t{sentence}")
        sys.exit()
    told = list(faults())
    print("\n".join(told) or f"{len(said())} sentences have their Italian")
    sys.exit(bool(told))
