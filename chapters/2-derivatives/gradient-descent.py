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
# # Gradient descent
#
# Descent sounds as if it could only arrive. This bowl has the curvatures 1 and 50, and at the rate 0.038 the path zigzags and arrives. Drag the start and the learning rate: **how small is small enough?**
#
# :::{predict} number
# From which rate on does the path no longer arrive?
# :::

# %% tags=["hide-input"]
from book.explorers import DescentOnASurface

DescentOnASurface("bowl, κ = 50, turned by 30°", lr=0.038, steps=120)

# %% [markdown]
# :::{answer} 0.04
# From $2/\lambda_{\max} = 2/50 = 0.04$ on. Now choose the saddle, put the start on its ridge, and look for a rate that gets you away from it. There is none: the gradient points along the ridge, whatever you multiply it by.
# :::
#
# **You will**
#
# - derive the largest learning rate that is sure to go down, and test it where the guarantee ends;
# - measure that limit in a real network, and see it move during training;
# - tell a minimum from a place where descent has merely stopped.
#
# **You need**
#
# - the gradient: the direction of steepest ascent, and a forecast, $f(x + s) \approx f(x) + g^\top s$ ({doc}`gradient`);
# - in a valley each curvature $\lambda$ has the factor $1 - \eta\lambda$ a step, so that $2/\lambda_{\max}$ is the limit ({doc}`/1-numbers/conditioning`);
# - curvature: the second derivative along a direction, the largest of which is $\lambda_{\max}$.
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $x$, $x_t$, $x^+$ | $(n,)$ | the point; after $t$ steps; after one step. With $y$ beside it two points, or two coordinates |
# | $f$, $g = \nabla f(x)$ | number, $(n,)$ | the function and its gradient; $f''$ a second derivative |
# | $s$ | $(n,)$ | a move; $u$, from 0 to 1, says how much of it is done |
# | $\eta$ | number | the learning rate |
# | $L$ | number | the smoothness: no curvature is larger in size |
# | $w$, $X$, $x_i$, $y_i$ | $(n,)$, $(N, n)$, $(n,)$, number | in logistic regression: weights, $N$ examples as rows, one of them, its label 1 or −1 |
# | $p_i$ | number | the probability of an example, between 0 and 1 |
# | $\lambda_{\max}$ | number | the largest eigenvalue of the Hessian where you stand |
# | $\theta_1$, $\theta_2$ | $(n,)$ | all weights of a network, and of its twin |
# | $\delta$ | number | a small distance |
# | $\mu$ | number | the smallest curvature, above 0 where it is used |
# | $x^*$, $f^*$ | $(n,)$, number | a minimum and the value there |
# | $t$ | number | the number of a step; in *Convex* the share of the way from $x$ to $y$; in gradient flow the time |
# | $c$ | number | the share of the promised drop that backtracking asks for |
# | $H$ | $(n, n)$ | the Hessian |
# | $\kappa$ | number | the condition number $L/\mu$ |
# | $a$ | number | in an exercise: a start |
# :::

# %% tags=["hide-input"]
import math
import random
import statistics
from functools import partial
from itertools import pairwise

import torch
from torch.nn.functional import softplus

from book import results
from book.calculus import best_rate, classify, gradient, hessian, hvp, lanczos
from book.display import evidence, reveal, say, show, show_source, table
from book.exercises import check, solution
from book.figures import gradient_descent as figures
from book.figures.surface import paths_on
from book.numerics.vector import f64
from book.optim import (
    attacks,
    backtracking,
    descend,
    exact,
    hill_climb,
    queen_moves,
)
from book.surfaces import bowl, cubic, plateau, rosenbrock, saddle
from book.training.data.load import load
from book.training.models import mlp
from book.training.surface.flat import flat_loss, flat_parameters, set_parameters

# %% [markdown]
# ## The same code, two starts
#
# Take $f(x) = -x^3 + 3x$. It has a valley at $x = -1$, a hilltop at $x = 1$, and beyond the hilltop it falls for ever. Here is descent with the learning rate 0.1 from $x = 0.5$ and from $x = 1.2$.
#
# :::{predict}
# Where does each of the two end?
#
# - `a`: both in the valley at $-1$
# - `b`: the first in the valley, the second nowhere: it runs off
# - `c`: the first in the valley, the second on the hilltop
# :::

# %%
runs = {start: descend(cubic, f64(start), lr=0.1, steps=100) for start in (0.5, 1.2)}

# %% tags=["hide-input"]
show(
    figures.two_starts(cubic, {f"from {start}": path for start, path in runs.items()}),
    "The curve with a valley at -1 and a hilltop at 1. The points from 0.5 roll left"
    " into the valley and crowd together there. The points from 1.2 roll right, down"
    " the other side, with growing steps, and leave the picture.",
)

# %% tags=["hide-input"]
left, right = runs[0.5], runs[1.2]
reveal(
    f"From 0.5 the run ends at x = **{left[-1].item():.6f}**. From 1.2 it is at"
    f" {right[8].item():,.0f} after 8 steps and at"
    f" $10^{{{math.log10(right[-1].item()):.0f}}}$ after {len(right) - 1}; the next"
    " gradient does not fit into float64, and the code gives up. Both runs went downhill at every step;"
    " one of them had no bottom to reach.",
    right="a" if right[-1].item() < 0 else "b" if right[-1].item() > 1e3 else "c",
)

# %% [markdown]
# ## The step
#
# Let $f$ be a function of $x$, a vector of shape $(n,)$, with the gradient $g = \nabla f(x)$ of the same shape. For a small move $s$ of shape $(n,)$, Taylor's first order says
#
# $$f(x + s) \approx f(x) + g^\top s.$$
#
# Among all moves of the same length, $s = -\eta g$ makes the right side smallest, because it points straight against $g$. The forecast is then a drop of $\eta \lVert g \rVert^2$. Do it again and again, and you have {term}`gradient descent` ({cite:t}`cauchy1847`):
#
# $$\boxed{\;x_{t+1} = x_t - \eta \, \nabla f(x_t)\;}$$
#
# Here $\eta > 0$ is the {term}`learning rate` and $t$ counts the steps. The library's code is the formula, a loop, and two reasons to stop.

# %%
show_source(descend)

# %% [markdown]
# ## How small is small enough?
#
# The forecast is a straight line, and $f$ is not. What can go wrong is that $f$ bends upwards on the way. So suppose that you know how fast the slope can change: there is a number $L$ such that for any two points $x$ and $y$
#
# $$\lVert \nabla f(x) - \nabla f(y) \rVert \le L \, \lVert x - y \rVert.$$
#
# Such a function is called **$L$-smooth** (see {term}`smoothness`). Where second derivatives exist, it says that no eigenvalue of the Hessian is larger than $L$ or smaller than $-L$. (For one step it is enough that this holds on the way, between $x$ and $x + s$.)
#
# Then a step has a bound, the **descent lemma** ({cite:t}`nesterov2004`):
#
# $$\boxed{\;\begin{aligned} & f(x - \eta g) \\ & \quad \le f(x) - \eta \left(1 - \frac{\eta L}{2}\right) \lVert g \rVert^2 \end{aligned}\;}$$
#
# :::{dropdown} Why: add up the slopes on the way
# Walk from $x$ to $x + s$ and add up the slopes on the way:
#
# $$\begin{aligned} & f(x + s) = f(x) \\ & \quad {} + \int_0^1 \nabla f(x + us)^\top s \; du. \end{aligned}$$
#
# Replace $\nabla f(x + us)$ by $g$ plus what it has changed by since the start:
#
# $$\begin{aligned} & f(x + s) = f(x) + g^\top s \\ & {} + \int_0^1 \big(\nabla f(x + us) - g\big)^\top s \; du. \end{aligned}$$
#
# The change is at most $L \lVert us \rVert$ long, so the last integral is at most $\int_0^1 L u \lVert s \rVert^2 du = \tfrac{L}{2} \lVert s \rVert^2$. Put $s = -\eta g$ in, so that $g^\top s = -\eta \lVert g \rVert^2$ and $\lVert s \rVert^2 = \eta^2 \lVert g \rVert^2$. That is the box.
# :::
#
# The bracket is positive exactly if $\eta < 2/L$. Then the step is sure to go down, whatever else $f$ does. The guaranteed drop is largest halfway, at $\eta = 1/L$, where it is $\lVert g \rVert^2 / 2L$.
#
# Look at it. $f(x) = \log\cosh x$ has the second derivative $1 - \tanh^2 x$, which is at most 1, so $L = 1$. Stand at $x = 2.5$ and slide along $-g$.


