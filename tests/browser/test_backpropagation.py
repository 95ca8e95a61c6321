"""Backpropagation in the browser: its moments against the tape and autograd, its words against them."""

import random
from itertools import pairwise

import pytest
import torch

from book.calculus import gradient
from book.calculus.tape import Node, history
from book.explorers import Backpropagation
from book.explorers.backpropagation.widget import LAST
from tests.browser.computed import computed
from tests.browser.facts import numbers_in

pytestmark = pytest.mark.browser

TAG = Backpropagation.tag
NODES = tuple("xyabcdef")
ROUND = [
    (3, 2),
    (0, 0),
    (-1, 2),
    (0.5, -0.25),
    (100, -100),
    (1.05, 1.05),
    (-0.001, 1e-7),
    (-3, 2),
    (1.3, -0.7),
]


def points() -> list[tuple[float, float]]:
    draw = random.Random(7)
    return ROUND + [tuple(round(draw.uniform(-9, 9), draw.randint(0, 15)) for _ in "xy") for _ in range(60)]


@pytest.fixture(scope="module")
def shown(browser):
    """For each point and moment what the browser computes, and what it writes."""
    states = [{"x": x, "y": y, "moment": moment} for x, y in points() for moment in range(LAST + 1)]
    assert len(states) > 1200
    everything = computed(browser, TAG, states)
    runs = [everything[i : i + LAST + 1] for i in range(0, len(everything), LAST + 1)]
    return dict(zip(points(), runs, strict=True))


def graph(x: float, y: float) -> dict[str, Node]:
    """The nodes of x² + 2xy + y³ by their names, in the order in which they are computed."""
    nodes = {"x": Node(float(x)), "y": Node(float(y))}
    nodes["a"] = nodes["x"] ** 2
    nodes["b"] = nodes["x"] * nodes["y"]
    nodes["c"] = 2 * nodes["b"]
    nodes["d"] = nodes["y"] ** 3
    nodes["e"] = nodes["a"] + nodes["c"]
    nodes["f"] = nodes["e"] + nodes["d"]
    return nodes


def handed_on(nodes: dict[str, Node]) -> list[tuple[str, str, float]]:
    """User, node and slope of each amount, in the order of the tape's own backward pass."""
    names = {node: name for name, node in nodes.items()}
    newest_first = history(nodes["f"])
    return [  # the constant 2 has no name and no box
        (names[n], names[used], slope) for n in newest_first for used, slope in n.inputs if used in names
    ]


def near(value):
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def test_the_values_come_one_by_one_and_are_the_tapes(shown):
    for point, run in shown.items():
        values = {name: node.value for name, node in graph(*point).items()}
        assert run[0][0]["kind"] == "start"
        for moment, (now, _) in enumerate(run):
            assert now["values"] == near({name: values[name] for name in NODES[:moment]}), (point, moment)
        assert [now["node"] for now, _ in run[1:9]] == list(NODES)
        assert {now["kind"] for now, _ in run[1:9]} == {"value"}


def test_the_adjoints_flow_as_on_the_tape(shown):
    for point, run in shown.items():
        adjoints = {"f": 1.0}
        assert (run[9][0]["kind"], run[9][0]["adjoints"]) == ("seed", adjoints)
        assert not any(now["adjoints"] for now, _ in run[:9])
        for (user, node, slope), (now, _) in zip(handed_on(graph(*point)), run[10:], strict=True):
            amount, before = adjoints[user] * slope, adjoints.get(node)
            adjoints[node] = (before or 0.0) + amount
            assert (now["kind"], now["user"], now["node"]) == ("adjoint", user, node)
            assert now.get("before") == (None if before is None else near(before))
            assert [now["slope"], now["amount"]] == near([slope, amount]), point
            assert now["adjoints"] == near(adjoints), point


def test_the_last_moment_is_what_autograd_says(shown):
    for point, run in shown.items():
        p, last = torch.tensor(point, dtype=torch.float64), run[-1][0]
        f = lambda p: p[0] ** 2 + 2 * p[0] * p[1] + p[1] ** 3  # noqa: E731
        assert last["values"]["f"] == near(f(p).item())
        assert [last["adjoints"]["x"], last["adjoints"]["y"]] == near(gradient(f, p).tolist())
        assert set(last["adjoints"]) == set(NODES)


def test_each_moment_adds_one_thing(shown):
    for before, after in pairwise(now for now, _ in shown[1.3, -0.7]):
        new_values = after["values"].keys() - before["values"].keys()
        changed = {n for n, a in after["adjoints"].items() if before["adjoints"].get(n) != a}
        assert len(new_values) + len(changed) == 1, after


def test_an_adjoint_is_finished_before_it_is_handed_on(shown):
    for run in shown.values():
        for now, _ in run[10:]:
            assert now["adjoints"][now["user"]] == run[-1][0]["adjoints"][now["user"]]


def test_the_slopes_are_those_of_difference_quotients(run):
    h, at = 1e-6, {"x": 1.3, "y": -0.7}
    here, *moved = run(
        TAG, "given.map(({ x, y }) => moments(x, y))", [at, *({**at, n: at[n] + h} for n in "xy")]
    )
    for now in here[10:]:
        if now["node"] in "xy":
            other = moved["xy".index(now["node"])]
            change = other[-1]["values"][now["user"]] - here[-1]["values"][now["user"]]
            assert now["slope"] == pytest.approx(change / h, abs=1e-4)


# --- words ---------------------------------------------------------------------------------------------


