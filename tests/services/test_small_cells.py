"""Small cells: no number below five is shown or follows from what is shown."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.services.small_cells import Mask, is_small, masks

COLUMNS = st.lists(st.integers(0, 12), min_size=1, max_size=7)


@settings(max_examples=300, deadline=None)
@given(COLUMNS)
@example([3, 40, 9])
@example([4, 4])
@example([1, 1, 6])
@example([2, 5])
@example([1, 1, 1, 1, 1])
@example([0, 0, 7])
def test_a_reader_who_knows_total_and_rules_cannot_work_out_a_small_cell(counts):
    made = masks(counts)
    for count, mask in zip(counts, made, strict=True):
        assert not (is_small(count) and mask is Mask.EXACT)
        assert count or mask is Mask.EXACT or set(made) == {Mask.KEPT_BACK}, "nothing points at nobody"
    if is_small(sum(counts)):
        return
    hidden = [at for at, mask in enumerate(made) if mask is not Mask.EXACT]
    for place in hidden:
        if is_small(counts[place]):
            assert len(_possible(counts, made, place)) > 1, (counts, made)


def _possible(counts, made, place):
    """Values that the cell could have, found by trying: others within what their marks say."""
    hidden = [at for at, mask in enumerate(made) if mask is not Mask.EXACT]
    left = {sum(counts[at] for at in hidden)}
    every = not any(mask is Mask.SMALL for mask in made)  # then the marks say nothing of the size
    for at in hidden:
        if at != place:
            low, high = (1, 4) if made[at] is Mask.SMALL else (0 if every else 5, 99)
            left = {rest - value for rest in left for value in range(low, min(high, rest) + 1)}
    low, high = (1, 4) if made[place] is Mask.SMALL else (0 if every else 5, 99)
    return {value for value in left if low <= value <= high}


def test_large_tables_are_left_as_they_are():
    assert masks([5, 6, 0, 70]) == [Mask.EXACT] * 4
    assert masks([5, 3, 0, 70, 9]) == [Mask.KEPT_BACK, Mask.SMALL, Mask.EXACT, Mask.EXACT, Mask.EXACT]
