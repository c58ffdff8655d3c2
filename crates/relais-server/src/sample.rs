//! Sample data of plainly invented persons, for the tests that render every
//! page in both languages; a real store on SQLite stands behind the frame.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use relais_acts::views::*;
use relais_acts::{Desk, Viewer};
use relais_casework::need::NeedState;
use relais_casework::referral::{DueKind, Outcome, State};
use relais_mechanism::Mechanism;
use relais_mechanism::words::{Lang, Priority, Role};
use relais_network::{
    CaseId, ConsentId, NeedId, OrganisationId, OverrideId, ReferralId, SameAskId, ServiceId, StopRequestId, TransferId,
    UserId,
};
use relais_store::keyring::Unlock;
use relais_store::store::Location;
use relais_store::{Keyring, Options, Store};
use uuid::Uuid;

use crate::ask::{Asking, Caller};
use crate::text::Text;
use crate::{AppState, Settings};

pub(crate) mod agreements;
mod calls;
pub(crate) mod closing;
mod complaints;
mod duty;
pub(crate) mod entries;
mod exchange;
mod exits;
pub(crate) mod forms;
pub(crate) mod groups;
pub(crate) mod matrix;
pub(crate) mod merging;
mod perhaps;
pub(crate) mod programmes;
mod protection;
pub(crate) mod public;
pub(crate) mod ratification;
mod referrals;
pub(crate) mod registers;
pub(crate) use calls::calls;
pub(crate) use duty::{on_call, watch};
pub(crate) use exchange::{import_preview, imports};
pub(crate) use exits::{
    assign, end, ending, plan, reopen, stop, stop_view, transfer_draft, transfer_row, transfer_view, unclaimed,
    withdraw,
};
mod ways;
pub(crate) use complaints::{complaint, complaint_door, complaint_followed, complaint_received, complaints};
pub(crate) use perhaps::{asked, checked, perhaps};
pub(crate) use protection::{emergency, protection};
pub(crate) use referrals::{
    cosign_row, judged, link_status, link_view, offered, override_note, refer, refer_shelter, referral, service_look,
    slip, went_as_vital,
};
pub(crate) use ways::{coordination, figures, late_subject, letter, settle};

/// A deployment in a folder that goes with it.
pub(crate) struct Deployment {
    pub app: AppState,
    pub folder: tempfile::TempDir,
}

/// A fresh drill on SQLite with Cameroon's mechanism.
pub(crate) fn deployment() -> Deployment {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let keys = folder.path().join("keys");
    std::fs::create_dir(&data).expect("a folder");
    let keyring = Keyring::create(&keys, Some(&data), &Unlock::File, true).expect("a keyring");
    let location = Location::Sqlite { folder: data };
    let store = Store::create(&location, Arc::new(keyring), Options::default(), true).expect("a store");
    let mechanism = Arc::new(Mechanism::embedded("cameroon").expect("Cameroon's mechanism"));
    Desk::adopt(&store, &mechanism).expect("adopted");
    let desk = Desk::open_having(store, Some(mechanism)).expect("a desk");
    Deployment {
        app: AppState::new(desk, Settings::default()),
        folder,
    }
}

/// The day of the samples: Monday 23/11/2026, 08:40 in Douala.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-23T08:40:00+01:00")
        .expect("an instant")
        .to_utc()
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0000 + n)
}

/// A caller with these roles.
pub(crate) fn caller(lang: Lang, roles: &[Role], path: &str) -> Caller {
    let viewer = Arc::new(Viewer {
        user: UserId(id(1)),
        organisation: OrganisationId(id(2)),
        organisation_name: match lang {
            Lang::Fr => "Accueil Douala".into(),
            Lang::En => "Douala reception".into(),
        },
        display_name: "J. Ebongué".into(),
        roles: roles.into(),
        regions: [].into(),
        trained: true,
        state_body: false,
        lang,
        api: false,
        route: "",
        purpose: "",
    });
    let asking = Asking {
        lang,
        viewer: Some(Arc::clone(&viewer)),
        uri: path.parse().unwrap_or_default(),
        browser: None,
    };
    Caller {
        viewer,
        asking,
        t: Text(lang),
    }
}

