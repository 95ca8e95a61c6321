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
# # RMSProp
#
# AdaGrad counts the first gradient as much as the latest one, for ever. When the loss changes under its feet, it goes on dividing by gradients that mean nothing any more. RMSProp lets them fade.
#
# **You will**
#
# - predict how many steps a rate needs to recover after large gradients, and measure it;
# - show what forgetting costs: steps that do not shrink by themselves;
# - tell apart the RMSProps in print: ε inside or outside the root, centred or not, which momentum.
#
# **You need** three things, each in a line:
#
# - AdaGrad divides the step of each entry by the root of the sum of its squared gradients ({doc}`adagrad`);
# - with noise and a constant rate, descent does not arrive: it hovers about the minimum ({doc}`sgd`);
# - an average that forgets keeps a share of itself in each step and takes the rest from what is new ({doc}`momentum`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $x$, $g$, $g_t$ | same shape | the parameters; their gradient; the one of step $t$ |
# | $\eta$ | number | the learning rate |
# | $v$, $v_t$ | shape of $x$ | the average of the squared gradients; it starts at $v_0 = 0$ |
# | $\alpha$, $\alpha_t$ | number | the share of $v$ that is kept in each step |
# | $\varepsilon$ | number | the small number beside the root |
# | $f$, $f_t$ | number | the loss; the loss at step $t$ |
# | $c_t$, $k_t$, $\xi$ | numbers | where the moving minimum is; the size of the gradients there; their noise |
# | $k$ | number | how many steps old a gradient is |
# | $G$ | number | the size of gradients in the past |
# | $s$, $s_t$ | shape of $x$ | AdaGrad's sum of squared gradients |
# | $h$, $c$ | numbers | the curvature of a bowl; half of the last jump across it |
# | $\sigma$, $\rho$, $V$ | numbers | the deviation of the gradient's noise; the rate $\eta/\sigma$; the variance of $x$ while it hovers |
# | $\gamma$ | number | how quickly $\alpha_t$ approaches 1 |
# | $a$, $a_t$ | shape of $x$ | the average of the gradients (centred). In *The first steps are too long*: $-\ln\alpha$ |
# | $r$ | number | the deviation of a gradient whose mean is 1 |
# | $b$, $u$, $\mu$ | shape of $x$; number | the velocity; the scaled gradient $g / (\sqrt{v} + \varepsilon)$; the momentum |
# | $\beta_1$ | number | Adam's share of the average of gradients |
# | $\zeta$ | function | Riemann's zeta function |
# | $\lambda$, $w$ | number; shape of $x$ | a penalty's factor, or weight decay; a weight |
# | $t$, $T$, $n$ | numbers | the step; how many steps; how many parameters |
# :::

# %% tags=["hide-input"]
import math
from functools import partial
from itertools import count

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
from book.explorers import OneStep, Race
from book.figures import rmsprop as figures
from book.numerics.vector import f64
from book.optim import SGD, AdaGrad, Adam, RMSProp, state_bytes_of, trajectory
from book.surfaces import rosenbrock
from book.training.data.load import load
from book.training.models import mlp
from book.training.run.loop import train
from book.training.surface.side_by_side import difference

# %% [markdown]
# ## A large gradient, long ago
#
# Three entries have the gradients 100, 1 and 1. Take ten steps with AdaGrad. Then something changes: set the first gradient to 1, as the others have had all along, and take one more.
#
# :::{predict}
# How far does entry 1 move now, beside entry 2?
#
# - `a`: as far, since their gradients are equal
# - `b`: about a tenth as far
# - `c`: about a hundredth as far
# :::

# %% tags=["hide-input"]
OneStep("AdaGrad", (100.0, 1.0, 1.0))


# %% tags=["hide-input"]
def moving(jumps=True, sizes=(10, 0.1)):
    rng = torch.Generator().manual_seed(0)
    centres = 6 * torch.rand(8, TASKS, generator=rng, dtype=torch.float64) - 3
    centres = centres if jumps else centres[:1].repeat(8, 1)
    noise = torch.randn(8 * LONG, TASKS, generator=rng, dtype=torch.float64)
    return (
        centres.repeat_interleave(LONG, dim=0),
        f64(*sizes).repeat(4).repeat_interleave(LONG),
        noise,
    )


def errors(path, task):
    """Mean squared distance at the best rate, by task, and the number of that rate."""
    squares = (path - task[0][:, None]).square().mean(dim=0).nan_to_num(torch.inf)
    best = squares.mean(dim=1).argmin().item()
    assert 0 < best < len(RATES) - 1  # the best rate is not at an end of the grid
    return squares[best], best


x, s = f64(0, 0, 0), f64(0, 0, 0)
for g in [f64(100, 1, 1)] * 10 + [f64(1, 1, 1)]:
    before = x
    x, s = AdaGrad.update(x, g, s, t=1, lr=0.1, lr_decay=0.0, eps=1e-10)
share = ((x - before)[0] / (x - before)[1]).item()
later = next(n for n in count() if 4 * (s[1] + n) >= s[0] + n)
reveal(
    f"**{share:.3f}** times as far. AdaGrad divides by the root of all squares so far, and forgets none. With the"
    f" gradient 1 from now on, it takes {later:,} further steps until entry 1 moves half as far as entry 2.",
    right="c" if share < 0.03 else "b" if share < 0.3 else "a",
)

# %% [markdown]
# Set the method to RMSProp and do the same: entry 1 comes back within some hundreds of steps.
#
# ## A minimum that moves
#
# Here is the smallest loss that changes while you train. One number $x$ chases a minimum $c_t$ which jumps to a new place every 500 steps:
#
# $$f_t(x) = \tfrac{1}{2}\, k_t\, (x - c_t)^2.$$
#
# The factor $k_t$ is the size of the gradients. It is 10 in one stretch of 500 steps and 0.1 in the next. In a network that happens when a layer saturates, when a loss gets another weight, or when an agent begins to see other rewards. Each gradient is seen through noise, $g = k_t\,(x - c_t + \xi)$, with $\xi$ of standard deviation 1. There are 20 such tasks, each with places and noise of its own, at 16 rates from 0.001 to 100.


# %%
RATES = 10 ** (torch.arange(-9, 7, dtype=torch.float64) / 3)
LONG, TASKS = 500, 20  # steps of a stretch, tasks side by side


def follow(update, memories, task, **hyper):
    x = torch.zeros(len(RATES), TASKS, dtype=torch.float64)
    memory, path = [torch.zeros_like(x)] * memories, []
    for t, (c, k, ξ) in enumerate(zip(*task, strict=True), start=1):
        path.append(x)
        g = k * (x - c + ξ)
        x, *memory = update(x, g, *memory, t=t, lr=RATES[:, None], **hyper)
    return torch.stack(path)  # (steps, rates, tasks)


# %% [markdown]
# Give AdaGrad the rate that is best for it, over all 20 tasks.
#
# :::{predict}
# In which stretches is it late?
#
# - `a`: in none: it has its best rate
# - `b`: in those with large gradients, which throw it about
# - `c`: in those with small gradients
# :::

