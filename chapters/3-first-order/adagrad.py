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
# # AdaGrad
#
# In a text a few words come all the time and most words hardly ever. One learning rate cannot serve both: while the frequent words are long done, the rare ones still stand near their random start. AdaGrad gives every parameter a rate of its own.
#
# Below are the weights of three words. The first word comes at every step, with the gradient 1. Take eight steps of SGD. Then the second word comes for the first time: set its gradient to 1, too, and look at step 9. Both move by 0.1, the first word to 0.1, the second only to 0.9.
#
# Choose **AdaGrad**, set the second gradient back to 0, and do the same.
#
# :::{predict}
# How far does the second word move in the ninth step, beside the first?
#
# - `a`: as far: their gradients are equal
# - `b`: three times as far
# - `c`: nine times as far
# :::

# %% tags=["hide-input"]
import inspect
import math
from functools import partial
from statistics import fmean, stdev

import torch

from book import results
from book.calculus import hessian
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
from book.explorers import OneStep, Race
from book.figures import adagrad as figures
from book.numerics.vector import f64
from book.optim import SGD, AdaGrad, Adam, Momentum, RMSProp, state_bytes_of, trajectory
from book.optim.adagrad_norm import AdaGradNorm
from book.surfaces import bowl, rosenbrock
from book.training.data.long_tail import embedding, train_on_words, zipf
from book.training.surface.side_by_side import difference

# %% tags=["hide-input"]
OneStep("SGD", (1.0, 0.0, 0.0))

# %% tags=["hide-input"]
x, s = f64(1, 1, 1), f64(0, 0, 0)
for g in [f64(1, 0, 0)] * 8 + [f64(1, 1, 0)]:
    before = x
    x, s = AdaGrad.update(x, g, s, t=1, lr=0.1, lr_decay=0.0, eps=1e-10)
first, second, _ = (before - x).tolist()
reveal(
    f"**{second / first:.1f}** times as far: by {second:.3f}, the first word by {first:.3f}. AdaGrad divides each"
    f" move by the root of the sum of the entry's own squared gradients, here √{s[0]:.0f} and √{s[1]:.0f}.",
    right="abc"[sum(second > limit * first for limit in (2, 6))],
)

# %% [markdown]
# **You will**
#
# - derive how far a rare word moves under SGD and under AdaGrad;
# - separate the halves of AdaGrad's gain, a rate of one's own and a rate that falls;
# - tell slow from dead.
#
# **You need** three facts:
#
# - the condition number $\kappa$ is the largest curvature over the smallest ({doc}`/1-numbers/conditioning`);
# - a rate above 2 over the largest curvature diverges ({doc}`/2-derivatives/gradient-descent`);
# - gradients of minibatches are noisy: at a constant rate SGD hovers about the minimum ({doc}`sgd`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $x$, $g$, $g_t$ | shape $(n,)$ | the parameters; their gradient; the one of step $t$ |
# | $x_i$, $g_i$, $s_i$, $\lambda_i$ | numbers | entry $i$ of each; the curvature along axis $i$ |
# | $s$, $s_t$ | shape of $x$ | the sum of the squared gradients |
# | $\eta$, $\varepsilon$ | numbers | the learning rate; the small number beside the root |
# | $p_i$, $p_1$, $p_N$ | numbers | the probability of word $i$; of the most and the least frequent one |
# | $N$ | number | how many words there are |
# | $w$, $w_i$, $w_i^*$ | numbers | a weight for each word; the best one |
# | $f$, $\kappa$ | number | the loss; its condition number |
# | $G$ | number | the size of a gradient |
# | $n$, $k$, $u$ | numbers | how often a word came (elsewhere: the number of parameters); counters |
# | $B$ | number | how many words a batch has |
# | $D$, $S$ | $(n, n)$ | $s$ on a diagonal; the sum of the outer products $g_t g_t^\top$ |
# | $t$, $T$ | numbers | the step; how many steps |
# | $\gamma$, $\delta$ | numbers | torch's `lr_decay`; the paper's small number beside the root |
# | $\lambda$ | number | weight decay |
# :::
#
# ## Frequent words and rare ones
#
# Take 1,000 words. Word number $i$ comes with a probability $p_i$ in proportion to $1/i$, which is Zipf's law ({cite:t}`zipf1949`): the hundredth word is a hundred times rarer than the first. After each word one of ten things follows, with the word's own probabilities. A model has a vector of eight numbers for each word, its {term}`embedding`, and one linear layer from there to ten logits.
#
# Train with SGD, 32 words a step, at the rate 0.3. For each word you can compute how far its cross-entropy lies above the least possible one, since the answers are known.
#
# :::{predict}
# After 300 steps the loss over the text is far down. For which words?
#
# - `a`: for all words about alike: they share the rate and the last layer
# - `b`: for the frequent ones; the rare ones have kept most of theirs
# - `c`: for the rare ones, which are easier: they have fewer examples
# :::

# %%
task = zipf(words=1000)
words, classes = task.draw(steps=3000)
model = embedding(task)
sgd = SGD(model.parameters(), lr=0.3)
seen = {"start": task.excess(model)}
for first, last in ((0, 300), (300, 1000), (1000, 3000)):
    train_on_words(model, sgd, words[first:last], classes[first:last])
    seen[f"SGD, {last:,} steps"] = task.excess(model)

# %% tags=["hide-input"]
show(
    figures.by_rank(seen),
    "Loss by rank of the word, both axes logarithmic. The start is flat near 2. After"
    f" 300 steps the first word is at {seen['SGD, 300 steps'][0]:.2g} and the last ones"
    " near 2; after 1,000 and 3,000 steps the curves lie lower, and still climb steeply"
    " to the right. The last one has a peak among the ten most frequent words.",
)

