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
# # Adam
#
# One learning rate has to serve all parameters, and one minibatch has to speak for all the data. Where gradients differ by a factor of a thousand from parameter to parameter, and by their sign from batch to batch, a plain step is too long here, too short there, and full of noise. Adam takes its direction from an average of gradients and its size from an average of their squares.
#
# **You will**
#
# - derive the correction for averages that start at zero, twice, and measure what happens without it;
# - bound the length of Adam's step, and build the gradients that reach the bound;
# - run the example on which Adam walks to the worst point, and weigh the claim that it forgives a badly chosen rate.
#
# **You need** the bowl and its limit $2/\lambda_{\max}$ ({doc}`/2-derivatives/gradient-descent`), the average of {doc}`momentum` and the division by the root of {doc}`rmsprop`. Both come back here in a line each.

# %%
import math
import statistics
from functools import partial

import torch

from book import results
from book.calculus import gradient
from book.display import evidence, say, show, show_source, table
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
# ## Two troubles in one picture
#
# Take a bowl with the curvatures 1 and 1,000 along its two axes: $f(x) = \frac{1}{2}(x_1^2 + 1000\, x_2^2)$. At the same distance from the minimum the second gradient is a thousand times the first. Add noise, as a minibatch does, to each entry in proportion to its gradient: standard deviation 1 and 1,000. Start both entries at 5, and take 300 steps of SGD with the rate 0.001, half of the limit $2/\lambda_{\max}$.
#
# **Predict:** where is each of the two entries after 300 steps?


# %%
def follow(make, gradient, start, steps):
    """The path of an optimizer that is handed gradient(x, t) at each step."""
    x = torch.nn.Parameter(start.clone())
    optimizer, path = make([x]), [start]
    for t in range(steps):
        x.grad = gradient(x.detach(), t)
        optimizer.step()
        path.append(x.detach().clone())
    return torch.stack(path)


# %%
scales, rng = f64(1, 1000), torch.Generator().manual_seed(0)
noise = torch.randn(300, 50, 2, generator=rng, dtype=torch.float64)  # 50 walkers


def noisy_slope(x, t):
    return scales * (x + noise[t])


starts = torch.full((50, 2), 5.0, dtype=torch.float64)
walk = follow(partial(SGD, lr=1e-3), noisy_slope, starts, 300)
show(
    figures.entries(walk[:, 0], ["small gradients, $x_1$", "large gradients, $x_2$"]),
    "Two entries over 300 steps. The one with small gradients sinks in a smooth, nearly"
    f" straight line from 5 to {walk[-1, 0, 0]:.1f}. The one with large gradients drops to"
    " near 0 in the first step and then jumps about wildly between"
    f" {walk[1:, 0, 1].min():.0f} and {walk[1:, 0, 1].max():.0f}.",
)

# %% [markdown]
# Each entry shows one trouble. The first has hardly moved: the rate is a thousandth of what it could use. The second arrived at once and then hops about as far as the noise throws it. A smaller rate would calm the second and stop the first; a larger one is not allowed.
#
# Is a real network like this? Here is $784 \to 64 \to 10$ at its start, on MNIST. Draw 100 minibatches of 16 images, take the gradient of each, and compare with the gradient of all 1,500 images. Ask two things. How different in size are the gradients of different weights? And how often does one minibatch's gradient have the right sign in a given entry?

# %%
data, _ = load("mnist")
network = mlp(784, 64, 10, seed=0).double()
θ = flat_parameters(network)
batches = [data[torch.randperm(1500, generator=rng)[:16]] for _ in range(100)]
G = torch.stack([gradient(flat_loss(network, batch), θ) for batch in batches])
full = gradient(flat_loss(network, data), θ)

# %%
m = torch.zeros_like(θ)
for g in G:
    m = 0.9 * m + 0.1 * g
sizes = G.square().mean(0).sqrt().quantile(f64(0.01, 0.99))
right = [(d.sign() == full.sign()).double().mean().item() for d in (G, m)]
say(
    f"Root mean squares of the gradients: 1% of the weights are below {sizes[0]:.4f} and"
    f" 1% above {sizes[1]:.3f}, a factor of **{sizes[1] / sizes[0]:.0f}** apart. One"
    f" minibatch has the right sign in **{right[0]:.0%}** of the entries, where a coin"
    f" has 50%. The running average of the minibatches has it in **{right[1]:.0%}**."
)

# %% [markdown]
# The network stood still for this measurement. In training the average is of gradients from slightly different places, and a little out of date. That is its price.

