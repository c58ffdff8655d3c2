//! Entity tags: who asks again for what has not changed is answered 304,
//! without a body. The tag is a hash of the answer itself, since what one user
//! sees differs from what another sees, and a version alone would not tell. The
//! act has run: the look is in the access log, whatever is answered.
//!
//! A tag is strong: the same bytes. Of an answer that begins with the time of
//! day, as lists do, no second one has the same bytes; its tag is weak, and
//! leaves out that time and how much of each limit is used up, which whoever
//! has the limits reckons from them.
//!
//! Only what is listed here is tagged, and may lie in the caller's own cache, to
//! be asked about each time. Everything else stays out of every cache: pages,
//! and answers that carry the secret or code of a link or slip, complaints, and
//! what is opened in an emergency.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::BodyExt as _;
use sha2::{Digest as _, Sha256};

use crate::problem::{Problem, ProblemKind};
use crate::routes::{Kind, Route, Verb};

/// What is tagged: single things, and the lists that programs ask for again and
/// again. The search of the directory is answered from memory and is not.
const TAGGED: &[&str] = &[
    "/api/v1/cases",
    "/api/v1/cases/{id}",
    "/api/v1/referrals/{id}",
    "/api/v1/transfers/{id}",
    "/api/v1/groups",
    "/api/v1/groups/{id}",
    "/api/v1/expected/{id}",
    "/api/v1/stops/{id}",
    "/api/v1/same/{id}",
    "/api/v1/overrides",
    "/api/v1/overrides/{id}",
    "/api/v1/day",
    "/api/v1/inbox",
    "/api/v1/late",
    "/api/v1/watch",
    "/api/v1/on-call",
    "/api/v1/webhooks",
    "/api/v1/openapi.json",
];

/// How it may be kept: by the caller alone, and never used unasked.
const KEPT: HeaderValue = HeaderValue::from_static("private, no-cache");
/// Who asks, and in which language, decides what is answered.
const VARIES: HeaderValue = HeaderValue::from_static("authorization, accept-language");
/// What stands before a weak tag.
const WEAK: &str = "W/";
/// How an answer begins that says what time it is.
const NOW: &[u8] = b"{\"now\":\"";
/// What stands before the used share of a limit.
const USED: &[u8] = b"\"percent\":";
/// What is added to the tag of an answer that was packed: it is other bytes.
const PACKED: &str = "-gzip";

/// Marks the answer of a route whose answers are tagged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tagged;

/// Whether the route's answers are tagged.
pub(crate) fn is_tagged(route: &Route) -> bool {
    route.kind == Kind::Api && route.verb == Verb::Get && TAGGED.contains(&route.path)
}

/// The tags that the caller has, the values of `If-None-Match`; none of a
/// request that wants no body, whose answer cannot be hashed.
pub(crate) fn known(request: &Request) -> Option<Vec<HeaderValue>> {
    let lines = request.headers().get_all(header::IF_NONE_MATCH);
    (request.method() == Method::GET).then(|| lines.iter().cloned().collect())
}

/// The one of the caller's tags that is this one, as the caller has it: packed
/// or not.
fn same(known: &[HeaderValue], tag: &str) -> Option<String> {
    known
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .find_map(|one| {
            // A comparison for reading: a weak tag will do.
            let bare = one.strip_prefix(WEAK).unwrap_or(one).trim_matches('"');
            match one {
                "*" => Some(tag.to_owned()),
                _ => (bare.strip_suffix(PACKED).unwrap_or(bare) == tag).then(|| bare.to_owned()),
            }
        })
}

/// The header of a tag.
fn value(weak: bool, tag: &str) -> Option<HeaderValue> {
    let mark = if weak { WEAK } else { "" };
    HeaderValue::try_from(format!("{mark}\"{tag}\"")).ok()
}

/// A hash of the answer, and whether something was left out of it.
fn hash(body: &[u8]) -> (bool, String) {
    let mut hash = Sha256::new();
    let (weak, mut rest) = match body.strip_prefix(NOW) {
        Some(rest) => (true, rest.split_at(rest.iter().position(|b| *b == b'"').unwrap_or(0)).1),
        None => (false, body),
    };
    if weak {
        while let Some(at) = memchr::memmem::find(rest, USED) {
            let (before, after) = rest.split_at(at + USED.len());
            hash.update(before);
            let digits = after.iter().take_while(|b| b.is_ascii_digit()).count();
            rest = &after[digits..];
        }
    }
    hash.update(rest);
    (weak, URL_SAFE_NO_PAD.encode(&hash.finalize()[..18]))
}

