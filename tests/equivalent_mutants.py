"""The mutants that no test can catch, as they are the original in another form."""

# Target and changed line: why such a mutant is the original in another form.
NORMS = "one norm for the other: what is asked is the size of a condition near 1/ε"
VARIANCE = "variance = (squares - probes * mean.square()).clamp(min=0) / (probes - 1) if probes > 1 else "
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
    ("ConjugateGradient", "along = abs(float(-g @ self.memory['gradient']))"): SIZE,
    ("ConjugateGradient", "along = abs(float(g @ -self.memory['gradient']))"): SIZE,
    (
        "Hutchinson",
        "total, squares = (total + (Z * AZ).sum(1), squares + (-Z * AZ).square().sum(1))",
    ): SQUARED,
    **{
        ("Kronecker", f"condition = A.abs().sum({i}).amax() * inverse.abs().sum({j}).amax()"): NORMS
        for i, j in ((0, 1), (1, 0))
    },
    **{
        ("Hutchinson", VARIANCE + last): "nan whatever the sign"
        for last in ("mean / torch.nan", "-mean * torch.nan")
    },
    ("TrustRegion", "a, b, c = (d @ d, p @ d, p @ p - (-radius) ** 2)"): SQUARED,
    (
        "Rule",
        "return tuple([state.get(name, 1.0) for name in self.memory])",
    ): "what is left out meets a factor of 0",
}
