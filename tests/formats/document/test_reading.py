"""What documents show and what they hide, by format; and readers that return whatever they are given."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisecops.formats.document.reading import read_document
from aisecops.formats.document.spans import Concealment, Purpose
from tests.bounded import bounded
from tests.formats.document.written import PAGE, W, docx, pdf, run, shown, slides, workbook

SECRET = "nobody sees these words"


def how(name: str, data: bytes | str) -> tuple[str | None, str]:
    """Why ``SECRET`` is not seen, and the purpose of that; None if it is seen."""
    document = read_document(data.encode() if isinstance(data, str) else data, name)
    (span,) = [span for span in document.spans if SECRET in span.text]
    return (span.hidden.value if span.hidden else None), span.purpose.value


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f"<p>{SECRET}</p>", (None, "none")),
        (f"<p style='display:none'>{SECRET}</p>", ("not-rendered", "none")),
        (f"<p style='DISPLAY: None !important; display:block'>{SECRET}</p>", ("not-rendered", "none")),
        (f"<p style='display:/* */none'>{SECRET}</p>", ("not-rendered", "none")),
        (rf"<p style='\64isplay:none'>{SECRET}</p>", ("not-rendered", "none")),
        (f"<p style='display&colon;none'>{SECRET}</p>", ("not-rendered", "none")),
        (f"<div hidden><b>{SECRET}</b></div>", ("not-rendered", "none")),
        (f"<div style='visibility:hidden'><b style='visibility:visible'>{SECRET}</b></div>", (None, "none")),
        (f"<style>.x{{display:none}}</style><p class='a x'>{SECRET}</p>", ("not-rendered", "none")),
        (f"<style>@media screen{{div > .x{{font-size:0}}}}</style><div><p class=x>{SECRET}</p></div>", ("tiny", "none")),
        (f"<style>h1+p{{display:none}}</style><h1>x</h1><p>{SECRET}</p>", ("not-rendered", "none")),
        (f"<style>h1+p{{display:none}}</style><h1>x</h1><img><p>{SECRET}</p>", (None, "none")),
        (f"<style>h1 ~ p.x{{display:none}}</style><h1>x</h1><img><p class=x>{SECRET}</p>", ("not-rendered", "none")),
        (f"<style>body > p{{display:none}}</style><body><div><p>{SECRET}</p></div>", (None, "none")),
        (f"<style>section > div p{{display:none}}</style><section><div><div><p>{SECRET}</p></div></div></section>", ("not-rendered", "none")),
        (f"<style>p:nth-of-type(2){{display:none}}</style><h1>x</h1><p>x</p><p>{SECRET}</p>", ("not-rendered", "none")),
        (f"<style>p:nth-of-type(2){{display:none}}</style><p>{SECRET}</p><p>x</p>", (None, "none")),
        (f"<style>li:nth-child(2n+1):not(:first-child){{display:none}}</style><ul><li>x<li>x<li>{SECRET}</ul>", ("not-rendered", "none")),
        (f"<style>li:nth-child(-n+2){{display:none}}</style><ul><li>x<li>x<li>{SECRET}</ul>", (None, "none")),
        (f"<style>@media print{{.x{{display:none}}}}</style><p class=x>{SECRET}</p>", (None, "none")),
        (f"<style>#a{{display:none}} p#a.b{{display:block}}</style><p id=a class=b>{SECRET}</p>", (None, "none")),
        (f"<p style='opacity:0.01'>{SECRET}</p>", ("transparent", "none")),
        (f"<div style='font-size:10px'><p style='font-size:.05em'>{SECRET}</p></div>", ("tiny", "none")),
        (f"<p style='color:#fff'>{SECRET}</p>", ("same-colour", "none")),
        (f"<body bgcolor=black><p style='color:rgb(3,3,3)'>{SECRET}</p>", ("same-colour", "none")),
        (f"<div style='background:#222'><p style='color:white'>{SECRET}</p></div>", (None, "none")),
        (f"<div style='background:url(dark.png)'><p style='color:white'>{SECRET}</p></div>", (None, "none")),
        (f"<link rel=stylesheet href=a.css><p style='color:white'>{SECRET}</p>", (None, "none")),
        (f"<p style='position:absolute;left:-9999px'>{SECRET}</p>", ("off-page", "none")),
        (f"<p style='height:0;overflow:hidden'>{SECRET}</p>", ("clipped", "none")),
        (f"<p style='clip-path:inset(100%)'>{SECRET}</p>", ("clipped", "none")),
        (f"<p style='transform:scale(0)'>{SECRET}</p>", ("off-page", "none")),
        (f"<p class='sr-only' style='position:absolute;left:-10000px'>{SECRET}</p>", ("off-page", "assistive")),
        (f"<p style='position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0)'>{SECRET}</p>", ("clipped", "assistive")),
        (f"<script>show()</script><p id=menu style='display:none'>{SECRET}</p>", ("not-rendered", "interactive")),
        (f"<template><p>{SECRET}</p></template>", ("not-rendered", "interactive")),
        (f"<!-- {SECRET} --><p>Hello</p>", ("comment", "editorial")),
        (f"<!-- a --!> {SECRET}", (None, "none")),
        (f"<img alt='{SECRET}'>", ("attribute", "assistive")),
        (f"<p style='display:none'>x<p>{SECRET}", (None, "none")),
        (f"<title>{SECRET}</title>", (None, "none")),
    ],
)  # fmt: skip
def test_html_is_seen_as_a_browser_shows_it(html, expected):
    assert how("page.html", html) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"# Title\n\n{SECRET}\n", (None, "none")),
        (f"# Title\n\n<span style='font-size:0'>{SECRET}</span>\n", ("tiny", "none")),
        (f"# Title\n\n[//]: # ({SECRET})\n", ("comment", "editorial")),
        (f"<!--\n{SECRET}\n-->\n", ("comment", "editorial")),
        (f"```html\n<p style='display:none'>{SECRET}</p>\n```\n", (None, "none")),
        (f"Write `<p hidden>{SECRET}` to hide it.\n", (None, "none")),
        (f'[a link](https://example.org "{SECRET}")\n', ("attribute", "assistive")),
        (f"---\ntitle: {SECRET}\n---\n# Title\n", ("metadata", "editorial")),
    ],
)
def test_markdown_is_seen_as_it_is_rendered(text, expected):
    document = read_document(text.encode(), "page.md")
    spans = [span for span in document.spans if SECRET in span.text]
    assert (spans[-1].hidden and spans[-1].hidden.value, spans[-1].purpose.value) == expected
    assert SECRET in text.split("\n")[spans[-1].line - 1 + spans[-1].text[: spans[-1].text.find(SECRET)].count("\n")]


OFF = {"catalog": "/OCProperties<</OCGs[7 0 R]/D<</OFF[7 0 R]>>>>", "resources": "/Properties<</L 7 0 R>>", "extra": "<</Type/OCG/Name(x)>>"}


def stream(text, kind=""):
    return f"<<{kind}/Length {len(text)}>>stream\n{text}\nendstream"


PICTURE = {
    "resources": "/XObject<</I 7 0 R>>",
    "extra": "<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>stream\n0\nendstream",
}


@pytest.mark.parametrize(
    ("content", "more", "expected"),
    [
        (shown(SECRET), {}, (None, "none")),
        (shown(SECRET, before="3 Tr"), {}, ("transparent", "none")),
        ("q 612 0 0 792 0 0 cm /I Do Q " + shown(SECRET, before="3 Tr"), PICTURE, ("transparent", "scanned")),
        (shown(SECRET, before="1 1 1 rg"), {}, ("same-colour", "none")),
        ("0 0 0.5 rg 0 600 612 100 re f " + shown(SECRET, before="1 g"), {}, (None, "none")),
        ("0 g 0 600 612 100 re f " + shown(SECRET, before="0 0 0 1 k"), {}, ("same-colour", "none")),
        ("0 0 0.5 rg 40 600 m 560 600 l 580 620 580 680 560 700 c 40 700 l f " + shown(SECRET, before="1 g"), {}, (None, "none")),
        ("1 g 40 600 m 560 600 l 580 620 580 680 560 700 c 40 700 l f " + shown(SECRET, before="1 g"), {}, ("same-colour", "none")),
        ("q 40 600 500 100 re W n /S sh Q " + shown(SECRET, before="1 g"), {}, (None, "none")),
        (shown(SECRET, size=0.5), {}, ("tiny", "none")),
        (shown(SECRET, size=12, before="0.01 0 0 0.01 1 600 cm"), {}, ("tiny", "none")),
        (shown(SECRET, at=(72, -300)), {}, ("off-page", "none")),
        (shown(SECRET) + "0.2 g 60 600 500 100 re f", {}, ("covered", "none")),
        (shown(SECRET) + "q 500 0 0 90 60 630 cm /I Do Q", PICTURE, ("covered", "none")),
        (shown(SECRET, before="0 0 50 50 re W n"), {}, ("clipped", "none")),
        (shown(SECRET, before="/OC /L BDC", after="EMC"), OFF, ("not-rendered", "none")),
        (shown(SECRET, before="/G gs"), {"resources": "/ExtGState<</G<</ca 0>>>>"}, ("transparent", "none")),
        ("", {"info": f"/Subject({SECRET})"}, ("metadata", "editorial")),
        ("", {"catalog": "/Metadata 7 0 R", "extra": stream(f"<x><dc:description>{SECRET}</dc:description></x>", "/Type/Metadata")}, ("metadata", "editorial")),
        ("", {"catalog": "/StructTreeRoot 7 0 R", "extra": f"<</K[8 0 R]>>\0<</S/Figure/P 7 0 R/K[7 0 R]/Alt({SECRET})>>"}, ("attribute", "assistive")),
        ("/Span /P1 BDC " + shown("Sales") + "EMC", {"resources": f"/Properties<</P1<</ActualText({SECRET})>>>>"}, ("attribute", "assistive")),
        ("", {"catalog": "/AcroForm<</Fields[7 0 R]>>", "extra": f"<</FT/Tx/T(a)/V({SECRET})>>"}, ("not-rendered", "none")),
        ("", {"catalog": "/AcroForm<</Fields[7 0 R]>>", "extra": f"<</T(a)/Kids[7 0 R 8 0 R]>>\0<</FT/Tx/T(b)/V({SECRET})>>"}, ("not-rendered", "none")),
    ],
)  # fmt: skip
def test_pdf_is_seen_as_a_viewer_paints_it(content, more, expected):
    assert how("paper.pdf", pdf(PAGE + content, **more)) == expected


def test_a_letter_that_stands_for_a_sentence_is_told_beside_what_is_shown():
    told = "begincodespacerange <00> <FF> endcodespacerange 1 beginbfchar <41> <" + SECRET.encode("utf-16-be").hex() + "> endbfchar"
    font = f"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 8 0 R>>\0{stream(told)}"
    document = read_document(pdf(PAGE + "BT /F2 12 Tf 72 600 Td (A) Tj ET", extra=font, fonts="/F2 7 0 R"), "a.pdf")
    assert [span.hidden for span in document.spans if SECRET in span.text] == [None, Concealment.ATTRIBUTE]


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        (run(SECRET), (None, "none")),
        (run("nobody sees") + run(" these words"), (None, "none")),
        (run(SECRET, "<w:vanish/>"), ("vanished", "none")),
        (run(SECRET, '<w:vanish w:val="0"/>'), (None, "none")),
        (run(SECRET, '<w:color w:val="FFFFFF"/>'), ("same-colour", "none")),
        (run(SECRET, '<w:color w:val="000000" w:themeColor="background1"/>'), ("same-colour", "none")),
        (run(SECRET, '<w:color w:val="7F7F7F" w:themeColor="background1" w:themeShade="7F"/>'), (None, "none")),
        (run(SECRET, '<w:color w:val="FFFFFF"/><w:shd w:fill="1F3864"/>'), (None, "none")),
        (run(SECRET, '<w:sz w:val="2"/>'), ("tiny", "none")),
        (f"<w:del>{run(SECRET).replace('w:t>', 'w:delText>').replace('<w:t ', '<w:delText ')}</w:del>", ("vanished", "editorial")),
    ],
)
def test_word_documents_are_seen_as_printed(paragraph, expected):
    assert how("memo.docx", docx(run("Dear all,"), paragraph)) == expected


def test_styles_comments_and_properties_of_a_word_document_count():
    style = f'<w:styles xmlns:w="{W}"><w:style w:styleId="X"><w:rPr><w:vanish/></w:rPr></w:style></w:styles>'
    assert how("a.docx", docx(run(SECRET, '<w:rStyle w:val="X"/>'), parts={"word/styles.xml": style})) == ("vanished", "none")
    comments = f'<w:comments xmlns:w="{W}"><w:comment><w:p>{run(SECRET)}</w:p></w:comment></w:comments>'
    assert how("a.docx", docx(run("x"), parts={"word/comments.xml": comments})) == ("comment", "editorial")
    core = f'<c:coreProperties xmlns:c="c" xmlns:d="d"><d:description>{SECRET}</d:description></c:coreProperties>'
    assert how("a.docx", docx(run("x"), parts={"docProps/core.xml": core})) == ("metadata", "editorial")


TEXT = f"<t>{SECRET}</t>"
INLINE = f'<c r="B2" t="inlineStr"><is>{TEXT}</is></c>'
SHARED = '<c r="B2" t="s"><v>1</v></c>'
FORMAT = (
    '<numFmts><numFmt numFmtId="170" formatCode=";;;"/></numFmts><fonts><font><sz val="11"/><color theme="1"/></font><font><color rgb="FFFFFFFF"/></font></fonts>'
    '<fills><fill><patternFill/></fill><fill><patternFill patternType="solid"><fgColor rgb="FF1F3864"/></patternFill></fill></fills>'
)


def cells(font: int = 0, fill: int = 0, code: int = 0) -> str:
    return f'{FORMAT}<cellXfs><xf/><xf fontId="{font}" fillId="{fill}" numFmtId="{code}"/></cellXfs>'


STYLED = INLINE.replace('r="B2"', 'r="B2" s="1"')


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (workbook(INLINE), (None, "none")),
        (workbook(SHARED, "<t>day</t>", TEXT), (None, "none")),
        (workbook(SHARED, "<t>day</t>", TEXT, state="veryHidden"), ("not-rendered", "editorial")),
        (workbook(SHARED, "<t>day</t>", TEXT, columns='<col min="2" max="3" hidden="1"/>'), ("not-rendered", "editorial")),
        (workbook(SHARED, "<t>day</t>", TEXT, columns='<col min="2" max="2" width="0.1"/>'), ("not-rendered", "editorial")),
        (workbook(SHARED, "<t>day</t>", TEXT, columns='<col min="3" max="9" hidden="1"/>'), (None, "none")),
        (workbook(SHARED, "<t>day</t>", TEXT, row='hidden="1"'), ("not-rendered", "editorial")),
        (workbook(SHARED, "<t>day</t>", f'<r><rPr><sz val="1"/></rPr>{TEXT}</r>'), ("tiny", "interactive")),
        (workbook(STYLED, styles=cells(font=1)), ("same-colour", "interactive")),
        (workbook(STYLED, styles=cells(font=1, fill=1)), (None, "none")),
        (workbook(STYLED, styles=cells(code=170)), ("not-rendered", "interactive")),
        (workbook("", "<t>day</t>", TEXT), ("metadata", "editorial")),
    ],
)  # fmt: skip
def test_cells_of_workbooks_are_seen_as_a_sheet_shows_them(data, expected):
    assert how("a.xlsx", data) == expected


def test_cells_are_told_by_their_row_and_broken_styles_are_said():
    (span,) = [span for span in read_document(workbook(INLINE), "a.xlsx").spans if SECRET in span.text]
    assert span.line == 2
    broken = read_document(workbook(INLINE, styles="<fonts>"), "a.xlsx")
    assert any(SECRET in span.text for span in broken.spans)
    assert [gap.member for gap in broken.gaps] == ["xl"]


def test_a_word_that_many_cells_share_is_told_once_as_it_looks():
    document = read_document(
        workbook(SHARED * 400 + SHARED.replace('r="B2"', 'r="C2"'), "<t>day</t>", TEXT, columns='<col min="3" max="3" hidden="1"/>'), "a.xlsx"
    )
    assert [span.hidden for span in document.spans if SECRET in span.text] == [None, Concealment.NOT_RENDERED]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ('<a:off x="10" y="10"/><a:ext cx="300" cy="50"/>', (None, "none")),
        ('<a:off x="-10" y="10"/><a:ext cx="300" cy="50"/>', (None, "none")),
        ('<a:off x="1000" y="10"/><a:ext cx="300" cy="50"/>', ("off-page", "editorial")),
        ('<a:off x="10" y="-60"/><a:ext cx="300" cy="50"/>', ("off-page", "editorial")),
        ("", (None, "none")),
    ],
)
def test_slides_are_seen_as_a_show_paints_them(shape, expected):
    assert how("a.pptx", slides(shape, SECRET)) == expected


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<a>" + b" " * 40_000_000 + b"</a>")
    return out.getvalue()


LAUGHS = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><w:document xmlns:w="w">&b;</w:document>'


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.docx", bomb(), "too-large"),
        ("a.docx", docx(parts={"word/document.xml": LAUGHS}), "too-large"),
        ("a.docx", docx(parts={"word/document.xml": "<w:document"}), "bad-input"),
        ("a.docx", docx()[:200], "bad-input"),
        ("a.pdf", b"%PDF-1.7\nnothing else", "bad-input"),
        ("a.pdf", pdf("(")[:300], "bad-input"),
        ("a.txt", b"\0\0\0\1binary", "bad-input"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_so_within_the_second(name, data, code):
    with bounded():
        document = read_document(data, name)
        assert [gap.code.value for gap in document.gaps] == [code]


@pytest.mark.parametrize(
    "text",
    ["<!-- --!>" * 8_000, "<" * 60_000, "<p " * 20_000, "<a b='" * 10_000, "<div>" * 20_000 + "x", "}" * 40_000 + "{",
     "<style>" + "a{display:none}" * 6_000 + "</style>" + "<a>" * 400,
     "&" * 12_000, "<!--" * 12_000, "[a]: " * 8_000, "```\n" * 10_000, "[x](y " * 8_000, "</p>" * 20_000, "<style>" + "}{" * 20_000,
     "<style>" + "a,b{c,d{" * 5_000 + "</style><p>x", "<style>" + "a:is(b,c):not(.d){color:red}" * 3_000 + "</style>" + "<a>" * 3_000,
     "<style>:root{" + "".join(f"--a{n}:var(--a{n + 1})var(--a{n + 1});" for n in range(50)) + "}p{color:var(--a0)}</style>" + "<p>x" * 1_000],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.html", "a.md"])
def test_hostile_text_takes_linear_time(name, text):
    with bounded():
        read_document(text.encode(), name)


PIECES = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<style>", "</style>", ".a{display:none}", "{", "}", "<!--", "-->", "<div class=a>", "</div>", "style='", "'", '"', "<", ">", "&lt;", "x",
         "\n", "```", "[a]: # (b)",
         "<template>", "hidden", "<svg/>", "\ue000", "\0", "<script>", "`", "---", "@media screen{", "<td bgcolor=#fff>", "é", "\u200d"]
    ),
    max_size=60,
).map("".join)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(PIECES, st.sampled_from(["a.html", "a.md", "a.txt"]))
def test_any_text_is_read_and_lines_exist(text, name):
    document = read_document(text.encode("utf-8", "surrogatepass"), name)
    assert all(0 < span.line <= text.count("\n") + 1 and span.text for span in document.spans)
    assert all((span.hidden is None) <= (span.purpose is Purpose.NONE) for span in document.spans)


WHOLE = (
    pdf(PAGE + shown(SECRET, before="3 Tr"), **OFF),
    docx(run("Dear all,"), run(SECRET, "<w:vanish/>")),
    workbook(SHARED, "<t>day</t>", TEXT, styles=cells(1)),
)
NAMES = "a.pdf", "a.docx", "a.xlsx"


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([0, 1, 2]), st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=8), st.integers(0, 1 << 16))
def test_broken_files_are_read_or_refused(which, changes, cut):
    data = bytearray(WHOLE[which])
    for place, value in changes:
        data[place % len(data)] = value
    document = read_document(bytes(data[: cut % len(data) + 1 if cut % 3 == 0 else len(data)]), NAMES[which])
    assert document.spans or document.gaps or which == 0 or changes


def test_concealment_is_a_closed_list_that_the_page_explains():
    assert all(f"``{member.value}``" in (Concealment.__doc__ or "") for member in Concealment)


def test_a_mail_says_its_subject_and_each_text_and_hides_what_its_html_hides():
    mail = (
        b"From: Ann <ann@club.example>\r\nSubject: =?utf-8?q?Minutes_of_M=C3=A4rz?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nU2VlIHlvdSBvbiBUdWVzZGF5Lg==\r\n"
        b"--b\r\nContent-Type: text/html\r\n\r\n<p>See you.</p><p style='font-size:0'>Hidden words are here.</p>\r\n--b--\r\n"
    )
    document = read_document(mail, "minutes.eml")
    assert [span.text.strip() for span in document.visible()] == ["Minutes of M\u00e4rz", "See you on Tuesday.", "See you."]
    assert [span.text for span in document.concealed()] == ["Hidden words are here."]
    plain = "Subject: x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nJusqu'\u00e0 mardi \u5ffd".encode()
    assert "\u00e0 mardi \u5ffd" in read_document(plain, "a.eml").spans[-1].text
    broken = read_document(b"Content-Type: text/plain; charset=no-such\r\nContent-Transfer-Encoding: base64\r\n\r\n====", "broken.eml")
    assert broken.format == "mail"


def test_a_calendar_says_its_words_with_its_lines_put_together():
    calendar = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Garden club\r\nDESCRIPTION;LANGUAGE=en:Bring seeds\\, pots\\nand a l\r\n id.\r\nEND:VEVENT\r\n"
    document = read_document(calendar, "club.ics")
    assert [(span.text, span.line) for span in document.spans] == [("Garden club", 4), ("Bring seeds, pots\nand a lid.", 5)]
