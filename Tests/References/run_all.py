"""Rewrites all reference files, or compares the committed ones with what the scripts give.

    python3 Tests/References/run_all.py [--check]

Given values, masks and counters must be equal bit for bit; computed ones up to the rounding of
another NumPy or processor (1e-12 of the largest magnitude in the array).
"""

import io
import sys

import numpy as np

import batch
import batch_variants
import blocks
import flows
import mixtures
import position
import power
import rows
import sample
import systems
import weights
from common import FOLDER, write

FAMILIES = (systems, power, batch, batch_variants, position, rows, sample, mixtures, blocks,
            weights, flows)


def difference(case):
    """What differs between the committed file and the case, or None."""
    path = FOLDER / f"{case.name}.npz"
    if not path.exists():
        return "is missing"
    fresh = case.archive()
    if path.read_bytes() == fresh:
        return None
    with np.load(path) as old, np.load(io.BytesIO(fresh)) as new:
        if old.files != new.files:
            return "holds other names"
        for name in new.files:
            a, b = old[name], new[name]
            if a.dtype != b.dtype or a.shape != b.shape:
                return f"{name} has another type or shape"
            if b.dtype == np.float64:
                bound = 1e-12 * np.max(np.abs(b), initial=1)
                if not np.all(np.abs(a - b) <= bound):
                    return f"{name} has other values"
            elif not np.array_equal(a, b):
                return f"{name} has other values"
    return None


def check():
    cases = [variant() for family in FAMILIES for variant in family.VARIANTS]
    names = {f"{case.name}.npz" for case in cases}
    assert len(names) == len(cases), "two variants have the same name"
    failures = [f"{case.name}.npz {text}" for case in cases if (text := difference(case))]
    strays = {path.name for path in FOLDER.glob("*.npz")} - names
    failures += [f"{name} comes from no script" for name in sorted(strays)]
    print("\n".join(failures) or f"all {len(cases)} reference files are what the scripts give")
    return 1 if failures else 0


def main():
    if sys.argv[1:] == ["--check"]:
        return check()
    for family in FAMILIES:
        write(family.VARIANTS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
