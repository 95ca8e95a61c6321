"""What a function may do that you hand to the book: said once, and held by the wrappers that stand here.

Every public function of `book.numerics`, `book.calculus` and `book.optim` that takes yours keeps to this.

**Memory.** It may change its argument in place, return it or a view of it, or return one buffer again and
again: it gets a contiguous copy of its own, and what it returns is copied before the next call. Your tensors,
their `requires_grad` and their `.grad` stay as they are. Writing into a tensor from outside while torch
differentiates is refused by torch.

**Modes.** It is differentiated the same inside `torch.no_grad` and `torch.inference_mode`. Under
`torch.compile`, derivatives run outside the compiled graph, and a function that is compiled itself runs as it
was written. Under `torch.func.vmap`, derivatives, forecasts, finite differences and `relative_condition`
work; what branches on values (line searches, `descend`, `classify`, `best_rate`, `lanczos`) takes one point.

**What torch does not follow** (`.detach()`, `.item()`, `torch.tensor(...)`, a `no_grad` of its own) is a
constant, as in torch; numpy reads no point that torch differentiates, and torch says so. Where the whole
value is one and yet changes with the argument, the function is refused: its derivative would be 0 without a
word. A function that is constant has the derivative 0.

**Random numbers** may be drawn where one call decides: a derivative is that of the draw, a Hessian too. Where
values are compared (finite differences, forecasts, `classify`, hill climbing, `minimize`, the methods for
constraints), it is called twice at one point first, and refused if the two differ by more than rounding:
100 ε of the largest entry. `exact` sees it
at a step that it tries twice, `lanczos` from products that fit no symmetric matrix; `backtracking`, whose
values are counted, believes it.

**Values and points.** It returns a real tensor; where values alone are used, also a number or an array, and
never a bool. A point has one of the four float dtypes and at least one entry (`relative_condition`, entry
by entry, leaves none as none). inf and nan pass through a derivative, and are refused where a search would
start.
"""

import math
from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from numbers import Real

import numpy as np
import torch
from torch import Tensor
from torch.autograd import forward_ad

from book.numerics.arguments import check_floating, check_values
from book.numerics.values import ARRAYS, as_tensor, check_real, no_number, precision

ROUNDING = 100  # times ε: two values of one function on one machine are never further apart by order of sums
OUTSIDE = "torch.func and the checks of a derivative run outside the compiled graph"
NEARBY = 2.0**-5  # relative; it shows in bfloat16


def check_point(x: Tensor, name: str, ndim: int | None = None) -> None:
    """Refuse what is not a dense float tensor with values, has the wrong number of axes, or no entries.

    Examples:
        >>> check_point(torch.zeros(0), "gradient")
        Traceback (most recent call last):
        ValueError: gradient takes a point with at least one entry and got shape (0,).
    """
    check_floating(x, name, ndim)
    check_values(x, name)
    if x.numel() == 0:
        raise ValueError(f"{name} takes a point with at least one entry and got shape {tuple(x.shape)}.")


def own_copy(value):
    """A copy that shares no memory, of an array, a list or a tensor: contiguous, and as differentiable.

    What is none of these stays what it is: a function, a number, an object of a class of your own.

    Examples:
        >>> x = torch.zeros(2)
        >>> own_copy(x.expand(3, 2)).add_(1).shape, x
        (torch.Size([3, 2]), tensor([0., 0.]))
    """
    if isinstance(value, Tensor):
        dense = value.layout is torch.strided
        return value.clone(memory_format=torch.contiguous_format) if dense else value.clone()
    if type(value) in (list, tuple):
        return type(value)(map(own_copy, value))
    if type(value) is dict:
        return {name: own_copy(part) for name, part in value.items()}
    return deepcopy(value) if isinstance(value, np.ndarray | list | tuple | dict | set) else value


def check_function(f: object) -> None:
    """Refuse what cannot be called, a matrix or a point in the place of a function.

    Examples:
        >>> check_function(torch.eye(2))
        Traceback (most recent call last):
        TypeError: A function is asked for here; got Tensor. Of a matrix A it is lambda v: A @ v.
    """
    if not callable(f):
        raise TypeError(
            f"A function is asked for here; got {type(f).__name__}. Of a matrix A it is lambda v: A @ v."
        )


def on_copies(f: Callable) -> Callable:
    """f, called with copies of its own, and its value copied.

    Examples:
        >>> x = torch.ones(2)
        >>> on_copies(lambda p: p.mul_(3))(x), x
        (tensor([3., 3.]), tensor([1., 1.]))
    """
    check_function(f)

    @wraps(f, updated=())
    def called(*args):
        return own_copy(f(*map(own_copy, args)))

    return called


def differentiable(f: Callable[[Tensor], Tensor], name: str) -> Callable[[Tensor], Tensor]:
    """f on copies; a value that is no real tensor, or that torch lost sight of, is refused.

    Examples:
        >>> x = torch.ones(2, requires_grad=True)
        >>> differentiable(lambda p: p.detach().sum(), "gradient")(x)
        Traceback (most recent call last):
        ValueError: gradient takes a function that torch can follow; the value of this one changes with its argument and torch does not see it (.detach(), .item(), numpy, torch.tensor(...) and no_grad hide it).
    """  # noqa: E501  (the message is one line)
    call = on_copies(f)

    def checked(x: Tensor) -> Tensor:
        with torch.compiler.set_stance("force_eager"):
            asked = _followed(x)  # before f is called, which may switch that off
            value = call(x)
            _check_real_tensor(value, name)
            if asked and not _followed(value):
                _check_constant(value, call(x + NEARBY * (1 + x.abs())), name)
        return value

    return checked


