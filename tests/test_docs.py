"""The documents, held to what the program is: commands, options, settings, links, examples."""

from __future__ import annotations

import doctest
import io
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

from reconnect_widgets.cli.root import root
from reconnect_widgets.domain.people import Session
from reconnect_widgets.server.settings import ServerSettings
from reconnect_widgets.system import KernelEnvironment

REPO = Path(__file__).parent.parent
CLI_REFERENCE = (REPO / "docs/reference/cli.md").read_text("utf-8")
SETTINGS_REFERENCE = (REPO / "docs/reference/settings.md").read_text("utf-8")
README = (REPO / "README.md").read_text("utf-8")
MAKEFILE = (REPO / "Makefile").read_text("utf-8")
PAGES = sorted([*REPO.glob("*.md"), *REPO.glob("docs/**/*.md"), *REPO.glob("data/**/*.md")])


def commands(
    command: click.Command = root, path: str = "reconnect"
) -> Iterator[tuple[str, click.Command]]:
    """Yield every command that does something, with the words that call it."""
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from commands(child, f"{path} {name}")
    else:
        yield path, command


COMMANDS = dict(commands())


def section(path: str) -> str:
    """Return what the reference says under a command's heading."""
    found = re.search(rf"^## {re.escape(path)}$(.*?)(?=^## |\Z)", CLI_REFERENCE, re.M | re.S)
    assert found, f"docs/reference/cli.md has no heading '## {path}'"
    return found[1]


def code_blocks(text: str, language: str) -> list[str]:
    blocks = re.findall(rf"^ *```{language}\n(.*?)^ *```", text, re.M | re.S)
    return [str(block) for block in blocks]


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_is_documented_with_exactly_its_options(path: str) -> None:
    written = section(path)
    options = {
        name
        for parameter in COMMANDS[path].params
        if isinstance(parameter, click.Option)
        for name in parameter.opts
    }
    first_column = re.findall(r"^\| `(--[a-z-]+)", written, re.M)
    assert sorted(first_column) == sorted(options)
    for parameter in COMMANDS[path].params:
        if isinstance(parameter, click.Argument):
            assert str(parameter.metavar).strip("[]") in written


def test_no_command_is_documented_that_does_not_exist() -> None:
    assert set(re.findall(r"^## (reconnect .*)$", CLI_REFERENCE, re.M)) == set(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_takes_a_record_folder_and_says_what_it_does(path: str) -> None:
    command = COMMANDS[path]
    assert any("--data" in parameter.opts for parameter in command.params)
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{path} {parameter.opts}: no help"


def test_every_setting_is_documented() -> None:
    chosen = {"title", "agenda", "partner_policy", "name_visibility", "keep_until"}
    chosen |= {"minutes", "free", "door", "seats"}
    assert chosen <= {field.name for field in fields(Session)}
    variables = set(re.findall(r"^([A-Z_]+) \?=", MAKEFILE, re.M))
    wanted = chosen | {field.name for field in fields(ServerSettings)} | variables
    wanted |= set(KernelEnvironment.VARIABLES)
    documented = set(re.findall(r"^\| `([A-Za-z_]+)`", SETTINGS_REFERENCE, re.M))
    assert documented == wanted | {"CHROMIUM", "RECONNECT_FORK"}


def test_every_make_target_is_in_the_help_and_in_the_readme() -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.M)) - {"help"}
    shown = set(re.findall(r"@echo 'make (\w+)", MAKEFILE))
    # `chromium` is a step of `test`, not something to ask for.
    assert shown == targets - {"chromium"}
    assert shown <= set(re.findall(r"make (\w+)", README))


def links(page: Path) -> Iterator[str]:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.S)
    yield from re.findall(r"\]\(([^)\s]+)\)", text)


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPO)))
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if link.startswith(("http://", "https://")):
            continue
        target, _, anchor = link.partition("#")
        found = (page.parent / target).resolve() if target else page
        assert found.exists(), f"{link}: no such file"
        assert REPO in [found, *found.parents], f"{link}: outside the repository"
        if anchor:
            assert anchor in anchors(found), f"{link}: no such heading"


