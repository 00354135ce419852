//! The recorder: stands between a client and a real server, passes everything through as it comes, and writes a scenario
//! that says the same again.
//!
//! What is written: a scenario with a rule for each distinct request, which is known by its
//! [digest](crate::mock::recording::digest), and in it a reply for each time that it was sent, in the order in which the
//! responses ended. So the nth of equal requests gets the nth recorded reply, and all further ones the last. Each body is
//! a file of its own beside the scenario, in a folder of the scenario's name.
//!
//! What is not: no header of a request; of a response's headers none that holds a secret or says whose the key is, and
//! none that is about the connection; and no key. A secret that a header or the query of the request names, or a cookie
//! that the response sets, is replaced by `[key]` before it reaches the disk: one of 8 bytes or more wherever it stands,
//! one of 4 to 7 where it is a whole word. What is shorter, and words such as `EMPTY` or `ollama` that stand where a key
//! must, are no secrets. A key that only the body of a request holds is not known as one; nor is one found that a
//! response spreads over several events. An exchange that did not end in order (the client left, the server cut it off),
//! whose status no scenario holds, or whose bytes cannot be searched for keys because they are compressed, is passed on,
//! told, and not recorded.
//!
//! After each exchange the files on disk are whole: the body is there before the scenario that names it, and the scenario
//! is replaced in one act. What is kept in memory is, for each distinct request, its digest and where its rule ends.

mod exchange;
mod head;
mod heard;
mod passing;
mod recorder;
mod rule;
mod secrets;
mod serve;
mod shelf;
mod upstream;
mod wash;

pub use recorder::{Body, Recorder, Setup};
pub use serve::serve;
pub use shelf::{Existing, Output};
pub use upstream::Upstream;
