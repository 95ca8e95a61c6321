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
# # Stochastic gradient descent
#
# MNIST has 60,000 training images. Its loss is a mean over all of them, so one step of gradient descent reads every image, and then throws the answer away. A step after a handful of images is cheap, and its gradient is noisy.
#
# This is a bowl with noise of size 1 in each entry of the gradient. Take the 200 steps, then move the rate: **how small must it be for the cloud around the minimum to shrink to half, and what does that cost?**

# %% tags=["hide-input"]
from book.explorers import DescentOnASurface

DescentOnASurface("noisy bowl, κ = 10", lr=0.1, steps=0)

# %% [markdown]
# **You will**
#
# - derive how far a minibatch's gradient is from the full one, and check it on a real network;
# - choose a batch size from what a step costs and what an epoch earns;
# - predict where the noise leaves you: how far from a minimum you hover, and what a smaller rate changes.
#
# **You need**
#
# - the step of descent: the rate times the gradient, downhill ({doc}`/2-derivatives/gradient-descent`);
# - on a curvature $\lambda$ it multiplies the distance by $1 - \eta\lambda$, so that $2/\lambda_{\max}$ is the limit ({doc}`/1-numbers/conditioning`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $\theta$, $n$ | $(n,)$; number | the parameters, all in one vector; how many they are |
# | $L(\theta)$, $\ell_i(\theta)$ | numbers | the loss over all examples; the loss of example $i$ alone |
# | $g$, $g_i$ | $(n,)$ | their gradients |
# | $\hat{g}$, $\hat{g}_t$ | $(n,)$ | the gradient of a minibatch, an estimate of $g$; the one of step $t$ |
# | $N$, $B$ | numbers | how many examples there are; how many of them a step reads |
# | $\eta$, $\eta_t$ | number | the learning rate; the one of step $t$ |
# | $d_i$, $\sigma^2$ | $(n,)$; number | the deviation $g_i - g$; the mean of its squared length. In one dimension: the variance of one example's gradient |
# | $e_t$ | number | the error of the gradient at step $t$, in one dimension |
# | $x$, $x_t$, $f$ | number | a parameter in one dimension; the function to be made small |
# | $f^*$ | number | the smallest value of $f$ |
# | $\lambda$, $\lambda_{\max}$ | number | a curvature; the largest one |
# | $V$, $V_t$ | number | the variance of $x_t$ over many runs; without an index: in the long run |
# | $w$ | $(5,)$ | the weights of a least-squares problem |
# | $y$, $a$ | numbers | the second coordinate of the saddle; its growth $1 + 2\eta$ in a step |
# | $c$ | number | how much the curve with two holes leans |
# | $H$ | $(n, n)$ | the Hessian |
# | $\mu$ | number | momentum, here 0 |
# | $\Delta f$ | number | the height of the hilltop over the bottom of a hole |
# | $k$, $l$, $s$ | numbers | indices; $k$ also a factor by which a batch grows |
# :::

# %% tags=["hide-input"]
import math
import statistics
from itertools import count

import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

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
from book.figures import sgd as figures
from book.optim import SGD, state_bytes, trajectory
from book.surfaces import saddle
from book.training.data.load import load
from book.training.models import mlp
from book.training.run.loop import evaluate, tensors_for, train
from book.training.surface.flat import flat_loss, flat_parameters
from book.training.surface.side_by_side import difference


def normal(*shape, rng):
    return torch.randn(*shape, generator=rng, dtype=torch.float64)


# %% [markdown]
# ## One step for 1,500 images
#
# The sample that travels with the book has 1,500 images. Read all of them five times and spend them in three ways: in steps of 1,500 images, of 150, or of 15. That is 5 steps, or 50, or 500, for the same number of gradients of single images. The rate is the same, 0.1.
#
# :::{predict}
# How much lower is the loss after 500 careless steps than after 5 careful ones?
#
# - `a`: hardly: all three have read the same images equally often
# - `b`: it is higher: a step from 15 images points anywhere
# - `c`: more than ten times lower
# :::

# %%
images, test = load("mnist")
curves = {}
for B in (1500, 150, 15):
    network = mlp(784, 32, 10, seed=0).double()
    begin = evaluate(network, images)[0]
    optimizer = SGD(network.parameters(), lr=0.1)
    history = train(network, images, optimizer, 5, batch_size=B, test=images)
    curves[f"{B:,}"] = [begin, *history.test_losses]

# %% tags=["hide-input"]
show(
    figures.epochs(curves),
    "Three curves of the training loss against epochs, all from"
    f" {begin:.1f}. Steps of 1,500 images come down to {curves['1,500'][-1]:.1f} in five"
    f" epochs, steps of 150 to {curves['150'][-1]:.1f}. Steps of 15 images are at"
    f" {curves['15'][1]:.1f} after the first epoch and end near {curves['15'][-1]:.1f}.",
)

# %% tags=["hide-input"]
reveal(
    f"After five epochs the loss is {curves['1,500'][-1]:.1f} with steps of all 1,500"
    f" images, {curves['150'][-1]:.2f} with steps of 150 and"
    f" **{curves['15'][-1]:.2f}** with steps of 15.",
    right="c" if curves["1,500"][-1] > 10 * curves["15"][-1] else "a",
)

# %% [markdown]
# The full gradient is not wrong. It is too good for its price. (The rate is the same for all three. A larger one helps the full gradient, up to a limit.)
#
# ## The step
#
# The loss of a network with parameters $\theta$, shape $(n,)$, is a mean over $N$ examples: $L(\theta) = \frac{1}{N} \sum_i \ell_i(\theta)$, where $\ell_i$ is the loss of example $i$ alone. So its gradient is a mean too:
#
# $$g = \nabla L(\theta) = \frac{1}{N} \sum_{i=1}^{N} g_i, \quad g_i = \nabla \ell_i(\theta),$$
#
# with every $g_i$ of shape $(n,)$. A mean of many numbers can be estimated from a few. Draw $B$ examples $i_1, \dots, i_B$ at random, a {term}`minibatch`, and average over these only. The estimate gets a hat:
#
# $$\hat{g} = \frac{1}{B} \sum_{k=1}^{B} g_{i_k}, \quad \boxed{\;\theta_{t+1} = \theta_t - \eta\, \hat{g}_t\;}$$
#
# Each step draws anew. This is {term}`stochastic gradient descent`, SGD for short; {cite:t}`robbins1951` had the idea of stepping along noisy measurements. Three names mark the range: $B = N$ is *batch* gradient descent, $B = 1$ is *stochastic* in the strict sense, and everything between is *mini-batch*.
#
# ## How wrong is a minibatch?
#
# Take 500 images and a small network, and compute all 500 gradients $g_i$, one a row of a matrix. Do it twice: at the random start, and after 20 epochs of training.

# %%
N = 500
network = mlp(784, 16, 10, seed=0).double()
start = flat_parameters(network)
train(network, images[:N], SGD(network.parameters(), lr=0.1), 20, batch_size=25)
trained = flat_parameters(network)


def every_gradient(θ):
    return torch.stack(
        [gradient(flat_loss(network, images[i : i + 1]), θ) for i in range(N)]
    )


