"""Lists: pages, cursors, filters with every operator, sorts, fields=, full text, exports."""
import base64
import csv
import io
import json
import threading

import pytest

from api.resources import BY_PATH, RESOURCES
from support.client import new_id, problem, told
from support.description import types_of

every_resource = pytest.mark.parametrize("resource", RESOURCES, ids=str)
ROWS = 12


class Rows(dict):
    """ROWS rows of each collection, made when they are asked for; a third of them sparse."""

    def __init__(self, tenant, description):
        super().__init__()
        self.tenant = tenant
        self.description = description

    def __missing__(self, path):
        resource = BY_PATH[path]
        self[path] = [
            resource.create(self.tenant, **sparse(resource, self.tenant, self.description) if number % 3 == 2 else {})
            for number in range(ROWS)
        ]
        return self[path]


@pytest.fixture(scope="module")
def rows(tenant, description):
    return Rows(tenant, description)


def sparse(resource, tenant, description):
    """Fields to leave out so that only the required ones stay."""
    required = set(description.body("POST", resource.path)["required"]) | resource.needs
    return {name: ... for name in resource.body(tenant) if name not in required}


@every_resource
def test_pages_hold_each_row_once(resource, tenant, rows, description):
    assert len(rows[resource.path]) == ROWS
    everything = {row["id"] for row in tenant.admin.every(resource.path, limit=500)}
    assert {row["id"] for row in rows[resource.path]} <= everything
    for sort in description.sorts(resource.path):
        for direction in ("", "-"):
            answer = tenant.admin.get(resource.path, params={"limit": 5, "sort": direction + sort})
            ids, pages = [], 1
            while True:
                body = answer.json()
                ids += [row["id"] for row in body["items"]]
                assert ("next" in answer.links) == ("next_cursor" in body)
                if "next" not in answer.links:
                    break
                assert len(body["items"]) == 5
                link = answer.links["next"]["url"]
                answer = tenant.admin.get(link.removeprefix(tenant.admin.base))
                by_cursor = tenant.admin.get(
                    resource.path, params={"limit": 5, "sort": direction + sort, "cursor": body["next_cursor"]}
                )
                assert by_cursor.json() == answer.json()
                pages += 1
            assert pages > 1
            assert len(ids) == len(set(ids)), f"{sort}: a row came twice"
            assert set(ids) == everything, f"{sort}: rows are missing"


@every_resource
def test_sorts_are_in_order(resource, tenant, rows, description):
    keys = {
        "priority": lambda row: ("critical", "high", "normal", "low").index(row["priority"]),
        "next_due_at": lambda row: row["next_due_at"] or "infinity",
        "planned_start": lambda row: row["planned_start"] or "infinity",
        "done_at": lambda row: row["done_at"] or "",
    }
    assert rows[resource.path] and description.sorts(resource.path)
    for sort in description.sorts(resource.path):
        key = keys.get(sort, lambda row, sort=sort: row[sort])
        up = [key(row) for row in tenant.admin.every(resource.path, sort=sort, limit=7)]
        down = [key(row) for row in tenant.admin.every(resource.path, sort=f"-{sort}", limit=7)]
        assert up == sorted(up), sort
        assert down == sorted(up, reverse=True), sort


def test_pages_are_stable_while_rows_come_and_go(tenant):
    """Every row that is there from beginning to end is listed exactly once, whatever happens to others."""
    customer = tenant.customer()
    stay = {tenant.site(customer, name=f"Stay {number:03}")["id"] for number in range(40)}
    go = [tenant.site(customer, name=f"Stay {number:03}b") for number in range(0, 40, 2)]
    stop = threading.Event()

    def churn():
        while not stop.is_set():
            come = tenant.site(customer, name="Stay 000a")
            tenant.admin.delete(f"/v1/sites/{come['id']}", come["version"])
            if go:
                row = go.pop()
                tenant.admin.delete(f"/v1/sites/{row['id']}", row["version"])

    other = tenant.client("dispatcher")
    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for _ in range(5):
            listed = [row["id"] for row in other.every("/v1/sites", customer_id=customer["id"], sort="name", limit=3)]
            assert len(listed) == len(set(listed))
            assert stay <= set(listed)
    finally:
        stop.set()
        thread.join()


