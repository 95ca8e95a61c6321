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
# # Trust regions and Gauss–Newton
#
# Newton's method goes to the lowest point of a parabola, however far away that is. The parabola was measured *here*; far off it knows nothing. A trust region asks first: how far do I believe it?
#
# Below you stand on the floor of a curved valley. Dashed is the parabola, within the radius that you trust. It promises a drop, and the function rises. Drag the orange point on the axis of the chart.

# %% tags=["hide-input"]
import math

import torch

from book.calculus import gradient, hessian
from book.display import one_screen, reveal, say, show, show_source, table
from book.exercises import check, solution
from book.explorers import TrustRegionExplorer
from book.figures import trust_regions_and_gauss_newton as figures
from book.numerics.vector import f64
from book.optim import GaussNewton, LevenbergMarquardt, Newton, TrustRegion
from book.optim.damped import Damped
from book.optim.minimize import minimize
from book.optim.trust_region import next_radius, steihaug
from book.problems.nist import reference
from book.surfaces import beale, himmelblau, rosenbrock

# %% tags=["hide-input"]
TrustRegionExplorer("Rosenbrock", (-1.18, 1.38), 2)

# %% [markdown]
# :::{predict} number
# Find it by hand: what is the largest radius at which the function still falls?
# :::

# %% tags=["hide-input"]
point = f64(-1.18, 1.38)
slope, bend = gradient(rosenbrock, point), hessian(rosenbrock, point)
gains = {}
for radius in torch.arange(0.01, 1.6, 0.01).tolist():
    step = steihaug(bend.mv, slope, radius, tolerance=1e-8)
    drop = rosenbrock(point) - rosenbrock(point + step.p)
    gains[radius] = drop.item() / step.predicted
falls = max(radius for radius, gain in gains.items() if gain > 0)
kept = max(radius for radius, gain in gains.items() if gain > 0.75)
reveal(
    f"**{falls:.2f}**. And up to {kept:.2f} at least three quarters of the promised drop come true. Further"
    " out the promise still grows, and means nothing. The radius that is right here you cannot see from here: you"
    " have to try a step, and compare.",
    right=round(falls, 2),
)

# %% [markdown]
# **You will**
#
# - decide from one quotient whether to believe a step, and how far to believe the next;
# - replace the Hessian of a fit by something that first derivatives give;
# - fit a curve to measured data, and hold it against the digits that NIST certifies.
#
# **You need** three facts:
#
# - Newton's step minimizes the quadratic model $m(p) = f + g^\top p + \frac{1}{2} p^\top H p$ ({doc}`newton`);
# - where $H$ has a negative eigenvalue the model has no lowest point ({doc}`/2-derivatives/critical-points`);
# - a product $Hv$ costs a few gradients and needs no matrix ({doc}`/2-derivatives/hessian`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $x$, $f(x)$ | $(n,)$, number | the parameters; the function to be made small |
# | $n$, $m$ | number | how many parameters, how many residuals |
# | $g$, $\nabla f$ | $(n,)$ | the gradient |
# | $H$ | $(n, n)$ | the Hessian |
# | $p$, $m(p)$ | $(n,)$, number | a step; the quadratic model after it |
# | $v$, $d$ | $(n,)$ | a direction |
# | $\eta$ | number | how much of a direction is gone |
# | $\Delta$ | number | the radius: how long a step may be |
# | $\rho$ | number | the real drop of $f$ over the drop that the model promised |
# | $r$, $r_i$ | $(m,)$, number | the residuals, model minus data; one of them |
# | $J$ | $(m, n)$ | the Jacobian of the residuals |
# | $I$ | $(n, n)$ | the identity matrix |
# | $\lambda$ | number | the damping: what the edge of the region adds to the curvatures |
# | $\gamma$ | number | in one example: how strongly a residual bends |
# | $D$, $q$ | $(n, n)$, $(n,)$ | a diagonal matrix: the scale of each parameter; the scaled step $Dp$ |
# | $U$, $s$, $V$ | | the singular value decomposition of $J$ or $JD^{-1}$: $U \operatorname{diag}(s) V^\top$ |
# | $b$, $w$ | $(n,)$ | $U^\top r$; the weights of the columns of $V$ in $-q$ |
# | $y$, $b_1$, $b_2$, $b_3$ | number | in the fits: what is measured, and the parameters of a curve |
# | $e$ | | 2.718… |
# :::
#
# ## Two steps by hand
#
# Take $f(x) = \sqrt{1 + x^2}$, a valley that straightens out. Its slope is $x / \sqrt{1 + x^2}$, its curvature $(1 + x^2)^{-3/2}$. Newton's step is slope over curvature, and multiplied out it leads from $x$ to $-x^3$. From $x = 2$, then, to $-8$, and from there to 512.
#
# Where the surroundings are flat, the model believes in a minimum far away. It promised a drop of $\frac{1}{2} g^2 / H = 4.47$, more than all of $f(2) = 2.24$. What came was a rise of 5.83. The quotient of the two,
#
# $$\rho = \frac{f(x) - f(x + p)}{m(0) - m(p)} = \frac{-5.83}{4.47} = -1.3,$$
#
# is the whole idea. It is 1 where the model tells the truth, and negative where following it does harm.
#
# Now allow steps no longer than $\Delta = 1$. The best one is $p = -1$, to $x = 1$.
#
# :::{predict}
# How large is $\rho$ for this step?
#
# - `a`: near 0
# - `b`: near 0.5
# - `c`: near 1
# :::


