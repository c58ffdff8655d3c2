//! A slip typed in by whoever holds it: signed in, or with the code printed on
//! it. Nothing of the referral is shown here.

use askama::Template;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::slips::TypeSlip;
use relais_casework::referral::{Outcome, REASONS, Ticked};
use relais_mechanism::answers::parse_date;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::referral::missing;
use crate::AppState;
use crate::ask::{self, Asking};
use crate::extract::{Query, Typed};
use crate::forms::error_of;
use crate::frame::{self, Frame, see};
use crate::parts::{Choice, Control, Field, Notice, Summary};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;

/// The page.
#[derive(Template)]
#[template(path = "pages/slip_in.html")]
pub(super) struct SlipIn {
    f: Frame,
    t: Text,
    id: Uuid,
    signed_in: bool,
    fields: Vec<Field>,
    summary: Option<Summary>,
}

impl Text {
    fn ticked(self, ticked: Ticked) -> &'static str {
        match ticked {
            Ticked::Received => self.slip_received(),
            Ticked::Accepted => self.slip_accepted(),
            Ticked::Served => self.outcome_served(),
            Ticked::PartlyServed => self.outcome_partly_served(),
            Ticked::NotServed => self.slip_not_served(),
        }
    }
}

impl SlipIn {
    pub(super) fn of(f: Frame, t: Text, id: Uuid, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let signed_in = f.signed_in;
        let mut fields = vec![
            Field::line(t, "number", t.slip_in_number())
                .hint(t.slip_in_number_hint())
                .max(40)
                .value(typed.one("number"))
                .with(Control::Line {
                    kind: "text",
                    mode: "",
                    size: "w10",
                }),
        ];
        if !signed_in {
            // Not kept when the page comes back: a shared screen must not show number and code together.
            fields.push(Field::line(t, "code", t.slip_in_code()).max(20).with(Control::Line {
                kind: "text",
                mode: "",
                size: "w10",
            }));
        }
        let boxes = Ticked::ALL
            .iter()
            .map(|b| Choice {
                value: b.code().to_owned(),
                label: t.ticked(*b).to_owned(),
                chosen: typed.one("ticked") == b.code(),
            })
            .collect();
        let reasons = REASONS
            .iter()
            .map(|r| Choice {
                value: r.code().to_owned(),
                label: t.outcome(*r).to_owned(),
                chosen: typed.one("reason") == r.code(),
            })
            .collect();
        fields.extend([
            Field::line(t, "ticked", t.slip_in_ticked()).with(Control::One(boxes)),
            Field::line(t, "reason", t.slip_in_reason())
                .optional()
                .with(Control::List(reasons)),
            Field::line(t, "name", t.slip_in_who())
                .max(200)
                .value(typed.one("name")),
            Field::line(t, "on", t.slip_in_on())
                .hint(t.form_hint_date())
                .optional()
                .max(20)
                .value(typed.one("on"))
                .with(Control::Line {
                    kind: "text",
                    mode: "",
                    size: "w10",
                }),
        ]);
        for field in &mut fields {
            field.error = error_of(wrong, &field.name, t.0);
        }
        let summary = crate::forms::summary(t, &fields, wrong);
        let f = if summary.is_some() { f.with_error() } else { f };
        Self {
            f,
            t,
            id,
            signed_in,
            fields,
            summary,
        }
    }
}

fn frame_of(app: &AppState, asking: &Asking, now: DateTime<Utc>) -> Frame {
    Frame::open(app, asking, Text(asking.lang).slip_in_title(), Some(now))
}

/// The number of the slip, and whether one was just typed in.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    number: String,
    #[serde(default)]
    done: String,
}

/// `GET /slip`.
pub(crate) async fn show(
    State(app): State<AppState>,
    asking: Asking,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let t = Text(asking.lang);
    let now = app.now().await?;
    let mut f = frame_of(&app, &asking, now);
    if asked.done == "yes" {
        f = f.notice(Some(Notice::done(t.slip_in_done(), t.slip_in_done_text())));
    }
    let mut typed = Typed::default();
    if !asked.number.is_empty() {
        typed.0.insert("number".to_owned(), vec![asked.number]);
    }
    Ok(frame::ok(&SlipIn::of(f, t, ids::new_v7(now), &typed, &[])))
}

/// What was typed, or every gap at once.
fn command(id: Uuid, typed: &Typed) -> Result<TypeSlip, Vec<FieldProblem>> {
    let mut wrong = Vec::new();
    if typed.one("number").is_empty() {
        wrong.push(missing("number", Text::slip_in_missing_number));
    }
    let ticked = Ticked::from_code(typed.one("ticked"));
    if ticked.is_none() {
        wrong.push(missing("ticked", Text::slip_in_choose));
    }
    let day = typed.one("on");
    let on: Option<NaiveDate> = parse_date(day);
    if !day.is_empty() && on.is_none() {
        wrong.push(missing("on", Text::form_no_date));
    }
    match ticked {
        Some(ticked) if wrong.is_empty() => Ok(TypeSlip {
            id,
            ticked,
            reason: Outcome::from_code(typed.one("reason")).filter(|_| ticked == Ticked::NotServed),
            name: typed.one("name").to_owned(),
            on,
        }),
        _ => Err(wrong),
    }
}

/// `POST /slip`: signed in, as far as the referral is this viewer's; otherwise
/// with the code on the paper, rationed by number and by address.
pub(crate) async fn save(State(app): State<AppState>, asking: Asking, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let address = ask::address(app.settings(), &parts);
    let typed = Typed::from_request(Request::from_parts(parts, body), &app).await?;
    let (t, id) = (Text(asking.lang), typed.id()?);
    let now = app.now().await?;
    let number = typed.one("number").to_owned();
    let viewer = asking.viewer.clone();
    if viewer.is_none() && !app.slip_limiter().take(&number, address, std::time::Instant::now()) {
        let kind = ProblemKind::TooManyAttempts;
        let f = frame_of(&app, &asking, now)
            .with_error()
            .notice(Some(Notice::stop(kind.title(asking.lang), kind.remedy(asking.lang))));
        return Ok(frame::html(kind.status(), &SlipIn::of(f, t, id, &typed, &[])));
    }
    let done = match command(id, &typed) {
        Err(wrong) => Err(ActError::Invalid(wrong)),
        Ok(command) => match viewer.as_deref() {
            Some(viewer) => app.acts().type_slip(viewer, number.clone(), command).await,
            None => {
                let code = typed.one("code").to_owned();
                app.acts().type_slip_unsigned(number.clone(), code, command).await
            }
        },
    };
    match done {
        Ok(_) => {
            if viewer.is_none() {
                app.slip_limiter().give_back(&number, address);
            }
            Ok(see("/slip?done=yes"))
        }
        Err(error) => {
            let back = CameBack::of(error, t)?;
            let mut page = SlipIn::of(frame_of(&app, &asking, now), t, id, &typed, &back.wrong);
            let status: StatusCode = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
