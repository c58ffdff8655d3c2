//! Override: a rule of sharing set aside to save life, for a child, or for a
//! legal obligation (DESIGN §6). Text, author, one referral or two hours,
//! co-signed within 24 hours (LEGAL before sending), owned like any wait.
//!
//! A supervisor of the author's organisation co-signs or refuses. When the
//! limit has passed, or nobody else there may co-sign, the supervisor of the
//! secretariat may too, except for a protected case, which no State role and
//! no secretariat sees. What rests on an override that is not co-signed ends
//! with the limit; the co-signature gives it back.

use chrono::{DateTime, TimeDelta, Utc};
use relais_mechanism::{ClassSet, Lang, Priority, Role, closed_enum};
use relais_network::agreement::{OverrideGround, SharingRefusal};
use relais_network::{CaseId, OrganisationId, OverrideId, ReferralId, UserId};

use super::plan::{Plan, WhyNot};
use crate::grant::EMERGENCY_HOURS;

/// Hours within which an override is co-signed.
pub const COSIGN_HOURS: i64 = 24;

/// For how much an override stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum OverrideScope {
    /// One referral.
    Referral {
        /// Which.
        referral: ReferralId,
    },
    /// Two hours from when it was written.
    TwoHours,
    /// Emergency access (accès d’urgence motivé): its author alone reads the
    /// case for two hours, and nothing goes to anybody under it.
    Emergency,
}

/// What the co-signer decided: who, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Cosignature {
    /// Who.
    pub user: UserId,
    /// When.
    pub at: DateTime<Utc>,
}

/// A rule of sharing set aside, by one person, in writing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Override {
    /// Its id.
    pub id: OverrideId,
    /// For which case.
    pub case: CaseId,
    /// VITAL, CHILD or LEGAL.
    pub ground: OverrideGround,
    /// Why, in the author's words.
    pub text: String,
    /// Who wrote it.
    pub author: UserId,
    /// The author's organisation: its supervisor co-signs.
    pub organisation: OrganisationId,
    /// To whom the data may go.
    pub recipient: OrganisationId,
    /// Which classes.
    pub classes: ClassSet,
    /// For how much it stands.
    pub scope: OverrideScope,
    /// When it was written.
    pub made_at: DateTime<Utc>,
    /// The co-signature.
    pub cosigned: Option<Cosignature>,
    /// The co-signer's refusal.
    #[serde(default)]
    pub refused: Option<Cosignature>,
    /// Nobody but the author may co-sign in the author's organisation.
    #[serde(default)]
    pub alone: bool,
}

closed_enum! {
    /// How far an override is.
    OverrideState {
        /// It waits for its co-signature.
        Waiting = "waiting",
        /// Co-signed.
        Cosigned = "cosigned",
        /// Refused: it carries nothing.
        Refused = "refused",
    }
}

/// Who would co-sign.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    /// The user.
    pub user: UserId,
    /// The user's organisation.
    pub organisation: OrganisationId,
    /// What the user may be there.
    pub roles: &'a [Role],
}

closed_enum! {
    /// Why an override or its co-signature is not taken.
    OverrideProblem {
        /// It gives no reason in words.
        TextMissing = "text_missing",
        /// It names no class.
        NoClass = "no_class",
        /// The author cannot co-sign.
        OwnCosignature = "own_cosignature",
        /// Only a supervisor of the author's organisation co-signs.
        NotTheSupervisor = "not_the_supervisor",
        /// It is co-signed already.
        AlreadyCosigned = "already_cosigned",
        /// The co-signature was refused already.
        AlreadyRefused = "already_refused",
        /// A CHILD override for an adult.
        NotAChild = "not_a_child",
        /// A VITAL override for a need that is no emergency and not urgent.
        NotVital = "not_vital",
        /// A legal obligation is co-signed first, so it holds for one referral.
        LegalForOneReferral = "legal_for_one_referral",
        /// Nobody may co-sign what must be co-signed before sending.
        NobodyToCosign = "nobody_to_cosign",
    }
}

