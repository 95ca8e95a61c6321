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
# # Momentum
#
# Gradient descent forgets each step as soon as it is taken. A ball that rolls down a valley does not.
#
# Both start at one place, with one rate $\eta$: descent in orange, and in blue a ball that keeps the share $\mu$ of its velocity. Drag $\mu$: **which is best?** Then drag $\eta$ too.

# %% tags=["hide-input"]
from book.explorers import Valley

Valley(0.036, momentum=0.9)

# %% [markdown]
# **You will**
#
# - watch a velocity add up along a valley and cancel across it;
# - find the best pair of rate and momentum, and ask whether more memory could beat it;
# - measure what momentum saves.
#
# **You need** three facts:
#
# - a quadratic is a valley, the narrower the larger $\kappa = \lambda_{\max}/\lambda_{\min}$ ({doc}`/1-numbers/conditioning`);
# - along each eigenvector of the Hessian a step of descent multiplies the distance by $1 - \eta\lambda$ ({doc}`/2-derivatives/gradient-descent`);
# - so its limit is $\eta = 2/\lambda_{\max}$, and its best factor $(\kappa - 1)/(\kappa + 1)$.
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $f(x)$ | number | the function to be made small |
# | $x$, $y$ | $(n,)$ | the parameters; in a valley of two dimensions $x$ runs along it and $y$ across |
# | $x_t$, $t$ | $(n,)$, number | the parameters after $t$ steps |
# | $x_i$, $n$ | number | entry $i$ of $x$; how many entries there are |
# | $g$, $\nabla f$, $g_t$ | $(n,)$ | the gradient; that at $x_t$ |
# | $\eta$ | number | the learning rate |
# | $\mu$ | number | the momentum: the share of the velocity that is kept |
# | $b$, $v$ | $(n,)$ | the velocity; $b$ points uphill and is free of the rate, $v = -\eta b$ |
# | $b_t$, $v_t$ | $(n,)$ | the velocity after $t$ gradients, the one that led to $x_t$: $v_t = x_t - x_{t-1}$ |
# | $\lambda$, $\lambda_{\min}$, $\lambda_{\max}$ | number | a curvature: an eigenvalue of the Hessian |
# | $\kappa$ | number | the condition number $\lambda_{\max}/\lambda_{\min}$ |
# | $r$, $\bar r$ | number | an eigenvalue of the step's matrix, and its complex conjugate |
# | $p_t(\lambda)$, $p$ | number | the polynomial by which $t$ steps multiply the distance along an eigenvector |
# | $q$ | number | the factor of the best pair, $(\sqrt\kappa - 1)/(\sqrt\kappa + 1)$ |
# | $c$ | number | short for $2\sqrt\kappa/(\kappa - 1)$ |
# | $s_t$, $s$ | number | in averages: a random number; in the regression: an input |
# | $m$, $\beta$ | $(n,)$, number | an exponential average, and the share of it that is kept |
# | $\varepsilon_t$, $\sigma^2$ | number | the noise of a gradient, and its variance |
# | $V$, $C$ | number | the variance of $x_t$ around the minimum; its covariance with $x_{t-1}$ |
# | $a$ | number | short for $1 + \mu - \eta\lambda$ |
# | $w$, $Z$, $N$ | $(n,)$, $(N, n)$, number | in the regression: coefficients, powers of the inputs, how many inputs |
# | $\rho$ | number | in a proof: a bound on the size of all roots |
# | $\theta$, $U_t$ | number | in a proof: the angle of a pair of roots, $\sin((t+1)\theta)/\sin\theta$ |
# | $x_{t,i}$ | number | link $i$ of the chain after $t$ steps |
# | $\tau$ | number | dampening |
# :::

# %% tags=["hide-input"]
import math
import statistics
from functools import partial
from itertools import islice, repeat
from typing import ClassVar

import torch
from torch.nn.functional import pad
from torch.optim.lr_scheduler import LambdaLR

from book import results
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
from book.explorers import ErrorByEigenvalue, MomentumPhases, Slowness, Smoother
from book.figures import many_curvatures, momentum
from book.numerics.vector import f64
from book.optim import SGD, Momentum, Rule, schedules, state_bytes_of, trajectory
from book.optim.conjugate_gradient import conjugate_directions
from book.optim.heavy_ball import best, iteration, rate
from book.surfaces import bowl
from book.training.data.load import load
from book.training.models import mlp
from book.training.run.loop import train
from book.training.surface.flat import flat_parameters
from book.training.surface.side_by_side import difference

# %% [markdown]
# ## What agrees adds up, what alternates cancels
#
# A valley asks for two things. **Along its floor** the gradients are small and agree: steps should be long. **Between its walls** they are large and alternate: $\eta$ must stay small. The walls set the rate, and the floor pays for it.
#
# Turn the valley straight: $f(x, y) = \frac{1}{2}(x^2 + 50 y^2)$. At $(2, 1)$ the gradient is $(2, 50)$. With $\eta = 0.036$ a step leads to $(1.928, -0.8)$, beyond the floor, where it is $(1.928, -40)$. Momentum keeps a share of the old one, $\mu = 0.9$, and *adds* the new one:
#
# $$\begin{aligned} 0.9 \cdot 2 + 1.928 &= 3.728 \\ 0.9 \cdot 50 - 40 &= 5 \end{aligned}$$
#
# The sum is the **velocity** $b$, counted uphill:
#
# $$\boxed{\; b \leftarrow \mu b + g, \qquad x \leftarrow x - \eta b \;}$$
#
# Here $\eta$ is the {term}`learning rate`, $\mu$ the {term}`momentum`, and $b$ begins at 0. In PyTorch it is `torch.optim.SGD(params, lr=η, momentum=μ)`.
#
# :::{predict}
# With $\mu = 0.9$, how large is $b$ after many gradients: if each is 1, and if they are $1, -1, 1, -1, \dots$?
#
# - `a`: 10 and 0
# - `b`: 10 and about a half
# - `c`: 1 and about a half
# :::


# %%
def velocities(gradients, μ=0.9):
    b, found = 0, []
    for g in gradients:
        b = μ * b + g
        found.append(b)
    return torch.stack(found)


b = velocities([f64(1, (-1) ** k) for k in range(300)])
b[[0, 4, 19, 299]]

# %% [markdown]
# :::{answer} b
# **10 and about a half** (rows: after 1, 5, 20 and 300 gradients). The newest counts most, so alternating ones never cancel wholly. The ten takes time: a warm-up.
# :::
#
# Unroll the formula, and both are geometric sums:
#
# $$b_t = g_{t-1} + \mu\, g_{t-2} + \dots + \mu^{t-1} g_0.$$
#
# - **Along the floor** they agree, and $1 + \mu + \mu^2 + \dots = \frac{1}{1 - \mu}$. So $\eta / (1 - \mu)$ is the {term}`effective learning rate`: **ten times** $\eta$ with $\mu = 0.9$.
# - **Between the walls** they alternate, and $1 - \mu + \mu^2 - \dots = \frac{1}{1 + \mu}$. So the limit of the rate is nearly twice as high: $2(1 + \mu)/\lambda_{\max}$ in place of $2/\lambda_{\max}$. (At an unchanged rate the walls need not get calmer: the ball swings, and its gradients with it.)
#
# Take the gradients of *descent*, just below its limit, and their $b$:

# %% tags=["hide-input"]
points = trajectory(partial(SGD, lr=0.0396), bowl(50), f64(2, 1), 40)[:-1]
gs = points * f64(1, 50)
bs = velocities(list(gs))
show(
    momentum.components(
        {
            "along the floor: it adds up": (gs[:, 0], bs[:, 0]),
            "between the walls: it cancels": (gs[:, 1], bs[:, 1]),
        }
    ),
    f"Along the floor the gradient, in dots, falls slowly from 2 to {gs[-1, 0]:.1f}, and the"
    f" velocity, in bars, climbs to {bs[:, 0].max():.0f} before it falls too. Between the walls"
    " the gradient jumps between plus and minus 50, slowly shrinking, and the velocity's bars"
    " are about half as high.",
)

# %% [markdown]
# ## One curvature: creep or swing
#
# How much memory is right? Take one coordinate, $f(x) = \frac{1}{2}\lambda x^2$ with $\lambda = 1$. Three balls start at rest at $x = 1$, with the rate 0.1.
#
# :::{predict}
# Which is first within a hundredth of 0, and stays there?
#
# - `a`: the one without memory
# - `b`: the one with $\mu = 0.5$
# - `c`: the one with $\mu = 0.9$
# :::


# %%
def parabola(x):
    return x.square().sum() / 2


balls = {}
for μ in (0.0, 0.5, 0.9):
    make = partial(Momentum, lr=0.1, momentum=μ)
    balls[μ] = trajectory(make, parabola, f64(1), 100)[:, 0]


# %% tags=["hide-input"]
def rest(path):
    """The step from which x stays within a hundredth of its start."""
    step = int((path.abs() > 0.01).nonzero().max()) + 1
    if step > len(path) - 10:
        raise ValueError("The path has not settled: run more steps.")
    return step


long, middle = balls[0.9], balls[0.5]
rests = {μ: rest(path) for μ, path in balls.items()}
show(
    momentum.swings(balls, rests),
    "Left, position against step: without momentum x creeps down to 0, with 0.5 it falls to"
    " 0 much sooner and shows no swing to the eye, with 0.9 it swings through 0 to"
    f" {long.min():.1f} and back to {long[long.argmin() :].max():.2f}. Right, velocity"
    " against position: the first comes in along a straight line, the second along a bow"
    " that ends at 0, the third on a wide spiral."
    f" Within a hundredth they stay from steps {', '.join(map(str, rests.values()))}.",
)

