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
# # AdaDelta
#
# A learning rate has a unit. Count a parameter in millimetres where you counted it in metres, and the rate that worked fails. AdaDelta builds a step whose unit is right by itself, from the steps that it has already taken.
#
# **You will**
#
# - find the unit of a learning rate, for SGD, for RMSProp and for Newton's step;
# - derive AdaDelta's second average from the unit that is missing;
# - predict how long a method without a rate takes to get moving, and find the rate that it hides.
#
# **You need** RMSProp ({doc}`rmsprop`), in one line: $v \leftarrow \alpha v + (1 - \alpha)\,g^2$, then $x \leftarrow x - \eta\, g / (\sqrt{v} + \varepsilon)$.
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $x$, $z$ | same shape | the parameter, and the same in another unit |
# | $g$ | shape of $x$ | the gradient |
# | $f$, $f''$ | numbers | the loss; its curvature |
# | $\eta$ | number | the learning rate; 1 in AdaDelta |
# | $v$, $v_t$ | shape of $x$ | the average of the squared gradients |
# | $d$, $d_t$ | shape of $x$ | the step, downhill |
# | $u$, $u_t$, $u_0$ | shape of $x$ | the average of the squared steps; it starts at 0 |
# | $\alpha$, $\rho$ | numbers | the share of the average that is kept, in RMSProp and here |
# | $\varepsilon$, $\varepsilon_x$, $\varepsilon_g$ | numbers | the small number under both roots; one for each |
# | $[\cdot]$, $\mathrm{m}$, $\mathrm{J}$ | | the unit of a quantity; metre; joule |
# | $c$ | number | the factor between two units; a constant rate |
# | $t$, $T$, $D(T)$ | numbers | the step; how many steps; the distance after them |
# | $\lambda$ | number | weight decay |
# :::

# %% tags=["hide-input"]
import statistics
from functools import partial

import torch

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
from book.explorers import OneStep
from book.figures import adadelta as figures
from book.numerics.vector import f64
from book.optim import SGD, AdaDelta, Adam, RMSProp, state_bytes_of, trajectory
from book.training.data.load import load
from book.training.models import mlp
from book.training.run.loop import evaluate, train
from book.training.surface.side_by_side import difference

# %% [markdown]
# ## The same bowl, in metres and in millimetres
#
# A ball lies one metre from the bottom of a bowl. Its energy is $\tfrac{1}{2} z^2$ joules, with $z$ in metres. You count in metres. A colleague counts the same ball's place in millimetres, $x = 1000\,z$, another one in kilometres, $x = z/1000$.
#
# Your gradient is 1. Hers is 0.001, as a millimetre changes the energy a thousand times less, and his is 1,000. These are the three entries below. The ball rolls alike for all of you only if the number of entry 2 moves 1,000 times as far as that of entry 1, and entry 3 a thousandth of it. Try SGD, RMSProp and AdaDelta, each with one rate for all.
#
# :::{predict}
# Which of the three methods does that?
#
# - `a`: SGD, whose step grows with the gradient
# - `b`: RMSProp, whose step does not ask for the size of a gradient
# - `c`: AdaDelta, which has no rate to choose
# - `d`: none
# :::

# %% tags=["hide-input"]
OneStep("SGD", (1.0, 0.001, 1000.0))

# %% [markdown]
# :::{answer} d
# None. SGD moves entry 2 a thousandth as far as entry 1, where it should move it a thousand times as far. RMSProp moves all three by one number, AdaDelta by much the same one: in millimetres that is far too short, in kilometres far too long.
# :::
#
# Two of the rates were right for one unit alone. But AdaDelta has no rate. Why does it fail? Keep the question; it has a good answer.
#
# Now all the way down. Your three programs arrive. Hers, in millimetres, have your settings.


# %%
def distance(make, per_metre):
    """Metres to the bottom, step by step; the variable is metres times per_metre."""

    def energy(x):
        return (x / per_metre).square().sum() / 2

    return trajectory(make, energy, f64(per_metre), 250)[:, 0].abs() / per_metre


