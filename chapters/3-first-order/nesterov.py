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
# # Nesterov's accelerated gradient
#
# A ball with momentum looks at the slope under it, and by the time it acts it is somewhere else. Nesterov's ball looks at the slope where it is about to be.
#
# (try-it)=
# Both run down one valley from one start. Both have the learning rate $\eta = 0.015$ and keep the share $\mu = 0.9$ of their velocity. Which of them wobbles less?
#
# :::{predict}
# Before you raise both rates to 0.03: which of the two will run off?
#
# - `a`: momentum, which wobbles more
# - `b`: Nesterov
# - `c`: both
# :::

# %% tags=["hide-input"]
import math
import statistics
from fractions import Fraction
from functools import partial
from typing import ClassVar

import torch

from book import results
from book.calculus import gradient
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
from book.figures import nesterov as figures
from book.numerics.vector import f64
from book.optim import SGD, Momentum, Nesterov, Rule, state_bytes_of, trajectory
from book.optim.heavy_ball import best
from book.surfaces import SURFACES, bowl, rosenbrock
from book.training.surface.side_by_side import difference

# %% tags=["hide-input"]
Race(
    "bowl, κ = 50, turned by 30°",
    methods={"Momentum": {"lr": 0.015}, "Nesterov": {"lr": 0.015}},
    steps=60,
)

# %% tags=["hide-input"]
raced = SURFACES["bowl, κ = 50, turned by 30°"]
balls = {"momentum": Momentum, "Nesterov": Nesterov}
ends = {
    (name, lr): raced(
        trajectory(partial(ball, lr=lr, momentum=0.9), raced, raced.at_start(), 60)[-1]
    ).item()
    for name, ball in balls.items()
    for lr in (0.015, 0.03)
}
off = [name for name in balls if ends[name, 0.03] > raced(raced.at_start())]
reveal(
    f"**{' and '.join(off)}.** At 0.03 its loss after 60 steps is {ends['Nesterov', 0.03]:.0e}, that of momentum"
    f" {ends['momentum', 0.03]:.1g}. At 0.015 Nesterov wobbles less, and is at {ends['Nesterov', 0.015]:.1g} against"
    f" {ends['momentum', 0.015]:.1g}. How can a look ahead calm a ball, and at twice the rate throw it out?",
    right="b" if off == ["Nesterov"] else "a" if off == ["momentum"] else "c",
)

# %% [markdown]
# **You will**
#
# - see in one step why the look ahead calms a swing, and find the rate at which it no longer does;
# - turn the formula with a velocity into the one that your framework runs;
# - watch Polyak's best pair of rate and momentum circle for ever where Nesterov's arrives, and measure at which batch sizes either gains.
#
# **You need** three facts from {doc}`momentum`, which is Polyak's method:
#
# - the velocity $v$ is the last move. A step keeps the share $\mu$ of it and adds the push: $x_{t+1} = x_t + \mu\,(x_t - x_{t-1}) - \eta g_t$;
# - in a direction of curvature $\lambda$ a swing shrinks by $\sqrt\mu$ a step, whatever $\eta$ and $\lambda$ are, and beyond $\eta\lambda = 2(1 + \mu)$ it diverges;
# - for all curvatures from $\lambda_{\min}$ to $\lambda_{\max}$ there is a best pair of $\eta$ and $\mu$.
#
# {doc}`/2-derivatives/gradient-descent` says what smooth, convex and strongly convex mean.
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $f$, $f'$, $\nabla f$ | number; number; $(n,)$ | the function to be made small; its slope in one dimension; its gradient |
# | $f^*$, $x^*$ | number; $(n,)$ | the smallest value of $f$; a point that has it |
# | $x$, $x_t$, $x_k$ | $(n,)$ | the parameters; after step $t$, or $k$ |
# | $y$, $y_t$, $y_k$ | $(n,)$ | the look-ahead point, $x + \mu v$ |
# | $v$, $b$ | $(n,)$ | the velocity; $b = -v/\eta$ is counted uphill and without the rate |
# | $g$, $g_t$ | $(n,)$ | the gradient: at the look-ahead point in Nesterov's method, at $x_t$ in Polyak's |
# | $\eta$, $\mu$ | numbers | the learning rate; the momentum, which is the share of the velocity that is kept |
# | $\lambda$, $\lambda_{\min}$, $\lambda_{\max}$ | numbers | a curvature; the smallest and the largest one |
# | $L$, $\kappa$ | numbers | the largest curvature; $L / \lambda_{\min}$ |
# | $r$, $s$ | numbers | an eigenvalue of one step; $\sqrt{\eta\lambda_{\min}}$ |
# | $\varepsilon_t$, $\sigma^2$ | $(n,)$; number | the error of the gradient at step $t$; its variance |
# | $a$, $c$ | numbers | trace and determinant of one step's matrix |
# | $V$, $C$ | numbers | the lasting variance of $x_t$; its covariance with $x_{t-1}$ |
# | $t$, $k$, $n$ | numbers | counters of steps; how many parameters there are |
# | $O(1/k^2)$ | | at most a constant times $1/k^2$ |
# :::
#
# ## Look before you push
#
# Stop such a run just before the ball crosses the floor. In this valley the curvature across is 6, and $\eta$ is 0.1. The ball is 0.55 above the floor, and its velocity is about to carry it down by 0.9, past the floor.
#
# Momentum takes the slope where the ball *stands*. It is $6 \cdot 0.55 = 3.3$, and pushes down by 0.33, to $0.55 - 0.9 - 0.33 = -0.68$. But the 0.9 are known before any push. So let the ball coast first, and ask for the slope *there*.
#
# :::{predict} number
# Where, across the valley, does Nesterov's ball arrive?
# :::

# %%
valley = bowl(6.0)
x, coast = f64(1.4, 0.55), f64(-0.55, -0.9)
pushes = {
    "Polyak": -0.1 * gradient(valley, x),
    "Nesterov": -0.1 * gradient(valley, x + coast),
}

# %% tags=["hide-input"]
show(
    figures.one_step(valley, x, coast, pushes),
    "Two panels of a valley. In both the velocity carries the point from above the floor"
    " to below it. Polyak's push, taken at the start, points down and carries it further"
    " below. Nesterov's, taken after the coast, points back up towards the floor, and"
    " the arrival is close to it.",
)

# %% tags=["hide-input"]
ahead = (x + coast)[1].item()
arrival = round(ahead + pushes["Nesterov"][1].item(), 2)
reveal(
    f"At **{arrival}**. After the coast it is at {ahead:.2f}, below the floor. The slope there, {6 * ahead:.1f}, pushes"
    f" *up* by {pushes['Nesterov'][1]:.2f}. Momentum's push and velocity overshoot together; Nesterov's push brakes.",
    right=arrival,
)

# %% [markdown]
# Along the valley nothing of the kind happens: the floor is so flat that the slope ahead is almost the slope here. Both now run in a valley with $\kappa = 50$, at $\eta = 0.015$ and $\mu = 0.9$.
#
# :::{predict}
# Across the valley both start with the same swing. When is Nesterov's too small to see?
#
# - `a`: after about ten of the 60 steps
# - `b`: after about forty
# - `c`: not within the 60 steps, like Polyak's
# :::

