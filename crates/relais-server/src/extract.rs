//! What a request says, read strictly: each way of being unreadable has its
//! own problem.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::{header, request::Parts};
use relais_acts::commands::RawAnswers;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::ask::Asking;
use crate::problem::{Problem, ProblemKind};
use crate::{AppState, held};

/// Most bytes of a request's body.
pub(crate) const MOST_BYTES: usize = 256 * 1024;

/// The id in the path. What is no id is an address that does not exist.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Id(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        match Path::<Uuid>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(Problem::new(ProblemKind::NotFound)),
        }
    }
}

/// A case, a form and, where the address names one, a section. What is no id is
/// an address that does not exist; a form or section that is none is for the act
/// to say.
#[derive(Debug, Clone)]
pub(crate) struct FormAt {
    /// Case.
    pub case: Uuid,
    /// Form, by code.
    pub form: String,
    /// Section, by code; empty where the address names none.
    pub section: String,
}

impl<S: Send + Sync> FromRequestParts<S> for FormAt {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let nowhere = || Problem::new(ProblemKind::NotFound);
        let Path(named) = Path::<BTreeMap<String, String>>::from_request_parts(parts, state)
            .await
            .map_err(|_| nowhere())?;
        let of = |name: &str| named.get(name).cloned().unwrap_or_default();
        Ok(Self {
            case: of("id").parse().map_err(|_| nowhere())?,
            form: of("form"),
            section: of("section"),
        })
    }
}

/// The register in the path, by code; one that is none is for the act to say.
#[derive(Debug, Clone)]
pub(crate) struct RegisterAt(pub String);

impl<S: Send + Sync> FromRequestParts<S> for RegisterAt {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(register)) => Ok(Self(register)),
            Err(_) => Err(Problem::new(ProblemKind::NotFound)),
        }
    }
}

/// A line of a register.
#[derive(Debug, Clone)]
pub(crate) struct LineAt {
    /// Register, by code.
    pub register: String,
    /// Line.
    pub id: Uuid,
}

impl<S: Send + Sync> FromRequestParts<S> for LineAt {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        match Path::<(String, Uuid)>::from_request_parts(parts, state).await {
            Ok(Path((register, id))) => Ok(Self { register, id }),
            Err(_) => Err(Problem::new(ProblemKind::NotFound)),
        }
    }
}

/// Whether the request's media type is this one, parameters aside.
fn is(request: &Request, kind: &str) -> bool {
    request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split(';').next())
        .is_some_and(|v| v.trim().eq_ignore_ascii_case(kind))
}

/// The whole body, within the limit.
async fn body<S: Send + Sync>(request: Request, state: &S, cut_off: ProblemKind) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        let too_large = rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE;
        Problem::new(if too_large { ProblemKind::TooLarge } else { cut_off })
    })
}

/// A JSON body of exactly this shape: unknown members, wrong types and
/// malformed text are told apart and placed.
#[derive(Debug)]
pub(crate) struct Strict<T> {
    /// The value.
    pub value: T,
    /// The body as it came, for "mine" in a conflict of versions.
    pub raw: serde_json::Value,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Strict<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        if !is(&request, "application/json") {
            return Err(Problem::new(ProblemKind::WrongContentType));
        }
        let bytes = body(request, state, ProblemKind::MalformedJson).await?;
        strict(&bytes)
    }
}

/// See [`Strict`].
fn strict<T: DeserializeOwned>(bytes: &[u8]) -> Result<Strict<T>, Problem> {
    let raw: serde_json::Value = serde_json::from_slice(bytes).map_err(|e| {
        Problem::new(ProblemKind::MalformedJson)
            .with("line", e.line())
            .with("column", e.column())
    })?;
    if let Some(path) = nul(&raw, String::new()) {
        return Err(Problem::new(ProblemKind::WrongType)
            .with("member", path)
            .with("mistake", "a NUL character"));
    }
    let value = serde_path_to_error::deserialize(&raw).map_err(|e| {
        // The message of serde names types and members; a value typed by a user is cut off at the colon's quote.
        let mistake = e.inner().to_string();
        Problem::new(ProblemKind::WrongType)
            .with("member", e.path().to_string())
            .with("mistake", without_values(&mistake))
    })?;
    Ok(Strict { value, raw })
}

/// serde quotes the offending text (`invalid type: string "Aïssa", expected …`);
/// what a person typed has no place in an error or a log.
fn without_values(mistake: &str) -> String {
    let mut out = String::with_capacity(mistake.len());
    let mut quoted = false;
    let mut escaped = false;
    for c in mistake.chars() {
        match c {
            '"' if !escaped => {
                quoted = !quoted;
                if quoted {
                    out.push('…');
                }
            }
            _ if quoted => {}
            _ => out.push(c),
        }
        escaped = quoted && c == '\\' && !escaped;
    }
    out
}

