"""HTTP as it is spoken to every address: methods, media types, sizes, headers, problems."""
import uuid

import pytest
import requests

from api.resources import RESOURCES
from support.client import new_id, problem, told

every_resource = pytest.mark.parametrize("resource", RESOURCES, ids=str)
MEBIBYTE = 1024 * 1024


def test_nothing_at_this_address(api):
    for path in ("/v1/nonsense", "/v1/customers/x/y/z", "/v1", "/v2/customers", "/v1/customers/"):
        problem(api.get(path, expect=404), 404, "not-found")


@every_resource
def test_methods(resource, tenant, api):
    for path in (resource.path, f"{resource.path}/{new_id()}"):
        answer = api.request("OPTIONS", path, 204)
        allowed = {word.strip() for word in answer.headers["Allow"].split(",")}
        assert {"GET", "HEAD", "OPTIONS"} <= allowed, told(answer)
        for method in {"POST", "PUT", "PATCH", "DELETE"} - allowed:
            answer = api.request(method, path, 405, json={})
            problem(answer, 405, "method-not-allowed")
            assert {word.strip() for word in answer.headers["Allow"].split(",")} == allowed


@every_resource
def test_head_is_get_without_body(resource, tenant, api):
    row = resource.create(tenant)
    for path in (resource.path, f"{resource.path}/{row['id']}"):
        get = api.get(path)
        head = api.request("HEAD", path, 200)
        assert head.content == b""
        for name in ("Content-Type", "ETag"):
            assert head.headers.get(name) == get.headers.get(name)
    assert api.request("HEAD", f"{resource.path}/{new_id()}", 404).content == b""


@every_resource
def test_what_the_client_accepts(resource, tenant, api):
    row = resource.create(tenant)
    item = f"{resource.path}/{row['id']}"
    for accept in ("application/json", "*/*", "application/*", "text/html,application/json;q=0.5", ""):
        api.get(item, headers={"Accept": accept})
    for accept in ("image/png", "application/xml", "audio/*", "application/json;q=0", "x-application/json"):
        problem(api.get(item, headers={"Accept": accept}, expect=406), 406, "not-acceptable")


@every_resource
def test_a_path_takes_only_uuids(resource, api):
    for wrong in ("1", "x" * 36, "%00", new_id()[:-1], new_id() + "0", "..%2f"):
        problem(api.get(f"{resource.path}/{wrong}", expect=404), 404)
    answer = api.request("GET", f"{resource.path}/{'é' * 36}")
    assert answer.status_code in (400, 404), told(answer)


def test_sizes(tenant, api):
    big = b'{"kind": "prospect", "name": "Big"' + b" " * (MEBIBYTE + 1) + b"}"
    headers = {"Content-Type": "application/json"}
    try:
        answer = api.request("POST", "/v1/customers", data=big, headers=headers)
        problem(answer, 413, "too-large")
    except requests.ConnectionError:
        pass  # a server may close before it has read all of a body that it refuses
    within = b'{"kind": "prospect", "name": "Big"' + b" " * (MEBIBYTE - 40) + b"}"
    api.request("POST", "/v1/customers", 201, data=within, headers=headers)
    problem(api.get("/v1/customers?name=" + "x" * 9000, expect=414), 414, "uri-too-long")
    problem(api.get("/v1/customers", headers={"X-Long": "x" * 17000}, expect=431), 431, "headers-too-large")
    many = {f"X-{number}": "y" * 100 for number in range(160)}
    problem(api.get("/v1/customers", headers=many, expect=431), 431, "headers-too-large")
    api.get("/v1/customers", headers={"X-Longer": "x" * 60000}, expect=431)
    assert api.get("/v1/customers").status_code == 200, "still well after all that"


def test_texts_of_ten_thousand(tenant):
    text = "Descrizione molto lunga: è così. " * 400
    call = tenant.call(description=text[:10000])
    assert call["description"] == text[:10000]
    assert tenant.admin.get(f"/v1/calls/{call['id']}").json()["description"] == text[:10000]


def test_problems_in_italian(api):
    titles = {}
    for language in ("en", "it", "it-IT,it;q=0.9", "fr, it;q=0.5, en;q=0.4", "de", "en, it;q=0.9", "it;q=0"):
        answer = api.get(f"/v1/customers/{new_id()}", expect=404, headers={"Accept-Language": language})
        titles[language] = problem(answer, 404, "not-found")["title"]
    assert titles["en"] == titles["de"] == titles["en, it;q=0.9"] == titles["it;q=0"] == "Not found"
    assert titles["it"] == titles["it-IT,it;q=0.9"] == titles["fr, it;q=0.5, en;q=0.4"] == "Non trovato"


