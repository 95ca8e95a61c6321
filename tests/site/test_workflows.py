"""The workflows: nothing is published before its tests, and each command that they run exists."""

import re

import pytest
import yaml

from book.site.paths import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def jobs() -> list[tuple[str, dict]]:
    """Return every job of every workflow, with its name."""
    return [job for path in WORKFLOWS for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].items()]


def commands(job: dict) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


def test_what_pushes_the_site_waits_for_the_tests():
    publishing = [job for _, job in jobs() if "git push" in commands(job)]
    assert len(publishing) == 1
    [needed] = [job for name, job in jobs() if name == publishing[0]["needs"]]
    assert "make test" in commands(needed)
    assert "always()" not in publishing[0]["if"]


def test_only_what_pushes_may_write():
    for _, job in jobs():
        writes = job.get("permissions", {}).get("contents") == "write"
        assert writes == ("git push" in commands(job))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_a_workflow_makes_is_a_target(path):
    targets = re.findall(r"\bmake ([a-z]+)", path.read_text(encoding="utf-8"))
    assert targets
    assert [name for name in targets if not re.search(rf"^{name}:", MAKEFILE, re.M)] == []
