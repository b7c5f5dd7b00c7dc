"""The encoder's layers in torch, its last ones with low-rank changes that can be learned."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as f

from shared.adapters.embedded.encoder import HEAD_WIDTH, HEADS, WIDTH
from shared.adapters.embedded.encoder import Tensor as Array

_MATRICES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "mixed": "attention.output.dense",
    "wide": "intermediate.dense",
    "back": "output.dense",
}


class Changed(nn.Module):
    """A published matrix and what is learned on top of it: `up @ down`."""

    def __init__(self, weight: Tensor, bias: Tensor, rank: int) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)
        self.down = nn.Parameter(torch.randn(rank, weight.shape[1]) / weight.shape[1] ** 0.5)
        self.up = nn.Parameter(torch.zeros(weight.shape[0], rank))

    def forward(self, state: Tensor) -> Tensor:
        """The product with the changed matrix."""
        return f.linear(state, self.weight, self.bias) + f.linear(f.linear(state, self.down), self.up)


class Layer(nn.Module):
    """One layer of BERT; `rank` 0 leaves it as published."""

    def __init__(self, tensors: Mapping[str, Array], number: int, rank: int) -> None:
        super().__init__()
        self._at = f"encoder.layer.{number}"
        self._tensors = {
            name.removeprefix(f"{self._at}."): torch.tensor(array)
            for name, array in tensors.items()
            if name.startswith(f"{self._at}.")
        }
        self.matrices = nn.ModuleDict(
            {
                short: Changed(self._tensors[f"{name}.weight"], self._tensors[f"{name}.bias"], rank)
                for short, name in _MATRICES.items()
                if rank
            }
        )

    def forward(self, state: Tensor, seen: Tensor, dropout: float) -> Tensor:
        """`state` is [texts, tokens, 384]; `seen` is False where a shorter text has ended."""
        texts, tokens, _ = state.shape
        query, key, value = (
            self._product(name, state).view(texts, tokens, HEADS, HEAD_WIDTH).transpose(1, 2)
            for name in ("query", "key", "value")
        )
        mixed = f.scaled_dot_product_attention(query, key, value, attn_mask=seen[:, None, None, :])
        mixed = self._product("mixed", mixed.transpose(1, 2).reshape(texts, tokens, WIDTH))
        state = self._norm("attention.output", f.dropout(mixed, dropout) + state)
        back = self._product("back", f.gelu(self._product("wide", state)))
        return self._norm("output", f.dropout(back, dropout) + state)

    def learned(self) -> dict[str, Array]:
        """The changes by their BERT names, as `shared.adapters.embedded.tuned` reads them."""
        return {
            f"{self._at}.{_MATRICES[short]}.weight.{part}": getattr(matrix, part).detach().numpy()
            for short, matrix in self.matrices.items()
            for part in ("down", "up")
        }

    def _product(self, short: str, state: Tensor) -> Tensor:
        if short in self.matrices:
            found: Tensor = self.matrices[short](state)
            return found
        name = _MATRICES[short]
        return f.linear(state, self._tensors[f"{name}.weight"], self._tensors[f"{name}.bias"])

    def _norm(self, name: str, state: Tensor) -> Tensor:
        at = f"{name}.LayerNorm"
        return f.layer_norm(
            state, (WIDTH,), self._tensors[f"{at}.weight"], self._tensors[f"{at}.bias"], 1e-12
        )


def embedded(tensors: Mapping[str, Array], words: Tensor) -> Tensor:
    """The vectors of the words, [texts, tokens, 384], with their places, as the first layer takes them."""
    places = torch.tensor(
        tensors["embeddings.position_embeddings.weight"][: words.shape[1]]
        + tensors["embeddings.token_type_embeddings.weight"][0]
    )
    scale, shift = (torch.tensor(tensors[f"embeddings.LayerNorm.{part}"]) for part in ("weight", "bias"))
    return f.layer_norm(words + places, (WIDTH,), scale, shift, 1e-12)


def padded(rows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Texts of different lengths as one block [texts, tokens, 384], and which of its tokens are theirs."""
    state = nn.utils.rnn.pad_sequence([row.float() for row in rows], batch_first=True)
    lengths = torch.tensor([len(row) for row in rows])
    return state, torch.arange(state.shape[1])[None, :] < lengths[:, None]


def pooled(state: Tensor, seen: Tensor) -> Tensor:
    """The mean of each text's tokens, of unit length."""
    weight = seen[..., None].float()
    return f.normalize((state.float() * weight).sum(1) / weight.sum(1), dim=-1)