# %%
def valley(x):
    return (1 + x.square()).sqrt().sum()


x, p = f64(2), f64(-1)
g, H = gradient(valley, x), hessian(valley, x)
promised = -(g @ p + p @ H @ p / 2)
real = valley(x) - valley(x + p)

# %% tags=["hide-input"]
reveal(
    f"Promised {promised:.3f}, real {real:.3f}, so $\\rho$ is **{real / promised:.2f}**."
    " Nearby the same model is nearly right. Nothing was wrong with it but its reach.",
    right="c",
)

# %% [markdown]
# ## The rule
#
# So let $\rho$ steer the radius. Too little came of the promise ($\rho < \frac{1}{4}$): trust a quarter of that step. Nearly all of it came, and the edge held the step back ($\rho > \frac{3}{4}$): trust twice as much. A step that brought almost nothing is not taken at all.

# %% tags=["hide-input"]
show_source(next_radius)

# %% [markdown]
# In the explorer the button does just that, and says beforehand whether it takes the step or refuses it. Press *Reset*, then the button until you are at the star. Where does the radius grow, and where does it shrink?
#
# ## The step within the radius
#
# Each round asks for
#
# $$\boxed{\;\begin{aligned} \min_p \;\; & g^\top p + \tfrac{1}{2}\, p^\top H p \\ \text{among the} \;\; & p \text{ with } \lVert p \rVert \le \Delta \end{aligned}\;}$$
#
# This has an answer even where $H$ has negative eigenvalues: the edge stops the fall. And where the best step ends on the edge you know its shape. Sliding along the edge must not lower $m$, so the slope of $m$ there, $g + Hp$, has no part along the edge. It points straight back to the centre, or a step inwards would lower $m$: $g + Hp = -\lambda p$ with some $\lambda \ge 0$, or
#
# $$(H + \lambda I)\, p = -g .$$
#
# The edge acts as if each curvature were larger by $\lambda$, and then none is negative ({cite:t}`nocedal2006`, theorem 4.1). To find that $\lambda$ you solve systems with the whole of $H$. {cite:t}`steihaug1983` found a nearly best step from products alone. Begin at $p = 0$ and make $m$ smaller by conjugate gradients, one product $Hd$ a step; {doc}`conjugate-gradient` says why that is the way to go. Each $p$ is longer than the one before. So there are three ends:
#
# - the model's minimum is reached inside, or nearly: that is Newton's step;
# - a step would cross the edge: stop there;
# - a direction bends down, $d^\top H d \le 0$: follow it to the edge.
#
# Here is one model, with the cut steps of all radii beside the best.

# %% tags=["hide-input"]
H, g = f64(1, 0.7, 0.7, 4).reshape(2, 2), f64(-2.4, -3)


def best_within(radius):
    """(H + λI) p = −g with the λ ≥ 0 that makes p as long as the radius, by bisection."""
    low, high = 0.0, 1e6
    for _ in range(100):
        λ = (low + high) / 2
        p = torch.linalg.solve(H + λ * torch.eye(2), -g)
        low, high = (λ, high) if p.norm() > radius else (low, λ)
    return p


