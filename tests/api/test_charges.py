"""Charges: lines of a call to bill or not, and their money."""
import pytest
from support.client import faults, new_id, problem


def charge(api, call, expect=201, **fields):
    body = {"call_id": call["id"], "kind": "other", "quantity": "1"}
    answer = api.post("/v1/charges", body | fields, expect=expect)
    return answer.json() if expect == 201 else answer


def test_from_added_to_removed(tenant, api, events):
    call = tenant.call()
    before = api.get(f"/v1/calls/{call['id']}").json()
    added = charge(api, call, kind="labour", quantity="1.500", price="48.0000", cost="30.0000")
    assert added["status"] == "open" and added["treatment"] == "billable" and added["net_amount"] == "72.00"
    assert added["customer_id"] == call["customer_id"] and added["price_source"] == "manual" and added["pricing"] == "none"
    after = api.get(f"/v1/calls/{call['id']}").json()
    assert after["version"] == before["version"] and after["revision"] > before["revision"]
    assert before["lines_changed_at"] is None and after["lines_changed_at"] is not None
    path = f"/v1/charges/{added['id']}"
    changed = api.patch(path, {"quantity": "2"}, added["version"]).json()
    assert changed["net_amount"] == "96.00" and api.get(path).json() == changed
    api.delete(path, changed["version"])
    api.get(path, expect=404)
    told = events.wait(added["id"], 3)
    assert [event.name for event in told] == ["charge.added", "charge.changed", "charge.removed"]
    assert told[0].data == added and told[1].data == changed and told[1].changed == ["net_amount", "quantity"]
    assert [event.revision for event in told] == sorted({event.revision for event in told})
    assert all(event.key == f"{tenant.id}/{call['id']}" for event in told)


@pytest.mark.parametrize(
    "quantity, price, discounts, net",
    [
        ("1", "0.0049", None, "0.00"),
        ("1", "0.0050", None, "0.01"),  # half up
        ("1", "0.0051", None, "0.01"),
        ("1", "1.0050", None, "1.01"),  # where binary floats say 1.00
        ("1", "2.6750", None, "2.68"),
        ("3", "0.3333", None, "1.00"),
        ("0.333", "3.0000", None, "1.00"),
        ("1.500", "48.0000", None, "72.00"),
        ("1", "100", ["10.00", "5.00"], "85.50"),  # cascade: not 15 %
        ("1", "100", ["5.00", "10.00"], "85.50"),  # in any order
        ("1", "99.9900", ["10.00", "5.00"], "85.49"),
        ("1", "10.01", ["50"], "5.01"),  # 5.005
        ("3", "3.3333", ["33.33", "33.33"], "4.44"),  # rounded once, at the end: 4.444…
        ("7", "1.2345", ["12.50", "2.50", "0.01"], "7.37"),
        ("1", "100", ["100"], "0.00"),
        ("1", "100", [], "100.00"),
        ("-1", "0.0050", None, "-0.01"),  # a credit mirrors its charge
        ("-2", "10.0050", ["10.00", "5.00"], "-17.11"),
        ("2", "-10.0050", None, "-20.01"),
        ("0", "48.0000", None, "0.00"),
        ("999999.999", "9999999.9999", None, "9999999989900.00"),
        ("1", None, ["10"], None),
    ],
)
def test_net_amount(tenant, api, quantity, price, discounts, net):
    row = charge(api, one_call(tenant), quantity=quantity, price=price, discounts=discounts)
    assert row["net_amount"] == net


def one_call(tenant):
    if not hasattr(tenant, "call_with_charges"):
        tenant.call_with_charges = tenant.call()
    return tenant.call_with_charges


def test_decimals_travel_exactly(tenant, api):
    row = charge(api, tenant.call(), quantity="0.001", price="0.0001", cost="9999999999.9999", discounts=["0.01", "99.99"],
                 planned_quantity="999999999.999")
    assert (row["quantity"], row["price"], row["cost"]) == ("0.001", "0.0001", "9999999999.9999")
    assert row["discounts"] == ["0.01", "99.99"] and row["planned_quantity"] == "999999999.999"