@every_resource
def test_a_cursor_belongs_to_its_list(resource, tenant, rows, description):
    api = tenant.admin
    assert rows[resource.path]
    cursor = api.get(resource.path, params={"limit": 1}).json()["next_cursor"]
    api.get(resource.path, params={"limit": 3, "cursor": cursor})
    sorts = description.sorts(resource.path)
    others = [{"created_at[gte]": "2001-01-01T00:00:00Z"}]
    others += [{"sort": direction + sort} for sort in sorts for direction in ("", "-")]
    taken = [
        parameters
        for parameters in others
        if api.get(resource.path, params=parameters | {"cursor": cursor}, expect=None).status_code == 200
    ]
    assert len(taken) == 1 and "sort" in taken[0], "only the default sort, spelled out, takes the cursor"
    other = next(entry for entry in RESOURCES if entry is not resource)
    problem(api.get(other.path, params={"cursor": cursor, "limit": 1}, expect=400), 400, "bad-cursor")
    forged = base64.urlsafe_b64encode(json.dumps(["0", "x", new_id()]).encode()).decode().rstrip("=")
    for wrong in ("", "x", "!!", cursor[:-2], cursor + "A" * 8, forged, "a" * 5000):
        problem(api.get(resource.path, params={"cursor": wrong}, expect=400), 400)


@every_resource
def test_a_cursor_made_up(resource, tenant, rows, description):
    """The key of one's own in a cursor that is otherwise ours: where it is no value of the sort, it is no cursor of ours."""
    assert rows[resource.path]
    for sort in description.sorts(resource.path):
        page = tenant.admin.get(resource.path, params={"limit": 1, "sort": sort}).json()
        cursor = page["next_cursor"]
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        parts[1] = "no value' --"
        forged = base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")
        answer = tenant.admin.get(resource.path, params={"limit": 1, "sort": sort, "cursor": forged}, expect=None)
        if isinstance(page["items"][0].get(sort), str) and not sort.endswith(("_at", "_start")) and sort != "priority":
            assert answer.status_code == 200, told(answer)
        else:
            assert "errors" not in problem(answer, 400, "bad-cursor")


def test_parameters_of_the_page_come_once_and_plain(tenant, api):
    for query, wrong, code in (
        ("limit=1&limit=2", "limit", "duplicate"),
        ("sort=name&sort=-name", "sort", "duplicate"),
        ("limit[gte]=1", "limit[gte]", "operator"),
    ):
        told_wrong = problem(api.get(f"/v1/customers?{query}", expect=None), 400, "bad-query")["errors"]
        assert [(item["parameter"], item["code"]) for item in told_wrong] == [(wrong, code)]


def test_the_next_page_of_a_long_query(tenant, api):
    """Percent-encoded anew, a query may grow past what an address holds: then the cursor is told without the link."""
    customer = tenant.customer()
    for _ in range(2):
        tenant.site(customer)
    for length, linked in ((100, True), (7000, False)):
        query = f"limit=1&customer_id={customer['id']}&name[ne]=" + "!" * length
        answer = api.get(f"/v1/sites?{query}")
        assert ("next" in answer.links) == linked
        cursor = answer.json()["next_cursor"]
        assert len(api.get(f"/v1/sites?{query}&cursor={cursor}").json()["items"]) == 1


@every_resource
def test_bounds_of_limit(resource, tenant, rows):
    assert len(rows[resource.path]) == ROWS
    assert len(tenant.admin.list(resource.path, limit=1)) == 1
    assert len(tenant.admin.list(resource.path, limit=500)) >= ROWS
    for wrong in ("0", "501", "-1", "x", "", "1.5", "9" * 30, " 5", "+5", "5 "):
        answer = tenant.admin.get(resource.path, params={"limit": wrong}, expect=400)
        assert [item["parameter"] for item in problem(answer, 400, "bad-query")["errors"]] == ["limit"]


