//! The three regimes of sharing, and on what basis one data class may go
//! (DESIGN §6, DOMAIN §2.9 rule 3).

use relais_mechanism::{DataClass, Lang, Priority, Purpose, Sensitivity, closed_enum};

use super::{AgreementKind, Coverage, CoverageState};
use crate::ids::{AgreementId, ConsentId, OverrideId};

/// The categories in which P2, like P1 everywhere, is never refused for a
/// missing agreement (DOMAIN §2.9 rule 3): health, violence, child protection,
/// trafficking, reception.
pub const VITAL_P2_CATEGORIES: [&str; 5] = ["MED", "GBV", "CHP", "VOT", "RCP"];

closed_enum! {
    /// The regime that the mechanism's version names for everything that is
    /// not vital.
    StandingRegime {
        /// Before the memorandum: a signed confidentiality undertaking and
        /// consent carry S0–S3.
        Transitional = "TRANS",
        /// An agreement in force for the class and purpose is required.
        Ordinary = "ORD",
    }
}

closed_enum! {
    /// The three grounds on which a rule of sharing may be set aside.
    OverrideGround {
        /// To save life.
        Vital = "VITAL",
        /// In the best interests of a child.
        Child = "CHILD",
        /// A legal obligation; co-signed before sending.
        Legal = "LEGAL",
    }
}

/// Whether a referral runs in the vital regime: P1 always, P2 in five
/// categories of service.
#[must_use]
pub fn is_vital(priority: Priority, category: &str) -> bool {
    match priority {
        Priority::P1 => true,
        Priority::P2 => VITAL_P2_CATEGORIES.contains(&category),
        Priority::P3 | Priority::P4 => false,
    }
}

/// The sensitivity of a class as a whole (DOMAIN §2.1); a field of a form may
/// be lower or higher.
#[must_use]
pub const fn class_level(class: DataClass) -> Sensitivity {
    match class {
        DataClass::Identity | DataClass::Contact | DataClass::Skills => Sensitivity::S2,
        DataClass::Family | DataClass::Journey | DataClass::Plan | DataClass::Financial | DataClass::Documents => {
            Sensitivity::S3
        }
        DataClass::Health | DataClass::MentalHealth | DataClass::Violence | DataClass::Legal => Sensitivity::S4,
    }
}

/// What the person's consents say about one class and one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// Granted, by this line.
    Granted(ConsentId),
    /// Never asked: silence is refusal.
    NotAsked,
    /// Was granted; its term has ended.
    Expired(ConsentId),
    /// Refused.
    Refused(ConsentId),
    /// Withdrawn.
    Withdrawn(ConsentId),
    /// On the list of what is never to be shared.
    Denied(ConsentId),
}

impl Ruling {
    /// Whether the person said no, as against was not asked. No emergency
    /// overrules it: "the person's own refusal still counts" (DOMAIN §2.9).
    #[must_use]
    pub const fn is_refusal(self) -> bool {
        matches!(self, Self::Refused(_) | Self::Withdrawn(_) | Self::Denied(_))
    }

    /// The consent relied on, when granted.
    #[must_use]
    pub const fn granted(self) -> Option<ConsentId> {
        match self {
            Self::Granted(id) => Some(id),
            _ => None,
        }
    }
}

/// On what basis a class may go to a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "basis", rename_all = "snake_case")]
pub enum Basis {
    /// Consent, and an agreement in force or in grace.
    Agreement {
        /// The agreement.
        agreement: AgreementId,
        /// The consent.
        consent: ConsentId,
        /// Whether the agreement's term has ended and its grace runs.
        in_grace: bool,
    },
    /// Consent, and a signed undertaking in the transitional regime.
    Undertaking {
        /// The undertaking.
        agreement: AgreementId,
        /// The consent.
        consent: ConsentId,
    },
    /// Consent alone, because the need is vital: logged and reviewed.
    Vital {
        /// VITAL or CHILD.
        ground: OverrideGround,
        /// The consent.
        consent: ConsentId,
    },
    /// The person carries the slip.
    OwnHand {
        /// The consent.
        consent: ConsentId,
    },
    /// A written override.
    Override {
        /// The override.
        id: OverrideId,
        /// Its ground.
        ground: OverrideGround,
    },
}