# %%
MM = 1000.0
methods = {
    "SGD": partial(SGD, lr=0.1),
    "RMSProp": partial(RMSProp, lr=0.03),
    "AdaDelta": partial(AdaDelta, eps=1e-5),
}
runs = {
    name: {"in m": distance(make, 1.0), "in mm": distance(make, MM)}
    for name, make in methods.items()
}

# %% tags=["hide-input"]
show(
    figures.in_two_units(runs),
    "Three panels of the distance to the bottom. In metres SGD and RMSProp fall fast, and"
    " AdaDelta slowly at first, then faster and faster; all three pass a millimetre. In"
    " millimetres all three lines stay flat at one metre.",
)

# %% tags=["hide-input"]
table(
    ["metres left after 250 steps", *runs],
    [
        [unit, *(f"{lines[unit][-1].item():.3f}" for lines in runs.values())]
        for unit in ("in m", "in mm")
    ],
)

# %% [markdown]
# ## What unit does a step have?
#
# Write $[\cdot]$ for the unit. Let $x$ be in metres and the loss $f$ in joules. Then the gradient $g$ is in J/m, and a step must be in m.
#
# | step | its unit without $\eta$ | so $\eta$ is in |
# |:--|:--|:--|
# | SGD: $\eta\, g$ | J/m | m²/J |
# | RMSProp, Adam: $\eta\, g / \sqrt{v}$ | none, since $[\sqrt{v}] = [g]$ | m |
# | Newton: $g / f''$ | (J/m) / (J/m²) = m | none |
#
# Change the unit of $x$ by a factor $c$, and SGD's rate must change by $c^2$, RMSProp's by $c$. Newton's step comes out right, because the curvature carries the unit. But a second derivative is expensive.

# %% tags=["hide-input"]
converted = {
    "SGD": distance(partial(SGD, lr=0.1 * MM**2), MM),
    "RMSProp": distance(partial(RMSProp, lr=0.03 * MM, eps=1e-8 / MM), MM),
}
gaps = [(path - runs[name]["in m"]).abs().max() for name, path in converted.items()]
say(
    "With SGD's rate times 1000², RMSProp's times 1000 and its ε over 1000, the paths"
    " in millimetres are those in metres, up to"
    f" {'less than 1e-9' if max(gaps) < 1e-9 else 'more than 1e-9'} m."
)

# %% [markdown]
# ## On one screen

# %% tags=["remove-input"]
one_screen("AdaDelta")

# %% [markdown]
# ## A step made of steps
#
# {cite:t}`zeiler2012` asks what else at hand has the unit of $x$. The steps that were taken before! Keep a second average, of the squared steps, and let its root stand where RMSProp has the rate:
#
# $$\begin{aligned} d_t &= \frac{\sqrt{u_{t-1}}}{\sqrt{v_t}}\; g_t, \\ [d_t] &= \frac{\mathrm{m}}{\mathrm{J/m}} \cdot \mathrm{J/m} = \mathrm{m}. \end{aligned}$$
#
# Here $v_t$ averages $g^2$ and $u_t$ averages $d^2$, entry by entry, both of the shape of $x$. The ratio of a typical step to a typical gradient has the unit of $1/f''$. It is a guess at the inverse of the curvature, from how far the parameter has been going.
#
# One thing is missing. $u_0 = 0$, so the first step is 0, so $u_1 = 0$, and nothing ever moves. A small $\varepsilon$ under both roots starts the engine:
#
# $$\boxed{\;\begin{aligned} v &\leftarrow \rho\, v + (1 - \rho)\, g^2 \\ d &= \sqrt{u + \varepsilon} \,/\, \sqrt{v + \varepsilon} \cdot g \\ u &\leftarrow \rho\, u + (1 - \rho)\, d^2 \\ x &\leftarrow x - \eta\, d \end{aligned}\;}$$
#
# $\rho$ is the share of both averages that is kept, and $\eta = 1$.

