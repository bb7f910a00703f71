"""Who was erased is found nowhere: the text of every row of every table of every service is searched for him."""
from support.client import problem
from support.goods import move
from support.stack import wait_for

PATH = "/v1/customers"

# What only he has, as it may stand in a row: folded or not, in a line of text or among the words of a search.
WORDS = ("zaccaria", "ottoboni", "zttbnn70a01f205x", "3489991234", "348 9991234", "via dei tigli", "erasable.example")

# What goes by itself within days (docs/retention.md).
PASSING = "('idempotency', 'upload', 'part', 'job', 'job_error', 'dead_letter')"


def places(database, words, tenant):
    """Each table and column of a tenant's rows in which one of the words stands, however it is spelled."""
    sql = f"""select c.table_schema, c.table_name from information_schema.columns c join information_schema.tables t
        using (table_schema, table_name) where c.column_name = 'tenant_id' and t.table_type = 'BASE TABLE'
        and c.table_schema ~ '_data$' and c.table_name !~ '^change_(default|[0-9])' and c.table_name not in {PASSING}"""
    found = []
    for table in database.execute(sql).fetchall():
        name = f"{table['table_schema']}.{table['table_name']}"
        rows = database.execute(
            f"select e.key, e.value from {name} t, jsonb_each_text(to_jsonb(t)) e "
            "where t.tenant_id = %s and e.value ilike any (%s)", [tenant.id, [f"%{word}%" for word in words]]).fetchall()
        found += sorted({f"{name}.{row['key']}: {row['value']}" for row in rows})
    return found


def person(tenant, **fields):
    """A natural person with all that names him, and a place and a contact of his that inventory knows."""
    made = tenant.customer(person=True, name="Zaccaria Ottoboni", name2="di Zaccaria", tax_code="ZTTBNN70A01F205X",
        pec="pec@erasable.example", phones=[{"raw": "348 9991234"}], emails=[{"address": "z@erasable.example"}],
        address={"street": "Via dei Tigli 7", "city": "Bergamo", "country": "IT"}, **fields)
    site = tenant.site(made, phones=[{"raw": "348 9991234"}], address={"street": "Via dei Tigli 7", "city": "Bergamo"})
    contact = tenant.contact(made, first_name="Zaccaria", last_name="Ottoboni", emails=[{"address": "z@erasable.example"}])
    return tenant.copied(made, "customer"), tenant.copied(site, "site"), contact


def use(tenant, made, site, contact, heir, heir_site, part, store):
    """Makes of a person all that the services know how to make of a customer, some of it passed on to another since."""
    caller = {"name": "Zaccaria Ottoboni", "phone": "348 9991234", "email": "z@erasable.example"}
    model = tenant.model()
    here = {"customer_id": made["id"], "site_id": site["id"], "installed_on": "2026-02-01"}
    kept, sold = (tenant.asset(model, **here) for _ in range(2))
    lent = tenant.asset(model, owner_customer_id=made["id"])
    tenant.admin.act(f"/v1/assets/{sold['id']}", "move",
        {"customer_id": heir["id"], "site_id": heir_site["id"], "on": "2026-03-01", "reason": "sold"})
    call = tenant.call(made, site_id=site["id"], contact_id=contact["id"], caller=caller)
    passed = tenant.call(made, caller=caller)
    tenant.admin.patch(f"/v1/calls/{passed['id']}", {"customer_id": heir["id"]}, "*")
    activity = tenant.copied(tenant.activity(call), "activity")
    tenant.activity(customer_id=made["id"])
    tenant.charge(call)
    ship_to = {"name": "Zaccaria Ottoboni", "street": "Via dei Tigli 7", "city": "Bergamo"}
    lines = [{"article_id": kept["article_id"], "serial": kept["serial"]}]
    rma = tenant.admin.post("/v1/rmas", {"kind": "customer_repair", "customer_id": made["id"], "ship_to": ship_to, "lines": lines}).json()
    tenant.admin.act(f"/v1/rmas/{rma['id']}", "authorise")
    move(tenant.admin, "receipt", part, store, 5)
    for party in ({"customer_id": made["id"].upper()}, {"customer_id": made["id"], "name": "Zaccaria Ottoboni", "address": ship_to}):
        paper = {"direction": "out", "reason": "sale", "party": party, "destination": ship_to, "warehouse_id": store["id"],
            "lines": [{"article_id": part["id"], "quantity": "1"}]}
        tenant.admin.post("/v1/transport-documents", paper)
    tenant.admin.post("/v1/movements", {"kind": "issue", "article_id": part["id"], "warehouse_id": store["id"], "quantity": "1",
        "activity_id": activity["id"]})
    return [call["id"], passed["id"], kept["id"], sold["id"], lent["id"], rma["id"]]