fn clock(kind: DueKind, minutes: i64, percent: u32) -> ClockView {
    ClockView {
        kind,
        from: now() - TimeDelta::hours(3),
        due: now() + TimeDelta::minutes(minutes),
        percent,
        late: minutes < 0,
    }
}

fn yours() -> Hand {
    Hand {
        yours: true,
        organisation: "Accueil Douala".into(),
        role: Some(Role::CaseManager),
    }
}

fn theirs(organisation: &str) -> Hand {
    Hand {
        yours: false,
        organisation: organisation.to_owned(),
        role: Some(Role::FocalPoint),
    }
}

/// One row, to be varied.
pub(crate) fn work(lang: Lang) -> WorkRow {
    let fr = lang == Lang::Fr;
    WorkRow {
        case_id: CaseId(id(10)),
        case_code: "LT-000123-K".to_owned(),
        initials: "A. N.".to_owned(),
        need_id: Some(NeedId(id(11))),
        referral_id: Some(ReferralId(id(12))),
        referral_code: "R-2026-004417".to_owned(),
        priority: Priority::P1,
        label: if fr {
            "Besoin à accès restreint"
        } else {
            "Restricted need"
        }
        .to_owned(),
        organisation: "Centre de santé Les Palmiers".to_owned(),
        telephone: Some("+237233401122".to_owned()),
        state: Some(State::Sent),
        state_label: if fr { "Envoyé" } else { "Sent" }.to_owned(),
        outcome: None,
        decline_reason: None,
        action: NextAction::CallProvider,
        hand: yours(),
        clock: Some(clock(DueKind::Acknowledge, -70, 158)),
        erased: false,
    }
}

/// A day with each kind of row.
pub(crate) fn day(lang: Lang) -> MyDay {
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a.to_owned() } else { b.to_owned() };
    let base = work(lang);
    let skills = WorkRow {
        case_code: "LT-000098-R".to_owned(),
        initials: "S. T.".to_owned(),
        priority: Priority::P3,
        label: say("Bilan de compétences", "Skills assessment"),
        organisation: "Mission Emploi Nylon".to_owned(),
        state: Some(State::NeedsInfo),
        state_label: say("Complément demandé", "Information requested"),
        action: NextAction::AnswerQuestion,
        clock: Some(clock(DueKind::Answer, -1500, 120)),
        ..base.clone()
    };
    let rent = WorkRow {
        case_code: "LT-000112-T".to_owned(),
        initials: "E. M.".to_owned(),
        priority: Priority::P3,
        label: say("Appui au loyer", "Rental support"),
        organisation: "Association Wouri Avenir".to_owned(),
        state: Some(State::Accepted),
        state_label: say("Acceptée", "Accepted"),
        action: NextAction::Wait,
        clock: Some(clock(DueKind::FirstContact, 3 * 1440, 20)),
        ..base.clone()
    };
    MyDay {
        now: now(),
        cosign: vec![cosign_row(true), cosign_row(false)],
        late: vec![base.clone(), skills.clone()],
        yours: vec![
            WorkRow {
                referral_id: None,
                state: None,
                priority: Priority::P2,
                action: NextAction::FindService,
                label: say("Hébergement d’urgence", "Emergency shelter"),
                organisation: String::new(),
                clock: Some(clock(DueKind::Need, 380, 82)),
                ..skills.clone()
            },
            WorkRow {
                case_code: "LT-000077-F".to_owned(),
                initials: "P. K.".to_owned(),
                action: NextAction::ConfirmWithPerson,
                state: Some(State::Reported),
                outcome: Some(Outcome::Served),
                clock: Some(clock(DueKind::Confirm, 2 * 1440, 55)),
                ..skills.clone()
            },
        ],
        answers: vec![
            rent.clone(),
            WorkRow {
                label: say("Apprentissage en couture", "Sewing apprenticeship"),
                organisation: "Atelier Fil d’Or".to_owned(),
                state: Some(State::Declined),
                state_label: say("Non acceptée", "Not accepted"),
                decline_reason: Some(say("capacité atteinte", "at capacity")),
                action: NextAction::FindService,
                clock: Some(clock(DueKind::Need, 5 * 1440, 30)),
                ..skills.clone()
            },
        ],
        appointments: vec![WorkRow {
            action: NextAction::Wait,
            clock: Some(clock(DueKind::Appointment, 50, 40)),
            label: say("Entretien d’évaluation", "Assessment interview"),
            initials: "M. B.".to_owned(),
            ..rent.clone()
        }],
        stops: vec![stop(lang, false)],
        transfers: vec![transfer_row(true)],
        unclaimed: vec![unclaimed(lang)],
        closures: vec![closing::row(true), closing::row(false)],
        follow_ups: vec![EndedRow {
            case_id: CaseId(id(25)),
            case_code: "LT-000047-C".to_owned(),
            initials: "A. M.".to_owned(),
            at: now() - TimeDelta::days(2),
        }],
        plans: vec![EndedRow {
            case_id: CaseId(id(24)),
            case_code: "LT-000061-T".to_owned(),
            initials: "R. B.".to_owned(),
            at: now() - TimeDelta::days(1),
        }],
        ended: vec![EndedRow {
            case_id: CaseId(id(23)),
            case_code: "LT-000052-M".to_owned(),
            initials: "D. F.".to_owned(),
            at: now() - TimeDelta::days(2),
        }],
        same: vec![asked(lang).row],
        others: vec![
            WorkRow {
                hand: theirs("Mairie de Douala 4e"),
                clock: Some(clock(DueKind::Decide, 4 * 1440, 20)),
                ..rent.clone()
            },
            WorkRow {
                hand: theirs("Atelier Fil d’Or"),
                clock: Some(clock(DueKind::Report, 2 * 1440, 55)),
                ..rent
            },
        ],
        more: false,
        system_stopped: true,
        entries: relais_acts::entries::EntryCare {
            to_confirm: 3,
            ..Default::default()
        },
    }
}

