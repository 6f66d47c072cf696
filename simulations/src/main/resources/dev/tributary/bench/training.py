"""PyTorch's side of `tributary bench training`: one thread, float32, SGD.

Reads lines "CASE SECONDS", trains that case for about that long, answers "STEPS SECONDS", the latter
of processor time. Its first line says which versions run.
"""
import platform
import sys
import time

import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(1)


class ToChannelsFirst(nn.Module):
    def forward(self, x):
        return x.view(-1, 1, 28, 28)


def mlp():
    return nn.Sequential(
        nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)
    )


def cnn():
    return nn.Sequential(
        ToChannelsFirst(),
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10),
    )


def wide():
    return nn.Sequential(
        nn.Linear(784, 1024), nn.ReLU(), nn.Linear(1024, 1024), nn.ReLU(), nn.Linear(1024, 10)
    )


def leaf():
    return nn.Sequential(
        ToChannelsFirst(),
        nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 2048), nn.ReLU(), nn.Linear(2048, 62),
    )


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.cells = nn.LSTM(128, 128, batch_first=True)
        self.out = nn.Linear(128, 10)

    def forward(self, x):
        states, _ = self.cells(x.view(-1, 64, 128))
        return self.out(states[:, -1])


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.LayerNorm(128)
        self.attention = nn.MultiheadAttention(128, 4, batch_first=True)
        self.second = nn.LayerNorm(128)
        self.wide = nn.Sequential(nn.Linear(128, 512), nn.GELU(), nn.Linear(512, 128))
        self.out = nn.Linear(64 * 128, 10)

    def forward(self, x):
        x = x.view(-1, 64, 128)
        y = self.first(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        x = x + self.wide(self.second(x))
        return self.out(x.flatten(1))


CASES = {
    "mlp-32": (mlp, 784, 10, 32, 320),
    "mlp-256": (mlp, 784, 10, 256, 1024),
    "logistic-32": (lambda: nn.Linear(100, 2), 100, 2, 32, 320),
    "cnn-32": (cnn, 784, 10, 32, 96),
    "wide-32": (wide, 784, 10, 32, 320),
    "leaf-32": (leaf, 784, 62, 32, 96),
    "lstm-32": (Lstm, 64 * 128, 10, 32, 96),
    "transformer-16": (Transformer, 64 * 128, 10, 16, 48),
}


class Trainer:
    def __init__(self, case):
        make, inputs, classes, self.batch, rows = CASES[case]
        self.model = make()
        self.features = torch.rand(rows, inputs)
        self.labels = torch.randint(classes, (rows,))
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01)
        self.loss = nn.CrossEntropyLoss()

    def epoch(self):
        order = torch.randperm(len(self.labels))
        for rows in order.split(self.batch):
            self.optimizer.zero_grad()
            self.loss(self.model(self.features[rows]), self.labels[rows]).backward()
            self.optimizer.step()
        return -(-len(order) // self.batch)


print(f"PyTorch {torch.__version__}, Python {platform.python_version()}", flush=True)
trainers = {}
for line in sys.stdin:
    case, seconds = line.split()
    if case not in trainers:
        trainers[case] = Trainer(case)
    trainer = trainers[case]
    steps, start, spent = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - start < float(seconds):
        steps += trainer.epoch()
    print(steps, time.process_time() - spent, flush=True)
