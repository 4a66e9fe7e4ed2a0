"""Finished fits for the tests of the report: seeded, with the shapes that real ones have."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from suffice.records.capability import Capability, Ceiling, PartScore, RungCapability
from suffice.records.causes import VerdictCode
from suffice.records.diagnosis import (
    CurvePoint,
    Diagnosis,
    Forecast,
    Foretold,
    Gain,
    Gap,
    LabelCeiling,
    Plan,
    Ran,
    RowsNeeded,
    Share,
    Step,
)
from suffice.records.evaluation import (
    AccuracyLayer,
    Comparison,
    ConfusedPair,
    ConfusionLayer,
    Cost,
    Evaluation,
    FormLayer,
    Interval,
    LabelScore,
    ProbabilityLayer,
    ReliabilityBin,
)
from suffice.records.finding import Audit, Finding, NotApplicable
from suffice.records.learnability import LabelReach, Learnability, Reach
from suffice.records.run import DEFAULTS, RUN_FORMAT, Cell, RunManifest
from suffice.records.symptoms import Clear, Figure, Found, Looked, SeenBefore
from suffice.records.symptoms import NotApplicable as NoSymptom
from suffice.records.task import TrainSpec
from suffice.records.verdict import DataSummary, FitOutcome, Goal, Outcome, Proposal, RungOutcome, Verdict
from suffice.report import ExampleText

LADDER = ("majority", "tfidf", "embed", "encoder", "smollm2-135m")
WORDS = ("card", "top", "up", "refund", "pending", "transfer", "cash", "abroad", "rate", "charged", "twice", "help")
TASK_YAML = """name: messages
kind: classify
data:
  path: messages.csv
target:
  at_least: 0.95