# %%
def log_cosh(x):
    return (softplus(2 * x) - x - math.log(2)).sum()


# %% tags=["hide-input"]
x, η = f64(2.5), torch.linspace(0, 5.2, 105, dtype=torch.float64)
g, height = gradient(log_cosh, x), log_cosh(x)
drop = g.square().sum()
curves = {
    "$f$ itself": torch.stack([log_cosh(x - step * g) for step in η]),
    "first order": height - η * drop,
    "bound of the lemma": height - η * (1 - η / 2) * drop,
}
show(
    figures.lemma(η, curves, height, L=1),
    "The function along the step falls to 0 near a rate of"
    f" {η[curves['$f$ itself'].argmin()]:.1f} and is back at its first height only near"
    f" {η[(curves['$f$ itself'] < height).nonzero().max()]:.1f}. The bound is a parabola"
    " above it: lowest at 1/L = 1, and back at the first height at 2/L = 2. The straight"
    " forecast lies below both.",
)

# %% [markdown]
# The bound is never below the function, and here it is far above: the step could be more than twice as long as $2/L$ and still go down. That is the price of a guarantee for *every* function with this $L$. On a bowl $\tfrac{1}{2} L x^2$ the bound is the function itself, and nothing can be gained.
#
# Now the check. Logistic regression has the loss $f(w) = \frac{1}{N}\sum_i \log(1 + e^{-y_i x_i^\top w})$ with labels $y_i = \pm 1$ and weights $w$ of shape $(n,)$. Its Hessian is $\frac{1}{N} \sum_i p_i (1 - p_i)\, x_i x_i^\top$ with $p_i$ between 0 and 1, and $p(1-p) \le \frac{1}{4}$. So $L = \lambda_{\max}(X^\top X) / 4N$ will do.
#
# Draw 300 points at random, take for each a rate at random up to $3/L$, and count how often the lemma fails. Then pretend that $L$ is only a quarter as large, and count again.

# %% tags=["hide-input"]
rng = torch.Generator().manual_seed(0)
X = torch.randn(200, 5, generator=rng, dtype=torch.float64) * f64(1, 2, 3, 4, 5)
y = torch.sign(X @ f64(2, -1, 1, 0, 0.3) + torch.randn(200, generator=rng))


def logistic(w):
    return softplus(-y * (X @ w)).mean()


L = torch.linalg.eigvalsh(X.T @ X / 200)[-1].item() / 4


def bound_holds(w, η, L):
    g, f = gradient(logistic, w), logistic(w)
    return logistic(w - η * g) <= f - η * (1 - η * L / 2) * g.square().sum() + 1e-12


points = torch.randn(300, 5, generator=rng, dtype=torch.float64)
rates = 3 / L * torch.rand(300, generator=rng, dtype=torch.float64)
broken = {
    c: sum(not bound_holds(w, η, c * L) for w, η in zip(points, rates, strict=True))
    for c in (1, 0.25)
}

say(
    f"L = {L:.2f}. The lemma fails in **{broken[1]}** of 300 steps; with a quarter of"
    f" that L it fails in **{broken[0.25]}**."
)

# %% [markdown]
# Is $2/L$ the best that can be said? On a bowl, yes: {doc}`/1-numbers/conditioning` showed that the steepest coordinate is multiplied by $1 - \eta \lambda_{\max}$, and there $L = \lambda_{\max}$. Below the limit every step goes down. Above it there is a start from which the first step goes up.

# %% tags=["hide-input"]
steep = f64(0, 1)  # the direction of the largest curvature, which is 20
rises = {
    s: bool(bowl(20)(steep - s * 2 / 20 * gradient(bowl(20), steep)) > bowl(20)(steep))
    for s in (0.99, 1.01)
}
ups = sum(
    bool(logistic(w - 1.99 / L * gradient(logistic, w)) > logistic(w)) for w in points
)
evidence(
    "D2",
    "holds with a caveat",
    f"At 1.99/L {ups} of {len(points)} random steps on a logistic regression went up.",
    so="Below 2/L no step needs luck; what you must know is L, on the way that the step takes.",
    more=f"On a bowl with L = 20 a step of 0.99 times 2/L went {'up' if rises[0.99] else 'down'} and"
    f" one of 1.01 times {'up' if rises[1.01] else 'down'}.",
)

# %% [markdown]
# The caveat is the word *enough*: the promise is worth as much as your knowledge of $L$. The next two sections show a function that has no $L$ at all, and a network whose $L$ moves.
#
# ### Curvature that changes from place to place
#
# For $f(x) = \frac{1}{4}x^4$ the second derivative $3x^2$ grows without end. No $L$ holds for the whole line. But if a run goes down, it stays between $-x_0$ and $x_0$, and there $L = 3x_0^2$ holds. So a rate below $2/(3x_0^2)$ is safe *from this start*.
#
# How large is the largest rate, really? One step is $x \leftarrow (1 - \eta x^2)\, x$. It shrinks as long as $\eta x^2 < 2$.
#
# :::{predict} number
# What is the largest rate with which the start 3 still settles?
# :::
#
# Let the computer search, by halving.


# %% tags=["hide-input"]
def settles(start, lr):
    return descend(lambda x: x.pow(4).sum() / 4, f64(start), lr, 40)[-1].abs() < start


def limit(start, low=1e-3, high=10.0):
    for _ in range(20):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if settles(start, middle) else (low, middle)
    return low


limits = {start: limit(start) for start in (1.0, 3.0, 10.0)}

# %% tags=["hide-input"]
table(
    ["start", "guaranteed, 2/(3x²)", "searched", "2/x²"],
    [
        [f"{x}", f"{2 / (3 * x * x):.4f}", f"{rate:.4f}", f"{2 / (x * x):.4f}"]
        for x, rate in limits.items()
    ],
)

# %% tags=["hide-input"]
reveal(
    f"The search ends at **{limits[3.0]:.4f}**, and 2/x² is {2 / 9:.4f}.",
    right=f"{limits[3.0]:.3f}",
)

# %% [markdown]
# The guarantee is safe and a third of the truth, and both shrink with the square of the start. Read it the other way round: for *every* learning rate there is a start from which descent on this harmless valley explodes.
#
# ## A real network
#
# A network's loss has no useful global $L$ either, and with ReLU none at all: at a kink the gradient jumps. But you can measure $\lambda_{\max}$ where you stand. It is not $L$: it says nothing about the way that a step takes from there. The Hessian has $269{,}322^2$ entries, far too many to write down. Its product with a vector costs about three gradients (`hvp`; {doc}`hessian` counts them), and a dozen such products are enough for Lanczos' method to find the largest eigenvalue.
#
# The network is $784 \to 256 \to 256 \to 10$ with ReLU, the loss is cross-entropy over 500 images of MNIST at once: no minibatches, no randomness.

# %% tags=["hide-input"]
images, _ = load("mnist")
network = mlp(784, 256, 256, 10, seed=0)
loss, θ0 = flat_loss(network, images[:500]), flat_parameters(network).double()


