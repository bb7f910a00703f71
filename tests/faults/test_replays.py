"""Idempotency-Key across the end of everything: the same answer, one effect."""
import functools
import random
import time

from support.at_once import at_once
from support.client import new_id, problem, told
from support.insistent import Insistent
from support.stack import LONG

ROUNDS = 10 if LONG else 2
AT_ONCE = 8


def writes(tenant):
    """A write of each kind: its path, its body, and what else it could have said."""
    customer = tenant.customer()["id"]
    visit = tenant.vocabulary("/v1/activity-types", "visit", kind="visit", plannable=True)["code"]
    acted, resolved = tenant.call({"id": customer})["id"], tenant.call({"id": customer})["id"]
    tenant.admin.act(f"/v1/calls/{resolved}", "resolve", {"resolution": "Done"})
    return {
        "/v1/customers": ({"kind": "prospect", "name": "Once"}, {"name": "Twice"}),
        "/v1/sites": ({"customer_id": customer, "name": "Once"}, {"name": "Twice"}),
        "/v1/calls": ({"customer_id": customer, "subject": "Once"}, {"subject": "Twice"}),
        "/v1/calls/quick": ({"name": "Mario", "subject": "Once"}, {"subject": "Twice"}),
        "/v1/activities": ({"call_id": acted, "type_code": visit, "subject": "Once"}, {"subject": "Twice"}),
        "/v1/charges": ({"call_id": acted, "kind": "other", "quantity": "1", "description": "Once"}, {"quantity": "2"}),
        f"/v1/calls/{acted}/actions/suspend": ({"reason": "parts"}, {"reason": "internal"}),
        f"/v1/calls/{resolved}/actions/follow-up": ({"subject": "Once"}, {"subject": "Twice"}),
    }


def count(stack, tenant):
    with stack.connect() as database:
        sql = "select count(*) as n from calls_data.change where tenant_id = %s"
        return database.execute(sql, [tenant.id]).fetchone()["n"]


def test_the_same_answer_after_the_end_of_everything(stack, tenants):
    tenant = tenants[0]
    api, key = tenant.admin, f"restart-{new_id()}"
    done = {}
    for path, (body, other) in writes(tenant).items():
        done[path] = body, other, api.post(path, body, expect=None, key=f"{key}-{len(done)}")
        assert done[path][2].ok, told(done[path][2])
    followed = next(path for path in done if path.endswith("/follow-up")).removesuffix("/actions/follow-up")
    api.act(followed, "reopen", {"reason": "Broken again"})  # what was possible need not be any more
    changes = count(stack, tenant)
    stack.kill("calls", "gateway", "postgres")
    stack.start(*stack.parts)
    for number, (path, (body, other, first)) in enumerate(done.items()):
        again = api.post(path, body, expect=first.status_code, key=f"{key}-{number}")
        assert again.json() == first.json(), path
        assert again.headers["Idempotency-Replayed"] == "true"
        for name in ("ETag", "Location"):
            assert again.headers.get(name) == first.headers.get(name), path
        problem(api.post(path, body | other, expect=422, key=f"{key}-{number}"), 422, "idempotency-key-reused")
    assert count(stack, tenant) == changes, "nothing happened twice"


def send_while(break_off, stack, tenant, key, body):
    """The answers of many who send the same write, all at once and with break_off()."""
    def send(sender):
        return sender.insist(key, lambda: sender.client.post("/v1/calls", body, None, key))

    senders = [Insistent(f"{key}-{number}", stack.gateway, tenant) for number in range(AT_ONCE)]
    return at_once(lambda work: work(), [break_off, *(functools.partial(send, sender) for sender in senders)])[1:]


def test_duplicates_at_once_while_services_end(stack, tenants, events, seed):
    """Many send one write, and what serves them is killed while they do: one call, one answer."""
    tenant = tenants[1]
    chance = random.Random(seed)
    customer = tenant.customer()["id"]

    def end_one():
        time.sleep(chance.uniform(0, 0.05))
        part = chance.choice(["calls", "gateway", "postgres"])
        stack.kill(part)
        stack.start(part)

    for number in range(ROUNDS):
        subject = f"Once {seed} {number}"
        answers = send_while(end_one, stack, tenant, f"{seed}-{number}", {"customer_id": customer, "subject": subject})
        assert {answer.status_code for answer in answers} == {201}, [told(answer) for answer in answers]
        made = {answer.json()["id"] for answer in answers}
        assert len(made) == 1
        assert [row["id"] for row in tenant.admin.every("/v1/calls", customer_id=customer) if row["subject"] == subject] == list(made)
        assert [event.name for event in events.wait(made.pop(), seconds=60)] == ["call.opened"]
