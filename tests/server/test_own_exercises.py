"""An exercise that a facilitator wrote as a file is a page like any other, and is in the record."""

from __future__ import annotations

import csv
from pathlib import Path

from reconnect_widgets.records import RecordFolder
from reconnect_widgets.rehearsal.phone import Phone
from tests.content.test_own_packs import WALK
from tests.support.server import WorkbookServer, cli


async def test_a_file_in_the_content_folder_becomes_a_page(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    (data_dir / "content").mkdir(parents=True)
    (data_dir / "content" / "walk.yaml").write_text(WALK, "utf-8")
    (data_dir / "content" / "broken.yaml").write_text("kind: exercise\nkey: [", "utf-8")
    server = WorkbookServer(data_dir).start()
    try:
        made = cli(data_dir, "session", "new", "--title", "T", "--agenda", "evening-walk", "--json")
        assert "evening-walk" in made
        (record,) = RecordFolder(data_dir).sessions()
        phone = Phone(server.url)
        code = record.info.code
        form = {"action": "join", "code": code, "name": "Ada", "how": "alone"}
        assert (await phone.submit(await phone.get(f"/j/{code}"), "/", form)).code == 303
        page = await phone.open_page("evening-walk")
        assert page.code == 200
        assert (await phone.get("/w/broken")).code == 404
        await phone.hang_up()
        assert "left out of content/: 1;" in server.log()
    finally:
        server.stop()
    cli(data_dir, "merge", record.session_id)
    with (record.folder / "codebook.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == []  # nothing was answered
