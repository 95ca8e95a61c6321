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


def publishes(job: dict) -> bool:
    """Whether a job may change the published site: it pushes, or is let write."""
    return "git push" in commands(job) or "write" in str(job.get("permissions"))


def test_what_publishes_waits_for_the_tests_and_for_the_learners_run():
    [publishing] = [job for _, job in jobs() if publishes(job)]
    waits_for = [commands(job) for name, job in jobs() if name in publishing["needs"]]
    assert [any(f"make {run}" in text for text in waits_for) for run in ("test", "learner")] == [True, True]


def test_nothing_goes_on_after_a_failure():
    for path in WORKFLOWS:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"continue-on-error|always\(\)|failure\(\)|cancelled\(\)|\|\| true", text), path


def test_no_workflow_may_write_as_a_whole():
    """Such a right would go to each of its jobs, those included that wait for nothing."""
    for path in WORKFLOWS:
        assert yaml.safe_load(path.read_text(encoding="utf-8"))["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_a_workflow_makes_is_a_target(path):
    targets = re.findall(r"\bmake ([a-z]+)", path.read_text(encoding="utf-8"))
    assert targets
    assert [name for name in targets if not re.search(rf"^{name}:", MAKEFILE, re.M)] == []
