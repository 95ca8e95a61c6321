"""The compiled engine: no new compiling under a schedule; eager steps where none is possible."""

import gc
import os
import subprocess
import sys
import weakref

import pytest
import torch
from torch._dynamo.testing import CompileCounter

from book.optim import SGD, Adam, compiled
from book.optim.follow import follow
from book.optim.methods import METHODS
from tests.optim.compiler import need_compiler
from tests.optim.references import HELD, apart, pair, parameters, schedule, set_gradients

STEPS = 6


@pytest.fixture(autouse=True)
def compiler(request):
    if "without" not in request.node.name:
        need_compiler()


@pytest.mark.filterwarnings("error:engine=")
@pytest.mark.parametrize("name", HELD)
def test_a_schedule_compiles_nothing_anew(name):
    """Not for the rate, nor for the momentum and betas that one-cycle moves, nor for the step's number."""
    params = parameters()
    optimizer = pair(HELD[name], {"weight_decay": 0.1, "maximize": True}, "compiled")[0](params)
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


def one_parameter(which):
    x = torch.nn.Parameter(torch.arange(12.0).reshape(3, 4))
    return x, Adam([x], lr=0.5, weight_decay=0.1, engine=which)


def other_strides(x, optimizer):
    x.grad = torch.arange(12.0).reshape(4, 3).t()


def repeated_entries(x, optimizer):
    x.grad = torch.ones(1, 4).expand(3, 4)


def the_parameter_itself(x, optimizer):
    x.grad = x.detach()


def other_shape(x, optimizer):
    x.data = torch.ones(2, 5)
    x.grad = torch.arange(10.0).reshape(2, 5)
    optimizer.state.clear()


def other_type(x, optimizer):
    x.data = x.data.double()
    x.grad = torch.full_like(x, 0.1)
    optimizer.load_state_dict(optimizer.state_dict())  # which casts the memory


CHANGES = [other_strides, repeated_entries, the_parameter_itself, other_shape, other_type]


@pytest.mark.filterwarnings("error:engine=")
@pytest.mark.parametrize("change", CHANGES)
def test_tensors_of_another_form_get_code_of_their_own(change):
    """Code for one form would read or write beside the numbers of the other."""
    found = []
    for which in ("compiled", "eager"):
        x, optimizer = one_parameter(which)
        x.grad = torch.ones_like(x)
        optimizer.step()
        change(x, optimizer)
        optimizer.step()
        found.append(x.detach())
    assert found[0].dtype == found[1].dtype
    torch.testing.assert_close(*found, rtol=1e-6, atol=1e-6)


@pytest.mark.filterwarnings("error:engine=")
@torch.compiler.config.patch(recompile_limit=2)  # 8 by default
def test_more_models_than_torchs_limit_still_run_compiled():
    """torch.compile gives up after so many variants of one function."""
    for size in range(1, 5):
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
def test_another_number_of_threads_gets_code_of_its_own(monkeypatch):
    """Code that was compiled for one thread would leave the others idle."""
    compiled_for = []

    def spy(*arguments):
        compiled_for.append(torch.get_num_threads())
        return compile_step(*arguments)

    compile_step, before = compiled._compile, torch.get_num_threads()
    monkeypatch.setattr(compiled, "_compile", spy)
    monkeypatch.setattr(compiled, "STEPS", {})
    x, optimizer = one_parameter("compiled")
    x.grad = torch.ones_like(x)
    try:
        for threads in (1, 2, 1, 2):
            torch.set_num_threads(threads)
            optimizer.step()
    finally:
        torch.set_num_threads(before)
    assert compiled_for == [1, 2]


def test_compiled_code_does_not_keep_a_model_alive():
    x, optimizer = one_parameter("compiled")
    x.grad = torch.ones_like(x)
    optimizer.step()
    memory = optimizer.state[x]["exp_avg"]
    storages = [weakref.ref(tensor.untyped_storage()) for tensor in (x, x.grad, memory)]
    del x, optimizer, memory
    gc.collect()
    assert [storage() for storage in storages] == [None] * 3


@pytest.mark.filterwarnings("error:engine=")
@pytest.mark.parametrize("which", ["compiled", "eager"])
def test_a_step_called_in_a_compiled_function_compiles_nothing_anew(which):
    x, optimizer = one_parameter(which)
    y, eager = one_parameter("eager")
    outer = torch.compile(lambda: optimizer.step())
    for t in range(4):
        x.grad = y.grad = torch.ones_like(x)
        with torch.compiler.set_stance("default" if t < 2 else "fail_on_recompile"):
            outer()
        eager.step()
    torch.testing.assert_close(x, y)


def closure_of(params):
    def closure():
        set_gradients(params, False)
        return sum(p.square().sum() for p in params)

    return closure