# %% tags=["hide-input"]
soonest = min(rests, key=rests.get)
reveal(
    f"**{soonest:g}.** Without memory the ball creeps, with 0.9 it swings."
    f" With 0.5 it swings too, but only to {middle.min():.4f}: you do not see it.",
    right={0.0: "a", 0.5: "b", 0.9: "c"}[soonest],
)

# %% [markdown]
# Put the two lines of the box into one, and each point follows from the last two:
#
# $$x_{t+1} = (1 + \mu - \eta\lambda)\, x_t - \mu\, x_{t-1}.$$
#
# Try $x_t = r^t$: it fits if $r^2 = (1 + \mu - \eta\lambda)\, r - \mu$. So **each direction has two roots** $r$. Their product is $\mu$, and the larger in size sets the pace:
#
# | The two $r$ | What $x$ does | Factor of a step, in the long run |
# |:--|:--|:--|
# | real, positive: $\eta\lambda \le (1 - \sqrt\mu)^2$ | creeps (*monotone*) | the larger $r \ge \sqrt\mu$ |
# | a complex pair: between | swings (*oscillating*) | $\sqrt\mu$, **whatever $\eta$ and $\lambda$ are** |
# | real, negative: $\eta\lambda \ge (1 + \sqrt\mu)^2$ | jumps from side to side (*alternating*) | the larger $\lvert r \rvert \ge \sqrt\mu$; above 1 beyond $2(1 + \mu)$: *diverges* |
#
# :::{dropdown} How the velocity drops out, and where the matrix is
# A step says $x_{t+1} = x_t - \eta b_{t+1}$ with $b_{t+1} = \mu b_t + \lambda x_t$. The step before says $\eta b_t = x_{t-1} - x_t$. Put the second into the first: $x_{t+1} = x_t - \mu (x_{t-1} - x_t) - \eta\lambda x_t$. So the pair $(x_t, x_{t-1})$ goes to the next pair by the same matrix, every time:
#
# $$\begin{aligned} & \begin{pmatrix} x_{t+1} \\ x_t \end{pmatrix} = {} \\ & \begin{pmatrix} 1 + \mu - \eta\lambda & -\mu \\ 1 & 0 \end{pmatrix} \begin{pmatrix} x_t \\ x_{t-1} \end{pmatrix}. \end{aligned}$$
#
# The two $r$ are its eigenvalues.
# :::
#
# :::{dropdown} Why a pair has the size √μ, and where the borders are
# The equation is $(r - r_1)(r - r_2) = 0$ multiplied out, so the sum of its two roots is $1 + \mu - \eta\lambda$ and their product is $\mu$. For a complex pair the product is $r \bar r = \lvert r \rvert^2$; so $\lvert r \rvert = \sqrt\mu$. Two real ones have the same product, so if they differ, one is larger than $\sqrt\mu$; it is the slower one, and it sets the pace.
#
# The border is where the discriminant $(1 + \mu - \eta\lambda)^2 - 4\mu$ is zero, that is, where $1 + \mu - \eta\lambda = \pm 2\sqrt\mu$:
#
# $$\eta\lambda = (1 \pm \sqrt\mu)^2.$$
#
# Between the two the pair is complex; a little inside, a ball passes 0 by less than a hundredth, and is within it sooner. The end is where an eigenvalue reaches $-1$: put $r = -1$ into the equation, and $2 + 2\mu - \eta\lambda = 0$.
# :::
#
# The border of the swing is **critical damping**, $\mu = (1 - \sqrt{\eta\lambda}\,)^2$. Of all $\mu$ it has the lowest factor for this one curvature (if $\eta\lambda < 1$). For the three balls it is at 0.47; a little beyond, 0.5 is within a hundredth sooner.
#
# And the walls? They get calmer only where $\sqrt\mu$ is below descent's $\lvert 1 - \eta\lambda \rvert$. In the opening it is not: 0.95 in place of 0.8. There the floor gains.
#
# ## Many curvatures at once
#
# A real loss has many curvatures, and one $\eta$ and one $\mu$ for all. This is the factor of a step, lines by formula, marks from runs.

# %% tags=["hide-input"]
products = f64(0.05, 0.3, 0.6, 1.45, 1.8, 2.2, 2.8, 3.4, 3.7)
grid = torch.linspace(0.004, 4, 334, dtype=torch.float64)
curves = {μ: [rate(1.0, μ, p) for p in grid.tolist()] for μ in (0.0, 0.5, 0.9)}


def measured(μ):
    """What a step multiplies the length of (xₜ, xₜ₋₁) by, over the last 200 of 300."""
    make, bowls = (
        partial(Momentum, lr=1.0, momentum=μ),
        lambda x: x @ (products * x) / 2,
    )
    path = trajectory(make, bowls, torch.ones_like(products), 300)
    size = torch.hypot(path[1:], path[:-1])
    return (size[-1] / size[99]) ** (1 / 200)


show(
    momentum.plateaus(grid, curves, {μ: (products, measured(μ)) for μ in curves}),
    "Without momentum a V with its tip at 0 for a product of 1, which reaches 1 at a"
    f" product of 2. With 0.5 the factor falls to {0.5**0.5:.2f} soon, stays exactly level to"
    f" {(1 + 0.5**0.5) ** 2:.1f} and shoots up through 1 at {2 * 1.5:g}. With 0.9 it is level at"
    f" {0.9**0.5:.2f} from near 0 to {(1 + 0.9**0.5) ** 2:.1f}. The measured marks lie on the"
    " lines.",
)

# %% [markdown]
# Descent has a **V**: at $\eta\lambda = 1$ it arrives in a single step. For one curvature you need no momentum.
#
# Momentum has a **plateau**: a whole *range* of curvatures goes at one pace, $\sqrt\mu$.
#
# Here are twelve curvatures in one loss, a dot for the factor of each. Raise the rate until the steep end fails. Then add momentum: **the dots line up**, on the plateau.

# %% tags=["hide-input"]
ErrorByEigenvalue(lr=1.0, momentum=0.0, kappa=100, scale="log")

# %% [markdown]
# ## The best pair
#
# All of $\eta\lambda$, from $\eta\lambda_{\min}$ to $\eta\lambda_{\max}$, should lie on the plateau, and the plateau, $\sqrt\mu$, as low as possible.
#
# Draw it in roots, $\sqrt{\eta\lambda}$ across and $\sqrt\mu$ up. The plateau's edges become straight lines, $\sqrt{\eta\lambda} = 1 \pm \sqrt\mu$: a **wedge**. Inside it a point's *height is its factor*. Drag the filled point, the steepest direction, down until it and the hollow one, the flattest, stand on the two edges.

# %% tags=["hide-input"]
MomentumPhases(1.8, 0.9, kappa=50)

# %% [markdown]
# No lower pair fits in: the steepest has $\sqrt{\eta\lambda_{\max}} = 1 + \sqrt\mu$, the flattest $\sqrt{\eta\lambda_{\min}} = 1 - \sqrt\mu$. Add the two, and you have $\eta$; divide them, and you have $\mu$. It is the pair of {cite:t}`polyak1964`:
#
# $$\boxed{\;\begin{aligned} \eta &= \frac{4}{\big(\sqrt{\lambda_{\max}} + \sqrt{\lambda_{\min}}\big)^2} \\ \sqrt\mu &= \frac{\sqrt\kappa - 1}{\sqrt\kappa + 1} \end{aligned}\;}$$
#
# $\sqrt\mu$ is the factor of a step. Descent at its best has $(\kappa - 1)/(\kappa + 1)$: momentum has the same **with $\sqrt\kappa$ in place of $\kappa$**. The limit of the rate is only $1 + 1/\kappa$ times the best: in doubt, take less, and more momentum.
#
# :::{dropdown} Could a pair off the plateau be faster?
# Off the plateau a factor is above $\sqrt\mu$, so only a smaller $\mu$ could be. Let no root be larger than $\rho < 1$ in size. The product of two is $\mu$, so $\mu \le \rho^2$. Their sum, $1 + \mu - \eta\lambda$, is at most $\rho + \mu/\rho$ in size: that of a pair is at most $2\sqrt\mu$, which is no more; that of two real ones is $r + \mu/r$ in size with $\mu/\rho \le r \le \rho$, and as a convex function of $r$ it is largest at an end. That is, for both ends of the valley,
#
# $$\begin{aligned} \eta\lambda &\ge (1 - \rho)(1 - \mu/\rho) \\ \eta\lambda &\le (1 + \rho)(1 + \mu/\rho). \end{aligned}$$
#
# Divide the largest $\eta\lambda$ by the smallest, and use $\mu/\rho \le \rho$: $\kappa \le \big((1 + \rho)/(1 - \rho)\big)^2$. So $\rho \ge (\sqrt\kappa - 1)/(\sqrt\kappa + 1)$: **no pair is faster in the long run**, on the plateau or off it.
# :::
#
# Which $\mu$ was best in the opening, where $\lambda_{\min} = 1$ and $\lambda_{\max} = 50$?

# %% tags=["hide-input"]
turn = math.radians(-10)  # of the opening's valley; both start at (−1.9, 0.8)
opening = (
    math.cos(turn) * -1.9 + math.sin(turn) * 0.8,
    math.cos(turn) * 0.8 - math.sin(turn) * -1.9,
)
rates = torch.linspace(0.001, 0.08, 160, dtype=torch.float64)
momenta = torch.linspace(0, 0.99, 140, dtype=torch.float64)