# %% [markdown]
# ## Two averages
#
# Both remedies are averages that forget. Let $g_t$ be the gradient of step $t = 1, 2, \ldots$, of the same shape as the parameters $x$. Everything from here on is done entry by entry.
#
# $$m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2, \qquad m_0 = v_0 = 0.$$
#
# The average $m$ gives the direction. Of the past it keeps the share $\beta_1 = 0.9$, so it looks back about $1/(1 - \beta_1) = 10$ steps. The average of squares $v$ gives the size, with $\beta_2 = 0.999$ and a view of about 1,000 steps. The step is $-\eta\, m / \sqrt{v}$, roughly.
#
# What does that quotient measure? Suppose that an entry's gradients have the mean $\bar g$ and the variance $\sigma^2$. Then $m$ is near $\bar g$ and $v$ near the mean of the squares, $\bar g^2 + \sigma^2$, so that
#
# $$\frac{m}{\sqrt v} \approx \frac{\bar g}{\sqrt{\bar g^2 + \sigma^2}} = \frac{\operatorname{sign}(\bar g)}{\sqrt{1 + \sigma^2 / \bar g^2}}.$$
#
# The unit of the gradient has gone. What remains is a sign and a number between 0 and 1 that says how far the sign can be trusted: 1 where the gradients agree, near 0 where they are noise around nothing. {cite:t}`balles2018` take Adam apart along this line.

# %% [markdown]
# ## Averages that start at zero
#
# There is a flaw, and it hits the first steps. Both averages start at 0, for want of anything better. Watch them on gradients with the mean 1 and the standard deviation 0.5, so that $v$ should be 1.25.

# %%
g = 1 + 0.5 * torch.randn(60, generator=rng, dtype=torch.float64)
panels, t = {}, torch.arange(1, 61)
for title, β, values, truth in (
    (r"$m$, with $\beta_1 = 0.9$", 0.9, g, 1.0),
    (r"$v$, with $\beta_2 = 0.999$", 0.999, g**2, 1.25),
):
    plain = [f64(0).squeeze()]
    for value in values:
        plain.append(β * plain[-1] + (1 - β) * value)
    panels[title] = torch.stack(plain[1:]), torch.stack(plain[1:]) / (1 - β**t), truth

# %%
mended = panels[r"$m$, with $\beta_1 = 0.9$"][1]
low, high = mended.min(), mended.max()
show(
    figures.averages(panels),
    "Left, m: the plain average climbs from near 0 and joins the corrected one, which swings"
    f" between {low:.1f} and {high:.1f} around the true value 1 from the first step on."
    " Right, v: the plain average is a nearly flat line that has reached"
    f" {plain[-1]:.1f} after 60 steps; the corrected one swings around 1.25, less and less.",
)

# %% [markdown]
# How much too small are they? There are two ways to find out.
#
# **By unrolling.** Put the recursion into itself, step after step:
#
# $$m_t = (1 - \beta) \sum_{i=1}^{t} \beta^{t-i} g_i.$$
#
# It is a weighted sum, and an average needs weights that add up to 1. These are a geometric series: $(1 - \beta)(1 + \beta + \cdots + \beta^{t-1}) = 1 - \beta^t$. What is missing, $\beta^t$, is the weight that still lies on the zero from which the recursion started. Divide by $1 - \beta^t$ and you have a true weighted average.
#
# **By expectation.** Let the gradients be random with the same mean $\mathbb{E}[g_i] = \bar g$ at each step. Then
#
# $$\mathbb{E}[m_t] = (1 - \beta_1) \sum_{i=1}^{t} \beta_1^{t-i}\, \mathbb{E}[g_i] = \bar g\, (1 - \beta_1^t), \qquad \mathbb{E}[v_t] = \mathbb{E}[g^2]\, (1 - \beta_2^t).$$
#
# So $\hat m_t = m_t / (1 - \beta_1^t)$ and $\hat v_t = v_t / (1 - \beta_2^t)$ have the right means. Note which $\beta$ goes where: $m$ was averaged with $\beta_1$, $v$ with $\beta_2$. The two derivations agree on the factor, but not on what they need. The second wants a mean that does not change. The first wants nothing: even for gradients that drift, the corrected $m$ is an average of them. This is the {term}`bias correction` ({cite:t}`kingma2015`).
#
# Check both: the unrolled sum against the recursion, and the mean over 20,000 random runs against the factors.

# %%
runs = 1 + 0.5 * torch.randn(20_000, 10, generator=rng, dtype=torch.float64)
rows, off, worst = [], 0.0, 0.0
for name, β, values, mean in (("m", 0.9, runs, 1.0), ("v", 0.999, runs**2, 1.25)):
    average = torch.zeros(20_000, dtype=torch.float64)
    for t in range(1, 11):
        average = β * average + (1 - β) * values[:, t - 1]
        weights = (1 - β) * β ** torch.arange(t - 1, -1, -1, dtype=torch.float64)
        off = max(off, (values[:, :t] @ weights - average).abs().max().item())
        share = (average.mean() / mean).item()
        worst = max(worst, abs(share / (1 - β**t) - 1))
        if t in (1, 3, 10):
            rows.append([f"{name}, t = {t}", f"{share:.4f}", f"{1 - β**t:.4f}"])
table(["average", "measured mean ÷ true mean", "1 − βᵗ"], rows)

# %%
say(
    "The unrolled sum and the recursion differ by"
    f" {'less than 1e-14' if off < 1e-14 else 'more than rounding'} in all"
    " 20,000 runs."
)

