//! The results of a search on a map, with the same numbers in the list beside
//! it. What is remote is nowhere on it.

use axum::extract::State;
use axum::response::Response;
use relais_acts::commands::ServiceSearch;
use relais_acts::services::{Mapped, MappedRow};

use super::services::same_search;
use crate::AppState;
use crate::ask::Caller;
use crate::assets;
use crate::drawing::{Drawing, Spot};
use crate::extract::Query;
use crate::frame::{self, Frame, Tab};
use crate::problem::Problem;
use crate::text::Text;

/// One result in the list.
struct Row {
    number: usize,
    name: String,
    under: String,
    /// Why it is not on the map; empty where it is.
    aside: &'static str,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/services_map.html")]
pub(super) struct Page {
    f: Frame,
    t: Text,
    css: &'static str,
    map: Option<Drawing>,
    rows: Vec<Row>,
    found: String,
    more: Option<String>,
}

impl Page {
    pub(super) fn of(f: Frame, t: Text, asked: &ServiceSearch, found: &Mapped) -> Self {
        let spots: Vec<Spot> = (1..)
            .zip(&found.rows)
            .filter_map(|(number, row)| {
                let at = row.point?;
                Some(Spot {
                    number,
                    name: row.name.clone(),
                    at: (at.lat, at.lon),
                })
            })
            .collect();
        let region = |code: &str| {
            let known = found.regions.iter().find(|(known, _)| known == code);
            known.map_or_else(|| code.to_owned(), |(_, name)| name.clone())
        };
        let title = t.map_title().to_owned();
        let map = Drawing::of_results(&found.country, title, t.map_about().to_owned(), region, &spots);
        let shown = t.map_shown(found.rows.len());
        Self {
            css: assets::href("matrix.css"),
            found: if found.total > found.rows.len() {
                t.map_of_all(shown, found.total)
            } else {
                shown
            },
            rows: (1..).zip(&found.rows).map(|(n, row)| Row::of(t, n, row)).collect(),
            more: found
                .next
                .as_deref()
                .map(|next| same_search("/services/map", asked, Some(next))),
            map,
            f,
            t,
        }
    }
}

impl Row {
    fn of(t: Text, number: usize, row: &MappedRow) -> Self {
        let mut under = vec![row.place.clone()];
        if row.organisation != row.name {
            under.insert(0, row.organisation.clone());
        }
        under.extend(row.distance_km.map(|km| t.km_away(km)));
        under.retain(|part| !part.is_empty());
        Self {
            number,
            name: row.name.clone(),
            under: under.join(" · "),
            aside: match (row.remote, row.point) {
                (true, _) => t.map_remote(),
                (false, None) => t.map_unknown(),
                (false, Some(_)) => "",
            },
        }
    }
}

/// `GET /services/map`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Query(asked): Query<ServiceSearch>,
) -> Result<Response, Problem> {
    let now = app.clock().await?;
    let found = app.acts().map_services(&caller.viewer, &asked, now)?;
    let t = caller.t;
    let back = same_search("/services", &asked, asked.after.as_deref());
    let f = Frame::of(&app, &caller, Tab::Services, t.map_title(), now).back(back, t.map_back());
    Ok(frame::ok(&Page::of(f, t, &asked, &found)))
}
