//! `case erase`.

use relais_acts::erase::{self, EraseCase, Erased};
use relais_acts::{ActError, Desk, Viewer, accounts};
use relais_casework::erasure::ErasureReason;
use relais_mechanism::{Lang, Purpose};
use relais_store::Tx;

use crate::cli::Case;
use crate::deployment;
use crate::failure::Failure;
use crate::output::Output;
use crate::settings::Settings;

/// Runs the command.
pub fn run(case: &Case, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let Case::Erase {
        code,
        reason,
        words,
        by,
        dry_run,
    } = case;
    let desk = Desk::open(deployment::open(settings)?)?;
    // A database that was restored learns first who is erased already.
    erase::settle(&desk)?;
    let viewer = viewer(&desk, by, output.lang)?;
    let command = EraseCase {
        code: code.clone(),
        reason: *reason,
        words: words.clone(),
        dry_run: *dry_run,
    };
    let erased = erase::erase(&desk, &viewer, &command).map_err(|error| said(error, code, by))?;
    output.answer(&erased, || text(&erased, *reason, output));
    Ok(0)
}

/// The user in whose name the command is given.
fn viewer(desk: &Desk, login: &str, lang: Lang) -> Result<Viewer, Failure> {
    let (network, name) = (desk.network(), login.to_owned());
    let found = desk
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| accounts::viewer_by_login(tx, &network, &name))?;
    let viewer = found.ok_or_else(|| {
        Failure::new(
            (
                &format!("Aucun compte ouvert ne s’appelle {login}."),
                &format!("No open account is called {login}."),
            ),
            (
                "« relais user list » donne les comptes.",
                "“relais user list” gives the accounts.",
            ),
        )
    })?;
    Ok(Viewer {
        lang,
        purpose: Purpose::Account.code(),
        ..viewer
    })
}

fn said(error: ActError, code: &str, login: &str) -> Failure {
    match error {
        ActError::NotFound => Failure::new(
            (
                &format!("Aucun dossier que {login} peut effacer n’a le code {code}."),
                &format!("No case that {login} can erase has the code {code}."),
            ),
            (
                "Vérifiez chaque signe ; un dossier du circuit protégé s’efface par un compte hors de l’État.",
                "Check each character; a case of the protected circuit is erased by an account outside the State.",
            ),
        ),
        ActError::Forbidden { .. } => Failure::new(
            (
                &format!("{login} n’est ni délégué à la protection des données ni administrateur."),
                &format!("{login} is neither data-protection officer nor administrator."),
            ),
            (
                "Donnez avec --by un compte qui a l’un de ces rôles.",
                "Name with --by an account that has one of these roles.",
            ),
        ),
        other => other.into(),
    }
}

fn text(erased: &Erased, reason: ErasureReason, output: &Output) -> String {
    let cases = erased.cases.join(", ");
    let mut lines = vec![match (erased.dry_run, output.lang) {
        (true, Lang::Fr) => format!("Essai à blanc, rien n’est effacé. Partiraient avec {cases} :"),
        (true, Lang::En) => format!("Dry run, nothing is erased. With {cases} would go:"),
        (false, Lang::Fr) => format!("Personne effacée ({}) : {cases}. Partis :", reason.label().fr),
        (false, Lang::En) => format!("Person erased ({}): {cases}. Gone:", reason.label().en),
    }];
    let e = &erased.emptied;
    for (count, fr, en) in [
        (erased.keys as u64, "clés", "keys"),
        (e.answers, "fiches remplies", "forms filled in"),
        (e.consents, "lignes de consentement", "lines of consent"),
        (e.needs, "besoins", "needs"),
        (e.referrals, "référencements", "referrals"),
        (e.overrides, "dérogations", "overrides"),
        (e.links, "liens à usage unique", "one-time links"),
        (e.slips, "codes de fiche papier", "codes of paper slips"),
        (e.calls, "séries d’appels d’urgence", "rounds of emergency calls"),
        (e.handovers, "notes de relève", "notes of hand-over"),
        (e.transfers, "transferts", "transfers"),
        (
            e.questions,
            "questions à d’autres dossiers",
            "questions about other files",
        ),
        (e.late_calls, "appels sur un retard", "calls about a delay"),
        (e.plans, "plans de réintégration", "reintegration plans"),
        (e.closures, "clôtures", "closures"),
        (e.due, "rappels et délais", "reminders and limits"),
        (e.requests, "réponses gardées", "kept answers"),
    ] {
        if count > 0 {
            lines.push(format!("  {count} {}", output.say(fr, en)));
        }
    }
    if !erased.told.is_empty() {
        let told = erased.told.join(", ");
        lines.push(match (erased.dry_run, output.lang) {
            (true, Lang::Fr) => format!("Devraient confirmer qu’ils ont détruit ce qu’ils ont reçu : {told}."),
            (true, Lang::En) => format!("Would have to confirm that they destroyed what they received: {told}."),
            (false, Lang::Fr) => format!("Doivent confirmer qu’ils ont détruit ce qu’ils ont reçu : {told}."),
            (false, Lang::En) => format!("Must confirm that they destroyed what they received: {told}."),
        });
    }
    if !erased.joined.is_empty() {
        let joined = erased.joined.join(", ");
        lines.push(match output.lang {
            Lang::Fr => {
                format!("Encore à effacer : {joined}, réuni à ce dossier, de la même personne, avec ses propres clés.")
            }
            Lang::En => format!(
                "Still to be erased: {joined}, joined with this file, of the same person, with keys of its own."
            ),
        });
    }
    if !erased.dry_run {
        lines.push(
            output
                .say(
                    "Une copie des clés faite avant aujourd’hui ouvrirait encore les anciennes sauvegardes : détruisez-la.",
                    "A copy of the keys made before today would still open old backups: destroy it.",
                )
                .to_owned(),
        );
    }
    lines.join("\n")
}
