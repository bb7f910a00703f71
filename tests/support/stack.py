"""The running system that `./aftercare test` started for us: where it is, its database, its parts."""
import json
import os
import pathlib
import subprocess
import time

import psycopg
from psycopg.rows import dict_row

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = sorted(path.parent.name for path in ROOT.glob("services/*/main.c"))
LONG = bool(os.environ.get("AFTERCARE_TEST_LONG"))  # ./aftercare test --long


class Stack:
    def __init__(self):
        self.state = pathlib.Path(os.environ["AFTERCARE_TEST_STATE"])
        self.command = os.environ.get("AFTERCARE_TEST_COMMAND", str(ROOT / "aftercare"))
        self.status = json.loads((self.state / "status.json").read_text())
        self.gateway = self.status["gateway"]
        self.kafka = self.status["kafka"]
        self.services = {service["name"]: service for service in self.status["services"]}

    @property
    def sanitized(self):
        """Whether the services carry a sanitizer, which keeps memory that was freed to see whether it is used again."""
        return pathlib.Path(os.environ["AFTERCARE_TEST_BUILD"]).name in ("asan", "tsan")

    @property
    def others(self):
        """The services behind the gateway."""
        return [name for name in self.services if name != "gateway"]

    def address(self, service):
        """A service's own address, past the gateway."""
        return f"http://127.0.0.1:{self.services[service]['port']}"

    def internal(self, service):
        """Where it tells of its health and figures."""
        return f"http://127.0.0.1:{self.services[service]['internal_port']}"

    def secret(self, name):
        return (self.state / "secrets" / name).read_text().strip()

    def environment(self, service):
        """What the service was started with."""
        lines = (self.state / "run" / f"{service}.env").read_text().splitlines()
        pairs = (line.removeprefix("export ").split("=", 1) for line in lines if line.startswith("export "))
        return {name: value.strip("'") for name, value in pairs}

    def connect(self, role="postgres", **options):
        """A connection in autocommit; the superuser unless told otherwise."""
        postgres = self.status["postgres"]
        return psycopg.connect(
            host=postgres["host"],
            port=postgres["port"],
            dbname=postgres["database"],
            user=role,
            password=self.secret(f"{role}_password"),
            autocommit=True,
            row_factory=dict_row,
            **options,
        )

    def part(self, action, name, *options, check=True):
        """./aftercare start|stop PART, which returns when it is done."""
        return subprocess.run(
            [self.command, action, *options, "--data", str(self.state), name],
            check=check,
            capture_output=True,
            text=True,
            timeout=120,
        )

    @property
    def parts(self):
        """Everything that can be stopped and started, in the order in which it starts."""
        return ["postgres", "kafka", *self.services]

    def kill(self, *parts):
        """Ends them as suddenly as it can happen: kill -9; PostgreSQL by its immediate stop."""
        for part in parts:
            self.part("stop", part, "--kill")

    def start(self, *parts):
        """Starts those that don't run, and waits until they are ready."""
        for part in parts:
            if not self.runs(part):
                self.part("start", part)

    def pid(self, part):
        return int((self.state / "run" / f"{part}.pid").read_text().split()[0])

    def runs(self, part):
        try:
            stat = pathlib.Path(f"/proc/{self.pid(part)}/stat").read_text()
        except FileNotFoundError:
            return False
        return stat.rsplit(")", 1)[1].split()[0] != "Z"

    def binary(self, service):
        return str(self.state / "bin" / service)

    def log(self, part):
        return (self.state / "log" / f"{part}.log").read_text(errors="replace")


def wait_for(what, condition, seconds=10.0, pause=0.05):
    """Calls condition until it returns something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(pause)
