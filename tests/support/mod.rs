//! What the tests stand on: projects in folders of their own, a terminal, servers.
#![expect(dead_code, reason = "each test binary uses a part of it")]

pub(crate) mod contents;
pub(crate) mod ledgers;
pub(crate) mod mock_server;
pub(crate) mod picture;
pub(crate) mod plain;
pub(crate) mod project;
pub(crate) mod pty;
pub(crate) mod repository;
pub(crate) mod tree;
pub(crate) mod walk;
pub(crate) mod wire_server;
