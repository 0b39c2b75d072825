"""PDF and Word files written from scratch, so that each trick is in plain sight."""

from __future__ import annotations

import io
import zipfile
import zlib

PAGE = "BT /F1 12 Tf 72 700 Td (The quarterly report follows on the next pages.) Tj ET\n"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def shown(text: str, *, at: tuple[float, float] = (72, 650), size: float = 12, before: str = "", after: str = "") -> str:
    """Operators that show ``text``."""
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"q {before} BT /F1 {size} Tf {at[0]} {at[1]} Td ({escaped}) Tj ET {after} Q\n"


def pdf(content: str, *, extra: str = "", catalog: str = "", resources: str = "", info: str = "", fonts: str = "") -> bytes:
    """A PDF of one page of 612 x 792 points. ``extra``: further objects, numbered from 7."""
    stream = zlib.compress(content.encode("latin-1"))
    objects = [
        f"<</Type/Catalog/Pages 2 0 R{catalog}>>".encode(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R{fonts}>>{resources}>>>>".encode(),
        b"<</Length " + str(len(stream)).encode() + b"/Filter/FlateDecode>>stream\n" + stream + b"\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        f"<<{info}>>".encode(),
        *(part.encode("latin-1") for part in extra.split("\x00") if part),
    ]
    out, places = io.BytesIO(b"%PDF-1.7\n"), []
    out.seek(0, 2)
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n".encode() + body + b"\nendobj\n")
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode() + b"".join(f"{place:010} 00000 n \n".encode() for place in places))
    out.write(f"trailer<</Size {len(objects) + 1}/Root 1 0 R/Info 6 0 R>>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


def run(text: str, properties: str = "") -> str:
    """A run of a Word document."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def docx(*paragraphs: str, parts: dict[str, str] | None = None) -> bytes:
    """A Word document of ``paragraphs`` (runs as XML), and further parts."""
    body = "".join(f"<w:p>{paragraph}</w:p>" for paragraph in paragraphs)
    made = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "word/document.xml": f'<?xml version="1.0"?><w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
    } | (parts or {})
    return packed(made)


def packed(parts: dict[str, str]) -> bytes:
    """A zip of ``parts``, XML where they begin like it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body if body.startswith("<?xml") or not body.startswith("<") else f'<?xml version="1.0"?>{body}')
    return out.getvalue()


def slides(shape: str, text: str) -> bytes:
    """A show of one slide of 1,000 by 500, with ``text`` in a shape that ``shape`` places."""
    names = 'xmlns:a="urn:a" xmlns:p="urn:p"'
    shown = f"<p:sp><p:spPr><a:xfrm>{shape}</a:xfrm></p:spPr><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    return packed(
        {
            "ppt/presentation.xml": f'<p:presentation {names}><p:sldSz cx="1000" cy="500"/></p:presentation>',
            "ppt/slides/slide1.xml": f"<p:sld {names}><p:cSld><p:spTree>{shown}</p:spTree></p:cSld></p:sld>",
        }
    )


def workbook(cell: str, *strings: str, columns: str = "", row: str = "", state: str = "visible", styles: str = "") -> bytes:
    """A workbook of one sheet, its second row with ``cell``. ``strings``: the shared ones; ``styles``: fonts, fills and the formats of cells."""
    sheet = f'<sheetData><row r="1"><c r="A1" t="str"><v>day</v></c></row><row r="2" {row}>{cell}</row></sheetData>'
    names = 'xmlns="urn:x" xmlns:r="urn:r"'
    return packed(
        {
            "xl/workbook.xml": f'<workbook {names}><sheets><sheet name="a" state="{state}" r:id="r7"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": '<Relationships xmlns="urn:l"><Relationship Id="r7" Target="worksheets/first.xml"/></Relationships>',
            "xl/sharedStrings.xml": f"<sst {names}>{''.join(f'<si>{text}</si>' for text in strings)}</sst>",
            "xl/styles.xml": f"<styleSheet {names}>{styles}</styleSheet>",
            "xl/worksheets/first.xml": f"<worksheet {names}><cols>{columns}</cols>{sheet}</worksheet>",
        }
    )