sizes = torch.linspace(0.01, 2.4, 80).tolist()
cut_steps = [steihaug(H.mv, g, size, tolerance=1e-9) for size in sizes]
best_steps = torch.stack([best_within(size) for size in sizes])
drops = -(best_steps @ g + (best_steps @ H * best_steps).sum(1) / 2)
shares = torch.tensor([step.predicted for step in cut_steps]) / drops
show(
    figures.ways(
        H, g, (0.5, 1, 1.5), torch.stack([s.p for s in cut_steps]), best_steps
    ),
    "Ellipses around a star, circles around a point. The cut steps run along a straight line"
    " and then, with a corner, along another to the star. The best steps start in the same"
    " direction, bend away in a curve within the corner, and end at the same star.",
)

# %% tags=["hide-input"]
say(
    "The smaller the circle, the more the two agree (both set out along $-g$), and they are one from the radius on"
    " that reaches the star."
    f" Between, the cut step has at least **{shares.min():.2f}** of the best one's drop."
    " It never has less than half, where $H$ has only positive eigenvalues {cite:p}`yuan2000`."
)

# %% [markdown]
# ## On one screen

# %% tags=["remove-input"]
one_screen("TrustRegion")

# %% tags=["hide-input"]
library = minimize(
    lambda x: TrustRegion(x, max_iter=100), rosenbrock, rosenbrock.at_start()
)
say(
    f"From the start of Rosenbrock's valley the library's class needs {library.evaluations} evaluations and"
    f" {library.products} products $Hd$ until it is {(library.x - 1).norm():.0e} from the minimum: a refused step is"
    " shortened from products that it has."
)

# %% [markdown]
# ## What it is for
#
# Newton's steps without a region against the trust region, from forty random starts, on Himmelblau's surface, with four minima, four saddles and a maximum, and on Beale's, with one minimum, a saddle amid the starts, and a valley that runs on to infinity.
#
# :::{predict}
# From how many of forty starts on Beale's surface does Newton's method end at the minimum?
#
# - `a`: nearly all
# - `b`: about a third
# - `c`: none
# :::


# %%
def ends(f, make, count=40):
    low, high = f64(*sum(f.box, ())).reshape(2, 2).T
    draw = torch.Generator().manual_seed(0)
    starts = low + (high - low) * torch.rand(count, 2, generator=draw).double()
    return torch.stack([minimize(make, f, start).x for start in starts])


def near(ends, points):
    """How many ends are at one of the points."""
    points = f64(*sum(points, ())).reshape(-1, 2)
    return int((torch.cdist(ends, points).amin(1) < 1e-4).sum())


pure = {"repair": "none", "line_search_fn": None}
methods = {
    "Newton": lambda x: Newton(x, max_iter=100, **pure),
    "trust region": lambda x: TrustRegion(x, max_iter=100),
}
found = {
    (f.name, name): ends(f, make)
    for f in (himmelblau, beale)
    for name, make in methods.items()
}

# %% tags=["hide-input"]
there = {
    key: near(ends, (himmelblau if key[0] == "Himmelblau" else beale).minima)
    for key, ends in found.items()
}
newton, trusted = there["Beale", "Newton"], found["Beale", "trust region"]
caught, away = (
    near(found["Beale", "Newton"], ((0.0, 1.0),)),
    (trusted.abs() > 10).any(1),
)
reveal(
    f"From **{newton}** of {len(trusted)}. Newton's step solves $\\nabla f = 0$, and saddles solve it too: from"
    f" {caught} starts it ends at Beale's, at $(0, 1)$. The trust region arrives from"
    f" {there['Beale', 'trust region']}; in {int(away.sum())} case it is still on its way down the valley without an"
    f" end. On Himmelblau's surface it is {there['Himmelblau', 'Newton']} against"
    f" {there['Himmelblau', 'trust region']}.",
    right="a" if newton > 30 else "b" if newton > 4 else "c",
)