def arrivals(lr, μ, start=opening, share=0.01):
    """The step from which the distance is at most a share of the first, for each η and μ."""
    lr, μ = torch.broadcast_tensors(
        *map(partial(torch.as_tensor, dtype=torch.float64), (lr, μ))
    )
    found = torch.zeros(lr.shape)
    here = before = [x + 0 * lr for x in start]
    for t in range(1, 400):
        moves = zip((1.0, 50.0), here, before, strict=True)
        here, before = [(1 + μ - lr * λ) * x - μ * old for λ, x, old in moves], here
        far = ~(torch.hypot(*here) <= share * math.hypot(*start))
        found[far] = t + 1
    return found.int()


η, μ = best(1.0, 50.0)
seen = arrivals(rates, momenta[:, None])
shares = torch.arange(96) / 100
fixed, freely = arrivals(0.036, shares), arrivals(rates, shares[:, None]).amin(dim=1)
show(
    momentum.by_memory(shares, {"rate 0.036": fixed, "its best rate": freely}),
    "Steps against momentum, logarithmic. At the rate 0.036 they fall from"
    f" {fixed[0]} without momentum to {fixed.min()} at {fixed.argmin() / 100:.2f}, and climb"
    f" steeply beyond. With the best rate for each momentum the curve begins at {freely[0]}"
    f" and is lowest at {shares[freely.argmin()]:.2f}, with {freely.min()}.",
)

# %% tags=["hide-input"]
say(
    f"Of {seen.numel():,} pairs of a grid the best takes **{seen.min()}** steps. The box,"
    f" $\\eta = {η:.4f}$ and $\\mu = {μ:.3f}$, takes {arrivals(η, μ)}. It is the best in the"
    " long run, and from rest that begins late, as the next part shows."
)

# %% [markdown]
# ## A root in the number of steps
#
# For large $\kappa$ the best factors are about $1 - 2/\kappa$ and $1 - 2/\sqrt\kappa$. To a millionth of the distance that makes about $\frac{\kappa}{2} \ln 10^6$ steps of descent and, once its long run has begun, $\frac{\sqrt\kappa}{2} \ln 10^6$ of momentum.
#
# :::{predict}
# With the best pair at $\kappa = 300$, from $(1, 1)$, what does the *loss* do in the first ten steps?
#
# - `a`: it falls by the factor $\mu$ in each step
# - `b`: it falls, but more slowly than that
# - `c`: it rises far above its start
# :::


# %% tags=["hide-input"]
def best_of_each(κ):
    η, μ = best(1.0, κ)
    return {
        "descent": partial(SGD, lr=2 / (1 + κ)),
        "momentum": partial(Momentum, lr=η, momentum=μ),
    }


def walk(λ, η, μ, steps, first=1.0):
    """x of each step from rest at 1; a share `first` of the first step is taken."""
    path = [torch.ones_like(λ), 1 - first * η * λ]
    for _ in range(steps - 1):
        path.append((1 + μ - η * λ) * path[-1] - μ * path[-2])
    return torch.stack(path)


def arrived(path):
    """The step from which the distance is at most a millionth of its start."""
    return int((path.norm(dim=1) > 1e-6 * 2**0.5).sum())


kappas = (3, 10, 30, 100, 300)
counted, formula = {}, {}
for κ in kappas:
    η, μ = best(1.0, κ)
    for name, lr, share, factor in (
        ("descent", 2 / (1 + κ), 0.0, (κ - 1) / (κ + 1)),
        ("momentum", η, μ, μ**0.5),
    ):
        steps = math.log(1e-6) / math.log(factor)
        path = walk(f64(1, κ), lr, share, int(1.05 * steps) + 60)
        counted.setdefault(name, []).append(arrived(path))
        formula.setdefault(name, []).append(steps)

losses = {}
for name, make in best_of_each(kappas[-1]).items():
    losses[name] = bowl(kappas[-1])(trajectory(make, bowl(kappas[-1]), f64(1, 1), 120))
    losses[name] = losses[name] / losses[name][0]
halved = walk(f64(1, kappas[-1]), η, μ, 300, first=0.5)
here, velocity, slow_start = f64(1, 1), f64(0, 0), []  # the first rate halved
for t in range(60):
    velocity = μ * velocity + here * f64(1, kappas[-1])
    here = here - (η if t else η / 2) * velocity
    slow_start.append(bowl(kappas[-1])(here) / bowl(kappas[-1])(f64(1, 1)))
slow_start = torch.stack(slow_start)
losses["first halved"] = bowl(kappas[-1])(halved[:121]) / bowl(kappas[-1])(halved[0])
rise = losses["momentum"]
top, below = rise.argmax().item(), (rise > 1).nonzero().max().item() + 1
over_line = max(
    a / b for a, b in zip(counted["momentum"], formula["momentum"], strict=True)
)
hill = (1 + (1 + μ**0.5) * torch.arange(len(rise))) ** 2 * μ ** torch.arange(len(rise))
show(
    many_curvatures.steps_by_condition(kappas, counted, formula, losses),
    "Left, steps to a millionth against the condition number, both axes logarithmic: descent"
    f" rises from {counted['descent'][0]} to {counted['descent'][-1]:,}, momentum about half"
    f" as steeply from {counted['momentum'][0]} to {counted['momentum'][-1]}, its marks up to"
    f" {over_line - 1:.0%} above its line. Right, the loss at the last of them: descent's drops"
    " at once and then hardly falls; momentum's shoots up, stays above its start for dozens of"
    " steps, a shaded hill, and then falls far below descent's. Dashed, with half"
    " of the first gradient: it dips, swings up again below its start, and falls.",
)

# %% tags=["hide-input"]
reveal(
    "**It rises.** $\\eta\\lambda_{\\max}$ is between 3 and 4: the first step throws the steepest"
    " coordinate past the floor, to more than twice as far out. At step"
    f" {top} the loss is **{rise.max():.0f} times** its start, and above it until step {below}."
    f" To undo it costs steps, a factor $t$: the marks lie up to {over_line - 1:.0%} above the line.",
    right="c" if rise.max() > 1 else "b",
)

# %% [markdown]
# The cure: **let half of the first gradient into $b$**, and all of the others. (In a program: halve each `grad` before the first `step`.)

# %% tags=["hide-input"]
above = losses["first halved"].max() > 1
say(
    f"The loss, dashed, {'rises above' if above else '**never rises above**'} its start, and a millionth takes"
    f" **{arrived(halved)}** steps in place of {counted['momentum'][-1]}."
)

# %% [markdown]
# :::{dropdown} Why it rises: a factor t
# From rest, $t$ steps of the best pair leave of the steepest direction's distance exactly
#
# $$\big(1 + (1 + \sqrt\mu)\, t\big)\, \mu^{t/2},$$
#
# and in no other direction more. First the $t$ wins; in the long run $\mu^{t/2}$ does.
#
# To see why, put $1 + \mu - \eta\lambda = 2\sqrt\mu \cos\theta$ along an eigenvector of the plateau. Then
#
# $$\begin{aligned} x_t &= \mu^{t/2} \big(U_t - \sqrt\mu\, U_{t-1}\big)\, x_0 \\ U_t &= \frac{\sin\big((t+1)\,\theta\big)}{\sin\theta}: \end{aligned}$$
#
# since $U_{t+1} = 2 \cos\theta\, U_t - U_{t-1}$, it obeys the recursion; and $U_{-1} = 0$, $U_0 = 1$, $U_1 = 2\cos\theta$ give $x_1 = (1 - \eta\lambda)\, x_0$, the step from rest. Now $\lvert U_t \rvert \le t + 1$, so $\lvert x_t \rvert \le \mu^{t/2}\,(t + 1 + \sqrt\mu\, t)\, \lvert x_0 \rvert$. At $\theta = \pi$, the steepest end of the best pair, $U_t = (-1)^t (t+1)$, and the two are equal. At $\theta = 0$, the flattest, what is left is $(1 + (1 - \sqrt\mu)\, t)\, \mu^{t/2}$.
#
# As $\ln \sqrt\mu \approx -2/\sqrt\kappa$, the first is back at 1 where $t \approx \frac{\sqrt\kappa}{2} \ln 2t$, which grows a little faster than $\sqrt\kappa$.
#
# With half of the first gradient $x_1$ is $1 - \eta\lambda/2 = \frac{1 - \mu}{2} + \sqrt\mu \cos\theta$ times $x_0$, and so
#
# $$x_t = \mu^{t/2} \Big(\cos t\theta + \frac{1 - \mu}{2\sqrt\mu} U_{t-1}\Big) x_0.$$
#
# The cosine is at most 1, $U_{t-1}$ at most $t$, both so at $\theta = 0$. So at most $(1 + ct)\, \mu^{t/2}$ is left, with $c = (1 - \mu)/(2\sqrt\mu) = 2\sqrt\kappa/(\kappa - 1)$. That is below 1 from the first step on, **for every $\kappa$ and every start**: its logarithm, $\ln(1 + ct) + t \ln\sqrt\mu$, is concave in $t$, is 0 at $t = 0$, and at $t = 1$ it is that of $(1 + c)\sqrt\mu = 1 - \frac{1}{2}(1 - \sqrt\mu)^2$.
# :::
#
# ## Slowness you can see
#
# You are told only by how much neighbouring pixels differ, in which direction, and that the frame is grey. Find the picture. The eigenvectors are waves, with curvatures from 0.018, the broadest, to 8, the finest: $\kappa = 441$. Both methods have their best rates. Press *Play*.

# %% tags=["hide-input"]
cifar, _ = load("cifar10")
Slowness(cifar.images[26])

# %% tags=["hide-input"]
picture = cifar.images[26].double() / 255 - 0.5  # 0 is grey


