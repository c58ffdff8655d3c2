//! What a document says of one deployment: lines of the registers, figures, the
//! directory, what a provider contributed. Plain owned values, already in the
//! language that is asked for; whoever reads the deployment has taken out what the
//! reader of the document may not see.

use std::collections::BTreeMap;

use chrono::NaiveDate;

/// What the deployment holds, as far as a document speaks of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Live {
    /// The day on which it was read; none for a document that is made from the
    /// mechanism alone.
    pub on: Option<NaiveDate>,
    /// Lines by the code of their register, in the order in which they are told.
    pub registers: BTreeMap<String, Vec<LiveLine>>,
    /// Indicators that were counted.
    pub figures: Vec<LiveFigure>,
    /// Entries of the directory that everybody may see.
    pub directory: Vec<LiveService>,
    /// What the reader's organisation contributed.
    pub contribution: Option<LiveContribution>,
    /// Id of the line that the document is about: a session, a workshop, an
    /// assessment. None: the last one.
    pub chosen: Option<String>,
}

/// Nothing: what a document without a deployment is made with.
pub(crate) static NONE: Live = Live {
    on: None,
    registers: BTreeMap::new(),
    figures: Vec::new(),
    directory: Vec::new(),
    contribution: None,
    chosen: None,
};

/// A line of a register.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiveLine {
    /// Its id.
    pub id: String,
    /// Code of its state.
    pub state: String,
    /// Its title.
    pub title: String,
    /// What it says, by the code of the field, as it is shown.
    pub values: BTreeMap<String, Vec<String>>,
    /// The same as it is kept: codes, ISO days, ids.
    pub raw: BTreeMap<String, Vec<String>>,
    /// The lines that it links to, by the code of the field.
    pub links: BTreeMap<String, Vec<String>>,
}

/// An indicator that was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiveFigure {
    /// Code of the indicator.
    pub indicator: String,
    /// What was counted; none where it is too small to be shown.
    pub numerator: Option<u32>,
    /// Of how many; none for a count.
    pub denominator: Option<u32>,
    /// The value, in words.
    pub value: String,
    /// Target or alert, in words; empty where there is none.
    pub target: String,
    /// Where the count comes from, in words.
    pub source: String,
    /// The same in parts: name, and number where it may be shown.
    pub split: Vec<(String, Option<u32>)>,
}

/// A service of the directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiveService {
    /// Name of the region; empty for what lies in none.
    pub region: String,
    /// Name of the category.
    pub category: String,
    /// Who offers it.
    pub organisation: String,
    /// What is offered.
    pub name: String,
    /// Where, in words.
    pub place: String,
    /// Numbers that anybody may call.
    pub telephone: String,
    /// Whom to call to refer somebody; empty where the reader may not know.
    pub focal_point: String,
    /// Who stands in.
    pub alternate: String,
    /// When it was last confirmed.
    pub confirmed_on: Option<NaiveDate>,
    /// Address of the entry that lives on; empty where the deployment has none.
    pub address: String,
}

/// What one provider contributed over a time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiveContribution {
    /// Provider.
    pub organisation: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub until: NaiveDate,
    /// Referrals received.
    pub received: u32,
    /// Of these, answered.
    pub answered: u32,
    /// Of these, answered before the limit.
    pub in_time: u32,
    /// Of those received, the ones in which the person was served, in whole or in part.
    pub served: u32,
    /// Of those received, declined for want of room or means.
    pub without_means: u32,
    /// By region of the service: name, and number received.
    pub regions: Vec<(String, u32)>,
    /// Until when the provider may contest the figures; none where they were not yet
    /// put before it.
    pub reply_until: Option<NaiveDate>,
    /// What it replied; empty where it did not.
    pub reply: String,
}
