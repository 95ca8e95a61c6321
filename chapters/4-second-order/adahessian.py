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
# # AdaHessian
#
# Adam divides each step by the size of the gradients it has seen. Newton's method divides by the curvature. The Hessian's diagonal has one number for each weight, but to read it off exactly costs a Hessian-vector product for each weight. Chance sells it for one, with an error.
#
# Below, the bars are the diagonal of a matrix and the dots are what random probes make of it. Press *Add probes*. How many does it take until the dots sit on the bars? Then set the coupling to 0, and start again with one.

# %% tags=["hide-input"]
import math
import statistics
from functools import partial

import torch
from torch import nn
from torch.nn import functional as F

from book import results
from book.calculus.matrix_free import (
    Hessian,
    diagonal_variance,
    hutch_plus_plus,
    hutchinson_diagonal,
    hutchinson_trace,
    random_probes,
    trace_variance,
)
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
from book.explorers import Hutchinson
from book.figures import adahessian as figures
from book.numerics.vector import f64
from book.optim import AdaHessian, Adam, Momentum
from book.training.data.load import load
from book.training.models import seeded

Hutchinson()

# %% [markdown]
# **You will**
#
# - estimate a diagonal from products with random signs, and say how far off it is before you run it;
# - find out what AdaHessian really divides by;
# - weigh what its curvature costs against what it saves.
#
# **You need** three facts:
#
# - a product $Hv$ of the Hessian with a vector costs a few gradients and no matrix ({doc}`/2-derivatives/hessian`);
# - on a bowl whose axes are the coordinates, dividing the gradient by the curvature leads to the bottom in one step ({doc}`/2-derivatives/hessian`);
# - Adam steps along an average $m$ of gradients and divides by the root of an average $v$ of their squares ({doc}`/3-first-order/adam`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $x$, $g$ | $(n,)$ | the parameters, the gradient |
# | $n$, $i$, $j$ | number | how many entries; the number of one |
# | $H$, $H_{ij}$ | $(n, n)$, number | the Hessian, and one entry of it |
# | $v$ | $(n,)$ | a vector; in the method: the average of $D^2$ |
# | $z$, $z_i$ | $(n,)$, number | a random probe and one entry of it |
# | $\odot$ | | the product entry by entry |
# | $k$ | number | how many probes; in the method: the power of the root |
# | $\mathbb{E}$, $\operatorname{Var}$ | | the mean over all probes, and the variance |
# | $D$ | $(n,)$ | the method's estimate of the diagonal |
# | $m$, $\hat m$, $\hat v$ | $(n,)$ | Adam's average of gradients; both averages corrected for their start |
# | $\beta_1$, $\beta_2$ | number | the shares of $m$ and of $v$ that are kept |
# | $\eta$, $\varepsilon$, $t$ | number | the learning rate; the small number beside the root; the number of the step |
# :::
#
# ## Two probes by hand
#
# Take $H = \begin{pmatrix} 3 & 1 \\ 1 & 2 \end{pmatrix}$, and probes of random signs.
#
# The probe $z = (1, 1)$ gives $Hz = (4, 3)$. Multiplied by its own probe, entry by entry, that is $z \odot Hz = (4, 3)$: each entry is off by 1. The probe $z = (1, -1)$ gives $Hz = (2, -1)$, and $z \odot Hz = (2, 1)$: off by $-1$.
#
# :::{predict} number
# The other two probes are $(-1, 1)$ and $(-1, -1)$. What is the mean of the first entry of $z \odot Hz$ over all four?
# :::

# %%
H = f64(3, 1, 1, 2).reshape(2, 2)
signs = f64(1, 1, 1, -1, -1, 1, -1, -1).reshape(4, 2)
products = signs * (signs @ H)

# %% tags=["hide-input"]
mean = products.mean(dim=0)
reveal(
    f"$\\mathbf{{{mean[0]:.0f}}}$, and {mean[1]:.0f} in the second entry: the diagonal. A probe and its"
    " opposite give the same product, so the other two add nothing new.",
    right=round(mean[0].item()),
)

