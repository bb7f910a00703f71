"""Lists printed as PDF, by jobs."""
import pytest

from support import pdf
from support.client import problem
from support.tenant import Tenant
from support.transfer import ended, imported


@pytest.fixture(scope="module")
def tenant(stack, platform):
    return Tenant(stack, platform)


@pytest.fixture(scope="module")
def api(tenant):
    return tenant.admin


@pytest.fixture(scope="module")
def tags(api):
    """600 of them, on several pages."""
    rows = "code,label\n" + "".join(f"P{number:03},Città n° {number}\n" for number in range(600))
    job = ended(api, imported(api, "tags", rows.encode()))
    assert job["outcome"]["created"] == 600


def printed(api, path, body=None, **headers):
    """The ended job of a print."""
    answer = api.post(path, body or {}, expect=202, headers=headers)
    assert answer.headers["Location"] == f"/v1/jobs/{answer.json()['id']}"
    return ended(api, answer.json())


def pages(api, job, tmp_path):
    """The text of each page, laid out as it is."""
    answer = api.get(f"/v1/jobs/{job['id']}/result")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert job["result"]["file_name"] in answer.headers["Content-Disposition"]
    assert len(answer.content) == job["result"]["size"]
    return pdf.pages(answer.content, tmp_path)


def test_a_list_over_several_pages(api, tags, tmp_path):
    job = printed(api, "/v1/tags/prints?fields=code,label&sort=-code&code[prefix]=P", {"title": "Etichette – è così"})
    assert (job["kind"], job["collection"], job["state"]) == ("print", "tags", "done")
    assert (job["done"], job["total"], job["title"]) == (600, 600, "Etichette – è così")
    assert "parts" not in job["result"]
    told = pages(api, job, tmp_path)
    assert len(told) > 5
    assert "Etichette – è così" in told[0] and "inizia con P" in told[0] and "ordine: Codice ↓" in told[0]
    for number, page in enumerate(told, 1):
        assert f"Pagina {number} di {len(told)}" in page
        assert "Codice" in page and "Etichetta" in page
    text = "".join(told)
    places = [text.index(f"P{number:03} ") for number in range(600)]
    assert places == sorted(places, reverse=True), "each once, in the list's order"
    assert "Città n° 599" in told[0]


def test_rows_and_columns_as_people_write_them(api, tenant, tmp_path):
    """In Italian: decimals with commas, days first, times of the tenant's zone, objects by what names them."""
    zone = {"Accept-Language": "it"}
    call = tenant.call(subject="Perché non s'avvia?", opened_at="2026-01-15T12:30:00Z")
    article = api.post("/v1/articles", {"code": "PRINT-1", "kind": "part", "description": "Dente", "uom": "pcs",
                                        "list_price": "1234.5", "stocked": True}).json()
    job = printed(api, f"/v1/calls/prints?fields=number,customer,subject,opened_at,state&id={call['id']}&state[in]=open,in_progress&sort=opened_at",
                  {"labels": [{"field": "number", "label": "N. chiamata"}], "landscape": True}, **zone)
    text = "".join(pages(api, job, tmp_path))
    moment = "13:30" if tenant.row["time_zone"] == "Europe/Rome" else "12:30"
    assert f"15/01/2026 {moment}" in text
    assert call["number"] in text and "Perché non s'avvia?" in text and call["customer"]["name"] in text
    assert "N. chiamata" in text and "Oggetto" in text and "Pagina 1 di 1" in text and f"Id = {call['id']}" in text
    assert "Stato uno di aperto, in corso" in text and "ordine: Aperto il ↑" in text and "aperto\n" in text
    job = printed(api, f"/v1/articles/prints?fields=code,list_price,stocked&id={article['id']}", **zone)
    text = "".join(pages(api, job, tmp_path))
    assert "1234,5" in text and "sì" in text and "PRINT-1" in text


def test_only_what_one_sees(tenant, api, tmp_path):
    """A print shows what the list shows to who asked; and is his."""
    mine, other = tenant.call(subject="Mine to print"), tenant.call(subject="Not for the technician")
    technician = tenant.client("technician")
    tenant.admin.act(f"/v1/calls/{mine['id']}", "assign", {"technician_id": tenant.technician_id})
    job = printed(technician, "/v1/calls/prints?fields=number,subject")
    text = "".join(pages(technician, job, tmp_path))
    assert "Mine to print" in text and other["subject"] not in text
    problem(tenant.client("operator").get(f"/v1/jobs/{job['id']}/result", expect=404), 404)
    problem(tenant.client("portal").post("/v1/tags/prints?fields=code", {}, expect=403), 403, "forbidden")


def test_what_is_refused_at_once(api, tenant):
    def wrong(query, body=None, status=400):
        answer = api.post(f"/v1/calls/prints{query}", body or {}, expect=status)
        return {row.get("parameter") or row.get("pointer"): row["code"] for row in answer.json()["errors"]}

    assert wrong("") == {"fields": "required"}
    assert wrong("?fields=number,colour&state=flying") == {"fields": "unknown", "state": "choice"}
    assert wrong("?fields=" + ",".join(["number"] * 21)) == {"fields": "range"}
    assert wrong("?fields=number", {"title": "x" * 201, "labels": [{"field": "number"}]}, 422) == {
        "/title": "length", "/labels/0/label": "required"}
    operator = tenant.client("operator")
    answer = operator.post("/v1/articles/prints?fields=code,average_cost", {}, expect=None)
    assert answer.status_code in (400, 403), "costs are not printed for who doesn't see them"


def test_too_many_rows(api):
    rows = "code,label\n" + "".join(f"M{number:05},x\n" for number in range(10001))
    ended(api, imported(api, "tags", rows.encode()))
    job = printed(api, "/v1/tags/prints?fields=code&code[prefix]=M")
    assert job["state"] == "failed" and "10000" in job["detail"] and job["result"] is None
    problem(api.get(f"/v1/jobs/{job['id']}/result", expect=404), 404)
    assert printed(api, "/v1/tags/prints?fields=code&code[prefix]=M0")["done"] == 10000


def test_killed_on_the_way(api, stack, tags, tmp_path):
    """SIGKILL while it is made: another turn makes all of it."""
    job = api.post("/v1/tags/prints?fields=code,label&code[prefix]=P", {}, expect=202).json()
    stack.part("stop", "calls", "--kill")
    stack.part("start", "calls")
    row = ended(api, job)
    assert (row["state"], row["done"]) == ("done", 600)
    text = "".join(pages(api, row, tmp_path))
    assert all(text.count(f"P{number:03} ") == 1 for number in range(600))


def test_cancel(api):
    job = api.post("/v1/tags/prints?fields=code,label", {}, expect=202).json()
    answer = api.act(f"/v1/jobs/{job['id']}", "cancel", expect=None)
    row = ended(api, job)
    if answer.status_code == 200:  # unless it was the faster one
        assert row["state"] == "cancelled" and row["result"] is None
    else:
        assert row["state"] == "done"


def test_the_same_key_with_another_query(api):
    key = "print-1"
    first = api.post("/v1/tags/prints?fields=code&code=P001", {}, key=key, expect=202).json()
    again = api.post("/v1/tags/prints?fields=code&code=P001", {}, key=key, expect=202).json()
    assert first["id"] == again["id"]
    problem(api.post("/v1/tags/prints?fields=code&code=P002", {}, key=key, expect=422), 422)
