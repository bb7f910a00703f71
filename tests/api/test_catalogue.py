"""The catalogue: the tree of categories, kits, substitutes, prices with their reasons."""
import functools
import itertools

import pytest
from support.at_once import at_once
from support.client import faults, problem, told

counter = itertools.count(1)


@pytest.fixture(scope="module")
def store(tenant):
    return tenant.warehouse()


def component(api, kit, article, quantity="1", expect=201, **fields):
    body = {"component_id": article["id"], "quantity": quantity} | fields
    return api.post(f"/v1/articles/{kit['id']}/components", body, expect=expect)


def resolve(api, article, **parameters):
    return api.get("/v1/prices/resolve", params={"article_id": article["id"]} | parameters).json()


def test_a_filter_by_category_takes_those_below(api, tenant):
    for code, parent in (("MACH", None), ("HYD", "MACH"), ("PUMP", "HYD")):
        api.post("/v1/article-categories", {"code": code, "label": code, "parent_code": parent})
    pump = tenant.article(category_code="PUMP")
    assert [row["id"] for row in api.list("/v1/articles", category_code="MACH")] == [pump["id"]]
    assert api.list("/v1/articles", category_code="PUMP") == [pump]
    top = api.list("/v1/article-categories", code="MACH")[0]
    answer = api.patch(f"/v1/article-categories/{top['id']}", {"parent_code": "PUMP"}, top["version"], expect=None)
    assert faults(answer) == {"/parent_code": "cycle"}
    answer = api.post("/v1/article-categories", {"code": "X", "label": "X", "parent_code": "NONE"}, expect=None)
    assert faults(answer) == {"/parent_code": "reference"}
    problem(api.delete(f"/v1/article-categories/{top['id']}", "*", expect=None), 409, "referenced")


def test_what_an_article_may_be(api, tenant):
    body = {"code": "BAD", "kind": "service", "description": "Visit", "uom": "h", "stocked": True}
    assert faults(api.post("/v1/articles", body, expect=None)) == {"/stocked": "stocked"}
    body |= {"kind": "part", "tracking": "serial", "decimals": 2}
    assert faults(api.post("/v1/articles", body, expect=None)) == {"/decimals": "range"}
    body |= {"decimals": 0, "tracking": "none", "becomes_asset": True}
    assert faults(api.post("/v1/articles", body, expect=None)) == {"/becomes_asset": "serials"}
    article, store = tenant.article(), tenant.warehouse()
    api.post("/v1/movements", {"kind": "receipt", "article_id": article["id"], "warehouse_id": store["id"], "quantity": "1"})
    refused = api.patch(f"/v1/articles/{article['id']}", {"tracking": "serial"}, "*", expect=None)
    assert problem(refused, 409, "conflict")["errors"][0]["pointer"] == "/tracking"


def test_the_erp_owns_what_it_brought(api, tenant):
    erp = tenant.client("integration")
    code = f"ERP{next(counter)}"
    line = {"code": code, "kind": "part", "description": "Filter", "uom": "pcs", "stocked": True, "external_ref": code}
    assert erp.ndjson("/v1/articles/bulk", [line])[0]["result"] == "created"
    row = api.list("/v1/articles", code=code)[0]
    assert row["origin"] == "erp"
    problem(api.patch(f"/v1/articles/{row['id']}", {"description": "Mine"}, "*", expect=None), 403, "forbidden")
    assert api.patch(f"/v1/articles/{row['id']}", {"notes": "On the top shelf"}, "*").json()["notes"]
    assert erp.ndjson("/v1/articles/bulk", [line | {"description": "Oil filter"}])[0]["result"] == "changed"
    assert erp.ndjson("/v1/articles/bulk", [line | {"description": "Oil filter"}])[0]["result"] == "unchanged"


def kits_in_each_other(api, tenant):
    return [functools.partial(component, api, *pair, expect=None)
            for pair in itertools.permutations([tenant.article(kind="kit", stocked=False) for _ in range(2)])]


