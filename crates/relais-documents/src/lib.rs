//! Documents from the mechanism: the SOP, the MoU and what goes with them are
//! derived from the model that runs, in French and English.
//!
//! ```text
//! Mechanism (template in Markdown + everything it holds)
//!    │  build: read the template, put derived blocks in, number, set;
//!    │  build_with: the same with what a deployment holds (registers, figures, directory)
//!    ▼
//! Document ── html::page, docx::file   (the crate relais-pdf reads the same model)
//! ```
//!
//! Pure: values in, values out; no clock, no file. What is wrong with a
//! template is a [`Finding`] with its file and line, the same as for the rest
//! of the mechanism.

mod check;
mod derived;
pub mod diagram;
pub mod docx;
pub mod html;
pub mod live;
pub mod model;
mod paper;
pub mod redline;
mod setting;
mod template;
mod words;

use std::collections::BTreeSet;

use relais_mechanism::{Finding, Lang, Mechanism};

pub use check::check;
pub use live::Live;
pub use model::Document;
pub use paper::{Answered, FilledIn, Printed, filled, form, form_at};

/// A document of the mechanism, for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Code, such as "DOC10".
    pub code: String,
    /// Title.
    pub title: String,
}

/// Why a document was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The mechanism has no such document; the codes that it has.
    Unknown(Vec<String>),
    /// Its template is wrong; never empty.
    Broken(Vec<Finding>),
}

/// The documents that this mechanism has in a language, by code.
#[must_use]
pub fn list(mechanism: &Mechanism, lang: Lang) -> Vec<Listed> {
    let listed = |code: &str| {
        let template = mechanism.document(code, lang)?;
        Some(Listed {
            code: code.to_owned(),
            title: setting::set(&template::title(&template.text)?, lang),
        })
    };
    documents(mechanism).filter_map(listed).collect()
}

/// Codes of the documents, without the parts that they include.
fn documents(mechanism: &Mechanism) -> impl Iterator<Item = &str> {
    mechanism.document_codes().into_iter().filter(|c| !c.starts_with('_'))
}

/// Whether a document says something of the deployment, so that it is another
/// tomorrow under the same mechanism.
#[must_use]
pub fn is_live(mechanism: &Mechanism, code: &str, lang: Lang) -> bool {
    !live_blocks(mechanism, code, lang).is_empty()
}

/// The names of the blocks by which it does.
#[must_use]
pub fn live_blocks<'m>(mechanism: &'m Mechanism, code: &str, lang: Lang) -> BTreeSet<&'m str> {
    mechanism
        .document(code, lang)
        .map(|template| template::live_blocks(mechanism, &template.text, lang))
        .unwrap_or_default()
}

/// Makes a document: its template with everything derived put in. What it would say
/// of a deployment stands there as empty.
///
/// # Errors
/// [`Problem`]: the mechanism has no such document in this language, or its
/// template is wrong.
pub fn build(mechanism: &Mechanism, code: &str, lang: Lang) -> Result<Document, Problem> {
    build_with(mechanism, &live::NONE, code, lang)
}

/// The same, with what a deployment holds.
///
/// # Errors
/// As [`build`].
pub fn build_with(mechanism: &Mechanism, live: &Live, code: &str, lang: Lang) -> Result<Document, Problem> {
    let Some(template) = mechanism.document(code, lang).filter(|_| !code.starts_with('_')) else {
        return Err(Problem::Unknown(documents(mechanism).map(str::to_owned).collect()));
    };
    let read = template::read_with(mechanism, template, live, lang);
    if !read.findings.is_empty() {
        return Err(Problem::Broken(read.findings));
    }
    let mut document = Document {
        code: code.to_owned(),
        lang,
        title: read.title,
        mechanism: mechanism.label().get(lang).to_owned(),
        country: mechanism.country().label.get(lang).to_owned(),
        version: mechanism.version().to_owned(),
        hash: mechanism.hash().chars().take(12).collect(),
        scheme: read.scheme,
        blocks: read.blocks,
    };
    setting::document(&mut document);
    Ok(document)
}
