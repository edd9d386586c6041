//! Times of a bodycam, from when until when in milliseconds, and what of them lies in others.

/// In order, apart from each other, none empty.
pub(crate) type Times = Vec<(i64, i64)>;

/// Times in any order, made such.
pub(crate) fn joined(mut times: Times) -> Times {
    times.retain(|(from, to)| from < to);
    times.sort_unstable();
    let mut joined: Times = Vec::with_capacity(times.len());
    for (from, to) in times {
        match joined.last_mut() {
            Some((_, end)) if *end >= from => *end = (*end).max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// What lies in both.
pub(crate) fn common(a: &[(i64, i64)], b: &[(i64, i64)]) -> Times {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut common = Vec::new();
    while let (Some((a_from, a_to)), Some((b_from, b_to))) = (a.peek(), b.peek()) {
        let (from, to) = ((*a_from).max(*b_from), (*a_to).min(*b_to));
        if from < to {
            common.push((from, to));
        }
        if a_to < b_to {
            a.next();
        } else {
            b.next();
        }
    }
    common
}

/// What of `a` does not lie in `b`.
pub(crate) fn without(a: &[(i64, i64)], b: &[(i64, i64)]) -> Times {
    let mut rest = Vec::new();
    for (from, to) in a {
        let mut from = *from;
        let first = b.partition_point(|(_, end)| *end <= from);
        for (begins, ends) in b.iter().skip(first).take_while(|(begins, _)| begins < to) {
            if from < *begins {
                rest.push((from, *begins));
            }
            from = from.max(*ends);
        }
        if from < *to {
            rest.push((from, *to));
        }
    }
    rest
}

/// Of which times readings speak. Each, in the order of their ends: since when it speaks if it says so,
/// the first moment that it speaks of for certain, and its end. One that does not say goes on where the
/// one before has ended.
pub(crate) fn covered(readings: &[(Option<i64>, i64, i64)]) -> Times {
    let mut before: Option<i64> = None;
    let mut covered = Vec::new();
    for (since, first, until) in readings {
        let since = since.or(before).unwrap_or(*first);
        covered.push((since.min(*first), *until));
        before = Some(*until);
    }
    joined(covered)
}

/// How long all of it is, milliseconds.
pub(crate) fn length_ms(times: &[(i64, i64)]) -> u64 {
    times.iter().map(|(from, to)| from.abs_diff(*to)).sum()
}

/// What the dock has of one bodycam.
#[derive(Debug)]
pub(crate) struct Dock {
    recorded: Times,
    covered: Times,
}

impl Dock {
    /// `covered`: as [`covered`] makes it.
    pub(crate) fn new(recorded: Times, covered: Times) -> Self {
        Self {
            recorded: joined(recorded),
            covered,
        }
    }

    /// §19: what was on by the log, and is not recorded though a reading speaks of that time; what is no
    /// longer than the tolerance aside.
    pub(crate) fn missing(&self, on: &[(i64, i64)], tolerance_ms: u64) -> Times {
        long(
            without(&common(on, &self.covered), &self.recorded),
            tolerance_ms,
        )
    }

    /// What is recorded while the officer held it and it was not on by the log.
    pub(crate) fn extra(&self, held: &[(i64, i64)], on: &[(i64, i64)], tolerance_ms: u64) -> Times {
        long(without(&common(&self.recorded, held), on), tolerance_ms)
    }
}

fn long(mut times: Times, tolerance_ms: u64) -> Times {
    times.retain(|(from, to)| from.abs_diff(*to) > tolerance_ms);
    times
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_times() -> impl Strategy<Value = Times> {
        prop::collection::vec((0_i64..60, 0_i64..12), 0..12).prop_map(|spans| {
            spans
                .into_iter()
                .map(|(from, long)| (from, from + long))
                .collect()
        })
    }

    fn holds(times: &[(i64, i64)], at: i64) -> bool {
        times.iter().any(|(from, to)| (*from..*to).contains(&at))
    }

    proptest! {
        #[test]
        fn every_moment_is_where_it_belongs(a in any_times(), b in any_times()) {
            let (whole_a, whole_b) = (joined(a.clone()), joined(b.clone()));
            for times in [&whole_a, &common(&whole_a, &whole_b), &without(&whole_a, &whole_b)] {
                prop_assert!(times.iter().all(|(from, to)| from < to));
                prop_assert!(times.windows(2).all(|w| w[0].1 <= w[1].0));
            }
            for at in 0..80 {
                prop_assert_eq!(holds(&whole_a, at), holds(&a, at));
                let both = holds(&a, at) && holds(&b, at);
                prop_assert_eq!(holds(&common(&whole_a, &whole_b), at), both);
                let rest = holds(&a, at) && !holds(&b, at);
                prop_assert_eq!(holds(&without(&whole_a, &whole_b), at), rest);
            }
        }

        /// In whichever order readings came, and whatever was recorded: a time is missing, recorded, or
        /// not compared yet, and never two of them.
        #[test]
        fn nothing_is_missing_that_no_reading_speaks_of(
            on in any_times(), recorded in any_times(),
            untils in prop::collection::btree_set(0_i64..70, 0..4), first in 0_i64..30,
        ) {
            let on = joined(on);
            let readings: Vec<_> = untils.iter().map(|u| (None, first.min(*u), *u)).collect();
            let dock = Dock::new(recorded.clone(), covered(&readings));
            let missing = dock.missing(&on, 0);
            for at in 0..80 {
                let covered = untils.iter().next_back().is_some_and(|last| {
                    (first.min(*untils.iter().next().unwrap_or(last))..*last).contains(&at)
                });
                let expected = holds(&on, at) && covered && !holds(&recorded, at);
                prop_assert_eq!(holds(&missing, at), expected, "{}", at);
            }
            let left = (0..80).filter(|at| {
                let covered = dock.covered.iter().any(|(from, to)| (*from..*to).contains(at));
                holds(&on, *at) && !covered
            });
            let not_compared = without(&on, &dock.covered);
            prop_assert_eq!(length_ms(&not_compared), left.count() as u64);
        }
    }

    #[test]
    fn what_is_as_short_as_the_tolerance_is_let_pass() {
        let dock = Dock::new(vec![(0, 10), (13, 20)], covered(&[(None, 0, 30)]));
        assert_eq!(dock.missing(&[(0, 24)], 3), [(20, 24)]);
        assert_eq!(dock.missing(&[(0, 24)], 2), [(10, 13), (20, 24)]);
        assert_eq!(dock.extra(&[(0, 30)], &[(0, 15)], 5), []);
        assert_eq!(dock.extra(&[(0, 30)], &[(0, 15)], 4), [(15, 20)]);
        assert_eq!(dock.extra(&[(0, 16)], &[(0, 15)], 0), [(15, 16)]);
    }

    #[test]
    fn a_reading_goes_on_where_the_one_before_has_ended_unless_it_says_otherwise() {
        let covered = covered(&[(None, 5, 10), (None, 15, 20), (Some(25), 26, 30)]);
        assert_eq!(covered, [(5, 20), (25, 30)]);
    }
}
