"""Logging in by page, without a browser: every year's page, every step, every error, by plain forms and no script."""

import json

import pytest

from client import get, post
from login_names import YEARS, fits, names
from mock import eventually
from visitor import LOGIN, PASSWORD, REFUSED, SUCCESS, WANTS_PAPER


@pytest.fixture
def visit_year(visit):
    return lambda year: visit({"settings": {"login_page": year}})


@pytest.fixture
def pages_by_step(visit):
    """Each step's page, in a year."""

    def gather(year):
        settings = {"settings": {"login_page": year}}
        promo = {"sso_dispatcher": {"login": "accepted", "reply": "login_promo", "event": "login_passed"}}
        form = visit(settings)
        pages = {"form": form.page, "error": form.log_in("trader", "wrong").page}
        for step, user in (("method", "withboth"), ("code", "withcode"), ("phone", "withphone")):
            pages[step] = form.open().log_in(user).page
        pages["promo"] = visit({**settings, "states": {"sign_in_idle": {"answers": promo}}}).log_in("trader").page
        return pages

    return gather


@pytest.mark.parametrize("year", YEARS)
def test_each_year_has_what_helpers_look_for(pages_by_step, year):
    pages, wrong = pages_by_step(year), []
    for name in names():
        if name.step == "success":
            continue  # a browser makes the element that holds it: tests/browser
        found = [element for element in pages[name.step].elements if fits(name.selector, element)]
        if name.text:
            found = [element for element in found if name.text in pages[name.step].text(element)]
        if len(found) != (year in name.years):
            wrong.append(f"{name} in step {name.step} of {year}: {found}")
    assert wrong == []


@pytest.mark.parametrize("year", YEARS)
def test_each_year_goes_all_the_ways(visit_year, year):
    visitor = visit_year(year)
    assert visitor.log_in("trader").is_in()

    assert visitor.open().log_in("paperuser").page.error() == WANTS_PAPER
    assert visitor.send(paperSwitch="1").is_in(), "what was typed is kept, as it is in the real page"

    code = next(iter(set(visitor.open().log_in("withcode").page.fields) - {"forwardTo", "loginType"}))
    assert visitor.send(**{code: "000000"}).page.error() == "failed"
    assert visitor.send(**{code: "123456"}).is_in()

    page = visitor.open().log_in("withphone").page
    assert page.find("class", "login-step-notification")
    assert not visitor.open("/sso/Dispatcher?loginType=2&forwardTo=22").is_in()
    visitor.ask_admin("POST", "/actions", {"event": "second_factor_confirmed"})
    assert visitor.open("/sso/Dispatcher?loginType=2&forwardTo=22").is_in()

    page = visitor.open().log_in("withboth").page
    select = page.find("class", "xyz-multipelselect")
    assert "IB Key" in page.text(select) and "Mobile Authenticator App" in page.text(select)
    assert visitor.send(sf_select="4").page.find("id", "twofactbase")
    assert visitor.send(**{code: "123456"}).is_in()
    visitor.open().log_in("withboth")
    assert visitor.send(sf_select="5").page.find("class", "login-step-notification")


def test_every_field_has_a_label_and_every_page_says_what_it_is(visit):
    visitor = visit()
    for page in (
        visitor.page,
        visitor.log_in("trader", "wrong").page,
        visitor.log_in("withcode").page,
        visitor.open().log_in("withboth").page,
        visitor.open().log_in("withphone").page,
    ):
        (document,) = [element for element in page.elements if element["tag"] == "html"]
        assert document["lang"] == "en"
        assert len([element for element in page.elements if element["tag"] == "h1"]) == 1
        assert "stand-in for testing" in page.text(page.find("class", "mock"))
        for element in page.elements:
            if element["tag"] == "select" or element["tag"] == "input" and element["type"] != "hidden":
                assert page.find("for", element["id"])["tag"] == "label"
        ids = [element["id"] for element in page.elements if "id" in element]
        assert len(ids) == len(set(ids))
        # Nothing is fetched from anywhere.
        assert not [element for element in page.elements if element["tag"] in ("script", "img", "iframe")]
        assert page.find("rel", "icon")["href"] == "data:,"
        assert not page.has("rel", "stylesheet")


def test_anybody_may_log_in_where_no_accounts_are_named(visit):
    assert visit("fresh").log_in("whoever", "whatever").is_in()