# %% [markdown]
# Set β₁ = β₂. **Predict** at which step the plain averages are half of what they should be, then look. Set β₂ = 0.999 again, and compare the first steps with and without the correction.

# %%
BiasCorrection()

# %% [markdown]
# ## The formula
#
# Everything is there. With $\eta$ the rate and $\varepsilon$ a small number that keeps $0/0$ away:
#
# $$\boxed{\;\begin{aligned} m_t &= \beta_1 m_{t-1} + (1 - \beta_1)\, g_t \\ v_t &= \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2 \\ \hat m_t &= m_t / (1 - \beta_1^t) \\ \hat v_t &= v_t / (1 - \beta_2^t) \\ x_t &= x_{t-1} - \eta\, \hat m_t / (\sqrt{\hat v_t} + \varepsilon) \end{aligned}\;}$$
#
# The defaults are $\eta = 0.001$, $\beta_1 = 0.9$, $\beta_2 = 0.999$, $\varepsilon = 10^{-8}$. The code is the formula. `power(β, t)` is $\beta^t$, written as a function so that the compiled engine works it out once a step and not once an entry. `u` is for `amsgrad`, which comes below; without it `u` is `v`.

# %%
show_source(Adam.update)

# %% [markdown]
# Back to the bowl with the curvatures 1 and 1,000. Each of four methods may choose its rate between $10^{-4}$ and $1$, five rates a decade. It is judged by the root mean square of each entry in the last 50 of 300 steps, over 50 walkers, and by the worse of the two entries.
#
# **Predict:** momentum averages the gradient, RMSProp divides by its size, Adam does both. Which of the two matters more here?

# %%
methods = {
    "SGD": SGD,
    "Momentum, μ = 0.9": partial(Momentum, momentum=0.9),
    "RMSProp": RMSProp,
    "Adam": Adam,
}
rows = []
for name, make in methods.items():
    ends = []
    for lr in (10 ** (k / 5) for k in range(-20, 1)):
        path = follow(partial(make, lr=lr), noisy_slope, starts, 300)
        hover = path[-50:].square().mean((0, 1)).sqrt()
        ends.append((hover.max().nan_to_num(math.inf).item(), lr, *hover.tolist()))
    rows.append([name] + [f"{value:.2g}" for value in min(ends)[1:]])
table(["method", "its best rate", "small gradients, $x_1$", "large, $x_2$"], rows)

# %% [markdown]
# Dividing by the size does nearly all of it: both entries now move at the same speed. The average of the gradients adds next to nothing *here*: RMSProp and Adam, each at its best rate, end equally near. Averaging makes each step's direction better, but steps that share most of their average also repeat its errors, and at a constant rate the walker hovers as before. What removes the hovering is a rate that falls ({doc}`sgd`, {doc}`schedules`).

# %% [markdown]
# ## The first thirty steps
#
# What does the correction change? Hand all gradients the same value. Then $\hat m = g$ and $\hat v = g^2$, and every corrected step is $\eta$ long. Without correction the step is $\eta\,(1 - \beta_1^t) / \sqrt{1 - \beta_2^t}$. Both averages are too small, but the one under the root is smaller by far.
#
# **Predict:** is the first uncorrected step shorter or longer than $\eta$?
#
# The third rule in the cell is one that you can find in print: $1 - \beta_2^t$ under both. It is a slip of one index.


# %%
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


# %%
rules = {
    "no correction": Uncorrected,
    r"$\beta_2$ in both": Misprinted,
    "corrected": Adam,
}
strides = {
    name: follow(partial(rule, lr=1.0), lambda x, t: f64(0.02), f64(0), 30)
    .diff(dim=0)
    .abs()[:, 0]
    for name, rule in rules.items()
}

# %%
plain, slip, _ = strides.values()
show(
    figures.step_sizes(strides),
    "Length of the first 30 steps in units of the rate. Corrected: a level line at 1."
    f" Without correction: {plain[0]:.0f} at the first step, a flat peak of"
    f" {plain.max():.1f} near step {plain.argmax() + 1} and {plain[-1]:.1f} at the last."
    f" With beta 2 in both corrections: {slip[0]:.0f} at the first step, falling to"
    f" {slip[-1]:.0f}.",
)

# %%
say(
    f"First step: {plain[0]:.2f} η without correction (formula"
    f" {0.1 / math.sqrt(0.001):.2f}), {slip[0]:.0f} η with the slip. Longest step without"
    f" correction: {plain.max():.2f} η."
)

# %% [markdown]
# Without correction the first steps are too *long*: $(1 - \beta_1)/\sqrt{1 - \beta_2} = 0.1/0.0316 = 3.16$ times $\eta$ at the defaults, and more in the steps after. With the slip, the first step is a hundred times too long. A learning rate that is tuned for one of the three is wrong for the others.
#
# Does a network mind? Train $784 \to 32 \to 10$ on the sample of MNIST for five epochs of 12 steps, with two seeds, at seven rates from $3 \cdot 10^{-5}$ to $3 \cdot 10^{-2}$, two a decade. Read the mean loss of the last epoch at the default rate, and at each rule's best rate.
#
# **Predict:** which of the three is best at the default rate $\eta = 0.001$? And at its own best rate?


