"""The list of symbols: each letter of a formula is in it."""

from book.site.checks.symbols import symbol_findings, symbols
from tests.cases import each
from tests.site.small_page import found

LIST = ":::{symbols}\n| Symbol | Meaning |\n|:--|:--|\n| $x$, $\\hat m$ | points |\n:::\n\n"


@each(
    ("formula", "letters"),
    [
        (r"x_{t+1} = x_t", {"x", "t"}),
        (r"\eta\lambda_{\max}", {r"\eta", r"\lambda"}),
        (r"\hat{m} + \bar g + \tilde{\beta}", {r"\hat m", r"\bar g", r"\tilde \beta"}),
        (r"1 + 2 + \dots + n", {"n"}),
        (r"\operatorname{Var} m, \quad \text{for small } y", {"m", "y"}),
        (r"\begin{pmatrix} a & -b \end{pmatrix}", {"a", "b"}),
        (r"\sum_{i=1}^k e^{\pi}", set()),
        (r"\begin{array}{lcr} a \end{array} \hspace{2em} \textbf{word}", {"a"}),
        (r"\overline{z}", {r"\overline z"}),
        (r"2xy", {"x", "y"}),
        (r"\frac{\partial f}{\partial x}", {"f", "x"}),
    ],
)
def test_the_symbols_of_a_formula(formula, letters):
    assert symbols(formula) == letters


def test_what_the_list_lacks_is_named(tmp_path):
    text = f"{LIST}So $x = \\hat m$ twice.\n\n$$\\boxed{{y = \\mu x}}$$\n"
    assert sorted(found(symbol_findings, tmp_path, text)) == [
        "the symbol \\mu is not in the list of symbols",
        "the symbol y is not in the list of symbols",
    ]


def test_formulas_without_a_list(tmp_path):
    assert found(symbol_findings, tmp_path, "So $x$.") == ["the chapter has formulas and no list of symbols"]


def test_a_page_without_formulas_needs_no_list(tmp_path):
    assert found(symbol_findings, tmp_path, "No formula.") == []


def test_a_symbol_with_a_hat_is_another_one(tmp_path):
    assert found(symbol_findings, tmp_path, f"{LIST}$\\hat x$") == [
        "the symbol \\hat x is not in the list of symbols"
    ]
