//! What is kept of an agreement beside what it permits: each signature, renewal
//! and denunciation, with the hand that signed and the version of the mechanism
//! under which it was (DOMAIN §2.9). What an agreement said at an instant is read
//! from it, so that a renewal rewrites no referral.

use chrono::{DateTime, NaiveDate, Utc};
use relais_mechanism::{Label, closed_enum};

use super::{Agreement, CoverageState, Party};
use crate::ids::{OrganisationId, UserId};

closed_enum! {
    /// What became of an agreement.
    RegisterStep {
        /// It was written down, with its first signatures.
        Added = "added",
        /// A further party signed.
        Signed = "signed",
        /// Its term was prolonged.
        Renewed = "renewed",
        /// A party left, or it was ended as a whole.
        Denounced = "denounced",
    }
}

/// The scan of a signed paper: never the paper itself, which stays with whoever
/// keeps the originals; by its fingerprint it is known again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scan {
    /// Name of the file.
    pub name: String,
    /// SHA-256 of the file, 64 hexadecimal digits.
    pub sha256: String,
}

impl Scan {
    /// Whether the fingerprint is one: 64 hexadecimal digits.
    #[must_use]
    pub fn is_fingerprint(text: &str) -> bool {
        text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
    }
}

/// One line of the register.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Noted {
    /// What became of the agreement.
    pub step: RegisterStep,
    /// Its version from this line on.
    pub version: i64,
    /// When it was noted.
    pub at: DateTime<Utc>,
    /// By whom; none for whoever runs the deployment.
    pub by: Option<UserId>,
    /// Whose signature, or who left; none for all of them.
    pub party: Option<OrganisationId>,
    /// The day from which it counts.
    pub on: NaiveDate,
    /// The last day of the term, from this line on.
    pub until: Option<NaiveDate>,
    /// The function of whoever signed: an office, never a name.
    #[serde(default)]
    pub function: String,
    /// The scan of what was signed.
    #[serde(default)]
    pub scan: Option<Scan>,
    /// Why, of a denunciation.
    #[serde(default)]
    pub reason: String,
    /// The version of the mechanism under which it was noted.
    #[serde(default)]
    pub mechanism: String,
}

/// An agreement with its register, as its row keeps it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Kept {
    /// The agreement.
    #[serde(flatten)]
    pub agreement: Agreement,
    /// Its register, oldest first.
    #[serde(default)]
    pub register: Vec<Noted>,
}

impl Kept {
    /// The version and the last day that held at an instant: what was noted later
    /// changes nothing of it.
    #[must_use]
    pub fn terms_at(&self, at: DateTime<Utc>) -> (i64, Option<NaiveDate>) {
        let held = self.register.iter().rev().find(|line| line.at <= at);
        held.or_else(|| self.register.first())
            .map_or((1, self.agreement.until), |line| (line.version, line.until))
    }
}

closed_enum! {
    /// Why nothing is noted.
    RegisterRefusal {
        /// The agreement was denounced as a whole.
        Ended = "ended",
        /// The organisation has signed already.
        SignedAlready = "signed_already",
        /// The signature would begin after the term.
        AfterEnd = "after_end",
        /// It runs until it is denounced: there is no term to prolong.
        NoTerm = "no_term",
        /// The new term does not end later.
        NotLonger = "not_longer",
        /// The new term would be over already.
        AlreadyOver = "already_over",
        /// The organisation has not signed.
        NotParty = "not_party",
        /// It has left already.
        Left = "left",
    }
}

impl RegisterRefusal {
    /// The field of the form that it speaks of; none for the agreement as a whole.
    #[must_use]
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::Ended | Self::NoTerm => None,
            Self::SignedAlready | Self::NotParty | Self::Left => Some("party"),
            Self::AfterEnd => Some("from"),
            Self::NotLonger | Self::AlreadyOver => Some("until"),
        }
    }

    /// Why, in one sentence.
    #[must_use]
    pub fn why(self) -> Label {
        let (fr, en) = match self {
            Self::Ended => ("Cet accord est déjà dénoncé.", "This agreement was denounced already."),
            Self::SignedAlready => (
                "Cette organisation a déjà signé cet accord.",
                "This organisation has signed this agreement already.",
            ),
            Self::AfterEnd => (
                "Cette signature commencerait après la fin de l’accord\u{a0}: renouvelez-le d’abord.",
                "This signature would begin after the end of the agreement: renew it first.",
            ),
            Self::NoTerm => (
                "Cet accord court jusqu’à dénonciation.",
                "This agreement runs until it is denounced.",
            ),
            Self::NotLonger => (
                "La nouvelle fin doit venir après l’ancienne.",
                "The new end must come after the old one.",
            ),
            Self::AlreadyOver => ("La nouvelle fin est déjà passée.", "The new end has passed already."),
            Self::NotParty => (
                "Cette organisation n’a pas signé cet accord.",
                "This organisation has not signed this agreement.",
            ),
            Self::Left => (
                "Cette organisation a déjà dénoncé cet accord.",
                "This organisation has denounced this agreement already.",
            ),
        };
        Label {
            fr: fr.to_owned(),
            en: en.to_owned(),
        }
    }

    /// What to do instead, in one sentence.
    #[must_use]
    pub fn remedy(self) -> Label {
        let (fr, en) = match self {
            Self::Ended => (
                "Pour partager de nouveau, faites signer un nouvel accord.",
                "To share again, have a new agreement signed.",
            ),
            Self::NoTerm => ("Rien n’est à renouveler.", "There is nothing to renew."),
            _ => ("Corrigez, puis enregistrez.", "Correct it, then save."),
        };
        Label {
            fr: fr.to_owned(),
            en: en.to_owned(),
        }
    }
}

