"""Free fields: definitions, values, filters, imports and exports, races, erasure, copies."""
import csv
import functools
import io
import json
import random
import threading
import unicodedata

import pytest

from support.at_once import at_once
from support.client import Client, faults, new_id, problem, told
from support.gateway import Upstream, gateway
from support.stack import wait_for
from support.tenant import Tenant

FIELDS = "/v1/customer-free-fields"
CUSTOMERS = "/v1/customers"
CHOICES = [{"code": "gold", "label": "Gold"}, {"code": "silver", "label": "Silver"}, {"code": "iron", "label": "Iron"}]


def at(field):
    return f"{FIELDS}/{field['id']}"


def slot(field):
    return str(field["slot"])


def change(tenant, field, **fields):
    return tenant.admin.patch(at(field), fields, "*", expect=None)


def customer_at(row):
    return f"{CUSTOMERS}/{row['id']}"


def ids(tenant, path=CUSTOMERS, **filters):
    return {row["id"] for row in tenant.admin.every(path, limit=500, **filters)}


def dangling(database, tenant):
    """Where index and values differ: there must be none, whatever was done."""
    values = """
        select c.id, e.key::int as slot, calls.free_term(e.key::int, f.type, e.value) as term from calls_data.customer c,
            jsonb_each_text(c.x) e left join calls_data.customer_free_field f on f.tenant_id = %(t)s and f.slot::text = e.key
        where c.tenant_id = %(t)s"""
    terms = "select t.owner_id, t.slot::int, t.term from calls_data.customer_free_term t where t.tenant_id = %(t)s"
    return database.execute(
        f"({values} except {terms}) union all ({terms} except {values})", {"t": tenant.id}
    ).fetchall()


@pytest.fixture(autouse=True)
def index_holds_what_the_rows_hold(tenant, database):
    yield
    assert dangling(database, tenant) == []


# Definitions.


@pytest.mark.parametrize(
    "body, expected",
    [
        ({"type": "text", "decimals": 2}, {"/decimals": "type"}),
        ({"type": "number", "max_length": 2}, {"/max_length": "type"}),
        ({"type": "date", "choices": CHOICES}, {"/choices": "type"}),
        ({"type": "choice"}, {"/choices": "required"}),
        ({"type": "choice", "choices": []}, {"/choices": "required"}),
        ({"type": "choice", "choices": [CHOICES[0], CHOICES[0]]}, {"/choices/1/code": "unique"}),
        ({"type": "choice", "choices": [{"code": "a b", "label": "A"}]}, {"/choices/0/code": "format"}),
        ({"type": "choice", "choices": [{"code": "a,b", "label": "A"}]}, {"/choices/0/code": "format"}),
        ({"type": "choice", "choices": [{"label": "A"}]}, {"/choices/0/code": "required"}),
        ({"type": "text", "max_length": 501}, {"/max_length": "range"}),
        ({"type": "number", "decimals": 7}, {"/decimals": "range"}),
        ({"type": "text", "slot": 0}, {"/slot": "range"}),
        ({"type": "text", "slot": 100}, {"/slot": "range"}),
    ],
)
def test_definitions_that_are_none(tenant, body, expected):
    answer = tenant.admin.post(FIELDS, {"slot": tenant.free_slot() if "slot" not in body else 1, "label": "L"} | body, expect=422)
    assert faults(answer) == expected
    tenant.slots["customer"] -= "slot" not in body


def test_slots_are_46_unless_the_tenant_wants_more(platform, stack):
    """And one customer may fill them all."""
    tenant = Tenant(stack, platform)
    body = lambda number: {"slot": number, "label": f"Field {number}", "type": "text"}  # noqa: E731
    lines = [body(number) for number in range(1, 100)]
    results = tenant.admin.ndjson(f"{FIELDS}/bulk", lines)
    assert [result["result"] for result in results] == ["created"] * 46 + ["failed"] * 53
    assert {item["pointer"] for result in results[46:] for item in result["errors"]} == {"/slot"}
    full = {str(number): f"Value {number}" for number in range(1, 47)}
    row = tenant.customer(x=full)
    assert row["x"] == full
    assert faults(tenant.admin.post(CUSTOMERS, {"kind": "prospect", "name": "N", "x": {"47": "a"}}, expect=422)) == {"/x/47": "unknown"}
    settings = "/v1/services/calls/settings"
    assert faults(tenant.admin.patch(settings, {"free_field_slots": 45}, "*", expect=422)) == {"/free_field_slots": "range"}
    assert faults(tenant.admin.patch(settings, {"free_field_slots": 100}, "*", expect=422)) == {"/free_field_slots": "range"}
    tenant.admin.patch(settings, {"free_field_slots": 99}, "*")
    assert {result["result"] for result in tenant.admin.ndjson(f"{FIELDS}/bulk", lines[46:])} == {"created"}
    full = {str(number): f"Wert {number}" for number in range(1, 100)}
    row = tenant.admin.patch(customer_at(row), {"x": full}, row["version"]).json()
    assert row["x"] == full
    for number in (1, 9, 10, 46, 99):
        assert ids(tenant, **{f"x.{number}": f"wert {number}"}) == {row["id"]}
    everything = {f"x.{number}": f"wert {number}" for number in range(1, 61)}  # a query has at most 64 parameters
    assert [found["id"] for found in tenant.admin.list(CUSTOMERS, **everything)] == [row["id"]]
    problem(tenant.admin.post(FIELDS, body(99), expect=409), 409, "duplicate")


