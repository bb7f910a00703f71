"""Fixtures on the real system: HTTP through the gateway, PostgreSQL, Kafka."""
import pytest

from support.client import Client
from support.description import Description
from support.events import EventLog
from support.stack import Stack
from support.tenant import Tenant, login


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


@pytest.fixture(scope="session")
def stack():
    return Stack()


@pytest.fixture(scope="session")
def platform(stack):
    """The account that makes tenants."""
    email = stack.environment("gateway")["AFTERCARE_BOOTSTRAP_EMAIL"]
    password = stack.secret("platform_password")
    return Client(stack.gateway, lambda: login(stack.gateway, "platform", email, password), "platform")


@pytest.fixture(scope="session")
def anonymous(stack):
    return Client(stack.gateway)


@pytest.fixture(scope="session")
def description(stack):
    """What the services say of themselves, joined."""
    documents = [Client(stack.address(service)).get("/openapi.json").json() for service in stack.services]
    return Description.join(documents)


@pytest.fixture(scope="module")
def tenant(stack, platform):
    """A tenant of this test module's own."""
    return Tenant(stack, platform)


@pytest.fixture(scope="module")
def other(stack, platform):
    """Another company on the same system, which must never see the first one's data."""
    return Tenant(stack, platform)


@pytest.fixture(scope="module")
def api(tenant):
    """The tenant's administrator, who may do everything."""
    return tenant.admin


@pytest.fixture(scope="session")
def events(stack):
    """Everything published since the beginning."""
    log = EventLog(stack.kafka, list(stack.services), stack.connect)
    yield log
    log.stop()


@pytest.fixture(scope="module")
def database(stack):
    """The superuser's connection, to look behind the API. One a module: the tests of faults end PostgreSQL, and it with it."""
    with stack.connect() as connection:
        yield connection
