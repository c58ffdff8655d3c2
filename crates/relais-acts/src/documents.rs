//! What a document says of the deployment, as far as its reader may know it: lines of
//! the registers that they read and that do not lie sealed, figures for the mechanism's
//! office, what everybody may see of the directory, and what the reader's own
//! organisation contributed. How it stands on paper is `relais-documents`' to say.

mod figures;
mod workbook;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use relais_casework::calendar::local_date;
use relais_documents::Live;
use relais_documents::live::{LiveContribution, LiveLine, LiveService};
use relais_mechanism::registers::{FieldKind, Register, RegisterField};
use relais_mechanism::{Lang, Mechanism, Role};
use relais_network::PublicationStatus;
use relais_network::directory::Entry;
use relais_network::words::fold;
use relais_store::Tx;
use relais_store::rows::sheet;
use uuid::Uuid;

use crate::coordination::{self, WINDOW_DAYS};
use crate::desk::{Desk, Viewer};
use crate::directory::public::PublicEntry;
use crate::directory::shown::shown;
use crate::network::Network;
use crate::problem::ActError;
use crate::registers::{self, Line};
use crate::services::look::service_name;
use crate::share::place_name;

pub use workbook::workbook;

/// For which document.
#[derive(Debug, Clone)]
pub struct LiveAsked {
    /// Its code.
    pub code: String,
    /// Its language.
    pub lang: Lang,
    /// The session, workshop or assessment that it is about; none: the last one.
    pub of: Option<Uuid>,
    /// Address of the deployment, for links into the directory; empty for none.
    pub site: String,
}

/// What the document may say to this viewer.
///
/// # Errors
/// When the store fails.
pub async fn live(desk: &Arc<Desk>, viewer: &Viewer, asked: LiveAsked) -> Result<Live, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        Ok((read(tx, &desk_, Some(&viewer_), &asked)?, Vec::new()))
    })
    .await
}

/// The same for whoever runs the deployment and holds its keys: what the office for
/// the whole country reads, without an organisation of its own.
///
/// # Errors
/// When the store fails.
pub fn live_for_operator(desk: &Arc<Desk>, asked: LiveAsked) -> Result<Live, ActError> {
    let desk_ = Arc::clone(desk);
    desk.store()
        .read_blocking(move |tx: &mut Tx<'_>| read(tx, &desk_, None, &asked))
}

/// Reads what the document asks for and nothing else.
fn read(tx: &mut Tx<'_>, desk: &Desk, viewer: Option<&Viewer>, asked: &LiveAsked) -> Result<Live, ActError> {
    let (now, mechanism) = (tx.now()?, desk.mechanism());
    let blocks = relais_documents::live_blocks(&mechanism, &asked.code, asked.lang);
    let mut live = Live {
        on: Some(local_date(now)),
        chosen: asked.of.map(|id| id.to_string()),
        ..Live::default()
    };
    if blocks.is_empty() {
        return Ok(live);
    }
    live.registers = lines(tx, &mechanism, viewer, asked.lang)?;
    let network = desk.network_now(tx)?;
    let national = viewer.map_or(Some(true), coordination::office);
    let own: Vec<String> = match (national, viewer) {
        (Some(false), Some(viewer)) => viewer.regions.to_vec(),
        _ => Vec::new(),
    };
    if let Some(national) = national.filter(|_| blocks.iter().any(|b| b.starts_with("figures"))) {
        let of = figures::Of {
            says: figures::Says {
                mechanism: &mechanism,
                lang: asked.lang,
            },
            network: &network,
            national,
            regions: &own,
            now,
            registers: &live.registers,
        };
        live.figures = figures::all(tx, &of)?;
    }
    if blocks.contains("directory") {
        let contacts = national.is_some();
        live.directory = directory(&network, &mechanism, asked, contacts, now);
    }
    if let Some(viewer) = viewer.filter(|_| blocks.contains("contribution.table")) {
        live.contribution = contribution(tx, desk, viewer, now, asked.lang)?;
    }
    Ok(live)
}

/// Whether the document's reader may know what a register says. What lies sealed is in
/// no document, whoever asks: paper is passed on.
fn may_read(register: &Register, viewer: Option<&Viewer>) -> bool {
    !register.sealed && viewer.is_none_or(|v| register.is_read_by(&v.roles))
}

/// The lines of the registers by their code, in words. A register that the reader may
/// not read is not there, and what links into it says nothing of it.
fn lines(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    viewer: Option<&Viewer>,
    lang: Lang,
) -> Result<BTreeMap<String, Vec<LiveLine>>, ActError> {
    let mut read: Vec<(&Register, Vec<Line>)> = Vec::new();
    for register in mechanism.registers().iter().filter(|r| may_read(r, viewer)) {
        read.push((register, registers::lines(tx, &register.code)?));
    }
    let mut words = Words {
        mechanism,
        lang,
        titles: BTreeMap::new(),
    };
    for (register, lines) in &read {
        let field = register.title_field();
        for line in lines {
            let title = words.said(field, line).join(", ");
            words.titles.insert(line.id.to_string(), title);
        }
    }
    Ok(read
        .iter()
        .map(|(register, lines)| {
            let lines = lines.iter().map(|line| words.line(register, line));
            (register.code.clone(), lines.collect())
        })
        .collect())
}

/// How what a field keeps is said.
struct Words<'a> {
    mechanism: &'a Mechanism,
    lang: Lang,
    /// Titles of lines by their id.
    titles: BTreeMap<String, String>,
}

