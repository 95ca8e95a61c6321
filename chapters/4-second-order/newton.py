# ---
# jupyter:
#   finished: true
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Newton's method
#
# Gradient descent sees a slope and nothing else. How far to go you have to tell it, and in a narrow valley no length is right for all directions. Newton's method looks at the curvature too, and then it knows.
#
# You stand on the dot. Under your feet lies the parabola that has the height, the slope and the curvature of the curve at the dot.

# %% tags=["hide-input"]
import math
import statistics
from decimal import Decimal, getcontext
from functools import partial
from itertools import pairwise

import torch
from torch import vmap
from torch.func import grad
from torch.func import hessian as hessian_of
from torch.nn.functional import avg_pool2d, cross_entropy

from book import results
from book.calculus import classify, critical_points, hessian
from book.display import (
    evidence,
    one_screen,
    reveal,
    say,
    show,
    show_source,
    table,
    use_it,
)
from book.exercises import check, solution
from book.explorers import Race
from book.figures import newton as figures
from book.numerics.vector import f64
from book.optim import Adam, Newton, minimize
from book.optim.newton import newton_direction
from book.surfaces import Surface, himmelblau, random_quadratic, rosenbrock
from book.training.data.load import load


# %% tags=["hide-input"]
def f(x):
    return x.exp() - 2 * x


line = torch.linspace(-0.6, 1.6, 200, dtype=torch.float64)
lowest = math.log(2)
show(
    figures.feet((line, f(line)), at=0.0),
    "A smooth curve falls from the left to a lowest point and rises again. A dot stands on it, on the"
    " falling side, to the left of the lowest point.",
)

# %% [markdown]
# :::{predict}
# Where is the lowest point of that parabola?
#
# - `a`: to the left of the curve's lowest point
# - `b`: exactly above or below it
# - `c`: to the right of it
# :::


# %% tags=["hide-input"]
def foot(x):
    """Place, height, slope and curvature of e^x − 2x."""
    return x, math.exp(x) - 2 * x, math.exp(x) - 2, math.exp(x)


show(
    figures.feet((line, f(line)), [foot(0.0), foot(1.0)]),
    "The same curve with two parabolas. The first touches it at 0 and has its lowest point at 1, to the right"
    f" of the curve's lowest point at {lowest:.2f}. The second touches the curve at 1, is narrower, and has its"
    " lowest point just to the right of the curve's.",
)

# %% tags=["hide-input"]
first = 0 - foot(0.0)[2] / foot(0.0)[3]
reveal(
    f"At {first:g}, to the right of {lowest:.2f}: the curve bends more and more on the way, and the parabola"
    " does not know that. But go there, and look down again: the next parabola fits much better.",
    right="c" if first > lowest else "a",
)

# %% [markdown]
# **You will**
#
# - take two steps of Newton's method by hand, and count its correct digits;
# - catch it on its way to a saddle, and repair it in three ways;
# - measure the two walls that keep it from large networks.
#
# **You need** three facts:
#
# - the forecast $f + g^\top p + \frac{1}{2} p^\top H p$ of a step $p$ ({doc}`/2-derivatives/hessian`);
# - the signs of the Hessian's eigenvalues tell minima, saddles and maxima apart ({doc}`/2-derivatives/critical-points`);
# - gradient descent multiplies the distance in a valley of condition number $\kappa$ by $(\kappa - 1)/(\kappa + 1)$ at best ({doc}`/1-numbers/conditioning`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $f(x)$ | number | the function to be made small |
# | $x$ | $(n,)$ | the parameters, as one vector |
# | $n$ | number | how many there are |
# | $y$ | number | in two dimensions: the second parameter, $x$ being the first |
# | $g$, $H$ | $(n,)$, $(n, n)$ | gradient and Hessian at $x$ |
# | $p$, $d$ | $(n,)$ | any step; Newton's |
# | $m(p)$ | number | the parabola: the forecast of $f$ after the step $p$ |
# | $\eta$ | number | how much of $d$ is gone, 1 if nothing speaks against it |
# | $\lambda$, $\lambda_i$ | number | eigenvalues of $H$: curvatures |
# | $q_i$, $Q$ | $(n,)$, $(n, n)$ | eigenvectors of $H$, and the matrix with these columns |
# | $\delta$ | number | the least curvature that a repair lets through |
# | $\tau$, $\beta$ | number | what a repair adds to each curvature; the least $\tau$ above 0 that it tries |
# | $\kappa$ | number | the condition number $\lambda_{\max}/\lambda_{\min}$ |
# | $e_t$, $t$ | number | in one dimension: the error after $t$ steps |
# | $c$, $\xi$ | number | the constant before the square of an error; a place between two points |
# | $h$ | number | hidden units of a network |
# | $s$ | number | a distance from a saddle |
# | $v$, $Hv$ | $(n,)$ | a vector, and the Hessian's product with it |
# | $F$, $I$ | $(n,)$, $(n, n)$ | a function with $n$ outputs; the identity matrix |
# | $A$, $z$ | $(n, n)$, $(n,)$ | a change of units, $x = Az$ |
# :::
#
# ## Two steps by hand
#
# The curve is $f(x) = e^x - 2x$. Its slope is $e^x - 2$, its curvature $e^x$.
#
# **First step.** At 0 the slope is −1 and the curvature 1. A slope of −1 that grows by 1 for each unit is 0 after one unit: you go from 0 to 1. In general the step is **minus the slope over the curvature**.
#
# **Second step.** At 1 the slope is 0.718 and the curvature 2.718, so you step by $-0.718/2.718 = -0.264$, to 0.736. The lowest point is $\ln 2 = 0.693\ldots$
#
# :::{predict}
# How many more steps until ten digits are right?
#
# - `a`: 3
# - `b`: 9
# - `c`: 30
# :::

