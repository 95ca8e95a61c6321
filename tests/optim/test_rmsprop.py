"""RMSProp centred where the variance of the gradient rounds away: a rate of lr/ε, and no nan."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from book.optim import RMSProp
from tests.optim.compiler import need_compiler


def moved(make, gradients, steps, **options):
    x = torch.nn.Parameter(torch.zeros_like(gradients))
    optimizer = make([x], lr=1e-3, centered=True, **options)
    x.grad = gradients.clone()
    for _ in range(steps):
        optimizer.step()
    return x.detach()


@pytest.mark.long
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("engine", ["eager", "compiled"])
def test_constant_gradients_leave_no_nan(dtype, engine):
    if engine == "compiled":
        need_compiler()
    gradients = torch.rand(64, dtype=dtype, generator=torch.Generator().manual_seed(0)) + 0.5
    for alpha, steps in ((0.9, 1000), (0.99, 4000)):
        x = moved(RMSProp, gradients, steps, alpha=alpha, eps=1e-6, engine=engine)
        assert x.isfinite().all()
        assert (x < 0).all()


@pytest.mark.long
@settings(max_examples=30)
@given(st.floats(0.25, 4), st.floats(0, 0.9), st.booleans())
def test_the_root_is_never_nan_and_the_step_never_longer_than_the_gradient_over_eps(size, alpha, momentum):
    gradients = torch.tensor([size, -size, size * 1e-3, 0.0])
    options = {"alpha": alpha, "eps": 1e-3, "momentum": 0.5 * momentum}
    x = moved(RMSProp, gradients, 300, **options)
    longest = 300 * 1e-3 * gradients.abs() / 1e-3 / (1 - 0.5 * momentum)
    assert (x.abs() <= longest * (1 + 1e-4)).all()


def test_it_is_torch_as_long_as_the_variance_is_more_than_rounding():
    gradients = torch.linspace(0.5, 1.5, 64, dtype=torch.float64)
    ours, theirs = (moved(make, gradients, 100, alpha=0.9) for make in (RMSProp, torch.optim.RMSprop))
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=0)


def test_torch_itself_gives_nan_there():
    gradients = torch.rand(64, generator=torch.Generator().manual_seed(0)) + 0.5
    assert moved(torch.optim.RMSprop, gradients, 400, alpha=0.9).isnan().any()
    assert moved(RMSProp, gradients, 400, alpha=0.9).isfinite().all()
