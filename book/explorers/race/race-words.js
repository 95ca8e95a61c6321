// What the race says of its runs: the table's cells, and one sentence that tells who is where.

import { MOST_STEPS } from "../shared/ground.js";
import { plain, tidy } from "../shared/number-text.js";
import { SURFACES } from "../shared/surfaces.js";
import { LATE, lateDistance, toMinimum } from "./race-numbers.js";
import { searches } from "./race-settings.js";

const DIGITS = 3;
const LEAST = 1e-9; // a loss or a distance below it is as good as 0: rounding errors show there

export function wordsOf(runs, { surface: ground, noise, steps, goal }) {
  const surface = SURFACES[ground];
  const shown = {};
  const now = {};
  for (const [name, { path, losses, first, gone }] of Object.entries(runs)) {
    const k = Math.min(steps, path.length - 1);
    now[name] = floored(losses[k], surface);
    shown[`loss_${name}`] = amount(tidy, now[name], surface);
    shown[`distance_${name}`] = distanceWords(path[k], surface);
    shown[`reached_${name}`] =
      gone !== null ? `diverged at ${gone}` : first === null ? `not in ${MOST_STEPS}` : String(first);
  }
  const same = noise && Object.keys(runs).length > 1 ? ["Every method meets the same noise."] : [];
  const late = noise && surface.minima.length && steps >= 2 * LATE ? lately(runs, steps, surface) : [];
  const told = [lead(surface, now, runs, steps), winner(runs, goal), ...lost(runs), ...costs(runs), ...same, ...late];
  return { ...shown, story: told.join(" ") };
}

function distanceWords(point, surface) {
  const far = toMinimum(point, surface);
  return far === null ? "–" : amount(tidy, floored(far, surface), surface);
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
  if (!reached.length)
    return `${several ? "None reaches" : "It does not reach"} ${plain(goal)} in ${MOST_STEPS} steps.`;
  const k = Math.min(...reached.map(([, { first }]) => first));
  const winners = reached.filter(([, { first }]) => first === k).map(([name]) => name);
  const again = runs[winners[0]].losses.slice(k).some((loss) => loss > goal);
  const back = winners.length > 1 || !again ? "" : ", and above it again later";
  return `${several ? "First at" : "At"} ${plain(goal)}: ${listed(winners)}, in ${counted(k)}${back}.`;
}

function lost(runs) {
  const gone = Object.keys(runs).filter((name) => runs[name].gone !== null);
  const [away, wild] = [gone.filter(searches), gone.filter((name) => !searches(name))];
  const many = (names, one, more) => `${listed(names)} ${names.length === 1 ? one : more}`;
  return [
    ...(wild.length ? [`${many(wild, "diverges", "diverge")}: too large a rate here.`] : []),
    ...(away.length ? [`${many(away, "runs", "run")} away: the loss goes on falling out there.`] : []),
  ];
}

function costs(runs) {
  const names = Object.keys(runs).filter(searches);
  return names.length ? [`${listed(names)} may try several losses in a step: steps are not costs.`] : [];
}

function lately(runs, steps, surface) {
  const kept = Object.entries(runs).filter(([, { gone }]) => gone === null);
  const means = kept.map(([name, { path }]) => `${name} ${plain(lateDistance(path, steps, surface), DIGITS)}`);
  return means.length ? [`The mean distance over the last ${LATE} steps: ${listed(means)}.`] : [];
}

function listed(names) {
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names[0];
}
