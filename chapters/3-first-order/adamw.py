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
# # AdamW
#
# You want small weights, so you add $\frac{1}{2}\lambda \lVert x \rVert^2$ to the loss, as people did long before Adam. Then you train with Adam, and it does not do what you asked for: it divides the gradient, penalty and all, by its size. AdamW takes the decay out of the gradient again.
#
# (try-it)=
# Three weights are 1, and the gradients of the loss are 100, 1 and 0.01. Take one step of Adam. Now add a penalty with $\lambda = 0.5$, whose gradient $\lambda x$ is 0.5 for each: start again, set the gradients to 100.5, 1.5 and 0.51, and take the step once more.
#
# :::{predict}
# What does the penalty change in this step?
#
# - `a`: each weight moves 0.05 further down, the share $\eta\lambda$
# - `b`: nothing
# - `c`: the weight with the smallest gradient moves furthest
# :::

# %% tags=["hide-input"]
import math
from functools import partial
from statistics import fmean

import torch
from torch import nn
from torch.nn.functional import cross_entropy

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
from book.explorers import OneStep
from book.figures import adamw as figures
from book.numerics.vector import f64
from book.optim import SGD, Adam, AdamW, Momentum, state_bytes_of
from book.optim.engine import advance
from book.optim.schedules import cosine
from book.training.data.load import load
from book.training.run.loop import evaluate, train
from book.training.surface.side_by_side import difference

# %% tags=["hide-input"]
OneStep("Adam")

# %% tags=["hide-input"]
moves = {}
for penalty in (0, 0.5, 50):
    x = nn.Parameter(f64(1, 1, 1))
    optimizer, x.grad = Adam([x], lr=0.1), f64(100, 1, 0.01) + penalty
    optimizer.step()
    moves[penalty] = 1 - x.detach()
change = max((moves[λ] - moves[0]).abs().max().item() for λ in moves)
reveal(
    f"Nothing: each weight moves by {moves[0][0]:.1f}, with the penalty and without, and with a λ of"
    f" {max(moves)} as well. Now choose **AdamW**. Its first line is the decay: it takes the share ηλ"
    " of each weight (λ is 0.01 there), and asks for no gradient.",
    right="b" if change < 1e-5 else "a",
)

# %% [markdown]
# **You will**
#
# - predict how fast a weight decays in Adam, from the size of its gradients, and check the forecast;
# - show where "L2 is weight decay" is true, and by how much it fails elsewhere;
# - choose $\lambda$ by its time scale and its bound $1/\lambda$, and decide which parameters it leaves alone.
#
# **You need** three facts:
#
# - Adam steps by $\eta\, \hat m / (\sqrt{\hat v} + \varepsilon)$, a mean of gradients over the root of a mean of their squares, and so by at most about $\eta$ ({doc}`adam`);
# - momentum adds gradients up, $b \leftarrow \mu b + g$: one that stays the same counts $1/(1 - \mu)$ times ({doc}`momentum`);
# - the gradient of $\frac{1}{2}\lambda \lVert x \rVert^2$ is $\lambda x$ ({doc}`/2-derivatives/gradient`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $x$, $x_i$, $x_t$ | shape $(n,)$; number | the parameters; entry $i$; after step $t$ |
# | $g$ | shape of $x$ | the gradient of the loss |
# | $\nabla f$, $f$ | $(n,)$; number | the gradient of a function; the function |
# | $\eta$, $\eta_t$ | number | the learning rate; that of step $t$ |
# | $\lambda$, $\lambda'$ | number | the weight decay, or the factor of the penalty; the paper's, $\lambda' = \alpha\lambda$ |
# | $s$ | number | the size of a gradient's noise. In the paper's form $s_t$ is a schedule's multiplier |
# | $m$, $\hat m$, $v$, $\hat v$ | shape of $x$ | Adam's averages of the gradients and of their squares; with a hat: corrected for their start |
# | $\beta_1$, $\beta_2$, $\varepsilon$ | numbers | the shares of $m$ and of $v$ that are kept; the small number beside the root |
# | $b$, $\mu$ | shape of $x$; number | the velocity of momentum, and the share of it that is kept |
# | $r$ | number | the factor that a step ends up multiplying by |
# | $\alpha$ | number | the paper's base rate |
# | $w$, $c$, $n$ | shape $(n,)$; numbers | a weight before a normalisation; a factor that scales it; its number of entries |
# | $t$ | number | the step |
# :::
#
# ## One penalty, five weights
#
# Take many steps, and five kinds of weight, 200 of each. The loss does not care about any of them: their gradients are noise around zero, of a size $s$ of 0.01, 0.1, 1, 10 or 100. All weights start at 1. The penalty's gradient $\lambda x$ is added to the noise, the usual {term}`L2 regularisation`, with $\lambda = 0.5$ and $\eta = 0.002$.
#
# :::{predict}
# A penalty that asks all weights alike should shrink all of them alike. Which of the five shrink first in Adam?
#
# - `a`: all five alike
# - `b`: those with the largest gradients
# - `c`: those with the smallest gradients
# :::

# %%
sizes, η, λ, steps = f64(0.01, 0.1, 1, 10, 100), 0.002, 0.5, 2000


