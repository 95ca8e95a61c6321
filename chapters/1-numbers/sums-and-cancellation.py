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
# # Sums and cancellation
#
# One rounding costs at most one part in sixteen million in `float32`. A difference of nearly equal numbers turns that into an error of 100 %. A long sum in 16 bits can lose most of its answer. This chapter shows how, and repairs both.
#
# **You will**
#
# - find where digits are lost, and rewrite the formula;
# - add many numbers so that the error does not grow with their count;
# - tell a bad method from a hard question, by a condition number and a backward error.
#
# **You need** {doc}`floating-point`: each result is rounded to the nearest float, $\operatorname{fl}(x + y) = (x + y)(1 + \delta)$ with $|\delta| \le u$; in `float32` $u$ is $2^{-24}$, in `bfloat16` $2^{-8}$; and what is smaller than half a gap is lost when it is added.
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $x$, $y$ | number | floats; in a sum $x$ is a vector of shape $(n,)$ with the terms $x_i$ |
# | $\operatorname{fl}(x)$ | number | $x$ rounded to the nearest float |
# | $\delta$, $\delta_i$ | number | the relative error of one rounding; the relative change of term $i$ |
# | $u$ | number | the unit roundoff, the largest $\lvert\delta\rvert$ of one rounding |
# | $\mu$, $v$ | number | mean and variance of some data |
# | $t$ | number | the rounded sum of two numbers |
# | $n$ | whole number | how many terms a sum has |
# | $s$, $\hat s$ | number | the exact sum of the $x_i$, and that of slightly changed terms, $x_i (1 + \delta_i)$ |
# | $\kappa$ | number, at least 1 | the condition number of a sum |
# | $h$, $f$ | number, function | the step of a finite difference, and the function that it is taken of |
# :::

# %% tags=["hide-input"]
import math
from fractions import Fraction

import torch

from book import numerics, results
from book.display import evidence, reveal, say, show, show_source, table
from book.exercises import check, solution
from book.figures import sums_and_cancellation as figures

u = 2.0**-24  # the unit roundoff of float32

# %% [markdown]
# ## A curve that should be flat
#
# For small $x$ the quotient $(1 - \cos x) / x^2$ is 1/2, to six digits everywhere in this picture. The cosine below is as good as `float32` can be: computed in `float64`, then rounded once.


# %%
def naive(x):
    return (1 - x.double().cos().float()) / x**2


# %% tags=["hide-input"]
x = torch.linspace(1e-5, 2e-3, 4000)
show(
    figures.should_be_flat(x, naive(x), 0.5),
    "Computed values against x. From the right a narrow band around one half opens into ever taller teeth: "
    f"each tooth falls along a curve and jumps up again. The tallest reaches {naive(x).max():.1f}; left of the "
    "last jump all values are 0.",
)

# %% [markdown]
# :::{predict}
# Which operation of the formula makes the teeth?
#
# - `a`: the cosine: it was rounded, and what follows only shows it
# - `b`: the subtraction: it loses the digits when it is rounded
# - `c`: the division by $x^2$, a tiny number
# :::
#
# Look at the subtraction alone: compute it a second time in `float64`, from the same rounded cosine, and compare.

# %%
cosine = x.double().cos().float()
difference = 1 - cosine
exact_difference = 1 - cosine.double()

# %% tags=["hide-input"]
inexact = (difference.double() != exact_difference).sum()
levels = len(difference.unique())
reveal(
    f"The subtraction was rounded in **{inexact}** of {len(x):,} cases. It is exact: when two floats are within a "
    "factor of two of each other, their difference always is (Sterbenz's lemma). But over the whole picture the "
    f"difference takes only {levels} values, for the rounded cosine takes no more. Each tooth is one of them, "
    "divided by a growing $x^2$.",
    right="a" if inexact == 0 else "b",
)

# %% [markdown]
# ## Cancellation
#
# Four of these numbers, one by one.

