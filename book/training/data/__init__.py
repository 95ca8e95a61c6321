"""MNIST and CIFAR-10: the sample that ships, the full sets, batches of them."""
