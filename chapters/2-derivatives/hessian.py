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
# # The Hessian
#
# The gradient says which way is down. It does not say how far: it promises the same drop on a slope that ends after a centimetre and on one that goes on for a mile. The second derivatives know the difference.
#
# Drag the point, then the step. **Where is the real drop larger than the straight line's, and where smaller?**

# %% tags=["hide-input"]
from book.explorers import Taylor

Taylor("cubic", x=0.5, lr=0.3)

# %% [markdown]
# **You will**
#
# - predict what a step really does to the loss, and how long the best one is;
# - multiply by a Hessian that is too large for any memory, at the cost of a few gradients;
# - find the largest curvatures of a trained network, and read them.
#
# **You need**
#
# - the gradient, and its forecast $f(x + s) \approx f(x) + g^\top s$ ({doc}`gradient`);
# - the Jacobian, whose products cost one pass forward or in reverse ({doc}`jacobian`);
# - eigenvalues and eigenvectors of a symmetric matrix ({doc}`../1-numbers/conditioning`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $x$, $\theta$ | $(n,)$ | where you stand; all weights of a network. With $y$ beside it $x$ is one number |
# | $f$, $g$ | number, $(n,)$ | the function and its gradient |
# | $H$ | $(n, n)$ | the Hessian, the matrix of second derivatives |
# | $v$, $t$ | $(n,)$, number | a direction, and how far along it; $\varphi(t) = f(x + tv)$ |
# | $c$ | number | a second derivative; $c_i$ is a vector's coordinate along $q_i$ |
# | $D$, $h$, $k$ | numbers | the mixed difference and its two steps; $h$ is later the step of a difference, $k$ counts |
# | $q_i$, $\lambda_i$ | $(n,)$, number | an eigenvector of length 1 and its eigenvalue; $\lambda_{\max}$, $q_{\max}$ the largest |
# | $s$ | $(n,)$ | a step |
# | $\eta$, $\eta^*$ | numbers | the learning rate; the best one for this step |
# | $W$, $a$, $A$, $B$ | matrices, vector | a layer's weights and its input; any two factors |
# | $u_j$, $U$, $T$ | $(n,)$, $(n, k)$, $(k, k)$ | Lanczos' basis, its vectors as columns, the small matrix; $u$ alone is the unit roundoff |
# | $\psi$, $w_j$ | function, number | a function of eigenvalues; the weight of a Ritz value |
# | $z$, $p$, $y$ | $(10,)$ | logits, probabilities, the one-hot label of one image |
# | $J$, $l$ | $(10, n)$, number | the Jacobian of the logits; the place of a logit |
# | $L$, $H_z$ | number, $(10, 10)$ | the loss, and its Hessian in the logits |
# | $G$ | $(n, n)$ | the Gauss-Newton matrix |
# :::

# %% tags=["hide-input"]
from itertools import pairwise

import torch
from torch.nn.functional import avg_pool2d, cross_entropy
from torch.utils.flop_counter import FlopCounterMode

from book import results
from book.calculus import (
    best_rate,
    central_difference,
    curvature,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    lanczos,
    linear_prediction,
    quadratic_prediction,
)
from book.display import evidence, reveal, say, show, show_source, table
from book.exercises import check, solution
from book.figures import hessian as figures
from book.optim import descend
from book.surfaces import bowl, himmelblau, random_quadratic, rosenbrock
from book.training.data.load import load
from book.training.models import mlp
from book.training.surface.flat import flat_loss, flat_parameters

# %% [markdown]
# ## The gradient promised a drop
#
# Take a network for digits, 784-64-10 with ReLU, fresh from its initialisation, and 500 images. The gradient $g$ has the shape $(n,)$, one entry a weight. A step of the length $\eta$ times $g$, downhill, should change the loss by about $-\eta\, g^\top g$: that is the first-order forecast of {doc}`gradient`.
#
# Take a rather bold rate, $\eta = 4$.
#
# :::{predict}
# What does the loss do?
#
# - `a`: it falls by about what is forecast
# - `b`: it falls, by less
# - `c`: it rises
# :::

# %%
digits = load("mnist")[0][:500]
network = mlp(784, 64, 10)
digit_loss, θ0 = flat_loss(network, digits), flat_parameters(network).double()
step = -4 * gradient(digit_loss, θ0)

# %% tags=["hide-input"]
drop, promised = (
    digit_loss(θ0) - value
    for value in (digit_loss(θ0 + step), linear_prediction(digit_loss, θ0, step))
)
reveal(
    f"The loss is {digit_loss(θ0):.2f}. The linear forecast for the step is"
    f" **{linear_prediction(digit_loss, θ0, step):.2f}**; the real loss after it is"
    f" **{digit_loss(θ0 + step):.2f}**. The forecast is below zero, which no cross-entropy can be, and the step went"
    " *up*.",
    right="c" if drop < 0 else "b" if drop < 0.8 * promised else "a",
)

# %% [markdown]
# The gradient is right: for a short enough step the loss falls as forecast. But "short enough" is not in the gradient. Here are three functions with the same value and the same slope at the start:
#
# $$f(t) = -t + \tfrac{1}{2} c\, t^2, \qquad c = -1, \; 1, \; 4.$$
#
# The tangent says $-0.8$ to all three, for a step of 0.8.
#
# :::{predict}
# Where is the third, with $c = 4$, after this step?
#
# - `a`: below $-0.8$
# - `b`: between $-0.8$ and 0
# - `c`: above 0, where it started
# :::

# %% tags=["hide-input"]
t = torch.linspace(-0.4, 1.6, 101, dtype=torch.float64)
curves = {f"$c$ = {c}": -t + c * t**2 / 2 for c in (-1, 1, 4)}

show(
    figures.same_slope(t, curves, -t, step=0.8),
    "Three curves that touch one dashed tangent at the start. After the step of 0.8"
    " the curve with c = -1 is below the tangent, the one with c = 1 above it but still"
    " lower than the start, and the one with c = 4 higher than the start.",
)

# %% [markdown]
# :::{answer} c
# At $-0.8 + 2 \cdot 0.64 = 0.48$. The other two are at $-1.12$ and $-0.48$.
# :::
#
# One gradient, three results. What tells them apart is $c$, the second derivative. Where it is positive you get less than you were promised, where it is negative more, for *short* steps; on a long one, as in the explorer, the third derivative has the last word. This chapter is about $c$ in 490 dimensions, and in 269,322.
#
# ## Curvature along a direction
#
# Let $f$ take a vector $x$ of shape $(n,)$, and choose a direction $v$ of shape $(n,)$. Walk along it: $\varphi(t) = f(x + t v)$ is a function of one number. The chain rule gives its slope and, applied again, its second derivative:
#
# $$\begin{aligned} \varphi'(t) &= \sum_i v_i \, \frac{\partial f}{\partial x_i}(x + tv) \\ \varphi''(0) &= \sum_i \sum_j v_i \, \frac{\partial^2 f}{\partial x_i \partial x_j}(x) \, v_j. \end{aligned}$$
#
# Collect the second derivatives in a matrix $H$ of shape $(n, n)$, with $H_{ij} = \partial^2 f / \partial x_i \partial x_j$. This is the {term}`Hessian`, and the double sum is
#
# $$\varphi''(0) = v^\top H v.$$
#
# For a $v$ of length 1 this is the {term}`curvature` of $f$ along $v$. Entry $j$ of row $i$ asks how the $i$-th slope changes when you move along axis $j$. So the Hessian is nothing new: it is the Jacobian of the gradient.
#
# By hand, for $f = x^2 + 2xy + y^3$ at $(3, 2)$: the gradient is $(2x + 2y, \; 2x + 3y^2)$, and differentiating it once more gives the rows $(2, 2)$ and $(2, 6y)$. Three ways to have it computed:


