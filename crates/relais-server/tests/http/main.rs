//! The real router over a real store: pages, API, and every route against
//! every relation.

mod api;
mod door;
mod ending;
mod erasure;
mod links;
mod pages;
mod routes;
mod slips;
mod support;
