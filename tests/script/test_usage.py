"""Help, completion, refusals: what needs no running system."""
import re
import socket
import subprocess

import pytest

from support.stack import ROOT

PROMISED = set("up down status logs token psql events import test bench build doctor completion".split())


def commands(script):
    return re.findall(r"^  ([\w-]+) +\S", script.run("--help"), re.MULTILINE)


def complete(*words):
    """What bash offers after these words; the last is being typed."""
    shell = (
        'source <("$0" completion)\n'
        'COMP_WORDS=("$0" "$@")\n'
        "COMP_CWORD=$#\n"
        "_aftercare\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    answer = subprocess.run(
        ["bash", "-c", shell, "./aftercare", *words], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (answer.returncode, answer.stderr) == (0, "")
    return set(answer.stdout.split())


def test_help_lists_every_command(script):
    assert set(commands(script)) >= PROMISED
    told = script.run()
    assert told == script.run("help") == script.run("-h") == script.run("--help")
    for line in re.findall(r"^  [\w-]+ +\S.*", told, re.MULTILINE):
        assert line.endswith("."), "a whole sentence"


def test_each_command_explains_itself(script):
    for command in commands(script):
        told = script.run(command, "--help")
        assert told.startswith(f"usage: ./aftercare {command}")
        assert len(told.splitlines()) >= 3, command


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["fly"], "no command fly"),
        (["up", "--high"], "up has no option --high"),
        (["up", "north"], "doesn't know what to do with north"),
        (["up", "--port"], "--port wants a value"),
        (["import"], "import wants an argument"),
        (["test", "everything"], "there is no suite everything"),
        (["test", "tests/api/test_nothing.py"], "there is no suite tests/api/test_nothing.py"),
        (["bench", "luck"], "there is no bench luck"),
        (["build", "fast"], "there is no preset fast"),
        (["test", "--preset", "fast"], "there is no preset fast"),
        (["stop", "gateway", "calls"], "doesn't know what to do with calls"),
    ],
)
def test_a_wrong_command_line_is_told(script, arguments, words):
    told = script.run(*arguments, expect=2)
    assert words in told
    assert "aftercare" in told


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "08"])
def test_a_port_is_a_number(script, port):
    assert f"not {port}" in script.on_state("up", f"--port={port}", expect=2)
    assert not script.state.exists()


def test_what_failed_early_can_be_wiped(script):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        script.on_state("up", "--port", str(taken.getsockname()[1]), expect=1)
    assert script.state.exists()
    assert "are gone" in script.on_state("down", "--wipe")
    assert not script.state.exists()


@pytest.mark.parametrize("command", ["status", "logs", "psql", "events", "token"])
def test_without_a_system_the_way_to_one_is_told(script, command):
    told = script.on_state(command, expect=1)
    assert "nothing has been set up" in told
    assert f"next: ./aftercare up --data {script.state}" in told


def test_down_on_nothing_is_no_fault(script):
    assert "nothing runs" in script.on_state("down")
    assert not script.state.exists()


def test_a_directory_with_other_things_is_left_alone(script):
    script.state.mkdir()
    (script.state / "thesis.txt").write_text("mine")
    assert "holds something else" in script.on_state("up", expect=1)
    assert [path.name for path in script.state.iterdir()] == ["thesis.txt"]
    (script.state / "thesis.txt").unlink()


def test_a_port_in_use_is_told_before_anything_starts(script):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = script.on_state("up", "--port", str(port), expect=1)
    assert f"port {port} of the gateway is in use by another program" in told
    assert "next: " in told and "--port" in told


def test_a_build_that_fails_shows_the_compilers_words(script, tmp_path):
    cmake = tmp_path / "cmake"
    cmake.write_text("#!/bin/sh\necho 'call.c:7:1: error: expected a semicolon'\nexit 1\n")
    cmake.chmod(0o755)
    told = script.run("build", "dev", expect=1, env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert "the build of dev failed" in told
    assert "call.c:7:1: error: expected a semicolon" in told
    assert "next: ./aftercare build dev" in told


def test_doctor_names_what_is_missing(script, tmp_path):
    query = tmp_path / "dpkg-query"
    query.write_text("#!/bin/sh\necho 'installed cmake'\n")
    query.chmod(0o755)
    process = script.begin("doctor", "--data", str(script.state), env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 3
    assert re.search(r"MISSES +build +as root: apt-get install build-essential ninja-build", told)
    assert not script.state.exists()


def test_completes_commands(script):
    assert complete("") == {*commands(script), "--help"}
    assert complete("do") == {"down", "doctor"}
    assert complete("zz") == set()


def test_completes_options_and_what_they_take(script):
    assert complete("up", "--") == {"--port", "--data", "--help"}
    assert complete("down", "--w") == {"--wipe"}
    assert {"gateway", "calls", "postgres", "kafka", "-f", "--data"} <= complete("logs", "")
    assert complete("stop", "--kill", "ka") == {"kafka"}
    assert complete("token", "--role", "dis") == {"dispatcher"}
    assert complete("token", "--role", "pl") == {"platform"}
    assert {"calls", "gateway", "--"} <= complete("psql", "") and complete("psql", "calls", "--", "") == set()
    assert {"unit", "api", "browser"} <= complete("test", "")
    assert complete("test", "--preset", "") == {"dev", "asan", "tsan"}
    assert complete("build", "") >= {"dev", "release", "asan", "tsan", "fuzz"}
    assert "memory" in complete("bench", "")
    assert "aftercare.calls" in complete("events", "aft") and "calls" in complete("events", "c")


def test_completes_files(script):
    assert "deploy/demo/data/excavators.csv" in complete("import", "deploy/demo/data/ex")
    assert "tests/api/test_calls.py" in complete("test", "tests/api/test_cal")
    assert "deploy" in complete("up", "--data", "dep")
