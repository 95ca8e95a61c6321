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
# # Natural gradient
#
# Gradient descent measures its steps in parameters. But parameters are only names for a model: write the width of a bell curve as $\sigma$ or as $\log \sigma$, and descent walks another way. Natural gradient measures a step by what it changes in the model.
#
# Here are two pairs of bell curves. In both pairs the means differ by 1, so to gradient descent they are equally far apart.

# %% tags=["hide-input"]
import math

import numpy as np
import torch
from torch.distributions import Normal, kl_divergence
from torch.nn.functional import avg_pool2d, one_hot

from book.calculus import hessian, jacobian
from book.calculus.matrix_free import Fisher, GaussNewton, Hessian
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
from book.explorers import NaturalStep
from book.figures import natural_gradient as figures
from book.numerics.vector import f64
from book.optim import SGD, Adam, NaturalGradient
from book.optim.natural_gradient import fisher_of_scores, natural_direction
from book.training.data.load import load
from book.training.models import mlp

images, _ = load("mnist")
X = avg_pool2d(images.images[:100].double() / 255, 4).flatten(1)
X, labels = X - X.mean(), images.labels[:100]
tasks = {
    "cross-entropy": (torch.nn.CrossEntropyLoss(), labels),
    "squared errors": (torch.nn.MSELoss(), one_hot(labels, 10).double()),
}


def off(A, B):
    return ((A - B).norm() / B.norm()).item()


show(
    figures.bells(
        {
            r"narrow, $\sigma$ = 0.5": ((0.0, 0.5), (1.0, 0.5)),
            r"wide, $\sigma$ = 5": ((0.0, 5.0), (1.0, 5.0)),
        }
    ),
    "Left, two narrow bell curves, centred at 0 and at 1, which share only a part in the middle. Right,"
    " two wide ones, centred at 0 and at 1, which lie almost on top of each other.",
)

# %% [markdown]
# :::{predict}
# One draw from the narrow pair gives you some evidence from which of the two bells it came. How many draws from the wide pair give as much?
#
# - `a`: 1
# - `b`: 10
# - `c`: 100
# :::
#
# :::{answer} c
# **100.** The evidence of a draw grows with the *square* of the distance in units of $\sigma$, and the wide bells are ten times as wide. This chapter makes that a distance, and a method.
# :::
#
# **You will**
#
# - measure how far apart two models are, and how that looks in the parameters;
# - run the same descent in three parametrisations, plain and natural;
# - tell Fisher, Gauss–Newton and Hessian apart, and say when they are one matrix.
#
# **You need** three facts:
#
# - cross-entropy is $-\log p(y)$, the model's surprise at the data ({doc}`/1-numbers/stable-softmax`);
# - near a point a function is a parabola, and its Hessian holds the curvature ({doc}`/2-derivatives/hessian`);
# - the gradient is the direction of steepest descent where all steps of one *length* are compared ({doc}`/2-derivatives/gradient`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $\theta$, $n$ | $(n,)$, number | the parameters of a model, and how many they are |
# | $y$, $p(y)$, $q(y)$ | number or class | a datum; its density or probability under a model |
# | $p_\theta$ | | the model with the parameters $\theta$ |
# | $\mu$, $\sigma$ | number | mean and standard deviation of a bell curve |
# | $s$ | $(n,)$ | a score, $\nabla_\theta \log p_\theta(y)$ |
# | $F$ | $(n, n)$ | the Fisher matrix, the mean of $s s^\top$ |
# | $f$, $g$ | number, $(n,)$ | the loss and its gradient |
# | $d$, $\eta$ | $(n,)$, number | a step; the learning rate |
# | $\delta$ | number | a ring's size |
# | $\mathbb{E}$ | | the mean over all $y$ that the model itself draws |
# | $\operatorname{KL}(p, q)$ | number | how far $q$ is from $p$, in nats |
# | $\omega$, $J$ | $(n,)$, $(n, n)$ | other parameters of the same model, and the Jacobian $\partial\theta/\partial\omega$ |
# | $H$, $G$ | $(n, n)$ | the Hessian of the loss, and the Gauss–Newton matrix |
# | $x$ | | what a classifier or a regression sees of an example |
# | $S$ | $(C, C)$ | the mean of the squares of the scores in the outputs |
# | $H_z$ | $(C, C)$ | the Hessian of the loss of one example in its outputs |
# | $v$ | $(n,)$ | Adam's average of squared gradients |
# | $\tau$, $w$, $X$ | number, $(n,)$, $(N, n)$ | in the exercises: a precision $1/\sigma^2$; weights; examples as rows |
# | $z$, $p$ | $(C,)$ | the outputs of a network for one example, and their softmax |
# | $J_z$, $C$, $N$ | $(C, n)$, number, number | the Jacobian of the outputs; how many outputs, how many examples |
# | $\lambda$, $I$ | number, $(n, n)$ | the damping; the identity matrix |
# :::
#
# ## One model, two names
#
# Some data have the mean 0 and the variance 1. Fit a bell curve to them. The mean surprise of a datum is, but for a constant,
#
# $$f(\mu, \sigma) = \log \sigma + \frac{1 + \mu^2}{2\sigma^2}.$$
#
# Start at $\mu = 1$, $\sigma = 2$, with the rate 1. The slopes there are
#
# $$\begin{aligned} \frac{\partial f}{\partial \mu} &= \frac{\mu}{\sigma^2} = 0.25, \\ \frac{\partial f}{\partial \sigma} &= \frac{1}{\sigma} - \frac{1 + \mu^2}{\sigma^3} = 0.25, \end{aligned}$$
#
# so descent goes to $\mu = 0.75$, $\sigma = 1.75$. Now your colleague writes the same model with $\log \sigma$, so that $\sigma$ can never become negative. Her slope along $\log \sigma$ is $\sigma \cdot \partial f/\partial\sigma = 0.5$.
#
# :::{predict} number
# Same model, same start, same rate. Which $\sigma$ does she have after the step?
# :::


