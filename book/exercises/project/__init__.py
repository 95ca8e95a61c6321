"""The exercises of Part 6, The project: one module a chapter, each with a tuple `EXERCISES`."""
