"""The template's own tests: they bake it and look at, or run, what came out."""