impl Words<'_> {
    fn line(&self, register: &Register, line: &Line) -> LiveLine {
        let id = line.id.to_string();
        let mut made = LiveLine {
            state: line.state.clone(),
            title: self.titles.get(&id).cloned().unwrap_or_default(),
            raw: line.values.clone(),
            id,
            ..LiveLine::default()
        };
        for field in &register.fields {
            made.values.insert(field.code.clone(), self.said(field, line));
            if let (FieldKind::Link(_) | FieldKind::Links(_), Some(to)) = (&field.kind, line.values.get(&field.code)) {
                let known = to.iter().filter(|id| self.titles.contains_key(*id)).cloned();
                made.links.insert(field.code.clone(), known.collect());
            }
        }
        made
    }

    fn said(&self, field: &RegisterField, line: &Line) -> Vec<String> {
        let kept = line.values.get(&field.code).into_iter().flatten();
        kept.filter_map(|text| self.word(field, text)).collect()
    }

    /// One text as it is shown; none for a line that the reader may not know.
    fn word(&self, field: &RegisterField, text: &str) -> Option<String> {
        match &field.kind {
            FieldKind::Link(_) | FieldKind::Links(_) => self.titles.get(text).cloned(),
            FieldKind::Number { .. } => Some(grouped(text, self.lang)),
            _ => Some(registers::plain(self.mechanism, self.lang, field, text)),
        }
    }
}

/// Digits by thousands.
fn grouped(digits: &str, lang: Lang) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let by = match lang {
        Lang::Fr => '\u{202f}',
        Lang::En => ',',
    };
    let mut out = String::from(sign);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n) % 3 == 0 {
            out.push(by);
        }
        out.push(digit);
    }
    out
}

