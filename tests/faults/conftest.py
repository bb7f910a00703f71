"""What tests that break the system share. Each begins and ends with all of it at work."""
import os
import secrets

import pytest

from support.tenant import Tenant


@pytest.fixture(autouse=True)
def whole(stack):
    yield
    stack.start(*stack.parts)


@pytest.fixture(scope="session")
def tenants(stack, platform):
    """Three: writers of one tenant wait for its number series, those of three don't wait for each other."""
    return [Tenant(stack, platform) for _ in range(3)]


@pytest.fixture(scope="session")
def seed():
    """What chance begins with: AFTERCARE_FAULTS_SEED brings a failed run back, as far as time lets it."""
    return os.environ.get("AFTERCARE_FAULTS_SEED") or secrets.token_hex(4)