ladder: [majority, tfidf, embed, encoder, smollm2-135m]
"""


def label_names(n_labels: int) -> tuple[str, ...]:
    stems = ("card", "refund", "transfer", "top_up", "exchange_rate", "cash_withdrawal", "identity_check", "pin")
    endings = (
        "arrival",
        "not_working",
        "pending",
        "declined",
        "fee_charged",
        "limits",
        "wrong_amount",
        "reverted",
        "how_to",
        "lost",
    )
    return tuple(f"{stem}_{ending}" for ending in endings for stem in stems)[:n_labels]


def evaluation(
    rung: str, run: str, *, labels: tuple[str, ...], split: str, n: int, accuracy: float, seed: int = 0
) -> Evaluation:
    """Random rows, of which the given share is right; mistakes go mostly to a neighbouring label."""
    rng = np.random.default_rng(seed)
    k = len(labels)
    shares = rng.dirichlet(np.full(k, 6.0))
    y = np.sort(rng.choice(k, size=n, p=shares))
    wrong = rng.permutation(n) < round((1.0 - accuracy) * n)
    neighbour = np.where(y % 2 == 0, (y + 1) % k, y - 1)
    elsewhere = (y + rng.integers(1, k, size=n)) % k
    given = np.where(wrong, np.where(rng.random(n) < 0.6, neighbour, elsewhere), y)
    counts = np.zeros((k, k), dtype=int)
    np.add.at(counts, (y, given), 1)
    n_correct = int((y == given).sum())
    scores = tuple(_label_score(labels[j], counts, j) for j in range(k))
    f1 = float(np.mean([score.f1 for score in scores if score.f1 is not None]))
    return Evaluation(
        rung=rung,
        run=run,
        split=split,
        labels=labels,
        accuracy=AccuracyLayer(
            n=n,
            n_correct=n_correct,
            accuracy=n_correct / n,
            interval=_clopper_pearson(n_correct, n),
            macro_f1=f1,
            macro_f1_interval=Interval(low=max(0.0, f1 - 0.02), high=min(1.0, f1 + 0.015), confidence=0.95),
            design_effect=None,
        ),
        per_label=scores,
        confusion=ConfusionLayer(
            counts=tuple(tuple(int(c) for c in row) for row in counts), worst=_worst(labels, y, given, split=split)
        ),
        probability=_probability(n_correct / n, n),
        form=FormLayer(invalid_label_rate=0.0, n_truncated=0, n_empty=0),
    )


def texts_of(one: Evaluation, *, seed: int = 0) -> dict[str, ExampleText]:
    """A made-up message for every mistake."""
    rng = np.random.default_rng(seed)
    return {
        name: ExampleText(text=" ".join(rng.choice(WORDS, size=rng.integers(3, 22))), label=pair.label)
        for pair in one.confusion.worst
        for name in pair.ids
    }


def manifest(
    rung: str,
    *,
    labels: tuple[str, ...] = label_names(2),
    accuracy: float = 0.95,
    cost: int = 1,
    n: int = 300,
    refit: bool = False,
    split: str = "validation",
    seed: int = 0,
) -> RunManifest:
    """A run of a rung; `cost` is its place in the ladder."""
    base = None if rung in {"majority", "tfidf"} else "minilm-l6" if rung in {"embed", "encoder"} else rung
    name = f"{rung.replace('/', '-')}-n1565-s{seed}-{'9c1e' if refit else '3f2a'}"
    return RunManifest(
        format=RUN_FORMAT,
        name=name,
        cell=Cell(
            rung=rung,
            base=base,
            base_fingerprint=None
            if base is None
            else "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            label_output=None if base in {None, "minilm-l6"} else "tokens",
            data_sha256="5d" * 32,
            split_sha256="a7" * 32,
            labels=labels,
            instruction="",
            defaults=DEFAULTS,
            context_tokens=512,
            too_long="head_tail",
            train=TrainSpec(),
            split_seed=0,
            n=None,
            subset_seed=seed,
            seed=seed,
            change=None,
            probe=False,
            refit_temperature=1.02 if refit else None,
        ),
        n_train=1721 if refit else 1565,
        n_tune=0 if rung == "majority" else 156,
        precision="bf16" if cost > 3 else "float64" if cost < 3 else "float32",
        n_threads=2,
        versions={"python": "3.11.9", "scikit-learn": "1.7.2", "torch": "2.13.0", "transformers": "5.1.0"},
        temperature=1.02,
        prior=tuple(1 / len(labels) for _ in labels),
        train_accuracy=min(1.0, accuracy + 0.01),
        cost=Cost(
            latency_p50_ms=0.02 * 6.0**cost,
            latency_p95_ms=0.031 * 6.0**cost,
            n_timed=200,
            size_bytes=(700, 2_310_000, 91_900_000, 92_100_000, 541_000_000)[min(cost, 4)] * max(1, cost - 3),
            adapter_bytes=(700, 2_310_000, 620_000, 91_100_000, 19_500_000)[min(cost, 4)],
            train_seconds=0.03 * 9.0**cost,
            n_train=1721 if refit else 1565,
        ),
        training=None,
        judged_on="out_of_fold" if split == "out_of_fold" else "validation",
        evaluation=None
        if refit
        else evaluation(rung, name, labels=labels, split=split, n=n, accuracy=accuracy, seed=seed + cost),
    )


def goal(
    what: str = "accuracy",
    *,
    estimate: float | None,
    lower: float,
    upper: float,
    target: float = 0.95,
    n: int = 440,
    alpha: float = 0.04,
    more_rows: int | None = 0,
) -> Goal:
    outcome: Outcome = "proven" if lower >= target else "refuted" if upper < target else "undecided"
    return Goal(
        what=what,
        outcome=outcome,
        n=n,
        n_effective=float(n),
        estimate=estimate,
        lower=lower,
        upper=upper,
        alpha=alpha,
        target=target,
        more_rows=more_rows,
    )


GOALS: dict[VerdictCode, tuple[Goal, ...]] = {
    "suffices": (goal(estimate=438 / 440, lower=0.98434, upper=0.99921),),
    "as_good_as_best": (
        goal("accuracy against embed", estimate=-0.00455, lower=-0.01318, upper=0.0041, target=-0.02),
        goal("accuracy above majority", estimate=0.8432, lower=0.811, upper=0.871, target=0.0),
    ),
    "more_data": (goal(estimate=0.9136, lower=0.886, upper=0.93551),),
    "undecided": (goal(estimate=0.9614, lower=0.9402, upper=0.9765, more_rows=1_153),),
}


def fit(
    code: VerdictCode = "suffices",
    *,
    n_labels: int = 11,
    rungs: tuple[str, ...] = LADDER,
    tested: bool = True,
    opening: int = 1,
    goals: tuple[Goal, ...] | None = None,
) -> FitOutcome:
    """A finished fit whose second rung, or only one, was proposed."""
    labels = label_names(n_labels)
    proposed = rungs[min(1, len(rungs) - 1)]
    found = (GOALS[code] if goals is None else goals) if tested else ()
    shift = {"suffices": 0.0, "as_good_as_best": -0.0114, "more_data": -0.0819, "undecided": -0.0341}[code]
    outcomes = tuple(
        _rung_outcome(rung, cost=cost, labels=labels, shift=shift, tested=tested) for cost, rung in enumerate(rungs)
    )
    proven = code in {"suffices", "as_good_as_best"}
    return FitOutcome(
        task="messages",
        target="accuracy of at least 0.95",
        verdict=Verdict(
            code=code,
            rung=proposed if proven else None,
            probability={"more_data": 0.0004, "undecided": 0.86}.get(code, 0.89996) if tested else None,
            because=(
                *(f"{proposed}: {one.what}, bounds {one.lower:.3f} and {one.upper:.3f} (alpha 0.04)" for one in found),
                f"{proposed} is the cheapest rung whose lower bound reaches the target there",
                "on the rows that compare rungs, accuracy is 0.990 over 300 rows, lower bound 0.974, target 0.950",
            ),
            flip="12 more wrong answers among the 440 test rows, or a target above 0.984, and it is not proven",
        ),
        diagnosis=diagnosis(proposed, target=0.95, enough=code not in {"undecided", "more_data"}),
        symptoms=symptoms(proposed),
        capability=capability(outcomes),
        break_even=(),
        rounds=None,
        proposal=Proposal(
            rung=proposed,
            run=outcomes[min(1, len(rungs) - 1)].shipped.name,
            by="bound" if proven else "likeliest",
            comparator="embed" if code == "as_good_as_best" else None,
            because=(f"{proposed} is the cheapest rung whose lower bound reaches the target there",),
            goals=(goal(estimate=0.99, lower=0.9743, upper=0.9971, n=300, alpha=0.05),),
            hypothesis="0f" * 32,
        ),
        goals=found,
        opening=opening if tested else None,
        rungs=outcomes,
        not_run=(("gemma3-270m", f"{proposed} meets the target on validation; about 14 minutes"),),
        ran=tuple(
            Ran(run=one.chosen.name, why="the rung on all rows", seconds=one.chosen.cost.train_seconds)
            for one in outcomes
        ),
        comparisons=_comparisons(outcomes),
        data=_summary(labels, tested=tested),
        audit=Audit(
            findings=(
                Finding(
                    code="normalised_duplicate",
                    severity="note",
                    rule="a text that is there twice, written almost alike, teaches and proves no more than once",
                    where="raw-1f3a (messages.csv: rows 16, 40, 102 and 17 more)",
                    rows=("r16", "r40"),
                    score=0.01,
                    message="20 messages are copies of an earlier one",
                    fix="nothing need be done: copies are one group to splits and intervals",
                ),
                Finding(
                    code="rare_label",
                    severity="warn",
                    rule="every label needs rows to learn it from and rows to judge it by",
                    where="raw-1f3a",
                    rows=(),
                    score=None,
                    message=f"{labels[0]!r} has 9 rows in train",
                    fix=f"label more rows as {labels[0]!r}, merge it with another label, or take it out",
                ),
            ),
            not_applicable=(NotApplicable(code="leakage", why="the data brings no split"),),
            allowed=(),
            learnability=learnability(labels),
        ),
        plan=(
            "440 test rows prove accuracy of 0.95 with at most 13 errors (alpha 0.04)",
            "a rung truly at 0.96 is confirmed with probability 0.22; 2,849 rows for 80%",
            "a rung truly at 0.97 is confirmed with probability 0.60; 635 rows for 80%",
        ),
        task_yaml=TASK_YAML,
        seed=7,
        notes=("refitted on train plus validation after the choice: majority, tfidf, embed",),
    )


def diagnosis(rung: str, *, target: float, enough: bool) -> Diagnosis:
    """A curve of four sizes with its forecast, one switch, and three plans."""
    score = target + (0.03 if enough else -0.03)
    wide = Interval(low=score - 0.02, high=min(1.0, score + 0.015), confidence=0.9)
    gained = Interval(low=-0.002, high=0.014, confidence=0.9)
    steps = (Step(code="more_data", what="label about 3,100 more training messages", labels=3_100, minutes=0.4),)
    proof = (
        Step(
            code="more_test_rows",
            what=f"label about 900 more held-out messages, to prove {rung}",
            labels=900,
            minutes=0.0,
        ),
    )
    return Diagnosis(
        gap=Gap(
            rung=rung,
            metric="accuracy",
            target=target,
            measured=score,
            shares=(
                Share(
                    cause="train_labels",
                    solo=0.006,
                    solo_interval=gained,
                    last_in=0.006,
                    last_in_interval=gained,
                    shapley=0.006,
                    shapley_interval=gained,
                ),
            ),
            joint=0.006,
            joint_interval=gained,
            interaction=0.0,
            unexplained=target - score - 0.006,
            evidence=0.018,
            reaching=((),) if enough else (),
        ),
        curves=tuple(
            CurvePoint(rung=rung, n=n, accuracy=score - lost, interval=wide, fitted=score - lost - 0.001, n_cells=3)
            for n, lost in ((195, 0.12), (391, 0.06), (782, 0.03), (1_565, 0.0))
        ),
        forecast=(
            Forecast(rung=rung, n=3_130, accuracy=score + 0.01, interval=wide, trust="forecast"),
            Forecast(rung=rung, n=6_260, accuracy=score + 0.015, interval=wide, trust="forecast"),
        ),
        foretold=(Foretold(rung=rung, seen=391, n=1_565, accuracy=score - 0.02, interval=wide, came=score),),
        rows_needed=()
        if enough
        else (RowsNeeded(rung=rung, n=2_900, low=1_900, high=None, beyond=25_040, trust="forecast"),),
        gains=(Gain(label="card_arrival", recall=0.91, gained=0.03, n_rows=44),),
        label_ceiling=LabelCeiling(
            low=score - 0.02, high=None, n_reviewed=0, why="not identified: review 300 validation rows"
        ),
        plans=(
            Plan(
                steps=proof if enough else steps,
                rung=rung,
                score=score if enough else target + 0.004,
                interval=wide,
                probability=0.97 if enough else 0.83,
                money=91.0 if enough else 311.0,
                predicted=not enough,
            ),
            Plan(
                steps=(
                    Step(code="scale_up", what="train encoder on all 1,565 messages", labels=0, minutes=4.0),
                    *steps,
                ),
                rung="encoder",
                score=target + 0.01,
                interval=wide,
                probability=0.9,
                money=412.0,
                predicted=True,
            ),
        ),
        flip=None,
        drawn={"undecided": 0.9, "more_data": 0.1} if enough else {"more_data": 0.7, "undecided": 0.3},
        chances={"undecided": 0.9, "more_data": 0.1} if enough else {"more_data": 0.7, "undecided": 0.3},
        not_learnable=False,
        not_run=(("smollm2-135m: all rows", "foretold at 0.930 on all rows, it would not change the verdict"),),
        notes=(),
    )


def symptoms(rung: str) -> tuple[Looked, ...]:
    """One of each: found, clear with its figures, and not applicable."""
    from_zero = Interval(low=-0.004, high=0.011, confidence=0.9)
    return (
        Clear(
            symptom="repetition",
            figures=(
                Figure(
                    what="entropy of the predicted labels over that of the data's",
                    value=0.994,
                    unit="fraction",
                    interval=Interval(low=0.98, high=1.003, confidence=0.9),
                ),
                Figure(what="entropy of the predicted labels", value=3.31, unit="bits", interval=None),
            ),
            threshold=0.9,
            threshold_from="this project's",
            seen=SeenBefore(
                found_when_size=6,
                n_size=8,
                found_when_not=3,
                n_not=60,
                likelihood_ratio=15.0,
                interval=Interval(low=4.7, high=48.1, confidence=0.95),
            ),
            says="the predicted labels have 3.31 bits of entropy, the data's 3.33",
            definition="answers vary less than the data's labels",
            source="Shannon (1948)",
        ),
        NoSymptom(
            symptom="poor_logic",
            why="an answer is one label: it has no steps that could be wrong",
            definition="steps of an answer that are wrong",
            source="this project's",
        ),
        Found(
            symptom="no_gain",
            figures=(Figure(what="accuracy of the best round since", value=0.003, unit="points", interval=from_zero),),
            threshold=0.02,
            threshold_from="STATISTICS of the project, section 6",
            says=f"the last round that paid was {rung}-n1565-s0-3f2a",
            definition="no round gains two points",
            source="Tango (1998)",
        ),
    )


def capability(rungs: tuple[RungOutcome, ...]) -> Capability:
    """Every rung as it was judged on validation; the last one's ceiling is reached."""
    return Capability(
        metric="accuracy",
        against="target",
        currency="USD",
        rungs=tuple(_capability(one, reached=k == len(rungs) - 1) for k, one in enumerate(rungs)),
    )


