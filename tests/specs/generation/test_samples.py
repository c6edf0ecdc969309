from __future__ import annotations

from understudy.specs.documents.document import Json
from understudy.specs.generation.chance import Chance
from understudy.specs.generation.drawing import Drawing
from understudy.specs.generation.samples import Samples


def find(samples: Samples, count: int = 100, *, minimal: bool = False) -> list[Json]:
    drawing = Drawing(Chance("3"), minimal=minimal, careful=False)
    return [found[0] for _ in range(count) if (found := samples.find(drawing)) is not None]


def anything(value: Json) -> bool:
    return True


def test_only_allowed_samples_are_kept() -> None:
    samples = Samples(["a", 1, "b"], ["c"], lambda value: isinstance(value, str), "word")
    assert set(find(samples)) == {"a", "b"}
    assert not Samples([1], [], lambda value: isinstance(value, str), "word")


def test_defaults_are_drawn_less_often_and_only_without_examples() -> None:
    assert len(find(Samples([], ["d"], anything, "x"))) < len(find(Samples(["e"], ["d"], anything, "x")))
    assert "d" not in find(Samples(["e"], ["d"], anything, "x"))


def test_placeholders_and_empty_defaults_say_nothing() -> None:
    assert not Samples(["string", "", None], ["", None, [], {}], anything, "x")
    assert Samples([0, False], [], anything, "x")
    assert Samples([], [0, False], anything, "x")


def test_wholes_leave_room_for_members_of_their_own() -> None:
    samples = Samples([{"a": 1}], [], anything, "x")
    assert 20 < len(find(samples)) < 80
    assert find(samples, minimal=True) == []


def test_identities_are_varied_in_their_own_style() -> None:
    drawn = find(Samples(["chat-a1b2c3"], [], anything, "id"))
    assert len(set(drawn)) > 50
    assert all(text.startswith("chat-") and len(text) == len("chat-a1b2c3") for text in drawn)
    uuids = find(Samples(["019ca3b2-51c0-7d14-9a63-2f8e61b7c040"], [], anything, "userId"))
    assert len(set(uuids)) == len(uuids)
    assert find(Samples(["ab"], [], anything, "id")).count("ab") > 50, "too short to vary"
    assert find(Samples([7], [], anything, "id")) == [], "a number is made up"


def test_an_identity_that_may_not_vary_stays() -> None:
    assert set(find(Samples(["key-a1b2"], [], lambda value: value == "key-a1b2", "id"))) == {"key-a1b2"}


def test_equal_identities_in_one_example_stay_equal() -> None:
    example = {"id": "user_a1b2c3", "owner": {"id": "user_a1b2c3"}, "parts": [{"part_id": "part_99zz"}]}
    for value in find(Samples([example], [], anything, "x")):
        assert value["id"] == value["owner"]["id"]
        assert value["id"] != "user_a1b2c3"
    assert example["id"] == "user_a1b2c3"
