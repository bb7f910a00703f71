"""What every collection does alike: one representation, versions, merge patch, faults of a body."""
import json
import re

import pytest

from api.resources import BY_PATH, RESOURCES
from support.client import faults, new_id, problem, told
from support.description import types_of

every_resource = pytest.mark.parametrize("resource", RESOURCES, ids=str)


def test_every_collection_is_in_the_table(description):
    theirs = {"/v1/tenants", "/v1/accounts", "/v1/clients", "/v1/issuers", "/v1/saved-filters",
              "/v1/stock", "/v1/serials", "/v1/movements", "/v1/meter-readings", "/v1/uploads", "/v1/jobs",
              "/v1/reorder-suggestions"}  # tests of their own
    ours = {path for path in description.stores() if not path.startswith("/v1/services/")}
    assert ours - theirs == set(BY_PATH)


@every_resource
def test_one_representation(resource, tenant, events):
    """GET = item of the list = answer of the write = data of the event."""
    api = tenant.admin
    body = resource.body(tenant)
    answer = api.post(resource.path, body)
    row = answer.json()
    item = f"{resource.path}/{row['id']}"
    assert answer.headers["Location"] == item
    for name, value in body.items():
        assert says(row[name], value), f"{name}: sent {value!r}, got {row[name]!r}"
    read = api.get(item)
    assert read.json() == row
    assert answer.headers["ETag"] == f'"{row["version"]}"'
    assert re.fullmatch(f'"{row["version"]}-[0-9a-f]{{16}}"', read.headers["ETag"])
    assert api.list(resource.path, id=row["id"]) == [row]
    event = events.last(row["id"])
    assert event.data == row
    assert event.revision >= 1 and event.changed is None
    assert event.tenant == tenant.id

    patched = api.patch(item, resource.change(tenant), row["version"])
    changed = patched.json()
    assert changed["version"] == row["version"] + 1
    assert patched.headers["ETag"] == f'"{changed["version"]}"'
    assert api.get(item).json() == changed
    assert api.list(resource.path, id=row["id"]) == [changed]
    event = events.wait(row["id"], 2)[-1]
    assert event.name.endswith(".changed")
    assert event.data == changed
    differing = {name for name in changed if changed[name] != row[name]} - {"version", "revision", "updated_at"}
    assert set(event.changed) == differing


def says(row, body):
    """Whether a row says what the body said: what the server adds inside objects is its own."""
    if isinstance(body, dict):
        return isinstance(row, dict) and all(says(row.get(name), value) for name, value in body.items())
    if isinstance(body, list):
        return isinstance(row, list) and len(row) == len(body) and all(map(says, row, body))
    return row == body


@every_resource
def test_read_only_and_unknown_fields_are_named(resource, tenant, description):
    body = resource.body(tenant)
    readable = resource.create(tenant)  # the description of a row also has what expand= shows
    writable = description.properties(description.body("POST", resource.path))
    read_only = sorted(set(readable) - set(writable))
    assert {"version", "created_at", "updated_at"} <= set(read_only)
    wrong = body | {name: 1 for name in read_only} | {"nonsense": 1, "a/b~c": 2}
    answer = tenant.admin.post(resource.path, wrong, expect=422)
    expected = {f"/{name}": "read-only" for name in read_only}
    assert faults(answer) == expected | {"/nonsense": "unknown", "/a~1b~0c": "unknown"}


@every_resource
def test_all_faults_of_a_body_at_once(resource, tenant, description):
    """Each field that takes a wrong type is told, each required one that misses, in one answer."""
    schema = description.body("POST", resource.path)
    wrong, expected = {}, {}
    for name, field in description.properties(schema).items():
        kinds = types_of(field) - {"null"}
        if not kinds or name == "id":
            continue
        wrong[name] = "text" if kinds & {"object", "array", "integer", "boolean"} else 12
        expected[f"/{name}"] = "type"
    assert faults(tenant.admin.post(resource.path, wrong, expect=422)) == expected
    required = {f"/{name}": "required" for name in schema.get("required", [])}
    required |= {f"/{choice['required'][0]}": "required" for choice in schema.get("anyOf", [])[:1]}
    assert faults(tenant.admin.post(resource.path, {}, expect=422)) == required