# %%
x, path = 0.0, [0.0]
for _ in range(6):
    slope, curvature = math.exp(x) - 2, math.exp(x)
    x = x - slope / curvature
    path.append(x)

# %% tags=["hide-input"]
wrong = [abs(x - lowest) for x in path]
arrived = next(t for t, error in enumerate(wrong) if error < 1e-10)
reveal(
    f"**{arrived - 2}** more.\n\n"
    + table(
        ["step", "x", "error"],
        [
            [f"{t}", f"{x:.10f}", f"{e:.0e}"]
            for t, (x, e) in enumerate(zip(path[:6], wrong, strict=False))
        ],
    ).data,
    right="a" if arrived - 2 < 6 else "b" if arrived - 2 < 20 else "c",
)

# %% [markdown]
# ## On one screen
#
# With the gradient $g$ of shape $(n,)$ and the Hessian $H$ of shape $(n, n)$ at $x$:

# %% tags=["remove-input"]
one_screen("Newton")

# %% [markdown]
# The library's direction, with the repairs that come below:

# %% tags=["hide-input"]
show_source(newton_direction)

# %% [markdown]
# ## The parabola under your feet
#
# Near $x$ the loss is forecast by a parabola in the step $p$,
#
# $$m(p) = f(x) + g^\top p + \tfrac{1}{2}\, p^\top H p .$$
#
# Where it is lowest its slope is 0. The slope is $g + Hp$, so the lowest point is at $Hp = -g$, which is Newton's $d$. Look at it along one eigenvector $q_i$ of $H$, with curvature $\lambda_i$: there $d$ has the entry
#
# $$q_i^\top d = -\frac{q_i^\top g}{\lambda_i} .$$
#
# **Each direction gets the rate $1/\lambda_i$, its own.** Gradient descent has one $\eta$ for all, and that must be below $2/\lambda_{\max}$.
#
# :::{dropdown} Units do not matter
# Measure $x$ in other units, $x = Az$ with an invertible $A$. As a function of $z$ the loss has the gradient $A^\top g$ and the Hessian $A^\top H A$. Newton's step in $z$ is $-(A^\top H A)^{-1} A^\top g = -A^{-1} H^{-1} g$, which is $A^{-1} d$: the same step in the other units. Gradient descent has no such luck: its step in $z$ is $-\eta A^\top g$, and in $x$ it becomes $-\eta A A^\top g$.
# :::
#
# ## On a quadratic
#
# Fifty curvatures from $10^{-3}$ to $10^3$, along axes that are turned at random: a valley with $\kappa = 10^6$. At its best rate, gradient descent needs about seven million steps for six digits.
#
# :::{predict} number
# How many does Newton's method need?
# :::

# %%
spectrum = torch.logspace(-3, 3, 50, dtype=torch.float64)
valleys = [random_quadratic(spectrum, seed) for seed in range(5)]
runs = [minimize(partial(Newton, max_iter=20), v, v.at_start()) for v in valleys]

