"""Two companies on one system: neither sees, changes or names what is the other's."""
import re

import psycopg
import pytest

from api import resources_beside
from api.resources import RESOURCES
from support.client import new_id, problem, told
from support.description import PLATFORMS
from support.stack import SERVICES

every_resource = pytest.mark.parametrize("resource", RESOURCES, ids=str)


@pytest.fixture(scope="module")
def known(tenant):
    """One row of each collection of the first tenant."""
    return {resource.path: resource.create(tenant) for resource in RESOURCES}


@pytest.fixture(scope="module")
def beside(tenant, stack, database, known):
    """And of each that is not written like these; behind them, for a snapshot tells of what is there."""
    return resources_beside.rows(tenant, stack, database)


def example_of(description, method, path):
    """A body that the description says is right."""
    content = description.resolve(description.paths[path][method.lower()].get("requestBody", {})).get("content", {})
    entry = content.get("application/json") or content.get("application/merge-patch+json") or {}
    if path == "/v1/activities/{id}/sessions":
        return {"technician_id": new_id(), "kind": "work", "started_at": "2026-03-01T08:00:00Z"}
    return entry.get("example", {})


def test_no_operation_reaches_the_other_tenants_rows(description, known, beside, other):
    """Every operation with an id in its path, called for a row that is there, but not for this caller: 404."""
    tried = 0
    for method, path, _ in description.operations():
        if "{id}" not in path or path.startswith(PLATFORMS):
            continue
        row = (known | beside)[path.split("/{")[0]]
        actual = re.sub(r"{\w+_id}", new_id(), path.replace("{id}", row["id"]).replace("{number}", "1"))
        query = {"file_name": "a.txt"} if (method, path.split("/")[-1]) == ("POST", "attachments") else {}
        body = example_of(description, method, path)
        headers = {"If-Match": "*"} if method in ("PATCH", "DELETE") else {}
        answer = other.admin.request(method, actual, headers=headers, params=query,
                                     json=body if method not in ("GET", "DELETE") else None)
        if method == "GET" and answer.status_code == 200:
            assert answer.json()["items"] == [], told(answer)
        else:
            assert answer.status_code == 404, told(answer)
        tried += 1
    assert tried > 40


def test_rows_beside_are_as_they_were_and_shown_to_nobody_else(beside, tenant, other):
    for path, row in beside.items():
        assert tenant.admin.get(f"{path}/{row['id']}").json().get("version") == row.get("version"), path
        assert row["id"] not in other.admin.get(path, params={"limit": 500}).text
        assert other.admin.list(path, id=row["id"]) == []


@every_resource
def test_the_row_is_as_it_was(resource, known, tenant):
    """After all those refusals nothing has changed."""
    row = known[resource.path]
    assert tenant.admin.get(f"{resource.path}/{row['id']}").json()["version"] == row["version"]


@every_resource
def test_lists_searches_and_exports_show_none_of_it(resource, known, other):
    row = known[resource.path]
    for headers in ({}, {"Accept": "application/x-ndjson"}, {"Accept": "text/csv"}):
        answer = other.admin.get(resource.path, params={"limit": 500} if not headers else {}, headers=headers)
        assert row["id"] not in answer.text
    for filters in ({"id": row["id"]}, {"external_ref": row.get("external_ref")}, {"created_at": row["created_at"]}):
        assert other.admin.list(resource.path, **filters) == []


def test_searching_words_finds_only_own(tenant, other):
    tenant.customer(name="Unverwechselbar GmbH")
    assert tenant.admin.list("/v1/customers", q="unverwechselbar")
    assert other.admin.list("/v1/customers", q="unverwechselbar") == []


@every_resource
def test_naming_the_other_tenants_rows(resource, known, other):
    """An id of the other tenant is as unknown as one that never was."""
    body = resource.body(other)
    of = {"customer_id": "/v1/customers", "bill_to_id": "/v1/customers", "site_id": "/v1/sites", "contact_id": "/v1/contacts",
          "call_id": "/v1/calls", "activity_id": "/v1/activities", "parent_id": resource.path}
    for name in body.keys() & of.keys():
        answer = other.admin.post(resource.path, body | {name: known[of[name]]["id"]}, expect=422)
        refused = problem(answer, 422, "unknown-reference")
        assert refused["errors"][0]["pointer"] == f"/{name}", told(answer)


