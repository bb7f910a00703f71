"""Stock stays right: random walks of many clients over the same goods while parts die, and races for the last piece."""
import random
import threading
import time
from decimal import Decimal

from faults.ledger import changes_of, check_events, check_numbers, check_sequence
from faults.walk import Goods, Model, Walker
from support.books import check_books
from support.client import Client, problem
from support.goods import levels, move
from support.insistent import finish
from support.stack import LONG
from support.tenant import Tenant

CLIENTS = 8
STEPS = 100_000 if LONG else 400
KILLED = ["inventory", "postgres", "gateway"]  # one after the other; the long form goes on with it, Kafka too
APART_SECONDS = 20.0 if LONG else 2.0  # at most, between two of them
RACES = 10_000 if LONG else 50


def kill_meanwhile(stack, chance, walkers):
    """Each part at least once, while there are steps to take."""
    parts = [*KILLED, "kafka"] if LONG else KILLED
    turn = chance.sample(parts, len(parts))
    while turn or any(walker.is_alive() for walker in walkers):
        part = turn.pop() if turn else chance.choice(parts)
        time.sleep(chance.uniform(0.2, APART_SECONDS))
        print(f"{time.monotonic():.1f} kill {part}")
        stack.kill(part)
        time.sleep(chance.uniform(0, 1))
        stack.start(part)
        if not LONG and not turn:
            break


def check_model(database, api, goods, model):
    """The model against what the API shows of goods, pieces and promises."""
    stock = {(row["article_id"], row["warehouse_id"], row["owner"]): row for row in api.every("/v1/stock", limit=500)}
    assert {key: Decimal(row["on_hand"]) for key, row in stock.items() if Decimal(row["on_hand"])} == {
        key: quantity for key, quantity in model.on_hand.items() if quantity}
    pieces = {(row["serial"], row["warehouse_id"]) for row in api.every("/v1/serials", limit=500) if row["warehouse_id"]}
    assert all(count in (0, 1) for count in model.pieces.values()), model.pieces
    assert pieces == {key for key, count in model.pieces.items() if count}
    # What became of a reservation and of all that was split from it.
    rows = {row["id"]: row for row in api.every("/v1/reservations", limit=500)}
    sums = {}
    for row in rows.values():
        first = row
        while first["split_from"]:
            first = rows[first["split_from"]]
        asked, issued, released = sums.get(first["id"], (0, 0, 0))
        sums[first["id"]] = (asked + Decimal(row["quantity"]), issued + Decimal(row["issued"]), released + Decimal(row["released"]))
    assert sums == {made: (asked, model.issued[made], model.released[made]) for made, asked in model.asked.items()}
    for article in [*goods.parts, goods.pump]:
        check_average(database, api, article)


def check_average(database, api, article):
    """To the cent, and of what is valued at the sum of the movements."""
    row = database.execute("select quantity, value from inventory_data.article_value where article_id = %s", [article]).fetchone()
    shown = api.get(f"/v1/articles/{article}").json()["average_cost"]
    if row and row["quantity"] > 0:
        assert abs(Decimal(shown) - row["value"] / row["quantity"]) <= Decimal("0.0001"), (article, shown, row)
    else:
        assert shown is None, (article, shown, row)


def test_walks(stack, platform, events, seed):
    print(f"AFTERCARE_FAULTS_SEED={seed}")
    tenant, model = Tenant(stack, platform), Model()
    goods, left, stopping = Goods(tenant), iter(range(STEPS)), threading.Event()
    walkers = [Walker(f"walk-{seed}-{number}", stack.gateway, goods, model, left, stopping) for number in range(CLIENTS)]
    for walker in walkers:
        walker.start()
    kill_meanwhile(stack, random.Random(seed), walkers)
    stopping.wait(None if LONG else 300)
    finish(walkers)
    print(f"{sum(walker.made for walker in walkers)} writes acknowledged")
    with stack.connect() as database:
        check_books(database, tenant)
        check_model(database, tenant.admin, goods, model)
        for table in ("transfer", "count"):
            check_numbers(database, tenant, f"inventory_data.{table}")
        events.settle(database, ["inventory"], 120)
        check_sequence(database, "inventory")
        check_events(tenant, changes_of(database, tenant, "inventory"), events, "inventory")


class Racer:
    """Two clients with connections of their own, who send at the same moment."""

    def __init__(self, stack, tenant):
        token = tenant.admin.token
        self.clients = [Client(stack.gateway, token) for _ in range(2)]

    def race(self, sends):
        barrier, answers = threading.Barrier(2), [None, None]

        def run(number):
            barrier.wait()
            while answers[number] is None or answers[number].status_code == 503:
                answers[number] = sends[number](self.clients[number])

        threads = [threading.Thread(target=run, args=[number]) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers


def test_the_last_piece(stack, platform):
    """One of two has it, by issue or by promise; the other is told how much is available."""
    tenant = Tenant(stack, platform)
    api, article, place, activity = tenant.admin, tenant.article(), tenant.warehouse(), tenant.known_activity()
    body = {"article_id": article["id"], "warehouse_id": place["id"], "quantity": "1"}

    def issue(client):
        return client.post("/v1/movements", body | {"kind": "issue"}, None)

    def promise(client):
        return client.post("/v1/reservations", body | {"activity_id": activity["id"]}, None)

    racer, won = Racer(stack, tenant), []
    for number in range(RACES):
        move(api, "receipt", article, place, 1)
        answers = racer.race([(issue, issue), (promise, promise), (issue, promise)][number % 3])
        assert sorted(answer.status_code for answer in answers) == [201, 409], [answer.text for answer in answers]
        winner = 0 if answers[0].status_code == 201 else 1
        refused = problem(answers[1 - winner], 409, "insufficient-stock")
        assert refused["detail"] == f"Of {article['code']}, 0 pcs are available in {place['code']}; 1 were asked for."
        won.append(winner)
        made = answers[winner].json()
        if "status" in made:  # promised: it is still there
            assert levels(api, article, place) == ("1", "1", "0", "0")
            api.act(f"/v1/reservations/{made['id']}", "issue")
        assert levels(api, article, place) == ("0", "0", "0", "0")
    print(f"the first won {won.count(0)} times, the second {won.count(1)}")
    with stack.connect() as database:
        check_books(database, tenant)
