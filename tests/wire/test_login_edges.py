"""Logging in wrongly, and oddly: every text that says so, what is kept of what was typed, what a phone may say, forms that are too
long, of another kind, or no forms at all."""

import json
import re
import urllib.parse

import pytest

from client import get, request
from visitor import FORM, PASSWORD, REFUSED, SUCCESS, WANTS_PAPER

WANTS_LIVE = (
    "You have selected the Paper Account Mode, but the specified user is a Live Trading user. "
    "Please select the correct Login mode."
)
RESEND = "a[onclick*='resendNotification()']"
WAITING = "/sso/Dispatcher?loginType=2&forwardTo=22"
# As much of a body as is looked at.
KEPT = 16384


def form(**fields):
    return urllib.parse.urlencode(fields).encode()


# ---- what is said ----


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ({"username": "nobody", "password": PASSWORD}, REFUSED),
        ({"username": "trader", "password": "wrong"}, REFUSED),
        ({"username": "trader", "password": ""}, REFUSED),
        ({"username": "", "password": PASSWORD}, REFUSED),
        ({"username": "", "password": ""}, REFUSED),
        ({"username": "trader"}, REFUSED),
        ({"username": "TRADER", "password": PASSWORD}, REFUSED),
        ({"username": "trader", "password": PASSWORD + " "}, REFUSED),
        ({"username": "trader\0", "password": PASSWORD}, REFUSED),
        ({"username": "trader", "password": PASSWORD + "\0"}, REFUSED),
        ({"username": "paperuser", "password": PASSWORD}, WANTS_PAPER),
        ({"username": "trader", "password": PASSWORD, "paperSwitch": "1"}, WANTS_LIVE),
    ],
)
def test_each_mistake_has_its_text_and_may_be_mended(visit, typed, text):
    visitor = visit()
    assert visitor.post(form(**typed), FORM).page.error() == text
    assert visitor.log_in("trader").is_in()


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("login_failed", "failed"),
        ("login_error", "ERROR"),
        ("login_no_communication", "An error occurred while communicating with the server."),
        ("login_refused", REFUSED),
        ("login_wants_paper", WANTS_PAPER),
    ],
)
def test_a_scenario_can_have_each_recorded_text_said(visit, reply, text):
    answer = {"login": "accepted", "calls": 1, "reply": reply, "event": "login_refused"}
    visitor = visit({"states": {"sign_in_idle": {"answers": {"sso_dispatcher": answer}}}})
    page = visitor.log_in("trader").page
    assert page.error() == text and page.has("id", "xyz-field-password")
    assert visitor.log_in("trader").is_in()


def test_a_device_is_chosen_among_those_that_one_has(visit):
    visitor = visit()
    visitor.log_in("withboth")
    for method in ("", "9", "4 ", "IB Key", "5" * 300):
        assert visitor.send(sf_select=method).page.error() == "ERROR"
    assert visitor.send(sf_select="4").send(**{"silver-response": "123456"}).is_in()
    visitor.open().log_in("withcode")
    assert visitor.post(form(sf_select="5"), FORM).page.error() == "ERROR"
    visitor.open().log_in("withphone")
    assert visitor.post(form(sf_select="4"), FORM).page.error() == "ERROR"
    assert visitor.post(form(**{"silver-response": "123456"}), FORM).page.error() == "failed"
    assert not visitor.open(WAITING).is_in()


def test_a_code_may_be_wrong_more_than_once(visit):
    visitor = visit()
    visitor.log_in("withcode")
    for code in ("", "12345", "1234567", "123456 ", "１２３４５６", "123456\0"):
        assert visitor.send(**{"silver-response": code}).page.error() == "failed"
    assert visitor.send(**{"silver-response": "123456"}).is_in()
    assert [event for event, _ in visitor.logins()] == ["login_asks_code", *["login_wrong_code"] * 6, "login"]


def test_the_next_to_try_owes_nothing_to_the_last(visit):
    visitor = visit()
    visitor.log_in("paperuser")
    assert visitor.post(form(username="trader", password=""), FORM).page.error() == REFUSED
    visitor.log_in("withcode")
    assert visitor.post(form(username="withcode", password=""), FORM).page.error() == REFUSED
    assert visitor.post(form(**{"silver-response": "123456"}), FORM).page.error() == REFUSED
    # What one has confirmed lets nobody else in.
    visitor.call(ACTION="COMPLETEAUTH", USER="trader", M1="12ab", LOGIN_TYPE="1")
    visitor.post(form(username="withcode", password=PASSWORD), FORM)
    assert not visitor.open(WAITING).is_in()
    assert visitor.send(**{"silver-response": "123456"}).is_in()