# %% tags=["hide-input"]
x = torch.tensor([1e-1, 1e-2, 1e-3, 1e-4])
table(
    ["$x$", "$(1 - \\cos x)/x^2$ in `float32`", "true"],
    [
        [f"{a:g}", f"**{b:.6f}**", f"{2 * math.sin(a / 2) ** 2 / a**2:.6f}"]
        for a, b in zip(x.tolist(), naive(x).tolist(), strict=True)
    ],
)

# %% [markdown]
# Each answer is worse than the one before, and the last is off by 100 %. Follow the error. Just below 1, floats stand $2^{-24} = u$ apart, so $\cos x$ is off by up to half of that, $u/2$. The subtraction does not add to this at all {cite:p}`sterbenz1974`. But its result, $1 - \cos x \approx x^2/2$, is tiny, and the old error $u/2$ is now measured against it:
#
# $$\text{relative error} \;\lesssim\; \frac{u/2}{x^2/2} = \frac{u}{x^2}.$$
#
# The leading digits, which were right, cancel. The last ones, which were rounded, are all that is left. That is {term}`cancellation`: the subtraction is innocent, it *reveals* an error made before.
#
# The cure is to not subtract. With $1 - \cos x = 2 \sin^2(x/2)$ the same number comes from a product, and a product keeps relative errors small.


# %%
def stable(x):
    return 2 * ((x / 2).double().sin().float() / x) ** 2


# %% tags=["hide-input"]
x = torch.logspace(-5, 0, 140)
truth = 2 * torch.sin(x.double() / 2) ** 2 / x.double() ** 2
errors = [(f(x).double() / truth - 1).abs() for f in (naive, stable)]
show(
    figures.cancellation(x, *errors, u / x.double() ** 2),
    "Relative error against x. The naive formula follows the line u over x squared "
    f"from x = 1 up to an error of 1 at x = {2.0**-12:.1e}, and stays there. The formula "
    f"with the sine never exceeds {errors[1].max():.0e}.",
)

# %% tags=["hide-input"]
within = errors[0][x > 2**-12] / (u / x.double()[x > 2**-12] ** 2)
say(
    f"Where the predicted bound is below 1, the largest error is **{within.max():.2f}** times the bound (at $x$ = "
    f"{x[x > 2**-12][within.argmax()]:.0f}, where $1 - \\cos x$ is {1 - math.cos(1):.2f} and not $x^2/2$ = 0.5). The stable formula errs by at most {errors[1].max() / u:.1f} $u$."
)

# %% [markdown]
# ### The textbook variance
#
# You meet the same pattern whenever a formula subtracts two nearly equal results: the slope of a function $f$ over a small step $h$, $(f(x+h) - f(x))/h$, or the variance as the mean of $x^2$ minus the square of the mean. A logarithm does it too: in $\log(1 + x)$ for tiny $x$, $1 + x$ is rounded, and the logarithm, near 0, reveals it (use `torch.log1p`).
#
# How bad is that variance? Let the mean be $\mu$ and the variance $v$. The formula subtracts two numbers of size $\mu^2$, each off by about $u \mu^2$, and what is left should be $v$. So it breaks where $u \mu^2 \approx v$: at a mean of about $1/\sqrt{u} = 4096$ standard deviations in `float32`.
#
# :::{predict}
# The data below have a variance of about 1. What may come out when their mean is 20,000?
#
# - `a`: 1, with three digits instead of seven
# - `b`: anything from about 0 to 2
# - `c`: any number up to a few tens in size, even a negative one
# :::


# %%
def textbook_variance(x):
    # Adds in pairs, with few roundings; how, you see below.
    mean = numerics.pairwise_sum(x) / len(x)
    return numerics.pairwise_sum(x**2) / len(x) - mean**2


torch.manual_seed(0)
noise = torch.randn(10_000)
means = (0, 100, 1000, 5000, 20_000, 100_000)
found = {mean: textbook_variance(noise + mean).item() for mean in means}

# %% tags=["hide-input"]
table(
    ["mean", "mean of squares - square of mean, `float32`", "true"],
    [
        [f"{m:,}", f"{v:.2f}", f"{(noise + m).double().var(correction=0):.2f}"]
        for m, v in found.items()
    ],
)

