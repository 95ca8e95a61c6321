"""What a lesson's Markdown holds besides prose: symbols, Predict and Answer, what a first reading skips.

A Predict is a question with options (a list whose entries begin with a letter in code), with a number to
guess (`{predict} number`), or open. Its Answer follows in the same section; what the cells between them print
belongs to it; an explorer stays in sight. The sections below a heading "Going further" are folds.
"""

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from book.site.checks.text import Page
from book.site.nested import parsed
from book.site.paths import CHAPTERS, ROOT
from book.site.reading import FURTHER, further_minutes

KINDS = ("choice", "number", "open")
LOGGER = logging.getLogger(__name__)
CHANGED = "the notebook changed while its page was built; build again"


class Symbols(SphinxDirective):
    """`{symbols}`: a folded table of a chapter's symbols with their shapes and meanings."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        return _wrapped(self, '<details class="symbols"><summary>Symbols</summary>', "</details>")


class Predict(SphinxDirective):
    """`{predict}`: a question to commit to before its answer; the argument `number` asks for a number."""

    has_content = True
    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        children = parsed(self, self.content)
        listed = any(isinstance(node, nodes.bullet_list) for node in children)
        kind = self.arguments[0] if self.arguments else "choice" if listed else "open"
        if kind not in KINDS:
            raise self.error(f"A Predict is one of {', '.join(KINDS)}; got {kind!r}.")
        asked = escape(next((node.astext() for node in children if isinstance(node, nodes.paragraph)), ""))
        opening = f'<div class="predict" data-kind="{kind}" role="group" aria-label="Predict: {asked}">'
        return [_raw(f'{opening}<p class="predict-title">Predict</p>'), *children, _raw("</div>")]


class Answer(SphinxDirective):
    """`{answer}`: what came out, folded; the argument is the right option or number, if there is one."""

    has_content = True
    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        right = f' data-right="{escape(self.arguments[0])}"' if self.arguments else ""
        return _wrapped(self, f'<details class="answer"{right}><summary>Answer</summary>', "</details>")


def fold_further(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Fold each section below "Going further"; its heading opens it and says how long it takes.

    The minutes come from the notebook. One that has other sections than the page is a warning of Sphinx.
    """
    for section in doctree.findall(nodes.section):
        if section[0].astext() == FURTHER:
            section["classes"].append("going-further")
            folds = [inner for inner in section.children if isinstance(inner, nodes.section)]
            minutes = further_minutes(Page(CHAPTERS / f"{docname}.ipynb", ROOT))
            if len(minutes) != len(folds):
                LOGGER.warning(CHANGED, location=docname)
                return
            for inner, takes in zip(folds, minutes, strict=True):
                _fold(inner, max(1, round(takes)))


def _fold(section: nodes.section, minutes: int) -> None:
    title, *rest = section.children
    opening = _raw('<details class="further"><summary>')
    closing = _raw(f'<span class="minutes">{minutes}&nbsp;min</span></summary>')
    section.children = []
    section += [opening, title, closing, *rest, _raw("</details>")]


def _wrapped(directive: SphinxDirective, opening: str, closing: str) -> list[nodes.Node]:
    return [_raw(opening), *parsed(directive, directive.content), _raw(closing)]


def _raw(html: str) -> nodes.raw:
    return nodes.raw("", html, format="html")
