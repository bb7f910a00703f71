"""What a call may name, when it was opened, in which group it is, and what its writer is warned of."""
import datetime

import pytest
from support.client import faults, new_id, problem
from support.stack import wait_for


def entered(api, customer, expect=201, **fields):
    return api.post("/v1/calls", {"customer_id": customer["id"], "subject": "Leaks"} | fields, expect=expect)


def retired(api, path, row):
    return api.patch(f"{path}/{row['id']}", {"active": False}, "*").json()


def warned(answer):
    return [warning["code"] for warning in answer.json().get("warnings", [])]


def ahead(**by):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**by)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_the_year_of_a_number_is_the_tenants(tenant):
    """In Rome the new year begins at 23:00 UTC."""
    times = ("2024-12-31T22:59:59.999Z", "2024-12-31T23:00:00Z", "2024-12-31T23:30:00Z", "2025-01-01T00:30:00+01:00")
    numbers = [tenant.call(series="Y", opened_at=at)["number"] for at in times]
    assert numbers == ["2024/Y/000001", "2025/Y/000001", "2025/Y/000002", "2025/Y/000003"]


def test_a_call_is_not_opened_in_a_time_to_come(tenant, api):
    customer = tenant.customer()
    assert faults(entered(api, customer, opened_at=ahead(minutes=6), expect=None)) == {"/opened_at": "range"}
    assert faults(entered(api, customer, opened_at="9999-12-31T23:59:59Z", expect=None)) == {"/opened_at": "range"}
    entered(api, customer, opened_at=ahead(minutes=4))
    line = {"customer_id": customer["id"], "subject": "x", "opened_at": ahead(days=1)}
    assert api.ndjson("/v1/calls/bulk", [line])[0]["errors"][0]["pointer"] == "/opened_at"


def test_bounds_of_the_time_of_an_action(tenant, api):
    call = tenant.call(opened_at=ahead(hours=-1))
    path = f"/v1/calls/{call['id']}"
    opened = datetime.datetime.fromisoformat(call["opened_at"])
    before = (opened - datetime.timedelta(milliseconds=1)).isoformat()
    assert faults(api.act(path, "start", {"at": before}, expect=None)) == {"/at": "range"}
    assert api.act(path, "start", {"at": call["opened_at"]}).json()["state"] == "in_progress"
    api.act(path, "suspend", {"reason": "parts", "at": call["opened_at"]})
    assert api.act(path, "resume", {"at": ahead(minutes=4)}).json()["state"] == "in_progress"
    assert faults(api.act(path, "resolve", {"resolution": "x"}, expect=None)) == {"/at": "range"}  # before it was resumed


def test_what_is_out_of_use_is_not_named_anew(tenant, api):
    customer, payer = tenant.customer(), tenant.customer()
    site, contact = tenant.site(customer), tenant.contact(customer)
    named = {"site_id": site["id"], "contact_id": contact["id"], "bill_to_id": payer["id"]}
    old = entered(api, customer, **named).json()
    for path, row in (("/v1/sites", site), ("/v1/contacts", contact), ("/v1/customers", payer)):
        retired(api, path, row)
    for field, value in named.items():
        assert faults(entered(api, customer, **{field: value}, expect=None)) == {f"/{field}": "reference"}
    kept = api.patch(f"/v1/calls/{old['id']}", named | {"subject": "Still leaks"}, "*").json()
    assert {field: kept[field] for field in named} == named
    retired(api, "/v1/customers", customer)
    assert faults(entered(api, customer, expect=None)) == {"/customer_id": "reference"}
    received = tenant.quick_call()
    refused = api.act(f"/v1/calls/{received['id']}", "open", {"customer_id": customer["id"]}, expect=None)
    assert faults(refused) == {"/customer_id": "reference"}
    line = {"customer_code": customer["code"], "subject": "x"}
    assert api.ndjson("/v1/calls/bulk", [line])[0]["errors"][0]["pointer"] == "/customer_code"
    past = line | {"opened_at": "2004-07-01T12:00:00Z", "state": "closed", "closed_at": "2004-07-01T12:00:00Z"}
    assert api.ndjson("/v1/calls/bulk", [past])[0]["result"] == "created"  # history names what was
    for path, body in (("/v1/sites", {"name": "x"}), ("/v1/contacts", {"last_name": "x"}),
                       ("/v1/activities", {"type_code": "visit", "subject": "x"})):
        tenant.vocabulary("/v1/activity-types", "visit", kind="visit")
        assert faults(api.post(path, body | {"customer_id": customer["id"]}, expect=None)) == {"/customer_id": "reference"}