impl Agreement {
    /// The agreement's own standing on a day: that of its best-standing party.
    #[must_use]
    pub fn standing(&self, on: NaiveDate, grace_days: u32) -> CoverageState {
        self.parties
            .iter()
            .filter(|party| party.from <= on)
            .map(|party| self.state_for(party, on, grace_days))
            .min()
            .unwrap_or(CoverageState::None)
    }

    /// The last day of grace; none where no end is known.
    #[must_use]
    pub fn grace_until(&self, grace_days: u32) -> Option<NaiveDate> {
        self.grace_end(grace_days)
    }

    /// The latest signature of an organisation.
    fn latest(&self, organisation: OrganisationId) -> Option<&Party> {
        let own = self.parties.iter().filter(|p| p.organisation == organisation);
        own.max_by_key(|p| p.from)
    }

    /// With the signature of a further party, or of one that left and comes back.
    ///
    /// # Errors
    /// [`RegisterRefusal`].
    pub fn signed(&self, organisation: OrganisationId, from: NaiveDate) -> Result<Self, RegisterRefusal> {
        if self.denounced_on.is_some() {
            return Err(RegisterRefusal::Ended);
        }
        // Who left signs again from the day on which it left, never before.
        let stands = |p: &Party| p.denounced_on.is_none_or(|left| from < p.from || from < left);
        if self.latest(organisation).is_some_and(stands) {
            return Err(RegisterRefusal::SignedAlready);
        }
        if self.until.is_some_and(|until| from > until) {
            return Err(RegisterRefusal::AfterEnd);
        }
        let mut signed = self.clone();
        signed.parties.push(Party {
            organisation,
            from,
            denounced_on: None,
        });
        Ok(signed)
    }

    /// With a longer term, also once the old one and its grace have ended.
    ///
    /// # Errors
    /// [`RegisterRefusal`].
    pub fn renewed(&self, until: NaiveDate, today: NaiveDate) -> Result<Self, RegisterRefusal> {
        if self.denounced_on.is_some() {
            return Err(RegisterRefusal::Ended);
        }
        let old = self.until.ok_or(RegisterRefusal::NoTerm)?;
        if until <= old {
            return Err(RegisterRefusal::NotLonger);
        }
        if until < today {
            return Err(RegisterRefusal::AlreadyOver);
        }
        Ok(Self {
            until: Some(until),
            ..self.clone()
        })
    }

    /// Ended on a day: by one party alone, or as a whole.
    ///
    /// # Errors
    /// [`RegisterRefusal`].
    pub fn denounced(&self, party: Option<OrganisationId>, on: NaiveDate) -> Result<Self, RegisterRefusal> {
        if self.denounced_on.is_some() {
            return Err(RegisterRefusal::Ended);
        }
        let mut ended = self.clone();
        match party {
            None => ended.denounced_on = Some(on),
            Some(organisation) => {
                let own = ended.parties.iter_mut().filter(|p| p.organisation == organisation);
                let signed = own.max_by_key(|p| p.from).ok_or(RegisterRefusal::NotParty)?;
                if signed.denounced_on.is_some() {
                    return Err(RegisterRefusal::Left);
                }
                signed.denounced_on = Some(on);
            }
        }
        Ok(ended)
    }

