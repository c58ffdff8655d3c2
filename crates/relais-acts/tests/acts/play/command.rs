//! What is asked of a referral, drawn at random.

use chrono::{DateTime, TimeDelta, Utc};
use relais_acts::commands::ReferralCommand;
use relais_acts::file::OpenReferral;
use relais_casework::referral::{Confirmation, DeclineCode, Outcome};

/// A command: mostly one that has a place in this state.
pub fn draw(now: DateTime<Utc>, command: u8, detail: u8, open: &OpenReferral) -> ReferralCommand {
    use ReferralCommand as C;
    use relais_casework::referral::State as S;
    let outcome = Outcome::ALL[usize::from(detail) % Outcome::ALL.len()];
    let tomorrow = now + TimeDelta::hours(20 + i64::from(detail));
    let any = |pick: u8| match pick % 16 {
        0 => C::Acknowledge,
        1 => C::Accept {
            by_name: if detail.is_multiple_of(2) {
                "Infirmière de garde".into()
            } else {
                String::new()
            },
        },
        2 => C::Ask {
            question: "Quelle langue ?".into(),
        },
        3 => C::Answer {
            text: "Français.".into(),
        },
        4 => C::Waitlist {
            review_on: (now + TimeDelta::days(1 + i64::from(detail % 40))).date_naive(),
        },
        5 => C::Decline {
            code: DeclineCode::ALL[usize::from(detail) % DeclineCode::ALL.len()],
            suggested: Some(relais_fixture::id("S-COUTURE")),
        },
        6 => C::Cancel {
            reason: "Erreur.".into(),
        },
        7 => C::Schedule { at: tomorrow },
        8 => C::Reschedule { at: tomorrow },
        9 => C::Start,
        10 => C::NoShow,
        11 => C::Report {
            outcome,
            text: "Fait.".into(),
        },
        12 => C::Confirm {
            confirmation: Confirmation::PersonThroughSender,
        },
        13 => C::Dispute {
            reason: "Rien reçu.".into(),
        },
        14 => C::Settle { outcome },
        _ => C::Void {
            reason: "Saisi par erreur.".into(),
        },
    };
    if command >= 208 {
        return any(command);
    }
    let fit: &[u8] = match open.machine.state {
        S::Sent => &[1, 0, 1, 2, 4, 5, 1],
        S::Received => &[1, 2, 4, 5, 1, 1],
        S::NeedsInfo => &[3, 3, 5, 6],
        S::Waitlisted => &[1, 5, 4, 6],
        S::Accepted => &[9, 7, 9, 7, 11, 6],
        S::Scheduled => &[9, 10, 8, 10, 11],
        S::NoShow => &[8, 11, 8],
        S::InService => &[11],
        S::Reported => &[12, 13, 13],
        S::Disputed => &[11, 14, 14],
        _ => &[12],
    };
    any(fit[usize::from(command) % fit.len()])
}
