// The rates of a schedule, and the expected loss of a noisy run under them and at the constant rate.
import DESIGNER from "./schedule-designer.json" with { type: "json" };
import { SCHEDULES } from "./schedules.js";

export const { defaults: DEFAULTS, limits: LIMITS, settings: SETTINGS } = DESIGNER;
const [CURVATURES, START, SIGMA] = [[1, 0.02], 10, 1];
const CLOSE = 0.01; // losses that differ by less are as good as equal

export function factorsOf(name, parameters, totalSteps) {
  const factor = SCHEDULES[name](parameters, totalSteps);
  return Array.from({ length: totalSteps }, (_, t) => factor(t));
}

// The expected loss of noisy gradient descent, before the first step and after each: what is left of the start, and noise.
export function expectedOf(rates) {
  const [starts, noises] = [CURVATURES.map(() => START * START), CURVATURES.map(() => 0)];
  const losses = () =>
    [starts, noises].map((squares) => squares.reduce((total, square, i) => total + (CURVATURES[i] * square) / 2, 0));
  return [
    losses(),
    ...rates.map((rate) => {
      CURVATURES.forEach((curvature, i) => {
        const kept = (1 - rate * curvature) * (1 - rate * curvature);
        starts[i] = kept * starts[i];
        noises[i] = kept * noises[i] + rate * rate * (SIGMA * SIGMA);
      });
      return losses();
    }),
  ];
}

// `ends` compares the loss after the last step with that of the constant rate; `left` says what it mostly is.
export function numbersOf({ schedule, parameters, total_steps, lr, t }) {
  const rates = factorsOf(schedule, parameters, total_steps).map((factor) => lr * factor);
  const [losses, steady] = [expectedOf(rates), expectedOf(rates.map(() => lr))];
  const way = rates.reduce((total, rate) => total + rate, 0);
  const [[start, noise], [startConstant, noiseConstant]] = [losses.at(-1), steady.at(-1)];
  const [loss, lossConstant] = [start + noise, startConstant + noiseConstant];
  return {
    rate: rates[t],
    loss_at: losses[t][0] + losses[t][1],
    way,
    share: (100 * way) / (lr * total_steps),
    start,
    noise,
    loss,
    start_constant: startConstant,
    noise_constant: noiseConstant,
    loss_constant: lossConstant,
    ends: schedule === "constant" ? "constant" : endsAs(loss / lossConstant),
    left: start > noise ? "start" : "noise",
  };
}

function endsAs(ratio) {
  if (Math.abs(ratio - 1) < CLOSE) return "level";
  return ratio > 1 ? "above" : "below";
}

// The parameters to begin with: T_max is the whole run.
export function defaultsOf(name, totalSteps) {
  return Object.entries(SETTINGS[name]).map(([key, [value]]) => (key === "T_max" ? totalSteps : value));
}
