//! Claims about searching: three stages find what comparing everything finds, whoever changes the
//! gallery meanwhile.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use biometrics::finger::synth::{background_template, reseen_template};
use biometrics::finger::{
    Candidate, Gallery, Keep, Minutia, Policy, Prepared, Tail, Template, compare,
};

/// A gallery that is searched in stages however small it is.
fn staged() -> Gallery {
    Gallery::new().with_exhaustive_up_to(0).with_threads(2)
}

fn prints(ids: std::ops::Range<u64>) -> Vec<(u64, Template)> {
    ids.map(|id| (id, background_template(id))).collect()
}

fn ids(found: &[Candidate]) -> Vec<u64> {
    found.iter().map(|c| c.id).collect()
}

#[test]
fn search_in_stages_finds_the_mates_that_comparing_everything_finds() {
    let gallery = staged();
    gallery.add_all(&prints(0..2500));
    // A mate that shares so little with the probe that nobody could be shown it may be lost.
    let least = Policy::default().verify_at(2500);
    let (mut hits, mut kept) = (0, 0);
    for mate in (0..2500).step_by(100) {
        let probe = reseen_template(&background_template(mate), mate);
        let all = gallery.search_exhaustive(&probe, 1);
        if ids(&all) == [mate] && all[0].score.0 >= least {
            hits += 1;
            kept += u32::from(gallery.search(&probe, 1) == all);
        }
    }
    assert!(hits >= 15, "{hits} of 25 mates are worth a look at all");
    assert_eq!(kept, hits);
}

#[test]
fn first_stage_leaves_a_small_part_and_the_mate_in_it() {
    let gallery = staged();
    gallery.add_all(&prints(0..2500));
    for mate in [7, 1700, 2499] {
        let probe = reseen_template(&background_template(mate), 3);
        let left = gallery.first_stage(&probe);
        assert!(left.len() < 1200, "{}", left.len());
        assert!(left.contains(&mate));
    }
}

#[test]
fn answer_of_a_staged_search_is_exact_and_depends_on_nothing_but_the_prints() {
    let all = prints(0..1100);
    let probe = reseen_template(&all[1034].1, 1);
    let gallery = staged();
    gallery.add_all(&all);
    let found = gallery.search(&probe, 50);
    assert_eq!(found.len(), 50);
    assert_eq!(found[0].id, 1034);
    let prepared = Prepared::new(&probe);
    for candidate in &found {
        let own = Prepared::new(&all[candidate.id as usize].1);
        assert_eq!(candidate.score, compare(&prepared, &own));
    }
    assert!(found.windows(2).all(
        |w| w[0].score.0 > w[1].score.0 || (w[0].score.0 == w[1].score.0 && w[0].id < w[1].id)
    ));
    // Threads, instructions, what is kept.
    for other in [
        staged().with_threads(1),
        staged().with_threads(5),
        staged().with_plain_instructions(),
        staged().with_keep(Keep::Templates),
    ] {
        other.add_all(&all);
        assert_eq!(other.search(&probe, 50), found);
    }
    // The order and the manner of adding.
    let other = staged();
    for (id, template) in all.iter().rev() {
        other.add(*id, template);
    }
    assert_eq!(other.search(&probe, 50), found);
    // What has been and gone.
    let other = staged();
    other.add_all(&prints(3000..3700));
    other.add_all(&all);
    for id in 3000..3700 {
        assert_eq!(other.remove(id), 1);
    }
    assert_eq!(other.len(), 1100);
    assert_eq!(other.search(&probe, 50), found);
}

#[test]
fn equal_prints_come_in_ascending_identity_wherever_a_stage_cuts() {
    let template = background_template(1);
    let gallery = staged();
    for id in (0..3000).rev() {
        gallery.add(id, &template);
    }
    // All alike, and more than the later stages leave.
    assert_eq!(
        ids(&gallery.search(&reseen_template(&template, 1), 5)),
        [0, 1, 2, 3, 4]
    );
}

