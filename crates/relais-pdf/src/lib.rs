//! The third reader of the document model: PDF that is kept (PDF/A-2a) and read
//! aloud (PDF/UA-1), with its type in it.
//!
//! ```text
//! Document ── layout ──> Chunk (what no page parts) ── pages ──> Page ── draw ──> bytes
//!                │                                                        │
//!                └── tree: what it means, filled with what was drawn ─────┘
//! ```
//!
//! Pure, like the other two: the same document gives the same bytes; nothing in
//! a file tells the hour. A crate of its own, so that only those who want PDF
//! build what it needs (decision 0021).

mod draw;
mod figure;
mod font;
mod layout;
mod page;
mod text;
mod tree;

use relais_documents::Document;

/// The document as a PDF.
#[must_use]
pub fn file(document: &Document) -> Vec<u8> {
    let mut layout = layout::of(document);
    let chunks = std::mem::take(&mut layout.chunks);
    let pages = page::pages(chunks, &layout.heads);
    draw::file(document, &layout, &pages)
}