def below_each_other(api, path, rows, parent):
    return [functools.partial(api.patch, f"{path}/{row['id']}", parent(other), row["version"], expect=None)
            for row, other in itertools.permutations(rows)]


def categories_below_each_other(api, tenant):
    path = "/v1/article-categories"
    rows = [api.post(path, {"code": f"C{next(counter)}", "label": "C"}).json() for _ in range(2)]
    return below_each_other(api, path, rows, lambda other: {"parent_code": other["code"]})


def call_codes_below_each_other(api, tenant):
    path = "/v1/call-codes"
    rows = [api.post(path, {"code": f"K{next(counter)}", "label": "K", "kind": "fault"}).json() for _ in range(2)]
    return below_each_other(api, path, rows, lambda other: {"parent_id": other["id"]})


@pytest.mark.parametrize("circle", [kits_in_each_other, categories_below_each_other, call_codes_below_each_other])
def test_two_at_once_make_no_circle(api, tenant, circle):
    for _ in range(10):
        answers = at_once(lambda ask: ask(), circle(api, tenant))
        assert sorted(answer.status_code for answer in answers)[1] in (422, 503), [told(answer) for answer in answers]


def test_components_of_a_kit(api, tenant, events):
    kit, inner, screw, other = (tenant.article(kind=kind, stocked=kind == "part") for kind in ("kit", "kit", "part", "part"))
    row = component(api, kit, inner, "2").json()
    path = f"/v1/articles/{kit['id']}/components/{row['id']}"
    assert row["article_id"] == kit["id"] and api.get(path).json() == row
    assert api.list(f"/v1/articles/{kit['id']}/components") == [row]
    assert events.wait(row["id"])[0].name == "kit_component.created"
    component(api, inner, screw, "4")
    assert faults(component(api, inner, kit, expect=None)) == {"/component_id": "cycle"}
    assert faults(component(api, kit, kit, expect=None)) == {"/component_id": "cycle"}
    problem(component(api, screw, other, expect=None), 409, "conflict")
    problem(component(api, kit, inner, expect=None), 409, "duplicate")
    problem(api.get(f"/v1/articles/{inner['id']}/components/{row['id']}", expect=None), 404)
    assert faults(component(api, kit, other, "0", expect=None)) == {"/quantity": "format"}
    assert faults(component(api, kit, other, article_id=kit["id"], expect=None)) == {"/article_id": "read-only"}
    changed = api.patch(path, {"quantity": "3", "optional": True}, row["version"]).json()
    assert (changed["quantity"], changed["optional"]) == ("3.000", True)
    api.delete(path, changed["version"])
    assert api.list(f"/v1/articles/{kit['id']}/components") == []


def test_alternatives_with_what_is_there(api, tenant, store):
    old, new, equal = tenant.article(), tenant.article(), tenant.article()
    api.post("/v1/substitutes", {"article_id": old["id"], "substitute_id": new["id"], "kind": "supersedes", "rank": 1})
    api.post("/v1/substitutes", {"article_id": equal["id"], "substitute_id": old["id"], "kind": "equivalent", "rank": 2,
                                 "both_ways": True})
    api.post("/v1/movements", {"kind": "receipt", "article_id": new["id"], "warehouse_id": store["id"], "quantity": "3"})
    path = f"/v1/articles/{old['id']}/alternatives"
    found = api.list(path)
    assert [(row["article_id"], float(row["available"])) for row in found] == [(new["id"], 3.0), (equal["id"], 0.0)]
    assert found[0]["warehouses"] == [{"warehouse_id": store["id"], "code": store["code"], "available": "3.000"}]
    assert [row["article_id"] for row in api.list(path, warehouse_id=store["id"])] == [new["id"]]
    assert [row["article_id"] for row in api.list(f"/v1/articles/{equal['id']}/alternatives")] == [old["id"]]
    assert api.list(f"/v1/articles/{new['id']}/alternatives") == []
    answer = api.post("/v1/substitutes", {"article_id": old["id"], "substitute_id": old["id"], "kind": "equivalent"}, expect=None)
    assert faults(answer) == {"/substitute_id": "range"}


