"""What an optimizer remembers, in bytes: ours, torch's and what each chapter says."""

import pytest
import torch

from book.optim import Adam, state_bytes, state_bytes_of
from tests.optim.references import HELD, pair, parameters, run

# What each method's chapter says of its memory: bytes for each number in float32.
BYTES = {
    "SGD": 0,
    "Momentum": 4,
    "Nesterov": 4,
    "AdaGrad": 4,
    "RMSProp": 4,
    "AdaDelta": 8,
    "Adam": 8,
    "AdamW": 8,
}
MORE = [
    ("Adam", {"amsgrad": True}, 12),
    ("RMSProp", {"centered": True}, 8),
    ("RMSProp", {"momentum": 0.5}, 8),
]


every_case = pytest.mark.parametrize(
    ("name", "options", "size"), [*((n, {}, s) for n, s in BYTES.items()), *MORE]
)


@every_case
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_state_in_bytes_is_torchs(name, options, size, dtype):
    for make in pair(HELD[name], options):
        params = parameters(dtype)
        optimizer = make(params)
        run(optimizer, params, steps=2)
        assert state_bytes(optimizer) == size * torch.finfo(dtype).bits / 32


@every_case
def test_a_new_optimizer_is_measured_alike(name, options, size):
    for make in pair(HELD[name], options):
        assert state_bytes_of(make) == size


@pytest.mark.parametrize("step", [False, True])
def test_state_bytes_needs_a_step_with_a_gradient(step):
    optimizer = Adam(parameters())
    if step:
        optimizer.step()
    with pytest.raises(ValueError, match="take a step first"):
        state_bytes(optimizer)
