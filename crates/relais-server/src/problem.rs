//! One catalogue of problems (RFC 9457). Each says in the user's language what
//! is wrong and what to do; causes go to the log, once, at the edge.
//!
//! A handler returns a [`Problem`]; [`render`] turns it into
//! `application/problem+json` for the API and into a page for people. What a
//! viewer may not see is answered exactly like what does not exist.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use relais_acts::problem::{ActError, FieldProblem};
use relais_mechanism::words::{Label, Lang};
use relais_store::StoreError;
use serde_json::json;

use crate::AppState;
use crate::ask::Asking;
use crate::frame::Frame;
use crate::text::Text;

/// Declares the catalogue: variant, stable code, status.
macro_rules! catalogue {
    ($($(#[$meta:meta])* $variant:ident = $code:literal, $status:ident, $title:ident, $remedy:ident;)+) => {
        /// What went wrong, as a stable kind.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemKind { $($(#[$meta])* $variant,)+ }

        impl ProblemKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code, the same in API, pages and log.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)+ }
            }

            /// What is wrong, in one sentence.
            #[must_use]
            pub fn title(self, lang: Lang) -> &'static str {
                match self { $(Self::$variant => Text(lang).$title(),)+ }
            }

            /// What to do.
            #[must_use]
            pub fn remedy(self, lang: Lang) -> &'static str {
                match self { $(Self::$variant => Text(lang).$remedy(),)+ }
            }
        }
    };
}

catalogue! {
    /// Not there, or not for this viewer.
    NotFound = "not_found", NOT_FOUND, problem_not_found, problem_not_found_do;
    /// The address exists, the method does not.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, problem_method, problem_method_do;
    /// Nobody is signed in.
    SignInNeeded = "sign_in_needed", UNAUTHORIZED, problem_sign_in, problem_sign_in_do;
    /// No bearer token, or one that is not valid.
    TokenNeeded = "token_needed", UNAUTHORIZED, problem_token, problem_token_do;
    /// Unknown login or wrong password: the two answer alike.
    WrongCredentials = "wrong_credentials", UNPROCESSABLE_ENTITY, problem_credentials, problem_credentials_do;
    /// Too many attempts from here or for this login.
    TooManyAttempts = "too_many_attempts", TOO_MANY_REQUESTS, problem_attempts, problem_attempts_do;
    /// Too many looks into the public directory from here.
    TooManyLooks = "too_many_looks", TOO_MANY_REQUESTS, public_rationed, public_rationed_do;
    /// Seen, but not this viewer's to do.
    Forbidden = "forbidden", FORBIDDEN, problem_forbidden, problem_forbidden_do;
    /// A form sent by another site.
    CrossSite = "cross_site", FORBIDDEN, problem_cross_site, problem_cross_site_do;
    /// Not JSON, or cut off.
    MalformedJson = "malformed_json", BAD_REQUEST, problem_json, problem_json_do;
    /// JSON whose shape or types are not those of the endpoint.
    WrongType = "wrong_type", UNPROCESSABLE_ENTITY, problem_type, problem_type_do;
    /// A form that cannot be read.
    MalformedForm = "malformed_form", BAD_REQUEST, problem_form, problem_form_do;
    /// An address or query that cannot be read.
    MalformedQuery = "malformed_query", BAD_REQUEST, problem_query, problem_query_do;
    /// Another media type than the endpoint reads.
    WrongContentType = "wrong_content_type", UNSUPPORTED_MEDIA_TYPE, problem_media, problem_media_do;
    /// A body beyond the limit.
    TooLarge = "too_large", PAYLOAD_TOO_LARGE, problem_large, problem_large_do;
    /// Fields are wrong, each said beside it.
    InvalidFields = "invalid_fields", UNPROCESSABLE_ENTITY, problem_fields, problem_fields_do;
    /// A rule refuses, with its own reason and remedy.
    Refused = "refused", CONFLICT, problem_refused, problem_refused_do;
    /// The record changed since it was read.
    Stale = "stale", CONFLICT, problem_stale, problem_stale_do;
    /// The person was erased.
    Erased = "erased", GONE, problem_erased, problem_erased_do;
    /// The id was used for another body.
    IdTaken = "id_taken", UNPROCESSABLE_ENTITY, problem_id_taken, problem_id_taken_do;
    /// It took too long.
    Timeout = "timeout", SERVICE_UNAVAILABLE, problem_timeout, problem_timeout_do;
    /// Too much at once.
    Busy = "busy", SERVICE_UNAVAILABLE, problem_busy, problem_busy_do;
    /// Our fault.
    Internal = "internal", INTERNAL_SERVER_ERROR, problem_internal, problem_internal_do;
}