@every_resource
def test_bounds_of_texts(resource, tenant, description):
    """One character more than the description allows is refused, the longest is taken, counted in characters."""
    schema = description.properties(description.body("POST", resource.path))
    too_long, longest = {}, {}
    for name, field in schema.items():
        if "string" in types_of(field) and "maxLength" in field and "format" not in field and "enum" not in field:
            letter = "è" if "pattern" not in field or "u0000" in field["pattern"] else "A"
            too_long[name] = letter * (field["maxLength"] + 1)
            longest[name] = letter * field["maxLength"]
    assert resource.text in too_long
    answer = tenant.admin.post(resource.path, resource.body(tenant) | too_long, expect=422)
    assert set(faults(answer)) == {f"/{name}" for name in too_long}
    taken = longest[resource.text]
    assert resource.create(tenant, **{resource.text: taken})[resource.text] == taken


@every_resource
def test_choices(resource, tenant, description):
    schema = description.properties(description.body("POST", resource.path))
    wrong = {name: "no such" for name, field in schema.items() if "enum" in field}
    if wrong:
        answer = tenant.admin.post(resource.path, resource.body(tenant) | wrong, expect=422)
        assert faults(answer) == {f"/{name}": "choice" for name in wrong}


@every_resource
def test_fixed_fields(resource, tenant, description):
    """What can be given at creation and not changed is refused by name."""
    created = set(description.properties(description.body("POST", resource.path)))
    changed = set(description.properties(description.body("PATCH", f"{resource.path}/{{id}}")))
    row = resource.create(tenant)
    fixed = {name: row.get(name) for name in created - changed if name in row}
    assert "id" in fixed
    answer = tenant.admin.patch(f"{resource.path}/{row['id']}", fixed, row["version"], expect=422)
    assert faults(answer) == {f"/{name}": "fixed" for name in fixed}


@every_resource
def test_merge_patch_null_removes(resource, tenant, description):
    """RFC 7396: null takes a value away, what isn't named stays; what is required can't go."""
    schema = description.properties(description.body("PATCH", f"{resource.path}/{{id}}"))
    row = resource.create(tenant)
    item = f"{resource.path}/{row['id']}"
    nullable = {name for name, field in schema.items() if "null" in types_of(field) and name in row} - resource.needs
    assert nullable
    emptied = tenant.admin.patch(item, dict.fromkeys(sorted(nullable)), row["version"]).json()
    for name in row:
        if name in nullable:
            assert not emptied[name], f"{name} stayed {emptied[name]!r}"
        elif name in schema:
            assert emptied[name] == row[name], name
    needed = {name for name, field in schema.items()
              if types_of(field) and "null" not in types_of(field) and name != "refuse_on"}  # no field: a wish of the client
    if needed:
        answer = tenant.admin.patch(item, dict.fromkeys(sorted(needed)), emptied["version"], expect=422)
        assert faults(answer) == {f"/{name}": "required" for name in needed}
    assert tenant.admin.get(item).json() == emptied


def test_no_row_outgrows_an_event(tenant, database, events):
    """What could not be sent would stop all events behind it: it is refused when it is written."""
    call = tenant.call(subject="Small")
    path = f"/v1/calls/{call['id']}"
    database.execute("update calls_data.call set description = repeat('x', 2100000) where id = %s", [call["id"]])
    refusal = problem(tenant.admin.patch(path, {"subject": "Large"}, "*", expect=None), 413, "too-large")
    assert [fault["pointer"] for fault in refusal["errors"]] == ["/description"]
    assert tenant.admin.get(path).json()["subject"] == "Small"
    tenant.admin.patch(path, {"subject": "Large", "description": "x" * 10000}, "*")
    assert [event.name for event in events.wait(call["id"], 2)] == ["call.opened", "call.changed"]


@every_resource
def test_version_guards_changes(resource, tenant):
    api = tenant.admin
    row = resource.create(tenant)
    item = f"{resource.path}/{row['id']}"
    change = {resource.text: "changed"}
    problem(api.patch(item, change, expect=428), 428, "precondition-required")
    problem(api.patch(item, change, row["version"] + 1, expect=412), 412, "stale-version")
    changed = api.patch(item, change, row["version"]).json()
    problem(api.patch(item, change, row["version"], expect=412), 412, "stale-version")
    assert api.patch(item, change, "*").json()["version"] == changed["version"] + 1
    problem(api.patch(f"{resource.path}/{new_id()}", change, 1, expect=404), 404, "not-found")


