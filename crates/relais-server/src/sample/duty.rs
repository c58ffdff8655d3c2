//! Permanence with a hand-over both ways, and the on-call list.

use chrono::{NaiveDate, TimeDelta};
use relais_acts::handovers::{OfferedLine, WatchRow, WatchView};
use relais_acts::on_call::{OnCallLine, OnCallState, OnCallView};
use relais_mechanism::words::{Lang, Priority};
use relais_network::{CaseId, HandoverId, UserId};

use super::{id, now, work};

/// Permanence: of a team, or of the mechanism's office.
pub(crate) fn watch(lang: Lang, office: bool) -> WatchView {
    let fr = lang == Lang::Fr;
    let row = |n: u128, own: bool| {
        let mut row = work(lang);
        row.case_id = CaseId(id(100 + n));
        if office {
            row.initials = String::new();
        }
        WatchRow {
            row,
            since: now() - TimeDelta::hours(3),
            worker: if office {
                String::new()
            } else {
                "J. Ebongué".to_owned()
            },
            own: own && !office,
        }
    };
    let offer = |n: u128, lapsed: bool| OfferedLine {
        id: HandoverId(id(200 + n)),
        case_id: CaseId(id(300 + n)),
        case_code: format!("LT-00013{n}-K"),
        priority: Some(Priority::P1),
        colleague: "A. Relève Essai".to_owned(),
        note: if fr {
            "Rappeler le foyer à 20 h ; l’agent reste au bureau 3."
        } else {
            "Call the shelter again at 20:00; the officer stays in office 3."
        }
        .to_owned(),
        at: now() - TimeDelta::minutes(20),
        until: now() + TimeDelta::hours(11),
        lapsed,
    };
    WatchView {
        now: now(),
        office,
        rows: (0..12).map(|n| row(n, n % 3 != 0)).collect(),
        more: false,
        incoming: if office {
            Vec::new()
        } else {
            vec![offer(1, false), offer(2, false)]
        },
        outgoing: if office {
            Vec::new()
        } else {
            vec![offer(3, false), offer(4, true)]
        },
        colleagues: if office {
            Vec::new()
        } else {
            vec![(UserId(id(7)), "A. Relève Essai".to_owned())]
        },
    }
}

/// The list of a country that begins: two numbers a region.
pub(crate) fn on_call(lang: Lang) -> OnCallView {
    let fr = lang == Lang::Fr;
    let states = OnCallState::ALL;
    let mut lines: Vec<OnCallLine> = (1..=20_usize)
        .map(|n| {
            let state = states[n % states.len()];
            OnCallLine {
                region: format!("CM{:03}", n.div_ceil(2)),
                region_name: if fr { "Extrême-Nord" } else { "Far North" }.to_owned(),
                rank: u32::from(n % 2 == 0) + 1,
                who: if fr {
                    "Délégation régionale, garde"
                } else {
                    "Regional delegation, duty"
                }
                .to_owned(),
                number: if state == OnCallState::Missing {
                    String::new()
                } else {
                    "+237699000003".to_owned()
                },
                hours: "24/7".to_owned(),
                state_line: true,
                state,
                tested_on: NaiveDate::from_ymd_opt(2026, 11, 2),
                tested_by: "C. Essai".to_owned(),
                version: 1,
            }
        })
        .collect();
    lines.push(OnCallLine {
        region: String::new(),
        region_name: String::new(),
        rank: 1,
        who: if fr { "Ligne MINAS–OIM" } else { "MINAS–IOM line" }.to_owned(),
        number: "1503".to_owned(),
        hours: "24/7".to_owned(),
        state_line: true,
        state: OnCallState::Untested,
        tested_on: None,
        tested_by: String::new(),
        version: 0,
    });
    OnCallView {
        now: now(),
        days: 30,
        lines,
        national: true,
    }
}
