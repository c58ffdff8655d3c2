//! Samples of what happens when nobody answers.

use super::*;

/// The chain of a need: one that declined, one that keeps silent.
fn chain(lang: Lang) -> Vec<ChainLink> {
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a.to_owned() } else { b.to_owned() };
    let link = |n: u128, provider: &str, state, label: String, why| ChainLink {
        id: ReferralId(id(n)),
        code: format!("R-2026-0044{n}"),
        provider: provider.to_owned(),
        state,
        state_label: label,
        why,
        sent_at: Some(now() - TimeDelta::days(20)),
        here: n == 12,
    };
    vec![
        link(
            11,
            "Atelier Fil d’Or",
            State::Declined,
            say("Non accepté", "Not accepted"),
            Some(say("Capacité atteinte", "At capacity")),
        ),
        link(12, "Atelier Aiguille Claire", State::Sent, say("Envoyé", "Sent"), None),
    ]
}

/// The ways out of a referral that keeps its sender waiting.
pub(crate) fn ways(lang: Lang, provider: bool) -> Exits {
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a.to_owned() } else { b.to_owned() };
    let rung = |percent, days, done, tells: Vec<String>, then: String| Rung {
        percent: Some(percent),
        at: now() + TimeDelta::days(days),
        done,
        tells,
        then,
    };
    Exits {
        ladder: vec![
            rung(
                50,
                -3,
                true,
                vec![say("le point focal", "the focal point")],
                String::new(),
            ),
            rung(
                150,
                2,
                false,
                vec![
                    say(
                        "le point focal régional (Littoral)",
                        "the regional focal point (Littoral)",
                    ),
                    say("le secrétariat technique", "the technical secretariat"),
                ],
                say(
                    "un autre service est proposé au référent",
                    "another service is proposed to the sender",
                ),
            ),
        ],
        chain: if provider { Vec::new() } else { chain(lang) },
        reroute: (!provider).then(|| Reroute {
            need_id: NeedId(id(20)),
            why: "silence".to_owned(),
            suggested: Some((ServiceId(id(31)), "Maison des jeunes de Bonabéri".to_owned())),
            takes_back: true,
            may_give_up: true,
        }),
        outcomes: Outcome::ALL.to_vec(),
        redirects: vec![(ServiceId(id(31)), "Maison des jeunes de Bonabéri, Douala 4e".to_owned())],
        no_shows: (1, 3),
        waitlist: None,
        letter: !provider,
    }
}

/// The page on which a need is given up.
pub(crate) fn settle(lang: Lang, blocked: bool) -> SettleView {
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a.to_owned() } else { b.to_owned() };
    SettleView {
        need_id: NeedId(id(20)),
        version: 2,
        case_id: CaseId(id(10)),
        case_code: "LT-000098-R".to_owned(),
        label: say("Apprentissage en couture", "Sewing apprenticeship"),
        priority: Priority::P4,
        state: relais_casework::need::NeedState::Open,
        chain: chain(lang),
        blocked: blocked.then(|| {
            (
                say(
                    "Une demande est encore en cours pour ce besoin.",
                    "A request is still open for this need.",
                ),
                say("Annulez-la d’abord.", "Cancel it first."),
            )
        }),
    }
}

/// A letter to a hierarchy, due or not.
pub(crate) fn letter(lang: Lang, due: bool) -> LetterView {
    let both = |fr: &str, en: &str| (fr.to_owned(), en.to_owned());
    LetterView {
        referral: ReferralId(id(12)),
        code: "R-2026-004421".to_owned(),
        language: lang,
        label: both("Besoin de formation", "Training need"),
        priority: Priority::P3,
        provider: both("Atelier Aiguille Claire", "Clear Needle Workshop"),
        parent: Some(both("Délégation régionale (exemple)", "Regional delegation (example)")),
        provider_telephone: Some("+237671112233".to_owned()),
        sender: both("Accueil Douala", "Douala Reception"),
        sender_telephone: Some("+237671234567".to_owned()),
        from: "secretariat".to_owned(),
        signed: both("Secrétariat technique", "Technical secretariat"),
        sent_at: Some(now() - TimeDelta::days(12)),
        since: now() - TimeDelta::days(12),
        due: now() - TimeDelta::days(5),
        days: 12,
        asked: DueKind::Acknowledge,
        by: Some(now() + TimeDelta::days(2)),
        expires: true,
        reminders: vec![(50, now() - TimeDelta::days(8)), (100, now() - TimeDelta::days(5))],
        now: now(),
        refused: (!due).then(|| both("Ce prestataire n’est pas en retard.", "Rien à relancer.")),
    }
}

