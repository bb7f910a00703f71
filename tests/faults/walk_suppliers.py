"""Walkers that also send our own goods to a supplier for repair, whole and in parts, by hand and on transport documents, and take
back what he repaired or sends instead, or hear that he keeps it. Others meddle with what is in his warehouse meanwhile.

Their goods are those of walk.py, and so is the model.
"""
import collections
from decimal import Decimal

from faults.walk_papers import PaperModel, PaperWalker, counter

OUTCOMES = ["repaired", "not_repaired", "credited"]
NEVER = [("diagnose", {"diagnosis": "Worn"}), ("credit", {}), ("replace", {}), ("return", {}), ("charge-missing", {})]  # of goods of ours
OWN_STEPS = {  # of a line's state, and whether its goods are at the supplier: what is tried
    ("requested", False): ["authorise"] * 8 + ["send", "cancel"],
    ("authorised", False): ["send"] * 12 + ["cancel", "close", "receive"],
    ("authorised", True): ["receive"] * 6 + ["close", "close", "cancel", "send", "never"],
    ("received", False): ["close", "close", "never", "cancel", "send", "receive"],
}
PAIRS = """
    with moved as (
        select m.rma_line_id, m.kind, m.value, m.sequence, w.valued,
            (row_number() over (partition by m.rma_line_id order by m.sequence) + 1) / 2 as pair
        from inventory_data.movement m join inventory_data.warehouse w on w.tenant_id = m.tenant_id and w.id = m.warehouse_id
            join inventory_data.rma_line l on l.tenant_id = m.tenant_id and l.id = m.rma_line_id
            join inventory_data.rma r on r.tenant_id = l.tenant_id and r.id = l.rma_id
        where m.tenant_id = %s and l.of_supplier and r.parent_line_id is null
    )
    select rma_line_id, pair, array_agg(kind order by sequence) as kinds, array_agg(value order by sequence) as worth
    from moved group by 1, 2
    having count(*) = 2 and (array_agg(kind order by sequence) <> '{rma_out,rma_in}' or (bool_and(valued) and sum(value) <> 0))"""


class SupplierModel(PaperModel):
    def __init__(self):
        super().__init__()
        self.own_lines, self.own_papers = [], []  # to be acted on
        self.sent = set()  # lines of returns of our own goods, all of them
        self.done = collections.Counter()  # what was done with them


