"""The gate between partners, over the record: the one way by which a page reads the partner.

What belongs here: which rows are read, and when. What does not: the rules (`domain.between`), how
an act is written in a row (`records.acts`).

Before this person has said or done something that opens the partner's side, the partner's rows
are still read by the gate, and nothing of them comes out: what one may see is decided in one
place, and not by who happens to read what. (The checkup, which is older, does not even read them;
see decision 0053.)
"""

from __future__ import annotations

from reconnect_widgets.domain.acts import Reveals
from reconnect_widgets.domain.between import Gate
from reconnect_widgets.records.acts import read_said
from reconnect_widgets.workbook.context import Context


def open_gate(context: Context, exercise: str, *, reveals: Reveals = "nothing") -> Gate:
    """Return what this person may see and do between partners in one exercise, as of now.

    Only what is in the record counts: what somebody said unrecorded is nowhere for their partner.
    """
    return Gate(
        exercise,
        read_said(context.recorded_rows(), context.partner_rows(), exercise),
        reveals=reveals,
        can_share=bool(context.dyad_id)
        and context.is_recorded
        and not context.takes_no_more(exercise),
    )
