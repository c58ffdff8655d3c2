//! The services found, laid out one under the other. What a card says of its
//! entry reads the same in every search, so it is laid out once and kept for as
//! long as the directory is as it was; what this search adds (number, distance,
//! reasons) is written between.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use askama::filters::Escaper as _;
use chrono::{DateTime, NaiveDate, Utc};
use relais_acts::Network;
use relais_acts::services;
use relais_acts::views::{Offered, Proposal};
use relais_mechanism::{Lang, Mechanism};

use super::service_card::{SEPARATOR, confirmed, facts, organisation};
use crate::format;
use crate::room;
use crate::text::Text;

/// What a card says of its entry, in pieces between which a search writes.
pub(crate) struct Prepared {
    html: Box<str>,
    /// Where the pieces end: name, what stands before a distance, what stands
    /// after it, the reason that a provider without an account adds, the facts
    /// before the day of confirmation. The facts after it go on to the end.
    ends: [u32; 5],
    confirmed_on: Option<NaiveDate>,
}

/// Room for what a search adds to a card, and more.
const ADDED: usize = 512;

impl Prepared {
    /// The card of a service.
    pub(crate) fn of(t: Text, p: &Proposal) -> Self {
        let mut html = String::with_capacity(ADDED);
        let mut ends = [0; 5];
        let end = |html: &String| u32::try_from(html.len()).expect("a card is no book");
        push_escaped(&mut html, &p.name);
        ends[0] = end(&html);
        join(&mut html, [organisation(p), &p.place]);
        ends[1] = end(&html);
        if p.demonstration {
            push_escaped(&mut html, t.refer_demonstration());
        }
        ends[2] = end(&html);
        if !p.has_account {
            reason(&mut html, false, t.refer_no_account());
        }
        ends[3] = end(&html);
        let [before, after] = facts(t, p);
        for (label, value) in before {
            fact(&mut html, label, &value);
        }
        ends[4] = end(&html);
        for (label, value) in after {
            fact(&mut html, label, &value);
        }
        if let Some(number) = p.telephones.first() {
            // Apart, to be tapped.
            let (label, tel, shown) = (t.refer_telephone(), format::tel(number), t.phone(number));
            html.push_str("<dt>");
            push_escaped(&mut html, label);
            html.push_str("</dt><dd><a class=\"nb\" href=\"tel:");
            push_escaped(&mut html, &tel);
            html.push_str("\">");
            push_escaped(&mut html, &shown);
            html.push_str("</a></dd>");
        }
        Self {
            html: html.into(),
            ends,
            confirmed_on: p.confirmed_on,
        }
    }

    fn piece(&self, n: usize) -> &str {
        let from = n.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        let to = self.ends.get(n).map_or(self.html.len(), |end| *end as usize);
        &self.html[from..to]
    }

    /// Writes the card of a search's nth entry.
    fn write(&self, html: &mut String, t: Text, n: usize, offered: &Offered, today: NaiveDate) {
        html.reserve(self.html.len() + ADDED);
        // Writing to a text never fails.
        let _ = write!(html, "<div class=\"card\"><h3>{n}. ");
        html.push_str(self.piece(0));
        html.push_str("</h3>\n");
        let (before, after) = (self.piece(1), self.piece(2));
        let away = offered.distance_km.map(|km| t.km_away(km)).unwrap_or_default();
        if !before.is_empty() || !after.is_empty() || !away.is_empty() {
            html.push_str("<p class=\"meta\">");
            let mut first = true;
            for part in [before, &away, after] {
                if !part.is_empty() {
                    html.push_str(if first { "" } else { SEPARATOR });
                    html.push_str(part);
                    first = false;
                }
            }
            html.push_str("</p>\n");
        }
        html.push_str("<div class=\"half\"><ul class=\"ticks\">");
        for (kind, words) in &offered.reasons {
            reason(html, *kind == "ok", words);
        }
        html.push_str(self.piece(3));
        html.push_str("</ul>\n<dl class=\"facts\">");
        html.push_str(self.piece(4));
        fact(html, t.refer_confirmed(), &confirmed(t, self.confirmed_on, today));
        html.push_str(self.piece(5));
        html.push_str("</dl></div></div>\n");
    }
}