# %% [markdown]
# ## Least squares
#
# Fitting a curve asks for less than a Hessian. Write the misfit at each data point as a residual $r_i$, one of $m$. The loss and its derivatives are
#
# $$\begin{aligned} f &= \tfrac{1}{2} \lVert r \rVert^2, \qquad \nabla f = J^\top r, \\ H &= J^\top J + \sum_i r_i \nabla^2 r_i . \end{aligned}$$
#
# :::{dropdown} The three, derived
# $f = \frac{1}{2} \sum_i r_i^2$. By the chain rule $\partial f / \partial x_j = \sum_i r_i\, \partial r_i / \partial x_j$, which is entry $j$ of $J^\top r$. Differentiate once more by $x_k$: each product $r_i \cdot \partial r_i / \partial x_j$ gives two terms, $\frac{\partial r_i}{\partial x_k} \frac{\partial r_i}{\partial x_j}$, which is an entry of $J^\top J$, and $r_i \frac{\partial^2 r_i}{\partial x_j \partial x_k}$.
# :::
#
# The first part of $H$ needs first derivatives alone, and it never bends down. **Gauss–Newton** keeps it and drops the sum. What is left out has a residual as a factor in each term. Where the curve meets the data, nothing is missing.
#
# Put in another way: replace each $r_i$ by its tangent, and solve the linear problem $\min_p \lVert r + Jp \rVert$ exactly.
#
# How much is lost when the curve does not meet the data? Two residuals in one unknown, $r = (x + 1,\; \gamma x^2 + x - 1)$, have their minimum at $x = 0$ and a misfit of $(1, -1)$ there {cite:p}`madsen2004`. The number $\gamma$ says how much the second one bends.
#
# :::{predict}
# With $\gamma = 0.5$, what does a step of Gauss–Newton do near the end?
#
# - `a`: the number of right digits doubles
# - `b`: the error halves
# - `c`: the error stays
# :::


# %%
def two(x, γ):
    return torch.stack([x[0] + 1, γ * x[0] ** 2 + x[0] - 1])


def distances(γ, start=0.1):
    run = {"tolerance_grad": 0.0, "tolerance_change": 0.0, "max_iter": 12}
    path = minimize(
        lambda x: GaussNewton(x, line_search_fn=None, **run),
        lambda x: two(x, γ),
        f64(start),
    ).path
    return path[:, 0].abs()


errors = {rf"$\gamma$ = {γ:g}": distances(γ) for γ in (0.0, 0.1, 0.5, -1.5)}

# %% tags=["hide-input"]
half, driven = errors[r"$\gamma$ = 0.5"], r"$\gamma$ = -1.5"
show(
    figures.residuals_left(errors),
    "The distance to the minimum against the step, on a logarithmic axis. For 0 it is gone"
    " after one step. For 0.1 and 0.5 it falls along straight lines, the first much steeper;"
    f" after ten steps the second is at {half[10]:.0e}. For -1.5 it grows and stays between"
    f" {errors[driven][1:].min():.1f} and {errors[driven].max():.1f}.",
)

# %% tags=["hide-input"]
doubling = minimize(
    lambda x: Newton(x, line_search_fn=None, repair="none", max_iter=4),
    lambda x: two(x, -1.5).square().sum() / 2,
    f64(0.1),
).path[:, 0]
reveal(
    f"The last step multiplies the error by **{half[-1] / half[-2]:.2f}**: near the end it is $\\lvert\\gamma\\rvert$."
    " With 0.1 that is a digit a step. For $\\gamma = -1.5$ Gauss–Newton is driven off the minimum and jumps about at"
    " a distance. Nothing is wrong with the minimum: from the same start Newton's method comes to"
    f" {', '.join(f'{e:.0e}' for e in doubling[1:4].abs())}.",
    right="b",
)

# %% [markdown]
# ## Decompose J, not its square
#
# The step solves $J^\top J p = -J^\top r$. Do not solve it in this form: the condition number of $J^\top J$ is that of $J$ *squared* ({doc}`/1-numbers/conditioning`). Decompose $J$ itself.


# %%
def error(κ, seed, left=0.0):
    draw = torch.Generator().manual_seed(seed)
    U, _, V = torch.linalg.svd(torch.randn(20, 4, generator=draw).double(), False)
    J = U * torch.logspace(0, -math.log10(κ), 4).double() @ V
    exact = torch.randn(4, generator=draw).double()
    noise = torch.randn(20, generator=draw).double()
    r = left * (noise - U @ (U.T @ noise)) - J @ exact  # the last part can be fitted
    normal = torch.linalg.solve(J.T @ J, -J.T @ r)
    return [
        (p - exact).norm() / exact.norm() for p in (normal, Damped.of(J, r).step(0))
    ]


# %% tags=["hide-input"]
rows, seeds = [], range(20)
for κ in (1e3, 1e5, 1e7):
    both = torch.tensor([error(κ, seed) for seed in seeds]).median(dim=0).values
    noisy = torch.tensor([error(κ, seed, 1.0)[1] for seed in seeds]).median()
    rows.append([f"{κ:.0e}", *(f"{-math.log10(e):.0f}" for e in (*both, noisy))])
