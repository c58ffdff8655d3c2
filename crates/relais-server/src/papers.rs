//! Documents as files: the three forms in which they are written, and those that say
//! nothing of the deployment, kept as they are until another mechanism is in force.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use relais_documents::{Document, docx, html};

/// Files kept at most: every document in both languages and three forms, with room.
const MOST: usize = 400;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paper {
    Docx,
    Html,
    Pdf,
}

impl Paper {
    /// The form of this name, which is the file's ending too.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "docx" => Some(Self::Docx),
            "html" => Some(Self::Html),
            "pdf" => Some(Self::Pdf),
            _ => None,
        }
    }

    /// The ending of the file.
    pub(crate) const fn ending(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Html => "html",
            Self::Pdf => "pdf",
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Html => "text/html; charset=utf-8",
            Self::Pdf => "application/pdf",
        }
    }

    /// The document as a file: some tens of milliseconds, not for a thread that answers
    /// requests.
    pub(crate) fn written(self, document: &Document) -> Bytes {
        match self {
            Self::Docx => docx::file(document),
            Self::Html => html::page(document).into_bytes(),
            Self::Pdf => relais_pdf::file(document),
        }
        .into()
    }

    /// The file, to be kept under this name.
    pub(crate) fn taken_away(self, name: &str, bytes: Bytes) -> Response {
        let name = format!("attachment; filename=\"{name}.{}\"", self.ending());
        let headers: [(HeaderName, HeaderValue); 2] = [
            (header::CONTENT_TYPE, HeaderValue::from_static(self.media_type())),
            (
                header::CONTENT_DISPOSITION,
                HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment")),
            ),
        ];
        (headers, bytes).into_response()
    }
}

/// Files that were made.
#[derive(Default)]
pub(crate) struct Papers(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// Hash of the mechanism that they were made from.
    mechanism: String,
    files: HashMap<String, Bytes>,
}

impl Papers {
    /// The file under this key, if it was made from this mechanism.
    pub(crate) fn get(&self, mechanism: &str, key: &str) -> Option<Bytes> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.mechanism == mechanism)
            .then(|| kept.files.get(key).cloned())
            .flatten()
    }

    /// Keeps a file; those of another mechanism go.
    pub(crate) fn keep(&self, mechanism: &str, key: String, bytes: Bytes) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.mechanism != mechanism {
            mechanism.clone_into(&mut kept.mechanism);
            kept.files.clear();
        }
        if kept.files.len() < MOST {
            kept.files.insert(key, bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_kept_until_another_mechanism_is_in_force_and_never_without_end() {
        let papers = Papers::default();
        papers.keep("one", "DOC10 fr pdf".to_owned(), Bytes::from_static(b"%PDF"));
        assert_eq!(papers.get("one", "DOC10 fr pdf"), Some(Bytes::from_static(b"%PDF")));
        assert_eq!(papers.get("one", "DOC10 en pdf"), None);
        assert_eq!(papers.get("two", "DOC10 fr pdf"), None);
        for n in 0..2 * MOST {
            papers.keep("two", n.to_string(), Bytes::new());
        }
        assert_eq!(papers.get("one", "DOC10 fr pdf"), None);
        let kept = (0..2 * MOST).filter(|n| papers.get("two", &n.to_string()).is_some());
        assert_eq!(kept.count(), MOST);
    }

    #[test]
    fn each_form_is_known_by_its_ending() {
        for paper in [Paper::Docx, Paper::Html, Paper::Pdf] {
            assert_eq!(Paper::named(paper.ending()), Some(paper));
        }
        assert_eq!(Paper::named("odt"), None);
    }
}
