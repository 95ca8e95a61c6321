"""All columns in one pass, which torch's kernel for squares does not do (torch 2.13); compiled products."""

import gc
import weakref

import pytest
import torch
from torch import nn

from book.calculus.matrix_free import Fisher, GaussNewton, Hessian
from tests.calculus.matrix_free.small_networks import apart, case, classes, normal
from tests.optim.compiler import need_compiler


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("kind", [Fisher, GaussNewton, Hessian])
def test_of_a_linear_model_with_squared_errors_all_are_the_inputs_second_moment(kind, reduction):
    generator = torch.Generator().manual_seed(0)
    X, y = (torch.randn(5, n, generator=generator, dtype=torch.float64) for n in (3, 2))
    model = torch.nn.Linear(3, 2, bias=False).double()
    dense = kind(model, torch.nn.MSELoss(reduction=reduction), (X, y)).to_dense()
    expected = torch.kron(torch.eye(2, dtype=torch.float64), 2 * X.T @ X)
    torch.testing.assert_close(dense, expected / (10 if reduction == "mean" else 1), rtol=1e-12, atol=1e-12)


@pytest.mark.long
@pytest.mark.filterwarnings("error:A curvature")
@torch.compiler.config.patch(recompile_limit=1)  # 8 by default
@pytest.mark.parametrize("kind", [Fisher, GaussNewton, Hessian])
def test_more_operators_than_torchs_limit(kind, monkeypatch):
    """Of sizes of their own; compiled by tracing alone, which is what the limit counts."""
    whole = torch.compile
    monkeypatch.setattr(torch, "compile", lambda f, **how: whole(f, backend="eager", **how))
    for size in (1, 2):
        model, loss = nn.Linear(size, 3).double(), nn.CrossEntropyLoss()
        data, v = (normal(4, size), classes(4)), normal(3 * size + 3)
        assert apart(kind(model, loss, data, compile=True) @ v, kind(model, loss, data) @ v) <= 1e-12


@pytest.mark.long
@pytest.mark.filterwarnings("error:A curvature")
def test_a_compiled_operator_takes_a_vector_and_columns():
    need_compiler()
    one, V = case("perceptron", "cross-entropy", sizes=(6,)), normal(43, 2)
    expected = GaussNewton(one.model, one.loss, one.data) @ V
    G = GaussNewton(one.model, one.loss, one.data, compile=True)
    assert apart(G @ V[:, 0], expected[:, 0]) <= 1e-12
    assert apart(G @ V, expected) <= 1e-12


@pytest.mark.parametrize("columns", [1, 3])
def test_where_nothing_compiles_one_warning_and_the_plain_product(columns, monkeypatch):
    tries = []

    def compile_nothing(function, **how):
        def compiled(*arguments):
            tries.append(arguments)
            raise RuntimeError("no graph today\nand a long trace")

        return compiled

    monkeypatch.setattr(torch, "compile", compile_nothing)
    one, V = case("perceptron", "cross-entropy"), normal(43, columns).squeeze()
    H = Hessian(one.model, one.loss, one.data, compile=True)
    with pytest.warns(UserWarning, match=r"could not compile \(no graph today\), so it runs uncomp") as seen:
        found = [H @ V, H @ V]
    assert len(tries) == len(seen) == 1
    assert all(apart(product, one.hessian() @ V) <= 1e-10 for product in found)


@pytest.mark.parametrize("error", [KeyboardInterrupt, torch.OutOfMemoryError])
def test_what_is_no_fault_of_the_compiler_is_raised(error, monkeypatch):
    def compile_nothing(function, **how):
        def compiled(*arguments):
            raise error

        return compiled

    monkeypatch.setattr(torch, "compile", compile_nothing)
    one = case("perceptron", "cross-entropy")
    H = Hessian(one.model, one.loss, one.data, compile=True)
    with pytest.raises(error):
        H @ normal(43)


@pytest.mark.long
def test_the_code_of_an_operator_does_not_keep_a_model_alive(monkeypatch):
    whole = torch.compile
    monkeypatch.setattr(torch, "compile", lambda f, **how: whole(f, backend="eager", **how))
    model = nn.Linear(2, 3).double()
    H = Hessian(model, nn.CrossEntropyLoss(), (normal(4, 2), classes(4)), compile=True)
    H @ normal(9)
    kept = [weakref.ref(tensor.untyped_storage()) for tensor in (*H.θ, model.weight)]
    del model, H
    gc.collect()
    assert [storage() for storage in kept] == [None] * len(kept)


@pytest.mark.parametrize("make", [Hessian, GaussNewton])
def test_a_loss_that_draws_is_no_matrix(make):
    model, data = nn.Linear(2, 1), (torch.ones(3, 2), torch.zeros(3, 1))
    with pytest.raises(ValueError, match="The loss draws random numbers"):
        make(model, lambda outputs, targets: (outputs - targets).square().mean() * torch.rand(()), data)
    dropped = make(nn.Sequential(model, nn.Dropout(0.5)), nn.MSELoss(), data)
    assert (dropped @ torch.ones(3)).equal(dropped @ torch.ones(3))
