"""Turn files into a C table: embed.py OUT FILE…  →  const struct page docs_pages[] in OUT."""
import pathlib
import sys

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".svg": "image/svg+xml"}


def c_string(text):
    lines = [line.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") for line in text.split("\n")]
    return "\n".join(f'\t\t"{line}\\n"' for line in lines)


def main():
    out, files = pathlib.Path(sys.argv[1]), [pathlib.Path(name) for name in sys.argv[2:]]
    rows = "".join(f'\t{{ "{file.name}", "{TYPES[file.suffix]}",\n{c_string(file.read_text())} }},\n' for file in files)
    out.write_text('/* Made from docs/ at build time; not to be edited. */\n#include "docs.h"\n\n'
                   f"const struct page docs_pages[] = {{\n{rows}\t{{ .name = NULL }},\n}};\n")


main()