/// A problem on its way to the user.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Kind.
    pub kind: ProblemKind,
    /// A rule's own code, reason and remedy, in place of the catalogue's.
    pub rule: Option<Box<(String, Label, Label)>>,
    /// Fields that are wrong.
    pub fields: Vec<FieldProblem>,
    /// What the API adds (the position of a mistake, base and current version).
    pub extra: serde_json::Map<String, serde_json::Value>,
}

impl Problem {
    /// A problem of the catalogue.
    #[must_use]
    pub fn new(kind: ProblemKind) -> Self {
        Self {
            kind,
            rule: None,
            fields: Vec::new(),
            extra: serde_json::Map::new(),
        }
    }

    /// With one more member of the API's answer.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }

    /// The stable code: the rule's own where a rule refused.
    #[must_use]
    pub fn code(&self) -> &str {
        self.rule.as_ref().map_or(self.kind.code(), |rule| &rule.0)
    }

    /// What is wrong.
    #[must_use]
    pub fn title(&self, lang: Lang) -> String {
        match self.rule.as_deref() {
            Some((_, why, _)) if !why.get(lang).is_empty() => set(why.get(lang), lang),
            _ => self.kind.title(lang).to_owned(),
        }
    }

    /// What to do.
    #[must_use]
    pub fn remedy(&self, lang: Lang) -> String {
        match self.rule.as_deref() {
            Some((_, _, remedy)) if !remedy.get(lang).is_empty() => set(remedy.get(lang), lang),
            _ => self.kind.remedy(lang).to_owned(),
        }
    }

    /// The body of RFC 9457, in the language of the request.
    #[must_use]
    pub fn json(&self, lang: Lang) -> serde_json::Value {
        let mut body = json!({
            "type": format!("urn:relais:problem:{}", self.kind.code()),
            "status": self.kind.status().as_u16(),
            "code": self.code(),
            "title": self.title(lang),
            "remedy": self.remedy(lang),
        });
        if !self.fields.is_empty() {
            body["fields"] = self
                .fields
                .iter()
                .map(|f| json!({"field": f.field, "code": f.code, "message": set(f.message.get(lang), lang)}))
                .collect();
        }
        for (name, value) in &self.extra {
            body[name] = value.clone();
        }
        body
    }
}

/// A sentence that came from the rules, with the typography of its language.
pub(crate) fn set(text: &str, lang: Lang) -> String {
    match lang {
        Lang::Fr => crate::typography::french(text),
        Lang::En => crate::typography::english(text),
    }
}

