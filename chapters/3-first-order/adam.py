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
# # Adam
#
# One learning rate has to serve all parameters, and one minibatch has to speak for all the data. So a plain step is too long here, too short there, and full of noise. Adam takes its direction from an average of gradients and its size from an average of their squares.
#
# **You will**
#
# - take two steps of Adam by hand, and derive its correction in two ways;
# - say how long a step is, and choose a first rate from that;
# - weigh the claim that Adam forgives a badly chosen rate.
#
# **You need** three things, each in a line:
#
# - a bowl of curvature $\lambda$ throws you out if the rate $\eta$ is above $2/\lambda$ ({doc}`/2-derivatives/gradient-descent`);
# - an average that forgets, $m \leftarrow \beta m + (1 - \beta)\, g$, is smoother than its gradients $g$ ({doc}`momentum`);
# - a gradient over the root of an average of its squares has no unit ({doc}`rmsprop`).
#
# :::{symbols}
# | Symbol | Shape | Meaning |
# |:--|:--|:--|
# | $x$, $x_i$ | as a parameter; number | the parameters, and one entry of them |
# | $f$ | number | the function to be made small |
# | $g$, $g_t$ | as $x$ | the gradient, and that of step $t$ |
# | $t$ | number | the number of the step, from 1 |
# | $\eta$ | number | the learning rate |
# | $m_t$, $v_t$ | as $x$ | the averages of the gradients and of their squares |
# | $\beta$, $\beta_1$, $\beta_2$ | number | the share of an average that is kept in each step; that of $m$, that of $v$ |
# | $\hat m_t$, $\hat v_t$ | as $x$ | the averages, corrected for their start at zero |
# | $\varepsilon$, $\hat\varepsilon$ | number | the small number beside the root, after the correction or before it |
# | $\bar g$, $\sigma$ | as $x$ | the mean of an entry's gradients, and their standard deviation |
# | $\mathbb{E}$ | | the mean over all random gradients |
# | $c$ | number | what the loss is multiplied by |
# | $u_t$ | as $x$ | in AMSGrad: the largest $v$ so far |
# | $\lambda$, $\kappa$ | number | a curvature, and with `weight_decay` the decay; the largest curvature over the smallest |
# | $\mu$ | number | in momentum: the share of the velocity that is kept |
# | $n$ | number | how many hidden units a layer has |
# :::

# %% tags=["hide-input"]
import math
import statistics
from functools import partial

import torch

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
from book.explorers import BiasCorrection, OneStep, Race
from book.figures import adam as figures
from book.numerics.vector import f64
from book.optim import SGD, Adam, Momentum, RMSProp, state_bytes_of
from book.training.data.load import load
from book.training.models import mlp
from book.training.run.loop import evaluate, train
from book.training.surface.flat import flat_loss, flat_parameters
from book.training.surface.side_by_side import difference

# %% [markdown]
# ## Two troubles
#
# Three weights have the gradients 100, 1 and 0.01. SGD moves each by $\eta$ times its gradient. Try some rates.
#
# :::{predict}
# Is there a rate with which one step moves each of the three by at least 0.01 and by at most 1?
#
# - `a`: yes, near η = 0.01
# - `b`: no
# - `c`: yes, near η = 1
# :::

# %% tags=["hide-input"]
OneStep("SGD")

# %% [markdown]
# :::{answer} b
# Whatever $\eta$ is, the first move is ten thousand times the last, and from 0.01 to 1 is only a factor of a hundred. Now choose **Adam**: all three move by $\eta$.
# :::
#
# The second trouble is noise. Take a bowl with the curvatures 1 and 1,000, $f(x) = \frac{1}{2}(x_1^2 + 1000\, x_2^2)$. Add noise in proportion to the curvature: standard deviation 1 and 1,000. Start at $(5, 5)$, and take 300 steps of SGD with the rate 0.001, half of the limit.
#
# :::{predict}
# Where are the two entries after 300 steps?
#
# - `a`: both close to 0, and at rest
# - `b`: the first is close to 0; the second jumps about
# - `c`: the first is still on its way; the second jumps about near 0
# :::


# %% tags=["hide-input"]
def follow(make, gradient, start, steps):
    """The path of an optimizer that is handed gradient(x, t) at each step."""
    x = torch.nn.Parameter(start.clone())
    optimizer, path = make([x]), [start]
    for t in range(steps):
        x.grad = gradient(x.detach(), t)
        optimizer.step()
        path.append(x.detach().clone())
    return torch.stack(path)


rng = torch.Generator().manual_seed(0)
scales = f64(1, 1000)
noise = torch.randn(300, 50, 2, generator=rng, dtype=torch.float64)  # for 50 walkers
walk = follow(
    partial(SGD, lr=1e-3), lambda x, t: scales * (x + noise[t, 0]), f64(5, 5), 300
)
show(
    figures.entries(walk, ["small gradients, $x_1$", "large gradients, $x_2$"]),
    "Two entries over 300 steps. The one with small gradients sinks in a smooth, nearly"
    f" straight line from 5 to {walk[-1, 0]:.1f}. The one with large gradients drops to"
    " near 0 in the first step and then jumps about wildly between"
    f" {walk[1:, 1].min():.0f} and {walk[1:, 1].max():.0f}.",
)

# %% tags=["hide-input"]
reveal(
    f"The first entry is at **{walk[-1, 0]:.1f}**: the rate is a thousandth of what it could"
    f" use. The second arrived at once and hops between −{-walk[1:, 1].min():.1f} and"
    f" {walk[1:, 1].max():.1f}. A smaller rate calms the second and stops the first.",
    right="c" if walk[-1, 0] > 2.5 else "b",
)

# %% [markdown]
# ## Two steps by hand
#
# An entry's first gradient is 4, its second 2. Adam keeps two averages, $m$ of the gradients and $v$ of their squares, both 0 at first.
#
# **First step.** $m$ keeps nine tenths of its 0 and takes a tenth of the 4: that is 0.4. $v$ keeps 0.999 of its 0 and takes a thousandth of $4^2$: that is 0.016. Both are far too small: most of their weight lies on the zero that they began with. Divide each by the weight that has gone to gradients, 0.1 and 0.001, and you get 4 and 16. The step is $m$ over the root of $v$, so $4/\sqrt{16} = 1$ rate long.
#
# :::{predict}
# The second gradient is half as large. How long is the second step?
#
# - `a`: half a rate
# - `b`: nearly a whole rate
# - `c`: more than a rate
# :::

# %%
m, v, rows = 0.0, 0.0, []
for t, g in ((1, 4.0), (2, 2.0)):
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
    rows.append((g, m, v, m_hat, v_hat, m_hat / v_hat**0.5))

# %% tags=["hide-input"]
heads = ["gradient", "m", "v", "m corrected", "v corrected", "step ÷ η"]
lines = [[f"{t}", *(f"{n:.4g}" for n in row)] for t, row in enumerate(rows, 1)]
by_hand = [row[-1] for row in rows]
gentle = follow(
    partial(Adam, lr=1.0), lambda x, t: f64(4e-3, 2e-3)[t : t + 1], f64(0), 2
)
reveal(
    f"**{by_hand[1]:.2f}** of a rate. Both averages look back further than one step.\n\n"
    + table(["step", *heads], lines).data
    + "\n\nDivide both gradients by a thousand, and the library's Adam moves by"
    f" {-gentle[1, 0]:.2f} and {gentle[1, 0] - gentle[2, 0]:.2f}. Their size hardly"
    " matters.",
    right="a" if by_hand[1] < 0.6 else "b" if by_hand[1] < 1 else "c",
)

# %% [markdown]
# ## On one screen
#
# At step $t = 1, 2, \ldots$ the gradient is $g_t$, of the same shape as the parameters $x$; everything is done entry by entry. The shares that the averages keep are $\beta_1 = 0.9$ and $\beta_2 = 0.999$; $\varepsilon = 10^{-8}$ keeps $0/0$ away; both averages begin at $m_0 = v_0 = 0$.

# %% tags=["remove-input"]
one_screen("Adam")

# %% [markdown]
# The library's code: `power(β, t)` is $\beta^t$, and `u` serves `amsgrad` (*Going further*); without it `u` is `v`.

# %% tags=["hide-input"]
show_source(Adam.update)

