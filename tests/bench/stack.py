"""The stack that ./aftercare bench started, a tenant of a bench's own, and what its parts use of the machine."""
import os
import pathlib
import re

from support.client import Client
from support.stack import Stack
from support.tenant import Tenant, login

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["AFTERCARE_TEST_BUILD"])
STACK = Stack()
SHORT = os.environ["AFTERCARE_BENCH_SHORT"] != ""


def rows(count):
    """How many rows a bench that wants so many fills its table with."""
    return max(1, count // 100) if SHORT else count


def tenant_new():
    email = STACK.environment("gateway")["AFTERCARE_BOOTSTRAP_EMAIL"]
    password = STACK.secret("platform_password")
    return Tenant(STACK, Client(STACK.gateway, lambda: login(STACK.gateway, "platform", email, password)))


def pool_size(service):
    """Database connections that its requests share."""
    return int(STACK.environment(service).get("AFTERCARE_POSTGRES_POOL", 4))


def resident_mb(*services):
    """Resident memory of services together, in MB as ps and top mean it: 1024 * 1024 bytes."""
    total = 0
    for service in services:
        status = pathlib.Path(f"/proc/{STACK.pid(service)}/status").read_text()
        total += int(re.search(r"VmRSS:\s+(\d+)", status)[1])
    return round(total / 1024, 1)