G = {"at the start": every_gradient(start), "after training": every_gradient(trained)}

# %% [markdown]
# A minibatch gradient is the mean of the rows that were drawn. *With replacement*, each draw is from all $N$ images, and an image can come twice. *Without*, each image comes at most once.
#
# :::{predict}
# At the random start: what is the angle between the gradient of 64 images and the gradient of all 500?
#
# - `a`: about 5°
# - `b`: about 20°
# - `c`: about 45°
# :::


# %% tags=["hide-input"]
def draw(G, B, replace=False, draws=200, seed=0):
    rng = torch.Generator().manual_seed(seed)
    if replace:
        rows = torch.randint(N, (draws, B), generator=rng)
    else:
        shuffle = torch.rand(draws, N, generator=rng, dtype=torch.float64)
        rows = shuffle.argsort(dim=1)[:, :B]
    share = torch.full(rows.shape, 1 / B, dtype=torch.float64)
    return torch.zeros(draws, N).double().scatter_add_(1, rows, share) @ G


panels = {
    name: {
        B: torch.cosine_similarity(draw(rows, B), rows.mean(0), dim=1).acos().rad2deg()
        for B in (1, 16, 64, 256)
    }
    for name, rows in G.items()
}

show(
    figures.angles(panels),
    "Two rows of histograms. At the start single images stand at about"
    f" {panels['at the start'][1].median():.0f}° to the full gradient, 16 images near"
    f" {panels['at the start'][16].median():.0f}° and 256 near"
    f" {panels['at the start'][256].median():.0f}°, each a narrow hump. After training the"
    " humps are wider, overlap, and lie further right: 256 images near"
    f" {panels['after training'][256].median():.0f}°, and single images up to"
    f" {panels['after training'][1].max():.0f}°.",
)

# %% tags=["hide-input"]
reveal(
    f"At the start the median is {panels['at the start'][64].median():.0f}°, after training"
    f" {panels['after training'][64].median():.0f}°. The part along g is right on average all the same.",
    right="c",
)

# %% [markdown]
# In 12,730 dimensions there is much room to be off to the side, and a short step to the side hardly changes the loss. What carries the loss down is the part along $g$.
#
# ### Right on average
#
# Draw one index $i$, each with the chance $1/N$. The mean over all outcomes of $g_i$ is $\mathrm{E}\, g_i = \sum_i \frac{1}{N} g_i = g$. A mean of $B$ such draws has the same mean:
#
# $$\mathrm{E}\, \hat{g} = \frac{1}{B} \sum_{k=1}^{B} \mathrm{E}\, g_{i_k} = g.$$
#
# The estimate is {term}`unbiased`. This holds for every $B$, and without replacement too, because each single draw still falls on each image with the chance $1/N$.
#
# ### How far off
#
# Write $d_i = g_i - g$ for the deviation of one example, and $\sigma^2$ for its mean square length, one number for the whole vector:
#
# $$\sigma^2 = \frac{1}{N} \sum_{i=1}^{N} \lVert d_i \rVert^2, \qquad \sum_{i=1}^{N} d_i = 0.$$
#
# Then the error of a minibatch has the mean square length
#
# $$\boxed{\;\begin{aligned} & \mathrm{E}\, \lVert \hat{g} - g \rVert^2 \\ & \quad = \frac{\sigma^2}{B} \;\;\text{with replacement}, \\ & \quad = \frac{\sigma^2}{B} \cdot \frac{N - B}{N - 1} \;\;\text{without} \end{aligned}\;}$$
#
# :::{dropdown} Why
#
# The error of the minibatch is $\hat{g} - g = \frac{1}{B} \sum_k d_{i_k}$. Square it and take the mean:
#
# $$\begin{aligned} \mathrm{E}\, \lVert \hat{g} - g \rVert^2 = \frac{1}{B^2} \Big( & \sum_k \mathrm{E}\, \lVert d_{i_k} \rVert^2 \\ & {} + \sum_{k \ne l} \mathrm{E}\, d_{i_k}^\top d_{i_l} \Big). \end{aligned}$$
#
# The first sum has $B$ terms, each $\sigma^2$. The second has $B(B-1)$ terms, and here the two ways of drawing part.
#
# - **With replacement** the draws $i_k$ and $i_l$ are independent, so each term is $(\mathrm{E}\, d)^\top (\mathrm{E}\, d) = 0$. What is left is $\sigma^2 / B$.
# - **Without replacement**, once $i$ is drawn, the other draw is any of the remaining $N - 1$. All deviations sum to 0, so the remaining ones sum to $-d_i$, and their mean is $-d_i/(N-1)$. Each term is $-\sigma^2/(N-1)$, and the total is
#
# $$\begin{aligned} & \frac{1}{B^2} \Big( B \sigma^2 - B(B-1) \frac{\sigma^2}{N-1} \Big) \\ & \quad = \frac{\sigma^2}{B} \Big( 1 - \frac{B-1}{N-1} \Big). \end{aligned}$$
# :::
#
# Try the ends of the last factor: it is 1 at $B = 1$, and 0 at $B = N$, where the whole set was read and nothing is left to chance.
#
# The noise itself, the root of the variance, falls as $1/\sqrt{B}$ only.
#
# :::{predict}
# On log-log axes the variance against $B$ is nearly a straight line. What is its slope, and where do the two ways come apart?
#
# - `a`: −1/2; from $B = 1$ on
# - `b`: −1; only where $B$ is a sizeable part of $N$
# - `c`: −1; from $B = 1$ on
# :::

# %% tags=["hide-input"]
rows = G["at the start"]
g = rows.mean(0)
variance_of_one = (rows - g).square().sum(1).mean()
sizes = (1, 4, 16, 64, 256)
measured = {
    f"{word} replacement": [
        (draw(rows, B, word == "with", seed=B) - g).square().sum(1).mean()
        for B in sizes
    ]
    for word in ("with", "without")
}

show(
    figures.variance(sizes, measured, variance_of_one, N),
    "On log-log axes the variance with replacement lies on a straight line that falls"
    " by ten for ten times the batch. Without replacement the marks lie on it up to 16,"
    " a little below at 64 and at half of it at 256; their curve drops to zero at 500.",
)


# %% tags=["hide-input"]
def log_slope(x, y):
    x, y = torch.tensor(x).double().log(), torch.tensor(y).double().log()
    x = x - x.mean()
    return (x @ y / (x @ x)).item()


apart = measured["without replacement"][-1] / measured["with replacement"][-1]

reveal(
    f"The slope is **{log_slope(sizes, measured['with replacement']):.2f}**. Up to 16 images the two ways agree;"
    f" at 256 of {N}, without replacement leaves {apart:.2f} of the variance.",
    right="b",
)

