# ---
# jupyter:
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
# Descent sounds as if it could only go down. Change one digit of the start or of the learning rate, and the same three lines of code climb to infinity. This chapter says how small a step is small enough, where descent comes to rest, and what it cannot see.
#
# **You will**
#
# - derive the largest learning rate that is sure to go down, and test it where the guarantee ends;
# - predict, for a function with one valley and one cliff, what becomes of every start at every rate;
# - tell a minimum from a place where descent has merely stopped.
#
# **You need** the gradient as the direction of steepest ascent (CHAPTER[gradient]) and the valley of {doc}`/1-numbers/conditioning`, where $2/\lambda_{\max}$ appeared.

# %% tags=["setup", "remove-cell"]
# Set-up: does nothing where `book` is installed; elsewhere it installs `book` from the site of this page.
import importlib
import subprocess
import sys
from importlib.util import find_spec

WHEEL = ""  # the address of the book's wheel: building the site writes it here

if find_spec("book") is None:
    if not WHEEL:
        raise RuntimeError(
            "`book` is not installed: clone the book's repository and run `make book`"
            " there."
        )
    absent = [
        name for name in ("torch", "matplotlib", "anywidget") if find_spec(name) is None
    ]
    for packages in filter(None, (absent, ["--no-deps", WHEEL])):
        pip = [sys.executable, "-m", "pip", "install", "--quiet", *packages]
        done = subprocess.run(pip, capture_output=True, text=True)
        if done.returncode:
            reason = " ".join(done.stderr.splitlines()[-1:])
            raise RuntimeError(
                f"pip could not install {packages[-1]} ({reason}): mend that, run this"
                " again."
            )
    importlib.invalidate_caches()
if "google.colab" in sys.modules:
    from google.colab import output

    output.enable_custom_widget_manager()

# %%
import math
import random
from functools import partial

import torch
from torch.nn.functional import softplus

from book import results
from book.calculus import best_rate, classify, gradient, hessian, hvp, lanczos
from book.display import evidence, say, show, show_source, table
from book.exercises import check, solution
from book.figures import gradient_descent as figures
from book.figures.surface import paths_on
from book.optim import (
    attacks,
    backtracking,
    descend,
    exact,
    hill_climb,
    queen_moves,
)
from book.surfaces import bowl, cubic, himmelblau, plateau, rosenbrock, saddle
from book.training.data import load
from book.training.flat import flat_loss, flat_parameters, set_parameters
from book.training.models import mlp


def f64(*entries):
    return torch.tensor(entries, dtype=torch.float64)


# %% [markdown]
# ## The same code, two starts
#
# Take $f(x) = -x^3 + 3x$. It has a valley at $x = -1$, a hilltop at $x = 1$, and beyond the hilltop it falls for ever. Here is descent with the learning rate 0.1 from $x = 0.5$ and from $x = 1.2$.
#
# **Predict:** where does each of the two end?

# %%
runs = {start: descend(cubic, f64(start), lr=0.1, steps=100) for start in (0.5, 1.2)}
show(
    figures.two_starts(cubic, {f"from {start}": path for start, path in runs.items()}),
    "The curve with a valley at -1 and a hilltop at 1. The points from 0.5 roll left"
    " into the valley and crowd together there. The points from 1.2 roll right, down"
    " the other side, with growing steps, and leave the picture.",
)

# %%
left, right = runs[0.5], runs[1.2]
say(
    f"From 0.5 the run ends at x = **{left[-1].item():.6f}**. From 1.2 it is at"
    f" {right[8].item():,.0f} after 8 steps and at"
    f" $10^{{{math.log10(right[-1].item()):.0f}}}$ after {len(right) - 1}; the next"
    " gradient does not fit into float64, and the code gives up."
)

