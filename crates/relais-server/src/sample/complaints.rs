//! Complaints: the door, number and code, coming back, the recipients' desk.

use chrono::TimeDelta;
use relais_acts::complaints::{ComplaintList, ComplaintRow, ComplaintView, Door, FollowView, Received, Said};
use relais_acts::views::ClockView;
use relais_casework::complaint::{Circle, ComplaintAct, ComplaintKind, ComplaintState, Limit};
use relais_casework::referral::DueKind;
use relais_mechanism::words::Lang;
use relais_network::ComplaintId;

use super::{id, now};

/// The door; `ready` once the two recipients are named.
pub(crate) fn complaint_door(lang: Lang, ready: bool) -> Door {
    let say = |a: &str, b: &str| if lang == Lang::Fr { a.to_owned() } else { b.to_owned() };
    Door {
        ready,
        lines: vec![
            (
                say(
                    "Ligne MINAS–OIM (traite, migrants)",
                    "MINAS–IOM line (trafficking, migrants)",
                ),
                "1503".to_owned(),
                true,
            ),
            (
                say("Ligne d’aide aux enfants", "Child helpline"),
                "116".to_owned(),
                true,
            ),
        ],
        safe: vec![
            ("CALL".to_owned(), say("Appel", "Call")),
            (
                "NONE".to_owned(),
                say(
                    "Ne pas contacter – la personne recontactera",
                    "Do not contact – person will call back",
                ),
            ),
        ],
    }
}

/// Number and code.
pub(crate) fn complaint_received() -> Received {
    Received {
        number: "K7TM3QXR".to_owned(),
        code: "W4HN8PZC".to_owned(),
        acknowledge_by: now() + TimeDelta::days(2),
        decide_by: now() + TimeDelta::days(30),
    }
}

/// Where a complaint stands, with one reply.
pub(crate) fn complaint_followed() -> FollowView {
    FollowView {
        number: "K7TM3QXR".to_owned(),
        state: ComplaintState::Acknowledged,
        received_at: now() - TimeDelta::days(3),
        acknowledged_at: Some(now() - TimeDelta::days(2)),
        decided_at: None,
        closed_at: None,
        due_at: Some(now() + TimeDelta::days(28)),
        replies: vec![(now() - TimeDelta::days(2), false, "Nous vous lisons.".to_owned())],
        added: vec![now()],
        just_added: true,
    }
}

fn row(n: u128, kind: ComplaintKind, state: ComplaintState) -> ComplaintRow {
    ComplaintRow {
        id: ComplaintId(id(n)),
        number: "K7TM3QXR".to_owned(),
        kind,
        state,
        received_at: now() - TimeDelta::days(3),
        limit: state.limit(),
        clock: state.limit().map(|limit| ClockView {
            kind: if limit == Limit::Decide {
                DueKind::Decide
            } else {
                DueKind::Acknowledge
            },
            from: now() - TimeDelta::days(3),
            due: now() + TimeDelta::days(1),
            percent: 75,
            late: false,
        }),
        opened: state != ComplaintState::Received,
        stepped_in: state == ComplaintState::Received,
    }
}

/// Three complaints of one recipient.
pub(crate) fn complaints() -> ComplaintList {
    ComplaintList {
        now: now(),
        rows: vec![
            row(40, ComplaintKind::Abuse, ComplaintState::Received),
            row(41, ComplaintKind::Conduct, ComplaintState::Acknowledged),
            row(42, ComplaintKind::Delay, ComplaintState::Closed),
        ],
        next: Some(id(42).to_string()),
    }
}

/// One complaint of abuse, one recipient silent.
pub(crate) fn complaint(lang: Lang) -> ComplaintView {
    let said = |by: Option<&str>, act, text: &str| Said {
        at: now() - TimeDelta::hours(5),
        by: by.map(str::to_owned),
        act,
        text: text.to_owned(),
    };
    ComplaintView {
        now: now(),
        row: row(40, ComplaintKind::Abuse, ComplaintState::Received),
        version: 3,
        facts: "Essai : une personne du centre a demandé une chose.\nElle ne sera pas dite ici.".to_owned(),
        organisation: "Atelier Aiguille Claire".to_owned(),
        referral: "R-2026-004421-K".to_owned(),
        about_office: true,
        contact: Some("+237 6 77 00 00 00".to_owned()),
        safe_contact: Some(if lang == Lang::Fr { "Appel" } else { "Call" }.to_owned()),
        language: lang,
        circle: Circle::Outside,
        officer: true,
        recipients: vec![
            (
                "A. Essai".to_owned(),
                now() - TimeDelta::days(2),
                Some(now() - TimeDelta::days(1)),
            ),
            ("B. Essai".to_owned(), now() - TimeDelta::days(2), None),
        ],
        said: vec![
            said(Some("A. Essai"), Some(ComplaintAct::Note), "Vu ensemble par téléphone."),
            said(None, None, "Encore un mot."),
        ],
        acts: ComplaintState::Received.acts().to_vec(),
    }
}