def mismatch(x):
    error = pad(x.view_as(picture) - picture, (1, 1, 1, 1))  # grey outside
    return sum(error.diff(dim=side).square().sum() for side in (-1, -2)) / 2


low, high = (4 + sign * 4 * math.cos(math.pi / 33) for sign in (-1, 1))
η, μ = best(low, high)
rates_of = {
    "descent": partial(SGD, lr=2 / (low + high)),
    "momentum": partial(Momentum, lr=η, momentum=μ),
}
grey, remaining = torch.zeros(picture.numel()).double(), {}
for name, make in rates_of.items():
    film = trajectory(make, mismatch, grey, 300)
    remaining[name] = (film - picture.flatten()).norm(dim=1) / picture.norm()
i = torch.arange(1, 33).double()
waves = math.sqrt(2 / 33) * torch.sin(math.pi / 33 * i[:, None] * i)
bends = 2 - 2 * torch.cos(math.pi / 33 * i)  # a wave's curvature is the sum of two
finest = (waves @ picture @ waves).square()[..., bends[:, None] + bends > 7].sum()
say(
    "Descent brings out the middle waves first, and with them **the edges**; the white areas,"
    " broad waves, seep in from the frame. (The finest are as slow as the broadest, but those above 7"
    f" are {finest / picture.square().sum():.2%} of this picture.) Momentum throws the edges too far (step 3), then"
    f" serves all at one pace. It leaves {remaining['momentum'][30]:.1%} of the distance after **30** steps, descent"
    f" {remaining['descent'][300]:.1%} after **300**."
)

# %% [markdown]
# ## Could more memory beat a root?
#
# One velocity turned $\kappa$ into $\sqrt\kappa$. Why not remember more, and have the cube root?
#
# {cite:t}`nesterov2004` built a function that answers. In a long chain each number is tied to its neighbours and weakly to 0, and only the first is pulled:
#
# $$\begin{aligned} f(x) = {} & \tfrac{\kappa - 1}{8}\, (x_1^2 - 2 x_1) + \tfrac{1}{2} \lVert x \rVert^2 \\ & + \tfrac{\kappa - 1}{8} \sum_{i} (x_i - x_{i+1})^2. \end{aligned}$$
#
# Its curvatures lie between 1 and $\kappa$. All numbers start at 0. Run any method whose steps add up gradients, new or remembered, in any proportion.
#
# :::{predict} number
# How many numbers of the chain can differ from 0 after ten steps, at most?
# :::

# %% tags=["hide-input"]
κ, links, steps = 100.0, 150, 80
q = (κ**0.5 - 1) / (κ**0.5 + 1)
goal = q ** torch.arange(1, links + 1).double()  # where f is least


def chain(x):
    ties = x[0].square() + x.diff().square().sum() - 2 * x[0]
    return (κ - 1) / 8 * ties + x.square().sum() / 2


walks = {
    name: trajectory(make, chain, 0 * goal, steps)
    for name, make in best_of_each(κ).items()
}
pull = -torch.func.grad(chain)(0 * goal)
H = torch.func.hessian(chain)(0 * goal)
visits = islice(conjugate_directions(lambda v: H @ v, pull, 0 * goal), steps + 1)
walks["conjugate gradient"] = torch.stack([visit.x for visit in visits])
left = {name: (w - goal).norm(dim=1) / goal.norm() for name, w in walks.items()}
bound = q ** torch.arange(steps + 1).double()
moved = max(int((walk[10] != 0).sum()) for walk in walks.values())
respected = all(bool((share >= bound * (1 - 1e-9)).all()) for share in left.values())
off = (left["momentum"] / bound - 1).abs().max()  # 150 links are not endless
seen_links = {name: walk[:61, :60] / goal[:60] for name, walk in walks.items()}
show(
    many_curvatures.reach(seen_links, left, bound),
    "Three maps of link against step, darker where a link is nearer its goal. A staircase along"
    f" the diagonal bounds an empty corner: after ten steps {moved} links have moved. With"
    " descent the dark seeps up ever more slowly, far below the stairs. With momentum all is"
    " dark right up to them, with conjugate gradient nearly. Fourth, the distance left against"
    " the step, logarithmic: descent falls slowly, momentum lies on the straight bound, and"
    " nothing is below it.",
)

# %% tags=["hide-input"]
reveal(
    f"**{moved}.** An entry of the gradient depends on its neighbours alone, so news of the pull travels"
    " one link a step. Momentum with the best pair lies"
    f" {'*on*' if off < 1e-3 else 'near'} the bound, and {'nothing' if respected else 'something'} lies below it.",
    right=moved,
)

# %% [markdown]
# At its least, an endless chain has $x_i = q^i$ with $q = (\sqrt\kappa - 1)/(\sqrt\kappa + 1)$. After $t$ steps the links beyond $t$ are still at 0: they miss their goals $q^{t+1}, q^{t+2}, \dots$, which are $q^t$ times all the goals. So at least the share $q^t$ of the distance is left. **And $q$ is the factor of the best pair.**
#
# *No memory of gradients beats the root on all such functions*: let the chain be long enough. Momentum meets the bound: each step puts one more link on its goal.
#
# :::{dropdown} Why each step puts one more link on its goal
# With the best pair, and $x_{t,0} = 1$ for the pull, link $i$ steps to
#
# $$\begin{aligned} x_{t+1,i} = {} & q\,(x_{t,i-1} + x_{t,i+1}) \\ & {} - q^2\, x_{t-1,i}. \end{aligned}$$
#
# As long as $t$ steps have put $t$ links on their goals and left all others at 0, link $t + 1$ comes to $q \cdot q^t$, its goal, and those on theirs stay.
#
# How the step becomes so short: entry $i$ of the gradient is $\frac{\kappa - 1}{4}(2x_i - x_{i-1} - x_{i+1}) + x_i$. The best pair has $\sqrt\mu = q$ and $\sqrt\eta = 2/(\sqrt\kappa + 1) = 1 - q$, so $\eta\,\frac{\kappa - 1}{4} = q$. In Polyak's form $x_i$ has the factor $1 + \mu - 2q - \eta = (1 - q)^2 - \eta = 0$, and only the neighbours and the past remain.
#
# Link $t$ then comes to $q \cdot q^{t-1}$, as link $t + 1$ and its own past are 0. Those before come to $q\,(q^{i-1} + q^{i+1}) - q^2 q^i = q^i$. So they stay.
#
# And the factor $t$ of the rise? Single directions still carry it. In the distance, to which each adds its share, none is left. Chebyshev's number, nearly $2q^t$, is for the worst start of all; the chain is one start, and leaves $q^t$. (Conjugate gradient does not lie on the bound: it makes $f$ least, not the distance.)
# :::
#
# The chain is a *quadratic*. On other convex functions a ball with this pair may circle for ever: {doc}`nesterov` shows one, and the remedy.
#
# ## What momentum saves, and what the longer step saves
#
# Train a network at one small rate, and $\mu = 0.9$ can take a ninth of the steps. What is left with each at its best rate?
#
# Count the steps to a training loss of 0.1: $784 \to 64 \to 10$, three seeds, stored. First on all of MNIST in minibatches of 128; then on 1,000 images, all in each step, so that data and batch both change.
#
# :::{predict}
# With minibatches, each at its best: how many steps does plain SGD need for one of momentum?
#
# - `a`: about nine
# - `b`: about three
# - `c`: hardly more than one
# :::

# %% tags=["hide-input"]
stored = results.load("momentum")["results"]
settings = {"batch of 128": stored["minibatch"], "1,000 at once": stored["full batch"]}
runs = {
    (name, loss): [{**row, "steps": row["steps"][k]} for row in setting["rows"]]
    for name, setting in settings.items()
    for k, loss in enumerate(stored["targets"])
}
budgets = {name: setting["budget"] for name, setting in settings.items()}
show(
    momentum.costs({name: runs[name, 0.1] for name in settings}, budgets, momentum=0.9),
    "Steps to the loss against the rate, in two rows: with minibatches and with 1,000"
    " images at once. At left, against the rate itself, momentum's curve is SGD's moved"
    " a factor of ten to the left. At right, against the effective rate, the two lie on"
    " each other as long as the rate is small. With minibatches both then bottom out"
    " close to each other, momentum a little lower and further right; with all images at"
    " once SGD no longer arrives beyond 0.5, while momentum goes on falling to 2 before"
    " it turns.",
)


# %% tags=["hide-input"]
def seeds_at(case, method, sixth):
    [row] = [r for r in runs[case] if (r["method"], r["sixth"]) == (method, sixth)]
    return row["steps"]


def cost(case, method, sixth):
    steps = seeds_at(case, method, sixth)
    return math.inf if None in steps else statistics.median(steps)


def best_sixth(case, method):
    mine = [r["sixth"] for r in runs[case] if r["method"] == method]
    return min(mine, key=lambda sixth: cost(case, method, sixth))


def best_cost(case, method):
    return cost(case, method, best_sixth(case, method))


def overlap(case):
    """Whether the seeds' ranges of the two methods overlap, each at its best rate."""
    ranges = [seeds_at(case, m, best_sixth(case, m)) for m in ("sgd", "momentum")]
    return max(map(min, ranges)) <= min(map(max, ranges))


def three_ratios(case, lowest):
    """Steps of SGD over those of momentum; its rate is 10^(sixth/6), that of momentum a tenth."""
    return (
        cost(case, "sgd", lowest) / cost(case, "momentum", lowest + 6),
        cost(case, "sgd", -6) / cost(case, "momentum", -6),
        best_cost(case, "sgd") / best_cost(case, "momentum"),
    )