def test_bodies_are_checked(tenant, api):
    call = tenant.call()
    bad = {
        "quantity": ["1.0001", "1e3", "01", "1000000000", 1, 1.5, "1,5", ""],
        "price": ["0.00001", "10000000000", 12, "abc"],
        "discounts": [["100.01"], ["-1"], ["1.001"], [5], "5", ["1"] * 11],
        "work_date": ["2026-02-30", "yesterday"],
        "treatment": ["free"],
        "net_amount": ["1.00"],
        "status": ["billed"],
    }
    for field, values in bad.items():
        for value in values:
            answer = charge(api, call, expect=None, **{field: value})
            assert list(faults(answer))[0].startswith(f"/{field}"), (field, value)
    assert faults(charge(api, call, expect=None, quantity="999999999", price="9999999999", discounts=["101"])) == {
        "/discounts/0": "range"
    }
    problem(charge(api, {"id": new_id()}, expect=None), 422, "unknown-reference")
    foreign = tenant.activity()
    refused = problem(charge(api, call, expect=None, activity_id=foreign["id"]), 422, "unknown-reference")
    assert refused["errors"][0]["pointer"] == "/activity_id"
    assert api.list(f"/v1/calls/{call['id']}/charges") == []


def test_a_call_without_customer_holds_none(tenant, api):
    call = tenant.quick_call(name="Nobody we know")
    assert call["customer_id"] is None
    refused = problem(charge(api, call, expect=None), 409, "conflict")
    assert refused["errors"][0]["pointer"] == "/call_id"


def test_ended_calls_take_no_more(tenant, api):
    call = tenant.call()
    api.act(f"/v1/calls/{call['id']}", "cancel", {"reason": "x"})
    problem(charge(api, call, expect=None), 409, "conflict")


def test_only_open_ones_change(tenant, api, database):
    row = charge(api, tenant.call())
    database.execute("update calls_data.charge set status = 'locked' where id = %s", [row["id"]])
    path = f"/v1/charges/{row['id']}"
    problem(api.patch(path, {"quantity": "2"}, "*", expect=None), 409, "conflict")
    problem(api.delete(path, "*", expect=None), 409, "conflict")
    answer = api.act(path, "approve", {"treatment": "billable", "reason": "x"}, expect=None)
    assert "locked" in problem(answer, 409, "transition-refused")["detail"]


def test_approve(tenant, api, events):
    row = charge(api, tenant.call(), treatment="needs_approval", price="10")
    path = f"/v1/charges/{row['id']}"
    body = {"treatment": "goodwill", "reason": "Good customer"}
    problem(tenant.client("operator").act(path, "approve", body, expect=None), 403)
    assert faults(api.act(path, "approve", {"treatment": "warranty"}, expect=None)) == {
        "/treatment": "choice", "/reason": "required"
    }
    assert faults(api.act(path, "approve", body | {"at": "2026-01-01T00:00:00Z"}, expect=None)) == {"/at": "range"}
    approved = tenant.client("billing").act(path, "approve", body | {"note": "by phone"}).json()
    assert approved["treatment"] == "goodwill" and approved["treatment_reason"] == "Good customer"
    assert approved["approved_at"] and approved["approved_by"] and approved["version"] == 2
    event = events.last(row["id"], "charge.approved")
    assert event.data == approved
    told = problem(api.act(path, "approve", body, expect=None), 409, "transition-refused")
    assert told["detail"].endswith("Possible now: nothing.")


def test_costs_are_for_those_who_may(tenant, api):
    row = charge(api, tenant.call(), cost="30.0000", price="48")
    path = f"/v1/charges/{row['id']}"
    for role in ("billing", "manager", "integration"):
        assert tenant.client(role).get(path).json()["cost"] == "30.0000"
    for role in ("operator", "dispatcher", "sales", "storekeeper"):
        client = tenant.client(role)
        assert "cost" not in client.get(path).json()
        assert all("cost" not in line for line in client.list("/v1/charges"))
        problem(client.get("/v1/charges?fields=cost", expect=None), 400)
        export = client.get("/v1/charges", headers={"Accept": "text/csv"}).text.splitlines()[0].split(",")
        assert "cost" not in export and "price" in export
    operator = tenant.client("operator")
    assert faults(charge(operator, tenant.call(), expect=None, cost="1")) == {"/cost": "forbidden"}
    assert faults(operator.patch(path, {"cost": "1"}, "*", expect=None)) == {"/cost": "forbidden"}
    line = {"call_id": tenant.call()["id"], "kind": "other", "quantity": "1", "cost": "1"}
    result = operator.ndjson("/v1/charges/bulk", [line])[0]
    assert result["result"] == "failed" and result["errors"][0]["pointer"] == "/cost"
    changed = operator.patch(path, {"quantity": "2"}, "*").json()
    assert "cost" not in changed and api.get(path).json()["cost"] == "30.0000"


