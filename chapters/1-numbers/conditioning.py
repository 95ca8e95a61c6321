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
# # Conditioning
#
# Some problems turn a small error in the input into a large error in the answer, and no algorithm can save them. One number, the condition number, says by how much. The same number says how slowly gradient descent will crawl.
#
# **You will**
#
# - compute how many digits a problem costs you, before you solve it;
# - tell an ill-conditioned problem from an unstable algorithm;
# - predict the longest stable step of gradient descent and its speed, and check both.
#
# **You need** three things, each in a line:
#
# - rounding to a float changes a number by at most the share $u$ of itself, about $10^{-16}$ in float64 ({doc}`floating-point`);
# - a derivative says how far the output moves when the input moves a little;
# - a symmetric matrix stretches the directions of its eigenvectors by its eigenvalues.
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $x$, $y$, $\hat{x}$ | numbers, or $(n,)$ | unknowns; the answer that was computed |
# | $f$, $f'$ | function | what is computed, and its slope |
# | $\delta$ | as what follows | a small error: $\delta x$, $\delta b$, $\delta A$ |
# | $\varepsilon$, $u$ | numbers | a relative error; the unit roundoff, the largest of one rounding |
# | $\kappa$ | number | the condition number: how much a relative error grows at most |
# | $p$ | number | the power in $x^p$ |
# | $A$, $b$ | $(n, n)$, $(n,)$ | the system $A x = b$ of $n$ equations |
# | $\sigma_{\max}$, $\sigma_{\min}$ | numbers | the most and the least that a matrix stretches a vector: its singular values |
# | $U$, $V$ | $(n, n)$ | the directions of the singular value decomposition |
# | $I_n$, $t$ | numbers | an integral, and what runs in it |
# | $\eta$ | number | the learning rate; in *Backward error*: that error |
# | $X$, $w$ | $(n, d)$, $(d,)$ | examples as rows with their $d$ features; the weights |
# | $\epsilon$ | number | a small entry of a matrix |
# | $\lambda_1$, $\lambda_2$, $\lambda_{\min}$, $\lambda_{\max}$ | numbers | curvatures, the eigenvalues of $H$ |
# | $\rho$ | number | what a step leaves of the distance |
# | $g$, $H$ | $(n,)$, $(n, n)$ | the gradient; the Hessian, the matrix of curvatures |
# | $P$, $\mu$ | $(n, n)$, number | a preconditioner; an eigenvalue of $P^{-1} H$ |
# | $m$ | | metres |
# :::

# %% tags=["hide-input"]
import math
from fractions import Fraction

import torch

from book.display import evidence, reveal, say, show, show_source, table
from book.exercises import check, solution
from book.figures import conditioning as figures
from book.numerics import (
    condition_number,
    digits_lost,
    exact_solve,
    hilbert,
    naive_softmax,
    relative_condition,
    softmax,
)

# %% [markdown]
# ## One digit moves the answer
#
# Two equations, two unknowns:
#
# $$x + y = 2, \qquad x + 1.0001\,y = 2.0001.$$
#
# Each is a line in the plane, and the solution is where the two cross.

# %% tags=["hide-input"]
show(
    figures.crossing_lines(slope=1.0001, constants=[2.0001]),
    "Two lines that look like one. They fall from the top left to the bottom right, and a"
    " dot at (1, 1) marks where they cross.",
)

# %% [markdown]
# Suppose that the last number was measured, and that the instrument was off by one unit in the last digit: 2.0002 instead of 2.0001. Solve again, in exact fractions, so that the computer adds no error of its own.
#
# :::{predict}
# One input moved by 0.005 %. How far does the solution move?
#
# - `a`: by about 0.005 %
# - `b`: by about 1 %
# - `c`: by as much as its own size
# :::

# %%
A = [[1, 1], [1, Fraction("1.0001")]]
before = exact_solve(A, [2, Fraction("2.0001")])
after = exact_solve(A, [2, Fraction("2.0002")])

# %% tags=["hide-input"]
moved = max(abs(b - a) for a, b in zip(before, after, strict=True))
reveal(
    f"Before: ({before[0]}, {before[1]}). After: **({after[0]}, {after[1]})**. Nothing was rounded, and"
    " the answer is a different one.",
    right="a" if moved < 0.001 else "b" if moved < 0.1 else "c",
)

# %% tags=["hide-input"]
show(
    figures.crossing_lines(slope=1.0001, constants=[2.0001, 2.0002]),
    "Three lines that lie on top of each other. The line with 2.0001 crosses the first"
    " at (1, 1), the line with 2.0002, which looks the same, crosses it at (0, 2).",
)

