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
# # Momentum
#
# Gradient descent forgets each step as soon as it is taken. In a narrow valley it jumps from wall to wall, and the little that every step gains along the floor never adds up. Momentum remembers. This chapter shows what the memory is worth, and how much of its fame belongs to a longer step.
#
# **You will**
#
# - watch a velocity cancel across a valley and add up along it;
# - derive the best learning rate and momentum on a quadratic from a matrix with four entries, and check them against runs;
# - tell what momentum saves from what a ten times longer step would have saved.
#
# **You need** the narrow valley and $\kappa$ of {doc}`/1-numbers/conditioning`, and the rate limit of {doc}`/2-derivatives/gradient-descent`.

# %%
import math
import statistics
from functools import partial
from typing import ClassVar

import torch
from torch.optim.lr_scheduler import LambdaLR

from book import results
from book.display import evidence, say, show, show_source, table
from book.exercises import check, solution
from book.explorers import MomentumPhases, Race, Smoother
from book.figures import momentum as figures
from book.numerics.vector import f64
from book.optim import SGD, Momentum, Rule, schedules, state_bytes_of, trajectory
from book.optim.heavy_ball import best, iteration, rate
from book.surfaces import bowl
from book.training.data.load import load
from book.training.models import mlp
from book.training.run.loop import train
from book.training.surface.flat import flat_parameters
from book.training.surface.side_by_side import difference

# %% [markdown]
# ## From wall to wall
#
# Take the bowl $f(x, y) = \frac{1}{2}(x^2 + 50 y^2)$. It is a valley along $x$, fifty times as curved across. Gradient descent must keep its learning rate below $2/50$, or the walls throw it out. Here it runs at 0.036, from $(2, 1)$, for 40 steps. Below it runs the method of this chapter, at the same rate.
#
# **Predict:** how often does each of the two cross the floor of the valley, the line $y = 0$?

# %%
valley, start = bowl(50), f64(2, 1)
descent = trajectory(lambda p: SGD(p, lr=0.036), valley, start, 40)
ball = trajectory(lambda p: Momentum(p, lr=0.036, momentum=0.7), valley, start, 40)
runs = {"gradient descent": descent, r"momentum, $\mu$ = 0.7": ball}
show(
    figures.crossings(valley, runs),
    "Two panels of the same valley. Gradient descent jumps across the floor at every"
    " step, the swings shrink slowly, and it ends well short of the minimum. Momentum"
    " crosses at about every second step, moves further and further to the left in"
    " each, and comes to rest at the minimum.",
)


# %%
def crossings(path):
    y = path[:, 1]
    return int((y[1:] * y[:-1] < 0).sum())


say(
    f"Gradient descent crosses the floor **{crossings(descent)}** times in 40 steps and"
    f" is left with a distance of {descent[-1].norm():.2f}. Momentum crosses it"
    f" **{crossings(ball)}** times and is left with {ball[-1].norm():.3f}."
)

# %% [markdown]
# Both saw the same hills, at the same rate. Descent uses each gradient once. At the walls the gradients are large and of alternating sign, and each undoes the one before. Along the floor they are small and all agree, but nothing is made of that.

# %% [markdown]
# ## A ball with friction
#
# Think of a ball in the bowl in place of a walker. The slope does not move a ball; it changes the ball's *velocity*, and the velocity moves the ball. Friction takes away a share of the velocity all the time. (As an equation of mechanics: mass times acceleration is $-\nabla f$ minus friction times velocity. We need only the picture.)
#
# Let $x$ be the parameters and $v$ the velocity, both of shape $(n,)$. In each step friction leaves a share $\mu$ of the velocity, between 0 and 1, and the slope pushes with the strength $\eta$:
#
# $$v \leftarrow \mu v - \eta g, \qquad x \leftarrow x + v.$$
#
# One change makes it the form that PyTorch uses. Count the velocity uphill and without the rate, $b = -v/\eta$. Divide the first line by $-\eta$:
#
# $$\boxed{\; b \leftarrow \mu b + g, \qquad x \leftarrow x - \eta b \;}$$
#
# Here $g = \nabla f(x)$ is taken before the step, $\eta$ is the {term}`learning rate`, and $\mu$ is the {term}`momentum`. At the start $b = 0$, so the first step is one of gradient descent. With $\mu = 0$ all steps are. {cite:t}`polyak1964` proposed it, and {cite:t}`rumelhart1986` trained their networks with it. The library's code:

# %%
show_source(Momentum.update)

# %% [markdown]
# Three balls on $f(x) = \frac{1}{2}x^2$, all at the rate 0.1, started at rest at $x = 1$: no memory, a share of 0.5, a share of 0.9.
#
# **Predict:** does the ball with the longest memory arrive first?


# %%
def parabola(x):
    return x.square().sum() / 2


balls = {
    rf"$\mu$ = {μ}": trajectory(
        lambda p, μ=μ: Momentum(p, lr=0.1, momentum=μ), parabola, f64(1), 60
    )[:, 0]
    for μ in (0.0, 0.5, 0.9)
}
long = list(balls.values())[-1]
show(
    figures.swings(balls),
    "Without momentum x creeps down to 0 within about 50 steps. With 0.5 it falls to 0"
    " much sooner and stays there. With 0.9 it swings through 0 to"
    f" {long.min():.1f} and back to {long[long.argmin() :].max():.2f}, and still swings a"
    " little at the end.",
)

# %% [markdown]
# Too little memory creeps, too much swings. Between them is a share that does neither. We will compute it. First, what is in $b$?

