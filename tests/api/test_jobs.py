"""Jobs and big imports: progress, errors a line, cancelling, whose they are, and that nothing is lost or doubled."""
import csv
import io
import json
import time

import pytest

from support.client import faults, new_id, problem
from support.gateway import Upstream, gateway
from support.stack import wait_for
from support.tenant import Tenant
from support.transfer import ended, errors, imported, uploaded

NDJSON = "application/x-ndjson"


@pytest.fixture(scope="module")
def tenant(stack, platform):
    return Tenant(stack, platform)


def ndjson(lines):
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def tags(prefix, count, start=0):
    return [{"external_ref": f"{prefix}:{number}", "code": f"{prefix}-{number}", "label": f"Tag {number}"}
            for number in range(start, start + count)]


def unique():
    return new_id().replace("-", "")[-14:]


def told(job):
    return {name: job[name] for name in ("state", "done", "total", "errors")}


def test_an_import_of_ndjson(api, events):
    prefix = unique()
    made = imported(api, "tags", ndjson(tags(prefix, 1200)), NDJSON)
    assert (made["kind"], made["collection"], made["title"], made["total"]) == ("import", "tags", "file.csv", 1200)
    job = ended(api, made)
    assert told(job) == {"state": "done", "done": 1200, "total": 1200, "errors": 0}, job
    assert job["outcome"] == {"created": 1200, "changed": 0, "unchanged": 0, "failed": 0}
    assert job["started_at"] and job["finished_at"] and job["expires_at"] and not job["detail"] and not job["result"]
    rows = api.every("/v1/tags", limit=500, **{"external_ref[prefix]": f"{prefix}:"})
    assert len(rows) == 1200
    for row in rows[::113]:
        event = events.last(row["id"])
        assert (event.name, event.data) == ("tag.created", row)
    assert errors(api, job) == []


def test_again_changes_only_what_differs(api):
    prefix = unique()
    lines = tags(prefix, 700)
    assert ended(api, imported(api, "tags", ndjson(lines), NDJSON))["outcome"]["created"] == 700
    lines[5]["label"] = lines[650]["label"] = "Another"
    job = ended(api, imported(api, "tags", ndjson(lines + tags(prefix, 10, 700)), NDJSON))
    assert job["outcome"] == {"created": 10, "changed": 2, "unchanged": 698, "failed": 0}


def test_bad_lines_among_many(api, database):
    prefix = unique()
    lines = [{"external_ref": f"{prefix}:{number}", "kind": "prospect", "name": f"Customer {number}"} for number in range(2000)]
    lines[3]["name"] = "x" * 201                       # the table refuses it
    lines[777] = {"external_ref": f"{prefix}:777"}     # so too, twice
    lines[1500]["bill_to_id"] = new_id()               # the database refuses it
    lines[1999]["nonsense"] = 1
    body = ndjson(lines[:10]) + b"no json\n\n[1]\n" + ndjson(lines[10:])
    job = ended(api, imported(api, "customers", body, NDJSON))
    assert told(job) == {"state": "done", "done": 2002, "total": 2002, "errors": 6}
    assert job["outcome"] == {"created": 1996, "changed": 0, "unchanged": 0, "failed": 6}
    found = {(row["line"], row["pointer"], row["code"]) for row in errors(api, job)}
    assert found == {(4, "/name", "length"), (11, None, "malformed"), (13, "", "type"), (781, "/kind", "required"),
                     (781, "/name", "required"), (1504, "/bill_to_id", "reference"), (2003, "/nonsense", "unknown")}
    assert len(api.every("/v1/customers", limit=500, **{"external_ref[prefix]": f"{prefix}:"})) == 1996
    rows = database.execute("select count(*) as n from calls_data.part where owner_id = %s", [job["id"]]).fetchone()
    assert rows["n"] == 0, "what it read is gone"


def test_errors_can_be_downloaded(api):
    body = ndjson([{"label": f"No code {number}"} for number in range(600)])
    job = ended(api, imported(api, "tags", body, NDJSON))
    path = f"/v1/jobs/{job['id']}/errors"
    rows = list(csv.DictReader(io.StringIO(api.get(path, headers={"Accept": "text/csv"}).text)))
    assert [int(row["line"]) for row in rows] == list(range(1, 601))
    assert {(row["pointer"], row["code"]) for row in rows} == {("/code", "required")}
    lines = api.get(path, headers={"Accept": NDJSON}).text.splitlines()
    assert [json.loads(line)["line"] for line in lines] == list(range(1, 601))
    assert not job["errors_cut"]


