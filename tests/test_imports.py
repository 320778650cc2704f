"""The shape of the package, read from its syntax trees: who imports whom, and where risk lives.

A rule that only a document holds is broken by the third hurried commit. Each of these is one
that a reader of the code relies on without looking.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "reconnect_widgets"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Who may import whom (within the package). A part may always import itself.
BOTTOM = {"errors", "system"}
MAY_IMPORT = {
    "errors": set(),
    "system": set(),
    "domain": {"errors"},  # pure: not even the clock
    "content": BOTTOM | {"domain"},
    "records": BOTTOM | {"domain"},
    "widgets": BOTTOM | {"domain"},
    "review": BOTTOM | {"domain", "content", "records", "widgets"},
    "workbook": BOTTOM | {"domain", "content", "records", "widgets", "review"},
    "server": BOTTOM | {"domain", "content", "records"},
    "rehearsal": BOTTOM | {"domain", "content", "records"},  # knows a server as a browser does
    "cli": BOTTOM | {"domain", "content", "records", "server", "rehearsal"},
    "__main__": {"cli"},
    # The public names: it may offer any of them, but only when asked (see below).
    "__init__": BOTTOM | {"domain", "content", "records", "review", "workbook"},
}

# Third-party and standard modules that a part must not import at all.
FORBIDDEN = {
    "domain": {"os", "io", "pathlib", "time", "secrets", "tempfile", "socket", "subprocess",
               "pydantic", "pandas", "ipywidgets", "anywidget", "yaml"},
    "server": {"ipywidgets", "anywidget", "pandas", "numpy"},
    "rehearsal": {"ipywidgets", "anywidget", "pandas", "voila", "jupyter_server"},
    "widgets": {"pandas", "tornado"},
    "cli": {"ipywidgets", "anywidget", "pandas"},
}  # fmt: skip

# Calls with one home each: name -> parts (or modules) where it may stand.
HOMES = {
    "print": {"cli"},
    "datetime.now": {"system"},
    "datetime.utcnow": set(),
    "datetime.today": set(),
    "date.today": set(),
    "time.time": {"system"},
    "time.time_ns": {"system"},
    # The three that hand a kernel an environment of its own.
    "os.environ": {"system", "server.kernels", "server.provisioner", "server.warm_parent"},
    "os.getenv": set(),
    "random": set(),  # the module's shared generator; a `Random` with a seed is fine anywhere
    # Tokens of the web process: keys, a form's token, the name of a logged incident.
    "secrets": {"system", "server.secrets", "server.join", "server.logs"},
    # server.merging and cli.checks try the disk with a file of their own.
    "writes": {
        "records",
        "server.secrets",
        "server.merging",
        "cli.report",
        "cli.serving",
        "cli.checks",
    },
}

MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 60
# Longer ones, each with its reason.
LONG_MODULES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def dotted(path: Path) -> str:
    """``records.journal`` for records/journal.py; ``records`` for records/__init__.py."""
    relative = path.relative_to(PACKAGE).with_suffix("")
    parts = relative.parts[:-1] if relative.name == "__init__" else relative.parts
    return ".".join(parts) or "__init__"


def part(path: Path) -> str:
    return dotted(path).split(".")[0]


def imports(path: Path) -> Iterator[str]:
    """Yield every module that this one imports, anywhere in it, by its absolute name."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{dotted(path)}:{node.lineno}: write imports absolutely"
            yield node.module or ""
            if node.module == "reconnect_widgets":
                yield from (f"reconnect_widgets.{alias.name}" for alias in node.names)


