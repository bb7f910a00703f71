"""What the ERP of a tenant sends by its topic: rows and answers, checked as requests are; what is refused says why."""
import itertools

import pytest

from support.client import new_id, problem
from support.erp import SOURCE, Erp
from support.events import dead_letters
from support.stack import wait_for

APPLIED_SECONDS = 60
counter = itertools.count(1)


@pytest.fixture(scope="module")
def erp(stack, tenant):
    return Erp(stack, tenant.id)


def code():
    return f"E{next(counter)}"


def article(**fields):
    return {"kind": "part", "description": "Oil filter", "uom": "pcs", "stocked": True} | fields


def row_of(api, path, seconds=APPLIED_SECONDS, **filters):
    """The row, once it is as the filters say."""
    return wait_for(f"{path} {filters}", lambda: next(iter(api.list(path, **filters)), None), seconds, 0.1)


def changed(api, path, row, **fields):
    """The row, once its fields are these."""
    def read():
        now = api.get(f"{path}/{row['id']}").json()
        return all(now[name] == value for name, value in fields.items()) and now
    return wait_for(f"{fields}", read, APPLIED_SECONDS, 0.1)


def letter(api, event_id, service="inventory"):
    """The dead letter that a message became."""
    def read():
        rows = api.list(f"/v1/services/{service}/dead-letters", limit=500)
        return next((row for row in rows if row["headers"].get("ce_id") == event_id), None)
    return wait_for("the dead letter", read, APPLIED_SECONDS, 0.2)


def test_a_catalogue_with_prices_and_a_sale(api, tenant, erp, events):
    """In the order in which it comes: each names what came before it."""
    category, model, base, filter_code = code(), code(), code(), code()
    customer = tenant.place()[0]
    erp.send("article_category", category, {"code": category, "label": "Filters"})
    erp.send("article", f"art-{filter_code}", article(code=filter_code, category_code=category, list_price="9.50"))
    erp.send("price_list", base, {"code": base, "name": "Base prices"})
    price = {"list_code": base, "article_code": filter_code, "price": "8.0000", "from_quantity": "10"}
    erp.send("price", f"{base}/{filter_code}", price)
    erp.send("article", model, article(code=model, kind="model", tracking="serial", warranty_months=24, stocked=False))
    sale = {"article_code": model, "serial": "M-1", "customer_code": customer["code"],
            "sale_document": {"number": "77", "date": "2026-02-10", "price": "1000.00"}}
    erp.send("asset", "sale-77", sale)
    asset = row_of(api, "/v1/assets", external_ref="sale-77")
    assert (asset["origin"], asset["status"], asset["customer_id"], asset["warranty_until"]) == (
        "erp", "installed", customer["id"], "2028-02-09")
    row = row_of(api, "/v1/articles", code=filter_code)
    assert (row["origin"], row["external_ref"], row["category_code"]) == ("erp", f"art-{filter_code}", category)
    told = events.last(row["id"], "article.created")
    assert told.data == row | {"revision": told.revision}  # its price came behind it
    resolved = api.get("/v1/prices/resolve", params={"article_id": row["id"], "price_list_code": base, "quantity": "10"}).json()
    assert resolved["net_price"] == "8.0000"
    entry = api.list("/v1/services/inventory/audit", resource_id=row["id"])[0]
    assert (entry["actor"], entry["actor_name"]) == (SOURCE, "ERP")


def test_once_and_in_order(api, erp, events):
    """The same message twice, an older one behind a newer, the same state again: nothing changes."""
    key = code()
    erp.send("article", key, article(code=key), revision=5)
    row = row_of(api, "/v1/articles", code=key)
    twice = erp.send("article", key, {"description": "Air filter"}, revision=7)
    erp.send("article", key, {"description": "Never"}, revision=8, event_id=twice)
    erp.send("article", key, {"description": "Older"}, revision=6)
    erp.send("article", key, {"description": "Air filter"}, revision=9)
    erp.send("article", key, {"weight_kg": "1.500"}, revision=10)
    now = changed(api, "/v1/articles", row, weight_kg="1.500")
    assert (now["description"], now["version"]) == ("Air filter", 3)
    told = [(event.name, event.changed) for event in events.wait(row["id"], 3)]
    assert [name for name, _ in told] == ["article.created", "article.changed", "article.changed"]
    assert "description" in told[1][1] and "weight_kg" in told[2][1]


