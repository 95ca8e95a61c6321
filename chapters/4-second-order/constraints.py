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
# # Constraints
#
# A method that goes downhill goes anywhere: to negative probabilities, over the budget, past the weights that mean anything. Constraints say where it may not go. At their edge the gradient is not zero when you arrive, so what tells you that you have?
#
# Below, a bowl pulls the point $x$ towards its middle. Only the green side is allowed. Drag $x$ until all conditions in the table hold. Then drag the wall: when do you no longer feel it?

# %% tags=["hide-input"]
from functools import partial
from itertools import accumulate

import torch
from scipy.optimize import minimize

from book import results
from book.calculus import gradient, hessian, jacobian
from book.display import evidence, reveal, say, show, show_source, table
from book.exercises import check, solution
from book.explorers import Constraint
from book.figures import constraints
from book.numerics.vector import f64
from book.optim import BFGS, SGD
from book.optim.constrained import (
    Infeasible,
    Problem,
    augmented_lagrangian,
    kkt_residual,
    project_ball,
    project_box,
    project_box_and_plane,
    project_simplex,
    projected_gradient,
    quadratic_penalty,
    smo,
)
from book.optim.constrained.penalty import penalised
from book.optim.constrained.rounds import lowest
from book.training.data.load import load

# %% tags=["hide-input"]
Constraint()

# %% [markdown]
# **You will**
#
# - balance pull and push at a constrained minimum, and name what fails elsewhere;
# - stay inside a set by going to its nearest point, and see what clipping does instead;
# - replace a constraint by a penalty, measure what that costs, and let multipliers take the load.
#
# **You need** three facts:
#
# - $-\nabla f$ points straight downhill, at right angles to the level line ({doc}`/2-derivatives/gradient`);
# - without constraints the gradient is 0 at a minimum ({doc}`/2-derivatives/critical-points`);
# - the larger the condition number $\kappa$, the more steps descent takes ({doc}`/1-numbers/conditioning`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $f(x)$ | number | the function to be made small |
# | $x$, $x_1$, $x_2$ | $(n,)$, number | the parameters, and entries of them |
# | $c(x)$, $c_j$ | $(m,)$, number | inequalities: $c_j(x) \le 0$ is asked |
# | $h(x)$, $h_i$ | $(p,)$, number | equalities: $h_i(x) = 0$ is asked |
# | $\lambda$, $\lambda_j$ | $(m,)$, number | the multiplier of an inequality: how hard it pushes |
# | $\nu$, $\nu_i$ | $(p,)$, number | the multiplier of an equality |
# | $\nabla$ | $(n,)$ | a gradient |
# | $b$, $\delta$ | number | the place of a wall, and a small move of it |
# | $w$ | $(n,)$ | weights that sum to 1; for the machine, its weights |
# | $P(x)$ | $(n,)$ | the allowed point nearest to $x$ |
# | $\eta$ | number | the learning rate |
# | $l$, $u$, $r$, $a$ | $(n,)$, $(n,)$, number, $(n,)$ | bounds below and above, a radius, the normal of a plane |
# | $s$ | number | in a fold: the sum that is divided by; a slack |
# | $\theta$ | number | what the projection onto the simplex takes from each entry |
# | $Q(x)$, $\rho$ | number | the penalised function, and the penalty |
# | $\kappa$ | number | the condition number of a Hessian |
# | $z_i$, $y_i$, $N$ | $(d,)$, number | in the machine: an example, its label $-1$ or $1$, how many there are |
# | $\beta$, $\xi_i$, $C$ | number | in the machine: the bias, what example $i$ lacks, the price of it |
# | $\alpha$, $\alpha_i$ | $(N,)$, number | in the machine: the multipliers |
# | $K$ | number | in the machine: the kernel of two examples |
# :::
#
# ## A balance by hand
#
# Take a round bowl around $(2, 1)$ and a wall: $f(x) = \lVert x - (2, 1) \rVert^2$, allowed is $x_1 + x_2 \le 2$. The middle has the sum 3, so it is forbidden.
#
# At $(1.5, 0.5)$, on the wall, the bowl pulls by $-\nabla f = 2\,((2, 1) - x)$. The wall can push back at right angles to itself alone, along $-(1, 1)$, and it does so $\lambda$ times.
#
# :::{predict} number
# With which $\lambda$ do the two cancel?
# :::


# %%
def bowl(x):
    return (x - f64(2, 1)).square().sum()


walled = Problem(bowl, inequalities=lambda x: x.sum()[None] - 2)
balanced = kkt_residual(walled, f64(1.5, 0.5))

# %% tags=["hide-input"]
reveal(
    f"$\\lambda = \\mathbf{{{balanced.multipliers.inequality.item():.0f}}}$. Pull and push"
    " cancel, so no way along the wall goes down. Away from the wall it goes up anyway.",
    right=round(balanced.multipliers.inequality.item(), 6),
)