def test_request_id(api):
    given = f"test-{new_id()}"
    assert api.get("/v1/customers", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given
    made = api.get("/v1/customers").headers["X-Request-ID"]
    assert uuid.UUID(made).version == 7
    for wrong in ("x" * 65, "two words", "é"):
        headers = {"X-Request-ID": wrong.encode()}
        assert api.get("/v1/customers", headers=headers).headers["X-Request-ID"] != wrong


def test_trace_goes_into_events(tenant, api, events):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    row = api.post("/v1/customers", {"kind": "prospect", "name": "Traced"}, headers=headers).json()
    assert events.last(row["id"]).headers["traceparent"].split("-")[1] == trace
    headers = {"traceparent": "00-00000000000000000000000000000000-0000000000000000-zz"}
    row = api.post("/v1/customers", {"kind": "prospect", "name": "Not traced"}, headers=headers).json()
    made = events.last(row["id"]).headers["traceparent"].split("-")
    assert made[0] == "00" and made[1] != "0" * 32 and len(made[1]) == 32 and len(made[2]) == 16


def test_who_and_which_request_is_kept(tenant, api, database):
    given = f"audit-{new_id()}"
    row = api.post("/v1/customers", {"kind": "prospect", "name": "Audited"}, headers={"X-Request-ID": given}).json()
    change = database.execute("select * from calls_data.change where resource_id = %s", [row["id"]]).fetchone()
    me = api.get("/v1/me").json()
    assert change["actor"] == me["subject"]
    assert change["actor_name"] == me["name"]
    assert change["request_id"] == given


def test_phones_in_e164(tenant):
    """As typed beside E.164, by the tenant's country; what is no number stays as typed."""
    typed = {
        "02 1234567": "+39021234567",
        "347/123.45.67": "+393471234567",
        "+1 (650) 253-0000": "+16502530000",
        "0033 1 42 68 53 00": "+33142685300",
        "interno 12": None,
        "12": None,
    }
    row = tenant.customer(phones=[{"raw": raw} for raw in typed])
    assert {phone["raw"]: phone["e164"] for phone in row["phones"]} == typed


def test_referrers_refuse_deletion(tenant, api):
    customer = tenant.customer()
    site = tenant.site(customer)
    contact = tenant.contact(customer, site_id=site["id"])
    refused = problem(api.delete(f"/v1/customers/{customer['id']}", customer["version"], expect=409), 409, "referenced")
    assert "site" in refused["detail"] or "contact" in refused["detail"]
    refused = problem(api.delete(f"/v1/sites/{site['id']}", site["version"], expect=409), 409, "referenced")
    assert "contact" in refused["detail"]
    assert api.get(f"/v1/sites/{site['id']}").json() == site
    api.delete(f"/v1/contacts/{contact['id']}", contact["version"])
    api.delete(f"/v1/sites/{site['id']}", site["version"])
    version = api.get(f"/v1/customers/{customer['id']}").json()["version"]
    api.delete(f"/v1/customers/{customer['id']}", version)


def test_a_refused_write_leaves_nothing(tenant, api, database):
    """A fault found by the database, after the row was written, undoes all of it: no row, no event, no number."""
    before = database.execute(
        "select (select count(*) from calls_data.change where tenant_id = %(t)s) as changes, "
        "(select count(*) from calls_data.customer where tenant_id = %(t)s) as customers, "
        "(select coalesce(sum(last), 0) from calls_data.counter where tenant_id = %(t)s) as numbers",
        {"t": tenant.id},
    ).fetchone()
    api.post("/v1/customers", {"kind": "acquired", "name": "x", "bill_to_id": new_id()}, expect=422)
    taken = tenant.customer(vat_number="IT999")
    api.post("/v1/customers", {"kind": "acquired", "name": "x", "vat_number": "IT999"}, expect=409)
    after = database.execute(
        "select (select count(*) from calls_data.change where tenant_id = %(t)s) as changes, "
        "(select count(*) from calls_data.customer where tenant_id = %(t)s) as customers, "
        "(select coalesce(sum(last), 0) from calls_data.counter where tenant_id = %(t)s) as numbers",
        {"t": tenant.id},
    ).fetchone()
    assert taken["id"]
    assert after["changes"] == before["changes"] + 1
    assert after["customers"] == before["customers"] + 1
    assert after["numbers"] == before["numbers"] + 1