# %%
def f(p):
    return p[0] ** 2 + 2 * p[0] * p[1] + p[1] ** 3


def slope(p):
    return gradient(f, p)


point = torch.tensor([3.0, 2.0], dtype=torch.float64)

# %% tags=["hide-input"]
say(f"""
- `hessian(f, x)`: **{hessian(f, point).tolist()}**
- Jacobian of the gradient, in reverse mode: {jacobian(slope, point).tolist()}
- differences of the gradient: {[[round(entry, 4) for entry in row] for row in central_difference(slope, point).tolist()]}
""")

# %% [markdown]
# All three came out symmetric. Where the second derivatives are continuous, they must: that is Schwarz's theorem. *Going further* shows a function that breaks its condition.
#
# ## Eigenvalues: curvatures along axes
#
# A symmetric matrix has $n$ eigenvectors $q_1, \dots, q_n$ of shape $(n,)$ that are orthogonal to each other and of length 1, with real eigenvalues $\lambda_i$. Write the direction $v$, of length 1, in these axes. Its coordinates are $q_i^\top v$, and their squares add up to 1:
#
# $$v^\top H v = \sum_i \lambda_i \, (q_i^\top v)^2.$$
#
# So the curvature along $v$ is a *weighted mean of the eigenvalues*. It lies between $\lambda_{\min}$ and $\lambda_{\max}$, and it reaches them exactly along their eigenvectors, the **principal axes**. The first picture has the level lines of a bowl with its axes. The level line at height ½ has the half-axes $1/\sqrt{\lambda_i}$: the sharper the curvature, the shorter the axis. In the second you turn $v$ by half a circle.

# %% tags=["hide-input"]
tilted = bowl(kappa=4.0, angle=30.0)
H2 = hessian(tilted, tilted.at_start())
angles = torch.linspace(0, 180, 73, dtype=torch.float64)
turns = torch.deg2rad(angles)
along = torch.stack(
    [
        curvature(tilted, tilted.at_start(), v)
        for v in torch.stack([turns.cos(), turns.sin()], dim=1)
    ]
)
show(
    figures.principal_axes(H2, angles, along),
    "On the left elliptic level lines, their long axis at 30 degrees and half as wide"
    " as long. On the right the curvature against the direction, a wave with its lowest"
    f" point {along.min():.0f} at {angles[along.argmin()]:.0f} degrees and its highest"
    f" point {along.max():.0f} at {angles[along.argmax()]:.0f} degrees.",
)

# %% [markdown]
# ## What one step really does
#
# Put slope and curvature together, and you have Taylor's formula of second order. For a short step $s$ of shape $(n,)$,
#
# $$f(x + s) \approx f(x) + g^\top s + \tfrac{1}{2}\, s^\top H s.$$
#
# Now take the step of gradient descent, $s = -\eta g$. The slope term becomes $-\eta\, g^\top g$, and in the curvature term the two signs cancel:
#
# $$\boxed{\;\begin{aligned} & f(x - \eta g) \\ & \quad \approx f(x) - \eta\, g^\top g + \tfrac{1}{2}\, \eta^2\, g^\top H g \end{aligned}\;}$$
#
# Read the sign of the last term.
#
# - $g^\top H g > 0$: the ground curves up against you; the real drop is *smaller* than the linear forecast.
# - $g^\top H g < 0$: it curves down; the real drop is *larger*.
# - $g^\top H g = 0$: the linear forecast is right up to third order.
#
# For positive curvature the right-hand side is a parabola in $\eta$, and its lowest point is where its derivative $-g^\top g + \eta\, g^\top H g$ is zero:
#
# $$\eta^* = \frac{g^\top g}{g^\top H g}.$$
#
# The drop there is half of what the slope alone would have promised, and at $2\eta^*$ nothing is left of it. And since $g^\top H g / g^\top g$ is a weighted mean of eigenvalues, for a positive definite Hessian
#
# $$\frac{1}{\lambda_{\max}} \le \eta^* \le \frac{1}{\lambda_{\min}}.$$
#
# In the worst direction, that of the eigenvector $q_{\max}$ of $\lambda_{\max}$, the best step is $1/\lambda_{\max}$ ({cite:t}`goodfellow2016`, sections 4.3 and 8.2). If you do not know where your gradient points, that is the rate to be safe with.
#
# A scan checks the formula: a bowl in 20 dimensions with curvatures from 1 to 100, and 91 rates.

# %% tags=["hide-input"]
quadratic = random_quadratic(torch.logspace(0, 2, 20))
start = quadratic.at_start()
rates = torch.linspace(0, 0.045, 91, dtype=torch.float64)
after = torch.stack([quadratic(start - r * gradient(quadratic, start)) for r in rates])
show(
    figures.best_step(
        rates,
        after,
        {
            r"$1/\lambda_{\max}$": 0.01,
            r"$g^\top g / g^\top H g$": best_rate(quadratic, start),
            r"$2 g^\top g / g^\top H g$": 2 * best_rate(quadratic, start),
        },
    ),
    "The loss after one step against the rate is a parabola. The formula's rate stands"
    " at its lowest point, to the right of 0.01; at twice that rate the loss is back"
    " where it began.",
)

# %% [markdown]
# And the network of the beginning, 784-64-10? Here is where its loss really goes along $-g$, at three points: fresh, after 5 steps, after 30. The green line is $\eta^*$ of the formula.


# %% tags=["hide-input"]
def along_the_gradient(F, x):
    g, best = gradient(F, x), best_rate(F, x)
    η = torch.linspace(0, 2.5 * best, 26, dtype=torch.float64)
    value, a, b = F(x), g @ g, curvature(F, x, g)
    curves = {
        "real": torch.stack([F(x - r * g) for r in η]),
        "linear forecast": value - η * a,
        "quadratic forecast": value - η * a + η**2 * b / 2,
    }
    return η, curves, best


path = descend(digit_loss, θ0, lr=0.1, steps=30)
panels = {
    f"after {k} steps": along_the_gradient(digit_loss, path[k]) for k in (0, 5, 30)
}

real_best = [(η[c["real"].argmin()] / best).item() for η, c, best in panels.values()]

show(
    figures.forecasts(panels),
    "Real loss and both forecasts along the gradient, at three points of the training."
    " The linear forecast falls out of each panel. The quadratic one turns round at its"
    " best rate, the real loss at"
    f" {', '.join(f'{ratio:.1f}' for ratio in real_best)} times that rate.",
)


# %% tags=["hide-input"]
def gap_and_curvature(p, lr=1e-5):
    g = gradient(himmelblau, p)
    forecast = linear_prediction(himmelblau, p, -lr * g)
    return himmelblau(p - lr * g) - forecast, curvature(himmelblau, p, g)


def scanned_rate(F, x, lowest, highest, count=400):
    ladder = torch.linspace(lowest, highest, count, dtype=torch.float64)
    g = gradient(F, x)
    return ladder[F(x - ladder[:, None] * g).argmin()].item()


generator = torch.Generator().manual_seed(0)
points = 10 * torch.rand(1000, 2, generator=generator).double() - 5
gaps, bends = torch.vmap(gap_and_curvature)(points)
sides = (gaps.sign() == bends.sign()).sum()
starts = torch.randn(100, 20, generator=generator).double()
misses = [
    abs(scanned_rate(quadratic, x, 0.01, 0.1) / best_rate(quadratic, x) - 1)
    for x in starts
]
q_max = torch.linalg.eigh(hessian(quadratic, start)).eigenvectors[:, -1]

