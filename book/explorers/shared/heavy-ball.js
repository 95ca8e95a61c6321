// Momentum on a quadratic of one dimension, p being ηλ: the other half of book/optim/heavy_ball.py.

// (1 + μ − p)² − 4μ as a product: it then has the right sign up to the last digit.
function discriminant(p, momentum) {
  const root = Math.sqrt(momentum);
  const [low, high] = [1 - root, 1 + root];
  return (p - low * low) * (p - high * high);
}

// [[real, imaginary], [real, imaginary]], the larger in size first; of a pair, the one above the axis.
export function eigenvalues(p, momentum) {
  const [half, found] = [(1 + momentum - p) / 2, discriminant(p, momentum)];
  if (found < 0) {
    const height = Math.sqrt(-found) / 2;
    return [
      [half, height],
      [half, -height],
    ];
  }
  const root = Math.sqrt(found) / 2;
  const larger = half + (half < 0 ? -root : root);
  return [
    [larger, 0],
    [larger ? momentum / larger : 0, 0],
  ];
}

// The factor of a step in the long run, |r|.
export function factorOf(p, momentum) {
  return discriminant(p, momentum) < 0 ? Math.sqrt(momentum) : Math.abs(eigenvalues(p, momentum)[0][0]);
}

export function regimeOf(p, momentum) {
  if (p < 0 || momentum > 1 || p > 2 * (1 + momentum)) return "diverging";
  if (p === 0 || momentum === 1 || p === 2 * (1 + momentum)) return "marginal";
  if (discriminant(p, momentum) < 0) return "oscillating";
  return p <= 1 + momentum ? "monotone" : "alternating";
}

export function criticalMomentum(p) {
  const gap = 1 - Math.sqrt(p);
  return gap * gap;
}

// The fastest η and μ for all curvatures between two.
export function bestPair(smallest, largest) {
  const [low, high] = [Math.sqrt(smallest), Math.sqrt(largest)];
  const ratio = (high - low) / (high + low);
  return { lr: 4 / ((high + low) * (high + low)), momentum: ratio * ratio };
}

// x after 0, 1, ... steps from 1.
export function pathOf(p, momentum, steps) {
  const path = [1];
  for (let t = 0, b = 0; t < steps; t += 1) {
    b = momentum * b + p * path[t];
    path.push(path[t] - b);
  }
  return path;
}
