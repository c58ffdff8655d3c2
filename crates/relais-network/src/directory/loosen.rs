//! What is left of a query that nothing matches in full: the entries that have
//! most of its words.

use std::borrow::Cow;

use super::Directory;
use super::search::Word;
use super::set::Bits;

impl Directory {
    /// Of the entries left, those that bear most of the words; empty when none
    /// bears any.
    pub(super) fn most_words(&self, left: &Bits, asked: &[Cow<'_, Word>]) -> Bits {
        // `levels[n]`: those that bear n words and more of the ones looked at.
        let mut levels = vec![left.clone()];
        for word in asked {
            for n in (0..levels.len()).rev() {
                let mut more = levels[n].clone();
                more.keep_set(&word.anywhere);
                match levels.get_mut(n + 1) {
                    Some(level) => level.join(&more),
                    None => levels.push(more),
                }
            }
        }
        levels.reverse();
        levels.pop();
        let some = levels.into_iter().find(|level| level.count() > 0);
        some.unwrap_or_else(|| Bits::none(self.records.len()))
    }
}
