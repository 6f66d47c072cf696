"""The Python side of `tributary bench privacy`: dp_accounting and NumPy, one thread.

Reads lines, answers each with seconds of processor time and a number:
  "normal COUNT"                     NumPy's standard_normal; the last number drawn
  "rdp RATE NOISE STEPS DELTA"       epsilon of a Poisson-sampled Gaussian by RDP
  "pld RATE NOISE STEPS DELTA GRID"  the same by its loss distribution, both directions
Its first line says which versions run.
"""
import platform
import sys
import time
from importlib.metadata import version

import numpy as np
from dp_accounting import dp_event
from dp_accounting.pld import PLDAccountant
from dp_accounting.rdp import RdpAccountant

print(
    f"dp_accounting {version('dp-accounting')}, NumPy {np.__version__},"
    f" Python {platform.python_version()}",
    flush=True,
)
generator = np.random.default_rng(1)


def epsilon(accountant, rate, noise, steps, delta):
    event = dp_event.PoissonSampledDpEvent(rate, dp_event.GaussianDpEvent(noise))
    return accountant.compose(event, steps).get_epsilon(delta)


for line in sys.stdin:
    what, *words = line.split()
    numbers = [float(word) for word in words]
    start = time.process_time()
    if what == "normal":
        value = generator.standard_normal(int(numbers[0]))[-1]
    elif what == "rdp":
        value = epsilon(RdpAccountant(), *numbers[:2], int(numbers[2]), numbers[3])
    else:
        accountant = PLDAccountant(value_discretization_interval=numbers[4])
        value = epsilon(accountant, *numbers[:2], int(numbers[2]), numbers[3])
    print(time.process_time() - start, value, flush=True)