# %% [markdown]
# ## What the velocity remembers
#
# Unroll the formula, with $g_0$ the first gradient and $b_t$ the velocity after $t$ gradients:
#
# $$b_t = g_{t-1} + \mu\, g_{t-2} + \mu^2 g_{t-3} + \dots + \mu^{t-1} g_0.$$
#
# Every old gradient still counts, less and less. Two cases tell most of the story.
#
# **All gradients agree**, $g_k = g$. Then $b_t = (1 + \mu + \dots + \mu^{t-1})\, g$, a geometric sum:
#
# $$b_t = \frac{1 - \mu^t}{1 - \mu}\, g \;\to\; \frac{g}{1 - \mu}.$$
#
# So along a steady slope the ball ends up with steps of length $\eta \lVert g \rVert / (1 - \mu)$. The number $\eta / (1 - \mu)$ is the {term}`effective learning rate`. With $\mu = 0.9$ it is **ten times** $\eta$. Keep this ten in mind; it comes back with a bill.
#
# **All gradients alternate**, $g_k = (-1)^k g$. Now the signs in the sum alternate, $1 - \mu + \mu^2 - \dots$, and the size of $b_t$ tends to
#
# $$\lVert b_t \rVert \;\to\; \frac{\lVert g \rVert}{1 + \mu}.$$
#
# Compared with what alternates, momentum makes what agrees $(1 + \mu)/(1 - \mu)$ times as important. The library can be asked. `trajectory` adds what you like to the gradient; here the function is flat, and all the gradient is what we add.


# %%
def velocities(gradients, lr=0.1, μ=0.9):
    """The b of each step, for gradients that do not depend on where we are."""
    start = torch.zeros_like(gradients[0])
    ball = partial(Momentum, lr=lr, momentum=μ)
    path = trajectory(ball, lambda x: 0 * x.sum(), start, 10**6, noise=gradients)
    return -path.diff(dim=0) / lr


b = velocities([f64(1, (-1) ** k) for k in range(300)])
gain, loss_of_it = b[-1].abs().tolist()
table(
    ["after gradient", "1", "2", "5", "10", "20", "50", "300"],
    [
        [name] + [f"{b[t - 1, i].abs():.2f}" for t in (1, 2, 5, 10, 20, 50, 300)]
        for i, name in enumerate(("b, all gradients 1", "size of b, alternating ±1"))
    ],
)

# %% [markdown]
# The first row also shows what the start at $b = 0$ does. The ball has to come up to speed: after $t$ steps it has the share $1 - \mu^t$ of its final velocity. Every run with momentum begins with a built-in warm-up of about $1/(1 - \mu)$ steps.
#
# Back to the valley. Take the gradients along descent's own path, this time at 0.0396, just inside the limit, and look at what $b$ would make of them.

# %%
points = trajectory(lambda p: SGD(p, lr=0.0396), valley, start, 40)[:-1]
gs = points * f64(1, 50)
bs = velocities(list(gs))
show(
    figures.components({"along": (gs[:, 0], bs[:, 0]), "across": (gs[:, 1], bs[:, 1])}),
    f"Along the valley the gradient falls slowly from 2 to {gs[-1, 0]:.1f}, and the velocity"
    f" climbs to {bs[:, 0].max():.0f} before it falls too. Across the valley the gradient"
    " jumps between plus and minus 50, slowly shrinking, and the velocity's jumps are about"
    " half as wide.",
)

# %% [markdown]
# That is the whole idea in one picture: **it cancels across and adds up along.**

# %% [markdown]
# ## A smoother walk
#
# There is a second reading of the same sum. Multiply $b$ by $1 - \mu$, and the weights $(1-\mu)\mu^k$ add up to nearly 1: the velocity is an {term}`exponential average` of the gradients, up to a factor. For an average the share is commonly called $\beta$:
#
# $$m_t = \beta\, m_{t-1} + (1 - \beta)\, s_t, \qquad m_0 = 0.$$
#
# Averages are smoother than what they average. How much? Feed it pure noise: numbers $s_t$ drawn evenly between $-10$ and $10$, each on its own, so that their mean is 0 and their variance is $\sigma^2 = 100/3$.

# %%
rng = torch.Generator().manual_seed(0)
draws = 20 * torch.rand(120, generator=rng, dtype=torch.float64) - 10


def average(s, β):
    m = torch.zeros_like(s)
    for t in range(len(s)):
        m[t] = (β * m[t - 1] if t else 0) + (1 - β) * s[t]
    return m


smooth = {rf"$\beta$ = {β}": average(draws, β) for β in (0.5, 0.9, 0.98)}
far = [f"{m.abs().max():.1f}" for m in smooth.values()]
show(
    figures.averages(draws, smooth),
    "Grey dots scattered evenly between -10 and 10. The average with 0.5 jumps about"
    f" within {far[0]} of zero, the one with 0.9 wanders within {far[1]}, the one with 0.98"
    f" is nearly a flat line within {far[2]} of zero.",
)

# %% [markdown]
# Unrolled, $m_t = (1 - \beta) \sum_{k=0}^{t-1} \beta^k s_{t-k}$. The numbers are independent, so the variance of the sum is the sum of the variances:
#
# $$\operatorname{Var} m_t = (1 - \beta)^2 \sigma^2 \sum_{k=0}^{t-1} \beta^{2k} = (1 - \beta)^2\, \frac{1 - \beta^{2t}}{1 - \beta^2}\, \sigma^2.$$
#
# Cancel one factor of $1 - \beta$ against $1 - \beta^2 = (1 - \beta)(1 + \beta)$:
#
# $$\boxed{\; \operatorname{Var} m_t = \frac{1 - \beta}{1 + \beta}\, \big(1 - \beta^{2t}\big)\, \sigma^2 \;}$$
#
# In the long run only $(1-\beta)/(1+\beta)$ of the variance is left. Test it on 20,000 averages at once, after 1, 5, 20 and 100 draws.