head = ["condition of J", "digits, by JᵀJ", "digits, by J", "by J, misfit left"]
say(
    f"Right digits of the step, the median of {len(seeds)} random fits:\n\n"
    + table(head, rows).data
    + "\n\nFor the first two counts the right step makes all residuals 0. For the last a misfit stays, and the"
    " square is back, whatever you decompose: then it is the answer that is so sensitive, and no longer the way to"
    " it."
)

# %% [markdown]
# ## Levenberg–Marquardt
#
# Gauss–Newton trusts its tangents without end, too. Put a region around it. Its model has $J^\top J$ in the place of $H$ and $J^\top r$ in the place of $g$, and you know what a step on the edge looks like. With lengths measured in scaled units, as $\lVert Dp \rVert$, it solves
#
# $$\boxed{\; (J^\top J + \lambda D^2)\, p = -J^\top r \;}$$
#
# with the $\lambda \ge 0$ for which $\lVert D p \rVert = \Delta$; it is 0 where Gauss–Newton's step is short enough. The damping $\lambda$ and the radius $\Delta$ are two names of one thing: the smaller the radius, the larger the damping. {cite:t}`levenberg1944` and {cite:t}`marquardt1963` steered $\lambda$. {cite:t}`more1978` steered $\Delta$, which is a length and means the same everywhere; MINPACK does, scipy's `least_squares(method="lm")` with it, and so do we. $D$ holds the length of each column of $J$, the largest so far: a parameter measured in other units gets the same steps.
#
# One decomposition, $J D^{-1} = U \operatorname{diag}(s)\, V^\top$, gives the scaled step $q = Dp$ for every $\lambda$ at once: divide the box by $D$ from the left, put the decomposition in, and
#
# $$q = -V w, \quad w_i = \frac{s_i b_i}{s_i^2 + \lambda}, \quad b = U^\top r .$$
#
# A larger $\lambda$ makes each $w_i$ smaller, those with a small $s_i$ first. The $\lambda$ for a radius is then one equation in one unknown, $1/\lVert q \rVert = 1/\Delta$. Written so, the left side is nearly straight in $\lambda$, and Newton's method (`_towards` is its step) needs few rounds:

# %% tags=["hide-input"]
show_source(Damped.damping)

# %% [markdown]
# Here is the step from a poor start of the fit below, for every damping.

# %% tags=["hide-input"]
misra = reference("Misra1a")
far, close_by = (f64(*start) for start in misra.starts)
J = torch.func.jacrev(misra.residuals)(far)
J = J / J.norm(dim=0)
model = Damped.of(J, misra.residuals(far))
dampings = torch.logspace(-7, 2, 120).double()
steps_of = torch.stack([model.step(λ.item()) for λ in dampings])


def angle(to):
    cosine = steps_of @ to / (steps_of.norm(dim=1) * to.norm())
    return torch.rad2deg(torch.acos(cosine.clamp(-1, 1)))


downhill = -(J.T @ misra.residuals(far))
turned = angle(model.step(0.0)), angle(downhill)
lengths = steps_of.norm(dim=1)
show(
    figures.between(dampings, lengths, *turned),
    f"Left: the length of the step is {lengths[0]:.0f} for small damping, falls to a shelf at"
    f" {lengths[66]:.0f}, and then in proportion to one over the damping. Right: for small damping the step points as"
    f" Gauss–Newton's does, {turned[1][0]:.0f} degrees from the downhill direction; for large"
    " damping it points downhill. In between it turns from one to the other.",
)

# %% [markdown]
# ## A small fit with real data
#
# A study for dentists measured how much of a gas a surface takes up in a single layer: a volume, at 14 pressures. The model is $y = b_1 (1 - e^{-b_2 x})$. NIST keeps the data as a reference for software, with two starts and with the answer certified to eleven digits {cite:p}`nist1999`.
#
# :::{predict}
# From the far start, $b_1 = 500$, where does Gauss–Newton's first step lead?
#
# - `a`: near the answer, $b_1 = 239$
# - `b`: a little past it
# - `c`: to a negative $b_1$
# :::

# %%
exact = {"tolerance_grad": 0.0, "tolerance_change": 1e-4, "max_iter": 60}
fits = {
    "Gauss–Newton, no region": lambda b: GaussNewton(b, line_search_fn=None, **exact),
    "Levenberg–Marquardt": lambda b: LevenbergMarquardt(b, **exact),
}
fitted = {name: minimize(make, misra.residuals, far) for name, make in fits.items()}
lm = fitted["Levenberg–Marquardt"]