# %%
task = moving()
path = follow(AdaGrad.update, 1, task, lr_decay=0.0, eps=1e-10)

# %% tags=["hide-input"]
_, best = errors(path, task)
show(
    figures.chase(task[0][:, 0], task[1], {"AdaGrad": path[:, best, 0]}),
    "The minimum is a dashed staircase with eight stretches, every second one shaded."
    " In the unshaded ones AdaGrad's x arrives at once and trembles widely about the"
    " minimum. In the shaded ones, where gradients are small, it creeps along a smooth"
    " curve: nearly 500 steps in the first, and in the last it has not arrived.",
)

# %% tags=["hide-input"]
apart = (path[:, best] - task[0]).square().unflatten(0, (8, LONG)).mean(dim=(1, 2))
reveal(
    f"Mean squared distance to the minimum at the rate {RATES[best]:.0f}: in the four"
    f" stretches with large gradients {', '.join(f'{e:.2f}' for e in apart[::2])}, in"
    f" the four with small ones {', '.join(f'{e:.1f}' for e in apart[1::2])}. With x"
    " left at 0 it would be 3 on average.",
    right="c",
)

# %% [markdown]
# After the first stretch the sum $s$ holds 500 squares of gradients near 10. The small gradients of the second stretch, near 0.1, add one ten-thousandth of that. So the step is $\eta g / \sqrt{s}$ with a $\sqrt{s}$ that belongs to another time. The best rate is a compromise: large enough to creep through the shaded stretches, and so large that $x$ trembles in the others. It gets no better with time, since $s$ never falls.
#
# ## On one screen

# %% tags=["remove-input"]
one_screen("RMSProp")

# %% [markdown]
# ## The idea: forget
#
# Replace the sum by an average in which old numbers fade. Let $g_t$ be the gradient at step $t$ and $v_t$ of the same shape, entry by entry
#
# $$v_t = \alpha\, v_{t-1} + (1 - \alpha)\, g_t^2, \qquad v_0 = 0,$$
#
# with a share $\alpha$ between 0 and 1 that is kept. It is the exponential average of {doc}`momentum`, taken of squares. Put $v_{t-1}$ in, then $v_{t-2}$, and so on:
#
# $$\begin{aligned} v_t = (1 - \alpha) \big( & g_t^2 + \alpha\, g_{t-1}^2 + \alpha^2 g_{t-2}^2 \\ & {} + \dots + \alpha^{t-1} g_1^2 \big). \end{aligned}$$
#
# A square that is $k$ steps old has the weight $(1-\alpha)\,\alpha^k$. After about $0.69/(1 - \alpha)$ steps it counts half. One calls $1/(1-\alpha)$ the *window* of the average: 10 steps for $\alpha = 0.9$, 100 for $\alpha = 0.99$ ([Windows and half-lives](#windows-and-half-lives)).
#
# $\sqrt{v}$ is the root of the mean of the squares, the *RMS* of the gradient. Divide by it:
#
# $$\boxed{\;\begin{aligned} v &\leftarrow \alpha\, v + (1 - \alpha)\, g^2 \\ x &\leftarrow x - \frac{\eta\, g}{\sqrt{v} + \varepsilon} \end{aligned}\;}$$
#
# This is {term}`RMSProp`. It was never published as a paper: {cite:t}`tieleman2012` is a slide of a lecture, with $\alpha = 0.9$. torch's default is 0.99.

# %% tags=["hide-input"]
show_source(RMSProp.update)

# %% [markdown]
# The formula holds two options. Read it with both off. `centered` is false, so `a` is the number 0.0, and the root is $\sqrt{v}$. `momentum` is 0, so `b` is only a name for $g / (\sqrt{v} + \varepsilon)$, the step in units of $\eta$. What remains is the box.
#
# Three entries have the gradients 100, 1 and 0.01, $\alpha$ is 0.99 and $\eta$ is 0.01.
#
# :::{predict}
# How far do the three entries move in the first step?
#
# - `a`: by 1, 0.01 and 0.0001, which is $\eta g$
# - `b`: each by 0.01, which is $\eta$
# - `c`: each by 0.1
# :::
#
# Set the three gradients, and take the step. Then take more: do the moves grow or shrink? Set the first gradient to 1: how does its move change, and does it come back?

# %%
OneStep("RMSProp", g=(0, 0, 0), lr=0.01)

# %% tags=["hide-input"]
first, *_ = RMSProp.update(
    f64(0),
    f64(100, 1, 0.01),
    f64(0),
    0.0,
    0.0,
    t=1,
    lr=0.01,
    alpha=0.99,
    eps=1e-8,
    momentum=0.0,
    centered=False,
)
reveal(
    f"By {', '.join(f'{-move:.2g}' for move in first)}. After one step v is only a hundredth of g², so its root is a"
    " tenth of the gradient, whatever the gradient is. The moves shrink as v fills up. An entry whose gradient falls to 1"
    " is divided by a root that belongs to 100, and has its old move back when v has forgotten.",
    right="c",
)

# %% [markdown]
# ## How fast does the rate come back?
#
# Let the gradients have the size $G$ for a long time, and from now on the smaller size $g$. Then $v$ starts at $G^2$, and what it has too much shrinks by $\alpha$ in each step:
#
# $$v_t - g^2 = \alpha^t\,(G^2 - g^2).$$
#
# Call the rate recovered when $\sqrt{v}$ is within a factor $\sqrt{2}$ of $g$, which means $v_t = 2g^2$. With $G \gg g$ that happens when $\alpha^t G^2 = g^2$. Use $-\ln\alpha \approx 1 - \alpha$:
#
# $$\boxed{\;t \approx \frac{2}{1-\alpha}\, \ln\frac{G}{g}\;}$$
#
# $v$ fades with the time $1/(1-\alpha)$, its root with twice that. One bad gradient alone, instead of a long time, puts only $(1-\alpha)\,G^2$ into $v$, and the time is shorter by $\frac{1}{1-\alpha} \ln \frac{1}{1-\alpha}$. What counts is the *logarithm* of $G/g$. For AdaGrad it was $G^2/g^2$ steps after one such gradient, and as many again for each further one.
#
# :::{predict}
# $G/g = 1{,}000$ and $\alpha = 0.99$. How many steps until the rate has recovered?
#
# - `a`: about 100, the window
# - `b`: about 1,400
# - `c`: about 14,000
# - `d`: a million, the square
# :::
#
# Run the library's formula until $v \le 2g^2$.


# %%
PLAIN = {"alpha": 0.99, "eps": 1e-8, "momentum": 0.0, "centered": False}


def until_recovered(v, **hyper):
    v, g = f64(v), f64(1)
    for t in count(1):
        _, v, *_ = RMSProp.update(0.0, g, v, 0.0, 0.0, t=t, lr=1.0, **hyper)
        if v <= 2:
            return f"{t:,}"


