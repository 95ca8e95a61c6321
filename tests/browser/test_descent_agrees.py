"""Surfaces, noise and paths in the browser agree with the library's: autograd, `descend`, the same noise."""

from functools import partial
from itertools import islice

import pytest
import torch
from scipy.ndimage import label

from book.calculus import gradient, hessian
from book.explorers import DescentOnASurface, Taylor, descent_on_a_surface, taylor
from book.explorers.bundle import joined
from book.explorers.descent_on_a_surface import RATES, noisy_path, picture
from book.explorers.noise import normals
from book.explorers.taylor import CURVES
from book.surfaces import SURFACES

pytestmark = pytest.mark.browser

STEPS = 200
FRACTIONS = (0.1, 0.5, 0.9)  # of 1/λ, λ the largest curvature on the way
POINTS = 200


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def points_in(surface, count: int, seed: int) -> torch.Tensor:
    low, high = torch.tensor(surface.box, dtype=torch.float64).T
    return low + (high - low) * torch.rand(count, len(low), dtype=torch.float64, generator=generator(seed))


@pytest.fixture
def run(browser):
    """A function that evaluates an expression of `given` in the scope of an explorer's files."""
    page = browser.new_page()
    yield lambda tag, result, given: page.evaluate(f"(given) => {{ {joined(tag)}\nreturn {result}; }}", given)
    page.close()


@pytest.fixture
def in_browser(run):
    return lambda result, given: run(DescentOnASurface.tag, result, given)


def close(mine, theirs, tolerance: float) -> bool:
    """Equal up to a rounding error that is small against the largest entry."""
    mine = torch.as_tensor(mine, dtype=torch.float64)
    theirs = torch.as_tensor(theirs, dtype=torch.float64)
    return mine.shape == theirs.shape and bool((mine - theirs).abs().max() <= tolerance * mine.abs().max())


def test_the_same_surfaces(in_browser):
    facts = "Object.values(SURFACES).map((s) => [s.name, s.start, s.minima, s.box, s.noise])"
    here = [[s.name, s.start, s.minima, s.box, s.noise] for s in SURFACES.values()]
    plain = lambda value: list(map(plain, value)) if isinstance(value, tuple | list) else value  # noqa: E731
    assert in_browser(facts, None) == plain(here)
    assert in_browser("RATES", None) == RATES
    for name in RATES:
        square = in_browser("picture(SURFACES[given])", name)
        assert close(square, picture(SURFACES[name]), 1e-15)


@pytest.mark.parametrize("name", SURFACES)
def test_value_gradient_and_hessian_are_autograds(in_browser, name):
    surface = SURFACES[name]
    points = points_in(surface, POINTS, seed=1)
    of = (
        "given[1].map((p) => { const s = SURFACES[given[0]]; return [s.f(p), s.gradient(p), s.hessian(p)]; })"
    )
    at = torch.func.vmap
    here = surface(points), at(partial(gradient, surface))(points), at(partial(hessian, surface))(points)
    for i, there in enumerate(in_browser(of, [name, points.tolist()])):
        assert all(close(mine[i], theirs, 1e-12) for mine, theirs in zip(here, there, strict=True)), points[i]


def test_the_noise_is_the_same_to_the_last_bit(in_browser):
    draws = "given.map((seed) => { const draw = normals(seed); return Array.from({length: 500}, draw); })"
    seeds = [0, 1, 12345, 2**31, 2**32 - 1]
    assert in_browser(draws, seeds) == [list(islice(normals(seed), 500)) for seed in seeds]


def curvature_on(path: torch.Tensor, surface) -> float:
    """The largest curvature, up or down, at any point of a path."""
    return torch.linalg.eigvalsh(torch.func.vmap(partial(hessian, surface))(path)).abs().max().item()


def rates(surface, start) -> list[float]:
    """Fractions of 1/λ, λ being the largest curvature that the path at that rate itself meets on its way.

    Such a rate follows the gradient without leaping about, so that rounding errors do not grow.
    """
    steps = STEPS if surface.minima and surface.name != "cubic" else 6
    box = curvature_on(points_in(surface, 50, seed=2), surface)
    return [_rate(surface, start, fraction, 0.02 / box, steps) for fraction in FRACTIONS]


def _rate(surface, start, fraction: float, lr: float, steps: int) -> float:
    lr = fraction / _most_curved(surface, start, lr, steps)
    while lr * (seen := _most_curved(surface, start, lr, steps)) > 1.01 * fraction:
        lr = 0.99 * fraction / seen
    return lr


def _most_curved(surface, start, lr: float, steps: int) -> float:
    path = noisy_path(surface, start, lr, steps)
    return curvature_on(path, surface) if (path.abs() <= reach(surface)).all() else 2 / lr


