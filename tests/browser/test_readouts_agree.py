"""What Descent and Taylor show agrees with Python's oracles, and their drawings with the surfaces."""

import pytest
import torch
from scipy.ndimage import label

from book.calculus import gradient, hessian
from book.explorers import Taylor, descent_on_a_surface, taylor
from book.explorers.descent_on_a_surface.widget import RATES
from book.explorers.taylor.widget import CURVES
from book.surfaces import SURFACES
from tests.browser.agreement import close, curvature_on, generator, points_in, same

pytestmark = pytest.mark.browser

STEPS = 200
FRACTIONS = (0.1, 0.5, 0.9)  # of 1/λ, λ the largest curvature on the way


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