def test_a_type_changes_only_without_values(tenant):
    field = tenant.free_field()
    assert change(tenant, field, type="number").json()["type"] == "number"
    row = tenant.customer(x={slot(field): "12"})
    assert tenant.admin.get(at(field)).json()["values_count"] == 1
    answer = change(tenant, field, type="text")
    assert problem(answer, 409, "field-has-values")["errors"][0]["pointer"] == "/type"
    assert change(tenant, field, type="number", label="The same").status_code == 200
    problem(tenant.admin.delete(at(field), "*", expect=409), 409, "field-has-values")
    tenant.admin.patch(customer_at(row), {"x": {slot(field): None}}, "*")
    assert tenant.admin.get(at(field)).json()["values_count"] == 0
    assert change(tenant, field, type="date").status_code == 200
    tenant.admin.delete(at(field), "*")


def test_values_of_removed_customers_are_none(tenant):
    field = tenant.free_field()
    row = tenant.customer(x={slot(field): "a"})
    tenant.admin.delete(customer_at(row), row["version"])
    tenant.admin.delete(at(field), field["version"])


def test_a_used_choice_can_only_be_made_inactive(tenant):
    field = tenant.free_field(type="choice", choices=CHOICES)
    row = tenant.customer(x={slot(field): "gold"})
    answer = change(tenant, field, choices=CHOICES[1:])
    assert problem(answer, 409, "field-has-values")["errors"][0]["pointer"] == "/choices"
    less = [CHOICES[0] | {"active": False}, CHOICES[1]]
    changed = change(tenant, field, choices=less).json()
    assert [(choice["code"], choice["active"]) for choice in changed["choices"]] == [("gold", False), ("silver", True)]
    refused = tenant.admin.post(CUSTOMERS, {"kind": "prospect", "name": "N", "x": {slot(field): "gold"}}, expect=422)
    assert faults(refused) == {f"/x/{slot(field)}": "choice"}
    # Who has it keeps it, may say so again, and is found by it.
    kept = tenant.admin.patch(customer_at(row), {"x": {slot(field): "gold"}, "name": "Again"}, row["version"]).json()
    assert kept["x"] == {slot(field): "gold"}
    assert ids(tenant, **{f"x.{slot(field)}": "gold"}) == {row["id"]}
    tenant.admin.patch(customer_at(row), {"x": {slot(field): "silver"}}, "*")
    assert faults(tenant.admin.patch(customer_at(row), {"x": {slot(field): "gold"}}, "*", expect=422)) == {f"/x/{slot(field)}": "choice"}
    assert change(tenant, field, choices=CHOICES[1:]).status_code == 200


# Values.


@pytest.fixture(scope="module")
def typed(tenant):
    """A field of each type, by type."""
    shapes = {"text": {"max_length": 8}, "number": {"decimals": 2}, "choice": {"choices": CHOICES}, "date": {}, "boolean": {}}
    return {kind: tenant.free_field(type=kind, **shape) for kind, shape in shapes.items()}


@pytest.mark.parametrize(
    "kind, value, code",
    [
        ("text", "", "length"),
        ("text", "x" * 9, "length"),
        ("text", "a\x01", "characters"),
        ("text", True, "type"),
        ("number", "1,5", "format"),
        ("number", "1.505", "format"),
        ("number", "1e3", "format"),
        ("number", "+1", "format"),
        ("number", "01", "format"),
        ("number", "12345678901234567", "format"),
        ("number", True, "type"),
        ("date", "2026-02-30", "format"),
        ("date", "01/03/2026", "format"),
        ("boolean", "true", "type"),
        ("choice", "bronze", "choice"),
        ("choice", "Gold", "choice"),
        ("choice", "gold silver", "choice"),
    ],
)
def test_values_of_another_type_are_refused(tenant, typed, kind, value, code):
    where = {f"/x/{slot(typed[kind])}": code}
    body = {"kind": "prospect", "name": "N", "x": {slot(typed[kind]): value}}
    assert faults(tenant.admin.post(CUSTOMERS, body, expect=422)) == where
    row = tenant.customer()
    assert faults(tenant.admin.patch(customer_at(row), {"x": body["x"]}, row["version"], expect=422)) == where
    assert tenant.admin.get(customer_at(row)).json()["x"] == {}


@pytest.mark.parametrize("x, expected", [
    ("text", {"/x": "type"}), ([], {"/x": "type"}), ({"0": "a"}, {"/x/0": "unknown"}), ({"01": "a"}, {"/x/01": "unknown"}),
    ({"100": "a"}, {"/x/100": "unknown"}), ({"a/b": "c"}, {"/x/a~1b": "unknown"}), ({"1": 5, "2": {}, "3": []}, None),
])
def test_shapes_of_x(tenant, typed, x, expected):
    answer = tenant.admin.post(CUSTOMERS, {"kind": "prospect", "name": "N", "x": x}, expect=422)
    assert faults(answer) == (expected or {"/x/1": "type", "/x/2": "type", "/x/3": "type"})


def test_all_faults_of_x_at_once(tenant, typed):
    x = {slot(typed["text"]): "", slot(typed["number"]): "x", slot(typed["date"]): "x", slot(typed["choice"]): "x", "98": "unknown"}
    answer = tenant.admin.post(CUSTOMERS, {"kind": "prospect", "name": "N", "x": x}, expect=422)
    assert faults(answer) == {
        f"/x/{slot(typed['text'])}": "length", f"/x/{slot(typed['number'])}": "format", f"/x/{slot(typed['date'])}": "format",
        f"/x/{slot(typed['choice'])}": "choice", "/x/98": "unknown"}


@pytest.mark.parametrize("sent, kept", [("1.50", "1.5"), ("-0.00", "0"), ("7", "7"), ("-12.30", "-12.3"), ("0.07", "0.07"),
                                        ("9999999999999999.99", "9999999999999999.99")])
def test_a_number_has_one_spelling(tenant, typed, sent, kept):
    row = tenant.customer(x={slot(typed["number"]): sent})
    assert row["x"] == {slot(typed["number"]): kept}
    assert row["id"] in ids(tenant, **{f"x.{slot(typed['number'])}": sent})


