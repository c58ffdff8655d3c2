//! The protected circuit: what choosing or leaving it does, before it is done.

use axum::extract::State;
use axum::response::Response;
use relais_acts::commands::SetProtection;
use relais_acts::problem::FieldProblem;
use relais_acts::protection::ProtectionView;
use relais_network::CaseId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Typed};
use crate::forms::{error_of, summary};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Control, Field, Notice, Summary, Tag};
use crate::problem::{Problem, set};
use crate::text::Text;

/// A running referral on the page.
struct Running {
    href: String,
    code: String,
    label: String,
    provider: String,
    tag: Tag,
    says: String,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/protection.html")]
pub(super) struct Protection {
    f: Frame,
    t: Text,
    id: Uuid,
    version: String,
    back: String,
    code: String,
    protected: bool,
    barred: bool,
    holder: String,
    loses: Vec<String>,
    received: Vec<String>,
    running: Vec<Running>,
    agrees: Field,
    summary: Option<Summary>,
}

fn tag(t: Text, becomes: &str) -> Tag {
    match becomes {
        "stops" => Tag::plain("end", t.withdraw_stops()),
        "on_paper" => Tag::plain("go", t.protection_on_paper()),
        _ => Tag::plain("", t.withdraw_goes_on()),
    }
}

impl Protection {
    pub(super) fn of(mut f: Frame, view: &ProtectionView, id: Uuid, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let t = f.t;
        let label = if view.protected {
            t.protection_agrees_leave()
        } else {
            t.protection_agrees()
        };
        let mut agrees = Field::line(t, "person_agrees", label)
            .value(typed.one("person_agrees"))
            .with(Control::Tick);
        agrees.error = error_of(wrong, "person_agrees", t.0);
        let summary = summary(t, [&agrees], wrong);
        if summary.is_some() {
            f = f.with_error();
        }
        if let Some(barred) = &view.barred {
            f = f.notice(Some(Notice::stop(set(&barred.why, t.0), set(&barred.remedy, t.0))));
        }
        let version = typed.one("version");
        Self {
            f,
            t,
            id,
            version: if version.is_empty() {
                view.version.to_string()
            } else {
                version.to_owned()
            },
            back: format!("/cases/{}", view.case_id),
            code: view.case_code.clone(),
            protected: view.protected,
            barred: view.barred.is_some(),
            holder: view.holder.clone(),
            loses: view.loses.clone(),
            received: view
                .received
                .iter()
                .map(|r| t.protection_received_on(&r.organisation, t.date(r.on)))
                .collect(),
            running: view
                .referrals
                .iter()
                .map(|r| Running {
                    href: format!("/referrals/{}", r.id),
                    code: r.code.clone(),
                    label: r.label.clone(),
                    provider: r.provider.clone(),
                    tag: tag(t, &r.becomes),
                    says: set(&r.says, t.0),
                })
                .collect(),
            agrees,
            summary,
        }
    }
}

async fn page(
    app: &AppState,
    caller: &Caller,
    case: Uuid,
    id: Option<Uuid>,
    typed: &Typed,
    wrong: &[FieldProblem],
) -> Result<Protection, Problem> {
    let view = app.acts().protection(&caller.viewer, CaseId(case)).await?;
    let now = app.now().await?;
    let f = Frame::of(app, caller, Tab::Cases, caller.t.protection_title(), now)
        .back(format!("/cases/{}", view.case_id), view.case_code.clone());
    let id = id.unwrap_or_else(|| ids::new_v7(now));
    Ok(Protection::of(f, &view, id, typed, wrong))
}

/// `GET /cases/{id}/protection`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller, Id(case): Id) -> Result<Response, Problem> {
    Ok(frame::ok(
        &page(&app, &caller, case, None, &Typed::default(), &[]).await?,
    ))
}

/// `POST /cases/{id}/protection`.
pub(crate) async fn set_to(
    State(app): State<AppState>,
    caller: Caller,
    Id(case): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let (id, version) = (typed.id()?, typed.version()?);
    let protected = typed.one("protected") == "yes";
    let command = SetProtection {
        id,
        version,
        protected,
        person_agrees: typed.one("person_agrees") == "yes",
    };
    match app.acts().set_protection(&caller.viewer, CaseId(case), command).await {
        Ok(_) => {
            let done = if protected { "protected" } else { "unprotected" };
            Ok(see(&format!("/cases/{case}?done={done}")))
        }
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            if back.stale {
                typed.0.remove("version");
            }
            let mut page = page(&app, &caller, case, Some(id), &typed, &back.wrong)
                .await
                .map_err(|unseen| back.unshown(unseen))?;
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
