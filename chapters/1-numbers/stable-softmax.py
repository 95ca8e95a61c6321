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
# # Stable softmax
#
# Three ordinary scores are enough to break it, and one subtraction mends it. The loss that follows needs one mend more, and it is the one that people forget.
#
# (put-softmax-under-stress)=
# Softmax makes probabilities of scores. Here it is twice, *naive* and *stable*, for the scores 20, 10 and 0. *Add to all* shifts the three by one offset, and no probability should change. Raise it, then lower it. **At which two offsets does a column become** `nan`, **and which one?**

# %% tags=["hide-input"]
import math

import torch
import torch.nn.functional as F
from torch import nn

from book.display import evidence, reveal, say, show, show_source, table
from book.exercises import check, solution
from book.explorers import SoftmaxStress
from book.figures import stable_softmax as figures
from book.numerics import (
    cross_entropy,
    log_softmax,
    logsumexp,
    naive_softmax,
    sigmoid,
    softmax,
    softplus,
)

# %% tags=["hide-input"]
SoftmaxStress(logits=[20, 10, 0], offset=0, dtype="float32")

# %% [markdown]
# **You will**
#
# - derive the two shifts, of softmax and of its logarithm, that keep every exponential in range;
# - predict, from the {term}`dtype` alone, the gap between two scores at which a loss or its gradient dies, and measure it;
# - watch a training run die of a probability that nobody asked for.
#
# **You need** three facts:
#
# - in {term}`float32` `exp` {term}`overflows <overflow>` to `inf` above 88.7 and {term}`underflows <underflow>` to 0 below $-104$ ({doc}`floating-point`);
# - `inf / inf` and `0 / 0` are `nan`, and nothing warns you;
# - the derivative of $e^x$ is $e^x$, that of $\log x$ is $1/x$.
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $z$ | $(C,)$ | the logits: one score for each of $C$ classes |
# | $p$ | $(C,)$ | the probabilities that softmax makes of them |
# | $c$, $m$ | numbers | a constant that is subtracted; the largest logit, $\max_j z_j$ |
# | $S$ | number | the sum of the exponentials; its logarithm is $\operatorname{LSE}(z)$ |
# | $t$ | number | the right class |
# | $\Delta$ | number | the gap: by how much the right class lies below the winner |
# | $L$ | number | the loss |
# | $y$ | $(C,)$ | the one-hot target: 1 at $t$, else 0; with a sigmoid the label, 0 or 1 |
# | $N$ | number | rows of a batch |
# | $M$, $s$ | numbers | a format's largest number and its smallest subnormal one |
# | $\varepsilon$ | number | machine epsilon |
# | $\delta$ | number | a small constant that is added, or at which $p$ is clipped |
# | $d$ | number | the sum in units of $e^m$, when softmax runs in one loop |
# | $T$ | number | the temperature |
# | $n$, $g$ | numbers | in exercises: how many equal logits; the gap |
# | $x$, $\sigma(x)$ | as $x$ | any tensor of scores; the sigmoid of each |
# :::
#
# ## Three scores that break it
#
# A classifier ends in scores, one for each class: the {term}`logits` $z$, shape $(C,)$, any real numbers. {term}`Softmax <softmax>` turns them into probabilities, all positive, with sum 1:
#
# $$p_i = \frac{e^{z_i}}{\sum_{j=1}^{C} e^{z_j}}, \qquad p \text{ of shape } (C,).$$
#
# Take $z = (1000, 990, 980)$. You can do this one in your head: each score is 10 below the one before, so each probability should be $e^{-10} \approx 0.000045$ times the one before, and the first is nearly 1.
#
# :::{predict}
# What does the formula give, typed as it stands, in float32?
#
# - `a`: nearly 1, and two small numbers, as in your head
# - `b`: three times `inf`
# - `c`: three times `nan`
# - `d`: an exception
# :::

# %%
z = torch.tensor([1000.0, 990.0, 980.0])
z.exp() / z.exp().sum()

# %% [markdown]
# :::{answer} c
# Three times `nan`, with no warning and no exception.
# :::
#
# How many digits does each exponential have before the decimal point, and how many does a format hold?

# %% tags=["hide-input"]
show(
    figures.exponentials(z.tolist(), [torch.float32, torch.float64]),
    "Three bars, the number of digits of exp(1000), exp(990) and exp(980):"
    f" {', '.join(f'{1 + v // math.log(10):.0f}' for v in z.tolist())}. The lines that"
    " mark the largest float32 and float64 lie far to the left of their ends.",
)

# %% [markdown]
# All three are beyond every format, so all three become `inf`, and `inf / inf` has no meaning: `nan`. Note that the *answer* is harmless. Only the way to it leads over numbers of 435 digits.
#
# ## Why a shift changes nothing
#
# Subtract the same constant $c$ from every logit. Each exponential shrinks by the same factor, and the factor cancels:
#
# $$
# \frac{e^{z_i - c}}{\sum_j e^{z_j - c}} = \frac{e^{-c} \, e^{z_i}}{e^{-c} \sum_j e^{z_j}} = \frac{e^{z_i}}{\sum_j e^{z_j}} = p_i.
# $$
#
# Softmax sees only the *differences* between logits. $(1000, 990, 980)$, $(20, 10, 0)$ and $(0, -10, -20)$ are one question. That is exact arithmetic. In floats some constants are better than others.
#
# :::{predict}
# Which constants $c$ rescue all three probabilities of $(1000, 990, 980)$ in float32?
#
# - `a`: every $c$ above about 911
# - `b`: only $c$ between 980 and 1000, among the logits
# - `c`: every $c$ from about 911 to about 1084
# :::

# %%
shifts = torch.arange(880, 1136.5, 0.5)
exact = softmax(z.double())
shifted = naive_softmax(z - shifts[:, None])
errors = ((shifted - exact) / exact).abs().amax(1).nan_to_num(nan=torch.inf)

# %% tags=["hide-input"]
works, finite = shifts[errors < 1], shifts[errors.isfinite()]
show(
    figures.corridor(shifts, errors, z.max().item(), floor=1e-6),
    "Error of softmax against the constant subtracted. Constants from"
    f" {works.min():.1f} to {works.max():.1f} give an error below one, most of them"
    " below one millionth. To the left the exponentials overflow and give nan. To the"
    f" right, up to {finite.max():.1f}, the smaller ones are lost and the error is 1,"
    " and from there all of them underflow, which gives nan. The largest logit, 1000,"
    " lies inside.",
)

# %% tags=["hide-input"]
reveal(
    f"There is a corridor, from **{works.min():.1f}** to **{works.max():.1f}**. Beyond it the third"
    f" probability is lost (error 1), and after {finite.max():.1f} all three are `nan`.",
    right="c" if abs(works.min() - 911) < 2 and abs(works.max() - 1084) < 2 else "a",
)