# %% tags=["hide-input"]
at, size = found[20_000], u * 20_000**2
reveal(
    f"**{at:.0f}** came out. Two numbers near {20_000**2:,} were subtracted, each off by about {size:.0f}; what is "
    "left of them may have any size near that, and either sign. A standard deviation is the root of this, and "
    "the root of a negative number is `nan`. `torch.var` uses another method, Welford's, which never subtracts "
    "two large squares.",
    right="c" if at < 0 or at > 2 else "b",
)

# %% [markdown]
# ## The order of a sum
#
# Add 0.1 to itself 4,096 times in `bfloat16`, from left to right. The answer should be 409.6.
#
# :::{predict}
# Use what you know about gaps: where does the sum stop? The gap of `bfloat16` is $2^{-7}$ at 1, and doubles with each power of two.
#
# - `a`: at 4
# - `b`: at 32
# - `c`: at 256
# - `d`: it does not stop
# :::

# %%
terms = torch.full((4096,), 0.1, dtype=torch.bfloat16)
total = numerics.naive_sum(terms)

# %% tags=["hide-input"]
gaps = numerics.ulp(torch.tensor([16, 32], dtype=torch.bfloat16)).tolist()
reveal(
    f"It stops at **{total.item():.0f}**. The gap is {gaps[0]} at 16 and {gaps[1]} at 32, so half a gap "
    f"({gaps[1] / 2}) is more than 0.1 for the first time. The terms are fine and the result would fit; only the "
    "*partial sums* are too large for what is added to them.",
    right={4: "a", 32: "b", 256: "c"}.get(total.item(), "d"),
)

# %% [markdown]
# Two cures. {term}`Pairwise <pairwise summation>`: add neighbours, then add neighbours of those sums, and so on, so that numbers of similar size meet. Of $n$ terms, each then passes through only $\log_2 n$ additions instead of up to $n$. {term}`Kahan's <compensated summation>`: go from left to right, and carry along what the last rounding lost {cite:p}`kahan1965`. (The decorators only check the argument.)

# %% tags=["hide-input"]
show_source(numerics.naive_sum, numerics.pairwise_sum, numerics.kahan_sum)

# %% [markdown]
# Kahan's rests on a small miracle: the rounding error of an addition is itself a float, and you can compute it. If $|x| \ge |y|$ and $t = \operatorname{fl}(x + y)$, then
#
# $$t - (x + y) \;=\; (t - x) - y,$$
#
# and the right side, computed in floats, is not rounded at all {cite:p}`dekker1971`. [The lost part, checked](#the-lost-part-checked) tries it on 100,000 pairs.
#
# How much better are they? For $n$ terms of one sign, the relative error of the sum is bounded (to first order in $u$) by {cite:p}`higham1993`
#
# - from left to right: $(n - 1) \, u$
# - pairwise: $\lceil \log_2 n \rceil \, u$
# - Kahan's: $2u$
#
# A bound is the worst case, and random rounding errors partly cancel.
#
# :::{predict}
# For 16,384 random terms the bound of the plain sum is 16,383 $u$. How far below it does the plain sum stay?
#
# - `a`: not far, by less than a factor of ten
# - `b`: by a factor of ten to a thousand
# - `c`: by more than a factor of a thousand: it is as good as the others
# :::

# %%
WAYS = {
    "left to right": numerics.naive_sum,
    "pairwise": numerics.pairwise_sum,
    "Kahan": numerics.kahan_sum,
}
sizes = [2**k for k in range(4, 15, 2)]
worst = {name: [0.0] * len(sizes) for name in WAYS}
for seed in range(5):
    torch.manual_seed(seed)
    for i, x in enumerate(torch.rand(n) for n in sizes):
        truth = math.fsum(x.tolist())
        for name, add in WAYS.items():
            worst[name][i] = max(worst[name][i], abs(add(x).item() - truth) / truth)