gains = {case: three_ratios(case, -12 if "128" in case[0] else -6) for case in runs}
mini, full = gains["batch of 128", 0.1], gains["1,000 at once", 0.1]
together = "overlap" if overlap(("batch of 128", 0.1)) else "do not overlap"


def best_rate(case, method):
    """The effective rate of the fewest steps; where several tie, their geometric mean."""
    mine = [r for r in runs[case] if r["method"] == method]
    least = best_cost(case, method)
    ties = [r["lr"] for r in mine if cost(case, method, r["sixth"]) == least]
    return statistics.geometric_mean(ties) / (0.1 if method == "momentum" else 1)


wider = best_rate(("1,000 at once", 0.1), "momentum") / best_rate(
    ("1,000 at once", 0.1), "sgd"
)
seeds = len(runs["batch of 128", 0.1][0]["steps"])


# %% tags=["hide-input"]
apart = "overlap" if overlap(("1,000 at once", 0.1)) else "do not overlap"
bests = {
    method: best_rate(("1,000 at once", 0.1), method)
    / best_rate(("batch of 128", 0.1), method)
    for method in ("sgd", "momentum")
}


def fails(name):
    """The smallest rates at which some seeds of SGD, and all of them, do not reach the loss."""
    sgd = [r for r in runs[name, 0.1] if r["method"] == "sgd"]
    return [
        min(r["lr"] for r in sgd if some(s is None for s in r["steps"]))
        for some in (any, all)
    ]


[edges] = {
    "the rates {:.2f} (some seeds) and {:.1f} (all)".format(*fails(name))
    for name in settings
}
reveal(
    f"**{mini[2]:.1f}**. With all 1,000 images in each step **{full[2]:.1f}**; the ranges of the"
    f" seeds {apart}. The ninth ({mini[0]:.1f}, at equal rates) is the ten times longer step.",
    right="abc"[min(range(3), key=lambda k: abs((9, 3, 1)[k] - mini[2]))],
)

# %% tags=["hide-input"]
evidence(
    "F7",
    "partly",
    f"At the same rate SGD needs {mini[0]:.1f} times momentum's steps; with each at its best rate"
    f" {mini[2]:.1f} times, and the ranges of the seeds {together} (MNIST, {seeds} seeds, to a"
    " training loss of 0.1).",
    "Before you credit momentum with a saving, search SGD's own best rate; begin at η/(1 − μ).",
    f"The same rate is {10 ** (-12 / 6):g}, where momentum's effective rate is ten times"
    f" SGD's; at the equal effective rate 0.1: {mini[1]:.1f}; each at its"
    f" best on 1,000 images, all in each step: {full[2]:.1f}. One network, one μ; the best"
    " rates are known to a sixth of a decade, and with minibatches the loss was looked at every"
    f" {settings['batch of 128']['every']} steps. On a quadratic momentum may have an effective rate up"
    " to (1 + μ)/(1 − μ) = 19 times SGD's; with all 1,000 images its best is"
    f" {wider:.1f} times SGD's.",
)

# %% [markdown]
# (noise-a-smooth-velocity-an-unsteady-ball)=
# ## Noise: a smooth velocity, and the ball
#
# Up to a factor the velocity is an {term}`exponential average` of the gradients, smoother than any one of them. Do the parameters then sit more quietly at the minimum? Take the twelve curvatures, with noise in every gradient.
#
# :::{predict}
# At the *same* rate, after many steps, the mean loss of momentum 0.9 is
#
# - `a`: lower than that of SGD, as its steps are averages
# - `b`: about the same
# - `c`: about ten times higher
# :::

# %% tags=["hide-input"]
curvatures = torch.logspace(-2, 0, 12, dtype=torch.float64)
σ, many = 0.15, 400
noise = σ * torch.randn(
    250, many * 12, generator=torch.Generator().manual_seed(1), dtype=torch.float64
)


def bowls(x):
    return (curvatures * x.view(-1, 12) ** 2).sum() / 2


def mean_loss(lr, μ, loss, balls, noise):
    """Of each step, from a start where the twelve have equal shares of a loss."""
    start = (2 * loss / (12 * curvatures)).sqrt().repeat(balls)
    path = trajectory(partial(Momentum, lr=lr, momentum=μ), bowls, start, 250, noise)
    return (curvatures * path.view(-1, balls, 12) ** 2).sum(dim=2).mean(dim=1) / 2


cases = {
    "SGD": (0.5, 0.0),
    "equal effective rate": (0.05, 0.9),
    "equal rate": (0.5, 0.9),
}
from_noise = {name: mean_loss(*case, 0.0, many, noise) for name, case in cases.items()}
late = range(151, 251)  # steps
levels = [loss[late].mean().item() for loss in from_noise.values()]
ErrorByEigenvalue(0.9, noise=σ, lr=0.5, beside="same", scale="log", t=100)

# %% tags=["hide-input"]
reveal(
    f"**{levels[2] / levels[0]:.1f} times as high** ({many} runs of the library, steps {late[0]} to {late[-1]});"
    f" at the equal *effective* rate {levels[1] / levels[0]:.2f} times, about the same.",
    right="c" if levels[2] > 5 * levels[0] else "b",
)

# %% [markdown]
# **The loss has two parts, and they add up**: what is left of the start, dashed, and what the noise brings, dotted. From the green line on the noise is larger: then a smaller $\eta/(1-\mu)$ helps, a larger batch, or an average of the iterates. Lower $\eta$, and watch the line move; under *More* compare at the same $\eta/(1 - \mu)$.
#
# Where $\eta\lambda$ is small, and the noise has one variance everywhere, the ball hovers with $V \approx \frac{\eta}{1 - \mu} \cdot \frac{\sigma^2}{2\lambda}$: plain SGD's at the effective rate, where $\eta\lambda/(1-\mu)$ is small too ([Noise, by formula](#noise-by-formula) derives it). {cite:t}`shallue2019` saw what follows on many networks: with small batches SGD is as good, with large ones not.
#
# ## On one screen

# %% tags=["remove-input"]
one_screen("Momentum")

# %% [markdown]
# ## Use it

# %% tags=["remove-input"]
use_it("Momentum")

# %% [markdown]
# ## Going further
#
# ### Every run is a polynomial
#
# *You see why momentum has a root: where descent and momentum put the zeros of one polynomial.*
#
# On a quadratic, a run of $t$ steps multiplies the distance along each eigenvector by a polynomial $p_t(\lambda)$ of degree $t$, with $p_t(0) = 1$. Descent's is $(1 - \eta\lambda)^t$: all its zeros lie in one place. Where does momentum put its own?

# %% tags=["hide-input"]
λs, degree = torch.linspace(1, 50, 1471).double(), 24
p = {
    name: trajectory(make, lambda x: (λs * x * x).sum() / 2, 0 * λs + 1, degree)[-1]
    for name, make in best_of_each(50.0).items()
}
η24, μ24 = best(1.0, 50.0)
q, middle = μ24**0.5, (51 - 2 * λs) / 49
gentle = walk(λs, η24, μ24, degree, first=0.5)[-1]
ripple = 2 * q**degree / (1 + q ** (2 * degree))  # of Chebyshev's, on the valley
p["least possible"] = ripple * torch.special.chebyshev_polynomial_t(middle, degree)
zeros = int((p["momentum"][1:] * p["momentum"][:-1] < 0).sum())
worst = {name: float(values.abs().max()) for name, values in p.items()}
show(
    many_curvatures.polynomials(λs, p, degree),
    "The size of the polynomial over the curvatures, logarithmic. Descent's is a single deep"
    " notch in the middle and high at both ends. Momentum's is a comb of dips, closest together at both ends,"
    f" highest at the steep end with {worst['momentum']:.2f}. A comb of even height, the least possible,"
    " stays far below that.",
)

# %% tags=["hide-input"]
say(
    f"Descent spends all {degree} steps on the middle of the valley and leaves"
    f" **{worst['descent']:.2f}** at the ends. Momentum spreads {zeros} zeros over the whole of it"
    f" and leaves at most **{worst['momentum']:.3f}**. No {degree} gradients leave less than"
    f" **{worst['least possible']:.4f}** everywhere, $2q^t/(1 + q^{{2t}})$ with $q = \\sqrt\\mu$: Chebyshev's polynomial."
    f" In the long run the factor of a step is the same. With half of the first gradient momentum leaves **{gentle.abs().max():.4f}**."
)

# %% [markdown]
# ### Early stopping: what slowness is good for
#
# *You see eigenvectors that mean something, and why a run may stop too late.*
#
# Whose curvatures are these? Fit a polynomial, $w_0 + w_1 s + \dots + w_6 s^6$, to 12 noisy points. The inputs' powers are the rows of $Z$, of shape $(N, n) = (12, 7)$; the loss is half the mean square error, and its Hessian is $Z^\top Z / N$. An eigenvector of it is a *combination of coefficients*, so it is a polynomial itself. Change the coefficients along it by 1, and the predictions change by $\sqrt\lambda$ in the root mean square over the data.

# %%
rng = torch.Generator().manual_seed(0)


def noisy_points(n):
    s = 2 * torch.rand(n, generator=rng, dtype=torch.float64) - 1
    return s, torch.sin(3 * s) + 0.4 * torch.randn(
        n, generator=rng, dtype=torch.float64
    )


def powers(s):
    return s[:, None] ** torch.arange(7)


(inputs, targets), (new_inputs, new_targets) = noisy_points(12), noisy_points(1000)
Z = powers(inputs)
λs, Q = torch.linalg.eigh(Z.T @ Z / len(Z))

