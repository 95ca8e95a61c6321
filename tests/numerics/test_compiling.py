"""A function's own compiled code, and the one line where compiling fails."""

import pytest
import torch

from book.numerics.compiling import compile_alone, warn_uncompiled


def twice(name):
    def function(x, *, factor=2.0):
        return factor * getattr(torch, name)(x)

    return function


@pytest.mark.long
@torch.compiler.config.patch(recompile_limit=1)  # 8 by default
def test_more_functions_of_one_code_than_torchs_limit(monkeypatch):
    """Compiled by tracing alone, without a compiler; torch's own call fails at the second."""
    whole = torch.compile
    monkeypatch.setattr(torch, "compile", lambda f, **how: whole(f, backend="eager", **how))
    x = torch.tensor([3.0])
    for name in ("exp", "sin"):
        assert compile_alone(twice(name))(x) == 2 * getattr(torch, name)(x)
    fails = [torch.compile(twice(name), fullgraph=True) for name in ("cos", "log")]
    with pytest.raises(Exception, match=r"recompile_limit|fullgraph"):
        [function(x) for function in fails]


@pytest.mark.parametrize(
    ("error", "reason"), [(RuntimeError("one\nand more"), "one"), (ValueError(), "ValueError")]
)
def test_the_warning_is_one_line_at_the_callers_place(error, reason):
    with pytest.warns(UserWarning, match="It could not") as seen:
        warn_uncompiled("It could not compile", error, "it runs", 1)
    message = f"It could not compile ({reason}), so it runs. On Linux install g++ to compile on the CPU."
    assert [(str(w.message), w.filename) for w in seen] == [(message, __file__)]
