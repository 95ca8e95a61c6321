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
# # Learning-rate schedules
#
# A learning rate has two jobs: it must carry the run far, and it must let the run come to rest. One number cannot do both. With minibatch noise a large constant rate hovers high above the minimum for ever, and a small one creeps.
#
# Choose a schedule, drag its numbers, and see at once what it does to the exact loss on a noisy quadratic.
#
# :::{predict}
# At the rate 0.5 a cosine of 400 steps ends below the constant rate. Does it still, at 0.1?
#
# - `a`: yes, by more: a small rate lets less noise in
# - `b`: yes, by less
# - `c`: no
# :::

# %% tags=["hide-input"]
from book.explorers import ScheduleDesigner

ScheduleDesigner()

# %% tags=["hide-input"]
import math
import statistics

import torch
from torch.optim import lr_scheduler

from book import results
from book.display import evidence, reveal, say, show, show_source, table
from book.exercises import check, solution
from book.figures import schedules as figures
from book.optim import SGD, Adam, schedules
from book.optim.follow import follow
from book.optim.schedules import (
    constant,
    cosine,
    exponential,
    inverse_sqrt,
    one_cycle,
    step,
    warmup_cosine,
)
from book.training.data.load import load
from book.training.models import mlp
from book.training.run.loop import train


# %% tags=["hide-input"]
def expected_squares(rates, λ=1.0, σ=1.0, start=100.0):
    squares = [start]
    for η in rates:
        squares.append((1 - η * λ) ** 2 * squares[-1] + η**2 * σ**2)
    return torch.tensor(squares, dtype=torch.float64)


def designed(factor, peak, steps=400):
    """The designer's expected loss: curvatures 1 and 0.02, from x = 10, noise of size 1."""
    rates = [peak * factor(t) for t in range(steps)]
    return sum(λ * expected_squares(rates, λ=λ)[-1] / 2 for λ in (1.0, 0.02))


ends = {
    peak: [designed(factor, peak) for factor in (cosine(400), constant())]
    for peak in (0.5, 0.1)
}
reveal(
    f"At 0.5 the cosine ends at {ends[0.5][0]:.3f} and the constant rate at {ends[0.5][1]:.3f}; at 0.1 they end at"
    f" {ends[0.1][0]:.3f} and {ends[0.1][1]:.3f}. There the travel is what is missing, and a rate that falls travels less far.",
    right="c" if ends[0.1][0] > ends[0.1][1] else "b",
)

# %% [markdown]
# **You will**
#
# - compute the expected loss of noisy descent exactly, step by step, without drawing a single random number;
# - compare seven schedules, each at its own best peak, and see what their shape is worth;
# - measure what warm-up and decay are each worth at equal budget.
#
# **You need**
#
# - the limit $2/\lambda_{\max}$ of the rate ({doc}`/2-derivatives/gradient-descent`);
# - a minibatch's gradient is right on average, and noisy ({doc}`sgd`);
# - momentum's velocity ({doc}`momentum`), and Adam's step, about the rate in each entry ({doc}`adam`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $x$, $x_t$, $f$ | number | one entry of the parameters; after step $t$; the loss as a function of it |
# | $g$, $\xi$, $\xi_t$ | number | the gradient with its error; the error, with mean 0 and variance 1 |
# | $\eta$, $\eta_t$ | number | the learning rate; the one of step $t$ |
# | $\eta_{\max}$, $\eta_{\min}$ | number | the peak of a schedule; its last rate |
# | $\lambda$, $\lambda_i$, $\lambda_{\max}$ | number | a curvature; that of entry $i$; the largest one |
# | $\sigma$, $\sigma_i$ | number | the size of the noise; in entry $i$ |
# | $E$, $E_t$, $E_0$, $E_i$, $\mathbb{E}$ | number | the expected square of $x$; after step $t$; at the start; in entry $i$; an expectation |
# | $t$, $T$, $W$ | numbers | the step; the length of the run; the length of the warm-up |
# | $\gamma$, $s$ | numbers | the factor of a drop; the steps between two drops |
# | $\hat m$, $\hat v$, $\varepsilon$ | shape of $x$; number | Adam's corrected averages; the small number beside the root |
# | $\mu$ | number | the momentum |
# | $d$ | number | the width of a transformer |
# :::
#
# ## One rate, two jobs
#
# Take one entry $x$ of the parameters, at the bottom of a bowl $f(x) = \tfrac{1}{2} \lambda x^2$ with the curvature $\lambda$. A minibatch gives you the gradient with an error: $g = \lambda x + \sigma \xi$, where $\xi$ has the mean 0 and the variance 1, anew at every step. The step is
#
# $$\begin{aligned} x_{t+1} &= x_t - \eta_t (\lambda x_t + \sigma \xi_t) \\ &= (1 - \eta_t \lambda)\, x_t - \eta_t \sigma \xi_t. \end{aligned}$$
#
# Square it and take the expectation. The mixed term has the expectation 0, because $\xi_t$ knows nothing of $x_t$. What is left is a recursion for a plain number, $E_t = \mathbb{E}[x_t^2]$:
#
# $$E_{t+1} = (1 - \eta_t \lambda)^2 E_t + \eta_t^2 \sigma^2.$$
#
# The first term is the travel, the second one the noise that this step lets in. There is nothing to sample: the expected loss $\tfrac{1}{2} \lambda E_t$ is exact, for every sequence of rates.
#
# Let $\lambda = \sigma = 1$ and $E_0 = 100$.
#
# :::{predict}
# The constant rates 0.5 and 0.01, and a rate that falls in a straight line from 0.5 to 0, run for 300 steps. How much lower does the falling rate end than the better of the two constant ones?
#
# - `a`: not lower: its mean lies between them
# - `b`: about half as high
# - `c`: more than ten times lower
# :::
#
# To check the recursion, 4,000 walkers take the same steps with random noise.

