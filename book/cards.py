"""The card of a method, `book/optim/cards/NAME.md`: the method on one screen, and how to use it."""

import ast
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

from book.errors import known
from book.optim.methods import METHODS
from book.project.comparison_file import load_comparison

FOLDER = Path(__file__).parent / "optim" / "cards"
PARTS = ("Formula", "Takes", "Plain", "When", "First values", "Tune first", "Symptoms", "Loop")
OF_NETWORKS = ("NaturalGradient", "KFAC", "AdaHessian", "Shampoo")
"""Second-order methods with a card whose plain code is for a model; it says itself how it is called."""
SEARCHING = ("Newton", "TrustRegion", "GaussNewton", "BFGS", "LBFGS")
"""Second-order methods with a card whose plain code takes a function: they ask for the loss as they like."""
CALL = "Make `params = list(model.parameters())`{state} once. Call it after `loss.backward()`."
HAND = "Hand it `{function}`, a function of one vector of shape (n,), a start `x` and the number of `steps`."
LOOP = """\
{imports}
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import LambdaLR


def train(model, loader, epochs, lr={rate}):
    steps = epochs * len(loader)
{optimizer}

    def factor(t):  # up in the first 15 % of the steps, then down to 0
        return min((t + 1) / (0.15 * steps), (steps - t) / (0.85 * steps))

    scheduler = LambdaLR(optimizer, factor)
    for _ in range(epochs):
        for inputs, labels in loader:
            optimizer.zero_grad()
            loss = cross_entropy(model(inputs), labels)
            loss.backward()
            optimizer.step()
            scheduler.step()"""


@dataclass(frozen=True)
class Card:
    """A method's card: what stands in its file under each of the headings of `PARTS`.

    Args:
        name: of its entry in `METHODS`, or one of `OF_NETWORKS` or `SEARCHING`.
        parts: heading → text, in Markdown.
    """

    name: str
    parts: dict[str, str]

    @property
    def plain(self) -> str:
        """The method in plain PyTorch, without the library."""
        return _code(self.parts["Plain"])

    @property
    def takes(self) -> tuple[str, ...]:
        """What the function of the plain code takes and has no default for.

        Examples:
            >>> card("SGD").takes, card("Adam").takes, card("BFGS").takes
            (('params',), ('params', 'state'), ('loss', 'x', 'steps'))
        """
        defined = [node for node in ast.parse(self.plain).body if isinstance(node, ast.FunctionDef)]
        [given] = [node.args for node in defined if node.name == self.name.lower()]
        return tuple(part.arg for part in given.args[: len(given.args) - len(given.defaults)])

    @property
    def asks(self) -> str:
        """What the plain code asks of who calls it: a sentence that names what its function takes.

        Examples:
            >>> card("SGD").asks.partition(". ")[2]
            'Make `params = list(model.parameters())` once. Call it after `loss.backward()`.'
            >>> card("NaturalGradient").asks.partition(",")[0]
            'One step of a classifier `model` from inputs `x` and labels `y`'
        """
        if said := self.parts["Plain"].partition("```")[0].strip():
            return said
        state = " and `state = {}`" if "state" in self.takes else ""
        called = HAND if self.name in SEARCHING else CALL
        return f"In plain PyTorch. {called.format(function=self.takes[0], state=state)}"

    @property
    def held(self) -> str:
        """How the library's method is made that the plain code is held equal to, of parameters x.

        Examples:
            >>> card("Adam").held, card("BFGS").held
            ('Adam', 'BFGS(x, line_search_fn="armijo")')
        """
        found = re.findall(r"^Held equal to `(.+)`\.$", self.parts["Plain"], re.M)
        return found[0] if found else self.name

    @property
    def rate(self) -> str:
        """The learning rate to start with, as it is written.

        Examples:
            >>> card("Adam").rate
            '0.001'
        """
        return _only(r"^\| `lr` \| ([^ ]+) \|", self.parts["First values"])

    @property
    def loop(self) -> str:
        """A complete training loop: a function of a model and of a loader of inputs and labels.

        Second-order methods have it written out, as no two are called alike.
        """
        if self.name not in METHODS:
            return _code(self.parts["Loop"])
        imports = "import torch" + (
            "" if METHODS[self.name].twin else f"\nfrom book.optim import {self.name}"
        )
        optimizer = textwrap.indent(_code(self.parts["Loop"]), "    ")
        return LOOP.format(imports=imports, rate=self.rate, optimizer=optimizer)

    @property
    def when(self) -> str:
        """When to take it: what follows "Take it when".

        Examples:
            >>> card("SGD").when
            'memory is short: it remembers nothing.'
        """
        return self.parts["When"].partition("\n")[0]

    @property
    def tune(self) -> str:
        """What to tune first, in a few words.

        Examples:
            >>> card("Adam").tune
            'the rate, at each width'
        """
        return self.parts["Tune first"].partition(":")[0]


def card(name: str) -> Card:
    """Read a method's card.

    Args:
        name: of its entry in `METHODS`, "Adam" for one, or one of `OF_NETWORKS` or `SEARCHING`.

    Raises:
        BookError: there is no such method, or it has no card.

    Examples:
        >>> print(card("Momentum").parts["Formula"])
        $$\\boxed{\\; b \\leftarrow \\mu b + g, \\qquad x \\leftarrow x - \\eta b \\;}$$
    """
    known(name, "method", (*METHODS, *OF_NETWORKS, *SEARCHING))
    text = (FOLDER / f"{name.lower()}.md").read_text(encoding="utf-8")
    _, *pairs = re.split(r"^## (.+)\n", text, flags=re.M)
    return Card(name, {head: body.strip() for head, body in zip(pairs[::2], pairs[1::2], strict=True)})


def cards() -> list[Card]:
    """The cards of all first-order methods, in the order of `METHODS`.

    Examples:
        >>> len(cards()) == len(METHODS)
        True
    """
    return [card(name) for name in METHODS]


def chosen_rates(name: str) -> dict[str, float]:
    """The rates that the project's comparison chose for a method, by the network and its data.

    Args:
        name: of its entry in `METHODS`.

    Examples:
        >>> chosen_rates("Adam")
        {'MLP on MNIST': 0.001, 'CNN on CIFAR-10': 0.005}
        >>> chosen_rates("Lion")
        {}
    """
    found = [load_comparison("mlp")["results"], load_comparison("cnn")["results"]]
    return {
        part["protocol"]["title"]: row["lr"]
        for part in found
        for row in part["rows"]
        if row["method"] == name.lower() and row["tuned"]
    }


def _code(markdown: str) -> str:
    return _only(r"```python\n(.*?)\n```", markdown)


def _only(pattern: str, text: str) -> str:
    """What the group of a pattern matches, where it matches once."""
    [found] = re.findall(pattern, text, re.M | re.S)
    return found
