"""Links to the glossary carry their definition, so that it can be read without leaving the line."""

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

GLOSSARY = "glossary"


def show_definitions(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Give each link to a term its definition; `page.js` shows it on hover and on focus."""
    # pyrefly: ignore[missing-attribute]  `read_definitions` has put it there
    definitions = app.env.descent_definitions
    for link in list(doctree.findall(nodes.reference)):
        term = link.get("refid") or link.get("refuri", "").partition("#")[2]
        if term in definitions and link.get("internal"):
            link.parent.replace(link, _with_definition(link, definitions[term]))


def _with_definition(link: nodes.reference, definition: str) -> nodes.raw:
    address = link.get("refuri") or "#" + link["refid"]
    html = (
        f'<a class="term" href="{address}" data-definition="{escape(definition)}">{escape(link.astext())}</a>'
    )
    return nodes.raw("", html, format="html")


def read_definitions(app: Sphinx, env: BuildEnvironment) -> None:
    """Keep the first paragraph of each glossary entry by the id of its term."""
    # pyrefly: ignore[missing-attribute]  Sphinx keeps what an extension puts into its environment
    env.descent_definitions = definitions = {}
    if GLOSSARY not in env.all_docs:
        return
    for item in env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        text = next(item.findall(nodes.definition)).children[0].astext()
        definitions |= {id_: text for term in item.findall(nodes.term) for id_ in term["ids"]}
