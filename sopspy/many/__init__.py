"""Many files in one process: which files there are, and work on them side by side.

`walk` finds files, `pool` works on them, `outcome` is what became of each. Nothing here knows what the work is.
"""
