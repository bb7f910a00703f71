"""Processes of services of a test's own, with other options, on the database of the running system."""
import contextlib
import os
import socket
import subprocess
import threading

import requests

from .stack import wait_for

READY_SECONDS = 60
END_SECONDS = 60


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


class Replica:
    """One more process of a service, on ports that it keeps. options: AFTERCARE_… without the prefix."""

    def __init__(self, stack, service, **options):
        port, internal = free_port(), free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.internal = f"http://127.0.0.1:{internal}"
        self.binary = stack.binary(service)
        self.environment = stack.environment(service) | {f"AFTERCARE_{name}": str(value) for name, value in options.items()}
        self.environment |= {"AFTERCARE_LISTEN": f"127.0.0.1:{port}", "AFTERCARE_INTERNAL_LISTEN": f"127.0.0.1:{internal}"}
        self.environment |= {"PATH": os.environ["PATH"]}
        self.log = []
        self.process = None

    def start(self):
        """Returns when it is ready."""
        self.process = subprocess.Popen([self.binary], env=self.environment, stderr=subprocess.PIPE, text=True)
        threading.Thread(target=self.log.extend, args=[self.process.stderr], daemon=True).start()
        wait_for(f"{self.binary} to be ready", self.ready, READY_SECONDS)
        return self

    def ready(self):
        assert self.process.poll() is None, "".join(self.log)
        try:
            return requests.get(f"{self.internal}/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def terminate(self):
        """SIGTERM; returns when it has ended, in order."""
        self.process.terminate()
        assert self.process.wait(END_SECONDS) == 0, "".join(self.log)

    def kill(self):
        self.process.kill()
        self.process.wait(END_SECONDS)

    def memory(self):
        """Resident bytes."""
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def processor_seconds(self):
        """Time of the processor it has taken."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def replica(stack, service, **options):
    running = Replica(stack, service, **options)
    try:
        yield running.start()
    finally:
        if running.process.poll() is None:
            running.terminate()
