"""Bulk: one result a line, good lines land, bad ones are told, a retry changes nothing."""
import json

import pytest

from support.client import new_id, problem


def bulk_csv(api, path, text, expect=200):
    data = text if isinstance(text, bytes) else text.encode()
    answer = api.request("POST", path, expect, headers={"Content-Type": "text/csv"}, data=data)
    return [json.loads(line) for line in answer.text.splitlines()]


def test_good_and_bad_lines(tenant, api, events):
    reference = new_id()
    lines = [
        {"kind": "prospect", "name": "One", "external_ref": f"{reference}:1"},
        {"kind": "nonsense", "name": "x" * 201, "extra": 1, "external_ref": f"{reference}:2"},
        {"kind": "prospect", "name": "Three", "external_ref": f"{reference}:3", "bill_to_id": new_id()},
        {"kind": "acquired", "name": "Four", "external_ref": f"{reference}:4"},
    ]
    results = api.ndjson("/v1/customers/bulk", lines)
    assert [result["line"] for result in results] == [1, 2, 3, 4]
    assert [result["result"] for result in results] == ["created", "failed", "failed", "created"]
    assert {item["pointer"]: item["code"] for item in results[1]["errors"]} == {
        "/kind": "choice", "/name": "length", "/extra": "unknown",
    }
    assert results[1]["status"] == 422 and results[1]["code"] == "invalid"
    assert results[2]["code"] == "unknown-reference" and results[2]["errors"][0]["pointer"] == "/bill_to_id"
    rows = {row["external_ref"]: row for row in api.list("/v1/customers", **{"external_ref[prefix]": reference})}
    assert set(rows) == {f"{reference}:1", f"{reference}:4"}
    for number in (1, 4):
        row = rows[f"{reference}:{number}"]
        assert results[number - 1]["id"] == row["id"]
        assert events.last(row["id"]).data == row


def test_faults_of_many_lines_are_told_within_bounds(stack, other):
    """Choices of free fields are 4 KB a fault, and a line has 64 of them: more than a process may hold of one request."""
    tenant, pid = other, stack.pid("calls")
    choices = [{"code": f"{number:020}", "label": "x"} for number in range(200)]
    slots = [tenant.free_field(type="choice", choices=choices)["slot"] for _ in range(64)]
    line = {"kind": "prospect", "name": "x", "x": {str(slot): "no" for slot in slots}}
    results = tenant.admin.ndjson("/v1/customers/bulk", [line] * 1200)
    assert [result["line"] for result in results] == list(range(1, 1201))
    assert {result["code"] for result in results} == {"invalid"}
    assert {result["errors_total"] for result in results} == {64}
    assert all(result["errors"][0]["detail"].startswith("must be one of: 0") for result in results)
    assert stack.pid("calls") == pid and stack.runs("calls")


@pytest.mark.parametrize("locked", [1, 60])
def test_lines_behind_a_lock_of_another(tenant, api, locked):
    """They are told as busy, the others land; and when they are many, the request does not wait for each in turn."""
    prefix = new_id()[-12:]
    lines = [{"code": f"{prefix}-{number}", "label": "Before"} for number in range(100)]
    api.ndjson("/v1/tags/bulk", lines)
    held = [line["code"] for line in lines[:locked]]
    with tenant.stack.connect() as database, database.transaction():
        database.execute("select id from calls_data.tag where tenant_id = %s and code = any (%s) for update", [tenant.id, held])
        results = api.ndjson("/v1/tags/bulk", [line | {"label": "After"} for line in lines])
    busy = [result for result in results if result["result"] == "failed"]
    assert {(result["status"], result["code"]) for result in busy} == {(503, "busy")}
    assert {result["line"] for result in results[:locked]} <= {result["line"] for result in busy}
    if locked == 1:
        # On a busy machine the time for halving ends before the last halves: those few are told as busy, too.
        assert len(busy) < 10 and {result["result"] for result in results[10:]} == {"changed"}
    again = api.ndjson("/v1/tags/bulk", [line | {"label": "After"} for line in lines])
    assert [result["result"] for result in again] == ["changed" if result in busy else "unchanged" for result in results]