# %%
plans = {
    "large, 0.5": [0.5] * 300,
    "small, 0.01": [0.01] * 300,
    "falling": [0.5 * (1 - t / 300) for t in range(300)],
}
curves = {name: expected_squares(rates) for name, rates in plans.items()}

# %% tags=["hide-input"]
generator = torch.Generator().manual_seed(0)
x, seen = torch.full((4000,), 10.0, dtype=torch.float64), []
for t, η in enumerate(plans["falling"]):
    if t % 20 == 0:
        seen.append(x.square().mean().item())
    ξ = torch.randn(4000, generator=generator, dtype=torch.float64)
    x = x - η * (x + ξ)
floors = [η / (2 - η) for η in (0.5, 0.01)]
show(
    figures.expected(curves, (range(0, 300, 20), torch.tensor(seen)), floors),
    "Expected square of x on a logarithmic axis. The large rate falls within ten steps"
    f" to a floor near {floors[0]:.1f} and stays on it. The small rate falls in a straight"
    " line, is above that floor until about step"
    f" {int((curves['small, 0.01'] > floors[0]).sum())} and far from its own, at"
    f" {floors[1]:.3f}, even at the end. The falling rate drops as fast as the large one and"
    " then sinks on, below both. The dots of the walkers lie on its curve.",
)

# %% tags=["hide-input"]
exact = curves["falling"][::20].tolist()
off = max(abs(a / b - 1) for a, b in zip(seen, exact, strict=False))
reveal(
    f"After 300 steps: {curves['large, 0.5'][-1]:.3f} at the large rate,"
    f" {curves['small, 0.01'][-1]:.3f} at the small one,"
    f" **{curves['falling'][-1]:.4f}** with the falling one. The 4,000 walkers agree"
    f" with the recursion to {off:.0%} or better.",
    right="c" if 10 * curves["falling"][-1] < curves["small, 0.01"][-1] else "b",
)

# %% [markdown]
# The floor comes from setting $E_{t+1} = E_t$:
#
# $$E = \frac{\eta \sigma^2}{\lambda (2 - \eta \lambda)}.$$
#
# For small rates it is in proportion to $\eta$, while the time to get there is in proportion to $1/\eta$. That is the whole dilemma. A falling rate travels first and lets the noise die out afterwards.
#
# For *one* curvature the best rate at each step falls like $1/(\lambda t)$ (derived in *Going further*). A network has a million curvatures, from nearly 0 to $\lambda_{\max}$, and $1/(\lambda t)$ with the largest is hopelessly small for the others. So the schedules in use stay high much longer.
#
# ## Seven schedules
#
# A {term}`learning-rate schedule` is a function of the step's number that gives a factor of the rate. The peak rate is the optimizer's `lr`. Look at the seven before any of them is used. Each covers 1,000 steps.

# %% tags=["hide-input"]
T = 1000
seven = {
    "constant": constant(),
    "step": step(300, gamma=0.3),
    "exponential": exponential(0.01 ** (1 / T)),
    "cosine": cosine(T),
    "warmup_cosine": warmup_cosine(100, T),
    "one_cycle": one_cycle(T),
    "inverse_sqrt": inverse_sqrt(100),
}

# %% tags=["hide-input"]
stairs = [seven["step"](t) for t in (0, 300, 600, 900)]
show(
    figures.gallery(seven, T),
    "Seven panels. Constant is level at 1. Step has four stairs, at"
    f" {', '.join(f'{stair:.2g}' for stair in stairs)}. Exponential falls"
    " steeply at first, then slowly, to 0.01. Cosine stays high at first, falls fastest in"
    " the middle and lands flat at 0. Warmup_cosine rises in a straight line over a tenth"
    f" of the steps first. One_cycle rises from {seven['one_cycle'](0):.2g} in an S over"
    " three tenths, then falls like a cosine. Inverse_sqrt rises straight to 1 at step 100"
    f" and then falls ever more slowly, to {seven['inverse_sqrt'](T):.2f}.",
)

# %% [markdown]
# Their factors at step $t$, with $T$ for the length of the run and $W$ for the length of the warm-up:
#
# | Schedule | Factor | Made for |
# |:--|:--|:--|
# | `constant` | $1$ | a run whose end you do not know |
# | `step` | $\gamma^{\lfloor t/s \rfloor}$, a drop after every $s$ steps | image networks by hand ({cite:t}`he2016`) |
# | `exponential` | $\gamma^t$ | the same without stairs |
# | `cosine` | $\frac{1}{2}\left(1 + \cos\frac{\pi t}{T}\right)$ | one parameter, the length ({cite:t}`loshchilov2017`) |
# | `warmup_cosine` | $\frac{t}{W}$ up (from 0.01), then a cosine over $T - W$ steps | transformers; the rise is older, {cite:t}`goyal2017` put it before *steps*, for large batches |
# | `one_cycle` | half a cosine up from $\frac{1}{25}$, half a cosine down to almost 0 | short runs at large rates ({cite:t}`smith2017`) |
# | `inverse_sqrt` | $\frac{t + 1}{W}$ up, then $\sqrt{W/(t+1)}$ | transformers of unknown length ({cite:t}`vaswani2017`) |
#
# The cosine in full, between a peak rate $\eta_{\max}$ and a last rate $\eta_{\min}$:
#
# $$\boxed{\;\begin{aligned} \eta_t = \eta_{\min} + \tfrac{1}{2} & \left(\eta_{\max} - \eta_{\min}\right) \\ {} \cdot {} & \left(1 + \cos\frac{\pi t}{T}\right) \end{aligned}\;}$$
#
# ### How far a run can travel
#
# On the bowl the mean of $x$ is multiplied by $1 - \eta_t \lambda$ at each step. Where $\eta_t \lambda$ is small, the product of all these factors is about
#
# $$\prod_t (1 - \eta_t \lambda) \approx \exp\Big(-\lambda \sum_t \eta_t\Big).$$
#
# In the flat directions only the **sum of the rates** counts, in whatever order they come. For Adam, whose entries move by about $\eta_t$ a step, the sum bounds the distance itself.
#
# :::{predict}
# At the same peak, how far does a cosine travel against the constant rate?
#
# - `a`: a quarter as far
# - `b`: half as far
# - `c`: nearly as far: it stays high for long
# :::
#
# Put all seven in order. Then see what is left of a start at 1 on the flat bowl $\lambda = 0.001$ at the peak rate 1.

