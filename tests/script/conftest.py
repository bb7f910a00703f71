"""./aftercare as its users call it."""
import os
import pathlib
import signal
import subprocess

import pytest

from support.stack import wait_for

SECONDS = 180  # a loaded machine starts PostgreSQL and Kafka slowly


def interruptible():
    """What a shell starts in the background ignores the interrupt, and so would all below it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Script:
    """The command, on a state directory of the test's own. Nothing of it may run in the end."""

    def __init__(self, command, state):
        self.command = command
        self.state = state

    def begin(self, *arguments, **options):
        return subprocess.Popen(
            [self.command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=interruptible,
            **options,
        )

    def run(self, *arguments, expect=0, **options):
        """Standard output of a call that ends with `expect`, or standard error when that isn't 0."""
        process = self.begin(*arguments, **options)
        out, err = process.communicate(timeout=SECONDS)
        assert process.returncode == expect, f"{arguments} -> {process.returncode}\n{out}\n{err}"
        return err if expect else out

    def on_state(self, command, *arguments, **options):
        return self.run(command, "--data", str(self.state), *arguments, **options)

    def processes(self):
        """Command lines of everything that was started for this state."""
        names = [str(self.state), os.path.realpath(self.state / "bin")[: -len("/bin")]]
        found = []
        for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if int(path.parent.name) != os.getpid() and any(name in line for name in names):
                found.append(line)
        return found

    def gone(self):
        wait_for("the end of every process", lambda: not self.processes(), SECONDS)


@pytest.fixture
def script(stack, tmp_path):
    script = Script(stack.command, tmp_path / "state")
    yield script
    if script.state.exists():
        script.on_state("down", "--wipe")
    script.gone()
