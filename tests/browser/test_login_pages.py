"""A person logs in: each year's page, by keyboard alone, without scripts, in light and dark, on a telephone's width. The
console stays empty, and nothing is fetched from elsewhere."""

import struct
import zlib

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from judgements import DESCRIPTION, MISSING, PALE, SHOWS_FOCUS
from login_names import YEARS
from pages import PASSWORD, PICTURES, SHOWN, STEPS, log_in, take_pictures

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

    browser.await_focus("Username")
    assert "stand-in for testing" in browser.driver.execute_script(DESCRIPTION)
    browser.press("trader", Keys.TAB)
    assert browser.focus().accessible_name == "Password"
    browser.press("wrong", Keys.TAB)
    assert browser.driver.execute_script(SHOWS_FOCUS)
    toggle = browser.focus()
    assert (toggle.accessible_name, toggle.aria_role, toggle.is_selected()) == ("Paper trading account", "checkbox", False)
    browser.press(Keys.SPACE)
    assert toggle.is_selected()
    browser.press(Keys.SPACE, Keys.TAB)
    assert (browser.focus().accessible_name, browser.focus().aria_role) == ("Login", "button")
    assert browser.driver.execute_script(SHOWS_FOCUS)
    browser.press(Keys.ENTER)

    assert browser.text("[role=alert]") == REFUSED
    browser.await_focus("Username")
    assert browser.driver.execute_script(DESCRIPTION) == REFUSED
    assert browser.focus().get_attribute("value") == "trader"
    browser.press(Keys.TAB, PASSWORD, Keys.ENTER)
    assert has_succeeded()
    assert gateway.logins() == ["login_refused", "login"]


@pytest.mark.parametrize("year", YEARS)
def test_a_code_is_typed_at_once(browser, gateway, has_succeeded, year):
    gateway.become(year)
    STEPS["code"](browser, gateway)
    browser.await_focus("Mobile Authenticator App Code")
    browser.press("000000", Keys.ENTER)
    assert browser.text("[role=alert]") == "failed"
    browser.await_focus("Mobile Authenticator App Code")
    assert browser.driver.execute_script(DESCRIPTION) == "failed"
    browser.press("123456", Keys.ENTER)
    assert has_succeeded()


@pytest.mark.parametrize("year", YEARS)
def test_a_method_is_chosen_by_its_letter(browser, gateway, has_succeeded, year):
    gateway.become(year)
    STEPS["method"](browser, gateway)
    browser.await_focus("Device")
    browser.press("M")
    browser.await_focus("Mobile Authenticator App Code")
    browser.press("123456", Keys.ENTER)
    assert has_succeeded()


def test_the_phones_page_goes_on_by_itself(browser, gateway, has_succeeded):
    gateway.become("2026")
    STEPS["phone"](browser, gateway)
    browser.find(".login-step-notification[role=status]")
    gateway.happen("second_factor_confirmed")
    assert has_succeeded()
    assert gateway.logins() == ["login_asks_notification", "login"]


@pytest.mark.parametrize("allowed", [True, False], ids=["scripts", "no_scripts"])
def test_a_notification_is_sent_again(browser, gateway, has_succeeded, allowed):
    """From where nobody confirmed: that page stays as it is, so that the keys find what they are meant for."""
    gateway.become("2026")
    browser.scripts(allowed)
    try:
        STEPS["expired"](browser, gateway)
        browser.press(Keys.TAB)
        assert (browser.focus().accessible_name, browser.focus().aria_role) == ("Resend notification", "link")
        browser.press(Keys.ENTER)
        browser.find(".login-step-notification[role=status]")
        gateway.happen("second_factor_confirmed")
        assert has_succeeded()
    finally:
        browser.scripts(allowed=True)
    assert gateway.logins() == ["login_asks_notification", "second_factor_resent", "login"]


def test_a_phones_no_is_shown(browser, gateway, quiet):
    gateway.become("2026")
    STEPS["phone"](browser, gateway)
    gateway.happen("second_factor_denied")
    assert browser.text("[role=alert]") == "failed"
    browser.await_focus("Username")
    assert browser.focus().get_attribute("value") == "withphone"


def test_a_promotion_is_skipped(browser, gateway, has_succeeded):
    gateway.become("2026")
    STEPS["promo"](browser, gateway)
    browser.await_focus("Skip")
    browser.press(Keys.ENTER)
    assert has_succeeded()


def test_without_scripts(browser, gateway, has_succeeded):
    gateway.become("2026")
    browser.scripts(allowed=False)
    try:
        STEPS["method"](browser, gateway)
        browser.await_focus("Device")
        browser.press("M", Keys.TAB, Keys.ENTER)
        browser.find("#twofactbase input").send_keys("123456", Keys.ENTER)
        assert has_succeeded()
        STEPS["phone"](browser, gateway)
        gateway.happen("second_factor_confirmed")
        assert has_succeeded()
    finally:
        browser.scripts(allowed=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it(browser, gateway, quiet, scheme):
    for step in STEPS.values():
        gateway.become("2026")
        browser.look(480, 720, scheme)
        step(browser, gateway)
        looked, pale = browser.driver.execute_script(PALE)
        assert looked > 4 and pale == []
        assert browser.driver.execute_script(MISSING) == []
        # 320 pixels are what is left of a page that somebody has enlarged four times (WCAG 2.1, reflow).
        browser.look(320, 640, scheme)
        assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= 320


def test_every_step_has_a_title_of_its_own(browser, gateway, quiet):
    titles = []
    for name, step in STEPS.items():
        gateway.become("2026")
        step(browser, gateway)
        titles.append(browser.driver.title)
        said = "Error: " if name in ("error", "expired") else ""
        assert titles[-1] == f"{said}{browser.text('h1')} - cpgw-mock"
    assert len(set(titles)) == len(STEPS)


def test_nothing_moves_for_who_wants_it_still(browser, gateway, quiet):
    moving = "return document.getAnimations().length"
    gateway.become("2026")
    STEPS["phone"](browser, gateway)
    browser.wait(lambda: browser.driver.execute_script(moving) > 0)
    still = {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", still)
    browser.wait(lambda: browser.driver.execute_script(moving) == 0)


def test_pages_come_to_rest(browser, gateway, quiet):
    for step in STEPS:
        if step == "phone":
            continue  # it looks again and again
        gateway.become("2026")
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