# %% tags=["hide-input"]
after = seen["SGD, 300 steps"]
loss = task.frequencies @ after / (task.frequencies @ seen["start"])
reveal(
    f"After 300 steps the loss over the text is down to {loss:.0%} of its start. For the"
    f" ten most frequent words it is down to"
    f" {after[:10].mean() / seen['start'][:10].mean():.0%}, for the 500 rarest to"
    f" {after[500:].mean() / seen['start'][500:].mean():.0%}. They are half of the"
    f" vocabulary and {task.frequencies[500:].sum():.0%} of the text.",
    right="b" if after[:10].mean() < after[500:].mean() else "c",
)

# %% tags=["hide-input"]
faster = embedding(task)
train_on_words(faster, SGD(faster.parameters(), lr=1.0), words, classes)
quick, plain = task.excess(faster), seen["SGD, 3,000 steps"]
peak = plain[:10].argmax().item()
likely = task.answers[peak].sort(descending=True).values
say(
    f"The peak of the last curve is word {peak + 1}, whose likeliest answers have the probabilities {likely[0]:.2f} and"
    f" {likely[1]:.2f}. It does not settle: from {seen['SGD, 1,000 steps'][peak]:.3f} after 1,000 steps its loss is up at"
    f" {plain[peak]:.2f} after 3,000. At the rate 1 it ends at {quick[peak]:.2f}, and the 500 rarest words at"
    f" {quick[500:].mean():.2f} in place of {plain[500:].mean():.2f}."
)

# %% [markdown]
# A higher rate helps the rare words and costs the uncertain frequent ones: the trap of {doc}`/1-numbers/conditioning` in a new dress. Strip the task down: one weight $w_i$ a word and the loss $f(w) = \frac{1}{2} \sum_i p_i (w_i - w_i^*)^2$. Its Hessian is diagonal, with $p_i$ at place $i$. So
#
# $$\kappa = \frac{p_1}{p_N} = N,$$
#
# the size of the vocabulary. At the rate $1/p_1$, half of its limit, SGD takes about $i \ln 100$ steps to lose 99 % of the error of word $i$: 46 for the tenth word, 4,605 for the last ([run below](#the-tail-as-a-quadratic)).
#
# ## On one screen

# %% tags=["remove-input"]
one_screen("AdaGrad")

# %% [markdown]
# ## The idea: a rate from one's own past
#
# If you knew the $p_i$, you would divide by them. In a network you do not know what is rare: a pixel at the border, a unit that seldom fires. But every parameter can keep a record of its own gradients. Let $g_t$ be the gradient at step $t$, of the shape of $x$, and
#
# $$s_t = g_1^2 + g_2^2 + \dots + g_t^2$$
#
# the sum of its squares, entry by entry, of the same shape. Its root is a measure of how much an entry has been pushed so far. Divide by it:
#
# $$\boxed{\;s \leftarrow s + g^2, \qquad x \leftarrow x - \frac{\eta\, g}{\sqrt{s} + \varepsilon}\;}$$
#
# This is {term}`AdaGrad` ({cite:t}`duchi2011`; {cite:t}`mcmahan2010` found it at the same time). The tiny $\varepsilon > 0$ only keeps $0/0$ away. At its first gradient every entry moves by $\eta$, whether the gradient is 100 or 0.01: the units of the gradient cancel. And $s$ can only grow.

# %% tags=["hide-input"]
show_source(AdaGrad.update)

# %% [markdown]
# `lr_decay` is 0 unless you ask for it ([what it does](#which-variant-is-this)).
#
# ### How far does a rare word move?
#
# Feed both formulas 20,000 words, one a step. The word that comes has the gradient $-1$, all others have 0.
#
# :::{predict}
# SGD moves a word that comes 1,000 times a thousand times as far as one that comes once. And AdaGrad?
#
# - `a`: as far: each word has a rate of its own
# - `b`: about 60 times as far
# - `c`: a thousand times, too: all gradients have one size
# :::

# %%
slow, fast, s = torch.zeros(3, 1000, dtype=torch.float64)
stream = task.draw(steps=20_000, batch_size=1, seed=1)[0].flatten()
for t, word in enumerate(stream, start=1):
    g = torch.zeros_like(s)
    g[word] = -1.0
    (slow,) = SGD.update(slow, g, t=t, lr=1.0)
    fast, s = AdaGrad.update(fast, g, s, t=t, lr=1.0, lr_decay=0.0, eps=1e-10)
counts = stream.bincount(minlength=1000).double()

# %% tags=["hide-input"]
show(
    figures.moved(counts, {"SGD": slow, "AdaGrad": fast}),
    "Distance against the number of times that a word came, both axes logarithmic. The"
    " points of SGD lie on the line n. Those of AdaGrad start at the same place and run"
    " half as steeply, just below 2 times the root of n.",
)

# %% tags=["hide-input"]
came = counts > 0
near = (counts - 1000).abs().argmin()
reveal(
    f"A word that came once has moved by {fast[counts == 1].mean():.0f}, the one that came {counts[near]:,.0f} times by"
    f" **{fast[near]:.0f}**. SGD's longest way is {slow.max() / slow[came].min():,.0f} times its shortest, AdaGrad's"
    f" {fast.max() / fast[came].min():,.0f} times.",
    right="b" if 20 < fast[near] < 200 else "c",
)

# %% [markdown]
# Let a word's gradient be $\pm G$ whenever the word comes. When it has come $k$ times, $s = k G^2$, so the $k$-th move is $\eta G / \sqrt{k G^2} = \eta/\sqrt{k}$. The sum of $n$ moves lies between two integrals of $1/\sqrt{u}$:
#
# $$2\sqrt{n + 1} - 2 \;\le\; \sum_{k=1}^{n} \frac{1}{\sqrt{k}} \;\le\; 2\sqrt{n} - 1.$$
#
# So AdaGrad moves a word by about $2\eta\sqrt{n}$, the dashed line ([between its bounds](#the-sums-measured)). A word 100 times rarer moves 100 times less under SGD, about 10 times less under AdaGrad. The long tail is not gone. It is half as long on the logarithmic scale.
#
# Now the real model, with AdaGrad on the same 3,000 batches.

