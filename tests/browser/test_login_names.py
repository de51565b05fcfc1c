"""Whatever the login pages are made to look like: what login helpers look for is there, in the year's pages and the step
where docs/login.md says so, and nowhere else."""

import pytest

import pages
from judgements import MISSING
from login_names import STEPS, YEARS, names

# Of what the selector finds, all that has the text: how many, and whether each can be seen and clicked.
FOUND = """
const [selector, text] = arguments;
const found = [...document.querySelectorAll(selector)].filter((element) => element.textContent.toLowerCase().includes(text.toLowerCase()));
return found.map((element) => element.tagName === 'OPTION' ? !element.disabled : element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })
  && element.getBoundingClientRect().height > 0);
"""


@pytest.mark.parametrize("year", YEARS)
def test_names_are_where_the_table_says(browser, gateway, year):
    wrong = []
    for step in STEPS:
        gateway.become(year)
        getattr(pages, step)(browser, gateway)
        if step in pages.STEPS:
            assert browser.driver.execute_script(MISSING) == [] and browser.nameless() == []
        for name in names():
            wanted = [True] if year in name.years else []
            if name.step == step and browser.driver.execute_script(FOUND, name.selector, name.text) != wanted:
                wrong.append(f"{name} in step {step} of {year}: {'missing or hidden' if wanted else 'should not be there'}")
    assert wrong == []
