"""Who changed what, when, from which request; and what could not be applied."""
import pytest
from support.client import problem

PATH = "/v1/services/calls/audit"


@pytest.fixture(scope="module")
def history(tenant):
    """A customer made by an operator and renamed by a manager."""
    operator, manager = tenant.client("operator"), tenant.client("manager")
    made = operator.post("/v1/customers", {"kind": "prospect", "name": "Before"}, headers={"X-Request-ID": "made-it"}).json()
    manager.patch(f"/v1/customers/{made['id']}", {"name": "After"}, "*", headers={"X-Request-ID": "renamed-it"})
    return made


def test_a_change_names_who_what_and_when(tenant, history):
    changed, created = tenant.client("manager").list(PATH, resource_id=history["id"])
    assert (created["type"], created["request_id"], created["changes"]) == ("customer.created", "made-it", None)
    assert created["actor"] == tenant.client("operator").row["id"] and created["actor_name"]
    assert (changed["type"], changed["request_id"]) == ("customer.changed", "renamed-it")
    assert changed["changes"] == [{"field": "name", "before": "Before", "after": "After"}]
    assert changed["at"] >= created["at"] and changed["revision"] > created["revision"]
    assert tenant.admin.get(f"{PATH}/{changed['id']}").json() == changed


@pytest.mark.parametrize(
    "parameters, count",
    [
        ({"request_id": "made-it"}, 1),
        ({"type": "customer.changed"}, 1),
        ({"resource": "customer"}, 2),
        ({"type": "site.changed"}, 0),
        ({"at[gte]": "2020-01-01T00:00:00Z"}, 2),
        ({"at[lt]": "2020-01-01T00:00:00Z"}, 0),
    ],
)
def test_filters(tenant, history, parameters, count):
    rows = tenant.admin.list(PATH, root_id=history["id"], **parameters)
    assert len(rows) == count
    assert len(tenant.admin.list(PATH, actor=tenant.client("manager").row["id"], root_id=history["id"])) == 1


def test_pages_join_without_gap(tenant, history):
    for number in range(7):
        tenant.customer(name=f"Page {number}")
    every = tenant.admin.every(PATH, resource="customer", limit=3)
    whole = tenant.admin.list(PATH, resource="customer", limit=500)
    assert [row["id"] for row in every] == [row["id"] for row in whole] and len(whole) >= 9


def test_who_may(tenant, other, history):
    assert tenant.client("manager").list(PATH, resource_id=history["id"])
    assert other.admin.list(PATH, resource_id=history["id"]) == []
    for role in ("callcenter", "operator", "dispatcher", "technician", "storekeeper", "sales", "billing", "integration", "portal"):
        problem(tenant.client(role).get(PATH, expect=None), 403)
        problem(tenant.client(role).get("/v1/services/calls/dead-letters", expect=None), 403)


def test_nothing_is_written_to_the_audit(tenant):
    problem(tenant.admin.post(PATH, {}, expect=None), 405)
