"""The exercises of Part 3, First-order methods: one module a chapter, each with a tuple `EXERCISES`."""
