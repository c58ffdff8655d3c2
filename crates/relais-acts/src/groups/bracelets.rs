//! The sheet of bracelets: numbers with their check letter, no name.

use std::sync::Arc;

use relais_network::GroupId;
use relais_store::Tx;
use relais_store::rows::groups as rows;
use serde::Serialize;

use super::{GroupRow, load, page};
use crate::codes::bracelet;
use crate::desk::{Desk, Viewer};
use crate::problem::ActError;

/// Spare bracelets for whoever is not on the list: at least so many.
const SPARE: u32 = 6;

/// The numbers to print.
#[derive(Debug, Clone, Serialize)]
pub struct Bracelets {
    /// The arrival.
    pub group: GroupRow,
    /// Numbers of the list, then spare ones that are given out in this order.
    pub numbers: Vec<String>,
    /// How many of them are spare.
    pub spare: usize,
}

/// The bracelets of an arrival: one for each row, and one spare for each ten.
///
/// # Errors
/// [`ActError::NotFound`].
pub async fn bracelets(desk: &Arc<Desk>, viewer: &Viewer, group: GroupId) -> Result<Bracelets, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let record = load(tx, &viewer_, group)?;
        let seq = rows::seq(tx, group)?;
        let given = record.next_number - 1;
        let spare = SPARE.max(given.div_ceil(10));
        let view = Bracelets {
            numbers: (1..=given + spare).map(|n| bracelet(seq, n)).collect(),
            spare: spare as usize,
            group: page::group_row(tx, &desk_, &viewer_, seq, &record)?,
        };
        Ok((view, Vec::new()))
    })
    .await
}