# %%
model = embedding(task)
adagrad = AdaGrad(model.parameters(), lr=0.3)
train_on_words(model, adagrad, words, classes)
seen["AdaGrad, 3,000 steps"] = task.excess(model)

# %% tags=["hide-input"]
show(
    figures.by_rank({name: seen[name] for name in list(seen)[-2:]}),
    "Loss by rank of the word after 3,000 steps. The curves agree for the two most"
    " frequent words. Both have a peak among the first ten, where AdaGrad's is lower, and"
    " then climb, AdaGrad's more slowly.",
)

# %% tags=["hide-input"]
ranks = [slice(0, 10), slice(10, 100), slice(100, 1000)]


def own_rates(optimizer, table):
    rate = 0.3 / optimizer.state[table.weight]["sum"].mean(dim=1).sqrt()
    return [f"{rate[part].median():.1f}" for part in ranks]


rates = own_rates(adagrad, model[0])
rarest = [seen[f"{name}, 3,000 steps"][500:].mean() for name in ("SGD", "AdaGrad")]
say(
    f"Over the 500 rarest words AdaGrad's loss is {rarest[0] / rarest[1]:.1f} times lower. A word's rate, η over the root of"
    f" its mean s, has the median {rates[0]} over the ten most frequent words and {rates[2]} beyond the hundredth."
)

# %% [markdown]
# The rates differ less than derived, where gradients had one size: a real word's gradients die when it has been learned, and $s$ stops growing. It does not count how often a word comes. It adds up how hard the word has been pushed ([measured](#what-s-adds-up)).
#
# ## Experiment: which half does the work?
#
# One rate and one seed are no comparison. A stored run (`python -m book bench long-tail`) gives every method seven rates, half a decade apart, and three seeds. The best rate, never one at an end, then runs from twenty other seeds.
#
# AdaGrad differs from SGD in *two* ways: each parameter has its own rate, and all rates fall. So it needs a control with one of the two, one sum for a whole tensor ({cite:t}`ward2019`). Each of the model's three tensors then steps along its own gradient, and only the falling is left.

# %% tags=["hide-input"]
show_source(AdaGradNorm.update)

# %% [markdown]
# The second control takes the tail away: all words are equally frequent. And as a falling rate cures noise ({doc}`sgd`), the third task is the long tail with less certain answers, and more noise.
#
# :::{predict}
# On which of the three tasks does AdaGrad beat SGD? On which does it beat its own control, *AdaGrad, one s*?
#
# - `a`: both on the long tails only
# - `b`: SGD on all three, the control on the long tails only
# - `c`: both on all three
# - `d`: SGD on all three, the control on none
# :::

# %% tags=["hide-input"]
stored = results.load("long-tail")["results"]
final = {(row["task"], row["method"]): row for row in stored["finals"]}
tasks, methods = (list(dict.fromkeys(names)) for names in zip(*final, strict=True))
show(
    figures.by_tenth(
        {t: {m: final[t, m]["tenths"] for m in methods} for t in tasks[:2]}
    ),
    "Error over the tenths of the words, from frequent to rare, at the best rates. Long"
    " tail: all climb, and in the last tenth they are at "
    + ", ".join(f"{final[tasks[0], m]['tenths'][-1]:.2f} ({m})" for m in methods)
    + ". Equal frequencies: all are level, SGD and momentum together on top, AdaGrad"
    " lowest.",
)

# %% tags=["hide-input"]
seeds = len(stored["fresh_seeds"])


def over(task, method, other="AdaGrad"):
    """Its loss over the other's, seed by seed."""
    pairs = zip(*(final[task, m]["losses"] for m in (method, other)), strict=True)
    return [loss / others for loss, others in pairs]


def spread(numbers):
    return f"{fmean(numbers):.2f} ± {2 * stdev(numbers) / seeds**0.5:.2f}"


times = {key: spread(over(*key)) for key in final}
table(
    ["loss over AdaGrad's, ± two standard errors", *tasks],
    [
        [m, *(times[task, m].replace(" ", "\N{NO-BREAK SPACE}") for task in tasks)]
        for m in methods
        if m != "AdaGrad"
    ],
)

# %% tags=["hide-input"]
control = {task: over(task, "AdaGrad, one s") for task in tasks}
wins = {m: [sum(r > 1 for r in over(t, m)) for t in tasks] for m in methods}
falling = spread(over(tasks[0], "SGD", "AdaGrad, one s"))
by_tail = [
    spread([a - b for a, b in zip(control[tasks[0]], control[task], strict=True)])
    for task in tasks[1:]
]
reveal(
    f"Both on all three, on at least {min(wins['SGD'] + wins['AdaGrad, one s'])} of {seeds} seeds. On the long tail the"
    f" falling rate alone divides SGD's loss by {falling}, and rates of one's own the rest by"
    f" {times[tasks[0], 'AdaGrad, one s']}: more than with equal frequencies, by {by_tail[0]}, and than with less certain"
    f" answers, by {by_tail[1]}.",
    right="c" if min(map(fmean, control.values())) > 1 else "b",
)