# %% tags=["hide-input"]
taken = [run.iterations for run in runs]
start = rosenbrock.at_start()
units, five = (
    f64(2, 1, 0, 0.1).reshape(2, 2),
    {"repair": "none", "line_search_fn": None, "max_iter": 5},
)
there, here = (
    minimize(
        partial(Newton, **five), lambda z, A=A: rosenbrock(A @ z), A.inverse() @ start
    )
    for A in (units, torch.eye(2).double())
)
gap = (units @ there.path.T - here.path.T).abs().max()
left = max(run.gradient.abs().max() for run in runs)
reveal(
    f"**{max(taken)}**, in each of {len(runs)} valleys, turned and started at random: the parabola *is* the"
    " function, so the two have one lowest point. What is left of the gradient is"
    f" {'1e-12' if left < 1e-12 else f'{left:.0e}'} at most."
    "\n\nUnits cannot spoil it, as the fold above derives: five steps on Rosenbrock's function, taken in other"
    " units and carried back, are the same to within"
    f" {'1e-9' if gap < 1e-9 else f'{gap:.0e}'}.",
    right=max(taken),
)

# %% [markdown]
# ## Digits double
#
# Off quadratics the parabola is wrong by a term of third order, $p^3$. So what is left of an error $e_t$ is about its square:
#
# $$e_{t+1} \approx c\, e_t^2, \qquad c = \frac{f'''}{2 f''} .$$
#
# With $c$ near 1 an error of $10^{-3}$ becomes $10^{-6}$, then $10^{-12}$: **the correct digits double**. To see more of it than sixteen digits can show, calculate with 140.
#
# :::{predict}
# And on $x^4$, whose curvature at the lowest point is 0?
#
# - `a`: the digits double as well
# - `b`: each step adds the same share of a digit
# - `c`: it does not arrive
# :::


# %%
getcontext().prec = 140  # digits


def correct_digits(step, x, lowest, steps):
    digits = [-float(abs(x - lowest).log10())]
    for _ in range(steps):
        x = step(x)
        digits.append(-float(abs(x - lowest).log10()))
    return digits


ln2, half = Decimal(2).ln(), Decimal("0.5")
curves = {
    "Newton on $e^x - 2x$": correct_digits(
        lambda x: x - (x.exp() - 2) / x.exp(), Decimal(0), ln2, 8
    ),
    "Newton on $x^4$": correct_digits(lambda x: x - 4 * x**3 / (12 * x**2), half, 0, 8),
    r"descent on $e^x - 2x$, $\eta = \frac{1}{4}$": correct_digits(
        lambda x: x - (x.exp() - 2) / 4, Decimal(0), ln2, 8
    ),
}

# %% tags=["hide-input"]
doubling, quartic, linear = curves.values()
show(
    figures.digits(curves),
    "Correct digits against the step, on an axis where doubling is a straight line. Newton on e^x − 2x"
    f" rises straight to {doubling[-1]:.0f} digits at the last step. Newton on x⁴ and gradient descent bend over and reach"
    f" {quartic[-1]:.1f} and {linear[-1]:.1f}.",
)

# %% tags=["hide-input"]
reveal(
    f"On $e^x - 2x$ the digits are {', '.join(f'{d:.1f}' for d in doubling[2:])}. On $x^4$ a step adds"
    f" **{quartic[-1] - quartic[-2]:.2f}** of a digit, always: it leads from $x$ to $x - 4x^3/12x^2 = \\frac{{2}}{{3}} x$."
    " Doubling needs a curvature that is not 0 where it ends.",
    right="b" if 0 < quartic[-1] - quartic[-2] < 1 else "a",
)

# %% [markdown]
# Doubling needs a start that is near enough, too: with $c\, e_0$ above 1 the square is no gain. And far away anything can happen.
#
# ## Drawn to saddles
#
# Newton's method looks for a point where the *slope* is 0. It does not ask which kind. Along an eigenvector with $\lambda_i < 0$ the parabola opens downwards. Its flat point is its top, and $-q_i^\top g/\lambda_i$ leads there: uphill.
#
# Himmelblau's function has four minima, four saddles and one maximum. Start Newton's method from 1,600 points of a grid.
#
# :::{predict}
# How many of the starts end in a minimum?
#
# - `a`: more than 95%
# - `b`: a little more than half
# - `c`: less than a quarter
# :::

# %% tags=["hide-input"]
slopes, bends = vmap(grad(himmelblau)), vmap(hessian_of(himmelblau))