# %%
pair = {"lr": 0.015, "momentum": 0.9}
paths = {
    "Polyak": trajectory(partial(Momentum, **pair), bowl(50), f64(2, 1), 60),
    "Nesterov": trajectory(partial(Nesterov, **pair), bowl(50), f64(2, 1), 60),
}

# %% tags=["hide-input"]
show(
    figures.coordinates(
        {
            title: {name: path[:, k] for name, path in paths.items()}
            for k, title in enumerate(("along the valley", "across"))
        }
    ),
    "Along the valley the two curves nearly agree: both fall through 0 and swing back,"
    " Nesterov's a little less far. Across, Polyak's swings about 0 through all 60"
    " steps and shrinks slowly, while Nesterov's is flat at 0 after about ten.",
)

# %% tags=["hide-input"]
lasts = {name: path[-10:, 1].abs().max().item() for name, path in paths.items()}
tiny = "below 0.001" if lasts["Nesterov"] < 1e-3 else "above 0.001"
reveal(
    f"After about ten. In the last ten steps Polyak's still swings by up to {lasts['Polyak']:.2f}, Nesterov's stays"
    f" {tiny}. Along the valley the two nearly agree.",
    right="a",
)

# %% [markdown]
# ## On one screen

# %% tags=["remove-input"]
one_screen("Nesterov")

# %% [markdown]
# ## Three forms of one method
#
# Where does this formula come from? As {cite:t}`sutskever2013` print it, the picture is momentum with one change, the place where the gradient is taken:
#
# $$\begin{aligned} v_{t+1} &= \mu v_t - \eta\, \nabla f(x_t + \mu v_t) \\ x_{t+1} &= x_t + v_{t+1} \end{aligned} \qquad \text{(b)}$$
#
# Call that place the {term}`look-ahead point`, $y_t = x_t + \mu v_t$. As the velocity is the last move, points alone will do:
#
# $$\begin{aligned} x_{t+1} &= y_t - \eta\, \nabla f(y_t) \\ y_{t+1} &= x_{t+1} + \mu\, (x_{t+1} - x_t) \end{aligned} \qquad \text{(a)}$$
#
# **A gradient step from $y$, then a coast along the last move.** So {cite:t}`nesterov1983` wrote it, without a velocity.
#
# Your framework runs neither. It hands an optimizer the gradient at the parameters, and nowhere else. So let the *parameters* be the look-ahead points, with no need to visit the others ({cite:t}`bengio2013`). Rename $y$ to $x$, count the velocity uphill and without the rate, $v = -\eta b$, and you have form (c):
#
# $$\boxed{\;\begin{aligned} b &\leftarrow \mu b + g \\ x &\leftarrow x - \eta\, (g + \mu b) \end{aligned}\;}$$
#
# At the start $b = 0$. The second line uses the *new* $b$.
#
# :::{dropdown} The two changes of variables, line by line
# **From (b) to (a).** With $y_t = x_t + \mu v_t$ the two lines of (b) together say
#
# $$\begin{aligned} x_{t+1} &= x_t + \mu v_t - \eta\, \nabla f(y_t) \\ &= y_t - \eta\, \nabla f(y_t). \end{aligned}$$
#
# The second says $v_{t+1} = x_{t+1} - x_t$. So the next look-ahead point is $y_{t+1} = x_{t+1} + \mu v_{t+1} = x_{t+1} + \mu\, (x_{t+1} - x_t)$.
#
# **From (a) to (c).** Put $v = -\eta b$ into the first line of (b) and divide by $-\eta$: $b_{t+1} = \mu b_t + g_t$ with $g_t = \nabla f(y_t)$. For the parameters, put the first line of (a) into the second, with $x_{t+1} - x_t = v_{t+1} = -\eta b_{t+1}$:
#
# $$\begin{aligned} y_{t+1} &= x_{t+1} + \mu v_{t+1} \\ &= y_t - \eta g_t - \eta \mu b_{t+1}. \end{aligned}$$
#
# Only $y$ and $b$ are left.
# :::
#
# Beside it, Polyak's step is $x \leftarrow x - \eta b$. Write both with the old $b$ and $\mu = 0.9$: momentum moves by $g + 0.9\, b$, Nesterov's method by $1.9\, g + 0.81\, b$, both times $-\eta$. The newest gradient counts more, the memory less.

# %% tags=["hide-input"]
show_source(Nesterov.update)

# %% [markdown]
# ## Where the damping comes from
#
# Take one direction of curvature $\lambda$, where the gradient at $y$ is $\lambda y$. Here are Polyak's step and, below it, Nesterov's, with the velocity $v_t = x_t - x_{t-1}$:
#
# $$\begin{aligned} x_{t+1} &= (x_t + \mu v_t) - \eta\lambda\, x_t \\ x_{t+1} &= (x_t + \mu v_t)\,(1 - \eta\lambda) \end{aligned}$$
#
# The bracket is the look-ahead point, in both. Polyak takes something off for the place alone. **Nesterov shrinks the whole bracket, velocity and all.**
#
# :::{predict}
# A ball comes with a large velocity, and $\eta\lambda = 1$. With $\mu = 0.9$, how much of its swing does Nesterov's next step leave?
#
# - `a`: 0.95 of it: $\sqrt\mu$, as with momentum
# - `b`: nothing
# - `c`: more than there was
# :::
#
# The cell computes the factor of a step for any $\eta\lambda$. With $x_t = r^t$ both lines become $r^2 = a r - c$, and the larger $r$ sets the pace.


# %%
def factor(a, c):
    """The size of the larger root of r² = a r − c."""
    root = torch.tensor(a**2 / 4 - c, dtype=torch.complex128).sqrt()
    return max((a / 2 + root).abs().item(), (a / 2 - root).abs().item())


def polyak(p, μ):  # p is ηλ
    return factor(1 + μ - p, μ)


def nesterov(p, μ):
    return factor((1 + μ) * (1 - p), μ * (1 - p))


# %% tags=["hide-input"]
def measured(make, products):
    """How much a long run shrinks (y_t, y_t-1) in one step, for many ηλ at once."""
    bowls, ones = lambda x: (products * x * x).sum() / 2, torch.ones_like(products)
    path = trajectory(partial(make, lr=1.0, momentum=0.9), bowls, ones, 300)
    size = torch.hypot(path[1:], path[:-1])
    return products, (size[-1] / size[99]) ** (1 / 200)


products = torch.linspace(0, 4, 401, dtype=torch.float64)
curves_of_factors = {
    "Polyak": [polyak(p, 0.9) for p in products.tolist()],
    "Nesterov": [nesterov(p, 0.9) for p in products.tolist()],
}
limit = products[1:][torch.tensor(curves_of_factors["Nesterov"])[1:] > 1][0].item()
seen = {
    "Polyak": measured(Momentum, f64(0.2, 0.5, 0.8, 1.2, 2, 3, 3.6)),
    "Nesterov": measured(Nesterov, f64(0.2, 0.5, 0.8, 1.2, 1.3, 1.4)),
}

