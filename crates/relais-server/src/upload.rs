//! A form that brings a file (`multipart/form-data`), read whole within the
//! limit of its route. The file is read as a list off the request's own thread,
//! few at a time, so that what uploads cost in memory is bounded for the whole
//! server.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use relais_acts::directory::imports;
use relais_acts::groups;
use relais_acts::problem::ActError;
use relais_interchange::Grid;
use relais_interchange::table::Limits;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::AppState;
use crate::extract::{MOST_BYTES, Typed};
use crate::problem::{Problem, ProblemKind};

/// Lists that are read at once; each costs at most a few tens of megabytes.
static READERS: Semaphore = Semaphore::const_new(2);

/// Most fields of a form with a file.
const MOST_PARTS: usize = 64;

/// Most bytes of the scan of a signed paper.
pub(crate) const MOST_SCAN: usize = 4 << 20;

/// Most characters of a file's name that are kept.
const MOST_NAME: usize = 100;

/// Most bytes of the body of a request to this path: a list of persons, like the
/// scan of a paper, is larger than any other form, and as text in JSON a third
/// larger again.
pub(crate) fn most_bytes(path: &str) -> usize {
    let list = path == "/groups/new" || path.starts_with("/groups/") && path.ends_with("/list");
    if path == "/directory/import" {
        imports::MOST_BYTES + MOST_BYTES
    } else if path == "/agreements" || path.starts_with("/agreements/") {
        MOST_SCAN + MOST_BYTES
    } else if list {
        Limits::MANIFEST.bytes + MOST_BYTES
    } else if path.starts_with("/api/v1/groups/") && path.ends_with("/list") {
        Limits::MANIFEST.bytes / 3 * 4 + MOST_BYTES
    } else {
        MOST_BYTES
    }
}

/// A form with what was typed and the file, where one was chosen.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    /// What was typed.
    pub typed: Typed,
    /// The file; none when the field was left empty.
    pub file: Option<Bytes>,
    /// What the file is called where it comes from, its folders left out.
    pub file_name: String,
}

impl FromRequest<AppState> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Self::Rejection> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        if kind
            .split(';')
            .next()
            .is_some_and(|k| k.trim() == "application/x-www-form-urlencoded")
        {
            let typed = Typed::from_request(request, state).await?;
            return Ok(Self {
                typed,
                ..Self::default()
            });
        }
        let boundary = boundary(&kind).ok_or_else(|| Problem::new(ProblemKind::WrongContentType))?;
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            let too_large = rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE;
            Problem::new(if too_large {
                ProblemKind::TooLarge
            } else {
                ProblemKind::MalformedForm
            })
        })?;
        parts(&body, &boundary).ok_or_else(|| Problem::new(ProblemKind::MalformedForm))
    }
}

/// The boundary that a media type of a form with files names.
fn boundary(kind: &str) -> Option<String> {
    let mut pieces = kind.split(';');
    if !pieces.next()?.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    pieces
        .filter_map(|piece| piece.trim().split_once('='))
        .find(|(name, _)| name.eq_ignore_ascii_case("boundary"))
        .map(|(_, value)| value.trim_matches('"').to_owned())
        .filter(|b| !b.is_empty() && b.len() <= 70)
}