# %% [markdown]
# ## Four conditions
#
# Write the constraint as $c(x) \le 0$, here $c(x) = x_1 + x_2 - 2$. It pushes along $-\nabla c$. An equality $h(x) = 0$ pushes either way. At a minimum, {cite:t}`karush1939` and {cite:t}`kuhn1951`:
#
# $$\boxed{\;\begin{aligned} & \text{stationarity:} \\ & \quad \nabla f + \textstyle\sum_j \lambda_j \nabla c_j \\ & \quad {} + \textstyle\sum_i \nu_i \nabla h_i = 0 \\ & \text{feasibility:} \quad c_j \le 0, \;\; h_i = 0 \\ & \text{sign:} \quad \lambda_j \ge 0 \\ & \text{complementarity:} \quad \lambda_j\, c_j = 0 \end{aligned}\;}$$
#
# In words: the forces cancel; the point is allowed; walls push and never pull; a wall that does not touch does not push. They are called the {term}`KKT conditions`, and $\lambda$ and $\nu$ {term}`multipliers <multiplier>`. They hold at each minimum where the gradients of the touching constraints are linearly independent. If $f$ and the allowed set are convex, no allowed point lies lower than one where they hold.
#
# Four points, the same wall. One of them is right.
#
# :::{predict}
# Which condition fails at $(1, 1)$?
#
# - `a`: stationarity
# - `b`: feasibility
# - `c`: sign
# - `d`: none
# :::

# %%
wall = walled.c
near = Problem(lambda x: (x - f64(0.5, 0)).square().sum(), inequalities=wall)
points = {
    "(1.5, 0.5)": (walled, f64(1.5, 0.5)),
    "(1, 1)": (walled, f64(1, 1)),
    "(2, 1), the middle": (walled, f64(2, 1)),
    "(1.25, 0.75), bowl around (0.5, 0)": (near, f64(1.25, 0.75)),
}
judged = {name: kkt_residual(*given) for name, given in points.items()}

# %% tags=["hide-input"]
called = {"inequality": "feasibility", "equality": "feasibility"}
table(
    ["point", "λ that fits best", "fails, by"],
    [
        [
            name,
            f"{found.multipliers.inequality.item():.2f}",
            ", ".join(
                f"{called.get(what, what)} {size:.2f}"
                for what, size in found.failing().items()
            )
            or "nothing",
        ]
        for name, found in judged.items()
    ],
)

# %% tags=["hide-input"]
failing = {name: list(found.failing()) for name, found in judged.items()}
reveal(
    "**Stationarity.** The pull there is $(2, 0)$. The wall takes the part across, $(1, 1)$,"
    " and the rest, $(1, -1)$, runs along the wall: slide. In the last row the fit has a negative"
    " $\\lambda$: the wall would have to *pull*. So let go; $f$ falls on the way inside.",
    right={"stationarity": "a", "inequality": "b", "sign": "c"}[failing["(1, 1)"][0]],
)

# %% [markdown]
# `kkt_residual` is this table for any problem: the largest entry of what each condition leaves over, with the multipliers that fit best, or with yours.
#
# ## A multiplier is a price
#
# Move the wall: allow $x_1 + x_2 \le b$. What does the least allowed $f$ do?
#
# :::{predict}
# At $b = 2$, where $\lambda = 1$, the wall moves out by 0.1. The least $f$ falls by about
#
# - `a`: 1
# - `b`: 0.1
# - `c`: 0.01
# :::

# %%
places = torch.linspace(0, 4, 17, dtype=torch.float64)
solved = [
    augmented_lagrangian(
        Problem(bowl, inequalities=lambda x, b=b: x.sum()[None] - b), f64(0, 0)
    )
    for b in places
]
least = torch.tensor([found.value for found in solved])
pushes = torch.stack([found.kkt.multipliers.inequality[0] for found in solved])

# %% tags=["hide-input"]
at, free = int((places == 2).nonzero()), f64(2, 1).sum().item()
show(
    constraints.price(places, least, pushes, at=2.0),
    "Left, the least allowed value against the place of the wall: a parabola that falls to 0 at"
    f" {free:g}, where the wall reaches the bowl's middle, and stays there. At 2 a dashed tangent"
    f" has the slope minus {pushes[at]:.1f}. Right, the multiplier: a straight line down to 0 at"
    f" {free:g}, and 0 from there on.",
)

# %% tags=["hide-input"]
room = 0.1
wider = Problem(bowl, inequalities=lambda x: x.sum()[None] - 2 - room)
moved = augmented_lagrangian(wider, f64(0, 0))
reveal(
    f"**By {least[at] - moved.value:.4f}**, nearly ${room:g}\\,\\lambda$: the slope of the least"
    f" $f$ is $-\\lambda$. From $b = {free:g}$ on the wall costs nothing, and $\\lambda = 0$.",
    right="b",
)

# %% [markdown]
# So $\lambda$ is what you would pay for one more unit of room. A budget's multiplier says what the next euro is worth. The same holds [with four variables and three curved walls](#the-price-of-three-walls).
#
# :::{dropdown} Why the slope is −λ
# Write the wall as $c(x) \le b$, and let $x(b)$ be the solution. While the wall touches, $c(x(b)) = b$, so $\nabla c^\top x'(b) = 1$. By stationarity $\frac{d}{db} f(x(b)) = \nabla f^\top x'(b) = -\lambda \nabla c^\top x'(b) = -\lambda$.
# :::
#
# ## Stay inside
#
# Three forecasters have errors of variance 1, 2 and 4, independent of each other. Mix them with weights $w \ge 0$ that sum to 1. The mix has the variance $w_1^2 + 2 w_2^2 + 4 w_3^2$. Descend on it from equal weights. A step leaves the allowed set, so repair it. Two repairs come to mind:
#
# - **clip** negative weights to 0 and **divide** by the sum;
# - go to the **nearest** allowed point.
#
# :::{predict}
# Where does the first end?
#
# - `a`: at the same weights as the second
# - `b`: nearby, with a slightly larger variance
# - `c`: with all weight on the best forecaster
# :::


