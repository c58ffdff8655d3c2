//! Why a command was refused, and what to do instead, in both languages.

use chrono::{DateTime, FixedOffset, Utc};
use relais_mechanism::{Label, Priority};

use super::words::{CommandKind, DueKind, Outcome, State};
use crate::calendar::douala;

/// A refusal. Nothing changed; nothing typed is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub enum Refusal {
    /// The actor may not give this command.
    NotYours {
        /// The command.
        command: CommandKind,
    },
    /// The command has no place in this state.
    NotNow {
        /// The state.
        state: State,
        /// The command.
        command: CommandKind,
    },
    /// The mechanism has no such limit for this priority.
    NoLimit {
        /// The limit.
        kind: DueKind,
        /// The priority.
        priority: Priority,
    },
    /// It is said to have happened later than now.
    InTheFuture,
    /// It is said to have happened before the referral was sent.
    BeforeSent,
    /// The sender noted the provider's word without saying whom it heard.
    NotedMissing,
    /// P1: nobody is named who takes the person.
    NameMissing,
    /// P2 without on-call: no interim measure.
    InterimMissing,
    /// A question or an answer without words.
    WordsMissing,
    /// P1 and P2 do not wait on a list.
    NotWaitlistable {
        /// The priority.
        priority: Priority,
    },
    /// The review date is not after the day of the answer.
    ReviewPast,
    /// The review date is too far away.
    ReviewTooFar {
        /// The latest.
        latest: DateTime<Utc>,
    },
    /// The waiting list was extended already.
    AlreadyExtended,
    /// Redirect without a service, or with the very service that was asked.
    SuggestionMissing,
    /// The appointment lies before the moment at which it was agreed.
    AppointmentPast,
    /// The person cannot have missed an appointment that is still to come.
    AppointmentNotYet {
        /// The appointment.
        at: DateTime<Utc>,
    },
    /// The service is said to end before it began.
    EndsBeforeStart,
    /// Missed too often: only a report is possible.
    NoShowsExhausted,
    /// This outcome cannot be reported from here.
    OutcomeNotHere {
        /// The outcome.
        outcome: Outcome,
        /// The state.
        state: State,
    },
    /// The sender confirms through the person, the person for itself; nobody
    /// confirms in another's name.
    NotYourConfirmation,
    /// Disputed too often.
    DisputesExhausted,
    /// The provider has not had its time to answer the dispute.
    ProviderFirst {
        /// Until when it has.
        until: DateTime<Utc>,
    },
    /// The provider saw more than the pre-acceptance view.
    AlreadyDisclosed,
    /// No answer of the provider was noted by the sender.
    NothingToContest,
    /// The service is over: there is nothing to stop but the sharing.
    NothingToStop,
    /// The clock came early.
    ClockNotDue {
        /// When it is due.
        at: DateTime<Utc>,
    },
    /// The clock is of another wait, or came twice.
    ClockStale,
}

