//! The open-set promise, on synthetic fingers: everyone enrolled is found, nobody else is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::atomic::{AtomicUsize, Ordering};

use biometrics::finger::synth::{Finger, Impression, background_template};
use biometrics::finger::{Decision, Gallery, Policy, Tail, Template, decide, extract};

const ENROLLED: u64 = 200;
const STRANGERS: u64 = 200;
const GALLERY: u64 = 5_000;
/// How rarely different grown fingers reach a score. They are more alike than real ones, because
/// the flow decides nearly all about them: one comparison of a thousand reaches 82, of ten thousand
/// 95. The line lies above that, though one pair of eighty thousand reaches 139. The default is for
/// real fingers.
const GROWN: Tail = Tail {
    origin: 20.0,
    decade: 22.0,
    measured_to: 1e-4,
};

/// Runs `work` for every index on two threads and returns the results in order.
fn parallel<T: Send>(count: u64, work: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed) as u64;
            if i >= count {
                return done;
            }
            done.push((i, work(i)));
        }
    };
    let mut all = std::thread::scope(|scope| {
        let other = scope.spawn(run);
        let mut mine = run();
        mine.extend(other.join().unwrap());
        mine
    });
    all.sort_by_key(|(i, _)| *i);
    all.into_iter().map(|(_, value)| value).collect()
}

fn template(finger: &Finger, seed: u64) -> Template {
    extract(&finger.impression(&Impression::ordinary(seed))).expect("an ordinary touch is usable")
}

#[test]
fn everyone_enrolled_is_identified_and_strangers_are_not_found_among_five_thousand() {
    let people = parallel(ENROLLED, |id| {
        let finger = Finger::from_seed(id);
        let [one, two, three] = [1, 2, 3].map(|n| template(&finger, id * 10 + n));
        (one, [two, three])
    });
    let strangers = parallel(STRANGERS, |i| {
        let seed = 1_000_000 + i;
        template(&Finger::from_seed(seed), seed)
    });
    let gallery = Gallery::new().with_threads(1);
    for (id, (enrolled, _)) in people.iter().enumerate() {
        gallery.add(id as u64, enrolled);
    }
    for id in ENROLLED..GALLERY {
        gallery.add(id, &background_template(id));
    }
    assert_eq!(gallery.len() as u64, GALLERY);

    let policy = Policy {
        tail: GROWN,
        ..Policy::default()
    };
    let genuine = parallel(ENROLLED * 2, |i| {
        let (id, which) = (i / 2, (i % 2) as usize);
        let found = gallery.search(&people[id as usize].1[which], 5);
        assert_eq!(
            found[0].id, id,
            "probe {which} of finger {id} finds someone else: {found:?}"
        );
        let decision = decide(&found, &policy, GALLERY);
        assert_eq!(
            decision,
            Decision::Identified(found[0]),
            "finger {id}: {found:?}"
        );
        (found[0].score.0, found[1].score.0)
    });
    let foreign = parallel(STRANGERS, |i| {
        let found = gallery.search(&strangers[i as usize], 5);
        assert_eq!(
            decide(&found, &policy, GALLERY),
            Decision::NotFound,
            "stranger {i}: {found:?}"
        );
        found[0].score.0
    });
    let lowest = genuine
        .iter()
        .map(|(own, _)| *own)
        .fold(f32::INFINITY, f32::min);
    let second = genuine.iter().map(|(_, other)| *other).fold(0.0, f32::max);
    let highest = foreign.iter().copied().fold(0.0, f32::max);
    // Kept for the record by `--no-capture`; the assertions above are the test.
    let _ = std::io::Write::write_fmt(
        &mut std::io::stderr(),
        format_args!("lowest own {lowest}, highest second {second}, highest stranger {highest}\n"),
    );
}