# %% tags=["hide-input"]
errors = draw(rows, 1, True, draws=2000) - g
drift, mean_error = errors.square().sum(1).mean(), errors.mean(0).square().sum()
evidence(
    "F1",
    "holds",
    "With replacement, the variance falls as B to the power"
    f" {log_slope(sizes, measured['with replacement']):.2f}.",
    "Half the noise costs four times the images. Drawing without replacement only helps where a batch"
    " is a sizeable part of the data.",
    "All 500 gradients of a 784-16-10 network on MNIST images. At B = 256"
    f" drawing without replacement leaves {apart:.2f} of the variance, (N - B)/(N - 1) is"
    f" {(N - 256) / (N - 1):.2f}. The mean of 2,000 single draws has a"
    f" {math.sqrt(drift / mean_error):.0f} times smaller error than one draw; without"
    f" bias it is √2000 = {math.sqrt(2000):.0f}.",
)

# %% [markdown]
# ## What a batch costs
#
# A batch of 64 does 64 times the arithmetic of a single image, and not 64 times the time: fetching the weights from memory and starting each operation is paid once a step. So larger batches make an epoch shorter, until the arithmetic is all that is left. On the other side, an epoch at batch size $B$ is $N/B$ steps, and fewer steps go less far.
#
# A stored run measured both with a 784-128-10 network on all of MNIST, on one core. Rates came from one grid for every batch size, 0.001 to 3 in half decades, three seeds each.
#
# :::{predict}
# Batch sizes go from 1 to 4,096 in factors of four. From which of them on is hardly any time gained, though the loss after an epoch rises?
#
# - `a`: from 4 on
# - `b`: from 64 on
# - `c`: from 1,024 on
# - `d`: never; time and loss both go on falling
# :::

# %% tags=["hide-input"]
stored = results.load("batch-size")["results"]
sizes = [row["batch_size"] for row in stored["rows"]]
epoch = [row["seconds_per_image"] * stored["images"] for row in stored["rows"]]
grid = [
    [statistics.mean(some) if None not in some else math.inf for some in row["loss"]]
    for row in stored["rows"]
]
best = [means.index(min(means)) for means in grid]
fixed = stored["rates"].index(0.03)


def finite(losses):
    return [loss for loss in losses if loss is not None]


at_best = [row["loss"][k] for row, k in zip(stored["rows"], best, strict=True)]
at_fixed = [finite(row["loss"][fixed]) for row in stored["rows"]]
show(
    figures.batch_sizes(
        sizes, epoch, {"at its best rate": at_best, "at the rate 0.03": at_fixed}
    ),
    f"Left, on log-log axes: the seconds of an epoch fall from {epoch[0]:.0f} at B = 1 to"
    f" {epoch[3]:.1f} at B = {sizes[3]} and flatten to {epoch[-1]:.1f}. Right: the loss"
    f" after one epoch at the best rate is level near {statistics.mean(at_best[0]):.1f} up"
    f" to B = {sizes[3]} and then climbs steeply. At the rate 0.03 it is a valley: high at"
    " first, lowest at the next two sizes, and climbing from there above the other curve.",
)

# %% tags=["hide-input"]
table(
    [
        "batch size",
        "steps",
        "seconds an epoch",
        "best rate",
        "loss there",
        "accuracy, %",
    ],
    [
        [
            f"{B}",
            f"{math.ceil(stored['images'] / B):,}",
            f"{seconds:.2g}",
            f"{stored['rates'][k]:g}",
            f"{means[k]:.2f}",
            f"{100 * statistics.mean(row['test_accuracy'][k]):.1f}",
        ]
        for B, seconds, k, means, row in zip(
            sizes, epoch, best, grid, stored["rows"], strict=True
        )
    ],
)

# %% tags=["hide-input"]
at = sizes.index
losses = [means[k] for means, k in zip(grid, best, strict=True)]
level = losses[: at(64) + 1]
reveal(
    f"Up to {sizes[3]} images the loss at the best rate stays between {min(level):.2f} and {max(level):.2f}, and an"
    f" epoch gets {epoch[0] / epoch[3]:.0f} times shorter. From there to {sizes[-1]} it gets only"
    f" {epoch[3] / epoch[-1]:.1f} times shorter, and the loss rises to {losses[-1]:.2f}.",
    right="b",
)

# %% tags=["hide-input"]
evidence(
    "F4",
    "holds with a caveat",
    f"From B = 1 to B = 64 an epoch gets {epoch[0] / epoch[at(64)]:.0f} times shorter, and its loss is no worse"
    " once each batch size has its own rate.",
    "Take the largest batch whose loss after an epoch has not yet risen, and search its rate anew.",
    f"{'-'.join(map(str, stored['widths']))} on all of MNIST, one core: an epoch takes"
    f" {epoch[0]:.1f} s at B = 1, {epoch[at(64)]:.2f} s at B = 64 and {epoch[-1]:.2f} s at"
    f" B = {sizes[-1]}. The training loss after one epoch, at the best of"
    f" {len(stored['rates'])} rates, is between {min(level):.2f} and {max(level):.2f} from"
    f" B = 1 to 64, {losses[at(256)]:.2f} at 256 and {losses[-1]:.2f} at {sizes[-1]}.",
)

# %% [markdown]
# From 1 to 64 images an epoch gets shorter by much and its loss has no trend, once each batch size has a rate of its own. From there on you buy little time with much loss. The machine is full when the time per image hardly falls any more, and here, on one core and with a small network, that is early. The caveat is the best rate. Had you kept one rate for all, the dashed curve is what you would have concluded: at 0.03 single images are too hot, and large batches hardly move. Other limits: one network, one epoch, rates half a decade apart.
#
# ## Hovering
#
# Now watch the noise near a minimum. In one dimension, on $f(x) = \tfrac{\lambda}{2} x^2$, the gradient is $\lambda x$, and a minibatch adds an error $e_t$ with the mean 0 and the variance $\sigma^2/B$, new at each step:
#
# $$\begin{aligned} x_{t+1} &= x_t - \eta (\lambda x_t + e_t) \\ &= (1 - \eta\lambda)\, x_t - \eta\, e_t. \end{aligned}$$
#
# The mean of $x_t$ shrinks by $1 - \eta\lambda$ a step, as without noise. The variance $V_t$ does not: $x_t$ and $e_t$ are independent, so their variances add.
#
# $$V_{t+1} = (1 - \eta\lambda)^2\, V_t + \eta^2 \frac{\sigma^2}{B}.$$
#
# Each step forgets a part and adds a part. The two balance where $V_{t+1} = V_t = V$, that is $V \big( 1 - (1 - \eta\lambda)^2 \big) = \eta^2 \sigma^2 / B$. The bracket is $\eta\lambda\,(2 - \eta\lambda)$, so
#
# $$\boxed{\;V = \frac{\eta}{B} \cdot \frac{\sigma^2}{\lambda\,(2 - \eta\lambda)}\;}$$
#
# For small rates this is $V \approx \frac{\eta}{B} \cdot \frac{\sigma^2}{2\lambda}$. So SGD at a constant rate arrives near the minimum and then wanders at a distance of about $\sqrt{\eta\sigma^2 / 2\lambda B}$, for ever. Only the ratio $\eta/B$ counts; {cite:t}`smith2018` call $\eta N/B$ the noise scale.
#
# Run 2,000 copies at once. They are the 2,000 entries of one vector, and the library's `SGD` steps them all.
#
# :::{predict}
# You divide the rate by five. What happens to the typical distance at which the runs hover?
#
# - `a`: it stays; only the way there takes longer
# - `b`: it falls to about 1/√5 of what it was
# - `c`: it falls to about 1/5
# - `d`: it falls to 0
# :::


