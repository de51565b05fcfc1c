"""A person logs in: each year's page, by keyboard alone, without scripts, in light and dark, on a telephone's width. The
console stays empty, and nothing is fetched from elsewhere."""

import struct
import zlib

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from pages import PASSWORD, PICTURES, SHOWN, STEPS, YEARS, log_in, take_pictures

SUCCESS = "Client login succeeds"
REFUSED = "Invalid username password combination"


@pytest.fixture
def quiet(browser, gateway):
    """Fails a test whose pages made the browser complain, or ask for anything that is not the gateway's."""
    browser.look(480, 720)
    browser.said(), browser.fetched()
    yield
    said, fetched = browser.said(), browser.fetched()
    # The text at the end is no page, and cannot say that it has no icon: the browser asks for one, and is sent where the
    # real gateway sends it (docs/gateway.md#routing). The resolver of this browser knows no such place.
    icon = "https://api.ibkr.com/favicon.ico"
    assert [message for message in said if icon not in message] == []
    assert [url for url in fetched if not url.startswith(gateway.url + "/") and url != icon] == []


@pytest.fixture
def has_succeeded(browser, quiet):
    return lambda: browser.wait(lambda: browser.driver.find_elements(By.TAG_NAME, "pre")) and browser.text("pre") == SUCCESS


@pytest.mark.parametrize("year", YEARS)
def test_by_keyboard_alone(browser, gateway, has_succeeded, year):
    gateway.become(year)
    browser.open(gateway.url + "/")
    assert browser.driver.current_url.startswith(gateway.url + "/sso/Login?forwardTo=22&RL=1&ip2loc=")

    browser.press(Keys.TAB)
    assert browser.focus().accessible_name == "Username"
    browser.press("trader", Keys.TAB)
    assert browser.focus().accessible_name == "Password"
    browser.press("wrong", Keys.TAB)
    toggle = browser.focus()
    assert (toggle.accessible_name, toggle.aria_role, toggle.is_selected()) == ("Paper trading account", "checkbox", False)
    browser.press(Keys.SPACE)
    assert toggle.is_selected()
    browser.press(Keys.SPACE, Keys.TAB)
    assert (browser.focus().accessible_name, browser.focus().aria_role) == ("Login", "button")
    browser.press(Keys.ENTER)

    alert = browser.find("[role=alert]")
    assert (alert.text, alert.aria_role) == (REFUSED, "alert")
    browser.press(Keys.TAB)
    assert browser.focus().get_attribute("value") == "trader"
    browser.press(Keys.TAB, PASSWORD, Keys.ENTER)
    assert has_succeeded()
    assert gateway.logins() == ["login_refused", "login"]


def test_a_code_is_typed_at_once(browser, gateway, has_succeeded):
    gateway.become("2026")
    STEPS["code"](browser, gateway)
    assert browser.focus().accessible_name == "Mobile Authenticator App Code"
    browser.press("000000", Keys.ENTER)
    assert browser.text("[role=alert]") == "failed"
    browser.press("123456", Keys.ENTER)
    assert has_succeeded()


def test_a_method_is_chosen_by_its_letter(browser, gateway, has_succeeded):
    gateway.become("2026")
    STEPS["method"](browser, gateway)
    assert browser.focus().accessible_name == "Device"
    browser.press("M")
    browser.find("#twofactbase input")
    browser.press("123456", Keys.ENTER)
    assert has_succeeded()


def test_the_phones_page_goes_on_by_itself(browser, gateway, has_succeeded):
    gateway.become("2026")
    STEPS["phone"](browser, gateway)
    assert browser.find(".login-step-notification").aria_role == "status"
    gateway.happen("second_factor_confirmed")
    assert has_succeeded()
    assert gateway.logins() == ["login_asks_notification", "login"]