# %% tags=["hide-input"]
wild = fitted["Gauss–Newton, no region"].path
reveal(
    f"To $b_1 = {wild[1, 0]:.0f}$, a **negative** volume: the data hardly curve, so the"
    " tangents see a long valley and run along it."
    f" From there it comes back, in {len(wild) - 1} steps to $b_1 = {wild[-1, 0]:.0f}$; in *Going further* it does"
    f" not. The first step that Levenberg–Marquardt takes leads to {lm.path[1, 0]:.0f}.",
    right="c" if wild[1, 0] < 0 else "a",
)

# %% tags=["hide-input"]
show(
    figures.fit(
        misra,
        {"far start": far, "after 1 step": lm.path[1], "fitted": lm.x},
        lm.path,
    ),
    f"Left: {len(misra.y)} points that rise almost along a line to {misra.y[-1]:.0f}; the start's curve lies far below"
    " them; those after one step and at the end lie on all of them, hardly apart. Right: the"
    " level lines of the sum of squares form a narrow bent valley, and the way of the fit"
    " goes from its wall into it and along its floor to a star.",
)


# %% tags=["hide-input"]
def digits(found, data):
    """How many digits of the parameters are right, at most nine."""
    shares = found.x / f64(*data.certified) - 1
    return min(9, math.floor(-math.log10(shares.abs().max())))


from_near = minimize(fits["Levenberg–Marquardt"], misra.residuals, close_by)
table(
    ["start", "b₁", "b₂", "sum of squares", "right digits", "evaluations"],
    [
        [
            name,
            f"{fit.x[0]:.6f}",
            f"{fit.x[1]:.6e}",
            f"{2 * fit.value:.8f}",
            f"{digits(fit, misra)} or more",
            f"{fit.evaluations}",
        ]
        for name, fit in (("far", lm), ("near", from_near))
    ]
    + [
        [
            "certified",
            f"{misra.certified[0]:.6f}",
            f"{misra.certified[1]:.6e}",
            f"{misra.sum_of_squares:.8f}",
            "",
            "",
        ]
    ],
)

# %% [markdown]
# ## Use it
#
# Take **Levenberg–Marquardt** for a fit: a loss that is a sum of squares, up to some hundred parameters, no noise from minibatches. Take **TrustRegion** for any other smooth loss in full batch, the more so where the Hessian has negative eigenvalues.
#
# | Set | First value | Because |
# |:--|:--|:--|
# | `radius` | 1, or as far as you would believe a parabola | the rule finds the rest, at a factor of 2 or 4 a step |
# | `factor` | 100; 1 where the start is good and far steps hurt | the first region is this times $\lVert D x \rVert$ |
# | `scaled` | `True` | the units of parameters are chance |
# | `max_iter` | 100 | `status` tells if it was the end |
#
# Symptoms. *Refused steps pile up at the end, status "precision"*: the loss has no more digits; take float64. *It stops at once*: the gradient is below `tolerance_grad`, which has the units of your loss. *A parameter runs off*: the data do not determine it; leave it out, or add a residual for what you know of it.
#
# A whole fit:

# %%
b = torch.nn.Parameter(far.clone())
optimizer = LevenbergMarquardt([b], max_iter=100)
optimizer.step(lambda: b[0] * (1 - torch.exp(-b[1] * misra.x)) - misra.y)
b.data

# %% [markdown]
# PyTorch has no method of this kind. In scipy it is `least_squares(fun, x0, jac, method="lm", x_scale="jac")`, and for the trust region `minimize(method="trust-ncg")`; ours are tested against both, step by step.
#
# ## Going further
#
# ### What the scale is worth
#
# *You see what the scale $D$ is worth in a fit whose parameters have very different sizes, and what it is not.*
#
# The scale $D$ looks like a detail. NIST's MGH10, made-up data of a thermistor's resistance against temperature, is $y = b_1 e^{b_2 / (x + b_3)}$ with parameters of sizes 0.006, 6,000 and 300, and its far start is $(2,\; 400\,000,\; 25\,000)$. Gauss–Newton without a region runs off. And Levenberg–Marquardt? Fit in NIST's units and in units in which each parameter of the answer is 1. Take each time a first region of 100 times the start's length, and one of just its length.
#
# :::{predict}
# Without $D$, how many of these four fits reach the certified values?
#
# - `a`: all four
# - `b`: three
# - `c`: none
# :::