# %%
def variance(w):
    return w @ (f64(1, 2, 4) * w)


def clip_and_divide(w):
    w = w.clamp(min=0)
    return w / w.sum()


start = f64(1, 1, 1) / 3
repairs = {"clip and divide": clip_and_divide, "nearest point": project_simplex}
mixes = {
    name: projected_gradient(variance, repair, start, lr=0.1, steps=300)
    for name, repair in repairs.items()
}

# %% tags=["hide-input"]
ends = {name: (path[-1], variance(path[-1]).item()) for name, path in mixes.items()}
show(
    constraints.on_the_simplex(mixes, variance, f64(4, 2, 1) / 7),
    "A triangle whose corners are the three forecasters, with level lines around a star that lies"
    " nearest to the corner of the first. From the middle, the path of the nearest point curves into"
    " the star and stops. The path of clipping passes it and runs on into the corner of the first"
    " forecaster.",
)

# %% tags=["hide-input"]
clipped, nearest = ends.values()
reveal(
    "**With all weight on the best forecaster.** It ends at"
    f" {', '.join(f'{w:.2f}' for w in clipped[0].tolist())} with the variance"
    f" **{clipped[1]:.2f}**; the nearest point goes to"
    f" {', '.join(f'{w:.2f}' for w in nearest[0].tolist())} with **{nearest[1]:.2f}**. A mix is"
    " better than its best member, and dividing by the sum never finds it.",
    right="c" if clipped[0][0] > 0.99 else "b",
)

# %% tags=["hide-input"]
evidence(
    "S43",
    "false",
    f"From equal weights it ends at a variance of {clipped[1]:.2f}, where the nearest point ends"
    f" at {nearest[1]:.2f}, the least.",
    "Project onto the simplex: subtract the same number from all entries, then cut at 0.",
    f"Three weights, 300 steps of 0.1. The least is 4/7, and the nearest point's weights are off"
    f" by {(nearest[0] - f64(4, 2, 1) / 7).abs().max():.0e}.",
)

# %% [markdown]
# :::{dropdown} What clip-and-divide finds instead
# Where it rests, $w = (w - \eta \nabla f)/s$ with a sum $s$, so $\nabla f = \frac{1 - s}{\eta} w$: the gradient is a multiple of $w$. Here $\nabla f$ is a matrix times $w$, so it rests at an *eigenvector*, and the steps are a power iteration. The minimum needs all entries of $\nabla f$ equal.
# :::
#
# **Projected gradient** is descent with the right repair:
#
# $$\boxed{\;\begin{aligned} x &\leftarrow P\big(x - \eta \nabla f(x)\big) \\ P(y) &= \text{the allowed point} \\ & \phantom{{}={}} \text{nearest to } y \end{aligned}\;}$$
#
# It rests where $x = P(x - \eta\nabla f)$, and on a convex set whose walls have independent gradients that is just where the four conditions hold. It pays where $P$ is cheap:
#
# | Allowed | Nearest point |
# |:--|:--|
# | a box, $l \le x \le u$ | cut off each entry |
# | a ball, $\lVert x \rVert \le r$ | shorten to length $r$ |
# | a half-space, $a^\top x \le b$ | step back along $a$ |
# | the simplex, $w \ge 0$ with sum 1 | $\max(w - \theta, 0)$, with the $\theta$ that makes the sum |
#
# The last one by hand: $(1, 0.5, -1)$. Take $\theta = 0.25$ from all, cut at 0, and what is left is $(0.75, 0.25, 0)$, of sum 1. To find $\theta$, sort ({cite:t}`duchi2008`):

# %% tags=["hide-input"]
show_source(project_simplex)

# %% [markdown]
# You may have used one of these: clipping gradients by norm is the projection onto a ball. And the attack that makes a network misread an image is projected gradient in a box ([below](#an-attack-is-projected-gradient)).
#
# ## Let it cost
#
# Most sets have no formula for $P$. So allow everything, and let what is violated cost its square:
#
# $$\begin{aligned} Q(x) &= f(x) + \tfrac{\rho}{2}\, \lVert h(x) \rVert^2 \\ & \phantom{{}={}} {} + \tfrac{\rho}{2}\, \lVert \max(c(x), 0) \rVert^2 . \end{aligned}$$
#
# By hand: $f(x) = \frac{1}{2} x^2$ with $x = 1$, so $Q(x) = \frac{1}{2} x^2 + \frac{\rho}{2} (x - 1)^2$.
#
# :::{predict} number
# With $\rho = 99$, how far from 1 is the minimum of $Q$?
# :::

# %%
pin = Problem(lambda x: x.square().sum() / 2, equalities=lambda x: x - 1)
x, _ = lowest(partial(penalised, pin, penalty=99.0), f64(0), BFGS, 1e-10, 50)