impl Basis {
    /// The consent relied on.
    #[must_use]
    pub const fn consent(self) -> Option<ConsentId> {
        match self {
            Self::Agreement { consent, .. }
            | Self::Undertaking { consent, .. }
            | Self::Vital { consent, .. }
            | Self::OwnHand { consent } => Some(consent),
            Self::Override { .. } => None,
        }
    }

    /// The agreement relied on.
    #[must_use]
    pub const fn agreement(self) -> Option<AgreementId> {
        match self {
            Self::Agreement { agreement, .. } | Self::Undertaking { agreement, .. } => Some(agreement),
            _ => None,
        }
    }

    /// The override relied on.
    #[must_use]
    pub const fn override_id(self) -> Option<OverrideId> {
        match self {
            Self::Override { id, .. } => Some(id),
            _ => None,
        }
    }

    /// Whether somebody must look at it afterwards: what went as VITAL or
    /// CHILD, and every override.
    #[must_use]
    pub const fn is_reviewed(self) -> bool {
        matches!(self, Self::Vital { .. } | Self::Override { .. })
    }
}

closed_enum! {
    /// Why data may not go.
    SharingRefusal {
        /// No consent was asked for this recipient, purpose and class.
        NoConsent = "no_consent",
        /// The consent has run out.
        ConsentExpired = "consent_expired",
        /// The person refused.
        RefusedByPerson = "refused_by_person",
        /// The person withdrew.
        Withdrawn = "withdrawn",
        /// The person wants it never shared.
        OnDenyList = "on_deny_list",
        /// Nothing signed covers the recipient.
        NoAgreement = "no_agreement",
        /// Only an undertaking is signed; the ordinary regime asks for more.
        UndertakingOnly = "undertaking_only",
        /// The agreement's term and grace have ended.
        AgreementExpired = "agreement_expired",
        /// The agreement was denounced.
        AgreementDenounced = "agreement_denounced",
        /// The data annex does not name the class.
        NotInAnnex = "not_in_annex",
        /// The data annex does not name the purpose.
        PurposeNotInAnnex = "purpose_not_in_annex",
        /// The class is more sensitive than the paper allows.
        AboveSensitivity = "above_sensitivity",
        /// A protected case is not handed to a State body in the system.
        ProtectedCircuit = "protected_circuit",
        /// An override for a legal obligation waits for its co-signature.
        AwaitsCosignature = "awaits_cosignature",
        /// A child's best interests are not yet decided.
        BestInterestsFirst = "best_interests_first",
        /// A child was not yet seen alone by a trained officer.
        ChildNotSeenAlone = "child_not_seen_alone",
    }
}

impl SharingRefusal {
    /// Whether it is the person's own no.
    #[must_use]
    pub const fn is_persons_word(self) -> bool {
        matches!(self, Self::RefusedByPerson | Self::Withdrawn | Self::OnDenyList)
    }