# %%
def trained(make, epochs, seed=0, scale=1.0):
    """The loss of each step on the MNIST sample, with all gradients multiplied."""
    model = mlp(784, 32, 10, seed=seed).double()
    for parameter in model.parameters():
        parameter.register_hook(lambda g: scale * g)
    return train(model, data, make(model.parameters()), epochs, seed=seed).losses


def last_epoch(make, seeds=2, **options):
    """The mean loss of the fifth epoch's 12 steps, over the seeds; diverged is inf."""
    runs = [trained(make, 5, seed, **options)[48:] for seed in range(seeds)]
    mean = statistics.fmean(loss for run in runs for loss in run)
    return mean if math.isfinite(mean) else math.inf


# %%
rates, rows = [10 ** (k / 2) for k in range(-9, -2)], []
for name, rule in rules.items():
    ends = {lr: last_epoch(partial(rule, lr=lr)) for lr in rates}
    best = min(ends, key=ends.get)
    rows.append([name, f"{ends[1e-3]:.2f}", f"{best:.2g}", f"{ends[best]:.2f}"])
table(["correction", "loss at η = 0.001", "its best η", "loss there"], rows)

# %% [markdown]
# The slip ruins the default rate. A rate ten times smaller mends most of that, and the rule still ends behind the other two.
#
# The first line is a surprise. Without any correction the network learns *faster* at the default rate, and at its best rate the rule is as good as Adam. The first is no merit: steps of about $6\eta$ are what a larger rate gives. The second is worth a look. The uncorrected step shrinks by itself, from $6.6\,\eta$ to $4.1\,\eta$ at step 60: a falling rate, which no one asked for, and which may help a run that ends at step 60 ({doc}`schedules`).
#
# So the correction does not make this network better. What it gives is that $\eta$ means the same at step 1 and at step 10,000, whatever $\beta_2$ is. Without it the step is still $1.26\,\eta$ after 1,000 steps, and a change of $\beta_2$ changes the rate.

# %% [markdown]
# ## How long can a step be?
#
# Gradients that agree give steps of $\eta$. Gradients that alternate give shorter ones. Can a step be longer than $\eta$? Take gradients that are zero for a long time and then $g$: now $m = (1 - \beta_1)\, g$ and $v = (1 - \beta_2)\, g^2$, the corrections have long been 1, and the step is $\eta\,(1 - \beta_1)/\sqrt{1 - \beta_2} = 3.16\,\eta$. {cite:t}`kingma2015` name this as the worst case.
#
# It is not quite the worst. Write the quotient as a sum and use the inequality of Cauchy and Schwarz, with $k = t - i$ for the age of a gradient and $\beta_1^2 < \beta_2$:
#
# $$m_t = (1 - \beta_1) \sum_k \frac{\beta_1^k}{\beta_2^{k/2}} \cdot \beta_2^{k/2} g_{t-k} \;\le\; (1 - \beta_1) \sqrt{\sum_k \Big(\frac{\beta_1^2}{\beta_2}\Big)^k} \cdot \sqrt{\sum_k \beta_2^k\, g_{t-k}^2}.$$
#
# The last root is $\sqrt{v_t / (1 - \beta_2)}$, and the series is at most $1/(1 - \beta_1^2/\beta_2)$. So, after many steps,
#
# $$\left| x_t - x_{t-1} \right| \;\le\; \eta\, \frac{1 - \beta_1}{\sqrt{1 - \beta_2}} \cdot \frac{1}{\sqrt{1 - \beta_1^2 / \beta_2}} = 7.27\, \eta.$$
#
# Equality needs $g_{t-k}$ in proportion to $(\beta_1/\beta_2)^k$: gradients that grow by the factor $\beta_2/\beta_1 = 1.11$ a step, after a long silence. **Predict** the longest step for each of these six sequences of gradients.

# %%
sequences = {
    "always 1": lambda t: 1.0,
    "1, −1, 1, −1, …": lambda t: (-1.0) ** t,
    "random signs": lambda t: noise[t % 300, 0, 0].sign().item(),
    "6,000 zeros, one 1": lambda t: float(t == 6000),
    "6,000 zeros, then always 1": lambda t: float(t >= 6000),
    "6,000 zeros, then growing": lambda t: (t >= 6000) * (0.999 / 0.9) ** (t - 6000),
}


def all_at_once(x, t):
    return f64(*(g(t) for g in sequences.values()))


path = follow(partial(Adam, lr=1.0, eps=1e-12), all_at_once, f64(*[0] * 6), 6080)
longest = path.diff(dim=0).abs()[6000:].max(0).values
table(
    ["gradients", "longest step from 6,000 on"],
    [[name, f"{size:.2f} η"] for name, size in zip(sequences, longest, strict=True)],
)

