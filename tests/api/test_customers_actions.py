"""Customers: who is entered twice, what codes they get; converting, merging and anonymising them."""
import pytest
from support.client import faults, problem
from support.stack import wait_for

PATH = "/v1/customers"
ADDRESS = {"street": "Via Roma 12", "city": "Bergamo", "country": "IT"}


def prospect(tenant, **fields):
    return tenant.customer(kind="prospect", **fields)


def test_a_prospect_is_converted_once(tenant, events):
    made = prospect(tenant, address=ADDRESS)
    operator = tenant.client("operator")
    got = operator.act(f"{PATH}/{made['id']}", "convert", {"vat_number": "IT55501", "erp_account": "E-55501"})
    row = got.json()
    assert (row["kind"], row["vat_number"], row["erp_account"]) == ("acquired", "IT55501", "E-55501")
    assert row["acquired_at"] and row["version"] == made["version"] + 1
    event = events.last(made["id"], "customer.converted")
    assert event.data == tenant.admin.get(f"{PATH}/{made['id']}").json()
    assert {"kind", "vat_number", "erp_account", "acquired_at"} == set(event.changed)
    problem(operator.act(f"{PATH}/{made['id']}", "convert", expect=None), 409, "transition-refused")


def test_converting_needs_tax_id_and_address(tenant):
    path = f"{PATH}/{prospect(tenant)['id']}"
    assert faults(tenant.admin.act(path, "convert", expect=None)) == {"/vat_number": "required"}
    assert faults(tenant.admin.act(path, "convert", {"tax_code": "X"}, expect=None)) == {"/address": "required"}
    tenant.admin.patch(path, {"address": ADDRESS}, "*")
    tenant.customer(vat_number="IT777")
    problem(tenant.admin.act(path, "convert", {"vat_number": "IT777"}, expect=None), 409, "duplicate")
    assert tenant.admin.get(path).json()["kind"] == "prospect"
    settings = "/v1/services/calls/settings"
    tenant.admin.patch(settings, {"convert_needs_tax_id": False}, "*")
    assert tenant.admin.act(path, "convert").json()["kind"] == "acquired"
    tenant.admin.patch(settings, {"convert_needs_tax_id": None}, "*")


def test_merging_moves_everything(tenant, events):
    loser = tenant.customer(name="Twice", phones=[{"raw": "035 444555"}], emails=[{"address": "a@twice.example"}], tags=["x"])
    winner = tenant.customer(name="Once", phones=[{"raw": "035 444000"}])
    site, contact = tenant.site(loser), tenant.contact(loser, phones=[{"raw": "347 0000001"}])
    call = tenant.call(loser, site_id=site["id"])
    activity = tenant.activity(call)
    own = tenant.activity(customer_id=loser["id"])
    payer = tenant.customer(bill_to_id=loser["id"])
    manager = tenant.client("manager")
    gone = manager.act(f"{PATH}/{loser['id']}", "merge", {"into": winner["id"]}).json()
    assert gone["merged_into"] == winner["id"] and gone["active"] is False
    for path, row in (("sites", site), ("contacts", contact), ("calls", call), ("activities", activity), ("activities", own)):
        read = manager.get(f"/v1/{path}/{row['id']}").json()
        assert read["customer_id"] == winner["id"] and read["version"] == row["version"] + 1, path
        told = events.wait(row["id"], 2)[-1]
        assert told.data["customer_id"] == winner["id"] and "customer_id" in told.changed, path
        assert told.revision > events.of(row["id"])[0].revision, path  # or consumers would take it for older
    assert manager.get(f"{PATH}/{payer['id']}").json()["bill_to_id"] == winner["id"]
    kept = manager.get(f"{PATH}/{winner['id']}").json()
    assert [phone["raw"] for phone in kept["phones"]] == ["035 444000", "035 444555"]
    assert [email["address"] for email in kept["emails"]] == ["a@twice.example"] and kept["tags"] == ["x"]
    for phone in ("035 444555", "347 0000001"):
        found = manager.get(f"{PATH}/lookup", params={"phone": phone}).json()["items"]
        assert [item["customer"]["id"] for item in found] == [winner["id"]]
    assert events.last(loser["id"], "customer.merged").data["merged_into"] == winner["id"]
    # The key of a moved site's events is its new customer's.
    assert events.of(site["id"])[-1].key == f"{tenant.id}/{winner['id']}"