# %% tags=["hide-input"]
rows = []
for name, factor in seven.items():
    rates = torch.tensor([factor(t) for t in range(T)], dtype=torch.float64)
    left = (1 - 0.001 * rates).prod()
    first = rates[: T // 2].sum() / rates.sum()
    rows.append([f"`{name}`", f"{rates.sum():.0f}", f"{first:.0%}", f"{left:.3f}"])
    rows[-1].append(f"{math.exp(-0.001 * rates.sum()):.3f}")
table(["schedule", "sum", "first half", "left of 1", "exp(−λ · sum)"], rows)

# %% [markdown]
# :::{answer} b
# A cosine travels half as far as a constant rate at the same peak, so its best peak is higher.
# :::
#
# A schedule and a peak rate have to be chosen together. Comparing two schedules at one peak rate compares mostly their sums.
#
# ### Many curvatures at once
#
# Now 25 curvatures from 1 down to 0.001, all starting at $E = 1$. The noise is larger where the curvature is: $\sigma_i^2 = 0.05\,\lambda_i$. The expected loss $\tfrac{1}{2} \sum_i \lambda_i E_i$ is exact as before. Each schedule gets its own best peak out of 60 rates below the limit of 2. (`inverse_sqrt` without its warm-up.)
#
# :::{predict}
# Which schedules beat the constant rate, each at its own best peak?
#
# - `a`: none: at its best rate constant is as good
# - `b`: those that end near 0, by a factor of 4 or 5, whatever their shape
# - `c`: cosine and one_cycle by far, the others hardly
# :::

# %% tags=["hide-input"]
λ = torch.logspace(0, -3, 25, dtype=torch.float64)
peaks = torch.logspace(-2, math.log10(1.9), 60, dtype=torch.float64)


def valley_loss(factor, peak, steps):
    """The expected loss after each step; peak has the shape (k, 1), one row a peak."""
    E, losses = torch.ones(len(peak), 25, dtype=torch.float64), []
    for t in range(steps):
        losses.append((λ * E).sum(dim=1) / 2)
        η = peak * factor(t)
        E = (1 - η * λ) ** 2 * E + η**2 * 0.05 * λ
    return torch.stack([*losses, (λ * E).sum(dim=1) / 2])


def at_best_peak(factor, steps=T):
    every = valley_loss(factor, peaks[:, None], steps)
    best = every[-1].argmin()
    return peaks[best].item(), every[:, best]


valley = {
    name: at_best_peak(factor)
    for name, factor in (seven | {"inverse_sqrt": inverse_sqrt(1)}).items()
}

level = valley["constant"][1][-1]
table(
    ["schedule", "best peak", "last loss", "constant's ÷ this"],
    [
        [f"`{name}`", f"{peak:.2f}", f"{path[-1]:.5f}", f"{level / path[-1]:.1f}"]
        for name, (peak, path) in valley.items()
    ],
)

# %% tags=["hide-input"]
better = {name: (level / path[-1]).item() for name, (_, path) in valley.items()}
ending_low = [
    better[name] for name in better if name not in ("constant", "inverse_sqrt")
]
reveal(
    f"The five that end near 0 are {min(ending_low):.1f} to {max(ending_low):.1f} times lower than the constant rate;"
    f" inverse_sqrt, which ends high, is {better['inverse_sqrt']:.1f} times lower.",
    right="b",
)

# %% tags=["hide-input"]
chosen = ("constant", "step", "cosine", "one_cycle")
above = [
    (valley[name][1] > valley["constant"][1]).nonzero().max().item()
    for name in ("cosine", "one_cycle")
]
show(
    figures.valley_losses({name: valley[name][1] for name in chosen}),
    "Expected loss over 1,000 steps on a logarithmic axis. Step and cosine drop fastest"
    " in the first steps and then hover; the constant rate is below them before step 100."
    " Step comes down in stairs. Cosine and one_cycle stay well above the constant rate"
    f" until steps {' and '.join(map(str, above))}, then fall steeply. The three end close"
    f" together, {level / valley['one_cycle'][1][-1]:.1f} to"
    f" {level / valley['cosine'][1][-1]:.1f} times lower than the constant rate.",
)

# %% [markdown]
# Two things to take along. Every schedule that ends near 0 beats the constant rate by a wide margin, and which shape it has on the way matters little; `inverse_sqrt`, which ends high, gains little. And in the middle of the run cosine and `one_cycle` are *worse* than the constant rate: they hold a rate that is too noisy, and collect at the end. Do not judge a schedule before it is over.
#
# On this bowl the rise of `warmup_cosine` and `one_cycle` costs a little and gives nothing: a quadratic has no first steps that differ from the others. What warm-up is for must lie elsewhere.
#
# ### A cosine needs to know its length
#
# Stop a cosine of 1,000 steps at 500, where its factor is still a half.
#
# :::{predict}
# Where does that leave the loss?
#
# - `a`: near that of a finished cosine of 500 steps
# - `b`: between that and a constant rate
# - `c`: above that of a constant rate
# :::

# %%
halfway = valley["cosine"][1][500].item()
finished = at_best_peak(cosine(500), 500)[1][-1].item()
level = at_best_peak(constant(), 500)[1][-1].item()

# %% tags=["hide-input"]
reveal(
    f"Stopped at half: {halfway:.4f}. A cosine planned for 500 steps: {finished:.4f}. A"
    f" constant rate with its best value for 500 steps: {level:.4f}. **Stopping early"
    f" costs a factor of {halfway / finished:.0f}** and is"
    f" {'worse' if halfway > level else 'better'} than not having a schedule.",
    right="c" if halfway > level else "b",
)

# %% [markdown]
# Where the length is open, keep the rate level and let it fall only once you have decided to stop: {cite:t}`hagele2024` find such a trapezoid as good as a cosine for language models (an exercise of *Going further* builds it). {cite:t}`defazio2024` go further and replace the fall by an average of the iterates.
#
# ## Warm-up
#
# {term}`Warm-up <warm-up>` is the rise at the beginning of a schedule. The usual story: at the start the loss surface is steep, a large step would throw the run off, and so the first rates must be small. After a while the surface is flatter and the large rate is safe. That is a statement about numbers.
#
# A stored run took a network, 784-64-64-64-10, on 1,000 images, from torch's initial weights and from the same weights times 2.5, and let $\lambda_{\max}$ be measured (`lanczos`) during slow full-batch descent.
#
# :::{predict}
# What does the limit $2/\lambda_{\max}$ do in the first steps?
#
# - `a`: it grows from both starts, as the story says
# - `b`: it falls from both
# - `c`: it falls from torch's weights, and grows from the larger ones
# :::

# %% tags=["hide-input"]
warm = results.load("warmup")["results"]
runs = {
    title: [
        run["largest_eigenvalues"] for run in warm["curvature"] if run["scale"] == scale
    ]
    for title, scale in (("torch's initial weights", 1.0), ("times 2.5", 2.5))
}
steps = [warm["every"] * k for k in range(len(runs["times 2.5"][0]))]


def between(kind, at):
    limits = [2 / tops[at] for tops in list(runs.values())[kind]]
    return f"between {min(limits):.2g} and {max(limits):.2g}"


show(
    figures.curvatures(steps, runs),
    f"Limits over 60 steps, {len(runs['times 2.5'])} seeds. From torch's weights all start"
    f" {between(0, 0)} and fall, slowly at first, to {between(0, -1)}, with a few jumps at"
    f" the end. From the weights times 2.5 they start {between(1, 0)}, rise steeply in the"
    f" first steps, are {between(1, 2)} after {steps[2]} and then sink slowly or stay"
    " level.",
)

# %% tags=["hide-input"]
parts = []
for title, seeds in runs.items():
    limits = [[2 / top for top in tops] for tops in seeds]
    middle = [f"{statistics.median(at[k] for at in limits):.2g}" for k in (0, 2, -1)]
    parts.append(
        f"{title}: {middle[0]} at the start, {middle[1]} after {steps[2]} steps,"
        f" {middle[2]} after {steps[-1]}"
    )
reveal(
    f"2/λmax, median of {len(seeds)} seeds. {parts[0]}; {parts[1]}. From torch's weights the limit falls, and far: the opposite of the"
    " story. From the larger weights the story is right for the first few steps: the limit grows, and a rate that is"
    f" too large at step 0 is allowed at step {steps[2]}.",
    right="c",
)

# %% [markdown]
# Whatever the story says, measure your own initialisation. At which rates a network trains at all, with a warm-up and without, *Going further* shows.
#
# ## At equal budget
#
# Now the claim that everybody repeats: warm-up and cosine decay improve the final result. It is two claims, so a second stored run takes them apart: constant, warm-up alone (over the first tenth of the steps), cosine alone, and both. The network is 784-32-10, the batch 128, the data 50,000 images of MNIST; 10,000 more choose the peak rate out of six, a third of a decade apart, by one run each. Then five other seeds train anew at that rate and are tested on the 10,000 test images. Budgets: 1, 2 and 4 epochs.
#
# The five seeds are the same for all schedules and compared seed by seed. A difference counts if its mean is larger than 2.8 of its standard errors (Student's 95 % limit for five pairs); else it is a tie.
#
# :::{predict}
# What does decay gain, for short and for long runs?
#
# - `a`: more in short runs, where every step counts
# - `b`: more in long runs, where noise is what is left
# - `c`: some in all, without a trend from 1 epoch to 4
# :::

# %% tags=["hide-input"]
stored = results.load("schedules")["results"]
names = ("constant", "warm-up", "cosine", "warm-up and cosine")
cell = {(r["method"], r["schedule"], r["epochs"]): r for r in stored["rows"]}
epochs = sorted({r["epochs"] for r in stored["rows"]})


def last_losses(method, name, budget):
    return [losses[-1] for losses in cell[method, name, budget]["test_losses"]]


panels = {
    method: {
        name: (epochs, [last_losses(method, name, e) for e in epochs]) for name in names
    }
    for method in ("momentum", "Adam")
}
show(
    figures.budgets(panels),
    f"Final test loss at {', '.join(map(str, epochs))} epochs, a dot a seed and a line through their"
    " means. With momentum the two lines without decay lie close together on top and the"
    " two with cosine below them. With Adam the constant rate is on top, warm-up and"
    " cosine alone lie close together below it, and both together are lowest by a clear"
    " gap at every budget.",
)


# %% tags=["hide-input"]
def gain(method, budget, without, having):
    pairs = zip(
        *(last_losses(method, n, budget) for n in (without, having)), strict=True
    )
    gains = [1 - b / a for a, b in pairs]
    mean = statistics.mean(gains)
    error = statistics.stdev(gains) / len(gains) ** 0.5
    return f"{mean:+.0%}" + ("" if abs(mean) > 2.8 * error else ", a tie")


contrasts = {
    "decay": ("constant", "cosine"),
    "decay, with warm-up": ("warm-up", "warm-up and cosine"),
    "warm-up": ("constant", "warm-up"),
    "warm-up, with decay": ("cosine", "warm-up and cosine"),
}
gains = {
    (method, name): [gain(method, e, *pair) for e in epochs]
    for method in ("momentum", "Adam")
    for name, pair in contrasts.items()
}
table(
    ["test loss lower by", *(f"{e} epoch{'s' * (e > 1)}" for e in epochs)],
    [[f"{method}: {name}", *row] for (method, name), row in gains.items()],
)

# %% tags=["hide-input"]
reveal(
    f"It lowers the test loss in every comparison. From {epochs[0]} epoch to {epochs[-1]}: with momentum"
    f" {'; '.join(gains['momentum', 'decay'])}; with Adam {'; '.join(gains['Adam', 'decay'])}. A trend does not show.",
    right="c",
)


# %% tags=["hide-input"]
def beyond(sign, method, *names):
    row = [g for name in names for g in gains[method, name]]
    return f"{sum(g[0] == sign and 'tie' not in g for g in row)} of {len(row)}"


decay, rise = ("decay", "decay, with warm-up"), ("warm-up", "warm-up, with decay")
seeds = len(last_losses("Adam", "cosine", 1))
evidence(
    "F20",
    "holds with a caveat",
    "Cosine decay lowers the test loss beyond a tie in"
    f" {beyond('+', 'momentum', *decay)} comparisons with momentum and {beyond('+', 'Adam', *decay)} with Adam.",
    "Let the rate fall to 0, plan it for the length that you have, and search its peak anew. Add a warm-up with Adam.",
    f"A small network on MNIST, {seeds} seeds, {epochs[0]} to {epochs[-1]} epochs, each at its best peak rate. Warm-up"
    " lowers it in"
    f" {beyond('+', 'momentum', *rise)} (and raises it in"
    f" {beyond('-', 'momentum', *rise)}) with momentum, and in {beyond('+', 'Adam', *rise)} with Adam.",
)

# %% [markdown]
# So the two claims fare differently.
#
# **Decay** lowers the mean loss in every comparison, and most are beyond a tie. The gain does not shrink steadily from one epoch to four. Where it is a tie, five seeds do not settle it.
#
# **Warm-up** depends on the method. With momentum it is mostly ties, and what is not a tie goes both ways. With Adam it pays, and more together with decay: the pair is best in every budget, often with a higher peak (*Going further* has the table). Momentum has a warm-up of its own, since the velocity needs about $1/(1 - \mu)$ steps to build up; that may be why it gains less, but nothing here tests it.
#
# Caveats. With 24 comparisons at the 95% level about one is expected to pass by chance. The peak was chosen by one run a rate, so a neighbouring rate may be as good. One small network, at most 1,564 steps; a large batch, a deep transformer or a long run may say otherwise.
#
# ## In PyTorch
#
# Each of our schedules is a plain function for `LambdaLR`, which multiplies the optimizer's first rate by it. `scheduler.step()` comes after `optimizer.step()`.
#
# ```python
# scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, cosine(steps))
# for inputs, labels in loader:
#     optimizer.zero_grad()
#     loss_function(model(inputs), labels).backward()
#     optimizer.step()
#     scheduler.step()
# ```

# %% [markdown]
# ## Going further
#
# ### The best rate for one curvature
#
# *You see a rate that no schedule beats, derived and then searched for.*
#
# Which rate leaves the smallest $E_{t+1}$? Differentiate the recursion by $\eta$ and set the result to zero: $-2\lambda(1 - \eta\lambda) E_t + 2\eta\sigma^2 = 0$, so
#
# $$\eta_t = \frac{\lambda E_t}{\lambda^2 E_t + \sigma^2}.$$
#
# Far out, where $\lambda^2 E_t$ is much larger than $\sigma^2$, this is $1/\lambda$: the jump to the bottom. Close in, the noise rules, and the rate is small. Put $\eta_t$ back into the recursion, and it becomes
#
# $$\begin{aligned} & E_{t+1} = \frac{\sigma^2 E_t}{\lambda^2 E_t + \sigma^2}, \\ & \text{that is} \quad \frac{1}{E_{t+1}} = \frac{1}{E_t} + \frac{\lambda^2}{\sigma^2}. \end{aligned}$$
#
# Every step adds the same amount to $1/E$. So $E_t$ has a closed form, and since $\eta_t = \lambda E_{t+1} / \sigma^2$, so has the rate:
#
# $$\eta_t = \frac{1}{\lambda (t + 1) + \sigma^2 / (\lambda E_0)}.$$
#
# It falls like $1/(\lambda t)$, and the error falls like $1/t$ too. No schedule does better: $E_{t+1}$ grows with $E_t$ whatever the rate, so the smallest $E$ at each step is the way to the smallest one at the end. {cite:t}`schaul2013` built a method on this formula that estimates $\lambda$ and $\sigma$ as it goes.
#
# Do not take the "no schedule does better" on trust. Let an optimizer search all 24 rates at once for the smallest last $E$. It knows the recursion and not the formula.

# %%
t = torch.arange(24, dtype=torch.float64)
formula = 1 / (t + 1 + 1 / 100)
log_rates = torch.full((24,), -2.0, dtype=torch.float64, requires_grad=True)
search = torch.optim.LBFGS(
    [log_rates], max_iter=500, tolerance_grad=1e-13, line_search_fn="strong_wolfe"
)


def last_square():
    search.zero_grad()
    E = 100.0
    for η in log_rates.exp():
        E = (1 - η) ** 2 * E + η**2
    E.log().backward()
    return E.log().detach()


for _ in range(5):
    search.step(last_square)

# %% tags=["hide-input"]
found = log_rates.detach().exp()
show(
    figures.best_rates(
        formula,
        expected_squares(formula.tolist())[1:],
        found,
        expected_squares(found.tolist())[1:],
    ),
    "Left the best rate, right the expected square after it, both against the step on"
    " logarithmic axes. In both the dots of the search lie on the line of the formula,"
    f" which falls straight from 1 to {formula[-1]:.2f} in 24 steps.",
)

# %% tags=["hide-input"]
gap = (found / formula - 1).abs().max().item()
say(
    f"Largest relative difference between the searched and the derived rates:"
    f" {'below 0.001' if gap < 1e-3 else f'{gap:.2g}'}. Both end at E ="
    f" {expected_squares(found.tolist())[-1]:.5f}; the closed form says"
    f" {1 / (1 / 100 + 24):.5f}."
)

# %% [markdown]
# {cite:t}`robbins1951` proved convergence for every sequence of rates whose sum is infinite, so that the run can reach any point, while the sum of the squares is finite, so that the noise let in is bounded. $1/t$ satisfies both; a constant rate fails the second, a geometric decay the first. In a run of fixed length neither condition says anything, and this is where practice begins.
#
# #### An exercise: the best first rate (★★)
#
# A bowl with $\lambda = 2$, a start with $E_0 = 9$, noise with $\sigma^2 = 12$. Which learning rate leaves the smallest expected square after one step?

# %%
answer = ...
check("3-first-order/best-first-rate", answer)

# %% tags=["remove-input"]
solution("3-first-order/best-first-rate")

# %% [markdown]
# ### Does the stable rate grow?
#
# *You see the usual story fail in one network, and where warm-up widens the band of rates that train.*
#
# {doc}`/2-derivatives/gradient-descent` measured the largest rate at which none of the next 20 steps goes up, at the start and later, from five seeds. Here is the rate itself, in place of its ratio to $2/\lambda_{\max}$.

# %% tags=["hide-input"]
stages = results.load("stability")["results"]["stages"]
rows = []
for at in sorted({row["stage"] for row in stages}):
    here = [row for row in stages if row["stage"] == at]
    limits = [2 / row["largest_eigenvalue"] for row in here]
    stable = [row["stable"] * limit for row, limit in zip(here, limits, strict=True)]
    rows.append([f"{at}", f"{statistics.median(limits):.2f}"])
    rows[-1].append(f"{min(stable):.2f} to {max(stable):.2f}")
table(["steps taken", "2/λmax, median", "largest stable rate"], rows)

# %% [markdown]
# In that network the story is wrong. $2/\lambda_{\max}$ falls instead of growing, and the rate that is really stable for 20 steps hardly changes: the start only looks safe, because the walls close in at once.
#
# {cite:t}`gotmare2019` looked for what warm-up does in deeper networks and concluded that it keeps the last layers from making training unstable.
#
# #### Which rates train at all
#
# Now the network of *Warm-up*, 784-64-64-64-10, for one epoch of all of MNIST with batches of 128, with momentum 0.9 and with Adam, from both kinds of start. Each of seven rates, a third of a decade apart, ran with three seeds: at full rate from the first step, and with a straight rise over the first 47 of the 469 steps.
#
# :::{predict}
# Where do the losses with and without warm-up differ?
#
# - `a`: at small rates
# - `b`: at the best rate
# - `c`: beyond the best rate
# :::

# %% tags=["hide-input"]
kinds = {1.0: "torch's weights", 2.5: "weights × 2.5"}
panels = {}
for method in ("momentum", "Adam"):
    for scale, kind in kinds.items():
        mine = [r for r in warm["rows"] if (r["method"], r["scale"]) == (method, scale)]
        panels[f"{method}, {kind}"] = {
            name: (
                [r["lr"] for r in mine],
                [[math.inf if x is None else x for x in r[name]] for r in mine],
            )
            for name in ("constant", "warm-up")
        }
show(
    figures.bands(panels, math.log(10)),
    "Four panels of test loss against peak rate. In all of them the two curves lie close to"
    " each other from the smallest rates through a flat minimum. At the upper end both rise"
    " to the dotted line of guessing, the curve with warm-up at the same rate or one later."
    " Runs that overflowed are drawn on top.",
)

# %% tags=["hide-input"]
rows = []
for title, curves in panels.items():
    rates = curves["constant"][0]
    medians = {
        name: [statistics.median(losses) for losses in curve]
        for name, (_, curve) in curves.items()
    }
    best = {name: min(values) for name, values in medians.items()}
    widest = {
        name: max(r for r, m in zip(rates, values, strict=True) if m < 0.5)
        for name, values in medians.items()
    }
    rows.append([title, *(f"{best[n]:.2f}" for n in best)])
    rows[-1] += [f"{widest[n]:.2g}" for n in widest]
table(
    [
        "",
        "best loss, constant",
        "with warm-up",
        "largest rate below 0.5",
        "with warm-up",
    ],
    rows,
)

# %% tags=["hide-input"]
gained = [row[0] for row in rows if row[3] != row[4]]
reveal(
    f"With warm-up a larger rate of the grid stays below 0.5 in {len(gained)} of"
    f" {len(rows)} panels: {'; '.join(gained)}. In the others it is the same. At the best rate"
    " warm-up changes nothing that these seeds could tell. Beyond it the curves part in some of the panels: there a"
    " rate at which most runs stick at the level of guessing becomes one that trains. Still further out nothing helps."
    " So warm-up is insurance that sometimes pays: where it widened the band of usable rates, it did so at the upper"
    " end and by one step of the grid, and where it did not, few seeds and a coarse grid may have missed it.",
    right="c",
)

# %% [markdown]
# Note what the experiment does *not* support. Where warm-up helps with momentum from torch's weights, "the surface is steep at the start" cannot be the reason. A candidate is that the run meets the closing walls with a smaller velocity; this experiment does not test it. The caveat: plain networks without normalisation, 128 images a batch, one epoch. For Adam from the larger weights the best rate stands at the lower end of the grid, so only the upper end of that panel says something.
#
# ### More on equal budgets
#
# *You see the tables behind the comparison, and a cosine that is stopped too early on a network.*

# %% tags=["hide-input"]
rows = []
for (method, name, budget), r in sorted(cell.items(), key=lambda kv: kv[0][::2]):
    losses = last_losses(method, name, budget)
    accuracy = statistics.mean(a[-1] for a in r["test_accuracies"])
    rows.append([f"{method}, {name}", f"{budget}", f"{r['lr']:.2g}"])
    rows[-1] += [f"{statistics.mean(losses):.3f} ± {statistics.stdev(losses):.3f}"]
    rows[-1] += [f"{accuracy:.1%}", f"{statistics.mean(r['train_loss']):.3f}"]
table(
    ["", "epochs", "best peak", "test loss", "test accuracy", "training loss"],
    rows,
)

# %% [markdown]
# And the cosine that is stopped too early? On the bowl it was the worst of three.

# %% tags=["hide-input"]
rows = []
for method in ("momentum", "Adam"):
    at_half = [losses[1] for losses in cell[method, "cosine", 4]["test_losses"]]
    kept = (
        at_half,
        last_losses(method, "cosine", 2),
        last_losses(method, "constant", 2),
    )
    rows.append(
        [method]
        + [f"{statistics.mean(x):.3f} ± {statistics.stdev(x):.3f}" for x in kept]
    )
table(
    [
        "test loss after 2 epochs",
        "half of 4-epoch cosine",
        "2-epoch cosine",
        "constant",
    ],
    rows,
)

# %% [markdown]
# Here it is not: with neither method is the half cosine the worst. A possible reason: in two epochs this network still has far to travel, and what the half cosine lacks in rest it has gained in distance. The bowl shows what stopping early costs once noise is what is left; whether your run has come to that point is, again, a measurement.

# %% [markdown]
# ### In code, and in torch's
#
# *You see ours beside torch's classes, and a schedule that survives a restart.*
#
# The training loop of this book knows nothing of schedules, so `follow` hangs the scheduler's step on the optimizer. In the code everything is divided by $\eta_{\max}$, so `eta_min` is a share of the peak.

# %%
show_source(cosine, schedules._half_cosine, follow)

# %% [markdown]
# torch has most of the seven as classes of their own. Run both over all steps.

# %%
n, by = 100, lr_scheduler
theirs = {
    step(30): lambda o: by.StepLR(o, 30),
    exponential(0.97): lambda o: by.ExponentialLR(o, 0.97),
    cosine(n): lambda o: by.CosineAnnealingLR(o, n),
    warmup_cosine(10, n): lambda o: by.SequentialLR(
        o,
        [by.LinearLR(o, 0.01, total_iters=10), by.CosineAnnealingLR(o, n - 10)],
        milestones=[10],
    ),
    one_cycle(n): lambda o: by.OneCycleLR(o, 0.1, n, cycle_momentum=False),
}


# %% tags=["hide-input"]
def torch_rates(scheduler_of, steps, lr=0.1, **options):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr, **options)
    scheduler, seen = scheduler_of(optimizer), []
    for _ in range(steps):
        seen.append(dict(optimizer.param_groups[0]))
        optimizer.step()
        scheduler.step()
    return seen


