//! Documents of a proposal on their way: what changes in the tree when they come, move on or go back, and how all of it
//! happens or none.
//!
//! [`relocate`] and [`begin`] say what would change and touch nothing. A [`Mover`] carries it out: the intent is on
//! record before the first file, so that whoever comes after a crash completes it or puts everything back.

mod begin;
mod index;
mod markdown;
mod mover;
mod relocation;
mod shelf;

pub use begin::{Beginning, Begun, begin};
pub use mover::{Mover, Settled, Shift};
pub use relocation::{Relocation, Wanted, relocate};
pub use shelf::{Known, Shelf};