def largest_eigenvalue(θ, products=12):
    v = torch.randn(len(θ), generator=torch.Generator().manual_seed(0)).double()
    return lanczos(lambda v: hvp(loss, θ, v), v, products).values[-1].item()


top0 = largest_eigenvalue(θ0)

say(
    f"At the start the loss is {loss(θ0):.2f} and λmax is **{top0:.1f}**, so that 2/λmax"
    f" is **{2 / top0:.1f}**. Along the gradient the curvature is only"
    f" {1 / best_rate(loss, θ0):.1f}. (Six products give {largest_eigenvalue(θ0, 6):.1f}.)"
)

# %% [markdown]
# Run 15 steps at half of that limit, and look for the first one that goes up. Then take 75 slow steps at 0.05, measure $\lambda_{\max}$ there, and do the same with half of the new limit.
#
# :::{predict}
# At which of the two places do all 15 steps go down?
#
# - `a`: at both: half of the limit is well inside
# - `b`: at the start only
# - `c`: after the 75 steps only
# - `d`: at neither
# :::


# %% tags=["hide-input"]
def first_rise(θ, lr, steps=15):
    height = loss(θ)
    for step in range(1, steps + 1):
        before, θ = height, descend(loss, θ, lr, 1)[-1]
        height = loss(θ)
        if not height <= before:
            return f"step {step}" if step <= 5 else "after step 5"
    return "none"


θ1 = descend(loss, θ0, 0.05, 75)[-1]
top1 = largest_eigenvalue(θ1)
rises_at = {
    name: [first_rise(θ, s * 2 / top) for s in (0.5, 0.9, 1.8)]
    for name, θ, top in (("start", θ0, top0), ("75 steps on", θ1, top1))
}


table(
    ["", "loss", "λmax", "2/λmax", "first rise at half of it", "at 0.9", "at 1.8"],
    [
        [name, f"{loss(θ):.1f}", f"{top:.1f}", f"{2 / top:.2f}", *rises_at[name]]
        for name, θ, top in (("start", θ0, top0), ("75 steps on", θ1, top1))
    ],
)

# %% tags=["hide-input"]
all_down = [rises_at[name][0] == "none" for name in ("start", "75 steps on")]
reveal(
    f"First rise at half of the limit: at the start {rises_at['start'][0]}, 75 steps on"
    f" **{rises_at['75 steps on'][0]}**.",
    right="dcba"[2 * all_down[0] + all_down[1]],
)

# %% [markdown]
# At the start the rule misleads. The first steps do go down, even beyond the limit, because the curvature along the gradient is well below the largest one. But on the way down the valley walls close in: $\lambda_{\max}$ grows, and a rate that was safe is safe no longer. After 75 slow steps the curvature changes slowly, and now the rule works.
#
# ## Where descent stops
#
# The step is $-\eta g$. Where $g = 0$, it is zero, and descent stays. It does not ask why $g$ is zero. Put it on four such places:
#
# - the hilltop of the cubic, $x = 1$;
# - the middle of the saddle $x^2 - y^2$, which falls away on two sides;
# - a plateau: $1 - e^{-\lVert x \rVert^2 / 2}$ at a distance of 40 from its minimum, where the true slope is about $10^{-346}$ and float64 has nothing smaller than $10^{-324}$;
# - and a true minimum, $x = -1$ of the cubic.
#
# :::{predict}
# From how many of the four does descent move?
#
# - `a`: from none
# - `b`: from the plateau alone: it is no critical point
# - `c`: from the hilltop, the saddle and the plateau
# :::

# %%
places = {
    "hilltop": (cubic, f64(1)),
    "saddle": (saddle, f64(0, 0)),
    "plateau": (plateau, f64(40, 0)),
    "minimum": (cubic, f64(-1)),
}
steps = {
    name: len(descend(*place, lr=0.1, steps=100)) - 1 for name, place in places.items()
}

# %% tags=["hide-input"]
moved = [name for name in places if steps[name]]
reveal(
    "Given 100 steps, descend takes "
    + ", ".join(f"{steps[name]} from the {name}" for name in places)
    + ".",
    right={(): "a", ("plateau",): "b"}.get(tuple(moved), "c"),
)

# %% tags=["hide-input"]
kinds = {name: classify(*place).kind for name, place in places.items()}
evidence(
    "D3",
    "holds",
    f"Given 100 steps, descend takes {sum(steps.values())} of them from a hilltop, a saddle, a plateau and"
    " a minimum together.",
    so="A gradient of zero is no answer yet: look at the curvature, or push the point a little.",
    more="The Hessian's eigenvalues call the four a "
    + ", ".join(kinds[name] for name in places)
    + ".",
)

# %% [markdown]
# You need not start on such a point. The saddle has a ridge, the line $y = 0$, on which the gradient points along the ridge and nowhere else. A start on the ridge rolls into the saddle and rests there. A start beside it, by a millionth, comes near and then leaves.

# %% tags=["hide-input"]
ridge = {
    "from (1.5, 0.000001)": descend(saddle, f64(1.5, 1e-6), lr=0.1, steps=90),
    "from (1.5, 0)": descend(saddle, f64(1.5, 0), lr=0.1, steps=90),
}
show(
    paths_on(saddle, ridge),
    "Level lines of the saddle. Both paths run from the right along the ridge to the"
    " middle. One ends there. The other turns by a right angle in the middle and leaves"
    " along the y axis, to the upper edge of the picture.",
)

# %% [markdown]
# How long does it stay? Each step multiplies $y$ by $1 + 2\eta$, so from a distance $\delta$ it takes $\ln(1/\delta) / \ln(1 + 2\eta)$ steps to reach $y = 1$.


# %% tags=["hide-input"]
def steps_to_leave(δ, lr=0.1):
    path = descend(saddle, f64(1.5, δ), lr, 300)
    return int((path[:, 1] < 1).sum())


say(
    "Steps until y = 1: "
    + ", ".join(
        f"**{steps_to_leave(δ)}** from δ = {δ:g} (formula"
        f" {math.log(1 / δ) / math.log(1.2):.1f})"
        for δ in (1e-2, 1e-6, 1e-12)
    )
    + "."
)

# %% [markdown]
# Only the logarithm of $\delta$ counts, which is the good news about saddles. And almost no start lies exactly on a ridge: from a random one, descent with a rate below $1/L$ ends in a saddle that has a way down to second order with probability zero ({cite:t}`lee2016`). In floating point the ridge has to be met to the last bit. Why saddles still matter in high dimensions is the subject of {doc}`critical-points`.
#
# ## When to stop
#
# There are three common rules: stop when $\lVert g \rVert$ is below a tolerance, when $f$ changes by less than a tolerance in one step, or when the budget is spent. Each can be fooled.
#
# :::{predict}
# Which of these runs stops near a minimum?
#
# - `a`: $\lVert g \rVert < 0.001$, on the plateau
# - `b`: $f$ changes by less than 0.001, in the curved valley of Rosenbrock's function
# - `c`: 300 steps, in the same valley
# - `d`: $\lVert g \rVert < 0.001$, on a bowl
# :::


# %% tags=["hide-input"]
def ending(f, path, rule):
    heights = f(path)
    if rule == "gradient":
        fired = [gradient(f, x).norm() < 1e-3 for x in path[:-1]]
    elif rule == "change":
        fired = ((heights[:-1] - heights[1:]).abs() < 1e-3).tolist()
    else:
        fired = []
    return fired.index(True) if fired else len(path) - 1