# %% [markdown]
# Nothing is wrong with the code. Both runs went downhill at every step; one of them had no bottom to reach. Keep this function in mind. It is small enough to be understood completely, and it comes back.

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
# The forecast is a straight line, and $f$ is not. What can go wrong is that $f$ bends upwards on the way. So suppose that you know how fast the slope can change: there is a number $L$ such that for any two points
#
# $$\lVert \nabla f(x) - \nabla f(y) \rVert \le L \, \lVert x - y \rVert.$$
#
# Such a function is called **$L$-smooth** (see {term}`smoothness`). Where second derivatives exist, it says that no eigenvalue of the Hessian is larger than $L$ or smaller than $-L$. Now walk from $x$ to $x + s$ and add up the slopes on the way:
#
# $$f(x + s) = f(x) + \int_0^1 \nabla f(x + us)^\top s \; du.$$
#
# Replace $\nabla f(x + us)$ by $g$ plus what it has changed by since the start:
#
# $$f(x + s) = f(x) + g^\top s + \int_0^1 \big(\nabla f(x + us) - g\big)^\top s \; du.$$
#
# The change is at most $L \lVert us \rVert$ long, so the last integral is at most $\int_0^1 L u \lVert s \rVert^2 du = \tfrac{L}{2} \lVert s \rVert^2$. Put $s = -\eta g$ in, so that $g^\top s = -\eta \lVert g \rVert^2$ and $\lVert s \rVert^2 = \eta^2 \lVert g \rVert^2$. This is the **descent lemma** ({cite:t}`nesterov2004`):
#
# $$\boxed{\;f(x - \eta g) \le f(x) - \eta \left(1 - \frac{\eta L}{2}\right) \lVert g \rVert^2\;}$$
#
# The bracket is positive exactly if $\eta < 2/L$. Then the step is sure to go down, whatever else $f$ does. The guaranteed drop is largest halfway, at $\eta = 1/L$, where it is $\lVert g \rVert^2 / 2L$.
#
# Look at it. $f(x) = \log\cosh x$ has the second derivative $1 - \tanh^2 x$, which is at most 1, so $L = 1$. Stand at $x = 2.5$ and slide along $-g$.


# %%
def log_cosh(x):
    return (softplus(2 * x) - x - math.log(2)).sum()


x, η = f64(2.5), torch.linspace(0, 5.4, 109, dtype=torch.float64)
g, height = gradient(log_cosh, x), log_cosh(x)
drop = g.square().sum()
curves = {
    "$f$ itself": torch.stack([log_cosh(x - step * g) for step in η]),
    "first order": height - η * drop,
    "bound of the lemma": height - η * (1 - η / 2) * drop,
}
show(
    figures.lemma(η, curves, height, L=1),
    "The function along the step falls to 0 near a rate of 2.5 and is back at its"
    " first height only near 5. The bound is a parabola above it: lowest at 1/L = 1,"
    " and back at the first height at 2/L = 2. The straight forecast lies below both.",
)

# %% [markdown]
# The bound is never below the function, and here it is far above: the step could be more than twice as long as $2/L$ and still go down. That is the price of a guarantee for *every* function with this $L$. On a bowl $\tfrac{1}{2} L x^2$ the bound is the function itself, and nothing can be gained.
#
# Now the check. Logistic regression has the loss $f(w) = \frac{1}{N}\sum_i \log(1 + e^{-y_i x_i^\top w})$ with labels $y_i = \pm 1$ and weights $w$ of shape $(n,)$. Its Hessian is $\frac{1}{N} \sum_i p_i (1 - p_i)\, x_i x_i^\top$ with $p_i$ between 0 and 1, and $p(1-p) \le \frac{1}{4}$. So $L = \lambda_{\max}(X^\top X) / 4N$ will do.
#
# Draw 300 points at random, take for each a rate at random up to $3/L$, and count how often the lemma fails. Then pretend that $L$ is only a quarter as large, and count again.

# %%
rng = torch.Generator().manual_seed(0)
X = torch.randn(200, 5, generator=rng, dtype=torch.float64) * f64(1, 2, 3, 4, 5)
y = torch.sign(X @ f64(2, -1, 1, 0, 0.3) + torch.randn(200, generator=rng))


def logistic(w):
    return softplus(-y * (X @ w)).mean()


L = torch.linalg.eigvalsh(X.T @ X / 200)[-1].item() / 4


# %%
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

# %%
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
    f"At 1.99/L {ups} of 300 random steps on a logistic regression went up; on a bowl"
    f" with L = 20 a step of 0.99 times 2/L went {'up' if rises[0.99] else 'down'} and"
    f" one of 1.01 times {'up' if rises[1.01] else 'down'}.",
)

# %% [markdown]
# The caveat is the word *enough*: the promise is worth as much as your knowledge of $L$. The next two sections show a function that has no $L$ at all, and a network whose $L$ moves.

