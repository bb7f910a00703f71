"""The 5,485 work orders by ./aftercare import, through the gateway; 100,000 articles and 1,000,000 meter readings as jobs."""
import json
import pathlib
import shutil
import statistics
import tempfile
import time

from catalogue import sql_of
from figures import at_least, at_most
from load import output_of
from stack import ROOT, SHORT, STACK, rows, tenant_new
from support.transfer import ended, imported

FILE = ROOT / "deploy/demo/data/excavators.csv"
ROUNDS = 1 if SHORT else 3
ARTICLES, READINGS, READINGS_BY_DAY, METERS = rows(100_000), rows(1_000_000), rows(100_000), rows(2000)
JOB_SECONDS = 3600


def work_orders():
    output_of([ROOT / "deploy/demo/seed"])
    found = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            # The file's name is part of what tells a work order from others: another name, and all of them are new.
            file = shutil.copy(FILE, pathlib.Path(folder) / f"{time.time_ns()}.csv")
            start = time.perf_counter()
            told = output_of([STACK.command, "import", "--data", STACK.state, file]).splitlines()[-1]
        found.append({"seconds": round(time.perf_counter() - start, 2), "told": told})
    return found


def import_rate(tenant, collection, lines, media_type):
    """Lines a second, from the first byte up to the end of the job."""
    start = time.perf_counter()
    job = ended(tenant.admin, imported(tenant.admin, collection, "".join(lines).encode(), media_type), JOB_SECONDS)
    took = time.perf_counter() - start
    if job["state"] != "done" or job["outcome"]["created"] != len(lines) - (media_type == "text/csv"):
        raise RuntimeError(f"the import of {collection} ended so: {job}")
    return round(job["done"] / took)


def articles():
    yield "code,kind,description,uom,stocked,standard_cost\n"
    for number in range(ARTICLES):
        yield f"P{number:06},part,Part {number} of a machine,pcs,true,{number % 900 + 1}.50\n"


def meters_fill(tenant):
    """METERS machines with a meter each, whose ids SQL and Python can work out from a number."""
    model = tenant.model()["id"]
    with STACK.connect() as database:
        database.execute(f"insert into inventory_data.asset (tenant_id, id, article_id, serial) select %s, "
                         f"{sql_of('d', 'n')}::uuid, %s, 'S' || n from generate_series(0, %s) n", (tenant.id, model, METERS - 1))
        database.execute(f"insert into inventory_data.meter (tenant_id, id, asset_id, code, label, unit, decimals, active) select %s, "
                         f"{sql_of('c', 'n')}::uuid, {sql_of('d', 'n')}::uuid, 'HOURS', 'Hours', 'h', 0, true "
                         "from generate_series(0, %s) n", (tenant.id, METERS - 1))
        database.execute("analyze inventory_data.asset")
        database.execute("analyze inventory_data.meter")


def readings(count, by_day):
    """Meter by meter, as a system that is left behind exports them; or of all meters day by day, as devices send them."""
    days = count // METERS
    begun = time.time() - (days + 2) * 86400
    for number in range(days * METERS):
        day, meter = divmod(number, METERS) if by_day else divmod(number, days)[::-1]
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begun + day * 86400))
        yield json.dumps({"meter_id": f"c0000000-0000-7000-8000-{meter:012x}", "value": str(day * 8), "at": at, "source": "device"}) + "\n"


def readings_rate(tenant, count, by_day):
    meters_fill(tenant)
    return import_rate(tenant, "meter-readings", list(readings(count, by_day)), "application/x-ndjson")


def run():
    tenant = tenant_new()
    made = import_rate(tenant, "articles", list(articles()), "text/csv")
    read, by_day = (readings_rate(tenant_new(), *how) for how in ((READINGS, False), (READINGS_BY_DAY, True)))
    found = work_orders()  # whose events keep the copies busy
    took = statistics.median(row["seconds"] for row in found)
    return {"rows": [*found, {"articles/s": made, "readings/s": read, "day by day/s": by_day}],
            "goals": [at_most("seconds", took, 10), at_least("articles/s", made, 5000), at_least("readings/s", read, 5000)]}
