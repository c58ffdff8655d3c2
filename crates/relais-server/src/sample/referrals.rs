//! Samples of the pages around a referral.

use relais_acts::links::{LinkRow, LinkStatus, LinkView, Person};
use relais_acts::payments::{Payment, PaymentView};
use relais_acts::slips::SlipView;
use relais_acts::views::{Choice, Choosable, Offered, Said, ServiceChoices, ServiceLook, VitalRow};
use relais_casework::referral::LinkState;
use relais_network::Loosened;

use super::*;

fn proposal(n: u128, name: &str, lang: Lang) -> Proposal {
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a.to_owned() } else { b.to_owned() };
    Proposal {
        id: ServiceId(id(n)),
        name: name.to_owned(),
        organisation: "Association Aiguille".to_owned(),
        organisation_id: OrganisationId(id(n + 100)),
        place: "Douala 4e".to_owned(),
        distance_km: Some(6.2),
        reasons: vec![
            ("ok", say("Répond au besoin", "Meets the need").into()),
            (
                "ok",
                say("Parle français et fulfuldé", "Speaks French and Fulfulde").into(),
            ),
            (
                "care",
                say(
                    "Fiche vieille de 94 jours : téléphoner d’abord",
                    "Entry 94 days old: telephone first",
                )
                .into(),
            ),
        ],
        capacity: say("2 libres", "2 free"),
        cost: say("gratuit", "free of charge"),
        confirmed_on: NaiveDate::from_ymd_opt(2026, 11, 12),
        paid: vec![say(
            "Projet d’essai de réintégration, jusqu’au 31/12/2026",
            "Trial reintegration project, until 31/12/2026",
        )],
        telephones: vec!["+237671234567".to_owned()],
        has_account: n.is_multiple_of(2),
        demonstration: true,
    }
}

/// A full page of services, each with how it was found.
pub(crate) fn offered(lang: Lang) -> Vec<(Proposal, Offered)> {
    let long = match lang {
        Lang::Fr => "Consultation psychologique ou psychiatrique (Hôpital régional – Extrême-Nord)",
        Lang::En => "Psychological or psychiatric consultation (Regional hospital – Far North)",
    };
    let one = |n: u128| {
        let proposal = proposal(30 + n, long, lang);
        let offered = Offered {
            number: 0,
            distance_km: proposal.distance_km,
            reasons: proposal.reasons.clone(),
        };
        (proposal, offered)
    };
    (0..8).map(one).collect()
}

/// The directory's search: everything chosen, read and misread.
pub(crate) fn service_look(lang: Lang, full: bool) -> ServiceLook {
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a.to_owned() } else { b.to_owned() };
    let many = |count: usize, label: &str| -> Vec<Choosable> {
        let one = |n: usize| {
            let choice = Choice::of(&format!("X{n:02}"), &format!("{label} {n}"));
            (Arc::new(choice), count - n)
        };
        (0..count).map(one).collect()
    };
    ServiceLook {
        offered: Vec::new(),
        total: if full { 132 } else { 0 },
        next: full.then(|| "a".repeat(48)),
        said: Said {
            services: vec![say(
                "Soins ambulatoires et médicaments",
                "Outpatient care and medicines",
            )],
            targets: vec![say("Femmes", "Women")],
            place: Some("Bénoué".to_owned()),
            language: Some(say("Anglais", "English")),
            urgent: true,
            free: true,
            corrected: vec![("garua".to_owned(), "garoua".to_owned())],
            unknown: vec!["zyzzyva".to_owned(), "<b>".to_owned()],
            loosened: Some(Loosened::FewerWords),
        },
        choices: ServiceChoices {
            categories: many(
                17,
                &say("Santé mentale et soutien psychosocial", "Mental health support"),
            ),
            regions: many(10, "Région"),
            costs: many(4, &say("Gratuit", "Free")),
            languages: many(24, "Langue"),
            targets: many(15, "Public"),
            free_places: 12,
            remote: 3,
        },
        now: now(),
    }
}