# %% tags=["hide-input"]
show_source(AdaDelta.update)

# %% [markdown]
# The order matters: $d$ uses the *old* $u$, since the new one needs $d$.
#
# Now the good answer. $\varepsilon$ stands in two places with two units. Under $u$ it is a length squared, under $v$ a gradient squared. One number cannot be both, and a change of unit pulls the two apart. Take $\varepsilon$ away, start $u$ at the square of one centimetre instead, and the colleague's program is yours.


# %%
def without_eps(params, unit):
    """AdaDelta with ε = 0, whose u starts at (1 cm)²."""
    optimizer = AdaDelta(params, eps=0.0)
    start = torch.full_like(params[0], (0.01 * unit) ** 2)
    optimizer.state[params[0]]["acc_delta"] = start
    return optimizer


# %% tags=["hide-input"]
m, mm = (distance(partial(without_eps, unit=unit), unit) for unit in (1.0, MM))
say(
    f"Without ε the run in metres comes from 1 m to {m.min().item():.3f} m, and the run"
    " in millimetres follows it up to"
    f" {'less than 1e-9' if (m - mm).abs().max() < 1e-9 else 'more than 1e-9'} m."
)

# %% [markdown]
# ## What the missing rate costs
#
# Take a constant gradient $g$, large against $\sqrt{\varepsilon}$. After a while $v = g^2$, so $d^2 = u + \varepsilon$, and the second average obeys
#
# $$\begin{aligned} u_t &= \rho\, u_{t-1} + (1 - \rho)(u_{t-1} + \varepsilon) \\ &= u_{t-1} + (1 - \rho)\,\varepsilon. \end{aligned}$$
#
# The gradient has dropped out, which is the point of the method. What remains is $\varepsilon$: $u$ grows by a fixed amount a step, the step is $d_t \approx \sqrt{(1 - \rho)\,\varepsilon\, t}$, and the distance after $T$ steps is their sum,
#
# $$\begin{aligned} D(T) &\approx \sqrt{(1 - \rho)\,\varepsilon}\, \sum_{t \le T} \sqrt{t} \\ &\approx \tfrac{2}{3} \sqrt{(1 - \rho)\,\varepsilon}\; T^{3/2}. \end{aligned}$$
#
# :::{predict}
# With torch's $\rho = 0.9$ and $\varepsilon = 10^{-6}$, how many steps does it take to travel a distance of 1?
#
# - `a`: about 20
# - `b`: about 200
# - `c`: about 2,000
# :::

# %%
T = torch.arange(1, 1001, dtype=torch.float64)
EPS = (1e-4, 1e-6, 1e-8)


def travelled(eps):
    """The distance after each step under the gradient 1."""
    path = trajectory(partial(AdaDelta, eps=eps), lambda x: x.sum(), f64(0.0), 1000)
    return path[1:, 0].abs()


travels = {eps: travelled(eps) for eps in EPS}
forecast = {eps: 2 / 3 * (0.1 * eps) ** 0.5 * T**1.5 for eps in EPS}

# %% tags=["hide-input"]
show(
    figures.travel(travels, forecast),
    "Three parallel rising curves on logarithmic axes, one decade apart, for three values"
    " of ε. At first they lie above their dotted straight forecasts, up to"
    f" {max((travels[eps] / forecast[eps]).max() for eps in EPS):.0f} times; towards step"
    " 1,000 they come near them.",
)

# %% tags=["hide-input"]
taken = {eps: int((line < 1).sum()) + 1 for eps, line in travels.items()}
table(
    ["ε", "steps to travel 1", "forecast"],
    [
        [
            f"{eps:.0e}",
            f"{taken[eps]}" if taken[eps] <= 1000 else "more than 1000",
            f"{(1.5 / (0.1 * eps) ** 0.5) ** (2 / 3):.0f}",
        ]
        for eps in EPS
    ],
)

