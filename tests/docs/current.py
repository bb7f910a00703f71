"""The checked-in documents are those that the programs print now.

current.py ROOT BUILD
"""
import filecmp
import pathlib
import subprocess
import sys
import tempfile


def files(folder, published=False):
    """Generated files below a docs folder, as relative paths."""
    found = {path.relative_to(folder) for path in folder.glob("openapi/*.json")}
    found |= {path.relative_to(folder) for path in folder.glob("events/*/*.json")}
    found |= {pathlib.Path(name) for name in ("configuration.md", "rights.md", "problems.md") if (folder / name).exists()}
    return {path for path in found if "published" not in path.parts}


def main():
    root, build = map(pathlib.Path, sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        made = pathlib.Path(folder)
        subprocess.run([sys.executable, root / "docs" / "generate", "--build", build, "--out", made], check=True)
        expected, present = files(made), files(root / "docs")
        wrong = [f"{name}: is missing" for name in sorted(expected - present)]
        wrong += [f"{name}: no program prints it any more" for name in sorted(present - expected)]
        for name in sorted(expected & present):
            if not filecmp.cmp(made / name, root / "docs" / name, shallow=False):
                wrong.append(f"{name}: differs")
                diff = ["diff", "-u", root / "docs" / name, made / name]
                print(subprocess.run(diff, capture_output=True, text=True).stdout[:2000])
    print("\n".join(wrong) or f"{len(expected)} documents are current")
    if wrong:
        print(f"Run docs/generate --build {build} and commit what it writes.")
    sys.exit(bool(wrong))


main()
