"""Uploads: parts in any order and again, what is missing, digests, bounds, whose they are, expiry."""
import base64
import hashlib
import random

import pytest

from support.at_once import at_once
from support.client import faults, new_id, problem
from support.stack import wait_for
from support.tenant import Tenant
from support.transfer import announce, part_of, send, uploaded

PART = 1024 * 1024
DATA = random.Random(7).randbytes(3 * PART + 1234)
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(scope="module")
def tenant(stack, platform):
    return Tenant(stack, platform)


def digest(data):
    return "sha-256=:" + base64.b64encode(hashlib.sha256(data).digest()).decode() + ":"


def parts_kept(database, upload):
    query = "select count(*) as n from calls_data.part where owner_id = %s"
    return database.execute(query, [upload["id"]]).fetchone()["n"]


def test_in_any_order_and_again(api, database):
    row = announce(api, "customers", DATA, sha256=SHA256.upper(), media_type="application/octet-stream")
    assert (row["state"], row["parts"], row["part_size"], row["missing"]) == ("open", 4, PART, [1, 2, 3, 4])
    assert row["sha256"] == SHA256 and row["expires_at"] > row["created_at"]
    assert send(api, row, DATA, 4)["missing"] == [1, 2, 3]
    assert send(api, row, DATA, 2)["missing"] == [1, 3]
    assert send(api, row, DATA, 2)["missing"] == [1, 3]
    resumed = api.get(f"/v1/uploads/{row['id']}").json()
    assert resumed["missing"] == [1, 3] and resumed["state"] == "open"
    for number in resumed["missing"]:
        row = send(api, row, DATA, number)
    assert (row["state"], row["missing"], row["sha256"], row["lines"]) == ("complete", [], SHA256, None)
    assert send(api, row, DATA, 3)["state"] == "complete", "a lost answer of the last part"
    other = b"x" * PART
    problem(send(api, row, other * 4, 3, expect=409), 409, "conflict")
    kept = database.execute("select string_agg(bytes, '' order by number) as bytes from calls_data.part where owner_id = %s",
                            [row["id"]]).fetchone()["bytes"]
    assert hashlib.sha256(kept).hexdigest() == SHA256


def test_without_a_digest_it_is_told(api):
    row = announce(api, "customers", DATA, media_type="text/plain")
    assert row["sha256"] is None
    for number in (1, 2, 3, 4):
        row = send(api, row, DATA, number)
    assert (row["state"], row["sha256"]) == ("complete", SHA256)


def test_a_damaged_part_is_refused_and_sent_again(api):
    row = announce(api, "customers", DATA, sha256=SHA256)
    path = f"/v1/uploads/{row['id']}/parts/1"
    good = part_of(row, DATA, 1)
    answer = api.request("PUT", path, headers={"Content-Digest": digest(good)}, data=b"\0" + good[1:])
    assert faults(answer) == {"Content-Digest": "digest"}
    for wrong in ("sha-256=:", "sha-256=:!!:", "sha-256=::"):
        assert faults(api.request("PUT", path, headers={"Content-Digest": wrong}, data=good)) == {"Content-Digest": "digest"}
    for fine in (digest(good), f"md5=:AAAA:, {digest(good)}", "sha-512=:AAAA:"):
        row = api.request("PUT", path, 200, headers={"Content-Digest": fine}, data=good).json()
    assert row["missing"] == [2, 3, 4]


def test_parts_that_together_are_something_else(api):
    """Told with the digest that they have; the wrong part sent again completes it."""
    row = announce(api, "customers", DATA, sha256=SHA256)
    wrong = DATA[:PART] + b"y" * PART + DATA[2 * PART:]
    for number in (1, 2, 3):
        send(api, row, wrong, number)
    body = problem(send(api, row, wrong, 4, expect=422), 422, "invalid")
    assert hashlib.sha256(wrong).hexdigest() in body["detail"]
    shown = api.get(f"/v1/uploads/{row['id']}").json()
    assert (shown["state"], shown["missing"]) == ("open", [])
    refused = api.post("/v1/customers/imports", {"upload_id": row["id"]}, expect=409)
    assert faults(refused, 409) == {"/upload_id": "incomplete"}
    assert send(api, row, DATA, 2)["state"] == "complete"


@pytest.mark.parametrize("number", ["0", "5", "x", "-1", "1.0", "99999999999999999999"])
def test_no_such_part(api, number):
    row = announce(api, "customers", DATA)
    problem(api.request("PUT", f"/v1/uploads/{row['id']}/parts/{number}", data=b"x"), 404, "not-found")


def test_sizes_of_parts(api):
    row = announce(api, "customers", DATA)
    for number, size in ((1, PART - 1), (4, PART), (4, 1), (2, 0)):
        answer = api.request("PUT", f"/v1/uploads/{row['id']}/parts/{number}", data=b"x" * size)
        assert "bytes" in problem(answer, 422, "invalid")["detail"]
    problem(api.request("PUT", f"/v1/uploads/{row['id']}/parts/1", data=b"x" * (PART + 1)), 413, "too-large")
    assert api.get(f"/v1/uploads/{row['id']}").json()["missing"] == [1, 2, 3, 4]


def test_what_can_not_be_announced(api):
    good = {"for": "customers", "file_name": "f.csv", "media_type": "text/csv", "size": 10}
    for change, told in (
        ({"size": 0}, {"/size": "range"}),
        ({"size": 256 * PART + 1}, {"/size": "range"}),
        ({"size": None}, {"/size": "required"}),
        ({"sha256": "abc"}, {"/sha256": "length"}),
        ({"sha256": "z" * 64}, {"/sha256": "format"}),
        ({"for": "moons"}, {"/for": "choice"}),
        ({"for": "services/calls/audit"}, {"/for": "choice"}),
        ({"for": "saved-filters"}, {"/for": "choice"}),
        ({"parts": 3, "id": new_id()}, {"/parts": "read-only", "/id": "read-only"}),
    ):
        assert faults(api.post("/v1/uploads", good | change, expect=422)) == told, change
    assert set(faults(api.post("/v1/uploads", {}, expect=422))) == {"/for", "/file_name", "/media_type", "/size"}


