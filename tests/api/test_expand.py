"""expand=: the lists below a row, shown beside it, as they are by themselves."""
import pytest

from support.client import faults, new_id, problem, told

SHOWN = 50  # children of one name beside one row
PAGE = 100  # rows of a page with children

EXPECTED = {
    "/v1/customers": ["contacts", "sites"],
    "/v1/calls": ["activities", "charges", "transitions"],
    "/v1/activities": ["sessions", "transitions"],
}


def offered(description, path):
    for parameter in description.parameters(description.paths[path]["get"]):
        if parameter["name"] == "expand":
            return sorted(parameter["schema"]["items"]["enum"])
    return []


@pytest.fixture(scope="module")
def family(tenant):
    """A customer with two sites and three contacts, whose call has activities, charges and a past."""

    class Family:
        pass

    f = Family()
    f.customer = tenant.customer(name="Has children")
    f.sites = [tenant.site(f.customer) for _ in range(2)]
    f.contacts = [tenant.contact(f.customer) for _ in range(3)]
    f.call = tenant.call(f.customer)
    f.activities = [tenant.activity(f.call) for _ in range(2)]
    f.charge = tenant.charge(f.call, cost="7.0000")
    technician = new_id()
    tenant.admin.act(f"/v1/calls/{f.call['id']}", "assign", {"technician_id": technician})
    session = {"technician_id": technician, "kind": "work", "started_at": "2026-03-02T08:00:00Z"}
    tenant.admin.post(f"/v1/activities/{f.activities[0]['id']}/sessions", session)
    tenant.customer(name="Has none")
    return f


def test_what_is_offered(description):
    """Both on single rows and wherever they are listed; each is a list of its own below the row, too."""
    lists = description.lists()
    for path in description.stores():
        names = offered(description, path)
        assert names == EXPECTED.get(path, names), path
        assert offered(description, f"{path}/{{id}}") == names
        assert {f"{path}/{{id}}/{name.replace('_', '-')}" for name in names} <= set(lists)
    assert offered(description, "/v1/sites") == []
    assert offered(description, "/v1/customers/{id}/calls") == EXPECTED["/v1/calls"]


@pytest.mark.parametrize("path", EXPECTED)
def test_children_are_what_their_lists_show(path, api, family):
    row = {"/v1/customers": family.customer, "/v1/calls": family.call, "/v1/activities": family.activities[0]}[path]
    item, names = f"{path}/{row['id']}", EXPECTED[path]
    plain = api.get(item).json()
    children = {name: api.get(f"{item}/{name}").json() for name in names}
    assert all(children[name]["items"] for name in names), children
    assert api.get(f"{item}?expand={','.join(names)}").json() == plain | children
    assert api.get(f"{item.replace(row['id'], row['id'].upper())}?expand={names[0]},{names[0]}").json() == (
        plain | {names[0]: children[names[0]]})
    for listed in api.every(path, expand=",".join(names)):
        expected = {name: api.get(f"{path}/{listed['id']}/{name}").json() for name in names}
        assert {name: listed[name] for name in names} == expected
        assert {name: value for name, value in listed.items() if name not in names} == api.get(f"{path}/{listed['id']}").json()
    some = api.list(path, id=row["id"], fields="id", expand=names[0])
    assert some == [{"id": row["id"], names[0]: children[names[0]]}]


def test_lists_below_others_expand_too(api, family):
    listed = api.list(f"/v1/customers/{family.customer['id']}/calls", expand="charges")
    assert [call["charges"]["items"][0]["id"] for call in listed] == [family.charge["id"]]


def test_more_children_than_are_shown(tenant, api):
    """The cursor beside a row goes on in the list itself, without a gap."""
    many, few = tenant.customer(name="Many"), tenant.customer(name="Exactly as many as are shown")
    for customer, count in ((many, SHOWN + 3), (few, SHOWN)):
        lines = [{"customer_id": customer["id"], "name": f"Site {number:03}"} for number in range(count)]
        assert {line["result"] for line in api.ndjson("/v1/sites/bulk", lines)} == {"created"}
    rows = {row["id"]: row["sites"] for row in api.list("/v1/customers", expand="sites", limit=PAGE)}
    for row in (rows[many["id"]], api.get(f"/v1/customers/{many['id']}?expand=sites").json()["sites"]):
        assert len(row["items"]) == SHOWN
        behind = api.list(f"/v1/customers/{many['id']}/sites", cursor=row["next_cursor"])
        assert [site["name"] for site in row["items"] + behind] == [f"Site {number:03}" for number in range(SHOWN + 3)]
    assert len(rows[few["id"]]["items"]) == SHOWN and "next_cursor" not in rows[few["id"]]