# %% [markdown]
# At the left edge of the corridor $1000 - c$ reaches 88.7. At its right edge $980 - c$ reaches $-104$, and the smallest exponential becomes 0. Shortly before that the error climbs: {term}`subnormal` numbers have few digits. Twenty units further even the largest exponential is 0, and the denominator with it. The naive column of the opening has the same two ends: its largest score is 20, so it is `nan` above an offset of $88.7 - 20 = 68.7$ and below $-104 - 20 = -124$.
#
# You want one constant that lies in the corridor whatever the logits are. The maximum, $m = \max_j z_j$, does:
#
# - every exponent $z_j - m$ is at most 0, so **no exponential exceeds 1** and nothing overflows;
# - the exponent of the largest logit is exactly 0, so the denominator holds at least one term $e^0 = 1$, and at most $C$ of them:
#
# $$1 \le \sum_{j=1}^{C} e^{z_j - m} \le C.$$
#
# A denominator that is neither 0 nor `inf` (in float16, for up to 65,504 classes) cannot spoil a quotient:
#
# $$\boxed{\; p_i = \frac{e^{z_i - m}}{\sum_{j} e^{z_j - m}}, \qquad m = \max_j z_j \;}$$
#
# **The shift changes no gradient either.** The result is the same for every $c$, so its derivative for $c$ is 0, whatever $c$ depends on, and $m$ may be a constant. Here are the library's own lines, naive and mended (`x` is any tensor whose axis `dim` runs over the classes; `largest` is its maximum along that axis, a constant to {term}`automatic differentiation`).

# %% tags=["hide-input"]
show_source(naive_softmax, softmax)

# %% [markdown]
# ## Underflow: harmless until you take the log
#
# The shift removes overflow. It cannot remove *underflow*: a logit that lies 110 below the maximum gets the probability $e^{-110} \approx 1.7 \cdot 10^{-48}$, and the smallest positive float32 is $1.4 \cdot 10^{-45}$. It becomes 0.
#
# For the probability this is harmless. It is off by $10^{-48}$, and sums still give 1. But a classifier is not trained on probabilities. It is trained on their logarithm: the {term}`cross-entropy` loss is $-\log p_t$, where $t$ is the right class.
#
# :::{predict}
# The right class lies 110 below the winner, so by the formula the loss is 110. What do you get from `-softmax(z).log()` in float32?
#
# - `a`: 110
# - `b`: about 104, the most that float32 can tell
# - `c`: `inf`
# - `d`: `nan`
# :::

# %%
z = torch.tensor([110.0, 0.0])
p = softmax(z)
p, -p.log()[1]

# %% [markdown]
# :::{answer} c
# `inf`, where it should have been 110. The relative error of the probability was 1, all of it, and the logarithm is where relative errors become visible.
# :::
#
# Below, the *gap* $\Delta$, by which the right class loses, grows from 98 to 107. The first picture has its probability, the second the loss.

# %% tags=["hide-input"]
gaps = torch.arange(98, 107.01, 0.05)
pairs = torch.stack([gaps, torch.zeros_like(gaps)], dim=1)
p = softmax(pairs)[:, 1]
losses = {"−log(softmax)": -p.log(), "−log_softmax": -log_softmax(pairs)[:, 1]}
show(
    figures.underflow(gaps, p, losses),
    "Left: the float32 probability follows exp(-gap) as a staircase whose steps grow"
    " longer, and ends in a cross at the smallest subnormal number. Right:"
    " the loss through softmax follows the same staircase and stops at"
    f" {gaps[p > 0].max():.2f}; the loss through log-softmax goes on as a straight"
    " line.",
)

# %% [markdown]
# The cure is to **never form the probability**. Take the logarithm on paper, where nothing underflows. Only the denominator needs an exponential, and the same shift saves its logarithm, {term}`log-sum-exp`:
#
# $$
# \begin{aligned} \operatorname{LSE}(z) &= \log \sum_{j=1}^{C} e^{z_j} \\ &= m + \log \sum_{j=1}^{C} e^{z_j - m}. \end{aligned}
# $$
#
# So
#
# $$
# \boxed{\; \log p_i = (z_i - m) - \log \sum_{j} e^{z_j - m} \;}
# $$
#
# Here $-110$ simply stays $-110$. The sum is at least 1, and there an underflow to 0 really is harmless: it drops a term of $10^{-48}$ beside a 1. This is log-softmax, and cross-entropy is one more line:

# %% tags=["hide-input"]
show_source(log_softmax, cross_entropy)

# %% [markdown]
# ## The gradient is p − y
#
# What does the loss ask of the logits? Say the probabilities are $(0.7, 0.2, 0.1)$ and the second class is right. Then the gradient is $(0.7, -0.8, 0.1)$: what the network said, minus what it should have said, $(0, 1, 0)$.
#
# In general write $L = -\log p_t = \operatorname{LSE}(z) - z_t$. With $S = \sum_j e^{z_j}$ the first term is $\log S$, and each logit gets its share of the sum: $\partial \operatorname{LSE} / \partial z_i = e^{z_i} / S = p_i$. **The gradient of log-sum-exp is softmax.** The second term contributes $-1$ at the right class and 0 elsewhere. With $y$ the *one-hot* vector of shape $(C,)$, 1 at $t$ and 0 elsewhere,
#
# $$\frac{\partial L}{\partial z} = p - y.$$
#
# The logarithm and its $1/p_t$ are gone. Each entry lies between $-1$ and 1, so **no logit, however wrong, can make this gradient explode**. (The loss averages over $N$ rows, so each row's gradient carries a factor $1/N$.) Check it on 64 random rows of 10 logits with a spread of 30, in {term}`float64`.


# %%
def value_and_gradient(loss, logits, target):
    logits = logits.clone().requires_grad_()
    value = loss(logits, target)
    value.backward()
    return value.detach(), logits.grad


generator, target = torch.Generator().manual_seed(1), torch.arange(64) % 10
logits = 30 * torch.randn(64, 10, dtype=torch.float64, generator=generator)
ours, gradient = value_and_gradient(cross_entropy, logits, target)
p_minus_y = (softmax(logits) - F.one_hot(target, 10)) / len(target)

# %% tags=["hide-input"]
theirs, their_gradient = value_and_gradient(F.cross_entropy, logits, target)
say(
    "Gradient of our cross-entropy equal to (p − y) / N to 12 digits:"
    f" **{torch.allclose(gradient, p_minus_y, rtol=1e-12)}**; to that of torch's:"
    f" {torch.allclose(gradient, their_gradient, rtol=1e-12)}. Loss: {ours:.6f}, torch's"
    f" {theirs:.6f}."
)

# %% [markdown]
# That is what the gradient *is*. Automatic differentiation gets there only if the path is safe. On the path through `softmax(z).log()` it meets the derivative of the logarithm, $1/p$, and $1/p$ overflows when $p$ is tiny, even where $p$ itself has not yet become 0.
#
# Take two classes with a gap of 95, and let the network be wrong. Then take a gap of 110 and let it be **right**, and sure of it: the right class is the first.
#
# :::{predict}
# Both losses go through `softmax(z).log()`, of which the entry of the right class is picked. Which gradients are finite?
#
# - `a`: both
# - `b`: only that of the answer that is right
# - `c`: only that of the answer that is wrong
# - `d`: neither
# :::


