"""Commit to consumed from Kafka at 500 changes a second, and the drain of 200,000 waiting changes."""
import datetime
import http.client
import json
import threading
import time
import uuid

import confluent_kafka

from figures import at_least, at_most, percentile
from stack import STACK, tenant_new
from support.stack import wait_for

TOPIC = "aftercare.calls"
RATE, SECONDS, WRITERS = 500, 20, 10
WAITING = 200_000
DRAIN_SECONDS = 300


class Reader(threading.Thread):
    """Consumes from the end of the topic on; keeps how old each event of the tenant was, in milliseconds."""

    def __init__(self, tenant):
        super().__init__(daemon=True)
        self.tenant, self.ages, self.stopping, self.reading = tenant.id, [], threading.Event(), threading.Event()

    def run(self):
        consumer = confluent_kafka.Consumer({"bootstrap.servers": STACK.kafka, "group.id": f"bench-{uuid.uuid4()}",
                                             "enable.auto.commit": False})
        partitions = consumer.list_topics(TOPIC, timeout=30).topics[TOPIC].partitions
        consumer.assign([confluent_kafka.TopicPartition(TOPIC, number, confluent_kafka.OFFSET_END) for number in partitions])
        while not self.stopping.is_set():
            message = consumer.poll(0.1)
            self.reading.set()
            if message is None or message.error():
                continue
            now, headers = time.time(), dict(message.headers())
            if headers["ce_tenant"].decode() == self.tenant:
                begun = datetime.datetime.fromisoformat(headers["ce_time"].decode().replace("Z", "+00:00"))
                self.ages.append((now - begun.timestamp()) * 1000)
        consumer.close()


def write(token, customer, until, period, field="notes"):
    """Changes a customer every so many seconds; the field says when. http.client, because requests would take the processor from the services."""
    connection = http.client.HTTPConnection(STACK.address("calls").removeprefix("http://"))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "If-Match": "*"}
    due = time.perf_counter()
    while time.perf_counter() < until:
        connection.request("PATCH", f"/v1/customers/{customer}", json.dumps({field: repr(time.perf_counter())}), headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"a change was answered with {answer.status}")
        due += period
        time.sleep(max(0, due - time.perf_counter()))


def latency(tenant):
    """Ages of events when consumed, since the start of their transaction (ce_time), and events written a second."""
    customers = [tenant.customer()["id"] for _ in range(WRITERS)]
    reader = Reader(tenant)
    reader.start()
    reader.reading.wait()
    before = time.perf_counter()
    token, until = tenant.admin.token(), before + SECONDS
    writers = [threading.Thread(target=write, args=(token, customer, until, WRITERS / RATE)) for customer in customers]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    took = time.perf_counter() - before
    wait_for("all events sent", lambda: unsent() == 0, DRAIN_SECONDS)
    time.sleep(1)  # the last ones are on their way to the reader
    reader.stopping.set()
    reader.join()
    return reader.ages, round(len(reader.ages) / took)


def unsent():
    with STACK.connect() as database:
        return database.execute("select count(*) as n from calls_data.change_waiting").fetchone()["n"]


def drain(tenant):
    """Changes a second from WAITING that appear in one commit until none is unsent."""
    with STACK.connect() as database:
        database.execute(
            "insert into calls_data.change (tenant_id, aggregate, aggregate_id, resource, resource_id, type, revision, data, "
            "actor, at) select tenant_id, aggregate, aggregate_id, resource, resource_id, 'customer.changed', revision + n, data, "
            "actor, base.clock() from (select * from calls_data.change where tenant_id = %s and type = 'customer.changed' "
            "order by id desc limit 1) c, generate_series(1, %s) n", (tenant.id, WAITING))
        start = time.perf_counter()
        sent = "select not exists (select from calls_data.change_waiting) as all_sent"
        wait_for("all events sent", lambda: database.execute(sent).fetchone()["all_sent"], DRAIN_SECONDS)
        rate = round(WAITING / (time.perf_counter() - start))
        # The copies follow more slowly; the next bench is not to wait for them.
        last = ("select max(c.revision) = (select max(i.revision) from inventory_data.customer i where i.tenant_id = %s) as there "
                "from calls_data.change c where c.tenant_id = %s and c.type = 'customer.changed'")
        wait_for("all events applied", lambda: database.execute(last, [tenant.id] * 2).fetchone()["there"], DRAIN_SECONDS)
        return rate


def run():
    tenant = tenant_new()
    latency(tenant)  # doesn't count: Kafka's Java compiles what it runs often, and takes half of a core for that
    ages, written = latency(tenant)
    half, most = round(percentile(ages, 0.50), 1), round(percentile(ages, 0.99), 1)
    rate = drain(tenant)
    return {"rows": [{"events": len(ages), "changes/s": written, "p50 ms": half, "p99 ms": most, "drain/s": rate}],
            "goals": [at_most("p50 ms", half, 15), at_most("p99 ms", most, 75), at_least("drain/s", rate, 10_000)]}
