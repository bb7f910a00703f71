"""Any part may end at any moment: what was acknowledged is there once, with its events, in order."""
import random
import time

from faults.ledger import Ledger
from support.stack import LONG

ROUNDS = 40 if LONG else 6  # how often something is killed
APART_SECONDS = 1.0  # at most, between two of them, and before what was killed starts again


def rounds(parts, chance):
    """What is killed together each time: first each part once, then by chance; in the short form without Kafka, which
    takes its time to start."""
    for part in chance.sample(parts, len(parts)):
        yield [part]
    others = parts if LONG else [part for part in parts if part != "kafka"]
    for _ in range(ROUNDS - len(parts)):
        yield chance.sample(others, chance.choice([1, 2, 2, 3]))


def test_kill_anything(stack, tenants, events, seed):
    print(f"AFTERCARE_FAULTS_SEED={seed}")
    chance = random.Random(seed)
    ledger = Ledger(stack, tenants[:2], seed, 2)
    with ledger:
        for parts in rounds(stack.parts, chance):
            time.sleep(chance.uniform(0.2, APART_SECONDS))
            print(f"{time.monotonic():.1f} kill {' '.join(parts)}")
            stack.kill(*parts)
            time.sleep(chance.uniform(0, APART_SECONDS))
            stack.start(*sorted(parts, key=stack.parts.index))
        time.sleep(1)
    ledger.check(events)