    /// Whether a written override may set it aside: a missing consent or a
    /// missing paper, and nothing else.
    #[must_use]
    pub const fn can_be_set_aside(self) -> bool {
        !matches!(
            self,
            Self::ProtectedCircuit | Self::AwaitsCosignature | Self::BestInterestsFirst | Self::ChildNotSeenAlone
        )
    }

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
            Self::NoConsent => [
                "Le consentement n’a pas été demandé.",
                "Demandez-le à la personne.",
                "Consent was not asked.",
                "Ask the person.",
            ],
            Self::ConsentExpired => [
                "Le consentement a expiré.",
                "Renouvelez-le avec la personne.",
                "The consent has expired.",
                "Renew it with the person.",
            ],
            Self::RefusedByPerson => [
                "La personne a refusé.",
                "Respectez son choix, ou proposez un autre service.",
                "The person refused.",
                "Respect the choice, or propose another service.",
            ],
            Self::Withdrawn => [
                "La personne a retiré son consentement.",
                "Ne partagez plus rien ici sans un nouveau consentement.",
                "The person withdrew the consent.",
                "Share nothing more here without a new consent.",
            ],
            Self::OnDenyList => [
                "La personne a demandé que cette information ne soit jamais partagée ici.",
                "Respectez son choix.",
                "The person asked that this is never shared here.",
                "Respect the choice.",
            ],
            Self::NoAgreement => [
                "Aucun accord signé ne couvre cette organisation.",
                "Choisissez une organisation couverte, ou remettez la fiche en main propre.",
                "No signed agreement covers this organisation.",
                "Choose one that is covered, or give the person the slip.",
            ],
            Self::UndertakingOnly => [
                "Cette organisation n’a signé qu’un engagement de confidentialité\u{a0}; il faut un accord en vigueur.",
                "Choisissez une organisation couverte, ou remettez la fiche en main propre.",
                "This organisation has signed a confidentiality undertaking only; an agreement in force is required.",
                "Choose one that is covered, or give the person the slip.",
            ],
            Self::AgreementExpired => [
                "L’accord de cette organisation a expiré.",
                "Prévenez le secrétariat technique, ou remettez la fiche en main propre.",
                "This organisation’s agreement has expired.",
                "Tell the technical secretariat, or give the person the slip.",
            ],
            Self::AgreementDenounced => [
                "L’accord de cette organisation a été dénoncé.",
                "Choisissez une autre organisation, ou remettez la fiche en main propre.",
                "This organisation’s agreement was denounced.",
                "Choose another organisation, or give the person the slip.",
            ],
            Self::NotInAnnex => [
                "L’annexe de l’accord ne prévoit pas cette catégorie de données.",
                "Envoyez sans elle, ou demandez un avenant au secrétariat technique.",
                "The agreement’s data annex does not name this class of data.",
                "Send without it, or ask the technical secretariat for an amendment.",
            ],
            Self::PurposeNotInAnnex => [
                "L’annexe de l’accord ne prévoit pas cette finalité.",
                "Demandez un avenant au secrétariat technique.",
                "The agreement’s data annex does not name this purpose.",
                "Ask the technical secretariat for an amendment.",
            ],
            Self::AboveSensitivity => [
                "Ces données sont plus sensibles que ce que le texte signé autorise.",
                "Envoyez sans elles\u{a0}; la personne peut les dire elle-même.",
                "These data are more sensitive than what was signed allows.",
                "Send without them; the person may tell them.",
            ],
            Self::ProtectedCircuit => [
                "Dossier en circuit protégé\u{a0}: rien ne part vers un service de l’État.",
                "Téléphonez, accompagnez la personne ou remettez-lui la fiche.",
                "Protected case: nothing goes to a State service.",
                "Telephone, accompany the person or give the person the slip.",
            ],
            Self::AwaitsCosignature => [
                "Une obligation légale doit être cosignée avant l’envoi.",
                "Demandez la cosignature du superviseur.",
                "A legal obligation must be co-signed before sending.",
                "Ask the supervisor to co-sign.",
            ],
            Self::BestInterestsFirst => [
                "Pour un enfant, la décision d’intérêt supérieur vient d’abord.",
                "Référez d’abord pour l’évaluation de l’intérêt supérieur (CHP.01).",
                "For a child, the best-interests decision comes first.",
                "Refer for the best-interests assessment first (CHP.01).",
            ],
            Self::ChildNotSeenAlone => [
                "L’enfant n’a pas encore été vu seul par un agent formé.",
                "Voyez l’enfant seul et notez-le sur la page «\u{a0}Enfant\u{a0}»\u{a0}; les soins urgents et la protection de l’enfant n’attendent pas.",
                "The child has not yet been seen alone by a trained officer.",
                "See the child alone and note it on the page “Child”; urgent care and child protection do not wait.",
            ],
        }
    }
}

/// Why no signed paper carries the class, consent apart; `None` when one does.
#[must_use]
pub fn paper_refusal(
    class: DataClass,
    level: Sensitivity,
    purpose: Purpose,
    standing: StandingRegime,
    coverages: &[Coverage],
) -> Option<SharingRefusal> {
    signed_paper(class, level, purpose, standing, coverages).err()
}

/// One class, one recipient, one purpose: may it go, and on what basis?
///
/// `ruling` is what the person's consents say; `exception` an override that is
/// valid now and names the class; `vital` comes from [`is_vital`].
///
/// The order of the rules: the person's word; then the agreement, which neither
/// a vital need nor the person's own hand waits for; and where either is
/// missing, the override: for a child or a legal obligation it sets both aside,
/// to save life it stands in for a consent that could not be asked, never
/// against a refusal. What consent and agreement carry does not rest on the
/// override, and does not end with it.
///
/// # Errors
/// [`SharingRefusal`]: the first rule that stands against it, and among
/// several agreements the reason that is nearest to being cured.
#[expect(
    clippy::too_many_arguments,
    reason = "each is one condition of the rule, named where it is called"
)]
pub fn legal_basis(
    class: DataClass,
    level: Sensitivity,
    purpose: Purpose,
    standing: StandingRegime,
    vital: bool,
    child: bool,
    own_hand: bool,
    coverages: &[Coverage],
    ruling: Ruling,
    exception: Option<(OverrideId, OverrideGround)>,
) -> Result<Basis, SharingRefusal> {
    let refusal = match by_consent(
        class, level, purpose, standing, vital, child, own_hand, coverages, ruling,
    ) {
        Ok(basis) => return Ok(basis),
        Err(refusal) => refusal,
    };
    match exception {
        Some((id, ground))
            if match ground {
                OverrideGround::Vital => !ruling.is_refusal(),
                OverrideGround::Child => child,
                OverrideGround::Legal => true,
            } =>
        {
            Ok(Basis::Override { id, ground })
        }
        _ => Err(refusal),
    }
}

