"""Walkers that also plan visits and cancel them, take returns in, repair, replace and send them back, and write transport documents.

Their goods are those of walk.py, and so is the model, which also keeps what was told of their own rows.
"""
import collections
import itertools
from decimal import Decimal

from faults.walk import Model, Walker

CHARGES = 8  # of a call, before the walk goes on with another
SCRAP = ("scrap", {"outcome": "credited", "customer_consent": True})
SEND = ("send-to-supplier", {"supplier_name": "Bianchi", "supplier_ref": "F9"})
RMA_STEPS = {  # of a line's state: what is tried, and with what
    "requested": [("authorise", {})],
    "authorised": [("receive", {}), ("receive", {}), ("replace", {}), ("cancel", {"reason": "walk"})],
    "received": [("diagnose", {"diagnosis": "Worn"}), ("diagnose", {"diagnosis": "Worn"}), ("replace", {}), ("close", {})],
    "diagnosed": [("repair", {}), SCRAP, ("credit", {}), SEND, SEND, ("replace", {})],
    "repairing": [("complete", {"outcome": "repaired"}), ("complete", {"outcome": "repaired"}), SCRAP, SEND, ("replace", {})],
    "ready": [("return", {}), ("close", {"disposal": "scrapped"}), ("close", {"disposal": "kept"})],
    "returned": [("close", {})],
}
counter = itertools.count(1)


class PaperModel(Model):
    def __init__(self):
        super().__init__()
        self.opened = {}  # returns: id -> quantity
        self.cancelled = set()  # activities
        self.visits, self.lines, self.papers, self.calls = [], [], [], []  # to be acted on
        self.charges = {}  # id -> call
        self.numbers = []  # of transport documents