# %% [markdown]
# In general an entry of $z \odot Hz$ is
#
# $$(z \odot Hz)_i = H_{ii}\, z_i^2 + \sum_{j \ne i} H_{ij}\, z_i z_j .$$
#
# For signs $z_i^2 = 1$. And $z_i z_j$ is $+1$ as often as $-1$, so its mean is 0. What is left on average is $H_{ii}$:
#
# $$\boxed{\;\begin{aligned} \mathbb{E}[\, z \odot Hz \,] &= \operatorname{diag} H \\ \operatorname{Var}\big[(z \odot Hz)_i\big] &= \sum_{j \ne i} H_{ij}^2 \end{aligned}\;}$$
#
# The error comes from what stands *beside* the diagonal, in the same row. That is why a coupling of 0 needs one probe. $k$ probes have $1/k$ of the variance, so the error falls as $1/\sqrt{k}$. The sum of the entries, $z^\top H z$, estimates the trace; this is the older use, by {cite:t}`hutchinson1989`, and the diagonal is from {cite:t}`bekas2007`.
#
# :::{dropdown} Where the variance comes from
# The products $z_i z_j$ for different $j$ are uncorrelated: multiply two of them, $z_i^2 = 1$ drops out, and what is left is a product of two different signs, whose mean is 0. Each has variance 1, so $H_{ij} z_i z_j$ has variance $H_{ij}^2$, and variances of uncorrelated numbers add.
#
# Probes need not be signs. Any independent entries of mean 0 and variance 1 will do, normal ones too. But then $z_i^2$ varies as well, with variance 2, which adds $2 H_{ii}^2$. Among independent entries signs are the best there are.
# :::
#
# ## On a network
#
# Here is a network with a bend in each unit: $7 \times 7$ pixels, 12 units with tanh, 10 classes, on 300 digits, after a little training. It is small enough to write its Hessian out.


# %% tags=["hide-input"]
def pooled(data):
    pixels = F.avg_pool2d(data.inputs, 4).flatten(1).double()
    return (pixels - pixels.mean()) / pixels.std(), data.labels


X, y = pooled(load("mnist")[0])


def differentiate(model, batch, graph):
    """Leave the gradients in `grad`, with their graph where they are to be differentiated again."""
    params = list(model.parameters())
    loss = F.cross_entropy(model(X[batch]), y[batch])
    gs = torch.autograd.grad(loss, params, create_graph=graph)
    for x, g in zip(params, gs, strict=True):
        x.grad = g


# %%
def network(seed=0):
    with seeded(seed):
        layers = nn.Linear(49, 12), nn.Tanh(), nn.Linear(12, 10)
        return nn.Sequential(*layers).double()


def train(make, epochs, seed=0):
    """Batches of 100; the training loss after each epoch."""
    model, losses = network(seed), []
    optimizer, draw = make(model.parameters()), torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        for batch in torch.randperm(len(X), generator=draw).split(100):
            differentiate(model, batch, graph=isinstance(optimizer, AdaHessian))
            optimizer.step()
        losses.append(F.cross_entropy(model(X), y).item())
    return model, torch.tensor(losses)


# %%
model, _ = train(partial(Momentum, lr=0.1, momentum=0.9), epochs=2)
curvature = Hessian(model, nn.CrossEntropyLoss(), (X[:300], y[:300]))
whole = curvature.to_dense()
diagonal = whole.diagonal()

# %% [markdown]
# The operator `curvature` knows the matrix by its products alone: `curvature @ z`. Give it one probe.
#
# :::{predict}
# How large is the error of the whole diagonal, over the length of the diagonal?
#
# - `a`: about a tenth
# - `b`: about a half
# - `c`: more than 1: one probe says less than the answer "all zeros"
# :::

# %%
one = hutchinson_diagonal(
    curvature, 1, generator=torch.Generator().manual_seed(0)
).value
off = (one - diagonal).norm() / diagonal.norm()
predicted = diagonal_variance(whole).sum().sqrt() / diagonal.norm()