/// Where `wanted` stands in `bytes`.
fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    loop {
        let at = from + bytes.get(from..)?.iter().position(|b| *b == first)?;
        if bytes[at..].starts_with(wanted) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// The parts between the boundaries; none where they do not stand as they must.
fn parts(body: &Bytes, boundary: &str) -> Option<Upload> {
    let delimiter = format!("\r\n--{boundary}");
    let mut upload = Upload::default();
    let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // The first boundary may stand at the very beginning.
    let mut at = if body.starts_with(&delimiter.as_bytes()[2..]) {
        delimiter.len() - 2
    } else {
        find(body, delimiter.as_bytes())? + delimiter.len()
    };
    for _ in 0..=MOST_PARTS {
        if body.get(at..)?.starts_with(b"--") {
            upload.typed = Typed(fields);
            return Some(upload);
        }
        let begin = at + find(body.get(at..)?, b"\r\n")? + 2;
        let end = begin + find(body.get(begin..)?, delimiter.as_bytes())?;
        let head_end = begin + find(body.get(begin..end)?, b"\r\n\r\n")?;
        let head = std::str::from_utf8(&body[begin..head_end]).ok()?;
        let content = body.slice(head_end + 4..end);
        let (name, file) = disposition(head)?;
        if let Some(called) = file {
            if !content.is_empty() {
                upload.file = Some(content);
                upload.file_name = called;
            }
        } else {
            let text = String::from_utf8(content.to_vec()).ok()?;
            let clean = text.replace('\0', "").replace("\r\n", "\n");
            fields.entry(name).or_default().push(clean);
        }
        at = end + delimiter.len();
    }
    None
}

/// The name of a part and, where it is a file, what that is called.
fn disposition(head: &str) -> Option<(String, Option<String>)> {
    let line = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let name = line.split("name=\"").nth(1)?.split('"').next()?;
    let file = line.contains("filename=\"") || line.contains("filename*=");
    Some((name.to_owned(), file.then(|| called(line))))
}

/// What a file is called: it may hold anything, so folders and signs that are not
/// to be seen are left out, and no more is kept than a page shows.
fn called(line: &str) -> String {
    let typed = line.split("filename=\"").nth(1).and_then(|rest| rest.split('"').next());
    let name = typed.unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    name.chars().filter(|c| !c.is_control()).take(MOST_NAME).collect()
}

/// A turn at reading what was uploaded, or at making what is as large.
///
/// # Errors
/// [`ProblemKind::Busy`] when the server stops.
pub(crate) async fn turn() -> Result<SemaphorePermit<'static>, Problem> {
    READERS.acquire().await.map_err(|_| Problem::new(ProblemKind::Busy))
}

/// Reads an uploaded list, a few at a time.
///
/// # Errors
/// What is wrong with the file; [`ProblemKind::Busy`] when the server stops.
pub(crate) async fn list(file: Bytes) -> Result<Result<Grid, ActError>, Problem> {
    let _turn = turn().await?;
    tokio::task::spawn_blocking(move || groups::read_list(&file))
        .await
        .map_err(|_| Problem::new(ProblemKind::Internal))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/form-data; boundary=----x";

    fn read(body: &[u8]) -> Option<Upload> {
        parts(&Bytes::copy_from_slice(body), &boundary(KIND)?)
    }

    #[test]
    fn fields_and_a_file_are_told_apart() {
        let body = b"------x\r\nContent-Disposition: form-data; name=\"label\"\r\n\r\nVol 12\r\n------x\r\n\
                     content-disposition: form-data; name=\"list\"; filename=\"a \\\"b.csv\"\r\nContent-Type: text/csv\r\n\r\n\
                     Nom;Sexe\r\nEssai;F\r\n\r\n------x--\r\n";
        let upload = read(body).expect("two parts");
        assert_eq!(upload.typed.one("label"), "Vol 12");
        assert_eq!(upload.file.as_deref(), Some(&b"Nom;Sexe\r\nEssai;F\r\n"[..]));
        assert_eq!(
            called("form-data; name=\"scan\"; filename=\"C:\\\\dos\\\\accord\u{7} é.pdf\""),
            "accord é.pdf"
        );
        let empty = b"------x\r\nContent-Disposition: form-data; name=\"list\"; filename=\"\"\r\n\r\n\r\n------x--";
        assert!(read(empty).expect("one part").file.is_none(), "no file was chosen");
    }

    #[test]
    fn what_is_cut_off_or_endless_is_refused() {
        for body in [
            &b""[..],
            b"------x",
            b"------x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb",
            b"------x\r\n\r\n\r\nb\r\n------x--",
            b"------x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\xff\r\n------x--",
        ] {
            assert!(read(body).is_none(), "{}", String::from_utf8_lossy(body));
        }
        let many = b"------x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n".repeat(70);
        assert!(read(&many).is_none());
        assert!(boundary("multipart/form-data").is_none() && boundary("text/csv").is_none());
    }

    #[test]
    fn only_lists_may_be_large() {
        assert_eq!(most_bytes("/cases"), MOST_BYTES);
        assert_eq!(most_bytes("/api/v1/groups"), MOST_BYTES);
        assert!(most_bytes("/groups/new") > 4 << 20);
        let scan = most_bytes("/agreements/x/renewal");
        assert!(scan > 4 << 20 && scan < 5 << 20 && most_bytes("/api/v1/agreements") == MOST_BYTES);
        assert!(most_bytes("/api/v1/groups/x/list") > most_bytes("/groups/x/list"));
    }
}
