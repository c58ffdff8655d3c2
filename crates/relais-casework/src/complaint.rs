//! Complaints (DOMAIN F10, §1.2 stage X): who receives one, who sees it, and
//! whom its silence lets in next. Nothing here knows a clock or a store.
//!
//! Three laws hold whatever else is decided: nobody of the organisation
//! concerned sees a complaint; no administrator sees any; nobody of the
//! secretariat sees one of sexual exploitation and abuse, of confidentiality,
//! or about the secretariat.

use std::collections::BTreeSet;

use relais_mechanism::closed_enum;
use relais_mechanism::words::{Label, Role};
use relais_network::{OrganisationId, UserId};

closed_enum! {
    /// What a complaint is about (F10.02).
    ComplaintKind {
        /// A service, or its quality.
        Service = "service",
        /// Waiting.
        Delay = "delay",
        /// How somebody behaved.
        Conduct = "conduct",
        /// Money or a favour asked.
        Corruption = "corruption",
        /// Sexual exploitation, abuse or harassment.
        Abuse = "sea",
        /// Something told on that was to stay secret.
        Confidentiality = "confidentiality",
        /// Treated worse for who one is.
        Discrimination = "discrimination",
        /// Anything else.
        Other = "other",
    }
}

closed_enum! {
    /// Who receives a complaint first.
    Circle {
        /// The technical secretariat.
        Office = "office",
        /// The data-protection officer, and whom the committee designates
        /// where it is about the secretariat.
        Apart = "apart",
        /// Two recipients outside the secretariat and the organisation
        /// concerned.
        Outside = "outside",
    }
}

closed_enum! {
    /// The lists of recipients that a deployment names.
    Listed {
        /// For sexual exploitation and abuse: two at least.
        Outside = "outside",
        /// Designated by the committee, for complaints about the secretariat.
        Committee = "committee",
    }
}

closed_enum! {
    /// How far a complaint is.
    ComplaintState {
        /// Waits to be acknowledged.
        Received = "received",
        /// Waits for a decision.
        Acknowledged = "acknowledged",
        /// Decided and answered.
        Decided = "decided",
        /// Closed.
        Closed = "closed",
    }
}

closed_enum! {
    /// What a recipient does.
    ComplaintAct {
        /// Says that it was received.
        Acknowledge = "acknowledge",
        /// Writes to the complainant.
        Reply = "reply",
        /// Notes something for the recipients alone.
        Note = "note",
        /// Decides, in words that the complainant reads.
        Decide = "decide",
        /// Closes.
        Close = "close",
    }
}

closed_enum! {
    /// Which limit of a complaint has come.
    Limit {
        /// To be opened by whom it was forwarded to.
        Forward = "forward",
        /// To be acknowledged.
        Acknowledge = "acknowledge",
        /// To be decided.
        Decide = "decide",
    }
}

impl ComplaintState {
    /// What may be done now.
    #[must_use]
    pub const fn acts(self) -> &'static [ComplaintAct] {
        use ComplaintAct::{Acknowledge, Close, Decide, Note, Reply};
        match self {
            Self::Received => &[Acknowledge, Reply, Note, Decide],
            Self::Acknowledged => &[Reply, Note, Decide],
            Self::Decided => &[Reply, Note, Close],
            Self::Closed => &[Note],
        }
    }

    /// The state after an act, or why it may not be done. A first reply is an
    /// acknowledgement: the complainant has been answered.
    ///
    /// # Errors
    /// Reason and remedy.
    pub fn after(self, act: ComplaintAct) -> Result<Self, (Label, Label)> {
        if !self.acts().contains(&act) {
            let label = |fr: &str, en: &str| Label {
                fr: fr.to_owned(),
                en: en.to_owned(),
            };
            return Err((
                label(
                    "Cette plainte n’en est plus là, ou pas encore.",
                    "This complaint is not, or no longer, at that point.",
                ),
                label(
                    "Relisez-la, puis choisissez parmi ce qui est proposé.",
                    "Read it again, then choose among what is offered.",
                ),
            ));
        }
        Ok(match act {
            ComplaintAct::Acknowledge => Self::Acknowledged,
            ComplaintAct::Reply if self == Self::Received => Self::Acknowledged,
            ComplaintAct::Reply | ComplaintAct::Note => self,
            ComplaintAct::Decide => Self::Decided,
            ComplaintAct::Close => Self::Closed,
        })
    }

    /// The state after the complainant added words: a closed complaint is
    /// taken up again.
    #[must_use]
    pub const fn after_words(self) -> Self {
        match self {
            Self::Closed => Self::Acknowledged,
            other => other,
        }
    }

    /// The limit that runs.
    #[must_use]
    pub const fn limit(self) -> Option<Limit> {
        match self {
            Self::Received => Some(Limit::Acknowledge),
            Self::Acknowledged => Some(Limit::Decide),
            Self::Decided | Self::Closed => None,
        }
    }
}

