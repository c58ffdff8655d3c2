//! The way to a service that no search finds, on the page "refer a need": whom to
//! call, and the code that the on-call desk gave. It is posted: no address
//! carries it.

use axum::response::Response;
use relais_acts::commands::ShelterCode;
use relais_acts::problem::FieldProblem;
use relais_acts::views::ReferView;
use relais_network::{NeedId, ServiceId};
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::refer::page;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::Typed;
use crate::format;
use crate::forms::error_of;
use crate::frame;
use crate::parts::Field;
use crate::problem::Problem;
use crate::text::Text;

/// The way to a service that no search finds.
pub(super) struct Shelter {
    /// Whether there is no other way for this need.
    pub confidential: bool,
    /// Who, the number as it is read, and as it is dialled.
    pub calls: Vec<(String, String, String)>,
    pub field: Field,
    /// The code that led to the preview; empty where none did.
    pub given: String,
}

impl Shelter {
    pub(super) fn of(t: Text, view: &ReferView, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let mut field = Field::line(t, "code", t.refer_shelter_code())
            .hint(t.refer_shelter_code_hint())
            .max(40)
            .value(typed.one("code"));
        field.scope = "shelter";
        field.error = error_of(wrong, "code", t.0);
        let calls = view.shelter.calls.iter();
        Self {
            confidential: view.shelter.confidential,
            calls: calls
                .map(|(who, n)| (who.clone(), t.phone(n), format::tel(n)))
                .collect(),
            given: if view.preview.is_some() && field.error.is_none() {
                typed.one("code").to_owned()
            } else {
                String::new()
            },
            field,
        }
    }
}

/// The page again, with what was typed: the service that was chosen, or the one
/// to which the code leads that came with it.
pub(super) async fn again(
    app: &AppState,
    caller: &Caller,
    need: Uuid,
    service: Option<Uuid>,
    typed: &Typed,
    back: Option<&CameBack>,
) -> Result<ReferView, Problem> {
    let (need, code) = (NeedId(need), typed.one("code"));
    // A code that was refused just now is not tried again on the way back.
    let refused = back.is_some_and(|b| b.wrong.iter().any(|p| p.field == "code"));
    if !code.trim().is_empty() && !refused {
        let given = ShelterCode { code: code.to_owned() };
        if let Ok(view) = app.acts().refer_by_code(&caller.viewer, need, given).await {
            return Ok(view);
        }
    }
    let service = service.map(ServiceId);
    Ok(app.acts().refer_view(&caller.viewer, need, service, None).await?)
}

/// The code of a service that no search finds: its preview, or the page with
/// what is wrong with the code.
pub(super) async fn by_code(app: &AppState, caller: &Caller, need: Uuid, typed: &Typed) -> Result<Response, Problem> {
    let given = ShelterCode {
        code: typed.one("code").to_owned(),
    };
    let now = app.now().await?;
    match app.acts().refer_by_code(&caller.viewer, NeedId(need), given).await {
        Ok(view) => Ok(frame::ok(&page(app, caller, &view, ids::new_v7(now), typed, &[], now))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = app.acts().refer_view(&caller.viewer, NeedId(need), None, None).await?;
            let mut page = page(app, caller, &view, ids::new_v7(now), typed, &back.wrong, now);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