evidence(
    "D9",
    "holds with a caveat",
    f"On a ReLU network, before, after 5 and after 30 steps, the best rate was {real_best[0]:.1f},"
    f" {real_best[1]:.1f} and {real_best[2]:.1f} times gᵀg/gᵀHg.",
    so="One product Hg tells you the size of a good step; check the step against the loss all the same.",
    more=f"The sign of gᵀHg told on which side of the linear forecast the real drop lay at {sides} of"
    f" {len(points)} points ({(bends < 0).sum()} with negative curvature). On quadratics a scan's best rate was"
    f" within {max(misses):.1%} of the formula from each of {len(misses)} starts, and"
    f" {best_rate(quadratic, q_max):.4f} along the axis with λmax = 100.",
)

# %% [markdown]
# On a quadratic the formula is exact. On the network it gives the right order of size, and errs both ways: third derivatives and ReLU's kinks have their say over such long steps. It is a forecast, and a careful method checks it against the loss, as the line searches of Part 4 do.
#
# ## A product without the matrix
#
# $\eta^*$ needs $g^\top H g$, and for that you need $Hg$, not $H$. The difference is everything. The network 784-256-256-10 has $n = 269{,}322$ weights, so its Hessian has $n^2 \approx 7.25 \cdot 10^{10}$ entries: 290 GB in float32. The product $Hv$ has $n$ entries, about a megabyte.
#
# There are two ways to it, and both follow from "the Hessian is the Jacobian of the gradient".
#
# **Forward over reverse.** $Hv$ is the directional derivative of the gradient along $v$:
#
# $$Hv = \frac{d}{dt}\, \nabla f(x + t v) \Big|_{t = 0}.$$
#
# Write the gradient as a program (reverse mode) and push $v$ through that program in forward mode, as a Jacobian-vector product.
#
# **Reverse over reverse.** $g(x)^\top v$ is one number, and $v$ does not depend on $x$. Its gradient has the entries $\sum_i \frac{\partial g_i}{\partial x_j} v_i$, which is $H^\top v = Hv$: differentiate backward twice.
#
# The library does the first ({cite:t}`pearlmutter1994`).

# %%
show_source(hvp)

# %% [markdown]
# To check it, take a network that is small enough to write its whole Hessian down. The images are averaged to 7 × 7 pixels, and a hidden layer of 8 units leads to 10 classes: $49 \cdot 8 + 8 + 8 \cdot 10 + 10 = 490$ weights in float64, one vector $\theta$.

# %%
images, labels = load("mnist")[0][:1000].images.double(), load("mnist")[0][:1000].labels
inputs = avg_pool2d(images, 4).flatten(1)
inputs = (inputs - inputs.mean()) / inputs.std()


def logits(θ, activation=torch.relu):
    W1, b1, W2, b2 = θ.split([8 * 49, 8, 10 * 8, 10])
    hidden = activation(inputs @ W1.view(8, 49).T + b1)
    return hidden @ W2.view(10, 8).T + b2


def loss(θ, activation=torch.relu):
    return cross_entropy(logits(θ, activation), labels)


# %% tags=["hide-input"]
fresh = flat_parameters(mlp(49, 8, 10)).double()
trained = descend(loss, fresh, lr=0.3, steps=800)[-1]
H_fresh, H = hessian(loss, fresh), hessian(loss, trained)
accuracy = (logits(trained).argmax(1) == labels).double().mean()

say(
    f"800 steps of gradient descent at η = 0.3 take the loss from {loss(fresh):.2f} to"
    f" {loss(trained):.2f}; {accuracy:.0%} of the images are right. Each Hessian has"
    f" {H.numel():,} entries."
)


# %%
def by_double_backward(F, x, v):
    x = x.detach().requires_grad_()
    (g,) = torch.autograd.grad(F(x), x, create_graph=True)
    return torch.autograd.grad(g @ v, x)[0]


v = torch.randn(490, generator=torch.Generator().manual_seed(1)).double()
worst = max(
    (product(loss, trained, v) - H @ v).norm() / (H @ v).norm()
    for product in (hvp, by_double_backward)
)
verdict = "less" if worst < 1e-10 else "MORE"

# %% tags=["hide-input"]
say(f"Both products differ from the dense one by **{verdict} than 1e-10**, relative.")

# %% [markdown]
# What does it cost? Count products of matrices, layer by layer. The loss needs one, $W a$. The gradient needs two more, for the slopes of $W$ and of $a$. Now differentiate all that along $v$: by the product rule each product $AB$ brings two more, $A'B + AB'$ with the primes for the derivative along $v$. So a Hessian-vector product costs the gradient itself and two more of the same size: **three gradients**, and less where a factor such as the data does not move. Often you read "two", which leaves out the gradient that comes with it.
#
# torch counts the operations exactly; the seconds are those of a stored run.

# %% tags=["hide-input"]
wide = mlp(784, 256, 256, 10)
wide_loss, w = flat_loss(wide, digits[:128]), flat_parameters(wide)
calls = {
    "loss": lambda: wide_loss(w),
    "gradient": lambda: gradient(wide_loss, w),
    "forward over reverse": lambda: hvp(wide_loss, w, w),
    "reverse over reverse": lambda: by_double_backward(wide_loss, w, w),
}
counts = {}
for name, call in calls.items():
    with FlopCounterMode(display=False) as counter:
        call()
    counts[name] = counter.get_total_flops()
products = results.load("hessian-products")
rows = products["results"]["rows"]
table(
    ["in gradients", "operations", *(f"time, batch {row['batch']}" for row in rows)],
    [
        [name, f"{counts[name] / counts['gradient']:.2f}"]
        + [f"{row.get(name, 1.0):.2f}" for row in rows]
        for name in counts
    ],
)

# %% tags=["hide-input"]
say(
    f"Measured with `{products['command']}` ({products['hardware']['processor']}, one"
    " core; each round times all four, and the ratios are taken within the rounds)."
    f" One gradient at batch {rows[-1]['batch']} takes"
    f" {1000 * rows[-1]['gradient_seconds']:.0f} ms. Forward over reverse costs"
    f" **{rows[-1]['forward over reverse']:.1f}** of them, reverse over reverse"
    f" **{rows[-1]['reverse over reverse']:.1f}**."
)

# %% [markdown]
# Whichever you take, the cost does not grow with $n$ more than the gradient's does. That is what matters.
#
# ## Eigenvalues from products alone: Lanczos
#
# You cannot form $H$, but you can multiply by it. How do you find its eigenvalues?
#
# **Start with one vector.** Take a random $v$ of length 1. It contains a bit of every eigenvector: $v = \sum_i c_i q_i$. Each product stretches every bit by its own eigenvalue:
#
# $$H^k v = \sum_i c_i \, \lambda_i^k \, q_i.$$
#
# After many products only the bit with the largest $\lvert \lambda \rvert$ is left. That is the *power method*. It throws away all the vectors but the last.
#
# **Keep them all.** The vectors $v, Hv, H^2 v, \dots, H^{k-1} v$ span the **Krylov space**. Look for the best eigenvectors inside it. For that, you want an orthonormal basis $u_1, \dots, u_k$, the columns of a matrix $U$ of shape $(n, k)$, and the small matrix $T = U^\top H U$ of shape $(k, k)$. Its eigenvalues are the {term}`Ritz values`.
#
#
# **The basis is nearly free.** Build it one vector at a time: multiply the last vector by $H$, subtract its parts along the earlier ones, and divide by the length of what is left. $T$ has then only its diagonal and the two beside it ({cite:t}`lanczos1950`; the fold says why).
#
# :::{dropdown} Why T is tridiagonal
#
# $H u_j$ lies in the span of $u_1, \dots, u_{j+1}$, so it is orthogonal to $u_i$ for every $i > j + 1$. Thus $T_{ij} = u_i^\top H u_j = 0$ for $i > j + 1$. $H$ is symmetric, so the same holds for $j > i + 1$: **$T$ is tridiagonal**. In exact arithmetic you would have to subtract only the last two vectors ({cite:t}`lanczos1950`).
# :::
#
# Watch it work on the Hessian of the trained network, where you know all 490 eigenvalues. The orange lines are the ten largest and the lowest one.
#
# :::{predict}
# Which eigenvalues do the Ritz values find first?
#
# - `a`: those at the two ends
# - `b`: those in the middle, where most are
# - `c`: all at the same time, by and by
# :::

