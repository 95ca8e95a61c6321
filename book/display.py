"""What a chapter's cell shows: a figure with its alt text, a sentence with its number, the library's code."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from pathlib import Path

from IPython.display import Markdown
from matplotlib.figure import Figure

from book.cards import card, chosen_rates
from book.claims import claim_text
from book.figures.svg import narrow_svg, to_svg

ALT_TEXT_LENGTH = 40
VERDICTS = ("holds", "holds with a caveat", "partly", "false", "undecided at this budget")


class Picture:
    """A figure with its alt text: SVG for a notebook and the page, the alt text for everything else.

    The SVG's metadata holds the alt text and the narrow twin, which the page shows on a phone.
    """

    def __init__(self, figure: Figure, alt: str):
        self.figure, self.alt = figure, alt

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, include=None, exclude=None):
        data = {"image/svg+xml": to_svg(self.figure, self.alt), "text/plain": self.alt}
        about = {"alt": self.alt, "narrow": narrow_svg(self.figure, self.alt)}
        return data, {"image/svg+xml": about}


def show(figure: Figure, alt: str) -> Picture:
    """Show a figure together with a sentence that says what is seen.

    Args:
        figure: a matplotlib Figure, as every function of `book.figures` returns.
        alt: at least 40 characters; what a reader who cannot see the figure needs to know.

    Raises:
        ValueError: the alt text is too short to say what is seen.

    Examples:
        >>> from book.figures import axes
        >>> figure, ax = axes()
        >>> show(figure, "An empty pair of axes, both running from 0 to 1.")
        An empty pair of axes, both running from 0 to 1.
    """
    if len(alt) < ALT_TEXT_LENGTH:
        raise ValueError(
            f"The alt text has {len(alt)} characters; write a sentence of {ALT_TEXT_LENGTH} or more."
        )
    return Picture(figure, alt)


def say(sentence: str) -> Markdown:
    """Show a sentence that quotes what the cell has just measured: the number cannot drift from the run.

    Examples:
        >>> say(f"The sum is **{0.1 + 0.2:.3f}**.").data
        'The sum is **0.300**.'
    """
    return Markdown(inspect.cleandoc(sentence))


def table(columns: list[str], rows: list[list[str]]) -> Markdown:
    """Show rows of text, already rounded, under their column names; all but the first column stand right.

    Examples:
        >>> print(table(["dtype", "bits"], [["float16", "16"]]).data)
        | dtype | bits |
        |:--|--:|
        | float16 | 16 |
    """
    lines = [f"| {' | '.join(cells)} |" for cells in (columns, *rows)]
    return Markdown("\n".join([lines[0], "|:--|" + "--:|" * (len(columns) - 1), *lines[1:]]))


def evidence(claim: str, verdict: str, sentence: str, so: str = "", more: str = "") -> Markdown:
    """Settle a claim of `assets/claims.yml` where it is measured: claim, verdict, one number, so what.

    `python -m book verify` compares all of them with the file.

    Args:
        claim: the claim's id, "N1" for one.
        verdict: one of `VERDICTS`.
        sentence: one line with the number that decides.
        so: one line: what a reader does or expects otherwise now that this is known.
        more: the other numbers, which stand in a fold.

    Raises:
        BookError: the file has no such claim.
        ValueError: the verdict is another word.

    Examples:
        >>> print(evidence("F18", "holds", "It keeps 8 bytes.", "Count them in.", "SGD keeps 0.").data)
        <span id="claim-f18"></span>
        <BLANKLINE>
        > **Claim F18.** Adam keeps two extra numbers for each parameter.
        <BLANKLINE>
        **Verdict: holds.** It keeps 8 bytes.
        <BLANKLINE>
        **So what?** Count them in.
        <BLANKLINE>
        <details class="more"><summary>The other numbers</summary>
        <BLANKLINE>
        SGD keeps 0.
        <BLANKLINE>
        </details>
    """
    if verdict not in VERDICTS:
        raise ValueError(f"The verdict is {verdict!r}; it must be one of {', '.join(VERDICTS)}.")
    parts = [
        f'<span id="claim-{claim.lower()}"></span>',
        f"> **Claim {claim}.** {claim_text(claim)}",
        f"**Verdict: {verdict}.** {sentence}",
        f"**So what?** {so}" if so else "",
        _fold("more", "The other numbers", more) if more else "",
    ]
    return Markdown("\n\n".join(filter(None, parts)))


def reveal(text: str, right: str | float | None = None) -> Markdown:
    """Answer the Predict before it, folded; on the page it opens once the reader has predicted.

    Args:
        text: what was seen, with its numbers.
        right: the key of the right option, or the right number; None where the question is open.

    Examples:
        >>> print(reveal("It stops at **2048**.", right=2048).data)
        <details class="answer" data-right="2048"><summary>Answer</summary>
        <BLANKLINE>
        It stops at **2048**.
        <BLANKLINE>
        </details>
    """
    given = "" if right is None else f'" data-right="{right}'
    return Markdown(_fold(f"answer{given}", "Answer", inspect.cleandoc(text)))


def _fold(kind: str, title: str, text: str) -> str:
    return f'<details class="{kind}"><summary>{title}</summary>\n\n{text}\n\n</details>'


def one_screen(method: str) -> Markdown:
    """Show a method whole: its formula, what it takes from its parents, and a version in plain PyTorch.

    All of it stands in `book/optim/cards/`; the tests hold the code equal to ours, step for step.

    Args:
        method: the name of its card, "Adam" or "BFGS".

    Raises:
        BookError: there is no such method.

    Examples:
        >>> print(one_screen("Momentum").data.splitlines()[0])
        $$\\boxed{\\; b \\leftarrow \\mu b + g, \\qquad x \\leftarrow x - \\eta b \\;}$$
    """
    found = card(method)
    code = f"{found.asks}\n\n```python\n{found.plain}\n```"
    held = f"It needs no library but torch, and is held equal to `book.optim.{found.held}`, step for step."
    return Markdown("\n\n".join([found.parts["Formula"], found.parts["Takes"], code, held]))


def use_it(method: str) -> Markdown:
    """Show how to use a method: when, first values, what to tune first, symptoms, a complete loop.

    All of it stands in `book/optim/cards/`; the rates that were chosen are those of *The comparison*.

    Args:
        method: the name of its card, "Adam" or "BFGS".

    Raises:
        BookError: there is no such method.

    Examples:
        >>> shown = use_it("Adam").data
        >>> [line for line in shown.splitlines() if "torch.optim.Adam(" in line]
        ['    optimizer = torch.optim.Adam(model.parameters(), lr=lr)']
    """
    found = card(method)
    chosen = " and ".join(f"**{rate:g}** for the {on}" for on, rate in chosen_rates(method).items())
    given = "a model and a loader of yours" if "loader" in found.loop else "all the data"
    parts = [
        f"**Take it when** {found.parts['When']}",
        f"**First values**\n\n{found.parts['First values']}",
        f"Of all the rates that it tried, the project's comparison chose {chosen}." if chosen else "",
        f"**Tune first** {found.parts['Tune first']}",
        f"**Symptoms**\n\n{found.parts['Symptoms']}",
        f"**A complete loop**, with {given}",
        f"```python\n{found.loop}\n```",
    ]
    return Markdown("\n\n".join(filter(None, parts)))


def show_source(*objects: Callable) -> Markdown:
    """Show the library's own source of functions or classes, without their docstrings, and where it stands.

    The output's metadata names the objects, so that the page can link to their API entries.

    Examples:
        >>> shown = show_source(say)
        >>> print(shown.data.splitlines()[0])
        ```python
        >>> shown.metadata
        {'objects': ['book.display:say']}
    """
    code = "\n\n\n".join(map(_without_docstring, objects))
    files = ", ".join(f"`{file}`" for file in sorted({_library_path(thing) for thing in objects}))
    metadata = {"objects": [f"{thing.__module__}:{thing.__qualname__}" for thing in objects]}
    return Markdown(f"```python\n{code}\n```\n\nFrom {files}.", metadata=metadata)


def _library_path(thing: Callable) -> str:
    path = Path(inspect.getfile(inspect.unwrap(thing)))
    return path.relative_to(Path(__file__).parents[1]).as_posix()


def _without_docstring(thing: Callable) -> str:
    source = textwrap.dedent(inspect.getsource(thing)).rstrip()
    lines = source.splitlines()
    definition = ast.parse(source).body[0]
    nodes = [n for n in ast.walk(definition) if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    for node in sorted(nodes, key=lambda n: -n.lineno):
        if ast.get_docstring(node):
            docstring = node.body[0]
            del lines[docstring.lineno - 1 : docstring.end_lineno]
    return "\n".join(lines)
