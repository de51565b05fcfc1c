"""The steps of a login, each brought before the browser, and the pictures of them."""

import io
import sys
from pathlib import Path

from PIL import Image
from selenium.webdriver.common.by import By

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from login_names import YEARS  # noqa: E402

PICTURES = Path(__file__).resolve().parents[2] / "docs/pictures"
PASSWORD = "open sesame"


def log_in(browser, user, password=PASSWORD):
    browser.find("form.loginformWrapper input[type=text]").send_keys(user)
    browser.find("input[type=password]").send_keys(password)
    browser.find("button[type=submit]").click()


def form(browser, gateway):
    browser.open(gateway.url + "/")
    assert browser.text("h1") == "Log in"


def error(browser, gateway):
    form(browser, gateway)
    log_in(browser, "trader", "wrong")
    assert browser.sees("[role=alert]")


def method(browser, gateway):
    form(browser, gateway)
    log_in(browser, "withboth")
    assert browser.sees("select")


def code(browser, gateway):
    form(browser, gateway)
    log_in(browser, "withcode")
    assert browser.sees("#twofactbase input")


def phone(browser, gateway):
    form(browser, gateway)
    log_in(browser, "withphone")
    assert browser.sees(".login-step-notification[role=status]")


def expired(browser, gateway):
    phone(browser, gateway)
    gateway.happen("second_factor_expired")
    # Sooner than the page does by itself.
    browser.open(gateway.url + "/sso/Dispatcher?loginType=2&forwardTo=22")
    assert browser.sees("[role=alert]")


def promo(browser, gateway):
    gateway.happen("promo_on")
    form(browser, gateway)
    log_in(browser, "trader")
    assert browser.sees(".ibkey-promo-skip")


def success(browser, gateway):
    form(browser, gateway)
    log_in(browser, "trader")
    assert browser.sees("pre")


# Those that are pages; after them comes the text that ends it all.
STEPS = {step.__name__: step for step in (form, error, method, code, phone, expired, promo)}

# Name of the picture: year, step, width, height, light or dark.
SHOWN = {
    **{f"login-{year}": (year, "form", 480, 640, "light") for year in YEARS},
    **{f"login-{step}": ("2026", step, 480, 640, "light") for step in STEPS if step != "form"},
    "login-dark": ("2026", "form", 480, 640, "dark"),
    "login-narrow": ("2026", "error", 320, 720, "light"),
}


def take_pictures(browser, gateway, folder):
    for name, (year, step, width, height, scheme) in SHOWN.items():
        gateway.become(year)
        browser.look(width, height, scheme)
        STEPS[step](browser, gateway)
        # A cursor that blinks would make a picture differ from the last one.
        browser.driver.execute_script("document.activeElement.blur()")
        browser.driver.find_element(By.TAG_NAME, "main")
        picture = Image.open(io.BytesIO(browser.driver.get_screenshot_as_png()))
        picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(folder / f"{name}.png", optimize=True)
    browser.look(480, 720)


def main():
    """Draws docs/pictures anew."""
    import tempfile

    import conftest
    from chromium import Chromium
    from mock import Mock

    with tempfile.TemporaryDirectory() as folder:
        mock_folder = Path(folder) / "mock"
        mock_folder.mkdir()
        browser = Chromium(Path(folder) / "profile")
        mock = Mock(mock_folder, conftest.STORY, "--clock", "manual")
        try:
            PICTURES.mkdir(exist_ok=True)
            take_pictures(browser, conftest.Gateway(mock), PICTURES)
        finally:
            browser.quit()
            mock.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