/// A list of cases.
pub(crate) fn cases(lang: Lang) -> CaseList {
    let fr = lang == Lang::Fr;
    let row = |n: u128, code: &str, initials: &str, needs: u32, clock: Option<ClockView>| CaseRow {
        id: CaseId(id(n)),
        code: code.to_owned(),
        initials: initials.to_owned(),
        age_band: "25–34".to_owned(),
        sex: if fr { "femme" } else { "woman" }.to_owned(),
        region: "Littoral".to_owned(),
        state: if needs == 0 { "closed" } else { "open" }.to_owned(),
        opened_at: now() - TimeDelta::days(7),
        open_needs: needs,
        clock,
        erased: false,
    };
    CaseList {
        rows: vec![
            row(
                10,
                "CM-MNR-2026-LT-000123-K",
                "A. N.",
                2,
                Some(clock(DueKind::Acknowledge, -70, 158)),
            ),
            row(
                20,
                "CM-MNR-2026-LT-000131-D",
                "M. B.",
                1,
                Some(clock(DueKind::Need, 380, 82)),
            ),
            row(21, "CM-MNR-2026-LT-000041-P", "H. O.", 0, None),
            CaseRow {
                erased: true,
                ..row(22, "CM-MNR-2026-LT-000040-M", "", 0, None)
            },
        ],
        next: Some("000041".to_owned()),
    }
}

fn fact(label: &str, value: &str) -> Fact {
    Fact {
        label: label.to_owned(),
        value: (value != "?").then(|| value.to_owned()),
    }
}

