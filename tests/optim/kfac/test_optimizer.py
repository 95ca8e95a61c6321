"""KFAC beside a loop with the matrices written out, and what a torch optimizer must do."""

import copy
from functools import partial

import pytest
import torch
from torch import nn
from torch._dynamo.testing import CompileCounter

from book.optim import KFAC, kronecker_factors
from tests.cases import each
from tests.optim.kfac.blocks import double, labels, normal, relative

SIZES = (3, 4, 3)


def network(activation=nn.Tanh):
    return double(0, partial(nn.Linear, 3, 4), activation, partial(nn.Linear, 4, 3))


def normalised():
    return double(0, partial(nn.Linear, 3, 4), partial(nn.BatchNorm1d, 4), nn.Tanh, partial(nn.Linear, 4, 3))


def batches(steps, n=6):
    return [(normal(10 + t, n, 3), labels(90 + t, n, classes=3)) for t in range(steps)]


def train(model, optimizer, data, loss=None):
    loss = loss or nn.CrossEntropyLoss()
    for x, y in data:
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
    return [p.detach().clone() for p in model.parameters()]


def written_out(model, data, *, lr, momentum, weight_decay, damping, stat_decay, factors_of, every, kl_clip):
    """The same for a chain of linear layers, each with its matrix of (inputs · outputs)² entries."""
    loss, means, inverses, velocity = nn.CrossEntropyLoss(), {}, {}, {}
    names = [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]
    for t, (x, y) in enumerate(data):
        model.zero_grad()
        loss(model(x), y).backward()
        now = t < 3 or t % every[0] == 0
        fresh = factors_of(model, x, y, t) if now else None
        directions, total = {}, 0.0
        for name in names:
            layer = model.get_submodule(name)
            if now:
                seen = means.setdefault(name, [0, 0.0, 0.0])
                seen[0] += 1
                new = max(1 / seen[0], 1 - stat_decay)
                seen[1] = (1 - new) * seen[1] + new * fresh[name][0]
                seen[2] = (1 - new) * seen[2] + new * fresh[name][1]
            if t < 3 or t % every[1] == 0:
                _, A, B = means[name]
                ratio = ((A.trace() / len(A)) / (B.trace() / len(B))).sqrt()
                strength = (damping + weight_decay) ** 0.5
                right = A + strength * ratio * torch.eye(len(A)).double()
                left = B + strength / ratio * torch.eye(len(B)).double()
                inverses[name] = torch.linalg.inv(torch.kron(left, right))
            W = torch.cat([layer.weight, layer.bias[:, None]], dim=1).detach()
            G = torch.cat([layer.weight.grad, layer.bias.grad[:, None]], dim=1) + weight_decay * W
            directions[name] = (inverses[name] @ G.flatten()).reshape(G.shape)
            total += float((directions[name] * G).sum())
        share = 1.0 if kl_clip is None else min(1.0, (2 * kl_clip / (lr**2 * total)) ** 0.5)
        for name in names:
            layer = model.get_submodule(name)
            velocity[name] = momentum * velocity.get(name, 0.0) + share * directions[name]
            with torch.no_grad():
                layer.weight -= lr * velocity[name][:, :-1]
                layer.bias -= lr * velocity[name][:, -1]
    return [p.detach().clone() for p in model.parameters()]


OPTIONS = [
    {},
    {"momentum": 0.0, "damping": 0.3},
    {"weight_decay": 0.1},
    {"stat_decay": 0.5, "factor_every": 2, "inverse_every": 4},
    {"factor_every": 4, "inverse_every": 3},
    {"kl_clip": 1e-3, "lr": 0.5},
    {"kl_clip": 1e3},
    {"fisher": "empirical"},
    {"fisher": "sampled", "seed": 7},
]


