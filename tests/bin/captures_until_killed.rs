//! A tablet that captures and sends, and waits to be killed.
//! `captures-until-killed DATA ADDRESS ENCOUNTER sealing|sending`
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use e_patrul_tests::bare::Bare;
use e_patrul_tests::noise;
use protocol::CaptureKind;
use regulation::EncounterId;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::Duration;

const BYTES: u64 = 6_000_000;

/// Gives half of a capture, says so, and gives no more.
struct Half(u64);

impl Read for Half {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        if self.0 == 0 {
            reached();
        }
        let read = noise(1, self.0).read(to)?;
        self.0 -= read as u64;
        Ok(read)
    }
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [data, address, encounter, point] = &arguments[..] else {
        panic!("four arguments")
    };
    let bare = Bare::start(&PathBuf::from(data), address.parse().unwrap()).await;
    let encounter: EncounterId = encounter.parse().unwrap();
    let add = |plain: &mut dyn Read| {
        bare.vault
            .add_capture(&bare.session, encounter, CaptureKind::Video, plain)
            .unwrap()
    };
    add(&mut noise(7, BYTES));
    if point == "sealing" {
        add(&mut Half(BYTES / 2));
    }
    // Some parts are there, and most are not.
    bare.until_queue("some parts", |queue| {
        (1..BYTES * 2 / 3).contains(&queue.captures.bytes)
    })
    .await;
    reached();
}

fn reached() -> ! {
    let mut out = std::io::stdout();
    writeln!(out, "reached").unwrap();
    out.flush().unwrap();
    loop {
        std::thread::sleep(Duration::from_secs(60));
    }
}