/// A case under way.
pub(crate) fn case(lang: Lang) -> CaseView {
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a.to_owned() } else { b.to_owned() };
    let history = |hours: i64, what: &str, who: &str| HistoryRow {
        at: now() - TimeDelta::hours(hours),
        typed_at: now() - TimeDelta::hours(hours),
        kind: "sample".to_owned(),
        what: what.to_owned(),
        who: who.to_owned(),
    };
    CaseView {
        id: CaseId(id(10)),
        code: "CM-MNR-2026-LT-000123-K".to_owned(),
        version: 4,
        name: Some("Exemple Aïcha Ndongo".to_owned()),
        state: "open".to_owned(),
        state_label: say("Ouvert", "Open"),
        priority: Some(Priority::P1),
        safe_contact: Some(say("appel après 18 h, à elle seule", "call after 18:00, her only")),
        no_contact: false,
        emergency_until: None,
        protected: false,
        child: None,
        forms: forms::lines(lang),
        proposals: forms::proposals(lang),
        facts: vec![
            fact(&say("Âge, sexe", "Age, sex"), &say("28 ans, femme", "28, woman")),
            fact(&say("Langue", "Language"), "fulfuldé"),
            fact(&say("Destination", "Destination"), "Douala 4e, Wouri"),
        ],
        referrals: vec![
            work(lang),
            WorkRow {
                label: say("Bilan de compétences", "Skills assessment"),
                referral_code: "R-2026-004398".to_owned(),
                organisation: "Mission Emploi Nylon".to_owned(),
                priority: Priority::P3,
                state: Some(State::Scheduled),
                state_label: say("Rendez-vous fixé", "Appointment set"),
                action: NextAction::Wait,
                hand: theirs("Mission Emploi Nylon"),
                clock: Some(clock(DueKind::Appointment, 4 * 1440, 55)),
                ..work(lang)
            },
        ],
        needs: vec![
            NeedRow {
                id: NeedId(id(11)),
                label: say("Suite de traitement", "Treatment follow-up"),
                service: Some("MED.02".to_owned()),
                priority: Priority::P1,
                state: NeedState::Referred,
                state_label: say("1 référencement en cours", "1 referral under way"),
                hand: theirs("Centre de santé Les Palmiers"),
                clock: Some(clock(DueKind::Acknowledge, -70, 158)),
                can_refer: false,
                words: None,
            },
            NeedRow {
                id: NeedId(id(13)),
                label: say("Acte de naissance de l’enfant", "Birth certificate for the child"),
                service: Some("DOC.01".to_owned()),
                priority: Priority::P3,
                state: NeedState::Open,
                state_label: say("personne n’y répond encore", "nobody meets it yet"),
                hand: yours(),
                clock: Some(clock(DueKind::Need, 5 * 1440, 20)),
                can_refer: true,
                words: Some(say("Né à Agadez, aucun papier", "Born in Agadez, no papers")),
            },
        ],
        consents: vec![
            ConsentRow {
                id: ConsentId(id(14)),
                line: "C3".to_owned(),
                label: say("Partager pour : formation, emploi", "Share for: training, work"),
                recipient: String::new(),
                classes: say("identité, contact, compétences", "identity, contact, skills"),
                decision: "granted".to_owned(),
                urgent_only: false,
                until: NaiveDate::from_ymd_opt(2027, 11, 16),
                given_on: NaiveDate::from_ymd_opt(2026, 11, 16).expect("a date"),
                proof: say("Signature", "Signature"),
            },
            ConsentRow {
                id: ConsentId(id(15)),
                line: "C7".to_owned(),
                label: say("Photo, voix ou témoignage", "Photo, voice or testimony"),
                recipient: String::new(),
                classes: String::new(),
                decision: "refused".to_owned(),
                urgent_only: false,
                until: None,
                given_on: NaiveDate::from_ymd_opt(2026, 11, 16).expect("a date"),
                proof: say("Parole notée", "Oral, noted"),
            },
        ],
        family: Some(vec![relais_acts::families::FamilyMember {
            case_id: CaseId(id(14)),
            case_code: "CM-000124-M".to_owned(),
            initials: "B. N.".to_owned(),
        }]),
        consent_ready: true,
        assigned: Some("J. Ebongué".to_owned()),
        handover: Some(Handover {
            at: now() - TimeDelta::hours(5),
            who: "P. Exemple, Accueil Douala".to_owned(),
            note: if fr { "Rappeler lundi." } else { "Call back on Monday." }.to_owned(),
        }),
        transfer: Some(transfer_row(false)),
        closing: Some(closing::note(false)),
        plan: Some(relais_acts::plan::PlanNote {
            status: Some(say("En cours", "Active")),
            review_at: Some(now() + TimeDelta::days(20)),
        }),
        perhaps: Some(perhaps(lang)),
        stops: vec![stop(lang, false), stop(lang, true)],
        disclosures: vec![DisclosureRow {
            at: now() - TimeDelta::hours(3),
            recipient: "Centre de santé Les Palmiers".to_owned(),
            what: say(
                "Besoin, tranche d’âge, région. Pas encore le nom.",
                "Need, age band, region. Not the name yet.",
            ),
            basis: say(
                "Consentement du 22/11, protocole n° 14",
                "Consent of 22/11, agreement no. 14",
            ),
        }],
        history: vec![
            history(1, &say("Délai dépassé", "Limit passed"), ""),
            history(
                3,
                &say("Référencement envoyé, urgence P1", "Referral sent, priority P1"),
                "J. Ebongué",
            ),
            history(14, &say("Consentement accordé", "Consent granted"), "J. Ebongué"),
            history(160, &say("Dossier ouvert", "Case opened"), "J. Ebongué"),
        ],
        history_more: false,
        overrides: vec![override_note(lang, "waiting"), override_note(lang, "refused")],
        holder: "Accueil Douala, J. Ebongué".to_owned(),
        may_write: true,
        may_close: false,
        ending: None,
        may_end: false,
        may_reopen: false,
        close_blocked: Some(say("2 besoins sont encore ouverts", "2 needs are still open")),
        erased: None,
    }
}