    /// Whether one of the notices before the end of the term fell due on a day after
    /// `looked`, up to `on`: the smallest number of days left, where one did.
    #[must_use]
    pub fn notice_since(&self, notice_days: &[u32], looked: NaiveDate, on: NaiveDate) -> Option<u32> {
        let until = self.until.filter(|_| self.denounced_on.is_none())?;
        let due = |days: &u32| {
            let day = until.checked_sub_days(chrono::Days::new(u64::from(*days)));
            day.is_some_and(|day| looked < day && day <= on)
        };
        notice_days.iter().copied().filter(due).min()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{MINISTRY, day, memorandum, org};
    use super::*;

    const HERE: u128 = 9;
    const NEW: u128 = 12;

    /// Signing, renewing and leaving a memorandum that runs through 2026, one row
    /// for each rule: what is done, and why it is not, where it is not.
    #[test]
    fn each_step_and_its_refusals() {
        use RegisterRefusal as R;
        let whole = memorandum().denounced(None, day("2026-05-01")).expect("ended");
        let left = memorandum()
            .denounced(Some(org(HERE)), day("2026-05-01"))
            .expect("left");
        let endless = Agreement {
            until: None,
            ..memorandum()
        };
        let sign = |a: &Agreement, who, from: &str| a.signed(org(who), day(from)).err();
        let renew = |a: &Agreement, until: &str| a.renewed(day(until), day("2027-02-01")).err();
        let leave = |a: &Agreement, who: Option<u128>| a.denounced(who.map(org), day("2026-06-01")).err();
        let rows = [
            ("a further party", sign(&memorandum(), NEW, "2026-12-31"), None),
            ("twice", sign(&memorandum(), HERE, "2026-06-01"), Some(R::SignedAlready)),
            (
                "after the term",
                sign(&memorandum(), NEW, "2027-01-01"),
                Some(R::AfterEnd),
            ),
            ("of what was ended", sign(&whole, NEW, "2026-06-01"), Some(R::Ended)),
            ("again, since it left", sign(&left, HERE, "2026-05-01"), None),
            (
                "again, before it left",
                sign(&left, HERE, "2026-04-30"),
                Some(R::SignedAlready),
            ),
            ("longer, in its grace", renew(&memorandum(), "2027-12-31"), None),
            ("no longer", renew(&memorandum(), "2026-12-31"), Some(R::NotLonger)),
            (
                "longer, and over",
                renew(&memorandum(), "2027-01-31"),
                Some(R::AlreadyOver),
            ),
            ("without a term", renew(&endless, "2028-01-01"), Some(R::NoTerm)),
            ("renewed once ended", renew(&whole, "2027-12-31"), Some(R::Ended)),
            ("one leaves", leave(&memorandum(), Some(HERE)), None),
            ("who never signed", leave(&memorandum(), Some(NEW)), Some(R::NotParty)),
            ("who left", leave(&left, Some(HERE)), Some(R::Left)),
            ("ended twice", leave(&whole, None), Some(R::Ended)),
        ];
        for (what, got, expected) in rows {
            assert_eq!(got, expected, "{what}");
        }
    }

    #[test]
    fn the_agreement_stands_as_its_best_party_does() {
        use CoverageState as S;
        let left = memorandum()
            .denounced(Some(org(MINISTRY)), day("2026-02-01"))
            .expect("left");
        let rows = [
            (memorandum(), "2026-01-09", S::None),
            (memorandum(), "2026-01-10", S::InForce),
            (memorandum(), "2027-03-31", S::InGrace),
            (memorandum(), "2027-04-01", S::Expired),
            (left.clone(), "2026-02-15", S::Denounced),
            (left, "2026-03-01", S::InForce),
        ];
        for (agreement, on, expected) in rows {
            assert_eq!(agreement.standing(day(on), 90), expected, "{on}");
        }
    }

    #[test]
    fn what_held_at_an_instant_is_not_rewritten() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
        let line = |step, version, when: &str, until: &str| Noted {
            step,
            version,
            at: at(when),
            by: None,
            party: None,
            on: day("2026-01-10"),
            until: Some(day(until)),
            function: String::new(),
            scan: None,
            reason: String::new(),
            mechanism: "essai".to_owned(),
        };
        let kept = Kept {
            agreement: memorandum(),
            register: vec![
                line(RegisterStep::Added, 1, "2026-01-12T08:00:00Z", "2026-12-31"),
                line(RegisterStep::Renewed, 2, "2027-04-02T08:00:00Z", "2027-12-31"),
            ],
        };
        let text = serde_json::to_string(&kept).expect("as its row keeps it");
        let read: Kept = serde_json::from_str(&text).expect("read again");
        assert_eq!(read, kept);
        let bare: Agreement = serde_json::from_str(&text).expect("read without its register");
        assert_eq!(bare, memorandum());
        let rows = [
            ("2026-01-01T00:00:00Z", 1, "2026-12-31"),
            ("2027-04-02T07:59:59Z", 1, "2026-12-31"),
            ("2027-04-02T08:00:00Z", 2, "2027-12-31"),
        ];
        for (when, version, until) in rows {
            assert_eq!(read.terms_at(at(when)), (version, Some(day(until))), "{when}");
        }
    }

    #[test]
    fn a_notice_goes_once_also_when_nobody_looked_for_a_week() {
        let since = |looked: &str, on: &str| memorandum().notice_since(&[90, 30, 0], day(looked), day(on));
        assert_eq!(since("2026-10-01", "2026-10-02"), Some(90));
        assert_eq!(since("2026-10-02", "2026-10-03"), None);
        assert_eq!(since("2026-09-28", "2026-10-05"), Some(90));
        assert_eq!(since("2026-09-28", "2027-01-05"), Some(0), "the nearest of three");
        let gone = memorandum().denounced(None, day("2026-05-01")).expect("ended");
        assert_eq!(gone.notice_since(&[90], day("2026-10-01"), day("2026-10-02")), None);
    }
}
