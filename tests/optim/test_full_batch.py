"""What every full-batch method must do, run once for each: closures, counts, memory, refusals."""

import copy
import io
import math
import pickle
import warnings

import pytest
import torch

from book.optim import BFGS, LBFGS, FullBatch, Newton, minimize
from book.optim.line_search.method import LineSearch
from tests.cases import each
from tests.optim.closures import OF_ANY_LOSS, Calls, error, examples, network, plain, rosenbrock, valley

VARIANTS = {
    "saddle-free": lambda params, **options: Newton(params, repair="saddle_free", **options),
    "LBFGS-armijo": lambda params, **options: LBFGS(
        params, history_size=2, line_search_fn="armijo", **options
    ),
}
METHODS = OF_ANY_LOSS | VARIANTS
SEARCHES = {name: make for name, make in OF_ANY_LOSS.items() if issubclass(make, LineSearch)} | VARIANTS
every_method = pytest.mark.parametrize("make", METHODS.values(), ids=METHODS)
every_search = pytest.mark.parametrize("make", SEARCHES.values(), ids=SEARCHES)


def same(one, other) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.long
@every_method
@pytest.mark.parametrize("backward", ["none", "graph"])
def test_the_closure_may_call_backward_or_leave_it(make, backward):
    ends = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of create_graph
        for form in ("none", backward):
            params, batch = network(), examples()
            optimizer = make(params, max_iter=6)
            calls = Calls(lambda params=params, batch=batch: error(params, batch), params, form)
            optimizer.step(calls)
            assert calls.count == optimizer.memory["evaluations"]
            ends.append(plain(params))
    assert all((a - b).abs().max() < 1e-9 for a, b in zip(*ends, strict=True))


@pytest.mark.parametrize("make", [BFGS, LBFGS])
def test_a_method_of_first_derivatives_takes_torchs_closure(make):
    params, batch = network(), examples()
    optimizer = make(params, max_iter=300)
    optimizer.step(Calls(lambda: error(params, batch), params, "plain"))
    assert optimizer.status == "gradient"


def test_a_method_of_curvature_says_what_backward_lacks():
    params, batch = network(), examples()
    with pytest.raises(RuntimeError, match=r"call backward\(create_graph=True\)"):
        Newton(params).step(Calls(lambda: error(params, batch), params, "plain"))


@every_method
def test_it_arrives_and_the_loss_where_a_step_began_is_returned(make):
    params, batch = network(), examples()
    optimizer = make(params, max_iter=400)
    before = error(params, batch).item()
    returned = optimizer.step(lambda: error(params, batch))
    assert (returned.shape, returned.item()) == ((), before)
    gradient = torch.autograd.grad(error(params, batch), params)
    assert optimizer.status == "gradient"
    assert max(g.abs().max() for g in gradient) <= 1e-7
    assert all((p.grad - g).abs().max() < 1e-15 for p, g in zip(params, gradient, strict=True))


@pytest.mark.long
@every_method
def test_many_iterations_are_as_many_steps(make):
    """One step of 7 iterations is 7 steps of one, but for the loss that each step computes anew."""
    ends, counts = [], []
    for steps, iterations in ((7, 1), (1, 7)):
        params, batch = network(), examples()
        optimizer = make(params, max_iter=iterations)
        for _ in range(steps):
            optimizer.step(lambda params=params, batch=batch: error(params, batch))
        ends.append(plain(params))
        counts.append(optimizer.memory["evaluations"])
        assert (optimizer.memory["step"], optimizer.status) == (7, "max_iter")
    assert same(*ends)
    assert counts[0] == counts[1] + 6


@every_method
def test_what_a_state_has_as_none_begins_anew(make):
    params = network()
    optimizer = make(params)
    for seed in range(3):
        optimizer.step(lambda seed=seed: error(params, examples(seed=seed)))
    saved = copy.deepcopy(optimizer.state_dict())
    saved["state"] = {0: dict.fromkeys(saved["state"][0])}
    optimizer.load_state_dict(saved)
    others = [torch.nn.Parameter(p.detach().clone()) for p in params]
    fresh = make(others)
    optimizer.step(lambda: error(params, examples(seed=3)))
    fresh.step(lambda: error(others, examples(seed=3)))
    assert same(params, others)