# %% tags=["hide-input"]
bounds = {
    "left to right": [(n - 1) * u for n in sizes],
    "pairwise": [math.ceil(math.log2(n)) * u for n in sizes],
    "Kahan": [2 * u for n in sizes],
}
show(
    figures.summation(sizes, worst, bounds),
    "Relative error of three sums against the number of terms, the worst of the seeds. "
    "Left to right it grows with n, far below its bound; pairwise and Kahan's stay at "
    f"or below {max(worst['pairwise'] + worst['Kahan']):.0e}. All stay below their dashed "
    "bounds.",
)

# %% tags=["hide-input"]
equal = torch.full((sizes[-1],), 0.1)
truth = math.fsum(equal.tolist())
off = abs(numerics.naive_sum(equal).item() - truth) / truth
factor = bounds["left to right"][-1] / worst["left to right"][-1]
largest = max(worst["pairwise"] + worst["Kahan"]) / u
held = sum(
    e <= b for name in WAYS for e, b in zip(worst[name], bounds[name], strict=True)
)
reveal(
    f"With {sizes[-1]:,} random terms the plain sum stays **{factor:.0f} times** below "
    f"its bound. The other two never exceed {largest:.1f} $u$. Within the bounds: "
    f"{held} of {3 * len(sizes)}.\n\n"
    f"Caveat: the terms were random. With {len(equal):,} equal `float32` terms of 0.1 many roundings go the same "
    f"way: the sum is off by {off / u:,.0f} $u$, {bounds['left to right'][-1] / off:.1f} times below its bound.",
    right="a" if factor < 10 else "b" if factor < 1000 else "c",
)

# %% [markdown]
# ## Is it the method, or the question?
#
# So far all terms had one sign. Take $1000 - 999 + 1 = 2$, and let each term be off by one part in a thousand: the result may be off by 2, that is by 100 %. No method of adding is to blame. The question is sensitive, and the {term}`condition number` says how much:
#
# $$\kappa = \frac{\sum_i |x_i|}{\bigl|\sum_i x_i\bigr|} \ge 1.$$
#
# Terms of one sign have $\kappa = 1$; in the example $\kappa = 2000/2 = 1000$. Let $s$ be the exact sum of the $x_i$, and $\hat s$ that of slightly changed terms, $x_i (1 + \delta_i)$. The difference is $\sum_i x_i \delta_i$, in size at most $\max_i |\delta_i|$ times $\sum_i |x_i|$. Divide by $|s|$:
#
# $$\boxed{\; \frac{|\hat s - s|}{|s|} \;\le\; \kappa \, \max_i |\delta_i| \;}$$
#
# Kahan's sum stayed below $2u$ for terms of one sign. Now take 1,000 terms, half of them positive, half negative, that cancel more and more.
#
# :::{predict}
# At $\kappa = 10^5$, what is the relative error of Kahan's sum?
#
# - `a`: still below $2u$
# - `b`: more than $2u$, but no more than $\kappa u$
# - `c`: more than $\kappa u$
# :::


# %%
def condition(x):
    terms = [Fraction(v) for v in x.tolist()]
    return float(sum(map(abs, terms)) / abs(sum(terms)))


def cancelling(seed, kappa):
    torch.manual_seed(seed)
    positive = torch.rand(500)
    # The nearer kappa, the condition number, is to 1, the smaller; at 1 all are 0.
    negative = -positive * (kappa - 1) / (kappa + 1)
    return torch.cat([positive, negative])[torch.randperm(1000)]


points = {name: [] for name in WAYS}
for x in (cancelling(seed, 10.0**k) for seed in range(5) for k in range(6)):
    truth = sum(map(Fraction, x.tolist()))
    for name, add in WAYS.items():
        error = abs(Fraction(add(x).item()) - truth) / abs(truth)
        points[name].append((condition(x), float(error)))

# %% tags=["hide-input"]
show(
    figures.condition_of_sums(points, 999 * u, u),
    "Relative errors of the three sums against the condition number, both axes logarithmic. All rise with the "
    "condition number, most of them in proportion to it from about a thousand on; Kahan's lie lowest, near flat "
    "at first; all lie below the dashed bound.",
)