# %% tags=["hide-input"]
show(
    figures.factors(products, curves_of_factors, seen),
    f"Polyak's factor is flat at {polyak(2, 0.9):.2f} from near 0 to almost 4. Nesterov's"
    " falls from there along a curve to 0 where the product is 1, then shoots up and"
    f" crosses 1 at about {limit:.2f}. The measured marks lie on the lines.",
)

# %% tags=["hide-input"]
swing = [each(0.5, 0.9) for each in (polyak, nesterov)]
reveal(
    f"Nothing. At 1 the factor is **{nesterov(1, 0.9):.0f}**: the step lands on the minimum, whatever the velocity was. At 0.5 a step leaves"
    f" {swing[1]:.2f} of a swing, and Polyak's {swing[0]:.2f}. Beyond 1 the curve shoots up, and from **{limit:.2f}** on a"
    " swing grows.",
    right="b" if nesterov(1, 0.9) == 0 else "c",
)

# %% [markdown]
# The two roots have the product $c = \mu\,(1 - \eta\lambda)$, where Polyak's have $\mu$. If they are a pair, both have the size of its square root. **The steeper the direction, the more it is damped**, up to $\eta\lambda = 1$.
#
# Beyond 1 the factor $1 - \eta\lambda$ is negative: the step leaps over the floor, and takes the bracket with it. In the race at 0.03 the steepest direction has $\eta\lambda = 0.03 \cdot 50 = 1.5$. Let the ball have jumped from $-1$ to 1. The bracket is $1 + 0.9 \cdot 2 = 2.8$, where the slope is 2.8 times as large, and the next place $2.8 \cdot (1 - 1.5) = -1.4$: further out than before. Polyak's next places are $2.8 - 1.5 = 1.3$ and $-0.38$.
#
# So the price of the damping is a lower limit, below the 2 of plain descent and far below Polyak's $2(1 + \mu) = 3.8$. **If you switch `nesterov=True` on in a run whose rate is near the limit, it may diverge.**
#
# :::{dropdown} The step as a matrix
# On the look-ahead points it is the same recursion: put $x_{t+1} = (1 - \eta\lambda)\, y_t$ and $x_t = (1 - \eta\lambda)\, y_{t-1}$ into the second line of (a). As a matrix on the pair $(y_t, y_{t-1})$, with the trace $a = (1+\mu)(1-\eta\lambda)$ and the determinant $c = \mu(1-\eta\lambda)$:
#
# $$\begin{pmatrix} y_{t+1} \\ y_t \end{pmatrix} = \begin{pmatrix} a & -c \\ 1 & 0 \end{pmatrix} \begin{pmatrix} y_t \\ y_{t-1} \end{pmatrix}.$$
#
# Its eigenvalues are the two $r$. The determinant is their product.
# :::
#
# ## Almost a parabola
#
# So far the valley was a quadratic. Here is a function of one variable that almost is one. Its slope is $25x$ up to $x = 1$, then it rises gently for one unit, then steeply again:
#
# $$f'(x) = \begin{cases} 25x & x < 1 \\ x + 24 & 1 \le x < 2 \\ 25x - 24 & x \ge 2 \end{cases}$$
#
# The curvature is 1 or 25. The function is smooth, strongly convex, and has one minimum, at 0. Polyak's best pair for curvatures from 1 to 25 is $\eta = \frac{1}{9}$ and $\mu = \frac{4}{9}$. No quadratic with these curvatures can resist it.
#
# :::{predict}
# Gradient descent, Polyak's momentum with that pair, and Nesterov's method start at $x = 3.3$. Which of them arrive?
#
# - `a`: all three, Polyak's first
# - `b`: descent and Nesterov's method
# - `c`: Nesterov's method alone
# :::


# %%
def bent(x):
    steep, gentle = 12.5 * x * x, x * x / 2 + 24 * x - 12
    right = torch.where(x < 2, gentle, steep - 24 * x + 36)
    return torch.where(x < 1, steep, right).sum()


# %%
η, μ = best(1.0, 25.0)
makes = {
    "Polyak": partial(Momentum, lr=η, momentum=μ),
    "Nesterov": partial(Nesterov, lr=1 / 25, momentum=2 / 3),
    "descent": partial(SGD, lr=2 / 26),
}
runs = {name: trajectory(make, bent, f64(3.3), 40) for name, make in makes.items()}

# %% tags=["hide-input"]
grid = torch.linspace(-2.6, 3.5, 123, dtype=torch.float64)
visits = runs["Polyak"][-3:]
visits = torch.cat([visits, gradient(bent, visits)], dim=1)
show(
    figures.cycle(
        grid,
        gradient(bent, grid),
        visits,
        {name: path[:, 0] for name, path in runs.items()},
    ),
    "Left: a slope that rises steeply, then gently between 1 and 2, then steeply again;"
    f" three dots lie on it, at {', '.join(f'{x:.2f}' for x in sorted(visits[:, 0]))}."
    " Right: Polyak's run goes round these three values to the end. Nesterov's is at 0"
    " after a few steps; descent swings from side to side and shrinks.",
)

# %% tags=["hide-input"]
arrived = [name for name, path in runs.items() if path[-1].abs() < 0.05]
reveal(
    f"{' and '.join(arrived)} arrive. Polyak's ball goes round three points to the end:"
    f" {', '.join(f'{x:.2f}' for x in sorted(visits[:, 0]))}.",
    right="b" if set(arrived) == {"descent", "Nesterov"} else "a",
)

# %% [markdown]
# This is a {term}`limit cycle`, found by {cite:t}`lessard2016`; [in fractions it closes exactly](#three-points-in-fractions). All three points lie on the steep parts: the ball jumps over the gentle piece between 1 and 2 and never lands on it. Beyond the piece the slope is 24 less than that of the parabola, and the push that is missing there keeps the swing alive.
#
# :::{predict}
# Of all starts between 0 and 6, the ball at rest at first: how many are caught?
#
# - `a`: only a few single ones: the three points had to be hit
# - `b`: about one in seven
# - `c`: nearly all
# :::

# %%
starts = torch.arange(0.005, 6, 0.01, dtype=torch.float64)
caught = {
    name: trajectory(make, bent, starts, 400)[-1].abs() > 0.01
    for name, make in makes.items()
}

# %% tags=["hide-input"]
edges = (starts[1:][caught["Polyak"].diff()] - 0.005).tolist()
bands = [f"{a:.2f} to {b:.2f}" for a, b in zip(edges[::2], edges[1::2], strict=True)]
share = caught["Polyak"].double().mean().item()
reveal(
    f"Of {len(starts)} starts Polyak's ball never arrives from"
    f" **{int(caught['Polyak'].sum())}**: those from {', '.join(bands)}. Nesterov's"
    f" method is caught from {int(caught['Nesterov'].sum())}, gradient descent from"
    f" {int(caught['descent'].sum())}.",
    right="a" if share < 0.05 else "b" if share < 0.5 else "c",
)

