"""Level lines lie on their levels: those of a surface, and those of its quadratic model."""

import pytest
import torch
from scipy.ndimage import label

from book.calculus import gradient, hessian
from book.surfaces import SURFACES
from tests.browser.agreement import close

pytestmark = pytest.mark.browser


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
