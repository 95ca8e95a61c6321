"""The lines of One step against the library's own update, and what they look like."""

import random

import pytest
import torch
import traitlets

import book.optim
from book.explorers import OneStep
from book.explorers.one_step.widget import METHODS, after, formulas, readout, work


def states(rule: str, count: int = 40) -> list[tuple]:
    draw = random.Random(rule)
    number = lambda: draw.choice([-1, 1]) * 10 ** draw.uniform(-4, 4)  # noqa: E731
    squares = [name in "svu" for name in METHODS[rule].memory]
    return [
        (
            draw.randint(1, 50),
            number(),
            number(),
            [abs(number()) if square else number() for square in squares],
        )
        for _ in range(count)
    ]


def hyper_for(rule: str) -> dict:
    """The hyperparameters as the library's formula names them."""
    given = dict(METHODS[rule].hyper)
    if "beta1" in given:
        given["betas"] = given.pop("beta1"), given.pop("beta2")
    off = {"Adam": {"amsgrad": False}, "AdamW": {"amsgrad": False}, "AdaGrad": {"lr_decay": 0.0}}
    off["RMSProp"] = {"momentum": 0.0, "centered": False}
    return given | off.get(rule, {})


@pytest.mark.parametrize("rule", METHODS)
def test_the_lines_end_where_the_librarys_update_ends(rule):
    method = getattr(book.optim, rule)
    for t, x, g, memory in states(rule):
        f64 = [torch.tensor(value, dtype=torch.float64) for value in (x, g, *memory)]
        unused = [0.0] * (len(method.memory) - len(memory))
        new = method.update(*f64, *unused, t=float(t), **hyper_for(rule))
        entry, kept = after(rule, work(rule, METHODS[rule].hyper["lr"], t, x, g, memory))
        wanted = [value.item() for value in new[: 1 + len(memory)]]
        assert [entry, *kept] == pytest.approx(wanted, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("rule", METHODS)
def test_the_defaults_are_the_librarys_but_for_the_rate(rule):
    x = torch.nn.Parameter(torch.ones(1))
    theirs = getattr(book.optim, rule)([x]).defaults
    ours = {name: value for name, value in hyper_for(rule).items() if name != "lr"}
    assert ours == {name: theirs[name] for name in ours}


def test_the_numbers_stand_in_the_formulas_places():
    assert formulas("AdaDelta")[1] == "d ← √(u + ε) / √(v + ε) · g"
    shown = readout("Adam", 0.1, 1, [1, 1, 1], [-3, 0, 2], [0.5, 0, 0, 0.01, 0, 0])
    assert shown["lines"][0][1] == "0.9 · 0.5 + (1 − 0.9) · (−3) = 0.15"
    assert shown["lines"][1][1] == "0.999 · 0.01 + (1 − 0.999) · (−3)² = 0.01899"
    assert shown["lines"][2][1] == "0.15 / (1 − 0.9^2) = 0.7895"
    assert shown["story"].startswith("Step 2. The entries move by −0.02561, 0 and")
    assert "factor" not in shown["story"]


def test_a_method_that_is_unknown_and_numbers_that_are_none_are_refused():
    for wrong in ({"rule": "Adem"}, {"lr": -1}, {"g": (1, 2)}, {"g": (1, 2, float("nan"))}, {"t": -1}):
        with pytest.raises(traitlets.TraitError):
            OneStep(**wrong)
    assert OneStep("RMSProp").lr == 0.01