def plain(P):
    """Newton's step as it is, from many points at once."""
    return P - torch.linalg.solve(bends(P), slopes(P)[..., None])[..., 0]


def repaired(P):
    """The same with |λ| for λ, each step halved until it is low enough."""
    λ, Q = torch.linalg.eigh(bends(P))
    g = slopes(P)[..., None]
    d = (-Q @ ((Q.mT @ g) / λ.abs().clamp(min=1e-8)[..., None]))[..., 0]
    fall, η = (g[..., 0] * d).sum(-1, keepdim=True), torch.ones(len(P), 1).double()
    for _ in range(20):
        high = himmelblau(P + η * d)[:, None] > himmelblau(P)[:, None] + 1e-4 * η * fall
        η = torch.where(high, η / 2, η)
    return P + η * d


def where_it_ends(step, P, steps=40):
    """How many eigenvalues are negative where each start ends; 3 where the slope is not yet 0."""
    for _ in range(steps):
        P = step(P)
    negative = (torch.linalg.eigvalsh(bends(P)) < 0).sum(-1)
    return torch.where(slopes(P).norm(dim=-1) < 1e-6, negative, 3)


X, Y, _ = himmelblau.grid(40)
starts = torch.stack([X, Y], -1).reshape(-1, 2)
ends = {
    "Newton as it is": where_it_ends(plain, starts),
    "saddle-free, with a search": where_it_ends(repaired, starts),
}
kinds = {"minimum": [], "saddle": [], "maximum": []}
for point in critical_points(himmelblau, starts[::9]):
    kinds[classify(himmelblau, point).kind].append(point)
share = {
    name: [(kind == k).double().mean().item() for k in range(4)]
    for name, kind in ends.items()
}
show(
    figures.basins(
        himmelblau,
        {name: kind.reshape(40, 40) for name, kind in ends.items()},
        {name: torch.stack(places) for name, places in kinds.items()},
    ),
    "Two maps of starts, coloured by where they end. Left, Newton as it is: around each saddle, and around the"
    f" maximum, lies a region of its own; {share['Newton as it is'][0]:.0%} of the map leads to minima. Right,"
    f" repaired: one colour, {share['saddle-free, with a search'][0]:.0%} leads to minima.",
)

# %% tags=["hide-input"]
low, pass_, top, _ = share["Newton as it is"]
reveal(
    f"**{low:.0%}**. A saddle takes {pass_:.0%}, the maximum {top:.0%}. Repaired, each eigenvalue counts by its size,"
    f" and a search shortens the step: {share['saddle-free, with a search'][0]:.0%} arrive at a minimum.",
    right="a" if low > 0.95 else "b" if low > 0.4 else "c",
)

# %% [markdown]
# In many dimensions, {cite:t}`dauphin2014` argue, saddles outnumber minima by far. Here is a small network, 2-3-1 with tanh and 13 weights, that learns the product of two numbers. Twenty random starts, each followed until the slope is 0:


# %% tags=["hide-input"]
rng = torch.Generator().manual_seed(7)
pairs = torch.randn(40, 2, generator=rng, dtype=torch.float64)


def error(w):
    W, b, V, c = w[:6].view(3, 2), w[6:9], w[9:12], w[12]
    output = torch.tanh(pairs @ W.T + b) @ V + c
    return (output - pairs.prod(1)).square().mean() + 1e-3 * w.square().sum()


def ends_of(seeds, **options):
    """Where random starts end: loss, negative eigenvalues, steps, evaluations, slope, largest weight but c."""
    rows = []
    for seed in range(seeds):
        w = torch.randn(
            13, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
        )
        found = minimize(partial(Newton, max_iter=400, **options), error, w)
        negative = int((torch.linalg.eigvalsh(hessian(error, found.x)) < -1e-9).sum())
        slope = found.gradient.abs().max().item()
        used = found.x[:12].abs().max().item()
        rows.append(
            (found.value, negative, found.iterations, found.evaluations, slope, used)
        )
    return rows


