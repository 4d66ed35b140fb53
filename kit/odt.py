"""Writing ODT (ODF, CNS 15251): paragraphs on A4 with a numbered footer and, on demand, the dotted line at which official letters are bound."""

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO
from xml.sax.saxutils import escape

from kit.odf import NAMES, VERSION, XML, begin
from kit.texts import printable

# How high the header is in which the line of binding is anchored.
HEADER = 5
TYPE = "application/vnd.oasis.opendocument.text"
_NAMES = (
    f'{NAMES} xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" '
    f'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" {VERSION}'
)


@dataclass(frozen=True)
class Form:
    """How a paragraph is set: size and leading in points; `left` is where its other lines begin, `hanging` how far the first one
    begins before them, in millimetres.
    """

    size: float = 12
    left: float = 0
    hanging: float = 0
    align: str = "left"
    leading: float = 0


@dataclass(frozen=True)
class Paragraph:
    text: str
    form: Form = Form()


@dataclass(frozen=True)
class Sheet:
    """A page: its margins in millimetres, the font's name, and where the line of binding is (none: 0)."""

    top: float = 25
    right: float = 25
    bottom: float = 25
    left: float = 25
    font: str = "標楷體"
    binding: float = 0


def write(out: BinaryIO, paragraphs: Sequence[Paragraph], sheet: Sheet) -> None:
    forms = list(dict.fromkeys(paragraph.form for paragraph in paragraphs))
    parts = {"styles.xml": _styles(sheet), "content.xml": _content(paragraphs, forms)}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        begin(archive, TYPE, parts)
        for name, part in parts.items():
            # Without the moment: the same text makes the same file.
            archive.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)