# %% tags=["hide-input"]
reveal(
    f"**{off:.1f}** times. Predicted were {predicted:.1f}, the root of the mean square over all probes;"
    f" single ones scatter. The matrix has {len(diagonal)} rows, and it is not nearly diagonal: the squares"
    f" beside the diagonal add up to {predicted**2:.0f} times those on it.",
    right="c" if off > 1 else "b" if off > 0.25 else "a",
)

# %% [markdown]
# So how many probes? For each number of probes thirty estimates are made, of the diagonal and of the trace. Lines are the formula, marks the root of the mean square of the thirty.


# %% tags=["hide-input"]
counts, draws = [1, 4, 16, 64], 30
KINDS = {"signs": "rademacher", "normal": "gaussian"}


def measured(estimate, truth, kind):
    squares = [[] for _ in counts]
    for seed in range(draws):
        for k, found in zip(counts, squares, strict=True):
            draw = torch.Generator().manual_seed(1000 * seed + k)
            value = estimate(whole, k, KINDS[kind], draw).value
            found.append((value - truth).square().sum())
    return [
        (torch.stack(found).mean().sqrt() / truth.norm()).item() for found in squares
    ]


def expected(variance, truth):
    return [(variance.sum() / k).sqrt().item() / truth.norm().item() for k in counts]


trace = whole.trace()
panels = {
    "diagonal": {
        kind: (
            expected(diagonal_variance(whole, name), diagonal),
            measured(hutchinson_diagonal, diagonal, kind),
        )
        for kind, name in KINDS.items()
    },
    "trace": {
        kind: (
            expected(trace_variance(whole, name), trace),
            measured(hutchinson_trace, trace, kind),
        )
        for kind, name in KINDS.items()
    },
}
rows = {title: kinds["signs"] for title, kinds in panels.items()}
show(
    figures.errors_by_probes(counts, panels),
    "Two panels, both axes logarithmic: error over size against the number of probes. All"
    " lines fall straight, by two for four times the probes, and the marks lie near them. The"
    f" diagonal's error starts at {rows['diagonal'][0][0]:.1f} and ends at"
    f" {rows['diagonal'][0][-1]:.2f}; the trace's starts at {rows['trace'][0][0]:.2f} and ends"
    f" at {rows['trace'][0][-1]:.3f}. Normal probes lie a little above signs.",
)

# %% tags=["hide-input"]
needed = (predicted / 0.1) ** 2
ratios = [
    m / p
    for kinds in panels.values()
    for predictions, found in kinds.values()
    for p, m in zip(predictions, found, strict=True)
]
say(
    f"For a tenth of its size the diagonal needs **{needed:.0f}** probes; there are"
    f" {len(diagonal)} entries, and one product for each would give it exactly. The trace, one"
    " number in which errors cancel, needs"
    f" {(rows['trace'][0][0] / 0.1) ** 2:.0f}."
)

# %% [markdown]
# ## What a method makes of it
#
# {cite:t}`yao2021` take Adam, and put the estimate where Adam has the gradient's square. One probe a step; the average over steps does the rest. That is AdaHessian.
#
# ## On one screen
#
# In the library's own formula, which stands last, `hessian_power` is $k$.

# %% tags=["remove-input"]
one_screen("AdaHessian")

# %% tags=["hide-input"]
show_source(AdaHessian.update)

# %% [markdown]
# ## What does it divide by?
#
# $z \odot Hz$ is unbiased. But $v$ averages its *square*.
#
# :::{predict}
# Stand still, let $v$ average over many steps, one probe each, with no mean over neighbours. What does $\sqrt{v_i}$ approach?
#
# - `a`: $|H_{ii}|$, the size of the diagonal entry
# - `b`: the length of row $i$ of the Hessian
# - `c`: 0
# :::