fn reason(html: &mut String, speaks_for: bool, words: &str) {
    html.push_str(if speaks_for { "<li>" } else { "<li class=\"q\">" });
    push_escaped(html, words);
    html.push_str("</li>");
}

fn fact(html: &mut String, label: &str, value: &str) {
    html.push_str("<dt>");
    push_escaped(html, label);
    html.push_str("</dt><dd>");
    push_escaped(html, value);
    html.push_str("</dd>");
}

/// Writes what there is of these, with what stands between.
fn join<const N: usize>(html: &mut String, parts: [&str; N]) {
    let mut first = true;
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        html.push_str(if first { "" } else { SEPARATOR });
        push_escaped(html, part);
        first = false;
    }
}

/// Writes a text into a page, as the templates do.
pub(super) fn push_escaped(html: &mut String, text: &str) {
    // Writing to a text never fails.
    let _ = askama::filters::Html.write_escaped_str(html, text);
}

/// The cards of one state of the directory in one language, by the number of the
/// entry, each made when first found.
struct Shelf {
    /// Whose they are. Held weakly: a directory that was replaced is freed, and its
    /// place in memory taken by no other while this remembers it.
    network: Weak<Network>,
    cards: Box<[OnceLock<Prepared>]>,
}

/// The cards of the directory as it is, in both languages.
#[derive(Default)]
pub(crate) struct Shelves([Mutex<Option<Arc<Shelf>>>; 2]);

impl Shelves {
    fn of(&self, network: &Arc<Network>, lang: Lang) -> Arc<Shelf> {
        let at = match lang {
            Lang::Fr => 0,
            Lang::En => 1,
        };
        let mut kept = self.0[at].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shelf) = kept.as_ref().filter(|s| s.network.as_ptr() == Arc::as_ptr(network)) {
            return Arc::clone(shelf);
        }
        let shelf = Arc::new(Shelf {
            network: Arc::downgrade(network),
            cards: (0..network.directory.numbers()).map(|_| OnceLock::new()).collect(),
        });
        *kept = Some(Arc::clone(&shelf));
        shelf
    }

    /// The cards of what a search in this network found.
    pub(crate) fn cards(
        &self,
        t: Text,
        network: &Arc<Network>,
        mechanism: &Mechanism,
        offered: &[Offered],
        now: DateTime<Utc>,
    ) -> String {
        let shelf = self.of(network, t.0);
        let today = format::local(now).date_naive();
        let mut html = room::text();
        html.reserve(offered.len() * 2 * ADDED);
        for (n, offered) in offered.iter().enumerate() {
            let made = || {
                let entry = network.directory.numbered_as(offered.number)?;
                let proposal = services::proposal(mechanism, network, entry.service, None, &[], t.0);
                Some(Prepared::of(t, &proposal))
            };
            let Some(card) = shelf.cards.get(offered.number) else {
                continue;
            };
            let card = match card.get() {
                Some(card) => card,
                None => match made() {
                    Some(made) => card.get_or_init(|| made),
                    None => continue,
                },
            };
            card.write(&mut html, t, n + 1, offered, today);
        }
        html
    }
}

/// The cards of these, which nobody keeps: for pages made of examples.
#[cfg(test)]
pub(super) fn cards_of(t: Text, all: &[(Proposal, Offered)], now: DateTime<Utc>) -> String {
    let mut html = String::new();
    for (n, (proposal, offered)) in all.iter().enumerate() {
        Prepared::of(t, proposal).write(&mut html, t, n + 1, offered, format::local(now).date_naive());
    }
    html
}