def test_errors_are_bounded(api):
    """11,000 lines with a fault each: 10,000 are told, all are counted."""
    job = ended(api, imported(api, "tags", b"{}\n" * 5500, NDJSON))  # two faults a line
    assert (job["errors"], job["errors_cut"], job["done"]) == (5500, True, 5500)
    assert len(errors(api, job)) == 10000


def test_csv_with_texts_over_lines_and_other_names(api):
    prefix = unique()
    text = (
        "\ufeffKey,Ragione sociale,Tipo,Città,Phones,Ignored\r\n"
        f'{prefix}:1,"Rossi, ""Figli""\r\n& C.",acquired,Milano,"[{{""raw"":""02 1234567""}}]",x\r\n'
        "\r\n"
        f"{prefix}:2,Verdi,wrong,,,\r\n"
        f"{prefix}:3,Neri,prospect,,,,one too many\r\n"
        f"{prefix}:4,Bianchi,prospect,Roma,,"
    )
    mapping = [{"column": "Key", "field": "external_ref"}, {"column": "Ragione sociale", "field": "name"},
               {"column": "Tipo", "field": "kind"}, {"column": "Città", "field": "address.city"},
               {"column": "Phones", "field": "phones"}, {"column": "Ignored"}]
    job = ended(api, imported(api, "customers", text.encode(), mapping=mapping))
    assert told(job) == {"state": "done", "done": 4, "total": 4, "errors": 2}, job
    assert {(row["line"], row["pointer"], row["code"]) for row in errors(api, job)} == {
        (5, "/kind", "choice"), (6, None, "malformed")}
    rows = {row["external_ref"]: row for row in api.list("/v1/customers", **{"external_ref[prefix]": f"{prefix}:"})}
    assert set(rows) == {f"{prefix}:1", f"{prefix}:4"}
    row = rows[f"{prefix}:1"]
    assert row["name"] == 'Rossi, "Figli"\r\n& C.' and row["address"]["city"] == "Milano"
    assert row["phones"][0]["e164"] == "+39021234567"


def test_texts_over_lines_between_semicolons(api):
    prefix = unique()
    text = f'external_ref;kind;name\r\n{prefix}:1;prospect;"Rossi\r\n& C."\r\n{prefix}:2;prospect;Verdi\r\n'
    job = ended(api, imported(api, "customers", text.encode()))
    assert told(job) == {"state": "done", "done": 2, "total": 2, "errors": 0}, job
    names = {row["name"] for row in api.list("/v1/customers", **{"external_ref[prefix]": f"{prefix}:"})}
    assert names == {"Rossi\r\n& C.", "Verdi"}


def test_columns_that_are_no_fields(api):
    job = ended(api, imported(api, "customers", b"kind,Name,nonsense\nprospect,x,y\n"))
    assert job["state"] == "failed" and job["done"] == 0
    assert "Name, nonsense" in job["detail"]


def test_members_under_other_names(api):
    prefix = unique()
    body = ndjson([{"CODE": f"{prefix}-{number}", "Text": f"T{number}", "old": 1} for number in range(3)])
    mapping = [{"column": "CODE", "field": "code"}, {"column": "Text", "field": "label"}, {"column": "old"}]
    job = ended(api, imported(api, "tags", body, NDJSON, mapping=mapping))
    assert job["outcome"]["created"] == 3


def test_members_that_change_names(api):
    """All at once: none is lost to another that comes to its name. Two that come to one name are a fault of the line."""
    prefix = unique()
    body = ndjson([{"label": f"{prefix}-1", "code": "One"}, {"label": f"{prefix}-2", "code": "Two", "title": "Three"}])
    mapping = [{"column": "label", "field": "code"}, {"column": "code", "field": "label"}, {"column": "title", "field": "label"}]
    job = ended(api, imported(api, "tags", body, NDJSON, mapping=mapping))
    assert told(job) == {"state": "done", "done": 2, "total": 2, "errors": 1}
    assert [(row["line"], row["code"], row["detail"]) for row in errors(api, job)] == [
        (2, "malformed", "The line says label twice.")]
    [row] = api.list("/v1/tags", **{"code[prefix]": prefix})
    assert (row["code"], row["label"]) == (f"{prefix}-1", "One")