@every_resource
def test_if_match(resource, tenant):
    """RFC 9110 section 13.1.1: a list of tags, compared strongly; what is no list is the client's mistake."""
    api = tenant.admin
    row = resource.create(tenant)
    item = f"{resource.path}/{row['id']}"
    change = {resource.text: "changed"}
    methods = ["PATCH", "DELETE"] if resource.deletable else ["PATCH"]
    for method in methods:
        for wrong in ("1", '"1', "1,2", "W/1", 'w/"1"', '"1" "2"', '"1";', '*, "1"', "**", "", ","):
            answer = api.request(method, item, 400, json=change, headers={"If-Match": wrong})
            assert problem(answer, 400, "bad-header")["errors"][0]["parameter"] == "If-Match"
        for stale in ('W/"1"', '"2"', '"2", W/"1"', '"abc"', '""', '"01x"', '"12345678901234567890"', '"1,1"'):
            answer = api.request(method, item, 412, json=change, headers={"If-Match": stale})
            problem(answer, 412, "stale-version")
        answer = api.request(method, item, 400, json=change, headers={"If-Match": '"1"', "If-None-Match": '"2"'})
        assert problem(answer, 400, "bad-header")["errors"][0]["parameter"] == "If-None-Match"
    assert api.get(item).json() == row
    changed = api.request("PATCH", item, 200, json=change, headers={"If-Match": f'W/"7" , "9","{row["version"]}",'}).json()
    assert changed["version"] == row["version"] + 1
    assert api.get(item, headers={"If-Match": f'"{changed["version"]}"'}).json() == changed
    problem(api.get(item, expect=412, headers={"If-Match": f'"{row["version"]}"'}), 412, "stale-version")


def test_an_action_on_one_version(tenant):
    """Actions need no If-Match, but keep to one that comes."""
    api, technician = tenant.admin, new_id()
    call = tenant.call()
    path, body = f"/v1/calls/{call['id']}", {"technician_id": technician}
    for stale in (f'"{call["version"] + 1}"', f'W/"{call["version"]}"'):
        problem(api.act(path, "assign", body, expect=412, headers={"If-Match": stale}), 412, "stale-version")
    assert api.get(path).json() == call
    assigned = api.act(path, "assign", body, headers={"If-Match": f'"{call["version"]}"'}).json()
    assert assigned["assignee_id"] == technician
    customer = tenant.customer()
    path = f"/v1/customers/{customer['id']}"
    problem(api.act(path, "anonymise", expect=412, headers={"If-Match": '"9"'}), 412, "stale-version")
    api.act(path, "anonymise", headers={"If-Match": "*"})
    client = api.post("/v1/clients", {"name": "ERP", "roles": ["integration"]}).json()
    path = f"/v1/clients/{client['id']}"
    problem(api.act(path, "change-secret", expect=412, headers={"If-Match": '"9"'}), 412, "stale-version")
    assert api.act(path, "change-secret", headers={"If-Match": '"1"'}).json()["version"] == 2
    problem(api.act(f"/v1/clients/{new_id()}", "change-secret", expect=404), 404, "not-found")


@every_resource
def test_conditional_get(resource, tenant):
    row = resource.create(tenant)
    item = f"{resource.path}/{row['id']}"
    etag = tenant.admin.get(item).headers["ETag"]
    for same in (etag, f"W/{etag}", f'"999", {etag}', "*", f"{etag},"):
        for method in ("GET", "HEAD"):
            answer = tenant.admin.request(method, item, 304, headers={"If-None-Match": same})
            assert answer.content == b"" and answer.headers["ETag"] == etag
    for other in ('"999"', f'"{row["version"]}"', '"x", W/"999"', '""'):
        assert tenant.admin.get(item, headers={"If-None-Match": other}).json() == row
    answer = tenant.admin.get(item, expect=400, headers={"If-None-Match": etag.strip('"')})
    assert problem(answer, 400, "bad-header")["errors"][0]["parameter"] == "If-None-Match"
    problem(tenant.admin.get(f"{resource.path}/{new_id()}", expect=404, headers={"If-None-Match": "*"}), 404)