# %% [markdown]
# The lines are almost parallel. Shift one by a hair, and the point where they cross runs away. So a *problem* can magnify an error that is there already, even when nobody rounds.
#
# ## The condition number of a function
#
# Start with one input $x$ and one output $f(x)$. If the input is off by a small $\delta$, the output is off by about $f'(x)\,\delta$. The factor $|f'(x)|$ is the **absolute condition number**.
#
# Floats carry a fixed number of *digits*, so what counts is the relative error. The input has the relative error $\delta / x$, the output has $f'(x)\,\delta / f(x)$. Divide the second by the first:
#
# $$\boxed{\;\kappa_f(x) = \left| \frac{x \, f'(x)}{f(x)} \right|\;}$$
#
# This is the **relative condition number** of $f$ at $x$. A relative error $\varepsilon$ in the input becomes about $\kappa_f \varepsilon$ in the output. Put $f(x) = x^p$ in, and $x \cdot p x^{p-1} / x^p = p$: a square root halves relative errors, a cube makes them three times as large.
#
# :::{predict}
# Which of $\sqrt{x}$, $e^x$, $\log x$ and $x - 1$ have a condition number without bound at some $x$ near 1?
#
# - `a`: all four
# - `b`: $\log x$ and $x - 1$
# - `c`: $\log x$ alone
# - `d`: $\sqrt{x}$ and $\log x$
# :::

# %% tags=["hide-input"]
x = (
    torch.logspace(-2, 2, 401, dtype=torch.float64) * 1.0001
)  # 1.0001: not exactly at the pole x = 1
curves = {
    r"$\sqrt{x}$": relative_condition(torch.sqrt, x),
    r"$e^x$": relative_condition(torch.exp, x),
    r"$\log x$": relative_condition(torch.log, x),
    r"$x - 1$": relative_condition(lambda v: v - 1, x),
}
show(
    figures.relative_conditions(x, curves),
    "Relative condition numbers against the input. The square root is flat at one half,"
    " the exponential grows in proportion to x, and log x and x - 1 shoot up at x = 1.",
)

# %% [markdown]
# :::{answer} b
# At $x = 1$ both $\log x$ and $x - 1$ are 0, and their condition numbers shoot up there. The square root halves errors everywhere, and $e^x$ makes them $x$ times as large.
# :::
#
# For $\log$ at $x = 1.001$ the formula gives 1,000.5, so three digits are lost ([measured](#the-factor-measured)). That is why libraries have `log1p`: $\log(1 + u)$ as a function of $u$ has a condition number near 1. The trouble was that 1.001 keeps only a few digits of what makes it differ from 1.
#
# The spike of $x - 1$ is *cancellation* in another coat: near $x = 1$ the difference is small, and the error of $x$ is as large as it ever was.
#
# ## The condition number of a matrix
#
# Now solve $A x = b$, with $A$ of shape $(n, n)$ and $x, b$ of shape $(n,)$. Suppose that $b$ is off by a vector $\delta b$. Then $x$ is off by $\delta x = A^{-1} \delta b$.
#
# A picture first. Let $\delta b$ run round a small circle. Here is what $A^{-1}$ makes of it.

# %% tags=["hide-input"]
tilted = torch.tensor([[2.0, 1.0], [1.0, 1.0]], dtype=torch.float64)
show(
    figures.circle_to_ellipse(tilted),
    "On the left a circle of radius 1, the errors in b. On the right the ellipse that"
    f" the inverse matrix makes of it, {condition_number(tilted):.1f} times as long as"
    " it is wide.",
)

# %% [markdown]
# A circle becomes an ellipse. Its long half-axis is $1/\sigma_{\min}$ and its short one $1/\sigma_{\max}$, where $\sigma_{\min}$ and $\sigma_{\max}$ are the smallest and the largest **singular value** of $A$: the least and the most that $A$ stretches a vector. So
#
# $$\begin{aligned} \lVert \delta x \rVert &\le \frac{\lVert \delta b \rVert}{\sigma_{\min}}, \\ \lVert b \rVert = \lVert A x \rVert &\le \sigma_{\max} \lVert x \rVert. \end{aligned}$$
#
# Multiply the two inequalities and divide by $\lVert b \rVert \, \lVert x \rVert$:
#
# $$\begin{gathered} \frac{\lVert \delta x \rVert}{\lVert x \rVert} \le \kappa \, \frac{\lVert \delta b \rVert}{\lVert b \rVert}, \\ \boxed{\;\kappa(A) = \frac{\sigma_{\max}}{\sigma_{\min}} = \lVert A \rVert \, \lVert A^{-1} \rVert\;} \end{gathered}$$
#
# The norm of a matrix is the most that it stretches a vector: $\lVert A \rVert = \sigma_{\max}$ and $\lVert A^{-1} \rVert = 1/\sigma_{\min}$. With another norm for vectors the second form stays and the numbers change. The bound is sharp: in the worst direction the error grows by all of $\kappa$ ([seen](#the-bound-is-reached)).
#
# ## Digits lost
#
# If $\kappa = 10^k$, a relative error of $10^{-16}$ in the input can become one of $10^{k-16}$ in the output: up to $k = \log_{10} \kappa$ decimal digits are lost. An error in $A$ grows by no more than one in $b$ does. From $(A + \delta A)(x + \delta x) = b$ follows $\delta x = -A^{-1}\, \delta A\, (x + \delta x)$, so for small errors
#
# $$\frac{\lVert \delta x \rVert}{\lVert x \rVert} \lesssim \kappa \, \frac{\lVert \delta A \rVert}{\lVert A \rVert}.$$
#
# The **Hilbert matrix** has the entry $1/(i + j - 1)$ in row $i$ and column $j$ ({cite:t}`hilbert1894`). It looks harmless. At $n = 10$ its $\kappa$ is $1.6 \cdot 10^{13}$ ([all of them](#condition-numbers-of-hilbert)).
#
# Choose $b$ such that the solution is exactly $(1, \dots, 1)$, round the entries of the matrix to a float, **once**, and solve in exact fractions. Whatever is wrong with the answer came from that rounding, magnified by the problem.
#
# :::{predict}
# float64 carries about 16 digits. How many does the solution keep at $n = 10$?
#
# - `a`: all but one or two
# - `b`: about 10
# - `c`: between 3 and 8
# - `d`: none
# :::