/// A member of staff, as far as complaints go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// User.
    pub user: UserId,
    /// Organisation.
    pub organisation: OrganisationId,
    /// Roles.
    pub roles: BTreeSet<Role>,
    /// The list on which the deployment names them, with the rank.
    pub named: Option<(Listed, u32)>,
}

impl Reader {
    fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether they are of the technical secretariat.
    #[must_use]
    pub fn office(&self) -> bool {
        self.is(Role::Secretariat) || self.is(Role::SecretariatSupervisor)
    }

    /// Whether they may receive what the secretariat must not see: neither of
    /// it, nor an administrator.
    #[must_use]
    pub fn apart(&self) -> bool {
        !self.office() && !self.is(Role::Administrator)
    }

    fn officer(&self) -> bool {
        self.apart() && self.is(Role::DataProtectionOfficer)
    }
}

/// Who may read a complaint.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Routing {
    /// Who received it first.
    pub circle: Circle,
    /// Named recipients, in the order in which they received it.
    pub named: Vec<UserId>,
    /// Whether the data-protection officer reads it.
    pub officer: bool,
}

/// The organisations of the secretariat: where somebody of it has an account.
#[must_use]
pub fn offices(readers: &[Reader]) -> BTreeSet<OrganisationId> {
    readers.iter().filter(|r| r.office()).map(|r| r.organisation).collect()
}

/// The recipients of a list who may receive a complaint about these
/// organisations, by rank: of no organisation concerned, and not hosted by the
/// secretariat's.
#[must_use]
pub fn eligible(list: Listed, concerned: &BTreeSet<OrganisationId>, readers: &[Reader]) -> Vec<UserId> {
    let offices = offices(readers);
    let mut found: Vec<(u32, UserId)> = readers
        .iter()
        .filter(|r| r.apart() && r.is(Role::ComplaintRecipient))
        .filter(|r| !concerned.contains(&r.organisation) && !offices.contains(&r.organisation))
        .filter_map(|r| r.named.filter(|(l, _)| *l == list).map(|(_, rank)| (rank, r.user)))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, user)| user).collect()
}

/// The roles that may have to do with complaints at all.
pub const HEARS: &[Role] = &[
    Role::Secretariat,
    Role::SecretariatSupervisor,
    Role::DataProtectionOfficer,
    Role::ComplaintRecipient,
];

/// How many recipients a complaint of sexual exploitation and abuse must have.
pub const RECIPIENTS: usize = 2;

/// Whether the deployment has named enough recipients for complaints of sexual
/// exploitation and abuse.
#[must_use]
pub fn ready(readers: &[Reader]) -> bool {
    eligible(Listed::Outside, &BTreeSet::new(), readers).len() >= RECIPIENTS
}

/// Whom the committee designates; the recipients outside where it designates
/// nobody (F10.07).
fn committee(concerned: &BTreeSet<OrganisationId>, readers: &[Reader]) -> Vec<UserId> {
    let designated = eligible(Listed::Committee, concerned, readers);
    if designated.is_empty() {
        let mut outside = eligible(Listed::Outside, concerned, readers);
        outside.truncate(RECIPIENTS);
        outside
    } else {
        designated
    }
}