# %%
walks = 20 * torch.rand(100, 20_000, generator=rng, dtype=torch.float64) - 10
rows, worst = [], 0.0
for β in (0.5, 0.9, 0.98):
    m = average(walks, β)
    row = [f"{β}"]
    for t in (1, 5, 20, 100):
        exact = (1 - β) / (1 + β) * (1 - β ** (2 * t)) * 100 / 3
        row.append(f"{m[t - 1].var():.2f} ({exact:.2f})")
        worst = max(worst, abs(m[t - 1].var().item() / exact - 1))
    rows.append(row)
table(["β", "t = 1", "5", "20", "100"], rows)

# %%
spread = {β: average(walks, β)[-1].var().item() for β in (0.5, 0.9)}
evidence(
    "F6",
    "holds",
    "The variance of an average is (1 − β)/(1 + β) · (1 − β²ᵗ) of that of its draws:"
    f" 20,000 averages of draws from −10..10 were within {math.ceil(100 * worst)}% of"
    f" it at {4 * len(rows)} places; after 100 draws {spread[0.5]:.1f} is left of"
    f" {100 / 3:.1f} with β = 0.5 and {spread[0.9]:.2f} with β = 0.9.",
)

# %% [markdown]
# Each cell of the table shows the measured variance, and the formula's in brackets. Two warnings come with it.
#
# - The velocity $b$ of the optimizer is $1/(1-\beta)$ times this average. Its variance is $\sigma^2/(1-\beta^2)$, **more** than that of one gradient. What improves is the ratio: the part that agrees grows by $1/(1-\beta)$, the noise only by $1/\sqrt{1-\beta^2}$.
# - A smooth average is a late one. It weighs the last $1/(1-\beta)$ draws or so, and answers to a change with that delay.
#
# Move β towards 1 and watch the average calm down. **Predict** its variance at β = 0.99, then look. Tick the correction: what does it change, and for how many steps?

# %%
Smoother(0.9)

# %% [markdown]
# ## The best pair on a quadratic
#
# How large should $\eta$ and $\mu$ be? On a quadratic this can be answered completely ({cite:t}`polyak1964`; {cite:t}`goh2017` draws it). As in {doc}`/1-numbers/conditioning`, along each eigenvector of the Hessian everything happens on its own. So take one coordinate $x$ with the curvature $\lambda$, whose gradient is $\lambda x$.
#
# **Step 1: remove the velocity.** A step says $x_{t+1} = x_t - \eta b_{t+1}$ with $b_{t+1} = \mu b_t + \lambda x_t$. The step before says $\eta b_t = x_{t-1} - x_t$. Put the second into the first:
#
# $$x_{t+1} = x_t - \eta\lambda x_t + \mu\,(x_t - x_{t-1}) = (1 + \mu - \eta\lambda)\, x_t - \mu\, x_{t-1}.$$
#
# A gradient step, plus a share of the last move.
#
# **Step 2: make it a matrix.** The pair $(x_t, x_{t-1})$ goes to the next pair by the same matrix, every time:
#
# $$\begin{pmatrix} x_{t+1} \\ x_t \end{pmatrix} = \begin{pmatrix} 1 + \mu - \eta\lambda & -\mu \\ 1 & 0 \end{pmatrix} \begin{pmatrix} x_t \\ x_{t-1} \end{pmatrix}.$$

# %%
path = trajectory(
    lambda p: Momentum(p, lr=0.1, momentum=0.9), lambda x: 1.5 * parabola(x), f64(1), 50
)[:, 0]
M = iteration(lr=0.1, momentum=0.9, curvature=1.5)
pair = torch.linalg.matrix_power(M, 50) @ f64(1, 1)
say(
    f"After 50 steps the optimizer is at {path[50]:.6f}, and the 50th power of the"
    f" matrix says **{pair[0]:.6f}**."
)

# %% [markdown]
# **Step 3: its eigenvalues.** In the long run, each step multiplies the distance by the size of the larger eigenvalue $r$. The eigenvalues solve
#
# $$r^2 - (1 + \mu - \eta\lambda)\, r + \mu = 0.$$
#
# Their sum is $1 + \mu - \eta\lambda$ and their product is $\mu$. Everything follows from these two facts. There are two cases.
#
# - **A complex pair**, $r$ and $\bar r$. Their product is $\lvert r \rvert^2$, and it is $\mu$. So both have the size $\sqrt\mu$, *whatever $\eta$ and $\lambda$ are*. The coordinate oscillates, and its swings shrink by $\sqrt\mu$ a step.
# - **Two real ones.** Their product is still $\mu$, so if they differ, one is larger than $\sqrt\mu$. It is the slower one, and it counts. The coordinate creeps ($r > 0$, *overdamped*), or it jumps from side to side ($r < 0$).
#
# The border is where the discriminant $(1 + \mu - \eta\lambda)^2 - 4\mu$ is zero, that is, where $1 + \mu - \eta\lambda = \pm 2\sqrt\mu$:
#
# $$\eta\lambda = (1 - \sqrt\mu)^2 \qquad \text{or} \qquad \eta\lambda = (1 + \sqrt\mu)^2.$$
#
# Between the two the pair is complex. Solve the first one for $\mu$, and you have the share that neither creeps nor swings, **critical damping**:
#
# $$\mu = \big(1 - \sqrt{\eta\lambda}\,\big)^2.$$
#
# For the three balls above, $\eta\lambda = 0.1$ and the critical $\mu$ is 0.47. That is why 0.5 looked so good.
#
# The end is where an eigenvalue reaches $-1$. Put $r = -1$ into the equation: $2 + 2\mu - \eta\lambda = 0$. Momentum converges for $\eta\lambda < 2(1 + \mu)$, and up to twice the limit of gradient descent is allowed.
#
# Draw the factor against $\eta\lambda$ for three values of $\mu$. **Predict** the shape for $\mu = 0$, which is plain descent, and then what a complex pair makes of it. The marks are measured: each curvature is one coordinate of one run.

