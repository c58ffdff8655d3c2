//! The document model: what a writer (HTML, DOCX, later PDF) reads. Text in it
//! is already set: typography was applied once, when it was built.

use relais_mechanism::Lang;

/// A document in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Code, such as "DOC10".
    pub code: String,
    /// Language.
    pub lang: Lang,
    /// Title.
    pub title: String,
    /// Title of the mechanism that it was made from.
    pub mechanism: String,
    /// Name of the country.
    pub country: String,
    /// Version of the mechanism, such as "cm-2026.1".
    pub version: String,
    /// The first characters of the hash of the mechanism's content.
    pub hash: String,
    /// How its sections are numbered.
    pub scheme: Scheme,
    /// The content.
    pub blocks: Vec<Block>,
}

/// How sections are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scheme {
    /// 1, 1.1, 1.1.1.
    #[default]
    Sections,
    /// Article 1, 1.1.
    Articles,
}

/// What a heading counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbered {
    /// In the running count of sections or articles.
    Body,
    /// Annex A, A.1.
    Annex,
    /// Not at all.
    No,
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 2 for a section, 3 and 4 for what is in it; 1 is the document's title.
    pub level: u8,
    /// Name by which it is referred to, once in the document.
    pub id: String,
    /// What it counts as.
    pub numbered: Numbered,
    /// Its number as it is written: "3.2", "Article 4", "Annexe B"; empty where it has none.
    pub number: String,
    /// Its words.
    pub text: Vec<Inline>,
}

/// A block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Heading(Heading),
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A list of items.
    List {
        /// Whether the items are numbered.
        ordered: bool,
        /// The items.
        items: Vec<Vec<Block>>,
    },
    /// A table; a form is one, with a band over each of its sections.
    Table(Table),
    /// Something that is set apart: a rule to remember, a doubt.
    Note(Vec<Block>),
    /// Room for signatures, one for each party.
    Signatures(Vec<Party>),
    /// The table of contents.
    Contents,
    /// A picture with its number and caption, and the same in words for whoever
    /// does not see it.
    Figure {
        /// Its number in the document, from 1.
        number: usize,
        /// What it shows.
        caption: Vec<Inline>,
        /// The picture: an SVG that stands alone.
        svg: String,
        /// What the picture says, in words.
        alternative: Vec<Block>,
    },
    /// What follows starts a page.
    PageBreak,
}

/// A table with its header, which is repeated on each page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its number in the document, from 1; 0 for a table without a caption.
    pub number: usize,
    /// What it shows; empty for a table inside the text.
    pub caption: Vec<Inline>,
    /// Shares of the width, in percent.
    pub widths: Vec<u8>,
    /// The header.
    pub head: Vec<Cell>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// The content of a cell.
pub type Cell = Vec<Inline>;

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// One cell for each column; the first names the row.
    Cells(Vec<Cell>),
    /// One cell over the whole width that names what follows.
    Band(Cell),
}

/// Who signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// For whom.
    pub name: String,
}

/// How sure a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Known, not verified.
    Known,
    /// Proposed.
    Proposed,
}

impl Mark {
    /// The letter that the mechanism's files use.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Known => "K",
            Self::Proposed => "P",
        }
    }

    /// The mark of this letter.
    #[must_use]
    pub fn of(letter: &str) -> Option<Self> {
        match letter {
            "K" => Some(Self::Known),
            "P" => Some(Self::Proposed),
            _ => None,
        }
    }
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Words.
    Text(String),
    /// Strong words.
    Strong(Vec<Inline>),
    /// Stressed words.
    Emphasis(Vec<Inline>),
    /// A code.
    Code(String),
    /// A link to an address.
    Link {
        /// The address.
        to: String,
        /// Its words.
        text: Vec<Inline>,
    },
    /// A reference to a heading of the document.
    Reference {
        /// The heading's name.
        id: String,
        /// Its words; without any, the heading's number is put there.
        text: Vec<Inline>,
    },
    /// How sure the line is.
    Mark(Mark),
    /// A new line.
    Break,
}

impl Inline {
    /// Plain words.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}

/// The words of inlines, without what sets them apart.
#[must_use]
pub fn plain(inlines: &[Inline]) -> String {
    let mut out = String::new();
    for inline in inlines {
        match inline {
            Inline::Text(text) | Inline::Code(text) => out.push_str(text),
            Inline::Strong(inner)
            | Inline::Emphasis(inner)
            | Inline::Link { text: inner, .. }
            | Inline::Reference { text: inner, .. } => out.push_str(&plain(inner)),
            Inline::Mark(mark) => {
                out.push('[');
                out.push_str(mark.letter());
                out.push(']');
            }
            Inline::Break => out.push(' '),
        }
    }
    out
}

impl Party {
    /// Its name, set for the document's language.
    #[must_use]
    pub fn words(&self, lang: Lang) -> String {
        crate::setting::set(&self.name, lang)
    }
}

impl Document {
    /// Whether it is a sheet, such as a form alone: nothing in it has a heading, and its
    /// title stands above what it says instead of on a page of its own.
    #[must_use]
    pub fn is_sheet(&self) -> bool {
        self.headings().next().is_none()
    }

    /// Which version of the mechanism it was made from, in words.
    #[must_use]
    pub fn made_from(&self) -> String {
        crate::html::version(self)
    }

    /// What each party fills in where it signs, the signature last.
    pub fn signs(&self) -> impl Iterator<Item = &'static str> + use<> {
        let lang = self.lang;
        crate::html::SIGNS
            .iter()
            .map(move |(fr, en)| crate::words::say(lang, fr, en))
    }

    /// The headings, in order.
    pub fn headings(&self) -> impl Iterator<Item = &Heading> {
        self.blocks.iter().filter_map(|b| match b {
            Block::Heading(heading) => Some(heading),
            _ => None,
        })
    }
}
