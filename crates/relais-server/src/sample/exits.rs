//! Samples of the ways out.

use super::*;

/// A request to stop using what was received.
pub(crate) fn stop(lang: Lang, confirmed: bool) -> StopRow {
    let fr = lang == Lang::Fr;
    StopRow {
        id: StopRequestId(id(if confirmed { 61 } else { 60 })),
        case_id: Some(CaseId(id(10))),
        case_code: "LT-000123-K".to_owned(),
        recipient: "Centre de santé Les Palmiers".to_owned(),
        telephone: Some("+237233401122".to_owned()),
        has_account: confirmed,
        referrals: vec!["R-2026-004417".to_owned()],
        classes: if fr { "Identité, Contact" } else { "Identity, Contact" }.to_owned(),
        effect: "stop_sharing".to_owned(),
        asked_at: now() - TimeDelta::days(2),
        hand: if confirmed { theirs("–") } else { yours() },
        clock: (!confirmed).then(|| clock(DueKind::Confirm, 500, 60)),
        confirmed_on: confirmed.then(|| NaiveDate::from_ymd_opt(2026, 11, 22).expect("a date")),
        noted: confirmed,
    }
}

/// Its page, for either side.
pub(crate) fn stop_view(lang: Lang, recipient_side: bool) -> StopView {
    let mut row = stop(lang, false);
    if recipient_side {
        row.case_id = None;
        row.case_code = String::new();
    }
    StopView {
        row,
        version: 1,
        recipient_side,
        goes_on: true,
        sender: "Accueil Douala".to_owned(),
        sender_telephone: Some("+237233000000".to_owned()),
    }
}

/// The page of a withdrawal, looked at.
pub(crate) fn withdraw(lang: Lang) -> WithdrawView {
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a.to_owned() } else { b.to_owned() };
    let case = case(lang);
    let running = |n: u128, becomes: &str, fr: &str, en: &str| WithdrawnReferral {
        id: ReferralId(id(n)),
        code: format!("R-2026-0044{n}"),
        label: say("Consultation", "Consultation"),
        provider: "Hôpital Laquintinie (exemple)".to_owned(),
        becomes: becomes.to_owned(),
        says: say(fr, en),
    };
    WithdrawView {
        case_id: case.id,
        case_code: case.code,
        lines: case.consents.into_iter().filter(|c| c.decision == "granted").collect(),
        preview: Some(WithdrawPreview {
            effect: "stop_sharing".to_owned(),
            tell: vec![
                ToTell {
                    organisation: "Hôpital Laquintinie (exemple)".to_owned(),
                    classes: say("Identité, Contact", "Identity, Contact"),
                    telephone: Some("+237233401122".to_owned()),
                    has_account: false,
                    confirm_by: now() + TimeDelta::days(3),
                },
                ToTell {
                    organisation: "Atelier Aiguille Claire".to_owned(),
                    classes: say("Identité", "Identity"),
                    telephone: None,
                    has_account: true,
                    confirm_by: now() + TimeDelta::days(3),
                },
            ],
            referrals: vec![
                running(
                    17,
                    "care_goes_on",
                    "Le service en cours continue.",
                    "The service under way goes on.",
                ),
                running(18, "stops", "S’arrête.", "Stops."),
                running(19, "goes_on", "Continue sans changement.", "Goes on unchanged."),
            ],
        }),
    }
}

/// A transfer in a list.
pub(crate) fn transfer_row(yours: bool) -> TransferRow {
    TransferRow {
        id: TransferId(id(70)),
        case_code: "LT-000123-K".to_owned(),
        organisation: "Association Wouri Avenir (exemple)".to_owned(),
        state: "proposed".to_owned(),
        yours,
        clock: Some(clock(DueKind::Decide, 900, 40)),
        ended_at: None,
    }
}

/// A case that nobody works on.
pub(crate) fn unclaimed(lang: Lang) -> UnclaimedRow {
    UnclaimedRow {
        id: CaseId(id(71)),
        code: "LT-000127-P".to_owned(),
        region: "Littoral".to_owned(),
        open_needs: if lang == Lang::Fr { 2 } else { 1 },
        clock: Some(clock(DueKind::Need, -30, 100)),
    }
}

