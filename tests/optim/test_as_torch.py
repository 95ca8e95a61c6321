"""The conditions that torch ships for its own optimizers, run against ours: same steps, same refusals.

What is left out stands in `LEFT_OUT` with its reason; a condition with such an option must be refused.
"""

import warnings

import pytest
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

from tests.optim.compiler import need_compiler
from tests.optim.torch_conditions import LEFT_OUT, NAMES, both, errors, info, inputs

DTYPES = [torch.float32, torch.float64, torch.complex64, torch.complex128]
HALVES = [torch.float16, torch.bfloat16]
STEPS = 7  # as many as torch's own comparisons take
SHAPES = [(4, 3), (3,), (), (0,), (2, 3, 4, 5)]
SPARSE = ["SGD", "Adagrad"]


def tensors(dtype: torch.dtype, seed: int) -> list[torch.Tensor]:
    """Of several shapes; one is not contiguous and one has its channels last."""
    generator = torch.Generator().manual_seed(seed)
    made = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in SHAPES]
    if dtype.is_complex:
        made = [torch.complex(x, torch.randn(x.shape, generator=generator, dtype=x.dtype)) for x in made]
    made[0] = made[0].T.contiguous().T
    made[-1] = made[-1].contiguous(memory_format=torch.channels_last)
    return [x.to(dtype) for x in made]


def ends(makes, dtype, schedulers=(), steps=STEPS, rounded=None) -> list[list[torch.Tensor]]:
    """The parameters after some steps with each of the optimizers, the gradients being the same.

    With `rounded`, starts and gradients are those of that dtype.
    """
    found = []
    for make in makes:
        params = [torch.nn.Parameter(x.to(dtype)) for x in tensors(rounded or dtype, 0)]
        optimizer = make(params)
        scheduled = [scheduler(optimizer) for scheduler in schedulers]
        for t in range(steps):
            for p, g in zip(params, tensors(rounded or dtype, t + 1), strict=True):
                p.grad = (g.T.contiguous().T if g.ndim == 2 and t % 2 else g).to(dtype)
            optimizer.step()
            for scheduler in scheduled:
                scheduler.step(*[1.0] * isinstance(scheduler, ReduceLROnPlateau))
        found.append([p.detach() for p in params])
    return found


def conditions(name: str, dtype: torch.dtype = torch.float64) -> list[tuple[str, dict]]:
    """torch's conditions but for those with an option that is left out."""
    return [
        (desc, kwargs) for desc, kwargs in inputs(name, dtype).items() if not kwargs.keys() & LEFT_OUT.keys()
    ]


@pytest.mark.long
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_the_steps_are_torchs(name, dtype, subtests):
    for desc, kwargs in conditions(name, dtype):
        with subtests.test(desc):
            torch.testing.assert_close(*ends(both(name, kwargs), dtype))