# ---- what is kept ----


def test_what_was_typed_stays_except_for_the_password(visit):
    visitor = visit()
    page = visitor.log_in("trader", "my own secret", paperSwitch="1").page
    assert page.error() == REFUSED
    assert page.find("id", "xyz-field-username")["value"] == "trader" and "checked" in page.find("id", "toggle1")
    assert "value" not in page.find("id", "xyz-field-password") and b"secret" not in visitor.answer.body
    page = visitor.log_in("trader", paperSwitch="1").page
    assert page.error() == WANTS_LIVE and "checked" in page.find("id", "toggle1")
    assert PASSWORD.encode() not in visitor.answer.body
    page = visitor.log_in("paperuser").page
    assert page.error() == WANTS_PAPER and "checked" not in page.find("id", "toggle1")
    page = visitor.open().page
    assert page.find("id", "xyz-field-username")["value"] == "" and "checked" not in page.find("id", "toggle1")


@pytest.mark.parametrize(
    "user", ["Jürgen 雪", "<b>&amp;</b>", "a'\"b", "a+b %41=&;", "\N{ZERO WIDTH JOINER}" * 3, "x" * 64, "雪" * 21]
)
def test_any_name_may_log_in(visit, user):
    visitor = visit({"extends": "fresh", "accounts": {user: {"password": "für 雪 & <co>"}}})
    assert visitor.log_in(user, "fur").page.find("id", "xyz-field-username")["value"] == user
    assert visitor.log_in(user, "für 雪 & <co>").is_in()
    assert visitor.logins() == [("login_refused", f"{user}, live"), ("login", f"{user}, live")]


def test_a_name_is_cut_between_characters(visit):
    visitor = visit()
    page = visitor.log_in("雪" * 22, "wrong").page
    assert page.find("id", "xyz-field-username")["value"] == "雪" * 21
    page = visitor.post(b"username=%ff%fe&password=x", FORM).page
    assert page.find("id", "xyz-field-username")["value"] == "??"


# ---- the phone ----


def test_a_notification_is_sent_again(visit):
    visitor = visit({"expect": {"patient": {"event": "second_factor_resent", "at_most": 2, "severity": "failure"}}})
    visitor.log_in("withphone")
    for _ in range(2):
        visitor.ask_admin("POST", "/clock/advance", {"by": "9s"})
        assert visitor.follow(RESEND).page.find("class", "login-step-notification")
    # Without the two it would have been confirmed eight seconds ago.
    visitor.ask_admin("POST", "/clock/advance", {"by": "9s"})
    assert not visitor.open(WAITING).is_in()
    assert visitor.ask_admin("GET", "/journal?kind=expectation")["records"] == []
    visitor.follow(RESEND)
    assert [record["name"] for record in visitor.ask_admin("GET", "/journal?kind=expectation")["records"]] == ["patient"]
    visitor.ask_admin("POST", "/clock/advance", {"by": "10s"})
    assert visitor.open(WAITING).is_in()
    assert visitor.logins() == [
        ("login_asks_notification", "withphone, live"),
        *[("second_factor_resent", "withphone")] * 3,
        ("login", "withphone"),
    ]


def test_a_phone_says_no(visit):
    visitor = visit()
    visitor.log_in("withphone")
    visitor.mock.happen("second_factor_denied")
    page = visitor.open(WAITING).page
    assert page.error() == "failed" and page.find("id", "xyz-field-username")["value"] == "withphone"
    assert visitor.logins()[-1] == ("login_denied", "withphone")
    visitor.log_in("withphone")
    visitor.mock.happen("second_factor_confirmed")
    assert visitor.open(WAITING).is_in()


def test_a_notification_expires_and_is_sent_again(visit):
    visitor = visit()
    visitor.log_in("withphone")
    visitor.mock.happen("second_factor_expired")
    page = visitor.open(WAITING).page
    assert page.error() == "failed" and not page.has("http-equiv", "refresh")
    # It is too late for the last one.
    visitor.mock.happen("second_factor_confirmed")
    assert visitor.open(WAITING).page.error() == "failed"
    assert visitor.follow(RESEND).page.has("http-equiv", "refresh")
    visitor.mock.happen("second_factor_confirmed")
    assert visitor.open(WAITING).is_in()