# %% tags=["hide-input"]
start = torch.randn(490, generator=torch.Generator().manual_seed(2)).double()
true = torch.linalg.eigvalsh(H)
by_step = {k: lanczos(lambda u: H @ u, start, k).values for k in range(1, 41)}

show(
    figures.ritz_values(by_step, torch.cat([true[:1], true[-10:]])),
    "Ritz values against the number of steps. The outermost settle on their lines"
    " first, one after another, from the top down and at the bottom; all have settled"
    f" by step {max(by_step)}. Those in the middle go on shifting and fill a band near"
    " zero.",
)

# %% [markdown]
# :::{answer} a
# Those at the ends, one after another; in the middle the Ritz values go on shifting.
# :::
#
# ## A few large, very many tiny
#
# Here is the whole spectrum of the small network, before and after its training. The orange line stands after rank 9: there are 10 classes, and {cite:t}`sagun2017` reported about as many large eigenvalues as classes.

# %% tags=["hide-input"]
spectra = {"before": torch.linalg.eigvalsh(H_fresh), "after": true}

show(
    figures.dense_spectra(spectra),
    "On the left a histogram of all 490 eigenvalues with a logarithmic count: nearly"
    " all lie near zero, before training on both sides of it, after training mostly"
    " above it, with a long thin tail to the right. On the right the largest by rank:"
    " after training nine stand clear, then a drop, then a flat row.",
)

# %% tags=["hide-input"]
near = [((values.abs() < 0.01 * values[-1]).double().mean()) for values in spectra.values()]  # fmt: skip
gaps = (true[1:] / true[:-1]).flip(0)
say(
    f"After training, λ₉ = {true[-9]:.2f} and λ₁₀ = {true[-10]:.2f}: a factor of"
    f" **{gaps[8]:.1f}**; the largest factor between neighbours among the first nine is"
    f" {gaps[:8].max():.1f}. Below 1 % of λmax in size are {near[1]:.0%} of the"
    f" eigenvalues ({near[0]:.0%} before). The lowest is {true[0]:.2f}; before"
    f" training it was {spectra['before'][0]:.2f}, with λmax ="
    f" {spectra['before'][-1]:.2f}."
)

# %% [markdown]
# Where the nine come from is a story of its own (*Going further*). Does the pattern survive in a real network?
#
# ## 269,322 weights
#
# Here is 784-256-256-10 on all of MNIST, trained for 10 epochs. Each product sums over 10,000 images, and a Ritz value's share says how many eigenvalues it stands for. (A stored run; *Going further* explains the shares.)

# %% tags=["hide-input"]
stored = results.load("spectrum")
runs, setting = stored["results"]["runs"], stored["results"]["training"]
pooled = {}
for name in ("before", "after"):
    starts = runs[0][name]["starts"]
    values = [value for start in starts for value in start["values"]]
    weights = [w / len(starts) for start in starts for w in start["weights"]]
    pooled[name] = (values, weights)
largest = {f"seed {run['seed']}": run["after"]["largest"] for run in runs}
show(
    figures.stored_spectra(pooled, largest),
    "Left and middle: Ritz values with their shares of the spectrum on a logarithmic"
    " axis, before and after training. Before, they form a hill that is nearly as wide to"
    " the left of zero as to the right; after, nearly all lie right of zero with a long tail"
    f" up to {max(pooled['after'][0]):.1f}. Right: the largest by rank for {len(largest)}"
    " seeds, falling steeply to rank 9 or 10 and slowly from there.",
)

# %% tags=["hide-input"]
say(
    f"Measured with `{stored['command']}`: {setting['optimizer']}, η = {setting['lr']},"
    f" batch {setting['batch_size']}, {setting['epochs']} epochs on"
    f" {setting['images']:,} images, seeds"
    f" {', '.join(str(run['seed']) for run in runs)}; test accuracy"
    f" {min(run['test_accuracy'] for run in runs):.1%} to"
    f" {max(run['test_accuracy'] for run in runs):.1%}. Lanczos:"
    f" {stored['results']['steps']} steps on the first"
    f" {stored['results']['images']:,} training images;"
    f" {len(runs[0]['after']['starts'])} start vectors for seed 0, one for the others."
)

# %% [markdown]
# Training turned the spectrum over. At the start it is balanced, as much downhill as uphill. At the end the negative side has shrunk to a few per cent of $\lambda_{\max}$, as {cite:t}`ghorbani2019` saw in much larger networks, and the positive side has grown. And the nine? Look at the factor between neighbours, $\lambda_9 / \lambda_{10}$, and at the rank where the largest factor among the first 15 is.

# %% tags=["hide-input"]
after = [run["after"]["largest"] for run in runs]
factors = [[a / b for a, b in pairwise(v[:16])] for v in after]
ninth = ", ".join(f"{f[8]:.2f}" for f in factors)
widest = ", ".join(str(1 + f.index(max(f))) for f in factors)
evidence(
    "D19",
    "holds with a caveat",
    f"λ₉/λ₁₀ is {gaps[8]:.1f} in a trained network of {len(true)} weights, and {ninth} in the runs of"
    f" {len(w):,} weights.",
    so="Expect a few large curvatures and a crowd near zero; do not read the number of classes off the curve.",
    more=f"In the small network {near[1]:.0%} of the eigenvalues lie within 1% of λmax around 0. In the large"
    f" one, on all of MNIST, seeds {', '.join(str(run['seed']) for run in runs)}, the widest gap among the first"
    f" {len(factors[0])} is after rank {widest}.",
)

# %% [markdown]
# So: a few large eigenvalues and a huge crowd near zero, yes, in both networks. Exactly as many large ones as classes minus one: clearly in the small network, hardly in the large one. There the row bends at 8 to 10 rather than breaks, and the gap after rank 9 is not much wider than some before it. If you had to name the number of classes from this curve, you might be off by one or two.
#
# ## Going further
#
# ### Is it symmetric?
#
# *You see the condition under which the order of two derivatives does not matter, and a function that breaks it.*
#
# The three Hessians of the core came out symmetric. Must they? $\partial^2 f / \partial x \partial y$ asks how the slope in $y$ changes with $x$; $\partial^2 f / \partial y \partial x$ asks how the slope in $x$ changes with $y$. Those are two questions. Both are limits of one quotient, the **mixed difference**
#
# $$\begin{aligned} D(h, k) = {} & \frac{f(h, k) - f(h, -k)}{4\,h\,k} \\ & {} - \frac{f(-h, k) - f(-h, -k)}{4\,h\,k}, \end{aligned}$$
#
# with the limits taken in opposite orders: first $h \to 0$, then $k \to 0$, or the other way round. Where the second derivatives are continuous, both orders give the same number (Schwarz's theorem). The function below, from the notes that Peano added to a textbook ({cite:t}`genocchi1884`), shows that the condition is needed:
#
# $$f(x, y) = x y \, \frac{x^2 - y^2}{x^2 + y^2}, \qquad f(0, 0) = 0.$$
#
# It is smooth everywhere but at the origin, and even there its gradient is continuous. Compute $D$ for steps in all proportions, with $h\,k = 10^{-6}$ throughout, for this function and for $\frac{1}{2}\sin(xy)$.
#
# :::{predict}
# Draw $D$ against the ratio $h/k$. What do you see?
#
# - `a`: two level lines: at steps so small the ratio cannot matter
# - `b`: a level line for the sine, and for this function a curve
# - `c`: two curves
# :::