# %% [markdown]
# So $\eta$ is a length: about the largest distance that an entry moves in one step, whatever the loss is. A feature that wakes up after a long silence can take it further for a while, as the fifth line shows. With $\eta = 0.001$ a weight of 0.1 needs about a hundred agreeing steps to double.
#
# Is a good rate then good for every network? The length is that of one entry. A layer adds up its inputs times its entries, and the more inputs it has, the further an output moves in one step. **Predict** how the best rate changes from 32 to 1,024 hidden units, after one epoch of 12 steps, from two seeds.


# %%
def after_an_epoch(width, lr, seed):
    net = mlp(784, width, 10, seed=seed)
    train(net, data, Adam(net.parameters(), lr=lr), 1, seed=seed)
    return evaluate(net, data)[0]


grid, rows = [10 ** (k / 2) for k in range(-7, -2)], []
for width in (32, 256, 1024):
    means = [
        statistics.fmean(after_an_epoch(width, lr, s) for s in range(2)) for lr in grid
    ]
    best = grid[means.index(min(means))]
    rows.append([f"{width:,}", *(f"{mean:.2f}" for mean in means), f"{best:.2g}"])
table(["units; loss at η =", *(f"{lr:.2g}" for lr in grid), "best η"], rows)

# %% [markdown]
# It falls with the width, by about a step of the grid each time. Take a rate over to a network of about the same width, and look again when it grows.
#
# ## Rescaling the loss
#
# Multiply the loss by $c > 0$, and with it all gradients. Then $\hat m$ grows by $c$ and $\sqrt{\hat v}$ by $c$, and for $\varepsilon = 0$ nothing changes. The same holds for each entry on its own: if entry $i$'s gradients are multiplied by $c_i$, the steps stay.
#
# With $\varepsilon > 0$ this is true as long as $\sqrt{\hat v}$ is far above $\varepsilon$. For gradients of constant size $|g|$ the step is
#
# $$\eta\, \frac{|g|}{|g| + \varepsilon},$$
#
# half of $\eta$ where the gradient is as small as $\varepsilon$, and like plain descent with the rate $\eta / \varepsilon$ below that.
#
# **Predict**, for the loss of the network multiplied by $10^3$, by $10^{-3}$ and so on: what does the table show in each column, and where does Adam's begin to fail?

# %%
rows = []
for scale in (1e3, 1, 1e-3, 1e-6, 1e-9):
    row = [f"{scale:g}"]
    for make in (
        partial(SGD, lr=0.1),
        partial(Adam, lr=3e-3),
        partial(Adam, lr=3e-3, eps=1e-20),
    ):
        loss = last_epoch(make, seeds=1, scale=scale)
        row.append(f"{loss:.2f}" if loss < 10 else "diverges")
    rows.append(row)
table(["loss times", "SGD, η = 0.1", "Adam, ε = 10⁻⁸", "Adam, ε = 10⁻²⁰"], rows)

# %%
paths = [
    follow(
        partial(Adam, lr=0.1, eps=0.0),
        lambda x, t, c=c: c * noise[t, 0],
        f64(1, 1),
        200,
    )
    for c in (1.0, 2.0**40, 1000.0)
]
off = (paths[2] - paths[0]).abs().max()
say(
    "With ε = 0, 200 steps on random gradients: multiplied by 2⁴⁰ they lead to"
    f" {'the same numbers to the last bit' if paths[0].equal(paths[1]) else 'others'},"
    f" multiplied by 1,000 to numbers that differ by"
    f" {'less than 1e-12' if off < 1e-12 else 'more than rounding'}."
)

# %% [markdown]
# Why not always take $\varepsilon = 0$? Because a weight whose gradient has been 0 from the start gets $0/0$, which is nan. It happens: a unit behind a dead ReLU is enough. And ε has a use. Where gradients are small and all noise, $m/\sqrt{v}$ blows the noise up to steps of full size; a larger ε leaves such weights alone. {cite:t}`choi2019` tune ε like a rate and find that it matters.

# %% [markdown]
# ## Which variant is this?
#
# **ε or ε̂.** Before its section 2.1 the paper gives a cheaper order of the same work: fold both corrections into the rate, $\eta_t = \eta \sqrt{1 - \beta_2^t} / (1 - \beta_1^t)$, and step by $\eta_t\, m_t / (\sqrt{v_t} + \hat\varepsilon)$. It looks like the same formula. But now the small number is added to the *uncorrected* root. Divide through by $\sqrt{1 - \beta_2^t}$ and you see that
#
# $$\varepsilon = \frac{\hat\varepsilon}{\sqrt{1 - \beta_2^t}},$$
#
# at the first step 32 times as large as written. TensorFlow and Keras have $\hat\varepsilon$, with the default $10^{-7}$; torch and this book have $\varepsilon$, with $10^{-8}$. And some print $\varepsilon = 10\text{e-}8$, which is $10^{-7}$ and not $10^{-8}$. The difference shows where gradients are tiny:


# %%
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
        [name] + [f"{first_step(g, *form):.3f}" for g in tiny]
        for name, form in forms.items()
    ],
)