def test_codes_are_the_tenants(tenant, api):
    customer = tenant.customer()
    leak = api.post("/v1/call-codes", {"kind": "fault", "code": "LEAK", "label": "Leak"}).json()
    api.post("/v1/call-codes", {"kind": "resolution", "code": "SEAL", "label": "Seal changed"})
    call = entered(api, customer, fault_code="LEAK").json()
    assert call["fault_code"] == "LEAK"
    for field, code in (("fault_code", "NOISE"), ("fault_code", "SEAL"), ("cause_code", "LEAK"), ("resolution_code", "LEAK")):
        assert faults(entered(api, customer, **{field: code}, expect=None)) == {f"/{field}": "reference"}, (field, code)
    path = f"/v1/calls/{call['id']}"
    retired(api, "/v1/call-codes", leak)
    assert faults(entered(api, customer, fault_code="LEAK", expect=None)) == {"/fault_code": "reference"}
    api.patch(path, {"fault_code": "LEAK", "subject": "As before"}, "*")
    assert faults(api.act(path, "resolve", {"resolution_code": "NONE"}, expect=None)) == {"/resolution_code": "reference"}
    assert api.act(path, "resolve", {"resolution_code": "SEAL"}).json()["resolution_code"] == "SEAL"


def test_substates_follow_the_state(tenant, api):
    for code, state, default in (("NEW", "open", True), ("LATER", "open", False), ("DESK", "received", True), ("SHOP", "suspended", False)):
        api.post("/v1/substates", {"code": code, "label": code, "state": state, "default": default})
    call = tenant.call()
    path = f"/v1/calls/{call['id']}"
    assert call["substate_code"] == "NEW" and tenant.quick_call()["substate_code"] == "DESK"
    assert tenant.call(substate_code="LATER")["substate_code"] == "LATER"
    assert api.patch(path, {"substate_code": "LATER"}, "*").json()["substate_code"] == "LATER"
    for other in ("DESK", "SHOP", "NONE"):
        assert faults(api.patch(path, {"substate_code": other}, "*", expect=None)) == {"/substate_code": "reference"}, other
    assert api.act(path, "suspend", {"reason": "parts"}).json()["substate_code"] is None  # the state has no default
    api.patch(path, {"substate_code": "SHOP"}, "*")
    assert api.act(path, "suspend", {"reason": "offer"}).json()["substate_code"] == "SHOP"  # the state is the same
    assert api.act(path, "resume").json()["substate_code"] == "NEW"


def test_suspended_twice_it_goes_back_to_where_it_came_from(tenant, api):
    path = f"/v1/calls/{tenant.call()['id']}"
    api.act(path, "start")
    api.act(path, "suspend", {"reason": "customer"})
    problem(api.act(path, "suspend", {"reason": "customer"}, expect=None), 409, "transition-refused")
    again = api.act(path, "suspend", {"reason": "parts"}).json()
    assert (again["suspension"]["reason"], again["suspension"]["from_state"]) == ("parts", "in_progress")
    assert api.act(path, "resume").json()["state"] == "in_progress"


def test_reopened_it_is_its_technicians_again(tenant, api):
    call = tenant.call()
    path = f"/v1/calls/{call['id']}"
    technician = new_id()
    api.act(path, "assign", {"technician_id": technician})
    api.act(path, "resolve", {"resolution": "x"})
    back = api.act(path, "reopen", {"reason": "leaks again"}).json()
    assert (back["state"], back["assignee_id"], back["reopen_count"], back["resolved_at"]) == ("assigned", technician, 1, None)