@pytest.mark.parametrize("factor", ["code", "notification", "choice"])
def test_a_setting_asks_anybody_for_a_second_factor(visit, factor):
    visitor = visit({"extends": "fresh", "settings": {"second_factor": factor, "second_factor_delay": "3s"}})
    visitor.log_in("whoever", "whatever")
    if factor == "choice":
        visitor.send(sf_select="4")
    if factor == "notification":
        assert visitor.page.find("class", "login-step-notification")
        visitor.ask_admin("POST", "/clock/advance", {"by": "3s"})
        assert visitor.open("/sso/Dispatcher").is_in()
    else:
        assert visitor.send(**{"silver-response": "1"}).is_in()


def test_the_dispatcher_alone_logs_in_as_ever(visit):
    visitor = visit("fresh")
    assert visitor.open("/sso/Dispatcher").is_in()
    visitor.connection.ask(post("/v1/api/logout"))
    assert visitor.connection.ask(post("/sso/Dispatcher")).body == SUCCESS


def test_what_was_typed_cannot_change_the_page(visit):
    visitor = visit()
    user = '"><script>alert(1)</script>&amp;\'\r\n\x00\N{SNOWMAN}' + "x" * 300
    page = visitor.log_in(user, "wrong").page
    assert page.error() == REFUSED
    kept = page.find("id", "xyz-field-username")["value"]
    assert kept.startswith('"><script>alert(1)</script>&amp;\'??') and len(kept.encode()) <= 64


def test_the_journal_tells_who_tried_and_keeps_what_they_typed_to_itself(visit):
    visitor = visit()
    visitor.log_in("trader", "my own secret")
    visitor.log_in("withcode")
    visitor.send(**{"silver-response": "424242"})
    visitor.send(**{"silver-response": "123456"})
    journal = visitor.ask_admin("GET", "/journal")
    tried = [(record["name"], record["text"]) for record in journal["records"] if record["kind"] == "login"]
    assert tried == [
        ("login_refused", "trader, live"),
        ("login_asks_code", "withcode, live"),
        ("login_wrong_code", "withcode"),
        ("login", "withcode"),
    ]
    eventually(lambda: "login login: withcode" in visitor.mock.log())
    written = json.dumps(journal) + visitor.mock.log()
    assert "login login_refused: trader, live" in written
    for secret in ("secret", "sesame", "424242", "123456"):
        assert secret not in written


def test_failed_logins_can_be_counted(visit):
    visitor = visit({"expect": {"no_lock_out": {"event": "login_refused", "at_most": 3, "severity": "failure"}}})
    for _ in range(3):
        visitor.log_in("trader", "wrong")
    before = visitor.ask_admin("GET", "/journal?kind=expectation")["records"]
    visitor.log_in("trader", "wrong")
    after = visitor.ask_admin("GET", "/journal?kind=expectation")["records"]
    assert before == [] and [record["name"] for record in after] == ["no_lock_out"]


def test_the_pages_script_gets_its_answers(visit):
    visitor = visit()
    call = visitor.call
    assert call(ACTION="INIT", USER="trader", A="12ab", LOGIN_TYPE="1")["user"] == "trader"
    assert call(ACTION="COMPLETEAUTH", USER="nobody", M1="34cd", LOGIN_TYPE="1")["error"] == REFUSED
    assert call(ACTION="COMPLETEAUTH", USER="trader", M1="34cd", LOGIN_TYPE="1")["auth_res"] == "passed"
    assert visitor.open("/sso/Dispatcher").is_in()
    assert call(ACTION="COMPLETEAUTH", USER="withphone", M1="34cd", LOGIN_TYPE="1")["auth_res"] == "second_factor"
    assert not visitor.open("/sso/Dispatcher").is_in()


def test_a_page_of_ones_own(start, connect, tmp_path):
    (tmp_path / "mine.html").write_text("<!DOCTYPE html>\n<p>{{greeting}}, {{user_name}}</p>\n")
    reply = {"status": 200, "headers": "upstream_login_page", "body_files": ["./mine.html"]}
    (tmp_path / "mine.json").write_text(json.dumps({**reply, "values": {"greeting": "Hello & <welcome>"}}))
    story = {
        "name": "mine",
        "extends": "fresh",
        "settings": {"user_name": "<b>"},
        "endpoints": {"sso_login": {"answer": "./mine.json"}},
    }
    (tmp_path / "mine_story.json").write_text(json.dumps(story))
    answer = connect(start(str(tmp_path / "mine_story.json"))).ask(get(LOGIN))
    assert answer.body == b"<!DOCTYPE html>\n<p>Hello &amp; &lt;welcome&gt;, &lt;b&gt;</p>\n"
