"""Debian's Chromium, driven by Debian's ChromeDriver: no window, no outside, and everything that it says and fetches."""

import json
import urllib.parse

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

DRIVER = "/usr/bin/chromedriver"
# Longer than anything takes on a slow machine that is busy with other tests.
WITHIN = 120.0

OPTIONS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=PasswordManagerOnboarding,PasswordLeakDetection,OptimizationHints,MediaRouter",
    "--ignore-certificate-errors",
    "--lang=en",
    # Whatever a page asks for elsewhere is not looked up, let alone fetched; that it asked is in the log.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


class Chromium:
    """One browser. `seen` counts what has been fetched and said since the last look."""

    def __init__(self, profile):
        options = webdriver.ChromeOptions()
        for option in [*OPTIONS, f"--user-data-dir={profile}"]:
            options.add_argument(option)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        self.driver.set_page_load_timeout(WITHIN)
        self.look(480, 720)

    def quit(self):
        self.driver.quit()

    def look(self, width, height, scheme="light"):
        """A window of that size, in light or dark."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )

    def scripts(self, allowed):
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not allowed})

    def open(self, url):
        self.driver.get(url)

    def press(self, *keys):
        """On the keyboard, whatever has the focus."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def focus(self):
        """What has it."""
        return self.driver.switch_to.active_element

    def await_focus(self, name):
        """Waits until what has it is called so: what is typed before goes nowhere."""
        assert self.wait(lambda: self.focus().accessible_name == name)

    def wait(self, holds):
        """Until it holds. A page may go while it is looked at, which has many names: then the next is looked at."""

        def look(_):
            try:
                return holds()
            except (NoSuchElementException, StaleElementReferenceException):
                return False
            except WebDriverException as error:
                if "inspector error" in str(error) or "navigation" in str(error):
                    return False
                raise

        return WebDriverWait(self.driver, WITHIN, 0.05).until(look)

    def find(self, selector):
        return self.wait(lambda: next(iter(self.driver.find_elements(By.CSS_SELECTOR, selector)), None))

    def text(self, selector):
        return self.wait(lambda: self.driver.find_element(By.CSS_SELECTOR, selector).text)

    def sees(self, selector):
        return self.wait(lambda: self.driver.find_element(By.CSS_SELECTOR, selector).is_displayed())

    def nameless(self):
        """The roles of what can have the focus and has no name that could be read out."""
        nodes = self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        can = [node for node in nodes if any(has["name"] == "focusable" for has in node.get("properties", []))]
        assert can
        return [node["role"]["value"] for node in can if not node.get("name", {}).get("value")]

    def said(self):
        """What stands in the console, since it was last looked at."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def fetched(self):
        """The addresses that were asked for, likewise."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        urls = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
        return [url for url in urls if urllib.parse.urlsplit(url).scheme not in ("data", "chrome", "about")]