# %% tags=["hide-input"]
reveal(
    f"**{1 - x.item():.2f}**: $Q' = x + \\rho (x - 1) = 0$ at $x = \\rho/(1 + \\rho)$. Never at 1,"
    " whatever $\\rho$: a penalty pushes only where something is violated. Ten times the"
    " precision takes ten times the penalty.",
    right=round(1 - x.item(), 4),
)

# %% [markdown]
# And the penalty bends $Q$ across the constraint, $\rho$ times. Along it the curvature stays. Take $f(x) = x_1^2 + 3 x_2^2$ on the line $x_1 + x_2 = 4$, and minimise $Q$ by descent at its best rate, and by BFGS.
#
# :::{predict}
# A hundred times the penalty costs descent
#
# - `a`: about twice the steps
# - `b`: about ten times
# - `c`: about a hundred times
# :::


# %%
def steps_down(H, g, rate):
    """Steps of descent until the gradient g is below 0.01: a step makes it g − ηHg."""
    steps = 0
    while g.norm() > 1e-2:
        g, steps = g - rate * H @ g, steps + 1
    return steps


line = Problem(lambda x: x[0] ** 2 + 3 * x[1] ** 2, lambda x: x.sum()[None] - 4)
penalties = torch.logspace(0, 3, 4, dtype=torch.float64)
violated, conditions, costs = [], [], {"descent": [], "BFGS": []}
for ρ in penalties.tolist():
    Q = partial(penalised, line, penalty=ρ)
    H, g = hessian(Q, f64(0, 0)), gradient(Q, f64(0, 0))
    low, high = torch.linalg.eigvalsh(H).tolist()
    x, evaluations = lowest(Q, f64(0, 0), BFGS, 1e-6, 100)
    violated.append(line.violation(x))
    conditions.append(high / low)
    costs["descent"].append(steps_down(H, g, 2 / (low + high)))
    costs["BFGS"].append(evaluations)

# %% tags=["hide-input"]
show(
    constraints.penalties(penalties, violated, conditions, costs),
    "Left, against the penalty on logarithmic axes: what is violated falls in a line that gets"
    f" straight, from {violated[0]:.1f} to {violated[-1]:.4f}, and the condition number of the Hessian"
    f" rises in another, from {conditions[0]:.1f} to {conditions[-1]:,.0f}. Right, the steps: descent's"
    f" rise as steeply, from {costs['descent'][0]} to {costs['descent'][-1]:,}; those of BFGS stay"
    f" between {min(costs['BFGS'])} and {max(costs['BFGS'])}.",
)

# %% tags=["hide-input"]
times = costs["descent"][-1] / costs["descent"][-3]
reveal(
    f"**{times:.0f} times.** From $\\rho = {penalties[-3]:.0f}$ to {penalties[-1]:,.0f} descent goes from"
    f" {costs['descent'][-3]:,} to {costs['descent'][-1]:,} steps, as $\\kappa$ goes from"
    f" {conditions[-3]:,.0f} to {conditions[-1]:,.0f}. BFGS learns the curvature, and in two"
    f" dimensions it needs {costs['BFGS'][-1]} evaluations.",
    right="c" if times > 50 else "b",
)

# %% [markdown]
# ## Let multipliers take the load
#
# At the minimum of $Q$ the gradient is $\nabla f + \rho h \nabla h = 0$. Compare stationarity: $\rho h$ stands where $\nu$ should. That is why $h$ cannot be 0: the penalty needs a violation to push at all. So hand the push over to a multiplier that stays ({cite:t}`hestenes1969`, {cite:t}`powell1969`). Minimise
#
# $$\begin{aligned} & f(x) + \nu^\top h(x) + \frac{\rho}{2} \lVert h(x) \rVert^2, \\ \text{then} \quad & \boxed{\;\nu \leftarrow \nu + \rho\, h(x)\;} \end{aligned}$$
#
# and again. Nothing needs to be violated any more, and $\rho$ may stay moderate. For $c(x) \le 0$ the multiplier is kept from pulling, $\lambda \leftarrow \max(\lambda + \rho c, 0)$.
#
# On the pinned parabola, with $\rho = 10$, start with $\nu = 0$; right is $\nu = -1$.
#
# :::{predict}
# By which factor does the error of $\nu$ shrink in a round?
#
# - `a`: 2
# - `b`: 11
# - `c`: 100
# :::

# %% tags=["hide-input"]
ρ = 10.0
found = augmented_lagrangian(pin, f64(0), penalty=ρ)
errors = [each.violation for each in found.rounds]
reveal(
    f"**{1 + ρ:g}**, so $1 + \\rho$. The minimum lies at $x = (\\rho - \\nu)/(1 + \\rho)$, and"
    " $\\nu + \\rho (x - 1)$ is off by $(1 + \\nu)/(1 + \\rho)$. What is violated falls alike:"
    f" {errors[0]:.2g}, {errors[1]:.2g}, {errors[2]:.2g}, {errors[3]:.2g}.",
    right="b",
)

# %% [markdown]
# Now a problem that is not quadratic: four variables, two curved constraints, number 39 of {cite:t}`hock1981`. Both methods, with BFGS inside, until each condition holds to $10^{-6}$.

