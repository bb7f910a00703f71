"""Several who do something at the same moment."""
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

PATIENCE_SECONDS = 60
PAUSE_SECONDS = 0.05


def at_once(work, *columns):
    """What work(…) of each row of the columns returns, as map() does: in threads of their own, which begin together."""
    rows = list(zip(*columns, strict=True))
    barrier = Barrier(len(rows))

    def begin(row):
        barrier.wait()
        return work(*row)

    with ThreadPoolExecutor(len(rows)) as pool:
        return list(pool.map(begin, rows))


def insist(ask):
    """The answer to a request that waits for others; when the machine is too busy for its wait it is asked again."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = ask()
        if answer.status_code != 503 or time.monotonic() > deadline:
            return answer
        time.sleep(PAUSE_SECONDS)
