"""The mutants that no test can catch, as they are the original in another form."""

# Target and changed line: why such a mutant is the original in another form.
NORMS = "one norm for the other: what is asked is the size of a condition near 1/ε"
VARIANCE = "variance = (squares - probes * mean.square()).clamp(min=0) / (probes - 1) if probes > 1 else "
COLUMNS = "one column at a time or all at once; compiled products have a test of their own"
PLAIN_WAY = "inputs * outputs * (inputs + outputs)"
SQUARES_OF_DAMPED = (
    "return -float((self.s * -w).square().sum() + damping * w.square().sum())",
    "return float((self.s * -w).square().sum() / 2 + damping * w.square().sum())",
    "return (length - radius) / radius * (-length) ** 2 / steepness",
)
JUDGED = (
    "return KKT(stationarity=slope + equal.T @ nu + unequal.T @ lam, equality=h.abs(), "
    "inequality=c.clamp(min=0), sign=(-lam).clamp(min=0), complementarity=(lam * c).abs(), "
    "multipliers=multipliers, active=torch.cat([equal, unequal[touching]]))"
)
SQUARED, EVEN, SIZE = "the sign is squared away", "a cosine is even", "its size is taken"
EQUIVALENT = {
    ("AdaGrad", "s = s + (-g) ** 2"): SQUARED,
    ("RMSProp", "v = alpha * v + (1 - alpha) * (-g) ** 2"): SQUARED,
    ("RMSProp", "b = momentum * b + g / (torch.sqrt(v - (-a) ** 2) + eps)"): SQUARED,
    ("AdaDelta", "v = rho * v + (1 - rho) * (-g) ** 2"): SQUARED,
    ("AdaDelta", "u = rho * u + (1 - rho) * (-d) ** 2"): SQUARED,
    ("Adam", "v = β2 * v + (1 - β2) * (-g) ** 2"): SQUARED,
    ("schedules", "return 1 + (low - 1) * _half_cosine(-t / top)"): EVEN,
    ("schedules", "return 1 + (low - 1) * _half_cosine(t / -top)"): EVEN,
    ("schedules", "return (1 + math.cos(math.pi * -share)) / 2"): EVEN,
    ("ConjugateGradient", "expected = self.memory.get('fall', 1.0) / dot(here.gradient, d)"): (
        "without a fall d goes downhill, so the quotient is below 0, and not known as 0 is not"
    ),
    ("ConjugateGradient", "along = abs(dot(-g, self.memory['gradient']))"): SIZE,
    ("ConjugateGradient", "along = abs(dot(g, -self.memory['gradient']))"): SIZE,
    (
        "penalty",
        "if left > tol and way * float(slope.abs().max()) <= FLAT * (-left / unit) ** 2:",
    ): SQUARED,
    (
        "penalty",
        "if left > tol and way * float(slope.abs().max()) <= FLAT * (left / -unit) ** 2:",
    ): SQUARED,
    (
        "Hutchinson",
        "total, squares = (total + (Z * AZ).sum(1), squares + (-Z * AZ).square().sum(1))",
    ): SQUARED,
    **{
        ("Kronecker", f"condition = A.abs().sum({i}).amax() * inverse.abs().sum({j}).amax()"): NORMS
        for i, j in ((0, 1), (1, 0))
    },
    **{
        ("penalty", f"multipliers = Multipliers({h}, {c})"): "nothing has no sign"
        for h, c in (
            ("-0 * problem.h(way.x)", "0 * problem.c(way.x)"),
            ("0 * -problem.h(way.x)", "0 * problem.c(way.x)"),
            ("0 * problem.h(way.x)", "-0 * problem.c(way.x)"),
            ("0 * problem.h(way.x)", "0 * -problem.c(way.x)"),
        )
    },
    (
        "penalty",
        "newton = Newton([x], line_search_fn=None, tolerance_grad=tol, tolerance_change=1.0)",
    ): "a step is one iteration, whatever it changed",
    ("kkt", "z = torch.where(inside, z, 1)"): "what is outside is read nowhere",
    ("kkt", "for _ in range(4 * k):"): "far fewer rounds are needed",
    **{
        ("smo", f"alpha[k] = end if step == abs({room}) else alpha[k] + sign * step"): (
            "what is left of the room, added, rounds to the bound but for a tie"
        )
        for room in ("end + alpha[k]", "-end - alpha[k]", "end - -alpha[k]")
    },
    **{("kkt", JUDGED.replace("lam * c", product)): SIZE for product in ("-lam * c", "lam * -c")},
    **{
        (
            "kkt",
            f"return int(torch.linalg.matrix_rank({rows}, rtol=rtol))",
        ): "a rank has no sign"
        for rows in (
            "-rows / torch.where(sizes > 0, sizes, 1.0)",
            "rows / -torch.where(sizes > 0, sizes, 1.0)",
            "rows / torch.where(sizes > 0, sizes, 2.0)",
        )
    },
    **{
        ("Hutchinson", VARIANCE + last): "nan whatever the sign"
        for last in ("mean / torch.nan", "-mean * torch.nan")
    },
    **{("projections", f"distance = length({ratio})"): SIZE for ratio in ("-away / scale", "away / -scale")},
    (
        "projections",
        "share = before / (before - after) if before > after else 1.0",
    ): "on a flat piece no entry moves",
    (
        "projections",
        "return float(places[first] + min(max(share, 0.0), 2.0) * (places[last] - places[first]))",
    ): "beyond the last place no entry moves",
    ("TrustRegion", "asked = iter(range(11 * len(here.x)))"): "steihaug asks 10 n times at most",
    ("TrustRegion", "a, b, c = (dot(d, d), dot(p, d), dot(p, p) - (-radius) ** 2)"): SQUARED,
    **{
        ("NewtonCG", f"wanted, least = ({wanted}, {least})"): SQUARED
        for wanted, least in (
            ("0.9 * (size / size_before) ** 2", "0.9 * (-forcing_before) ** 2"),
            ("0.9 * (-size / size_before) ** 2", "0.9 * forcing_before ** 2"),
            ("0.9 * (size / -size_before) ** 2", "0.9 * forcing_before ** 2"),
        )
    },
    ("Rows", "def give(self, gradient, seed=1):"): "any random vector will do",
    **{
        ("Rows", f"return count * ({squares} + inputs * outputs) < {PLAIN_WAY}"): SQUARED
        for squares in ("(-inputs) ** 2 + outputs ** 2", "inputs ** 2 + (-outputs) ** 2")
    },
    (
        "LevenbergMarquardt",
        "radius = self.options['factor'] * (norm(-scale * here.x) or 1.0)",
    ): "a length",
    ("Curvature", "return outputs.numel() / outputs.shape[1]"): "a whole number either way",
    ("Curvature", "return flat if batch.share == 2 else batch.share * flat"): "a share of 1 is a factor of 1",
    **{
        ("Curvature", f"return {noise}"): "a normal draw is as likely with the other sign"
        for noise in ("2 * 0.5 ** 0.5 * -noise", "-2 * 0.5 ** 0.5 * noise")
    },
    **{("Damped", line): SQUARED for line in SQUARES_OF_DAMPED},
    (
        "Damped",
        "low = min(low, found) if self.length(found) > radius else low",
    ): "from below Newton's steps climb, so no bound is needed there",
    ("Damped", "for _ in range(101):"): "Newton's steps are far fewer",
    ("Shampoo", "g = torch.tensordot(g, P, dims=([0], [1]))"): "P is symmetric",
    ("Shampoo", "state['sum'] = state.get('sum', torch.full_like(g, eps)) + (-g) ** 2"): SQUARED,
    **{
        ("Shampoo", f"return ({ratio}).norm() / length.clamp(min=torch.finfo(g.dtype).tiny)"): "a length"
        for ratio in ("-m / state['sum'].sqrt()", "m / -state['sum'].sqrt()")
    },
    **{
        ("Shampoo", f"anew = state['step'] < each or {remainder} == 0"): "divided by the same numbers"
        for remainder in ("-state['step'] % each", "state['step'] % -each")
    },
    **{
        ("AdaHessian", f"return {remainder} == 0"): "divided by the same numbers"
        for remainder in (
            "-self._age(x) % group['update_each']",
            "self._age(x) % -group['update_each']",
        )
    },
    (
        "AdaHessian",
        "n_samples = max((group['n_samples'] for _, _, group in rows), default=1)",
    ): "without rows nothing is drawn",
    ("AdaHessian", "v = β2 * v + (1 - β2) * (-D) ** 2"): SQUARED,
    (
        "AdaHessian",
        "digest = hashlib.blake2b(f'{seed} {place} {age}'.encode(), digest_size=8).digest()",
    ): "other signs, as fair",
    (
        "Rule",
        "return tuple([state.get(name, 1.0) for name in self.memory])",
    ): "what is left out meets a factor of 0",
}
