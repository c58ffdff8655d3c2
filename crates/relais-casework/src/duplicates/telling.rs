//! What a viewer may be told of a file that is perhaps about the same person:
//! "perhaps", and the reasons only as far as the viewer sees that file anyway
//! (DESIGN §6: a duplicate warning says "perhaps", nothing else).

use relais_mechanism::DataClass;

use super::Reason;
use crate::visible::View;

/// What is told of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The viewer sees that file: which it is, and what agrees or differs.
    Seen(Vec<Reason>),
    /// Somebody else's file: that there may be one, and nothing of it.
    Elsewhere,
}

/// The class of data by which a reason could be known.
#[must_use]
pub const fn class_of(reason: Reason) -> DataClass {
    match reason {
        Reason::Telephone => DataClass::Contact,
        Reason::PlaceSame | Reason::PlaceOther => DataClass::Journey,
        _ => DataClass::Identity,
    }
}

/// What the viewer, who sees `view` of the other file, is told of it.
///
/// `protected`: one of the two files is in the protected circuit: it is never
/// found, by nobody. `restricted`: the other file has a need above S3; that it
/// is there could tell of a shelter or a violence, so that only whoever sees
/// the file is told (DOMAIN §2.5: such cases never match).
#[must_use]
pub fn told(view: &View, reasons: &[Reason], protected: bool, restricted: bool) -> Option<Told> {
    if protected {
        return None;
    }
    match view {
        View::File { classes, .. } if classes.contains(DataClass::Identity) => Some(Told::Seen(
            reasons
                .iter()
                .copied()
                .filter(|r| classes.contains(class_of(*r)))
                .collect(),
        )),
        _ if restricted => None,
        _ => Some(Told::Elsewhere),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use relais_mechanism::ClassSet;

    use super::*;
    use crate::visible::{FileScope, Via};

    fn file(classes: &[DataClass]) -> View {
        View::File {
            classes: classes.iter().copied().collect::<ClassSet>(),
            restricted: false,
            via: Via::Assignment,
            scope: FileScope::Whole,
            offers: BTreeSet::new(),
            frozen: false,
        }
    }

    /// Every view, both flags: who is told what.
    #[test]
    fn nobody_is_told_more_than_the_file_would_show() {
        let reasons = Reason::ALL;
        let views = [
            View::Nothing,
            View::Received,
            View::Logs,
            View::Office,
            View::Offer {
                referrals: BTreeSet::new(),
            },
            // A provider who sees skills alone cannot know whose file it is.
            file(&[DataClass::Skills]),
        ];
        for view in &views {
            assert_eq!(told(view, &reasons, false, false), Some(Told::Elsewhere), "{view:?}");
            assert_eq!(told(view, &reasons, false, true), None, "{view:?}: a need above S3");
            assert_eq!(told(view, &reasons, true, false), None, "{view:?}: protected");
        }
        let sets: [&[DataClass]; 3] = [
            &[DataClass::Identity],
            &[DataClass::Identity, DataClass::Contact],
            &[DataClass::Identity, DataClass::Contact, DataClass::Journey],
        ];
        for set in sets {
            let view = file(set);
            assert_eq!(told(&view, &reasons, true, false), None);
            for restricted in [false, true] {
                let Some(Told::Seen(shown)) = told(&view, &reasons, false, restricted) else {
                    panic!("{set:?} sees the file");
                };
                for reason in reasons {
                    assert_eq!(
                        shown.contains(&reason),
                        set.contains(&class_of(reason)),
                        "{reason:?} by {set:?}"
                    );
                }
            }
        }
    }
}
