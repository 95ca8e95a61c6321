"""What each page carries besides its text: description, scripts, and the strip below a chapter's title."""

import re

from docutils import nodes
from sphinx.application import Sphinx

from book.site import colab, moved
from book.site.body import mended
from book.site.icons import ICONS
from book.site.paths import CHAPTERS
from book.site.status_page import counts

DESCRIPTION_LENGTH = 155
_ELEMENT = re.compile(r"<(descent-[a-z-]+)")


def complete(app: Sphinx, docname: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Fill the context that `assets/templates/layout.html` reads."""
    context["icon"] = ICONS.__getitem__
    context["description"] = description(doctree) if doctree else "Search every chapter of Descent."
    context["site_url"] = app.config.descent_site_url
    context["body"] = mended(context.get("body", "")) + moved.links(docname)
    context["element_scripts"] = tags_used(context["body"])
    context["chapter"] = strip(docname, app.config.descent_site_url)
    context["toc"] = _own_toc(context.get("toc") or "")


def tags_used(body: str) -> list[str]:
    """Return the tags of the custom elements that a page's HTML holds, each once, in their order.

    Examples:
        >>> tags_used("<p><descent-race data-settings='{}'></descent-race> <descent-race>")
        ['descent-race']
    """
    return list(dict.fromkeys(_ELEMENT.findall(body)))


def description(doctree: nodes.document) -> str:
    """Return a page's first paragraph, cut at a word, for search engines and shared links."""
    paragraphs = (node.astext() for node in doctree.findall(nodes.paragraph))
    text = re.sub(r"\s+", " ", next((text for text in paragraphs if len(text) > 30), ""))
    if len(text) <= DESCRIPTION_LENGTH:
        return text
    return text[:DESCRIPTION_LENGTH].rpartition(" ")[0].rstrip(",;:") + " …"


def strip(docname: str, site_url: str) -> dict | None:
    """Return reading and run times, notebook and Colab link of a chapter; None for another page."""
    path = CHAPTERS / f"{docname}.ipynb"
    if not path.exists():
        return None
    held = counts(path)
    return {name: max(1, round(held[name])) for name in ("core", "further", "seconds")} | {
        "notebook": f"notebooks/{docname}.ipynb",
        "colab": colab.colab_url(site_url, docname),
    }


def _own_toc(toc: str) -> str:
    """Return the list of a page's sections without the entry of its title, or nothing where there is none."""
    inner = re.search(r"<ul>.*?</a>\s*(<ul>.*</ul>)\s*</li>\s*</ul>", toc, flags=re.S)
    return inner[1] if inner else ""