def mean_weights(make):
    rng = torch.Generator().manual_seed(0)
    x = nn.Parameter(torch.ones(200, 5, dtype=torch.float64))
    optimizer, path = make([x]), [x.detach().mean(0)]
    for _ in range(steps):
        x.grad = sizes * torch.randn(200, 5, generator=rng, dtype=torch.float64)
        optimizer.step()
        path.append(x.detach().mean(0))
    return torch.stack(path)


# %% tags=["hide-input"]
l2 = mean_weights(partial(Adam, lr=η, weight_decay=λ))
decoupled = mean_weights(partial(AdamW, lr=η, weight_decay=λ))
show(
    figures.shrinking(
        {"L2 in Adam's gradient": l2, "AdamW": decoupled}, sizes.tolist()
    ),
    "Left, five curves that start at 1 and fan out. For gradients of size 0.01 and 0.1"
    " the weights fall in a straight line at first, then level off, and reach 0; with sizes"
    f" 1, 10 and 100 they end at {', '.join(f'{x:.2f}' for x in l2[-1, 2:])}. Right, with"
    f" AdamW: all five lie on one falling curve that ends near {decoupled[-1].mean():.2f}.",
)

# %% [markdown]
# :::{answer} c
# In Adam's gradient the penalty acts backwards. The weights with the largest gradients, which need the brake most, keep nearly everything. With AdamW all five decay alike.
# :::
#
# ## On one screen

# %% tags=["remove-input"]
one_screen("AdamW")

# %% [markdown]
# ## The rate at which L2 decays in Adam
#
# Let an entry's gradient be noise of mean 0 and standard deviation $s$, plus $\lambda x$. Adam averages both. The average $\hat m$ has the mean $\lambda x$, and $\hat v$ is near $s^2 + \lambda^2 x^2$. So the mean step is
#
# $$-\eta\, \frac{\lambda x}{\sqrt{s^2 + \lambda^2 x^2}}.$$
#
# Two ends are simple.
#
# - **Gradients far larger than the penalty.** The step is $-\frac{\eta\lambda}{s}\, x$: decay with the rate $\eta\lambda/s$. A hundred times the gradient, a hundredth of the decay.
# - **Gradients far smaller.** The step is $-\eta \operatorname{sign}(x)$. The penalty is all that Adam sees, and $\lambda$ has gone from the formula.
#
# Check the first. To see the decay alone, run the same noise with $\lambda = 0$ and take the difference. The column *predicted* applies the formula for the mean step 2,000 times.

# %%
drift = l2 - mean_weights(partial(Adam, lr=η))
predicted = torch.ones_like(sizes)
for _ in range(steps):
    predicted = predicted - η * λ * predicted / (sizes**2 + (λ * predicted) ** 2).sqrt()

# %% tags=["hide-input"]
rows = [
    [f"{s:g}", f"{-d:.3f}", f"{1 - p:.3f}", f"{1 - math.exp(-η * λ * steps / s):.3f}"]
    for s, d, p in zip(sizes[2:], drift[-1, 2:], predicted[2:], strict=True)
]
table(["size s", "share decayed", "predicted", "from the rate ηλ/s"], rows)

# %% [markdown]
# For 10 and 100 the simple rate is enough. At $s = 1$ the penalty is at first half as large as the noise, and only the full formula fits.
#
# Now the other end. Take the noise away and start at 1 with three penalties, each a hundred times the one before.
#
# :::{predict}
# How far down from 1 does each of the three weights go in 200 steps with $\eta = 0.002$?
#
# - `a`: the largest penalty to 0, the smallest hardly at all
# - `b`: all three to about 0.6
# - `c`: all three to 0
# :::


# %%
def alone(make, steps, gradient=0.0, start=1.0):
    x = nn.Parameter(f64(start))
    optimizer = make([x])
    for _ in range(steps):
        x.grad = torch.full_like(x, gradient)
        optimizer.step()
    return x.item()


ends = {
    λ: [alone(partial(m, lr=η, weight_decay=λ), 200) for m in (Adam, AdamW)]
    for λ in (0.005, 0.5, 50)
}

# %% tags=["hide-input"]
table(
    ["λ", "after 200 steps, L2 in Adam", "AdamW", "(1 − ηλ)²⁰⁰"],
    [
        [f"{λ:g}", *(f"{x:.4f}" for x in (*e, (1 - η * λ) ** 200))]
        for λ, e in ends.items()
    ],
)

# %% [markdown]
# :::{answer} b
# L2 in Adam takes the same 200 steps of almost $\eta$ for all three. (Almost: as $x$ shrinks, $v$ still remembers the larger penalty.)
# :::
#
# So a weight without gradients, as from a pixel that is always black, goes to zero at full speed. AdamW does what you asked for: $(1 - \eta\lambda)^t$.
#
# ## The formula
#
# Keep the decay out of $m$ and $v$: shrink the weight, then take Adam's step with the gradient of the loss alone ({cite:t}`loshchilov2019`).

# %% tags=["hide-input"]
show_source(AdamW.update)

# %% [markdown]
# ## Where L2 is weight decay
#
# For plain SGD the two are the same. {term}`Weight decay <weight decay>` multiplies each weight by $1 - \eta\lambda$ at each step ({cite:t}`hanson1988`, {cite:t}`krogh1991`). L2 adds $\lambda x$ to the gradient $g$. With SGD
#
# $$x - \eta\,(g + \lambda x) = (1 - \eta\lambda)\, x - \eta\, g.$$
#
# With **momentum** they no longer are: the penalty goes through the velocity, which adds up $1/(1 - \mu)$ gradients. With $\mu = 0.9$ a weight shrinks ten times as fast as with decay ([exactly](#l2-with-momentum)). But momentum is linear, so one factor nearly mends it: give decay the $\lambda/(1 - \mu)$ that L2 has in effect. Adam is not linear.
#
# To compare, you need both kinds for each method. Decoupled decay is two lines around any rule:


# %%
class SGDW(Momentum):
    @staticmethod
    def update(x, g, b, *, t, lr, momentum, weight_decay):
        x = x - lr * weight_decay * x
        return Momentum.update(x, g, b, t=t, lr=lr, momentum=momentum)


# %% [markdown]
# :::{predict}
# Two networks, one with L2 and one with decay, after ten epochs with $\lambda = 0.1$. With Adam and the same $\lambda$: how large is the largest difference between the weights, relative to the largest weight?
#
# - `a`: below 1e-12, as with SGD
# - `b`: a few per cent
# - `c`: more than half
# :::


# %% tags=["hide-input"]
class DecoupledSGD(SGD):
    @staticmethod
    def update(x, g, *, t, lr, weight_decay):
        return SGD.update(x - lr * weight_decay * x, g, t=t, lr=lr)


def apart(l2, decay, lr, λ=0.1, factor=1):
    pair = (
        partial(l2, lr=lr, weight_decay=λ),
        partial(decay, lr=lr, weight_decay=factor * λ),
    )
    return difference(*pair, epochs=10)


μ = 0.9  # the default of both
same = apart(SGD, DecoupledSGD, 0.1)
gap = {
    "momentum, the same λ": apart(Momentum, SGDW, 0.01),
    "momentum, decay with λ/(1 − μ)": apart(Momentum, SGDW, 0.01, factor=1 / (1 - μ)),
    "Adam, the same λ": apart(Adam, AdamW, 1e-3),
    "Adam, decay with 10 λ": apart(Adam, AdamW, 1e-3, factor=10),
}
gaps = table(
    ["L2 against decay", "largest difference"],
    [["SGD", "below 1e-12" if same < 1e-12 else "larger than rounding"]]
    + [[name, f"{value:.0%}"] for name, value in gap.items()],
)
reveal(
    f"**{gap['Adam, the same λ']:.0%}**, and a factor of 10 for the decay does not mend it. With momentum it does, to"
    f" {gap['momentum, decay with λ/(1 − μ)']:.0%}.\n\n{gaps.data}",
    right="c" if gap["Adam, the same λ"] > 0.5 else "b",
)

# %% tags=["hide-input"]
evidence(
    "F19",
    "false",
    f"With Adam the two train to weights that differ by {gap['Adam, the same λ']:.0%}, with SGD by"
    f" {'less than 1e-12' if same < 1e-12 else 'more than rounding'}.",
    "With Adam take AdamW, and choose λ anew by its time scale: one tuned for L2 does not carry over.",
    f"With momentum {μ:g} they differ by {gap['momentum, the same λ']:.0%} (by"
    f" {gap['momentum, decay with λ/(1 − μ)']:.0%} if decay gets λ/(1 − μ)). In Adam, gradients of size 1, 10 and 100"
    f" let L2 take {-drift[-1, 2]:.0%}, {-drift[-1, 3]:.0%} and {-drift[-1, 4]:.0%} of a"
    f" weight in 2,000 steps; decoupled decay takes {1 - decoupled[-1].max():.0%} to"
    f" {1 - decoupled[-1].min():.0%} of each.",
)

# %% [markdown]
# ## Where AdamW comes to rest
#
# With L2 every method rests where $\nabla f(x) + \lambda x = 0$, the minimum of loss plus penalty. AdamW minimises no such sum. It rests where decay and step cancel:
#
# $$\lambda\, x_i = -\frac{\hat m_i}{\sqrt{\hat v_i} + \varepsilon}.$$
#
# The right side is hardly ever larger than 1 in size. So AdamW keeps each weight between about $-1/\lambda$ and $1/\lambda$ ({cite:t}`xie2024`). With $\lambda = 0.01$ that is a bound of 100, with $\lambda = 1$ a bound of 1. Test it with the worst case: a gradient that always pulls the same way.
#
# :::{predict}
# Where does a weight end under gradients of $-0.001$, $-1$ and $-1000$ with $\lambda = 0.5$ and AdamW?
#
# - `a`: at 0.002, 2 and 2000: $-g/\lambda$
# - `b`: at 2 in all three cases
# - `c`: near 0 under the weakest, at 2 under the strongest
# :::

# %%
pulls = (-0.001, -1.0, -1000.0)
rests = {
    name: [alone(partial(m, lr=0.01, weight_decay=0.5), 4000, g, 0.0) for g in pulls]
    for name, m in (("SGD with L2", SGD), ("AdamW", AdamW))
}

# %% tags=["hide-input"]
table(
    ["rests at, for a gradient of", *(f"{g:g}" for g in pulls)],
    [[name, *(f"{x:.3f}" for x in values)] for name, values in rests.items()],
)