# %% [markdown]
# **Half precision.** In float16 the smallest number above zero is $6 \cdot 10^{-8}$ ({doc}`/1-numbers/floating-point`). An ε of $10^{-8}$ is then 0, and the square of a gradient below $10^{-4}$ is 0 as well: keep $m$, $v$ and the weights that Adam updates in float32.
#
# **L2 and weight decay.** `weight_decay` adds $\lambda x$ to the gradient here. Then it goes through $\sqrt v$ as well. AdamW takes it out again: {doc}`adamw`.
#
# **NAdam, AdaMax, RAdam.** Nesterov's look-ahead in $m$; the largest $|g|$ in place of the root of $v$; a correction for the variance of $v$ in the first steps, where few gradients stand behind it. All three are in `torch.optim`.
#
# **AMSGrad** is the answer to a failure that you have not seen yet. It comes next.

# %% [markdown]
# ## Where Adam goes the wrong way
#
# Here is a game with one parameter $x$ between $-1$ and $1$. The loss of step $t$ is $3x$ in every third step and $-x$ in the two steps between. So the gradients are $3, -1, -1, 3, -1, -1, \ldots$ They add up to $+1$ in each round, and the best place is $x = -1$. {cite:t}`reddi2018` choose $\beta_1 = 0$ and $\beta_2 = 1/(1 + 3^2) = 0.1$, and let the rate fall like $1/\sqrt{t}$. After each step $x$ is put back into the interval.
#
# **Predict:** where does Adam go? Compare the quotients $g/\sqrt{v}$, not the gradients.


# %%
def play(make, gradients, x=0.0, falling=True):
    x, path = torch.nn.Parameter(f64(x)), [x]
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


# %%
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
    f" reaches the upper edge after {(paths['Adam'] > 0.99).nonzero()[0].item()} steps,"
    " where it stays. AMSGrad and SGD"
    " sink to the lower edge, SGD first; a dotted line there marks the best point.",
)

# %% [markdown]
# In the step of the 3, $v$ has just been filled by $0.9 \cdot 9$, so $g/\sqrt{v}$ is about $3/\sqrt{8.2} = 1.05$. One step later $v = 0.1 \cdot 8.2 + 0.9$ is 1.7, then 1.1, and the two small gradients count as $1/\sqrt{1.7} + 1/\sqrt{1.1} = 1.73$. The large gradient pays for its own size and is forgotten before the small ones are divided. No rate repairs this, because a rate multiplies both.
#
# {term}`AMSGrad` divides by the largest $v$ so far: $u_t = \max(u_{t-1}, v_t)$, the line in the code. All three gradients are then divided by the same number, and the sum decides. In the paper, which has no bias correction, the rate of an entry can only fall, as in AdaGrad. In torch and here $u$ is also divided by $1 - \beta_2^t$, which grows, and after a large first gradient the rate *rises*, by up to $1/\sqrt{1 - \beta_2}$. optax takes the largest $\hat v$ instead, so that its rate cannot.
#
# Is this only an oddity of $\beta_2 = 0.1$? With $\beta_2 = 0.9$ or more, this game goes well, because $v$ hardly changes within a round. But every $\beta_2$ below 1 has a game of its own, with rarer and larger gradients, as long as $\beta_1 < \sqrt{\beta_2}$; that is the paper's theorem. For the defaults take 10,000 once in every 5,001 steps and $-1$ otherwise, at the constant rate 0.03: the sum of a round is again above zero.

# %%
ends = {
    β2: play(partial(Adam, lr=0.1, betas=(0, β2)), rounds)[-1] for β2 in (0.9, 0.999)
}
rare = ([10_000.0] + [-1.0] * 5_000) * 3
lost, kept = (
    play(partial(Adam, lr=0.03, amsgrad=mend), rare, falling=False)
    for mend in (False, True)
)
say(
    f"The first game with β₂ = 0.9 ends at {ends[0.9]:.2f}, with 0.999 at"
    f" {ends[0.999]:.2f}. The rare gradients, with the default β₁ and β₂: Adam ends at"
    f" **{lost[-1]:+.2f}**, AMSGrad at **{kept[-1]:+.2f}**; the best place is −1."
)


# %%
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

# %%
adam, mended = (paths[name][-1].item() for name in ("Adam", "AMSGrad"))
evidence(
    "F16",
    "holds with a caveat",
    f"With a constant gradient the first step is {plain[0]:.2f} η without correction and"
    f" {slip[0]:.0f} η with β₂ in both corrections, against 1 η; over 20,000 runs the"
    f" means of m and v are off their factors by less than"
    f" {'1%' if worst < 0.01 else '10%'}. On the gradients 3, −1, −1 Adam with β₂ = 0.1"
    f" ends at {adam:+.2f}, AMSGrad at {mended:+.2f}; the best point is −1.",
)