# %% [markdown]
# ## Two averages
#
# The average $m$ gives the direction. It keeps the share $\beta_1 = 0.9$ of its past, so it looks back about $1/(1 - \beta_1) = 10$ steps. The average of squares $v$ gives the size: with $\beta_2 = 0.999$ it looks back about 1,000.
#
# What does the quotient measure? Let an entry's gradients have the mean $\bar g$ and the variance $\sigma^2$. Then $m$ is near $\bar g$, and $v$ is near the mean of the squares, $\bar g^2 + \sigma^2$. So
#
# $$\frac{m}{\sqrt v} \approx \frac{\bar g}{\sqrt{\bar g^2 + \sigma^2}} = \frac{\operatorname{sign}(\bar g)}{\sqrt{1 + \sigma^2 / \bar g^2}}.$$
#
# The unit of the gradient has gone. What remains is **a sign, and how far it can be trusted**: near 1 where the gradients agree, near $\sqrt{1/19} = 0.23$ where they are noise around nothing, since $m$ averages only some ten.
#
# ## Averages that start at zero
#
# Take random gradients with the mean 1 and the standard deviation 0.5. Then $m$ should be 1, and $v$ should be 1.25.
#
# :::{predict} number
# With $\beta = 0.9$ and equal gradients, at which step does an average that starts at zero first reach half of what it should be?
# :::


# %% tags=["hide-input"]
def from_zero(values, β):
    """The average after each value, and the same divided by the weight it has so far."""
    plain, t = [f64(0)], torch.arange(1, len(values) + 1)
    for value in values:
        plain.append(β * plain[-1] + (1 - β) * value)
    plain = torch.cat(plain[1:])
    return plain, plain / (1 - β**t)


g = 1 + 0.5 * torch.randn(60, generator=rng, dtype=torch.float64)
panels = {
    r"$m$, with $\beta_1 = 0.9$": (*from_zero(g, 0.9), 1.0),
    r"$v$, with $\beta_2 = 0.999$": (*from_zero(g**2, 0.999), 1.25),
}
(_, mended, _), (plain_v, _, _) = panels.values()
show(
    figures.averages(panels),
    "Left, m: the plain average climbs from near 0 and joins the corrected one, which swings"
    f" between {mended.min():.1f} and {mended.max():.1f} around the true value 1 from the first"
    " step on. Right, v: the plain average is a nearly flat line that has reached"
    f" {plain_v[-1]:.1f} after 60 steps; the corrected one swings around 1.25, less and less.",
)

# %% [markdown]
# :::{answer} 7
# The average has the share $1 - 0.9^t$ of its weight on gradients: 0.47 after 6 steps, 0.52 after 7. With $\beta = 0.999$ it takes 693.
# :::
#
# There are two ways to see $1 - \beta^t$.
#
# **By unrolling.** Put the recursion into itself:
#
# $$m_t = (1 - \beta) \sum_{i=1}^{t} \beta^{t-i} g_i.$$
#
# An average needs weights that add up to 1. These add up to $1 - \beta^t$; the rest still lies on the zero. Divide by $1 - \beta^t$, and you have a true average.
#
# **By expectation.** Let the gradients be random, with the same mean $\mathbb{E}[g_i] = \bar g$ and the same mean square at each step. Then
#
# $$\begin{aligned} \mathbb{E}[m_t] &= \bar g\, (1 - \beta_1^t), \\ \mathbb{E}[v_t] &= \mathbb{E}[g^2]\, (1 - \beta_2^t). \end{aligned}$$
#
# So $\hat m_t = m_t / (1 - \beta_1^t)$ and $\hat v_t = v_t / (1 - \beta_2^t)$ have the right means: each average with its *own* $\beta$. The second way wants means that do not change. The first wants nothing: even for gradients that drift, $\hat m$ is an average of them. This is the {term}`bias correction` ({cite:t}`kingma2015`).
#
# :::{dropdown} The algebra of both
# The weights are a geometric series: $(1 - \beta)(1 + \beta + \cdots + \beta^{t-1}) = 1 - \beta^t$, because multiplying out leaves only the first and the last term.
#
# The mean of a sum is the sum of the means: $\mathbb{E}[m_t] = (1 - \beta_1) \sum_i \beta_1^{t-i}\, \mathbb{E}[g_i] = \bar g\, (1 - \beta_1) \sum_i \beta_1^{t-i}$, and that is the same series. For $v$ put $g_i^2$ in the place of $g_i$.
# :::
#
# ## The first thirty steps
#
# Let all gradients be equal. Then $\hat m = g$ and $\hat v = g^2$, and every corrected step is one $\eta$ long. Now leave the correction out: both averages are too small.
#
# :::{predict}
# How long is the *first* step without the correction, at the default shares?
#
# - `a`: shorter than η, about 0.1 η
# - `b`: η, because the two errors cancel
# - `c`: longer than η, about 3 η
# :::


# %% tags=["hide-input"]
class Uncorrected(Adam):
    @staticmethod
    def update(x, g, m, v, u, *, t, lr, betas, eps, amsgrad):
        hyper = {"lr": lr, "betas": betas, "eps": eps, "amsgrad": amsgrad}
        return Adam.update(x, g, m, v, u, t=math.inf, **hyper)  # β^∞ = 0


class Misprinted(Adam):
    @staticmethod
    def update(x, g, m, v, u, *, t, lr, betas, eps, amsgrad):
        β1, β2 = betas
        m, v = β1 * m + (1 - β1) * g, β2 * v + (1 - β2) * g**2
        m_hat, v_hat = m / (1 - β2**t), v / (1 - β2**t)
        return x - lr * m_hat / (v_hat.sqrt() + eps), m, v, u


def lengths(gradients, rule=Adam, β2=0.999, eps=1e-12):
    """How long each step is, in units of the rate, for gradients of shape (steps, n)."""
    x = m = v = u = torch.zeros_like(gradients[0])
    hyper = {"lr": 1.0, "betas": (0.9, β2), "eps": eps, "amsgrad": False}
    path = [x]
    for t, g in enumerate(gradients, start=1):
        x, m, v, u = rule.update(x, g, m, v, u, t=t, **hyper)
        path.append(x)
    return torch.stack(path).diff(dim=0).abs()


rules = {
    "no correction": Uncorrected,
    r"$\beta_2$ in both": Misprinted,
    "corrected": Adam,
}
equal = torch.full((30, 1), 0.02, dtype=torch.float64)
strides = {name: lengths(equal, rule)[:, 0] for name, rule in rules.items()}
plain, slip, _ = strides.values()
show(
    figures.step_sizes(strides),
    "Length of the first 30 steps in units of the rate. Corrected: a level line at 1."
    f" Without correction: {plain[0]:.0f} at the first step, a flat peak of"
    f" {plain.max():.1f} near step {plain.argmax() + 1} and {plain[-1]:.1f} at the last."
    f" With beta 2 in both corrections: {slip[0]:.0f} at the first step, falling to"
    f" {slip[-1]:.0f}.",
)

# %% tags=["hide-input"]
reveal(
    f"**{plain[0]:.2f} η**, and up to {plain.max():.2f} η in the steps after. Both averages are"
    " too small, but the one under the root is smaller by far:"
    rf" $(1 - \beta_1)/\sqrt{{1 - \beta_2}}$ is {0.1 / math.sqrt(0.001):.2f}. The third curve"
    rf" is a slip of one index, $1 - \beta_2^t$ under both: its first step is"
    f" **{slip[0]:.0f} η** long.",
    right="a" if plain[0] < 0.5 else "b" if plain[0] < 2 else "c",
)

# %% [markdown]
# The correction did not help our network (*Going further*). With equal gradients it makes a step one $\eta$ long at step 1 and at step 10,000, whatever $\beta_2$ is. Move the two shares: what happens to the first steps when $\beta_2$ comes down to $\beta_1$?

# %% tags=["hide-input"]
BiasCorrection()

# %% [markdown]
# ## How long is a step?
#
# :::{predict}
# The gradients alternate: 1, −1, 1, −1, … How long are Adam's steps in the long run?
#
# - `a`: one η, because every gradient has the size 1
# - `b`: about a twentieth of η
# - `c`: exactly 0
# :::