def test_whoever_starts_an_open_call_is_responsible(tenant):
    technician, call = tenant.client("technician"), tenant.call()
    body = {"technician_id": tenant.technician_id}
    tenant.activity(call, participants=[body])
    started = technician.act(f"/v1/calls/{call['id']}", "start").json()
    assert (started["state"], started["assignee_id"]) == ("in_progress", tenant.technician_id)


def test_the_activities_of_a_call_are_its_customers(tenant, api, events):
    """Also those that were there before anybody knew whose it is, and after it turned out to be another's."""
    waiting, portal = tenant.quick_call(), tenant.client("portal")
    site = tenant.site(tenant.customer())
    visit = tenant.activity(waiting, visibility="public")
    hidden = tenant.activity(waiting)
    assert visit["customer_id"] is None
    api.act(f"/v1/calls/{waiting['id']}", "open", {"customer_id": tenant.portal_customer["id"]})
    row = events.last(visit["id"], "activity.changed").data
    assert row["customer_id"] == tenant.portal_customer["id"] and row["version"] == visit["version"] + 1
    below = f"/v1/customers/{tenant.portal_customer['id']}/activities"
    assert {one["id"] for one in api.list(below)} >= {visit["id"], hidden["id"]}
    assert visit["id"] in {one["id"] for one in portal.list("/v1/activities")}
    api.patch(f"/v1/calls/{waiting['id']}", {"customer_id": site["customer_id"], "site_id": site["id"]}, "*")
    assert visit["id"] not in {one["id"] for one in portal.list("/v1/activities")}
    portal.get(f"/v1/activities/{visit['id']}", expect=404)
    assert {one["id"] for one in api.list(f"/v1/customers/{site['customer_id']}/activities")} == {visit["id"], hidden["id"]}


def test_a_site_of_the_former_customer_is_the_calls_own_then(tenant, api):
    customer = tenant.customer()
    before, after, contact = tenant.site(customer), tenant.site(tenant.customer()), tenant.contact(customer)
    call = tenant.call(customer)
    visit = tenant.activity(call, site_id=before["id"], contact_id=contact["id"])
    api.patch(f"/v1/calls/{call['id']}", {"customer_id": after["customer_id"], "site_id": after["id"]}, "*")
    row = api.get(f"/v1/activities/{visit['id']}").json()
    assert (row["customer_id"], row["site_id"], row["contact_id"]) == (after["customer_id"], after["id"], None)


def test_activities_follow_what_a_bulk_line_says_of_their_call(tenant, api, events):
    after = tenant.customer()
    activity = tenant.activity(tenant.call(external_ref="follow:1"))
    (result,) = api.ndjson("/v1/calls/bulk", [{"external_ref": "follow:1", "customer_id": after["id"]}])
    assert result["result"] == "changed"
    told = events.last(activity["id"], "activity.changed")
    assert told.data["customer_id"] == after["id"] and told.data["version"] == 2 and "customer_id" in told.changed
    assert told.data == api.get(f"/v1/activities/{activity['id']}").json()


def test_what_is_to_do_follows_the_site_of_its_call(tenant, api, events):
    """What was done was done where it was; what names a site of its own stays there."""
    customer = tenant.customer()
    sites = [tenant.site(customer)["id"] for _ in range(3)]
    call = tenant.quick_call()
    path = f"/v1/calls/{call['id']}"
    todo = tenant.activity(call)
    assert todo["site_id"] is None
    api.act(path, "open", {"customer_id": customer["id"], "site_id": sites[0]})
    assert events.last(todo["id"], "activity.changed").data["site_id"] == sites[0]
    own, done = tenant.activity(call, site_id=sites[2]), tenant.activity(call, status="done", done_at=ahead(hours=-1))
    api.patch(path, {"site_id": sites[1]}, "*")
    read = [api.get(f"/v1/activities/{row['id']}").json() for row in (todo, own, done)]
    assert [(row["site_id"], row["version"]) for row in read] == [(sites[1], 3), (sites[2], 1), (sites[0], 1)]


