"""Flower's side of `tributary bench simulation`: the same rounds in its simulation engine.

For each line "MODEL USERS POINTS COHORT ROUNDS" that comes in, a line goes out: seconds of the clock, seconds of
processor time of all its processes and, of these, seconds in the clients' steps of SGD. The first line names the
versions. One worker; further ones would only overlap.
"""
import logging
import os
import platform
import sys
import time
import types
import warnings
from importlib.metadata import version

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["FLWR_TELEMETRY_ENABLED"] = "0"
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import torch
from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid, ServerApp
from flwr.serverapp.strategy import FedAvg
from flwr.simulation import run_simulation

WARM_UP = 3
ROWS = 12000

logging.disable(logging.WARNING)
warnings.simplefilter("ignore")
answers = os.fdopen(os.dup(1), "w")
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what its processes print is no answer
torch.set_num_threads(1)
print(
    f"Flower {version('flwr')}, Ray {version('ray')}, PyTorch {torch.__version__}, Python {platform.python_version()}",
    file=answers, flush=True)


def network(shape):
    if shape == "cnn":
        return torch.nn.Sequential(
            torch.nn.Conv2d(1, 32, 3), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
            torch.nn.Conv2d(32, 64, 3), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
            torch.nn.Flatten(), torch.nn.Linear(1600, 10))
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10))


def processor_seconds():
    """Of this process and of all that it started."""
    ticks, parents = {}, {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        parents[pid], ticks[pid] = fields[1], int(fields[11]) + int(fields[12])
    total, todo = 0, [str(os.getpid())]
    while todo:
        pid = todo.pop()
        total += ticks.get(pid, 0)
        todo += [child for child, parent in parents.items() if parent == pid]
    return total / os.sysconf("SC_CLK_TCK")


def rounds(shape, users, points, cohort, count):
    client_app = ClientApp()

    @client_app.train()
    def train(message: Message, context: Context):
        # A worker makes data and network once.
        kept = sys.modules.setdefault("_rounds_kept", types.ModuleType("_rounds_kept"))
        if getattr(kept, "shape", None) != shape:
            torch.set_num_threads(1)
            generator = np.random.default_rng(1)
            kept.pixels = torch.tensor(generator.random((ROWS, 1, 28, 28), dtype=np.float32))
            kept.labels = torch.tensor(generator.integers(0, 10, ROWS))
            kept.net = network(shape)
            kept.shape = shape
        rows = (np.arange(points) + int(context.node_config["partition-id"]) * points) % ROWS
        pixels, labels, net = kept.pixels[rows], kept.labels[rows], kept.net
        net.load_state_dict(message.content["arrays"].to_torch_state_dict())
        optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
        begin = time.thread_time()
        for first in range(0, points, 10):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(
                net(pixels[first:first + 10]), labels[first:first + 10]).backward()
            optimizer.step()
        steps = time.thread_time() - begin
        content = RecordDict({
            "arrays": ArrayRecord(net.state_dict()),
            "metrics": MetricRecord({"steps": steps, "num-examples": points}),
        })
        return Message(content=content, reply_to=message)

    server_app = ServerApp()
    ends, results = [], []

    def ended(server_round, arrays):
        ends.append((time.perf_counter(), processor_seconds()))

    @server_app.main()
    def main(grid: Grid, context: Context):
        strategy = FedAvg(
            fraction_train=cohort / users, fraction_evaluate=0.0, min_train_nodes=cohort, min_available_nodes=users)
        results.append(strategy.start(
            grid=grid, initial_arrays=ArrayRecord(network(shape).state_dict()), num_rounds=WARM_UP + count,
            evaluate_fn=ended))

    run_simulation(
        server_app, client_app, num_supernodes=users,
        backend_config={"init_args": {"num_cpus": 1, "log_to_driver": False}, "client_resources": {"num_cpus": 1, "num_gpus": 0.0}})
    metrics = results[0].train_metrics_clientapp
    steps = cohort * sum(metrics[WARM_UP + i + 1]["steps"] for i in range(count))
    # The first end is that of round 0, which only evaluates.
    begin, end = ends[WARM_UP], ends[-1]
    return [end[0] - begin[0], end[1] - begin[1], steps]


for line in sys.stdin:
    shape, *numbers = line.split()
    print(*rounds(shape, *map(int, numbers)), file=answers, flush=True)
