"""What tests that break the system share. Each begins and ends with all of it at work."""
import os
import secrets

import pytest


@pytest.fixture(autouse=True)
def whole(stack):
    yield
    for part in stack.parts:
        stack.start(part)


@pytest.fixture(scope="session")
def seed():
    """What chance begins with: AFTERCARE_FAULTS_SEED brings a failed run back, as far as time lets it."""
    return os.environ.get("AFTERCARE_FAULTS_SEED") or secrets.token_hex(4)