# %%
def digits_left(n, dtype):
    exact = [[Fraction(1, i + j + 1) for j in range(n)] for i in range(n)]
    b = [sum(row) for row in exact]
    x = exact_solve(hilbert(n, dtype).tolist(), b)
    return -math.log10(sum((entry - 1) ** 2 for entry in x) / n) / 2  # ‖δx‖ / ‖x‖


kappas = {n: condition_number(hilbert(n)) for n in range(2, 12)}
sizes = list(kappas)
seen = {
    d: [digits_left(n, getattr(torch, d)) for n in sizes]
    for d in ("float32", "float64")
}

# %% tags=["hide-input"]
unit = {d: -math.log10(torch.finfo(getattr(torch, d)).eps / 2) for d in seen}
predicted = {d: [unit[d] - digits_lost(κ) for κ in kappas.values()] for d in seen}
above = [s > p for d in seen for s, p in zip(seen[d], predicted[d], strict=True)]
gone = next(n for n, s in zip(sizes, seen["float32"], strict=True) if s < 0.5)
show(
    figures.digits(sizes, predicted, seen),
    "Correct digits against the size of the Hilbert system, for float32 and float64."
    " Both fall by about one and a half digits a row, float32 until less than half a"
    f" digit is left at {gone} rows; {sum(above)} of {len(above)} points lie above their"
    " predicted line.",
)

# %% tags=["hide-input"]
ten = seen["float64"][sizes.index(10)]
reveal(
    f"At 10 rows **{ten:.1f}** digits are left; the bound promised {predicted['float64'][sizes.index(10)]:.1f}.",
    right="a" if ten > 13 else "b" if ten > 8 else "c" if ten > 3 else "d",
)

# %% tags=["hide-input"]
logs = torch.tensor([digits_lost(κ) for κ in kappas.values()])
kept = torch.tensor(seen["float64"])
slope = (
    -((logs - logs.mean()) @ (kept - kept.mean())) / (logs - logs.mean()).square().sum()
)
evidence(
    "N8",
    "holds with a caveat",
    f"In Hilbert systems of {sizes[0]} to {sizes[-1]} rows, rounded once to float64 and solved exactly,"
    f" each factor of ten in κ costs {slope:.2f} digits.",
    so="Compute log10 κ before you trust a solution: it is the number of digits that you may lose at most.",
    more=f"At n = {sizes[8]}, where log10 κ is {logs[8]:.1f}, {kept[8]:.1f} of {unit['float64']:.0f} digits"
    " are left.",
)

# %% [markdown]
# The caveat: $\log_{10} \kappa$ is what you can lose *at most*. The bound is met, to first order, by the worst direction of the error, and these roundings do not point there. And where float32 has no digits left, the points stop falling: the bound is about small errors, and these are small no longer.
#
# ## Not every bad answer is the problem's fault
#
# A perfectly good problem can be ruined by the way that you compute it. Here is the classic ({cite:t}`forsythe1970`). The integral
#
# $$I_n = \int_0^1 t^n e^{t-1} \, dt$$
#
# is positive, and it shrinks as $n$ grows. Integrate by parts, and each $I_n$ follows from the one before:
#
# $$I_n = 1 - n\, I_{n-1}, \qquad I_0 = 1 - 1/e.$$
#
# :::{predict}
# What does this recurrence give for $I_{18}$ in float64?
#
# - `a`: a small positive number, right to most of its digits
# - `b`: a positive number with few right digits
# - `c`: a negative number
# :::

# %%
forward = [1 - 1 / math.e]
for n in range(1, 20):
    forward.append(1 - n * forward[-1])

# %% tags=["hide-input"]
reveal(
    f"The recurrence gives $I_{{17}}$ = {forward[17]:.3f}, $I_{{18}}$ ="
    f" **{forward[18]:.3f}**, $I_{{19}}$ = {forward[19]:.3f}: a negative integral of a positive function.",
    right="c" if forward[18] < 0 else "b",
)

# %% [markdown]
# The rounding error of $I_0$, less than $10^{-16}$, is multiplied by $-1$, then by $-2$, then by $-3$. After $n$ steps the factor is $n!$, and $18!$ is about $6 \cdot 10^{15}$.
#
# Turn the recurrence round: $I_{n-1} = (1 - I_n)/n$. Now every step *divides* the error by $n$. Start far out with a guess that is plainly wrong, $I_{40} = 0$, and come down.

# %%
backward = [0.0]
for n in range(40, 0, -1):
    backward.append((1 - backward[-1]) / n)
backward = backward[::-1]

