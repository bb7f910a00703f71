"""Clients that move and promise the same few goods at random, and a model of what they were told.

Whatever is acknowledged adds to sums, so that the model needs no order: a piece that came to a place and left it counts
one and minus one there. What is refused changes nothing.
"""
import collections
import datetime
import threading
from decimal import Decimal

from support.client import new_id, told
from support.insistent import InsistentThread

REMEMBERED = 40  # rows of each kind that are there to be acted on
EXPIRES_SECONDS = (5, 60)  # of promises that end by themselves


class Goods:
    """A few articles, one of them with serials, in a few warehouses."""

    def __init__(self, tenant):
        self.tenant = tenant
        self.parts = [tenant.article()["id"] for _ in range(2)]
        self.pump = tenant.article(tracking="serial")["id"]
        self.places = [tenant.warehouse(kind=kind)["id"] for kind in ("stock", "stock", "van")]
        self.shelf = tenant.warehouse()["id"]  # where nothing is promised
        self.bench = tenant.warehouse(kind="repair")["id"]
        self.way = tenant.warehouse(kind="transit")["id"]
        self.away = tenant.warehouse(kind="supplier")["id"]
        self.activity = tenant.known_activity()["id"]
        self.customer = tenant.place()[0]["id"]


class Passage:
    """A transfer of one line: what came where it goes, as far as it was told; what was told last may have happened first."""

    def __init__(self, row):
        self.row = row
        self.start, self.end = row["from_warehouse_id"], row["to_warehouse_id"]
        [self.line] = row["lines"]
        self.arrived, self.serials_arrived = Decimal(0), set()
        self.closed = None  # how the rest of it ended: all | returned | lost

    def rest(self):
        serials = [serial for serial in self.line["serials"] or () if serial not in self.serials_arrived]
        return Decimal(self.line["quantity"]) - self.arrived, serials


class Model:
    """What the acknowledged writes come to. Safe for threads."""

    def __init__(self):
        self.lock = threading.RLock()
        self.on_hand = collections.Counter()  # (article, warehouse, owner)
        self.pieces = collections.Counter()  # (serial, warehouse)
        self.asked, self.issued, self.released = collections.Counter(), collections.Counter(), collections.Counter()
        self.ending = set()  # reservations whose rest is released by itself: they expire, or their activity is cancelled
        self.movements, self.reservations, self.passages = [], [], []  # to be acted on

    def move(self, article, warehouse, quantity, serials=(), owner="own"):
        with self.lock:
            self.on_hand[article, warehouse, owner] += quantity
            for serial in serials or ():
                self.pieces[serial, warehouse] += 1 if quantity > 0 else -1

    def carry(self, article, start, end, quantity, serials):
        """From one place to another; None is nowhere."""
        with self.lock:
            if start:
                self.move(article, start, -quantity, serials)
            if end:
                self.move(article, end, quantity, serials)

    def arrived(self, passage, way, quantity, serials):
        """A part of what was shipped came."""
        with self.lock:
            came_from = {None: way, "all": passage.end, "returned": passage.start, "lost": None}[passage.closed]
            self.carry(passage.line["article_id"], came_from, passage.end, quantity, serials)
            passage.arrived += quantity
            passage.serials_arrived.update(serials or ())

    def ended(self, passage, way, closed):
        """The rest of what was shipped came as well, went back or is lost."""
        with self.lock:
            quantity, serials = passage.rest()
            goes_to = {"all": passage.end, "returned": passage.start, "lost": None}[closed]
            self.carry(passage.line["article_id"], way, goes_to, quantity, serials)
            passage.closed = closed

    def add(self, counter, key, quantity):
        with self.lock:
            counter[key] += quantity

    def remember(self, rows, row):
        with self.lock:
            rows.append(row)
            del rows[:-REMEMBERED]

    def serials_at(self, warehouse):
        with self.lock:
            return sorted(serial for (serial, place), count in self.pieces.items() if place == warehouse and count > 0)