/// The page "refer", with a preview.
pub(crate) fn refer(lang: Lang, priority: Priority) -> ReferView {
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a.to_owned() } else { b.to_owned() };
    let case = case(lang);
    ReferView {
        need: NeedRow {
            priority,
            label: say("Apprentissage en couture", "Sewing apprenticeship"),
            ..case.needs[1].clone()
        },
        case_id: case.id,
        case_code: case.code.clone(),
        initials: "S. T.".to_owned(),
        place: "Douala 4e".to_owned(),
        proposals: vec![
            proposal(30, "Atelier Aiguille Claire", lang),
            proposal(31, "Maison des jeunes de Bonabéri", lang),
            proposal(32, "Association Wouri Avenir", lang),
        ],
        excluded: vec![
            Excluded {
                name: "Atelier Fil d’Or".to_owned(),
                why: say(
                    "a décliné aujourd’hui, capacité atteinte",
                    "declined today, at capacity",
                ),
                remedy: String::new(),
            },
            Excluded {
                name: "Centre Sanaga Métiers".to_owned(),
                why: say(
                    "protocole d’accord expiré le 31/10/2026",
                    "agreement expired on 31/10/2026",
                ),
                remedy: say("Demander le renouvellement", "Ask for its renewal"),
            },
        ],
        earlier: Vec::new(),
        takes_back: Some(TakesBack {
            referral: ReferralId(id(12)),
            code: "R-2026-004421".to_owned(),
            provider: "Atelier Fil d’Or".to_owned(),
        }),
        shelter: ShelterBox::default(),
        preview: Some(Preview {
            repeats: vec![RepeatRow {
                referral_id: ReferralId(id(76)),
                code: "R-2026-004301".to_owned(),
                organisation: "Atelier Fil d’Or".to_owned(),
                state_label: if fr { "En cours" } else { "Under way" }.to_owned(),
                at: now() - TimeDelta::days(20),
                joined: true,
            }],
            service: proposal(30, "Atelier Aiguille Claire", lang),
            now: vec![
                fact(&say("Personne", "Person"), &say("femme, 18–24 ans", "woman, 18–24")),
                fact(&say("Zone", "Area"), "Littoral, Wouri"),
                fact(
                    &say("Besoin", "Need"),
                    &say("Apprentissage en couture, P4", "Sewing apprenticeship, P4"),
                ),
                fact(&say("Nom", "Name"), "?"),
                fact(&say("Téléphone", "Telephone"), "?"),
            ],
            after: vec![
                fact(&say("Nom", "Name"), "Exemple Salomé Tchinda"),
                fact(&say("Téléphone", "Telephone"), "+237 6 71 23 45 67"),
            ],
            basis: say(
                "Consentement du 09/11, protocole n° 22",
                "Consent of 09/11, agreement no. 22",
            ),
            never: vec![
                (
                    say("Santé", "Health"),
                    say("ce service n’en a pas besoin", "this service does not need it"),
                ),
                (
                    say("Photo, pièce", "Photo, paper"),
                    say("refusé par la personne", "refused by the person"),
                ),
            ],
            blocked: (priority == Priority::P1 || priority == Priority::P3).then(|| {
                (
                    say("Le consentement n’a pas été demandé.", "Consent was not asked."),
                    say("Demandez-le à la personne.", "Ask the person."),
                )
            }),
            limits: vec![
                (DueKind::Acknowledge, Some(now() + TimeDelta::days(7))),
                (DueKind::Decide, Some(now() + TimeDelta::days(14))),
                (DueKind::FirstContact, None),
            ],
            calls: vec![
                (say("Point focal", "Focal point"), "+237671234567".to_owned()),
                (say("Astreinte", "On-call"), "1503".to_owned()),
            ],
            minutes: 15,
            needs_interim: priority == Priority::P2,
            ask_consent: priority == Priority::P1,
            overrides: if priority == Priority::P1 {
                ["VITAL", "CHILD", "LEGAL"].map(str::to_owned).to_vec()
            } else {
                Vec::new()
            },
            exception: (priority == Priority::P3).then(|| override_note(lang, "waiting")),
            referral: None,
        }),
        next: Some("3".to_owned()),
    }
}

