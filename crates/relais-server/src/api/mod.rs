//! The API, version 1: JSON in, JSON out, bearer tokens, ids from the client.
//! Each endpoint calls the same act as the page beside it.

pub(crate) mod agreements;
pub(crate) mod calls;
pub(crate) mod cases;
pub(crate) mod closing;
pub(crate) mod complaints;
pub(crate) mod desk;
pub(crate) mod emergencies;
pub(crate) mod ending;
pub(crate) mod entries;
pub(crate) mod etag;
pub(crate) mod exits;
pub(crate) mod forms;
pub(crate) mod groups;
pub(crate) mod handovers;
pub(crate) mod hsds;
pub(crate) mod links;
pub(crate) mod matrix;
pub(crate) mod on_call;
pub(crate) mod openapi;
pub(crate) mod overrides;
pub(crate) mod plan;
pub(crate) mod programmes;
pub(crate) mod protection;
pub(crate) mod ratifications;
pub(crate) mod referrals;
pub(crate) mod registers;
pub(crate) mod same;
mod schemas;
pub(crate) mod services;
pub(crate) mod webhooks;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use relais_acts::problem::ActError;
use relais_acts::views::Made;

use crate::problem::{Problem, ProblemKind};

/// What was made: 201, with its id, code and version. The same request again
/// is answered alike.
fn made(made: &Made) -> Response {
    (StatusCode::CREATED, Json(made)).into_response()
}

/// A conflict of versions carries base, mine and theirs: what the maker sent,
/// and the record as this viewer may see it now.
fn conflict(problem: Problem, mine: serde_json::Value, theirs: Option<serde_json::Value>) -> Problem {
    if problem.kind != ProblemKind::Stale {
        return problem;
    }
    let problem = problem.with("mine", mine);
    match theirs {
        Some(theirs) => problem.with("theirs", theirs),
        None => problem,
    }
}

/// The answer to an act; a stale one with the record as this viewer may see it now.
async fn answered<T: serde::Serialize>(
    done: Result<Made, ActError>,
    mine: serde_json::Value,
    theirs: impl Future<Output = Result<T, ActError>>,
) -> Result<Response, Problem> {
    match done {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = theirs.await.ok().and_then(|now| serde_json::to_value(now).ok());
            Err(conflict(stale.into(), mine, theirs))
        }
        Err(other) => Err(other.into()),
    }
}
