//! The drawing of a country: the outlines of its regions on a grid of whole
//! units, to find one's way by. It rules nothing and is no part of a version;
//! where it comes from stands beside it (`mechanisms/COUNTRY/map/`).

use std::sync::LazyLock;

use serde::Deserialize;

/// The drawings that are built into the binary, read once.
static DRAWN: LazyLock<Vec<Outlines>> = LazyLock::new(|| {
    crate::source::drawings()
        .filter_map(|text| toml::from_str(text).ok())
        .collect()
});

/// The outlines of a country's regions.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outlines {
    /// ISO 3166-1 code of the country.
    pub country: String,
    /// Width of the drawing, in its units.
    pub width: u16,
    /// Height of the drawing, in its units.
    pub height: u16,
    /// Longitude of its left edge, degrees.
    west: f64,
    /// Latitude of its upper edge, degrees.
    north: f64,
    /// Units a degree of longitude.
    per_lon: f64,
    /// Units a degree of latitude.
    per_lat: f64,
    /// The regions, by code.
    #[serde(rename = "region")]
    pub regions: Vec<Outline>,
}

/// The outline of a region.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outline {
    /// Code of the region ("CM005").
    pub code: String,
    /// Where its sign stands, in units from the upper left.
    pub at: (u16, u16),
    /// The path, as SVG writes it.
    pub d: String,
}

impl Outlines {
    /// The drawing of a country that is built into the binary; `None` where
    /// there is none.
    #[must_use]
    pub fn embedded(country: &str) -> Option<&'static Self> {
        DRAWN.iter().find(|drawn| drawn.country == country)
    }

    /// Where a point lies on the drawing, in units from the upper left; `None`
    /// for one beside it.
    #[must_use]
    pub fn place(&self, lat: f64, lon: f64) -> Option<(f64, f64)> {
        let (x, y) = ((lon - self.west) * self.per_lon, (self.north - lat) * self.per_lat);
        let on = (0.0..=f64::from(self.width)).contains(&x) && (0.0..=f64::from(self.height)).contains(&y);
        on.then_some((x, y))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Mechanism;

    /// The corners of a path of `M`, relative `l` and `z`, ring by ring.
    fn rings(d: &str) -> Vec<Vec<(f64, f64)>> {
        let numbers = |text: &str| -> Vec<f64> {
            text.replace('-', " -")
                .split_whitespace()
                .map(|n| n.parse().expect("a number"))
                .collect()
        };
        d.split('z')
            .filter(|ring| !ring.is_empty())
            .map(|ring| {
                let (start, steps) = ring.trim_start_matches('M').split_once('l').expect("steps");
                let mut at = numbers(start);
                let mut corners = vec![(at[0], at[1])];
                let steps = numbers(steps);
                assert_eq!(steps.len() % 2, 0, "{ring}");
                for step in steps.chunks(2) {
                    (at[0], at[1]) = (at[0] + step[0], at[1] + step[1]);
                    corners.push((at[0], at[1]));
                }
                corners
            })
            .collect()
    }

    /// Whether a point lies within a ring.
    fn within(ring: &[(f64, f64)], (x, y): (f64, f64)) -> bool {
        let mut inside = false;
        for (n, &(ax, ay)) in ring.iter().enumerate() {
            let (bx, by) = ring[(n + 1) % ring.len()];
            if (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax {
                inside = !inside;
            }
        }
        inside
    }

    #[test]
    fn every_region_is_drawn_where_its_departments_are() {
        let mechanism = Mechanism::embedded("cameroon").expect("the built-in one");
        let drawn = Outlines::embedded("CM").expect("Cameroon is drawn");
        let codes: Vec<&str> = drawn.regions.iter().map(|r| r.code.as_str()).collect();
        let regions: Vec<&str> = mechanism.regions().map(|r| r.code.as_str()).collect();
        assert_eq!(codes, regions);
        let mut wrong = Vec::new();
        for outline in &drawn.regions {
            let rings = rings(&outline.d);
            let holds = |at| rings.iter().any(|ring| within(ring, at));
            let (x, y) = outline.at;
            assert!(holds((f64::from(x), f64::from(y))), "the sign of {}", outline.code);
            for department in mechanism.departments(Some(&outline.code)) {
                let (lat, lon) = department.coordinates.expect("a chief town");
                let at = drawn.place(lat, lon).expect("on the drawing");
                if !holds(at) {
                    wrong.push(department.name.fr.clone());
                }
            }
        }
        // Borders are drawn to some kilometres: a chief town on one may come to lie beside it.
        assert!(wrong.len() <= 4, "beside their region: {}", wrong.join(", "));
    }

    #[test]
    fn a_point_elsewhere_is_on_no_drawing_and_most_countries_have_none() {
        let drawn = Outlines::embedded("CM").expect("Cameroon is drawn");
        assert_eq!(drawn.place(48.85, 2.35), None);
        assert!(Outlines::embedded("SN").is_none());
    }
}
