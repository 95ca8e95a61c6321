"""MyST as plain Markdown: what Colab shows of a chapter's prose."""

import pytest

from book.errors import BookError
from book.site.links import Links
from book.site.plain_markdown import PlainMarkdown
from tests.cases import each
from tests.site.small_site import small_site

SITE = "https://owner.github.io/descent"


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    root, html = small_site(tmp_path_factory.mktemp("site"))
    links = Links.read(html, SITE, root / "assets" / "references.bib")
    return PlainMarkdown(links, "1-numbers/small").convert


@each(
    ("myst", "markdown"),
    [
        ("an {term}`overflow`.", f"an [overflow]({SITE}/glossary.html#term-overflow)."),
        ("{term}`Overflow`", f"[Overflow]({SITE}/glossary.html#term-overflow)"),
        ("{term}`ε <machine epsilon>`", f"[ε]({SITE}/glossary.html#term-machine-epsilon)"),
        ("{term}`machine\nepsilon`", f"[machine epsilon]({SITE}/glossary.html#term-machine-epsilon)"),
        ("{doc}`conditioning`", f"[Conditioning]({SITE}/1-numbers/conditioning.html)"),
        ("{doc}`/1-numbers/conditioning`", f"[Conditioning]({SITE}/1-numbers/conditioning.html)"),
        ("{doc}`the list <../glossary>`", f"[the list]({SITE}/glossary.html)"),
        (
            "{ref}`the-narrow-valley`",
            f"[The narrow valley]({SITE}/1-numbers/conditioning.html#the-narrow-valley)",
        ),
        ("{cite:t}`goldberg1991`", f"[Goldberg (1991)]({SITE}/references.html)"),
        ("{cite:p}`kingma2015`", f"([Kingma and Ba, 2015]({SITE}/references.html))"),
        ("{cite:t}`micikevicius2018`", f"[Micikevicius et al. (2018)]({SITE}/references.html)"),
        ("{cite:t}`loan2013`", f"[van Loan and Grün (2013)]({SITE}/references.html)"),
        (
            "{cite:p}`goldberg1991,kingma2015`",
            f"([Goldberg, 1991]({SITE}/references.html); [Kingma and Ba, 2015]({SITE}/references.html))",
        ),
        ("[the bits](floating-point.md#bits)", f"[the bits]({SITE}/1-numbers/floating-point.html#bits)"),
        ("[`exp`](../glossary.md)", f"[`exp`]({SITE}/glossary.html)"),
        ("[below](#bits)", f"[below]({SITE}/1-numbers/small.html#bits)"),
        ('![a](../../assets/a.svg "t")', f'![a]({SITE}/_images/a.svg "t")'),
        ("{kbd}`Tab`", "Tab"),
        ("(label)=\n## Title", "## Title"),
        ("% a comment\nText", "Text"),
        (
            "```{note}\nMind {term}`overflow`.\n```",
            f"> **Note**\n>\n> Mind [overflow]({SITE}/glossary.html#term-overflow).",
        ),
        (
            ":::{admonition} A *guess* first\n:class: tip\n\nWrite it down.\n:::",
            "> **A *guess* first**\n>\n> Write it down.",
        ),
        ("$$\nx = 1\n$$ (one)", "$$\nx = 1 \\tag{one}\n$$"),
        ("```{math}\n:label: one\nx = 1\n```", "$$\nx = 1 \\tag{one}\n$$"),
        ("by {eq}`one`", "by (one)"),
        ("```{dropdown} Why\nSo.\n```", "<details><summary>Why</summary>\n\nSo.\n\n</details>"),
        (
            ":::{predict} number\nHow many?\n:::",
            "> **Predict**\n>\n> How many?",
        ),
        (":::{answer} b\nSo.\n:::", "<details><summary>Answer</summary>\n\nSo.\n\n</details>"),
        (
            ":::{symbols}\n| $x$ | a point |\n|:--|:--|\n:::",
            "<details><summary>Symbols</summary>\n\n| $x$ | a point |\n|:--|:--|\n\n</details>",
        ),
        ("```{code-block} python\nx = 1\n```", "```python\nx = 1\n```"),
        ("```{image} ../a.png\n:alt: A line.\n```", f"![A line.]({SITE}/_images/a.png)"),
        (
            "- one\n  {term}`machine\n  epsilon`",
            f"- one\n  [machine epsilon]({SITE}/glossary.html#term-machine-epsilon)",
        ),
        ("> See {term}`overflow`.", f"> See [overflow]({SITE}/glossary.html#term-overflow)."),
        ("- ```{tip}\n  Two.\n  ```", "- > **Tip**\n  >\n  > Two."),
        (
            "| a | b |\n|--|--|\n| {doc}`conditioning` | {doc}`conditioning` |",
            f"| a | b |\n|--|--|\n| [Conditioning]({SITE}/1-numbers/conditioning.html) "
            f"| [Conditioning]({SITE}/1-numbers/conditioning.html) |",
        ),
        ("[![a](../a.png)](../glossary.md)", f"[![a]({SITE}/_images/a.png)]({SITE}/glossary.html)"),
        (
            "[see {term}`overflow` here](#bits)",
            f"[see [overflow]({SITE}/glossary.html#term-overflow) here]({SITE}/1-numbers/small.html#bits)",
        ),
        ("```{bibliography}\n:filter: docname in docnames\n```", ""),
    ],
)
def test_myst_becomes_plain(plain, myst, markdown):
    assert plain(myst) == markdown


@each(
    "text",
    [
        "# Title\n\nWords, *words*,\n\n\nand `code`.",
        "```python\nx = '{term}`overflow`'\n\n\n# (label)=\n```",
        "``{term}`overflow` ``",
        "Take $E[x](y)$ and $$\\frac{a}{b}$$.",
        "It costs \\$5, or [a page](https://example.org/a.md) of work.",
        "- one\n- two\n\n  ```text\n  three\n  ```",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "A code span `` [a](b.md) `` and an \\[escaped](b.md) bracket.",
        "    [indented code](b.md) and {term}`overflow`",
        "<details>\n<summary>Why</summary>\n\nSo.\n\n</details>",
    ],
)
def test_plain_markdown_stays_as_it_is(plain, text):
    assert plain(text) == text


@pytest.mark.parametrize(
    "text", ["{term}`no such term`", "{doc}`nowhere`", "{ref}`nothing`", "{cite:t}`nobody1900`"]
)
def test_a_role_that_leads_nowhere_is_an_error_with_its_name(plain, text):
    with pytest.raises(BookError, match=text.split("`")[1]):
        plain(text)


def test_a_nested_directive_is_converted_inside_out(plain):
    text = "::::{note}\nOne.\n\n:::{tip}\nTwo.\n:::\n::::"
    assert plain(text) == "> **Note**\n>\n> One.\n>\n> > **Tip**\n> >\n> > Two."