# %% [markdown]
# ## What is guaranteed
#
# Let the curvatures lie between $\lambda_{\min}$ and $L$, with $\kappa = L/\lambda_{\min}$. Nesterov's standard pair, which you just ran, is
#
# $$\boxed{\; \eta = \frac{1}{L}, \qquad \mu = \frac{\sqrt\kappa - 1}{\sqrt\kappa + 1} \;}$$
#
# With it {cite:t}`nesterov2004` proves for **every** function whose curvature stays between the two
#
# $$\begin{aligned} & f(x_t) - f^* \\ & \le \Big(1 - \tfrac{1}{\sqrt\kappa}\Big)^t \Big(f(x_0) - f^* \\ & \qquad {} + \tfrac{\lambda_{\min}}{2} \lVert x_0 - x^* \rVert^2\Big). \end{aligned}$$

# %% tags=["hide-input"]
path = trajectory(makes["Nesterov"], bent, starts, 60)[:-1]
arrivals = torch.stack([y - gradient(bent, y) / 25 for y in path])


def height(x):
    """f of the bent parabola, entry by entry; its smallest value is 0."""
    return torch.func.vmap(bent)(x.flatten()).view_as(x)


first = height(starts[None]) + starts**2 / 2
promised = 0.8 ** torch.arange(1, 61).double()[:, None] * first
filled = (height(arrivals) / promised).max().item()
say(
    f"On the bent parabola the gap $f(x_t) - f^*$ stays below this in each of the {len(starts)} runs, at each of"
    f" {len(arrivals)} steps: **{'yes' if filled <= 1 else 'no'}**. It comes up to {filled:.0%} of it."
)

# %% [markdown]
# On quadratics Polyak's best pair is faster: for large $\kappa$ it needs [about half the steps](#the-standard-pair-and-the-best-one). But it is made for quadratics and for nothing else.
#
# And if there is no $\lambda_{\min}$, because the floor of the valley is flat? For this case Nesterov made his method. The momentum then *grows*, as $(k - 1)/(k + 2)$ at step $k$, and for every convex function with curvature at most $L$
#
# $$f(x_k) - f^* \le \frac{2L \lVert x_0 - x^* \rVert^2}{(k + 1)^2}.$$
#
# For descent with the rate $1/L$ the usual bound is $L \lVert x_0 - x^* \rVert^2 / 2k$. For a gap of a millionth of $L \lVert x_0 - x^* \rVert^2$ the two ask for some 1,400 steps and for half a million. [A chain of 200 numbers](#the-guarantee-on-convex-functions) puts both to the test, and shows that no method that adds up gradients has a better power of $k$.
#
# ## Noise
#
# All this was without noise. Go back to the race at the top with both rates at 0.015, and switch the noise on: how much of the difference is left?
#
# ### Experiment: a network, four sizes of batch
#
# A stored run trained $784 \to 32 \to 10$ on MNIST for 240 steps, with batches of 4, 16, 64 and 250 images. No image came twice, so the batch size is the noise and nothing else. Each method ran over the same grid of effective rates, $\eta/(1 - \mu)$ in thirds of a decade from 0.005 to 10, with $\mu = 0.9$ and three seeds. At the rate with the lowest median it ran from ten other seeds.
#
# :::{predict}
# At which batch sizes does a method with memory end below plain descent, beyond the error?
#
# - `a`: at all four
# - `b`: at 4 and 16, where the noise is largest and a velocity averages it
# - `c`: at 250 only, where the noise is smallest
# :::

# %% tags=["hide-input"]
stored = results.load("nesterov")["results"]
show(
    figures.by_batch(stored["rows"], stored["momentum"]),
    "Four panels of the test loss against the effective rate, one a batch size. In each the"
    " three curves are one at small rates, fall, and turn up. In the first two their lowest"
    " points nearly agree. In the last one momentum's curves go on falling where descent's"
    " turns up.",
)

# %% tags=["hide-input"]
final = {(row["method"], row["batch"]): row["losses"] for row in stored["finals"]}
batches = sorted({batch for _, batch in final})
seeds = len(stored["fresh_seeds"])


def ratio(first, second, batch):
    """One loss over the other, seed by seed: the mean, and two standard errors."""
    pairs = zip(final[first, batch], final[second, batch], strict=True)
    ratios = [a / b for a, b in pairs]
    return statistics.mean(ratios), 2 * statistics.stdev(ratios) / seeds**0.5


def over(*case):
    return "{:.2f} ± {:.2f}".format(*ratio(*case))


names = ("gradient descent", "Polyak", "Nesterov")
contrasts = [(names[0], names[1]), (names[0], names[2]), (names[1], names[2])]
table(
    ["test loss at the best rate", *(f"batch {batch}" for batch in batches)],
    [
        [name, *(f"{statistics.mean(final[name, b]):.3f}" for b in batches)]
        for name in names
    ]
    + [
        [f"{first} over {second}", *(over(first, second, b) for b in batches)]
        for first, second in contrasts
    ],
)

# %% tags=["hide-input"]
gains = {b: [ratio(names[0], name, b) for name in names[1:]] for b in batches}
gaining = [b for b in batches if any(mean - error > 1 for mean, error in gains[b])]
below = {
    b: sum(map(float.__gt__, final["Polyak", b], final["Nesterov", b])) for b in batches
}
reveal(
    f"At {' and '.join(map(str, gaining))}: descent's loss over Nesterov's is **{over(names[0], names[2], 250)}** there, and"
    f" {over(names[0], names[2], 4)}, {over(names[0], names[2], 16)} and {over(names[0], names[2], 64)} at 4, 16 and 64"
    f" images. Of the {seeds} seeds Nesterov's ends below Polyak's in {below[4]}, {below[16]}, {below[64]} and"
    f" {below[250]}.",
    right={(4, 16, 64, 250): "a", (4, 16): "b", (250,): "c"}[tuple(gaining)],
)

# %% tags=["hide-input"]
evidence(
    "F8",
    "holds with a caveat",
    f"On a strongly convex function Polyak's best pair circles for ever from"
    f" {int(caught['Polyak'].sum())} of {len(starts)} starts, Nesterov's from"
    f" {int(caught['Nesterov'].sum())}.",
    "Switch it on for what it damps, with a rate well below its limit, which is lower than Polyak's. With small"
    " batches expect no gain over descent.",
    "At ηλ = 0.5, μ = 0.9 a step leaves"
    f" {swing[0]:.2f} of a swing with Polyak and {swing[1]:.2f} with Nesterov, which"
    f" diverges from ηλ = {limit:.2f} on. On MNIST, {seeds} seeds, each at its best rate, descent's loss is"
    f" {over(*contrasts[1], 250)} times Nesterov's at batch 250 and {over(*contrasts[1], 64)} times at {batches[2]}."
    f" Polyak's is {over(*contrasts[2], 250)} times Nesterov's at 250 and {over(*contrasts[2], 4)} times at {batches[0]}.",
)

# %% [markdown]
# The last three rows of the table are means over the seeds, with two standard errors. With little noise momentum gains over descent, and what the look ahead adds is within the error. With much noise neither gains over descent. At 4 and 16 images the look ahead still beats Polyak's momentum, by little and in nearly every seed; that fits [the variance of a run that hovers](#how-far-out-each-hovers), which it lowers a little.
#
# The caveats: one small network, one $\mu$, rates known to a third of a decade. [On a quadratic](#experiment-a-fixed-budget-each-at-its-best) you can set the noise, and see where the gain ends.
#
# ## Use it

# %% tags=["remove-input"]
use_it("Nesterov")