impl OverrideProblem {
    /// Why, in one sentence.
    #[must_use]
    pub const fn why(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Fr => self.words()[0],
            Lang::En => self.words()[2],
        }
    }

    /// What to do instead, in one sentence.
    #[must_use]
    pub const fn remedy(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Fr => self.words()[1],
            Lang::En => self.words()[3],
        }
    }

    /// French why and remedy, English why and remedy.
    const fn words(self) -> [&'static str; 4] {
        match self {
            Self::TextMissing => [
                "La raison de la dérogation manque.",
                "Écrivez en une phrase pourquoi la règle est écartée.",
                "The reason of the override is missing.",
                "Write in one sentence why the rule is set aside.",
            ],
            Self::NoClass => [
                "La dérogation ne nomme aucune information.",
                "Choisissez un service qui a besoin d’une information.",
                "The override names no information.",
                "Choose a service that needs some information.",
            ],
            Self::OwnCosignature => [
                "Vous avez écrit cette dérogation\u{a0}: une autre personne la cosigne.",
                "Demandez à un autre superviseur.",
                "You wrote this override: somebody else co-signs it.",
                "Ask another supervisor.",
            ],
            Self::NotTheSupervisor => [
                "Seul un superviseur de l’organisation de l’auteur cosigne.",
                "Demandez-le-lui.",
                "Only a supervisor of the author’s organisation co-signs.",
                "Ask them.",
            ],
            Self::AlreadyCosigned => [
                "Cette dérogation est déjà cosignée.",
                "Rien n’est à faire.",
                "This override is co-signed already.",
                "There is nothing to do.",
            ],
            Self::AlreadyRefused => [
                "La cosignature est déjà refusée.",
                "Si la raison a changé, l’auteur écrit une nouvelle dérogation.",
                "The co-signature was refused already.",
                "If the reason has changed, the author writes a new override.",
            ],
            Self::NotAChild => [
                "L’intérêt supérieur de l’enfant ne vaut que pour un enfant.",
                "Choisissez un autre motif, ou demandez le consentement.",
                "The best interests of the child hold for a child only.",
                "Choose another ground, or ask for consent.",
            ],
            Self::NotVital => [
                "L’intérêt vital ne vaut que pour une urgence (P1 ou P2).",
                "Corrigez la priorité du besoin, ou demandez le consentement.",
                "Vital interest holds for an emergency only (P1 or P2).",
                "Correct the need’s priority, or ask for consent.",
            ],
            Self::LegalForOneReferral => [
                "Une obligation légale vaut pour un seul référencement.",
                "Choisissez «\u{a0}ce référencement seulement\u{a0}».",
                "A legal obligation holds for one referral only.",
                "Choose “this referral only”.",
            ],
            Self::NobodyToCosign => [
                "Personne d’autre que vous ne peut cosigner dans votre organisation.",
                "Demandez à votre organisation de nommer un second superviseur\u{a0}; d’ici là, rien ne part.",
                "Nobody but you may co-sign in your organisation.",
                "Ask your organisation to name a second supervisor; until then nothing goes.",
            ],
        }
    }
}

/// Whether this user may co-sign or refuse at `now`: a supervisor of the
/// author's organisation, not the author; the secretariat's supervisor once
/// the limit has passed or nobody else in that organisation may, and never for
/// a protected case.
///
/// # Errors
/// [`OverrideProblem`]: who may not, or that it is decided already.
pub fn may_cosign(
    exception: &Override,
    signer: Signer<'_>,
    protected: bool,
    now: DateTime<Utc>,
) -> Result<(), OverrideProblem> {
    let at_home = signer.organisation == exception.organisation && signer.roles.contains(&Role::Supervisor);
    let by_secretariat = !protected
        && signer.roles.contains(&Role::SecretariatSupervisor)
        && (exception.alone || exception.is_late(now) || signer.organisation == exception.organisation);
    match exception.state() {
        OverrideState::Cosigned => Err(OverrideProblem::AlreadyCosigned),
        OverrideState::Refused => Err(OverrideProblem::AlreadyRefused),
        OverrideState::Waiting if signer.user == exception.author => Err(OverrideProblem::OwnCosignature),
        OverrideState::Waiting if at_home || by_secretariat => Ok(()),
        OverrideState::Waiting => Err(OverrideProblem::NotTheSupervisor),
    }
}

/// The grounds that the page may offer. The choice and its reason are the
/// author's; nothing here decides that a ground holds.
#[must_use]
pub fn grounds_offered(priority: Priority, child: bool) -> Vec<OverrideGround> {
    OverrideGround::ALL
        .iter()
        .copied()
        .filter(|ground| match ground {
            OverrideGround::Vital => matches!(priority, Priority::P1 | Priority::P2),
            OverrideGround::Child => child,
            OverrideGround::Legal => true,
        })
        .collect()
}

/// The grounds on which what is missing for this plan may be set aside: none
/// where nothing is missing, or where a rule stands against it that no
/// override reaches (the protected circuit, a child's best interests). A
/// person's own no is not set aside to save life.
#[must_use]
pub fn grounds_for(plan: &Plan, priority: Priority, child: bool) -> Vec<OverrideGround> {
    if plan.blocked.is_some_and(|refusal| !refusal.can_be_set_aside()) {
        return Vec::new();
    }
    let missing: Vec<SharingRefusal> = plan
        .never
        .iter()
        .filter_map(|(_, why)| match why {
            WhyNot::Refused(refusal) if refusal.can_be_set_aside() => Some(*refusal),
            _ => None,
        })
        .collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let only_refused = missing.iter().all(|refusal| refusal.is_persons_word());
    grounds_offered(priority, child)
        .into_iter()
        .filter(|ground| *ground != OverrideGround::Vital || !only_refused)
        .collect()
}

