"""Everything the system publishes, collected from the first event on."""
import json
import threading
import time

import psycopg
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

POLL_SECONDS = 0.2
JUST_SENT = 200  # changes, the newest that a relay has sent: the consumer may not have read them yet


class Event:
    """One message: its CloudEvents headers, and its value taken apart."""

    def __init__(self, message):
        self.topic = message.topic()
        self.partition = message.partition()
        self.offset = message.offset()
        self.key = message.key().decode()
        self.headers = {name: value.decode() for name, value in message.headers() or []}
        self.bytes = message.value()
        self.value = json.loads(self.bytes)
        self.id = self.headers["ce_id"]
        self.source = self.headers["ce_source"]
        self.type = self.headers["ce_type"]
        self.name = self.type.removeprefix("aftercare.").removesuffix(".v1")
        self.subject = self.headers["ce_subject"]
        self.tenant = self.headers["ce_tenant"]
        self.data = self.value.get("data")
        self.revision = self.value.get("revision")
        self.changed = self.value.get("changed")

    def __repr__(self):
        return f"<{self.name} {self.subject} r{self.revision} {self.topic}/{self.partition}@{self.offset}>"


def dead_letters(servers, topic):
    """The messages of TOPIC.dlq from its beginning up to its end."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": f"tests-{time.time_ns()}", "enable.partition.eof": True})
    consumer.assign([TopicPartition(f"{topic}.dlq", 0, 0)])
    while True:
        message = consumer.poll(30)
        assert message is not None, "no end of the dead letters"
        if message.error():
            break
        yield message
    consumer.close()


class EventLog:
    """A thread that reads topics from their beginning. Events keep the order of their partition."""

    def __init__(self, servers, services, connect):
        """`connect` gives a connection to the database of the services, whose logs tell what is still to come."""
        self.servers = servers
        self.services = services
        self.topics = [f"aftercare.{service}" for service in services]
        self.connect = connect
        self.events = []
        self.by_subject = {}
        self.broken = []
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        consumer = Consumer(
            {
                "bootstrap.servers": self.servers,
                "group.id": f"tests-{time.time_ns()}",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "log_level": 0,  # Kafka may be away: the test knows
            }
        )
        partitions = []
        for topic in self.topics:
            metadata = consumer.list_topics(topic, timeout=30).topics[topic]
            partitions += [TopicPartition(topic, number, 0) for number in metadata.partitions]
        consumer.assign(partitions)
        while not self.stopping.is_set():
            message = consumer.poll(POLL_SECONDS)
            if message is None or message.error():
                continue
            try:
                event = Event(message)
            except Exception as reason:  # noqa: BLE001 - tests publish all kinds of nonsense too
                self.broken.append((message, repr(reason)))
                continue
            with self.lock:
                self.events.append(event)
                self.by_subject.setdefault(event.subject, []).append(event)
        consumer.close()

    def stop(self):
        self.stopping.set()
        self.thread.join()

    def all(self):
        with self.lock:
            return list(self.events)

    def of(self, subject):
        """What was told of one resource so far, in order."""
        with self.lock:
            return list(self.by_subject.get(subject, []))

    def wait(self, subject, count=1, seconds=10):
        """Waits until at least count events of a resource have come."""
        deadline = time.monotonic() + seconds
        while True:
            events = self.of(subject)
            if len(events) >= count:
                return events
            assert time.monotonic() < deadline, f"{len(events)} of {count} events of {subject} within {seconds} s: {events}"
            time.sleep(0.02)

    def last(self, subject, name=None, seconds=10):
        """
        Waits for an event of a resource and returns the newest, also when older ones came long before; without a name, of a
        resource of which only one is told.
        """
        deadline = time.monotonic() + seconds
        coming = self.recorded(subject, name)
        while True:
            events = [event for event in self.of(subject) if name is None or event.name == name]
            if events and coming <= {(event.source, event.id) for event in events}:
                return events[-1]
            assert time.monotonic() < deadline, f"no {name or 'event'} of {subject} within {seconds} s: {self.of(subject)}"
            time.sleep(0.02)

    def recorded(self, subject, name=None):
        """What the services have recorded of a resource and may not have been read here yet; nothing while PostgreSQL is away."""
        found = set()
        try:
            with self.connect() as database:
                for service in self.services:
                    rows = database.execute(
                        f"with news as ((select id, at from {service}_data.change_waiting) union all "
                        f"(select id, at from {service}_data.change_sent order by seq desc limit {JUST_SENT})) "
                        f"select c.id from news n join {service}_data.change c on c.id = n.id and c.at = n.at "
                        "where c.resource_id::text = %s and (%s::text is null or c.type = %s)", (subject, name, name))
                    found |= {(f"aftercare.{service}", str(row["id"])) for row in rows}
        except psycopg.OperationalError:
            return set()
        return found

    def settle(self, database, services, seconds=60):
        """Waits until all that the services recorded has been relayed and read here."""
        deadline = time.monotonic() + seconds
        for service in services:
            while True:
                waiting = database.execute(f"select count(*) as n from {service}_data.change_waiting").fetchone()["n"]
                recorded = database.execute(f"select count(*) as n from {service}_data.change").fetchone()["n"]
                read = len({event.id for event in self.all() if event.source == f"aftercare.{service}"})
                if waiting == 0 and read >= recorded:
                    break
                assert time.monotonic() < deadline, f"{service}: {recorded} recorded, {waiting} not sent, {read} read"
                time.sleep(0.1)


def topic_make(servers, name, partitions=1):
    """Makes a topic, for tests that play another service; one that is there is fine."""
    client = AdminClient({"bootstrap.servers": servers})
    for future in client.create_topics([NewTopic(name, partitions, 1)]).values():
        try:
            future.result(timeout=30)
        except Exception as reason:  # noqa: BLE001 - the client raises one class for everything
            if "already exists" not in str(reason):
                raise