def test_a_later_line_of_the_same_row_changes_it(api):
    prefix = unique()
    lines = [{"external_ref": prefix, "code": prefix, "label": f"Label {number}"} for number in range(5)]
    job = ended(api, imported(api, "tags", ndjson(lines), NDJSON))
    assert job["outcome"] == {"created": 1, "changed": 4, "unchanged": 0, "failed": 0}
    assert [row["label"] for row in api.list("/v1/tags", external_ref=prefix)] == ["Label 4"]


def test_lines_as_large_as_a_request(api):
    """Records over the seams of parts, and one that no request could hold."""
    prefix = unique()
    lines = [{"external_ref": f"{prefix}:{number}", "kind": "prospect", "name": f"Large {number}", "notes": "n" * 4000}
             for number in range(900)]
    job = ended(api, imported(api, "customers", ndjson(lines), NDJSON))
    assert told(job) == {"state": "done", "done": 900, "total": 900, "errors": 0}
    body = ndjson(lines[:2]) + json.dumps({"notes": "n" * (2 * 1024 * 1024)}).encode() + b"\n" + ndjson(lines[2:4])
    job = ended(api, imported(api, "customers", body, NDJSON))
    assert (job["state"], job["done"], job["outcome"]["unchanged"]) == ("failed", 2, 2)
    assert "Line 3 is longer" in job["detail"]


def test_what_is_refused_at_once(api, tenant):
    path = "/v1/tags/imports"
    assert faults(api.post(path, {}, expect=422)) == {"/upload_id": "required"}
    assert faults(api.post(path, {"upload_id": new_id()}, expect=422)) == {"/upload_id": "reference"}
    row = uploaded(api, "customers", b"x")
    assert faults(api.post(path, {"upload_id": row["id"]}, expect=409), 409) == {"/upload_id": "for"}
    row = uploaded(api, "tags", b"x", "application/octet-stream")
    assert faults(api.post(path, {"upload_id": row["id"]}, expect=422)) == {"/format": "required"}
    assert faults(api.post(path, {"upload_id": row["id"], "format": "xml", "mapping": [{}]}, expect=422)) == {
        "/format": "choice", "/mapping/0/column": "required"}
    for role in ("callcenter", "operator", "technician", "portal"):
        problem(tenant.client(role).post(path, {"upload_id": row["id"]}, expect=403), 403, "forbidden")
    made = api.post(path, {"upload_id": row["id"], "format": "ndjson"}, expect=202).json()
    assert told(ended(api, made)) == {"state": "done", "done": 1, "total": 1, "errors": 1}
    problem(api.get(f"/v1/uploads/{row['id']}", expect=404), 404)


def test_a_retry_makes_one_job(api):
    row = uploaded(api, "tags", ndjson(tags(unique(), 1)), NDJSON)
    key = new_id()
    first = api.post("/v1/tags/imports", {"upload_id": row["id"]}, key=key, expect=202)
    again = api.post("/v1/tags/imports", {"upload_id": row["id"]}, key=key, expect=202)
    assert first.json()["id"] == again.json()["id"] and again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert ended(api, first.json())["outcome"]["created"] == 1
    assert len([job for job in api.list("/v1/jobs", limit=500) if job["title"] == "file.csv" and job["id"] == first.json()["id"]]) == 1


def test_rights_of_who_asked(tenant, api):
    """Costs are refused a line at a time to who may not see them, as in a request."""
    call = tenant.call()
    lines = [{"call_id": call["id"], "kind": "other", "quantity": "1", "description": "D", "cost": "2", "external_ref": unique()},
             {"call_id": call["id"], "kind": "other", "quantity": "1", "description": "D", "external_ref": unique()}]
    operator = tenant.client("operator")
    job = ended(operator, imported(operator, "charges", ndjson(lines), NDJSON))
    assert job["outcome"] == {"created": 1, "changed": 0, "unchanged": 0, "failed": 1}
    assert [(row["line"], row["pointer"], row["code"]) for row in errors(operator, job)] == [(1, "/cost", "forbidden")]
    entry = api.list("/v1/services/calls/audit", resource="charge", root_id=call["id"])
    assert {row["actor"] for row in entry} >= {operator.row["id"]}