# %%
def many(x):  # λ = 1 for each entry, and no entry feels the others
    return x.square().sum() / 2


def noise(σ=1.0, runs=2000):
    rng = torch.Generator().manual_seed(0)
    return (σ * normal(runs, rng=rng) for _ in count())


far = torch.full((2000,), 10.0, dtype=torch.float64)
walks = {
    η: trajectory(lambda p, η=η: SGD(p, lr=η), many, far, 300, noise())
    for η in (0.5, 0.1, 0.02)
}


# %% tags=["hide-input"]
def forecast(η, t):
    V = η / (2 - η)
    shrunk = (1 - η) ** (2 * t)
    return (shrunk * 10**2 + V * (1 - shrunk)).sqrt()


show(
    figures.hovering(
        {η: walk.square().mean(1).sqrt() for η, walk in walks.items()}, forecast
    ),
    "Three curves fall from 10 and go level, the larger the rate the sooner and the"
    " higher. At step 300 they are at "
    + ", ".join(
        f"{walk[-1].square().mean().sqrt():.1f} (rate {η})" for η, walk in walks.items()
    )
    + ". A dashed line of the formula runs along each.",
)

# %% tags=["hide-input"]
table(
    ["rate", "V measured", "V by the formula"],
    [
        [f"{η}", f"{walk[100:].var(1).mean():.3g}", f"{η / (2 - η):.3g}"]
        for η in (0.1, 0.5, 1.5, 1.9)
        for walk in [trajectory(lambda p, η=η: SGD(p, lr=η), many, far, 250, noise())]
    ],
)

# %% tags=["hide-input"]
level = {η: walk[-1].square().mean().sqrt().item() for η, walk in walks.items()}
reveal(
    f"From {level[0.1]:.2f} at the rate 0.1 to {level[0.02]:.2f} at 0.02: the variance goes with the rate, so the"
    " distance goes with its root.",
    right="b",
)

# %% [markdown]
# A large rate comes down fast and stays high; a small one comes down slowly and ends low. At $2/\lambda$ the level is infinite: the old limit, met from the other side.
#
# So in the opening about a quarter of the rate halves the distance, and the way there takes about four times as long. A rate that *falls* need not stop at any level: *Going further* shows how fast it may fall, {doc}`schedules` how it is done in practice.
#
# ## On one screen

# %% tags=["remove-input"]
one_screen("SGD")

# %% [markdown]
# ## Use it

# %% tags=["remove-input"]
use_it("SGD")

# %% [markdown]
# ## Going further
#
# ### More on the noise
#
# *You see the library's line, how much of a minibatch points uphill, and what its length estimates.*

# %%
show_source(SGD.update)

# %% [markdown]
# Here `x` is $\theta$ and `g` is whatever gradient `backward()` has left behind. The rule does not know whether it came from one image or from all. The randomness sits in the line that picks the images.
#
# The part along $g$ is right *on average*. A single one need not be:


# %% tags=["hide-input"]
def along(rows, B):
    """The minibatches' parts along the full gradient, in units of its length."""
    g = rows.mean(0)
    part = draw(rows, B, draws=2000) @ g / g.square().sum()
    return f"{part.mean():.1f} ± {part.std():.1f}", f"{(part < 0).double().mean():.0%}"


table(
    ["", "B", "angle, median", "part along g, ± deviation", "uphill"],
    [
        [name, f"{B}", f"{panels[name][B].median():.0f}°", *along(rows, B)]
        for name, rows in G.items()
        for B in (1, 16, 64)
    ],
)

# %% [markdown]
# After training one image's part has a deviation of several times its mean, and a share of the minibatches points uphill. The deviation falls as $1/\sqrt{B}$, and the next steps draw other noise.
#
# Unbiased holds for the gradient, and not for what you compute from it. The squared length is too large on average: $\mathrm{E}\, \lVert \hat{g} \rVert^2 = \lVert g \rVert^2 + \mathrm{E}\, \lVert \hat{g} - g \rVert^2$. A stopping rule that waits for a short minibatch gradient waits for ever, and the methods that divide by the root of $\hat{g}^2$ ({doc}`rmsprop`, {doc}`adam`) divide by noise as well.

# %% tags=["hide-input"]
signal = {name: rows.mean(0).norm().item() for name, rows in G.items()}
table(
    ["", "length of g", "mean length of ĝ, B = 16", "√(‖g‖² + variance)"],
    [
        [
            name,
            f"{signal[name]:.2f}",
            f"{draw(rows, 16).norm(dim=1).mean():.2f}",
            f"{math.sqrt(signal[name] ** 2 + (rows - rows.mean(0)).square().sum(1).mean() / 16 * (N - 16) / (N - 1)):.2f}",
        ]
        for name, rows in G.items()
    ],
)

# %% [markdown]
# ### Larger batch, larger rate
#
# *You see why the rate may grow with the batch, and where that ends.*
#
# Look at the best rates in the table of *What a batch costs*: at first they grow with the batch. Take $k$ steps at the rate $\eta$ from small batches. Together they move $\theta$ by $-\eta \sum_j \hat{g}_j$. If the gradient hardly changes on the way, one step from all those images together does the same at the rate $k\eta$, because its mean is divided by $k$. This is the **linear scaling rule**: $k$ times the batch, $k$ times the rate ({cite:t}`goyal2017`).
#
# The condition is in the derivation. The gradient must hardly change, and that fails in two places: early in training, where the curvature grows quickly (Goyal et al. start with a small rate and warm up, see {doc}`schedules`), and for large $k$, where $k\eta$ meets $2/\lambda_{\max}$, which does not care about your batch. In the table the growth is roughly in proportion, and then it stops: from 64 images on a larger batch brings no larger rate, only fewer steps.
#
# ### Hovering in many dimensions
#
# *You see the loss that noise costs a least-squares problem, with noisy labels and with exact ones.*
#
# In many dimensions the coordinate along each eigenvector of the Hessian $H$ hovers for itself, driven by the noise's variance $\sigma_i^2$ along it. Add up the losses $\tfrac{1}{2}\lambda_i V_i \approx \frac{\eta}{4B} \sigma_i^2$, and for small rates the curvatures cancel:
#
# $$\mathrm{E}\, f - f^* \approx \frac{\eta\, \sigma^2}{4B},$$
#
# with the $\sigma^2$ of *How far off*, measured at the minimum. Test it on real minibatches: least squares with 200 examples and 5 weights, 300 runs at once. Then take the noise out of the labels, so that one $w$ fits all 200 examples exactly.
#
# :::{predict}
# The labels are exact now, and the minibatches are as random as before. Where does the run hover?
#
# - `a`: as far out: the noise comes from drawing 4 of 200
# - `b`: at a smaller distance that depends on the rate
# - `c`: nowhere: it converges
# :::

# %%
rng = torch.Generator().manual_seed(0)
X = normal(200, 5, rng=rng)
exact = X @ torch.arange(1.0, 6.0).double()
noisy = exact + normal(200, rng=rng)


