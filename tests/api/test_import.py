"""The main job on real input: 5,485 work orders through the gateway, and back as events (its pace is a bench)."""
import collections
import csv
import decimal
import hashlib
import json
import time

import jsonschema
import pytest

from support.demo import Demo
from support.stack import ROOT, wait_for
from support.tenant import ROLES, PASSWORD, Tenant
from support.transfer import announce, send

FILE = ROOT / "deploy/demo/data/excavators.csv"
ORDERS = 5485


@pytest.fixture(scope="module")
def orders():
    with FILE.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def demo(stack, platform, tmp_path_factory):
    """A tenant filled by deploy/demo/seed, as `up` does, but of this test's own name."""
    password = tmp_path_factory.mktemp("demo") / "password"
    password.write_text(PASSWORD)
    demo = Demo(stack, f"demo-{time.time_ns() % 10**9}", password)
    demo.seed()
    demo.tenant = Tenant.known(stack, platform, demo.code, "admin@demo.local")
    return demo


@pytest.fixture(scope="module")
def imported(demo):
    done = demo.import_file(FILE)
    assert done.returncode == 0, done.stderr
    return demo


def test_the_seed_again_makes_nothing(demo):
    before = totals(demo.tenant)
    again = demo.run("seed")
    assert again.returncode == 0, again.stderr
    assert totals(demo.tenant) == before


def totals(tenant):
    paths = ("/v1/customers", "/v1/sites", "/v1/contacts", "/v1/calls", "/v1/call-types", "/v1/activity-types",
             "/v1/call-codes", "/v1/tags", "/v1/accounts", "/v1/assets", "/v1/meters", "/v1/meter-readings",
             "/v1/movements", "/v1/transfers", "/v1/counts", "/v1/transport-documents", "/v1/rmas", "/v1/rma-lines",
             "/v1/reorder-suggestions")
    return {path: len(tenant.admin.every(path, limit=500)) for path in paths}


@pytest.mark.parametrize("path, field", [("/v1/calls", "state"), ("/v1/activities", "status"), ("/v1/reservations", "status"),
                                         ("/v1/transfers", "state"), ("/v1/counts", "state"), ("/v1/transport-documents", "state"),
                                         ("/v1/rmas", "state"), ("/v1/rma-lines", "state"), ("/v1/reorder-suggestions", "status"),
                                         ("/v1/rmas", "kind"), ("/v1/assets", "status")])
def test_the_demo_shows_every_state(demo, description, path, field):
    every = set(description.query(path)[field]["enum"])
    wait_for("every state", lambda: {row[field] for row in demo.tenant.admin.every(path, limit=500)} == every, 60)  # one expires


def test_the_demo_has_bar_codes_suppliers_and_substitutes(demo):
    article, = demo.tenant.admin.list("/v1/articles", barcode="8032610170554")
    assert article["suppliers"][0]["code"] == "LF-3349"
    assert [row["substitute"]["code"] for row in demo.tenant.admin.list(f"/v1/articles/{article['id']}/substitutes")] == ["FLT-OIL-2"]


@pytest.mark.parametrize("path", ["/v1/assets", "/v1/calls", "/v1/rmas", "/v1/transport-documents"])
def test_the_demo_has_files(demo, path):
    files = [file for row in demo.tenant.admin.every(path, limit=500) for file in demo.tenant.admin.list(f"{path}/{row['id']}/attachments")]
    assert files and all(file["size"] for file in files)


@pytest.mark.parametrize("role", ROLES)
def test_each_demo_account_works(demo, role):
    client = demo.tenant.client_of(f"{role}@demo.local", role)
    me = client.get("/v1/me").json()
    assert me["roles"] == [role]
    assert client.list("/v1/calls", limit=5) or role == "callcenter"