# %% tags=["hide-input"]
tail, equal, noisy = (
    [times[task, m] for m in ("SGD", "momentum", "Adam", "AdaGrad, one s")]
    for task in tasks
)
evidence(
    "F10",
    "holds with a caveat",
    f"On the long tail SGD ends at {tail[0]} times AdaGrad's loss; AdaGrad with one sum for all, at {tail[3]} times.",
    "A rate that falls is the larger part of the gain, a rate for each entry the smaller. Give SGD a schedule before"
    " you credit the tail.",
    f"Long tail of {stored['words']:,} words, {seeds} seeds, each method at its best rate:"
    f" momentum ends at {tail[1]} times AdaGrad's loss and Adam at {tail[2]}; with equal frequencies"
    f" SGD is at {equal[0]}, momentum at {equal[1]}, Adam at {equal[2]} and the one sum at {equal[3]}. With less certain answers"
    f" that control is at {noisy[3]}. In one run the median rate is {rates[0]} for the ten most frequent words and"
    f" {rates[2]} beyond the hundredth.",
)

# %% [markdown]
# Most of the advantage needs no tail: a rate that falls calms the noise at the end. What the tail adds is in the last factor.
#
# The caveats: one model, one budget of steps, and no schedule ([losses and rates](#the-losses-and-their-rates)).
#
# ## A diagonal preconditioner
#
# Write the step with a matrix: $D$ of shape $(n, n)$ has $s$ on its diagonal and zeros elsewhere, and
#
# $$x \leftarrow x - \eta\, D^{-1/2} g.$$
#
# That is {term}`preconditioning`: each axis is stretched by its own factor before the step. If the valley lies along an axis, this is all it takes. On $\frac{1}{2} \sum_i \lambda_i x_i^2$ the gradient is $g_i = \lambda_i x_i$. In $g_i / \sqrt{s_i}$ the factor $\lambda_i$ stands above and below, and cancels (for $\varepsilon = 0$): the path does not depend on $\kappa$.
#
# :::{predict}
# Both bowls below have $\kappa = 100$ and the start $(2, 1)$; the second lies at 45° to the axes. How do AdaGrad's paths look at $\eta = 1$?
#
# - `a`: it goes straight to the floor and along it in both
# - `b`: straight to the floor in the first; in the second it bounces across the valley
# - `c`: it bounces in both, less than descent does
# :::


# %%
def paths(f, steps=16):
    start = f64(2, 1)
    rate = 2 / (1 + 100)  # the best one for gradient descent on these bowls
    return {
        "gradient descent": trajectory(lambda p: SGD(p, lr=rate), f, start, steps),
        "AdaGrad": trajectory(lambda p: AdaGrad(p, lr=1.0, eps=0), f, start, steps),
    }


bowls = {"along the axes": bowl(100), "turned by 45°": bowl(100, angle=45)}

# %% tags=["hide-input"]
show(
    figures.two_bowls({title: (f, paths(f)) for title, f in bowls.items()}),
    "Two panels of level lines, a narrow valley along the x axis and one turned by 45°."
    " Gradient descent zigzags across both. AdaGrad steps straight to the floor of the"
    " first and runs along it to the star; in the second it bounces across the valley in"
    " shrinking jumps and has hardly moved along it.",
)

# %% [markdown]
# :::{answer} b
# If the valley lies across the axes, no diagonal matrix can straighten it. At 45° the steep direction feeds both sums equally, and $D$ is nearly a multiple of the identity.
# :::
#
# There AdaGrad's steps grow in proportion to $\kappa$, as those of descent do ([counted, beside a full matrix](#the-full-matrix)). So your gain depends on your coordinates. In an embedding each word has its own, and the tail lies along the axes, where a diagonal can cure it.
#
# ## Slow, not dead
#
# "AdaGrad's learning rate goes to zero, and training dies."
#
# **Does the rate go to zero?** If the gradients keep one size $G$, then $s_t = G^2 t$, and the rate $\eta / \sqrt{s_t}$ falls like $\eta / (G\sqrt{t})$. It goes to zero. But the way after $T$ steps is the sum from above, about $2\eta\sqrt{T}$, and grows without end. And where gradients *shrink*, as near a minimum without noise, the sum of their squares stays finite, and the rate settles.
#
# **What is true in it.** $s$ forgets nothing. Let the first gradient be $G \gg 1$ and all later ones 1. Then $s_t \approx G^2 + t$, and the way after the first step is
#
# $$\sum_{t=1}^{T} \frac{\eta}{\sqrt{G^2 + t}} \approx 2\eta\left(\sqrt{G^2 + T} - G\right).$$
#
# For $T \ll G^2$ that is only $\eta T / G$. One bad gradient of 1,000 slows the next million steps, and few budgets have a million.
#
# :::{predict}
# On a bowl with $\kappa = 10$, without noise, 120 steps: where does the rate across the valley settle?
#
# - `a`: below a hundredth of its first value
# - `b`: near a tenth
# - `c`: above a half
# :::


# %%
def slope(x):
    return -x.sum()  # the gradient is −1 in each entry


spike = torch.zeros(3000, 2, dtype=torch.float64)  # is added to the gradients:
spike[0, 1] = -999  # the second entry's first one is −1,000
calm, hit = trajectory(lambda p: AdaGrad(p, lr=1.0), slope, f64(0, 0), 3000, spike).T
_, forgets = trajectory(lambda p: RMSProp(p, lr=0.01), slope, f64(0, 0), 3000, spike).T

# %%
f = bowl(10)
down = trajectory(lambda p: AdaGrad(p, lr=0.3, eps=0), f, f64(2, 1), 120)
steep = 10 * down[:-1, 1]  # the gradient across the valley
share = steep[0] / steep.square().cumsum(dim=0).sqrt()  # the rate over its first

# %% tags=["hide-input"]
ways = {
    "AdaGrad": calm[1:],
    "AdaGrad, first gradient 1,000": hit[1:],
    "RMSProp, first gradient 1,000": forgets[1:],
}
show(
    figures.slow(ways, torch.stack([f(x) for x in down]), share),
    "Left, on logarithmic axes: AdaGrad climbs steadily. After a first gradient of 1,000"
    " it stays near 1 for hundreds of steps; RMSProp starts below that, turns up"
    " after some hundred steps and overtakes it. They end at"
    f" {', '.join(f'{way[-1]:.0f}' for way in ways.values())}. Right: the loss on the bowl"
    f" falls along a straight line to {f(down[-1]):.0e}; the rate drops a little and then"
    " is level.",
)