# %% tags=["hide-input"]
reveal(
    f"**{taken[1e-6]}**; the forecast is {(1.5 / (0.1 * 1e-6) ** 0.5) ** (2 / 3):.0f}. It leaves out the first steps, in"
    " which v is still smaller than g² and a step is longer. From ε = 1e-4 to 1e-6 it takes"
    f" {taken[1e-6] / taken[1e-4]:.1f} times as many steps.",
    right="b",
)

# %% [markdown]
# Towards the end of the picture the slopes agree. By the forecast, an $\varepsilon$ that is a hundred times smaller costs $100^{1/3} \approx 4.6$ times as many steps.
#
# So there is a rate after all, and it is called $\varepsilon$.
#
# ### Is it RMSProp under another name?
#
# Freeze $u$ at a constant $c^2$, and AdaDelta becomes RMSProp with the rate $c$. Let $u$ move, and the rate is whatever the steps make of it.

# %% tags=["hide-input"]
x, g, v, c = f64(1.0, 1.0), f64(3.0, -0.02), f64(1.0, 0.1), 0.03
frozen, *_ = AdaDelta.update(x, g, v, f64(c**2), t=1.0, lr=1.0, rho=0.9, eps=0.0)
rms = {"t": 1.0, "lr": c, "alpha": 0.9, "eps": 0.0, "momentum": 0.0, "centered": False}
same = torch.allclose(frozen, RMSProp.update(x, g, v, 0.0, 0.0, **rms)[0], rtol=1e-12)
pace = travels[1e-6].diff()
evidence(
    "F15",
    "holds with a caveat",
    f"Under a constant gradient its step grows {pace[-1] / pace[0]:.0f} times in 1,000 steps, which no RMSProp's does;"
    " but it has an ε.",
    "It spares you the rate and asks for an ε instead, which depends on the unit as a rate does.",
    "With u frozen at c² a step is RMSProp's at the rate c:"
    f" {'equal' if same else 'not equal'} to 1e-12. With the same ε, the bowl in"
    f" millimetres leaves {runs['AdaDelta']['in mm'][-1].item():.2f} m of 1 m.",
)

# %% [markdown]
# ### Experiment: the band of the rate that is not there
#
# A network with 32 hidden units trains for three epochs, 36 steps, on the sample of MNIST, in float64, from three seeds. First AdaDelta with $\eta = 1$, as in the paper, and $\varepsilon$ from $10^{-14}$ to $10^{-2}$. Then the factor $\eta$ that torch adds, at torch's $\varepsilon = 10^{-6}$, beside Adam around the rate 0.01 and SGD around the rate 1, over the same number of decades.
#
# :::{predict}
# Each of the three has a best factor. Which one's loss rises least, half a decade above it?
#
# - `a`: AdaDelta's
# - `b`: Adam's
# - `c`: SGD's
# :::

# %%
data, _ = load("mnist")
SEEDS = range(3)


def losses(make):
    """The training loss of each seed."""
    models = [mlp(784, 32, 10, seed=seed).double() for seed in SEEDS]
    for seed, model in zip(SEEDS, models, strict=True):
        train(model, data, make(model.parameters()), epochs=3, seed=seed)
    return [evaluate(model, data)[0] for model in models]


# %%
eps_grid = [10.0**k for k in range(-14, -1, 2)]
factors = [10.0 ** (k / 2) for k in range(-4, 3)]
by_eps = [losses(partial(AdaDelta, eps=eps)) for eps in eps_grid]
by_factor = {
    "AdaDelta, η": [losses(partial(AdaDelta, lr=f)) for f in factors],
    "Adam, η / 0.01": [losses(partial(Adam, lr=0.01 * f)) for f in factors],
    "SGD, η": [losses(partial(SGD, lr=f)) for f in factors],
}