def test_what_was_entered_here_becomes_the_erps(api, tenant, erp):
    """It is found by its code; then nobody changes here what the ERP owns."""
    mine = tenant.article(description="Mine")
    erp.send("article", "their-key", {"code": mine["code"], "description": "Theirs"})
    row = changed(api, "/v1/articles", mine, description="Theirs", origin="erp", external_ref="their-key")
    path = f"/v1/articles/{row['id']}"
    refused = problem(api.patch(path, {"notes": "x", "description": "Mine again"}, "*", expect=None), 403, "forbidden")
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [("/description", "erp")]
    assert api.patch(path, {"notes": "Top shelf"}, "*").json()["notes"] == "Top shelf"
    erp.send("article", "their-key", {"description": "Theirs again", "active": False})
    assert changed(api, "/v1/articles", row, description="Theirs again", active=False)["notes"] == "Top shelf"


REFUSED = {
    "bad fields": (("article", {"code": "BAD", "kind": "thing", "description": "", "uom": "pcs", "zzz": 1}),
                   ["/kind: ", "(choice)", "/description: ", "(length)", "/zzz: ", "(unknown)"]),
    "nothing but a key": (("article", {}), ["/code: is required (required)", "/kind: ", "/uom: "]),
    "another key": (("article", {"external_ref": "other"}), ["/external_ref: is not what ce_subject says (subject)"]),
    "a rule of the database": (("article", article(code="SVC", kind="service")), ["/stocked: ", "(stocked)"]),
    "an article that is not there": (("price", {"list_code": "L", "article_code": "nowhere", "price": "1"}),
                                     ["/article_code: there is nothing with this code (reference)"]),
    "an answer to nothing": (("reorder.ordered", {"number": "1", "date": "2026-11-26"}), ["ce_subject is not the id of a reorder"]),
}


def test_what_is_refused_says_why(api, stack, erp):
    """As a dead letter of the table and of the tenant's own topic; what is behind it goes on."""
    sent = {name: erp.send(kind, f"refused {name}", data) for name, ((kind, data), _) in REFUSED.items()}
    key = code()
    erp.send("article", key, article(code=key))
    row_of(api, "/v1/articles", code=key)
    headers = [dict(message.headers()) for message in dead_letters(stack.kafka, erp.topic)]
    reasons = {one["ce_id"].decode(): one["aftercare_error"].decode() for one in headers}
    for name, (_, says) in REFUSED.items():
        found = letter(api, sent[name])
        assert all(text in found["error"] for text in says), (name, found["error"])
        assert reasons[sent[name]] == found["error"]


def test_sent_again_when_the_cause_is_gone(api, tenant, erp):
    part, base = tenant.article(), code()
    sent = erp.send("price", f"{base}/late", {"list_code": base, "article_code": part["code"], "price": "4.0000"})
    dead = letter(api, sent)
    assert dead["error"].startswith("/list_code: ")
    api.post("/v1/price-lists", {"code": base, "name": "Late"})
    api.act(f"/v1/services/inventory/dead-letters/{dead['id']}", "replay")
    assert row_of(api, "/v1/prices", list_code=base)["external_ref"] == f"{base}/late"