@every_resource
def test_unknown_parameters_are_named(resource, tenant):
    answer = tenant.admin.get(
        resource.path,
        params={"nonsense": 1, "sort": "nonsense", "id[contains]": "x", "created_at[zz]": "x", "created_at": "today"},
        expect=400,
    )
    named = {item["parameter"] for item in problem(answer, 400, "bad-query")["errors"]}
    assert {"nonsense", "sort", "created_at", "created_at[zz]"} <= named, told(answer)


# Tables of tenants' rows with no index by which the rows of a page are shown; of one row a tenant none is needed.
NOT_BY_ID = """
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = %s and c.relkind in ('r', 'p') and not c.relispartition
    and array['tenant_id', 'id']::name[] <@ array(select a.attname from pg_attribute a where a.attrelid = c.oid)
    and not exists (select from pg_index i, lateral (select array(select a.attname::text from pg_attribute a,
            unnest(i.indkey) with ordinality k(key, place) where a.attrelid = i.indrelid and a.attnum = k.key order by k.place) as columns) k
        where i.indrelid = c.oid and (k.columns[1] = 'id' or k.columns[:2] in ('{tenant_id}', '{tenant_id,id}')))"""


def test_rows_of_a_page_are_found_by_id(stack):
    with stack.connect() as database:
        for service in stack.services:
            assert database.execute(NOT_BY_ID, [f"{service}_data"]).fetchall() == []


@every_resource
def test_fields_trims(resource, tenant, rows):
    row = rows[resource.path][0]
    names = list(row)
    for wanted in (["id"], ["id", "version"], ["created_at", resource.text], names[::2], names[1::2]):
        got = tenant.admin.list(resource.path, id=row["id"], fields=",".join(wanted))
        assert got == [{name: row[name] for name in got[0]}]
        assert set(got[0]) == set(wanted)
    for wrong, code in (("id,nonsense", "unknown"), ("id,,version", "unknown"), ("", "length")):
        answer = tenant.admin.get(resource.path, params={"fields": wrong}, expect=400)
        assert [(item["parameter"], item["code"]) for item in problem(answer, 400)["errors"]] == [("fields", code)]


OPERATORS = {
    "": lambda value, wanted: value == wanted,
    "ne": lambda value, wanted: value != wanted,
    "lt": lambda value, wanted: value is not None and value < wanted,
    "lte": lambda value, wanted: value is not None and value <= wanted,
    "gt": lambda value, wanted: value is not None and value > wanted,
    "gte": lambda value, wanted: value is not None and value >= wanted,
    "prefix": lambda value, wanted: value is not None and value.startswith(wanted),
    "contains": lambda value, wanted: value is not None and wanted.lower() in value.lower(),
}


