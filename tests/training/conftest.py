"""What the tests of the shared trials have in common."""

import pytest

from book.training.sweep import study


@pytest.fixture
def quick(monkeypatch):
    """Waiting for others' trials takes no time."""
    monkeypatch.setattr(study, "POLL", 0.05)


@pytest.fixture
def file(tmp_path):
    """Where the trials are stored."""
    return tmp_path / "trials.db"