# %% tags=["hide-input"]
line = torch.linspace(-1, 1, 201, dtype=torch.float64)
show(
    many_curvatures.eigenpolynomials(
        line, (powers(line) @ Q).flip(1), λs.flip(0).tolist(), inputs
    ),
    "Seven polynomials, each over ticks that mark the data. The first, of the largest"
    " curvature, is high at all the data; the following ones have more and more crossings"
    " and smaller values; the last is nearly zero at every tick.",
)

# %% [markdown]
# The first polynomials are **robust**: the data pin them down, because a small change along them moves the predictions. The last are **fragile**: the data hardly feel them, so the noise decides their coefficients, and they are small at the data and large elsewhere.
#
# Descent at the rate $\eta$ has made up $1 - (1 - \eta\lambda)^t$ of the way along each after $t$ steps.
#
# :::{predict}
# What does the error on new points do, from the first step to the millionth?
#
# - `a`: it falls to the end, ever more slowly
# - `b`: it falls, and then rises above where it began
# - `c`: it falls and then stays
# :::

# %%
η = 1 / λs[-1].item()
solved = Q.T @ torch.linalg.lstsq(Z, targets[:, None]).solution[:, 0]


def coefficients(t):
    return Q @ ((1 - (1 - η * λs) ** t) * solved)


# %% tags=["hide-input"]
def loss_of_fit(w):
    return (Z @ w - targets).square().mean() / 2


walked = trajectory(partial(SGD, lr=η), loss_of_fit, f64(*[0] * 7), 300)[-1]
agreement = (walked - coefficients(300)).abs().max()


def error(w, s, y):
    return (powers(s) @ w - y).square().mean().sqrt().item()


steps_seen = torch.logspace(0, 6, 61).round()
both = {
    "on the 12 points": [error(coefficients(t), inputs, targets) for t in steps_seen],
    "on new points": [
        error(coefficients(t), new_inputs, new_targets) for t in steps_seen
    ],
}
both = {name: torch.tensor(values) for name, values in both.items()}
stop = int(steps_seen[both["on new points"].argmin()])
show(
    many_curvatures.early_stopping(
        steps_seen,
        both,
        line,
        {f"step {t:,}": powers(line) @ coefficients(t) for t in (stop, 10**6)},
        (inputs, targets),
    ),
    "Left, errors against the step, logarithmic: the error on the 12 points falls to the"
    " end, that on new points falls until thousands of steps and then climbs far above its"
    " start. Right, the polynomial of the lowest error follows the data gently; that of the"
    " last step shoots out of the picture between and beyond them.",
)

# %% tags=["hide-input"]
new = both["on new points"]
at_zero = error(coefficients(0), new_inputs, new_targets)
reveal(
    f"It falls from {at_zero:.2f} at step 0, with one small rise, to **{new.min():.2f}** at step {stop:,} and climbs to"
    f" **{new[-1]:.1f}**, while the error on the 12 points falls to the end. (The formula"
    f" and 300 steps of the library agree to within 1e-9: {'yes' if agreement < 1e-9 else 'no'}.)",
    right="b" if new[-1] > new[0] else "a",
)

# %% [markdown]
# **Early stopping** is what slowness is good for: it leaves undone what the data do not support. Does momentum take it away?


# %%
def least_error(lr, μ):
    ball = partial(Momentum, lr=lr, momentum=μ)
    path = trajectory(ball, loss_of_fit, f64(*[0] * 7), 600)
    errors = (path @ powers(new_inputs).T - new_targets).square().mean(dim=1).sqrt()
    return errors.min().item(), errors.argmin().item(), errors.max().item()


# %% tags=["hide-input"]
(same, soon, _), (worse, at_once, highest) = (
    least_error(η, 0.9),
    least_error(*best(λs[0].item(), λs[-1].item())),
)
say(
    f"With $\\mu = 0.9$ at the same rate the least error is {same:.2f} again, at step"
    f" **{soon}** in place of {stop:,}: about a tenth of the steps. In 600 steps of the best"
    f" pair it is **{worse:.2f}**, at step {at_once}: from there it rises to {highest:.0f}, and serves robust and"
    " fragile alike."
)

# %% [markdown]
# ### More numbers behind the core
#
# *You see the matrix against a run, every pair on one map, and two losses in place of one.*
#
# #### The matrix against a run
#
# Sixty steps of the third ball, and the 60th power of the matrix that takes $(x_t, x_{t-1})$ to the next pair:

# %%
M = iteration(lr=0.1, momentum=0.9, curvature=1.0)
pair = torch.linalg.matrix_power(M, 60) @ f64(1, 1)

# %% tags=["hide-input"]
say(f"The run is at {balls[0.9][60]:.6f}, and the power says **{pair[0]:.6f}**.")

# %% [markdown]
# #### Half of the first gradient, or of the first rate

# %% tags=["hide-input"]
say(
    f"At $\\kappa = {kappas[-1]}$, $c$ is {2 * kappas[-1] ** 0.5 / (kappas[-1] - 1):.2f}: so little is left of the factor $t$ when half of the"
    " first gradient goes into $b$. Halve the first *rate* instead, and the loss"
    f" still rises {slow_start.max():.0f}-fold: $b$ keeps the whole gradient."
)

# %% [markdown]
# #### Every pair on one map
#
# Is the best pair really the best? Here is the slowest factor of the valley with $\kappa = 50$ for a whole grid of others, the one that claim F5 below counts.

# %% tags=["hide-input"]
slowest = torch.tensor(
    [
        [max(rate(η, μ, λ) for λ in (1.0, 50.0)) for η in rates.tolist()]
        for μ in momenta.tolist()
    ]
)
best_pair, (agree, alternate) = best(1.0, 50.0), b[-1].abs().tolist()
show(
    momentum.phases(
        rates,
        momenta,
        slowest,
        {"best for descent": (2 / 51, 0), "best pair": best_pair},
    ),
    "Lines of equal factor over rate and momentum. The region that converges is bounded by"
    f" a line that leans to the right, from {2 / 50:.2f} at the bottom to {4 / 50:.2f} at the"
    " top. The best pair lies inside a narrow wedge close to that line, at"
    f" {best_pair[0]:.3f} and {best_pair[1]:.2f}, far above the best rate of descent on the"
    " bottom edge.",
)


# %% tags=["hide-input"]
to_a_millionth = partial(arrivals, start=(1.0, 1.0), share=1e-6)
soonest_of_all = to_a_millionth(rates, momenta[:, None])
soon_row, soon_column = divmod(int(soonest_of_all.argmin()), len(rates))
row, column = divmod(int(slowest.argmin()), len(rates))
say(
    f"The best of the grid is η = {rates[column]:.4f}, μ = {momenta[row]:.2f} with a"
    f" factor of {slowest.min():.3f}. The formula says η = {best_pair[0]:.4f},"
    f" μ = {best_pair[1]:.3f} and **{best_pair[1] ** 0.5:.3f}**; without momentum the best"
    f" factor is {49 / 51:.3f}. That is in the long run. To a *millionth*, from rest at (1, 1), the box takes"
    f" {to_a_millionth(*best_pair)} steps, and the best of the grid, η ="
    f" {rates[soon_column]:.4f} and μ = {momenta[soon_row]:.2f}, **{soonest_of_all.min()}**: a little less rate and a"
    " little more memory spare the factor t."
)

# %% tags=["hide-input"]
beaten = bool(slowest.min() < best_pair[1] ** 0.5)
slopes = {
    name: math.log(steps[-1] / steps[2]) / math.log(kappas[-1] / kappas[2])
    for name, steps in counted.items()
}
evidence(
    "F5",
    "false" if beaten else "holds with a caveat",
    f"In the long run it does; but at κ = 300 the loss first rises {rise.max():.0f}-fold by"
    f" step {top} and stays above its start until step {below}.",
    "A loss that rises in the first steps of a large momentum need not diverge. Let half of the first"
    f" gradient into b, and at κ = 300 it {'still rises' if above else 'does not rise above its start'}.",
    f"Of gradients of size 1 that agree b makes {agree:.2f}, of alternating ones {alternate:.2f}"
    " (μ = 0.9); across a valley the ball's gradients swing instead, with the factor √μ a step."
    f" The loss is back at its start by about step t = (√κ/2) ln 2t; for the {rise.max():.0f} the formula (1 + (1 + √μ)t)²μᵗ says {hill[top]:.1f}."
    f" From κ = 30 to 300 the steps to a millionth grow as the power {slopes['descent']:.2f} of κ for"
    f" descent and {slopes['momentum']:.2f} for momentum; {'a' if beaten else 'no'} pair on a grid of"
    f" {slowest.numel():,} has a smaller factor at κ = 50.",
)

# %% [markdown]
# #### Three ways to compare
#
# Steps of SGD over those of momentum, for two losses in both settings. At equal effective rates momentum needs *more* of them. Its warm-up costs $\mu/(1-\mu) = 9$ steps; what the rest is due to, this experiment does not tell. At the best rates with minibatches the ranges of the three seeds overlap.

# %% tags=["hide-input"]
questions = "equal rate", "equal effective rate", "each at its best"
say(
    f"SGD fails at {edges} in both settings; with all 1,000 images its best rate is {bests['sgd']:.1f} times as large as"
    f" with minibatches, momentum's {bests['momentum']:.1f} times."
)

# %% tags=["hide-input"]
table(
    ["SGD's steps over momentum's", *(f"{name}, to {loss}" for name, loss in gains)],
    [
        [question, *(f"{ratios[k]:.1f}" for ratios in gains.values())]
        for k, question in enumerate(questions)
    ],
)

# %% [markdown]
# #### An exercise: read the plot (★★)
#
# In the figure with the plateaus, above: at the same rate, for which curvatures is momentum 0.5 *slower* than no momentum?
#
# - `a`: for none; its curve is lower everywhere
# - `b`: for $\eta\lambda$ from about 0.3 to about 1.7
# - `c`: for $\eta\lambda$ below about 0.1
# - `d`: for $\eta\lambda$ above about 2