# %% tags=["hide-input"]
last = [error for kappa, error in points["Kahan"] if kappa > 5e4]
times = {
    name: max(error / (kappa * u) for kappa, error in pairs)
    for name, pairs in points.items()
}
reveal(
    f"From {min(last) / u:.0f} to **{max(last) / u:,.0f}** $u$ at the largest condition number. Kahan's result "
    "is the exact sum of slightly changed terms, and the question multiplies these changes. "
    "The largest error, in units of $\\kappa u$, was "
    + ", ".join(f"{value:.2f} ({name})" for name, value in times.items())
    + ". A better method lowers the error at each $\\kappa$. An exact one, such as `math.fsum`, takes the dependence "
    "away; but then the roundings that the terms themselves had before are multiplied all the same.",
    right="a" if max(last) <= 2 * u else "b" if max(last) <= 1.2e5 * u else "c",
)

# %% [markdown]
# ### The exact answer to a question nearby
#
# The box speaks of changed terms. That is a fruitful way to look at *any* computation: not "how wrong is the answer?" but "to which question is it the exact answer?" The change is called the {term}`backward error`. For a sum from left to right each addition multiplies all that it has collected by $1 + \delta$, so the computed sum is the exact sum of the terms $x_i (1 + \delta_i)$ with, to first order, $|\delta_i| \le (n - 1)\,u$ {cite:p}`higham2002`.
#
# You can build these terms. Fractions are exact, so nothing here is rounded but the sum itself.
#
# :::{predict}
# For 200 random terms the bound is 199 $u$. By how much were the terms changed, at most?
#
# - `a`: by about 200 $u$
# - `b`: by about 10 $u$
# - `c`: by less than 1 $u$
# :::

# %%
torch.manual_seed(0)
x = 2 * torch.rand(200) - 1
changed, total = [], torch.zeros(())
for term in x:
    exact = Fraction(total.item()) + Fraction(term.item())
    total = total + term
    factor = Fraction(total.item()) / exact  # 1 + the relative error of this rounding
    changed = [factor * c for c in [*changed, Fraction(term.item())]]

# %% tags=["hide-input"]
moved = (
    max(
        abs(float(c / Fraction(v) - 1))
        for c, v in zip(changed, x.tolist(), strict=True)
    )
    / u
)
same = sum(changed) == Fraction(total.item())
reveal(
    f"By at most **{moved:.1f}** $u$. The sum of the changed terms, as fractions, is the computed sum exactly: "
    f"{same}. If the terms are measurements with five digits, that change is far below what you do not "
    "know about them, and the sum is as good as they allow.",
    right="a" if moved > 100 else "b" if moved > 1 else "c",
)

# %% [markdown]
# Put the two together, and you have the rule that the rest of the book uses, for sums, systems of equations and gradients alike:
#
# $$\text{error} \lesssim \text{condition} \times \text{backward error}.$$
#
# The condition number belongs to the question, the backward error to the method. A method with a small backward error is called **stable**. $(1 - \cos x)/x^2$ was a good question ($x$ changed by one part in a million changes it by far less) and a method that is not stable: rewrite it. A sum with $\kappa = 10^6$ is a hard question: ask another, or keep more digits. {doc}`conditioning` does the same for matrices.
#
# ## Use it
#
# | You see | It is | Do |
# |:--|:--|:--|
# | a variance below 0, `nan` in a standard deviation | the difference of two large squares | `torch.var`, or take the mean off first |
# | an average that stops moving after many batches | a running sum in few bits | sum in `float32` or `float64`; average per epoch |
# | $e^x - 1$ that is 0 for small $x$ | cancellation with 1 | `torch.expm1` |
# | $\log(1 + x)$ that is 0 for small $x$ | $1 + x$ is rounded, and the logarithm, near 0, reveals it | `torch.log1p` |
# | $\log$ of a sum of exponentials | overflow or underflow | `torch.logsumexp` ({doc}`stable-softmax`) |
# | a gradient check that fails for a small step | cancellation in the finite difference | `float64`, and a step near $\sqrt{u}$ |
# | two runs that differ in the last digits | another order of the sums | nothing; or `torch.use_deterministic_algorithms(True)` |
#
# Before you blame the method, measure the question. This needs only PyTorch:


# %%
def sum_report(x):
    wide = x.double()
    kappa = (wide.abs().sum() / wide.sum().abs()).item()
    unit = torch.finfo(x.dtype).eps / 2
    return {"condition": kappa, "digits at best": -math.log10(min(1.0, kappa * unit))}


# %% tags=["hide-input"]
torch.manual_seed(0)
samples = {
    "torch.rand(10_000)": torch.rand(10_000),
    "torch.randn(10_000)": torch.randn(10_000),
}
reports = {name: sum_report(x) for name, x in samples.items()}
table(
    ["`float32` terms", "condition number of the sum", "digits at best"],
    [
        [f"`{n}`", f"{r['condition']:.0f}", f"{r['digits at best']:.1f}"]
        for n, r in reports.items()
    ],
)

# %% [markdown]
# ## Going further
#
# ### The lost part, checked
#
# *You see two subtractions in floats recover exactly what an addition rounded away, pair after pair.*
#
# If $|x| \ge |y|$ and $t = \operatorname{fl}(x + y)$, then $(t - x) - y$, computed in floats, is exactly what the rounding added. Check it before you believe it: on 100,000 random pairs, $(t - x) - y$ in `float32`, and $t - (x + y)$ in `float64`, where it is exact for numbers of these sizes.

# %%
torch.manual_seed(0)
x = 4096 + 4096 * torch.rand(100_000)
y = 2 * torch.rand(100_000) - 1
t = x + y
lost = (t - x) - y
exact = t.double() - (x.double() + y.double())

# %% tags=["hide-input"]
say(
    f"Additions that were rounded: {(exact != 0).sum():,}. "
    f"The lost part was exact in **{(lost.double() == exact).sum():,}** of 100,000."
)

# %% [markdown]
# ### How `torch.sum` adds
#
# *You see `torch.sum` beside the chapter's sums, and why two machines may differ in the last digit.*
#
# `torch.sum` does not add from left to right. It adds in blocks, close to pairwise, and keeps 16-bit sums in `float32` inside. The order depends on the hardware, so two machines may differ in the last digit. That is not a bug; floating-point addition is not associative.

# %% tags=["hide-input"]
ways = {**WAYS, "`torch.sum`": torch.sum}
say(
    "The 4,096 terms of 0.1 in `bfloat16` again: "
    + ", ".join(f"{name} **{add(terms).item():.0f}**" for name, add in ways.items())
    + f". The nearest `bfloat16` to {4096 * 0.1} is"
    f" {torch.tensor(4096 * 0.1).bfloat16().item():.0f}."
)

# %% [markdown]
# ### Why not compute exactly?
#
# *You see what fractions and long decimals cost for each addition, and where they cannot help at all.*
#
# Python can. `fractions.Fraction` keeps a numerator and a denominator of any length and never rounds. `decimal.Decimal` rounds as well, but to as many decimal digits as you ask for. Why not compute with these, and forget the rest of this chapter?
#
# :::{predict}
# How many times slower than one `float64` addition in Python is one exact addition of 10,000 fractions?
#
# - `a`: about twice
# - `b`: tens of times
# - `c`: ten thousand times
# :::

# %% tags=["hide-input"]
sums = results.load("sums")
ways = {row["number"]: row for row in sums["results"]["rows"]}
errs = [(name, way) for name, way in ways.items() if way["relative_error"] > 0]
show(
    figures.cost_of_exactness(
        [(name, w["ns_per_term"], w["relative_error"]) for name, w in ways.items()]
    ),
    "Relative error of a sum against its time per term. Fraction has error 0 and is "
    "the slowest by far. The others err by: "
    + "; ".join(f"{name} {way['relative_error']:.0e}" for name, way in errs)
    + ". torch.sum is the fastest.",
)