# %% [markdown]
# The caveat has two sides. Two misprints go around with this claim: $\beta_2$ in both corrections, which is no small thing, and ε as 10e-8. And the counterexample does not say that Adam fails on networks. With $\beta_2$ large enough for the problem Adam does converge, to a neighbourhood of a critical point ({cite:t}`zhang2022`).

# %% [markdown]
# ## Experiment: how much does the rate matter?
#
# "Adam is robust to its rate" is said often and measured seldom. So measure it, for every method of Part 3 so far. A stored run trained two networks on all of MNIST for one epoch of 469 steps with batches of 128: $784 \to 64 \to 10$, and $784 \to 32 \to 32 \to 32 \to 32 \to 10$. Every method saw the same 25 rates from $10^{-5}$ to $10^3$, three a decade, and the same three seeds. The rules were fixed before the run:
#
# - a rate is **good** where the loss on 10,000 training images, at the end, is at most 1.5 times the best;
# - best means either the method's *own* best, or the best of *all* methods: a method that is equally bad over four decades must not win;
# - the **width** is the number of decades between the ends of the good band, with straight lines between the rates on logarithmic axes. A run that diverges counts with $\ln 10$, the loss of guessing.
#
# Momentum and Nesterov have $\mu = 0.9$. Everything else is at its default.
#
# **Predict** the order: which method has the widest band, which the narrowest?

# %%
measured = results.load("robustness")["results"]
networks, factor = measured["networks"], str(measured["stated"])
shallow, deep = networks.values()
show(
    figures.by_rate(measured["rates"], shallow["losses"], shallow["bands"], factor),
    "Eight panels, one a method: training loss against rate, three curves a panel that"
    " nearly coincide. Each falls from about 2 to a narrow valley and rises steeply"
    " back. Between one and three of the rates, marked by dots, lie below the dashed"
    " line; the valleys of Nesterov and AdaDelta are the deepest.",
)

# %%
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

# %% [markdown]
# Read the upper bars first: each method by its own best. The five methods that divide by a size have wider bands than the three that do not. Among the five there is no winner. Their order changes from one network to the other, and the black marks, one a seed, overlap.
#
# Then the lower bars: the same methods, asked to come near the best of all. AdaGrad falls from the top to the bottom. Its band is wide, but at the level of a method that cannot reach the others in one epoch. Nesterov has a narrow band at the right height and loses nothing. Adam keeps most of its own.


# %%
def leader(net, kind, within):
    decades = {name: band[kind][within] for name, band in net["bands"].items()}
    first = max(decades, key=decades.get)
    names = [first] if first == "Adam" else [first, "Adam"]
    return ", ".join(f"{name} {decades[name]:.2f}" for name in names)


kinds = [(net, kind) for net in networks.values() for kind in ("own", "overall")]
table(
    ["loss within", "own best", "best of all", "deep: own best", "deep: best of all"],
    [
        [f"{within} times"] + [leader(*kind, str(within)) for kind in kinds]
        for within in measured["tolerances"]
    ],
)

# %% [markdown]
# The table names the widest band of all methods, in decades, and Adam's beside it, for three tolerances. The middle line is the one that was fixed beforehand. Who leads hangs on the tolerance; that Adam is not far behind does not, with one exception: the strict test of the first line on the small network. There momentum's band is wider than Adam's as well.

# %%
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

# %%
evidence(
    "F17",
    "false",
    f"One epoch of MNIST on two networks, three tolerances, two meanings of best: Adam's"
    f" band is wider than SGD's in {wider_than('SGD')} of {len(cases)} cases, than"
    f" momentum's in {wider_than('Momentum')}, and the widest of {len(ours)} methods in"
    f" {wider_than(*rest)}. Within {factor} times its own best it is {adams[0]:.2f} and"
    f" {adams[2]:.2f} decades wide (SGD {plains[0]:.2f} and {plains[2]:.2f}), within"
    f" {factor} times the best of all {adams[1]:.2f} and {adams[3]:.2f} (SGD"
    f" {plains[1]:.2f} and {plains[3]:.2f}); in the strictest case {strict[0]:.2f}"
    f" (momentum {strict[1]:.2f}).",
)

# %%
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
# The width is only half of what a user wants. The other half is where the band lies. Two networks are few, but no best rate differs by more than one grid step between them. And whoever tunes nothing lives at the default: at torch's own rate Adam, AdaGrad, RMSProp and AdaDelta learn, and SGD and momentum do not on the deep network. This, more than the width, may be why people call Adam robust.
#
# The caveats: one epoch, one data set, two small networks, a constant rate, everything but the rate at its default. {cite:t}`schmidt2021` run fifteen methods on eight tasks and find that trying several of them at their defaults does about as well as tuning a single one. {cite:t}`wilson2017` show problems on which adaptive methods, trained to the end, generalise worse than SGD. And {cite:t}`choi2019` warn that any such ranking hangs on what was tuned.

# %% [markdown]
# ## Try it
#
# Here are Adam's five lines, with numbers in their places. One gradient is ten thousand times another. **Predict** the line in which the entries look alike again. Then take a few steps, flip the signs, and take some more: which of the two averages notices first?

