"""Plausible wrong answers to the exercises of *Inside the runs*."""

WRONG_ANSWERS = {
    "6-project/least-agreement": [97.0, 94.18, 6.0, 3.0],
    "6-project/paired-deviation": [1.4142, 0.2, 1.0488, 1.9494, 0.1],
}
