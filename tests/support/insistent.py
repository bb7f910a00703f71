"""A client that asks again until it is told, as a real one would, and one that does so in a thread of its own."""
import collections
import random
import threading
import time
import traceback

import requests

from .client import Client, problem, told

PAUSE_SECONDS = 0.3  # before a request is tried again; a real client would wait as Retry-After says
GIVE_UP_SECONDS = 120


def told_to_come_back(answer):
    """Whether an answer says nothing but that the request may be tried again."""
    if answer.status_code not in (409, 502, 503, 504):
        return False
    running = answer.status_code == 409 and answer.json()["type"].endswith("/still-running")
    if answer.status_code == 409 and not running:
        return False
    problem(answer, answer.status_code)
    assert answer.headers["Retry-After"] == "1", told(answer)
    return True


class Insistent:
    """An account of a tenant's administrator; chance begins with the name."""

    def __init__(self, name, base, tenant):
        self.tenant = tenant
        self.random = random.Random(name)
        self.client = Client(base, self.login, name)
        self.answers = collections.Counter()
        self.slowest = 0  # seconds

    def login(self):
        """A token, before the last one is over; who gives them may be away as well."""
        try:
            return self.tenant.admin.token()
        except AssertionError as reason:
            raise requests.ConnectionError(str(reason)) from reason

    def ask(self, send):
        """The answer of send(), or None when the connection broke or it tells nothing but to come back."""
        began = time.monotonic()
        try:
            answer = send()
        except requests.RequestException as reason:
            self.answers[type(reason).__name__] += 1
            self.client.session.close()
            return None
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.answers[answer.status_code] += 1
        return None if told_to_come_back(answer) else answer

    def pause(self):
        time.sleep(self.random.uniform(0, 2 * PAUSE_SECONDS))

    def insist(self, what, send):
        """Asks until an answer tells."""
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while True:
            answer = self.ask(send)
            if answer is not None:
                return answer
            assert time.monotonic() < deadline, f"no answer to {what} within {GIVE_UP_SECONDS} s"
            self.pause()


class InsistentThread(Insistent, threading.Thread):
    """step() is called until `stopping` is set; what it raises is kept in `error` and ends all that share `stopping`."""

    def __init__(self, name, base, tenant, stopping):
        threading.Thread.__init__(self, daemon=True, name=name)
        Insistent.__init__(self, name, base, tenant)
        self.stopping = stopping
        self.error = None

    def step(self):
        raise NotImplementedError

    def run(self):
        try:
            while not self.stopping.is_set():
                self.step()
        except Exception:  # noqa: BLE001 - the test tells it
            self.error = traceback.format_exc()
            self.stopping.set()


def finish(threads):
    """Lets each come to the end of its step; fails with what went wrong in one."""
    for thread in threads:
        thread.stopping.set()
    for thread in threads:
        thread.join(GIVE_UP_SECONDS + 60)
        print(f"{thread.name}: {dict(thread.answers)}, slowest {thread.slowest:.2f} s")
    stuck = [thread.name for thread in threads if thread.is_alive()]
    assert not stuck, f"these hang: {stuck}"
    for thread in threads:
        assert not thread.error, f"{thread.name}:\n{thread.error}"
