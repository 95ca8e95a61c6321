"""Descent: the library that the chapters import."""

__version__ = "0.1.0"
