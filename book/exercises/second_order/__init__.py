"""The exercises of Part 4, Second-order methods: one module a chapter, each with a tuple `EXERCISES`."""