/// The page of a transfer's proposal; blocked without consent.
pub(crate) fn transfer_draft(lang: Lang, blocked: bool) -> TransferDraft {
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a.to_owned() } else { b.to_owned() };
    let organisation = OrganisationId(id(72));
    TransferDraft {
        case_id: CaseId(id(10)),
        case_code: "LT-000123-K".to_owned(),
        candidates: vec![TransferCandidate {
            id: organisation,
            name: "Association Wouri Avenir (exemple)".to_owned(),
            region: "Littoral".to_owned(),
            agreed: !blocked,
        }],
        preview: Some(TransferPreview {
            id: organisation,
            name: "Association Wouri Avenir (exemple)".to_owned(),
            telephone: Some("+237233401122".to_owned()),
            now: transfer_view(lang, "asked").facts,
            after: vec![say("Identité", "Identity"), say("Contact", "Contact")],
            never: vec![(
                say("Santé", "Health"),
                say("Donnée à accès restreint (S4).", "Restricted data (S4)."),
            )],
            basis: say("Consentement du 23/11/2026", "Consent of 23/11/2026"),
            answer_by: now() + TimeDelta::days(3),
            needs: 2,
            referrals: 3,
            blocked: blocked.then(|| {
                (
                    "transfer_consent_missing".to_owned(),
                    say("La personne n’a pas donné son accord.", "The person has not agreed."),
                    say("Demandez-le.", "Ask for it."),
                )
            }),
        }),
    }
}

/// A transfer from one side: holder, asked or former.
pub(crate) fn transfer_view(lang: Lang, side: &str) -> TransferView {
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a.to_owned() } else { b.to_owned() };
    let asked = side == "asked";
    let fact = |label: String, value: Option<&str>| Fact {
        label,
        value: value.map(str::to_owned),
    };
    TransferView {
        id: TransferId(id(70)),
        version: 1,
        side: side.to_owned(),
        case_id: (side == "holder").then_some(CaseId(id(10))),
        case_code: "LT-000123-K".to_owned(),
        from: "Accueil Douala".to_owned(),
        from_telephone: Some("+237233000000".to_owned()),
        to: "Association Wouri Avenir (exemple)".to_owned(),
        to_telephone: Some("+237233401122".to_owned()),
        state: if side == "former" { "accepted" } else { "proposed" }.to_owned(),
        decline: None,
        note: (side != "former").then(|| say("Déménage à Bonabéri.", "Moving to Bonabéri.")),
        answer: None,
        proposed_at: now() - TimeDelta::hours(2),
        ended_at: (side == "former").then(now),
        hand: (side != "former").then(|| {
            if asked {
                yours()
            } else {
                theirs("Association Wouri Avenir (exemple)")
            }
        }),
        clock: (side != "former").then(|| clock(DueKind::Decide, 900, 40)),
        facts: if asked {
            vec![
                fact(say("Personne", "Person"), Some("25–34")),
                fact(say("Nom", "Name"), None),
            ]
        } else {
            Vec::new()
        },
        opens: if asked {
            vec![say("Identité", "Identity")]
        } else {
            Vec::new()
        },
        waits: if asked {
            vec![MovingWait {
                label: say("Consultation", "Consultation"),
                priority: Priority::P2,
                state_label: say("Envoyé", "Sent"),
                with: "Hôpital Laquintinie (exemple)".to_owned(),
                clock: Some(clock(DueKind::Acknowledge, 300, 60)),
            }]
        } else {
            Vec::new()
        },
        commands: match side {
            "asked" => vec!["accept".to_owned(), "decline".to_owned()],
            "holder" => vec!["cancel".to_owned()],
            _ => Vec::new(),
        },
        staff: if asked {
            vec![
                (UserId(id(1)), "J. Ebongué".to_owned(), true),
                (UserId(id(3)), "P. Exemple".to_owned(), false),
            ]
        } else {
            Vec::new()
        },
    }
}

/// The page that hands a case to a colleague.
pub(crate) fn assign(staff: bool) -> AssignView {
    AssignView {
        case_id: CaseId(id(10)),
        case_code: "LT-000123-K".to_owned(),
        version: 4,
        assigned: staff.then(|| "J. Ebongué".to_owned()),
        staff: if staff {
            vec![(UserId(id(3)), "P. Exemple".to_owned(), false)]
        } else {
            Vec::new()
        },
    }
}