# %%
Z = random_probes(
    len(whole), 3000, generator=torch.Generator().manual_seed(0), dtype=whole.dtype
)
frozen = Z * (whole @ Z)
root = frozen.square().mean(dim=1).sqrt()
lengths = whole.norm(dim=1)

# %% tags=["hide-input"]
reached = lengths > 0
show(
    figures.remembered(lengths[reached], diagonal.abs()[reached], root[reached]),
    "Two panels on logarithmic axes, one dot a parameter. Left, the root of v against the"
    " size of the diagonal entry: a cloud far above the line of equality. Right, against"
    " the length of the row: all dots on the line.",
)

# %% tags=["hide-input"]
to_row = (root / lengths)[reached]
to_diagonal = (root / diagonal.abs())[reached].median()
reveal(
    f"In the median √v is **{to_diagonal:.0f}** times the diagonal entry, and"
    f" {to_row.median():.2f} times the length of the row. A random number's square has as mean its mean"
    " squared *plus its variance*. Both were in the box above:\n\n"
    r"$$\begin{aligned} \mathbb{E}\big[(z \odot Hz)_i^2\big] &= H_{ii}^2 + \sum_{j \ne i} H_{ij}^2"
    r" \\ &= \sum_j H_{ij}^2 . \end{aligned}$$",
    right="b" if to_row.log().abs().median() < to_diagonal.log().abs() else "a",
)

# %% tags=["hide-input"]
more = 100
means = frozen.reshape(len(whole), -1, more).mean(dim=2)
root_with_more = means.square().mean(dim=1).sqrt()
to_diagonal_with_more = (root_with_more / diagonal.abs())[reached].median()
by_unit = frozen[: 12 * 49].abs().reshape(12, 49, -1).mean(dim=1)
root_by_unit = by_unit.square().mean(dim=1).sqrt()
to_rows = root_by_unit / lengths[: 12 * 49].reshape(12, 49).mean(dim=1)
to_curvature = root_by_unit / diagonal[: 12 * 49].reshape(12, 49).mean(dim=1).abs()
evidence(
    "S71",
    "false",
    f"On a small network √v settles at **{to_diagonal:.0f}** times the diagonal's entry, in the median.",
    "Read it as Adam divided by the length of the Hessian's row: large where any weight changes this one's gradient.",
    f"With one probe a step and no mean over entries √v is {to_row.median():.2f} times the length of"
    f" the Hessian's row, from {to_row.min():.2f} to {to_row.max():.2f}. With {more} probes a step it is"
    f" {to_diagonal_with_more:.1f} times the diagonal's entry. As the library starts, with one probe and the mean"
    " of the absolute values over the weights into a unit, it is in the first layer"
    f" {to_rows.min():.2f} to {to_rows.max():.2f} times the mean length of these rows, and"
    f" {to_curvature.min():.1f} to {to_curvature.max():.1f} times their mean curvature.",
)

# %% [markdown]
# ## What averaging over neighbours does
#
# More probes cost more products. The authors take a mean over *weights* in place of probes: those of one convolution kernel share one number. In a matrix, the library's `spatial_average="row"` lets the weights into one unit share it.
#
# :::{predict}
# The 49 weights into a unit share the mean of their 49 estimates. By how much does the error by chance fall, and what else happens?
#
# - `a`: by 7, the root of 49, and nothing else
# - `b`: by less than 7, and nothing else, as all 49 curvatures are the same
# - `c`: by some factor, and an error comes in that no probe removes
# :::


# %% tags=["hide-input"]
def block_errors(block, units=12, inputs=49):
    """Errors over the size of the first layer's diagonal: by chance with one probe, and for good."""
    entries = diagonal[: units * inputs]
    squares = whole.square().fill_diagonal_(0)[: len(entries)]
    within = [
        squares[i : i + block, i : i + block].sum()
        for i in range(0, len(entries), block)
    ]
    rows = squares.sum(dim=1).reshape(-1, block).sum(dim=1)
    chance = (
        rows + torch.stack(within)
    ) / block**2  # of a block's mean: pairs within it count twice
    means = entries.reshape(-1, block).mean(dim=1).repeat_interleave(block)
    size = entries.square().mean().sqrt()
    stays = (means - entries).square().mean().sqrt()
    return (chance.mean().sqrt() / size).item(), (stays / size).item()


