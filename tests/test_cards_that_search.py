"""The cards of methods that ask for the loss themselves: their plain code walks the library's path."""

import inspect

import pytest
import torch

import book.optim
from book.cards import SEARCHING, card
from book.optim import minimize
from book.optim.second_order import SECOND_ORDER
from book.problems.nist import reference
from book.surfaces import beale, himmelblau, random_quadratic, rosenbrock
from book.training.data.load import load
from book.training.models import mlp
from book.training.run.loop import evaluate
from tests.test_cards import method_of, rows

EACH = pytest.mark.parametrize("name", SEARCHING)
LOSSES = [rosenbrock, beale, himmelblau, random_quadratic(torch.logspace(0, 2, 6).double())]
STEPS = 12


def starts(name):
    """Functions and starts: of a fit the residuals, of the others a loss."""
    if name == "GaussNewton":
        misra = reference("Misra1a")
        near = torch.tensor(misra.starts[1], dtype=torch.float64)
        return [(residuals_of_rosenbrock, rosenbrock.at_start()), (misra.residuals, near)]
    return [(f, f.at_start()) for f in LOSSES]


def residuals_of_rosenbrock(p):
    return 2**0.5 * torch.stack([1 - p[0], 10 * (p[1] - p[0] ** 2)])


def ours(name, steps):
    """The library's method as the card makes it, for so many steps and not stopped before."""
    options = f", max_iter={steps}, tolerance_grad=0.0, tolerance_change=0.0)"
    return eval(f"lambda x: {card(name).held[:-1]}{options}", vars(book.optim).copy())


def walked(name, f, start):
    """The points of the plain code, each once: a step that is refused gives none."""
    function, _ = method_of(name)
    points = [start]
    for steps in range(1, STEPS + 1):
        if not (there := function(f, start, steps)).equal(points[-1]):
            points.append(there)
    return torch.stack(points)


@pytest.mark.long
@EACH
def test_the_plain_code_walks_the_librarys_path(name):
    for f, start in starts(name):
        plain = walked(name, f, start)
        path = minimize(ours(name, STEPS), f, start).path
        count = min(len(plain), len(path))
        assert count >= 4, "it has moved"
        gap = (plain[:count] - path[:count]).abs().amax(1) / path[:count].abs().amax(1).clamp(min=1)
        assert gap.max() < 1e-9, (name, f)


@EACH
def test_what_it_is_held_equal_to_is_the_method_of_its_name(name):
    assert isinstance(ours(name, 1)([torch.nn.Parameter(torch.zeros(2))]), SECOND_ORDER[name].make)
    assert method_of(name)[0].__name__ == name.lower()


@EACH
def test_the_first_values_are_options_of_the_method_and_those_it_calls_default(name):
    known = {}
    for one in reversed(SECOND_ORDER[name].make.__mro__[:-2]):
        known |= inspect.signature(one.__init__).parameters
    for option, *_ in rows(name):
        assert option.strip("`") in known, option


@EACH
def test_the_loop_lowers_the_loss(name):
    space = {}
    exec(card(name).loop, space)
    if name == "GaussNewton":
        misra = reference("Misra1a")
        b = torch.nn.Parameter(torch.tensor(misra.starts[1], dtype=torch.float64))
        assert space["fit"](misra.curve, b, misra.x, misra.y) in ("gradient", "change", "precision")
        assert torch.allclose(b.detach(), torch.tensor(misra.certified, dtype=torch.float64), rtol=1e-6)
        return
    data, _ = load("mnist")
    few = data[torch.arange(100)]
    small = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.AvgPool1d(16), torch.nn.Linear(49, 10))
    model = small if name in ("Newton", "BFGS") else mlp(784, 8, 10, seed=0)
    before, _ = evaluate(model, few)
    space["train"](model, few.inputs, few.labels, steps=5)
    assert evaluate(model, few)[0] < 0.8 * before


@EACH
def test_the_loop_is_of_torch_where_torch_has_the_method(name):
    ours = f"from book.optim import {name}\n" in card(name).loop
    assert ours == (name != "LBFGS")
    assert ours or "torch.optim.LBFGS(" in card(name).loop