def reach(surface) -> float:
    """Ten times the box."""
    return 10 * max(abs(end) for side in surface.box for end in side)


@pytest.mark.parametrize("name", SURFACES)
def test_paths_are_those_of_descend(in_browser, name):
    """Over 200 steps, or until a path that falls for ever is ten times the box away."""
    surface = SURFACES[name]
    starts = [surface.start, *map(tuple, points_in(surface, 2, seed=3).tolist())]
    cases = [(start, lr) for start in starts for lr in rates(surface, start)]
    theirs = in_browser(
        "given[1].map(([start, lr]) => descend(SURFACES[given[0]], start, { lr }, given[2]))",
        [name, cases, STEPS],
    )
    for (start, lr), there in zip(cases, theirs, strict=True):
        here = noisy_path(surface, start, lr, STEPS)
        far = (here.abs().amax(-1) > reach(surface)) | ~here.isfinite().all(-1)
        kept = int(far.nonzero()[0]) if far.any() else len(here)
        there = torch.tensor(there[:kept], dtype=torch.float64)
        assert kept > 2
        assert (here[:kept] - there).abs().max() <= 1e-9 * here[:kept].abs().max().clamp(min=1), (start, lr)
        if surface.minima and name != "cubic":
            assert kept == len(here)


DIVERGING = {"bowl, κ = 10": 2.5, "bowl, κ = 50, turned by 30°": 2.1, "Rosenbrock": 8, "Himmelblau": 6}


@pytest.mark.parametrize("name", DIVERGING)
def test_paths_that_diverge_do_so_alike(in_browser, name):
    """Rates far above 2/λ at the minimum, until the path is ten times the box away."""
    surface = SURFACES[name]
    lr = DIVERGING[name] / curvature_on(torch.tensor([surface.minima[0]], dtype=torch.float64), surface)
    start = tuple(entry + 0.5 for entry in surface.minima[0])
    there = in_browser("descend(SURFACES[given[0]], given[1], { lr: given[2] }, 200)", [name, start, lr])
    here = noisy_path(surface, start, lr, STEPS)
    kept = int((~(here.abs().amax(-1) <= reach(surface))).nonzero()[0])
    assert 2 <= kept < STEPS
    assert close(here[:kept], there[:kept], 1e-9)


# --- readouts ------------------------------------------------------------------------------------------


def descent_states() -> list[list]:
    """Surfaces, random starts in the box, stable rates, and how many steps."""
    states = []
    for seed, name in enumerate(RATES):
        draw, surface = generator(seed), SURFACES[name]
        curvature = curvature_on(points_in(surface, 50, seed=2), surface)
        for start in points_in(surface, 11, seed).tolist():
            for fraction in FRACTIONS:
                steps = int(torch.randint(0, 40, (), generator=draw))
                states.append([name, start, fraction / curvature, steps])
    return [*states, ["saddle", [1.5, 0.0], 0.25, 200], ["bowl, κ = 10", [2.0, 1.0], 0.21, 60], *TELLING]


TELLING = [
    ["bowl, κ = 10", [2.0, 1.0], 0.15, 200],
    ["bowl, κ = 50, turned by 30°", [2.0, 1.0], 0.041, 3],
    ["noisy bowl, κ = 10", [0.5, 0.1], 0.1, 6],
    ["Himmelblau", [-0.27084459, -0.92303856], 0.01, 0],
    ["monkey saddle", [0.0, 0.0], 0.1, 5],
    ["monkey saddle", [1.0, 0.0], 0.1, 5],
    ["plateau", [4.0, 4.0], 0.5, 10],
    ["plateau", [2.5, 2.0], 0.5, 10],
    ["saddle", [1.5, 0.01], 0.1, 60],
    ["Rosenbrock", [-1.2, 1.0], 0.01, 200],
]
NUMBERS = (
    "path",
    "loss",
    "gradient",
    "eigenvalues",
    "best_rate",
    "linear",
    "quadratic",
    "real",
    "left",
    "story",
)


def same(mine, theirs, size: float = 1.0) -> bool:
    """Equal, or numbers within 1e-9 of each other, relative to what is large among them."""
    if isinstance(mine, list):
        return len(mine) == len(theirs) and all(map(same, mine, theirs))
    if isinstance(mine, str) or mine is None:
        return mine == theirs
    a, b = torch.tensor([mine, theirs], dtype=torch.float64)
    return bool(torch.isclose(a, b, rtol=1e-9, atol=1e-9 * size, equal_nan=True))


