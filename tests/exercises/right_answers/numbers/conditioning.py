"""Other right answers to the exercises of *Conditioning*, by kind."""

import math
import statistics

import numpy as np
import torch


def by_var_mean(X):
    variance, mean = torch.var_mean(X, dim=0, keepdim=True)
    return (X - mean) * torch.where(variance == 0, 0, variance.rsqrt())


def by_numpy(X):
    X = X.numpy()
    deviation = X.std(axis=0, ddof=1)
    return np.divide(X - X.mean(axis=0), deviation, out=np.zeros_like(X), where=deviation > 0)


def column(values):
    mean, deviation = math.fsum(values) / len(values), statistics.stdev(values)
    return [(value - mean) / (deviation or 1.0) for value in values]


def by_columns(X):
    return list(zip(*map(column, X.T.tolist()), strict=True))


RIGHT_ANSWERS = {
    "1-numbers/standardise": {"torch": by_var_mean, "numpy": by_numpy, "python": by_columns},
}