def _content(paragraphs: Iterable[Paragraph], forms: list[Form]) -> str:
    styles = "".join(_style(f"P{number}", form) for number, form in enumerate(forms))
    body = "".join(
        f'<text:p text:style-name="P{forms.index(paragraph.form)}">{_text(paragraph.text)}</text:p>'
        for paragraph in paragraphs
    )
    return (
        f"{XML}<office:document-content {_NAMES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )


def _text(text: str) -> str:
    """Return a line of text; blanks side by side, which XML joins, are written as elements."""
    return escape(printable(text).replace("\n", " ")).replace("  ", ' <text:s text:c="1"/>')


def _style(name: str, form: Form) -> str:
    leading = form.leading or form.size * 1.5
    return (
        f'<style:style style:name="{name}" style:family="paragraph" style:parent-style-name="Standard">'
        f'<style:paragraph-properties fo:text-align="{"center" if form.align == "centre" else form.align}" '
        f'fo:margin-left="{form.left}mm" fo:text-indent="{-form.hanging}mm" '
        f'fo:line-height="{leading}pt"/>'
        f'<style:text-properties fo:font-size="{form.size}pt" style:font-size-asian="{form.size}pt" '
        f'style:font-size-complex="{form.size}pt"/></style:style>'
    )


def _styles(sheet: Sheet) -> str:
    font = escape(sheet.font)
    return (
        f"{XML}<office:document-styles {_NAMES}><office:font-face-decls>"
        f'<style:font-face style:name="body" svg:font-family="\'{font}\'" style:font-pitch="variable"/>'
        "</office:font-face-decls><office:styles>"
        '<draw:stroke-dash draw:name="dots" draw:style="rect" draw:dots1="1" draw:dots1-length="0.3mm" draw:distance="1mm"/>'
        '<style:default-style style:family="paragraph"><style:paragraph-properties style:line-break="strict" '
        'style:punctuation-wrap="hanging" style:text-autospace="none"/>'
        '<style:text-properties style:font-name="body" style:font-name-asian="body" style:font-name-complex="body" '
        'fo:language="en" fo:country="US" style:language-asian="zh" style:country-asian="TW"/></style:default-style>'
        '<style:style style:name="Standard" style:family="paragraph"/></office:styles>'
        f"<office:automatic-styles>{_page(sheet)}{_marks()}</office:automatic-styles><office:master-styles>"
        f'<style:master-page style:name="Standard" style:page-layout-name="page">{_header(sheet)}<style:footer>'
        '<text:p text:style-name="foot">第<text:page-number text:select-page="current">1</text:page-number>頁，'
        "共<text:page-count>1</text:page-count>頁</text:p></style:footer></style:master-page>"
        "</office:master-styles></office:document-styles>"
    )


def _page(sheet: Sheet) -> str:
    # The footer is inside the lower margin, the header, which holds the line of binding, inside the upper one.
    header = HEADER if sheet.binding else 0
    shape = f'svg:height="{header}mm" fo:min-height="{header}mm" fo:margin-bottom="0mm"'
    style = (
        f"<style:header-style><style:header-footer-properties {shape}/></style:header-style>"
        if header
        else ""
    )
    return (
        '<style:page-layout style:name="page"><style:page-layout-properties fo:page-width="210mm" fo:page-height="297mm" '
        f'style:print-orientation="portrait" fo:margin-top="{sheet.top - header}mm" fo:margin-right="{sheet.right}mm" '
        f'fo:margin-bottom="{sheet.bottom - 15}mm" fo:margin-left="{sheet.left}mm"/>{style}'
        '<style:footer-style><style:header-footer-properties svg:height="15mm" fo:min-height="15mm"/></style:footer-style>'
        "</style:page-layout>"
    )


def _marks() -> str:
    """Return the styles of the footer and of the line of binding."""
    place = 'style:horizontal-rel="page" style:horizontal-pos="from-left" style:vertical-rel="page" style:vertical-pos="from-top"'
    return (
        '<style:style style:name="foot" style:family="paragraph" style:parent-style-name="Standard">'
        '<style:paragraph-properties fo:text-align="center" fo:margin-top="8mm"/>'
        '<style:text-properties fo:font-size="10pt" style:font-size-asian="10pt"/></style:style>'
        '<style:style style:name="head" style:family="paragraph" style:parent-style-name="Standard">'
        '<style:paragraph-properties fo:line-height="1pt"/><style:text-properties fo:font-size="1pt" style:font-size-asian="1pt"/>'
        '</style:style><style:style style:name="bindword" style:family="paragraph" style:parent-style-name="Standard">'
        '<style:paragraph-properties fo:text-align="center"/>'
        '<style:text-properties fo:font-size="10pt" style:font-size-asian="10pt"/></style:style>'
        f'<style:style style:name="bind" style:family="graphic"><style:graphic-properties draw:stroke="dash" '
        f'draw:stroke-dash="dots" svg:stroke-width="0.2mm" svg:stroke-color="#000000" style:run-through="background" style:wrap="run-through" {place}/>'
        f'</style:style><style:style style:name="bindbox" style:family="graphic"><style:graphic-properties draw:stroke="none" '
        f'draw:fill="solid" draw:fill-color="#ffffff" '
        f'fo:background-color="#ffffff" fo:padding="0mm" fo:border="none" style:run-through="background" style:wrap="run-through" {place}/></style:style>'
    )


def _header(sheet: Sheet) -> str:
    """Return the line of binding, which is on every page, with its three characters."""
    if not sheet.binding:
        return ""
    line = (
        '<draw:line draw:style-name="bind" text:anchor-type="paragraph" draw:z-index="0" '
        f'svg:x1="{sheet.binding}mm" svg:y1="15mm" svg:x2="{sheet.binding}mm" svg:y2="282mm"/>'
    )
    words = "".join(
        f'<draw:frame draw:style-name="bindbox" text:anchor-type="paragraph" draw:z-index="{number}" '
        f'svg:x="{sheet.binding - 2.5}mm" svg:y="{y}mm" svg:width="5mm" svg:height="6mm"><draw:text-box>'
        f'<text:p text:style-name="bindword">{word}</text:p></draw:text-box></draw:frame>'
        for number, (word, y) in enumerate((("裝", 80), ("訂", 145), ("線", 210)), 1)
    )
    return f'<style:header><text:p text:style-name="head">{line}{words}</text:p></style:header>'