# %%
def loss(bell):
    μ, σ = bell
    return σ.log() + (1 + μ**2) / (2 * σ**2)


def from_log(ω):  # ω = (μ, log σ)  →  (μ, σ)
    return torch.stack([ω[0], ω[1].exp()])


# %% tags=["hide-input"]
def descend(to_bell, ω, lr, steps, matrix=None):
    """The path of (μ, σ), with the parameters ω: plain descent, or natural with a Fisher matrix."""
    ω = torch.nn.Parameter(ω.clone())
    if matrix is None:
        optimizer = SGD([ω], lr=lr)
    else:
        optimizer = NaturalGradient(
            [ω], lr=lr, fisher=lambda: matrix(to_bell, ω.detach())
        )

    def closure():
        optimizer.zero_grad()
        value = loss(to_bell(ω))
        value.backward()
        return value

    path = [to_bell(ω).detach().clone()]
    for _ in range(steps):
        optimizer.step(closure)
        path.append(to_bell(ω).detach().clone())
    return torch.stack(path)


ours = descend(lambda ω: ω, f64(1, 2), 1.0, 1)[-1]
hers = descend(from_log, f64(1, math.log(2)), 1.0, 1)[-1]
reveal(
    f"Her new $\\log \\sigma$ is $\\log 2 - 0.5$, and $\\sigma = 2e^{{-0.5}} = \\mathbf{{{hers[1]:.2f}}}$, where"
    f" descent in $\\sigma$ has {ours[1]:.2f}. Which of the two is steepest descent? Both: each in its own names.",
    right=round(hers[1].item(), 2),
)

# %% [markdown]
# ## How far apart are two models?
#
# Let a model $p$ draw the data. Each draw $y$ speaks for $p$ and against another model $q$ by $\log p(y) - \log q(y)$. The mean of that is the {term}`Kullback–Leibler divergence`:
#
# $$\begin{aligned} \operatorname{KL}(p, q) &= \mathbb{E}\big[\log p(y) - \log q(y)\big], \\ & \phantom{{}={}} y \text{ drawn from } p. \end{aligned}$$
#
# It is 0 if the two are one model, and above 0 else. It does not know what the parameters are called. For two bells of the same width it is $\frac{(\mu_1 - \mu_2)^2}{2\sigma^2}$: 2 for the narrow pair and 0.02 for the wide one. That was the factor of 100.
#
# Below, each ring holds all bells that are equally far, 0.02, from the dot in its middle.

# %%
centres = [(μ, σ) for μ in (-2.0, 0.0, 2.0) for σ in (0.4, 0.8, 1.6, 3.2)]
grid_μ = torch.linspace(-3.2, 3.2, 321)
grid_σ = torch.logspace(math.log10(0.3), math.log10(4.4), 241)
everywhere = Normal(grid_μ, grid_σ[:, None])  # a bell at each point of a grid
rings = [kl_divergence(Normal(μ, σ), everywhere) for μ, σ in centres]

# %% tags=["hide-input"]
show(
    figures.scales(grid_μ, grid_σ, rings, centres, level=0.02),
    "Two maps of the same bells with the same rings. Left, over μ and σ: the rings are small at"
    " the bottom and grow with σ in both directions. Right, over μ and log σ: all rings have the"
    " same height, and get wider with σ.",
)

