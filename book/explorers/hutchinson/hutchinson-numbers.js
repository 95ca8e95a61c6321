// Random probes of one matrix: the estimates of its trace and its diagonal, and how far off they should be.
import { uniforms } from "../shared/noise.js";
import HUTCHINSON from "./hutchinson.json" with { type: "json" };

export const { defaults: DEFAULTS, limits: LIMITS, kinds: KINDS, blocks: BLOCKS, size: SIZE } = HUTCHINSON;
export const [LEAST, MOST] = LIMITS.probes;
export const WIDTHS = 2; // of the predicted standard error: where an estimate should lie
const FOURTH = { signs: 1, normal: 3 }; // the mean of z⁴

const entries = (of) => Array.from({ length: SIZE }, (_, i) => of(i));

// The diagonal is 1, 2, …, n; beside it a power of the coupling, by the distance.
export function matrixOf(coupling) {
  const powers = [1];
  while (powers.length < SIZE) powers.push(powers.at(-1) * coupling);
  return entries((i) => entries((j) => powers[Math.abs(i - j)] * Math.sqrt((i + 1) * (j + 1))));
}

// A probe's entries, one after another: ±1, or normal by Box and Muller.
export function drawing(kind, seed) {
  const draw = uniforms(seed);
  if (kind === "signs") return () => (draw() < 0.5 ? -1 : 1);
  return () => {
    const length = Math.sqrt(-2 * Math.log(1 - draw()));
    return length * Math.cos(2 * Math.PI * draw());
  };
}

// z ⊙ A z of each probe.
export function productsOf({ coupling, kind, seed }) {
  const matrix = matrixOf(coupling);
  const next = drawing(kind, seed);
  return Array.from({ length: MOST }, () => {
    const z = entries(next);
    return matrix.map((row, i) => z[i] * sum(row.map((a, j) => a * z[j])));
  });
}

// The mean of the traces so far, probe by probe.
export function traceOver(products) {
  let total = 0;
  return products.map((one, k) => (total += sum(one)) / (k + 1));
}

// Each entry's block in place of the entry: its mean.
export function averaged(values, block) {
  return values.map((_, i) => {
    const start = i - (i % block);
    return sum(values.slice(start, start + block)) / block;
  });
}

// The variance, for one probe, of the mean of z ⊙ A z over some entries: that of zᵀMz, with M symmetric.
function varianceOver(matrix, from, block, kind) {
  const share = (i) => (i >= from && i < from + block ? 1 / block : 0);
  const squares = matrix.map((row, i) => row.map((a, j) => ((a * (share(i) + share(j))) / 2) ** 2));
  return sum(squares.map((row, i) => sum(row.map((square, j) => square * (i === j ? FOURTH[kind] - 1 : 2)))));
}

// For one probe: the standard deviation of the trace, and of each entry of the diagonal.
export function spreadOf({ coupling, kind, block }) {
  const matrix = matrixOf(coupling);
  const of = (from, size) => Math.sqrt(varianceOver(matrix, from, size, kind));
  return { trace: SIZE * of(0, SIZE), diagonal: entries((i) => of(i - (i % block), block)) };
}

// `off` counts predicted standard errors; none where no error is predicted. `stays` is what averaging leaves wrong.
export function numbersOf(state) {
  const { block, probes } = state;
  const products = productsOf(state).slice(0, probes);
  const spread = spreadOf(state);
  const truth = entries((i) => i + 1);
  const estimate = averaged(
    entries((i) => sum(products.map((one) => one[i])) / probes),
    block,
  );
  const expected = averaged(truth, block);
  const error = spread.trace / Math.sqrt(probes);
  const trace = sum(estimate);
  const rms = (values) => Math.sqrt(sum(values.map((x) => x * x)) / SIZE);
  const stays = rms(expected.map((x, i) => x - truth[i]));
  const random = rms(spread.diagonal) / Math.sqrt(probes);
  return {
    trace,
    true_trace: sum(truth),
    error,
    off: error > 0 ? (trace - sum(truth)) / error : null,
    estimate,
    expected,
    errors: spread.diagonal.map((one) => one / Math.sqrt(probes)),
    distance: rms(estimate.map((x, i) => x - truth[i])),
    predicted: Math.hypot(random, stays),
    random,
    stays,
  };
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