valley = rosenbrock.at_start()
runs = [
    ("‖g‖ < 0.001, rate 0.5", plateau, f64(4, 2), 0.5, 20, "gradient"),
    ("change < 0.001, rate 0.001", rosenbrock, valley, 1e-3, 1100, "change"),
    ("change < 0.001, rate 10⁻⁸", rosenbrock, valley, 1e-8, 20, "change"),
    ("300 steps, rate 0.001", rosenbrock, valley, 1e-3, 300, "budget"),
    ("‖g‖ < 0.001, rate 0.1", bowl(10), f64(2, 1), 0.1, 200, "gradient"),
]
rows = []
for name, f, start, lr, budget, rule in runs:
    path = descend(f, start, lr, budget)
    t = ending(f, path, rule)
    away = (path[t] - f64(*f.minima[0])).norm()
    rows.append([f"{name}, {f.name}", str(t), f"{f(path[t]):.3g}", f"{away:.2g}"])
table(["rule and rate, function", "steps", "f", "distance to the minimum"], rows)

# %% tags=["hide-input"]
near = [float(row[-1]) < 0.01 for row in rows]
reveal(
    f"**{sum(near)}** of the {len(rows)} runs stops within 0.01 of a minimum: {rows[near.index(True)][0]}.",
    right="abbcd"[near.index(True)],
)

# %% [markdown]
# - The **gradient rule** takes a plateau for a valley floor: it stops where it started, with $f$ near its highest value.
# - The **change rule** takes slowness for arrival. In a long valley each step changes little. Worse, the change is about $\eta \lVert g \rVert^2$, so the rule depends on the rate: with a tiny one it is content at once.
# - The **budget** knows nothing at all.
#
# Only on the bowl does the gradient rule keep its word, and there you can say how well. If the curvature is nowhere below $\mu > 0$, then $\lVert x - x^* \rVert \le \lVert g \rVert / \mu$: the slope must have grown by at least $\mu$ for each unit of distance from the minimum $x^*$. With $\mu = 1$ and the tolerance 0.001 the distance is at most 0.001, as the last line shows. A test of the gradient is a test of the distance only if you know the curvature. In training, the usual answer is none of the three: watch the loss on data that you did not train on, and stop when it no longer falls.
#
# ## Let the function choose the rate
#
# You rarely know $L$. But you can try a step, look, and try another one: a {term}`line search`.
#
# **Backtracking** starts with a long step and halves it until the drop is a fair share $c$ of what the slope promised ({cite:t}`armijo1966`):
#
# $$\boxed{\;f(x - \eta g) \le f(x) - c\,\eta\,\lVert g \rVert^2\;}$$
#
# The lemma says that this must hold as soon as $\eta \le 2(1 - c)/L$. So the search ends by itself, and it finds the scale of $1/L$ without being told.

# %%
show_source(backtracking)

# %% [markdown]
# For a network with minibatches the comparison is itself noisy, which is why deep learning mostly uses schedules instead. Line searches return with the second-order methods.
#
# ## Going further
#
# ### One function, every fate
#
# *You see, for each start and each rate, whether descent settles, swings for ever or runs off.*
#
# Back to $f(x) = -x^3 + 3x$. Its derivative is $3 - 3x^2$, so a step is the map
#
# $$x \leftarrow x + 3\eta\,(x^2 - 1).$$
#
# A point that stays put is a **fixed point**: $x = -1$ and $x = 1$, the valley and the hilltop, whatever $\eta$ is. Does the map pull its neighbours in? Near a fixed point a small distance is multiplied by the map's slope, $1 + 6\eta x$.
#
# - At the hilltop the factor is $1 + 6\eta > 1$: it repels, always.
# - At the valley it is $1 - 6\eta$: it attracts if $\eta < \tfrac{1}{3}$. This is $2/\lambda_{\max}$ again, with the curvature $f''(-1) = 6$.
#
# So beyond $\tfrac{1}{3}$ even the minimum repels. Where do the points go? Look for two that swap places, $y = x + 3\eta(x^2 - 1)$ and $x = y + 3\eta(y^2 - 1)$. Add the two equations, and $x^2 + y^2 = 2$. Subtract them and divide by $x - y$: $x + y = -\tfrac{2}{3\eta}$. Together
#
# $$x, y = -\frac{1}{3\eta} \pm \sqrt{1 - \frac{1}{9\eta^2}},$$
#
# which are real from $\eta = \tfrac{1}{3}$ on. Descent goes round between these two for ever: a **2-cycle**.
#
# One more line tells which starts are lost. A start $x > 1$ runs off. So does a start that *jumps over* the hilltop, $x + 3\eta(x^2 - 1) > 1$. Subtract 1 and divide by the negative $x - 1$: that is $x < -1 - \tfrac{1}{3\eta}$.
#
# Draw it: starts from $-4.5$ to 1.5 up the page, rates from 0.05 to 0.6 across it, and for each whether descent settles, goes round without end, or runs off.
#
# :::{predict}
# From which rate on does every start run off?
#
# - `a`: from $\tfrac{1}{3}$ on
# - `b`: from about $\tfrac{1}{2}$ on
# - `c`: from none: some starts stay at every rate in the picture
# :::

# %%
starts = torch.linspace(-4.5, 1.5, 151, dtype=torch.float64)
rates = torch.linspace(0.0502, 0.6, 141, dtype=torch.float64)
x = starts[:, None].expand(151, 141)
for _ in range(2000):
    before, x = x, x + 3 * rates * (x * x - 1)
settled = ((x + 1).abs() < 1e-3) & ((x - before).abs() < 1e-4)
fate = torch.where(settled, 0, torch.where(x.isfinite(), 1, 2))

# %% tags=["hide-input"]
dots = []
for k in range(180):
    lr, x = 0.05 + 0.0025 * k, -0.5
    orbit = [x := x + 3 * lr * (x * x - 1) for _ in range(1000 if lr < 0.5 else 0)]
    dots += sorted({(lr, round(x, 3)) for x in orbit[-24:]})
lr = torch.linspace(1 / 3, 0.5, 60, dtype=torch.float64)
swing = (1 - 1 / (9 * lr**2)).clamp(min=0).sqrt()
ends = {"visited after 1,000 steps": torch.tensor(dots)} | {
    name: torch.stack([lr, -1 / (3 * lr) + sign * swing], dim=1)
    for name, sign in (("the 2-cycle, by formula", 1), ("", -1))
}
show(
    figures.fates(rates, starts, fate, ends),
    "Above: up to a rate of 1/3 all starts between a falling curve and 1 settle, from"
    " 1/3 to 1/2 they stay without settling, beyond 1/2 everything runs off. Below: one"
    " point at -1 up to 1/3, then two that move apart along the formula, then four and"
    " more, and further right whole bands of points with gaps between them.",
)

# %% tags=["hide-input"]
gone = rates[(fate == 2).all(0)]
edge = gone.min().item() if len(gone) else math.inf
reveal(
    f"From **{edge:.2f}** on. Up to 1/3 the starts between the two lines settle, and from there up to"
    " that rate they stay without settling.",
    right="a" if edge < 0.4 else "b" if edge < 0.56 else "c",
)

# %% [markdown]
# The dashed lines of the upper picture are the two formulas, $x = 1$ and $x = -1 - \tfrac{1}{3\eta}$; the vertical lines are $\eta = \tfrac{1}{3}$ and $\tfrac{1}{2}$. The second comes from the lowest point of the map, $-\tfrac{1}{12\eta} - 3\eta$, which from $\eta = \tfrac{1}{2}$ on lies left of the edge: then some points of the inside are thrown out, and in the end almost all.
#
# Between the two, the loss neither falls nor explodes. It swings: between two points, then four, and further on among so many that no repetition shows, but for windows in which one returns. The widest begins at $\eta = \sqrt{2}/3$, where descent visits three points in turn. If you meet a training curve that shakes at a constant level, this is the simplest thing that it can be.
#
# Check the 2-cycle and the window with the library, and the claim with the bowl beside it.

# %%
after = descend(cubic, f64(-0.5), lr=0.36, steps=400)[-2:, 0]
formula = -1 / 1.08 + f64(1, -1) * (1 - 1 / 1.08**2) ** 0.5
window = descend(cubic, f64(-0.5), lr=0.4715, steps=1000)[-4:, 0]

