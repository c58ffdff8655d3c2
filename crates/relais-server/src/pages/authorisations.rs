//! What the deployment may do: the authorisation of S4, for whoever answers for
//! the protection of data.

use axum::extract::State;
use axum::response::Response;
use relais_acts::authorisations::AuthorisationView;

use crate::AppState;
use crate::ask::Caller;
use crate::frame::{self, Frame, Tab};
use crate::parts::Tag;
use crate::problem::Problem;
use crate::text::Text;

/// One authorisation.
struct Line {
    reference: String,
    by: String,
    on: String,
    state: Tag,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/authorisations.html")]
pub(super) struct Authorisations {
    f: Frame,
    t: Text,
    s4: bool,
    lines: Vec<Line>,
}

impl Authorisations {
    pub(super) fn of(f: Frame, view: &AuthorisationView) -> Self {
        let t = f.t;
        let lines = view
            .all
            .iter()
            .map(|a| Line {
                reference: a.reference.clone(),
                by: a.given_by.clone(),
                on: t.day_of(a.recorded_at),
                state: a.ended_at.map_or_else(
                    || Tag::plain("go", t.authorisations_in_force()),
                    |at| Tag::plain("end", t.authorisations_ended(t.day_of(at))),
                ),
            })
            .collect();
        Self {
            f,
            t,
            s4: view.s4,
            lines,
        }
    }
}

/// `GET /authorisations`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    let view = app.acts().authorisations(&caller.viewer).await?;
    let f = Frame::of(
        &app,
        &caller,
        Tab::Authorisations,
        caller.t.authorisations_title(),
        view.now,
    );
    Ok(frame::ok(&Authorisations::of(f, &view)))
}
