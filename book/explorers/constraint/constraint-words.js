// Every text that the explorer of constraints shows, from its numbers.
import { plain, tidy } from "../shared/number-text.js";
import { HOLDS } from "./walls.js";

export const CONDITIONS = ["stationarity", "feasibility", "sign", "complementarity"];

export function wordsOf(numbers) {
  const { value, best, walls, conditions, equality, story } = numbers;
  const all = (of) => walls.map((wall) => tidy(clean(of(wall)), 3)).join(", ");
  return {
    value: tidy(clean(value)),
    least: tidy(clean(best.value)),
    constraint: all((wall) => wall.value),
    multiplier: all((wall) => wall.multiplier),
    names: equality ? ["h(x)", "ν"] : ["c(x)", "λ"],
    conditions: Object.fromEntries(CONDITIONS.map((name) => [name, conditionOf(conditions[name])])),
    story: STORIES[story](numbers),
  };
}

// The remainder of a condition, and whether it holds; an equality asks for no sign and has nothing to let go.
function conditionOf(size) {
  if (size === undefined) return { size: "—", verdict: "not asked" };
  return { size: tidy(clean(size), 3), verdict: size > HOLDS ? "fails" : "holds" };
}

const NONE = 1e-9; // what is smaller is zero but for rounding, and is shown as zero

function clean(x) {
  return Math.abs(x) < NONE ? 0 : x;
}

const short = (x) => plain(clean(x), 3);
const length = (vector) => short(Math.hypot(...vector));
const worst = (walls) => walls.reduce((most, wall) => (wall.value > most.value ? wall : most));
const pulling = (walls) => walls.reduce((least, wall) => (wall.multiplier < least.multiplier ? wall : least));
const pushing = (walls) =>
  walls.filter(({ multiplier }) => multiplier > NONE).map(({ multiplier }) => short(multiplier));

const STORIES = {
  forbidden: ({ walls }) =>
    `This point is not allowed: c = ${short(worst(walls).value)} is above 0. Feasibility fails, whatever the arrows say.`,
  off: ({ walls }) => `h = ${short(walls[0].value)} is not 0. Feasibility fails: bring x onto the green line.`,
  free: ({ pull, conditions }) =>
    `Nothing holds x here: a pull of length ${length(pull)} is left over; its larger entry is ${tidy(conditions.stationarity, 3)}. Stationarity fails. Follow the orange arrow downhill.`,
  sliding: ({ walls, left, equality }) =>
    `${equality ? "The constraint" : "The wall"} takes up what presses on it, with ${equality ? "ν" : "λ"} = ${short(strongest(walls))}. What is left over, of length ${length(left)}, points along it: slide x that way.`,
  pulling: ({ walls }) =>
    `To balance the arrows a wall would have to pull: λ = ${short(pulling(walls).multiplier)}. Walls only push, so the sign fails. Let go of the wall: f falls on the way inside.`,
  apart: ({ walls }) =>
    `A push without touch: λ = ${short(strongest(walls))} where c is below 0. Complementarity fails. Move x onto the wall.`,
  cusp: ({ left }) =>
    `No allowed point nearby is lower, yet a pull of length ${length(left)} is left over. Both walls push across the tip and none along it: their gradients are dependent, and there are no multipliers.`,
  held: ({ walls }) =>
    `All four conditions hold: pull and push cancel, with λ = ${pushing(walls).join(" and ")}. That is the price of a wall: allow c up to a small δ, and the least f falls by λδ.`,
  idle: () => "All four conditions hold, with λ = 0: the least f lies inside, and no wall is felt.",
  balanced: ({ walls }) =>
    `Both conditions hold, with ν = ${short(walls[0].multiplier)}; its sign is free. That is the price of the constraint: ask for h = δ with a small δ, and the least f changes by −νδ.`,
};

function strongest(walls) {
  return walls.map(({ multiplier }) => multiplier).reduce((most, one) => (Math.abs(one) > Math.abs(most) ? one : most));
}