# %%
def peano(p):
    x, y = p.unbind(-1)
    return x * y * (x**2 - y**2) / (x**2 + y**2)


def mixed(F, h, k):
    signs = torch.tensor([[1, 1], [1, -1], [-1, 1], [-1, -1]])
    corners = F(signs[:, None] * torch.stack([h, k], dim=-1))
    return (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * h * k)


# %% tags=["hide-input"]
ratios = torch.logspace(-3, 3, 101, dtype=torch.float64)
h, k = 1e-3 * ratios.sqrt(), 1e-3 / ratios.sqrt()
quotients = {
    r"$xy\,(x^2 - y^2) / (x^2 + y^2)$": mixed(peano, h, k),
    r"$\frac{1}{2} \sin(xy)$": mixed(lambda p: p.prod(-1).sin() / 2, h, k),
}
show(
    figures.mixed_quotients(ratios, quotients),
    "The mixed difference at the origin against the ratio of its two steps. For the"
    " sine it is one half at every ratio. For Peano's function it climbs from -1, where"
    " the step in x is much the smaller, through 0 at equal steps to 1.",
)

# %% tags=["hide-input"]
ranges = [(values.max() - values.min()).item() for values in quotients.values()]
reveal(
    f"Peano's function takes values over a range of **{ranges[0]:.2f}**, the sine over {ranges[1]:.2f}.",
    right="b" if ranges[0] > 0.1 > ranges[1] else "a" if max(ranges) < 0.1 else "c",
)

# %% [markdown]
# The steps are tiny at every point of the curve, and yet the answer depends on their ratio. There is no single mixed derivative at the origin. The two ends of the curve are the two orders. The gradient's own differences find them both: here is the Jacobian of the gradient at the origin, by central differences.

# %%
torn = central_difference(lambda p: gradient(peano, p), torch.zeros(2).double())
by_autograd = hessian(peano, torch.zeros(2).double())

# %% tags=["hide-input"]
say(
    f"Peano's function at the origin: **{[[round(x, 6) + 0.0 for x in row] for row in torn.tolist()]}**,"
    f" which is not symmetric. `hessian` there: {by_autograd.tolist()}, since the"
    " formula is 0/0."
)

# %% tags=["hide-input"]
in_reverse = jacobian(lambda θ: gradient(loss, θ), trained)
largest = H.abs().max()
apart, skew = (H - in_reverse).abs().max() / largest, (H - H.T).abs().max() / largest
tiny = "by less than 1e-13" if max(apart, skew) < 1e-13 else "by MORE than 1e-13"
evidence(
    "D8",
    "holds",
    f"On a network of {len(trained)} weights the Hessian, the Jacobian of the gradient and its"
    f" transpose differ {tiny} of the largest entry.",
    so="Use any order of differentiation, and any method that needs symmetry; only points where second"
    " derivatives jump are an exception.",
    more="For Peano's function, whose second derivatives are not continuous at the origin, the two orders give"
    f" {torn[0, 1]:.2f} and {torn[1, 0]:.2f}.",
)

# %% [markdown]
# (A network with ReLU units has kinks, and on a kink it has no Hessian at all. A random point lies on one with probability 0. But you step over many.)
#
# ### Second-order Taylor, and kinks
#
# *You see the error of the forecast fall as the third power of the step, and why it does not with ReLU.*
#
# What does Taylor's formula of second order,
#
# $$f(x + s) \approx f(x) + g^\top s + \tfrac{1}{2}\, s^\top H s,$$
#
# leave out? Its error begins with the third power of the step, if the third derivatives are bounded. So halve the step, and the error should be 8 times smaller; on logarithmic axes that is a line of slope 3. The linear forecast has slope 2, and no forecast at all (the value where you stand) has slope 1.
#
# Try it on Rosenbrock's function, a polynomial, and on the loss of the network of 490 weights, along a random direction: once with the smooth $\tanh$ and once with ReLU.
#
# :::{predict}
# Which slope has the quadratic forecast of the ReLU network?
#
# - `a`: 3, as the others
# - `b`: between 2 and 3
# - `c`: no more than 2, which the linear forecast has as well
# :::


# %%
def forecast_errors(F, x, direction, lengths):
    errors = {"value": [], "linear": [], "quadratic": []}
    for length in lengths:
        s = length * direction / direction.norm()
        guesses = (F(x), linear_prediction(F, x, s), quadratic_prediction(F, x, s))
        for seen, guess in zip(errors.values(), guesses, strict=True):
            seen.append((F(x + s) - guess).abs())
    return {label: torch.stack(seen) for label, seen in errors.items()}


def smooth_loss(θ):
    return loss(θ, torch.tanh)


# %% tags=["hide-input"]
lengths = torch.logspace(-2.5, 0, 11, dtype=torch.float64)
direction = torch.randn(490, generator=torch.Generator().manual_seed(0)).double()
errors = {
    "Rosenbrock": forecast_errors(
        rosenbrock, rosenbrock.at_start(), torch.tensor([1.0, 1.0]).double(), lengths
    ),
    "network, tanh": forecast_errors(smooth_loss, fresh, direction, lengths),
    "network, ReLU": forecast_errors(loss, fresh, direction, lengths),
}
relu = errors["network, ReLU"]
show(
    figures.errors_by_step(lengths, errors),
    "Errors of three forecasts against the length of the step, in three panels. For"
    " Rosenbrock's function and for tanh the lines have the slopes 1, 2 and 3. For"
    " ReLU the quadratic forecast has lost its lead: it starts beside the linear one at"
    f" the shortest step and is {relu['linear'][-1] / relu['quadratic'][-1]:.0f} times"
    " better at the longest.",
)


# %% tags=["hide-input"]
def slope_of(values):
    rise = values[4:].log() - values[:-4].log()
    return (rise / (lengths[4:] / lengths[:-4]).log()).median().item()


kinked = slope_of(relu["quadratic"])
reveal(
    "Slopes on the logarithmic axes, value, linear and quadratic: "
    + "; ".join(
        f"{name} " + ", ".join(f"**{slope_of(v):.1f}**" for v in curves.values())
        for name, curves in errors.items()
    )
    + ".",
    right="a" if kinked > 2.7 else "b" if kinked > 2.1 else "c",
)

# %% [markdown]
# Rosenbrock and $\tanh$ do what Taylor says. ReLU does not. Here is why. Each of 1,000 images switches each of 8 units on or off at some place, so there are 8,000 kinks around $\theta$. How near are they, along this direction?

# %% tags=["hide-input"]
unit = direction / direction.norm()
W1, b1 = fresh[:392].view(8, 49), fresh[392:400]
before = inputs @ W1.T + b1
change = inputs @ unit[:392].view(8, 49).T + unit[392:400]
to_kink = -before / change
say(
    "The nearest kink is at a distance of"
    f" {to_kink[to_kink > 0].min():.1e}. A step of length 0.01 crosses"
    f" **{((to_kink > 0) & (to_kink < 0.01)).sum()}** of them, a step of length 1 crosses"
    f" {((to_kink > 0) & (to_kink < 1)).sum():,}."
)