# %%
curved = Problem(
    lambda x: -x[0],
    lambda x: torch.stack([x[1] - x[0] ** 3 - x[2] ** 2, x[0] ** 2 - x[1] - x[3] ** 2]),
)
runs = {
    "penalty alone": quadratic_penalty(curved, f64(2, 2, 2, 2)),
    "with multipliers": augmented_lagrangian(curved, f64(2, 2, 2, 2), tol=1e-6),
}

# %% tags=["hide-input"]
told = {}
for name, run in runs.items():
    spent = list(accumulate(each.evaluations for each in run.rounds))
    told[name] = (
        spent,
        [each.violation for each in run.rounds],
        [each.penalty for each in run.rounds],
    )
show(
    constraints.rounds(told),
    "Left, what is violated after each round against the evaluations spent, logarithmic: two lines fall"
    " close together, that of the penalty alone from further left, and end at about the same place."
    f" Right, the penalty: alone it climbs to {told['penalty alone'][2][-1]:,.0f}, with multipliers"
    f" it ends at {told['with multipliers'][2][-1]:,.0f}.",
)


# %% tags=["hide-input"]
def condition(problem, run):
    """κ of the Hessian of the last function that was minimised; its multipliers change little."""
    ρ, ν = run.rounds[-1].penalty, run.kkt.multipliers.equality
    shift = 0 * ν if problem is None else ν

    def last(x):
        return curved.f(x) + shift @ curved.h(x) + ρ / 2 * curved.h(x).square().sum()

    sizes = torch.linalg.eigvalsh(hessian(last, run.x)).abs()
    return (sizes.max() / sizes.min()).item()


alone, helped = (
    condition(None, runs["penalty alone"]),
    condition(curved, runs["with multipliers"]),
)
spent = {name: run.evaluations for name, run in runs.items()}
evidence(
    "S42",
    "holds with a caveat",
    f"To 1e-6 the penalty alone ends with κ = {alone:.0e}, the augmented Lagrangian with"
    f" κ = {helped:.0f}; with BFGS they take {spent['penalty alone']} and"
    f" {spent['with multipliers']} evaluations.",
    "If BFGS is inside, a large penalty costs little; with descent inside, keep it moderate and let a multiplier learn the rest.",
    f"The penalties are {runs['penalty alone'].rounds[-1].penalty:.0e} and"
    f" {runs['with multipliers'].rounds[-1].penalty:g}. On the line above, what is"
    f" violated times ρ goes from {violated[0] * penalties[0]:.2f} to"
    f" {violated[-1] * penalties[-1]:.2f}, the multiplier being 6.",
)

# %% [markdown]
# ## A machine that is nothing but walls
#
# Two clouds of points $z_i$ with labels $y_i = \pm 1$. Find the straight boundary $w^\top z + \beta = 0$ with the widest empty strip around it. The strip is $2/\lVert w \rVert$ wide if $y_i (w^\top z_i + \beta) \ge 1$ for all. An example that falls short by $\xi_i$ pays $C \xi_i$:
#
# $$\begin{aligned} \min_{w, \beta, \xi}\;\; & \tfrac{1}{2} \lVert w \rVert^2 + C \sum_i \xi_i \\ \text{with} \;\; & y_i (w^\top z_i + \beta) \ge 1 - \xi_i, \\ & \xi_i \ge 0. \end{aligned}$$
#
# This is the support vector machine of {cite:t}`cortes1995`. Each example is a wall, with a multiplier $\alpha_i$. Stationarity for $w$ says that the pushes hold it: $w = \sum_i \alpha_i y_i z_i$. For $\beta$ it says $\sum_i \alpha_i y_i = 0$, for $\xi$ that $\alpha_i \le C$. Put $w$ back, and only the $\alpha$ are left:
#
# $$\boxed{\;\begin{aligned} \min_\alpha\; & \tfrac{1}{2} \sum_{i,j} \alpha_i \alpha_j\, y_i y_j\, K(z_i, z_j) \\ & {} - \sum_i \alpha_i \\ \text{with}\; & 0 \le \alpha_i \le C, \;\; \sum_i y_i \alpha_i = 0 \end{aligned}\;}$$
#
# with $K(z_i, z_j) = z_i^\top z_j$. This is its {term}`dual <dual problem>`: the same machine, asked for its forces. The examples occur in $K$ alone. Another measure of how alike two examples are, a *kernel*, may stand in its place, and then the boundary bends. The allowed set is a box cut by a plane: its nearest point can be computed.
#
# :::{predict}
# Take away all examples whose $\alpha_i$ is 0, and solve again. What changes?
#
# - `a`: nothing
# - `b`: the boundary turns a little
# - `c`: the strip becomes wider
# :::


# %%
def dual(a):
    return (a * y) @ K @ (a * y) / 2 - a.sum()


y = f64(-1, 1).repeat(40)
Z = torch.randn(80, 2, generator=torch.Generator().manual_seed(4)).double()
Z = Z + 1.2 * y[:, None]
K, C = Z @ Z.T, 1.0
onto = partial(project_box_and_plane, low=0.0, high=C, normal=y, offset=0.0)
α = projected_gradient(dual, onto, torch.zeros_like(y), steps=2000)[-1]
pushing = α > 1e-6
again = smo(K[pushing][:, pushing], y[pushing], C)  # the dual, two α at a time