# %%
answer = ...
check("3-first-order/read-the-floor", answer)

# %% tags=["remove-input"]
solution("3-first-order/read-the-floor")

# %% [markdown]
# ### Noise, by formula
#
# *You see how much an average calms, and derive how far out the ball hovers.*
#
# #### A smoother walk
#
# Multiply $b$ by $1 - \mu$, and the weights $(1-\mu)\mu^k$ add up to nearly 1: up to that factor the velocity is an exponential average of the gradients. For an average the share is commonly called $\beta$, and it begins at $m_0 = 0$:
#
# $$m_t = \beta\, m_{t-1} + (1 - \beta)\, s_{t-1}.$$
#
# Here the $s_t$ are pure noise, drawn evenly between $-10$ and $10$, each on its own. Move $\beta$ towards 1, and the average calms down. Tick the correction: what does it change, and for how many steps?

# %% tags=["hide-input"]
Smoother(0.9)

# %% [markdown]
# How much of the variance is left? Unrolled, $m_t = (1 - \beta) \sum_{k=0}^{t-1} \beta^k s_{t-1-k}$. The numbers are independent, so the variance of the sum is the sum of the variances:
#
# $$\begin{aligned} \operatorname{Var} m_t &= (1 - \beta)^2 \sigma^2 \sum_{k=0}^{t-1} \beta^{2k} \\ &= (1 - \beta)^2\, \frac{1 - \beta^{2t}}{1 - \beta^2}\, \sigma^2. \end{aligned}$$
#
# Cancel one factor of $1 - \beta$ against $1 - \beta^2 = (1 - \beta)(1 + \beta)$:
#
# $$\boxed{\; \operatorname{Var} m_t = \frac{1 - \beta}{1 + \beta}\, \big(1 - \beta^{2t}\big)\, \sigma^2 \;}$$
#
# Test it on 20,000 averages at once. Each entry of the table is the measured variance, with the formula's in brackets; the draws have $\sigma^2 = 100/3$.

# %%
rng = torch.Generator().manual_seed(0)
draws = 20 * torch.rand(100, 20_000, generator=rng, dtype=torch.float64) - 10


def average(s, β):
    m = torch.zeros_like(s)
    for t in range(len(s)):
        m[t] = (β * m[t - 1] if t else 0) + (1 - β) * s[t]
    return m


# %% tags=["hide-input"]
times, spread, exact = (1, 5, 20, 100), {}, {}
for β in (0.5, 0.9, 0.98):
    spread[β] = average(draws, β)[[t - 1 for t in times]].var(dim=1)
    left = [(1 - β) / (1 + β) * (1 - β ** (2 * t)) for t in times]
    exact[β] = 100 / 3 * f64(*left)
table(
    ["β", *(f"t = {t}" for t in times)],
    [
        [
            f"{β}",
            *(f"{v:.2f} ({e:.2f})" for v, e in zip(spread[β], exact[β], strict=True)),
        ]
        for β in spread
    ],
)

# %% tags=["hide-input"]
smooth = {rf"$\beta$ = {β}": average(draws[:, 0], β) for β in spread}
farthest = [f"{m.abs().max():.1f}" for m in smooth.values()]
show(
    momentum.averages(draws[:, 0], smooth),
    "Grey dots scattered evenly between -10 and 10. The average with 0.5 jumps about"
    f" within {farthest[0]} of zero, the one with 0.9 wanders within {farthest[1]}, the one"
    f" with 0.98 is nearly a flat line within {farthest[2]} of zero.",
)

# %% tags=["hide-input"]
worst = max(((spread[β] / exact[β]) - 1).abs().max().item() for β in spread)
evidence(
    "F6",
    "holds",
    f"With β = 0.9 the average keeps {spread[0.9][-1]:.2f} of the draws' variance"
    f" {100 / 3:.1f}.",
    "It smooths by a formula, (1 − β)/(1 + β), and pays in delay: it weighs the last"
    " 1/(1 − β) draws or so.",
    f"With β = 0.5 it keeps {spread[0.5][-1]:.1f}. 20,000 averages were within"
    f" {math.ceil(100 * worst)}% of (1 − β)/(1 + β) · (1 − β²ᵗ) times the variance at"
    f" {len(times) * len(spread)} places.",
)

# %% [markdown]
# Two warnings come with it.
#
# - The velocity $b$ of the optimizer is $1/(1-\beta)$ times this average. Its variance is $\sigma^2/(1-\beta^2)$, **more** than that of one gradient. What improves is the ratio: the part that agrees grows by $1/(1-\beta)$, the noise only by $1/\sqrt{1-\beta^2}$.
# - A smooth average is a late one. It weighs the last $1/(1-\beta)$ draws or so, and answers a change with that delay.

# %% [markdown]
# #### An exercise: what is left of the noise (★)
#
# Gradients that are pure noise have the standard deviation 6. What is the standard deviation of their exponential average with $\beta = 0.8$, after a long time?

# %%
answer = ...
check("3-first-order/noise-of-an-average", answer)

# %% tags=["remove-input"]
solution("3-first-order/noise-of-an-average")

# %% [markdown]
# #### How far out the ball hovers
#
# Let each gradient carry noise: $g_t = \lambda x_t + \varepsilon_t$ with independent $\varepsilon_t$ of variance $\sigma^2$. With $a = 1 + \mu - \eta\lambda$ the recursion is
#
# $$x_{t+1} = a x_t - \mu x_{t-1} - \eta \varepsilon_t.$$
#
# After a long time $x_t$ has mean 0, some variance $V$, and some covariance $C$ with $x_{t-1}$, and neither changes any more. Multiply the recursion by $x_t$ and take means: $C = aV - \mu C$, so $C = aV/(1+\mu)$. Square it and take means:
#
# $$V = a^2 V + \mu^2 V - 2 a \mu C + \eta^2\sigma^2.$$
#
# Put $C$ in and solve. With $(1+\mu)^2 - a^2 = \eta\lambda\,\big(2(1 + \mu) - \eta\lambda\big)$ you get
#
# $$\begin{aligned} V &= \frac{1 + \mu}{1 - \mu} \cdot \frac{\eta\, \sigma^2}{\lambda\,\big(2(1+\mu) - \eta\lambda\big)} \\ &\approx \frac{\eta}{1 - \mu} \cdot \frac{\sigma^2}{2\lambda} \quad \text{for small } \eta\lambda. \end{aligned}$$
#
# Check it with 20,000 balls at once, $\lambda = \sigma = 1$.


# %%
def hovering(lr, μ, balls=20_000, steps=250):
    rng = torch.Generator().manual_seed(1)
    noise = (
        torch.randn(balls, dtype=torch.float64, generator=rng) for _ in range(steps)
    )
    make, start = partial(Momentum, lr=lr, momentum=μ), f64(0).expand(balls)
    return trajectory(make, parabola, start, steps, noise)[-1].var().item()


def predicted(lr, μ):
    return (1 + μ) / (1 - μ) * lr / (2 * (1 + μ) - lr)


# %% tags=["hide-input"]
settled = {"SGD": (0.1, 0.0), "equal effective": (0.01, 0.9), "equal rate": (0.1, 0.9)}
table(
    ["", "η", "μ", "effective rate", "variance of x", "formula"],
    [
        [name, f"{η}", f"{μ}", f"{η / (1 - μ):g}"]
        + [f"{variance(η, μ):.3f}" for variance in (hovering, predicted)]
        for name, (η, μ) in settled.items()
    ],
)

# %% [markdown]
# In the loss a direction pays $\lambda V/2$, which for small $\eta\lambda$ is the same for all. Here are the three cases of the core, each from a start without noise, from the minimum with noise, and with both.

# %% tags=["hide-input"]
parts, over = {}, []
for name, (η, μ) in cases.items():
    start_part = mean_loss(η, μ, 1.0, 1, repeat(0.0))
    over.append(int((start_part > from_noise[name]).nonzero().max()) + 1)
    parts[f"{name}\n$\\eta$ = {η:g}, $\\mu$ = {μ:g}"] = {
        "from the start": start_part,
        "from the noise": from_noise[name],
        "both, measured": mean_loss(η, μ, 1.0, many, noise),
    }
show(
    many_curvatures.two_phases(parts, over),
    "Three panels of mean loss against step, logarithmic. In each, the part left from the"
    " start falls, the part from the noise rises to a level, and the measured loss follows"
    " first the one and then the other. SGD and momentum at the equal effective rate have"
    " the same level; at the equal rate momentum's part from the start falls sooner, and"
    " its level is about ten times higher.",
)

# %% tags=["hide-input"]
say(
    f"From step {over[0]}, {over[1]} and {over[2]} on (the dotted lines) the noise is the larger part."
    " Go back to the explorer: can you make momentum's loss in the long run smaller than descent's"
    " without making it slower?"
)

# %% [markdown]
# ### Four forms, and your program's
#
# *You see four forms in print, which of them is your program's, and what a schedule does to each.*
#
# #### Which variant is this?
#
# The library's own two lines are those of the box:

# %% tags=["hide-input"]
show_source(Momentum.update)