/// The basis without any override.
#[expect(clippy::too_many_arguments, reason = "the conditions of the rule above")]
fn by_consent(
    class: DataClass,
    level: Sensitivity,
    purpose: Purpose,
    standing: StandingRegime,
    vital: bool,
    child: bool,
    own_hand: bool,
    coverages: &[Coverage],
    ruling: Ruling,
) -> Result<Basis, SharingRefusal> {
    let consent = match ruling {
        Ruling::Granted(id) => id,
        Ruling::NotAsked => return Err(SharingRefusal::NoConsent),
        Ruling::Expired(_) => return Err(SharingRefusal::ConsentExpired),
        Ruling::Refused(_) => return Err(SharingRefusal::RefusedByPerson),
        Ruling::Withdrawn(_) => return Err(SharingRefusal::Withdrawn),
        Ruling::Denied(_) => return Err(SharingRefusal::OnDenyList),
    };
    if own_hand {
        return Ok(Basis::OwnHand { consent });
    }
    match signed_paper(class, level, purpose, standing, coverages) {
        Ok(Paper::Agreement { agreement, in_grace }) => Ok(Basis::Agreement {
            agreement,
            consent,
            in_grace,
        }),
        Ok(Paper::Undertaking { agreement }) => Ok(Basis::Undertaking { agreement, consent }),
        Err(_) if vital => {
            let ground = if child {
                OverrideGround::Child
            } else {
                OverrideGround::Vital
            };
            Ok(Basis::Vital { ground, consent })
        }
        Err(refusal) => Err(refusal),
    }
}

/// The paper under which a class may go.
enum Paper {
    /// An agreement whose annex names it.
    Agreement { agreement: AgreementId, in_grace: bool },
    /// An undertaking, in the transitional regime.
    Undertaking { agreement: AgreementId },
}

/// The paper that carries the class in the standing regime, or why none does.
fn signed_paper(
    class: DataClass,
    level: Sensitivity,
    purpose: Purpose,
    standing: StandingRegime,
    coverages: &[Coverage],
) -> Result<Paper, SharingRefusal> {
    let live = || coverages.iter().filter(|c| c.state.carries());
    let is_undertaking = |c: &&Coverage| c.kind == Some(AgreementKind::Eng);

    let full = live()
        .filter(|c| !is_undertaking(c))
        .find(|c| c.annex_has(class, level, purpose));
    if let Some((agreement, state)) = full.and_then(|c| Some((c.agreement?, c.state))) {
        return Ok(Paper::Agreement {
            agreement,
            in_grace: state == CoverageState::InGrace,
        });
    }
    let undertaking = live().find(is_undertaking).and_then(|c| c.agreement);
    if let (StandingRegime::Transitional, Some(agreement)) = (standing, undertaking) {
        if level > Sensitivity::S3 {
            return Err(SharingRefusal::AboveSensitivity);
        }
        return Ok(Paper::Undertaking { agreement });
    }
    Err(match live().find(|c| !is_undertaking(c)) {
        Some(c) if !c.classes.contains(class) => SharingRefusal::NotInAnnex,
        Some(c) if level > c.max_sensitivity => SharingRefusal::AboveSensitivity,
        Some(_) => SharingRefusal::PurposeNotInAnnex,
        None if undertaking.is_some() => SharingRefusal::UndertakingOnly,
        None => match coverages.iter().map(|c| c.state).min() {
            Some(CoverageState::Expired) => SharingRefusal::AgreementExpired,
            Some(CoverageState::Denounced) => SharingRefusal::AgreementDenounced,
            _ => SharingRefusal::NoAgreement,
        },
    })
}