/// The page of the coordination.
pub(crate) fn coordination(lang: Lang, national: bool) -> Coordination {
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a.to_owned() } else { b.to_owned() };
    let cell = |region: &str, group: String, count| UnmetCell {
        region: region.to_owned(),
        group,
        count,
    };
    Coordination {
        now: now(),
        regions: if national {
            Vec::new()
        } else {
            vec!["Littoral".to_owned()]
        },
        days: 90,
        structures: vec![StructureLine {
            organisation: "Atelier Aiguille Claire".to_owned(),
            telephone: Some("+237671112233".to_owned()),
            late: 4,
            open: 9,
        }],
        providers: vec![ProviderLine {
            organisation: "Atelier Aiguille Claire".to_owned(),
            telephone: None,
            counts: Counts {
                asked: 12,
                answered: 7,
                late: 4,
            },
            until: now() - TimeDelta::days(20),
            reply: Some(say(
                "Deux formateurs absents en octobre.",
                "Two trainers away in October.",
            )),
        }],
        unnamed: Unnamed {
            to_put: 3,
            replying: 1,
            counts: Counts {
                asked: 31,
                answered: 20,
                late: 8,
            },
        },
        may_put: national,
        months: ("2026-09".to_owned(), "2026-11".to_owned()),
        unmet: vec![
            cell("Littoral", say("Formation", "Training"), Some(14)),
            cell("Nord", say("Besoin à accès restreint", "Restricted need"), None),
        ],
        smallest: 10,
        calls: vec![call(lang)],
        more: false,
        agreements: vec![
            EndingAgreement {
                reference: "CONV-002".to_owned(),
                parties: "Croix-Rouge (exemple)".to_owned(),
                until: NaiveDate::from_ymd_opt(2026, 12, 31).expect("a date"),
                days: 38,
            },
            EndingAgreement {
                reference: "ENG-004".to_owned(),
                parties: "Association Wouri Avenir".to_owned(),
                until: NaiveDate::from_ymd_opt(2026, 10, 31).expect("a date"),
                days: -23,
            },
        ],
    }
}

fn call(lang: Lang) -> CallNote {
    let fr = lang == Lang::Fr;
    CallNote {
        at: now() - TimeDelta::days(1),
        channel: "telephone".to_owned(),
        organisation: "Atelier Aiguille Claire".to_owned(),
        by: "M. Exemple".to_owned(),
        answered_by: "Mme Exemple Bih".to_owned(),
        promised: if fr { "une réponse" } else { "an answer" }.to_owned(),
        promised_on: NaiveDate::from_ymd_opt(2026, 11, 20),
        overdue: true,
        subject: id(12),
    }
}

/// The page of calls about one late wait.
pub(crate) fn late_subject(lang: Lang) -> LateSubject {
    let fr = lang == Lang::Fr;
    LateSubject {
        now: now(),
        subject: id(12),
        referral: true,
        code: "R-2026-004421".to_owned(),
        label: if fr { "Besoin de formation" } else { "Training need" }.to_owned(),
        priority: Priority::P3,
        holder: "Atelier Aiguille Claire".to_owned(),
        telephones: vec!["+237671112233".to_owned()],
        clock: Some(clock(DueKind::Decide, 14 * 1440, 130)),
        calls: vec![call(lang)],
    }
}

/// A provider's own figures.
pub(crate) fn figures(put: bool) -> OwnFigures {
    let counts = Counts {
        asked: 12,
        answered: 7,
        late: 4,
    };
    OwnFigures {
        now: counts,
        days: 90,
        put: put.then(|| PutFigures {
            version: 1,
            counts,
            put_at: now() - TimeDelta::days(2),
            reply_until: now() + TimeDelta::days(8),
            shown: false,
            reply: None,
        }),
    }
}
