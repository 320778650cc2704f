"""What runs in a participant's kernel: who it is for, and the pages.

The composition root of the kernel process: everything below (domain, content, records, widgets)
meets here and knows nothing of the others' neighbours.
"""

from reconnect_widgets.workbook.show import show

__all__ = ["show"]