def test_a_received_call_with_charges_keeps_its_customer(tenant, api, events):
    call = tenant.quick_call(phone=tenant.customer(phones=[{"raw": "035 777 0044"}])["phones"][0]["raw"])
    path = f"/v1/calls/{call['id']}"
    activity, charge = tenant.activity(call), tenant.charge(call)
    assert faults(api.patch(path, {"customer_id": None}, "*", expect=422)) == {"/customer_id": "required"}
    api.delete(f"/v1/charges/{charge['id']}", "*")
    assert api.patch(path, {"customer_id": None}, "*").json()["customer_id"] is None
    assert events.last(activity["id"], "activity.changed").data["customer_id"] is None


def test_what_was_resolved_without_customer_comes_back_to_be_opened(tenant, api):
    path = f"/v1/calls/{tenant.quick_call()['id']}"
    api.act(path, "suspend", {"reason": "customer"})
    assert api.act(path, "resolve", {"resolution": "Told by phone"}).json()["customer_id"] is None
    assert api.act(path, "reopen", {"reason": "Rings again"}).json()["state"] == "received"
    assert faults(api.act(path, "open", expect=422)) == {"/customer_id": "required"}
    assert api.act(path, "open", {"customer_id": tenant.customer()["id"]}).json()["state"] == "open"


def test_only_who_waits_or_was_helped_on_the_phone_is_nobody(tenant, api):
    call = tenant.call()
    nobody = {"customer_id": None}
    for action, body in (("assign", {"technician_id": new_id()}), ("start", None), ("suspend", {"reason": "parts"}), ("resume", None)):
        assert faults(api.patch(f"/v1/calls/{call['id']}", nobody, "*", expect=422)) == {"/customer_id": "required"}
        api.act(f"/v1/calls/{call['id']}", action, body)
    assert api.get(f"/v1/calls/{call['id']}").json()["customer_id"]
    charge = tenant.charge(call)
    api.act(f"/v1/calls/{call['id']}", "resolve", {"resolution": "Pressed the button"})
    assert faults(api.patch(f"/v1/calls/{call['id']}", nobody, "*", expect=422)) == {"/customer_id": "required"}
    api.delete(f"/v1/charges/{charge['id']}", "*")
    assert api.patch(f"/v1/calls/{call['id']}", nobody, "*").json()["customer_id"] is None
    waiting = tenant.quick_call()
    assert api.patch(f"/v1/calls/{waiting['id']}", nobody, "*").json()["customer_id"] is None


def test_groups_have_two_levels(tenant, api):
    parent = tenant.call()
    child = tenant.call(parent_id=parent["id"])
    customer = {"id": parent["customer_id"]}
    assert faults(entered(api, customer, parent_id=child["id"], expect=None)) == {"/parent_id": "levels"}
    for other in (parent, child):
        refused = api.patch(f"/v1/calls/{parent['id']}", {"parent_id": other["id"]}, "*", expect=None)
        assert faults(refused) == {"/parent_id": "levels"}
    assert faults(entered(api, customer, parent_id=new_id(), expect=None)) == {"/parent_id": "reference"}
    assert [row["id"] for row in api.list(f"/v1/calls/{parent['id']}/children")] == [child["id"]]
    path = f"/v1/calls/{parent['id']}"
    api.act(path, "resolve", {"resolution": "x"})
    refused = api.act(path, "close", {"refuse_on": ["children-alive"]}, expect=None)
    assert "1 calls below" in problem(refused, 409, "refused-warning")["detail"]
    assert warned(api.act(path, "close")) == ["children-alive"]
    assert api.get(f"/v1/calls/{child['id']}").json()["state"] == "open"


