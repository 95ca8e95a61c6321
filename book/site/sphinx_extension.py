"""What the book adds to Sphinx; `_config.yml` names this module."""

import os

from sphinx.application import Sphinx

from book.site import (
    api_pages,
    citations,
    claims_page,
    front_page,
    glossary,
    lesson,
    mathml,
    page,
    pictures,
    source_links,
    status_page,
)


def setup(app: Sphinx) -> dict:
    """Register the formulas, the figures, the generated pages and what each page carries besides its text."""
    site_url = os.environ.get("DESCENT_SITE_URL") or None
    app.add_config_value("descent_site_url", site_url, "html", (str, type(None)))
    app.add_html_math_renderer("mathml", (mathml.visit_inline, None), (mathml.visit_block, None))
    citations.setup(app)
    api_pages.setup(app)
    app.add_node(pictures.Picture, html=(pictures.visit_picture, None))
    app.add_directive("front-picture", front_page.FrontPicture)
    app.add_directive("doors", front_page.Doors)
    app.add_directive("claims-tally", claims_page.ClaimsTally)
    app.add_directive("claims", claims_page.Claims)
    app.add_directive("status", status_page.Status)
    app.add_directive("symbols", lesson.Symbols)
    app.add_directive("predict", lesson.Predict)
    app.add_directive("answer", lesson.Answer)
    app.connect("doctree-resolved", lesson.fold_further)
    app.connect("env-updated", glossary.read_definitions)
    app.connect("doctree-resolved", glossary.show_definitions)
    app.connect("doctree-resolved", source_links.resolve)
    app.connect("html-page-context", page.complete)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
