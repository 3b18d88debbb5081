"""Books, papers and web pages as the library reads them, and files that are traps."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_tui.errors import ToolError
from chat_tui.tools.library import Library
from chat_tui.tools.readers.child import ReaderProcess
from chat_tui.tools.readers.plain import decode, decode_markup
from tests.tools.test_library import found, write


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    one = Library(tmp_path / "data")
    yield one
    one.close()


def docx(text: str) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr(
            "word/document.xml",
            "<?xml version='1.0' encoding='UTF-8'?><w:document><w:body><w:p><w:pPr><w:pStyle "
            'w:val="Heading1"/></w:pPr><w:r><w:t>Report</w:t></w:r></w:p><w:p><w:r>'
            f'<w:t xml:space="preserve">{text} </w:t></w:r><w:r><w:t>&amp; more</w:t></w:r></w:p>'
            "</w:body></w:document>",
        )
        archive.writestr("docProps/core.xml", "<c><dc:title>Yearly report</dc:title></c>")
    return body.getvalue()


def epub() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr(
            "META-INF/container.xml",
            '<container><rootfiles><rootfile full-path="OEBPS/b.opf"/></rootfiles></container>',
        )
        archive.writestr(
            "OEBPS/b.opf",
            "<package><metadata><dc:title>A Book</dc:title></metadata><manifest>"
            '<item id="two" href="two.xhtml"/><item id="one" href="text/one%20a.xhtml"/></manifest>'
            '<spine><itemref idref="one"/><itemref idref="two"/><itemref idref="no"/></spine>'
            "</package>",
        )
        archive.writestr("OEBPS/text/one a.xhtml", "<html><body><h1>One</h1><p>apple</p></body>")
        archive.writestr("OEBPS/two.xhtml", "<body><p>pear<br/>plum</p></body>")
    return body.getvalue()


def pdf(*pages: str) -> bytes:
    """A PDF of one line a page, written by hand."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    body = b"%PDF-1.4\n"
    offsets = []
    for number, text in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    return body + f"{head}{table}trailer\n{trailer}".encode()


def test_books_papers_and_pages_are_read(library: Library, files: Path) -> None:
    write(files / "r.docx", docx("quarterly plum"))
    write(files / "b.epub", epub())
    write(files / "p.pdf", pdf("first apple", "second pear"))
    write(
        files / "w.html",
        "<html><head><title>The  page</title><style>x</style></head><body><script>bad()</script>"
        "<h2>Plums</h2><p>a <b>ripe</b>\nplum</p><ul><li>one<li>two</ul><pre>a  b\nc</pre>"
        "<table><tr><td>x</td><td>y</td></tr></table><img alt='pic'><a href='u'> go </a>.",
    )
    library.add(files)
    assert not library.index().problems
    assert library.fetch("r.docx").pieces == ("# Report\nquarterly plum & more\n",)
    assert library.fetch("r.docx").title == "Yearly report"
    assert library.fetch("b.epub").pieces == ("# One\n\napple\n\npear\nplum\n\n",)
    assert library.fetch("p.pdf").pieces == ("[Page 1]\nfirst apple\n\n[Page 2]\nsecond pear\n\n",)
    page = library.fetch("w.html")
    assert page.title == "The page"
    assert page.pieces == (
        "## Plums\n\na ripe plum\n\n- one\n- two\n\na  b\nc\n\n x y\n\n[Image: pic] go .\n",
    )
    assert set(found(library, "plum")) == {"r.docx", "b.epub", "w.html"}


def test_traps_cost_one_file_each(tmp_path: Path, files: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w:t>" + b"a" * (80 << 20))
    write(files / "bomb.docx", bomb.getvalue())
    entities = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'><!ENTITY c SYSTEM 'file:///etc/passwd'>]>"
    write(files / "entities.html", f"{entities}<p>&b;&c;</p>")
    write(files / "deep.html", "<div>" * 50_000 + "deep")
    write(files / "open.html", "<!--" * 100_000 + "<a <a <a" * 10_000)
    write(files / "good.html", "<p>apple")
    library = Library(tmp_path / "data")
    library.add(files)
    report = library.index()
    assert {Path(one.path).name for one in report.problems} == {"bomb.docx"}
    assert found(library, "apple") == ["good.html"]
    assert "root:" not in str(library.fetch("entities.html").pieces)
    library.close()


def test_a_reader_that_hangs_is_killed_and_the_next_file_is_read(files: Path) -> None:
    reader = ReaderProcess(seconds=0.5)
    good = write(files / "good.html", "<p>apple")
    assert reader.read(good).text == "apple\n"
    # A page whose reading takes longer than half a second, though it would end some day.
    slow = write(files / "slow.html", "<p a='b'>" * 800_000)
    with pytest.raises(ToolError, match="gave up"):
        reader.read(slow)
    patient = ReaderProcess()
    assert patient.read(good).text == "apple\n"
    reader.close()
    patient.close()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain\r\nlines\r", "plain\nlines\n"),
        ("чай".encode("utf-8-sig"), "чай"),
        ("чай".encode("utf-16"), "чай"),
        ("самовар греет воду".encode("cp1251"), "самовар греет воду"),
        ("café crème brûlée".encode("latin-1"), "café crème brûlée"),
        ("茶".encode()[:-1], "\ufffd"),
        (b"\x7fELF\0\1", None),
        (bytes(range(1, 32)) * 9 + b"\xff", None),
        (b"", ""),
    ],
)
def test_bytes_are_read_in_their_encoding(data: bytes, text: str | None) -> None:
    assert decode(data) == text


def test_markup_may_name_its_encoding() -> None:
    assert "чай" in decode_markup('<meta charset="koi8-r"><p>чай'.encode("koi8-r"))
    assert "чай" in decode_markup('<meta charset="nonsense"><p>чай'.encode())
