"""Stock stays right: random walks of many clients over the same goods while parts die, and races for the last piece."""
import collections
import random
import threading
import time
import uuid
from decimal import Decimal

from faults.ledger import changes_of, check_events, check_numbers, check_sequence
from faults.walk import Goods
from faults.walk_suppliers import SupplierModel, SupplierWalker, check_suppliers
from support.at_once import at_once, insist
from support.books import check_books
from support.client import problem
from support.goods import levels, move
from support.insistent import finish
from support.stack import LONG
from support.tenant import Tenant

CLIENTS = 8
STEPS = 100_000 if LONG else 400
COPIES = {"activity": "status", "charge": "article_id, quantity"}  # what calls owns and inventory keeps
PROMISED = """
    select charge_id, coalesce(sum(open) filter (where status = 'reserved'), 0) as reserved,
        coalesce(sum(open) filter (where status = 'waiting'), 0) as waiting, sum(issued) as issued
    from inventory_data.reservation where tenant_id = %s and charge_id is not null group by 1"""
KILLED = ["inventory", "postgres", "gateway", "calls", *(["kafka"] if LONG else [])]  # it takes its time to start
APART_SECONDS = 60.0 if LONG else 2.0  # at most, between two of them; a start takes its time as well
PAIRS = 4
RACES = 2_500 if LONG else 12  # of each pair
SETTLE_SECONDS = 900 if LONG else 120


def victims(chance, walkers):
    """Each part once, and in the long form whichever, while there are steps to take."""
    yield from chance.sample(KILLED, len(KILLED))
    while LONG and any(walker.is_alive() for walker in walkers):
        yield chance.choice(KILLED)


def kill_meanwhile(stack, chance, walkers):
    for part in victims(chance, walkers):
        time.sleep(chance.uniform(0.2, APART_SECONDS))
        print(f"{time.monotonic():.1f} kill {part}")
        stack.kill(part)
        time.sleep(chance.uniform(0, 1))
        stack.start(part)


def check_model(database, api, goods, model):
    """The model against what the API shows of goods, pieces and promises."""
    stock = {(row["article_id"], row["warehouse_id"], row["owner"]): row for row in api.every("/v1/stock", limit=500)}
    assert {key: Decimal(row["on_hand"]) for key, row in stock.items() if Decimal(row["on_hand"])} == {
        key: quantity for key, quantity in model.on_hand.items() if quantity}
    pieces = {(row["serial"], row["warehouse_id"]) for row in api.every("/v1/serials", limit=500) if row["warehouse_id"]}
    assert all(count in (0, 1) for count in model.pieces.values()), model.pieces
    assert pieces == {key for key, count in model.pieces.items() if count}
    check_promises(api, model)
    check_returns(api, model)
    for article in [*goods.parts, goods.pump]:
        check_average(database, api, article)


def check_promises(api, model):
    """What became of a reservation and of all that was split from it."""
    eventually(lambda: check_ended(api, model))
    rows = {row["id"]: row for row in api.every("/v1/reservations", limit=500)}
    sums = collections.defaultdict(lambda: (0, 0, 0))
    for row in rows.values():
        first = row
        while first["split_from"]:
            first = rows[first["split_from"]]
        quantity, issued, released = sums[first["id"]]
        sums[first["id"]] = (quantity + Decimal(row["quantity"]), issued + Decimal(row["issued"]), released + Decimal(row["released"]))
    assert set(sums) == set(model.asked)
    for made, (quantity, issued, released) in sums.items():
        told = (model.asked[made], model.issued[made], model.released[made])
        if made in model.ending or rows[made]["activity_id"] in model.cancelled:
            assert (quantity, issued) == told[:2] and released == quantity - issued >= told[2], (rows[made], told)
        else:
            assert (quantity, issued, released) == told, (rows[made], told)


def check_ended(api, model):
    """No promise is open any more whose time is over or whose activity is cancelled."""
    found = [row for status in ("waiting", "reserved") for row in api.every("/v1/reservations", limit=500, status=status)]
    left = [row for row in found if row["expires_at"] or row["activity_id"] in model.cancelled]
    assert not left, f"{len(left)} are open still, as {left[0]}"


def check_returns(api, model):
    """Lines are split without loss, and nothing is in two of them."""
    sums = collections.Counter()
    for row in api.every("/v1/rma-lines", limit=500):
        sums[row["rma_id"]] += Decimal(row["quantity"])
    assert sums == model.opened
    assert len(model.numbers) == len(set(model.numbers)), "a number was given twice"