@pytest.mark.long
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_as_with_the_matrices_written_out(options):
    hyper = {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.0, "damping": 1e-2, "stat_decay": 0.95}
    hyper |= {"factor_every": 1, "inverse_every": 10, "kl_clip": None, "fisher": "exact", "seed": 0} | options
    model, twin, data = network(), network(), batches(9)
    found = train(model, KFAC(model, nn.CrossEntropyLoss(), **hyper), data)
    fisher, seed, every = (
        hyper.pop("fisher"),
        hyper.pop("seed"),
        (hyper.pop("factor_every"), hyper.pop("inverse_every")),
    )

    def factors_of(model, x, y, t):
        return kronecker_factors(model, nn.CrossEntropyLoss(), x, y, fisher=fisher, seed=seed + t)

    expected = written_out(twin, data, factors_of=factors_of, every=every, **hyper)
    for ours, theirs in zip(found, expected, strict=True):
        assert relative(ours, theirs) < 1e-10


def test_a_linear_regression_is_solved_in_one_step():
    (layer,) = model = double(0, partial(nn.Linear, 3, 2))
    x, y = normal(1, 20, 3), normal(2, 20, 2)
    options = {"lr": 1.0, "momentum": 0.0, "damping": 0.0, "kl_clip": None, "fisher": "exact"}
    train(model, KFAC(model, nn.MSELoss(), **options), [(x, y)], nn.MSELoss())
    best = torch.linalg.lstsq(torch.cat([x, torch.ones(20, 1).double()], dim=1), y).solution
    assert relative(torch.cat([layer.weight, layer.bias[:, None]], dim=1), best.T) < 1e-10


@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss, nn.BCEWithLogitsLoss, nn.MSELoss])
def test_both_scales_of_the_loss_give_one_path_if_the_damping_has_the_same_scale(loss):
    data = batches(5)
    if loss is not nn.CrossEntropyLoss:
        data = [(x, nn.functional.one_hot(y, 3).double()) for x, y in data]
    terms = 6 if loss is nn.CrossEntropyLoss else 18
    paths = []
    for reduction, damping in (("mean", 0.1), ("sum", 0.1 * terms)):
        model, function = network(), loss(reduction=reduction)
        options = {"damping": damping, "fisher": "exact", "kl_clip": None}
        paths.append(train(model, KFAC(model, function, **options), data, function))
    for a, b in zip(*paths, strict=True):
        assert relative(a, b) < 1e-10


