"""Files that hang on rows: machines, returns, transport documents."""
import hashlib
import json

import jsonschema
import pytest

from support.at_once import at_once, insist
from support.client import faults, new_id, problem
from support.stack import ROOT
from support.transfer import announce, send, uploaded

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
FOR = "assets/attachments"


@pytest.fixture
def machine(tenant):
    return tenant.asset()


def attach(client, row, data=PICTURE, kind="assets", expect=201, media_type="image/png", key=None, **query):
    headers = {"Content-Type": media_type} | ({"Idempotency-Key": key} if key else {})
    query = {"file_name": "bucket.png"} | query
    return client.request("POST", f"/v1/{kind}/{row['id']}/attachments", expect, params=query, data=data, headers=headers)


def place_of(row, made, kind="assets"):
    return f"/v1/{kind}/{row['id']}/attachments/{made['id']}"


def test_a_file_comes_back_as_it_was(api, machine, events):
    answer = attach(api, machine, file_name="Città «è».png", taken_at="2026-11-20T08:00:00Z")
    made = answer.json()
    at = place_of(machine, made)
    assert answer.headers["Location"] == at and answer.headers["ETag"] == '"1"'
    assert made["sha256"] == hashlib.sha256(PICTURE).hexdigest() and made["size"] == len(PICTURE)
    assert (made["owner_kind"], made["owner_id"], made["media_type"]) == ("asset", machine["id"], "image/png")
    assert made["visibility"] == "internal" and made["taken_at"].startswith("2026-11-20T08:00") and made["by"]
    assert api.get(f"/v1/assets/{machine['id']}").json()["revision"] == machine["revision"], "nothing of it has changed"
    assert api.get(at).json() == made and api.list(f"/v1/assets/{machine['id']}/attachments") == [made]
    assert events.last(made["id"], "attachment.created").data == made
    content = api.get(f"{at}/content")
    assert content.content == PICTURE and content.headers["Content-Type"] == "image/png"
    assert content.headers["Content-Disposition"] == "attachment; filename*=UTF-8''Citt%C3%A0%20%C2%AB%C3%A8%C2%BB.png"
    assert content.headers["X-Content-Type-Options"] == "nosniff", "what others sent in never runs as ours"
    assert api.get(f"{at}/content", headers={"Accept": "image/png"}).content == PICTURE
    again = api.get(f"{at}/content", expect=304, headers={"If-None-Match": content.headers["ETag"]})
    assert again.content == b""
    changed = api.patch(at, {"file_name": "new.png", "visibility": "public", "position": {"lat": "45.1", "lon": "9.1"}}, 1).json()
    assert changed["file_name"] == "new.png" and changed["position"]["lat"] == "45.1"
    assert faults(api.patch(at, {"sha256": "0", "size": 1}, "*", expect=None)) == {"/sha256": "fixed", "/size": "fixed"}
    api.delete(at, "*")
    problem(api.get(f"{at}/content", expect=404), 404)
    assert events.last(made["id"], "attachment.removed")
    for event in events.of(made["id"]):
        schema = json.loads((ROOT / f"docs/events/inventory/{event.name}.v1.json").read_text())
        jsonschema.validate(event.value, schema, jsonschema.Draft202012Validator)


def test_a_large_one_comes_as_an_upload(api, machine, stack):
    data = bytes(range(256)) * 9000
    row = uploaded(api, FOR, data, "video/mp4", file_name="/tmp/boom.mp4")
    key = new_id()
    made = attach(api, machine, b"", upload_id=row["id"], file_name=None, key=key).json()
    assert (made["file_name"], made["media_type"], made["size"]) == ("boom.mp4", "video/mp4", len(data))
    assert made["sha256"] == hashlib.sha256(data).hexdigest()
    assert api.get(f"{place_of(machine, made)}/content").content == data
    problem(api.get(f"/v1/uploads/{row['id']}", expect=404), 404)
    replayed = attach(api, machine, b"", upload_id=row["id"], file_name=None, key=key)
    assert replayed.headers["Idempotency-Replayed"] == "true" and replayed.json() == made
    answer = attach(api, machine, b"", upload_id=row["id"], expect=None)
    assert faults(answer) == {"/upload_id": "reference"}, "it is used"
    api.delete(place_of(machine, made), "*")
    with stack.connect() as database:
        assert not database.execute("select 1 from inventory_data.part where owner_id = %s", [made["id"]]).fetchone()


def test_an_upload_is_attached_once(api, tenant):
    """Who comes second finds it gone, not a file without its bytes."""
    machines = [tenant.asset() for _ in range(8)]
    for turn in range(5):
        data = b"turn %d" % turn
        row = uploaded(api, FOR, data, "text/plain")
        answers = at_once(lambda machine: attach(api, machine, b"", upload_id=row["id"], expect=None), machines)
        made = [(machine, answer.json()) for machine, answer in zip(machines, answers) if answer.status_code == 201]
        assert len(made) == 1, [answer.text for answer in answers]
        assert {answer.status_code for answer in answers} <= {201, 422, 503}, "503: it waited too long for the first"
        assert api.get(f"{place_of(*made[0])}/content").content == data


