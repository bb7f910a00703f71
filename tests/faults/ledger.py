"""Clients that write while things break under them, and keep a ledger of what they were told; at the end the books of
the database, of Kafka and of the clients must agree.

A client does what a real one would: an Idempotency-Key for each POST, the same again after an answer that tells
nothing, If-Match for changes. Some of its writes it gives up when it hears nothing: those may have happened or not,
but not by half.
"""
import collections
import dataclasses
import json
import threading
import time

from support.client import new_id, told
from support.insistent import GIVE_UP_SECONDS, InsistentThread, finish

FICKLE = 0.15  # share of writes that are given up
TABLES = {"customer": "name", "call": "subject", "activity": "subject", "charge": "description"}


@dataclasses.dataclass
class Entry:
    """One write. `text` is in the row it makes, and in no other."""

    text: str
    event: str
    made: str | None  # the kind of row it makes, if it does
    row: dict | None = None  # the answer, once it was acknowledged
    given_up: bool = False

    def __str__(self):
        state = "acknowledged" if self.row else "given up" if self.given_up else "under way"
        return f"{self.event} {self.text} ({state})"


class Given(Exception):
    """The write was given up; nobody knows whether it happened."""


class Shared:
    """What the writers of one tenant do their writing on together."""

    def __init__(self, tenant):
        self.tenant = tenant
        self.type_code = tenant.vocabulary("/v1/activity-types", "visit", kind="visit", plannable=True)["code"]
        self.customers = [tenant.customer()["id"]]
        self.calls = [tenant.call({"id": self.customers[0]})["id"]]


class Writer(InsistentThread):
    def __init__(self, ledger, shared, number):
        super().__init__(f"{ledger.name}-{number}", ledger.base, shared.tenant, ledger.stopping)
        self.shared = shared
        self.customers = []  # own rows, whose state nobody else changes
        self.calls = []
        self.entries = []

    def step(self):
        work = [(self.customer, 2), (self.call, 4), (self.quick_call, 2), (self.activity, 4), (self.charge, 4),
                (self.act, 5), (self.change, 2), (self.read, 3)]
        actions, weights = zip(*work, strict=True)
        try:
            self.random.choices(actions, weights)[0]()
        except Given:
            pass

    # One write each.

    def customer(self):
        row = self.create("customer.created", "/v1/customers", "customer", {"kind": "acquired"})
        self.customers.append(row)
        self.shared.customers.append(row["id"])

    def call(self):
        body = {"customer_id": self.random.choice(self.shared.customers)}
        row = self.create("call.opened", "/v1/calls", "call", body)
        self.calls.append([row["id"], "resume"])
        self.shared.calls.append(row["id"])

    def quick_call(self):
        row = self.create("call.received", "/v1/calls/quick", "call", {"name": "Mario Rossi"})
        self.calls.append([row["id"], "resume"])

    def activity(self):
        body = {"call_id": self.random.choice(self.shared.calls), "type_code": self.shared.type_code}
        self.create("activity.planned", "/v1/activities", "activity", body)

    def charge(self):
        body = {"call_id": self.random.choice(self.shared.calls), "kind": "other", "quantity": "1"}
        self.create("charge.added", "/v1/charges", "charge", body)

    def act(self):
        """Suspends and resumes calls of its own in turn, so that an action done twice would be refused."""
        if not self.calls:
            return
        place = self.random.randrange(len(self.calls))
        call_id, last = self.calls.pop(place)
        action, event, body = ("resume", "call.resumed", {}) if last == "suspend" else (
            "suspend", "call.suspended", {"reason": "parts"})
        self.post(self.entry(event), f"/v1/calls/{call_id}/actions/{action}", body)
        self.calls.append([call_id, action])

    def change(self):
        if not self.customers:
            return
        row = self.customers.pop(self.random.randrange(len(self.customers)))
        path, entry = f"/v1/customers/{row['id']}", self.entry("customer.changed")
        body, version = {"notes": entry.text}, row["version"]

        def patch(again):
            answer = self.client.patch(path, body, version, expect=None, headers=self.headers(entry))
            if again and answer.status_code == 412:
                # It is changed, and only this client does that: by the try whose answer was lost.
                return self.client.get(path, expect=None)
            return answer

        self.persist(entry, patch)
        assert entry.row["version"] == version + 1 and entry.row["notes"] == entry.text, entry.row
        self.customers.append(entry.row)

    def read(self):
        """Reads are tried once; what matters is that they are answered."""
        path = self.random.choice(["/v1/customers?limit=20", "/v1/calls?state=suspended", f"/v1/calls/{self.shared.calls[0]}"])
        self.answer(lambda: self.client.get(path, expect=None))

    # What they are made of.

    def entry(self, event, made=None):
        entry = Entry(f"{self.name}-{len(self.entries)}", event, made)
        self.entries.append(entry)
        return entry

    def headers(self, entry):
        return {"X-Request-ID": entry.text}

    def create(self, event, path, kind, body):
        entry = self.entry(event, kind)
        return self.post(entry, path, body | {TABLES[kind]: entry.text} if kind != "call" else body | {"subject": entry.text})

    def post(self, entry, path, body):
        key = new_id()
        return self.persist(entry, lambda again: self.client.post(path, body, None, key, self.headers(entry)))

    def persist(self, entry, send):
        """Sends until there is an answer that tells; its row. send(again) is told whether it was sent before."""
        fickle = self.random.random() < FICKLE
        deadline = time.monotonic() + GIVE_UP_SECONDS
        again = False
        while True:
            answer = self.answer(lambda again=again: send(again))
            if answer is not None:
                entry.row = answer.json()
                return entry.row
            if fickle and again:
                entry.given_up = True
                raise Given
            assert time.monotonic() < deadline, f"no answer to {entry} within {GIVE_UP_SECONDS} s"
            again = True
            self.pause()

    def answer(self, send):
        """The answer, or None. Whatever isn't a success says that it may be tried again."""
        answer = self.ask(send)
        assert answer is None or answer.status_code in (200, 201), told(answer)
        return answer