def attribute_name(node: ast.AST) -> str:
    """Return ``a.b`` for the attribute b of the name a, ``a`` for a name, else ''."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return ""


def opens_for_writing(node: ast.AST) -> bool:
    """Say whether this call writes files, as far as syntax shows it."""
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else attribute_name(node.func)
    if name in {"write_text", "write_bytes"}:
        return True
    if attribute_name(node.func) in {"os.open", "os.write", "os.fdopen"}:
        return True
    if name != "open":
        return False
    texts = [
        value.value
        for value in [*node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(value, ast.Constant) and isinstance(value.value, str)
    ]
    return any(len(text) <= 3 and set(text) & set("wax+") for text in texts)


def uses_of_shared_generator(path: Path) -> Iterator[int]:
    for node in ast.walk(tree(path)):
        name = attribute_name(node)
        if name.startswith("random.") and name != "random.Random":
            yield getattr(node, "lineno", 0)


def risks(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each thing with a home of its own that this module does, and the line."""
    for node in ast.walk(tree(path)):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Call) and attribute_name(node.func) == "print":
            yield "print", line
        if isinstance(node, ast.Attribute) and attribute_name(node) in HOMES:
            yield attribute_name(node), line
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = node.module if isinstance(node, ast.ImportFrom) else ""
            names = [alias.name for alias in node.names]
            if module == "secrets" or (not module and "secrets" in names):
                yield "secrets", line
            if module == "random" and names != ["Random"]:
                yield "random", line
            if not module and "random" in names:
                yield from (("random", used) for used in uses_of_shared_generator(path))
        if opens_for_writing(node):
            yield "writes", line


def at_home(path: Path, homes: set[str]) -> bool:
    return part(path) in homes or dotted(path) in homes


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_imports_run_one_way(path: Path) -> None:
    allowed = MAY_IMPORT[part(path)] | {part(path)}
    for name in imports(path):
        if name.startswith("reconnect_widgets."):
            target = name.split(".")[1]
            # `from reconnect_widgets import __version__` and the like name no part.
            if target in MAY_IMPORT:
                assert target in allowed, f"{dotted(path)} must not import {name}"
        top = name.split(".")[0]
        assert top not in FORBIDDEN.get(part(path), set()), f"{dotted(path)} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_each_risky_thing_has_one_home(path: Path) -> None:
    away = [
        f"{dotted(path)}:{line}: {risk}"
        for risk, line in risks(path)
        if not at_home(path, HOMES[risk])
    ]
    assert not away


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_modules_and_functions_stay_short_enough_to_read(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_MODULE_LINES or dotted(path) in LONG_MODULES
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            name = f"{dotted(path)}.{node.name}"
            assert length <= MAX_FUNCTION_LINES or name in LONG_FUNCTIONS, f"{name}: {length}"


def test_no_module_is_called_by_what_it_is_not() -> None:
    shy = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert not [dotted(path) for path in MODULES if path.stem in shy]


def test_the_lists_of_exceptions_name_what_exists() -> None:
    names = {dotted(path) for path in MODULES} | {part(path) for path in MODULES}
    for homes in HOMES.values():
        assert homes <= names, f"no such module: {homes - names}"
    assert set(LONG_MODULES) <= names
    functions = {
        f"{dotted(path)}.{node.name}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert set(LONG_FUNCTIONS) <= functions


def loaded_by(statement: str) -> set[str]:
    """Run a statement in a new interpreter and return the top-level modules it has loaded."""
    program = f"{statement}\nimport sys\nprint(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_importing_the_package_loads_nothing_heavy() -> None:
    loaded = loaded_by("import reconnect_widgets")
    assert not loaded & {"pandas", "numpy", "ipywidgets", "anywidget", "voila", "pydantic"}


def test_the_command_line_answers_before_anything_heavy_is_loaded() -> None:
    loaded = loaded_by("import reconnect_widgets.cli.root")
    assert not loaded & {"pandas", "numpy", "ipywidgets", "anywidget", "voila", "frictionless"}


def test_the_web_process_holds_neither_widgets_nor_pandas() -> None:
    loaded = loaded_by("import reconnect_widgets.server.app")
    assert not loaded & {"pandas", "ipywidgets", "anywidget"}


def test_the_readers_of_this_file_see_what_they_should() -> None:
    """The checks themselves, on a made-up module: a check that cannot fail checks nothing."""
    source = "import random\nprint('x')\nopen('f', 'w')\np.write_text('x')\nos.environ['x']\n"
    found = [
        "print" if attribute_name(n.func) == "print" else "writes"
        for n in ast.walk(ast.parse(source))
        if isinstance(n, ast.Call) and (attribute_name(n.func) == "print" or opens_for_writing(n))
    ]
    assert sorted(found) == ["print", "writes", "writes"]
    assert not opens_for_writing(ast.parse("open('f', 'rb')", mode="eval").body)