def test_what_an_upload_says_of_itself_is_checked_like_what_a_request_says(api):
    for media_type in ("text", "text/html\r\nX-Evil: 1", "text/html; charset=\"a\nb\""):
        assert faults(announce(api, FOR, b"x", expect=None, media_type=media_type)) == {"/media_type": "format"}
    assert faults(announce(api, FOR, b"x", expect=None, file_name="pictures/")) == {"/file_name": "format"}


def test_what_is_refused(api, machine, tenant):
    at = f"/v1/assets/{machine['id']}/attachments"
    assert {one["parameter"] for one in problem(api.request("POST", at, 400, data=b"x"), 400)["errors"]} == {"file_name"}
    assert faults(attach(api, machine, file_name="../../etc/passwd", expect=None)) == {"/file_name": "format"}
    assert faults(attach(api, machine, file_name="x" * 256, expect=None)) == {"/file_name": "length"}
    assert faults(attach(api, machine, media_type="text", expect=None)) == {"/media_type": "format"}
    assert faults(attach(api, machine, b"", expect=None)) == {"/upload_id": "required"}
    assert attach(api, machine, b"x" * (1024 * 1024 + 1), expect=None).status_code == 413
    assert attach(api, machine, visibility="everybody", expect=None).status_code == 400
    problem(attach(api, {"id": new_id()}, expect=None), 404)
    assert faults(announce(api, FOR, b"x", expect=None, size=25 * 1024 * 1024 + 1)) == {"/size": "range"}
    whole = announce(api, FOR, b"xy")
    assert faults(attach(api, machine, b"", upload_id=whole["id"], expect=None), 409) == {"/upload_id": "incomplete"}
    send(api, whole, b"xy", 1)
    assert faults(attach(api, machine, b"both", upload_id=whole["id"], expect=None)) == {"/upload_id": "conflict"}
    lines = uploaded(api, "assets", b"{}\n", "application/x-ndjson")
    assert faults(attach(api, machine, b"", upload_id=lines["id"], expect=None), 409) == {"/upload_id": "for"}
    problem(tenant.client("sales").request("POST", f"{at}?file_name=a", 403, data=b"x"), 403)
    other = tenant.asset()
    made = attach(api, machine).json()
    problem(api.get(place_of(other, made), expect=404), 404)
    problem(api.get(f"{place_of(other, made)}/content", expect=404), 404)


def test_a_row_with_files_is_not_removed_before_them(api, machine):
    made = attach(api, machine).json()
    answer = problem(api.delete(f"/v1/assets/{machine['id']}", "*", expect=None), 409)
    assert "attachment" in answer["detail"]
    api.delete(place_of(machine, made), "*")
    api.delete(f"/v1/assets/{machine['id']}", "*")


def test_a_customer_sees_what_is_public_and_changes_what_is_his(api, tenant):
    portal = tenant.client("portal")
    mine = tenant.copied(tenant.portal_customer, "customer")
    machine = tenant.asset(customer_id=mine["id"])
    hidden, shown = attach(api, machine).json(), attach(api, machine, visibility="public").json()
    own = attach(portal, machine, visibility="internal").json()
    assert own["visibility"] == "public" and "by" not in own
    assert {row["id"] for row in portal.list(f"/v1/assets/{machine['id']}/attachments")} == {shown["id"], own["id"]}
    problem(portal.get(f"{place_of(machine, hidden)}/content", expect=404), 404)
    assert portal.get(f"{place_of(machine, shown)}/content").content == PICTURE
    problem(portal.delete(place_of(machine, shown), "*", expect=None), 403)
    problem(portal.patch(place_of(machine, shown), {"file_name": "x"}, "*", expect=None), 403)
    portal.delete(place_of(machine, own), "*")
    problem(attach(portal, tenant.asset(), expect=None), 404)


def test_of_returns_and_transport_documents(api, tenant, part, store, place):
    head = api.post("/v1/rmas", {"kind": "customer_repair", "customer_id": place[0]["id"], "lines": [{"article_id": part["id"]}]}).json()
    body = {"direction": "out", "reason": "sale", "party": {"name": "B"}, "warehouse_id": store["id"],
            "lines": [{"article_id": part["id"], "quantity": "1"}]}
    paper = api.post("/v1/transport-documents", body).json()
    for kind, row, name in (("rmas", head, "rma"), ("transport-documents", paper, "transport_document")):
        made = attach(api, row, kind=kind).json()
        assert made["owner_kind"] == name
        assert api.get(f"{place_of(row, made, kind)}/content").content == PICTURE