def test_sight_and_rights(tenant, family):
    """Children are those that the caller sees, and of them what he sees; a list that isn't his is refused."""
    portal, call = tenant.client("portal"), tenant.call(tenant.portal_customer)
    public, _ = (tenant.activity(call, visibility=visibility) for visibility in ("public", "internal"))
    shown = portal.get(f"/v1/calls/{call['id']}?expand=activities").json()["activities"]["items"]
    assert shown == portal.list(f"/v1/calls/{call['id']}/activities") and [row["id"] for row in shown] == [public["id"]]
    assert "priority" not in shown[0]
    assert problem(portal.get(f"/v1/calls/{call['id']}?expand=charges", expect=None), 403)["detail"].endswith("charges:read.")
    problem(portal.get("/v1/calls?expand=activities,charges", expect=None), 403, "forbidden")
    problem(portal.get(f"/v1/calls/{family.call['id']}?expand=activities", expect=None), 404, "not-found")
    operator = tenant.client("operator")
    assert "cost" not in operator.get(f"/v1/calls/{family.call['id']}?expand=charges").json()["charges"]["items"][0]
    assert tenant.admin.get(f"/v1/calls/{family.call['id']}?expand=charges").json()["charges"]["items"][0]["cost"] == "7.0000"


def test_other_tenants_children(other, family):
    problem(other.admin.get(f"/v1/customers/{family.customer['id']}?expand=sites", expect=None), 404)
    assert other.admin.list("/v1/customers", expand="sites") == []


@pytest.mark.parametrize("item", [False, True], ids=["list", "row"])
def test_what_is_refused(item, api, family):
    customers = f"/v1/customers/{family.customer['id']}" if item else "/v1/customers"
    site = f"/v1/sites/{family.sites[0]['id']}" if item else "/v1/sites"
    for query, expected in (("expand=nonsense", "unknown"), ("expand=sites,nonsense", "unknown"), ("expand=customer", "unknown"),
                            ("expand=", "length"), ("expand[in]=sites", None), ("expand=sites&expand=contacts", "duplicate")):
        answer = api.get(f"{customers}?{query}", expect=400)
        codes = faults(answer, 400)
        assert len(codes) == 1 and (expected is None or list(codes.values()) == [expected]), told(answer)
        assert next(iter(codes)).startswith("expand")
    assert "nonsense" in api.get(f"{customers}?expand=nonsense", expect=400).json()["errors"][0]["detail"]
    assert faults(api.get(f"{site}?expand=customer", expect=400), 400) == {"expand": "unknown"}


def test_sizes_and_exports(api):
    assert faults(api.get(f"/v1/customers?expand=sites&limit={PAGE + 1}", expect=400), 400) == {"limit": "range"}
    api.get(f"/v1/customers?expand=sites&limit={PAGE}")
    for accept in ("text/csv", "application/x-ndjson"):
        answer = api.get("/v1/customers?expand=sites", expect=400, headers={"Accept": accept})
        assert faults(answer, 400) == {"expand": "format"}
    assert faults(api.get("/v1/customers?expand=x&zzz=1&limit=0", expect=400), 400) == {
        "expand": "unknown", "zzz": "unknown", "limit": "range"}


def test_the_tag_is_of_all_that_is_shown(tenant, api, family):
    """Its version is the row's, and guards it; what hangs below it is in the digest."""
    path = f"/v1/customers/{family.customer['id']}"
    answer = api.get(f"{path}?expand=sites")
    tags = {"If-None-Match": answer.headers["ETag"]}
    plain = api.get(path, headers=tags)
    assert plain.headers["ETag"].split("-")[0] == answer.headers["ETag"].split("-")[0]
    assert api.get(f"{path}?expand=sites", expect=304, headers=tags).content == b""
    tenant.site(family.customer)
    again = api.get(f"{path}?expand=sites", headers=tags)
    assert len(again.json()["sites"]["items"]) == len(answer.json()["sites"]["items"]) + 1
    api.patch(path, {"name": "Guarded"}, headers={"If-Match": answer.headers["ETag"]})


def test_events_and_answers_of_writes_have_no_children(tenant, api, events):
    customer = tenant.customer()
    tenant.site(customer)
    answer = api.patch(f"/v1/customers/{customer['id']}", {"notes": "x"}, customer["version"]).json()
    assert "sites" not in answer and "sites" not in events.wait(customer["id"], 2)[-1].data
    answer = api.request("PATCH", f"/v1/customers/{customer['id']}?expand=sites", 400, json={"notes": "x"},
                         headers={"If-Match": "*"})
    assert faults(answer, 400) == {"expand": "unknown"}


def test_parameters_that_are_not_known(api, family):
    """A parameter nobody reads is a mistake that should not pass in silence."""
    for path in (f"/v1/sites/{family.sites[0]['id']}", "/v1/me", "/v1/services/calls/settings", "/openapi.json"):
        assert faults(api.get(f"{path}?zzz=1", expect=400), 400) == {"zzz": "unknown"}
    answer = api.post("/v1/customers?zzz=1&dry_run=true", {"kind": "prospect", "name": "x"}, expect=400)
    assert faults(answer, 400) == {"zzz": "unknown", "dry_run": "unknown"}