# %% tags=["hide-input"]
machine = smo(K, y, C)
w, β = (α * y) @ Z, machine.bias
span = torch.linspace(-4.2, 4.2, 141, dtype=torch.float64)
grid = torch.stack(torch.meshgrid(span, span, indexing="xy"), dim=-1)
decision = grid @ w + β
few = int(pushing.sum())
show(
    constraints.machine(Z, y, α, (span, span), decision, C),
    "Two clouds of points, a straight boundary between them and a dashed line on each side."
    f" Only {few} of {len(y)} points have rings: those on the dashed lines, within the strip or"
    " beyond the boundary. All others lie outside of the strip.",
)

# %% tags=["hide-input"]
w_again = (again.alpha * y[pushing]) @ Z[pushing]
turned = max((w_again - w).abs().max().item(), abs(again.bias - β))
gap = (machine.alpha - α).abs().max().item()
reveal(
    f"**Nothing.** $w$ and $\\beta$ move by less than 1e-6: {'yes' if turned < 1e-6 else 'no'}. A wall that"
    " does not push can be taken down: that is complementarity. The"
    f" {few} others hold the boundary, and are called *support vectors*.",
    right="a" if turned < 1e-6 else "b",
)

# %% [markdown]
# Libraries solve the dual by pairs: with $\sum y_i \alpha_i$ fixed, two multipliers are the fewest that can move, and along them the dual is a parabola ({cite:t}`platt1998`). `smo` does so too. Held against scikit-learn, in a stored run:

# %% tags=["hide-input"]
rows = results.load("support-vectors")["results"]["rows"]
apart = max(row["decisions_apart"] for row in rows)
narrow = max(row["alpha_apart_same_kernel"] for row in rows)
evidence(
    "S44",
    "holds" if apart < 1e-5 else "false",
    f"On {len(rows)} problems no decision of the two differs by more than {apart:.0e}.",
    "A trained support vector machine is its multipliers: keep the examples that push.",
    "By projected gradient and by pairs the multipliers above agree to within 1e-8:"
    f" {'yes' if gap < 1e-8 else 'no'}. The multipliers of the two libraries differ by at most"
    f" {max(row['alpha_apart'] for row in rows):.0e}; with a kernel that single precision holds"
    f" exactly, by {narrow:.0e}: theirs keeps its kernel in float32.",
)

# %% [markdown]
# ## Use it
#
# | You ask for | Take |
# |:--|:--|
# | positive numbers, probabilities inside a network | no constraint: let the parameter be the logarithm, or the logits of a softmax |
# | a set with a cheap nearest point | the optimizer's step, then $P$ |
# | a few smooth constraints on few numbers | `augmented_lagrangian` here, `scipy.optimize.minimize(method="SLSQP")` |
# | that the weights stay small | weight decay: a penalty whose $\rho$ you tune; or $P$ onto a ball, which sets the limit itself |
#
# First $\rho$: 10, if $f$ and the constraints are of size 1; scale them so. A complete loop, a classifier each of whose rows stays within length 1:

# %%
train, test = load("mnist")
inputs, labels = train.images.flatten(1) / 255, train.labels
layer = torch.nn.Linear(784, 10)
torch.nn.init.zeros_(layer.weight)
torch.nn.init.zeros_(layer.bias)
optimizer = SGD(layer.parameters(), lr=0.5)
for _ in range(100):
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(layer(inputs), labels).backward()
    optimizer.step()
    with torch.no_grad():
        layer.weight.copy_(torch.stack([project_ball(row) for row in layer.weight]))

# %% tags=["hide-input"]
right = (layer(test.images.flatten(1) / 255).argmax(1) == test.labels).float().mean()
lengths = layer.weight.norm(dim=1)
say(
    f"{int((lengths > 0.999).sum())} of 10 rows have come to their limit, the longest is"
    f" **{lengths.max():.3f}**, and {100 * right:.0f} % of the test images are read right."
)

# %% [markdown]
# | Symptom | Remedy |
# |:--|:--|
# | what is violated stays the same, and $\rho$ only grows | the constraints may contradict each other: see [below](#constraints-that-contradict-each-other) |
# | a multiplier runs away | gradients of the constraints are dependent: see [below](#where-there-are-no-multipliers) |
# | descent zigzags at the wall | $\rho$ is too large: take a smaller one, with multipliers |
# | with Adam, projected weights end elsewhere than with SGD | $P$ is nearest in plain distance, and Adam measures its steps in another: it may rest where the conditions fail |
#
# ## Going further
#
# ### The price of three walls
#
# *You see each multiplier beside the gain that a little more room brings, also where it is 0.*
#
# Number 43 of {cite:t}`hock1981` has four variables and three curved walls. Allow each $c_j$ a little more and a little less, and measure.

# %% tags=["hide-input"]


def rosen_suzuki(x):
    return x @ (f64(1, 1, 2, 1) * x) + f64(-5, -5, -21, 7) @ x


def walls(x, room):
    rows = [f64(1, 1, 1, 1), f64(1, 2, 1, 2), f64(2, 1, 1, 0)]
    slopes = [f64(1, -1, 1, -1), f64(-1, 0, 0, -1), f64(2, -1, 0, -1)]
    sizes = [x @ (row * x) + slope @ x for row, slope in zip(rows, slopes, strict=True)]
    return torch.stack(sizes) - f64(8, 10, 5) - room