# %% [markdown]
# :::{answer} b
# AdamW rests at the bound, however weak the pull; SGD with L2 at $-g/\lambda$.
# :::
#
# What decides is how *constant* a gradient is, not how large: if it is mostly noise, $\hat m / \sqrt{\hat v}$ is far below 1, and the weight rests far inside.
#
# ## How long is a decay?
#
# Decay alone leaves $(1 - \eta\lambda)^t \approx e^{-\eta\lambda t}$ of a weight. The time scale is $1/(\eta\lambda)$ steps, the half-life $\ln 2/(\eta\lambda)$ steps. Seen backwards, a weight is an average over about its last $1/(\eta\lambda)$ updates ({cite:t}`wang2024`). An epoch of MNIST at batch size 128 has 469 steps.

# %% tags=["hide-input"]
rows = []
for η, λ in ((1e-3, 0.01), (1e-3, 0.1), (1e-3, 1.0), (3e-4, 0.1)):
    half, left = math.log(0.5) / math.log1p(-η * λ), (1 - η * λ) ** 4690
    row = [f"{η:g}", f"{λ:g}", f"{1 / (η * λ):,.0f}"]
    rows.append([*row, f"{half / 469:.1f}", f"{left:.1%}"])
heads = ["1/ηλ, steps", "half-life, epochs of MNIST", "left after 10 epochs"]
table(["η", "λ", *heads], rows)

# %% [markdown]
# The first row is torch's default: in ten epochs it does next to nothing. If you switch from Adam to AdamW and see no difference, this is why. A time scale far longer than the training means no decay; with one of a few epochs the network forgets what it learned before.
#
# ## Experiment: are the rate and the decay less entangled?
#
# The paper's selling point is a picture: over rates and decays, the good region of Adam with L2 lies on a diagonal, and AdamW's along the axes. Then you could tune the two one after the other.
#
# A stored run made the picture small: a network $784 \to 32 \to 10$, trained on only 1,000 images of MNIST for 50 epochs at a constant rate, so that it overfits and decay has something to do. Each cell is the loss on the 10,000 test images, the mean of three seeds, for five rates and nine decays.
#
# :::{predict}
# Where does the best decay lie as the rate grows?
#
# - `a`: it goes down the diagonal, in both: the share $\eta\lambda$ of a step is what counts
# - `b`: down the diagonal in Adam; at the same $\lambda$ in AdamW
# - `c`: near the same $\lambda$ in both
# :::

# %% tags=["hide-input"]
measured = results.load("decay")["results"]
rates, methods = measured["rates"], measured["methods"]
grids = {
    title: (methods[name]["decays"], methods[name]["test_loss"])
    for title, name in (("Adam, L2 in the gradient", "Adam"), ("AdamW", "AdamW"))
}
show(
    figures.grids(rates, grids),
    "Two grids of losses, rate across and decay upwards, darker where lower. In both the"
    " dark cells form a horizontal band and not a diagonal. In Adam's the band pales"
    " towards large rates and its frames move up by half a decade; in AdamW's the"
    " frames stand at λ = 1 for all rates but the smallest, where they stand at none.",
)


# %% [markdown]
# :::{answer} c
# Not a diagonal, in either. AdamW's best $\lambda$ is the same over the upper four rates, one and a half decades. Adam's moves up by half a decade, within the range of its seeds ([the grid in numbers](#the-grid-in-numbers)).
# :::
#
# So the share $\eta\lambda$ of a step is not what counts: where a network has time to settle, the balance of decay and step contains $\lambda$ and no $\eta$.
#
# Is AdamW less entangled? Tune the decay once, at $\eta = 0.001$, and then change the rate:

# %% tags=["hide-input"]
means = {
    name: [[fmean(seeds) for seeds in row] for row in method["test_loss"]]
    for name, method in methods.items()
}
usual = {name: rows[rates.index(1e-3)] for name, rows in means.items()}
kept = {name: row.index(min(row)) for name, row in usual.items()}
seeds = {
    name: [row[kept[name]] for row in method["test_loss"]]
    for name, method in methods.items()
}
pairs = zip(rates, seeds["Adam"], seeds["AdamW"], strict=True)
above = [f"{rate:g}" for rate, adam, adamw in pairs if min(adam) > max(adamw)]
say(
    table(
        ["loss, λ tuned at 0.001", *(f"{rate:g}" for rate in rates)],
        [
            [
                f"{name}, λ = {methods[name]['decays'][kept[name]]:g}",
                *(f"{fmean(losses):.2f}" for losses in row),
            ]
            for name, row in seeds.items()
        ],
    ).data
    + f"\n\nAt {' and '.join(above)} every seed of Adam ends above every seed of AdamW."
)

# %% [markdown]
# At the best rate of each, the two are within the spread of the seeds: decoupling buys robustness here and no better optimum.
#
# The caveats: one small network, few images, a constant rate, three seeds. In a training far shorter than $1/(\eta\lambda)$ the share that decays in all counts again.
#
# ## Which parameters to leave alone
#
# Most recipes decay the matrices only, since smaller entries make a smoother function. They exempt biases, which only shift an output, and the gains of normalisations. A gain starts at 1 and multiplies a normalised output; 0 switches the unit off. And AdamW keeps both within $1/\lambda$.
#
# Dimensions and name tell them apart. Two groups, the second with `weight_decay` 0:


# %%
def groups(model, exempt):
    decayed, free = [], []
    for name, x in model.named_parameters():
        kind = "matrix" if x.ndim > 1 else "bias" if name.endswith("bias") else "gain"
        (free if kind in exempt else decayed).append(x)
    return [{"params": decayed}, {"params": free, "weight_decay": 0.0}]