def test_a_scenario_has_notifications_expire_by_themselves(visit):
    timers = {"second_factor": {"event": "second_factor_expired"}}
    settings = {"second_factor": "notification", "second_factor_delay": "2m"}
    visitor = visit({"extends": "fresh", "settings": settings, "timers": timers})
    visitor.log_in("whoever", "whatever")
    for _ in range(2):
        visitor.ask_admin("POST", "/clock/advance", {"by": "1m59s"})
        assert visitor.open(WAITING).page.has("http-equiv", "refresh")
        visitor.ask_admin("POST", "/clock/advance", {"by": "1s"})
        assert visitor.open(WAITING).page.error() == "failed"
        visitor.follow(RESEND)
    visitor.mock.happen("second_factor_confirmed")
    assert visitor.open(WAITING).is_in()


def test_nobody_is_asked_again_who_was_not_asked(visit):
    again = WAITING + "&resendNotification=1"
    visitor = visit()
    assert visitor.open(again).page.error() == REFUSED
    visitor = visit("fresh")
    assert visitor.open(again).page.has("id", "xyz-field-password")
    assert visitor.ask_admin("GET", "/state")["state"] == "fresh"


# ---- odd forms ----


def test_a_body_is_a_form_whatever_it_is_said_to_be(visit):
    visitor = visit()
    right = form(username="trader", password=PASSWORD)
    for said in ("text/plain", "application/json", "multipart/form-data; boundary=x", None):
        headers = [f"Content-Type: {said}"] if said else []
        assert visitor.post(right, *headers).is_in(), said
    said = b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\ntrader\r\n--x--\r\n'
    for other in (said, json.dumps({"username": "trader", "password": PASSWORD}).encode(), b"", b"&&&=&=", b"\0\xff\r\n"):
        before = len(visitor.logins())
        visitor.post(other, "Content-Type: application/json")
        assert visitor.answer.body == SUCCESS, "as the gateway says whatever it is redirected to"
        assert len(visitor.logins()) == before, "and nobody has logged in"


def test_a_query_is_a_form_too_and_its_password_is_written_nowhere(visit):
    visitor = visit()
    assert visitor.open("/sso/Dispatcher?" + form(username="trader", password="a mistake").decode()).page.error() == REFUSED
    assert visitor.open("/sso/Dispatcher?" + form(username="trader", password=PASSWORD).decode()).is_in()
    written = json.dumps(visitor.ask_admin("GET", "/journal")) + visitor.mock.log()
    assert "mistake" not in written and "sesame" not in written and "password=" in written
    # The body counts first.
    page = visitor.post(form(username="trader", password="wrong"), FORM, target="/sso/Dispatcher?username=trader&password=x").page
    assert page.error() == REFUSED


def test_the_start_of_a_long_form_counts(visit):
    visitor = visit()
    right = form(username="trader", password=PASSWORD)
    assert visitor.post(right + b"&more=" + b"x" * (4 * KEPT), FORM).is_in()
    before = len(visitor.logins())
    assert visitor.post(b"more=" + b"x" * (4 * KEPT) + b"&" + right, FORM).answer.body == SUCCESS
    assert len(visitor.logins()) == before, "what is so far behind is not looked at"
    many = b"".join(b"field%d=x&" % number for number in range(100))
    assert visitor.post(many + right, FORM).answer.body == SUCCESS
    assert len(visitor.logins()) == before


def test_a_password_that_was_cut_is_none(visit):
    """The end of what is looked at falls just behind the right password: what came then is not known, and so it is wrong."""
    visitor = visit()
    right = form(username="trader", password=PASSWORD)
    filled = b"more=" + b"x" * (KEPT - len(right) - 6) + b"&" + right
    assert len(filled) == KEPT
    assert visitor.post(filled + b"xyz", FORM).page.error() == REFUSED
    assert visitor.post(filled[6:], FORM).is_in()


def test_a_long_value_is_wrong_and_harmless(visit):
    visitor = visit()
    for user, password in ((PASSWORD, "x" * 5000), ("trader" * 900, PASSWORD), ("trader", PASSWORD + "x" * 300)):
        assert visitor.log_in(user, password).page.error() == REFUSED
    assert visitor.log_in("trader").is_in()


# ---- by script ----


