"""One row of each collection that is not written as others are, so that resources.py has no body of it: path -> row."""
from support.client import new_id
from support.goods import move
from support.stack import wait_for
from support.transfer import announce, ended


def ours(tenant):
    """What the gateway and the platform keep for a tenant, whatever its services do."""
    admin = tenant.admin
    job = admin.post("/v1/tags/prints?fields=id", {}, expect=202).json()
    return {
        "/v1/accounts": tenant.client("manager").row,
        "/v1/clients": admin.post("/v1/clients", {"name": "ERP", "roles": ["integration"]}).json(),
        "/v1/saved-filters": admin.post("/v1/saved-filters", {"name": "Ours", "resource": "calls", "query": "priority=high",
                                                              "shared": True}).json(),
        "/v1/uploads": announce(admin, "tags", b"{}\n"),
        "/v1/jobs": ended(admin, job),
    }


def goods(tenant):
    """What movements, readings and levels make come to be."""
    admin, store = tenant.admin, tenant.warehouse()
    article = tenant.article(tracking="serial")
    movement = move(admin, "receipt", article, store, 1, serials=["S1"]).json()
    few = tenant.article()
    tenant.make("/v1/reorder-levels", {"article_id": few["id"], "warehouse_id": store["id"], "minimum": "2", "target": "4",
                                       "source": "purchase"})
    meter = tenant.make("/v1/meters", {"asset_id": tenant.asset()["id"], "code": "H", "label": "Hours", "unit": "h"})
    reading = {"meter_id": meter["id"], "value": "10", "at": "2026-03-01T08:00:00Z"}
    return {
        "/v1/movements": movement,
        "/v1/stock": admin.list("/v1/stock", article_id=article["id"])[0],
        "/v1/serials": admin.list("/v1/serials", article_id=article["id"])[0],
        "/v1/reorder-suggestions": admin.list("/v1/reorder-suggestions", article_id=few["id"])[0],
        "/v1/meter-readings": tenant.make("/v1/meter-readings", reading),
    }


def snapshot(tenant, service):
    path = f"/v1/services/{service}/snapshots"
    job = tenant.admin.post(path, {}).json()

    def done():
        row = tenant.admin.get(f"{path}/{job['id']}").json()
        return row if row["state"] != "running" else None

    return wait_for("the snapshot", done, 120)


def dead_letter(tenant, service, database):
    """One of a message that never was: what nobody can apply, no test can make every service consume."""
    path, letter = f"/v1/services/{service}/dead-letters", new_id()
    database.execute(f"insert into {service}_data.dead_letter (id, tenant_id, topic, kafka_partition, kafka_offset, headers, value, "
                     "error) values (%s, %s, %s, 0, 0, '{}', '{}', 'made up')", [letter, tenant.id, f"nowhere-{letter}"])
    return tenant.admin.get(f"{path}/{letter}").json()


def of_service(tenant, service, database):
    """What every service keeps of its own."""
    path = f"/v1/services/{service}"
    return {
        f"{path}/audit": tenant.admin.list(f"{path}/audit", limit=1)[0],
        f"{path}/snapshots": snapshot(tenant, service),
        f"{path}/dead-letters": dead_letter(tenant, service, database),
    }


def rows(tenant, stack, database):
    found = ours(tenant) | goods(tenant)
    for service in stack.services:
        found |= of_service(tenant, service, database)
    return found