def test_every_document_is_reached_from_the_index() -> None:
    reached: set[Path] = set()
    todo = [REPO / "README.md"]
    while todo:
        page = todo.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        todo += [
            (page.parent / link.partition("#")[0]).resolve()
            for link in links(page)
            if not link.startswith("http") and link.partition("#")[0]
        ]
    assert not [str(page.relative_to(REPO)) for page in set(PAGES) - reached]


def reconnect_lines() -> list[str]:
    """Return every `reconnect …` line of a code block, in all documents."""
    lines = []
    for page in PAGES:
        for block in code_blocks(page.read_text("utf-8"), "sh"):
            for line in block.splitlines():
                words = line.strip().removeprefix(".venv/bin/")
                if words.startswith("reconnect "):
                    lines.append(words)
    return lines


@pytest.mark.parametrize("line", sorted(set(reconnect_lines())))
def test_every_example_of_a_command_is_understood(line: str) -> None:
    """Parse it as the program would; placeholders are put as a person would put them."""
    words = shlex.split(line)[1:]
    replace = {"ID": "2026-11-20-tuesday-group-k7f3mq", "PARTICIPANT": "p-ab12cd"}
    words = [replace.get(word, word) for word in words]
    command: click.Command = root
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        assert words[0] in command.commands, f"{line}: no such command"
        command = command.commands[words.pop(0)]
    if words == ["--help"]:
        return
    files = {option for option in ("--certfile", "--keyfile") if option in words}
    words = [__file__ if words[i - 1] in files else word for i, word in enumerate(words)]
    command.make_context(line, words)


def test_the_commands_of_the_readme_run(tmp_path: Path) -> None:
    lines = [
        line
        for block in code_blocks(README, "sh")
        for line in block.splitlines()
        if line.startswith(".venv/bin/reconnect") and " serve" not in line
    ]
    assert len(lines) >= 4
    for line in lines:
        words = [sys.executable, "-m", "reconnect_widgets", *shlex.split(line)[1:]]
        folder = [] if words[-1] == "--help" else ["--data", str(tmp_path / "data")]
        done = subprocess.run([*words, *folder], capture_output=True, text=True, timeout=60)
        # doctor may find fault with the machine that runs the tests; the rest must succeed.
        assert done.returncode == 0 or "doctor" in line, f"{line}\n{done.stderr}"
        assert done.returncode in (0, 1)
        assert done.stdout


def test_the_plain_pip_lines_are_the_same_for_every_system() -> None:
    """Not run here (they would install), but held to one another and to what exists."""
    unix = next(b for b in code_blocks(README, "sh") if "-m venv" in b).splitlines()
    windows = code_blocks(README, "powershell")[0].splitlines()
    assert len(unix) == len(windows) == 3
    for line in unix:
        assert subprocess.run(["sh", "-n", "-c", line], timeout=10).returncode == 0
    for left, right in zip(unix, windows, strict=True):
        plain = right.replace("\\", "/").replace("Scripts", "bin").replace("py -3", "python3")
        assert plain == left
    assert (REPO / "requirements.txt").read_text("utf-8").strip() == "-e ."


def test_no_document_names_a_folder_of_somebodys_machine() -> None:
    for page in PAGES:
        text = page.read_text("utf-8")
        assert not re.search(r"/(home|root|work|Users)/", text), page.name


def test_every_line_of_the_pandas_tutorial_was_run(monkeypatch: pytest.MonkeyPatch) -> None:
    page = REPO / "docs/tutorial/read-the-record-with-pandas.md"
    examples = "\n".join(code_blocks(page.read_text("utf-8"), "pycon"))
    monkeypatch.chdir(REPO)
    test = doctest.DocTestParser().get_doctest(examples, {}, page.name, str(page), 0)
    report = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    failed, tried = runner.run(test, out=report.write)
    assert tried > 10
    assert failed == 0, report.getvalue()


def test_the_defaults_in_the_reference_are_those_of_the_program() -> None:
    options = {
        (path, parameter.opts[0]): parameter.default
        for path, command in COMMANDS.items()
        for parameter in command.params
        if isinstance(parameter, click.Option)
    }
    for path in COMMANDS:
        told = re.findall(r"^\| `(--[a-z-]+)[^|]*\|[^|]*default `?([\w.,-]+)", section(path), re.M)
        for option, default in told:
            actual = options[path, option]
            written = ",".join(actual) if isinstance(actual, tuple) else str(actual)
            assert default.rstrip(",.") == written, f"{path} {option}"
