//! Places: where a service is offered (F6.05).

use serde::{Deserialize, Serialize};

use crate::check::{Checker, FieldError};
use crate::{OrganisationId, PlaceId};

/// A point on the globe, WGS 84, decimal degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Latitude, −90 to 90, north positive.
    pub lat: f64,
    /// Longitude, −180 to 180, east positive.
    pub lon: f64,
}

impl Point {
    /// The point, or `None` when a figure is no coordinate.
    #[must_use]
    pub fn new(lat: f64, lon: f64) -> Option<Self> {
        ((-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon)).then_some(Self { lat, lon })
    }

    /// Great-circle distance in kilometres, on a sphere of 6,371.0088 km (the
    /// mean radius of the International Union of Geodesy and Geophysics).
    #[must_use]
    pub fn distance_km(self, other: Self) -> f64 {
        let (a, b) = (unit(self), unit(other));
        chord_to_km((a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2) + (a[2] - b[2]).powi(2))
    }
}

/// Mean radius of the Earth, kilometres.
const EARTH_KM: f64 = 6_371.008_8;

/// The point as a unit vector: the square of a chord orders like the distance
/// and costs three multiplications, no trigonometry, per comparison.
pub(crate) fn unit(p: Point) -> [f64; 3] {
    let (lat, lon) = (p.lat.to_radians(), p.lon.to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

/// Kilometres along the sphere for a squared chord of the unit sphere.
pub(crate) fn chord_to_km(chord_squared: f64) -> f64 {
    2.0 * EARTH_KM * (chord_squared.max(0.0).sqrt() / 2.0).min(1.0).asin()
}

/// The squared chord for a distance in kilometres: bands are compared in this
/// measure.
pub(crate) fn km_to_chord(km: f64) -> f64 {
    (2.0 * (km / (2.0 * EARTH_KM)).sin()).powi(2)
}

/// Where a service is offered. A place without coordinates is offered all the
/// same, by its region or department, never with an invented point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Identifier.
    pub id: PlaceId,
    /// Whose place it is.
    pub organisation: OrganisationId,
    /// Name ("Hôpital de district de Manoka").
    pub name: String,
    /// Pcode of the region.
    pub region: Option<String>,
    /// Pcode of the department.
    pub department: Option<String>,
    /// The department was estimated (nearest chief town of the region), not
    /// stated: it lets a filter find the place and is never given as a reason.
    pub department_estimated: bool,
    /// Pcode of the subdivision (*arrondissement*).
    pub subdivision: Option<String>,
    /// Town or quarter, in words.
    pub town: Option<String>,
    /// Latitude, decimal degrees.
    pub lat: Option<f64>,
    /// Longitude, decimal degrees.
    pub lon: Option<f64>,
    /// Confidential address (F6.06): whatever is offered here is absent from
    /// search, maps, distances and counts (DESIGN §6).
    pub confidential: bool,
}

impl Place {
    /// The point of the place, when both coordinates are known and sound.
    #[must_use]
    pub fn point(&self) -> Option<Point> {
        Point::new(self.lat?, self.lon?)
    }

    /// Every field that must be put right before the record is saved.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut c = Checker::default();
        c.text("name", &self.name, true);
        c.pcode_opt("region", self.region.as_deref());
        c.pcode_opt("department", self.department.as_deref());
        c.pcode_opt("subdivision", self.subdivision.as_deref());
        c.inside("department", self.department.as_deref(), self.region.as_deref());
        c.inside(
            "subdivision",
            self.subdivision.as_deref(),
            self.department.as_deref().or(self.region.as_deref()),
        );
        c.coordinate("lat", self.lat, 90.0, self.lon.is_some());
        c.coordinate("lon", self.lon, 180.0, self.lat.is_some());
        c.finish()
    }
}