def _capability(one: RungOutcome, *, reached: bool) -> RungCapability:
    judged, cost = one.chosen.evaluation, one.shipped.cost
    assert judged is not None
    layer = judged.accuracy
    score = min(1.0, layer.accuracy + 0.004)
    return RungCapability(
        rung=one.rung,
        run=one.chosen.name,
        n=layer.n,
        accuracy=layer.accuracy,
        interval=layer.interval,
        ceiling=Ceiling(
            reached=reached,
            score=score if reached else None,
            interval=Interval(low=score - 0.01, high=min(1.0, score + 0.008), confidence=0.9) if reached else None,
            why="level over 4 sizes" if reached else "endless rows may bring 4.1 points more (1.7 in the middle)",
        ),
        cost_per_thousand=1_000 * cost.latency_p50_ms / 3.6e6 * 0.1,
        latency_p50_ms=cost.latency_p50_ms,
        size_bytes=cost.size_bytes,
        parts=tuple(
            PartScore(
                kind="label",
                name=score.label,
                n=score.support,
                n_correct=round(score.support * (score.recall or 0.0)),
                interval=_clopper_pearson(round(score.support * (score.recall or 0.0)), score.support),
                level=0.95,
                q_value=0.001 if (score.recall or 0.0) < 0.9 else 0.4,
                standing="not_good" if (score.recall or 0.0) < 0.9 else "too_few",
            )
            for score in judged.per_label
            if score.support
        ),
    )


