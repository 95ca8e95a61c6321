"""softmax and its relatives against mpmath at extreme numbers, and against torch at special ones."""

import mpmath
import pytest
import torch
import torch.nn.functional as F

from book import numerics
from tests.cases import each

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
ROWS = (
    [1000.0, 990.0, 980.0],
    [-1000.0, -990.0, -980.0],
    [0.0],
    [0.0, 0.0],
    [3.0, 3.0, 3.0, -60000.0],
    [0.0, -9.0, -17.0, -88.0, -104.0, -700.0, -746.0],
    [60000.0, 59968.0, -60000.0],
    [1e-40, 0.0, -1e-40, 6e-8],
    [0.1 * i for i in range(-50, 50)],
)
SPECIAL = (
    [torch.inf, 0.0],
    [torch.inf, torch.inf],
    [torch.inf, -torch.inf],
    [-torch.inf, 0.0, 1.0],
    [-torch.inf, -torch.inf],
    [torch.nan, 0.0],
    [torch.nan, torch.inf],
    [],
)
ALONG = {"softmax": torch.softmax, "log_softmax": torch.log_softmax, "logsumexp": torch.logsumexp}
SHAPES_AND_DIMS = (
    ((2, 3, 4), 0),
    ((2, 3, 4), 1),
    ((2, 3), -2),
    ((), -1),
    ((0, 3), 1),
    ((3, 0), 1),
    ((3, 0), 0),
)
ELEMENTWISE = {"sigmoid": torch.sigmoid, "softplus": F.softplus}


def rows(dtype):
    largest = torch.finfo(dtype).max
    return [
        torch.tensor(row, dtype=dtype) for row in (*ROWS, [largest, -largest], [largest, largest], [-largest])
    ]


def points(dtype):
    info = torch.finfo(dtype)
    steps = [
        0.0,
        info.smallest_normal * info.eps,
        info.eps,
        0.1,
        1,
        3,
        9,
        17,
        80,
        88,
        104,
        700,
        746,
        info.max,
    ]
    return torch.tensor([sign * step for step in steps for sign in (1, -1)], dtype=dtype)


def exact(name, x):
    """The same function on the same floats, in 60 digits."""
    with mpmath.workdps(60):
        x = [mpmath.mpf(value) for value in x.tolist()]
        if name in ("sigmoid", "softplus"):
            plus = [mpmath.exp(value) for value in x]
            return [p / (1 + p) if name == "sigmoid" else mpmath.log1p(p) for p in plus]
        weights = [mpmath.exp(value - max(x)) for value in x]
        logarithm = mpmath.log(mpmath.fsum(weights))
        if name == "logsumexp":
            return [max(x) + logarithm]
        logs = [value - max(x) - logarithm for value in x]
        return logs if name == "log_softmax" else [mpmath.exp(value) for value in logs]


def assert_within(result, references, room):
    """Each entry within its `room`, plus three subnormals, of the reference, which may round to inf."""
    info = torch.finfo(result.dtype)
    reference = tensor64(references)
    reference = torch.where(reference.to(result.dtype).isinf(), reference.sign() * torch.inf, reference)
    result = result.detach().double().reshape(-1)
    near = (result - reference).abs() <= room + 3 * info.smallest_normal * info.eps
    assert (near | (result == reference)).all(), f"got {result}, should be {reference}"


def tensor64(values):
    return torch.tensor([float(value) for value in values], dtype=torch.float64)


def same(a, b):
    return a.dtype == b.dtype and torch.equal(a.nan_to_num(-1.5, 1e4, -1e4), b.nan_to_num(-1.5, 1e4, -1e4))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["logsumexp", "log_softmax"])
def test_logarithms_of_extreme_rows_against_mpmath(name, dtype):
    for x in rows(dtype):
        reference = exact(name, x)
        result = getattr(numerics, name)(x)
        assert result.dtype == dtype
        assert_within(result, reference, torch.finfo(dtype).eps * (len(x) + 2 + tensor64(reference).abs()))


@pytest.mark.parametrize("dtype", DTYPES)
def test_softmax_of_extreme_rows_against_mpmath(dtype):
    for x in rows(dtype):
        reference = exact("softmax", x)
        digits = tensor64(reference).log().abs().nan_to_num(posinf=0)  # the shift rounds by eps/2 of this
        result = numerics.softmax(x)
        assert result.dtype == dtype
        assert_within(result, reference, torch.finfo(dtype).eps * (len(x) + 2 + digits) * tensor64(reference))


@each("dtype", DTYPES)
@each("name", ELEMENTWISE)
def test_sigmoid_and_softplus_at_extreme_points_against_mpmath(name, dtype):
    x = points(dtype)
    result = getattr(numerics, name)(x)
    assert result.dtype == dtype
    assert_within(result, exact(name, x), 3 * torch.finfo(dtype).eps * tensor64(exact(name, x)))


@pytest.mark.long
@pytest.mark.parametrize("dtype", DTYPES)
def test_sigmoid_and_softplus_have_exact_gradients_at_extreme_points(dtype):
    x = points(dtype).requires_grad_()
    sigmoids = exact("sigmoid", x)
    with mpmath.workdps(700):
        slopes = [1 / (2 + mpmath.exp(value) + mpmath.exp(-value)) for value in map(mpmath.mpf, x.tolist())]
    for function, expected in ((numerics.softplus, sigmoids), (numerics.sigmoid, slopes)):
        (gradient,) = torch.autograd.grad(function(x).sum(), x)
        assert gradient.dtype == dtype
        assert_within(gradient, expected, 4 * torch.finfo(dtype).eps * tensor64(expected))