class Walker(InsistentThread):
    """Takes `left` steps, a number that all share."""

    def __init__(self, name, base, goods, model, left, stopping):
        super().__init__(name, base, goods.tenant, stopping)
        self.goods = goods
        self.model = model
        self.left = left
        self.made = 0

    def work(self):
        """What there is to do, and how often it is done."""
        return [(self.receive, 6), (self.issue, 4), (self.customers_goods, 1), (self.reserve, 6), (self.issue_reserved, 5),
                (self.release, 3), (self.change_warehouse, 2), (self.draft, 3), (self.carry, 6), (self.count, 2), (self.reverse, 3)]

    def step(self):
        if next(self.left, None) is None:
            self.stopping.set()
            return
        actions, weights = zip(*self.work(), strict=True)
        self.random.choices(actions, weights)[0]()

    # What the model learns.

    def receive(self):
        article, serials = self.anything(lambda: [self.serial_new() for _ in range(self.random.randint(1, 2))])
        kind = self.random.choice(["receipt", "receipt", "return", "opening"])
        self.post_movement(kind, article, serials, unit_cost=f"{self.random.randint(100, 999) / 100:.2f}")

    def issue(self):
        warehouse = self.random.choice(self.goods.places)
        article, serials = self.anything(lambda: self.some(self.model.serials_at(warehouse)))
        self.post_movement(self.random.choice(["issue", "issue", "scrap"]), article, serials, warehouse)

    def customers_goods(self):
        self.post_movement("opening", self.random.choice(self.goods.parts), None, self.goods.bench, owner="customer")

    def post_movement(self, kind, article, serials, warehouse=None, **fields):
        quantity = len(serials) if serials else self.random.randint(1, 4)
        body = {"kind": kind, "article_id": article, "warehouse_id": warehouse or self.random.choice(self.goods.places),
                "quantity": str(quantity), **({"serials": serials} if serials else {}), **fields}
        row = self.post("/v1/movements", body, 201)
        if row:
            self.model.move(article, row["warehouse_id"], Decimal(row["quantity"]), serials, row["owner"])
            self.model.remember(self.model.movements, row)

    def reverse(self):
        row = self.one_of(self.model.movements)
        if row and self.post(f"/v1/movements/{row['id']}/actions/reverse", {"reason": "walk"}, 201):
            self.model.move(row["article_id"], row["warehouse_id"], -Decimal(row["quantity"]), row["serials"], row["owner"])

    def reserve(self):
        body = {"activity_id": self.goods.activity}
        if self.random.random() < 0.2:
            seconds = self.random.uniform(*EXPIRES_SECONDS)
            ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
            body["expires_at"] = ends.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        timed = "expires_at" in body
        self.promise(body, timed, (409, 422) if timed else (409,))  # 422: its time was over when it was asked for again

    def promise(self, body, ending=False, refused=(409,)):
        quantity = self.random.randint(1, 4)
        body |= {"article_id": self.random.choice([*self.goods.parts, self.goods.pump]), "quantity": str(quantity),
                 "warehouse_id": self.random.choice(self.goods.places), "partial": self.random.random() < 0.5}
        row = self.post("/v1/reservations", body, 201, refused)
        if row:
            self.model.add(self.model.asked, row["id"], quantity)
            if ending:
                self.model.ending.add(row["id"])
            self.model.remember(self.model.reservations, row)
        return row

    def issue_reserved(self):
        row = self.one_of(self.model.reservations)
        if not row:
            return
        serials = self.some(self.model.serials_at(row["warehouse_id"])) if row["article_id"] == self.goods.pump else None
        if serials == []:
            return
        quantity = len(serials) if serials else self.random.randint(1, 2)
        done = self.act("reservations", row, "issue", quantity=str(quantity), **({"serials": serials} if serials else {}))
        if done:
            self.model.add(self.model.issued, row["id"], quantity)
            self.model.move(row["article_id"], done["warehouse_id"], -quantity, serials)

    def release(self):
        row, quantity = self.one_of(self.model.reservations), self.random.randint(1, 2)
        if row and self.act("reservations", row, "release", quantity=str(quantity)):
            self.model.add(self.model.released, row["id"], quantity)

    def change_warehouse(self):
        row = self.one_of(self.model.reservations)
        if row:
            self.act("reservations", row, "change-warehouse", warehouse_id=self.random.choice(self.goods.places))

    def draft(self):
        self.draft_between(*self.random.sample(self.goods.places, 2))

    def draft_between(self, start, end):
        article, serials = self.anything(lambda: self.some(self.model.serials_at(start)))
        line = {"article_id": article, "quantity": str(len(serials) if serials else self.random.randint(1, 3)),
                **({"serials": serials} if serials else {})}
        row = self.post("/v1/transfers", {"from_warehouse_id": start, "to_warehouse_id": end, "lines": [line]}, 201)
        if row:
            self.model.remember(self.model.passages, Passage(row))

    def carry(self):
        """The next step of a transfer; who loses the race for it is refused."""
        passage = self.one_of(self.model.passages)
        if not passage:
            return
        actions = [(self.ship, 4), (self.receive_part, 4), (self.receive_all, 2), (self.counter, 1), (self.settle, 2), (self.cancel, 1)]
        names, weights = zip(*actions, strict=True)
        self.random.choices(names, weights)[0](passage)

    def ship(self, passage):
        if self.act("transfers", passage.row, "ship"):
            line = passage.line  # all of it, also when something that came was told already
            self.model.carry(line["article_id"], passage.start, self.goods.way, Decimal(line["quantity"]), line["serials"])

    def receive_part(self, passage):
        """The rest is missing, until it comes or somebody says what became of it."""
        serials = self.some(passage.line["serials"]) if passage.line["serials"] else None
        quantity = len(serials) if serials else self.random.randint(1, int(Decimal(passage.line["quantity"])))
        line = {"position": 1, "quantity": str(quantity), **({"serials": serials} if serials else {})}
        if self.act("transfers", passage.row, "receive", lines=[line]):
            self.model.arrived(passage, self.goods.way, quantity, serials)

    def receive_all(self, passage):
        if self.act("transfers", passage.row, "receive"):
            self.model.ended(passage, self.goods.way, "all")

    def counter(self, passage):
        if self.act("transfers", passage.row, "ship-and-receive"):
            self.model.ended(passage, passage.start, "all")

    def settle(self, passage):
        outcome = self.random.choice(["returned", "lost"])
        if self.act("transfers", passage.row, "settle", outcome=outcome, reason="walk"):
            self.model.ended(passage, self.goods.way, outcome)

    def cancel(self, passage):
        done = self.act("transfers", passage.row, "cancel", reason="walk")
        if done and done["shipped_at"]:
            self.model.ended(passage, self.goods.way, "returned")

    def count(self):
        """What is found differs by a piece or two; whoever else moves meanwhile, the difference stays right."""
        self.count_in(self.random.choice(self.goods.places))

    def count_in(self, place):
        article = self.random.choice(self.goods.parts)
        row = self.post("/v1/counts", {"warehouse_id": place, "scope": {"article_ids": [article]}}, 201)
        row = row and self.act("counts", row, "start")
        if not row:
            return
        path = f"/v1/counts/{row['id']}/lines"
        line = self.ask_for("lines", lambda: self.client.get(path, expect=None), 200)["items"][0]
        change = {"counted": str(self.random.randint(0, 9))}
        line = self.ask_for("a line", lambda: self.client.patch(f"{path}/{line['id']}", change, "*", expect=None), 200)
        if line and self.act("counts", row, "post"):
            self.model.move(article, row["warehouse_id"], Decimal(line["difference"]))

    # What they are made of.

    def post(self, path, body, status, refused=(409,)):
        """The row, or None when it was refused."""
        key = new_id()
        return self.ask_for(f"POST {path} {body}", lambda: self.client.post(path, body, None, key), status, refused)

    def act(self, collection, row, action, **body):
        return self.post(f"/v1/{collection}/{row['id']}/actions/{action}", body, 200)

    def ask_for(self, what, send, status, refused=(409,)):
        answer = self.insist(what, send)
        assert answer.status_code in (status, *refused), f"{what}: {told(answer)}"
        self.made += answer.status_code == status
        return answer.json() if answer.status_code == status else None

    def anything(self, serials):
        """An article, and serials() of the one that has such."""
        found = serials() if self.random.random() < 0.3 else None
        return (self.goods.pump, found) if found else (self.random.choice(self.goods.parts), None)

    def some(self, serials):
        return self.random.sample(serials, min(len(serials), self.random.randint(1, 2)))

    def serial_new(self):
        return f"S-{new_id()[-12:]}"

    def one_of(self, rows):
        with self.model.lock:
            return self.random.choice(rows) if rows else None