# %% tags=["hide-input"]
show(
    figures.recurrences(forward[:20], backward[:20]),
    "Both recurrences fall together at first. In the end the forward one swings to"
    f" {forward[18]:.2f} and beyond 1, while the backward one goes on falling smoothly to"
    f" {backward[19]:.2f}.",
)

# %% tags=["hide-input"]
t = torch.linspace(0, 1, 200001, dtype=torch.float64)
by_quadrature = torch.trapezoid(t**18 * torch.exp(t - 1), t)
say(
    f"$I_{{18}}$ backward: **{backward[18]:.9f}**. By numerical integration:"
    f" {by_quadrature:.9f}."
)

# %% [markdown]
# Same problem, same arithmetic, and the digits agree. Keep the two words apart:
#
# - a **problem** is ill-conditioned when its exact answer moves a lot for a small move of the input;
# - an **algorithm** is unstable when it gives an answer that is worse than the problem's condition allows.
#
# One test tells them apart: solve the same rounded input in exact arithmetic. The Hilbert system stays bad. The integral becomes good. A second test needs no exact arithmetic ([Backward error](#backward-error)).
#
# ## The narrow valley
#
# So far, errors. Now speed. The same number $\kappa$ decides how fast gradient descent moves.
#
# Take the simplest bowl with two different curvatures, $f(x, y) = \frac{1}{2}(\lambda_1 x^2 + \lambda_2 y^2)$ with $0 < \lambda_1 < \lambda_2$. Its gradient is $(\lambda_1 x, \lambda_2 y)$, so one step of descent with the learning rate $\eta$ multiplies each coordinate by its own factor:
#
# $$x \leftarrow (1 - \eta \lambda_1)\, x, \qquad y \leftarrow (1 - \eta \lambda_2)\, y.$$
#
# The curvatures are 1 and 20, the start is $(10, 1)$, and the rates are 0.02, 0.095 and 0.101.
#
# :::{predict}
# Which run ends closest to the minimum after 40 steps?
#
# - `a`: 0.02: it is the most careful
# - `b`: 0.095
# - `c`: 0.101: it takes the longest steps
# :::


# %%
def descend(start, curvatures, lr, steps):
    path = [torch.as_tensor(start, dtype=torch.float64)]
    for _ in range(steps):
        gradient = torch.as_tensor(curvatures, dtype=torch.float64) * path[-1]
        path.append(path[-1] - lr * gradient)
    return torch.stack(path)


curvatures = (1.0, 20.0)
paths = {
    rf"$\eta$ = {lr}": descend((10, 1), curvatures, lr, steps)
    for lr, steps in ((0.02, 40), (0.095, 40), (0.101, 40))
}

# %% tags=["hide-input"]
show(
    figures.valley_paths(curvatures, paths),
    "Three paths in a long valley. At 0.02 the path falls to the floor and creeps along"
    " it. At 0.095 it zigzags across and gets near the minimum. At 0.101 the zigzag"
    " grows at every step.",
)

# %% tags=["hide-input"]
ends = [path[-1].norm().item() for path in paths.values()]
reveal(
    f"Left after 40 steps: **{ends[0]:.2f}**, **{ends[1]:.2f}** and **{ends[2]:.2f}** of a distance of"
    f" {paths[next(iter(paths))][0].norm():.1f}. At 0.02 the path falls to the floor and creeps; at 0.095"
    " it zigzags and arrives; at 0.101 the zigzag grows.",
    right="abc"[ends.index(min(ends))],
)

# %% [markdown]
# A coordinate shrinks as long as its factor lies between $-1$ and $1$, that is, as long as $\eta < 2/\lambda$. The steepest direction gives way first:
#
# $$\eta < \frac{2}{\lambda_{\max}}.$$
#
# Here the limit is $2/20 = 0.1$. The run at 0.095 is inside it, the run at 0.101 is outside ([the edge itself](#the-edge-of-the-step)).
#
# So the steepest direction limits the step, and the flattest direction has to live with it. What is the best compromise, with one rate for all steps? At the rate $\eta$ the slower of the two coordinates shrinks by
#
# $$\rho(\eta) = \max\big( |1 - \eta \lambda_{\min}|, |1 - \eta \lambda_{\max}| \big).$$
#
# The first falls with $\eta$, the second rises. The best rate is where they meet, $1 - \eta \lambda_{\min} = \eta \lambda_{\max} - 1$:
#
# $$\begin{gathered} \eta = \frac{2}{\lambda_{\min} + \lambda_{\max}}, \\ \boxed{\;\rho = \frac{\kappa - 1}{\kappa + 1}, \quad \kappa = \frac{\lambda_{\max}}{\lambda_{\min}}\;} \end{gathered}$$
#
# For a symmetric matrix with positive eigenvalues, as the Hessian of a bowl is, this $\kappa$ is the condition number from above. At $\kappa = 1$ one step is enough. For large $\kappa$ we have $\ln \rho \approx -2/\kappa$, so the number of steps grows in proportion to $\kappa$.
#
# :::{predict} number
# At the best rate, how many steps does a valley with $\kappa = 1000$ need until the distance is a millionth of what it was?
# :::


