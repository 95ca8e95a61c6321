"""What Sphinx and its extensions write into a page's text, mended for screen readers and narrow screens."""

import re

DROPPED = (
    ' aria-label="Toggle hidden content"',  # hides what a fold is called
    ' role="doc-biblioentry"',  # withdrawn from the standard
    ' role="list"',  # its entries are no list items
)
PROSE = 40  # characters of a cell that wants more width than its longest word
_CELL = re.compile(r"<td\b([^>]*)>(.*?)</td>", re.S)
_HEAD = re.compile(r"<th\b([^>]*)>(.*?)</th>", re.S)
_FORMULA = re.compile(r"<math\b.*?</math>", re.S)
_ENDED = re.compile(r"(<math\b(?:(?!</math>).)*</math>)([,.;:!?)\]”’]+)", re.S)  # by a mark in the text
_LINK_IN_SUMMARY = re.compile(r'(<summary>\s*<h\d>(?:(?!</summary>).)*?)<a class="headerlink".*?</a>', re.S)
_TAG = re.compile(r"<[^>]+>")
_HYPHENED = re.compile(
    r"(<(code|math|pre|script|style|svg)\b.*?</\2>|<[^>]+>)"  # as it is
    r"|\d[\d.]*e-\d+|\b[A-Z]-[A-Z][A-Za-z]+|\bCIFAR-10\b",
    re.S,
)


def mended(body: str) -> str:
    """Return a page's HTML with tables that scroll in their own box and names that can be read aloud.

    A browser may break the line between a formula and the comma after it, and at a hyphen; what is one
    is held together.

    Examples:
        >>> mended('<table><tr><th><p></p></th></tr></table>')
        '<div class="table-box"><table><tr><td><p></p></td></tr></table></div>'
        >>> mended("<math><mi>a</mi></math>, then")
        '<span class="held"><math><mi>a</mi></math>,</span> then'
        >>> mended("K-FAC to 1e-12")
        '<span class="held">K-FAC</span> to <span class="held">1e-12</span>'
        >>> mended('<summary><h3>More<a class="headerlink" href="#more">#</a></h3></summary>')
        '<summary><h3>More</h3></summary>'
        >>> mended("<td>a word</td><td>more than forty characters, as a sentence has</td>")
        '<td>a word</td><td data-prose>more than forty characters, as a sentence has</td>'
    """
    for text in DROPPED:
        body = body.replace(text, "")
    body = re.sub(r"<table\b", '<div class="table-box"><table', body).replace("</table>", "</table></div>")
    body = _LINK_IN_SUMMARY.sub(r"\1", body)
    body = _CELL.sub(_cell, body)
    body = _ENDED.sub(r'<span class="held">\1\2</span>', body)
    body = _HYPHENED.sub(lambda found: found[1] or f'<span class="held">{found[0]}</span>', body)
    return _HEAD.sub(_named_head, body)


def _cell(cell: re.Match) -> str:
    """Mark a cell that holds a sentence: beside code a telephone would give it the width of a word."""
    attributes, content = cell.groups()
    mark = " data-prose" if len(_TAG.sub("", content)) > PROSE else ""
    return f"<td{attributes}{mark}>{content}</td>"


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
