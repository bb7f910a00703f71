"""Time of one look-up among 100 routes / among 1."""
import json

from figures import at_most
from load import output_of
from stack import BUILD


def run():
    found = json.loads(output_of([BUILD / "tests/bench/router_bench"]))
    return {"rows": [found], "goals": [at_most("100 routes / 1", found["ratio"], 1.1)]}