/// Who receives a complaint. `concerned` holds the organisations that it may be
/// about; `about_office` says that the complainant named the secretariat.
#[must_use]
pub fn route(
    kind: ComplaintKind,
    concerned: &BTreeSet<OrganisationId>,
    about_office: bool,
    readers: &[Reader],
) -> Routing {
    let about_office = about_office || !offices(readers).is_disjoint(concerned);
    let officer = readers
        .iter()
        .any(|r| r.officer() && !concerned.contains(&r.organisation));
    if kind == ComplaintKind::Abuse {
        let mut named = eligible(Listed::Outside, concerned, readers);
        named.truncate(RECIPIENTS);
        return Routing {
            circle: Circle::Outside,
            officer: named.len() < RECIPIENTS,
            named,
        };
    }
    if about_office || kind == ComplaintKind::Confidentiality {
        return Routing {
            circle: Circle::Apart,
            named: if about_office || !officer {
                committee(concerned, readers)
            } else {
                Vec::new()
            },
            officer: true,
        };
    }
    Routing {
        circle: Circle::Office,
        named: Vec::new(),
        // With nobody at the secretariat it would wait on nobody.
        officer: !readers.iter().any(Reader::office),
    }
}

/// Whether somebody may read a complaint: the one rule of visibility.
#[must_use]
pub fn sees(routing: &Routing, concerned: &BTreeSet<OrganisationId>, reader: &Reader) -> bool {
    if concerned.contains(&reader.organisation) || reader.is(Role::Administrator) {
        return false;
    }
    let named = reader.apart()
        && reader.is(Role::ComplaintRecipient)
        && reader.named.is_some()
        && routing.named.contains(&reader.user);
    let officer = routing.officer && reader.officer();
    match routing.circle {
        Circle::Office => reader.office() || named || officer,
        Circle::Apart | Circle::Outside => named || officer,
    }
}

/// Who reads a complaint from a rung of its ladder on; none where nothing
/// changes but a reminder is due. `opened` are those who have opened it.
#[must_use]
pub fn widen(
    routing: &Routing,
    limit: Limit,
    percent: u32,
    opened: &BTreeSet<UserId>,
    concerned: &BTreeSet<OrganisationId>,
    readers: &[Reader],
) -> Option<Routing> {
    let mut next = routing.clone();
    let mut let_in = |users: Vec<UserId>, most: usize| {
        let new: Vec<UserId> = users.into_iter().filter(|u| !next.named.contains(u)).collect();
        next.named.extend(new.into_iter().take(most));
    };
    match (routing.circle, limit) {
        (Circle::Outside, Limit::Forward) => {
            // Whoever has left, was taken off the list or keeps silent is replaced where the list is long enough.
            let able = eligible(Listed::Outside, concerned, readers);
            let active = routing
                .named
                .iter()
                .filter(|u| able.contains(u) && opened.contains(u))
                .count();
            if active >= RECIPIENTS {
                return None;
            }
            let_in(able, RECIPIENTS - active);
            next.officer = true;
        }
        (_, Limit::Forward) => return None,
        (Circle::Outside, _) if percent >= 100 => next.officer = true,
        (Circle::Apart, _) if percent >= 100 => let_in(committee(concerned, readers), usize::MAX),
        (Circle::Office, Limit::Decide) if percent > 100 => let_in(committee(concerned, readers), usize::MAX),
        (Circle::Office, _) if percent >= 100 => next.officer = true,
        _ => {}
    }
    (next != *routing).then_some(next)
}

/// The complaint that waits for recipients, once some are named: one of sexual
/// exploitation and abuse that has too few, one kept from the secretariat that
/// nobody can read. None where nothing changes.
#[must_use]
pub fn complete(routing: &Routing, concerned: &BTreeSet<OrganisationId>, readers: &[Reader]) -> Option<Routing> {
    let (able, most) = match routing.circle {
        Circle::Outside => {
            let able = eligible(Listed::Outside, concerned, readers);
            let still = routing.named.iter().filter(|u| able.contains(u)).count();
            (able, RECIPIENTS.saturating_sub(still))
        }
        Circle::Apart if !readers.iter().any(|r| sees(routing, concerned, r)) => {
            (committee(concerned, readers), usize::MAX)
        }
        Circle::Apart | Circle::Office => return None,
    };
    let mut next = routing.clone();
    let new = able.into_iter().filter(|u| !routing.named.contains(u));
    next.named.extend(new.take(most));
    (next != *routing).then_some(next)
}