# %% [markdown]
# Four forms are in print, all called momentum.
#
# | Form | Update | Where |
# |:--|:--|:--|
# | rate outside | $b \leftarrow \mu b + g$, $\; x \leftarrow x - \eta b$ | this book, PyTorch |
# | rate inside | $v \leftarrow \mu v - \eta g$, $\; x \leftarrow x + v$ | {cite:t}`rumelhart1986`, {cite:t}`sutskever2013`, {cite:t}`goodfellow2016` |
# | no velocity | $x_{t+1} = x_t - \eta g_t + \mu\,(x_t - x_{t-1})$ | {cite:t}`polyak1964` |
# | average | $m \leftarrow \mu m + (1 - \mu)\, g$, $\; x \leftarrow x - \eta m$ | the first average in {doc}`adam` |
#
# The average is our form with a rate $1 - \mu$ times as large. PyTorch has a fifth, `dampening` $\tau$: $b \leftarrow \mu b + (1 - \tau) g$, but the very first gradient counts whole, $b = g$. With $\tau = \mu$ this is an average without the warm-up, because it begins at the first gradient and not at 0.
#
# Write two of them as rules of their own, and ask the library for the first steps along a steady slope.


# %%
class RateInside(Rule):
    memory: ClassVar = {"velocity": None}

    def __init__(self, params, lr, momentum):
        super().__init__(params, lr=lr, momentum=momentum)

    @staticmethod
    def update(x, g, v, *, t, lr, momentum):
        v = momentum * v - lr * g
        return x + v, v


class Average(RateInside):
    @staticmethod
    def update(x, g, m, *, t, lr, momentum):
        m = momentum * m + (1 - momentum) * g
        return x - lr * m, m


# %% tags=["hide-input"]
dampened = partial(torch.optim.SGD, dampening=0.9)
variants = {
    "rate outside, η = 0.1": partial(Momentum, lr=0.1),
    "rate inside, η = 0.1": partial(RateInside, lr=0.1),
    "average, η = 1": partial(Average, lr=1.0),
    "dampening 0.9, η = 1": partial(dampened, lr=1.0),
}
places = (1, 2, 5, 10, 50)
rows_of_forms = []
for name, make in variants.items():
    path = trajectory(partial(make, momentum=0.9), torch.sum, f64(0), 50)[:, 0]
    rows_of_forms.append([name, *(f"{path[t - 1] - path[t]:.2f}" for t in places)])
table(["length of step", *map(str, places)], rows_of_forms)

# %% [markdown]
# #### Rate inside, rate outside
#
# The first two forms are one and the same as long as $\eta$ stays what it is: $v = -\eta b$. Now let the rate fall, from $\eta$ to $\eta / 10$, as schedules do.
#
# - Rate outside: the step is $\eta b$, so the *whole* velocity is used at a tenth, at once.
# - Rate inside: $v$ was built with the old rate and keeps it. Only new gradients are scaled down.
#
# A network trains at 0.1, $\mu = 0.9$, and after 18 steps the rate is cut to a tenth.
#
# :::{predict}
# How long is the first step after the cut, against the last one before it?
#
# - `a`: a tenth in both forms
# - `b`: a tenth with the rate outside, nearly as long with it inside
# - `c`: nearly as long with the rate outside, a tenth with it inside
# :::


# %%
def step_lengths(make, drop=18):
    model = mlp(784, 16, 10, seed=0).double()
    optimizer = make(model.parameters(), lr=0.1, momentum=0.9)
    scheduler = LambdaLR(optimizer, schedules.step(drop))
    points = [flat_parameters(model)]

    def after(*_):
        scheduler.step()
        points.append(flat_parameters(model))

    optimizer.register_step_post_hook(after)
    train(model, images, optimizer, epochs=3)
    return torch.stack(points).diff(dim=0).norm(dim=1).tolist()


images, _ = load("mnist")
lengths = {
    "rate outside": step_lengths(Momentum),
    "rate inside": step_lengths(RateInside),
}

# %% tags=["hide-input"]
outside = lengths["rate outside"]
show(
    momentum.brakes(lengths, drop=18),
    "The length of each step, on a logarithmic axis. The two curves rise together from"
    f" {outside[0]:.2f} to {max(outside):.2f} in the first steps and are one until the rate"
    " drops at step 18. Then the rate outside falls at once to a tenth. The rate inside"
    f" sinks slowly and is still {lengths['rate inside'][-1] / outside[-1]:.1f} times as long"
    " at the end.",
)

# %% tags=["hide-input"]
out, inside = (lengths[name][18] / lengths[name][17] for name in lengths)
coasted, braked = (sum(lengths[name][18:]) for name in ("rate inside", "rate outside"))
reveal(
    f"**{out:.2f}** with the rate outside: the ball brakes. **{inside:.2f}** with it inside:"
    " it coasts, and the old velocity fades only by $\\mu$ a step.",
    right="b" if out < 0.2 and inside > 0.5 else "a",
)

# %% tags=["hide-input"]
same = difference(
    partial(Momentum, lr=0.1, momentum=0.9), partial(RateInside, lr=0.1, momentum=0.9)
)
evidence(
    "F9",
    "false",
    f"When the rate falls to a tenth, the next step is {out:.2f} times as long as the last"
    f" with the rate outside (torch), and {inside:.2f} times with it inside (textbooks).",
    "Know where your η stands before you take a schedule from one program to another.",
    "A network trained at a constant rate ends at the same weights in both forms, to"
    f" within 1e-12: {'yes' if same < 1e-12 else 'no'}. After the drop the next 18 steps"
    f" of the rate inside sum to {coasted / braked:.1f} times the length.",
)

# %% [markdown]
# Neither is wrong. But a schedule tuned for one is another schedule for the other: a drop arrives late, and so does a warm-up. {cite:t}`goyal2017` scale the velocity by $\eta_{\text{new}}/\eta_{\text{old}}$ whenever the rate changes, which turns rate-inside into rate-outside; they call it momentum correction.

# %% [markdown]
# #### In PyTorch
#
# `torch.optim.SGD(params, lr=η, momentum=μ)` is the same method. Train the same network with both.

# %%
gap = difference(
    partial(Momentum, lr=0.1, momentum=0.9),
    partial(torch.optim.SGD, lr=0.1, momentum=0.9),
)

# %% tags=["hide-input"]
theirs = state_bytes_of(partial(torch.optim.SGD, momentum=0.9))
say(
    "After two epochs on the same minibatches the largest difference between the weights"
    f" is below 1e-12: **{'yes' if gap < 1e-12 else 'no'}**. The memory is one number for"
    f" each parameter, the velocity: **{state_bytes_of(Momentum):.0f} bytes** in float32 in"
    f" ours, {theirs:.0f} in torch's."
)

# %% [markdown]
# | Option of `SGD` | What it does | Ours |
# |:--|:--|:--|
# | `lr` | $\eta$, a number or a tensor | `lr` |
# | `momentum` | $\mu$; the default 0 is gradient descent | `momentum`, 0.9 by default |
# | `dampening` | multiplies every gradient but the first by $1 - \tau$ | left out: a smaller rate does it, but for the first step |
# | `weight_decay` | adds `weight_decay` times $x$ to the gradient, *before* the velocity | the same |
# | `nesterov` | steps by $g + \mu b$ | a class of its own, {doc}`nesterov` |
# | `maximize` | climbs | the same |
# | `foreach`, `fused` | how the same arithmetic is carried out | `engine="compiled"` |
# | `differentiable` | lets autograd pass through the step | left out |
#
# The formula reads and writes every number once, so one pass over memory is all it needs. With millions of parameters `engine="compiled"` here, or `fused=True` there, does it in one pass. Ours is compiled, which takes seconds before the first step: with a small network leave it off. `fused=True` compiles nothing.

# %% [markdown]
# #### An exercise: two points and no velocity (★★★)
#
# Polyak's form keeps the last two points in place of a velocity. Write it so that it follows **PyTorch's** path (rate outside) even if the rate changes at every step. `two_points(gradient, x, rates, momentum)` takes the start `x`, a list of rates above 0, one for each step, and returns the last point. Hint of the derivation: what is $b_t$ in terms of $x_t$, $x_{t-1}$ and the rate of that step?


# %%
def two_points(gradient, x, rates, momentum): ...


check("3-first-order/two-points", two_points)

# %% tags=["remove-input"]
solution("3-first-order/two-points")

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the best share (★)
#
# A quadratic has $\kappa = 81$. Which $\mu$ is best, together with its best rate?

# %%
answer = ...
check("3-first-order/best-share", answer)

# %% tags=["remove-input"]
solution("3-first-order/best-share")

# %% [markdown]
# ### An open experiment
#
# Does a warm-up of the rate, or of $\mu$, prevent the rise at the best pair? What does it cost in steps? Write a loop that sets `param_groups[0]["lr"]` or `["momentum"]`.
#
# ## Summary
#
# - Momentum makes what agrees $1/(1-\mu)$ times as large and what alternates $1/(1+\mu)$ times: it gains along the floor, and by a higher limit of the rate. At an unchanged rate the walls get calmer only where $\sqrt\mu < \lvert 1 - \eta\lambda \rvert$.
# - A whole range of curvatures gets one factor, $\sqrt\mu$. The best pair brings it to $(\sqrt\kappa - 1)/(\sqrt\kappa + 1)$, after a rise; no memory of gradients beats that on all quadratics.
# - Compare it with SGD at its own best rate: with small batches the two are nearly one; with little noise momentum is faster, at rates where SGD fails.
#
# ## References
#
# - {cite:t}`polyak1964`: the heavy ball and its best pair. {cite:t}`rumelhart1986`: in networks. {cite:t}`qian1999`: as mechanics.
# - {cite:t}`nesterov2004`: the chain. {cite:t}`goh2017`: the eigenvalues, the phases and the chain as pictures to play with, which this chapter follows.
# - {cite:t}`sutskever2013`: momentum in deep networks. {cite:t}`shallue2019`: over batch sizes. {cite:t}`goyal2017`: when the rate changes.