def least_with(*room, **options):
    asked = Problem(rosen_suzuki, inequalities=partial(walls, room=f64(*room)))
    return augmented_lagrangian(asked, f64(0, 0, 0, 0), **options)


λ, step = least_with(0, 0, 0).kkt.multipliers.inequality, 1e-3
gains = [
    (least_with(*(-step * unit)).value - least_with(*(step * unit)).value) / (2 * step)
    for unit in torch.eye(3, dtype=torch.float64)
]
off = max(abs(gain - price) for gain, price in zip(gains, λ.tolist(), strict=True))
evidence(
    "S41",
    "holds" if off < 1e-4 else "false",
    f"Three walls have the multipliers {', '.join(f'{price:.3f}' for price in λ)}, and a little"
    f" more room gains {', '.join(f'{round(gain, 3) + 0.0:.3f}' for gain in gains)} a unit.",
    "Before you widen a limit, read its multiplier: where it is 0, more room is worth nothing.",
    f"Central differences of ±{step:g} in each wall; they are off by at most {off:.0e}.",
)

# %% [markdown]
# ### Where there are no multipliers
#
# *You see a best point at which the conditions fail, and what the library says there.*
#
# Between the walls $x_2 \le (1 - x_1)^3$ and $x_2 \ge 0$ go as far right as you can. The end is the tip $(1, 0)$. There both walls push up or down and none holds you back: no $\lambda$ balances the pull, though no allowed point is better ({cite:t}`kuhn1951`).

# %% tags=["hide-input"]
Constraint("cusp", center=(2, 0), place=(1, 0), angle=0, x=(0.2, 0))

# %%
cusp = Problem(
    lambda x: -x[0],
    inequalities=lambda x: torch.stack([x[1] - (1 - x[0]) ** 3, -x[1]]),
)
tip = kkt_residual(cusp, f64(1, 0))

# %% tags=["hide-input"]
stuck = augmented_lagrangian(cusp, f64(0, 0.5))
say(
    f"`kkt_residual` says: *{tip.explain()}* And `augmented_lagrangian` ends near"
    f" ({stuck.x[0]:.2f}, {stuck.x[1].abs():.2f}) with the status `{stuck.status}` and a multiplier of"
    f" {stuck.kkt.multipliers.inequality.max():.0e}; there is none at which it could settle."
)

# %% [markdown]
# ### Constraints that contradict each other
#
# *You see how the library refuses when no point fulfils both conditions, and which point it names.*
#
# Ask for a point on the unit circle with $x_1 + x_2 = 3$. There is none.

# %%
try:
    augmented_lagrangian(
        Problem(bowl, lambda x: torch.stack([x @ x - 1, x.sum() - 3])), f64(1, 0)
    )
except Infeasible as error:
    refused = error

# %% tags=["hide-input"]
say(
    f"It is refused: *{refused}* The point is ({refused.x[0]:.3f}, {refused.x[1]:.3f}), between"
    " the circle and the line."
)

# %% [markdown]
# ### An attack is projected gradient
#
# *You see how many digits are still read when each pixel may move a little uphill, and noise beside it.*
#
# Train, then turn the roles around: the weights stay, and the *image* moves, uphill on the loss, by at most 0.1 in each pixel ({cite:t}`madry2018`). The allowed set is a box.
#
# :::{predict}
# The classifier above reads most test images. Which share of all does it read after ten projected steps?
#
# - `a`: more than 80 %
# - `b`: from 40 to 80 %
# - `c`: less than 40 %
# :::

# %%
images, truth = test.images.flatten(1) / 255, test.labels
box = partial(
    project_box,
    low=(images - 0.1).clamp(min=0).flatten(),
    high=(images + 0.1).clamp(max=1).flatten(),
)


def gain(flat):
    logits = layer(flat.view_as(images))
    return -torch.nn.functional.cross_entropy(logits, truth, reduction="sum")


attacked = projected_gradient(gain, box, images.flatten(), steps=10)[-1]

# %% tags=["hide-input"]
misread = (layer(attacked.view_as(images)).argmax(1) == truth).float().mean().item()
further = projected_gradient(gain, box, attacked, steps=100)[-1]
longer = (layer(further.view_as(images)).argmax(1) == truth).float().mean().item()
noise = torch.rand(images.shape, generator=torch.Generator().manual_seed(0))
noisy = box((images + 0.2 * noise - 0.1).flatten()).view_as(images)
calm = (layer(noisy).argmax(1) == truth).float().mean().item()
reveal(
    f"**{100 * misread:.0f} %** are read right, from {100 * right:.0f} %. Random noise of the same"
    f" size leaves {100 * calm:.0f} %. No pixel has moved by more than 0.1. A hundred steps more leave"
    f" {100 * longer:.0f} %.",
    right="c" if misread < 0.4 else "b" if misread <= 0.8 else "a",
)