# %% tags=["hide-input"]
reveal(
    f"At {share[-1]:.2f} of its first value, and the loss falls from {f(down[0]):.0f} to {f(down[-1]):.0e}.",
    right="c" if share[-1] > 0.5 else "b",
)

# %% tags=["hide-input"]
clean, struck, _ = (way[-1].item() for way in ways.values())
evidence(
    "F11",
    "false",
    f"With a constant gradient the rate is at {3000**-0.5:.3f} of its first value after"
    f" 3,000 steps, and the way is {clean:.1f}η and grows without end.",
    "It is slow, not dead. What stops it is one huge gradient at the start: clip those, or take a method that forgets.",
    f"By formula the way is 2√T = {2 * 3000**0.5:.1f}; on a bowl the rate settles at {share[-1]:.2f} of its first value and the loss"
    f" falls from {f(down[0]):.0f} to {f(down[-1]):.0e} in 120 steps. After a first"
    f" gradient of 1,000 the same 3,000 steps cover {struck:.1f}η.",
)

# %% [markdown]
# What is true in it, {doc}`rmsprop` repairs: it lets $s$ forget.
#
# ## Use it

# %% tags=["remove-input"]
use_it("AdaGrad")

# %% [markdown]
# ## Going further
#
# ### The tail as a quadratic
#
# *You see SGD's wait for a rare word match its formula, and whether AdaGrad leaves only a root of it.*
#
# The stripped-down task, run: SGD at the rate $1/p_1$. The error of word $i$ is multiplied by $1 - p_i/p_1 = 1 - \frac{1}{i}$ at each step.

# %%
p = task.frequencies


def on_the_quadratic(make, steps):
    start = torch.ones(1000, dtype=torch.float64)  # measured from the solution
    return trajectory(make, lambda w: (p * w**2).sum() / 2, start, steps)


path = on_the_quadratic(lambda w: SGD(w, lr=1 / p[0].item()), 4700)

# %% tags=["hide-input"]
rows = []
for rank in (10, 100, 1000):
    run = int((path[:, rank - 1] > 0.01).sum())
    rows.append([f"{rank:,}", f"{rank * math.log(100):,.0f}", f"{run:,}"])
table(["rank", "i ln 100", "steps until 1 % is left"], rows)

# %% [markdown]
# Does AdaGrad replace $\kappa$ by $\sqrt\kappa$, then? That would be about distances under gradients of one size. Here a gradient shrinks with its error.
#
# :::{predict}
# How many steps does AdaGrad need here, by rank?
#
# - `a`: in proportion to the rank, as SGD does
# - `b`: in proportion to the root of the rank
# - `c`: the same number at every rank
# :::

# %%
path = on_the_quadratic(lambda w: AdaGrad(w, lr=0.3), 100)

# %% tags=["hide-input"]
needed = (path > 0.01).sum(dim=0)
reveal(
    f"With the full gradient and η = 0.3 the error is down to 1 % after {needed[0]} steps at"
    f" rank 1 and after {needed[-1]} at rank 1,000. With one word a step a weight rests"
    f" between its visits, and needs {needed[0]} visits: about "
    + ", ".join(
        f"{needed[r - 1] / p[r - 1]:,.0f} steps at rank {r:,}" for r in (10, 1000)
    )
    + ".",
    right="c" if needed[0] == needed[-1] else "a",
)

# %% [markdown]
# With full gradients $p_i$ cancels and $\kappa$ is gone, as for every valley along the axes. With single words the steps grow in proportion to the rank, because nobody can learn a word that does not come. A root appears in neither.
#
# ### What s adds up
#
# *You see how the certainty of the answers shapes the rates of frequent and rare words.*
#
# Look at the rates of the trained model again: a word's vector has eight entries, each with its own $s$, and $\eta$ over the root of their mean is the word's rate. Train on a second task as well, whose answers are less certain: there the next thing is a real lottery, and no model can make a word's gradients vanish.
#
# :::{predict}
# In which of the two tasks do the rates differ more between frequent and rare words?
#
# - `a`: with nearly certain answers
# - `b`: with less certain answers
# - `c`: equally: the words come equally often in both
# :::

# %%
unsure = zipf(words=1000, sharpness=3.0)
other = embedding(unsure)
optimizer = AdaGrad(other.parameters(), lr=0.3)
train_on_words(other, optimizer, *unsure.draw(steps=3000))

# %% tags=["hide-input"]
table(
    [
        "median rate of the words with rank",
        *(f"{r.start + 1}–{r.stop:,}" for r in ranks),
    ],
    [
        ["nearly certain answers", *rates],
        ["less certain answers", *own_rates(optimizer, other[0])],
    ],
)

# %% [markdown]
# :::{answer} b
# Where the answers are uncertain, gradients of one size are nearly true: those of a frequent word never end, and its rate goes down and down. Where the answers are almost certain, a word's gradients die when it has been learned. Then $s$ stops growing, whether the word is frequent or not, and the rates differ little.
# :::
#
# ### The losses and their rates
#
# *You see the losses behind the comparison, a tie between SGD and momentum, and what was left untried.*
#
# The loss of each method at its best rate, which stands beside it, with the standard deviation over the seeds. A seed sets the answers, the start and the words; a run has 3,000 steps of 32 words. Whether SGD with a falling rate catches up was not tried, nor a rate of one's own that does not fall: the two halves were measured in this one order.