def furthest(ours, make):
    pairs = zip(
        torch_rates(lambda o: by.LambdaLR(o, ours), n),
        torch_rates(make, n),
        strict=True,
    )
    return max(abs(a["lr"] - b["lr"]) for a, b in pairs)


gap = max(furthest(ours, make) for ours, make in theirs.items())
say(
    f"Largest difference of the rate, {len(theirs)} schedules over all {n} steps:"
    f" **{'below 1e-12' if gap < 1e-12 else f'{gap:.1e}'}**."
)

# %% [markdown]
# | Call | What it does |
# |:--|:--|
# | `LambdaLR(optimizer, cosine(T))` | ours; one function for each parameter group if you give a list |
# | `StepLR`, `MultiStepLR`, `ExponentialLR`, `CosineAnnealingLR`, `OneCycleLR` | the classes; `eta_min` and `max_lr` are rates there, not factors |
# | `SequentialLR(optimizer, [a, b], milestones=[W])` | one after the other: warm-up, then anything |
# | `ChainedScheduler([a, b])` | both at once, their factors multiplied |
# | `CosineAnnealingWarmRestarts` | SGDR |
# | `ReduceLROnPlateau` | no function of the step: it divides the rate when a loss that you report has stopped falling |
# | `last_epoch` | where to go on; leave it at −1 and load the state instead |
#
# `LambdaLR` sets the rate to the first rate times the factor, so it undoes what another scheduler did before it. To combine two of ours, multiply the functions: `lambda t: a(t) * b(t)`.
#
# A schedule has to survive a restart. Save the scheduler's state beside the optimizer's. A plain function is not saved with it; you hand it over again.


