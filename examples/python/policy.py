"""A policy file of LazyBench: reading, acting, writing."""
import json

import numpy
from safetensors import safe_open
from safetensors.numpy import save_file


class Policy:
    def __init__(self, path):
        with safe_open(path, "numpy") as file:
            self.about = json.loads(file.metadata()["lazybench"])
            self.tensors = {name: file.get_tensor(name) for name in file.keys()}

    def __call__(self, observation, low, high):
        """The mean action, within the control limits."""
        t = self.tensors
        x = (observation.astype("float32") - t["normalizer.mean"]) * t["normalizer.scale"]
        for layer in range(self.about["hidden"] + 1):
            x = t[f"layers.{layer}.weight"][0] @ x + t[f"layers.{layer}.bias"][0]
            if layer < self.about["hidden"]:
                x = numpy.maximum(x, 0)
        mean = x[: len(x) // 2]  # the other half: log standard deviations
        return (low + high) / 2 + (high - low) / 2 * numpy.tanh(mean)


def export(path, layers, mean, scale, task, task_hash):
    """layers: [(weight (out, in), bias (out,)), ...] of ReLU layers; the last has means, then log standard deviations."""
    tensors = {"normalizer.mean": mean, "normalizer.scale": scale}
    for i, (weight, bias) in enumerate(layers):
        tensors |= {f"layers.{i}.weight": weight[None], f"layers.{i}.bias": bias[None]}
    width, inputs = layers[0][0].shape
    about = {"format": 1, "kind": "policy", "task": task, "task_hash": task_hash, "members": 1, "inputs": inputs,
             "outputs": len(layers[-1][1]), "hidden": len(layers) - 1, "width": width, "activation": "relu",
             "normalized": True, "provenance": {"made_by": "examples/python/policy.py"}}
    tensors = {name: numpy.ascontiguousarray(a, "float32") for name, a in tensors.items()}
    save_file(tensors, path, metadata={"lazybench": json.dumps(about)})
