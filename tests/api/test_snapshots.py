"""The present state replayed as events."""
import pytest
from support.client import faults, problem
from support.stack import wait_for
from support.tenant import Tenant

PATH = "/v1/services/calls/snapshots"


@pytest.fixture(scope="module")
def tenant(stack, platform):
    return Tenant(stack, platform)


def run(tenant, **body):
    job = tenant.admin.post(PATH, body).json()
    assert job["state"] == "running"
    return wait_for("the snapshot", lambda: (row := tenant.admin.get(f"{PATH}/{job['id']}").json())["state"] != "running" and row, 30)


def told_by(tenant, events):
    return [event for event in events.all() if event.tenant == tenant.id and event.name.endswith(".snapshot")]


def test_everything_is_told_as_it_is(tenant, other, events):
    customers = [tenant.customer(name=f"C{number}") for number in range(3)]
    site = tenant.site(customers[0])
    call = tenant.call(customers[1])
    stranger = other.customer()
    done = run(tenant)
    assert (done["state"], done["resource"], done["error"]) == ("done", None, None) and done["finished_at"]
    wait_for("all that was told", lambda: len(told_by(tenant, events)) >= done["done"], 30)
    for path, row, name in (("customers", customers[0], "customer"), ("sites", site, "site"), ("calls", call, "call")):
        event = events.last(row["id"], f"{name}.snapshot")
        # The revision is the aggregate's: telling of its parts later has raised it.
        assert event.data | {"revision": 0} == tenant.admin.get(f"/v1/{path}/{row['id']}").json() | {"revision": 0}, path
        assert event.changed is None
    for row in customers:
        told = events.of(row["id"])
        assert [event.name for event in told if event.name.endswith(".snapshot")] == ["customer.snapshot"]
        assert [event.revision for event in told] == sorted({event.revision for event in told})
    assert {event.name for event in events.wait(stranger["id"])} == {"customer.created"}
    assert len(told_by(tenant, events)) == done["done"]


def test_more_than_a_piece_of_one_resource(tenant, events):
    lines = [{"external_ref": f"tag{number}", "code": f"t{number}", "label": "T"} for number in range(250)]
    assert {result["result"] for result in tenant.admin.ndjson("/v1/tags/bulk", lines)} == {"created"}
    before = len([event for event in events.all() if event.tenant == tenant.id and event.name == "call_type.snapshot"])
    done = run(tenant, resources=["tag"])
    assert done["done"] == 250

    def told():
        return [event.subject for event in events.all() if event.tenant == tenant.id and event.name == "tag.snapshot"]

    wait_for("the events", lambda: len(told()) >= 250)
    assert len(told()) == len(set(told())) == 250
    assert before == len([e for e in events.all() if e.tenant == tenant.id and e.name == "call_type.snapshot"])


def test_what_is_refused(tenant):
    assert faults(tenant.admin.post(PATH, {"resources": ["moon"]}, expect=None)) == {"/resources/0": "choice"}
    for role in ("callcenter", "operator", "manager", "technician", "portal"):
        problem(tenant.client(role).post(PATH, {}, expect=None), 403)
        problem(tenant.client(role).get(PATH, expect=None), 403)
    tenant.client("integration").get(PATH)
