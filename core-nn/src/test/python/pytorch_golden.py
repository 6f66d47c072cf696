"""Writes pytorch-golden.json: what PyTorch computes for small models, in double precision.

Run:  python3 pytorch_golden.py > ../resources/dev/tributary/nn/pytorch-golden.json
The committed file is from PyTorch 1.13 (CPU, Debian 12).

Parameters are leaves in the layout of this project, so PyTorch's gradients come out in it too; the
layers permute them to what PyTorch takes.
"""
import json
import torch
import torch.nn.functional as F

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)


def leaf(*shape, scale=0.4):
    # Multiples of 2^-16, which float32 holds exactly.
    return (torch.round(torch.randn(*shape) * scale * 65536) / 65536).requires_grad_()


def features(*shape):
    return torch.round((2 * torch.rand(*shape) - 1) * 65536) / 65536


def flat(tensors):
    return [v for t in tensors for v in t.detach().reshape(-1).tolist()]


def conv(x, w, b, stride=1, padding=0, groups=1):
    y = F.conv2d(x.permute(0, 3, 1, 2), w.permute(3, 2, 0, 1), b, stride, padding, groups=groups)
    return y.permute(0, 2, 3, 1)


def pool(f, x, *a, **k):
    return f(x.permute(0, 3, 1, 2), *a, **k).permute(0, 2, 3, 1)


def dense(x, w, b):
    return x @ w + b


def lstm(x, w, u, b):
    n = u.shape[0]
    h = torch.zeros(1, x.shape[0], n)
    return torch._VF.lstm(x, (h, h), [w.t(), u.t(), b, torch.zeros_like(b)], True, 1, 0.0, False, False, True)[0]


def gru(x, w, u, b):
    n = u.shape[0]
    swap = torch.cat([torch.arange(n, 2 * n), torch.arange(n), torch.arange(2 * n, 3 * n)])
    h = torch.zeros(1, x.shape[0], n)
    weights = [w[:, swap].t(), u[:, swap].t(), b[0][swap], b[1][swap]]
    return torch._VF.gru(x, h, weights, True, 1, 0.0, False, False, True)[0]


def rnn(x, w, u, b):
    h = torch.zeros(1, x.shape[0], u.shape[0])
    weights = [w.t(), u.t(), b, torch.zeros_like(b)]
    return torch._VF.rnn_tanh(x, h, weights, True, 1, 0.0, False, False, True)[0]


def attention(x, w, b, pw, pb, heads, causal=False, padding=None):
    t = x.shape[1]
    mask = torch.triu(torch.ones(t, t, dtype=torch.bool), 1) if causal else None
    y, _ = F.multi_head_attention_forward(
        x.permute(1, 0, 2), x.permute(1, 0, 2), x.permute(1, 0, 2), x.shape[2], heads, w.t(), b,
        None, None, False, 0.0, pw.t(), pb, attn_mask=mask, key_padding_mask=padding, need_weights=False)
    return y.permute(1, 0, 2)


CASES = []


def case(name, shape, layers, params, forward, loss="sparse_categorical_crossentropy",
         rows=4, classes=3, tokens=0, optimizers=(("sgd", {}),)):
    x = torch.randint(0, tokens, (rows, *shape)).double() if tokens else features(rows, *shape)
    labels = torch.randint(0, classes, (rows,)) if classes > 1 else torch.zeros(rows, dtype=torch.long)
    targets = features(rows) if classes == 1 else labels.double()
    if loss == "binary_crossentropy" and classes == 1:
        targets = torch.randint(0, 2, (rows,)).double()
    out, mean = forward(x, labels, targets, params)

    grads = torch.autograd.grad(mean, params)
    entry = {
        "name": name,
        "model": {"input": list(shape), "layers": layers, "loss": loss},
        "rows": rows, "classes": classes,
        "features": flat([x]), "labels": labels.tolist(), "targets": targets.tolist(),
        "parameters": flat(params), "outputs": flat([out]), "loss": mean.item(), "gradient": flat(grads),
        "steps": [],
    }
    for opt, extra in optimizers:
        leaves = [p.detach().clone().requires_grad_() for p in params]
        lr = {"adagrad": 0.05, "rmsprop": 0.01, "adam": 0.01, "adamw": 0.01}.get(opt, 0.1)
        wd = extra.get("weightDecay", 0.01 if opt == "adamw" else 0)
        o = {"sgd": lambda: torch.optim.SGD(leaves, lr, momentum=extra.get("momentum", 0), weight_decay=wd),
             "nesterov": lambda: torch.optim.SGD(leaves, lr, momentum=0.9, weight_decay=wd, nesterov=True),
             "adam": lambda: torch.optim.Adam(leaves, lr),
             "adamw": lambda: torch.optim.AdamW(leaves, lr, weight_decay=wd),
             "rmsprop": lambda: torch.optim.RMSprop(leaves, lr, momentum=extra.get("momentum", 0), weight_decay=wd),
             "adagrad": lambda: torch.optim.Adagrad(leaves, lr, weight_decay=wd)}[opt]()
        for _ in range(5):
            o.zero_grad()
            forward(x, labels, targets, leaves)[1].backward()
            o.step()
        settings = {"learningRate": lr, **extra}
        entry["steps"].append({"optimizer": opt, "settings": settings, "parameters": flat(leaves)})
    CASES.append(entry)


