//! The real router over a real store: pages, API, and every route against
//! every relation.

mod agreements;
mod api;
mod bad_input;
mod complaints;
mod door;
mod ending;
mod erasure;
mod etag;
mod exchange;
mod form_paper;
mod forms;
mod groups;
mod links;
mod matrix;
mod merging;
mod pages;
mod payments;
mod posts;
mod programmes;
mod public;
mod ratification;
mod registers;
mod routes;
mod slips;
#[path = "../subject/mod.rs"]
#[allow(dead_code, reason = "each test file uses its part of this module")]
mod subject;
mod support;
mod webhooks;