# %%
thermistor = reference("MGH10")
certified = f64(*thermistor.certified)
long = {"tolerance_grad": 0.0, "tolerance_change": 1e-5, "max_iter": 400}


def path_of(make, units):
    """The way of a fit in other units, b = units · z, told in NIST's."""
    start = f64(*thermistor.starts[0]) / units
    return units * minimize(make, lambda z: thermistor.residuals(units * z), start).path


# %% tags=["hide-input"]
all_units = {"NIST's units": torch.ones(3).double(), "units of the answer": certified}
tries = {
    (name, factor): lambda z, options={"scaled": scaled, "factor": factor}: (
        LevenbergMarquardt(z, **options, **long)
    )
    for name, scaled in (("with $D$", True), ("without", False))
    for factor in (100.0, 1.0)
}
bare = {
    ("Gauss–Newton", math.nan): lambda z: GaussNewton(z, line_search_fn=None, **long)
}
ways = {
    key: [path_of(make, units) for units in all_units.values()]
    for key, make in (tries | bare).items()
}
reached = {
    key: [bool((way[-1] / certified - 1).abs().max() < 1e-6) for way in pair]
    for key, pair in ways.items()
}
without = sum(reached["without", 100.0] + reached["without", 1.0])
one, other = (way[:10] for way in ways["with $D$", 100.0])
apart = (one / other - 1).abs().max()
words = {True: "reached", False: "missed"}
reveal(
    f"**{without}** of four.\n\n"
    + table(
        ["", "`factor`", *all_units],
        [
            [
                name,
                "" if math.isnan(factor) else f"{factor:g}",
                *(words[r] for r in pair),
            ]
            for (name, factor), pair in reached.items()
        ],
    ).data
    + "\n\nSo $D$ is no strength of its own: from a smaller first region, or in sensible units, the fit"
    " arrives without it. What $D$ gives is that you need not know the units: with it the first ten points are the same in"
    f" both, to {'1e-6' if apart < 1e-6 else f'{apart:.0e}'}.",
    right="a" if without == 4 else "b" if without == 3 else "c",
)

# %% [markdown]
# Without the scale, the region is a ball in which a change of 1 in $b_1$ counts as much as a change of 1 in $b_2$. In NIST's units its first radius is 100 times 400,000, and nothing keeps $b_1$ and $b_3$ from being moved as far.
#
# ### The hard case
#
# *You see a step within the radius that conjugate gradients cannot find, and how little theirs may bring.*
#
# Stand on a ridge. Along it the ground slopes, $g = (1, 0)$, with curvature 1. To both sides it bends down, with curvature −1, but there you feel no slope. The radius is 2.
#
# :::{predict}
# Which share of the best drop does Steihaug's step bring?
#
# - `a`: all of it
# - `b`: half or more, but not all
# - `c`: less than half
# :::

# %%
H, g, radius = torch.diag(f64(1, -1)), f64(1, 0), 2.0
cut = steihaug(H.mv, g, radius)
aside = math.sqrt(radius**2 - 1 / 4)  # with λ = 1, (H + λI) p = −g leaves p₂ free
best = f64(-1 / 2, aside)
best_drop = -(g @ best + best @ H @ best / 2).item()

# %% tags=["hide-input"]
share = cut.predicted / best_drop
reveal(
    f"**{share:.2f}**. Conjugate gradients go where $g$, $Hg$, $HHg$ … lead, and none of these has a part to the side:"
    f" they end at ({cut.p[0]:g}, {cut.p[1].abs():g}), with a drop of {cut.predicted:g}. The best step goes to the edge, at"
    f" ({best[0]:g}, ±{aside:.2f}), and brings {best_drop:g}. Its $\\lambda$ is 1, where $H + \\lambda I$ is singular, so that"
    " the second entry is free, and the radius decides it. At least half is promised only without negative"
    " eigenvalues.",
    right="c" if share < 0.5 else "b" if share < 1 else "a",
)

# %% [markdown]
# {cite:t}`more1983` look for this case and fill in the missing length. Steihaug's step waits for luck. Here is the whole method on a ridge between two valleys, $f(x) = x_1 + \frac{1}{2} x_1^2 - \frac{1}{2} x_2^2 + \frac{1}{4} x_2^4$, from the ridge and from beside it.


# %%
def ridge(x):
    return x[0] + x[0] ** 2 / 2 - x[1] ** 2 / 2 + x[1] ** 4 / 4