@every_method
@pytest.mark.parametrize("through", ["memory", "file", "pickle", "copy"])
def test_a_reload_continues_bit_for_bit(make, through):
    def run(params, optimizer, seeds):
        for seed in seeds:  # a minibatch: the function changes from step to step
            batch = examples(seed=seed)
            optimizer.step(lambda batch=batch: error(params, batch))

    params = network()
    optimizer = make(params, max_iter=2)
    run(params, optimizer, range(4))
    others = [torch.nn.Parameter(p.detach().clone()) for p in params]
    if through == "pickle":
        optimizer = pickle.loads(pickle.dumps(optimizer))
        others = optimizer.parameters
        again = optimizer
        params = [torch.nn.Parameter(p.detach().clone()) for p in params]
        optimizer = make(params, max_iter=2)
        optimizer.load_state_dict(again.state_dict())
    else:
        saved = optimizer.state_dict()
        if through == "file":
            file = io.BytesIO()
            torch.save(saved, file)
            file.seek(0)
            saved = torch.load(file, weights_only=True)
        again = make(others)
        again.load_state_dict(copy.deepcopy(saved) if through == "copy" else saved)
    assert again.options["max_iter"] == 2
    run(params, optimizer, range(4, 9))
    run(others, again, range(4, 9))
    assert same(params, others)
    assert again.memory["evaluations"] == optimizer.memory["evaluations"]


@pytest.mark.long
@every_method
@pytest.mark.parametrize("call", [1, 2, 3, 5])
def test_a_closure_that_raises_leaves_all_as_it_was(make, call):
    params, batch = network(), examples()
    optimizer = make(params, max_iter=2)
    optimizer.step(lambda: error(params, batch))
    optimizer.options["max_iter"], optimizer.options["tolerance_grad"] = 9, 0.0
    before, grads = plain(params), [p.grad.clone() for p in params]
    memory = copy.deepcopy(optimizer.state_dict()["state"])
    calls = Calls(lambda: error(params, batch), params)

    def failing():
        if calls.count == call:
            raise KeyError("no more")
        return calls()

    with pytest.raises(KeyError, match="no more"):
        optimizer.step(failing)
    assert same(params, before)
    assert same([p.grad for p in params], grads)
    after = optimizer.state_dict()["state"]
    assert after[0].keys() == memory[0].keys()
    for name, kept in memory[0].items():
        torch.testing.assert_close(after[0][name], kept, rtol=0, atol=0)
    optimizer.step(lambda: error(params, batch))  # and it goes on


@every_method
@each("bad", [math.nan, math.inf])
def test_a_start_that_is_not_finite_is_refused(make, bad):
    params = valley()
    with pytest.raises(FloatingPointError, match="starts where the loss and its gradient are finite"):
        make(params).step(lambda: rosenbrock(params[0]) * bad)
    assert same(params, valley())


@every_method
def test_one_group_is_taken_and_no_other(make):
    more = torch.nn.Parameter(torch.ones(2, dtype=torch.float64))
    optimizer = make(valley())
    with pytest.raises(ValueError, match="takes them in one group"):
        optimizer.add_param_group({"params": [more]})
    assert len(optimizer.param_groups) == 1
    with pytest.raises(ValueError, match="takes them in one group"):
        make([{"params": valley()}, {"params": [more]}])
    assert make([{"params": valley(), "max_iter": 5}]).options["max_iter"] == 5
    with pytest.raises(ValueError, match="Invalid tolerance_grad"):
        make([{"params": valley(), "tolerance_grad": -1.0}])


@every_method
def test_parameters_of_two_kinds_are_refused(make):
    one, other = torch.ones(1), torch.ones(1, dtype=torch.float64)
    with pytest.raises(TypeError, match=r"one dtype; got torch.float32 and torch.float64"):
        make([torch.nn.Parameter(one), torch.nn.Parameter(other)])
    with pytest.raises(TypeError, match="float"):
        make([torch.ones(2, dtype=torch.int64)])


@every_method
def test_an_option_that_does_not_exist_is_refused(make):
    with pytest.raises(TypeError, match="has no option weight_decay"):
        make(valley(), weight_decay=0.1)


@every_method
@each("closure", [None, 3.0])
def test_a_step_needs_a_closure(make, closure):
    with pytest.raises(TypeError, match="step takes a closure"):
        make(valley()).step(closure)


@every_method
def test_a_closure_returns_one_number(make):
    params = valley()
    for wrong in (lambda: params[0] * 2, lambda: 3.0, lambda: None):
        with pytest.raises(TypeError, match="returns the loss, one number"):
            make(params).step(wrong)
    with pytest.raises(RuntimeError, match="does not depend on the parameters"):
        make(params).step(lambda: torch.tensor(1.0))


