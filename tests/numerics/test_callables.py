"""What `book.numerics.callables` promises, over every public function that takes a function of yours."""

import math
import re
import warnings
from contextlib import suppress

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from book.calculus import central_difference, gradient, hessian, jacobian
from book.optim import SGD, descend, trajectory
from tests.cases import each, in_case
from tests.user_functions import CASES, OTHER, flat, takers

F64 = torch.float64
COORDINATE = st.floats(-2, 2, width=16)
POINTS = st.lists(COORDINATE, min_size=2, max_size=4).filter(any).map(lambda p: torch.tensor(p, dtype=F64))
DEAR = {"critical_points", "quadratic_penalty", "augmented_lagrangian"}  # a call of these is a search
every = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long if name in DEAR else ()) for name in CASES]
)
FOLLOWED = sorted(name for name in CASES if CASES[name].followed)
COMPARES = sorted(name for name in CASES if CASES[name].compares)
NO_POINT = {"bracket", "golden_section", "hill_climb"}  # they take numbers or states
CONSTRAINED = {"projected_gradient", "quadratic_penalty", "augmented_lagrangian"}
DECIDE = (
    CONSTRAINED
    | {"best_rate", "classify", "critical_points", "backtracking", "exact", "lanczos"}
    | {
        "relative_condition",
        "minimize",
        "projected_gradient",
        "conjugate_directions",
    }
)
quickly = settings(max_examples=min(6, settings.default.max_examples))

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")


def same(case, f, x, truth=None):
    """Whether a function in other clothes gives the answer that it gives in its own."""
    truth = case.answer(case.f, x) if truth is None else truth
    torch.testing.assert_close(case.answer(f, x), truth, equal_nan=True, rtol=1e-7, atol=1e-7)


def test_every_function_that_takes_one_is_in_the_table():
    assert takers() == {name.split(",")[0] for name in CASES} | set(OTHER)


@every
@quickly
@given(x=POINTS)
def test_it_may_overwrite_its_argument(name, x):
    case, before = CASES[name], x.clone()

    def greedy(p):
        value = case.f(p.clone())
        p.zero_()
        return value

    same(case, greedy, x)
    assert torch.equal(x, before)


@every
@quickly
@given(x=POINTS)
def test_it_may_return_one_buffer_again_and_again(name, x):
    case, buffer = CASES[name], torch.zeros_like(CASES[name].f(x))

    def reusing(p):
        return buffer.copy_(case.f(p))

    if case.followed:
        with pytest.raises(RuntimeError, match=r"mutate a captured Tensor|through the graph a second time"):
            case.answer(reusing, x)
    else:
        same(case, reusing, x)


@each("name", ["jacobian", "jacobian, forward", "jvp", "relative_condition", "lanczos"])
@each("itself", [lambda p: p, lambda p: p[:], lambda p: p.mul_(3)])
def test_it_may_return_its_argument(name, itself):
    x = torch.tensor([1.0, 2.0, 4.0], dtype=F64)
    truth = CASES[name].answer(lambda p: itself(torch.ones_like(p)) * p, x)
    same(CASES[name], itself, x, truth)
    assert x.tolist() == [1, 2, 4]


@every
@quickly
@given(x=POINTS, mode=st.sampled_from([torch.no_grad, torch.inference_mode]), made_inside=st.booleans())
def test_modes_of_torch_change_nothing(name, x, mode, made_inside):
    case = CASES[name]
    truth = case.answer(case.f, x)
    with mode():
        same(case, case.f, x.clone() if made_inside else x, truth)
        made = x.clone()
    same(case, case.f, made, truth)


