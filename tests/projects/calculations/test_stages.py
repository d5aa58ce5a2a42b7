from datetime import date

from projects.calculations.stages import Stage, Step, firmness, standing


def steps(*pairs: tuple[str, str]) -> list[Step]:
    return [Step(kind, date.fromisoformat(on)) for kind, on in pairs]


def test_a_project_stands_on_the_firmest_stage_it_reached():
    found = standing(
        steps(
            ("candidate_listed", "2025-10-28"),
            ("selected", "2026-02-17"),
            ("site_secured", "2026-03-24"),
        )
    )
    assert found.stage == Stage.SELECTED
    assert found.reached == {
        Stage.CANDIDATE: date(2025, 10, 28),
        Stage.SELECTED: date(2026, 2, 17),
    }


def test_what_has_ended_is_less_firm_than_anything_that_stands():
    stages = sorted([None, *Stage], key=firmness, reverse=True)
    assert stages[0] == Stage.DISTRIBUTED
    assert stages[-5:] == [
        *(Stage.REPORTED, Stage.CANCELLED, Stage.WITHDRAWN, Stage.DECLINED),
        None,
    ]


def test_a_companys_word_leaves_a_project_in_consultation():
    found = standing(
        steps(
            ("announced_second_batch", "2026-03-19"),
            ("presidential_approval_reported", "2026-03-20"),
        )
    )
    assert (found.stage, found.is_selected) == (Stage.IN_CONSULTATION, False)


def test_a_later_step_back_changes_nothing():
    found = standing(steps(("selected", "2026-02-17"), ("candidate_listed", "2026-03-01")))
    assert found.stage == Stage.SELECTED


def test_an_end_counts_until_the_project_is_selected_again():
    ended = steps(("selected", "2026-02-17"), ("cancelled", "2026-05-01"))
    found = standing(ended)
    assert (found.stage, found.is_selected) == (Stage.CANCELLED, False)
    assert (found.reached, found.ended_on) == (
        {Stage.SELECTED: date(2026, 2, 17)},
        date(2026, 5, 1),
    )
    found = standing([*ended, *steps(("selected", "2026-06-01"))])
    assert (found.stage, found.is_selected, found.ended_on) == (Stage.SELECTED, True, None)


def test_a_project_without_a_step_of_the_ladder_has_no_stage():
    found = standing(steps(("ground_broken", "2026-03-20")))
    assert (found.stage, found.reached) == (None, {})