def test_without_scripts(browser, gateway, has_succeeded):
    gateway.become("2026")
    browser.scripts(allowed=False)
    try:
        STEPS["method"](browser, gateway)
        browser.press("M", Keys.TAB, Keys.ENTER)
        browser.find("#twofactbase input").send_keys("123456", Keys.ENTER)
        assert has_succeeded()
        STEPS["phone"](browser, gateway)
        gateway.happen("second_factor_confirmed")
        assert has_succeeded()
    finally:
        browser.scripts(allowed=True)


# What of a page's text is too pale to read: WCAG 2.1 wants 4.5 to 1.
PALE = """
const light = (color) => {
  const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map((part) => part / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (element) => {
  for (; element; element = element.parentElement) {
    const color = getComputedStyle(element).backgroundColor;
    if (!color.startsWith('rgba(') || !color.endsWith(' 0)')) return color;
  }
  return 'rgb(255, 255, 255)';
};
const pale = [];
let looked = 0;
for (const element of document.querySelectorAll('main, main *')) {
  if (!element.matches('input, select') && ![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
  const [one, other] = [light(getComputedStyle(element).color), light(behind(element))];
  const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  looked += 1;
  if (ratio < 4.5) pale.push(`${element.tagName} ${element.className}: ${ratio.toFixed(2)}`);
}
return [looked, pale];
"""

# What somebody who does not see the page would miss: names of fields, one main heading, a language, a title.
MISSING = """
const missing = [];
for (const field of document.querySelectorAll('input:not([type=hidden]), select'))
  if (!field.labels.length) missing.push(`a label of ${field.id}`);
for (const button of document.querySelectorAll('button, a')) if (!button.innerText.trim()) missing.push('a button\\'s name');
if (document.documentElement.lang !== 'en') missing.push('the language');
if (!document.title) missing.push('the title');
if (document.querySelectorAll('h1').length !== 1) missing.push('one h1');
if (document.querySelectorAll('main').length !== 1) missing.push('one main');
if (document.compatMode !== 'CSS1Compat') missing.push('the doctype');
return missing;
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it(browser, gateway, quiet, scheme):
    gateway.become("2026")
    for step in STEPS.values():
        browser.look(480, 720, scheme)
        step(browser, gateway)
        looked, pale = browser.driver.execute_script(PALE)
        assert looked > 4 and pale == []
        assert browser.driver.execute_script(MISSING) == []
        # 320 pixels are what is left of a page that somebody has enlarged four times (WCAG 2.1, reflow).
        browser.look(320, 640, scheme)
        assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= 320


def test_pages_come_to_rest(browser, gateway, quiet):
    gateway.become("2026")
    for step in ("form", "error", "method", "code"):
        STEPS[step](browser, gateway)
        assert browser.driver.execute_script("return document.readyState") == "complete"
        browser.fetched()
        assert browser.driver.execute_async_script("setTimeout(arguments[0], 600)") is None
        assert browser.fetched() == []


def size_of(picture):
    """Width and height, of a file that is whole."""
    data = picture.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n") and data[-8:-4] == b"IEND", picture
    assert zlib.crc32(data[12:29]) == struct.unpack(">I", data[29:33])[0]
    return struct.unpack(">II", data[16:24])


def test_pictures_are_those_that_can_be_taken(browser, gateway, quiet, tmp_path):
    """Not pixel for pixel: fonts and browsers differ. python tests/browser/pages.py draws them anew."""
    take_pictures(browser, gateway, tmp_path)
    taken = {file.stem: size_of(file) for file in tmp_path.iterdir()}
    kept = {file.stem: size_of(file) for file in PICTURES.glob("login-*.png")}
    assert taken == kept == {name: (width, height) for name, (_, _, width, height, _) in SHOWN.items()}
    assert all(file.stat().st_size < 30_000 for file in PICTURES.iterdir())


def test_a_user_whose_name_is_a_page(browser, gateway, quiet):
    gateway.become("2026")
    browser.open(gateway.url + "/")
    log_in(browser, '"><img src=x onerror=console.error(1)>', "wrong")
    assert browser.text("[role=alert]") == REFUSED
    assert browser.find("#xyz-field-username").get_attribute("value").startswith('"><img')