# %% tags=["hide-input"]
silence = 6000 * [0.0]
sequences = {
    "always 1": 6080 * [1.0],
    "1, −1, 1, −1, …": 3040 * [1.0, -1.0],
    "random signs": torch.randn(6080, generator=rng).sign().tolist(),
    "6,000 zeros, one 1, zeros": [*silence, 1.0, *(79 * [0.0])],
    "6,000 zeros, then always 1": silence + 80 * [1.0],
    "6,000 zeros, then growing": silence + [(0.999 / 0.9) ** t for t in range(80)],
}
longest = (
    lengths(torch.tensor(list(sequences.values()), dtype=torch.float64).T)[6000:]
    .max(0)
    .values
)
bound = 0.1 / math.sqrt(0.001) / math.sqrt(1 - 0.9**2 / 0.999)
reveal(
    f"**{longest[1]:.2f} η**: $m$ keeps $(1 - \\beta_1)/(1 + \\beta_1)$ of what alternates, and"
    " $\\sqrt v$ keeps all of its size. Only gradients larger than those before take a step beyond"
    f" η, and at most {bound:.2f} η (*Going further* derives it).\n\n"
    + table(
        ["gradients", "longest step from 6,000 on"],
        [
            [name, f"{size:.2f} η"]
            for name, size in zip(sequences, longest, strict=True)
        ],
    ).data,
    right="a" if longest[1] > 0.9 else "b" if longest[1] > 0.01 else "c",
)

# %% [markdown]
# So **$\eta$ is a length**: about the largest distance that an entry moves in a step, whatever the loss is. That is how to guess a first rate.
#
# ## Too small, right, too large
#
# The first layer of $784 \to 32 \to 10$ starts with weights between $-0.036$ and $0.036$. You have 60 steps.
#
# :::{predict} number
# With which rate can a weight move by just 0.036 in 60 steps, if all its gradients agree?
# :::

# %%
data, _ = load("mnist")  # 1,500 images, 12 batches an epoch
curves, furthest = {}, {}
for lr in (3e-5, 6e-4, 1e-2, 7e-2):
    model = mlp(784, 32, 10, seed=0).double()
    start = flat_parameters(model)
    curves[lr] = train(model, data, Adam(model.parameters(), lr=lr), epochs=5).losses
    furthest[lr] = (flat_parameters(model) - start).abs().max().item()

# %% tags=["hide-input"]
ends = {lr: statistics.fmean(losses[48:]) for lr, losses in curves.items()}
low, guess, right, high = ends
show(
    figures.three_rates(curves),
    f"Training loss over 60 steps at four rates, all from {curves[low][0]:.1f}. At {low:g} it has hardly"
    f" fallen, to {ends[low]:.1f}. At {guess:g} it falls to {ends[guess]:.1f}, at {right:g} fast, to"
    f" {ends[right]:.1f}. At {high:g} it first leaves the picture at the top, then jumps about and ends"
    f" near {ends[high]:.1f}.",
)

# %% tags=["hide-input"]
needed = 0.036 / 60
reveal(
    f"0.036/60 = {needed:g}. At {low:g} no weight has moved by more than {furthest[low]:.4f}, and the"
    f" loss of the last epoch is {ends[low]:.2f}, where guessing has {math.log(10):.2f}. At {guess:g} it"
    f" is {ends[guess]:.2f}. At {right:g}, where the furthest weight has gone {furthest[right]:.2f}, it is"
    f" **{ends[right]:.2f}**. At {high:g} the *first* step alone is longer than the weights, and the loss"
    f" is {ends[high]:.2f}.",
    right=0.0006 if math.isclose(needed, 0.0006) else needed,
)

# %% [markdown]
# So the guess is a lower start. Go up from it by threes.
#
# ## Rescaling the loss
#
# Multiply the loss by $c > 0$, and with it all gradients.
#
# :::{predict}
# At the same rate and with $\varepsilon = 10^{-8}$: at which $c$ does Adam first train otherwise than at 1?
#
# - `a`: at $10^{-3}$
# - `b`: at $10^{-6}$
# - `c`: at $10^{-9}$
# :::


# %%
def loss_at_the_end(make, scale=1.0, seed=0):
    """The mean loss of the fifth epoch, with every gradient multiplied by `scale`."""
    model = mlp(784, 32, 10, seed=seed).double()
    for parameter in model.parameters():
        parameter.register_hook(lambda g: scale * g)  # each gradient is multiplied
    losses = train(model, data, make(model.parameters()), epochs=5, seed=seed).losses
    return statistics.fmean(losses[48:])  # an epoch has 12 steps


# %% tags=["hide-input"]
makes = {
    "SGD, η = 0.1": partial(SGD, lr=0.1),
    "Adam, ε = 10⁻⁸": partial(Adam, lr=3e-3),
    "Adam, ε = 10⁻²⁰": partial(Adam, lr=3e-3, eps=1e-20),
}
scaled = {
    c: [loss_at_the_end(make, c) for make in makes.values()]
    for c in (1e3, 1, 1e-3, 1e-6, 1e-9)
}
first = next(c for c in scaled if c < 1 and abs(scaled[c][1] / scaled[1][1] - 1) > 0.05)
reveal(
    f"At {first:g}, where gradients come near ε: {scaled[first][1]:.2f} in place of {scaled[1][1]:.2f}."
    f" SGD needs another rate at each.\n\n"
    + table(
        ["loss times", *makes],
        [
            [f"{c:g}", *(f"{x:.2f}" if x < 10 else "diverges" for x in row)]
            for c, row in scaled.items()
        ],
    ).data,
    right={1e-3: "a", 1e-6: "b", 1e-9: "c"}[first],
)

# %% [markdown]
# Both $\hat m$ and $\sqrt{\hat v}$ grow by $c$, and their quotient stays; this holds for each entry on its own. For gradients of constant size $|g|$ the step is $\eta\, |g| / (|g| + \varepsilon)$: half of $\eta$ where the gradient is as small as $\varepsilon$. With $\varepsilon = 0$ a weight behind a dead ReLU, whose gradient has always been 0, would get $0/0$, which is nan.
#
# ## Experiment: how much does the rate matter?
#
# "Adam is robust to its rate", people say. A stored run trained two networks on all of MNIST for one epoch, with eight methods at the same 25 rates from $10^{-5}$ to $10^3$, each from the same three seeds. The rules were fixed before the run:
#
# - a rate is **good** where the loss at the end is at most 1.5 times the best;
# - *best* means the method's **own** best, or the best **of all**: a method that is equally bad over four decades must not win;
# - the **width** counts the decades between the ends of the good band, with straight lines between the rates.
#
# :::{predict}
# Who has the widest band, by its own best?
#
# - `a`: Adam, on both networks
# - `b`: one and the same other method, on both networks
# - `c`: no method on both; all that divide by a size are close together
# :::

# %% tags=["hide-input"]
measured = results.load("robustness")["results"]
networks, factor = measured["networks"], str(measured["stated"])
shallow, deep = networks.values()
ours = list(shallow["bands"])


def span(kind, names):
    wide = [net["bands"][n][kind][factor] for net in (shallow, deep) for n in names]
    return f"{min(wide):.1f} to {max(wide):.1f}"


show(
    figures.widths({name: net["bands"] for name, net in networks.items()}, factor),
    "Two bars for each of eight methods, for two networks. Upper bars: SGD, Momentum and"
    f" Nesterov have {span('own', ours[:3])} decades, the five others"
    f" {span('own', ours[3:])}. Lower bars: SGD, AdaGrad and RMSProp shrink to"
    f" {span('overall', ('SGD', 'AdaGrad', 'RMSProp'))}, Nesterov stays, and AdaDelta, Adam"
    f" and AdamW have {span('overall', ('AdaDelta', 'Adam', 'AdamW'))}.",
)

# %% tags=["hide-input"]
widest = [
    max(ours, key=lambda m, net=net: net["bands"][m]["own"][factor])
    for net in (shallow, deep)
]
reveal(
    f"**{widest[0]}** on the first network, **{widest[1]}** on the second. The five methods that"
    f" divide by a size have {span('own', ours[3:])} decades, the three others"
    f" {span('own', ours[:3])}. Lower bars, by the best of all: AdaGrad falls from the top to the"
    " bottom, because its band is wide at a level that others undercut.",
    right="a" if widest == ["Adam", "Adam"] else "b" if widest[0] == widest[1] else "c",
)

# %% tags=["hide-input"]
kinds = [(net, kind) for net in networks.values() for kind in ("own", "overall")]
adams, plains = (
    [net["bands"][name][kind][factor] for net, kind in kinds]
    for name in ("Adam", "SGD")
)
cases = [(*kind, str(within)) for kind in kinds for within in measured["tolerances"]]