def test_merging_is_refused(tenant, other):
    one, two, three = tenant.customer(), tenant.customer(), tenant.customer()
    path = f"{PATH}/{one['id']}"
    assert faults(tenant.admin.act(path, "merge", expect=None)) == {"/into": "required"}
    assert faults(tenant.admin.act(path, "merge", {"into": one["id"]}, expect=None)) == {"/into": "range"}
    foreign = other.customer()["id"]
    assert faults(tenant.admin.act(path, "merge", {"into": foreign}, expect=None)) == {"/into": "reference"}
    problem(tenant.client("operator").act(path, "merge", {"into": two["id"]}, expect=None), 403)
    tenant.admin.act(path, "merge", {"into": two["id"]})
    problem(tenant.admin.act(path, "merge", {"into": three["id"]}, expect=None), 409, "conflict")
    problem(tenant.admin.act(f"{PATH}/{three['id']}", "merge", {"into": one["id"]}, expect=None), 409, "conflict")


def test_anonymising_erases_the_person_and_keeps_the_history(tenant, database, events):
    customer = tenant.customer(
        name="Luigi Neri", person=True, tax_code="NRELGU80A01F205X", address=ADDRESS, phones=[{"raw": "347 9998887"}]
    )
    contact = tenant.contact(customer, first_name="Luisa", last_name="Neri", emails=[{"address": "luisa@neri.example"}])
    call = tenant.call(customer, caller={"name": "Luisa Neri", "phone": "347 9998887"}, subject="Broken")
    manager = tenant.client("manager")
    manager.patch(f"{PATH}/{customer['id']}", {"name": "Luigi Maria Neri"}, "*")
    problem(tenant.client("operator").act(f"{PATH}/{customer['id']}", "anonymise", expect=None), 403)
    erased = manager.act(f"{PATH}/{customer['id']}", "anonymise").json()
    assert erased["name"] == "anonymised" and erased["tax_code"] is None and erased["phones"] is None
    assert erased["address"] == {"city": "Bergamo", "country": "IT"} and erased["code"] == customer["code"]
    read = manager.get(f"/v1/contacts/{contact['id']}").json()
    assert (read["first_name"], read["last_name"], read["emails"]) == (None, "anonymised", None)
    read = manager.get(f"/v1/calls/{call['id']}").json()
    assert read["caller"] is None and read["subject"] == "Broken"
    assert manager.get(f"{PATH}/lookup", params={"phone": "347 9998887"}).json()["items"] == []
    event = events.last(customer["id"], "customer.anonymised")
    assert event.data["name"] == "anonymised" and {"name", "phones", "tax_code"} <= set(event.changed)
    ids = [customer["id"], contact["id"], call["id"]]
    rows = database.execute("select type, data::text as data from calls_data.change where resource_id = any(%s)", [ids]).fetchall()
    assert len(rows) >= 6
    for word in ("Luigi", "Luisa", "luisa", "NRELGU", "9998887", "Via Roma"):
        assert not [row["type"] for row in rows if word in row["data"]], word


def test_inventory_forgets_the_name_of_who_was_erased(tenant, database):
    """In its log too: of the machine that he has, of the one that is another's by now, of his returns; and nobody else's."""
    (his, his_site), (heir, heir_site) = tenant.place(name="Luigi Neri"), tenant.place(name="Anna Verdi")
    kept, sold = (tenant.asset(customer_id=his["id"], site_id=his_site["id"], installed_on="2026-02-01") for _ in range(2))
    passed = {"customer_id": heir["id"], "site_id": heir_site["id"], "on": "2026-03-01", "reason": "sold"}
    tenant.admin.act(f"/v1/assets/{sold['id']}", "move", passed)
    lines = [{"article_id": kept["article_id"], "serial": kept["serial"]}]
    head = tenant.admin.post("/v1/rmas", {"kind": "customer_repair", "customer_id": his["id"], "lines": lines}).json()
    ids = [kept["id"], sold["id"], head["id"]]

    def told(name):
        sql = "select count(*) as n from inventory_data.change where resource_id = any (%s) and data -> 'customer' ->> 'name' = %s"
        return database.execute(sql, [ids, name]).fetchone()["n"]

    before = told("Luigi Neri")
    assert (before >= 3, told("Anna Verdi")) == (True, 1)
    tenant.client("manager").act(f"{PATH}/{his['id']}", "anonymise")
    wait_for("the name's end", lambda: told("Luigi Neri") == 0)
    assert (told("anonymised"), told("Anna Verdi")) == (before, 1)


def test_repeating_an_action_with_its_key_changes_nothing(tenant):
    made = prospect(tenant, address=ADDRESS)
    path = f"{PATH}/{made['id']}"
    first = tenant.admin.act(path, "convert", {"tax_code": "T1"}, key="convert-once")
    again = tenant.admin.act(path, "convert", {"tax_code": "T1"}, key="convert-once")
    assert again.json() == first.json() and again.headers["Idempotency-Replayed"] == "true"


