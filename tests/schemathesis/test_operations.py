"""The merged description against the running system: data made from its schemas, and data made against them.

For every operation of every service: no 5xx, no answer that isn't described, none that breaks its schema; what follows
the schema is taken, or refused for what no schema can say; what breaks it is refused.
"""
import os
import re

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi_checks
from support.description import PLATFORMS, described

LONG = bool(os.environ.get("AFTERCARE_TEST_LONG"))
EXAMPLES = 100 if LONG else 4  # of valid and of invalid data, each, for every operation
STEPS = 10  # of one walk along the links from what was made
WALKS = 50 if LONG else 6
SEED = 20261126
OPERATIONS = list(described())

# What may be wrong with a request that follows its schema: what others did before, and what only a person knows.
BEYOND_SCHEMAS = {
    "bad-cursor",  # a cursor is opaque: a made-up one looks like one
    "unauthenticated",  # made-up credentials
    "forbidden",
    "not-found",
    "conflict",
    "duplicate",
    "referenced",
    "transition-refused",
    "still-running",
    "refused-warning",
    "stale-version",
    "unknown-reference",
    "idempotency-key-reused",
    "too-many-requests",  # who guesses a password waits
    "article-multiplier",  # other than 1 comes from the ERP only, whose integration this is not
}
# OAuth's (RFC 6749 section 5.2): what a grant needs depends on its type; clients and tokens are made up.
BEYOND_SCHEMAS |= {"invalid_request", "invalid_client", "invalid_grant"}
# Rules of a body (422 invalid) that its schema doesn't say, and why.
RULES_BEYOND_SCHEMAS = {
    ("/old_password", "wrong"),  # only its account knows it
    ("/customer_id", "required"),  # of calls: the portal's own needs none
    ("/technician_id", "required"),  # of sessions: a technician means himself
    ("/done_at", "required"),  # what is done says when
    ("/done_at", "conflict"),
    ("/customer_id", "conflict"),  # an activity of a call is its customer's
    ("/asset", "conflict"),  # given beside assets
    ("/technician_id", "conflict"),  # only a van is somebody's
    ("/time_zone", "known"),  # has the form of a name, and is none
    ("/scope", "choice"),  # one that the account does not have
    ("phone", "format"),  # whether a number is valid, libphonenumber knows
    ("/phone", "format"),  # that of quick entry is one that may be dialled
    ("phone", "required"),  # of the ways to look up one is needed: OpenAPI has no word for that among parameters
    ("file_name", "required"),  # of a file, or else its upload
    ("/upload_id", "required"),  # of a file whose bytes are not the body
    ("/upload_id", "conflict"),  # beside a body
    ("/stocked", "stocked"),  # a service and a kit have no stock
    ("/decimals", "range"),  # pieces with serials are whole
    ("/becomes_asset", "serials"),  # what becomes an asset has a serial
    ("/vat_number", "required"),  # to convert a customer: it may have one already, and a setting lets it go
    ("/address", "required"),  # likewise, of the customer and not of the body
    ("/kind", "fixed"),  # a supplier's repair is made of the line that is repaired
    ("/customer_consent", "required"),  # to scrap what is a customer's
    ("/for", "choice"),  # a collection that takes files
    ("/slot", "range"),  # how many a tenant has is a setting
    ("/choices", "type"),  # a choice has them, other types of a tenant's fields don't
    ("/choices", "required"),
    ("/choices/*/code", "unique"),
    ("/max_length", "type"),  # likewise of a text
    ("/decimals", "type"),  # and of a number
}


def rule_beyond_schemas(pointer, code):
    """Which fields of its own a tenant has, and what they take, its definitions say; what a kept query may hold, its list;
    no schema puts two fields in order."""
    pointer = re.sub(r"/\d+(?=/|$)", "/*", pointer or "")
    return pointer in ("/x/*", "/query") or code == "order" or (pointer, code) in RULES_BEYOND_SCHEMAS



