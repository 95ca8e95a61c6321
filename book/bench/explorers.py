"""How soon an explorer answers: from an input event to the frame that shows its result, in Chromium."""

import tempfile
from pathlib import Path

import torch

from book.bench.harness import ROUNDS, median, quartiles, record
from book.errors import BookError
from book.explorers import (
    Backpropagation,
    BiasCorrection,
    ConjugateDirections,
    Constraint,
    DescentOnASurface,
    ErrorByEigenvalue,
    FloatBits,
    Hutchinson,
    JacobianMap,
    MomentumPhases,
    NaturalStep,
    OneStep,
    Race,
    ScheduleDesigner,
    SecantLearning,
    Slowness,
    Smoother,
    SoftmaxStress,
    Taylor,
    TrustRegionExplorer,
    Valley,
    page_scripts,
)
from book.explorers.shared.tables import RULES
from book.site.browser import installed_browser
from book.site.styles import style_sheet

FRAME = 1000 / 60
HANDLE = ".dx-handle-mark"
DRAGS = {
    "float bits, float16": (FloatBits("1", "float16"), ".dx-line input"),
    "float bits, float64": (FloatBits("1", "float64"), ".dx-line input"),
    "softmax, 3 logits, float32": (SoftmaxStress([2, 1, 0]), ".dx-offset input[type=range]"),
    "softmax, 5 logits, float64": (
        SoftmaxStress([2, 1, 0, -1, -2], dtype="float64"),
        ".dx-offset input[type=range]",
    ),
    "descent, Rosenbrock, 200 steps": (DescentOnASurface("Rosenbrock", lr=0.0005, steps=200), HANDLE),
    "descent, Beale, 200 steps": (DescentOnASurface("Beale", lr=0.005, steps=200), HANDLE),
    "race, 3 methods": (Race(), HANDLE),
    "race, 8 methods, Rosenbrock": (Race("Rosenbrock", methods=[*RULES], steps=200), HANDLE),
    "Hutchinson's probes": (Hutchinson(), HANDLE),
    "Taylor": (Taylor("smooth |x|"), HANDLE),
    "Jacobian as a map": (JacobianMap(), HANDLE),
    "conjugate directions": (ConjugateDirections(steps=40), HANDLE),
    "constraint, cusp": (Constraint("cusp"), HANDLE),
    "ball in a valley": (Valley(0.02, 0.9), HANDLE),
    "momentum phase diagram": (MomentumPhases(kappa=25), HANDLE),
    "error by eigenvalue, κ = 300": (ErrorByEigenvalue(0.9, 300, 0.03), HANDLE),
    "slowness": (Slowness(torch.arange(3 * 32 * 32).view(3, 32, 32).byte()), HANDLE),
    "random-walk smoother": (Smoother(corrected=True), ".dx-factor input[type=range]"),
    "one step": (OneStep("AdaDelta"), ".dx-number"),
    "bias correction": (BiasCorrection(gradients="noisy"), ".dx-factors input[type=range]"),
    "schedule designer, 1000 steps": (ScheduleDesigner(total_steps=1000), HANDLE),
    "secant learning, Rosenbrock": (SecantLearning("Rosenbrock"), HANDLE),
    "trust region, Rosenbrock": (TrustRegionExplorer("Rosenbrock"), HANDLE),
    "natural step": (NaturalStep("precision"), HANDLE),
    "backpropagation": (Backpropagation(), ".dx-steps input"),
}
MOVE = """async ([selector, rounds]) => {
  const slider = document.querySelector(selector), times = [];
  const frame = () => new Promise(requestAnimationFrame);
  const painted = () => new Promise((done) => { const { port1, port2 } = new MessageChannel();
    port1.onmessage = done; requestAnimationFrame(() => port2.postMessage(0)); });
  for (let i = 0; i < rounds + 3; i += 1) {
    await frame();
    const range = slider.matches("input"), key = i % 2 ? "ArrowLeft" : "ArrowRight";
    if (range) slider.value = (Number(slider.max) * (i + 1)) / (rounds + 4);
    const event = range ? new Event("input", { bubbles: true })
      : new KeyboardEvent("keydown", { key, shiftKey: true, bubbles: true }); // a handle of a plot
    const start = performance.now();
    slider.dispatchEvent(event);
    const handled = performance.now();
    await painted();
    times.push([handled - start, performance.now() - start]);
  }
  return times.slice(3);
}"""


def run(store: bool) -> dict:
    """Drag a slider of each explorer, print the milliseconds to the result and to its frame, store them.

    A frame at 60 Hz lasts 16.7 ms. The wait for the next frame is part of the second number, so that it is
    seldom less than one frame; what the explorer itself takes is the first.

    Args:
        store: whether to write `assets/results/explorers.json`.
    """
    rows = {name: _row(times) for name, times in measured().items()}
    print(f"{'':32}{'result ms':>12}{'frame ms':>12}   (medians of {ROUNDS}; a frame is {FRAME:.1f} ms)")
    for name, row in rows.items():
        print(f"{name:32}{row['result ms']:12.2f}{row['frame ms']:12.2f}")
    return record("explorers", {"rounds": ROUNDS, "rows": rows}, store)


def measured() -> dict[str, list[list[float]]]:
    """For each explorer and each round: milliseconds until the page has changed, and until it is painted.

    Raises:
        BookError: there is no Chromium on the PATH.
    """
    from playwright.sync_api import sync_playwright

    path = installed_browser()
    if path is None:
        raise BookError("The bench needs a browser. Install chromium or google-chrome and run it again.")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        times = {name: _drag(browser, Path(folder), *drag) for name, drag in DRAGS.items()}
        browser.close()
    return times


def _drag(browser, folder: Path, explorer, selector: str) -> list[list[float]]:
    head = f'<meta charset="utf-8"><style>{style_sheet()}</style>'
    scripts = f"<script>{page_scripts()[explorer.tag]}</script>"
    (folder / "page.html").write_text(
        f"<!doctype html>{head}<main>{explorer.to_html()}</main>{scripts}", "utf-8"
    )
    page = browser.new_page(viewport={"width": 900, "height": 900})
    page.goto((folder / "page.html").as_uri())
    times = page.evaluate(MOVE, [selector, ROUNDS])
    page.close()
    return times


def _row(times: list[list[float]]) -> dict:
    result, frame = (list(column) for column in zip(*times, strict=True))
    return {
        "result ms": median(result),
        "result quartiles": quartiles(result),
        "frame ms": median(frame),
        "frame quartiles": quartiles(frame),
    }