# %%
def softmax_then_log(logits, target):
    # nll_loss: minus the entry of the target, averaged
    return F.nll_loss(softmax(logits).log(), target)


wrong, sure = torch.tensor([[95.0, 0.0]]), torch.tensor([[110.0, 0.0]])
loss_wrong, grad_wrong = value_and_gradient(softmax_then_log, wrong, torch.tensor([1]))
loss_sure, grad_sure = value_and_gradient(softmax_then_log, sure, torch.tensor([0]))

# %% tags=["hide-input"]
survive = [bool(g.isfinite().all()) for g in (grad_wrong, grad_sure)]
reveal(
    f"Wrong by 95: loss {loss_wrong:.0f}, gradient finite:"
    f" **{survive[0]}**. Right by 110: loss {loss_sure.abs():.0f},"
    f" gradient **{grad_sure[0].tolist()}**.",
    right="dcba"[2 * survive[1] + survive[0]],
)

# %% [markdown]
# The first is the overflow of $1/p$: $p = e^{-95}$ is a subnormal number, and its reciprocal is beyond float32.
#
# The second is stranger. The loss is perfect and the gradient is `nan`. The logarithm was taken of *all* probabilities, also of the second, which is 0. Nobody asked for its logarithm, so a gradient of 0 comes back to it, and is divided by $p$. And $0 / 0$ is `nan`. So an example that a network gets *right*, by a wide margin, can kill it.

# %% tags=["hide-input"]
lost = softmax(torch.tensor([110.0, 0.0]))[1]
stable, _ = value_and_gradient(cross_entropy, sure, torch.tensor([1]))
evidence(
    "N3",
    "false",
    f"At a gap of 110 the float32 probability is {lost:.0f}, and its log is {lost.log():.0f},"
    f" where log_softmax gives {-stable:.0f}.",
    so="Never take the log of a probability: hand the logits to `cross_entropy`.",
    more=f"The probability itself is off by {math.exp(-110):.0e} only. Where the winner is the right"
    f" class, the loss is {loss_sure.abs():.0f} and its gradient through softmax and log is"
    f" {grad_sure[0, 0]:.0f}.",
)

# %% [markdown]
# ## Experiment: how wide a gap does each survive?
#
# Take two logits $(\Delta, 0)$ and let the second be the right class. Widen the gap. Two numbers of a format say where each loss ends: its largest number $M$, and its smallest subnormal $s$.
#
# - **Naive softmax** dies when $e^{\Delta}$ overflows: $\Delta = \log M$.
# - **Softmax, then log** has an infinite loss when $e^{-\Delta}$ rounds to 0, below half of $s$: $\Delta = \log(2/s)$.
# - **Its gradient** dies earlier, when $1/p$ overflows: $\Delta = \log M$ again. The shift has bought it nothing.
# - **Log-softmax and cross-entropy** compute $0 - \Delta$, which is finite as long as the gap is: $\Delta = M$.
#
# :::{predict}
# In float16 $M$ is 65,504 and $s$ is $2^{-24}$. Up to which gap is the gradient of *softmax, then log* finite?
#
# - `a`: about 11
# - `b`: about 17
# - `c`: about 65,504
# :::
#
# A bisection over the floats of each format finds the largest gap at which a loss is finite, or, by another count (`part` 1), its gradient.


# %%
def survives(loss, gap, dtype, part):
    logits = torch.tensor([[gap, 0.0]], dtype=dtype)
    return value_and_gradient(loss, logits, torch.tensor([1]))[part].isfinite().all()


# %% tags=["hide-input"]
def largest_gap(loss, dtype, part):
    low, high = 0.0, 1.0
    if survives(loss, torch.finfo(dtype).max, dtype, part):
        return torch.finfo(dtype).max
    while survives(loss, high, dtype, part):
        high *= 2
    while (middle := torch.tensor(low / 2 + high / 2, dtype=dtype).item()) not in (
        low,
        high,
    ):
        low, high = (
            (middle, high) if survives(loss, middle, dtype, part) else (low, middle)
        )
    return low


LOSSES = {
    "naive softmax, then log": lambda z, t: F.nll_loss(naive_softmax(z).log(), t),
    "stable softmax, then log": softmax_then_log,
    "torch.softmax, then log": lambda z, t: F.nll_loss(torch.softmax(z, 1).log(), t),
    "log_softmax": lambda z, t: F.nll_loss(log_softmax(z), t),
    "torch.log_softmax": lambda z, t: F.nll_loss(torch.log_softmax(z, 1), t),
    "cross_entropy": cross_entropy,
    "torch cross_entropy": F.cross_entropy,
}
dtypes = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
names = {dtype: str(dtype).removeprefix("torch.") for dtype in dtypes}
measured = {
    dtype: [
        tuple(largest_gap(loss, dtype, part) for part in (0, 1))
        for loss in LOSSES.values()
    ]
    for dtype in dtypes
}
gaps_by_name = {names[dtype]: found for dtype, found in measured.items()}
ends = [gap for found in measured.values() for pair in found[:3] for gap in pair]
show(
    figures.survival(list(LOSSES), gaps_by_name),
    "Seven losses in rows, four dtypes in colours, the largest gap on a logarithmic"
    f" axis. The first three rows end between {min(ends):.0f} and {max(ends):.0f}; in"
    " the rows of softmax"
    " followed by log the ring of the gradient lies left of the disc of the loss. In"
    " the last four rows both coincide at the largest number of each format; float64,"
    " off the scale, is an arrow.",
)


# %% tags=["hide-input"]
def predicted_ends(dtype):
    """log M, log(2/s) and M."""
    info = torch.finfo(dtype)
    zero = math.log(2) - math.log(info.smallest_normal * info.eps)
    return math.log(info.max), zero, info.max


def predicted_gaps(dtype):
    overflow, zero, largest = predicted_ends(dtype)
    return [(overflow,) * 2, *[(zero, overflow)] * 2, *[(largest,) * 2] * 4]


def met(found, expected, dtype):
    gap = torch.tensor(found, dtype=dtype)
    return (
        found <= expected < torch.nextafter(gap, torch.full_like(gap, torch.inf)).item()
    )


checks = [
    met(found, expected, dtype)
    for dtype in dtypes
    for pairs in zip(measured[dtype], predicted_gaps(dtype), strict=True)
    for found, expected in zip(*pairs, strict=True)
]
half = measured[torch.float16][1][1]
reveal(
    f"Up to **{half:.2f}**, the ring in the second row. Of {len(checks)} predictions **{sum(checks)}**"
    " are met: each lies between the gap that was found and the next float.\n\n"
    + table(
        ["predicted end, Δ", *names.values()],
        [
            [name, *(text.format(predicted_ends(dtype)[i]) for dtype in dtypes)]
            for i, (name, text) in enumerate(
                (("log M", "{:.2f}"), ("log(2/s)", "{:.2f}"), ("M", "{:.2e}"))
            )
        ],
    ).data,
    right="a" if half < 12 else "b" if half < 20 else "c",
)