@pytest.mark.parametrize("follows", [False, True])
@pytest.mark.parametrize("engine", ["eager", "compiled"])
@pytest.mark.parametrize("name", HELD)
def test_a_step_that_is_handed_to_torch_compile_makes_at_most_two_graphs(name, engine, follows):
    """torch's own makes one, two under a schedule; and what such a step does is what it does by itself."""
    sets, counter = (parameters(), parameters()), CompileCounter()
    optimizers = [pair(HELD[name], {}, engine)[0](params) for params in sets]
    for optimizer in optimizers if follows else ():
        follow(optimizer, lambda t: 0.9**t)
    steps = torch.compile(optimizers[0].step, backend=counter), optimizers[1].step
    for t in range(12):
        for params, step in zip(sets, steps, strict=True):
            set_gradients(params, False)
            step(closure_of(params)) if t % 2 else step()
    assert counter.frame_count <= 2
    assert apart([sets[0]], [sets[1]]) == 0


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


def fails_before(step, arguments):
    raise RuntimeError("no graph today\nand a long trace")


def fails_half_the_way(step, arguments):
    xs, gs, memories, numbers = arguments
    step(xs[:1], gs[:1], memories[:1], numbers)
    raise RuntimeError("no graph today\nand a long trace")


@pytest.mark.parametrize("fails", [fails_before, fails_half_the_way])
def test_without_success_at_the_first_run_the_steps_are_the_eager_ones(fails, monkeypatch):
    """Whether compiling failed or the compiled code: one line tells it, and nothing of the try is left."""
    tries = []

    def compile_nothing(step, **how):
        def compiled_step(*arguments):
            tries.append(arguments)
            fails(step, arguments)

        return compiled_step

    monkeypatch.setattr(compiled, "STEPS", {})
    monkeypatch.setattr(compiled, "GIVEN_UP", set())
    monkeypatch.setattr(torch, "compile", compile_nothing)
    fallen, eager = parameters(), parameters()
    with pytest.warns(UserWarning, match="could not compile \\(no graph today\\)") as seen:
        memory = three_steps(fallen, "compiled")
    assert apart([memory, fallen], [three_steps(eager, "eager"), eager]) == 0
    assert len(tries) == len(seen) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, torch.OutOfMemoryError])
@pytest.mark.filterwarnings("error:engine=")
def test_what_ends_the_first_run_puts_everything_back_too(error, monkeypatch):
    """Ctrl-C while the compiler works, or a full memory, is no reason to give up compiling."""

    def compile_nothing(step, **how):
        def compiled_step(xs, gs, memories, numbers):
            step(xs[:1], gs[:1], memories[:1], numbers)
            raise error

        return compiled_step

    monkeypatch.setattr(compiled, "STEPS", {})
    monkeypatch.setattr(compiled, "GIVEN_UP", set())
    monkeypatch.setattr(torch, "compile", compile_nothing)
    params, before = parameters(), parameters()
    optimizer = pair(HELD["Adam"], {}, "compiled")[0](params)
    set_gradients(params, False)
    with pytest.raises(error):
        optimizer.step()
    assert all(map(torch.equal, params, before))
    assert not any(state["exp_avg"].any() or state["exp_avg_sq"].any() for state in optimizer.state.values())
    assert not compiled.GIVEN_UP


@pytest.mark.parametrize("name", METHODS)
def test_numbers_stay_on_the_cpu_beside_parameters_of_another_device(name, monkeypatch):
    """The device `meta` stands for a GPU: it refuses a CPU tensor beside its own, unless it is one number."""
    with pytest.raises(RuntimeError, match="device cpu"):
        torch.ones(3, device="meta") + torch.ones(3)
    monkeypatch.setattr(torch, "compile", lambda step, **how: step)
    monkeypatch.setattr(compiled, "STEPS", {})
    x = torch.nn.Parameter(torch.ones(3, 2, device="meta"))
    optimizer = METHODS[name].make([x], lr=torch.tensor(0.1), weight_decay=0.1, engine="compiled")
    for _ in range(2):
        x.grad = torch.ones_like(x)
        optimizer.step()
    memory = [part for part in optimizer.state[x].values() if isinstance(part, torch.Tensor)]
    assert {part.device.type for part in memory} <= {"meta"}
    [numbers] = [form[4] for form in compiled.STEPS]
    assert [kind.type for kind in numbers if isinstance(kind, torch.device)][:2] == ["cpu", "cpu"]


@pytest.mark.filterwarnings("error:engine=")
def test_a_failure_without_a_first_run_is_no_reason_to_go_on(monkeypatch):
    """A later step has no copy to go back to: what fails there is raised."""
    x, optimizer = one_parameter("compiled")
    x.grad = torch.ones_like(x)
    optimizer.step()

    def out_of_memory(*arguments):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(compiled, "STEPS", dict.fromkeys(compiled.STEPS, out_of_memory))
    with pytest.raises(RuntimeError, match="out of memory"):
        optimizer.step()


def three_steps(params, which):
    """Take them, and return what is remembered."""
    optimizer = pair(HELD["Adam"], {}, which)[0](params)
    for _ in range(3):
        set_gradients(params, False)
        optimizer.step()
    return [m for state in optimizer.state.values() for m in state.values() if isinstance(m, torch.Tensor)]
