from dataclasses import replace

import numpy as np
import pytest

from suffice.errors import DataError
from suffice.evaluate import hosted_figures
from suffice.records.labels import INVENTED
from suffice.records.task import HostedSpec, PriceSpec
from suffice.rungs.hosted import Reply
from suffice.stats.binomial import interval
from suffice.store.paid_answers import PaidAnswer

SPEC = HostedSpec(
    base_url="https://api.example.com/v1",
    model="big",
    price_per_million=PriceSpec(input=2.0, output=8.0),
    max_cost=1.0,
    concurrency=3,
)


def reply(label=0, said="a", *, tokens=(100, 5), ms=10.0, finish="stop"):
    answer = PaidAnswer(
        said=said, finish=finish, input_tokens=tokens[0], output_tokens=tokens[1], latency_ms=ms, cost=0.0
    )
    return Reply(label=label, answer=answer)


def figures(replies, again=(), spec=SPEC):
    return hosted_figures(replies, again, spec, spent=0.5)


def test_tokens_and_price_of_a_thousand_messages_by_hand():
    found = figures([reply(tokens=(100, 4)), reply(tokens=(300, 8))])
    assert (found.input_tokens_per_thousand, found.output_tokens_per_thousand) == (200_000, 6_000)
    # 0.2 million tokens at 2.0, and 0.006 million at 8.0.
    assert found.cost_per_thousand == pytest.approx(0.4 + 0.048)
    assert (found.model, found.host, found.concurrency, found.spent) == ("big", "api.example.com", 3, 0.5)


@pytest.mark.parametrize("untold", [(None, 5), (100, None), (None, None)])
def test_where_one_call_tells_no_tokens_the_price_is_not_measured(untold):
    found = figures([reply(), reply(tokens=untold)])
    assert found.cost_per_thousand is None
    assert (found.input_tokens_per_thousand is None) == (untold[0] is None)


def test_what_is_free_costs_nothing_which_was_measured():
    free = SPEC.model_copy(update={"price_per_million": PriceSpec(input=0.0, output=0.0)})
    assert figures([reply()], spec=free).cost_per_thousand == 0.0


def test_times_are_median_and_95th_percentile_of_the_calls():
    times = [float(ms) for ms in range(1, 102)]
    found = figures([reply(ms=ms) for ms in times])
    assert (found.latency_p50_ms, found.latency_p95_ms) == (51.0, np.quantile(times, 0.95)) == (51.0, 96.0)


def test_invented_answers_are_counted_and_the_commonest_are_named():
    invented = [reply(INVENTED, said) for said in ("no  idea", "no idea", "x" * 200)]
    cut = reply(INVENTED, "well, I", finish="length")
    refused = reply(INVENTED, "", finish="content_filter")
    found = figures([reply(), *invented, cut, refused])
    assert (found.n_asked, found.n_invented, found.n_cut_off, found.n_refused) == (6, 5, 1, 1)
    assert found.invented[0] == ("no idea", 2)
    assert ("x" * 80, 1) in found.invented


def test_consistency_is_the_share_of_messages_with_one_answer_in_all_calls():
    same, other = (reply(0), reply(0), reply(0)), (reply(0), reply(0), reply(1))
    spelled = (reply(0, "a"), reply(0, "A"), reply(0, " a"))  # One label, whatever its spelling.
    invented = (reply(INVENTED, "hm"), reply(INVENTED, "hm\n"), reply(INVENTED, "hm"))
    wavering = (reply(INVENTED, "hm"), reply(INVENTED, "oh"), reply(INVENTED, "hm"))
    found = figures([reply()], [same, other, spelled, invented, wavering]).consistency
    assert (found.n, found.repeats, found.n_same, found.share) == (5, 3, 3, 0.6)
    assert found.interval == interval(3, 5)


def test_what_was_not_asked_twice_has_no_consistency():
    assert figures([reply()]).consistency is None


def test_nothing_asked_is_an_error_not_a_zero():
    with pytest.raises(DataError, match=r"messages with something in them: .*\n  got: 0 rows"):
        figures([])


def test_the_figures_are_those_of_the_price_at_hand_and_not_of_what_was_paid():
    dearer = replace(reply(), answer=replace(reply().answer, cost=9.0))
    assert figures([dearer]).cost_per_thousand == figures([reply()]).cost_per_thousand
