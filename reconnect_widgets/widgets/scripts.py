"""One script out of several files: anywidget runs one text per widget.

Each file is a module by itself, with imports that editors and the type check follow. Joined in the
order of their dependence they share one scope, so the imports and exports between them go.
"""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./\w+\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=class|const|function)", re.MULTILINE)


def join_scripts(*names: str) -> str:
    """Return these files of this folder as one module; the last one's default export stays."""
    texts = [(HERE / name).read_text("utf-8") for name in names]
    *parts, last = [_IMPORT.sub("", text) for text in texts]
    return "".join([*(_EXPORT.sub("", part) for part in parts), last])