def test_a_technician_adds_his_own(tenant, api):
    technician = tenant.client("technician")
    call, foreign = tenant.call(), tenant.call()
    api.act(f"/v1/calls/{call['id']}", "assign", {"technician_id": tenant.technician_id})
    mine = charge(technician, call, kind="travel", quantity="30")
    assert mine["technician_id"] == tenant.technician_id and "cost" not in mine
    assert faults(charge(technician, call, expect=None, technician_id=new_id())) == {"/technician_id": "forbidden"}
    problem(charge(technician, foreign, expect=None), 404)
    theirs = charge(api, call, technician_id=new_id())
    assert {row["id"] for row in technician.list("/v1/charges")} == {mine["id"], theirs["id"]}
    problem(technician.patch(f"/v1/charges/{theirs['id']}", {"quantity": "2"}, "*", expect=None), 403)
    problem(technician.delete(f"/v1/charges/{theirs['id']}", "*", expect=None), 403)
    technician.patch(f"/v1/charges/{mine['id']}", {"quantity": "2"}, "*")
    technician.delete(f"/v1/charges/{mine['id']}", "*")
    problem(technician.get(f"/v1/charges/{charge(api, foreign)['id']}", expect=None), 404)


def test_a_storekeeper_handles_parts(tenant, api):
    storekeeper, call = tenant.client("storekeeper"), tenant.call()
    part = charge(storekeeper, call, kind="part")
    assert faults(charge(storekeeper, call, expect=None, kind="labour"))["/kind"] == "forbidden"
    labour = charge(api, call, kind="labour")
    for refused in (storekeeper.patch(f"/v1/charges/{labour['id']}", {"quantity": "2"}, "*", expect=None),
                    storekeeper.delete(f"/v1/charges/{labour['id']}", "*", expect=None)):
        problem(refused, 403, "forbidden")
    assert faults(storekeeper.patch(f"/v1/charges/{part['id']}", {"kind": "labour"}, "*", expect=None))["/kind"] == "forbidden"
    storekeeper.delete(f"/v1/charges/{part['id']}", "*")


def test_roles_without_charges(tenant):
    row = charge(tenant.admin, tenant.call(tenant.portal_customer))
    for role in ("portal", "callcenter"):
        problem(tenant.client(role).get(f"/v1/charges/{row['id']}", expect=None), 403)
        problem(tenant.client(role).get(f"/v1/calls/{row['call_id']}/charges", expect=None), 403)
    for role in ("sales", "integration"):
        problem(tenant.client(role).patch(f"/v1/charges/{row['id']}", {"quantity": "2"}, "*", expect=None), 403)


def test_filters(tenant, api):
    customer = tenant.customer()
    call = tenant.call(customer)
    activity, technician = tenant.activity(call), new_id()
    article = tenant.known_article()["id"]
    full = charge(api, call, kind="part", activity_id=activity["id"], article_id=article, technician_id=technician,
                  treatment="warranty", work_date="2026-03-02", job_code="J-7", external_ref=new_id())
    plain = charge(api, call)

    def ids(**parameters):
        return {row["id"] for row in api.list("/v1/charges", **({"customer_id": customer["id"]} | parameters))}

    assert ids() == {full["id"], plain["id"]} == {row["id"] for row in api.list(f"/v1/calls/{call['id']}/charges")}
    for name, value in {
        "activity_id": activity["id"], "kind": "part", "article_id": article, "treatment": "warranty", "technician_id": technician,
        "work_date": "2026-03-02", "work_date[gte]": "2026-03-01", "job_code": "J-7", "external_ref": full["external_ref"],
    }.items():
        assert ids(**{name: value}) == {full["id"]}, name
    assert ids(status="open", pricing="none", call_id=call["id"]) == {full["id"], plain["id"]}
    assert ids(**{"activity_id[empty]": "true"}) == {plain["id"]}


def test_bulk(tenant, api, events):
    call = tenant.call()
    lines = [
        {"call_id": call["id"], "kind": "part", "quantity": "2", "price": "10.5", "external_ref": new_id()},
        {"call_id": call["id"], "kind": "part", "quantity": "x", "external_ref": new_id()},
    ]
    results = api.ndjson("/v1/charges/bulk", lines)
    assert [row["result"] for row in results] == ["created", "failed"]
    assert events.wait(results[0]["id"])[0].name == "charge.added"
    assert [row["result"] for row in api.ndjson("/v1/charges/bulk", lines[:1])] == ["unchanged"]
    lines[0]["quantity"] = "3"
    assert [row["result"] for row in api.ndjson("/v1/charges/bulk", lines[:1])] == ["changed"]
    assert api.get(f"/v1/charges/{results[0]['id']}").json()["net_amount"] == "31.50"


