"""Does every client in docs/faults.md still see of every fault what the page says: an answer, one that is no JSON, an error, its
time-out, or nothing at all?

How an error is called depends on a client's version, and sometimes on which byte came first: that is not compared.
"""

import os

import pytest

import matrix_page
import matrix_run
from document import Document

TIMES_AGAIN = 3


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    if missing := matrix_run.missing_tools():
        if os.environ.get("CI"):
            pytest.fail(f"missing, and script/test should have brought it: {', '.join(missing)}")
        pytest.skip(f"not installed, script/test would bring it: {', '.join(missing)}")
    with matrix_run.Run(tmp_path_factory.mktemp("matrix")) as run:
        yield run


@pytest.fixture(scope="module")
def published():
    rows = Document("docs/faults.md").table(*matrix_page.header())
    names = [client.name for client in matrix_run.CLIENTS]
    return {row[0].strip("`"): dict(zip(names, row[1:], strict=True)) for row in rows}


def seen(client, cell):
    return matrix_page.class_of(matrix_page.cell_text(client, cell))


def test_the_page_has_every_kind_in_order(published):
    assert list(published) == matrix_run.kinds(matrix_run.BINARY)


def test_clients_see_what_the_page_says(run, published):
    clients = {client.name: client for client in run.clients}
    found = run.all_cells()
    odd = {key for key, cell in found.items() if seen(key[1], cell) != matrix_page.class_of(published[key[0]][key[1]])}
    # On a busy machine what is to come at once may come too late. Then each has the machine to itself, and more time.
    patience_ms = matrix_run.PATIENCE_MS
    for _ in range(TIMES_AGAIN):
        patience_ms *= 2
        for example in matrix_run.examples(matrix_run.BINARY):
            for name in [name for kind, name in odd if kind == example.kind]:
                cell = found[example.kind, name] = run.cell(clients[name], example, patience_ms)
                if seen(name, cell) == matrix_page.class_of(published[example.kind][name]):
                    odd.remove((example.kind, name))
    wrong = {key: (published[key[0]][key[1]], matrix_page.cell_text(key[1], found[key])) for key in sorted(odd)}
    assert not wrong, f"page and run differ; if it is the page, tests/docs/matrix_page.py writes it anew: {wrong}"