def classify(net, **loss):
    def forward(x, labels, targets, p):
        z = net(x, p)
        return F.softmax(z, -1), F.cross_entropy(z, labels, **loss)
    return forward


SOFTMAX = {"dense": {"units": 3, "activation": "softmax"}}
ALL = (("sgd", {}), ("sgd", {"momentum": 0.9, "weightDecay": 0.01}), ("nesterov", {"weightDecay": 0.01}),
       ("adam", {}), ("adamw", {"weightDecay": 0.05}), ("rmsprop", {}), ("rmsprop", {"momentum": 0.5, "weightDecay": 0.01}),
       ("adagrad", {"weightDecay": 0.01}))

ACTIVATIONS = {"relu": F.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "leaky_relu": F.leaky_relu, "elu": F.elu,
               "softplus": F.softplus, "silu": F.silu, "gelu": F.gelu, "softmax": lambda z: F.softmax(z, -1)}
for name, f in ACTIVATIONS.items():
    case("dense " + name, (5,), [{"dense": {"units": 6, "activation": name}}, SOFTMAX],
         [leaf(5, 6), leaf(6), leaf(6, 3), leaf(3)],
         classify(lambda x, p, f=f: dense(f(dense(x, p[0], p[1])), p[2], p[3])),
         optimizers=ALL if name == "tanh" else (("sgd", {}),))

case("conv2d same, max pooling", (6, 5, 2),
     [{"conv2d": {"filters": 4, "kernelSize": 3, "padding": "same", "activation": "relu"}}, {"max_pooling2d": {}}, "flatten", SOFTMAX],
     [leaf(3, 3, 2, 4), leaf(4), leaf(24, 3), leaf(3)],
     classify(lambda x, p: dense(pool(F.max_pool2d, F.relu(conv(x, p[0], p[1], 1, 1)), 2).reshape(len(x), -1), p[2], p[3])),
     optimizers=(("sgd", {}), ("adam", {})))
case("conv2d strides and groups, average pooling", (7, 8, 2),
     [{"conv2d": {"filters": 4, "kernelSize": [3, 2], "strides": [2, 1], "groups": 2, "activation": "tanh"}},
      {"average_pooling2d": {"poolSize": [2, 3], "strides": [1, 2]}}, "flatten", SOFTMAX],
     [leaf(3, 2, 1, 4), leaf(4), leaf(24, 3), leaf(3)],
     classify(lambda x, p: dense(pool(F.avg_pool2d, torch.tanh(conv(x, p[0], p[1], (2, 1), 0, 2)), (2, 3), (1, 2)).reshape(len(x), -1), p[2], p[3])))
case("conv2d transpose", (3, 2, 2),
     [{"conv2d_transpose": {"filters": 3, "kernelSize": [3, 2], "strides": 2, "activation": "tanh"}}, "flatten", SOFTMAX],
     [leaf(3, 2, 3, 2), leaf(3), leaf(84, 3), leaf(3)],
     classify(lambda x, p: dense(torch.tanh(F.conv_transpose2d(x.permute(0, 3, 1, 2), p[0].permute(3, 2, 0, 1), p[1], 2)
                                            .permute(0, 2, 3, 1)).reshape(len(x), -1), p[2], p[3])))
case("group normalization", (4, 3, 2),
     [{"conv2d": {"filters": 4, "kernelSize": 2}}, {"group_normalization": {"groups": 2}}, "flatten", SOFTMAX],
     [leaf(2, 2, 2, 4), leaf(4), leaf(4), leaf(4), leaf(24, 3), leaf(3)],
     classify(lambda x, p: dense(F.group_norm(conv(x, p[0], p[1]).permute(0, 3, 1, 2), 2, p[2], p[3]).permute(0, 2, 3, 1)
                                 .reshape(len(x), -1), p[4], p[5])))
case("layer normalization", (5,), [{"dense": {"units": 6}}, "layer_normalization", SOFTMAX],
     [leaf(5, 6), leaf(6), leaf(6), leaf(6), leaf(6, 3), leaf(3)],
     classify(lambda x, p: dense(F.layer_norm(dense(x, p[0], p[1]), (6,), p[2], p[3]), p[4], p[5])))
case("residual", (6,), [{"residual": {"layers": [{"dense": {"units": 6, "activation": "tanh"}}]}}, SOFTMAX],
     [leaf(6, 6), leaf(6), leaf(6, 3), leaf(3)],
     classify(lambda x, p: dense(x + torch.tanh(dense(x, p[0], p[1])), p[2], p[3])))