def learnability(labels: tuple[str, ...]) -> Learnability:
    """Ten labels or so that are learned, the last doubling of the rows for a point and a half."""
    interval = Interval(low=0.95, high=0.97, confidence=0.95)
    curve = tuple(
        Reach(rung="embed", n_train=n, accuracy=accuracy, interval=interval)
        for n, accuracy in ((200, 0.9), (400, 0.93), (800, 0.945), (1600, 0.96))
    )
    return Learnability(
        n=2_000,
        chance=1 / len(labels),
        majority=0.2,
        rungs=(Reach(rung="tfidf", n_train=1_600, accuracy=0.95, interval=interval), curve[-1]),
        curve=curve,
        last_doubling=0.015,
        last_doubling_interval=Interval(low=0.008, high=0.022, confidence=0.95),
        more_rows="helps",
        per_label=tuple(
            LabelReach(label=label, n=90 + k, recall=0.9, interval=interval, recall_of_half=0.85)
            for k, label in enumerate(labels)
        ),
    )


def texts_of_fit(outcome: FitOutcome) -> dict[str, ExampleText]:
    """Texts for the mistakes of every rung."""
    found = (rung.chosen.evaluation for rung in outcome.rungs)
    return {name: text for one in found if one is not None for name, text in texts_of(one).items()}