@pytest.mark.long
@every_method
def test_what_the_loss_does_not_depend_on_stays(make):
    """A parameter that is not used, and one that needs no gradient, beside others."""
    params, unused = valley(), torch.nn.Parameter(torch.ones(2, 2, dtype=torch.float64))
    frozen = torch.nn.Parameter(torch.full((3,), 2.0, dtype=torch.float64), requires_grad=False)
    optimizer = make([unused, *params, frozen], max_iter=300)
    optimizer.step(lambda: rosenbrock(params[0]) * frozen.sum())
    assert same([unused, frozen], [torch.ones(2, 2), torch.full((3,), 2.0)])
    assert (params[0] - 1).abs().max() < 1e-5
    assert frozen.grad is None


@pytest.mark.parametrize("make", [BFGS, LBFGS])
def test_a_sparse_gradient_counts_as_a_dense_one(make):
    ends = []
    for sparse in (True, False):
        table = torch.nn.Embedding(5, 2, sparse=sparse, dtype=torch.float64)
        with torch.no_grad():
            table.weight.copy_(torch.arange(10.0).reshape(5, 2))
        optimizer = make(table.parameters(), max_iter=8)
        optimizer.step(lambda table=table: (table(torch.tensor([0, 2, 2])) ** 4).sum())
        ends.append(plain([table.weight])[0])
    assert torch.equal(*ends)
    assert torch.equal(ends[0][1], torch.tensor([2.0, 3.0], dtype=torch.float64))


@every_method
def test_float32_arrives(make):
    params, batch = network(torch.float32), examples(dtype=torch.float32)
    optimizer = make(params, max_iter=300, tolerance_grad=1e-4)
    optimizer.step(lambda: error(params, batch))
    assert optimizer.status == "gradient"
    assert all(p.dtype == torch.float32 for p in params)
    assert params[0].grad.dtype == torch.float32


@pytest.mark.long
@every_method
def test_where_rounding_hides_all_progress_no_evaluation_is_wasted(make):
    """In float32 the gradient does not become 0; the steps go on, and no search goes on for long."""
    params, batch = network(torch.float32), examples(dtype=torch.float32)
    optimizer = make(params, tolerance_grad=0.0, tolerance_change=0.0)
    most = optimizer.options["max_iter"] = 30 if optimizer.curved else 120
    optimizer.step(lambda: error(params, batch))
    gradient = torch.autograd.grad(error(params, batch), params)
    assert max(g.abs().max() for g in gradient) < 1e-4
    assert optimizer.memory["evaluations"] <= 2 * most


@every_search
def test_a_linear_loss_has_no_minimum_and_says_so(make):
    params = valley()
    optimizer = make(params, max_iter=5)
    optimizer.options["line_search_fn"] = "strong_wolfe"
    with pytest.raises(ValueError, match="still falls where it has reached"):
        optimizer.step(lambda: params[0].sum())
    assert same(params, valley())


@every_method
def test_a_start_with_gradient_zero_is_where_it_stays(make):
    """A saddle too: what the gradient does not show, no method of directions sees."""
    x = torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))
    optimizer = make([x], max_iter=50)
    optimizer.step(lambda: x[0] ** 2 - x[1] ** 2 + x[1] ** 4)
    assert optimizer.status == "gradient"
    assert optimizer.memory.get("step", 0) == 0
    assert torch.equal(x.data, torch.zeros(2))


@every_method
def test_ends_by_change(make):
    params = valley()
    optimizer = make(params, max_iter=100, tolerance_change=10.0)
    optimizer.step(lambda: rosenbrock(params[0]))
    assert (optimizer.memory["step"], optimizer.status) == (1, "change")


@every_search
def test_a_scheduler_and_a_deep_copy_are_taken(make):
    params, batch = network(), examples()
    optimizer = make(params)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    optimizer.step(lambda: error(params, batch))
    scheduler.step()
    assert optimizer.options["lr"] == 0.5
    assert copy.deepcopy(optimizer).options["lr"] == 0.5