@every_resource
def test_the_same_keys_in_both(resource, tenant, other):
    """Ids, codes and external references are unique within a tenant, not across."""
    made = new_id()
    mine = resource.create(tenant, id=made)
    same = {name: mine[name] for name in ("code", "external_ref") if mine.get(name)}
    theirs = resource.create(other, id=made, **same)
    assert theirs["id"] == mine["id"]
    resource_item = f"{resource.path}/{made}"
    other.admin.patch(resource_item, {resource.text: "theirs"}, theirs["version"])
    assert tenant.admin.get(resource_item).json()[resource.text] == mine[resource.text]


def test_events_carry_their_tenant(known, tenant, events):
    for row in known.values():
        for event in events.wait(row["id"]):
            assert event.tenant == tenant.id
            assert event.key.startswith(f"{tenant.id}/")


@pytest.mark.parametrize("service", SERVICES)
def test_the_runtime_role_sees_no_base_table(service, stack):
    with stack.connect() as superuser, stack.connect(service) as runtime:
        tables = superuser.execute(
            "select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "where n.nspname = %s and relkind in ('r', 'p')",
            [f"{service}_data"],
        ).fetchall()
        assert len(tables) > 10
        for table in tables:
            for statement in ("select 1 from {}", "delete from {}", "insert into {} default values", "truncate {}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    runtime.execute(statement.format(f'{service}_data."{table["relname"]}"'))


TABLES_BEHIND = """
select c.relname from pg_rewrite r join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
join pg_class c on d.refclassid = 'pg_class'::regclass and c.oid = d.refobjid
where r.ev_class = %s and c.relkind in ('r', 'p')"""


@pytest.mark.parametrize("service", SERVICES)
def test_views_show_and_take_only_the_tenant_set(service, stack, tenant, other, known):
    """With the runtime role's own connection: every view, read and written across tenants."""
    with stack.connect() as superuser, stack.connect(service) as runtime:
        views = superuser.execute(
            "select c.oid, c.relname, "
            "exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') as keyed "
            "from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = %s and relkind = 'v'",
            [service],
        ).fetchall()
        assert views
        for view in views:
            name = f'{service}."{view["relname"]}"'
            if not superuser.execute(
                "select has_table_privilege(%s, %s, 'select') as may", [service, name]
            ).fetchone()["may"]:
                continue
            if not view["keyed"]:  # then it reads such views only
                assert not superuser.execute(TABLES_BEHIND, [view["oid"]]).fetchall(), name
                continue
            with pytest.raises(psycopg.errors.UndefinedObject):
                with stack.connect(service) as fresh:  # no tenant set: nothing, not everything
                    fresh.execute(f"select 1 from {name}")
            with runtime.transaction():
                runtime.execute("select set_config('app.tenant', %s, true)", [other.id])
                mine = runtime.execute(
                    f"select count(*) as n from {name} where tenant_id <> %s", [other.id]
                ).fetchone()
                assert mine["n"] == 0, name


def test_no_row_can_be_put_into_another_tenant(stack, tenant, other):
    row = tenant.customer()
    with stack.connect("calls") as runtime:

        def as_other(statement, *values):
            with runtime.transaction():
                runtime.execute("select set_config('app.tenant', %s, true)", [other.id])
                return runtime.execute(statement, values)

        with pytest.raises(psycopg.errors.WithCheckOptionViolation):
            as_other("insert into tag (tenant_id, id, code, label, active) values (%s, %s, 'x', 'x', true)",
                     tenant.id, new_id())
        own = other.customer(code=f"X{new_id()[-12:]}")
        with pytest.raises(psycopg.errors.WithCheckOptionViolation):
            as_other("update customer set tenant_id = %s where id = %s", tenant.id, own["id"])
        assert as_other("update customer set name = 'stolen' where id = %s", row["id"]).rowcount == 0
        assert as_other("delete from customer where id = %s", row["id"]).rowcount == 0
        assert as_other("select 1 from customer where id = %s", row["id"]).fetchone() is None
    assert tenant.admin.get(f"/v1/customers/{row['id']}").json() == row


def test_the_role_cannot_raise_itself(stack):
    with stack.connect("calls") as runtime:
        for statement in ("set role calls_owner", "set role calls_worker", "set role postgres", "create table calls.x ()",
                          "alter role calls superuser", "create function calls.x() returns int language sql as 'select 1'",
                          "select pg_read_file('/etc/passwd')", "copy (select 1) to program 'true'"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                runtime.execute(statement)
