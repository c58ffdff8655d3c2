//! What turns one list into another: the longest common subsequence, and which
//! of what went became which of what came.

/// One step.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change<'a, T> {
    /// It stands in both.
    Same(&'a T, &'a T),
    /// It became another.
    Changed(&'a T, &'a T),
    /// It went.
    Gone(&'a T),
    /// It came.
    New(&'a T),
}

/// Pairs that are compared at most; two longer lists are told as one that went
/// and one that came.
const MOST: usize = 4_000_000;

/// The steps from `was` to `is`, in order. `alike` says whether one that went
/// became one that came.
pub(super) fn changes<'a, T>(
    was: &'a [T],
    is: &'a [T],
    same: impl Fn(&T, &T) -> bool,
    alike: impl Fn(&T, &T) -> bool,
) -> Vec<Change<'a, T>> {
    let head = was.iter().zip(is).take_while(|(a, b)| same(a, b)).count();
    let (rest, more) = (&was[head..], &is[head..]);
    let tail = rest.iter().rev().zip(more.iter().rev());
    let tail = tail.take_while(|(a, b)| same(a, b)).count();
    let (middle, between) = (&rest[..rest.len() - tail], &more[..more.len() - tail]);

    let mut steps: Vec<Change<'a, T>> = was.iter().zip(is).take(head).map(|(a, b)| Change::Same(a, b)).collect();
    let (mut gone, mut new) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    let common = lengths(middle, between, &same);
    let at = |i: usize, j: usize| common.get(i * (between.len() + 1) + j).copied().unwrap_or_default();
    while i < middle.len() || j < between.len() {
        let (a, b) = (middle.get(i), between.get(j));
        match (a, b) {
            (Some(a), Some(b)) if !common.is_empty() && same(a, b) => {
                pair(&mut steps, &mut gone, &mut new, &alike);
                steps.push(Change::Same(a, b));
                (i, j) = (i + 1, j + 1);
            }
            (Some(a), b) if b.is_none() || at(i + 1, j) >= at(i, j + 1) => {
                gone.push(a);
                i += 1;
            }
            (_, Some(b)) => {
                new.push(b);
                j += 1;
            }
            // The guard above takes whatever is left of the old list alone.
            (_, None) => break,
        }
    }
    pair(&mut steps, &mut gone, &mut new, &alike);
    let ends = rest[middle.len()..].iter().zip(&more[between.len()..]);
    steps.extend(ends.map(|(a, b)| Change::Same(a, b)));
    steps
}

/// For each place in both lists the length of what they have in common from there
/// on; empty where they are too long to be compared.
fn lengths<T>(was: &[T], is: &[T], same: &impl Fn(&T, &T) -> bool) -> Vec<u32> {
    let wide = is.len() + 1;
    if was.len().saturating_mul(is.len()) > MOST {
        return Vec::new();
    }
    let mut common = vec![0u32; (was.len() + 1) * wide];
    for i in (0..was.len()).rev() {
        for j in (0..is.len()).rev() {
            common[i * wide + j] = if same(&was[i], &is[j]) {
                common[(i + 1) * wide + j + 1] + 1
            } else {
                common[(i + 1) * wide + j].max(common[i * wide + j + 1])
            };
        }
    }
    common
}

/// Tells what went and came between two that stayed: each with what it became.
fn pair<'a, T>(
    steps: &mut Vec<Change<'a, T>>,
    gone: &mut Vec<&'a T>,
    new: &mut Vec<&'a T>,
    alike: &impl Fn(&T, &T) -> bool,
) {
    let mut next = 0;
    for a in gone.drain(..) {
        match new[next..].iter().position(|b| alike(a, b)) {
            Some(found) => {
                steps.extend(new[next..next + found].iter().map(|b| Change::New(*b)));
                steps.push(Change::Changed(a, new[next + found]));
                next += found + 1;
            }
            None => steps.push(Change::Gone(a)),
        }
    }
    steps.extend(new.drain(..).skip(next).map(Change::New));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps as signs: what stays, `-` what went, `+` what came, `~` what changed.
    fn told(was: &str, is: &str) -> String {
        let list = |text: &str| text.chars().collect::<Vec<_>>();
        let (was, is) = (list(was), list(is));
        let alike = |a: &char, b: &char| a.eq_ignore_ascii_case(b);
        let steps = changes(&was, &is, |a, b| a == b, alike);
        let sign = |step: &Change<'_, char>| match step {
            Change::Same(_, b) => (*b).to_string(),
            Change::Changed(_, b) => format!("~{b}"),
            Change::Gone(a) => format!("-{a}"),
            Change::New(b) => format!("+{b}"),
        };
        steps.iter().map(sign).collect()
    }

    #[test]
    fn the_steps_are_few_and_in_order() {
        for (was, is, expected) in [
            ("", "", ""),
            ("abc", "abc", "abc"),
            ("abc", "ac", "a-bc"),
            ("ac", "abc", "a+bc"),
            ("abc", "axc", "a-b+xc"),
            ("abc", "aBc", "a~Bc"),
            ("abcd", "xbyd", "-a+xb-c+yd"),
            ("ab", "XBab", "+X+Bab"),
            ("ab", "xB", "-a+x~B"),
            ("abc", "", "-a-b-c"),
        ] {
            assert_eq!(told(was, is), expected, "{was:?} {is:?}");
        }
    }
}