as_it_is = ends_of(20, repair="none", line_search_fn=None)
caught = sum(row[1] > 0 for row in as_it_is)
constant = sum(row[5] < 1e-6 for row in as_it_is)
level = sum(row[4] < 1e-6 for row in as_it_is)
quadratics = sum(count == 1 for count in taken)
evidence(
    "S1",
    "holds",
    f"From **{caught} of {len(as_it_is)}** starts of a small network, Newton's method as it is ends where some direction still leads down.",
    "Never run it as it is: give it a repair and a line search.",
    f"On {quadratics} of {len(taken)} quadratics in {len(spectrum)} dimensions, with κ = {spectrum[-1] / spectrum[0]:.0e}, it took one step. On Himmelblau's function"
    f" {1 - low:.0%} of the starts end at a saddle or the maximum. The small network's median loss is"
    f" {statistics.median(row[0] for row in as_it_is):.2f} there, and from {level} starts the slope is 0 there. {'Most' if constant > 10 else 'Some'}"
    " of the ends are one point: all weights are 0 but the last bias, so the network answers one number to everything.",
)

# %% [markdown]
# ## Three repairs
#
# Take $f(x, y) = x^2 - 2y^2$ at $(1, -1)$. The gradient is $(2, 4)$, the curvatures are 2 and −4. As it is, Newton's step is $(-2/2,\; 4/4) = (-1, 1)$, straight to the saddle at 0.
#
# :::{predict} number
# What slope has $f$ along that step, $g^\top d$?
# :::
#
# Three repairs make the curvatures positive first:
#
# - **shift** (`"cholesky"`): add the same $\tau$ to all of them; try larger and larger $\tau$ until the matrix is positive definite;
# - **clip** (`"eigenvalues"`): what is below a small $\delta$ becomes $\delta$;
# - **flip** (`"saddle_free"`): take $|\lambda_i|$, at least $\delta$ ({cite:t}`dauphin2014`).

# %%
H, g = torch.diag(f64(2, -4)), f64(2, 4)
names = {
    "none": "as it is",
    "cholesky": "shift",
    "eigenvalues": "clip",
    "saddle_free": "flip",
}
steps = {name: newton_direction(H, g, repair) for repair, name in names.items()}

# %% tags=["hide-input"]
tilted = Surface(
    "x² − 2y²",
    lambda p: p[..., 0] ** 2 - 2 * p[..., 1] ** 2,
    (1.0, -1.0),
    (),
    ((-1.5, 2.5), (-3.0, 1.0)),
    "",
)
arrows = {
    "as it is": steps["as it is"],
    "shift and clip": steps["clip"],
    "flip": steps["flip"],
}
cut = {name: d * min(1.0, 1.4 / d.norm().item()) for name, d in arrows.items()}
show(
    figures.directions(tilted, f64(1, -1), cut),
    "Level lines of a saddle and three arrows from one point, the longest cut short. As it is: up to the saddle."
    " Flip: down and to the left, away from it. Shift and clip: straight down, along the direction that bends down.",
)

# %% tags=["hide-input"]
uphill = (g @ steps["as it is"]).item()
reveal(
    f"$2 \\cdot (-1) + 4 \\cdot 1 = {uphill:g}$: **uphill**. A line search refuses it.\n\n"
    + table(
        ["repair", "step", "slope along it"],
        [
            [name, f"({d[0]:.2g}, {d[1]:.2g})", f"{(g @ d).item():.2g}"]
            for name, d in steps.items()
        ],
    ).data
    + "\n\nShift and clip know that $y$ leads down, and nothing of how far: a curvature of nearly 0 makes a"
    " huge step, which the search has to cut. Flip takes a step of sensible length.",
    right=uphill,
)

# %% tags=["hide-input"]
mended = {
    names[r]: ends_of(20, repair=r) for r in ("cholesky", "eigenvalues", "saddle_free")
}
mended_table = table(
    [
        "repair",
        "ends in a minimum",
        "median loss",
        "median steps, to tens",
        "median evaluations, to tens",
    ],
    [
        [
            name,
            f"{sum(row[1] == 0 for row in rows)} of {len(rows)}",
            f"{statistics.median(row[0] for row in rows):.3f}",
            *(
                f"{round(statistics.median(row[k] for row in rows), -1):.0f}"
                for k in (2, 3)
            ),
        ]
        for name, rows in mended.items()
    ],
)
flips_way = sum(
    flip[3] < shift[3]
    for flip, shift in zip(mended["flip"], mended["shift"], strict=True)
)
say(
    "All three, with a line search, on the small network, from the same starts:\n\n"
    + mended_table.data
    + "\n\nClip pays for its huge steps with losses tried in vain. And steps of sensible length need not be"
    f" cheaper: flip needs fewer evaluations than shift from only {flips_way} of the {len(mended['flip'])} starts."
    + "\n\nNow you. Below is Newton's method with flip and a search, beside gradient descent. Drag the start over the"
    " saddles, the maximum and the places that the first map coloured for them. Can you find a start from which"
    " Newton's path does not end in a minimum? Near a saddle, see how it leaves: at a distance $s$ along a direction"
    " that bends down the slope is $\\lambda s$, so the step is $-\\lambda s / |\\lambda| = s$. Each step doubles the"
    " distance. The closer it came, the longer it lingers."
)