# %% tags=["hide-input"]
say(
    f"At the rate 0.36 descent alternates between {after.max():.6f} and"
    f" {after.min():.6f}; the formula says {formula[0]:.6f} and {formula[1]:.6f}. At"
    f" 0.4715 it visits {', '.join(f'**{x:.4f}**' for x in window[:3])} and then"
    f" {window[3]:.4f} again."
)

# %% tags=["hide-input"]
heights, start = [cubic(x).item() for x in right[:9]], f64(2, 1)
ends_at = {
    lr: descend(bowl(10), start, lr, 100)[-1].norm().item() for lr in (0.19, 0.21)
}
evidence(
    "D4",
    "holds",
    f"From 1.2 at the rate 0.1 the value of -x³ + 3x falls to {heights[-1]:.1e} in 8 steps and has no end.",
    so="When a run diverges, ask two questions: has the loss a bottom on this side, and is the rate below"
    " 2/λmax?",
    more=f"From 0.5 it settles at {cubic(left[-1]).item():.3f}. On a bowl with curvatures 1 and 10, 100"
    f" steps at 0.19 leave {ends_at[0.19]:.0e} of a distance of {start.norm():.1f}, at 0.21 they make it"
    f" {ends_at[0.21]:.0f}.",
)

# %% [markdown]
# #### An exercise: over the hilltop (★★)
#
# Descent on $-x^3 + 3x$ with the rate 0.2. Starts between some $a$ and 1 end in the valley; a start just left of $a$ jumps over the hilltop. Compute $a$.

# %%
answer = ...
check("2-derivatives/over-the-hilltop", answer)

# %% tags=["remove-input"]
solution("2-derivatives/over-the-hilltop")

# %% [markdown]
# #### An exercise: read the plot (★★)
#
# Look at the two pictures of starts and rates. What becomes of a start at 0 with the learning rate 0.36?
#
# - `a`: it settles at −1
# - `b`: it alternates between two points
# - `c`: it settles at a point other than −1
# - `d`: it runs off to infinity

# %%
answer = ...
check("2-derivatives/read-the-fate", answer)

# %% tags=["remove-input"]
solution("2-derivatives/read-the-fate")

# %% [markdown]
# ### Convex: where local is global
#
# *You see the condition under which no local minimum is a trap, and a chord that shows a network breaks it.*
#
# A function is {term}`convex` if no chord between two points of its graph runs below the graph: for all $x, y$ and all $t$ between 0 and 1
#
# $$\begin{aligned} & f\big((1 - t)\,x + t\,y\big) \\ & \quad \le (1 - t)\, f(x) + t\, f(y). \end{aligned}$$
#
# Why anybody cares: **every local minimum of a convex function is global.** The proof has two lines. Suppose $x$ is a local minimum and some $y$ is lower, $f(y) < f(x)$. Then a short walk towards $y$ gives $f((1-t)x + ty) \le f(x) - t\,(f(x) - f(y)) < f(x)$ for every $t > 0$, however small, so $x$ was no local minimum.
#
# The logistic regression from above is convex: its Hessian is a sum of terms $p_i(1-p_i)\, x_i x_i^\top$, none of which can be negative. Is the loss of a network?
#
# To disprove it, one chord is enough. Here is a cheap way to find one. Take the network $\theta_1$ that the 75 steps above have led to. Put the 256 units of each hidden layer in the reverse order, with all their weights. Nobody can tell the difference from outside: the new $\theta_2$ computes the same function and has the same loss.
#
# :::{predict}
# What is the loss halfway between $\theta_1$ and $\theta_2$?
#
# - `a`: the same as at both ends
# - `b`: lower: an average of two good networks
# - `c`: higher
# :::


# %%
def units_reversed(θ):
    twin = mlp(784, 256, 256, 10).double()
    set_parameters(twin, θ)
    _, first, _, second, _, last = twin
    for layer in (first, second):
        layer.weight.data = layer.weight.data.flip(0)  # the rows: this layer's units
        layer.bias.data = layer.bias.data.flip(0)
    for layer in (second, last):
        layer.weight.data = layer.weight.data.flip(1)  # the columns: what they feed
    return flat_parameters(twin)


θ2, t = units_reversed(θ1), torch.linspace(0, 1, 21).double()
between = torch.stack([loss((1 - s) * θ1 + s * θ2) for s in t])

# %% tags=["hide-input"]
w, v = points[0], points[1]
convex = torch.stack([logistic((1 - s) * w + s * v) for s in t])
show(
    figures.chords(t, {"logistic regression": convex, "network": between}),
    "Two losses along a straight line, each with its chord. The one of logistic"
    " regression sags below its chord. The network's loss starts and ends at 0.5, and"
    " bulges above its level chord to three times as much in the middle.",
)

# %% tags=["hide-input"]
bulge = (between[10] / between[0]).item()
reveal(
    f"The loss is {between[0]:.2f} and {between[-1]:.2f} at the ends, and **{between[10]:.1f}** halfway.",
    right="a" if abs(bulge - 1) < 0.1 else "b" if bulge < 1 else "c",
)

# %% tags=["hide-input"]
pairs = torch.randn(500, 2, 5, generator=rng, dtype=torch.float64)
below = sum(
    bool(logistic(p.mean(0)) > (logistic(p[0]) + logistic(p[1])) / 2) for p in pairs
)
lowest = min(torch.linalg.eigvalsh(hessian(logistic, p))[0].item() for p in points[:50])
evidence(
    "D17",
    "holds",
    f"A trained network and its twin with the hidden units reversed have the loss {between[0]:.2f}, and"
    f" {between[10]:.1f} halfway between.",
    so="What is proved for convex losses is no promise for a network; and averaging two networks' weights"
    " can be worse than either.",
    more=f"Of 500 random chords of a logistic regression {below} ran below its middle, and no Hessian"
    f" eigenvalue was below {math.floor(1000 * lowest) / 1000:.3f}.",
)

# %% [markdown]
# So the low places of a network's loss come in many copies, and on the straight line between the two that you looked at the ground is higher. That descent finds good ones all the same is a fact about networks, not about descent, and {doc}`loss-surfaces` looks into it.
#
# ### How fast?
#
# *You see a bound on the gap for convex functions, a better one for strongly convex ones, and how nearly each is met.*
#
# With $\eta = 1/L$ the lemma promises a drop of $\lVert g \rVert^2 / 2L$. Two more assumptions turn this into a speed. Let $x^*$ be a minimum and $f^* = f(x^*)$.
#
# **Convex.** The gap falls at least as fast as $1/t$:
#
# $$\boxed{\;f(x_t) - f^* \le \frac{L\,\lVert x_0 - x^* \rVert^2}{2t}\;}$$
#
# :::{dropdown} Why: add up what each step takes from the distance
# The tangent lies below the graph, so $f(x) - f^* \le g^\top (x - x^*)$. Look at the distance after a step $x^+ = x - \eta g$:
#
# $$\begin{aligned} & \lVert x^+ - x^* \rVert^2 = \lVert x - x^* \rVert^2 \\ & \quad {} - 2\eta\, g^\top (x - x^*) + \eta^2 \lVert g \rVert^2. \end{aligned}$$
#
# The middle term is at most $-2\eta\,(f(x) - f^*)$. By the lemma the last one is at most $2\eta\,(f(x) - f(x^+))$, because $\eta = 1/L$. Together
#
# $$\begin{aligned} & 2\eta\,\big(f(x^+) - f^*\big) \\ & \quad \le \lVert x - x^* \rVert^2 - \lVert x^+ - x^* \rVert^2. \end{aligned}$$
#
# Add this up over $t$ steps. On the right-hand side all but two terms cancel. On the left-hand side every term is at least as large as the last one, because $f$ falls. Divide by $2\eta t$.
# :::
#
# **Strongly convex.** Now let $f$ bend upwards by at least $\mu > 0$ in every direction. Then each step takes a fixed share of the gap:
#
# $$\boxed{\;\begin{aligned} & f(x_{t+1}) - f^* \\ & \quad \le \left(1 - \frac{\mu}{L}\right) \big(f(x_t) - f^*\big) \end{aligned}\;}$$
#
# :::{dropdown} Why: the gradient is large wherever the gap is
# The curvature of at least $\mu$ says that $f(y) \ge f(x) + g^\top (y - x) + \tfrac{\mu}{2} \lVert y - x \rVert^2$. The right side is lowest at $y = x - g/\mu$, so $f^* \ge f(x) - \lVert g \rVert^2 / 2\mu$ ({cite:t}`polyak1963`). The gradient is then large wherever the gap is, $\lVert g \rVert^2 \ge 2\mu\,(f(x) - f^*)$. Put this into the promised drop, and subtract $f^*$.
# :::
#
# The first is called *sublinear*: for one more digit you need ten times the steps. The second is called *linear*: every digit costs the same number of steps, about $2.3\, L/\mu$. Both are in {cite:t}`nesterov2004`.
#
# Check both. For the first, take $x^4/12$, which has $L = 1$ between $-1$ and $1$. Add the worst function there is for exactly $t$ steps ({cite:t}`drori2014`): a parabola with straight arms, slope $1/(2t+1)$. For the second, take the logistic regression plus $\tfrac{\mu}{2} \lVert w \rVert^2$ with $\mu = 0.1$.