# %%
products = f64(0.05, 0.3, 0.6, 1.45, 1.8, 2.2, 2.8, 3.4, 3.7)
grid = torch.linspace(0.004, 4, 334, dtype=torch.float64)
curves, seen = {}, {}
for μ in (0.0, 0.5, 0.9):
    curves[μ] = [rate(1.0, μ, p) for p in grid.tolist()]
    ball, bowls = (
        partial(Momentum, lr=1.0, momentum=μ),
        lambda x: (products * x * x / 2).sum(),
    )
    path = trajectory(ball, bowls, torch.ones_like(products), 300)
    size = torch.hypot(path[1:], path[:-1])
    seen[μ] = products, (size[-1] / size[99]) ** (1 / 200)

# %%
show(
    figures.flat_floors(grid, curves, seen),
    "Without momentum a V with its tip at 0 for a product of 1, which reaches 1 at a"
    f" product of 2. With 0.5 the factor falls to {0.5**0.5:.2f} soon, stays exactly flat to"
    f" {(1 + 0.5**0.5) ** 2:.1f} and shoots up through 1 at 3. With 0.9 it is flat at"
    f" {0.9**0.5:.2f} from near 0 to {(1 + 0.9**0.5) ** 2:.1f}. The measured marks lie on the"
    " lines.",
)

# %% [markdown]
# The V has one best point and gets worse at once to both sides. The flat floor serves a whole **range** of curvatures with the same factor. That is what momentum is for. It is also the price: for a single curvature the V is lower.
#
# **Step 4: fit the valley in.** A quadratic with curvatures from $\lambda_{\min}$ to $\lambda_{\max}$ needs all its $\eta\lambda$ on the floor:
#
# $$1 - \sqrt\mu \le \sqrt{\eta\lambda_{\min}}, \qquad \sqrt{\eta\lambda_{\max}} \le 1 + \sqrt\mu.$$
#
# The factor is $\sqrt\mu$, so make $\mu$ as small as the two allow: both become equations. Add them, and $\sqrt\eta\,\big(\sqrt{\lambda_{\max}} + \sqrt{\lambda_{\min}}\big) = 2$. Then $\sqrt\mu = 1 - \sqrt{\eta\lambda_{\min}}$ gives the rest. With $\kappa = \lambda_{\max} / \lambda_{\min}$:
#
# $$\boxed{\; \eta = \frac{4}{\big(\sqrt{\lambda_{\max}} + \sqrt{\lambda_{\min}}\big)^2}, \qquad \mu = \left(\frac{\sqrt\kappa - 1}{\sqrt\kappa + 1}\right)^2, \qquad \text{factor } \sqrt\mu = \frac{\sqrt\kappa - 1}{\sqrt\kappa + 1} \;}$$
#
# Gradient descent at its best rate has $(\kappa - 1)/(\kappa + 1)$. The only difference is a root.
#
# Is it really the best pair? Try a whole grid of others on the valley with $\kappa = 50$.

# %%
rates = torch.linspace(0.001, 0.08, 160, dtype=torch.float64)
momenta = torch.linspace(0, 0.99, 140, dtype=torch.float64)
factor = torch.tensor(
    [
        [max(rate(η, μ, λ) for λ in (1.0, 50.0)) for η in rates.tolist()]
        for μ in momenta.tolist()
    ]
)
pair = best(1.0, 50.0)
show(
    figures.phases(
        rates, momenta, factor, {"best for descent": (2 / 51, 0), "best pair": pair}
    ),
    "Lines of equal factor over rate and momentum. The region that converges is bounded by"
    f" a line that leans to the right, from {2 / 50:.2f} at the bottom to {4 / 50:.2f} at the"
    " top. The best pair lies inside a narrow wedge close to that line, at"
    f" {pair[0]:.3f} and {pair[1]:.2f}, far above the best rate of descent on the bottom"
    " edge.",
)

# %%
row, column = divmod(int(factor.argmin()), len(rates))
say(
    f"The best of the grid is η = {rates[column]:.4f}, μ = {momenta[row]:.2f} with a"
    f" factor of {factor.min():.3f}. The formula says η = {pair[0]:.4f},"
    f" μ = {pair[1]:.3f} and **{pair[1] ** 0.5:.3f}**; without momentum the best factor"
    f" is {49 / 51:.3f}. No point of the grid beats the formula:"
    f" {'right' if factor.min() > pair[1] ** 0.5 else 'wrong'}."
)

# %% [markdown]
# The best place is an edge. A little more rate, and the steepest direction is lost; a little less momentum, and the flattest one creeps. When you do not know the curvatures, err towards more momentum and a smaller rate.
#
# Now by hand, on a valley with κ = 25. The filled point is its steepest direction, the hollow one its flattest. **Predict** which of the two sets the pace. Move the line until both ends lie on the curve, then press *Best pair*, and compare with *Best plain descent*.

# %%
MomentumPhases(0.8, 0.6, kappa=25)