# %% tags=["hide-input"]
by_name = {dtype: dict(zip(LOSSES, measured[dtype], strict=True)) for dtype in dtypes}
whole_range = all(
    by_name[dtype][name] == (torch.finfo(dtype).max,) * 2
    for dtype in dtypes
    for name in ("torch.log_softmax", "torch cross_entropy")
)
through_log = [by_name[dtype]["torch.softmax, then log"] for dtype in dtypes]
evidence(
    "N4",
    "holds with a caveat",
    f"torch's log_softmax and cross_entropy {'have' if whole_range else 'do not have'}"
    " a finite loss and gradient up to the largest number of every dtype; torch.softmax followed by"
    f" log loses its float32 gradient at a gap of {through_log[2][1]:.2f}.",
    so="Give the framework logits, not probabilities; then nothing is left for you to mend.",
    more="In float16, bfloat16, float32, float64 torch.softmax followed by log has a finite loss up to a"
    f" gap of {', '.join(f'{loss:.2f}' for loss, _ in through_log)} and a finite gradient up to"
    f" {', '.join(f'{gradient:.2f}' for _, gradient in through_log)}.",
)

# %% [markdown]
# A gap of 11 is nothing special: the probability of the loser is then 0.00002. So {term}`mixed precision` does the arithmetic of softmax in float32 {cite:p}`micikevicius2018`, and on a GPU `torch.autocast` moves softmax, log-softmax and cross-entropy to float32.
#
# See it in the [explorer](#put-softmax-under-stress): set the offset to 0, choose **float16**, and pull the last logit down until its probability is 0. One of the two log-probabilities there is `-inf`, one is not.
#
# ## Experiment: a training run that dies in silence
#
# Three clouds of points in the plane, a network with 16 hidden units, {term}`gradient descent` with momentum. The features are *raw*, with values of several tens, as heights in centimetres are. Nothing else is unusual.
#
# You start it with the naive loss. It dies. So you replace the naive softmax by the stable one and start again from the same seed. A third run uses `cross_entropy`.
#
# :::{predict}
# How much longer does the run with the stable softmax live?
#
# - `a`: not one step longer
# - `b`: a few steps longer
# - `c`: to the end, like the run on `cross_entropy`
# :::