/// An override, as the sender's side reads it.
pub(crate) fn override_note(lang: Lang, state: &str) -> OverrideNote {
    let fr = lang == Lang::Fr;
    let decided = state != "waiting";
    OverrideNote {
        emergency: None,
        id: OverrideId(id(40)),
        ground: "LEGAL".to_owned(),
        state: state.to_owned(),
        recipient: "Centre de santé Les Palmiers".to_owned(),
        owner: "Accueil Douala".to_owned(),
        due: now() + TimeDelta::hours(24),
        late: false,
        until: None,
        decided_by: decided.then(|| "P. Nkolo".to_owned()),
        decided_at: decided.then(now),
        answer: if state == "refused" {
            if fr {
                "Demandez d’abord à la personne."
            } else {
                "Ask the person first."
            }
            .to_owned()
        } else {
            String::new()
        },
    }
}

/// The page "refer" of a need whose services are found nowhere; with the code
/// that the on-call desk gave, the preview.
pub(crate) fn refer_shelter(lang: Lang, given: bool) -> ReferView {
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a.to_owned() } else { b.to_owned() };
    let mut view = refer(lang, Priority::P1);
    view.need.label = say("Hébergement sûr", "Safe shelter");
    (view.proposals, view.excluded) = (Vec::new(), Vec::new());
    (view.takes_back, view.next) = (None, None);
    view.shelter = ShelterBox {
        confidential: true,
        calls: vec![
            (
                say("Astreinte du Littoral", "On-call desk, Littoral"),
                "+237671234567".to_owned(),
            ),
            (say("Ligne nationale", "National line"), "1503".to_owned()),
        ],
    };
    view.preview = view.preview.filter(|_| given).map(|preview| Preview {
        service: Proposal {
            name: say("Hébergement sûr", "Safe shelter"),
            organisation: say("Hébergement sûr", "Safe shelter"),
            place: String::new(),
            telephones: vec!["+237671234567".to_owned()],
            ..preview.service
        },
        calls: view.shelter.calls.clone(),
        repeats: Vec::new(),
        ..preview
    });
    view
}

/// What went without an agreement because the need was vital: one to open, one not.
pub(crate) fn went_as_vital() -> Vec<VitalRow> {
    let row = |n: u128, own: bool| VitalRow {
        referral_id: own.then(|| ReferralId(id(n))),
        referral_code: format!("R-2026-00{n}"),
        case_code: "LT-000098-R".to_owned(),
        organisation: "Accueil Douala".to_owned(),
        recipient: "Hôpital <b>d’essai</b>".to_owned(),
        ground: if own { "VITAL" } else { "CHILD" }.to_owned(),
        at: now() - TimeDelta::hours(5),
    };
    vec![row(41, true), row(42, false)]
}

/// An override that waits, as a row.
pub(crate) fn cosign_row(late: bool) -> CosignRow {
    CosignRow {
        emergency: false,
        id: OverrideId(id(40)),
        ground: "VITAL".to_owned(),
        case_code: "LT-000098-R".to_owned(),
        author: "J. Ebongué".to_owned(),
        organisation: "Accueil Douala".to_owned(),
        telephone: Some("+237671234567".to_owned()),
        recipient: "Centre de santé Les Palmiers".to_owned(),
        hand: yours(),
        from: now() - TimeDelta::hours(if late { 26 } else { 2 }),
        due: now() + TimeDelta::hours(if late { -2 } else { 22 }),
        late,
    }
}

/// An override, as whoever co-signs it reads it.
pub(crate) fn judged(lang: Lang, late: bool) -> OverrideView {
    let say = |a: &str, b: &str| if lang == Lang::Fr { a.to_owned() } else { b.to_owned() };
    OverrideView {
        now: now(),
        row: cosign_row(late),
        version: 1,
        state: "waiting".to_owned(),
        case_id: Some(CaseId(id(10))),
        referral_id: Some(ReferralId(id(12))),
        referral_code: "R-2026-004421".to_owned(),
        label: say("Besoin à accès restreint", "Need with restricted access"),
        text: say(
            "La personne est inconsciente et seule : on ne peut pas lui demander.",
            "The person is unconscious and alone: nobody can ask them.",
        ),
        classes: say("Identité, Contact", "Identity, Contact"),
        made_at: now() - TimeDelta::hours(2),
        until: None,
        decided_by: None,
        decided_at: None,
        answer: String::new(),
        may_decide: true,
        why_not: None,
    }
}