def gaps(y, η, B=4, steps=800, runs=300):
    w, rng = torch.zeros(runs, 5).double(), torch.Generator().manual_seed(0)
    lowest = (X @ torch.linalg.lstsq(X, y).solution - y).square().mean() / 2
    for t in range(steps):
        rows = torch.randint(200, (runs, B), generator=rng)
        error = (X[rows] * w[:, None]).sum(-1) - y[rows]
        (w,) = SGD.update(w, (error[..., None] * X[rows]).mean(1), t=t, lr=η)
        yield ((w @ X.T - y).square().mean() / 2 - lowest).item()


# %% tags=["hide-input"]
residual = X @ torch.linalg.lstsq(X, noisy).solution - noisy
σ2 = (residual[:, None] * X).square().sum(1).mean().item()
table(
    ["labels", "rate", "mean excess loss, steps 400 to 800", "ησ²/4B"],
    [
        [name, f"{η}", f"{level:.2g}" if level > 1e-9 else "below 1e-9", f"{rule:.2g}"]
        for name, y, variance in (("noisy", noisy, σ2), ("exact", exact, 0.0))
        for η in (0.05, 0.1)
        for level, rule in [
            (statistics.mean(list(gaps(y, η))[400:]), η * variance / 16)
        ]
    ],
)

# %% [markdown]
# :::{answer} c
# With noisy labels the rule is a little low, more so at the larger rate, where neither the $\eta\lambda$ in $2 - \eta\lambda$ nor the growth of the noise away from the minimum can be left out. With exact labels there is no hovering at all. At the solution every single $g_i$ is zero, so $\sigma^2 = 0$ there, and a constant rate converges.
# :::
#
# This is {term}`interpolation`, and a network that is large enough to fit all its training images comes near it ({cite:t}`ma2018`). It is one reason why constant rates work better in deep learning than the theory of noisy minima suggests.
#
# ### Decay
#
# *You see how fast a rate may fall and still arrive.*
#
# If the level is set by the rate, let the rate fall: $\eta_1, \eta_2, \dots$ How fast? {cite:t}`robbins1951` ask for two things:
#
# $$\sum_{t=1}^{\infty} \eta_t = \infty, \qquad \sum_{t=1}^{\infty} \eta_t^2 < \infty.$$
#
# The first says that the steps can reach any distance. The second says that all the noise together has a finite variance. Two rates make both visible on $\lambda = 1$, where $x_{t} = (1 - \eta_t)\, x_{t-1} - \eta_t e_t$.
#
# - $\eta_t = 1/t$ meets both. The first step forgets the start, and after $t$ steps $x_t = -\frac{1}{t} \sum_{s \le t} e_s$: SGD computes the mean of all it has seen, and its variance is $\sigma^2/Bt$.
# - $\eta_t = 1/(t+1)^2$ breaks the first. Without noise the start is multiplied by $\prod_{k=2}^{t+1} (1 - \frac{1}{k^2}) = \frac{t+2}{2(t+1)}$, which goes to $\frac{1}{2}$. It stops halfway, however long you wait.
#
# A third, $\eta_t = 1/\sqrt{t}$, breaks the second condition.
#
# :::{predict}
# Which is nearest to the minimum after 2,000 steps from a distance of 10?
#
# - `a`: the constant rate 0.1
# - `b`: $1/t$
# - `c`: $1/\sqrt{t}$
# - `d`: $1/(t+1)^2$
# :::

# %%
schedules = {
    "constant, 0.1": lambda t: 0.1,
    "$1/t$": lambda t: 1 / t,
    r"$1/\sqrt{t}$": lambda t: t**-0.5,
    "$1/(t+1)^2$": lambda t: (t + 1) ** -2,
}
ends = {}
for name, rate in schedules.items():
    x, ends[name] = torch.full((1000,), 10.0).double(), []
    for t, e in zip(range(1, 2001), noise(runs=1000), strict=False):
        (x,) = SGD.update(x, x + e, t=t, lr=rate(t))
        ends[name].append(x.square().mean().sqrt().item())

# %% tags=["hide-input"]
show(
    figures.decays(ends),
    "On log-log axes: the constant rate falls and then stays level. 1/t falls along a"
    " straight line, 1/√t half as steeply. 1/(t+1)² comes down a little and stays. In"
    f" this order they end at {', '.join(f'{values[-1]:.2g}' for values in ends.values())}.",
)

# %% tags=["hide-input"]
last = {name: values[-1] for name, values in ends.items()}
hover, once, root, short = last.values()
reveal(
    f"1/t, at {once:.3f}; then 1/√t at {root:.2f}, the constant rate at {hover:.2f}, and 1/(t+1)² at {short:.1f},"
    " which is half of the way.",
    right="abcd"[[hover, once, root, short].index(min(last.values()))],
)

# %% tags=["hide-input"]
five = [walks[η][200:].var(1).mean().item() for η in (0.5, 0.1)]
evidence(
    "F3",
    "holds with a caveat",
    f"At the rate 0.1 the variance settles at {five[1]:.3f}, by the formula {0.1 / 1.9:.3f}; where one"
    " solution fits every example it goes to 0.",
    "A loss that is level and noisy asks for a smaller rate, not for patience.",
    f"On a bowl with curvature 1, 2,000 runs: at the rate 0.5 the variance is {five[0]:.2f}, by the"
    f" formula {0.5 / 1.5:.2f}. From a distance of 10, 2,000 steps end at {hover:.2f} with the"
    f" constant rate 0.1, at {once:.3f} with 1/t and at {short:.1f} with 1/(t+1)².",
)

# %% [markdown]
# The conditions are sufficient, not necessary: $1/\sqrt{t}$ breaks the second and converges here all the same, more slowly, because each $V_t$ follows its falling level.
#
# And they promise an arrival, not an early one. With $\eta_t = 1/t$ and a curvature of only $\lambda = 0.1$ the start shrinks like $\prod (1 - 0.1/t)$, about $t^{-0.1}$: to a tenth of the distance takes $10^{10}$ times the steps. The best factor in front of $1/t$ is $1/\lambda$, which you do not know. So in practice the rate is held for long and then lowered over a planned number of steps: {doc}`schedules`.

# %% tags=["hide-input"]
slow = math.prod(1 - 0.1 / t for t in range(1, 1_000_001))
say(f"After a million steps **{slow:.2f}** of the start is left.")

# %% [markdown]
# ### Out of the hole
#
# *You see how long noise takes to leave a saddle, and out of which holes it throws a run.*
#
# Noise that keeps you from settling also keeps you from settling in a bad place. How good is it at that? Start with the easy case, a saddle. On $x^2 - y^2$ the ridge is the line $y = 0$: there the gradient's second entry is exactly 0, and descent without noise walks along the ridge into the saddle and stays. With noise, $y$ is multiplied by $1 + 2\eta$ at each step and gets a new error. So its variance is
#
# $$\operatorname{Var} y_t = \frac{\eta^2 \sigma^2}{B} \cdot \frac{a^{2t} - 1}{a^2 - 1}, \quad a = 1 + 2\eta.$$
#
# The typical $\lvert y \rvert$ (half of the runs are beyond it) is 0.67 standard deviations. It reaches 1 after a number of steps that grows with the *logarithm* of $B$: $\ln 4 / \ln a$ more steps for 16 times the batch. Take $\eta = 0.05$ and $\sigma = 1$; that is 14.5 steps.
#
# :::{predict} number
# About how many more steps does $B = 4096$ need than $B = 1$, to the nearest ten?
# :::

