// The sentences of the trust region explorer, from its numbers.
import { plain } from "../shared/number-text.js";

export function wordsOf(numbers, { radius }) {
  return { ...factsOf(numbers, radius), story: sentencesOf(numbers, radius) };
}

function factsOf({ predicted, real, ratio, eigenvalues, length }) {
  return {
    promised: plain(predicted),
    real: plain(real),
    ratio: Number.isNaN(ratio) ? "none" : plain(ratio, 3),
    length: plain(length),
    curvatures: eigenvalues.map((value) => plain(value, 3)).join(", "),
  };
}

const STILL = {
  "no slope": "The gradient is zero here: no step is better than none.",
  "no minimum":
    "The gradient is zero, and without one the step does not set out. But a curvature is negative, so this is no minimum: move the point a little.",
};
const ENDS = {
  inside: "The model's lowest point lies inside the circle",
  boundary: "The step ends on the circle",
  curvature: "The model bends down along the way, so the step goes on to the circle",
};

function sentencesOf(numbers, radius) {
  const { story, end, predicted, real, ratio, nextRadius } = numbers;
  if (STILL[story]) return STILL[story];
  const really = real < 0 ? `f rises by ${plain(-real)}` : `f falls by ${plain(real)}`;
  const seen = `${ENDS[end]}: it promises a drop of ${plain(predicted)}. Really ${really}, so ρ = ${plain(ratio, 3)}.`;
  return `${seen} ${verdictOf(story)} ${radiusOf(radius, nextRadius)}`;
}

function verdictOf(story) {
  return {
    rises: "The step is refused.",
    refused: "That is too little: the step is refused.",
    poor: "The step is taken, but the model was far too hopeful.",
    fair: "The step is taken.",
    good: "The step is taken: the model can be trusted.",
    better: "The step is taken: f fell by more than was promised.",
  }[story];
}

function radiusOf(radius, next) {
  if (next === radius) return "The radius stays.";
  return `The radius ${next < radius ? "shrinks" : "grows"} to ${plain(next, 3)}.`;
}