def test_a_retry_is_harmless(tenant, api, events):
    reference = new_id()
    lines = [
        {"kind": "prospect", "name": f"Retry {number}", "external_ref": f"{reference}:{number}",
         "address": {"city": "Roma"}, "phones": [{"raw": "02 1234567"}], "tags": ["a"], "notes": None}
        for number in range(50)
    ]
    first = api.ndjson("/v1/customers/bulk", lines)
    again = api.ndjson("/v1/customers/bulk", lines)
    assert {result["result"] for result in first} == {"created"}
    assert {result["result"] for result in again} == {"unchanged"}
    assert [result["id"] for result in first] == [result["id"] for result in again]
    lines[7]["name"] = "Retry, changed"
    third = api.ndjson("/v1/customers/bulk", lines)
    assert [result["line"] for result in third if result["result"] == "changed"] == [8]
    assert {result["result"] for result in third} == {"changed", "unchanged"}
    row = api.get(f"/v1/customers/{third[7]['id']}").json()
    assert row["name"] == "Retry, changed" and row["version"] == 2 and row["address"]["city"] == "Roma"
    assert len(events.wait(row["id"], 2)) == 2


def test_rows_are_found_by_id_and_by_code(tenant, api):
    made = new_id()
    assert api.ndjson("/v1/customers/bulk", [{"id": made, "kind": "prospect", "name": "By id"}])[0]["id"] == made
    result = api.ndjson("/v1/customers/bulk", [{"id": made, "kind": "prospect", "name": "By id again"}])[0]
    assert (result["result"], result["id"]) == ("changed", made)
    row = tenant.customer(code="BULK1", name="By code")
    result = api.ndjson("/v1/customers/bulk", [{"code": "BULK1", "kind": "acquired", "name": "By code again"}])[0]
    assert (result["result"], result["id"]) == ("changed", row["id"])


def test_keys_in_any_spelling(tenant, api):
    """A key that PostgreSQL's arrays have to quote finds its row; what is no id spoils its own line only."""
    made = new_id()
    reference = f'{made}\n"a\\b",{{}} NULL'
    line = {"id": made.upper(), "kind": "prospect", "name": "Any", "external_ref": reference}
    assert api.ndjson("/v1/customers/bulk", [line])[0]["result"] == "created"
    by_reference = {"kind": "prospect", "name": "Any", "external_ref": reference}
    results = api.ndjson("/v1/customers/bulk", [line, by_reference, line | {"id": "x" * 36}])
    assert [result["result"] for result in results] == ["unchanged", "unchanged", "unchanged"]
    results = api.ndjson("/v1/customers/bulk", [{"id": "x" * 36, "kind": "prospect", "name": "No id"}, line])
    assert [result["result"] for result in results] == ["failed", "unchanged"]
    assert results[0]["errors"][0]["pointer"] == "/id"


def test_decimals_are_compared_as_numbers(tenant, api):
    site = tenant.site(position={"lat": "10.000000", "lon": "20.500000"}, external_ref=new_id())
    line = {"customer_id": site["customer_id"], "external_ref": site["external_ref"], "name": site["name"]}
    results = api.ndjson("/v1/sites/bulk", [line | {"position": {"lat": "10", "lon": "20.5"}}])
    assert results[0]["result"] == "unchanged"
    results = api.ndjson("/v1/sites/bulk", [line | {"position": {"lat": "1", "lon": "20.5"}}])
    assert results[0]["result"] == "changed"
    assert api.get(f"/v1/sites/{site['id']}").json()["position"]["lat"] == "1"


def test_two_lines_of_one_row(tenant, api):
    """The second line of a batch finds what the first one made, or is told; nothing is made twice."""
    reference = new_id()
    lines = [{"kind": "prospect", "name": f"Twin {number}", "external_ref": reference} for number in range(2)]
    api.ndjson("/v1/customers/bulk", lines)
    assert len(api.list("/v1/customers", external_ref=reference)) == 1


