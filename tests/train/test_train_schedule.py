"""How long and how fast."""

from __future__ import annotations

import pytest

from suffice.records.task import TrainSpec
from suffice.train.schedule import Schedule, encoder_schedule, learning_rate_at, lora_schedule, rate_of


def rates(n_steps: int, *, warmup: float, peak: float = 1.0) -> list[float]:
    schedule = Schedule(epochs=1, batch_size=1, learning_rate=peak, warmup=warmup, patience=1)
    return [learning_rate_at(step, n_steps=n_steps, schedule=schedule) for step in range(n_steps)]


def test_the_rate_climbs_over_the_warmup_and_falls_to_nothing() -> None:
    # By hand: of ten steps two warm up, (1/2, 2/2); the rest fall by eighths, (10 - step) / 8.
    expected = [0.5, 1.0, 1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125]
    assert rates(10, warmup=0.2) == pytest.approx(expected)
    assert rates(10, warmup=0.2, peak=3e-4) == pytest.approx([3e-4 * rate for rate in expected])


def test_one_step_warms_up_even_in_the_shortest_run() -> None:
    assert rates(1, warmup=0.06) == [1.0]
    # By hand: one step of warm-up, then (3 - step) / 2.
    assert rates(3, warmup=0.06) == pytest.approx([1.0, 1.0, 0.5])


def test_the_rate_is_never_above_the_peak_or_below_nothing() -> None:
    for n_steps in (1, 2, 17, 100):
        assert all(0 < rate <= 1 for rate in rates(n_steps, warmup=0.06))


@pytest.mark.parametrize("defaults", [lora_schedule, encoder_schedule])
def test_few_rows_are_seen_more_often_than_many(defaults: object) -> None:
    epochs = [defaults(n, TrainSpec()).epochs for n in (50, 500, 2_000, 10_000)]
    assert epochs == sorted(epochs, reverse=True)
    assert epochs[-1] >= 1
    assert epochs[0] > epochs[-1]


@pytest.mark.parametrize("defaults", [lora_schedule, encoder_schedule])
def test_what_the_task_says_is_done(defaults: object) -> None:
    said = defaults(800, TrainSpec(epochs=1, batch_size=3, learning_rate=1e-5))
    assert (said.epochs, said.batch_size, said.learning_rate) == (1, 3, 1e-5)


def test_a_default_step_of_an_adapter_holds_at_most_sixteen_rows_at_once() -> None:
    def parts(n_rows: int, **said: int) -> tuple[int, int]:
        pace = lora_schedule(n_rows, TrainSpec(**said))
        return pace.batch_size, pace.accumulation

    assert parts(1_999) == (16, 1)
    assert parts(2_000) == (32, 2)
    assert parts(2_000, accumulation=1) == (32, 1)
    assert parts(2_000, accumulation=4) == (32, 4)
    assert parts(2_000, batch_size=64) == (64, 1)  # Whoever sets the rows of a step gets them together.
    assert encoder_schedule(2_000, TrainSpec()).accumulation == 1


def test_an_adapter_of_many_rows_learns_at_half_the_rate() -> None:
    def rates(**of: float) -> list[float]:
        return [lora_schedule(n, TrainSpec(), **of).learning_rate for n in (100, 999, 1_000, 9_000)]

    assert rates() == [1e-3, 1e-3, 5e-4, 5e-4]
    assert rates(rate=2e-3) == [2e-3, 2e-3, 1e-3, 1e-3]


def test_twice_the_rate_is_for_the_base_and_the_output_with_which_it_was_found() -> None:
    assert rate_of("smollm2-135m", "tokens") == 2e-3
    assert (
        rate_of("smollm2-135m", "head") == rate_of("gemma3-270m", "tokens") == rate_of("./a folder", "tokens") == 1e-3
    )