#[test]
fn each_identity_is_found_once_with_its_best_print() {
    let gallery = staged();
    gallery.add_all(&prints(100..400));
    let finger = background_template(7);
    for seed in 0..4 {
        gallery.add(7, &reseen_template(&finger, seed));
    }
    let found = gallery.search(&finger, 20);
    let distinct: HashSet<u64> = found.iter().map(|c| c.id).collect();
    assert_eq!(distinct.len(), found.len());
    let best = (0..4)
        .map(|seed| {
            compare(
                &Prepared::new(&finger),
                &Prepared::new(&reseen_template(&finger, seed)),
            )
            .0
        })
        .fold(0.0, f32::max);
    assert_eq!((found[0].id, found[0].score.0), (7, best));
    assert_eq!(gallery.remove(7), 4);
    assert!(!ids(&gallery.search(&finger, 20)).contains(&7));
}

#[test]
fn prints_come_and_go_while_searches_run() {
    let gallery = staged().with_threads(1);
    gallery.add_all(&prints(0..300));
    let probe = reseen_template(&background_template(5), 5);
    let stop = AtomicBool::new(false);
    // Everything below this has been removed, everything from 1000 to here has been added.
    let (removed, added) = (AtomicU64::new(1000), AtomicU64::new(1000));
    std::thread::scope(|scope| {
        let searcher = || {
            let mut searches = 0;
            while !stop.load(Ordering::SeqCst) {
                let gone_before = removed.load(Ordering::SeqCst);
                let there_before = added.load(Ordering::SeqCst);
                let found = ids(&gallery.search(&probe, 5000));
                let gone_after = removed.load(Ordering::SeqCst);
                assert_eq!(found[0], 5);
                let found: HashSet<u64> = found.into_iter().collect();
                assert!(
                    (0..300).all(|id| found.contains(&id)),
                    "an old print is lost"
                );
                assert!((1000..gone_before).all(|id| !found.contains(&id)));
                // One more may be under way.
                assert!((gone_after + 1..there_before).all(|id| found.contains(&id)));
                searches += 1;
            }
            searches
        };
        let searchers = [scope.spawn(searcher), scope.spawn(searcher)];
        scope.spawn(|| {
            // A second writer, to have additions and removals meet.
            for id in 5000..5100 {
                gallery.add(id, &background_template(id));
                assert_eq!(gallery.remove(id), 1);
            }
        });
        for id in 1000..1400 {
            gallery.add(id, &background_template(id));
            added.store(id + 1, Ordering::SeqCst);
            if id >= 1040 {
                assert_eq!(gallery.remove(id - 40), 1);
                removed.store(id - 39, Ordering::SeqCst);
            }
        }
        while !searchers.iter().all(|s| s.is_finished()) {
            stop.store(true, Ordering::SeqCst);
        }
        for searcher in searchers {
            assert!(searcher.join().unwrap() > 0);
        }
    });
    for id in 5000..5100 {
        gallery.remove(id);
    }
    assert_eq!(gallery.len(), 340);
}

#[test]
fn bulk_of_prints_appears_at_once() {
    let gallery = staged();
    let bulk = prints(0..200);
    std::thread::scope(|scope| {
        let adding = scope.spawn(|| {
            for _ in 0..10 {
                gallery.add_all(&bulk);
            }
        });
        loop {
            assert_eq!(gallery.len() % 200, 0);
            if adding.is_finished() {
                break;
            }
        }
    });
    assert_eq!(gallery.len(), 2000);
    assert_eq!(gallery.remove(17), 10);
}

#[test]
fn gallery_that_is_emptied_can_be_filled_again() {
    let gallery = staged();
    for round in 0..3 {
        gallery.add_all(&prints(0..100));
        for id in 0..100 {
            assert_eq!(gallery.remove(id), 1, "{id} in round {round}");
        }
        assert!(gallery.is_empty());
        assert_eq!(gallery.search(&background_template(1), 3), []);
    }
}