/// Who pays, as one side reads it.
pub(crate) fn payment(lang: Lang, provider: bool) -> PaymentView {
    PaymentView {
        payer_label: if lang == Lang::Fr {
            "OIM ou projet"
        } else {
            "IOM or project"
        }
        .to_owned(),
        payment: Some(Payment {
            payer: "PROJ".to_owned(),
            voucher: "BPC-2026-0117".to_owned(),
            ceiling: Some(75_000),
            until: NaiveDate::from_ymd_opt(2026, 12, 31),
            transport: if lang == Lang::Fr {
                "Taxi remboursé par le projet"
            } else {
                "Taxi paid back by the project"
            }
            .to_owned(),
            announced: Some(0),
        }),
        version: 1,
        may_write: !provider,
        expired: false,
    }
}

/// A referral in a state, as one side sees it.
pub(crate) fn referral(lang: Lang, state: State, provider: bool, commands: &[&str]) -> ReferralView {
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a.to_owned() } else { b.to_owned() };
    let stop = |label: String, hours: Option<i64>, here: bool| Stop {
        label,
        at: hours.map(|h| now() - TimeDelta::hours(h)),
        passed: hours.is_some() && !here,
        here,
    };
    let sent = state == State::Sent;
    ReferralView {
        exits: super::ways::ways(lang, provider),
        id: ReferralId(id(12)),
        code: "R-2026-004421".to_owned(),
        version: 3,
        case_id: (!provider).then(|| CaseId(id(10))),
        case_code: (!provider).then(|| "LT-000098-R".to_owned()),
        label: say("Apprentissage en couture", "Sewing apprenticeship"),
        priority: Priority::P4,
        state,
        state_label: if sent {
            say("Envoyé", "Sent")
        } else {
            say("Déclaré rendu", "Reported as delivered")
        },
        outcome: (!sent).then_some(Outcome::Served),
        outcome_label: (!sent).then(|| say("service rendu", "service delivered")),
        confirmation: None,
        decline_reason: None,
        sender_side: !provider,
        provider_side: provider,
        sender: "Accueil Douala".to_owned(),
        sender_telephone: Some("+237671234567".to_owned()),
        provider: "Atelier Aiguille Claire".to_owned(),
        provider_telephones: vec!["+237671112233".to_owned(), "+237233445566".to_owned()],
        link: !provider && sent,
        service: say("Formation en couture", "Sewing training"),
        facts: vec![
            fact(&say("Personne", "Person"), &say("femme, 18–24 ans", "woman, 18–24")),
            fact(&say("Zone", "Area"), "Littoral, Wouri"),
            fact(&say("Nom", "Name"), "?"),
        ],
        after: vec![say("identité", "identity"), say("contact", "contact")],
        words: Some(say("Souhaite apprendre la coupe.", "Wishes to learn cutting.")),
        exchanges: Vec::new(),
        payment: Some(payment(lang, provider)),
        answered: vec![fact(
            &say("Répondu par lien", "Answered by link"),
            "Mme Exemple Bih, +237 6 70 00 00 01",
        )],
        stops: vec![
            stop(say("Envoyé", "Sent"), Some(150), sent),
            stop(say("Reçu", "Received"), (!sent).then_some(140), false),
            stop(say("Accepté", "Accepted"), (!sent).then_some(100), false),
            stop(say("En cours", "Under way"), (!sent).then_some(80), false),
            stop(say("Rendu", "Delivered"), (!sent).then_some(10), !sent),
            stop(say("Confirmé", "Confirmed"), None, false),
        ],
        hand: if sent == provider {
            yours()
        } else {
            theirs("Atelier Aiguille Claire")
        },
        clock: Some(clock(
            if sent { DueKind::Decide } else { DueKind::Confirm },
            14 * 1440,
            10,
        )),
        next_rung: Some((
            now() + TimeDelta::days(7),
            say("la personne suppléante", "the alternate"),
        )),
        commands: commands.iter().map(|c| (*c).to_owned()).collect(),
        telephone_commands: if provider || !sent {
            Vec::new()
        } else {
            ["acknowledge", "accept", "waitlist", "decline"]
                .map(str::to_owned)
                .to_vec()
        },
        appointment: None,
        history: case(lang).history,
        history_more: false,
        terms: Some(
            say(
                "régime ordinaire · accord PA/2026/01, version 2, jusqu’au 31/12/2027 · mécanisme essai",
                "ordinary regime · agreement PA/2026/01, version 2, until 31/12/2027 · mechanism essai",
            )
            .to_owned(),
        ),
        erased: None,
    }
}

