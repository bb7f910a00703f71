"""The stack that ./aftercare bench started, and the load generators."""
import json
import os
import pathlib
import re
import statistics
import subprocess
import tempfile
import time
import uuid

import psycopg
import requests

STATE = pathlib.Path(os.environ["AFTERCARE_TEST_STATE"])
BUILD = pathlib.Path(os.environ["AFTERCARE_TEST_BUILD"])
STATUS = json.loads((STATE / "status.json").read_text())
GATEWAY = STATUS["gateway"]
KAFKA = STATUS["kafka"]
CALLS = next(s for s in STATUS["services"] if s["name"] == "calls")
DIRECT = f"http://127.0.0.1:{CALLS['port']}"
PGBENCH = "/usr/lib/postgresql/15/bin/pgbench"
ROUNDS = 5
SECONDS = 4


def secret(name):
    for folder in (STATE / "secrets", pathlib.Path(os.environ["AFTERCARE_TEST_POSTGRES_PASSWORD_FILE"]).parent):
        if (folder / name).exists():
            return (folder / name).read_text().strip()
    raise FileNotFoundError(name)


def database():
    password = pathlib.Path(os.environ["AFTERCARE_TEST_POSTGRES_PASSWORD_FILE"]).read_text().strip()
    return psycopg.connect(os.environ["AFTERCARE_TEST_POSTGRES"] + f" password={password}", autocommit=True)


def login(tenant, email, password):
    answer = requests.post(f"{GATEWAY}/v1/sessions", json={"tenant": tenant, "email": email, "password": password}, timeout=10)
    answer.raise_for_status()
    return answer.json()["access_token"]


class Tenant:
    """A tenant of the bench's own, with its administrator's token."""

    def __init__(self):
        self.code = "bench" + uuid.uuid4().hex[:10]
        password = "Bench-" + uuid.uuid4().hex
        platform = login("platform", "platform@aftercare.local", secret("platform_password"))
        answer = requests.post(f"{GATEWAY}/v1/tenants", headers={"Authorization": f"Bearer {platform}"}, timeout=10, json={
            "code": self.code, "name": "Bench", "admin": {"email": "admin@bench.local", "password": password}})
        answer.raise_for_status()
        self.id = answer.json()["id"]
        self.token = login(self.code, "admin@bench.local", password)
        self.headers = {"Authorization": f"Bearer {self.token}"}
        for _ in range(200):  # its copy and its first vocabulary arrive by Kafka
            answer = requests.get(f"{DIRECT}/v1/call-types", headers=self.headers, timeout=10)
            if answer.status_code == 200 and answer.json()["items"]:
                return
            time.sleep(0.05)
        raise TimeoutError("the calls service does not know the tenant")

    def post(self, path, body):
        answer = requests.post(DIRECT + path, headers=self.headers, json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()


def statements():
    """All SQL of the calls service by name."""
    return json.loads(subprocess.check_output([BUILD / "services/calls/calls", "--statements"]))


def wrk(url, token, connections=8, script=None, seconds=SECONDS):
    """Requests a second; fails when any was refused."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-H", f"Authorization: Bearer {token}"]
    if script:
        command += ["-s", str(script)]
    out = subprocess.check_output([*command, url], text=True)
    if "Non-2xx" in out or "Socket errors" in out:
        raise RuntimeError(out)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])


def pgbench_script(names, values):
    """A pipeline of named statements with their parameters, as pgbench runs it; values are SQL or pgbench variables."""
    sql = statements()
    lines = ["\\startpipeline"]
    for name, arguments in names:
        text = " ".join(sql[name].split())
        for number in range(len(arguments), 0, -1):
            text = re.sub(rf"\${number}(?!\d)", lambda _, n=number: values[arguments[n - 1]], text)
        lines.append(text + ";")
    return "\n".join(lines + ["\\endpipeline", ""])


def pgbench(scripts, clients=4, seconds=SECONDS):
    """Transactions a second of pgbench as the runtime role."""
    password = secret("calls_password")
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, script in enumerate(scripts):
            file = pathlib.Path(folder) / f"{number}.sql"
            file.write_text(script)
            files += ["-f", str(file)]
        out = subprocess.check_output(
            [PGBENCH, "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(seconds), "-h", "127.0.0.1", "-p",
             str(STATUS["postgres"]["port"]), "-U", "calls", *files, "aftercare"],
            text=True, stderr=subprocess.STDOUT, env={**os.environ, "PGPASSWORD": password})
    if "ERROR" in out or "aborted" in out:
        raise RuntimeError(out)
    return float(re.search(r"tps = ([\d.]+)", out)[1])


def ratio(first, second, rounds=ROUNDS):
    """Runs both in turn; the medians and the median of the ratios."""
    pairs = [(first(), second()) for _ in range(rounds)]
    return {"a": round(statistics.median(a for a, _ in pairs)), "b": round(statistics.median(b for _, b in pairs)),
            "ratio": round(statistics.median(a / b for a, b in pairs), 3)}


def goal(what, value, limit, at_least):
    return {"what": what, "value": value, "goal": f"{'>=' if at_least else '<='} {limit}",
            "reached": value >= limit if at_least else value <= limit}