/// The services that everybody may see and that are not in doubt, by region and
/// category, as the booklet prints them.
fn directory(
    network: &Network,
    mechanism: &Mechanism,
    asked: &LiveAsked,
    contacts: bool,
    now: DateTime<Utc>,
) -> Vec<LiveService> {
    let lang = asked.lang;
    let categories: BTreeMap<&str, usize> = mechanism
        .categories()
        .iter()
        .enumerate()
        .map(|(n, c)| (c.code.as_str(), n))
        .collect();
    let order = |e: &Entry<'_>| {
        let region = e.place.region.as_deref();
        (
            region.is_none(),
            region.map(|r| fold(&place_name(mechanism, r, lang))),
            categories.get(e.service.category()).copied(),
            fold(e.organisation.name.get(lang)),
            fold(e.service.name.get(lang)),
            e.service.id,
        )
    };
    let shown = shown(network, mechanism, &[]);
    let mut entries: Vec<Entry<'_>> = shown
        .entries
        .iter()
        .filter(|e| e.service.status == PublicationStatus::Published)
        .copied()
        .collect();
    entries.sort_by_cached_key(order);
    let service = |entry: &Entry<'_>| {
        let public = PublicEntry::of(network, mechanism, entry, lang, now);
        // The first is the focal point, the second stands in (F6.09).
        let mut called = entry.service.telephones.iter().filter(|_| contacts).map(|t| {
            let parts = [t.who.as_str(), t.number.as_str(), t.hours.as_str()];
            parts
                .into_iter()
                .filter(|p| !p.is_empty())
                .collect::<Vec<_>>()
                .join(", ")
        });
        LiveService {
            region: entry
                .place
                .region
                .as_ref()
                .map_or_else(String::new, |r| place_name(mechanism, r, lang)),
            category: service_name(mechanism, entry.service.category(), lang),
            organisation: public.organisation,
            name: public.name,
            place: public.place,
            telephone: public
                .numbers
                .iter()
                .map(|(n, _)| n.as_str())
                .collect::<Vec<_>>()
                .join(", "),
            focal_point: called.next().unwrap_or_default(),
            alternate: called.next().unwrap_or_default(),
            confirmed_on: public.confirmed_on,
            address: match asked.site.as_str() {
                "" => String::new(),
                site => format!("{site}/public/services/{}", public.id),
            },
        }
    };
    entries.iter().map(service).collect()
}

/// What the viewer's organisation contributed over the window of its figures; for
/// those who answer for it.
fn contribution(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    now: DateTime<Utc>,
    lang: Lang,
) -> Result<Option<LiveContribution>, ActError> {
    if !(viewer.is(Role::FocalPoint) || viewer.is(Role::Supervisor)) {
        return Ok(None);
    }
    let (mechanism, network) = (desk.mechanism(), desk.network_now(tx)?);
    let from = now - TimeDelta::days(WINDOW_DAYS);
    // What was sent this very second counts too.
    let until = now + TimeDelta::seconds(1);
    let counted = sheet::sent(tx, from, until, Some(viewer.organisation))?;
    let put = coordination::own(tx, desk, viewer, now)?.put;
    let all = |of: fn(&sheet::SentCount) -> i64| -> u32 { small(counted.iter().map(of).sum()) };
    Ok(Some(LiveContribution {
        organisation: network.own_name(viewer.organisation, lang),
        from: local_date(from),
        until: local_date(now),
        received: all(|c| c.sent),
        answered: all(|c| c.answered),
        in_time: all(|c| c.in_time),
        served: all(|c| c.served),
        without_means: all(|c| c.without_means),
        regions: counted
            .iter()
            .map(|c| (place_name(&mechanism, &c.region, lang), small(c.sent)))
            .collect(),
        reply_until: put.as_ref().map(|p| local_date(p.reply_until)),
        reply: put.and_then(|p| p.reply).unwrap_or_default(),
    }))
}

fn small(n: i64) -> u32 {
    u32::try_from(n.max(0)).unwrap_or(u32::MAX)
}

/// The day of a field of a line, as it is kept.
fn day(line: &LiveLine, field: &str) -> Option<NaiveDate> {
    line.raw.get(field)?.first()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_by_thousands() {
        let both = |n| (grouped(n, Lang::Fr), grouped(n, Lang::En));
        assert_eq!(both("0"), ("0".to_owned(), "0".to_owned()));
        assert_eq!(both("999"), ("999".to_owned(), "999".to_owned()));
        assert_eq!(
            both("1500000"),
            ("1\u{202f}500\u{202f}000".to_owned(), "1,500,000".to_owned())
        );
        assert_eq!(both("-1000"), ("-1\u{202f}000".to_owned(), "-1,000".to_owned()));
    }
}