on, beside = (
    minimize(lambda x: TrustRegion(x, max_iter=100), ridge, f64(0, side))
    for side in (0, 1e-6)
)

# %% tags=["hide-input"]
say(
    f"Exactly on the ridge it ends at ({on.x[0]:.2g}, {on.x[1].abs():.2g}), a saddle. A start {1e-6:g} beside it ends at"
    f" ({beside.x[0]:.2f}, {beside.x[1].abs():.2f}), a minimum, after {beside.iterations} steps."
)

# %% [markdown]
# ### Gauss–Newton on one screen
#
# *You see the whole method without a region: the formula, what is new against Newton, and plain PyTorch.*

# %% tags=["remove-input"]
one_screen("GaussNewton")

# %% [markdown]
# ### Which variant is this?
#
# *You see who steers the damping and who the radius, by which rule, and which of them is ours.*
#
# | Steers | Rule | Where |
# |:--|:--|:--|
# | $\lambda$ | times 10 after a refusal, a tenth after a success | {cite:t}`marquardt1963` |
# | $\lambda$ | a smooth function of $\rho$, doubling faster with each refusal | {cite:t}`madsen2004` |
# | $\Delta$ | cut to the minimum of a parabola, doubled where $\rho \ge \frac{3}{4}$; $\lambda$ from $\Delta$ within a tenth | {cite:t}`more1978`, MINPACK, scipy, ours |
# | $\Delta$ | a quarter or twice; the step by conjugate gradients | {cite:t}`nocedal2006`, scipy's `trust-ncg`, our `TrustRegion` |
#
# In a neural network $J^\top J$ lives on as the {term}`Gauss-Newton matrix`, with the loss's own curvature between the two factors.
#
# ## Exercises
#
# ### Exercise 1: the next radius (★)
#
# The radius is 2. A step of length 1.6 lowers $f$ from 5 to 4.9; the model had promised a drop of 1. What is the next radius?

# %%
answer = ...
check("4-second-order/next-radius", answer)

# %% tags=["remove-input"]
solution("4-second-order/next-radius")

# %% [markdown]
# ### Exercise 2: when Gauss–Newton is Newton (★★)
#
# On which fit do the two take nearly the same steps at the end?
#
# - `a`: a curve through noisy data that bends strongly in its parameters
# - `b`: a curve that meets each data point almost exactly
# - `c`: any fit with more data than parameters
# - `d`: any fit whose Jacobian has full rank

# %%
answer = ...
check("4-second-order/when-gauss-newton-is-newton", answer)

# %% tags=["remove-input"]
solution("4-second-order/when-gauss-newton-is-newton")

# %% [markdown]
# ### Exercise 3: the damped step (★★★)
#
# Write `damped_step(J, r, damping)`, which returns the $p$ that minimizes $\lVert r + Jp \rVert^2 + \lambda \lVert p \rVert^2$. Both terms together are the squared length of *one* longer vector; so it is a least-squares problem, and no $J^\top J$ is needed.


# %%
def damped_step(J, r, damping): ...


check("4-second-order/damped-step", damped_step)

# %% tags=["remove-input"]
solution("4-second-order/damped-step")

# %% [markdown]
# ### An open experiment (★★★)
#
# Give the rule other numbers: refuse below another $\rho$, double sooner, cut less. Can you find numbers that need fewer evaluations on Rosenbrock's, Himmelblau's and Beale's surfaces together, from the forty starts? Do they on a fourth? No answer is given.
#
# ## Summary
#
# - A model is believed within a radius, and the radius learns from $\rho$, the real drop over the promised one. Negative curvature is no obstacle: the edge stops it.
# - A sum of squares gives away $J^\top J$, most of its Hessian where residuals are small. Solve with $J$: where they are small, $J^\top J$ loses twice the digits.
# - Levenberg–Marquardt is Gauss–Newton in a trust region. It reaches the certified digits from a start where the bare step runs off. With a scale for each parameter, units do not matter.
#
# ## References
#
# - {cite:t}`nocedal2006`, chapters 4 and 10. {cite:t}`steihaug1983`: conjugate gradients, cut. {cite:t}`yuan2000`: at least half.
# - {cite:t}`levenberg1944`, {cite:t}`marquardt1963`, {cite:t}`more1978`: the damping, twice found, and its radius. {cite:t}`madsen2004`: a short course.
# - {cite:t}`nist1999`: the data and their certified fits.