blocks = {"1": 1, "7, a row of pixels": 7, "49, a unit": 49}
pairs = {name: block_errors(block) for name, block in blocks.items()}
chance, stays = zip(*pairs.values(), strict=True)
show(
    figures.by_block(list(blocks), chance, stays),
    "Pairs of bars for three sizes of a block. By chance the error falls from"
    f" {chance[0]:.1f} to {chance[1]:.1f} and {chance[2]:.1f} of the diagonal's size. What is"
    f" wrong for good grows from {stays[0]:.0f} to {stays[1]:.2f} and {stays[2]:.2f}.",
)

# %% tags=["hide-input"]
reveal(
    f"By chance it falls by {chance[0] / chance[2]:.1f}, and an error of **{stays[2]:.2f}** of the"
    " diagonal's size comes in for good: the mean is not the entry. Both together, as the root of the sum"
    f" of squares, are {math.hypot(chance[2], stays[2]):.1f}, where each entry alone has {chance[0]:.1f}.",
    right="c",
)

# %% [markdown]
# It is a trade. At one probe a step chance is the larger part, and a mean over neighbours is worth its error. With many probes it is not. Play it through in the explorer at the top: raise *Diagonal averaged over*, and add probes.
#
# Signs are a second trap. Where curvatures of both signs meet, their mean is near 0, and a step divided by it is long. The authors' code, and the library, average $|z \odot Hz|$, with bars that their formula has not. But then errors cannot cancel:

# %% tags=["hide-input"]
unit = slice(0, 49)
with_bars, without = frozen[unit].abs().mean(), frozen[unit].mean()
say(
    "Over the 49 weights into the first unit the mean curvature is"
    f" {diagonal[unit].mean():.3f}. The mean of $z \\odot Hz$ over these weights and all the"
    f" probes is {without:.3f}; with the bars it is **{with_bars:.3f}**."
)

# %% [markdown]
# ## Does it pay?
#
# A step costs one gradient and one product with the graph that is there already. The stored measurement of {doc}`/2-derivatives/hessian` knows the price.

# %% tags=["hide-input"]
costs = results.load("hessian-products")["results"]["rows"]
price = costs[1]["reverse over reverse"]
say(
    f"On a network for MNIST with batches of {costs[1]['batch']}, gradient and product together, one reverse pass over the"
    f" other, take **{price:.1f}** times as long as a gradient. Drawing the probes and keeping the averages come on"
    " top; they are left out here, in AdaHessian's favour."
)

# %% [markdown]
# Momentum, Adam, AdaHessian, and AdaHessian with each entry alone: three rates each, three seeds, six epochs of 1,500 small digits. Each is shown at its best rate, by the mean of the last loss.
#
# :::{predict}
# Which has the lowest loss after six epochs, and which after the same *cost*?
#
# - `a`: AdaHessian, and AdaHessian
# - `b`: AdaHessian, and another
# - `c`: another, and another
# :::

# %%
METHODS = {
    "Momentum": (partial(Momentum, momentum=0.9), [0.1, 0.3, 1.0]),
    "Adam": (Adam, [0.01, 0.03, 0.1]),
    "AdaHessian": (AdaHessian, [0.03, 0.1, 0.3]),
    "alone": (partial(AdaHessian, spatial_average=1), [0.03, 0.1, 0.3]),
}
EPOCHS, SEEDS = 6, range(3)

runs = {}
for name, (make, rates) in METHODS.items():
    for lr in rates:
        ran = [train(partial(make, lr=lr), EPOCHS, seed)[1] for seed in SEEDS]
        runs[name, lr] = torch.stack(ran)

