"""The tables that both languages read have the same methods as the formulas in JavaScript."""

import re
from pathlib import Path

from book.explorers.shared import tables

RULES_JS = Path(tables.__file__).with_name("rules.js")


def test_every_method_of_the_table_has_its_lines_in_javascript():
    formulas = RULES_JS.read_text("utf-8").partition("const FORMULAS = {")[2].partition("\n};")[0]
    written = set(re.findall(r"^  (\w+): \{", formulas, re.M))
    lacking, unknown = tables.RULES.keys() - written, written - tables.RULES.keys()
    assert not lacking, f"book/explorers/shared/rules.js lacks the lines of {', '.join(sorted(lacking))}"
    assert not unknown