def test_a_customer_entered_twice(tenant):
    """The same tax id is refused, however it is spelled; the same phone is warned of."""
    first = tenant.customer(name="Rossi", vat_number="IT 0123-456", phones=[{"raw": "035 555 1234"}])
    body = {"kind": "prospect", "name": "Rossi again"}
    refused = problem(tenant.admin.post(PATH, body | {"vat_number": "it0123456"}, expect=None), 409, "duplicate")
    assert refused["errors"][0]["pointer"] == "/vat_number"
    made = tenant.admin.post(PATH, body | {"phones": [{"raw": "+39 035 5551234"}]}).json()
    (warning,) = made.pop("warnings")
    assert warning["code"] == "phone-known" and first["code"] in warning["detail"]
    path = f"{PATH}/{made['id']}"
    assert "warnings" not in tenant.admin.patch(path, {"notes": "x"}, "*").json()
    refused = tenant.admin.patch(path, {"phones": [{"raw": "035 5551234"}], "refuse_on": ["phone-known"]}, "*", expect=None)
    problem(refused, 409, "refused-warning")
    tenant.admin.patch(f"{PATH}/{first['id']}", {"active": False}, "*")
    assert "warnings" not in tenant.admin.patch(path, {"phones": [{"raw": "035 5551234"}]}, "*").json()


def test_the_next_code_is_one_that_nobody_has(tenant):
    number = int(tenant.customer()["code"].removeprefix("C"))
    for taken in (number + 1, number + 2):
        tenant.customer(code=f"C{taken:06}")
    assert tenant.customer()["code"] == f"C{number + 3:06}"


def test_nobody_pays_for_himself(tenant):
    row = tenant.customer()
    assert faults(tenant.admin.patch(f"{PATH}/{row['id']}", {"bill_to_id": row["id"]}, "*", expect=None)) == {"/bill_to_id": "conflict"}


@pytest.mark.parametrize("lat, lon, fits", [
    ("90", "-180", True), ("-90.000000", "180.000000", True), ("90.000001", "0", False), ("0", "-180.000001", False)])
def test_a_site_is_on_the_earth(tenant, lat, lon, fits):
    body = {"customer_id": tenant.customer()["id"], "name": "x", "position": {"lat": lat, "lon": lon}}
    answer = tenant.admin.post("/v1/sites", body, expect=None)
    assert answer.status_code == 201 if fits else faults(answer) == {"/position": "range"}


def test_merging_two_sites_of_one_code_is_refused(tenant):
    one, two = tenant.customer(), tenant.customer()
    site = tenant.site(one, code="MAIN")
    tenant.site(two, code="MAIN")
    path = f"{PATH}/{one['id']}"
    refused = problem(tenant.admin.act(path, "merge", {"into": two["id"]}, expect=None), 409, "conflict")
    assert refused["errors"][0]["pointer"] == "/into" and "MAIN" in refused["detail"]
    tenant.admin.patch(f"/v1/sites/{site['id']}", {"code": "MAIN-2"}, "*")
    tenant.admin.act(path, "merge", {"into": two["id"]})
    assert {row["code"] for row in tenant.admin.list(f"{PATH}/{two['id']}/sites")} == {"MAIN", "MAIN-2"}


def test_the_erp_makes_a_customer_of_a_prospect(tenant, events):
    """It knows customers only, and upserts them any number of times; nobody else does it so, and nobody back."""
    erp, operator = tenant.client("integration"), tenant.client("operator")
    made = prospect(tenant, external_ref="ERP-CONVERT")
    path = f"{PATH}/{made['id']}"
    assert faults(operator.patch(path, {"kind": "acquired"}, "*", expect=None)) == {"/kind": "fixed"}
    operator.patch(path, {"kind": "prospect", "notes": "As it is"}, "*")
    line = {"external_ref": "ERP-CONVERT", "kind": "acquired", "name": "From the ERP", "erp_account": "E-CONVERT"}
    assert [row["result"] for row in erp.ndjson(f"{PATH}/bulk", [line])] == ["changed"]
    row = tenant.admin.get(path).json()
    assert (row["kind"], row["erp_account"]) == ("acquired", "E-CONVERT") and row["acquired_at"]
    assert {"kind", "acquired_at"} <= set(events.last(made["id"], "customer.changed").changed)
    assert [row["result"] for row in erp.ndjson(f"{PATH}/bulk", [line])] == ["unchanged"]
    assert faults(erp.patch(path, {"kind": "prospect"}, "*", expect=None)) == {"/kind": "fixed"}
    account = prospect(tenant)
    erp.patch(f"{PATH}/{account['id']}", {"erp_account": "E-ACCOUNT"}, "*")
    assert tenant.admin.get(f"{PATH}/{account['id']}").json()["kind"] == "acquired"