# %%
def train(loss_of, seed=0, scale=30.0, steps=120):
    torch.manual_seed(seed)
    points, target = clouds(scale)
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 3))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.015, momentum=0.9)
    losses = [math.inf]
    while len(losses) <= steps and not math.isnan(losses[-1]):
        loss = loss_of(model(points), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses[1:], model


# %% tags=["hide-input"]
def clouds(scale, classes=3, each=50):
    generator = torch.Generator().manual_seed(0)
    target = torch.arange(classes).repeat_interleave(each)
    angle = 2 * math.pi * target / classes
    centres = torch.stack([angle.cos(), angle.sin()], dim=1)
    return (
        scale * (centres + 0.5 * torch.randn(len(target), 2, generator=generator)),
        target,
    )


runs = {
    "naive softmax, then log": LOSSES["naive softmax, then log"],
    "stable softmax, then log": softmax_then_log,
    "cross_entropy": cross_entropy,
}
histories = {name: train(loss)[0] for name, loss in runs.items()}
died = len(histories["naive softmax, then log"]) - 1
final = histories["cross_entropy"][-1]
start = histories["cross_entropy"][0]
show(
    figures.training(histories),
    "Three losses against the training step lie on one curve that falls from"
    f" {start:.1f} to {histories['cross_entropy'][died - 1]:.1f}. The naive loss and the"
    " one through the stable softmax both"
    f" end in a cross before step {died}; cross-entropy goes on to {final:.2f}.",
)

# %% tags=["hide-input"]
same = len(histories["stable softmax, then log"]) == len(
    histories["naive softmax, then log"]
)
reveal(
    f"The naive run is `nan` at step **{died}**, and the stable softmax dies at the"
    f" same step: **{same}**. Its last two losses were"
    f" {histories['stable softmax, then log'][-3]:.2f} and"
    f" {histories['stable softmax, then log'][-2]:.2f}. The run on `cross_entropy`"
    f" reaches {final:.2f}.",
    right="a" if same else "b",
)

# %% tags=["hide-input"]
_, model = train(softmax_then_log, steps=died - 1)
points, target = clouds(30.0)
with torch.no_grad():
    logits = model(points)
behind = logits.amax(1, keepdim=True) - logits
row = int(behind.amax(1).argmax())
overflow, zero, _ = predicted_ends(torch.float32)
say(
    "Stop the same run one update before the fatal one, and look at the logits."
    f" The widest gap is **{behind.max():.1f}**, more than {zero:.2f}, in a row whose"
    f" right class is {int(target[row])} and whose prediction is"
    f" {int(logits[row].argmax())}. The right class itself lies at most"
    f" {behind[torch.arange(150), target].max():.1f} behind, in any row. The largest"
    f" logit is **{logits.max():.1f}**; to overflow takes {overflow:.1f}."
)

# %% [markdown]
# No loss was infinite, and nothing overflowed: the naive run dies of **underflow**, as the stable one does, and that is why the shift buys no step. A class that one row had rightly discarded fell so far behind that its probability became 0, and $0 / 0$ did the rest: one `nan` in one row, and after the update every weight is `nan`.
#
# One seed is an anecdote. Here are six.

# %% tags=["hide-input"]
seeds = []
for seed in range(6):
    steps = [len(train(loss, seed)[0]) for loss in list(runs.values())[:2]]
    end, model = train(cross_entropy, seed)
    accuracy = (model(points).argmax(1) == target).float().mean().item()
    _, before = train(softmax_then_log, seed, steps=steps[1] - 2)
    z = before(points).detach()
    gap = (z.amax(1) - z.amin(1)).max().item()
    seeds.append((*(s - 1 for s in steps), gap, z.max().item(), end[-1], accuracy))
naive_died, stable_died, widest, largest, _, accuracies = zip(*seeds, strict=True)
as_soon = sum(a == b for a, b in zip(naive_died, stable_died, strict=True))
say(
    f"In **{as_soon} of {len(seeds)}** both die at the same step, between {min(naive_died)} and"
    f" {max(naive_died)}. One update before, the widest gap is {min(widest):.0f} or more, and the"
    f" largest logit {max(largest):.0f} or less. On `cross_entropy` all go on, to an accuracy of"
    f" {min(accuracies):.0%} or more."
)

# %% [markdown]
# **Caveat.** On standardised features the same network meets no such gap, and all three losses train alike ([Six seeds, and tame features](#six-seeds-and-tame-features)). A good habit hides the bug, and float16 brings it back at a gap of 17.
#
# ## Use it
#
# | You want | Take |
# |:--|:--|
# | to train a classifier | the logits, and `F.cross_entropy(logits, target)` |
# | to train with one yes or no | the logit, and `F.binary_cross_entropy_with_logits` |
# | log-probabilities | `torch.log_softmax(logits, dim=-1)` |
# | probabilities, to show or to sample | `torch.softmax(logits, dim=-1)`, outside the loss |
#
# The symptom of the bug: a loss that falls well, and `nan` from one step to the next. Look for a `.log()` behind a `softmax` or a `sigmoid`.

# %% [markdown]
# ## Going further

# %% [markdown]
# ### Log-sum-exp, the soft maximum
#
# *You see how close log-sum-exp stays to the maximum, and softmax turn up as its gradient.*
#
# The logarithm of a sum of exponentials is a number that you meet all over statistics. In $m + \log \sum_j e^{z_j - m}$ the sum lies between 1 and $C$, so log-sum-exp is the maximum plus a bit: $m \le \operatorname{LSE}(z) \le m + \log C$. It is a maximum with its corner rounded off.

# %% tags=["hide-input"]
x = torch.linspace(-6, 6, 121)
curves = {n: logsumexp(torch.stack([x] + [0 * x] * (n - 1), dim=1)) for n in (2, 10)}
show(
    figures.soft_maximum(x, curves),
    "Log-sum-exp of x and 0 follows the maximum of the two and rounds its corner:"
    f" {curves[2][60]:.2f} at x = 0. With nine zeros beside x it is"
    f" {curves[10][60]:.2f} there, and joins the line x from above.",
)

# %% tags=["hide-input"]
z = torch.tensor([1000.0, 990.0, 980.0])
say(
    f"`logsumexp([1000, 990, 980])` is **{logsumexp(z):.4f}**; the formula as written"
    f" gives {z.exp().sum().log():.0f}."
)

# %% tags=["hide-input"]
show_source(logsumexp)

# %% [markdown]
# (The second line is for rows whose maximum is infinite, such as a row of only `-inf`, the logarithms of zeros. Their log-sum-exp is `-inf`, and `inf - inf` would have made it `nan`.)
#
# The gradient of this soft maximum is softmax. Let PyTorch confirm it.

# %%
scores = torch.tensor([2.0, 1.0, -1.0], requires_grad=True)
logsumexp(scores).backward()

# %% tags=["hide-input"]
say(
    f"Gradient of log-sum-exp: {[round(v, 4) for v in scores.grad.tolist()]}. "
    f"Softmax: {[round(v, 4) for v in softmax(scores).tolist()]}."
)

# %% [markdown]
# ### What the shift costs
#
# *You see the shift tested on random rows for lost digits, and its gradient left out without changing the Jacobian.*
#
# No digits: on 10 000 random rows of 10 logits that the naive formula can still manage, both give the same probabilities, and the denominator keeps its two bounds.

# %% tags=["hide-input"]
rows = 10 * torch.randn(
    10_000, 10, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
)
change = (
    ((softmax(rows) - naive_softmax(rows)) / naive_softmax(rows)).abs().max().item()
)
denominators = (rows - rows.amax(1, keepdim=True)).exp().sum(1)
evidence(
    "N2",
    "holds",
    "Over 10 000 rows of 10 logits the shift moved no float64 probability by more than"
    f" 1e{math.ceil(math.log10(change))} of itself.",
    so="Subtract the maximum always: it costs one pass over the row and no digits.",
    more=f"The denominators lay between {denominators.min():.3f} and {denominators.max():.3f}.",
)

# %% [markdown]
# And no gradient. Take the Jacobian of softmax with $m$ as a constant, as in the library, and with $m$ as a function of the logits.


# %%
def with_flow(z):
    shifted = (z - z.max()).exp()
    return shifted / shifted.sum()


z64 = torch.tensor([3.0, 1.0, 0.5], dtype=torch.float64)
jacobians = [torch.func.jacrev(f)(z64) for f in (softmax, with_flow)]

# %% tags=["hide-input"]
say(
    "With m as a constant and with the gradient of m, the Jacobians of softmax agree to"
    f" 14 digits: **{(jacobians[0] - jacobians[1]).abs().max() < 1e-14}**."
)

# %% [markdown]
# ### The gaps in numbers
#
# *You see, for each format, up to which gap each loss and its gradient stay finite, and one harmless zero.*
#
# In each field: the largest gap with a finite loss / with a finite gradient.


# %% tags=["hide-input"]
def field(gaps):
    return " / ".join(f"{gap:.2f}" if gap < 1000 else f"{gap:.2e}" for gap in gaps)


table(
    ["", *names.values()],
    [
        [name, *(field(measured[dtype][i]) for dtype in dtypes)]
        for i, name in enumerate(LOSSES)
    ],
)

# %% [markdown]
# In {term}`bfloat16` the numbers between 64 and 128 lie 0.5 apart, so that 92.5 is the last gap before 92.88, and 88.5 the last before 88.72.
#
# **A caveat of the other side.** When the right class *wins* by $\Delta$, the loss is $\log(1 + e^{-\Delta}) \approx e^{-\Delta}$, and every version rounds it to 0 once $e^{-\Delta}$ is lost beside 1: at $\Delta = \log(2/\varepsilon)$, 16.6 in float32. That one is harmless. The gradient for the losing logit is $p$, still correct, and nothing is infinite.
#
# (exercise-2-predict-a-format-that-you-have-not-measured)=
# #### An exercise: predict a format that you have not measured (★★)
#
# `float8_e5m2` stores a number in 8 bits. Its largest is $57344$, its smallest normal $2^{-14}$ and its smallest subnormal $2^{-16}$. Above which gap does a stable softmax, stored in this format, have a `-log` of `inf`? Two decimals, for a gap that may be any real number.

# %%
answer = ...
check("1-numbers/float8-gap", answer)

# %% tags=["remove-input"]
solution("1-numbers/float8-gap")

# %% [markdown]
# ### Six seeds, and tame features
#
# *You see at which step each seed's loss dies, and three losses agree once the features are standardised.*
#
# The widest gap and the largest logit are those of one update before the end.

# %% tags=["hide-input"]
columns = [
    "seed",
    "naive: nan at step",
    "stable, then log",
    "widest gap",
    "largest logit",
    "cross_entropy: loss after 120",
    "accuracy",
]
table(
    columns,
    [
        [
            f"{seed}",
            f"{a}",
            f"{b}",
            f"{gap:.0f}",
            f"{top:.0f}",
            f"{loss:.2f}",
            f"{c:.0%}",
        ]
        for seed, (a, b, gap, top, loss, c) in enumerate(seeds)
    ],
)

# %% [markdown]
# And the same network on standardised features:

# %% tags=["hide-input"]
tame = {name: train(loss, scale=1.0)[0][-1] for name, loss in runs.items()}
z = train(cross_entropy, scale=1.0)[1](clouds(1.0)[0]).detach()
say(
    "With `scale=1.0`, after 120 steps: "
    + "; ".join(f"{name} {loss:.4f}" for name, loss in tame.items())
    + f". The widest gap is then {(z.amax(1) - z.amin(1)).max():.1f}."
)

# %% [markdown]
# ### Which variant is this?
#
# *You see softmax in one loop, where $z - \operatorname{LSE}(z)$ loses digits, and what a small constant inside the logarithm costs.*
#
# **Three passes, two passes, one loop.** As written, softmax reads its row three times: for the maximum, for the sum, for the quotients. On long rows the reading can cost more than the arithmetic. {cite:t}`milakov2018` fold the first two passes into one: keep a running maximum $m$ and a running sum $d$ in units of $e^m$, and when a larger logit appears, rescale the sum. FlashAttention {cite:p}`dao2022` rests on this loop.


# %%
def online(logits):
    m, d = -math.inf, 0.0
    for value in logits:
        m_new = max(m, value)
        d = d * math.exp(m - m_new) + math.exp(value - m_new)
        m = m_new
    return m, d


m, d = online([980.0, 1000.0, 990.0])

# %% tags=["hide-input"]
say(
    f"One loop: m = {m:.0f}, d = {d:.6f}, so log-sum-exp is **{m + math.log(d):.6f}**."
    " The sum was rescaled at the second logit."
)

# %% [markdown]
# (exercise-4-merge-two-halves)=
# #### An exercise: merge two halves (★★)
#
# A long row is split in two, and two processors run the loop `online` on a half each. They report $(m_1, d_1)$ and $(m_2, d_2)$. Write `merge`, which returns the $(m, d)$ of the whole row, with plain floats and `math.exp`. (FlashAttention does exactly this, block by block.)


# %%
def merge(m1, d1, m2, d2): ...


check("1-numbers/merge", merge)

# %% tags=["remove-input"]
solution("1-numbers/merge")

# %% [markdown]
# #### Three more differences
#
# **Where the maximum is put back.** Log-softmax is often written $z_i - \operatorname{LSE}(z)$. On paper it is the same. In floats, $\operatorname{LSE}(z) = m + \log(\dots)$ adds a large number to a small one and loses the small one's digits. The form above, $(z_i - m) - \log(\dots)$, never forms the large number. Add a common offset to the logits $(0, 1, 2)$, and compare the first log-probability, which should be $-2.4076$ every time:

# %%
offsets = [0.0, 1e3, 1e5, 1e6, 1e7]
rows = [(offset, torch.tensor([0.0, 1.0, 2.0]) + offset) for offset in offsets]

# %% tags=["hide-input"]
table(
    ["offset", "z − LSE(z)", "(z − m) − log Σ"],
    [
        [f"{offset:g}", f"{(r - logsumexp(r))[0]:.4f}", f"{log_softmax(r)[0]:.4f}"]
        for offset, r in rows
    ],
)

# %% [markdown]
# The spacing of float32 near $10^7$ is 1, so there the log-probabilities come out as whole numbers. This was a [bug of PyTorch 0.4](https://github.com/pytorch/pytorch/issues/11752), mended since. A softmax without a division, $e^{z_i - \operatorname{LSE}(z)}$, loses digits in the same way. {cite:t}`blanchard2021` analyse the rounding errors and conclude that the shift itself costs no accuracy worth mentioning.
#
# **Log first or pick first.** `F.nll_loss(softmax(z).log(), t)` takes all logarithms and picks one. `-softmax(z)[t].log()` picks one probability and takes its logarithm. The values are equal; only the first can die of a probability that nobody asked for.

# %%
picked = sure.clone().requires_grad_()
(-softmax(picked)[0, 0].log()).backward()

# %% tags=["hide-input"]
say(
    f"Logits (110, 0), right class first. Log first: {grad_sure[0].tolist()}. Pick"
    f" first: **{picked.grad[0].abs().tolist()}**."
)

# %% [markdown]
# **An index or a row of probabilities.** `F.cross_entropy` takes either as its target. With an index it reads one entry; with probabilities it sums $-y_i \log p_i$ over all classes, and a class that is masked out with `-inf` contributes $0 \cdot \infty$, which is `nan`. It does not check that the row sums to 1 either.

# %%
masked = torch.tensor([[0.0, 1.0, -torch.inf]])
index, one_hot = torch.tensor([1]), torch.tensor([[0.0, 1.0, 0.0]])

# %% tags=["hide-input"]
say(
    f"The third class is masked. By index: {F.cross_entropy(masked, index):.4f}. By"
    f" one-hot row: **{F.cross_entropy(masked, one_hot):.4f}**. Without the mask, a row"
    f" that sums to 3: {F.cross_entropy(masked[:, :2], 3 * one_hot[:, :2]):.4f}, three"
    " times too much."
)

# %% [markdown]
# **A small constant instead of the cure.** Much code writes $-\log(p + \delta)$ with $\delta = 10^{-7}$, or clips $p$ to at least $\delta$, as Keras does when it is given probabilities in place of logits. No `inf`, no `nan`. What does it cost? Look at the pull on the winning logit, $\partial L / \partial z_1$, which should be close to 1 while the wrong class wins.
#
# :::{predict}
# What does the small constant do to this pull, as the gap grows?
#
# - `a`: nothing: the pull stays close to 1
# - `b`: the pull fades to 0
# - `c`: the pull grows without end
# :::


# %% tags=["hide-input"]
def losses_and_slopes(losses, gaps):
    pairs = torch.stack(
        [gaps, torch.zeros_like(gaps)], dim=1
    )  # one row a gap, the second class is right
    values, slopes = {}, {}
    for name, loss in losses.items():
        z = pairs.clone().requires_grad_()
        values[name] = loss(z).detach()
        slopes[name] = torch.autograd.grad(loss(z).sum(), z)[0][:, 0]
    return values, slopes


# %%
δ = 1e-7
clipping = {
    "from logits": lambda z: -log_softmax(z)[:, 1],
    "−log(p + δ)": lambda z: -(softmax(z)[:, 1] + δ).log(),
    "−log(max(p, δ))": lambda z: -softmax(z)[:, 1].clamp(min=δ).log(),
}
gaps = torch.arange(0, 40.1, 0.1)
values, slopes = losses_and_slopes(clipping, gaps)

# %% tags=["hide-input"]
show(
    figures.pushes(gaps, values, slopes),
    "Left: the loss from logits grows in a straight line; both losses with a small"
    f" constant level off at {values['−log(p + δ)'][-1]:.1f}. Right: the pull of the"
    " first stays at 1; that of log(p + δ) fades to 0 around a gap of"
    f" {-math.log(δ):.0f}, that of the clipped loss drops to 0 there at once.",
)

# %% tags=["hide-input"]
pull = slopes["−log(p + δ)"][-1]
reveal(
    f"At a gap of {gaps[-1]:.0f} the pull of $-\\log(p + \\delta)$ is **{pull:.1e}**: it fades.",
    right="b" if pull < 0.01 else "a",
)

# %% [markdown]
# The loss saturates at $-\log \delta = 16.1$ and the gradient vanishes beyond it. A model that is *very* wrong about an example is told that all is well. The constant hides the error message and keeps the error. (A smaller constant, $10^{-8}$, is itself 0 in float16, and then not even the message is hidden.)

# %% [markdown]
# ### Finite is not yet right
#
# *You see a loss that is right while its gradient is finite and wrong, and the square that causes it.*
#
# A bisection that asks only for finite numbers is easily pleased. Look at the gradients themselves. The pull on the winning logit is $p_1$, so it should be 1 almost all the way.

# %%
gaps = torch.arange(0, 120.25, 0.25)
stages = {
    "from logits": lambda z: -log_softmax(z)[:, 1],
    "stable softmax, then log": lambda z: -softmax(z).log()[:, 1],
    "naive softmax, then log": lambda z: -naive_softmax(z).log()[:, 1],
}
values, slopes = losses_and_slopes(stages, gaps)
naive_pull = slopes["naive softmax, then log"]

# %% tags=["hide-input"]
last = {name: gaps[v.isfinite()].max() for name, v in values.items()}
ends = {name: gaps[v.isfinite()].max() for name, v in slopes.items()}
show(
    figures.pushes(gaps, values, slopes),
    "Left: all three losses grow in a straight line; the naive one ends at"
    f" {last['naive softmax, then log']}, the one through softmax at"
    f" {last['stable softmax, then log']}. Right: the pull on the winning logit. From"
    " logits it soon is close to 1, the one through softmax and log ends at"
    f" {ends['stable softmax, then log']}, and the naive one is 0 from a gap of"
    f" {gaps[(naive_pull == 0) & (gaps > 1)].min()} until it ends.",
)

# %% tags=["hide-input"]
off = (naive_pull - slopes["from logits"]).abs() > 0.01
wrong = off & naive_pull.isfinite()
wrong_gaps = gaps[wrong]
naive_loss, right_loss = (
    values[name][wrong] for name in ("naive softmax, then log", "from logits")
)
same = (naive_loss / right_loss - 1).abs().max() < 1e-6
say(
    f"From a gap of **{wrong_gaps.min():.2f}** to one of {wrong_gaps.max():.2f} the"
    f" naive loss is right to 6 digits (**{same}**), and its gradient is finite and"
    " wrong by more than 1 %: nothing in the log would tell you."
)

# %% [markdown]
# Where does that come from? The derivative of the quotient $e_2 / S$ for $S$ holds $e_2 / S^2$, which is $e^{-2\Delta}$ here: *twice* the exponent. It is subnormal from $\Delta = 87.3 / 2 = 43.7$ on, and 0 from $104 / 2 = 52$ on. The network then believes that lowering the winner does not help.

# %% [markdown]
# ### Temperature
#
# *You see what dividing the logits does in both limits, and where a cold softmax breaks though it is stable.*
#
# Divide the logits by a {term}`temperature` $T > 0$ before softmax: $p = \operatorname{softmax}(z / T)$. It is used to sample from language models, to calibrate a classifier {cite:p}`guo2017` and to teach a small network by a large one {cite:p}`hinton2015`.
#
# :::{predict}
# What do the probabilities become for $T \to 0$, and for $T \to \infty$?
#
# - `a`: all on the largest logit; all equal
# - `b`: all equal; all on the largest logit
# - `c`: all on the largest logit, in both limits
# :::

# %%
z = torch.tensor([3.0, 2.0, 1.0, 0.0])
temperatures = [0.1, 0.5, 1.0, 4.0, 100.0]
p = torch.stack([softmax(z / T) for T in temperatures])

# %% tags=["hide-input"]
show(
    figures.temperature(z, temperatures, p),
    "Probabilities of four logits at five temperatures. At T = 0.1 the largest logit"
    f" has {p[0, 0]:.2f}; at T = 1 the four have {', '.join(f'{v:.2f}' for v in p[2])};"
    f" at T = 100 all four are within {(p[-1] - 1 / 4).abs().max():.3f} of a quarter.",
)

# %% [markdown]
# :::{answer} a
# Cold, softmax becomes *argmax*: all on the largest (equal ones share). Hot, it becomes uniform.
# :::
#
# The name is honest: soft *arg*max.
#
# Cold is also where it breaks, and a stable softmax does not help, because the quotient $z / T$ overflows before softmax sees it. Subtract the maximum *first*; then the largest logit is 0 and stays 0 at any temperature.

# %%
z = torch.tensor([12.0, 11.0, 3.0], dtype=torch.float16)
T = 1e-4

# %% tags=["hide-input"]
say(
    f"In float16 with T = 0.0001: `softmax(z / T)` is **{softmax(z / T).tolist()}**, "
    f"`softmax((z - z.max()) / T)` is **{softmax((z - z.max()) / T).tolist()}**."
)

# %% [markdown]
# ### Sigmoid and softplus
#
# *You see which ways of writing them lose the tails, and a slope that is nan beside a reasonable value.*
#
# Two classes with logits $x$ and 0 are a softmax with one free number. Its first probability is the {term}`sigmoid`, and $-\log$ of its second is {term}`softplus`:
#
# $$
# \begin{aligned} \sigma(x) &= \frac{e^x}{e^x + 1} = \frac{1}{1 + e^{-x}}, \\ \operatorname{softplus}(x) &= \log(1 + e^{x}) \\ &= \operatorname{LSE}(x, 0). \end{aligned}
# $$
#
# Subtracting the maximum of $(x, 0)$ leaves only one exponential, $e^{-\lvert x \rvert} \le 1$:

# %% tags=["hide-input"]
show_source(sigmoid, softplus)

# %% [markdown]
# `log1p(z)` is $\log(1 + z)$ for small $z$, without rounding $1 + z$ first. How much does all this matter? Below are three ways to write each function, in float32 against a float64 reference. A relative error of 1 means that no digit is right.

# %%
x = torch.arange(-102, 102.1, 0.5)
sigmoids = {
    "exp(x) / (1 + exp(x))": x.exp() / (1 + x.exp()),
    "1 / (1 + exp(−x))": 1 / (1 + (-x).exp()),
    "ours": sigmoid(x),
}
softpluses = {
    "log(1 + exp(x))": (1 + x.exp()).log(),
    "log1p(exp(x))": x.exp().log1p(),
    "ours": softplus(x),
}
truth = {"sigmoid": sigmoid(x.double()), "softplus": softplus(x.double())}

# %% tags=["hide-input"]
info = torch.finfo(torch.float32)
top, tiny = math.log(info.max), math.log(info.eps / 2)
errors = {
    title: {
        label: ((value - truth[title]) / truth[title]).abs()
        for label, value in ways.items()
    }
    for title, ways in (("sigmoid", sigmoids), ("softplus", softpluses))
}
show(
    figures.tails(x, errors, floor=1e-6),
    "Relative errors over x from -102 to 102; the upper edge stands for inf and nan."
    f" Sigmoid: exp(x)/(1 + exp(x)) is nan above {top:.1f}, 1/(1 + exp(-x)) loses every"
    f" digit below {-top:.1f}. Softplus: log(1 + exp(x)) is 0 below {tiny:.0f} and inf"
    f" above {top:.1f}, log1p mends the left tail only. Ours stays at the floor, but for"
    " the subnormal numbers on the far left.",
)

# %% [markdown]
# Note the gradient as well. `1 / (1 + exp(-x))` at $x = -100$ gives a reasonable 0, but its derivative holds $\infty \cdot 0$.

# %%
tail = torch.tensor(-100.0, requires_grad=True)
slope = torch.autograd.grad(1 / (1 + (-tail).exp()), tail)[0]
ours_slope = torch.autograd.grad(sigmoid(tail), tail)[0]
far = torch.tensor(20.5, dtype=torch.float64)
off = (softplus(far) - F.softplus(far, threshold=20)).item()

# %% tags=["hide-input"]
spacing = torch.nextafter(far, 2 * far) - far
say(
    f"Slope of sigmoid at −100: {slope:.0f} as written, **{ours_slope:.2g}** in ours."
    " torch's own softplus returns x itself above its `threshold=20`: in float64 at"
    f" 20.5 that is off by **{off:.1e}**, where the spacing is {spacing:.1e}."
)

# %% [markdown]
# ### Masks
#
# *You see what softmax makes of a row in which every key is forbidden, and two repairs that disagree.*
#
# Attention forbids some positions by setting their logits to `-inf` before softmax {cite:p}`vaswani2017`. The shift allows it: $-\infty - m = -\infty$, and $e^{-\infty}$ is exactly 0. Below, each query may look at the keys up to its own, and query 0 is padding that may look at nothing.
#
# :::{predict}
# What stands in row 0?
#
# - `a`: zeros
# - `b`: a quarter in each place
# - `c`: `nan` in each place
# :::

# %%
scores = torch.tensor([[1.0, 2, 0, 1], [2, 1, 0, 1], [0, 1, 2, 1], [1, 0, 1, 2]])
allowed = torch.ones(4, 4, dtype=torch.bool).tril()
allowed[0] = False
weights = softmax(scores.masked_fill(~allowed, -torch.inf))

# %% tags=["hide-input"]
show(
    figures.attention(weights),
    "A four by four matrix of attention weights. Above the diagonal all weights are 0;"
    " rows 1 to 3 sum to 1; the whole first row, in which every key is masked, is nan.",
)

# %% [markdown]
# :::{answer} c
# A row of only `-inf` has the maximum `-inf`, and $-\infty + \infty$ is `nan`.
# :::
#
# It is an honest answer, since no probabilities exist there, but in the next layer it reaches every query. Two ways around it are common, and they do not do the same: a large negative number such as $-10^9$ in place of `-inf`, and PyTorch's `scaled_dot_product_attention`, which answers a fully masked row with zeros.

# %%
large = softmax(scores.masked_fill(~allowed, -1e9))[0]
attended = F.scaled_dot_product_attention(
    scores[None], scores[None], scores[None], attn_mask=allowed[None]
)

# %% tags=["hide-input"]
say(
    f"Row 0 with −1e9: **{large.tolist()}**, an even look at all that is forbidden. "
    f"Row 0 of `scaled_dot_product_attention`: **{attended[0, 0].abs().tolist()}**."
)

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: log-sum-exp in your head (★)
#
# What is the log-sum-exp of the four logits 500, 500, 500, 500? Give two decimals.

# %%
answer = ...
check("1-numbers/logsumexp-by-hand", answer)

# %% tags=["remove-input"]
solution("1-numbers/logsumexp-by-hand")

# %% [markdown]
# (exercise-5-read-the-plot)=
# ### Exercise 2: read the plot (★)
#
# Go back to the figure of discs and rings. You train in float32 and one row has a gap of 95. Which loss is finite there while its gradient is not?
#
# - `a`: naive softmax, then log
# - `b`: stable softmax, then log
# - `c`: log_softmax
# - `d`: cross_entropy

# %%
answer = ...
check("1-numbers/finite-loss", answer)

# %% tags=["remove-input"]
solution("1-numbers/finite-loss")

# %% [markdown]
# (exercise-3-a-binary-cross-entropy-that-holds-in-both-tails)=
# ### Exercise 3: a loss for one yes or no (★★)
#
# Write `binary_cross_entropy(x, y)`: $-\log \sigma(x)$ where the label $y$ is 1, and $-\log(1 - \sigma(x))$ where it is 0, with $\sigma(x) = 1/(1 + e^{-x})$. `x` and `y` are tensors of one shape, and so is the result. It must be right, with its gradient, at $x = \pm 200$, and keep its digits at $x = 30$, $y = 1$. You may use `softplus(x)`, a stable $\log(1 + e^x)$ ([Sigmoid and softplus](#sigmoid-and-softplus)).


# %%
def binary_cross_entropy(x, y): ...


check("1-numbers/binary-cross-entropy", binary_cross_entropy)

# %% tags=["remove-input"]
solution("1-numbers/binary-cross-entropy")

# %% [markdown]
# ### An open experiment (★★★)
#
# The training run above dies on features of several tens. From which `scale` on do its six seeds die, and does a smaller rate save them or only delay them? Write down what you expect first. There is no answer here.
#
# ## Summary
#
# - Softmax sees only differences of logits. Subtract the maximum: no exponential exceeds 1, and the denominator lies between 1 and the number of classes.
# - A probability that underflows is harmless; its logarithm is not, and $1/p$ is lost even earlier. Take the logarithm on paper: hand *logits* to `cross_entropy`, whose gradient is $p - y$.
# - Sigmoid, softplus, temperature and masks are the same idea: make the largest exponent 0 before anything else happens to it.
#
# ## References
#
# - {cite:t}`blanchard2021`: the error analysis of the shifted formulas, short and readable.
# - {cite:t}`goodfellow2016`: section 4.1, overflow and underflow, the textbook account.
# - {cite:t}`milakov2018`: softmax in one loop, and what it saves in memory traffic.
# - {cite:t}`dao2022`: what that loop made possible, exact attention without its matrix.
# - {cite:t}`micikevicius2018`: which parts of training stay in float32, and why.
# - {cite:t}`guo2017`: temperature as the cure for overconfident classifiers.
# - {cite:t}`hinton2015`: temperature as a way to hand on what a network knows about wrong classes.
# - {cite:t}`vaswani2017`: attention, with its mask of −∞.