def test_a_blocked_customer_is_warned_of(tenant, api):
    customer = tenant.customer(credit="blocked", phones=[{"raw": "035 999 1234"}])
    assert warned(entered(api, customer)) == ["customer-blocked"]
    refused = entered(api, customer, refuse_on=["customer-blocked"], expect=None)
    assert problem(refused, 409, "refused-warning")["errors"][0]["pointer"] == "/customer_id"
    quick = tenant.client("callcenter").post("/v1/calls/quick", {"phone": "035 9991234", "subject": "x"})
    assert warned(quick) == ["customer-blocked"]
    path = f"/v1/calls/{quick.json()['id']}"
    assert warned(api.act(path, "open")) == ["customer-blocked"]
    assert warned(api.act(path, "start")) == [] == warned(api.patch(path, {"subject": "y"}, "*"))
    assert warned(entered(api, tenant.customer(credit="warn"))) == []


def test_the_portal_hears_nothing_of_credit(tenant):
    customer = tenant.portal_customer
    tenant.admin.patch(f"/v1/customers/{customer['id']}", {"credit": "blocked"}, "*")
    assert warned(tenant.client("portal").post("/v1/calls", {"subject": "x"})) == []
    tenant.admin.patch(f"/v1/customers/{customer['id']}", {"credit": "ok"}, "*")


def test_a_machine_of_another_is_accepted_and_stays_his(tenant, api):
    owner, customer = tenant.customer(), tenant.customer()
    asset = tenant.call(owner, asset={"article_code": "EX", "serial": "HIS-1"})["assets"][0]
    answer = entered(api, customer, assets=[{"asset_id": asset["asset_id"]}])
    assert warned(answer) == ["asset-customer"] and answer.json()["assets"][0]["serial"] == "HIS-1"
    assert warned(entered(api, owner, assets=[{"asset_id": asset["asset_id"]}])) == []
    found = api.get("/v1/customers/lookup", params={"serial": "HIS-1"}).json()["items"]
    assert [item["customer"]["id"] for item in found] == [owner["id"]]
    refused = tenant.client("portal").post("/v1/calls", {"subject": "x", "assets": [{"asset_id": asset["asset_id"]}]}, expect=None)
    assert faults(refused) == {"/assets/0/asset_id": "reference"}


def test_one_machine_is_the_main_one(tenant, api):
    customer = tenant.customer()
    one, two = (tenant.call(customer, asset={"article_code": "EX", "serial": serial})["assets"][0]["asset_id"] for serial in ("M1", "M2"))

    def mains(*assets):
        return [asset["main"] for asset in entered(api, customer, assets=list(assets)).json()["assets"]]

    assert mains({"asset_id": one}, {"asset_id": two}) == [True, False]
    assert mains({"asset_id": one}, {"asset_id": two, "main": True}) == [False, True]
    assert mains({"asset_id": one, "main": False}) == [True]
    twice = entered(api, customer, assets=[{"asset_id": one}, {"asset_id": one}], expect=None)
    assert faults(twice) == {"/assets/1/asset_id": "unique"}
    two_mains = entered(api, customer, assets=[{"asset_id": one, "main": True}, {"asset_id": two, "main": True}], expect=None)
    assert faults(two_mains) == {"/assets/1/main": "unique"}
    assert faults(entered(api, customer, asset={"serial": "  "}, expect=None)) == {"/asset/serial": "length"}
    assert faults(api.post("/v1/calls/quick", {"name": "x", "subject": "x", "serial": "  "}, expect=None)) == {"/serial": "length"}


def test_a_serial_that_machines_share_names_none(tenant, api):
    customer = tenant.customer()
    for article in ("EX", "PUMP"):
        tenant.call(customer, asset={"article_code": article, "serial": "SHARED"})
    assert faults(entered(api, customer, asset={"serial": "shared"}, expect=None)) == {"/asset/article_code": "required"}
    assert entered(api, customer, asset={"serial": "shared", "article_code": "PUMP"}).json()["assets"][0]["article_code"] == "PUMP"
    quick = tenant.quick_call(serial="Shared")
    assert quick["assets"] == [] and quick["customer_id"] == customer["id"]