# %% [markdown]
# ## Going further
#
# ### The same path?
#
# *You see the three forms agree while $\eta$ and $\mu$ are constant, and which of them part under a schedule.*
#
# Write (a) and (b) as plain loops. Each takes a rate and a momentum for every step, and returns its look-ahead points. The library's parameters should be the same points.


# %%
def two_sequences(f, x, rates, momenta):
    before, ahead = x, []
    for η, μ in zip(rates, momenta, strict=True):
        y = x + μ * (x - before)
        before, x = x, y - η * gradient(f, y)
        ahead.append(y)
    return torch.stack(ahead)


def velocity(f, x, rates, momenta):
    v, ahead = torch.zeros_like(x), []
    for η, μ in zip(rates, momenta, strict=True):
        y = x + μ * v
        v = μ * v - η * gradient(f, y)
        x = x + v
        ahead.append(y)
    return torch.stack(ahead)


# %%
def library(f, x, rates, momenta):
    plan = zip(rates, momenta, strict=True)

    def make(parameters):
        optimizer = Nesterov(parameters)

        def before(optimizer, *_):
            lr, momentum = next(plan)
            optimizer.param_groups[0].update(lr=lr, momentum=momentum)

        optimizer.register_step_pre_hook(before)
        return optimizer

    return trajectory(make, f, x, len(rates))[:-1]


# %% tags=["hide-input"]
def apart(first, second, f, x, rates, momenta):
    gap = (first(f, x, rates, momenta) - second(f, x, rates, momenta)).abs().max()
    return "below 1e-12" if gap < 1e-12 else f"{gap:.2g}"


# %%
steps = 200
plans = {
    "constant": ([5e-4] * steps, [0.9] * steps),
    "η falls to a tenth after 20": ([5e-4] * 20 + [5e-5] * (steps - 20), [0.9] * steps),
    "μ grows as t / (t + 3)": ([5e-4] * steps, [t / (t + 3) for t in range(steps)]),
}

# %% tags=["hide-input"]
table(
    ["largest distance on Rosenbrock", "(a) and (b)", "(b) and (c)"],
    [
        [
            name,
            apart(two_sequences, velocity, rosenbrock, rosenbrock.at_start(), *plan),
            apart(velocity, library, rosenbrock, rosenbrock.at_start(), *plan),
        ]
        for name, plan in plans.items()
    ],
)

# %% [markdown]
# With constant $\eta$ and $\mu$ the three are one method. (a) and (b) agree even on a schedule, because the velocity *is* the last move. (c) parts from them in two ways.
#
# - **When $\eta$ changes.** The rate stands outside $b$, so a drop brakes the whole velocity at once, as it does in PyTorch's Polyak.
# - **When $\mu$ changes.** (c) coasts with the same $\mu$ by which it has just shrunk $b$. In (b) the coast to the next look-ahead point already uses the next $\mu$. To be exact, (c) would need two numbers in one step.
#
# One consequence deserves a note on your desk: after training with `nesterov=True` your parameters are a look-ahead point, one coast past the point $x$ that the theorems speak of. Undo it with $x = y + \eta\mu b$ if you care; near the end, where $b$ is small, few do.

# %% [markdown]
# ### Which variant is this?
#
# *You see where papers and programs differ: in the form, in a constant or growing momentum, in what torch refuses.*
#
# - **Form (b) or (c)**: the same at constant $\eta$ and $\mu$, see above. If you copy hyperparameters *and a schedule* from a paper, ask which form it used.
# - **Constant or growing momentum.** Frameworks keep $\mu$ constant, which suits a strongly convex function if $\mu$ fits its $\kappa$. The growing momentum needs no $\kappa$, and overshoots in the end, because its friction dies away. {cite:t}`odonoghue2015` mend that by a **restart**: whenever the velocity points uphill, begin again at $k = 1$. [An exercise](#exercise-4-restart) lets you write it.
# - **It is not Newton's method**, although the name gets mangled that way. It uses first derivatives alone; there is no Hessian in it.
# - **`nesterov=True` in PyTorch** asks for $\mu > 0$ and no dampening, or it raises an error.

# %% [markdown]
# ### Three points in fractions
#
# *You see Polyak's cycle close exactly in fractions: neither rounding nor too few steps are its cause.*
#
# Take Polyak's recursion in exact fractions, $x_{t+1} = \frac{1}{9}\big(13 x_t - 4 x_{t-1} - f'(x_t)\big)$, and follow two of the three points.


# %% tags=["hide-input"]
def slope(x):
    return 25 * x if x < 1 else x + 24 if x < 2 else 25 * x - 24


before, x, fractions = Fraction(-2208, 1225), Fraction(2592, 1225), []
for _ in range(3):
    before, x = x, (13 * x - 4 * before - slope(x)) / 9
    fractions.append(str(x).replace("-", "−"))
say(f"After −2208/1225 and 2592/1225 come {', '.join(fractions)}, and so on.")

# %% [markdown]
# ### The standard pair, and the best one
#
# *You see both pairs derived for a quadratic, and a search over a grid that finds none better.*
#
# Where does the standard pair come from? With $\eta = 1/L$ the steepest direction has the factor 0, and all others have $\eta\lambda$ between $1/\kappa$ and 1. The slowest is the flattest. It is critically damped if trace² is four times the determinant:
#
# $$(1 + \mu)^2 (1 - 1/\kappa)^2 = 4 \mu\, (1 - 1/\kappa).$$
#
# The solution below 1 is $\mu = (\sqrt\kappa - 1)/(\sqrt\kappa + 1)$. (Check it: $(1+\mu)^2 = 4\kappa/(\sqrt\kappa+1)^2$, and $(\kappa - 1)/(\sqrt\kappa + 1)^2 = \mu$.) Both eigenvalues are then half the trace, and the factor is $1 - 1/\sqrt\kappa$.
#
# This is the pair that you will meet, because the guarantees are proved for it. On a quadratic a larger rate is better: it damps the flattest direction more. The limit is the steepest one, which beyond $\eta\lambda = 1$ jumps from side to side. Write $s = \sqrt{\eta\lambda_{\min}}$. Critical damping of the flattest direction means $\mu = (1 - s)/(1 + s)$ and the factor $1 - s$. Let the steepest have the eigenvalue $-(1 - s)$: put it into $r^2 - (1+\mu)(1-\eta L)\, r + \mu(1-\eta L) = 0$, and what is left is $\eta L - 1 = (1 - \eta\lambda_{\min})/3$. So ({cite:t}`lessard2016`)
#
# $$\begin{aligned} \eta &= \frac{4}{3L + \lambda_{\min}} \\ \mu &= \frac{\sqrt{3\kappa + 1} - 2}{\sqrt{3\kappa + 1} + 2} \\ \text{factor} &= 1 - \frac{2}{\sqrt{3\kappa + 1}} \end{aligned}$$
#
# The last column of the table is a search over a grid of 6,400 pairs: none is better.


# %% tags=["hide-input"]
def slowest(method, κ, η, μ):
    """The largest factor of three directions of a valley from 1 to κ."""
    return max(method(η * λ, μ) for λ in (1.0, κ**0.5, κ))