# %%
η, a = 0.05, 1.1
begin = torch.tensor([1.5, 0.0] * 500, dtype=torch.float64)  # 500 runs on the ridge


def first_beyond(σ):
    walk = trajectory(
        lambda p: SGD(p, lr=η),
        lambda p: saddle(p.view(-1, 2)).sum(),
        *(begin, 150, noise(σ, 1000)),
    )
    y = walk.view(-1, 500, 2)[..., 1].abs()
    return ((y > 1).cumsum(0) == 0).sum(0).double()


# %% tags=["hide-input"]
def typical(σ):
    return math.log(1 + (a * a - 1) / (0.67 * η * σ) ** 2) / (2 * math.log(a))


saddle_steps = {B: first_beyond(B**-0.5).median().item() for B in (1, 16, 256, 4096)}
stay = first_beyond(0.0).min().item()
table(
    ["batch size", "steps to leave, median of 500", "by the formula"],
    [
        [f"{B}", f"{steps:.0f}", f"{typical(B**-0.5):.0f}"]
        for B, steps in saddle_steps.items()
    ]
    + [["all", "never" if stay > 150 else f"{stay:.0f}", "never"]],
)

# %% tags=["hide-input"]
more = saddle_steps[4096] - saddle_steps[1]
reveal(
    f"{more:.0f} steps more. A factor of 16 costs {math.log(4) / math.log(a):.1f}, and 4,096 is three of them.",
    right=round(more / 10) * 10,
)

# %% [markdown]
# Almost any noise is enough for a saddle; {cite:t}`ge2015` prove that SGD with noise in every direction leaves strict saddles in a number of steps that is polynomial in the problem's size. A hole is another matter, since every way out leads uphill.
#
# #### A shallow hole and a deep one
#
# Take a curve with two holes. Its slope is $f'(x) = (x^2 - 1)(x + c)$ with $c = 0.2$: it is zero at the shallow hole $x = -1$, at the deep one $x = 1$, and on the hilltop $x = -c$ between them. A minibatch adds noise with the variance $\sigma^2/B$, where $\sigma = 4$. All runs start at the bottom of the shallow hole, with the rate 0.1.
#
# :::{predict}
# Where are 500 runs after 3,000 steps with batches of 256, of 16, and of 1?
#
# - `a`: the smaller the batch, the more of them are in the deep hole
# - `b`: with 256 in the shallow hole, with 16 in the deep one, with 1 in both
# - `c`: all in the deep hole: 3,000 steps are enough for each
# :::

# %%
c, hilltop = 0.2, -0.2


def well(x):
    return (x * x - 1) ** 2 / 4 + c * (x**3 / 3 - x)


def wander(x, η, spread, steps, rng):
    for t in range(steps):
        g = (x * x - 1) * (x + c) + spread * normal(*x.shape, rng=rng)
        (x,) = SGD.update(x, g, t=t, lr=η)
        yield x


# %%
sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256]
spread = 4 / torch.tensor(sizes).double()[:, None].sqrt()
final = {}
for hole, side in (("shallow", -1.0), ("deep", 1.0)):
    x, rng = (
        torch.full((9, 500), side).double(),
        torch.Generator().manual_seed(int(side > 0)),
    )
    *_, final[hole] = wander(x, 0.1, spread, 3000, rng)

# %% tags=["hide-input"]
show(
    figures.wells(
        well, {f"B = {B}": final["shallow"][sizes.index(B)] for B in (256, 16, 1)}
    ),
    "A curve with a shallow hole at -1, a hilltop at -0.2 and a deep hole at 1. Below"
    " it, three histograms of the runs' last positions. With 256 images all are in the"
    " shallow hole; with 16 nearly all are in the deep one; with 1 they are spread over"
    " both holes and the hilltop.",
)

# %% tags=["hide-input"]
inside = {name: (x > hilltop).double().mean(1) for name, x in final.items()}
show(
    figures.shares(
        sizes, {f"start in the {name} hole": v for name, v in inside.items()}
    ),
    "The share of runs in the deep hole against the batch size, for both starts. From the"
    " shallow hole: "
    + ", ".join(
        f"{v:.1f} at {B}" for B, v in zip(sizes, inside["shallow"], strict=True)
    )
    + ". From the deep hole it is the same for small batches and stays at 1 for large ones.",
)

# %% [markdown]
# :::{answer} b
# Three regimes. At small batches the noise is so strong that where you started is forgotten, and a share of the runs sits in the worse hole at any time. At large ones nobody leaves. In between, around 16, the noise is strong enough for the shallow hole and too weak for the deep one. That is the picture behind "SGD escapes bad minima", and it needs the noise to lie in a band.
# :::

# %% tags=["hide-input"]
shallow, deep = inside["shallow"].tolist(), inside["deep"].tolist()
evidence(
    "F2",
    "holds with a caveat",
    f"After 3,000 steps {100 * shallow[4]:.0f} % of the runs from the shallow hole are in the deep one at B = 16,"
    f" and {100 * shallow[6]:.0f} % at B = 64.",
    "Count on noise to leave a saddle. Do not count on it to leave a hole: it does so in a band of η/B only.",
    "From a saddle's ridge full-batch descent never leaves and noise leaves in"
    f" {saddle_steps[1]:.0f} steps at B = 1, {saddle_steps[4096]:.0f} at B = 4096. Of the runs that start in the"
    f" deep hole {100 * deep[0]:.0f} % are there after 3,000 steps at B = 1.",
)

# %% [markdown]
# The caveats are three. How the wait grows with the depth of the hole, the next section measures. The noise here is the same everywhere and in all directions; a network's noise is larger where the loss is high and lies in few directions. And that escaping helps is a property of this curve, whose shallow hole is the worse one. {cite:t}`kleinberg2018` take another view that needs no rare events: SGD descends a blurred copy of $f$, in which a narrow hole is no hole at all.

# %% [markdown]
# ### How long an escape takes
#
# *You see a formula from physics predict the wait in a hole.*
#
# Near the bottom the run hovers with the variance $\eta\sigma^2/2B\lambda$. To get out it must climb $\Delta f$, the height of the hilltop over the bottom, by a rare series of errors that mostly point the same way. For small $\eta$ the mean number of steps is {cite:t}`kramers1940`'s formula from physics, with the temperature $\eta\sigma^2/2B$:
#
# $$\boxed{\;\begin{aligned} & \text{steps} \approx \exp\!\Big( \frac{2\, \Delta f\, B}{\eta\, \sigma^2} \Big) \\ & \quad {} \cdot \frac{2\pi}{\eta \sqrt{f''(\text{bottom})\, \lvert f''(\text{top}) \rvert}} \end{aligned}\;}$$
#
# So the logarithm of the time is a straight line in $B/\eta\sigma^2$, with the slope $2\Delta f$. Doubling the batch and doubling the rate cancel in the exponent.
#
# :::{predict}
# The deep hole is about three times as deep as the shallow one. How much longer does it hold a run?
#
# - `a`: about three times as long
# - `b`: about nine times as long
# - `c`: it depends on $B/\eta$: the exponent is three times as large
# :::
#
# Three rates, seven noise levels and 400 runs each; all 21 settings step at once. Runs that have not left are counted with the time that they were watched.