def with_proposed(outcome: FitOutcome, name: str) -> FitOutcome:
    """The same fit with another name for the proposed rung."""
    renamed = tuple(replace(r, rung=name) if r.rung == outcome.proposal.rung else r for r in outcome.rungs)
    verdict = replace(outcome.verdict, rung=name if outcome.verdict.rung else None)
    measured = tuple(replace(r, rung=name) if r.rung == outcome.proposal.rung else r for r in outcome.capability.rungs)
    return replace(
        outcome,
        rungs=renamed,
        capability=replace(outcome.capability, rungs=measured),
        verdict=verdict,
        proposal=replace(outcome.proposal, rung=name),
    )


def _rung_outcome(rung: str, *, cost: int, labels: tuple[str, ...], shift: float, tested: bool) -> RungOutcome:
    accuracy = (
        1.2 / len(labels) if rung == "majority" else (0.9955, 0.9955, 0.9886, 0.9932, 0.9977)[min(cost, 4)] + shift
    )
    chosen = manifest(rung, labels=labels, accuracy=accuracy, cost=cost)
    shipped = manifest(rung, labels=labels, accuracy=accuracy, cost=cost, refit=True) if cost < 3 else chosen
    test = evaluation(rung, shipped.name, labels=labels, split="test", n=440, accuracy=accuracy, seed=40 + cost)
    head = replace(chosen, name=f"{chosen.name}-head", cell=replace(chosen.cell, label_output="head"))
    return RungOutcome(
        rung=rung,
        chosen=chosen,
        shipped=shipped,
        test=test if tested else None,
        without_leaked=None,
        bundle=f"out/messages/bundles/{rung.replace('/', '-')}",
        alternatives=(head,) if chosen.cell.label_output == "tokens" else (),
    )