rows = []
for κ in (25.0, 100.0, 1000.0):
    s, root = math.sqrt(κ), math.sqrt(3 * κ + 1)
    pairs = ((a / κ / 50, b / 81) for a in range(1, 81) for b in range(1, 81))
    numbers = [
        (κ - 1) / (κ + 1),
        slowest(polyak, κ, *best(1.0, κ)),
        slowest(nesterov, κ, 1 / κ, (s - 1) / (s + 1)),
        slowest(nesterov, κ, 4 / (3 * κ + 1), (root - 2) / (root + 2)),
        min(slowest(nesterov, κ, *pair) for pair in pairs),
    ]
    rows.append([f"{κ:g}", *(f"{number:.4f}" for number in numbers)])
names = ["descent", "Polyak, best", "Nesterov, standard", "Nesterov, best", "of a grid"]
table(["κ", *names], rows)

# %% [markdown]
# On a quadratic Polyak's best pair is faster: for large $\kappa$ its factor is about $1 - 2/\sqrt\kappa$, so it needs about half the steps of the standard pair, and $1/\sqrt3$ of those of the best.
#
# Mind what shrinks. A factor of the table is the distance's; the guarantee speaks of $f - f^*$. On a quadratic $f - f^*$ falls with the square of the distance, twice as fast as the guarantee.

# %% [markdown]
# ### The guarantee on convex functions
#
# *You see Nesterov's guarantee hold on a function built to be hard, and a floor for all sums of gradients.*
#
# The rate is $1/L$, and the momentum grows: at the step number $k = 1, 2, \dots$
#
# $$\begin{aligned} x_k &= y_{k-1} - \frac{1}{L}\nabla f(y_{k-1}) \\ y_k &= x_k + \frac{k - 1}{k + 2}\, (x_k - x_{k-1}). \end{aligned}$$
#
# (These simple fractions are a later form; {cite:t}`su2016` read them as a friction that falls like $3/t$.)
#
# Test the bound on the function that {cite:t}`nesterov2004` built to be as hard as possible: a chain of 200 numbers, each tied to its neighbours, and only the first is pulled.
#
# $$\begin{aligned} f(x) = \; & \tfrac{L}{8} \big(x_1^2 + (x_1 - x_2)^2 + \dots \\ & + (x_{199} - x_{200})^2 + x_{200}^2\big) \\ & - \tfrac{L}{4}\, x_1 \end{aligned}$$
#
# Start at 0. The pull travels one link with each gradient: after $k$ steps of *any* method that adds up gradients, only the first $k$ numbers can differ from 0. The best point of that kind is known, and no such method can be lower: $f(x_k) - f^* \ge \frac{L}{8}\big(\frac{1}{k+1} - \frac{1}{201}\big)$.
#
# Growing momentum is form (a), and form (a) is a rule with one memory, the last arrival.


# %%
class Growing(Rule):
    memory: ClassVar = {"arrived": None}

    def __init__(self, params, lr):
        super().__init__(params, lr=lr)

    def start(self, x, group):
        return x.clone()

    @staticmethod
    def update(x, g, arrived, *, t, lr):
        new = x - lr * g
        return new + (t - 1) / (t + 2) * (new - arrived), new


# %%
def chain(x):
    ties = x[0].square() + x.diff().square().sum() + x[-1].square()
    return (ties / 2 - x[0]) / 4


n = 200
solved = 1 - torch.arange(1, n + 1, dtype=torch.float64) / (n + 1)
zero, lowest, far = torch.zeros_like(solved), chain(solved), solved.square().sum()
ahead = trajectory(partial(Growing, lr=1.0), chain, zero, n)[:-1]
arrivals = torch.stack([y - gradient(chain, y) for y in ahead])
descent = trajectory(partial(SGD, lr=1.0), chain, zero, n)[1:]

# %% tags=["hide-input"]
k = torch.arange(1, n, dtype=torch.float64)
gap = torch.stack([chain(x) for x in arrivals[:-1]]) - lowest
plain = torch.stack([chain(x) for x in descent[:-1]]) - lowest
floor = (1 / (k + 1) - 1 / (n + 1)) / 8
bounds = {"descent": far / (2 * k), "Nesterov": 2 * far / (k + 1) ** 2}
curves = {
    "bound for descent": ("green", ":", bounds["descent"]),
    "bound for Nesterov": ("blue", ":", bounds["Nesterov"]),
    "gradient descent": ("green", "-.", plain),
    "Nesterov, growing momentum": ("blue", "-", gap),
    "no method is below": ("ink", "--", floor),
}
show(
    figures.gaps(k, curves),
    "The gap against the step, both axes logarithmic. Both runs begin together. Descent"
    " falls slowly; Nesterov's run pulls away from it after about five steps and falls"
    " more steeply, a small distance above the dashed floor. The dotted bounds lie far"
    " above both runs, Nesterov's falling twice as steeply as descent's.",
)

# %% tags=["hide-input"]
holds = bool((gap <= bounds["Nesterov"]).all() and (plain <= bounds["descent"]).all())
say(
    f"Both bounds hold at every one of the {n - 1} steps:"
    f" **{'yes' if holds else 'no'}**. Nesterov's gap comes up to"
    f" {100 * (gap / bounds['Nesterov']).max():.0f}% of its bound. At the last step it"
    f" is {plain[-1] / gap[-1]:.1f} times smaller than descent's. In the first 100 steps"
    f" it is at most {(gap / floor)[:100].max():.1f} times the floor that no method can"
    " break."
)

# %% [markdown]
# Floor and guarantee meet up to a constant. For a given step $k$ take a chain of $n = 2k + 1$ numbers. Then $\lVert x_0 - x^* \rVert^2 = \sum_i (1 - \frac{i}{n+1})^2 \le \frac{n+1}{3} = \frac{2}{3}(k + 1)$, and the floor is $\frac{L}{8}\big(\frac{1}{k+1} - \frac{1}{2k+2}\big) = \frac{L}{16 (k+1)}$, which is at least $\frac{3}{32}\, L \lVert x_0 - x^* \rVert^2/(k+1)^2$. The guarantee has 2 where this has $\frac{3}{32}$: some twenty times more, and the same power of $k$. No method that adds up gradients can have a better power, on functions of this class with more than $2k$ parameters. That is what *optimal* means here: the worst case, not your case.

# %% [markdown]
# The growing momentum needs no $\kappa$. What does it do where there is one? Run it in a valley with $\kappa = 1{,}000$, beside two constant momenta.

# %%
κ = 1000
right = (math.sqrt(κ) - 1) / (math.sqrt(κ) + 1)
makes_of_momentum = {
    f"constant, right for κ: {right:.3f}": partial(Nesterov, lr=1 / κ, momentum=right),
    "constant, too large: 0.99": partial(Nesterov, lr=1 / κ, momentum=0.99),
    "growing, (k − 1)/(k + 2)": partial(Growing, lr=1 / κ),
}
losses = {
    name: bowl(κ)(trajectory(make, bowl(κ), f64(1, 1), 300))
    for name, make in makes_of_momentum.items()
}