# %%
def fresh():
    optimizer = SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    return optimizer, lr_scheduler.LambdaLR(optimizer, cosine(100))


def advance(optimizer, scheduler, steps):
    for _ in range(steps):
        optimizer.step()
        scheduler.step()
    return optimizer.param_groups[0]["lr"]


whole = advance(*fresh(), 70)
first = fresh()
advance(*first, 40)
saved = [thing.state_dict() for thing in first]
second = fresh()
for thing, state in zip(second, saved, strict=True):
    thing.load_state_dict(state)

# %% tags=["hide-input"]
say(
    f"The state holds `lr_lambdas`: {saved[1]['lr_lambdas']}. After 40 steps, a reload"
    f" and 30 more the rate is {advance(*second, 30):.6f}; without the break it is"
    f" {whole:.6f}."
)

# %% [markdown]
# Memory: a few numbers per optimizer, none per parameter. With `engine="compiled"` or `fused=True` a rate that changes at every step compiles nothing anew; a formula of your own under `torch.compile` should take the rate as a tensor, or each new value may compile anew.
#
# #### An exercise: decide late (★★)
#
# Write `trapezoid(total_steps, warmup, cooldown)`. It returns a function of the step $t$, the lowest of three: $(t + 1)/\text{warmup}$, 1, and $(\text{total\_steps} - t)/\text{cooldown}$; and 0 where that would be negative.