def test_another_methods_state_is_refused():
    params, batch = network(), examples()
    bfgs = BFGS(params, max_iter=3)
    bfgs.step(lambda: error(params, batch))
    lbfgs = LBFGS(network())
    with pytest.raises(ValueError, match="remembers inverse, and this method steps, changes"):
        lbfgs.load_state_dict(bfgs.state_dict())
    assert lbfgs.memory == {}
    small = [torch.nn.Parameter(torch.ones(1, dtype=torch.float64)) for _ in params]
    with pytest.raises(ValueError, match="has inverse for"):
        BFGS(small).load_state_dict(bfgs.state_dict())
    torchs = torch.optim.LBFGS(params)
    torchs.step(Calls(lambda: error(params, batch), params, "plain"))
    with pytest.raises(ValueError, match="load it into its own method"):
        LBFGS(network()).load_state_dict(torchs.state_dict())


def test_parameters_that_have_become_others_since_the_last_step_are_refused_before_anything_moves():
    model = torch.nn.Linear(2, 1)
    optimizer = BFGS(model.parameters())
    optimizer.step(lambda: model(torch.ones(1, 2)).square().sum())
    model.double()
    before = model.weight.tolist()
    with pytest.raises(
        RuntimeError, match=r"are 3 of torch.float64 on cpu, and inverse remembers 3 of torch.flo"
    ):
        optimizer.step(lambda: model(torch.ones(1, 2).double()).square().sum())
    assert model.weight.tolist() == before


def test_a_hyperparameter_outside_its_range_is_refused_in_a_state_dict():
    optimizer = Newton(valley())
    saved = optimizer.state_dict()
    for name, value in (("damping", -1.0), ("repair", "hope"), ("max_iter", 0), ("c1", 0.95)):
        wrong = copy.deepcopy(saved)
        wrong["param_groups"][0][name] = value
        with pytest.raises(ValueError, match=f"{name}|c1 < c2"):
            optimizer.load_state_dict(wrong)
    assert optimizer.options["damping"] == 0.0
    del saved["param_groups"][0]["repair"]  # an older one lacks an option
    optimizer.load_state_dict(saved)
    assert optimizer.options["repair"] == "cholesky"


def test_a_graph_at_an_earlier_point_is_computed_anew():
    class Looker(LineSearch):
        curved = True

        def direction(self, here):
            before = self.hessian(here)
            self.evaluate(here.x + 1)
            evaluations = self.memory["evaluations"]
            self.after = self.hessian(here)
            assert self.memory["evaluations"] == evaluations + 1
            assert torch.equal(self.product(here, torch.ones_like(here.x)), self.after.sum(1))
            assert self.memory["evaluations"] == evaluations + 1
            assert torch.equal(before, self.after)
            return -here.gradient

    params = valley()
    optimizer = Looker(params)
    optimizer.step(lambda: rosenbrock(params[0]))
    expected = torch.autograd.functional.hessian(rosenbrock, valley()[0].detach())
    assert (optimizer.after - expected).abs().max() < 1e-10
    assert optimizer.memory["products"] == 2 + 2 + 1


def test_the_hessian_of_many_shapes_is_torchs():
    params, batch = network(), examples()

    class Looker(FullBatch):
        curved = True

        def advance(self, here):
            self.H = self.hessian(here)
            return here

    optimizer = Looker(params)
    optimizer.step(lambda: error(params, batch))
    blocks = torch.autograd.functional.hessian(lambda *p: error(p, batch), tuple(params))
    rows = [
        torch.cat([b.reshape(p.numel(), -1) for b in row], dim=1)
        for row, p in zip(blocks, params, strict=True)
    ]
    assert (optimizer.H - torch.cat(rows)).abs().max() < 1e-12
    assert optimizer.status == "precision"


def test_a_method_writes_advance():
    params = valley()
    with pytest.raises(NotImplementedError, match="in `advance`"):
        FullBatch(params).step(lambda: rosenbrock(params[0]))


@pytest.mark.parametrize("make", [BFGS, LBFGS, torch.optim.LBFGS])
def test_a_closure_with_fresh_random_numbers_is_believed_and_minimize_refuses_them(make):
    generator = torch.Generator().manual_seed(0)

    def noisy(x):
        return x.square().sum() + torch.rand((), generator=generator, dtype=x.dtype)

    x = torch.nn.Parameter(torch.ones(2, dtype=torch.float64))
    optimizer, values = make([x]), []

    def closure():
        optimizer.zero_grad()
        values.append(noisy(x))
        values[-1].backward()
        return values[-1]

    optimizer.step(closure)
    assert len(values) > 1
    if make is not torch.optim.LBFGS:
        with pytest.raises(ValueError, match="this function gave two at one point"):
            minimize(make, noisy, torch.ones(2, dtype=torch.float64))