# %%
def steps_needed(κ, shrink=1e-6):
    lr, point, steps = 2 / (1 + κ), torch.ones(2, dtype=torch.float64), 0
    while point.norm() > shrink * 2**0.5:
        point, steps = point - lr * torch.tensor([1.0, κ]) * point, steps + 1
    return steps


kappas = [2.0, 5.0, 10.0, 30.0, 100.0, 300.0, 1000.0]
counted = [steps_needed(κ) for κ in kappas]
formula = [math.log(1e-6) / math.log((κ - 1) / (κ + 1)) for κ in kappas]

# %% tags=["hide-input"]
show(
    figures.steps_by_kappa(kappas, formula, counted),
    "Steps against the condition number on logarithmic axes: the counted points lie on"
    f" the predicted line, from {counted[0]} steps at a condition number of 2 to"
    f" {counted[-1]:,} at 1000.",
)

# %% tags=["hide-input"]
reveal(
    f"**{counted[-1]:,}** steps, by the formula {formula[-1]:,.0f}. Ten times the κ, ten times the steps:"
    f" κ = 100 needs {counted[kappas.index(100)]:,}.",
    right=counted[-1],
)

# %% tags=["hide-input"]
# 50 dimensions, eigenvalues from 1 to 100, axes turned at random: the last 50 of 1,000 steps
torch.manual_seed(0)
Q = torch.linalg.qr(torch.randn(50, 50, dtype=torch.float64)).Q
H = Q @ torch.diag(torch.logspace(0, 2, 50, dtype=torch.float64)) @ Q.T
point, distances = torch.ones(50, dtype=torch.float64), []
for _ in range(1000):
    point = point - 2 / 101 * (H @ point)
    distances.append(point.norm().item())
measured = (distances[-1] / distances[-51]) ** (1 / 50)
edge = [
    descend((1, 1), curvatures, 0.1 * s, 200)[-1].norm().item() for s in (0.99, 1.01)
]
evidence(
    "N9",
    "holds",
    f"In 50 dimensions with κ = 100 the distance shrinks by {measured:.5f} a step; predicted"
    f" {99 / 101:.5f}.",
    so="Ask for the largest curvature to set the rate, and for κ to know how long it will take.",
    more=f"At 0.99 times 2/λmax 200 steps leave {edge[0]:.2f} of a distance of {2**0.5:.2f}, at 1.01 times"
    f" they make it {edge[1]:.0f}.",
)

# %% [markdown]
# ## The cure: preconditioning
#
# If the valley is narrow, stretch it. Replace each gradient by $P^{-1} g$, where the matrix $P$ imitates the curvature:
#
# $$w \leftarrow w - \eta \, P^{-1} g.$$
#
# On a bowl with Hessian $H$ the factors are now $1 - \eta\,\mu$ with $\mu$ the eigenvalues of $P^{-1} H$. If $P = H$, all of them are equal, $\kappa = 1$, and one step does it. That is Newton's method. For a large network $H$ is too big to write down, so the art is to find a cheap $P$.
#
# **The cheapest preconditioner is a change of units.** Predict house prices from the floor area (in m²) and the number of rooms. The columns differ in size, so the loss has a narrow valley. Subtract each column's mean and divide by its standard deviation, and it is gone.

# %% tags=["hide-input"]
torch.manual_seed(0)
area = 120 + 30 * torch.randn(500, dtype=torch.float64)
rooms = 4 + torch.randn(500, dtype=torch.float64)
raw = torch.stack([area, rooms], dim=1)
centred = raw - raw.mean(0)
scaled = centred / centred.std(0)
kappa_of = {
    name: condition_number(X.T @ X)
    for name, X in (("raw", raw), ("centred", centred), ("standardised", scaled))
}
say(
    "κ of the Hessian: "
    + ", ".join(f"{name} **{κ:,.0f}**" for name, κ in kappa_of.items())
    + "."
)

# %% [markdown]
# From $\ln\rho \approx -2/\kappa$, descent to a millionth of the distance takes about $7 \kappa$ steps: tens of thousands on the raw features, a handful on the standardised ones. No optimizer was changed, only the units.
#
# **A diagonal $P$ is the next cheapest.** It gives each weight its own learning rate. That is what AdaGrad, RMSProp and Adam do in Part 3, with an estimate of the size of each weight's gradients in place of the curvature. It cures a valley that lies along the axes. Does it cure one that runs at 45°? [Predict it](#a-valley-at-45-degrees), and run it.

# %% [markdown]
# ## Going further
#
# ### The factor, measured
#
# *You see the library's source for the formula, and an experiment with a logarithm confirm its forecast.*
#
# In the library autograd supplies the slope.

# %% tags=["hide-input"]
show_source(relative_condition)

# %% [markdown]
# Check it against an experiment. Take $\log$ at $x = 1.001$, move $x$ by one part in a billion, and compare the two relative changes.

# %%
x = torch.tensor(1.001, dtype=torch.float64)
moved = torch.log(x * (1 + 1e-9)) / torch.log(x) - 1

# %% tags=["hide-input"]
say(
    f"Predicted factor: {relative_condition(torch.log, x):.1f}. Seen:"
    f" {moved / 1e-9:.1f}. So log loses about"
    f" **{digits_lost(relative_condition(torch.log, x).item()):.0f} digits** here."
)

