"""Idempotency-Key: the same request gets the same answer, whatever happens between."""
import json

import pytest

from api.resources import RESOURCES
from support.at_once import at_once
from support.client import new_id, problem, told
from support.goods import move

every_resource = pytest.mark.parametrize("resource", RESOURCES, ids=str)


@every_resource
def test_the_same_answer_again(resource, tenant, events):
    api, key, body = tenant.admin, new_id(), resource.body(tenant)
    first = api.post(resource.path, body, key=key)
    assert "Idempotency-Replayed" not in first.headers
    row = first.json()
    api.patch(f"{resource.path}/{row['id']}", {resource.text: "meanwhile"}, row["version"])
    again = api.post(resource.path, body, key=key)
    assert again.json() == row, "the answer as it was then"
    assert again.headers["Idempotency-Replayed"] == "true"
    for name in ("Location", "ETag"):
        assert again.headers[name] == first.headers[name]
    assert [event.name.rsplit(".", 1)[1] for event in events.wait(row["id"], 2)][1:] == ["changed"]


@every_resource
def test_another_request_with_the_key(resource, tenant):
    api, key, body = tenant.admin, new_id(), resource.body(tenant)
    api.post(resource.path, body, key=key)
    problem(api.post(resource.path, body | {resource.text: "other"}, key=key, expect=422), 422, "idempotency-key-reused")
    other = next(entry for entry in RESOURCES if entry is not resource and entry.service == resource.service)
    problem(api.post(other.path, other.body(tenant), key=key, expect=422), 422, "idempotency-key-reused")


def test_the_longest_request_is_told_from_another(tenant):
    api, key = tenant.admin, new_id()
    path = ("/v1/tags/prints?fields=code&code%5Bin%5D=" + ("%2F" * 27 + ",") * 99 + "A" * 99)[:8192]
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    for title, expect in (("A", 202), ("B", 422)):
        body = json.dumps({"title": title}).encode().ljust(1024 * 1024)
        answer = api.request("POST", path, expect, headers=headers, data=body)
    problem(answer, 422, "idempotency-key-reused")


def test_the_key_is_the_tenants_own_and_the_callers(tenant, other):
    key, body = new_id(), {"kind": "prospect", "name": "Keyed"}
    one = tenant.admin.post("/v1/customers", body, key=key).json()
    two = other.admin.post("/v1/customers", body, key=key).json()
    assert one["id"] != two["id"]
    answer = tenant.client("operator").post("/v1/customers", body, key=key, expect=422)
    problem(answer, 422, "idempotency-key-reused")


def test_a_refused_request_keeps_no_key(tenant, api):
    key = new_id()
    api.post("/v1/customers", {"kind": "prospect"}, key=key, expect=422)
    api.post("/v1/customers", {"kind": "prospect", "name": "Now right"}, key=key)


@pytest.mark.parametrize("key", ["x" * 129, "two words", "tab\there"])
def test_ill_formed_keys(key, api):
    answer = api.post("/v1/customers", {"kind": "prospect", "name": "x"}, key=key, expect=400)
    told_wrong = problem(answer, 400, "bad-header")
    assert told_wrong["detail"] == "Idempotency-Key is no key."
    assert told_wrong["errors"][0]["parameter"] == "Idempotency-Key"


def test_many_at_once_make_one(tenant):
    """Twenty threads with one key: one row; the others hear that it runs, or get its answer."""
    key, body = new_id(), {"kind": "prospect", "name": "At once", "external_ref": f"once:{new_id()}"}
    clients = [tenant.client_of(f"admin@{tenant.code}.test", "admin") for _ in range(20)]
    for client in clients:
        client.bearer, client.got_at = tenant.admin.token(), tenant.admin.got_at
    answers = at_once(lambda client: client.post("/v1/customers", body, key=key, expect=None), clients)
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(made) == 1
    for answer in answers:
        if answer.status_code != 201:
            problem(answer, 409, "still-running")
            assert answer.headers["Retry-After"] == "1", told(answer)
    assert len(tenant.admin.list("/v1/customers", external_ref=body["external_ref"])) == 1
    assert tenant.admin.post("/v1/customers", body, key=key).json()["id"] in made


def test_what_makes_rows_of_a_call_makes_them_once(tenant, api):
    """Also when they were released since: what is asked for by another key is made anew, by the same one it is not."""
    part, store, visit = tenant.known_article(), tenant.warehouse(), tenant.known_activity()
    fields = {"kind": "part", "quantity": "2", "article_id": part["id"], "warehouse_id": store["id"], "activity_id": visit["id"]}
    charge = tenant.copied(tenant.charge({"id": visit["call_id"]}, **fields), "charge")
    move(api, "receipt", part, store, 10)
    body, key = {"call_id": visit["call_id"], "charge_ids": [charge["id"]]}, new_id()
    path = "/v1/reservations/from-call"
    first = api.post(path, body, key=key, expect=200)
    row, = first.json()["items"]
    api.act(f"/v1/reservations/{row['id']}", "release")
    again = api.post(path, body, key=key, expect=200)
    assert again.headers["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first.headers
    assert [(one["id"], one["status"]) for one in again.json()["items"]] == [(row["id"], "released")]
    assert again.json()["warnings"] == first.json()["warnings"]
    assert len(api.list("/v1/reservations", charge_id=charge["id"])) == 1
    problem(api.post(path, body | {"partial": True}, key=key, expect=422), 422, "idempotency-key-reused")
    assert len(api.post(path, body, key=new_id(), expect=200).json()["items"]) == 2
    path, key = "/v1/movements/from-call", new_id()
    issued, = api.post(path, body, key=key, expect=200).json()["items"]
    api.post(f"/v1/movements/{issued['id']}/actions/reverse", {"reason": "Wrong call"})
    assert [one["id"] for one in api.post(path, body, key=key, expect=200).json()["items"]] == [issued["id"]]
    assert len(api.list("/v1/movements", charge_id=charge["id"])) == 2


def test_stock_is_rebuilt_once(tenant, api, database):
    part, store, key = tenant.article(), tenant.warehouse(), new_id()
    move(api, "receipt", part, store, 3)
    database.execute("update inventory_data.stock set on_hand = 5 where article_id = %s", [part["id"]])
    path = "/v1/stock/rebuild"
    first = api.post(path, {}, key=key, expect=200).json()
    assert [(one["kept"], one["ledger"]) for one in first["differences"] if one["article_id"] == part["id"]]
    again = api.post(path, {}, key=key, expect=200)
    assert again.json() == first and again.headers["Idempotency-Replayed"] == "true"
    assert not [one for one in api.post(path, {}, key=new_id(), expect=200).json()["differences"] if one["article_id"] == part["id"]]