# %% [markdown]
# ### Experiment: a root in the number of steps
#
# For large $\kappa$, $\ln \frac{\kappa-1}{\kappa+1} \approx -\frac{2}{\kappa}$. So descent needs about $\frac{\kappa}{2} \ln 10^6$ steps to come to a millionth of the distance, and momentum about $\frac{\sqrt\kappa}{2} \ln 10^6$. On logarithmic axes these are lines of slope 1 and $\frac{1}{2}$. Run both, each at its best, on valleys from $\kappa = 3$ to 300. **Predict** on which side of its line each will be.


# %%
def steps_to_millionth(make, κ, budget):
    path = trajectory(make, bowl(κ), f64(1, 1), int(budget))
    return int((path.norm(dim=1) > 1e-6 * 2**0.5).sum())


def steps_by_formula(factor):
    return math.log(1e-6) / math.log(factor)


kappas = (3, 10, 30, 100, 300)
counted = {"gradient descent": [], "momentum": []}
forms = {"gradient descent": [], "momentum": []}
for κ in kappas:
    η, μ = best(1.0, κ)
    makes = partial(SGD, lr=2 / (1 + κ)), partial(Momentum, lr=η, momentum=μ)
    shrinks = (κ - 1) / (κ + 1), μ**0.5
    for name, make, shrink in zip(counted, makes, shrinks, strict=True):
        forms[name].append(steps_by_formula(shrink))
        counted[name].append(steps_to_millionth(make, κ, 1.05 * forms[name][-1] + 60))

# %%
ends = {name: [f"from {c[0]:,}", f"{c[-1]:,}"] for name, c in counted.items()}
show(
    figures.steps_by_condition(kappas, counted, forms),
    "Steps to a millionth against the condition number, both axes logarithmic. Descent lies"
    f" on its line and rises {' to '.join(ends['gradient descent'])}. Momentum rises about"
    f" half as steeply, {' to '.join(ends['momentum'])}, its marks a little above its line.",
)

# %%
slopes = {
    name: math.log(steps[-1] / steps[2]) / math.log(kappas[-1] / kappas[2])
    for name, steps in counted.items()
}
losses = bowl(300)(trajectory(makes[1], bowl(300), f64(1, 1), 200))
top, below = losses.argmax().item(), (losses > losses[0]).nonzero().max().item() + 1
evidence(
    "F5",
    "holds with a caveat",
    f"Of gradients of size 1 that agree b makes {gain:.2f}, of alternating ones"
    f" {loss_of_it:.2f} (μ = 0.9). No pair on a grid of {factor.numel():,} beats the"
    f" factor (√κ − 1)/(√κ + 1) at κ = 50, and from κ = 30 to 300 the steps to a"
    f" millionth grow as κ^{slopes['gradient descent']:.2f} for descent and"
    f" κ^{slopes['momentum']:.2f} for momentum; but at κ = 300 its loss first rises,"
    f" {losses.max() / losses[0]:.0f}-fold by step {top}, and is below its start only from"
    f" step {below} on.",
)

# %% [markdown]
# The caveat has one cause, seen twice. At the best pair both ends of the valley are critically damped, so their two eigenvalues coincide. The distance then shrinks like $t\,\sqrt\mu^{\,t}$, with a factor $t$ in front. The marks lie above their line, and the slope is a little above one half. And before it shrinks, it grows: the first step alone takes the steepest coordinate from $y$ to $(1 - \eta\lambda_{\max})\, y$, and $\eta\lambda_{\max}$ is close to 4. So $y$ jumps to nearly $-3y$, and the factor $t$ wins for a while: $t\,\sqrt\mu^{\,t}$ is largest at about $t = \sqrt\kappa/2$. An eigenvalue describes the long run and nothing else.
#
# Two more things are hidden in the word *quadratic*. You must know $\lambda_{\min}$ and $\lambda_{\max}$. And on other functions, even convex ones, the same pair may never arrive: {doc}`nesterov` shows such a function, and what mends it.

# %% [markdown]
# ## What momentum saves, and what the longer step saves
#
# A common demonstration trains a network twice at the same learning rate, without momentum and with $\mu = 0.9$. The second run gets there in about a ninth of the steps. It is true, and you already know why it proves little: at the same rate, the second run has ten times the effective rate.
#
# So ask three questions in place of one. How many steps to a training loss of 0.1
#
# 1. at equal rates $\eta$,
# 2. at equal effective rates $\eta/(1-\mu)$,
# 3. each method at its own best rate?
#
# The network is $784 \to 64 \to 10$ on all of MNIST, three seeds, with minibatches of 128. Both methods get a grid of the same width, in sixths of a decade of the effective rate where it matters. Then the same on 1,000 images with all of them in every batch, so that the gradient has no noise. A stored run did the training.
#
# **Predict** the three ratios. The figure has each experiment twice: the same runs, drawn against $\eta$ at left, against $\eta/(1 - \mu)$ at right.

# %%
stored = results.load("momentum")["results"]
settings = {"batch of 128": stored["minibatch"], "1,000 at once": stored["full batch"]}
runs = {
    (name, loss): [{**row, "steps": row["steps"][k]} for row in setting["rows"]]
    for name, setting in settings.items()
    for k, loss in enumerate(stored["targets"])
}
budgets = {name: setting["budget"] for name, setting in settings.items()}
show(
    figures.costs({name: runs[name, 0.1] for name in settings}, budgets, momentum=0.9),
    "Steps to the loss against the rate, in two rows: with minibatches and with 1,000"
    " images at once. At left, against the rate itself, momentum's curve is SGD's moved"
    " a factor of ten to the left. At right, against the effective rate, the two lie on"
    " each other as long as the rate is small. With minibatches both then bottom out"
    " close to each other, momentum a little lower and further right; with all images at"
    " once SGD no longer arrives beyond 0.5, while momentum goes on falling to 2 before"
    " it turns.",
)


