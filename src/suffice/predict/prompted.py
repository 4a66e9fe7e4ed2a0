"""An untouched decoder that answers with a label's full name, chosen step by step over a trie of names.

One pass serves everything: the instruction and its examples stand behind nothing and are computed once, and behind
each message stand the beginnings of names, as a tree. Two scores are read from it. To choose, the probabilities at
every inner node are shared out among the names that go on from there, so that those of the labels sum to one. To say
how probable the names are at all, nothing is shared out: what is missing to one went to answers outside the set.

Shape suffixes: B rows, N inner nodes of the trie, E its edges, L its leaves, K labels, U tokens of the names, D hidden
width, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from suffice.base_models.four_bit import n_bytes
from suffice.base_models.precision import Format
from suffice.predict.bank import NOTHING
from suffice.predict.batching import in_batches
from suffice.predict.frame import Frame
from suffice.predict.label_names import END, LabelNames
from suffice.predict.layer import groups_of
from suffice.predict.lora import attach_lora
from suffice.predict.output_layer import must_end_in_its_head
from suffice.predict.packed import Behind, Prefix, last_hidden, packed, prefix
from suffice.predict.prepare import prepare
from suffice.predict.scorer import Tokens
from suffice.predict.trie import Trie
from suffice.text.token_budget import Budgeted

VOCABULARY_STEP = 16_384
"""Rows of the output layer that are multiplied at once: in float32 all of Gemma's would take 670 MB."""


class NameScorer:
    """A decoder, what stands around its messages, and the names that it may say."""

    def __init__(self, model: Any, *, frame: Frame, names: LabelNames) -> None:
        """
        Args:
            model: a causal language model, changed in place: it can be nothing but this afterwards.
            frame: what stands around its messages.
            names: how each label is said.

        Raises:
            ModelError: its messages cannot stand in one sequence, or its logits are changed behind the output layer.
            TaskError: two labels cannot be told apart by their names.
        """
        self._choices, self._whole = Trie.choices(names), Trie.whole(names)
        self._body, self._frame, self.names = model.get_decoder().eval(), frame, names
        self.precision: Format = "bf16" if self._body.dtype == torch.bfloat16 else "fp32"
        model.requires_grad_(False)
        self.base_bytes = n_bytes(model)
        attach_lora(self._body, NOTHING)
        prepare(model)
        for group in groups_of(self._body):
            group.merge()
        self._head = model.get_output_embeddings()
        must_end_in_its_head(model)
        self._of_choices, self._of_whole = (Said(self._head, trie, names) for trie in (self._choices, self._whole))
        self._cache: Prefix | None = None

    def behind(self, frame: Frame) -> NameScorer:
        """The same decoder and names behind another instruction; nothing is loaded or copied.

        Args:
            frame: what stands around its messages.
        """
        other = copy(self)
        other._frame, other._cache = frame, None
        return other

    @property
    def frame(self) -> Frame:
        """What stands around its messages."""
        return self._frame

    def tokenise(self, texts: Sequence[str]) -> list[Budgeted]:
        """Token ids of each message with what follows it; long messages are shortened, what follows never."""
        return self._frame.tokenise(texts)

    def chosen(self, rows: Sequence[Tokens]) -> NDArray[np.float64]:
        """Log-probability of each label, those of a row summing to one, shape [N, K].

        At every inner node the model's probabilities are divided by the sum over the ways on that lead to a label.

        Args:
            rows: token ids of each message, length N, at least one.
        """
        return in_batches(self._chosen, rows, n_more=len(self._choices.tree))

    def joint(self, rows: Sequence[Tokens]) -> NDArray[np.float64]:
        """Log-probability that the model says a label's name and ends there, shape [N, K].

        One minus the sum of the probabilities of a row is what the model gives to answers outside the set.

        Args:
            rows: token ids of each message, length N, at least one.
        """
        return in_batches(self._joint, rows, n_more=len(self._whole.tree))

    def _chosen(self, rows: Sequence[Tokens]) -> torch.Tensor:
        said = self._of_choices
        edges_BE = said.edges(self._hidden(rows, self._choices))
        return said.labels(edges_BE - said.shared_out(edges_BE))

    def _joint(self, rows: Sequence[Tokens]) -> torch.Tensor:
        said, hidden_BND = self._of_whole, self._hidden(rows, self._whole)
        return said.labels(said.edges(hidden_BND) - _over_vocabulary(self._head, hidden_BND)[:, said.node_E])

    def _hidden(self, rows: Sequence[Tokens], trie: Trie) -> torch.Tensor:
        """Hidden states at the message's last token and at every token of the tree, shape [B, N, D], float32."""
        if self._cache is None:
            self._cache = prefix(self._body, self._frame.before)
        part = Behind(rows=rows, before=self._frame.before, known=self._cache)
        batch = packed([part], device=self._body.device, tree=trie.tree)
        return last_hidden(self._body, batch).float().view(len(rows), 1 + len(trie.tree), -1)


