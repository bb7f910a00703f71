"""What people read of an answer follows Accept-Language: titles and details of problems, warnings, results of lines."""
import json

import pytest
import requests
from support.client import new_id, problem

ITALIAN = {"Accept-Language": "it-IT, it;q=0.9, en;q=0.5"}


def details(answer):
    return {item.get("pointer", item.get("parameter")): item["detail"] for item in answer.json()["errors"]}


def speaks(answer, language):
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in [name.strip() for name in answer.headers["Vary"].split(",")]


def test_every_fault_of_a_body_is_told(api):
    body = {"kind": "friend", "name": "", "credit": None, "tags": ["x" * 31], "nothing": 1, "version": 2}
    answer = api.post("/v1/customers", body, expect=422, headers=ITALIAN)
    assert problem(answer, 422, "invalid")["detail"] == "Regole violate dal contenuto: 6."
    assert details(answer) == {
        "/kind": "dev'essere uno tra: prospect acquired",
        "/name": "non può essere vuoto",
        "/credit": "non può essere null",
        "/tags/0": "al massimo 30 caratteri, ne ha 31",
        "/nothing": "campo inesistente",
        "/version": "lo imposta il server",
    }
    speaks(answer, "it")


def test_what_postgresql_refuses_too(tenant):
    api = tenant.admin
    made = tenant.customer()
    code = {"kind": "prospect", "name": "x", "code": made["code"]}
    twice = problem(api.post("/v1/customers", code, expect=409, headers=ITALIAN), 409, "duplicate")
    assert twice["detail"] == "Esiste già un altro elemento (cliente) con lo stesso valore di code."
    assert twice["errors"][0]["detail"] == "è già in uso"
    call = tenant.call()
    refused = problem(api.act(f"/v1/calls/{call['id']}", "resume", expect=409, headers=ITALIAN), 409, "transition-refused")
    assert refused["detail"].startswith("Stato attuale (chiamata): open. resume non è possibile. Ora si può: ")
    gone = problem(api.get(f"/v1/call-types/{new_id()}", expect=404, headers=ITALIAN), 404, "not-found")
    assert gone["title"] == "Non trovato" and gone["detail"] == "Non trovato: tipo di chiamata."


def test_english_is_the_rest(api):
    for language in (None, "en", "de", "it;q=0", "it;q=0.2, en;q=0.3"):
        answer = api.post("/v1/tags", {}, expect=422, headers={"Accept-Language": language})
        assert details(answer) == {"/code": "is required", "/label": "is required"}
        speaks(answer, "en")


def test_codes_and_values_stay(api):
    english = api.post("/v1/call-types", {"code": "a", "label": "b", "default_priority": "is required"}, expect=422).json()
    italian = api.post("/v1/call-types", {"code": "a", "label": "b", "default_priority": "is required"}, expect=422,
                       headers=ITALIAN).json()
    for told in (english, italian):
        assert told["type"].endswith("/invalid") and told["errors"][0]["code"] == "choice"
        assert told["errors"][0]["detail"].endswith(": low normal high critical")


def test_lines_of_bulk(api):
    lines = [{"kind": "prospect"}, {"kind": "prospect", "name": "Lingua"}, {"kind": "prospect", "name": "x", "bill_to_id": new_id()}]
    answer = api.request("POST", "/v1/customers/bulk", 200, data="\n".join(map(json.dumps, lines)),
                         headers={"Content-Type": "application/x-ndjson"} | ITALIAN)
    speaks(answer, "it")
    bare, good, unknown = map(json.loads, answer.text.splitlines())
    assert bare["errors"] == [{"pointer": "/name", "code": "required", "detail": "è obbligatorio"}]
    assert good["result"] == "created"
    assert unknown["detail"] == "Non trovato fra ciò che è in uso (per ora): cliente."


def test_warnings(tenant):
    technician = new_id()
    times = {"technician_id": technician, "kind": "work", "started_at": "2026-01-05T08:00:00Z", "ended_at": "2026-01-05T10:00:00Z"}
    for _ in range(2):
        activity = tenant.activity()
        answer = tenant.admin.post(f"/v1/activities/{activity['id']}/sessions", times, headers=ITALIAN)
    warning = answer.json()["warnings"][0]
    assert warning["code"] == "session-overlap"
    assert warning["detail"].startswith("Si sovrappone a un'altra registrazione di questo tecnico, iniziata alle ")
    speaks(answer, "it")


@pytest.mark.parametrize(("path", "status", "detail"), [
    ("/v1/nothing-here", 404, "A questo indirizzo non c'è nulla."),
    ("/v1/accounts?colour=red", 400, "Regole violate dai parametri: 1."),
    ("/v1/me?colour=red", 400, "Regole violate dai parametri: 1."),
])
def test_problems_of_the_gateways_own(api, path, status, detail):
    answer = api.get(path, expect=status, headers=ITALIAN)
    assert answer.json().get("detail") == detail
    if status == 400:
        assert details(answer)["colour"] in ("filtro o parametro inesistente", "parametro inesistente")
    speaks(answer, "it")


def test_who_is_not_let_in(stack):
    answer = requests.get(f"{stack.gateway}/v1/calls", headers=ITALIAN, timeout=30)
    assert problem(answer, 401, "unauthenticated")["detail"] == "Token rifiutato: serve un token Bearer."
    wrong = {"tenant": "no", "email": "no@example.com", "password": "wrong-password"}
    answer = requests.post(f"{stack.gateway}/v1/sessions", json=wrong, headers=ITALIAN, timeout=30)
    assert problem(answer, 401)["detail"] == "Azienda, e-mail o password errata."