# %% tags=["hide-input"]
first, *_, last = sums["results"]["harmonic"]
slower = ways["Fraction"]["times_float64"]
reveal(
    f"**{slower:.0f}** times. Measured on {sums['date']} with `{sums['command']}` on one core of an "
    f"{sums['hardware']['processor']}: one sum of {sums['results']['terms']:,} terms, "
    "added one at a time from Python except for `torch.sum`. The denominator of 1/1 + "
    f"1/2 + … + 1/n has {first['denominator_digits']} digits at n = {first['terms']:,} "
    f"and **{last['denominator_digits']:,}** at n = {last['terms']:,}.",
    right="a" if slower < 10 else "b" if slower < 1000 else "c",
)

# %% tags=["hide-input"]
error = {name: f"{way['relative_error']:.1e}" for name, way in ways.items()}
times = {name: f"{way['times_float64']:.0f}" for name, way in ways.items()}
evidence(
    "N6",
    "holds with a caveat",
    f"The sum as Fraction is exact, and takes {times['Fraction']} times as long as float64 in Python.",
    "Compute exactly in tests, to judge a method; train in floats, and with care.",
    f"The relative error of the same sum is {error['Decimal, 28 digits']} as Decimal, {error['float64']} in "
    f"float64 and {error['float32']} in float32; Decimal takes {times['Decimal, 28 digits']} times as long as "
    "float64. The caveat: Decimal rounds too, and no root, exponential or logarithm is a fraction.",
)

# %% [markdown]
# Two caveats. `Decimal` does not avoid rounding, it only moves it further out. And `Fraction` has no exponential, no logarithm and no square root, because the results are not fractions; there is no exact softmax. Even where everything *is* a fraction, the denominators grow without end. What you can afford in a training run is floats, and care.
#
# ### What an operation costs
#
# *You see a common rule about clock cycles tested on a chain, on twelve chains and on a matrix product.*
#
# It is often said that a processor does one floating-point operation per clock cycle. Two different questions hide in that sentence. **Latency**: how long until *this* result is ready, so that the next operation can use it? **Throughput**: how many results per second, when they do not wait for each other?
#
# :::{predict}
# A chain of multiply-adds, each waiting for the one before; twelve chains side by side; a large matrix product. Which of them comes near one operation per cycle?
#
# - `a`: all three
# - `b`: the matrix product is near one, the others are far below
# - `c`: the chain is below one, the matrix product is far above
# :::

# %% tags=["hide-input"]
flops = results.load("flops")
rows = flops["results"]["rows"]
show(
    figures.rates([(row["work"], row["per_clock"]) for row in rows]),
    "Operations per clock cycle on a logarithmic axis, with a dashed line at one. "
    "The chain in which each step waits is below one; twelve chains at a time are "
    "above; vectors and matrix products are far above.",
)

# %% tags=["hide-input"]
one_core = flops["results"]
waiting, matmul = rows[0], rows[-1]
reveal(
    f"The chain reaches **{waiting['per_clock']:.2f}** a cycle, the matrix product **{matmul['per_clock']:.0f}**. "
    "A multiply-add counts as two operations. A chain of them is bound by latency. Independent ones overlap in "
    "the pipeline, vectors carry several numbers per instruction, and a matrix product has enough independent "
    "work for both.",
    right="c" if waiting["per_clock"] < 1 < matmul["per_clock"] / 5 else "b",
)

# %% tags=["hide-input"]
say(
    f"Measured on {flops['date']} with `{flops['command']}` on one core of an "
    f"{flops['hardware']['processor']}, at a measured clock of "
    f"{one_core['clock_ghz']:.2f} GHz. The peak is an assumption: "
    f"{one_core['peak_assumes']}."
)

# %% tags=["hide-input"]
evidence(
    "N7",
    "false",
    f"A multiply-add that waits for the one before takes {one_core['latency_clocks']:.1f} clocks.",
    "Expect speed from independent work: batches, vectors, matrix products. A loop of dependent steps stays slow "
    "on any chip.",
    f"The waiting chain is {waiting['per_clock']:.2f} operations a clock; a float32 matrix product reaches "
    f"{matmul['per_clock']:.0f} a clock on the same core, {matmul['of_peak']:.0%} of its assumed peak.",
)