class Said:
    """From hidden states to what is said at each edge of a trie, and to labels."""

    def __init__(self, head: Any, trie: Trie, names: LabelNames) -> None:
        """
        Args:
            head: the model's output layer.
            trie: edges and leaves.
            names: how each label is said.
        """
        device = head.weight.device
        tokens = sorted({edge.token for edge in trie.edges} - {END})
        column = {token: at for at, token in enumerate(tokens)} | {END: len(tokens)}
        self._n_apart, read = len(tokens), [*tokens, *names.ends]
        self._weight_UD = head.weight[read].detach().float()
        self._bias_U = 0.0 if head.bias is None else head.bias[read].detach().float()
        self.node_E = torch.tensor([edge.node for edge in trie.edges], dtype=torch.long, device=device)
        self._column_E = torch.tensor([column[edge.token] for edge in trie.edges], dtype=torch.long, device=device)
        self._n_nodes = 1 + len(trie.tree)
        leads_EL = torch.zeros(len(trie.edges), len(trie.leaves), dtype=torch.float64, device=device)
        for at, leaf in enumerate(trie.leaves):
            leads_EL[list(leaf.edges), at] = 1.0
        self._leads_EL = leads_EL
        self._label_L = torch.tensor([leaf.label for leaf in trie.leaves], device=device)
        self._n_labels = len(names.names)

    def edges(self, hidden_BND: torch.Tensor) -> torch.Tensor:
        """The logit of each edge, shape [B, E], float64; that of an end is over all tokens that end an answer.

        Args:
            hidden_BND: at every inner node.
        """
        logits_BNU = hidden_BND @ self._weight_UD.T + self._bias_U
        ended_BN = logits_BNU[..., self._n_apart :].logsumexp(-1, keepdim=True)
        said_BNU = torch.cat([logits_BNU[..., : self._n_apart], ended_BN], dim=-1)
        return said_BNU[:, self.node_E, self._column_E].double()

    def shared_out(self, edges_BE: torch.Tensor) -> torch.Tensor:
        """What all edges of the same node come to, as a logit, for each edge, shape [B, E].

        Args:
            edges_BE: from `edges`.
        """
        return _log_sums(edges_BE, self.node_E, self._n_nodes)[:, self.node_E]

    def labels(self, log_probs_BE: torch.Tensor) -> torch.Tensor:
        """Log-probability of each label: of all its paths together, shape [B, K].

        Args:
            log_probs_BE: of each edge, given its node.
        """
        return _log_sums(log_probs_BE @ self._leads_EL, self._label_L, self._n_labels)


def _log_sums(x_BE: torch.Tensor, group_E: torch.Tensor, n_groups: int) -> torch.Tensor:
    """Log sum exp over the columns of each group, shape [B, G]; minus infinity of a group that has none."""
    index_BE = group_E.expand_as(x_BE)
    most = x_BE.new_full((len(x_BE), n_groups), -torch.inf).scatter_reduce_(1, index_BE, x_BE, "amax")
    sums = x_BE.new_zeros(len(x_BE), n_groups).scatter_add_(1, index_BE, (x_BE - most[:, group_E]).exp())
    return most + sums.log()


def _over_vocabulary(head: Any, hidden_BND: torch.Tensor) -> torch.Tensor:
    """Log sum exp over the whole vocabulary, shape [B, N]."""
    parts = []
    for first in range(0, len(head.weight), VOCABULARY_STEP):
        some = slice(first, first + VOCABULARY_STEP)
        logits_BNV = hidden_BND @ head.weight[some].float().T
        if head.bias is not None:
            logits_BNV += head.bias[some].float()
        parts.append(logits_BNV.logsumexp(-1))
    return torch.stack(parts).logsumexp(0)
