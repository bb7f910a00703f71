"""Several who do something at the same moment."""
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier


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
    """The answer to a request that waits for others; when the machine is too busy for the wait of a lock it is asked again."""
    while True:
        answer = ask()
        if answer.status_code != 503:
            return answer