# %% tags=["hide-input"]
for (task_name, method), row in final.items():
    grid = [
        r for r in stored["rows"] if (r["task"], r["method"]) == (task_name, method)
    ]
    assert grid[0]["lr"] < row["lr"] < grid[-1]["lr"]  # not at an end of the grid


table(
    ["loss above the least possible, and its best rate", *tasks],
    [
        [name]
        + [
            f"{fmean(r['losses']):.3f} ± {stdev(r['losses']):.3f} ({r['lr']:g})"
            for r in (final[task, name] for task in tasks)
        ]
        for name in methods
    ],
)

# %% [markdown]
# Momentum keeps a tenth of SGD's rate with equal frequencies and with less certain answers, and comes to the same loss: with its share of 0.9 it adds up ten gradients ({doc}`momentum`).
#
# ### The full matrix
#
# *You see what AdaGrad's diagonal loses when the valley turns, and the matrix that hardly notices.*
#
# {cite:t}`duchi2011` have a second form, for which the diagonal stands in. Keep the sum of outer products $S = \sum_t g_t g_t^\top$, of shape $(n, n)$, and step by $\eta\, S^{-1/2} g$. It turns with the axes. It also costs $n^2$ numbers of memory and about $n^3$ operations a step, out of reach for a network; Shampoo keeps two small matrices a layer in its place ({doc}`/4-second-order/kfac`). In two dimensions you can run it. Where $S$ has an eigenvalue of zero, its root is left out.


# %%
def full_matrix(x, g, S, lr=1.0):
    S = S + torch.outer(g, g)
    λ, Q = torch.linalg.eigh(S)
    root = torch.where(λ > 1e-12 * λ[-1], λ.clamp(min=1e-300) ** -0.5, 0.0)
    return x - lr * Q @ (root * (Q.T @ g)), S


def diagonal(x, g, s):
    return AdaGrad.update(x, g, s, t=1, lr=1.0, lr_decay=0.0, eps=0.0)


def arrives(step, f, memory, limit=9999):
    H, x = hessian(f, f64(2, 1)), f64(2, 1)
    for t in range(1, limit + 1):
        x, memory = step(x, H @ x, memory)
        if x.norm() < 1e-3:
            return f"{t:,}"
    return f"over {limit:,}"


# %% tags=["hide-input"]
def row(κ):
    aligned, turned = bowl(κ), bowl(κ, angle=45)
    plain = arrives(lambda x, g, s: (x - 2 / (1 + κ) * g, s), turned, 0)
    own = [arrives(diagonal, f, f64(0, 0)) for f in (aligned, turned)]
    return [f"{κ:,}", plain, *own, arrives(full_matrix, turned, torch.zeros(2, 2))]


names = ["κ", "descent, best rate", "AdaGrad, along the axes", "AdaGrad, 45°"]
table([*names, "full matrix, 45°"], [row(κ) for κ in (1, 10, 100, 1000)])

# %% [markdown]
# The steps until the distance is below 0.001, with $\eta = 1$ for both forms of AdaGrad. Along the axes $\kappa$ has vanished, as derived. At 45° the diagonal is of no use: AdaGrad's steps grow in proportion to $\kappa$, as those of descent do. (It has one rate here and descent its best; compare the growth, not the rows.) The full matrix hardly notices.
#
# ### The sums, measured
#
# *You see each word's way between its two bounds, and long sums settle at one distance below the formula.*
#
# How near is a way to $2\eta\sqrt{n}$?

# %% tags=["hide-input"]
low, high = 2 * (counts + 1).sqrt() - 2, 2 * counts.sqrt() - 1
inside = (low - 1e-9 <= fast) & (fast <= high + 1e-9)
by_formula = 1 + 2 * ((1e6 + 2999) ** 0.5 - 1000)
sums = torch.arange(1, 1_000_001, dtype=torch.float64).rsqrt().cumsum(dim=0)
say(
    f"Between the two bounds lie {inside[came].sum()} of {came.sum()} words. The sum of 1/√t is "
    + ", ".join(
        f"{sums[T - 1]:.2f} over {T:,} steps, below 2√T by {2 * T**0.5 - sums[T - 1]:.2f}"
        for T in (100, 10_000, 1_000_000)
    )
    + f". For the run with the first gradient of 1,000 the formula gives {by_formula:.1f}η, with the first step."
)

# %% [markdown]
# ### Try it
#
# *You see three methods race on a straight bowl and a turned one, and who pays for huge first gradients.*
#
# On this bowl the axes are turned.
#
# :::{predict}
# What does AdaGrad gain over gradient descent here, and what on the bowl with κ = 10, whose axes are straight?
#
# - `a`: much on both
# - `b`: much on the straight one, little here
# - `c`: nothing on either
# :::
#
# Let them run, here and on the bowl with κ = 10. Then choose Rosenbrock, where the first gradients are far larger than those in the valley: who pays for them longest?

# %%
Race(methods=["SGD", "AdaGrad", "RMSProp"], steps=0)

# %% tags=["hide-input"]
rates_of_race = {
    "bowl, κ = 50, turned by 30°": (bowl(50, angle=30), 0.038, 0.5),
    "bowl, κ = 10": (bowl(10), 0.15, 1.0),
}
ratio = {}
for name, (f, of_sgd, of_adagrad) in rates_of_race.items():
    plain = f(trajectory(partial(SGD, lr=of_sgd), f, f64(2, 1), 40)[-1])
    ratio[name] = (
        f(trajectory(partial(AdaGrad, lr=of_adagrad), f, f64(2, 1), 40)[-1]) / plain
    ).item()