def test_an_article_says_what_a_charge_does_not(tenant, api):
    call = tenant.call()
    article = tenant.known_article(list_price="12.5000", vat_code="22", description="Seal kit")
    named = charge(api, call, kind="part", quantity="2", article_id=article["id"])
    told = {name: named[name] for name in ("article_code", "description", "uom", "price", "price_source", "vat_code", "net_amount")}
    assert told == {"article_code": article["code"], "description": "Seal kit", "uom": "pcs", "price": "12.5000",
                    "price_source": "article", "vat_code": "22", "net_amount": "25.00"}
    own = charge(api, call, kind="part", article_code=article["code"], description="Seals", uom="set", price="9", vat_code="10")
    assert own["article_id"] == article["id"]
    assert (own["description"], own["uom"], own["price"], own["vat_code"]) == ("Seals", "set", "9.0000", "10")
    assert own["price_source"] == "manual"
    assert charge(api, call, article_id=article["id"], article_code=article["code"])["article_id"] == article["id"]


def test_the_price_of_an_article_goes_with_it_until_one_is_given_by_hand(tenant, api):
    first = tenant.known_article(list_price="10.0000")
    second = tenant.known_article(list_price="20.0000")
    row = charge(api, tenant.call(), kind="part", article_code=first["code"])
    path = f"/v1/charges/{row['id']}"
    other = api.patch(path, {"article_code": second["code"]}, row["version"]).json()
    assert (other["article_id"], other["price"], other["price_source"]) == (second["id"], "20.0000", "article")
    hand = api.patch(path, {"price": "15"}, other["version"]).json()
    assert (hand["price"], hand["price_source"]) == ("15.0000", "manual")
    back = api.patch(path, {"article_id": first["id"]}, hand["version"]).json()
    assert (back["article_code"], back["price"], back["price_source"]) == (first["code"], "15.0000", "manual")
    none = api.patch(path, {"article_id": None}, back["version"]).json()
    assert none["article_id"] is None and none["article_code"] is None


def test_articles_that_a_charge_does_not_name(tenant, api):
    call = tenant.call()
    erp = tenant.client("integration")
    dozen = tenant.copied(
        erp.post("/v1/articles", {"code": f"DOZEN-{new_id()}"[:40], "kind": "part", "description": "Screws", "uom": "pcs",
                                  "price_quantity_multiplier": "12", "external_ref": new_id()}).json(), "article", "calls")
    gone = tenant.known_article(active=False)
    known = tenant.known_article()
    for named, code, pointer, rule in (
        ({"article_id": new_id()}, "unknown-reference", "/article_id", "reference"),
        ({"article_code": "NOBODY-HAS-IT"}, "unknown-reference", "/article_code", "reference"),
        ({"article_id": known["id"], "article_code": gone["code"]}, "unknown-reference", "/article_id", "reference"),
        ({"article_id": gone["id"]}, "unknown-reference", "/article_id", "reference"),
        ({"article_id": dozen["id"]}, "article-multiplier", "/article_id", "multiplier"),
        ({"article_code": dozen["code"]}, "article-multiplier", "/article_code", "multiplier"),
    ):
        refused = problem(charge(api, call, expect=422, **named), 422, code)
        assert [(fault["pointer"], fault["code"]) for fault in refused["errors"]] == [(pointer, rule)], named
    assert api.list("/v1/charges", call_id=call["id"]) == []
    row = charge(api, call, article_id=known["id"])
    problem(api.patch(f"/v1/charges/{row['id']}", {"article_id": dozen["id"]}, 1, expect=None), 422, "article-multiplier")


def test_lines_of_bulk_and_history_name_articles_by_code(tenant, api):
    article = tenant.known_article(list_price="3.0000")
    line = {"call_id": tenant.call()["id"], "kind": "part", "quantity": "4", "article_code": article["code"], "external_ref": new_id()}
    assert [row["result"] for row in api.ndjson("/v1/charges/bulk", [line])] == ["created"]
    assert [row["result"] for row in api.ndjson("/v1/charges/bulk", [line])] == ["unchanged"]
    assert api.list("/v1/charges", external_ref=line["external_ref"])[0]["price"] == "3.0000"
    past = {"customer_id": tenant.customer()["id"], "subject": "Old work", "state": "closed", "opened_at": "2020-01-01T08:00:00Z",
            "closed_at": "2020-01-02T08:00:00Z"}
    lines = [past | {"charges": [{"kind": "part", "quantity": "1", "article_code": code}]} for code in (article["code"], "NOBODY-HAS-IT")]
    good, bad = api.ndjson("/v1/calls/bulk", lines)
    assert good["result"] == "created" and (bad["result"], bad["code"]) == ("failed", "unknown-reference")
    assert [row["article_id"] for row in api.list("/v1/charges", call_id=good["id"])] == [article["id"]]
