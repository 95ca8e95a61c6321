"""Formulas become MathML Core at build time: a page needs no script and no second pass to draw them."""

import re
from functools import cache
from html import escape
from xml.etree.ElementTree import Element, fromstring, tostring

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

LOGGER = logging.getLogger(__name__)
AXIS = 0.25  # em from the line to the middle of a bracket
SHORT = 20  # signs of a formula that fits on a line of any telephone
RELATIONS = set("=≤≥<>≈≠≪≫→∈∝≔≡")
REPLACED = {
    "&ApplyFunction;": "&#x2061;",
    ">\xaf</mo></mover>": ">\u203e</mo></mover>",  # a bar: the mathematical face has the overline
    # The smallest root sign is higher than a letter; without this strut it hangs below the line.
    "<msqrt>": '<msqrt><mspace width="0" height="0.74em" depth="0.22em"></mspace>',
}


# Chrome raises a prime once more where a superscript already did: written in line, it is where it belongs.
_PRIMED = re.compile(r"<msup>(<mi>[^<]*</mi>)<mo>([′″‴])</mo></msup>")
# Chrome draws an enlarged bracket that has a superscript small: the bracket stands before it, and a strut as
# high as the bracket raises the superscript.
_ENLARGED = re.compile(r'<(msu[bp]|msubsup)><mo ([^>]*minsize="([\d.]+)em"[^>]*)>([^<]*)</mo>')
# A sign that begins a cell of `aligned` joins it to the cell before, and has room on both sides, as in TeX.
_SIGN = re.compile(r'(<mtd style="text-align: left[^>]*>)<mo>([+−±])</mo>')
# A sign with nothing but words beside it would get no room at all: the empty name is no word.
_WORDS = re.compile(r"(<mtd\b[^>]*><mo\b[^>]*>[^<]*</mo>)(?=<mtext>)")


@cache
def _converter() -> LatexToMathML:
    return LatexToMathML(fancy_error=False)


def to_mathml(latex: str, block: bool) -> str:
    r"""Return a formula as MathML Core.

    `\boxed` becomes a row with the class "boxed", because browsers draw no `menclose`; the style sheet
    draws its border.

    Args:
        latex: the formula, without its dollar signs.
        block: whether it stands on a line of its own.

    Raises:
        math_core.LatexError: the formula uses a command that math-core does not know.

    Examples:
        >>> to_mathml("x^2", block=False)
        '<math><msup><mi>x</mi><mn>2</mn></msup></math>'
        >>> to_mathml(r"\boxed{x}", block=False)
        '<math><mrow class="boxed"><mi>x</mi></mrow></math>'
    """
    text = _converter().convert_with_local_state(latex, displaystyle=block)
    text = re.sub(
        r'<menclose notation="box">(.*?)</menclose>', r'<mrow class="boxed">\1</mrow>', text, flags=re.S
    )
    text = _PRIMED.sub(r'<mrow>\1<mo lspace="0" rspace="0">\2</mo></mrow>', text)
    text = _ENLARGED.sub(_before_its_superscript, text)
    text = _WORDS.sub(r"\1<mi></mi>", _SIGN.sub(r'\1<mo form="infix">\2</mo>', text))
    for old, new in REPLACED.items():
        text = text.replace(old, new)
    return text


def _before_its_superscript(found: re.Match) -> str:
    tag, looks, size, bracket = found.groups()
    height, depth = float(size) / 2 + AXIS, float(size) / 2 - AXIS
    strut = f'<mspace width="0" height="{height:.4f}em" depth="{depth:.4f}em"></mspace>'
    looks = looks.replace('form="postfix" ', "")
    return f'<mo form="postfix" {looks}>{bracket}</mo><{tag}>{strut}'


def with_breaks(mathml: str) -> str:
    """Return a formula of the running text as one `math` element for each side of its relations.

    A browser breaks no line inside a `math` element, and a chain of equalities is wider than a telephone. A
    short formula stays in one piece.

    Examples:
        >>> with_breaks("<math><mi>a</mi><mo>=</mo><mi>b</mi></math>")
        '<math><mi>a</mi><mo>=</mo><mi>b</mi></math>'
        >>> with_breaks("<math><mi>a</mi><mo>=</mo><mn>12345678901234567890</mn></math>")
        '<math><mi>a</mi></math><math><mo form="infix">=</mo><mn>12345678901234567890</mn></math>'
    """
    formula = fromstring(mathml)
    sides: list[list[Element]] = [[]]
    long = len("".join(formula.itertext())) > SHORT
    for part in formula:
        drawn = any(text for before in sides[-1] for text in before.itertext())
        if part.tag == "mo" and part.text in RELATIONS and drawn and long:
            part.set("form", "infix")
            sides.append([])
        sides[-1].append(part)
    return "".join(f"<math>{''.join(tostring(part, 'unicode') for part in side)}</math>" for side in sides)


def _convert(node: nodes.Node, block: bool) -> str:
    try:
        mathml = to_mathml(node.astext(), block)
        return mathml if block else with_breaks(mathml)
    except LatexError as error:
        LOGGER.warning("The formula %r cannot be drawn: %s", node.astext(), error, location=node, type="math")
        return escape(node.astext())


def visit_inline(translator, node: nodes.math) -> None:
    translator.body.append(_convert(node, block=False))
    raise nodes.SkipNode


def visit_block(translator, node: nodes.math_block) -> None:
    anchor = f' id="{node["ids"][0]}"' if node.get("ids") else ""
    translator.body.append(f'<div class="math"{anchor}>{_convert(node, block=True)}')
    if node.get("number"):
        translator.body.append(
            f'<span class="equation">({get_node_equation_number(translator, node)})</span>'
        )
    translator.body.append("</div>\n")
    raise nodes.SkipNode