# %% tags=["hide-input"]
Race("Himmelblau", (-0.2, -1.5), methods=("Newton", "SGD"), steps=20)

# %% [markdown]
# ## Too far
#
# A positive curvature is not enough. $f(x) = \sqrt{1 + x^2}$ is convex, and nearly straight far out. There the parabola is flat and its lowest point far away: the step leads from $x$ to $-x^3$, exactly.
#
# :::{predict}
# You start at 1.1. What happens without a line search?
#
# - `a`: it arrives, more slowly
# - `b`: it jumps to and fro, further each time
# - `c`: it stays at 1.1
# :::

# %% tags=["hide-input"]
x, jumps = 1.1, []
for _ in range(5):
    slope, curvature = x / math.sqrt(1 + x**2), (1 + x**2) ** -1.5
    x = x - slope / curvature
    jumps.append(x)
searched = minimize(
    partial(Newton, max_iter=20), lambda x: (1 + x @ x).sqrt(), f64(1.1)
)
reveal(
    f"It jumps to {', '.join(f'{x:.3g}' for x in jumps)}. From anything below 1 it arrives: 0.9 becomes {-(0.9**3):.2f}."
    f" With a search the start at 1.1 ends at {searched.x.abs().item():.0e} after {searched.iterations} steps.",
    right="b" if abs(jumps[-1]) > 10 else "a",
)

# %% [markdown]
# ## Two walls
#
# The matrix has $n^2$ entries. Its Cholesky factor takes about $n^3/3$ additions and multiplications.
#
# :::{predict} number
# The network 784-256-256-10 has 269,322 weights. How many GB does its Hessian take in float64?
# :::

# %% tags=["hide-input"]
n = 784 * 256 + 256 + 256 * 256 + 256 + 256 * 10 + 10
gigabytes = 8 * n**2 / 1e9
reveal(
    f"**{gigabytes:.0f}** GB, and its factor as much again. Its weights take {8 * n / 1e6:.1f} MB.",
    right=round(gigabytes),
)

# %% [markdown]
# And the time? A stored run measured three things on one core, for networks 49-$h$-10 on 128 examples: a gradient; the Hessian, which is $n$ products; and the solution of $Hd = -g$.

# %% tags=["hide-input"]
measured = results.load("newton-walls")["results"]
rows, alone = measured["rows"], measured["alone"]
show(
    figures.walls(rows, alone),
    "Processor seconds against the number of weights, both axes logarithmic. The gradient lies at the bottom,"
    f" never above {max(row['gradient'] for row in rows):.3f}. Hessian and solution rise steeply, the solution the"
    f" more steeply: the Hessian takes {rows[0]['Hessian'] / rows[0]['solution']:.0f} times its time at the left"
    f" end, {rows[-1]['Hessian'] / rows[-1]['solution']:.1f} times where both were last measured.",
)

# %% tags=["hide-input"]
large = rows[-1]
evidence(
    "S2",
    "holds with a caveat",
    f"From n = {large['n']:,} to {alone['n']:,} the solution's time grows as n to the **{measured['powers']['solution']:.1f}**, the matrix as n to the 2.",
    "Below a thousand weights think of Newton's method; beyond ten thousand do not.",
    f"At n = {large['n']:,} a gradient takes {large['gradient'] * 1e3:.1f} ms, the Hessian {large['Hessian']:.1f} s and the solution"
    f" {large['solution']:.1f} s; the matrix takes {large['bytes'] / 1e6:.0f} MB, at {alone['n']:,} weights {alone['bytes'] / 1e6:.0f} MB and the solution"
    f" {alone['solution']:.1f} s. The caveat: up to here the Hessian costs more than the solution, and its time grows as n to the {measured['powers']['Hessian']:.1f}.",
)

# %% [markdown]
# What follows in this part goes around these walls: products $Hv$ without the matrix, matrices that are learned from gradients, matrices with a structure, and the diagonal alone, which helps a valley along the axes and not one at 45° ({doc}`/1-numbers/conditioning`).
#
# ## Use it
#
# torch has no Newton of its own; the nearest is `torch.optim.LBFGS`.