def test_a_script_goes_all_the_ways(visit):
    visitor = visit()

    def prove(user, mode="1"):
        assert visitor.call(ACTION="INIT", USER=user, A="12ab", RESP_TYPE="JSON", LOGIN_TYPE=mode)["user"] == user
        return visitor.call(
            ACTION="COMPLETEAUTH", USER=user, M1="34cd", EKX="56ef", RESP_TYPE="JSON", VERSION="1", LOGIN_TYPE=mode
        )

    def dispatch():
        visitor.post(b"loginType=2&forwardTo=22", FORM)
        return visitor.is_in() and visitor.logins()[-1][0] == "login"

    assert prove("trader")["auth_res"] == "passed" and dispatch()
    assert prove("nobody")["error"] == REFUSED and not dispatch()
    assert prove("paperuser")["error"] == WANTS_PAPER and not dispatch()
    assert prove("paperuser", "2")["auth_res"] == "passed" and dispatch()
    assert prove("trader", "2")["error"] == WANTS_LIVE and not dispatch()

    assert prove("withcode")["auth_res"] == "second_factor" and not dispatch()
    assert visitor.call(**{"silver-response": "000000"})["error"] == "failed" and not dispatch()
    assert visitor.call(**{"silver-response": "123456"})["auth_res"] == "passed" and dispatch()

    assert prove("withboth")["auth_res"] == "second_factor"
    assert visitor.call(sf_select="7")["error"] == "ERROR"
    assert visitor.call(sf_select="4")["auth_res"] == "second_factor" and not dispatch()
    assert visitor.call(**{"silver-response": "123456"})["auth_res"] == "passed" and dispatch()

    assert prove("withphone")["auth_res"] == "second_factor" and not dispatch()
    assert visitor.call(resendNotification="1")["auth_res"] == "second_factor" and not dispatch()
    visitor.mock.happen("second_factor_confirmed")
    assert dispatch()


def test_a_script_that_begins_is_not_in(visit):
    """Its first call proves nothing, wherever it goes to, and takes back what was proven before."""
    for scenario in ("login_accounts", "fresh"):
        visitor = visit(scenario)
        assert visitor.post(form(ACTION="INIT", USER="trader"), FORM).page.error() == REFUSED
        assert visitor.logins() == [] and visitor.ask_admin("GET", "/state")["state"] == "fresh"
    visitor = visit()
    assert visitor.call(ACTION="COMPLETEAUTH", USER="trader", M1="34cd", LOGIN_TYPE="1")["auth_res"] == "passed"
    visitor.call(ACTION="INIT", USER="withcode", A="12ab", LOGIN_TYPE="1")
    visitor.post(b"loginType=2&forwardTo=22", FORM)
    assert [event for event, _ in visitor.logins()] == ["login_passed"]
    assert "sso_only" not in visitor.ask_admin("GET", "/state")["state"]


# ---- what comes along ----


def test_a_login_page_comes_with_what_was_recorded(visit):
    answer = visit("fresh").open("/sso/Login?forwardTo=22&RL=1&ip2loc=US").answer
    assert answer["Content-Type"] == "text/html;charset=UTF-8" and answer["Content-Language"] == "en-US"
    cookies = [value.decode() if isinstance(value, bytes) else value for name, value in answer.headers if name == "Set-Cookie"]
    patterns = [
        r"JSESSIONID=\w+; Path=/sso; HttpOnly; Secure; SameSite=None",
        r'URL_PARAM="forwardTo=22&RL=1&ip2loc=US"; Path=/; Secure',
        r"partnerID=; Path=/; Expires=Thu, 01 Jan 1970 [^;]+ GMT; Secure; SameSite=None",
        r"x-sess-uuid=[\w.]+; Path=/; Secure; HttpOnly",
    ]
    assert len(cookies) == len(patterns)
    for cookie, pattern in zip(cookies, patterns, strict=True):
        assert re.fullmatch(pattern, cookie), cookie


def test_an_icon_is_where_the_gateway_says(visit):
    """Which is elsewhere: the pages say that they have none, so that no browser asks."""
    visitor = visit("fresh")
    answer = visitor.connection.ask(get("/favicon.ico"))
    assert (answer.status, answer["Location"]) == (302, "https://api.ibkr.com/favicon.ico")
    assert visitor.page.find("rel", "icon")["href"] == "data:,"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD"])
def test_other_methods_log_nobody_in(visit, method):
    visitor = visit("fresh")
    proof = form(USER="trader", ACTION="COMPLETEAUTH")
    visitor.connection.ask(request(method, "/sso/Authenticator", FORM, body=proof), is_head=method == "HEAD")
    assert visitor.logins() == [] and visitor.ask_admin("GET", "/state")["state"] == "fresh"