class Ledger:
    """Writers at work on tenants, `count` on each, through the gateway or what stands at `base`."""

    def __init__(self, stack, tenants, seed, count=1, base=None):
        self.stack = stack
        self.base = base or stack.gateway
        self.tenants = tenants
        self.name = f"ledger-{seed}"
        self.stopping = threading.Event()
        shared = [Shared(tenant) for tenant in tenants]
        with stack.connect() as database:
            self.began = {tenant.id: last_change(database, tenant) for tenant in tenants}
        self.writers = [Writer(self, one, f"{i}-{j}") for i, one in enumerate(shared) for j in range(count)]

    def __enter__(self):
        for writer in self.writers:
            writer.start()
        return self

    def __exit__(self, *_):
        """Lets every writer come to the end of its write."""
        finish(self.writers)

    @property
    def answers(self):
        """How often each status came, or each break of a connection."""
        return sum((writer.answers for writer in self.writers), collections.Counter())

    @property
    def slowest(self):
        return max(writer.slowest for writer in self.writers)

    def entries(self, tenant):
        return [entry for writer in self.writers if writer.shared.tenant is tenant for entry in writer.entries]

    def check(self, events):
        """Everything acknowledged is there once, with its events; nothing else is."""
        with self.stack.connect() as database:
            events.settle(database, ["calls"])
            check_sequence(database)
            for tenant in self.tenants:
                changes = changes_of(database, tenant)
                self.check_entries(database, tenant, [row for row in changes if row["id"] > self.began[tenant.id]])
                check_events(tenant, changes, events)
                check_numbers(database, tenant)
                check_revisions(database, tenant, changes)

    def check_entries(self, database, tenant, changes):
        """The clients' book against the change log, and the log against the rows."""
        entries = {entry.text: entry for entry in self.entries(tenant)}
        recorded = collections.defaultdict(list)
        for change in changes:
            recorded[change["request_id"]].append(change)
        strangers = set(recorded) - set(entries)
        assert not strangers, f"changes that nobody asked for: {strangers}"
        rows = {kind: texts_of(database, tenant, kind, column) for kind, column in TABLES.items()}
        acted = collections.Counter(row["request_id"] for row in database.execute(
            "select request_id from calls_data.transition where tenant_id = %s", [tenant.id]))
        for text, entry in entries.items():
            found = recorded[text]
            assert len(found) == 1 or (entry.given_up and not found), f"{entry}: {found}"
            assert [change["type"] for change in found] == [entry.event] * len(found), f"{entry}: {found}"
            if entry.made:
                assert rows[entry.made][text] == len(found), f"{entry}: {rows[entry.made][text]} rows"
            if entry.event.startswith("call."):
                assert acted[text] == len(found), f"{entry}: {acted[text]} transitions"
            if entry.row:
                entry.row.pop("warnings", None)
                assert found[0]["data"] == entry.row, f"{entry}: recorded {found[0]['data']}, answered {entry.row}"