def test_whose_they_are(tenant, other):
    integration = tenant.client("integration")
    job = ended(integration, imported(integration, "customers", b"kind,name\nprospect,Mine\nx,y\n"))
    path = f"/v1/jobs/{job['id']}"
    for stranger in (other.admin, tenant.client("operator"), tenant.client("portal"), tenant.client("callcenter")):
        problem(stranger.get(path, expect=404), 404, "not-found")
        problem(stranger.get(f"{path}/errors", expect=404), 404, "not-found")
        problem(stranger.get(f"{path}/result", expect=404), 404, "not-found")
        problem(stranger.act(path, "cancel", expect=404), 404, "not-found")
        assert job["id"] not in [row["id"] for row in stranger.list("/v1/jobs", limit=500)]
    for manager in (tenant.client("manager"), tenant.admin):
        assert manager.get(path).json() == job
        assert len(errors(manager, job)) == 1
        assert job["id"] in [row["id"] for row in manager.list("/v1/jobs", limit=500, kind="import", collection="customers")]
    problem(integration.get(f"{path}/result", expect=404), 404, "not-found")


def test_cancel(api):
    """What was done stays, nothing goes on; what has ended can't be cancelled."""
    prefix = unique()
    job = imported(api, "tags", ndjson(tags(prefix, 60000)), NDJSON)
    path = f"/v1/jobs/{job['id']}"
    wait_for("some progress", lambda: 0 < api.get(path).json()["done"], 60, pause=0.01)
    row = api.act(path, "cancel").json()
    assert row["state"] == "cancelled" and row["finished_at"] and 0 < row["done"] < 60000
    time.sleep(3)  # longer than a turn
    assert api.get(path).json() == row
    query = {"external_ref[prefix]": f"{prefix}:"}
    assert len(api.every("/v1/tags", limit=500, **query)) == row["outcome"]["created"] == row["done"]
    assert problem(api.act(path, "cancel", expect=409), 409, "transition-refused")["possible_actions"] == []
    assert ended(api, imported(api, "tags", ndjson(tags(prefix, 10)), NDJSON))["outcome"]["unchanged"] == 10


def test_many_jobs_go_on_side_by_side(api):
    long = imported(api, "tags", ndjson(tags(unique(), 60000)), NDJSON)
    short = ended(api, imported(api, "tags", ndjson(tags(unique(), 10)), NDJSON))
    assert short["state"] == "done"
    row = api.get(f"/v1/jobs/{long['id']}").json()
    assert row["state"] == "running", "the long one was not waited for"
    api.act(f"/v1/jobs/{long['id']}", "cancel")


def test_killed_in_the_middle(api, stack, database, events):
    """SIGKILL twice while 20,000 lines come in: nothing is lost, nothing is doubled, each has one event."""
    prefix = unique()
    lines = [{"code": f"{prefix}-{number}", "label": f"Tag {number}"} for number in range(20000)]  # no external_ref
    lines[100]["label"] = lines[19000]["label"] = "x" * 61
    job = imported(api, "tags", ndjson(lines), NDJSON)
    path = f"/v1/jobs/{job['id']}"
    for part in (1000, 9000):
        wait_for("progress", lambda: (row := api.get(path, expect=None)).status_code == 200 and row.json()["done"] >= part,
                 60, pause=0.01)
        stack.part("stop", "calls", "--kill")
        stack.part("start", "calls")
    row = ended(api, job)
    assert told(row) == {"state": "done", "done": 20000, "total": 20000, "errors": 2}
    assert row["outcome"] == {"created": 19998, "changed": 0, "unchanged": 0, "failed": 2}
    assert [item["line"] for item in errors(api, row)] == [101, 19001]
    counts = database.execute(
        "select count(*) as n, count(distinct code) as codes from calls_data.tag where tenant_id = %s and code like %s",
        [api_tenant(api), f"{prefix}-%"]).fetchone()
    assert (counts["n"], counts["codes"]) == (19998, 19998)
    records = database.execute(
        "select count(*) as n, count(distinct resource_id) as ids from calls_data.change where tenant_id = %s and type = "
        "'tag.created' and data ->> 'code' like %s", [api_tenant(api), f"{prefix}-%"]).fetchone()
    assert (records["n"], records["ids"]) == (19998, 19998)


