"""What is no use is refused in one sentence, by every second-order method; what is only unusual works."""

import copy
import math
from functools import partial

import pytest
import torch
from torch import nn

from book.optim import KFAC, AdaHessian, FullBatch, LevenbergMarquardt, Shampoo, TrustRegion
from book.optim.least_squares import LeastSquares
from book.optim.second_order import SECOND_ORDER
from tests.cases import each

F64 = torch.float64
FULL = [name for name, method in SECOND_ORDER.items() if issubclass(method.make, FullBatch)]
LOSSES = [name for name in FULL if not issubclass(SECOND_ORDER[name].make, LeastSquares)]
every_method = pytest.mark.parametrize("name", FULL)
every_loss = pytest.mark.parametrize("name", LOSSES)


def made(name, params, **options):
    given = (
        {"fisher": lambda: 300 * torch.eye(sum(p.numel() for p in params), dtype=params[0].dtype)}
        if SECOND_ORDER[name].asks == "Fisher"
        else {}
    )
    return SECOND_ORDER[name].make(params, **given, **options)


def parameter(*shape, dtype=F64, **options):
    return nn.Parameter(torch.full(shape, 0.5, dtype=dtype), **options)


def told(name, params):
    """A closure as the method takes it; the matrix product is what autocast computes in bfloat16."""
    W = torch.tensor([[2.0, 1.0], [0.0, 1.0]], dtype=params[0].dtype)

    def closure():
        r = torch.cat([(p.reshape(-1, 2) @ W).reshape(-1) - 3 for p in params])
        return r if name not in LOSSES else r.square().sum() + (r**4).sum()

    return closure


@every_method
@each(
    ("params", "error", "words"),
    [
        ([torch.zeros(0, 3)], ValueError, "an entry or more"),
        ([torch.zeros(2).expand(3, 2)], ValueError, "a place each"),
        (2 * [torch.zeros(2)], ValueError, "there twice"),
        (list(torch.zeros(3).unfold(0, 2, 1)), ValueError, "a place each"),  # [0, 1] and [1, 2] of one
        ([torch.zeros(2, device="meta")], ValueError, r"those on the device meta have none; .*to_empty"),
        ([torch.zeros(2, dtype=torch.complex64)], TypeError, "complex64"),
    ],
)
@pytest.mark.filterwarnings("ignore:optimizer contains a parameter group with duplicate")
def test_parameters_that_cannot_be_moved_are_refused(name, params, error, words):
    with pytest.raises(error, match=words):
        made(name, params)


@every_method
def test_frozen_parameters_alone_are_no_use_whatever_else_the_loss_depends_on(name):
    frozen, other = parameter(2, requires_grad=False), parameter(2)
    with pytest.raises(RuntimeError, match=r"call requires_grad_\(\) on one"):
        made(name, [frozen]).step(told(name, [frozen, other]))


@every_loss
@each(
    "wrong",
    [lambda x: x, lambda x: None, lambda x: 1.0, lambda x: True, lambda x: [x.sum()], lambda x: x.sum() * 1j],
)
def test_what_is_no_loss_is_named_and_nothing_changes(name, wrong):
    x = parameter(2)
    optimizer = made(name, [x])
    with pytest.raises(TypeError, match="returns the loss, one number in a tensor; got"):
        optimizer.step(lambda: wrong(x))
    assert x.tolist() == [0.5, 0.5]
    assert optimizer.memory == {}


@pytest.mark.parametrize("name", [name for name in FULL if name not in LOSSES])
def test_residuals_whose_graph_is_used_up_are_told(name):
    x = parameter(2)

    def closure():
        r = x**2
        r.sum().backward()
        return r

    with pytest.raises(RuntimeError, match="leave `backward` away"):
        made(name, [x]).step(closure)
    assert x.grad is None


@every_method
def test_autocast_around_a_step_is_autocast_around_the_model(name):
    """Its cache keeps the old weights: all trials of a search would see the loss of the first."""
    ends = []
    for around in (True, False):
        x = parameter(2, 2, dtype=torch.float32)
        optimizer, closure = made(name, [x], max_iter=3), told(name, [x])

        def inside(closure=closure):
            with torch.autocast("cpu", torch.bfloat16):
                return closure().float()

        with torch.autocast("cpu", torch.bfloat16, enabled=around):
            optimizer.step((lambda closure=closure: closure().float()) if around else inside)
        ends.append(x.detach())
    assert torch.equal(*ends)
    assert (ends[0] - 0.5).abs().max() > 0.01