def wider_than(*names):
    """In how many cases Adam's band is wider than those of all these."""
    return sum(
        net["bands"]["Adam"][kind][within]
        > max(net["bands"][name][kind][within] for name in names)
        for net, kind, within in cases
    )


rest = [name for name in ours if name != "Adam"]
strict = [shallow["bands"][m]["overall"]["1.25"] for m in ("Adam", "Momentum")]
evidence(
    "F17",
    "false",
    f"Among {len(ours)} methods on two networks, Adam's band is the widest in"
    f" **{wider_than(*rest)} of {len(cases)}** cases.",
    "Search Adam's rate as you would any other's. Its band is wider than SGD's, and about as wide as"
    " that of its relatives.",
    f"The cases are two networks, three tolerances, two meanings of best. Adam's band is wider than"
    f" SGD's in {wider_than('SGD')}, than momentum's in {wider_than('Momentum')}. Within {factor}"
    f" times its own best it is {adams[0]:.2f} and {adams[2]:.2f} decades wide (SGD {plains[0]:.2f}"
    f" and {plains[2]:.2f}), within {factor} times the best of all {adams[1]:.2f} and {adams[3]:.2f}"
    f" (SGD {plains[1]:.2f} and {plains[3]:.2f}); in the strictest case {strict[0]:.2f} (momentum"
    f" {strict[1]:.2f}).",
)

# %% [markdown]
# The caveats: one epoch, one data set, two small networks, a constant rate.
#
# ## Use it

# %% tags=["remove-input"]
use_it("Adam")


# %% [markdown]
# ## Going further
#
# ### Is a real network like this?
#
# *You see how often one minibatch has the right signs, and how much a running average improves them.*
#
# Take $784 \to 64 \to 10$ at its start. Draw 100 minibatches of 16 images from the sample of MNIST, and compare the gradient of each with the gradient of all 1,500 images.
#
# :::{predict}
# In how many entries does one minibatch's gradient have the right sign? A coin has 50%.
#
# - `a`: about 60%
# - `b`: about 75%
# - `c`: about 90%
# :::

# %% tags=["hide-input"]
network = mlp(784, 64, 10, seed=0).double()
θ = flat_parameters(network)
batches = [data[torch.randperm(1500, generator=rng)[:16]] for _ in range(100)]

# %%
full = gradient(flat_loss(network, data), θ)  # of all images
minibatch = torch.stack([gradient(flat_loss(network, batch), θ) for batch in batches])
average = torch.zeros_like(full)
for g in minibatch:  # 100 gradients, all at the same weights
    average = 0.9 * average + 0.1 * g
right_sign = [(d.sign() == full.sign()).double().mean() for d in (minibatch, average)]

# %% tags=["hide-input"]
sizes = minibatch.square().mean(0).sqrt().quantile(f64(0.01, 0.99))
reveal(
    f"One minibatch has it in **{right_sign[0]:.0%}** of the entries, their running average"
    f" in **{right_sign[1]:.0%}**. The sizes differ as well: 1% of the entries have gradients"
    f" below {sizes[0]:.4f} and 1% above {sizes[1]:.3f}, a factor of {sizes[1] / sizes[0]:.0f}.",
    right=min(
        "abc", key=lambda key: abs({"a": 0.6, "b": 0.75, "c": 0.9}[key] - right_sign[0])
    ),
)

# %% [markdown]
# The network stood still here. In training the average is of gradients from slightly different places, and a little out of date: that is its price.
#
# ### Which of the two matters more?
#
# *You see averaging and dividing tested apart and together, each at its best rate.*
#
# Back to the bowl with the curvatures 1 and 1,000. Each of four methods may choose its rate between $10^{-4}$ and $1$, four rates a decade. It is judged by the root mean square of each entry in the last 50 of 300 steps, over 50 walkers, and by the worse of the two entries.
#
# :::{predict}
# Momentum averages the gradient, RMSProp divides by its size, Adam does both. Which does more for the result here?
#
# - `a`: the average
# - `b`: the division
# - `c`: only both together help
# :::

# %% tags=["hide-input"]
methods = {
    "SGD": SGD,
    "Momentum, μ = 0.9": partial(Momentum, momentum=0.9),
    "RMSProp": RMSProp,
    "Adam": Adam,
}


# %%
def hover(make):
    """How far 50 walkers are from the minimum in their last 50 steps, by entry."""
    start = torch.full((50, 2), 5.0, dtype=torch.float64)
    path = follow(make, lambda x, t: scales * (x + noise[t]), start, 300)
    return path[-50:].square().mean((0, 1)).sqrt().nan_to_num(math.inf).tolist()


nearest = {}
for name, make in methods.items():
    rates = [10 ** (k / 4) for k in range(-16, 1)]
    ends = {lr: hover(partial(make, lr=lr)) for lr in rates}
    best = min(ends, key=lambda lr: max(ends[lr]))
    nearest[name] = (best, *ends[best])

# %% tags=["hide-input"]
rows = [[name, *(f"{value:.2g}" for value in row)] for name, row in nearest.items()]
table(["method", "its best rate", "small gradients, $x_1$", "large, $x_2$"], rows)

# %% tags=["hide-input"]
far, averaged, divided, both = (max(row[1:]) for row in nearest.values())
reveal(
    "The worse entry is left at"
    f" {far:.2g} by SGD, {averaged:.2g} by momentum, **{divided:.2g}** by RMSProp and {both:.2g} by"
    " Adam. Dividing does nearly all of it: both entries now move at the same speed. The average of the gradients"
    " adds next to nothing *here*. It makes each step's direction better, but steps that share most of their average"
    " also repeat its errors, and at a constant rate the walker hovers as before.",
    right="b"
    if divided < averaged / 1.5 and divided < both * 1.5
    else "a"
    if averaged < divided
    else "c",
)

# %% [markdown]
# What removes the hovering is a rate that falls ({doc}`sgd`, {doc}`schedules`).
#
# Three methods race in a valley whose axes are turned. Choose the bowl with κ = 10, whose axes are straight: by how much does a rate for each entry help there?

# %% tags=["hide-input"]
Race(methods=["Momentum", "RMSProp", "Adam"], steps=100)

# %% [markdown]
# ### The rate and the width
#
# *You see whether a rate carries over to a wider network, and what rescaling the last layer changes.*
#
# The length $\eta$ is that of one entry. A unit adds up its inputs times its entries: the more inputs, the further its output moves in one step. Train $784 \to n \to 10$ for one epoch of 12 steps, from two seeds, at six rates.
#
# :::{predict}
# How does the best rate change from $n = 32$ to $n = 512$ hidden units?
#
# - `a`: it grows
# - `b`: it stays, as Adam's step does not depend on the loss
# - `c`: it falls
# :::


# %%
def after_an_epoch(n, lr, seed, by_width):
    net = mlp(784, n, 10, seed=seed)
    *others, W, bias = net.parameters()  # W has n inputs
    share = 32 / n if by_width else 1.0
    W.data *= share**0.5
    groups = [{"params": [*others, bias]}, {"params": [W], "lr": lr * share}]
    train(net, data, Adam(groups, lr=lr), epochs=1, seed=seed)
    return evaluate(net, data)[0]


# %% tags=["hide-input"]
grid = [10 ** (k / 3) for k in range(-9, -3)]
by_width = {
    rule: {
        n: [
            statistics.fmean(after_an_epoch(n, lr, seed, rule) for seed in range(2))
            for lr in grid
        ]
        for n in (32, 128, 512)
    }
    for rule in (False, True)
}
best_of = {
    rule: [grid[losses.index(min(losses))] for losses in by_width[rule].values()]
    for rule in by_width
}
show(
    figures.widths_of_layers(grid, by_width),
    "Loss after one epoch against the rate for three widths, two panels. Left, one rate for all"
    " layers: the lowest points lie at"
    f" {', '.join(f'{lr:.2g}' for lr in best_of[False])} for 32, 128 and 512 units, further left the"
    " wider the network. Right, the last layer's rate divided by the width: the lowest points lie"
    f" at {', '.join(f'{lr:.2g}' for lr in best_of[True])}.",
)

# %% tags=["hide-input"]
narrow, _, wide = best_of[False]
lowest = {rule: min(by_width[rule][512]) for rule in by_width}
reveal(
    f"With one rate for all layers the best goes from {narrow:.2g} to **{wide:.2g}**. Divide the last"
    " layer's rate by n/32, and its first weights by the root of that: the"
    f" best rates are {', '.join(f'{lr:.2g}' for lr in best_of[True])}. The caveat: this keeps the"
    f" best *rate*; the lowest loss at 512 units is {lowest[False]:.2f} with one rate and"
    f" {lowest[True]:.2f} with two.",
    right="a" if wide > narrow else "b" if wide == narrow else "c",
)

