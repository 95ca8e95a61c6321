"""Plausible wrong answers to the exercises of *Data and networks*."""

import torch


def whole_batch(images, generator):
    return images.flip(-1) if torch.rand(1, generator=generator) < 0.5 else images.clone()


def upside_down(images, generator):
    mirrored = torch.rand(len(images), generator=generator) < 0.5
    return torch.where(mirrored[:, None, None, None], images.flip(-2), images)


def in_place(images, generator):
    mirrored = torch.rand(len(images), generator=generator) < 0.5
    images[mirrored] = images[mirrored].flip(-1)
    return images


def reorders(images, generator):
    mirrored = torch.rand(len(images), generator=generator) < 0.5
    return torch.cat([images[mirrored].flip(-1), images[~mirrored], images[:1]])


def mostly_mirrored(images, generator):
    mirrored = torch.rand(len(images), generator=generator) < 0.9
    return torch.where(mirrored[:, None, None, None], images.flip(-1), images)


def without_the_generator(images, generator):
    mirrored = torch.rand(len(images)) < 0.5
    return torch.where(mirrored[:, None, None, None], images.flip(-1), images)


WRONG_ANSWERS = {
    "6-project/conv-parameters": [153_600, 153_664, 2_496, 6_240, 30_816, 55_392],
    "6-project/versions-seen": [30, 162, 25.2, 134.5, 0.1695],
    "6-project/cheaper-network": ["a", "b", "d"],
    "6-project/flip": [
        *(whole_batch, upside_down, in_place),
        *(reorders, mostly_mirrored, without_the_generator),
    ],
}
