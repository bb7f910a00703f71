"""Plays the ERP of a tenant: writes to its topic as docs/erp.md says."""
import itertools
import json

from confluent_kafka import Producer

from .client import new_id
from .events import topic_make
from .publisher import FLUSH_SECONDS

SOURCE = "urn:erp:1"


class Erp:
    def __init__(self, stack, tenant_id):
        self.topic = f"aftercare.erp.{tenant_id}"
        topic_make(stack.kafka, self.topic)
        self.producer = Producer({"bootstrap.servers": stack.kafka, "log_level": 0})
        self.revisions = itertools.count(1)

    def send(self, kind, subject, data, revision=None, event_id=None, **headers):
        """Sends a message and waits until Kafka has it; its id. A header of None is left out."""
        event_id = event_id or new_id()
        all_headers = {"ce_specversion": "1.0", "ce_id": event_id, "ce_source": SOURCE, "ce_type": f"aftercare.erp.{kind}.v1",
                       "ce_subject": subject, "content-type": "application/json"} | headers
        value = json.dumps({"data": data, "revision": revision or next(self.revisions)})
        self.producer.produce(self.topic, value, subject, headers=[(name, text) for name, text in all_headers.items() if text])
        assert self.producer.flush(FLUSH_SECONDS) == 0, "Kafka takes no messages"
        return event_id