# %% [markdown]
# A kink has *all* of its curvature in one point, and the Hessian, which looks only at the point where you stand, sees none of it. Step across a few kinks, and their sum bends the loss as a smooth curve would: an error of second order, of the size of the term that you added. The size of each kink is in proportion to the error signal $p - y$ of its image. Take 30 random directions and steps of length 0.01, before and after training.
#
# :::{predict}
# Does training make the kinks matter less?
#
# - `a`: yes
# - `b`: no, they matter as much
# - `c`: no, they matter more
# :::


# %%
def quadratic_over_linear(F, x, length=0.01, directions=30):
    generator = torch.Generator().manual_seed(0)
    total = {"quadratic": 0.0, "linear": 0.0}
    for v in torch.randn(directions, 490, generator=generator).double():
        errors = forecast_errors(F, x, v, [length])
        total = {name: total[name] + errors[name].item() for name in total}
    return total["quadratic"] / total["linear"]


share = {
    (name, when): quadratic_over_linear(F, x)
    for name, F in (("tanh", smooth_loss), ("ReLU", loss))
    for when, x in (("fresh", fresh), ("trained", trained))
}

# %%
ratio = share["ReLU", "trained"] / share["ReLU", "fresh"]

# %% tags=["hide-input"]
reveal(
    f"With ReLU the quadratic forecast's error is {share['ReLU', 'fresh']:.0%} of the linear one's before"
    f" training and **{share['ReLU', 'trained']:.0%}** after it.",
    right="a" if ratio < 0.8 else "b" if ratio < 1.25 else "c",
)

# %% tags=["hide-input"]
evidence(
    "D20",
    "holds with a caveat",
    f"In 30 random steps of length 0.01 the quadratic forecast's error is {share['tanh', 'fresh']:.1%} of the"
    f" linear one's with tanh, and {share['ReLU', 'fresh']:.0%} with ReLU.",
    so="With ReLU test a second-order forecast against the loss before you rely on it.",
    more=f"{len(fresh)} weights. At the trained ones it is {share['tanh', 'trained']:.1%} and"
    f" {share['ReLU', 'trained']:.0%}.",
)

# %% [markdown]
# So the Hessian of a ReLU network is a correct derivative, and for steps of a practical size it is a part of the truth: a small part in a fresh network, most of it in a trained one. Keep the caveat in mind, and measure.
#
# ### In code
#
# *You see the library's source for this chapter's formulas.*

# %%
show_source(hessian, curvature, best_rate, lanczos)

# %% [markdown]
# #### An exercise: read the plot (★★)
#
# Look at the three panels along the gradient of the network. In which of them is a single step at the rate of the green line *worse* than a step of half that rate?
#
# - `a`: after 0 steps
# - `b`: after 5 steps
# - `c`: after 30 steps
# - `d`: in all of them

# %%
answer = ...
check("2-derivatives/too-long-a-step", answer)

# %% tags=["remove-input"]
solution("2-derivatives/too-long-a-step")

# %% [markdown]
# #### An exercise: reverse over reverse (★★)
#
# Write `product(f, x, v)`: the Hessian-vector product as the gradient of $g^\top v$. Use `torch.func.grad`, twice, and never form the Hessian. `x` and `v` have the same shape, which need not be a vector's.


# %%
def product(f, x, v): ...


check("2-derivatives/double-backward", product)

# %% tags=["remove-input"]
solution("2-derivatives/double-backward")

# %% [markdown]
# ### Lanczos in floating point, and what the weights say
#
# *You see an eigenvalue found twice, and sums over all eigenvalues from sixty products.*
#
# $T$ is tridiagonal, so in exact arithmetic it is enough to subtract the last two vectors. **In floating point you have to subtract all.** As soon as a Ritz value has found an eigenvalue, rounding lets its eigenvector back in, and it is found again ({cite:t}`paige1980`). The library subtracts all earlier vectors, and does it twice, because the first subtraction leaves rounding errors of its own behind.
#
# What if you subtract only the last two all the same?


# %%
def lanczos_short(matvec, start, steps):
    last, u, beta = torch.zeros_like(start), start / start.norm(), 0.0
    diagonal, beside = [], []
    for _ in range(steps):
        Hu = matvec(u) - beta * last
        diagonal.append(Hu @ u)
        Hu = Hu - diagonal[-1] * u
        beta, last = Hu.norm(), u
        beside.append(beta)
        u = Hu / beta
    off = torch.diag(torch.stack(beside[:-1]), 1)
    return torch.diag(torch.stack(diagonal)) + off + off.T


# %% tags=["hide-input"]
exact = lanczos(lambda u: hvp(loss, trained, u), start, 60).values
ends = max((exact[-10:] - true[-10:]).abs().max(), (exact[0] - true[0]).abs())
hasty = torch.linalg.eigvalsh(lanczos_short(lambda u: H @ u, start, 60))
copies = ((hasty - true[-1]).abs() < 1e-6).sum()
say(
    "After 60 products, the ten largest eigenvalues and the lowest are off by"
    f" **{'less' if ends < 1e-8 else 'MORE'} than 1e-8**. With only the last two vectors"
    f" subtracted, the largest one is found **{'more than once' if copies > 1 else 'once'}**."
)

# %% [markdown]
# Sixty products found the eleven outermost of 490 eigenvalues to within $10^{-8}$. The ends come first, and those that stand apart come fastest.
#
# **What about the crowd in the middle?** For that the weights help. Each eigenvector of $T$ has a first entry; its square is the share of the start vector that this Ritz value stands for. If the start is random, every eigenvector of $H$ has the same share on average, $1/n$. So the weights say *how many* eigenvalues lie near each Ritz value ({cite:t}`golub1969`), and for a function $\psi$, the better the smoother it is,
#
# $$\frac{1}{n} \sum_i \psi(\lambda_i) \approx \sum_j w_j \, \psi(\text{Ritz value}_j).$$
#
# Averaged over a few start vectors this is called *stochastic Lanczos quadrature*. Try it on two sums whose exact value you can compute.

# %% tags=["hide-input"]
generator = torch.Generator().manual_seed(3)
random_starts = torch.randn(10, 490, generator=generator).double()
found = [lanczos(lambda u: H @ u, s, 60) for s in random_starts]
rows = []
for name, ψ in (
    ("λ", lambda λ: λ),
    ("1 where −0.05 < λ < 0.05, else 0", lambda λ: 1.0 * (abs(λ) < 0.05)),
):
    guesses = torch.stack([(r.weights * ψ(r.values)).sum() for r in found])
    rows.append([name, f"{ψ(true).mean():.3f}", f"{guesses.mean():.3f}", f"{guesses.std():.3f}"])  # fmt: skip
table(["mean of", "exact", "10 starts", "spread of one start"], rows)

