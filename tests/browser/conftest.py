"""A real Chromium, and everything it asked for and complained of."""
import json
import os

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM = "/usr/bin/chromium"
DRIVER = "/usr/bin/chromedriver"
SECONDS = 120
# What a page carries in itself, and the browser's own pages.
WITHIN = ("data:", "chrome:")
SWITCHES = (
    "--headless --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --window-size=1280,900"
).split()


class Page:
    """What a person does with a page: finds, clicks, types, reads. Whatever it looks for it waits for."""

    def __init__(self, driver, base):
        self.driver = driver
        self.base = base
        self.requests = []
        self.errors = []

    def open(self, path):
        self.driver.get(self.base + path)

    def until(self, what, condition):
        return WebDriverWait(self.driver, SECONDS).until(lambda _: condition(), f"not within {SECONDS} s: {what}")

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def find(self, selector):
        """The first visible match."""
        return self.until(selector, lambda: next((item for item in self.all(selector) if item.is_displayed()), None))

    def click(self, selector):
        item = self.find(selector)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", item)
        item.click()

    def type(self, selector, text):
        item = self.find(selector)
        item.clear()
        item.send_keys(text)

    def text(self, selector):
        return self.find(selector).text

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def command(self, name, **parameters):
        """A command of the Chrome DevTools protocol."""
        return self.driver.execute_cdp_cmd(name, parameters)

    def read_logs(self):
        """Adds to `requests` (method, address), and to `errors` what the console shows in red."""
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                sent = message["params"]["request"]
                if not sent["url"].startswith(WITHIN):
                    self.requests.append((sent["method"], sent["url"]))
        self.errors += [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def asked(self, method, path):
        self.read_logs()
        return (method, self.base + path) in self.requests

    def error(self):
        """What the console shows in red by now; it was expected."""
        self.until("an error on the console", lambda: self.read_logs() or self.errors)
        told, self.errors = "\n".join(self.errors), []
        return told


@pytest.fixture(scope="session")
def driver(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for switch in SWITCHES:
        options.add_argument(switch)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with webdriver.Chrome(options=options, service=Service(DRIVER)) as running:
        yield running


@pytest.fixture
def page(driver, stack, request):
    """A new tab. In the end it has asked nothing elsewhere, and left no error unread."""
    before = driver.current_window_handle
    driver.switch_to.new_window("tab")
    tab = driver.current_window_handle
    driver.switch_to.window(before)
    driver.close()
    driver.switch_to.window(tab)
    page = Page(driver, stack.gateway)
    page.read_logs()  # of the tab before
    page.requests, page.errors = [], []
    yield page
    if request.node.failed:
        driver.save_screenshot(str(stack.state / "log" / f"{request.node.name}.png"))
    page.read_logs()
    assert page.errors == []
    assert [address for _, address in page.requests if not address.startswith(f"{stack.gateway}/")] == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    item.failed = report.failed
    return report