# %% tags=["hide-input"]
rows = []
for α in (0.9, 0.99, 0.999):
    long = 2 * math.log(1000) / (1 - α)
    single = long + math.log(1 - α) / (1 - α)
    runs = [until_recovered(v, **PLAIN | {"alpha": α}) for v in (1e6, (1 - α) * 1e6)]
    rows.append([f"{α}", f"{long:,.0f}", runs[0], f"{single:,.0f}", runs[1]])
table(["α", "after a long time at 1,000", "run", "after one gradient", "run"], rows)

# %% [markdown]
# :::{answer} b
# With $\alpha = 0.99$ the formula says 1,382, and the run agrees to a percent. AdaGrad would need a million steps after a single gradient of 1,000.
# :::
#
# Now go back to the moving minimum. Gradients fall by a factor of 100 there, and a stretch is 500 steps long.
#
# :::{predict}
# From the formula: which $\alpha$ is quick enough?
#
# - `a`: 0.99 and 0.9
# - `b`: only 0.9
# - `c`: neither
# :::

# %% tags=["hide-input"]
needs = {α: 2 / (1 - α) * math.log(100) for α in (0.99, 0.9)}
reveal(
    f"With 0.99 it takes {needs[0.99]:.0f} steps, and a stretch is over after {LONG}. With 0.9 it takes {needs[0.9]:.0f}.",
    right="b",
)

# %% [markdown]
# ## Experiment: who can follow?
#
# Three objectives, the same for every method, 20 tasks each:
#
# - *at rest*: the minimum stays, all gradients have one size;
# - *jumps*: the minimum jumps, the size stays;
# - *jumps and sizes*: the task from above.
#
# Every method has the same 16 rates, and is taken at the one with the lowest mean error over the 20 tasks. The error is the mean of $(x - c)^2$ over all 4,000 steps.
#
# :::{predict}
# Who wins the columns *at rest*, *jumps*, and *jumps and sizes*?
#
# - `a`: RMSProp all three
# - `b`: AdaGrad, SGD, RMSProp
# - `c`: SGD, RMSProp, RMSProp
# - `d`: AdaGrad, RMSProp, RMSProp
# :::

# %%
objectives = {
    "at rest": moving(jumps=False, sizes=(1, 1)),
    "jumps": moving(sizes=(1, 1)),
    "jumps and sizes": task,
}
methods = {
    "SGD": (SGD.update, 0, {}),
    "AdaGrad": (AdaGrad.update, 1, {"lr_decay": 0.0, "eps": 1e-10}),
    "RMSProp, α = 0.99": (RMSProp.update, 3, PLAIN),
    "RMSProp, α = 0.9": (RMSProp.update, 3, PLAIN | {"alpha": 0.9}),
}

# %%
ran, shown = {}, {}
for name, (update, memories, hyper) in methods.items():
    for title, objective in objectives.items():
        path = follow(update, memories, objective, **hyper)
        ran[name, title], at = errors(path, objective)
        shown[name, title] = path[:, at, 0], RATES[at]

# %% tags=["hide-input"]
table(
    ["mean squared error ± spread (rate)", *objectives],
    [
        [name]
        + [
            f"{ran[name, o].mean():.3f} ± {ran[name, o].std():.3f}"
            f" ({shown[name, o][1]:.2g})"
            for o in objectives
        ]
        for name in methods
    ],
)

# %% tags=["hide-input"]
show(
    figures.chase(
        task[0][:, 0],
        task[1],
        {name: shown[name, "jumps and sizes"][0] for name in list(methods)[::3]},
    ),
    "The same task. SGD is at the minimum in the unshaded stretches and creeps towards"
    " it in the shaded ones. RMSProp with 0.9 arrives within about a hundred steps of"
    " each jump, in every stretch, and trembles about the minimum throughout.",
)


# %% tags=["hide-input"]
def wins(a, b, objective):
    better = ran[a, objective] < ran[b, objective]
    return f"{better.sum()} of {TASKS}"


slow, quick = "RMSProp, α = 0.99", "RMSProp, α = 0.9"
winners = [min(methods, key=lambda name: ran[name, o].mean()) for o in objectives]
task_errors = {name: ran[name, "jumps and sizes"] for name in methods}
least = min(
    int((task_errors[quick] < task_errors[name]).sum()) for name in list(methods)[:3]
)
often = f"all {TASKS}" if least == TASKS else f"at least {least} of {TASKS}"
reveal(
    f"{winners[0]}, {winners[1]}, {winners[2]}. Jumps and sizes: RMSProp with α = 0.9 has the smaller error in"
    f" {often} tasks against each other method. Jumps: SGD in {wins('SGD', slow, 'jumps')} against RMSProp with 0.99."
    f" At rest: AdaGrad in {wins('AdaGrad', slow, 'at rest')} against it.",
    right="b" if winners[:2] == ["AdaGrad", "SGD"] else "d",
)


# %% tags=["hide-input"]
def settled_step(g, inside, ε=1e-8):
    v = f64(0)
    for t in range(1, 3001):
        x, v, *_ = RMSProp.update(f64(0), f64(g), v, 0.0, 0.0, t=t, lr=1.0, **PLAIN)
    return (g / torch.sqrt(v + ε) if inside else -x).item()


ratios = {g: settled_step(g, False) / settled_step(g, True) for g in (1e-6, 1e-4, 1e-2)}
total = {name: ran[name, "jumps and sizes"].mean() for name in methods}
same = {name: ran[name, "jumps"].mean() for name in methods}
evidence(
    "F13",
    "holds with a caveat",
    f"On a minimum that jumps, with gradients of alternating size, the error is {total[quick]:.2f} with α = 0.9,"
    f" {total['AdaGrad']:.2f} for AdaGrad and {total['SGD']:.2f} for SGD, each at its best rate.",
    "Forget where the size of the gradients changes, and fast enough for the change. Take over an ε only together with"
    " its place.",
    f"Mean squared error over {TASKS} tasks that jump every {LONG} steps, each method at the best of {len(RATES)} rates;"
    f" with α = 0.99 it is {total[slow]:.2f}. With gradients of one size it is {same['SGD']:.2f} for SGD and"
    f" {same[slow]:.2f} and {same[quick]:.2f} for RMSProp. With ε = 1e-8 outside the root, steps are"
    f" {ratios[1e-6]:.0f} times as long as with ε inside for gradients of 1e-6, {ratios[1e-4]:.2f} times for 1e-4 and"
    f" {ratios[1e-2]:.2f} times for 1e-2.",
)

