"""Judging a learner's function: is it the stub, what fails first, what did it raise, and in which line?"""

import ast
import dis
import inspect
import linecache
import textwrap
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from functools import wraps
from pathlib import Path
from typing import Any

import torch

from book.exercises.results import as_torch, tensor

_EMPTY = {"RESUME", "NOP", "LOAD_CONST", "LOAD_SMALL_INT", "RETURN_CONST", "RETURN_VALUE", "COPY_FREE_VARS"}
_LIBRARIES = tuple(
    f"{folder}/"
    for folder in (Path(torch.__file__).parents[1], Path(inspect.__file__).parent, Path(__file__).parents[1])
)
_LONGEST = 160


def close(value: object, expected: object, rtol: float = 1e-5, atol: float = 1e-8) -> bool:
    """Whether a learner's result has the expected shape and numbers; anything else than numbers is False.

    Args:
        value: what the learner's function returned, as `tensor` of `book.exercises.results` reads it.
        expected: the reference, of any shape; nan is equal to nan.
        rtol, atol: as in `torch.allclose`; for a tensor in fewer digits `rtol` is at least 8 of its ε.

    Examples:
        >>> close(torch.tensor([1.0, 2.0]), [1, 2]), close(None, 1.0), close(torch.ones(1, 2), [1, 1])
        (True, False, False)
    """
    try:
        given, wanted = tensor(value), tensor(expected)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        return False
    rtol = max(rtol, _rounding(value))
    return given.shape == wanted.shape and torch.allclose(given, wanted, rtol, atol, equal_nan=True)


def _rounding(value: object) -> float:
    """How far a result of this number type may be from the right one by rounding: float32 has 7 digits."""
    dtype = getattr(value, "dtype", None)
    if isinstance(dtype, torch.dtype) and dtype.is_floating_point:
        return 8 * torch.finfo(dtype).eps
    return 0.0


def is_stub(function: object) -> bool:
    """Whether a function is still the stub: nothing but `...` or `return ...`, below a docstring or not.

    The function is looked at, not called: what it raises or returns says nothing about that.

    Examples:
        >>> [is_stub(f) for f in (lambda x: ..., lambda x: x + ..., lambda x: None, abs)]
        [True, False, False, False]
    """
    code = getattr(function, "__code__", None)
    steps = list(dis.get_instructions(code)) if code else []
    if not steps or not {step.opname for step in steps} <= _EMPTY:
        return False
    constants = [step.argval for step in steps if step.opname in ("LOAD_CONST", "RETURN_CONST")]
    return constants == [...] or (constants == [None] and _ends_in_dots(function))


def _ends_in_dots(function: Any) -> bool:
    """Whether the last statement of a function is `...`, so not `pass` and not `return None`."""
    if function.__name__ == "<lambda>":  # whose dots are a value; this one returns None
        return False
    try:
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return True  # no source to read: nothing but the stub is this empty
    return isinstance(definition, ast.FunctionDef) and ast.unparse(definition.body[-1]) == "..."


class Watched:
    """A learner's function that remembers what it raised and returned: a check's own errors are others.

    What the function returns is watched as well, if it is a function; a generator is run to its end here.
    """

    def __init__(self, function: Callable):
        self.raised: BaseException | None = None
        self.returned_none = False
        self.call = self._watch(function)

    def _watch(self, function: Callable) -> Callable:
        @wraps(function, updated=())
        def call(*args, **kwargs):
            try:
                result = as_torch(function(*args, **kwargs), self._watch)
            except BaseException as error:
                self.raised = error
                raise
            self.returned_none = result is None
            return result

        return call


def first_failure(function: Callable, cases: tuple) -> tuple[str, str, str] | None:
    """Return `(sentence, hint, error)` for the first case that fails, or None where all pass.

    The sentence is a key of `SENTENCES`: "wrong", "no return", "raised" (by the function), "unusable" (by the
    check). Whatever the function raises is an answer, `SystemExit` too; only Ctrl-C ends the check itself.
    """
    with _plain_torch():
        return next(filter(None, (_fault(Watched(function), case) for case in cases)), None)


def _fault(watched: Watched, case: Any) -> tuple[str, str, str] | None:
    try:
        if case.passes(watched.call):
            return None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        if error is watched.raised:
            return "raised", case.hint, named(error) + _place(error)
        if not watched.returned_none:
            return "unusable", case.hint, named(error)
    return "no return" if watched.returned_none else "wrong", case.hint, ""


@contextmanager
def _plain_torch() -> Generator[None]:
    """torch as it is when a notebook starts: what the learner set outside the function does not judge it."""
    dtype, on_cpu = torch.get_default_dtype(), torch.get_default_device().type == "cpu"
    torch.set_default_dtype(torch.float32)
    try:
        device = nullcontext() if on_cpu else torch.device("cpu")
        with torch.inference_mode(False), torch.enable_grad(), device:
            yield
    finally:
        torch.set_default_dtype(dtype)


def named(error: BaseException) -> str:
    """Return an error's type and the first line of its message.

    Examples:
        >>> named(ValueError("no.\\nNone at all.")), named(KeyError())
        ('`ValueError`: no', '`KeyError`')
    """
    try:
        first_line = _plain(str(error).strip().partition("\n")[0].rstrip("."))
    except Exception:  # a learner's own exception may fail to say what it is
        first_line = ""
    return f"`{type(error).__name__}`" + (f": {first_line}" if first_line else "")


def _place(error: BaseException) -> str:
    """Return the last line of the learner's own code that an error passed, as ", in line 2, `x / 0`"."""
    steps = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    own = [step for step in steps if not step[0].startswith((*_LIBRARIES, "<frozen", "<__array"))]
    if not own:
        return ""
    file, number = own[-1]
    text = _plain(linecache.getline(file, number).strip())
    return f", in line {number}" + (f", `{text}`" if text else "")


def _plain(text: str) -> str:
    """Return a text that may stand in a verdict: of one line's length, and with no backtick of its own."""
    text = text.replace("`", "'")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
