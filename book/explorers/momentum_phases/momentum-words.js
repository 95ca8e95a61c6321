// Every text that the momentum phase diagram shows, from its numbers.
import { significant } from "../shared/floats.js";
import { apart, SAME } from "./momentum-numbers.js";

export function wordsOf(numbers) {
  return {
    ...textsOf("steep", numbers.steep),
    ...textsOf("flat", numbers.flat),
    story: STORIES[numbers.story](numbers),
  };
}

function textsOf(name, { product, regime, roots, factor }) {
  const texts = {
    product: number(product),
    regime,
    eigenvalues: pairOf(roots),
    factor: number(factor),
    tenth: tenth(factor),
  };
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [`${name}_${key}`, text]));
}

function pairOf(roots) {
  const [[real, imaginary], [other]] = roots;
  if (apart(roots) <= SAME) return `${number(real)} twice`;
  return imaginary ? `${number(real)} ± ${number(imaginary)}i` : `${number(real)} and ${number(other)}`;
}

// How many steps make the distance ten times smaller.
function tenth(factor) {
  if (factor >= 1) return "never";
  return factor ? significant(-1 / Math.log10(factor), 3) : "at once";
}

export function number(x, digits = 4) {
  return significant(x, digits).replaceAll("-", "−");
}

const STORIES = {
  critical: ({ steep }) =>
    `Critical damping: the two eigenvalues meet at ${number(steep.roots[0][0], 2)}. In the long run no other momentum is faster for this ηλ.`,
  monotone: ({ steep, critical }) =>
    `Both eigenvalues are real and positive: x falls without a change of sign, and in the end v/x stays the same: it comes in along a line. The larger one, ${number(steep.factor)}, sets the pace; with more momentum, up to μ = (1 − √ηλ)² = ${number(critical)}, it shrinks.`,
  oscillating: ({ steep, critical }) =>
    `The eigenvalues are a complex pair of size √μ = ${number(steep.factor)}, whatever ηλ is: x swings with a period of ${significant(periodOf(steep), 3)} steps, and with its velocity it runs in on a spiral. Less momentum, down to μ = (1 − √ηλ)² = ${number(critical)}, makes that size smaller.`,
  alternating: ({ critical }) =>
    `Both eigenvalues are real and negative: x changes its sign at every step. In the long run a smaller ηλ is faster, and so is more momentum, up to μ = (1 − √ηλ)² = ${number(critical)}.`,
  marginal: ({ lr }) => (lr === 0 ? "With ηλ = 0 nothing moves." : "A factor |r| of exactly 1: x never settles."),
  diverging: (numbers) => `An eigenvalue lies outside the unit circle, and x grows. ${limitOf(numbers)}`,
  "never settles": () => "A factor |r| of exactly 1: one direction never settles.",
  "both diverge": (numbers) =>
    `Both directions diverge: an eigenvalue lies outside the unit circle. ${limitOf(numbers)}`,
  "steep diverges": (numbers) =>
    `The steep direction diverges: an eigenvalue lies outside the unit circle. ${limitOf(numbers)}`,
  best: ({ kappa, best, plain }) =>
    `This is the best pair for κ = ${number(kappa)}: both directions are critically damped. In the long run a factor of ten takes ${tenth(best.factor)} steps; the best that plain descent can do is ${tenth(plain)}.`,
  same: (numbers) => `Both directions have the same factor |r|, ${number(numbers.flat.factor)}. ${paceOf(numbers)}`,
  flat: (numbers) =>
    `The flat direction is the slower one, ${number(numbers.flat.factor)} a step against ${number(numbers.steep.factor)}. ${paceOf(numbers)}`,
  steep: (numbers) =>
    `The steep direction is the slower one, ${number(numbers.steep.factor)} a step against ${number(numbers.flat.factor)}. ${paceOf(numbers)}`,
};

function periodOf({ roots: [[real, imaginary]] }) {
  return (2 * Math.PI) / Math.atan2(imaginary, real);
}

function limitOf({ momentum }) {
  return momentum > 1
    ? "The momentum must stay below 1."
    : `At this momentum ηλ must stay below 2(1 + μ) = ${number(2 * (1 + momentum))}.`;
}

function paceOf({ steep, flat, kappa, best, plain }) {
  return `In the long run a factor of ten takes ${tenth(Math.max(steep.factor, flat.factor))} steps. The best pair for κ = ${number(kappa)} takes ${tenth(best.factor)}, the best plain descent ${tenth(plain)}.`;
}