# %% [markdown]
# So a rate does not carry over to a wider network by itself. {cite:t}`yang2021` work out which layer's rate must shrink how with the width, so that every layer keeps learning (their μP). {cite:t}`yang2022` tune on a narrow network, and take the rate over to one that is too large to tune.
#
# ### What it costs
#
# *You see Adam's memory counted in bytes, and why half precision still needs a float32 copy of the weights.*
#
# Adam remembers two numbers for each parameter, $m$ and $v$. In float32 that is 4 bytes each, beside 4 for the weight and 4 for its gradient.

# %% tags=["hide-input"]
sizes = {
    "Adam": (Adam, torch.optim.Adam),
    "Adam, amsgrad": (
        partial(Adam, amsgrad=True),
        partial(torch.optim.Adam, amsgrad=True),
    ),
    "Momentum": (Momentum, partial(torch.optim.SGD, momentum=0.9)),
}
held = {name: [state_bytes_of(make) for make in pair] for name, pair in sizes.items()}
evidence(
    "F18",
    "holds",
    f"Adam's state is **{held['Adam'][0]:g} bytes** for each float32 parameter.",
    "Count it in: with Adam, weights, gradients and state take twice the memory that they take"
    " with plain SGD.",
    f"Bytes of state per float32 parameter, ours and torch's: Adam {held['Adam'][0]:g}"
    f" and {held['Adam'][1]:g}, with amsgrad {held['Adam, amsgrad'][0]:g} and"
    f" {held['Adam, amsgrad'][1]:g}, momentum {held['Momentum'][0]:g} and"
    f" {held['Momentum'][1]:g}.",
)

# %% [markdown]
# Large networks compute in half precision: weights and gradients take 2 bytes each. But a step of $\eta = 0.001$ on such a weight of 1 is rounded away, $1 - 0.001 = 1$ ({doc}`/1-numbers/floating-point`). So Adam updates a copy of the weights in float32, with its averages in float32.
#
# :::{predict} number
# How many bytes does each parameter take, all in all?
# :::

# %%
weights = torch.ones(1000, dtype=torch.bfloat16)  # what the network computes with
gradients = torch.full_like(weights, 0.5)
master = weights.float()  # what Adam updates
optimizer = torch.optim.Adam([master], lr=1e-3)
master.grad = gradients.float()
optimizer.step()

