//! Where a mechanism comes from: files of the regional layer and of one
//! country, built into the binary, read from a directory or from a bundle.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Name of the layer that every country builds on.
pub const REGIONAL: &str = "regional";

/// The files of one mechanism by path: "regional/taxonomy.toml",
/// "cameroon/places.toml". The regional layer comes first, then the country's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// Name of the country's layer, such as "cameroon".
    pub country: String,
    /// Text of each file by its path, with "/" between the parts: `.toml` files,
    /// the notices and the templates of documents. Mappings for the import of directories, the drawing of
    /// the country and papers beside the content are no part of a version.
    pub files: BTreeMap<String, String>,
}

/// A directory of mechanism files that could not be read.
#[derive(Debug)]
pub struct Unreadable {
    /// The path.
    pub path: PathBuf,
    /// Why.
    pub cause: std::io::Error,
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.cause)
    }
}

impl std::error::Error for Unreadable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

impl Sources {
    /// The files built into the binary for this country ("cameroon"); without
    /// any file of that layer the check says so.
    #[must_use]
    pub fn embedded(country: &str) -> Self {
        let files = EMBEDDED
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        Self::of(country, files)
    }

    /// Files by path, of which only the regional and the country's are kept,
    /// and of these only what rules: see [`Sources::files`].
    #[must_use]
    pub fn of(country: &str, files: impl IntoIterator<Item = (String, String)>) -> Self {
        let kept = files.into_iter().filter(|(path, _)| {
            path.split_once('/')
                .is_some_and(|(layer, inner)| (layer == REGIONAL || layer == country) && is_content(inner))
        });
        Self {
            country: country.to_owned(),
            files: kept.collect(),
        }
    }

    /// Reads the `.toml` and `.md` files of `dir`, which holds the folders
    /// "regional" and the country's. Where it has only the country's, the
    /// regional files built into the binary are taken.
    ///
    /// # Errors
    /// [`Unreadable`], with the path, when a file or folder cannot be read.
    pub fn read_dir(dir: &Path, country: &str) -> Result<Self, Unreadable> {
        let mut files = BTreeMap::new();
        for layer in [REGIONAL, country] {
            let folder = dir.join(layer);
            if folder.is_dir() {
                read_folder(&folder, layer, &mut files)?;
            } else if layer == REGIONAL {
                files.extend(
                    EMBEDDED
                        .iter()
                        .filter(|(path, _)| path.starts_with("regional/"))
                        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned())),
                );
            } else {
                return Err(Unreadable {
                    path: folder,
                    cause: std::io::ErrorKind::NotFound.into(),
                });
            }
        }
        Ok(Self::of(country, files))
    }

    /// The whole content as one text, the same for the same files: what the
    /// store keeps and what the hash is taken of.
    #[must_use]
    pub fn bundle(&self) -> String {
        serde_json::to_string(self).expect("two strings and a map of strings always serialise")
    }

    /// The files of a bundle; `None` when the text is none.
    #[must_use]
    pub fn from_bundle(bundle: &str) -> Option<Self> {
        serde_json::from_str(bundle).ok()
    }

    /// The text of a file of the country or, failing that, of the region:
    /// `notices/consent.fr.md`.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        [self.country.as_str(), REGIONAL]
            .iter()
            .find_map(|layer| self.files.get(&format!("{layer}/{path}")))
            .map(String::as_str)
    }
}

/// The drawings of countries that are built into the binary.
pub(crate) fn drawings() -> impl Iterator<Item = &'static str> {
    let drawn = |path: &str| path.ends_with("/map/regions.toml");
    EMBEDDED
        .iter()
        .filter(move |(path, _)| drawn(path))
        .map(|(_, text)| *text)
}

/// Whether a file of a layer is part of the mechanism.
fn is_content(inner: &str) -> bool {
    let ends = |ending| std::path::Path::new(inner).extension().is_some_and(|e| e == ending);
    (ends("toml") && !inner.starts_with("mappings/") && !inner.starts_with("map/"))
        || (ends("md") && (inner.starts_with("notices/") || inner.starts_with("documents/")))
}

fn read_folder(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) -> Result<(), Unreadable> {
    let unreadable = |path: &Path, cause| Unreadable {
        path: path.to_owned(),
        cause,
    };
    for entry in std::fs::read_dir(folder).map_err(|e| unreadable(folder, e))? {
        let path = entry.map_err(|e| unreadable(folder, e))?.path();
        let Some(name) = path.file_name().and_then(|n| n.to_str()) else {
            continue;
        };
        let inner = format!("{prefix}/{name}");
        if path.is_dir() {
            read_folder(&path, &inner, files)?;
        } else if path.extension().is_some_and(|e| e == "toml" || e == "md") {
            let text = std::fs::read_to_string(&path).map_err(|e| unreadable(&path, e))?;
            files.insert(inner, text);
        }
    }
    Ok(())
}
