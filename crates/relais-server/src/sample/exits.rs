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