# %% tags=["hide-input"]
state = optimizer.state[master]
parts = [weights, gradients, master, state["exp_avg"], state["exp_avg_sq"]]
each = [part.nbytes // 1000 for part in parts]
lost = (weights - 1e-3).equal(weights)
reveal(
    f"{' + '.join(map(str, each))} = **{sum(each)}** bytes: weights, gradients, float32 weights,"
    f" $m$, $v$. (After this step the float32 weights are {master[0]:.3f}; in bfloat16 the same step"
    f" {'leaves' if lost else 'does not leave'} the weights where they are.) A network of 7 billion"
    f" parameters takes {7 * sum(each)} GB before it has seen one example.",
    right=sum(each),
)

# %% [markdown]
# {cite:t}`rajbhandari2020` count like this, and then split the parts among many devices. A float32 copy of the gradient lives only as long as the step. (`torch.autocast` keeps weights and gradients in float32 and comes to the same sum, $4 + 4 + 4 + 4$.)
#
# ### Formulas, checked
#
# *You see the unrolled sum, the two correction factors and the freedom from scale hold in numbers.*
#
# The unrolled sum is held against the recursion, the mean over 20,000 random runs against the factors, and Adam with $\varepsilon = 0$ on 200 random gradients against itself on the same gradients times $2^{40}$.

# %% tags=["hide-input"]
runs = 1 + 0.5 * torch.randn(20_000, 10, generator=rng, dtype=torch.float64)
rows, off, worst = [], 0.0, 0.0
for name, β, values, mean in (("m", 0.9, runs, 1.0), ("v", 0.999, runs**2, 1.25)):
    so_far = torch.zeros(20_000, dtype=torch.float64)
    for t in range(1, 11):
        so_far = β * so_far + (1 - β) * values[:, t - 1]
        weights = (1 - β) * β ** torch.arange(t - 1, -1, -1, dtype=torch.float64)
        off = max(off, (values[:, :t] @ weights - so_far).abs().max().item())
        share = (so_far.mean() / mean).item()
        worst = max(worst, abs(share / (1 - β**t) - 1))
        if t in (1, 3, 10):
            rows.append([f"{name}, t = {t}", f"{share:.4f}", f"{1 - β**t:.4f}"])
table(["mean of 20,000 runs", "measured mean ÷ true mean", "1 − βᵗ"], rows)

# %% tags=["hide-input"]
small, large = (lengths(c * noise[:200, 0], eps=0.0) for c in (1.0, 2.0**40))
same = "the same" if small.equal(large) else "other"
say(
    "The unrolled sum and the recursion differ by"
    f" {'less than 1e-14' if off < 1e-14 else 'more than rounding'} in all 20,000 runs. Gradients"
    f" that are 2⁴⁰ times as large lead to {same} numbers to the last bit."
)

# %% [markdown]
# ### Does a network mind a missing correction?
#
# *You see what the corrections are good for: three rules, at the default rate and each at its best.*
#
# Train $784 \to 32 \to 10$ on the sample of MNIST for five epochs of 12 steps, with two seeds, at seven rates from $3 \cdot 10^{-5}$ to $3 \cdot 10^{-2}$, two a decade. Read the mean loss of the last epoch at the default rate, and at each rule's best rate.
#
# :::{predict}
# Which of the three rules is best at the default rate, η = 0.001?
#
# - `a`: the corrected one
# - `b`: the one with no correction
# - `c`: the one with β₂ in both
# :::

# %% tags=["hide-input"]
rates, rows, at_default = [10 ** (k / 2) for k in range(-9, -2)], [], {}
for name, rule in rules.items():
    ends = {
        lr: statistics.fmean(
            loss_at_the_end(partial(rule, lr=lr), seed=s) for s in range(2)
        )
        for lr in rates
    }
    best = min(rates, key=lambda lr: ends[lr] if math.isfinite(ends[lr]) else math.inf)
    at_default[name] = ends[1e-3]
    rows.append([name, f"{ends[1e-3]:.2f}", f"{best:.2g}", f"{ends[best]:.2f}"])
table(["correction", "loss at η = 0.001", "its best η", "loss there"], rows)

# %% tags=["hide-input"]
faded = lengths(torch.ones(1000, 1), Uncorrected)[:, 0]
first = min(at_default, key=at_default.get)
reveal(
    f"**{first[0].upper() + first[1:]}**: {at_default[first]:.2f} against"
    f" {at_default['corrected']:.2f}. That is no merit, as steps of about 6 η are what a larger rate"
    " gives. At their best rates the two are close. The uncorrected step shrinks by itself, from"
    f" {faded.max():.1f} η to {faded[59]:.1f} η at step 60: a falling rate that no one asked for,"
    " which may help a run that ends there. After 1,000 steps it is still"
    f" {faded[-1]:.2f} η. The slip ruins the default rate, and ends behind at its best one too."
    " So the correction does not make this network better. What it gives is an η that means the same at each step,"
    " and that a change of β₂ leaves alone.",
    right={"corrected": "a", "no correction": "b"}.get(first, "c"),
)

# %% [markdown]
# ### The longest step of all
#
# *You see a longer step than the paper's worst case, a proof that none is longer, and gradients that approach it.*
#
# After a long silence a single gradient $g$ gives $m = (1 - \beta_1)\, g$ and $v = (1 - \beta_2)\, g^2$, and the corrections have long been 1. So the step is $\eta\,(1 - \beta_1)/\sqrt{1 - \beta_2} = 3.16\,\eta$. {cite:t}`kingma2015` name this as the worst case. It is not quite the worst. Write the quotient as a sum, with $k = t - i$ for the age of a gradient, and use the inequality of Cauchy and Schwarz, for $\beta_1^2 < \beta_2$:
#
# $$\begin{aligned} m_t &= (1 - \beta_1) \sum_k \frac{\beta_1^k}{\beta_2^{k/2}} \cdot \beta_2^{k/2} g_{t-k} \\ &\le (1 - \beta_1) \sqrt{\sum_k \Big(\frac{\beta_1^2}{\beta_2}\Big)^k} \\ & \phantom{{}\le{}} {} \cdot \sqrt{\sum_k \beta_2^k\, g_{t-k}^2}. \end{aligned}$$
#
# The last root is $\sqrt{v_t / (1 - \beta_2)}$, and the series is at most $1/(1 - \beta_1^2/\beta_2)$. So, after many steps,
#
# $$\begin{aligned} & \left| x_t - x_{t-1} \right| \\ & \quad \le \eta\, \frac{1 - \beta_1}{\sqrt{1 - \beta_2}} \cdot \frac{1}{\sqrt{1 - \beta_1^2 / \beta_2}} \\ & \quad = 7.27\, \eta. \end{aligned}$$
#
# Equality needs an endless silence before, and $g_{t-k}$ in proportion to $(\beta_1/\beta_2)^k$: gradients that grow by the factor $\beta_2/\beta_1 = 1.11$ a step. They are the last line of the table above. The line before it shows that a feature that wakes up and stays awake takes longer steps for a while, too.

# %% tags=["hide-input"]
say(
    f"The bound is {bound:.3f} η. The longest step after 6,000 zeros was {longest[3]:.2f} η with one"
    f" gradient, {longest[4]:.2f} η where they stay, and **{longest[5]:.3f} η** where they grow."
)

# %% [markdown]
# ### β₂ = 0.95, and ε, at scale
#
# *You see how long one huge gradient echoes for two values of $\beta_2$, in bare steps and in a network's loss.*
#
# GPT-3 ({cite:t}`brown2020`), OPT ({cite:t}`zhang2022opt`) and LLaMA ({cite:t}`touvron2023`) were all trained with $\beta_2 = 0.95$: an average of squares that looks back 20 steps and not 1,000. One thing that it changes can be seen on a single entry. Hand Adam gradients that are always 1, but for one of 100 among them.
#
# A burst like this leaves two traces. $m$ holds a tenth of it for about ten steps, and pushes. $v$ holds $(1 - \beta_2) \cdot 100^2$, and makes every step shorter until it is forgotten.
#
# :::{predict}
# With which β₂ do the steps sink lower after the burst, and with which do they take longer to recover?
#
# - `a`: both with 0.999
# - `b`: lower with 0.95, longer with 0.999
# - `c`: both with 0.95
# :::

# %%
steady = torch.ones(3000, 1)
steady[500] = 100.0  # one burst
after_burst = {f"β₂ = {β2:g}": lengths(steady, β2=β2)[500:, 0] for β2 in (0.999, 0.95)}

# %% tags=["hide-input"]
slow, quick = after_burst.values()
recovered = [int((path < 0.5).nonzero().max()) + 1 for path in (slow, quick)]
show(
    figures.after_a_burst(after_burst),
    "Length of the steps after the burst, both axes logarithmic. With 0.999 the step jumps to"
    f" {slow.max():.1f} of the rate, sinks to {slow.min():.2f} and is below a half until step"
    f" {recovered[0]:,}. With 0.95 it falls at once to {quick[0]:.1f}, sinks to {quick.min():.3f} and"
    f" is above a half again after step {recovered[1]}.",
)

# %% tags=["hide-input"]
reveal(
    f"With 0.95 the steps sink to {quick.min():.3f} η, with 0.999 to {slow.min():.2f} η. But with 0.95"
    f" they are above half a rate again after **{recovered[1]}** steps, with 0.999 after"
    f" **{recovered[0]:,}**. The step of the burst itself is {slow[0]:.1f} η long with 0.999, and"
    f" {quick[0]:.1f} η with 0.95.",
    right="b" if quick.min() < slow.min() and recovered[0] > recovered[1] else "a",
)

# %% [markdown]
# On a network: train for 20 epochs of 12 steps at $\eta = 0.003$, and multiply the gradients of one step, number 31, by 100. The control has no burst.
#
# :::{predict}
# With β₂ = 0.95 the steps recovered many times sooner. How much sooner is the *loss* back where it was before the burst?
#
# - `a`: at least five times sooner
# - `b`: sooner, but less than twice
# - `c`: later
# :::


# %%
def with_burst(β2, seed, times):
    net, step = mlp(784, 32, 10, seed=seed), 0
    optimizer = Adam(net.parameters(), lr=3e-3, betas=(0.9, β2))

    def count(*_):
        nonlocal step
        step += 1

    for parameter in net.parameters():
        parameter.register_hook(lambda g: g * times if step == 30 else g)
    optimizer.register_step_post_hook(count)
    return train(net, data, optimizer, epochs=20, seed=seed).losses


# %% tags=["hide-input"]
bursts = {
    (β2, times): torch.tensor([with_burst(β2, seed, times) for seed in range(3)])
    for β2 in (0.999, 0.95)
    for times in (1, 100)
}


def back_after(losses):
    """The steps from the burst until the mean of 12 losses, over the seeds, is what it was before."""
    means = losses.mean(0).unfold(0, 12, 1).mean(1)  # of steps t to t + 11
    before, later = means[18], means[31:]
    return int((later <= before).nonzero()[0]) + 12


back = {β2: back_after(bursts[β2, 100]) for β2 in (0.999, 0.95)}
last = {case: losses[:, -12:].mean(1) for case, losses in bursts.items()}
rows = []
for (β2, times), losses in bursts.items():
    ends = [f"{end:.3f}" for end in last[β2, times]]
    peak, mean = losses.mean(0)[31:].max(), last[β2, times].mean()
    rows.append(
        [
            f"{β2}, {'a burst' if times > 1 else 'none'}",
            f"{peak:.2f}",
            f"{mean:.3f}",
            *ends,
        ]
    )
seeds = [f"seed {seed}" for seed in range(3)]
table(["β₂", "highest loss after step 31", "last epoch", *seeds], rows)

# %% tags=["hide-input"]
reveal(
    f"The mean of 12 losses is back after **{back[0.95]}** steps with 0.95, after **{back[0.999]}**"
    " with 0.999. The loss rises less high with 0.95, but it does not recover as the bare steps did."
    f" And 0.95 ends lower *without* a burst, too: {last[0.95, 1].mean():.3f} against"
    f" {last[0.999, 1].mean():.3f}. The caveats: one network, one rate, and a burst that clipping the"
    " gradient would have caught.",
    right="a"
    if back[0.999] >= 5 * back[0.95]
    else "b"
    if back[0.999] > back[0.95]
    else "c",
)

# %% [markdown]
# On ε the large models do not agree. GPT-3 kept $10^{-8}$, Llama 2 took $10^{-5}$ ({cite:t}`touvron2023b`). {cite:t}`wortsman2024` find that gradients of large networks become as small as ε, and that a *smaller* ε then helps. The table of *Rescaling the loss* shows the same on a small one: compare ε with the gradients that you have.
#
# ### Which variant is this?
#
# *You see where libraries put ε, what that does to tiny gradients, and what Adam's relatives change.*
#
# **ε or ε̂.** Before its section 2.1 the paper gives a cheaper order of the same work: fold both corrections into the rate, $\eta_t = \eta \sqrt{1 - \beta_2^t} / (1 - \beta_1^t)$, and step by $\eta_t\, m_t / (\sqrt{v_t} + \hat\varepsilon)$. It looks like the same formula. But now the small number is added to the *uncorrected* root. Divide through by $\sqrt{1 - \beta_2^t}$ and you see that
#
# $$\varepsilon = \frac{\hat\varepsilon}{\sqrt{1 - \beta_2^t}},$$
#
# at the first step 32 times as large as written. TensorFlow and Keras have $\hat\varepsilon$, with the default $10^{-7}$; torch and this book have $\varepsilon$, with $10^{-8}$. And some print $\varepsilon = 10\text{e-}8$, which is $10^{-7}$ and not $10^{-8}$. The difference shows where gradients are tiny:


# %% tags=["hide-input"]
def first_step(g, eps, hat):
    v = 0.001 * g**2
    eps = eps / math.sqrt(0.001) if hat else eps
    return g / (math.sqrt(v / 0.001) + eps)


tiny = (1e-3, 1e-5, 1e-6, 1e-7, 1e-8)
forms = {
    "torch, ε = 1e-8": (1e-8, False),
    "ε = 10e-8": (10e-8, False),
    "Keras, ε̂ = 1e-7": (1e-7, True),
}
table(
    ["first step ÷ η, gradient", *(f"{g:.0e}" for g in tiny)],
    [
        [name, *(f"{first_step(g, *form):.3f}" for g in tiny)]
        for name, form in forms.items()
    ],
)

# %% [markdown]
# **Why an ε at all?** Besides $0/0$ it has a use. Where gradients are small and all noise, $m/\sqrt{v}$ blows the noise up to steps of full size; a larger ε leaves such weights alone.
#
# **Float16.** There the smallest number above zero is $6 \cdot 10^{-8}$. An ε of $10^{-8}$ is then 0, and the square of a gradient below $10^{-4}$ is 0 as well: one more reason to keep $m$ and $v$ in float32.
#
# **L2 and weight decay.** `weight_decay` adds $\lambda x$ to the gradient here. Then it goes through $\sqrt v$ as well. AdamW takes it out again: {doc}`adamw`.
#
# **NAdam, AdaMax, RAdam.** Nesterov's look-ahead in $m$; the largest $|g|$ in place of the root of $v$; a correction for the variance of $v$ in the first steps, where few gradients stand behind it. All three are in `torch.optim`.
#
# **AMSGrad** divides by the largest $v$ so far. Why, comes next.
#
# ### A game with one parameter
#
# *You see why AMSGrad exists: what forgetting does when rare gradients are the large ones.*
#
# The parameter is $x$, between $-1$ and $1$. The loss of step $t$ is $3x$ in every third step and $-x$ in the two steps between. So the gradients are $3, -1, -1, 3, -1, -1, \ldots$ They add up to $+1$ in each round, and the best place is $x = -1$. {cite:t}`reddi2018` choose $\beta_1 = 0$ and $\beta_2 = 1/(1 + 3^2) = 0.1$, and let the rate fall like $1/\sqrt{t}$. After each step $x$ is put back into the interval.
#
# :::{predict}
# Where does Adam go? Compare the quotients $g/\sqrt{v}$, not the gradients.
#
# - `a`: to −1, like SGD
# - `b`: to +1
# - `c`: it stays near 0
# :::


# %%
def play(make, gradients, falling=True):
    x, path = torch.nn.Parameter(f64(0)), []
    optimizer = make([x])
    rate = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: (t + 1) ** -0.5)
    for g in gradients:
        x.grad = f64(g)
        optimizer.step()
        if falling:
            rate.step()
        x.data.clamp_(-1, 1)
        path.append(x.item())
    return torch.tensor(path)