def test_who_is_out_of_use_is_not_matched(tenant, api):
    gone = retired(api, "/v1/customers", tenant.customer(phones=[{"raw": "035 888 1111"}]))
    assert tenant.quick_call(phone="035 888 1111")["match"]["status"] == "none"
    heir = tenant.customer(phones=[{"raw": "035 888 1111"}], emails=[{"address": "heir@example.com"}])
    found = tenant.quick_call(phone="035 888 1111", email="heir@example.com")
    assert found["customer_id"] == heir["id"] != gone["id"]
    assert found["match"] == {"status": "matched", "by": "phone", "candidates": []}


def test_two_ways_to_two_customers_set_nothing(tenant):
    owner, caller = tenant.customer(), tenant.customer(phones=[{"raw": "035 888 2222"}])
    tenant.call(owner, asset={"article_code": "EX", "serial": "TWO-1"})
    quick = tenant.quick_call(phone="035 888 2222", serial="two-1")
    assert quick["customer_id"] is None and quick["match"]["status"] == "candidates"
    assert {(one["customer_id"], one["by"]) for one in quick["match"]["candidates"]} == {(caller["id"], "phone"), (owner["id"], "serial")}


def test_names_only_suggest_at_most_ten(tenant):
    many = {tenant.customer(name=f"Ditta Zeffirelli {number}")["id"] for number in range(12)}
    quick = tenant.quick_call(name="Zeffirelli")
    candidates = quick["match"]["candidates"]
    assert quick["customer_id"] is None and len(candidates) == 10
    assert {one["customer_id"] for one in candidates} <= many and {one["by"] for one in candidates} == {"name"}


@pytest.mark.parametrize("raw, e164", [
    ("035 123456 int. 12", "+39035123456"), ("+39 035 123456 ext 5", "+39035123456"), ("tel:+39035123456", "+39035123456"),
    ("0041 44 668 18 00", "+41446681800"), ("+1 (650) 253-0000", "+16502530000"), ("112", None), ("centralino", None)])
def test_phones_as_people_type_them(tenant, api, raw, e164):
    made = api.post("/v1/customers", {"kind": "prospect", "name": "x", "phones": [{"raw": raw}]}).json()
    assert made["phones"] == [{"raw": raw, "e164": e164}]


def test_a_follow_up_of_a_type_out_of_use_gets_the_default(tenant, api):
    kind = tenant.vocabulary("/v1/call-types", "yearly")
    call = tenant.call(type_code="yearly")
    api.act(f"/v1/calls/{call['id']}", "resolve", {"resolution": "x"})
    retired(api, "/v1/call-types", kind)
    made = api.act(f"/v1/calls/{call['id']}", "follow-up", expect=201).json()
    assert made["type_code"] == "intervention" and made["follow_up_of"] == call["id"]


def test_an_article_of_a_call_is_one_in_use(tenant, api):
    customer, article = tenant.customer(), tenant.known_article()
    assert entered(api, customer, article_id=article["id"]).json()["article_id"] == article["id"]
    assert faults(entered(api, customer, article_id=new_id(), expect=None)) == {"/article_id": "reference"}
    retired(api, "/v1/articles", article)
    with tenant.stack.connect() as database:
        gone = "select 1 from calls_data.article where id = %s and not active"
        wait_for("the copy", lambda: database.execute(gone, [article["id"]]).fetchone(), 60)
    assert faults(entered(api, customer, article_id=article["id"], expect=None)) == {"/article_id": "reference"}


def test_a_number_beyond_its_six_digits(tenant, database):
    first = tenant.call(series="BIG")["number"]
    database.execute("update calls_data.counter set last = 999999 where tenant_id = %s and series = 'BIG'", [tenant.id])
    assert tenant.call(series="BIG")["number"] == first.replace("000001", "1000000")
    assert tenant.call(series="BIG")["number"].endswith("/1000001")


def test_numbers_sort_as_numbers(tenant, database):
    rows = [tenant.call(series="WIDE")["number"]]
    database.execute("update calls_data.counter set last = 999998 where tenant_id = %s and series = 'WIDE'", [tenant.id])
    rows += [tenant.call(series="WIDE")["number"] for _ in range(3)]
    assert rows[-1].endswith("/WIDE/1000001")
    found = tenant.admin.every("/v1/calls", series="WIDE", sort="number", limit=1)
    assert [row["number"] for row in found] == rows
    found = tenant.admin.every("/v1/calls", series="WIDE", sort="-number", limit=3)
    assert [row["number"] for row in found] == rows[::-1]


