"""Printed source links to its API entry: an output names the objects, the page finds their entries."""

from typing import cast

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains.python import ObjectEntry, PythonDomain
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

LOGGER = logging.getLogger(__name__)
MARKDOWN = "text/markdown"


class SourceLink(nodes.Inline, nodes.TextElement):
    """The name of a printed object, "book.optim.adam:Adam.update" for one, until the API pages are read."""


class SourcePlugin:
    """Renders what `show_source` printed, for myst-nb; pyproject.toml names it as an entry point."""

    mime_priority_overrides = ()

    @staticmethod
    def handle_mime(renderer, data, inline: bool):
        objects = data.output_metadata.get(MARKDOWN, {}).get("objects")
        if data.mime_type != MARKDOWN or not objects:
            return None
        *code, where = renderer.render_markdown(data)
        where += nodes.Text(" In the reference: ")
        for number, name in enumerate(objects):
            where += [nodes.Text(", " if number else ""), SourceLink(name=name)]
        where += nodes.Text(".")
        return [*code, where]


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the link to its entry in the place of each name; a name without one is a warning."""
    objects = cast(PythonDomain, app.env.get_domain("py")).objects
    for link in list(doctree.findall(SourceLink)):
        shown = nodes.literal(text=link["name"].partition(":")[2])
        entry = entry_of(link["name"].replace(":", "."), objects)
        if entry is None:
            what = "%s is printed, but no API page describes it; add its package to chapters/api"
            LOGGER.warning(what, link["name"], location=docname)
            link.replace_self(shown)
        else:
            link.replace_self(make_refnode(app.builder, docname, entry.docname, entry.node_id, shown))


def entry_of(name: str, objects: dict[str, ObjectEntry]) -> ObjectEntry | None:
    """Return the entry of an object, or of the class or module around it where it has none of its own.

    Examples:
        >>> objects = {"m": "the module's", "m.Adam": "the class's"}
        >>> entry_of("m.Adam.update", objects), entry_of("m._slope", objects), entry_of("n.f", objects)
        ("the class's", "the module's", None)
    """
    while name and name not in objects:
        name = name.rpartition(".")[0]
    return objects.get(name)
