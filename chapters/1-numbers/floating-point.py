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
# # Floating point
#
# A computer keeps a number in 16, 32 or 64 bits, so it must round almost every result that it computes, and it rounds without telling you. In this chapter you learn to see where that breaks a training run, and what to do about it.
#
# **You will**
#
# - read the bits of a float, and say how far away the next one is;
# - predict where a format overflows, underflows, stops counting and lets a gradient die;
# - repair a difference, a sum and a training step in 16 bits.
#
# **You need** {doc}`one-training-step`, powers of two and logarithms.

# %%
import copy
import math
from decimal import Decimal
from itertools import pairwise

import torch
from torch.nn import functional as F

from book import numerics, results
from book.display import evidence, say, show, show_source
from book.exercises import check, solution
from book.explorers import FloatBits
from book.figures import floating_point as figures
from book.figures import mixed_precision

FORMATS = {n: getattr(torch, n) for n in ("float16", "bfloat16", "float32", "float64")}

# %% [markdown]
# ## A counter that stops counting
#
# Start at 0 and add 1, three thousand times. You know the answer.
#
# **Predict before you run:** PyTorch offers four formats, two of 16 bits (`float16` and `bfloat16`), one of 32 and one of 64. The largest `float16` is 65,504. Does a counter in `float16` reach 3,000?

# %%
counts = {}
for name, dtype in FORMATS.items():
    count, one = torch.zeros((), dtype=dtype), torch.ones((), dtype=dtype)
    counts[name] = [(count := count + one).item() for _ in range(3000)]
show(
    figures.counters(counts),
    "Four counters that add 1 three thousand times. Those in float32 and float64 "
    f"reach 3000; float16 is stuck at {counts['float16'][-1]:.0f} and bfloat16 at "
    f"{counts['bfloat16'][-1]:.0f}.",
)

# %% [markdown]
# Neither 16-bit counter is anywhere near its largest number. Both simply stop: no error, no warning, no `inf`. Replace "counter" by "running sum of the loss" or "weight that receives small updates", and you have a training run that silently stands still.
#
# To see why, build a format so small that you can look at every number in it.

# %% [markdown]
# ## A number line with gaps
#
# Take six bits: one for the **sign**, three for the **exponent**, two for the **fraction**. The exponent chooses a power of two, from 1/4 to 8. The fraction cuts the way from this power to the next one into four equal steps. Here is every non-negative number of the format.
#
# **Predict:** how many of these numbers lie from 1 up to (not including) 2? And from 4 up to 8?

# %%
normal = [2.0**k * (1 + f / 4) for k in range(-2, 4) for f in range(4)]
subnormal = [2.0**-2 * f / 4 for f in range(4)]
show(
    figures.tiny_line(subnormal, normal),
    f"A number line from 0 to {max(normal):.0f} with {len(subnormal + normal)} marks, "
    "four in every interval between powers "
    "of two, so that the marks stand twice as far apart after each power. Enlarged "
    "below: from 0 to 1/4 four marks stand evenly.",
)

# %% [markdown]
# Four, both times. The gaps double at every power of two: 1/4 after 1, 1/2 after 2, 1 after 4, 2 after 8. There are as many numbers between 1 and 2 as between 4 and 8, so a float has a fixed number of *significant digits*, not a fixed number of digits after the point. That is what "floating" means.
#
# Below the smallest power of two, the gaps stop shrinking. These numbers (pink) are the {term}`subnormals <subnormal>`: they fill the hole around 0 with even steps, and the closer to 0, the fewer significant digits are left.
#
# Now write it down. A format has two sizes: $w$, the number of exponent bits, and $p$, its **precision**, the number of significant bits. Only $p - 1$ of them are stored, in the fraction; the first significant bit of a normal number is always 1 and costs nothing. The three fields are integers: the sign $s \in \{0, 1\}$, the exponent $e \in \{0, \dots, 2^w - 1\}$ and the fraction $f \in \{0, \dots, 2^{p-1} - 1\}$. With the bias $b = 2^{w-1} - 1$, the number is
#
# $$
# \boxed{\;
# x = (-1)^s \cdot
# \begin{cases}
# 2^{e-b} \left(1 + \dfrac{f}{2^{p-1}}\right) & \text{if } 0 < e < 2^w - 1 \quad \text{(normal)} \\
# 2^{1-b} \; \dfrac{f}{2^{p-1}} & \text{if } e = 0 \quad \text{(zero and subnormal)}
# \end{cases}
# \;}
# $$
#
# The exponent that is all ones is reserved: with $f = 0$ it means **infinity** (`inf`), with $f \neq 0$ it means {term}`nan`, "not a number". The tiny format has $w = 3$, $p = 3$ and $b = 3$.
#
# A formula is easy to get wrong by one. So decode *every* pattern of 16 bits, in both 16-bit formats, and compare with what PyTorch says the pattern means.


# %%
def decode(pattern, w, p):
    s, e = pattern >> (w + p - 1), (pattern >> (p - 1)) % 2**w
    f = pattern % 2 ** (p - 1)
    significand = f.double() / 2 ** (p - 1) + (e > 0)
    power = e.clamp(min=1).double() - (2 ** (w - 1) - 1)
    special = torch.where(f == 0, torch.inf, torch.nan)
    return (-1.0) ** s * torch.where(e < 2**w - 1, significand * 2.0**power, special)


patterns = torch.arange(2**16)
agree = {}
for name, w, p in (("float16", 5, 11), ("bfloat16", 8, 8)):
    stored = patterns.to(torch.int16).view(FORMATS[name]).double()
    meant = decode(patterns, w, p)
    agree[name] = ((meant == stored) | (meant.isnan() & stored.isnan())).sum()
say(
    " ".join(f"`{n}`: **{k:,}** of {2**16:,} patterns agree." for n, k in agree.items())
)

# %% [markdown]
# The four formats of PyTorch are this formula with four pairs $(w, p)$. Three of them, `float16`, `float32` and `float64`, are standard IEEE 754 formats {cite:p}`ieee754`. The fourth, `bfloat16`, is not in the standard: it is a `float32` of which only the first 16 bits are kept (PyTorch rounds to the nearest instead of cutting), and it was made for neural networks {cite:p}`kalamkar2019`.