# %% [markdown]
# Train a network with batch normalisation ({cite:t}`ioffe2015`) on the MNIST sample, 15 epochs at $\eta = 0.003$ and $\lambda = 2$, three seeds. Decay everything, then exempt the biases, then the gains too.
#
# :::{predict}
# What is the mean gain at the end when everything is decayed? It starts at 1.
#
# - `a`: about 1: the gradients hold it
# - `b`: about 0.5
# - `c`: about 0: the units are off
# :::


# %% tags=["hide-input"]
def normalised(seed):
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        first = nn.Linear(784, 32, bias=False), nn.BatchNorm1d(32), nn.ReLU()
        second = nn.Linear(32, 32, bias=False), nn.BatchNorm1d(32), nn.ReLU()
        return nn.Sequential(nn.Flatten(), *first, *second, nn.Linear(32, 10)).double()


data, test = load("mnist")
rows = []
for exempt in ((), ("bias",), ("bias", "gain")):
    ends, gains = [], []
    for seed in range(3):
        model = normalised(seed)
        optimizer = AdamW(groups(model, exempt), lr=3e-3, weight_decay=2.0)
        train(model, data, optimizer, epochs=15, seed=seed)
        ends.append(evaluate(model, test)[0])
        gains.append(torch.cat([model[2].weight, model[5].weight]).mean().item())
    spread = f"{fmean(ends):.2f} ({min(ends):.2f} to {max(ends):.2f})"
    rows.append([" and ".join(exempt) or "nothing", f"{fmean(gains):.2f}", spread])
table(["exempt", "mean gain at the end", "test loss, its range"], rows)

# %% [markdown]
# :::{answer} b
# About 0.5, which is $1/\lambda$. The gains are what matters here: exempt, they end above 1, and every seed ends at a lower loss. Exempting the biases alone does a little.
# :::
#
# And $\lambda = 2$ is strong, chosen to make the effect visible. With torch's 0.01, decay takes half a per cent of a gain in these 180 steps.
#
# ## Use it

# %% tags=["remove-input"]
use_it("AdamW")

# %% [markdown]
# ## Going further

# %% [markdown]
# ### Which variant is this?
#
# *You see the paper's decay turned into torch's, the two run side by side, and three more variants.*
#
# **Whose $\lambda$?** In torch, and here, the decay of a step is $\eta_t\lambda$, with the rate of the moment. The paper multiplies by the schedule alone: with a base rate $\alpha$ and a multiplier $s_t$ its step is $-s_t\,(\alpha\, \hat m/(\sqrt{\hat v} + \varepsilon) + \lambda' x)$. Both let the decay follow the schedule. They agree for $\eta_t = s_t\alpha$ and $\lambda' = \alpha\lambda$. So a paper's 0.0005 at $\alpha = 0.001$ is torch's 0.5, and if you change $\alpha$ in torch, the paper's $\lambda'$ changes with it. Here is torch's class under a cosine schedule, beside the paper's line.


