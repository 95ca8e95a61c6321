"""The compiled engine: no new compiling under a schedule; eager steps where none is possible."""

import os
import subprocess
import sys

import pytest
import torch

from book.optim import SGD, Adam, engine
from tests.optim.beside_torch import METHODS, apart, pair, parameters, schedule, set_gradients
from tests.optim.compiler import need_compiler

STEPS = 6


@pytest.fixture(autouse=True)
def compiler(request):
    if "without" not in request.node.name:
        need_compiler()


@pytest.mark.filterwarnings("error:engine=")
@pytest.mark.parametrize("name", METHODS)
def test_a_schedule_compiles_nothing_anew(name):
    """Not for the rate, nor for the momentum and betas that one-cycle moves, nor for the step's number."""
    params = parameters()
    optimizer = pair(METHODS[name], {"weight_decay": 0.1, "maximize": True}, "compiled")[0](params)
    scheduler = schedule(optimizer, STEPS, 0)
    set_gradients(params, True)
    optimizer.step()
    with torch.compiler.set_stance("fail_on_recompile"):
        for _ in range(STEPS):
            scheduler.step()
            set_gradients(params, True)
            optimizer.step()
        for group in optimizer.param_groups:
            group["weight_decay"] = 0.2
            group["lr"] = torch.tensor(0.01)
        optimizer.step()
        for equal in (0.9, STEPS + 4.0):  # to another hyperparameter, to the number of the step
            for group in optimizer.param_groups:
                group["lr"] = equal
            optimizer.step()


@pytest.mark.filterwarnings("error:engine=")
def test_more_models_than_torchs_limit_still_run_compiled():
    """torch.compile gives up after 8 variants of one function, by default."""
    for size in range(1, 11):
        found = []
        for which in ("compiled", "eager"):
            x = torch.nn.Parameter(torch.arange(1.0, size + 1))
            x.grad = torch.ones(size)
            optimizer = SGD([x], lr=0.5, engine=which)
            optimizer.step()
            found.append(x.detach())
            if which == "compiled":
                with torch.compiler.set_stance("fail_on_recompile"):
                    optimizer.step()
                x.data += 0.5
        assert torch.equal(*found)


@pytest.mark.filterwarnings("error:engine=")
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_as_near_to_the_exact_step_as_the_eager_engine(dtype):
    found = []
    for which, kind in (("compiled", dtype), ("eager", dtype), ("eager", torch.float64)):
        params = [torch.nn.Parameter(p.detach().to(dtype).to(kind)) for p in parameters()]
        optimizer = Adam(params, lr=0.1, eps=1e-3, engine=which)
        for _ in range(3):
            for p in params:
                p.grad = torch.full_like(p, 0.25)
            optimizer.step()
        found.append([p.detach().double() for p in params])
    assert apart([found[0]], [found[2]]) <= apart([found[1]], [found[2]]) + torch.finfo(dtype).eps


NO_COMPILER = """
import warnings, torch
from book.optim import Adam
ends = []
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    for engine in ("eager", "compiled"):
        x = torch.nn.Parameter(torch.linspace(1, 2, 17))
        optimizer = Adam([x], lr=0.1, weight_decay=0.1, engine=engine)
        for t in range(3):
            x.grad = x.detach() * (t - 0.5)
            optimizer.step()
        ends.append((x, optimizer.state[x]["exp_avg"], optimizer.state[x]["exp_avg_sq"]))
        assert optimizer.state[x]["step"] == 3
assert all(torch.equal(a, b) for a, b in zip(*ends)), ends
print(*[w.message for w in seen if "engine=" in str(w.message)], sep="\\n")
"""


def test_without_a_compiler_one_warning_and_the_eager_steps(tmp_path):
    hidden = {"CXX": str(tmp_path / "none"), "TORCHINDUCTOR_CACHE_DIR": str(tmp_path), "OMP_NUM_THREADS": "1"}
    run = subprocess.run(
        [sys.executable, "-c", NO_COMPILER],
        capture_output=True,
        text=True,
        env=os.environ | hidden,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    (warning,) = run.stdout.strip().splitlines()
    assert warning.startswith('engine="compiled" could not compile')
    assert "so the eager engine takes the steps. On Linux install g++" in warning


def test_without_success_in_compiling_the_step_is_the_eager_one(monkeypatch):
    """What fails is told in one line and not tried again; nothing was touched before it failed."""
    tries = []

    def fails(*arguments):
        tries.append(arguments)
        raise torch._dynamo.exc.Unsupported("no graph today\nand a long trace")

    monkeypatch.setattr(engine, "_compiled", lambda: fails)
    monkeypatch.setattr(engine, "GIVEN_UP", set())
    fallen, eager = parameters(), parameters()
    with pytest.warns(UserWarning, match="could not compile \\(no graph today\\)") as seen:
        three_steps(fallen, "compiled")
    three_steps(eager, "eager")
    assert apart([fallen], [eager]) == 0
    assert len(tries) == len(seen) == 1


def three_steps(params, which):
    optimizer = pair(METHODS["Adam"], {}, which)[0](params)
    for _ in range(3):
        set_gradients(params, False)
        optimizer.step()