# %% tags=["hide-input"]
rows = [
    "| format | $w$ | $p$ | largest | smallest normal | smallest subnormal | digits |",
    "|---|---|---|---|---|---|---|",
]
matches = 0
for name, w, p in zip(FORMATS, (5, 8, 8, 11), (11, 8, 24, 53), strict=True):
    info, low = (
        torch.finfo(FORMATS[name]),
        2 - 2 ** (w - 1),
    )  # 2^low: the smallest normal
    largest = 2.0 ** (1 - low) * (2 - 2.0 ** (1 - p))
    smallest, lowest = 2.0**low, 2.0 ** (low + 1 - p)
    found = info.max, info.smallest_normal, info.smallest_normal * info.eps
    matches += sum(
        a == b for a, b in zip((largest, smallest, lowest), found, strict=True)
    )
    ends = f"{smallest:.3g} = $2^{{{low}}}$ | {lowest:.2g} = $2^{{{low + 1 - p}}}$"
    digits = f"{p * math.log10(2):.1f}"
    rows.append(f"| `{name}` | {w} | {p} | {largest:.5g} | {ends} | {digits} |")
say("\n".join(rows))

# %%
say(
    f"Of the {3 * len(FORMATS)} ends by the formula, **{matches}** are equal to those of"
    " `torch.finfo`."
)

# %% [markdown]
# The last column is $p \log_{10} 2$, the precision in decimal digits. The two 16-bit formats spend the same budget differently. `float16` buys digits and pays with range; `bfloat16` keeps the range of `float32` and pays with digits. Here is one number, 0.1, in all four. A box in full colour is a 1, a faint one a 0.
#
# **Predict:** in which of the four is 0.1 stored exactly?

# %%
tenth = {name: numerics.bits(0.1, dtype) for name, dtype in FORMATS.items()}
show(
    figures.strips(
        {name: (b.sign, b.exponent, b.fraction) for name, b in tenth.items()},
        {name: f"= {Decimal(b.value)}" for name, b in tenth.items()},
    ),
    "The bits of 0.1 in four formats, aligned where the fraction begins. After the "
    "exponent the pattern 1001 repeats until each format runs out of bits; none of "
    "the four values is exactly 0.1.",
)

# %% [markdown]
# In none; below each strip stands the number that is stored instead, to its last digit. In base two, 1/10 is the repeating fraction 0.0001100110011…, as 1/3 is 0.333… in base ten. Wherever a format cuts it off, something is left over. What is stored is the nearest float, and Python prints `0.1` only because that is the shortest decimal that leads back to it.
#
# Now take one in your hands. Type a number, flip its bits, change the format.
#
# - Set the exponent of 1 to all ones. Then set any bit of the fraction.
# - Type `2048` in `float16`, then `2049`. What is stored?
# - Type `1e-7` in `float16`. How many significant bits are left?

# %%
FloatBits(value="0.1", dtype="float16")

# %% [markdown]
# ## Rounding, and the size of a gap
#
# The exact result of $x + y$, $x - y$, $x \times y$, $x / y$ or $\sqrt{x}$ mostly falls between two floats. IEEE 754 promises, unless you ask for another mode, that you get the nearer one. When the result lies exactly in the middle, the tie goes to the float whose last bit is 0, called *even*. Neighbouring ties go opposite ways, so that they do not push a long sum to one side.
#
# From 2048 on, `float16` has a gap of 2. So every odd number there is a tie.
#
# **Predict:** to which float do 2049 and 2051 go?

# %%
exact = [float(n) for n in range(2048, 2061)]
rounded = torch.tensor(exact).half().tolist()
show(
    figures.rounding(exact, rounded),
    f"Arrows from the integers {exact[0]:.0f} to {exact[-1]:.0f} to the nearest float16. "
    "Even integers stay. Each odd one is a tie and goes to the neighbour with an even "
    f"last bit: {exact[1]:.0f} to {rounded[1]:.0f}, {exact[3]:.0f} to {rounded[3]:.0f}, "
    "and so on.",
)

# %% [markdown]
# There is your stuck counter. It holds 2048, you add 1, the exact sum 2049 is a tie, and the tie goes back to 2048. In general a counter stops at $2^p$, where the gap becomes 2 for the first time: $2^{11} = 2048$ in `float16`, $2^8 = 256$ in `bfloat16`. Both agree with the picture at the top.
#
# The gap has a name: {term}`ulp`, *unit in the last place*. For a normal number $x$ with $2^k \le |x| < 2^{k+1}$, the fraction cuts the interval into $2^{p-1}$ steps, so
#
# $$\operatorname{ulp}(x) = 2^{k - (p - 1)}.$$
#
# Here is how the library measures it, by going to the next float and subtracting.

# %%
show_source(numerics.ulp)

# %%
lowest, highest = (-24, -133, -149, -160), (16, 128, 128, 141)
curves = {}
for name, low, high in zip(FORMATS, lowest, highest, strict=True):
    powers = torch.arange(low, high, dtype=torch.float64)
    curves[name] = (
        powers,
        numerics.ulp((2.0**powers).to(FORMATS[name])).double().log2(),
    )
show(
    figures.spacing(curves),
    "The gap to the next float against the size of the number, in powers of two. "
    "Each format is a staircase of slope 1 that is flat at its lower end. bfloat16 "
    "lies 16 powers above float32; float16 is a short piece.",
)

# %% [markdown]
# Each line is a staircase with one step per power of two, too small to see here. Read along the dotted line. Where the line of a format is on it or below it, the format holds every integer of that size; above it, the format cannot tell $n$ from $n + 1$. At its lower left, a line goes flat: those are the subnormals, whose gap no longer shrinks. (`float64` goes on far beyond both edges of the picture.)
#
# ### How wrong is one rounding?
#
# The nearest float is at most half a gap away: $2^{k-p}$. The number itself is at least $2^k$. Divide, and the power $2^k$ cancels. So the *relative* error of one rounding has the same bound everywhere in the normal range, called the {term}`unit roundoff` $u = 2^{-p}$:
#
# $$\boxed{\; \operatorname{fl}(x \circ y) = (x \circ y)(1 + \delta), \qquad |\delta| \le u = 2^{-p} \;}$$
#
# Here $x$ and $y$ are floats, $\circ$ is one of the operations above, $\operatorname{fl}$ is what the computer returns, and $\delta$ is the relative error. It holds as long as the result neither overflows nor becomes subnormal. Nearly every statement about accuracy in this book is built on this one line.
#
# Test it: two `float32` have 24 significant bits each, so their product has at most 48 and is exact in `float64`. Multiply 200,000 random pairs both ways.

# %%
torch.manual_seed(0)
x, y = torch.randn(2, 200_000)
exact = x.double() * y.double()
delta = ((x * y).double() - exact).abs() / exact.abs()
u = 2.0**-24
say(
    f"The largest $|\\delta|$ is **{delta.max() / u:.1f}** $u$, the mean "
    f"{delta.mean() / u:.2f} $u$; {(delta > u).sum()} of 200,000 exceed $u$."
)

