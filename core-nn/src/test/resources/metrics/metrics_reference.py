"""Writes metrics-reference.csv beside this script: measures of seeded data by scikit-learn.

pip install numpy scikit-learn; python metrics_reference.py
Columns: kind, rows, classes, truth and outputs (space-separated), then name=value pairs.
"""
import pathlib
import numpy as np
from sklearn import metrics as m

def ece(p, y, bins=15):
    conf, answer = p.max(1).astype(np.float64), p.argmax(1)
    edges = np.linspace(0, 1, bins + 1)
    total = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (conf > low) & (conf <= high)
        if inside.any():
            total += inside.mean() * abs((answer[inside] == y[inside]).mean() - conf[inside].mean())
    return total

def line(kind, classes, y, outputs, values):
    text = " ".join(repr(float(v)) if kind == "numbers" else str(int(v)) for v in y)
    out = " ".join(np.format_float_positional(v, unique=True) for v in outputs.ravel())
    pairs = ",".join(f"{k}={float(v)!r}" for k, v in values.items())
    return f"{kind},{len(y)},{classes},{text},{out},{pairs}"

rng = np.random.default_rng(5)
lines = []
for classes in (2, 3, 6):
    n = 40
    y = rng.integers(0, classes, n)
    logits = rng.normal(size=(n, classes)) + 1.5 * np.eye(classes)[y] * rng.random((n, 1)) * 2
    p = np.exp(logits).astype(np.float32)
    p /= p.sum(1, keepdims=True)
    p = np.round(p, 2).astype(np.float32)  # makes ties
    p[:, -1] = np.maximum(1 - p[:, :-1].sum(1), 0.01).astype(np.float32)
    p = np.maximum(p, np.float32(0.01))
    answer = p.argmax(1)
    average = dict(average="binary") if classes == 2 else dict(average="macro", zero_division=0)
    auc = np.mean([m.roc_auc_score(y == c, p[:, c]) for c in range(classes)])
    stable = np.argsort(-p, axis=1, kind="stable")
    lines.append(line("classes", classes, y, p, {
        "accuracy": m.accuracy_score(y, answer),
        "top_3": np.mean([y[i] in stable[i][:3] for i in range(n)]),
        "precision": m.precision_score(y, answer, **average),
        "recall": m.recall_score(y, answer, **average),
        "f1": m.f1_score(y, answer, **average),
        "auc": auc,
        "calibration_error": ece(p, y),
        "perplexity": np.exp(-np.mean(np.log(p[np.arange(n), y].astype(np.float64)))),
    }))
y = np.round(rng.normal(size=30), 3).astype(np.float32)
p = np.round(y + 0.3 * rng.normal(size=30), 3).astype(np.float32)
lines.append(line("numbers", 0, y, p, {
    "rmse": m.root_mean_squared_error(y.astype(float), p.astype(float)),
    "mae": m.mean_absolute_error(y.astype(float), p.astype(float)),
    "r2": m.r2_score(y.astype(float), p.astype(float)),
}))
pathlib.Path(__file__).with_name("metrics-reference.csv").write_text("\n".join(lines) + "\n")