# %% [markdown]
# ### Where the nine come from
#
# *You see the Hessian split into two parts, and which images share the large directions.*
#
# Split the Hessian. The loss is a function of the logits $z$, and the logits are a function of $\theta$. For one image (the whole $H$ is the mean over all) the chain rule gives the slope for the weight $\theta_i$:
#
# $$\frac{\partial L}{\partial \theta_i} = \sum_k \frac{\partial L}{\partial z_k} \, \frac{\partial z_k}{\partial \theta_i}.$$
#
# Differentiate this for $\theta_j$. Each term is a product of two factors that both depend on $\theta$, and the first depends on it through all the logits $z_l$. By the product rule
#
# $$\begin{aligned} H_{ij} = \; & \sum_k \sum_l \frac{\partial z_k}{\partial \theta_i} \, \frac{\partial^2 L}{\partial z_k \, \partial z_l} \, \frac{\partial z_l}{\partial \theta_j} \\ & + \sum_k \frac{\partial L}{\partial z_k} \, \frac{\partial^2 z_k}{\partial \theta_i \, \partial \theta_j}. \end{aligned}$$
#
# The double sum is entry $(i, j)$ of a product of three matrices, with $J$ of shape $(10, n)$ the Jacobian of the logits and $H_z$ of shape $(10, 10)$ the Hessian of the loss in the logits:
#
# $$H = \underbrace{J^\top H_{z}\, J}_{G} + \sum_k \frac{\partial L}{\partial z_k}\, \nabla^2 z_k.$$
#
# $G$ is the **Gauss-Newton matrix**. $H_z$, the Hessian of the cross-entropy in the logits, has no negative eigenvalue, so $G$ has none either: all negative curvature is in the rest. And the rest is weighted by $\partial L/\partial z_k = p_k - y_k$, which shrinks as the network learns. There is a second way to $G$: it is the Hessian of the loss of the *linearised* network, so `hvp` multiplies by it without writing $J$ down.
#
# :::{predict}
# To which part do the nine large eigenvalues of the trained network belong?
#
# - `a`: to $G$
# - `b`: to the rest
# - `c`: only to the sum of both
# :::


# %%
def logits_jacobian(θ):
    J = jacobian(lambda p: logits(p).flatten(), θ, mode="forward")
    return J.view(1000, 10, 490)  # one J for each image


def gauss_newton(θ):
    J, p = logits_jacobian(θ), logits(θ).softmax(1)[..., None]
    H_z_J = p * (J - (p * J).sum(1, keepdim=True))  # H_z = diag(p) - pp^T, each image's
    return torch.einsum("nki,nkj->ij", J, H_z_J) / 1000


def loss_if_linear(θ):
    flat, z = lambda p: logits(p).flatten(), logits(trained)
    return cross_entropy(z + jvp(flat, trained, θ - trained).view_as(z), labels)


G = {"before": (H_fresh, gauss_newton(fresh)), "after": (H, gauss_newton(trained))}

# %% tags=["hide-input"]
rests = [((h - g).norm() / h.norm()).item() for h, g in G.values()]
top = torch.linalg.eigvalsh(G["after"][1])
by_hvp = hvp(loss_if_linear, trained, unit)
off = (by_hvp - G["after"][1] @ unit).norm() / by_hvp.norm()
reveal(
    f"The nine are in G. The rest is **{rests[0]:.0%}** of the Hessian before training and"
    f" **{rests[1]:.0%}** after it (Frobenius norm). The ninth and the tenth eigenvalue"
    f" of G are {top[-9]:.2f} and {top[-10]:.2f}; those of H are {true[-9]:.2f} and"
    f" {true[-10]:.2f}. The lowest of G is {abs(top[0]):.2f}. By the second way Gv is the"
    f" same{' to 1e-12' if off < 1e-12 else ' only roughly'}.",
    right="a" if top[-9] / top[-10] > 1.5 else "c",
)

# %% [markdown]
# Why nine? Each row of probabilities sums to 1, so the $H_z$ of one image has a zero eigenvalue and lets through $10 - 1 = 9$ directions of the logits. That bounds the rank for *one* image. A thousand images have a thousand Jacobians, and the sum may have any rank. If all had one $J$ of full rank, exactly nine eigenvalues would not be zero. {cite:t}`papyan2020` traces the large ones to means over classes. So build $G$ in three ways: with each image's own $J$, with the mean of its class, with the mean of all.
#
# :::{predict}
# In which of the three is the widest gap after rank 9 before training already?
#
# - `a`: in none
# - `b`: with the mean of all only
# - `c`: with the class means and with the mean of all
# - `d`: in all three
# :::


# %% tags=["hide-input"]
def outer_gap(J, p):  # the widest factor among the first 15, and after which rank
    H_z_J = p * (J - (p * J).sum(1, keepdim=True))
    values = torch.linalg.eigvalsh(torch.einsum("nki,nkj->ij", J, H_z_J)).flip(0)[:16]
    factors = values[:-1] / values[1:].clamp(min=1e-12 * values[0])
    wide = "beyond 1e6" if factors.max() > 1e6 else f"{factors.max():.1f}"
    return f"{wide} after rank {factors.argmax() + 1}"


rows = {"each image's own J": [], "the mean of its class": [], "the mean of all": []}
for θ in (fresh, trained):
    J, p = logits_jacobian(θ), logits(θ).softmax(1)[..., None]
    by_class = torch.stack([J[labels == c].mean(0) for c in range(10)])[labels]
    used = J, by_class, J.mean(0).expand_as(J)
    for row, jacobians in zip(rows.values(), used, strict=True):
        row.append(outer_gap(jacobians, p))
columns = ["G with", "before training", "after"]
table(columns, [[name, *row] for name, row in rows.items()])

# %% tags=["hide-input"]
early = [name for name, row in rows.items() if row[0].endswith("rank 9")]
late = [name for name, row in rows.items() if row[1].endswith("rank 9")]
reveal(
    f"Before training with {' and '.join(early) or 'none'}; after it with {', '.join(late)}.",
    right="abcd"[len(early)],
)

# %% [markdown]
# With one $J$ for all the gap after rank 9 is there from the start, by algebra. With each image's own it came with training, in this network, and the means of the classes alone show it even more clearly.
#
# ### How much lies near zero
#
# *You see the share of the crowd in the large network, and whether 10,000 images are enough.*


# %% tags=["hide-input"]
def near_zero(spectrum):
    edge, starts = 0.1 * spectrum["largest"][0], spectrum["starts"]
    pairs = [p for s in starts for p in zip(s["values"], s["weights"], strict=True)]
    return sum(weight for value, weight in pairs if abs(value) < edge) / len(starts)


rows = []
for run in runs:
    sides = [run[when] for when in ("before", "after")]
    ends = [f"{s['largest'][0]:.2f} and {s['lowest']:.3f}" for s in sides]
    rows.append([str(run["seed"]), *ends, *(f"{near_zero(s):.2%}" for s in sides)])
table(["seed", "ends before", "ends after", "near 0 before", "near 0 after"], rows)

# %% [markdown]
# ("Near 0" is the share of the spectrum within 10 % of $\lambda_{\max}$, from the weights; 60 Ritz values cannot see much finer than that.)
#
# #### Are 10,000 images enough?
#
# For seed 0 the run repeats Lanczos with all 60,000 images. And what do these curvatures mean for the learning rate?

# %% tags=["hide-input"]
some, every = runs[0]["after"]["largest"], runs[0]["after, all images"]["largest"]
moved = max(abs(a / b - 1) for a, b in zip(some[:5], every[:5], strict=True))
limits = [[2 / run[when]["largest"][0] for run in runs] for when in ("before", "after")]
say(f"""
- λmax is {some[0]:.2f} with {stored["results"]["images"]:,} images and {every[0]:.2f} with all; the five largest move by {moved:.0%} or less.
- The step limit $2/\\lambda_{{\\max}}$ is {min(limits[0]):.2f} to {max(limits[0]):.2f} before training and **{min(limits[1]):.2f} to {max(limits[1]):.2f}** after it. The rate used was {setting["lr"]}.
""")