# %% [markdown]
# The promise covers $+, -, \times, /, \sqrt{\ }$. It does *not* cover `exp`, `log`, `cos` or `tanh`: the standard recommends that they be rounded correctly, and libraries typically deliver an error of an ulp or so. That is one reason why a CPU and a GPU may differ in the last digit.
#
# ### Which variant is this?
#
# Two words in this section have more than one meaning in print.
#
# **{term}`Machine epsilon <machine epsilon>`.** `torch.finfo(torch.float32).eps` is $2^{-23}$, the gap from 1 to the next float. Textbooks on numerical analysis mostly use the unit roundoff $u = 2^{-24}$, half of it {cite:p}`higham2002`. LAPACK's `DLAMCH('E')` returns *that* one. A third definition, "the smallest $\varepsilon$ with $1 + \varepsilon > 1$", is neither: $1 + 2^{-24}$ is a tie and goes back to 1, but anything larger goes up.
#
# **ulp.** Next to a power of two the gap below is half of the gap above, so "the gap at 1" is ambiguous. {cite:t}`goldberg1991` counts in units of the last digit as the number itself is written, which gives the gap above. Kahan takes the gap between the two floats nearest to $x$, even if $x$ is one of them: 1 and the float just below it, so half as much. {cite:t}`muller2005` compares these and more. `numerics.ulp` is the gap above, as in `math.ulp` of Python. The three differ only at powers of two and just beside them, by a factor of two.

# %%
one = torch.tensor(1.0)
above, below = torch.nextafter(one, 2 * one) - one, one - torch.nextafter(one, 0 * one)
tie = torch.tensor(2.0**-24)
up = [(one + x > one).item() for x in (tie, torch.nextafter(tie, one))]
say(f"""
- gap above 1: $2^{{{above.log2():.0f}}}$ (`numerics.ulp`, Goldberg's ulp, `torch.finfo.eps`)
- gap below 1: $2^{{{below.log2():.0f}}}$ (Kahan's ulp at 1, and in size the unit roundoff)
- $1 + 2^{{-24}} > 1$: **{up[0]}**; with the next float after $2^{{-24}}$: **{up[1]}**
""")

# %% [markdown]
# ## Off the ends
#
# A float has two ends. Beyond the largest number there is {term}`overflow`: the result is `inf`. Near 0 there is {term}`underflow`: the result loses digits as a subnormal, then becomes 0.
#
# The exponential gets to both ends quickly, and softmax is made of exponentials. When is $e^x$ too large? When $x > \ln(\text{largest})$. When is it 0? When $e^x$ is at most half of the smallest subnormal, call it $m$: in the middle, the tie goes to the even neighbour, which is 0. So $x \le \ln(m/2)$.
#
# **Predict:** the range of `float64` is enormous, up to $1.8 \cdot 10^{308}$. Up to which $x$ does $e^x$ fit?

# %%
limits, probes = {}, []
for name, dtype in FORMATS.items():
    info = torch.finfo(dtype)
    zero = math.log(2) * (math.log2(info.smallest_normal * info.eps) - 1)
    limits[name] = zero, math.log(info.smallest_normal), math.log(info.max)
    ends = torch.tensor([[zero], [limits[name][2]]]) + torch.tensor([-0.5, 0.5])
    low, high = ends.to(dtype).exp()
    probes += [low[0] == 0, low[1] > 0, high[0].isfinite(), high[1].isinf()]
show(
    figures.exp_range(limits),
    "For each format a bar of the x where exp(x) is neither 0 nor inf: "
    + ", ".join(f"{name} from {a:.1f} to {b:.1f}" for name, (a, _, b) in limits.items())
    + "; pale where subnormal.",
)

# %%
say(
    "Half a unit inside and outside of all eight ends, `torch.exp` does as predicted "
    f"in **{sum(probes)}** of {len(probes)} cases."
)

# %% [markdown]
# Only up to 709.8. (The pale part of a bar is where $e^x$ is subnormal.) The exponential turns the whole astronomic range of `float64` into the interval from $-745$ to 710, and `float16` into a poor $-17$ to 11. A single logit of 12 overflows it.
#
# Overflow, too, is a rounding. The largest `float16` is 65,504, and the next one would be 65,536. So 65,519 still rounds down to 65,504, and 65,520, the middle, becomes `inf`.
#
# From `inf` it is one step to `nan`. Infinity follows the rules of limits as far as it can: $1/\infty = 0$, $\infty + 1 = \infty$. Where limits give no answer ($\infty - \infty$, $0 \cdot \infty$, $\infty / \infty$), the result is `nan`. That is what happens to a softmax written as the textbook writes it, $e^{z_i} / \sum_j e^{z_j}$.

# %%
edge = torch.tensor([65519.0, 65520.0]).half().tolist()
z = torch.tensor([1000.0, 990.0, 980.0])
inf, nan = torch.inf, torch.nan
say(f"""
- 65519 and 65520 in `float16`: **{edge}**
- `inf - inf`, `0 * inf`, `inf / inf`: **{inf - inf}**, **{0 * inf}**, **{inf / inf}**
- `nan == nan`: **{nan == nan}**
- `exp` of {z.tolist()}: **{z.exp().tolist()}**
- naive softmax: **{numerics.naive_softmax(z).tolist()}**
""")

# %%
infinite, lost = z.exp().isinf().sum(), numerics.naive_softmax(z).isnan().sum()
evidence(
    "N1",
    "holds",
    f"The largest float32 is {torch.finfo(torch.float32).max:.4e}; {infinite} of the "
    f"{len(z)} exponentials of 1000, 990 and 980 are inf, and {lost} of the {len(z)} naive "
    "softmax outputs are nan.",
)

# %% [markdown]
# The true answer is perfectly ordinary: about (0.99995, 0.00005, 0.000000002). Nothing is wrong with the question, only with the way through it. {doc}`stable-softmax` finds another way.
#
# ### Why subnormals exist
#
# Without the subnormals, the numbers next to 0 would be $\pm$ the smallest normal, with a hole in between. Take $x$ and $y$ a little above that number. Their difference would fall into the hole and become 0, although $x \neq y$. A guard such as `if x != y: return 1 / (x - y)` would then divide by zero. With subnormals, $x - y = 0$ only if $x = y$.
#
# Some hardware and some settings flush subnormals to 0 because they are slow or need more circuits. `torch.set_flush_denormal(True)` does it on a CPU. Subtract neighbours just above the smallest normal `float32`, once each way.

