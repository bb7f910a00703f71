"""/docs as a person meets it, in a browser: read, log in, try an operation, log out; on a desk and on a phone."""
import json

import pytest

from support.client import Client
from support.tenant import PASSWORD

PHONE = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
# The first wait of more than a minute is over at once: the page renews its token long before that.
HURRY = """
const wait = window.setTimeout;
let hurried = false;
window.setTimeout = (run, ms, ...rest) => {
	const now = !hurried && ms > 60000;
	hurried = hurried || now;
	return wait(run, now ? 0 : ms, ...rest);
};
"""


@pytest.fixture
def docs(page):
    page.open("/docs")
    page.find(".opblock-tag")
    return page


def log_in(docs, tenant, email, password=PASSWORD):
    docs.type("#login [name=tenant]", tenant.code)
    docs.type("#login [name=email]", email)
    docs.type("#login [name=password]", password)
    docs.click("#login button")


def dispatcher(docs, tenant):
    """Logs in, and returns the account."""
    account = tenant.client("dispatcher").row
    log_in(docs, tenant, account["email"])
    docs.until("who is logged in", lambda: docs.all("#name")[0].text == account["name"])
    return account


def show(docs, tag, operation):
    """Opens an operation; returns the selector of its block."""
    block = f"#operations-{tag}-{operation}"
    if not docs.all(block):
        docs.click(f"#operations-tag-{tag}")
    docs.click(f"{block} .opblock-summary-control")
    docs.find(f"{block} .execute")
    return block


def execute(docs, block):
    """Status and JSON of the answer that the page shows."""
    docs.click(f"{block} .execute")
    live = f"{block} .live-responses-table .response"
    status = docs.text(f"{live} .response-col_status").split()[0]
    return int(status), json.loads(docs.text(f"{live} .highlight-code code"))


def test_shows_the_api_of_all_services(docs, stack):
    shown = {item.get_attribute("data-tag") for item in docs.all(".opblock-tag")}
    for service in stack.services:
        document = Client(stack.address(service)).get("/openapi.json").json()
        assert {tag["name"] for tag in document["tags"]} <= shown, service
    assert docs.driver.title == "Aftercare API"
    assert docs.asked("GET", "/openapi.json")


def test_every_group_says_what_it_is(docs):
    assert [item.text for item in docs.all(".opblock-tag") if not item.find_elements("css selector", "small p")] == []


def test_logs_in_and_asks_who_that_is(docs, tenant):
    account = dispatcher(docs, tenant)
    assert docs.text("#rights") == f"dispatcher of {tenant.row['name']}"
    assert not docs.all("#login")[0].is_displayed()
    status, me = execute(docs, show(docs, "me", "get_me"))
    assert status == 200
    assert (me["name"], me["tenant"]["code"], me["roles"]) == (account["name"], tenant.code, ["dispatcher"])


def test_enters_a_quick_call_and_another(docs, tenant):
    dispatcher(docs, tenant)
    block = show(docs, "calls", "post_calls_quick")
    numbers = []
    for subject in ("Hydraulic oil on the ground", "Track off"):
        docs.type(f"{block} .body-param__text", json.dumps({"name": "Anna Neri", "subject": subject}))
        status, call = execute(docs, block)
        assert (status, call["state"], call["subject"]) == (201, "received", subject)
        stored = tenant.admin.get(f"/v1/calls/{call['id']}").json()
        assert (stored["number"], stored["subject"], stored["caller"]["name"]) == (call["number"], subject, "Anna Neri")
        numbers.append(call["number"])
        docs.click(f"{block} .btn-clear")
    assert len(set(numbers)) == 2


def test_a_refusal_is_shown_whole(docs, tenant):
    dispatcher(docs, tenant)
    block = show(docs, "calls", "post_calls_quick")
    docs.type(f"{block} .body-param__text", '{"subject": ""}')
    status, problem = execute(docs, block)
    assert status == 422
    assert "/subject" in [fault["pointer"] for fault in problem["errors"]]
    assert "422" in docs.error()


def test_a_wrong_password_says_so(docs, tenant):
    email = tenant.client("operator").row["email"]
    log_in(docs, tenant, email, "not the password")
    told = docs.text("#message")
    assert "password" in told
    assert "401" in docs.error()
    assert docs.all("#login")[0].is_displayed()
    log_in(docs, tenant, email)
    docs.until("the operator's name", lambda: docs.all("#name")[0].text)
    assert docs.all("#message")[0].text == ""


def test_without_a_login_an_operation_asks_for_one(docs):
    status, problem = execute(docs, show(docs, "me", "get_me"))
    assert (status, problem["status"]) == (401, 401)
    assert "401" in docs.error()


def test_logging_out_ends_the_session(docs, tenant):
    dispatcher(docs, tenant)
    docs.click("#logout")
    docs.find("#login")
    docs.until("the end of the session", lambda: docs.asked("POST", "/oauth/revoke"))
    status, _ = execute(docs, show(docs, "me", "get_me"))
    assert status == 401
    assert "401" in docs.error()
    assert docs.all("#message")[0].text == ""


def test_the_token_is_renewed_before_it_ends(page, tenant):
    page.command("Page.addScriptToEvaluateOnNewDocument", source=HURRY)
    page.open("/docs")
    page.find(".opblock-tag")
    dispatcher(page, tenant)
    page.until("another token", lambda: page.asked("POST", "/oauth/token"))
    status, _ = execute(page, show(page, "me", "get_me"))
    assert status == 200


def test_nothing_else_is_reachable_from_the_page(docs, stack):
    """The policy holds: neither another address of this machine, nor a script in the page."""
    other = stack.address(stack.others[0])
    went = docs.run("return fetch(arguments[0]).then(() => 'went', () => 'stopped')", f"{other}/openapi.json")
    assert went == "stopped"
    assert "Content Security Policy" in docs.error()
    docs.run(
        "const script = document.createElement('script');"
        "script.textContent = 'window.intruded = true';"
        "document.body.append(script)"
    )
    assert docs.run("return window.intruded") is None
    assert "Content Security Policy" in docs.error()
    docs.requests = [asked for asked in docs.requests if not asked[1].startswith(other)]


def test_fits_a_phone(page, tenant):
    page.command("Emulation.setDeviceMetricsOverride", **PHONE)
    page.open("/docs")
    page.find(".opblock-tag")
    dispatcher(page, tenant)
    for tag, operation in (("calls", "list_calls"), ("calls", "post_calls_quick"), ("me", "get_me")):
        show(page, tag, operation)
        assert page.run("return document.documentElement.scrollWidth") <= PHONE["width"], operation


def test_is_dark_where_the_person_wants_it(page):
    def background():
        return sum(page.run("return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"))

    page.open("/docs")
    page.find(".opblock-tag")
    assert background() > 600
    page.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    page.until("the dark page", lambda: background() < 150)