def _comparisons(rungs: tuple[RungOutcome, ...]) -> tuple[Comparison, ...]:
    return tuple(
        Comparison(
            first=second.chosen.name,
            second=first.chosen.name,
            split="validation",
            n=300,
            difference=0.84 if first.rung == "majority" else -0.0067,
            interval=Interval(low=0.79, high=0.88, confidence=0.95)
            if first.rung == "majority"
            else Interval(low=-0.0233, high=0.0101, confidence=0.95),
            n_only_first=252 if first.rung == "majority" else 3,
            n_only_second=0 if first.rung == "majority" else 5,
            p_value=1e-60 if first.rung == "majority" else 0.7266,
        )
        for first, second in pairwise(rungs)
    )


def _summary(labels: tuple[str, ...], *, tested: bool) -> DataSummary:
    counts = {label: 40 + 17 * k % 150 for k, label in enumerate(labels)}
    splits = {"train": 1565, "validation": 300, "calibration": 110, "test": 440 if tested else 0}
    return DataSummary(
        version="raw-1f3a9c",
        sources=(("messages.csv", "e3" * 32),),
        n_rows=sum(splits.values()),
        split_counts=splits,
        brought=(),
        label_counts=counts,
        n_groups=2_350,
        n_copies=20,
        n_leaked={"validation": 0, "calibration": 0, "test": 0},
        n_cut=0,
        words_p50=11.0,
        words_p95=34.0,
    )


def _label_score(label: str, counts: NDArray[np.int64], j: int) -> LabelScore:
    support, given, right = int(counts[j].sum()), int(counts[:, j].sum()), int(counts[j, j])
    return LabelScore(
        label=label,
        precision=right / given if given else None,
        recall=right / support if support else None,
        f1=2 * right / (support + given) if support else None,
        support=support,
    )


def _worst(
    labels: tuple[str, ...], y: NDArray[np.int64], given: NDArray[np.int64], *, split: str
) -> tuple[ConfusedPair, ...]:
    pairs: dict[tuple[int, int], list[str]] = {}
    for i in np.flatnonzero(y != given):
        pairs.setdefault((int(y[i]), int(given[i])), []).append(f"{split}-{i}")
    ordered = sorted(pairs.items(), key=lambda pair: -len(pair[1]))
    return tuple(
        ConfusedPair(
            label=labels[a], predicted=labels[b], count=len(ids), share=len(ids) / int((y == a).sum()), ids=tuple(ids)
        )
        for (a, b), ids in ordered
    )


def _probability(accuracy: float, n: int) -> ProbabilityLayer:
    levels = np.linspace(max(0.05, accuracy - 0.4), min(0.999, accuracy + 0.05), 10)
    bins = tuple(
        ReliabilityBin(confidence=float(p), accuracy=float(min(1.0, max(0.0, p + 0.03 * (-1) ** i))), n=n // 10)
        for i, p in enumerate(levels)
    )
    return ProbabilityLayer(log_loss=1.9 * (1 - accuracy) + 0.02, ece=0.0213, ece_floor=0.0187, reliability=bins)


def _clopper_pearson(right: int, n: int) -> Interval:
    low = float(beta.ppf(0.025, right, n - right + 1)) if right else 0.0
    high = float(beta.ppf(0.975, right + 1, n - right)) if right < n else 1.0
    return Interval(low=low, high=high, confidence=0.95)