# %%
first = torch.tensor(2.0**-126).view(
    torch.int32
)  # neighbours have neighbouring patterns
x = torch.arange(1000, dtype=torch.int32).add(first).view(torch.float32)
zeros = {}
for flush in (False, True):
    torch.set_flush_denormal(flush)
    zeros[flush] = ((x[1:] - x[:-1]) == 0).sum().item()
torch.set_flush_denormal(False)
say(
    f"Of {len(x) - 1} differences of unequal neighbours, **{zeros[False]}** are 0 by the "
    f"standard, and **{zeros[True]}** when subnormals are flushed."
)

# %% [markdown]
# Whether you have subnormals is a property of the hardware, the instruction and the compiler flags, not of the format. NVIDIA's compiler flushes those of `float32` under `--use_fast_math`; the matrix units of AMD's MI200 flush those of `float16` and `bfloat16` {cite:p}`amd_mi200`. In `float16` it matters most: $2^{-14} \approx 6 \cdot 10^{-5}$ is its smallest normal number, and you will see gradients below it further down.

# %% [markdown]
# ## Cancellation
#
# In `float32` a rounding error is tiny, at most one part in 16 million. Here is how they become large.
#
# Compute $(1 - \cos x) / x^2$ for a small $x$. The limit for $x \to 0$ is exactly 1/2. The cosine below is as good as `float32` can be: computed in `float64`, then rounded once.
#
# **Predict:** what comes out for $x = 10^{-4}$?


# %%
def naive(x):
    return (1 - x.double().cos().float()) / x**2


x = torch.tensor([1e-1, 1e-2, 1e-3, 1e-4])
say("\n".join(f"- $x = {a:g}$: **{b:.6f}**" for a, b in zip(x, naive(x), strict=True)))

# %% [markdown]
# The true values are 0.499583, 0.499996 and twice 0.500000. Each answer is worse than the one before, and the last is 0: a relative error of 100 %. Follow the error. Just below 1, floats stand $2^{-24} = u$ apart, so $\cos x$ is off by up to half of that, $u/2$. The subtraction does not add to this at all; when two floats are within a factor of two of each other, their difference is computed *exactly* (Sterbenz's lemma {cite:p}`sterbenz1974`). But the result $1 - \cos x \approx x^2/2$ is tiny, and the old error $u/2$ is now measured against it:
#
# $$\text{relative error} \;\lesssim\; \frac{u/2}{x^2/2} = \frac{u}{x^2}.$$
#
# The leading digits, which were right, cancel. The last ones, which were rounded, are all that is left. That is {term}`cancellation`: the subtraction is innocent, it *reveals* an error made before.
#
# The cure is to not subtract. With $1 - \cos x = 2 \sin^2(x/2)$ the same number comes from a product, and a product keeps relative errors small.


# %%
def stable(x):
    return 2 * ((x / 2).double().sin().float() / x) ** 2


x = torch.logspace(-5, 0, 140)
truth = 2 * torch.sin(x.double() / 2) ** 2 / x.double() ** 2
errors = [(f(x).double() / truth - 1).abs() for f in (naive, stable)]
show(
    figures.cancellation(x, *errors, u / x.double() ** 2),
    "Relative error against x. The naive formula follows the line u over x squared "
    f"from x = 1 up to an error of 1 at x = {2.0**-12:.1e}, and stays there. The formula "
    f"with the sine never exceeds {errors[1].max():.0e}.",
)

# %%
within = errors[0][x > 2**-12] / (u / x.double()[x > 2**-12] ** 2)
cosine = x.double().cos().float()
exact_difference = 1 - cosine.double()
inexact = ((1 - cosine).double() != exact_difference).sum()
say(
    "Where the predicted bound is below 1, the largest error is "
    f"**{within.max():.2f}** times the bound (the square and the division round as "
    f"well). Subtractions that were not exact: **{inexact}** of {len(x)}."
)

# %% [markdown]
# You meet the same pattern whenever a formula subtracts two nearly equal results: the variance as the mean of $x^2$ minus the square of the mean (Exercise 4 makes you repair it), a finite difference $(f(x+h) - f(x))/h$ (Exercise 3), or $\log(1 + x)$ for tiny $x$, for which `torch.log1p` exists.
#
# How bad is that variance? Let the mean be $\mu$ and the variance $v$. The formula subtracts two numbers of size $\mu^2$, each off by about $u \mu^2$, and what is left should be $v$. So it breaks where $u \mu^2 \approx v$: at a mean of about $1/\sqrt{u} = 4096$ standard deviations in `float32`.
#
# **Predict:** the data below have a variance of about 1. What comes out when their mean is 20,000? Can it be negative?

# %%
torch.manual_seed(0)
noise = torch.randn(10_000)
table = [
    "| mean | mean of squares - square of mean, `float32` | two passes, `float64` |",
    "|---|---|---|",
]
for mean in (0, 100, 1000, 5000, 20_000, 100_000):
    data = noise + mean
    mean_of_squares, mean_of_data = (
        numerics.pairwise_sum(x) / 10_000 for x in (data**2, data)
    )
    two_passes = data.double().var(correction=0)
    table.append(
        f"| {mean:,} | {mean_of_squares - mean_of_data**2:.2f} | {two_passes:.2f} |"
    )
say("\n".join(table))

# %% [markdown]
# It can. A standard deviation is the root of that, and the root of a negative number is `nan`. `torch.var` uses another method, Welford's, which never subtracts two large squares.

# %% [markdown]
# ## The order of a sum
#
# **Predict:** add 0.1 to itself 4,096 times in `bfloat16`, from left to right. The answer should be 409.6. Use what you know about gaps: at which total does adding 0.1 stop having an effect?

# %%
terms = torch.full((4096,), 0.1, dtype=torch.bfloat16)
gaps = numerics.ulp(torch.tensor([16, 32], dtype=torch.bfloat16)).tolist()
say(
    f"The gap is {gaps[0]} at 16 and {gaps[1]} at 32. "
    f"The sum from left to right is **{numerics.naive_sum(terms).item():.0f}**."
)