def test_lines_that_are_no_json_objects(tenant, api):
    body = b'{"kind": "prospect", "name": "First"}\nnonsense\n\n[1]\n"x"\n7\n{"a": 1, "a": 2}\n{"kind": "prospect", "name": "Last"}'
    results = api.ndjson("/v1/customers/bulk", body)
    told = {result["line"]: result["result"] for result in results}
    assert told == {1: "created", 2: "failed", 4: "failed", 5: "failed", 6: "failed", 7: "failed", 8: "created"}
    assert {result["status"] for result in results if result["result"] == "failed"} == {400}


def test_csv(tenant, api):
    reference = new_id()
    text = (
        "\ufeffexternal_ref,kind,name,person,address.city,phones,notes\r\n"
        f'{reference}:1,acquired,"Rossi, ""Figli"" & C.",true,Milano,"[{{""raw"":""02 1234567""}}]","two\r\nlines"\r\n'
        f"{reference}:2,prospect,Verdi,,,,\r\n"
        f"{reference}:3,wrong,Neri,maybe,,,\r\n"
    )
    results = bulk_csv(api, "/v1/customers/bulk", text)
    assert [result["result"] for result in results] == ["created", "created", "failed"]
    assert [result["line"] for result in results] == [2, 4, 5], "lines as an editor counts them"
    assert {item["pointer"] for item in results[2]["errors"]} == {"/kind", "/person"}
    row = api.get(f"/v1/customers/{results[0]['id']}").json()
    assert row["name"] == 'Rossi, "Figli" & C.' and row["person"] is True and row["notes"] == "two\r\nlines"
    assert row["address"]["city"] == "Milano" and row["phones"][0]["e164"] == "+39021234567"
    assert {result["result"] for result in bulk_csv(api, "/v1/customers/bulk", text)} == {"unchanged", "failed"}
    [semicolons] = bulk_csv(api, "/v1/customers/bulk", f'external_ref;kind;name\r\n{reference}:4;prospect;"Rossi, Figli; C."\r\n')
    assert api.get(f"/v1/customers/{semicolons['id']}").json()["name"] == "Rossi, Figli; C."


@pytest.mark.parametrize(
    "body",
    [
        b'kind,name\r\nprospect,"open',
        b"kind,name\r\nprospect,x,too many\r\n",
        b'kind,name\r\n"a"b,c\r\n',
        b"kind,name\r\nprospect,caf\xe9\r\n",
        b"kind,name,name\r\nprospect,a,b\r\n",
        b"kind,name,address,address.city\r\nprospect,a,,Rome\r\n",
    ],
)
def test_csv_that_is_none(body, api):
    answer = api.request("POST", "/v1/customers/bulk", data=body, headers={"Content-Type": "text/csv"})
    problem(answer, 400, "malformed")


def test_an_export_can_be_sent_back(tenant, api):
    """What a CSV export of plain columns says is unchanged when it comes again."""
    tenant.customer(name="Round trip, 100%", notes="line\nline", external_ref=new_id())
    answer = api.get("/v1/customers", params={"fields": "id,code,name,person,notes,active"}, headers={"Accept": "text/csv"})
    results = bulk_csv(api, "/v1/customers/bulk", answer.content)
    assert results and {result["result"] for result in results} == {"unchanged"}


def test_what_bulk_refuses_as_a_whole(tenant, api):
    problem(api.request("POST", "/v1/customers/bulk", json={}), 415, "unsupported-media-type")
    for line in (b"{}\n", b" " * 100 + b"\n"):
        body = line * (1024 * 1024 // len(line) + 1)
        answer = api.request("POST", "/v1/customers/bulk", data=body, headers={"Content-Type": "application/x-ndjson"})
        problem(answer, 413, "too-large")
    assert api.ndjson("/v1/customers/bulk", b"") == []


def test_who_may(tenant):
    line = [{"kind": "prospect", "name": "Bulk"}]
    tenant.client("integration").ndjson("/v1/customers/bulk", line)
    for role in ("technician", "portal", "callcenter", "storekeeper", "operator"):
        problem(tenant.client(role).ndjson("/v1/customers/bulk", line, expect=403), 403, "forbidden")