/// A provider's inbox.
pub(crate) fn inbox(lang: Lang) -> Inbox {
    let fr = lang == Lang::Fr;
    let row = WorkRow {
        case_code: String::new(),
        initials: String::new(),
        organisation: "Accueil Douala".into(),
        action: NextAction::Decide,
        ..work(lang)
    };
    Inbox {
        now: now(),
        stops: vec![stop(lang, false)],
        to_answer: vec![row.clone()],
        under_way: vec![WorkRow {
            state: Some(State::InService),
            action: NextAction::Report,
            clock: Some(clock(DueKind::Report, 9000, 30)),
            ..row
        }],
        ended: Vec::new(),
        more: false,
        next: None,
        figures: figures(true),
        codes: vec![relais_acts::shelter::OwnCode {
            service: ServiceId(id(70)),
            name: if fr { "Maison d’essai" } else { "Trial house" }.to_owned(),
            label: if fr { "Hébergement" } else { "Housing" }.to_owned(),
            code: "AB2C DE3F".to_owned(),
        }],
        system_stopped: false,
        entries: relais_acts::entries::EntryCare {
            to_confirm: 3,
            doubtful: 1,
            withheld: true,
        },
    }
}

/// The secretariat's list.
pub(crate) fn late(lang: Lang) -> LateList {
    LateList {
        now: now(),
        rows: vec![WorkRow {
            initials: String::new(),
            hand: theirs("Centre de santé Les Palmiers"),
            action: NextAction::Wait,
            ..work(lang)
        }],
        stops: vec![stop(lang, false)],
        stops_more: true,
        holders: vec![
            (
                "Délégation des Affaires sociales, Littoral".to_owned(),
                Some("+237233400000".to_owned()),
                14,
                31,
            ),
            ("Mission Emploi Nylon".to_owned(), None, 6, 9),
        ],
        protected: Some(ProtectedCount { cases: None, least: 10 }),
        oncall_missing: vec!["Adamaoua".to_owned(), "Est".to_owned()],
        recipients_missing: true,
        next: None,
    }
}

/// A child whose accompanying adult is in doubt.
pub(crate) fn child(lang: Lang) -> CaseView {
    let mut case = case(lang);
    case.child = Some(ChildView {
        child: true,
        age_doubt: true,
        protection_first: true,
        protection_need: None,
        protection_asked: false,
        link: Some("doubtful".to_owned()),
        seen_alone: false,
        best_interests_on: None,
    });
    "void".clone_into(&mut case.consents[0].decision);
    case
}
