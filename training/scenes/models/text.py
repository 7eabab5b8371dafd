"""CLIPTextModel: token ids -> embeddings, causal."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from scenes.models.blocks import silence


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (f(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for f in (self.q_proj, self.k_proj, self.v_proj))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out_proj(mixed.transpose(1, 2).flatten(2))


class _Layer(nn.Module):
    def __init__(self, width: int, heads: int, inner: int):
        super().__init__()
        self.self_attn = _Attention(width, heads)
        self.layer_norm1, self.layer_norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(width, inner), "fc2": nn.Linear(inner, width)})

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attn(self.layer_norm1(x))
        h = self.mlp["fc1"](self.layer_norm2(x))
        return x + self.mlp["fc2"](h * torch.sigmoid(1.702 * h))  # quick_gelu


class TextEncoder(nn.Module):
    """input_ids [B, L] -> last_hidden_state [B, L, D]. `config` is transformers' config.json."""

    def __init__(self, config: dict):
        super().__init__()
        self.config = config
        width = config["hidden_size"]
        layers = (_Layer(width, config["num_attention_heads"], config["intermediate_size"])
                  for _ in range(config["num_hidden_layers"]))
        self.text_model = nn.ModuleDict({
            "embeddings": nn.ModuleDict({
                "token_embedding": nn.Embedding(config["vocab_size"], width),
                "position_embedding": nn.Embedding(config["max_position_embeddings"], width)}),
            "encoder": nn.ModuleDict({"layers": nn.ModuleList(layers)}),
            "final_layer_norm": nn.LayerNorm(width)})
        for embedding in self.text_model["embeddings"].values():
            nn.init.normal_(embedding.weight, std=0.02)
        # Words differ from the first step on: the layers begin silent, and a token outweighs its place.
        nn.init.normal_(self.text_model["embeddings"]["token_embedding"].weight, std=0.2)
        for layer in self.text_model["encoder"]["layers"]:
            silence(layer.self_attn.out_proj)
            silence(layer.mlp["fc2"])

    def forward(self, ids: Tensor) -> Tensor:
        parts = self.text_model["embeddings"]
        x = parts["token_embedding"](ids) + parts["position_embedding"].weight[: ids.shape[1]]
        for layer in self.text_model["encoder"]["layers"]:
            x = layer(x)
        return self.text_model["final_layer_norm"](x)
