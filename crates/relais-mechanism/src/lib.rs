//! The mechanism as data: a regional model and a country's overlay, from which
//! forms, limits, sharing rules and labels are derived.

pub mod words;

pub use words::{ActingFor, Channel, ClassSet, DataClass, Label, Lang, Priority, Purpose, Role, Sensitivity};
