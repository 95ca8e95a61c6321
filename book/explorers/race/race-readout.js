// What the race shows: the other half of book/explorers/race/readout.py.
import { distance, trajectory, withinReach } from "../shared/descent.js";
import { plain, tidy } from "../shared/figures.js";
import { RULES } from "../shared/rules.js";
import { SURFACES } from "../shared/surfaces.js";

export const MOST_STEPS = 200;
const DIGITS = 3;
const LEAST = 1e-9; // a loss or a distance below it is as good as 0: rounding errors show there
export const METHODS = Object.keys(RULES);
export const OWN = {
  SGD: {}, Momentum: { momentum: 0.9 }, Nesterov: { momentum: 0.9 }, AdaGrad: {}, RMSProp: { alpha: 0.9 }, AdaDelta: { rho: 0.9 },
  Adam: { betas: [0.9, 0.999] }, AdamW: { betas: [0.9, 0.999], weight_decay: 0.01 },
};
export const RATES = {
  "bowl, κ = 10": [0.15, 0.02, 0.03, 1, 0.05, 5, 0.2, 0.2],
  "bowl, κ = 50, turned by 30°": [0.038, 0.01, 0.015, 0.5, 0.02, 5, 0.1, 0.1],
  Rosenbrock: [0.0015, 0.001, 0.001, 0.5, 0.05, 20, 0.2, 0.2],
  Beale: [0.02, 0.01, 0.01, 0.5, 0.05, 20, 0.2, 0.2],
  Himmelblau: [0.01, 0.005, 0.005, 1, 0.1, 20, 0.3, 0.3],
  saddle: [0.1, 0.02, 0.02, 0.1, 0.02, 5, 0.1, 0.1],
  "monkey saddle": [0.05, 0.01, 0.01, 0.1, 0.02, 5, 0.05, 0.05],
  plateau: [0.5, 0.2, 0.2, 0.5, 0.1, 10, 0.3, 0.3],
};
export const GOALS = {
  "bowl, κ = 10": 0.001, "bowl, κ = 50, turned by 30°": 0.001, Rosenbrock: 0.1, Beale: 0.01, Himmelblau: 0.01, saddle: -1,
  "monkey saddle": -1, plateau: 0.01,
};
export const NOISE = {
  "bowl, κ = 10": 1, "bowl, κ = 50, turned by 30°": 2, Rosenbrock: 5, Beale: 1, Himmelblau: 10, saddle: 0.3, "monkey saddle": 0.3,
  plateau: 0.2,
};

export function settingsOn(surface, method) {
  return { lr: RATES[surface][METHODS.indexOf(method)], ...OWN[method] };
}

// For each method its path, its losses, and at which steps it is first at the goal and has gone.
export function race(name, start, methods, noise, seed, goal) {
  const surface = { ...SURFACES[name], noise: noise ? NOISE[name] : 0 };
  const run = ([rule, settings]) => {
    const path = withinReach(trajectory(surface, start, settings, MOST_STEPS, { rule, seed }), surface);
    const losses = path.map(surface.f);
    const out = distance(path.at(-1), surface) > 1 && path.length <= MOST_STEPS;
    const first = losses.findIndex((loss) => loss <= goal);
    return [rule, { path, losses, first: first < 0 ? null : first, gone: out && surface.minima.length ? path.length - 1 : null }];
  };
  return Object.fromEntries(Object.entries(methods).map(run));
}

export function readout(name, start, methods, noise, seed, steps, goal) {
  return wordsOf(race(name, start, methods, noise, seed, goal), SURFACES[name], noise, steps, goal);
}

export function wordsOf(runs, surface, noise, steps, goal) {
  const shown = {};
  const now = {};
  for (const [name, { path, losses, first, gone }] of Object.entries(runs)) {
    const k = Math.min(steps, path.length - 1);
    now[name] = floored(losses[k], surface);
    shown[`loss_${name}`] = amount(tidy, now[name], surface);
    shown[`distance_${name}`] = toMinimum(path[k], surface);
    shown[`reached_${name}`] = gone !== null ? `diverged at ${gone}` : first === null ? `not in ${MOST_STEPS}` : String(first);
  }
  const same = noise && Object.keys(runs).length > 1 ? ["Every method meets the same noise."] : [];
  return { ...shown, story: [lead(surface, now, runs, steps), winner(runs, goal), ...lost(runs), ...same].join(" ") };
}

function toMinimum([x, y], surface) {
  const { minima } = surface;
  return minima.length ? amount(tidy, floored(Math.min(...minima.map(([a, b]) => Math.hypot(x - a, y - b))), surface), surface) : "–";
}

const floored = (value, { minima }) => (minima.length ? Math.max(value, LEAST) : value);
const amount = (text, value, { minima }) => (minima.length && value === LEAST ? "<10^-9" : text(value, DIGITS));
const counted = (count) => `${count} ${count === 1 ? "step" : "steps"}`;

function lead(surface, now, runs, steps) {
  const names = Object.keys(runs);
  if (steps === 0) return `All stand at the start, at a loss of ${amount(plain, now[names[0]], surface)}.`;
  const running = names.filter((name) => runs[name].gone === null || steps < runs[name].gone);
  if (!running.length) return `After ${counted(steps)} none is left.`;
  const best = Math.min(...running.map((name) => now[name]));
  const leaders = running.filter((name) => now[name] === best);
  const lowest = names.length > 1 ? "lowest, " : "";
  return `After ${counted(steps)} ${listed(leaders)} ${leaders.length > 1 ? "are" : "is"} ${lowest}at ${amount(plain, best, surface)}.`;
}

function winner(runs, goal) {
  const several = Object.keys(runs).length > 1;
  const reached = Object.entries(runs).filter(([, { first, gone }]) => first !== null && gone === null);
  if (!reached.length) return `${several ? "None reaches" : "It does not reach"} ${plain(goal)} in ${MOST_STEPS} steps.`;
  const k = Math.min(...reached.map(([, { first }]) => first));
  const winners = reached.filter(([, { first }]) => first === k).map(([name]) => name);
  const again = runs[winners[0]].losses.slice(k).some((loss) => loss > goal);
  const back = winners.length > 1 || !again ? "" : ", and above it again later";
  return `${several ? "First at" : "At"} ${plain(goal)}: ${listed(winners)}, in ${counted(k)}${back}.`;
}

function lost(runs) {
  const names = Object.keys(runs).filter((name) => runs[name].gone !== null);
  return names.length ? [`${listed(names)} ${names.length === 1 ? "diverges" : "diverge"}: too large a rate here.`] : [];
}

function listed(names) {
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names[0];
}
