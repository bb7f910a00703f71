"""Each function, view and trigger of a schema is as one file says, and no other: functions/ as they are, schema/ what tables need."""
import re

import pytest
from support.stack import ROOT, SERVICES

PLATFORM = ROOT / "libs/common/platform"

DEFINED = """
    select p.oid::regprocedure::text as name, pg_get_functiondef(p.oid) as says, p.xmin::text as changed_by,
        p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as held_as
    from pg_proc p where p.pronamespace::regnamespace::text = any (%(schemas)s)
    union all
    select 'trigger ' || t.tgname || ' on ' || t.tgrelid::regclass, pg_get_triggerdef(t.oid), t.xmin::text, null
    from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where not t.tgisinternal and c.relnamespace::regnamespace::text = any (%(schemas)s)
    union all
    select 'view ' || r.ev_class::regclass, pg_get_viewdef(r.ev_class), r.xmin::text, null
    from pg_rewrite r join pg_class c on c.oid = r.ev_class and c.relkind = 'v'
    where c.relnamespace::regnamespace::text = any (%(schemas)s)
        and to_regclass(format('%%I.%%I', c.relnamespace::regnamespace || '_data', c.relname)) is null -- a table's own
"""

# What indexes, generated columns and checks hold, of any service: the platform's are not needed by all of them.
HELD = """
    select distinct p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name
    from pg_depend d join pg_proc p on d.refclassid = 'pg_proc'::regclass and p.oid = d.refobjid
    where d.classid in ('pg_class'::regclass, 'pg_attrdef'::regclass, 'pg_constraint'::regclass)
"""


def files(service, *kinds):
    """Of the platform and a service, in the order in which they come."""
    folders = [PLATFORM / kind for kind in kinds] + [ROOT / "services" / service / kind for kind in kinds]
    return [path for folder in folders for path in sorted(folder.glob("*.sql"))]


def made_for_tables(service):
    """Patterns of the makers of tables, and of what is made for each owner of free fields."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in files(service, "schema", "migrations")).replace("{service}", service)
    functions = re.findall(r"create (?:or replace )?function ([\w.{}]+) ?\(", text)
    triggers = re.findall(r"create trigger (\w+) .*? on ([\w.{}]+)", text)
    names = [re.escape(name) + r"\(.*\)" for name in functions if name.startswith(f"{service}_data.") or "{owner}" in name]
    names += [f"trigger {name} on {re.escape(table)}" for name, table in triggers if "{owner}" in table]
    return [re.compile(name.replace(r"\{owner\}", r"\w+")) for name in names]


def defined(connection, service):
    connection.execute("set search_path = ''")  # names are told whole
    return {row["name"]: row for row in connection.execute(DEFINED, {"schemas": [service, f"{service}_data"]})}


def applied(connection, service, path):
    """What is defined by a file, as it is where the file was applied once more, by itself; bodies are looked into."""
    with connection.transaction(force_rollback=True):
        connection.execute(f"set local role {service}_owner")
        connection.execute(f"set local search_path = {service}_data, {service}, base")
        connection.execute("set local lock_timeout = '5s'")
        connection.execute(path.read_text(encoding="utf-8").replace("{service}", service).encode())
        mine = connection.execute("select pg_current_xact_id()::xid::text as id").fetchone()["id"]
        return {name: row["says"] for name, row in defined(connection, service).items() if row["changed_by"] == mine}


@pytest.mark.parametrize("service", SERVICES)
def test_each_is_in_one_file(service, stack):
    with stack.connect() as connection:
        before = defined(connection, service)
        found, faults = {}, []
        for path in files(service, "functions"):
            says = applied(connection, service, path)
            assert says, f"{path}: nothing is defined by it"
            for name, text in says.items():
                if name in found:
                    faults.append(f"{name} is both in {found[name]} and {path}")
                if name not in before or before[name]["says"] != text:
                    faults.append(f"{name} is another than {path} says: a migration made it")
                found[name] = path
        held = {row["name"] for row in connection.execute(HELD)}
    others = [name for name in before if name not in found and before[name]["held_as"] not in held]
    made = made_for_tables(service)
    faults += [f"{name} is in no file of functions, and no table needs it" for name in others
               if not any(pattern.fullmatch(name) for pattern in made)]
    assert not faults, "\n".join(faults)
    assert len(found) > 30 and len(others) > 5