/// A one-time link as its maker sees it.
pub(crate) fn link_status(state: LinkState) -> LinkStatus {
    let opened = matches!(state, LinkState::Opened | LinkState::Answered);
    LinkStatus {
        referral: ReferralId(id(12)),
        code: "R-2026-004421".to_owned(),
        provider: "Atelier Aiguille Claire".to_owned(),
        telephones: vec!["+237671112233".to_owned()],
        language: Lang::Fr,
        refused: (state == LinkState::Answered).then(|| {
            (
                "link_not_providers_move".to_owned(),
                "Ce n’est pas au prestataire d’agir maintenant.".to_owned(),
                "Faites ce qui vous revient.".to_owned(),
            )
        }),
        last: Some(LinkRow {
            id: id(77),
            state,
            code: (state == LinkState::Waiting).then(|| "408215".to_owned()),
            made_at: now() - TimeDelta::hours(3),
            made_by: opened.then(|| "J. Ebongué".to_owned()),
            expires_at: now() + TimeDelta::days(14),
            opened_at: opened.then(|| now() - TimeDelta::hours(1)),
            answered_at: (state == LinkState::Answered).then(now),
            answerer: opened.then(answerer),
        }),
    }
}

fn answerer() -> Person {
    Person {
        name: "Mme Exemple Bih, secrétaire".to_owned(),
        telephone: "+237 6 70 00 00 01".to_owned(),
    }
}

/// What whoever opened a link sees.
pub(crate) fn link_view(lang: Lang, state: State, commands: &[&str]) -> LinkView {
    LinkView {
        referral: referral(lang, state, true, commands),
        answerer: answerer(),
        until: now() + TimeDelta::minutes(30),
        expires_at: now() + TimeDelta::days(14),
    }
}

/// A slip, in the language of its provider.
pub(crate) fn slip(lang: Lang, prepared: bool) -> SlipView {
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a.to_owned() } else { b.to_owned() };
    SlipView {
        referral: ReferralId(id(12)),
        number: "R-2026-004421-K".to_owned(),
        code: prepared.then(|| "K7TM3QXR".to_owned()),
        language: lang,
        label: say("Apprentissage en couture", "Sewing apprenticeship"),
        priority: Priority::P4,
        due: Some(now() + TimeDelta::days(14)),
        to: Some("Atelier Aiguille Claire".to_owned()),
        to_telephones: vec!["+237671112233".to_owned()],
        from: "Accueil Douala".to_owned(),
        from_telephone: Some("+237671234567".to_owned()),
        facts: vec![
            fact(&say("Zone", "Area"), "Wouri, Littoral"),
            fact(&say("Accès", "Access"), &say("interprète", "interpreter")),
        ],
        complaints: vec![
            (
                say(
                    "Ligne MINAS–OIM (traite, migrants)",
                    "MINAS–IOM line (trafficking, migrants)",
                ),
                "1503".to_owned(),
            ),
            (say("Ligne d’aide aux enfants", "Child helpline"), "116".to_owned()),
        ],
        refused: None,
    }
}
