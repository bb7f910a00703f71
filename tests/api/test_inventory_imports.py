"""What an ERP brings at the start: articles and opening stock, as imports in inventory."""
import decimal
import json

import pytest

from support.client import new_id, problem
from support.stack import wait_for
from support.statements import logged, pipelines
from support.transfer import ended, errors, imported

NDJSON = "application/x-ndjson"
ARTICLES = 3000


def csv_of(columns, rows):
    return ("\r\n".join(",".join(row) for row in [columns, *rows]) + "\r\n").encode()


def article_rows(prefix, count):
    return [[f"{prefix}-{number}", "part", f"Part {number}", "pcs", "true", f"{number % 90 + 1}.50"] for number in range(count)]


ARTICLE_COLUMNS = ["code", "kind", "description", "uom", "stocked", "standard_cost"]


@pytest.fixture(scope="module")
def erp(tenant):
    return tenant.client("integration")


@pytest.fixture(scope="module")
def warehouse(tenant):
    return tenant.warehouse(code="IMPORT", kind="stock")


@pytest.fixture(scope="module")
def articles(erp):
    """An article a line, by an import."""
    job = ended(erp, imported(erp, "articles", csv_of(ARTICLE_COLUMNS, article_rows("OPEN", ARTICLES))))
    assert job["outcome"] == {"created": ARTICLES, "changed": 0, "unchanged": 0, "failed": 0}
    return job


def opening(prefix, count, **more):
    columns = ["kind", "article_code", "warehouse_code", "quantity", "unit_cost", "external_ref", *more]
    rows = [["opening", f"OPEN-{number}", "IMPORT", str(number % 7 + 1), "2.25", f"{prefix}:{number}", *more.values()]
            for number in range(count)]
    return columns, rows


def on_hand(erp, warehouse):
    return sum(decimal.Decimal(row["on_hand"]) for row in erp.every("/v1/stock", limit=500, warehouse_id=warehouse["id"]))


def test_articles_again_change_nothing(erp, articles):
    rows = article_rows("OPEN", ARTICLES)
    rows[7][2] = "Another name"
    job = ended(erp, imported(erp, "articles", csv_of(ARTICLE_COLUMNS, rows)))
    assert job["outcome"] == {"created": 0, "changed": 1, "unchanged": ARTICLES - 1, "failed": 0}
    assert erp.list("/v1/articles", code="OPEN-7")[0]["description"] == "Another name"


def test_opening_stock_by_codes(erp, articles, warehouse, events):
    """Goods by the codes of article and warehouse; what names none is told by its line; once more adds nothing."""
    before = on_hand(erp, warehouse)
    columns, rows = opening("codes", 200)
    rows[3][1] = "NO-SUCH"
    rows[5][2] = "NOWHERE"
    rows[8][1] = ""
    rows[9][3] = "0"
    job = ended(erp, imported(erp, "movements", csv_of(columns, rows)))
    assert job["outcome"] == {"created": 196, "changed": 0, "unchanged": 0, "failed": 4}
    assert [(row["line"], row["pointer"], row["code"]) for row in errors(erp, job)] == [
        (5, "/article_code", "reference"), (7, "/warehouse_code", "reference"), (10, "/article_id", "required"),
        (11, "/quantity", "format")]
    brought = sum(number % 7 + 1 for number in range(200) if number not in (3, 5, 8, 9))
    assert on_hand(erp, warehouse) - before == brought
    rows[3][1] = "OPEN-3"
    again = ended(erp, imported(erp, "movements", csv_of(columns, rows)))
    assert (again["outcome"]["created"], again["outcome"]["unchanged"]) == (1, 196)
    assert on_hand(erp, warehouse) - before == brought + 4
    posted = erp.list("/v1/movements", external_ref="codes:3")[0]
    assert posted["article"]["code"] == "OPEN-3" and posted["warehouse"]["code"] == "IMPORT"
    assert events.last(posted["id"], "movement.posted").data["external_ref"] == "codes:3"


def test_a_code_and_an_id_say_it_twice(erp, articles, warehouse):
    line = {"kind": "opening", "article_code": "OPEN-1", "warehouse_id": warehouse["id"], "quantity": "1"}
    article = erp.list("/v1/articles", code="OPEN-1")[0]
    results = erp.ndjson("/v1/movements/bulk", [line, line | {"article_id": article["id"]}, line | {"article_code": 7},
                                                line | {"article_code": None}])
    assert [row["result"] for row in results] == ["created", "failed", "failed", "failed"]
    assert [row["errors"][0]["pointer"] for row in results[1:]] == ["/article_code", "/article_code", "/article_id"]
    assert [row["errors"][0]["code"] for row in results[1:]] == ["duplicate", "type", "required"]