# %% [markdown]
# ### Curvature that changes from place to place
#
# For $f(x) = \frac{1}{4}x^4$ the second derivative $3x^2$ grows without end. No $L$ holds for the whole line. But if a run goes down, it stays between $-x_0$ and $x_0$, and there $L = 3x_0^2$ holds. So a rate below $2/(3x_0^2)$ is safe *from this start*.
#
# How large is the largest rate, really? One step is $x \leftarrow (1 - \eta x^2)\, x$. It shrinks as long as $\eta x^2 < 2$. **Predict** the limit for the starts 1, 3 and 10, then let the computer search by halving.


# %%
def settles(start, lr):
    return descend(lambda x: x.pow(4).sum() / 4, f64(start), lr, 40)[-1].abs() < start


def limit(start, low=1e-3, high=10.0):
    for _ in range(20):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if settles(start, middle) else (low, middle)
    return low


table(
    ["start", "guaranteed, 2/(3x²)", "searched", "2/x²"],
    [
        [f"{x}", f"{2 / (3 * x * x):.4f}", f"{limit(x):.4f}", f"{2 / (x * x):.4f}"]
        for x in (1.0, 3.0, 10.0)
    ],
)

# %% [markdown]
# The guarantee is safe and a third of the truth, and both shrink with the square of the start. Read it the other way round: for *every* learning rate there is a start from which descent on this harmless valley explodes.

# %% [markdown]
# ## A real network
#
# A network's loss has no useful global $L$ either. But you can measure $\lambda_{\max}$ where you stand. Its Hessian has $269{,}322^2$ entries, far too many to write down. The product of the Hessian with a vector costs about as much as two gradients (`hvp`), and Lanczos' method finds the largest eigenvalue from a dozen such products.
#
# The network is $784 \to 256 \to 256 \to 10$ with ReLU, the loss is cross-entropy over 500 images of MNIST at once: no minibatches, no randomness.

# %%
images, _ = load("mnist")
network = mlp(784, 256, 256, 10, seed=0)
loss, θ0 = flat_loss(network, images[:500]), flat_parameters(network)


def largest_eigenvalue(θ, products=12):
    v = torch.randn(len(θ), generator=torch.Generator().manual_seed(0))
    return lanczos(lambda v: hvp(loss, θ, v), v, products).values[-1].item()


top0 = largest_eigenvalue(θ0)
say(
    f"At the start the loss is {loss(θ0):.2f} and λmax is **{top0:.1f}**, so that 2/λmax"
    f" is **{2 / top0:.1f}**."
)

# %% [markdown]
# **Predict:** does a learning rate of half that limit work? Run 15 steps, and look for the first one that goes up. Then take 180 slow steps at 0.02 and ask the same questions again where they have led.


# %%
def first_rise(θ, lr, steps=15):
    heights = torch.stack([loss(x) for x in descend(loss, θ, lr, steps)])
    up = (~(heights[1:] <= heights[:-1])).nonzero().flatten().tolist()
    return f"step {up[0] + 1}" if up else "none"


θ1 = descend(loss, θ0, 0.02, 180)[-1]
top1 = largest_eigenvalue(θ1)
table(
    ["", "loss", "λmax", "2/λmax", "first rise at half of it", "at 0.9", "at 1.5"],
    [
        [name, f"{loss(θ):.1f}", f"{top:.1f}", f"{2 / top:.2g}"]
        + [first_rise(θ, s * 2 / top) for s in (0.5, 0.9, 1.5)]
        for name, θ, top in (("start", θ0, top0), ("180 steps on", θ1, top1))
    ],
)

# %% [markdown]
# At the start the rule misleads. The first steps do go down, even beyond the limit, because the gradient has little of the steepest direction in it. But on the way down the valley walls close in: λmax grows, and a rate that was safe is safe no longer. After 180 slow steps the curvature changes slowly, and now the rule works.
#
# ### Experiment: five seeds, ten times the data
#
# On the first 5,000 training images of the full MNIST, from five initialisations, a stored run looked for the largest rate at which none of the next 20 steps goes up, in tenths of $2/\lambda_{\max}$ as measured at that point. It did so at the start and after 60, 120 and 240 slow steps.
#
# **Predict** the ratio at each of the four places. What would perfect prediction look like?