# %% [markdown]
# Three columns, three winners. At rest nothing needs to be forgotten, and AdaGrad's falling rate wins, as {doc}`adagrad` said. With jumps alone SGD has the lowest error. It needs no memory of sizes, because the size is always the same; dividing by $\sqrt{v}$ costs a little with $\alpha = 0.99$ and more with 0.9. Forgetting pays where the *size* of the gradients changes: a single rate cannot be right for 10 and for 0.1.
#
# One entry may surprise you: at rest RMSProp with 0.99 beats SGD. That is an accident of its first steps ([tested below](#the-first-steps-are-too-long)).
#
# The caveat: one number, one kind of change, sizes that alternate on a schedule. The best $\alpha$ for your network is not in this table.
#
# ## The price of forgetting
#
# AdaGrad's rate falls by itself. RMSProp's does not: if the gradients keep one size, so do the steps. Near a minimum of $\frac{1}{2} h x^2$ without any noise, the gradients become small, and $\sqrt{v}$ becomes small with them. In the end $x$ jumps from $+c$ to $-c$ and back. Then every $|g|$ is $hc$, so $\sqrt{v} = hc$, and the step is exactly $\eta$. A step from $c$ to $-c$ is $2c$, hence
#
# $$c = \frac{\eta}{2}, \qquad f = \frac{h\,\eta^2}{8},$$
#
# whatever the curvature. With noise of standard deviation $\sigma$ in the gradient, $\sqrt{v} \approx \sigma$, and RMSProp is SGD with the rate $\rho = \eta/\sigma$. Let $V$ be the variance of $x$ while it hovers. From $x \leftarrow (1 - \rho h)\,x - \rho\,\xi$ follows $V = (1-\rho h)^2 V + \rho^2\sigma^2$. For small $\rho h$ that is $V \approx \rho\sigma^2/2h$, and
#
# $$f = \frac{h V}{2} \approx \frac{\eta\,\sigma}{4}.$$
#
# :::{predict}
# With noise, three runs: $\eta = 0.1$, $\eta = 0.003$, and $\eta = 0.1/\sqrt{t}$. Which is lowest after 100 steps, and which after 6,000?
#
# - `a`: the large rate; the small rate
# - `b`: the large rate; the falling one
# - `c`: the falling one; the falling one
# - `d`: the small rate; the small rate
# :::


# %%
def hover(lrs, σ=1.0, x=1.0, falling=False):
    x = torch.full((len(lrs), 20), x, dtype=torch.float64)
    memory, heights = [torch.zeros_like(x)] * 3, []
    for t in range(1, steps + 1):
        heights.append(x.square().mean(dim=1) / 2)
        lr = lrs[:, None] / (math.sqrt(t) if falling else 1)
        g = x + σ * noise[t - 1]
        x, *memory = RMSProp.update(x, g, *memory, t=t, lr=lr, **PLAIN)
    return torch.stack(heights)  # (steps, rates)


# %%
rng = torch.Generator().manual_seed(0)
rates, steps = 10 ** torch.arange(-2.5, 0, 0.5, dtype=torch.float64), 6000
noise = torch.randn(steps, 20, generator=rng, dtype=torch.float64)
quiet, loud = (hover(rates, σ)[2000:].mean(dim=0) for σ in (0.0, 1.0))
constant, falling = hover(f64(0.1, 0.003)), hover(f64(0.1), falling=True)

# %% tags=["hide-input"]
show(
    figures.floors(
        rates,
        {"no noise": (quiet, rates**2 / 8), "σ = 1": (loud, rates / 4)},
        {
            r"$\eta$ = 0.1": constant[:, 0],
            r"$\eta$ = 0.003": constant[:, 1],
            r"$\eta$ = 0.1/√t": falling[:, 0],
        },
        title="h = 1, σ = 1",
    ),
    "Left: loss while hovering against the rate. Without noise the points lie on a line"
    " of slope 2, with noise on one of slope 1, a little above it at the right end."
    " Right: the large rate is down within tens of steps and stays near"
    f" {constant[-1000:, 0].mean():.2f}; the small one arrives after about a thousand steps"
    f" near {constant[-1000:, 1].mean():.4f}; the falling one goes down all the way and"
    " ends lowest.",
)

# %% tags=["hide-input"]
early = [
    constant[50:150, 0].mean(),
    constant[50:150, 1].mean(),
    falling[50:150, 0].mean(),
]
late = [
    constant[-1000:, 0].mean(),
    constant[-1000:, 1].mean(),
    falling[-1000:, 0].mean(),
]
reveal(
    f"Around step 100 the mean loss is {early[0]:.3f} with the large rate, {early[1]:.3f} with the small one and"
    f" {early[2]:.3f} with the falling one. In the last 1,000 steps it is {late[0]:.4f}, {late[1]:.4f} and"
    f" {late[2]:.4f}.",
    right="c",
)

# %% [markdown]
# So RMSProp wants a schedule ({doc}`schedules`). With a falling rate it does what AdaGrad does, and you decide how fast; AdaGrad is even a special case of it ([shown below](#adagrad-as-a-special-case)).
#
# ## Use it

# %% tags=["remove-input"]
use_it("RMSProp")

# %% [markdown]
# ## Going further
#
# ### Windows and half-lives
#
# *You see how much of an average's weight lies inside its window, and how much is older.*
#
# A weight $(1-\alpha)\,\alpha^k$ is half of the first one after $\ln\frac{1}{2} / \ln\alpha \approx 0.69/(1 - \alpha)$ steps: the **half-life**. All weights together make $1 - \alpha^t$, which is 1 in the long run. Weights of 1 for $1/(1-\alpha)$ steps and 0 before would come to the same height and sum; hence the name of the window. In truth about $1 - 1/e$ of the weight lies within it, and the rest is older.

# %% tags=["hide-input"]
show(
    figures.weights((0.9, 0.99)),
    "Weight against age on a logarithmic axis: two falling straight lines. For 0.9 it"
    f" starts at {1 - 0.9:.1f} and falls steeply, for 0.99 it starts at {1 - 0.99:.2f} and"
    " falls slowly. A mark on each line shows the half-life, near"
    f" {math.log(0.5) / math.log(0.9):.0f} and near {math.log(0.5) / math.log(0.99):.0f}.",
)

# %% tags=["hide-input"]
rows = []
for α in (0.9, 0.99, 0.999):
    kept = (1 - α) * α ** torch.arange(20_000, dtype=torch.float64)
    half = (kept > kept[0] / 2).sum()
    window = int(1 / (1 - α) + 0.5)
    age = (kept * torch.arange(20_000)).sum()
    rows.append(
        [f"{α}", f"{window}", f"{half}", f"{age:.0f}", f"{kept[:window].sum():.2f}"]
    )
table(["α", "window", "half-life", "mean age", "weight in the window"], rows)

# %% [markdown]
# ### The floors, measured
#
# *You see how near $h\eta^2/8$ and $\eta\sigma/4$ come to the measured losses, from small rates to large ones.*
#
# The losses are those of the first picture in *The price of forgetting*.

# %% tags=["hide-input"]
say(
    "Measured loss over predicted loss, from the small rates to the large ones: without noise"
    f" {', '.join(f'{r:.2f}' for r in quiet / (rates**2 / 8))}; with noise"
    f" {', '.join(f'{r:.2f}' for r in loud / (rates / 4))}."
)

# %% [markdown]
# ### AdaGrad as a special case
#
# *You see which $\alpha_t$ and which rate turn RMSProp into AdaGrad, checked on random gradients.*
#
# Let $\alpha_t = 1 - 1/t$, so that $v_t = s_t/t$ is the plain mean of all squares, and let the rate be $\eta/\sqrt{t}$. The two $\sqrt{t}$ cancel, and the step is $\eta g/\sqrt{s_t}$. {cite:t}`mukkamala2017` point this out, and prove a guarantee like AdaGrad's on convex functions for every $\alpha_t$ between $1 - \frac{1}{t}$ and $1 - \frac{\gamma}{t}$, with $0 < \gamma \le 1$. For a constant $\alpha$ their proof does not hold; {doc}`adam` shows an example where such an average leads the wrong way.