# %%
def cost(case, method, sixth):
    here = [r for r in runs[case] if (r["method"], r["sixth"]) == (method, sixth)]
    steps = here[0]["steps"]
    return math.inf if None in steps else statistics.median(steps)


def best_cost(case, method):
    mine = [r["sixth"] for r in runs[case] if r["method"] == method]
    return min(cost(case, method, sixth) for sixth in mine)


# %%
def three_ratios(case, lowest):
    """Steps of SGD over those of momentum; its rate is 10^(sixth/6), that of momentum a tenth."""
    return (
        cost(case, "sgd", lowest) / cost(case, "momentum", lowest + 6),
        cost(case, "sgd", -6) / cost(case, "momentum", -6),
        best_cost(case, "sgd") / best_cost(case, "momentum"),
    )


gains = {case: three_ratios(case, -12 if "128" in case[0] else -6) for case in runs}
questions = "equal rate", "equal effective rate", "each at its best"
table(
    ["SGD's steps over momentum's", *(f"{name}, to {loss}" for name, loss in gains)],
    [
        [question, *(f"{ratios[k]:.1f}" for ratios in gains.values())]
        for k, question in enumerate(questions)
    ],
)

# %%
mini, full = gains["batch of 128", 0.1], gains["1,000 at once", 0.1]
seeds = len(runs["batch of 128", 0.1][0]["steps"])
evidence(
    "F7",
    "false",
    f"MNIST, {seeds} seeds, steps to a training loss of 0.1, SGD's over those of momentum"
    f" 0.9: {mini[0]:.1f} at the equal rate {10 ** (-12 / 6):g}, where momentum's effective"
    f" rate is ten times SGD's; {mini[1]:.1f} at the equal effective rate 0.1;"
    f" {mini[2]:.1f} with each at its best rate, and {full[2]:.1f} with 1,000 images at"
    " once, so without noise.",
)

# %% [markdown]
# The ninth is there, and it is the ten times longer step. Draw the same runs against the effective rate, and for small rates the two curves are one: momentum gains nothing, and at the effective rate 0.1 it even needs more steps. (The warm-up costs $\mu/(1-\mu) = 9$ of them. What the others are due to, this experiment does not tell.)
#
# What momentum does gain shows at the right end of the curves. The walls of the valley allow plain SGD an effective rate below $2/\lambda_{\max}$. Momentum may go to $2(1+\mu)/\lambda_{\max}$ with its $\eta$, which is an *effective* rate $(1+\mu)/(1-\mu)$ times as large as SGD's limit. Where nothing else limits the rate, in the lower row, it uses a part of that. With minibatches noise limits the rate as well, and there the gain is smaller.
#
# The caveats: one network, one $\mu$, three seeds, whose ranges overlap at the best rates with minibatches. The best rates are known to a sixth of a decade, a factor of 1.5, and with minibatches the loss was looked at every 20 steps, which makes the column for 0.3 coarse.
#
# ## Noise: a smooth velocity, an unsteady ball
#
# The average is smoother than its gradients. Should the parameters then not sit more quietly near the minimum? Work it out. Let each gradient carry noise: $g_t = \lambda x_t + \varepsilon_t$ with independent $\varepsilon_t$ of variance $\sigma^2$. With $a = 1 + \mu - \eta\lambda$ the recursion from above is
#
# $$x_{t+1} = a x_t - \mu x_{t-1} - \eta \varepsilon_t.$$
#
# After a long time the ball hovers: $x_t$ has mean 0, some variance $V$, and some covariance $C$ with $x_{t-1}$, and neither changes any more. Multiply the recursion by $x_t$ and take means: $C = aV - \mu C$, so $C = aV/(1+\mu)$. Square it and take means:
#
# $$V = a^2 V + \mu^2 V - 2 a \mu C + \eta^2\sigma^2.$$
#
# Put $C$ in and solve. With $(1+\mu)^2 - a^2 = \eta\lambda\,\big(2(1 + \mu) - \eta\lambda\big)$ you get
#
# $$V = \frac{1 + \mu}{1 - \mu} \cdot \frac{\eta\, \sigma^2}{\lambda\,\big(2(1+\mu) - \eta\lambda\big)} \;\approx\; \frac{\eta}{1 - \mu} \cdot \frac{\sigma^2}{2\lambda} \quad \text{for small } \eta\lambda.$$
#
# For small rates it is the variance of plain SGD with the rate $\eta/(1 - \mu)$. **Momentum calms the velocity, not the ball.** Each noisy gradient still moves the ball by $\eta/(1-\mu)$ times itself in the end; momentum only spreads the move over more steps. Check it with 20,000 balls at once, $\lambda = \sigma = 1$.


# %%
def hovering(lr, μ, balls=20_000, steps=250):
    rng = torch.Generator().manual_seed(1)
    noise = (
        torch.randn(balls, dtype=torch.float64, generator=rng) for _ in range(steps)
    )
    make, start = partial(Momentum, lr=lr, momentum=μ), f64(0).expand(balls)
    return trajectory(make, parabola, start, steps, noise)[-1].var().item()


def predicted(lr, μ):
    return (1 + μ) / (1 - μ) * lr / (2 * (1 + μ) - lr)


# %%
cases = {"SGD": (0.1, 0.0), "equal effective": (0.01, 0.9), "equal rate": (0.1, 0.9)}
rows = [
    [name, f"{η}", f"{μ}", f"{η / (1 - μ):g}"]
    + [f"{variance(η, μ):.3f}" for variance in (hovering, predicted)]
    for name, (η, μ) in cases.items()
]
table(["", "η", "μ", "effective rate", "variance of x", "formula"], rows)