def test_a_patch_changes_the_slots_it_names(tenant, typed, events):
    text, number = slot(typed["text"]), slot(typed["number"])
    row = tenant.customer(x={text: "one", number: "2"})
    row = tenant.admin.patch(customer_at(row), {"x": {text: "two"}}, row["version"]).json()
    assert row["x"] == {text: "two", number: "2"}
    row = tenant.admin.patch(customer_at(row), {"x": {number: None}}, row["version"]).json()
    assert row["x"] == {text: "two"}
    told_of = events.wait(row["id"], 3)[-1]
    assert told_of.data == row and told_of.changed == ["x"]
    row = tenant.admin.patch(customer_at(row), {"name": "Other"}, row["version"]).json()
    assert row["x"] == {text: "two"}
    row = tenant.admin.patch(customer_at(row), {"x": None}, row["version"]).json()
    assert row["x"] == {}
    assert tenant.customer(x=None)["x"] == {} and tenant.customer(x={text: None})["x"] == {}
    problem(tenant.admin.patch(customer_at(row), {"x": {text: "late"}}, row["version"] - 1, expect=412), 412)


def test_required(platform, stack):
    """At creation and when x is changed; old rows may lack it."""
    tenant = Tenant(stack, platform)
    old = tenant.customer()
    needed, other = tenant.free_field(required=True), tenant.free_field()
    body = {"kind": "prospect", "name": "N"}
    where = {f"/x/{slot(needed)}": "required"}
    assert faults(tenant.admin.post(CUSTOMERS, body, expect=422)) == where
    assert faults(tenant.admin.post(CUSTOMERS, body | {"x": {slot(other): "a"}}, expect=422)) == where
    row = tenant.customer(x={slot(needed): "there"})
    assert faults(tenant.admin.patch(customer_at(row), {"x": {slot(needed): None}}, "*", expect=422)) == where
    assert faults(tenant.admin.patch(customer_at(row), {"x": None}, "*", expect=422)) == where
    tenant.admin.patch(customer_at(row), {"x": {slot(other): "b"}}, "*")
    tenant.admin.patch(customer_at(old), {"name": "Old, and renamed"}, "*")
    assert faults(tenant.admin.patch(customer_at(old), {"x": {slot(other): "c"}}, "*", expect=422)) == where
    tenant.admin.patch(customer_at(old), {"x": {slot(other): "c", slot(needed): "now"}}, "*")
    change(tenant, needed, active=False)
    tenant.customer()


def test_an_inactive_field_keeps_its_values_and_hides_them(tenant, events, database):
    field = tenant.free_field(label=new_id())
    row = tenant.customer(x={slot(field): "kept"})
    name = f"x.{slot(field)}"
    assert ids(tenant, **{name: "kept"}) == {row["id"]}
    assert change(tenant, field, active=False).json()["values_count"] == 1
    assert tenant.admin.get(customer_at(row)).json()["x"] == {}
    refused = tenant.admin.get(CUSTOMERS, params={name: "kept"}, expect=400)
    assert faults(refused, 400) == {name: "inactive"}
    for value in ("kept", "new", None):
        answer = tenant.admin.patch(customer_at(row), {"x": {slot(field): value}}, "*", expect=422)
        assert faults(answer) == {f"/x/{slot(field)}": "inactive"}
    changed = tenant.admin.patch(customer_at(row), {"x": None, "name": "Renamed"}, "*").json()
    assert changed["x"] == {}
    wait_for("the event", lambda: any(event.data == changed for event in events.of(row["id"])), 60)
    header = tenant.admin.get(CUSTOMERS, params={"id": row["id"]}, headers={"Accept": "text/csv"}).text.split("\r\n")[0]
    assert name not in header.split(",")
    problem(change(tenant, field, type="number"), 409, "field-has-values")
    change(tenant, field, active=True)
    assert tenant.admin.get(customer_at(row)).json()["x"] == {slot(field): "kept"}
    assert ids(tenant, **{name: "kept"}) == {row["id"]}
    # What is shown again is told to those who follow the events.
    wait_for("the snapshot", lambda: [e for e in events.of(row["id"]) if e.name == "customer.snapshot" and e.data["x"]], 60)


# Filters.


def fold(text):
    return unicodedata.normalize("NFC", text).strip(" ").lower()


class Data:
    """Customers with random values, and what lists should find of them."""

    def __init__(self, tenant):
        choice = random.Random(46)
        shapes = {"text": {}, "number": {"decimals": 6}, "date": {}, "boolean": {}, "choice": {"choices": CHOICES}}
        self.fields = {kind: tenant.free_field(type=kind, label=f"{kind} of data", **shape) for kind, shape in shapes.items()}
        texts = ["Milano", "MILANO ", "milano", "Mila", "mil", "Perche\u0301 no?", "Perché no?", "Ärger", "zeta", "100%", "a_b", "à", "漢字", "Z", "50", "5", "😀"]
        numbers = ["0", "-0.000001", "0.000001", "1", "-1", "10", "9", "-10", "-9", "2.5", "100000000000", "-100000000000", "99.999999"]
        dates = ["2026-01-31", "2026-02-01", "2025-12-31", "1999-12-31", "2100-01-01", "1900-01-01"]
        values = {"text": texts, "number": numbers, "date": dates, "boolean": [True, False], "choice": ["gold", "silver", "iron"]}
        lines = []
        for number in range(80):
            x = {slot(self.fields[kind]): choice.choice(values[kind]) for kind in values if choice.random() < 0.8}
            lines.append({"kind": "prospect", "name": f"Data {number}", "territory": "data", "x": x})
        results = tenant.admin.ndjson(f"{CUSTOMERS}/bulk", lines)
        assert {result["result"] for result in results} == {"created"}, results
        self.rows = {result["id"]: line["x"] for result, line in zip(results, lines)}

    def key(self, kind, value):
        """What values of a type are compared by."""
        if value is None:
            return None
        return {"text": lambda: fold(value), "number": lambda: float(value), "boolean": lambda: value in (True, "true")}.get(kind, lambda: value)()

    def those(self, kind, test):
        number = slot(self.fields[kind])
        return {row for row, x in self.rows.items() if test(self.key(kind, x.get(number)))}


