"""Every method against torch.optim, in float64 along 1,000 steps and in float32 step by step; both engines.

Three of them also against a plain loop written from the paper, whose form is another one than torch's.
"""

import copy
import io
import math
from functools import cache

import pytest
import torch

from book.numerics import ulp
from book.optim import Adam, Momentum, Nesterov, trajectory
from book.surfaces import rosenbrock
from tests.optim.compiler import need_compiler
from tests.optim.references import HELD, apart, pair, parameters, path, set_gradients

STEPS = 1_000
CASES = [(name, i) for name, method in HELD.items() for i in range(len(method.grid))]
pytestmark = pytest.mark.filterwarnings("error:engine=")  # the eager engine in place of the compiled one


@cache
def torchs_path(name: str, index: int) -> list:
    method = HELD[name]
    return path(pair(method, method.grid[index])[1], STEPS, index)


def ours(name: str, index: int, engine: str):
    if engine == "compiled":
        need_compiler()
    method = HELD[name]
    return pair(method, method.grid[index], engine)[0]


@pytest.mark.long
@pytest.mark.parametrize(("name", "index"), CASES)
@pytest.mark.parametrize("engine", ["eager", "compiled"])
def test_a_thousand_steps_under_a_schedule_with_a_reload_half_the_way(name, index, engine):
    make = ours(name, index, engine)
    assert apart(path(make, STEPS, index, reload=True), torchs_path(name, index)) <= 1e-12


@pytest.mark.long
@pytest.mark.parametrize(("name", "index"), CASES)
def test_both_problems_move_and_neither_ends(name, index):
    first, last = parameters(), torchs_path(name, index)[-1]
    assert all((a - b).abs().max() > 0.02 for a, b in zip(first, last, strict=True))
    set_gradients(first, False)
    end = [torch.nn.Parameter(x) for x in last]
    set_gradients(end, False)
    assert all(p.grad.abs().max() > 1e-9 for p in end)


@pytest.mark.long
@pytest.mark.parametrize(("name", "index"), CASES)
@pytest.mark.parametrize("way", ["torch's into ours", "ours into torch's"])
def test_state_dicts_are_exchanged_with_torch(name, index, way):
    makes = pair(HELD[name], HELD[name].grid[index])
    before, after = makes if way == "ours into torch's" else makes[::-1]
    changed, kept = (copy.deepcopy(parameters()) for _ in range(2))
    optimizers = before(changed), makes[1](kept)
    for t in range(40):
        if t == 20:
            old, optimizers = optimizers[0], (after(changed), optimizers[1])
            optimizers[0].load_state_dict(through_a_file(old.state_dict()))
        for params, optimizer in zip((changed, kept), optimizers, strict=True):
            set_gradients(params, optimizer.param_groups[0]["maximize"])
            optimizer.step()
    assert apart([changed], [kept]) <= 1e-12