class Valued:
    """F on copies, for those who use values alone: a real tensor, an array or a number, as a float64 tensor.

    Args:
        F: your function.
        name: of the one that takes it, for its messages.

    Attributes:
        dtype: in which F gave its last value; of several parts the one with the fewest digits, and float64
            for Python's numbers.

    Examples:
        >>> F = Valued(lambda p: p.tolist(), "central_difference")
        >>> F(torch.tensor([1.0])), F.dtype
        (tensor([1.], dtype=torch.float64), torch.float64)
    """

    def __init__(self, F: Callable[[Tensor], object], name: str):
        self.call, self.name, self.dtype = on_copies(F), name, torch.float64

    def __call__(self, x: Tensor) -> Tensor:
        found = self.call(x)
        if isinstance(found, bool):
            raise no_number(found, self.name)
        try:
            value = as_tensor(found)
        except (TypeError, ValueError, RuntimeError) as error:  # what it cannot read, torch says in its way
            raise no_number(found, self.name) from error
        check_real(value, self.name)
        self.dtype = precision(found)
        return value.to(x.device, torch.float64)


def as_number(f: Callable, name: str) -> Callable[..., float]:
    """f on copies, for those who compare values: one real number, as a Python float.

    Examples:
        >>> as_number(lambda p: p.sum(), "exact")(torch.ones(2))
        2.0
        >>> as_number(lambda p: p, "exact")(torch.ones(2))
        Traceback (most recent call last):
        ValueError: exact takes a function with one output, and this one returned shape (2,).
    """
    call = on_copies(f)

    def checked(*args) -> float:
        value = call(*args)
        shape = tuple(value.shape) if isinstance(value, ARRAYS) else ()
        if math.prod(shape) != 1:
            raise ValueError(f"{name} takes a function with one output, and this one returned shape {shape}.")
        if isinstance(value, Tensor):
            check_real(value, name)
        plain = value.item() if isinstance(value, ARRAYS) else value
        if not isinstance(plain, Real) or isinstance(plain, bool):
            raise no_number(value, name)
        return float(plain)

    return checked


def as_height(f: Callable, name: str) -> Callable[..., float]:
    """`as_number`, where nan counts as inf, so that a search turns away from both.

    Examples:
        >>> as_height(lambda p: p, "exact")(math.nan)
        inf
    """
    value = as_number(f, name)
    return lambda *args: math.inf if math.isnan(height := value(*args)) else height


def check_repeats(f: Callable, x, name: str) -> None:
    """Refuse a function that gives two values at one point.

    Examples:
        >>> check_repeats(lambda p: p + torch.rand(2), torch.zeros(2), "central_difference")
        Traceback (most recent call last):
        ValueError: central_difference compares values, and this function gave two at one point; draw its random numbers once, or seed it inside.
    """  # noqa: E501  (the message is one line)
    check_same(f(x), f(x), name)


def check_same(first, again, name: str) -> None:
    """Refuse two values that are said to be of one point and differ by more than rounding."""
    first, again = as_tensor(first), as_tensor(again)
    if first.shape != again.shape or differ(first, again):
        raise ValueError(
            f"{name} compares values, and this function gave two at one point; draw its random numbers once, "
            "or seed it inside."
        )


def differ(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors of one shape differ by more than rounding: 100 ε of the largest entry.

    Examples:
        >>> differ(torch.tensor([1.0, 0.0]), torch.tensor([1.0, 1e-6])), differ(torch.tensor(1.0), torch.tensor(1.1))
        (False, True)
    """  # noqa: E501
    if not a.is_floating_point():
        a, b = a.double(), b.double()
    size = torch.where(a.isfinite(), a.abs(), 0.0).amax() if a.numel() else 0.0
    near = (a - b).abs() <= ROUNDING * torch.finfo(a.dtype).eps * size
    return holds(~(near | (a == b) | (a.isnan() & b.isnan())))


def holds(mask: Tensor) -> bool:
    """Whether a condition holds anywhere: inside torch.func's transforms too, for all that they carry.

    Examples:
        >>> torch.func.vmap(lambda x: x * holds(x > 1))(torch.tensor([1.0, 2.0]))
        tensor([1., 2.])
    """
    return bool(torch.func.debug_unwrap(mask).any())


def _followed(x: Tensor) -> bool:
    """Whether torch differentiates what is computed from x, backward or forward."""
    backward = x.requires_grad and torch.is_grad_enabled()
    return backward or forward_ad.unpack_dual(x).tangent is not None


def _check_constant(value: Tensor, nearby: object, name: str) -> None:
    if not isinstance(nearby, Tensor) or nearby.shape != value.shape or differ(value, nearby):
        raise ValueError(
            f"{name} takes a function that torch can follow; the value of this one changes with its argument "
            "and torch does not see it (.detach(), .item(), numpy, torch.tensor(...) and no_grad hide it)."
        )


def _check_real_tensor(value: object, name: str) -> None:
    if not isinstance(value, Tensor):
        raise TypeError(
            f"{name} takes a function made of torch operations; this one returned {type(value).__name__}."
        )
    if not value.is_floating_point():
        raise TypeError(f"{name} takes a function with real values; this one returned {value.dtype}.")
    check_real(value, name)
