"""Who is calling: candidates by phone, e-mail, serial and name."""
import pytest
from support.client import problem

PATH = "/v1/customers/lookup"


@pytest.fixture(scope="module")
def known(tenant):
    """A customer with a site, a contact and a machine, each with a way to find it."""
    customer = tenant.customer(name="Cave del Nord", phones=[{"raw": "035 123456"}], emails=[{"address": "Info@Cave.example"}])
    site = tenant.site(customer, phones=[{"raw": "035 222333"}])
    contact = tenant.contact(customer, first_name="Anna", last_name="Verdi", phones=[{"raw": "+39 347 1234567"}])
    tenant.call(customer, asset={"serial": "SN-77", "article_code": "EXC"})
    return customer, site, contact


def look(client, **parameters):
    return client.get(PATH, params=parameters).json()["items"]


def test_a_phone_finds_customer_site_and_contact(tenant, known):
    customer, site, contact = known
    client = tenant.client("callcenter")
    [found] = look(client, phone="035123456")
    assert found["customer"] | {"id": customer["id"], "name": "Cave del Nord"} == found["customer"]
    assert (found["by"], found["exact"], found["contact"], found["site"]) == ("phone", True, None, None)
    [found] = look(client, phone="+39 035 222 333")
    assert found["site"]["id"] == site["id"] and found["customer"]["id"] == customer["id"]
    [found] = look(client, phone="347 1234567")
    assert found["contact"]["last_name"] == "Verdi" and found["customer"]["id"] == customer["id"]
    assert look(client, phone="035 999999") == []


def test_email_and_serial(tenant, known):
    customer = known[0]
    [found] = look(tenant.admin, email="INFO@cave.example")
    assert (found["customer"]["id"], found["by"]) == (customer["id"], "email")
    [found] = look(tenant.admin, serial="sn-77")
    assert (found["customer"]["id"], found["by"]) == (customer["id"], "serial")
    assert found["asset"]["serial"] == "SN-77" and found["asset"]["article_code"] == "EXC"


def test_names_are_found_when_alike(tenant, known):
    customer, _, contact = known
    first = look(tenant.admin, name="Cave del Nord")[0]
    assert first["customer"]["id"] == customer["id"] and first["exact"] is True
    for name in ("cave", "Cave Nord", "Cave del Nort"):
        first = look(tenant.admin, name=name)[0]
        assert first["customer"]["id"] == customer["id"] and first["exact"] is False, name
    assert look(tenant.admin, name="Verdi")[0]["contact"]["id"] == contact["id"]
    assert look(tenant.admin, name="Zyxwvu") == []


def test_who_is_found_by_more_comes_first(tenant, known):
    other = tenant.customer(name="Another", phones=[{"raw": "035 123456"}])
    found = look(tenant.admin, phone="035 123456", serial="SN-77")
    assert found[0]["customer"]["id"] == known[0]["id"]
    assert found[-1]["customer"]["id"] == other["id"]
    tenant.admin.patch(f"/v1/customers/{other['id']}", {"active": False}, "*")
    assert {item["customer"]["id"] for item in look(tenant.admin, phone="035 123456")} == {known[0]["id"]}


def test_at_most_ten(tenant):
    for _ in range(12):
        tenant.customer(name="Many of us")
    assert len(look(tenant.admin, name="Many of us")) == 10


def test_what_is_refused(tenant, other, known):
    problem(tenant.admin.get(PATH, expect=None), 400, "bad-query")
    for parameters in ({"phone": "hello"}, {"colour": "red"}, {"name": ""}, {"email": "nobody"}, {"name[prefix]": "a"}):
        refused = problem(tenant.admin.get(PATH, params=parameters, expect=None), 400, "bad-query")
        told = [item["parameter"] for item in refused["errors"] if item["code"] != "required"]
        assert told == list(parameters)
    problem(tenant.client("portal").get(PATH, params={"name": "a"}, expect=None), 403)
    assert look(other.admin, phone="035 123456") == [] and look(other.admin, serial="SN-77") == []
