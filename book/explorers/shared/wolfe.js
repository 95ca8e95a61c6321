// The strong Wolfe search of book/optim/line_search, trial by trial; a test holds their paths together.
//
//   strongWolfe((length) => ({ length, value, slope }), { length: 0, value, slope }, 1)
//   // the trial taken: low enough and flat enough; where there is none, the lowest of all, the start among them; also
//   // where the line falls for ever, which in Python is an error
const [NEAREST, FARTHEST] = [1.1, 4]; // the next step beyond one that still falls: between these times the ground covered
const KEPT = 0.1; // the share that is kept of a step whose value is not finite
const ROOM = 1e-3; // a guess keeps this share of the bracket between itself and either end
const SHRUNK = 0.66; // a bracket that keeps more than this share over two trials is halved
const LONGEST = 2 ** 50; // a line that still falls at so many times the first step falls for ever
const NARROW = 1e-15; // a bracket narrower than this share of its upper end holds no further step

export function strongWolfe(phi, start, first, { c1 = 1e-4, c2 = 0.9, most = 30 } = {}) {
  const noise = 4 * Number.EPSILON * Math.abs(start.value);
  const bracket = new Bracket(start);
  const seen = [start];
  let length = first;
  while (seen.length <= most && !bracket.narrow) {
    const trial = phi(length);
    if (isFiniteTrial(trial)) seen.push(trial);
    if (trial.value === -Infinity || (length >= LONGEST * first && trial.value < start.value)) break;
    const verdict = verdictOn(trial, start, { c1, c2, noise });
    if (verdict === "taken") return trial;
    if (verdict === "high" && -start.slope * length <= noise) break;
    length = bracket.take(trial, verdict === "high");
  }
  return seen.reduce((best, trial) => (trial.value < best.value ? trial : best));
}

const isFiniteTrial = ({ value, slope }) => Number.isFinite(value) && Number.isFinite(slope);

function verdictOn(trial, start, { c1, c2, noise }) {
  if (!isFiniteTrial(trial)) return "high";
  const flat = Math.abs(trial.slope) <= -c2 * start.slope;
  if (trial.value <= start.value + c1 * trial.length * start.slope) return flat ? "taken" : "steep";
  const rounding = Math.abs(trial.value - start.value) <= noise && trial.slope <= (2 * c1 - 1) * start.slope;
  return flat && rounding ? "taken" : "high";
}

// `low` is the lowest trial that is low enough, `high` on the side to which φ falls from there.
class Bracket {
  constructor(start) {
    this.low = start;
    this.high = null;
    this.widths = [Infinity, Infinity];
  }

  get width() {
    return this.high ? Math.abs(this.high.length - this.low.length) : Infinity;
  }

  get narrow() {
    return this.high !== null && this.width <= NARROW * Math.max(this.high.length, this.low.length);
  }

  take(trial, tooHigh) {
    const { low, high } = this;
    let guess;
    if (tooHigh || trial.value > low.value) {
      guess = guessBeforeARise(low, trial);
      this.high = trial;
    } else if (trial.slope * low.slope < 0) {
      guess = fartherGuess(trial, cubicGuess(low, trial), secantGuess(low, trial));
      Object.assign(this, { low: trial, high: low });
    } else {
      guess = high ? towardsGuess(low, trial, high) : beyondGuess(low, trial);
      this.low = trial;
    }
    return this.high ? this.inside(guess) : guess;
  }

  inside(guess) {
    const [before] = this.widths;
    this.widths = [this.widths[1], this.width];
    const [left, right] = [this.low.length, this.high.length].sort((a, b) => a - b);
    if (this.width >= SHRUNK * before || Number.isNaN(guess)) return (left + right) / 2;
    return Math.min(Math.max(guess, left + ROOM * this.width), right - ROOM * this.width);
  }
}

// --- guesses: Moré and Thuente's four cases ------------------------------------------------------------

function guessBeforeARise(low, trial) {
  if (!isFiniteTrial(trial)) return low.length + KEPT * (trial.length - low.length);
  const [c, p] = [cubicGuess(low, trial), parabolaGuess(low, trial)];
  return Math.abs(c - low.length) <= Math.abs(p - low.length) ? c : (c + p) / 2;
}

function fartherGuess(trial, c, s) {
  return Math.abs(s - trial.length) > Math.abs(c - trial.length) ? s : c;
}

function beyondGuess(low, trial) {
  const ground = trial.length - low.length;
  const [near, far] = [trial.length + NEAREST * ground, trial.length + FARTHEST * ground];
  if (Math.abs(trial.slope) >= Math.abs(low.slope)) return far;
  const c = cubicGuess(low, trial);
  const guess = Math.max(secantGuess(low, trial), c > trial.length ? c : far);
  return Math.min(low.length === 0 ? guess : Math.max(guess, near), far);
}

function towardsGuess(low, trial, high) {
  if (Math.abs(trial.slope) >= Math.abs(low.slope))
    return isFiniteTrial(high) ? cubicGuess(trial, high) : (trial.length + high.length) / 2;
  const side = Math.sign(high.length - trial.length) || 1;
  const ahead = [cubicGuess(low, trial), secantGuess(low, trial)]
    .map((g) => side * (g - trial.length))
    .filter((g) => g > 0);
  return trial.length + side * Math.min(...ahead, SHRUNK * Math.abs(high.length - trial.length));
}

function cubicGuess(a, b) {
  const gap = b.length - a.length;
  const mean = a.slope + b.slope - (3 * (b.value - a.value)) / gap;
  const square = mean * mean - a.slope * b.slope;
  const middle = (a.length + b.length) / 2;
  if (!(square >= 0 && square < Infinity)) return middle;
  const root = Math.sqrt(square) * (gap < 0 ? -1 : 1);
  const below = b.slope - a.slope + 2 * root;
  return below === 0 ? middle : b.length - (gap * (b.slope + root - mean)) / below;
}

function parabolaGuess(a, b) {
  const gap = b.length - a.length;
  const bend = (b.value - a.value) / gap - a.slope;
  return bend * gap > 0 ? a.length - (a.slope * gap) / (2 * bend) : Infinity;
}

function secantGuess(a, b) {
  const bend = b.slope - a.slope;
  return bend === 0 ? Infinity : b.length - (b.slope * (b.length - a.length)) / bend;
}
