"""Commit to consumed from Kafka at 500 changes a second, and the drain of 200,000 waiting changes."""
import datetime
import statistics
import threading
import time
import uuid

import confluent_kafka
import requests

from stack import DIRECT, KAFKA, Tenant, database, goal

RATE, SECONDS, THREADS, WAITING = 500, 20, 10, 200_000


def consume(tenant, delays, stop):
    consumer = confluent_kafka.Consumer({"bootstrap.servers": KAFKA, "group.id": f"bench-{uuid.uuid4()}", "fetch.wait.max.ms": 5,
                                         "auto.offset.reset": "latest", "enable.auto.commit": False})
    consumer.subscribe(["aftercare.calls"])
    while not stop.is_set():
        message = consumer.poll(0.1)
        if message is None or message.error():
            continue
        now = time.time()
        headers = dict(message.headers())
        if headers["ce_tenant"].decode() == tenant.id:
            at = datetime.datetime.fromisoformat(headers["ce_time"].decode().replace("Z", "+00:00")).timestamp()
            delays.append((now - at) * 1000)
    consumer.close()


def writer(tenant, customer, until):
    """One of THREADS writers, each at its share of RATE."""
    session = requests.Session()
    session.headers.update(tenant.headers)
    due = time.perf_counter()
    while time.perf_counter() < until:
        session.patch(f"{DIRECT}/v1/customers/{customer}", json={"notes": str(due)}, headers={"If-Match": "*"}).raise_for_status()
        due += THREADS / RATE
        time.sleep(max(0, due - time.perf_counter()))


def latency(tenant):
    """Milliseconds from the start of the changing transaction (ce_time) to its event in a consumer."""
    customers = [tenant.post("/v1/customers", {"name": "Bench", "kind": "prospect"})["id"] for _ in range(THREADS)]
    delays, stop = [], threading.Event()
    reader = threading.Thread(target=consume, args=(tenant, delays, stop))
    reader.start()
    time.sleep(4)
    delays.clear()
    until = time.perf_counter() + SECONDS
    writers = [threading.Thread(target=writer, args=(tenant, customer, until)) for customer in customers]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    time.sleep(1)
    stop.set()
    reader.join()
    return sorted(delays)


def drain(tenant):
    """Changes a second from 200,000 that appear in one commit until none is unsent."""
    with database() as connection:
        connection.execute(
            "insert into calls_data.change (tenant_id, aggregate, aggregate_id, resource, resource_id, type, revision, data, "
            "actor, at) select tenant_id, aggregate, aggregate_id, resource, resource_id, 'customer.changed', revision + n, data, "
            "actor, at from (select * from calls_data.change where tenant_id = %s limit 1) c, generate_series(1, %s) n",
            (tenant.id, WAITING))
        start = time.perf_counter()
        while connection.execute("select exists (select from calls_data.change where sent_at is null)").fetchone()[0]:
            time.sleep(0.02)
        return WAITING / (time.perf_counter() - start)


def run():
    tenant = Tenant()
    delays = latency(tenant)
    p50, p99 = round(statistics.median(delays), 1), round(delays[int(len(delays) * 0.99)], 1)
    rate = round(drain(tenant))
    return {"rows": [{"events": len(delays), "per second": round(len(delays) / SECONDS), "p50 ms": p50, "p99 ms": p99,
                      "drain/s": rate}],
            "goals": [goal("p50 ms", p50, 15, False), goal("p99 ms", p99, 75, False), goal("drain/s", rate, 10_000, True)]}