# %% tags=["hide-input"]
ends = {key: ran[:, -1].mean().item() for key, ran in runs.items()}
best = {
    name: min(rates, key=lambda lr: ends[name, lr])
    for name, (_, rates) in METHODS.items()
}
curves = {name: runs[name, lr].mean(dim=0) for name, lr in best.items()}
STEPS = len(X) // 100
curved = ("AdaHessian", "alone")
worth = {name: STEPS * (price if name in curved else 1) for name in METHODS}
show(
    figures.both_axes(curves, worth),
    "Two panels with the same four falling curves of training loss. Left"
    " against epochs, right against the cost in gradients, where both curves of AdaHessian"
    f" are stretched by {price:.1f}.",
)

# %% tags=["hide-input"]
affordable = math.ceil(EPOCHS / price)
same_cost = {name: curves[name][EPOCHS - 1].item() for name in curves}
last = {name: affordable if name in curved else EPOCHS for name in METHODS}
early = {
    name: min(runs[name, lr][:, last[name] - 1].mean().item() for lr in rates)
    for name, (_, rates) in METHODS.items()
}
winner, cheap = min(same_cost, key=same_cost.get), min(early, key=early.get)
told = table(
    ["method", "best rate", f"loss after {EPOCHS} epochs ± spread", "at equal cost"],
    [
        [
            name,
            f"{best[name]:g}",
            f"{same_cost[name]:.3f} ± {runs[name, best[name]][:, -1].std():.3f}",
            f"{early[name]:.3f}",
        ]
        for name in METHODS
    ],
)
reveal(
    told.data
    + f"\n\nAfter {EPOCHS} epochs **{winner}** is lowest, at equal cost **{cheap}**."
    f" {EPOCHS} epochs of gradients pay for {EPOCHS / price:.1f} of AdaHessian; it is given {affordable}, at the rate that"
    " is best for so many.",
    right="c" if winner not in curved else "a" if cheap in curved else "b",
)

# %% tags=["hide-input"]
z = (frozen.mean(dim=1) - diagonal) / (
    diagonal_variance(whole) / frozen.shape[1]
).sqrt()
worst = z[reached].abs().max()
evidence(
    "S7",
    "holds with a caveat",
    f"Over {frozen.shape[1]:,} probes no entry's mean is further than **{worst:.1f}** predicted standard errors from the diagonal.",
    "Unbiased is not accurate: ask how large the error of one probe is before you divide by it.",
    f"One probe's error is {predicted:.1f} times the size of the whole diagonal; measured over predicted"
    f" errors lie from {min(ratios):.2f} to {max(ratios):.2f}. Gradient and product together cost"
    f" {price:.1f} gradients.",
)

# %% [markdown]
# The caveat: one small network, six epochs, three rates a method. The last chapter of this part compares on full data.
#
# ## Use it

# %% tags=["remove-input"]
use_it("AdaHessian")

# %% [markdown]
# Here `step` takes the gradient itself, with a graph in the steps that need one. In a loop with a `backward` of its own, call `loss.backward(create_graph=optimizer.curved)`.
#
# ## Going further
#
# ### Which variant is this?
#
# *You see where the paper and its code disagree, which of them is ours, and what others do otherwise.*
#
# - **The formula in the paper** averages $z \odot Hz$ with its sign; the authors' code takes $|z \odot Hz|$ first. Ours is the code's; `absolute=False` is the paper's.
# - **`pytorch_optimizer.AdaHessian`** averages over no neighbours and has an ε of $10^{-16}$.
# - **The diagonal's own paper**, {cite:t}`bekas2007`, divides the sum of $z \odot Hz$ by that of $z \odot z$, not by $k$. For signs it is the same; a diagonal matrix it gives exactly with any probes.
# - **Sophia** ({cite:t}`liu2024`) averages the estimate itself, not its square, so that chance cancels over steps; it clips each entry's step, takes the estimate every ten steps, and samples labels for a Gauss–Newton diagonal that is never negative.
# - **The exact diagonal.** For Gauss–Newton, BackPACK ({cite:t}`dangel2020`) computes it in one backward pass with as many columns as there are classes.
#
# ### A better trace
#
# *You see whether it pays to find the large eigenvalues first, at equal numbers of products.*
#
# Hutchinson's trace spends its probes on all directions alike. **Hutch++** ({cite:t}`meyer2021`) first finds the directions that the matrix favours, with a third of the products, takes the trace in them exactly, and guesses the rest. Where the spectrum has a few large eigenvalues, as a network's has, little is left to guess, once there are products enough to find them.

