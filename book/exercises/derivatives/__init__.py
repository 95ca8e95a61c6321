"""The exercises of Part 2, Derivatives: one module a chapter, each with a tuple `EXERCISES`."""
