"""Logging in by page, without a browser: every year's page, every step, every error, by plain forms and no script."""

import html.parser
import json
import urllib.parse
import urllib.request

import pytest

from client import get, post, request

LOGIN = "/sso/Login?forwardTo=22&RL=1&ip2loc=US"
SUCCESS = b"Client login succeeds"
PASSWORD = "open sesame"
REFUSED = "Invalid username password combination"
WANTS_PAPER = (
    "You have selected the Live Account Mode, but the specified user is a Paper Trading user. "
    "Please select the correct Login mode."
)

# What docs/gateway.md#login-pages says that login helpers look for: each by attribute and value.
PAGES = {
    "2022": {
        "user": ("id", "user_name"), "password": ("id", "password"), "submit": ("id", "submitForm"),
        "error": ("id", "ERRORMSG"), "code": ("id", "chlginput"), "not": "username",
    },
    "2023-v1": {
        "user": ("name", "user_name"), "password": ("name", "password"), "submit": ("class", "btn btn-lg btn-primary"),
        "error": ("class", "alert alert-danger margin-top-10"), "code": ("id", "chlginput"), "not": "username",
    },
    "2023-v2": {
        "user": ("name", "username"), "password": ("name", "password"), "submit": ("class", "btn btn-lg btn-primary"),
        "error": ("class", "xyz-errormessage"), "code": ("id", "chlginput"), "not": "user_name",
    },
    "2025": {
        "user": ("name", "username"), "password": ("name", "password"), "submit": ("class", "btn btn-lg btn-primary"),
        "error": ("class", "xyz-errormessage"), "code": ("id", "xyz-field-bronze-response"), "not": "user_name",
    },
    "2026": {
        "user": ("id", "xyz-field-username"), "password": ("id", "xyz-field-password"),
        "submit": ("class", "btn btn-lg xyz-button-login"), "error": ("class", "xyz-errormessage"),
        "code": ("id", "xyz-field-silver-response"), "not": "user_name",
    },
}  # fmt: skip


class Page(html.parser.HTMLParser):
    """A page as something without scripts sees it: its elements, its text, and its form, to be filled in and sent."""

    def __init__(self, answer):
        super().__init__()
        assert answer.status == 200
        self.elements, self.texts, self.open = [], {}, []
        self.fields, self.action, self.method = {}, None, None
        self.feed(answer.body.decode())
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        element = {"tag": tag, **dict(attributes)}
        self.elements.append(element)
        if tag not in ("meta", "link", "input", "br"):
            self.open.append((tag, len(self.elements) - 1))
        if tag == "form":
            self.action, self.method = element["action"], element["method"]
        if tag == "input" and element["type"] != "checkbox":
            self.fields[element["name"]] = element.get("value", "")
        if tag == "select":
            self.fields[element["name"]] = ""

    def handle_endtag(self, tag):
        opened, _ = self.open.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"

    def handle_data(self, data):
        for _, index in self.open:
            self.texts[index] = self.texts.get(index, "") + data

    def find(self, attribute, value):
        """The element that has it: of a class, all of its words."""
        found = [
            element
            for element in self.elements
            if (
                set(value.split()) <= set(element.get("class", "").split())
                if attribute == "class"
                else element.get(attribute) == value
            )
        ]
        assert len(found) == 1, f"{attribute} {value}: {found}"
        return found[0]

    def text(self, element):
        return self.texts.get(self.elements.index(element), "").strip()

    def has(self, attribute, value):
        return any(element.get(attribute) == value for element in self.elements)

    def error(self):
        (banner,) = [element for element in self.elements if element.get("role") == "alert"]
        return self.text(banner)


class Visitor:
    """Goes through the pages, one connection, one form after the other."""

    def __init__(self, connection, mock):
        self.connection, self.mock = connection, mock
        self.answer = self.page = None

    def open(self, target=LOGIN):
        return self._take(self.connection.ask(get(target)))

    def send(self, **values):
        """Sends the page's form with these in it."""
        assert self.page.method == "post"
        unknown = set(values) - set(self.page.fields) - {"paperSwitch"}
        assert not unknown, f"the page has no {unknown}"
        body = urllib.parse.urlencode({**self.page.fields, **values}).encode()
        return self._take(
            self.connection.ask(
                request("POST", self.page.action, "Content-Type: application/x-www-form-urlencoded", body=body)
            )
        )

    def log_in(self, user, password=PASSWORD, **more):
        name = "username" if "username" in self.page.fields else "user_name"
        return self.send(**{name: user, "password": password}, **more)

    def _take(self, answer):
        self.answer = answer
        self.page = None if answer.body == SUCCESS else Page(answer)
        return self

    def is_in(self):
        return self.answer.status == 200 and self.answer.body == SUCCESS and "Content-Type" not in self.answer.names

    def ask_admin(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        wanted = urllib.request.Request(f"{self.mock.admin_url}/__admin{path}", data, method=method)
        with urllib.request.urlopen(wanted, timeout=60) as answered:
            return json.load(answered)


@pytest.fixture
def visit(start, connect):
    def open_one(scenario="login_accounts", *options):
        if isinstance(scenario, dict):
            scenario = {"extends": "login_accounts", **scenario}
        mock = start(scenario, "--clock", "manual", *options)
        return Visitor(connect(mock), mock).open()

    return open_one


@pytest.fixture
def visit_year(visit):
    return lambda year: visit({"settings": {"login_page": year}})


@pytest.mark.parametrize("year", PAGES)
def test_each_year_has_what_helpers_look_for(visit_year, year):
    visitor, wanted = visit_year(year), PAGES[year]
    page = visitor.page
    assert page.find(*wanted["user"])["type"] == "text"
    assert page.find(*wanted["password"])["type"] == "password"
    assert page.find(*wanted["submit"])["tag"] == "button"
    assert not page.has("name", wanted["not"])
    assert page.has("for", "toggle1") == (year >= "2025")
    assert page.find("class", "login") and not page.has("role", "alert")

    page = visitor.log_in("trader", "wrong").page
    assert page.text(page.find(*wanted["error"])) == REFUSED
    visitor.log_in("withcode")
    assert visitor.page.find(*wanted["code"])["type"] == "text"
    assert visitor.page.find("id", "twofactbase")


@pytest.mark.parametrize("year", PAGES)
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
    assert (select["id"] == "sf_select") == (year != "2022")
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
    for secret in ("secret", "sesame", "424242", "123456"):
        assert secret not in json.dumps(journal) and secret not in visitor.mock.log()
    assert "login login_refused: trader, live" in visitor.mock.log()


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

    def call(**fields):
        body = urllib.parse.urlencode(fields).encode()
        form = "Content-Type: application/x-www-form-urlencoded"
        answer = visitor.connection.ask(request("POST", "/sso/Authenticator", form, body=body))
        assert answer["Content-Type"] == "application/json;charset=ISO-8859-1"
        return json.loads(answer.body)

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