def check_exchange(database, tenant, model):
    """What calls has made is in inventory as it is, and what was promised of charges is told there."""
    for kind, fields in COPIES.items():
        rows = [database.execute(f"select id, {fields} from {service}_data.{kind} where tenant_id = %s order by id", [tenant.id]).fetchall()
                for service in ("calls", "inventory")]
        assert rows[0] == rows[1], f"{kind}: {[pair for pair in zip(*rows) if pair[0] != pair[1]][:5]}"
    promised = {row["charge_id"]: row for row in database.execute(PROMISED, [tenant.id])}
    for charge in tenant.admin.every("/v1/charges", limit=500, kind="part"):
        told, made = charge["stock"], promised.get(uuid.UUID(charge["id"]))
        assert (told and {name: Decimal(told[name]) for name in told}) == (made and {name: made[name] for name in told}), (charge, made)
    assert {str(charge) for charge in promised} <= set(model.charges)


def eventually(check):
    """Checks what events and timers bring about until it holds: behind a long walk there is much to catch up with."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        time.sleep(1)


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
    tenant, model = Tenant(stack, platform), SupplierModel()
    goods, left, stopping = Goods(tenant), iter(range(STEPS)), threading.Event()
    walkers = [SupplierWalker(f"walk-{seed}-{number}", stack.gateway, goods, model, left, stopping) for number in range(CLIENTS)]
    for walker in walkers:
        walker.start()
    kill_meanwhile(stack, random.Random(seed), walkers)
    stopping.wait(None if LONG else 300)
    finish(walkers)
    print(f"{sum(walker.made for walker in walkers)} writes acknowledged; with suppliers {dict(model.done)}")
    with stack.connect() as database:
        check_suppliers(database, tenant, goods, model)
        check_model(database, tenant.admin, goods, model)
        check_books(database, tenant)
        for table in ("transfer", "count", "rma", "transport_document"):
            check_numbers(database, tenant, f"inventory_data.{table}")
        events.settle(database, ["inventory", "calls"], SETTLE_SECONDS)
        for service in ("inventory", "calls"):
            check_sequence(database, service)
            check_events(tenant, changes_of(database, tenant, service), events, service, shared=True)
        eventually(lambda: check_exchange(database, tenant, model))


def test_the_last_piece(stack, platform):
    """One of two has it, by issue or by promise; the other is told how much is available. Some pairs at the same time,
    each about an article of its own."""
    tenant = Tenant(stack, platform)
    place = tenant.warehouse()
    pairs = [(tenant.article(), tenant.known_activity()) for _ in range(PAIRS)]
    won = at_once(lambda article, activity: race(tenant.admin, article, place, activity), *zip(*pairs, strict=True))
    print(f"the first won {sum(won)} of {PAIRS * RACES} races")
    with stack.connect() as database:
        check_books(database, tenant)


def race(admin, article, place, activity):
    """Two race RACES times for one piece that came in; how often the first had it."""
    api, *clients = [admin.at(admin.base) for _ in range(3)]
    body = {"article_id": article["id"], "warehouse_id": place["id"], "quantity": "1"}

    def issue(client):
        return client.post("/v1/movements", body | {"kind": "issue"}, None)

    def promise(client):
        return client.post("/v1/reservations", body | {"activity_id": activity["id"]}, None)

    won = 0
    for number in range(RACES):
        insist(lambda: move(api, "receipt", article, place, 1, None))
        sends = [(issue, issue), (promise, promise), (issue, promise)][number % 3]
        answers = at_once(lambda send, client: insist(lambda: send(client)), sends, clients)
        assert sorted(answer.status_code for answer in answers) == [201, 409], [answer.text for answer in answers]
        first = answers[0].status_code == 201
        refused = problem(answers[first], 409, "insufficient-stock")
        assert refused["detail"] == f"Of {article['code']}, 0 pcs are available in {place['code']}; 1 were asked for."
        made = answers[not first].json()
        if "status" in made:  # promised: it is still there
            assert levels(api, article, place) == ("1", "1", "0", "0")
            insist(lambda: api.act(f"/v1/reservations/{made['id']}", "issue", expect=None))
        assert levels(api, article, place) == ("0", "0", "0", "0")
        won += first
    return won