# %% tags=["hide-input"]
def straight_arms(x, slope):
    size = x.abs()
    return torch.where(size > slope, slope * (size - slope / 2), size**2 / 2).sum()


def worst_gap(t):
    f = partial(straight_arms, slope=1 / (2 * t + 1))
    return f(descend(f, f64(1), lr=1.0, steps=t)[-1]).item()


counts = [1, 3, 10, 30, 100, 300]
quartic = (
    descend(lambda x: (x**4).sum() / 12, f64(1), lr=1.0, steps=300)[1:, 0] ** 4 / 12
)
slow = {
    "bound, $1/2t$": (counts, [1 / (2 * t) for t in counts]),
    "$x^4/12$": (range(1, 301), quartic),
    "worst for each $t$": (counts, [worst_gap(t) for t in counts]),
}


def ridge_loss(w, μ=0.1):
    return logistic(w) + μ / 2 * w.square().sum()


path = descend(ridge_loss, f64(3, 3, 3, 3, 3), lr=1 / (L + 0.1), steps=250)
best = path[-1]
for _ in range(6):  # Newton's method, from the chapters on second order
    best = best - torch.linalg.solve(
        hessian(ridge_loss, best), gradient(ridge_loss, best)
    )
gaps = torch.stack([ridge_loss(w) for w in path]) - ridge_loss(best)
bound = gaps[0] * (1 - 0.1 / (L + 0.1)) ** torch.arange(251)
fast = {
    r"bound, $(1 - \mu/L)^t$": (range(251), bound),
    "ridge logistic regression": (range(251), gaps.clamp(min=1e-15)),
}
show(
    figures.convergence(slow, fast),
    "Left, on log-log axes: the bound and the worst cases are straight and parallel,"
    " the worst cases at half of the bound; the quartic falls twice as steeply. Right:"
    " the bound and the measured gap are both straight on a logarithmic axis, and the"
    " measured one is steeper.",
)

# %% tags=["hide-input"]
tail = math.log(gaps[100] / gaps[50]) / 50
say(
    f"In 300 steps the worst case leaves {worst_gap(300):.6f}, and the bound is"
    f" {1 / 600:.6f}. The quartic's slope from step 100 to 300 is"
    f" {math.log(quartic[299] / quartic[99]) / math.log(3):.2f}. The strongly convex"
    f" gap shrinks by {math.exp(tail):.3f} a step; the bound says"
    f" {1 - 0.1 / (L + 0.1):.3f} or less."
)

# %% [markdown]
# The worst case is met up to a factor of 2, so without further assumptions nothing better than a multiple of $1/t$ can be said about this method. The quartic is luckier, at $1/t^2$. A faster *method* exists, though: Nesterov's, in Part 3.
#
# ### Exact line search
#
# *You see why the best step for now is not the best for two, and what each search pays.*
#
# Backtracking is content with a fair drop. **Exact line search** goes on to a minimum of $f$ along the ray from $x$ towards $-g$: it brackets one and shrinks the bracket by golden section ({cite:t}`kiefer1953`). On a quadratic that step has a formula, $\eta = g^\top g \,/\, g^\top H g$ (`best_rate`), which makes a good test.
#
# Descend into a bowl with both.
#
# :::{predict} number
# What is the angle between one exact step and the next, in degrees?
# :::

# %%
f, start = bowl(4), f64(2, 0.5)
zigzag = descend(f, start, lr=exact, steps=12)
armijo = descend(f, start, lr=partial(backtracking, share=0.3), steps=12)

# %% tags=["hide-input"]
show(
    figures.zigzag(f, {"exact": zigzag, "backtracking, c = 0.3": armijo}),
    "Level lines of a bowl, four times as steep across as along. The exact path comes"
    " down in steps that turn by a right angle each time and shrink towards the"
    " minimum. Backtracking overshoots once, stands on the floor after two steps and"
    " runs straight along it.",
)

# %% tags=["hide-input"]
moves = zigzag.diff(dim=0)
cosine = torch.cosine_similarity(moves[1:], moves[:-1])
reveal(
    f"First exact step: {exact(f, start, gradient(f, start)):.6f}, by formula {best_rate(f, start):.6f}. Angles"
    f" between neighbouring steps: {cosine.acos().rad2deg().min():.2f}° to"
    f" {cosine.acos().rad2deg().max():.2f}°.",
    right=f"{cosine.acos().rad2deg().mean():.0f}",
)

# %% [markdown]
# Where $f$ is lowest along the ray, its slope along the ray is zero: the new gradient has no part left in the old direction. What is best for one step need not be best for two.
#
# Count what it costs. The bowl has $\kappa = 30$ and the runs end at $\lVert g \rVert < 10^{-6}$. They start from the point that is worst for the exact search, and from five random points at a distance of 3.
#
# :::{predict}
# Does the exact search need the fewest steps?
#
# - `a`: yes, from every start: it takes the best step each time
# - `b`: not from its worst start, but from most random ones
# - `c`: no, from no start
# :::

# %%
steep = bowl(30)


def cost(lr, start):
    calls = []

    def counted(x):
        calls.append(x)
        return steep(x)

    steps = len(descend(counted, start, lr, 1000, tol=1e-6)) - 1
    return steps, len(calls) - steps - 1


# %% tags=["hide-input"]
directions = torch.randn(5, 2, generator=rng, dtype=torch.float64)
random_starts = 3 * directions / directions.norm(dim=1, keepdim=True)


def costs(
    lr,
):  # steps from the worst start, values of f a step, steps from random starts
    steps, values = cost(lr, f64(3, 0.1))
    return steps, values / steps, [cost(lr, start)[0] for start in random_starts]


# %%
searches = {
    "fixed, 1/L": 1 / 30,
    "fixed, 2/(μ + L)": 2 / 31,
    "exact": exact,
    "backtracking, c = 0.0001": backtracking,
    "backtracking, c = 0.3": partial(backtracking, share=0.3),
}
paid = {name: costs(lr) for name, lr in searches.items()}

# %% tags=["hide-input"]
rows = [
    [
        name,
        str(steps),
        f"{values:.0f}",
        f"{statistics.median(some):.0f} ({min(some)} to {max(some)})",
    ]
    for name, (steps, values, some) in paid.items()
]
table(
    ["rate", "steps, worst start", "values of f a step", "steps, random starts"], rows
)