# %%
def trapezoid(total_steps, warmup, cooldown): ...


check("3-first-order/trapezoid", trapezoid)

# %% tags=["remove-input"]
solution("3-first-order/trapezoid")

# %% [markdown]
# ### Adam's first steps
#
# *You see why Adam has a reason of its own for a warm-up.*
#
# At step 1 the corrected averages are $\hat{m} = g$ and $\hat{v} = g^2$, so the step is $\eta\, g / (|g| + \varepsilon)$: as long as $\eta$ in every entry, whatever the gradient ({doc}`adam`). {cite:t}`liu2020` see the cause of warm-up here: an average of one square says nothing yet about the size of the next gradient. Look at the first step of a network with $\eta = 0.01$.

# %%
data, _ = load("mnist")
model = mlp(784, 64, 64, 64, 10, seed=0).double()
before = [p.detach().clone() for p in model.parameters()]
train(model, data[:128], Adam(model.parameters(), lr=0.01), epochs=1)
moved = torch.cat(
    [(p - b).abs().flatten() for p, b in zip(model.parameters(), before, strict=True)]
).detach()

# %% tags=["hide-input"]
sizes = torch.cat([p.grad.abs().flatten() for p in model.parameters()])
alive = sizes > 0
say(
    f"Of the entries with a gradient, all but the smallest and the largest hundredth span"
    f" a factor of {sizes[alive].quantile(0.99) / sizes[alive].quantile(0.01):.0f}."
    f" {(moved[alive] > 0.0099).double().mean():.1%} of them moved by more than 0.99 η,"
    f" and none by more than {moved.max() / 0.01:.2f} η."
)

