"""The hooks: what they see, what they leave alone, what they refuse."""

import copy
import gc
import pickle
from functools import partial

import pytest
import torch
from torch import nn

from book.optim import kronecker_factors
from book.optim.kfac.hooks import FactorHooks, Request
from book.optim.kfac.layers import sorted_layers
from tests.optim.kfac.blocks import double, labels, normal, relative


def network():
    return double(0, partial(nn.Linear, 3, 4), nn.Tanh, partial(nn.Linear, 4, 3))


def hooked(model, fisher="exact", loss=None):
    hooks = FactorHooks(
        model, sorted_layers(model)[0], loss or nn.CrossEntropyLoss(), lambda: Request(fisher)
    )
    return hooks


@pytest.mark.parametrize("approximation", ["expand", "reduce"])
def test_factors_are_sums_of_outer_products(approximation):
    """Example by example and place by place, in a plain loop."""
    model, x = double(0, partial(nn.Linear, 2, 3), nn.Tanh, partial(nn.Linear, 3, 2)), normal(1, 4, 5, 2)
    loss = nn.MSELoss()
    A, B = kronecker_factors(model, loss, x, approximation=approximation)["0"]
    expected_A, expected_B = torch.zeros(3, 3).double(), torch.zeros(3, 3).double()
    for example in x:
        a = torch.cat([example, torch.ones(5, 1).double()], dim=1)
        rows = a if approximation == "expand" else a.mean(0, keepdim=True)
        expected_A += sum(torch.outer(row, row) for row in rows) / len(rows) / 4
        hidden = model[0](example).detach().requires_grad_()
        for entry in model[1:](hidden).flatten():  # the loss is (1/40) Σ (f − y)², of Hessian 2/40
            (g,) = torch.autograd.grad(entry, hidden, retain_graph=True)
            rows = g if approximation == "expand" else g.sum(0, keepdim=True)
            expected_B += 2 / 40 * sum(torch.outer(row, row) for row in rows)
    assert relative(A, expected_A) < 1e-12
    assert relative(B, expected_B) < 1e-12


@pytest.mark.parametrize("fisher", ["exact", "sampled", "empirical"])
def test_an_activation_in_place_changes_nothing(fisher):
    x, y = normal(1, 6, 3), labels(2, 6, classes=3)
    plain, inplace = (
        double(0, partial(nn.Linear, 3, 4), partial(nn.ReLU, inplace=flag), partial(nn.Linear, 4, 3))
        for flag in (False, True)
    )
    ours, theirs = (
        kronecker_factors(m, nn.CrossEntropyLoss(), x, y, fisher=fisher) for m in (plain, inplace)
    )
    for name in ours:
        assert ours[name].A.equal(theirs[name].A)
        assert ours[name].B.equal(theirs[name].B)


def test_the_callers_gradients_and_draws_stay_as_they_are():
    model, loss, x, y = network(), nn.CrossEntropyLoss(), normal(1, 6, 3), labels(2, 6, classes=3)
    loss(model(x), y).backward()
    expected = [p.grad.clone() for p in model.parameters()]
    model.zero_grad()
    hooks, state = hooked(model, "sampled"), torch.get_rng_state()
    loss(model(x), y).backward()
    assert hooks.found.keys() == {"0", "2"}
    assert all(p.grad.equal(g) for p, g in zip(model.parameters(), expected, strict=True))
    assert torch.get_rng_state().equal(state)


def test_a_pass_without_gradients_is_not_looked_at():
    model = network()
    hooks = hooked(model)
    with torch.no_grad():
        model(normal(1, 6, 3))
    assert hooks.found == {}


def test_a_pass_with_other_weights_is_not_looked_at():
    """So the book's own curvatures, which differentiate a function of the weights, work beside K-FAC."""
    model, x = network(), normal(1, 6, 3)
    hooks = hooked(model)
    weights = {name: p.detach() for name, p in model.named_parameters()}
    one = torch.func.vmap(torch.func.jacrev(torch.func.functional_call, argnums=1), in_dims=(None, None, 0))
    assert one(model, weights, x[:, None])["0.weight"].shape == (6, 1, 3, 4, 3)
    assert hooks.found == {}
    model(x)
    assert hooks.found


def test_of_several_passes_the_last_counts_and_is_there_until_it_is_dropped():
    model = network()
    hooks = hooked(model)
    x = normal(1, 6, 3)
    model(x)
    first = hooks.found["0"].A
    model(2 * x)
    assert not hooks.found["0"].A.equal(first)
    hooks.forget()
    assert hooks.found == {}


def test_the_empirical_fisher_waits_for_backward_and_takes_the_last():
    model, loss, x, y = network(), nn.CrossEntropyLoss(), normal(1, 6, 3), labels(2, 6, classes=3)
    hooks = hooked(model, "empirical")
    value = loss(model(x), y)
    assert hooks.found == {}
    value.backward(retain_graph=True)
    once = hooks.found["0"].B
    value.backward()
    assert hooks.found["0"].B.equal(once)
    rows = model[2](model[1](model[0](x))).softmax(1) - nn.functional.one_hot(y, 3)  # no pass of the model
    assert relative(hooks.found["2"].B, rows.T @ rows / 6) < 1e-12


