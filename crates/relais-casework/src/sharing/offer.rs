//! What a provider sees before acceptance.

use relais_mechanism::{Label, Priority, closed_enum};

closed_enum! {
    /// What the offer view may hold (DESIGN §5).
    OfferField {
        /// The need's discreet label.
        DiscreetLabel = "discreet_label",
        /// The priority.
        Priority = "priority",
        /// The region.
        Region = "region",
        /// The department.
        Department = "department",
        /// The age band.
        AgeBand = "age_band",
        /// Adult or child.
        AdultOrChild = "adult_or_child",
        /// The sex.
        Sex = "sex",
        /// Whether an interpreter is needed.
        Interpreter = "interpreter",
        /// Whether an accessible place is needed.
        AccessiblePlace = "accessible_place",
        /// A code that names nobody.
        Code = "code",
    }
}

closed_enum! {
    /// An age band, wide enough not to name anybody.
    AgeBand {
        /// 0–5.
        From0 = "0-5",
        /// 6–11.
        From6 = "6-11",
        /// 12–14.
        From12 = "12-14",
        /// 15–17.
        From15 = "15-17",
        /// 18–24.
        From18 = "18-24",
        /// 25–34.
        From25 = "25-34",
        /// 35–49.
        From35 = "35-49",
        /// 50–64.
        From50 = "50-64",
        /// 65 and more.
        From65 = "65+",
    }
}

impl AgeBand {
    /// The band of an age in years.
    #[must_use]
    pub const fn of(age: u8) -> Self {
        match age {
            0..=5 => Self::From0,
            6..=11 => Self::From6,
            12..=14 => Self::From12,
            15..=17 => Self::From15,
            18..=24 => Self::From18,
            25..=34 => Self::From25,
            35..=49 => Self::From35,
            50..=64 => Self::From50,
            65.. => Self::From65,
        }
    }
}

/// The fields of the offer view. For an S4 need: discreet label, priority,
/// region, adult or child, and nothing else.
#[must_use]
pub const fn offer_fields(s4: bool) -> &'static [OfferField] {
    if s4 {
        &[
            OfferField::DiscreetLabel,
            OfferField::Priority,
            OfferField::Region,
            OfferField::AdultOrChild,
        ]
    } else {
        &[
            OfferField::DiscreetLabel,
            OfferField::Priority,
            OfferField::Region,
            OfferField::Department,
            OfferField::AgeBand,
            OfferField::Sex,
            OfferField::Interpreter,
            OfferField::AccessiblePlace,
            OfferField::Code,
        ]
    }
}

/// What is known of the person and the need, to make an offer view from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferFacts {
    /// Whether the need is S4.
    pub s4: bool,
    /// The need's discreet label.
    pub discreet: Label,
    /// The priority.
    pub priority: Priority,
    /// The region, by code.
    pub region: String,
    /// The department, by code.
    pub department: Option<String>,
    /// The age in years.
    pub age: Option<u8>,
    /// Whether the person is a child; doubt about age means child.
    pub child: bool,
    /// The sex, by the option's code.
    pub sex: Option<String>,
    /// Whether an interpreter is needed.
    pub interpreter: bool,
    /// Whether an accessible place is needed.
    pub accessible: bool,
    /// The referral's code.
    pub code: String,
}

/// What a provider sees before acceptance. `None` is what is not shown.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct OfferView {
    /// The need's discreet label.
    pub label: Label,
    /// The priority.
    pub priority: Priority,
    /// The region, by code.
    pub region: String,
    /// The department, by code.
    pub department: Option<String>,
    /// The age band.
    pub age_band: Option<AgeBand>,
    /// Whether the person is a child; stated for S4 needs in place of the band.
    pub child: Option<bool>,
    /// The sex, by the option's code.
    pub sex: Option<String>,
    /// Whether an interpreter is needed.
    pub interpreter: Option<bool>,
    /// Whether an accessible place is needed.
    pub accessible: Option<bool>,
    /// A code that names nobody.
    pub code: Option<String>,
}

/// The offer view: the facts cut down to [`offer_fields`].
#[must_use]
pub fn offer_view(facts: &OfferFacts) -> OfferView {
    let fields = offer_fields(facts.s4);
    let has = |field: OfferField| fields.contains(&field);
    // An age in doubt is a child's (DESIGN §6): a band above 17 would say more
    // than is known.
    let band = facts.age.filter(|age| !facts.child || *age < 18).map(AgeBand::of);
    OfferView {
        label: facts.discreet.clone(),
        priority: facts.priority,
        region: facts.region.clone(),
        department: facts.department.clone().filter(|_| has(OfferField::Department)),
        age_band: band.filter(|_| has(OfferField::AgeBand)),
        child: has(OfferField::AdultOrChild).then_some(facts.child),
        sex: facts.sex.clone().filter(|_| has(OfferField::Sex)),
        interpreter: has(OfferField::Interpreter).then_some(facts.interpreter),
        accessible: has(OfferField::AccessiblePlace).then_some(facts.accessible),
        code: has(OfferField::Code).then(|| facts.code.clone()),
    }
}