# %% [markdown]
# At the equal effective rate the balls hover equally far out, at the equal rate ten times. Where noise decides how small a rate has to be, momentum cannot help; where the valley's walls decide, it can. How far a loss is from its floor, and how large the batch is, tells which of the two you are in. {cite:t}`shallue2019` measured it on many networks: with small batches the best SGD is as good as the best momentum, with large ones it is not.
#
# ## Which variant is this?
#
# Four forms are in print, all called momentum.
#
# | Form | Update | Where |
# |:--|:--|:--|
# | rate outside | $b \leftarrow \mu b + g$, $\; x \leftarrow x - \eta b$ | this book, PyTorch |
# | rate inside | $v \leftarrow \mu v - \eta g$, $\; x \leftarrow x + v$ | {cite:t}`rumelhart1986`, {cite:t}`sutskever2013`, most textbooks |
# | no velocity | $x_{t+1} = x_t - \eta g_t + \mu\,(x_t - x_{t-1})$ | {cite:t}`polyak1964` |
# | average | $m \leftarrow \mu m + (1 - \mu)\, g$, $\; x \leftarrow x - \eta m$ | the first average in {doc}`adam` |
#
# The average is our form with a rate $1 - \mu$ times as large. PyTorch has a fifth, `dampening` $\tau$: $b \leftarrow \mu b + (1 - \tau) g$, but the very first gradient counts whole, $b = g$. With $\tau = \mu$ this is an average without the warm-up, because it begins at the first gradient and not at 0.
#
# Write two of them as rules of their own, and ask the library for the first steps along a steady slope.


# %%
class RateInside(Rule):
    memory: ClassVar = {"velocity": None}

    def __init__(self, params, lr, momentum):
        super().__init__(params, lr=lr, momentum=momentum)

    @staticmethod
    def update(x, g, v, *, t, lr, momentum):
        v = momentum * v - lr * g
        return x + v, v


class Average(RateInside):
    @staticmethod
    def update(x, g, m, *, t, lr, momentum):
        m = momentum * m + (1 - momentum) * g
        return x - lr * m, m


# %%
dampened = partial(torch.optim.SGD, dampening=0.9)
variants = {
    "rate outside, η = 0.1": partial(Momentum, lr=0.1),
    "rate inside, η = 0.1": partial(RateInside, lr=0.1),
    "average, η = 1": partial(Average, lr=1.0),
    "dampening 0.9, η = 1": partial(dampened, lr=1.0),
}
places = (1, 2, 5, 10, 50)
rows_of_forms = []
for name, make in variants.items():
    path = trajectory(partial(make, momentum=0.9), torch.sum, f64(0), 50)[:, 0]
    rows_of_forms.append([name, *(f"{path[t - 1] - path[t]:.2f}" for t in places)])
table(["length of step", *map(str, places)], rows_of_forms)

# %% [markdown]
# ### Rate inside, rate outside
#
# The first two forms are one and the same as long as $\eta$ stays what it is: $v = -\eta b$. Now let the rate fall, from $\eta$ to $\eta / 10$, as schedules do.
#
# - Rate outside: the step is $\eta b$, so the *whole* velocity is used at a tenth, at once. The ball **brakes**.
# - Rate inside: $v$ was built with the old rate and keeps it. Only new gradients are scaled down. The ball **coasts**: the old velocity fades only by $\mu$ a step.
#
# **Predict** the length of the steps of a network that trains at 0.1, $\mu = 0.9$, with the rate cut to a tenth after 18 steps.


# %%
def step_lengths(make, drop=18):
    model = mlp(784, 16, 10, seed=0).double()
    optimizer = make(model.parameters(), lr=0.1, momentum=0.9)
    scheduler = LambdaLR(optimizer, schedules.step(drop))
    points = [flat_parameters(model)]

    def after(*_):
        scheduler.step()
        points.append(flat_parameters(model))

    optimizer.register_step_post_hook(after)
    train(model, images, optimizer, epochs=3)
    return torch.stack(points).diff(dim=0).norm(dim=1).tolist()


images, _ = load("mnist")
lengths = {
    "rate outside": step_lengths(Momentum),
    "rate inside": step_lengths(RateInside),
}

# %%
outside = lengths["rate outside"]
show(
    figures.brakes(lengths, drop=18),
    "The length of each step, on a logarithmic axis. The two curves rise together from"
    f" {outside[0]:.2f} to {max(outside):.2f} in the first steps and are one until the rate"
    " drops at step 18. Then the rate outside falls at once to a tenth. The rate inside"
    f" sinks slowly and is still {lengths['rate inside'][-1] / outside[-1]:.1f} times as long"
    " at the end.",
)

# %%
same = difference(
    partial(Momentum, lr=0.1, momentum=0.9), partial(RateInside, lr=0.1, momentum=0.9)
)
out, inside = (lengths[name][18] / lengths[name][17] for name in lengths)
coasted, braked = (sum(lengths[name][18:]) for name in ("rate inside", "rate outside"))
evidence(
    "F9",
    "false",
    "A network trained at a constant rate ends at the same weights in both forms, to"
    f" within 1e-12: {'yes' if same < 1e-12 else 'no'}. When the rate falls to a tenth,"
    f" the next step is {out:.2f} times as long as the last one with the rate outside"
    f" (torch) and {inside:.2f} times with it inside (textbooks), whose next 18 steps"
    f" sum to {coasted / braked:.1f} times the length.",
)