# %% tags=["hide-input"]
rounds = [3.0, -1.0, -1.0] * 500
forgetful = partial(Adam, lr=0.1, betas=(0, 0.1))
players = {
    "Adam": forgetful,
    "AMSGrad": partial(forgetful, amsgrad=True),
    "SGD": partial(SGD, lr=0.1),
}
paths = {name: play(make, rounds) for name, make in players.items()}
show(
    figures.tug(paths, best=-1.0),
    "Three paths from 0 on the interval from -1 to 1, over 1,500 steps. Adam climbs and"
    f" reaches the upper edge after {(paths['Adam'] > 0.99).nonzero()[0].item() + 1} steps,"
    " where it stays. AMSGrad and SGD"
    " sink to the lower edge, SGD first; a dotted line there marks the best point.",
)

# %% tags=["hide-input"]
adam, amsgrad, sgd = (path[-1].item() for path in paths.values())
reveal(
    f"Adam ends at **{adam:+.2f}**, the worst point; SGD at {sgd:+.2f}, AMSGrad at {amsgrad:+.2f}.",
    right="b" if adam > 0.5 else "a" if adam < -0.5 else "c",
)

# %% [markdown]
# In the step of the 3, $v$ has just been filled by $0.9 \cdot 9$, so $g/\sqrt{v}$ is about $3/\sqrt{8.2} = 1.05$. One step later $v = 0.1 \cdot 8.2 + 0.9$ is 1.7, then 1.1, and the two small gradients count as $1/\sqrt{1.7} + 1/\sqrt{1.1} = 1.73$. The large gradient pays for its own size and is forgotten before the small ones are divided. No rate repairs this, because a rate multiplies both.
#
# {term}`AMSGrad` divides by the largest $v$ so far: $u_t = \max(u_{t-1}, v_t)$, the line in the code. All three gradients are then divided by the same number, and the sum decides. In the paper, which has no bias correction, the rate of an entry can only fall, as in AdaGrad. In torch and here $u$ is also divided by $1 - \beta_2^t$, which grows, and after a large first gradient the rate *rises*, by up to $1/\sqrt{1 - \beta_2}$. optax takes the largest $\hat v$ instead, so that its rate cannot.
#
# Is this only an oddity of $\beta_2 = 0.1$? With $\beta_2 = 0.9$ or more, this game goes well, because $v$ hardly changes within a round. But every $\beta_2$ below 1 has a game of its own, with rarer and larger gradients, as long as $\beta_1 < \sqrt{\beta_2}$; that is the paper's theorem. For the defaults take 10,000 once in every 5,001 steps and $-1$ otherwise, at the constant rate 0.03: the sum of a round is again above zero.

# %% tags=["hide-input"]
ends = {
    β2: play(partial(Adam, lr=0.1, betas=(0, β2)), rounds)[-1] for β2 in (0.9, 0.999)
}
rare = ([10_000.0] + [-1.0] * 5_000) * 2
lost, kept = (
    play(partial(Adam, lr=0.03, amsgrad=mend), rare, falling=False)
    for mend in (False, True)
)
say(
    f"The first game with β₂ = 0.9 ends at {ends[0.9]:.2f}, with 0.999 at"
    f" {ends[0.999]:.2f}. The rare gradients, with the default β₁ and β₂: Adam ends at"
    f" **{lost[-1]:+.2f}**, AMSGrad at **{kept[-1]:+.2f}**; the best place is −1."
)


# %% tags=["hide-input"]
def rates_of_amsgrad(gradients):
    m = v = u = f64(0)
    for t, g in enumerate(gradients, start=1):
        hyper = {"lr": 1.0, "betas": (0.9, 0.999), "eps": 0.0, "amsgrad": True}
        _, m, v, u = Adam.update(f64(0), f64(g), m, v, u, t=t, **hyper)
        yield ((1 - 0.999**t) / u).sqrt().item()


falls = list(rates_of_amsgrad([1000.0] + [1.0] * 199))
say(
    "AMSGrad's rate after a first gradient of 1,000 and then 1, 1, …: at step"
    f" {len(falls)} it is **{falls[-1] / falls[0]:.0f}** times that of step 1."
)

# %% tags=["hide-input"]
evidence(
    "F16",
    "holds with a caveat",
    f"On the gradients 3, −1, −1, whose best point is −1, Adam with β₂ = 0.1 ends at **{adam:+.2f}**.",
    "Correct each average with its own β. If you wait for rare large gradients, raise β₂ or set amsgrad.",
    f"AMSGrad ends at {amsgrad:+.2f}. With a constant gradient the first step is {plain[0]:.2f} η"
    f" without correction and {slip[0]:.0f} η with β₂ in both corrections, against 1 η; over 20,000"
    f" runs the means of m and v are off their factors by less than {'1%' if worst < 0.01 else '10%'}.",
)

# %% [markdown]
# The caveat has two sides. Two misprints go around with this claim: $\beta_2$ in both corrections, which is no small thing, and ε as 10e-8. And the counterexample does not say that Adam fails on networks. With $\beta_2$ large enough for the problem Adam does converge, to a neighbourhood of a critical point ({cite:t}`zhang2022`).
#
# ### The whole measurement of the rates
#
# *You see the loss curves behind the bands, who leads at each tolerance, and what torch's default rates give.*
#
# The networks were $784 \to 64 \to 10$ and $784 \to 32 \to 32 \to 32 \to 32 \to 10$. The batches had 128 images, 469 steps an epoch; three rates a decade; the loss was taken on 10,000 training images. Between the rates run straight lines on logarithmic axes, and a run that diverges counts with $\ln 10$, the loss of guessing. Momentum and Nesterov have $\mu = 0.9$; everything else is at its default.

