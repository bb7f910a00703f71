"""Time of one look-up among 100 routes / among 1."""
import json
import subprocess

from stack import BUILD, goal


def run():
    found = json.loads(subprocess.check_output([BUILD / "tests/bench/router_bench"]))
    ratio = round(found["hundred_ns"] / found["one_ns"], 3)
    return {"rows": [{**found, "ratio": ratio}], "goals": [goal("100 routes / 1", ratio, 1.1, False)]}