# %% [markdown]
# Think of a map of the earth. A degree of longitude is 111 km at the equator and nothing at the pole, so "ten degrees" is no distance until you know where. Parameters are degrees. What turns them into distance is the local scale of the map, and on a map of models that is a matrix.
#
# :::{predict}
# A step of length 0.1 along $\mu$ is taken at $\sigma = 0.4$ and at $\sigma = 3.2$. Where does it change the model more?
#
# - `a`: at $\sigma = 3.2$, where the rings are large
# - `b`: at $\sigma = 0.4$, where the rings are small
# :::
#
# :::{answer} b
# **At 0.4.** A small ring is left after a short step. Plain descent takes no notice: a rate that is safe at the bottom creeps at the top.
# :::
#
# ## The scale of the map is the Fisher matrix
#
# How fast does the divergence grow as you leave a model? Numbers first. A coin shows heads with $p = 0.8$, and its parameter is the logit. The **score** is the slope of $\log p_\theta(y)$ in the parameter: $1 - p = 0.2$ for heads and $-p = -0.8$ for tails.
#
# - The mean score is $0.8 \cdot 0.2 - 0.2 \cdot 0.8 = 0$. That is always so.
# - The mean of its square is $0.8 \cdot 0.2^2 + 0.2 \cdot 0.8^2 = 0.16$. That is the coin's **Fisher information**.
#
# With $n$ parameters the score $s = \nabla_\theta \log p_\theta(y)$ is a vector, and the mean of $s s^\top$ is the {term}`Fisher matrix`. It is the curvature of the divergence; the dots are of third order in $d$:
#
# $$\boxed{\;\begin{aligned} F &= \mathbb{E}\big[s\, s^\top\big] \\ \operatorname{KL}(p_\theta, p_{\theta + d}) &= \tfrac{1}{2}\, d^\top F\, d + \cdots \end{aligned}\;}$$
#
# :::{dropdown} Why the slope is 0 and the curvature is F
# Write $p$ for $p_\theta(y)$ and sum over all $y$ (an integral for densities). The slope of $\operatorname{KL}$ at $d = 0$ is $-\mathbb{E}[s] = -\sum p\, \frac{\nabla p}{p} = -\nabla \sum p = -\nabla 1 = 0$. Its Hessian is $-\mathbb{E}[\nabla^2 \log p]$. Now $\nabla^2 \log p = \frac{\nabla^2 p}{p} - s s^\top$, and the mean of the first part is $\nabla^2 \sum p = 0$. So the Hessian is $\mathbb{E}[s s^\top]$. Note that $y$ is drawn from the *model*: no data are in $F$.
# :::
#
# The cell takes the definition at its word: scores of draws $y$, and the mean of their squares. Five draws with weights stand for the whole bell (Gauss and Hermite's, exact here).


# %%
nodes, weights = map(torch.from_numpy, np.polynomial.hermite_e.hermegauss(5))
weights = weights / weights.sum()


def fisher(to_bell, ω):
    μ, σ = to_bell(ω)
    y = μ + σ * nodes  # what the model draws

    def log_density(ω):
        μ, σ = to_bell(ω)
        return -σ.log() - (y - μ) ** 2 / (2 * σ**2)

    return fisher_of_scores(jacobian(log_density, ω), weights)


here = f64(1, 2)
F, F_log = fisher(lambda ω: ω, here), fisher(from_log, f64(1, math.log(2)))
F.diagonal(), F_log.diagonal()

# %% tags=["hide-input"]
curvature = hessian(lambda x: kl_divergence(Normal(*here), Normal(*x)), here)
ratios = []
for size in (0.5, 0.05, 0.005):
    d = size * f64(1, 1)
    true = kl_divergence(Normal(*here), Normal(*(here + d)))
    ratios.append((true / (d @ curvature @ d / 2)).item())
gap = (F - curvature).abs().max()
beside = max(F[0, 1].abs(), F_log[0, 1].abs())
say(
    "At $\\sigma = 2$ the diagonal is $1/\\sigma^2$ and $2/\\sigma^2$, and with $\\log\\sigma$"
    " it is $1/\\sigma^2$ and 2: a ring's width and height go with one over their roots. Off it both are 0 to"
    f" within 1e-12: **{'yes' if beside < 1e-12 else 'no'}**. torch's Hessian of the divergence is the first matrix to"
    f" within 1e-12: **{'yes' if gap < 1e-12 else 'no'}**. For steps"
    " of 0.5, 0.05 and 0.005 along both parameters the divergence is"
    f" {ratios[0]:.2f}, {ratios[1]:.2f} and {ratios[2]:.3f} times the parabola."
)

# %% [markdown]
# ## Steepest descent on that map
#
# Descent compares steps of one *length*: it makes $g^\top d + \frac{1}{2\eta} d^\top d$ small, and gets $d = -\eta g$. Compare steps that change the *model* equally, and the penalty is the divergence in place of the length:
#
# $$\min_d \; g^\top d + \frac{1}{2\eta}\, d^\top F\, d.$$
#
# Set the derivative $g + \frac{1}{\eta} F d$ to zero:
#
# $$\boxed{\; \theta \leftarrow \theta - \eta\, F^{-1} g \;}$$
#
# This is the {term}`natural gradient` ({cite:t}`amari1998`). It is the formula of Newton's method with $F$ in the place of the Hessian. $F$ never bends down, so no direction points uphill and no saddle draws you in. A whole step may still go too far.
#
# By hand at $\mu = 1$, $\sigma = 2$: $F = \operatorname{diag}(0.25, 0.5)$ and $g = (0.25, 0.25)$, so $F^{-1} g = (1, 0.5)$. With the rate 1 you go to $\mu = 0$, $\sigma = 1.5$. For your colleague $F = \operatorname{diag}(0.25, 2)$ and $g = (0.25, 0.5)$, so $F^{-1} g = (1, 0.25)$.
#
# :::{predict}
# Is her $\sigma$ after a natural step 1.5 too?
#
# - `a`: exactly
# - `b`: nearly; the gap goes to 0 faster than the step if the step is made smaller
# - `c`: no; it is as far off as with plain descent
# :::