@pytest.fixture(scope="module")
def data(tenant):
    return Data(tenant)


def with_value(test):
    return lambda value: value is not None and test(value)


OPERATORS = {
    "": lambda wanted: lambda value: value == wanted,
    "[ne]": lambda wanted: lambda value: value != wanted,
    "[lt]": lambda wanted: with_value(lambda value: value < wanted),
    "[lte]": lambda wanted: with_value(lambda value: value <= wanted),
    "[gt]": lambda wanted: with_value(lambda value: value > wanted),
    "[gte]": lambda wanted: with_value(lambda value: value >= wanted),
}
ORDERED = list(OPERATORS)
CASES = [("text", ORDERED, value) for value in ("milano", "MILANO", "perché no?", "PERCHE\u0301 NO?", "m", "100%", "漢字", "nothing", "z")]
CASES += [("number", ORDERED, value) for value in ("0", "-1", "1.000000", "-9.5", "10", "0.000001", "100000000000", "-100000000000", "123456789012345678")]
CASES += [("date", ORDERED, value) for value in ("2026-01-31", "2026-02-15", "1900-01-01", "9999-12-31")]
CASES += [("boolean", ["", "[ne]"], value) for value in ("true", "false")]
CASES += [("choice", ["", "[ne]"], value) for value in ("gold", "iron")]