def test_normalisations_go_along_the_plain_gradient_with_a_rate_of_their_own():
    model, twin = normalised(), normalised()
    optimizer = KFAC(model, nn.CrossEntropyLoss(), weight_decay=0.1, momentum=0.5)
    kronecker, plain = optimizer.param_groups
    assert [tuple(p.shape) for p in plain["params"]] == [(4,), (4,)]
    kronecker["lr"], plain["lr"] = 0.0, 0.3
    for layer in (twin[0], twin[3]):
        layer.requires_grad_(False)
    sgd = torch.optim.SGD(twin[1].parameters(), lr=0.3, momentum=0.5, weight_decay=0.1)
    for ours, theirs in zip(train(model, optimizer, batches(6)), train(twin, sgd, batches(6)), strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("fisher", ["exact", "sampled", "empirical"])
@pytest.mark.parametrize("stop", [1, 5])
def test_a_reload_continues_bit_for_bit(fisher, stop):
    options = {"fisher": fisher, "factor_every": 2, "inverse_every": 3, "kl_clip": 1e-2, "weight_decay": 1e-3}
    data, model = batches(11), normalised()
    straight = train(model, KFAC(model, nn.CrossEntropyLoss(), **options), data)
    model = normalised()
    optimizer = KFAC(model, nn.CrossEntropyLoss(), **options)
    train(model, optimizer, data[:stop])
    saved = copy.deepcopy((model.state_dict(), optimizer.state_dict()))
    train(model, optimizer, data[stop:])  # what goes on in the first is not in the second
    model = double(5, *(lambda part=part: copy.deepcopy(part) for part in normalised()))
    other = KFAC(model, nn.CrossEntropyLoss(), lr=9.0)
    model.load_state_dict(saved[0])
    other.load_state_dict(saved[1])
    assert other.steps == stop
    assert other.options["fisher"] == fisher
    for ours, theirs in zip(train(model, other, data[stop:]), straight, strict=True):
        assert ours.equal(theirs)


def test_what_a_state_has_as_none_begins_anew_and_a_compiled_call_makes_no_graph():
    ends, data, counter = [], batches(6), CompileCounter()
    for fresh in (True, False):
        model, loss = network(), nn.CrossEntropyLoss()
        optimizer = KFAC(model, loss)
        if not fresh:
            start = copy.deepcopy(model.state_dict())
            train(model, optimizer, data[:2])
            saved = optimizer.state_dict()
            nothing = {index: dict.fromkeys(memory) for index, memory in saved["state"].items()}
            optimizer.load_state_dict(saved | {"state": nothing})
            model.load_state_dict(start)
        optimizer.step = torch.compile(optimizer.step, backend=counter)
        ends.append(train(model, optimizer, data))
    assert all(map(torch.equal, *ends))
    assert counter.frame_count <= 2


def test_a_state_dict_goes_through_a_file(tmp_path):
    model = network()
    optimizer = KFAC(model, nn.CrossEntropyLoss())
    train(model, optimizer, batches(2))
    torch.save(optimizer.state_dict(), tmp_path / "state.pt")
    other = KFAC(network(), nn.CrossEntropyLoss())
    other.load_state_dict(torch.load(tmp_path / "state.pt"))
    assert other.steps == 2


def test_the_state_of_another_model_is_refused_and_changes_nothing():
    wide = double(0, partial(nn.Linear, 5, 4), nn.Tanh, partial(nn.Linear, 4, 3))
    optimizer = KFAC(wide, nn.CrossEntropyLoss())
    train(wide, optimizer, [(normal(0, 6, 5), labels(1, 6, classes=3))])
    model = network()
    other = KFAC(model, nn.CrossEntropyLoss(), lr=0.7)
    with pytest.raises(
        ValueError, match=r"This state_dict has A of shape \(6, 6\) for layer 0, which takes \(4, 4\)"
    ):
        other.load_state_dict(optimizer.state_dict())
    assert other.options["lr"] == 0.7
    assert other.steps == 0


def test_a_closure_and_a_scheduler():
    model, twin, data = network(), network(), batches(4)
    optimizer, other = (KFAC(m, nn.CrossEntropyLoss()) for m in (model, twin))
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    for t, (x, y) in enumerate(data):

        def closure(x=x, y=y):
            optimizer.zero_grad()
            value = nn.functional.cross_entropy(model(x), y)
            value.backward()
            return value

        with torch.no_grad():
            expected = nn.functional.cross_entropy(model(x), y)
        assert torch.equal(optimizer.step(closure), expected)
        schedule.step()
        other.options["lr"] = 0.1 * 0.5**t
        train(twin, other, [(x, y)])
    assert all(a.equal(b) for a, b in zip(model.parameters(), twin.parameters(), strict=True))


def test_what_has_no_gradient_stays():
    model = network()
    optimizer = KFAC(model, nn.CrossEntropyLoss())
    before = [p.detach().clone() for p in model.parameters()]
    model(normal(0, 4, 3))
    optimizer.step()
    assert all(p.equal(b) for p, b in zip(model.parameters(), before, strict=True))
    assert optimizer.steps == 1


def test_a_layer_that_is_frozen_between_two_steps_stays_and_the_others_learn():
    model = network()
    optimizer = KFAC(model, nn.CrossEntropyLoss())
    for data in batches(2):
        before = copy.deepcopy(model.state_dict())
        train(model, optimizer, [data])
        moved = {name for name, p in model.state_dict().items() if not p.equal(before[name])}
        assert moved == {name for name, p in model.named_parameters() if p.requires_grad}
        model[0].requires_grad_(False)


@pytest.mark.parametrize("frozen", ["weight", "bias"])
def test_a_frozen_half_of_a_layer_stays_and_the_other_half_learns(frozen):
    model = network()
    getattr(model[0], frozen).requires_grad_(False)
    before = copy.deepcopy(model.state_dict())
    train(model, KFAC(model, nn.CrossEntropyLoss()), batches(3))
    changed = {name for name, p in model.state_dict().items() if not p.equal(before[name])}
    assert changed == before.keys() - {f"0.{frozen}"}


def snapshot(model, optimizer):
    return copy.deepcopy((model.state_dict(), optimizer.state_dict()))


def same(a, b):
    if isinstance(a, torch.Tensor):
        return a.equal(b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        ("input", FloatingPointError, r"A factor of layer 0 is not finite, so nothing has moved"),
        ("gradient", FloatingPointError, r"A step is not finite, so nothing has moved"),
        ("half", RuntimeError, r"One parameter of layer 2 has a gradient and another has none"),
        (
            "singular",
            RuntimeError,
            r"In layer 0 a factor of shape \(4, 4\) is singular to its precision; give more damping",
        ),
    ],
)
def test_a_refused_step_changes_nothing(spoil, error, message):
    model, (x, y) = network(), batches(1)[0]
    optimizer = KFAC(model, nn.CrossEntropyLoss(), inverse_every=1, stat_decay=0.0)
    train(model, optimizer, batches(3))
    if spoil == "input":
        x = x * 1e200  # its square is inf
    if spoil == "singular":
        x, optimizer.options["damping"] = x[:1], 0.0
        y = y[:1]
    before = snapshot(model, optimizer)
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x), y).backward()
    if spoil == "gradient":
        model[2].weight.grad[0, 0] = torch.inf
    if spoil == "half":
        model[2].bias.grad = None
    for _ in range(2):  # and what the pass has given is still there
        with pytest.raises(error, match=message):
            optimizer.step()
        assert same(snapshot(model, optimizer), before)