# %%
plain, natural = [], []
for lr in (1.0, 0.1, 0.01):
    for path, matrix in ((plain, None), (natural, fisher)):
        a = descend(lambda ω: ω, f64(1, 2), lr, 1, matrix)[-1]
        b = descend(from_log, f64(1, math.log(2)), lr, 1, matrix)[-1]
        path.append((a - b).norm().item())

# %% tags=["hide-input"]
falls = [gaps[1] / gaps[2] for gaps in (plain, natural)]
hers = descend(from_log, f64(1, math.log(2)), 1.0, 1, fisher)[-1]
reveal(
    f"Hers is {hers[1]:.2f}.\n\n"
    + table(
        ["gap after one step", "η = 1", "η = 0.1", "η = 0.01"],
        [
            ["gradient descent", *(f"{gap:.6f}" for gap in plain)],
            ["natural gradient", *(f"{gap:.6f}" for gap in natural)],
        ],
    ).data
    + "\n\nFrom $\\eta = 0.1$ to 0.01 the gap of plain descent falls by the factor"
    f" {falls[0]:.1f}, as the step itself, and that of natural gradient by **{falls[1]:.0f}**, its square."
    " To first order in the step the two go to the same model.",
    right="b" if 80 < falls[1] < 120 else "c",
)

# %% [markdown]
# Why? Her parameters $\omega$ give $\theta$ with the Jacobian $J = \partial\theta/\partial\omega$. By the chain rule her gradient is $J^\top g$ and each score is $J^\top s$, so her Fisher matrix is $J^\top F J$. Her step, seen in $\theta$, is
#
# $$\begin{aligned} J\,(J^\top F J)^{-1} J^\top g &= J J^{-1} F^{-1} J^{-\top} J^\top g \\ &= F^{-1} g. \end{aligned}$$
#
# All $J$ cancel. In plain descent they do not: there it is $J J^\top g$. What is left is the bend of $\theta(\omega)$ along the step, which is of second order.
#
# ## The same path in three parametrisations
#
# A third friend uses the precision $1/\sigma^2$. Drag the bell, then change its parameters, with the ring $\frac{1}{2} d^\top F d = \delta$ wide and narrow. Look at which step and which path stay. The code below starts at $\mu = 2$, $\sigma = 3$.

# %% tags=["hide-input"]
NaturalStep()

# %%
names = {  # to (μ, σ), and the start
    r"$\sigma$": (lambda ω: ω, f64(2, 3)),
    r"$\log\,\sigma$": (from_log, f64(2, math.log(3))),
    r"$1/\sigma^2$": (lambda ω: torch.stack([ω[0], ω[1] ** -0.5]), f64(2, 1 / 9)),
}
runs = {
    "gradient descent": {
        name: descend(*of, lr=0.05, steps=600) for name, of in names.items()
    },
    "natural gradient": {
        name: descend(*of, lr=0.05, steps=120, matrix=fisher)
        for name, of in names.items()
    },
}

# %% tags=["hide-input"]
field_μ, field_σ = torch.linspace(-0.3, 2.4, 109), torch.linspace(0.6, 3.4, 113)
field = field_σ.log()[:, None] + (1 + field_μ**2) / (2 * field_σ[:, None] ** 2)


def apart(runs):
    """The largest distance of a point of one path from the nearest of another."""
    first, *others = runs.values()
    return max(torch.cdist(path, first).min(1).values.max().item() for path in others)


wide, narrow = (apart(some) for some in runs.values())
show(
    figures.paths(field_μ, field_σ, field, runs),
    "Three paths from the same start to the same star, over the level lines of the loss. Left,"
    " gradient descent: three different curves. Right, natural gradient: the three lie on top of"
    " one another.",
)

# %% tags=["hide-input"]
evidence(
    "S21",
    "holds with a caveat",
    f"With steps of 0.05 three parametrisations of one model take paths that are {wide:.2f} apart under"
    f" gradient descent and {narrow:.4f} apart under natural gradient.",
    "If a better parametrisation makes your training faster, ask what natural gradient would do: it has"
    " that gain built in.",
    "The caveat: it holds to first order in the step. Cut the step by ten and the gap of one natural step"
    f" falls by {falls[1]:.0f}, that of a plain one by {falls[0]:.1f}. Only a linear change of parameters is"
    " exact, and damping breaks even that.",
)