def test_who_may(tenant):
    """Who may write many there may announce a file for it."""
    for role in ("callcenter", "operator", "technician", "portal", "sales"):
        problem(announce(tenant.client(role), "customers", b"x", expect=403), 403, "forbidden")
    announce(tenant.client("integration"), "customers", b"x")
    announce(tenant.client("operator"), "activities", b"x")


def test_whose_they_are(stack, platform, tenant, other):
    """A stranger has none of it; a colleague sees it only when he manages."""
    integration = tenant.client("integration")
    row = announce(integration, "customers", DATA)
    path = f"/v1/uploads/{row['id']}"
    for stranger in (other.admin, tenant.client("operator"), tenant.client("technician"), tenant.client("portal")):
        problem(stranger.get(path, expect=404), 404, "not-found")
        assert row["id"] not in [item["id"] for item in stranger.list("/v1/uploads", limit=500)]
        problem(send(stranger, row, DATA, 1, expect=404), 404)
        problem(stranger.delete(path, "*", expect=404), 404)
    for manager in (tenant.client("manager"), tenant.admin):
        assert manager.get(path).json()["id"] == row["id"]
        assert row["id"] in [item["id"] for item in manager.list("/v1/uploads", limit=500)]
    refused = other.admin.post("/v1/customers/imports", {"upload_id": row["id"]}, expect=422)
    assert faults(refused) == {"/upload_id": "reference"}


def test_remove(api, database):
    row = uploaded(api, "customers", DATA)
    assert parts_kept(database, row) == 4
    path = f"/v1/uploads/{row['id']}"
    problem(api.delete(path, expect=428), 428)
    problem(api.delete(path, 1, expect=412), 412)
    api.delete(path, row["version"])
    problem(api.get(path, expect=404), 404)
    assert parts_kept(database, row) == 0


def test_a_retry_makes_one(api):
    key = new_id()
    body = {"for": "tags", "file_name": "f.csv", "media_type": "text/csv", "size": 10}
    first = api.post("/v1/uploads", body, key=key)
    again = api.post("/v1/uploads", body, key=key)
    assert first.json() == again.json() and again.headers["Idempotency-Replayed"] == "true"
    assert first.headers["Location"] == again.headers["Location"] == f"/v1/uploads/{first.json()['id']}"
    problem(api.post("/v1/uploads", body | {"size": 11}, key=key, expect=422), 422, "idempotency-key-reused")


def test_bounds_of_a_tenant(stack, platform):
    few = Tenant(stack, platform)
    few.admin.token()
    for _ in range(16):
        announce(few.admin, "tags", b"x")
    at_once(lambda _: announce(few.admin, "tags", b"x", expect=None), range(12))  # the last room is taken once
    while len(few.admin.list("/v1/uploads")) < 20:  # the machine was too busy for some of them
        announce(few.admin, "tags", b"x")
    assert len(few.admin.list("/v1/uploads")) == 20
    assert "20 uploads" in problem(announce(few.admin, "tags", b"x", expect=409), 409, "conflict")["detail"]
    large = Tenant(stack, platform)
    for _ in range(4):
        announce(large.admin, "tags", b"", size=256 * PART)
    assert faults(announce(large.admin, "tags", b"x", expect=409), 409) == {"/size": "room"}


def test_it_goes_when_nobody_uses_it(api, database):
    row = uploaded(api, "tags", DATA)
    timer = database.execute("select due_at from calls_data.timer where subject = %s", [row["id"]]).fetchone()
    assert timer, "it has a timer"
    database.execute("update calls_data.timer set due_at = now() where subject = %s", [row["id"]])
    wait_for("its end", lambda: api.get(f"/v1/uploads/{row['id']}", expect=None).status_code == 404, 30)
    wait_for("the end of its parts", lambda: parts_kept(database, row) == 0, 30)


def test_past_the_gateway(stack, api):
    """The service itself serves the same paths; the gateway only finds the service."""
    row = announce(api, "tags", b"abc")
    direct = api.at(stack.address("calls"))
    assert direct.get(f"/v1/uploads/{row['id']}").json() == api.get(f"/v1/uploads/{row['id']}").json()
    assert send(direct, row, b"abc", 1)["state"] == "complete"
    problem(api.get(f"/v1/uploads/{new_id()}", expect=404), 404, "not-found")
    problem(direct.get(f"/v1/uploads/{new_id()}", expect=404), 404, "not-found")


def test_lists_go_on_behind_their_cursor(stack, platform):
    tenant = Tenant(stack, platform)
    rows = [announce(tenant.admin, "tags", b"x" * size) for size in range(1, 8)]
    items = tenant.admin.every("/v1/uploads", limit=2)
    assert [item["id"] for item in items] == [row["id"] for row in reversed(rows)]
    items = tenant.admin.every("/v1/uploads", limit=3, sort="created_at", fields="id,size")
    assert items == [{"id": row["id"], "size": row["size"]} for row in rows]
    assert [item["id"] for item in tenant.admin.list("/v1/uploads", **{"state": "open", "for": "tags", "limit": 1})] == [rows[-1]["id"]]
    problem(tenant.admin.get("/v1/uploads?limit=0", expect=400), 400, "bad-query")
    problem(tenant.admin.get("/v1/uploads?cursor=xx", expect=400), 400, "bad-cursor")
