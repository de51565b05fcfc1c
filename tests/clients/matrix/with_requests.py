"""Python's requests, for the client matrix in docs/faults.md: each line "NUMBER MILLISECONDS URL" of the input is asked for
with that much patience, at once; what the program would see is a line "NUMBER<tab>CLASS<tab>TEXT" of the output."""

import os
import sys
import threading
from urllib.parse import urlsplit

import requests

sessions = {}
writing = threading.Lock()


def session_of(url):
    """One a gateway, as a program would have."""
    return sessions.setdefault(urlsplit(url).port, requests.Session())


def innermost(error):
    """What an exception was made of, as far as somebody says so."""
    while True:
        inside = error.__cause__ or error.__context__
        reasons = [getattr(error, "reason", None), *error.args]
        inside = next((each for each in reasons if isinstance(each, BaseException)), inside)
        if inside is None:
            return error
        error = inside


def describe(error):
    inside = innermost(error)
    outer, reason = type(error).__name__, getattr(inside, "reason", None)
    inner = reason if isinstance(reason, str) else type(inside).__name__
    return outer if inner == outer else f"{outer} ({inner})"


def ask(session, url, seconds):
    try:
        answer = session.get(url, verify=os.environ["CPGW_CA_FILE"], timeout=seconds)
    except requests.Timeout as error:
        return "timeout", type(error).__name__
    except requests.RequestException as error:
        # Of a body that does not go on requests makes another class.
        if "timed out" in str(error):
            return "timeout", describe(error)
        return "error", describe(error)
    try:
        answer.json()
    except ValueError as error:
        return "body", f"{answer.status_code}, then {type(error).__name__}"
    return "ok", str(answer.status_code)


def ask_and_say(number, session, url, seconds):
    try:
        kind, text = ask(session, url, seconds)
    except Exception as error:  # what a program would meet that catches only what requests documents
        kind, text = "error", f"{describe(error)}, which is no RequestException"
    with writing:
        print(number, kind, text, sep="\t", flush=True)


for line in sys.stdin:
    number, milliseconds, url = line.split()
    arguments = (number, session_of(url), url, int(milliseconds) / 1000)
    threading.Thread(target=ask_and_say, args=arguments, daemon=True).start()
