//! The sender makes a one-time link and sends it from the own telephone; the
//! code is said, never written beside it.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::links::{LinkRow, LinkStatus, MakeLink};
use relais_casework::referral::LinkState;
use relais_network::ReferralId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use crate::ask::Caller;
use crate::extract::{Id, Typed};
use crate::frame::{self, Frame, Tab, encode};
use crate::parts::Tag;
use crate::problem::Problem;
use crate::text::Text;
use crate::{AppState, format, secret};

/// A link that was just made: its address is here and nowhere else.
struct Made {
    lang: &'static str,
    message: String,
    whatsapp: String,
    sms: String,
    address: String,
}

/// The page.
#[derive(Template)]
#[template(path = "pages/share.html")]
pub(super) struct Share {
    f: Frame,
    t: Text,
    id: Uuid,
    back: String,
    provider: String,
    code: String,
    made: Option<Made>,
    said: Option<String>,
    numbers: Vec<(String, String)>,
    last: Option<(Tag, Vec<(&'static str, String)>)>,
    refused: Option<(String, String)>,
}

/// The code as it is said: three digits and three.
fn in_threes(code: &str) -> String {
    match code.split_at_checked(3) {
        Some((first, last)) => format!("{first}\u{a0}{last}"),
        None => code.to_owned(),
    }
}

fn last(t: Text, link: &LinkRow) -> (Tag, Vec<(&'static str, String)>) {
    let (family, words) = match link.state {
        LinkState::Waiting => ("", t.share_state_waiting()),
        LinkState::Opened => ("go", t.share_state_opened()),
        LinkState::Answered => ("done", t.share_state_answered()),
        LinkState::Blocked => ("no", t.share_state_blocked()),
        LinkState::Replaced => ("end", t.share_state_replaced()),
        LinkState::Expired => ("end", t.share_state_expired()),
    };
    let made = t.moment(link.made_at);
    let mut facts = vec![
        (
            t.share_made(),
            link.made_by
                .as_ref()
                .map_or_else(|| t.share_made_by_sending(&made), |who| t.share_made_by(&made, who)),
        ),
        (t.share_until(), t.moment(link.expires_at)),
    ];
    if let Some(at) = link.opened_at {
        let who = link
            .answerer
            .as_ref()
            .map(|p| format!("{}, {}", p.name, p.telephone))
            .unwrap_or_default();
        facts.push((t.share_opened(), t.share_opened_by(t.moment(at), who)));
    }
    if let Some(at) = link.answered_at {
        facts.push((t.share_answered(), t.moment(at)));
    }
    (Tag::plain(family, words), facts)
}

impl Share {
    pub(super) fn of(f: Frame, t: Text, status: &LinkStatus, id: Uuid, address: Option<&str>) -> Self {
        let made = address.map(|address| {
            let message = Text(status.language).share_message(address);
            Made {
                lang: status.language.code(),
                whatsapp: format!("https://wa.me/?text={}", encode_all(&message)),
                sms: format!("sms:?body={}", encode_all(&message)),
                message,
                address: address.to_owned(),
            }
        });
        Self {
            f,
            t,
            id,
            back: format!("/referrals/{}", status.referral),
            provider: status.provider.clone(),
            code: status.code.clone(),
            made,
            said: status.last.as_ref().and_then(|l| l.code.as_deref()).map(in_threes),
            numbers: status.telephones.iter().map(|n| (t.phone(n), format::tel(n))).collect(),
            last: status.last.as_ref().map(|l| last(t, l)),
            refused: status
                .refused
                .as_ref()
                .map(|(_, why, remedy)| (crate::problem::set(why, t.0), crate::problem::set(remedy, t.0))),
        }
    }
}

/// Percent-encodes everything that is not a letter, a digit or `-._~`.
fn encode_all(text: &str) -> String {
    encode(text).replace('/', "%2F")
}

fn frame_of(app: &AppState, caller: &Caller, status: &LinkStatus, now: DateTime<Utc>) -> Frame {
    Frame::of(app, caller, Tab::Cases, caller.t.share_title(), now)
        .back(format!("/referrals/{}", status.referral), status.code.clone())
}

/// `GET /referrals/{id}/link`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    let status = app.acts().link_status(&caller.viewer, ReferralId(id)).await?;
    let now = app.now().await?;
    let f = frame_of(&app, &caller, &status, now);
    Ok(frame::ok(&Share::of(f, caller.t, &status, ids::new_v7(now), None)))
}

/// The address of this deployment, as its pages are reached: as it is set, else
/// as this browser reached it.
pub(crate) fn site(app: &AppState, headers: &HeaderMap) -> String {
    let settings = app.settings();
    settings.address.clone().unwrap_or_else(|| {
        let host = headers
            .get(header::HOST)
            .and_then(|h| h.to_str().ok())
            .unwrap_or("localhost");
        format!("{}://{host}", if settings.https { "https" } else { "http" })
    })
}

/// `POST /referrals/{id}/link`: answers with the page itself and not with a
/// way to it, since the address that it shows is kept nowhere.
pub(crate) async fn make(
    State(app): State<AppState>,
    caller: Caller,
    Id(referral): Id,
    headers: HeaderMap,
    typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    let drawn = ids::secret();
    let made = app
        .acts()
        .make_link(
            &caller.viewer,
            ReferralId(referral),
            MakeLink { id },
            secret::hash(&drawn),
        )
        .await;
    let refused = match made {
        Ok(_) => None,
        Err(error) => Some(CameBack::of(error, caller.t)?),
    };
    let status = app.acts().link_status(&caller.viewer, ReferralId(referral)).await?;
    let now = app.now().await?;
    let f = frame_of(&app, &caller, &status, now);
    match refused {
        None => {
            let address = format!("{}{}", site(&app, &headers), secret::path(status.language, &drawn));
            Ok(frame::ok(&Share::of(f, caller.t, &status, id, Some(&address))))
        }
        Some(back) => {
            let mut page = Share::of(f, caller.t, &status, ids::new_v7(now), None);
            let code = back.onto(&mut page.f);
            Ok(frame::html(code, &page))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_encoded_whole() {
        assert_eq!(encode_all("é/ ?&"), "%C3%A9%2F%20%3F%26");
        assert_eq!(in_threes("012345"), "012\u{a0}345");
    }
}
