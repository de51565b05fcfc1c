"""Somebody who logs in by page without a browser: pages as something without scripts sees them, and their forms."""

import html.parser
import json
import sys
import urllib.parse
import urllib.request
from pathlib import Path

from client import get, request

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from login_names import fits  # noqa: E402

FORM = "Content-Type: application/x-www-form-urlencoded"
LOGIN = "/sso/Login?forwardTo=22&RL=1&ip2loc=US"
SUCCESS = b"Client login succeeds"
PASSWORD = "open sesame"
REFUSED = "Invalid username password combination"
WANTS_PAPER = (
    "You have selected the Live Account Mode, but the specified user is a Paper Trading user. "
    "Please select the correct Login mode."
)


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

    def follow(self, selector):
        """The one link that it selects."""
        (link,) = [element for element in self.page.elements if fits(selector, element)]
        return self.open(link["href"])

    def post(self, body, *headers, target="/sso/Dispatcher"):
        """Whatever body, whatever it is said to be."""
        return self._take(self.connection.ask(request("POST", target, *headers, body=body)))

    def call(self, **fields):
        """What the page's own script sends, and what it is told."""
        body = urllib.parse.urlencode(fields).encode()
        answer = self.connection.ask(request("POST", "/sso/Authenticator", FORM, body=body))
        assert answer.status == 200 and answer["Content-Type"] == "application/json;charset=ISO-8859-1"
        return json.loads(answer.body)

    def send(self, **values):
        """Sends the page's form with these in it."""
        assert self.page.method == "post"
        unknown = set(values) - set(self.page.fields) - {"paperSwitch"}
        assert not unknown, f"the page has no {unknown}"
        body = urllib.parse.urlencode({**self.page.fields, **values}).encode()
        return self.post(body, FORM, target=self.page.action)

    def log_in(self, user, password=PASSWORD, **more):
        name = "username" if "username" in self.page.fields else "user_name"
        return self.send(**{name: user, "password": password}, **more)

    def _take(self, answer):
        self.answer = answer
        self.page = None if answer.body == SUCCESS else Page(answer)
        return self

    def logins(self):
        """What was tried, in order: the event that it came to, and who."""
        records = self.ask_admin("GET", "/journal?kind=login")["records"]
        return [(record["name"], record["text"]) for record in records]

    def is_in(self):
        return self.answer.status == 200 and self.answer.body == SUCCESS and "Content-Type" not in self.answer.names

    def ask_admin(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        wanted = urllib.request.Request(f"{self.mock.admin_url}/__admin{path}", data, method=method)
        with urllib.request.urlopen(wanted, timeout=60) as answered:
            return json.load(answered)