/// The page that ends a case.
pub(crate) fn end(lang: Lang) -> relais_acts::ending::EndView {
    let case = case(lang);
    let row = |n: u128, label: &str, provider: &str, has_account: bool| relais_acts::ending::EndedReferral {
        id: ReferralId(id(n)),
        code: format!("R-2026-0044{n}"),
        label: label.to_owned(),
        provider: provider.to_owned(),
        telephone: Some("+237233401122".to_owned()),
        has_account,
    };
    relais_acts::ending::EndView {
        case_id: case.id,
        case_code: case.code,
        version: 4,
        today: NaiveDate::from_ymd_opt(2026, 11, 23).expect("a date"),
        referrals: vec![
            row(17, "Consultation", "Centre de santé Les Palmiers", false),
            row(18, "Formation", "Atelier Aiguille Claire", true),
        ],
        needs: 2,
        refused: None,
    }
}

/// How a case ended, for its team.
pub(crate) fn ending(lang: Lang) -> relais_acts::ending::Ending {
    let fr = lang == Lang::Fr;
    relais_acts::ending::Ending {
        at: now(),
        by: Some("M. Essai".to_owned()),
        reason: relais_casework::referral::EndReason::WhereaboutsUnknown,
        reason_label: if fr { "Lieu inconnu" } else { "Whereabouts unknown" }.to_owned(),
        on: NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date"),
        source: if fr {
            "Sa sœur, par téléphone"
        } else {
            "Her sister, by telephone"
        }
        .to_owned(),
        kin: true,
    }
}

/// The page that reopens a case.
pub(crate) fn reopen(lang: Lang, ended: bool) -> relais_acts::reopening::ReopenView {
    let case = case(lang);
    let need = |n: u128, label: &str, always: bool| relais_acts::reopening::NeedAgain {
        id: NeedId(id(n)),
        label: label.to_owned(),
        state: relais_casework::need::NeedState::Unmet,
        always,
    };
    relais_acts::reopening::ReopenView {
        case_id: case.id,
        case_code: case.code,
        version: 5,
        ended,
        needs: vec![need(11, "Consultation", ended), need(13, "Documents", false)],
        refused: None,
    }
}

/// The page of a plan, to be written or only read.
pub(crate) fn plan(lang: Lang, may_write: bool) -> relais_acts::plan::PlanView {
    use relais_casework::plan::{Dimension, Goal, Plan, PlanStatus};
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a.to_owned() } else { b.to_owned() };
    let case = case(lang);
    let day = |d: u32| NaiveDate::from_ymd_opt(2026, 12, d).expect("a date");
    let goal = |goal: &str, dimension, step: &str, d: u32, done| Goal {
        goal: goal.to_owned(),
        dimension,
        step: step.to_owned(),
        who: "J. Ebongué".to_owned(),
        by: day(d),
        need: Some(NeedId(id(11))),
        done,
    };
    relais_acts::plan::PlanView {
        case_id: case.id,
        case_code: case.code,
        version: 2,
        plan: Some(Plan {
            wish: say(
                "Un atelier de couture à moi, près de ma sœur.",
                "A sewing workshop of my own, near my sister.",
            ),
            goals: vec![
                goal(
                    &say("Se former", "Train"),
                    Dimension::Economic,
                    &say("S’inscrire à l’atelier", "Enrol at the workshop"),
                    4,
                    false,
                ),
                goal(
                    &say("Acte de naissance", "Birth certificate"),
                    Dimension::Social,
                    &say("Déposer la demande", "File the request"),
                    9,
                    true,
                ),
            ],
            status: PlanStatus::Active,
            review_on: day(20),
            agreed: true,
        }),
        written_at: Some(now()),
        written_by: Some("J. Ebongué".to_owned()),
        today: NaiveDate::from_ymd_opt(2026, 11, 23).expect("a date"),
        review_by: NaiveDate::from_ymd_opt(2027, 2, 23).expect("a date"),
        needs: case
            .needs
            .into_iter()
            .map(|n| relais_acts::plan::PlanNeed {
                id: n.id,
                label: n.label,
            })
            .collect(),
        may_write,
    }
}
