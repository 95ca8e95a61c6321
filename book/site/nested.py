"""What a directive of ours holds: lines of Markdown, read where the directive stands."""

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective


def parsed(directive: SphinxDirective, lines: StringList | list[str]) -> list[nodes.Node]:
    """Return the nodes of some lines of Markdown.

    Args:
        directive: where they stand.
        lines: its own content, or lines that it made.
    """
    container = nodes.container()
    given = lines if isinstance(lines, StringList) else StringList(lines, source="")
    directive.state.nested_parse(given, directive.content_offset, container)
    return container.children