# %%
rates = (0.05, 0.1, 0.2)
η = torch.tensor(rates).double()[:, None, None]
inverse = torch.tensor([6.0, 7, 8, 12, 16, 20, 24]).double()  # B / ησ²
spread = 1 / (η * inverse[:, None]).sqrt()


# %%
def time_to_leave(side, steps=3000):
    bottom, rng = torch.full((3, 7, 400), side), torch.Generator().manual_seed(2)
    alive, watched = torch.ones(3, 7, 400, dtype=torch.bool), torch.zeros(3, 7)
    for x in wander(bottom.double(), η, spread, steps, rng):
        watched += alive.sum(-1)
        alive &= (x - hilltop) * side > -0.5  # out: half a unit beyond the hilltop
    left = 400 - alive.sum(-1)
    return torch.where(left >= 15, watched / left * η[..., 0], torch.nan)


# %% tags=["hide-input"]
height = {
    side: (well(torch.tensor(hilltop)) - well(torch.tensor(side))).item()
    for side in (-1.0, 1.0)
}


def kramers(side):
    curvatures = 2 * (1 + side * c) * (1 - c * c)
    return lambda z: 2 * math.pi / curvatures**0.5 * (2 * height[side] * z).exp()


# %%
leave = {side: time_to_leave(side) for side in (-1.0, 1.0)}

# %% tags=["hide-input"]
show(
    figures.escapes(
        inverse,
        {
            name: (leave[side], kramers(side))
            for name, side in (("shallow", -1.0), ("deep", 1.0))
        },
        rates,
    ),
    "Steps times rate on a logarithmic axis against B/ησ². For the shallow hole the"
    " marks of three rates lie close together on a rising dashed line, from"
    f" {leave[-1.0][0, 0]:.0f} at the left to {leave[-1.0].nan_to_num(0).max():.0f} at the right. For"
    f" the deep hole they lie on a line {height[1.0] / height[-1.0]:.1f} times as steep,"
    f" begin at {leave[1.0][0, 0]:.0f} and end where too few runs have left.",
)

# %% tags=["hide-input"]
seen = leave[-1.0].isfinite()
across = inverse.expand(3, 7)[seen].tolist()
slope = torch.tensor(across) - statistics.mean(across)
slope = (slope @ leave[-1.0][seen].log().float() / (slope @ slope)).item()
reveal(
    f"The exponent is {height[1.0] / height[-1.0]:.1f} times as large: at the left end of the plot the deep hole"
    f" holds {leave[1.0][0, 0] / leave[-1.0][0, 0]:.0f} times as long, and the gap widens from there. From the shallow hole"
    f" the log of the time grows by {slope:.2f} per unit of B/ησ² (theory: {2 * height[-1.0]:.2f}).",
    right="c",
)

# %% [markdown]
# A hole twice as deep squares the exponential, so against deep minima noise is no help at any patience you have. A network's noise is not the same everywhere, so its escape times need not follow this formula.
#
# #### An exercise: read the plot (★★)
#
# Look at the shares of runs in the deep hole, in *A shallow hole and a deep one*. The curve that starts in the shallow hole falls from 1 to 0 at about $B = 30$, because 3,000 steps are too few beyond. You now wait ten times as long, 30,000 steps. Where does the fall move? (The rate is 0.1, $\sigma^2 = 16$ and $2\Delta f = 0.27$.)
#
# - `a`: it stays where it is
# - `b`: to a batch size that is larger by about 13
# - `c`: to a batch size that is ten times larger
# - `d`: to a smaller batch size

# %%
answer = ...
check("3-first-order/wait-longer", answer)

# %% tags=["remove-input"]
solution("3-first-order/wait-longer")

# %% [markdown]
# ### Two rates in a race
#
# *You see a large rate race a small one, with noise, without it, and from a saddle's ridge.*
#
# Momentum with $\mu = 0$ is SGD under another name, so that a race can hold SGD at two rates.
#
# :::{predict}
# Without noise, which of the two is lower after 200 steps? And with noise?
#
# - `a`: the larger rate, both times
# - `b`: the larger rate without noise, the smaller rate with it
# - `c`: the smaller rate, both times
# :::
#
# Let them run, then switch the noise on. Do the two loss curves cross, and when? Then choose the saddle and put the start on its ridge: who leaves, with noise and without?

# %%
Race(
    "bowl, κ = 10",
    methods={"SGD": {"lr": 0.15}, "Momentum": {"lr": 0.02, "momentum": 0.0}},
    steps=0,
)

# %% tags=["hide-input"]
level = {η: sum(η / (2 * (2 - η * λ)) for λ in (1, 10)) for η in (0.15, 0.02)}
reveal(
    f"Without noise a step leaves {1 - 0.15:.2f} of the flat direction at the larger rate and {1 - 0.02:.2f} at the smaller"
    f" one. With noise the larger rate is ahead at first, and then hovers at {level[0.15] / level[0.02]:.0f} times the loss,"
    " whatever the size of the noise. From the ridge neither leaves without noise; with it both do, the larger rate first.",
    right="b",
)

# %% [markdown]
# ### In PyTorch
#
# *You see the same step in torch, its options, and what a `DataLoader` draws.*
#
# The same step is `torch.optim.SGD(params, lr=0.1)`. Train one network twice on the same minibatches:

# %% tags=["hide-input"]
apart = difference(lambda p: SGD(p, lr=0.1), lambda p: torch.optim.SGD(p, lr=0.1))
ours, theirs = (make(mlp(784, 10).parameters(), 0.1) for make in (SGD, torch.optim.SGD))
for optimizer in (ours, theirs):
    for x in optimizer.param_groups[0]["params"]:
        x.grad = torch.ones_like(x)
    optimizer.step()
say(
    "After two epochs the largest difference is"
    f" {'below' if apart < 1e-12 else 'above'} 1e-12. Our SGD keeps"
    f" {state_bytes(ours):.0f} bytes a parameter; torch's keeps a state for"
    f" {len(theirs.state)} of its 2 parameter tensors."
)

