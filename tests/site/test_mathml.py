"""Formulas as MathML: boxes, breaks and roots as browsers need them; what cannot be drawn is an error."""

import re
from xml.etree.ElementTree import fromstring

import pytest
from math_core import LatexError

from book.site.mathml import to_mathml, with_breaks


def test_a_box_holds_the_whole_formula():
    mathml = to_mathml(r"\boxed{a + \frac{b}{c}}", block=True)
    assert "menclose" not in mathml
    assert re.search(r'<math display="block"><mrow class="boxed">.*</mrow></math>', mathml)


def test_a_chain_of_equalities_can_break_before_each_relation():
    parts = with_breaks(to_mathml(r"abcdefg = bcdefgh \le cdefghi", block=False)).split("</math>")
    assert len(parts) == 4
    assert parts[3] == ""
    assert "=" in parts[1]
    assert "≤" in parts[2]


def test_a_short_formula_stays_in_one_piece():
    assert with_breaks(to_mathml(r"\kappa = 50", block=False)).count("<math>") == 1


def test_a_relation_inside_a_fraction_breaks_nothing():
    assert with_breaks(to_mathml(r"\frac{a = b}{c}", block=False)).count("<math>") == 1


def test_a_formula_that_begins_with_a_relation_stays_whole():
    assert with_breaks(to_mathml("{} = a", block=False)).count("<math>") == 1


def test_function_names_keep_the_invisible_sign_of_application():
    assert "\u2061" in with_breaks(to_mathml(r"\log x", block=False))


@pytest.mark.parametrize("latex", [r"\foo{x}", r"\frac{a", r"x^^2"])
def test_a_formula_that_cannot_be_drawn_is_an_error(latex):
    with pytest.raises(LatexError):
        to_mathml(latex, block=False)


def test_a_prime_stands_in_line_and_another_superscript_stays_raised():
    mathml = to_mathml("f'(x) + x^2", block=False)
    assert '<mrow><mi>f</mi><mo lspace="0" rspace="0">′</mo></mrow>' in mathml
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in mathml


def test_a_bar_is_the_overline_that_the_face_has():
    assert '<mo stretchy="false">\u203e</mo>' in to_mathml(r"\bar{v}", block=False)


@pytest.mark.parametrize("latex", [r"\big(a\big)^2", r"\Big|_{t=0}", r"\bigg[x\bigg]_i^2", r"\Bigr\rVert^2"])
def test_an_enlarged_bracket_stands_before_its_superscript(latex):
    formula = fromstring(to_mathml(latex, block=True))
    scripts = next(part for part in formula if part.tag.startswith("ms"))
    bracket = formula[list(formula).index(scripts) - 1]
    strut = scripts[0]
    assert strut.tag == "mspace"
    assert bracket.get("form") == "postfix"
    high = sum(float(strut.get(side).removesuffix("em")) for side in ("height", "depth"))
    assert high == pytest.approx(float(bracket.get("minsize").removesuffix("em")))


def test_a_bracket_of_its_own_size_keeps_its_superscript():
    assert "mspace" not in to_mathml("(a + b)^2", block=True)


def test_a_sign_that_begins_a_cell_has_room_as_in_tex():
    first, second = to_mathml(r"\begin{aligned} a & - b \\ & {} + c \end{aligned}", block=True).split(
        "</mtr><mtr>"
    )
    assert '<mo form="infix">−</mo>' in first
    assert "<mrow></mrow><mo>+</mo>" in second
    assert "infix" not in to_mathml(r"\begin{pmatrix} -1 & -2 \end{pmatrix}", block=True)


def test_an_equals_sign_before_words_has_room():
    assert "<mo>=</mo><mi></mi><mtext>" in to_mathml(
        r"\begin{aligned} a &= \text{low} \end{aligned}", block=True
    )
    assert "<mi></mi>" not in to_mathml(r"\begin{aligned} a &= b \text{ low} \end{aligned}", block=True)