class PaperWalker(Walker):
    def work(self):
        return [*super().work(), (self.visit, 2), (self.cancel_visit, 1), (self.charge, 2), (self.reserve_call, 2), (self.take_back, 2),
                (self.repair, 14), (self.paper, 2), (self.issue_paper, 3), (self.void_paper, 1)]

    # What calls tells inventory.

    def visit(self):
        """What is promised to it is free again once it is cancelled; inventory may not know it yet."""
        body = {"customer_id": self.goods.customer, "type_code": "visit", "subject": self.name}
        activity = self.post("/v1/activities", body, 201)
        self.model.remember(self.model.visits, activity)

    def cancel_visit(self):
        activity = self.one_of(self.model.visits)
        if not activity:
            return
        self.promise({"activity_id": activity["id"]}, refused=(409, 422))
        if self.act("activities", activity, "cancel", reason="walk"):
            self.model.cancelled.add(activity["id"])

    def charge(self):
        with self.model.lock:
            call = self.model.calls[-1] if self.model.calls else None
            full = not call or sum(of == call["id"] for of in self.model.charges.values()) >= CHARGES
        if full:
            call = self.post("/v1/calls", {"customer_id": self.goods.customer, "subject": self.name}, 201)
            activity = self.post("/v1/activities", {"call_id": call["id"], "type_code": "visit", "subject": self.name}, 201)
            self.model.remember(self.model.calls, call | {"activity_id": activity["id"]})
            return
        body = {"call_id": call["id"], "activity_id": call["activity_id"], "kind": "part", "article_id": self.random.choice(self.goods.parts),
                "quantity": str(self.random.randint(1, 3))}
        row = self.post("/v1/charges", body, 201, (409, 422))
        if row:
            with self.model.lock:
                self.model.charges[row["id"]] = call["id"]

    def reserve_call(self):
        """Asked twice, by several at once: each charge is promised once."""
        call = self.one_of(self.model.calls)
        if not call:
            return
        body = {"call_id": call["id"], "warehouse_id": self.random.choice(self.goods.places), "partial": True}
        answer = self.post("/v1/reservations/from-call", body, 200, (409, 422))
        sums = collections.Counter()
        rows = {row["id"]: row for row in answer["items"]} if answer else {}
        for row in rows.values():
            first = row
            while first["split_from"] in rows:
                first = rows[first["split_from"]]
            if not first["split_from"]:
                sums[first["id"]] += Decimal(row["quantity"])
        for first, quantity in sums.items():
            with self.model.lock:
                if first not in self.model.asked:
                    self.model.asked[first] = quantity
                    self.model.remember(self.model.reservations, rows[first])

    # Returns.

    def take_back(self):
        serials = self.some(self.serials_out())[:1] if self.random.random() < 0.4 else None
        line = {"article_id": self.goods.pump, "serial": serials[0]} if serials else {
            "article_id": self.random.choice(self.goods.parts), "quantity": str(self.random.randint(1, 5))}
        kind = self.random.choice(["customer_repair", "customer_repair", "advance_replacement"])
        row = self.post("/v1/rmas", {"kind": kind, "customer_id": self.goods.customer, "lines": [line]}, 201)
        if row:
            self.model.opened[row["id"]] = Decimal(line.get("quantity", 1))
            self.remember_lines(row["id"])

    def remember_lines(self, rma):
        path = f"/v1/rmas/{rma}/lines"
        for line in self.ask_for("lines", lambda: self.client.get(path, expect=None), 200)["items"]:
            self.model.remember(self.model.lines, line)

    def serials_out(self):
        """What was here once, and is nowhere now."""
        with self.model.lock:
            here = {serial for (serial, _), count in self.model.pieces.items() if count > 0}
            return sorted({serial for serial, _ in self.model.pieces} - here)

    def repair(self):
        """The next step of a line, or of a part of it, which the rest is split from."""
        line = self.one_of(self.model.lines)
        if not line:
            return
        line = self.ask_for("a line", lambda: self.client.get(f"/v1/rma-lines/{line['id']}", expect=None), 200)
        if line["state"] not in RMA_STEPS:
            return
        action, body = self.random.choice(RMA_STEPS[line["state"]])
        body = body | self.said_of(action, line)
        if not line["serial"] and self.random.random() < 0.4:
            body["quantity"] = str(self.random.randint(1, 2))
        done = self.post(f"/v1/rma-lines/{line['id']}/actions/{action}", body, 200, (409, 422))
        if not done:
            return
        self.moved(action, body, line, done)
        if action == "send-to-supplier":
            self.model.opened[done["child_rma_id"]] = Decimal(done["quantity"])
            self.remember_lines(done["child_rma_id"])
        if "quantity" in body:  # the rest is a line of its own
            self.remember_lines(done["rma_id"])

    def said_of(self, action, line):
        """What an action is told besides: a supplier may send another piece back."""
        if action == "receive":
            swapped = line["serial"] and line["rma"]["kind"] == "supplier_repair" and self.random.random() < 0.4
            return {"warehouse_id": self.goods.bench, **({"serial": self.serial_new()} if swapped else {})}
        if action == "replace":
            place = self.random.choice(self.goods.places)
            serials = self.model.serials_at(place) if line["serial"] else None
            return {"warehouse_id": place, **({"serial": self.random.choice(serials)} if serials else {})}
        return {}

    def moved(self, action, body, line, done):
        """What a step did to the goods."""
        article, quantity = done["article_id"], Decimal(done["quantity"])
        serials = [done["serial"]] if done["serial"] else None
        if action == "receive":
            if done["rma"]["kind"] == "supplier_repair":
                self.model.move(article, self.goods.away, -quantity, serials and [line["serial"]], "customer")
            self.model.move(article, self.goods.bench, quantity, serials, "customer")
        elif action == "send-to-supplier":
            self.model.move(article, self.goods.bench, -quantity, serials, "customer")
            self.model.move(article, self.goods.away, quantity, serials, "customer")
        elif action == "replace":
            self.model.move(article, body["warehouse_id"], -quantity, [body["serial"]] if "serial" in body else None)
        elif action in ("return", "scrap") or ("disposal" in body and (line["disposal"], done["disposal"]) == (None, body["disposal"])):
            self.model.move(article, self.goods.bench, -quantity, serials, "customer")
            if done["disposal"] == "kept":
                self.model.move(article, self.goods.bench, quantity, serials)

    # Transport documents.

    def paper(self):
        place, direction = self.random.choice(self.goods.places), self.random.choice(["out", "out", "in"])
        article, serials = self.anything(lambda: self.some(self.model.serials_at(place)) if direction == "out" else [
            self.serial_new() for _ in range(self.random.randint(1, 2))])
        line = {"article_id": article, "quantity": str(len(serials) if serials else self.random.randint(1, 3)),
                **({"serials": serials} if serials else {})}
        theirs = {"their_number": str(next(counter)), "their_date": "2026-11-20"} if direction == "in" else {}
        body = {"direction": direction, "reason": "sale", "party": {"name": "Idraulica Bianchi"}, "warehouse_id": place, "lines": [line]}
        row = self.post("/v1/transport-documents", body | theirs, 201)
        if row:
            self.model.remember(self.model.papers, row)

    def issue_paper(self):
        self.paper_moves("issue", 1)

    def void_paper(self):
        self.paper_moves("void", -1, reason="walk")

    def paper_moves(self, action, sign, **body):
        row = self.one_of(self.model.papers)
        done = row and self.act("transport-documents", row, action, **body)
        if not done:
            return
        [line] = done["lines"]
        sign = sign if done["direction"] == "in" else -sign
        self.model.move(line["article_id"], done["warehouse_id"], sign * Decimal(line["quantity"]), line["serials"])
        if done["direction"] == "out" and action == "issue":
            self.model.numbers.append(done["number"])