impl Refusal {
    /// Stable code, for the API's problems.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotYours { .. } => "not_yours",
            Self::NotNow { .. } => "not_now",
            Self::NoLimit { .. } => "no_limit",
            Self::InTheFuture => "in_the_future",
            Self::BeforeSent => "before_sent",
            Self::NotedMissing => "noted_missing",
            Self::NameMissing => "name_missing",
            Self::InterimMissing => "interim_missing",
            Self::WordsMissing => "words_missing",
            Self::NotWaitlistable { .. } => "not_waitlistable",
            Self::ReviewPast => "review_past",
            Self::ReviewTooFar { .. } => "review_too_far",
            Self::AlreadyExtended => "already_extended",
            Self::SuggestionMissing => "suggestion_missing",
            Self::AppointmentPast => "appointment_past",
            Self::AppointmentNotYet { .. } => "appointment_not_yet",
            Self::EndsBeforeStart => "ends_before_start",
            Self::NoShowsExhausted => "no_shows_exhausted",
            Self::OutcomeNotHere { .. } => "outcome_not_here",
            Self::NotYourConfirmation => "not_your_confirmation",
            Self::DisputesExhausted => "disputes_exhausted",
            Self::ProviderFirst { .. } => "provider_first",
            Self::AlreadyDisclosed => "already_disclosed",
            Self::NothingToContest => "nothing_to_contest",
            Self::NothingToStop => "nothing_to_stop",
            Self::ClockNotDue { .. } => "clock_not_due",
            Self::ClockStale => "clock_stale",
        }
    }

    /// Why, in a sentence.
    #[must_use]
    pub fn message(&self) -> Label {
        let (fr, en) = match self {
            Self::NotYours { .. } => (
                "Ce geste ne revient pas à votre rôle.",
                "This step is not for your role to take.",
            ),
            Self::NotNow { .. } => (
                "Cette demande n’en est pas, ou plus, à cette étape.",
                "This request is not, or no longer, at that step.",
            ),
            Self::NoLimit { .. } => (
                "Le mécanisme ne donne aucun délai pour cette étape et cette priorité.",
                "The mechanism gives no time limit for this step at this priority.",
            ),
            Self::InTheFuture => ("La date indiquée est à venir.", "The date given lies ahead."),
            Self::BeforeSent => (
                "La date indiquée précède l’envoi de la demande.",
                "The date given is earlier than the sending of the request.",
            ),
            Self::NotedMissing => (
                "La réponse du prestataire est notée sans dire qui l’a donnée.",
                "The provider’s answer is noted without saying who gave it.",
            ),
            Self::NameMissing => (
                "En urgence, une personne nommée doit dire «\u{a0}je prends\u{a0}».",
                "In an emergency a named person must say “I take it”.",
            ),
            Self::InterimMissing => (
                "Ce service n’a pas d’astreinte\u{a0}: il faut une mesure d’ici l’ouverture.",
                "This service is not on call: something must be done until it opens.",
            ),
            Self::WordsMissing => ("Le texte est vide.", "The text is empty."),
            Self::NotWaitlistable { .. } => (
                "Une urgence ne se met pas en liste d’attente.",
                "An urgent request cannot be put on a waiting list.",
            ),
            Self::ReviewPast => (
                "La date de réexamen n’est pas à venir.",
                "The review date does not lie ahead.",
            ),
            Self::ReviewTooFar { latest } => {
                let day = day(*latest);
                return Label {
                    fr: format!("La date de réexamen dépasse le {day}, dernière date permise."),
                    en: format!("The review date is later than {day}, the last one allowed."),
                };
            }
            Self::AlreadyExtended => (
                "L’attente a déjà été prolongée.",
                "The waiting time has been extended already.",
            ),
            Self::SuggestionMissing => (
                "Pour réorienter, il faut nommer un autre service.",
                "A redirection must name another service.",
            ),
            Self::AppointmentPast => (
                "Le rendez-vous tombe avant le moment où il est pris.",
                "The appointment lies before the moment at which it is made.",
            ),
            Self::AppointmentNotYet { at } => {
                let time = moment(*at);
                return Label {
                    fr: format!("Le rendez-vous est prévu le {time}\u{a0}: la personne n’a pas pu le manquer."),
                    en: format!("The appointment is on {time}: the person cannot have missed it yet."),
                };
            }
            Self::EndsBeforeStart => (
                "La fin prévue du service précède cette date.",
                "The service is said to end before this date.",
            ),
            Self::NoShowsExhausted => (
                "La personne a manqué tous les rendez-vous permis.",
                "The person has missed as many appointments as are allowed.",
            ),
            Self::OutcomeNotHere { .. } => (
                "Ce résultat ne peut pas être donné à cette étape.",
                "This outcome cannot be given at this step.",
            ),
            Self::NotYourConfirmation => (
                "Vous ne pouvez pas confirmer au nom d’un autre.",
                "You cannot confirm in somebody else’s name.",
            ),
            Self::DisputesExhausted => (
                "Ce résultat a été contesté autant de fois qu’il est permis.",
                "This outcome has been disputed as often as is allowed.",
            ),
            Self::ProviderFirst { until } => {
                let time = moment(*until);
                return Label {
                    fr: format!("Le prestataire a jusqu’au {time} pour répondre."),
                    en: format!("The provider has until {time} to answer."),
                };
            }
            Self::AlreadyDisclosed => (
                "Le prestataire a déjà vu des données de la personne.",
                "The provider has seen data of the person already.",
            ),
            Self::NothingToContest => (
                "Aucune réponse n’a été notée à votre place.",
                "No answer was noted on your behalf.",
            ),
            Self::NothingToStop => ("Le service est déjà terminé.", "The service is over already."),
            Self::ClockNotDue { at } => {
                let time = moment(*at);
                return Label {
                    fr: format!("L’échéance est le {time}."),
                    en: format!("This falls due on {time}."),
                };
            }
            Self::ClockStale => (
                "Cette échéance n’a plus d’objet.",
                "This deadline has no object any more.",
            ),
        };
        Label {
            fr: fr.to_owned(),
            en: en.to_owned(),
        }
    }

    /// What to do instead.
    #[must_use]
    pub fn remedy(&self) -> Label {
        let (fr, en) = match self {
            Self::NotYours { .. } => (
                "Prévenez l’organisation et le rôle indiqués sur la demande.",
                "Tell the organisation and role named on the request.",
            ),
            Self::NotNow { .. } => (
                "Rouvrez la demande\u{a0}: elle montre les gestes possibles maintenant.",
                "Open the request again: it shows what can be done now.",
            ),
            Self::NoLimit { .. } => (
                "Demandez au secrétariat technique de compléter les délais du mécanisme.",
                "Ask the technical secretariat to complete the mechanism’s time limits.",
            ),
            Self::InTheFuture => (
                "Indiquez quand cela s’est passé, au plus tard maintenant.",
                "Say when it happened, now at the latest.",
            ),
            Self::BeforeSent => ("Indiquez une date après l’envoi.", "Give a date after the sending."),
            Self::NotedMissing => (
                "Notez le numéro appelé et le nom de la personne qui a répondu.",
                "Note the number called and the name of the person who answered.",
            ),
            Self::NameMissing => (
                "Notez qui prend la personne en charge\u{a0}; restez avec elle d’ici là.",
                "Note who takes the person; stay with them until then.",
            ),
            Self::InterimMissing => (
                "Écrivez ce qui est fait pour la personne jusqu’à l’ouverture.",
                "Write what is done for the person until the opening.",
            ),
            Self::WordsMissing => ("Écrivez au moins une phrase.", "Write one sentence at least."),
            Self::NotWaitlistable { .. } => (
                "Acceptez, ou déclinez pour que la personne soit adressée ailleurs tout de suite.",
                "Accept, or decline so that the person is referred elsewhere at once.",
            ),
            Self::ReviewPast => ("Choisissez une date à venir.", "Choose a date ahead."),
            Self::ReviewTooFar { .. } => (
                "Choisissez une date plus proche, ou déclinez.",
                "Choose a nearer date, or decline.",
            ),
            Self::AlreadyExtended => ("Acceptez ou déclinez maintenant.", "Accept or decline now."),
            Self::SuggestionMissing => (
                "Choisissez dans le répertoire le service qui convient, ou un autre motif.",
                "Choose the right service from the directory, or another reason.",
            ),
            Self::AppointmentPast => (
                "Corrigez la date et l’heure du rendez-vous.",
                "Correct the date and time of the appointment.",
            ),
            Self::AppointmentNotYet { .. } => (
                "Attendez l’heure du rendez-vous, ou convenez d’une autre date.",
                "Wait for the appointment, or agree another date.",
            ),
            Self::EndsBeforeStart => (
                "Corrigez la date de fin, ou laissez-la vide.",
                "Correct the end date, or leave it empty.",
            ),
            Self::NoShowsExhausted => (
                "Donnez le résultat\u{a0}: absente, ou injoignable.",
                "Report the outcome: did not attend, or not reached.",
            ),
            Self::OutcomeNotHere { .. } => (
                "Enregistrez d’abord le début du service, ou choisissez un résultat qui convient à cette étape.",
                "Record the start of the service first, or choose an outcome that fits this step.",
            ),
            Self::NotYourConfirmation => (
                "Confirmez après avoir demandé à la personne, ou laissez-la confirmer elle-même.",
                "Confirm after asking the person, or let them confirm themselves.",
            ),
            Self::DisputesExhausted => (
                "Confirmez le résultat avec la personne, ou ouvrez une plainte.",
                "Confirm the outcome with the person, or open a complaint.",
            ),
            Self::ProviderFirst { .. } => (
                "Attendez sa réponse, ou appelez-le.",
                "Wait for its answer, or call it.",
            ),
            Self::AlreadyDisclosed => (
                "Annulez la demande\u{a0}: ce qui a été communiqué reste consigné.",
                "Cancel the request: what was disclosed stays on record.",
            ),
            Self::NothingToContest => (
                "Appelez l’organisation qui a envoyé la demande.",
                "Call the organisation that sent the request.",
            ),
            Self::NothingToStop => (
                "Pour arrêter le partage des données, choisissez «\u{a0}arrêter de partager\u{a0}».",
                "To stop the sharing of data, choose “stop sharing”.",
            ),
            Self::ClockNotDue { .. } => ("Rien à faire d’ici là.", "Nothing to do until then."),
            Self::ClockStale => ("Rien à faire.", "Nothing to do."),
        };
        Label {
            fr: fr.to_owned(),
            en: en.to_owned(),
        }
    }
}

fn local(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&douala())
}

fn day(at: DateTime<Utc>) -> String {
    local(at).format("%d/%m/%Y").to_string()
}

fn moment(at: DateTime<Utc>) -> String {
    local(at).format("%d/%m/%Y, %H:%M").to_string()
}
