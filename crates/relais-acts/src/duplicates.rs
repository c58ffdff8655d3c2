//! Duplicates: whether somebody is known already (DOMAIN §2.5). The system
//! says "perhaps", a person decides.

mod search;

pub use search::{Found, file_person, look, particulars};
