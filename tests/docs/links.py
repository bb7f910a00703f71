"""What people read leads somewhere: links to files name files that are there, and docs/README.md names every document.

links.py ROOT
"""
import pathlib
import re
import subprocess
import sys

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def targets(path):
    """The files that a document links to; addresses and places within it are no files."""
    for link in LINK.findall(CODE.sub("", path.read_text(encoding="utf-8"))):
        link = link.split("#")[0]
        if link and "://" not in link and not link.startswith("mailto:"):
            yield link, (path.parent / link).resolve()


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    listed = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard", "*.md"], check=True, capture_output=True, text=True)
    documents = [root / name for name in listed.stdout.splitlines()]
    wrong = [f"{path.relative_to(root)}: {link} is not there"
             for path in documents for link, target in targets(path) if not target.exists()]
    index = root / "docs" / "README.md"
    named = {target for _, target in targets(index)}
    wrong += [f"docs/README.md: does not name {path.relative_to(root)}"
              for path in documents if index.parent in path.parents and path != index and path.resolve() not in named]
    print("\n".join(wrong) or f"{len(documents)} documents lead somewhere")
    sys.exit(bool(wrong))


main()
