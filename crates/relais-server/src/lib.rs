//! HTTP: pages for people, an API for programs, one table of routes.
//!
//! ```text
//! request → serve: time limit, panics, body limit
//!         → ask (session or token, language) → guard (the route's rule)
//!         → handler: parse → one act → a page, or JSON
//!         → problem (rendered for people or programs), security headers, gzip
//! ```
//!
//! Everything works without JavaScript. A page's POST answers 303 to a GET
//! that says what came of it.

mod acts;
mod api;
mod ask;
mod assets;
mod drawing;
mod extract;
mod format;
mod forms;
mod frame;
mod guard;
mod held;
mod limiter;
mod pages;
mod papers;
mod parts;
pub mod password;
pub mod problem;
mod qr;
mod room;
pub mod routes;
#[cfg(test)]
mod sample;
pub mod secret;
mod serve;
mod session;
mod state;
mod text;
mod upload;
mod work;
// The same rule for texts that come from data as for the sentences set at build.
use relais_mechanism::typography;

pub use pages::post::code_hash as post_code_hash;
pub use routes::{Kind, Route, Rule, registry};
pub use serve::{App, app, serve};
pub use state::{AppState, Settings};
