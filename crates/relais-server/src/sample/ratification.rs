//! What goes before the steering committee: a list of as many entries as there may
//! be, drawn up or not, or nothing.

use relais_acts::entries::ratification::{
    Counted, Figures, ListedEntry, Prepared, ROWS, RatificationView, SESSIONS, Session,
};

use super::*;

fn day(d: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2026, 11, d)
}

fn entry(lang: Lang, number: usize) -> ListedEntry {
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a } else { b }.to_owned();
    let n = u128::try_from(number).unwrap_or(0);
    let changed = number.is_multiple_of(3);
    ListedEntry {
        number,
        id: ServiceId(Uuid::from_u128(n)),
        name: say(
            "Appui au projet <b>individuel</b> de réintégration",
            "Support to the <b>individual</b> reintegration project",
        ),
        // Four entries of each organisation.
        organisation_id: OrganisationId(Uuid::from_u128(n / 4)),
        organisation: say(
            "Association <i>d’essai</i> des personnes de retour",
            "Trial association of returned persons",
        ),
        place: "Garoua-Boulaï, Est".to_owned(),
        kind: say(
            "Accompagnement du projet de réintégration",
            "Support to the reintegration project",
        ),
        targets: if number.is_multiple_of(2) {
            String::new()
        } else {
            say("Femmes, Jeunes (15 à 35 ans)", "Women, Youth (15 to 35)")
        },
        area: "Lom-et-Djérem".to_owned(),
        ratified_on: day(2).filter(|_| changed),
        changed: if changed {
            vec![say("Zone couverte", "Area served"), say("Publics", "For whom")]
        } else {
            Vec::new()
        },
        moved: number.is_multiple_of(5),
        validated_on: day(12).filter(|_| !number.is_multiple_of(7)),
    }
}

/// The page or, with `whole`, all that the sheet prints.
pub(crate) fn view(lang: Lang, full: bool, prepared: bool, whole: bool) -> RatificationView {
    let mechanism = Mechanism::embedded("cameroon").expect("Cameroon's mechanism");
    let total = if full { 60 } else { 0 };
    let counted = |(code, name): (String, String)| Counted {
        code,
        name,
        entries: 1204,
    };
    let regions = mechanism
        .regions()
        .map(|r| (r.code.clone(), r.name.get(lang).to_owned()));
    let nowhere = (String::new(), String::new());
    let categories = mechanism.categories().iter();
    let categories = categories.map(|c| (c.code.clone(), c.label.get(lang).to_owned()));
    RatificationView {
        now: now(),
        prepared: prepared.then(|| Prepared {
            id: id(800),
            at: now() - TimeDelta::days(3),
            by: "C. Unité Essai".to_owned(),
        }),
        version: i64::from(prepared),
        total,
        moved: total / 5,
        later: total / 2,
        doubtful: 3,
        ratified: 812,
        shown: 3061,
        regions: if full {
            regions.chain([nowhere]).map(counted).collect()
        } else {
            Vec::new()
        },
        categories: if full {
            categories.map(counted).collect()
        } else {
            Vec::new()
        },
        rows: (1..=total)
            .take(if whole { total } else { ROWS })
            .map(|n| entry(lang, n))
            .collect(),
        page: 1,
        more: full && !whole,
        sessions: (0..SESSIONS)
            .filter(|_| full)
            .map(|_| Session {
                id: id(801),
                held_on: day(20),
                minutes: "2026/02".to_owned(),
                figures: Figures {
                    listed: 3061,
                    ratified: 3020,
                    apart: 4,
                    left: 37,
                },
                noted_by: "C. Unité Essai".to_owned(),
                noted_at: Some(now() - TimeDelta::days(2)),
            })
            .collect(),
    }
}
