"""Transport documents as the page that goes with the goods."""
import pytest

from support import pdf
from support.client import new_id, problem
from support.goods import move
from support.tenant import Tenant
from test_transport_documents import act, line, paper

PALE = range(215, 228)  # the grey of the word behind a page


def address(street, city, province, **more):
    return {"street": street, "postcode": "24100", "city": city, "province": province, "country": "IT"} | more


def printed(api, row, folder):
    answer = api.get(f"/v1/transport-documents/{row['id']}/pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    return pdf.pages(answer.content, folder), answer


def pale(answer, folder):
    levels = pdf.greys(answer.content, folder)
    return sum(levels[level] for level in PALE) > 1000


@pytest.fixture(scope="module")
def company(api):
    body = {"company": {"name": "Escavatori Bianchi S.r.l.", "vat_number": "IT09876543210",
                        "address": address("Via dell'Industria 5", "Bergamo", "BG")}}
    api.patch("/v1/services/inventory/settings", body, "*")


def test_all_that_it_has_to_say(api, tenant, company, store, tmp_path):
    pump = tenant.article(tracking="serial", description="Pompa idraulica principale", uom="pz")
    hose = tenant.article(description="Tubo ad alta pressione", uom="m", decimals=1)
    move(api, "receipt", pump, store, 2, serials=["PX-0001", "PX-0002"])
    move(api, "receipt", hose, store, 12)
    party = tenant.copied(tenant.customer(name="Cave del Nord S.p.A.", vat_number="IT01234567890",
                                          address=address("Via Roma 12", "Lugano", "TI", country="CH")), "customer")
    row = paper(api, store, line(pump, 2, serials=["PX-0001", "PX-0002"]), line(hose, "2.5", description="Tubo 3/4\", già montato"),
                party={"customer_id": party["id"]}, reason="repaired", carried_by="carrier",
                carrier={"name": "Trasporti Lariani", "address": "Via Lago 1, Lecco"}, packages=3, weight_kg="127.500",
                appearance="Su pallet", started_at="2026-11-20T08:30:00Z", notes="Fragile.\nNon capovolgere.",
                destination=address("Strada della Cava 1", "Nembro", "BG", name="Cantiere di Nembro"))
    done = act(api, row, "issue").json()
    (page,), answer = printed(api, row, tmp_path)
    assert answer.headers["Content-Disposition"].startswith("inline") and done["number"].replace("/", "-") in str(answer.headers)
    day = "/".join(reversed(done["document_date"].split("-")))
    for word in (f"Documento di trasporto {done['number']} del {day}", "Escavatori Bianchi S.r.l.", "Via dell'Industria 5",
                 "24100 Bergamo (BG)", "Partita IVA IT09876543210", "Cave del Nord S.p.A.", "Via Roma 12", "CH", "IT01234567890",
                 "Cantiere di Nembro", "Strada della Cava 1", "Reso da riparazione", "Vettore", "Trasporti Lariani",
                 "Via Lago 1, Lecco", "20/11/2026", "Colli: 3", "Peso in kg: 127,5", "Su pallet", "Fragile.", "Non capovolgere.",
                 pump["code"], "Pompa idraulica principale", "Matricole: PX-0001, PX-0002", "Tubo 3/4\", già montato", "2,5",
                 "Firma del mittente", "Firma del vettore", "Firma del destinatario", "Pagina 1 di 1"):
        assert word in page, f"{word} is not in\n{page}"
    assert not pale(answer, tmp_path)


def test_a_draft_and_a_void_one_say_so(api, part, store, tmp_path):
    move(api, "receipt", part, store, 1)
    row = paper(api, store, line(part, 1))
    (page,), answer = printed(api, row, tmp_path)
    assert "(bozza)" in page and pale(answer, tmp_path)
    act(api, row, "issue")
    done = act(api, row, "void", reason="Indirizzo sbagliato").json()
    (page,), answer = printed(api, row, tmp_path)
    assert f"{done['number']} del" in page and "(annullato)" in page and "Annullato: Indirizzo sbagliato" in page
    assert pale(answer, tmp_path)


def test_a_long_one_goes_on_over_pages_and_loses_no_serial(api, tenant, store, tmp_path):
    pump = tenant.article(tracking="serial")
    serials = [f"SERIE-{number:03}-{'x' * 40}" for number in range(200)]
    rows = [line(pump, 200, serials=serials)] + [line(tenant.article(), 1, description=f"Riga {n:03} {'è lunga ' * 22}") for n in range(2)]
    rows += [line(pump, 1, description=f"Pezzo {number:03}") for number in range(120)]
    told, _ = printed(api, paper(api, store, *rows), tmp_path)
    text = " ".join("".join(told).split())
    assert len(told) > 4
    for number, page in enumerate(told, 1):
        assert f"Pagina {number} di {len(told)}" in page
    assert "Firma del destinatario" in told[-1] and "Firma del destinatario" not in told[0]
    assert all(text.count(f"SERIE-{number:03}-") == 1 for number in range(200)), "each serial once"
    assert all(text.count(f"Pezzo {number:03}") == 1 for number in range(120))
    assert "…" not in text, "nothing is cut"


def test_one_too_long_is_refused_before_it_is_set(api, tenant, store, tmp_path):
    pump = tenant.article(tracking="serial")
    full = [line(pump, 200, serials=[f"{number:03}-{place:02}-{'x' * 53}" for number in range(200)]) for place in range(45)]
    answer = api.get(f"/v1/transport-documents/{paper(api, store, *full)['id']}/pdf", expect=None)
    refused = problem(answer, 409, "conflict")
    assert refused["errors"][0]["pointer"] == "/lines" and "512" in refused["errors"][0]["detail"]
    told, _ = printed(api, paper(api, store, *full[:40]), tmp_path)
    assert "".join("".join(told).split()).count("199-39-") == 1, "the last serial of what is just short enough"


def test_goods_that_came_in(api, company, part, store, tmp_path):
    """Their sender's number, and we are the addressee."""
    party = {"name": "Forniture Rossi", "address": address("Via Po 3", "Torino", "TO")}
    row = paper(api, store, line(part, 4), direction="in", party=party, their_number="771/A", their_date="2026-11-20")
    act(api, row, "issue")
    (page,), _ = printed(api, row, tmp_path)
    assert "Documento di trasporto 771/A del 20/11/2026" in page
    heads = next(text for text in page.splitlines() if "Mittente" in text and "Destinatario" in text)
    names = next(text for text in page.splitlines() if "Forniture Rossi" in text)
    assert abs(heads.index("Mittente") - names.index("Forniture Rossi")) < 4
    assert abs(heads.index("Destinatario") - names.index("Escavatori Bianchi")) < 4


def test_in_the_language_of_the_tenant(stack, platform, tmp_path):
    tenant = Tenant(stack, platform, language="en")
    row = paper(tenant.admin, tenant.warehouse(), line(tenant.article(), 1), reason="loan")
    (page,), answer = printed(tenant.admin, row, tmp_path)
    assert "Transport document (draft)" in page and tenant.row["name"] in page and "Loan" in page and "Page 1 of 1" in page
    assert "draft.pdf" in answer.headers["Content-Disposition"]


def test_who_gets_it(api, tenant, part, store):
    row = paper(api, store, line(part, 1))
    at = f"/v1/transport-documents/{row['id']}/pdf"
    problem(api.get(at, headers={"Accept": "image/png"}, expect=406), 406)
    problem(api.get(f"/v1/transport-documents/{new_id()}/pdf", expect=404), 404)
    assert api.request("HEAD", at, 200).content == b""


def test_papers_of_a_machine(api, tenant, store, events):
    """Those that name its serial, and those with which a return of it came."""
    machine = tenant.asset(serial="DOC-1")
    article = {"id": machine["article_id"]}
    sold = paper(api, store, line(article, 1, serials=["DOC-1"]))
    customer = tenant.copied(tenant.customer(), "customer")
    head = api.post("/v1/rmas", {"kind": "customer_repair", "customer_id": customer["id"], "lines": [
        {"article_id": article["id"], "serial": "DOC-1", "asset_id": machine["id"]}]}).json()
    back = paper(api, store, line(article, 1, rma_line_id=api.list(f"/v1/rmas/{head['id']}/lines")[0]["id"]), direction="in",
                 reason="repair", party={"customer_id": customer["id"]}, their_number="88", their_date="2026-11-20")
    paper(api, store, line(article, 1, serials=["DOC-2"]))
    rows = api.list(f"/v1/assets/{machine['id']}/documents")
    assert [(row["owner"]["id"], row["kind"], row["number"], row["state"], row["customer_id"]) for row in rows] == [
        (back["id"], "transport_document", "88", "draft", customer["id"]), (sold["id"], "transport_document", None, "draft", None)]
    assert api.list(f"/v1/assets/{machine['id']}/documents", state="issued") == []
    of_one = api.list(f"/v1/transport-documents/{sold['id']}/documents")
    assert [row["content_url"] for row in of_one] == [rows[1]["content_url"]]
    assert api.get(of_one[0]["content_url"]).headers["Content-Type"] == "application/pdf"
