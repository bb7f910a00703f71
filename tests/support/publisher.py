"""Plays another service: publishes events on its topic as its relay would, and as it never would."""
import json
import time

from confluent_kafka import Producer

from .client import new_id
from .events import topic_make

PARTITIONS = 6
FLUSH_SECONDS = 60


class Publisher:
    def __init__(self, stack, name):
        self.topic = f"aftercare.{name}"
        topic_make(stack.kafka, self.topic, PARTITIONS)
        self.producer = Producer({"bootstrap.servers": stack.kafka, "partitioner": "murmur2_random", "log_level": 0})

    def headers(self, tenant_id, what, subject, event_id=None):
        return {
            "ce_specversion": "1.0",
            "ce_id": event_id or new_id(),
            "ce_source": self.topic,
            "ce_type": f"aftercare.{what}.v1",
            "ce_subject": subject,
            "ce_time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "ce_tenant": tenant_id,
            "content-type": "application/json",
        }

    def send(self, tenant_id, what, data, revision, event_id=None):
        """Puts an event on its way; flush waits for it."""
        headers = self.headers(tenant_id, what, data["id"], event_id)
        value = json.dumps({"data": data, "revision": revision})
        self.producer.produce(self.topic, value, f"{tenant_id}/{data['id']}", headers=list(headers.items()))

    def flush(self):
        assert self.producer.flush(FLUSH_SECONDS) == 0, "Kafka takes no messages"

    def publish(self, tenant, what, data, revision, event_id=None):
        self.send(tenant.id, what, data, revision, event_id)
        self.flush()

    def raw(self, key, value, headers):
        """Publishes a message as it is; its partition and offset."""
        placed = []
        self.producer.produce(self.topic, value, key, headers=list(headers.items()),
                              on_delivery=lambda error, message: placed.append((error, message)))
        self.flush()
        [(error, message)] = placed
        assert not error, error
        return message.partition(), message.offset()


def asset(serial, article="EXC-9", **fields):
    """What inventory tells of an asset."""
    return {"id": new_id(), "serial": serial, "article_id": new_id(), "article": {"code": article, "description": "Excavator"}} | fields