/// The path of the first text that holds a NUL, which no database keeps.
fn nul(value: &serde_json::Value, path: String) -> Option<String> {
    match value {
        serde_json::Value::String(text) => text.contains('\0').then_some(path),
        serde_json::Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(n, item)| nul(item, format!("{path}[{n}]"))),
        serde_json::Value::Object(members) => members.iter().find_map(|(name, item)| {
            if name.contains('\0') {
                Some(path.clone())
            } else {
                nul(item, format!("{path}.{name}"))
            }
        }),
        _ => None,
    }
}

/// A query of exactly this shape.
#[derive(Debug)]
pub(crate) struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        // As axum's own does, which keeps besides where a mistake is; nobody is told that.
        let query = parts.uri.query().unwrap_or_default();
        let value = serde_urlencoded::from_str(query).map_err(|_| Problem::new(ProblemKind::MalformedQuery))?;
        Ok(Self(value))
    }
}

/// A form as it was typed: name → values, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Typed(pub RawAnswers);

impl Typed {
    /// The one value of a name, trimmed; empty when absent.
    pub(crate) fn one(&self, name: &str) -> &str {
        self.0.get(name).and_then(|v| v.first()).map_or("", |v| v.trim())
    }

    /// All values of a name.
    pub(crate) fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether a box is ticked.
    pub(crate) fn ticked(&self, name: &str) -> bool {
        self.one(name) == "yes"
    }

    /// The id in a hidden field, made when the form was shown: sending twice does it once.
    pub(crate) fn id(&self) -> Result<Uuid, Problem> {
        self.one("id")
            .parse()
            .map_err(|_| Problem::new(ProblemKind::MalformedForm))
    }

    /// The version that the form was shown with.
    pub(crate) fn version(&self) -> Result<i64, Problem> {
        self.one("version")
            .parse()
            .map_err(|_| Problem::new(ProblemKind::MalformedForm))
    }

    /// The version for the form that is shown again: the one that it came with,
    /// else the one of now.
    pub(crate) fn version_or(&self, now: i64) -> String {
        match self.one("version") {
            "" => now.to_string(),
            came_with => came_with.to_owned(),
        }
    }
}

impl FromRequest<AppState> for Typed {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Self::Rejection> {
        if !is(&request, "application/x-www-form-urlencoded") {
            return Err(Problem::new(ProblemKind::WrongContentType));
        }
        let asking = request.extensions().get::<Asking>().cloned();
        let bytes = body(request, state, ProblemKind::MalformedForm).await?;
        let typed = Self(pairs(&bytes));
        held::comes(asking.as_ref(), &typed);
        Ok(typed)
    }
}

/// The pairs of a form or query, with what no database keeps (NUL) left out.
pub(crate) fn pairs(bytes: &[u8]) -> BTreeMap<String, Vec<String>> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(bytes) {
        let clean = |text: &str| text.replace('\0', "").replace("\r\n", "\n");
        out.entry(clean(&name)).or_default().push(clean(&value));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        count: i64,
        #[serde(default)]
        name: String,
    }

    fn kind(body: &str) -> ProblemKind {
        strict::<Sample>(body.as_bytes()).expect_err("a mistake").kind
    }

    #[test]
    fn malformed_and_mistyped_are_told_apart() {
        assert_eq!(kind("{"), ProblemKind::MalformedJson);
        assert_eq!(kind(""), ProblemKind::MalformedJson);
        assert_eq!(kind("{\"count\":\"x\"}"), ProblemKind::WrongType);
        assert_eq!(kind("{\"count\":1,\"other\":2}"), ProblemKind::WrongType);
        assert_eq!(kind("[]"), ProblemKind::WrongType);
        assert_eq!(kind("{\"count\":1,\"name\":\"a\\u0000\"}"), ProblemKind::WrongType);
        let right = strict::<Sample>(b"{\"count\":3,\"name\":\"x\"}").expect("right").value;
        assert_eq!((right.count, right.name.as_str()), (3, "x"));
    }

    #[test]
    fn a_mistake_is_placed_and_repeats_no_value() {
        let problem = strict::<Sample>(br#"{"count":"A\u00efssa \"B\""}"#).expect_err("a mistake");
        assert_eq!(problem.extra["member"], "count");
        let mistake = problem.extra["mistake"].as_str().expect("words");
        assert!(!mistake.contains("ssa") && mistake.contains("expected"), "{mistake}");
    }

    #[test]
    fn forms_keep_repeated_names_and_drop_nul() {
        let pairs = pairs(b"a=1&a=2&b=x%00y&c=l1%0D%0Al2");
        assert_eq!(pairs["a"], ["1", "2"]);
        assert_eq!(pairs["b"], ["xy"]);
        assert_eq!(pairs["c"], ["l1\nl2"]);
    }
}