# %% [markdown]
# ## Fisher, Gauss–Newton, Hessian
#
# A classifier is a model of $y$ given $x$: its probabilities are the softmax $p$ of its outputs $z$. A regression is one too: $y$ is normal around $z$. The loss is the mean surprise, and three matrices offer themselves as its curvature:
#
# | Matrix | What it is |
# |:--|:--|
# | Hessian $H$ | the second derivatives of the loss, with the labels that you have |
# | Gauss–Newton $G$ | the mean of $J_z^\top H_z J_z$: the outputs' Jacobian, around the loss's Hessian $H_z$ in the outputs |
# | Fisher $F$ | the mean of $s s^\top$ over labels that the *model* draws |
#
# :::{predict}
# Two models see 100 digits: a linear one, and a network with 6 hidden units. Which of the three are equal?
#
# - `a`: all three, always: they are names of one thing
# - `b`: $F$ and $G$ always; $H$ too in the linear model
# - `c`: $G$ and $H$ always; $F$ too in the linear model
# :::

# %%
rows = []
for name, (criterion, targets) in tasks.items():
    for model in (mlp(49, 10).double(), mlp(49, 6, 10).double()):
        F, G, H = (
            matrix(model, criterion, (X, targets)).to_dense()
            for matrix in (Fisher, GaussNewton, Hessian)
        )
        rows.append([name, len(F), off(G, F), off(H, F)])

# %% tags=["hide-input"]
table(
    ["loss", "parameters", "G against F", "H against F"],
    [
        [name, str(n), *(f"{x:.2f}" if x > 1e-10 else "0" for x in pair)]
        for name, n, *pair in rows
    ],
)

# %% [markdown]
# :::{answer} b
# **$F$ and $G$ are one matrix** for these two losses, as for every loss that is $-\log$ of a member of an exponential family with $z$ as its natural parameters ({cite:t}`martens2020`).
# :::
#
# Why? The score of a label is $J_z^\top$ times the score in the outputs, so $F$ is the mean of $J_z^\top S\, J_z$, with $S$ the mean of squares in the outputs. For softmax, $S = \operatorname{diag}(p) - p p^\top$; and $H_z$ of cross-entropy is that very matrix, whatever the label is. For squared errors both are $2I$ over the number of outputs. What the Hessian has beside $G$ is the bend of the network itself, each output's weighted by its slope $\partial f/\partial z$, its **residual**. In a linear model the outputs do not bend, so nothing is left of $H$ but $G$.
#
# :::{predict}
# The network is trained for 15 natural steps. What happens to the gap between $H$ and $F$?
#
# - `a`: it stays: the network bends as before
# - `b`: it shrinks to a few hundredths of $F$
# - `c`: it grows
# :::


# %%
def fit(name, steps=16, damping=1e-3):
    criterion, targets = tasks[name]
    model = mlp(49, 6, 10).double()
    optimizer = NaturalGradient(
        model.parameters(),
        fisher=lambda: Fisher(model, criterion, (X, targets)),
        damping=damping,
        line_search_fn="armijo",  # halves a step that does not lower the loss
    )
    for _ in range(steps):  # the loss before a step, and the model after it
        yield model, optimizer.step(lambda: criterion(model(X), targets)).item()


# %% tags=["hide-input"]
def of_residuals(network, criterion, targets):
    """The norm of the residuals, and what their mean over digits leaves of the rests H - F of each."""
    z = network(X)
    r = len(X) * torch.autograd.grad(criterion(z, targets), z)[0]
    opened = (network[1](X) > 0).double()
    inputs = torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    rests = torch.einsum("nc,nh,ni->nchi", r, opened, inputs).flatten(1)
    left = rests.mean(0).norm() / rests.square().sum(1).mean().sqrt()
    return r.norm().item(), left.item()


losses, gaps, sizes, residuals, empirical = {}, {}, {}, {}, []
for name, (criterion, targets) in tasks.items():
    losses[name], gaps[name], sizes[name], residuals[name] = [], [], [], []
    before = mlp(49, 6, 10).double()
    for model, value in fit(name):
        F = Fisher(before, criterion, (X, targets)).to_dense()
        H = Hessian(before, criterion, (X, targets)).to_dense()
        losses[name].append(value)
        gaps[name].append(off(H, F))
        sizes[name].append((F.norm().item(), (H - F).norm().item()))
        residuals[name].append(of_residuals(before, criterion, targets))
        if name == "cross-entropy":
            E = Fisher(before, criterion, (X, targets), kind="empirical").to_dense()
            g = torch.autograd.grad(criterion(before(X), targets), before.parameters())
            g = torch.cat([part.flatten() for part in g])
            both = [natural_direction(matrix, g, 1e-3) for matrix in (F, E)]
            cosine = torch.cosine_similarity(*both, dim=0).item()
            empirical.append(
                (off(E, F), cosine, (both[1].norm() / both[0].norm()).item())
            )
        before.load_state_dict(model.state_dict())
