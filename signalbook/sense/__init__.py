"""What the system understands: one question a module, each a pure function of its arguments.

No file, no clock, no network; thresholds are arguments whose defaults were measured, and each module says by which data.
"""