# %%
ours, theirs = f64(0), f64(0)
v, s = f64(0), f64(0)
for t, g in enumerate(noise[:1000, :1], start=1):
    hyper = PLAIN | {"alpha": 1 - 1 / t, "eps": 0.0, "lr": 1 / math.sqrt(t)}
    ours, v, *_ = RMSProp.update(ours, g, v, 0.0, 0.0, t=t, **hyper)
    theirs, s = AdaGrad.update(theirs, g, s, t=t, lr=1.0, lr_decay=0.0, eps=0.0)

# %% tags=["hide-input"]
say(
    "After 1,000 random gradients RMSProp with α = 1 − 1/t and the rate 1/√t differs"
    f" from AdaGrad by {'less' if (ours - theirs).abs() < 1e-12 else 'more'} than 1e-12."
)

# %% [markdown]
# ### Try it
#
# *You see AdaGrad and RMSProp race in Rosenbrock's valley; their rates, $\alpha$ and the noise are yours to change.*
#
# Rosenbrock's valley: the gradients at the start are far larger than those on its floor. AdaGrad and RMSProp begin at the same point, RMSProp with $\alpha = 0.9$.
#
# :::{predict}
# Which of the two is further down the valley after 200 steps?
#
# - `a`: AdaGrad
# - `b`: RMSProp
# - `c`: neither: they are level
# :::
#
# Let them run for 200 steps. Then raise AdaGrad's rate until it wins: what does its first step look like? Set RMSProp's α to 0.99: what happens to its first step, and why? At the end turn the noise on: which of the two paths trembles more?

# %%
Race("Rosenbrock", methods=("AdaGrad", "RMSProp"), steps=0, goal=1)

# %% tags=["hide-input"]
makers = {
    "AdaGrad": partial(AdaGrad, lr=0.5),
    "RMSProp": partial(RMSProp, lr=0.05, alpha=0.9),
}
ends = {
    name: trajectory(make, rosenbrock, rosenbrock.at_start(), 200)
    for name, make in makers.items()
}
lost = {name: rosenbrock(path[-1]).item() for name, path in ends.items()}
reveal(
    f"From the race's start AdaGrad's loss is at {lost['AdaGrad']:.2g} after 200 steps, RMSProp's at"
    f" {lost['RMSProp']:.2g}. AdaGrad's first step is {(ends['AdaGrad'][1] - ends['AdaGrad'][0]).norm():.2f} long, and it"
    " divides by those first gradients to the end.",
    right="ab"[lost["RMSProp"] < lost["AdaGrad"]],
)

# %% [markdown]
# ### The ancestor: only the sign
#
# *You see why Rprop, which reads signs alone, needs the full batch, and how far RMSProp mends that.*
#
# The slide that introduced RMSProp comes after one about **Rprop** ({cite:t}`riedmiller1993`). Rprop looks at the sign of each entry of the gradient and at nothing else. Every entry has its own step: it grows by the factor 1.2 while the sign stays the same and shrinks by 0.5 when it flips. On the full batch that works well, since a sign can be trusted.
#
# On minibatches it fails, and {cite:t}`tieleman2012` give the reason in one example. Ten minibatches make an epoch. A weight has the gradient $+0.1$ on nine of them and $-0.9$ on one. The sum is zero, so the weight should stay where it is.
#
# :::{predict}
# 300 epochs, each in a new random order: where do plain steps by the sign lead, $x \leftarrow x - \eta \operatorname{sign} g$, and where does RMSProp?
#
# - `a`: both stay near the start, as SGD does
# - `b`: the signs $2{,}400\,\eta$ away; RMSProp much less far, the less the longer its window
# - `c`: both thousands of $\eta$ away: RMSProp divides the size out, too
# :::
#
# For RMSProp take $v$ as constant first: what is $\sqrt{v}$, and what do ten steps add up to?

# %%
rng = torch.Generator().manual_seed(0)
epoch = f64(*[0.1] * 9, -0.9)
orders = [[torch.randperm(10, generator=rng) for _ in range(300)] for _ in range(10)]
batches = torch.stack([epoch[torch.cat(order)] for order in orders], dim=1)
walks = {"steps by the sign": -torch.sign(batches).cumsum(dim=0)}
for α in (0.9, 0.99):
    x, *memory = torch.zeros(4, 10, dtype=torch.float64)
    walk = walks[f"RMSProp, α = {α}"] = torch.empty_like(batches)
    for t, g in enumerate(batches):
        hyper = PLAIN | {"alpha": α, "lr": 1.0}
        walk[t], *memory = RMSProp.update(x, g, *memory, t=t + 1, **hyper)
        x = walk[t]

# %% tags=["hide-input"]
walks["SGD, rate 1/0.3"] = -batches.cumsum(dim=0) / 0.3
show(
    figures.drift({name: walk[:, 0] for name, walk in walks.items()}),
    f"Position over {len(batches):,} steps. Steps by the sign fall along a straight line,"
    " RMSProp with 0.9 much more slowly; with 0.99 it stays level after the start, and SGD"
    f" at 0. They end at {', '.join(f'{w[-1, 0]:,.0f}' for w in walks.values())} in the"
    " order: sign, RMSProp with 0.9, with 0.99, SGD.",
)

# %% tags=["hide-input"]
x = torch.nn.Parameter(f64(0))
rprop = torch.optim.Rprop([x], lr=1.0)  # its steps stay between 1e-6 and 50
for g in batches[:, 0]:
    x.grad = g[None].clone()
    rprop.step()
reveal(
    "After 300 epochs, mean over 10 orders, in units of η: "
    + ", ".join(
        f"{name} {round(walk[-1].mean().item()):,}" for name, walk in walks.items()
    )
    + f". torch's Rprop, whose steps may grow, is at {round(x.item(), -4):,.0f}.",
    right="b",
)

# %% [markdown]
# Nine steps of the sign go one way and one goes back: $-8\eta$ an epoch. RMSProp divides by $\sqrt{v} = \sqrt{(9 \cdot 0.01 + 0.81)/10} = 0.3$, so nine steps of $-\eta/3$ meet one of $+3\eta$, and the sum is 0. What is left of a drift comes from $v$ not being constant: the large gradient raises $v$ *before* it is divided by it, so it is divided by more than the mean. The longer the window, the less a single gradient changes $v$.
#
# This is RMSProp's own description of itself: Rprop for minibatches. Neighbouring minibatches must be divided by *nearly the same* number.

