"""NIST's sets: what is certified is where the gradient vanishes, to the digits that are given."""

import numpy as np
import pytest
import torch
from scipy.optimize import least_squares

from book.optim import LevenbergMarquardt
from book.optim.minimize import minimize
from book.problems.nist import MODELS, reference


@pytest.mark.parametrize("name", MODELS)
def test_the_certified_parameters_have_the_certified_sum_and_deviations(name):
    data = reference(name)
    best = torch.tensor(data.certified, dtype=torch.float64)
    r, J = data.residuals(best), torch.func.jacrev(data.residuals)(best)
    assert r.square().sum().item() == pytest.approx(data.sum_of_squares, rel=1e-9)
    variance = r.square().sum() / (len(r) - len(best))
    deviations = (variance * torch.linalg.inv(J.T @ J).diagonal()).sqrt()
    assert deviations.tolist() == pytest.approx(data.deviations, rel=1e-5)


def within_reach(data) -> np.ndarray:
    """How far from the certified parameters Levenberg and Marquardt's method may stop, for each of them.

    It stops where the parabola promises a drop of no more than 4 ε f, which may be rounding. A parameter that
    is off by δ costs at least ½ δ² s²/σ², with its deviation σ and the variance s² = 2f/(m − n): so |δ| is at
    most σ √(4 ε (m − n)). And what is certified ends after 11 digits.
    """
    m, n = len(data.y), len(data.certified)
    certified = np.abs(data.certified)
    half_a_digit = 10.0 ** (np.floor(np.log10(certified)) - 10) / 2
    return np.array(data.deviations) * np.sqrt(4 * np.finfo(float).eps * (m - n)) + half_a_digit


@pytest.mark.long
@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", MODELS)
def test_levenberg_marquardt_finds_them_from_both_starts(name, start):
    data = reference(name)
    make = lambda p: LevenbergMarquardt(p, max_iter=500, tolerance_grad=0.0, tolerance_change=0.0)  # noqa: E731
    found = minimize(make, data.residuals, torch.tensor(data.starts[start], dtype=torch.float64))
    assert found.status == "precision"
    assert (np.abs(found.x.numpy() - data.certified) <= within_reach(data)).all()
    assert (within_reach(data) < 1e-8 * np.abs(data.certified)).all()
    theirs = least_squares(
        lambda b: data.residuals(torch.tensor(b)).numpy(),
        data.starts[1],
        method="lm",
        x_scale="jac",
        ftol=1e-15,
        xtol=1e-15,
        gtol=1e-15,
    )
    assert 2 * found.value == pytest.approx(2 * theirs.cost, rel=1e-10)


def test_another_name_is_refused():
    with pytest.raises(ValueError, match="Misra1a and MGH10"):
        reference("Thurber")