/// Person `id` has fingers `4 * id` to `4 * id + 3`.
fn people(gallery: &Gallery, count: u64) {
    let all: Vec<_> = (0..4 * count)
        .map(|finger| (finger / 4, background_template(finger)))
        .collect();
    gallery.add_all(&all);
}

#[test]
fn several_fingers_together_say_more_than_one() {
    let tail = Tail::default();
    for gallery in [staged(), Gallery::new()] {
        people(&gallery, 300);
        for person in [3u64, 77, 212] {
            let probes: Vec<Template> = (0..3)
                .map(|f| reseen_template(&background_template(4 * person + f), person + f))
                .collect();
            let found = gallery.search_person(&probes, 5, &tail);
            assert_eq!(found[0].id, person);
            let singles: Vec<_> = (0..3)
                .map(|f| {
                    compare(
                        &Prepared::new(&probes[f]),
                        &Prepared::new(&background_template(4 * person + f as u64)),
                    )
                })
                .collect();
            // Four prints can be given to three fingers in 24 ways, of which a search among prints
            // counts four itself.
            let expected = tail.fuse(&singles).0 - tail.decade * (24.0f32 / 4.0).log10();
            assert!((found[0].score.0 - expected).abs() < 0.01, "{expected}");
            assert!(singles.iter().all(|s| s.0 < found[0].score.0));
        }
    }
}

#[test]
fn one_enrolled_print_does_not_count_for_two_fingers() {
    let tail = Tail::default();
    let gallery = staged();
    people(&gallery, 100);
    let finger = background_template(4 * 9);
    let (one, other) = (reseen_template(&finger, 1), reseen_template(&finger, 2));
    let twice = gallery.search_person(&[one.clone(), other.clone()], 1, &tail)[0];
    assert_eq!(twice.id, 9);
    let score = |t: &Template| compare(&Prepared::new(t), &Prepared::new(&finger));
    // As good as one finger and a chance likeness of another, far from both.
    assert!(twice.score.0 < tail.fuse(&[score(&one), score(&other)]).0 - 30.0);
}

#[test]
fn probe_without_fingers_and_wish_for_nobody_find_nobody() {
    let gallery = staged();
    people(&gallery, 10);
    let tail = Tail::default();
    let probe = background_template(1);
    assert_eq!(gallery.search_person(&[], 5, &tail), []);
    assert_eq!(
        gallery.search_person(std::slice::from_ref(&probe), 0, &tail),
        []
    );
    assert_eq!(gallery.search(&probe, 0), []);
    assert_eq!(staged().search_person(&[probe], 5, &tail), []);
}

#[test]
fn templates_of_any_shape_are_searched_without_panic() {
    let minutia = |x, y, direction| Minutia {
        x,
        y,
        direction,
        kind: biometrics::finger::Kind::Ending,
        quality: 50,
    };
    let far = 32_700;
    let shapes = [
        vec![],
        vec![minutia(0, 0, 0)],
        // All of the sheet, and all of them in one place.
        (0..255u16)
            .map(|i| minutia(i * 128, far - i * 128, i * 257))
            .collect(),
        (0..255u16)
            .map(|i| minutia(i % 16, i / 16, i * 77))
            .collect(),
        vec![
            minutia(0, 0, 0),
            minutia(far, far, u16::MAX),
            minutia(far, 0, 1 << 15),
        ],
    ];
    let gallery = staged();
    gallery.add_all(&prints(0..10));
    let shapes: Vec<Template> = shapes
        .into_iter()
        .map(|m| Template::new(8200, 8200, m).unwrap())
        .collect();
    for (id, shape) in shapes.iter().enumerate() {
        gallery.add(100 + id as u64, shape);
    }
    for shape in &shapes {
        assert_eq!(gallery.search(shape, 100).len(), 15);
        assert_eq!(gallery.search(shape, usize::MAX).len(), 15);
    }
}
