"""Writes a BERT sentence encoder down as an int8 ONNX file.

The graph takes the token ids of *one* text: dynamic quantization scales activations over everything in a
run, so the vector of a text would otherwise depend on its neighbours.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.errors import SettingsError

HEADS = 12
WIDTH = 384
HEAD_WIDTH = WIDTH // HEADS

WORDS = "embeddings.word_embeddings.weight"

Tensor = NDArray[np.float32]


@dataclass(frozen=True)
class Weights:
    """A trained encoder: tensors by their BERT names, how many layers, and the longest text in tokens.

    Without the tensor `WORDS` the graph takes one vector for each token instead of its id.
    """

    tensors: dict[str, Tensor]
    layers: int
    max_tokens: int


def write_onnx(weights: Weights, target: Path) -> None:
    """Quantize and write to `target`; two processes may do it at once, none reads half a file."""
    import onnx  # noqa: PLC0415 only a cold cache needs it
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix="encoder-") as folder:
            plain, small = Path(folder) / "fp32.onnx", Path(folder) / "int8.onnx"
            onnx.save(_Graph(weights).model(), plain)
            quantize_dynamic(
                plain,
                small,
                op_types_to_quantize=["MatMul", "Gather"],
                per_channel=True,
                weight_type=QuantType.QInt8,
                # 7-bit weights: on processors without VNNI the products of 8 bits saturate. It costs
                # MiniLM 0.002 of cosine to fp32 (0.991 instead of 0.993), and every machine agrees.
                reduce_range=True,
                extra_options={"MatMulConstBOnly": True},
            )
            small.replace(target)
    except OSError as error:
        raise SettingsError(
            f"cannot keep the model in {target.parent}: {error.strerror}; free space or set DATA_DIR"
        ) from error


class _Graph:
    """Collects nodes and weights of the BERT encoder while it is written down."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights.tensors
        self._layers = weights.layers
        self._max_tokens = weights.max_tokens
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}

    def model(self) -> Any:
        """Token ids [length] -> unit vector [384]: the encoder, mean pooling, L2 norm."""
        from onnx import TensorProto, checker, helper  # noqa: PLC0415

        state = self._embeddings()
        for layer in range(self._layers):
            state = self._layer(layer, state)
        mean = self._op("ReduceMean", state, self._ints("axis0", [0]), keepdims=0)
        length = self._op("ReduceL2", mean, self._ints("axis0", [0]), keepdims=1)
        self._op("Div", mean, length, out="vector")
        graph = helper.make_graph(
            self._nodes,
            "encoder",
            [
                helper.make_tensor_value_info("ids", TensorProto.INT64, ["length"])
                if WORDS in self._weights
                else helper.make_tensor_value_info("words", TensorProto.FLOAT, ["length", WIDTH])
            ],
            [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [WIDTH])],
            list(self._constants.values()),
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
        # Says the shape inference pass of the quantizer is not needed here (it would warn otherwise).
        helper.set_model_props(model, {"onnx.quant.pre_process": "onnxruntime.quant"})
        checker.check_model(model)
        return model

    def _embeddings(self) -> str:
        words = self._op("Gather", self._weight(WORDS), "ids") if WORDS in self._weights else "words"
        # One text has one segment, so its type vector is added to the positions once, here.
        positions = (
            self._weights["embeddings.position_embeddings.weight"][: self._max_tokens]
            + self._weights["embeddings.token_type_embeddings.weight"][0]
        )
        length = self._op("Shape", "ids" if WORDS in self._weights else "words", start=0, end=1)
        places = self._op(
            "Slice",
            self._floats("positions", positions),
            self._ints("zero", [0]),
            length,
            self._ints("axis0", [0]),
        )
        return self._norm("embeddings.LayerNorm", self._op("Add", words, places))

    def _layer(self, layer: int, state: str) -> str:
        at = f"encoder.layer.{layer}"
        mixed = self._attention(f"{at}.attention", state)
        state = self._norm(f"{at}.attention.output.LayerNorm", self._op("Add", mixed, state))
        wide = self._op("Gelu", self._dense(f"{at}.intermediate.dense", state))
        back = self._dense(f"{at}.output.dense", wide)
        return self._norm(f"{at}.output.LayerNorm", self._op("Add", back, state))

    def _attention(self, at: str, state: str) -> str:
        # One product for query, key and value; the query carries the 1/sqrt(width) of the scores.
        scale = np.float32(HEAD_WIDTH**-0.5)
        parts = [f"{at}.self.{name}" for name in ("query", "key", "value")]
        scales = (scale, np.float32(1), np.float32(1))
        weight = np.concatenate(
            [self._weights[f"{p}.weight"].T * s for p, s in zip(parts, scales, strict=True)], 1
        )
        bias = np.concatenate([self._weights[f"{p}.bias"] * s for p, s in zip(parts, scales, strict=True)])
        joined = self._op("MatMul", state, self._floats(f"{at}.qkv.weight", weight))
        joined = self._op("Add", joined, self._floats(f"{at}.qkv.bias", bias))
        split = self._op("Reshape", joined, self._ints("heads", [-1, 3, HEADS, HEAD_WIDTH]))
        query = self._pick(split, 0, [1, 0, 2])
        key = self._pick(split, 1, [1, 2, 0])
        value = self._pick(split, 2, [1, 0, 2])
        weights = self._op("Softmax", self._op("MatMul", query, key), axis=-1)
        context = self._op("Transpose", self._op("MatMul", weights, value), perm=[1, 0, 2])
        merged = self._op("Reshape", context, self._ints("merged", [-1, WIDTH]))
        return self._dense(f"{at}.output.dense", merged)

    def _pick(self, split: str, part: int, order: list[int]) -> str:
        chosen = self._op("Gather", split, self._scalar(f"part{part}", part), axis=1)
        return self._op("Transpose", chosen, perm=order)

    def _dense(self, name: str, state: str) -> str:
        weight = self._floats(f"{name}.weight.T", self._weights[f"{name}.weight"].T)
        return self._op("Add", self._op("MatMul", state, weight), self._weight(f"{name}.bias"))

    def _norm(self, name: str, state: str) -> str:
        scale, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self._op("LayerNormalization", state, scale, bias, axis=-1, epsilon=1e-12)

    def _op(self, kind: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        from onnx import helper  # noqa: PLC0415

        name = out or f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], name=f"n_{name}", **attributes))
        return name

    def _weight(self, name: str) -> str:
        return self._floats(name, self._weights[name])

    def _floats(self, name: str, values: Tensor) -> str:
        return self._constant(name, np.ascontiguousarray(values, dtype=np.float32))

    def _ints(self, name: str, values: list[int]) -> str:
        return self._constant(name, np.array(values, dtype=np.int64))

    def _scalar(self, name: str, value: int) -> str:
        return self._constant(name, np.array(value, dtype=np.int64))

    def _constant(self, name: str, values: NDArray[Any]) -> str:
        from onnx import numpy_helper  # noqa: PLC0415

        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(values, name)
        return name
