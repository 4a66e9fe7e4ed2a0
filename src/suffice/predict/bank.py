"""Many adapters of one base in memory; every message of a batch may be read under another.

The base stays untouched: the weights of its layers are packed once for all, and each adapter's update is added on the
messages that ask for it. Adapters come and go while others answer: whoever holds a `Resident` can go on asking it.

Shape suffixes: K labels.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from transformers import PreTrainedModel

from suffice.errors import BundleError, ModelError, Problem, nearest, quoted
from suffice.predict.frame import Frame
from suffice.predict.layer import Layer, groups_of
from suffice.predict.linears import Linears, Update, Updates
from suffice.predict.lora import LoraShape, attach_lora
from suffice.predict.packed import Behind, Prefix, last_hidden, packed, prefix
from suffice.predict.prefixes import Prefixes
from suffice.predict.prepare import prepare
from suffice.predict.readout import HeadReadout, TokenReadout
from suffice.predict.scorer import Tokens

PREFIX_BYTES = 1 << 30
"""A hundred instructions of 400 tokens of a model with 135 million parameters take 920 million."""
NOTHING = LoraShape(rank=1, alpha=1.0, dropout=0.0)
"""The shape of the adapters that are part of the base; they change nothing."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Resident:
    """One adapter in memory."""

    name: str
    """What it is called in its bank."""
    frame: Frame
    """What stands around its messages; its `tokenise` makes the rows that are asked."""
    readout: TokenReadout | HeadReadout
    """From the last hidden state to its own K logits."""
    updates: Updates
    """What it adds to the base's layers."""


class AdapterBank:
    """One base, and the adapters that stand beside one another on it."""

    def __init__(self, model: PreTrainedModel, *, prefix_bytes: int = PREFIX_BYTES) -> None:
        """
        Args:
            model: a causal language model, changed in place.
            prefix_bytes: the most that the adapters' instructions may take; beyond it those that have not been used
                for longest are let go, and computed again when they are asked for.

        Raises:
            ModelError: of an architecture whose layers are not computed here.
        """
        self._body = model.get_decoder().eval()
        model.requires_grad_(False)
        names = {layer: name for name, layer in attach_lora(self._body, NOTHING).items()}
        prepare(model)
        foreign = [layer for layer in self._body.layers if not isinstance(layer, Layer)]
        if foreign:
            raise ModelError(
                Problem(
                    where=type(model).__name__,
                    rule="adapters stand beside one another where every layer of the base is computed here",
                    got=f"{len(foreign)} layers of {len(self._body.layers)} that are not",
                    fix="load each adapter with a base of its own",
                )
            )
        self._groups = {group: [names[layer] for layer in group.layers] for group in groups_of(self._body)}
        for group in self._groups:
            group.merge()
        self._residents: dict[str, Resident] = {}
        self._prefixes: Prefixes[Resident] = Prefixes(prefix_bytes)
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """Of all that are in memory, in the order in which they came."""
        return tuple(self._residents)

    def load(
        self,
        name: str,
        adapter: Mapping[str, tuple[torch.Tensor, torch.Tensor]],
        *,
        shape: LoraShape,
        frame: Frame,
        readout: TokenReadout | HeadReadout,
    ) -> Resident:
        """Takes an adapter into memory; one of the same name makes way for it once it is ready.

        Args:
            name: what it is called here.
            adapter: A and B by the name of their layer inside the decoder, shapes [R, I] and [O, R].
            shape: of the adapter.
            frame: what stands around its messages.
            readout: from the last hidden state to its logits.

        Raises:
            BundleError: it has no update for one of the base's layers, or one of another shape.
        """
        updates = {group: _update(adapter, layers, group, shape) for group, layers in self._groups.items()}
        resident = Resident(
            name=name,
            frame=frame,
            readout=readout.to(self._body.device),
            updates=updates,
        )
        self._known(resident, arriving=True)
        with self._lock:
            replaced = self._residents.get(name)
            self._residents = {**self._residents, name: resident}
        self._prefixes.drop(replaced)
        return resident

    def unload(self, name: str) -> None:
        """Lets go of an adapter; answers that are under way are finished.

        Args:
            name: what it is called here.

        Raises:
            BundleError: there is none of this name.
        """
        with self._lock:
            gone = self.get(name)
            self._residents = {other: resident for other, resident in self._residents.items() if other != name}
        self._prefixes.drop(gone)

    def get(self, name: str) -> Resident:
        """The adapter of this name.

        Args:
            name: what it is called here.

        Raises:
            BundleError: there is none.
        """
        residents = self._residents
        if name not in residents:
            raise BundleError(
                Problem(
                    where="adapter bank",
                    rule="an adapter must be in memory to answer",
                    got=f"{quoted(name)}{nearest(name, residents)} among {len(residents):,}",
                    fix="load it first",
                )
            )
        return residents[name]

    def logits(self, asked: Sequence[tuple[Resident, Tokens]]) -> list[torch.Tensor]:
        """Scores of each label before softmax, float32, one tensor of shape [K] for each message, in order.

        Args:
            asked: each message's adapter, and its token ids as that adapter's frame makes them.
        """
        rows: dict[Resident, list[int]] = {}
        for position, (resident, _) in enumerate(asked):
            rows.setdefault(resident, []).append(position)
        parts = [
            Behind(
                rows=[asked[i][1] for i in positions],
                before=resident.frame.before,
                known=self._known(resident),
                updates=resident.updates,
            )
            for resident, positions in rows.items()
        ]
        with torch.inference_mode():
            last_MD = last_hidden(self._body, packed(parts, device=self._body.device))
            sizes = [len(positions) for positions in rows.values()]
            scores = [
                readout(part)
                for readout, part in zip((r.readout for r in rows), last_MD.split_with_sizes(sizes), strict=True)
            ]
        places = [position for positions in rows.values() for position in positions]
        found = dict(zip(places, (row for part in scores for row in part), strict=True))
        return [found[i] for i in range(len(asked))]

    def _known(self, resident: Resident, *, arriving: bool = False) -> Prefix:
        """The instruction of an adapter, as it reads it; of one that was let go it is not kept again."""
        return self._prefixes.get(
            resident,
            lambda: prefix(self._body, resident.frame.before, updates=resident.updates),
            wanted=lambda: arriving or self._residents.get(resident.name) is resident,
        )


def _update(
    adapter: Mapping[str, tuple[torch.Tensor, torch.Tensor]], layers: Sequence[str], group: Linears, shape: LoraShape
) -> Update:
    """What the adapter adds to one group of layers."""
    pairs = [adapter[layer] for layer in layers if layer in adapter]
    wanted = [((shape.rank, group.n_inputs), (size, shape.rank)) for size in group.sizes]
    got = [(tuple(a.shape), tuple(b.shape)) for a, b in pairs]
    if got != wanted:
        raise BundleError(
            Problem(
                where=layers[0],
                rule=f"the adapter must be of this base and of rank {shape.rank}: {_spoken(wanted)}",
                got=_spoken(got) or "no update",
                fix="load it with the base on which it was trained",
            )
        )
    return Update(pairs, scale=shape.scale, like=group.low_A_RI)


def _spoken(shapes: Sequence[tuple[tuple[int, ...], tuple[int, ...]]]) -> str:
    return ", ".join(f"{'x'.join(map(str, a))} and {'x'.join(map(str, b))}" for a, b in shapes)