@every_method
def test_inference_mode_changes_nothing(name):
    ends = []
    for mode in (False, True):
        x = parameter(2, 2)
        optimizer, closure = made(name, [x]), told(name, [x])
        with torch.inference_mode(mode):
            optimizer.step(closure)
        ends.append(x.detach())
    assert torch.equal(*ends)


def test_inside_a_compiled_function_a_step_runs_as_it_is():
    name, ends = "Newton", []
    for wrap in (lambda f: f, partial(torch.compile, backend="eager")):
        torch.compiler.reset()
        x = parameter(2, 2)
        optimizer, closure = made(name, [x]), told(name, [x])
        wrap(lambda optimizer=optimizer, closure=closure: optimizer.step(closure))()
        ends.append(x.detach())
    assert torch.equal(*ends)


@every_method
def test_a_choice_is_one_of_its_words(name):
    for option in SECOND_ORDER[name].make.choices:
        for wrong in (1, 0.0, torch.ones(2), ["strong_wolfe"]):
            with pytest.raises(ValueError, match=f"{option} is "):
                made(name, [parameter(2)], **{option: wrong})


def test_half_a_memory_is_another_methods():
    x = parameter(2)
    region = TrustRegion([x])
    region.step(lambda: x.square().sum() + x.exp().sum())
    other = LevenbergMarquardt([parameter(2)])
    with pytest.raises(
        ValueError, match="remembers radius, and this method scale, radius, damping; load it into its own"
    ):
        other.load_state_dict(region.state_dict())
    assert other.memory == {}


def walked(make, steps=3, around=None, shape=(2, 2)):
    x = nn.Parameter(torch.linspace(1, 2, math.prod(shape)).reshape(shape))
    optimizer = make([x])
    for _ in range(steps):
        x.grad = x.detach() ** 3 - 0.3
        with torch.autocast("cpu", torch.bfloat16, enabled=around is not None):
            optimizer.step()
    return x.detach(), optimizer


def test_shampoo_keeps_its_precision_under_autocast():
    assert torch.equal(walked(Shampoo)[0], walked(Shampoo, around="autocast")[0])


def test_shampoo_leaves_a_parameter_without_entries_where_it_is():
    optimizer = Shampoo([empty := parameter(0, 3), x := parameter(2)])
    for p in (empty, x):
        p.grad = torch.ones_like(p)
    optimizer.step()
    assert (x < 0.5).all()


@pytest.mark.parametrize("steps", [1, 2])
def test_squares_that_overflow_with_those_before_are_refused_and_nothing_changes(steps):
    x, y = parameter(2, dtype=torch.float32), parameter(2, dtype=torch.float32)
    optimizer = Shampoo([x, y], momentum=0.9, graft=True)
    for _ in range(steps):
        x.grad, y.grad = torch.ones(2), torch.full((2,), 1e19 / steps)
        optimizer.step()
    y.grad = torch.full((2,), 1.3e19)
    before = x.tolist(), y.tolist(), copy.deepcopy(optimizer.state_dict()["state"])
    with pytest.raises(FloatingPointError, match="with those before"):
        optimizer.step()
    assert (x.tolist(), y.tolist()) == before[:2]
    assert str(optimizer.state_dict()["state"]) == str(before[2])


@pytest.mark.parametrize("other", [torch.optim.Adam, torch.optim.AdamW, AdaHessian])
def test_shampoo_and_kfac_refuse_another_methods_memory(other):
    model = nn.Linear(2, 2)
    foreign = other(model.parameters())
    model(torch.ones(3, 2)).square().sum().backward(create_graph=other is AdaHessian)
    foreign.step()
    for mine in (Shampoo(model.parameters()), KFAC(model, nn.MSELoss())):
        with pytest.raises(ValueError, match="load it into its own method"):
            mine.load_state_dict(foreign.state_dict())
        assert not any(mine.state.values())


