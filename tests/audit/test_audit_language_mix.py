import pytest

ENGLISH = [
    "where is my new card, it has not come yet",
    "I would like my money back for the broken lamp",
    "how can I change the address of my order",
    "my payment was declined although there is money",
]
GERMAN = "Meine neue Karte ist noch nicht angekommen, wo bleibt sie"
OTHERS = {
    "in language 'de'": GERMAN,
    "in language 'fr'": "Je ne peux pas me connecter à mon compte depuis hier",
    "in Cyrillic script": "где моя новая карта",
    "in Cjk script": "カードがまだ届きません",
}


def rows_of(text, n, *, label=None, split="train"):
    return [(f"{text} {'abc'[k % 3] * (1 + k // 3)}", label or "ab"[k % 2], split) for k in range(n)]


CLEAR = [row for text in ENGLISH for row in rows_of(text, 10)]


@pytest.mark.parametrize("language", OTHERS)
def test_other_languages_and_scripts_are_found(found, language):
    [finding] = found(
        "language_mix", [*CLEAR, *rows_of(OTHERS[language], 6), *rows_of(OTHERS[language], 2, split="test")]
    )
    assert (finding.severity, finding.rows) == ("warn", tuple(f"id{k}" for k in range(40, 46)))
    got = f"8 of 48 texts that are long enough to tell are {language}, most are in language 'en'"
    assert finding.message == f"{got}: 6 in train, 2 in test"


def test_the_label_that_most_of_them_have_is_named(found):
    [finding] = found("language_mix", [*CLEAR, *rows_of(GERMAN, 6, label="german desk")])
    assert finding.message.endswith("6 in train; 6 of them under 'german desk'")


def test_short_and_few_messages_of_another_language_are_clear(found):
    assert found("language_mix", [*CLEAR, *rows_of(GERMAN, 4), *rows_of("bonjour madame", 9)]) == []


def test_not_applicable_to_short_messages(why_not):
    why = "fewer than 10 texts are long enough to tell their language"
    assert why_not("language_mix", rows_of("bonjour madame", 20)) == why
