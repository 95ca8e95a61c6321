"""A check on formulas: each symbol of a chapter stands in its list of symbols."""

import re
from collections.abc import Iterator

from book.site.checks.text import Page
from book.site.finding import Finding
from book.site.myst import directive, tokens

_WORDS = re.compile(
    r"\\begin\{array\}\{[^{}]*\}"
    r"|\\(?:text[a-z]*|operatorname|mathrm|mathtt|begin|end|tag|label|class|[hv]space)\*?\{[^{}]*\}"
)
_MARKED = re.compile(
    r"\\(hat|bar|tilde|dot|widehat|widetilde|vec|overline)(?![A-Za-z])"
    r"\s*(?:\{\s*(\\?[A-Za-z]+)\s*\}|(\\?[A-Za-z]+))"
)
_GREEK = (
    r"\\(?:alpha|beta|gamma|delta|(?:var)?epsilon|zeta|eta|(?:var)?theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma"
    r"|tau|(?:var)?phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Phi|Psi|Omega|ell)(?![A-Za-z])"
)
_LETTER = re.compile(rf"{_GREEK}|(?<![\\A-Za-z])[A-Za-z]+")
FREE = {"e", "\\pi", "d", "i", "j", "k"}  # Euler's number, pi, the d of a derivative, and what runs in a sum


def symbol_findings(page: Page) -> list[Finding]:
    """Return the symbols in a chapter's formulas that its list lacks; a chapter with formulas has a list."""
    listed = {symbol for formula in _listed(page) for symbol in symbols(formula)}
    used: dict[str, int | None] = {}
    for cell, formula in _places(page):
        for symbol in symbols(formula):
            used.setdefault(symbol, cell)
    if used and not listed:
        return [
            page.finding(None, "the chapter has formulas and no list of symbols", "add a {symbols} block")
        ]
    mend = "list it with its shape and meaning in the {symbols} block"
    return [
        page.finding(cell, f"the symbol {symbol} is not in the list of symbols", mend)
        for symbol, cell in used.items()
        if symbol not in listed
    ]


def symbols(formula: str) -> set[str]:
    """Return the symbols of a formula: letters, Greek ones by their commands, with their hats and bars.

    Indices count as symbols where they are single letters; words in an index, and names of functions, do not.

    Examples:
        >>> sorted(symbols(r"\\hat m_t = \\lambda_{\\max} \\operatorname{sign}(x)"))
        ['\\\\hat m', '\\\\lambda', 't', 'x']
    """
    text, found = _WORDS.sub(" ", formula), set()
    for mark, braced, bare in _MARKED.findall(text):
        found.add(f"\\{mark} {braced or bare}")
    text = _MARKED.sub(" ", text)
    for match in _LETTER.findall(text):
        found |= {match} if match.startswith("\\") else set(match)
    return found - FREE


def _listed(page: Page) -> Iterator[str]:
    """Yield the formulas in the page's list of symbols."""
    for _, token in page.tokens:
        inside = directive(token)
        if inside and inside.name == "symbols":
            yield from (part.content for part in tokens(inside.body) if "math" in part.type)


def _places(page: Page) -> Iterator[tuple[int | None, str]]:
    for cell, token in page.tokens:
        if "math" in token.type and token.content:
            yield cell, token.content