impl Override {
    /// Checks what was written.
    ///
    /// # Errors
    /// [`OverrideProblem`] for a missing text or class, CHILD for an adult,
    /// VITAL where life is not in danger, or LEGAL for more than one referral.
    pub fn check(&self, priority: Priority, child: bool) -> Result<(), OverrideProblem> {
        if self.text.trim().is_empty() {
            Err(OverrideProblem::TextMissing)
        } else if self.classes.is_empty() {
            Err(OverrideProblem::NoClass)
        } else if self.ground == OverrideGround::Child && !child {
            Err(OverrideProblem::NotAChild)
        } else if !grounds_offered(priority, child).contains(&self.ground) {
            Err(OverrideProblem::NotVital)
        } else if self.ground == OverrideGround::Legal && !matches!(self.scope, OverrideScope::Referral { .. }) {
            Err(OverrideProblem::LegalForOneReferral)
        } else {
            Ok(())
        }
    }

    /// How far it is.
    #[must_use]
    pub const fn state(&self) -> OverrideState {
        if self.refused.is_some() {
            OverrideState::Refused
        } else if self.cosigned.is_some() {
            OverrideState::Cosigned
        } else {
            OverrideState::Waiting
        }
    }

    /// Whether it waits for a co-signature beyond its limit.
    #[must_use]
    pub fn is_late(&self, now: DateTime<Utc>) -> bool {
        self.state() == OverrideState::Waiting && self.cosign_due() <= now
    }

    /// Whether data may go under it at `now`, for this referral and recipient.
    /// Without its co-signature a LEGAL override carries nothing, and any other
    /// nothing more once the time for co-signing has passed.
    #[must_use]
    pub fn carries(&self, referral: Option<ReferralId>, recipient: OrganisationId, now: DateTime<Utc>) -> bool {
        let cosigned = self.cosigned.is_some_and(|c| c.at <= now);
        let in_scope = match self.scope {
            OverrideScope::Referral { referral: own } => referral == Some(own),
            OverrideScope::TwoHours => now < self.made_at + TimeDelta::hours(EMERGENCY_HOURS),
            OverrideScope::Emergency => false,
        };
        self.made_at <= now
            && self.refused.is_none()
            && in_scope
            && self.recipient == recipient
            && !self.text.trim().is_empty()
            && (cosigned || (self.ground != OverrideGround::Legal && now < self.cosign_due()))
    }

    /// Whether it waits for its co-signature before anything may be sent.
    #[must_use]
    pub fn awaits_cosignature(&self, now: DateTime<Utc>) -> bool {
        self.ground == OverrideGround::Legal && self.refused.is_none() && self.cosigned.is_none_or(|c| c.at > now)
    }

    /// When it must be co-signed, after which the wait climbs the ladder.
    #[must_use]
    pub fn cosign_due(&self) -> DateTime<Utc> {
        self.made_at + TimeDelta::hours(COSIGN_HOURS)
    }

    /// Who must co-sign: an organisation and a role; no organisation for the
    /// secretariat's supervisor, whichever organisation hosts it.
    #[must_use]
    pub const fn owner(&self, protected: bool) -> (Option<OrganisationId>, Role) {
        if self.alone && !protected {
            (None, Role::SecretariatSupervisor)
        } else {
            (Some(self.organisation), Role::Supervisor)
        }
    }

    /// When its scope ends; `None`: with its referral.
    #[must_use]
    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        match self.scope {
            OverrideScope::Referral { .. } => None,
            OverrideScope::TwoHours | OverrideScope::Emergency => {
                Some(self.made_at + TimeDelta::hours(EMERGENCY_HOURS))
            }
        }
    }

    /// Whether it is emergency access of its author.
    #[must_use]
    pub fn is_emergency(&self) -> bool {
        self.scope == OverrideScope::Emergency
    }

    /// Until when a grant given under it stands, as far as it goes by the
    /// override: its scope, and without a co-signature the limit for it.
    #[must_use]
    pub fn carries_until(&self) -> Option<DateTime<Utc>> {
        match (self.state(), self.ends_at()) {
            (OverrideState::Waiting, Some(end)) => Some(end.min(self.cosign_due())),
            (OverrideState::Waiting, None) => Some(self.cosign_due()),
            (_, end) => end,
        }
    }
}