def g(value: float | None) -> str:
    """A number as Python writes it with four digits, nothing where it is not known yet."""
    return "" if value is None else f"{value + 0.0:.4g}".replace("-", "−")


def summed(amounts: list[float], total: float | None) -> list[str]:
    """The numbers in a sum that is written out."""
    return [*map(g, amounts), *([g(total)] if len(amounts) > 1 else [])]


def test_the_boxes_hold_what_is_known_and_no_more(shown):
    for run in shown.values():
        for moment, (now, words) in enumerate(run):
            for name in NODES:
                assert words[f"value_{name}"] == g(now["values"].get(name))
                assert words[f"adjoint_{name}"] == g(now["adjoints"].get(name))
            assert (words["node"], words["user"]) == (now.get("node", ""), now.get("user", ""))
            assert words["place"] == f"{moment} of {LAST}"
            assert words["local"] == (f"× {g(now['slope'])}" if moment > 9 else "")


def test_the_sums_at_the_inputs_hold_each_amount(shown):
    for run in shown.values():
        for moment, (now, words) in enumerate(run):
            for name in "xy":
                amounts = [n["amount"] for n, _ in run[10 : moment + 1] if n["node"] == name]
                assert numbers_in(words[f"sum_{name}"]) == summed(amounts, now["adjoints"].get(name))
                assert (words[f"sum_{name}"] == "nothing yet") == (not amounts)


def inputs_of(node: str, values: dict) -> list[float]:
    """The numbers that the formula of a node holds."""
    names = {"a": ["x"], "b": ["x", "y"], "c": ["b"], "d": ["y"], "e": ["a", "c"], "f": ["e", "d"]}[node]
    return [2.0] * (node == "c") + [values[name] for name in names]


def bare(text: str) -> str:
    """A sentence without the numbers of its formulas: powers, and the factors in 2b, 3y² and 2x."""
    for formula in ("c = 2 · b", "2b by b is 2", "3y²", "2x"):
        text = text.replace(formula, "")
    return text.replace("²", "").replace("³", "")


def test_the_sentence_of_each_moment_works_out_its_numbers(shown):
    for run in shown.values():
        for now, words in run:
            said, wanted = words["story"], []
            if now["kind"] == "value":
                node, values = now["node"], now["values"]
                wanted = [] if node in "xy" else inputs_of(node, values)
                wanted = [*wanted, values[node]]
            elif now["kind"] == "seed":
                wanted = [1.0]
            elif now["kind"] == "adjoint":
                here = [now["slope"]] * (now["user"] in "dba")
                wanted = [*here, now["slope"], now["adjoints"][now["user"]], now["slope"], now["amount"]]
                if now.get("before") is not None:
                    wanted += [now.get("before"), now["amount"], now["adjoints"][now["node"]]]
            assert numbers_in(bare(said)) == list(map(g, wanted)), said


def test_which_sentence_is_told(shown):
    for run in shown.values():
        for now, words in run:
            said, kind = words["story"], now["kind"]
            adjoint, input_node = kind == "adjoint", now.get("node", "f") in "xy"
            assert said.startswith("Eight nodes") == (kind == "start")
            assert said.startswith("Forward. ") == (kind == "value")
            assert ("is an input" in said) == (kind == "value" and input_node)
            assert said.startswith("Now backward") == (kind == "seed")
            assert ("was used before" in said) == (adjoint and now.get("before") is not None)
            assert ("more to come" in said) == (adjoint and input_node and now.get("before") is None)
            if adjoint:
                assert f"Adjoint of {now['user']} times" in said
                assert said.startswith("A sum") == (now["user"] in "ef")


EXAMPLES = [
    (
        (3, 2),
        0,
        "Eight nodes compute f = x² + 2xy + y³. Each uses what an arrow brings. Next: the values, "
        "from top to bottom.",
    ),
    ((3, 2), 1, "Forward. x is an input: x = 3."),
    ((-3, 2), 3, "Forward. a = x² = (−3)² = 9."),
    ((-3, 2), 4, "Forward. b = x · y = (−3) · 2 = −6."),
    ((3, 2), 9, "Now backward. The adjoint of f is the derivative of f by itself, 1."),
    ((3, 2), 10, "A sum hands its adjoint on to each term. Adjoint of f times 1 is 1 · 1 = 1."),
    (
        (3, 2),
        14,
        "The derivative of y³ by y is 3y², here 12. Adjoint of d times 12 is 1 · 12 = 12. y is used once "
        "more: there is more to come.",
    ),
    ((3, 2), 15, "The derivative of 2b by b is 2. Adjoint of c times 2 is 1 · 2 = 2."),
    (
        (3, 2),
        18,
        "The derivative of x² by x is 2x, here 6. Adjoint of a times 6 is 1 · 6 = 6. x was used before: "
        "4 + 6 = 10.",
    ),
]


@pytest.mark.parametrize(("point", "moment", "said"), EXAMPLES)
def test_one_sentence_of_each_kind(shown, point, moment, said):
    assert shown[point][moment][1]["story"] == said


def test_the_sums_at_the_inputs(shown):
    def at(moment):
        return [shown[3, 2][moment][1][f"sum_{name}"] for name in "xy"]

    assert at(9) == ["nothing yet", "nothing yet"]
    assert at(14) == ["nothing yet", "12"]
    assert at(16) == ["4", "12"]
    assert at(LAST) == ["4 + 6 = 10", "12 + 6 = 18"]
    assert shown[-3, 2][LAST][1]["sum_x"] == "4 + (−6) = −2"
