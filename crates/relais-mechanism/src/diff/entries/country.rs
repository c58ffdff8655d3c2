//! What a country has of its own: bodies, numbers, places, days.

use super::{all, entry, flag, maybe, point, text, words};
use crate::country::{Bridge, OnCallNumber};
use crate::diff::{Entry, Kind};
use crate::mechanism::Mechanism;

/// Bodies, bridges and numbers to call.
pub(super) fn people(m: &Mechanism) -> Vec<Entry> {
    let bodies = m.bodies().iter().map(|b| {
        entry(
            Kind::Body,
            &b.code,
            words(&b.label),
            vec![
                ("type", text(&b.kind)),
                ("role", words(&b.role)),
                ("mark", maybe(b.mark.as_ref())),
            ],
        )
    });
    let bridges = m.bridges().iter().map(bridge);
    let on_call = m.on_call_entries().iter().map(|n| call(Kind::OnCall, n));
    let emergency = m.emergency_numbers().iter().map(|n| call(Kind::Emergency, n));
    bodies.chain(bridges).chain(on_call).chain(emergency).collect()
}

fn bridge(b: &Bridge) -> Entry {
    entry(
        Kind::Bridge,
        &b.code,
        words(&b.label),
        vec![
            ("owners", all(&b.owners)),
            ("services", all(&b.services)),
            ("area", words(&b.area)),
            ("contact", words(&b.contact)),
            ("number", text(&b.number)),
            ("rule", words(&b.rule)),
            ("mark", maybe(b.mark.as_ref())),
            ("rule_mark", maybe(b.rule_mark.as_ref())),
        ],
    )
}

fn call(what: Kind, n: &OnCallNumber) -> Entry {
    let code = match &n.region {
        Some(region) => format!("{region}/{}", n.rank),
        None => n.rank.to_string(),
    };
    entry(
        what,
        code,
        words(&n.label),
        vec![
            ("number", text(&n.number)),
            ("hours", text(&n.hours)),
            ("last_test_call", maybe(n.last_test_call)),
            ("state_line", flag(n.state_line)),
            ("note", words(&n.note)),
            ("mark", maybe(n.mark.as_ref())),
        ],
    )
}

/// Places, calendars, holidays, where people arrive.
pub(super) fn land(m: &Mechanism) -> Vec<Entry> {
    let entry_points = m.entry_points().iter().map(|e| {
        entry(
            Kind::EntryPoint,
            &e.code,
            words(&e.label),
            vec![
                ("kinds", all(&e.kinds)),
                ("region", text(&e.region)),
                ("coordinates", point(e.coordinates)),
                ("mark", maybe(e.mark.as_ref())),
            ],
        )
    });
    let places = m.places().iter().map(|p| {
        entry(
            Kind::Place,
            &p.code,
            words(&p.name),
            vec![
                ("level", text(p.level.code())),
                ("parent", maybe(p.parent.as_ref())),
                ("chief_town", maybe(p.chief_town.as_ref())),
                ("coordinates", point(p.coordinates)),
                ("language", maybe(p.language)),
                ("mark", maybe(p.mark.as_ref())),
            ],
        )
    });
    let calendars = m.calendars().iter().map(|c| {
        entry(
            Kind::Calendar,
            &c.code,
            text(&c.code),
            vec![
                ("scope", text(c.scope.code())),
                ("parent", maybe(c.parent.as_ref())),
                ("closed", all(&c.closed)),
                ("hours", maybe(c.hours.map(|(from, to)| format!("{from}–{to}")))),
                ("mark", maybe(c.mark.as_ref())),
            ],
        )
    });
    let holidays = m.holidays().iter().map(|h| {
        let status = vec![("status", text(h.status.code()))];
        entry(Kind::Holiday, h.date.to_string(), words(&h.label), status)
    });
    entry_points.chain(places).chain(calendars).chain(holidays).collect()
}