# %% tags=["hide-input"]
show(
    figures.ripples(losses),
    "The loss on a logarithmic axis. With the right constant momentum it falls in a"
    " straight line. With 0.99 it dips three times and climbs back each time. With"
    " growing momentum it dips twice. In this order they end at"
    f" {', '.join(f'{loss[-1]:.0e}' for loss in losses.values())}.",
)

# %% [markdown]
# The ripples are the ball swinging along the flattest direction, with too little friction. The loss of this method is *not* bound to fall at every step, not even on a bowl.

# %% [markdown]
# (exercise-4-restart)=
# #### An exercise: restart (★★★)
#
# Write `restarting(gradient, x, lr, steps)`: form (a) with the growing momentum, and with a restart. Begin with $y = x$ and $k = 1$. In each step take $g$ at $y$ and set $x_{\text{new}} = y - \eta g$. If $g^\top (x_{\text{new}} - x) > 0$, the move went uphill as seen from $y$: set $k$ back to 1. Then coast, $y = x_{\text{new}} + \frac{k-1}{k+2}(x_{\text{new}} - x)$, and count $k$ up by one. Return the last $x_{\text{new}}$. All tensors have shape $(n,)$.


# %%
def restarting(gradient, x, lr, steps): ...


check("3-first-order/restart", restarting)

# %% tags=["remove-input"]
solution("3-first-order/restart")

# %% [markdown]
# ### How far out each hovers
#
# *You see the lasting variance derived for both memories, and checked on runs at equal and at equal effective rates.*
#
# Minibatch gradients carry noise. Let $g_t = \lambda y_t + \varepsilon_t$ with independent $\varepsilon_t$ of variance $\sigma^2$, as in {doc}`momentum`. The arrivals of (a) obey
#
# $$\begin{aligned} x_{t+1} &= y_t - \eta (\lambda y_t + \varepsilon_t) \\ &= (1 - \eta\lambda)(x_t + \mu v_t) - \eta\varepsilon_t. \end{aligned}$$
#
# With $v_t = x_t - x_{t-1}$ that is $x_{t+1} = a x_t - c x_{t-1} - \eta\varepsilon_t$, where $a = (1+\mu)(1-\eta\lambda)$ is the trace and $c = \mu(1-\eta\lambda)$ the determinant. For Polyak it is the same with $a = 1 + \mu - \eta\lambda$ and $c = \mu$. The lasting variance $V$ follows as it did there: multiply by $x_t$ and take means, which gives the covariance $C = aV/(1+c)$ of neighbours; square and take means, $V = a^2 V + c^2 V - 2acC + \eta^2\sigma^2$; solve:
#
# $$V = \frac{1 + c}{1 - c} \cdot \frac{\eta^2\sigma^2}{(1+c)^2 - a^2}.$$
#
# For small $\eta\lambda$ both become $\frac{\eta}{1-\mu}\cdot\frac{\sigma^2}{2\lambda}$: what plain descent has at the {term}`effective learning rate`. Check the formula against 20,000 noisy runs at once.


# %%
def terms(name, p, μ):
    """Trace and determinant; without momentum both methods are descent."""
    if name == "Polyak":
        return 1 + μ - p, μ + 0 * p
    return (1 + μ) * (1 - p), μ * (1 - p)


def lasting(name, lr, μ):
    a, c = terms(name, lr, μ)
    return (1 + c) / (1 - c) * lr**2 / ((1 + c) ** 2 - a**2)


# %% tags=["hide-input"]
def hovering(name, lr, μ, runs=20_000, steps=250):
    rng = torch.Generator().manual_seed(1)
    draws = [
        torch.randn(runs, dtype=torch.float64, generator=rng) for _ in range(steps)
    ]
    make = Momentum if name == "Polyak" else Nesterov
    start, f = f64(0).expand(runs), lambda x: x.square().sum() / 2
    path = trajectory(partial(make, lr=lr, momentum=μ), f, start, steps, draws)
    last = path[-1]
    if name == "Nesterov":  # from the parameters to the arrival: one noisy step
        last = path[-2] - lr * (path[-2] + draws[-1])
    return last.var().item()


# %% tags=["hide-input"]
cases = [("descent", 0.1, 0.0)] + [
    (name, lr, 0.9) for lr in (0.01, 0.1) for name in ("Polyak", "Nesterov")
]
table(
    ["", "η", "μ", "variance of x", "formula"],
    [
        [name, f"{lr}", f"{μ}"]
        + [f"{variance(name, lr, μ):.3f}" for variance in (hovering, lasting)]
        for name, lr, μ in cases
    ],
)

# %% [markdown]
# At the equal effective rate 0.1, the first three rows, all hover about equally far out. At the equal rate, the first and the last two, both memories enlarge the noise several times; the look-ahead damps a part of that, as it damps every swing.

# %% [markdown]
# ### Experiment: a fixed budget, each at its best
#
# *You see how much noise it takes until momentum gains hardly anything, with every method at its best pair.*
#
# The lasting variance is half the story, because a run with a budget also has to get there. Take a quadratic with 50 curvatures from 0.01 to 1, so $\kappa = 100$, start at $(1, \dots, 1)$, and allow 200 steps. The mean and the variance of every coordinate can be computed *exactly* at each step, with no random numbers: the mean obeys the recursion, and so do variance and covariance. Then each method may choose its best pair from the same grid, for each level of noise on its own. Descent may only choose $\eta$.
#
# :::{predict}
# How strong must the noise of a gradient be, measured by the size of the first gradient, before momentum gains less than a tenth?
#
# - `a`: a thousandth of it
# - `b`: about a third of it
# - `c`: about ten times as large
# :::


# %%
def expected(name, lr, μ, λ, steps):
    """The loss of the mean, and the loss that noise of variance 1 adds, at the end."""
    a, c = terms(name, lr * λ, μ)
    m, m1 = torch.ones_like(a), torch.ones_like(a)
    V, V1, C = (torch.zeros_like(a) for _ in range(3))
    for _ in range(steps):
        m, m1 = a * m - c * m1, m
        new = a * a * V - 2 * a * c * C + c * c * V1 + lr**2
        V, V1, C = new, V, a * V - c * C
    both = ((λ * part).sum(-1) / 2 for part in (m * m, V))
    return [loss.nan_to_num(math.inf) for loss in both]


# %%
λ = torch.logspace(-2, 0, 50, dtype=torch.float64)
rates = torch.logspace(-4, 0.6, 93, dtype=torch.float64)[:, None, None]
momenta = f64(0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99)
parts = {
    name: expected(name, rates, momenta[:, None], λ, 200)
    for name in ("Polyak", "Nesterov")
}

# %% tags=["hide-input"]
noise = torch.logspace(-3, 1, 17, dtype=torch.float64)
σ = noise * λ.norm() / len(λ) ** 0.5  # the noise of 50 entries beside the gradient


def lowest_loss(mean, variance):
    return torch.stack([(mean + s * s * variance).min() for s in σ])


alone = lowest_loss(*(part[:, 0] for part in parts["Polyak"]))
ratios = {name: alone / lowest_loss(*both) for name, both in parts.items()}