# %% [markdown]
# ### The first steps are too long
#
# *You see how much too far they lead, by formula, what that does to a network, and how it may help.*
#
# $v$ starts at 0, and after $t$ steps its weights sum to $1 - \alpha^t$ only. With a constant gradient $g$
#
# $$\begin{aligned} & v_t = (1 - \alpha^t)\, g^2, \\ & \text{so the step is} \quad \frac{\eta}{\sqrt{1 - \alpha^t}}. \end{aligned}$$
#
# The first one is $\eta / \sqrt{1 - \alpha}$: 3 times too long for $\alpha = 0.9$, 10 times for 0.99, 32 times for 0.999. It lasts for about a window. How much excess is that together? Replace the sum by an integral and write $a = -\ln\alpha$: it is $2 \ln 2 / a$ steps of $\eta$. That is too large, the more so the shorter the window, because the curve is steepest at the first steps. There it behaves like $1/\sqrt{at} - 1$, and for such a start the sum is the integral plus $\zeta(\frac{1}{2})/\sqrt{a} + \frac{1}{2}$, with $\zeta(\frac{1}{2}) = -1.46$ (the formula of Euler and Maclaurin).

# %%
α, v, steps = f64(0.9, 0.99, 0.999), f64(0, 0, 0), []
hyper = PLAIN | {"alpha": α, "lr": 1.0}
for t in range(1, 10_001):
    x, v, *_ = RMSProp.update(f64(0), f64(5), v, 0.0, 0.0, t=t, **hyper)
    steps.append(-x)

# %% tags=["hide-input"]
lengths = dict(zip(α.tolist(), torch.stack(steps).T, strict=True))
show(
    figures.first_steps({α: length[:3000] for α, length in lengths.items()}),
    "Length of the step in units of the rate, both axes logarithmic. The points start at"
    f" {', '.join(f'{length[0]:.1f}' for length in lengths.values())} for 0.9, 0.99 and"
    " 0.999, lie on the curves of the formula, fall with the same slope at first, and reach"
    " the dashed line 1 after about a window each.",
)


# %% tags=["hide-input"]
def excess(α):
    """By the integral alone, and with its correction."""
    whole = 2 * math.log(2) / -math.log(α)
    return whole, whole - 1.4603545 / math.sqrt(-math.log(α)) + 0.5


table(
    ["α", "excess over steps of η", "integral", "corrected"],
    [
        [f"{α}", f"{(length - 1).sum():.0f}", *(f"{e:.0f}" for e in excess(α))]
        for α, length in lengths.items()
    ],
)

# %% [markdown]
# Does it matter? Train a network on the sample of MNIST with torch's default rate, 0.01, once as it is and once with $v_t$ divided by $1 - \alpha^t$. That mend is in Adam ({doc}`adam`), and Adam with $\beta_1 = 0$ is RMSProp with it.
#
# :::{predict}
# Before the first step the loss is 2.3. What is it after the first step at torch's default rate?
#
# - `a`: a little lower
# - `b`: a little higher
# - `c`: more than ten times as high
# :::


# %%
def losses(make, seed):
    net = mlp(784, 64, 10, seed=seed).double()
    history = train(net, load("mnist")[0], make(net.parameters()), 5, seed=seed)
    return history.losses


makers = {
    "RMSProp": lambda p: RMSProp(p, lr=0.01),
    "corrected": lambda p: Adam(p, lr=0.01, betas=(0, 0.99)),
}
runs = {name: [losses(make, s) for s in range(3)] for name, make in makers.items()}

# %% tags=["hide-input"]
fifth = max(sum(run[48:]) / 12 for three in runs.values() for run in three)
table(
    ["loss before step", "1", "2", "3", "mean of the fifth epoch"],
    [
        [name]
        + [", ".join(f"{run[t]:.2g}" for run in three) for t in (0, 1, 2)]
        + ["each below 0.5" if fifth < 0.5 else "not all below 0.5"]
        for name, three in runs.items()
    ],
)

# %% [markdown]
# :::{answer} c
# Three seeds in each place. The first step throws the network far off. In four epochs (48 steps) it has recovered, so here the damage is short.
# :::
#
# Whether a deeper network would recover too, this run does not say. You can correct the step, or let the rate rise slowly at the start (a warm-up, {doc}`schedules`).
#
# Long first steps can also help by accident: they are a rate that falls. Take the minimum *at rest* once more, where RMSProp with 0.99 did better than SGD.
#
# :::{predict}
# What is left of that when $v$ is corrected?
#
# - `a`: all of it
# - `b`: a half
# - `c`: nothing: SGD is ahead
# :::


# %%
def corrected(x, g, v, *, t, lr, alpha):
    v = alpha * v + (1 - alpha) * g**2
    return x - lr * g / (torch.sqrt(v / (1 - alpha**t)) + 1e-8), v


still = objectives["at rest"]

# %% tags=["hide-input"]
error, _ = errors(follow(corrected, 1, still, alpha=0.99), still)
behind = (error > ran["SGD", "at rest"]).sum()
reveal(
    f"At rest, each at its best rate: SGD {ran['SGD', 'at rest'].mean():.3f}, RMSProp"
    f" {ran[slow, 'at rest'].mean():.3f}, corrected {error.mean():.3f}. Corrected, it is"
    f" behind SGD in {behind} of {TASKS} tasks. Nothing is left: with equal steps from the first on, dividing by √v"
    " loses against SGD here as well.",
    right="c" if error.mean() > ran["SGD", "at rest"].mean() else "b",
)

# %% [markdown]
# ### Which variant is this?
#
# *You see what the place of $\varepsilon$ changes, what centring does to steady gradients, and whose momentum torch has.*
#
# #### ε inside or outside the root
#
# torch, and this book, divide by $\sqrt{v} + \varepsilon$. Keras divides by $\sqrt{v + \varepsilon}$, and so does optax unless you set `eps_in_sqrt=False`. At $v = 0$ the divisor is $\varepsilon$ in the first form and $\sqrt{\varepsilon}$ in the second: $10^{-8}$ against $10^{-4}$ for the same $\varepsilon = 10^{-8}$.
#
# :::{predict}
# For steady gradients of which sizes do the two forms differ by more than a percent?
#
# - `a`: only below $10^{-8}$, which is $\varepsilon$
# - `b`: for all
# - `c`: below about $10^{-3}$
# :::
#
# How long is a step for $g = 10^{-6}$?

# %%
sizes = 10 ** torch.arange(-10, -1.5, 0.5, dtype=torch.float64)
ε = 1e-8
steps_of = {
    "outside, √v + ε": sizes / (sizes + ε),
    "inside, √(v + ε)": sizes / torch.sqrt(sizes**2 + ε),
}

# %% tags=["hide-input"]
show(
    figures.epsilon(sizes, steps_of),
    "Length of the step against the size of the gradient, both axes logarithmic. Both are"
    f" 1 at the right. With the number outside, the step is halved at {ε:.0e} and shrinks"
    f" below that. Inside, it has fallen by a root of two at {ε**0.5:.0e} already, and"
    " runs far below the other from there to the left.",
)

# %% tags=["hide-input"]
reveal(
    f"Below {math.sqrt(ε / (1.01**2 - 1)):.0e}. A step with ε outside the root is {ratios[1e-6]:.0f} times as long as with ε inside for g = 1e-6,"
    f" {ratios[1e-4]:.2f} times for 1e-4 and {ratios[1e-2]:.2f} times for 1e-2.",
    right="c",
)

