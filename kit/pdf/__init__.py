"""PDF files on A4: paragraphs and tables of Chinese text, every character drawn or refused by name (docs/adr/0025).

A `Document` is laid out first, from the widths of the characters alone; then it is drawn by fpdf2, when the number of pages is known.
The same document made at the same moment is the same file, byte for byte.
"""

from kit.pdf.document import Document, Margins, made_together
from kit.pdf.glyphs import NoGlyph
from kit.pdf.tables import Column

__all__ = ["TYPE", "Column", "Document", "Margins", "NoGlyph", "made_together"]
TYPE = "application/pdf"