# %% tags=["remove-input"]
use_it("Newton")

# %% [markdown]
# ## Going further
#
# ### Steps, or gradients?
#
# *You see Newton and Adam on one logistic regression, counted in steps and then in gradients and products.*
#
# Logistic regression: ten digits from 49 pixels, 500 weights, all of 400 images in each step.

# %%
images = load("mnist")[0][:400]
inputs = avg_pool2d(images.images.double() / 255, 4).flatten(1)
model = torch.nn.Linear(49, 10).double()
torch.nn.init.zeros_(model.weight), torch.nn.init.zeros_(model.bias)
optimizer = Newton(model.parameters())


def loss():
    penalty = 1e-3 * sum(p.square().sum() for p in model.parameters())
    return cross_entropy(model(inputs), images.labels) + penalty


losses, spent = [], []
for _ in range(8):
    losses.append(optimizer.step(loss).item())  # the loss before the step
    counts = optimizer.memory
    spent.append(counts["evaluations"] + counts["products"])

# %% tags=["hide-input"]
right = (model(inputs).argmax(1) == images.labels).double().mean()
say(
    f"The loss before each step: {', '.join(f'{v:.6f}' for v in losses[:6])}. {right:.0%} of these images are right."
)

# %% [markdown]
# The same by Adam, from the same weights, with the best of three rates. A product $Hv$ is counted as a gradient: alone it costs about two, but in a batch of many less than one.
#
# :::{predict}
# Which of the two computes fewer gradients and products until the loss is within $10^{-6}$ of the lowest?
#
# - `a`: Newton, by a factor of ten or more
# - `b`: Newton, narrowly
# - `c`: Adam
# :::


# %% tags=["hide-input"]
def adams_losses(lr):
    """Adam's losses until one is within 1e-6 of the lowest, 2,000 steps at most."""
    for p in model.parameters():
        torch.nn.init.zeros_(p)
    adam, values = Adam(model.parameters(), lr=lr), []
    while len(values) < 2000 and not (values and values[-1] < best + 1e-6):
        adam.zero_grad()
        value = loss()
        value.backward()
        adam.step()
        values.append(value.item())
    return values


best = losses[-1]
by_rate = {lr: adams_losses(lr) for lr in (0.03, 0.1, 0.3)}
rate = min(by_rate, key=lambda lr: len(by_rate[lr]))
slow = by_rate[rate]
costs = {"Newton": (losses, [1, *spent]), "Adam": (slow, range(1, len(slow) + 1))}
near, price = {}, {}
for name, (values, cost) in costs.items():
    near[name] = next(t for t, v in enumerate(values) if v < best + 1e-6)
    price[name] = cost[near[name]]
show(
    figures.costs(
        {
            name: ([max(v - best, 1e-10) for v in values], cost)
            for name, (values, cost) in costs.items()
        }
    ),
    "Two panels, the loss above its lowest value against steps, and against gradients and products. Left: Newton's"
    f" curve drops like a stone, Adam's takes {near['Adam']:,} steps. Right: {'Adam' if price['Adam'] < price['Newton'] else 'Newton'}'s curve comes down first.",
)

# %% tags=["hide-input"]
fewer = price["Adam"] / price["Newton"]
worst = max(by_rate, key=lambda lr: len(by_rate[lr]))
batched = [row["Hessian"] / row["gradient"] / row["n"] for row in rows]
reveal(
    f"Newton takes **{near['Newton']} steps** and {price['Newton']:,} gradients and products, Adam, with $\\eta = {rate:g}$,"
    f" **{near['Adam']:,}** steps, a gradient each. Steps are not costs: each matrix takes"
    f" {sum(p.numel() for p in model.parameters())} products. In Newton's favour: all of a matrix's products are one"
    f" batch, so that in the stored run of *Two walls* one costs {min(batched):.1f} to {max(batched):.1f} of a gradient;"
    f" and it had no rate to tune, where Adam with $\\eta = {worst:g}$ takes {len(by_rate[worst]) - 1:,} steps.",
    right="a" if fewer > 10 else "b" if fewer > 1 else "c",
)

