"""Turn the catalogues of a language into C tables.

embed_language.py SENTENCES WORDS OUT
    SENTENCES: a line, then the same in the other language behind a tab → language_sentences[]
    WORDS: a name, a tab, the word in the other language → language_words[], in order of the names
"""
import pathlib
import sys


def sentences(file):
    english = None
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        if line.startswith("\t") == (english is None):
            sys.exit(f"{file}:{number}: a line in English, then one in Italian behind a tab")
        if english is None:
            english = line
        else:
            yield english, line[1:]
            english = None
    if english is not None:
        sys.exit(f"{file}: the last sentence has no Italian")


def words(file):
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        name, tab, word = line.partition("\t")
        if not (name and tab and word) or " " in name:
            sys.exit(f"{file}:{number}: a name, a tab, the word")
        yield name, word


def c_string(text):
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?")
    return f'"{quoted}"'


def c_table(kind, name, rows):
    lines = "".join(f"\t{{ {c_string(english)}, {c_string(italian)} }},\n" for english, italian in rows)
    return f"const struct {kind} {name}[] = {{\n{lines}\t{{ NULL, NULL }},\n}};\n"


def main():
    said, called, out = map(pathlib.Path, sys.argv[1:])
    by_name = sorted(words(called), key=lambda row: row[0].encode())
    out.write_text("/* Made from catalogues at build time; not to be edited. */\n#include \"sentence.h\"\n\n#include <stddef.h>\n\n"
                   + c_table("sentence", "language_sentences", sentences(said)) + "\n" + c_table("word", "language_words", by_name)
                   + f"const size_t language_words_count = {len(by_name)};\n", encoding="utf-8")


if __name__ == "__main__":
    main()