# %% [markdown]
# It stops at 32, where half a gap (0.125) is more than 0.1 for the first time. The terms are fine and the result would fit; only the *partial sums* are too large for what is added to them.
#
# Two cures. {term}`Pairwise <pairwise summation>`: add neighbours, then add neighbours of those sums, and so on, so that numbers of similar size meet. Each term then passes through only $\log_2 n$ additions instead of $n$. {term}`Kahan's <compensated summation>`: go from left to right, and carry along what the last rounding lost {cite:p}`kahan1965`. The second rests on a small miracle: the rounding error of an addition is itself a float, and you can compute it. If $|x| \ge |y|$ and $t = \operatorname{fl}(x + y)$, then
#
# $$t - (x + y) \;=\; (t - x) - y \qquad \text{exactly, with the right side computed in floats}$$
#
# {cite:p}`dekker1971`. Check it before you believe it: on 100,000 random pairs, the right side in `float32`, the left side in `float64`, where it is exact for numbers of these sizes.

# %%
torch.manual_seed(0)
x = 4096 + 4096 * torch.rand(100_000)
y = 2 * torch.rand(100_000) - 1
t = x + y
lost = (t - x) - y
exact = t.double() - (x.double() + y.double())
say(
    f"Additions that were rounded: {(exact != 0).sum():,}. "
    f"The lost part was exact in **{(lost.double() == exact).sum():,}** of 100,000."
)

# %%
show_source(numerics.naive_sum, numerics.pairwise_sum, numerics.kahan_sum)

# %% [markdown]
# How much better are they? For $n$ terms of one sign, the relative error of the sum is bounded (to first order in $u$) by {cite:p}`higham1993`
#
# - from left to right: $(n - 1) \, u$
# - pairwise: $\lceil \log_2 n \rceil \, u$
# - Kahan's: $2u$
#
# A bound is the worst case. **Predict:** random rounding errors partly cancel. Will a sum of random terms stay below its bound, and by how much?

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

# %%
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

# %%
factor = bounds["left to right"][-1] / worst["left to right"][-1]
largest = max(worst["pairwise"] + worst["Kahan"]) / u
held = sum(
    e <= b for name in WAYS for e, b in zip(worst[name], bounds[name], strict=True)
)
say(
    f"With {sizes[-1]:,} random terms the plain sum stays **{factor:.0f} times** below "
    f"its bound. The other two never exceed {largest:.1f} $u$. Within the bounds: "
    f"**{held}** of {3 * len(sizes)}."
)

# %% [markdown]
# Caveat: the terms were random. On 4,096 equal terms, a few cells above, the plain sum lost more than nine tenths of the answer, because the roundings all went the same way.
#
# `torch.sum` does not add from left to right. It adds in blocks, close to pairwise, and keeps 16-bit sums in `float32` inside. The order depends on the hardware, so two machines may differ in the last digit. That is not a bug; floating-point addition is not associative.

# %%
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
# Python can. `fractions.Fraction` keeps a numerator and a denominator of any length and never rounds. `decimal.Decimal` rounds as well, but to as many decimal digits as you ask for. Why not compute with these, and forget the rest of this chapter?
#
# **Predict:** how many times slower than one `float64` addition is one exact addition?

# %%
sums = results.load("sums")
ways = {row["number"]: row for row in sums["results"]["rows"]}
errs = [(name, way) for name, way in ways.items() if way["relative_error"] > 0]
show(
    mixed_precision.cost_of_exactness(
        [(name, w["ns_per_term"], w["relative_error"]) for name, w in ways.items()]
    ),
    "Relative error of a sum against its time per term. Fraction has error 0 and is "
    "the slowest by far. The others err by: "
    + "; ".join(f"{name} {way['relative_error']:.0e}" for name, way in errs)
    + ". torch.sum is the fastest.",
)

# %%
first, *_, last = sums["results"]["harmonic"]
say(
    f"Measured on {sums['date']} with `{sums['command']}` on one core of an "
    f"{sums['hardware']['processor']}: one sum of {sums['results']['terms']:,} terms, "
    "added one at a time from Python except for `torch.sum`. The denominator of 1/1 + "
    f"1/2 + … + 1/n has {first['denominator_digits']} digits at n = {first['terms']:,} "
    f"and **{last['denominator_digits']:,}** at n = {last['terms']:,}."
)

# %%
error = {name: f"{way['relative_error']:.1e}" for name, way in ways.items()}
times = {name: f"{way['times_float64']:.0f}" for name, way in ways.items()}
evidence(
    "N6",
    "holds with a caveat",
    "The same sum is exact as Fraction and has a relative error of "
    f"{error['Decimal, 28 digits']} as Decimal, {error['float64']} in float64 and "
    f"{error['float32']} in float32; next to float64 in Python, Fraction takes "
    f"{times['Fraction']} times as long and Decimal {times['Decimal, 28 digits']} "
    "times.",
)

# %% [markdown]
# Two caveats. `Decimal` does not avoid rounding, it only moves it further out. And `Fraction` has no exponential, no logarithm and no square root, because the results are not fractions; there is no exact softmax. Even where everything *is* a fraction, the denominators grow without end. What you can afford in a training run is floats, and care.

# %% [markdown]
# ## Sixteen bits for training
#
# Half the bits mean half the memory and half the traffic. On GPUs with matrix units, 16-bit products are also faster; {cite:t}`micikevicius2018` measured 2 to 6 times. So large networks are trained in {term}`mixed precision`: matrix products take 16-bit numbers, and what needs more stays in `float32`. You now know enough to predict the two things that go wrong.
#
# ### A weight that does not move
#
# A weight stands at 1. Five hundred times, the optimizer subtracts 0.001.
#
# **Predict**, with gaps: just below 1 the gap is $2^{-p}$, and an update is lost if it is at most half a gap. In which of the two 16-bit formats does the weight stay at 1 for ever?

# %%
paths = {}
for name, dtype in FORMATS.items():
    weight, update = torch.ones((), dtype=dtype), torch.tensor(1e-3, dtype=dtype)
    paths[name] = [1.0] + [(weight := weight - update).item() for _ in range(500)]
show(
    mixed_precision.lost_updates(paths),
    "A weight against the number of updates of 0.001. In float32 and float64 it "
    f"falls from 1 to {paths['float32'][-1]:.1f}; float16 ends near it at "
    f"{paths['float16'][-1]:.3f}; bfloat16 stays at {paths['bfloat16'][-1]:.0f}.",
)

# %% [markdown]
# In `bfloat16`, half a gap below 1 is $2^{-9} \approx 0.002$, twice the update. In `float16` it is $2^{-12} \approx 0.0002$, and the weight moves, though by rounded steps. The usual cure: **keep the weights in `float32`**, cast a copy to 16 bits for the forward and backward pass, and apply the update to the original.
#
# ### A gradient that is not there
#
# The second thing goes wrong in the backward pass. Take a classifier with eight layers of 64 tanh units, train it for 100 steps in `float64`, then look at the gradients of the loss with respect to every layer's outputs. These are the numbers that a backward pass in 16 bits must store.

