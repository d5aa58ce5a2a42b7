"""Numbers without an answer."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a figure has no value; the one enumeration of answers and pages."""

    NOT_RECORDED_YET = "not_recorded_yet"
    BEFORE_AGREEMENT = "before_agreement"
    NOT_COMPUTED_YET = "not_computed_yet"
    NOT_KEPT_FOR_DAY = "not_kept_for_day"
    NOT_KEPT_BY_PUBLICATION = "not_kept_by_publication"
    NOT_STATED = "not_stated"
    NO_PROJECTS = "no_projects"
    DEADLINE_PASSED = "deadline_passed"
    TOO_FEW_FORECASTS = "too_few_forecasts"
    NO_OBSERVATIONS = "no_observations"
    TOO_SHORT = "too_short"
    RATE_NOT_POSITIVE = "rate_not_positive"
    ZERO_PLAN = "zero_plan"
    BEFORE_START = "before_start"
    ZERO_PROGRESS = "zero_progress"
    NOT_WITHIN_HORIZON = "not_within_horizon"
    ZERO_TOTAL = "zero_total"
    SCOPE_NOT_DEFINED = "scope_not_defined"
    DEPENDS_ON_SCOPE = "depends_on_scope"
    MFN_NOT_ON_RECORD = "mfn_not_on_record"
    NO_MEASURE_ON_RECORD = "no_measure_on_record"
    HEADING_NOT_ON_RECORD = "heading_not_on_record"
    STEP_NOT_STATED = "step_not_stated"
    MEASURES_OVERLAP = "measures_overlap"
    NO_SIGN_CHANGE = "no_sign_change"
    NO_ROOT = "no_root"
    OWN_TARGET = "own_target"
    ONE_CODING = "one_coding"
    ONE_LABEL = "one_label"


class Undefined(Exception):
    """A formula without an answer for its arguments. `reason` is the code to show."""

    def __init__(self, reason: str) -> None:
        self.reason = Reason(reason)
        super().__init__(self.reason)