# %% [markdown]
# ### Which variant is this?
#
# *You see where programs count, end and begin a schedule differently.*
#
# - **Per batch or per epoch.** The numbers in a schedule count calls of `scheduler.step()`. A cosine meant for $T = 90$ epochs but stepped after every batch is over after 90 batches, and torch's then rises again.
# - **What comes after the end.** Ours stays at `eta_min`. `CosineAnnealingLR` goes on with the cosine, so that at $2T$ it is back at the peak. With restarts meant, this is SGDR ({cite:t}`loshchilov2017`): a sawtooth of cosines, each of which ends in a usable network.
# - **Momentum cycles along.** `OneCycleLR` lowers the momentum from 0.95 to 0.85 while the rate rises, and raises it again, unless you set `cycle_momentum=False`.
# - **Vaswani's peak has no name.** {cite:t}`vaswani2017` print $d^{-1/2} \min(t^{-1/2},\, t\, W^{-3/2})$ with $t$ from 1 and the model's width $d$. That is our factor times $1/\sqrt{d\,W}$: the peak rate is hidden in width and warm-up.
# - **The order of calls.** `optimizer.step()` first, then `scheduler.step()`. The other way round skips the first rate; torch warns.
# - **Where a rise begins.** `LinearLR` starts at `start_factor` $= \tfrac{1}{3}$ by default, hardly a warm-up. Ours begins at 0.01. A factor of 0 wastes the first step.
# - **The peak.** For one-cycle, {cite:t}`smith2017` find it by a run in which the rate rises until the loss explodes, a test that comes from {cite:t}`smith2017a`.