def test_articles_are_taken_in_the_order_of_their_ids(erp, stack, articles, warehouse):
    """All of them before the first line, whatever their order: two requests that take several would wait for each other else."""
    ids = sorted((row["id"] for row in erp.list("/v1/articles", limit=9)), reverse=True)
    lines = [{"kind": "opening", "article_id": article, "warehouse_id": warehouse["id"], "quantity": "1"} for article in ids]
    mark = new_id()
    with logged(stack):
        erp.request("POST", "/v1/movements/bulk", 200, headers={"Content-Type": NDJSON, "X-Request-ID": mark},
                    data=b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    ran = [(sql, values) for pipeline in pipelines(stack, "inventory")[mark] for sql, values in pipeline]
    [taken] = [place for place, (sql, _) in enumerate(ran) if "articles_take" in sql]  # in the order of their ids (stock_lock)
    assert {body["article_id"] for body in json.loads(ran[taken][1][0])} == set(ids)
    assert taken < min(place for place, (sql, _) in enumerate(ran) if "movement_make" in sql)


def test_prices_by_code(erp, tenant, articles):
    tenant.admin.post("/v1/price-lists", {"code": "IMPORTED", "name": "Imported"})
    rows = [["IMPORTED", f"OPEN-{number}", "0", f"{number + 1}.00", f"price:{number}"] for number in range(50)]
    columns = ["list_code", "article_code", "from_quantity", "price", "external_ref"]
    for created, unchanged in ((50, 0), (0, 50)):
        job = ended(erp, imported(erp, "prices", csv_of(columns, rows)))
        assert (job["outcome"]["created"], job["outcome"]["unchanged"]) == (created, unchanged), job


def test_cancelled_stock_is_what_was_posted(erp, articles, warehouse):
    """Stock is the sum of the lines behind the job when it was stopped; a second import brings the rest, no more."""
    before = on_hand(erp, warehouse)
    columns, rows = opening("cancel", ARTICLES)
    job = imported(erp, "movements", csv_of(columns, rows))
    path = f"/v1/jobs/{job['id']}"
    wait_for("some progress", lambda: erp.get(path).json()["done"] > 0, 120, pause=0.05)
    row = erp.act(path, "cancel").json()
    assert row["state"] == "cancelled" and 0 < row["done"] < ARTICLES
    posted = len(erp.every("/v1/movements", limit=500, **{"external_ref[prefix]": "cancel:"}))
    assert posted == row["outcome"]["created"] == row["done"]
    assert on_hand(erp, warehouse) - before == sum(number % 7 + 1 for number in range(posted))
    problem(erp.act(path, "cancel", expect=409), 409, "transition-refused")
    rest = ended(erp, imported(erp, "movements", csv_of(columns, rows)), 300)
    assert rest["outcome"] == {"created": ARTICLES - posted, "changed": 0, "unchanged": posted, "failed": 0}
    assert on_hand(erp, warehouse) - before == sum(number % 7 + 1 for number in range(ARTICLES))


def test_killed_in_the_middle_nothing_is_doubled(erp, articles, warehouse, stack):
    """SIGKILL of inventory while goods come in, lines without a key of their own: stock is their sum all the same."""
    before = on_hand(erp, warehouse)
    columns, rows = opening("killed", ARTICLES)
    columns, rows = columns[:-1], [row[:-1] for row in rows]
    job = imported(erp, "movements", csv_of(columns, rows))
    path = f"/v1/jobs/{job['id']}"

    def far(part):
        answer = erp.get(path, expect=None)
        return answer.status_code == 200 and answer.json()["done"] >= part

    for part in (100, 1000):
        wait_for("progress", lambda part=part: far(part), 120, pause=0.05)
        stack.part("stop", "inventory", "--kill")
        stack.part("start", "inventory")
    row = ended(erp, job, 300)
    assert row["outcome"] == {"created": ARTICLES, "changed": 0, "unchanged": 0, "failed": 0}
    assert on_hand(erp, warehouse) - before == sum(number % 7 + 1 for number in range(ARTICLES))