# %% [markdown]
# ### A sum, and the straight line of the exponential
#
# *You see when a sum magnifies the errors of its terms, and whether a common offset of the logits costs softmax digits.*
#
# In a sum the terms cancel as $x - 1$ does. If each of $n$ terms is off by $\varepsilon$ of itself, the sum is off by up to $\varepsilon \sum |x_i|$, so its condition number is
#
# $$\kappa = \frac{\sum_i |x_i|}{\left| \sum_i x_i \right|},$$
#
# which is 1 if all terms have one sign, and without bound if they cancel. And the straight line of $e^x$: at $x = 100$ a *rounded* input costs two digits. Is that what breaks {doc}`stable-softmax`? It is not. Add a constant to logits that are exact, and the formula as written keeps all its digits, until it overflows.

# %% tags=["hide-input"]
terms = torch.tensor([3.0, -2.9, 0.001], dtype=torch.float64)
growth = (terms * (1 + 1e-9 * terms.sign())).sum() / terms.sum() - 1
z = torch.tensor([2.0, 1.0, 0.0, -3.0], dtype=torch.float64)
errors = [(naive_softmax(z + c) / softmax(z) - 1).abs().max() for c in (0, 100, 600)]
say(f"""
- sum of {terms.tolist()}: κ = {terms.abs().sum() / terms.sum().abs():.1f}, seen {growth / 1e-9:.1f}
- naive softmax in float64, offsets 0, 100 and 600: every relative error below 1e-15, **{max(errors) < 1e-15}**
""")

# %% [markdown]
# ### The bound is reached
#
# *You see the library's source, and a right side and an error for which the growth is $\kappa$ itself.*

# %% tags=["hide-input"]
show_source(condition_number)

# %% [markdown]
# Take $b$ along the direction that $A$ stretches most and the error along the one that it stretches least. The singular value decomposition $A = U \,\mathrm{diag}(\sigma)\, V^\top$ hands you both directions, as the first and the last column of $U$.

# %% tags=["hide-input"]
U, _, _ = torch.linalg.svd(tilted)
b, db = U[:, 0], 1e-6 * U[:, -1]
x, x_moved = torch.linalg.solve(tilted, b), torch.linalg.solve(tilted, b + db)
growth = ((x_moved - x).norm() / x.norm()) / (db.norm() / b.norm())
norms = [torch.linalg.matrix_norm(M, 2) for M in (tilted, tilted.inverse())]
say(
    f"The relative error grew by a factor of **{growth:.4f}**; κ is"
    f" {condition_number(tilted):.4f}, and ‖A‖ ‖A⁻¹‖ is {norms[0] * norms[1]:.4f}."
)

# %% [markdown]
# ### Condition numbers of Hilbert
#
# *You see how many digits a Hilbert matrix may cost at each size, until float64 has hardly any left.*

# %% tags=["hide-input"]
say("\n".join(["| n | κ | digits lost, at most |", "|--:|--:|--:|"]
    + [f"| {n} | {κ:.1e} | {digits_lost(κ):.1f} |" for n in range(2, 12) for κ in [condition_number(hilbert(n))]]))  # fmt: skip

# %% [markdown]
# ### Backward error
#
# *You see how to tell an algorithm's fault from the problem's without knowing the exact answer.*
#
# Ask for which input the computed $\hat{x}$ *is* the exact answer. The smallest relative change that leads to such an input is the {term}`backward error`, and for $A x = b$ it has a formula ({cite:t}`higham2002`, section 7.1):
#
# $$\eta = \frac{\lVert b - A \hat{x} \rVert}{\lVert A \rVert \, \lVert \hat{x} \rVert + \lVert b \rVert}.$$
#
# An algorithm is {term}`backward stable` if $\eta$ is a small multiple of $u$ for every input. Its answer is then off by about $2 \kappa \eta$ at most: one factor is the problem's, the other the algorithm's. Take Gaussian elimination, on the Hilbert matrix and on a matrix of two rows with $\kappa < 3$; on the second also without the exchange of rows that libraries do.
#
# :::{predict}
# Which of the three has a large backward error?
#
# - `a`: the Hilbert matrix alone
# - `b`: the two rows without exchange alone
# - `c`: both of these
# :::


# %%
def backward_error(A, x, b):
    norm = torch.linalg.matrix_norm(A, 2)
    return ((b - A @ x).norm() / (norm * x.norm() + b.norm())).item()


def without_exchange(A, b):  # Gaussian elimination on two rows, in the order given
    factor = A[1, 0] / A[0, 0]
    second = (b[1] - factor * b[0]) / (A[1, 1] - factor * A[0, 1])
    return torch.stack([(b[0] - A[0, 1] * second) / A[0, 0], second])


# %% tags=["hide-input"]
def size_of(error):  # its digits differ from machine to machine
    edges = {"below 1e-15": 1e-15, "1e-15 to 1e-6": 1e-6, "1e-6 to 0.01": 0.01}
    return next((name for name, edge in edges.items() if error < edge), f"{error:.1f}")


