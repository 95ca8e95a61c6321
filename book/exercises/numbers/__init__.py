"""The exercises of Part 1, Numbers: one module a chapter, each with a tuple `EXERCISES`."""