# %% [markdown]
# The same name with the same numbers is another optimizer wherever gradients are below about $10^{-3}$. Networks have such entries. When you port a setting from the one form to the other, $\varepsilon$ outside corresponds to $\varepsilon^2$ inside: there they agree at $v = 0$ and for large $v$.
#
# Neither is right or wrong. A large $\varepsilon$ holds entries with tiny gradients back, which may only be noise. A small one lets them move as fast as all others.
#
# #### Centred
#
# {cite:t}`graves2013` divides by an estimate of the *standard deviation*. Keep the average $a$ of $g$ beside the average $v$ of $g^2$; then $v - a^2$ estimates the variance, and the line
#
# `a = alpha * a + (1 - alpha) * g if centered else 0.0`
#
# switches it on. If the gradient is 1 on average with a standard deviation of $r$, then $\sqrt{v} = \sqrt{1 + r^2}$ and the centred divisor is $r$. So a gradient that is steady compared with its noise gets longer steps, $1/r$ of them. It is trusted more.

# %%
noises = torch.randn(3000, 200, generator=rng, dtype=torch.float64)


def mean_step(r, centered):
    x, *memory = torch.zeros(4, 200, dtype=torch.float64)
    path, hyper = [], PLAIN | {"centered": centered, "lr": 1.0}
    for t, noise_t in enumerate(noises, start=1):
        x, *memory = RMSProp.update(x, 1 + r * noise_t, *memory, t=t, **hyper)
        path.append(x.mean())
    return f"{(path[999] - path[-1]) / 2000:.2f}"


rows = []
for r in (3, 1, 0.3, 0.1):
    plain, centred_step = mean_step(r, False), mean_step(r, True)
    rows.append(
        [f"{r}", plain, f"{1 / math.sqrt(1 + r * r):.2f}", centred_step, f"{1 / r:.2f}"]
    )

# %% tags=["hide-input"]
table(["r", "plain", "1/√(1 + r²)", "centred", "1/r"], rows)

# %% [markdown]
# And if the gradient does not vary at all? With $v_0 = a_0 = 0$ and a constant $g$ the averages are $v_t = (1 - \alpha^t)\,g^2$ and $a_t = (1 - \alpha^t)\,g$. Their difference is
#
# $$v_t - a_t^2 = (1 - \alpha^t)\,\alpha^t\, g^2,$$
#
# which goes to 0, and the step to $\eta\,\alpha^{-t/2}$. It grows exponentially. In exact arithmetic that ends at $\eta g/\varepsilon$. In floats it ends earlier. $v$ and $a^2$ agree in more and more digits, and once $\alpha^t$ is below the unit roundoff, the difference is rounding alone ({doc}`/1-numbers/conditioning`). It may be negative. torch then takes the root and has nan; ours counts what rounding leaves below 0 as 0, and steps by $\eta g/\varepsilon$.
#
# :::{predict}
# In float32, with $\alpha = 0.99$: at about which step can rounding make the difference negative?
#
# - `a`: near step 100, the window
# - `b`: near step 1,700
# - `c`: near step 100,000
# :::

# %%
gradients = torch.randn(1000, generator=rng)


def centred(make, steps):
    x = torch.nn.Parameter(torch.zeros_like(gradients))
    optimizer, moves = make([x]), []
    for _ in range(steps):
        before, x.grad = x.detach().clone(), gradients.clone()
        optimizer.step()
        moves.append((x.detach() - before).abs())
    return torch.stack(moves)


moves = {
    f"{name}, centred": centred(lambda p, m=m: m(p, lr=1.0, centered=True), 1800)
    for name, m in (("ours", RMSProp), ("torch's", torch.optim.RMSprop))
}

# %% tags=["hide-input"]
t = torch.arange(1, 1801, dtype=torch.float64)
early = {name: move[:800].median(dim=1).values for name, move in moves.items()}
formula = ((1 - 0.99**t) * 0.99**t).rsqrt()[:800]
show(
    figures.steady({"ours, centred": early["ours, centred"], "by formula": formula}),
    "Length of the step over 800 steps, on a logarithmic axis. It starts at"
    f" {formula[0]:.0f}, falls to {formula.min():.0f} near step {formula.argmin():.0f} and"
    f" then grows along a straight line to about {formula[-1]:.0f}. The curve of the"
    " formula lies on it.",
)


# %% tags=["hide-input"]
def part(bad):
    share = bad.double().mean()
    some = "some, fewer than half" if share < 0.5 else "more than half"
    return some if share > 0 else "none"


ours, theirs = moves.values()
leapt = (ours > 1e6).any(dim=0)  # in units of η, which is 1
reveal(
    "Of 1,000 entries with constant gradients in float32, nan with torch: after 800 steps"
    f" {part(theirs[799].isnan())}, after 1,800 {part(theirs[-1].isnan())}; nan with ours:"
    f" {part(ours.isnan().any(dim=0))}, and steps of more than 1e6 η: {part(leapt)}."
    f" $\\alpha^t$ is down to $2^{{-24}}$ at step"
    f" {24 * math.log(2) / -math.log(0.99):,.0f}; rounding errors add up, so the first"
    " negative difference may come some hundred steps earlier.",
    right="b",
)

# %% [markdown]
# torch's nan does not go away: $x$ itself is nan from then on. Ours stays finite and leaps, which the loss shows at once. Neither is of use: a gradient without variance has no centred step. In a network a gradient that is constant to seven digits for a thousand steps is rare, but there are such entries: the bias of a logit in a loss that is linear in it, or a penalty $\lambda |w|$ on a weight that nothing else moves. An $\varepsilon$ outside the root is no protection: nan plus $\varepsilon$ is nan, and 0 plus $\varepsilon$ is tiny. In {cite:t}`graves2013` it stands inside, and is $10^{-4}$: that protects, as long as the rounding error of $v$ is smaller.
#
# #### With momentum: whose?
#
# With `momentum` above 0 the line for `b` becomes an average of scaled gradients, and $x$ follows it. Write $u = g / (\sqrt{v} + \varepsilon)$. Then
#
# $$b \leftarrow \mu\, b + u, \qquad x \leftarrow x - \eta\, b,$$
#
# which is Polyak's momentum ({doc}`momentum`) applied to $u$ in place of $g$. "RMSprop with momentum in torch is Nesterov's", you may read. Nesterov's form would look ahead: $x \leftarrow x - \eta\,(\mu\, b + u)$ with the new $b$ ({doc}`nesterov`). Run both against torch.


# %%
class LooksAhead(RMSProp):
    @staticmethod
    def update(x, g, v, a, b, *, t, lr, alpha, eps, momentum):
        v = alpha * v + (1 - alpha) * g**2
        u = g / (torch.sqrt(v) + eps)
        b = momentum * b + u
        x = x - lr * (momentum * b + u)
        return x, v, a, b


