//! The country's other referral mechanisms: who runs each, whom one calls, and
//! the rule by which somebody passes from one to the other.

use axum::extract::State;
use axum::response::Response;
use relais_mechanism::Mechanism;

use crate::ask::Caller;
use crate::frame::{self, Frame, Tab};
use crate::problem::{Problem, set};
use crate::text::Text;
use crate::{AppState, format};

/// One mechanism.
struct Row {
    code: String,
    name: String,
    owners: String,
    area: String,
    services: String,
    contact: String,
    /// What is dialled and what is shown; none where nobody is known.
    number: Option<(String, String)>,
    rule: String,
    mark: String,
    rule_mark: String,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/bridges.html")]
pub(super) struct Bridges {
    f: Frame,
    t: Text,
    rows: Vec<Row>,
}

impl Bridges {
    pub(super) fn of(f: Frame, mechanism: &Mechanism) -> Self {
        let t = f.t;
        let mark = |mark: &Option<String>| mark.as_ref().map(|m| format!("[{m}]")).unwrap_or_default();
        let body = |code: &String| {
            let known = mechanism.bodies().iter().find(|b| b.code == *code);
            known.map_or_else(|| code.clone(), |b| format!("{} ({code})", b.label.get(t.0)))
        };
        let service = |code: &String| {
            let kind = mechanism.service_type(code).map(|s| &s.label);
            let label = kind.or_else(|| mechanism.category(code).map(|c| &c.label));
            label.map_or_else(|| code.clone(), |l| l.get(t.0).to_owned())
        };
        let rows = mechanism.bridges().iter().map(|b| Row {
            code: b.code.clone(),
            name: set(b.label.get(t.0), t.0),
            owners: b.owners.iter().map(body).collect::<Vec<_>>().join(" · "),
            area: set(b.area.get(t.0), t.0),
            services: b.services.iter().map(service).collect::<Vec<_>>().join(" · "),
            contact: set(b.contact.get(t.0), t.0),
            number: (!b.number.is_empty()).then(|| (format::tel(&b.number), t.phone(&b.number))),
            rule: set(b.rule.get(t.0), t.0),
            mark: mark(&b.mark),
            rule_mark: mark(&b.rule_mark),
        });
        Self {
            t,
            rows: rows.collect(),
            f,
        }
    }
}

/// `GET /bridges`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    let now = app.clock().await?;
    let f = Frame::of(&app, &caller, Tab::Services, caller.t.bridges_title(), now)
        .back("/services", caller.t.services_title());
    Ok(frame::ok(&Bridges::of(f, &app.desk().mechanism())))
}