small = torch.tensor([[1e-20, 1.0], [1.0, 1.0]], dtype=torch.float64)
rows = []
for name, A, solve in (
    ("Hilbert, 10 rows, with exchange", hilbert(10), torch.linalg.solve),
    ("two rows, with exchange", small, torch.linalg.solve),
    ("two rows, without", small, without_exchange),
):
    b = A.sum(1)  # so that the answer is (1, ..., 1)
    x, one = solve(A, b), torch.ones(len(b), dtype=b.dtype)
    error = ((x - one).norm() / one.norm()).item()
    both = size_of(backward_error(A, x, b)), size_of(error)
    rows.append([name, f"{condition_number(A):.1e}", *both])
table(["system", "κ", "backward error", "error of x"], rows)

# %% [markdown]
# :::{answer} b
# The first answer is bad and the algorithm did nothing wrong. The last is bad although the problem is good: elimination without exchange is unstable.
# :::

# %% [markdown]
# ### The edge of the step
#
# *You see the run turn from converging to diverging at the very rate that the curvature predicts.*
#
# For each rate, run 60 steps and plot what is left of the distance.

# %%
rates = torch.linspace(0.002, 0.108, 213, dtype=torch.float64)
left = torch.stack(
    [descend((1, 1), curvatures, lr, 60)[-1].norm() / 2**0.5 for lr in rates]
)

# %% tags=["hide-input"]
show(
    figures.step_limit(rates, left, limit=2 / 20),
    "What is left of the distance after 60 steps. It falls as the rate grows, is"
    f" smallest at about {rates[left.argmin()]:.3f}, and climbs steeply through 1 at the"
    f" predicted limit of {2 / 20}.",
)

# %% [markdown]
# ### A valley at 45 degrees
#
# *You see whether dividing each entry by its own curvature still helps when the valley runs across the axes.*
#
# :::{predict}
# A diagonal preconditioner cures a valley along the axes. Does it cure one that runs at 45° across them?
#
# - `a`: yes, as well as one along the axes
# - `b`: in part: $\kappa$ falls to about its root
# - `c`: not at all
# :::


# %%
def losses_with(H, w, P, steps=30):
    μ = torch.linalg.eigvals(H / P[:, None]).real
    lr, history = 2 / (μ.min() + μ.max()), []
    for _ in range(steps):
        history.append((w @ H @ w / 2).item())
        w = w - lr * (H @ w) / P  # dividing by the diagonal, entry by entry, is P⁻¹ g
    return history


# %%
start, ones = (
    torch.tensor([1.0, 1.5], dtype=torch.float64),
    torch.ones(2, dtype=torch.float64),
)
aligned = torch.diag(torch.tensor([1.0, 100.0], dtype=torch.float64))
turn = torch.tensor([[1.0, -1.0], [1.0, 1.0]], dtype=torch.float64) / 2**0.5
turned = turn @ aligned @ turn.T
runs = {
    "no preconditioner": losses_with(aligned, start, ones),
    "diagonal, valley along the axes": losses_with(aligned, start, aligned.diagonal()),
    "diagonal, valley at 45°": losses_with(turned, turn @ start, turned.diagonal()),
}

# %% tags=["hide-input"]
show(
    figures.preconditioned(runs),
    "The loss on a logarithmic axis. With a diagonal preconditioner and the valley"
    " along the axes it is gone after one step; with the valley at 45 degrees it lies"
    " on the curve without any preconditioner.",
)

# %% tags=["hide-input"]
μ = torch.linalg.eigvals(turned / turned.diagonal()[:, None]).real
left_over = (μ.max() / μ.min()).item()
reveal(
    f"Turned by 45°, the diagonal preconditioner leaves κ at **{left_over:.0f}**; it was 100. Both diagonal entries of the"
    " Hessian are the same there, so dividing by them changes nothing. At smaller angles a diagonal helps in part. That is"
    " the gap which the second-order methods of Part 4 close, at a price.",
    right="c" if left_over > 50 else "b" if left_over > 5 else "a",
)

# %% [markdown]
# ### The same trap in least squares
#
# *You see a harmless matrix become singular before any solver starts, and QR find its weights all the same.*
#
# The chapter {doc}`one-training-step` solved linear regression by the normal equations $X^\top X w = X^\top y$. Forming $X^\top X$ *squares* the condition number: its singular values are $\sigma_i^2$. Here is a matrix ({cite:t}`lauchli1961`) where that is fatal. With $\epsilon = 2^{-13}$, its two columns are clearly different in float32, and $\kappa$ is a harmless $10^4$.

# %%
ϵ = 2.0**-13
X = torch.tensor([[1.0, 1.0], [ϵ, 0.0], [0.0, ϵ]])
gram = X.T @ X
by_qr = torch.linalg.lstsq(X, X.sum(1, keepdim=True)).solution.flatten()

# %% tags=["hide-input"]
say(f"""
- κ(X) = {condition_number(X):.0f}, and QR finds the weights ({by_qr[0]:.2f}, {by_qr[1]:.2f}); the true ones are (1, 1).
- $X^\\top X$ in float32 is {gram.tolist()}: its determinant is **{(gram[0, 0] * gram[1, 1] - gram[0, 1] * gram[1, 0]).item()}**.
""")