def forgotten(database, *ids):
    """Inventory heard that they were erased."""
    sql = "select count(*) as n from inventory_data.customer where id = any (%s) and name = 'anonymised'"
    wait_for("the end of the name", lambda: database.execute(sql, [list(ids)]).fetchone()["n"] == len(ids), 60)


def test_who_was_erased_is_found_nowhere(tenant, database, part, store, events):
    heir, heir_site = tenant.place(name="Anna Verdi")
    made, site, contact = person(tenant)
    use(tenant, made, site, contact, heir, heir_site, part, store)
    double, double_site, double_contact = person(tenant)
    use(tenant, double, double_site, double_contact, heir, heir_site, part, store)
    # Neither is the one: both are candidates of a call that is nobody's.
    nobodys = tenant.quick_call(name="Zaccaria Ottoboni", phone="348 9991234")
    assert len(nobodys["match"]["candidates"]) == 2
    services = {place.split(".")[0] for place in places(database, WORDS, tenant)}
    assert services == {"calls_data", "inventory_data"}
    manager = tenant.client("manager")
    manager.act(f"{PATH}/{double['id']}", "merge", {"into": made["id"]})
    manager.act(f"{PATH}/{made['id']}", "anonymise")
    assert manager.get(f"{PATH}/{double['id']}").json()["name"] == "anonymised"
    assert events.last(double["id"], "customer.anonymised").data["name"] == "anonymised"
    read = manager.get(f"/v1/calls/{nobodys['id']}").json()
    assert (read["caller"], read["match"]["candidates"]) == (None, [])
    forgotten(database, made["id"], double["id"])
    assert places(database, WORDS, tenant) == []


def test_nothing_of_others_is_erased(tenant, database, part, store):
    """Nor of a call or a machine that is another's by now: who called then, and what was told of it since."""
    heir, heir_site = tenant.place(name="Anna Verdi", phones=[{"raw": "035 777888"}])
    made, site, contact = person(tenant)
    call, passed, kept, sold, lent, rma = use(tenant, made, site, contact, heir, heir_site, part, store)
    manager = tenant.client("manager")
    hers = {"name": "Anna Verdi", "phone": "035 777888", "email": None}
    manager.patch(f"/v1/calls/{passed}", {"caller": hers}, "*")
    manager.act(f"{PATH}/{made['id']}", "anonymise")
    read = manager.get(f"/v1/calls/{passed}").json()
    assert (read["caller"]["name"], read["customer"]["name"]) == ("Anna Verdi", "Anna Verdi")
    assert manager.get(f"/v1/calls/{call}").json()["caller"] is None
    forgotten(database, made["id"])
    assert places(database, WORDS, tenant) == []
    sql = """select data -> 'customer' ->> 'name' as customer, data -> 'caller' ->> 'name' as caller from {}_data.change
        where resource_id = %s order by id"""
    told = [(row["customer"], row["caller"]) for row in database.execute(sql.format("calls"), [passed]).fetchall()]
    assert told == [("anonymised", None), ("Anna Verdi", None), ("Anna Verdi", "Anna Verdi")]
    told = [row["customer"] for row in database.execute(sql.format("inventory"), [sold]).fetchall()]
    assert told == ["anonymised", "Anna Verdi"]
    read = manager.get(f"/v1/rmas/{rma}").json()
    assert read["ship_to"] == {"city": "Bergamo"} and read["customer"]["name"] == "anonymised"
    papers = manager.list("/v1/transport-documents", **{"party.customer_id": made["id"]})
    assert [paper["party"].get("name") for paper in papers] == [None, None]
    assert [paper["destination"] for paper in papers] == [{"city": "Bergamo"}] * 2


def test_who_was_merged_is_erased_with_the_one_that_stayed(tenant):
    gone, stays = tenant.customer(), tenant.customer()
    manager = tenant.client("manager")
    manager.act(f"{PATH}/{gone['id']}", "merge", {"into": stays["id"]})
    problem(manager.act(f"{PATH}/{gone['id']}", "anonymise", expect=None), 409, "conflict")
    for _ in range(2):  # who is erased already is erased
        assert manager.act(f"{PATH}/{stays['id']}", "anonymise").json()["name"] == "anonymised"