# %% tags=["hide-input"]
after = torch_rates(lambda o: lr_scheduler.CosineAnnealingLR(o, 100), 201)
cycle = torch_rates(lambda o: lr_scheduler.OneCycleLR(o, 0.1, 100), 100, momentum=0.9)
swing = [group["momentum"] for group in cycle]
say(f"""
- a cosine of 100 steps at the peak 0.1, at steps 150 and 200: torch's gives {after[150]["lr"]:.2f} and {after[200]["lr"]:.2f}, ours {0.1 * cosine(100)(150):.0f} and {0.1 * cosine(100)(200):.0f}
- the momentum under `OneCycleLR`: {swing[0]:.2f} at first, {min(swing):.2f} at the peak rate, {swing[-1]:.2f} at the end, although 0.9 was asked for
- Vaswani's formula with $d = 512$, $W = 4000$, at its peak: {512**-0.5 * min(4000**-0.5, 4000 * 4000**-1.5):.6f}; $1/\\sqrt{{dW}}$: {(512 * 4000) ** -0.5:.6f}
""")

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: read the plot (★)
#
# Look at the seven panels. All have the same peak rate. Which of these four has travelled farthest, as the sum of its rates, by step 500?
#
# - `a`: cosine
# - `b`: one_cycle
# - `c`: exponential
# - `d`: warmup_cosine

# %%
answer = ...
check("3-first-order/which-schedule", answer)

# %% tags=["remove-input"]
solution("3-first-order/which-schedule")

# %% [markdown]
# ### An open experiment
#
# Take the loop that you trained last. Give it a constant rate, a cosine and a trapezoid with equal steps, each at a peak of its own out of three. Which comparison would you have got wrong at one peak for all?
#
# ## Summary
#
# - With noise, a constant rate ends on a floor in proportion to it and needs a time in inverse proportion. The best rate for one curvature falls like $1/(\lambda t)$; for many curvatures, stay high for long and end low.
# - On the bowl the shape of the decay matters little, and the peak rate that goes with it a lot. Judge a schedule at its end; stopped early, a run that hovers in noise loses the gain.
# - At equal budget warm-up paid with Adam and hardly with momentum; whether your network needs it is a measurement, and it depends on how you initialise. *Going further*: it widened the band of usable rates in some cases, at its upper end, and narrowed it in none.
#
# ## References
#
# - {cite:t}`robbins1951`: which sequences of rates converge under noise.
# - {cite:t}`schaul2013`: the best rate on a noisy quadratic, made into a method.
# - {cite:t}`he2016`: the steps by hand that trained ResNet.
# - {cite:t}`loshchilov2017`: the cosine, and restarts.
# - {cite:t}`smith2017a` and {cite:t}`smith2017`: cycles, the range test, and one cycle.
# - {cite:t}`goyal2017`: warm-up before steps, for large batches. {cite:t}`gotmare2019`: a closer look at what warm-up does, and {cite:t}`liu2020` for Adam.
# - {cite:t}`vaswani2017`: the inverse square root.
# - {cite:t}`hagele2024` and {cite:t}`defazio2024`: schedules that need not know the length.