def test_only_what_belongs_to_the_output_is_seen():
    """A layer that is called and not used has slopes 0; one that is not called has no factors."""

    class Branches(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.idle, self.absent = (nn.Linear(3, 3) for _ in range(3))

        def forward(self, x):
            self.idle(x)
            return self.used(x)

    found = kronecker_factors(Branches(), nn.CrossEntropyLoss(), torch.randn(4, 3))
    assert found.keys() == {"used", "idle"}
    assert found["idle"].B.equal(torch.zeros(3, 3))


def test_a_layer_that_is_called_twice_is_refused_and_the_next_pass_is_clean():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.times = nn.Linear(3, 3), 2

        def forward(self, x):
            for _ in range(self.times):
                x = self.layer(x)
            return x

    model = Twice()
    hooks = hooked(model)
    with pytest.raises(RuntimeError, match=r"In one pass layer layer is called twice.* another optimizer"):
        model(torch.randn(2, 3))
    model.layer(torch.randn(2, 3))  # not a pass of the model
    model.times = 1
    model(torch.randn(2, 3))
    assert hooks.found.keys() == {"layer"}


def test_inputs_need_a_batch_and_the_output_is_one_tensor():
    with pytest.raises(ValueError, match=r"K-FAC takes batches; the model got shape \(3,\)"):
        kronecker_factors(nn.Linear(3, 3), nn.MSELoss(), torch.randn(3))
    with pytest.raises(ValueError, match=r"K-FAC takes batches; the model got shape \(1, 5, 5\)"):
        kronecker_factors(nn.Conv2d(1, 1, 3), nn.MSELoss(), torch.randn(1, 5, 5))
    with pytest.raises(
        ValueError, match=r"one example or more; the model got shape \(0, 3\)\. Leave the empty"
    ):
        kronecker_factors(nn.Linear(3, 3), nn.MSELoss(), torch.randn(0, 3))
    pair = nn.Sequential(nn.Linear(3, 3), Pair())
    with pytest.raises(TypeError, match=r"a model that returns one tensor; got tuple"):
        kronecker_factors(pair, nn.MSELoss(), torch.randn(2, 3))
    with pytest.raises(FloatingPointError, match=r"The model's output is not finite"):
        kronecker_factors(nn.Linear(3, 3), nn.CrossEntropyLoss(), torch.full((2, 3), torch.nan))
    with pytest.raises(ValueError, match=r"outputs of shape \(N, C\) here; got \(2,\)"):
        kronecker_factors(
            nn.Sequential(nn.Linear(3, 1), nn.Flatten(0)), nn.CrossEntropyLoss(), torch.randn(2, 3)
        )
    with pytest.raises(ValueError, match=r"The empirical Fisher takes the labels of the data; give y"):
        kronecker_factors(network(), nn.CrossEntropyLoss(), normal(0, 2, 3), fisher="empirical")


class Pair(nn.Module):
    def forward(self, x):
        return x, x


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fisher": "true"}, r"fisher is 'exact', 'sampled' or 'empirical'; got 'true'"),
        ({"approximation": "sum"}, r"approximation is 'expand' or 'reduce'; got 'sum'"),
    ],
)
def test_words_that_are_not_known(options, message):
    with pytest.raises(ValueError, match=message):
        kronecker_factors(network(), nn.CrossEntropyLoss(), normal(0, 2, 3), **options)


def test_copies_of_the_model_have_no_working_hooks():
    model = network()
    hooks = hooked(model)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        twin(normal(1, 6, 3))
        assert hooks.found == {}
    model(normal(1, 6, 3))
    assert hooks.found


@pytest.mark.long
def test_hooks_end_with_their_owner_or_when_they_are_removed():
    model = network()
    hooks = hooked(model)
    hooks.remove()
    model(normal(1, 6, 3))
    assert hooks.found == {}
    asked = []
    hooks = FactorHooks(model, {}, nn.CrossEntropyLoss(), lambda: asked.append(1))
    model(normal(1, 6, 3))
    del hooks
    gc.collect()
    model(normal(1, 6, 3))
    assert asked == [1]


@pytest.mark.parametrize("fisher", ["exact", "sampled", "empirical"])
def test_a_layer_may_be_given_its_input_by_name(fisher):
    class Named(nn.Sequential):
        def forward(self, x):
            return self[2](input=self[1](self[0](input=x)))

    plain, x = network(), normal(1, 5, 3)
    y, factors = labels(2, 5, classes=3), []
    for model in (plain, Named(*plain)):
        factors.append(kronecker_factors(model, nn.CrossEntropyLoss(), x, y, fisher=fisher))
    assert factors[0].keys() == factors[1].keys() == {"0", "2"}
    for name, pair in factors[0].items():
        assert all(a.equal(b) for a, b in zip(pair, factors[1][name], strict=True))