# %%
def by_paper(gradients, multipliers, α, decay):
    x, m, v = f64(1.0, -2.0), 0.0, 0.0
    for t, (g, s) in enumerate(zip(gradients, multipliers, strict=True), start=1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        step = m / (1 - 0.9**t) / ((v / (1 - 0.999**t)).sqrt() + 1e-8)
        x = x - s * (α * step + decay * x)
    return x


# %%
rng = torch.Generator().manual_seed(1)
gradients = torch.randn(100, 2, generator=rng, dtype=torch.float64)
multipliers = [cosine(100)(t) for t in range(100)]
x = nn.Parameter(f64(1.0, -2.0))
optimizer = torch.optim.AdamW([x], lr=0.01, weight_decay=0.3)
for x.grad, s in zip(gradients, multipliers, strict=True):
    optimizer.param_groups[0]["lr"] = s * 0.01
    optimizer.step()

# %% tags=["hide-input"]
off = (x - by_paper(gradients, multipliers, 0.01, 0.01 * 0.3)).abs().max().item()
say(
    f"torch's AdamW with λ = 0.3 and the paper's with λ' = {0.01 * 0.3:g}, 100 steps under a"
    f" cosine: they differ by {'less than 1e-12' if off < 1e-12 else 'more than rounding'}."
)

# %% [markdown]
# (exercise-4-the-paper-s-schedule)=
# #### An exercise: the paper's schedule (★★)
#
# Write `paper_adamw(x, gradients, multipliers, alpha, decay)`: AdamW as the paper has it, with one multiplier $s_t$ for each gradient, $\beta_1 = 0.9$, $\beta_2 = 0.999$ and $\varepsilon = 10^{-8}$ outside the root. It takes a step for each gradient and returns the last `x`.


# %%
def paper_adamw(x, gradients, multipliers, alpha, decay): ...


check("3-first-order/the-papers-schedule", paper_adamw)

# %% tags=["remove-input"]
solution("3-first-order/the-papers-schedule")

# %% [markdown]
# #### Three more variants
#
# - **SGDW.** The same paper decouples the decay from momentum: the class `SGDW` above. torch has none; by the factor $1 - \mu$ its L2 does nearly the same, until the rate changes.
# - **Before or after.** Here and in torch the decay takes a share of the old $x$. Taking it after the step, from the new $x$, changes each step by $\eta\lambda$ times the step: a product of two small numbers.
# - **Proximal.** $x \leftarrow (x - \eta\, \hat m/(\sqrt{\hat v} + \varepsilon)) / (1 + \eta\lambda)$ makes the penalty plus $\frac{1}{2\eta}$ times the squared distance to Adam's step as small as possible. AdamW is its first order in $\eta\lambda$ ({cite:t}`zhuang2022`). With $\eta\lambda = 0.001$ the two factors, $0.999$ and $1/1.001$, differ by one millionth.

# %% [markdown]
# ### Where L2 stands in the library
#
# *You see the function that carries out a step, and the one line in it that adds $\lambda x$.*
#
# Every other method of this book has L2 instead, as in torch. It is one line in the function that carries out a step, before the rule sees the gradient. A rule that names `weight_decay` in its own formula, as `AdamW` does, gets the bare gradient.

# %% tags=["hide-input"]
show_source(advance)

# %% [markdown]
# ### L2 with momentum
#
# *You see by what factor momentum hastens the shrinking, derived as a root and measured without gradients.*
#
# The penalty goes through the velocity $b \leftarrow \mu b + g + \lambda x$. So without gradients the weight shrinks at the rate $\eta\lambda/(1 - \mu)$. Exactly: $x_{t+1} = (1 + \mu - \eta\lambda)\, x_t - \mu\, x_{t-1}$, so each step ends up multiplying by the larger root of
#
# $$r^2 - (1 + \mu - \eta\lambda)\, r + \mu = 0.$$

# %% tags=["hide-input"]
hyper = {"lr": 0.1, "weight_decay": 0.01}
shrunk = {
    m: alone(partial(m, **hyper), 301) / alone(partial(m, **hyper), 300)
    for m in (SGD, Momentum, SGDW)
}
p = 1 + 0.9 - 0.001
say(
    "Without gradients, ηλ = 0.001 and μ = 0.9, a weight is multiplied a step by"
    f" {shrunk[SGD]:.5f} with SGD and L2, by **{shrunk[Momentum]:.5f}** with momentum and"
    f" L2 (the root: {(p + math.sqrt(p * p - 4 * 0.9)) / 2:.5f}), and by"
    f" {shrunk[SGDW]:.5f} with momentum and decay."
)

# %% [markdown]
# In a network the difference between L2 and decay is this factor and little more, as long as the rate is constant: momentum treats the penalty as it treats every gradient.
#
# ### The grid in numbers
#
# *You see which decays are as good as the best at each rate, and how far the seeds scatter.*
#
# The decays that are as good as the best are those whose mean lies above it by no more than the range of its seeds.


# %% tags=["hide-input"]
def as_good(decays, row):
    """The decays whose mean is above the best by no more than the best one's range."""
    seeds = min(row, key=fmean)
    bound = fmean(seeds) + max(seeds) - min(seeds)
    return ", ".join(
        f"{d:g}"
        for d, losses in zip(decays, row, strict=True)
        if fmean(losses) <= bound
    )


rows = []
for name, method in methods.items():
    decays, losses = method["decays"], method["test_loss"]
    spread = [max(row[kept[name]]) - min(row[kept[name]]) for row in losses]
    best = [decays[r.index(min(r))] for r in means[name]]
    rows.append([f"{name}: best λ", *(f"{λ:g}" for λ in best)])
    rows.append(["as good within its range", *(as_good(decays, r) for r in losses)])
    rows.append(["its loss", *(f"{min(row):.2f}" for row in means[name])])
    rows.append(["spread over its seeds", *(f"{s:.2f}" for s in spread)])
table(["learning rate", *(f"{rate:g}" for rate in rates)], rows)

# %% [markdown]
# At the smallest rate there was no time, neither to overfit nor to decay, and none is as good as any.
#
# And note what the grid says about the paper's axes, its own $\eta$ and $\lambda'$, on CIFAR-10. Its $\lambda'$ is $\eta\lambda$, so in a plot over $\lambda'$ AdamW's row of frames would be a diagonal: here torch's form is the one that separates the two.

# %% [markdown]
# ### Weights before a normalisation
#
# *You see what decay does to a weight whose length does not change the network, derived and tested on noise.*
#
# What does decay do to the matrix *before* a batch normalisation? The layer's output is divided by its own standard deviation, so a weight $w$ and $10\,w$ give the same network. Such a loss is called {term}`scale-invariant <scale invariance>`: $f(cw) = f(w)$ for every $c > 0$. Two things follow.
#
# - Differentiate by $c$ at $c = 1$: $w^\top \nabla f(w) = 0$. The gradient stands at right angles to $w$.
# - Differentiate by $w$: $\nabla f(cw) = \nabla f(w)/c$. Ten times the weight, a tenth of the gradient.
#
# The function cannot become smoother by a smaller $w$. So is decay without effect there?

# %%
model = normalised(0)
model[2].eps = 1e-30  # under the root: the one thing that is not scale-invariant


def loss_and_gradient(scale):
    w = (model[1].weight.detach() * scale).requires_grad_()
    hidden = nn.functional.linear(data.inputs[:500].double().flatten(1), w)
    loss = cross_entropy(model[2:](hidden), data.labels[:500])
    return w.detach(), loss.detach(), torch.autograd.grad(loss, w)[0]


# %% tags=["hide-input"]
(w, loss, g), (_, loss10, g10) = loss_and_gradient(1.0), loss_and_gradient(10.0)
deviations = [
    (loss10 / loss - 1).abs(),
    (g10 * 10 - g).norm() / g.norm(),
    (w * g).sum() / w.norm() / g.norm(),
]
say(
    "For the first matrix and ten times it: equal losses, gradients with the ratio 10,"
    " and w at right angles to its gradient, all to within"
    f" {'1e-9' if max(map(abs, deviations)) < 1e-9 else 'more than 1e-9'}."
)

# %% [markdown]
# It has an effect, through the back door. Only the direction of $w$ matters, and a short step at right angles turns $w$ by its length over $\lVert w \rVert$. So the length of $w$ is a hidden learning rate: for SGD the effective one is $\eta/\lVert w \rVert^2$ (once for the angle, once for the gradient; {cite:t}`laarhoven2017`), for Adam, whose step does not ask for the size of the gradient, $\eta/\lVert w \rVert$.
#
# Steps at right angles always lengthen $w$, by Pythagoras. Let $w$ have $n$ entries and let the gradients be mostly noise. Adam's $n$ entries then walk at random with steps of about $\eta$, so that $\lVert w \rVert^2$ grows by $\eta^2 n$ a step. (Momentum spreads each gradient over many steps, but their sum is the same.) Decay takes $2\eta\lambda \lVert w \rVert^2$ a step. They balance at
#
# $$\lVert w \rVert = \sqrt{\frac{\eta\, n}{2\lambda}}.$$
#
# There each step is $\eta\sqrt{n}/\lVert w \rVert = \sqrt{2\eta\lambda}$ of the length, whatever the start was and however large the gradients are. Momentum shortens the single step by a further $\sqrt{(1 - \beta_1)/(1 + \beta_1)}$. The balance is known as rotational equilibrium ({cite:t}`kosson2024`).
#
# Test it on the purest case: $n = 100$, gradients that are noise at right angles to $w$, divided by $\lVert w \rVert$. Start at the lengths 0.3, 3 and 10, with $\eta = 0.01$, once with $\lambda = 0.4$ and once without decay.
#
# :::{predict}
# Where do the three lengths go, with decay and without?
#
# - `a`: with decay to 0; without it they stay
# - `b`: with decay to one length; without it they grow and stay in their order
# - `c`: to one length, with decay and without
# :::

# %%
n, η, λ = 100, 0.01, 0.4


def wander(decay, steps=1500):
    rng = torch.Generator().manual_seed(0)
    w = torch.randn(3, n, generator=rng, dtype=torch.float64)
    w = nn.Parameter(w / w.norm(dim=1, keepdim=True) * f64(0.3, 3, 10)[:, None])
    optimizer = AdamW([w], lr=η, weight_decay=decay, betas=(0.9, 0.99))
    path = [w.detach().clone()]
    for _ in range(steps):
        unit = path[-1] / path[-1].norm(dim=1, keepdim=True)
        noise = torch.randn(3, n, generator=rng, dtype=torch.float64)
        noise = noise - (noise * unit).sum(1, keepdim=True) * unit
        w.grad = noise / path[-1].norm(dim=1, keepdim=True)
        optimizer.step()
        path.append(w.detach().clone())
    return torch.stack(path)


# %% tags=["hide-input"]
kept, left = wander(λ), wander(0.0)
balance = math.sqrt(η * (n - 1) / (2 * λ))  # noise at right angles has n − 1 directions
show(
    figures.norms(kept.norm(dim=2), left.norm(dim=2), balance),
    "Three lengths on a logarithmic axis. Without decay they rise, the shortest fast, the"
    " longest hardly, and stay in their order. With decay all three run to one level, the"
    f" dotted prediction near {balance:.1f}: the shortest and the middle one early, the"
    " longest after about 1,000 steps.",
)


# %% tags=["hide-input"]
def turn(path):
    return (
        (1 - torch.cosine_similarity(path[1:], path[:-1], dim=2))
        .mul(2)
        .sqrt()[-400:]
        .mean(0)
    )


momentum = math.sqrt((1 - 0.9) / (1 + 0.9))
lengths = kept[-400:].norm(dim=2).mean(0).tolist()
reveal(
    f"With decay the mean lengths over the last 400 steps are"
    f" {', '.join(f'{x:.2f}' for x in lengths)}; predicted {balance:.2f}. A step turns the"
    f" weights by {', '.join(f'{x:.3f}' for x in turn(kept).tolist())} radians; predicted"
    f" {math.sqrt(2 * η * λ) * momentum:.3f}. Without decay the turns still differ by a"
    f" factor of {turn(left).max() / turn(left).min():.1f}.",
    right="b",
)

# %% [markdown]
# So before a normalisation decay is no penalty at all: it sets the rate at which the direction turns ({cite:t}`zhang2019`), to $\sqrt{2\eta\lambda}$ a step, and it makes the network forget how its weights were scaled at the start. Without decay the length grows, and the effective rate falls by itself. That is a hidden schedule, and it may or may not be the one you want.

# %% [markdown]
# ### Biases and embeddings
#
# *You see what Adam makes of a bias before a normalisation, and what decay does to a word that a batch lacks.*
#
# The network above has no bias in front of a normalisation, which would subtract it again: the gradient of such a bias is rounding noise, and Adam turns noise of any size into steps of $\eta$.
#
# Embeddings are a borderline case. Their table has two dimensions, so the rule by `ndim` decays it, and a word that does not occur in a batch decays without a gradient to answer. Some recipes exempt them; try both.

# %% [markdown]
# ### In PyTorch
#
# *You see ours agree with torch's, what each option does, and which flag turns Adam into AdamW.*
#
# `torch.optim.AdamW` is the same method. In the installed torch `Adam` has the flag `decoupled_weight_decay` too. Train the same float64 network with each:

# %% tags=["hide-input"]
options = {
    "defaults": {},
    "λ = 1, amsgrad": {"weight_decay": 1.0, "amsgrad": True},
    "β = (0.8, 0.99), ε = 1e-4": {"betas": (0.8, 0.99), "eps": 1e-4},
}
gaps = [
    difference(partial(AdamW, **o), partial(torch.optim.AdamW, **o))
    for o in options.values()
]
flag = difference(
    partial(torch.optim.Adam, weight_decay=0.01, decoupled_weight_decay=True),
    torch.optim.AdamW,
)
say(
    f"With {'; '.join(options)}: the largest relative difference after two epochs is"
    f" {'below 1e-12' if max(gaps) < 1e-12 else 'larger than rounding'}. torch's Adam with"
    f" `decoupled_weight_decay=True` differs from its AdamW by {flag:g}."
)

# %% [markdown]
# | option of `torch.optim.AdamW` | what it does | here |
# |:--|:--|:--|
# | `lr` | $\eta$; it scales the decay as well | the same |
# | `betas`, `eps`, `amsgrad`, `maximize` | as in {doc}`adam`; `maximize` turns the gradient round and not the decay | the same |
# | `weight_decay` | $\lambda$, 0.01 unless you say otherwise; set it to 0 in a group to exempt its parameters | the same |
# | `foreach` | works on all tensors at once, operation by operation | left out: `engine="compiled"` takes its place |
# | `fused` | one kernel for the whole step, on CPU and GPU | `engine="compiled"` |
# | `capturable` | keeps the step's number on the device, so that a CUDA graph can hold the step | left out |
# | `differentiable` | lets autograd run through the step | left out: `update` is a pure function, call it |
#
# `torch.optim.Adam(weight_decay=…)` is L2 in the gradient, in all versions; the flag is off unless you set it. Set `fused=True`, or `engine="compiled"` here, when the step of the optimizer is a good part of the time. The decay needs no memory of its own:

# %% tags=["hide-input"]
say(
    f"Bytes of state per float32 parameter: ours {state_bytes_of(AdamW):g}, torch's"
    f" {state_bytes_of(torch.optim.AdamW):g}."
)

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: half-life (★)
#
# You train with torch's AdamW, $\eta = 0.0003$ and $\lambda = 0.1$. An epoch has 1,000 steps. After how many epochs has decay alone halved a weight?

# %%
answer = ...
check("3-first-order/half-life", answer)

# %% tags=["remove-input"]
solution("3-first-order/half-life")

# %% [markdown]
# ### Exercise 2: where it settles (★)
#
# The gradient of a weight is 7 at every step. With AdamW, $\eta = 0.001$, $\lambda = 0.05$ and $\varepsilon = 0$, at which value does the weight settle?

# %%
answer = ...
check("3-first-order/where-it-settles", answer)

# %% tags=["remove-input"]
solution("3-first-order/where-it-settles")

# %% [markdown]
# ### Exercise 3: read the plot (★)
#
# Look at the first panel of the picture of the five weights. Where would the curve of a sixth kind of weight run, with gradients of size 30?
#
# - `a`: between the curves of 10 and 100, above 0.9 at the end
# - `b`: between the curves of 1 and 10, near 0.5 at the end
# - `c`: below the curve of 0.01: the larger the gradients, the faster
# - `d`: on the curve of 1, because decay does not ask for the size

# %%
answer = ...
check("3-first-order/a-sixth-weight", answer)

# %% tags=["remove-input"]
solution("3-first-order/a-sixth-weight")

# %% [markdown]
# ### An open experiment (★★★)
#
# Is the bound $1/\lambda$ felt, or only the time scale? Train a small network with a fixed product $\eta\lambda$ and four pairs of the two. Write down first which losses you expect to be equal, and from how many seeds you will judge. There is no answer here.
#
# ## Summary
#
# - L2 in Adam decays at the rate $\eta\lambda/s$ where gradients are large, and at full speed whatever $\lambda$ is where they are small. AdamW takes the share $\eta\lambda$ from every weight.
# - L2 is weight decay for plain SGD, exactly, and for momentum nearly, with the factor $1 - \mu$; with Adam no factor makes them equal.
# - Decay has a time scale, $1/(\eta\lambda)$ steps, and AdamW a bound, about $1/\lambda$. Exempt biases and gains. Before a normalisation decay shrinks nothing that counts; it sets how fast the weights turn.
#
# ## References
#
# - {cite:t}`loshchilov2019`: the method, SGDW, and the picture of rate against decay.
# - {cite:t}`hanson1988`, {cite:t}`krogh1991`: weight decay in networks, long before Adam.
# - {cite:t}`zhang2019`: three ways in which decay acts, by the optimizer.
# - {cite:t}`laarhoven2017`: with normalisation, decay sets the effective rate. {cite:t}`kosson2024`: the balance of lengths and turns. {cite:t}`ioffe2015`: batch normalisation.
# - {cite:t}`zhuang2022`: AdamW as a proximal method. {cite:t}`xie2024`: AdamW and the largest entry.
# - {cite:t}`wang2024`: weights as an average over $1/(\eta\lambda)$ updates.
