//! Maps as SVG, drawn on the server: the regions shaded by a count, or the
//! results of a search at their places. No script, nothing fetched; a table or
//! a list beside it says the same in words.

use askama::Template;
use relais_mechanism::Outlines;

use crate::format::runs;

/// Shades of a count, from none to the most.
pub(crate) const SHADES: [&str; 5] = ["h0", "h1", "h2", "h3", "h4"];

/// The shade of a count beside the greatest of its table: none, then four
/// steps on the scale of its root, because a few areas hold most of what there
/// is.
pub(crate) fn shade(n: u32, most: u32) -> &'static str {
    if n == 0 {
        return SHADES[0];
    }
    if most < 2 {
        return SHADES[1];
    }
    let step = 1 + (1..4).filter(|s| n > border(*s, most)).count();
    SHADES[step]
}

/// The greatest count of a step, 1 to 4.
pub(crate) fn border(step: u8, most: u32) -> u32 {
    let (step, most) = (u64::from(step), u64::from(most));
    // Sixteenths, rounded; the first step holds one at least.
    let border = (most * step * step + 8) / 16;
    u32::try_from(border.max(1)).unwrap_or(u32::MAX)
}

/// A region on a map.
#[derive(Debug, Clone)]
struct Shape {
    class: &'static str,
    d: &'static str,
    title: String,
    x: u16,
    y: u16,
    sign: String,
}

/// What a region is shown with.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// Its shade.
    pub class: &'static str,
    /// What stands in it.
    pub sign: String,
    /// What it says when asked.
    pub title: String,
}

/// Results at one place.
#[derive(Debug, Clone, PartialEq)]
struct Pin {
    x: f64,
    y: f64,
    label: String,
    title: String,
    /// Width of the label's box.
    wide: f64,
}

/// A map.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/map.html")]
pub(crate) struct Drawing {
    view: String,
    title: String,
    about: String,
    shapes: Vec<Shape>,
    pins: Vec<Pin>,
    /// Height of a pin, in units.
    tall: f64,
    /// Size of its letters.
    letters: f64,
}

/// A result to be shown at its place.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    /// Its number in the list beside.
    pub number: usize,
    /// Its name.
    pub name: String,
    /// Latitude and longitude, degrees.
    pub at: (f64, f64),
}

impl Drawing {
    /// The regions of a country, each as it is said to be shown; none where the
    /// country is not drawn.
    pub(crate) fn of_regions(
        country: &str,
        title: String,
        about: String,
        shown: impl Fn(&str) -> Option<Shown>,
    ) -> Option<Self> {
        let drawn = Outlines::embedded(country)?;
        let shapes = drawn.regions.iter().map(|outline| {
            let shown = shown(&outline.code).unwrap_or(Shown {
                class: "",
                sign: String::new(),
                title: outline.code.clone(),
            });
            Shape {
                class: shown.class,
                d: &outline.d,
                title: shown.title,
                x: outline.at.0,
                y: outline.at.1,
                sign: shown.sign,
            }
        });
        Some(Self {
            view: format!("0 0 {} {}", drawn.width, drawn.height),
            title,
            about,
            shapes: shapes.collect(),
            pins: Vec::new(),
            tall: 0.0,
            letters: 13.0,
        })
    }

    /// Results at their places, as near as shows them all; none where the
    /// country is not drawn, or none of them has a place on it.
    pub(crate) fn of_results(
        country: &str,
        title: String,
        about: String,
        name: impl Fn(&str) -> String,
        results: &[Spot],
    ) -> Option<Self> {
        let drawn = Outlines::embedded(country)?;
        let placed: Vec<(&Spot, (f64, f64))> = results
            .iter()
            .filter_map(|r| Some((r, drawn.place(r.at.0, r.at.1)?)))
            .collect();
        if placed.is_empty() {
            return None;
        }
        let frame = Frame::around(placed.iter().map(|(_, at)| *at));
        let tall = frame.wide / 18.0;
        let shapes = drawn.regions.iter().map(|outline| Shape {
            class: "land",
            d: &outline.d,
            title: name(&outline.code),
            x: outline.at.0,
            y: outline.at.1,
            sign: String::new(),
        });
        Some(Self {
            view: format!("{:.0} {:.0} {:.0} {:.0}", frame.x, frame.y, frame.wide, frame.high),
            title,
            about,
            shapes: shapes.collect(),
            pins: pins(&placed, tall),
            tall,
            letters: tall * 0.72,
        })
    }
}

/// The part of the drawing that is shown.
struct Frame {
    x: f64,
    y: f64,
    wide: f64,
    high: f64,
}

/// Least width of a map, in units: some 190 km, below which outlines say nothing.
const LEAST: f64 = 64.0;

impl Frame {
    /// What holds all points, with a margin; as wide as high.
    fn around(points: impl Iterator<Item = (f64, f64)>) -> Self {
        let first = (f64::MAX, f64::MAX, f64::MIN, f64::MIN);
        let (left, top, right, bottom) =
            points.fold(first, |(l, t, r, b), (x, y)| (l.min(x), t.min(y), r.max(x), b.max(y)));
        let side = ((right - left).max(bottom - top) * 1.25).max(LEAST);
        Self {
            x: f64::midpoint(left, right) - side / 2.0,
            y: f64::midpoint(top, bottom) - side / 2.0,
            wide: side,
            high: side,
        }
    }
}