def test_nothing_is_billed_to_a_blocked_customer_where_the_policy_says_so(tenant, api):
    customer = tenant.customer(credit="blocked")
    call = tenant.call(customer)
    body = {"call_id": call["id"], "kind": "other", "description": "x", "quantity": "1"}
    before = api.post("/v1/charges", body | {"treatment": "billable"}).json()
    waiting = api.post("/v1/charges", body | {"treatment": "needs_approval"}).json()
    api.patch("/v1/services/calls/settings", {"refuse_blocked": True}, "*")
    refused = problem(api.post("/v1/charges", body | {"treatment": "billable"}, expect=None), 409, "conflict")
    assert refused["errors"][0]["pointer"] == "/treatment" and customer["name"] in refused["detail"]
    assert api.post("/v1/charges", body | {"treatment": "goodwill"}).json()["treatment"] == "goodwill"
    path = f"/v1/charges/{waiting['id']}"
    problem(api.act(path, "approve", {"treatment": "billable", "reason": "x"}, expect=None), 409, "conflict")
    problem(api.patch(path, {"treatment": "billable"}, "*", expect=None), 409, "conflict")
    assert api.act(path, "approve", {"treatment": "covered", "reason": "x"}).json()["treatment"] == "covered"
    assert api.patch(f"/v1/charges/{before['id']}", {"description": "y"}, "*").json()["description"] == "y"
    assert api.post("/v1/charges", body | {"call_id": tenant.call()["id"], "treatment": "billable"}).json()["id"]
    api.patch("/v1/services/calls/settings", {"refuse_blocked": None}, "*")


def test_a_resolved_call_closes_by_itself(tenant, api, database, events):
    settings = "/v1/services/calls/settings"
    timer = "select due_at from calls_data.timer where kind = 'call.close' and subject = %s"
    due = "update calls_data.timer set due_at = now() where subject = %s"

    def resolved(**fields):
        call = tenant.call(**fields)
        api.act(f"/v1/calls/{call['id']}", "resolve", {"resolution": "x"})
        return call["id"]

    assert not database.execute(timer, [resolved()]).fetchone()  # off unless the tenant wants it
    api.patch(settings, {"close_after_days": 3}, "*")
    done, again, busy = resolved(), resolved(), resolved()
    api.patch(settings, {"close_after_days": None}, "*")
    assert (database.execute(timer, [done]).fetchone()["due_at"] - datetime.datetime.now(datetime.timezone.utc)).days == 2
    api.act(f"/v1/calls/{again}", "reopen", {"reason": "leaks again"})
    assert not database.execute(timer, [again]).fetchone()
    tenant.activity({"id": busy})
    for call in (done, busy):
        database.execute(due, [call])
    wait_for("its end", lambda: api.get(f"/v1/calls/{done}").json()["state"] == "closed", 30)
    assert events.last(done, "call.closed").data["closed_at"]
    wait_for("no timer is left", lambda: not database.execute(timer, [busy]).fetchone(), 30)
    assert api.get(f"/v1/calls/{busy}").json()["state"] == "resolved"  # something of it is to do


def test_a_type_gives_priority_and_series_unless_they_are_said(tenant, api):
    tenant.vocabulary("/v1/call-types", "urgent", default_priority="critical", series_code="U")
    call = tenant.call(type_code="urgent")
    assert (call["priority"], call["number"].split("/")[1]) == ("critical", "U")
    said = tenant.call(type_code="urgent", priority="low", series="Q")
    assert (said["priority"], said["number"].split("/")[1]) == ("low", "Q")
    quick = tenant.quick_call()
    body = {"customer_id": call["customer_id"], "type_code": "urgent"}
    opened = api.act(f"/v1/calls/{quick['id']}", "open", body).json()
    assert (opened["priority"], opened["number"]) == (quick["priority"], quick["number"])  # what was promised stays