@every_resource
def test_filters_on_fields_with_every_operator(resource, tenant, rows, description):
    """Each declared filter that is a field of the row, with each declared operator, against the same done here."""
    assert rows[resource.path]
    everything = {row["id"]: row for row in tenant.admin.every(resource.path, limit=500)}
    properties = description.row(resource.path)
    tried = 0
    for name, operator, schema in description.filters(resource.path):
        if name not in properties:
            continue
        values = [row[name] for row in everything.values()]
        known = [value for value in values if value is not None]
        if operator == "empty":
            for word, wanted in (("true", True), ("false", False)):
                expected = {key for key, row in everything.items() if (row[name] is None) == wanted}
                assert ids_of(tenant, resource, f"{name}[empty]", word) == expected, name
            tried += 1
            continue
        if not known:
            continue
        if operator == "in":
            wanted = sorted(set(map(spelled, known)))[:2]
            wanted = [value for value in wanted if "," not in value] or wanted[:1]
            if any("," in value for value in wanted):
                continue
            expected = {key for key, row in everything.items() if row[name] is not None and spelled(row[name]) in wanted}
            assert ids_of(tenant, resource, f"{name}[in]", ",".join(wanted)) == expected, name
            tried += 1
            continue
        middle = sorted(known, key=str)[len(known) // 2]
        sent = spelled(middle)
        if operator in ("prefix", "contains"):
            sent = sent[:3] if operator == "prefix" else sent[1:4].upper()
            expected = {key for key, row in everything.items() if OPERATORS[operator](row[name], sent)}
        else:
            expected = {key for key, row in everything.items() if OPERATORS[operator](row[name], middle)}
        parameter = f"{name}[{operator}]" if operator else name
        assert ids_of(tenant, resource, parameter, sent) == expected, (parameter, sent)
        tried += 1
    assert tried > 10


def spelled(value):
    return value if isinstance(value, str) else json.dumps(value)


def ids_of(tenant, resource, parameter, value):
    return {row["id"] for row in tenant.admin.every(resource.path, limit=500, **{parameter: value})}


@every_resource
def test_wrong_values_of_filters_are_named(resource, tenant, description):
    """A value that is none of the type is refused, by name, whatever the operator."""
    for name, operator, schema in description.filters(resource.path):
        items = schema.get("items", schema)
        kinds = types_of(items)
        typed = items.get("format") in ("uuid", "date", "date-time") or "enum" in items or kinds & {"integer", "boolean"}
        if not typed or schema.get("type") == "array":
            continue
        parameter = f"{name}[{operator}]" if operator else name
        answer = tenant.admin.get(resource.path, params={parameter: "no such value"}, expect=400)
        assert [item["parameter"] for item in problem(answer, 400, "bad-query")["errors"]] == [parameter]


def test_wildcards_are_letters(tenant):
    tenant.customer(name="100% cotone")
    tenant.customer(name="100 cotone")
    tenant.customer(name="a_b\\c")
    tenant.customer(name="aXb\\c")
    names = lambda **filters: {row["name"] for row in tenant.admin.list("/v1/customers", **filters)}  # noqa: E731
    assert names(**{"name[prefix]": "100%"}) == {"100% cotone"}
    assert names(**{"name[contains]": "a_b"}) == {"a_b\\c"}
    assert names(**{"name[contains]": "b\\c"}) == {"a_b\\c", "aXb\\c"}
    assert names(name="' or true --") == set()


def test_filters_are_joined_by_and(tenant):
    here = tenant.customer(name="Joined", address={"city": "Lecco", "province": "LC"}, tags=["one", "two"])
    tenant.customer(name="Joined", address={"city": "Como", "province": "CO"}, tags=["one"])
    found = tenant.admin.list("/v1/customers", name="Joined", city="Lecco", tag="two")
    assert [row["id"] for row in found] == [here["id"]]
    both = {"created_at[gte]": here["created_at"], "created_at[lte]": here["created_at"], "name": "Joined"}
    assert here["id"] in {row["id"] for row in tenant.admin.list("/v1/customers", **both)}


def test_customers_by_phone_and_email_of_anyone(tenant):
    customer = tenant.customer(phones=[{"raw": "06 6982"}])
    site = tenant.site(customer, phones=[{"raw": "0039 02 7600 1234"}])
    tenant.contact(customer, site_id=site["id"], phones=[{"raw": "333 123 4567"}], emails=[{"address": "Ugo@Foscolo.example"}])
    find = lambda **filters: [row["id"] for row in tenant.admin.list("/v1/customers", **filters)]  # noqa: E731
    assert find(phone="+390276001234") == [customer["id"]]
    assert find(phone="+393331234567") == [customer["id"]]
    assert find(email="ugo@foscolo.example") == [customer["id"]]
    assert find(phone="+390000000000") == []


@pytest.mark.parametrize(
    "words, found",
    [("cave", True), ("CAVA", True), ("nord", True), ("cave -nord", False), ('"del nord"', True), ("mare", False)],
)
def test_full_text(tenant, words, found):
    """Stems of Italian and English, web search syntax."""
    if not tenant.admin.list("/v1/customers", external_ref="full-text"):
        tenant.customer(name="Cave del Nord Riunite", external_ref="full-text")
    rows = tenant.admin.list("/v1/customers", q=words, external_ref="full-text")
    assert bool(rows) == found


@pytest.mark.parametrize("words", ["'", '"', "(", "a & | !", "\\", "%", ":*", "-", "or", "\u0301", "x" * 5000])
def test_full_text_takes_anything(tenant, words):
    tenant.admin.get("/v1/customers", params={"q": words})


def test_lists_below_a_customer(tenant):
    one, two = tenant.customer(), tenant.customer()
    sites = {tenant.site(one)["id"] for _ in range(3)}
    tenant.site(two)
    contact = tenant.contact(one)
    api = tenant.admin
    assert {row["id"] for row in api.every(f"/v1/customers/{one['id']}/sites", limit=2)} == sites
    assert api.list(f"/v1/customers/{one['id']}/contacts") == [contact]
    assert api.list(f"/v1/customers/{one['id']}/sites", sort="-name", limit=1)
    problem(api.get("/v1/customers/no-id/sites", expect=404), 404)


@every_resource
def test_exports_equal_the_list(resource, tenant, rows):
    assert rows[resource.path]
    everything = tenant.admin.every(resource.path, limit=500)
    answer = tenant.admin.get(resource.path, headers={"Accept": "application/x-ndjson"})
    assert answer.headers["Content-Type"].startswith("application/x-ndjson")
    name = resource.path.rsplit("/", 1)[1]
    assert answer.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{name}.ndjson"
    assert [json.loads(line) for line in answer.text.splitlines()] == everything
    answer = tenant.admin.get(resource.path, headers={"Accept": "text/csv"})
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{name}.csv"
    table = list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
    slots = [field["slot"] for field in tenant.admin.every("/v1/customer-free-fields", active="true")]
    columns = [free_columns(row, slots) for row in everything]
    assert list(table[0]) == list(columns[0])
    assert [
        {name: spelled_cell(value) for name, value in row.items()} for row in columns
    ] == [{name: cell_again(cell) for name, cell in row.items()} for row in table]
    filtered = tenant.admin.get(
        resource.path, params={"id": everything[0]["id"], "fields": "id,version"}, headers={"Accept": "text/csv"}
    )
    assert filtered.text == f"id,version\r\n{everything[0]['id']},{everything[0]['version']}\r\n"


def free_columns(row, slots):
    """A row as CSV has it: its free fields have a column each."""
    columns = {}
    for name, value in row.items():
        columns |= {f"x.{slot}": value.get(str(slot)) for slot in slots} if name == "x" else {name: value}
    return columns


def spelled_cell(value):
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)


