"""The commands of docs/tour-exchange.md, as somebody types them, on a demo tenant of the test's own."""
import pathlib
import re
import secrets
import subprocess

import pytest
from support.demo import Demo

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOUR = ROOT / "docs" / "tour-exchange.md"
SECONDS = 600  # its loops wait for events, on a loaded machine

# What differs from run to run: ids, times, numbers, versions of what the demo holds already.
CHANGING = re.compile(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\d(T[\d:.]+Z)?|\d{4}/[A-Z]+/\d+')


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


@pytest.fixture(scope="module")
def typed(stack, tmp_path_factory):
    """A directory in which ./aftercare speaks for the demo tenant of this test."""
    place = tmp_path_factory.mktemp("tour")
    demo = Demo(stack, f"tour-{secrets.token_hex(4)}", stack.state / "secrets/demo_password")
    demo.seed()
    script = place / "aftercare"
    script.write_text(f'#!/bin/bash\nset -- "$@" --data {stack.state}\n[[ $1 == token ]] && set -- "$@" --tenant {demo.code}\n'
                      f'exec {stack.command} "$@"\n')
    script.chmod(0o755)
    return place


def test_it_goes_as_it_is_told(typed):
    told = steps(TOUR.read_text(encoding="utf-8"))
    assert len(told) > 40
    script = "".join(f"{command}\nprintf '\\n@@ %s\\n' $?\n" for command, _ in told)
    run = subprocess.run(["bash"], input=script, cwd=typed, capture_output=True, text=True, timeout=SECONDS)
    printed = re.split(r"\n?@@ (\d+)\n", run.stdout)
    for (command, expected), out, status in zip(told, printed[::2], printed[1::2], strict=False):
        lines = [line for line in out.splitlines() if line]
        assert status == "0", f"{command}\n{out}\n{run.stderr}"
        assert [CHANGING.sub("…", line) for line in lines] == [CHANGING.sub("…", line) for line in expected], command
    assert len(printed) // 2 == len(told), run.stderr