# %% [markdown]
# SGD remembers nothing: no method needs less memory.
#
# | Option of `torch.optim.SGD` | What it does | Ours |
# |:--|:--|:--|
# | `lr` | $\eta$; 0.001 unless you say otherwise, which is small for this method | the same |
# | `weight_decay` | adds `weight_decay` times $\theta$ to the gradient | the same |
# | `maximize` | climbs | the same |
# | `momentum`, `dampening`, `nesterov` | a velocity | `Momentum` and `Nesterov`, methods of their own: {doc}`momentum`, {doc}`nesterov` |
# | `foreach`, `fused` | how the same numbers are computed: all tensors in one call, or one pass over memory | `engine="compiled"` |
# | `differentiable` | lets you differentiate through the step | left out: `SGD.update` is a plain function of tensors, so differentiate that |
#
# Set `fused=True`, or ours to `engine="compiled"`, once the model has millions of parameters. With a small one the step costs less than the call.
#
# The minibatches come from `DataLoader(dataset, batch_size=64, shuffle=True)`: a new order each epoch, each example once, the last batch smaller unless `drop_last=True`. Without `shuffle` the order is the file's, every epoch. A `generator` with a seed makes the order repeatable; `RandomSampler(dataset, replacement=True)` as its `sampler` draws with replacement.

# %%
rng = torch.Generator().manual_seed(0)
loader = DataLoader(
    TensorDataset(torch.arange(10)), batch_size=4, shuffle=True, generator=rng
)

# %% tags=["hide-input"]
passes = [[batch.tolist() for (batch,) in loader] for _ in range(2)]
table(
    ["epoch", "first batch", "second", "third"],
    [[f"{k + 1}", *(str(batch) for batch in some)] for k, some in enumerate(passes)],
)

# %% [markdown]
# #### An exercise: an epoch (★★)
#
# Write `epoch(N, B, generator)`: a list of index tensors that together hold each of $0, \dots, N - 1$ exactly once, in a random order drawn from the generator. All have $B$ entries, except the last where $B$ does not divide $N$.


# %%
def epoch(N, B, generator): ...


check("3-first-order/epoch", epoch)

# %% tags=["remove-input"]
solution("3-first-order/epoch")

# %% [markdown]
# ### Which variant is this?
#
# *You see what the order of the images does to the result.*
#
# **With or without replacement.** The theory mostly draws with replacement. In practice nearly everyone shuffles the images and cuts the pile into batches, so that each comes once; one pass is an {term}`epoch`. The library's `train` does that, and so does torch's `DataLoader` with `shuffle=True`. Drawn with replacement, an image is missing from $N$ draws with the chance $(1 - 1/N)^N \approx 1/e$, so an "epoch" leaves 37 % of the images unread.
#
# If the parameters stood still and $B$ divided $N$, the minibatch gradients of one shuffled epoch would average to exactly $g$: what one batch overstates, the others make up for.
#
# **Not shuffled at all.** Files are often sorted by class.
#
# :::{predict}
# The batches come in that order: all zeros first, then all ones, and so on. Three epochs, batches of 15, the rate 0.1. What is the accuracy on test images?
#
# - `a`: as good as shuffled: each image is read just as often
# - `b`: some points lower
# - `c`: near a guess among a few classes
# :::
#
# Four seeds:

# %%
inputs, labels = tensors_for(mlp(784, 10).double(), images)


def accuracy(order, seed):
    model = mlp(784, 32, 10, seed=seed).double()
    optimizer = SGD(model.parameters(), lr=0.1)
    for rows in order.split(15):
        optimizer.zero_grad()
        cross_entropy(model(inputs[rows]), labels[rows]).backward()
        optimizer.step()
    return 100 * evaluate(model, test)[1]


# %%
def orders(seed, total=1500):
    rng = torch.Generator().manual_seed(seed)
    shuffled = [torch.randperm(total, generator=rng) for _ in range(3)]
    return {
        "shuffled each epoch": torch.cat(shuffled),
        "with replacement": torch.randint(total, (3 * total,), generator=rng),
        "sorted by class": labels.argsort(stable=True).repeat(3),
    }


scores = [{name: accuracy(o, s) for name, o in orders(s).items()} for s in range(4)]

# %% tags=["hide-input"]
table(
    ["order", "mean test accuracy, %", "lowest", "highest"],
    [
        [name, f"{statistics.mean(some):.0f}", f"{min(some):.0f}", f"{max(some):.0f}"]
        for name in scores[0]
        for some in [[score[name] for score in scores]]
    ],
)

# %% [markdown]
# :::{answer} c
# Sorted batches are biased, each in its own direction: the network learns to say "nine" because it has seen nothing else for a while. The ranges of the two random ways overlap: four seeds show no difference.
# :::
#
# **Mean or sum.** The loss here is the *mean* over the batch, so $\hat{g}$ estimates the same $g$ whatever $B$ is, and the step limit $2/\lambda_{\max}$ does not move with $B$. With the *sum*, `reduction="sum"` in torch, doubling the batch doubles every step.
#
# **A last batch that is smaller.** If $B$ does not divide $N$, the last batch of an epoch has fewer images, each with a larger weight. The bias is slight; `drop_last=True` leaves those images out instead.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: eight times quieter (★)
#
# With batches of 64 out of many millions of examples, the typical error $\sqrt{\mathrm{E} \lVert \hat{g} - g \rVert^2}$ of the gradient is 3.2. Which batch size makes it 0.4?

# %%
answer = ...
check("3-first-order/quieter-batch", answer)

# %% tags=["remove-input"]
solution("3-first-order/quieter-batch")

# %% [markdown]
# ### Exercise 2: hover closer (★)
#
# On $f(x) = \tfrac{\lambda}{2} x^2$ with $\lambda = 2$, single examples ($B = 1$) have gradient noise with $\sigma = 1$. At which constant rate is the root mean square distance in the long run 0.1? Use the whole formula, to four digits.

# %%
answer = ...
check("3-first-order/hover-closer", answer)

# %% tags=["remove-input"]
solution("3-first-order/hover-closer")

# %% [markdown]
# ### An open experiment
#
# Draw the minibatches in the order of a file, in a new random order each epoch, or with replacement, and measure $\hat{g} - g$ over one epoch of a network of yours. Which of the three errors cancels within the epoch?
#
# ## Summary
#
# - A minibatch gradient is right on average, and its variance is $\sigma^2/B$; without replacement it is that times $(N-B)/(N-1)$. Its direction may be far off; its part along the gradient is right on average. Up to a point a larger batch makes an epoch shorter and its loss no worse, if you search its rate anew.
# - At a constant rate SGD hovers at a variance of about $\frac{\eta}{B} \cdot \frac{\sigma^2}{2\lambda}$, so a fifth of the rate hovers at $1/\sqrt{5}$ of the distance. *Going further*: where one solution fits every example it does not hover, and a rate that falls, but not too fast, takes it in.
# - *Going further*: noise leaves a saddle after a time that grows with the logarithm of $B$, and a hole after one that is exponential in its depth times $B/\eta$. It chooses the deeper hole only in a band of noise.
#
# ## References
#
# - {cite:t}`robbins1951`: the method, and the conditions on the rate.
# - {cite:t}`bottou2018`: the theory of SGD at large scale, with proofs of hovering and of decay.
# - {cite:t}`goyal2017`: the linear scaling rule, warm-up, and where it ends.
# - {cite:t}`smith2018`: the noise scale.
# - {cite:t}`ma2018`: interpolation and constant rates.
# - {cite:t}`ge2015`: noise and strict saddles. {cite:t}`kleinberg2018`: SGD on a blurred loss.
# - {cite:t}`kramers1940`: the time to leave a hole.