def test_the_topic_says_whose_it_is(api, stack, other, erp):
    """Not a header; a topic of nobody's is nobody's; the same keys of two tenants are two."""
    key = code()
    sent = erp.send("article", key, article(code=key), revision=50, ce_tenant=other.id)
    row_of(api, "/v1/articles", code=key)
    theirs = Erp(stack, other.id)
    theirs.send("article", key, article(code=key, description="Theirs"), revision=1, event_id=sent)
    assert row_of(other.admin, "/v1/articles", code=key)["description"] == "Theirs"
    nobody = new_id()
    sent = Erp(stack, nobody).send("article", key, article(code=key))

    def kept():
        with stack.connect() as database:
            sql = "select tenant_id::text, error from inventory_data.dead_letter where headers ->> 'ce_id' = %s"
            return database.execute(sql, [sent]).fetchone()

    row = wait_for("the dead letter", kept, APPLIED_SECONDS, 0.2)
    assert row["tenant_id"] == nobody and row["error"].startswith("There is no such tenant here")


def test_the_answer_to_a_proposal(api, tenant, erp):
    store, parts = tenant.warehouse(), [tenant.article(), tenant.article()]
    rows = []
    for part in parts:
        api.post("/v1/reorder-levels", {"article_id": part["id"], "warehouse_id": store["id"], "minimum": "5", "target": "12",
                                        "source": "purchase"})
        rows.append(api.list("/v1/reorder-suggestions", article_id=part["id"])[0])
        api.act(f"/v1/reorder-suggestions/{rows[-1]['id']}", "propose")
    erp.send("reorder.ordered", rows[0]["id"], {"number": "OF-9", "date": "2026-11-26", "quantity": "10"})
    erp.send("reorder.refused", rows[1]["id"], {"reason": "No longer made"})
    done = changed(api, "/v1/reorder-suggestions", rows[0], status="ordered")
    assert (done["erp_order"], done["quantity"]) == ({"number": "OF-9", "date": "2026-11-26"}, "10.000")
    assert api.list("/v1/stock", article_id=parts[0]["id"])[0]["on_order"] == "10.000"
    assert changed(api, "/v1/reorder-suggestions", rows[1], status="refused")["end_reason"] == "No longer made"
    again = erp.send("reorder.refused", rows[0]["id"], {"reason": "Too late"})
    assert "The reorder is ordered" in letter(api, again)["error"]


def test_customers_with_their_sites(api, tenant, erp):
    """Found by key, account or code; one with an account is acquired; who is blocked is told with each call."""
    account, key = code(), code()
    mine = tenant.customer(kind="prospect", name="Cave", erp_account=account)
    erp.send("customer", f"lead-{account}", {"erp_account": account, "name": "Cave del Nord S.p.A.", "credit": "blocked"})
    row = changed(api, "/v1/customers", mine, name="Cave del Nord S.p.A.", credit="blocked", external_ref=f"lead-{account}")
    assert (row["kind"], row["code"]) == ("acquired", mine["code"]) and row["acquired_at"]
    warned = api.post("/v1/calls", {"customer_id": row["id"], "subject": "Leak"}).json()["warnings"]
    assert "customer-blocked" in [one["code"] for one in warned]
    erp.send("customer", f"lead-{key}", {"kind": "acquired", "code": key, "name": "New S.r.l.", "erp_account": key,
                                         "phones": [{"raw": "035 1234567"}]})
    erp.send("site", f"site-{key}", {"customer_code": key, "name": "Cava", "address": {"city": "Bergamo"}})
    erp.send("contact", f"contact-{key}", {"customer_code": key, "last_name": "Rossi"})
    made = row_of(api, "/v1/customers", erp_account=key)
    assert made["phones"][0]["e164"] == "+390351234567"
    assert row_of(api, "/v1/sites", external_ref=f"site-{key}")["customer_id"] == made["id"]
    assert row_of(api, "/v1/contacts", external_ref=f"contact-{key}")["customer_id"] == made["id"]
    bad = erp.send("customer", f"lead-{key}", {"vat_number": "x" * 21, "credit": "bad"})
    error = letter(api, bad, "calls")["error"]
    assert "/vat_number: " in error and "(length)" in error and "/credit: " in error and "(choice)" in error