@pytest.mark.parametrize("kind, operators, value", CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_filters_by_comparison(tenant, data, kind, operators, value):
    """Equality, ranges and their opposites, against the same done here."""
    name = f"x.{slot(data.fields[kind])}"
    for operator in operators:
        expected = data.those(kind, OPERATORS[operator](data.key(kind, value)))
        assert ids(tenant, territory="data", **{name + operator: value}) == expected, operator


@pytest.mark.parametrize("kind, values", [("text", ["MILANO", "zeta", "nothing"]), ("number", ["1", "-10", "2.50"]), ("date", ["2026-01-31"]),
                                          ("boolean", ["true", "false"]), ("choice", ["gold", "iron"])])
def test_filters_by_any_of(tenant, data, kind, values):
    expected = data.those(kind, lambda value: value in [data.key(kind, wanted) for wanted in values])
    assert ids(tenant, territory="data", **{f"x.{slot(data.fields[kind])}[in]": ",".join(values)}) == expected


@pytest.mark.parametrize("begin", ["m", "MIL", "mila", " mil", "perch", "perche\u0301", "100%", "a_", "50", "漢", "😀", "nothing"])
def test_filters_by_prefix(tenant, data, begin):
    wanted = unicodedata.normalize("NFC", begin).lstrip(" ").lower()
    expected = data.those("text", with_value(lambda value: value.startswith(wanted)))
    assert ids(tenant, territory="data", **{f"x.{slot(data.fields['text'])}[prefix]": begin}) == expected


@pytest.mark.parametrize("kind", ["text", "number", "date", "boolean", "choice"])
def test_filters_by_emptiness(tenant, data, kind):
    name = f"x.{slot(data.fields[kind])}[empty]"
    assert ids(tenant, territory="data", **{name: "true"}) == data.those(kind, lambda value: value is None)
    assert ids(tenant, territory="data", **{name: "false"}) == data.those(kind, lambda value: value is not None)


def test_filters_join_by_and(tenant, data):
    kinds = data.fields
    filters = {f"x.{slot(kinds['text'])}[gte]": "m", f"x.{slot(kinds['number'])}[lt]": "50", f"x.{slot(kinds['boolean'])}": "true",
               f"x.{slot(kinds['choice'])}[ne]": "gold", f"x.{slot(kinds['date'])}[empty]": "false"}
    expected = (data.those("text", with_value(lambda v: v >= "m")) & data.those("number", with_value(lambda v: v < 50))
                & data.those("boolean", lambda v: v is True) & data.those("choice", lambda v: v != "gold")
                & data.those("date", lambda v: v is not None))
    assert ids(tenant, territory="data", **filters) == expected and expected
    both = {f"x.{slot(kinds['number'])}[gte]": "-1", f"x.{slot(kinds['number'])}[lte]": "9"}
    assert ids(tenant, territory="data", **both) == data.those("number", with_value(lambda v: -1 <= v <= 9))


@pytest.mark.parametrize("kind, operator, value, code", [
    ("text", "contains", "a", "operator"), ("number", "contains", "1", "operator"), ("number", "prefix", "1", "operator"),
    ("date", "prefix", "2026", "operator"), ("boolean", "lt", "true", "operator"), ("choice", "gte", "gold", "operator"),
    ("choice", "prefix", "g", "operator"), ("number", "", "x", "format"), ("number", "gte", "1e3", "format"), ("date", "lt", "today", "format"),
    ("boolean", "", "yes", "format"), ("choice", "", "bronze", "choice"), ("choice", "in", "gold,bronze", "choice"),
    ("number", "in", "1,x", "format"), ("text", "empty", "maybe", "format")])
def test_filters_that_make_no_sense(tenant, data, kind, operator, value, code):
    name = f"x.{slot(data.fields[kind])}" + (f"[{operator}]" if operator else "")
    assert faults(tenant.admin.get(CUSTOMERS, params={name: value}, expect=400), 400) == {name: code}


@pytest.mark.parametrize("name", ["x", "x.", "x.0", "x.97", "x.100", "x.01", "x.a", "x.1.2", "X.1", "customer.x.1", "y.1"])
def test_filters_of_no_field(tenant, name):
    assert faults(tenant.admin.get(CUSTOMERS, params={name: "a"}, expect=400), 400) == {name: "unknown"}


def test_what_hangs_on_a_customer_is_found_by_his_fields(tenant, data):
    """Calls, activities, sites, contacts and charges: by customer.x.N."""
    text, choice = slot(data.fields["text"]), slot(data.fields["choice"])
    one, two = tenant.customer(x={text: "Hanging on", choice: "gold"}), tenant.customer(x={choice: "gold"})
    for customer in (one, two):
        call = tenant.call(customer)
        made = {"/v1/calls": call, "/v1/activities": tenant.activity(call), "/v1/charges": tenant.charge(call),
                "/v1/sites": tenant.site(customer), "/v1/contacts": tenant.contact(customer)}
        customer["made"] = {path: row["id"] for path, row in made.items()}
    tenant.quick_call()
    for path in one["made"]:
        first, second = one["made"][path], two["made"][path]
        both = {"id[in]": f"{first},{second}"}
        assert ids(tenant, path, **{f"customer.x.{text}": "hanging ON"}) == {first}
        assert ids(tenant, path, **{f"customer.x.{text}[prefix]": "hang", f"customer.x.{choice}": "gold"}) == {first}
        assert ids(tenant, path, **both, **{f"customer.x.{text}[empty]": "true"}) == {second}
        assert ids(tenant, path, **both, **{f"customer.x.{text}[ne]": "hanging on"}) == {second}
        assert ids(tenant, path, **both, **{f"customer.x.{choice}": "gold"}) == {first, second}
        assert ids(tenant, path, **both, **{f"customer.x.{choice}": "iron"}) == set()
        name = "customer.x.97"
        assert faults(tenant.admin.get(path, params={name: "a"}, expect=400), 400) == {name: "unknown"}
        problem(tenant.admin.get(path, params={f"x.{text}": "a"}, expect=400), 400)
    below = tenant.admin.list(f"{CUSTOMERS}/{one['id']}/calls", **{f"customer.x.{text}": "hanging on"})
    assert [row["id"] for row in below] == [one["made"]["/v1/calls"]]


def test_pages_and_cursors(tenant, data):
    """A cursor belongs to the values of the filters; pages of what is empty go on while rows get new patterns of slots."""
    number = slot(data.fields["number"])
    name = f"x.{number}[gte]"
    expected = data.those("number", with_value(lambda value: value >= 0))
    answer = tenant.admin.get(CUSTOMERS, params={name: "0", "territory": "data", "limit": 3})
    cursor = answer.json()["next_cursor"]
    problem(tenant.admin.get(CUSTOMERS, params={name: "1", "territory": "data", "limit": 3, "cursor": cursor}, expect=400), 400, "bad-cursor")
    problem(tenant.admin.get(CUSTOMERS, params={"territory": "data", "limit": 3, "cursor": cursor}, expect=400), 400, "bad-cursor")
    found = [row["id"] for row in tenant.admin.every(CUSTOMERS, **{name: "0", "territory": "data", "limit": 3})]
    assert len(found) == len(set(found)) and set(found) == expected
    empty = {f"x.{number}[empty]": "true", "territory": "data", "limit": 2}
    answer = tenant.admin.get(CUSTOMERS, params=empty)
    found = [row["id"] for row in answer.json()["items"]]
    tenant.customer(x={slot(tenant.free_field()): "a pattern nobody had"})
    while "next" in answer.links:
        answer = tenant.admin.get(answer.links["next"]["url"].removeprefix(tenant.admin.base))
        found += [row["id"] for row in answer.json()["items"]]
    assert sorted(found) == sorted(data.those("number", lambda value: value is None))


def test_saved_filters_keep_them(tenant, data):
    query = f"x.{slot(data.fields['choice'])}=gold&territory=data"
    saved = tenant.admin.post("/v1/saved-filters", {"name": "Gold", "resource": "customers", "query": query}).json()
    rows = tenant.admin.get(f"{CUSTOMERS}?{saved['query']}&limit=500").json()["items"]
    assert {row["id"] for row in rows} == data.those("choice", lambda value: value == "gold")


def test_long_texts_are_told_apart_by_what_the_index_keeps(tenant):
    field = tenant.free_field()
    long = tenant.customer(x={slot(field): "😀" * 500})
    assert ids(tenant, **{f"x.{slot(field)}": "😀" * 500}) == {long["id"]}
    assert ids(tenant, **{f"x.{slot(field)}[prefix]": "😀" * 400}) == {long["id"]}
    assert ids(tenant, **{f"x.{slot(field)}": "😀" * 499}) == set()


# Exports and imports.


def bulk_csv(tenant, text, expect=200):
    answer = tenant.admin.request("POST", f"{CUSTOMERS}/bulk", expect, headers={"Content-Type": "text/csv"}, data=text.encode())
    return [json.loads(line) for line in answer.text.splitlines()]


def test_an_export_has_a_column_for_each_and_comes_back(tenant, data):
    choice = slot(data.fields["choice"])
    filters = {f"x.{choice}": "gold", "territory": "data"}
    expected = data.those("choice", lambda value: value == "gold")
    lines = tenant.admin.get(CUSTOMERS, params=filters, headers={"Accept": "application/x-ndjson"}).text.splitlines()
    assert {json.loads(line)["id"] for line in lines} == expected
    assert {json.loads(line)["x"][choice] for line in lines} == {"gold"}
    for labels in (False, True):
        parameters = filters | {"fields": "id,name,x"} | ({"labels": "true"} if labels else {})
        text = tenant.admin.get(CUSTOMERS, params=parameters, headers={"Accept": "text/csv"}).content.decode()
        table = list(csv.DictReader(io.StringIO(text, newline="")))
        assert {row["id"] for row in table} == expected
        head = (lambda kind: data.fields[kind]["label"]) if labels else (lambda kind: f"x.{slot(data.fields[kind])}")
        for row in table:
            for kind, field in data.fields.items():
                value = data.rows[row["id"]].get(slot(field))
                assert row[head(kind)] == ("" if value is None else json.dumps(value) if value in (True, False) else value)
        assert {result["result"] for result in bulk_csv(tenant, text)} == {"unchanged"}


@pytest.mark.parametrize("parameters, named", [({"labels": "perhaps"}, "labels"), ({"labels": "true", "limit": "0"}, "limit")])
def test_wrong_wishes_of_an_export(tenant, parameters, named):
    assert named in faults(tenant.admin.get(CUSTOMERS, params=parameters, expect=400), 400)


def test_labels_are_for_lists_with_free_fields(tenant):
    assert faults(tenant.admin.get("/v1/tags", params={"labels": "true"}, expect=400), 400) == {"labels": "unknown"}


def test_imports_by_slot_and_by_label(tenant):
    text = tenant.free_field(label="N. dipendenti, circa")
    flag = tenant.free_field(type="boolean", label="Attivo?")
    number = tenant.free_field(type="number", decimals=2, label="Fatturato")
    twins = [tenant.free_field(label="Twins") for _ in range(2)]
    own = tenant.free_field(label="notes")
    reference = new_id()
    head = f'external_ref,kind,name,"{text["label"]}",{flag["label"]},x.{slot(number)},notes'
    results = bulk_csv(tenant, f"{head}\r\n{reference}:1,prospect,One,many,true,12.50,note\r\n{reference}:2,prospect,Two,,maybe,x,\r\n")
    assert [result["result"] for result in results] == ["created", "failed"]
    row = tenant.admin.get(customer_at(results[0])).json()
    assert row["x"] == {slot(text): "many", slot(flag): True, slot(number): "12.5"} and row["notes"] == "note"
    assert {item["pointer"]: item["code"] for item in results[1]["errors"]} == {f"/x/{slot(flag)}": "type", f"/x/{slot(number)}": "format"}
    lines = [
        {"external_ref": f"{reference}:1", "kind": "prospect", "name": "One", "Fatturato": "12.500", f"x.{slot(flag)}": True},
        {"external_ref": f"{reference}:1", "Attivo?": False, "x": {slot(text): None}},
        {"external_ref": f"{reference}:3", "kind": "prospect", "name": "Three", "Fatturato": "1", "x": {slot(number): "2"}},
        {"external_ref": f"{reference}:4", "kind": "prospect", "name": "Four", "Twins": "a"},
        {"external_ref": f"{reference}:5", "kind": "prospect", "name": "Five", "x.97": "a"},
        {"external_ref": f"{reference}:7", "kind": "prospect", "name": "Seven", "x.0": "b"},
        {"external_ref": f"{reference}:6", "kind": "prospect", "name": "Six", "x": 5, "Fatturato": "1"},
    ]
    results = tenant.admin.ndjson(f"{CUSTOMERS}/bulk", lines)
    assert [result["result"] for result in results] == ["unchanged", "changed"] + ["failed"] * 5
    pointers = [{item["pointer"]: item["code"] for item in result.get("errors", [])} for result in results[2:]]
    assert pointers == [{f"/x/{slot(number)}": "duplicate"}, {"/Twins": "unknown"}, {"/x/97": "unknown"}, {"/x.0": "unknown"},
                        {"/x": "type", "/Fatturato": "unknown"}]
    row = tenant.admin.get(customer_at(row)).json()
    assert row["x"] == {slot(flag): False, slot(number): "12.5"}
    clash = bulk_csv_problem(tenant, f"kind,name,Fatturato,x.{slot(number)}\r\nprospect,N,1,2\r\n")
    problem(clash, 400, "malformed")
    assert len(twins) == 2 and own


def bulk_csv_problem(tenant, text):
    return tenant.admin.request("POST", f"{CUSTOMERS}/bulk", data=text.encode(), headers={"Content-Type": "text/csv"})


def test_a_bulk_line_changes_only_the_slots_that_differ(tenant, events):
    choice = tenant.free_field(type="choice", choices=CHOICES)
    text = tenant.free_field()
    row = tenant.customer(external_ref=new_id(), x={slot(choice): "gold", slot(text): "a"})
    change(tenant, choice, choices=[CHOICES[0] | {"active": False}, CHOICES[1]])
    line = {"external_ref": row["external_ref"], "kind": row["kind"], "name": row["name"], "x": {slot(choice): "gold", slot(text): "b"}}
    assert [result["result"] for result in tenant.admin.ndjson(f"{CUSTOMERS}/bulk", [line])] == ["changed"]
    assert tenant.admin.get(customer_at(row)).json()["x"] == {slot(choice): "gold", slot(text): "b"}
    assert events.wait(row["id"], 2)[-1].changed == ["x"]


# Who may, and whose they are.


def test_tenants_have_fields_of_their_own(tenant, other, data):
    text = slot(data.fields["text"])
    refused = other.admin.post(CUSTOMERS, {"kind": "prospect", "name": "N", "x": {text: "a"}}, expect=422)
    assert faults(refused) == {f"/x/{text}": "unknown"}
    assert faults(other.admin.get(CUSTOMERS, params={f"x.{text}": "milano"}, expect=400), 400) == {f"x.{text}": "unknown"}
    assert other.admin.list(FIELDS) == []
    problem(other.admin.get(at(data.fields["text"]), expect=404), 404)
    problem(other.admin.patch(at(data.fields["text"]), {"label": "x"}, "*", expect=404), 404)
    problem(other.admin.delete(at(data.fields["text"]), "*", expect=404), 404)
    # The same slot with another type, and values that only its own tenant finds.
    other.slots = {"customer": data.fields["text"]["slot"] - 1}
    other.admin.patch("/v1/services/calls/settings", {"free_field_slots": 99}, "*")
    field = other.free_field(type="number")
    assert slot(field) == text
    theirs = other.customer(x={text: "7"})
    assert ids(other, **{f"x.{text}[gte]": "0"}) == {theirs["id"]}
    assert ids(other, **{f"x.{text}[empty]": "true"}) == ids(other) - {theirs["id"]}
    assert theirs["id"] not in ids(tenant, **{f"x.{text}": "7"})
    other.admin.patch(customer_at(theirs), {"x": None}, "*")
    other.admin.delete(f"{FIELDS}/{field['id']}", "*")


def test_the_portal_sees_none_of_it(tenant):
    field = tenant.free_field()
    own = tenant.portal_customer
    tenant.admin.patch(customer_at(own), {"x": {slot(field): "our opinion of him"}}, "*")
    portal = tenant.client("portal")
    assert "x" not in portal.get(customer_at(own)).json()
    assert "x" not in portal.list(CUSTOMERS)[0]
    for path, name in ((CUSTOMERS, f"x.{slot(field)}"), ("/v1/calls", f"customer.x.{slot(field)}")):
        assert faults(portal.get(path, params={name: "our opinion of him"}, expect=400), 400) == {name: "unknown"}
    export = portal.get(CUSTOMERS, headers={"Accept": "text/csv"}).text
    assert "opinion" not in export and f"x.{slot(field)}" not in export
    problem(portal.get(FIELDS, expect=403), 403)


def test_staff_reads_definitions_and_writes_values(tenant):
    field = tenant.free_field()
    operator = tenant.client("operator")
    assert operator.get(at(field)).json()["label"] == field["label"]
    problem(operator.patch(at(field), {"label": "Mine"}, "*", expect=403), 403)
    row = operator.post(CUSTOMERS, {"kind": "prospect", "name": "N", "x": {slot(field): "a"}}).json()
    assert [found["id"] for found in operator.list(CUSTOMERS, **{f"x.{slot(field)}": "a"})] == [row["id"]]


# Races.


def test_a_type_changes_while_values_are_written(tenant, database):
    """Either the type changes and no text is stored, or values are there and it stays: never both."""
    clients = [tenant.client(role) for role in ("operator", "dispatcher", "sales", "billing", "integration")]
    for client in clients:
        client.token()
    ended = {"changed": 0, "kept": 0}
    for turn in range(12):
        field = tenant.free_field()
        customers = [tenant.customer() for _ in clients]
        asks = [functools.partial(client.patch, customer_at(row), {"x": {slot(field): "text"}}, "*", expect=None)
                for client, row in zip(clients, customers)]
        asks.append(functools.partial(tenant.admin.patch, at(field), {"type": "number"}, "*", expect=None))
        answers = at_once(lambda ask: ask(), asks)
        kind = tenant.admin.get(at(field)).json()["type"]
        values = [tenant.admin.get(customer_at(row)).json()["x"].get(slot(field)) for row in customers]
        stored = [value for value in values if value is not None]
        assert answers[-1].status_code in (200, 409, 503), told(answers[-1])
        assert (answers[-1].status_code == 200) == (kind == "number")
        assert kind == "text" or not stored, (kind, stored)
        for answer, value in zip(answers, values):
            assert (answer.status_code == 200) == (value is not None), told(answer)
            assert answer.status_code in (200, 422, 503), told(answer)
        ended["changed" if kind == "number" else "kept"] += 1
        assert dangling(database, tenant) == []
        for row in customers:
            tenant.admin.patch(customer_at(row), {"x": None}, "*")
        tenant.admin.delete(at(field), "*")
        tenant.slots["customer"] -= 1
    assert sum(ended.values()) == 12


def test_a_choice_goes_while_it_is_written(tenant, database):
    operator = tenant.client("operator")
    for turn in range(10):
        field = tenant.free_field(type="choice", choices=CHOICES)
        row = tenant.customer()
        answers = at_once(lambda ask: ask(), [
            functools.partial(operator.patch, customer_at(row), {"x": {slot(field): "gold"}}, "*", expect=None),
            functools.partial(tenant.admin.patch, at(field), {"choices": CHOICES[1:]}, "*", expect=None)])
        codes = [choice["code"] for choice in tenant.admin.get(at(field)).json()["choices"]]
        value = tenant.admin.get(customer_at(row)).json()["x"].get(slot(field))
        assert value is None or value in codes, (told(answers[0]), told(answers[1]))
        tenant.admin.patch(customer_at(row), {"x": None}, "*")
        tenant.admin.delete(at(field), "*")
        tenant.slots["customer"] -= 1


# Erasure and merging.


def test_values_of_a_person_go_at_erasure(tenant, database, events):
    personal = tenant.free_field(personal=True)
    hidden = tenant.free_field(personal=True)
    plain = tenant.free_field()
    row = tenant.customer(x={slot(personal): "Likes opera", slot(hidden): "Plays golf", slot(plain): "A12"})
    change(tenant, hidden, active=False)
    erased = tenant.client("manager").act(customer_at(row), "anonymise").json()
    assert erased["x"] == {slot(plain): "A12"}
    event = events.last(row["id"], "customer.anonymised")
    assert event.data["x"] == {slot(plain): "A12"} and "x" in event.changed
    assert ids(tenant, **{f"x.{slot(personal)}": "likes opera"}) == set()
    assert ids(tenant, **{f"x.{slot(plain)}": "a12"}) == {row["id"]}
    stored = database.execute("select x::text as x from calls_data.customer where id = %s", [row["id"]]).fetchone()["x"]
    past = database.execute("select data::text as data from calls_data.change where resource_id = %s", [row["id"]]).fetchall()
    for word in ("opera", "golf"):
        assert word not in stored and not [change for change in past if word in change["data"]]


def test_merging_hands_over_what_the_other_lacks(tenant):
    one, two = tenant.free_field(), tenant.free_field()
    loser = tenant.customer(x={slot(one): "of the loser", slot(two): "also"})
    winner = tenant.customer(x={slot(one): "of the winner"})
    tenant.admin.act(customer_at(loser), "merge", {"into": winner["id"]})
    assert tenant.admin.get(customer_at(winner)).json()["x"] == {slot(one): "of the winner", slot(two): "also"}
    assert winner["id"] in ids(tenant, **{f"x.{slot(two)}": "also"})


# Copies: inventory keeps customers' values and definitions of its own.


@pytest.fixture
def copied(database, tenant):
    def terms(field):
        sql = "select owner_id::text as id, term from inventory_data.customer_free_term where tenant_id = %s and slot = %s"
        return {row["id"]: row["term"] for row in database.execute(sql, [tenant.id, field["slot"]]).fetchall()}

    return terms


def test_a_copy_finds_by_the_same_terms(tenant, database, copied, data):
    def ours(field):
        sql = "select owner_id::text as id, term from calls_data.customer_free_term where tenant_id = %s and slot = %s"
        return {row["id"]: row["term"] for row in database.execute(sql, [tenant.id, field["slot"]]).fetchall()}

    for field in data.fields.values():
        wait_for("the copy", lambda field=field: copied(field) == ours(field) and ours(field), 60)


def test_a_copy_follows_changes(tenant, copied, database):
    field = tenant.free_field(type="number")
    row = tenant.customer(x={slot(field): "5"})
    wait_for("the value", lambda: copied(field) == {row["id"]: f"{field['slot']:02}:p{5 * 10**6:024}"}, 60)
    change(tenant, field, active=False)
    kept = "select active from inventory_data.customer_free_field where id = %s"
    wait_for("the definition", lambda: database.execute(kept, [field["id"]]).fetchone()["active"] is False, 60)
    tenant.admin.patch(customer_at(row), {"name": "Changed meanwhile"}, "*")
    name = "select name from inventory_data.customer where id = %s"
    wait_for("the change", lambda: database.execute(name, [row["id"]]).fetchone()["name"] == "Changed meanwhile", 60)
    assert row["id"] in copied(field), "what is hidden is not lost"
    change(tenant, field, active=True)
    tenant.admin.patch(customer_at(row), {"x": None}, "*")
    wait_for("its removal", lambda: copied(field) == {}, 60)
    tenant.admin.delete(at(field), "*")
    wait_for("the definition's", lambda: database.execute(kept, [field["id"]]).fetchone() is None, 60)


# The gateway joins the definitions.


def joined(tenant, door=None, expect=200):
    client = tenant.admin.at(door.url) if door else tenant.admin
    return client.get("/v1/free-fields", expect=expect).json()


def test_the_gateway_joins_definitions(tenant, stack):
    """With calls alone: what is not installed is not missing."""
    tenant.free_field()
    definitions = tenant.admin.every(FIELDS, sort="slot")
    with gateway(stack, UPSTREAM_INVENTORY="") as door:
        answer = joined(tenant, door)
    assert answer["items"] == [{"owner": "customer"} | row for row in definitions]
    assert answer["parts"] == {"customer": len(definitions)} and answer["warnings"] is None


def test_a_part_that_fails_is_missing(tenant, stack):
    asset = {"id": new_id(), "slot": 1, "label": "Of assets", "type": "text", "active": True}
    body = {"answer": json.dumps({"items": [asset]}).encode(), "status": 200}
    silent = threading.Event()

    def answer(handler):
        if body["status"] is None:
            silent.wait(20)
        Upstream.say(handler, body["status"] or 200, body["answer"])

    upstream = Upstream(answer)
    with gateway(stack, UPSTREAM_INVENTORY=upstream.url) as door:
        both = joined(tenant, door)
        assert both["items"][-1] == {"owner": "asset"} | asset and both["parts"]["asset"] == 1 and both["warnings"] is None
        asked = upstream.requests[-1]
        assert asked.path.startswith("/v1/asset-free-fields?") and asked.headers["Authorization"].startswith("Bearer ey")
        for status, answered in ((503, b"{}"), (200, b"nonsense"), (200, b"{}"), (None, b"{}")):
            body.update(status=status, answer=answered)
            some = joined(tenant, door)
            assert some["parts"]["asset"] is None and some["parts"]["customer"] == len(some["items"]) > 0
            assert {item["owner"] for item in some["items"]} == {"customer"}
            assert [(w["code"], w["pointer"]) for w in some["warnings"]] == [("part-missing", "/parts/asset")], (status, answered)
        silent.set()
        upstream.stop()
        gone = joined(tenant, door)
        assert gone["parts"]["asset"] is None and len(gone["warnings"]) == 1
        problem(tenant.client("portal").at(door.url).get("/v1/free-fields", expect=403), 403)
        problem(Client(door.url).get("/v1/free-fields", expect=401), 401)


# What the document says.


def test_the_description_tells_where_definitions_are(description):
    listing = description.paths[CUSTOMERS]["get"]
    assert listing["x-free-fields"] == [{"prefix": "x", "definitions": FIELDS}]
    assert FIELDS in listing["description"]
    of_customer = {"prefix": "customer.x", "definitions": FIELDS}
    of_asset = {"prefix": "asset.x", "definitions": "/v1/asset-free-fields"}
    for path in ("/v1/charges", "/v1/sites", "/v1/contacts"):
        assert description.paths[path]["get"]["x-free-fields"] == [of_customer]
    for path in ("/v1/calls", "/v1/activities", "/v1/customers/{id}/calls"):
        assert description.paths[path]["get"]["x-free-fields"] == [of_customer, of_asset]
    assert description.paths["/v1/meters"]["get"]["x-free-fields"] == [of_asset]
    x = description.properties(description.body("POST", CUSTOMERS))["x"]
    assert x["additionalProperties"] is False and list(x["patternProperties"]) == ["^[1-9][0-9]?$"]
    assert "labels" in description.query(CUSTOMERS) and "labels" not in description.query("/v1/calls")