# %% [markdown]
# ### Why the square
#
# *You see the constant of the doubling derived by Taylor's formula, and met by the measured errors.*
#
# Let $x^*$ be the lowest point in one dimension, and $e = x - x^*$. By Taylor, $f'(x^*) = 0 = f'(x) - f''(x)\, e + \frac{1}{2} f'''(\xi)\, e^2$ for some $\xi$ between. Divide by $f''(x)$ and you find the error of Newton's point:
#
# $$x - \frac{f'(x)}{f''(x)} - x^* = \frac{f'''(\xi)}{2 f''(x)}\, e^2 .$$
#
# In many dimensions the same holds with norms, where $H$ is Lipschitz and positive definite at $x^*$. {cite:t}`kantorovich1948` gave conditions that can be checked at the start, without knowing $x^*$.

# %% tags=["hide-input"]
ratios = [10 ** (2 * a - b) for a, b in pairwise(doubling[2:])]
say(
    f"On $e^x - 2x$ the constant is $f'''/2f'' = 1/2$. Measured, $e_{{t+1}}/e_t^2$ is"
    f" {', '.join(f'{r:.3f}' for r in ratios[:5])}."
)

# %% [markdown]
# ### Which variant is this?
#
# *You see which word means two things, how the library repairs $H$, and why a closure needs one batch.*
#
# **Newton–Raphson** solves $F(x) = 0$; here $F$ is the gradient. That is why it finds saddles.
#
# **Damped** means two things: a step $\eta < 1$, or $H + \lambda I$. The library's `damping` is the second.
#
# **Modified Cholesky.** The library begins with $\tau = 0$. If an entry of the diagonal is not positive, it begins with $\beta$ more than would lift the lowest to 0. While there is no factor it doubles $\tau$, to at least $\beta$ (algorithm 3.3 of {cite:t}`nocedal2006`; $\beta$ is a thousandth of the largest entry). Others change the diagonal entry by entry while they factor.
#
# **Saddle-free** of {cite:t}`dauphin2014` flips eigenvalues within a small subspace. Here it does so in the whole space.
#
# **A closure is believed.** Within a step the library calls yours several times and compares the values, as torch's `LBFGS` does. Give it one batch for the whole step, and no dropout: with fresh random numbers in each call it compares two functions, and nothing warns you. `minimize` is given the function itself. It calls it twice at the start, and refuses it if the two values differ.
#
# ## Exercises
#
# ### A step by hand (★)
#
# $f(x) = x^4 - 8x^2$ has its lowest points at ±2. Where does Newton's step lead from $x = 3$?

# %%
answer = ...
check("4-second-order/a-step-by-hand", answer)

# %% tags=["remove-input"]
solution("4-second-order/a-step-by-hand")

# %% [markdown]
# ### Read the errors (★★)
#
# Somebody runs Newton's method with $\eta = 1$ in one dimension and prints the distance to its end after each step: 0.3, 0.2, 0.133, 0.089. Where is it?
#
# - `a`: near a minimum with positive curvature
# - `b`: near a minimum whose curvature is 0
# - `c`: near a maximum with negative curvature
# - `d`: on a parabola

# %%
answer = ...
check("4-second-order/four-digits", answer)

# %% tags=["remove-input"]
solution("4-second-order/four-digits")

# %% [markdown]
# ### Write it (★★)
#
# Write `saddle_free(g, H, floor)`, which returns the direction of the third repair. In the frame of the eigenvectors each entry of the gradient is divided by $|\lambda_i|$, and by `floor` where that is larger.


# %%
def saddle_free(g, H, floor): ...


check("4-second-order/write-newton", saddle_free)

# %% tags=["remove-input"]
solution("4-second-order/write-newton")

# %% [markdown]
# ### An open experiment (★★★)
#
# Newton's basins on Himmelblau's function have borders that are not smooth. Zoom in on one of them: does it become a line? Then colour each start by how many steps it takes, with and without the search.
#
# ## Summary
#
# - Newton's step goes to the lowest point of the parabola under your feet: each direction gets its own rate, $1/\lambda_i$. On a quadratic one step is all; near a minimum with positive curvature the digits double.
# - It looks for slope 0 and finds saddles too. Make the curvatures positive (shift, clip, flip), and search along the line.
# - The matrix takes $n^2$ numbers and its factor about $n^3/3$ operations: Newton's method is for at most about a thousand parameters.
#
# **References**
#
# - {cite:t}`nocedal2006`, chapters 2 and 3: the method, its repairs and their proofs.
# - {cite:t}`dauphin2014`: saddles in many dimensions, and the saddle-free step.
# - {cite:t}`kantorovich1948`: when Newton's method is sure to arrive.
