"""Softmax under stress: each operation of the browser against torch."""

import pytest
import torch

from book import numerics
from tests.browser.softmax_states import shown_softmax

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shown(browser):
    return shown_softmax(browser)


def test_there_are_many_states(shown):
    assert len(shown) > 600


def tensor(values: list[float], state: dict) -> torch.Tensor:
    return torch.tensor(values, dtype=getattr(torch, state["dtype"]))


def close(a: torch.Tensor, b: torch.Tensor, ulps: int) -> bool:
    """Equal, both nan, or apart by at most so many spacings of the larger."""
    spacing = numerics.ulp(torch.maximum(a.abs(), b.abs()))
    near = (a - b).abs() <= ulps * spacing
    return bool(((a == b) | (a.isnan() & b.isnan()) | near).all())


def test_the_logits_are_rounded_once(shown):
    for state, numbers, _ in shown:
        dtype = getattr(torch, state["dtype"])
        wanted = [z + state["offset"] for z in state["logits"]]
        assert numbers["wanted"] == wanted
        assert numbers["z"] == [numerics.bits(z, dtype).value for z in wanted], state


@pytest.mark.parametrize("name", ["naive", "stable"])
def test_each_operation_is_torchs(shown, name):
    """Each is given the browser's own inputs, so that no error of one is charged to the next."""
    for state, numbers, _ in shown:
        way, short = numbers[name], torch.finfo(getattr(torch, state["dtype"])).bits == 16
        exps, total = tensor(way["exps"], state), tensor([way["total"]], state)
        assert close(exps, tensor(way["exponents"], state).exp(), 1), state
        assert close(total, exps.sum(0, keepdim=True), 0 if short else 1), state
        assert close(tensor(way["probabilities"], state), exps / total, 0), state


def test_the_exponents_and_the_logs_are_torchs(shown):
    for state, numbers, _ in shown:
        z, broken, mended = tensor(numbers["z"], state), numbers["naive"], numbers["stable"]
        shifted = tensor(mended["exponents"], state)
        assert broken["exponents"] == numbers["z"]
        assert torch.equal(shifted, z - z.max()), state
        assert close(tensor(broken["logs"], state), tensor(broken["probabilities"], state).log(), 1), state
        assert close(tensor(mended["logs"], state), shifted - tensor([mended["total"]], state).log(), 1), (
            state
        )


@pytest.mark.parametrize(
    ("name", "function"), [("naive", numerics.naive_softmax), ("stable", numerics.softmax)]
)
def test_it_breaks_where_numerics_breaks(shown, name, function):
    for state, numbers, _ in shown:
        found, wanted = tensor(numbers[name]["probabilities"], state), function(tensor(numbers["z"], state))
        assert torch.equal(found.isnan(), wanted.isnan()), state
        assert close(found, wanted, 4), state


def test_the_error_is_measured_against_float64(shown):
    for state, numbers, _ in shown:
        exact = numerics.softmax(torch.tensor(numbers["z"], dtype=torch.float64))
        for name in ("naive", "stable"):
            found = torch.tensor(numbers[name]["probabilities"], dtype=torch.float64)
            error = ((found - exact).abs() / exact).max().item()
            if error > 0 and exact.min() > 1e-300:
                assert numbers[name]["error"] == pytest.approx(error, rel=1e-9, abs=1e-14), state
