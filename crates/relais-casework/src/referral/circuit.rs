//! What the protected circuit does to a running referral (DESIGN §6).

use relais_mechanism::closed_enum;

use super::model::{Owner, Referral};
use super::words::State;

closed_enum! {
    /// What becomes of a running referral when its case goes into the
    /// protected circuit.
    Turn {
        /// Its provider is no State body: nothing changes for it.
        GoesOn = "goes_on",
        /// It is with a State body that has not begun: it ends, and the need
        /// is its holder's again.
        Stops = "stops",
        /// A State body has begun: the care goes on, and its news comes back
        /// on the slip that the person carries, which the holder notes.
        OnPaper = "on_paper",
    }
}

/// What becomes of a referral in this state. A draft was told to nobody.
#[must_use]
pub const fn turn(state: State, provider_is_state: bool) -> Turn {
    match state {
        State::Sent
        | State::Received
        | State::NeedsInfo
        | State::Waitlisted
        | State::Accepted
        | State::Scheduled
        | State::Draft
            if provider_is_state =>
        {
            Turn::Stops
        }
        State::NoShow | State::InService | State::Reported | State::Disputed if provider_is_state => Turn::OnPaper,
        _ => Turn::GoesOn,
    }
}

impl Referral {
    /// The referral once its case is in the protected circuit: nothing of it
    /// waits for the secretariat any more, and where its provider is a State
    /// body nothing waits for that body either, which no longer sees it.
    #[must_use]
    pub fn into_circuit(&self, provider_is_state: bool) -> Self {
        let mut next = self.clone();
        next.protected = true;
        next.version += 1;
        if let Some(wait) = &mut next.wait {
            wait.owner = match wait.owner {
                Owner::SECRETARIAT | Owner::SECRETARIAT_SUPERVISOR => Owner::SENDER_SUPERVISOR,
                // A dispute is settled by the sender's supervisor there.
                Owner::PROVIDER if provider_is_state && self.state == State::Disputed => Owner::SENDER_SUPERVISOR,
                Owner::PROVIDER if provider_is_state => Owner::SENDER,
                own => own,
            };
        }
        next
    }

    /// The referral once its case has left the protected circuit. Who must
    /// move stays who must move.
    #[must_use]
    pub fn out_of_circuit(&self) -> Self {
        let mut next = self.clone();
        next.protected = false;
        next.version += 1;
        next
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use relais_mechanism::{ActingFor, Priority, Sensitivity};
    use relais_network::{CaseId, NeedId, OrganisationId, ReferralId, ServiceId};
    use uuid::Uuid;

    use super::super::model::{NewReferral, Wait};
    use super::super::words::DueKind;
    use super::*;
    use crate::calendar::{ClockKind, Due};

    fn waiting(state: State, owner: Owner) -> Referral {
        let id = Uuid::from_u128(1);
        let due = Due {
            start: DateTime::UNIX_EPOCH,
            at: DateTime::UNIX_EPOCH,
            clock: ClockKind::Agreed,
            calendar: String::new(),
        };
        let new = NewReferral {
            id: ReferralId(id),
            case: CaseId(id),
            need: NeedId(id),
            service: ServiceId(id),
            provider: OrganisationId(id),
            priority: Priority::P3,
            sensitivity: Sensitivity::S3,
            protected: false,
            on_call: false,
        };
        let mut referral = Referral::draft(new, due.clone());
        referral.state = state;
        referral.wait = state.is_waiting().then_some(Wait {
            owner,
            kind: DueKind::Decide,
            due,
        });
        referral
    }

    #[test]
    fn in_the_circuit_nothing_waits_for_whoever_does_not_see_it() {
        let owners = [
            Owner::SENDER,
            Owner::SENDER_SUPERVISOR,
            Owner::PROVIDER,
            Owner::SECRETARIAT,
            Owner::SECRETARIAT_SUPERVISOR,
        ];
        for state in State::ALL.iter().copied() {
            for owner in owners {
                for of_state in [false, true] {
                    let before = waiting(state, owner);
                    let after = before.into_circuit(of_state);
                    assert!(after.protected && after.version == before.version + 1);
                    assert_eq!(after.wait.is_some(), state.is_waiting(), "{state}: it still waits");
                    if let Some(wait) = &after.wait {
                        assert_ne!(wait.owner.side, ActingFor::Secretariat, "{state} {owner:?}");
                        let shut = of_state && wait.owner.side == ActingFor::Provider;
                        assert!(!shut, "{state} waits for a State body");
                        let open = !of_state && owner == Owner::PROVIDER;
                        assert!(
                            !open || wait.owner == owner,
                            "{state}: nothing changes outside the State"
                        );
                    }
                    let out = after.out_of_circuit();
                    assert!(!out.protected && out.wait == after.wait);
                }
            }
        }
    }

    #[test]
    fn what_a_state_body_has_not_begun_stops_and_nothing_else_does() {
        for state in State::ALL.iter().copied() {
            assert_eq!(turn(state, false), Turn::GoesOn, "{state}");
            let expected = if !state.is_waiting() {
                Turn::GoesOn
            } else if matches!(
                state,
                State::NoShow | State::InService | State::Reported | State::Disputed
            ) {
                Turn::OnPaper
            } else {
                Turn::Stops
            };
            assert_eq!(turn(state, true), expected, "{state}");
        }
    }
}