show(
    figures.curves(
        {
            "gap of $H$ and $F$, relative": {
                name: torch.tensor(gap) for name, gap in gaps.items()
            },
            "loss": {name: torch.tensor(value) for name, value in losses.items()},
        }
    ),
    "Two panels on logarithmic axes. Left, the gap between Hessian and Fisher matrix falls from"
    f" {gaps['cross-entropy'][0]:.1f} and {gaps['squared errors'][0]:.1f} to a few hundredths within"
    " some steps, for both losses. Right, the losses fall: cross-entropy by orders of magnitude,"
    " squared errors only to a floor.",
)

# %% tags=["hide-input"]
last = {name: gap[-1] for name, gap in gaps.items()}
fell = {name: sizes[name][-1][1] / sizes[name][0][1] for name in tasks}
shrunk = {name: residuals[name][-1][0] / residuals[name][0][0] for name in tasks}
left = [residuals["squared errors"][t][1] for t in (0, -1)]
reveal(
    f"It falls from {gaps['cross-entropy'][0]:.2f} of $F$ to **{last['cross-entropy']:.3f}** with cross-entropy, and"
    f" from {gaps['squared errors'][0]:.2f} to **{last['squared errors']:.3f}** with squared errors, each"
    " for a reason of its own. With cross-entropy training makes the residuals small: they fall to"
    f" {shrunk['cross-entropy']:.1%} of what they were, and the norm of the rest $H - F$ to"
    f" {fell['cross-entropy']:.1%}; that of $F$ goes from {sizes['cross-entropy'][0][0]:.2g} to"
    f" {sizes['cross-entropy'][-1][0]:.2g}. With squared errors the residuals only fall to"
    f" {shrunk['squared errors']:.0%}, and yet the rest to {fell['squared errors']:.1%}. Near a minimum"
    " residuals point both ways: the mean over the digits leaves"
    f" {left[1]:.0%} of the size of one digit's rest, where it left {left[0]:.0%}. And $F$ grows, from"
    f" {sizes['squared errors'][0][0]:.2g} to {sizes['squared errors'][-1][0]:.2g}.",
    right="b" if max(last.values()) < 0.06 else "a",
)

# %% tags=["hide-input"]
evidence(
    "S22",
    "false",
    f"On {len(X)} digits and {len(F)} weights the Hessian is off the Fisher matrix by"
    f" {gaps['cross-entropy'][0]:.2f} of its size before training, and by {last['cross-entropy']:.3f} after"
    f" {len(gaps['cross-entropy']) - 1} natural steps.",
    "Read Fisher as Gauss–Newton: the curvature of the loss without the bend of the network. It never"
    " bends down, so its direction never points uphill; a whole step may still go too far.",
    "In the linear model, and between Fisher and Gauss–Newton in the network, no entry differs by more than"
    " rounding. The gap is measured in the Frobenius norm, which the largest eigenvalues rule.",
)

# %% [markdown]
# ## On one screen

# %% tags=["remove-input"]
one_screen("NaturalGradient")

# %% [markdown]
# The library asks you for $F$ at the present parameters, and solves. A singular $F$ is refused with a sentence: some change of the parameters then leaves every prediction as it is, and $\lambda$ has to decide about it.

# %% tags=["hide-input"]
show_source(NaturalGradient.direction, natural_direction)

# %% [markdown]
# ## What it buys
#
# The same network on the same 100 digits with cross-entropy, full batch. Gradient descent and Adam may choose the best of four rates each, after 30 steps.


# %%
def first_order(make, lr, steps=30):
    model = mlp(49, 6, 10).double()
    optimizer, values = make(model.parameters(), lr=lr), []
    for _ in range(steps + 1):  # the last step is taken and not looked at
        optimizer.zero_grad()
        value = torch.nn.functional.cross_entropy(model(X), labels)
        value.backward()
        optimizer.step()
        values.append(value.item())
    return torch.tensor(values)


tried = {
    "gradient descent": {lr: first_order(SGD, lr) for lr in (0.5, 1.0, 2.0, 4.0)},
    "Adam": {lr: first_order(Adam, lr) for lr in (0.01, 0.03, 0.1, 0.3)},
}
rates = {name: min(runs, key=lambda lr: runs[lr][-1]) for name, runs in tried.items()}
best = {name: tried[name][lr] for name, lr in rates.items()}

# %% tags=["hide-input"]
show(
    figures.curves(
        {
            "cross-entropy": best
            | {"natural gradient": torch.tensor(losses["cross-entropy"])}
        }
    ),
    "Training loss against the step, on a logarithmic axis. Natural gradient falls far below 1"
    " within ten steps; gradient descent and Adam are above it everywhere after the first steps.",
)