impl From<ActError> for Problem {
    fn from(error: ActError) -> Self {
        match error {
            ActError::NotFound => Self::new(ProblemKind::NotFound),
            ActError::Forbidden { code } => Self::new(ProblemKind::Forbidden).with("reason", code),
            ActError::Refused { code, why, remedy } => Self {
                rule: Some(Box::new((code, why, remedy))),
                ..Self::new(ProblemKind::Refused)
            },
            ActError::Invalid(fields) => Self {
                fields,
                ..Self::new(ProblemKind::InvalidFields)
            },
            ActError::Stale { base, current } => Self::new(ProblemKind::Stale)
                .with("base_version", base)
                .with("current_version", current),
            ActError::Erased => Self::new(ProblemKind::Erased),
            ActError::IdTaken => Self::new(ProblemKind::IdTaken),
            ActError::Store(error @ (StoreError::Busy | StoreError::Unavailable { .. })) => {
                tracing::warn!(cause = %error, "the store is busy");
                Self::new(ProblemKind::Busy)
            }
            ActError::Store(error) => {
                // The one place where a cause is logged; it names tables and rows, no answer of a person.
                tracing::error!(cause = %error, "the store failed");
                Self::new(ProblemKind::Internal)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Turns a bare status of a layer (method, body limit, timeout, panic) into
/// its problem.
fn of_status(status: StatusCode) -> Option<ProblemKind> {
    Some(match status {
        StatusCode::NOT_FOUND => ProblemKind::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ProblemKind::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => ProblemKind::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ProblemKind::WrongContentType,
        StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => ProblemKind::Timeout,
        StatusCode::FORBIDDEN => ProblemKind::CrossSite,
        StatusCode::BAD_REQUEST => ProblemKind::MalformedQuery,
        StatusCode::INTERNAL_SERVER_ERROR => ProblemKind::Internal,
        _ => return None,
    })
}

/// Whether an answer tells of a problem.
pub(crate) fn is_one(response: &Response) -> bool {
    response.status().is_client_error() || response.status().is_server_error()
}

/// Renders what went wrong with a request, for people or for programs.
pub(crate) async fn render(app: &AppState, asking: &Asking, api: bool, mut response: Response) -> Response {
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if response.headers().contains_key(header::CONTENT_TYPE) && response.status() != StatusCode::NOT_FOUND => {
            // Handlers that answer an error with a page of their own (a form with its values) are done;
            // what axum and tower answer as plain text is not.
            let plain = response.headers()[header::CONTENT_TYPE]
                .as_bytes()
                .starts_with(b"text/plain");
            match of_status(response.status()) {
                Some(kind) if plain => Problem::new(kind),
                _ => return response,
            }
        }
        None => match of_status(response.status()) {
            Some(kind) => Problem::new(kind),
            None => return response,
        },
    };
    let mut rendered = if api {
        let body = serde_json::to_vec(&problem.json(asking.lang)).unwrap_or_default();
        let mut response = (problem.kind.status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(asking.lang.code()));
        if problem.kind == ProblemKind::TokenNeeded {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    } else {
        page(app, asking, &problem).await
    };
    if let Some(allow) = response.headers_mut().remove(header::ALLOW) {
        rendered.headers_mut().insert(header::ALLOW, allow);
    }
    if problem.kind == ProblemKind::TooManyAttempts {
        rendered
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    rendered
}

/// The page of a problem: what is wrong, what to do, a way on.
#[derive(askama::Template)]
#[template(path = "pages/problem.html")]
struct ProblemPage {
    f: Frame,
    t: Text,
    title: String,
    remedy: String,
    sentences: Vec<String>,
}

async fn page(app: &AppState, asking: &Asking, problem: &Problem) -> Response {
    let lang = asking.lang;
    let page = ProblemPage {
        // No path of the request: the unseen and the nonexistent must not differ by a byte.
        f: Frame::of_problem(app, asking, &problem.title(lang)).await,
        t: Text(lang),
        title: problem.title(lang),
        remedy: problem.remedy(lang),
        sentences: problem.fields.iter().map(|f| set(f.message.get(lang), lang)).collect(),
    };
    crate::frame::html(problem.kind.status(), &page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_problem_has_its_own_code_and_says_what_to_do() {
        let codes: BTreeSet<_> = ProblemKind::ALL.iter().map(|k| k.code()).collect();
        assert_eq!(codes.len(), ProblemKind::ALL.len());
        for kind in ProblemKind::ALL {
            assert!(kind.status().is_client_error() || kind.status().is_server_error());
            for lang in Lang::ALL {
                assert!(kind.title(*lang) != kind.remedy(*lang), "{kind:?}");
            }
        }
    }

    #[test]
    fn a_rules_refusal_keeps_its_own_words() {
        let label = |s: &str| Label {
            fr: s.to_owned(),
            en: s.to_owned(),
        };
        let problem = Problem::from(ActError::Refused {
            code: "agreement_expired".to_owned(),
            why: label("L'accord a expiré"),
            remedy: label("Demandez le renouvellement"),
        });
        let body = problem.json(Lang::Fr);
        assert_eq!(body["code"], "agreement_expired");
        assert_eq!(body["type"], "urn:relais:problem:refused");
        assert_eq!(body["title"], "L’accord a expiré");
        assert_eq!(body["status"], 409);
    }
}
