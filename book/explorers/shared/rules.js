// The update rules of book/optim, number by number: what a rule remembers of each entry (the value before the first
// step), its settings as torch names them, and the formula, from an entry x, its gradient g, its memory, the settings
// and the number t of the step to the new entry and memory.
const { sqrt } = Math;

export const RULES = {
  SGD: {
    memory: [],
    defaults: { lr: 0.001 },
    update: (x, g, memory, { lr }) => [x - lr * g],
  },
  Momentum: {
    memory: [0],
    defaults: { lr: 0.001, momentum: 0.9 },
    update(x, g, [b], { lr, momentum }) {
      b = momentum * b + g;
      return [x - lr * b, b];
    },
  },
  Nesterov: {
    memory: [0],
    defaults: { lr: 0.001, momentum: 0.9 },
    update(x, g, [b], { lr, momentum }) {
      b = momentum * b + g;
      return [x - lr * (g + momentum * b), b];
    },
  },
  AdaGrad: {
    memory: [0],
    defaults: { lr: 0.01, eps: 1e-10 },
    update(x, g, [s], { lr, eps }) {
      s += g ** 2;
      return [x - (lr * g) / (sqrt(s) + eps), s];
    },
  },
  RMSProp: {
    memory: [0],
    defaults: { lr: 0.01, alpha: 0.99, eps: 1e-8 },
    update(x, g, [v], { lr, alpha, eps }) {
      v = alpha * v + (1 - alpha) * g ** 2;
      return [x - lr * (g / (sqrt(v) + eps)), v];
    },
  },
  AdaDelta: {
    memory: [0, 0],
    defaults: { lr: 1, rho: 0.9, eps: 1e-6 },
    update(x, g, [v, u], { lr, rho, eps }) {
      v = rho * v + (1 - rho) * g ** 2;
      const d = (sqrt(u + eps) / sqrt(v + eps)) * g;
      u = rho * u + (1 - rho) * d ** 2;
      return [x - lr * d, v, u];
    },
  },
  Adam: {
    memory: [0, 0],
    defaults: { lr: 0.001, betas: [0.9, 0.999], eps: 1e-8 },
    update(x, g, [m, v], { lr, betas: [beta1, beta2], eps }, t) {
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g ** 2;
      const [mHat, vHat] = [m / (1 - beta1 ** t), v / (1 - beta2 ** t)];
      return [x - (lr * mHat) / (sqrt(vHat) + eps), m, v];
    },
  },
  AdamW: {
    memory: [0, 0],
    defaults: { lr: 0.001, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.01 },
    update(x, g, memory, settings, t) {
      return RULES.Adam.update(x - settings.lr * settings.weight_decay * x, g, memory, settings, t);
    },
  },
};