# %% tags=["hide-input"]
natural_run = losses["cross-entropy"]
say(
    f"After 10 steps natural gradient is at **{natural_run[10]:.3f}**. After 30 steps gradient descent is at"
    f" {best['gradient descent'][-1]:.2f} with the rate {rates['gradient descent']:g}, and Adam at"
    f" {best['Adam'][-1]:.2f} with {rates['Adam']:g}. The caveats: this is the loss on"
    f" the {len(X)} digits that it learns, one network from one start, and a step costs more: the matrix has"
    f" {len(F)}² entries, and to factor it takes about a third of {len(F)}³ additions and multiplications."
)

# %% [markdown]
# A network of a million weights would need a matrix of $10^{12}$ entries. So $F$ is approximated: K-FAC takes blocks and Kronecker products, one a layer. Adam's average of squares is near to a diagonal, though of another matrix (*Going further*) and under a root.
#
# ## Use it

# %% tags=["remove-input"]
use_it("NaturalGradient")

# %% [markdown]
# ## Going further
#
# ### Which Fisher is this?
#
# *You see the empirical Fisher beside the true one while a network learns, in size and in direction.*
#
# $F$ needs the labels that the model expects. The gradients of the labels that you *have* are at hand after every backward pass, and the mean of their squares looks just like $F$. It is called the {term}`empirical Fisher <empirical Fisher matrix>`, and programs often take it.
#
# :::{predict}
# As the network learns its 100 digits, the empirical Fisher…
#
# - `a`: comes closer to $F$, as the model comes closer to the data
# - `b`: goes away from $F$
# :::

# %% tags=["hide-input"]
shown = (0, 5, 10, 15)
table(
    ["step", *map(str, shown)],
    [
        ["off $F$, relative", *(f"{empirical[t][0]:.2f}" for t in shown)],
        ["cosine of the two directions", *(f"{empirical[t][1]:.2f}" for t in shown)],
        [
            "length of its direction, relative",
            *(f"{empirical[t][2]:.1f}" for t in shown),
        ],
    ],
)

# %% [markdown]
# :::{answer} b
# **Away**: each later column is further off than the first, though not than the one before it. Where the model is sure and right, the gradient of the true label is nearly 0, and its square is far smaller still. $F$ shrinks too, but as $p(1 - p)$ and not as $(1 - p)^2$.
# :::

# %% tags=["hide-input"]
evidence(
    "S23",
    "false",
    f"After {shown[-1]} natural steps the empirical Fisher of 100 digits is off the Fisher matrix by"
    f" {empirical[shown[-1]][0]:.2f} of its size, and the direction that it gives has a cosine of"
    f" {empirical[shown[-1]][1]:.2f} with the natural one.",
    "Draw the labels from the model's own softmax: that is unbiased. Where the model is sure, one label an"
    " example is too few.",
    f"At the start, where the model knows nothing, it is off by {empirical[0][0]:.2f}, with a cosine of"
    f" {empirical[0][1]:.2f}. Both directions are damped by 0.001.",
)

# %% [markdown]
# {cite:t}`kunstner2019` show where it misleads, with the same finding on least squares. Adam's average of squares is of this kind too: its $v$ holds squares of minibatch gradients.
#
# ### How many labels to draw?
#
# *You see how far one draw of the labels is off, when it is the empirical Fisher itself, and what more draws help.*
#
# Draw each label from the model's own softmax, and the mean of the squares is $F$ on average. Now take one draw: a label for each of the 100 digits.
#
# :::{predict}
# After 15 natural steps, is the matrix of one draw nearer to $F$ than the empirical one? Take the root of the mean square of many draws.
#
# - `a`: nearer: it is unbiased, and the other is not
# - `b`: further: it is right on average alone
# :::


# %%
def matrix(model, kind="exact", **how):
    criterion, targets = tasks["cross-entropy"]
    return Fisher(model, criterion, (X, targets), kind=kind, **how).to_dense()


*_, (sure, _) = fit("cross-entropy", steps=15)
off_by, counts = {}, (1, 4, 16)
for when, model in {"before": mlp(49, 6, 10).double(), "after": sure}.items():
    F = matrix(model)
    draws = torch.stack([matrix(model, "sampled", seed=seed) for seed in range(64)])
    means = [draws.unflatten(0, (-1, k)).mean(1) for k in counts]
    errors = [(mean - F).flatten(1).norm(dim=1) / F.norm() for mean in means]
    off_by[when] = [error.square().mean().sqrt().item() for error in errors]

# %% tags=["hide-input"]
E = matrix(sure, "empirical")
own = sum(off(draw, E) < 1e-10 for draw in draws)
worse = sum(off(draw, F) > off(E, F) + 1e-10 for draw in draws)
with torch.no_grad():
    chance = (-len(X) * tasks["cross-entropy"][0](sure(X), labels)).exp().item()