for kind, cell, gates in (("lstm", lstm, 4), ("gru", gru, 3), ("simple_rnn", rnn, 1)):
    bias = (lambda n, g: leaf(2, g * n)) if kind == "gru" else (lambda n, g: leaf(g * n))
    case(kind, (6, 3), [{kind: {"units": 4, "returnSequences": True}}, {kind: {"units": 5}}, SOFTMAX],
         [leaf(3, 4 * gates), leaf(4, 4 * gates), bias(4, gates), leaf(4, 5 * gates), leaf(5, 5 * gates), bias(5, gates), leaf(5, 3), leaf(3)],
         classify(lambda x, p, cell=cell: dense(cell(cell(x, p[0], p[1], p[2]), p[3], p[4], p[5])[:, -1], p[6], p[7])),
         optimizers=(("sgd", {}), ("adam", {})))
case("causal attention", (5, 6), [{"multi_head_attention": {"numHeads": 2, "causal": True}}, "flatten", SOFTMAX],
     [leaf(6, 18), leaf(18), leaf(6, 6), leaf(6), leaf(30, 3), leaf(3)],
     classify(lambda x, p: dense(attention(x, *p[:4], 2, True).reshape(len(x), -1), p[4], p[5])))


def masked(x, p):
    ids = x.long()
    ids[:, 0] = torch.clamp(ids[:, 0], min=1)  # every row has a token
    return dense(attention(p[0][ids], *p[1:5], 2, False, ids == 0).reshape(len(x), -1), p[5], p[6])


def masked_forward(x, labels, targets, p):
    x[:, 0] = torch.clamp(x[:, 0], min=1)
    z = masked(x, p)
    return F.softmax(z, -1), F.cross_entropy(z, labels)


case("attention that does not see padding", (5,),
     [{"embedding": {"inputDim": 4, "outputDim": 6, "maskZero": True}}, {"multi_head_attention": {"numHeads": 2}}, "flatten", SOFTMAX],
     [leaf(4, 6), leaf(6, 18), leaf(18), leaf(6, 6), leaf(6), leaf(30, 3), leaf(3)], masked_forward, tokens=4)


def next_token(x, labels, targets, p):
    z = dense(p[0][x.long()] + p[1], p[2], p[3])
    wanted = torch.cat([x[:, 1:].long(), labels[:, None]], 1)
    return F.softmax(z, -1), F.cross_entropy(z.reshape(-1, 4), wanted.reshape(-1))


case("embedding, learned positions, next token", (5,),
     [{"embedding": {"inputDim": 4, "outputDim": 3}}, "positional_encoding", {"dense": {"units": 4, "activation": "softmax"}}],
     [leaf(4, 3), leaf(5, 3), leaf(3, 4), leaf(4)], next_token, loss="next_token", classes=4, tokens=4)


WEIGHTS = torch.tensor([1.0, 0.25, 2.0])


def regression(f, activation=lambda z: z):
    def forward(x, labels, targets, p):
        z = dense(torch.tanh(dense(x, p[0], p[1])), p[2], p[3])
        t = targets[:, None] if z.shape[1] == 1 else F.one_hot(labels, z.shape[1]).double()
        return activation(z), f(z, t)
    return forward


def smooth(x, labels, targets, p):
    z = dense(torch.tanh(dense(x, p[0], p[1])), p[2], p[3])
    return F.softmax(z, -1), F.cross_entropy(z, labels, label_smoothing=0.2)


def weighted(x, labels, targets, p):
    z = dense(torch.tanh(dense(x, p[0], p[1])), p[2], p[3])
    return F.softmax(z, -1), (WEIGHTS[labels] * F.cross_entropy(z, labels, reduction="none")).mean()


HIDDEN = {"dense": {"units": 6, "activation": "tanh"}}
for name, loss, units, last, forward in (
        ("squared error", "squared_error", 1, "linear", regression(F.mse_loss)),
        ("absolute error", "absolute_error", 3, "linear", regression(F.l1_loss)),
        ("huber", {"huber": {"delta": 0.5}}, 3, "linear", regression(lambda z, t: F.huber_loss(z, t, delta=0.5))),
        ("binary cross-entropy", "binary_crossentropy", 1, "sigmoid", regression(F.binary_cross_entropy_with_logits, torch.sigmoid)),
        ("label smoothing", {"sparse_categorical_crossentropy": {"labelSmoothing": 0.2}}, 3, "softmax", smooth),
        ("class weights", {"categorical_crossentropy": {"classWeights": WEIGHTS.tolist()}}, 3, "softmax", weighted)):
    case(name, (5,), [HIDDEN, {"dense": {"units": units, "activation": last}}],
         [leaf(5, 6), leaf(6), leaf(6, units), leaf(units)], forward, loss=loss, classes=units)


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list):
        return [rounded(v) for v in value]
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return value


print("[\n" + ",\n".join(json.dumps(rounded(c), separators=(",", ":")) for c in CASES) + "\n]")