@pytest.mark.parametrize("kind", [Shampoo, lambda p: KFAC(nn.Linear(2, 2), nn.MSELoss())])
def test_before_the_first_step_only_the_options_that_are_known_are_taken(kind):
    model = nn.Linear(2, 2)
    optimizer = kind(model.parameters())
    optimizer.load_state_dict(torch.optim.SGD(model.parameters(), lr=0.25, momentum=0.5).state_dict())
    assert optimizer.param_groups[0]["lr"] == 0.25
    assert set(kind(model.parameters()).param_groups[0]) <= set(optimizer.param_groups[0])


def test_shampoo_refuses_the_memory_of_another_shape():
    _, optimizer = walked(Shampoo, shape=(3, 2))
    with pytest.raises(ValueError, match="where a parameter of shape"):
        Shampoo([parameter(2, 3)]).load_state_dict(optimizer.state_dict())


@pytest.mark.parametrize("kind", [Shampoo, lambda p: KFAC(MODEL, nn.MSELoss())])
def test_a_closure_that_calls_no_backward_is_told(kind):
    MODEL.zero_grad()
    with pytest.raises(RuntimeError, match=r"call loss.backward\(\) in it"):
        kind(MODEL.parameters()).step(lambda: MODEL(torch.ones(3, 2)).square().sum())


MODEL = nn.Linear(2, 2)


@pytest.mark.parametrize("wrong", [None, MODEL.parameters(), list(MODEL.parameters())])
def test_kfac_takes_the_model_itself(wrong):
    with pytest.raises(TypeError, match="takes the model itself"):
        KFAC(wrong, nn.MSELoss())


@pytest.mark.parametrize("fisher", ["exact", "sampled", "empirical"])
def test_kfacs_factors_keep_their_precision_under_autocast(fisher):
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))
    optimizer, loss = KFAC(model, nn.CrossEntropyLoss(), fisher=fisher), nn.CrossEntropyLoss()
    x, y = torch.randn(6, 4), torch.arange(6) % 3
    with torch.autocast("cpu", torch.bfloat16):
        loss(model(x), y).backward()
        optimizer.step()
    a = torch.cat([x, torch.ones(6, 1)], 1)
    kept = optimizer.state[model[0].weight]
    torch.testing.assert_close(kept["A"], a.T @ a / 6)
    assert {kept[key].dtype for key in ("A", "B", "A_inverse", "B_inverse")} == {torch.float32}


def test_kfac_tells_of_another_dtype():
    model = nn.Linear(2, 2)
    optimizer = KFAC(model, nn.MSELoss())
    model(torch.ones(3, 2)).square().mean().backward()
    optimizer.step()
    model.double().zero_grad()
    model(torch.ones(3, 2, dtype=F64)).square().mean().backward()
    with pytest.raises(RuntimeError, match="has another dtype now; build K-FAC anew"):
        optimizer.step()


@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature")
@pytest.mark.parametrize("make", [lambda m: TrustRegion(m.parameters()), lambda m: KFAC(m, nn.MSELoss())])
def test_a_lazy_layer_is_called_before_it_is_trained(make):
    model = nn.Sequential(nn.Linear(2, 3), nn.LazyLinear(2))
    with pytest.raises(ValueError, match="a lazy one has none yet; call the model on a batch first"):
        make(model)
    model(torch.ones(1, 2))
    assert make(model).param_groups


@every_method
def test_a_nan_that_a_schedule_wrote_is_refused_and_nothing_changes(name):
    x = parameter(2)
    optimizer = made(name, [x])
    for option in ("tolerance_grad", "lr"):
        if option in optimizer.options:
            optimizer.options[option] = math.nan
            with pytest.raises(ValueError, match=f"{option} is nan in parameter group 0; no parameter was"):
                optimizer.step(told(name, [x]))
            optimizer.options[option] = 0.5
    assert x.tolist() == [0.5, 0.5]
    assert optimizer.memory == {}


def test_kfac_refuses_a_nan_that_a_schedule_wrote():
    model, loss = nn.Linear(2, 2).double(), nn.MSELoss()
    optimizer, before = KFAC(model, loss), copy.deepcopy(model.state_dict())
    optimizer.param_groups[0]["lr"] = math.nan
    loss(model(torch.ones(3, 2, dtype=F64)), torch.zeros(3, 2, dtype=F64)).backward()
    with pytest.raises(ValueError, match="lr is nan in parameter group 0"):
        optimizer.step()
    for name, value in model.state_dict().items():
        assert value.equal(before[name])