def left_behind(api, database, attempts, caller):
    """A job whose worker died with it, after so many attempts that came no further."""
    uuid = uploaded(api, "tags", b"{}\n", NDJSON)["id"]  # tells its service, as the ids of jobs do
    database.execute(
        "insert into calls_data.job (tenant_id, id, kind, collection, state, parameters, caller, requested_by, claim, attempts, due_at)"
        " values (%s, %s, 'import', 'tags', 'running', '{}', %s, %s, gen_random_uuid(), %s, now())",
        [api_tenant(api), uuid, caller, api.get("/v1/me").json()["subject"], attempts])
    return {"id": uuid}


def test_work_that_breaks_off_again_and_again_ends(api, database):
    """A job that takes its worker with it each time is not taken over for ever."""
    caller = json.dumps({"tenant": api_tenant(api)})
    job = ended(api, left_behind(api, database, 12, caller))
    assert (job["state"], job["detail"]) == ("failed", "Again and again its work broke off, and came no further.")
    job = ended(api, left_behind(api, database, 11, caller))
    assert (job["state"], job["detail"]) == ("done", None), "one more attempt"


def test_a_job_of_nobody_ends(api, database):
    job = ended(api, left_behind(api, database, 0, "{}"))
    assert (job["state"], job["detail"]) == ("failed", "What was kept of it can't be read.")


def api_tenant(api):
    return api.get("/v1/me").json()["tenant"]["id"]


def test_it_goes_in_the_end(api, database):
    job = ended(api, imported(api, "tags", b"{}\n", NDJSON))
    database.execute("update calls_data.timer set due_at = now() where subject = %s", [job["id"]])
    wait_for("its end", lambda: api.get(f"/v1/jobs/{job['id']}", expect=None).status_code == 404, 30)
    left = database.execute("select count(*) as n from calls_data.job_error where job_id = %s", [job["id"]]).fetchone()
    assert left["n"] == 0


def test_a_query_that_grows_too_long_on_its_way_is_refused(api):
    """The gateway asks the services by a query of its own making: cut, it would ask for more rows than were wanted."""
    ended(api, imported(api, "tags", ndjson(tags(unique(), 1)), NDJSON))
    assert api.list("/v1/jobs?collection=" + "!" * 1000) == []
    problem(api.get("/v1/jobs?collection=" + "!" * 4000, expect=414), 414, "uri-too-long")


def test_a_list_without_what_it_is_sorted_by_is_missing(stack, api):
    """Jobs of all services are one list: what another answers is foreign."""
    job = ended(api, imported(api, "tags", b"{}\n", NDJSON))
    strange = {}
    upstream = Upstream(lambda handler: Upstream.say(handler, body=json.dumps({"items": [strange]}).encode()))
    with gateway(stack, UPSTREAM_INVENTORY=upstream.url) as door:
        for row in ({"id": new_id()}, {"created_at": job["created_at"]}, {"id": 1, "created_at": None}):
            strange.clear()
            strange.update(row)
            page = api.at(door.url).get("/v1/jobs").json()
            assert job["id"] in [item["id"] for item in page["items"]] and strange not in page["items"]
            assert [warning["code"] for warning in page["warnings"]] == ["part-missing"], row
    upstream.stop()


def test_past_the_gateway(stack, api):
    job = ended(api, imported(api, "tags", b"{}\n", NDJSON))
    direct = api.at(stack.address("calls"))
    assert direct.get(f"/v1/jobs/{job['id']}").json() == job
    read = api.get(f"/v1/jobs/{job['id']}")
    assert api.get(f"/v1/jobs/{job['id']}", expect=304, headers={"If-None-Match": read.headers["ETag"]})
    problem(direct.get(f"/v1/jobs/{new_id()}", expect=404), 404)
    problem(api.get("/v1/jobs", headers={"Accept": "text/csv"}, expect=406), 406)
    problem(api.request("POST", "/v1/jobs", 405, json={}), 405)
