"""What is written in batches, behind a shared beginning, is what transformers writes row by row."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
import transformers

import tiny_models
from suffice.errors import BundleError, TaskError
from suffice.predict.completer import Asked, Completer, shared_beginning
from suffice.predict.layer import Layer
from suffice.predict.stopping import text_of
from suffice.records.completion import Completion, Decoding
from tiny_completers import adapter_of, completed, generated, loaded, prompts_of

# PEFT asks transformers under a name of old.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
N_NEW = 24


@pytest.fixture(params=["tiny_llama", "tiny_qwen2", "tiny_gemma3"])
def folder(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def said(found: dict[str, Completion]) -> dict[str, tuple[str, int, str]]:
    """All of a completion but the time it took."""
    return {id_: (one.text, one.n_tokens, one.stop_reason) for id_, one in found.items()}


@pytest.mark.parametrize("adapted", [False, True])
def test_greedy_completions_are_those_of_transformers(folder: Path, adapted: bool) -> None:
    adapter = adapter_of(folder) if adapted else None
    completer = Completer(loaded(folder), adapter=adapter)
    asked = prompts_of(completer.tokenizer)
    expected = generated(folder, asked, n_new=N_NEW, adapter=adapter, ends=completer.ends)
    before = shared_beginning([one.tokens for one in asked])
    assert len(before) > 5
    for n_rows in (1, 4, 64):
        some = Completer(loaded(folder), adapter=adapter, n_rows=n_rows)
        found = completed(some, asked, before=before, max_new_tokens=N_NEW)
        for one in asked:
            tokens = expected[one.id]
            ended = tokens[-1] in completer.ends
            text = text_of(completer.tokenizer, tokens[:-1] if ended else tokens)
            assert (found[one.id].text, found[one.id].n_tokens) == (text, len(tokens)), (one.id, n_rows)
            assert found[one.id].stop_reason == ("end" if ended else "length")
            assert found[one.id].n_prompt_tokens == len(one.tokens)


def test_an_adapter_changes_what_is_written(tiny_llama: Path) -> None:
    plain, tuned = Completer(loaded(tiny_llama)), Completer(loaded(tiny_llama), adapter=adapter_of(tiny_llama))
    asked = prompts_of(plain.tokenizer)
    assert plain.name != tuned.name
    assert said(completed(plain, asked, before=(), max_new_tokens=8)) != said(
        completed(tuned, asked, before=(), max_new_tokens=8)
    )


def test_an_adapter_of_another_base_is_refused(tiny_llama: Path, tiny_gemma3: Path) -> None:
    with pytest.raises(BundleError, match="layers of which one has no update") as refused:
        Completer(loaded(tiny_llama), adapter=adapter_of(tiny_gemma3))
    assert "with the base on which it was trained" in str(refused.value)


def test_what_all_begin_with_may_be_computed_once_or_with_every_row(folder: Path) -> None:
    completer = Completer(loaded(folder))
    asked = prompts_of(completer.tokenizer)
    whole = shared_beginning([one.tokens for one in asked])
    found = [
        said(completed(completer, asked, before=before, max_new_tokens=N_NEW)) for before in (whole, whole[:3], ())
    ]
    assert found[0] == found[1] == found[2]


def test_a_completion_does_not_depend_on_what_is_written_beside_it(folder: Path) -> None:
    drawn = {"max_new_tokens": N_NEW, "temperature": 0.8, "top_p": 0.9, "seed": 3}
    completer = Completer(loaded(folder), n_rows=4)
    asked = prompts_of(completer.tokenizer)
    before = shared_beginning([one.tokens for one in asked])
    together = said(completed(completer, asked, before=before, **drawn))
    assert together == said(completed(completer, list(reversed(asked)), before=before, **drawn))
    for one in asked:
        assert said(completed(completer, [one], before=before, **drawn))[one.id] == together[one.id]


def test_another_seed_or_another_id_draws_other_tokens(tiny_llama: Path) -> None:
    completer = Completer(loaded(tiny_llama))
    first = prompts_of(completer.tokenizer)[0]
    again = replace(first, id="again")
    drawn = {"max_new_tokens": N_NEW, "temperature": 1.5}
    found = completed(completer, [first, again], before=(), seed=0, **drawn)
    other = completed(completer, [first], before=(), seed=1, **drawn)
    assert len({found[first.id].text, found[again.id].text, other[first.id].text}) == 3


def test_a_row_that_ends_at_once_leaves_its_place_to_the_next(tiny_llama: Path) -> None:
    completer = Completer(loaded(tiny_llama), n_rows=2)
    asked = prompts_of(completer.tokenizer)
    plain = completed(completer, asked, before=(), max_new_tokens=N_NEW)
    # The first token that is written behind the second prompt is made an end of its own.
    text = plain[asked[1].id].text
    first = completer.tokenizer(text, add_special_tokens=False).input_ids[0]
    completer.ends = (*completer.ends, first)
    found = completed(completer, asked, before=(), max_new_tokens=N_NEW)
    assert (found[asked[1].id].text, found[asked[1].id].n_tokens, found[asked[1].id].stop_reason) == ("", 1, "end")
    for one in asked:
        assert plain[one.id].text.startswith(found[one.id].text)


def test_a_stop_string_ends_a_completion_wherever_its_tokens_begin_and_end(folder: Path) -> None:
    completer = Completer(loaded(folder))
    asked = prompts_of(completer.tokenizer)
    plain = completed(completer, asked, before=(), max_new_tokens=N_NEW)
    for one in asked:
        text = plain[one.id].text
        # Half of what it writes; a string that begins and ends within tokens.
        stop = text[len(text) // 2 : len(text) // 2 + 7]
        found = completed(completer, [one], before=(), max_new_tokens=N_NEW, stop=(stop, "never written"))[one.id]
        assert (found.text, found.stop_reason) == (text[: text.index(stop)], "stop")
        assert found.n_tokens <= plain[one.id].n_tokens


def test_writing_ends_at_the_most_tokens_and_at_the_end_of_the_context(tiny_llama: Path) -> None:
    completer = Completer(loaded(tiny_llama))
    first = prompts_of(completer.tokenizer)[0]
    filled = Asked(id="filled", tokens=(first.tokens * 40)[: completer.context - 2])
    found = completed(completer, [first, filled], before=(), max_new_tokens=3)
    assert (found[first.id].n_tokens, found[first.id].stop_reason) == (3, "length")
    assert (found["filled"].n_tokens, found["filled"].stop_reason) == (2, "length")


def test_a_prompt_without_room_is_refused_before_anything_is_written(tiny_llama: Path) -> None:
    completer = Completer(loaded(tiny_llama))
    asked = prompts_of(completer.tokenizer)
    long = Asked(id="long", tokens=(asked[0].tokens * 40)[: completer.context])
    with pytest.raises(TaskError, match=r"long: .*context of 256 tokens\n  got: 256 tokens\n  fix: shorten"):
        completed(completer, [*asked, long], before=(), max_new_tokens=3)


def test_where_keys_would_take_too_much_fewer_rows_are_under_way(tiny_llama: Path) -> None:
    completer = Completer(loaded(tiny_llama))
    # By hand: 2 layers of keys and values, 2 heads of 16 numbers in 4 bytes: 512 bytes a token, 51,200 for a hundred.
    known = completer.prefix_of(())
    assert [
        Completer(loaded(tiny_llama), cache_bytes=most).room_for(known, n_tokens=100)
        for most in (1, 51_200, 159_999, 1 << 30)
    ] == [1, 1, 3, 64]


def test_nothing_asked_is_nothing_written(tiny_llama: Path) -> None:
    assert completed(Completer(loaded(tiny_llama)), [], before=(), max_new_tokens=3) == {}


def test_gradients_are_as_they_were_for_whoever_takes_completions_one_by_one(tiny_llama: Path) -> None:
    completer = Completer(loaded(tiny_llama))
    asked = prompts_of(completer.tokenizer)
    for _ in completer.complete(asked, before=(), decoding=Decoding(max_new_tokens=2)):
        assert torch.is_grad_enabled()
        assert not torch.is_inference_mode_enabled()


def test_what_all_prompts_begin_with_leaves_a_token_of_each() -> None:
    assert shared_beginning([(1, 2, 3, 4), (1, 2, 5), (1, 2, 3)]) == (1, 2)
    assert shared_beginning([(1, 2), (1, 2, 3)]) == (1,)
    assert shared_beginning([(1, 2, 3)]) == (1, 2)
    assert shared_beginning([(1,), (2, 3)]) == ()
    assert shared_beginning([]) == ()


def test_layers_that_are_not_ours_write_what_they_write_in_transformers(tmp_path: Path) -> None:
    """Phi 3 multiplies queries, keys and values by one matrix: its layers stay those of transformers."""
    folder = tiny_models.write_tiny_llama(tmp_path / "phi3")
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(folder)
    config = transformers.Phi3Config(**tiny_models.shape_of(tokenizer))
    torch.manual_seed(0)
    (folder / "model.safetensors").unlink()
    transformers.Phi3ForCausalLM(config).save_pretrained(folder)
    completer = Completer(loaded(folder), n_rows=3)
    assert not any(isinstance(layer, Layer) for layer in completer._body.layers)
    asked = prompts_of(completer.tokenizer)
    expected = generated(folder, asked, n_new=N_NEW, ends=completer.ends)
    before = shared_beginning([one.tokens for one in asked])
    found = completed(completer, asked, before=before, max_new_tokens=N_NEW)
    for one in asked:
        tokens = expected[one.id]
        ended = tokens[-1] in completer.ends
        assert found[one.id].text == text_of(completer.tokenizer, tokens[:-1] if ended else tokens)