# %% tags=["hide-input"]
rows = []
for budget in (12, 48, 96):
    row = []
    for estimate in (hutchinson_trace, hutch_plus_plus):
        draws = [torch.Generator().manual_seed(seed) for seed in range(20)]
        found = [estimate(whole, budget, generator=draw).value for draw in draws]
        square = statistics.fmean((value - trace).square().item() for value in found)
        row.append(square**0.5 / trace.item())
    rows.append([f"{budget}", *(f"{error:.4f}" for error in row)])
table(["products", "Hutchinson, error ÷ trace", "Hutch++"], rows)

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the variance of a probe (★)
#
# $H = \begin{pmatrix} 2 & 3 & 4 \\ 3 & 1 & 0 \\ 4 & 0 & 5 \end{pmatrix}$. What is the variance of the first entry of $z \odot Hz$, for one probe of signs?

# %%
answer = ...
check("4-second-order/variance-of-a-probe", answer)

# %% tags=["remove-input"]
solution("4-second-order/variance-of-a-probe")

# %% [markdown]
# ### Exercise 2: how many probes (★)
#
# One probe has an error of 3 times the diagonal's size. How many probes bring it down to 0.1?

# %%
answer = ...
check("4-second-order/probes-needed", answer)

# %% tags=["remove-input"]
solution("4-second-order/probes-needed")

# %% [markdown]
# ### Exercise 3: read the bars (★★)
#
# In the figure with the blocks: what do a hundred probes in place of one do to the two bars of the largest block?
#
# - `a`: both bars are a tenth as high
# - `b`: the left bar is a tenth as high, the right one stays
# - `c`: the left bar stays, the right one is a tenth as high
# - `d`: the left bar is a hundredth as high, the right one stays

# %%
answer = ...
check("4-second-order/a-hundred-probes", answer)

# %% tags=["remove-input"]
solution("4-second-order/a-hundred-probes")

# %% [markdown]
# ### Exercise 4: write Hutchinson's estimate (★★)
#
# Write `diagonal(product, probes)`. `product(z)` returns $Hz$; `probes` has the shape $(k, n)$, one probe a row. Return the estimate of the diagonal, shape $(n,)$, for probes of any kind.


# %%
def diagonal_of(product, probes): ...


check("4-second-order/write-hutchinson", diagonal_of)

# %% tags=["remove-input"]
solution("4-second-order/write-hutchinson")

# %% [markdown]
# ### An open experiment (★★★)
#
# Let $v$ average $D$ with its sign, and divide by $|v|$: chance then cancels over steps. Does it train better, at its own best rate? What happens where the sign of a curvature changes? There is no answer here.
#
# ## Summary
#
# - $z \odot Hz$ with random signs has the Hessian's diagonal as its mean, for the price of one product. Its error is the rest of the row, and falls with the root of the number of probes.
# - An average of squares adds the variance: with one probe a step AdaHessian divides by the length of the row.
# - Averaging over neighbours trades chance for an error that stays. Whether the method pays depends on the axis: steps, or what they cost.
#
# ## References
#
# - {cite:t}`hutchinson1989`: random signs for a trace. {cite:t}`bekas2007`: for a diagonal. {cite:t}`avron2011`: how many probes. {cite:t}`meyer2021`: Hutch++.
# - {cite:t}`yao2021`: AdaHessian. {cite:t}`liu2024`: Sophia.
# - {cite:t}`pearlmutter1994`: the product with the Hessian. {cite:t}`dangel2020`: BackPACK.