/// The results, those that would lie upon each other together.
fn pins(placed: &[(&Spot, (f64, f64))], tall: f64) -> Vec<Pin> {
    type Group<'r> = ((f64, f64), Vec<&'r Spot>);
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (result, at) in placed {
        let near = |(x, y): (f64, f64)| (x - at.0).abs() < tall * 2.2 && (y - at.1).abs() < tall * 1.1;
        match groups.iter_mut().find(|(known, _)| near(*known)) {
            Some((_, group)) => group.push(result),
            None => groups.push((*at, vec![result])),
        }
    }
    groups
        .into_iter()
        .map(|((x, y), group)| {
            let label = ranges(&group.iter().map(|r| r.number).collect::<Vec<_>>());
            let names: Vec<String> = group.iter().map(|r| format!("{}. {}", r.number, r.name)).collect();
            #[expect(clippy::cast_precision_loss, reason = "some letters")]
            let wide = (label.chars().count() as f64 * tall * 0.46 + tall * 0.5).max(tall);
            Pin {
                x,
                y,
                label,
                title: names.join("; "),
                wide,
            }
        })
        .collect()
}

/// Longest label of a pin, in letters.
const LABEL: usize = 12;

/// Numbers in so many letters: "1–3, 7"; those of many, "1–3…".
fn ranges(numbers: &[usize]) -> String {
    let mut text = String::new();
    for run in runs(numbers) {
        let apart = if text.is_empty() { "" } else { ", " };
        if text.chars().count() + apart.len() + run.chars().count() > LABEL {
            text.push('…');
            break;
        }
        text.push_str(apart);
        text.push_str(&run);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(number: usize, at: (f64, f64)) -> Spot {
        Spot {
            number,
            name: format!("<b>{number}"),
            at,
        }
    }

    fn drawn(results: &[Spot]) -> Option<Drawing> {
        let name = |code: &str| code.to_owned();
        Drawing::of_results("CM", "T".to_owned(), "D".to_owned(), name, results)
    }

    #[test]
    fn shades_rise_with_the_count_and_the_most_is_the_darkest() {
        for most in [1, 2, 3, 8, 100, 3_000] {
            let all: Vec<&str> = (0..=most).map(|n| shade(n, most)).collect();
            assert!(all.is_sorted(), "{most}: {all:?}");
            assert_eq!((all[0], all[1]), ("h0", "h1"), "{most}");
            if most > 1 {
                assert_eq!(all[most as usize], "h4", "{most}");
            }
        }
    }

    #[test]
    fn numbers_are_said_as_ranges() {
        for (numbers, expected) in [
            (&[4][..], "4"),
            (&[1, 2], "1, 2"),
            (&[1, 2, 3, 7], "1–3, 7"),
            (&[1, 3, 5, 7, 9, 11], "1, 3, 5, 7…"),
        ] {
            assert_eq!(ranges(numbers), expected);
        }
    }

    #[test]
    fn results_at_one_place_share_a_pin_and_those_apart_have_their_own() {
        let map = drawn(&[
            result(1, (4.05, 9.70)),
            result(2, (9.30, 13.39)),
            result(3, (4.051, 9.701)),
            result(4, (48.0, 2.0)),
        ]);
        let map = map.expect("a map");
        let labels: Vec<&str> = map.pins.iter().map(|p| p.label.as_str()).collect();
        // What lies in no part of the country is on no map of it.
        assert_eq!(labels, ["1, 3", "2"]);
        let svg = map.render().expect("it renders");
        assert!(svg.contains("<title>1. &#60;b&#62;1; 3. &#60;b&#62;3</title>"), "{svg}");
        assert!(svg.starts_with("<svg") && svg.contains("role=\"img\""));
        assert!(drawn(&[result(1, (48.0, 2.0))]).is_none() && drawn(&[]).is_none());
    }

    #[test]
    fn every_pin_lies_within_what_is_shown() {
        for at in [(4.05, 9.70), (12.9, 14.5), (2.0, 15.5), (1.7, 16.1)] {
            let map = drawn(&[result(1, at), result(2, (6.0, 12.0))]).expect("a map");
            let numbers: Vec<f64> = map.view.split(' ').map(|n| n.parse().expect("a number")).collect();
            for pin in &map.pins {
                assert!(pin.x > numbers[0] && pin.x < numbers[0] + numbers[2], "{at:?}");
                assert!(pin.y > numbers[1] && pin.y < numbers[1] + numbers[3], "{at:?}");
            }
        }
    }

    #[test]
    fn regions_say_what_they_are_shown_with() {
        let shown = |code: &str| {
            (code == "CM005").then(|| Shown {
                class: "h3",
                sign: "12".to_owned(),
                title: "Littoral : 12".to_owned(),
            })
        };
        let map = Drawing::of_regions("CM", "T".to_owned(), "D".to_owned(), shown).expect("a map");
        let svg = map.render().expect("it renders");
        assert_eq!(svg.matches("<path").count(), 11, "ten regions and the hatching");
        assert!(svg.contains("class=\"h3\"") && svg.contains(">12</text>"));
        let nothing = |_: &str| None;
        assert!(Drawing::of_regions("SN", String::new(), String::new(), nothing).is_none());
    }
}