def test_a_price_tells_its_reason(api, tenant):
    article = tenant.article(list_price="100")
    api.post("/v1/price-lists", {"code": "GOLD", "name": "Good customers"})
    for fields in ({"from_quantity": "0", "price": "90"}, {"from_quantity": "10", "price": "80", "discounts": ["10", "5"]},
                   {"from_quantity": "0", "price": "70", "valid_from": "2030-01-01", "valid_until": "2030-12-31"}):
        body = {"list_code": "GOLD", "article_id": article["id"]} | fields
        if "valid_from" in fields:
            answer = api.post("/v1/prices", body, expect=None)
            assert problem(answer, 409)["errors"][0]["pointer"] == "/valid_from", "the first holds on all days"
        else:
            api.post("/v1/prices", body)
    assert resolve(api, article)["price"] == "100.0000" and "no price list was named" in resolve(api, article)["reason"]
    small = resolve(api, article, price_list_code="GOLD", quantity="9.5")
    assert (small["price"], small["net_price"], small["from_quantity"]) == ("90.0000", "90.0000", "0.000")
    large = resolve(api, article, price_list_code="GOLD", quantity="10")
    assert (large["price"], large["discounts"], large["net_price"]) == ("80.0000", ["10.00", "5.00"], "68.4000")
    assert "GOLD" in large["reason"]
    unknown = resolve(api, article, price_list_code="NONE")
    assert unknown["price"] == "100.0000" and "no price list NONE" in unknown["reason"]
    assert resolve(api, tenant.article())["price"] is None
    answer = api.get("/v1/prices/resolve", params={"quantity": "0", "colour": "red"}, expect=None)
    assert faults(answer, 400) == {"article_id": "required", "quantity": "format", "colour": "unknown"}


def test_days_of_a_price(api, tenant):
    article = tenant.article(list_price="100")
    api.post("/v1/price-lists", {"code": "DAYS", "name": "By days", "valid_until": "2030-06-30"})
    price = {"list_code": "DAYS", "article_id": article["id"]}
    api.post("/v1/prices", price | {"price": "60", "valid_until": "2029-12-31"})
    api.post("/v1/prices", price | {"price": "65", "valid_from": "2030-01-01"})
    prices = [resolve(api, article, price_list_code="DAYS", date=day)["price"]
              for day in ("2029-12-31", "2030-01-01", "2030-06-30", "2030-07-01")]
    assert prices == ["60.0000", "65.0000", "65.0000", "100.0000"]
    [of_2030] = api.list("/v1/prices", article_code=article["code"], valid_at="2030-01-01")
    assert of_2030["price"] == "65.0000"
    wrong = {"/valid_until": "order"}
    assert faults(api.post("/v1/prices", price | {"price": "1", "valid_from": "2031-01-02", "valid_until": "2031-01-01"}, 422)) == wrong
    refused = api.patch(f"/v1/prices/{of_2030['id']}", {"valid_until": "2029-12-31"}, "*", expect=422)
    assert faults(refused) == wrong and problem(refused, 422)["errors"][0]["detail"] == "must not be before valid_from"


def test_numbers_are_told_how_they_are_written(api, tenant):
    """As strings, with so many digits on either side of the point."""
    def told_of(price):
        price = {"list_code": "NONE", "article_id": tenant.article()["id"], "price": price}
        [fault] = problem(api.post("/v1/prices", price, expect=422), 422)["errors"]
        return fault["detail"]

    assert told_of(12.5) == 'must be a decimal in a string, as "12.5"'
    assert told_of("-1") == "must not be negative"
    for price in ("12,5", "1.23456", "12345678901"):
        assert told_of(price) == "must be a decimal as 12.5, of at most 10 digits before the point and 4 behind it"
