"""What Sphinx and its extensions write into a page's text, mended for screen readers and narrow screens."""

import re

DROPPED = (
    ' aria-label="Toggle hidden content"',  # hides what a fold is called
    ' role="doc-biblioentry"',  # withdrawn from the standard
    ' role="list"',  # its entries are no list items
)
_HEAD = re.compile(r"<th\b([^>]*)>(.*?)</th>", re.S)
_FORMULA = re.compile(r"<math\b.*?</math>", re.S)
_TAG = re.compile(r"<[^>]+>")


def mended(body: str) -> str:
    """Return a page's HTML with tables that scroll in their own box and names that can be read aloud.

    Examples:
        >>> mended('<table><tr><th><p></p></th></tr></table>')
        '<div class="table-box"><table><tr><td><p></p></td></tr></table></div>'
    """
    for text in DROPPED:
        body = body.replace(text, "")
    body = re.sub(r"<table\b", '<div class="table-box"><table', body).replace("</table>", "</table></div>")
    return _HEAD.sub(_named_head, body)


def _named_head(head: re.Match) -> str:
    """Make an empty head a plain cell, and say one that is only a formula in letters."""
    attributes, content = head.groups()
    letters = _TAG.sub("", content).strip()
    if not letters:
        return f"<td{attributes}>{content}</td>"
    if not _TAG.sub("", _FORMULA.sub("", content)).strip():
        spoken = f'<span class="unseen">{letters}</span>'
        drawn = content.removeprefix("<p>").removesuffix("</p>")
        return f'<th{attributes}>{spoken}<span aria-hidden="true">{drawn}</span></th>'
    return head[0]