# %% [markdown]
# ### Where max(λ + ρ c, 0) comes from
#
# *You see the rule for inequalities follow from the one for equalities, by a slack that is minimised away.*
#
# Turn $c(x) \le 0$ into the equality $c(x) + s = 0$ with a slack $s \ge 0$, and minimise the augmented Lagrangian over $s$ at once. $\lambda (c + s) + \frac{\rho}{2} (c + s)^2$ is a parabola in $s$ with its minimum at $s = -c - \lambda/\rho$; where that is negative, $s = 0$. Either way $\lambda + \rho (c + s) = \max(\lambda + \rho c, 0)$, which is the next multiplier ({cite:t}`nocedal2006`, section 17.4).
#
# ### Against a library
#
# *You see our evaluations beside those of scipy's SLSQP on two test problems, and when to take which.*
#
# The method of choice for small smooth problems is scipy's SLSQP, which solves a quadratic programme in each step. On the two problems of {cite:t}`hock1981` above, from the same starts; ours until each condition holds to $10^{-6}$:

# %% tags=["hide-input"]


def slsqp(f, start, kind, asked, sign):
    """scipy's method with our derivatives; it asks for c ≥ 0."""

    def as_numpy(F):
        return lambda x: F(torch.from_numpy(x)).numpy()

    return minimize(
        as_numpy(f),
        start.numpy(),
        jac=as_numpy(partial(gradient, f)),
        method="SLSQP",
        constraints={
            "type": kind,
            "fun": as_numpy(lambda x: sign * asked(x)),
            "jac": as_numpy(lambda x: sign * jacobian(asked, x)),
        },
        options={"ftol": 1e-10},
    )


three = partial(walls, room=f64(0, 0, 0))
rivals = {
    "number 39": (
        augmented_lagrangian(curved, f64(2, 2, 2, 2), tol=1e-6),
        slsqp(curved.f, f64(2, 2, 2, 2), "eq", curved.h, 1),
    ),
    "number 43": (
        least_with(0, 0, 0, tol=1e-6),
        slsqp(rosen_suzuki, f64(0, 0, 0, 0), "ineq", three, -1),
    ),
}
table(
    ["problem", "ours", "SLSQP", "least f apart"],
    [
        [name, f"{us.evaluations}", f"{them.nfev}", f"{abs(us.value - them.fun):.0e}"]
        for name, (us, them) in rivals.items()
    ],
)

# %% [markdown]
# The same minima, as far as that, in many more evaluations. Each round of ours begins a minimisation anew; where evaluations count, take SLSQP. Take the augmented Lagrangian where the inner method is one that SLSQP cannot be: L-BFGS on many numbers, or the optimizer of a network.

# %% [markdown]
# ### Two more exercises
#
# *You see two tasks: a support vector machine small enough for a pencil, and a projection to write.*
#
# #### An exercise: a machine of two examples (★★)
#
# A support vector machine has two examples, $z_1 = -1$ with the label $-1$ and $z_2 = 3$ with the label $1$, a linear kernel and a large $C$. How large is $\alpha_1$?

# %%
answer = ...
check("4-second-order/two-examples", answer)

# %% tags=["remove-input"]
solution("4-second-order/two-examples")

# %% [markdown]
# #### An exercise: the nearest point with a small sum of sizes (★★★)
#
# Write `nearest(x, radius)`, the point nearest to $x$ whose entries' absolute values sum to at most `radius`. Hint of the derivation: signs can be taken off and put on again, and if the sum is too large, what is left is a simplex.


# %%
def nearest(x, radius): ...


check("4-second-order/sum-of-sizes", nearest)

# %% tags=["remove-input"]
solution("4-second-order/sum-of-sizes")

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: a multiplier (★)
#
# Minimise $x_1^2 + x_2^2$ where $h(x) = x_1 + 2 x_2 - 5 = 0$. What is $\nu$?

# %%
answer = ...
check("4-second-order/a-multiplier", answer)

# %% tags=["remove-input"]
solution("4-second-order/a-multiplier")

# %% [markdown]
# ### Exercise 2: read the plot (★★)
#
# In the figure of the price: at $b = 1$, what is one more unit of room worth, to first order?
#
# - `a`: 1
# - `b`: 2
# - `c`: 4.5
# - `d`: nothing

# %%
answer = ...
check("4-second-order/read-the-price", answer)

# %% tags=["remove-input"]
solution("4-second-order/read-the-price")

# %% [markdown]
# ### An open experiment
#
# Take the clouds apart and together, and $C$ from 0.01 to 100. Which $\alpha$ come to rest at $C$, and what becomes of the strip? No answer is given.
#
# ## Summary
#
# - At a constrained minimum forces cancel: pull against pushes. Walls push, and only where they touch. The size of a push is the price of its wall.
# - Where the nearest allowed point has a formula, step and go there. Clipping and dividing goes elsewhere.
# - A penalty needs a violation to push, and a large one ruins the conditioning, which descent pays for and BFGS does not. A multiplier takes the push over, and the penalty stays moderate.
#
# ## References
#
# - {cite:t}`karush1939`, {cite:t}`kuhn1951`: the conditions. {cite:t}`nocedal2006`: chapters 12 and 17.
# - {cite:t}`duchi2008`: the simplex. {cite:t}`bertsekas1976`: the search along the projected path.
# - {cite:t}`hestenes1969`, {cite:t}`powell1969`: the augmented Lagrangian. {cite:t}`hock1981`: problems.
# - {cite:t}`cortes1995`, {cite:t}`platt1998`, {cite:t}`fan2005`: the machine. {cite:t}`madry2018`: the attack.