def test_a_step_without_a_pass():
    model = network()
    optimizer = KFAC(model, nn.CrossEntropyLoss())
    for p in model.parameters():
        p.grad = torch.ones_like(p)
    with pytest.raises(
        RuntimeError, match=r"not seen layer 0 at work, which has a gradient\. Call the model itself"
    ):
        optimizer.step()


def test_it_is_built_from_a_model_and_not_copied():
    model = network()
    optimizer = KFAC(model, nn.CrossEntropyLoss())
    with pytest.raises(ValueError, match="takes its parameters from the model"):
        optimizer.add_param_group({"params": [nn.Parameter(torch.ones(1))]})
    with pytest.raises(TypeError, match="not copied or pickled"):
        copy.deepcopy(optimizer)
    optimizer.remove_hooks()
    with pytest.raises(RuntimeError, match="not seen layer 0 at work"):
        train(model, optimizer, batches(1))


@each(
    ("options", "error", "message"),
    [
        ({"lr": -1.0}, ValueError, "Invalid learning rate"),
        ({"damping": -1.0}, ValueError, "Invalid damping value"),
        ({"stat_decay": 1.5}, ValueError, "Invalid stat_decay value"),
        ({"inverse_every": 0}, ValueError, "inverse_every start"),
        ({"factor_every": 1.5}, ValueError, "factor_every must be a whole number"),
        ({"kl_clip": -1.0}, ValueError, "kl_clip must be in"),
        ({"kl_clip": "no"}, TypeError, "kl_clip must be a number"),
        ({"momentum": "much"}, TypeError, "momentum must be a number"),
        ({"fisher": "none"}, ValueError, "fisher is 'exact', 'sampled' or 'empirical'"),
        ({"approximation": "none"}, ValueError, "approximation is 'expand' or 'reduce'"),
        ({"unknown": "none"}, ValueError, "unknown is 'error' or 'gradient'"),
        ({"seed": 0.5}, ValueError, "seed must be a whole number"),
    ],
)
def test_bad_options(options, error, message):
    with pytest.raises(error, match=message):
        KFAC(network(), nn.CrossEntropyLoss(), **options)


def test_a_convolution_network_learns():
    model = double(
        0,
        partial(nn.Conv2d, 1, 4, 3),
        partial(nn.BatchNorm2d, 4),
        nn.ReLU,
        nn.Flatten,
        partial(nn.Linear, 64, 3),
    )
    x, y = normal(1, 30, 1, 6, 6), labels(2, 30, classes=3)
    for approximation in ("expand", "reduce"):
        twin = copy.deepcopy(model)
        optimizer = KFAC(twin, nn.CrossEntropyLoss(), approximation=approximation)
        train(twin, optimizer, [(x, y)] * 10)
        assert float(nn.functional.cross_entropy(twin(x), y)) < 0.3
