"""A figure holds its revision and nothing later, wherever between two reads a posting lands."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection

from commitments.models import Commitment, Revision
from projects.services.progress import progress_body
from tests.builders import make_entry, make_project, make_register, post, record

pytestmark = [pytest.mark.pg, pytest.mark.django_db(transaction=True)]
LEDGER = ("projects_ledgerday", "projects_ledgerproject", "projects_ledgerentry")


def post_elsewhere() -> None:
    """Post an entry through another connection, committed before the next statement here."""

    def run() -> None:
        try:
            post([make_entry("prj-1", "5.00", on=date(2026, 6, 10))])
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result(timeout=20)


class Interleaved:
    """Lets a posting land before the nth statement that reads the ledger or a roll-up."""

    def __init__(self, before: int) -> None:
        self.before, self.seen = before, 0

    def __call__(self, execute, sql, params, many, context):
        if any(table in sql for table in LEDGER):
            if self.seen == self.before:
                post_elsewhere()
            self.seen += 1
        return execute(sql, params, many, context)


@pytest.mark.parametrize("as_of", [date(2026, 6, 15), date(2026, 11, 24)])
def test_a_posting_between_two_reads_is_not_in_the_figure(as_of):
    make_register()
    record(make_project("prj-1"))
    post(
        [
            make_entry("prj-1", "1.00", on=date(2026, 5, 1)),
            make_entry("prj-1", "2.00", on=date(2026, 6, 1)),
            make_entry("prj-1", "3.00", on=date(2026, 6, 20)),
        ]
    )
    commitment = Commitment.objects.get()
    before, landed = 0, True
    while landed:
        revision = Revision.objects.latest("number")
        undisturbed = progress_body(commitment, as_of, revision)
        posting = Interleaved(before)
        with connection.execute_wrapper(posting):
            disturbed = progress_body(commitment, as_of, revision)
        landed = posting.seen > before
        assert disturbed == undisturbed, f"posted before statement {before}"
        before += 1
    assert before > 2