def last_change(database, tenant):
    sql = "select coalesce(max(id), 0) as last from calls_data.change where tenant_id = %s"
    return database.execute(sql, [tenant.id]).fetchone()["last"]


def changes_of(database, tenant, service="calls"):
    return database.execute(
        "select id, aggregate, aggregate_id::text as root, resource_id::text as subject, type, revision, data, request_id "
        f"from {service}_data.change where tenant_id = %s order by id", [tenant.id]
    ).fetchall()


def texts_of(database, tenant, kind, column):
    """How many rows hold each text."""
    sql = f'select {column} as text, count(*) as n from calls_data."{kind}" where tenant_id = %s group by 1'
    return collections.Counter({row["text"]: row["n"] for row in database.execute(sql, [tenant.id])})


def check_events(tenant, changes, events, service="calls", shared=False):
    """Each change is in Kafka under its id, as recorded, in order by key; nothing is there that wasn't recorded. The revision
    of a root rises by one with each, but where one request may change several rows of it (`shared`)."""
    recorded = {str(change["id"]): change for change in changes}
    first = {}  # by id, in the order of their partition
    for event in events.all():
        if event.tenant != tenant.id or event.source != f"aftercare.{service}":
            continue
        assert event.id in recorded, f"an event of nothing: {event}"
        assert first.setdefault(event.id, event).bytes == event.bytes, f"{event} was sent twice, and differs"
    missing = set(recorded) - set(first)
    assert not missing, f"changes without event: {[recorded[number] for number in sorted(missing)][:5]}"
    revisions = collections.defaultdict(list)
    for number, event in first.items():
        change = recorded[number]
        assert (event.name, event.subject, event.revision) == (change["type"], change["subject"], change["revision"]), event
        assert event.key == f"{tenant.id}/{change['root']}", event
        assert json.loads(event.bytes)["data"] == change["data"], event
        revisions[event.key].append(event.revision)
    for key, found in revisions.items():
        assert found == (sorted(found) if shared else list(range(1, len(found) + 1))), f"{key}: {found}"


def check_sequence(database, service="calls"):
    """The relay's numbers have no gaps."""
    row = database.execute(f"select count(seq) as n, max(seq) as last from {service}_data.change_sent").fetchone()
    assert row["n"] == row["last"], row


def check_numbers(database, tenant, table="calls_data.call"):
    """Numbers run from 1 without gaps in each series and year."""
    series = collections.defaultdict(list)
    for row in database.execute(f"select number from {table} where tenant_id = %s and number is not null", [tenant.id]):
        head, last = row["number"].rsplit("/", 1)
        series[head].append(int(last))
    for head, numbers in series.items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), f"{head}: {sorted(numbers)}"


def check_revisions(database, tenant, changes):
    """A root's revision is the number of its changes."""
    counted = collections.Counter(change["root"] for change in changes)
    for kind in ("customer", "call"):
        sql = f"select id::text as id, revision from calls_data.{kind} where tenant_id = %s"
        for row in database.execute(sql, [tenant.id]):
            assert row["revision"] == counted[row["id"]], f"{kind} {row['id']}: {row['revision']}, {counted[row['id']]} changes"
