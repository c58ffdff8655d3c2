//! Style sheet and scripts, built into the binary and served under an address
//! that carries the hash of their content: cached for a year, never stale.

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::problem::{Problem, ProblemKind};

/// One file of `static/`.
pub(crate) struct Asset {
    /// Name in the source tree.
    pub name: &'static str,
    /// Address, with the hash of the content.
    pub href: &'static str,
    /// Media type.
    pub kind: &'static str,
    /// Content.
    pub bytes: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The address of a file of `static/`; the empty string for one that is not there.
pub(crate) fn href(name: &str) -> &'static str {
    ASSETS.iter().find(|a| a.name == name).map_or("", |a| a.href)
}

/// `GET /static/{file}`.
pub(crate) async fn serve(Path(file): Path<String>) -> Response {
    match ASSETS.iter().find(|a| a.href.strip_prefix("/static/") == Some(&file)) {
        Some(asset) => (
            [
                (CONTENT_TYPE, asset.kind),
                (CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            asset.bytes,
        )
            .into_response(),
        None => Problem::new(ProblemKind::NotFound).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_is_there_and_small() {
        let kit = ASSETS
            .iter()
            .find(|a| a.name == "kit.css")
            .expect("kit.css is built in");
        assert!(kit.bytes.len() < 20 * 1024, "kit.css has {} bytes", kit.bytes.len());
        assert!(href("kit.css").starts_with("/static/kit."));
        // The kit draws itself: nothing of another host, nothing that needs 'unsafe-inline'.
        let text = String::from_utf8_lossy(kit.bytes);
        assert!(!text.contains("http") && !text.contains("@import"));
    }
}