# %%
measured = results.load("stability")["results"]
stages = {
    stage: [row["stable"] for row in measured["stages"] if row["stage"] == stage]
    for stage in sorted({row["stage"] for row in measured["stages"]})
}
show(
    figures.stable_rates(stages, measured["slow_rate"]),
    "ALT1 to be written when the stored result is here, long enough to pass.",
)

# %% [markdown]
# Now the other way round. Keep the rate fixed and watch $\lambda_{\max}$ during the whole run. If it keeps growing, it must reach $2/\eta$ at some step. **Predict:** what happens then? Does the run blow up?

# %%
curves = measured["curves"]
steps = range(0, measured["every"] * len(curves[0]["losses"]), measured["every"])
show(
    figures.edge(steps, {run["lr"]: run["largest_eigenvalues"] for run in curves}),
    "ALT2 to be written when the stored result is here, long enough to pass.",
)

# %%
table(
    ["rate", "2/η", "λmax: largest", "median, last half", "steps up", "last loss"],
    [
        [f"{run['lr']}", f"{2 / run['lr']:.1f}", f"{max(tops):.1f}"]
        + [f"{sorted(half)[len(half) // 2]:.1f}", f"{run['rises']} of {steps[-1]}"]
        + [f"{run['losses'][-1]:.3f}"]
        for run in curves
        for tops in [run["largest_eigenvalues"]]
        for half in [tops[len(tops) // 2 :]]
    ],
)

# %% [markdown]
# EDGE TEXT

# %% [markdown]
# ## One function, every fate
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
# **Predict** the picture: starts from $-4.5$ to 1.5 up the page, rates from 0.05 to 0.6 across it. Where does descent settle, where does it go round without end, where does it run off?

# %%
starts = torch.linspace(-4.5, 1.5, 151, dtype=torch.float64)
rates = torch.linspace(0.0502, 0.6, 141, dtype=torch.float64)
x = starts[:, None].expand(151, 141)
for _ in range(2000):
    x = x + 3 * rates * (x * x - 1)
fate = torch.where((x + 1).abs() < 1e-3, 0, torch.where(x.isfinite(), 1, 2))

# %%
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
    " more, and from about 0.43 whole bands of points.",
)

# %% [markdown]
# The dashed lines of the upper picture are the two formulas, $x = 1$ and $x = -1 - \tfrac{1}{3\eta}$; the vertical lines are $\eta = \tfrac{1}{3}$ and $\tfrac{1}{2}$. The second comes from the lowest point of the map, $-\tfrac{1}{12\eta} - 3\eta$, which from $\eta = \tfrac{1}{2}$ on lies left of the edge: then some points of the inside are thrown out, and in the end almost all.
#
# Between the two, the loss neither falls nor explodes. It swings, and at the larger rates it never repeats. If you meet a training curve that shakes at a constant level, this is the simplest thing that it can be.
#
# Check the 2-cycle with the library, and the claim with the bowl beside it.

# %%
after = descend(cubic, f64(-0.5), lr=0.36, steps=400)[-2:, 0]
formula = -1 / 1.08 + f64(1, -1) * (1 - 1 / 1.08**2) ** 0.5
say(
    f"At the rate 0.36 descent alternates between {after.max():.6f} and"
    f" {after.min():.6f}; the formula says {formula[0]:.6f} and {formula[1]:.6f}."
)

# %%
heights = [cubic(x).item() for x in right[:9]]
ends_at = {
    lr: descend(bowl(10), f64(2, 1), lr, 100)[-1].norm().item() for lr in (0.19, 0.21)
}
evidence(
    "D4",
    "holds",
    f"From 1.2 at the rate 0.1 the value of -x³ + 3x falls to {heights[-1]:.1e} in 8"
    f" steps and has no end; from 0.5 it settles at {cubic(left[-1]).item():.3f}. On a"
    f" bowl with curvatures 1 and 10, 100 steps at 0.19 leave {ends_at[0.19]:.0e} of a"
    f" distance of 2.2, at 0.21 they make it {ends_at[0.21]:.0f}.",
)

# %% [markdown]
# ## Where descent stops
#
# The step is $-\eta g$. Where $g = 0$, it is zero, and descent stays. It does not ask why $g$ is zero. Put it on four such places:
#
# - the hilltop of the cubic, $x = 1$;
# - the middle of the saddle $x^2 - y^2$, which falls away on two sides;
# - a plateau: $1 - e^{-\lVert x \rVert^2 / 2}$ at a distance of 40 from its minimum, where the true slope is about $10^{-346}$ and float64 has nothing smaller than $10^{-324}$;
# - and a true minimum, $x = -1$ of the cubic.
#
# **Predict** the number of steps for each.

# %%
places = {
    "hilltop": (cubic, f64(1)),
    "saddle": (saddle, f64(0, 0)),
    "plateau": (plateau, f64(40, 0)),
    "minimum": (cubic, f64(-1)),
}
steps = {name: len(descend(*place, lr=0.1, steps=100)) - 1 for name, place in places.items()}
kinds = {name: classify(*place).kind for name, place in places.items()}
evidence(
    "D3",
    "holds",
    "Given 100 steps, descend takes "
    + ", ".join(f"{steps[name]} from the {name}" for name in places)
    + "; the Hessian's eigenvalues call the four a "
    + ", ".join(kinds[name] for name in places)
    + ".",
)

# %% [markdown]
# You need not start on such a point. The saddle has a ridge, the line $y = 0$, on which the gradient points along the ridge and nowhere else. A start on the ridge rolls into the saddle and rests there. A start beside it, by a millionth, comes near and then leaves.

# %%
ridge = {
    "from (1.5, 0)": descend(saddle, f64(1.5, 0), lr=0.1, steps=90),
    "from (1.5, 0.000001)": descend(saddle, f64(1.5, 1e-6), lr=0.1, steps=90),
}
show(
    paths_on(saddle, ridge),
    "Level lines of the saddle. Both paths run from the right along the ridge to the"
    " middle. One ends there. The other turns by a right angle in the middle and leaves"
    " downwards, to the upper edge.",
)

# %% [markdown]
# How long does it stay? Each step multiplies $y$ by $1 + 2\eta$, so from a distance $\delta$ it takes $\ln(1/\delta) / \ln(1 + 2\eta)$ steps to reach $y = 1$.

# %%
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
# Only the logarithm of $\delta$ counts, which is the good news about saddles. And almost no start lies exactly on a ridge: from a random one, descent with a small enough rate ends in a saddle with probability zero ({cite:t}`lee2016`). In floating point the ridge has to be met to the last bit. Why saddles still matter in high dimensions is the subject of CHAPTER[critical-points].

# %% [markdown]
# ## When to stop
#
# Nobody waits for a gradient that is exactly zero. There are three common rules: stop when $\lVert g \rVert$ is below a tolerance, when $f$ changes by less than a tolerance in one step, or when the budget is spent. Each can be fooled.
#
# **Predict** which of these runs ends near a minimum.


# %%
def ending(f, path, rule):
    heights = torch.stack([f(x) for x in path])
    fired = {
        "gradient": [gradient(f, x).norm() < 1e-3 for x in path[:-1]],
        "change": ((heights[:-1] - heights[1:]).abs() < 1e-6).tolist(),
        "budget": [False] * (len(path) - 2) + [True],
    }[rule]
    return fired.index(True)


valley = rosenbrock.at_start()
runs = [
    ("‖g‖ < 0.001, rate 0.5", plateau, f64(4, 2), 0.5, 20, "gradient"),
    ("change < 10⁻⁶, rate 0.001", rosenbrock, valley, 1e-3, 900, "change"),
    ("change < 10⁻⁶, rate 10⁻⁸", rosenbrock, valley, 1e-8, 20, "change"),
    ("900 steps, rate 0.001", rosenbrock, valley, 1e-3, 900, "budget"),
    ("‖g‖ < 0.001, rate 0.1", bowl(10), f64(2, 1), 0.1, 200, "gradient"),
]

# %%
rows = []
for name, f, start, lr, budget, rule in runs:
    path = descend(f, start, lr, budget)
    t = ending(f, path, rule)
    away = (path[t] - f64(*f.minima[0])).norm()
    rows.append([f"{name}, {f.name}", str(t), f"{f(path[t]):.3g}", f"{away:.2g}"])
table(["rule and rate, function", "steps", "f", "distance to the minimum"], rows)