# %% tags=["hide-input"]
panels = {"ε": (eps_grid, {"AdaDelta": by_eps}), "factor": (factors, by_factor)}
ends = [statistics.median(row) for row in by_eps]
lowest = {
    name: min(range(7), key=lambda k: statistics.median(rows[k]))
    for name, rows in by_factor.items()
}
show(
    figures.bands(panels, {"ε": 1e-6, "factor": 1.0}),
    f"Left, the loss against ε: a basin with its bottom at {eps_grid[ends.index(min(ends))]:.0e},"
    f" and hardly any training up to {eps_grid[2]:.0e}. Right, three valleys against the"
    " factor, with their lowest points at "
    + ", ".join(f"{factors[k]:.1f} ({name})" for name, k in lowest.items())
    + "; Adam's is the deepest, SGD's the steepest on its right side.",
)

# %% tags=["hide-input"]
parts, rises = [], []
for name, k in lowest.items():
    here, above = (statistics.median(by_factor[name][k + i]) for i in (0, 1))
    rises.append(above / here)
    parts.append(
        f"{name.split(',')[0]} {here:.2f} and {above:.2f}, {above / here:.1f} times as much"
    )
names, least = list(lowest), rises.index(min(rises))
published = statistics.median(by_factor["AdaDelta, η"][4])
adam = min(map(statistics.median, by_factor["Adam, η / 0.01"]))
reveal(
    f"**{names[least].split(',')[0]}'s**. Median loss of {len(SEEDS)} seeds, at the best factor and half a"
    f" decade above: {'; '.join(parts)}. At η = 1 AdaDelta ends at {published:.2f}. It is not free: with ε from"
    f" {eps_grid[0]:.0e} to {eps_grid[-1]:.0e} it ends between {min(ends):.2f} and {max(ends):.2f}, and far below"
    f" {eps_grid[3]:.0e} the network hardly trains in so few steps. Adam at its own best rate ends at {adam:.2f};"
    " AdaDelta's slow start may be the reason, but this run cannot tell.",
    right="abc"[least],
)

# %% [markdown]
# The caveat is the number of steps, 36, and rates that are half a decade apart.
#
# ## Try it
#
# Take twenty steps with the gradient 1 in the first entry and 100 in the second, and watch $u$ fill up.
#
# :::{predict}
# Then set the first gradient to 100 as well. Is its next step longer or shorter than the one before, and the ones after it?
#
# - `a`: as long as before: the gradient drops out
# - `b`: longer, and the ones after it too
# - `c`: longer once, then as before
# - `d`: shorter
# :::

# %%
OneStep("AdaDelta", (1.0, 100.0, 0.01))

# %% tags=["hide-input"]
v, u, lengths = f64(0.0), f64(0.0), []
for t in range(1, 32):
    x, v, u = AdaDelta.update(
        f64(0.0),
        f64(1.0 if t <= 20 else 100.0),
        v,
        u,
        t=float(t),
        lr=1.0,
        rho=0.9,
        eps=1e-6,
    )
    lengths.append(-x.item())
reveal(
    f"Its next step is {lengths[20] / lengths[19]:.1f} times as long as the one before, since the root of v has not seen"
    f" the new gradient yet. The ten after it are {min(lengths[21:]) / lengths[19]:.2f} to"
    f" {max(lengths[21:]) / lengths[19]:.2f} times as long: v catches up, and u has learned from the long step.",
    right="b" if min(lengths[21:]) > lengths[19] else "c",
)

# %% [markdown]
# ## Use it

# %% tags=["remove-input"]
use_it("AdaDelta")

# %% [markdown]
# ## Going further
#
# ### Which variant is this?
#
# *You see why code moved to Keras seems broken, and what a missing correction does to the first step.*
#
# - **Paper**: no $\eta$; $\rho = 0.95$ and $\varepsilon = 10^{-6}$ in most of its runs. **torch** adds $\eta$ with the default 1, and has $\rho = 0.9$.
# - **Keras** has the default rate 0.001, a thousandth of the paper's, and says in its documentation that 1.0 matches the paper. Code that moves from one to the other without a look at this line seems to hold a broken method.
# - **No bias correction.** $v$ and $u$ both start at 0. If the squared steps had one size, both would be too small by the same factor, $1 - \rho^t$, and in the ratio it would cancel. But $u$ starts from $\varepsilon$ alone: the first step is $\sqrt{\varepsilon/(1 - \rho)}$ long, 3.2 times as long as with a corrected $v$ for $\rho = 0.9$.