def test_the_tag_covers_what_others_own(tenant):
    """A call shows its customer's name, whose change is no version of the call."""
    api, customer = tenant.admin, tenant.customer()
    call = tenant.call(customer)
    path = f"/v1/calls/{call['id']}"
    tag = api.get(path).headers["ETag"]
    api.patch(f"/v1/customers/{customer['id']}", {"name": "Renamed"}, customer["version"])
    again = api.get(path, headers={"If-None-Match": tag}).json()
    assert (again["version"], again["customer"]["name"]) == (call["version"], "Renamed")
    assert api.patch(path, {"subject": "Changed"}, headers={"If-Match": tag}).json()["version"] == call["version"] + 1


@every_resource
def test_ids_made_by_the_client(resource, tenant):
    made = new_id()
    body = resource.body(tenant)
    row = tenant.admin.post(resource.path, body | {"id": made}).json()
    assert row["id"] == made
    parents = {name: value for name, value in body.items() if name.endswith("_id")}
    again = tenant.admin.post(resource.path, resource.body(tenant) | parents | {"id": made}, expect=409)
    problem(again, 409, "duplicate")
    answer = tenant.admin.post(resource.path, resource.body(tenant) | {"id": "12"}, expect=422)
    assert faults(answer) == {"/id": "format"}
    assert resource.create(tenant)["id"][14] == "7", "the server makes UUIDv7"


@every_resource
def test_ids_in_capitals(resource, tenant):
    """They come in either case and have one spelling from then on (RFC 9562 section 4)."""
    made = new_id()
    body = {name: value.upper() if name.endswith("_id") else value for name, value in resource.body(tenant).items()}
    row = tenant.admin.post(resource.path, body | {"id": made.upper()}).json()
    assert row["id"] == made
    assert all(row[name] == value.lower() for name, value in body.items() if name.endswith("_id") and name in row)
    assert tenant.admin.get(f"{resource.path}/{made.upper()}").json()["id"] == made


@every_resource
def test_delete(resource, tenant, events, description):
    row = resource.create(tenant)
    item = f"{resource.path}/{row['id']}"
    if not resource.deletable:
        answer = tenant.admin.delete(item, row["version"], expect=405)
        problem(answer, 405, "method-not-allowed")
        assert "DELETE" not in answer.headers["Allow"]
        return
    problem(tenant.admin.delete(item, expect=428), 428)
    problem(tenant.admin.delete(item, row["version"] + 1, expect=412), 412)
    tenant.admin.delete(item, row["version"])
    problem(tenant.admin.get(item, expect=404), 404, "not-found")
    problem(tenant.admin.delete(item, row["version"], expect=404), 404)
    assert tenant.admin.list(resource.path, id=row["id"]) == []
    event = events.wait(row["id"], 2)[-1]
    assert event.name.endswith(".removed")
    assert event.data["id"] == row["id"]


@every_resource
def test_external_ref_is_unique(resource, tenant, description):
    if "external_ref" not in description.row(resource.path):
        return
    row = resource.create(tenant)
    answer = tenant.admin.post(
        resource.path, resource.body(tenant) | {"external_ref": row["external_ref"]}, expect=409
    )
    assert [item["pointer"] for item in problem(answer, 409, "duplicate")["errors"]] == ["/external_ref"]


@every_resource
def test_unknown_references(resource, tenant, description):
    """An id that names nothing, and one that names another tenant's row: the same refusal, with Retry-After."""
    body = resource.body(tenant)
    elsewhere = ("article_id", "technician_id", "warehouse_id")  # of services whose copies aren't kept yet
    for name in sorted(body.keys() - {"id"}):
        if not name.endswith("_id") or name.endswith(elsewhere):
            continue
        answer = tenant.admin.post(resource.path, body | {name: new_id()}, expect=422)
        assert problem(answer, 422, "unknown-reference")["errors"][0]["pointer"] == f"/{name}", told(answer)
        assert answer.headers["Retry-After"] == "1"


