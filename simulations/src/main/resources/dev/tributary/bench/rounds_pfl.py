"""pfl-research's side of `tributary bench simulation`: the same rounds in its simulator, one process.

For each line "MODEL USERS POINTS COHORT ROUNDS" that comes in, a line goes out: seconds of the clock, seconds of
processor time and, of these, seconds in steps of SGD. The first line names the versions.
"""
import logging
import os
import platform
import sys
import time
import warnings
from importlib.metadata import version

import numpy as np
import torch
from pfl.aggregate.simulate import SimulatedBackend
from pfl.algorithm.base import NNAlgorithmParams
from pfl.algorithm.federated_averaging import FederatedAveraging
from pfl.callback.base import TrainingProcessCallback
from pfl.data.dataset import Dataset
from pfl.data.federated_dataset import FederatedDataset
from pfl.data.sampling import get_user_sampler
from pfl.hyperparam.base import NNEvalHyperParams, NNTrainHyperParams
from pfl.metrics import Metrics, Weighted
from pfl.model.pytorch import PyTorchModel

WARM_UP = 5
ROWS = 12000

logging.disable(logging.WARNING)
warnings.simplefilter("ignore")
answers = os.fdopen(os.dup(1), "w")
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what its callbacks print is no answer
torch.set_num_threads(1)
print(
    f"pfl {version('pfl')}, PyTorch {torch.__version__}, Python {platform.python_version()}",
    file=answers, flush=True)


class Net(torch.nn.Module):
    def __init__(self, shape):
        super().__init__()
        if shape == "cnn":
            layers = [
                torch.nn.Conv2d(1, 32, 3), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
                torch.nn.Conv2d(32, 64, 3), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
                torch.nn.Flatten(), torch.nn.Linear(1600, 10),
            ]
        else:
            layers = [torch.nn.Flatten(), torch.nn.Linear(784, 10)]
        self.layers = torch.nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)

    def loss(self, x, y, is_eval=False):
        return torch.nn.functional.cross_entropy(self(x), y)

    def metrics(self, x, y, is_eval=True):
        return {"loss": Weighted(self.loss(x, y).item() * len(y), len(y))}


class Timed(PyTorchModel):
    """Adds up the processor time of each step."""

    steps = 0.0

    def do_multiple_epochs_of(self, user_dataset, train_params, train_step_fn, **kwargs):
        def step(*args, **keywords):
            begin = time.thread_time()
            train_step_fn(*args, **keywords)
            Timed.steps += time.thread_time() - begin

        return super().do_multiple_epochs_of(user_dataset, train_params, step, **kwargs)


class Rounds(TrainingProcessCallback):
    """Takes the time from the end of the rounds that warm up."""

    begin = None
    end = None

    def after_central_iteration(self, aggregate_metrics, model, *, central_iteration):
        now = (time.perf_counter(), time.process_time(), Timed.steps)
        if central_iteration == WARM_UP - 1:
            self.begin = now
        self.end = now
        return False, Metrics()


def rounds(shape, users, points, cohort, count):
    generator = np.random.default_rng(1)
    pixels = torch.tensor(generator.random((ROWS, 1, 28, 28), dtype=np.float32))
    labels = torch.tensor(generator.integers(0, 10, ROWS))

    def user(i):
        rows = (np.arange(points) + i * points) % ROWS
        return Dataset([pixels[rows], labels[rows]])

    data = FederatedDataset(user, get_user_sampler("random", list(range(users))))
    net = Net(shape)
    model = Timed(net, torch.optim.SGD, torch.optim.SGD(net.parameters(), lr=1.0))
    watch = Rounds()
    FederatedAveraging().run(
        NNAlgorithmParams(
            central_num_iterations=WARM_UP + count, evaluation_frequency=10**6, train_cohort_size=cohort,
            val_cohort_size=0),
        SimulatedBackend(training_data=data, val_data=data),
        model,
        NNTrainHyperParams(local_num_epochs=1, local_learning_rate=0.05, local_batch_size=10),
        NNEvalHyperParams(local_batch_size=10),
        callbacks=[watch])
    return [end - begin for begin, end in zip(watch.begin, watch.end)]


for line in sys.stdin:
    shape, *numbers = line.split()
    print(*rounds(shape, *map(int, numbers)), file=answers, flush=True)
