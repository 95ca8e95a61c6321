"""Plausible wrong answers to the exercises of *Conjugate gradient*."""


def wrong_sign(product, d, g):
    Hd = product(d)
    return -g - (g @ Hd) / (d @ Hd) * d


def at_right_angles(product, d, g):
    return -g + (g @ d) / (d @ d) * d


def in_place(product, d, g):
    Hd = product(d)
    d *= (g @ Hd) / (d @ Hd)
    return d - g


def twice(product, d, g):
    return -g + (g @ product(d)) / (d @ product(d)) * d


def beta_alone(product, d, g):
    Hd = product(d)
    return (g @ Hd) / (d @ Hd)


def without_g(product, d, g):
    return d - g


def _solve(product, g, tol, max_iter, bend=lambda k, p, Hp, d, g: None, close=True, start=-1):
    d, r, p = 0 * g, g.clone(), start * g
    for k in range(max_iter):
        Hp = product(p)
        found = bend(k, p, Hp, d, g)
        if found is not None:
            return found
        rr = r @ r
        step = rr / (p @ Hp)
        d, r = d + step * p, r + step * Hp
        if close and r.norm() <= tol * g.norm():
            break
        p = -r + (r @ r) / rr * p
    return d


def divides_by_what_bends_down(product, g, tol, max_iter):
    return _solve(product, g, tol, max_iter)


def minus_g_wherever_it_bends(product, g, tol, max_iter):
    return _solve(product, g, tol, max_iter, lambda k, p, Hp, d, g: -g if p @ Hp <= 0 else None)


def never_stops(product, g, tol, max_iter):
    return _solve(product, g, tol, max_iter, close=False)


def uphill(product, g, tol, max_iter):
    return -_solve(product, g, tol, max_iter)


def steepest(product, g, tol, max_iter):
    d = 0 * g
    for _ in range(max_iter):
        r = product(d) + g
        d = d - (r @ r) / (r @ product(r)) * r
    return d


def spoils_g(product, g, tol, max_iter):
    d = _solve(product, g, tol, max_iter)
    g += product(d)
    return d


def with_its_residual(product, g, tol, max_iter):
    d = _solve(product, g, tol, max_iter)
    return d, product(d) + g


WRONG_ANSWERS = {
    "4-second-order/worst-share": [0.8, 0.36, 0.5, 0.25, 1.25],
    "4-second-order/how-many-steps": ["a", "c", "d"],
    "4-second-order/conjugate-to": [
        wrong_sign,
        at_right_angles,
        in_place,
        twice,
        beta_alone,
        without_g,
    ],
    "4-second-order/truncated-newton": [
        divides_by_what_bends_down,
        minus_g_wherever_it_bends,
        never_stops,
        uphill,
        steepest,
        spoils_g,
        with_its_residual,
    ],
}
