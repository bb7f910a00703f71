"""Load: wrk for the API, and pgbench for the very statements that the API runs."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time
import uuid

from stack import BUILD, STACK, pool_size
from support.statements import logged, pipelines

PGBENCH = "/usr/lib/postgresql/15/bin/pgbench"
CONNECTIONS = 8  # of wrk: twice the pool, so that the service never waits for a request
SECONDS = 3
REFUSED_MAX = 0.02
CLIENTS_MAX = 64  # of pgbench: as many as a pool may have


def output_of(command, **options):
    """The output of a command; what it says when it fails is in the error."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise RuntimeError(f"{command[0]} exits with {done.returncode}: {done.stderr or done.stdout}")
    return done.stdout


def wrk(url, token, script=None, seconds=SECONDS, connections=CONNECTIONS):
    """Requests answered with 2xx, a second. A few told to come back later are a loaded machine's; more fail the bench."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-H", f"Authorization: Bearer {token}"]
        if script:
            file = pathlib.Path(folder) / "wrk.lua"
            file.write_text(script)
            command += ["-s", str(file)]
        out = output_of([*command, url])
    made = int(re.search(r"(\d+) requests in", out)[1])
    refused = int((re.search(r"Non-2xx or 3xx responses: (\d+)", out) or [0, 0])[1])
    if "Socket errors" in out or refused > made * REFUSED_MAX:
        raise RuntimeError(out)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]) * (1 - refused / made)


def recorded(service, send):
    """The statements of the request that send(headers) makes: a list of pipelines, each a list of (sql, values)."""
    mark = uuid.uuid4().hex
    with logged(STACK):
        send({"X-Request-ID": mark})
    return pipelines(STACK, service)[mark]


def script_of(recording, instead=None):
    """Recorded pipelines as a script of pgbench, and the values of its variables.

    Values travel as parameters, as the service sends them. `instead` maps a value to an expression of SQL, for what
    must differ from one transaction to the next, also where it stands inside another, as in a body; there :id is a number
    that no other transaction has.
    """
    names = {}  # of the variable that holds a value

    def spelled(value):
        if value in (instead or {}):
            return instead[value]
        if not value:  # pgbench has no variable without a value
            return "null" if value is None else "''"
        name = ":" + names.setdefault(value, f"v{len(names)}")
        for inner, expression in (instead or {}).items():
            if inner in value:
                name = f"replace({name}, '{inner}', {expression})"
        return f"{name}::jsonb" if name.startswith("replace") and value.startswith(('{"', "[{")) else name

    lines = ["\\set n :n + 1", f"\\set id :n * {CLIENTS_MAX} + :client_id"]
    for statements in recording:
        lines.append("\\startpipeline")
        for sql, values in statements:
            lines.append(re.sub(r"\$(\d+)", lambda at, own=values: spelled(own[int(at[1]) - 1]), " ".join(sql.split())) + ";")
        lines.append("\\endpipeline")
    return "\n".join(lines + [""]), {name: value for value, name in names.items()}


def told(service, script):
    """Script: what base.tell runs by name, prepared as the service has it, once on each connection."""
    names = {f"{resource}.{verb}" for resources in re.findall(r"base\.tell\('{(.*?)}'", script)
             for resource in re.findall(r'"(\w+)"', resources) for verb in ("record", "records")}
    if not names:
        return ""
    statements = json.loads(output_of([str(BUILD / "services" / service / service), "--statements"], env={}))
    lines = [f'prepare "{name}" as {" ".join(statements[name].split())};' for name in sorted(names)]
    return "\n".join(["\\if :told = 0", *lines, "\\set told 1", "\\endif", ""])


def pgbench(service, script, variables=None, seconds=SECONDS):
    """Transactions a second as the service's runtime role, on as many connections as its pool has."""
    clients = str(pool_size(service))
    variables = {"n": time.time_ns() // 1000, "told": 0, **(variables or {})}
    postgres = STACK.status["postgres"]
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "script.sql"
        file.write_text(told(service, script) + script)
        command = [PGBENCH, "-n", "-M", "prepared", "-c", clients, "-j", "1", "-T", str(seconds), "-f", str(file)]
        for name, value in variables.items():
            command += ["-D", f"{name}={value}"]
        command += ["-h", postgres["host"], "-p", str(postgres["port"]), "-U", service, postgres["database"]]
        out = output_of(command, env={**os.environ, "PGPASSWORD": STACK.secret(f"{service}_password")})
    if not re.search(r"number of failed transactions: 0 ", out):
        raise RuntimeError(out)
    return float(re.search(r"tps = ([\d.]+)", out)[1])
