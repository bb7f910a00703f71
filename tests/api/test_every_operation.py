"""What is asked of every operation alike, without its data: who it is for, and what else its address takes."""
import re

import pytest
from support.client import new_id, problem
from support.description import METHODS, PLATFORMS, described

OPERATIONS = described()
PROTECTED = [key for key, operation in OPERATIONS.items() if operation.get("security") != []]
MATCHED = [key for key, operation in OPERATIONS.items() if {"$ref": "#/components/parameters/IfMatch"} in operation["parameters"]]
PATHS = {path: {method for method, other in OPERATIONS if other == path} for _, path in OPERATIONS}


def at(path):
    """The path with ids of nothing."""
    return re.sub(r"{(\w+)}", lambda found: "1" if found[1] == "number" else new_id(), path)


@pytest.mark.parametrize("method, path", PROTECTED, ids=" ".join)
def test_nothing_is_done_without_a_token(method, path, anonymous):
    """Neither for nobody nor for a token that is none, before anything is told of what is there and what would be right."""
    problem(anonymous.request(method, at(path)), 401, "unauthenticated")
    problem(anonymous.request(method, at(path), headers={"Authorization": f"Bearer {new_id()}"}), 401, "unauthenticated")


def test_few_need_none():
    """Logging in and what tells how."""
    assert OPERATIONS.keys() - set(PROTECTED) == {
        ("POST", "/v1/sessions"), ("POST", "/oauth/token"), ("POST", "/oauth/revoke"), ("GET", "/.well-known/jwks.json"),
        ("GET", "/.well-known/openid-configuration"), ("GET", "/openapi.json")}


@pytest.mark.parametrize("path", PATHS)
def test_an_address_takes_what_is_described(path, tenant):
    """And nothing else: 405, with what it takes. HEAD goes with GET, OPTIONS with all."""
    takes = PATHS[path] | {"OPTIONS"} | ({"HEAD"} if "GET" in PATHS[path] else set())
    refused = {method.upper() for method in METHODS} - PATHS[path]
    assert refused, "it would be the first that takes all"
    for method in sorted(refused):
        answer = tenant.admin.request(method, at(path), json={})
        problem(answer, 405, "method-not-allowed")
        assert set(answer.headers["Allow"].split(", ")) == takes, method


@pytest.mark.parametrize("method, path", MATCHED, ids=" ".join)
def test_nothing_is_changed_unseen(method, path, tenant, platform):
    """Who doesn't say which version he changes has not seen it."""
    client = platform if path.startswith(PLATFORMS) else tenant.admin
    problem(client.request(method, at(path), json={}), 428, "precondition-required")
