"""Running an explorer's files in a browser, and comparing their numbers with Python's."""

import json
from functools import partial

import pytest
import torch

from book.calculus import hessian
from book.explorers import DescentOnASurface
from book.explorers.shared.bundle import joined


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def points_in(surface, count: int, seed: int) -> torch.Tensor:
    low, high = torch.tensor(surface.box, dtype=torch.float64).T
    return low + (high - low) * torch.rand(count, len(low), dtype=torch.float64, generator=generator(seed))


# As one JSON text, which is on its way faster than a value of many parts: BigInt as int, what no integer of
# Python's should stand for as float, with -0, NaN and the infinities.
AS_TEXT = r"""(value) => JSON.stringify(value, (key, x) => {
  if (x === undefined) return null;
  if (ArrayBuffer.isView(x)) return [...x];
  if (typeof x === "bigint") return `\u0001${x}`;
  if (typeof x !== "number" || (Math.abs(x) < 2 ** 53 && !Object.is(x, -0))) return x;
  return Object.is(x, -0) ? "\u0001-0.0" : `\u0001${Number.isFinite(x) ? x.toExponential() : x}`;
}).replace(/"\\u0001([^"]+)"/g, "$1")"""


@pytest.fixture(scope="session")
def run(browser):
    """A function that evaluates an expression of `given` in the scope of an explorer's files.

    Nothing of one evaluation is left for the next, so that one page serves all.
    """
    page = browser.new_page()

    def evaluated(tag, result, given):
        script = f"(given) => {{ {joined(tag)}\nreturn ({AS_TEXT})({result}); }}"
        return json.loads(page.evaluate(script, given))

    yield evaluated
    page.close()


@pytest.fixture(scope="session")
def in_browser(run):
    return lambda result, given: run(DescentOnASurface.tag, result, given)


def close(mine, theirs, tolerance: float) -> bool:
    """Equal up to a rounding error that is small against the largest entry."""
    mine = torch.as_tensor(mine, dtype=torch.float64)
    theirs = torch.as_tensor(theirs, dtype=torch.float64)
    return mine.shape == theirs.shape and bool((mine - theirs).abs().max() <= tolerance * mine.abs().max())


def same(mine, theirs, size: float = 1.0) -> bool:
    """Equal, or numbers within 1e-9 of each other, relative to what is large among them."""
    if isinstance(mine, list):
        return len(mine) == len(theirs) and all(map(same, mine, theirs))
    if isinstance(mine, str) or mine is None:
        return mine == theirs
    a, b = torch.tensor([mine, theirs], dtype=torch.float64)
    return bool(torch.isclose(a, b, rtol=1e-9, atol=1e-9 * size, equal_nan=True))


def curvature_on(path: torch.Tensor, surface) -> float:
    """The largest curvature, up or down, at any point of a path."""
    return torch.linalg.eigvalsh(torch.func.vmap(partial(hessian, surface))(path)).abs().max().item()