# %% tags=["hide-input"]
best_at = [
    min(paid, key=lambda name, k=k: paid[name][2][k]) for k in range(len(random_starts))
]
wins = best_at.count("exact")
least = min(steps for steps, _, _ in paid.values())
reveal(
    f"From its worst start the exact search takes {paid['exact'][0]} steps, and the least is {least}. Of"
    f" the {len(random_starts)} random starts it needs the fewest from **{wins}**.",
    right="a" if paid["exact"][0] == least else "b" if 2 * wins > len(best_at) else "c",
)

# %% [markdown]
# It depends on the start. From its worst one the exact search takes as many steps as the best fixed rate and pays dozens of function values for each: the exact rate is then the same at every step, and both shrink the distance by $(\kappa - 1)/(\kappa + 1)$. From most random starts it needs the fewest steps of all. (In two dimensions, that is. In many, {cite:t}`akaike1959` showed, it falls into a zigzag like that of the worst start.) Backtracking with a demanding $c$ varies its rate and depends little on the start. It was told nothing about $L$.
#
# #### An exercise: a bold driver (★★)
#
# Here is a line search that costs one value of $f$ a step, after {cite:t}`vogl1988` (whose factors are others): keep one rate and let success decide. Take the step if it does not raise $f$, and then multiply the rate by 1.1. Otherwise stay where you are and halve the rate. Write `bold_descent(f, gradient, x, lr, steps)`, which returns the last point.


# %%
def bold_descent(f, gradient, x, lr, steps): ...


check("2-derivatives/bold-driver", bold_descent)

# %% tags=["remove-input"]
solution("2-derivatives/bold-driver")

# %% [markdown]
# ### Experiment: five seeds, four times the data
#
# *You see how far $2/\lambda_{\max}$ can be trusted in training, and what happens beyond it.*
#
# On the first 2,000 training images of the full MNIST, from five initialisations, a stored run looked for the largest rate at which none of the next 20 steps goes up, in tenths of $2/\lambda_{\max}$ as measured at that point. It did so at the start and after 60, 120 and 240 slow steps.
#
# :::{predict}
# What is the ratio of the largest stable rate to $2/\lambda_{\max}$ at these four places?
#
# - `a`: near 1 at all four
# - `b`: far below 1 at the start, and near 1 in the end
# - `c`: near 1 at the start, later far below 1
# - `d`: far above 1 at all four
# :::

# %% tags=["hide-input"]
measured = results.load("stability")["results"]
stages = {
    stage: [row["stable"] for row in measured["stages"] if row["stage"] == stage]
    for stage in sorted({row["stage"] for row in measured["stages"]})
}
parts = [
    f"{statistics.median(ratios):.1f} (from {min(ratios):.1f} to {max(ratios):.1f})"
    f" after {stage} steps"
    for stage, ratios in stages.items()
]
seeds = len(stages[0])
show(
    figures.stable_rates(stages, measured["slow_rate"]),
    f"{seeds} dots at each of {len(stages)} places, close together. Their medians:"
    f" {', '.join(parts)}. The dashed line of the prediction lies at 1.",
)

# %% tags=["hide-input"]
first, *later = (statistics.median(ratios) for ratios in stages.values())
near = all(0.7 < ratio < 1.5 for ratio in (first, *later))
reveal(
    f"Largest stable rate over 2/λmax, median of {seeds} seeds: {', '.join(parts)}.",
    right="d"
    if first > 1.5
    else "a"
    if near
    else "b"
    if first < 0.7 < later[-1] < 1.5
    else "c",
)

# %% [markdown]
# At the start $2/\lambda_{\max}$ promises far too much: $\lambda_{\max}$ is small there, and it multiplies within the next steps. Where the curvature has stopped growing, the forecast is right to within the tenths of the experiment, then too careful by a little. Why too careful, this experiment does not tell. The seeds agree closely. The caveat is the rest: one architecture, one loss, few images.
#
# Now the other way round. Keep the rate fixed and watch $\lambda_{\max}$ during the whole run. If it keeps growing, it must reach $2/\eta$ at some step.
#
# :::{predict}
# What happens then?
#
# - `a`: the run blows up
# - `b`: $\lambda_{\max}$ stops just below $2/\eta$, and the loss never rises
# - `c`: $\lambda_{\max}$ passes $2/\eta$, the loss rises for some steps, and the run goes on
# :::

# %% tags=["hide-input"]
curves = measured["curves"]
steps = range(0, measured["every"] * len(curves[0]["losses"]), measured["every"])
tops = {run["lr"]: max(run["largest_eigenvalues"]) for run in curves}
show(
    figures.edge(steps, {run["lr"]: run["largest_eigenvalues"] for run in curves}),
    f"Three curves of the largest eigenvalue. All climb from below 2 to between"
    f" {min(tops.values()):.0f} and {max(tops.values()):.0f}. At the smallest rate the"
    " limit is not reached, and the curve sinks slowly. At the other two the curve"
    " shoots past its limit, drops back below it, and sinks on.",
)

# %% tags=["hide-input"]
end = curves[0]["losses"][-1]


def at_loss(run, level):  # λmax where the loss is the same, between two measurements
    k = next(k for k, loss in enumerate(run["losses"]) if loss <= level)
    (high, low), (a, b) = (
        run[key][k - 1 : k + 1] for key in ("losses", "largest_eigenvalues")
    )
    return a + (b - a) * (high - level) / (high - low)


table(
    ["rate", "2/η", "λmax: largest", f"at the loss {end:.2f}", "steps up", "last loss"],
    [
        [
            f"{run['lr']}",
            f"{2 / run['lr']:.1f}",
            f"{tops[run['lr']]:.1f}",
            f"{at_loss(run, end):.1f}",
            f"{run['rises']} of {steps[-1]}",
            f"{run['losses'][-1]:.3f}",
        ]
        for run in curves
    ],
)

# %% tags=["hide-input"]
passed = [run for run in curves if tops[run["lr"]] > 2 / run["lr"]]
lasts = " and ".join(f"{run['losses'][-1]:.3f}" for run in passed)
reveal(
    f"{len(passed)} of {len(curves)} runs pass their limit. Their loss rises in"
    f" {' and '.join(str(run['rises']) for run in passed)} of {steps[-1]} steps, and ends at"
    f" **{lasts}**.",
    right="b"
    if not passed
    else "c"
    if all(run["losses"][-1] < 1 for run in passed)
    else "a",
)

# %% [markdown]
# The curvature climbs by itself, and stops by itself: at the smallest rate the limit $2/\eta$ lies far above everything that the network reaches, and no step goes up. At the other two the curve passes the limit. The forecast by $\lambda_{\max}$ now says that the run explodes, and for a few steps the loss does rise. Then something happens that no quadratic can do: the jump throws the run into a flatter place, $\lambda_{\max}$ falls below $2/\eta$, and descent goes on. Compare the runs where they have fitted equally well, at the same loss: the larger the rate, the flatter the place. (At the end of the runs that comparison would not be fair: their losses differ, and $\lambda_{\max}$ sinks with the loss.)
#
# {cite:t}`cohen2021` found this in many networks and named it the {term}`edge of stability`: $\lambda_{\max}$ rises to $2/\eta$ and then stays close to it for most of the run. Here you see the repulsion at the two larger rates, but not the long stay. The run soon fits its few images, and the curvature of cross-entropy fades as the probabilities approach 0 and 1.

# %% [markdown]
# ### No gradient at all
#
# *You see descent without derivatives, on a chess board.*
#
# Put eight queens on a chess board, one in each column, so that no two attack each other. The cost of a board is the number of pairs that do. The unknowns are eight whole numbers, and a whole number cannot move by $-\eta g$.
#
# You can force it: let the rows be real numbers and round them before counting.
#
# :::{predict}
# What does `descend` do then?
#
# - `a`: it goes down to a board with few attacks
# - `b`: it takes no step
# - `c`: it jumps from board to board without settling
# :::