def cell_again(cell):
    """A cell that holds JSON, with its keys in order; others as they are."""
    if cell[:1] in "[{":
        try:
            return json.dumps(json.loads(cell), sort_keys=True, ensure_ascii=False)
        except ValueError:
            pass
    return cell


def test_the_form_that_weighs_most(tenant):
    api = tenant.admin
    for accept, form in (
        ("text/csv;q=0.5, application/x-ndjson", "application/x-ndjson"),
        ("application/json;q=0.9, text/csv", "text/csv; charset=utf-8"),
        ("text/csv;q=0, application/json", "application/json"),
        ("text/csv;q=0.5, application/json", "application/json"),
        ("text/*", "text/csv; charset=utf-8"),
        ("text/html, */*;q=0.8", "application/json"),
    ):
        answer = api.get("/v1/customers", params={"limit": 1}, headers={"Accept": accept})
        assert answer.headers["Content-Type"] == form, accept


def test_an_empty_export(tenant):
    nothing = {"external_ref": "nothing has this"}
    api = tenant.admin
    assert api.get("/v1/customers", params=nothing, headers={"Accept": "application/x-ndjson"}).text == ""
    assert api.get("/v1/customers", params=nothing, headers={"Accept": "text/csv"}).text.count("\r\n") == 1


def test_a_long_export_is_whole(tenant):
    """More rows than one read takes, each once, in order."""
    customer = tenant.customer()
    lines = [{"customer_id": customer["id"], "last_name": f"Export {number:04}"} for number in range(1500)]
    for start in range(0, len(lines), 500):
        assert {result["result"] for result in tenant.admin.ndjson("/v1/contacts/bulk", lines[start : start + 500])} == {"created"}
    path = f"/v1/customers/{customer['id']}/contacts"
    answer = tenant.admin.get(path, params={"sort": "last_name"}, headers={"Accept": "application/x-ndjson"})
    names = [json.loads(line)["last_name"] for line in answer.text.splitlines()]
    assert names == [line["last_name"] for line in lines]
