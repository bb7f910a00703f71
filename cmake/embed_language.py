"""Turn a catalogue of sentences into a C table.

embed_language.py CATALOGUE OUT    a line, then the same in the other language behind a tab → language_sentences[]
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


def c_string(text):
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?")
    return f'"{quoted}"'


def main():
    file, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    rows = "".join(f"\t{{ {c_string(english)}, {c_string(italian)} }},\n" for english, italian in sentences(file))
    out.write_text("/* Made from a catalogue at build time; not to be edited. */\n#include \"sentence.h\"\n\n#include <stddef.h>\n\n"
                   f"const struct sentence language_sentences[] = {{\n{rows}\t{{ NULL, NULL }},\n}};\n", encoding="utf-8")


if __name__ == "__main__":
    main()