# %% tags=["hide-input"]
show(
    figures.by_rate(measured["rates"], shallow["losses"], shallow["bands"], factor),
    "Eight panels, one a method: training loss against rate, three curves a panel that"
    " nearly coincide. Each falls from about 2 to a narrow valley and rises steeply"
    " back. Between one and three of the rates, marked by dots, lie below the dashed"
    " line; the valleys of Nesterov and AdaDelta are the deepest.",
)

# %% [markdown]
# In the bars above, the order of the five methods that divide changes from one network to the other, and the black marks, one a seed, overlap. Nesterov has a narrow band at the right height and loses nothing when it is judged by the best of all. Adam keeps most of its own. The next table names the widest band of all methods, in decades, and Adam's beside it, for three tolerances; the middle line is the one that was fixed beforehand.


# %% tags=["hide-input"]
def leader(net, kind, within):
    decades = {name: band[kind][within] for name, band in net["bands"].items()}
    first = max(decades, key=decades.get)
    names = [first] if first == "Adam" else [first, "Adam"]
    return ", ".join(f"{name} {decades[name]:.2f}" for name in names)


table(
    ["loss within", "own best", "best of all", "deep: own best", "deep: best of all"],
    [
        [f"{within} times"] + [leader(*kind, str(within)) for kind in kinds]
        for within in measured["tolerances"]
    ],
)

# %% [markdown]
# Who leads hangs on the tolerance; that Adam is not far behind does not, with one exception: the strict test of the first line on the small network. There momentum's band is wider than Adam's as well.
#
# The width is only half of what a user wants. The other half is where the band lies:

# %% tags=["hide-input"]
default = {"SGD": 0.001, "Momentum": 0.001, "Nesterov": 0.001, "AdaGrad": 0.01}
default |= {"RMSProp": 0.01, "AdaDelta": 1.0, "Adam": 0.001, "AdamW": 0.001}
rows = []
for method, lr in default.items():
    row, place = [f"{method}, {lr:g}"], measured["rates"].index(lr)
    for net in networks.values():
        best, usual = net["bands"][method], net["losses"][method][place]
        row += [f"{best['best']:.3f}", f"{best['rate']:.2g}"]
        row.append(f"{statistics.fmean(usual):.2f}")
    rows.append(row)
heads = ["best loss", "its rate", "at default"]
table(["method, torch's default rate", *heads, *(f"deep: {h}" for h in heads)], rows)

# %% [markdown]
# Two networks are few, but no best rate differs by more than one grid step between them. And whoever tunes nothing lives at the default: at torch's own rate Adam, AdaGrad, RMSProp and AdaDelta learn, and SGD and momentum do not on the deep network. This, more than the width, may be why people call Adam robust.
#
# {cite:t}`schmidt2021` run fifteen methods on eight tasks and find that trying several of them at their defaults does about as well as tuning a single one. {cite:t}`wilson2017` show problems on which adaptive methods, trained to the end, generalise worse than SGD. And {cite:t}`choi2019`, who tune ε like a rate, warn that any such ranking hangs on what was tuned.
#
# ### In PyTorch
#
# *You see ours agree with torch's under three settings, what each option does, and when `fused` pays.*
#
# `torch.optim.Adam` is the same method. Both train the same float64 network on the same minibatches:

# %% tags=["hide-input"]
pairs = {
    "defaults": {},
    "amsgrad": {"amsgrad": True},
    "β = (0.8, 0.99), ε = 1e-4, λ = 0.01": {
        "betas": (0.8, 0.99),
        "eps": 1e-4,
        "weight_decay": 0.01,
    },
}
gaps = [
    difference(partial(Adam, **options), partial(torch.optim.Adam, **options))
    for options in pairs.values()
]
say(
    f"With {', '.join(pairs)}: the largest relative difference after two epochs is"
    f" {'below 1e-12' if max(gaps) < 1e-12 else 'larger than rounding'}."
)

# %% [markdown]
# | option of `torch.optim.Adam` | what it does | here |
# |:--|:--|:--|
# | `lr` | $\eta$; a number or a tensor | the same |
# | `betas` | $(\beta_1, \beta_2)$ | the same |
# | `eps` | $\varepsilon$, outside the root, after the correction | the same |
# | `weight_decay` | adds $\lambda x$ to the gradient; for decay of the weights themselves see {doc}`adamw` | the same |
# | `amsgrad` | divides by the largest $v$ so far; a third number for each parameter | the same |
# | `maximize` | climbs | the same |
# | `decoupled_weight_decay` | makes it AdamW; in newer versions | left out: `AdamW` is that |
# | `foreach` | works on all tensors at once, operation by operation | left out: `engine="compiled"` takes its place |
# | `fused` | one kernel for the whole step, on CPU and GPU; set it when the optimizer's share of the time hurts | `engine="compiled"` |
# | `capturable` | keeps the step's number on the device, so that a CUDA graph can hold the step | left out |
# | `differentiable` | lets autograd run through the step, to learn a learning rate for one | left out: `update` is a pure function, call it |
#
# Set `fused=True` there, or `engine="compiled"` here, when the network is large and its batches small, so that the step of the optimizer is a good part of the time. The numbers are the same but for rounding.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the second step (★)
#
# An entry's gradients are 2 and then −2. Adam has its defaults, $\varepsilon = 0$ and the rate $\eta$. By how many $\eta$ does the entry move in the *second* step? Give the change with its sign.

# %%
answer = ...
check("3-first-order/second-step", answer)

# %% tags=["remove-input"]
solution("3-first-order/second-step")

# %% [markdown]
# ### Exercise 2: forgotten corrections (★)
#
# Somebody forgets both corrections and trains with $\beta_1 = 0.9$ and $\beta_2 = 0.9999$. How many times too long is the first step?

# %%
answer = ...
check("3-first-order/forgotten-corrections", answer)

# %% tags=["remove-input"]
solution("3-first-order/forgotten-corrections")

# %% [markdown]
# ### Exercise 3: read the plot (★★)
#
# Look at the lengths of the first thirty steps. A fourth programmer corrects $v$ and forgets $m$. Where would that curve run?
#
# - `a`: it starts at 0.1 and rises towards the curve of the corrected rule
# - `b`: it starts at 3.16 and falls towards the curve of the corrected rule
# - `c`: it starts at 100, on the curve with $\beta_2$ in both
# - `d`: it is level at 1, on the curve of the corrected rule

# %%
answer = ...
check("3-first-order/a-fourth-curve", answer)

# %% tags=["remove-input"]
solution("3-first-order/a-fourth-curve")

# %% [markdown]
# ### Exercise 4: write Adam (★★)
#
# Write `adam(x, gradients, lr, beta1, beta2, eps)`. It takes one step for each tensor in the list `gradients`, in their order, and returns the last `x`. Corrections included, ε outside the root.


# %%
def adam(x, gradients, lr, beta1, beta2, eps): ...


check("3-first-order/write-adam", adam)

# %% tags=["remove-input"]
solution("3-first-order/write-adam")

# %% [markdown]
# ### An open experiment (★★★)
#
# Is the best β₂ the same for batches of 16 and of 256? Try five values from 0.5 to 0.999, and search the rate for each. Before you run, write down what you expect, and from how many seeds you will judge. There is no answer here.
#
# ## Summary
#
# - Adam moves by $\eta\,\hat m / (\sqrt{\hat v} + \varepsilon)$: a sign from an average of gradients, a size between 0 and about $\eta$ from how well they agree. The scale of the loss cancels.
# - Averages that start at zero lack the weight $\beta^t$. Dividing each by its own $1 - \beta^t$ mends that, and with equal gradients every step is one $\eta$ long.
# - Adam's band of good rates is wider than SGD's and hardly ever the widest. Search the rate, and again when the network widens.
#
# ## References
#
# - {cite:t}`kingma2015`: the method.
# - {cite:t}`reddi2018`: the game that Adam loses, and AMSGrad; {cite:t}`zhang2022`: with a large $\beta_2$ Adam converges as it is.
# - {cite:t}`balles2018`: Adam as a sign, shortened by the noise.
# - {cite:t}`wilson2017`, {cite:t}`choi2019`, {cite:t}`schmidt2021`: how adaptive methods compare, and on what it hangs.
# - {cite:t}`yang2021`, {cite:t}`yang2022`: rates for wider networks.
# - {cite:t}`rajbhandari2020`: the bytes of a parameter.
# - {cite:t}`brown2020`, {cite:t}`zhang2022opt`, {cite:t}`touvron2023`, {cite:t}`touvron2023b`, {cite:t}`wortsman2024`: Adam in large models.
