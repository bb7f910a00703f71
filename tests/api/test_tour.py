"""The commands of the documents, as somebody types them, each on a demo tenant of its own."""
import pathlib
import re
import secrets
import subprocess

import pytest
from support.demo import Demo

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
DOCUMENTS = {"tour-exchange.md": 40, "api.md": 20}  # and how many commands it has at least
SECONDS = 600  # its loops wait for events, on a loaded machine

# What differs from run to run: ids, times, numbers, ETags, versions of what the demo holds already.
CHANGING = re.compile(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\d(T[\d:.]+Z)?|\d{4}/[A-Z]+/\d+|"\d+-[0-9a-f]{16}"')


def steps(text):
    """Each command with what the document says that it prints."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", text, re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(([line[2:]], []))
            elif line.startswith("> "):
                found[-1][0].append(line[2:])
            else:
                found[-1][1].append(line)
    return [("\n".join(command), printed) for command, printed in found]


@pytest.fixture
def typed(stack, tmp_path):
    """A directory in which ./aftercare speaks for the demo tenant of this test."""
    demo = Demo(stack, f"tour-{secrets.token_hex(4)}", stack.state / "secrets/demo_password")
    demo.seed()
    script = tmp_path / "aftercare"
    script.write_text(f'#!/bin/bash\nset -- "$@" --data {stack.state}\n[[ $1 == token ]] && set -- "$@" --tenant {demo.code}\n'
                      f'exec {stack.command} "$@"\n')
    script.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("document", DOCUMENTS)
def test_it_goes_as_it_is_told(typed, document):
    told = steps((DOCS / document).read_text(encoding="utf-8"))
    assert len(told) > DOCUMENTS[document]
    script = "".join(f"{command}\nprintf '\\n@@ %s\\n' $?\n" for command, _ in told)
    run = subprocess.run(["bash"], input=script, cwd=typed, capture_output=True, text=True, timeout=SECONDS)
    printed = re.split(r"\n?@@ (\d+)\n", run.stdout)
    for (command, expected), out, status in zip(told, printed[::2], printed[1::2], strict=False):
        lines = [line for line in out.splitlines() if line]
        assert status == "0", f"{command}\n{out}\n{run.stderr}"
        assert [CHANGING.sub("…", line) for line in lines] == [CHANGING.sub("…", line) for line in expected], command
    assert len(printed) // 2 == len(told), run.stderr