@each("dtype", DTYPES)
@each("name", ALONG)
def test_rows_with_inf_and_nan_and_empty_rows_are_torchs(name, dtype):
    for row in SPECIAL:
        x = torch.tensor(row, dtype=dtype)
        ours, torchs = getattr(numerics, name)(x), ALONG[name](x, -1)
        assert same(ours.isnan().to(dtype), torchs.isnan().to(dtype)), row
        torch.testing.assert_close(ours, torchs, equal_nan=True)


@each("dtype", DTYPES)
@each("name", ELEMENTWISE)
def test_elementwise_special_values_are_torchs(name, dtype):
    for values in ([torch.inf, -torch.inf, torch.nan], []):
        x = torch.tensor(values, dtype=dtype)
        assert same(getattr(numerics, name)(x), ELEMENTWISE[name](x))


@each("name", ALONG)
@each(("shape", "dim"), SHAPES_AND_DIMS)
def test_any_shape_and_dim_as_torch(name, shape, dim):
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(getattr(numerics, name)(x, dim), ALONG[name](x, dim))


@each("dtype", DTYPES)
@each("name", ["softmax", "log_softmax"])
def test_gradients_of_extreme_rows_are_finite_and_torchs(name, dtype):
    for row in [*rows(dtype), torch.tensor([0.0, -torch.inf, 1.0], dtype=dtype)]:
        x, x64 = row.clone().requires_grad_(), row.double().requires_grad_()
        weights = torch.linspace(-1, 2, len(row), dtype=dtype)
        (gradient,) = torch.autograd.grad(getattr(numerics, name)(x), x, weights)
        (reference,) = torch.autograd.grad(ALONG[name](x64, -1), x64, weights.double())
        assert gradient.dtype == dtype
        assert_within(gradient, reference, 4 * (len(row) + 2) * torch.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_gradient_of_logsumexp_is_softmax_at_extreme_rows(dtype):
    for row in [*rows(dtype), torch.tensor([0.0, -torch.inf, 1.0], dtype=dtype)]:
        x = row.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(numerics.logsumexp(x), x)
        assert_within(gradient, torch.softmax(row.double(), -1), 4 * (len(row) + 2) * torch.finfo(dtype).eps)


def test_the_gradient_of_torchs_logsumexp_is_off_where_its_value_is_large():
    x = torch.full((2,), 1e8).requires_grad_()
    assert torch.autograd.grad(torch.logsumexp(x, -1), x)[0].tolist() == [1.0, 1.0]
    assert torch.autograd.grad(numerics.logsumexp(x), x)[0].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("dtype", DTYPES)
def test_cross_entropy_and_its_gradient_at_large_gaps(dtype):
    logits = torch.tensor(
        [[1000.0, 0.0, -1000.0], [0.0, 0.0, 0.0], [-6e4, 6e4, 0.0]], dtype=dtype
    ).requires_grad_()
    target = torch.tensor([2, 1, 1])
    expected = [-exact("log_softmax", row)[index] for row, index in zip(logits, target.tolist(), strict=True)]
    loss = numerics.cross_entropy(logits, target)
    assert loss.dtype == dtype
    assert_within(loss, [mpmath.fsum(expected) / 3], 4 * torch.finfo(dtype).eps * 700)
    (gradient,) = torch.autograd.grad(loss, logits)
    wanted = (torch.softmax(logits.detach().double(), 1) - F.one_hot(target, 3)) / 3
    assert ((gradient.double() - wanted).abs() <= 4 * torch.finfo(dtype).eps).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_cross_entropy_of_nothing_inf_and_nan_is_torchs(dtype):
    for batch in ([[0.0, -torch.inf]], [[torch.inf, 0.0]], [[torch.nan, 0.0]], [[-torch.inf, -torch.inf]]):
        logits, target = torch.tensor(batch, dtype=dtype), torch.tensor([1])
        assert same(numerics.cross_entropy(logits, target), F.cross_entropy(logits, target))
    nothing = torch.empty(0, 3, dtype=dtype), torch.empty(0, dtype=torch.int64)
    assert numerics.cross_entropy(*nothing).isnan()


def test_naive_softmax_breaks_where_it_says():
    assert numerics.naive_softmax(torch.tensor([88.8, 0.0])).isnan().any()
    assert numerics.naive_softmax(torch.tensor([-104.0, -105.0])).isnan().all()
    torch.testing.assert_close(numerics.naive_softmax(torch.tensor([88.7, 0.0])), torch.tensor([1.0, 0.0]))
    assert numerics.naive_softmax(torch.tensor([12.0, 0.0]).half()).isnan().any()


def test_softmax_in_float16_overflows_its_sum_where_it_says():
    x = torch.zeros(65504, dtype=torch.float16)
    assert (numerics.softmax(x) > 0).all()
    assert (numerics.softmax(torch.zeros(70000, dtype=torch.float16)) == 0).all()
