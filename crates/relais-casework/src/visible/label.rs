//! Under which words a need may be read.

use relais_mechanism::{Label, Sensitivity, closed_enum};

use super::View;

closed_enum! {
    /// Where a need's label is shown.
    Shown {
        /// A list of needs or cases.
        List = "list",
        /// The file of the case or the page of the referral.
        File = "file",
        /// Slip, link, message, calendar or inbox: always discreet.
        Outside = "outside",
    }
}

/// The words for one need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedLabels {
    /// How sensitive the need is.
    pub sensitivity: Sensitivity,
    /// The service's name.
    pub plain: Label,
    /// The discreet label; the taxonomy gives the plain one where it has none.
    pub discreet: Label,
    /// The category's name, which the office sees.
    pub category: Label,
}

/// "Besoin à accès restreint": how an S4 need reads in any list (DESIGN §6).
#[must_use]
pub fn restricted_need() -> Label {
    Label {
        fr: "Besoin à accès restreint".to_owned(),
        en: "Need with restricted access".to_owned(),
    }
}

/// The label under which the viewer may read the need, or `None` where the
/// need is not for the viewer at all.
///
/// `own` says whether the need is within the view: for a provider, the need of
/// the referral that [`View::shows_referral`]; `accepted` whether that referral
/// is past acceptance or the viewer sees the whole file.
#[must_use]
pub fn visible_need(need: &NeedLabels, view: &View, own: bool, accepted: bool, shown: Shown) -> Option<Label> {
    let s4 = need.sensitivity == Sensitivity::S4;
    match view {
        View::Nothing | View::Received | View::Logs => None,
        View::Office => Some(if s4 { restricted_need() } else { need.category.clone() }),
        View::Offer { .. } | View::File { .. } if !own => None,
        View::Offer { .. } => Some(need.discreet.clone()),
        View::File { restricted, .. } => Some(match shown {
            Shown::Outside => need.discreet.clone(),
            _ if !accepted => need.discreet.clone(),
            Shown::List if s4 => restricted_need(),
            Shown::File if s4 && !restricted => restricted_need(),
            Shown::List | Shown::File => need.plain.clone(),
        }),
    }
}
