"""Writes a BERT sentence encoder with two ends down as an int8 ONNX file.

The first layers are shared; the last ones are there twice, as published and as tuned to the talk of shops,
so one pass gives both vectors. The graph takes the tokens of *one* text: dynamic quantization scales
activations over everything in a run, so the vector of a text would otherwise depend on its neighbours.
"""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shared.errors import SettingsError

if TYPE_CHECKING:
    import onnxruntime

HEADS = 12
WIDTH = 384
HEAD_WIDTH = WIDTH // HEADS

_WEIGHTS = ".weights"

Tensor = NDArray[np.float32]


@dataclass(frozen=True)
class Weights:
    """A trained encoder: tensors by their BERT names, how many layers, and the longest text in tokens.

    `tuned` holds the matrices that differ at the second end; its layers begin with the first of them.
    """

    tensors: Mapping[str, Tensor]
    tuned: Mapping[str, Tensor]
    layers: int
    max_tokens: int

    @property
    def fork(self) -> int:
        """The layer from which on there are two."""
        return min((int(name.split(".")[2]) for name in self.tuned), default=self.layers)


def write_onnx(weights: Weights, target: Path) -> None:
    """Quantize and write to `target`; two processes may do it at once, none reads half a file.

    What is written is ready to run: the runtime rearranges nothing when it opens the file, and reads the
    weights from `target` with the ending `.weights`, which spares 25 of 80 MB.
    """
    import onnx  # noqa: PLC0415 only a cold cache needs it
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix="encoder-") as folder:
            plain, small, ready = (Path(folder) / name for name in ("fp32.onnx", "int8.onnx", target.name))
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
            _make_ready(small, ready)
            ready.with_suffix(_WEIGHTS).replace(target.with_suffix(_WEIGHTS))
            ready.replace(target)
    except OSError as error:
        raise SettingsError(
            f"cannot keep the model in {target.parent}: {error.strerror}; free space or set DATA_DIR"
        ) from error


def _make_ready(model: Path, ready: Path) -> None:
    import onnxruntime  # noqa: PLC0415

    options = _options()
    options.optimized_model_filepath = str(ready)
    # https://onnxruntime.ai/docs/performance/model-optimizations/graph-optimizations.html, "offline mode"
    entry = "session.optimized_model_external_initializers"
    options.add_session_config_entry(f"{entry}_file_name", ready.with_suffix(_WEIGHTS).name)
    options.add_session_config_entry(f"{entry}_min_size_in_bytes", "1024")
    onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def open_session(graph: Path, weights: Callable[[], Weights]) -> "onnxruntime.InferenceSession":
    """The encoder of this file on one thread, built when it is not there yet (about 10 seconds)."""
    import onnxruntime  # noqa: PLC0415 importing these two takes half a second
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    # Products of one message are too small to share out: several BLAS threads made a turn's p95 50 ms for 20.
    threadpool_limits(limits=1, user_api="blas")
    if not (graph.exists() and graph.with_suffix(_WEIGHTS).exists()):
        write_onnx(weights(), graph)
    return onnxruntime.InferenceSession(str(graph), _options(), providers=["CPUExecutionProvider"])


def _options() -> "onnxruntime.SessionOptions":
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # messages come many at a time: threads belong to them, not to one
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return options


class _Graph:
    """Collects nodes and weights of the BERT encoder while it is written down."""

    def __init__(self, weights: Weights) -> None:
        self._all = weights
        self._tensors = dict(weights.tensors)
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}

    def model(self) -> Any:
        """Word vectors [length, 384] -> two unit vectors [2, 384]: as published, as tuned."""
        from onnx import TensorProto, checker, helper  # noqa: PLC0415

        fork, layers = self._all.fork, self._all.layers
        shared = self._layers(range(fork), self._embeddings())
        general = self._pooled(self._layers(range(fork, layers), shared))
        self._tensors |= {f"tuned.{name}": tensor for name, tensor in self._all.tuned.items()}
        tuned = self._pooled(self._layers(range(fork, layers), shared, "tuned."))
        self._op("Concat", general, tuned, out="vectors", axis=0)
        graph = helper.make_graph(
            self._nodes,
            "encoder",
            [helper.make_tensor_value_info("words", TensorProto.FLOAT, ["length", WIDTH])],
            [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, [2, WIDTH])],
            list(self._constants.values()),
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
        # Says the shape inference pass of the quantizer is not needed here (it would warn otherwise).
        helper.set_model_props(model, {"onnx.quant.pre_process": "onnxruntime.quant"})
        checker.check_model(model)
        return model

    def _pooled(self, state: str) -> str:
        mean = self._op("ReduceMean", state, self._ints("axis0", [0]), keepdims=1)
        return self._op("Div", mean, self._op("ReduceL2", mean, self._ints("axis1", [1]), keepdims=1))

    def _embeddings(self) -> str:
        # One text has one segment, so its type vector is added to the positions once, here.
        positions = (
            self._tensors["embeddings.position_embeddings.weight"][: self._all.max_tokens]
            + self._tensors["embeddings.token_type_embeddings.weight"][0]
        )
        length = self._op("Shape", "words", start=0, end=1)
        places = self._op(
            "Slice",
            self._floats("positions", positions),
            self._ints("zero", [0]),
            length,
            self._ints("axis0", [0]),
        )
        return self._norm("embeddings.LayerNorm", self._op("Add", "words", places))

    def _layers(self, numbers: range, state: str, end: str = "") -> str:
        for number in numbers:
            state = self._layer(f"{end}encoder.layer.{number}", state)
        return state

    def _layer(self, at: str, state: str) -> str:
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
            [self._tensor(f"{p}.weight").T * s for p, s in zip(parts, scales, strict=True)], 1
        )
        bias = np.concatenate([self._tensor(f"{p}.bias") * s for p, s in zip(parts, scales, strict=True)])
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
        weight = self._floats(f"{name}.weight.T", self._tensor(f"{name}.weight").T)
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
        return self._floats(name, self._tensor(name))

    def _tensor(self, name: str) -> Tensor:
        """Of the tuned end too: what was not tuned there is as published."""
        return self._tensors[name] if name in self._tensors else self._tensors[name.removeprefix("tuned.")]

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