def test_every_work_order_is_a_closed_call(imported, orders):
    calls = {row["external_ref"]: row for row in imported.tenant.admin.every(
        "/v1/calls", limit=500, **{"external_ref[prefix]": "excavators:"})}
    assert len(calls) == ORDERS == len(orders)
    types = {"PM01": "repair", "PM02": "replacement"}
    for number, order in enumerate(orders, 2):
        call = calls[f"excavators:{number}"]
        assert call["subject"] == order["OriginalShorttext"]
        assert call["state"] == "closed"
        assert call["type_code"] == types.get(order["PMType"], "planned")
        assert call["assets"][0]["serial"] == order["Asset"] and call["assets"][0]["article_code"] == "EXCAVATOR"
        for name in ("opened_at", "resolved_at", "closed_at"):
            assert call[name] == f"{order['BscStartDate']}T12:00:00.000Z"
    numbers = sorted(call["number"] for call in calls.values())
    assert len(set(numbers)) == ORDERS


def test_every_work_order_is_in_its_machines_timeline(imported, orders):
    """The machines were entered first, so that calls and their activities find them by serial; inventory tells of both."""
    admin = imported.tenant.admin
    machines = admin.every("/v1/assets", article_code="EXCAVATOR")
    assert sorted(row["serial"] for row in machines) == list("ABCDE")
    counted = collections.Counter(order["Asset"] for order in orders)
    machine = next(row for row in machines if row["serial"] == "A")
    path = f"/v1/assets/{machine['id']}/timeline"

    def calls():
        return {row["source_id"] for row in admin.every(path, limit=500, kind="call")}

    known = {row["id"] for row in admin.every("/v1/calls", limit=500, asset_id=machine["id"])}
    assert len(known) > counted["A"]  # and those of today
    wait_for("what calls told", lambda: calls() == known, 120)
    wait_for("the activities", lambda: len(admin.every(path, limit=500, kind="activity")) >= counted["A"], 120)
    inside = admin.list(f"/v1/assets/{next(row['id'] for row in machines if row['serial'] == 'B')}/components")
    assert "PM-2391" in [row["asset"]["serial"] for row in inside]


def test_numbers_have_no_gaps(imported):
    series = collections.defaultdict(list)
    for call in imported.tenant.admin.every("/v1/calls", limit=500, fields="number"):
        head, last = call["number"].rsplit("/", 1)
        series[head].append(int(last))
    for head, numbers in series.items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), head


def test_every_cost_is_there_unchanged(imported, orders):
    admin = imported.tenant.admin
    charges = {row["external_ref"]: row for row in admin.every("/v1/charges", limit=500)}
    assert len(charges) == ORDERS
    for number, order in enumerate(orders, 2):
        assert decimal.Decimal(charges[f"excavators:{number}"]["cost"]) == decimal.Decimal(order["Cost"]), order
    total = sum(decimal.Decimal(charge["cost"]) for charge in charges.values())
    assert total == sum(decimal.Decimal(order["Cost"]) for order in orders)
    activities = admin.every("/v1/activities", limit=500, status="done", **{"external_ref[prefix]": "excavators:"})
    assert len(activities) == ORDERS


def test_assets_are_five(imported):
    for serial, count in (("A", 151), ("B", 1017), ("C", 992), ("D", 2374), ("E", 951)):
        found = imported.tenant.admin.every("/v1/calls", limit=500, serial=serial, **{"external_ref[prefix]": "excavators:"})
        assert len(found) == count
        assert len({call["assets"][0]["asset_id"] for call in found}) == 1


def test_again_doubles_nothing(imported, database):
    changes = "select count(*) as n from calls_data.change where tenant_id = %s"
    before = database.execute(changes, [imported.tenant.id]).fetchone()["n"]
    again = imported.import_file(FILE)
    assert again.returncode == 0, again.stderr
    assert f"{ORDERS} unchanged" in again.stdout
    assert database.execute(changes, [imported.tenant.id]).fetchone()["n"] == before