# %% [markdown]
# The diagonal of $X^\top X$ should be $1 + 2^{-26}$. Float32 has 24 bits, so it rounds to 1, and what made the columns different is gone before any solver starts. The problem was fine; squaring it was the unstable step.

# %% [markdown]
# ### Which variant is this?
#
# *You see how little the choice of norm moves the digits, and what a rate without $\lambda_{\min}$ costs in steps.*
#
# - **Which norm?** `torch.linalg.cond(A)` uses the 2-norm, as this chapter does. With `p=1` or `p=inf` you get another number for the same matrix. The two differ by a factor of $n$ at most, so the digits lost by $\log_{10} n$ at most.
# - **Distance or loss?** The rate $(\kappa-1)/(\kappa+1)$ is for the distance to the minimum. The loss is a square of it, so it falls by the square of the rate.
# - **Which learning rate?** The rate belongs to $\eta = 2/(\lambda_{\min} + \lambda_{\max})$. Many texts take $\eta = 1/\lambda_{\max}$, which needs no knowledge of $\lambda_{\min}$. Its rate is $1 - 1/\kappa$, and it takes about twice as many steps.
#
# Here are all three, on the same 8 × 8 Hilbert matrix and on the same valley.

# %% tags=["hide-input"]
H8 = hilbert(8)
norms = {
    p: digits_lost(torch.linalg.cond(H8, p=p).item()) for p in (2, 1, float("inf"))
}
κ = 100
steps = {
    name: math.log(1e-6) / math.log(ρ)
    for name, ρ in (("best", (κ - 1) / (κ + 1)), ("safe", 1 - 1 / κ))
}
say(f"""
- digits lost by the 8 × 8 Hilbert matrix: {norms[2]:.1f} in the 2-norm, {norms[1]:.1f} in the 1-norm, {norms[float("inf")]:.1f} in the ∞-norm
- steps to a millionth of the distance at κ = 100: {steps["best"]:.0f} at the best rate; to a millionth of the loss: {steps["best"] / 2:.0f}
- steps to a millionth of the distance at $\\eta = 1/\\lambda_{{\\max}}$: {steps["safe"]:.0f}
""")

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: digits of a logarithm (★)
#
# Compute the relative condition number of $\log x$ at $x = 0.999$.

# %%
answer = ...
check("1-numbers/condition-of-log", answer)

# %% tags=["remove-input"]
solution("1-numbers/condition-of-log")

# %% [markdown]
# ### Exercise 2: how many steps? (★)
#
# A bowl has the curvatures 1 and 50. You use the best learning rate. After how many steps is the distance to the minimum a thousandth of what it was? Give the number before rounding up.

# %%
answer = ...
check("1-numbers/steps-in-a-valley", answer)

# %% tags=["remove-input"]
solution("1-numbers/steps-in-a-valley")

# %% [markdown]
# ### Exercise 3: read the plot (★)
#
# Look at the figure of the correct digits of Hilbert systems. At zero, the error is as large as the answer. What is the first size at which float32 has less than half a digit left, as seen (not as predicted)?

# %%
answer = ...
check("1-numbers/no-digit-left", answer)

# %% tags=["remove-input"]
solution("1-numbers/no-digit-left")

# %% [markdown]
# ### Exercise 4: the cheapest preconditioner (★★)
#
# Write `standardise(X)`. It gets features of shape $(n, d)$ and returns them with mean 0 and standard deviation 1 in every column. A column that never changes becomes 0, not nan.


# %%
def standardise(X): ...


check("1-numbers/standardise", standardise)

# %% tags=["remove-input"]
solution("1-numbers/standardise")

# %% [markdown]
# ### An open experiment (★★★)
#
# Fit a polynomial to twenty points between 0 and 1 by descent at its best rate. How does $\kappa$ of the Hessian grow with the degree, for the features $1, x, x^2, \dots$ as they are, standardised, and made orthogonal by QR? Which degree can descent still learn in 10,000 steps? Write down what you expect first. There is no answer here.
#
# ## Summary
#
# - The condition number says how much a problem magnifies a relative error. Its logarithm is the number of digits that you can lose.
# - An ill-conditioned problem stays bad in exact arithmetic. An unstable algorithm ruins a good problem, and another algorithm mends it.
# - In a valley the steepest curvature limits the step to $2/\lambda_{\max}$, and with one learning rate for all steps descent shrinks the distance by $(\kappa - 1)/(\kappa + 1)$ a step at best. Preconditioning makes $\kappa$ smaller.
#
# ## References
#
# - {cite:t}`trefethen1997`: lectures 12 to 15 on conditioning and stability, and the difference between the two.
# - {cite:t}`higham2002`: what every algorithm of linear algebra does to rounding errors.
# - {cite:t}`forsythe1970`: the unstable recurrence, and other ways in which textbook mathematics fails on a computer.
# - {cite:t}`lauchli1961`: the least-squares matrix on which the normal equations fail.
# - {cite:t}`hilbert1894`: where the matrix comes from.
# - {cite:t}`goh2017`: the rate of descent on a quadratic, eigenvalue by eigenvalue, and what momentum adds.