ends = [
    rosenbrock(trajectory(make, rosenbrock, rosenbrock.at_start(), 200)[-1])
    for make in (partial(AdaGrad, lr=0.5), partial(RMSProp, lr=0.05, alpha=0.9))
]
reveal(
    f"From (2, 1) and after 40 steps at the race's rates AdaGrad's loss is"
    f" {ratio['bowl, κ = 10']:.1g} times descent's on the straight bowl and {ratio['bowl, κ = 50, turned by 30°']:.1g} times on the"
    f" turned one. On Rosenbrock AdaGrad pays longest: after 200 steps its loss is {ends[0]:.2g}, that of RMSProp, which"
    f" forgets the first gradients, {ends[1]:.2g}.",
    right="b",
)

# %% [markdown]
# ### Only the rows that occur
#
# *You see when a table's untouched rows may be skipped, which methods refuse to, and write the step yourself.*
#
# A batch of 32 words touches at most 32 of the 1,000 rows; all other gradients are zero. For SGD and AdaGrad without weight decay a zero gradient changes nothing, neither $x$ nor $s$. So the other rows need not be visited. With `torch.nn.Embedding(sparse=True)` the gradient lists only the rows that occur (a {term}`sparse gradient`), and the library's `Rule` runs the formula on those.


# %%
def trained(make, sparse):
    model = embedding(task, sparse=sparse)
    tables, head = list(model[0].parameters()), list(model[1].parameters())
    pair = make(tables), make(head)
    for batch in zip(words[:100], classes[:100], strict=True):
        model.zero_grad()
        torch.nn.functional.cross_entropy(model(batch[0]), batch[1]).backward()
        for optimizer in pair:
            optimizer.step()
    return model[0].weight.detach()


# %% tags=["hide-input"]
def gap(make):
    dense, sparse = trained(make, sparse=False), trained(make, sparse=True)
    return "below 1e-12" if (dense - sparse).abs().max() < 1e-12 else "above 1e-12"


touched = torch.tensor([len(batch.unique()) for batch in words]).double().mean()
refused = []
theirs = partial(torch.optim.SGD, lr=0.01, momentum=0.9)
for method in (Momentum, Adam, torch.optim.Adam):
    try:
        trained(lambda p, method=method: method(p, lr=0.01), sparse=True)
    except RuntimeError:
        refused.append(f"{method.__module__.split('.')[0]}'s {method.__name__}")
say(
    f"A batch touches {touched:.1f} rows on average. Dense and sparse tables differ after"
    f" 100 steps by: SGD {gap(lambda p: SGD(p, lr=0.3))}, AdaGrad"
    f" {gap(lambda p: AdaGrad(p, lr=0.3))}, torch's SGD with momentum {gap(theirs)}. A"
    f" sparse gradient is refused by {', '.join(refused)}."
)

# %% [markdown]
# Adam and our momentum refuse for a good reason: their averages keep moving a parameter after its gradient has become zero, so a row that is not visited would get another result. torch's SGD with momentum takes sparse gradients and gets the same result, since its velocity lists every row that has ever occurred, and moves them all: right, and sparse no longer. `torch.optim.SparseAdam` takes sparse gradients and accepts that: the averages of a row, and the row, stand still while it does not occur. It is another method, not a faster Adam.
#
# (exercise-4-only-the-rows-that-occur)=
# #### An exercise: only the rows that occur (★★)
#
# Write `sparse_adagrad(x, s, rows, grads, lr)`, which returns the new table `x` and the new `s`, both of shape $(N, d)$, and leaves its inputs as they are. `rows`, of shape $(B,)$, holds the row of each word of the batch, and `grads`, of shape $(B, d)$, its gradient. Take $\varepsilon = 10^{-10}$. A word may occur twice in a batch: what is its gradient then?


# %%
def sparse_adagrad(x, s, rows, grads, lr): ...


check("3-first-order/adagrad-rows", sparse_adagrad)

# %% tags=["remove-input"]
solution("3-first-order/adagrad-rows")

# %% [markdown]
# ### Which variant is this?
#
# *You see where a paper's δ belongs in torch, and an option under which AdaGrad really comes to an end.*
#
# - **δ and ε.** {cite:t}`duchi2011` divide by $\delta + \sqrt{s}$: their $\delta$ stands where our $\varepsilon$ does, outside the root. torch has that as `eps`. Its `initial_accumulator_value` is something else, a first value of $s$, which stands inside the root. You may read that torch folds δ into it. It has both.
# - **One sum, or a matrix.** `AdaGradNorm` and [the full matrix](#the-full-matrix) are the two neighbours of the diagonal.
# - **Dual averaging.** The paper has a second algorithm, in which $x$ is computed anew at each step from the sum of all gradients. Libraries have the one shown here.
# - **`lr_decay`.** torch can divide $\eta$ by $1 + (t - 1)\gamma$ besides. Then the steps shrink like $t^{-3/2}$, their sum is finite, and AdaGrad *is* dead: for a constant gradient the way ends near $\int_0^\infty \frac{\eta\,dt}{\sqrt{t}\,(1 + \gamma t)} = \frac{\pi \eta}{\sqrt{\gamma}}$.
#
# Also in the paper is what AdaGrad is famous for: on convex problems, even if an adversary picks the gradients, its total loss exceeds that of the best fixed point by a bound that is nearly as good as if the best diagonal $D$ had been known in advance.


# %% tags=["hide-input"]
def first_step(**options):
    x = torch.nn.Parameter(f64(0))
    x.grad = f64(-0.1)
    torch.optim.Adagrad([x], lr=1.0, **options).step()
    return x.item()


outside = first_step(eps=0.1, initial_accumulator_value=0.0)
within = first_step(eps=0.0, initial_accumulator_value=0.1**2)
both = [
    n
    for n in inspect.signature(torch.optim.Adagrad).parameters
    if n in ("eps", "initial_accumulator_value")
]
evidence(
    "F12",
    "false",
    f"torch.optim.Adagrad has {' and '.join(both)}, and they are two things.",
    "Hand over a paper's δ as eps. The accumulator's first value shortens the first steps, and nothing else.",
    f"With a gradient of 0.1 and a δ of 0.1 the first step is {outside:.4f}η with eps = δ, outside the root, and"
    f" {within:.4f}η with initial_accumulator_value = δ², inside it.",
)