# %%
torch.manual_seed(0)
labels = torch.arange(512) % 10
inputs = torch.randn(10, 32).double()[labels] + 0.8 * torch.randn(512, 32).double()
widths = [32, *[64] * 7, 10]
layers = torch.nn.ModuleList(
    torch.nn.Linear(a, b) for a, b in pairwise(widths)
).double()


def forward(layers, x):
    """The output of every layer; each works on the tanh of the one before."""
    outputs = [layers[0](x)]
    for layer in layers[1:]:
        outputs.append(layer(outputs[-1].tanh()))
    return outputs


# %%
def backward(layers, x, scale=1.0):
    """Gradients of scale × loss for the outputs, and for the weights, of every layer."""
    outputs = forward(layers, x)
    loss = scale * F.cross_entropy(
        outputs[-1].double(), labels
    )  # the loss in a wide format
    gradients = torch.autograd.grad(loss, outputs + [layer.weight for layer in layers])
    gradients = [g.double() for g in gradients]
    return gradients[: len(layers)], gradients[len(layers) :]


def lost_share(gradients):
    sizes = torch.cat([g.flatten() for g in gradients]).abs()
    return 100 * (sizes[sizes > 0] <= 2**-25).double().mean()


# %%
before = lost_share(backward(layers, inputs)[0])
optimizer = torch.optim.Adam(layers.parameters(), lr=3e-3)
for _ in range(100):
    loss = F.cross_entropy(forward(layers, inputs)[-1], labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
say(
    f"The loss fell to {loss:.4f}. Before the first step, `float16` would have lost "
    f"**{before:.1f} %** of the gradients."
)

# %% [markdown]
# **Predict:** the smallest `float16` is $2^{-24}$, so everything up to $2^{-25}$ becomes 0. The loss is a mean over 512 examples, and the network is already right about most of them. Which share of the gradients would `float16` lose now?

# %%
true_outputs, true_weights = backward(layers, inputs)
sizes = torch.cat([g.flatten() for g in true_outputs]).abs()
sizes = sizes[sizes > 0].log2()
show(
    mixed_precision.gradient_histogram(sizes, sizes + 16, 16),
    "Two histograms of gradient sizes over the range of float16. Above, nearly all "
    "are below the normal range and almost half round to 0. Below, the same shape "
    "moved right by 16 powers of two, nearly all inside.",
)

# %%
say(
    f"**{lost_share(true_outputs):.0f} %** round to 0, "
    f"{100 * (sizes < -14).double().mean():.0f} % are below the normal range. Its "
    f"upper part is empty: the largest gradient is $2^{{{sizes.max():.1f}}}$, "
    "`float16` goes up to $2^{16}$."
)

# %% [markdown]
# The gradients are not too small. They are in the wrong place. The lower picture shows the repair, {term}`loss scaling`: multiply the loss by $S = 2^k$ before the backward pass. Differentiation is linear, so every gradient is multiplied by $S$, and the histogram moves $k$ to the right. Before the update, divide by $S$ in `float32`, which has room for the small results:
#
# $$\boxed{\; g = \tfrac{1}{S} \, \nabla_{\theta} \, (S \cdot L), \qquad S = 2^k \;}$$
#
# $L$ is the loss (a number), $\theta$ the weights and $g$ their gradient, of the same shape. A power of two changes only the exponent, so scaling itself rounds nothing.
#
# How far can you go? The largest gradient, scaled, may be at most 65,504.
#
# **Predict** the last safe $k$ from the largest gradient; then run the backward pass in `float16` for every $k$ and see where it overflows.

# %%
half = copy.deepcopy(layers).half()
largest = max(g.abs().max().item() for g in true_outputs + true_weights)
safe = math.floor(math.log2(65504 / largest))


def relative_error(computed, true):
    error = ((computed - true).norm() / true.norm()).item()
    return error if math.isfinite(error) else math.inf


powers, lost, errors = list(range(31)), [], []
for k in powers:
    outputs, weights = backward(half, inputs.half(), scale=2.0**k)
    pairs = zip(outputs, true_outputs, strict=True)
    lost.append(
        100 * sum(((g == 0) & (t != 0)).sum().item() for g, t in pairs) / len(sizes)
    )
    pairs = zip(weights, true_weights, strict=True)
    errors.append(max(relative_error(g / 2.0**k, t) for g, t in pairs))

# %%
show(
    mixed_precision.scale_sweep(powers, lost, errors, safe),
    f"Left: the share of gradients lost to 0 falls from {lost[0]:.0f} percent without "
    "a scale to almost none at 2 to the 16. Right: the error of the worst layer's "
    f"weight gradient falls from {errors[0]:.2f} to {errors[16]:.3f}, is flat, and "
    "ends where float16 overflows.",
)

# %%
off = [100 * error for error in errors]
overflow = off.index(math.inf)
say(f"""
- without a scale: **{lost[0]:.0f} %** become 0, the worst layer is off by **{off[0]:.0f} %**
- with $S = 2^{{16}}$, then unscaled: **{lost[16]:.1f} %** become 0, off by **{off[16]:.1f} %**
- last safe $k$: predicted **{safe}**, seen **{overflow - 1}**
""")

# %% [markdown]
# (Without a scale, the share differs a little from the one in the histogram: here every step of the pass was rounded, not only its results.) Between "too small" and "too large" lies a plateau many powers of two wide; any $S$ on it will do. What error remains there comes from the 11 bits of `float16`, and no scale can help against that.
#
# The gradients change during training, so frameworks search for $S$ as they go. `torch.amp.GradScaler` starts high, skips the step and lowers $S$ whenever a gradient is `inf` or `nan`, and raises $S$ after a long run of good steps.

# %%
scaler = torch.amp.GradScaler("cpu")
say(
    f"It starts at $2^{{{math.log2(scaler.get_scale()):.0f}}}$, multiplies by "
    f"{scaler.get_backoff_factor()} after a bad step, and by "
    f"{scaler.get_growth_factor():.0f} after {scaler.get_growth_interval():,} good "
    "ones in a row."
)

# %% [markdown]
# `bfloat16` has the range of `float32` and needs no loss scaling. It pays with digits: its products are eight times coarser than those of `float16`. Both formats need the weights in `float32`, and `bfloat16` needs it more.
#
# Caveat: this is one small network with one batch size. How many gradients `float16` loses depends on both, and on how far the training has come. {cite:t}`micikevicius2018` show histograms of large networks, some of which did not train at all without a scaled loss.

# %% [markdown]
# ## A product of many factors
#
# The backward pass through $n$ layers multiplies $n$ factors. If each is about $c$, the gradient at the input is about $c^n$: it {term}`vanishes <vanishing gradient>` for $c < 1$ and explodes for $c > 1$. In exact arithmetic it would only become small. In floats it becomes 0, at a depth that you can compute. With $m$ the smallest subnormal, $c^n$ rounds to 0 as soon as $c^n \le m/2$. Take logarithms, and mind that $\log_2 c$ is negative:
#
# $$\boxed{\; n_0 = \left\lceil \frac{\log_2 (m/2)}{\log_2 c} \right\rceil \;}$$
#
# The classic example is a chain of sigmoids: $h \leftarrow \sigma(h)$, again and again, with $\sigma(h) = 1 / (1 + e^{-h})$. The derivative of $\sigma$ is $\sigma (1 - \sigma)$, at most 1/4. Start the chain at its fixed point, where $h = \sigma(h)$, so that every layer has the same factor $c = h (1 - h)$.
#
# **Predict:** $c \approx 0.2247$. After how many layers is the gradient exactly 0 in `float16`? ($\log_2 0.2247 \approx -2.15$ and $m = 2^{-24}$.)

# %%
fixed = torch.tensor(0.5, dtype=torch.float64)
for _ in range(100):
    fixed = torch.sigmoid(fixed)
factor = (fixed * (1 - fixed)).item()
depths = {
    name: numerics.vanishing_depth(factor, dtype) for name, dtype in FORMATS.items()
}


def input_gradient(depth, dtype):
    h = x = fixed.to(dtype).requires_grad_()
    for _ in range(depth):
        h = torch.sigmoid(h)
    return torch.autograd.grad(h, x)[0].item()


# %%
gradients = {
    name: [input_gradient(n, dtype) for n in range(1, 91)]
    for name, dtype in FORMATS.items()
}
show(
    mixed_precision.vanishing(gradients, depths),
    "The gradient at the input of a chain of sigmoids against its depth: straight "
    "lines on a logarithmic axis that break off at the predicted depths, "
    f"{depths['float16']} in float16, {depths['bfloat16']} in bfloat16 and "
    f"{depths['float32']} in float32.",
)

# %%
seen = {}
for name, depth in depths.items():
    nearby = range(max(1, depth - 5), depth + 6)
    seen[name] = next(n for n in nearby if input_gradient(n, FORMATS[name]) == 0)
say(
    "\n".join(
        ["| format | predicted $n_0$ | seen |", "|---|---|---|"]
        + [f"| `{name}` | {depths[name]} | **{seen[name]}** |" for name in FORMATS]
    )
)

# %% [markdown]
# Twelve layers in `float16`. Four times the bits, in `float64`, buy some forty times the depth: a delay, no cure. The cures change the factor $c$: other activations, careful initialisation, normalisation, residual connections. They come in the part on training.
#
# A real layer has a matrix, not one factor. Take layers of 64 linear units whose weights are drawn with mean 0 and variance $c^2 / 64$. Going backward, each component of the gradient becomes a sum of 64 products of variance $v \cdot c^2/64$ each, if $v$ was the variance before. The sum has variance $v c^2$: again a factor of $c$ per layer, now on average.
#
# **Predict:** for $c = 0.5$ and $c = 2$, the average argument gives 150 layers to 0 and 128 layers to overflow in `float32`. But this gradient has 64 random components, and all of them must die, while one is enough to overflow. How far off will the two depths be?


# %%
def depth_of_failure(c, seed, width=64):
    torch.manual_seed(seed)
    gradient, depth = torch.ones(width), 0
    while gradient.any() and gradient.isfinite().all():
        weight = torch.randn(width, width) * c / math.sqrt(width)
        gradient, depth = weight.T @ gradient, depth + 1
    return depth


dies, overflows = ([depth_of_failure(c, seed) for seed in range(5)] for c in (0.5, 2.0))
all_zero, first_inf = (
    numerics.vanishing_depth(0.5, torch.float32),
    numerics.overflow_depth(2.0, torch.float32),
)
say(
    f"{len(dies)} seeds. All components 0: predicted {all_zero}, seen **{min(dies)} to "
    f"{max(dies)}**. First overflow: predicted {first_inf}, seen **{min(overflows)} to "
    f"{max(overflows)}**."
)

# %% [markdown]
# The average is a good guide: over a hundred layers the luck of single components hardly counts. Now the caveat. Half of the smallest subnormal rounds to 0, but 0.9 times the smallest subnormal rounds back to itself. So a product that is *rounded after every factor* may never reach 0 when $c > 1/2$.

# %%
product = torch.ones((), dtype=torch.float16)
for _ in range(10_000):
    product = product * 0.9
say(
    "The exact $0.9^n$ rounds to 0 from n = "
    f"{numerics.vanishing_depth(0.9, torch.float16)} on. After 10,000 rounded factors, "
    f"the product still stands at **{product / 2**-24:.0f}** times the smallest "
    "subnormal."
)

# %% [markdown]
# It stands there because $0.9 \cdot 4 = 3.6$ rounds to 4. (The sigmoid chain has $c < 1/2$, which is why it does reach 0.) Such a gradient is not zero, and it is not information either.

# %% [markdown]
# ## One nan
#
# A `nan` is contagious: any sum or product with it is `nan`. Here is a network of three layers with a batch of 64 examples. *One* of its 1,280 input numbers is `nan`: a division by zero in the preprocessing, a broken sensor.
#
# **Predict:** how many of the weights are `nan` after one training step?

# %%
torch.manual_seed(0)
model = torch.nn.Sequential(
    torch.nn.Linear(20, 50),
    torch.nn.ReLU(),
    torch.nn.Linear(50, 50),
    torch.nn.ReLU(),
    torch.nn.Linear(50, 10),
)
batch, targets = torch.randn(64, 20), torch.arange(64) % 10
batch[17, 3] = torch.nan


def nan_weights(model):
    return sum(p.isnan().sum().item() for p in model.parameters())


# %%
def training_step(model, guarded=False):
    model = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss = F.cross_entropy(model(batch), targets)
    loss.backward()
    if not guarded or loss.isfinite():
        optimizer.step()
    return model


total = sum(p.numel() for p in model.parameters())
before, after = nan_weights(model), nan_weights(training_step(model))
guarded = nan_weights(training_step(model, guarded=True))
say(
    f"`nan` weights before the step: **{before}** of {total:,}. After it: "
    f"**{after:,}**. With the guard: **{guarded}**."
)

# %% [markdown]
# All of them. The first layer spreads the `nan` over all 50 hidden units of example 17. The loss is a mean over the batch, so it is `nan`. On the way back, the gradient of each weight is a sum over the examples, and example 17 is in every sum. ReLU does not stop it: a comparison with `nan` is false, and PyTorch lets it through in both directions. From here on, no clean batch can bring the weights back.
#
# The guard is one line, `if loss.isfinite()`, and you should log when it fires. To find *where* a `nan` is born, look at the output of each layer, from the input on. If the forward pass is clean, run one step under `torch.autograd.set_detect_anomaly(True)`: it stops at the first operation of the backward pass that returns `nan`, and names the line of the forward pass it belongs to.

# %%
exactly = sum(depths[name] == seen[name] for name in FORMATS)
evidence(
    "N5",
    "holds with a caveat",
    "The depth at which a sigmoid chain's gradient becomes 0 was predicted exactly "
    f"in {exactly} of 4 formats ({', '.join(str(d) for d in depths.values())}) and "
    f"the overflow of random layers at {first_inf}, seen at {min(overflows)} to "
    f"{max(overflows)}; but a float16 product of factors 0.9 stalls at "
    f"{product / 2**-24:.0f} times the smallest subnormal. One nan among "
    f"{batch.numel():,} inputs made {after:,} of {total:,} weights nan in one step.",
)

# %% [markdown]
# ## What an operation costs
#
# It is often said that a processor does one floating-point operation per clock cycle. Two different questions hide in that sentence. **Latency**: how long until *this* result is ready, so that the next operation can use it? **Throughput**: how many results per second, when they do not wait for each other?
#
# **Predict:** a multiply-add whose input is the result of the one before, against many independent ones, against a large matrix product. Order the three by operations per cycle; which of them comes near one?

# %%
flops = results.load("flops")
rows = flops["results"]["rows"]
show(
    mixed_precision.rates([(row["work"], row["per_clock"]) for row in rows]),
    "Operations per clock cycle on a logarithmic axis, with a dashed line at one. "
    "The chain in which each step waits is below one; twelve chains at a time are "
    "above; vectors and matrix products are far above.",
)

# %%
one_core = flops["results"]
say(
    f"Measured on {flops['date']} with `{flops['command']}` on one core of an "
    f"{flops['hardware']['processor']}, at a measured clock of "
    f"{one_core['clock_ghz']:.2f} GHz. The peak is an assumption: "
    f"{one_core['peak_assumes']}."
)

# %%
waiting, matmul = rows[0], rows[-1]
evidence(
    "N7",
    "false",
    "A multiply-add that waits for the one before takes "
    f"{one_core['latency_clocks']:.1f} clocks, which is {waiting['per_clock']:.2f} "
    f"operations a clock; a float32 matrix product reaches {matmul['per_clock']:.0f} "
    f"a clock on the same core, {matmul['of_peak']:.0%} of its assumed peak.",
)

# %% [markdown]
# A multiply-add counts as two operations. A chain of them is bound by latency. Independent ones overlap in the pipeline, vectors carry several numbers per instruction, and a matrix product has enough independent work for both. So "one operation per clock" is wrong in both directions.
#
# It matters here for two reasons. A sum from left to right is a chain: each addition waits for the one before. Several partial sums at once are faster *and* more accurate, and `torch.sum` works that way. And the FLOP/s that a chip is sold with are throughput, of independent multiply-adds in full vectors. Large matrix products come near them; a chain of dependent steps never does.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: the largest count
#
# The counter of the first picture, now in `float32`: it starts at 0 and adds 1 at every step. At which number does it stop for ever?

# %%
answer = ...
check("1-numbers/float32-counter", answer)

# %% tags=["remove-input"]
solution("1-numbers/float32-counter")

# %% [markdown]
# ### Exercise 2: how deep before the gradient dies?
#
# Each layer multiplies the gradient by exactly 1/4, the most that a sigmoid allows. The gradient starts at 1. After how many layers is it exactly 0 in `bfloat16`? (Its smallest subnormal is $2^{-133}$.)

# %%
answer = ...
check("1-numbers/gradient-depth", answer)

# %% tags=["remove-input"]
solution("1-numbers/gradient-depth")

# %% [markdown]
# ### Exercise 3: read the plot
#
# The plot shows how well the finite difference $(\sin(1 + h) - \sin(1)) / h$, computed in `float32`, agrees with the true slope $\cos(1)$, for steps $h$ from $2^{-23}$ to $1/2$. (The sine itself is rounded only once.)


# %%
def sine(x):
    return x.double().sin().float()


h = 2.0 ** torch.arange(-23, 0)
slope = (sine(1 + h) - sine(torch.tensor(1.0))) / h
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
# ### Exercise 4: a variance that survives
#
# Write `variance(x)`. It gets a float tensor of shape $(n,)$ and returns the mean squared distance from the mean, divided by $n$ (not $n - 1$). It must survive data whose mean is a hundred thousand times the spread, without changing the dtype, and without `torch.var` or `torch.std`.


# %%
def variance(x): ...


check("1-numbers/stable-variance", variance)

# %% tags=["remove-input"]
solution("1-numbers/stable-variance")

# %% [markdown]
# ### Exercise 5: choose a loss scale
#
# Write `loss_scale(gradients)`. It gets the unscaled gradients as a `float32` tensor and returns the largest power of two $S$ for which no $S \cdot g$ exceeds the largest `float16`, 65,504, in size.


# %%
def loss_scale(gradients): ...


check("1-numbers/loss-scale", loss_scale)

# %% tags=["remove-input"]
solution("1-numbers/loss-scale")

# %% [markdown]
# ## Summary
#
# - A float is a power of two times a fraction with $p$ significant bits. One rounding costs at most $u = 2^{-p}$ relative to the result; overflow, underflow and cancellation are where this promise ends or stops helping.
# - Small updates vanish when they are below half a gap, sums lose what is small against the partial sum, products leave the range at a depth that you can compute, and one `nan` reaches every weight.
# - In 16 bits, keep the weights in `float32`. `float16` needs a scaled loss because of its range; `bfloat16` has the range and pays with digits.
#
# ## References
#
# - {cite:t}`goldberg1991`: the classic introduction, with proofs of what was only tested here.
# - {cite:t}`higham2002`: chapters 1 to 4, on rounding, cancellation and summation.
# - {cite:t}`muller2018`: the handbook, when you need to know exactly what the hardware promises.
# - {cite:t}`micikevicius2018`: mixed precision and loss scaling, with gradient histograms of real networks.
# - {cite:t}`kalamkar2019`: `bfloat16` for training.
