"""The bench of Newton's walls solves what it times, and stores what its table says."""

import pytest
import torch

from book.bench import newton_walls
from book.optim.newton import newton_direction


def test_a_matrix_is_solved_as_it_is():
    H, g = newton_walls.positive_definite(40), torch.ones(40, dtype=torch.float64)
    assert torch.allclose(H @ newton_direction(H, g), -g, rtol=1e-12)


def test_small_networks_are_measured(monkeypatch, capsys):
    for name, value in {"HIDDEN": (1, 2), "ALONE": 3, "ROUNDS": 1}.items():
        monkeypatch.setattr(newton_walls, name, value)
    measured = newton_walls.run(store=False)["results"]
    assert [row["n"] for row in measured["rows"]] == [70, 130]
    assert [row["bytes"] for row in measured["rows"]] == [8 * 70**2, 8 * 130**2]
    assert measured["alone"]["n"] == 190
    assert all(row[what] > 0 for row in measured["rows"] for what in ("gradient", "Hessian", "solution"))
    assert "n =   190: solution" in capsys.readouterr().out


def test_a_power_is_a_slope_on_logarithmic_axes():
    rows = [{"n": n, "solution": 5 * n**2.5} for n in (100, 700)]
    assert newton_walls.power(*rows, "solution") == pytest.approx(2.5)