# %% [markdown]
# Neither is wrong. But a schedule tuned for one is another schedule for the other: a drop arrives late, and so does a warm-up. {cite:t}`goyal2017` scale the velocity by $\eta_{\text{new}}/\eta_{\text{old}}$ whenever the rate changes, which turns rate-inside into rate-outside; they call it momentum correction.
#
# Race the two at equal rates first. **Predict:** divide momentum's rate by ten, so that the effective rates are equal. Who is ahead now? Then switch the noise on and try to make momentum hover closer to the star than gradient descent.

# %%
Race(methods={"SGD": {"lr": 0.02}, "Momentum": {"lr": 0.02}}, steps=100)

# %% [markdown]
# ## In PyTorch
#
# `torch.optim.SGD(params, lr=η, momentum=μ)`. It is the same method, so train the same network with both.

# %%
gap = difference(
    partial(Momentum, lr=0.1, momentum=0.9),
    partial(torch.optim.SGD, lr=0.1, momentum=0.9),
)
say(
    "After two epochs on the same minibatches the largest difference between the weights"
    f" is below 1e-12: **{'yes' if gap < 1e-12 else 'no'}**."
)

# %% [markdown]
# | Option of `SGD` | What it does | Ours |
# |:--|:--|:--|
# | `lr` | $\eta$, a number or a tensor | `lr` |
# | `momentum` | $\mu$; the default 0 is gradient descent | `momentum`, 0.9 by default |
# | `dampening` | multiplies every gradient but the first by $1 - \tau$ | left out: a smaller rate does it, but for the first step |
# | `weight_decay` | adds $\lambda x$ to the gradient, *before* the velocity | the same |
# | `nesterov` | steps by $g + \mu b$ | a class of its own, {doc}`nesterov` |
# | `maximize` | climbs | the same |
# | `foreach`, `fused` | how the same arithmetic is carried out | `engine="compiled"` |
# | `differentiable` | lets autograd pass through the step | left out |
#
# The memory is one number for each parameter, the velocity.

# %%
theirs = state_bytes_of(partial(torch.optim.SGD, momentum=0.9))
say(
    f"State in float32: **{state_bytes_of(Momentum):.0f} bytes** a parameter in ours,"
    f" {theirs:.0f} in torch's."
)

# %% [markdown]
# The formula reads and writes every number once, so one pass over memory is all it needs. With millions of parameters `engine="compiled"` here, or `fused=True` there, does it in one pass; with a small network leave both off, because compiling takes seconds before the first step.
#
# ## Exercises
#
# ### Exercise 1: the best share
#
# A quadratic has $\kappa = 81$. Which $\mu$ is best, together with its best rate?

# %%
answer = ...
check("3-first-order/best-share", answer)

# %% tags=["remove-input"]
solution("3-first-order/best-share")

# %% [markdown]
# ### Exercise 2: what is left of the noise
#
# Gradients that are pure noise have the standard deviation 6. What is the standard deviation of their exponential average with $\beta = 0.8$, after a long time?

# %%
answer = ...
check("3-first-order/noise-of-an-average", answer)

# %% tags=["remove-input"]
solution("3-first-order/noise-of-an-average")

# %% [markdown]
# ### Exercise 3: read the plot
#
# Look at the figure of the factor against $\eta\lambda$, the one with the flat floors. At the same rate, for which curvatures is momentum 0.5 *slower* than no momentum at all?
#
# - `a`: for none; its curve is lower everywhere
# - `b`: for $\eta\lambda$ from about 0.3 to about 1.7
# - `c`: for $\eta\lambda$ below about 0.1
# - `d`: for $\eta\lambda$ above about 2

# %%
answer = ...
check("3-first-order/read-the-floor", answer)

# %% tags=["remove-input"]
solution("3-first-order/read-the-floor")

# %% [markdown]
# ### Exercise 4: two points and no velocity
#
# Polyak's form keeps the last two points in place of a velocity. Write it so that it follows **PyTorch's** path (rate outside) even if the rate changes at every step. `two_points(gradient, x, rates, momentum)` takes the start `x`, a list of rates, one for each step, and returns the last point. Hint of the derivation: what is $b_t$ in terms of $x_t$, $x_{t-1}$ and the rate of that step?


# %%
def two_points(gradient, x, rates, momentum): ...


check("3-first-order/two-points", two_points)

# %% tags=["remove-input"]
solution("3-first-order/two-points")

# %% [markdown]
# ## Summary
#
# - The velocity $b \leftarrow \mu b + g$ makes what agrees $1/(1-\mu)$ times as large and what alternates $1/(1+\mu)$ times. As an average it keeps $(1-\beta)/(1+\beta)$ of the variance of noise.
# - On a quadratic a complex pair of eigenvalues gives every curvature on a whole interval the same factor $\sqrt\mu$. The best pair reaches $(\sqrt\kappa - 1)/(\sqrt\kappa + 1)$, against $(\kappa - 1)/(\kappa + 1)$ without memory.
# - Compare at equal effective rate $\eta/(1-\mu)$, or each method at its best. With noise the ball hovers as far out as SGD at that rate. And know where your $\eta$ stands, inside the velocity or outside, before you change it.
#
# ## References
#
# - {cite:t}`polyak1964`: the heavy ball, the matrix and the best pair.
# - {cite:t}`rumelhart1986`: momentum in the training of networks, with the rate inside.
# - {cite:t}`qian1999`: the ball with friction, worked out as mechanics.
# - {cite:t}`sutskever2013`: why initialisation and momentum matter in deep networks.
# - {cite:t}`goh2017`: the quadratic, eigenvalue by eigenvalue, with figures to play with.
# - {cite:t}`shallue2019`: momentum against SGD over batch sizes, each tuned on its own.
# - {cite:t}`goyal2017`: momentum correction, when the rate changes.