class SupplierWalker(PaperWalker):
    def work(self):
        return [*super().work(), (self.fill_shelf, 5), (self.ask_supplier, 4), (self.go_on, 30), (self.own_paper, 6),
                (self.issue_own_paper, 8), (self.void_own_paper, 4), (self.meddle, 2)]

    def fill_shelf(self):
        """What comes to the shelf is promised to nobody; what it costs changes each time."""
        article, serials = self.anything(lambda: [self.serial_new() for _ in range(2)])
        self.post_movement("receipt", article, serials, self.goods.shelf, unit_cost=f"{self.random.randint(100, 999) / 100:.2f}")

    def own_place(self, article=None, quantity=0, serial=None):
        """A warehouse of ours; one that has this, if there is one."""
        places = [*self.goods.places, self.goods.bench, self.goods.shelf]
        with self.model.lock:
            having = [place for place in places if self.model.on_hand[article, place, "own"] >= quantity > 0
                      and (not serial or self.model.pieces[serial, place] > 0)]
        return self.random.choice(having or places)

    def ask_supplier(self):
        """One line or more, so that one article goes out more than once, as it is worth at that time."""
        lines = []
        for _ in range(self.random.randint(1, 3)):
            article, serials = self.anything(lambda: self.some(self.model.serials_at(self.own_place()))[:1])
            lines.append({"article_id": article, "serial": serials[0]} if serials else {
                "article_id": article, "quantity": str(self.random.randint(1, 4))})
        body = {"kind": "supplier_repair", "supplier_name": "Bianchi", "lines": lines}
        row = self.post("/v1/rmas", body, 201, (409, 422))
        if row:
            self.model.opened[row["id"]] = sum(Decimal(line.get("quantity", 1)) for line in lines)
            self.remember_own(row["id"])

    def remember_own(self, rma):
        path = f"/v1/rmas/{rma}/lines"
        for line in self.ask_for("lines", lambda: self.client.get(path, expect=None), 200)["items"]:
            with self.model.lock:
                self.model.sent.add(line["id"])
                self.model.remember(self.model.own_lines, line)

    def own_line(self):
        line = self.one_of(self.model.own_lines)
        return line and self.ask_for("a line", lambda: self.client.get(f"/v1/rma-lines/{line['id']}", expect=None), 200)

    def go_on(self):
        """The next step of a line, or of a part of it; some that are refused."""
        line = self.own_line()
        steps = line and OWN_STEPS.get((line["state"], line["state"] == "authorised" and line["warehouse_id"] is not None))
        if not steps:
            return
        action = self.random.choice(steps)
        action, body = self.random.choice(NEVER) if action == "never" else (action, self.own_said(action, line))
        if action == "replace":
            body = {"warehouse_id": self.own_place()}
        if not line["serial"] and self.random.random() < 0.4:
            body = body | {"quantity": str(self.random.randint(1, 2))}
        done = self.post(f"/v1/rma-lines/{line['id']}/actions/{action}", body, 200, (409, 422))
        if not done:
            return
        assert action not in dict(NEVER), f"{action} of {line}: {done}"
        self.own_moved(action, body, line, done)
        if "quantity" in body:  # the rest is a line of its own
            self.remember_own(done["rma_id"])

    def own_said(self, action, line):
        if action == "send":
            return {"warehouse_id": self.own_place(line["article_id"], Decimal(line["quantity"]), line["serial"])}
        if action == "receive":
            swapped = line["serial"] and self.random.random() < 0.3
            return {"warehouse_id": self.own_place(), **({"serial": self.serial_new()} if swapped else {})}
        if action == "close":
            disposal = {"disposal": self.random.choice(["scrapped", "kept"])} if line["state"] == "authorised" else {}
            return {"outcome": self.random.choice(OUTCOMES), **disposal}
        return {"reason": "walk"} if action == "cancel" else {}

    def own_moved(self, action, body, line, done):
        """What a step did to the goods."""
        article, quantity, away = done["article_id"], Decimal(done["quantity"]), self.goods.away
        serials = [line["serial"]] if line["serial"] else None
        if action == "send":
            assert (done["state"], done["warehouse_id"]) == ("authorised", away), done
            self.model.carry(article, body["warehouse_id"], away, quantity, serials)
        elif action == "receive":
            assert done["outcome"] == ("replaced" if "serial" in body else None), done
            self.model.move(article, away, -quantity, serials)
            self.model.move(article, body["warehouse_id"], quantity, [done["serial"]] if serials else None)
            action = "receive another" if "serial" in body else action
        elif action == "close":
            if done["disposal"]:
                self.model.move(article, away, -quantity, serials)
                action = f"close {done['disposal']}"
            assert done["warehouse_id"] is None or not done["disposal"], done
        elif action == "cancel":
            assert done["warehouse_id"] is None, f"its goods are with the supplier: {done}"
        self.model.add(self.model.done, action + (" a part" if "quantity" in body else ""), 1)

    # On transport documents.

    def own_paper(self):
        line = self.own_line()
        if not line or line["state"] != "authorised":
            return
        sent = line["warehouse_id"] is not None
        said = {"article_id": line["article_id"], "quantity": line["quantity"], "rma_line_id": line["id"]}
        body = {"direction": "in" if sent else "out", "reason": "repaired" if sent else "to_supplier", "party": {"name": "Bianchi"},
                "warehouse_id": self.own_place(line["article_id"], Decimal(line["quantity"]), line["serial"]), "lines": [said]}
        theirs = {"their_number": str(next(counter)), "their_date": "2026-11-20"} if sent else {}
        row = self.post("/v1/transport-documents", body | theirs, 201)
        if row:
            self.model.remember(self.model.own_papers, row | {"serials": [line["serial"]] if line["serial"] else None})

    def issue_own_paper(self):
        self.own_paper_moves("issue", 1)

    def void_own_paper(self):
        self.own_paper_moves("void", -1, reason="walk")

    def own_paper_moves(self, action, sign, **body):
        row = self.one_of(self.model.own_papers)
        done = row and self.act("transport-documents", row, action, **body)
        if not done:
            return
        [line] = done["lines"]
        if done["direction"] == "out" and action == "issue":
            self.model.numbers.append(done["number"])
        path = f"/v1/movements?limit=500&rma_line_id={line['rma_line_id']}"
        moved = self.ask_for("movements", lambda: self.client.get(path, expect=None), 200)["items"]
        # Its line went or came before, or it went on with this document; that does not change any more.
        if any(one["document"]["id"] == done["id"] for one in moved):
            places = [self.goods.away, done["warehouse_id"]][::sign if done["direction"] == "in" else -sign]
            self.model.carry(line["article_id"], *places, Decimal(line["quantity"]), row["serials"])
            self.model.add(self.model.done, f"{action} {done['direction']}", 1)

    # In the supplier's warehouse there may be other goods; those of returns stay.

    def meddle(self):
        self.random.choice([self.put_away, self.take_away, self.carry_away, self.count_away])()

    def put_away(self):
        article, serials = self.anything(lambda: [self.serial_new()])
        self.post_movement("receipt", article, serials, self.goods.away, unit_cost=f"{self.random.randint(100, 999) / 100:.2f}")

    def take_away(self):
        article, serials = self.anything(lambda: self.some(self.model.serials_at(self.goods.away)))
        self.post_movement(self.random.choice(["issue", "scrap"]), article, serials, self.goods.away)

    def carry_away(self):
        self.draft_between(self.goods.away, self.random.choice(self.goods.places))

    def count_away(self):
        self.count_in(self.goods.away)


def held_at_supplier(api, model):
    """The lines whose goods are with him."""
    return [line for line in api.every("/v1/rma-lines", limit=500, state="authorised")
            if line["id"] in model.sent and line["warehouse_id"]]


def check_suppliers(database, tenant, goods, model):
    """Goods of ours keep their worth to the cent, and all that a supplier has of them comes back."""
    api = tenant.admin
    wrong = database.execute(PAIRS, [tenant.id]).fetchall()
    assert not wrong, wrong[:5]
    known = {row["id"] for row in api.every("/v1/rma-lines", limit=500) if row["rma"]["kind"] == "supplier_repair"}
    assert model.sent <= known
    for line in held_at_supplier(api, model):
        back = api.act(f"/v1/rma-lines/{line['id']}", "receive", {"warehouse_id": goods.bench}).json()
        assert back["state"] == "received", back
        model.carry(line["article_id"], goods.away, goods.bench, Decimal(line["quantity"]), line["serial"] and [line["serial"]])
    assert not held_at_supplier(api, model)
