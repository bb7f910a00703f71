"""What tests of goods share: a place of a customer, warehouses, and a part of which nobody else has a piece."""
import pytest


@pytest.fixture(scope="module")
def store(tenant):
    return tenant.warehouse(code="MAIN", kind="stock")


@pytest.fixture(scope="module")
def bench(tenant):
    return tenant.warehouse(code="REPAIR", kind="repair")


@pytest.fixture(scope="module")
def van(tenant):
    return tenant.warehouse(kind="van", technician_id=tenant.technician_id)


@pytest.fixture(scope="module")
def place(tenant):
    return tenant.place()


@pytest.fixture
def part(tenant):
    return tenant.article()
