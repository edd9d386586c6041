//! Central over real mutual TLS on a free port, by a small client of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod archive;
mod captures;
mod carried;
mod complaint;
mod custody;
mod decision;
mod desk;
mod desk_archive;
mod desk_encounters;
mod desk_tablets;
mod dock;
mod enrolment;
mod hostile;
mod import;
mod inbox;
mod incidents;
mod interface;
mod journal;
mod keys;
mod login;
mod lookup;
mod lost;
mod means;
mod migration;
mod officers;
mod outbox;
mod photos;
mod queue;
mod replica;
mod report;
mod restart;
mod roster;
mod store;
mod support;
mod together;