# %% tags=["hide-input"]
show(
    figures.gain(noise, ratios),
    "Two curves of how many times lower a method ends than descent, on logarithmic axes."
    f" Both fall from left to right. At a noise of {noise[0]:g} times the first gradient"
    f" Polyak's is at {ratios['Polyak'][0]:.1f} and Nesterov's at"
    f" {ratios['Nesterov'][0]:.1f}, at {noise[8]:g} times at {ratios['Polyak'][8]:.2f} and"
    f" {ratios['Nesterov'][8]:.2f}; from {noise[12]:g} on both stay close to 1.",
)

# %% tags=["hide-input"]
silent = [both[0].min() for both in parts.values()] + [parts["Polyak"][0][:, 0].min()]
tiny = [round(math.log10(loss.item())) for loss in silent]
quiet, loud = (ratios["Nesterov"][i].item() for i in (0, 12))
gone = noise[int((ratios["Nesterov"] > 1.1).sum())].item()
reveal(
    f"Without noise Polyak's loss ends near {10.0 ** tiny[0]:.0e}, Nesterov's near"
    f" {10.0 ** tiny[1]:.0e}, descent's near {10.0 ** tiny[2]:.0e}."
    f" At a noise of {noise[0]:g} times the first gradient Nesterov's loss is"
    f" **{quiet:.1f}** times smaller than descent's, Polyak's"
    f" {ratios['Polyak'][0]:.1f} times; at {noise[12]:g} times **{loud:.2f}** and"
    f" {ratios['Polyak'][12]:.2f}. From a noise of {gone:.1f} on, the gain of either is"
    " below a tenth.",
    right="b" if 0.1 < gone < 1 else "a",
)

# %% [markdown]
# The noise decides the rate, and where the rate is small, a memory adds little. Theory points the same way: with gradients that are a little wrong an accelerated method accumulates the errors, and plain descent does not ({cite:t}`devolder2014`).

# %% [markdown]
# ### In PyTorch
#
# *You see ours agree with torch's, what its options do, and what the look-ahead costs in memory.*
#
# `torch.optim.SGD(params, lr=η, momentum=μ, nesterov=True)`. Train the same network with it and with ours.

# %% tags=["hide-input"]
theirs = partial(torch.optim.SGD, nesterov=True)
apart_by = difference(
    partial(Nesterov, lr=0.1, momentum=0.9), partial(theirs, lr=0.1, momentum=0.9)
)
say(
    "After two epochs on the same minibatches the largest difference between the weights"
    f" is below 1e-12: **{'yes' if apart_by < 1e-12 else 'no'}**."
)

# %% [markdown]
# | Option of `SGD` | What it does | Ours |
# |:--|:--|:--|
# | `lr` | $\eta$, outside the velocity; 0.001 by default | `lr` |
# | `momentum` | $\mu$; must be above 0 here | `momentum`, 0.9 by default; at 0 it is gradient descent |
# | `nesterov` | form (c) in place of Polyak's | the class itself |
# | `dampening` | must be 0 here | left out: a smaller rate does nearly the same |
# | `weight_decay` | adds $\lambda x$ to the gradient, at the look-ahead point | the same |
# | `maximize` | climbs | the same |
# | `foreach`, `fused` | how the same arithmetic is carried out | `engine="compiled"` |
# | `differentiable` | lets autograd pass through the step | left out |


# %% tags=["hide-input"]
def refused(**options):
    try:
        theirs([torch.zeros(1, requires_grad=True)], lr=0.1, **options)
    except ValueError:
        return True
    return False


wrong = refused(momentum=0.0), refused(momentum=0.9, dampening=0.1)
say(
    "torch refuses `momentum=0`, and it refuses `dampening=0.1`:"
    f" **{'yes' if all(wrong) else 'no'}**. State in float32:"
    f" **{state_bytes_of(Nesterov):.0f} bytes** a parameter in ours,"
    f" {state_bytes_of(partial(theirs, momentum=0.9)):.0f} in torch's. The look-ahead"
    " costs no memory over Polyak's velocity."
)

# %% [markdown]
# It costs no second gradient either: the one gradient of a step is taken at the parameters, which are the look-ahead point. For large models `engine="compiled"` here and `fused=True` there make it one pass over memory; for small ones leave both off.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: two steps by hand (★)
#
# $f(x) = \frac{1}{2}x^2$, form (c) with $\eta = 0.5$ and $\mu = 0.5$, from $x = 1$ with $b = 0$. What is the parameter $x$ after two steps?

# %%
answer = ...
check("3-first-order/two-steps-ahead", answer)

# %% tags=["remove-input"]
solution("3-first-order/two-steps-ahead")

# %% [markdown]
# ### Exercise 2: where the look-ahead ends (★★)
#
# The figure of the factors shows that with $\mu = 0.9$ Nesterov's method leaves the stable region near $\eta\lambda = 1.36$. Compute the limit for $\mu = 0.5$. Hint: beyond $\eta\lambda = 1$ both roots $r$ are real, and the first to leave does so at $-1$.

# %%
answer = ...
check("3-first-order/limit-of-looking-ahead", answer)

# %% tags=["remove-input"]
solution("3-first-order/limit-of-looking-ahead")

# %% [markdown]
# ### Exercise 3: read the plot (★)
#
# A quadratic is trained with Polyak's momentum, $\mu = 0.9$, and a rate at which $\eta\lambda_{\max} = 1.7$. Then only the method is changed to Nesterov's. Read off the figure of the factors what happens.
#
# - `a`: it converges faster, because steep directions are damped more
# - `b`: nothing changes, because $\eta/(1-\mu)$ is the same
# - `c`: it diverges
# - `d`: it goes round three points for ever

# %%
answer = ...
check("3-first-order/switch-it-on", answer)

# %% tags=["remove-input"]
solution("3-first-order/switch-it-on")

# %% [markdown]
# ### An open experiment (★★★)
#
# The network ran with one momentum, 0.9. With 0.98 a memory is five times as long, and there is more for the look ahead to damp. Does Nesterov's then end below Polyak's at batch 250? Write down how many seeds and which rates you give to each, before you run. There is no answer here.
#
# ## Summary
#
# - Nesterov takes the gradient where the velocity is about to carry the parameters. The three forms in print are one method at constant $\eta$ and $\mu$; PyTorch's keeps the look-ahead point as its parameters.
# - A step multiplies place and velocity by $1 - \eta\lambda$: the steeper, the more damped, up to $\eta\lambda = 1$. The price is a lower limit for the rate. In return there are guarantees, $(1 - 1/\sqrt\kappa)^t$ and $O(1/k^2)$, where Polyak's best pair can circle for ever.
# - Over descent the gain belongs to quiet gradients. With small batches there is none.
#
# ## References
#
# - {cite:t}`nesterov1983`: the method and the bound $O(1/k^2)$. {cite:t}`nesterov2004`: both guarantees, and the chain that no method beats.
# - {cite:t}`polyak1964`: the method that it mends.
# - {cite:t}`lessard2016`: the function with three points.
# - {cite:t}`sutskever2013`: the velocity form, for deep networks. {cite:t}`bengio2013`: the form in which the parameters are the look-ahead points.
# - {cite:t}`su2016`: the growing momentum as a differential equation.
# - {cite:t}`odonoghue2015`: restart.
# - {cite:t}`devolder2014`: acceleration with inexact gradients.
