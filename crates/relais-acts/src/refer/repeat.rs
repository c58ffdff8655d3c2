//! Whether the person has the same service already: asked of the own file and
//! of those joined with it, as far as the viewer sees them.

use chrono::{DateTime, Utc};
use relais_casework::duplicates::repeated::repeats;
use relais_casework::visible::{View, visible};
use relais_network::NeedId;
use relais_store::Tx;

use crate::codes::referral_code;
use crate::day::state_says;
use crate::desk::{Desk, Viewer};
use crate::duplicates::joined_cases;
use crate::file::CaseFile;
use crate::network::Network;
use crate::problem::ActError;
use crate::shelter::Names;
use crate::views::RepeatRow;

/// Referrals to the same service for the same person that run or were served
/// lately, newest first. Those of this very need are shown beside it anyway.
#[expect(clippy::too_many_arguments, reason = "the facts of one warning")]
pub(super) fn repeats_of(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    network: &Network,
    file: &CaseFile,
    need: NeedId,
    service: &str,
    now: DateTime<Utc>,
) -> Result<Vec<RepeatRow>, ActError> {
    let sight = viewer.sight(network);
    let names = Names::new(network, viewer);
    let mut others = Vec::new();
    for case in joined_cases(tx, file.record.id)? {
        others.extend(CaseFile::load(tx, case)?);
    }
    let mut rows = Vec::new();
    for (at, file) in std::iter::once(file).chain(&others).enumerate() {
        let view = visible(&file.facts(), &sight, now);
        // A need above S3 is told only to those who may read it in that file.
        let named = matches!(view, View::File { restricted: true, .. });
        for referral in &file.referrals {
            let record = &referral.record;
            let counts = (named || !record.restricted)
                && referral.detail.service_type == service
                && record.need_id != need
                && view.shows_referral(record.id)
                && repeats(referral.machine.state, referral.machine.outcome, record.ended_at, now);
            if !counts {
                continue;
            }
            let mechanism = desk.version(tx, &record.mechanism_hash)?;
            rows.push(RepeatRow {
                referral_id: record.id,
                code: referral_code(record.year, referral.seq),
                organisation: names.provider(referral),
                state_label: state_says(&mechanism, referral.machine.state, referral.machine.outcome, viewer),
                at: record.ended_at.or(record.sent_at).unwrap_or(now),
                joined: at > 0,
            });
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.at));
    Ok(rows)
}