def test_the_readout_of_descent_is_pythons(in_browser):
    states = descent_states()
    theirs = in_browser("given.map((state) => readout(...state))", states)
    assert len(states) > 300
    stories = set()
    for state, shown in zip(states, theirs, strict=True):
        mine = descent_on_a_surface.readout(*state)
        size = max(1.0, abs(mine["loss"]))
        for key in NUMBERS:
            assert same(mine[key], shown[key], size), (state, key, mine[key], shown[key])
        stories.add(mine["story"])
        assert len(shown["words"]) > 20
        assert not set("{}") & set(shown["words"])
        assert "undefined" not in shown["words"]
    assert stories == {
        *("left", "minimum", "saddle", "maximum", "undecided"),
        *("uphill", "bends down", "up", "over", "short"),
    }


def taylor_states() -> list[list]:
    states, draw = [], generator(9)
    for name, curve in CURVES.items():
        low, high = curve.box
        random = torch.rand(60, 3, dtype=torch.float64, generator=draw)
        for a, b, c in random.tolist():
            x, step, lr = low + a * (high - low), (2 * b - 1) * (high - low) / 2, 10 ** (2 * c - 2)
            states.append([name, x, step, None if c < 0.5 else lr])
        states += [
            [name, 0.0, 0.0, None],
            [name, 0.0, 0.5, None],
            [name, 0.0, 0.0, 0.3],
            [name, 1.0, 1.0, 0.25],
        ]
    return states


def test_the_readout_of_taylor_is_pythons(run):
    states = taylor_states()
    theirs = run(Taylor.tag, "given.map((state) => readout(...state))", states)
    assert len(states) > 300
    stories = set()
    for state, shown in zip(states, theirs, strict=True):
        mine = taylor.readout(*state)
        for key, value in mine.items():
            assert same(value, shown[key]), (state, key, value, shown[key])
        stories.add(mine["story"])
        assert len(shown["words"]) > 20
        assert "undefined" not in shown["words"]
    assert stories >= {"no slope", "no step", "smaller, as f″", "larger, as f″", "smaller, against f″"}


def test_the_same_curves(run):
    facts = "Object.entries(CURVES).map(([name, c]) => [name, c.formula, c.box, c.x, c.step])"
    here = [[name, c.formula, list(c.box), c.x, c.step] for name, c in CURVES.items()]
    assert run(Taylor.tag, facts, None) == here


def test_the_level_lines_lie_on_their_level_and_close(in_browser):
    """As many rings as the low ground has pieces and holes, counted on another grid."""
    name, levels = "Himmelblau", [5, 20, 100, 170]
    f, side = SURFACES[name], torch.linspace(-5, 5, 301, dtype=torch.float64)
    x, y = torch.meshgrid(side, side, indexing="xy")
    low = torch.nn.functional.pad(f(torch.stack([x, y], -1)), (1, 1, 1, 1), value=1e9).numpy()
    wanted = [label(low <= level)[1] + label(low > level)[1] - 1 for level in levels]
    shown = in_browser(
        "contours((x, y) => SURFACES[given[0]].f([x, y]), [-5, 5], [-5, 5], given[1])", [name, levels]
    )
    assert [len(group) for group in shown] == wanted
    for level, group in zip(levels, shown, strict=True):
        for ring in map(torch.tensor, group):
            inside = ring[(ring.abs() < 5).all(-1)].double()
            assert (f(inside) - level).abs().max() < 0.5
            assert (ring - ring.roll(1, 0)).norm(dim=-1).max() < 0.2


def test_the_quadratic_model_is_drawn_on_its_levels(in_browser):
    """Every line of the model keeps one value of f + gᵀs + ½ sᵀHs, for a bowl, a saddle and a valley."""
    cases = [
        ["Himmelblau", [2.0, 1.5]],
        ["Himmelblau", [0.0, 1.0]],
        ["Rosenbrock", [-1.0, 1.0]],
        ["saddle", [1.0, 0.3]],
    ]
    model = """given.map(([name, p]) => { const s = SURFACES[name];
      return quadraticModel(p, s.f(p), s.gradient(p), s.hessian(p), 3); })"""
    for (name, at), shown in zip(cases, in_browser(model, cases), strict=True):
        f, x = SURFACES[name], torch.tensor(at, dtype=torch.float64)
        g, H = gradient(f, x), hessian(f, x)
        assert len(shown["lines"]) > 3
        for line in shown["lines"]:
            s = torch.tensor(line, dtype=torch.float64) - x
            heights = f(x) + s @ g + ((s @ H) * s).sum(-1) / 2
            assert heights.max() - heights.min() < 1e-6 * (1 + heights.abs().max())
        bowl = bool((torch.linalg.eigvalsh(H) > 0).all())
        if shown["lowest"] is not None:
            assert bowl
            assert close(x - torch.linalg.solve(H, g), shown["lowest"], 1e-9)
