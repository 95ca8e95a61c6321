"""Softmax under stress: the mirror against torch, operation by operation, and its verdicts."""

import math
import random

import pytest
import torch

from book import numerics
from book.explorers.shared.formats import FORMATS
from book.explorers.softmax_stress.widget import naive, readout, stable

DTYPES = tuple(FORMATS)


def logits(name: str) -> list[list[float]]:
    """Random rows of two to five logits, mild and extreme, already floats of the format."""
    draw, rows = random.Random(name), []
    for _ in range(60):
        scale = draw.choice([1, 10, 100, 1000])
        rows.append([draw.uniform(-scale, scale) for _ in range(draw.randint(2, 5))])
    rows += [[0.0, 0.0], [1000.0, 990.0, 980.0], [-1000.0, -1010.0], [11.0, 11.0, 11.0], [0.0, -120.0]]
    return [[FORMATS[name].round(z) for z in row] for row in rows]


def steps(way, z: torch.Tensor):
    """The same operations in torch, each on the mirror's own inputs: (name, mirror, torch)."""
    of = lambda values: torch.tensor(values, dtype=z.dtype)  # noqa: E731
    exps, total = of(way.exps), of([way.total])
    yield "exp", exps, of(way.exponents).exp()
    yield "sum", total, exps.sum(0, keepdim=True)
    yield "divide", of(way.probabilities), exps / total


def close(a: torch.Tensor, b: torch.Tensor, ulps: int) -> bool:
    """Equal, both nan, or apart by at most so many spacings of the larger."""
    spacing = numerics.ulp(torch.maximum(a.abs(), b.abs()))
    near = (a - b).abs() <= ulps * spacing
    return bool(((a == b) | (a.isnan() & b.isnan()) | near).all())


@pytest.mark.parametrize("name", DTYPES)
@pytest.mark.parametrize("formula", [naive, stable])
def test_each_operation_is_torchs(name, formula):
    for row in logits(name):
        z = torch.tensor(row, dtype=getattr(torch, name))
        for operation, mirrored, wanted in steps(formula(row, FORMATS[name]), z):
            exactly = operation == "divide" or (operation == "sum" and z.dtype.itemsize == 2)
            assert close(mirrored, wanted, 0 if exactly else 1), (operation, row, mirrored, wanted)


@pytest.mark.parametrize("name", DTYPES)
def test_the_logs_are_torchs(name):
    for row in logits(name):
        z = torch.tensor(row, dtype=getattr(torch, name))
        broken, mended = naive(row, FORMATS[name]), stable(row, FORMATS[name])
        of = lambda values, z=z: torch.tensor(values, dtype=z.dtype)  # noqa: E731
        assert close(of(broken.logs), of(broken.probabilities).log(), 1)
        assert close(of(mended.logs), of(mended.exponents) - of([mended.total]).log(), 1)


@pytest.mark.parametrize("name", DTYPES)
def test_it_breaks_where_numerics_breaks(name):
    for row in logits(name):
        z = torch.tensor(row, dtype=getattr(torch, name))
        for way, function in ((naive, numerics.naive_softmax), (stable, numerics.softmax)):
            mirrored = torch.tensor(way(row, FORMATS[name]).probabilities, dtype=z.dtype)
            wanted = function(z)
            assert torch.equal(mirrored.isnan(), wanted.isnan())
            assert close(mirrored, wanted, 4)


STORIES = [
    ([1000, 990, 980], "float32", "naive", "exp(1000) is larger than 3.403e+38, the largest float32"),
    ([100, 0], "float32", "naive", "The others are divided by inf and become 0."),
    ([11, 11, 10], "float16", "naive", "Each exp is finite, but their sum overflows to inf"),
    ([-1000, -990], "float64", "naive", "Every exp underflows to 0, and 0 / 0 is nan."),
    ([0, -5, -120], "float32", "naive", "The probability of logit 3 rounds to 0"),
    ([0, -5, -120], "float32", "stable", "yet its log is -120."),
    ([-14, -15], "float16", "naive", "Some exp is subnormal and keeps few bits"),
    ([2, 1, 0], "float64", "naive", "right to 12 digits or more"),
    ([1000, 990], "bfloat16", "input", "Stored in bfloat16, 990 becomes 992."),
    ([2, 1], "bfloat16", "input", ""),
]


@pytest.mark.parametrize(("row", "dtype", "way", "story"), STORIES)
def test_the_story_names_what_broke(row, dtype, way, story):
    shown = readout(row, 0, dtype)[f"{way}_story"]
    assert story in shown
    assert bool(shown) == bool(story)


def test_every_flag_has_its_word():
    shown = readout([100, 0, -200], 0, "float32")
    assert shown["naive_exp_0_note"] == "overflow"
    assert shown["naive_probability_0_note"] == "undefined"
    assert shown["naive_log_1_note"] == "log of 0"
    assert shown["naive_exp_2_note"] == "underflow"
    assert readout([-14, -15], 0, "float16")["naive_exp_0_note"] == "subnormal"


def test_the_offset_changes_the_naive_way_alone():
    low, high = readout([20, 10, 0], 0, "float32"), readout([20, 10, 0], 980, "float32")
    assert {low[k] == high[k] for k in low if k.startswith("stable")} == {True}
    assert high["naive_probability_0"] == "nan" != low["naive_probability_0"]


def test_the_torch_definition_of_a_short_sum():
    """16-bit sums are accumulated in float32 and rounded once: three times 0.1 shows it."""
    row = torch.full((4,), 0.3, dtype=torch.bfloat16)
    once = FORMATS["bfloat16"].round(sum(row.tolist()))
    assert math.isclose(row.sum().item(), once)