# %% [markdown]
# So "one operation per clock" is wrong in both directions, and it matters here for two reasons. A sum from left to right is a chain: each addition waits for the one before. Several partial sums at once are faster *and* more accurate, and `torch.sum` works that way. And the FLOP/s that a chip is sold with are throughput, of independent multiply-adds in full vectors. Large matrix products come near them; a chain of dependent steps never does.
#
# ## Exercises
#
# ### Exercise 1: a sum that cancels (★)
#
# What is the condition number of the sum $500 - 499 + 1$?

# %%
answer = ...
check("1-numbers/condition-of-a-sum", answer)

# %% tags=["remove-input"]
solution("1-numbers/condition-of-a-sum")

# %% [markdown]
# ### Exercise 2: read the plot (★★)
#
# The plot shows how well the finite difference $(\sin(1 + h) - \sin(1)) / h$, computed in `float32`, agrees with the true slope $\cos(1)$, for steps $h$ from $2^{-23}$ to $1/2$. (The sine itself is rounded only once.)

# %% tags=["hide-input"]
h = 2.0 ** torch.arange(-23, 0)
sines = [(1 + step).double().sin().float() for step in (h, torch.zeros(()))]
slope = (sines[0] - sines[1]) / h
error = (slope.double() / math.cos(1) - 1).abs()
show(
    figures.finite_difference(h, error),
    "The relative error of the slope against the step h, both axes logarithmic: a V. "
    f"From right to left it falls in proportion to h to {error.min():.0e} at "
    f"h = {h[error.argmin()]:.1e}, then rises again, unevenly, as 1 over h, to nearly 1.",
)

# %% [markdown]
# You run the same in `float64`. What happens to the V?
#
# - `a`: the left branch moves down, the right one stays, so the lowest point moves left and down
# - `b`: the right branch moves down, the left one stays, so the lowest point moves right and down
# - `c`: both branches move down by the same factor, and the lowest point stays at the same $h$
# - `d`: nothing changes, because the error comes from the formula, not from the format

# %%
answer = ...
check("1-numbers/finite-difference", answer)

# %% tags=["remove-input"]
solution("1-numbers/finite-difference")

# %% [markdown]
# ### Exercise 3: a variance that survives (★★★)
#
# Write `variance(x)`. It gets a float tensor of shape $(n,)$ and returns the mean squared distance from the mean, divided by $n$ (not $n - 1$). It must survive data whose mean is a hundred thousand times the spread, without changing the dtype, and without `torch.var` or `torch.std`.


# %%
def variance(x): ...


check("1-numbers/stable-variance", variance)

# %% tags=["remove-input"]
solution("1-numbers/stable-variance")

# %% [markdown]
# ### An open experiment
#
# A minibatch gradient is a sum over examples, and near a minimum the examples disagree. Take a network of yours before and after training, and measure the condition number of that sum for some weights: the mean of the sizes of the per-example gradients over the size of their mean. How does it grow during training, and how many digits does `bfloat16` leave you? There is no answer here.
#
# ## Summary
#
# - A difference of nearly equal numbers is exact, and reveals the roundings made before. Rewrite it, so that nothing is subtracted.
# - A plain sum loses what is small against its partial sums, up to $(n - 1)u$. Pairwise sums and Kahan's do not grow so with $n$.
# - The error of an answer is the condition number of the question times the backward error of the method. At a condition number of $1/u$, terms that were rounded once decide no digit.
#
# ## References
#
# - {cite:t}`higham2002`: chapters 1 to 4, on cancellation, backward error and summation.
# - {cite:t}`higham1993`: ways to add, with their bounds.
# - {cite:t}`goldberg1991`: Kahan's sum with its proof.
# - {cite:t}`muller2018`: the handbook, for what else can be computed exactly.