# %%
def attacks_of(rows):
    board, column = rows.round(), torch.arange(8.0)
    apart = (board[:, None] - board).abs()
    diagonal = (column[:, None] - column).abs()
    same = torch.relu(1 - apart) + torch.relu(1 - (apart - diagonal).abs())
    return same.triu(1).sum()


board = torch.rand(8, generator=torch.Generator().manual_seed(0)) * 7
stuck = descend(attacks_of, board, lr=1.0, steps=100)

# %% tags=["hide-input"]
reveal(
    f"{attacks_of(board).item():.0f} pairs attack each other, the gradient's length is"
    f" {gradient(attacks_of, board).norm().item():.0f}, and descend takes"
    f" **{len(stuck) - 1}** steps.",
    right="b" if len(stuck) == 1 else "a",
)

# %% [markdown]
# Rounding makes stairs, and stairs are level almost everywhere. But the idea of descent survives without derivatives: *look at what is near, and move where it is lowest.* Near means one queen moved within its column, which gives $8 \cdot 7 = 56$ neighbours. This is {term}`hill climbing`.

# %%
show_source(hill_climb)

# %% [markdown]
# It has descent's disease too: it stops at the first board that no neighbour betters. The cure is crude and good: start again from a random board.
#
# :::{predict} number
# Of 400 random boards, how many percent of the climbs end in a solution?
# :::

# %%
dice = random.Random(0)


def climb():
    start = tuple(dice.randrange(8) for _ in range(8))
    return hill_climb(attacks, start, queen_moves)


climbs = [climb() for _ in range(400)]
solved = [attacks(path[-1]) == 0 for path in climbs]
found = [k for k, done in enumerate(solved) if done]
tries = [after - before for before, after in pairwise([-1, *found])]  # with restarts


# %% tags=["hide-input"]
def attacking(board):
    def meet(a, b):
        return abs(board[a] - board[b]) in (0, b - a)

    return [(a, b) for a in range(8) for b in range(a + 1, 8) if meet(a, b)]


pictures = {
    name: (path[-1], attacking(path[-1]))
    for name, path in (
        ("stuck", climbs[solved.index(False)]),
        ("solved", climbs[solved.index(True)]),
    )
}
show(
    figures.boards(pictures),
    "Two chess boards with eight queens each. On the left dashed lines join two"
    " pairs that still attack each other, although no single move helps. On the right"
    " nobody attacks anybody.",
)

# %% tags=["hide-input"]
share = 100 * sum(solved) / len(solved)
reveal(f"**{share:.0f} %** of {len(solved)}.", right=f"{share:.0f}")

# %% tags=["hide-input"]
lengths = [
    sum(len(path) - 1 for path, s in zip(climbs, solved, strict=True) if s == wanted)
    / solved.count(wanted)
    for wanted in (False, True)
]
evidence(
    "D6",
    "holds",
    f"Hill climbing solves {share:.0f} % of {len(solved)} random boards of eight queens; descend, with rounded"
    f" rows, takes {len(stuck) - 1} steps.",
    so="Without a gradient look at the neighbours, and start again from many places.",
    more=f"A solution takes {lengths[1]:.1f} moves on average, and the others are stuck after"
    f" {lengths[0]:.1f}. With restarts there was a solution after {statistics.mean(tries):.0f} tries on average.",
)

# %% [markdown]
# {cite:t}`russell2020` print 14 % solved, 4 moves when it works and 3 when it does not. Of 400 climbs you expect 14 % give or take 2, so this agrees. There are $8^8$, nearly 17 million, boards; each climb looks at a few hundred of them.
#
# What gradient descent adds to hill climbing is the *direction*. A network with a million weights has two million neighbours at distance $\pm\delta$ along the axes, and the gradient finds the best mixture of them all, to first order, for the price of about three evaluations.

# %% [markdown]
# ### Which variant is this?
#
# *You see four other descents.*
#
# - **Maximising.** Descent on $-f$; in torch the flag `maximize=True`.
# - **Normalised gradient.** $x \leftarrow x - \eta\, g / \lVert g \rVert$ makes every step $\eta$ long. It crosses plateaus, and it cannot settle: near the minimum it hops to and fro.
# - **Sum or mean.** The loss summed over $N$ examples is $N$ times the mean, so its $L$ is $N$ times as large and its rate must be $N$ times smaller. A paper's learning rate means little before you know which one it used.
# - **Gradient flow.** For $\eta \to 0$ the steps become the curve with $\frac{dx}{dt} = -\nabla f(x)$. Descent is Euler's method for it, with an error in proportion to $\eta$. On the cubic the flow is known: $x(t) = -\tanh(3t - \operatorname{artanh} x_0)$.

# %% tags=["hide-input"]
hops = {
    lr: descend(bowl(10), f64(2, 1), lambda f, x, g, lr=lr: lr / g.norm(), 500)[
        -1
    ].norm()
    for lr in (0.1, 0.01)
}
by_sum = descend(lambda w: 200 * logistic(w), points[0], 0.1 / 200, 50)
by_mean = descend(logistic, points[0], 0.1, 50)
flow = -math.tanh(1.5 - math.atanh(0.5))
errors = {
    n: abs(descend(cubic, f64(0.5), 0.5 / n, n)[-1].item() - flow) for n in (10, 20)
}
say(f"""
- normalised, after 500 steps on a bowl: {hops[0.1]:.2f} from the minimum with steps of 0.1, {hops[0.01]:.3f} with 0.01
- 50 steps on the sum at 0.1/200 and on the mean at 0.1: they differ by {"less than 1e-12" if (by_sum - by_mean).norm() < 1e-12 else "more than rounding"}
- gradient flow on the cubic up to time 0.5: {errors[10]:.4f} off at the rate {0.5 / 10}, {errors[20]:.4f} at {0.5 / 20}
""")

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the longest guaranteed step (★)
#
# $f(x, y) = 3x^2 + 2xy + 3y^2$. Below which learning rate is descent sure to go down, from every start?

# %%
answer = ...
check("2-derivatives/longest-guaranteed-rate", answer)

# %% tags=["remove-input"]
solution("2-derivatives/longest-guaranteed-rate")

# %% [markdown]
# ### An open experiment
#
# Give `descend` a rate that shrinks like $1/t$, on a surface of your choice. Which starts does it save, and what does it pay on the bowl?
#
# ## Summary
#
# - A step with $\eta < 2/L$ is sure to go down, and $\eta = 1/L$ has the largest guaranteed drop. $L$ bounds the curvature on the way of the step; in a network it moves while you train.
# - Descent stops wherever the gradient is zero, and each of the three stopping rules can be fooled. On a convex function every local minimum is global; the loss of a network is not convex (*Going further*).
# - Without knowing $L$, backtracking finds a good rate from a few function values. From *Going further*: exact line search turns by a right angle at each step, which in two dimensions costs nothing from most starts and a lot from the worst; and where there is no gradient, looking at the neighbours is descent's cousin.
#
# ## References
#
# - {cite:t}`cauchy1847`: the method, in three pages.
# - {cite:t}`nesterov2004`: smoothness, the descent lemma, and both speeds with their limits.
# - {cite:t}`polyak1963`: the inequality between gradient and gap that gives the linear rate.
# - {cite:t}`drori2014`: the exact worst case of descent after $t$ steps.
# - {cite:t}`armijo1966`: the condition of backtracking. {cite:t}`kiefer1953`: golden section. {cite:t}`akaike1959`: where the exact search ends.
# - {cite:t}`cohen2021`: networks train at the edge of stability.
# - {cite:t}`lee2016`: why a random start does not end in a saddle.
# - {cite:t}`vogl1988`: the rate that grows with success.
# - {cite:t}`russell2020`: hill climbing, its traps and the eight queens.