def test_so_many_and_no_more(api, machine, stack):
    """The last place is taken once."""
    first = attach(api, machine, b"1").json()
    with stack.connect() as database:
        database.execute("""insert into inventory_data.attachment (tenant_id, id, owner_kind, owner_id, file_name, media_type, size,
            sha256, visibility) select tenant_id, gen_random_uuid(), owner_kind, owner_id, file_name, media_type, size, sha256,
            visibility from inventory_data.attachment, generate_series(1, 198) where id = %s""", [first["id"]])
        database.commit()
    answers = at_once(lambda n: insist(lambda: attach(api, machine, b"%d" % n, expect=None)), range(6))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    problem(attach(api, machine, b"201", expect=None), 409, "conflict")


def test_a_file_and_the_removal_of_its_row_at_once(api, tenant, stack):
    """Either the row stays with its file, or the file is refused: none hangs on nothing."""
    model = tenant.model()
    for _ in range(8):
        row = tenant.asset(model)
        answers = at_once(lambda n: attach(api, row, b"x", expect=None) if n % 2
                          else api.delete(f"/v1/assets/{row['id']}", "*", expect=None), range(4))
        assert {answer.status_code for answer in answers} <= {201, 204, 404, 409, 503}
        with stack.connect() as database:
            orphans = database.execute("select 1 from inventory_data.attachment t where t.owner_id = %s and not exists "
                                       "(select from inventory_data.asset a where a.id = t.owner_id)", [row["id"]])
            assert not orphans.fetchone()


def test_of_customers_calls_and_activities(api, tenant, events):
    """They go with a customer that is merged, and with one that is erased: the bytes, and the names in what was told."""
    customer, other = tenant.customer(), tenant.customer()
    call = tenant.call(customer)
    activity = tenant.activity(call)
    made = {kind: attach(api, row, kind=kind, file_name="Mario Rossi.png").json()
            for kind, row in (("customers", customer), ("calls", call), ("activities", activity))}
    assert [one["owner_kind"] for one in made.values()] == ["customer", "call", "activity"]
    assert api.get(f"{place_of(call, made['calls'], 'calls')}/content").content == PICTURE
    api.act(f"/v1/customers/{customer['id']}", "merge", {"into": other["id"]})
    moved = api.list(f"/v1/customers/{other['id']}/attachments")
    assert [row["id"] for row in moved] == [made["customers"]["id"]]
    assert events.last(made["customers"]["id"], "attachment.changed").data == moved[0]
    api.act(f"/v1/customers/{other['id']}", "anonymise")
    for kind, row in (("customers", other), ("calls", call), ("activities", activity)):
        assert api.list(f"/v1/{kind}/{row['id']}/attachments") == []
        gone = events.last(made[kind]["id"], "attachment.removed").data
        assert gone["file_name"] == "anonymised"
    with tenant.stack.connect() as database:
        ids = [one["id"] for one in made.values()]
        assert not database.execute("select 1 from calls_data.part where owner_id = any (%s)", [ids]).fetchone()
        past = database.execute("select data::text as data from calls_data.change where resource_id = any (%s)", [ids]).fetchall()
        assert len(past) >= 6 and not [row for row in past if "Mario Rossi" in row["data"]]


def test_files_on_what_an_erased_customer_has_go_too(api, tenant, place, store, part, events):
    """Inventory hears of it: those on his machines, his returns and his papers go, and nobody else's."""
    customer, site = place
    erased, his_site = tenant.place()
    kept = tenant.asset(customer_id=customer["id"], site_id=site["id"])
    his = tenant.asset(customer_id=erased["id"], site_id=his_site["id"])
    head = api.post("/v1/rmas", {"kind": "customer_repair", "customer_id": erased["id"], "lines": [{"article_id": part["id"]}]}).json()
    paper = api.post("/v1/transport-documents", {
        "direction": "out", "reason": "sale", "party": {"customer_id": erased["id"]}, "warehouse_id": store["id"],
        "lines": [{"article_id": part["id"], "quantity": "1"}]}).json()
    rows = (("assets", his), ("rmas", head), ("transport-documents", paper))
    made = [attach(api, row, kind=kind, file_name="Mario Rossi.png").json() for kind, row in rows]
    other = attach(api, kept, file_name="Mario Rossi.png").json()
    api.act(f"/v1/customers/{erased['id']}", "anonymise")
    for (kind, row), one in zip(rows, made):
        assert events.last(one["id"], "attachment.removed").data["file_name"] == "anonymised"
        assert api.list(f"/v1/{kind}/{row['id']}/attachments") == []
    assert api.get(f"{place_of(kept, other)}/content").content == PICTURE
    with tenant.stack.connect() as database:
        ids = [one["id"] for one in made]
        assert not database.execute("select 1 from inventory_data.part where owner_id = any (%s)", [ids]).fetchone()
        past = database.execute("select data::text as data from inventory_data.change where resource_id = any (%s)", [ids]).fetchall()
        assert len(past) == 6 and not [row for row in past if "Mario Rossi" in row["data"]]
