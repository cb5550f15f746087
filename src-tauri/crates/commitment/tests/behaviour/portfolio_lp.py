"""The joint portfolio of a small case as one linear programme, solved by scipy (HiGHS): written from the formulas, not from the engine.

Reads a JSON problem from standard input: `lines` (on-demand cost by step), `paths` ([probability, factor]), `plans` ([[line, capacity], ...] each at a
price of 1 a unit and step), `weight` and `level` of risk. Prints the least of expected cost + weight x CVaR, and what is bought.
"""

import json
import sys

import numpy
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

problem = json.load(sys.stdin)
lines, paths, plans = problem["lines"], problem["paths"], problem["plans"]
steps = len(lines[0])

names = {}


def variable(*name):
    return names.setdefault(name, len(names))


rows, limits = [], []


def at_most(row, limit):
    rows.append(row)
    limits.append(limit)


for plan in range(len(plans)):
    variable("bought", plan)
for number, (probability, factor) in enumerate(paths):
    # z >= cost - eta, cost = steps x bought + what stays on demand
    tail = {variable("above", number): -1.0, variable("eta"): -1.0}
    for plan in range(len(plans)):
        tail[variable("bought", plan)] = float(steps)
    for step in range(steps):
        for line, usage in enumerate(lines):
            left = variable("left", number, step, line)
            tail[left] = 1.0
            # left >= usage - covered
            row = {left: -1.0}
            for plan, rates in enumerate(plans):
                if any(rate_line == line for rate_line, _ in rates):
                    row[variable("covered", number, step, line, plan)] = -1.0
            at_most(row, -usage[step] * factor)
        for plan, rates in enumerate(plans):
            row = {variable("bought", plan): -1.0}
            for line, capacity in rates:
                row[variable("covered", number, step, line, plan)] = capacity
            at_most(row, 0.0)
    at_most(tail, 0.0)

cost = numpy.zeros(len(names))
weight, level = problem["weight"], problem["level"]
cost[variable("eta")] = weight
for number, (probability, _) in enumerate(paths):
    cost[variable("above", number)] = weight * probability / (1.0 - level)
    for step in range(steps):
        for line in range(len(lines)):
            cost[variable("left", number, step, line)] = probability
for plan in range(len(plans)):
    cost[variable("bought", plan)] = steps

data = [(row, column, value) for row, entries in enumerate(rows) for column, value in entries.items()]
matrix = csr_matrix(([entry[2] for entry in data], ([entry[0] for entry in data], [entry[1] for entry in data])), shape=(len(rows), len(names)))
bounds = [(0, None)] * len(names)
bounds[variable("eta")] = (None, None)
solution = linprog(cost, A_ub=matrix, b_ub=limits, bounds=bounds, method="highs")
if not solution.success:
    sys.exit(solution.message)
json.dump({"objective": solution.fun, "bought": [solution.x[variable("bought", plan)] for plan in range(len(plans))]}, sys.stdout)
