from streams.adapters.remembered import Remembered


def test_what_was_asked_for_longest_ago_is_forgotten_first() -> None:
    memory: Remembered[str, int] = Remembered(2)
    memory.put("a", 1)
    memory.put("b", 2)
    assert memory.get("a") == 1

    memory.put("c", 3)

    assert (memory.get("a"), memory.get("b"), memory.get("c")) == (1, None, 3)
    assert len(memory) == 2


def test_a_memory_of_nothing_remembers_nothing() -> None:
    memory: Remembered[str, int] = Remembered(0)
    memory.put("a", 1)

    assert memory.get("a") is None
