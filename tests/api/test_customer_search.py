"""Customers are found by their own words and by the names of their contacts in use."""
import pytest

PATH = "/v1/customers"


def found(api, words):
    return {row["id"] for row in api.every(PATH, q=words)}


@pytest.fixture
def quarry(tenant):
    return tenant.customer(name="Cava Monteforno", address={"city": "Bellinzago"})


def test_by_the_names_of_contacts(tenant, api, quarry):
    tenant.contact(quarry, first_name="Ermenegilda", last_name="Passalacqua")
    tenant.contact(quarry, last_name="Quattrocchi")
    for words in ("ermenegilda", "passalacqua quattrocchi", "monteforno passalacqua", '"ermenegilda passalacqua"', "bellinzago"):
        assert found(api, words) == {quarry["id"]}, words
    assert found(api, "monteforno -quattrocchi") == set()
    assert api.get(f"{PATH}/{quarry['id']}").json()["version"] == quarry["version"]  # it is not the customer that changed


def test_names_leave_with_their_contacts(tenant, api, quarry):
    married, retired, removed = (tenant.contact(quarry, last_name=name) for name in ("Verdastri", "Rossetlani", "Gialducci"))
    assert found(api, "verdastri rossetlani gialducci") == {quarry["id"]}
    api.patch(f"/v1/contacts/{married['id']}", {"last_name": "Biancardelli"}, "*")
    api.patch(f"/v1/contacts/{retired['id']}", {"active": False}, "*")
    api.delete(f"/v1/contacts/{removed['id']}", "*")
    assert [found(api, words) for words in ("verdastri", "rossetlani", "gialducci")] == [set()] * 3
    assert found(api, "biancardelli") == {quarry["id"]}
    api.patch(f"/v1/contacts/{retired['id']}", {"active": True}, "*")
    assert found(api, "rossetlani biancardelli") == {quarry["id"]}


def test_names_move_to_the_customer_that_stays(tenant, api, quarry):
    winner = tenant.customer()
    tenant.contact(winner, last_name="Ottobrini")
    tenant.contact(quarry, last_name="Settembrini")
    api.act(f"{PATH}/{quarry['id']}", "merge", {"into": winner["id"]})
    assert found(api, "settembrini") == found(api, "ottobrini settembrini") == {winner["id"]}


def test_names_of_imported_contacts(tenant, api, quarry):
    lines = [{"customer_id": quarry["id"], "last_name": name, "external_ref": f"search:{name}"} for name in ("Lunardon", "Marzolin")]
    assert [result["result"] for result in api.ndjson("/v1/contacts/bulk", lines)] == ["created"] * 2
    assert found(api, "lunardon marzolin") == {quarry["id"]}


def test_an_erased_contact_is_no_longer_found_by(tenant, api):
    person = tenant.customer(person=True, name="Ubaldo Trecasali")
    tenant.contact(person, first_name="Wilma", last_name="Trecasali")
    assert found(api, "wilma") == {person["id"]}
    tenant.client("manager").act(f"{PATH}/{person['id']}", "anonymise")
    assert found(api, "wilma") == found(api, "trecasali") == set()


def test_a_contact_is_looked_up_once(tenant, api, quarry):
    contact = tenant.contact(quarry, last_name="Sessantini")
    items = api.get(f"{PATH}/lookup", params={"name": "Sessantini"}).json()["items"]
    assert [(item["customer"]["id"], item["contact"]["id"]) for item in items] == [(quarry["id"], contact["id"])]


def test_a_callers_name_suggests_whose_contact_he_is(tenant, quarry):
    tenant.contact(quarry, first_name="Igino", last_name="Novantini")
    match = tenant.quick_call(name="Igino Novantini")["match"]
    assert match["status"] == "candidates" and [row["customer_id"] for row in match["candidates"]] == [quarry["id"]]