def test_texts_over_lines_and_bad_lines(imported, tmp_path):
    """A quoted text over several lines comes through; a bad line is told by its number and stops no other."""
    texts = ['REPLACE  "TOOTH", L/H', "two\nlines, è 漢字 👷", "  spaces  "]
    path = tmp_path / "more.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["BscStartDate", "Asset", "OriginalShorttext", "PMType", "Cost"])
        writer.writerows([["2010-01-01", "A", text, "PM01", "-1.5"] for text in texts])
        writer.writerow(["2010-13-01", "A", "no such month", "PM01", "1"])
        writer.writerow(["2010-01-02", "A", "last", "PM02", "0"])
    done = imported.import_file(path)
    assert done.returncode == 1
    assert "line 6:" in done.stderr and "line 7:" not in done.stderr
    calls = imported.tenant.admin.every("/v1/calls", **{"external_ref[prefix]": "more:"})
    assert sorted(call["subject"] for call in calls) == sorted([*texts, "last"])


def test_files_of_any_collection(imported, tmp_path):
    """CSV with the collection's own fields, into another service; progress and bad lines are told."""
    path = tmp_path / "articles.csv"
    rows = [f"IMP-{number},part,Part {number},pcs,12.5\r\n" for number in range(600)]
    path.write_text("code,kind,description,uom,list_price\r\n" + "".join(rows) + "IMP-X,nonsense,Part,pcs,1\r\n", newline="")
    done = imported.import_file(path, "articles")
    assert done.returncode == 1
    assert "line 602: /kind" in done.stderr and done.stderr.count("\n") == 1
    assert "601 of 601, 1 failed" in done.stdout and "600 created, 1 failed" in done.stdout.splitlines()[-1]
    again = imported.import_file(path, "articles")
    assert "600 unchanged, 1 failed" in again.stdout.splitlines()[-1]
    path.write_text("code,colour\r\nIMP-1,red\r\n")
    refused = imported.import_file(path, "articles")
    assert refused.returncode == 1 and "colour" in refused.stderr


def test_a_broken_upload_is_gone_on_with(imported, tmp_path):
    """The parts that arrived before are not sent again."""
    admin = imported.tenant.admin
    lines = "".join(f'{{"code":"UP-{number}","label":"{"x" * 50}"}}\n' for number in range(16000))
    path = tmp_path / "tags.ndjson"
    path.write_text(lines)
    data = lines.encode()
    row = announce(admin, "tags", data, media_type="application/x-ndjson", sha256=hashlib.sha256(data).hexdigest())
    assert row["parts"] == 2
    send(admin, row, data, 2)
    done = imported.import_file(path, "tags")
    assert "16000 created" in done.stdout, done.stderr
    job = admin.list("/v1/jobs", collection="tags", limit=1)[0]
    assert (job["title"], job["done"]) == ("file.csv", 16000), "the upload that was open is the one imported"


def test_the_events_of_the_import(imported, events, database):
    """One creation an order, in order by call, valid by its schema, equal to what the API shows."""
    tenant = imported.tenant
    events.settle(database, ["calls"], 120)
    mine = [event for event in events.all() if event.tenant == tenant.id and event.source == "aftercare.calls"]
    calls = [event for event in mine if event.name == "call.opened" and str(event.data["external_ref"]).startswith("excavators:")]
    assert len(calls) == len({event.subject for event in calls}) == ORDERS
    schemas = {path.name: json.loads(path.read_text()) for path in (ROOT / "docs/events/calls").glob("*.v1.json")}
    validators = {name: jsonschema.Draft202012Validator(schema) for name, schema in schemas.items()}
    by_key = collections.defaultdict(list)
    for event in mine:
        by_key[event.key].append(event)
        validators[f"{event.name}.v1.json"].validate(event.value)
    for event in calls:
        told = by_key[event.key]
        assert [entry.name for entry in told[:3]] == ["call.opened", "activity.done", "charge.added"]
        assert told[0] is event
        assert len({entry.partition for entry in told}) == 1
    shown = {row["id"]: row for row in tenant.admin.every("/v1/calls", limit=500)}
    for event in calls[::97]:
        assert {name: event.data[name] for name in ("number", "subject", "state", "opened_at")} == {
            name: shown[event.subject][name] for name in ("number", "subject", "state", "opened_at")}
