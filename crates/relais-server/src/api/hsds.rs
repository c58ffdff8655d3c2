//! The directory for other systems, in HSDS 3.0: public data, for anybody. The
//! parameters that HSDS names and we do not offer (words, distance, time of
//! change) are refused, since a list that passes over them would mislead.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use relais_acts::directory::hsds::{Asked, Hsds, about};
use relais_acts::problem::ActError;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::AppState;
use crate::ask::Asking;
use crate::extract::{Id, Query};
use crate::problem::Problem;

/// A page.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Paging {
    page: Option<u32>,
    per_page: Option<u32>,
    #[serde(default)]
    full: bool,
}

impl From<Paging> for Asked {
    fn from(p: Paging) -> Self {
        Self {
            page: p.page,
            per_page: p.per_page,
            full: p.full,
            ..Self::default()
        }
    }
}

/// A page of services, and of which.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Services {
    page: Option<u32>,
    per_page: Option<u32>,
    #[serde(default)]
    full: bool,
    organization_id: Option<Uuid>,
    taxonomy_id: Option<Uuid>,
    taxonomy_term_id: Option<Uuid>,
}

impl From<Services> for Asked {
    fn from(s: Services) -> Self {
        Self {
            page: s.page,
            per_page: s.per_page,
            full: s.full,
            organization: s.organization_id,
            taxonomy: s.taxonomy_id,
            term: s.taxonomy_term_id,
            ..Self::default()
        }
    }
}

/// A page of terms, and of which.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Terms {
    page: Option<u32>,
    per_page: Option<u32>,
    taxonomy_id: Option<Uuid>,
    parent_id: Option<Uuid>,
    #[serde(default)]
    top_only: bool,
}

impl From<Terms> for Asked {
    fn from(t: Terms) -> Self {
        Self {
            page: t.page,
            per_page: t.per_page,
            taxonomy: t.taxonomy_id,
            parent: t.parent_id,
            top_only: t.top_only,
            ..Self::default()
        }
    }
}

fn answered(value: Result<Value, ActError>) -> Result<Response, Problem> {
    Ok(Json(value?).into_response())
}

/// `GET /hsds/`.
pub(crate) async fn root(State(app): State<AppState>, headers: HeaderMap) -> Response {
    let here = || {
        let host = headers.get(header::HOST).and_then(|h| h.to_str().ok());
        let scheme = if app.settings().https { "https" } else { "http" };
        format!("{scheme}://{}", host.unwrap_or("localhost"))
    };
    let base = app.settings().address.clone().unwrap_or_else(here);
    Json(about(&base)).into_response()
}

/// Declares the two endpoints of one kind of object: a page, and one.
macro_rules! objects {
    ($($list:ident $parameters:ident $list_path:literal, $one:ident $one_path:literal;)+) => {$(
        #[doc = concat!("`GET ", $list_path, "`.")]
        pub(crate) async fn $list(
            State(app): State<AppState>,
            asking: Asking,
            Query(asked): Query<$parameters>,
        ) -> Result<Response, Problem> {
            answered(Hsds::of(app.desk(), asking.lang).$list(&asked.into()))
        }

        #[doc = concat!("`GET ", $one_path, "`.")]
        pub(crate) async fn $one(
            State(app): State<AppState>,
            asking: Asking,
            Id(id): Id,
        ) -> Result<Response, Problem> {
            answered(Hsds::of(app.desk(), asking.lang).$one(id))
        }
    )+};
}

objects! {
    services Services "/hsds/services", service "/hsds/services/{id}";
    organisations Paging "/hsds/organizations", organisation "/hsds/organizations/{id}";
    at_locations Services "/hsds/service_at_locations", at_location "/hsds/service_at_locations/{id}";
    taxonomies Paging "/hsds/taxonomies", taxonomy "/hsds/taxonomies/{id}";
    terms Terms "/hsds/taxonomy_terms", term "/hsds/taxonomy_terms/{id}";
}
