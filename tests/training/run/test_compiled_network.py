"""A compiled network computes what the plain one does; where there is no compiler, one warning says so."""

import warnings

import pytest
import torch
from torch import nn

from book.training.models import mlp
from book.training.run.compiled_network import compile_network
from tests.optim.compiler import need_compiler
from tests.training.small_run import SmallRun


def test_a_compiled_run_is_the_plain_one():
    need_compiler()
    plain, compiled = (SmallRun(model=mlp(784, 8, 10), batch_size=60) for _ in range(2))
    expected = plain.fit()
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "The network could not be compiled")
        history = compiled.fit(compiled=True)
    assert history.losses == pytest.approx(expected.losses, rel=1e-5)
    assert history.test_losses == pytest.approx(expected.test_losses, rel=1e-5)


def failing(error):
    """A `torch.compile` whose result raises."""

    def compiled(model, **options):
        def forward(inputs):
            raise error

        return forward

    return compiled


def test_a_network_that_cannot_be_compiled_runs_as_it_is(monkeypatch):
    monkeypatch.setattr(torch, "compile", failing(RuntimeError("no compiler\nand a long story")))
    model = mlp(4, 2)
    forward = compile_network(model)
    with pytest.warns(UserWarning, match=r"^The network could not be compiled \(no compiler\), so it runs"):
        assert torch.equal(forward(torch.ones(3, 4)), model(torch.ones(3, 4)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        forward(torch.ones(3, 4))


def test_what_torch_raises_where_there_is_no_compiler_is_caught():
    from torch._inductor.exc import InvalidCxxCompiler

    assert issubclass(InvalidCxxCompiler, RuntimeError)


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("out of memory"), KeyboardInterrupt()])
def test_no_other_error_is_taken_for_a_missing_compiler(error, monkeypatch):
    monkeypatch.setattr(torch, "compile", failing(error))
    forward = compile_network(mlp(4, 2))
    with pytest.raises(type(error)):
        forward(torch.ones(3, 4))


def test_an_error_of_the_network_itself_is_raised_without_a_warning(monkeypatch):
    monkeypatch.setattr(torch, "compile", lambda model, **options: model.forward)
    forward = compile_network(nn.Linear(4, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
            forward(torch.ones(3, 5))
        forward(torch.ones(3, 4))


def test_a_system_without_torch_compile(monkeypatch):
    def fails(model, **options):
        raise RuntimeError("torch.compile is not supported on this Python")

    monkeypatch.setattr(torch, "compile", fails)
    model = mlp(4, 2)
    with pytest.warns(UserWarning, match="not supported on this Python"):
        assert compile_network(model) is model
