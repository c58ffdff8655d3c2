//! What a user can do, act by act, over a real database: one program, so that
//! all of it is linked once.

mod calls;
mod child;
mod closing;
mod complaint_play;
mod complaints;
mod drill;
mod due;
mod emergency;
mod ending;
mod entries;
mod erasure;
mod exchange;
mod exits;
mod forms;
mod groups;
mod handovers;
mod help;
mod journey;
mod links;
mod lists;
mod many;
mod merging;
mod on_call;
mod overrides;
mod plan;
mod play;
mod postgres;
mod protection;
mod same;
mod search;
mod slips;
mod upgrade;
mod webhooks;
mod worlds;