@every_resource
def test_bodies_that_are_no_json_objects(resource, tenant):
    def send(data, status, code, media="application/json"):
        answer = tenant.admin.request("POST", resource.path, data=data, headers={"Content-Type": media})
        return problem(answer, status, code)

    assert "column 1: " in send(b"{", 400, "malformed")["detail"]
    assert "line 2, column 1: " in send(b"{\n]", 400, "malformed")["detail"]
    assert send(b"", 400, "malformed")["detail"] == "The body is not JSON: it is empty."
    send(b"[]", 400, "malformed")
    send(b'"text"', 400, "malformed")
    send(b'{"a": 1, "a": 2}', 400, "malformed")
    send(b"\xff\xfe{}", 400, "malformed")
    send(b"[" * 5000, 400, "malformed")
    send(b"{}", 415, "unsupported-media-type", "text/plain")
    send(b"{}", 415, "unsupported-media-type", "application/x-www-form-urlencoded")
    send(b"a=1", 415, "unsupported-media-type", "multipart/form-data; boundary=x")


@every_resource
def test_texts_as_typed(resource, tenant, description):
    """Accents, scripts, emoji, quotes and line ends come back byte for byte."""
    typed = 'Perché no? «Größe» — Ω 漢字 עברית 👷🏽‍♂️ \\ "x" \'y\' %s {} <b>\n\ttwo\r\nlines ; drop table call --'
    longest = description.properties(description.body("POST", resource.path))[resource.text]["maxLength"]
    typed = typed[:longest].strip()
    row = resource.create(tenant, **{resource.text: typed})
    assert row[resource.text] == typed
    assert tenant.admin.get(f"{resource.path}/{row['id']}").json()[resource.text] == typed


@every_resource
@pytest.mark.parametrize("character", ["\x00", "\x01", "\x1b", "\x7f"], ids=lambda c: f"{ord(c):02x}")
def test_control_characters_are_refused(resource, character, tenant):
    body = resource.body(tenant) | {resource.text: f"a{character}b"}
    answer = tenant.admin.post(resource.path, body, expect=None)
    if character == "\x00":
        assert answer.status_code in (400, 422), told(answer)
    else:
        assert faults(answer) == {f"/{resource.text}": "characters"}


@every_resource
def test_lone_surrogates_are_refused(resource, tenant):
    raw = json.dumps(resource.body(tenant) | {resource.text: "x"}).replace('"x"', '"\\ud800"').encode()
    answer = tenant.admin.request("POST", resource.path, data=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422), told(answer)


@every_resource
def test_revision_rises_with_each_change(resource, tenant, events):
    row = resource.create(tenant)
    item = f"{resource.path}/{row['id']}"
    for turn in range(3):
        row = tenant.admin.patch(item, {resource.text: f"turn {turn}"}, row["version"]).json()
    seen = [event.revision for event in events.wait(row["id"], 4)]
    assert seen == sorted(set(seen)), seen


def test_rows_made_together_keep_their_order(database):
    """Ids that SQL makes: lists sort by the time, which is one for all, and the id."""
    ids = [str(row["id"]) for row in database.execute("select base.uuid_new() as id from generate_series(1, 1000)")]
    assert ids == sorted(set(ids))
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", one) for one in ids)


@pytest.mark.parametrize("text", [" ", "   ", "\t", "\n \r\n"])
def test_what_must_be_said_is_not_blank(tenant, text):
    assert faults(tenant.admin.post("/v1/customers", {"kind": "prospect", "name": text}, expect=None)) == {"/name": "length"}
    customer = tenant.customer()
    path = f"/v1/customers/{customer['id']}"
    assert faults(tenant.admin.patch(path, {"name": text}, "*", expect=None)) == {"/name": "length"}
    call = tenant.call(customer)
    assert faults(tenant.admin.act(f"/v1/calls/{call['id']}", "cancel", {"reason": text}, expect=None)) == {"/reason": "length"}
    (line,) = tenant.admin.ndjson("/v1/customers/bulk", [{"kind": "prospect", "code": "BLANK", "name": text}])
    assert line["errors"][0]["detail"] == "must not be blank"
    assert tenant.admin.patch(path, {"name": " x ", "notes": text}, "*").json()["name"] == " x ", "as typed otherwise"