@pytest.mark.long
@pytest.mark.parametrize("dtype", HALVES, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_in_half_precision_ours_is_as_near_to_the_exact_path_as_torchs(name, dtype, subtests):
    """An operation in half precision rounds off a hundredth to a thousandth, so that two orders differ."""
    for desc, kwargs in conditions(name, dtype):
        with subtests.test(desc):
            found = ends(both(name, kwargs), dtype)
            exact = ends(both(name, kwargs)[1:], torch.float64, rounded=dtype)[0]
            ours, theirs = (
                torch.stack([off(x, y) for x, y in zip(one, exact, strict=True)]) for one in found
            )
            assert torch.equal(ours.isfinite(), theirs.isfinite())
            assert (~ours.isfinite() | (ours <= 2 * theirs + torch.finfo(dtype).eps)).all()


def off(x: torch.Tensor, exact: torch.Tensor) -> torch.Tensor:
    return (
        (x - exact).abs().max() / exact.abs().max() if x.numel() else torch.tensor(0.0, dtype=torch.float64)
    )


@pytest.mark.parametrize("name", NAMES)
def test_what_is_left_out_is_refused(name, subtests):
    for option in LEFT_OUT.keys() - {"dampening"} if name != "SGD" else LEFT_OUT:
        with subtests.test(option), pytest.raises(TypeError, match=option):
            both(name, {"momentum": 0.9, option: 0.5} if name == "SGD" else {option: True})[0](
                tensors(torch.float32, 0)
            )


@pytest.mark.parametrize("name", NAMES)
def test_schedulers_move_the_rate_as_torchs(name, subtests):
    desc, kwargs = list(inputs(name).items())[1]
    for i, schedulers in enumerate(info(name).scheduler_inputs):
        with subtests.test(f"{i}: {desc}"):
            torch.testing.assert_close(
                *ends(both(name, kwargs), torch.float64, schedulers, steps=25), rtol=1e-12, atol=0
            )


ACCEPTED = {  # torch's description of what it refuses: why ours takes it
    "betas must be either both floats or both Tensors": "each is a number to us, wherever it is kept",
}


@pytest.mark.parametrize("name", NAMES)
def test_what_torch_refuses_ours_refuses_in_torchs_words(name, subtests):
    for desc, error in errors(name).items():
        given = error.optimizer_error_input
        if given.kwargs.keys() & LEFT_OUT.keys():
            continue
        with subtests.test(desc):
            make = both(name, given.kwargs)[0]
            params = tensors(torch.float32, 0) if given.params is None else given.params
            if given.desc in ACCEPTED:
                make(params)
            elif issubclass(error.error_type, Warning):
                with pytest.warns(error.error_type, match=error.error_regex):
                    make(params)
            else:
                with pytest.raises(error.error_type, match=error.error_regex):
                    make(params)


@pytest.mark.parametrize("name", ["Adam", "AdamW"])
def test_one_beta_of_two_may_be_a_tensor(name):
    makes = [
        both(name, {"betas": betas})[0]
        for betas in ((0.9, torch.tensor(0.99, dtype=torch.float64)), (0.9, 0.99))
    ]
    torch.testing.assert_close(*ends(makes, torch.float64))


@pytest.mark.parametrize("name", NAMES)
def test_sparse_gradients_where_torch_takes_them(name):
    entry = info(name)
    assert entry.supports_sparse == (name in SPARSE)
    found = []
    for make in both(name, {k: v for k, v in entry.metadata_for_sparse[0].items() if k != "nesterov"}):
        table = torch.nn.Embedding(6, 3, sparse=True, dtype=torch.float64)
        table.weight = torch.nn.Parameter(torch.arange(18.0, dtype=torch.float64).reshape(6, 3))
        optimizer = make(table.parameters())
        scheduled = [scheduler(optimizer) for scheduler in entry.metadata_for_sparse[1]]
        for t in range(STEPS):
            optimizer.zero_grad()
            table(torch.tensor([t % 6, 2, 2])).square().sum().backward()
            if name not in SPARSE:
                with pytest.raises(RuntimeError, match="does not support sparse gradients"):
                    optimizer.step()
                assert torch.equal(table.weight.flatten(), torch.arange(18.0, dtype=torch.float64))
                return
            optimizer.step()
            for scheduler in scheduled:
                scheduler.step(*[1.0] * isinstance(scheduler, ReduceLROnPlateau))
        found.append(table.weight.detach())
    torch.testing.assert_close(*found, rtol=1e-12, atol=0)


def test_sparse_gradients_with_momentum_are_refused():
    """torch's momentum buffer is then sparse and grows; ours says that momentum moves every entry."""
    x = torch.nn.Parameter(torch.ones(3))
    x.grad = torch.sparse_coo_tensor([[1]], [1.0], (3,))
    with pytest.raises(RuntimeError, match="does not support sparse gradients"):
        both("SGD", {"momentum": 0.9})[0]([x]).step()


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_groups_have_their_own_options(name, subtests):
    for desc, kwargs in conditions(name):
        with subtests.test(desc):
            ours, theirs = both(name, kwargs)
            makes = joined_later(ours), at_once(theirs)
            inexact = any(isinstance(value, torch.Tensor) for value in kwargs.values())  # in float32
            torch.testing.assert_close(*ends(makes, torch.float64), rtol=1e-6 if inexact else 1e-12, atol=0)


def groups(params):
    return [
        {"params": params[:1], "lr": 1e-2, "weight_decay": 0.2},
        {"params": params[1:3]},
        {"params": params[3:], "lr": 2e-2, "maximize": True},
    ]


def joined_later(make):
    def made(params):
        *first, last = groups(params)
        optimizer = make(first)
        optimizer.add_param_group(last)
        return optimizer

    return made


def at_once(make):  # torch 2.10's Adagrad takes no step with a group that joins later
    return lambda params: make(groups(params))


@pytest.mark.parametrize("name", NAMES)
def test_the_compiled_engine_takes_the_same_shapes(name):
    need_compiler()
    kwargs = list(inputs(name).values())[-1]
    ours, theirs = both(name, kwargs)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="engine=")
        found = ends((lambda p: ours(p, engine="compiled"), theirs), torch.complex64)
    torch.testing.assert_close(*found)


def test_the_conditions_are_many():
    """So that a torch whose conditions have another form does not leave the tests above empty."""
    run = [
        kwargs for name in NAMES for kwargs in inputs(name).values() if not kwargs.keys() & LEFT_OUT.keys()
    ]
    assert len(run) >= 40
    assert sum(len(errors(name)) for name in NAMES) >= 40