# %% [markdown]
# $2/\lambda_{\max}$ is the limit of {doc}`../1-numbers/conditioning`, now for a network: on a quadratic with these curvatures, full-batch descent at a higher rate would be thrown out along $q_{\max}$. The run with small batches used a rate well below it. What about the small network, which saw the full batch at every step, at $\eta = 0.3$?
#
# :::{predict}
# On which side of its limit $2/\lambda_{\max}$ did the rate 0.3 end?
#
# - `a`: below it, as stability asks
# - `b`: above it
# :::

# %% tags=["hide-input"]
reveal(
    f"The small network: $2/\\lambda_{{\\max}}$ was {2 / spectra['before'][-1]:.2f} before"
    f" training and is **{2 / true[-1]:.2f}** after it. The rate used was 0.3.",
    right="b" if 2 / true[-1] < 0.3 else "a",
)

# %% [markdown]
# Training drove its own largest curvature up until the rate was no longer stable by that rule, and the run did not blow up, because a network is not a quadratic. That full-batch descent works at this {term}`edge of stability` is the finding of {cite:t}`cohen2021`; {doc}`gradient-descent` watches it happen. So read $2/\lambda_{\max}$ as what the ground allows *here*, and not as a constant of the problem.
#
# ### Which variant is this?
#
# *You see products by differences, what ReLU's second derivatives are, and three matrices that are not one.*
#
# **Differences instead of derivatives.** Two gradients give $Hv \approx \big(g(x + hv) - g(x - hv)\big) / 2h$: cheaper than three, and wrong by an error that depends on $h$. Too large, and third derivatives enter; too small, and rounding does. With ReLU a large $h$ also steps over kinks.


# %%
def difference_error(F, h):
    g = [gradient(F, trained + sign * h * unit) for sign in (1, -1)]
    exact = hvp(F, trained, unit)
    return ((g[0] - g[1]) / (2 * h) - exact).norm() / exact.norm()


# %% tags=["hide-input"]
table(
    ["h", "relative error, tanh", "relative error, ReLU"],
    [
        [f"{h:.0e}", *(f"{difference_error(F, h):.0e}" for F in (smooth_loss, loss))]
        for h in (1e-1, 1e-2, 1e-3, 1e-4)
    ],
)

# %% tags=["hide-input"]
smallest = difference_error(smooth_loss, 1e-10)
word = "larger" if smallest > difference_error(smooth_loss, 1e-4) else "smaller"
say(
    f"And with h = 1e-10, in the smooth network, the error is **{word}** than with 1e-4."
)

# %% [markdown]
# The smooth network shows the law: the error falls as $h^2$, until rounding, of the size $u \lVert g \rVert / h$, takes over. With ReLU a single kink between $x - hv$ and $x + hv$ adds a jump of the gradient, divided by $2h$, so the error can *grow* as $h$ shrinks, until $h$ is below the distance to the nearest kink.

# %% [markdown]
# **A ReLU network's second derivatives are not zero.** Within one layer they are: a logit is piecewise linear in the weights of either layer. But $W_1$ and $W_2$ multiply each other, and the cross-entropy is curved. Here is the Hessian of one logit of one image, by blocks, and that of the loss.

# %% tags=["hide-input"]
one_logit = hessian(lambda θ: logits(θ)[0, 0], trained)
first, second = slice(0, 400), slice(400, 490)
blocks = {"W₁, b₁ with themselves": (first, first), "W₂, b₂ with themselves": (second, second), "W₁, b₁ with W₂, b₂": (first, second)}  # fmt: skip
table(
    ["largest entry of the Hessian", "one logit", "loss"],
    [
        [name, f"{one_logit[b].abs().max():.2f}", f"{H[b].abs().max():.2f}"]
        for name, b in blocks.items()
    ],
)

# %% [markdown]
# **Gauss-Newton and Fisher are not the Hessian.** $G$ leaves out the rest. The Fisher matrix is the mean of $gg^\top$ over labels *drawn from the model*; for softmax with cross-entropy it equals $G$ exactly ({cite:t}`martens2020`). With the true labels in place of drawn ones you get the "empirical Fisher", which is a third thing. Part 4 uses all of them.
#
# **Which function of torch?** `torch.func.hessian` is forward over reverse, as here. `torch.autograd.functional.hessian` is reverse over reverse, row by row. Both give the full matrix.

# %% tags=["hide-input"]
p = logits(trained).softmax(-1)
drawn = torch.eye(10).double() - p[..., None]  # y - p for each possible label y
scores = torch.einsum("nck,ncj->nkj", drawn, logits_jacobian(trained))  # by label k
fisher = torch.einsum("nki,nkj->ij", p[..., None] * scores, scores) / 1000
theirs = torch.autograd.functional.hessian(loss, trained)
pairs = (fisher, G["after"][1]), (theirs, H)
agree = [bool((one - other).abs().max() < 1e-12) for one, other in pairs]
say(
    f"Fisher and Gauss-Newton agree to 1e-12: **{agree[0]}**. The two Hessians of torch"
    f" agree to 1e-12: **{agree[1]}**."
)

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: a curvature by hand (★)
#
# $f = x^2 + 2xy + y^3$ at $(3, 2)$ has the Hessian with the rows $(2, 2)$ and $(2, 12)$. What is its curvature along the diagonal direction $(1, 1)$? Remember what length a direction has.

# %%
answer = ...
check("2-derivatives/curvature-along-diagonal", answer)

# %% tags=["remove-input"]
solution("2-derivatives/curvature-along-diagonal")

# %% [markdown]
# ### Exercise 2: the best single step (★)
#
# A bowl $f = \frac{1}{2}(x^2 + 9 y^2)$, and you stand at $(9, 2)$. Which learning rate makes the loss lowest after one step of gradient descent?

# %%
answer = ...
check("2-derivatives/best-step", answer)

# %% tags=["remove-input"]
solution("2-derivatives/best-step")

# %% [markdown]
# ### An open experiment
#
# Train the network of 490 weights with $\tanh$, and look at its spectrum again. Do nine eigenvalues stand clear, and does training drive $\lambda_{\max}$ to $2/\eta$? (*How much lies near zero* has the second answer for ReLU.)
#
# ## Summary
#
# - The Hessian is the Jacobian of the gradient, symmetric where second derivatives are continuous. $v^\top H v$ is the curvature along $v$, a weighted mean of the eigenvalues.
# - A step of gradient descent changes the loss by $-\eta\, g^\top g + \frac{1}{2} \eta^2 g^\top H g$, which is best at $g^\top g / g^\top H g$. For a ReLU network that is a forecast with a blind spot: the kinks (*Going further*).
# - $Hv$ costs about three gradients whatever the number of weights, and Lanczos turns a few dozen of them into the outer eigenvalues: a few large ones, about as many as classes, and a crowd near zero.
#
# ## References
#
# - {cite:t}`goodfellow2016`: sections 4.3 and 8.2, the second-order forecast of a step.
# - {cite:t}`genocchi1884`: with Peano's notes, and in them the function whose mixed derivatives disagree.
# - {cite:t}`pearlmutter1994`: the exact Hessian-vector product.
# - {cite:t}`lanczos1950`, {cite:t}`paige1980`, {cite:t}`golub1969`: the method, what rounding does to it, and what the weights mean.
# - {cite:t}`sagun2017`, {cite:t}`ghorbani2019`, {cite:t}`papyan2020`: the spectra of networks, and where the large eigenvalues come from.
# - {cite:t}`martens2020`: Hessian, Gauss-Newton and Fisher, and which equals which.
# - {cite:t}`cohen2021`: what happens at the step limit.
