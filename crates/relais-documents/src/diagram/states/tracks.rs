//! Lines of one gutter keep apart: where each enters and leaves it, and the
//! track in which it turns.

/// How near two lines may come.
const CLEAR: i32 = 5;

/// The place in a range that is nearest to where a line comes from and clear of
/// the other lines of the gutter.
pub(super) fn nearest(
    (run, wanted): (usize, i32),
    (low, high): (i32, i32),
    uppers: &[(usize, i32)],
    lowers: &[(usize, i32)],
) -> i32 {
    let clear = |x: &i32| {
        uppers.iter().all(|(n, other)| *n == run || (other - x).abs() >= CLEAR)
            && lowers.iter().all(|(_, other)| (other - x).abs() >= CLEAR)
    };
    let high = high.max(low);
    let start = wanted.clamp(low, high);
    let free = (low..=high).filter(clear).min_by_key(|x| (x - start).abs());
    free.unwrap_or(start)
}

/// A track for each line of a gutter. Those that go right take theirs from the
/// last, those that go left from the first, so that neighbours do not cross.
pub(super) fn tracks(ends: &[(usize, i32, i32)]) -> Vec<(usize, usize)> {
    let mut order: Vec<&(usize, i32, i32)> = ends.iter().collect();
    order.sort_by_key(|(_, from, to)| if to >= from { (0, -from) } else { (1, *from) });
    let mut taken: Vec<Vec<(i32, i32)>> = Vec::new();
    let mut out = Vec::with_capacity(ends.len());
    for (run, from, to) in order {
        if from == to {
            out.push((*run, 0));
            continue;
        }
        let (low, high) = (*from.min(to), *from.max(to));
        let free = |track: &Vec<(i32, i32)>| track.iter().all(|(a, b)| high + CLEAR < *a || b + CLEAR < low);
        let track = taken.iter().position(free).unwrap_or(taken.len());
        if track == taken.len() {
            taken.push(Vec::new());
        }
        taken[track].push((low, high));
        out.push((*run, track));
    }
    out
}