/// Whether a route marked its answer as one that is tagged.
pub(crate) fn is_marked(response: &Response) -> bool {
    response.extensions().get::<Tagged>().is_some()
}

/// Tags a marked answer; what the caller has already is answered without its
/// body.
pub(crate) async fn tag(known: Option<&[HeaderValue]>, response: Response) -> Response {
    let Some(known) = known.filter(|_| response.status() == StatusCode::OK) else {
        return response;
    };
    let (mut parts, body) = response.into_parts();
    let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
        return Problem::new(ProblemKind::Internal).into_response();
    };
    let (weak, tag) = hash(&body);
    let had = same(known, &tag);
    let Some(value) = value(weak, had.as_deref().unwrap_or(&tag)) else {
        return Response::from_parts(parts, Body::from(body));
    };
    parts.headers.insert(header::ETAG, value);
    parts.headers.insert(header::CACHE_CONTROL, KEPT);
    parts.headers.append(header::VARY, VARIES);
    if had.is_some() {
        parts.status = StatusCode::NOT_MODIFIED;
        for of_the_body in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
            parts.headers.remove(of_the_body);
        }
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(body))
}

/// A strong tag stands for bytes: what was packed has another.
pub(crate) fn packed(headers: &mut HeaderMap) {
    if !headers.contains_key(header::CONTENT_ENCODING) {
        return;
    }
    let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
    // A weak one stands for what they say.
    if let Some(bare) = tag
        .filter(|tag| !tag.starts_with(WEAK))
        .map(|tag| tag.trim_matches('"'))
        && let Some(value) = value(false, &format!("{bare}{PACKED}"))
    {
        headers.insert(header::ETAG, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::registry;

    #[test]
    fn what_is_tagged_is_a_route_that_reads() {
        for path in TAGGED {
            let tagged = registry().iter().filter(|r| r.path == *path && is_tagged(r)).count();
            assert_eq!(tagged, 1, "{path}");
        }
    }

    #[test]
    fn what_only_the_clock_moves_has_the_same_weak_tag() {
        let list = |now: &str, used: &str, label: &str| {
            let row =
                format!("{{\"clock\":{{\"due\":\"2026-11-24T08:00:00Z\",\"percent\":{used}}},\"label\":\"{label}\"}}");
            hash(format!("{{\"now\":\"{now}\",\"rows\":[{row},{row}]}}").as_bytes())
        };
        let first = list("2026-11-23T07:40:00Z", "7", "Essai");
        assert!(first.0);
        assert_eq!(list("2026-11-23T07:41:00.5Z", "101", "Essai"), first);
        assert_ne!(list("2026-11-23T07:40:00Z", "7", "Autre"), first);
        // A word of a person that reads like it does not hide what follows.
        assert_ne!(
            list("2026-11-23T07:40:00Z", "7", "\\\"percent\\\":1"),
            list("2026-11-23T07:40:00Z", "7", "\\\"percent\\\":2")
        );
        let one = hash(b"{\"id\":1,\"percent\":7}");
        assert!(!one.0);
        assert_ne!(
            hash(b"{\"id\":1,\"percent\":8}"),
            one,
            "a strong tag leaves out nothing"
        );
    }

    #[test]
    fn a_tag_is_known_packed_weak_and_in_a_list() {
        let lines = |text: &'static str| vec![HeaderValue::from_static(text)];
        for yes in [
            "\"a1\"",
            "W/\"a1\"",
            "\"a1-gzip\"",
            "\"b2\", \"a1\"",
            "*",
            "W/\"a1-gzip\"",
        ] {
            assert!(same(&lines(yes), "a1").is_some(), "{yes}");
        }
        for no in ["", "\"a\"", "\"a11\"", "\"b2\"", "\"-gzip\""] {
            assert_eq!(same(&lines(no), "a1"), None, "{no}");
        }
        assert_eq!(same(&[], "a1"), None);
        assert_eq!(same(&lines("\"b\", W/\"a1-gzip\""), "a1").as_deref(), Some("a1-gzip"));
    }
}
