"""The harness times fairly and stores whole files; each benchmark measures what its table says."""

import json
import shutil
from fractions import Fraction

import pytest
import torch

from book.bench import BENCHES, flops, harness, sums
from book.errors import BookError


def test_every_contestant_runs_once_a_round_in_turning_order():
    calls = []
    seconds = harness.interleave({name: lambda name=name: calls.append(name) for name in "abc"}, rounds=4)
    assert "".join(calls) == "abc" + "abc" + "bca" + "cab" + "abc"
    assert {name: len(values) for name, values in seconds.items()} == {"a": 4, "b": 4, "c": 4}


def test_a_ratio_is_taken_within_each_round():
    slowing = [1.0, 10.0, 100.0]
    assert harness.paired_ratio([2 * s for s in slowing], slowing) == 2


def test_a_record_is_stored_whole_or_not_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr(harness, "FOLDERS", (tmp_path / "results",))
    record = harness.record("tiny", {"answer": 42}, store=False)
    assert not (tmp_path / "results").exists()
    assert harness.record("tiny", {"answer": 42}, store=True) == record
    assert json.loads((tmp_path / "results" / "tiny.json").read_text(encoding="utf-8")) == record
    with pytest.raises(TypeError):
        harness.record("tiny", {"answer": object()}, store=True)
    assert json.loads((tmp_path / "results" / "tiny.json").read_text(encoding="utf-8")) == record
    assert [file.name for file in (tmp_path / "results").iterdir()] == ["tiny.json"]


def test_the_registered_benchmarks():
    assert {"sums", "flops"} <= set(BENCHES)


def test_every_way_to_add_adds_the_same_terms():
    x = sums.terms(500)
    exact = sum(map(Fraction, x.tolist()))
    ways = sums.contestants(x)
    assert ways["Fraction"]() == exact
    for name, add in ways.items():
        eps = torch.finfo(torch.float32 if "float32" in name else torch.float64).eps
        assert float(add()) == pytest.approx(float(exact), rel=500 * eps), name


def test_the_sums_benchmark_reports_what_it_ran(monkeypatch, capsys):
    monkeypatch.setattr(sums, "TERMS", 50)
    monkeypatch.setattr(sums, "HARMONIC", (4,))
    rows = {row["number"]: row for row in sums.run(store=False)["results"]["rows"]}
    assert rows["Fraction"]["relative_error"] == 0
    assert rows["float64"]["times_float64"] == 1
    assert all(row["ns_per_term"] > 0 and row["relative_error"] < 1e-5 for row in rows.values())
    assert "a denominator of 2 digits" in capsys.readouterr().out  # 1 + 1/2 + 1/3 + 1/4 = 25/12


needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler `cc` here")


@needs_compiler
def test_the_chains_compute_what_they_count():
    chains = {name: call for name, (call, _) in flops._chains(flops.vector_bytes()).items()}
    limit = 1.0  # of x → x/2 + 1/2
    assert chains["float64, each waits for the last"]() == limit
    for name in list(chains)[2:]:
        assert chains[name]() == 12 * limit


@needs_compiler
def test_the_flops_benchmark_reports_rates_that_fit_together(monkeypatch):
    monkeypatch.setattr(flops, "SIZE", 64)
    monkeypatch.setattr(flops, "STEPS", 20_000)
    results = flops.run(store=False)["results"]
    rows = {row["work"]: row for row in results["rows"]}
    waiting, free = rows["float64, each waits for the last"], rows["float64, twelve at a time"]
    assert free["per_clock"] > waiting["per_clock"]
    assert results["latency_clocks"] > 1
    assert waiting["gflops"] == pytest.approx(waiting["per_clock"] * results["clock_ghz"], rel=0.5)


def test_without_a_compiler_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(flops.shutil, "which", lambda name: None)
    with pytest.raises(BookError, match="no C compiler `cc` on the PATH"):
        flops.compile_chains(32, tmp_path)


@needs_compiler
def test_a_compiler_that_fails_is_quoted(tmp_path):
    with pytest.raises(BookError, match=r"could not build .*chains\.c"):
        flops.compile_chains(3, tmp_path)