def through_a_file(saved: dict) -> dict:
    file = io.BytesIO()
    torch.save(saved, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


@pytest.mark.parametrize("wrong", ["dampening", "nesterov", "momentum", "decoupled_weight_decay"])
def test_a_state_dict_of_another_method_is_refused(wrong):
    taker = {"dampening": "Momentum", "nesterov": "Momentum", "momentum": "SGD"}.get(wrong, "Adam")
    optimizer = pair(HELD[taker], {})[0](parameters())
    given = {"dampening": 0.5, "nesterov": True, "momentum": 0.9, "decoupled_weight_decay": True}[wrong]
    saved = copy.deepcopy(optimizer.state_dict())
    saved["param_groups"][0][wrong] = given
    with pytest.raises(ValueError, match=f"{wrong}={given}"):
        optimizer.load_state_dict(saved)


ONE_STEP = [("eager", *case) for case in CASES] + [("compiled", name, 1) for name in HELD]


@pytest.mark.parametrize(("engine", "name", "index"), ONE_STEP)
def test_one_step_in_float32_is_a_few_ulps_from_torchs(name, index, engine):
    make, theirs = ours(name, index, engine), pair(HELD[name], HELD[name].grid[index])[1]
    params = parameters(torch.float32)
    optimizer, worst = theirs(params), 0.0
    for _ in range(3):
        set_gradients(params, False)
        twins = copy.deepcopy(params)
        for twin, p in zip(twins, params, strict=True):
            twin.grad = p.grad.clone()
        twin_optimizer = make(twins)
        remembered = copy.deepcopy(optimizer.state_dict()["state"])
        groups = twin_optimizer.state_dict()["param_groups"]
        twin_optimizer.load_state_dict({"state": remembered, "param_groups": groups})
        before = copy.deepcopy(params)
        optimizer.step()
        twin_optimizer.step()
        for old, new, twin in zip(before, params, twins, strict=True):
            largest = torch.maximum(old.detach().abs(), new.detach().abs())
            worst = max(worst, ((new - twin).detach().abs() / ulp(largest)).max().item())
    assert worst <= 4


def plain(step, steps: int) -> torch.Tensor:
    """A loop in Python floats, entry by entry, on Rosenbrock: `step` gives the next point from gradients."""
    point = rosenbrock.start
    kept = [point]
    for t in range(1, steps + 1):
        point = step(point, t)
        kept.append(point)
    return torch.tensor(kept, dtype=torch.float64)


def slope(p: tuple[float, float]) -> tuple[float, float]:
    x, y = p
    return 2 * (x - 1) - 400 * x * (y - x * x), 200 * (y - x * x)


def same(make, points: torch.Tensor) -> bool:
    found = trajectory(make, rosenbrock, rosenbrock.at_start(), len(points) - 1)
    return ((found - points).abs().max() / points.abs().max()).item() <= 1e-12


@pytest.mark.long
def test_momentum_is_polyaks_own_form_at_a_constant_rate():
    lr, μ, last = 2e-4, 0.8, [rosenbrock.start]

    def step(p, t):
        new = tuple(x - lr * g + μ * (x - old) for x, g, old in zip(p, slope(p), last[0], strict=True))
        last[0] = p
        return new

    assert same(lambda p: Momentum(p, lr=lr, momentum=μ), plain(step, 300))


@pytest.mark.long
@pytest.mark.parametrize("μ", [0.0, 0.8])  # torch refuses nesterov=True without momentum
def test_nesterov_is_the_look_ahead_of_the_paper(μ):
    lr, x, v = 2e-4, list(rosenbrock.start), [0.0, 0.0]

    def step(ahead, t):  # v ← μv − η∇f(x + μv), x ← x + v; what is kept is the next x + μv
        for i, g in enumerate(slope(ahead)):
            v[i] = μ * v[i] - lr * g
            x[i] += v[i]
        return x[0] + μ * v[0], x[1] + μ * v[1]

    assert same(lambda p: Nesterov(p, lr=lr, momentum=μ), plain(step, 300))


@pytest.mark.long
@pytest.mark.parametrize("amsgrad", [False, True])
def test_adam_is_algorithm_1_of_the_paper(amsgrad):
    lr, β1, β2, ε = 1e-2, 0.9, 0.99, 1e-3
    m, v, u = [0.0] * 2, [0.0] * 2, [0.0] * 2

    def step(p, t):
        new = []
        for i, (x, g) in enumerate(zip(p, slope(p), strict=True)):
            m[i] = β1 * m[i] + (1 - β1) * g
            v[i] = β2 * v[i] + (1 - β2) * g * g
            u[i] = max(u[i], v[i]) if amsgrad else v[i]
            new.append(x - lr * m[i] / (1 - β1**t) / (math.sqrt(u[i] / (1 - β2**t)) + ε))
        return tuple(new)

    assert same(lambda p: Adam(p, lr=lr, betas=(β1, β2), eps=ε, amsgrad=amsgrad), plain(step, 300))