# %% tags=["hide-input"]
t = torch.arange(1, 1_000_001, dtype=torch.float64)
ended = {γ: (t.rsqrt() / (1 + (t - 1) * γ)).cumsum(dim=0) for γ in (0.01, 0.001)}
say(
    "With `lr_decay` and a gradient of 1: "
    + "; ".join(
        f"γ = {γ}: {way[9999]:.1f}η after {10_000:,} steps, {way[-1]:.1f}η after a million,"
        f" π/√γ = {torch.pi / γ**0.5:.1f}"
        for γ, way in ended.items()
    )
    + "."
)

# %% [markdown]
# ### In PyTorch
#
# *You see ours agree with torch's, what each option does, and when a compiled step or sparse gradients pay.*
#
# `torch.optim.Adagrad(model.parameters(), lr=0.01)`. Train a small network in float64 with both, at the default options and with all of them set.

# %% tags=["hide-input"]
pairs = {
    "defaults": {},
    "all set": {
        "lr": 0.1,
        "lr_decay": 0.01,
        "weight_decay": 0.01,
        "initial_accumulator_value": 0.1,
        "eps": 1e-6,
    },
}
gaps = [
    difference(
        lambda p, o=options: AdaGrad(p, **o),
        lambda p, o=options: torch.optim.Adagrad(p, **o),
    )
    for options in pairs.values()
]
within_bounds = "below 1e-12" if max(gaps) < 1e-12 else "above 1e-12"
say(
    f"After two epochs the largest relative difference of any weight is {within_bounds}."
)

# %% [markdown]
# | option of `torch.optim.Adagrad` | what it does | ours |
# |:--|:--|:--|
# | `lr` | $\eta$; 0.01 unless set | the same |
# | `lr_decay` | $\gamma$: divides $\eta$ by $1 + (t-1)\gamma$ | the same |
# | `weight_decay` | adds $\lambda x$ to the gradient, and so to $s$ as well ({doc}`adamw`) | the same |
# | `initial_accumulator_value` | the first value of $s$; above 0 it shortens the first steps | the same |
# | `eps` | $\varepsilon$, outside the root; $10^{-10}$ unless set | the same |
# | `maximize` | climbs | the same |
# | `foreach` | one call for all tensors in place of a loop | left out: `engine="compiled"` does more |
# | `fused` | one pass over memory, written by hand | `engine="compiled"` makes it from the formula |
# | `differentiable` | lets autograd through the step itself | left out: no chapter needs it |
#
# Set `fused=True`, or ours to `engine="compiled"`, when the model has millions of dense parameters, so that the step costs a visible share of the time. Ours compiles for some seconds at the first step, which a small model never earns back. For large embeddings use sparse gradients instead: both engines visit the whole table, the sparse path only the rows of the batch. torch's `fused` takes no sparse gradients.
#
# AdaGrad remembers one number for each parameter.

# %% tags=["hide-input"]
say(
    f"State in bytes for each float32 parameter: ours {state_bytes_of(AdaGrad):.0f},"
    f" torch's {state_bytes_of(torch.optim.Adagrad):.0f}: one float32."
)

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: four steps (★)
#
# A parameter has the gradient 2 at each of four steps, and AdaGrad runs with $\eta = 0.1$ and $\varepsilon = 0$. How far does the parameter move in all?

# %%
answer = ...
check("3-first-order/adagrad-four-steps", answer)

# %% tags=["remove-input"]
solution("3-first-order/adagrad-four-steps")

# %% [markdown]
# ### Exercise 2: slowed by one gradient (★★)
#
# The first gradient is 100, all later ones are 1, and $\eta = 1$. How many steps after the first does AdaGrad need, until it has covered a way of 101 in all? Use the approximate formula of *Slow, not dead*.

# %%
answer = ...
check("3-first-order/adagrad-slowed", answer)

# %% tags=["remove-input"]
solution("3-first-order/adagrad-slowed")

# %% [markdown]
# ### Exercise 3: read the plot (★)
#
# In the picture of the distances, how far has AdaGrad moved a word that came 100 times, in units of $\eta$?
#
# - `a`: about 5
# - `b`: about 9
# - `c`: about 19
# - `d`: about 100

# %%
answer = ...
check("3-first-order/adagrad-read-the-way", answer)

# %% tags=["remove-input"]
solution("3-first-order/adagrad-read-the-way")

# %% [markdown]
# ### An open experiment (★★★)
#
# How far does SGD come on the long tail with a falling rate, $\eta/\sqrt{t}$ or a cosine ({doc}`schedules`)? Does it reach the control, or AdaGrad? Write down first what you expect, and from how many seeds you will judge. There is no answer here.
#
# ## Summary
#
# - AdaGrad divides each entry of the gradient by the root of the sum of its squares so far. SGD moves a word in proportion to how often it comes, AdaGrad in proportion to the root of that.
# - The diagonal cures a bad scale along the axes and nothing else. The falling rate calms noise, and was the larger part of the gain.
# - $1/\sqrt{t}$ has a sum without bound: slow, not dead. But $s$ forgets nothing: one early gradient of size $G$ slows the next $G^2$ steps.
#
# ## References
#
# - {cite:t}`duchi2011`: both forms of AdaGrad, the bound, experiments on sparse text.
# - {cite:t}`mcmahan2010`: the same, found independently.
# - {cite:t}`ward2019`: one sum for all.
# - {cite:t}`pennington2014`: GloVe, vectors of 400,000 words, trained with AdaGrad.
# - {cite:t}`zipf1949`: the law of the long tail.