# %%
OneStep("Adam")

# %% [markdown]
# Adam, RMSProp and Momentum in a valley whose axes are turned. **Predict:** on the bowl with κ = 10, whose axes are straight, a rate for each entry helps more. By how much? Choose it and see.

# %%
Race(methods=["Momentum", "RMSProp", "Adam"], steps=100)

# %% [markdown]
# ## In PyTorch
#
# `torch.optim.Adam` is the same method. Both train the same float64 network on the same minibatches:

# %%
pairs = {
    "defaults": {},
    "amsgrad": {"amsgrad": True},
    "β = (0.8, 0.99), ε = 1e-4, λ = 0.01": {
        "betas": (0.8, 0.99),
        "eps": 1e-4,
        "weight_decay": 0.01,
    },
}

# %%
gaps = [
    difference(
        lambda p, o=options: Adam(p, **o), lambda p, o=options: torch.optim.Adam(p, **o)
    )
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
# | `betas` | $(\beta_1, \beta_2)$; a smaller $\beta_2$, such as 0.95, forgets a burst of large gradients sooner | the same |
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
#
# What does it remember? Two numbers for each parameter, $m$ and $v$; with AMSGrad a third. In float32 that is 4 bytes each. The weights themselves take 4 bytes and their gradients 4 more.

# %%
sizes = {
    "Adam": (Adam, torch.optim.Adam),
    "Adam, amsgrad": (
        partial(Adam, amsgrad=True),
        partial(torch.optim.Adam, amsgrad=True),
    ),
    "Momentum": (Momentum, partial(torch.optim.SGD, momentum=0.9)),
}
held = {name: [state_bytes_of(make) for make in pair] for name, pair in sizes.items()}

# %%
table(
    ["bytes of state per float32 parameter", "ours", "torch"],
    [[name, *(f"{size:g}" for size in pair)] for name, pair in held.items()],
)

# %%
evidence(
    "F18",
    "holds",
    f"Bytes of state per float32 parameter, ours and torch's: Adam {held['Adam'][0]:g}"
    f" and {held['Adam'][1]:g}, with amsgrad {held['Adam, amsgrad'][0]:g} and"
    f" {held['Adam, amsgrad'][1]:g}, momentum {held['Momentum'][0]:g} and"
    f" {held['Momentum'][1]:g}.",
)

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the second step
#
# An entry's gradients are 2 and then −2. Adam has its defaults, $\varepsilon = 0$ and the rate $\eta$. By how many $\eta$ does the entry move in the *second* step? Give the change with its sign.

# %%
answer = ...
check("3-first-order/second-step", answer)

# %% tags=["remove-input"]
solution("3-first-order/second-step")

# %% [markdown]
# ### Exercise 2: forgotten corrections
#
# Somebody forgets both corrections and trains with $\beta_1 = 0.9$ and $\beta_2 = 0.9999$. How many times too long is the first step?

# %%
answer = ...
check("3-first-order/forgotten-corrections", answer)

# %% tags=["remove-input"]
solution("3-first-order/forgotten-corrections")

# %% [markdown]
# ### Exercise 3: read the plot
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
# ### Exercise 4: write Adam
#
# Write `adam(x, gradients, lr, beta1, beta2, eps)`. It takes one step for each tensor in the list `gradients`, in their order, and returns the last `x`. Corrections included, ε outside the root.


# %%
def adam(x, gradients, lr, beta1, beta2, eps): ...


check("3-first-order/write-adam", adam)

# %% tags=["remove-input"]
solution("3-first-order/write-adam")

# %% [markdown]
# ## Summary
#
# - Adam moves by $\eta\,\hat m / (\sqrt{\hat v} + \varepsilon)$: a sign from an average of gradients, a size between 0 and about $\eta$ from how well the gradients agree. The scale of the loss cancels as long as it is far above ε.
# - Averages that start at zero lack the weight $\beta^t$. Dividing by $1 - \beta_1^t$ and $1 - \beta_2^t$ mends that, each average with its own β. Without it the first steps are several times too long, and the rates that you tune are others.
# - Adam's band of good rates is wider than SGD's and mostly wider than momentum's, about as wide as that of its relatives, and hardly ever the widest. The best rate falls as the network widens. With rare large gradients and a β₂ that forgets too soon Adam goes the wrong way; AMSGrad does not.
#
# ## References
#
# - {cite:t}`kingma2015`: the method, its corrections, and the cheaper order with ε̂.
# - {cite:t}`reddi2018`: the game that Adam loses, and AMSGrad.
# - {cite:t}`zhang2022`: with $\beta_2$ large enough Adam converges as it is.
# - {cite:t}`balles2018`: Adam as a sign, shortened by the noise.
# - {cite:t}`wilson2017`: cases where adaptive methods end in worse solutions than SGD.
# - {cite:t}`choi2019`: comparisons of optimizers hang on what was tuned, ε included.
# - {cite:t}`schmidt2021`: fifteen optimizers on eight tasks; which of them wins depends on the task.