reveal(
    f"**{off_by['after'][0]:.1f}** of its size, as the root of the mean square of {len(draws)} draws; the"
    f" empirical one is off by {off(E, F):.2f}. In {own} of the draws every label is the digit's own, and then the"
    f" two are one matrix: the chance of that is $e^{{-Nf}}$ with the loss $f$, here {chance:.2f}. Of the other"
    f" {len(draws) - own}, {worse} are further off. The model is sure, so that another label is rare, and its"
    " gradient large.\n\n"
    + table(
        ["labels an example", *map(str, counts)],
        [
            ["off $F$ before training", *(f"{x:.2f}" for x in off_by["before"])],
            ["off $F$ after 15 steps", *(f"{x:.2f}" for x in off_by["after"])],
        ],
    ).data,
    right="b"
    if off_by["after"][0] > off(E, F) and 2 * worse > len(draws) - own
    else "a",
)

# %% [markdown]
# Four times as many labels halve the error. It falls with the root of their number, and a bias does not fall. Averages over batches, as K-FAC keeps them, are more labels too; for these two losses the exact matrix needs none.
#
# ### Damping is not invariant
#
# *You see how far apart one step lands in the different parametrisations as the damping grows.*
#
# $F + \lambda I$ adds the length of the step in parameters to its length on the map. Then the name of a parameter counts again, the more the larger $\lambda$ is.

# %%
damped = []
for damping in (0.0, 0.01, 0.1, 1.0):
    ends = []
    for to_bell, ω in names.values():
        g = torch.func.grad(lambda ω, to=to_bell: loss(to(ω)))(ω)
        d = 1e-4 * natural_direction(fisher(to_bell, ω), g, damping)
        ends.append((to_bell(ω + d) - f64(2, 3)) / 1e-4)
    damped.append(max((end - ends[0]).norm() / ends[0].norm() for end in ends))

# %% tags=["hide-input"]
table(
    ["damping", "0", "0.01", "0.1", "1"],
    [["apart, relative to the step", *(f"{gap:.3f}" for gap in damped)]],
)

# %% [markdown]
# With 0 what is left is the second order of a step of $10^{-4}$. A damping in units of the model, as $\lambda \operatorname{diag}(F)$ in Levenberg and Marquardt's way, asks less about names: it does not mind if a parameter is measured in other units.
#
# ## Exercises
#
# ### Exercise 1: the coin by its probability (★)
#
# A coin shows heads with $p = 0.8$. In the text its parameter was the logit. What is its Fisher information if the parameter is $p$ itself?

# %%
answer = ...
check("4-second-order/coin-by-its-probability", answer)

# %% tags=["remove-input"]
solution("4-second-order/coin-by-its-probability")

# %% [markdown]
# ### Exercise 2: another name for the width (★★)
#
# A bell with $\sigma = 2$ has the information $2/\sigma^2 = 0.5$ about $\sigma$. What is it about the precision $\tau = 1/\sigma^2$? Use $J^\top F J$.

# %%
answer = ...
check("4-second-order/precision", answer)

# %% tags=["remove-input"]
solution("4-second-order/precision")

# %% [markdown]
# ### Exercise 3: read the rings (★★)
#
# Look at the two maps with the rings. Which parameters would make all rings one size, in both directions?
#
# - `a`: $\log \sigma$ and $\log \mu$
# - `b`: $\log \sigma$ and $\mu/\sigma$, with the $\sigma$ of each model
# - `c`: none: a ring's width along $\mu$ depends on $\sigma$, so no change of $\sigma$ alone can repair it
# - `d`: $\mu/\sigma^2$ and $1/\sigma^2$, the natural parameters but for a factor

# %%
answer = ...
check("4-second-order/read-the-rings", answer)

# %% tags=["remove-input"]
solution("4-second-order/read-the-rings")

# %% [markdown]
# ### Exercise 4: a natural step of logistic regression (★★★)
#
# `X` holds one example in each row, `y` its label, 0 or 1, and the model says $p = \operatorname{sigmoid}(X w)$. The loss is the mean cross-entropy. Write `natural_step(w, X, y, lr)`, which returns the new `w`. Which labels does $F$ need?


# %%
def natural_step(w, X, y, lr): ...


check("4-second-order/natural-step", natural_step)

# %% tags=["remove-input"]
solution("4-second-order/natural-step")

# %% [markdown]
# ### An open experiment
#
# `Fisher(..., kind="sampled", samples=k)` draws labels from the model. How many samples does `fit` need to train as well as with the exact matrix? Does damping change the answer? No answer is given.
#
# ## Summary
#
# - The divergence says how far apart two models are; its curvature is the Fisher matrix, the mean of $s s^\top$ over what the *model* draws.
# - The step $-\eta F^{-1} g$ leads, to first order, to the same model whatever its parameters are called. Damping breaks that.
# - For cross-entropy and squared errors Fisher is Gauss–Newton. It is the Hessian where the model is linear, and near it where the residuals are small or cancel. The empirical Fisher is neither.
#
# ## References
#
# - {cite:t}`amari1998`: natural gradient. {cite:t}`kullback1951`: the divergence.
# - {cite:t}`martens2020`: Fisher, Gauss–Newton and Hessian, and when which equals which.
# - {cite:t}`kunstner2019`: the empirical Fisher.