# %% tags=["hide-input"]
hyper = {"lr": 1e-4, "momentum": 0.9}
polyak, nesterov = (
    difference(
        lambda p, rule=rule: rule(p, **hyper),
        lambda p: torch.optim.RMSprop(p, **hyper),
    )
    for rule in (RMSProp, LooksAhead)
)
evidence(
    "F14",
    "false",
    f"After two epochs Nesterov's form differs from torch.optim.RMSprop by {nesterov:.1f} of the largest weight, Polyak's"
    f" by {'less' if polyak < 1e-12 else 'more'} than 1e-12.",
    "Read torch's RMSprop with momentum as a heavy ball on the scaled gradient, and port it as one.",
    "A small network, momentum 0.9, the same minibatches.",
)

# %% [markdown]
# Keras keeps plain momentum as well, with the rate *inside* the average: $b \leftarrow \mu b + \eta u$. At a constant rate that is the same; under a schedule it is not ({doc}`momentum`). optax has a switch `nesterov`.

# %% [markdown]
# ### In PyTorch
#
# *You see ours agree with torch's, what each option does, and how many bytes each variant remembers.*
#
# `torch.optim.RMSprop(model.parameters(), lr=0.01)`. Train a small network in float64 with both: at the defaults, centred, and with everything set.

# %% tags=["hide-input"]
settings = {
    "defaults": {},
    "centred": {"centered": True, "lr": 1e-3},
    "all set": {
        "lr": 1e-3,
        "alpha": 0.9,
        "eps": 1e-6,
        "weight_decay": 0.01,
        "momentum": 0.5,
        "centered": True,
    },
}
gaps = [
    difference(
        lambda p, o=options: RMSProp(p, **o),
        lambda p, o=options: torch.optim.RMSprop(p, **o),
    )
    for options in settings.values()
]
bound = "below 1e-12" if max(gaps) < 1e-12 else "above 1e-12"
say(f"After two epochs the largest relative difference of any weight is {bound}.")

# %% [markdown]
# | option of `torch.optim.RMSprop` | what it does | ours |
# |:--|:--|:--|
# | `lr` | $\eta$; 0.01 unless set | the same |
# | `alpha` | $\alpha$, the share of $v$ that is kept; 0.99 unless set | the same |
# | `eps` | $\varepsilon$, outside the root; $10^{-8}$ unless set | the same |
# | `weight_decay` | adds $\lambda x$ to the gradient, and so to $v$ as well ({doc}`adamw`) | the same |
# | `momentum` | $\mu$ of Polyak's momentum on the scaled gradient; 0 unless set | the same |
# | `centered` | divides by $\sqrt{v - a^2}$ in place of $\sqrt{v}$ | the same, where rounding leaves it at least 0 |
# | `maximize` | climbs | the same |
# | `foreach` | one call for all tensors in place of a loop | left out: `engine="compiled"` does more |
# | `capturable` | lets a CUDA graph record the step | left out: no chapter needs it |
# | `differentiable` | lets autograd through the step itself | left out: no chapter needs it |
#
# There is no `fused` here: of one pass over memory, written by hand, torch has none for RMSprop.

# %% tags=["hide-input"]
memory_rows = []
for title, options in {
    "plain": {},
    "centred": {"centered": True},
    "momentum": {"momentum": 0.9},
    "both": {"centered": True, "momentum": 0.9},
}.items():
    pair = partial(RMSProp, **options), partial(torch.optim.RMSprop, **options)
    memory_rows.append([title, *(f"{state_bytes_of(make):.0f}" for make in pair)])
table(["bytes of state for each float32 parameter", "ours", "torch's"], memory_rows)

# %% [markdown]
# One float32 has 4 bytes: plain RMSProp remembers $v$, centring adds $a$, momentum adds $b$. Set `engine="compiled"` when the model has millions of parameters and the step is a visible share of the time. It is the only way to a single pass over memory here, and it costs some seconds at the first step.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: back to normal (★)
#
# For thousands of steps the gradients of a weight have had the size 50. From now on their size is 1, and $\alpha = 0.95$. After how many steps is $v$ down to 2? Compute it with $\ln\alpha$, without the approximation.

# %%
answer = ...
check("3-first-order/rmsprop-recovery", answer)

# %% tags=["remove-input"]
solution("3-first-order/rmsprop-recovery")

# %% [markdown]
# ### Exercise 2: hovering (★)
#
# A loss is $\frac{1}{2} h x^2$ with $h = 8$, without noise. RMSProp runs at the constant rate $\eta = 0.02$ until it jumps to and fro. What is the loss then?

# %%
answer = ...
check("3-first-order/rmsprop-floor", answer)

# %% tags=["remove-input"]
solution("3-first-order/rmsprop-floor")

# %% [markdown]
# ### Exercise 3: read the plot (★)
#
# In the picture of the two ε, how much longer is the step with ε outside than with ε inside, for a gradient of $10^{-5}$?
#
# - `a`: equally long
# - `b`: about 3 times
# - `c`: about 10 times
# - `d`: about 1,000 times

# %%
answer = ...
check("3-first-order/rmsprop-read-eps", answer)

# %% tags=["remove-input"]
solution("3-first-order/rmsprop-read-eps")

# %% [markdown]
# ### Exercise 4: another RMSProp (★★)
#
# Write `moves(grads, lr, alpha, eps)`, which returns the moves of $x$ for given gradients, both of shape $(T, n)$. It differs from ours in two places: $\varepsilon$ stands under the root, and $v$ starts at $g_1^2$, so that the first step is not too long. The first gradient must be counted once: after the first step $v = g_1^2$.


# %%
def moves(grads, lr, alpha, eps): ...


check("3-first-order/rmsprop-another", moves)

# %% tags=["remove-input"]
solution("3-first-order/rmsprop-another")

# %% [markdown]
# ### An open experiment (★★★)
#
# One α remembers too long, another too short. Keep two averages, with α = 0.9 and 0.99, and divide by the root of the smaller one, or of the larger one. Which of the two does better in each of the three objectives, and does either beat the better single α? Write down what you expect first. There is no answer here.
#
# ## Summary
#
# - RMSProp divides by the root of an exponential average of squares. After large gradients the rate recovers in about $\frac{2}{1-\alpha} \ln \frac{G}{g}$ steps, where AdaGrad needs $G^2/g^2$ after a single large one. That pays where the size of the gradients changes.
# - Forgetting has a price. At a constant rate the loss hovers, near $h\eta^2/8$ without noise and near $\eta\sigma/4$ with it, and the first steps are $1/\sqrt{1-\alpha}$ times too long. Let the rate fall, and warm it up or correct it.
# - The name is not enough: ε outside or inside the root, centred or not, and momentum, which is Polyak's in torch, make different methods.
#
# ## References
#
# - {cite:t}`tieleman2012`: the slide with RMSProp, Rprop and the nine minibatches against one.
# - {cite:t}`riedmiller1993`: Rprop.
# - {cite:t}`graves2013`: centred, with momentum, for generating handwriting.
# - {cite:t}`mukkamala2017`: which averages keep a guarantee, and AdaGrad as a special case.
# - {cite:t}`duchi2011`: AdaGrad.
