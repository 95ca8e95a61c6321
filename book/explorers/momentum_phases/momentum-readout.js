// Every string of the momentum phase diagram: the other half of book/explorers/momentum_phases/widget.py.
import { significant } from "../shared/floats.js";
import { bestPair, criticalMomentum, eigenvalues, rateOf, regimeOf } from "./heavy-ball.js";

const CLOSE = 0.02; // eigenvalues no further apart than this count as one
const SAME = 1e-6; // rates, and eigenvalues to print, no further apart than this are the same

export function readout(lr, momentum, kappa) {
  const shown = {};
  for (const [name, p] of [["steep", lr], ["flat", lr * (1 / kappa)]]) {
    for (const [key, text] of Object.entries(directionOf(p, momentum))) shown[`${name}_${key}`] = text;
  }
  const best = bestPair(1 / kappa, 1);
  Object.assign(shown, { best_lr: number(best.lr), best_momentum: number(best.momentum), best_rate: number(Math.sqrt(best.momentum)) });
  return { ...shown, story: kappa === 1 ? storyOf(lr, momentum) : storyOfValley(lr, momentum, kappa) };
}

function directionOf(p, momentum) {
  const roots = eigenvalues(p, momentum);
  const [[real, imaginary], [other]] = roots;
  const pair = apart(roots) <= SAME ? `${number(real)} twice` : imaginary ? `${number(real)} ± ${number(imaginary)}i` : `${number(real)} and ${number(other)}`;
  const rate = rateOf(p, momentum);
  return { product: number(p), regime: kindOfDamping(p, momentum), eigenvalues: pair, rate: number(rate), tenth: tenth(rate) };
}

// The regime, or "critical" where it converges and the eigenvalues all but meet.
function kindOfDamping(p, momentum) {
  const name = regimeOf(p, momentum);
  const meet = apart(eigenvalues(p, momentum)) <= CLOSE;
  return meet && name !== "marginal" && name !== "diverging" ? "critical" : name;
}

function apart([[a, b], [c, d]]) {
  return Math.abs(a - c) + Math.abs(b - d);
}

// How many steps make the distance ten times smaller.
function tenth(rate) {
  if (rate >= 1) return "never";
  return rate ? significant(-1 / Math.log10(rate), 3) : "at once";
}

export function number(x) {
  return significant(x, 4).replaceAll("-", "−");
}

function storyOf(p, momentum) {
  const [kind, rate, [[real, imaginary]]] = [kindOfDamping(p, momentum), rateOf(p, momentum), eigenvalues(p, momentum)];
  const critical = number(criticalMomentum(p));
  if (kind === "critical") return `Critical damping: the two eigenvalues meet at ${significant(real, 2).replaceAll("-", "−")}. For this ηλ no other momentum is faster.`;
  if (kind === "monotone") return `Both eigenvalues are real and positive: x falls without a change of sign. The larger one, ${number(rate)}, sets the pace; with more momentum, up to μ = (1 − √ηλ)² = ${critical}, it shrinks.`;
  if (kind === "oscillating") {
    const period = (2 * Math.PI) / Math.atan2(imaginary, real);
    return `The eigenvalues are a complex pair of size √μ = ${number(rate)}, whatever ηλ is: x swings with a period of ${significant(period, 3)} steps. With less momentum, down to μ = (1 − √ηλ)² = ${critical}, it settles sooner.`;
  }
  if (kind === "alternating") return `Both eigenvalues are real and negative: x changes its sign at every step. A smaller ηλ is faster, and so is more momentum, up to μ = (1 − √ηλ)² = ${critical}.`;
  if (kind === "marginal") return p === 0 ? "With ηλ = 0 nothing moves." : "A rate of exactly 1: x never settles.";
  return `An eigenvalue lies outside the unit circle, and x grows. ${limitOf(momentum)}`;
}

function limitOf(momentum) {
  return momentum > 1 ? "The momentum must stay below 1." : `At this momentum ηλ must stay below 2(1 + μ) = ${number(2 * (1 + momentum))}.`;
}

function storyOfValley(lr, momentum, kappa) {
  const [steep, flat] = [rateOf(lr, momentum), rateOf(lr * (1 / kappa), momentum)];
  const rate = Math.max(steep, flat);
  if (rate >= 1) {
    if (regimeOf(lr, momentum) !== "diverging") return "A rate of exactly 1: one direction never settles.";
    return `${flat >= 1 ? "Both directions diverge" : "The steep direction diverges"}: an eigenvalue lies outside the unit circle. ${limitOf(momentum)}`;
  }
  const best = Math.sqrt(bestPair(1 / kappa, 1).momentum);
  const [words, plainTenth] = [`κ = ${number(kappa)}`, tenth((kappa - 1) / (kappa + 1))];
  if (rate - best <= SAME) return `This is the best pair for ${words}: both directions are critically damped. A factor of ten takes ${tenth(best)} steps; the best that plain descent can do is ${plainTenth}.`;
  return `${slower(steep, flat)} A factor of ten takes ${tenth(rate)} steps. The best pair for ${words} takes ${tenth(best)}, the best plain descent ${plainTenth}.`;
}

function slower(steep, flat) {
  if (Math.abs(steep - flat) <= SAME) return `Both directions have the same rate, ${number(flat)}.`;
  const [name, slow, fast] = flat > steep ? ["flat", flat, steep] : ["steep", steep, flat];
  return `The ${name} direction is the slower one, ${number(slow)} a step against ${number(fast)}.`;
}