@pytest.mark.long
@pytest.mark.parametrize("name", CASES)
def test_a_function_for_the_compiler_and_a_call_inside_it(name):
    case, x = CASES[name], torch.tensor([0.5, -1.0], dtype=F64)
    truth = case.answer(case.f, x)
    torch.compiler.reset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        same(case, torch.compile(case.f, backend="eager"), x, truth)
        found = torch.compile(lambda p: case.run(case.f, p), backend="eager")(x)
    torch.testing.assert_close(flat(found), truth, equal_nan=True, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("name", sorted(name for name in CASES if not CASES[name].branches))
def test_many_points_at_once(name):
    case, X = CASES[name], torch.tensor([[0.5, -1.0], [1.5, 2.0], [-0.25, 1.0]], dtype=F64)
    one_by_one = torch.stack([case.run(case.f, x) for x in X])
    torch.testing.assert_close(torch.func.vmap(lambda x: case.run(case.f, x))(X), one_by_one)


@every
@quickly
@given(x=POINTS)
def test_the_device_of_new_tensors_may_be_another(name, x):
    case = CASES[name]
    truth = case.answer(case.f, x)
    with torch.device("meta"):  # as torch.set_default_device
        found = case.run(case.f, x)
    torch.testing.assert_close(flat(found), truth, equal_nan=True, rtol=1e-7, atol=1e-7)


@each("name", FOLLOWED)
def test_a_function_that_switches_gradients_off_for_good_has_no_derivative_of_zero(name):
    case, x = CASES[name], torch.tensor([0.5, -1.0], dtype=F64)

    def rude(p):
        torch.set_grad_enabled(False)
        return case.f(p)

    truth = case.answer(case.f, x)
    try:
        with suppress(ValueError):  # it is refused, but in forward mode, which does not ask
            same(case, rude, x, truth)
    finally:
        torch.set_grad_enabled(True)


def without_grad(f):
    @torch.no_grad()
    def hidden(p):
        return f(p)

    return hidden


HIDDEN = {
    "detach": lambda f: lambda p: f(p.detach()),
    "no_grad": without_grad,
    "inference_mode": lambda f: torch.inference_mode()(lambda p: f(p)),
    "item": lambda f: lambda p: torch.tensor(f(p).tolist(), dtype=p.dtype),
}
FORWARD = {"directional_derivative", "jacobian, forward", "jvp", "linear_prediction"}


@pytest.mark.parametrize("name", FOLLOWED)
def test_a_value_that_torch_lost_sight_of_is_refused(name):
    case, x = CASES[name], torch.tensor([0.5, -1.0], dtype=F64)
    for how, hide in HIDDEN.items():
        with in_case(how):
            if how == "no_grad" and name in FORWARD:  # torch's forward mode goes on under no_grad
                same(case, hide(case.f), x)
                continue
            with pytest.raises(
                (ValueError, RuntimeError), match=r"torch does not see it|vmap: .* calling .item|data pointer"
            ):
                case.answer(hide(case.f), x)


@pytest.mark.parametrize("name", FOLLOWED)
@quickly
@given(x=POINTS)
def test_a_constant_has_the_derivative_zero(name, x):
    case = CASES[name]
    value = torch.ones_like(case.f(x))
    answer = case.answer(lambda p: value, x)
    if name in {"linear_prediction", "quadratic_prediction"}:
        assert answer.item() == 1
    elif name == "best_rate":
        assert answer.isnan()
    elif name in {"descend", "trajectory", "minimize"} | CONSTRAINED:
        assert (answer.reshape(-1, len(x)) == x).all()
    else:
        assert not answer.any()


@each("name", COMPARES)
def test_random_values_are_refused_where_they_are_compared(name):
    f, x = CASES[name].f, torch.tensor([0.5, -1.0, 2.0], dtype=F64)
    with pytest.raises(ValueError, match=r"two at one point|one symmetric matrix"):
        CASES[name].answer(lambda p: f(p) * (1 + torch.rand((), dtype=F64)), x)


@pytest.mark.parametrize(
    "name", ["gradient", "jacobian", "jacobian, forward", "jvp", "vjp", "hessian", "hvp"]
)
def test_a_derivative_of_random_values_is_that_of_the_draw(name):
    case, x = CASES[name], torch.tensor([0.5, -1.0, 2.0], dtype=F64)
    scale = case.answer(lambda p: case.f(p) * torch.rand((), dtype=F64), x) / case.answer(case.f, x)
    scale = scale[~scale.isnan()]
    assert 0 < scale[0] < 1
    torch.testing.assert_close(scale, scale[:1].expand_as(scale))


@pytest.mark.parametrize("name", sorted(set(CASES) - NO_POINT))
@quickly
@given(x=POINTS, dtype=st.sampled_from([torch.int64, torch.bool, torch.complex64, torch.complex128]))
def test_points_of_other_types_are_refused(name, x, dtype):
    with pytest.raises(TypeError, match="use float16, bfloat16, float32 or float64"):
        CASES[name].answer(CASES[name].f, x.to(dtype))


@pytest.mark.parametrize("name", sorted(set(CASES) - NO_POINT - DECIDE))
@quickly
@given(x=POINTS, dtype=st.sampled_from([torch.float16, torch.bfloat16, torch.float32]))
def test_narrow_types_give_what_wide_ones_give(name, x, dtype):
    case, eps = CASES[name], torch.finfo(dtype).eps
    found = case.answer(case.f, x.to(dtype))
    rough = 60 * (eps ** (2 / 3) if name == "central_difference" else eps)
    torch.testing.assert_close(found, case.answer(case.f, x), rtol=rough, atol=rough)


@every
def test_all_run_in_narrow_types(name):
    for dtype in (torch.float16, torch.bfloat16, torch.float32):
        with in_case(dtype):
            x = torch.tensor([0.5, -1.0, 2.0], dtype=dtype)
            assert CASES[name].answer(CASES[name].f, x).isfinite().all()


@each("name", CASES)
def test_a_point_has_an_entry(name):
    if name in {"relative_condition"}:
        assert CASES[name].answer(torch.exp, torch.zeros(0)).shape == (0,)
    elif name not in {"bracket", "golden_section", "hill_climb"}:
        with pytest.raises(ValueError, match=r"at least one entry|with entries"):
            CASES[name].answer(CASES[name].f, torch.zeros(0))


WRONG = {
    "None": lambda p: None,
    "complex": lambda p: torch.complex(p, p).sum(),
    "a complex number": lambda p: 1j,
    "a string": lambda p: "high",
    "a matrix": lambda p: torch.outer(p, p),
    "nothing": lambda p: p[:0],
    "an object": lambda p: object(),
    "a tuple": lambda p: (p.square().sum(), 1),
    "a list": lambda p: [p.square().sum()],
    "a dict": lambda p: {"loss": p.square().sum()},
    "a truth": lambda p: p.square().sum() > 1,
    "Python's truth": lambda p: True,
    "eight bits": lambda p: p.square().sum().to(torch.float8_e4m3fn),
    "one without a place": lambda p: p.square().sum().to("meta"),
}


@every
def test_what_is_no_value_is_refused_in_one_sentence(name):
    # Central differences take values of any shape, and lists of them.
    takes = {"a matrix", "nothing", "a tuple", "a list"} if name == "central_difference" else set()
    for wrong in [wrong for wrong in WRONG if wrong not in takes]:
        with in_case(wrong):
            with pytest.raises((TypeError, ValueError)) as refused:
                CASES[name].answer(WRONG[wrong], torch.tensor([0.5, -1.0], dtype=F64))
            assert re.fullmatch(r"[^\n]{20,200}\.", str(refused.value))


@each(
    "name", sorted(CASES.keys() - {"bracket", "golden_section", "conjugate_gradient", "conjugate_directions"})
)
@each("wrong", [torch.eye(2), None, 0.5])
def test_what_is_no_function_is_told_in_one_sentence(name, wrong):
    with pytest.raises(TypeError, match=r"^[^\n]{20,120}; got (Tensor|NoneType|float)\.[^\n]{0,60}$"):
        CASES[name].answer(wrong, torch.tensor([0.5, -1.0], dtype=F64))


@pytest.mark.parametrize(
    "name", ["central_difference", "restricted", "backtracking", "exact", "bracket", "hill_climb"]
)
def test_where_values_are_enough_any_number_will_do(name):
    case, x = CASES[name], torch.tensor([0.5, -1.0], dtype=F64)
    scalar = CASES["gradient"].f
    truth = case.answer(scalar, x)
    for number in (float, np.float32, np.float64, np.array, torch.tensor):
        with in_case(number):
            found = case.answer(lambda p, number=number: number(scalar(p).item()), x)
            rtol = 1e-2 if number in {np.float32, torch.tensor} else 1e-9
            torch.testing.assert_close(found, truth, rtol=rtol, atol=1e-2)


SEARCHES = (
    CONSTRAINED
    | {"backtracking", "exact", "bracket", "golden_section", "central_difference", "lanczos"}
    | {
        "conjugate_gradient",
        "conjugate_directions",
        "kkt_residual",
        "minimize",
        "projected_gradient",
    }
)


@pytest.mark.long
@every
def test_a_point_that_is_not_finite_ends_in_nan_or_in_a_sentence(name):
    for bad in (math.nan, math.inf, -math.inf):
        x = torch.tensor([0.5, bad], dtype=F64)
        with in_case(bad):
            if name in SEARCHES:
                with pytest.raises((ValueError, FloatingPointError), match="finite"):
                    CASES[name].answer(CASES[name].f, x)
            else:
                answer = CASES[name].answer(CASES[name].f, x)
                assert answer.numel() == 0 or not answer.isfinite().all()


@every
@quickly
@given(x=POINTS, wishes=st.booleans())
def test_strides_and_a_wish_for_gradients_change_nothing(name, x, wishes):
    case, truth = CASES[name], CASES[name].answer(CASES[name].f, x)
    strided = torch.stack([x, -x], dim=1)[:, 0]
    given = strided.clone().requires_grad_() if wishes else strided
    same(case, lambda p: case.f(p.view(-1)), given, truth)
    assert torch.equal(given.detach(), x)
    assert (given.grad, given.requires_grad) == (None, wishes)


@every
@quickly
@given(n=st.integers(2, 4))
def test_an_expanded_point_is_a_point(name, n):
    x = torch.tensor(0.5, dtype=F64).expand(n)
    same(CASES[name], CASES[name].f, x, CASES[name].answer(CASES[name].f, x.clone()))


def test_derivatives_of_derivatives_and_of_a_descent_stay_whole():
    x, f = torch.tensor([1.0, 2.0], dtype=F64), CASES["gradient"].f
    torch.testing.assert_close(jacobian(lambda p: gradient(f, p), x), hessian(f, x))
    slope = gradient(lambda start: descend(f, start, 0.1, 3)[-1].sum(), x)
    torch.testing.assert_close(
        slope, central_difference(lambda start: descend(f, start, 0.1, 3)[-1].sum(), x)
    )
    with pytest.raises(ValueError, match="torch does not see it"):
        gradient(lambda start: trajectory(lambda p: SGD(p, lr=0.1), f, start, 3)[-1].sum(), x)