def refused_for_what_no_schema_says(_, response, case):
    """In place of positive_data_acceptance, which knows statuses but not why."""
    if case.meta.generation.mode.is_negative or response.status_code < 400 or response.status_code >= 500:
        return
    told = response.json()
    code = told.get("type", told.get("error")).rsplit("/", 1)[-1]
    faults = told.get("errors", [])
    beyond = [rule_beyond_schemas(fault.get("pointer", fault.get("parameter")), fault["code"]) for fault in faults]
    if code in BEYOND_SCHEMAS or (code in ("invalid", "bad-query") and faults and all(beyond)):
        return
    raise AssertionError(f"valid data was refused: {response.text}")


# Tokens and methods are no data either: test_every_operation asks each operation without a token, and each address for what it
# does not take, and those that need a version without one.
CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.negative_data_rejection,
    refused_for_what_no_schema_says,
]
# What one step of a walk says against another: what was made is there, what was removed is gone.
CHECKS_OF_WALKS = [*CHECKS, openapi_checks.ensure_resource_availability, openapi_checks.use_after_free]


# A file is any bytes; few of them do.
schemathesis.openapi.media_type("application/octet-stream", strategies.binary(max_size=200))


@schemathesis.serializer("application/x-ndjson")
def lines(_, value):
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture(scope="module")
def schema(stack):
    """Without its security: a token is not data to be made up. Who may do what is test_rights'."""
    document = requests.get(f"{stack.gateway}/openapi.json", timeout=30).json()
    del document["security"], document["components"]["securitySchemes"]
    schema = schemathesis.openapi.from_dict(document)
    # The description has its links; those guessed from names would be more than Hypothesis can choose among.
    schema.config.phases.stateful.inference.algorithms = []
    # Invalid data may be refused for its size before anybody looks at it.
    rejection = schema.config.checks.negative_data_rejection
    rejection.expected_statuses = [*rejection.expected_statuses, "412", "413", "414", "431"]
    return schema


def told(case, response):
    return f"{case.as_curl_command()}\n-> {response.status_code} {response.text[:2000]}"


@pytest.mark.parametrize("mode", ["valid", "invalid"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
def test_operations(method, path, mode, schema, stack, tenant, platform):
    operation = schema[path][method]
    if mode == "invalid" and path.endswith("/bulk"):
        return  # lines are a text: there is none that is not; each line is told by itself (test_bulk, lines_fuzz)
    client = platform if path.startswith(PLATFORMS) else tenant.admin
    generation = GenerationMode.POSITIVE if mode == "valid" else GenerationMode.NEGATIVE

    @seed(SEED)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck),
              phases=[Phase.generate], print_blob=False)
    @given(case=operation.as_strategy(generation_mode=generation))
    def run(case):
        headers = {} if operation.definition.raw.get("security") == [] else {"Authorization": f"Bearer {client.token()}"}
        response = case.call(base_url=stack.gateway, headers=headers)
        case.validate_response(response, checks=CHECKS, headers=headers)

    try:
        run()
    except hypothesis.errors.Unsatisfiable:
        assert mode == "invalid"  # nothing can be wrong with it


@pytest.mark.parametrize("walk", range(WALKS))
def test_walks_along_the_links(walk, schema, stack, tenant):
    """
    From what was made to what can be done with it, as the description's links say. Each walk begins anew: what comes next
    depends on answers, which Hypothesis must not compare. Its first example is always the simplest.
    """

    class Walk(schema.as_state_machine()):
        def get_call_kwargs(self, case):
            return {"base_url": stack.gateway, "headers": {"Authorization": f"Bearer {tenant.admin.token()}"}}

        def validate_response(self, response, case, **_):
            case.validate_response(response, checks=CHECKS_OF_WALKS, recorder=self.recorder)

    run_state_machine_as_test(seed(SEED + walk)(Walk), settings=settings(
        max_examples=2, stateful_step_count=STEPS, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate]))