# %% [markdown]
# ### In PyTorch
#
# *You see ours held against torch's through two epochs, and what each of torch's options does.*
#
# `torch.optim.Adadelta` takes the same steps.

# %% tags=["hide-input"]
options = {"rho": 0.95, "eps": 1e-5, "weight_decay": 1e-3}
gap = difference(partial(AdaDelta, **options), partial(torch.optim.Adadelta, **options))
say(
    "The largest difference after two epochs is"
    f" {'below' if gap < 1e-12 else 'above'} 1e-12. Bytes of state for each float32"
    f" parameter: {state_bytes_of(AdaDelta):.0f} here,"
    f" {state_bytes_of(torch.optim.Adadelta):.0f} in torch."
)

# %% [markdown]
# | option | what it does |
# |:--|:--|
# | `lr` | the factor $\eta$; 1 is the paper |
# | `rho` | the share of both averages that is kept: they average over about $1/(1-\rho)$ steps |
# | `eps` | starts the method, under both roots |
# | `weight_decay` | adds $\lambda x$ to the gradient, as in every rule here but AdamW |
# | `maximize` | climbs |
# | `foreach`, `capturable`, `differentiable` | torch's own ways to run the formula; `engine="compiled"` takes their place here. There is no `fused=True` for this method |

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the first step (★)
#
# $\rho = 0.9$, $\varepsilon = 10^{-6}$, $\eta = 1$, and the first gradient of an entry is 5. How far does the entry move?

# %%
answer = ...
check("3-first-order/adadelta-first-step", answer)

# %% tags=["remove-input"]
solution("3-first-order/adadelta-first-step")

# %% [markdown]
# ### Exercise 2: read the plot (★)
#
# Look at the picture of the distances travelled. On the line of $\varepsilon = 10^{-6}$, how much further is the parameter after 1,000 steps than after 100?
#
# - `a`: about 3 times
# - `b`: about 10 times
# - `c`: about 20 times
# - `d`: about 100 times

# %%
answer = ...
check("3-first-order/how-much-further", answer)

# %% tags=["remove-input"]
solution("3-first-order/how-much-further")

# %% [markdown]
# ### Exercise 3: an ε for each unit (★★)
#
# Give each root its own: $\varepsilon_x$, a length squared, under $u$, and $\varepsilon_g$, a gradient squared, under $v$. Write `two_epsilons(x, g, v, u, rho, eps_x, eps_g)`, which takes one step and returns the new $x$, $v$ and $u$. Convert both with the unit, and the colleague's program is yours again.


# %%
def two_epsilons(x, g, v, u, rho, eps_x, eps_g): ...


check("3-first-order/two-epsilons", two_epsilons)

# %% tags=["remove-input"]
solution("3-first-order/two-epsilons")

# %% [markdown]
# ### An open experiment (★★★)
#
# The two $\varepsilon$ of Exercise 3 have units, so a network could measure them: $\varepsilon_g$ as a share of the mean square of its first gradients, $\varepsilon_x$ as a share of the mean square of its first weights, for each layer. Does one pair of shares serve networks with 8, 32 and 512 hidden units better than one $\varepsilon$ does? Write down what you expect before you run it. There is no answer here.
#
# ## Summary
#
# - A learning rate has a unit: m²/J with SGD, m with RMSProp and Adam. Newton's step needs none.
# - AdaDelta divides a typical step by a typical gradient, so that its step is in the unit of the parameter. It is RMSProp with a second average in place of the rate.
# - It starts from $\varepsilon$. Under a constant gradient it travels $\tfrac{2}{3}\sqrt{(1-\rho)\,\varepsilon}\;T^{3/2}$: the rate that it does without is $\varepsilon$.
#
# ## References
#
# - {cite:t}`zeiler2012`: the method, and the argument about units.
# - {cite:t}`tieleman2012`: the average that it starts from.
